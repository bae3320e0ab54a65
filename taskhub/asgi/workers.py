"""Several processes that serve one listening socket, made by `fork` and kept alive by their parent.

The parent serves nothing itself. A worker that ends without being asked to is made anew, at once where it had worked
for a while, else after a wait that doubles; until then what connects waits in the socket's queue, or the other
workers take it. One that gives no sign of life for long, as its event loop hangs, is killed. A worker whose parent is
gone ends as if it had been asked to, and where that does not end it, all the same.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

log = logging.getLogger(__name__)

STOP_WITHIN = 15.0
"""Seconds after which a worker that was asked to end, and did not, is killed."""

SETTLED = 10.0
"""Seconds of work after which the end of a worker is no sign that the next one will end as well."""

SHORTEST_WAIT, LONGEST_WAIT = 0.5, 15.0
"""Seconds until the next worker is made, where workers end soon after their start."""

BEAT = 1.0
"""Seconds between two signs of life of a worker that serves."""

SILENCE = 30.0
"""Seconds without a sign after which a worker that serves is killed."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Work = Callable[[Callable[[], None], int], int]
"""What a worker does: it is called with a function to call when it serves and each `BEAT` seconds from then, and with a
file descriptor that becomes readable when the parent is gone; its answer is the exit status.
"""


@dataclass(eq=False)
class _Worker:
    pid: int
    voice: int
    """Read end of a pipe: a byte when the worker serves and at each sign of life, the end when it has ended."""
    serves_since: float | None = None
    heard_at: float = 0.0
    must_end_by: float | None = None


