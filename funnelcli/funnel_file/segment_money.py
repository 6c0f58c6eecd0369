"""Money that a funnel leaves out and its segments tell: the one place where it is put together."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.model import added, reduced

if TYPE_CHECKING:
    from funnelcli.model import Breakdown, Exact, Funnel


def with_money_of_segments(funnel: Funnel) -> Funnel:
    """The funnel with the budget, the average check and the gross margin that its segments tell where it has none.

    What the funnel states counts. Otherwise the first breakdown counts in which all segments have the key: their
    budgets are added up, their average checks are the mean by sales, their margins that by revenue. Where some
    segments lack a budget and no other breakdown is whole, there is no sum, and what is spent is not known.
    """
    if funnel.budget is None:
        funnel = _with_budget(funnel)
    if not funnel.money_stages and (whole := _first_whole(funnel, "average_check")) is not None:
        sale, stages = funnel.sale_stage, list(funnel.stages)
        check = _mean([(each.average_check or 0, each.counts[sale]) for each in whole.segments])
        stages[sale] = stages[sale]._replace(average_check=check)
        funnel = _told(funnel._replace(stages=tuple(stages)), "average_check", whole)
    if funnel.gross_margin is None and (whole := _first_whole(funnel, "gross_margin")) is not None:
        from funnelcli.analyses.economics import revenue
        from funnelcli.analyses.segments import segment_funnel

        incomes = [(each.gross_margin or 0, revenue(segment_funnel(funnel, each)) or 0) for each in whole.segments]
        funnel = _told(funnel._replace(gross_margin=_mean(incomes)), "gross_margin", whole)
    return funnel


def _with_budget(funnel: Funnel) -> Funnel:
    whole = _first_whole(funnel, "budget")
    if whole is not None:
        return _told(funnel._replace(budget=added(each.budget or 0 for each in whole.segments)), "budget", whole)
    for breakdown in funnel.breakdowns:
        lacking = tuple(each.name for each in breakdown.segments if each.budget is None)
        if len(lacking) < len(breakdown.segments):
            return funnel._replace(unbudgeted=lacking)
    return funnel


def _first_whole(funnel: Funnel, key: str) -> Breakdown | None:
    """The first breakdown in which every segment has a key."""
    for breakdown in funnel.breakdowns:
        if breakdown.segments and all(getattr(each, key) is not None for each in breakdown.segments):
            return breakdown
    return None


def _mean(pairs: list[tuple[Exact, Exact]]) -> Exact:
    """The mean of values by their weights; where all weights are 0, of each value alike."""
    weights = added(weight for _, weight in pairs)
    if not weights:
        return reduced(Fraction(added(value for value, _ in pairs), len(pairs)))
    return reduced(Fraction(added(value * weight for value, weight in pairs), weights))


def _told(funnel: Funnel, key: str, by: Breakdown) -> Funnel:
    return funnel._replace(derived=(*funnel.derived, (key, by.dimension)))
