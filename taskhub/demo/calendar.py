"""When people work: puts a story that goes on evenly into the hours of working days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate

#: The last days of a story stay as they are told: what is new is new on a Sunday too.
RECENT = 3
#: The oldest day of a story.
OLDEST = 66

_HOUR = timedelta(hours=1)
_DAY_HOURS = 24


def _busy(hour: datetime) -> float:
    """How much is done in an hour, beside an hour of a working day."""
    awake = 7 <= hour.hour < 18
    if hour.weekday() >= 5:
        return 0.04 if awake else 0.005
    return 1 if awake else 0.02


def working_hours(now: datetime) -> Callable[[float], float]:
    """A function from days ago in the story to days ago on the calendar before `now`.

    Order is kept, and RECENT days and fewer stay what they are; what was before them falls on the working hours (UTC)
    of the same weeks, little of it on others, and hardly any on weekends.
    """
    count = (OLDEST - RECENT) * _DAY_HOURS
    since = now - timedelta(days=RECENT)
    done = [0.0, *accumulate(_busy(since - _HOUR * (back + 1)) for back in range(count))]

    def on_calendar(ago: float) -> float:
        if ago <= RECENT:
            return ago
        wanted = min(1.0, (ago - RECENT) / (OLDEST - RECENT)) * done[-1]
        hour = bisect_left(done, wanted)
        return RECENT + (hour - (done[hour] - wanted) / (done[hour] - done[hour - 1])) / _DAY_HOURS

    return on_calendar
