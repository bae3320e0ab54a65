"""One representative request for every route, an instance to send them to, and what they ask of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from fractional_indexing import generate_n_keys_between

from taskhub import clock
from taskhub.api import SESSION_COOKIE
from taskhub.app import create_app
from taskhub.asgi import asgi_app
from taskhub.command import Caller
from taskhub.comments import commands as comments
from taskhub.config import Settings
from taskhub.notifications.pruning import prune
from taskhub.notifications.reading import read_after
from taskhub.notifications.schedule import tell_due
from taskhub.people.model import Identity, User, users
from taskhub.people.queries import by
from taskhub.projects.commands import add_member_row
from taskhub.projects.model import Role
from taskhub.tasks import commands as tasks
from taskhub.unit import Unit
from tests.clients import PASSWORD, Client
from tests.databases import Database

Call = tuple[str, str]

#: (method, route) → the body (of pages: the form; of a GET: the query), and the most statements that it may take on
#: either database. In this order: what takes things away comes last. What the words in capitals stand for `World.body`
#: says. To find out whom a change concerns takes one statement; what it takes to tell them
#: tests/notifications/test_cost.py counts.
REQUESTS: dict[Call, tuple[Any, int]] = {
    ("GET", "/healthz"): (None, 0),
    ("GET", "/readyz"): (None, 1),
    ("GET", "/"): (None, 3),
    ("GET", "/mine"): (None, 3),
    ("GET", "/inbox"): (None, 3),
    ("GET", "/overview"): (None, 3),
    ("GET", "/import"): (None, 3),
    ("GET", "/admin/doctor"): (None, 3),
    ("GET", "/offline"): (None, 1),
    # The board stands in the page.
    ("GET", "/p/<key>"): (None, 9),
    ("GET", "/p/<key>/t/<int:number>"): (None, 4),
    ("GET", "/p/<key>/new/<temporary>"): (None, 4),
    ("GET", "/p/<key>/settings"): (None, 4),
    ("GET", "/p/<key>/settings/<any(general, members, labels, workflow):tab>"): (None, 4),
    ("GET", "/p/<key>/dashboard"): (None, 4),
    ("GET", "/shell"): (None, 0),
    ("GET", "/wall/<secret>"): (None, 0),
    ("GET", "/invite/<secret>"): (None, 3),
    ("GET", "/api/v1/openapi.json"): (None, 1),
    ("GET", "/api/v1/asyncapi.json"): (None, 1),
    ("GET", "/api/v1/docs"): (None, 1),
    ("GET", "/api/v1/probe"): (None, 1),
    ("GET", "/api/v1/me"): (None, 1),
    ("GET", "/api/v1/me/tasks"): (None, 3),
    ("GET", "/api/v1/me/overview"): (None, 10),
    ("GET", "/api/v1/search"): ({"q": "ta 7"}, 3),
    ("GET", "/api/v1/inbox"): (None, 3),
    ("GET", "/api/v1/inbox/mutes"): (None, 2),
    ("PUT", "/api/v1/inbox/mutes/<reason>"): (None, 2),
    ("DELETE", "/api/v1/inbox/mutes/<reason>"): (None, 2),
    ("PUT", "/api/v1/projects/<key>/mutes/<reason>"): (None, 3),
    ("DELETE", "/api/v1/projects/<key>/mutes/<reason>"): (None, 3),
    ("GET", "/api/v1/tasks/<ref>/watch"): (None, 5),
    ("PUT", "/api/v1/tasks/<ref>/watch"): (None, 5),
    ("DELETE", "/api/v1/tasks/<ref>/watch"): (None, 5),
    ("POST", "/api/v1/inbox/read"): ({"up_to": 1_000_000}, 5),
    ("POST", "/api/v1/inbox/unread"): ({"ids": ["none"]}, 5),
    ("GET", "/api/v1/projects"): (None, 2),
    ("GET", "/api/v1/projects/<key>"): (None, 2),
    ("GET", "/api/v1/projects/<key>/board"): (None, 7),
    ("GET", "/api/v1/projects/<key>/dashboard"): (None, 6),
    ("GET", "/api/v1/projects/<key>/wallboards"): (None, 2),
    # Who opens it, the note that it is used, and what it shows.
    ("GET", "/api/v1/wallboards/<wallboard_secret>"): (None, 4),
    ("GET", "/api/v1/projects/<key>/tasks"): (None, 4),
    ("GET", "/api/v1/projects/<key>/members"): (None, 3),
    ("GET", "/api/v1/projects/<key>/labels"): (None, 3),
    ("GET", "/api/v1/projects/<key>/invites"): (None, 3),
    ("GET", "/api/v1/projects/<key>/workflow"): (None, 2),
    ("GET", "/api/v1/projects/<key>/events"): (None, 3),
    ("GET", "/api/v1/tasks/<ref>"): (None, 4),
    ("GET", "/api/v1/tasks/<ref>/comments"): (None, 5),
    ("GET", "/api/v1/tasks/<ref>/events"): (None, 5),
    ("POST", "/api/v1/markdown"): ({"text": "*Hm*"}, 1),
    ("POST", "/api/v1/projects"): ({"key": "NEW", "name": "New"}, 11),
    ("POST", "/api/v1/demo"): ({}, 48),
    ("POST", "/api/v1/imports/trello"): ("BOARD", 29),
    ("POST", "/api/v1/projects/<key>/members"): ({"email": "newcomer@example.com"}, 13),
    ("PATCH", "/api/v1/projects/<key>/members/<user_id>"): ({"role": "viewer"}, 11),
    ("POST", "/api/v1/projects/<key>/wallboards"): ({"name": "Hall"}, 5),
    ("PATCH", "/api/v1/projects/<key>/wallboards/<wallboard_id>"): ({"titles": True}, 5),
    ("DELETE", "/api/v1/projects/<key>/wallboards/<wallboard_id>"): (None, 5),
    ("POST", "/api/v1/projects/<key>/labels"): ({"name": "New", "color": "red"}, 8),
    ("PATCH", "/api/v1/projects/<key>/labels/<label_id>"): ({"name": "Other", "base_version": "LABEL_MADE"}, 10),
    ("POST", "/api/v1/invites"): ({"project": "WEB", "email": "guest@example.com"}, 7),
    ("POST", "/api/v1/invites/accept"): ({"invite": "none"}, 2),
    ("POST", "/invite/<secret>"): ({}, 6),
    ("DELETE", "/api/v1/invites/<string(length=16):invite_id>"): (None, 3),
    ("POST", "/api/v1/projects/<key>/tasks"): ({"title": "A", "assignees": ["USER"], "labels": ["LABEL"]}, 14),
    ("PATCH", "/api/v1/tasks/<ref>"): ({"title": "B", "base_version": "TASK_MADE", "priority": "high"}, 10),
    ("POST", "/api/v1/tasks/<ref>/move"): ({"state": "doing", "before": "WEB-5"}, 11),
    ("POST", "/api/v1/tasks/<ref>/comments"): ({"body": "Hm"}, 10),
    ("PATCH", "/api/v1/comments/<comment_id>"): ({"body": "B", "base_version": "COMMENT_MADE"}, 13),
    ("DELETE", "/api/v1/comments/<comment_id>"): (None, 12),
    ("POST", "/api/v1/tasks/<ref>/archive"): (None, 9),
    ("POST", "/api/v1/tasks/<ref>/restore"): (None, 10),
    ("PATCH", "/api/v1/projects/<key>"): ({"name": "Renamed", "base_version": "PROJECT_MADE"}, 7),
    ("POST", "/api/v1/projects/<key>/undo"): ({"seq": "HEAD"}, 7),
    ("PUT", "/api/v1/projects/<key>/workflow"): ("WORKFLOW", 12),
    # These touch two tasks, which are events of their own.
    ("DELETE", "/api/v1/projects/<key>/labels/<label_id>"): (None, 11),
    ("DELETE", "/api/v1/projects/<key>/members/<user_id>"): (None, 24),
    ("DELETE", "/api/v1/tasks/<ref>"): (None, 11),
    # And this an event in each project.
    ("PATCH", "/api/v1/me"): ({"name": "Anna"}, 20),
    # And all who were in it are told.
    ("DELETE", "/api/v1/projects/<key>"): (None, 12),
    ("POST", "/api/v1/auth/logout"): (None, 3),
    ("GET", "/sign-in"): (None, 1),
    ("POST", "/sign-in"): ({"email": "ada@example.com", "password": PASSWORD}, 4),
    ("POST", "/sign-out"): ({}, 3),
    ("GET", "/register"): (None, 1),
    ("POST", "/register"): ({"email": "x@example.com", "name": "X", "password": PASSWORD}, 4),
    ("POST", "/api/v1/auth/login"): ({"email": "ada@example.com", "password": PASSWORD}, 5),
    ("POST", "/api/v1/auth/register"): ({"email": "y@example.com", "name": "Y", "password": PASSWORD}, 5),
}

#: Routes that no request of one answer can try; LIVE in world.py does what they do.
STREAMS = {
    ("GET", "/api/v1/projects/<key>/stream"),
    ("GET", "/api/v1/projects/<key>/dashboard/stream"),
    ("GET", "/api/v1/inbox/stream"),
    ("GET", "/api/v1/wallboards/<wallboard_secret>/stream"),
    ("GET", "/api/v1/me/overview/stream"),
    ("GET", "/api/v1/probe/stream"),
    ("WS", "/api/v1/live"),
}
#: Routes that serve files.
FILES = {
    ("GET", "/static/<path:filename>"),
    ("GET", "/service-worker.js"),
    ("GET", "/api/v1/docs/static/<path:filename>"),
}
#: Routes that ask no database of this process: what it counted itself, and what another process examines.
ELSEWHERE = {
    ("GET", "/metrics"),
    ("POST", "/api/v1/admin/doctor"),
}

Statement = tuple[str, Any]


@contextmanager
def statements(app: Any) -> Iterator[list[Statement]]:
    """What is sent to the database meanwhile with its first parameters, but for beginnings and ends."""
    engines = app.extensions["taskhub"].db.engines
    seen: list[Statement] = []
    again = False

    def on_execute(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        nonlocal again
        statement = (sql, parameters[0] if many else parameters)
        # On SQLite a query that takes its time is begun again in a thread: once.
        again = not again and bool(seen) and statement == seen[-1]
        if not again and not sql.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", on_execute)
    yield seen
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", on_execute)


@dataclass
class World:
    """An instance in this process, and Ada, who owns the project WEB in it.

    `names` has what the parameters of routes and the words in capitals of bodies stand for.
    """

    app: Any
    client: Client
    ada: User
    names: dict[str, Any] = field(default_factory=dict)

    async def body(self, template: Any) -> Any:
        """What to send: `WORKFLOW` is the project's with a few changes, `HEAD` the last `seq` of its log."""
        if template == "WORKFLOW":
            found = (await self.client.get("/api/v1/projects/WEB/workflow")).json()
            found["states"][0]["name"] = "Other"
            moves = [{"from": "todo", "to": "doing"}, {"from": "doing", "to": "done"}]
            return {"states": found["states"], "transitions": moves, "base_version": found["version"]}
        if template == "BOARD":
            card = {"id": "c1", "name": "Card", "idList": "l1"}
            return {"id": "b1", "name": "Board", "lists": [{"id": "l1", "name": "To do"}], "cards": [card]}
        if template == "HEAD":
            return (await self.client.get("/api/v1/projects/WEB/events", params={"limit": 1})).json()["seq"]
        if isinstance(template, dict):
            return {name: await self.body(value) for name, value in template.items()}
        if isinstance(template, list):
            return [await self.body(value) for value in template]
        return self.names.get(template, template) if isinstance(template, str) else template

    async def send(self, method: str, route: str) -> tuple[httpx.Response, list[Statement]]:
        """The answer to a route's request, and what that asked of the database."""
        body = await self.body(REQUESTS[method, route][0])
        path = route
        for name, value in self.names.items():
            path = path.replace(name, str(value))
        how = "params" if method == "GET" else "json" if route.startswith("/api/") else "data"
        sent = {} if body is None else {how: body}
        with statements(self.app) as seen:
            answer = await self.client.request(method, path, **sent)
        return answer, seen


