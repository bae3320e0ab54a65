"""The forecast: the simulation says what chance says, it is the same everywhere, and it knows what it is worth."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence

import pytest

from taskhub.dashboards.forecast import HORIZON, PERCENTS, forecast

STEADY = (1, 2, 0, 1, 2, 1, 0) * 4 + (1, 1)


def chances(open_: int, done: Sequence[int], days: int) -> list[float]:
    """With which chance so many are done after 1, 2, … days: by the sums of all there may be, not by trying."""
    left = {open_: 1.0}
    found = []
    for _ in range(days):
        after: defaultdict[int, float] = defaultdict(float)
        for n, chance in left.items():
            for finished in done:
                after[max(0, n - finished)] += chance / len(done)
        left = dict(after)
        found.append(left.get(0, 0.0))
    return found


@pytest.mark.parametrize(
    ("open_", "done"),
    [(1, (1,)), (1, (0, 0, 0, 1)), (12, STEADY), (40, STEADY), (300, STEADY), (50, (0,) * 29 + (300,)), (7, (0, 3, 5))],
)
def test_the_days_are_those_that_chance_gives(open_: int, done: tuple[int, ...]) -> None:
    found = forecast(open_, done).after
    exact = chances(open_, done, HORIZON)
    for percent in PERCENTS:
        day = found[percent]
        assert day is not None
        # 10,000 trials are off by less than 2 in a hundred all but never.
        assert exact[day - 1] > percent / 100 - 0.02
        assert day == 1 or exact[day - 2] < percent / 100 + 0.02


def test_every_process_gives_the_same() -> None:
    code = f"from taskhub.dashboards.forecast import forecast; print(forecast(40, {STEADY}).after)"
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == str(forecast(40, STEADY).after)


@pytest.mark.parametrize(
    ("open_", "done", "sure", "reason"),
    [
        (0, STEADY, "no", "nothing_open"),
        (5, (), "no", "no_day_yet"),
        (5, (0,) * 30, "no", "nothing_done"),
        (1000, STEADY, "no", "too_far"),
        (5, STEADY[:13], "little", "few_days"),
        (5, (1, 0, 0) * 3 + (0,) * 10, "little", "few_done"),
        (335, (1, 1) * 7 + (0, 2) * 3 + (0, 0, 3, 0, 1, 2, 0, 1, 1, 0), "little", "too_far"),
        (20, (0,) * 10 + STEADY[:20], "fair", "trend"),
        (1, (0, 0, 0, 5) * 7, "fair", "spread"),
        (20, STEADY[:21], "fair", "not_many"),
        (20, STEADY, "good", "steady"),
    ],
)
def test_it_says_how_sure_it_is(open_: int, done: tuple[int, ...], sure: str, reason: str) -> None:
    found = forecast(open_, done)
    assert (found.sure, found.reason) == (sure, reason)
    assert (found.after[50] is None) == (sure == "no")
