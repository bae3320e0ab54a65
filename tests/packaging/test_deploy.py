"""The files with which an operator runs TaskHub: they hold together, and what can be run of them here is run."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskhub.cli import cli
from taskhub.config import KNOWN
from tests.needs import require
from tests.nginx import CONFIGURATION

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
UNIT = (ROOT / "deploy" / "taskhub.service").read_text()
#: An exposure of at most 1.5 of 10, as `systemd-analyze security` counts.
EXPOSURE = "15"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE)
    return found


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def is_command(words: list[str]) -> bool:
    """Whether `taskhub` takes these arguments; it is not run."""
    command, *arguments = words
    cli.commands[command].make_context(command, arguments)
    return True


def test_the_unit_is_good_and_tightly_closed(tmp_path: Path) -> None:
    analyze = require("systemd-analyze")
    unit = tmp_path / "taskhub.service"
    # The programs that it starts are not installed here.
    unit.write_text(UNIT.replace("/opt/taskhub/bin/taskhub", "/bin/true"))
    for arguments in (["verify"], ["security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager"]):
        done = subprocess.run([analyze, *arguments, unit], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^User=(.+)", UNIT, re.MULTILINE) == ["taskhub"]


def test_every_command_that_starts_something_is_one() -> None:
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(procfile) == {"release", "web"}
    started = [line.replace("${PORT:-8000}", "8000") for line in procfile.values()]
    started += re.findall(r"^ExecStart(?:Pre)?=/opt/taskhub/bin/(.+)", UNIT, re.MULTILINE)
    assert len(started) == 4
    for line in started:
        program, *words = shlex.split(line)
        assert program == "taskhub"
        assert is_command(words)
    assert instructions("ENTRYPOINT") == ['["taskhub"]']
    (command,) = (yaml.safe_load(words) for words in instructions("CMD"))
    assert is_command(command)


def test_the_image_is_small_in_rights_and_of_named_versions() -> None:
    bases = [line.partition(" AS ")[0] for line in instructions("FROM")]
    for base in bases:
        assert re.fullmatch(r"[a-z]+:\d[\w.]*-[\w.-]+", base), f"{base} has no version"
    assert all(int(minor) >= 11 for minor in re.findall(r"python:3\.(\d+)", " ".join(bases)))
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10001:10001"]
    assert re.search(r"^HEALTHCHECK ", last, re.MULTILINE)
    for text in (DOCKERFILE, COMPOSE):
        assert not re.search(r"https?://(?!127\.0\.0\.1|\$\{TASKHUB_DOMAIN)", text), "an address outside"
        assert "index-url" not in text
    assert DOCKERFILE.count("pip install") == DOCKERFILE.count("--require-hashes") + DOCKERFILE.count("--no-index")


def test_the_image_has_all_that_the_wheel_is_made_of() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    # Named by pyproject.toml and by the build hook that it names.
    for needed in ("LICENSE", "README.md", "alembic", "pyproject.toml", "requirements", "static", "taskhub"):
        assert f"!{needed}" in ignored
        assert (ROOT / needed).exists()


def test_compose_fits_the_image_and_asks_for_its_secrets(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "migrate", "static", "taskhub", "nginx"}
    wanted = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    offered = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / "deploy" / "compose.env").read_text(), re.MULTILINE))
    assert wanted == set(offered)
    # What is secret has no value until somebody gives it one.
    assert offered["POSTGRES_PASSWORD"] == ""
    uses = re.findall(r"\$\{POSTGRES_PASSWORD([^}]*)\}", COMPOSE)
    assert len(uses) > 1
    assert all(use.startswith(":?") for use in uses)
    for name, service in services.items():
        image = service["image"]
        assert re.search(r":\d", image), f"{image} has no version"
        if image.startswith("taskhub:"):
            assert image == f"taskhub:{PROJECT['version']}"
            assert set(service["environment"]) <= {*KNOWN, "FORWARDED_ALLOW_IPS"}
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
        else:
            assert service["healthcheck"], f"{name} has no health check"
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith((".", "$")), source
    assert is_command(services["migrate"]["command"])
    # Nothing but nginx is reached from outside, and TaskHub believes nginx alone.
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    proxy = services["nginx"]["networks"]["front"]["ipv4_address"]
    assert services["taskhub"]["environment"]["FORWARDED_ALLOW_IPS"] == proxy


def test_what_compose_makes_of_the_nginx_file(compose: dict[str, Any], tmp_path: Path) -> None:
    _, _, script = compose["services"]["nginx"]["command"]
    edit = script.partition("&& exec")[0].replace("$$", "$").replace("/etc/nginx/taskhub.conf", str(CONFIGURATION))
    made = tmp_path / "default.conf"
    edit = edit.replace("/etc/nginx/conf.d/default.conf", str(made))
    subprocess.run(["sh", "-euc", edit], check=True, env={"TASKHUB_DOMAIN": "tasks.example.org"})
    changed = [
        (old.split(), new.split())
        for old, new in zip(CONFIGURATION.read_text().splitlines(), made.read_text().splitlines(), strict=True)
        if old != new
    ]
    address = compose["services"]["taskhub"]["networks"]["front"]["ipv4_address"]
    assert [new[:2] for _, new in changed] == [
        ["server", f"{address}:8000;"],
        ["server_name", "tasks.example.org;"],
        ["server_name", "tasks.example.org;"],
    ]
    # The other places are where compose lays the certificate and the static files.
    volumes = [re.sub(r"\$\{.*?\}", "", volume) for volume in compose["services"]["nginx"]["volumes"]]
    mounted = {volume.split(":")[1] for volume in volumes}
    assert mounted == {"/etc/nginx/taskhub.conf", "/etc/nginx/tls", "/srv/taskhub/static"}
    for path in ("/etc/nginx/tls/fullchain.pem", "root /srv/taskhub;"):
        assert path in made.read_text()
