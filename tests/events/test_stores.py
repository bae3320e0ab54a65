"""A snapshot and the later events are the later snapshot: by the browser's own store and by its twin in Python.

One story has every type of event there is. Each part of it is told to both stores: as it happened, twice, out of
order, and with a snapshot that arrives late.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from taskhub.events.catalogue import TYPES
from tests.browser_store import BrowserStore, columns
from tests.clients import Client
from tests.serving import Server
from tests.store import Board, Event, Store, empty, in_order
from tests.tables import reading, whole_log
from tests.teams import Team, make_team

#: How often the whole story is told in another order.
ORDERS = 40


@dataclass(frozen=True)
class Chapter:
    """One command: its events, and the snapshots before and after them."""

    events: list[Event]
    before: Board
    after: Board

    @property
    def name(self) -> str:
        """The types of its events."""
        return ", ".join(event["type"] for event in self.events)


@dataclass
class Story:
    """What happened in one project from its first event on; `end` is the event that deleted it."""

    team: Team
    chapters: list[Chapter] = field(default_factory=list)
    end: list[Event] = field(default_factory=list)

    async def tell(self, method: str, path: str, body: Any = None) -> Any:
        """One more command by the owner; its answer."""
        answer = await self.team.owner.request(method, path, json=body)
        assert answer.status_code in (200, 201, 204), (method, path, answer.text)
        await self.note()
        return answer.json() if answer.content else None

    async def note(self) -> None:
        """Take down what has happened since the last chapter."""
        after = await self.team.board()
        before = self.chapters[-1].after if self.chapters else empty(after)
        events = await self.team.events(before["seq"])
        assert events, "nothing happened"
        self.chapters.append(Chapter(events, before, after))

    @property
    def snapshots(self) -> list[Board]:
        """From before the first event to the last one that there is."""
        return [self.chapters[0].before, *(chapter.after for chapter in self.chapters)]

    @property
    def events(self) -> list[Event]:
        """The log up to the last snapshot."""
        return [event for chapter in self.chapters for event in chapter.events]


async def _tell(team: Team) -> Story:
    story = Story(team)
    await story.note()
    tell, project = story.tell, team.url
    newcomer, member = team.stranger.user["id"], team.member.user["id"]
    red = await tell("POST", f"{project}/labels", {"name": "Red", "color": "red"})
    blue = await tell("POST", f"{project}/labels", {"name": "Blue", "color": "blue"})
    first, second, third = [
        f"/api/v1/tasks/{(await tell('POST', f'{project}/tasks', fields))['ref']}"
        for fields in (
            {"title": "First", "assignees": [member], "labels": [red["id"]]},
            {"title": "Second", "labels": [blue["id"], red["id"]]},
            {"title": "Third"},
        )
    ]
    await tell("PATCH", first, {"title": "First, edited", "description": "- [ ] a\n- [x] b", "due": "2026-12-24"})
    await tell("POST", f"{first}/move", {"state": "doing"})
    await tell("POST", f"{third}/move", {"state": "todo", "before": second.rpartition("/")[2]})
    comments = [await tell("POST", f"{first}/comments", {"body": body}) for body in ("Well", "Yes")]
    await tell("PATCH", f"/api/v1/comments/{comments[0]['id']}", {"body": "Well, well"})
    await tell("DELETE", f"/api/v1/comments/{comments[1]['id']}")
    await tell("POST", f"{second}/archive")
    await tell("POST", f"{third}/archive")
    await tell("POST", f"{second}/restore")
    await tell("DELETE", third)
    await tell("POST", f"{third}/restore")
    await tell("DELETE", second)
    await tell("PATCH", f"{project}/labels/{blue['id']}", {"name": "Azure"})
    await tell("DELETE", f"{project}/labels/{red['id']}")
    await tell("POST", f"{project}/members", {"email": team.stranger.email, "role": "viewer"})
    await tell("PATCH", f"{project}/members/{newcomer}", {"role": "owner"})
    await tell("DELETE", f"{project}/members/{member}")
    workflow = (await team.owner.get(f"{project}/workflow")).json()
    states = [*workflow["states"][1:], {"id": "later", "name": "Later", "category": "backlog", "wip_limit": 3}]
    moves = [{"from": "todo", "to": "doing"}, {"from": "doing", "to": "done", "roles": ["owner"]}]
    await tell("PUT", f"{project}/workflow", {"version": workflow["version"], "states": states, "transitions": moves})
    await tell("PATCH", project, {"name": "Renamed"})
    assert (await team.owner.delete(project)).status_code == 204
    async with reading(team.server.database) as session:
        log = await whole_log(session, team.key)
    story.end = log[story.snapshots[-1]["seq"] :]
    assert log[: -len(story.end)] == story.events
    return story


@pytest.fixture(scope="module")
async def story(people: dict[str, Client], shared_server: Server) -> Story:
    """The story, told once on each database."""
    return await _tell(await make_team(people, shared_server, "simple"))


def agree(browser_store: BrowserStore, expected: Board, snapshot: Board, *steps: dict[str, Any]) -> None:
    """Both stores end with `expected`, the browser's in the order in which the server gave it."""
    twin = Store(snapshot)
    for step in steps:
        for event in step.get("events", ()):
            twin.apply(event)
        if "snapshot" in step:
            twin.take(step["snapshot"])
    assert twin.board() == in_order(expected)
    followed = browser_store.follow(snapshot, *steps)
    assert followed.board == in_order(expected)
    assert followed.columns == columns(expected)


