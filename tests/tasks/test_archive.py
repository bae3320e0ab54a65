"""Archived and deleted tasks come back: where they stood, as they were, as far as the project still allows it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.teams import Team


async def act(team: Team, ref: str, action: str, *, by: str = "owner") -> httpx.Response:
    return await team.client(by).post(f"/api/v1/tasks/{ref}/{action}")


async def archived(team: Team, ref: str) -> dict[str, Any]:
    answer = await act(team, ref, "archive")
    assert answer.status_code == 200, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def delete(team: Team, ref: str) -> None:
    assert (await team.owner.delete(f"/api/v1/tasks/{ref}")).status_code == 204


def untimed(task: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in task.items() if name not in ("version", "updated_at")}


async def test_an_archived_task_leaves_the_board_and_comes_back(team: Team) -> None:
    first, second, third = [await team.task(title, state="todo") for title in ("a", "b", "c")]
    task = await archived(team, second["ref"])
    event = (await team.events())[-1]
    assert (event["type"], event["changes"], event["task"]) == (
        "task.archived", {"archived": [False, True]}, task,
    )  # fmt: skip
    assert untimed(task) == untimed(second) | {"archived": True}
    assert await team.column("todo") == ["a", "c"]
    read = (await team.viewer.get(f"/api/v1/tasks/{task['ref']}")).json()
    assert read | {"description_html": ""} == task | {"description_html": ""}
    again = await act(team, task["ref"], "archive", by="member")
    assert (again.status_code, again.json()) == (200, task)
    restored = (await act(team, task["ref"], "restore", by="member")).json()
    event = (await team.events())[-1]
    assert (event["type"], event["changes"]) == ("task.restored", {"archived": [True, False]})
    assert event["task"] == restored
    assert untimed(restored) == untimed(second)
    head = (await team.board())["seq"]
    again = await act(team, task["ref"], "restore")
    assert (again.status_code, again.json()) == (200, restored)
    assert (await act(team, first["ref"], "restore")).json() == first
    board = await team.board()
    assert board["seq"] == head
    assert [task["ref"] for task in board["tasks"]] == [first["ref"], second["ref"], third["ref"]]


async def test_the_list_of_tasks_tells_archived_ones_apart(team: Team) -> None:
    refs = [(await team.task(f"t{number}"))["ref"] for number in range(4)]
    await archived(team, refs[0])
    await archived(team, refs[2])
    await delete(team, (await team.task("gone"))["ref"])

    async def listed(**query: Any) -> list[str]:
        page = (await team.viewer.get(f"{team.url}/tasks", params=query)).json()
        return [item["ref"] for item in page["items"]]

    assert await listed() == refs
    assert await listed(archived="true") == [refs[0], refs[2]]
    assert await listed(archived="false") == [refs[1], refs[3]]
    first = (await team.viewer.get(f"{team.url}/tasks", params={"archived": "true", "limit": 1})).json()
    assert await listed(archived="true", cursor=first["next_cursor"]) == [refs[2]]
    assert (await team.viewer.get(f"{team.url}/tasks", params={"archived": "maybe"})).status_code == 422


async def test_an_archived_task_is_not_moved_but_still_written_to(team: Team) -> None:
    ref = (await team.task())["ref"]
    await archived(team, ref)
    head = (await team.board())["seq"]
    refused = await team.move(ref, "done")
    assert refused.status_code == 422
    assert "restore" in refused.json()["detail"]
    assert (await team.board())["seq"] == head
    assert (await team.owner.patch(f"/api/v1/tasks/{ref}", json={"title": "B"})).json()["archived"]
    assert (await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Hm"})).status_code == 201
    # It is no neighbour to stand beside either.
    other = (await team.task("other", state="done"))["ref"]
    assert (await team.move(other, "todo", before=ref)).json()["state"] == "todo"


@pytest.mark.parametrize("way", ["archive", "delete"])
async def test_a_task_comes_back_beside_who_took_its_place(team: Team, way: str) -> None:
    first, second, third = [await team.task(title, state="todo") for title in ("a", "b", "c")]
    if way == "archive":
        await archived(team, second["ref"])
    else:
        await delete(team, second["ref"])
    newcomer = (await team.task("new", state="done"))["ref"]
    moved = (await team.move(newcomer, "todo", after=first["ref"])).json()
    assert moved["position"] == second["position"], "the test is about a place that is taken"
    restored = (await act(team, second["ref"], "restore")).json()
    assert await team.column("todo") == ["a", "new", "b", "c"]
    changes = (await team.events())[-1]["changes"]
    assert changes["position"] == [second["position"], restored["position"]]
    assert third["position"] > restored["position"] > moved["position"]


async def test_a_deleted_task_comes_back_as_it_was(team: Team) -> None:
    task = await team.task("A", description="- [x] a", due="2026-12-24", assignees=[team.member.user["id"]])
    url = f"/api/v1/tasks/{task['ref']}"
    said = (await team.member.post(f"{url}/comments", json={"body": "Hm"})).json()["id"]
    before = (await team.owner.get(url)).json()
    await delete(team, task["ref"])
    restored = (await act(team, task["ref"], "restore", by="member")).json()
    event = (await team.events())[-1]
    assert (event["type"], event["changes"], event["task"]) == ("task.restored", {}, restored)
    assert (await team.owner.get(url)).json() == before | {
        "version": event["seq"], "updated_at": restored["updated_at"],
    }  # fmt: skip
    assert [item["id"] for item in (await team.owner.get(f"{url}/comments")).json()["items"]] == [said]
    assert (await team.board())["tasks"] == [restored]
    assert (await act(team, task["ref"], "restore")).json() == restored


async def test_an_archived_task_that_was_deleted_comes_back_archived(team: Team) -> None:
    ref = (await team.task())["ref"]
    task = await archived(team, ref)
    await delete(team, ref)
    restored = (await act(team, ref, "restore")).json()
    assert untimed(restored) == untimed(task)
    assert (await team.board())["tasks"] == []
    assert not (await act(team, ref, "restore")).json()["archived"]


async def test_who_left_is_no_assignee_of_what_comes_back(team: Team) -> None:
    people = [team.member.user["id"], team.owner.user["id"]]
    ref = (await team.task("A", assignees=people))["ref"]
    await delete(team, ref)
    assert (await team.owner.delete(f"{team.url}/members/{people[0]}")).status_code == 204
    restored = (await act(team, ref, "restore")).json()
    assert restored["assignees"] == [people[1]]
    assert (await team.events())[-1]["changes"] == {"assignees": [people, [people[1]]]}
    assert (await team.board())["tasks"] == [restored]


@pytest.mark.parametrize("way", ["archive", "delete"])
async def test_the_limit_is_asked_and_transitions_are_not(strict_team: Team, way: str) -> None:
    team = strict_team
    refs = [(await team.task(f"t{number}", state="todo"))["ref"] for number in range(6)]
    for ref in refs[:4]:
        assert (await team.move(ref, "doing")).status_code == 200
    for ref in refs[:2]:
        if way == "archive":
            await archived(team, ref)
        else:
            await delete(team, ref)
    # No transition leads to doing by itself, yet both go back there while there is room.
    assert (await act(team, refs[0], "restore")).json()["state"] == "doing"
    assert (await team.move(refs[4], "doing")).status_code == 200
    head = (await team.board())["seq"]
    refused = await act(team, refs[1], "restore")
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["allowed"]) == ("wip_limit_reached", [])
    assert (await team.board())["seq"] == head
    assert (await team.move(refs[4], "todo")).status_code == 200
    # Both at once: the one that comes second finds the column full.
    answers = await asyncio.gather(act(team, refs[1], "restore"), team.move(refs[5], "doing"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await team.column("doing")) == 4


async def test_restoring_what_never_was(team: Team) -> None:
    for action in ("archive", "restore"):
        for ref in (f"{team.key}-9", f"{team.key}-0", "junk", "NOTHERE-1"):
            assert (await act(team, ref, action)).status_code == 404


async def test_what_comes_back_into_the_archive_takes_no_place(strict_team: Team) -> None:
    team = strict_team
    refs = [(await team.task(f"t{number}", state="todo"))["ref"] for number in range(5)]
    assert (await team.move(refs[0], "doing")).status_code == 200
    await archived(team, refs[0])
    await delete(team, refs[0])
    for ref in refs[1:]:
        assert (await team.move(ref, "doing")).status_code == 200
    back = await act(team, refs[0], "restore")
    assert (back.status_code, back.json()["archived"], back.json()["state"]) == (200, True, "doing")
    assert (await act(team, refs[0], "restore")).json()["code"] == "wip_limit_reached"
