"""Files that are there whole or not at all, and standard input and output as files."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from taskhub.backups.errors import BackupError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Pending:
    """A file under a temporary name, readable by its owner alone, to be written and then kept or dropped."""

    def __init__(self, path: Path, *, beside: Path) -> None:
        self._wanted = path
        try:
            handle, name = tempfile.mkstemp(dir=beside, prefix=f".{path.name}.", suffix=".part")
        except OSError as error:
            raise _unwritable(path, error) from None
        self.path = Path(name)
        self.file: BinaryIO = io.BufferedWriter(_Raw(handle, path), 1024 * 1024)

    def sync(self) -> None:
        """Bring what was written to the disk."""
        self.file.flush()
        try:
            os.fsync(self.file.fileno())
        except OSError as error:
            raise _unwritable(self._wanted, error) from None

    def keep(self, *, force: bool) -> None:
        """Give it its name. Without `force` a file that has it already stays: BackupError."""
        try:
            if force:
                os.replace(self.path, self._wanted)
            else:
                # A rename would not mind what came there meanwhile.
                os.link(self.path, self._wanted)
                self.path.unlink()
            _sync_folder(self._wanted.parent)
        except OSError as error:
            raise _unwritable(self._wanted, error) from None

    def drop(self) -> None:
        """Close it, and delete it unless it has been kept."""
        with contextlib.suppress(BackupError):
            self.file.close()
        self.path.unlink(missing_ok=True)


class _Raw(io.FileIO):
    # Says itself what went wrong: whoever writes can't tell this OSError from the database's.
    def __init__(self, handle: int, wanted: Path) -> None:
        super().__init__(handle, "wb")
        self._wanted = wanted

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise _unwritable(self._wanted, error) from None


@contextlib.contextmanager
def pending(path: Path, *, force: bool) -> Iterator[Pending]:
    """A file that is to be `path` once it is whole. Raises BackupError where it can't be."""
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} is no file: name the file that the backup shall be.")
    if path.exists() and not force:
        raise BackupError(f"{path} is there already: name another file, or replace it with --force.")
    if not path.parent.is_dir():
        raise BackupError(f"Can't write {path}: there is no folder {path.parent}.")
    made = Pending(path, beside=path.parent)
    try:
        yield made
    finally:
        made.drop()


@contextlib.contextmanager
def to_standard_output() -> Iterator[Pending]:
    """A file in the temporary folder that goes to standard output, once it is whole."""
    made = Pending(Path("standard output"), beside=Path(tempfile.gettempdir()))
    try:
        yield made
        try:
            with made.path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        except OSError as error:
            # What is still in the buffer has nowhere to go, and Python would try once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise _unwritable(Path("standard output"), error) from None
    finally:
        made.drop()


@contextlib.contextmanager
def from_standard_input() -> Iterator[Path]:
    """Standard input, to its end, as a file in the temporary folder."""
    made = Pending(Path("standard input"), beside=Path(tempfile.gettempdir()))
    try:
        shutil.copyfileobj(sys.stdin.buffer, made.file)
        made.file.flush()
        yield made.path
    finally:
        made.drop()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> BackupError:
    if isinstance(error, FileExistsError):
        return BackupError(f"{path} is there already: name another file, or replace it with --force.")
    return BackupError(f"Can't write {path}: {error.strerror or error}.")
