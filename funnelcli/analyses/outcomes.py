"""A funnel's units and money as nodes and amounts: what `simulate` draws, and what `economics` is uncertain about."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.analyses import economics
from funnelcli.analyses.ends import base_of, telling
from funnelcli.analyses.flows import Amount, Node, Price
from funnelcli.analyses.rates import rate_in_the_end, with_variation
from funnelcli.analyses.rules import figure_of
from funnelcli.analyses.variation import rate_variation
from funnelcli.stats.skewed import Cumulants, lognormal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel
    from funnelcli.what_if import Change

AS_COUNTED, IN_THE_LONG_RUN, NEXT_PERIOD = range(3)
"""How often rates that vary from period to period have strayed from what the counts tell of them."""
UNSURE = 6.0
"""How much larger the variance of a check is taken where one to three sales tell it; four make it 5 times as large."""


def flow(
    funnel: Funnel, projected: Funnel, changes: Sequence[tuple[Selector, Change]], strayed: int = AS_COUNTED
) -> list[Node]:
    """The stages as nodes: entries are certain, each other stage is fed by the one it comes from.

    Changes of a rate or a count move the step's own rate; what a projection brings beside that, such as units of a
    referral, joins the stage for sure. Rates that vary from period to period strayed once when they were counted, so
    that less is known of them `IN_THE_LONG_RUN`, and stray once more in the `NEXT_PERIOD`, as long as they; a rate that
    is stated or set strays only there. The `projected` funnel is one after changes of its `base_of`, and the samples
    are those that tell of that.
    """
    nodes, moved = [], [(figure_of(funnel, selector), change) for selector, change in changes]
    told_by, funnel = telling(funnel), base_of(funnel)
    for index, (stage, after) in enumerate(zip(funnel.stages, projected.stages, strict=True)):
        origin = funnel.origin(index)
        own = [(figure.metric, change) for figure, change in moved if figure.at == index]
        if any(metric == "conversion" for metric, _ in own):
            origin = stage.parent  # units that came past an empty stage come from it now
        if stage.parent is None or origin is None:
            nodes.append(Node(float(after.count)))
            continue
        rate, known = rate_in_the_end(told_by, index), Fraction(funnel.conversion(index) or 0)
        varies = rate_variation(told_by, index, origin) if strayed else 0.0
        has_sample = stage.conversion is None and not rate.is_certain
        rate = with_variation(rate, varies * math.sqrt(strayed if has_sample else max(0, strayed - 1)))
        if origin != stage.parent:
            known = Fraction(stage.count) / funnel.stages[origin].count
        added: Exact = 0
        for metric, change in own:
            factor, shift = change.factor or 0, change.shift
            if metric == "conversion":
                rate, known = rate.changed(factor, shift), known * factor + shift
            elif metric == "count":
                rate, known, added = rate.changed(factor, 0), known * factor, added * factor + shift
        if rate.is_certain and strayed == NEXT_PERIOD:  # it is set, and varies about that
            rate = with_variation(rate, varies)
        added += after.count - (known * projected.stages[origin].count + added)
        nodes.append(Node(float(added), ((origin, rate),)))
    return nodes


def prices_of(funnel: Funnel, projected: Funnel, changes: Sequence[tuple[Selector, Change]] = ()) -> tuple[Price, ...]:
    """The average checks whose spread is known, as they are drawn: wider where few sales tell how wide they are.

    A deviation of n sales is uncertain itself. Student's t allows for that with a variance of (n - 1) / (n - 3), where
    amounts are normal; those of money are skewed, and their deviation is told less well: (n + 1) / (n - 3) is what the
    calibration of the next period asks for. Up to three sales there is none, and `UNSURE` stands in its place.
    """
    found = []
    for price in check_spreads(funnel, projected, changes):
        sales, times = funnel.stages[price.node].check_units, 1.0
        if sales is not None:
            times = math.sqrt((sales + 1) / (sales - 3) if sales > 3 else UNSURE)
        found.append(price._replace(error=times * price.error, deviation=times * price.deviation))
    return tuple(found)


def check_spreads(
    funnel: Funnel, projected: Funnel, changes: Sequence[tuple[Selector, Change]] = ()
) -> tuple[Price, ...]:
    """The average checks whose spread is known, after the changes, which leave it in proportion.

    The mean of as many checks as were counted has a standard error of deviation / root of their number; a check that
    segments share was counted in all of them. It is certain where it is set, and taken as certain where the count is no
    sample: a share, or one that follows from a stated rate.
    """
    found = []
    for index, (stage, after) in enumerate(zip(funnel.stages, projected.stages, strict=True)):
        mean = after.average_order_value
        if not stage.average_check_sd or not stage.average_order_value or not mean:
            continue
        deviation = float(stage.average_check_sd) / float(stage.average_order_value) * float(mean)
        error, units = 0.0, stage.check_units
        if units is not None and not _sets_check(funnel, index, changes):
            error = deviation / math.sqrt(max(1, units))
        found.append(Price(index, float(mean), error, deviation))
    return tuple(found)


def _sets_check(funnel: Funnel, index: int, changes: Sequence[tuple[Selector, Change]]) -> bool:
    """Whether a change gives the average check of a stage itself."""
    return any(
        change.sets and selector.metric.name == "average_check" and selector.stage in (funnel.stages[index].name, None)
        for selector, change in changes
    )


def amounts_of(funnel: Funnel, sale: int, prices: Sequence[Price] = ()) -> dict[str, Amount]:
    """The metrics as weights of the stages and of the prices; those that the funnel does not have are left out."""
    stages, spread = funnel.stages, {price.node for price in prices}
    none = (0.0,) * len(prices)
    amounts = {"sales": Amount(tuple(float(index == sale) for index in range(len(stages))), 0.0, none)}
    checks = [Fraction(0 if index in spread else stage.average_order_value or 0) for index, stage in enumerate(stages)]
    if economics.revenue(funnel) is not None:
        amounts["revenue"] = Amount(tuple(map(float, checks)), 0.0, (1.0,) * len(prices))
    if economics.profit(funnel) is not None:
        part = economics.margin(funnel)
        worth = (float(check * part - (stage.cost or 0)) for check, stage in zip(checks, stages, strict=True))
        amounts["profit"] = Amount(tuple(worth), -float(funnel.budget or 0), (float(part),) * len(prices))
    return amounts


def lasting_amount(nodes: Sequence[Node], amount: Amount, prices: Sequence[Price]) -> Cumulants:
    """An amount of a tree of nodes, each fed by one before it: what a unit of a node is worth is known from its end.

    Each rate and each price is met once on the way, so that all terms are independent.
    """
    worth = [Cumulants(weight) for weight in amount.weights]
    for price, weight in zip(prices, amount.prices, strict=True):
        worth[price.node] = worth[price.node].plus(lognormal(price.mean, price.error).scaled(weight))
    total = Cumulants(amount.constant)
    for index in range(len(nodes) - 1, -1, -1):
        for origin, rate in nodes[index].inflows:
            worth[origin] = worth[origin].plus(rate.cumulants().times(worth[index]))
        if nodes[index].units:
            total = total.plus(worth[index].scaled(nodes[index].units))
    return total
