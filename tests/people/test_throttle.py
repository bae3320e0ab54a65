"""Guessing a password is slow: per account, and per address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from pathlib import Path

import pytest

from taskhub.errors import Problem
from taskhub.people.throttle import Throttle
from tests.clients import PASSWORD, anonymous_client
from tests.databases import MakeDatabase
from tests.serving import Serve


def attempts(throttle: Throttle, email: str, address: str) -> int:
    """How many wrong passwords are let through."""
    count = 0

    def attempt_on_and_on() -> None:
        nonlocal count
        while count < 1000:
            throttle.sign_in(email, address)
            throttle.failed(address)
            count += 1

    with pytest.raises(Problem, match="Too many") as refused:
        attempt_on_and_on()
    assert refused.value.code == "rate_limited"
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 600
    return count


def test_an_account_takes_ten_wrong_passwords_whatever_address_they_come_from() -> None:
    throttle = Throttle()
    assert attempts(throttle, "ada@example.com", "10.0.0.1") == 10
    assert attempts(throttle, "ada@example.com", "10.0.0.2") == 0
    assert attempts(throttle, "eve@example.com", "10.0.0.2") == 10


def test_an_address_takes_sixty_wrong_passwords_whatever_the_account() -> None:
    throttle = Throttle()
    for number in range(60):
        throttle.sign_in(f"person{number}@example.com", "10.0.0.1")
        throttle.failed("10.0.0.1")
    assert attempts(throttle, "ada@example.com", "10.0.0.1") == 0
    throttle.sign_in("ada@example.com", "10.0.0.2")


def test_the_right_password_makes_good() -> None:
    throttle = Throttle()
    for _ in range(100):
        throttle.sign_in("ada@example.com", "10.0.0.1")
        throttle.succeeded("ada@example.com")


def test_the_throttle_holds_for_those_who_register() -> None:
    throttle = Throttle()
    for _ in range(120):
        throttle.register("10.0.0.1")
    with pytest.raises(Problem, match="Too many"):
        throttle.register("10.0.0.1")
    throttle.register("10.0.0.2")


def test_processes_count_together_and_go_on_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "attempts.sqlite3"
    first, second = Throttle(file), Throttle(file)
    for _ in range(5):
        first.sign_in("ada@example.com", "10.0.0.1")
    assert attempts(second, "ada@example.com", "10.0.0.2") == 5
    assert attempts(first, "ada@example.com", "10.0.0.3") == 0
    for number in range(55):
        (first, second)[number % 2].failed("10.0.0.2")
    assert attempts(Throttle(file), "eve@example.com", "10.0.0.2") == 0
    second.succeeded("ada@example.com")
    first.sign_in("ada@example.com", "10.0.0.1")
    assert b"ada@" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_attempts_that_are_over_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "attempts.sqlite3"
    throttle = Throttle(file)
    assert attempts(throttle, "ada@example.com", "10.0.0.1") == 10
    later = time.time() + 300
    monkeypatch.setattr(time, "time", lambda: later)
    assert attempts(throttle, "ada@example.com", "10.0.0.2") == 10
    later += 601
    throttle.register("10.0.0.1")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone() == (1,)


def test_without_its_file_each_process_counts_for_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    throttle = Throttle(tmp_path / "nowhere" / "attempts.sqlite3")
    with caplog.at_level(logging.WARNING):
        assert attempts(throttle, "ada@example.com", "10.0.0.1") == 10
    assert "counted by each process for itself" in caplog.text


async def test_too_many_attempts_at_once_are_answered_with_a_time_to_wait(
    serve: Serve, make_database: MakeDatabase
) -> None:
    server = serve(make_database())
    async with anonymous_client(server) as client:
        body = {"email": "ada@example.com", "name": "Ada", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/register", json=body)).status_code == 201
        wrong = {"email": "Ada@Example.com", "password": "not the password"}
        answers = await asyncio.gather(*(client.post("/api/v1/auth/login", json=wrong) for _ in range(25)))
        assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 15
        refused = await client.post("/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
        assert refused.status_code == 429
        assert refused.json()["code"] == "rate_limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 300
        # Who is signed in is not locked out.
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_a_burst_over_many_accounts_is_stopped_too(make_database: MakeDatabase, serve: Serve) -> None:
    house = serve(make_database())
    async with anonymous_client(house) as client:
        answers = await asyncio.gather(
            *(
                client.post("/api/v1/auth/login", json={"email": f"p{number}@example.com", "password": PASSWORD})
                for number in range(120)
            )
        )
    refused = [answer.status_code for answer in answers]
    # Two are looked at side by side, and their turns are given on before their failures are counted.
    assert 60 <= refused.count(401) <= 63
    assert refused.count(429) == 120 - refused.count(401)
