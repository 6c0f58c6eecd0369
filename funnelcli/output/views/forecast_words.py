"""Words and figures that the parts of a forecast share: the horizon, the money, and where open units are."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.output.document import Column
from funnelcli.output.numbers import text
from funnelcli.output.views.building import whole_figure

if TYPE_CHECKING:
    from funnelcli.analyses.forecast import Forecast

ON_THEIR_WAY = "On their way"


def in_the_end(result: Forecast) -> str:
    """The end, or how far it is known."""
    if result.followed_days is None:
        return "in the end"
    return f"within {text(result.followed_days, 'duration')} of entry"


def by_then(result: Forecast) -> str:
    """The horizon in words: every range and every goal has it."""
    if result.until is not None:
        return f"by {result.until}"
    if result.within_days is None:
        return in_the_end(result)
    return f"within {text(result.within_days, 'duration')}{f' of {result.since}' if result.since else ''}"


def in_money(value: Any, result: Forecast) -> str:
    """An expected amount in the currency, whole where that is precise enough."""
    return text(whole_figure(value), "money", result.currency)


def grows(result: Forecast) -> bool:
    """Whether units grow on the way to the sale, so that what they bring is no chance."""
    pairs = [(each.close_chance, each.sales_per_open_unit) for each in result.stages]
    for segment in result.segments:
        pairs += zip(segment.close_chances.values(), segment.sales_per_open_unit.values(), strict=True)
    return any(chance is None and brings is not None for chance, brings in pairs)


def called(stage: str, result: Forecast) -> str:
    """Where open units are; of entries on their way nobody says how far they are, but that they are not at the sale."""
    return ON_THEIR_WAY if result.on_their_way else stage


def passing(result: Forecast) -> Column:
    """What an open unit brings: a chance, unless units grow on the way."""
    key = "sales_per_open_unit"
    if grows(result):
        return Column("Sales of\neach", key, "number")
    return Column("Chance to\nclose", "close_chance", "rate", attrgetter(key))
