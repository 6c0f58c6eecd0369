"""The stages with open units: what each is expected to bring, by which conversions, and the chances by segment."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.arrivals import price
from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.losses import in_the_end, losing, told_by_days_lost
from funnelcli.exact import Exact, added, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.analyses.timeline import Expected
    from funnelcli.model import Breakdown, Funnel, Segment


class OpenStage(NamedTuple):
    """Units that sit in a stage now.

    `close_chance` is the chance that one of them becomes a sale in the end: the one that is stated, or the product of
    the conversions of the decided from here to the sale; `None` at the sale, after it, off the way to it, where a
    conversion is unknown, and where units grow on the way: `sales_per_open_unit` is that product, growth or not.
    `sales` and `weighted` are the sales and the money that they are expected to bring within the horizon, repeat sales
    included. `days` are the mean days from the stage to the sale, where its `close_within` does not tell them, and
    `in_time` the share of those who become a sale that do so within the horizon. `conversion_decided` is that of the
    step to this stage. `days_lost` is the mean time that losses are stated to take here, which the chance then follows
    from.
    """

    name: str
    open: int
    close_chance: Exact | None
    stated: bool
    weighted: Exact | None
    sales: Exact
    days: Exact | None
    sales_per_open_unit: Exact | None = None
    in_time: float | None = None
    conversion_decided: Exact | None = None
    days_lost: Exact | None = None


class DecidedStep(NamedTuple):
    """A step on the way to the sale: units of the stage it comes from, how many are open there, and went on.

    Where losses are stated to take `days_lost` there, `conversion_eventual` is that of all who come, in the end, and
    `conversion_open` that of those who are open.
    """

    name: str
    from_: str
    reached: Exact
    open: int
    went_on: Exact
    conversion: Exact | None
    conversion_decided: Exact | None
    days_lost: Exact | None = None
    conversion_eventual: Exact | None = None
    conversion_open: Exact | None = None


class SegmentChances(NamedTuple):
    """The chances to close by the conversions of one segment, and sales per open unit, by stage as in `OpenStage`.

    A chance that is stated is that of all segments. `open` are the segment's own units before the sale, where they are
    known, and `sales` and `weighted` what they bring in the end, each at the mean money of its stage.
    """

    name: str
    close_chances: dict[str, Exact | None]
    sales_per_open_unit: dict[str, Exact | None]
    open: int | None = None
    sales: Exact | None = None
    weighted: Exact | None = None


def open_stages(funnel: Funnel, expected: Expected, days: Exact | None, has_money: bool) -> Iterator[OpenStage]:
    """What the open units of each stage are expected to bring within so many days, in the end if that is `None`."""
    sale = funnel.sale_stage
    yields, grows = _sales_per_unit(funnel, funnel.conversion_decided)
    for index, stage in enumerate(funnel.stages):
        if stage.open is None:
            continue
        sales, money = expected.by(days, index)
        stated, before_sale = funnel.states_chance(index), index in funnel.path_to(sale)[1:]
        each_brings = stage.close_chance if stated else yields[index]
        yield OpenStage(
            stage.name,
            stage.open,
            None if grows[index] and not stated else each_brings,
            stated,
            money if has_money else None,
            sales,
            funnel.days_to(sale, index) if index in funnel.path_to(sale) and not stage.close_within else None,
            each_brings,
            expected.times.share(index, sale, days) if before_sale and days is not None else None,
            funnel.conversion_decided(index),
            stage.days_lost if told_by_days_lost(funnel, index) else None,
        )


def _sales_per_unit(funnel: Funnel, conversion: Callable[[int], Exact | None]) -> tuple[list[Exact | None], list[bool]]:
    """For each stage the product of the conversions from it to the sale, and whether units grow on that way.

    `conversion` is that of the decided: units that are open go on with what follows from it for them, and later with
    that of all who come. `None` where there is none. Where they grow, the product is no chance.
    """
    yields: list[Exact | None] = [None] * len(funnel.stages)
    grows = [False] * len(funnel.stages)
    product: Exact | None = 1
    growth = False
    for index in funnel.path_to(funnel.sale_stage)[:-1]:
        rate, parent = conversion(index), funnel.stages[index].parent
        assert parent is not None
        of_open, of_all = (in_the_end(funnel, index, rate, waiting=waiting) for waiting in (True, False))
        yields[parent] = None if of_open is None or product is None else reduced(of_open * product)
        product = None if of_all is None or product is None else reduced(of_all * product)
        growth = growth or (rate is not None and rate > 1)
        grows[parent] = growth
    return yields, grows


def by_segment(funnel: Funnel, breakdown: Breakdown) -> Iterator[SegmentChances]:
    """What an open unit brings by each segment's conversions, at each stage that has open units.

    Where open units are not known by segment, they are taken as spread like the units of their stage.
    """
    for segment in breakdown.segments:
        part = segment_funnel(funnel, segment)

        def conversion(index: int, part: Funnel = part) -> Exact | None:
            if breakdown.divides_open:
                return part.conversion_decided(index)
            own, whole, decided = part.conversion(index), funnel.conversion(index), funnel.conversion_decided(index)
            if own is None or not whole or decided is None:
                return own
            rate = reduced(Fraction(own) * decided / whole)
            return min(rate, 1) if own <= 1 else rate

        chances: dict[str, Exact | None] = {}
        brings: dict[str, Exact | None] = {}
        yields, grows = _sales_per_unit(funnel, conversion)
        for index, stage in enumerate(funnel.stages):
            stated = funnel.states_chance(index)
            each = stage.close_chance if stated else yields[index]
            if stage.open is not None:
                chances[stage.name], brings[stage.name] = None if grows[index] and not stated else each, each
        found = SegmentChances(segment.name, chances, brings)
        yield _with_open(funnel, segment, found) if breakdown.divides_open else found


def _with_open(funnel: Funnel, segment: Segment, found: SegmentChances) -> SegmentChances:
    """What the open units of a segment bring; the money only where none comes before or after the sale."""
    sale = funnel.sale_stage
    way = sorted(funnel.path_to(sale)[1:])
    waiting = {index: segment.open[index] for index in way if segment.open and segment.open[index]}
    sales = {index: number * (found.sales_per_open_unit[funnel.names[index]] or 0) for index, number in waiting.items()}
    has_amounts = any(funnel.stages[index].open_amounts for index in way)
    at_sale = set(funnel.money_stages) <= {sale} and (bool(funnel.money_stages) or has_amounts)
    money = added(number * price(funnel, index, sale) for index, number in sales.items())
    return found._replace(open=sum(waiting.values()), sales=added(sales.values()), weighted=money if at_sale else None)


def decided_steps(funnel: Funnel) -> Iterator[DecidedStep]:
    """The steps on the way to the sale out of stages that have open units, where the counts tell of them."""
    for index in reversed(funnel.path_to(funnel.sale_stage)[:-1]):
        stage, parent = funnel.stages[index], funnel.stages[index].parent
        assert parent is not None
        above = funnel.stages[parent]
        if above.open and stage.is_counted and not funnel.states_chance(parent):
            rates = funnel.conversion(index), funnel.conversion_decided(index)
            step = DecidedStep(stage.name, above.name, above.count, above.open, stage.count, *rates)
            if losing(funnel, index) is None:
                yield step
            else:
                eventual, still_open = (
                    in_the_end(funnel, index, rates[1], waiting=waiting) for waiting in (False, True)
                )
                yield step._replace(days_lost=above.days_lost, conversion_eventual=eventual, conversion_open=still_open)
