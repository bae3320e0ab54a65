"""The rules: may this task go there, for this person, now? If not, why, and where may it go?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskhub.projects.model import Role
from taskhub.workflow.model import BIRTH_CATEGORIES, CATEGORIES, REQUIREMENTS, State, Transition, Workflow
from taskhub.workflow.templates import TEMPLATES

STRICT, SIMPLE = TEMPLATES["strict"], TEMPLATES["simple"]
NONE: dict[str, int] = {}


def task(state: str, **fields: Any) -> dict[str, Any]:
    """A task in `state` that has nothing set."""
    empty: dict[str, Any] = {"assignees": [], "description": "", "due": None, "priority": "none", "checklist": None}
    return {"state": state, **empty, **fields}


@pytest.mark.parametrize(
    ("source", "target", "role", "counts", "code"),
    [
        ("todo", "doing", Role.MEMBER, NONE, None),
        ("todo", "doing", Role.MEMBER, {"doing": 3}, None),
        ("todo", "doing", Role.MEMBER, {"doing": 4}, "wip_limit_reached"),
        ("todo", "doing", Role.MEMBER, {"doing": 5}, "wip_limit_reached"),
        ("todo", "doing", Role.OWNER, {"doing": 4}, "wip_limit_reached"),
        ("doing", "doing", Role.MEMBER, {"doing": 9}, None),
        ("todo", "todo", Role.VIEWER, NONE, None),
        ("todo", "done", Role.OWNER, NONE, "transition_not_allowed"),
        ("todo", "done", Role.OWNER, {"done": 100}, "transition_not_allowed"),
        ("backlog", "doing", Role.MEMBER, NONE, "transition_not_allowed"),
        ("review", "done", Role.MEMBER, {"done": 1000}, None),
        ("done", "review", Role.MEMBER, NONE, "transition_not_allowed"),
        ("done", "review", Role.OWNER, NONE, None),
        ("done", "review", Role.OWNER, {"review": 3}, "wip_limit_reached"),
        ("gone", "todo", Role.OWNER, NONE, "transition_not_allowed"),
    ],
)
def test_moves_of_the_strict_flow(
    source: str, target: str, role: Role, counts: dict[str, int], code: str | None
) -> None:
    refusal = STRICT.may_move(task(source), target, role=role, counts=counts)
    assert (refusal.code if refusal else None) == code
    if refusal:
        assert refusal.reason.endswith(".")
        assert target not in refusal.allowed


@pytest.mark.parametrize(
    ("source", "role", "counts", "allowed"),
    [
        ("backlog", Role.MEMBER, NONE, ("todo", "cancelled")),
        ("todo", Role.MEMBER, NONE, ("backlog", "doing", "cancelled")),
        ("todo", Role.MEMBER, {"doing": 4}, ("backlog", "cancelled")),
        ("doing", Role.MEMBER, NONE, ("todo", "review", "cancelled")),
        ("review", Role.MEMBER, NONE, ("doing", "done")),
        ("done", Role.MEMBER, NONE, ()),
        ("done", Role.OWNER, NONE, ("review",)),
        ("done", Role.OWNER, {"review": 3}, ()),
    ],
)
def test_where_a_task_may_go(source: str, role: Role, counts: dict[str, int], allowed: tuple[str, ...]) -> None:
    assert STRICT.where_to(task(source), role=role, counts=counts) == allowed


def test_without_transitions_every_move_is_allowed_up_to_the_limits() -> None:
    flow = Workflow((State("a", "A", "todo"), State("b", "B", "doing", 1), State("c", "C", "done")))
    assert flow.where_to(task("a"), role=Role.MEMBER, counts=NONE) == ("b", "c")
    assert flow.where_to(task("a"), role=Role.MEMBER, counts={"b": 1}) == ("c",)
    refusal = flow.may_move(task("a"), "b", role=Role.MEMBER, counts={"b": 1})
    assert refusal is not None
    assert (refusal.code, refusal.allowed) == ("wip_limit_reached", ("c",))


@pytest.mark.parametrize(
    ("need", "without", "having"),
    [
        ("assignee", {"assignees": []}, {"assignees": ["ada"]}),
        ("description", {"description": ""}, {"description": "Why"}),
        ("due", {"due": None}, {"due": "2026-12-24"}),
        ("priority", {"priority": "none"}, {"priority": "low"}),
        ("checklist", {"checklist": {"done": 1, "total": 2}}, {"checklist": {"done": 2, "total": 2}}),
        ("checklist", {"checklist": {"done": 0, "total": 1}}, {"checklist": None}),
    ],
)
def test_what_a_transition_requires(need: str, without: dict[str, Any], having: dict[str, Any]) -> None:
    flow = Workflow((State("a", "A", "todo"), State("b", "B", "done")), (Transition("a", "b", requires=(need,)),))
    refusal = flow.may_move(task("a", **without), "b", role=Role.MEMBER, counts=NONE)
    assert refusal is not None
    assert (refusal.code, refusal.allowed) == ("transition_not_allowed", ())
    assert REQUIREMENTS[need] in refusal.reason
    assert flow.may_move(task("a", **having), "b", role=Role.MEMBER, counts=NONE) is None


@pytest.mark.parametrize(
    ("flow", "target", "counts", "code", "allowed"),
    [
        (STRICT, "backlog", NONE, None, ()),
        (STRICT, "todo", NONE, None, ()),
        (STRICT, "doing", NONE, "transition_not_allowed", ("backlog", "todo")),
        (STRICT, "done", NONE, "transition_not_allowed", ("backlog", "todo")),
        (SIMPLE, "done", NONE, None, ()),
        (Workflow((State("a", "A", "doing", 2),)), "a", {"a": 2}, "wip_limit_reached", ()),
        (Workflow((State("a", "A", "doing", 2), State("b", "B", "done"))), "a", {"a": 2}, "wip_limit_reached", ("b",)),
        (Workflow((State("a", "A", "doing", 2),)), "a", {"a": 1}, None, ()),
    ],
)
def test_where_a_task_is_born(
    flow: Workflow, target: str, counts: dict[str, int], code: str | None, allowed: tuple[str, ...]
) -> None:
    refusal = flow.may_create(target, counts=counts)
    assert (refusal.code if refusal else None) == code
    assert (refusal.allowed if refusal else ()) == allowed


def test_undoing_a_move_asks_the_limit_and_not_the_transitions() -> None:
    ask = {"role": Role.MEMBER, "ask_transitions": False}
    assert STRICT.may_move(task("done"), "review", counts=NONE, **ask) is None  # type: ignore[arg-type]
    refusal = STRICT.may_move(task("done"), "review", counts={"review": 3}, **ask)  # type: ignore[arg-type]
    assert refusal is not None
    assert refusal.code == "wip_limit_reached"


ids = [f"s{number}" for number in range(5)]
flows = st.builds(
    lambda states, pairs: Workflow(tuple(states), pairs),
    st.tuples(
        *(
            st.builds(
                State,
                st.just(id_),
                st.just(id_.upper()),
                st.sampled_from(CATEGORIES),
                st.none() | st.integers(0, 3),
            )
            for id_ in ids
        )
    ),
    st.none()
    | st.lists(
        st.builds(
            Transition,
            st.sampled_from(ids),
            st.sampled_from(ids),
            st.none() | st.lists(st.sampled_from(["owner", "member"]), max_size=2).map(tuple),
            st.lists(st.sampled_from(sorted(REQUIREMENTS)), max_size=2).map(tuple),
        ),
        max_size=12,
    ).map(tuple),
)
asked = st.fixed_dictionaries(
    {
        "state": st.sampled_from(ids),
        "assignees": st.just([]) | st.just(["ada"]),
        "description": st.sampled_from(["", "Why"]),
        "due": st.none() | st.just("2026-12-24"),
        "priority": st.sampled_from(["none", "high"]),
        "checklist": st.none() | st.just({"done": 0, "total": 1}),
    }
)


@given(
    flow=flows, moved=asked, role=st.sampled_from(Role), counts=st.dictionaries(st.sampled_from(ids), st.integers(0, 4))
)
def test_where_to_and_may_move_agree(flow: Workflow, moved: dict[str, Any], role: Role, counts: dict[str, int]) -> None:
    allowed = flow.where_to(moved, role=role, counts=counts)
    for state in flow.states:
        refusal = flow.may_move(moved, state.id, role=role, counts=counts)
        if state.id == moved["state"]:
            assert refusal is None
            assert state.id not in allowed
        else:
            assert (refusal is None) == (state.id in allowed)
        if refusal:
            assert refusal.allowed == allowed
            assert refusal.code in ("transition_not_allowed", "wip_limit_reached")
        elif state.wip_limit is not None and state.id != moved["state"]:
            assert counts.get(state.id, 0) < state.wip_limit


@given(flow=flows, counts=st.dictionaries(st.sampled_from(ids), st.integers(0, 4)))
def test_a_refused_birth_says_where_one_is_allowed(flow: Workflow, counts: dict[str, int]) -> None:
    for state in flow.states:
        refusal = flow.may_create(state.id, counts=counts)
        if refusal is None:
            assert flow.transitions is None or state.category in BIRTH_CATEGORIES
        else:
            assert state.id not in refusal.allowed
            assert all(flow.may_create(other, counts=counts) is None for other in refusal.allowed)
    assert flow.state(flow.birth_state()) is not None


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_whole(name: str) -> None:
    flow = TEMPLATES[name]
    known = [state.id for state in flow.states]
    assert len(set(known)) == len(known)
    assert {state.category for state in flow.states} <= set(CATEGORIES)
    for move in flow.transitions or ():
        assert {move.source, move.target} <= set(known)
    assert flow.may_create(flow.birth_state(), counts=NONE) is None
