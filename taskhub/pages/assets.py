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

#: The font's slice that every page shows; the browser learns of it before it has read the style.
_FIRST_FONT = "inter-latin-wght-normal"


def asset_tags(entry: str) -> Markup | None:
    """The `<link>` and `<script>` tags of an entry (`APP` or `PAGES`); None where the UI is not built."""
    path = static_dir() / ".vite" / "manifest.json"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _tags(path, changed, entry)


@lru_cache(maxsize=8)
def _tags(path: Path, changed: int, entry: str) -> Markup:
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text())
    chunk = manifest[entry]
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
    return Markup("\n").join(tags)
