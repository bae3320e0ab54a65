"""`taskhub doctor`."""

from __future__ import annotations

import asyncio
import dataclasses
import os

import click
import orjson

from taskhub.config import MOST_WORKERS
from taskhub.doctor.model import Finding, Level
from taskhub.doctor.words import LANGUAGES, on_wire

_SIGNS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "problem": ("PROBLEM", "red")}


def register(cli: click.Group) -> None:
    """Put the command into the command line."""

    @cli.command()
    @click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
    @click.option("--offline", is_flag=True, help="Do not try the public address.")
    @click.option(
        "--workers", type=click.IntRange(1, MOST_WORKERS), help="The processes that serve, if not TASKHUB_WORKERS."
    )
    @click.option(
        "--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], help="The language of the findings."
    )
    def doctor(as_json: bool, offline: bool, workers: int | None, language: str) -> int:
        """Look for what is wrong with this instance, and say what to do; nothing is changed.

        Run it as the user that the server runs as, under the same settings, while the server runs. Exit status 1 where
        there is a problem, 0 where there is none (warnings may be).
        """
        from taskhub.doctor.examination import examine, settings_from
        from taskhub.doctor.model import worst

        settings = settings_from(os.environ)
        if isinstance(settings, Finding):
            found = [settings]
        else:
            settings = dataclasses.replace(settings, workers=workers or settings.workers)
            found = asyncio.run(examine(settings, offline=offline))
        level = worst(found)
        told = [on_wire(each, language) for each in found]
        if as_json:
            click.echo(orjson.dumps({"level": level.value, "findings": told}, option=orjson.OPT_INDENT_2))
        else:
            for each in told:
                _say(each)
        return int(level is Level.PROBLEM)


def _say(finding: dict[str, str]) -> None:
    sign, colour = _SIGNS[finding["level"]]
    click.echo(f"{click.style(sign.rjust(7), fg=colour)}  {finding['name']}: {finding['what']}")
    if finding["do"]:
        click.echo(f"{' ' * 9}→ {finding['do']}")
