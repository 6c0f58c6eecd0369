"""What a funnel is held against: its targets, a baseline's conversions, or the best segment of a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.conversion import step_bounds
from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Exact, Funnel


class Reference(NamedTuple):
    """Step conversions to reach, by the index of the stage; `kind` is `target`, `baseline`, `segment` or `none`.

    `sources` names the segment that each rate is taken from.
    """

    kind: str
    rates: dict[int, Exact]
    sources: dict[int, str]


def targets(funnel: Funnel) -> Reference:
    """The targets of the file."""
    rates = {
        index: stage.target
        for index, stage in enumerate(funnel.stages)
        if stage.target is not None and stage.parent is not None
    }
    return Reference("target" if rates else "none", rates, {})


def of_baseline(funnel: Funnel, baseline: Funnel) -> Reference:
    """The baseline's conversions at the funnel's stages of the same name."""
    names = baseline.names
    rates = {}
    for index, stage in enumerate(funnel.stages):
        known = find_name(stage.name, names)
        rate = None if known is None else baseline.conversion(known)
        if stage.parent is not None and rate is not None:
            rates[index] = rate
    return Reference("baseline" if rates else "none", rates, {})


def best_segment(funnel: Funnel, dimension: str, confidence: float = 0.95) -> Reference | Problem:
    """For each step the best conversion of a dimension's segments, where it is more than luck.

    The best of many looks better than it is, and falls back (regression to the mean): a segment counts only when the
    lower bound of its Wilson interval is above the conversion of the whole funnel.
    """
    from funnelcli.analyses.segments import find_breakdown, segment_funnel

    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    parts = [segment_funnel(funnel, segment) for segment in breakdown.segments]
    rates: dict[int, Exact] = {}
    sources: dict[int, str] = {}
    for index in sorted(funnel.on_the_way):
        whole = funnel.conversion(index)
        if whole is None:
            continue
        for part in parts:
            rate, (low, _) = part.conversion(index), step_bounds(part, index, confidence)
            if rate is not None and low is not None and low > whole and rate > rates.get(index, 0):
                rates[index], sources[index] = rate, part.name
    if not rates:
        return Problem(
            "FN102",
            f"no segment of {quoted(breakdown.dimension)} is better than the whole by more than chance",
            "compare against targets, or a longer period",
        )
    return Reference("segment", rates, sources)


def counterpart(funnel: Funnel, references: Sequence[Funnel]) -> Funnel | Problem:
    """The funnel of the baseline that is meant: the only one, or the one of the same name."""
    names = [each.name for each in references]
    index = 0 if len(names) == 1 else find_name(funnel.name, names)
    if index is None:
        return Problem(
            "FN102",
            f"the baseline has no funnel called {quoted(funnel.name)}",
            "name it alike, or choose with --funnel",
        )
    stages = references[index].names
    if not any(find_name(stage.name, stages) is not None for stage in funnel.stages[1:]):
        return Problem(
            "FN112",
            f"the baseline {quoted(names[index])} has none of the stages",
            f"its stages: {', '.join(map(quoted, stages))}",
        )
    return references[index]
