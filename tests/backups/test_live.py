"""A backup restored under servers that run: whoever follows ends with what was restored, and nothing is stale."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from taskhub.command import Caller, Commands, Idempotency
from taskhub.errors import Problem
from taskhub.people.model import User
from taskhub.projects.commands import create
from taskhub.unit import Unit
from tests.backups.instances import content, make_backup, restore_into, tables
from tests.clients import Client, MakeClientOn
from tests.databases import Database
from tests.live.following import PATIENCE, Socket, socket, stream
from tests.serving import Serve, Server
from tests.store import Store, in_order


@pytest.fixture(scope="module")
def servers(serve: Serve, database: Database) -> tuple[Server, Server]:
    """Two servers on one database."""
    return serve(database), serve(database)


async def post(client: Client, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def board(client: Client, url: str) -> dict[str, Any]:
    answer = await client.get(f"{url}/board")
    assert answer.status_code == 200, answer.text
    return in_order(answer.json())


async def told(ws: Socket, *ops: str) -> list[dict[str, Any]]:
    """The next frame of each of these kinds, in whatever order they come."""
    found: dict[str, dict[str, Any]] = {}
    while len(found) < len(ops):
        frame = await ws.receive()
        assert frame["op"] in ops, frame
        found[frame["op"]] = frame
    return [found[op] for op in ops]


def but_log(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "log": ""}


async def test_whoever_follows_ends_with_what_was_restored(
    servers: tuple[Server, Server], database: Database, make_client_on: MakeClientOn, tmp_path: Path
) -> None:
    one, two = servers
    ada, ben = await make_client_on(one, "Ada"), await make_client_on(two, "Ben")
    await post(ada, "/api/v1/projects", key="WEB", name="Web")
    await post(ada, "/api/v1/projects/WEB/members", email=ben.email, role="member")
    refs = [(await post(ada, "/api/v1/projects/WEB/tasks", title=f"Task {number}"))["ref"] for number in range(4)]
    backup = await make_backup(database, tmp_path / "it.zip")
    backed_up = await board(ada, "/api/v1/projects/WEB")

    # What the backup does not know.
    eve = await make_client_on(two, "Eve")
    await post(ada, "/api/v1/projects/WEB/members", email=eve.email, role="viewer")
    await post(ada, f"/api/v1/tasks/{refs[0]}/move", state="done")
    await ben.delete(f"/api/v1/tasks/{refs[1]}")
    await post(ada, "/api/v1/projects", key="NEW0", name="New")
    before = await ada.get("/api/v1/projects/WEB/board")
    stale = {"since": before.json()["seq"], "log": before.json()["log"]}
    store, other = Store(before.json()), Store((await ben.get("/api/v1/projects/WEB/board")).json())
    known = {"If-None-Match": before.headers["ETag"]}
    assert (await ada.get("/api/v1/projects/WEB/board", headers=known)).status_code == 304

    async with (
        socket(one, ada) as ws,
        stream(two, ben, "WEB", last=stale["since"]) as events,
        socket(two, eve) as gone,
        stream(one, ada, "NEW0") as new,
        socket(two, ben) as mine,
    ):
        # Ben was told that he is in the project; that is in the backup too, and all the same another history.
        await mine.send({"op": "subscribe", "topic": "inbox"})
        heard = (await mine.receive())["seq"]
        assert heard > 0
        await ws.subscribe("WEB", **stale)
        await ws.subscribe("NEW0")
        await gone.subscribe("WEB")
        assert (await events.receive())["event"] == "hello"
        assert (await new.receive())["event"] == "hello"
        done = await restore_into(database, backup, replace=True)
        assert done.replaced["projects"] > 1

        again = await mine.receive()
        assert (again["op"], again["topic"], again["seq"]) == ("resync", "inbox", heard)
        assert again["log"] == (await ben.get("/api/v1/inbox")).json()["log"] != ben.user["id"]
        resync, unsubscribed = await told(ws, "resync", "unsubscribed")
        assert (unsubscribed["topic"], unsubscribed["reason"]) == ("project:NEW0", "deleted")
        assert (resync["topic"], resync["seq"]) == ("project:WEB", backed_up["seq"])
        message = await events.receive()
        assert (message["event"], message["id"]) == ("resync", str(backed_up["seq"]))
        assert message["data"]["log"] == resync["log"] != stale["log"]
        message = await new.receive()
        assert (message["event"], message["data"]) == ("unsubscribed", {"reason": "deleted"})
        # Eve's account is gone, and with it whoever she was.
        assert await gone.closed() == 4401
        assert (await eve.get("/api/v1/me")).status_code == 401

        fresh = await ada.get("/api/v1/projects/WEB/board", headers=known)
        assert fresh.status_code == 200
        assert fresh.headers["ETag"] != before.headers["ETag"]
        store.take(fresh.json())
        other.take((await ben.get("/api/v1/projects/WEB/board")).json())
        assert store.board() == other.board() == in_order(fresh.json())
        assert but_log(store.board()) == but_log(backed_up)

        # And on from there, across the processes.
        await post(ben, f"/api/v1/tasks/{refs[1]}/move", state="doing")
        (event,) = await ws.events(backed_up["seq"] + 1)
        store.apply(event)
        (event,) = await events.events(backed_up["seq"] + 1)
        other.apply(event)
        assert (
            store.board()
            == other.board()
            == await board(ada, "/api/v1/projects/WEB")
            == await board(ben, "/api/v1/projects/WEB")
        )

    # A cursor of the history that is gone fits nowhere any more.
    async with socket(two, ada) as ws, stream(one, ben, "WEB", **stale) as events:
        subscribed = await ws.subscribe("WEB", **stale)
        head = {name: subscribed[name] for name in ("topic", "log", "seq")}
        assert (await ws.receive()) == {**head, "op": "resync"}
        assert (await events.receive())["event"] == "hello"
        assert (await events.receive())["event"] == "resync"
        refused = await ada.get("/api/v1/projects/WEB/events", params=stale)
        assert (refused.status_code, refused.json()["code"]) == (410, "cursor_expired")


async def test_a_server_forgets_how_far_the_logs_were(
    servers: tuple[Server, Server], database: Database, make_client_on: MakeClientOn, tmp_path: Path
) -> None:
    """Nobody follows meanwhile, so nothing tells the server; what it remembers of the old logs must not count."""
    server, _ = servers
    ada = await make_client_on(server)
    await post(ada, "/api/v1/projects", key="HEAD", name="Web")
    backup = await make_backup(database, tmp_path / "it.zip")
    await post(ada, "/api/v1/projects", key="NEW1", name="New")
    for number in range(8):
        await post(ada, "/api/v1/projects/HEAD/tasks", title=f"Task {number}")
        await post(ada, "/api/v1/projects/NEW1/tasks", title=f"Task {number}")
    await restore_into(database, backup, replace=True)
    # It may get the id that NEW had.
    await post(ada, "/api/v1/projects", key="AGAIN", name="Again")
    for key in ("HEAD", "AGAIN"):
        url = f"/api/v1/projects/{key}"
        found = await board(ada, url)
        async with socket(server, ada) as ws, stream(server, ada, key) as events:
            assert (await ws.subscribe(key))["seq"] == found["seq"]
            assert (await events.receive())["data"]["seq"] == found["seq"]
            await post(ada, f"{url}/tasks", title="First")
            assert len(await ws.events(found["seq"] + 1)) == 1
            assert len(await events.events(found["seq"] + 1)) == 1


async def test_a_repeated_command_is_answered_from_the_history_there_is(
    servers: tuple[Server, Server], database: Database, make_client_on: MakeClientOn, tmp_path: Path
) -> None:
    server, _ = servers
    ada = await make_client_on(server)
    await post(ada, "/api/v1/projects", key="IDEM", name="Web")

    async def create(key: str) -> tuple[int, str]:
        answer = await ada.post("/api/v1/projects/IDEM/tasks", json={"title": key}, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json()["ref"]

    assert await create("early") == (201, "IDEM-1")
    backup = await make_backup(database, tmp_path / "it.zip")
    assert await create("late") == (201, "IDEM-2")
    await post(ada, "/api/v1/projects/IDEM/tasks", title="Another")
    await restore_into(database, backup, replace=True)
    await post(ada, "/api/v1/projects/IDEM/tasks", title="The second one now")
    assert await create("early") == (201, "IDEM-1")
    assert await create("late") == (201, "IDEM-3")
    titles = [task["title"] for task in (await board(ada, "/api/v1/projects/IDEM"))["tasks"]]
    assert sorted(titles) == ["The second one now", "early", "late"]


async def edits(client: Client, key: str) -> list[str]:
    """What tasks were called by the edits in a log."""
    found: list[str] = []
    since, more = 0, True
    while more:
        part = (await client.get(f"/api/v1/projects/{key}/events", params={"since": since})).json()
        found += [event["task"]["title"] for event in part["events"] if event["type"] == "task.edited"]
        since, more = part["events"][-1]["seq"], part["has_more"]
    return found


async def test_sixteen_write_while_it_is_restored(
    servers: tuple[Server, Server], database: Database, make_client_on: MakeClientOn, tmp_path: Path
) -> None:
    """Writers of both histories, the restore between them: each answered write is in the log it was answered from."""
    server, _ = servers
    ada = await make_client_on(server, bearer=True)
    await post(ada, "/api/v1/projects", key="RACE", name="Web")
    ref = (await post(ada, "/api/v1/projects/RACE/tasks", title="A task"))["ref"]
    backup = await make_backup(database, tmp_path / "it.zip")
    first = await board(ada, "/api/v1/projects/RACE")
    over = asyncio.Event()
    answered: list[str] = []

    async def write(number: int) -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            title = f"Edit {turn} by {number}"
            answer = await ada.patch(f"/api/v1/tasks/{ref}", json={"title": title})
            assert answer.status_code == 200, answer.text
            answered.append(title)

    async with socket(server, ada) as ws:
        await ws.subscribe("RACE", since=first["seq"], log=first["log"])
        writers = [asyncio.create_task(write(number)) for number in range(16)]
        async with asyncio.timeout(PATIENCE):
            while (await ws.receive())["op"] == "events" and len(answered) < 32:
                pass
            done = await restore_into(database, backup, replace=True)
            while (frame := await ws.receive())["op"] == "events":
                pass
            assert frame["op"] == "resync"
            store = Store((await ada.get("/api/v1/projects/RACE/board")).json())
            count = len(answered)
            while len(answered) < count + 32:
                frame = await ws.receive()
                assert frame["op"] == "events", frame
                for event in frame["events"]:
                    store.apply(event)
            over.set()
            await asyncio.gather(*writers)
            final = await board(ada, "/api/v1/projects/RACE")
            while store.seq < final["seq"]:
                for event in (await ws.receive())["events"]:
                    store.apply(event)
    assert store.board() == final
    assert done.kept is not None
    # Every answered write is in the history that it was answered from, and nothing else is in either.
    titles = await edits(ada, "RACE")
    await restore_into(database, done.kept, replace=True, keep=False)
    titles += await edits(ada, "RACE")
    assert sorted(titles) == sorted(answered)


async def test_who_is_gone_when_their_command_has_its_turn_is_told_to_sign_in(fresh_database: Database) -> None:
    """A request that was let in before a restore, and whose command runs after it."""
    gone = Caller(User("gone", "gone@example.com", "Gone"), Idempotency("key", "fingerprint"))

    async def nothing(_: Any) -> dict[str, Any]:
        return {}

    async def first(_: Unit) -> None:
        return None

    async with tables(fresh_database) as db:
        commands = Commands(db)
        for work in (
            create(commands, gone, key="WEB", name="Web", enforced=False, first=first),
            commands.outside(gone, nothing),
            commands.on_several(gone, nothing),
        ):
            with pytest.raises(Problem) as refused:
                await work
            assert refused.value.code == "unauthenticated"
    assert (await content(fresh_database))["projects"] == []
