"""Segments added up to one funnel, and where their figures do not add up to its own."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses import economics
from funnelcli.analyses.ends import without_ends
from funnelcli.exact import Exact, added, ratio, reduced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown


def total(funnel: Funnel, parts: Sequence[Funnel], name: str) -> Funnel:
    """Segments added up to one funnel: counts, budgets and revenues, not their averages; no sum where one lacks.

    So are their open units, where they say them.

    Where they have no sales yet, an average of theirs says untested: the funnel's own check and margin count.
    """
    stages = []
    for index, stage in enumerate(funnel.stages):
        count = added(part.stages[index].count for part in parts)
        paid = (part for part in parts if part.stages[index].brings_money)
        amounts = [amount for part in paid if (amount := economics.stage_revenue(part, index)) is not None]
        mean = ratio(added(amounts), count) if count else stage.average_order_value or 0
        check = mean if amounts and len(amounts) == len(parts) else None
        waiting = [part.stages[index].open for part in parts]
        if any(each is not None for each in waiting):
            amounts = [amount for part in parts for amount in part.stages[index].open_amounts]
            number = sum(each or 0 for each in waiting)
            known = tuple(amounts) if len(amounts) == number else stage.open_amounts if stage.open == number else ()
            stage = stage._replace(open=number, open_amounts=known)
        own = stage._replace(count=count, average_check=check, average_check_sd=deviation_of(parts, index, check))
        stages.append(own._replace(conversion=None, revenue=None))
    budgets = [part.budget for part in parts if part.budget is not None]
    whole = funnel._replace(
        name=name,
        stages=tuple(stages),
        budget=added(budgets) if budgets and len(budgets) == len(parts) else None,
        derived=(),
        unbudgeted=tuple(name for part in parts for name in part.unbudgeted),
    )
    incomes = [(economics.revenue(part) or 0, economics.margin(part)) for part in parts]
    kept = ratio(added(income * share for income, share in incomes), added(income for income, _ in incomes))
    if kept is not None and any(part.gross_margin is not None for part in parts):
        whole = whole._replace(gross_margin=kept)
    if any(stage.count != own.count for stage, own in zip(whole.stages, funnel.stages, strict=True)):
        whole = whole._replace(measured=without_ends(funnel.measured))
    return whole


def deviation_of(parts: Sequence[Funnel], index: int, mean: Exact | None) -> Exact | None:
    """The deviation of an average check of several segments together; `None` where one does not say its own."""
    stages = [part.stages[index] for part in parts if part.stages[index].count]
    if mean is None or not stages:
        return None
    squares: Exact = 0
    for stage in stages:
        if stage.average_check_sd is None:
            return None
        squares += stage.count * (stage.average_check_sd**2 + Fraction(stage.average_order_value or 0) ** 2)
    return reduced(Fraction(math.sqrt(max(0, squares / added(stage.count for stage in stages) - mean * mean))))


def once_each(funnel: Funnel, breakdown: Breakdown, whole: Funnel) -> Funnel:
    """All segments added up, with each unit once: those with entries in several segments count in each of them."""
    if not funnel.counted_again(breakdown):
        return whole
    pairs = zip(whole.stages, funnel.stages, strict=True)
    stages = tuple(stage._replace(count=own.count) for stage, own in pairs)
    return whole._replace(stages=stages, measured=funnel.measured)


def with_budget_of(funnel: Funnel, whole: Funnel) -> Funnel:
    """The sum of all segments with the budget of the funnel, which counts where theirs add up to another."""
    return whole._replace(budget=funnel.budget, derived=funnel.derived, unbudgeted=funnel.unbudgeted)


Cause: TypeAlias = Literal["no_amount", "checks"]
"""Why money does not add up though counts do: units without an amount, of which a segment has more than another, have
the mean of the others of the segment there, and that of all in the funnel; or checks were stated that do not fit."""


class Gap(NamedTuple):
    """A figure whose parts do not add up to the total: their sum, what the total has, and why, where that is known."""

    figure: str
    segments: Exact
    total: Exact
    cause: Cause | None = None


def cause_of_gap(funnel: Funnel, parts: Sequence[Funnel]) -> Cause | None:
    """Why the money of segments does not add up; `None` where their counts do not either, which is told by itself."""
    for index in funnel.money_stages:
        if added(part.stages[index].count for part in parts) != funnel.stages[index].count:
            return None
    if funnel.measured is not None and any(funnel.stages[index].amount for index in funnel.money_stages):
        return "no_amount"
    return "checks"


def gap(figure: str, parts: Sequence[Exact | None], total: Exact | None, cause: Cause | None = None) -> Iterator[Gap]:
    """The gap between parts that are all known and their total, where there is one.

    Less than half a cent a part is none: a mean that was rounded to be written makes that.
    """
    known = [part for part in parts if part is not None]
    near = Fraction(len(parts), 200)
    if total is not None and len(known) == len(parts) and not -near < added(known) - total < near:
        yield Gap(figure, added(known), total, cause)
