"""Bodies that arrive piece by piece: from asynchronous iterables and from files."""

from __future__ import annotations

import asyncio
import contextvars
import io
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from functools import update_wrapper
from typing import IO, Any, cast

from flask import stream_with_context as _flask_stream_with_context
from flask.globals import _cv_app, _cv_request

from .bridge import NotCarried, as_coroutine, await_, carried, carry, loop_runs_here

_FILE_CHUNK = 128 * 1024


async def _carried(awaitable: Awaitable[Any]) -> Any:
    return await carry(as_coroutine(awaitable))


class AsyncBody:
    """Stands in for an asynchronous iterable, as Flask and WSGI middleware know only synchronous ones.

    Iterating it waits for each piece: carried by the adapter on the server's loop; elsewhere (Flask's test
    client) on a loop of its own. Closing it closes the source: an asynchronous generator's `finally` runs.
    """

    def __init__(self, source: AsyncIterable[str | bytes]) -> None:
        self.source = aiter(source)
        self._runner: asyncio.Runner | None = None
        self._context: contextvars.Context | None = None
        self._closed = False

    def __iter__(self) -> Iterator[str | bytes]:
        return self

    def __next__(self) -> str | bytes:
        try:
            if carried():
                return await_(self.source.__anext__())
            return cast("str | bytes", self._wait_elsewhere(self.source.__anext__()))
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self) -> None:
        close = getattr(self.source, "aclose", None)
        if self._closed or close is None:
            return
        self._closed = True
        if carried():
            await_(close())
        else:
            self._wait_elsewhere(close())
            self._stop_runner()

    def _wait_elsewhere(self, awaitable: Awaitable[Any]) -> Any:
        if loop_runs_here():
            raise NotCarried
        if self._runner is None:
            self._runner, self._context = asyncio.Runner(), contextvars.copy_context()
        return self._runner.run(_carried(awaitable), context=self._context)

    def _stop_runner(self) -> None:
        if self._runner is not None:
            self._runner.close()
            self._runner = None


class FileBody:
    """The adapter's `wsgi.file_wrapper`: reads chunks in a thread, so that a slow disk stops nobody."""

    def __init__(self, file: IO[bytes], block_size: int = _FILE_CHUNK) -> None:
        self._file = file
        self._block_size = max(block_size, _FILE_CHUNK)
        self._in_memory = isinstance(file, io.BytesIO)

    def __iter__(self) -> FileBody:
        return self

    def __next__(self) -> bytes:
        if self._in_memory or not carried():
            data = self._file.read(self._block_size)
        else:
            data = await_(asyncio.to_thread(self._file.read, self._block_size))
        if not data:
            raise StopIteration
        return data

    def seekable(self) -> bool:
        return hasattr(self._file, "seekable") and self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if hasattr(self._file, "close"):
            self._file.close()


def stream_with_context(generator_or_function: Any) -> Any:
    """Flask's `stream_with_context`, for asynchronous generators too.

    Wraps a generator, or decorates a generator function, so that `request`, `session` and `g` stay available
    while the response streams, after the view has returned. Like Flask's, it runs the teardown functions a
    second time when the stream ends. Raises RuntimeError outside a request.
    """
    if isinstance(generator_or_function, AsyncIterable):
        return _in_context(generator_or_function)
    if not callable(generator_or_function):
        return _flask_stream_with_context(generator_or_function)
    function = cast(Callable[..., Any], generator_or_function)

    def decorated(*args: Any, **kwargs: Any) -> Any:
        return stream_with_context(function(*args, **kwargs))

    return update_wrapper(decorated, function)


def _in_context(source: AsyncIterable[Any]) -> AsyncIterator[Any]:
    request_context = _cv_request.get(None)
    if request_context is None:
        raise RuntimeError("'stream_with_context' works only while a request is handled, as in a view.")
    app_context = _cv_app.get()

    async def generator() -> AsyncIterator[Any]:
        with app_context, request_context:
            try:
                async for piece in source:
                    yield piece
            finally:
                close = getattr(source, "aclose", None)
                if close is not None:
                    await close()

    return generator()
