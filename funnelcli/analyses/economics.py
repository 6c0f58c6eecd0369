"""Money of a funnel: revenue, variable cost, profit, unit margin. Exact; `None` where the file does not say enough."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.rules import Exactly, Figure, Program, Rules, money_rules, recorded, referral_rate, remembered
from funnelcli.exact import Exact, plus, ratio, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.model import Funnel

MOST_NAMED = 12
"""Segments that a sentence lists."""


def money_rules_of(funnel: Funnel) -> Rules:
    """The rules of the money that a funnel has."""
    return _program_of(funnel, funnel.sale_stage).rules


@lru_cache(maxsize=64)
def _program(*parts: Any) -> Program:
    return Program(money_rules(*parts))


def _program_of(funnel: Funnel, sale: int | None) -> Program:
    costly = tuple(index for index, stage in enumerate(funnel.stages) if stage.cost is not None)
    sale = funnel.sale_stage if sale is None else sale
    spends, unsummed = funnel.budget is not None, bool(funnel.unbudgeted)
    return _program(funnel.money_stages, costly, spends, unsummed, sale, funnel.subtree(sale))


class _Money(Exactly):
    """The money of a funnel, as it is."""

    def __init__(self, funnel: Funnel, sale: int | None = None) -> None:
        super().__init__(_program_of(funnel, sale))
        self.funnel = funnel

    def given(self, figure: Figure) -> Exact | None:
        return recorded(self.funnel, figure)

    def of(self, metric: str, at: int = 0) -> Exact | None:
        """A figure; `None` where the funnel does not say enough."""
        figure = Figure(metric, at)
        return self.figure(figure) if figure in self.program.rules else None


_money = remembered(_Money)


def money(funnel: Funnel, metric: str) -> Exact | None:
    """A figure of the whole funnel by the rules of money; `None` where the funnel does not say enough.

    A margin that is not given counts as 100%.
    """
    return _money(funnel).of(metric)


def stage_revenue(funnel: Funnel, index: int) -> Exact | None:
    """Units x average check; `None` for a stage that brings no money, or whose units cannot be told."""
    if not funnel.stages[index].brings_money:  # thousands of segments are asked
        return None
    return _money(funnel).of("stage_revenue", index)


def revenue(funnel: Funnel) -> Exact | None:
    """Sum over stages of units x average check; `None` when no stage brings money, or one cannot be told."""
    return _money(funnel).of("revenue") if funnel.money_stages else None


def costs_known(funnel: Funnel) -> bool:
    """Whether the file says anything about costs, without which a profit would only repeat the revenue."""
    return (
        funnel.budget is not None
        or funnel.gross_margin is not None
        or any(stage.cost is not None for stage in funnel.stages)
        or bool(funnel.unbudgeted)
    )


def costs_told(funnel: Funnel) -> bool:
    """Whether the units of all stages that cost something can be told."""
    return not any(stage.unknown and stage.cost for stage in funnel.stages)


def profit(funnel: Funnel) -> Exact | None:
    """Gross profit - budget; `None` without money, without any known cost, and where an unknown sum is spent."""
    return _money(funnel).of("profit")


def sources(funnel: Funnel) -> Iterator[str]:
    """Where money comes from that the file states of segments alone, and why there is none, one clause each."""
    for key, dimension in funnel.derived:
        yield f"{_SOURCES[key]} by {dimension}"
    if funnel.unbudgeted:
        yield no_sum(funnel)


def assumptions(funnel: Funnel, of_margin: bool) -> Iterator[str]:
    """What money takes for granted, one clause each: the margin, in figures that have it in them, and its sources."""
    if of_margin and funnel.gross_margin is None:
        yield FULL_MARGIN
    yield from sources(funnel)


def share_taken(funnel: Funnel) -> Iterator[str]:
    """What a moved average check takes for granted of the cost of goods, where the margin is a part of the price."""
    if funnel.money_stages and funnel.gross_margin is not None and 0 < funnel.gross_margin < 1:
        yield (
            f"gross margin stays {float(100 * funnel.gross_margin):.4g}%: a higher price raises the cost of goods with "
            "it (a cost that does not: cost: at the stage)"
        )


FULL_MARGIN = "margin not given: revenue counts in full (gross margin 100%)"
_SOURCES = {
    "budget": "the budget is the sum of those",
    "average_check": "the average check is the mean of those",
    "gross_margin": "the gross margin is the mean of those",
}


def no_sum(funnel: Funnel) -> str:
    """Why the budget is not known, and what makes it known."""
    if len(funnel.chosen) > 1:
        of = " and ".join(name for _, name in funnel.chosen)
        return f"what is spent on {of} at once is not known: a budget is of a segment of one dimension"
    if funnel.chosen:
        ((dimension, name),) = funnel.chosen
        own = f"{dimension} {name} has no budget of its own, and that of the funnel is not split by {dimension}"
        return f"{own} (budget: at {name}, 0 where nothing is spent)"
    return f"no sum of budgets, so no profit: {named(funnel.unbudgeted)} without one (budget: 0 where nothing is spent)"


def named(segments: Sequence[str]) -> str:
    """Segments as a sentence lists them: the first ones of many."""
    return ", ".join(segments[:MOST_NAMED]) + (", …" if len(segments) > MOST_NAMED else "")


def money_moved(funnel: Funnel) -> bool:
    """Whether anything was spent or earned; without that there is nothing to judge."""
    return any((funnel.budget, revenue(funnel), money(funnel, "variable_cost")))


def margin(funnel: Funnel) -> Exact:
    """The gross margin, or the 100% that is assumed without one."""
    return 1 if funnel.gross_margin is None else funnel.gross_margin


def unit_margin(funnel: Funnel, sale: int) -> Exact | None:
    """What one more sale leaves: average check x gross margin - variable cost spent per sale.

    A sale is a unit at the stage of index `sale`, counted with the repeat sales that follow it. The cost of reaching it
    is left out, because a better conversion saves it; what is below 0 here, no conversion makes pay. `None` without a
    check or a cost, or without a sale.
    """
    if any(funnel.stages[index].unknown for index in funnel.subtree(sale)):
        return None
    return _Money(funnel, sale).of("unit_margin")


def worth(funnel: Funnel) -> list[Exact | None]:
    """Gross profit that one unit of each stage brings in the end, at the conversions as they are.

    Its own check and cost, and what becomes of it at the stages that follow it. `None` where a conversion on the way to
    money or costs is unknown.
    """
    own = own_worth(funnel)
    known: list[Exact | None] = [*own]
    for index in range(len(own) - 1, 0, -1):
        parent, origin, left = funnel.stages[index].parent, funnel.origin(index), known[index]
        assert parent is not None
        if left is not None and not left:
            continue
        if origin is not None and origin != parent:  # past the empty stage: what would come out of that is unknown
            known[origin] = plus(
                known[origin], times(ratio(funnel.stages[index].count, funnel.stages[origin].count), left)
            )
        if origin != parent:
            known[parent] = None
        else:
            known[parent] = plus(known[parent], times(funnel.conversion(index), left))
    return known


def own_worth(funnel: Funnel) -> list[Exact]:
    """Gross profit that one unit of each stage brings there."""
    part = margin(funnel)
    return [(stage.average_order_value or 0) * part - (stage.cost or 0) for stage in funnel.stages]


def never_pays(funnel: Funnel) -> bool:
    """Whether no conversions whatever bring a profit: a unit of no stage but the first leaves anything.

    Stages where nobody is yet count as well: they may be what pays.
    """
    entry, *others = own_worth(funnel)
    return all(left <= 0 for left in others) and funnel.stages[0].count * entry <= (funnel.budget or 0)


def value_per(funnel: Funnel, index: int) -> Exact | None:
    """Revenue per unit at a stage: the value of a lead, of a click; `None` without money or at an empty stage."""
    return ratio(revenue(funnel), funnel.stages[index].units)


def cost_per(funnel: Funnel, index: int) -> Exact | None:
    """Budget per unit at a stage (CPC, CPL, CAC by its role); `None` without a budget or at an empty stage."""
    return ratio(funnel.budget, funnel.stages[index].units)


def referral_multiplier(funnel: Funnel) -> Exact | None:
    """How many units one new unit makes in the end, 1 / (1 - k); `None` without k, and from k = 1 on: no bound."""
    k = referral_rate(funnel)
    return None if k is None or k >= 1 else ratio(1, 1 - k)
