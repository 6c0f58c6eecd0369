"""Money that a funnel leaves out and its segments tell: the one place where it is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.model import added, ratio

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
        sale = funnel.sale_stage
        check = _mean([(each.average_check or 0, each.counts[sale]) for each in whole.segments])
        if check is not None:
            stages = list(funnel.stages)
            stages[sale] = stages[sale]._replace(average_check=check)
            funnel = _told(funnel._replace(stages=tuple(stages)), "average_check", whole)
    if funnel.gross_margin is None and (whole := _first_whole(funnel, "gross_margin")) is not None:
        from funnelcli.analyses.economics import revenue
        from funnelcli.analyses.segments import segment_funnel

        incomes = [revenue(segment_funnel(funnel, each)) or 0 for each in whole.segments]
        margins = [each.gross_margin or 0 for each in whole.segments]
        margin = _mean(list(zip(margins, incomes, strict=True)))
        if margin is not None:
            funnel = _told(funnel._replace(gross_margin=margin), "gross_margin", whole)
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


def _mean(pairs: list[tuple[Exact, Exact]]) -> Exact | None:
    """The mean of values by weights; `None` where all weights are 0."""
    return ratio(added(value * weight for value, weight in pairs), added(weight for _, weight in pairs))


def _told(funnel: Funnel, key: str, by: Breakdown) -> Funnel:
    return funnel._replace(derived=(*funnel.derived, (key, by.dimension)))
