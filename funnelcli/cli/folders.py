"""Files and folders of the command line to files: folders are searched for funnels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from funnelcli.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENDINGS = (".yaml", ".yml")


def search(paths: Sequence[str]) -> list[str]:
    """Each file as it is named and the funnel files of each folder, once, folders in the order of their names."""
    files: dict[str, str] = {}
    for number, path in enumerate(paths):
        if path == "-" or not os.path.isdir(path):
            files.setdefault(f"-{number}" if path == "-" else os.path.normpath(path), path)
            continue
        skipped: list[OSError] = []
        found = list(_walk(path, skipped))
        for error in skipped:
            console.error(f"cannot read {error.filename}: {error.strerror}", "check its permissions")
        if not found and not skipped:
            console.error(f"there is no *.yaml or *.yml in {path}", "name another folder or a file")
        for file in found:
            files.setdefault(os.path.normpath(file), file)
    return list(files.values())


def _walk(folder: str, skipped: list[OSError]) -> Iterator[str]:
    """Funnel files below a folder; hidden files and folders, such as .git, and links to folders are left alone."""
    for parent, folders, names in os.walk(folder, onerror=skipped.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.startswith("."):
                yield os.path.normpath(os.path.join(parent, name))
