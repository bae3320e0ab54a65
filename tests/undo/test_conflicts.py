"""What was changed again since is not undone, what was not is; and nobody undoes what they may not do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.teams import Team
from tests.undo.story import Story, tell


@pytest.fixture
async def story(team: Team) -> Story:
    return await tell(team)


async def test_only_the_events_own_fields_are_in_the_way(story: Story) -> None:
    url = f"tasks/{story.refs['b']}"
    first = (await story.call("PATCH", url, {"title": "B", "priority": "high"}))["version"]
    await story.call("PATCH", url, {"due": "2026-12-24", "assignees": []})
    await story.call("POST", f"{url}/move", {"state": "done"})
    await story.call("POST", f"{url}/comments", {"body": "Hm"}, status=201)
    await story.call("PATCH", f"tasks/{story.refs['a']}", {"title": "A"})
    (event,) = await story.undone(first)
    assert event["changes"] == {"title": ["B", "b"], "priority": ["high", "none"]}
    task = event["task"]
    assert (task["due"], task["state"], task["comment_count"]) == ("2026-12-24", "done", 1)
    # It was changed since: by the undo.
    problem = await story.refused(first, "undo_conflict")
    assert problem["status"] == 409
    assert problem["conflicts"] == ["title", "priority"]
    assert problem["current"] == task
    assert task["ref"] in problem["detail"]


async def test_one_changed_field_is_enough(story: Story) -> None:
    url = f"tasks/{story.refs['b']}"
    seq = (await story.call("PATCH", url, {"title": "B", "priority": "high"}))["version"]
    current = await story.call("PATCH", url, {"priority": "low"}, by="member")
    problem = await story.refused(seq, "undo_conflict")
    assert (problem["conflicts"], problem["current"]) == (["priority"], current)
    # Also where it is back at what the event made of it: somebody meant it so.
    await story.call("PATCH", url, {"priority": "high"}, by="member")
    assert (await story.refused(seq, "undo_conflict"))["conflicts"] == ["priority"]


async def test_a_task_that_was_worked_on_is_not_unmade(story: Story) -> None:
    made = await story.team.task("new")
    await story.call("PATCH", f"tasks/{made['ref']}", {"title": "N"})
    await story.call("POST", f"tasks/{made['ref']}/comments", {"body": "Hm"}, status=201)
    assert (await story.refused(made["version"], "undo_conflict"))["conflicts"] == ["title", "comment_count"]
    restored = await story.call("POST", f"tasks/{story.refs['gone']}/restore")
    await story.call("PATCH", f"tasks/{restored['ref']}", {"title": "here"})
    assert (await story.refused(restored["version"], "undo_conflict"))["conflicts"] == ["title"]


async def test_what_happened_to_a_deleted_task_is_not_undone(story: Story) -> None:
    url = f"tasks/{story.refs['a']}"
    seqs = [(await story.call("PATCH", url, {"title": "A"}))["version"]]
    seqs += [(await story.call("POST", f"{url}/move", {"state": "done"}))["version"]]
    comment = await story.call("POST", f"{url}/comments", {"body": "Hm"}, status=201)
    seqs += [comment["version"]]
    seqs += [(await story.call("PATCH", f"comments/{comment['id']}", {"body": "Oh"}))["version"]]
    await story.call("DELETE", f"comments/{comment['id']}", status=204)
    seqs += [await story.head()]
    seqs += [(await story.call("POST", f"{url}/archive"))["version"]]
    seqs += [(await story.call("POST", f"{url}/restore"))["version"]]
    await story.call("DELETE", url, status=204)
    gone = await story.head()
    for seq in seqs:
        problem = await story.refused(seq, "undo_conflict")
        assert (problem["current"], problem["conflicts"]) == (None, [])
    (event,) = await story.undone(gone)
    assert event["type"] == "task.restored"
    assert (await story.refused(gone, "undo_conflict"))["current"] == event["task"]
    # Back again, what happened before can be undone.
    await story.undone(seqs[1])
    await story.undone(seqs[0])
    await story.call("DELETE", url, status=204)
    await story.refused(gone, "undo_conflict")


async def test_archiving_and_restoring_since(story: Story) -> None:
    url = f"tasks/{story.refs['a']}"
    moved = (await story.call("POST", f"{url}/move", {"state": "done"}))["version"]
    archived = (await story.call("POST", f"{url}/archive"))["version"]
    assert (await story.refused(moved, "undo_conflict"))["conflicts"] == ["archived"]
    restored = (await story.call("POST", f"{url}/restore"))["version"]
    assert (await story.refused(archived, "undo_conflict"))["conflicts"] == ["archived"]
    assert (await story.undone(moved))[0]["changes"]["state"] == ["done", "todo"]
    await story.undone(restored)
    assert (await story.refused(restored, "undo_conflict"))["conflicts"] == ["archived"]


async def test_comments_that_were_changed_since(story: Story) -> None:
    comment = await story.call("POST", f"tasks/{story.refs['b']}/comments", {"body": "1"}, status=201)
    edited = await story.call("PATCH", f"comments/{comment['id']}", {"body": "2"})
    await story.call("PATCH", f"comments/{comment['id']}", {"body": "3"})
    for seq in (comment["version"], edited["version"]):
        problem = await story.refused(seq, "undo_conflict")
        assert (problem["conflicts"], problem["current"]["body"]) == (["body"], "3")
    await story.call("DELETE", f"comments/{comment['id']}", status=204)
    deleted = await story.head()
    assert (await story.refused(edited["version"], "undo_conflict"))["current"] is None
    (event,) = await story.undone(deleted)
    assert event["comment"] == {
        name: value for name, value in comment.items() if name not in ("body_html", "version", "edited_at", "body")
    } | {"body": "3", "version": event["seq"], "edited_at": event["comment"]["edited_at"]}
    assert event["comment"]["edited_at"] is not None
    assert (await story.refused(deleted, "undo_conflict"))["current"]["body"] == "3"
    await story.call("DELETE", f"comments/{comment['id']}", status=204)
    assert (await story.refused(deleted, "undo_conflict"))["current"] is None


async def test_labels_that_were_changed_since(story: Story) -> None:
    url = f"projects/{{key}}/labels/{story.labels['red']}"
    made = (await story.team.events())[5]
    assert made["type"] == "label.created"
    named = (await story.call("PATCH", url, {"name": "Rouge"}))["version"]
    await story.call("PATCH", url, {"color": "pink"})
    assert (await story.refused(made["seq"], "undo_conflict"))["conflicts"] == ["name", "color"]
    (event,) = await story.undone(named)
    assert event["label"] | {"version": 0} == {
        "id": story.labels["red"], "name": "red", "color": "pink", "version": 0,
    }  # fmt: skip
    await story.call("DELETE", url, status=204)
    deleted = await story.head()
    assert (await story.refused(event["seq"], "undo_conflict"))["current"] is None
    # Its name is another's by now.
    taken = await story.call("POST", "projects/{key}/labels", {"name": "Red", "color": "red"}, status=201)
    await story.refused(deleted, "duplicate")
    await story.call("DELETE", f"projects/{{key}}/labels/{taken['id']}", status=204)
    # A task got other labels meanwhile, another is gone, a third has none any more.
    await story.call("PATCH", f"tasks/{story.refs['b']}", {"labels": []})
    await story.call("DELETE", f"tasks/{story.refs['c']}", status=204)
    written = await story.undone(deleted)
    assert [one["task"]["title"] for one in written[1:]] == ["a", "b", "shelved"]
    red, blue = story.labels["red"], story.labels["blue"]
    assert [one["task"]["labels"] for one in written[1:]] == [[red, blue], [red], [red, blue]]
    tasks = (await story.call("GET", "projects/{key}/tasks"))["items"]
    assert [task["labels"] for task in tasks] == [[red, blue], [red], [red, blue]]
    assert (await story.refused(deleted, "undo_conflict"))["current"]["name"] == "red"
    # Who was deleted while the label was gone comes back without it.
    assert (await story.call("POST", f"tasks/{story.refs['c']}/restore"))["labels"] == [blue]
    # Who was deleted before has it again, since it is the same one.
    assert (await story.call("POST", f"tasks/{story.refs['gone']}/restore"))["labels"] == [red, blue]
    assert (await story.call("GET", f"tasks/{story.refs['gone']}"))["labels"] == [red, blue]


async def test_undoing_a_labels_making_takes_it_off_the_tasks_that_got_it(story: Story) -> None:
    label = await story.call("POST", "projects/{key}/labels", {"name": "new", "color": "teal"}, status=201)
    await story.call("PATCH", f"tasks/{story.refs['a']}", {"labels": [label["id"], story.labels["red"]]})
    written = await story.undone(label["version"], by="member")
    assert [event["type"] for event in written] == ["task.edited", "label.deleted"]
    back = await story.undone(written[-1]["seq"])
    assert back[1]["task"]["labels"] == [label["id"], story.labels["red"]]


async def test_who_left_and_labels_that_are_gone_are_not_put_back(story: Story) -> None:
    url = f"tasks/{story.refs['b']}"
    seq = (await story.call("PATCH", url, {"title": "B", "assignees": [], "labels": []}))["version"]
    await story.call("DELETE", f"projects/{{key}}/members/{story.team.member.user['id']}", status=204)
    await story.call("DELETE", f"projects/{{key}}/labels/{story.labels['red']}", status=204)
    (event,) = await story.undone(seq)
    assert event["changes"] == {"title": ["B", "b"], "labels": [[], [story.labels["blue"]]]}


async def test_nothing_left_to_undo_writes_nothing(story: Story) -> None:
    seq = (await story.call("PATCH", f"tasks/{story.refs['b']}", {"assignees": []}))["version"]
    await story.call("DELETE", f"projects/{{key}}/members/{story.team.member.user['id']}", status=204)
    assert await story.undone(seq) == []


async def test_settings_that_were_changed_since(story: Story) -> None:
    name = (await story.call("GET", "projects/{key}"))["name"]
    seq = (await story.call("PATCH", "projects/{key}", {"name": "One"}))["version"]
    second = (await story.call("PATCH", "projects/{key}", {"name": "Two"}))["version"]
    problem = await story.refused(seq, "undo_conflict")
    assert (problem["conflicts"], problem["current"]["name"]) == (["name"], "Two")
    await story.undone(second)
    assert (await story.call("GET", "projects/{key}"))["name"] == "One" != name
    await story.refused(seq, "undo_conflict")


async def test_a_workflow_comes_back_where_tasks_allow_it(story: Story) -> None:
    workflow = await story.call("GET", "projects/{key}/workflow")
    added = {"id": "review", "name": "Review", "category": "doing", "wip_limit": None}
    states = [*workflow["states"], added]
    seq = (await story.call("PUT", "projects/{key}/workflow", {**workflow, "states": states}))["version"]
    await story.call("POST", f"tasks/{story.refs['a']}/move", {"state": "review"})
    problem = await story.refused(seq, "state_in_use")
    assert problem["states"] == ["review"]
    await story.call("POST", f"tasks/{story.refs['a']}/move", {"state": "todo"})
    # A transition leads to the state meanwhile.
    moves = [{"from": "todo", "to": "review"}]
    document = {"states": states, "transitions": moves}
    limited = (await story.call("PUT", "projects/{key}/workflow", document))["version"]
    problem = await story.refused(seq, "undo_conflict")
    assert problem["conflicts"] == ["transitions"]
    assert "review" in problem["detail"]
    await story.undone(limited)
    (event,) = await story.undone(seq)
    assert event["workflow"] == workflow | {"version": event["seq"]}
    (event,) = await story.undone(event["seq"])
    await story.call("PUT", "projects/{key}/workflow", {"states": states[::-1], "transitions": None})
    assert (await story.refused(event["seq"], "undo_conflict"))["conflicts"] == ["states"]


async def test_a_viewer_undoes_nothing_and_a_member_no_settings(story: Story) -> None:
    edited = (await story.call("PATCH", f"tasks/{story.refs['a']}", {"title": "A"}))["version"]
    named = (await story.call("PATCH", "projects/{key}", {"name": "Another"}))["version"]
    workflow = await story.call("GET", "projects/{key}/workflow")
    states = workflow["states"][::-1]
    ordered = (await story.call("PUT", "projects/{key}/workflow", {**workflow, "states": states}))["version"]
    for seq in (edited, named, ordered):
        assert (await story.refused(seq, "forbidden", by="viewer"))["status"] == 403
        await story.refused(seq, "not_found", by="stranger")
    for seq in (named, ordered):
        await story.refused(seq, "forbidden", by="member")
        await story.undone(seq)
    await story.undone(edited, by="member")


async def test_comments_are_undone_by_their_author_or_an_owner(story: Story) -> None:
    member = story.team.member
    await story.call(
        "POST", "projects/{key}/members", {"email": story.team.stranger.email, "role": "member"}, status=201
    )
    url = f"tasks/{story.refs['b']}/comments"
    comment = await story.call("POST", url, {"body": "1"}, by="member", status=201)
    await story.refused(comment["version"], "forbidden", by="stranger")
    edited = (await story.call("PATCH", f"comments/{comment['id']}", {"body": "2"}, by="member"))["version"]
    for by in ("owner", "stranger"):
        await story.refused(edited, "forbidden", by=by)
    back = await story.undone(edited, by="member")
    assert back[0]["comment"]["body"] == "1"
    # An owner takes it away, and thinks better of it: it is still its author's.
    await story.call("DELETE", f"comments/{comment['id']}", status=204)
    deleted = await story.head()
    await story.refused(deleted, "forbidden", by="stranger")
    (event,) = await story.undone(deleted)
    assert event["actor"]["id"] == story.team.owner.user["id"]
    assert event["comment"]["author"] == member.user["id"]
    assert (await story.call("GET", url))["items"][0]["author"] == member.user["id"]
    await story.undone(event["seq"], by="member")


async def test_of_two_who_undo_at_once_one_does(story: Story) -> None:
    seq = (await story.call("PATCH", f"tasks/{story.refs['a']}", {"title": "A"}))["version"]
    answers = await asyncio.gather(*(story.undo(seq, by=by) for by in ("owner", "member", "owner", "member")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    codes: set[Any] = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"undo_conflict"}
