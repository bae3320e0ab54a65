"""Synchronous code waits for asynchronous code within one task."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import AsyncIterator

import pytest

from taskhub.asgi import NotCarried, await_
from taskhub.asgi.bridge import carry


async def later(value: str) -> str:
    await asyncio.sleep(0)
    return value


async def test_coroutines_futures_and_generators() -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    async def work() -> list[object]:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, "future")
        source = numbers()
        got: list[object] = [await_(later("coroutine")), await_(future), await_(asyncio.sleep(0, "sleep"))]
        got += [await_(anext(source)), await_(asyncio.create_task(later("task")))]
        return got

    assert await carry(work()) == ["coroutine", "future", "sleep", 0, "task"]


async def test_the_first_wait_is_told_once() -> None:
    told: list[str] = []

    async def still() -> str:
        return await_(later_without_waiting())

    async def later_without_waiting() -> str:
        return "at once"

    assert await carry(still(), lambda: told.append("waits")) == "at once"
    assert told == []

    async def waiting() -> str:
        await_(later("x"))
        return await_(later("y"))

    assert await carry(waiting(), lambda: told.append("waits")) == "y"
    assert told == ["waits"]


async def test_an_error_passes_through_every_level() -> None:
    async def failing() -> None:
        await asyncio.sleep(0)
        raise KeyError("deep")

    def synchronous() -> None:
        await_(failing())

    async def outer() -> None:
        synchronous()

    for _ in range(3):
        with pytest.raises(KeyError, match="deep"):
            await carry(outer())
    assert await carry(later("and works again")) == "and works again"


async def test_cancellation_reaches_the_deepest_wait_and_is_cleaned_up() -> None:
    steps: list[str] = []

    async def deep() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("deep")

    def synchronous() -> None:
        try:
            await_(deep())
        finally:
            await_(asyncio.sleep(0))
            steps.append("synchronous")

    async def outer() -> None:
        try:
            synchronous()
        except asyncio.CancelledError:
            steps.append("outer")
            raise

    task = asyncio.ensure_future(as_task(outer()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["deep", "synchronous", "outer"]


async def as_task(coro: object) -> object:
    return await carry(coro)  # type: ignore[arg-type]


async def test_timeouts_and_task_groups_work_inside() -> None:
    async def work() -> str:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await_(asyncio.sleep(10))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(later("grouped"))
        return task.result()

    assert await carry(work()) == "grouped"


async def test_contexts_are_those_of_the_task() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    async def work(name: str) -> None:
        variable.set(name)
        for _ in range(10):
            await_(later(""))
            assert variable.get() == name
            await later("")
            assert variable.get() == name

    await asyncio.gather(*(as_task(work(str(number))) for number in range(64)))
    assert variable.get("untouched") == "untouched"


async def test_nested_calls_each_have_their_own_greenlet() -> None:
    async def inner() -> str:
        return await_(later("inner"))

    async def outer() -> str:
        return await carry(inner()) + await_(carry_it(inner()))

    async def carry_it(coro: object) -> str:
        return await carry(coro)  # type: ignore[arg-type]

    assert await carry(outer()) == "innerinner"


async def test_outside_it_says_so_and_leaves_no_coroutine_behind() -> None:
    with pytest.raises(NotCarried, match="Await it directly"):
        await_(later("never"))
    gc.collect()


def test_a_call_that_is_given_up_is_unwound() -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            await_(asyncio.sleep(0))
        finally:
            steps.append("unwound")

    coro = as_task(work())
    coro.send(None)
    coro.close()
    assert steps == ["unwound"]
