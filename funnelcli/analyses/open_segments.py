"""What the open units of each segment bring, by the conversions that a table of the segments lets be believed."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.arrivals import ArrivalTimes, price
from funnelcli.analyses.breakdowns import open_in_none, parts_of
from funnelcli.analyses.ends import going_on
from funnelcli.analyses.marks import mark
from funnelcli.analyses.on_their_way import by_curve, chance_to_come, curve_to_sale, number_waiting, with_entries_on
from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.analyses.open_stages import sales_per_unit
from funnelcli.analyses.periods import is_time
from funnelcli.analyses.ranking import believe
from funnelcli.analyses.segment_totals import total
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, added, reduced, times

if TYPE_CHECKING:
    from funnelcli.analyses.ranking import ChanceBasis
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment


class SegmentChances(NamedTuple):
    """The chances to close of one segment, and sales per open unit, by stage as in `OpenStage`.

    A chance that is stated is that of all segments. `open` are the segment's own units before the sale, where they are
    known, and `sales` and `weighted` what they bring in the end, `…_within` within the horizon; unknown where no chance
    of theirs is known. The money is by their own amounts, or where the segment does not tell them, the mean of what the
    others leave of their stage. `sales_alone` are those that the segment's own curve lets expect in the end: its
    entries times what is expected of it then, less who came. `amounts_of_all` are the stages at which its open units
    have that mean, though the amounts of all are known there.
    """

    name: str
    close_chances: dict[str, Exact | None]
    sales_per_open_unit: dict[str, Exact | None]
    open: int | None = None
    sales: Exact | None = None
    weighted: Exact | None = None
    sales_alone: Exact | None = None
    sales_within: Exact | None = None
    weighted_within: Exact | None = None
    amounts_of_all: tuple[str, ...] = ()


class BySegment(NamedTuple):
    """The segments in the order of the file, and by stage what their chances rest on, where none is stated."""

    segments: tuple[SegmentChances, ...]
    basis: dict[str, ChanceBasis]


def by_segment(funnel: Funnel, breakdown: Breakdown, arrival: ArrivalTimes, days: Exact | None = None) -> BySegment:
    """What an open unit of each segment brings, at each stage that has open units.

    What those of a segment bring within so many days is by the times of all. Where the segments differ no more than
    chance, it is what one of all brings; else each segment's conversion to the sale is drawn towards the others'. Where
    open units are not known by segment, they are taken as spread like the units of their stage.
    """
    parts, time = parts_of(funnel, breakdown), is_time(breakdown.dimension)
    whole = total(funnel if breakdown.divides_open else open_in_none(funnel), parts, "total")
    yields, grows = sales_per_unit(funnel, funnel.conversion_decided)
    waiting = [index for index, stage in enumerate(funnel.stages) if stage.open is not None]
    told = [index for index in waiting if not funnel.states_chance(index)]
    certain = [index for index in told if yields[index] is not None and not grows[index]]
    marks = mark(parts, whole, time).marks if certain else ()
    beliefs = believe(parts, marks, whole, certain, time)
    found = []
    places = {part.name: place for place, part in enumerate(parts)}
    for segment in breakdown.segments:
        place = places[segment.name]
        own = _own_yields(funnel, breakdown, parts[place])
        chances: dict[str, Exact | None] = {}
        brings: dict[str, Exact | None] = {}
        for index in waiting:
            stage, each = funnel.stages[index], own[index]
            if index not in told:
                each = stage.close_chance
            elif index in beliefs and (beliefs[index].basis != "own" or each is None):
                each = _believed(funnel, breakdown, index, beliefs[index].rates[place], yields[index])
            grown = index in told and grows[index]
            chances[stage.name], brings[stage.name] = None if grown else each, each
        one = SegmentChances(segment.name, chances, brings)
        found.append(_with_open(funnel, parts[place], segment, one, arrival, days) if breakdown.divides_open else one)
    return BySegment(tuple(found), {funnel.names[index]: believed.basis for index, believed in beliefs.items()})


def by_segment_on_their_way(
    funnel: Funnel, opened: Funnel, breakdown: Breakdown, days: Exact | None = None
) -> BySegment | Problem:
    """What the entries on their way of each segment bring, where a curve tells it; `opened` has those of all.

    Each segment comes to what is expected of it in the end, drawn to the conversion that is believed of it; by the
    curve of all, each at its own ages, where chance may spread the conversions so. What is expected of a period is so.
    """
    parts, time, sale = parts_of(funnel, breakdown), is_time(breakdown.dimension), funnel.sale_stage
    own = [dict(part.measured.curves if part.measured else ()).get(funnel.names[sale]) for part in parts]
    of_all = curve_to_sale(funnel)
    if of_all is None or not any(own):
        message = (
            f"how many of the entries of {quoted(funnel.name)} on their way are of each {breakdown.dimension} is not"
        )
        return Problem("FN102", f"{message} known", "measure it anew, or leave out --by")
    whole = total(funnel, parts, "total")
    belief = None if time else believe(parts, mark(parts, whole, time).marks, whole, [0], time)[0]
    alone = belief is None or belief.basis == "own"
    at_sale, each_brings = set(funnel.money_stages) == {sale}, price(opened, 0, sale)
    of_all_told = by_curve(of_all)
    raised = chance_to_come(funnel, of_all) / of_all_told if of_all_told else 1.0
    found, entry = [], funnel.names[0]
    for place, (part, curve) in enumerate(zip(parts, own, strict=True)):
        waiting = number_waiting(curve) if curve else 0
        chance: Exact | None = None
        by_itself: Exact = 0
        share: Exact = 1
        if curve and waiting:
            rate = None if belief is None else belief.rates[place]
            shared = min(1.0, raised * by_curve(going_on(of_all, curve.waiting, funnel.stages[0].count)))
            known = part.eventual(sale) is not None or not time
            chance = Fraction(chance_to_come(part, curve) if known else shared)
            by_itself = reduced(waiting * chance)
            as_all = not alone and rate is None
            if as_all:
                chance = Fraction(shared)
            end = part.overall_conversion_decided(sale)
            if not alone and rate is not None and end and 0 < end < 1 and 0 < chance < 1:
                won, lost = chance * Fraction(rate) / end, (1 - chance) * (1 - Fraction(rate)) / (1 - end)
                chance = reduced(won / (won + lost))
            if days is not None:
                waits = going_on(of_all, curve.waiting, funnel.stages[0].count) if as_all or not known else curve
                own_way = with_entries_on(part, waits, float(chance), days)
                share = Fraction(ArrivalTimes(own_way).share(0, sale, days) or 0)
        sales = reduced(waiting * (chance or 0))
        coming = part.stages[sale].money_to_come
        money = added([sales * (coming.mean if coming else each_brings)]) if at_sale else None
        found.append(
            SegmentChances(
                part.name,
                {entry: chance},
                {entry: chance},
                waiting,
                sales,
                money,
                by_itself,
                reduced(sales * share),
                None if money is None else reduced(money * share),
            )
        )
    return BySegment(tuple(found), {} if belief is None else {entry: belief.basis})


def _own_yields(funnel: Funnel, breakdown: Breakdown, part: Funnel) -> list[Exact | None]:
    """What an open unit of a segment brings by the segment's own conversions, as they are counted."""

    def conversion(index: int) -> Exact | None:
        if breakdown.divides_open:
            return part.conversion_decided(index)
        own, whole, decided = part.conversion(index), funnel.conversion(index), funnel.conversion_decided(index)
        if own is None or not whole or decided is None:
            return own
        rate = reduced(Fraction(own) * decided / whole)
        return min(rate, 1) if own <= 1 else rate

    return sales_per_unit(funnel, conversion)[0]


