"""Flask-Login and Flask-WTF work unmodified, in asynchronous views too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest

from .conftest import Server, running, serve_command
from .extension_apps import USERS


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(serve_command("tests.asgi.extension_apps:application")) as running_server:
        yield running_server


def token(page: str) -> str:
    found = re.search(r'value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_sign_in_and_out(client: httpx.Client) -> None:
    away = client.get("/private")
    assert (away.status_code, away.headers["location"]) == (302, "/sign-in?next=%2Fprivate")
    csrf = token(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"csrf_token": csrf, "name": "ann", "password": "secret"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/private")
    assert client.get("/private").text == "for ann"
    assert client.post("/sign-out").status_code == 400, "without its token a form is refused"
    assert client.post("/sign-out", headers={"X-CSRFToken": csrf}).text == "out"
    assert client.get("/private").status_code == 302


def test_forms_are_validated(client: httpx.Client) -> None:
    assert client.post("/sign-in", data={"name": "ann", "password": "secret"}).status_code == 400
    csrf = token(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"csrf_token": csrf, "name": "eve", "password": "x"})
    assert "nobody of that name" in answer.text
    answer = client.post("/sign-in", data={"csrf_token": csrf, "name": "ann", "password": "wrong"})
    assert answer.status_code == 403


async def test_each_sees_their_own(server: Server) -> None:
    async def use(name: str) -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            csrf = token((await http.get("/sign-in")).text)
            form = {"csrf_token": csrf, "name": name, "password": USERS[name]}
            assert (await http.post("/sign-in", data=form)).status_code == 302
            for _ in range(10):
                assert (await http.get("/private")).text == f"for {name}"

    await asyncio.gather(*(use(name) for name in list(USERS) * 16))
