"""A small twin of what a client makes of the log: every event folded into a board."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from taskhub.db import Database as Tables
from taskhub.events.model import events
from taskhub.projects.model import projects
from taskhub.tasks.queries import board
from tests.databases import Database

Board = dict[str, Any]


def fold(log: Iterable[dict[str, Any]]) -> Board:
    """The board after these events, from the first of the log on; raises where the log contradicts itself."""
    tasks: dict[str, Any] = {}
    off: dict[str, Any] = {}
    members: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    folded: Board = {}
    comments: dict[str, int] = {}
    for seq, event in enumerate(log, start=1):
        assert event["seq"] == seq, "the log has a gap"
        kind = event["type"]
        if task := event.get("task"):
            before = tasks.pop(task["ref"], None) or off.pop(task["ref"], None)
            assert (before is None) == (kind == "task.created"), f"{kind} of {task['ref']} at {seq}"
            assert task["version"] == seq
            _explained(event, before or {})
            (off if task["archived"] else tasks)[task["ref"]] = task
            places = [(each["state"], each["position"]) for each in tasks.values()]
            assert len(places) == len(set(places)), f"two tasks at one place after {seq}"
            comments[task["ref"]] = comments.get(task["ref"], 0) + (kind == "comment.created")
            assert task["comment_count"] == comments[task["ref"]]
        elif kind.startswith("member."):
            members[event["member"]["id"]] = event["member"]
        elif kind.startswith("label."):
            labels[event["label"]["id"]] = event["label"]
        elif kind == "workflow.changed":
            folded["workflow"] = event["workflow"]
        else:
            folded["project"] = event["project"]
        folded["seq"] = seq
    return folded | {
        "members": sorted(members.values(), key=lambda member: str(member["id"])),
        "labels": sorted(labels.values(), key=lambda label: str(label["id"])),
        "tasks": sorted(tasks.values(), key=lambda task: (task["state"], task["position"])),
        "archived": sorted(off.values(), key=lambda task: int(task["number"])),
    }


def _explained(event: dict[str, Any], before: dict[str, Any]) -> None:
    task = event["task"]
    if event["type"] == "comment.created":
        assert event["changes"] == {"body": [None, event["comment"]["body"]]}
        return
    for name, (old, new) in event["changes"].items():
        assert task[name] == new
        assert before.get(name) == old
    untold = {"version", "updated_at", "checklist", *event["changes"]}
    assert not before or {k: v for k, v in before.items() if k not in untold} == {
        k: v for k, v in task.items() if k not in untold
    }


def snapshot(database: Database, key: str) -> tuple[Board, list[dict[str, Any]]]:
    """The board as the tables have it, in the form that `fold` gives, and the whole log."""
    return asyncio.run(_snapshot(database, key))


async def _snapshot(database: Database, key: str) -> tuple[Board, list[dict[str, Any]]]:
    from taskhub.tasks.model import tasks
    from taskhub.tasks.queries import load_tasks

    tables = Tables(make_url(database.url))
    try:
        async with tables.read() as session:
            project = (await session.execute(sa.select(projects).where(projects.c.key == key))).one()
            found = await board(session, project)
            archived = await load_tasks(session, project, tasks.c.archived.is_(sa.true()))
            query = sa.select(events.c.body).where(events.c.project_id == project.id).order_by(events.c.seq)
            log = [json.loads(body) for body in (await session.execute(query)).scalars()]
    finally:
        await tables.close()
    del found["log"]
    found["members"].sort(key=lambda member: member["id"])
    found["labels"].sort(key=lambda label: label["id"])
    return found | {"archived": archived}, log


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    from taskhub.tables import metadata

    tables = Tables(make_url(database.url))
    try:
        async with tables.read() as session:
            return {
                table.name: int((await session.scalar(sa.select(sa.func.count()).select_from(table))) or 0)
                for table in metadata.sorted_tables
            }
    finally:
        await tables.close()
