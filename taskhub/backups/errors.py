"""What stops a backup or a restore."""

from __future__ import annotations


class BackupError(Exception):
    """A backup that can't be made, read or restored; its text is one line for the operator."""


class Damaged(BackupError):
    """A backup whose part `member` is not as it must be: `what` says how."""

    def __init__(self, name: str, member: str, what: str) -> None:
        super().__init__(f"{name} is damaged, in {member}: {what}. Take another backup.")
        self.member = member
        self.what = what
