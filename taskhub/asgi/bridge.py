"""Let synchronous code wait for asynchronous code on the event loop it runs on, without a thread.

A call made through `carry` runs in a greenlet. Where synchronous code in it calls `await_`, the coroutine is
driven right there, on the greenlet's own stack; only when it really has to wait does the greenlet step aside,
and the task that carries it hands the awaited future to the loop. A coroutine that never waits costs no
switch at all, and calls nest: an `async def` view may call a synchronous function that awaits again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from types import CoroutineType, coroutine
from typing import Any, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]

T = TypeVar("T")


class NotCarried(RuntimeError):
    """Synchronous code tried to wait where nothing can step aside for it."""

    def __init__(self) -> None:
        super().__init__(
            "Cannot wait for a coroutine here: this code runs on the event loop, but not inside a request "
            "that the adapter carries (a task of its own, perhaps?). Await it directly, or do it in the view."
        )


class _Carrier(greenlet):  # type: ignore[misc]
    """A greenlet that runs one coroutine after another; its parent is the greenlet that drives it just now.

    Making one costs more than ten times as much as switching to it, so each thread keeps some that are idle.
    """

    done = False
    error: BaseException | None = None

    def run(self, coro: Coroutine[Any, Any, Any] | None) -> None:
        while True:
            result = None
            try:
                result = _drive(cast("Coroutine[Any, Any, Any]", coro), self)
            except GreenletExit:
                raise
            except BaseException as error:
                self.error = error
            self.done, coro = True, None
            coro = self.parent.switch(result)


class _Idle(threading.local):
    def __init__(self) -> None:
        self.carriers: list[_Carrier] = []


_idle = _Idle()
_MOST_IDLE = 64


def carried() -> bool:
    """Whether the running code may call `await_`."""
    return type(getcurrent()) is _Carrier


def await_(awaitable: Awaitable[T]) -> T:
    """Wait for `awaitable` from synchronous code and return its result.

    Works in everything the adapter calls for a request: views, hooks, error handlers, template functions,
    extensions' callbacks, generators that stream. Elsewhere (a task made by `asyncio.create_task`, a thread)
    it raises `NotCarried`.
    """
    current = getcurrent()
    if type(current) is not _Carrier:
        if isinstance(awaitable, CoroutineType):
            awaitable.close()
        raise NotCarried
    if type(awaitable) in _DRIVABLE:
        return _drive(cast("Coroutine[Any, Any, T]", awaitable), current)
    return _drive(as_coroutine(awaitable), current)


async def as_coroutine(awaitable: Awaitable[T]) -> T:
    """A coroutine that awaits `awaitable`."""
    return await awaitable


async def _generator() -> AsyncIterator[None]:
    yield


def _types(*unused: Any) -> Iterator[type]:
    for one in unused:
        one.close()  # else Python 3.13 warns that it was not awaited
        yield type(one)


_DRIVABLE = frozenset((CoroutineType, *_types(_generator().__anext__(), _generator().aclose())))  # type: ignore[attr-defined]


def _drive(coro: Coroutine[Any, Any, T], carrier: Any) -> T:
    try:
        waits_for = coro.send(None)
        while True:
            try:
                carrier.parent.switch(waits_for)
            except BaseException as error:
                waits_for = coro.throw(error)
            else:
                waits_for = coro.send(None)
    except StopIteration as done:
        return cast(T, done.value)


@coroutine
def carry(
    coro: Coroutine[Any, Any, T],
    first_wait: Callable[[], None] | None = None,
    instead: Callable[[BaseException], BaseException] | None = None,
) -> Generator[Any, None, T]:
    """Run `coro` so that the synchronous code it calls may `await_`.

    `first_wait` is called once, when the call has to wait for the first time. `instead` gives what `coro` gets in
    place of what is raised where it waits: a cancellation, for instance.
    """
    driver = getcurrent()
    idle = _idle.carriers
    carrier = idle.pop() if idle else _Carrier()
    # One context for the task and the greenlet: what Flask keeps in context variables is seen by both.
    carrier.gr_context = driver.gr_context
    carrier.done = False
    _reparent(carrier)
    waits_for = carrier.switch(coro)
    if not carrier.done and first_wait is not None:
        first_wait()
    while not carrier.done:
        try:
            yield waits_for
        except BaseException as error:
            _reparent(carrier)
            waits_for = carrier.throw(error if instead is None else instead(error))
        else:
            _reparent(carrier)
            waits_for = carrier.switch()
    carrier.gr_context = None
    if len(idle) < _MOST_IDLE:
        idle.append(carrier)
    failed, carrier.error = carrier.error, None
    if failed is not None:
        try:
            raise failed
        finally:
            failed = None  # a frame that keeps its own traceback is a cycle
    return cast(T, waits_for)


def _reparent(carrier: Any) -> None:
    # An eagerly started task makes its first step on another greenlet than its later ones.
    driver = getcurrent()
    if carrier.parent is not driver:
        carrier.parent = driver


def loop_runs_here() -> bool:
    """Whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
