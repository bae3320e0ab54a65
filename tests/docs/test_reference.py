"""docs/reference.md names every route, setting, command, event type and error code there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from taskhub.app import create_app
from taskhub.cli import cli
from taskhub.config import KNOWN, NOT_YET, Settings
from taskhub.errors import CODES
from taskhub.events.catalogue import TYPES
from taskhub.metrics.exposition import PROCESS
from taskhub.metrics.model import FIGURES, Figure
from taskhub.notifications.model import INBOX_TYPES, REASONS

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference.md"


def table(heading: str) -> list[str]:
    """The first cells, without their backticks, of the tables in one section of the reference."""
    sections = re.split(r"^## ", REFERENCE.read_text(), flags=re.MULTILINE)
    (section,) = [text for text in sections if text.partition("\n")[0] == heading]
    return re.findall(r"^\| `([^`|]+)`", section, flags=re.MULTILINE)


def agree(documented: list[str], real: set[str]) -> None:
    """Fail with the names that only one side has."""
    assert sorted(set(documented)) == sorted(documented), "documented twice"
    assert sorted(real - set(documented)) == [], "these are not in docs/reference.md"
    assert sorted(set(documented) - real) == [], "these are in docs/reference.md, but gone"


def routes(data_dir: Path) -> Iterator[str]:
    """Every route as `METHOD /path/KEY`: WebSockets as `WS`, parameters by their names in capitals."""
    for rule in create_app(Settings(data_dir=data_dir)).url_map.iter_rules():
        path = re.sub(r"<(?:[^<:]+:)?(\w+)>", lambda found: found.group(1).upper(), rule.rule)
        methods = {"WS"} if rule.websocket else (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for method in methods:
            yield f"{method} {path}"


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for part, below in command.commands.items():
            yield from leaves(below, f"{name} {part}")
    else:
        yield name, command


def test_routes(tmp_path: Path) -> None:
    agree(table("Routes"), set(routes(tmp_path)))


def test_settings() -> None:
    agree(table("Settings"), {*KNOWN, *NOT_YET})


def name_of(usage: str) -> str:
    found = re.match(r"taskhub(?: [a-z][a-z-]*)*", usage)
    assert found is not None, f"{usage!r} is not how one calls taskhub"
    return found.group()


def test_commands() -> None:
    agree([name_of(usage) for usage in table("Commands")], {name for name, _ in leaves(cli, "taskhub")})


@pytest.mark.parametrize(("name", "command"), [pytest.param(*leaf, id=leaf[0]) for leaf in leaves(cli, "taskhub")])
def test_arguments_and_options(name: str, command: click.Command) -> None:
    (usage,) = [usage for usage in table("Commands") if name_of(usage) == name]
    options = {option.opts[0] for option in command.params if isinstance(option, click.Option) and not option.hidden}
    assert set(re.findall(r"--[a-z-]+", usage)) == options - {"--help"}
    arguments = [argument.human_readable_name for argument in command.params if isinstance(argument, click.Argument)]
    assert re.findall(r"\b[A-Z]+\b", usage.split(" --")[0]) == arguments


def test_event_types() -> None:
    agree(table("Event types"), set(TYPES))


def test_inbox_events_and_reasons() -> None:
    agree(table("Inbox events"), set(INBOX_TYPES))
    agree(table("Reasons"), set(REASONS))


def test_error_codes() -> None:
    agree(table("Error codes"), set(CODES))


def test_metrics() -> None:
    text = (DOCS / "operations.md").read_text()
    section = re.split(r"^## ", text.split("\n## Metrics\n")[1], flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*?) *\|", section, flags=re.MULTILINE)
    agree([name for name, _, _ in rows], {*FIGURES, *PROCESS})
    for name, kind, labels in rows:
        figure = FIGURES.get(name, Figure("counter" if name.endswith("_total") else "gauge", ""))
        assert (kind, labels) == (figure.kind, ", ".join(figure.labels)), name


PAGES = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=[path.name for path in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())
    broken = [target for target in targets if not re.match(r"https?:", target) and not (page.parent / target).exists()]
    assert broken == []
