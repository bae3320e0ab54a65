"""Accounts and credentials: made, checked and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from taskhub import clock
from taskhub.command import Commands
from taskhub.db import Row, new_id
from taskhub.errors import Problem, invalid
from taskhub.membership import take_access
from taskhub.people import passwords
from taskhub.people.model import (
    PLACEHOLDERS,
    Identity,
    User,
    access,
    new_secret,
    secret_hash,
    sessions,
    tokens,
    users,
)
from taskhub.people.throttle import Throttle

# A team behind its own walls has addresses such as ada@office.local: nobody else need reach them. The list is the
# library's documented place to say so.
SPECIAL_USE_DOMAIN_NAMES.clear()

SESSION_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: `secret` goes into the browser's cookie and is nowhere kept."""

    user: User
    secret: str
    expires_at: datetime


def normal_email(email: str) -> str:
    """An e-mail address in the one form that is kept. Raises Problem `invalid`."""
    try:
        found = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
        return found.normalized.lower()
    except (EmailNotValidError, UnicodeError):
        raise invalid("email", "this is not an e-mail address") from None


def own_email(email: str) -> str:
    """An address that somebody can have, in the one form that is kept. Raises Problem `invalid`.

    Those of placeholders are nobody's: who could register with one would take the rights of whom it stands for.
    """
    email = normal_email(email)
    if email.endswith(f"@{PLACEHOLDERS}"):
        raise invalid("email", f"addresses under {PLACEHOLDERS} stand for people in imported history; use your own")
    return email


