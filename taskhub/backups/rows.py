"""A row of any table as one line of JSON, the same for every database, and back, with everything checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from taskhub.db import Row, UtcDateTime

#: Reads one value of a column's; ValueError says what the column can't hold.
Reader = Callable[[Any], Any]


#: How many rows are in memory at once.
AT_ONCE = 500


def batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in lists, each as many as should be in memory at once."""
    left = iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


class Lines:
    """The rows of one table as lines: JSON objects under the columns' names, moments in RFC 3339 with microseconds."""

    def __init__(self, table: sa.Table) -> None:
        self.columns = [str(column.name) for column in table.columns]
        self._readers: Mapping[str, Reader] = {str(column.name): _reader(column) for column in table.columns}

    def write(self, row: Row) -> bytes:
        """One row as a line, with its end."""
        return orjson.dumps(
            dict(zip(self.columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
        )

    def read(self, line: bytes) -> dict[str, Any]:
        """A line as a row to insert. ValueError says what is wrong with it."""
        found = orjson.loads(line)
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
        if found.keys() != self._readers.keys():
            strange = ", ".join(sorted(found.keys() ^ self._readers.keys()))
            raise ValueError(f"it has other columns than the table: {strange[:200]}")
        for name, reader in self._readers.items():
            try:
                found[name] = reader(found[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return found


def _reader(column: sa.Column[Any]) -> Reader:
    reader = _reader_of(column.type)
    if column.nullable:
        return lambda value: None if value is None else reader(value)
    return reader


def _reader_of(kind: sa.types.TypeEngine[Any]) -> Reader:
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, sa.Boolean):
        return _flag
    if isinstance(kind, sa.Integer):
        return _whole(63 if isinstance(kind, sa.BigInteger) else 31)
    if isinstance(kind, sa.String):
        return _text(kind.length)
    if isinstance(kind, sa.JSON):
        return lambda value: value
    raise TypeError(f"backups know no columns of {kind!r} yet")


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("it is no moment")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("it is a moment without a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is a moment out of range") from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is neither true nor false")
    return value


def _whole(bits: int) -> Reader:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not -(2**bits) <= value < 2**bits:
            raise ValueError("it is no whole number that the column can hold")
        return value

    return read


def _text(length: int | None) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("it is no text")
        # PostgreSQL counts characters as Python does, and takes no NUL.
        if length is not None and len(value) > length:
            raise ValueError(f"it is longer than {length} characters")
        if "\0" in value:
            raise ValueError("it has a NUL character")
        return value

    return read
