"""What `python -m build` makes: an sdist that suffices for the wheel; a wheel that serves from any folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.command_line import clean_environment
from tests.databases import MakeDatabase
from tests.serving import Serve

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def environment() -> dict[str, str]:
    without_path = clean_environment()
    without_path.pop("PYTHONPATH", None)
    return without_path


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env or environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was made from the sdist alone."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `taskhub` command of a new virtual environment; its dependencies are those of the running one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    python = folder / "bin" / "python"
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel),
        cwd=folder,
    )
    (site_packages,) = folder.glob("lib/python3.*/site-packages")
    # A path in a .pth file comes after site-packages, and the .pth files that lie there are not read.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(python, "-c", "import taskhub; print(taskhub.__file__)", cwd=folder).strip()
    assert Path(where).is_relative_to(site_packages), "the installed TaskHub is not the wheel's"
    return folder / "bin" / "taskhub"


def tracked(folder: str) -> set[str]:
    """Names of the source files below a folder of the tree, relative to it."""
    return {
        path.relative_to(ROOT / folder).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_code_templates_migrations_and_the_built_ui(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"taskhub/{name}" for name in tracked("taskhub")}
    expected |= {f"taskhub/_alembic/{name}" for name in tracked("alembic")}
    expected |= {f"taskhub/_static/{name}" for name in tracked("static/dist")}
    assert expected - names == set()
    assert any(re.fullmatch(r"taskhub/templates/.+\.html", name) for name in names)
    assert any(re.fullmatch(r"taskhub/_alembic/versions/.+\.py", name) for name in names)
    assert any(re.fullmatch(r"taskhub/_static/assets/.+\.js", name) for name in names)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"taskhub", f"taskhub-{VERSION}.dist-info"}


def test_the_sdist_holds_what_a_wheel_is_built_from(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "static/hatch_build.py",
        "static/build_ui.py",
        "static/package-lock.json",
        "static/dist/.sources",
    } <= names
    assert not any("node_modules" in name for name in names)


def test_the_command_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert VERSION in run(installed, "--version", cwd=tmp_path)


def test_it_migrates_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    run(installed, "migrate", cwd=tmp_path)
    assert (tmp_path / "data" / "taskhub.sqlite3").is_file()


def test_it_serves_the_ui_from_any_folder(
    installed: Path, make_database: MakeDatabase, serve: Serve, tmp_path: Path
) -> None:
    database = make_database(migrated=False)
    run(installed, "migrate", cwd=tmp_path, env={**environment(), **database.environment})
    server = serve(database, command=(os.fspath(installed),))
    with httpx.Client(base_url=server.url, trust_env=False, follow_redirects=True) as client:
        page = client.get("/")
        assert page.status_code == 200
        scripts = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page.text)
        assert scripts, page.text
        for script in scripts:
            assert client.get(script).status_code == 200, script