class Workers:
    """`count` processes that do `work`; `run` returns when all have ended.

    `ready` is called when the first of them serves, `ended` with the process id of each one that has ended. One that
    has served and gives no sign of life for `silence` seconds is killed.
    """

    def __init__(
        self,
        count: int,
        work: Work,
        *,
        ready: Callable[[], Any] | None = None,
        ended: Callable[[int], Any] | None = None,
        silence: float = SILENCE,
    ) -> None:
        self._silence = silence
        self._count = count
        self._work = work
        self._ready = ready
        self._ended = ended
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()
        self._asked: list[int] = []
        self._stopping = False
        self._served = False
        self._status = 0
        # Ends of workers in a row that came soon after their start, and when the next may be made.
        self._failures = 0
        self._next_start = 0.0
        # Who is to be replaced, one after another, and who is to take the place of the first.
        self._old: list[_Worker] = []
        self._fresh: _Worker | None = None

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; SIGHUP makes all workers anew, one after another.

        The exit status: 0; that of the first worker where none could start; 1 where some had to be killed.
        """
        # What is loaded by now stays in memory that all of them share, as long as no garbage collector touches it.
        gc.collect()
        gc.freeze()
        gone, lifeline = os.pipe()
        self._fds = (gone, lifeline)
        try:
            with self._signals():
                self._loop()
        finally:
            os.close(gone)
            os.close(lifeline)
            self._selector.close()
        return self._status

    def _loop(self) -> None:
        looked_at = time.monotonic()
        while self._workers or not self._stopping:
            self._make_missing()
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    os.read(key.fd, 64)
                else:
                    self._hear(key.data)
            while self._asked:
                self._obey(self._asked.pop(0))
            self._kill_late()
            self._kill_silent(looked_at)
            looked_at = time.monotonic()

    def _patience(self) -> float | None:
        """Seconds until there is something to do even though nothing happens."""
        moments = [worker.must_end_by for worker in self._workers if worker.must_end_by is not None]
        if not self._stopping and len(self._working()) < self._count:
            moments.append(self._next_start)
        if self._watched():
            moments.append(time.monotonic() + self._silence / 4)
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _working(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.must_end_by is None]

    def _watched(self) -> list[_Worker]:
        return [worker for worker in self._working() if worker.serves_since is not None]

    def _make_missing(self) -> None:
        if self._stopping:
            return
        if time.monotonic() >= self._next_start:
            for _ in range(self._count - len(self._working())):
                self._make()
        if self._old and self._fresh is None and all(worker.must_end_by is None for worker in self._workers):
            self._fresh = self._make()

    def _make(self) -> _Worker:
        voice, said = os.pipe()
        os.set_blocking(said, False)
        # Until it has handlers of its own a signal would set what the parent looks at, in a copy.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_worker(voice, said)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(said)
        worker = _Worker(pid, voice)
        self._workers.append(worker)
        self._selector.register(voice, selectors.EVENT_READ, worker)
        return worker

    def _be_worker(self, voice: int, said: int) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN if number == signal.SIGHUP else signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            gone, lifeline = self._fds
            for fd in (lifeline, voice, *(worker.voice for worker in self._workers)):
                os.close(fd)
            self._selector.close()
            threading.Thread(target=_end_after, args=(gone,), name="parent", daemon=True).start()
            status = self._work(lambda: _say(said), gone)
        except BaseException:
            log.exception("A worker could not start")
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            # Not by an exception: it would end what the parent has begun.
            os._exit(status)

    def _hear(self, worker: _Worker) -> None:
        if os.read(worker.voice, 64):
            worker.heard_at = time.monotonic()
            if worker.serves_since is not None:
                return
            worker.serves_since = worker.heard_at
            if not self._served:
                self._served = True
                if self._ready is not None:
                    self._ready()
            if worker is self._fresh:
                self._fresh = None
                if self._old:
                    self._end(self._old.pop(0))
            return
        self._selector.unregister(worker.voice)
        os.close(worker.voice)
        self._workers.remove(worker)
        _, status = os.waitpid(worker.pid, 0)
        if self._ended is not None:
            self._ended(worker.pid)
        if worker.must_end_by is None:
            self._lost(worker, os.waitstatus_to_exitcode(status))

    def _lost(self, worker: _Worker, status: int) -> None:
        if worker in self._old:
            self._old.remove(worker)
        if status > 0 and not self._served:
            # The first ones: the operator is there to see it, and another would end in the same way.
            self._status = status
            self._stop()
            return
        how = f"was ended by {_name(-status)}" if status < 0 else f"ended with status {status}"
        if worker is self._fresh:
            self._fresh = None
            self._old.clear()
            log.error("The new worker %d %s; the others stay as they are.", worker.pid, how)
            return
        settled = worker.serves_since is not None and time.monotonic() - worker.serves_since >= SETTLED
        self._failures = 0 if settled else self._failures + 1
        wait = min(SHORTEST_WAIT * 2 ** (self._failures - 1), LONGEST_WAIT) if self._failures else 0.0
        self._next_start = time.monotonic() + wait
        log.error("Worker %d %s; another takes its place in %g s.", worker.pid, how, wait)

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP:
            if not self._stopping and not self._old:
                self._old = self._working()
        else:
            self._stop()

    def _stop(self) -> None:
        self._stopping = True
        self._old.clear()
        for worker in self._working():
            self._end(worker)

    def _end(self, worker: _Worker) -> None:
        worker.must_end_by = time.monotonic() + STOP_WITHIN
        os.kill(worker.pid, signal.SIGTERM)

    def _kill_late(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.must_end_by is not None and worker.must_end_by <= now:
                worker.must_end_by = now + STOP_WITHIN
                self._status = self._status or 1
                log.error("Worker %d did not end in %g s and is killed.", worker.pid, STOP_WITHIN)
                os.kill(worker.pid, signal.SIGKILL)

    def _kill_silent(self, looked_at: float) -> None:
        now = time.monotonic()
        # Who was stopped itself for that long, maybe with all of them, has not listened.
        deaf = now - looked_at >= self._silence / 2
        for worker in self._watched():
            if deaf:
                worker.heard_at = now
            elif now - worker.heard_at >= self._silence:
                worker.heard_at = now
                log.error("Worker %d gave no sign of life for %g s and is killed.", worker.pid, self._silence)
                os.kill(worker.pid, signal.SIGKILL)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        heard, wake = os.pipe()
        os.set_blocking(wake, False)
        self._selector.register(heard, selectors.EVENT_READ, None)
        former = {number: signal.signal(number, lambda number, _: self._asked.append(number)) for number in _SIGNALS}
        former_wake = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former_wake)
            for number, handler in former.items():
                signal.signal(number, handler)
            os.close(heard)
            os.close(wake)


def _end_after(gone: int) -> None:
    """Wait for the parent's end; then, in time for who ends in order, end this process whatever else it does."""
    with selectors.DefaultSelector() as selector:
        selector.register(gone, selectors.EVENT_READ)
        selector.select()
    time.sleep(STOP_WITHIN)
    # What hangs may hold the log, or its reader does not read: the signal, which nobody handles, asks neither.
    signal.alarm(1)
    log.error("This worker did not end in %g s though its parent is gone; it ends now.", STOP_WITHIN)
    os._exit(1)


def _say(said: int) -> None:
    # Where nobody listens any more, the parent is gone: the worker is told of that in another way. Where nobody has
    # listened for long, there is enough to hear.
    with contextlib.suppress(BrokenPipeError, BlockingIOError):
        os.write(said, b"1")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
