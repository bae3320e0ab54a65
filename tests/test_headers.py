"""What every answer carries: whatever it is, and however it went."""

from __future__ import annotations

import re

import pytest

from tests.clients import anonymous_client
from tests.databases import MakeDatabase
from tests.serving import Serve, Server

PATHS = {
    "page": "/",
    "missing page": "/nothing/here",
    "health": "/healthz",
    "ready": "/readyz",
    "json": "/api/v1/openapi.json",
    "docs": "/api/v1/docs",
    "refusal": "/api/v1/me",
    "missing": "/api/v1/nothing",
    "static missing": "/static/nothing.js",
    "static escape": "/static/..%2f..%2fpyproject.toml",
}


@pytest.fixture(scope="module")
def database_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
async def test_security_headers(server: Server, method: str, path: str) -> None:
    async with anonymous_client(server) as client:
        answer = await client.request(method, path)
    assert answer.status_code < 500
    policy = {
        name: sources
        for name, _, sources in (
            part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";")
        )
    }
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "*" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer.headers["x-request-id"])
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers
    if method != "HEAD" and path.startswith("/api/") and answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_id_is_taken_over_where_it_is_one(server: Server) -> None:
    async with anonymous_client(server) as client:
        assert (await client.get("/healthz", headers={"X-Request-ID": "from-proxy.1"})).headers[
            "x-request-id"
        ] == "from-proxy.1"
        made = set()
        for junk in ("a b", "x" * 65, "<script>", "é", ""):
            answer = await client.get("/healthz", headers={b"X-Request-ID": junk.encode()})
            made.add(answer.headers["x-request-id"])
        assert len(made) == 5


async def test_behind_https_the_browser_is_told_to_stay_there(server: Server) -> None:
    async with anonymous_client(server) as client:
        plain = await client.get("/healthz")
        proxied = await client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in plain.headers
    assert "max-age=" in proxied.headers["strict-transport-security"]


async def test_the_public_address_is_an_own_origin(serve: Serve, make_database: MakeDatabase) -> None:
    behind = serve(make_database(), env={"TASKHUB_BASE_URL": "https://tasks.example.com"})
    registration = {"email": "ada@example.com", "name": "Ada", "password": "long enough indeed"}
    async with anonymous_client(behind) as client:
        client.headers["Origin"] = "https://tasks.example.com"
        answer = await client.post("/api/v1/auth/register", json=registration)
    assert answer.status_code == 201
    assert "Secure" in answer.headers["set-cookie"]


async def test_scripts_and_styles_come_packed_to_who_takes_that(server: Server) -> None:
    async with anonymous_client(server) as client:
        page = (await client.get("/shell")).text
        paths = [path for path in re.findall(r"/static/assets/[^\"]+", page) if path.endswith((".js", ".css"))]
        assert {path.rsplit(".", 1)[-1] for path in paths} == {"js", "css"}
        for path in paths:
            packed = await client.get(path, headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
            plain = await client.get(path, headers={"Accept-Encoding": "identity"})
            assert packed.content == plain.content
            assert "content-encoding" not in plain.headers
            assert plain.headers["content-type"] == packed.headers["content-type"]
            if len(plain.content) < 1024:
                continue
            assert packed.headers["content-encoding"] == "gzip"
            assert int(packed.headers["content-length"]) < len(plain.content) / 1.5
            for answer in (packed, plain):
                assert answer.headers["vary"] == "Accept-Encoding"
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert packed.headers["etag"] != plain.headers["etag"]
