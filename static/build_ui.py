"""Build the browser UI: `npm ci` and `npm run build` in this folder, only when something changed.

Shared by tools/prepare.py (which has nothing but the standard library) and hatch_build.py.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

STATIC = Path(__file__).resolve().parent
DIST = STATIC / "dist"
OLDEST_NODE = (20, 19)

# The hash of the sources that a build was made of lies beside its result, so it goes into the sdist with it.
SOURCES_STAMP = DIST / ".sources"
LOCK_STAMP = STATIC / "node_modules" / ".lock-hash"

_NOT_SOURCES = {"node_modules", "dist", "tests", "__pycache__", "build_ui.py", "hatch_build.py"}
_NO_NETWORK = re.compile(
    r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT"
)


class BuildError(Exception):
    """The UI could not be built; the text is one line for people."""


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(STATIC).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def sources_hash() -> str:
    """Hash of everything the built files depend on: names and contents, not times."""
    return _digest(
        sorted(
            path
            for top in STATIC.iterdir()
            if top.name not in _NOT_SOURCES and not top.name.startswith(".")
            for path in ([top] if top.is_file() else top.rglob("*"))
            if path.is_file()
        )
    )


def _matches(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def is_fresh() -> bool:
    """Whether static/dist was built from the sources as they are now."""
    return _has_files(DIST) and _matches(SOURCES_STAMP, sources_hash())


def _has_files(folder: Path) -> bool:
    return any(path.is_file() and path != SOURCES_STAMP for path in folder.rglob("*"))


def _node_version(node: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return tuple(map(int, found.groups())) if found else ()


def find_node(also: Path | None = None) -> Path | None:
    """The folder of a new enough Node.js with npm: on the PATH, in `also`, or among this Python's scripts."""
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    folders += [folder for folder in (also, Path(sysconfig.get_path("scripts"))) if folder]
    for folder in folders:
        node, npm = shutil.which("node", path=str(folder)), shutil.which("npm", path=str(folder))
        if node and npm and _node_version(node) >= OLDEST_NODE:
            return folder
    return None


def node_environment(folder: Path) -> dict[str, str]:
    """The environment in which `node` and `npm` are those of `folder`."""
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _npm(folder: Path, *arguments: str) -> None:
    npm = shutil.which("npm", path=str(folder))
    assert npm is not None
    answer = subprocess.run(
        [npm, *arguments],
        cwd=STATIC,
        env=node_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if answer.returncode == 0:
        return
    what = f"npm {' '.join(arguments)}"
    if arguments[0] == "ci" and _NO_NETWORK.search(answer.stdout):
        raise BuildError(
            "The packages of the browser UI could not be fetched: npm cannot reach its registry. "
            "Check the network (or npm's proxy and registry settings), then try again."
        )
    sys.stderr.write(answer.stdout)
    raise BuildError(f"The browser UI could not be built: `{what}` in {STATIC} failed; its words are above.")


def install_packages(folder: Path) -> None:
    """Make static/node_modules what package-lock.json says; at once when it is already.

    `folder` is what `find_node` gave. Raises BuildError.
    """
    wanted = _digest([STATIC / "package.json", STATIC / "package-lock.json"])
    if not _matches(LOCK_STAMP, wanted):
        _npm(folder, "ci")
        LOCK_STAMP.parent.mkdir(exist_ok=True)
        LOCK_STAMP.write_text(wanted)


def build(folder: Path) -> None:
    """Make static/dist from the sources, whether it is fresh or not. Raises BuildError."""
    install_packages(folder)
    wanted = sources_hash()
    _npm(folder, "run", "build")
    if not _has_files(DIST):
        raise BuildError(f"The browser UI could not be built: `npm run build` left nothing in {DIST}.")
    _pack()
    SOURCES_STAMP.write_text(wanted)


def _pack() -> None:
    """Lay a packed copy beside each text of a size that makes it worth while; the server gives it to who takes it."""
    for path in sorted((DIST / "assets").glob("*")):
        if path.suffix in (".js", ".css") and path.stat().st_size >= 1024:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
