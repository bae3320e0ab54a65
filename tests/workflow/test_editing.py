"""Changing a project's workflow while tasks stand on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.workflow.templates import TEMPLATES
from tests.databases import Database
from tests.teams import Team


async def workflow_of(team: Team) -> dict[str, Any]:
    answer = await team.viewer.get(f"{team.url}/workflow")
    found: dict[str, Any] = answer.json()
    return found


async def put(team: Team, workflow: dict[str, Any], status: int = 200, *, by: str = "owner") -> dict[str, Any]:
    """The answer to the PUT; where it is refused nothing has happened."""
    before = await team.events()
    answer = await team.client(by).put(f"{team.url}/workflow", json=workflow)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert await team.events() == before
    found: dict[str, Any] = answer.json()
    return found


def state(id_: str, name: str | None = None, category: str = "doing", wip_limit: int | None = None) -> dict[str, Any]:
    return {"id": id_, "name": name or id_.title(), "category": category, "wip_limit": wip_limit}


async def test_states_are_added_renamed_reordered_and_dropped(team: Team) -> None:
    before = await workflow_of(team)
    backlog, todo, doing, done = before["states"]
    wanted = [todo | {"name": "Next"}, doing | {"wip_limit": 2}, state("review"), done]
    after = await put(team, {**before, "states": wanted})
    assert after["states"] == wanted
    assert after == await workflow_of(team) == (await team.board())["workflow"]
    event = (await team.events())[-1]
    assert event["type"] == "workflow.changed"
    assert event["workflow"] == after
    assert event["changes"] == {"states": [[backlog, todo, doing, done], wanted]}
    assert after["version"] == event["seq"]
    ref = (await team.task(state="review"))["ref"]
    assert (await team.move(ref, "backlog")).status_code == 422


async def test_tasks_of_a_dropped_state_go_where_the_owner_says_in_one_command(team: Team) -> None:
    await team.task("There", state="backlog")
    first, second, shelved, gone = [
        (await team.task(title, state="doing"))["ref"] for title in ("1", "2", "Shelved", "Gone")
    ]
    await team.move(second, "doing", before=first)
    await team.owner.post(f"/api/v1/tasks/{shelved}/archive")
    await team.owner.delete(f"/api/v1/tasks/{gone}")
    before = await workflow_of(team)
    backlog, todo, _, done = before["states"]

    def drop(**fields: Any) -> dict[str, Any]:
        return {"states": [backlog, todo, done], "transitions": None, **fields}

    # Nothing is done where it can't all be done.
    for targets, loc in (({"doing": "review"}, "doing"), ({"todo": "done"}, "todo"), ({"none": "done"}, "none")):
        problem = await put(team, drop(targets=targets), 422)
        assert problem["errors"][0]["loc"] == ["targets", loc]
    problem = await put(team, drop(), 409)
    assert (problem["code"], problem["states"]) == ("state_in_use", ["doing"])
    full = {**drop(targets={"doing": "backlog"}), "states": [backlog | {"wip_limit": 2}, todo, done]}
    problem = await put(team, full, 409)
    assert problem["code"] == "wip_limit_reached"
    assert "has 1" in problem["detail"]
    await put(team, drop(targets={"doing": "backlog"}), 403, by="member")

    # Limits hold for what stands on the board; transitions are not asked.
    head = (await team.board())["seq"]
    wanted = {
        **drop(targets={"doing": "backlog"}),
        "states": [backlog | {"wip_limit": 3}, todo, done],
        "transitions": [{"from": "backlog", "to": "todo"}],
    }
    after = await put(team, wanted)
    assert await team.column("backlog") == ["There", "2", "1"]
    kept = (await team.owner.get(f"/api/v1/tasks/{shelved}")).json()
    assert (kept["state"], kept["archived"]) == ("backlog", True)
    events = await team.events(head)
    assert [event["type"] for event in events] == ["task.moved"] * 3 + ["workflow.changed"]
    assert len({event["command_id"] for event in events}) == 1
    assert {event["task"]["ref"]: event["changes"]["state"] for event in events[:3]} == {
        ref: ["doing", "backlog"] for ref in (first, second, shelved)
    }
    assert after["version"] == events[-1]["seq"]

    # Undone from the last event to the first everything is where it was.
    for event in reversed(events):
        undone = await team.owner.post(f"{team.url}/undo", json={"seq": event["seq"]})
        assert undone.status_code == 200, undone.text
    assert await team.column("doing") == ["2", "1"]
    kept = (await team.owner.get(f"/api/v1/tasks/{shelved}")).json()
    assert (kept["state"], kept["archived"]) == ("doing", True)


async def test_what_changes_nothing_writes_nothing(strict_team: Team) -> None:
    before, log = await workflow_of(strict_team), await strict_team.events()
    shuffled = {**before, "transitions": before["transitions"][::-1]}
    assert await put(strict_team, shuffled) == before
    assert await strict_team.events() == log


@pytest.mark.parametrize("archived", [False, True])
async def test_a_state_with_tasks_stays(team: Team, shared_database: Database, archived: bool) -> None:
    ref = (await team.task(state="doing"))["ref"]
    if archived:
        await change(shared_database, "UPDATE tasks SET archived = true", team)
    before = await workflow_of(team)
    rest = [found for found in before["states"] if found["id"] != "doing"]
    problem = await put(team, {**before, "states": rest}, 409)
    assert problem["code"] == "state_in_use"
    assert problem["states"] == ["doing"]
    assert "“In progress” has 1 task" in problem["detail"]
    await team.owner.delete(f"/api/v1/tasks/{ref}")
    assert (await put(team, {**before, "states": rest}))["states"] == rest


async def change(database: Database, statement: str, team: Team) -> None:
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        await connection.execute(
            sa.text(f"{statement} WHERE project_id = (SELECT id FROM projects WHERE key = :key)"), {"key": team.key}
        )
    await engine.dispose()


async def test_rules_hold_from_the_next_move_on(team: Team) -> None:
    first, second = (await team.task(state="backlog"))["ref"], (await team.task(state="backlog"))["ref"]
    before = await workflow_of(team)
    only = [{"from": "backlog", "to": "todo"}, {"from": "todo", "to": "done", "roles": ["owner"], "requires": ["due"]}]
    states = [found | ({"wip_limit": 1} if found["id"] == "todo" else {}) for found in before["states"]]
    after = await put(team, {"states": states, "transitions": only})
    assert after["transitions"] == only
    assert (await team.move(first, "doing")).json()["code"] == "transition_not_allowed"
    assert (await team.move(first, "todo")).status_code == 200
    assert (await team.move(second, "todo")).json()["code"] == "wip_limit_reached"
    assert (await team.move(first, "done", by="member")).json()["code"] == "transition_not_allowed"
    assert "a due date" in (await team.move(first, "done")).json()["detail"]
    await team.owner.patch(f"/api/v1/tasks/{first}", json={"due": "2026-12-24"})
    assert (await team.move(first, "done")).status_code == 200
    assert (await team.owner.post(f"{team.url}/tasks", json={"title": "A", "state": "done"})).status_code == 409
    assert (await put(team, {"states": before["states"], "transitions": None}))["transitions"] is None
    assert (await team.move(first, "backlog", by="member")).status_code == 200


async def test_a_limit_below_what_stands_there_lets_no_more_in(team: Team) -> None:
    refs = [(await team.task(state="doing"))["ref"] for _ in range(3)]
    before = await workflow_of(team)
    await put(team, {**before, "states": [found | {"wip_limit": 2} for found in before["states"]]})
    assert (await team.move(refs[0], "done")).status_code == 200
    assert (await team.move(refs[0], "doing")).json()["code"] == "wip_limit_reached"
    assert (await team.move(refs[1], "done")).status_code == 200
    assert (await team.move(refs[0], "doing")).status_code == 200


@pytest.mark.parametrize("named", ["version", "base_version"])
async def test_two_who_edit_the_same_part_meet(team: Team, named: str) -> None:
    before = await workflow_of(team)
    added = [*before["states"], state("review")]
    after = await put(team, {"states": added, "transitions": None})
    base = {named: before["version"]}
    problem = await put(team, {"states": [*before["states"], state("test")], "transitions": None, **base}, 409)
    assert problem["code"] == "edit_conflict"
    assert problem["conflicts"] == ["states"]
    assert problem["current"] == after
    moves = [{"from": "todo", "to": "doing"}]
    merged = await put(team, {"states": added, "transitions": moves, **base})
    assert merged["transitions"] == moves
    assert (await put(team, {**before, named: 2**50}, 422))["errors"][0]["loc"] == ["base_version"]


GOOD = state("todo", category="todo")


@pytest.mark.parametrize(
    ("workflow", "loc"),
    [
        ({"states": [], "transitions": None}, ["states"]),
        ({"states": [GOOD]}, ["transitions"]),
        ({"transitions": None}, ["states"]),
        ({"states": [GOOD, GOOD], "transitions": None}, ["states", 0, "id"]),
        ({"states": [GOOD, state("other", "TODO")], "transitions": None}, ["states", 0, "name"]),
        ({"states": [GOOD | {"id": "To Do"}], "transitions": None}, ["states", 0, "id"]),
        ({"states": [GOOD | {"id": ""}], "transitions": None}, ["states", 0, "id"]),
        ({"states": [GOOD | {"id": "a" * 41}], "transitions": None}, ["states", 0, "id"]),
        ({"states": [GOOD | {"name": " "}], "transitions": None}, ["states", 0, "name"]),
        ({"states": [GOOD | {"name": "a" * 61}], "transitions": None}, ["states", 0, "name"]),
        ({"states": [GOOD | {"category": "open"}], "transitions": None}, ["states", 0, "category"]),
        ({"states": [GOOD | {"wip_limit": 0}], "transitions": None}, ["states", 0, "wip_limit"]),
        ({"states": [GOOD | {"wip_limit": True}], "transitions": None}, ["states", 0, "wip_limit"]),
        ({"states": [GOOD | {"colour": "red"}], "transitions": None}, ["states", 0, "colour"]),
        ({"states": [state(f"s{n}") for n in range(51)], "transitions": None}, ["states"]),
        ({"states": [state("doing")], "transitions": []}, ["states"]),
        ({"states": [GOOD], "transitions": [{"from": "todo", "to": "done"}]}, ["transitions", 0, "to"]),
        ({"states": [GOOD], "transitions": [{"from": "todo", "to": "todo"}]}, ["transitions", 0, "to"]),
        ({"states": [GOOD], "transitions": [{"source": "todo", "to": "todo"}]}, ["transitions", 0, "from"]),
        ({"states": [GOOD], "transitions": {}}, ["transitions"]),
        ({"states": [GOOD, state("b")], "transitions": [{"from": "todo", "to": "b"}] * 2}, ["transitions", 0]),
        (
            {"states": [GOOD, state("b")], "transitions": [{"from": "todo", "to": "b", "roles": ["viewer"]}]},
            ["transitions", 0, "roles", 0],
        ),
        (
            {"states": [GOOD, state("b")], "transitions": [{"from": "todo", "to": "b", "roles": []}]},
            ["transitions", 0, "roles"],
        ),
        (
            {"states": [GOOD, state("b")], "transitions": [{"from": "todo", "to": "b", "requires": ["luck"]}]},
            ["transitions", 0, "requires", 0],
        ),
    ],
)
async def test_a_workflow_that_is_none_is_refused_at_its_place(
    team: Team, workflow: dict[str, Any], loc: list[Any]
) -> None:
    before = await workflow_of(team)
    problem = await put(team, workflow, 422)
    assert loc in [error["loc"] for error in problem["errors"]], problem["errors"]
    assert await workflow_of(team) == before


async def test_a_move_and_the_drop_of_its_target_never_pass_each_other(team: Team) -> None:
    before = await workflow_of(team)
    rest = {**before, "states": [found for found in before["states"] if found["id"] != "doing"]}
    for _ in range(5):
        refs = [(await team.task(state="todo"))["ref"] for _ in range(3)]
        answers = await asyncio.gather(
            *(team.move(ref, "doing", by="member") for ref in refs[:2]),
            team.owner.put(f"{team.url}/workflow", json=rest),
            team.move(refs[2], "doing", by="member"),
        )
        assert {answer.status_code for answer in answers} <= {200, 409, 422}
        board = await team.board()
        assert {task["state"] for task in board["tasks"]} <= {found["id"] for found in board["workflow"]["states"]}
        for task in board["tasks"]:
            await team.owner.delete(f"/api/v1/tasks/{task['ref']}")
        await put(team, {"states": before["states"], "transitions": None})


async def test_a_template_and_every_requirement_survive_the_way_there_and_back(team: Team) -> None:
    strict = TEMPLATES["strict"].on_wire()
    strict["transitions"][0] |= {"requires": ["assignee", "description", "due", "priority", "checklist"]}
    after = await put(team, {name: strict[name] for name in ("states", "transitions")})
    assert after == strict | {"version": after["version"]}
