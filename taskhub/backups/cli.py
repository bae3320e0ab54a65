"""`taskhub backup` and `taskhub restore`."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

import click

from taskhub.config import Settings

#: Runs a coroutine, and says in one line what is wrong with the database.
OnDatabase = Callable[[Coroutine[Any, Any, Any]], Any]


def register(cli: click.Group, on_database: OnDatabase) -> None:
    """Put the commands into the command line."""

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        from taskhub.backups.errors import BackupError

        # What systemd stops tidies up as what Ctrl-C stops.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return on_database(work)
        except BackupError as error:
            raise click.ClickException(str(error)) from None

    @cli.command()
    @click.argument("file")
    @click.option("--force", is_flag=True, help="Replace FILE where it is there.")
    @click.option("--verify", is_flag=True, help="Check FILE, a backup that is there; nothing is written.")
    def backup(file: str, force: bool, verify: bool) -> None:
        """Write everything the database holds at one moment into FILE, a ZIP archive (- is standard output).

        Servers go on meanwhile. The backup is read back, and restored into a scratch database, before it gets its
        name. It holds what lets people in: keep it as you keep the database.
        """
        from taskhub.backups import commands

        begun = time.monotonic()
        if verify:
            found = run(commands.verify(file))
            click.echo(f"{file} is whole: {_told(found, begun)}, of {found.made_at}.")
        else:
            made = run(commands.back_up(Settings.from_environ(), file, force=force))
            target = "standard output" if file == commands.STANDARD else file
            line = f"Backed up {_told(made, begun)}, to {target}."
            click.echo(line, err=file == commands.STANDARD)

    @cli.command()
    @click.argument("file")
    @click.option("--replace", is_flag=True, help="Replace all that the database holds.")
    @click.option("--no-keep", is_flag=True, help="Do not keep what is replaced.")
    @click.option("--dry-run", is_flag=True, help="Check FILE, say what would be done, and change nothing.")
    def restore(file: str, replace: bool, no_keep: bool, dry_run: bool) -> None:
        """Make the database hold what FILE has, a backup by `taskhub backup` (- is standard input).

        FILE is checked whole before anything is touched, and then restored in one transaction. With --replace, what
        the database holds is first written into a backup of its own in the data folder. Servers may run meanwhile:
        their clients fetch their boards anew.
        """
        from taskhub.backups import commands

        if no_keep and not replace:
            raise click.UsageError("--no-keep goes with --replace: nothing else is replaced.")
        begun = time.monotonic()
        done = run(commands.restore(Settings.from_environ(), file, replace=replace, keep=not no_keep, dry_run=dry_run))
        there = any(done.replaced.values())
        if dry_run:
            click.echo(f"{file} is whole: {_told(done.backup, begun)}, of {done.backup.made_at}.")
            if there:
                how = "It would replace" if replace else "Without --replace it would not be restored over"
                click.echo(f"{how} {commands.words(done.replaced)}.")
            return
        click.echo(f"Restored {_told(done.backup, begun)}, of {done.backup.made_at}.")
        if there:
            where = f"is kept in {done.kept}" if done.kept else "is gone"
            click.echo(f"What was there ({commands.words(done.replaced)}) {where}.")


def _told(backup: Any, begun: float) -> str:
    from taskhub.backups.commands import words

    return f"{words(backup.counts)}, {_size(backup.size)} in {time.monotonic() - begun:.1f} s"


def _size(count: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"
