"""What an examination finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad a finding is: only problems make the examination fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `code` names what was found; taskhub.doctor.words puts it in words with `facts`."""

    code: str
    level: Level
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def check(self) -> str:
        """What was looked at: the code's part before the dot."""
        return self.code.partition(".")[0]


def ok(code: str, /, **facts: Any) -> Finding:
    """All is well."""
    return Finding(code, Level.OK, facts)


def warning(code: str, /, **facts: Any) -> Finding:
    """It works, but somebody should know."""
    return Finding(code, Level.WARNING, facts)


def problem(code: str, /, **facts: Any) -> Finding:
    """Something is broken, or will be."""
    return Finding(code, Level.PROBLEM, facts)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level among them."""
    order = list(Level)
    return max((each.level for each in findings), key=order.index, default=Level.OK)
