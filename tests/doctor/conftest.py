"""Instances to be examined, and proxies that are set up wrongly."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from taskhub.config import Settings
from taskhub.doctor.examination import examine
from taskhub.doctor.model import Finding
from tests.command_line import call_taskhub
from tests.databases import Database, MakeDatabase
from tests.needs import require
from tests.ports import free_port
from tests.postgres import PostgresServer

DEADLINE = 20.0


def settings_of(database: Database, **more: str) -> Settings:
    """The settings of an instance."""
    return Settings.from_environ({**database.environment, **more})


def found_in(database: Database) -> dict[str, Finding]:
    """The findings by code, of each the first; the public address is left out."""
    found: dict[str, Finding] = {}
    for each in asyncio.run(examine(settings_of(database), offline=True)):
        found.setdefault(each.code, each)
    return found


MakeWhole = Callable[[], Database]


@pytest.fixture(scope="session")
def whole(
    request: pytest.FixtureRequest,
    database_kind: str,
    make_database: MakeDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> MakeWhole:
    """`whole()` gives a new instance with the demo in it: three projects, some hundred events."""
    template = make_database(database_kind)
    call_taskhub("demo", env=template.environment)
    (template.data_dir / "secret.key").write_text("k" * 48)
    (template.data_dir / "secret.key").chmod(0o600)

    def make() -> Database:
        folder = tmp_path_factory.mktemp("whole")
        shutil.copytree(template.data_dir, folder, dirs_exist_ok=True)
        folder.chmod(0o700)
        if database_kind == "sqlite":
            return Database("sqlite", folder, f"sqlite+aiosqlite:///{folder}/taskhub.sqlite3")
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return Database("postgresql", folder, server.url(server.create(template.url.rpartition("/")[2])))

    return make


def execute(request: pytest.FixtureRequest, database: Database, statement: str) -> None:
    """Write to an instance's database as nothing of TaskHub would."""
    if database.kind == "sqlite":
        with sqlite3.connect(database.data_dir / "taskhub.sqlite3") as connection:
            connection.execute(statement)
        connection.close()
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.execute(statement, database.url.rpartition("/")[2])


#: What is in `location /` of each proxy.
_GOOD = """
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
"""
PROXIES = {
    "good": _GOOD,
    "without upgrade": "proxy_http_version 1.1; proxy_set_header Host $http_host;",
    # It packs what it has collected.
    "buffered": f"{_GOOD} gzip on; gzip_proxied any; gzip_types *; proxy_ignore_headers X-Accel-Buffering;",
    "other host": _GOOD.replace("$http_host", "internal.example"),
    "other scheme": _GOOD.replace("$scheme", "https"),
    "redirect": "return 301 https://tasks.example.com$request_uri;",
    "password": 'return 403 "who are you?";',
    "cut": f"{_GOOD} proxy_read_timeout 1s;",
}


@pytest.fixture(scope="session")
def make_proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], dict[str, str]]]:
    """`make_proxies(url, other)` gives an address for each of PROXIES before `url`, for `elsewhere` before `other`,
    and for `tls`, with a certificate of its own; `certificate` is its file.
    """
    program, openssl = require("nginx"), shutil.which("openssl")
    running: list[subprocess.Popen[bytes]] = []

    def make(url: str, other: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("nginx")
        places = {
            **{name: (free_port(), f"{lines} proxy_pass {url};", "") for name, lines in PROXIES.items()},
            "elsewhere": (free_port(), f"{_GOOD} proxy_pass {other};", ""),
        }
        for name in ("redirect", "password"):
            port, lines, listen = places[name]
            places[name] = port, lines.replace(f" proxy_pass {url};", ""), listen
        assert openssl is not None
        names = (
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "cert.pem",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        )
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names],
            check=True,
            capture_output=True,
        )
        certificate = f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;"
        places["tls"] = free_port(), f"{_GOOD} proxy_pass {url};", certificate
        servers = "".join(
            f"server {{ listen 127.0.0.1:{port}{' ssl' if tls else ''}; {tls} location / {{ {lines} }} }}\n"
            for port, lines, tls in places.values()
        )
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{}}\n"
            f"http {{ access_log off; {temporary}\n"
            'map $http_upgrade $connection_upgrade { default upgrade; "" ""; }\n'
            f"{servers} }}\n"
        )
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(
                [program, "-p", folder, "-c", folder / "nginx.conf"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        running.append(process)
        addresses = {name: f"http{'s' if tls else ''}://127.0.0.1:{port}" for name, (port, _, tls) in places.items()}
        addresses["certificate"] = str(folder / "cert.pem")
        deadline = time.monotonic() + DEADLINE
        while not _answers(addresses["good"]):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.02)
        return addresses

    yield make
    for process in running:
        process.terminate()
        process.wait(DEADLINE)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def files_of(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, but for what SQLite makes while somebody reads."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }
