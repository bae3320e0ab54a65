"""Random commands of several people on one project, one after the other and at once, each checked in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import httpx
import sqlalchemy as sa
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub.comments.model import comments
from taskhub.db import new_id
from taskhub.events.model import events
from taskhub.projects.model import labels, members, projects
from taskhub.tasks.model import tasks
from tests.browser_store import BrowserStore, columns
from tests.dashboards.naive import same
from tests.property import inboxes
from tests.property.commands import ON_TASKS, WHO, Command, Comment, Create, Move
from tests.property.model import Model, Request
from tests.property.settings import ON_THE_PROJECT, AddMember, ChangeRole, CreateLabel, PutWorkflow, RemoveMember, State
from tests.property.undoing import ON_THE_LOG, Undo, content
from tests.property.world import NOBODY, PEOPLE, World, email
from tests.store import Board, Event, empty, fold, in_order

_KINDS = [draw for weight, draw in (*ON_TASKS, *ON_THE_PROJECT, *ON_THE_LOG) for _ in range(weight)]


def _drawn(number: int) -> Command:
    if number == 0:
        return Move("ada", 0, 2, None, None)
    chance = Random(number)
    return chance.choice(_KINDS)(chance)


#: Hypothesis draws zero and first choices far too often for a project to become interesting by them: it
#: draws one number for each command, and shortens a failing course by leaving commands out.
COMMANDS = st.integers(0, 2**64 - 1).map(_drawn)

#: What every project begins with, so that there is something to change.
STOCK: tuple[Command, ...] = (
    CreateLabel("ada", "Red", "red"),
    CreateLabel("ben", "Blue", "blue"),
    Create("ada", None, {"title": "First", "assignees": [0], "labels": [0]}),
    Create("ben", None, {"title": "Second", "assignees": [0, 1], "labels": [1, 0], "description": "- [ ] open"}),
    Create("ada", None, {"title": "Third"}),
    Comment("ada", 0, "Well"),
    Comment("ben", 1, "Yes"),
)

#: A workflow in which every state is soon full.
TIGHT = PutWorkflow(
    "ada", 1, [State("todo", "todo", 3), State("doing", "doing", 1), State("done", "done", 2)], None, None, -1
)
STARTS = ("simple", "tight", "strict")

#: How long ago a project begins, and the hours that may pass between two commands.
BEGINS_AGO = timedelta(days=80)
HOURS = st.sampled_from((0, 0, 0, 1, 7, 30, 100))

#: A snapshot is kept at every so many commands, and held against the last one at the end.
KEEP_EVERY = 6


class Project(RuleBasedStateMachine):
    """One new project of the people: ada owns it, ben is a member, cho a viewer, dan and eve are strangers."""

    def __init__(self, world: World, browser_store: BrowserStore, start: str) -> None:
        super().__init__()
        self.world = world
        self.browser_store = browser_store
        self.kept: list[Board] = []
        #: Whether the model took in all that happened; where it could not, the end has nothing to add.
        self.follows = True
        self.steps = 0
        #: The task that the last command was about, where it was about one's place.
        self.target: str | None = None
        #: The last request that succeeded under a key, and its answer.
        self.keyed: tuple[Request, str, str, httpx.Response] | None = None
        key = world.new_key()
        note(f"project {key}, {start}")
        # What comes takes place over some weeks, up to now.
        world.set_clock(BEGINS_AGO)
        body: dict[str, Any] = {"key": key, "name": "One", "template": "strict" if start == "strict" else "simple"}
        begun = world.request("ada", "POST", "/api/v1/projects", body)
        assert begun.status_code == 201, begun.text
        for who, role in (("ben", "member"), ("cho", "viewer")):
            body = {"email": email(who), "role": role}
            assert world.request("ada", "POST", f"/api/v1/projects/{key}/members", body).status_code == 201
        board = self._board("ada", key)
        self.model = Model(key, world.ids, empty(board))
        for event in self._events():
            self.model.history.take(event)
        self._same(board)
        for command in (*STOCK, *((TIGHT,) if start == "tight" else ())):
            self._do(command, False)

    # What people do.

    @rule(command=COMMANDS, keyed=st.booleans(), hours=HOURS)
    def do(self, command: Command, keyed: bool, hours: int) -> None:
        """One command, some time after the one before."""
        self.world.pass_time(timedelta(hours=hours))
        if hours > 1:
            # Answers are kept for two days.
            self.keyed = None
        self._do(command, keyed)

    @rule(command=COMMANDS)
    def do_and_undo(self, command: Command) -> None:
        """One command undone, and the undo undone: all is as it was, then as it was made."""
        before = content(self.model)
        happened = self._do(command, False)
        after = content(self.model)
        for expected in (before, after):
            if not happened:
                return
            happened = self._do(Undo(command.who, self.model.head - self._chief(happened)["seq"]), False)
            if happened:
                assert content(self.model) == expected

    @rule(commands=st.lists(COMMANDS, min_size=2, max_size=4))
    def do_at_once(self, commands: list[Command]) -> None:
        """Several commands, each of which may find the project as another one left it."""
        requests: dict[str | None, Request] = {new_id(): command.request(self.model) for command in commands}
        asked = [
            partial(self.world.ask, one.who, one.method, one.path, one.body, key=key) for key, one in requests.items()
        ]
        responses = self.world.all(asked)
        happened = self._take(requests)
        rights_stay = not any(isinstance(one, AddMember | ChangeRole | RemoveMember) for one in commands)
        for command, (key, request), response in zip(commands, requests.items(), responses, strict=True):
            note(_said(request, response))
            self._count(command, response)
            if response.status_code >= 400:
                assert not any(event["command_id"] == key for event in happened), "a refused command changed something"
            if request.access is not None and rights_stay:
                assert response.json()["code"] in request.refusals, _said(request, response)

    @precondition(lambda self: self.keyed is not None)
    @rule(other=st.booleans())
    def repeat(self, other: bool) -> None:
        """The last keyed command again: the same answer and no new event; the key for something else is refused."""
        assert self.keyed is not None
        request, key, kind, first = self.keyed
        body = request.body | {"title": "Another"} if other and kind == "Edit" else request.body
        again = self.world.request(request.who, request.method, request.path, body, key=key)
        note(f"again, {'otherwise' if other else 'the same'}: {_said(request, again)}")
        assert self._take({}) == []
        if again.status_code in (403, 404):
            # Rights are asked anew, and only they.
            assert self.model.access(request.who, "owner") in ("forbidden", "not_found")
        elif body != request.body:
            assert again.json()["code"] == "idempotency_mismatch"
        else:
            assert (again.status_code, again.content) == (first.status_code, first.content)

    @rule(who=st.sampled_from(WHO), since=st.integers(0, 60), limit=st.integers(1, 7))
    def read_on(self, who: str, since: int, limit: int) -> None:
        """A page of the log."""
        answer = self.world.request(who, "GET", f"{self.model.url}/events?since={since}&limit={limit}")
        refused = self.model.access(who, "viewer")
        if refused or since > self.model.head:
            assert answer.json()["code"] == (refused or "cursor_expired")
            return
        page = answer.json()
        assert page["events"] == self.model.history.events[since : since + limit]
        assert (page["seq"], page["has_more"]) == (self.model.head, since + limit < self.model.head)

    def _do(self, command: Command, keyed: bool) -> list[Event]:
        """Ask for it, and check what came of it in full; its events."""
        request = command.request(self.model)
        key = new_id() if keyed else None
        before = {state["id"]: self.model.column(state["id"]) for state in self.model.history.workflow["states"]}
        response = self.world.request(request.who, request.method, request.path, request.body, key=key)
        note(_said(request, response))
        self._count(command, response)
        happened = self._take(dict.fromkeys([key], request))
        self._as_expected(request, response)
        if response.status_code >= 400:
            assert happened == [], "a refused command changed something"
            return []
        if sum(event["type"] == "task.moved" for event in happened) > 1:
            self.world.tally[type(command).__name__, "column numbered anew"] += 1
        self._answers(response)
        self._others_stay(before, request.target)
        request.then(response.json() if response.content else None)
        self.target = request.target
        if key is not None:
            self.keyed = (request, key, type(command).__name__, response)
        return happened

    def _chief(self, happened: list[Event]) -> Event:
        """The event of the last command that the others are for: they relabel tasks, or number a column anew."""
        if self.target is None:
            return next((event for event in happened if not event["type"].startswith("task.")), happened[-1])
        return next(event for event in happened if event["task"]["ref"] == self.target)

    def _count(self, command: Command, response: httpx.Response) -> None:
        ended = str(response.status_code) if response.status_code < 400 else response.json()["code"]
        self.world.tally[type(command).__name__, ended] += 1

    # What has to hold after each.

    def _take(self, requests: Mapping[str | None, Request]) -> list[Event]:
        store = self.model.history.store
        happened: list[Event] = []
        self.follows = False
        for event in self._events():
            request = requests.get(event["command_id"], requests.get(None))
            assert request is not None, f"nobody asked for {event}"
            assert event["type"] in request.emits, f"{request.method} {request.path} wrote {event}"
            assert event["actor"]["id"] == self.world.ids[request.who], f"{request.who} did not do {event}"
            assert event["project"] == self.model.key or isinstance(event["project"], dict)
            self.model.history.take(event, undoes=request.undoes)
            happened.append(event)
        assert len({event["command_id"] for event in happened}) <= max(len(requests), 1), "a command has one id"
        reader = self.model.first("owner")
        fresh = self._board(reader, self.model.key)
        assert fresh["seq"] == store.seq
        self._same(fresh)
        self.steps += 1
        if self.steps % KEEP_EVERY == 1:
            self.kept.append(fresh)
            self._figures(reader)
        self.follows = True
        return happened

    def _same(self, board: Board) -> None:
        assert in_order(board) == self.model.history.store.board(), "the events are not what the board became"
        places = [(task["state"], task["position"].encode()) for task in board["tasks"]]
        for state in {place[0] for place in places}:
            inside = [position for where, position in places if where == state]
            assert inside == sorted(set(inside)), f"{state} is not in order"

    def _as_expected(self, request: Request, response: httpx.Response) -> None:
        what = _said(request, response)
        if response.status_code < 400:
            assert not request.refusals, f"this should be refused as {sorted(request.refusals)}: {what}"
            assert response.status_code == request.done, what
            return
        code = response.json()["code"]
        assert code in request.refusals | request.perhaps, (
            f"this should be refused as {sorted(request.refusals)}: {what}"
            if request.refusals
            else f"this should be done: {what}"
        )

    def _answers(self, response: httpx.Response) -> None:
        """An answer carries the entity as the log does."""
        entity = response.json() if response.content else {}
        for kind, mark in (("task", "ref"), ("comment", "author"), ("label", "color"), ("workflow", "states")):
            if mark in entity:
                entity.pop("body_html", None)
                id_ = "" if kind == "workflow" else entity.get("ref") or entity["id"]
                assert entity == self.model.history.store.one(kind, id_)

    def _figures(self, who: str) -> None:
        answer = self.world.request(who, "GET", f"{self.model.url}/dashboard")
        assert answer.status_code == 200, answer.text
        same(answer.json(), self.model.history.events)

    def _others_stay(self, before: dict[str, list[str]], target: str | None) -> None:
        for state, former in before.items():
            now = self.model.column(state)
            assert [ref for ref in former if ref in now and ref != target] == [
                ref for ref in now if ref in former and ref != target
            ], f"tasks of {state} that nobody moved changed places"

    def _board(self, who: str, key: str) -> Board:
        answer = self.world.request(who, "GET", f"/api/v1/projects/{key}/board")
        assert answer.status_code == 200, answer.text
        board: Board = answer.json()
        assert answer.headers["etag"] == f'W/"{board["log"]}-{board["seq"]}"'
        return board

    def _events(self) -> list[Event]:
        """What is new in the log, as the first sees it who may: who may read may just have changed."""
        query = f"since={self.model.head}&log={self.model.history.store.log}&limit=1000"
        for who in PEOPLE:
            answer = self.world.request(who, "GET", f"{self.model.url}/events?{query}")
            if answer.status_code == 200:
                found: list[Event] = answer.json()["events"]
                return found
        raise AssertionError(f"nobody may read the project any more: {answer.text}")

    # What has to hold at the end.

    def teardown(self) -> None:
        """Every kept snapshot comes to the last one; the tables and the lists say the same; the project goes."""
        if not self.follows:
            return
        owner = self.model.first("owner")
        last = self._board(owner, self.model.key)
        self.world.run(self._tables())
        self._lists(owner)
        for _ in range(2):
            self._figures(owner)
            # And when some days later nothing has happened since.
            self.world.pass_time(timedelta(days=9))
        for who in (*PEOPLE, NOBODY):
            answer = self.world.request(who, "GET", f"{self.model.url}/board")
            refused = self.model.access(who, "viewer")
            assert (answer.json()["code"] if refused else answer.json()) == (refused or last)
        for snapshot in self.kept:
            later = self.model.history.events[snapshot["seq"] :]
            assert fold(snapshot, later) == in_order(last)
            followed = self.browser_store.after(snapshot, later)
            assert followed.board == in_order(last)
            assert followed.columns == columns(last)
        assert self.world.request(owner, "DELETE", self.model.url).status_code == 204
        assert self.world.request(owner, "GET", f"{self.model.url}/board").status_code == 404
        for who in PEOPLE:
            answer = self.world.request(who, "GET", "/api/v1/inbox").json()
            assert (answer["items"], answer["unread"]) == ([], 0)

    def _lists(self, owner: str) -> None:
        store = self.model.history.store
        query = f"{self.model.url}/tasks?limit=200"
        by_number = sorted(store.all("task"), key=lambda task: int(task["number"]))
        assert self.world.request(owner, "GET", query).json()["items"] == by_number
        archived = self.world.request(owner, "GET", f"{query}&archived=true").json()["items"]
        assert archived == store.archived()
        for task in store.all("task"):
            answer = self.world.request(owner, "GET", f"/api/v1/tasks/{task['ref']}/comments?limit=200").json()
            said = [{name: value for name, value in one.items() if name != "body_html"} for one in answer["items"]]
            assert said == store.comments(task["ref"])
            assert len(said) == task["comment_count"]

    async def _tables(self) -> None:
        async with self.world.here.db.read() as session:
            project = (await session.execute(sa.select(projects).where(projects.c.key == self.model.key))).one()
            await self._rows(session, project.id)
            logged = sa.select(sa.func.count(), sa.func.min(events.c.seq), sa.func.max(events.c.seq))
            found = (await session.execute(logged.where(events.c.project_id == project.id))).one()
            assert tuple(found) == (project.seq, 1, project.seq)
            assert project.seq == self.model.head
            self.world.tally["inboxes", "told"] += await inboxes.are_sound(session, project.id)

    async def _rows(self, session: AsyncSession, project_id: int) -> None:
        """Every row has the version of the last event that carried it; what is deleted is so in the tables too."""
        known, gone = self.model.history.known, self.model.history.deleted
        rows: dict[tuple[str, str], tuple[int, bool]] = {}
        of: dict[str, Any] = {"task": tasks, "comment": comments, "label": labels, "member": members}
        for kind, table in of.items():
            for row in await session.execute(sa.select(table).where(table.c.project_id == project_id)):
                id_ = getattr(row, {"task": "number", "member": "user_id"}.get(kind, "id"))
                key = (kind, f"{self.model.key}-{id_}" if kind == "task" else id_)
                rows[key] = (row.version, kind in ("task", "comment") and row.deleted_at is not None)
        # Rows of members and labels go with what they were.
        expected = {
            key: (entity["version"], key in gone)
            for key, entity in known.items()
            if key[0] in ("task", "comment") or (key[0] in of and self.model.history.store.one(*key))
        }
        assert rows == expected


def _said(request: Request, response: httpx.Response) -> str:
    body = request.body if request.body is None or len(str(request.body)) < 400 else str(request.body)[:400]
    return f"{request.who}: {request.method} {request.path} {body} -> {response.status_code} {response.text[:300]}"
