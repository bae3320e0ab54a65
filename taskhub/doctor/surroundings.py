"""The settings, the secret key, and the data folder with its disk. Nothing is made or changed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from taskhub.config import Settings
from taskhub.doctor.model import Finding, ok, problem, warning

#: Bytes of free room below which there is a warning, and a problem.
LITTLE, NO_ROOM = 1024**3, 64 * 1024**2
_SHORTEST_KEY = 32


def configuration(settings: Settings) -> Iterator[Finding]:
    """Settings that are legal, and may yet not be meant."""
    if settings.base_url is None:
        yield warning("configuration.no_address")
    elif settings.base_url.startswith("http://") and not _is_private(settings.base_url):
        yield warning("configuration.no_tls", address=settings.base_url)
    if settings.open_registration:
        yield warning("configuration.open")
    yield ok("configuration.good")


def _is_private(address: str) -> bool:
    host = address.removeprefix("http://").partition("/")[0]
    return host.startswith(("localhost", "127.", "[::1]"))


def secret_key(settings: Settings) -> Finding:
    """The key that signs, read as the server would, but never made."""
    if settings.secret:
        return ok("secret.set")
    path = settings.data_dir / "secret.key"
    try:
        kept = _kept(path)
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return warning("secret.none", path=path)
    except OSError as error:
        return problem("secret.unreadable", path=path, why=error.strerror)
    if len(kept) < _SHORTEST_KEY:
        return problem("secret.damaged", path=path)
    if mode & 0o077:
        return problem("secret.exposed", path=path, mode=f"{mode:o}")
    return ok("secret.kept", path=path)


def kept_key(settings: Settings) -> str | None:
    """The key, where there is a good one."""
    if secret_key(settings).code not in ("secret.set", "secret.kept", "secret.exposed"):
        return None
    return settings.secret or _kept(settings.data_dir / "secret.key")


def _kept(path: Path) -> str:
    return path.read_bytes().strip().decode("ascii", errors="ignore")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Rights of the folder, and the room on its disk."""
    folder = settings.data_dir
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except FileNotFoundError:
        yield problem("folder.missing", path=folder)
        return
    except OSError as error:
        yield problem("folder.unreadable", path=folder, why=error.strerror)
        return
    if not _may_write(folder):
        yield problem("folder.readonly", path=folder)
    elif locked := [each for each in _files(folder) if not os.access(each, os.R_OK | os.W_OK)]:
        yield problem("folder.foreign_file", path=locked[0])
    elif mode & 0o007:
        yield warning("folder.exposed", path=folder, mode=f"{mode:o}")
    else:
        yield ok("folder.good", path=folder)
    yield _room(settings, folder)


def _may_write(folder: Path) -> bool:
    # Beside the rights: root may write everywhere but on a disk that is mounted to be read.
    readonly = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK) and not readonly


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("taskhub.sqlite3*")) if path.is_file())


def _room(settings: Settings, folder: Path) -> Finding:
    disk = shutil.disk_usage(folder)
    facts = {"free": _size(disk.free), "of": _size(disk.total), "path": folder}
    if disk.free < NO_ROOM:
        return problem("disk.full", **facts)
    # A backup is checked beside the database, and what a restore replaces is kept there.
    needed = max(LITTLE, sum(path.stat().st_size for path in _files(folder)))
    return warning("disk.little", **facts) if disk.free < needed else ok("disk.good", **facts)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
