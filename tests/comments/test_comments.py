"""Comments: said, changed and taken back, each counted on its task."""

from __future__ import annotations

from typing import Any

from tests.teams import Team


async def test_a_comment_and_its_task_go_together(team: Team) -> None:
    task = await team.task()
    url = f"/api/v1/tasks/{task['ref']}/comments"
    said = (await team.member.post(url, json={"body": "**Hm**"})).json()
    assert said["body_html"].strip() == "<p><strong>Hm</strong></p>"
    assert (said["author"], said["task"], said["edited_at"]) == (team.member.user["id"], task["ref"], None)
    event = (await team.events())[-1]
    assert (event["type"], event["changes"]) == ("comment.created", {"body": [None, "**Hm**"]})
    assert event["comment"] | {"body_html": said["body_html"]} == said
    assert event["task"]["comment_count"] == 1
    assert event["task"]["version"] == event["seq"] == said["version"]
    changed = (await team.member.patch(f"/api/v1/comments/{said['id']}", json={"body": "Oh"})).json()
    assert changed["edited_at"] is not None
    head = (await team.board())["seq"]
    assert (await team.member.patch(f"/api/v1/comments/{said['id']}", json={"body": "Oh"})).json() == changed
    assert (await team.board())["seq"] == head
    assert (await team.owner.delete(f"/api/v1/comments/{said['id']}")).status_code == 204
    event = (await team.events())[-1]
    assert (event["type"], event["changes"], event["task"]["comment_count"]) == ("comment.deleted", {}, 0)
    assert (await team.owner.get(url)).json() == {"items": [], "next_cursor": None}
    assert (await team.owner.delete(f"/api/v1/comments/{said['id']}")).status_code == 404
    assert (await team.board())["tasks"][0] == event["task"]


async def test_each_may_change_their_own(team: Team) -> None:
    ref = (await team.task())["ref"]
    said = (await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Mine"})).json()["id"]
    for answer in (
        await team.member.patch(f"/api/v1/comments/{said}", json={"body": "Theirs"}),
        await team.member.delete(f"/api/v1/comments/{said}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_comment_on_a_deleted_task_is_gone_whatever_is_sent(team: Team) -> None:
    ref = (await team.task())["ref"]
    said = (await team.member.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Hm"})).json()["id"]
    await team.member.delete(f"/api/v1/tasks/{ref}")
    for body in ("Hm", "Oh"):
        answer = await team.member.patch(f"/api/v1/comments/{said}", json={"body": body})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_comments_come_oldest_first_page_by_page(team: Team) -> None:
    ref = (await team.task())["ref"]
    url = f"/api/v1/tasks/{ref}/comments"
    ids = [(await team.member.post(url, json={"body": f"c{number}"})).json()["id"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await team.viewer.get(url, params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
        # The one the cursor stands at goes away meanwhile.
        await team.member.delete(f"/api/v1/comments/{seen[-1]}")
    assert seen == ids


async def test_a_comment_says_something(team: Team) -> None:
    ref = (await team.task())["ref"]
    for body in ("", "  \n ", "x" * 20_001):
        answer = await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": body})
        assert answer.status_code == 422
    long = await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "x" * 20_000})
    assert long.status_code == 201
