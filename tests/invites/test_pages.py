"""The pages behind an invite's link; tests/browser/test_invite.py goes through them as people do."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from tests.clients import PASSWORD
from tests.invites.conftest import House


async def test_a_link_leads_who_is_signed_out_to_register_and_back(house: House) -> None:
    key, _ = await house.project()
    invite = await house.invite(house.olga, project=key, email="pia@example.com")
    path, secret = urlsplit(invite["url"]).path, invite["secret"]
    guest = await house.new_client()
    led = await guest.get(path, params={"lang": "zh-CN"})
    assert (led.status_code, led.headers["location"]) == (303, f"/register?invite={secret}&lang=zh-CN")
    form = await guest.get(led.headers["location"])
    assert form.status_code == 200
    for text in (f"House {key}", "Olga", 'value="pia@example.com"', f'value="{secret}"', "创建账户", quote(path)):
        assert text in form.text, text
    fields = {"invite": secret, "email": "pia@example.com", "name": "Pia", "password": "short"}
    short = await guest.post("/register", data=fields)
    assert short.status_code == 422
    assert f'value="{secret}"' in short.text
    # The person goes on typing where it was wrong.
    inputs = {
        name: tag for tag in re.findall(r"<input [^>]*>", short.text) for name in re.findall(r'name="(\w+)"', tag)
    }
    assert [name for name, tag in inputs.items() if "aria-invalid" in tag] == ["password"]
    assert [name for name, tag in inputs.items() if "autofocus" in tag] == ["password"]
    foreign = await guest.post("/register", data=fields, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    done = await guest.post("/register", data={**fields, "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, f"/p/{key}")
    assert (await guest.get(f"/api/v1/projects/{key}")).status_code == 200
    late = await house.new_client()
    for answer in (
        await late.get(f"/register?invite={secret}"),
        await late.post("/register", data={**fields, "email": "late@example.com", "password": PASSWORD}),
        await late.get("/register?invite=none"),
    ):
        assert answer.status_code == 422
        assert "no longer good" in answer.text
        assert "<form" not in answer.text


async def test_who_has_an_account_joins_by_a_button(house: House) -> None:
    key, url = await house.project()
    invite = await house.invite(house.olga, project=key, role="viewer")
    path, secret = urlsplit(invite["url"]).path, invite["secret"]
    client = await house.new_client()
    to_sign_in = await client.post(path)
    assert (to_sign_in.status_code, to_sign_in.headers["location"]) == (303, f"/sign-in?next={path}")
    page = await client.get(to_sign_in.headers["location"])
    assert f'href="{path}"' in page.text, "registration is closed, but not to who was invited"
    signed_in = await client.post("/sign-in", data={"email": house.ada.email, "password": PASSWORD, "next": path})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, path)
    back = await client.get(f"/register?invite={secret}")
    assert (back.status_code, back.headers["location"]) == (303, path)
    page = await client.get(path)
    assert page.status_code == 200
    for text in (f"Join House {key}", "Olga", "a viewer", house.ada.email):
        assert text in page.text, text
    foreign = await client.post(path, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert (await client.get(url)).status_code == 404, "looking at the page joins nobody"
    joined = await client.post(path)
    assert (joined.status_code, joined.headers["location"]) == (303, f"/p/{key}")
    assert (await client.get(url)).json()["role"] == "viewer"
    for answer in (await client.get(path), await client.post(path)):
        assert answer.status_code == 422
        assert "no longer good" in answer.text


async def test_an_invite_of_another_address_offers_to_change_the_account(house: House) -> None:
    key, url = await house.project()
    path = urlsplit((await house.invite(house.olga, project=key, email="ron@example.com"))["url"]).path
    client = await house.new_client()
    await client.post("/sign-in", data={"email": house.ada.email, "password": PASSWORD})
    page = await client.get(path, params={"lang": "en"})
    assert "This invite is for ron@example.com." in page.text
    assert f'action="{path}"' not in page.text
    refused = await client.post(path)
    assert refused.status_code == 422
    assert (await client.get(url)).status_code == 404
    out = await client.post("/sign-out", data={"next": path})
    assert (out.status_code, out.headers["location"]) == (303, f"/sign-in?next={path}")
    # Who is in the project goes to it, and a link to the instance leads those who are in to their projects.
    there = await house.olga.get(path)
    assert (there.status_code, there.headers["location"]) == (303, f"/p/{key}")
    whole = urlsplit((await house.invite(house.ada))["url"]).path
    home = await house.olga.get(whole)
    assert (home.status_code, home.headers["location"]) == (303, "/")