@asynccontextmanager
async def world(database: Database, *, tasks: int, people: int) -> AsyncIterator[World]:
    """An instance with so many tasks, comments and events on WEB, and so many members, labels, projects and invites.

    Two of the tasks are the member's that `<user_id>` stands for, and have the label that `<label_id>` stands for.
    """
    app = create_app(Settings.from_environ({**database.environment, "TASKHUB_OPEN_REGISTRATION": "1"}))
    transport = httpx.ASGITransport(asgi_app(app))
    async with Client(transport=transport, base_url="http://test", headers={"Origin": "http://test"}) as client:

        async def make(path: str, **body: Any) -> dict[str, Any]:
            answer = await client.post(f"/api/v1/{path}", json=body)
            assert answer.status_code == 201, answer.text
            made: dict[str, Any] = answer.json()
            return made

        account = await make("auth/register", email="ada@example.com", name="Ada", password=PASSWORD)
        ada = User(account["id"], account["email"], account["name"], account["is_admin"])
        await make("projects", key="WEB", name="Web")
        for number in range(people // 10):
            await make("projects", key=f"P{number}", name="Other")
        made = [await make("projects/WEB/labels", name=f"Label {number}", color="red") for number in range(people)]
        invites = [await make("invites", project="WEB", email=f"i{number}@example.com") for number in range(people)]
        # For whoever holds the link.
        invites.append(await make("invites", project="WEB"))
        walls = [await make("projects/WEB/wallboards", name=f"Wall {number}") for number in range(min(people, 40))]
        await insert_people(app, people)
        names: dict[str, Any] = {
            "<key>": "WEB",
            "<ref>": "WEB-1",
            "<int:number>": "1",
            "<temporary>": "0",
            "<any(general, members, labels, workflow):tab>": "labels",
            "<user_id>": "user0",
            "<reason>": "assigned",
            "<label_id>": made[0]["id"],
            "<string(length=16):invite_id>": invites[0]["id"],
            "<secret>": invites[-1]["url"].rpartition("/")[2],
            "<wallboard_id>": walls[0]["id"],
            "<wallboard_secret>": walls[-1]["secret"],
            "USER": "user0",
            "LABEL": made[0]["id"],
            "LABEL_MADE": made[0]["version"],
            "PROJECT_MADE": 1,
        }
        names |= await fill(app, ada, made[0]["id"], tasks, people)
        yield World(app, client, ada, names)
    await app.extensions["taskhub"].db.close()


async def insert_people(app: Any, count: int) -> None:
    """Accounts user0, user1, …, and a newcomer's, that nobody signs in to."""
    rows = [(f"user{number}", f"user{number}@example.com") for number in range(count)]
    async with app.extensions["taskhub"].db.write() as session:
        await session.execute(
            sa.insert(users),
            [
                {"id": id_, "email": email, "name": id_, "is_admin": False, "created_at": clock.now()}
                for id_, email in [*rows, ("newcomer", "newcomer@example.com")]
            ],
        )


async def fill(app: Any, ada: User, label: str, tasks_count: int, people: int) -> dict[str, Any]:
    """Tasks, comments and members of WEB, as one command; what names stand for Ada's first task and comment."""

    async def change(unit: Unit) -> dict[str, Any]:
        for number in range(people):
            await add_member_row(unit, User(f"user{number}", f"user{number}@example.com", f"user{number}"), Role.MEMBER)
        created = []
        for number, position in enumerate(generate_n_keys_between(None, None, tasks_count)):
            fields = {"title": f"Task {number}", "state": "todo", "assignees": [ada.id]}
            if number < 2:
                fields |= {"assignees": ["user0", ada.id], "labels": [label]}
            created.append(tasks.record_created(unit, fields, position=position))
        task_made, said = created[0]["version"], []
        for _ in range(tasks_count):
            comment, created[0] = comments.record_created(unit, created[0], "Hm")
            said.append(comment)
        await tasks.write_created(unit, created)
        await comments.write_created(unit, said)
        return {"TASK_MADE": task_made, "COMMENT_MADE": said[0]["version"], "<comment_id>": said[0]["id"]}

    commands = app.extensions["taskhub"].commands
    made: dict[str, Any] = await commands.on_project(Caller(ada), "WEB", Role.OWNER, "fill it", change)
    return made


async def follow(world: World) -> None:
    """What streams and sockets ask of the database: following from a cursor, catching up, looking, letting go."""
    hub = world.app.extensions["taskhub"].hub
    identity = await identity_of(world)
    with hub.follower(identity) as follower:
        subscription, _ = await hub.subscribe(follower, "WEB", since=0, log=None)
        assert await hub.allowed(follower)
        assert await hub.read(follower, subscription)
        hub._look_at_access()
        assert await hub.allowed(follower)
        await hub._look()


async def tell(world: World) -> None:
    """What it takes to notify people: of a comment, of what is due, and of nothing any more when they leave."""
    here = world.app.extensions["taskhub"]
    async with here.db.write() as session:
        await session.execute(sa.update(users).where(users.c.id == "user0").values(password_hash="x"))
    with here.hub.follower(await identity_of(world)) as follower:
        await here.hub.subscribe_inbox(follower, since=0, log=None)
        await here.hub._look()
    client = world.client
    edits: list[dict[str, Any]] = [{"due": "2020-01-01"}, *({"assignees": ids} for ids in (["user0"], [], ["user0"]))]
    for body in edits:
        assert (await client.patch("/api/v1/tasks/WEB-2", json=body)).is_success
    for said in ("Hm", "Hm, @user0"):
        assert (await client.post("/api/v1/tasks/WEB-2/comments", json={"body": said})).is_success
    await tell_due(here.commands)
    await prune(here.commands)
    async with here.db.read() as session:
        assert len(await read_after(session, "user0", 0, 10)) > 2


async def identity_of(world: World) -> Identity:
    """Who the client of the world is."""
    async with world.app.extensions["taskhub"].db.read() as session:
        found = await by(session, "session", world.client.cookies[SESSION_COOKIE])
    assert found is not None
    return found
