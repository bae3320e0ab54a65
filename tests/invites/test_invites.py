"""Links that let one person in: whoever makes them, whatever becomes of them, registration being closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from taskhub import tables
from taskhub.db import new_id
from taskhub.invites.model import MOST_OPEN, invites
from taskhub.people.model import users
from taskhub.projects.model import members, projects
from tests.clients import Client
from tests.command_line import run_taskhub
from tests.invites.conftest import House
from tests.teams import Team


async def execute(house: House, statement: Any, rows: list[dict[str, Any]] | None = None) -> Any:
    engine = create_async_engine(house.server.database.url)
    async with engine.begin() as connection:
        result = await connection.execute(statement, rows)
        found = result.all() if result.returns_rows else None
    await engine.dispose()
    return found


async def events(client: Client, url: str, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"{url}/events", params={"since": since})).json()["events"]
    return found


async def listed(house: House, url: str) -> list[str]:
    return [one["id"] for one in (await house.olga.get(f"{url}/invites")).json()["items"]]


def is_no_good(answer: httpx.Response) -> bool:
    errors = answer.json().get("errors")
    return answer.status_code == 422 and errors is not None and errors[0]["loc"] == ["invite"]


async def test_a_link_lets_one_person_register_and_join_at_once(house: House) -> None:
    key, url = await house.project()
    invite = await house.invite(house.olga, project=key, role="viewer")
    moment = datetime.fromisoformat(invite["created_at"])
    assert invite | {"id": "", "created_at": "", "secret": ""} == {
        "id": "", "email": None, "project": key, "role": "viewer", "created_by": house.olga.user["id"],
        "created_at": "", "expires_at": invite["expires_at"], "secret": "",
        "url": f"{house.server.url}/invite/{invite['secret']}",
    }  # fmt: skip
    assert datetime.fromisoformat(invite["expires_at"]) - moment == timedelta(days=7)
    assert len(invite["secret"]) >= 43
    assert await listed(house, url) == [invite["id"]]
    head = (await house.olga.get(f"{url}/board")).json()["seq"]

    guest, answer = await house.register(invite["secret"])
    assert (answer.status_code, answer.json()["is_admin"]) == (201, False)
    assert (await guest.get("/api/v1/me")).json() == answer.json()
    (event,) = await events(house.olga, url, head)
    assert (event["type"], event["seq"], event["changes"]) == ("member.added", head + 1, {"role": [None, "viewer"]})
    assert event["actor"] == {"id": guest.user["id"], "name": "Guest"}
    board = (await guest.get(f"{url}/board")).json()
    assert board["seq"] == head + 1
    assert board["members"][-1] == event["member"]
    assert (await guest.get(url)).json()["role"] == "viewer"

    assert await listed(house, url) == []
    _, again = await house.register(invite["secret"])
    assert is_no_good(again)
    assert len(await events(house.olga, url, head)) == 1


async def test_an_administrators_link_leads_to_the_instance_alone(house: House) -> None:
    invite = await house.invite(house.ada)
    assert (invite["project"], invite["role"]) == (None, None)
    _, closed = await house.register(None)
    assert (closed.status_code, closed.json()["code"]) == (403, "forbidden")
    guest, answer = await house.register(invite["secret"])
    assert answer.status_code == 201
    assert (await guest.get("/api/v1/projects")).json()["items"] == []
    for refused in (await guest.post("/api/v1/invites", json={}), await house.olga.post("/api/v1/invites", json={})):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    role = await house.ada.post("/api/v1/invites", json={"role": "owner"})
    assert (role.status_code, role.json()["errors"][0]["loc"]) == (422, ["role"])
    other = await house.invite(house.ada)
    has_one = await guest.post("/api/v1/invites/accept", json={"invite": other["secret"]})
    assert is_no_good(has_one)


async def test_the_role_is_member_unless_told_otherwise(house: House) -> None:
    key, _ = await house.project()
    assert (await house.invite(house.olga, project=key))["role"] == "member"


async def test_secrets_are_nowhere_kept(house: House) -> None:
    key, url = await house.project()
    name = {"Idempotency-Key": "an invite"}
    kept = (await house.olga.post("/api/v1/invites", json={"project": key}, headers=name)).json()
    again = await house.olga.post("/api/v1/invites", json={"project": key}, headers=name)
    assert again.json() == kept
    urls = [kept["url"], (await house.invite(house.olga, project=key))["url"]]
    text = (await house.olga.get(f"{url}/invites")).text
    for table in tables.metadata.sorted_tables:
        text += "\n".join(str(row) for row in await execute(house, sa.select(table)))
    assert kept["id"] in text
    for one in urls:
        assert one.rpartition("/")[2] not in text


async def test_whatever_is_wrong_with_a_link_is_answered_alike(house: House) -> None:
    key, _ = await house.project()
    gone, gone_url = await house.project()
    left, _ = await house.project()
    invites_ = {
        name: await house.invite(house.olga, project=project)
        for name, project in (("used", key), ("expired", key), ("revoked", key), ("deleted", gone), ("left", left))
    }
    owner, answer = await house.register(invites_["used"]["secret"])
    assert answer.status_code == 201
    past = datetime.now(UTC) - timedelta(seconds=1)
    await execute(house, sa.update(invites).where(invites.c.id == invites_["expired"]["id"]).values(expires_at=past))
    assert (await house.olga.delete(f"/api/v1/invites/{invites_['revoked']['id']}")).status_code == 204
    assert (await house.olga.delete(gone_url)).status_code == 204
    # Who made it is an owner no more: nobody comes back by a link that they kept.
    await house.olga.post(f"/api/v1/projects/{left}/members", json={"email": owner.email, "role": "owner"})
    lowered = await owner.patch(f"/api/v1/projects/{left}/members/{house.olga.user['id']}", json={"role": "member"})
    assert lowered.status_code == 200
    assert (await owner.get(f"/api/v1/projects/{left}/invites")).json()["items"] == []

    secrets = [invite["secret"] for invite in invites_.values()] + ["unknown", "thi_", "\u0000", "x" * 200]
    count = await execute(house, sa.select(sa.func.count()).select_from(users))
    answers = [(await house.register(secret))[1] for secret in secrets if secret != "\u0000"]
    answers += [await house.ada.post("/api/v1/invites/accept", json={"invite": secret}) for secret in secrets[:-2]]
    assert all(is_no_good(answer) for answer in answers)
    assert len({answer.text for answer in answers}) == 1
    assert await execute(house, sa.select(sa.func.count()).select_from(users)) == count
    assert (await house.ada.get("/api/v1/projects")).json()["items"] == []

    # And back to an owner, the link is as good as before.
    await owner.patch(f"/api/v1/projects/{left}/members/{house.olga.user['id']}", json={"role": "owner"})
    assert (await house.register(invites_["left"]["secret"]))[1].status_code == 201


async def test_an_invite_of_an_address_is_for_it_alone(house: House) -> None:
    key, url = await house.project()
    first = await house.invite(house.olga, project=key, email=" Bea@Example.com ")
    invite = await house.invite(house.olga, project=key, email="bea@example.com", role="owner")
    assert invite["email"] == "bea@example.com"
    assert await listed(house, url) == [invite["id"]], "the later one replaces the earlier one"
    assert is_no_good((await house.register(first["secret"], email="bea@example.com"))[1])
    _, other = await house.register(invite["secret"], email="eve@example.com")
    assert (other.status_code, other.json()["errors"][0]["loc"]) == (422, ["email"])
    assert is_no_good(await house.ada.post("/api/v1/invites/accept", json={"invite": invite["secret"]}))
    bea, answer = await house.register(invite["secret"], email="BEA@example.com")
    assert answer.status_code == 201
    assert (await bea.get(url)).json()["role"] == "owner"
    again = await house.olga.post("/api/v1/invites", json={"project": key, "email": "bea@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


async def test_a_registration_that_fails_leaves_the_link_open(house: House) -> None:
    key, url = await house.project()
    invite = await house.invite(house.olga, project=key)
    head = (await house.olga.get(f"{url}/board")).json()["seq"]
    _, answer = await house.register(invite["secret"], email=house.ada.email)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert await listed(house, url) == [invite["id"]]
    assert await events(house.olga, url, head) == []
    assert (await house.register(invite["secret"]))[1].status_code == 201


@pytest.mark.parametrize("into", ["project", "instance"])
async def test_of_many_who_come_by_one_link_at_once_one_is_let_in(house: House, into: str) -> None:
    key, url = await house.project()
    invite = await (house.invite(house.olga, project=key) if into == "project" else house.invite(house.ada))
    answers = [answer for _, answer in await asyncio.gather(*(house.register(invite["secret"]) for _ in range(5)))]
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]
    assert all(is_no_good(answer) for answer in answers if answer.status_code == 422)
    if into == "project":
        assert len((await house.olga.get(f"{url}/members")).json()["items"]) == 2


async def test_registering_and_joining_by_one_link_at_once(house: House) -> None:
    key, url = await house.project()
    invite = await house.invite(house.olga, project=key)
    (_, registered), joined = await asyncio.gather(
        house.register(invite["secret"]),
        house.ada.post("/api/v1/invites/accept", json={"invite": invite["secret"]}),
    )
    assert sorted((registered.status_code // 100, joined.status_code // 100)) == [2, 4]
    assert len((await house.olga.get(f"{url}/members")).json()["items"]) == 2


async def test_who_has_an_account_joins_with_it(house: House) -> None:
    key, url = await house.project()
    invite = await house.invite(house.olga, project=key, role="owner")
    head = (await house.olga.get(f"{url}/board")).json()["seq"]
    # Who is in it already stays what they are, and uses nothing up.
    same = await house.olga.post("/api/v1/invites/accept", json={"invite": invite["secret"]})
    assert (same.status_code, same.json()) == (200, (await house.olga.get(url)).json())
    assert await listed(house, url) == [invite["id"]]
    name = {"Idempotency-Key": f"join {key}"}
    answers = [
        await house.ada.post("/api/v1/invites/accept", json={"invite": invite["secret"]}, headers=name)
        for _ in range(2)
    ]
    project = (await house.ada.get(url)).json()
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, project)] * 2
    assert project["role"] == "owner"
    (event,) = await events(house.ada, url, head)
    assert (event["type"], event["actor"]["id"], event["command_id"]) == (
        "member.added", house.ada.user["id"], name["Idempotency-Key"],
    )  # fmt: skip
    assert await listed(house, url) == []


async def test_adding_an_address_that_nobody_has_invites_it(house: House) -> None:
    key, url = await house.project()
    head = (await house.olga.get(f"{url}/board")).json()["seq"]
    answer = await house.olga.post(f"{url}/members", json={"email": "Cy@Example.com", "role": "viewer"})
    assert answer.status_code == 201
    invite = answer.json()["invite"]
    assert (invite["email"], invite["project"], invite["role"]) == ("cy@example.com", key, "viewer")
    assert await listed(house, url) == [invite["id"]]
    assert await events(house.olga, url, head) == []
    cy, registered = await house.register(invite["url"].rpartition("/")[2], email="cy@example.com")
    assert registered.status_code == 201
    assert (await cy.get(url)).json()["role"] == "viewer"
    again = await house.olga.post(f"{url}/members", json={"email": "cy@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


async def test_who_may_take_an_invite_back(house: House) -> None:
    key, url = await house.project()
    guests = []
    for role in ("owner", "member"):
        guest, _ = await house.register((await house.invite(house.olga, project=key, role=role))["secret"])
        guests.append(guest)
    owner, member = guests
    mine, theirs, used = [await house.invite(by, project=key) for by in (house.olga, owner, house.olga)]
    whole = await house.invite(house.ada)
    assert (await house.register(used["secret"]))[1].status_code == 201
    for client, invite, status in (
        (member, mine, 403),
        (house.ada, mine, 404),
        (house.olga, whole, 404),
        (house.olga, used, 404),
        (owner, mine, 204),
        (owner, mine, 404),
        (house.ada, whole, 204),
    ):
        answer = await client.delete(f"/api/v1/invites/{invite['id']}")
        assert answer.status_code == status, (client.email, invite)
    # Also who made it and is an owner no more.
    await house.olga.patch(f"{url}/members/{owner.user['id']}", json={"role": "viewer"})
    assert (await owner.delete(f"/api/v1/invites/{theirs['id']}")).status_code == 204


async def test_open_invites_page_by_page_and_no_more_than_there_may_be(house: House) -> None:
    key, url = await house.project()
    ((project_id,),) = await execute(house, sa.select(projects.c.id).where(projects.c.key == key))
    now = datetime.now(UTC).replace(microsecond=0)
    # Several in one moment, as a program may make them.
    rows = [
        {
            "id": new_id(),
            "secret_hash": f"{key} {number}",
            "project_id": project_id,
            "role": "member",
            "created_by": house.olga.user["id"],
            "created_at": now + timedelta(seconds=number // 40),
            "expires_at": now + (timedelta(days=1) if number else timedelta(seconds=-1)),
        }
        for number in range(MOST_OPEN)
    ]
    await execute(house, sa.insert(invites), rows)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 30}
    while True:
        page = (await house.olga.get(f"{url}/invites", params=query)).json()
        assert all(item["url"] is None for item in page["items"] if "url" in item)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    # All but the one that has run out, which makes room.
    assert seen == [str(row["id"]) for row in sorted(rows[1:], key=lambda row: (row["created_at"], row["id"]))]
    await house.invite(house.olga, project=key)
    full = await house.olga.post("/api/v1/invites", json={"project": key})
    assert (full.status_code, full.json()["code"]) == (422, "invalid")
    assert str(MOST_OPEN) in full.json()["detail"]
    assert (await house.olga.get(f"{url}/invites", params={"cursor": "bm9uZQ=="})).status_code == 422


async def test_the_public_address_stands_in_the_link(team: Team) -> None:
    answer = await team.owner.post("/api/v1/invites", json={"project": team.key}, headers={"Host": "tasks.example.com"})
    assert answer.status_code == 403, "another site's page is refused first"
    headers = {"Host": "tasks.example.com", "Origin": "http://tasks.example.com"}
    answer = await team.owner.post("/api/v1/invites", json={"project": team.key}, headers=headers)
    assert answer.json()["url"].startswith("http://tasks.example.com/invite/thi_")


async def test_the_address_of_a_placeholder_is_nobodys(house: House) -> None:
    key, url = await house.project()
    address = "trello-5f@placeholder.invalid"
    await execute(
        house,
        sa.insert(users).values(
            id=f"ph{key.lower()}", email=address, name="Imported", is_admin=False, created_at=datetime.now(UTC)
        ),
    )
    # A placeholder is added as ever, and can't be taken over.
    added = await house.olga.post(f"{url}/members", json={"email": address})
    assert (added.status_code, added.json()["placeholder"]) == (201, True)
    invite = await house.invite(house.olga, project=key)
    for email in (address, "trello-6a@placeholder.invalid"):
        _, answer = await house.register(invite["secret"], email=email)
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["email"])
    for path, body in (("/api/v1/invites", {"project": key}), (f"{url}/members", {})):
        refused = await house.olga.post(path, json={**body, "email": "trello-6a@placeholder.invalid"})
        assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["email"])
    made = run_taskhub(
        "user", "create", address, "--name", "X", "--password-stdin",
        env=house.server.environment, stdin="correct horse battery", check=False,
    )  # fmt: skip
    assert made.returncode != 0
    query = sa.select(members.c.user_id).where(members.c.user_id == f"ph{key.lower()}")
    assert len(await execute(house, query)) == 1
