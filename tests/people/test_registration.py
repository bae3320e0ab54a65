"""Who may make an account: the first, who administers the instance, and then nobody, unless registration is open."""

from __future__ import annotations

import asyncio

from tests.clients import PASSWORD, anonymous_client
from tests.command_line import run_taskhub
from tests.databases import Database
from tests.serving import Serve, Server


async def register(server: Server, name: str) -> tuple[int, bool | None]:
    async with anonymous_client(server) as client:
        answer = await client.post(
            "/api/v1/auth/register", json={"email": f"{name}@example.com", "name": name, "password": PASSWORD}
        )
        return answer.status_code, answer.json().get("is_admin")


async def test_of_many_who_come_first_at_once_one_is_let_in(serve: Serve, fresh_database: Database) -> None:
    server = serve(fresh_database, env={"TASKHUB_OPEN_REGISTRATION": "0"})
    answers = await asyncio.gather(*(register(server, f"person{number}") for number in range(8)))
    assert sorted(answers, key=str) == [(201, True)] + [(403, None)] * 7


async def test_where_registration_is_open_only_the_first_is_administrator(
    serve: Serve, fresh_database: Database
) -> None:
    server = serve(fresh_database, env={"TASKHUB_OPEN_REGISTRATION": "1"})
    answers = await asyncio.gather(*(register(server, f"person{number}") for number in range(8)))
    assert sorted(answers, key=str) == [(201, False)] * 7 + [(201, True)]
    # The same address at once: one account.
    answers = await asyncio.gather(*(register(server, "twin") for _ in range(6)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 5


async def test_a_password_from_the_command_line_ends_the_sessions(serve: Serve, fresh_database: Database) -> None:
    server = serve(fresh_database)
    async with anonymous_client(server) as client:
        await client.post("/api/v1/auth/register", json={"email": "a@example.com", "name": "A", "password": PASSWORD})
        new = "another good one"
        run_taskhub("user", "password", "a@example.com", "--password-stdin", env=server.environment, stdin=new + "\n")
        assert (await client.get("/api/v1/me")).status_code == 401
        for password, status in ((PASSWORD, 401), (new, 200)):
            answer = await client.post("/api/v1/auth/login", json={"email": "a@example.com", "password": password})
            assert answer.status_code == status
