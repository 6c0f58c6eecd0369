"""A step of the build: the wheel gets the man pages, which the program writes of itself."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):  # type: ignore[type-arg, misc]
    """Writes the pages and puts them where `man` looks; an editable installation has none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is made."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from funnelcli.cli.manual import man_pages

        self.written = TemporaryDirectory()
        folder = Path(self.written.name)
        for name in man_pages.names():
            page = folder / f"{name}.1"
            command = name.partition("-")[2]
            page.write_text(man_pages.write(command or None), encoding="utf-8")
            build_data["shared_data"][str(page)] = f"share/man/man1/{page.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  # Hatch's signature
        """Called when the wheel is there."""
        if version != "editable":
            self.written.cleanup()
