"""A write that a browser's cookie vouches for must come from TaskHub's own pages."""

from __future__ import annotations

import pytest

from tests.clients import Client
from tests.live.following import credentials
from tests.teams import Team

#: The headers of a request, and whether a write with them is let through ({own} is the server's address).
HEADERS = [
    ({}, False),
    ({"Origin": "{own}"}, True),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "{own}.evil.example"}, False),
    ({"Origin": "http://evil@{host}"}, False),
    ({"Origin": "ftp://{host}"}, False),
    ({"Origin": "//{host}"}, False),
    ({"Origin": "http://[::1"}, False),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Sec-Fetch-Site": "junk"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "{own}"}, False),
    ({"Referer": "{own}/"}, False),
]


@pytest.mark.parametrize(("headers", "passes"), HEADERS, ids=str)
async def test_writes_with_a_cookie(team: Team, headers: dict[str, str], passes: bool) -> None:
    own = team.server.url
    sent = {name: value.format(own=own, host=own.removeprefix("http://")) for name, value in headers.items()}
    async with Client(base_url=own, headers={**credentials(team.owner), **sent}, trust_env=False) as client:
        ref = (await team.task())["ref"]
        for method, path, body in (
            ("POST", f"{team.url}/tasks", {"title": "A"}),
            ("PATCH", f"/api/v1/tasks/{ref}", {"title": "B"}),
            ("DELETE", f"/api/v1/tasks/{ref}", None),
            ("POST", "/api/v1/auth/login", {"email": "x@example.com", "password": "wrong"}),
            ("POST", "/api/v1/auth/register", {}),
        ):
            answer = await client.request(method, path, json=body)
            assert (answer.status_code != 403) is passes, (method, path, answer.text)
            if not passes:
                assert answer.json()["code"] == "cross_origin"
        assert (await client.get(f"{team.url}/board")).status_code == 200


async def test_a_junk_authorization_opens_nothing(team: Team) -> None:
    headers = {**credentials(team.owner), "Authorization": "Basic x", "Origin": "https://evil.example"}
    async with Client(base_url=team.server.url, headers=headers, trust_env=False) as client:
        assert (await client.post(f"{team.url}/tasks", json={"title": "A"})).status_code == 401
