"""TaskHub behind a real nginx, under deploy/nginx.conf as it is."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from taskhub.api import SESSION_COOKIE
from taskhub.config import static_dir
from taskhub.imports.views import LARGEST
from tests.browser.windows import BACK, Window, open_window
from tests.chromium import NewContext
from tests.clients import PASSWORD, TIMEOUT, Client
from tests.databases import MakeDatabase
from tests.nginx import NAME, Nginx, run_nginx
from tests.ports import free_port
from tests.serving import Serve, Server

#: The length of the ids that nginx gives.
NGINX_ID = 32
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=http",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
}


@dataclass
class House:
    """A TaskHub of two workers, the nginx before it, and Ada and Ben, who are signed in and in the project WEB."""

    server: Server
    nginx: Nginx
    ada: Client
    ben: Client

    def client(self, **options: Any) -> Client:
        """A client of nobody's that trusts the certificate."""
        address = self.nginx.url
        return Client(
            base_url=address,
            headers={"Origin": address},
            verify=self.nginx.tls,
            timeout=TIMEOUT,
            trust_env=False,
            **options,
        )

    def unchecked(self, cookies: Any = None) -> httpx.AsyncClient:
        """A client whose answers may be those of a TaskHub that is away."""
        address = self.nginx.url
        return httpx.AsyncClient(
            base_url=address, headers={"Origin": address}, cookies=cookies, verify=self.nginx.tls, trust_env=False
        )

    @asynccontextmanager
    async def live(self, client: Client, since: int) -> AsyncIterator[ClientConnection]:
        """A WebSocket through nginx that follows WEB from a cursor on."""
        headers = {"Cookie": f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"}
        address = f"{self.nginx.url.replace('http', 'ws', 1)}/api/v1/live"
        origin: Any = self.nginx.url
        async with connect(
            address, origin=origin, additional_headers=headers, ssl=self.nginx.tls, proxy=None
        ) as connection:
            await connection.send(json.dumps({"op": "subscribe", "topic": "project:WEB", "since": since}))
            yield connection

    async def task(self, title: str) -> dict[str, Any]:
        made = await self.ada.post("/api/v1/projects/WEB/tasks", json={"title": title})
        assert made.status_code == 201, made.text
        task: dict[str, Any] = made.json()
        return task

    async def raw(self, head: str) -> tuple[str, str]:
        """Send these lines alone, without the body they promise; the head and the rest of the answer."""
        port = int(self.nginx.url.rpartition(":")[2])
        # What a client before this one offered is kept in the context.
        self.nginx.tls.set_alpn_protocols(["http/1.1"])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=self.nginx.tls, server_hostname=NAME)
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        async with asyncio.timeout(TIMEOUT):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"^content-length: (\d+)", answer, re.MULTILINE | re.IGNORECASE)
            assert length is not None, answer
            body = (await reader.readexactly(int(length[1]))).decode()
        # nginx would wait for what was promised.
        writer.transport.abort()
        return answer, body


@pytest.fixture(scope="module")
def nginx_before(
    serve: Serve, make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Nginx]]:
    port = free_port()
    server = serve(make_database("sqlite"), "--workers", "2", env={"TASKHUB_BASE_URL": f"https://{NAME}:{port}"})
    with run_nginx(tmp_path_factory.mktemp("nginx"), f"127.0.0.1:{server.port}", https=port) as nginx:
        yield server, nginx
        trouble = (nginx.folder / "error.log").read_text()
        assert "[emerg]" not in trouble, trouble
        assert "[warn]" not in trouble, trouble


@pytest.fixture(scope="module")
async def house(nginx_before: tuple[Server, Nginx]) -> AsyncIterator[House]:
    server, nginx = nginx_before
    found = House(server, nginx, None, None)  # type: ignore[arg-type]
    found.ada, found.ben = found.client(), found.client()
    for client, name in ((found.ada, "Ada"), (found.ben, "Ben")):
        person = {"email": f"{name}@example.com", "name": name, "password": PASSWORD}
        assert (await client.post("/api/v1/auth/register", json=person)).status_code == 201
    assert (await found.ada.post("/api/v1/projects", json={"key": "WEB", "name": "Web"})).status_code == 201
    ben = {"email": "ben@example.com", "role": "member"}
    assert (await found.ada.post("/api/v1/projects/WEB/members", json=ben)).status_code == 201
    yield found
    await found.ada.aclose()
    await found.ben.aclose()


