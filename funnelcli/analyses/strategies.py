"""The three ways to more sales at equal effort: more entries, better conversions, more units at the key level."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.fewer_stages import OVERALL, step_of
from funnelcli.analyses.levers import ALL_CONVERSIONS, bought, difference
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, reduced
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.model import Funnel


class Strategy(NamedTuple):
    """One of the three ways to more sales, at the same effort f = 1 + effort.

    `expansion` brings f times the entries, and spends what they cost where a budget tells (`levers.bought`).
    `stretching` lifts all conversions on the way to the sale by one common factor so that each entry makes f times the
    sales, referrals aside: the n-th root of f for n steps; a rate that
    would pass 100% stops there and the others make up for it, and where they cannot, it is left out. `key level` brings
    f times the units to the stage, between the entry and the sale, with the best conversion onward. `selector` is what
    changes, by `factor` (the largest one of a stretching); `from_` and `to` are its units, where it is a count. Figures
    are `None` where they are unknown.
    """

    name: str
    selector: str
    factor: Exact
    from_: Exact | None
    to: Exact | None
    sales: Exact | None
    revenue: Exact | None
    profit: Exact | None
    sales_change: Exact | None
    revenue_change: Exact | None
    profit_change: Exact | None


def strategies(funnel: Funnel, factor: Fraction) -> Iterator[Strategy]:
    """The three ways to more sales, none without sales; the key level only where a stage has room for it."""
    if not funnel.stages[funnel.sale_stage].count:
        return
    way = funnel.path_to(funnel.sale_stage)[::-1]
    entries = funnel.stages[0].count
    yield _strategy(funnel, "expansion", bought(funnel, reduced(entries * factor)), entries, factor)
    lifts = _lifts(funnel, way[1:], factor)
    if lifts:
        changes = [_factor(step_of(funnel, index), lift) for index, lift in lifts.items()]
        yield _strategy(funnel, "stretching", changes, None, max(lifts.values()))
    key = _key_level(funnel, way, factor)
    if key is not None:
        stage = funnel.stages[key]
        yield _strategy(
            funnel, "key level", [_factor(Selector(METRICS["count"], stage.name), factor)], stage.count, factor
        )


def _lifts(funnel: Funnel, steps: Sequence[int], factor: Fraction) -> dict[int, Fraction]:
    """A factor for each step, alike, whose product is the whole factor; empty where no room is left for it.

    A step that would pass 100% goes to 100%, and the others share what is missing. The last of them takes the root's
    rounding, so that the product is exact.
    """
    rates = {index: Fraction(rate) for index in steps if (rate := funnel.conversion(index))}
    lifts: dict[int, Fraction] = {}
    missing = factor
    while len(lifts) < len(rates):
        free = [index for index in rates if index not in lifts]
        common = Fraction(float(missing) ** (1 / len(free)))
        full = [index for index in free if rates[index] * common > 1 and not funnel.stages[index].allow_growth]
        if not full:
            lifts |= dict.fromkeys(free, common)
            lifts[free[-1]] = missing / common ** (len(free) - 1)
            return lifts
        for index in full:
            lifts[index] = 1 / rates[index]
            missing /= lifts[index]
    return {}


def _key_level(funnel: Funnel, way: Sequence[int], factor: Fraction) -> int | None:
    """The stage between the entry and the sale with the best conversion onward, of those that have room."""
    onward: dict[int, Exact] = {}
    for index, following in pairwise(way[1:]):
        rate = funnel.conversion(index)
        has_room = rate and (rate * factor <= 1 or funnel.stages[index].allow_growth)
        if has_room and (best := funnel.conversion(following)):
            onward[index] = best
    return max(onward, key=onward.__getitem__, default=None)


def _factor(selector: Selector, factor: Fraction) -> tuple[Selector, Change]:
    return selector, Change(reduced(factor), 0, f"x{float(factor):.6g}")


def _strategy(
    funnel: Funnel, name: str, changes: list[tuple[Selector, Change]], units: Exact | None, factor: Exact
) -> Strategy:
    """A strategy's figures beside the funnel as it is."""
    outcome = apply(funnel, changes)
    after = None if isinstance(outcome, Problem) else outcome
    return Strategy(
        name=name,
        selector=ALL_CONVERSIONS
        if name == "stretching" and changes[-1][0].metric.name != OVERALL
        else str(changes[-1][0]),
        factor=factor,
        from_=units,
        to=None if units is None else reduced(units * factor),
        sales=None if after is None else after.stages[funnel.sale_stage].count,
        revenue=None if after is None else economics.revenue(after),
        profit=None if after is None else economics.profit(after),
        sales_change=difference(funnel, after, "sales"),
        revenue_change=difference(funnel, after, "revenue"),
        profit_change=difference(funnel, after, "profit"),
    )
