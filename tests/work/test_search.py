"""Finding tasks in all of one's projects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import Client
from tests.serving import Server
from tests.teams import Team, make_team


async def found(client: Client, query: str, **params: Any) -> list[str]:
    """The titles of what a client finds."""
    answer = await client.get("/api/v1/search", params={"q": query, **params})
    assert answer.status_code == 200, answer.text
    return [hit["title"] for hit in answer.json()["items"]]


@pytest.fixture
async def other(people: dict[str, Client], shared_server: Server) -> Team:
    """Another project of the same people."""
    return await make_team(people, shared_server, "simple")


async def test_words_are_found_in_references_and_titles_the_best_first(team: Team, other: Team) -> None:
    # The first words are this test's own: the server has the tasks of others.
    later = await team.task("A zwiebel pie")
    within = await other.task("The Kzwiebel pie")
    first = await other.task("Zwiebel soup")
    shelved = await team.task("zwiebel bread")
    await team.owner.post(f"/api/v1/tasks/{shelved['ref']}/archive")
    gone = await team.task("Zwiebel cake")
    await team.owner.delete(f"/api/v1/tasks/{gone['ref']}")

    best_first = [first["title"], later["title"], within["title"], shelved["title"]]
    for client in (team.owner, team.member, team.viewer):
        assert await found(client, " zwieBEL ") == best_first
    assert await found(team.owner, "pie zwie") == [within["title"], later["title"]]
    assert await found(team.owner, f"zwiebel {other.key}-") == [first["title"], within["title"]]
    answer = (await team.owner.get("/api/v1/search", params={"q": "zwiebel", "limit": 1})).json()
    hit = {name: first[name] for name in ("ref", "project", "number", "title", "state", "archived")}
    assert answer == {"items": [hit], "has_more": True}
    assert (await found(team.owner, later["ref"].lower()))[0] == later["title"]

    # Nothing of where one is no member, or is none any more.
    assert await found(team.stranger, "zwiebel") == []
    assert (await team.nobody.get("/api/v1/search", params={"q": "zwiebel"})).status_code == 401
    await team.owner.delete(f"{team.url}/members/{team.viewer.user['id']}")
    assert await found(team.viewer, "zwiebel") == [first["title"], within["title"]]
    await team.owner.delete(other.url)
    assert await found(team.member, "zwiebel") == [later["title"], shelved["title"]]


async def test_what_is_typed_is_taken_as_it_is(team: Team) -> None:
    titles = ["100 % of _all_ \\ things/stuff", "ÉCOLE Straße", "中文联系页面"]
    for title in titles:
        await team.task(title)
    for query in ("% of", "_all_", "\\ things/st", "école", "École ße", "联系"):
        assert len([title for title in await found(team.owner, query) if title in titles]) == 1, query
    for query in ("10%of", "_al__", "", "  ", " ".join(f"{n:x}" for n in range(72))):
        assert [title for title in await found(team.owner, query) if title in titles] == [], query
    for params in ({"q": "x" * 201}, {"q": "a\0b"}, {"limit": 0}, {"limit": 201}):
        assert (await team.owner.get("/api/v1/search", params=params)).status_code == 422
