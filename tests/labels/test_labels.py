"""Labels: made, renamed, coloured, and taken off every task before they go."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.db import new_id
from taskhub.labels.commands import MOST_LABELS
from taskhub.labels.views import Color
from taskhub.projects.model import LABEL_COLORS, labels, projects
from taskhub.tasks.model import task_labels, tasks
from tests.teams import Team


async def make(team: Team, name: str, color: str = "red", *, by: str = "member") -> dict[str, Any]:
    answer = await team.client(by).post(f"{team.url}/labels", json={"name": name, "color": color})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def url(team: Team, label: dict[str, Any]) -> str:
    return f"{team.url}/labels/{label['id']}"


async def execute(team: Team, statement: Any, rows: list[dict[str, Any]] | None = None) -> Any:
    engine = create_async_engine(team.server.database.url)
    async with engine.begin() as connection:
        result = await connection.execute(statement, rows)
        found = result.all() if result.returns_rows else None
    await engine.dispose()
    return found


def test_the_colours_are_the_models() -> None:
    assert get_args(Color) == LABEL_COLORS


async def test_a_label_is_made_and_edited_by_events(team: Team) -> None:
    head = (await team.board())["seq"]
    made = await make(team, "  Needs   copy ", "teal")
    assert made == {"id": made["id"], "name": "Needs copy", "color": "teal", "version": head + 1}
    renamed = await team.member.patch(url(team, made), json={"name": "Copy"})
    assert renamed.json() == made | {"name": "Copy", "version": head + 2}
    coloured = await team.owner.patch(url(team, made), json={"name": "COPY", "color": "pink"})
    assert coloured.json() == made | {"name": "COPY", "color": "pink", "version": head + 3}
    for nothing in ({}, {"color": "pink"}, {"name": " COPY", "color": "pink"}):
        assert (await team.owner.patch(url(team, made), json=nothing)).json() == coloured.json()
    events = await team.events(head)
    assert [(event["type"], event["changes"]) for event in events] == [
        ("label.created", {"name": [None, "Needs copy"], "color": [None, "teal"]}),
        ("label.edited", {"name": ["Needs copy", "Copy"]}),
        ("label.edited", {"name": ["Copy", "COPY"], "color": ["teal", "pink"]}),
    ]
    assert [event["label"] for event in events] == [made, renamed.json(), coloured.json()]
    assert (await team.board())["labels"] == [coloured.json()]


async def test_a_name_is_taken_in_whatever_case(team: Team) -> None:
    bug, copy = await make(team, "Straße"), await make(team, "Copy")
    for name in ("STRASSE", "straße"):
        for answer in (
            await team.owner.post(f"{team.url}/labels", json={"name": name, "color": "red"}),
            await team.owner.patch(url(team, copy), json={"name": name}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert (await team.owner.patch(url(team, bug), json={"name": "straße"})).status_code == 200
    answers = await asyncio.gather(
        *(
            team.client(role).post(f"{team.url}/labels", json={"name": "One", "color": "red"})
            for role in ("owner", "member")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


@pytest.mark.parametrize(
    "wrong", [{"color": "crimson"}, {"color": None}, {"name": None}, {"name": " "}, {"name": "x" * 51}]
)
async def test_what_no_label_can_be_is_refused(team: Team, wrong: dict[str, Any]) -> None:
    label = await make(team, "Bug")
    head = (await team.board())["seq"]
    (field,) = wrong
    for answer in (
        await team.owner.post(f"{team.url}/labels", json={"name": "New", "color": "red", **wrong}),
        await team.owner.patch(url(team, label), json=wrong),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == [field]
        if wrong.get("color"):
            assert all(color in answer.json()["detail"] for color in LABEL_COLORS)
    assert (await team.board())["seq"] == head


async def test_a_label_leaves_its_tasks_before_it_goes(team: Team) -> None:
    bug, copy = await make(team, "Bug"), await make(team, "Copy")
    both = await team.task("Both", labels=[copy["id"], bug["id"]])
    archived = await team.task("Archived", labels=[bug["id"]])
    gone = await team.task("Gone", labels=[bug["id"]])
    await team.task("Neither", labels=[copy["id"]])
    await team.owner.delete(f"/api/v1/tasks/{gone['ref']}")
    where = sa.select(projects.c.id).where(projects.c.key == team.key).scalar_subquery()
    await execute(
        team,
        sa.update(tasks).where(tasks.c.project_id == where, tasks.c.number == archived["number"]).values(archived=True),
    )
    head = (await team.board())["seq"]
    assert (await team.member.delete(url(team, bug))).status_code == 204
    events = await team.events(head)
    assert [(event["type"], event["changes"]) for event in events] == [
        ("task.edited", {"labels": [[copy["id"], bug["id"]], [copy["id"]]]}),
        ("task.edited", {"labels": [[bug["id"]], []]}),
        ("label.deleted", {}),
    ]
    assert len({event["command_id"] for event in events}) == 1
    assert events[0]["task"] == both | {
        "labels": [copy["id"]], "version": head + 1, "updated_at": events[0]["task"]["updated_at"],
    }  # fmt: skip
    assert events[2]["label"] == bug | {"version": head + 3}
    for number in (0, 1):
        task = events[number]["task"]
        read = (await team.owner.get(f"/api/v1/tasks/{task['ref']}")).json()
        del read["description_html"]
        assert read == task
    assert await execute(team, sa.select(task_labels).where(task_labels.c.label_id == bug["id"])) == []
    assert [label["id"] for label in (await team.board())["labels"]] == [copy["id"]]
    for method, body in (("PATCH", {"name": "B"}), ("DELETE", None)):
        assert (await team.member.request(method, url(team, bug), json=body)).status_code == 404
    assert (await team.owner.patch(f"/api/v1/tasks/{both['ref']}", json={"labels": [bug["id"]]})).status_code == 422
    assert (await make(team, "Bug"))["id"] != bug["id"]


async def test_a_label_of_another_project_is_not_found(team: Team, strict_team: Team) -> None:
    label = await make(strict_team, "Theirs")
    for method, body in (("PATCH", {"name": "B"}), ("DELETE", None)):
        assert (await team.owner.request(method, url(team, label), json=body)).status_code == 404
    assert (await strict_team.board())["labels"] == [label]


async def test_edits_of_one_label_meet(team: Team) -> None:
    label = await make(team, "Bug")
    assert (await team.owner.patch(url(team, label), json={"name": "Defect"})).status_code == 200
    merged = await team.member.patch(url(team, label), json={"color": "blue", "base_version": label["version"]})
    assert (merged.status_code, merged.json()["name"], merged.json()["color"]) == (200, "Defect", "blue")
    refused = await team.member.patch(url(team, label), json={"name": "Fault", "base_version": label["version"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "edit_conflict")
    assert (refused.json()["conflicts"], refused.json()["current"]) == (["name"], merged.json())


async def test_labels_page_by_page_and_no_more_than_a_board_can_carry(team: Team) -> None:
    # A name may begin with what is not printable, such as a mark for the direction of writing.
    names = [f"\u200fLabel {number:03}" for number in range(MOST_LABELS - 1)]
    where = sa.select(projects.c.id).where(projects.c.key == team.key).scalar_subquery()
    ((project_id,),) = await execute(team, sa.select(where))
    await execute(
        team,
        sa.insert(labels),
        [{"id": new_id(), "project_id": project_id, "name": name, "color": "red", "version": 1} for name in names],
    )
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 90}
    while True:
        page = (await team.viewer.get(f"{team.url}/labels", params=query)).json()
        seen += [label["name"] for label in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == names
    last = await make(team, "Last")
    answer = await team.owner.post(f"{team.url}/labels", json={"name": "One more", "color": "red"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert str(MOST_LABELS) in answer.json()["detail"]
    assert (await team.owner.delete(url(team, last))).status_code == 204
    await make(team, "One more")
