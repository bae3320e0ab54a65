"""Every type of event that is undone: back to what was, forth again, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from taskhub.events.catalogue import TYPES
from taskhub.undo.commands import NOT_UNDOABLE
from tests.teams import Team
from tests.undo.story import Story, tell

Act = Callable[[Story], Awaitable[Any]]


async def _put_workflow(story: Story, **changed: Any) -> Any:
    workflow = await story.call("GET", "projects/{key}/workflow")
    return await story.call("PUT", "projects/{key}/workflow", {**workflow, **changed})


async def _drop_backlog(story: Story) -> Any:
    workflow = await story.call("GET", "projects/{key}/workflow")
    return await _put_workflow(
        story,
        states=[*workflow["states"][1:], {"id": "new", "name": "New", "category": "doing", "wip_limit": 2}],
        transitions=[{"from": "todo", "to": "new", "roles": ["owner"], "requires": ["due"]}],
    )


#: What is undone (the last event that it writes) and the types of the events that undo it.
ACTS: dict[str, tuple[Act, list[str]]] = {
    "task.created": (
        lambda s: s.team.task("new", description="- [x] a", labels=[s.labels["red"]]), ["task.deleted"],
    ),
    "task.edited": (
        lambda s: s.call("PATCH", f"tasks/{s.refs['b']}", {
            "title": "B", "description": "- [ ] b", "due": "2026-12-24", "priority": "high", "assignees": [],
            "labels": [s.labels["blue"]],
        }), ["task.edited"],
    ),
    "task.moved": (
        lambda s: s.call("POST", f"tasks/{s.refs['a']}/move", {"state": "done"}), ["task.moved"],
    ),
    "task.moved within its state": (
        lambda s: s.call("POST", f"tasks/{s.refs['a']}/move", {"state": "todo"}), ["task.moved"],
    ),
    "task.archived": (
        lambda s: s.call("POST", f"tasks/{s.refs['b']}/archive"), ["task.restored"],
    ),
    "task.restored": (
        lambda s: s.call("POST", f"tasks/{s.refs['shelved']}/restore"), ["task.archived"],
    ),
    "task.restored from deletion": (
        lambda s: s.call("POST", f"tasks/{s.refs['gone']}/restore"), ["task.deleted"],
    ),
    "task.deleted": (
        lambda s: s.call("DELETE", f"tasks/{s.refs['a']}", status=204), ["task.restored"],
    ),
    "task.deleted when archived": (
        lambda s: s.call("DELETE", f"tasks/{s.refs['shelved']}", status=204), ["task.restored"],
    ),
    "comment.created": (
        lambda s: s.call("POST", f"tasks/{s.refs['b']}/comments", {"body": "Hm"}, status=201), ["comment.deleted"],
    ),
    "comment.edited": (
        lambda s: s.call("PATCH", f"comments/{s.comments['said']}", {"body": "Hm"}), ["comment.edited"],
    ),
    "comment.deleted": (
        lambda s: s.call("DELETE", f"comments/{s.comments['said']}", status=204), ["comment.created"],
    ),
    "label.created": (
        lambda s: s.call("POST", "projects/{key}/labels", {"name": "new", "color": "teal"}, status=201),
        ["label.deleted"],
    ),
    "label.edited": (
        lambda s: s.call("PATCH", f"projects/{{key}}/labels/{s.labels['red']}", {"name": "Rouge", "color": "pink"}),
        ["label.edited"],
    ),
    "label.deleted": (
        lambda s: s.call("DELETE", f"projects/{{key}}/labels/{s.labels['red']}", status=204),
        ["label.created", "task.edited", "task.edited", "task.edited", "task.edited"],
    ),
    "project.edited": (
        lambda s: s.call("PATCH", "projects/{key}", {"name": "Another"}), ["project.edited"],
    ),
    "workflow.changed": (_drop_backlog, ["workflow.changed"]),
}  # fmt: skip


def test_every_type_is_undone_or_says_why_not() -> None:
    undone = {name.split()[0] for name in ACTS}
    assert sorted([*undone, *NOT_UNDOABLE]) == sorted(TYPES)


@pytest.mark.parametrize("name", ACTS)
async def test_back_forth_and_back_again(team: Team, name: str) -> None:
    act, inverse_types = ACTS[name]
    story = await tell(team)
    before = await story.look()
    await act(story)
    after = await story.look()
    assert after != before, "the test is about a change"
    seq = await story.head()
    assert (await team.events(seq - 1))[0]["type"] == name.split()[0]
    written = await story.undone(seq)
    assert [event["type"] for event in written] == inverse_types
    assert await story.look() == before
    redone = await story.undone(_last_of_the_noun(written))
    assert await story.look() == after
    await story.undone(_last_of_the_noun(redone))
    assert await story.look() == before


def _last_of_the_noun(written: list[dict[str, Any]]) -> int:
    """The event that says it: of a label's end and beginning the others are the tasks' edits."""
    labelled = [event["seq"] for event in written if event["type"].startswith("label.")]
    return int((labelled or [event["seq"] for event in written])[-1])


@pytest.mark.parametrize(
    ("seq", "words"),
    [(1, "beginning"), (2, "began with"), (3, "member"), (4, "member")],
    ids=["project.created", "workflow.changed", "member.added", "another member.added"],
)
async def test_what_is_not_undone(team: Team, seq: int, words: str) -> None:
    problem = await Story(team).refused(seq, "not_undoable")
    assert problem["status"] == 422
    assert words in problem["detail"]


async def test_members_are_not_undone(team: Team) -> None:
    story = Story(team)
    viewer = team.viewer.user["id"]
    await story.call("PATCH", f"projects/{{key}}/members/{viewer}", {"role": "member"})
    await story.refused(await story.head(), "not_undoable")
    await story.call("DELETE", f"projects/{{key}}/members/{viewer}", status=204)
    await story.refused(await story.head(), "not_undoable")


@pytest.mark.parametrize("seq", [6, 2**53])
async def test_what_never_happened(team: Team, seq: int) -> None:
    assert await Story(team).head() == 5
    assert (await Story(team).refused(seq, "not_found"))["status"] == 404


@pytest.mark.parametrize("body", [{}, {"seq": 0}, {"seq": -1}, {"seq": "5"}, {"seq": 2**53 + 1}, {"seq": 5, "x": 1}])
async def test_input_that_is_refused(team: Team, body: Mapping[str, Any]) -> None:
    answer = await team.owner.post(f"{team.url}/undo", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_an_undo_is_sent_again_safely(team: Team) -> None:
    task = await team.task()
    for _ in range(2):
        answer = await team.owner.post(
            f"{team.url}/undo", json={"seq": task["version"]}, headers={"Idempotency-Key": f"{team.key}-once"}
        )
        (event,) = answer.json()["events"]
        assert (event["type"], event["command_id"]) == ("task.deleted", f"{team.key}-once")
    assert (await team.events())[-1] == event
    assert (await Story(team).refused(task["version"], "undo_conflict"))["current"] is None
