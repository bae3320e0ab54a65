"""The shapes of a project's figures and of wallboards, as they are answered."""

from __future__ import annotations

from pydantic import Field

from taskhub.dashboards.forecast import Reason, Sure
from taskhub.shapes import Body, Line, Shape
from taskhub.workflow.model import Category


class NamedProject(Shape):
    """Which project it is."""

    key: str
    name: str


class StateFigure(Shape):
    """A state of the workflow, in its order; `count` are the tasks on the board in it."""

    id: str
    name: str
    category: Category
    wip_limit: int | None
    count: int


class PastState(Shape):
    """A state that the workflow has no more, as it was last; some day of the flow has tasks in it."""

    id: str
    name: str
    category: Category


class Wip(Shape):
    """The tasks on the board in `doing` states; `limit` is the sum of these states' limits, null without any."""

    count: int
    limit: int | None


class Load(Shape):
    """The open tasks on the board that are assigned to somebody; with `id` null, those assigned to nobody.

    Who has the most stands first, nobody last. A task of several people counts for each.
    """

    id: str | None
    name: str | None
    open: int
    doing: int
    todo: int
    backlog: int


class FlowDay(Shape):
    """How many tasks were in each state at the end of a day (today: now), by the id of the state.

    Archived tasks stay counted in their state, deleted ones leave.
    """

    day: str
    counts: dict[str, int]


class DoneDay(Shape):
    """How many of the tasks that are done now became so on a day."""

    day: str
    done: int


class Week(Shape):
    """Tasks done in the last 7 days, and the mean of a week among the `weeks` before them.

    These are four, or as many whole weeks as the project has; null without any.
    """

    done: int
    mean: float | None
    weeks: int


class CycleTask(Shape):
    """A task that became done at `at`, so many days after it was first in a state of the category `doing`."""

    ref: str
    title: str
    at: str
    days: float


class CyclePart(Shape):
    """So many of the `days`: of how many tasks 85 of a hundred took at most `p85` days."""

    days: int
    of: int
    p85: float | None


class Cycle(Shape):
    """How long tasks took that became done in the last `days` days, today among them: the latest 1,000 of them.

    `of` have a cycle time, `without` were never in a state of the category `doing`; `tasks` are the latest 500 with
    one, oldest first. 50, 85 and 95 of a hundred took at most `p50`, `p85` and `p95` days; null without any.
    `recent` are the last 30 days, `before` the 30 before them.
    """

    days: int
    of: int
    without: int
    p50: float | None
    p85: float | None
    p95: float | None
    recent: CyclePart
    before: CyclePart
    tasks: list[CycleTask]


class Forecast(Shape):
    """By which day all `open` tasks on the board are done, in 50, 85 and 95 of a hundred simulated courses.

    10,000 courses, each day of which is one of the past `days` (at most 30, without today), drawn by chance; `samples`
    tasks were done in those. Nothing new comes in. A day is null where it is more than a year away, and all are where
    there is nothing to go by. `sure` says how far to trust it, `reason` why not further: nothing is open, there is no
    past day, nothing was done, the end is too far, there are few days (below 14) or few done (below 10), one half of
    the days has twice as many done as the other (trend), the days differ much (spread), not many were done (below 30).
    """

    open: int
    p50: str | None
    p85: str | None
    p95: str | None
    days: int
    samples: int
    sure: Sure
    reason: Reason


class Figures(Shape):
    """A project's figures as of `seq` of its log, at the moment `at`. Days are UTC's and end with today.

    `flow` has 60 of them, `throughput` 63: nine weeks.
    """

    log: str
    seq: int
    at: str
    project: NamedProject
    states: list[StateFigure]
    past_states: list[PastState]
    wip: Wip
    people: list[Load]
    flow: list[FlowDay] = Field(min_length=60, max_length=60)
    throughput: list[DoneDay] = Field(min_length=63, max_length=63)
    week: Week
    forecast: Forecast


class Dashboard(Figures):
    __doc__ = Figures.__doc__

    cycle: Cycle


class ShortForecast(Shape):
    """Of a `Forecast` what an overview shows."""

    open: int
    p50: str | None
    p85: str | None
    sure: Sure
    reason: Reason


class ShortFigures(Shape):
    """Of a project's figures what an overview shows; `p85` is that of its cycle times, in days."""

    wip: Wip
    week: Week
    p85: float | None
    forecast: ShortForecast


class WallCycleTask(Shape):
    """As `CycleTask`; `title` is null where the wallboard shows none."""

    ref: str
    title: str | None
    at: str
    days: float


class WallCycle(Cycle):
    """As `Cycle`."""

    tasks: list[WallCycleTask]  # type: ignore[assignment]


class Wall(Figures):
    """What a wallboard shows: as `Dashboard`, without titles of tasks unless an owner of the project wants them."""

    cycle: WallCycle


class NewWallboard(Body):
    """A wallboard; `titles`: titles of tasks may be seen by whoever has its link."""

    name: Line = Field(max_length=100)
    titles: bool = False


class WallboardEdit(Body):
    """What is to be another; what is left out stays."""

    name: Line | None = Field(None, max_length=100)
    titles: bool | None = None


class Wallboard(Shape):
    """A link that shows the figures without signing in; only the answer that makes it has `secret` and `url`.

    `url` is the page for a screen, `secret` the end of it, for programs. `last_used_at` is right to the hour.
    """

    id: str
    name: str
    titles: bool
    created_by: str
    created_at: str
    last_used_at: str | None
    secret: str | None = None
    url: str | None = None


class Wallboards(Shape):
    """A page of wallboards, without their secrets."""

    items: list[Wallboard]
    next_cursor: str | None
