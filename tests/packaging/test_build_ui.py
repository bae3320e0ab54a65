"""When the browser UI is built anew, and what is said where its packages can't be fetched."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from tests.ports import free_port

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture
def ui(tmp_path: Path) -> ModuleType:
    """The build module at work on a copy of static/: its sources without what was built or installed."""
    folder = tmp_path / "static"
    shutil.copytree(STATIC, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    spec = importlib.util.spec_from_file_location("build_ui_of_a_copy", folder / "build_ui.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def built(ui: ModuleType) -> ModuleType:
    """The same with a dist that looks built from these sources."""
    ui.DIST.mkdir()
    (ui.DIST / "app.js").write_text("…")
    ui.SOURCES_STAMP.write_text(ui.sources_hash())
    assert ui.is_fresh()
    return ui


def test_nothing_built_is_not_fresh(ui: ModuleType) -> None:
    assert not ui.is_fresh()


@pytest.mark.parametrize("name", ["package-lock.json", "vite.config.ts", "src/added.ts"])
def test_a_changed_source_asks_for_a_build(built: ModuleType, name: str) -> None:
    with (built.STATIC / name).open("a") as source:
        source.write("\n")
    assert not built.is_fresh()


def test_a_moved_source_asks_for_a_build(built: ModuleType) -> None:
    source = next((built.STATIC / "src").rglob("*.ts"))
    source.rename(source.with_name("moved.ts"))
    assert not built.is_fresh()


def test_a_lost_result_asks_for_a_build(built: ModuleType) -> None:
    (built.DIST / "app.js").unlink()
    assert not built.is_fresh()


def test_time_stamps_and_tests_ask_for_none(built: ModuleType) -> None:
    (built.STATIC / "package.json").touch()
    (built.STATIC / "tests" / "added.test.ts").write_text("")
    assert built.is_fresh()


def test_packages_that_cannot_be_fetched(ui: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{free_port()}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "empty-cache"))
    folder = ui.find_node()
    assert folder is not None, "the suite's set-up has put a Node.js here"
    with pytest.raises(ui.BuildError, match=r"^The packages of the browser UI could not be fetched: npm cannot"):
        ui.build(folder)
    assert not ui.LOCK_STAMP.exists()
