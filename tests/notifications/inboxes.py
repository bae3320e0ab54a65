"""Inboxes as programs see them: fetched, and kept up by the events of their log."""

from __future__ import annotations

from typing import Any

from tests.clients import Client
from tests.live.following import Socket

Notification = dict[str, Any]


async def inbox(client: Client, **query: Any) -> dict[str, Any]:
    """The first page of somebody's inbox."""
    answer = await client.get("/api/v1/inbox", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def about(client: Client, key: str, *, unread: bool = True) -> list[Notification]:
    """What somebody was told about a project, the newest first."""
    query = {"unread": "true"} if unread else {}
    return [one for one in (await inbox(client, **query))["items"] if one["project"] == key]


async def told(client: Client, key: str) -> list[tuple[str | None, str, str | None, int]]:
    """The same in short: the task, the reason, what one is to the task, how many things."""
    return [(one["task"], one["reason"], one["through"], one["count"]) for one in await about(client, key)]


async def follow(ws: Socket, **cursor: Any) -> dict[str, Any]:
    """Follow one's inbox over a socket; the `subscribed` frame."""
    await ws.send({"op": "subscribe", "topic": "inbox", **cursor})
    answer = await ws.receive()
    assert (answer["op"], answer["topic"]) == ("subscribed", "inbox"), answer
    return answer


class Kept:
    """An inbox kept up by its events alone: each once, in order, without a gap."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.log, self.seq, self.unread = snapshot["log"], snapshot["seq"], snapshot["unread"]
        self.items = {one["id"]: one for one in snapshot["items"]}

    def apply(self, event: dict[str, Any]) -> None:
        """Take one event in; AssertionError for a gap or a double."""
        assert event["seq"] == self.seq + 1, (self.seq, event)
        self.seq, self.unread = event["seq"], event["unread"]
        if event["type"] == "notification.read":
            for id_ in event["ids"]:
                if id_ in self.items:
                    self.items[id_] |= {"read": True}
        elif event["type"] in ("notification.unread", "notification.redacted"):
            for id_ in event["ids"]:
                if id_ in self.items:
                    self.items[id_] |= {"read": False} if event["type"] == "notification.unread" else {"excerpt": None}
        elif (
            event["type"] in ("notification.created", "notification.edited")
            and (one := event["notification"]) is not None
        ):
            self.items[one["id"]] = one

    def agrees_with(self, snapshot: dict[str, Any]) -> None:
        """Fail where a snapshot shows something else."""
        assert (self.log, self.seq, self.unread) == (snapshot["log"], snapshot["seq"], snapshot["unread"])
        found = {one["id"]: one for one in snapshot["items"]}
        assert {id_: self.items[id_] for id_ in found} == found
        assert self.unread == sum(not one["read"] for one in found.values())
