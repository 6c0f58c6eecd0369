"""Whether funnels have the same stages, and the stages that all of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel


class Aligned(NamedTuple):
    """Funnels of the same stages, in the same order; of each, the stages that were left out for that."""

    funnels: Sequence[Funnel]
    left_out: Sequence[tuple[str, ...]]


def aligned(funnels: Sequence[Funnel], labels: Sequence[str], common: bool) -> Aligned | Problem:
    """The funnels, where their stages are the same; with `common`, of the stages that all of them have.

    Each of those comes from the nearest one above it. A `Problem` where their stages differ, or too few are common.
    """
    first = funnels[0]
    if all(_shape(other) == _shape(first) for other in funnels):
        return Aligned(funnels, [()] * len(funnels))
    lists = [funnel.names for funnel in funnels]
    shared = [name for name in first.names if all(find_name(name, other) is not None for other in lists)]
    if not common:
        return _different(funnels, labels, len(shared))
    if len(shared) < 2:
        return Problem(
            "FN112", "fewer than two stages are common to all funnels", f"their stages: {_listed(lists, labels)}"
        )
    reduced = [_reduced_to(funnel, shared) for funnel in funnels]
    if any(_shape(other) != _shape(reduced[0]) for other in reduced):
        return _different(reduced, labels, 0)
    return Aligned(reduced, [tuple(name for name in other if find_name(name, shared) is None) for other in lists])


def _shape(funnel: Funnel) -> list[tuple[str, int | None]]:
    return [(fold(stage.name), stage.parent) for stage in funnel.stages]


def _different(funnels: Sequence[Funnel], labels: Sequence[str], shared: int) -> Problem:
    lists = [funnel.names for funnel in funnels]
    if len({frozenset(map(fold, names)) for names in lists}) == 1:
        steps = [
            [f"{stage.name} from {each.names[stage.parent]}" for stage in each.stages if stage.parent is not None]
            for each in funnels
        ]
        return Problem(
            "FN112",
            f"the stages are the same and come from each other in another way: {_listed(steps, labels)}",
            "give them one order, and the same from",
        )
    cure = "--common compares the stages that all of them have" if shared >= 2 else "compare funnels of the same stages"
    return Problem("FN112", f"the funnels have different stages: {_listed(lists, labels)}", cure)


def _listed(lists: Sequence[Sequence[str]], labels: Sequence[str]) -> str:
    parts = (f"{quoted(label)} has {', '.join(names)}" for names, label in zip(lists, labels, strict=True))
    return "; ".join(dict.fromkeys(parts))


def _reduced_to(funnel: Funnel, names: Sequence[str]) -> Funnel:
    """The funnel with some of its stages, each coming from the nearest kept one above it; the first is the entry.

    Units that are open at a stage between two of them may still go on from the one to the other: they are open there.
    """
    kept = [index for index, stage in enumerate(funnel.stages) if find_name(stage.name, names) is not None]
    places = {old: new for new, old in enumerate(kept)}
    homes = _homes(funnel, kept)
    stages = []
    for new, old in enumerate(kept):
        # without an ancestor among the kept stages, it comes from the entry: counts can still be compared
        source = next((places[at] for at in funnel.path_to(old)[1:] if at in places), 0) if new else None
        stage = funnel.stages[old]._replace(parent=source, conversion=None)
        more = sum(funnel.stages[at].open or 0 for at in homes[old])
        stages.append(stage._replace(open=(stage.open or 0) + more, open_amounts=()) if more else stage)
    breakdowns = tuple(
        breakdown._replace(
            segments=tuple(
                each._replace(
                    counts=tuple(each.counts[old] for old in kept),
                    open=tuple(sum(each.open[at] for at in (old, *homes[old])) for old in kept if each.open),
                )
                for each in breakdown.segments
            )
        )
        for breakdown in funnel.breakdowns
    )
    return funnel._replace(stages=tuple(stages), breakdowns=breakdowns, referral=None)


def _homes(funnel: Funnel, kept: Sequence[int]) -> dict[int, list[int]]:
    """For each kept stage the others below it that lie on the way to a next one."""
    homes: dict[int, list[int]] = {old: [] for old in kept}
    on_the_way = {at for old in kept for at in funnel.path_to(old)}
    for at in sorted(on_the_way.difference(kept)):
        above = next((each for each in funnel.path_to(at) if each in homes), None)
        if above is not None:
            homes[above].append(at)
    return homes
