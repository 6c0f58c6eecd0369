"""A funnel as it was, version after version: which versions are periods of it, and which only correct one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.common_stages import are_alike
from funnelcli.analyses.periods import order

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from funnelcli.model import Funnel


class Version(NamedTuple):
    """A funnel as it was: on which day, `2026-10-01`, and a mark that tells versions of one day apart."""

    funnel: Funnel
    day: str
    mark: str


class Corrected(NamedTuple):
    """A period whose counts stood in so many versions, of which the last is taken."""

    period: str
    versions: int


class Periods(NamedTuple):
    """The periods that versions tell, in their order: each a funnel with the name of the period as its `period`.

    Named are those that were corrected; days whose counts were undone by what was there before; pairs of a period and
    the one before or after it whose very counts it has, which is `stale` and left out; and periods of other stages than
    the newest, which are left out as well. `by_name` says that the names tell the order, else it is that of the
    versions.
    """

    funnels: tuple[Funnel, ...]
    corrected: tuple[Corrected, ...] = ()
    undone: tuple[str, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    other_stages: tuple[Funnel, ...] = ()
    by_name: bool = False


class _OfOnePeriod(NamedTuple):
    """The versions of one period: its name where the file has one, the first and the newest, and how many counts."""

    period: str | None
    first: Version
    newest: Version
    versions: int = 1
    is_renamed: bool = False

    def with_newer(self, version: Version) -> _OfOnePeriod:
        """The same period, after one more version."""
        is_new = _counts(self.newest.funnel) != _counts(version.funnel)
        return self._replace(newest=version, versions=self.versions + is_new)


def periods_of(versions: Sequence[Version], common: bool = False) -> Periods:
    """The periods of a funnel by its versions, the oldest first.

    A version whose counts are others than before is a period: the one that the file names, `period: 2026-10`, else that
    of its day. Several versions of one name correct it, and so does one that leaves the counts as they are. Counts
    that are set back to those before undo what lies between. Without `common`, periods are of the newest stages.
    """
    groups: list[_OfOnePeriod] = []
    undone = []
    for version in versions:
        period = version.funnel.period
        last = groups[-1] if groups else None
        same = last is not None and _counts(last.newest.funnel) == _counts(version.funnel)
        known = next((at for at, group in enumerate(groups) if period is not None and group.period == period), None)
        if known is not None:
            groups[known] = groups[known].with_newer(version)
        elif last is not None and same and (period is None or last.period is None):
            groups[-1] = last.with_newer(version)._replace(period=last.period or period)
        elif _undoes(groups, version):
            undone.append(groups.pop().first.day)
            groups[-1] = groups[-1].with_newer(version)
        else:
            groups.append(_OfOnePeriod(period, version, version, is_renamed=same))
    kept, stale = _without_stale(groups)
    funnels = [group.newest.funnel._replace(period=name) for group, name in zip(kept, _names(kept), strict=True)]
    corrected = [Corrected(each.period or "", group.versions) for group, each in zip(kept, funnels, strict=True)]
    places = order([group.period or "" for group in kept]) if all(group.period for group in kept) else None
    if places is not None:
        funnels = [funnels[place] for place in places]
    alike = funnels if common else [each for each in funnels if are_alike(each, funnels[-1])]
    return Periods(
        tuple(alike),
        tuple(each for each in corrected if each.versions > 1 and any(each.period == kept.period for kept in alike)),
        tuple(undone),
        tuple(stale),
        tuple(each for each in funnels if each not in alike),
        places is not None,
    )


FEWEST_GROWING = 4
"""Periods from which on it is no accident that none of their counts is lower than before."""


def only_grows(periods: Periods) -> bool:
    """Whether no count of any stage falls, as where they are added up; of periods that have no names in the file."""
    if periods.by_name or len(periods.funnels) < FEWEST_GROWING:
        return False
    rows = [[stage.count for stage in funnel.stages] for funnel in periods.funnels]
    return all(a <= b for before, after in pairwise(rows) for a, b in zip(before, after, strict=False))


def _counts(funnel: Funnel) -> Hashable:
    """What is another period where it is another: counts by stage; not their names, money, checks or segments."""
    return tuple((stage.count, stage.conversion, stage.open, stage.unknown) for stage in funnel.stages)


def _undoes(groups: Sequence[_OfOnePeriod], version: Version) -> bool:
    """Whether a version without the name of a period has the counts of the last but one, as after a revert."""
    if len(groups) < 2 or version.funnel.period or groups[-1].period or groups[-2].period:
        return False
    return _counts(groups[-2].newest.funnel) == _counts(version.funnel)


def _without_stale(groups: Sequence[_OfOnePeriod]) -> tuple[list[_OfOnePeriod], list[tuple[str, str]]]:
    """The periods without those that have the very counts of another, as the file was only called otherwise.

    The newest has not been counted yet; of two in the past, the earlier name was a mistake.
    """
    kept: list[_OfOnePeriod] = []
    stale = []
    for place, group in enumerate(groups):
        before = kept[-1] if kept else None
        if before is None or not group.is_renamed or _counts(before.newest.funnel) != _counts(group.newest.funnel):
            kept.append(group)
        elif place == len(groups) - 1:
            stale.append((group.period or "", before.period or ""))
        else:
            kept[-1] = group
            stale.append((before.period or "", group.period or ""))
    return kept, stale


def _names(groups: Sequence[_OfOnePeriod]) -> list[str]:
    """What periods are called: as the file says, else by their day, with the mark where several are of one day."""
    plain = [group.period or group.first.day for group in groups]
    return [
        f"{name} {group.first.mark}" if group.period is None and plain.count(name) > 1 else name
        for group, name in zip(groups, plain, strict=True)
    ]
