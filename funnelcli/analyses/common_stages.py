"""Whether funnels have the same stages, and the stages that all of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.fewer_stages import reduced_to
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
    reduced = [
        reduced_to(funnel, [at for at, name in enumerate(funnel.names) if find_name(name, shared) is not None])
        for funnel in funnels
    ]
    if any(_shape(other) != _shape(reduced[0]) for other in reduced):
        return _different(reduced, labels, 0)
    return Aligned(reduced, [tuple(name for name in other if find_name(name, shared) is None) for other in lists])


def are_alike(funnel: Funnel, other: Funnel) -> bool:
    """Whether two funnels have the same stages, which come from each other in the same way."""
    return _shape(funnel) == _shape(other)


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
