"""The Flask application that the adapter's tests talk to."""

from __future__ import annotations

import asyncio
import tempfile
from contextvars import ContextVar
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    get_flashed_messages,
    render_template_string,
    request,
    send_file,
    session,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from taskhub.asgi import OnLoop, asgi_app, await_

from .journal import journal, note
from .sockets import blueprint as sockets_blueprint
from .sockets import sock
from .streams import blueprint as streams_blueprint

MAX_BODY = 2_000_000


class App(OnLoop, Flask):
    pass


app = App(__name__)
app.secret_key = "for tests"
app.register_blueprint(journal)
owner: ContextVar[str] = ContextVar("owner")


class Teapot(Exception):
    pass


class Kettle(Exception):
    pass


# --- hooks and error handlers


@app.before_request
async def count_in() -> ResponseReturnValue | None:
    await asyncio.sleep(0)
    g.steps = ["before"]
    if request.headers.get("X-Refuse"):
        return "refused", 403
    return None


@app.after_request
async def mark(response: Response) -> Response:
    await asyncio.sleep(0)
    response.headers["X-Steps"] = ",".join(g.get("steps", ()))
    return response


@app.teardown_request
async def torn_down(error: BaseException | None) -> None:
    await asyncio.sleep(0)
    if mark := request.args.get("mark"):
        note(f"teardown {mark} {type(error).__name__}")


@app.errorhandler(Teapot)
async def teapot(error: Teapot) -> ResponseReturnValue:
    await asyncio.sleep(0)
    return {"error": "teapot"}, 418


@app.errorhandler(Kettle)
def kettle(error: Kettle) -> ResponseReturnValue:
    return {"error": "kettle"}, 409


@app.errorhandler(HTTPException)
def problem(error: HTTPException) -> ResponseReturnValue:
    return {"status": error.code, "detail": error.description}, error.code or 500


# --- views


@app.get("/sync")
def sync_view() -> str:
    g.steps.append("view")
    return "sync"


@app.get("/async")
async def async_view() -> str:
    await asyncio.sleep(0.001)
    g.steps.append("view")
    return f"async in {asyncio.current_task() is not None}"


@app.get("/bridged")
def bridged() -> str:
    """A synchronous view waits, and so does a synchronous function below an asynchronous one."""

    def inner() -> str:
        return await_(asyncio.sleep(0.001, "inner"))

    async def outer() -> str:
        await asyncio.sleep(0.001)
        return "outer " + inner()

    return await_(outer())


@app.get("/from-a-task")
async def from_a_task() -> ResponseReturnValue:
    async def work() -> str:
        try:
            return await_(asyncio.sleep(0, "waited"))
        except RuntimeError as error:
            return str(error)

    return await asyncio.create_task(work())


@app.get("/raise/<name>")
async def raising(name: str) -> str:
    await asyncio.sleep(0)
    raise {"teapot": Teapot, "kettle": Kettle}.get(name, ZeroDivisionError)(name)


@app.get("/raise-sync/<name>")
def raising_sync(name: str) -> str:
    raise {"teapot": Teapot, "kettle": Kettle}.get(name, ZeroDivisionError)(name)


@app.get("/abort/<int:code>")
async def aborting(code: int) -> str:
    await asyncio.sleep(0)
    abort(code, "as asked")


@app.get("/interleave/<name>")
async def interleave(name: str) -> ResponseReturnValue:
    """Nothing of another request may show between any two waits."""
    g.owner = name
    owner.set(name)
    for _ in range(20):
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        seen = (g.owner, owner.get(), request.path, request.args["n"])
        if seen != (name, name, f"/interleave/{name}", name):
            return f"{name} saw {seen}", 500
    return name


@app.get("/clean")
def clean() -> ResponseReturnValue:
    """Whether this request started without what an earlier one on its connection left behind."""
    return {"owner": owner.get(""), "g": g.get("owner", "")}


@app.post("/login")
async def login() -> str:
    session["name"] = request.form["name"]
    flash("Welcome, " + request.form["name"])
    return "ok"


@app.get("/whoami")
async def whoami() -> ResponseReturnValue:
    return {"name": session.get("name"), "flashes": get_flashed_messages()}


@app.get("/template")
async def template() -> str:
    return render_template_string("{{ request.path }} {{ g.steps[0] }} {{ config.SECRET_KEY }}")


nested = Blueprint("nested", __name__, url_prefix="/nested")


@nested.before_request
async def nested_before() -> None:
    g.steps.append("nested")


@nested.get("/<int:number>")
async def nested_view(number: int) -> ResponseReturnValue:
    return {"number": number, "endpoint": request.endpoint}


@nested.errorhandler(Kettle)
async def nested_kettle(error: Kettle) -> ResponseReturnValue:
    return "nested kettle", 410


@nested.get("/kettle")
async def nested_raising() -> str:
    raise Kettle


app.register_blueprint(nested)


@app.route("/echo", methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@app.route("/echo/<path:rest>", methods=["GET", "POST"])
async def echo(rest: str = "") -> ResponseReturnValue:
    """The request, as Flask sees it."""
    return {
        "method": request.method,
        "path": request.path,
        "path_bytes": request.environ["PATH_INFO"].encode("latin-1").hex(),
        "root": request.script_root,
        "url": request.url,
        "uri": request.environ["REQUEST_URI"],
        "query": request.query_string.decode("latin-1"),
        "args": request.args.to_dict(flat=False),
        "headers": dict(request.headers.items()),
        "cookies": request.cookies.to_dict(flat=False),
        "remote": request.remote_addr,
        "scheme": request.scheme,
        "body": request.get_data().hex(),
    }


@app.post("/size")
async def size() -> ResponseReturnValue:
    data = request.get_data(cache=False)
    stream = request.environ["wsgi.input"]
    return {"size": len(data), "file": hasattr(stream, "fileno") and type(stream).__name__ != "BytesIO"}


@app.post("/upload")
def upload() -> ResponseReturnValue:
    file = request.files["file"]
    return {"name": file.filename, "size": len(file.read()), "title": request.form["title"]}


@app.get("/answer/<kind>")
def answer(kind: str) -> ResponseReturnValue:
    response = Response("a body")
    if kind == "empty":
        response = Response(b"")
    elif kind == "no-content":
        response = Response(status=204)
    elif kind == "not-modified":
        response.set_etag("one")
        response.make_conditional(request)
    elif kind == "headers":
        response.headers["X-Latin"] = "caf\xe9"
        response.headers.add("X-Twice", "1")
        response.headers.add("X-Twice", "2")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
    elif kind == "control":
        response.headers["X-Control"] = "a\x01b"
    elif kind == "beyond-latin":
        response.headers["X-Word"] = "\u8a5e"
    elif kind == "short":
        response.headers["Content-Length"] = "20"
    elif kind == "long":
        response.headers["Content-Length"] = "3"
    return response


_big = Path(tempfile.mkdtemp(prefix="asgi-tests-")) / "big.bin"
BIG = bytes(range(256)) * 4096
_big.write_bytes(BIG)


@app.get("/file")
def file() -> Response:
    return send_file(_big, conditional=True, etag=True)


sock.init_app(app)
app.register_blueprint(sockets_blueprint)
app.register_blueprint(streams_blueprint)

application = asgi_app(app, max_body=MAX_BODY, body_timeout=1.0, send_timeout=2.0)
