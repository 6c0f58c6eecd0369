"""What a sale brings in the end, where the amounts of open units are known: those that become sales bring their own.

So the money of the counts and the money that open units are forecast to bring add up to that of the end.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.analyses.arrivals import arrivals
from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.analyses.rules import remembered
from funnelcli.diagnostics import decimal_text
from funnelcli.exact import Exact, added, reduced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.model import Funnel


@remembered
def with_open_money(funnel: Funnel) -> Funnel:
    """The funnel with the average check of the sales so far and of those that are expected of its open units.

    So where sales to come of a segment bring what those of all tell. Its deviation is that of both together. The funnel
    itself where no amounts are known, or nothing is expected.
    """
    at = funnel.sale_stage
    sale = funnel.stages[at]
    if sale.money_to_come is not None:
        price = base_of(funnel).stages[at]._asdict() if base_is_end(funnel) else sale._asdict()
        told = {key: price[key] for key in ("average_check", "average_check_sd", "check_of")}
        ended = sale._replace(**told, money_to_come=None)
        return funnel._replace(stages=(*funnel.stages[:at], ended, *funnel.stages[at + 1 :]))
    now, sd = sale.average_order_value, sale.average_check_sd
    if now is None or sale.unknown or not funnel.sells_open:
        return funnel
    coming = [each for each in arrivals(funnel) if each.at == at and each.units]
    units = added((sale.count, *(each.units for each in coming)))
    if not units:
        return funnel
    mean = Fraction(added((sale.count * now, *(each.money for each in coming)))) / units
    if mean == now:
        return funnel
    spread: Exact | None = None
    if sd is not None:
        plain = Fraction(now) ** 2 + Fraction(sd) ** 2
        squares = sale.count * plain + sum(each.units * (_square(funnel, each.origin) or plain) for each in coming)
        spread = Fraction(f"{math.sqrt(max(Fraction(0), squares / units - mean**2)):.9g}")
    ended = sale._replace(average_check=reduced(mean), average_check_sd=spread, revenue=None)
    return funnel._replace(stages=(*funnel.stages[:at], ended, *funnel.stages[at + 1 :]))


def _square(funnel: Funnel, origin: int) -> Fraction | None:
    """The mean square of the amounts of a stage's open units."""
    amounts = open_amounts(funnel, origin)
    return None if amounts is None else amounts.square


def check_in_the_end(funnel: Funnel) -> Exact | None:
    """The average check in the end; `None` where open units leave it as it is."""
    ended = with_open_money(funnel)
    check = ended.stages[ended.sale_stage].average_check
    return None if ended is funnel or check == funnel.stages[ended.sale_stage].average_order_value else check


def open_money_taken(funnel: Funnel) -> Iterator[str]:
    """That those open bring their own amounts, in one clause."""
    check = check_in_the_end(funnel)
    if check is not None and funnel.sells_open:
        now = funnel.stages[funnel.sale_stage].average_order_value
        ended, counted = (decimal_text(round(Fraction(each or 0), 2)) for each in (check, now))
        yield f"those open bring their own amounts, so that the average check is {ended} in the end, {counted} so far"