@pytest.mark.browser
async def test_a_move_is_in_the_other_browser_and_a_restart_loses_nothing(
    house: House, new_context: NewContext
) -> None:
    ref = (await house.task("Draw the board"))["ref"]
    windows: list[Window] = []
    for person in (house.ada, house.ben):
        context = await new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
        window = await open_window(house.nginx, context, person)
        # Chromium keeps no service worker from where it does not trust the certificate.
        window.allow(r"SSL certificate error|ServiceWorker")
        await window.open_board("WEB")
        await window.mark()
        windows.append(window)
    ada, ben = windows
    sockets: list[str] = []
    ben.page.on("websocket", lambda ws: sockets.append(ws.url))

    await ada.drag(ref, "doing")
    await ben.ends_in("doing", ref)

    for window in windows:
        window.allow_no_line()
        window.allow(r"status of 50[234]")
    seq = (await house.ada.get("/api/v1/projects/WEB/board")).json()["seq"]
    program = Program(house, seq, 20)
    async with asyncio.timeout(2 * TIMEOUT), house.unchecked(house.ada.cookies) as client:
        running = asyncio.gather(program.follow(), program.write(client))
        await program.half.wait()
        assert await asyncio.to_thread(house.server.stop) == 0
        away = await client.get("/p/WEB", headers={"Accept": "text/html"})
        await expect(ben.chip).not_to_have_attribute("data-status", "live")
        # The change waits in the browser until the server is back.
        await ada.drag(ref, "done")
        await asyncio.to_thread(house.server.start)
        await running
    await ben.is_live(BACK)
    await ben.ends_in("done", ref)
    for window in windows:
        await window.is_same_document()
        assert window.troubles == []
    assert sockets
    assert all(url.startswith("wss://") for url in sockets)

    assert program.seen[:20] == list(range(seq + 1, seq + 21))
    assert program.ends == [1012]
    # Who leaves before the answer is no error of the server's.
    assert "without completing handshake" not in house.server.log_file.read_text()
    assert away.status_code == 503
    assert away.headers["content-type"] == "text/html; charset=utf-8"
    assert away.headers["retry-after"] == "3"
    assert "TaskHub is restarting" in away.text
    assert '<meta http-equiv="refresh"' in away.text


@dataclass
class Program:
    """Writes so many tasks to WEB, each until it is there, and follows it meanwhile from its cursor on."""

    house: House
    since: int
    wanted: int
    seen: list[int] = field(default_factory=list)
    ends: list[int | None] = field(default_factory=list)
    half: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        while len(self.seen) < self.wanted:
            try:
                async with self.house.live(self.house.ben, self.since + len(self.seen)) as connection:
                    while len(self.seen) < self.wanted:
                        frame = json.loads(await connection.recv())
                        if frame["op"] == "events":
                            self.seen += [event["seq"] for event in frame["events"]]
            except ConnectionClosed as closed:
                self.ends.append(closed.rcvd.code if closed.rcvd else None)
            except InvalidHandshake:
                await asyncio.sleep(0.05)

    async def write(self, client: httpx.AsyncClient) -> None:
        for number in range(self.wanted):
            body = {"title": f"Task {number}"}
            headers = {"Idempotency-Key": f"restart-{number}"}
            while (answer := await client.post("/api/v1/projects/WEB/tasks", json=body, headers=headers)).is_error:
                # From nginx or from a server that ends: both say when to come back.
                assert answer.status_code == 503, answer.text
                assert answer.json()["code"] == "unavailable"
                assert int(answer.headers["retry-after"]) > 0
                await asyncio.sleep(0.05)
            if number == self.wanted // 2:
                self.half.set()
                # So that there is something left to write when the server is away.
                while (await client.get("/readyz")).status_code == 200:
                    await asyncio.sleep(0.01)


async def test_a_stream_is_not_collected(house: House) -> None:
    # Over HTTP/2, as browsers do: an event comes while the response goes on, and is not packed.
    async with house.client(http2=True) as client:
        client.cookies = house.ada.cookies
        async with asyncio.timeout(TIMEOUT), client.stream("GET", "/api/v1/projects/WEB/stream") as stream:
            assert (stream.status_code, stream.http_version) == (200, "HTTP/2")
            assert "content-encoding" not in stream.headers
            lines = stream.aiter_lines()
            async for line in lines:
                if line == "event: hello":
                    break
            made = await house.task("Come at once")
            async for line in lines:
                if line.startswith("data: ") and '"task.created"' in line:
                    assert json.loads(line.removeprefix("data: "))["task"]["ref"] == made["ref"]
                    break


