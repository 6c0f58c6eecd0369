"""The periods of a funnel by the commits of its file: what `compare --history` takes for several files of periods."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.periods import is_time
from funnelcli.analyses.versions import Version, only_grows, periods_of
from funnelcli.cli import console, load
from funnelcli.cli.repository import git, reading
from funnelcli.cli.repository.commits import commits
from funnelcli.cli.repository.names import AtRevision, here
from funnelcli.diagnostics import Problem, did_you_mean, joined, quoted
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.versions import Periods
    from funnelcli.cli.repository.commits import Commit
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.model import Funnel

UNCOMMITTED = "uncommitted"
"""What the version of the work tree is called, where the file names no period."""
_DAY = re.compile(r"\d{4}(-\d\d){0,2}")
MOST_NAMED = 5


class History(NamedTuple):
    """The periods of a funnel of this name, and what is to be said of how they were told."""

    name: str
    periods: Periods
    notes: tuple[str, ...]


class _Read(NamedTuple):
    """A version of a file: its mark, its day, and what it holds."""

    mark: str
    day: str
    reading: Reading

    @property
    def called(self) -> str:
        """What the version is called in a sentence."""
        return f"{self.mark} ({self.day})" if self.mark else "the work tree"


def periods(
    file: str,
    since: str | None = None,
    names: Sequence[str] | None = None,
    segments: Sequence[tuple[str, str]] = (),
    *,
    common: bool = False,
) -> list[History]:
    """The periods of each funnel that a file has now, by its commits and the work tree; refused where it has none.

    Of `REV:path` they are those up to the revision, of `:path` the index comes last. `since` is a day, `2026-05-01` or
    `2026-05`, or a revision, whose own version is the first then. `names` are those of the funnels that are asked for;
    `segments`, pairs of dimension and name, are taken in place of these. With `common`, periods of other stages than
    the newest are among them. As one funnel with a breakdown they are
    `analyses.periods_of_funnels.as_segments(history.periods.funnels)`.
    """
    found = _versions(file, since)
    sound = [each for each in found if each.reading.funnels]
    if not found:
        raise console.Refused(f"{file} was not changed since {since}", "name an earlier day or revision by --since")
    if not sound:
        raise console.Refused(f"no version of {file} is a sound funnel", f"see funnelcli check {file}")
    said = [*_about(file, found)]
    newest = sound[-1].reading.funnels
    histories = []
    for funnel in load.named([*newest], names):
        own = [
            Version(each, version.day, version.mark)
            for version in sound
            if (each := _same(funnel, version.reading.funnels, alone=len(newest) == 1)) is not None
        ]
        chosen, without = _chosen(own, segments)
        if not chosen:
            continue
        told = periods_of(chosen, common)
        notes = (*said, *_told(told), *_lacking(without))
        histories.append(History(funnel.name, told, notes))
    return histories


def places_of(periods: Sequence[Funnel], pair: tuple[str, str]) -> tuple[int, int]:
    """Which periods a pair names; refused where there is none of that name."""
    names = [funnel.period or "" for funnel in periods]
    places = []
    for name in pair:
        place = find_name(name, names)
        if place is None:
            raise console.Refused(f"no period is called {quoted(name)}", did_you_mean(name, names) or "check the name")
        places.append(place)
    return places[0], places[1]


def _versions(file: str, since: str | None) -> list[_Read]:
    """The versions of a file, the oldest first, the work tree last where it differs."""
    at = load.at_revision(file)
    in_index = at is not None and not at.revision.strip(":0")
    if at is not None and not in_index and not at.revision.strip(":123"):
        raise console.Refused(f"{file} is a side of a merge, which has no history", f"name the file: {here(at)}")
    path = reading.path_of_disk(file) if at is None else reading.full_path(at.path)
    revision = "HEAD" if at is None or in_index else at.revision
    told = commits(path, revision)
    if not told:
        load.read_bytes(file, file)  # says what is wrong with the name
        raise console.Refused(f"{file} is in no commit yet, and has no history", "commit it: git add, git commit")
    newest = told[-1].data
    told = told if since is None else _since(told, since, revision)
    versions = [
        _Read(each.short, each.date, _reading(AtRevision(each.short, each.path).name, each.data)) for each in told
    ]
    if at is None or in_index:
        data, _ = load.read_bytes(file, file)
        if data.replace(b"\r\n", b"\n") != newest.replace(b"\r\n", b"\n"):
            versions.append(_Read("", UNCOMMITTED, _reading(file, data)))
    return versions


def _reading(name: str, data: bytes) -> Reading:
    return load.with_defaults(load.of_revision(read(data, name)))


def _since(told: Sequence[Commit], since: str, revision: str) -> list[Commit]:
    """The commits from a day on; or those after a revision, and what the file was there."""
    if _DAY.fullmatch(since):
        return [each for each in told if each.date >= since]
    after = git.ask("rev-list", f"{git.resolve(since)}..{git.resolve(revision)}").out.decode().split()
    new = set(after)
    before = [each for each in told if each.hash not in new]
    return before[-1:] + [each for each in told if each.hash in new]


def _same(funnel: Funnel, others: Sequence[Funnel], *, alone: bool) -> Funnel | None:
    """The funnel of that name among those of a version; of files with one alone, that one, whatever its name."""
    if alone and len(others) == 1:
        return others[0]
    return next((each for each in others if fold(each.name) == fold(funnel.name)), None)


def _chosen(versions: Sequence[Version], segments: Sequence[tuple[str, str]]) -> tuple[list[Version], int]:
    """The versions with the segments in place of their funnels, and how many lack these."""
    if not segments:
        return [*versions], 0
    from funnelcli.analyses.chosen_segments import choose

    found = [(version, choose(version.funnel, segments)) for version in versions]
    if isinstance(newest := found[-1][1], Problem):
        console.problem(newest, versions[-1].funnel.name)
        return [], 0
    kept = [version._replace(funnel=own) for version, own in found if not isinstance(own, Problem)]
    return kept, len(found) - len(kept)


def _lacking(versions: int) -> Iterator[str]:
    """How many versions have no such segment."""
    if versions:
        yield f"note: {versions:,} version{' lacks' if versions == 1 else 's lack'} the segment: left out"


def _about(file: str, found: Sequence[_Read]) -> Iterator[str]:
    """What is to be said of the file's versions before any funnel of it."""
    if git.is_shallow():
        yield f"note: the history of {file} begins where this clone does: {git.FETCH}"
    broken = [each.called for each in found if not each.reading.funnels]
    if broken:
        yield f"note: left out, as the file was not sound then: {_some(broken)}"


