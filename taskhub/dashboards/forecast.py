"""When what is open will be done, if the days to come are like the days that were: a Monte Carlo simulation.

Each trial goes from day to day, and finishes each day as many tasks as were finished on one of the past days, drawn
at random with replacement, until as many are finished as are open now. Nothing new comes in meanwhile. The trials
begin from what they are computed from, so that everybody gets the same answer, on every process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

TRIALS = 10_000
#: How many past days are drawn from, at most.
DAYS = 30
#: Nothing is said of what is further away than so many days.
HORIZON = 365
#: By when so many of a hundred trials are through.
PERCENTS = (50, 85, 95)

#: Past days, and tasks done in them, below which there is little to go by; and tasks below which it is not much.
FEW_DAYS, FEW_DONE, NOT_MANY = 14, 10, 30

Sure = Literal["no", "little", "fair", "good"]
Reason = Literal[
    "nothing_open",
    "no_day_yet",
    "nothing_done",
    "too_far",
    "few_days",
    "few_done",
    "trend",
    "spread",
    "not_many",
    "steady",
]


@dataclass(frozen=True, slots=True)
class Forecast:
    """`after`: by percent, after how many days from today what is open is done; None beyond the `HORIZON`.

    `sure` says how far to trust it, `reason` why not further.
    """

    after: Mapping[int, int | None]
    sure: Sure
    reason: Reason


_NONE: Mapping[int, int | None] = dict.fromkeys(PERCENTS)


@lru_cache(maxsize=512)
def forecast(open_: int, done: tuple[int, ...]) -> Forecast:
    """The forecast for so many open tasks; `done` are the tasks finished on each of the past days, oldest first.

    Some milliseconds, a tenth of a second where the end is a year away: not for the event loop.
    """
    if not open_:
        return Forecast(_NONE, "no", "nothing_open")
    if not done:
        return Forecast(_NONE, "no", "no_day_yet")
    total = sum(done)
    if not total:
        return Forecast(_NONE, "no", "nothing_done")
    after = _simulated(open_, done) if open_ <= 2 * HORIZON * total / len(done) else _NONE
    sure, reason = _sureness(after, done)
    return Forecast(after, sure, reason)


def _sureness(after: Mapping[int, int | None], done: Sequence[int]) -> tuple[Sure, Reason]:
    half, last = after[50], after[95]
    total = sum(done)
    if half is None:
        return "no", "too_far"
    if len(done) < FEW_DAYS:
        return "little", "few_days"
    if total < FEW_DONE:
        return "little", "few_done"
    if last is None:
        return "little", "too_far"
    # Days like those that were: not, where there are twice as many done in one half of them as in the other.
    middle = len(done) // 2
    early, late = sum(done[:middle]), sum(done[-middle:])
    if max(early, late) >= 2 * min(early, late):
        return "fair", "trend"
    if last > 2 * half:
        return "fair", "spread"
    if total < NOT_MANY:
        return "fair", "not_many"
    return "good", "steady"


#: A trial's finished tasks are 32 bits of one long integer, so that one addition is a day of every trial.
_BYTES = 4
_TOP = 1 << (8 * _BYTES - 1)
_ONES = int.from_bytes(b"\1\0\0\0" * TRIALS, "little")


def _simulated(open_: int, done: Sequence[int]) -> Mapping[int, int | None]:
    chance = Random(f"{open_} of {list(done)}")  # noqa: S311
    # Random bytes become days, those that would favour some days are left out, and days become what was done then.
    usable = 256 // len(done) * len(done)
    left_out = bytes(range(usable, 256))
    capped = [min(done[byte % len(done)], 0xFFFF) for byte in range(256)]
    low, high = bytes(n & 0xFF for n in capped), bytes(n >> 8 for n in capped)
    # Whoever has finished all has the top bit set.
    sums = _ONES * (_TOP - open_)
    through = _ONES * _TOP
    after: dict[int, int | None] = {}
    for day in range(1, HORIZON + 1):
        drawn = b""
        while len(drawn) < TRIALS:
            drawn += chance.randbytes(TRIALS + TRIALS // 8).translate(None, left_out)
        drawn = drawn[:TRIALS]
        lanes = bytearray(_BYTES * TRIALS)
        lanes[0::_BYTES] = drawn.translate(low)
        lanes[1::_BYTES] = drawn.translate(high)
        sums += int.from_bytes(lanes, "little")
        share = 100 * (sums & through).bit_count()
        for percent in PERCENTS:
            if percent not in after and share >= percent * TRIALS:
                after[percent] = day
        if len(after) == len(PERCENTS):
            break
    return {percent: after.get(percent) for percent in PERCENTS}
