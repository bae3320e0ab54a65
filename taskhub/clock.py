"""Moments: aware UTC datetimes inside, RFC 3339 with `Z` and milliseconds on the wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII)


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def run_by(source: Callable[[], datetime]) -> None:
    """Take the time from `source`, which gives aware moments, in place of the system; for tests of what is to come."""
    global _source
    _source = source


def now() -> datetime:
    """The present moment, to the millisecond that the wire carries."""
    moment = _source()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wire(moment: datetime) -> str:
    """`2026-11-21T09:00:00.000Z` for an aware datetime."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse(text: str) -> datetime:
    """An RFC 3339 moment as an aware UTC datetime, cut to milliseconds; ValueError says what was wrong."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a moment such as 2026-11-21T09:00:00Z")
    day, clock, seconds, fraction, zone = match.groups()
    fraction = (fraction or ".0")[:7]
    zone = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{seconds or ':00'}{fraction.ljust(7, '0')}{zone}")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a moment such as 2026-11-21T09:00:00Z") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def due(text: str) -> str:
    """A due date as it is kept: a day `YYYY-MM-DD`, or a moment in UTC. ValueError says what was wrong."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, flags=re.ASCII):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError(f"{text!r} is not a day of the calendar") from None
    if re.match(r"\d{4}-\d\d-\d\d[Tt]", text, flags=re.ASCII):
        return wire(parse(text))
    raise ValueError(f"{text!r} is neither a day such as 2026-11-21 nor a moment such as 2026-11-21T09:00:00Z")
