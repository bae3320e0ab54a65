"""The Flask side of the adapter: what a Flask subclass needs to run on the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from .bridge import NotCarried, await_, carried, loop_runs_here
from .stream import AsyncBody

REFUSAL = "asgi.refusal"
"""The environ key of the HTTPException with which the adapter refused a request before the view."""

LIVE = "asgi.live"
"""The environ key of the AsyncBody that the response streams; its head is sent at once."""

SOCKET = "asgi.websocket"
"""The environ key of the connection's WebSocket."""

_LEAVES_BODIES = "asgi_leaves_bodies"

WsgiApp = TypeVar("WsgiApp", bound=Callable[..., Any])


def leaves_bodies(wsgi_app: WsgiApp) -> WsgiApp:
    """Mark a `wsgi_app` of your Flask class that returns what Flask's own returns, as it is.

    Streams then go past the iterators that Werkzeug puts around them, as they do where `wsgi_app` is Flask's own.
    """
    setattr(wsgi_app, _LEAVES_BODIES, True)
    return wsgi_app


def is_plain(app: Flask) -> bool:
    """Whether no WSGI middleware, or `wsgi_app` of a subclass, can have changed what Flask's response yields."""
    wsgi_app = type(app).wsgi_app
    return "wsgi_app" not in app.__dict__ and (wsgi_app is Flask.wsgi_app or hasattr(wsgi_app, _LEAVES_BODIES))


class OnLoop(Flask):
    """Mixin for a Flask class whose asynchronous parts run on the server's event loop, without a thread::

        class App(OnLoop, Flask): ...
        app = App(__name__)
        application = asgi_app(app)

    `async def` views, before/after/teardown functions, error handlers and signal receivers run in the task of
    their request. A view may return an asynchronous generator, or a response over one. Outside `asgi_app`
    (the test client, the CLI) Flask's own way is taken: a loop in a thread, which `Flask[async]` brings.
    """

    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        return partial(self._wait_for, func)

    def _wait_for(self, func: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any) -> Any:
        if carried():
            return await_(func(*args, **kwargs))
        if loop_runs_here():
            raise NotCarried
        return super().async_to_sync(func)(*args, **kwargs)

    def make_response(self, rv: ResponseReturnValue) -> Response:
        if isinstance(rv, AsyncIterable):
            rv = self.response_class(rv)  # type: ignore[arg-type]
        elif isinstance(rv, tuple) and rv and isinstance(rv[0], AsyncIterable):
            rv = (self.response_class(rv[0]), *rv[1:])  # type: ignore[arg-type]
        response = super().make_response(rv)
        body = response.response
        if isinstance(body, AsyncIterable):
            response.response = AsyncBody(body)  # type: ignore[assignment]
        return response

    def finalize_request(self, rv: ResponseReturnValue | HTTPException, from_error_handler: bool = False) -> Response:
        response = super().finalize_request(rv, from_error_handler)
        body: object = response.response
        if isinstance(body, AsyncBody):
            request_ctx.request.environ[LIVE] = body
        return response

    def dispatch_request(self) -> ResponseReturnValue:
        refusal = request_ctx.request.environ.get(REFUSAL)
        if refusal is not None:
            raise refusal
        return super().dispatch_request()
