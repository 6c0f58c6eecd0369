"""Files and folders of the command line to files: folders are searched for funnels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from funnelcli.cli import console
from funnelcli.cli.exits import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.cli.options import Request

ENDINGS = (".yaml", ".yml")


def search(paths: Sequence[str], request: Request) -> tuple[list[str], ExitCode]:
    """Each file as it is named and the funnel files of each folder, once, folders in the order of their names."""
    files: list[str] = []
    code = ExitCode.OK
    for path in paths:
        if path == "-" or not os.path.isdir(path):
            files.append(path)
            continue
        skipped: list[OSError] = []
        found = list(_walk(path, skipped))
        for error in skipped:
            code = console.refuse(f"cannot read {error.filename}: {error.strerror}", "check its permissions", request)
        if not found and not skipped:
            code = console.refuse(f"there is no *.yaml or *.yml in {path}", "name another folder or a file", request)
        files += found
    once: dict[str, str] = {}
    for number, file in enumerate(files):
        once.setdefault(f"-{number}" if file == "-" else os.path.normpath(file), file)
    return list(once.values()), code


def _walk(folder: str, skipped: list[OSError]) -> Iterator[str]:
    """Funnel files below a folder; hidden files and folders, such as .git, and links to folders are left alone."""
    for parent, folders, names in os.walk(folder, onerror=skipped.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.startswith("."):
                yield os.path.normpath(os.path.join(parent, name))
