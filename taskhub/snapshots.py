"""Serialised snapshots, kept under the log and seq they were read at: never stale, since both are part of the key."""

from __future__ import annotations

from collections import OrderedDict


class SnapshotCache:
    """The last snapshot of each project, the least recently asked for given up beyond `most_bytes`."""

    def __init__(self, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[int, tuple[str, int, bytes]] = OrderedDict()

    def get(self, project_id: int, log: str, seq: int) -> bytes | None:
        """The snapshot of exactly that moment, if it is kept."""
        kept = self._kept.get(project_id)
        if kept is None or kept[:2] != (log, seq):
            return None
        self._kept.move_to_end(project_id)
        return kept[2]

    def put(self, project_id: int, log: str, seq: int, snapshot: bytes) -> None:
        """Keep a snapshot in place of the project's former one."""
        self._forget(project_id)
        if len(snapshot) > self._most:
            return
        self._kept[project_id] = (log, seq, snapshot)
        self._size += len(snapshot)
        while self._size > self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, project_id: int) -> None:
        kept = self._kept.pop(project_id, None)
        if kept is not None:
            self._size -= len(kept[2])
