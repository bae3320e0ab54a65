"""Settings: all checked before anything starts, each refusal naming its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskhub.config import KNOWN, SettingError, Settings


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"TASKHUB_NOTHING": "1"}, "TASKHUB_NOTHING"),
        ({"TASKHUB_REDIS_URL": "redis://localhost"}, "TASKHUB_REDIS_URL"),
        ({"TASKHUB_SMTP_URL": "smtp://localhost"}, "TASKHUB_SMTP_URL"),
        ({"TASKHUB_OPEN_REGISTRATION": "maybe"}, "TASKHUB_OPEN_REGISTRATION"),
        ({"TASKHUB_WORKERS": "0"}, "TASKHUB_WORKERS"),
        ({"TASKHUB_WORKERS": "65"}, "TASKHUB_WORKERS"),
        ({"TASKHUB_WORKERS": "two"}, "TASKHUB_WORKERS"),
        ({"TASKHUB_METRICS_TOKEN": "short"}, "TASKHUB_METRICS_TOKEN"),
        ({"TASKHUB_METRICS_TOKEN": "with a space in it, long enough"}, "TASKHUB_METRICS_TOKEN"),
        ({"TASKHUB_LOG_FORMAT": "xml"}, "TASKHUB_LOG_FORMAT"),
        ({"TASKHUB_SECRET_KEY": "short"}, "TASKHUB_SECRET_KEY"),
        ({"TASKHUB_BASE_URL": "tasks.example.com"}, "TASKHUB_BASE_URL"),
        ({"TASKHUB_BASE_URL": "http://[::1"}, "TASKHUB_BASE_URL"),
        ({"TASKHUB_BASE_URL": "http://a:99999"}, "TASKHUB_BASE_URL"),
        ({"TASKHUB_BASE_URL": "https://ada:word@tasks.example.com"}, "TASKHUB_BASE_URL: it has a name or password"),
        ({"TASKHUB_BASE_URL": "https://@tasks.example.com"}, "TASKHUB_BASE_URL"),
        ({"TASKHUB_ACCESS_LOG": "some"}, "TASKHUB_ACCESS_LOG"),
        ({"TASKHUB_DATABASE_URL": "mysql://localhost/x"}, "TASKHUB_DATABASE_URL"),
        ({"TASKHUB_DATABASE_URL": "nonsense"}, "TASKHUB_DATABASE_URL"),
        ({"TASKHUB_DATABASE_URL": "postgresql+asyncpg://u@127.0.0.1:abc/x"}, "TASKHUB_DATABASE_URL"),
        ({"TASKHUB_DATA_DIR": "/dev/null/data"}, "TASKHUB_DATA_DIR"),
        ({"TASKHUB_DATA_DIR": "/proc/taskhub"}, "TASKHUB_DATA_DIR"),
    ],
    ids=str,
)
def test_a_bad_setting_is_named(tmp_path: Path, settings: dict[str, str], names: str) -> None:
    with pytest.raises(SettingError, match=names) as refused:
        Settings.from_environ({"TASKHUB_DATA_DIR": str(tmp_path), **settings}).make_data_dir()
    assert "\n" not in str(refused.value)


def test_nothing_set_is_a_good_setting() -> None:
    settings = Settings.from_environ({"PATH": "/bin"})
    assert settings.data_dir.is_absolute()
    assert settings.url.get_backend_name() == "sqlite"
    assert not settings.open_registration
    assert settings.workers == 1
    assert Settings.from_environ({"TASKHUB_WORKERS": "4"}).workers == 4


def test_empty_values_are_as_if_unset(tmp_path: Path) -> None:
    empty = dict.fromkeys(KNOWN, "") | {"TASKHUB_DATA_DIR": str(tmp_path)}
    del empty["TASKHUB_SECRET_KEY"]
    assert Settings.from_environ(empty) == Settings.from_environ({"TASKHUB_DATA_DIR": str(tmp_path)})


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Settings.from_environ({"TASKHUB_DATA_DIR": str(data)})
    assert len(first.secret_key) >= 32
    assert Settings.from_environ({"TASKHUB_DATA_DIR": str(data)}).secret_key == first.secret_key
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"\n" * 64])
def test_a_damaged_key_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SettingError, match=r"secret\.key is damaged"):
        _ = Settings.from_environ({"TASKHUB_DATA_DIR": str(tmp_path)}).secret_key


@pytest.mark.parametrize(
    ("address", "origin"),
    [("https://tasks.example.com/", "https://tasks.example.com"), ("http://10.0.0.1:8080/x", "http://10.0.0.1:8080")],
)
def test_the_public_address(address: str, origin: str) -> None:
    assert Settings.from_environ({"TASKHUB_BASE_URL": address}).origin == origin
