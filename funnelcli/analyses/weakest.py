"""The chance of each step to be the one that holds the funnel back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.headroom import MOST_TRIALS
from funnelcli.analyses.variation import effective_sample
from funnelcli.stats.beta import Candidate, posterior, prob_lowest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.analyses.headroom import Passing, Shortfall
    from funnelcli.model import Funnel
    from funnelcli.stats.beta import Scored
    from funnelcli.stats.gains import Growth, UncertainGrowth

MOST_CANDIDATES = 200
"""Steps up to which the chances are computed; no funnel that people read has more."""


def chances_of_lowest(funnel: Funnel, competing: Iterable[int]) -> dict[int, float]:
    """The chance of each competing step to have the lowest conversion; none at all when one of them has no sample."""
    candidates = {}
    for index in sorted(competing):
        conversion = funnel.conversion_decided(index)
        if conversion is None or conversion > 1:
            continue
        counts = effective_sample(funnel, index, decided=True)
        if counts is None or counts[1] > MOST_TRIALS:
            return {}
        candidates[index] = Candidate(*posterior(*counts))
    if not 1 < len(candidates) <= MOST_CANDIDATES:
        return {}
    return dict(zip(candidates, prob_lowest(tuple(candidates.values())), strict=True))


def chances_against(
    funnel: Funnel,
    gaps: Mapping[int, Shortfall | None],
    growths: Mapping[int, Growth | UncertainGrowth],
    through: Sequence[Passing],
) -> dict[int, float]:
    """The chance of each step with a reference to have the most to gain; none at all when one has no sample."""
    income = any(each.revenue for each in through)
    from funnelcli.stats.gains import Weighted

    candidates: dict[int, Scored] = {}
    dead: dict[int, float] = {}
    for index, gap in gaps.items():
        conversion = funnel.conversion_decided(index)
        if conversion is None:
            continue
        if gap is None:
            return {}
        weight = through[index].revenue if income else through[index].sales
        if weight and index in growths:
            candidates[index] = Weighted(growths[index], float(weight) * gap.share)
        elif gap.reference and not conversion:
            dead[index] = gap.chance
    if not candidates:  # nothing arrives: what lets nobody through is all there is to gain
        return dead
    if len(candidates) > MOST_CANDIDATES:
        return {}
    return dict(zip(candidates, prob_lowest(tuple(candidates.values())), strict=True))


def money_differs(held: Iterable[int], through: Sequence[Passing]) -> bool:
    """Whether the steps held against a reference have different money, or sales, behind them."""
    income = any(each.revenue for each in through)
    behind = (through[index].revenue if income else through[index].sales for index in held)
    return len({each for each in behind if each}) > 1