async def test_what_is_too_large_is_refused_before_it_is_sent(house: House) -> None:
    cookie = f"{SESSION_COOKIE}={house.ada.cookies[SESSION_COOKIE]}"
    head = "POST {} HTTP/1.1\nHost: " + house.nginx.url.removeprefix("https://") + f"\nCookie: {cookie}\n"
    for path, length in (("/api/v1/projects/WEB/tasks", 1024 * 1024 + 1), ("/api/v1/imports/trello", LARGEST + 1)):
        answer, body = await house.raw(head.format(path) + f"Content-Length: {length}")
        assert answer.startswith("HTTP/1.1 413 "), answer
        assert "content-type: application/problem+json" in answer.lower()
        assert json.loads(body)["code"] == "too_large"
    answer, body = await house.raw(head.format("/sign-in") + f"Content-Length: {1024 * 1024 + 1}")
    assert answer.startswith("HTTP/1.1 413 ")
    assert "text/html" in answer
    assert "Too large" in body
    # What is within the limits of TaskHub is not refused by nginx.
    form = {"content": b"x" * (2 * 1024 * 1024), "headers": {"Content-Type": "application/json"}}
    imported = await house.ada.post("/api/v1/imports/trello?key=BIG", **form)  # type: ignore[arg-type]
    assert imported.status_code == 422, imported.text
    text = await house.ada.post("/api/v1/markdown", json={"text": "x" * (1024 * 1024 - 100)})
    assert text.status_code != 413


async def test_who_asks_cannot_be_forged(house: House) -> None:
    # From an address of its own, which TaskHub counts wrong passwords of, whatever a client says of itself.
    transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2", verify=house.nginx.tls)
    at = {"Host": house.nginx.url.removeprefix("https://")}
    tls = {"sni_hostname": NAME}
    login = f"{house.nginx.url.replace(NAME, '127.0.0.1')}/api/v1/auth/login"

    async with httpx.AsyncClient(transport=transport, headers={"Origin": house.nginx.url, **at}, timeout=60) as client:

        async def guess(number: int) -> httpx.Response:
            forged = {**FORGED, "X-Forwarded-For": f"203.0.113.{number}"}
            person = {"email": f"p{number}@example.com", "password": PASSWORD}
            return await client.post(login, json=person, headers=forged, extensions=tls)

        answers = await asyncio.gather(*(guess(number) for number in range(80)))
        found = [answer.json()["code"] for answer in answers]
        assert found.count("unauthenticated") <= 63
        assert found.count("rate_limited") == 80 - found.count("unauthenticated")
        assert answers[-1].headers["strict-transport-security"]
        # nginx itself lets more through than TaskHub, but not any number.
        many = await asyncio.gather(*(guess(number % 80) for number in range(80)))
        assert {answer.status_code for answer in many} == {429}
        assert {answer.json()["detail"] for answer in many} >= {
            "Too many attempts or connections from your address. Wait 10 seconds and try again."
        }
    # Nobody else is held up: TaskHub sees more than the address of its proxy.
    me = {"email": "ada@example.com", "password": PASSWORD}
    async with house.client() as other:
        assert (await other.post("/api/v1/auth/login", json=me)).status_code == 200


