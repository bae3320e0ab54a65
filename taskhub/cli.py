"""The `taskhub` command."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NoReturn

import click
import sqlalchemy.exc

from taskhub.backups import cli as backups
from taskhub.config import MOST_WORKERS, SettingError, Settings
from taskhub.demo import cli as demo
from taskhub.doctor import cli as doctor
from taskhub.imports import cli as imports


def main() -> None:
    """Run the command line: exit status 0, or non-zero with one clear line on standard error."""
    try:
        status = cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        fail("Stopped.", 130)
    except SettingError as error:
        fail(str(error))
    sys.exit(status if isinstance(status, int) else 0)


def fail(line: str, status: int = 1) -> NoReturn:
    """One line on standard error, and the end."""
    click.echo(f"taskhub: {line}", err=True)
    sys.exit(status)


def _version() -> str:
    import importlib.metadata

    return importlib.metadata.version("taskhub")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="taskhub")
def cli() -> None:
    """TaskHub, a real-time task manager for teams. Settings come from TASKHUB_* in the environment."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    help="Processes that serve.  [default: TASKHUB_WORKERS, else 1]",
)
def serve(host: str, port: int, workers: int | None) -> int:
    """Serve until SIGTERM or Ctrl-C; exit status 0 then."""
    from taskhub import logs, migrations
    from taskhub.app import asgi_application
    from taskhub.asgi.serving import serve as run
    from taskhub.live.socket import MAX_FRAME
    from taskhub.metrics.workers import folder_for_workers

    settings = Settings.from_environ()
    settings = dataclasses.replace(settings, workers=workers or settings.workers)
    _on_database(migrations.ensure(settings))
    settings.make_data_dir()
    # Made once where there is none, before several processes look for it.
    _ = settings.secret_key

    def ready(host: str, port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        several = f" with {settings.workers} processes" if settings.workers > 1 else ""
        click.echo(f"TaskHub serves on http://{shown}:{port}{several} (Ctrl-C stops it)")

    logs.configure(settings.log_format)
    try:
        with folder_for_workers(settings.workers):
            return run(
                lambda: asgi_application(settings),
                host,
                port,
                factory=True,
                workers=settings.workers,
                ready=ready,
                ws_max_size=MAX_FRAME,
                # What uvicorn says goes where the rest goes.
                log_config=None,
                log_level="warning",
                access_log=False,
            )
    except OSError as error:
        fail(f"Can't listen on {host}:{port}: {error.strerror or error}. Choose another with --port.")


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from taskhub import migrations

    before, after = _on_database(migrations.migrate(Settings.from_environ()))
    if before == after:
        click.echo(f"The database is at revision {after} already.")
    else:
        click.echo(f"Migrated the database from {before or 'nothing'} to revision {after}.")


@cli.group()
def user() -> None:
    """Accounts."""


_password_stdin = click.option(
    "--password-stdin", is_flag=True, required=True, help="Read the password from standard input."
)


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--admin", is_flag=True, help="Make the account an administrator of the instance.")
@_password_stdin
def user_create(email: str, name: str, admin: bool, password_stdin: bool) -> None:
    """Make an account."""
    from taskhub.people import commands as people

    password = _read_password()
    made = _with_commands(
        lambda commands: people.create_user(commands, email=email, name=name, password=password, is_admin=admin)
    )
    click.echo(f"Made the account {made.email}.")


@user.command("password")
@click.argument("email")
@_password_stdin
def user_password(email: str, password_stdin: bool) -> None:
    """Set a new password and end the account's sessions."""
    from taskhub.people import commands as people

    password = _read_password()
    changed = _with_commands(lambda commands: people.set_password(commands, email=email, password=password))
    click.echo(f"Set the password of {changed.email}; its sessions are ended.")


@cli.group()
def token() -> None:
    """Tokens for programs."""


@token.command("create")
@click.argument("email")
@click.option("--name", default="token", show_default=True, help="What the token is for.")
def token_create(email: str, name: str) -> None:
    """Print a new bearer token for an account, alone."""
    from taskhub.people import commands as people

    click.echo(_with_commands(lambda commands: people.create_token(commands, email=email, name=name)))


@token.command("list")
@click.argument("email")
def token_list(email: str) -> None:
    """Show an account's tokens: id, moment of creation and name. What a token itself is, nothing shows again."""
    from taskhub import clock
    from taskhub.people import commands as people

    for row in _with_commands(lambda commands: people.list_tokens(commands, email=email)):
        click.echo(f"{row.id}  {clock.wire(row.created_at)}  {row.name}")


@token.command("revoke")
@click.argument("email")
@click.argument("id")
def token_revoke(email: str, id: str) -> None:
    """Take a token away; what programs have opened with it ends within a second."""
    from taskhub.people import commands as people

    _with_commands(lambda commands: people.revoke_token(commands, email=email, id=id))
    click.echo(f"Revoked the token {id}.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _with_commands(work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    return _on_database(_run(work))


async def _run(work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    async with open_commands(Settings.from_environ()) as commands:
        return await work(commands)


imports.register(cli, _with_commands)
demo.register(cli, _with_commands)
doctor.register(cli)


@contextlib.asynccontextmanager
async def open_commands(settings: Settings) -> AsyncIterator[Any]:
    """The commands on a migrated database, for one command line. Raises click.ClickException where it is not."""
    from taskhub import migrations
    from taskhub.app import PROJECTIONS
    from taskhub.command import Commands
    from taskhub.db import Database

    revision = await migrations.current(settings)
    if revision != migrations.newest():
        raise click.ClickException("The database is not at the newest schema: run taskhub migrate first.")
    db = Database(settings.url)
    try:
        yield Commands(db, projections=PROJECTIONS)
    finally:
        await db.close()


def _on_database(work: Coroutine[Any, Any, Any]) -> Any:
    from taskhub.errors import Problem
    from taskhub.migrations import SchemaError

    try:
        return asyncio.run(work)
    except Problem as problem:
        fail(problem.detail)
    except SchemaError as error:
        fail(str(error))
    except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        fail(f"The database does not work: {str(cause).splitlines()[0]}")


backups.register(cli, _on_database)
