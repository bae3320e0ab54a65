"""The file of a backup: a ZIP archive with one table a member, and a manifest that says what must be in it.

- `tables/NAME.jsonl`: the rows of a table in the order of its primary key, one JSON object a line; see `rows`
- `manifest.json`: see `Manifest`
- `uploads/` is kept for the files of attachments: this version of the format has none

A backup is written and read row by row: it may be larger than memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any, BinaryIO, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from taskhub.backups.errors import BackupError, Damaged
from taskhub.backups.rows import Lines

#: Grows whenever an older TaskHub could not restore the new backups rightly.
FORMAT = 1
MANIFEST = "manifest.json"

_MOST_MANIFEST = 1024 * 1024
#: The largest row is an event with two copies of a description, all of it escaped: far below a mebibyte.
_MOST_LINE = 16 * 1024 * 1024
#: How many times its packed size a table may have. Logs pack to a tenth; ZIP bombs to a thousandth.
_MOST_RATIO = 200
#: A third faster than the library's own level, for a seventh more bytes.
_LEVEL = 3
_SMALL = 1024 * 1024
_WRONG_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
    OverflowError,
    RuntimeError,
    ValueError,
)

Count = Annotated[int, Field(ge=0, lt=2**63)]


class Part(BaseModel):
    """One table in the archive; `bytes` and `sha256` are of its lines, unpacked."""

    model_config = ConfigDict(strict=True)

    columns: list[str]
    rows: Count
    bytes: Count
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup is of, and what must be in it. Fields that are not named here are left alone."""

    model_config = ConfigDict(strict=True)

    format: Literal["taskhub-backup"]
    version: int
    #: The TaskHub that made it.
    taskhub: str
    #: The schema of its tables.
    revision: str = Field(max_length=32)
    #: The one moment that it shows the database at, RFC 3339.
    made_at: str
    #: `sqlite` or `postgresql`: where it comes from; it fits both.
    database: str
    tables: dict[str, Part]


class Writer:
    """Writes a backup into an open file; `finish` makes it whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._parts: dict[str, Part] = {}

    def table(self, name: str, columns: list[str], lines: Iterable[bytes]) -> None:
        """Add a table."""
        rows, size, digest = 0, 0, hashlib.sha256()
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            for line in lines:
                member.write(line)
                digest.update(line)
                rows += 1
                size += len(line)
        self._parts[name] = Part(columns=columns, rows=rows, bytes=size, sha256=digest.hexdigest())

    def finish(self, *, taskhub: str, revision: str, made_at: str, database: str) -> Manifest:
        """Add the manifest and the archive's own directory."""
        manifest = Manifest(
            format="taskhub-backup",
            version=FORMAT,
            taskhub=taskhub,
            revision=revision,
            made_at=made_at,
            database=database,
            tables=self._parts,
        )
        self._zip.writestr(MANIFEST, orjson.dumps(manifest.model_dump(), option=orjson.OPT_INDENT_2))
        self._zip.close()
        return manifest

    def abandon(self) -> None:
        """Let go of an archive that can't be finished; its file is to be dropped."""
        # The library would try to finish it when it is collected, and complain on standard error.
        self._zip.fp = None


class Archive:
    """A backup to read. `opened` is the way to one."""

    def __init__(self, file: zipfile.ZipFile, name: str) -> None:
        self._zip = file
        self._name = name
        members = [info.filename for info in file.infolist()]
        if MANIFEST not in members:
            raise BackupError(f"{name} is no backup of TaskHub: it has no {MANIFEST}.")
        self.manifest = self._read_manifest()
        wanted = sorted([MANIFEST, *map(_member, self.manifest.tables)])
        if wrong := sorted(set(members) ^ set(wanted)):
            raise self.broken(wrong[0], "the manifest and what is there do not agree on it")
        if len(members) != len(wanted):
            raise self.broken(MANIFEST, "something is there twice")

    def rows(self, name: str, lines: Lines) -> Iterator[dict[str, Any]]:
        """The rows of a table, one by one. Raises BackupError, at the latest at the end, where anything is amiss."""
        if self.manifest.tables[name].columns != lines.columns:
            raise self.broken(_member(name), "its columns are not those of its revision")
        for number, line in enumerate(self._lines(name), start=1):
            try:
                row = lines.read(line)
            except ValueError as error:
                raise self.broken(_member(name), f"line {number}: {error}") from None
            yield row

    def read_back(self) -> None:
        """Raise BackupError unless every byte is as it was written."""
        for name in self.manifest.tables:
            for _ in self._lines(name):
                pass

    def broken(self, member: str, what: str) -> Damaged:
        """What to raise for a member that is not as it must be."""
        return Damaged(self._name, member, what)

    def _lines(self, name: str) -> Iterator[bytes]:
        part, member = self.manifest.tables[name], _member(name)
        if part.bytes > _SMALL and part.bytes > _MOST_RATIO * self._zip.getinfo(member).compress_size:
            raise self.broken(member, f"it unpacks to more than {_MOST_RATIO} times its size")
        rows, size, digest = 0, 0, hashlib.sha256()
        with self._reading(member), self._open(member) as file:
            while line := file.readline(_MOST_LINE):
                rows += 1
                size += len(line)
                if size > part.bytes or not line.endswith(b"\n"):
                    raise self.broken(member, f"it is cut or too long at line {rows}")
                digest.update(line)
                yield line
        if (rows, size, digest.hexdigest()) != (part.rows, part.bytes, part.sha256):
            raise self.broken(member, f"its {rows} rows are not the {part.rows} that the manifest tells of")

    def _read_manifest(self) -> Manifest:
        with self._reading(MANIFEST), self._open(MANIFEST) as file:
            found = file.read(_MOST_MANIFEST + 1)
        try:
            if len(found) > _MOST_MANIFEST:
                raise ValueError("it is too large")
            content = orjson.loads(found)
            version = content.get("version") if isinstance(content, dict) else None
            if isinstance(version, int) and version > FORMAT:
                raise BackupError(
                    f"{self._name} was made by a newer TaskHub ({str(content.get('taskhub'))[:20]}): "
                    "restore it with that version."
                )
            return Manifest.model_validate(content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "it"
            raise self.broken(MANIFEST, f"{where}: {first['msg']}") from None
        except ValueError as error:
            raise self.broken(MANIFEST, str(error)) from None

    @contextlib.contextmanager
    def _open(self, member: str) -> Iterator[IO[bytes]]:
        with self._zip.open(member) as file, io.BufferedReader(file, _SMALL) as buffered:  # type: ignore[type-var]
            yield buffered

    @contextlib.contextmanager
    def _reading(self, member: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupError(f"Can't read {self._name}: {error.strerror or error}.") from None
        except _WRONG_ZIP as error:
            raise self.broken(member, str(error) or type(error).__name__) from None


@contextlib.contextmanager
def opened(path: Path, name: str) -> Iterator[Archive]:
    """The backup in a file; `name` is what messages call it. Raises BackupError for what is none."""
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise BackupError(f"Can't read {name}: {error.strerror or error}.") from None
    except _WRONG_ZIP:
        raise BackupError(f"{name} is no backup of TaskHub, or was cut: it is no whole ZIP archive.") from None
    with file:
        yield Archive(file, name)


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