def _believed(
    funnel: Funnel, breakdown: Breakdown, index: int, rate: float | None, brings: Exact | None
) -> Exact | None:
    """The chance of a segment's open unit whose conversion to the sale is believed to be `rate`; of all, `brings`."""
    if rate is None or brings is None:
        return brings
    way = funnel.path_to(funnel.sale_stage, index)[:-1]
    one: Exact | None = 1
    decided, counted = (reduce(times, map(of, way), one) for of in (funnel.conversion_decided, funnel.conversion))
    chance = Fraction(rate)
    if not breakdown.divides_open and counted:
        chance = min(Fraction(1), chance * Fraction(decided or 0) / counted)
    if decided is None or brings == decided or not (0 < decided < 1 and 0 < brings < 1):
        return reduced(chance)
    # where losses take another time than sales, the odds of all change alike (`losses.in_the_end`)
    won, lost = chance * brings / decided, (1 - chance) * (1 - brings) / (1 - decided)
    return reduced(won / (won + lost))


def _with_open(
    funnel: Funnel,
    part: Funnel,
    segment: Segment,
    found: SegmentChances,
    arrival: ArrivalTimes,
    days: Exact | None,
) -> SegmentChances:
    """What the open units of a segment bring; the money only where none comes before or after the sale."""
    sale = funnel.sale_stage
    way = sorted(funnel.path_to(sale)[1:])
    waiting = {index: segment.open[index] for index in way if segment.open and segment.open[index]}
    brings = {index: found.sales_per_open_unit[funnel.names[index]] for index in waiting}
    if brings and set(brings.values()) == {None}:
        return found._replace(open=sum(waiting.values()))
    sales = {index: number * (brings[index] or 0) for index, number in waiting.items()}
    shares = {index: Fraction(arrival.share(index, sale, days) or 0) for index in waiting}
    known = {index for index in waiting if open_amounts(part, index)}  # without any, the check is that of all
    has_amounts = any(funnel.stages[index].open_amounts for index in way)
    at_sale = set(funnel.money_stages) <= {sale} and (bool(funnel.money_stages) or has_amounts)
    money = {index: number * price(part if index in known else funnel, index, sale) for index, number in sales.items()}
    by_then = [added(each[index] * share for index, share in shares.items()) for each in (sales, money)]
    return found._replace(
        open=sum(waiting.values()),
        sales=added(sales.values()),
        weighted=added(money.values()) if at_sale else None,
        sales_within=by_then[0],
        weighted_within=by_then[1] if at_sale else None,
        amounts_of_all=tuple(
            funnel.names[index]
            for index, number in waiting.items()
            if len(funnel.stages[index].open_amounts) == funnel.stages[index].open
            and len(part.stages[index].open_amounts) != number
        ),
    )
