"""From an ASGI scope to a WSGI environ (PEP 3333), byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import unquote, unquote_to_bytes

from .types import Scope

Environ: TypeAlias = dict[str, Any]

_names: dict[bytes, str | None] = {
    b"content-type": "CONTENT_TYPE",
    b"content-length": "CONTENT_LENGTH",
    b"cookie": "HTTP_COOKIE",
}
_MOST_NAMES = 1000


def _environ_name(header: bytes) -> str | None:
    # "X_Forwarded_For" and "X-Forwarded-For" would be one name in the environ: what a proxy sets could be
    # forged, so names with an underscore are dropped, as nginx and gunicorn do.
    name = None if b"_" in header else "HTTP_" + header.decode("latin-1").upper().replace("-", "_")
    if len(_names) < _MOST_NAMES:
        _names[header] = name
    return name


def build_environ(scope: Scope, stream: Any, file_wrapper: Callable[..., Any]) -> Environ:
    """The environ of an `http` or `websocket` scope; `stream` becomes `wsgi.input` and ends by itself.

    Bytes survive: PATH_INFO is percent-decoded from `raw_path`, so a path that is not UTF-8 stays what it
    was; RAW_URI and REQUEST_URI hold the target as the client sent it; repeated headers are joined by a
    comma, cookies by a semicolon.
    """
    websocket = scope["type"] == "websocket"
    path, root, raw = _paths(scope)
    query: str = scope["query_string"].decode("latin-1")
    scheme: str = scope.get("scheme") or "http"
    if websocket:
        scheme = "https" if scheme == "wss" else "http"
    target = f"{raw}?{query}" if query else raw
    environ: Environ = {
        "REQUEST_METHOD": "GET" if websocket else scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_PROTOCOL": "HTTP/" + scope["http_version"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": file_wrapper,
        "asgi.scope": scope,
    }
    server = scope.get("server")
    if server is not None and server[1] is not None:
        environ["SERVER_NAME"] = server[0]
        environ["SERVER_PORT"] = str(server[1])
    else:
        environ["SERVER_NAME"] = "localhost"
        environ["SERVER_PORT"] = "443" if scheme == "https" else "80"
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"] = client[0]
        environ["REMOTE_PORT"] = str(client[1])
    for header, value in scope["headers"]:
        try:
            name = _names[header]
        except KeyError:
            name = _environ_name(header)
        if name is None:
            continue
        text = value.decode("latin-1")
        if name in environ:
            text = environ[name] + ("; " if name == "HTTP_COOKIE" else ",") + text
        environ[name] = text
    if websocket:
        # HTTP/2 has no Upgrade header (RFC 8441), but Werkzeug tells a WebSocket by it.
        environ["HTTP_CONNECTION"] = "Upgrade"
        environ["HTTP_UPGRADE"] = "websocket"
    return environ


def _paths(scope: Scope) -> tuple[str, str, str]:
    """PATH_INFO, SCRIPT_NAME (bytes as latin-1, as PEP 3333 wants them) and the target's path as sent."""
    decoded: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        path = decoded.encode().decode("latin-1")
        sent = path
    elif b"%" not in raw:
        path = decoded if decoded.isascii() else decoded.encode().decode("latin-1")
        sent = raw.decode("latin-1")
    else:
        sent = raw.decode("latin-1")
        # A middleware that rewrites `path` may leave `raw_path` as it was.
        agrees = unquote(sent) == decoded
        path = (unquote_to_bytes(raw) if agrees else decoded.encode()).decode("latin-1")
    root: str = scope.get("root_path") or ""
    if root:
        root = root.rstrip("/").encode().decode("latin-1")
        if path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
            path = path[len(root) :]
    return path, root, sent
