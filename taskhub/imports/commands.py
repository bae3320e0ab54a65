"""Bringing a board from elsewhere into a project: one command, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from taskhub.command import Caller, Commands, Rehearsed
from taskhub.errors import Problem, invalid
from taskhub.imports.ground import (
    UNKNOWN,
    Imported,
    States,
    bring_labels,
    bring_people,
    bring_states,
    choose_states,
    load_imported,
)
from taskhub.imports.history import History, tell
from taskhub.imports.naming import line
from taskhub.imports.report import Report
from taskhub.imports.trello import Export
from taskhub.imports.writing import Translation, Writer
from taskhub.people.model import User
from taskhub.projects.commands import create
from taskhub.projects.model import KEY, Role, members, projects, suggested_key
from taskhub.projects.queries import free_key
from taskhub.unit import Unit
from taskhub.workflow.commands import write_first
from taskhub.workflow.model import Workflow

#: Called with how many entries of the history are done, of how many.
Progress = Callable[[int, int], None]

#: Trello exports no more actions than this.
_ACTIONS_MOST = 1000
#: Entries of the history that are written before others have their turn.
_AT_ONCE = 20


async def import_trello(
    commands: Commands,
    caller: Caller,
    export: Export,
    *,
    key: str | None,
    dry_run: bool,
    progress: Progress,
    key_is: str = "key",
) -> Report:
    """Bring a board into the project KEY, which is made where there is none; a repeat adds what is new.

    Without a key it is a new project's, named as the board. With `dry_run` everything is done and then rolled back. The
    history keeps its own dates and people; nobody is notified of it, and neither transitions nor WIP limits are asked:
    it has happened. Raises Problem `invalid` for a malformed key (`key_is` what the person calls it) or a broken
    action, `forbidden` where the caller is no owner of a project that is there, `duplicate` where the key is that of
    a deleted one or of one that the caller does not belong to.
    """
    if key is None:
        async with commands.db.read() as session:
            key = await free_key(session, suggested_key(export.name, otherwise="TRELLO"))
    if KEY.fullmatch(key) is None:
        raise invalid(key_is, "use 2 to 10 capital letters and digits, a letter first, such as WEB")
    # A long history takes a while, in which others are served.
    history = await asyncio.to_thread(tell, export)
    report = Report(key, line(export.name, 200) or key, dry_run=dry_run)
    try:
        if await _is_there(commands, caller.user, key):
            into = _into(export, history, report, progress)
            done = await commands.on_project(caller, key, Role.OWNER, "import into it", into)
        else:
            report.made_project = True
            done = await _make(commands, caller, export, history, report, progress)
    except Rehearsed:
        return report
    return Report.of_wire(done["report"])


async def _is_there(commands: Commands, person: User, key: str) -> bool:
    async with commands.db.read() as session:
        project = (
            await session.execute(sa.select(projects.c.id, projects.c.deleted_at).where(projects.c.key == key))
        ).one_or_none()
        if project is None:
            return False
        if project.deleted_at is not None:
            raise Problem("duplicate", f"The key {key} was that of a project that is deleted now; choose another.")
        role = await session.scalar(
            sa.select(members.c.role).where(members.c.project_id == project.id, members.c.user_id == person.id)
        )
    if role is None:
        raise Problem(
            "duplicate", f"{person.email} does not belong to the project {key} that is there; choose another key."
        )
    return True


def _into(
    export: Export, history: History, report: Report, progress: Progress
) -> Callable[[Unit], Awaitable[dict[str, Any]]]:
    async def change(unit: Unit) -> dict[str, Any]:
        came = await load_imported(unit)
        states = await bring_states(unit, export, history.entries, came, report)
        await _bring(unit, export, history, came, states, report, progress)
        return {"report": report.on_wire()}

    return change


async def _make(
    commands: Commands, caller: Caller, export: Export, history: History, report: Report, progress: Progress
) -> dict[str, Any]:
    came = Imported.none()
    states = choose_states(export, history.entries, came, ())

    async def first(unit: Unit) -> None:
        await write_first(unit, Workflow(tuple(states.added)))

    async def then(unit: Unit) -> dict[str, Any]:
        await _bring(unit, export, history, came, states, report, progress)
        return {"report": report.on_wire()}

    name = line(export.name, 100) or report.key
    return await create(commands, caller, key=report.key, name=name, enforced=False, first=first, then=then)


async def _bring(
    unit: Unit,
    export: Export,
    history: History,
    came: Imported,
    states: States,
    report: Report,
    progress: Progress,
) -> None:
    unit.is_history = True
    is_first = not any(came.get("trello:card", card.id) for card in export.cards)
    report.came["states"] = len(states.added)
    report.left["archived lists"] = states.shelved if is_first else 0
    writer = Writer(unit, export, came, report)
    entries = await writer.prepare(history.entries)
    people = await bring_people(unit, export, writer.actors(entries), came, report)
    labels = await bring_labels(unit, export, came, report)
    await asyncio.to_thread(writer.place, entries, Translation(export, states.of, people, labels, report))
    before = len(unit.recorded)
    for done, entry in enumerate(entries, start=1):
        writer.write(entry, lambda actor: people.users[actor or UNKNOWN])
        progress(done, len(entries))
        if done % _AT_ONCE == 0:
            await asyncio.sleep(0)
    await writer.finish()
    await came.write(unit)
    report.came.update(event.type for event in unit.recorded[before:])
    _count_left(export, writer, report)
    if is_first:
        report.left.update(history.left_out)
    else:
        del report.left["labels unworn"]
    if len(export.actions) >= _ACTIONS_MOST:
        oldest: datetime = min(action.date for action in export.actions)
        report.notes.append(
            f"Trello exports the last {_ACTIONS_MOST:,} entries of a board's history; "
            f"what happened before {oldest:%Y-%m-%d} is not in the file."
        )
    if report.dry_run:
        raise Rehearsed


def _count_left(export: Export, writer: Writer, report: Report) -> None:
    cards = writer.fresh_cards()
    report.left["attachments"] += sum(len(card.attachments) for card in cards)
    report.left["covers"] += sum(1 for card in cards if card.cover)
    report.left["votes"] += sum(len(card.votes) for card in cards)
    report.left["due ticks"] += sum(1 for card in cards if card.due and card.due_complete)
    report.left["starts"] += sum(1 for card in cards if card.start)
    report.left["custom fields"] += sum(len(card.custom_fields) for card in cards)
    report.left["stickers"] += sum(len(card.stickers) for card in cards)
    report.left["power-ups"] += sum(len(card.plugin_data) for card in cards)
    if report.made_project:
        report.left["power-ups"] += len(export.plugin_data)
        report.left["board text"] += bool(export.desc.strip())
