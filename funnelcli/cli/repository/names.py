"""Names of files at a revision, `main:funnels/shop.yaml`, told from names of files on the disk."""

from __future__ import annotations

import os
import re
from typing import NamedTuple


class AtRevision(NamedTuple):
    """A file or folder as it was at a revision; an empty one is the index, what the next commit will hold.

    The path is as git takes it: from the top of the repository, or from the working directory after `./` or `../`.
    """

    revision: str
    path: str

    @property
    def name(self) -> str:
        """What it is called, here and by git."""
        return f"{self.revision}:{self.path}"


def at_revision(file: str) -> AtRevision | None:
    """The revision and the path that a name means; `None` for a file of the disk, which wins where it has that name.

    Addresses, and drives of Windows, are none.
    """
    place = colon_of(file)
    if place is None or os.path.lexists(file):
        return None
    revision, path = file[:place], file[place + 1 :]
    is_drive = len(revision) == 1 and revision.isalpha() and (os.name == "nt" or path.startswith(("/", "\\")))
    if is_drive or path.startswith("//") or "\n" in revision:
        return None
    return AtRevision(revision, path)


def here(at: AtRevision) -> str:
    """Where the work tree has that path, or would have it, seen from the working directory; found without git."""
    if at.path in (".", "..") or at.path.startswith(("./", "../")):
        return os.path.normpath(at.path)
    return os.path.relpath(os.path.join(top_of(os.getcwd()), at.path))


def top_of(folder: str) -> str:
    """The folder at or above this one that git works in; the folder itself where there is none."""
    above = folder
    while not os.path.exists(os.path.join(above, ".git")):
        if above == os.path.dirname(above):
            return folder
        above = os.path.dirname(above)
    return above


def colon_of(file: str) -> int | None:
    """Where the path begins, as git finds it: at the first colon outside braces, or after `:2:`, a side of a merge."""
    if ":" not in file:
        return None
    if re.match(":[0-3]:", file):
        return 2
    depth = 0
    for place, character in enumerate(file):
        if character == ":" and not depth:
            return place
        depth += (character == "{") - (character == "}" and depth > 0)
    return None