def normal_name(name: str) -> str:
    """A person's name in the one form that is kept. Raises Problem `invalid`."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise invalid("name", "use 1 to 100 characters")
    return name


def check_registration(throttle: Throttle, *, email: str, name: str, password: str, address: str) -> tuple[str, str]:
    """What somebody wants to register with: the e-mail address and name as they are kept.

    Raises Problem `invalid`, `rate_limited`.
    """
    throttle.register(address)
    email, name = own_email(email), normal_name(name)
    passwords.check(password, email=email, name=name)
    return email, name


async def register(
    commands: Commands,
    throttle: Throttle,
    *,
    email: str,
    name: str,
    password: str,
    address: str,
    open_registration: bool,
) -> SignedIn:
    """Make an account and sign it in. The first of an instance becomes its administrator.

    Raises Problem `invalid`, `duplicate`, `forbidden` where registration is closed, `rate_limited`.
    """
    email, name = check_registration(throttle, email=email, name=name, password=password, address=address)
    if not open_registration:
        await _refuse_unless_first(commands)
    hashed = await passwords.hash(password)

    async def change(session: AsyncSession) -> SignedIn:
        # Held until the commit, so that of two first accounts only one is the administrator.
        await session.execute(sa.select(access.c.seq).where(access.c.id == 1).with_for_update())
        first = (await session.execute(sa.select(_real_user()))).scalar() is None
        if not first and not open_registration:
            raise _closed()
        user = await insert_user(session, email, name, hashed, is_admin=first)
        return await open_session(session, user)

    return await commands.outside(None, change)


async def login(commands: Commands, throttle: Throttle, *, email: str, password: str, address: str) -> SignedIn:
    """Open a session for an account. Raises Problem `unauthenticated`, `rate_limited`."""
    try:
        email = normal_email(email)
    except Problem:
        raise _wrong() from None
    throttle.sign_in(email, address)
    async with commands.db.read() as session:
        row = (await session.execute(sa.select(users).where(users.c.email == email))).one_or_none()
    # Asked again when its turn comes: of a burst, the later ones wait until the first have failed.
    good = await passwords.verify(
        row.password_hash if row else None, password, admit=lambda: throttle.check_address(address)
    )
    if not good or row is None:
        throttle.failed(address)
        raise _wrong()
    throttle.succeeded(email)
    user = User(row.id, row.email, row.name, row.is_admin)
    kept = row.password_hash

    async def change(session: AsyncSession) -> SignedIn:
        now_kept = await session.scalar(sa.select(users.c.password_hash).where(users.c.id == user.id))
        if now_kept != kept:
            raise _wrong()
        await session.execute(sa.delete(sessions).where(sessions.c.expires_at < clock.now()))
        return await open_session(session, user)

    return await commands.outside(None, change)


async def logout(commands: Commands, identity: Identity) -> None:
    """End the session that asks; its sockets and streams end with it."""
    kind, _, credential = identity.credential.partition(":")
    table = sessions if kind == "session" else tokens

    async def change(session: AsyncSession) -> None:
        await session.execute(sa.delete(table).where(table.c.id == credential))
        await take_access(session)

    await commands.outside(None, change)
    commands.wake(0, "", (), True)


async def create_user(commands: Commands, *, email: str, name: str, password: str, is_admin: bool = False) -> User:
    """Make an account from the command line. Raises Problem `invalid`, `duplicate`."""
    email, name = own_email(email), normal_name(name)
    passwords.check(password, email=email, name=name)
    hashed = await passwords.hash(password)

    async def change(session: AsyncSession) -> User:
        return await insert_user(session, email, name, hashed, is_admin=is_admin)

    return await commands.outside(None, change)


async def set_password(commands: Commands, *, email: str, password: str) -> User:
    """Give an account a new password and end its sessions. Raises Problem `invalid`, `not_found`."""
    user = await find_user(commands, email)
    passwords.check(password, email=user.email, name=user.name)
    hashed = await passwords.hash(password)

    async def change(session: AsyncSession) -> User:
        await session.execute(sa.update(users).where(users.c.id == user.id).values(password_hash=hashed))
        await session.execute(sa.delete(sessions).where(sessions.c.user_id == user.id))
        await take_access(session)
        return user

    return await commands.outside(None, change)


async def create_token(commands: Commands, *, email: str, name: str) -> str:
    """A new bearer token for an account; only this answer ever shows it. Raises Problem `not_found`."""
    user = await find_user(commands, email)
    secret = new_secret("tht")

    async def change(session: AsyncSession) -> str:
        await session.execute(
            sa.insert(tokens).values(
                id=new_id(),
                user_id=user.id,
                name=normal_name(name),
                secret_hash=secret_hash(secret),
                created_at=clock.now(),
            )
        )
        return secret

    return await commands.outside(None, change)


async def list_tokens(commands: Commands, *, email: str) -> Sequence[Row]:
    """The tokens of an account, oldest first, each with `id`, `name` and `created_at`. Raises Problem `not_found`."""
    user = await find_user(commands, email)
    query = (
        sa.select(tokens.c.id, tokens.c.name, tokens.c.created_at)
        .where(tokens.c.user_id == user.id)
        .order_by(tokens.c.created_at, tokens.c.id)
    )
    async with commands.db.read() as session:
        return (await session.execute(query)).all()


async def revoke_token(commands: Commands, *, email: str, id: str) -> None:
    """Take a token from an account; its sockets and streams end with it. Raises Problem `not_found`."""
    if id not in [row.id for row in await list_tokens(commands, email=email)]:
        email = normal_email(email)
        raise Problem("not_found", f"{email} has no token of this id. “taskhub token list {email}” shows them.")

    async def change(session: AsyncSession) -> None:
        await session.execute(sa.delete(tokens).where(tokens.c.id == id))
        await take_access(session)

    await commands.outside(None, change)


async def find_user(commands: Commands, email: str) -> User:
    """The account of an e-mail address. Raises Problem `not_found`."""
    email = normal_email(email)
    async with commands.db.read() as session:
        row = (await session.execute(sa.select(users).where(users.c.email == email))).one_or_none()
    if row is None:
        raise Problem("not_found", f"There is no account {email}.")
    return User(row.id, row.email, row.name, row.is_admin)


async def _refuse_unless_first(commands: Commands) -> None:
    async with commands.db.read() as session:
        if (await session.execute(sa.select(_real_user()))).scalar() is not None:
            raise _closed()


def _real_user() -> sa.ScalarSelect[str]:
    return sa.select(users.c.id).where(users.c.password_hash.is_not(None)).limit(1).scalar_subquery()


async def insert_user(session: AsyncSession, email: str, name: str, hashed: str, *, is_admin: bool) -> User:
    """Write an account within a change; its fields are checked already. Raises Problem `duplicate`."""
    user = User(new_id(), email, name, is_admin)
    try:
        await session.execute(
            sa.insert(users).values(
                id=user.id,
                email=email,
                name=name,
                password_hash=hashed,
                is_admin=is_admin,
                created_at=clock.now(),
            )
        )
    except IntegrityError:
        raise Problem("duplicate", f"There is an account {email} already. Sign in instead.") from None
    return user


async def open_session(session: AsyncSession, user: User) -> SignedIn:
    """Sign somebody in within a change."""
    signed_in = SignedIn(user, new_secret("ths"), clock.now() + SESSION_LASTS)
    await session.execute(
        sa.insert(sessions).values(
            id=new_id(),
            user_id=user.id,
            secret_hash=secret_hash(signed_in.secret),
            created_at=clock.now(),
            expires_at=signed_in.expires_at,
        )
    )
    return signed_in


def _closed() -> Problem:
    return Problem("forbidden", "Registration is by invitation. Ask a member of your team to invite you.")


def _wrong() -> Problem:
    return Problem("unauthenticated", "The e-mail address or the password is wrong.")
