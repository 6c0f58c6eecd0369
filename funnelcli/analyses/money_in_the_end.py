"""What the entries that are counted bring in the end: what has come, and what is forecast of those still open.

Another question is what a period like this brings on average (`earning`): that of periods yet to come, whose rates are
those of this one, uncertain as they are. What has come already is no part of it, so that it may lie below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.forecast import forecast
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


class MoneyInTheEnd(NamedTuple):
    """The revenue that is expected in the end, and its 80% range; `None` where nothing is open, or it is not known."""

    revenue_eventual: Exact | None = None
    revenue_eventual_low: float | None = None
    revenue_eventual_high: float | None = None


def money_in_the_end(funnel: Funnel) -> MoneyInTheEnd:
    """The revenue so far with what `forecast` says of the open units, or of entries on their way."""
    revenue = economics.revenue(funnel)
    if revenue is None or not (funnel.open_at or funnel.awaits):
        return MoneyInTheEnd()
    coming = forecast(funnel)
    if isinstance(coming, Problem) or coming.expected_revenue is None:
        return MoneyInTheEnd()
    now = float(revenue)
    return MoneyInTheEnd(revenue + coming.expected_revenue, now + coming.low, now + coming.high)
