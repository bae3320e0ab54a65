"""`taskhub import`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from taskhub.command import Commands

#: Runs a coroutine function on the commands of the instance, and says in one line what went wrong.
WithCommands = Callable[[Callable[["Commands"], Coroutine[Any, Any, Any]]], Any]


def register(cli: click.Group, with_commands: WithCommands) -> None:
    """Put the commands into the command line."""

    @cli.group("import")
    def import_() -> None:
        """Bring boards from elsewhere."""

    @import_.command()
    @click.argument("file")
    @click.option("--project", "key", required=True, metavar="KEY", help="Where to; made where there is none.")
    @click.option("--as", "email", required=True, metavar="EMAIL", help="An owner of the project, or of the new one.")
    @click.option("--dry-run", is_flag=True, help="Do everything, say what would come, and write nothing.")
    def trello(file: str, key: str, email: str, dry_run: bool) -> None:
        """Bring a board over that Trello exported as JSON, with its history.

        Lists become states, cards tasks, members placeholders without sign-in. It is all or nothing, and may be
        repeated with a newer export: what is new since then is added, what was changed here stays as it is.
        """
        from taskhub.command import Caller
        from taskhub.imports.commands import import_trello
        from taskhub.imports.report import Report
        from taskhub.imports.trello import read
        from taskhub.people.commands import find_user

        async def work(commands: Commands) -> Report:
            person = await find_user(commands, email)
            export = read(Path(file))
            with _bar() as progress:
                return await import_trello(
                    commands,
                    Caller(person),
                    export,
                    key=key,
                    dry_run=dry_run,
                    progress=progress,
                    key_is="--project",
                )

        for line in with_commands(work).lines():
            click.echo(line)


class _Bar:
    """A progress bar on standard error that begins when it is known how much there is to do."""

    def __init__(self, shown: contextlib.ExitStack) -> None:
        self._shown = shown
        self._step: Callable[[int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._step is None:
            bar = click.progressbar(
                length=total, label="History", file=sys.stderr, hidden=not sys.stderr.isatty(), update_min_steps=20
            )
            self._step = self._shown.enter_context(bar).update
        self._step(1)


@contextlib.contextmanager
def _bar() -> Iterator[_Bar]:
    with contextlib.ExitStack() as shown:
        yield _Bar(shown)
