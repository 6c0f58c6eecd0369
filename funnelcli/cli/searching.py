"""The funnel files of folders, on the disk and as they were at a revision, by one rule."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from funnelcli.cli import console
from funnelcli.cli.load import at_revision
from funnelcli.funnel_file.names import is_funnel_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def search(paths: Sequence[str]) -> list[str]:
    """Each file as it is named and the funnel files of each folder, once, folders in the order of their names."""
    if len(paths) == 1:
        return _files_of(paths[0])  # once each already
    files: dict[str, str] = {}
    for number, path in enumerate(paths):
        for file in _files_of(path):
            files.setdefault(f"-{number}" if path == "-" else os.path.normpath(file), file)
    return list(files.values())


def _files_of(path: str) -> list[str]:
    """What a path stands for: a file, or the funnel files of a folder, of which one without any is said."""
    at = at_revision(path)
    skipped: list[OSError] = []
    if at is not None:
        from funnelcli.cli.repository.reading import funnel_files

        try:
            held = funnel_files(at)
        except console.Refused as refused:
            console.error(refused.what, refused.help)
            return []
        if held is None:
            return [path]
        found = [each.name for each in held]
    elif path != "-" and os.path.isdir(path):
        found = list(_walk(path, skipped))
    else:
        return [path]
    for error in skipped:
        console.error(f"cannot read {error.filename}: {error.strerror}", "check its permissions")
    if not found and not skipped:
        console.error(f"there is no *.yaml or *.yml in {path}", "name another folder or a file")
    return found


def _walk(folder: str, skipped: list[OSError]) -> Iterator[str]:
    """Funnel files below a folder; hidden files and folders, such as .git, and links to folders are left alone."""
    for parent, folders, names in os.walk(folder, onerror=skipped.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = os.path.normpath(parent)
        before = "" if place == os.curdir else os.path.join(place, "")
        for name in sorted(names):
            if is_funnel_file(name) and not name.startswith("."):
                yield before + name
