"""While 16 people write, whoever joins at whatever moment ends with the board as it is: no gap, no double."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from tests.clients import Client
from tests.live.following import socket, stream
from tests.store import fold, in_order
from tests.teams import Team

WRITERS, WRITES, FOLLOWERS = 16, 6, 16


async def write(team: Team, client: Client, chance: random.Random, refs: list[str]) -> None:
    for number in range(WRITES):
        ref = chance.choice(refs)
        await asyncio.sleep(0)
        match chance.randrange(5):
            case 0:
                made = await client.post(f"{team.url}/tasks", json={"title": f"New {number}"})
                refs.append(made.json()["ref"])
            case 1:
                answer = await client.patch(f"/api/v1/tasks/{ref}", json={"title": f"Edit {number}"})
                assert answer.status_code in (200, 404)
            case 2:
                answer = await client.post(f"/api/v1/tasks/{ref}/comments", json={"body": f"Comment {number}"})
                assert answer.status_code in (201, 404)
            case 3 if chance.random() < 0.2:
                assert (await client.delete(f"/api/v1/tasks/{ref}")).status_code in (204, 404)
            case _:
                where = {chance.choice(["before", "after"]): chance.choice(refs)}
                state = chance.choice(["backlog", "todo", "doing", "done"])
                answer = await client.post(f"/api/v1/tasks/{ref}/move", json={"state": state, **where})
                assert answer.status_code in (200, 404)


async def follow(team: Team, chance: random.Random, kind: int, over: asyncio.Event) -> dict[str, Any]:
    """The final board as one follower knows it, which drops its line now and then and resumes from its cursor."""
    board = in_order(await team.board(by="viewer"))
    while True:
        last = over.is_set()
        head = (await team.board(by="viewer"))["seq"]
        if kind % 2:
            async with socket(team.server, team.viewer) as ws:
                await ws.subscribe(team.key, since=board["seq"], log=board["log"])
                while board["seq"] < head:
                    board = fold(board, await ws.events(board["seq"] + 1))
        else:
            async with stream(team.server, team.viewer, team.key, last=board["seq"]) as events:
                await events.receive()
                while board["seq"] < head:
                    board = fold(board, await events.events(board["seq"] + 1))
        if last:
            return board
        if chance.random() < 0.2:
            board = in_order(await team.board(by="viewer"))
        await asyncio.sleep(chance.random())


async def test_every_fold_of_snapshot_and_events_is_the_final_board(team: Team) -> None:
    refs = [(await team.task(f"Task {number}"))["ref"] for number in range(8)]
    over = asyncio.Event()
    followers = [asyncio.create_task(follow(team, random.Random(number), number, over)) for number in range(FOLLOWERS)]
    await asyncio.gather(
        *(
            write(team, (team.owner, team.member)[number % 2], random.Random(f"w{number}"), refs)
            for number in range(WRITERS)
        )
    )
    over.set()
    final = in_order(await team.board())
    for board in await asyncio.gather(*followers):
        assert board == final
    log = await team.events()
    assert [event["seq"] for event in log] == list(range(1, final["seq"] + 1))
    live = [(task["state"], task["position"]) for task in final["tasks"]]
    assert len(set(live)) == len(live)
