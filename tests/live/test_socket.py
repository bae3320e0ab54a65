"""The WebSocket: who may open it, what it answers, and how it resumes."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed

from tests.clients import anonymous_client
from tests.live.following import socket
from tests.serving import Server
from tests.teams import Team


async def test_from_now_on_without_a_cursor(team: Team) -> None:
    before = await team.board()
    async with socket(team.server, team.viewer) as ws:
        answer = await ws.subscribe(team.key)
        assert answer.pop("build").startswith("0.")
        assert answer == {
            "op": "subscribed",
            "topic": f"project:{team.key}",
            "log": before["log"],
            "seq": before["seq"],
        }
        task = await team.task("Fresh")
        (event,) = await ws.events(before["seq"] + 1)
    assert event["type"] == "task.created"
    assert event["task"] == task
    assert event["actor"] == {"id": team.owner.user["id"], "name": "Owner"}
    assert event["project"] == team.key
    assert event["v"] == 1
    assert [event] == await team.events(before["seq"])


async def test_from_a_cursor_everything_after_it_comes_once(team: Team) -> None:
    start = await team.board()
    for number in range(12):
        await team.task(f"Task {number}")
    async with socket(team.server, team.member) as ws:
        answer = await ws.subscribe(team.key, since=start["seq"], log=start["log"])
        assert answer["seq"] == start["seq"] + 12
        seen = await ws.events(start["seq"] + 12)
        assert [event["seq"] for event in seen] == [start["seq"] + 1 + number for number in range(12)]
        await team.task("One more")
        assert [event["seq"] for event in await ws.events(start["seq"] + 13)] == [start["seq"] + 13]


async def test_from_nothing_the_whole_log_comes(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        answer = await ws.subscribe(team.key, since=0)
        assert await ws.events(answer["seq"]) == await team.events()


async def test_subscribing_again_starts_over(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        head = (await ws.subscribe(team.key, since=0))["seq"]
        first = await ws.events(head)
        await ws.subscribe(team.key, since=0)
        assert await ws.events(head) == first
        await team.task()
        assert len(await ws.events(head + 1)) == 1


async def test_after_unsubscribing_nothing_comes(team: Team) -> None:
    topic = f"project:{team.key}"
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key)
        await ws.send({"op": "unsubscribe", "topic": topic})
        assert await ws.receive() == {"op": "unsubscribed", "topic": topic, "reason": "asked"}
        await team.task()
        await ws.send({"op": "ping"})
        assert await ws.receive() == {"op": "pong"}


@pytest.mark.parametrize(
    "cursor", [{"log": "another"}, {"since": 10_000}, {"since": 1, "log": "another"}, {"since": 2**53}]
)
async def test_a_cursor_that_does_not_fit_is_told_to_resync(team: Team, cursor: dict[str, object]) -> None:
    board = await team.board()
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key, **cursor)
        assert await ws.receive() == {
            "op": "resync",
            "topic": f"project:{team.key}",
            "log": board["log"],
            "seq": board["seq"],
        }
        await team.task()
        assert [event["seq"] for event in await ws.events(board["seq"] + 1)] == [board["seq"] + 1]


JUNK = [
    "", "{", "[]", "null", "7", '"subscribe"', "{}", '{"op": null}', '{"op": 7}', '{"op": ["ping"]}',
    '{"op": "nothing"}',
    '{"op": "subscribe"}', '{"op": "subscribe", "topic": null}', '{"op": "subscribe", "topic": 7}',
    '{"op": "subscribe", "topic": "project:NONE", "since": -1}',
    '{"op": "subscribe", "topic": "project:NONE", "since": "1"}',
    '{"op": "subscribe", "topic": "project:NONE", "since": 1.5}',
    '{"op": "subscribe", "topic": "project:NONE", "since": 1e400}',
    '{"op": "subscribe", "topic": "project:NONE", "since": ' + "9" * 400 + "}",
    '{"op": "subscribe", "topic": "project:NONE", "since": true}',
    '{"op": "subscribe", "topic": "project:NONE", "log": 7}',
    '{"op": "subscribe", "topic": "project:NONE", "log": "' + "x" * 1000 + '"}',
    '{"op": "subscribe", "topic": "' + "x" * 1000 + '"}', '{"op": "subscribe", "topic": "\\ud800"}',
    '{"op": "unsubscribe"}', '{"op": "unsubscribe", "topic": []}', "[" * 100_000, '{"op":' * 50_000, "\u0000",
    "\U0001f984",
    b"", b"{}", b"\xff\xfe", b'{"op": "ping"}',
]  # fmt: skip


async def test_junk_is_answered_and_the_connection_stays(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        for message in JUNK:
            await ws.send(message)
            answer = await ws.receive()
            assert (answer["op"], answer["code"]) == ("error", "invalid"), message
            assert answer["detail"]
        await ws.send({"op": "ping"})
        assert await ws.receive() == {"op": "pong"}


@pytest.mark.parametrize(
    "topic", ["", "project", "project:", "nothing:X", "project:web", "project:A\u0000", "project:NOTHERE"]
)
async def test_a_topic_that_is_not_there_is_an_error(team: Team, topic: str) -> None:
    async with socket(team.server, team.member) as ws:
        await ws.send({"op": "subscribe", "topic": topic})
        answer = await ws.receive()
        assert (answer["op"], answer["code"], answer["topic"]) == ("error", "not_found", topic)


async def test_a_project_of_others_is_not_there(team: Team) -> None:
    async with socket(team.server, team.stranger) as ws:
        await ws.send({"op": "subscribe", "topic": f"project:{team.key}"})
        theirs = await ws.receive()
        await ws.send({"op": "subscribe", "topic": "project:NOTHERE"})
        none = await ws.receive()
    assert theirs | {"topic": ""} == none | {"topic": ""}
    assert theirs["code"] == "not_found"


async def test_what_is_too_large_closes_with_1009(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        await ws.send('{"op": "ping", "x": "' + "x" * (1024 * 1024 - 40) + '"}')
        assert await ws.receive() == {"op": "pong"}
        await ws.send("x" * (1024 * 1024 + 1))
        assert await ws.closed() == 1009


async def test_one_connection_follows_a_hundred_topics_and_no_more(team: Team) -> None:
    keys = [f"{team.key[:6]}T{number}" for number in range(101)]
    for key in keys:
        assert (await team.owner.post("/api/v1/projects", json={"key": key, "name": key})).status_code == 201
    async with socket(team.server, team.owner) as ws:
        for key in keys[:100]:
            await ws.subscribe(key)
        await ws.send({"op": "subscribe", "topic": f"project:{keys[100]}"})
        answer = await ws.receive()
        assert (answer["op"], answer["topic"]) == ("error", f"project:{keys[100]}")
        await ws.subscribe(keys[0])


async def test_who_is_not_signed_in_is_closed_with_4401(shared_server: Server) -> None:
    async with socket(shared_server, None) as ws:
        assert await ws.closed() == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null", "http://127.0.0.1:1", "junk"]
)
async def test_a_foreign_page_is_closed_with_4403(team: Team, origin: str) -> None:
    async with socket(team.server, team.member, origin=origin) as ws:
        assert await ws.closed() == 4403
    async with socket(team.server, None, origin=origin) as ws:
        assert await ws.closed() == 4403


async def test_a_program_without_an_origin_is_let_in(team: Team) -> None:
    async with socket(team.server, team.member, origin=None) as ws:
        await ws.subscribe(team.key)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(None, None), (["taskhub.v1"], "taskhub.v1"), (["x", "taskhub.v1"], "taskhub.v1"), (["x"], None)],
)
async def test_the_subprotocol(team: Team, offered: list[str] | None, chosen: str | None) -> None:
    async with socket(team.server, team.member, subprotocols=offered) as ws:
        assert ws.connection.subprotocol == chosen
        await ws.subscribe(team.key)


async def test_the_address_asked_without_an_upgrade_is_a_refusal(team: Team) -> None:
    answer = await team.member.get("/api/v1/live")
    assert answer.status_code in (400, 404, 405, 426)
    assert answer.json()["code"]


async def test_a_frame_cut_off_in_the_middle_harms_nobody(team: Team) -> None:
    async with socket(team.server, team.member) as ws:
        await ws.subscribe(team.key)
        ws.connection.transport.write(b"\x81\xfe\xff")
        ws.connection.transport.abort()
        with pytest.raises(ConnectionClosed):
            await ws.receive()
    async with anonymous_client(team.server) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_reserved_bits_and_broken_utf8_close_with_their_codes(team: Team) -> None:
    for frame, code in ((b"\xf1\x80\x00\x00\x00\x00", 1002), (b"\x81\x82\x00\x00\x00\x00\xff\xff", 1007)):
        async with socket(team.server, team.member) as ws:
            ws.connection.transport.write(frame)
            assert await ws.closed() == code
