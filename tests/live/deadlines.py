"""The deadlines that the product promises, on a machine that may have other things to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds within which a right taken away, or another process's event, has to show on a machine that has time.
SOON = 1.0
#: A piece of work (a few milliseconds), and how often it is done.
_WORK = range(300_000)
_EVERY = 0.03


def _piece() -> float:
    """Seconds that a piece of work takes now."""
    began = time.perf_counter()
    for _ in _WORK:
        pass
    return time.perf_counter() - began


# At its fastest: also on a busy machine one of many pieces is not interrupted.
_fastest = min(_piece() for _ in range(10))


class _Slowness:
    """How many times longer than at its fastest work takes here, measured beside what is tested."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._took = [_piece()]
        self._thread = threading.Thread(target=self._measure)
        self._thread.start()

    def _measure(self) -> None:
        while not self._over.wait(_EVERY):
            self._took.append(_piece())

    def end(self) -> float:
        """The mean so far, at least 1."""
        self._over.set()
        self._thread.join()
        return max(1.0, sum(self._took) / len(self._took) / _fastest)


@contextmanager
def soon(within: float = SOON) -> Iterator[None]:
    """What happens in here has to take less than `within` seconds.

    Where the machine is busy with other things it may take as many times longer as any work takes longer there.
    """
    slowness = _Slowness()
    began = time.monotonic()
    try:
        yield
    finally:
        took, times = time.monotonic() - began, slowness.end()
    assert took < within * times, f"{took:.2f} s, where {within} s are promised, on a machine {times:.1f} times slower"
