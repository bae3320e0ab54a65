"""Who may do what: every route and every operation of the socket, for every role, in one's own project and in a
foreign one. A route or an operation without a row fails.

A new route needs a row in MATRIX; if its path or body names a new kind of thing, `fill` (tests/places.py) makes one and
NOTHING names one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskhub.api import SESSION_COOKIE
from taskhub.errors import CODES
from taskhub.live.socket import OPERATIONS
from tests.clients import Client
from tests.live.following import socket
from tests.openapi import Contract
from tests.places import Places, put
from tests.serving import Server
from tests.teams import Team, sign_up

ROLES = ("owner", "member", "viewer", "stranger", "nobody")

READ = (200, 200, 200, 404, 401)
MEMBERS = (201, 201, 403, 404, 401)

#: (method, route) → body, and the status for each of ROLES. What the names in < > and { } stand for `fill` says.
MATRIX: dict[tuple[str, str], tuple[Any, tuple[int, ...]]] = {
    ("POST", "/api/v1/auth/register"): ({}, (422,) * 5),
    ("POST", "/api/v1/auth/login"): ({}, (422,) * 5),
    ("GET", "/api/v1/me"): (None, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/invites"): ({"project": "{project}"}, (201, 403, 403, 404, 401)),
    # The link is not known: it opens nothing to anybody.
    ("POST", "/api/v1/invites/accept"): ({"invite": "none"}, (422, 422, 422, 422, 401)),
    ("DELETE", "/api/v1/invites/<string(length=16):invite_id>"): (None, (204, 403, 403, 404, 401)),
    ("GET", "/api/v1/projects/<key>/invites"): (None, (200, 403, 403, 404, 401)),
    # A name of their own has its tests in tests/people/test_renaming.py: these people are shared.
    ("PATCH", "/api/v1/me"): ({}, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/demo"): ({"key": "{fresh}"}, (201, 201, 201, 201, 401)),
    # No board of Trello's.
    ("POST", "/api/v1/imports/trello"): ({}, (422, 422, 422, 422, 401)),
    ("GET", "/api/v1/probe"): (None, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/probe/stream"): (None, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/me/tasks"): (None, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/me/overview"): (None, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/me/overview/stream"): (None, (200, 200, 200, 200, 401)),
    # What each finds has its tests in tests/work/test_search.py.
    ("GET", "/api/v1/search"): (None, (200, 200, 200, 200, 401)),
    # One's own, always: tests/notifications/test_inbox.py has what is in it.
    ("GET", "/api/v1/inbox"): (None, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/inbox/stream"): (None, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/inbox/read"): ({"up_to": 0}, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/inbox/unread"): ({"ids": ["none"]}, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/inbox/mutes"): (None, (200, 200, 200, 200, 401)),
    ("PUT", "/api/v1/inbox/mutes/<reason>"): (None, (200, 200, 200, 200, 401)),
    ("DELETE", "/api/v1/inbox/mutes/<reason>"): (None, (204, 204, 204, 204, 401)),
    ("PUT", "/api/v1/projects/<key>/mutes/<reason>"): (None, READ),
    ("DELETE", "/api/v1/projects/<key>/mutes/<reason>"): (None, (204, 204, 204, 404, 401)),
    ("GET", "/api/v1/tasks/<ref>/watch"): (None, READ),
    ("PUT", "/api/v1/tasks/<ref>/watch"): (None, READ),
    ("DELETE", "/api/v1/tasks/<ref>/watch"): (None, (204, 204, 204, 404, 401)),
    ("GET", "/api/v1/projects"): (None, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/projects"): ({"key": "{fresh}", "name": "New"}, (201, 201, 201, 201, 401)),
    ("GET", "/api/v1/projects/<key>"): (None, READ),
    ("PATCH", "/api/v1/projects/<key>"): ({"name": "Renamed"}, (200, 403, 403, 404, 401)),
    ("DELETE", "/api/v1/projects/<key>"): (None, (204, 403, 403, 404, 401)),
    ("GET", "/api/v1/projects/<key>/members"): (None, READ),
    ("POST", "/api/v1/projects/<key>/members"): (
        {"email": "{newcomer}", "role": "viewer"},
        (201, 403, 403, 404, 401),
    ),
    ("PATCH", "/api/v1/projects/<key>/members/<user_id>"): ({"role": "viewer"}, (200, 403, 403, 404, 401)),
    ("DELETE", "/api/v1/projects/<key>/members/<user_id>"): (None, (204, 204, 403, 404, 401)),
    ("GET", "/api/v1/projects/<key>/labels"): (None, READ),
    ("POST", "/api/v1/projects/<key>/labels"): ({"name": "{key}", "color": "red"}, MEMBERS),
    ("PATCH", "/api/v1/projects/<key>/labels/<label_id>"): ({"name": "{key}"}, (200, 200, 403, 404, 401)),
    ("DELETE", "/api/v1/projects/<key>/labels/<label_id>"): (None, (204, 204, 403, 404, 401)),
    ("GET", "/api/v1/projects/<key>/workflow"): (None, READ),
    ("PUT", "/api/v1/projects/<key>/workflow"): (
        {"states": [{"id": "todo", "name": "All", "category": "todo"}], "transitions": None},
        (200, 403, 403, 404, 401),
    ),
    ("GET", "/api/v1/projects/<key>/board"): (None, READ),
    ("GET", "/api/v1/projects/<key>/tasks"): (None, READ),
    ("POST", "/api/v1/projects/<key>/tasks"): ({"title": "A"}, MEMBERS),
    ("GET", "/api/v1/projects/<key>/events"): (None, READ),
    ("GET", "/api/v1/projects/<key>/stream"): (None, READ),
    ("GET", "/api/v1/projects/<key>/dashboard"): (None, READ),
    ("GET", "/api/v1/projects/<key>/dashboard/stream"): (None, READ),
    ("GET", "/api/v1/projects/<key>/wallboards"): (None, (200, 403, 403, 404, 401)),
    ("POST", "/api/v1/projects/<key>/wallboards"): ({"name": "Hall"}, (201, 403, 403, 404, 401)),
    ("PATCH", "/api/v1/projects/<key>/wallboards/<wallboard_id>"): ({"titles": False}, (200, 403, 403, 404, 401)),
    ("DELETE", "/api/v1/projects/<key>/wallboards/<wallboard_id>"): (None, (204, 403, 403, 404, 401)),
    # One of the last things that `fill` makes. What else each may undo has its tests in tests/undo/test_conflicts.py.
    ("POST", "/api/v1/projects/<key>/undo"): ({"seq": 7}, (200, 200, 403, 404, 401)),
    ("GET", "/api/v1/tasks/<ref>"): (None, READ),
    ("PATCH", "/api/v1/tasks/<ref>"): ({"title": "B"}, (200, 200, 403, 404, 401)),
    ("DELETE", "/api/v1/tasks/<ref>"): (None, (204, 204, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/move"): ({"state": "done"}, (200, 200, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/archive"): (None, (200, 200, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/restore"): (None, (200, 200, 403, 404, 401)),
    ("GET", "/api/v1/tasks/<ref>/events"): (None, READ),
    ("GET", "/api/v1/tasks/<ref>/comments"): (None, READ),
    ("POST", "/api/v1/tasks/<ref>/comments"): ({"body": "Hm"}, MEMBERS),
    ("POST", "/api/v1/markdown"): ({"text": "*Hm*"}, (200, 200, 200, 200, 401)),
    # The comment is the member's own.
    ("PATCH", "/api/v1/comments/<comment_id>"): ({"body": "B"}, (403, 200, 403, 404, 401)),
    ("DELETE", "/api/v1/comments/<comment_id>"): (None, (204, 204, 403, 404, 401)),
}

#: Routes that are open to everybody, or that a row can't try; with where each has its tests.
OPEN = {
    # Whoever has the link, and nobody else.
    ("GET", "/api/v1/wallboards/<wallboard_secret>"): "tests/dashboards/test_wallboards.py",
    ("GET", "/api/v1/wallboards/<wallboard_secret>/stream"): "tests/dashboards/test_wallboards.py",
    ("GET", "/healthz"): "tests/test_health.py",
    ("GET", "/readyz"): "tests/test_health.py",
    # It takes seconds, and may not be repeated at once.
    ("POST", "/api/v1/admin/doctor"): "tests/doctor/test_page.py",
    ("GET", "/metrics"): "tests/metrics/test_metrics.py",
    ("GET", "/api/v1/openapi.json"): "tests/reference/test_documents.py",
    ("GET", "/api/v1/asyncapi.json"): "tests/reference/test_documents.py",
    ("GET", "/api/v1/docs"): "tests/reference/test_documents.py",
    ("GET", "/api/v1/docs/static/<path:filename>"): "tests/reference/test_documents.py",
    ("GET", "/static/<path:filename>"): "tests/test_headers.py",
    ("GET", "/shell"): "tests/pages/test_app.py",
    ("GET", "/service-worker.js"): "tests/pages/test_app.py",
    ("GET", "/wall/<secret>"): "tests/pages/test_app.py",
    ("WS", "/api/v1/live"): "LIVE, below",
    # These end the session that asks.
    ("POST", "/api/v1/auth/logout"): "tests/people/test_sessions.py",
    ("POST", "/sign-out"): "tests/people/test_sessions.py",
    # It makes a member of whoever presses it.
    ("POST", "/invite/<secret>"): "tests/invites/test_pages.py",
}

SHELL = (200, 200, 200, 200, 303)
FORM = (303, 303, 303, 303, 200)

#: As MATRIX, for the pages, which take forms. The app's page is the same for all; what is in it
#: tests/pages/test_app.py knows.
PAGES: dict[tuple[str, str], tuple[Any, tuple[int, ...]]] = {
    ("GET", "/"): (None, SHELL),
    ("GET", "/overview"): (None, SHELL),
    ("GET", "/mine"): (None, SHELL),
    ("GET", "/inbox"): (None, SHELL),
    ("GET", "/import"): (None, SHELL),
    # What the page shows to whom tests/browser/test_operating.py knows.
    ("GET", "/admin/doctor"): (None, SHELL),
    ("GET", "/p/<key>"): (None, SHELL),
    ("GET", "/p/<key>/t/<int:number>"): (None, SHELL),
    ("GET", "/p/<key>/new/<temporary>"): (None, SHELL),
    ("GET", "/p/<key>/dashboard"): (None, SHELL),
    ("GET", "/p/<key>/settings"): (None, SHELL),
    ("GET", "/p/<key>/settings/<any(general, members, labels, workflow):tab>"): (None, SHELL),
    ("GET", "/offline"): (None, (200,) * 5),
    ("GET", "/sign-in"): (None, FORM),
    ("POST", "/sign-in"): ({}, (401,) * 5),
    ("GET", "/register"): (None, FORM),
    ("POST", "/register"): ({}, (422,) * 5),
    # Members go on to their board; who is signed out goes to register.
    ("GET", "/invite/<secret>"): (None, (303, 303, 303, 200, 303)),
}

#: operation of the WebSocket → the frame, and for each of ROLES the `op` of the answer, the `code` of an error, or the
#: close code.
LIVE: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "subscribe": (
        {"topic": "project:{project}"},
        ("subscribed", "subscribed", "subscribed", "not_found", 4401),
    ),
    # Of what one does not follow: the same answer whatever is there.
    "unsubscribe": ({"topic": "project:{project}"}, (*("unsubscribed",) * 4, 4401)),
    # Only who follows is present; tests/live/test_presence.py has that.
    "presence": ({"topic": "project:{project}", "at": None}, (*("invalid",) * 4, 4401)),
    "ping": ({}, (*("pong",) * 4, 4401)),
}

#: What is no good credential: each is nobody's.
SIGNED_OUT: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Bearer tht_wrong"},
    {"Cookie": f"{SESSION_COOKIE}=ths_wrong"},
)

#: The parameters of the routes, for things that are not there.
NOTHING = {
    "<key>": "NOTHERE",
    "<ref>": "NOTHERE-1",
    "<user_id>": "none",
    "<comment_id>": "none",
    "<label_id>": "none",
    "<wallboard_id>": "none",
    "<string(length=16):invite_id>": "0" * 16,
    "{project}": "NOTHERE",
}


@pytest.fixture(scope="module")
async def bystander(shared_server: Server) -> AsyncIterator[Client]:
    """Somebody who is a member of the stranger's projects alone."""
    client = await sign_up(shared_server, "Bystander", "bystander@example.com")
    yield client
    await client.aclose()


