"""What is counted in one process, cheap enough for every request and every frame."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["counter", "gauge", "histogram"]
Merge = Literal["sum", "max", "min"]

#: Upper bounds of the buckets of times, in seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one name in /metrics means; `merge` is how the figures of several processes become one."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    merge: Merge = "sum"


#: Every figure there is, but for those of the process itself (`process_…`). The documentation is tested against this.
FIGURES: dict[str, Figure] = {
    "taskhub_build_info": Figure("gauge", "1, under the version and build that serves", ("version", "build"), "max"),
    "taskhub_workers": Figure("gauge", "Processes that serve"),
    "taskhub_http_request_duration_seconds": Figure(
        "histogram",
        "Requests answered, by route, method and class of status, and how long that took",
        ("method", "route", "status"),
    ),
    "taskhub_sockets_open": Figure("gauge", "Open WebSockets"),
    "taskhub_sockets_total": Figure("counter", "WebSockets opened"),
    "taskhub_streams_open": Figure("gauge", "Open event streams"),
    "taskhub_streams_total": Figure("counter", "Event streams opened"),
    "taskhub_followers": Figure("gauge", "Sockets and streams of signed-in people"),
    "taskhub_subscriptions": Figure("gauge", "Projects followed, once for each follower"),
    "taskhub_queue_events": Figure("gauge", "Events that followers have not taken yet, of all together"),
    "taskhub_queue_events_slowest": Figure("gauge", "The same of the slowest reader", merge="max"),
    "taskhub_delivery_lag_seconds": Figure(
        "histogram",
        "From the commit of an event to the moment its frame was handed to the transport, by what carries it",
        ("over",),
    ),
    "taskhub_events_total": Figure("counter", "Events written to the logs of projects"),
    "taskhub_command_duration_seconds": Figure(
        "histogram", "Commands by how they ended (done, refused, failed), and how long they took", ("outcome",)
    ),
    "taskhub_database_connections": Figure("gauge", "Open connections to the database", ("pool",)),
    "taskhub_database_connections_in_use": Figure("gauge", "Those of them that are in use", ("pool",)),
    "taskhub_database_connections_most": Figure("gauge", "How many there may be at most", ("pool",)),
    "taskhub_event_loop_lag_seconds": Figure("histogram", "How much later than asked for the event loop came round"),
}

Labels: TypeAlias = tuple[str, ...]
#: A number; of a histogram the counts of its buckets (of BUCKETS, and of what is beyond) and the sum.
Value: TypeAlias = float | tuple[list[int], float]
#: Everything one process has counted: name → labels → value.
Counted: TypeAlias = dict[str, dict[Labels, Value]]


class Tally:
    """A histogram of seconds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Metrics:
    """One process's counts."""

    def __init__(self) -> None:
        self.sockets = self.streams = 0
        self.sockets_opened = self.streams_opened = self.events = 0
        self.loop_lag = Tally()
        self._requests: dict[tuple[str, str, int], Tally] = {}
        self._commands: dict[str, Tally] = {}
        self._lags: dict[str, Tally] = {}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is its template, never the address itself."""
        name = method, route, status // 100
        tally = self._requests.get(name)
        if tally is None:
            tally = self._requests[name] = Tally()
        tally.observe(seconds)

    def command(self, outcome: str, seconds: float) -> None:
        """A command is over: `done`, `refused` or `failed`."""
        self._commands.setdefault(outcome, Tally()).observe(seconds)

    def delivered(self, over: str, lag: float) -> None:
        """A frame with events was handed to the transport of a `socket` or a `stream`."""
        tally = self._lags.get(over)
        if tally is None:
            tally = self._lags[over] = Tally()
        tally.observe(lag)

    def counted(self) -> Counted:
        """What was counted so far; gauges of other parts come on top."""
        return {
            "taskhub_http_request_duration_seconds": {
                (method, route, f"{status}xx"): _value(tally)
                for (method, route, status), tally in self._requests.items()
            },
            "taskhub_command_duration_seconds": {(name,): _value(tally) for name, tally in self._commands.items()},
            "taskhub_delivery_lag_seconds": {(name,): _value(tally) for name, tally in self._lags.items()},
            "taskhub_event_loop_lag_seconds": {(): _value(self.loop_lag)},
            "taskhub_sockets_open": {(): self.sockets},
            "taskhub_sockets_total": {(): self.sockets_opened},
            "taskhub_streams_open": {(): self.streams},
            "taskhub_streams_total": {(): self.streams_opened},
            "taskhub_events_total": {(): self.events},
        }


def _value(tally: Tally) -> Value:
    return list(tally.counts), tally.total


def merged(several: Sequence[Counted], rules: dict[str, Merge]) -> Counted:
    """The counts of several processes as one's; a name without a rule is summed."""
    whole: Counted = {}
    for counted in several:
        for name, values in counted.items():
            into = whole.setdefault(name, {})
            for labels, value in values.items():
                before = into.get(labels)
                into[labels] = value if before is None else _both(before, value, rules.get(name, "sum"))
    return whole


def _both(one: Value, other: Value, rule: Merge) -> Value:
    if isinstance(one, tuple) or isinstance(other, tuple):
        assert isinstance(one, tuple)
        assert isinstance(other, tuple)
        return [left + right for left, right in zip(one[0], other[0], strict=True)], one[1] + other[1]
    return one + other if rule == "sum" else max(one, other) if rule == "max" else min(one, other)
