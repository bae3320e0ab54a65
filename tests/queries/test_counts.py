"""How many statements a request takes: as many where there is much as where there is little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from taskhub.tasks.queries import PART
from tests.databases import MakeDatabase
from tests.openapi import Contract
from tests.queries.world import ELSEWHERE, FILES, REQUESTS, STREAMS, World, statements, world
from tests.test_permissions import routes

#: It is refused: the one that is used is in another request.
UNKNOWN_LINK = ("POST", "/api/v1/invites/accept")


def test_every_route_has_a_request(contract: Contract) -> None:
    assert sorted(routes(contract)) == sorted({*REQUESTS, *STREAMS, *FILES, *ELSEWHERE})


#: Projects in which Ada is, beyond those in the small world: a new name of hers is an event in each.
MORE_PROJECTS = 5
ITS_FIGURES_TAKE = 4
A_PROJECT_TAKES = 3


async def test_requests_do_not_grow_with_what_there_is(database_kind: str, make_database: MakeDatabase) -> None:
    counted = []
    for tasks, people in ((10, 2), (1000, 50)):
        async with world(make_database(database_kind), tasks=tasks, people=people) as there:
            counts = {}
            for call in REQUESTS:
                answer, seen = await there.send(*call)
                assert answer.status_code < 400 or call == UNKNOWN_LINK, (call, answer.text)
                counts[call] = len(seen)
            counted.append(counts)
    few, many = counted
    # The figures of each are computed when they are first asked for, and kept.
    many["GET", "/api/v1/me/overview"] -= ITS_FIGURES_TAKE * MORE_PROJECTS
    many["PATCH", "/api/v1/me"] -= A_PROJECT_TAKES * MORE_PROJECTS
    # A large board is read in parts: tasks and their links, and at last that there are no more.
    # It is the page of the board that makes the snapshot.
    many["GET", "/p/<key>"] -= 2 * (1000 // PART) - 1
    assert {call: (few[call], many[call]) for call in few if few[call] < many[call]} == {}
    assert {call: few[call] for call in few if few[call] > REQUESTS[call][1]} == {}


async def test_a_snapshot_that_is_kept_takes_who_asks_and_how_far_the_log_is_at_once(
    database_kind: str, make_database: MakeDatabase
) -> None:
    async with world(make_database(database_kind), tasks=10, people=2) as there:
        await there.send("GET", "/api/v1/projects/<key>/board")
        _, seen = await there.send("GET", "/api/v1/projects/<key>/board")
        assert len(seen) == 1
        if database_kind == "postgresql":
            # Who asks for a change takes one way to the server, and not a transaction beside that of the change.
            with transactions(there) as said:
                await there.send("POST", "/api/v1/tasks/<ref>/move")
            assert said == ["BEGIN", "COMMIT"]


@contextmanager
def transactions(there: World) -> Iterator[list[str]]:
    """What begins and ends transactions on a PostgreSQL server meanwhile."""
    (engine,) = there.app.extensions["taskhub"].db.engines
    said: list[str] = []

    def note(query: Any) -> None:
        word = query.query.partition(" ")[0].rstrip(";")
        if word in ("BEGIN", "COMMIT", "ROLLBACK"):
            said.append(word)

    def checked_out(connection: Any, *_: Any) -> None:
        # Once, however often it is checked out.
        connection.driver_connection.add_query_logger(note)

    sa.event.listen(engine.pool, "checkout", checked_out)
    yield said
    sa.event.remove(engine.pool, "checkout", checked_out)


async def test_an_undo_takes_as_many_statements_whatever_happened_since(
    database_kind: str, make_database: MakeDatabase
) -> None:
    async with world(make_database(database_kind), tasks=3, people=1) as there:
        client = there.client

        async def undo(seq: int) -> tuple[int, list[dict[str, Any]]]:
            with statements(there.app) as seen:
                answer = await client.post("/api/v1/projects/WEB/undo", json={"seq": seq})
            assert answer.status_code == 200, answer.text
            return len(seen), answer.json()["events"]

        async def counted(size: int) -> list[int]:
            """The statements of undoing an edit, a move and the end of a label, among `size` tasks and edits."""
            label = (await client.post("/api/v1/projects/WEB/labels", json={"name": f"L{size}", "color": "red"})).json()
            refs = []
            for number in range(size):
                body = {"title": f"Task {number}", "state": "todo", "labels": [label["id"]]}
                refs.append((await client.post("/api/v1/projects/WEB/tasks", json=body)).json()["ref"])
            edited = (await client.patch(f"/api/v1/tasks/{refs[0]}", json={"title": "B"})).json()["version"]
            move = {"state": "todo", "before": refs[0]}
            moved = (await client.post(f"/api/v1/tasks/{refs[1]}/move", json=move)).json()["version"]
            for number in range(size):
                due = {"due": f"2026-12-{number + 1:02}"}
                assert (await client.patch(f"/api/v1/tasks/{refs[0]}", json=due)).is_success
            assert (await client.delete(f"/api/v1/projects/WEB/labels/{label['id']}")).status_code == 204
            deleted = (await client.get("/api/v1/projects/WEB/board")).json()["seq"]
            label_back, written = await undo(deleted)
            assert len(written) == size + 1
            return [(await undo(edited))[0], (await undo(moved))[0], label_back]

        few = await counted(3)
        assert await counted(30) == few
        assert max(few) <= 20
