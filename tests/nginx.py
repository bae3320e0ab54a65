"""A real nginx under deploy/nginx.conf, before any server."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from taskhub.config import static_dir
from tests.needs import require
from tests.ports import free_port

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"
NAME = "localhost"
DEADLINE = 20.0

#: What an operator changes, and only on lines that say so.
_MARKED = {
    "server_name tasks.example.com;": f"server_name {NAME};",
    "/etc/nginx/tls/": "{folder}/",
    "127.0.0.1:8000": "{upstream}",
    "root /srv/taskhub;": "root {folder}/srv;",
}
#: What differs where nginx is not the machine's own: ports of loopback, and where it writes.
_HERE = {
    "listen 80": "listen 127.0.0.1:{http}",
    "listen [::]:80": "listen [::1]:{http}",
    "listen 443": "listen 127.0.0.1:{https}",
    "listen [::]:443": "listen [::1]:{https}",
    "/var/log/nginx/access.log": "{folder}/access.log",
    "/var/www/acme": "{folder}/acme",
}


@dataclass
class Nginx:
    """A running nginx: `url` is its `https://` address, `plain` the `http://` one; `tls` trusts its certificate."""

    url: str
    plain: str
    folder: Path
    tls: ssl.SSLContext
    process: subprocess.Popen[bytes]

    def access_log(self) -> str:
        """What was asked so far."""
        return (self.folder / "access.log").read_text()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(DEADLINE)


def substituted(text: str, values: Mapping[str, object]) -> str:
    """The file with other places; AssertionError where a line to change does not say so, or says so for nothing."""
    lines = []
    for line in text.splitlines(keepends=True):
        changed = line
        for old, new in _MARKED.items():
            changed = changed.replace(old, new.format(**values))
        assert (changed != line) == line.rstrip().endswith("# CHANGE"), line
        for old, new in _HERE.items():
            changed = re.sub(re.escape(old) + r"(?![0-9])", new.format(**values).replace("\\", r"\\"), changed)
        lines.append(changed)
    return "".join(lines)


@contextlib.contextmanager
def run_nginx(folder: Path, upstream: str, *, https: int | None = None) -> Iterator[Nginx]:
    """An nginx under deploy/nginx.conf before `upstream` (`HOST:PORT`); its files lie in `folder`."""
    program, openssl = require("nginx"), require("openssl")
    http, https = free_port(), https or free_port()
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem", "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "srv").mkdir()
    (folder / "srv" / "static").symlink_to(static_dir())
    site = substituted(
        CONFIGURATION.read_text(), {"folder": folder, "upstream": upstream, "http": http, "https": https}
    )
    (folder / "taskhub.conf").write_text(site)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    # As Debian's nginx.conf, which includes the sites.
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ include /etc/nginx/mime.types; default_type application/octet-stream; {temporary}\n"
        f"access_log {folder}/other.log;\n"
        f"include {folder}/taskhub.conf; }}\n"
    )
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "-p", folder, "-c", folder / "nginx.conf"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    running = Nginx(f"https://{NAME}:{https}", f"http://{NAME}:{http}", folder, tls, process)
    try:
        deadline = time.monotonic() + DEADLINE
        while not _answers(running):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield running
    finally:
        running.stop()


def _answers(running: Nginx) -> bool:
    try:
        return httpx.get(f"{running.url}/metrics", verify=running.tls, trust_env=False).status_code == 404
    except httpx.TransportError:
        return False
