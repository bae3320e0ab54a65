"""Passwords: what is accepted, and argon2 in a thread so that the loop goes on (RFC 9106; OWASP's parameters)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from taskhub.errors import invalid

MIN_LENGTH = 10
MAX_LENGTH = 200

# What people try first when a form asks for ten characters (the head of the public lists of leaked passwords).
_COMMON = frozenset(
    [
        "1234567890",
        "0123456789",
        "0987654321",
        "1q2w3e4r5t",
        "qwertyuiop",
        "qwerty1234",
        "qwerty12345",
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "iloveyou12",
        "1234512345",
        "1111111111",
        "0000000000",
        "administrator",
        "letmein123",
        "welcome123",
        "welcome1234",
        "changeme123",
        "asdfghjkl1",
        "qazwsxedcr",
        "12345678910",
        "123456789a",
        "a123456789",
    ]
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@functools.cache
def _threads() -> asyncio.Semaphore:
    # Each hash holds 19 MiB: two at once keep both memory and the loop's core free under a storm of sign-ins.
    return asyncio.Semaphore(2)


def check(password: str, *, email: str, name: str) -> None:
    """Raise Problem `invalid` for a password that the policy refuses; its text says what would do."""
    folded = password.casefold()
    if len(password) < MIN_LENGTH:
        raise invalid("password", f"use at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise invalid("password", f"use at most {MAX_LENGTH} characters")
    if folded in _COMMON or len(set(folded)) < 4:
        raise invalid("password", "this one is among the first that would be guessed; use a few unrelated words")
    own = {email.casefold(), email.casefold().partition("@")[0], name.casefold()}
    if folded in own:
        raise invalid("password", "it must not be your name or e-mail address")


async def hash(password: str) -> str:
    """The argon2id hash of a password."""
    async with _threads():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify(kept: str | None, password: str, *, admit: Callable[[], None] = lambda: None) -> bool:
    """Whether the password fits the kept hash; for None it takes as long and answers False.

    `admit` is called when its turn has come; what it raises ends the attempt unanswered.
    """
    async with _threads():
        admit()
        return await asyncio.to_thread(_verify, kept, password)


@functools.cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def _verify(kept: str | None, password: str) -> bool:
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
