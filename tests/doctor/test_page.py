"""The examination over the API, for administrators of the instance."""

from __future__ import annotations

import asyncio

from tests.clients import MakeClient, anonymous_client
from tests.serving import Server

PATH = "/api/v1/admin/doctor"


async def test_administrators_examine_their_instance(server: Server, make_client: MakeClient) -> None:
    admin, other = await make_client(), await make_client()
    assert admin.user["is_admin"]
    async with anonymous_client(server) as nobody:
        assert (await nobody.post(PATH)).status_code == 401
    assert (await other.post(PATH)).json()["code"] == "forbidden"
    assert (await admin.get(PATH)).status_code == 405
    assert (await admin.post(f"{PATH}?lang=tlh")).status_code == 422
    first = asyncio.create_task(admin.post(f"{PATH}?lang=zh-CN"))
    second = await admin.post(PATH)
    answer = await first
    # Whichever came first: one at a time, and not at once again.
    statuses = sorted((answer.status_code, second.status_code))
    assert statuses == [200, 429]
    refused, done = sorted((answer, second), key=lambda each: each.status_code, reverse=True)
    assert int(refused.headers["retry-after"]) > 0
    said = done.json()
    by_code = {each["code"]: each for each in said["findings"]}
    assert by_code["database.good"]["level"] == "ok"
    assert by_code["log.good"]["what"].startswith(("0 个项目", "0 events"))
    assert said["level"] != "problem"
    # Its own way of being told of: what the page runs is what the command line runs.
    assert "schema.good" in by_code
