"""A project in which everything there is has happened once, and what of it undo must bring back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.store import fold, in_order
from tests.teams import Team

#: What another command always gives another value.
_STAMPS = ("version", "updated_at", "edited_at", "seq")


def unstamped(value: Any) -> Any:
    """The value without versions and the times of changes, at whatever depth."""
    if isinstance(value, dict):
        return {name: unstamped(part) for name, part in value.items() if name not in _STAMPS}
    return [unstamped(part) for part in value] if isinstance(value, list) else value


@dataclass
class Story:
    """A team's project. `refs` are its tasks by title, `labels` and `comments` ids by name."""

    team: Team
    refs: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, *, by: str = "owner", status: int = 200) -> Any:
        """The answer's JSON; `path` is below `/api/v1/`, with {key} for the project's."""
        path = path.replace("{key}", self.team.key)
        answer = await self.team.client(by).request(method, f"/api/v1/{path}", json=body)
        assert answer.status_code == status, (method, path, answer.text)
        return answer.json() if answer.content else None

    async def head(self) -> int:
        """The seq of the log's last event."""
        return int((await self.team.board())["seq"])

    async def undo(self, seq: int, *, by: str = "owner") -> httpx.Response:
        """Ask for an undo."""
        return await self.team.client(by).post(f"{self.team.url}/undo", json={"seq": seq})

    async def undone(self, seq: int, *, by: str = "owner") -> list[dict[str, Any]]:
        """The events of an undo that must succeed: they are what the log has, and lead to the board there is."""
        before = await self.team.board()
        answer = await self.undo(seq, by=by)
        assert answer.status_code == 200, answer.text
        written: list[dict[str, Any]] = answer.json()["events"]
        assert written == await self.team.events(before["seq"])
        assert len({event["command_id"] for event in written}) == min(len(written), 1)
        assert fold(before, written) == in_order(await self.team.board())
        return written

    async def refused(self, seq: int, code: str, *, by: str = "owner") -> dict[str, Any]:
        """The problem of an undo that must be refused, and has then changed nothing."""
        before = await self.team.events()
        answer = await self.undo(seq, by=by)
        problem: dict[str, Any] = answer.json()
        assert problem["code"] == code, answer.text
        assert await self.team.events() == before
        return problem

    async def look(self) -> Any:
        """All that can be read of the project, but for versions and the times of changes."""
        board = await self.team.board()
        shelf = await self.call("GET", "projects/{key}/tasks?limit=200")
        said = {
            task["ref"]: (await self.call("GET", f"tasks/{task['ref']}/comments"))["items"]
            for task in shelf["items"]
            if task["comment_count"]
        }
        return unstamped([board, shelf["items"], said])


async def tell(team: Team) -> Story:
    """Tasks `a`, `b`, `c` in to-do, `shelved` archived, `gone` deleted; labels `red` and `blue`; a comment `said`."""
    story = Story(team)
    for name in ("red", "blue"):
        label = await story.call("POST", "projects/{key}/labels", {"name": name, "color": name}, status=201)
        story.labels[name] = label["id"]
    for title in ("a", "b", "c", "shelved", "gone"):
        task = await team.task(title, state="todo", assignees=[team.member.user["id"]], labels=[*story.labels.values()])
        story.refs[title] = task["ref"]
    comment = await story.call("POST", f"tasks/{story.refs['a']}/comments", {"body": "Hello"}, status=201)
    story.comments["said"] = comment["id"]
    await story.call("POST", f"tasks/{story.refs['shelved']}/archive")
    await story.call("DELETE", f"tasks/{story.refs['gone']}", status=204)
    return story
