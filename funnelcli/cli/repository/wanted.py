"""What two sides are meant: the words of a command to revisions and paths, or to two files."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console
from funnelcli.cli.repository.names import at_revision, top_of
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


class Wanted(NamedTuple):
    """Two revisions, the second `None` for the work tree, and paths; or two files, held against each other.

    An empty second is the index. `typed` is the word by which the revisions were named, if any.
    """

    old: str
    new: str | None
    paths: tuple[str, ...] = ()
    files: tuple[str, str] | None = None
    typed: str = ""


def wanted_of(given: Sequence[str], no_index: bool, staged: bool = False) -> Wanted:
    """What is asked for: a first argument that is a revision is one, as in git; all others are paths.

    `staged`: the other side is the index.
    """
    if staged and no_index:
        raise console.Refused("--staged and --no-index ask for different sides", "name one of them")
    if not staged:
        return _wanted(given, no_index)
    of_files = next((each for each in given if at_revision(each) is not None), None)
    if of_files is not None:
        help_ = "write the path alone, and the revision before it: funnelcli diff --staged HEAD~1 shop.yaml"
        raise console.Refused(f"{quoted(of_files)} names a side, and with --staged it is the index", help_)
    wanted = _wanted(given, False, staged)
    if wanted.new is not None:
        help_ = f"name one revision: --staged {wanted.typed.partition('..')[0] or 'HEAD'}"
        raise console.Refused(f"{quoted(wanted.typed)} names both sides, and with --staged one is the index", help_)
    return wanted._replace(new="")


def _wanted(given: Sequence[str], no_index: bool, staged: bool = False) -> Wanted:
    if no_index or (len(given) == 2 and any(at_revision(each) is not None for each in given)):
        if len(given) != 2:
            raise console.Refused("--no-index holds two files against each other", "name two files")
        return Wanted("", None, files=(given[0], given[1]))
    outside = not _in_repository()
    if outside and not staged and len(given) == 2 and all(map(os.path.isfile, given)):
        return Wanted("", None, files=(given[0], given[1]))
    if outside and _is_nowhere():
        if not staged and len(given) == 2 and any(map(os.path.isfile, given)):
            return Wanted("", None, files=(given[0], given[1]))  # of the other it is said that it cannot be read
        help_ = "change to a folder of one" + ("" if staged else ", or name two files: funnelcli diff OLD NEW")
        raise console.Refused("this folder is in no git repository, where diff finds what files were", help_)
    if not given:
        return Wanted("HEAD", None)
    first, *rest = given
    if os.path.lexists(first):
        if not outside and _is_revision(first):
            raise console.Refused(
                f"{quoted(first)} is a revision and a path",
                f"write ./{first} for the path, or {first}~0 for the revision",
            )
        return Wanted("HEAD", None, (first, *rest))
    from funnelcli.cli.repository import git

    if _is_path(first) and not _is_revision(first):
        return Wanted("HEAD", None, (first, *rest))
    old, new = git.sides(first)
    return Wanted(old, new, tuple(rest), typed=first)


def _is_path(name: str) -> bool:
    """Whether what is not on the disk, and no revision, would be a path: a file that is gone, or one misspelt."""
    from funnelcli.cli.repository import git
    from funnelcli.funnel_file.names import is_funnel_file

    if ".." in name.replace("../", ""):
        return False
    if is_funnel_file(name) or name.endswith(("/", os.sep)) or _is_kept(name):
        return True
    if not get_close_matches(name, os.listdir(), n=1, cutoff=0.75) and "/" not in name:
        return False
    return not git.near_revision(name)


def _is_kept(name: str) -> bool:
    """Whether git has a path that the disk lacks: a folder that is gone."""
    from funnelcli.cli.repository import reading

    try:
        full = reading.path_of_disk(name)
    except console.Refused:
        return False
    return any(reading.entries(revision, full) for revision in ("HEAD", "")) if full else False


def _in_repository() -> bool:
    """Whether the working directory is in a repository, by the files of git alone."""
    return os.path.exists(os.path.join(top_of(os.getcwd()), ".git"))


def _is_nowhere() -> bool:
    """Whether git knows no repository here, either: a bare one has no folder of its own."""
    from funnelcli.cli.repository import git

    return bool(git.ask("rev-parse", "--git-dir").code)


def _is_revision(name: str) -> bool:
    from funnelcli.cli.repository import git

    return git.hash_of(f"{name}^{{commit}}") is not None
