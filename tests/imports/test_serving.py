"""An import beside a server on the same database: it is seen live, and the server goes on writing."""

from __future__ import annotations

import asyncio
import json
from functools import partial

from tests.clients import MakeClient
from tests.command_line import run_taskhub
from tests.imports.boards import SMALL, add_card, one, run_import, small
from tests.serving import Server


async def test_an_import_shows_up_on_a_stream_while_others_write(server: Server, make_client: MakeClient) -> None:
    owner = await make_client("Olga", email="owner@example.com")
    made = await owner.post("/api/v1/projects", json={"key": "BIKE", "name": "Bikes"})
    assert made.status_code == 201, made.text
    await owner.post("/api/v1/projects", json={"key": "ELSE", "name": "Else"})
    importing = asyncio.create_task(asyncio.to_thread(partial(run_import, server.database, SMALL, run=run_taskhub)))
    seen = []
    async with owner.stream("GET", "/api/v1/projects/BIKE/stream") as stream:
        lines = stream.aiter_lines()
        while not importing.done():
            answer = await owner.post("/api/v1/projects/ELSE/tasks", json={"title": "Meanwhile"})
            assert answer.status_code == 201, answer.text
        await importing
        async with asyncio.timeout(10):
            async for line in lines:
                if line.startswith("data: {") and '"type"' in line:
                    seen.append(json.loads(line.removeprefix("data: ")))
                    if seen[-1]["type"] == "comment.created" and seen[-1]["comment"]["body"] == "Thanks!":
                        break
    board = (await owner.get("/api/v1/projects/BIKE/board")).json()
    assert seen[-1]["seq"] == board["seq"]
    assert [event["seq"] for event in seen] == list(range(seen[0]["seq"], board["seq"] + 1))
    assert sum(event["type"] == "task.created" for event in seen) == 9
    assert {state["name"] for state in board["workflow"]["states"]} == {
        *("Backlog", "To do", "In progress", "Done", "Ideas 想法", "进行中", "Archived lists"),
    }


async def test_a_repeat_leaves_what_was_moved_in_the_browser(server: Server, make_client: MakeClient) -> None:
    owner = await make_client("Olga Too", email="two@example.com")
    importing = partial(run_import, server.database, key="TWO", email="two@example.com", run=run_taskhub)
    await asyncio.to_thread(importing, SMALL)
    board = (await owner.get("/api/v1/projects/TWO/board")).json()
    task = one([{**task, "name": task["title"]} for task in board["tasks"]], "Second till")
    moved = await owner.post(f"/api/v1/tasks/{task['ref']}/move", json={"state": "done"})
    assert moved.status_code == 200, moved.text
    labelled = await owner.patch(f"/api/v1/tasks/{task['ref']}", json={"priority": "high"})
    export = small()
    add_card(export, "New in Trello", one(export["lists"], "Done"))
    one(export["cards"], "Second till")["name"] = "Renamed in Trello"
    said = (await asyncio.to_thread(importing, export)).stdout
    assert "1 task: changed in TaskHub since" in said
    now = (await owner.get(f"/api/v1/tasks/{task['ref']}")).json()
    assert {name: now[name] for name in labelled.json()} == labelled.json()
    titles = [task["title"] for task in (await owner.get("/api/v1/projects/TWO/board")).json()["tasks"]]
    assert "New in Trello" in titles
