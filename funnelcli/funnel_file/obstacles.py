"""Why a file cannot be opened, and the way out: what the path leads to, rather than what the system says of it."""

from __future__ import annotations

import errno
import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LINKS = 40
"""Links that are followed one after the other: as many as Linux follows."""


def obstacle(path: str, error: OSError) -> tuple[str, str]:
    """What stands in the way, as the end of a sentence about the file, and the way out."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder", f"name a file in it: {path.rstrip('/')}/FILE"
    if error.errno == errno.ELOOP:
        return "it is a link that leads back to itself", "delete the link, or name the file that is meant"
    if isinstance(error, FileNotFoundError):
        return _missing(path)
    if isinstance(error, NotADirectoryError):
        inside = _first(path, os.path.isfile) or path
        return f"{quoted(inside)} is a file and no folder", "check the path"
    return error.strerror or str(error), "check the path and its permissions"


def _missing(path: str) -> tuple[str, str]:
    link = _first(path, lambda part: os.path.islink(part) and not os.path.exists(part))
    if link is not None:
        what = "it is a link" if link == path else f"{quoted(link)} is a link"
        return f"{what} to {quoted(_target(link))}, which is missing", "mend the link, or name another file"
    folder, name = os.path.split(path)
    try:
        known = [each for each in os.listdir(folder or ".") if each.endswith((".yaml", ".yml")) and each != name]
    except OSError:
        return f"there is no folder {quoted(folder)}", "check the path"
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    if near and "*" not in name:
        return "there is no such file", f"did you mean {quoted(os.path.join(folder, near[0]))}?"
    return "there is no such file", "check the path"


def _first(path: str, fits: Callable[[str], bool]) -> str | None:
    """The first part of a path, from its top, that fits."""
    end = 0
    while (end := path.find(os.sep, end + 1)) >= 0:
        if fits(path[:end]):
            return path[:end]
    return path if fits(path) else None


def _target(link: str) -> str:
    """Where a link leads in the end, as its links say it."""
    for _ in range(MOST_LINKS):
        if not os.path.islink(link):
            break
        link = os.path.join(os.path.dirname(link), os.readlink(link))
    return link
