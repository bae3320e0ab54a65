"""Projects with something of every kind in them, for whoever tries what people may do there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.clients import Client
from tests.serving import Server
from tests.teams import make_team

_fresh = itertools.count(1)


@dataclass
class Place:
    """A project with something of every kind in it; `names` says what stands for the parameters of routes and
    bodies. What a member can own (a comment) is its member's."""

    owner: Client
    url: str
    names: dict[str, str]

    async def seq(self) -> int:
        """How long its log is."""
        answer = await self.owner.get(f"{self.url}/events", params={"limit": 1})
        assert answer.status_code == 200
        return int(answer.json()["seq"])


async def fill(owner: Client, member: Client, key: str, *, newcomer: str) -> Place:
    """Put something of every kind into a project; `newcomer` is the address of somebody who is not in it."""
    url = f"/api/v1/projects/{key}"
    task = (await made(member, f"{url}/tasks", title="A task"))["ref"]
    comment = await made(member, f"/api/v1/tasks/{task}/comments", body="The member's own")
    label = (await made(member, f"{url}/labels", name="Bug", color="red"))["id"]
    invite = await made(owner, "/api/v1/invites", project=key)
    wallboard = await made(owner, f"{url}/wallboards", name="Lobby")
    names = {
        "<key>": key,
        "{project}": key,
        "<label_id>": label,
        "<string(length=16):invite_id>": invite["id"],
        "<secret>": invite["url"].rpartition("/")[2],
        "<wallboard_id>": wallboard["id"],
        "<ref>": task,
        "<comment_id>": comment["id"],
        "<user_id>": member.user["id"],
        "<reason>": "invited",
        "<int:number>": "1",
        "<temporary>": "0",
        "<any(general, members, labels, workflow):tab>": "labels",
        "{newcomer}": newcomer,
    }
    return Place(owner, url, names)


async def made(client: Client, path: str, **body: Any) -> dict[str, Any]:
    """What a POST makes."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@dataclass
class Places:
    """Where the people try what they may: a project of their own, and one that is the stranger's.

    In the foreign one the stranger may what an owner may, and the three others what strangers may. Both serve until
    somebody changes something there.
    """

    people: dict[str, Client]
    server: Server
    bystander: Client
    kept: dict[str, Place] = field(default_factory=dict)

    async def find(self, where: str) -> Place:
        """The present one, `own` or `foreign`."""
        if where not in self.kept:
            self.kept[where] = await (self.own() if where == "own" else self.foreign())
        return self.kept[where]

    def changed(self, where: str) -> None:
        """Take a new one the next time."""
        del self.kept[where]

    async def own(self) -> Place:
        """A new project in which everybody has the role they are named after."""
        team = await make_team(self.people, self.server, "simple")
        return await fill(team.owner, team.member, team.key, newcomer=team.stranger.email)

    async def foreign(self) -> Place:
        """A new project of the stranger's, with the bystander as a member."""
        owner, key = self.people["stranger"], f"F{next(_fresh)}"
        await made(owner, "/api/v1/projects", key=key, name="Foreign")
        await made(owner, f"/api/v1/projects/{key}/members", email=self.bystander.email)
        return await fill(owner, self.bystander, key, newcomer=self.people["owner"].email)


def put(template: Any, names: dict[str, str]) -> Any:
    """A path or a body with its names in place."""
    if isinstance(template, str):
        for name, value in {**names, "{fresh}": f"N{next(_fresh)}"}.items():
            template = template.replace(name, value)
        return template
    if isinstance(template, dict):
        return {name: put(value, names) for name, value in template.items()}
    return [put(value, names) for value in template] if isinstance(template, list) else template
