"""Bodies that arrive piece by piece: from asynchronous iterables and from files."""

from __future__ import annotations

import asyncio
import contextvars
import io
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from functools import update_wrapper
from typing import IO, Any, cast

from flask import stream_with_context as _flask_stream_with_context
from flask.globals import _cv_app, _cv_request
from flask.wrappers import Response

from .bridge import await_, carried

_FILE_CHUNK = 128 * 1024


class AsyncBody:
    """Stands in a response for an asynchronous iterable, as Flask and WSGI middleware know only synchronous ones.

    The adapter iterates it asynchronously. Any other reader (Flask's test client, `response.get_data()`) may
    iterate it synchronously: carried by the adapter it waits on the loop, elsewhere on a loop of its own.
    """

    def __init__(self, source: AsyncIterable[str | bytes], response: Response) -> None:
        self._source = aiter(source)
        self._response: Response | None = response
        self._runner: asyncio.Runner | None = None
        self._context: contextvars.Context | None = None

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self._source

    async def aclose(self) -> None:
        """Close the source (its `finally` runs), then the response."""
        try:
            close = getattr(self._source, "aclose", None)
            if close is not None:
                await close()
        finally:
            response, self._response = self._response, None
            if response is not None:
                response.close()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = self._wait(self._step())
        except StopAsyncIteration:
            raise StopIteration from None
        return piece.encode() if isinstance(piece, str) else piece

    async def _step(self) -> str | bytes:
        return await anext(self._source)

    def close(self) -> None:
        if self._response is None:
            return
        self._wait(self.aclose())
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def _wait(self, coro: Any) -> Any:
        if carried():
            return await_(coro)
        if self._runner is None:
            self._runner, self._context = asyncio.Runner(), contextvars.copy_context()
        return self._runner.run(coro, context=self._context)


class FileBody:
    """The adapter's `wsgi.file_wrapper`: reads a file's chunks in a thread, so that a slow disk stops nobody."""

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
