"""`taskhub demo`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def register(cli: click.Group, with_commands: Callable[[Any], Any]) -> None:
    """Put the command into the command line."""

    @cli.command()
    def demo() -> None:
        """Fill the database with a small team's story, to try TaskHub out.

        Makes the accounts ana, ben, chen and dee@example.com, all with one password that everybody knows, and three
        projects with some weeks of history. Not for an instance that strangers can reach. A second run changes
        nothing.
        """
        from taskhub.demo.commands import make_demo

        done = with_commands(make_demo)
        if done.made:
            click.echo(f"Made the demo's projects: {', '.join(done.made)}.")
        else:
            click.echo("The demo is there already.")
        if done.password:
            click.echo(f"Sign in as {done.email} with the password: {done.password}")
        else:
            click.echo(f"Sign in as {done.email}; its password was changed.")