def test_the_story_has_every_type_of_event(story: Story) -> None:
    told = {event["type"] for event in (*story.events, *story.end)}
    assert told == set(TYPES), "give a new type of event its part in the story"


def test_each_event_as_it_happened_and_twice(story: Story, browser_store: BrowserStore) -> None:
    for chapter in story.chapters:
        agree(browser_store, chapter.after, chapter.before, {"events": chapter.events})
        twice = [event for event in chapter.events for _ in range(2)]
        agree(browser_store, chapter.after, chapter.before, {"events": twice}, {"events": chapter.events})


def test_each_snapshot_and_what_came_after_it(story: Story, browser_store: BrowserStore) -> None:
    last = story.snapshots[-1]
    for snapshot in story.snapshots:
        later = [event for event in story.events if event["seq"] > snapshot["seq"]]
        agree(browser_store, last, snapshot, {"events": later})
        # A log that is read from its start says again what the snapshot has.
        agree(browser_store, last, snapshot, {"events": story.events})


def test_whatever_the_order(story: Story, browser_store: BrowserStore) -> None:
    last = story.snapshots[-1]
    for number in range(ORDERS):
        chance = random.Random(f"order {number}")
        snapshot = chance.choice(story.snapshots)
        events = [*story.events, *chance.choices(story.events, k=10)]
        chance.shuffle(events)
        cut = chance.randrange(len(events))
        agree(browser_store, last, snapshot, {"events": events[:cut]}, {"events": events[cut:]})


def test_a_late_snapshot_takes_nothing_back(story: Story, browser_store: BrowserStore) -> None:
    for number in range(ORDERS):
        chance = random.Random(f"late {number}")
        first, late, reached = sorted(chance.sample(story.snapshots, 3), key=lambda board: int(board["seq"]))
        if chance.random() < 0.5:
            first, late = late, first
        seen = between(story.events, first, reached)
        agree(browser_store, reached, first, {"events": seen}, {"snapshot": late})
        later = [*seen, *between(story.events, reached, story.snapshots[-1])]
        agree(browser_store, story.snapshots[-1], first, {"events": seen}, {"snapshot": late}, {"events": later})


def test_a_snapshot_in_place_of_what_was_missed(story: Story, browser_store: BrowserStore) -> None:
    for number in range(ORDERS):
        chance = random.Random(f"missed {number}")
        first, known, fetched, reached = sorted(
            (chance.choice(story.snapshots) for _ in range(4)), key=lambda board: int(board["seq"])
        )
        steps: list[dict[str, Any]] = [
            {"events": between(story.events, first, known)},
            {"snapshot": fetched},
            {"events": between(story.events, fetched, reached)},
        ]
        agree(browser_store, reached, first, *steps)


def test_a_deleted_project(story: Story, browser_store: BrowserStore) -> None:
    last = story.snapshots[-1]
    twin = Store(last)
    assert [twin.apply(event) for event in story.end] == [True] * len(story.end)
    assert twin.deleted
    followed = browser_store.after(last, story.end)
    assert followed.deleted
    assert not browser_store.after(last, story.events).deleted
    assert followed.board["seq"] == twin.seq == last["seq"] + len(story.end)


def between(events: Sequence[Event], first: Board, last: Board) -> list[Event]:
    """What happened after the one snapshot, up to the other."""
    return [event for event in events if first["seq"] < event["seq"] <= last["seq"]]
