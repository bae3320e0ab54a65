"""The log over HTTP: everything that happened, in order, from any cursor."""

from __future__ import annotations

from typing import Any

from tests.teams import Team


async def test_from_zero_it_is_the_whole_log_page_by_page(team: Team) -> None:
    for number in range(6):
        await team.task(f"t{number}")
    board = await team.board()
    seen: list[int] = []
    more = True
    while more:
        query = {"since": seen[-1] if seen else 0, "limit": 4, "log": board["log"]}
        page = (await team.viewer.get(f"{team.url}/events", params=query)).json()
        assert (page["log"], page["seq"]) == (board["log"], board["seq"])
        seen += [event["seq"] for event in page["events"]]
        more = page["has_more"]
    assert seen == list(range(1, board["seq"] + 1))
    at_head = (await team.viewer.get(f"{team.url}/events", params={"since": board["seq"]})).json()
    assert (at_head["events"], at_head["has_more"]) == ([], False)


async def test_a_cursor_that_does_not_fit_has_expired(team: Team) -> None:
    queries: list[dict[str, Any]] = [{"since": 10_000}, {"since": 0, "log": "another"}]
    for query in queries:
        answer = await team.viewer.get(f"{team.url}/events", params=query)
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
