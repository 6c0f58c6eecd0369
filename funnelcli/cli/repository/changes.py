"""The files that changed between two revisions, or between one and the work tree: funnel files and defaults."""

from __future__ import annotations

import os
import posixpath
import stat
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from funnelcli.cli import settings
from funnelcli.cli.console import Refused
from funnelcli.cli.defaults import PROJECT
from funnelcli.cli.repository import git, reading
from funnelcli.cli.repository.names import AtRevision
from funnelcli.diagnostics import quoted
from funnelcli.funnel_file.names import ENDINGS, is_funnel_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOTHING = "0"
"""What the hash of a side is made of that git does not keep: it is of the disk, or there is none."""
_MODES = ("100644", "100755")


class ChangedFile(NamedTuple):
    """A file on both sides: its path from the top of the repository, and its bytes; `None` where it is not there.

    A file whose path changed is one file, as far as git takes it for the same.
    """

    status: Literal["added", "deleted", "modified", "renamed"]
    old_path: str | None
    new_path: str | None
    old: bytes | None
    new: bytes | None

    @property
    def path(self) -> str:
        """What it is called now, or was last."""
        path = self.new_path or self.old_path
        assert path is not None
        return path

    @property
    def is_settings(self) -> bool:
        """Whether it holds defaults, and no funnels."""
        return is_settings(self.path)


class _Side(NamedTuple):
    path: str
    hash: str


def changes(old: str, new: str | None, paths: Sequence[str] = (), typed: str = "") -> list[ChangedFile]:
    """What differs at `new` from `old`, in the order of paths; `new` is the work tree where it is `None`.

    An empty `new` is the index, which is held against nothing where there is no commit yet. `typed` is the word that
    named the revisions, `main...HEAD`.

    `paths` are files and folders as the disk has them, seen from here; without them it is the whole repository. A file
    that was moved into a folder or out of it is among its changes. Of the work tree, files that git does not know yet
    are new ones, but for those that it is to ignore. Files of the same bytes are none, nor are links and submodules.
    """
    place = git.place()
    wanted = [reading.path_of_disk(path) for path in paths]
    first = _nothing() if new == "" and old == "HEAD" and git.hash_of("HEAD") is None else git.resolve(old)
    second = [git.resolve(new)] if new else []
    if new is None and place.top is None:
        git.refuse(git.GitOutput(1, b"", "fatal: this repository has no work tree"))
    raw: tuple[str, ...] = (
        "diff",
        "--raw",
        "-z",
        "-M",
        "--abbrev=64",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "-l2000",
    )
    raw = ("-c", "diff.relative=false", *raw, *(["--cached"] if new == "" else []))
    answer = git.ask(*raw, first, *second, "--", *_patterns(), top=place.top, literal=False)
    if answer.code:
        git.refuse(answer)
    told = git.texts(answer.out)
    pairs = list(_pairs(told))
    if new == "":
        _refuse_conflict(told, wanted)
    if new is None:
        # git tells hashes of what is on the disk alone, too
        pairs = [(old_side, new_side and new_side._replace(hash=_NOTHING)) for old_side, new_side in pairs]
        others = git.ask(
            "ls-files", "--others", "--exclude-standard", "-z", "--", *_patterns(), top=place.top, literal=False
        )
        pairs += [(None, _Side(name, _NOTHING)) for name in git.texts(others.out)]
    kept = [pair for pair in pairs if any(each and _is_meant(each.path, wanted) for each in pair)]
    sides = (
        [(old, first), *((new or "", each) for each in second)] if second or new is None else [(old, first), ("", "")]
    )
    _refuse_unknown(paths, wanted, kept, sides, typed)
    hashes = [each.hash for pair in kept for each in pair if each and each.hash.strip(_NOTHING)]
    known = dict(zip(hashes, (found.data for found in reading.objects(hashes)), strict=True))
    files = []
    for before, after in kept:
        old_data, new_data = (_bytes(each, known, place.top) if each else None for each in (before, after))
        old_path = before.path if before and old_data is not None else None
        new_path = after.path if after and new_data is not None else None
        for side, data, revision in ((before, old_data, old), (after, new_data, new)):
            if side is not None:
                at = AtRevision(revision or "", side.path)
                is_base = revision is not None and "..." in typed and revision == old
                name = side.path if revision is None else f"{side.path}, where {typed} begins," if is_base else at.name
                reading.refuse_pointer(name, data, "name the paths that are meant, without it")
        if (old_path, old_data) != (new_path, new_data):
            status = _status(old_path, new_path)
            files.append(ChangedFile(status, old_path, new_path, old_data, new_data))
    files = [each for each in (_moved(files) if new is None else files) if not _without_defaults(each)]
    return sorted(files, key=lambda each: each.path)


