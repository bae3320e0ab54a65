"""Which built files a page needs, from Vite's manifest (https://vite.dev/guide/backend-integration)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from taskhub.config import static_dir

APP = "src/main.tsx"
PAGES = "src/pages.css"
_WORKER = "src/worker/worker.ts"

#: The font's slice that every page shows; the browser learns of it before it has read the style.
_FIRST_FONT = "inter-latin-wght-normal"


def asset_tags(entry: str) -> Markup | None:
    """The `<link>` and `<script>` tags of an entry (`APP` or `PAGES`); None where the UI is not built."""
    built = _built()
    return None if built is None else _tags(*built, entry)


def worker(build: str) -> str | None:
    """The service worker's code, after what it is told of this build; None where the UI is not built."""
    built = _built()
    return None if built is None else _worker(*built, build)


def _built() -> tuple[Path, int] | None:
    path = static_dir() / ".vite" / "manifest.json"
    try:
        return path, path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _chunks(path: Path) -> dict[str, dict[str, Any]]:
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return manifest


@lru_cache(maxsize=2)
def _worker(path: Path, changed: int, build: str) -> str:
    chunks = _chunks(path)
    code = chunks.pop(_WORKER)["file"]
    files = {"icon.svg"}
    for chunk in chunks.values():
        wanted = [chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ())]
        files.update(name for name in wanted if name.endswith((".js", ".css")) or _FIRST_FONT in name)
    told = {"build": build, "files": sorted(f"/static/{name}" for name in files)}
    return f"self.taskhub = {json.dumps(told)};\n{(static_dir() / code).read_text()}"


@lru_cache(maxsize=8)
def _tags(path: Path, changed: int, entry: str) -> Markup:
    chunks = _chunks(path)
    chunk = chunks[entry]
    styles: list[str] = [*chunk.get("css", ())]
    scripts: list[str] = []
    (styles if chunk["file"].endswith(".css") else scripts).append(chunk["file"])
    tags = [
        Markup('<link rel="preload" href="/static/{}" as="font" type="font/woff2" crossorigin>').format(font)
        for font in chunk.get("assets", ())
        if _FIRST_FONT in font
    ]
    tags += [Markup('<link rel="stylesheet" href="/static/{}">').format(style) for style in styles]
    tags += [Markup('<script type="module" src="/static/{}"></script>').format(script) for script in scripts]
    # What it imports would be asked for only after it was read.
    tags += [
        Markup('<link rel="modulepreload" href="/static/{}">').format(chunks[name]["file"])
        for name in chunk.get("imports", ())
    ]
    return Markup("\n").join(tags)
