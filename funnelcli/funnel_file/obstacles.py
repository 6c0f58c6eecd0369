"""Why a file cannot be opened, and the way out: what the path leads to, rather than what the system says of it."""

from __future__ import annotations

import errno
import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.funnel_file.names import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LINKS = 40
"""Links that are followed one after the other: as many as Linux follows."""


def obstacle(path: str, error: OSError) -> tuple[str, str]:
    """What stands in the way, as the end of a sentence about the file, and the way out."""
    if isinstance(error, IsADirectoryError):
        held = _alike("", path)
        named = f"{path.rstrip('/')}/{held[0] if len(held) == 1 else 'FILE'}"
        return "it is a folder", f"name a file in it: {named}{_known(held) if held[1:] else ''}"
    if error.errno == errno.ELOOP:
        return "it is a link that leads back to itself", "delete the link, or name the file that is meant"
    if isinstance(error, FileNotFoundError):
        return missing(path)
    if isinstance(error, NotADirectoryError):
        inside = _first(path, os.path.isfile) or path
        return f"{quoted(inside)} is a file and no folder", "check the path"
    return error.strerror or str(error), "check the path and its permissions"


def missing(path: str) -> tuple[str, str]:
    """What is said of a file that is not there, and what helps: the one of nearly that name, or those there are."""
    link = _first(path, lambda part: os.path.islink(part) and not os.path.exists(part))
    if link is not None:
        what = "it is a link" if link == path else f"{quoted(link)} is a link"
        return f"{what} to {quoted(_target(link))}, which is missing", "mend the link, or name another file"
    folder, name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        return f"there is no folder {quoted(folder)}", "check the path"
    known = [each for each in _alike(name, folder or ".") if each != name]
    if "*" in name:
        return "no file here has such a name", f"check the name{_known(known)}"
    near = _near(name, known)
    if near is None and not folder:
        below = [os.path.join(each, name) for each in sorted(os.listdir(".")) if not each.startswith(".")]
        near = next((each for each in below if os.path.isfile(each)), None)
    if near is not None:
        return "there is no such file", f"did you mean {quoted(os.path.join(folder, near))}?"
    return "there is no such file", f"check the path{_known(known)}"


def _near(name: str, known: list[str]) -> str | None:
    """The file whose name is nearest: the same without its ending, or spelled alike."""
    stems = {known_name.partition(".")[0].casefold(): known_name for known_name in reversed(known)}
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    stem = name.partition(".")[0].casefold()
    stemmed = get_close_matches(stem, stems, n=1, cutoff=0.8)
    return stems.get(stem) or (close[0] if close else stems[stemmed[0]] if stemmed else None)


def _alike(name: str, folder: str) -> list[str]:
    """The names of a folder's files that end like a name, or like funnel files; none where it cannot be read."""
    ending = os.path.splitext(name)[1].lower()
    endings = ENDINGS if ending in ("", *ENDINGS) else (ending,)
    stem = name.partition(".")[0].casefold()
    try:
        names = sorted(each for each in os.listdir(folder) if not each.startswith("."))
    except OSError:
        return []
    known = [each for each in names if each.lower().endswith(endings)]
    return known or [each for each in names if each.partition(".")[0].casefold() == stem]


MOST_LISTED = 5


def _known(names: list[str]) -> str:
    """A remark on the files that there are."""
    more = ", …" if len(names) > MOST_LISTED else ""
    return f"; there are: {', '.join(names[:MOST_LISTED])}{more}" if names else ""


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
