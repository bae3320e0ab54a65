"""Projects, their members, and the workflow they begin with."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from taskhub.command import Caller, Commands
from taskhub.db import Database
from taskhub.errors import Problem
from taskhub.people.commands import create_user
from taskhub.projects.commands import add_member_row, change_role, create
from taskhub.projects.model import Role
from taskhub.tasks.commands import create as create_task
from taskhub.unit import Unit
from taskhub.workflow.commands import write_first
from taskhub.workflow.templates import TEMPLATES
from tests.clients import PASSWORD
from tests.databases import MakeDatabase
from tests.postgres import somebody_waits
from tests.teams import Team


async def test_a_project_begins_with_its_maker_and_a_workflow(strict_team: Team) -> None:
    team = strict_team
    assert team.project == {
        "key": team.key,
        "name": f"Project {team.key}",
        "version": 1,
        "created_at": team.project["created_at"],
        "role": "owner",
    }
    assert (await team.owner.get(team.url)).json() == team.project
    assert (await team.viewer.get(team.url)).json() == team.project | {"role": "viewer"}
    log = await team.events()
    assert [event["type"] for event in log] == ["project.created", "workflow.changed", *["member.added"] * 3]
    workflow = (await team.viewer.get(f"{team.url}/workflow")).json()
    assert workflow == log[1]["workflow"]
    assert workflow == TEMPLATES["strict"].on_wire(version=2)


async def test_the_template_is_simple_unless_another_is_asked_for(team: Team) -> None:
    key = f"{team.key}D"
    await team.owner.post("/api/v1/projects", json={"key": key, "name": "D"})
    assert (await team.owner.get(f"/api/v1/projects/{key}/workflow")).json()["transitions"] is None


@pytest.mark.parametrize("key", ["", "A", "a", "web", "1AB", "A-B", "ABCDEFGHIJK", "AB C", "ÄB", "A\n", "WEB\n", "Ａ1"])
async def test_a_key_that_is_none_is_refused(team: Team, key: str) -> None:
    answer = await team.owner.post("/api/v1/projects", json={"key": key, "name": "A"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["key"]


async def test_a_key_is_taken_once_and_for_all(team: Team) -> None:
    body = {"key": f"{team.key}K", "name": "K"}
    answers = await asyncio.gather(
        *(team.client(role).post("/api/v1/projects", json=body) for role in ("owner", "stranger"))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    owner = team.owner if answers[0].status_code == 201 else team.stranger
    assert (await owner.delete(f"/api/v1/projects/{body['key']}")).status_code == 204
    again = await owner.post("/api/v1/projects", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


async def test_a_deleted_project_is_gone_at_once(team: Team) -> None:
    ref = (await team.task())["ref"]
    comment = (await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Hm"})).json()["id"]
    assert (await team.owner.delete(team.url)).status_code == 204
    for method, path, body in (
        ("GET", team.url, None), ("GET", f"{team.url}/board", None), ("GET", f"{team.url}/events", None),
        ("GET", f"{team.url}/stream", None), ("GET", f"/api/v1/tasks/{ref}", None), ("DELETE", team.url, None),
        ("POST", f"{team.url}/tasks", {"title": "A"}), ("PATCH", f"/api/v1/comments/{comment}", {"body": "B"}),
    ):  # fmt: skip
        assert (await team.owner.request(method, path, json=body)).status_code == 404, path
    assert team.key not in (await team.owner.get("/api/v1/projects?limit=200")).text


async def test_a_name_is_edited_by_an_event_and_not_without_a_change(team: Team) -> None:
    head = (await team.board())["seq"]
    answer = await team.owner.patch(team.url, json={"name": "  Other   name "})
    assert answer.json()["name"] == "Other name"
    (event,) = await team.events(head)
    assert event["type"] == "project.edited"
    assert event["changes"] == {"name": [team.project["name"], "Other name"]}
    assert event["project"]["version"] == event["seq"] == answer.json()["version"]
    for body in ({"name": "Other name"}, {}):
        assert (await team.owner.patch(team.url, json=body)).json() == answer.json()
    assert len(await team.events(head)) == 1
    for refused in ({"name": None}, {"name": ""}, {"name": "x" * 101}, {"key": "NEW"}):
        assert (await team.owner.patch(team.url, json=refused)).status_code == 422


async def test_my_projects_page_by_page(team: Team) -> None:
    keys = [f"{team.key}{letter}" for letter in "ABCDE"]
    for key in keys:
        await team.stranger.post("/api/v1/projects", json={"key": key, "name": key})
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await team.stranger.get("/api/v1/projects", params=query)).json()
        assert len(page["items"]) <= 2
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [key for key in seen if key in keys] == keys
    assert seen == sorted(set(seen))
    assert team.key not in seen


async def test_members_come_and_change_and_go(team: Team) -> None:
    stranger = team.stranger.user
    head = (await team.board())["seq"]
    joined = await team.owner.post(f"{team.url}/members", json={"email": team.stranger.email, "role": "viewer"})
    assert joined.json() | {"joined_at": "", "version": 0} == {
        "id": stranger["id"], "name": "Stranger", "role": "viewer", "placeholder": False, "joined_at": "", "version": 0,
    }  # fmt: skip
    again = await team.owner.post(f"{team.url}/members", json={"email": team.stranger.email})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    raised = await team.owner.patch(f"{team.url}/members/{stranger['id']}", json={"role": "member"})
    same = await team.owner.patch(f"{team.url}/members/{stranger['id']}", json={"role": "member"})
    assert raised.json() == same.json()
    task = await team.task("Theirs", assignees=[stranger["id"], team.owner.user["id"]])
    assert (await team.owner.delete(f"{team.url}/members/{stranger['id']}")).status_code == 204
    events = await team.events(head)
    assert [event["type"] for event in events] == [
        "member.added", "member.changed", "task.created", "task.edited", "member.removed",
    ]  # fmt: skip
    assert events[0]["member"] == joined.json()
    assert events[3]["task"]["assignees"] == [team.owner.user["id"]]
    assert events[3]["task"]["ref"] == task["ref"]
    assert (await team.owner.delete(f"{team.url}/members/{stranger['id']}")).status_code == 404
    back = await team.owner.post(f"{team.url}/members", json={"email": team.stranger.email})
    assert back.status_code == 201


async def test_the_last_owner_stays(team: Team) -> None:
    owner, member = team.owner.user["id"], team.member.user["id"]
    for answer in (
        await team.owner.delete(f"{team.url}/members/{owner}"),
        await team.owner.patch(f"{team.url}/members/{owner}", json={"role": "member"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert (await team.owner.patch(f"{team.url}/members/{member}", json={"role": "owner"})).status_code == 200
    # Both at once: one of them stays.
    answers = await asyncio.gather(
        team.owner.delete(f"{team.url}/members/{owner}"), team.member.delete(f"{team.url}/members/{member}")
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]


@pytest.mark.parametrize("themselves", [True, False])
async def test_two_owners_who_demote_each_other_or_themselves_at_once_leave_one(team: Team, themselves: bool) -> None:
    both = [team.owner, team.member]
    urls = [f"{team.url}/members/{one.user['id']}" for one in both]
    assert (await team.owner.patch(urls[1], json={"role": "owner"})).status_code == 200
    pairs = zip(both, urls if themselves else reversed(urls), strict=True)
    answers = await asyncio.gather(*(one.patch(url, json={"role": "viewer"}) for one, url in pairs))
    # Whoever came second was the last owner, or an owner no more.
    assert sorted(answer.json().get("code", "") for answer in answers) == [
        "",
        "last_owner" if themselves else "forbidden",
    ]
    roles = sorted(one["role"] for one in (await team.board())["members"])
    assert roles == ["owner", "viewer", "viewer"]


async def test_what_somebody_was_before_the_wait_for_the_project_lets_nobody_in(make_database: MakeDatabase) -> None:
    database = make_database("postgresql")
    here, elsewhere = Database(sa.make_url(database.url)), Database(sa.make_url(database.url))
    held, let_go = asyncio.Event(), asyncio.Event()

    async def hold(unit: Unit) -> None:
        if unit.recorded[-1].type == "member.changed":
            held.set()
            await let_go.wait()

    # Another process: there is no turn to wait for.
    first, second = Commands(here, projections=(hold,)), Commands(elsewhere)
    ada, bob = [await create_user(first, email=f"{n}@example.com", name=n, password=PASSWORD) for n in ("ada", "bob")]

    async def join(unit: Unit) -> None:
        await write_first(unit, TEMPLATES["simple"])
        await add_member_row(unit, bob, Role.MEMBER)

    await create(first, Caller(ada), key="WEB", name="Web", enforced=False, first=join)
    demoted = asyncio.create_task(change_role(first, Caller(ada), "WEB", bob.id, role=Role.VIEWER))
    await asyncio.wait_for(held.wait(), 30)
    written = asyncio.create_task(create_task(second, Caller(bob), "WEB", {"title": "Late"}, None))
    await somebody_waits(here)
    let_go.set()
    assert (await demoted)["role"] == "viewer"
    with pytest.raises(Problem, match="Only members"):
        await written
    await here.close()
    await elsewhere.close()


async def test_members_page_by_page_also_while_one_leaves(team: Team) -> None:
    await team.owner.post(f"{team.url}/members", json={"email": team.stranger.email})
    first = (await team.viewer.get(f"{team.url}/members", params={"limit": 2})).json()
    assert [one["name"] for one in first["items"]] == ["Owner", "Member"]
    assert first["items"][1]["email"] == team.member.email
    assert (await team.member.delete(f"{team.url}/members/{team.member.user['id']}")).status_code == 204
    rest = (await team.viewer.get(f"{team.url}/members", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["name"] for one in rest["items"]] == ["Viewer", "Stranger"]
    assert rest["next_cursor"] is None
