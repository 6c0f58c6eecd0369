"""What `show` tells people of a funnel: its conversions, and the verdict on them that `bottleneck` has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.conversion import convert

if TYPE_CHECKING:
    from funnelcli.analyses.bottleneck import Bottleneck
    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.model import Funnel


class ShownFunnel(NamedTuple):
    """The conversion table, and which step holds the funnel back."""

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    conversion: FunnelConversion
    verdict: Bottleneck
    sales_called: str = "sales"


def summarise(funnel: Funnel, confidence: float = 0.95, segments: bool = False) -> ShownFunnel:
    """The summary of a funnel, with intervals of that confidence; with the `segments` that were measured."""
    verdict = find_bottleneck(funnel, None, confidence, looks_for_best=False)
    return ShownFunnel(**funnel.heading, conversion=convert(funnel, confidence, segments), verdict=verdict)
