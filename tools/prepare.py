"""Prepare this checkout: .venv with the locked dependencies, Node.js where it is missing, the built UI.

The Makefile calls it before everything else, with any Python ≥ 3.11 and nothing installed:

    prepare.py run --port N   what `make run` needs; says first whether the port is free
    prepare.py check          what the checks need: as dev, but without the built UI
    prepare.py dev            what the tests need
    prepare.py npm ARGS…      npm in static/, with the Node.js that the UI is built with
    prepare.py lock           write requirements/*.txt anew

What is done already is known by the hash of what it was made from, so a second call takes milliseconds.
Whatever goes wrong is one line on standard error and exit status 1.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "static"))

import build_ui  # noqa: E402 (lies in static/, beside the hatch hook that shares it)

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "taskhub-stamps.json"
LOG = VENV / "prepare.log"
REQUIREMENTS = ROOT / "requirements"
NODE_REQUIREMENTS = REQUIREMENTS / "node.txt"

# Which locked files each purpose needs; "dev" holds everything that "run" does.
PURPOSES = {
    "run": [REQUIREMENTS / "run.txt", REQUIREMENTS / "build.txt"],
    "dev": [REQUIREMENTS / "dev.txt"],
}
# The order matters: what comes later is kept to the versions of dev.txt.
LOCKS = {
    "dev.txt": ["pyproject.toml", "--group", "dev"],
    "run.txt": ["pyproject.toml"],
    "build.txt": ["--group", "build"],
    "node.txt": ["--group", "node"],
}

_NO_NETWORK = re.compile(
    r"Failed to establish a new connection|name resolution|Name or service not known|Network is unreachable"
    r"|ConnectTimeoutError|ReadTimeoutError|timed out|Connection refused|ProxyError|Cannot connect to proxy"
)


class PrepareError(Exception):
    """The checkout could not be prepared; the text is one line for people."""


def say(line: str) -> None:
    print(line, flush=True)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise PrepareError(f"PORT={text} is not a port: it must be a number between 1 and 65535")
    return int(text)


def check_port(port: int) -> None:
    """Raise PrepareError where `taskhub serve` could not listen on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise PrepareError(f"Port {port} needs more rights; take another: make run PORT=8001") from None
        except OSError:
            free = _free_port()
            raise PrepareError(
                f"Port {port} is in use; stop what listens there, or take another: make run PORT={free}"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return stamps


def _stamp(**values: str) -> None:
    STAMPS.write_text(json.dumps(_stamps() | values, indent=1) + "\n")


def _venv_works() -> bool:
    question = "import sys, pip; print(sys.version_info >= (3, 11), sys.prefix)"
    try:
        answer = subprocess.run([VENV_PYTHON, "-c", question], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.split(maxsplit=1) == ["True", f"{VENV}\n"]


def ensure_venv() -> None:
    """Make .venv, anew where the one that is there does not run (a removed Python, a moved checkout)."""
    if _venv_works():
        return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise PrepareError(
                f"{sys.executable} has no {module}, which virtual environments need; "
                f"on Debian and Ubuntu: apt install python{version}-venv"
            )
    say("Making a virtual environment in .venv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if made.returncode:
        words = made.stdout.strip().splitlines()
        raise PrepareError(
            f"No virtual environment could be made in {VENV}: {words[-1] if words else 'no reason given'}"
        )


def pip(*arguments: str | Path) -> None:
    """Run pip of .venv as the environment configures it. Raises PrepareError with the reason in a line."""
    # Without a network pip's own five retries of every package would take minutes.
    environment = {"PIP_RETRIES": "2", **os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    answer = subprocess.run(
        [VENV_PYTHON, "-m", "pip", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    LOG.write_text(answer.stdout)
    if answer.returncode == 0:
        return
    errors = [line.removeprefix("ERROR: ") for line in answer.stdout.splitlines() if line.startswith("ERROR: ")]
    if "DO NOT MATCH THE HASHES" in answer.stdout:
        reason = "a package that came is not the one that requirements/ locks (wrong hash)"
    elif _NO_NETWORK.search(answer.stdout):
        reason = "pip cannot reach its package index; check the network (or pip's proxy and index settings)"
    elif missing := [line for line in errors if line.startswith("No matching distribution found for ")]:
        package = missing[0].removeprefix("No matching distribution found for ").split(" --hash")[0].split(" (from")[0]
        reason = f"pip finds no {package} where it may look; check the network and pip's index settings"
    elif "No space left on device" in answer.stdout:
        reason = "the disk is full"
    else:
        errors += re.findall(r"^ *(\w*Error: .+)$", answer.stdout, re.M)
        reason = errors[-1] if errors else f"pip ended with status {answer.returncode}"
    raise PrepareError(f"The dependencies could not be installed: {reason}. All of pip's words: {LOG}")


def ensure_dependencies(purpose: str) -> None:
    """Install the locked packages of `purpose` and the project itself, editable, where not done already."""
    wanted = {name: _digest([*files, ROOT / "pyproject.toml"]) for name, files in PURPOSES.items()}
    stamps = _stamps()
    if VENV_PYTHON.exists() and (stamps.get("dev") == wanted["dev"] or stamps.get(purpose) == wanted[purpose]):
        return
    ensure_venv()
    files = PURPOSES[purpose]
    count = len({name for path in files for name in re.findall(r"^[\w.-]+(?===)", path.read_text(), re.M)})
    say(f"Installing {count} packages (once; about half a minute)")
    required = [part for path in files for part in ("-r", path)]
    pip("install", "--require-hashes", *required)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMPS.unlink(missing_ok=True)
    _stamp(**{purpose: wanted[purpose]})


def ensure_node() -> Path:
    """The folder of a usable Node.js; put into .venv from the package index where the machine has none."""
    folder = build_ui.find_node(VENV / "bin")
    if folder is None:
        oldest = ".".join(map(str, build_ui.OLDEST_NODE))
        say(f"No Node.js {oldest} or newer with npm here: installing it into .venv")
        pip("install", "--require-hashes", "-r", NODE_REQUIREMENTS)
        folder = build_ui.find_node(VENV / "bin")
    if folder is None:
        raise PrepareError(
            f"The Node.js from {NODE_REQUIREMENTS} does not run here; install Node.js ≥ {oldest} with npm"
        )
    return folder


def ensure_ui() -> None:
    """Build static/dist where its sources changed."""
    if build_ui.is_fresh():
        return
    say("Building the browser UI")
    build_ui.build(ensure_node())


def npm(arguments: list[str]) -> int:
    """Run npm in static/ with its packages installed; its exit status."""
    folder = ensure_node()
    build_ui.install_packages(folder)
    return subprocess.run(
        [folder / "npm", *arguments], cwd=build_ui.STATIC, env=build_ui.node_environment(folder)
    ).returncode


def lock() -> None:
    """Resolve requirements/*.txt anew from pyproject.toml, with uv, into .venv where it is missing."""
    ensure_dependencies("dev")
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        pip("install", "uv")
    for name, sources in LOCKS.items():
        arguments = [*sources, "--output-file", f"requirements/{name}"]
        if name != "dev.txt":
            arguments += ["--constraints", "requirements/dev.txt"]
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
        options += ["--annotation-style", "line"]
        locked = subprocess.run([uv, "pip", "compile", "--quiet", "--upgrade", *options, *arguments], cwd=ROOT)
        if locked.returncode:
            raise PrepareError(f"uv could not lock requirements/{name}; its words are above")
        say(f"Locked requirements/{name}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Prepare this checkout; see the top of the file.")
    purposes = parser.add_subparsers(dest="purpose", required=True)
    purposes.add_parser("run").add_argument("--port", required=True)
    for name in ("check", "dev", "lock"):
        purposes.add_parser(name)
    purposes.add_parser("npm").add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    # Two makes at once take turns.
    with Path(__file__).open() as own_source:
        fcntl.flock(own_source, fcntl.LOCK_EX)
        try:
            if options.purpose == "npm":
                return npm(options.arguments)
            if options.purpose == "lock":
                lock()
                return 0
            if options.purpose == "run":
                check_port(_port(options.port))
            ensure_dependencies("run" if options.purpose == "run" else "dev")
            if options.purpose != "check":
                ensure_ui()
        except (PrepareError, build_ui.BuildError) as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
