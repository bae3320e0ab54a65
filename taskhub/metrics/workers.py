"""One answer for all the processes that serve: each writes what it counted to a folder, each second and when asked.

The folder is the supervisor's: it makes one, names it in the environment variable `FOLDER` before the workers start,
and deletes it at the end. A supervisor that is killed can't: the next one does, which knows by a lock that nobody has
that folder any more. Of a worker that is gone its counters stay, so that none ever falls; its gauges go.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from taskhub.metrics.model import FIGURES, Counted, Value

#: Names the folder for the workers of one `taskhub serve`; not a setting, so without the prefix of those.
FOLDER = "_TASKHUB_METRICS_FOLDER"

_NAME = "taskhub-metrics-"


class Shared:
    """This process's place in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}.json"

    def write(self, counted: Counted) -> None:
        """Let the other workers see it. Raises OSError."""
        fresh = self._own.with_suffix(".new")
        fresh.write_bytes(orjson.dumps({name: list(values.items()) for name, values in counted.items()}))
        fresh.replace(self._own)

    def of_others(self) -> list[Counted]:
        """What the other workers counted up to their last second, and what is left of those that are gone."""
        found = []
        for path in self._folder.glob("*.json"):
            if path != self._own:
                with contextlib.suppress(OSError, ValueError):
                    counted = _read(path)
                    found.append(counted if _is_alive(int(path.stem)) else _left(counted))
        return found


@contextlib.contextmanager
def folder_for_workers(number: int) -> Iterator[None]:
    """In the supervisor, while its workers live: a folder for them, where they are several."""
    if number == 1:
        os.environ.pop(FOLDER, None)
        yield
        return
    _remove_left()
    # It is locked before it has its name, so that nobody takes it for one that was left.
    made = Path(tempfile.mkdtemp(prefix="new-" + _NAME))
    # The workers have the lock too, by their parent: as long as one of them writes, the folder is in use.
    lock = _locked(made)
    try:
        made = made.rename(made.with_name(made.name.removeprefix("new-")))
        os.environ[FOLDER] = str(made)
        yield
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _remove_left() -> None:
    """Remove folders that this user's supervisors have left, and that no process has any more."""
    for path in Path(tempfile.gettempdir()).glob(_NAME + "*"):
        lock = _locked(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _locked(path: Path) -> int | None:
    """The lock of a folder of one's own, as a file descriptor; None where somebody else has it."""
    import fcntl

    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def folder() -> Path | None:
    """The folder, where this process is one of several workers."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else None


def _read(path: Path) -> Counted:
    written: dict[str, list[Any]] = orjson.loads(path.read_bytes())
    return {name: {tuple(labels): _value(value) for labels, value in values} for name, values in written.items()}


def _value(written: Any) -> Value:
    return (written[0], written[1]) if isinstance(written, list) else float(written)


def _left(counted: Counted) -> Counted:
    return {name: values for name, values in counted.items() if name in FIGURES and FIGURES[name].kind != "gauge"} | {
        name: values for name, values in counted.items() if name == "process_cpu_seconds_total"
    }


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
