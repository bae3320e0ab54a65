"""Who may do what: every route of the application, for every role. A route without a row fails."""

from __future__ import annotations

from typing import Any

import pytest

from taskhub.errors import CODES
from tests.openapi import Contract
from tests.teams import Team

ROLES = ("owner", "member", "viewer", "stranger", "nobody")

READ = (200, 200, 200, 404, 401)
MEMBERS = (201, 201, 403, 404, 401)

#: (method, route) → body, and the status for each of ROLES. {task} and the like are made anew for each call.
MATRIX: dict[tuple[str, str], tuple[Any, tuple[int, ...]]] = {
    ("POST", "/api/v1/auth/register"): ({}, (422,) * 5),
    ("POST", "/api/v1/auth/login"): ({}, (422,) * 5),
    ("GET", "/api/v1/me"): (None, (200, 200, 200, 200, 401)),
    # A name of their own has its tests in tests/people/test_renaming.py: these people are shared.
    ("PATCH", "/api/v1/me"): ({}, (200, 200, 200, 200, 401)),
    ("GET", "/api/v1/projects"): (None, (200, 200, 200, 200, 401)),
    ("POST", "/api/v1/projects"): ({"key": "{key}", "name": "New"}, (201, 201, 201, 201, 401)),
    ("GET", "/api/v1/projects/<key>"): (None, READ),
    ("PATCH", "/api/v1/projects/<key>"): ({"name": "Renamed"}, (200, 403, 403, 404, 401)),
    ("DELETE", "/api/v1/projects/<key>"): (None, (204, 403, 403, 404, 401)),
    ("GET", "/api/v1/projects/<key>/members"): (None, READ),
    ("POST", "/api/v1/projects/<key>/members"): (
        {"email": "stranger@example.com", "role": "viewer"},
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
    ("GET", "/api/v1/tasks/<ref>"): (None, READ),
    ("PATCH", "/api/v1/tasks/<ref>"): ({"title": "B"}, (200, 200, 403, 404, 401)),
    ("DELETE", "/api/v1/tasks/<ref>"): (None, (204, 204, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/move"): ({"state": "done"}, (200, 200, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/archive"): (None, (200, 200, 403, 404, 401)),
    ("POST", "/api/v1/tasks/<ref>/restore"): (None, (200, 200, 403, 404, 401)),
    ("GET", "/api/v1/tasks/<ref>/events"): (None, READ),
    ("GET", "/api/v1/tasks/<ref>/comments"): (None, READ),
    ("POST", "/api/v1/tasks/<ref>/comments"): ({"body": "Hm"}, MEMBERS),
    # The comment is the member's own.
    ("PATCH", "/api/v1/comments/<comment_id>"): ({"body": "B"}, (403, 200, 403, 404, 401)),
    ("DELETE", "/api/v1/comments/<comment_id>"): (None, (204, 204, 403, 404, 401)),
}

#: Routes that are not about a project and open to everybody, with what each has a test of elsewhere for.
OPEN = {
    ("GET", "/healthz"): "tests/test_health.py",
    ("GET", "/readyz"): "tests/test_health.py",
    ("GET", "/api/v1/openapi.json"): "tests/reference",
    ("GET", "/api/v1/asyncapi.json"): "tests/reference",
    ("GET", "/api/v1/docs"): "tests/reference",
    ("GET", "/api/v1/docs/static/<path:filename>"): "tests/reference",
    ("GET", "/static/<path:filename>"): "tests/test_headers.py",
    ("WS", "/api/v1/live"): "tests/live",
    ("POST", "/api/v1/auth/logout"): "tests/people/test_sessions.py",
}


def routes(contract: Contract) -> set[tuple[str, str]]:
    """Every route of the application but its pages, which answer in HTML and have tests of their own."""
    found = set()
    for rule in contract.routes.map.iter_rules():
        if rule.endpoint.startswith("pages."):
            continue
        methods = {"WS"} if rule.websocket else (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found |= {(method, rule.rule) for method in methods}
    return found


def test_every_route_has_a_row(contract: Contract) -> None:
    assert routes(contract) == {*MATRIX, *OPEN}


@pytest.mark.parametrize(("method", "route"), MATRIX)
async def test_each_role(team: Team, method: str, route: str) -> None:
    body, statuses = MATRIX[method, route]
    task = (await team.task(by="member"))["ref"]
    comment = await team.member.post(f"/api/v1/tasks/{task}/comments", json={"body": "Mine"})
    label = await team.member.post(f"{team.url}/labels", json={"name": "Bug", "color": "red"})
    names = {
        "<key>": team.key,
        "<ref>": task,
        "<comment_id>": comment.json()["id"],
        "<user_id>": team.member.user["id"],
        "<label_id>": label.json()["id"],
    }
    path = route
    for name, value in names.items():
        path = path.replace(name, value)
    # From who may least to who may most, so that what the last one does is not in the way of the others.
    for number, (role, status) in reversed(list(enumerate(zip(ROLES, statuses, strict=True)))):
        if method == "DELETE" and role == "owner" and statuses[1] < 300:
            continue  # A member has deleted it already; an owner's deletions are in the domains' tests.
        sent = (
            {
                name: value.replace("{key}", f"{team.key}{number}") if isinstance(value, str) else value
                for name, value in body.items()
            }
            if body
            else body
        )
        before = await team.events()
        request = team.client(role).build_request(method, path, json=sent)
        answer = await team.client(role).send(request, stream=True)
        assert answer.status_code == status, (role, answer.status_code)
        if not answer.headers.get("content-type", "").startswith("text/event-stream") and status >= 400:
            await answer.aread()
            code = answer.json()["code"]
            assert CODES[code][0] == status
        await answer.aclose()
        if status >= 400:
            assert await team.events() == before, role


async def test_nothing_of_a_project_leaks_to_a_stranger(team: Team) -> None:
    """What is there and what is not are answered alike."""
    task = (await team.task("Secret title"))["ref"]
    comment = (await team.owner.post(f"/api/v1/tasks/{task}/comments", json={"body": "Secret"})).json()["id"]
    pairs = [
        (team.url, "/api/v1/projects/NOTHERE"),
        (f"{team.url}/board", "/api/v1/projects/NOTHERE/board"),
        (f"{team.url}/events", "/api/v1/projects/NOTHERE/events"),
        (f"{team.url}/stream", "/api/v1/projects/NOTHERE/stream"),
        (f"{team.url}/members", "/api/v1/projects/NOTHERE/members"),
    ]
    for there, not_there in pairs:
        theirs, none = await team.stranger.get(there), await team.stranger.get(not_there)
        assert theirs.status_code == none.status_code == 404
        assert theirs.json() == none.json()
    for method, there, not_there, body in (
        ("GET", f"tasks/{task}", "tasks/NOTHERE-1", None),
        ("PATCH", f"tasks/{task}", "tasks/NOTHERE-1", {"title": "B"}),
        ("POST", f"tasks/{task}/move", "tasks/NOTHERE-1/move", {"state": "todo"}),
        ("PATCH", f"comments/{comment}", "comments/none", {"body": "B"}),
        ("DELETE", f"comments/{comment}", "comments/none", None),
    ):
        theirs = await team.stranger.request(method, f"/api/v1/{there}", json=body)
        none = await team.stranger.request(method, f"/api/v1/{not_there}", json=body)
        assert theirs.status_code == none.status_code == 404
        assert theirs.json() == none.json(), there
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