def _told(periods: Periods) -> Iterator[str]:
    """How periods were told from the versions of a funnel, and what speaks against taking them for such."""
    newest = periods.funnels[-1]
    own = next((each.dimension for each in newest.breakdowns if is_time(each.dimension)), None)
    if own is not None:
        yield (
            f"note: {newest.name} has periods of its own, which compare --by {quote(own)} holds against each other; "
            "here each version is taken for a period by itself"
        )
    elif only_grows(periods):
        yield (
            "note: counts only grow from version to version: where they are added up, such as those of the year to "
            "date, they are no periods by themselves"
        )
    if periods.corrected:
        named = _some([f"{each.period} ({each.versions:,} versions)" for each in periods.corrected])
        yield f"note: counts that were corrected are taken as they were last: {named}"
    if periods.undone:
        yield f"note: left out, as the counts before came back: {_some(periods.undone)}"
    for period, other in periods.stale:
        yield f"note: {period} is left out: its counts are those of {other}, to the last one"
    if periods.other_stages:
        names = [each.period or "" for each in periods.other_stages]
        stages = ", ".join(periods.other_stages[-1].names)
        yield (
            f"note: left out, as the stages were others: {_some(names)}, last {stages}; --common compares those that "
            "all periods have"
        )


def _some(names: Sequence[str]) -> str:
    """Names in a sentence, the first few of many."""
    more = len(names) - MOST_NAMED
    return joined(names) if more < 2 else f"{', '.join(names[:MOST_NAMED])} and {more:,} more"
