"""The whole examination of an instance. It changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
import sqlalchemy.exc

from taskhub.config import SettingError, Settings
from taskhub.doctor import address, history, storage, surroundings
from taskhub.doctor.model import Finding, Level, ok, problem


def settings_from(environ: Mapping[str, str]) -> Settings | Finding:
    """The settings, or what is wrong with them."""
    try:
        return Settings.from_environ(environ)
    except SettingError as error:
        return problem("configuration.bad", why=str(error))


async def examine(settings: Settings, *, offline: bool = False) -> list[Finding]:
    """Look at everything there is, in the order in which one thing needs another."""
    found = [*surroundings.configuration(settings), surroundings.secret_key(settings)]
    found += surroundings.data_folder(settings)
    found += await _database(settings)
    key = surroundings.kept_key(settings)
    if offline or settings.base_url is None or key is None:
        found.append(ok("address.skipped"))
    else:
        found += await address.try_address(settings, key)
    return found


async def _database(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    try:
        await storage.reading(settings, lambda connection: found.extend(_look(connection, settings)))
    except FileNotFoundError:
        found.append(problem("database.none"))
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
        why = str(getattr(error, "orig", None) or error).partition("\n")[0] or type(error).__name__
        found.append(problem("database.unreachable", why=why))
    return found


def _look(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    own = storage.sqlite(connection) if settings.database_url is None else storage.postgres(connection, settings)
    for finding in own:
        yield finding
        # What a damaged file says, nobody should believe.
        if finding.code == "database.damaged":
            return
    schema = storage.schema(connection)
    yield schema
    if schema.level is Level.OK:
        yield storage.clock(connection)
        yield from history.history(connection)
