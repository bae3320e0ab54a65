"""Edits that meet: what nobody touched merges, what somebody changed is refused, and the log says which."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.databases import Database
from tests.teams import Team


async def conflict(team: Team, path: str, body: dict[str, Any], fields: list[str], *, by: str = "owner") -> Any:
    """The edit is refused over these fields and has done nothing; the `current` entity of the refusal."""
    before = await team.board()
    answer = await team.client(by).patch(path, json=body)
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert problem["code"] == "edit_conflict"
    assert problem["conflicts"] == fields
    assert await team.board() == before
    return problem["current"]


async def test_a_field_somebody_changed_is_refused_and_another_merges(team: Team) -> None:
    task = await team.task("Draft", description="Text")
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    await team.member.patch(path, json={"title": "Theirs"})
    current = await conflict(team, path, {"title": "Mine", "priority": "high", "base_version": base}, ["title"])
    assert current == (await team.board())["tasks"][0]
    merged = await team.owner.patch(path, json={"priority": "high", "due": "2026-12-01", "base_version": base})
    assert merged.status_code == 200
    assert {name: merged.json()[name] for name in ("title", "priority", "due")} == {
        "title": "Theirs",
        "priority": "high",
        "due": "2026-12-01",
    }


async def test_the_same_value_and_a_value_that_came_back_are_no_conflict(team: Team) -> None:
    task = await team.task("One")
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    await team.member.patch(path, json={"title": "Two", "priority": "low"})
    same = await team.owner.patch(path, json={"title": "Two", "base_version": base})
    assert same.status_code == 200
    assert same.json()["version"] == base + 1
    await team.member.patch(path, json={"title": "One"})
    back = await team.owner.patch(path, json={"title": "Three", "base_version": base})
    assert back.json()["title"] == "Three"


async def test_what_was_deleted_and_came_back_the_same_is_no_conflict(team: Team) -> None:
    label = (await team.owner.post(f"{team.url}/labels", json={"name": "Red", "color": "red"})).json()
    path = f"{team.url}/labels/{label['id']}"
    await team.owner.delete(path)
    deleted = (await team.board())["seq"]
    await team.owner.post(f"{team.url}/undo", json={"seq": deleted})
    back = await team.owner.patch(path, json={"name": "Scarlet", "base_version": label["version"]})
    assert (back.status_code, back.json()["name"]) == (200, "Scarlet"), back.text
    await conflict(team, path, {"name": "Crimson", "base_version": label["version"]}, ["name"])
    # Nobody read it while it was not there.
    await conflict(team, path, {"color": "blue", "base_version": deleted}, ["color"])


async def test_moves_comments_and_other_tasks_are_in_no_edits_way(team: Team) -> None:
    task, other = await team.task("One"), await team.task("Other")
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    await team.move(task["ref"], "done", by="member")
    await team.member.post(f"{path}/comments", json={"body": "Said"})
    await team.member.patch(f"/api/v1/tasks/{other['ref']}", json={"title": "Changed"})
    answer = await team.owner.patch(path, json={"title": "Mine", "base_version": base})
    assert answer.status_code == 200
    assert answer.json()["state"] == "done"


async def test_without_a_base_the_last_writer_wins(team: Team) -> None:
    task = await team.task("One")
    path = f"/api/v1/tasks/{task['ref']}"
    await team.member.patch(path, json={"title": "Two"})
    assert (await team.owner.patch(path, json={"title": "Three"})).json()["title"] == "Three"


async def test_whole_lists_conflict(team: Team) -> None:
    task = await team.task()
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    member, owner = team.member.user["id"], team.owner.user["id"]
    await team.member.patch(path, json={"assignees": [member]})
    await conflict(team, path, {"assignees": [owner], "base_version": base}, ["assignees"])
    both = await team.owner.patch(path, json={"assignees": [member, owner], "base_version": base + 1})
    assert both.json()["assignees"] == [member, owner]


@pytest.mark.parametrize("above", [1, 2**53])
async def test_a_version_above_the_head_is_invalid(team: Team, above: int) -> None:
    task = await team.task()
    version = min(task["version"] + above, 2**53)
    answer = await team.owner.patch(f"/api/v1/tasks/{task['ref']}", json={"title": "B", "base_version": version})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["base_version"]


@pytest.mark.parametrize("wrong", [-1, "3", 1.5, True, [1]])
async def test_a_version_that_is_none_is_invalid(team: Team, wrong: Any) -> None:
    task = await team.task()
    answer = await team.owner.patch(f"/api/v1/tasks/{task['ref']}", json={"title": "B", "base_version": wrong})
    assert answer.status_code == 422


async def test_before_the_log_that_is_kept_every_sent_field_conflicts(team: Team, shared_database: Database) -> None:
    task = await team.task("One")
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    await team.member.patch(path, json={"priority": "low"})
    await team.member.patch(path, json={"priority": "high"})
    engine = create_async_engine(shared_database.url)
    async with engine.begin() as connection:
        await connection.execute(
            sa.text("DELETE FROM events WHERE seq <= :seq AND project_id = (SELECT id FROM projects WHERE key = :key)"),
            {"seq": base + 1, "key": team.key},
        )
    await engine.dispose()
    await conflict(team, path, {"title": "Mine", "due": None, "base_version": base}, ["title", "due"])
    kept = await team.owner.patch(path, json={"title": "Mine", "base_version": base + 1})
    assert kept.json()["title"] == "Mine"


async def test_a_comment_the_project_and_a_role_conflict_too(team: Team) -> None:
    ref = (await team.task())["ref"]
    comment = (await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "One"})).json()
    path = f"/api/v1/comments/{comment['id']}"
    await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Another"})
    await team.member.patch(path, json={"body": "Two"})
    current = await conflict(team, path, {"body": "Three", "base_version": comment["version"]}, ["body"], by="member")
    assert current["body"] == "Two"

    base = (await team.owner.get(team.url)).json()["version"]
    await team.owner.patch(team.url, json={"name": "Two"})
    assert (await conflict(team, team.url, {"name": "Three", "base_version": base}, ["name"]))["name"] == "Two"

    members = {m["id"]: m for m in (await team.board())["members"]}
    viewer = team.viewer.user["id"]
    path, base = f"{team.url}/members/{viewer}", members[viewer]["version"]
    await team.owner.patch(f"{team.url}/members/{team.member.user['id']}", json={"role": "viewer"})
    await team.owner.patch(path, json={"role": "member"})
    await conflict(team, path, {"role": "owner", "base_version": base}, ["role"])
    head = (await team.board())["seq"]
    assert (await team.owner.patch(path, json={"role": "owner", "base_version": head})).status_code == 200


async def test_of_many_at_once_one_wins_and_the_others_know(team: Team) -> None:
    task = await team.task("One")
    path, base = f"/api/v1/tasks/{task['ref']}", task["version"]
    answers = await asyncio.gather(
        *(team.member.patch(path, json={"title": f"By {n}", "base_version": base}) for n in range(8))
    )
    won = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert {answer.json()["current"]["title"] for answer in answers if answer.status_code == 409} == set(won)
