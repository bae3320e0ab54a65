"""A new name is heard of in each project of who took it, all at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.projects.model import members, projects
from tests.clients import Client, MakeClient
from tests.live.following import PATIENCE, socket
from tests.serving import Server


async def project(owner: Client, key: str, *others: Client) -> str:
    url = f"/api/v1/projects/{key}"
    assert (await owner.post("/api/v1/projects", json={"key": key, "name": key})).status_code == 201
    for other in others:
        joined = await owner.post(f"{url}/members", json={"email": other.email})
        assert joined.status_code == 201, joined.text
    return url


async def log(client: Client, url: str, since: int = 0) -> list[dict[str, Any]]:
    answer = await client.get(f"{url}/events", params={"since": since, "limit": 1000})
    assert answer.status_code == 200
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


async def names(client: Client, url: str) -> dict[str, str]:
    """The members' names by id, as the board has them; the log says the same."""
    board = (await client.get(f"{url}/board")).json()
    logged = {event["member"]["id"]: event["member"] for event in await log(client, url) if "member" in event}
    assert {member["id"]: member for member in board["members"]} == logged
    return {member["id"]: member["name"] for member in board["members"]}


async def test_a_new_name_is_an_event_in_each_project(make_client: MakeClient, server: Server) -> None:
    ada, ben = await make_client(name="Ada"), await make_client(name="Ben")
    urls = [await project(ada, "ONE", ben), await project(ben, "TWO", ada)]
    await project(ada, "GONE")
    assert (await ada.delete("/api/v1/projects/GONE")).status_code == 204
    alone = await project(ben, "ALONE")
    heads = [(await ben.get(f"{url}/board")).json()["seq"] for url in (*urls, alone)]
    async with socket(server, ben) as wire:
        await wire.subscribe("ONE")
        await wire.subscribe("TWO")
        answer = await ada.patch(
            "/api/v1/me", json={"name": "  Ada   Lovelace "}, headers={"Idempotency-Key": "married"}
        )
        frames = [await wire.receive(), await wire.receive()]
    assert (answer.status_code, answer.json()) == (200, ada.user | {"name": "Ada Lovelace"})
    assert (await ada.get("/api/v1/me")).json() == answer.json()
    for url, head, role in zip(urls, heads, ("owner", "member"), strict=False):
        (event,) = await log(ben, url, head)
        assert (event["type"], event["seq"]) == ("member.changed", head + 1)
        assert event["changes"] == {"name": ["Ada", "Ada Lovelace"]}
        assert event["actor"] == {"id": ada.user["id"], "name": "Ada Lovelace"}
        assert event["command_id"] == "married"
        assert (event["member"]["name"], event["member"]["role"]) == ("Ada Lovelace", role)
        assert event["member"]["version"] == head + 1
        assert [event] in [frame["events"] for frame in frames]
        assert (await names(ben, url))[ada.user["id"]] == "Ada Lovelace"
    assert await log(ben, alone, heads[2]) == []
    again = await ada.patch("/api/v1/me", json={"name": "  Ada   Lovelace "}, headers={"Idempotency-Key": "married"})
    for same in (
        again,
        await ada.patch("/api/v1/me", json={"name": "Ada Lovelace"}),
        await ada.patch("/api/v1/me", json={}),
    ):
        assert (same.status_code, same.json()) == (200, answer.json())
    assert (await ben.get(f"{urls[0]}/board")).json()["seq"] == heads[0] + 1


@pytest.mark.parametrize(
    "body", [{"name": None}, {"name": ""}, {"name": " \t"}, {"name": "x" * 101}, {"email": "a@b.co"}]
)
async def test_what_is_no_name_is_refused(make_client: MakeClient, body: dict[str, Any]) -> None:
    ada = await make_client(name="Ada")
    answer = await ada.patch("/api/v1/me", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, list(body))
    assert (await ada.get("/api/v1/me")).json() == ada.user


async def test_two_who_share_two_projects_take_new_names_at_once(make_client: MakeClient) -> None:
    ada, ben = await make_client(name="Ada"), await make_client(name="Ben")
    urls = [await project(ada, "SHAREA", ben), await project(ben, "SHAREB", ada)]
    rounds = 12
    answers = await asyncio.gather(
        *(who.patch("/api/v1/me", json={"name": f"{number}"}) for number in range(rounds) for who in (ada, ben)),
        *(who.post(f"{url}/tasks", json={"title": "A"}) for url in urls for who in (ada, ben)),
    )
    assert {answer.status_code for answer in answers} == {200, 201}
    now = {who.user["id"]: (await who.get("/api/v1/me")).json()["name"] for who in (ada, ben)}
    for url in urls:
        assert await names(ada, url) == now
        renamed = [event for event in await log(ada, url) if event["type"] == "member.changed"]
        assert len(renamed) == 2 * rounds
        for who in now:
            steps = [event["changes"]["name"] for event in renamed if event["member"]["id"] == who]
            assert [step[0] for step in steps[1:]] == [step[1] for step in steps[:-1]]


async def test_who_is_let_in_while_taking_a_new_name_is_known_by_it(make_client: MakeClient, server: Server) -> None:
    ada, ben = await make_client(name="Ada"), await make_client(name="Ben")
    url = await project(ada, "LATE")
    engine = create_async_engine(server.database.url)
    async with engine.connect() as letting_in, engine.connect() as watching:
        query = sa.select(projects).where(projects.c.key == "LATE").with_for_update()
        there = (await letting_in.execute(query)).one()
        values = {"user_id": ben.user["id"], "role": "viewer", "version": there.seq, "joined_at": there.created_at}
        await letting_in.execute(sa.insert(members).values(project_id=there.id, **values))
        renaming = asyncio.create_task(ben.patch("/api/v1/me", json={"name": "Benedict"}))
        if server.database.kind == "postgresql":
            waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            async with asyncio.timeout(PATIENCE):
                while not renaming.done() and not await watching.scalar(waiting):
                    await asyncio.sleep(0.01)
            assert not renaming.done(), "it did not wait for who lets Ben in"
        await letting_in.commit()
        assert (await renaming).status_code == 200
    await engine.dispose()
    (event,) = [event for event in await log(ada, url) if event["type"] == "member.changed"]
    assert (event["member"]["id"], event["member"]["name"]) == (ben.user["id"], "Benedict")
