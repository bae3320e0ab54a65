"""The counts as Prometheus reads them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from taskhub.metrics import workers
from taskhub.metrics.model import BUCKETS, FIGURES, Counted, Labels, Merge, Metrics, Value, merged

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logging.getLogger(__name__)

#: Seconds between two looks at the event loop; other workers learn as often what was counted here.
EVERY = 1.0

#: Of the process figures of prometheus_client: those that are not summed over the workers.
_PROCESS: dict[str, Merge] = {"process_start_time_seconds": "min"}
_RULES: dict[str, Merge] = {name: figure.merge for name, figure in FIGURES.items()} | _PROCESS

#: Gives the gauges of other parts of the process, as they are now.
Gauges = Callable[[], Counted]


class Watch:
    """Looks at the event loop while the server serves, and answers for all workers."""

    def __init__(self, metrics: Metrics, gauges: Gauges) -> None:
        self._metrics = metrics
        self._gauges = gauges
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._shared: workers.Shared | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        folder = workers.folder()
        self._shared = None if folder is None else workers.Shared(folder)
        self._again()

    def stop(self) -> None:
        """No more; what was counted is left to the other workers."""
        if self._timer is not None:
            self._timer.cancel()
        self._share()

    def _again(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + EVERY
        self._timer = loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._metrics.loop_lag.observe(max(0.0, asyncio.get_running_loop().time() - self._due))
        self._share()
        self._again()

    def _share(self) -> None:
        if self._shared is not None:
            try:
                self._shared.write(self.here())
            except OSError as error:
                log.warning("the other workers do not learn what is counted here: %s", error)

    def here(self) -> Counted:
        """What this process counted."""
        return self._metrics.counted() | self._gauges() | {"taskhub_workers": {(): 1}} | _of_the_process()

    def text(self, accept: str) -> tuple[bytes, str]:
        """All workers' counts in the format of Prometheus that `accept` prefers, and its media type."""
        from prometheus_client.exposition import choose_encoder

        whole = [self.here()]
        # What is told here must not fall when this process is killed before its next second.
        self._share()
        if self._shared is not None:
            whole += self._shared.of_others()
        try:
            encoder, media_type = choose_encoder(accept)
        except TypeError:
            # It compares versions, also with words that are none.
            encoder, media_type = choose_encoder("")
        return encoder(_Collector(merged(whole, _RULES))), media_type


class _Collector:
    def __init__(self, counted: Counted) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        """What `prometheus_client` writes."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        for name, values in self._counted.items():
            figure = FIGURES.get(name)
            kind = figure.kind if figure else "counter" if name.endswith("_total") else "gauge"
            words = figure.help if figure else PROCESS.get(name, name)
            labels = figure.labels if figure else ()
            if kind == "histogram":
                histogram = HistogramMetricFamily(name, words, labels=labels)
                for of, value in values.items():
                    histogram.add_metric(of, *_buckets(value))
                yield histogram
                continue
            family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
            made = family(name, words, labels=labels)
            for of, value in values.items():
                assert not isinstance(value, tuple)
                made.add_metric(of, value)
            yield made


def _buckets(value: Value) -> tuple[list[tuple[str, float]], float]:
    assert isinstance(value, tuple)
    counts, total = value
    upto = 0.0
    found = []
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
        upto += count
        found.append((bound, upto))
    return found, total


#: The figures of the process itself, as prometheus_client takes them from the system.
PROCESS = {
    "process_cpu_seconds_total": "Seconds of processor time used",
    "process_resident_memory_bytes": "Bytes of memory in use",
    "process_virtual_memory_bytes": "Bytes of address space in use",
    "process_open_fds": "Open files and sockets",
    "process_max_fds": "How many there may be at most",
    "process_start_time_seconds": "When the oldest of the processes started, in seconds since 1970",
}


def _of_the_process() -> Counted:
    from prometheus_client import ProcessCollector

    found: dict[str, dict[Labels, Value]] = {}
    with contextlib.suppress(OSError):
        for family in ProcessCollector(registry=None).collect():
            for sample in family.samples:
                found[sample.name] = {(): sample.value}
    return found
