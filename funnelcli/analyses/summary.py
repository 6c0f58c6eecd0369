"""What `show` tells people of a funnel: its conversions, and the verdict on them that `bottleneck` has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.conversion import convert

if TYPE_CHECKING:
    from funnelcli.analyses.bottleneck import Bottleneck
    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


class ShownFunnel(NamedTuple):
    """The conversion table, which step holds the funnel back, and the profit of what is decided.

    It is in the currency of the funnel, as `economics` has it; `None` where that is not known, or not over.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    conversion: FunnelConversion
    verdict: Bottleneck
    profit: Exact | None = None
    sales_called: str = "sales"


def summarise(funnel: Funnel, confidence: float = 0.95, segments: bool = False) -> ShownFunnel:
    """The summary of a funnel, with intervals of that confidence; with the `segments` that were measured."""
    verdict = find_bottleneck(funnel, None, confidence, looks_for_best=False)
    result = convert(funnel, confidence, segments)
    profit = None if result.open_at or result.awaits else economics.profit(funnel)
    return ShownFunnel(**funnel.heading, conversion=result, verdict=verdict, profit=profit)