@pytest.fixture(scope="module")
async def places(people: dict[str, Client], shared_server: Server, bystander: Client) -> Places:
    """Own and foreign projects of the people."""
    return Places(people, shared_server, bystander)


def of_role(row: tuple[Any, ...], role: str, where: str) -> Any:
    """What a row says for a role, in one's own project or in a foreign one."""
    said = dict(zip(ROLES, row, strict=True))
    if where == "own" or role == "nobody":
        return said[role]
    return said["owner"] if role == "stranger" else said["stranger"]


def routes(contract: Contract) -> set[tuple[str, str]]:
    """Every route of the application."""
    found = set()
    for rule in contract.routes.map.iter_rules():
        methods = {"WS"} if rule.websocket else (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found |= {(method, rule.rule) for method in methods}
    return found


def test_every_route_has_a_row(contract: Contract) -> None:
    rows = [*MATRIX, *PAGES, *OPEN]
    assert sorted(routes(contract)) == sorted(rows)
    for where in OPEN.values():
        assert where == "LIVE, below" or Path(where).exists()


def test_every_operation_of_the_socket_has_a_row() -> None:
    assert set(OPERATIONS) == set(LIVE)


WHERE = pytest.mark.parametrize("where", ["own", "foreign"])


@WHERE
@pytest.mark.parametrize(("method", "route"), [*MATRIX, *PAGES])
async def test_each_role(places: Places, where: str, method: str, route: str) -> None:
    body, statuses = {**MATRIX, **PAGES}[method, route]
    as_form = (method, route) in PAGES
    # From who may least to who may most, so that what the last one does is not in the way of the others.
    for role in reversed(ROLES):
        status = of_role(statuses, role, where)
        client = places.people[role]
        for credentials in SIGNED_OUT if role == "nobody" else ({},):
            place = await places.find(where)
            path, before = put(route, place.names), await place.seq()
            sent = {"data" if as_form else "json": put(body, place.names)}
            answer = await client.send(client.build_request(method, path, headers=credentials, **sent), stream=True)
            kind = answer.headers.get("content-type", "").partition(";")[0]
            if kind == "text/event-stream":
                assert re.search("event: (hello|dashboard|overview)", await first(answer))
            else:
                await answer.aread()
            await answer.aclose()
            assert answer.status_code == status, (role, credentials, answer.status_code)
            if status >= 400:
                assert kind == ("text/html" if as_form else "application/problem+json")
                assert as_form or CODES[answer.json()["code"]][0] == status
                assert await place.seq() == before, role
            if method == "GET" and kind != "text/event-stream":
                head = await client.head(path, headers=credentials)
                assert (head.status_code, head.content) == (status, b""), role
            elif method != "GET" and status < 300:
                places.changed(where)


async def first(answer: httpx.Response) -> str:
    """The first message of a stream."""
    text = ""
    async for piece in answer.aiter_text():
        text += piece
        if "\n\n" in text:
            break
    return text


@WHERE
@pytest.mark.parametrize("operation", LIVE)
async def test_each_role_on_the_socket(places: Places, where: str, operation: str) -> None:
    frame, outcomes = LIVE[operation]
    place = await places.find(where)
    for role in ROLES:
        outcome = of_role(outcomes, role, where)
        async with socket(places.server, places.people[role] if role != "nobody" else None) as ws:
            if isinstance(outcome, int):
                assert await ws.closed() == outcome
                continue
            await ws.send({"op": operation, **put(frame, place.names)})
            answer = await ws.receive()
            assert answer.get("code", answer["op"]) == outcome, role


def things(route: str) -> int:
    """How many things, which may be there or not, a route names."""
    return sum(name in route for name in NOTHING)


@pytest.mark.parametrize(("method", "route"), [row for row in MATRIX if things(row[1])])
async def test_what_is_there_and_what_is_not_are_answered_alike(places: Places, method: str, route: str) -> None:
    place, stranger = await places.find("own"), places.people["stranger"]
    nothing = {**place.names, **NOTHING}
    body, _ = MATRIX[method, route]
    theirs = await stranger.request(method, put(route, place.names), json=put(body, place.names))
    none = await stranger.request(method, put(route, nothing), json=put(body, nothing))
    assert theirs.status_code == none.status_code == 404
    assert theirs.json() == none.json()


@pytest.mark.parametrize(("method", "route"), [row for row in MATRIX if things(row[1]) > 1])
async def test_a_foreign_thing_is_not_found_under_ones_own_key(places: Places, method: str, route: str) -> None:
    own, foreign = await places.find("own"), await places.find("foreign")
    body, _ = MATRIX[method, route]
    before = await foreign.seq()
    path = put(route, {**foreign.names, "<key>": own.names["<key>"]})
    answer = await own.owner.request(method, path, json=put(body, own.names))
    assert answer.status_code == 404, path
    assert await foreign.seq() == before


async def test_nothing_of_a_project_is_in_a_strangers_list(team: Team) -> None:
    assert team.key not in (await team.stranger.get("/api/v1/projects?limit=200")).text


async def test_nothing_of_another_project_can_be_linked_or_moved_to(team: Team, strict_team: Team) -> None:
    ref = (await team.task())["ref"]
    there = (await strict_team.task())["ref"]
    stranger = team.stranger.user["id"]
    for body in ({"assignees": [stranger]}, {"assignees": ["nobody"]}, {"labels": ["none"]}):
        assert (await team.owner.patch(f"/api/v1/tasks/{ref}", json=body)).status_code == 422
    moved = await team.move(ref, "todo", before=there)
    assert moved.status_code == 200
    assert (await team.move(ref, "review")).status_code == 422
    comment = (await team.owner.post(f"/api/v1/tasks/{ref}/comments", json={"body": "Here"})).json()["id"]
    page = await strict_team.owner.get(f"/api/v1/tasks/{there}/comments", params={"cursor": comment})
    assert page.status_code == 422


async def test_an_administrator_of_the_instance_sees_no_project_of_others(team: Team) -> None:
    # The first account of the server is its administrator.
    assert team.owner.user["is_admin"]
    assert not team.stranger.user["is_admin"]
    key = f"{team.key}S"
    assert (await team.stranger.post("/api/v1/projects", json={"key": key, "name": "Mine"})).status_code == 201
    assert (await team.owner.get(f"/api/v1/projects/{key}")).status_code == 404
