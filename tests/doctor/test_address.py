"""The public address is tried through real proxies, good and wrong ones; and the page's own examination."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from taskhub.doctor import proof
from taskhub.doctor.address import try_address
from taskhub.doctor.surroundings import kept_key
from tests.clients import TIMEOUT, MakeClientOn
from tests.databases import MakeDatabase
from tests.doctor.conftest import settings_of
from tests.ports import free_port
from tests.serving import Serve


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


EXPECTED = {
    "good": {"address.good", "websocket.good", "stream.good"},
    "without upgrade": {"address.good", "websocket.blocked", "stream.good"},
    "buffered": {"address.good", "websocket.good", "stream.buffered"},
    "other host": {"address.good", "websocket.origin", "stream.good"},
    "other scheme": {"address.scheme", "websocket.good", "stream.good"},
    "cut": {"address.good", "websocket.good", "stream.broken"},
    "redirect": {"address.redirect"},
    "password": {"address.status"},
    "elsewhere": {"address.other"},
    "tls": {"address.tls"},
    "nobody": {"address.unreachable"},
}


async def test_each_proxy_is_seen_through(
    serve: Serve,
    make_database: MakeDatabase,
    make_client_on: MakeClientOn,
    make_proxies: Callable[[str, str], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, other = serve(make_database()), serve(make_database())
    addresses = make_proxies(server.url, other.url) | {"nobody": f"http://127.0.0.1:{free_port()}"}
    settings = settings_of(server.database)
    key = kept_key(settings)
    assert key is not None

    async def codes(address: str) -> set[str]:
        public = settings_of(server.database, TASKHUB_BASE_URL=address)
        return {each.code for each in await try_address(public, key)}

    certificate = addresses.pop("certificate")
    names = sorted(addresses)
    found = dict(zip(names, await asyncio.gather(*[codes(addresses[name]) for name in names]), strict=True))
    assert found == EXPECTED
    # As where the machine knows who signed it.
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    assert await codes(addresses["tls"]) == EXPECTED["good"]

    # Who has neither a session nor the instance's key learns nothing.
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=TIMEOUT) as nobody:
        old, foreign = proof.ask(key, now=1_000_000), proof.ask("k" * 48)
        for question in (None, "", "1.2.3", "x", old, foreign, proof.ask(key) + "0"):
            headers = {} if question is None else {proof.HEADER: question}
            for path in ("/api/v1/probe", "/api/v1/probe/stream"):
                assert (await nobody.get(path, headers=headers)).status_code == 401, question
    person = await make_client_on(server)
    said = (await person.get("/api/v1/probe")).json()
    assert said["proof"] is None
    assert (said["own_host"], said["own_origin"], said["scheme"]) == (True, True, "http")
    foreign_page = await person.get("/api/v1/probe", headers={"Origin": "https://elsewhere.example"})
    assert foreign_page.json()["own_origin"] is False
