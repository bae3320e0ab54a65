"""Where a task stands after its move, its deletion or its archiving was undone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub.projects.model import projects
from taskhub.tasks.model import tasks
from taskhub.tasks.positions import LONGEST
from tests.teams import Team
from tests.undo.story import Story


async def column(team: Team, *titles: str) -> dict[str, str]:
    """Tasks in to-do, from top to bottom; their references by title."""
    return {title: (await team.task(title, state="todo"))["ref"] for title in titles}


async def test_back_to_the_old_state_and_place(team: Team) -> None:
    refs = await column(team, "a", "b", "c")
    seq = (await team.move(refs["b"], "done")).json()["version"]
    await team.move(refs["c"], "todo", before=refs["a"])
    (event,) = await Story(team).undone(seq)
    assert event["changes"]["state"] == ["done", "todo"]
    assert await team.column("todo") == ["c", "a", "b"]


async def test_the_same_position_in_two_columns(team: Team) -> None:
    """A move may change the state alone; it is a place all the same."""
    first = await team.task("a", state="todo")
    event = (await team.move(first["ref"], "done")).json()
    assert event["position"] == first["position"]
    await team.task("b", state="done")
    seq = event["version"]
    sorted_ = (await team.move(first["ref"], "done")).json()
    assert sorted_["version"] > seq
    assert (await Story(team).refused(seq, "undo_conflict"))["conflicts"] == ["position"]
    await Story(team).undone(sorted_["version"])


async def test_beside_who_took_the_place(team: Team) -> None:
    refs = await column(team, "a", "b", "c", "d")
    moved = (await team.move(refs["b"], "done")).json()["version"]
    before = {task["title"]: task["position"] for task in (await team.board())["tasks"]}
    taken = (await team.move(refs["d"], "todo", after=refs["a"])).json()
    assert before["a"] < taken["position"] < before["c"]
    await Story(team).undone(moved)
    assert await team.column("todo") == ["a", "d", "b", "c"]


async def test_the_limit_is_asked_and_transitions_are_not(strict_team: Team) -> None:
    team, story = strict_team, Story(strict_team)
    refs = [(await team.task(f"t{number}", state="todo"))["ref"] for number in range(5)]
    for ref in refs[:4]:
        assert (await team.move(ref, "doing")).status_code == 200
    seq = (await team.move(refs[0], "review")).json()["version"]
    assert (await team.move(refs[4], "doing")).status_code == 200
    problem = await story.refused(seq, "wip_limit_reached")
    assert problem["allowed"] == ["done"]
    assert (await team.move(refs[4], "todo")).status_code == 200
    await story.undone(seq)
    # From done to review an owner alone moves by hand; who may write tasks undoes it all the same.
    assert (await team.move(refs[0], "review")).status_code == 200
    done = (await team.move(refs[0], "done", by="member")).json()["version"]
    assert (await team.move(refs[0], "review", by="member")).status_code == 409
    await story.undone(done, by="member")
    gone = await story.call("DELETE", f"tasks/{refs[0]}", status=204) or await story.head()
    for number, ref in enumerate(refs[1:4]):
        assert (await team.move(ref, "review")).status_code == 200, number
    assert (await story.refused(gone, "wip_limit_reached"))["allowed"] == []


async def test_a_state_that_is_gone(team: Team) -> None:
    story = Story(team)
    refs = {state: (await team.task(state, state=state))["ref"] for state in ("backlog", "todo")}
    moved = (await team.move(refs["backlog"], "done")).json()["version"]
    deleted = await team.task("deleted", state="backlog")
    await story.call("DELETE", f"tasks/{deleted['ref']}", status=204)
    gone = await story.head()
    workflow = await story.call("GET", "projects/{key}/workflow")
    dropped = await story.call("PUT", "projects/{key}/workflow", {**workflow, "states": workflow["states"][1:]})
    problem = await story.refused(moved, "undo_conflict")
    assert (problem["conflicts"], problem["current"]["state"]) == (["state"], "done")
    # A deleted task comes back where new ones begin, and says so.
    (event,) = await story.undone(gone)
    assert event["changes"]["state"] == ["backlog", "todo"]
    assert await team.column("todo") == ["todo", "deleted"]
    await story.undone(event["seq"])
    # With its state again it goes back there by hand, too.
    await story.undone(dropped["version"])
    await story.undone(moved)
    assert (await team.column("backlog")) == ["backlog"]


async def set_positions(team: Team, positions: dict[str, str]) -> None:
    """Give tasks positions as some hundred drops on one spot would, by their references."""
    engine = create_async_engine(team.server.database.url)
    async with engine.begin() as connection:
        for ref, position in positions.items():
            project = sa.select(projects.c.id).where(projects.c.key == team.key).scalar_subquery()
            own = sa.and_(tasks.c.project_id == project, tasks.c.number == int(ref.rpartition("-")[2]))
            await connection.execute(sa.update(tasks).where(own).values(position=position))
    await engine.dispose()


@pytest.mark.parametrize(
    ("mover", "neighbour", "between"),
    [("z", "x", "axzyw"), ("a", "x", "xaywz"), ("late", "x", "axlateywz")],
    ids=["upwards", "downwards", "from another column"],
)
async def test_a_move_that_numbered_its_column_anew(team: Team, mover: str, neighbour: str, between: str) -> None:
    story = Story(team)
    refs = await column(team, "a", "x", "y", "w", "z")
    refs["late"] = (await team.task("late", state="backlog"))["ref"]
    await set_positions(team, {refs["x"]: "a0" + "V" * LONGEST, refs["y"]: "a0" + "V" * (LONGEST + 1)})
    start = await story.head()
    answer = await team.move(refs[mover], "todo", after=refs[neighbour])
    written = await team.events(start)
    assert len(written) > 3, "the test is about a column that is numbered anew"
    assert "".join(await team.column("todo")) == between
    (own,) = [event for event in written if event["task"]["ref"] == refs[mover]]
    assert answer.json()["version"] == own["seq"]
    # The others moved in number alone, and stand where they stood.
    for event in written:
        # Of two that changed places either may be said to have moved.
        if event is not own and (mover, event["task"]["title"]) != ("a", "x"):
            assert await story.undone(event["seq"]) == []
    (back,) = await story.undone(own["seq"])
    assert "".join(await team.column("todo")) == "axywz"
    await story.undone(back["seq"])
    assert "".join(await team.column("todo")) == between
    # Neighbours that are gone meanwhile are no landmarks.
    for title in "xywz":
        if title != mover:
            assert (await team.move(refs[title], "done")).status_code == 200
    again = await team.events(back["seq"])
    assert again[0]["task"]["ref"] == refs[mover]
    await story.undone(again[0]["seq"])
    assert "".join(await team.column("todo")) == {"z": "az", "a": "a", "late": "a"}[mover]
