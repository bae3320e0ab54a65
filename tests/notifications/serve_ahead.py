"""`taskhub serve` by a clock that a test sets: the first argument is a file with the seconds it is ahead."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from taskhub import clock
from taskhub.cli import main
from taskhub.notifications import schedule


def ahead() -> datetime:
    """The system's time and what the file says."""
    return datetime.now(UTC) + timedelta(seconds=float(offset.read_text()))


offset = Path(sys.argv.pop(1))
clock.run_by(ahead)
schedule.TICK = schedule.PRUNE_EVERY = 0.05
main()