def _refuse_unknown(
    paths: Sequence[str],
    wanted: Sequence[str],
    kept: Sequence[tuple[_Side | None, _Side | None]],
    revisions: Sequence[tuple[str, str]],
    typed: str,
) -> None:
    """Refuse a path that is on no side, which would guard nothing for ever; `revisions` are names and hashes."""
    changed = {each.path for pair in kept for each in pair if each}
    for path, full in zip(paths, wanted, strict=True):
        if not full or full in changed or any(each.startswith(f"{full}/") for each in changed) or os.path.lexists(path):
            continue
        if all(found.kind == "missing" for found in reading.objects([f"{each}:{full}" for _, each in revisions])):
            reading.refuse_path(path, full, [each for _, each in revisions], typed)


def _nothing() -> str:
    """The hash of a tree without any file, which is what a first commit is held against."""
    return git.ask("hash-object", "-t", "tree", "--stdin").out.decode().strip()


def _refuse_conflict(told: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a file of which the index has the sides of a merge, and none that would be committed."""
    for head, path in pairwise(told):
        if head.startswith(":") and head.endswith(" U") and _is_meant(path, wanted):
            raise Refused(f"cannot read {quoted(f':{path}')}: it is in conflict", "settle the merge, and git add it")


def _moved(files: Sequence[ChangedFile]) -> list[ChangedFile]:
    """The files, those as one that were moved on the disk alone: git does not know the new one, of the same bytes."""
    gone = {each.old: each for each in reversed(files) if each.status == "deleted" and each.old}
    kept, found = [], []
    for each in files:
        was = gone.pop(each.new, None) if each.status == "added" and each.new else None
        found += [] if was is None else [was]
        kept.append(each if was is None else ChangedFile("renamed", was.old_path, each.new_path, was.old, each.new))
    return [each for each in kept if each not in found]


def is_settings(path: str) -> bool:
    """Whether a file holds defaults, if any: `.funnelcli.yaml`, `pyproject.toml`."""
    return posixpath.basename(path) in (*settings.NAMES, PROJECT)


def _patterns() -> list[str]:
    """Pathspecs of all that may be meant, in the whole repository."""
    return [f":(top,icase)*{ending}" for ending in ENDINGS] + [f":(top)*{PROJECT}"]


def _is_meant(path: str, wanted: Sequence[str]) -> bool:
    """Whether a funnel file is at or below the paths that are wanted, hidden ones by name, or has their defaults."""
    if path in wanted:
        return True
    folder = posixpath.dirname(path)  # defaults hold for all below them
    if is_settings(path) and any(not folder or f"{each}/".startswith(f"{folder}/") for each in wanted):
        return True
    above = next(
        (f"{each}/" if each else "" for each in wanted or ("",) if not each or path.startswith(f"{each}/")), None
    )
    if above is None:
        return False
    below = path.removeprefix(above)
    if is_settings(path):
        return not reading.is_hidden(posixpath.dirname(below))
    return is_funnel_file(below) and not reading.is_hidden(below)


def _pairs(parts: list[str]) -> Iterator[tuple[_Side | None, _Side | None]]:
    """Both sides of each entry of `git diff --raw -z`; what is no plain file on a side is not there."""
    left = iter(parts)
    for head in left:
        old_mode, new_mode, old, new, status = head.removeprefix(":").split(" ")
        path = next(left)
        moved = next(left) if status[0] in "RC" else path
        if status[0] == "U":  # in conflict, which another entry tells where the file is there
            continue
        before = _Side(path, old) if old_mode in _MODES and status[0] != "C" else None
        after = _Side(moved, new) if new_mode in _MODES else None
        if before or after:
            yield before, after


def _bytes(side: _Side, known: dict[str, bytes | None], top: str | None) -> bytes | None:
    """What a side holds; `None` where the disk has no plain file any more."""
    if side.hash in known:
        return known[side.hash]
    path = os.path.join(top or "", side.path)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _status(old: str | None, new: str | None) -> Literal["added", "deleted", "modified", "renamed"]:
    if old is None or new is None:
        return "added" if old is None else "deleted"
    return "modified" if old == new else "renamed"


def _without_defaults(file: ChangedFile) -> bool:
    """Whether it is a `pyproject.toml` that sets none, before or after."""
    if posixpath.basename(file.path) != PROJECT:
        return False
    return not any(settings.TABLE in data for data in (file.old, file.new) if data)
