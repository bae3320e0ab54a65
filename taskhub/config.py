"""Settings, all from the environment, all checked before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from taskhub.logs import Format

PREFIX = "TASKHUB_"

#: Every setting, with what it is for. The documentation's table is tested against this.
KNOWN: Mapping[str, str] = {
    "TASKHUB_DATA_DIR": "the folder of the SQLite file, the secret key and uploads",
    "TASKHUB_DATABASE_URL": "postgresql+asyncpg://… in place of SQLite",
    "TASKHUB_SECRET_KEY": "signs cookies; made and kept in the data folder when absent",
    "TASKHUB_BASE_URL": "the address people use, when a proxy stands before TaskHub",
    "TASKHUB_METRICS_TOKEN": "lets who sends it as a bearer token read /metrics",
    "TASKHUB_LOG_FORMAT": "text (the default) or json",
    "TASKHUB_ACCESS_LOG": "1 (the default) logs a line for each request, 0 none",
    "TASKHUB_OPEN_REGISTRATION": "1 lets anybody register, 0 (the default) only those invited",
    "TASKHUB_WORKERS": "the processes that serve, 1 unless told otherwise; --workers goes first",
}

#: Settings of the contract that this version cannot honour: they stop the start rather than be ignored.
NOT_YET: Mapping[str, str] = {
    "TASKHUB_REDIS_URL": "several machines over Redis",
    "TASKHUB_SMTP_URL": "mail",
}


#: Processes that one `taskhub serve` runs at most.
MOST_WORKERS = 64


class SettingError(Exception):
    """A setting that stops the start; its text is one line for the operator and names the setting."""


@dataclass(frozen=True)
class Settings:
    """What an instance runs with. `from_environ` is the way to make one outside tests."""

    data_dir: Path
    database_url: str | None = None
    secret: str | None = None
    base_url: str | None = None
    open_registration: bool = False
    workers: int = 1
    metrics_token: str | None = None
    log_format: Format = "text"
    access_log: bool = True

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from `TASKHUB_*`. Raises SettingError for one that is unknown, unsupported or malformed."""
        environ = os.environ if environ is None else environ
        for name in sorted(environ):
            if name.startswith(PREFIX) and name not in KNOWN:
                if name in NOT_YET:
                    raise SettingError(f"{name}: {NOT_YET[name]} is not supported by this version; unset it.")
                raise SettingError(f"{name}: there is no such setting. Known are {', '.join(KNOWN)}.")
        data_dir = environ.get("TASKHUB_DATA_DIR") or "data"
        return cls(
            data_dir=Path(data_dir).expanduser().absolute(),
            database_url=_database_url(environ.get("TASKHUB_DATABASE_URL")),
            secret=_secret(environ.get("TASKHUB_SECRET_KEY")),
            base_url=_base_url(environ.get("TASKHUB_BASE_URL")),
            open_registration=_flag("TASKHUB_OPEN_REGISTRATION", environ.get("TASKHUB_OPEN_REGISTRATION")),
            workers=_workers("TASKHUB_WORKERS", environ.get("TASKHUB_WORKERS")),
            metrics_token=_token("TASKHUB_METRICS_TOKEN", environ.get("TASKHUB_METRICS_TOKEN")),
            log_format=_log_format(environ.get("TASKHUB_LOG_FORMAT")),
            access_log=_flag("TASKHUB_ACCESS_LOG", environ.get("TASKHUB_ACCESS_LOG"), unset=True),
        )

    @property
    def url(self) -> URL:
        """The database's address for SQLAlchemy."""
        if self.database_url:
            return make_url(self.database_url)
        return URL.create("sqlite+aiosqlite", database=str(self.data_dir / "taskhub.sqlite3"))

    @property
    def origin(self) -> str | None:
        """`scheme://host[:port]` of the public address, when one is set."""
        if self.base_url is None:
            return None
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def make_data_dir(self) -> None:
        """Make the data folder. Raises SettingError where that is not possible."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingError(f"TASKHUB_DATA_DIR: can't make the folder {self.data_dir}: {error.strerror}.") from None
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise SettingError(f"TASKHUB_DATA_DIR: can't write to the folder {self.data_dir}.")

    @cached_property
    def secret_key(self) -> str:
        """The signing key: the one set, else the one kept in the data folder, made at first use."""
        if self.secret:
            return self.secret
        self.make_data_dir()
        path = self.data_dir / "secret.key"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            kept = path.read_bytes().strip().decode("ascii", errors="ignore")
            if len(kept) < 32:
                raise SettingError(
                    f"TASKHUB_SECRET_KEY: {path} is damaged; delete it and a new one is made (all sign in again)."
                ) from None
            return kept
        key = secrets.token_urlsafe(48)
        with os.fdopen(handle, "w") as file:
            file.write(key + "\n")
        return key


def static_dir() -> Path:
    """The built browser files: inside an installed package, else in the source tree."""
    packaged = Path(__file__).parent / "_static"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "static" / "dist"


def migrations_dir() -> Path:
    """The migration scripts: inside an installed package, else in the source tree."""
    packaged = Path(__file__).parent / "_alembic"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "alembic"


def _flag(name: str, value: str | None, *, unset: bool = False) -> bool:
    if value is None or value.strip() == "":
        return unset
    word = value.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise SettingError(f"{name}: {value!r} is neither 1 nor 0.")


def _workers(name: str, value: str | None) -> int:
    if not value:
        return 1
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= MOST_WORKERS):
        raise SettingError(f"{name}: {value!r} is not a number of processes from 1 to {MOST_WORKERS}.")
    return int(value)


def _token(name: str, value: str | None) -> str | None:
    if not value:
        return None
    if len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value:
        raise SettingError(f"{name}: it must have at least 16 characters, of ASCII and without spaces.")
    return value


def _log_format(value: str | None) -> Format:
    if value == "json":
        return "json"
    if value not in (None, "", "text"):
        raise SettingError(f"TASKHUB_LOG_FORMAT: {value!r} is neither text nor json.")
    return "text"


def _secret(value: str | None) -> str | None:
    if value is not None and len(value) < 32:
        raise SettingError("TASKHUB_SECRET_KEY: it must have at least 32 characters.")
    return value


def _database_url(value: str | None) -> str | None:
    if not value:
        return None
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise SettingError(
            "TASKHUB_DATABASE_URL: it is not an address such as postgresql+asyncpg://user:password@host/taskhub."
        ) from None
    if url.drivername != "postgresql+asyncpg":
        raise SettingError(
            f"TASKHUB_DATABASE_URL: it must begin with postgresql+asyncpg://, not {url.drivername}:// "
            "(for SQLite leave it out and set TASKHUB_DATA_DIR)."
        )
    return value


def _base_url(value: str | None) -> str | None:
    if not value:
        return None
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        good = good and (parts.port is None or parts.port > 0)
        if good and "@" in parts.netloc:
            # Not repeated: it goes to the log. In every link it would go to everybody.
            raise SettingError(
                "TASKHUB_BASE_URL: it has a name or password before the @, which every link would show; leave them out."
            )
    except ValueError:
        good = False
    if not good:
        raise SettingError(f"TASKHUB_BASE_URL: {value!r} is not an address such as https://tasks.example.com.")
    return value.rstrip("/")
