"""What the entries that are counted bring in the end: what has come, and what is expected of those still open.

Another question is what a period like this brings on average (`earning`): that of periods yet to come, whose rates are
those of this one, uncertain as they are. What has come already is no part of it, so that it may lie below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses import economics
from funnelcli.analyses.arrivals import arrivals
from funnelcli.analyses.ends import base_is_end, base_of, unmet_on_the_way
from funnelcli.analyses.on_their_way import curve_to_sale, with_chance
from funnelcli.exact import Exact, added

if TYPE_CHECKING:
    from funnelcli.model import Funnel


def money_in_the_end(funnel: Funnel) -> Exact | None:
    """The revenue so far with what `forecast` expects of the open units, which draws where it may lie.

    Where the ends of the stages are known, it is that of their counts: `forecast` leaves out what measured entries
    bring before the sale. `None` where nothing is open, nothing brings money, no event met a stage on the way, or
    measured entries were not followed for their whole window.
    """
    revenue = economics.revenue(funnel)
    if revenue is None or not (funnel.open_at or funnel.awaits) or unmet_on_the_way(funnel):
        return None
    if base_is_end(funnel):
        return economics.revenue(base_of(funnel))
    curve = curve_to_sale(funnel)
    if curve is not None:
        end = funnel.eventual(funnel.sale_stage)
        if end is not None and end.conversion is None:
            return None
        funnel = with_chance(funnel, curve)
    if all(stage.open is None for stage in funnel.stages):
        return None
    return added([revenue, *(each.money for each in arrivals(funnel))])
