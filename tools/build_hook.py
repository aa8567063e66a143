"""Builds the console into the wheel; hatchling runs it (``tool.hatch.build.hooks.custom``)."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# In the isolated environment of a build nothing of this project is installed.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.console.bundle import Console
from tools.console.node import WHEEL, find_node


class ConsoleHook(BuildHookInterface):  # type: ignore[misc]
    """Builds the console's bundle for a wheel, where it is missing or out of date."""

    def dependencies(self) -> list[str]:
        """Return what the build needs besides: Node, where the machine has none."""
        return [] if self._console().is_built or find_node() else [WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build it before files are collected; an editable install builds it on `make dev`."""
        console = self._console()
        if version == "editable" or console.is_built:
            return
        node = find_node()
        if node is None:
            self.app.display_warning("The wheel has no console: it needs Node 22.12 or newer")
            return
        console.build(node)

    def _console(self) -> Console:
        return Console(Path(self.root))
