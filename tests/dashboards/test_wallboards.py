"""Wallboards: who makes and ends them, what they show to whoever has the link, and what they never show."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.dashboards.model import wallboards
from tests.clients import anonymous_client
from tests.databases import Database, MakeDatabase
from tests.live.deadlines import soon
from tests.live.following import stream_at
from tests.serving import Serve, Server
from tests.teams import Team


async def make(team: Team, **body: Any) -> dict[str, Any]:
    answer = await team.owner.post(f"{team.url}/wallboards", json={"name": "Lobby", **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def finish_one(team: Team, title: str) -> str:
    ref = str((await team.task(title, assignees=[team.member.user["id"]]))["ref"])
    for state in ("doing", "done"):
        assert (await team.move(ref, state)).status_code == 200
    return ref


async def test_a_wallboard_shows_the_figures_to_whoever_has_its_link(team: Team) -> None:
    ref = await finish_one(team, "Fire Ben from accounting")
    await team.task("Another", assignees=[team.member.user["id"]])
    plain, titled = await make(team), await make(team, name="Office", titles=True)
    dashboard = (await team.viewer.get(f"{team.url}/dashboard")).json()
    walls = {}
    for wallboard in (plain, titled):
        answer = await team.nobody.get(f"/api/v1/wallboards/{wallboard['secret']}")
        assert answer.status_code == 200, answer.text
        assert "@" not in answer.text
        walls[wallboard["id"]] = answer.json()
    assert walls[titled["id"]] | {"at": ""} == dashboard | {"at": ""}
    (point,) = walls[plain["id"]]["cycle"]["tasks"]
    assert (point["ref"], point["title"]) == (ref, None)
    assert "accounting" not in str(walls[plain["id"]])
    point["title"] = "Fire Ben from accounting"
    assert walls[plain["id"]] | {"at": ""} == dashboard | {"at": ""}
    assert walls[plain["id"]]["project"] == {"key": team.key, "name": team.project["name"]}
    assert [one["name"] for one in walls[plain["id"]]["people"]] == ["Member"]

    listed = (await team.owner.get(f"{team.url}/wallboards")).json()["items"]
    assert sorted(one["name"] for one in listed) == ["Lobby", "Office"]
    assert all(one["last_used_at"] and "secret" not in one for one in listed)


async def test_titles_are_put_up_and_taken_off_while_it_is_looked_at(team: Team, serve: Serve) -> None:
    title = "Fire Ben from accounting"
    await finish_one(team, title)
    wallboard, other = await make(team), await make(team, name="Office", titles=True)
    elsewhere = serve(team.server.database)
    path = f"{team.url}/wallboards/{wallboard['id']}"
    async with (
        stream_at(elsewhere, None, f"wallboards/{wallboard['secret']}/stream") as wall,
        stream_at(elsewhere, None, f"wallboards/{other['secret']}/stream") as titled,
    ):
        assert title not in str(await wall.receive())
        assert title in str(await titled.receive())
        for body in ({"titles": True, "name": "Hall"}, {"titles": False}):
            answer = await team.owner.patch(path, json=body)
            assert answer.status_code == 200, answer.text
            hidden = {"last_used_at", "secret", "url"}
            assert {name: value for name, value in answer.json().items() if name not in hidden} == {
                name: value for name, value in (wallboard | {"name": "Hall"} | body).items() if name not in hidden
            }
            assert "secret" not in answer.json()
            (point,) = (await wall.receive())["data"]["cycle"]["tasks"]
            assert point["title"] == (title if body["titles"] else None)
        assert (await team.owner.patch(path, json={})).json()["name"] == "Hall"
        # The other got none of it: what comes next there is the next change.
        await team.task("News")
        assert (await titled.receive())["data"]["forecast"]["open"] == 1
    assert (await team.owner.patch(f"{team.url}/wallboards/none", json={"titles": True})).status_code == 404
    assert (await team.owner.patch(path, json={"titles": "yes"})).status_code == 422


async def test_the_secret_is_shown_once_and_kept_nowhere(team: Team) -> None:
    key = {"Idempotency-Key": "once"}
    bodies = [await team.owner.post(f"{team.url}/wallboards", json={"name": "Once"}, headers=key) for _ in range(2)]
    # The same answer again, although the database does not know it.
    assert bodies[0].json() == bodies[1].json()
    secret = bodies[0].json()["secret"]
    assert bodies[0].json()["url"] == f"{team.server.url}/wall/{secret}"
    async with stream_at(team.server, None, f"wallboards/{secret}/stream") as wall:
        assert (await wall.receive())["event"] == "dashboard"
    await team.nobody.get(f"/api/v1/wallboards/{secret}")
    await team.nobody.get(f"/api/v1/wallboards/{secret}x")
    await team.nobody.get(f"/api/v1/wallboards/{secret}/other")
    assert secret[:20] not in team.server.log_file.read_text()
    engine = create_async_engine(team.server.database.url)
    async with engine.connect() as connection:
        rows = (await connection.execute(sa.select(wallboards))).all()
        answers = (await connection.execute(sa.text("SELECT answer FROM idempotency"))).all()
    await engine.dispose()
    assert secret not in str(rows) + str(answers)


async def test_one_that_is_taken_away_shows_nothing_at_once_in_every_process(team: Team, serve: Serve) -> None:
    wallboard, other = await make(team), await make(team)
    elsewhere = serve(team.server.database)
    path = f"wallboards/{wallboard['secret']}/stream"
    async with (
        stream_at(team.server, None, path) as here,
        stream_at(elsewhere, None, path) as there,
        stream_at(elsewhere, None, f"wallboards/{other['secret']}/stream") as stays,
    ):
        for wall in (here, there, stays):
            assert (await wall.receive())["data"]["project"]["key"] == team.key
        with soon():
            assert (await team.owner.delete(f"{team.url}/wallboards/{wallboard['id']}")).status_code == 204
            for wall in (here, there):
                message = await wall.receive()
                assert (message["event"], message["data"]) == ("unsubscribed", {"reason": "access_revoked"})
                with pytest.raises(EOFError):
                    await wall.receive()
        assert (await team.nobody.get(f"/api/v1/wallboards/{wallboard['secret']}")).status_code == 404
        # The other goes on.
        await team.task("News")
        assert (await stays.receive())["data"]["forecast"]["open"] == 1
        assert (await team.owner.delete(team.url)).status_code == 204
        while (message := await stays.receive())["event"] == "dashboard":
            pass
        assert message["event"] == "unsubscribed"
    assert (await team.nobody.get(f"/api/v1/wallboards/{other['secret']}")).status_code == 404


async def test_a_project_ends_its_own_wallboards_alone(team: Team, strict_team: Team) -> None:
    wallboard = await make(team)
    foreign = await strict_team.owner.delete(f"{strict_team.url}/wallboards/{wallboard['id']}")
    assert foreign.status_code == 404
    assert (await team.nobody.get(f"/api/v1/wallboards/{wallboard['secret']}")).status_code == 200
    while (answer := await team.owner.post(f"{team.url}/wallboards", json={"name": "More"})).status_code == 201:
        pass
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert len((await team.owner.get(f"{team.url}/wallboards?limit=200")).json()["items"]) == 50


async def test_guesses_are_slowed_down_and_good_links_are_not(
    database_kind: str, make_database: MakeDatabase, serve: Serve
) -> None:
    database: Database = make_database(database_kind)
    server: Server = serve(database)
    async with anonymous_client(server) as ada:
        account = {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery staple"}
        assert (await ada.post("/api/v1/auth/register", json=account)).status_code == 201
        assert (await ada.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})).status_code == 201
        wallboard = (await ada.post("/api/v1/projects/WEB/wallboards", json={"name": "Hall"})).json()
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as guesser:
            statuses = [(await guesser.get(f"/api/v1/wallboards/thw_{number}")).status_code for number in range(62)]
            assert statuses == [404] * 60 + [429] * 2
            assert (await guesser.get(f"/api/v1/wallboards/{wallboard['secret']}")).status_code == 200
        # Any page of the web may let a browser ask for such links: that keeps nobody from signing in.
        credentials = {name: account[name] for name in ("email", "password")}
        assert (await ada.post("/api/v1/auth/login", json=credentials)).status_code == 200