async def test_links_and_schemes_cannot_be_forged(house: House) -> None:
    invite = await house.ada.post("/api/v1/invites", json={}, headers=FORGED)
    assert invite.status_code == 201, invite.text
    (link,) = re.findall(r"https?://[^\"]+/invite/[^\"]+", invite.text)
    assert link.startswith(f"{house.nginx.url}/invite/")
    signed_in = await house.ada.post(
        "/api/v1/auth/login", json={"email": "ada@example.com", "password": PASSWORD}, headers=FORGED
    )
    assert "secure" in signed_in.headers["set-cookie"].lower()
    assert signed_in.headers["strict-transport-security"]
    # Nothing is served under another name, and the secret of a link is in no log.
    with pytest.raises(httpx.RemoteProtocolError):
        await house.ada.get("/api/v1/me", headers={"Host": "evil.example"})
    async with house.unchecked() as guest:
        assert (await guest.get(link)).status_code == 303
        assert (await guest.get(link, follow_redirects=True)).status_code == 200
        assert (await guest.get("/metrics")).status_code == 404
        for path in ("/wall/", "/api/v1/wallboards/", "/sign-in?next=/invite/"):
            await guest.get(f"{path}a-secret-of-somebody")
    log = house.nginx.access_log()
    assert link.rpartition("/")[2] not in log
    assert "a-secret-of-somebody" not in log
    assert '"GET /api/v1/wallboards/... HTTP/1.1" 404' in log
    assert '"GET /invite/... HTTP/1.1" 303' in log
    assert '"GET /register HTTP/1.1" 200' in log
    strangers = ssl.create_default_context()
    strangers.check_hostname, strangers.verify_mode = False, ssl.CERT_NONE
    port = int(house.nginx.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line, pytest.raises(ssl.SSLError):
        strangers.wrap_socket(line, server_hostname="evil.example")


async def test_a_name_beside_the_one_that_was_asked_for_does_not_count(house: House) -> None:
    cookie = f"{SESSION_COOKIE}={house.ada.cookies[SESSION_COOKIE]}"
    _, body = await house.raw(f"GET {house.nginx.url}/api/v1/probe HTTP/1.1\nHost: evil.example\nCookie: {cookie}")
    assert json.loads(body)["host"] == NAME


def test_no_access_log_has_the_secret_of_a_link(tmp_path: Path) -> None:
    # Whatever comes of the request: there is no TaskHub, no TLS, another name.
    with (
        run_nginx(tmp_path, f"127.0.0.1:{free_port()}") as nginx,
        httpx.Client(verify=nginx.tls, trust_env=False) as guest,
    ):
        for path in ("/wall/open-sesame", "/api/v1/wallboards/open-sesame/stream", "/register?invite=open-sesame"):
            headers = {"Referer": f"{nginx.url}/wall/open-sesame"}
            assert guest.get(nginx.url + path, headers=headers).status_code == 503
            assert guest.get(nginx.plain + path, headers=headers).status_code == 308
            with pytest.raises(httpx.RemoteProtocolError):
                guest.get(nginx.plain + path, headers=headers | {"Host": "evil.example"})
    logs = [(tmp_path / name).read_text() for name in ("access.log", "other.log")]
    assert logs[0].count(" 503 ") == logs[0].count(" 308 ") == 3
    assert "open-sesame" not in "".join(logs)


async def test_a_write_from_another_origin_is_refused(house: House) -> None:
    answer = await house.ada.post(
        "/api/v1/projects", json={"key": "OTHER", "name": "Other"}, headers={"Origin": "https://evil.example"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


async def test_static_files_come_from_the_disk(house: House) -> None:
    packed = next(
        path for path in sorted((static_dir() / "assets").glob("*.js")) if path.with_suffix(".js.gz").exists()
    )
    address = f"/static/assets/{packed.name}"
    async with house.unchecked() as client:
        small = await client.get(address, headers={"Accept-Encoding": "gzip"})
        plain = await client.get(address, headers={"Accept-Encoding": "identity"})
        icon = await client.get("/static/icon.svg")
        missing = await client.get("/static/assets/nothing.js")
        page = await client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    for answer in (small, plain, icon):
        assert answer.status_code == 200
        # By the id one sees who answered.
        assert len(answer.headers["x-request-id"]) == NGINX_ID
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert small.content == plain.content == packed.read_bytes()
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) == packed.with_suffix(".js.gz").stat().st_size
    assert small.headers["vary"] == "Accept-Encoding"
    assert "javascript" in small.headers["content-type"]
    assert small.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert icon.headers["cache-control"] == "no-cache"
    assert missing.status_code == 404
    assert len(missing.headers["x-request-id"]) == 16
    assert "immutable" not in missing.headers.get("cache-control", "")
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers.get_list("strict-transport-security") == ["max-age=31536000"]


async def test_plain_http_leads_to_https(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.nginx.plain, trust_env=False) as client:
        answer = await client.post("/p/WEB?view=list", content=b"x")
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{NAME}/p/WEB?view=list")
