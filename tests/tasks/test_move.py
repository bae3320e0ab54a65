"""Moving a task: where it ends up, what is refused, and what happens when many move at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.teams import Team


async def column_of(team: Team, *titles: str) -> dict[str, str]:
    """Tasks in to-do, from top to bottom; their references by title."""
    return {title: (await team.task(title, state="todo"))["ref"] for title in titles}


@pytest.mark.parametrize(
    ("mover", "where", "order"),
    [
        ("c", {"before": "a"}, "cabd"),
        ("a", {"before": "d"}, "bcad"),
        ("a", {"after": "d"}, "bcda"),
        ("d", {"after": "a"}, "adbc"),
        ("a", {"after": "b"}, "bacd"),
        ("a", {}, "bcda"),
        ("a", {"before": None, "after": None}, "bcda"),
        ("a", {"before": "d", "after": "b"}, "bcad"),
        ("a", {"before": None, "after": "b"}, "bacd"),
        ("a", {"before": "gone"}, "bcda"),
        ("a", {"before": "gone", "after": "b"}, "bcda"),
        ("a", {"after": "elsewhere"}, "bcda"),
        ("a", {"before": "junk"}, "bcda"),
        # Nothing is to be done.
        ("a", {"before": "a"}, "abcd"),
        ("b", {"after": "b"}, "abcd"),
        ("a", {"before": "b"}, "abcd"),
        ("b", {"after": "a"}, "abcd"),
        ("d", {}, "abcd"),
    ],
)
async def test_within_a_column(team: Team, mover: str, where: dict[str, str | None], order: str) -> None:
    refs = await column_of(team, "a", "b", "c", "d", "gone")
    await team.owner.delete(f"/api/v1/tasks/{refs['gone']}")
    refs["elsewhere"] = (await team.task("elsewhere", state="done"))["ref"]
    before = await team.board()
    sides: dict[str, Any] = {side: refs.get(at or "", at) for side, at in where.items()}
    answer = await team.move(refs[mover], "todo", **sides)
    assert answer.status_code == 200
    assert "".join(await team.column("todo")) == order
    events = await team.events(before["seq"])
    if order == "abcd":
        assert events == []
        assert answer.json()["version"] <= before["seq"]
    else:
        (event,) = events
        assert event["type"] == "task.moved"
        assert event["task"] == answer.json()
        assert set(event["changes"]) == {"position"}
        assert answer.json()["version"] == event["seq"]


@pytest.mark.parametrize(
    ("where", "order"),
    [({}, "abx"), ({"before": "a"}, "xab"), ({"before": "b"}, "axb"), ({"after": "a"}, "axb"), ({"after": "b"}, "abx"),
     ({"before": "x"}, "abx"), ({"after": "nowhere"}, "abx")],
)  # fmt: skip
async def test_into_another_column(team: Team, where: dict[str, str], order: str) -> None:
    refs = await column_of(team, "a", "b")
    refs["x"] = (await team.task("x", state="backlog"))["ref"]
    answer = await team.move(refs["x"], "todo", **{side: refs.get(at, "ZZ-1") for side, at in where.items()})
    assert answer.json()["state"] == "todo"
    assert "".join(await team.column("todo")) == order
    assert await team.column("backlog") == []
    event = (await team.events())[-1]
    assert event["changes"]["state"] == ["backlog", "todo"]


async def test_of_two_on_one_spot_the_later_is_nearer(team: Team) -> None:
    refs = await column_of(team, "anchor", "first", "second")
    await team.move(refs["first"], "todo", before=refs["anchor"])
    await team.move(refs["second"], "todo", before=refs["anchor"])
    assert await team.column("todo") == ["first", "second", "anchor"]
    await team.move(refs["first"], "todo", after=refs["anchor"])
    await team.move(refs["second"], "todo", after=refs["anchor"])
    assert await team.column("todo") == ["anchor", "second", "first"]


@pytest.mark.parametrize("side", ["before", "after"])
async def test_sixteen_drops_on_one_spot_at_once(team: Team, side: str) -> None:
    anchor = (await team.task("anchor", state="todo"))["ref"]
    refs = [(await team.task(f"t{number}", state="backlog"))["ref"] for number in range(16)]
    head = (await team.board())["seq"]
    answers = await asyncio.gather(
        *(
            team.move(ref, "todo", by=("owner", "member")[number % 2], **{side: anchor})
            for number, ref in enumerate(refs)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    tasks = [task for task in (await team.board())["tasks"] if task["state"] == "todo"]
    keys = [task["position"] for task in tasks]
    assert len(set(keys)) == 17
    assert keys == sorted(keys, key=str.encode)
    moved = [task["ref"] for task in tasks if task["ref"] != anchor]
    by_seq = [event["task"]["ref"] for event in await team.events(head)]
    assert sorted(by_seq) == sorted(refs)
    assert moved == (by_seq if side == "before" else by_seq[::-1])
    assert tasks[-1 if side == "before" else 0]["ref"] == anchor


async def test_a_limit_is_never_passed_by_many_at_once(strict_team: Team) -> None:
    team = strict_team
    refs = [(await team.task(f"t{number}", state="todo"))["ref"] for number in range(16)]
    answers = await asyncio.gather(*(team.move(ref, "doing") for ref in refs))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [409] * 12
    for answer in answers:
        if answer.status_code == 409:
            refusal = answer.json()
            assert refusal["code"] == "wip_limit_reached"
            assert refusal["allowed"] == ["backlog", "cancelled"]
            assert refusal["reason"] in refusal["detail"]
    assert len(await team.column("doing")) == 4
    # Room is room for one, at once too.
    first = next(answer.json()["ref"] for answer in answers if answer.status_code == 200)
    waiting = [ref for ref, answer in zip(refs, answers, strict=True) if answer.status_code == 409]
    assert (await team.move(first, "review")).status_code == 200
    answers = await asyncio.gather(*(team.move(ref, "doing") for ref in waiting))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    # The limit counts live tasks.
    doing = [task["ref"] for task in (await team.board())["tasks"] if task["state"] == "doing"]
    assert (await team.owner.delete(f"/api/v1/tasks/{doing[0]}")).status_code == 204
    assert (await team.move(first, "doing")).status_code == 200


async def test_within_a_full_column_one_may_still_sort(strict_team: Team) -> None:
    team = strict_team
    refs = [(await team.task(f"t{number}", state="todo"))["ref"] for number in range(4)]
    for ref in refs:
        assert (await team.move(ref, "doing")).status_code == 200
    assert (await team.move(refs[3], "doing", before=refs[0])).status_code == 200
    assert await team.column("doing") == ["t3", "t0", "t1", "t2"]


async def test_transitions_are_enforced_and_the_way_is_shown(strict_team: Team) -> None:
    team = strict_team
    ref = (await team.task(state="todo"))["ref"]
    refused = await team.move(ref, "done")
    assert refused.status_code == 409
    assert refused.json()["code"] == "transition_not_allowed"
    assert refused.json()["allowed"] == ["backlog", "doing", "cancelled"]
    for state in ("doing", "review", "done"):
        assert (await team.move(ref, state, by="member")).status_code == 200
    refused = await team.move(ref, "review", by="member")
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])
    assert (await team.move(ref, "review", by="owner")).status_code == 200
    head = (await team.board())["seq"]
    assert (await team.move(ref, "nowhere")).status_code == 422
    assert (await team.move(ref, "backlog")).status_code == 409
    assert (await team.board())["seq"] == head


async def test_a_task_is_born_only_where_the_flow_begins(strict_team: Team) -> None:
    refused = await strict_team.owner.post(f"{strict_team.url}/tasks", json={"title": "A", "state": "doing"})
    assert refused.status_code == 409
    assert refused.json()["code"] == "transition_not_allowed"
    assert refused.json()["allowed"] == ["backlog", "todo"]
    assert (await strict_team.task())["state"] == "todo"
