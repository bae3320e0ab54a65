"""The snapshot of the board: the same for all, cached under its tag, and only as large in queries as it must be."""

from __future__ import annotations

import re

from tests.teams import Team


async def test_answers_are_private_and_tags_save_the_body(team: Team) -> None:
    ref = (await team.task())["ref"]
    for path in (team.url, f"{team.url}/board", f"{team.url}/workflow", f"/api/v1/tasks/{ref}"):
        answer = await team.owner.get(path)
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"Cookie", "Authorization"} <= set(re.split(", *", answer.headers["vary"]))
        tag = answer.headers["etag"]
        assert tag.startswith('W/"')
        again = await team.owner.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"]) == (304, tag)
        await team.owner.patch(f"/api/v1/tasks/{ref}", json={"title": f"Other {path}"})
        other = await team.owner.get(path, headers={"If-None-Match": tag})
        assert other.status_code == (200 if "board" in path or "tasks" in path else 304)
    board = await team.board()
    assert (await team.owner.get(f"{team.url}/board")).headers["etag"] == f'W/"{board["log"]}-{board["seq"]}"'


async def test_the_board_is_the_same_bytes_for_every_viewer(team: Team) -> None:
    await team.task()
    boards = {(await team.client(role).get(f"{team.url}/board")).content for role in ("owner", "member", "viewer")}
    assert len(boards) == 1


async def test_a_snapshot_has_everything_a_browser_begins_with(strict_team: Team) -> None:
    team = strict_team
    first = await team.task("First", state="todo", assignees=[team.member.user["id"]], due="2026-12-24")
    second = await team.task("Second", state="todo")
    gone = await team.task("Gone")
    await team.owner.delete(f"/api/v1/tasks/{gone['ref']}")
    board = await team.board(by="viewer")
    assert board["tasks"] == [first, second]
    assert board["project"] == {name: team.project[name] for name in ("key", "name", "version", "created_at")}
    assert [state["id"] for state in board["workflow"]["states"]] == [
        "backlog",
        "todo",
        "doing",
        "review",
        "done",
        "cancelled",
    ]
    assert [(member["name"], member["role"]) for member in board["members"]] == [
        ("Owner", "owner"),
        ("Member", "member"),
        ("Viewer", "viewer"),
    ]
    assert board["labels"] == []
    assert board["seq"] == len(await team.events())


async def test_no_address_of_a_colleague_is_in_the_board(team: Team) -> None:
    assert "@example.com" not in (await team.viewer.get(f"{team.url}/board")).text
