"""Where an amount of measured entries lies in the end, when what has come stays and what is still to come is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.arrivals import ArrivalTimes
from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.figures import figure, index_of
from funnelcli.analyses.on_their_way import with_open_entries
from funnelcli.analyses.open_units import drawn
from funnelcli.stats.draws import central
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel

PERCENT = 95
"""How sure an amount lies within its range."""


class AmountInTheEnd(NamedTuple):
    """What is expected of an amount when all windows are over, and its 95% range."""

    expected: Exact
    low: float
    high: float


def amount_in_the_end(funnel: Funnel, selector: Selector) -> AmountInTheEnd | None:
    """Of sales, and of the revenue and the profit that they bring alone; `None` for others, and where no end is known.

    It is drawn as `forecast` does. A profit is told where no stage has a cost.
    """
    metric, sale = selector.metric.name, funnel.sale_stage
    is_sales = metric in ("sales", "count") and index_of(funnel, selector) == sale
    of_all = selector.stage is None or index_of(funnel, selector) == sale
    brings = metric in ("revenue", "profit") and funnel.money_stages == (sale,) and of_all
    if metric == "profit" and any(stage.cost for stage in funnel.stages):
        return None
    opened = with_open_entries(funnel) if (is_sales or brings) and base_is_end(funnel) else None
    expected, now = (figure(each, selector) for each in (base_of(funnel), funnel))
    if opened is None or expected is None or now is None:
        return None
    draws = drawn(opened, None, ArrivalTimes(opened), DEFAULT_DRAWS, DEFAULT_SEED)["sales" if is_sales else "revenue"]
    kept = float(economics.margin(funnel)) if metric == "profit" else 1.0
    low, high = (float(now) + kept * end for end in central(draws, PERCENT))
    return AmountInTheEnd(expected, low, high)
