"""What comes into an inbox, what it says, and what reading, muting and watching do to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.clients import Client
from tests.live.following import socket
from tests.notifications.inboxes import about, follow, inbox, told
from tests.serving import Server
from tests.teams import Team, sign_up


@pytest.fixture
async def dee(team: Team) -> AsyncIterator[Client]:
    """A member of the project whose inbox is empty but for having been added."""
    email = f"dee-{team.key.lower()}@example.com"
    client = await sign_up(team.server, f"Dee {team.key}", email)
    assert (await inbox(client))["items"] == []
    joined = await team.owner.post(f"{team.url}/members", json={"email": email})
    assert joined.status_code == 201
    yield client
    await client.aclose()


async def say(team: Team, ref: str, body: str, *, by: str = "owner") -> dict[str, str]:
    answer = await team.client(by).post(f"/api/v1/tasks/{ref}/comments", json={"body": body})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def test_one_notification_for_each_task_says_what_happened_last_and_why(team: Team, dee: Client) -> None:
    assert await told(dee, team.key) == [(None, "invited", None, 1)]
    (invited,) = await about(dee, team.key)
    assert (invited["actor"]["name"], invited["project_name"]) == ("Owner", f"Project {team.key}")
    me = dee.user["id"]
    ref = (await team.task("Mend the gate", assignees=[me], due="2126-11-23"))["ref"]
    other = (await team.task("Other", by="member"))["ref"]
    assert await told(dee, team.key) == [(ref, "assigned", None, 1), (None, "invited", None, 1)]
    await say(team, ref, "It squeaks.\n\n" + "x" * 500, by="member")
    await team.move(ref, "doing")
    # What she does herself, and what is none of hers, she does not hear of.
    await dee.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Mine"})
    await dee.post(f"/api/v1/tasks/{ref}/move", json={"state": "done"})
    await say(team, other, "Hm")
    await team.move(ref, "done", before=other)
    assert await told(dee, team.key) == [(ref, "moved", "assignee", 3), (None, "invited", None, 1)]
    (moved, _) = await about(dee, team.key)
    assert moved["reasons"] == ["moved", "commented", "assigned"]
    assert (moved["title"], moved["state"], moved["due"]) == ("Mend the gate", "In progress", "2126-11-23")
    assert (moved["type"], moved["actor"]["id"]) == ("task.moved", team.owner.user["id"])
    said = await say(team, other, f"Look, @Dee {team.key}!", by="member")
    (mentioned, *_) = await about(dee, team.key)
    assert (mentioned["task"], mentioned["reason"], mentioned["excerpt"]) == (other, "mentioned", said["body"])
    # A title that changed since is shown as it is.
    await team.owner.patch(f"/api/v1/tasks/{other}", json={"title": "Renamed"})
    assert (await about(dee, team.key))[0]["title"] == "Renamed"
    assert (await inbox(dee))["unread"] == 3


async def test_reading_one_reads_all_it_tells_and_what_comes_then_is_new(team: Team, dee: Client) -> None:
    ref = (await team.task(assignees=[dee.user["id"]]))["ref"]
    await say(team, ref, "One")
    whole = await inbox(dee)
    first = whole["items"][0]
    assert (first["count"], whole["unread"]) == (2, 2)
    read = await dee.post("/api/v1/inbox/read", json={"ids": [first["id"], "not there"]})
    assert read.json() == {"unread": 1, "seq": whole["seq"] + 1}
    again = await dee.post("/api/v1/inbox/read", json={"ids": [first["id"]]})
    assert again.json() == {"unread": 1, "seq": whole["seq"] + 1}
    await say(team, ref, "Two")
    assert [(one["task"], one["count"], one["read"]) for one in await about(dee, team.key, unread=False)] == [
        (ref, 1, False),
        (ref, 2, True),
        (None, 1, False),
    ]
    # Up to the seq that was seen; what came meanwhile stays unread.
    seen = (await inbox(dee))["seq"]
    newer = (await team.task(assignees=[dee.user["id"]]))["ref"]
    assert (await dee.post("/api/v1/inbox/read", json={"up_to": seen})).json()["unread"] == 1
    assert [one["task"] for one in await about(dee, team.key)] == [newer]
    # By the task, as who opens it does.
    assert (await dee.post("/api/v1/inbox/read", json={"task": ref})).json()["unread"] == 1
    assert (await dee.post("/api/v1/inbox/read", json={"task": newer})).json()["unread"] == 0
    assert (await dee.post("/api/v1/inbox/read", json={"task": "nothing"})).status_code == 404
    await say(team, newer, "Three")
    # Nobody reads for somebody else.
    left = [one["id"] for one in await about(dee, team.key)]
    await team.owner.post("/api/v1/inbox/read", json={"ids": left})
    assert (await inbox(dee))["unread"] == 1
    for wrong in ({}, {"ids": [], "up_to": 3}, {"up_to": 3, "task": ref}, {"up_to": -1}, {"ids": "x"}):
        assert (await dee.post("/api/v1/inbox/read", json=wrong)).status_code == 422


async def test_what_was_read_is_marked_as_unread_again(team: Team, dee: Client) -> None:
    ref = (await team.task(assignees=[dee.user["id"]]))["ref"]
    read: list[str] = []
    for said in ("One", "Two"):
        await say(team, ref, said)
        read.append((await about(dee, team.key))[0]["id"])
        await dee.post("/api/v1/inbox/read", json={"task": ref})

    async def unread(*ids: str, by: Client = dee) -> dict[str, int]:
        answer = await by.post("/api/v1/inbox/unread", json={"ids": ids})
        assert answer.status_code == 200, answer.text
        found: dict[str, int] = answer.json()
        return found

    before = await inbox(dee)
    # Nobody does it for somebody else; of two about one task it is the newer one, once.
    assert (await unread(*read, by=team.owner))["unread"] == (await inbox(team.owner))["unread"]
    assert await unread(*read, "not there") == {"unread": 2, "seq": before["seq"] + 1}
    assert [one["id"] for one in await about(dee, team.key) if one["task"]] == [read[1]]
    assert await unread(*read) == {"unread": 2, "seq": before["seq"] + 1}
    # What comes goes into that one, as if it had never been read.
    await say(team, ref, "Three")
    assert (await told(dee, team.key))[0] == (ref, "commented", "assignee", 2)
    assert (await inbox(dee))["unread"] == 2
    assert (await dee.post("/api/v1/inbox/unread", json={"up_to": 3})).status_code == 422
    # Nor comes anything back of a project that one may not see any more.
    assert (await team.owner.delete(f"{team.url}/members/{dee.user['id']}")).status_code == 204
    assert (await unread(*read))["unread"] == 0


async def test_the_words_of_a_comment_change_and_leave_in_every_inbox(team: Team, dee: Client) -> None:
    task, other = [await team.task(title, assignees=[dee.user["id"]]) for title in ("Gate", "Fence")]
    ref = task["ref"]
    kept = await say(team, ref, "Read and kept")
    await dee.post("/api/v1/inbox/read", json={"task": ref})
    gone = await say(team, ref, 'The "secret" is 大门')
    await dee.post("/api/v1/inbox/read", json={"task": ref})
    # Twice other words, the second time of the event that told of the first. What was read stays read, in its place.
    before = await inbox(dee)
    for words in ('The other "secret" is 大门', 'The "door" is 大门'):
        changed = await team.owner.patch(f"/api/v1/comments/{gone['id']}", json={"body": words})
        assert changed.status_code == 200, changed.text
    items = [
        one | ({"excerpt": 'The "door" is 大门'} if one["excerpt"] == gone["body"] else {}) for one in before["items"]
    ]
    assert items != before["items"]
    assert await inbox(dee) == {**before, "items": items, "seq": before["seq"] + 2}
    edited = await say(team, ref, "Plain")
    mention = {"body": f"@Dee {team.key} the other secret"}
    assert (await team.owner.patch(f"/api/v1/comments/{edited['id']}", json=mention)).status_code == 200
    third = await say(team, other["ref"], "A third secret")
    changed = await team.owner.patch(f"/api/v1/comments/{third['id']}", json={"body": "A fourth secret"})
    assert changed.status_code == 200, changed.text
    await say(team, other["ref"], "Said over it")
    await team.move(other["ref"], "doing")

    async def excerpts() -> list[str | None]:
        return [one["excerpt"] for one in await about(dee, team.key, unread=False) if one["task"] == ref]

    assert await excerpts() == [mention["body"], 'The "door" is 大门', kept["body"]]
    for comment in (gone, edited):
        before = await inbox(dee)
        assert (await team.owner.delete(f"/api/v1/comments/{comment['id']}")).status_code == 204
        assert {**await inbox(dee), "items": [], "seq": 0} == {**before, "items": [], "seq": 0}
    assert await excerpts() == [None, None, kept["body"]]
    async with socket(team.server, dee) as ws:
        head = (await inbox(dee))["seq"]
        await follow(ws, since=0)
        events = await ws.events(head)
        assert [event["seq"] for event in events] == list(range(1, head + 1))
        assert "secret" not in str(events)
        assert "over it" not in str(events)
        redacted = [event["ids"] for event in events if event["type"] == "notification.redacted"]
        assert len(redacted) == 2
        # What is undone is a comment again, and told of no more; with the task all goes that was said about it.
        head = (await team.board())["seq"]
        assert (await team.owner.post(f"{team.url}/undo", json={"seq": head})).status_code == 200
        assert (await team.owner.delete(f"/api/v1/tasks/{ref}")).status_code == 204
        (last,) = await ws.events((await inbox(dee))["seq"])
    assert (last["type"], last["unread"]) == ("notification.redacted", 3)
    assert await excerpts() == [None, None, None]


async def test_pages_of_the_inbox(team: Team, dee: Client) -> None:
    for number in range(7):
        await team.task(f"Task {number}", assignees=[dee.user["id"]])
    pages: list[list[str | None]] = []
    cursor = None
    while cursor is not None or not pages:
        page = (await dee.get("/api/v1/inbox", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([one["title"] for one in page["items"]])
        cursor = page["next_cursor"]
    assert pages == [["Task 6", "Task 5", "Task 4"], ["Task 3", "Task 2", "Task 1"], ["Task 0", None]]
    assert (await dee.get("/api/v1/inbox", params={"cursor": "eA=="})).status_code == 422


async def test_a_muted_reason_is_silent_here_or_everywhere_until_it_is_unmuted(
    team: Team, strict_team: Team, dee: Client
) -> None:
    me = dee.user["id"]
    assert (await strict_team.owner.post(f"{strict_team.url}/members", json={"email": dee.email})).status_code == 201
    here = (await team.task("Here", assignees=[me]))["ref"]
    there = (await strict_team.task("There", assignees=[me], state="backlog"))["ref"]
    await dee.post("/api/v1/inbox/read", json={"up_to": (await inbox(dee))["seq"]})

    async def heard() -> list[str]:
        for found, ref in ((team, here), (strict_team, there)):
            await say(found, ref, "Hm")
        fresh = [one["task"] for one in (await inbox(dee, unread="true"))["items"]]
        await dee.post("/api/v1/inbox/read", json={"up_to": (await inbox(dee))["seq"]})
        return sorted(fresh)

    assert await heard() == sorted([here, there])
    muted = await dee.put(f"{team.url}/mutes/commented")
    assert muted.json() == {"reason": "commented", "project": team.key}
    assert (await dee.put(f"{team.url}/mutes/commented")).status_code == 200
    assert await heard() == [there]
    # Another reason is heard all the same.
    assert (await say(team, here, f"@Dee {team.key}"))["id"]
    assert await told(dee, team.key) == [(here, "mentioned", None, 1)]
    await dee.put("/api/v1/inbox/mutes/commented")
    assert await heard() == [here]  # the mention of before
    assert (await dee.get("/api/v1/inbox/mutes")).json()["items"] == [
        {"reason": "commented", "project": None, "project_name": None},
        {"reason": "commented", "project": team.key, "project_name": f"Project {team.key}"},
    ]
    assert (await dee.delete("/api/v1/inbox/mutes/commented")).status_code == 204
    assert await heard() == [there]
    assert (await dee.delete(f"{team.url}/mutes/commented")).status_code == 204
    assert await heard() == sorted([here, there])
    assert (await dee.put("/api/v1/inbox/mutes/nothing")).status_code == 422
    twins = await asyncio.gather(*(dee.put("/api/v1/inbox/mutes/moved") for _ in range(4)))
    assert [answer.status_code for answer in twins] == [200] * 4
    await dee.delete("/api/v1/inbox/mutes/moved")


async def test_watching(team: Team, dee: Client) -> None:
    ref = (await team.task("Watched", assignees=[team.member.user["id"]]))["ref"]
    watch = f"/api/v1/tasks/{ref}/watch"
    assert (await dee.get(watch)).json() == {"watching": False}
    await say(team, ref, "Before")
    assert (await dee.put(watch)).json() == (await dee.put(watch)).json() == {"watching": True}
    assert (await dee.get(watch)).json() == {"watching": True}
    await say(team, ref, "Then", by="member")
    assert (await told(dee, team.key))[0] == (ref, "commented", "watcher", 1)
    assert (await told(team.owner, team.key))[0] == (ref, "commented", "creator", 1)
    assert (await dee.delete(watch)).status_code == 204
    await team.move(ref, "doing", by="member")
    assert (await told(dee, team.key))[0] == (ref, "commented", "watcher", 1)
    assert (await told(team.owner, team.key))[0] == (ref, "moved", "creator", 2)


async def test_who_leaves_sees_nothing_of_the_project_any_more(team: Team, dee: Client, shared_server: Server) -> None:
    me = dee.user["id"]
    ref = (await team.task("Secret", assignees=[me]))["ref"]
    await dee.put(f"/api/v1/tasks/{ref}/watch")
    before = await inbox(dee)
    assert before["unread"] == 2
    assert (await team.owner.delete(f"{team.url}/members/{me}")).status_code == 204
    after = await inbox(dee)
    assert (after["items"], after["unread"], after["seq"]) == ([], 0, before["seq"] + 2)
    await say(team, ref, f"Gone is @Dee {team.key}")
    assert await inbox(dee) == after
    # Back again, she hears of what comes then, and watches nothing.
    await team.owner.post(f"{team.url}/members", json={"email": dee.email})
    await say(team, ref, "Hm")
    assert await told(dee, team.key) == [(None, "invited", None, 1)]
    assert [one["read"] for one in await about(dee, team.key, unread=False)] == [False, True, True]
    assert (await team.owner.delete(team.url)).status_code == 204
    whole = await inbox(dee)
    assert (whole["items"], whole["unread"]) == ([], 0)


async def test_nobody_hears_of_what_a_demo_or_an_import_tells(team: Team, dee: Client) -> None:
    before = {**await inbox(dee), "seq": None}
    assert (await dee.post("/api/v1/demo", json={"key": f"{team.key}D"})).status_code == 201
    card = {"id": "c1", "name": "Card", "idList": "l1", "idMembers": ["m1"], "due": "2020-01-01T00:00:00.000Z"}
    members = [{"id": "m1", "fullName": "Dee", "username": "dee"}]
    lists = [{"id": "l1", "name": "To do"}]
    board = {"id": f"b{team.key}", "name": "Board", "lists": lists, "cards": [card], "members": members}
    came = await dee.post("/api/v1/imports/trello", params={"key": f"{team.key}T"}, json=board)
    assert came.status_code in (200, 201), came.text
    # But for the projects themselves, which are hers now.
    assert {**await inbox(dee), "seq": None} == before


async def test_an_undone_change_is_heard_of_as_any_other(team: Team, dee: Client) -> None:
    task = await team.task("Undone", assignees=[dee.user["id"]])
    moved = (await team.move(task["ref"], "doing")).json()
    assert (await team.owner.post(f"{team.url}/undo", json={"seq": moved["version"]})).status_code == 200
    assert (await told(dee, team.key))[0] == (task["ref"], "moved", "assignee", 3)
    said = await say(team, task["ref"], "Gone, and back")
    await team.owner.delete(f"/api/v1/comments/{said['id']}")
    head = (await team.board())["seq"]
    assert (await team.owner.post(f"{team.url}/undo", json={"seq": head})).status_code == 200
    assert (await told(dee, team.key))[0][3] == 4
