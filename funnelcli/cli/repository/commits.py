"""The commits of a file: what it held after each, under whichever name it had then."""

from __future__ import annotations

from typing import NamedTuple

from funnelcli.cli.repository import git, reading
from funnelcli.diagnostics import short_hash


class Commit(NamedTuple):
    """A commit that changed a file: its hash, the day its author wrote it, its title, and the file's path and bytes.

    The day is that of the author's clock, `2026-10-01`.
    """

    hash: str
    date: str
    title: str
    path: str
    data: bytes

    @property
    def short(self) -> str:
        """The hash as people write it."""
        return short_hash(self.hash)


def commits(path: str, revision: str = "HEAD") -> list[Commit]:
    """The commits that changed a file, the oldest first, followed through its renames; none where it has none.

    The way is that of git's own history: of a merge that took the file of one side, the commits of that side. A merge
    that made another file of both is a commit too. `path` is from the top of the repository.
    """
    start: str | None = git.resolve(revision)
    told: list[tuple[str, str, str, str]] = []  # hash, day, title and path, the newest first
    while start is not None:
        start, path = _walk(start, path, told)
    told.reverse()
    found = reading.objects([f"{head}:{name}" for head, _, _, name in told])
    pairs = zip(told, found, strict=True)
    return [Commit(*each, version.data) for each, version in pairs if version.data is not None]


def _walk(start: str, path: str, told: list[tuple[str, str, str, str]]) -> tuple[str | None, str]:
    """The commits of a path back to where another was renamed to it, added to those that are told; from where on."""
    configured = ("-c", "log.showRoot=true", "-c", "log.diffMerges=off", "-c", "log.follow=false")
    form = ("--format=%x01%H%x00%as%x00%s", "--name-status", "-z", "--no-renames", "--no-notes", "--no-color")
    answer = git.ask(*configured, "log", "--topo-order", *form, start, "--", path, top=git.place().top)
    if answer.code:
        git.refuse(answer)
    left = iter(git.texts(answer.out))
    for text in left:
        if text.startswith("\x01"):
            told.append((text[1:], next(left), next(left), path))
            continue
        status = text.strip()
        next(left)  # its name
        old = _renamed_from(told[-1][0], path) if status == "A" else None
        if old is not None:
            return f"{told[-1][0]}^", old
    return None, path


def _renamed_from(commit: str, path: str) -> str | None:
    """What a file was called before a commit in which its path is new; `None` where it is new itself."""
    answer = git.ask("diff-tree", "-r", "-z", "-M", "--name-status", "--no-commit-id", "--diff-filter=R", commit)
    texts = git.texts(answer.out)
    return next((old for old, new in zip(texts[1::3], texts[2::3], strict=True) if new == path), None)
