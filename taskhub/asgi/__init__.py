"""Flask on an ASGI server: on its event loop, with WebSockets, streaming and a clean stop.

::

    class App(OnLoop, Flask): ...

    app = App(__name__)
    sock = Sock(app)

    @app.get("/")
    async def index() -> str: ...

    @sock.route("/echo")
    async def echo(ws: WebSocket) -> None: ...

    application = asgi_app(app)     # uvicorn module:application

docs/flask-on-asgi.md says how it works and what differs from Flask on WSGI.
"""

from .application import BODY_TIMEOUT, GRACE, MAX_BODY, SEND_TIMEOUT, asgi_app
from .bridge import NotCarried, await_
from .observer import Observer
from .onloop import OnLoop, leaves_bodies
from .stream import stream_with_context
from .websocket import ConnectionClosed, Sock, WebSocket

__all__ = [
    "BODY_TIMEOUT",
    "GRACE",
    "MAX_BODY",
    "SEND_TIMEOUT",
    "ConnectionClosed",
    "NotCarried",
    "Observer",
    "OnLoop",
    "Sock",
    "WebSocket",
    "asgi_app",
    "await_",
    "leaves_bodies",
    "stream_with_context",
]
