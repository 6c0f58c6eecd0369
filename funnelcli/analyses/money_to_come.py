"""What a sale of a segment that is still to come brings: few sales that came early tell little of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.exact import added, reduced
from funnelcli.model import MoneyToCome

if TYPE_CHECKING:
    from funnelcli.model import Funnel


def money_to_come(funnel: Funnel, dimension: str | None) -> dict[str, MoneyToCome]:
    """By the segments of a dimension that have an average check of their own; empty where no entries are awaited.

    It is the funnel's, as far as the segments differ no more than chance lets them; else it is drawn to the segment's
    own by how much more they do (empirical Bayes; the variance between segments by DerSimonian and Laird, 1986). The
    deviation of a sale is that of all in proportion, since few sales tell none. Without one, checks are taken as
    stated.
    """
    breakdown = next((each for each in funnel.breakdowns if each.dimension == dimension), None)
    sale = funnel.stages[funnel.sale_stage]
    whole, sd = sale.average_order_value, sale.average_check_sd
    if breakdown is None or not funnel.awaits or not whole or not sd:
        return {}
    units = {each.name: each.counts[funnel.sale_stage] for each in breakdown.segments}
    checks = {each.name: each.average_check for each in breakdown.segments if each.average_check is not None}
    told = [(float(units[name]), float(check - whole)) for name, check in checks.items() if units[name]]
    ratio = _between(told, float(sd))
    found = {}
    for name, check in checks.items():
        own = Fraction(ratio * float(units[name]) / (1 + ratio * float(units[name])))
        mean = reduced(added([check * own, whole * (1 - own)]))
        known = sale.check_units if not own else max(1, int(units[name] / own))
        found[name] = MoneyToCome(mean, reduced(Fraction(sd) * mean / whole), known)
    return found


def _between(told: list[tuple[float, float]], sd: float) -> float:
    """The variance of the true checks of segments over that of a sale; each is told by so many sales, and so far off.

    Of the moments of the weighted squares: they come to one less than there are segments where all are one.
    """
    if len(told) < 2:
        return 0.0
    units = sum(number for number, _ in told)
    squares = sum(number * apart**2 for number, apart in told) / sd**2
    spread = units - sum(number**2 for number, _ in told) / units
    return max(0.0, (squares - (len(told) - 1)) / spread) if spread else 0.0
