"""A funnel by one dimension: the segments' figures side by side, which of them differ, and what the rest adds up to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ages import within, without_like
from funnelcli.analyses.breakdowns import find_breakdown, open_at, open_in_none, parts_of
from funnelcli.analyses.ends import end_is_unknown, end_of
from funnelcli.analyses.marks import mark
from funnelcli.analyses.overall import Overall, as_compared, overall, untold
from funnelcli.analyses.periods import is_time, understood
from funnelcli.analyses.ranking import rank
from funnelcli.analyses.segment_totals import Gap, cause_of_gap, gap, once_each, total, with_budget_of
from funnelcli.analyses.times import Time, time_of
from funnelcli.analyses.variation import Variation, step_bounds, stretch, usual_range, variation_of
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, added, minus, ratio, times
from funnelcli.metrics import fold
from funnelcli.stats.ranking import enough, quick_chance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.analyses.marks import Marks
    from funnelcli.analyses.overall import ChanceOf
    from funnelcli.analyses.ranking import Ranking, Standing
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown


class SegmentRow(NamedTuple):
    """One segment. Lists are in the order of the stages; those of steps have `None` at the first stage.

    `share` is its share of the entries, `sales_share` of the sales. `differs` says of each step whether its conversion
    is above (1) or below (-1) that of all others together, after Holm's correction over all steps and segments, the
    overall conversion among them: `overall` has that of the segment (B) against all others (A). `sales_change` is the
    change to the segment before, in a dimension of time. `shrunken` is the overall conversion as the other segments let
    it be believed, `chance_best` the chance that it is the highest. `usual_low` and `usual_high` are the range in which
    that of a period is expected, if it has the rate of all periods, with the variation in it. Where it is known of
    which segments the open units are, all that judges is of the decided: the conversions `…_decided` and what is said
    of them; `overall_conversion_decided` is the product of the steps. Else these are the conversions themselves, and
    `open`, the units that are open in each stage, is empty. Of measured segments the conversions `…_eventual` are those
    expected when the windows of all their entries are over; `awaits` says that some of these are open. `times` are
    those of the steps, and `time` that of the whole way.
    """

    dimension: str
    name: str
    counts: tuple[Exact, ...]
    conversions: tuple[Exact | None, ...]
    conversions_low: tuple[float | None, ...]
    conversions_high: tuple[float | None, ...]
    p_values_holm: tuple[float | None, ...]
    differs: tuple[int, ...]
    sales: Exact
    overall_conversion: Exact | None
    overall_conversion_low: float | None
    overall_conversion_high: float | None
    share: Exact | None
    sales_share: Exact | None
    revenue: Exact | None
    budget: Exact | None
    sales_change: Exact | None
    sales_change_rate: Exact | None
    overall: Overall | None = None
    shrunken: float | None = None
    shrunken_low: float | None = None
    shrunken_high: float | None = None
    chance_best: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    conversions_decided: tuple[Exact | None, ...] = ()
    conversions_decided_low: tuple[float | None, ...] = ()
    conversions_decided_high: tuple[float | None, ...] = ()
    overall_conversion_decided: Exact | None = None
    overall_conversion_decided_low: float | None = None
    overall_conversion_decided_high: float | None = None
    open: tuple[int, ...] = ()
    conversions_eventual: tuple[Exact | None, ...] = ()
    conversions_eventual_low: tuple[float | None, ...] = ()
    conversions_eventual_high: tuple[float | None, ...] = ()
    conversion_eventual: Exact | None = None
    conversion_eventual_low: float | None = None
    conversion_eventual_high: float | None = None
    conversion_eventual_so_far: Exact | None = None
    followed_days: Exact | None = None
    conversion_final_low: float | None = None
    conversion_final_high: float | None = None
    awaits: bool = False
    times: tuple[Time | None, ...] = ()
    time: Time | None = None


class SegmentReport(NamedTuple):
    """The segments of one dimension; `other` adds up those that are left out, `folded` of them.

    `tests` is how many were made, of what `variation` says of rates that vary from period to period; intervals allow
    for `interval_variation`, which tests within the same periods do not need. `one_rate` says that the overall
    conversions differ no more than chance, as far as can be told. `in_order` tells of a dimension of time whether its
    names say which segment follows which. `budget_of` is the dimension whose budgets are the total's, `unbudgeted` are
    the segments without one. Units of the funnel are open in the stages `open_at`: of which segments is not known, so
    there they have not passed. Of those in the stages `open_by_segment` it is known, and they leave the conversions of
    the decided. Where units are known by the dimension of time `within`, segments are held against the others in its
    periods: so are tests, differences, chances and the shrunken conversions. `untold_by_age` are those of which nothing
    can be told of the overall conversion, as their open units, or those of the others, are so much younger; no chances
    are said then. `cut` are periods of which a part is covered: no change from or to them is told. Without a window
    (`no_window`) no period is known to be mature. Those `without_like` have no period in common with the others, in
    which units of both are decided.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    dimension: str
    is_time: bool
    in_order: bool
    stages: tuple[str, ...]
    parents: tuple[int | None, ...]
    sale_stage: str
    sort: str
    segments: tuple[SegmentRow, ...]
    folded: int
    other: SegmentRow | None
    total: SegmentRow
    tests: int
    budget_of: str | None
    unbudgeted: tuple[str, ...]
    gaps: tuple[Gap, ...]
    counted_again: tuple[Exact, ...]
    not_mature: tuple[str, ...]
    variation: Variation
    interval_variation: Variation
    one_rate: bool
    open_at: tuple[str, ...] = ()
    open_by_segment: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    within: str | None = None
    untold_by_age: tuple[str, ...] = ()
    without_like: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    no_window: bool = False
    sales_called: str = "sales"


MOST_TOLD = 1000
"""Segments up to which it is said how many more units would tell one from the others."""
SORTS: dict[str, Callable[[Funnel], Exact | None]] = {
    "entries": lambda funnel: funnel.stages[0].count,
    "sales": lambda funnel: funnel.stages[funnel.sale_stage].count,
    "conversion": lambda funnel: funnel.overall_conversion_decided(funnel.sale_stage),
    "revenue": economics.revenue,
    "budget": lambda funnel: funnel.budget,
    "profit": economics.profit,
}
"""What segments can be sorted by, the largest first; beside them `file`, as they stand there, and `name`."""


def break_down(
    funnel: Funnel, dimension: str, confidence: float = 0.95, sort: str = "file", top: int | None = None
) -> SegmentReport | Problem:
    """The funnel by a dimension.

    The overall conversion and each step of each segment is tested against all other segments together (two-sided,
    pooled z, Fisher or t), with Holm's correction over all of these tests, also those of segments that are not shown.
    With `top`, the rest is added up as `other`.
    """
    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    time = is_time(breakdown.dimension)
    waiting = open_at(funnel, breakdown.divides_open)
    parts = parts_of(funnel, breakdown)
    in_order = understood(breakdown)
    if not breakdown.divides_open:
        funnel = open_in_none(funnel)
    whole = with_budget_of(funnel, total(funnel, parts, "total"))
    units = once_each(funnel, breakdown, whole)
    marked = mark(parts, whole, time, confidence)
    varies = variation_of(parts[0]) if parts else Variation("constant")
    ranking = rank(parts, marked.marks, whole, time, confidence)
    order = _order(parts, sort, ranking)
    latest = time and sort == "file"
    shown, rest = _folded(order, top, latest)
    row = partial(_row, breakdown.dimension, whole=units, sale=units.sale_stage, confidence=confidence)
    common = _common_rate(parts) if time else None
    other = _others(funnel, [parts[place] for place in rest], parts, time) if rest else None
    return SegmentReport(
        **funnel.heading,
        confidence=confidence,
        dimension=breakdown.dimension,
        is_time=time,
        in_order=in_order,
        stages=funnel.names,
        parents=tuple(stage.parent for stage in funnel.stages),
        sale_stage=funnel.stages[funnel.sale_stage].name,
        sort=sort,
        segments=tuple(
            _tested(
                row(part=parts[place], before=parts[place - 1] if latest and in_order and place else None),
                marked.marks[place],
                ranking.standings[place],
                None if common is None else usual_range(parts[place], common, confidence),
                confidence,
                partial(quick_chance, quick=enough(len(parts))),
                0 if time or len(parts) > MOST_TOLD else marked.tests,
                whole,
            )
            for place in shown
        ),
        folded=len(rest),
        other=None if other is None else row(part=other),
        total=row(part=units),
        tests=marked.tests,
        budget_of=funnel.budget_of,
        unbudgeted=tuple(name for place in order for name in parts[place].unbudgeted),
        gaps=(
            *gap(
                "revenue", list(map(economics.revenue, parts)), economics.revenue(funnel), cause_of_gap(funnel, parts)
            ),
            *gap("budget", [part.budget for part in parts], funnel.budget),
        ),
        counted_again=funnel.counted_again(breakdown),
        not_mature=tuple(part.name for part in parts if part.is_open or end_is_unknown(part, part.sale_stage, 0)),
        variation=varies if time else Variation("constant"),
        interval_variation=varies,
        one_rate=ranking.one_rate,
        **waiting,
        within=within(funnel, breakdown, parts),
        untold_by_age=tuple(parts[place].name for place in order if marked.marks[place].untold),
        without_like=without_like(parts, whole),
        cut=tuple(part.cut for part in parts if part.cut is not None),
        no_window=time and funnel.no_window,
    )


def foremost(funnel: Funnel, breakdown: Breakdown, sort: str, top: int | None) -> tuple[list[Funnel], list[Funnel]]:
    """The segments of a breakdown as funnels, in order: those that are shown, and the rest."""
    parts, time = parts_of(funnel, breakdown), is_time(breakdown.dimension)
    ranking = None
    if sort == "conversion":
        whole = total(funnel if breakdown.divides_open else open_in_none(funnel), parts, "total")
        ranking = rank(parts, mark(parts, whole, time).marks, whole, time)
    order = _order(parts, sort, ranking)
    shown, rest = _folded(order, top, latest=time and sort == "file")
    return [parts[place] for place in shown], [parts[place] for place in rest]


def _folded(order: list[int], top: int | None, latest: bool) -> tuple[list[int], list[int]]:
    """The segments that are shown and the rest: the first ones, of a dimension of time the latest."""
    if top is None or top >= len(order):
        return order, []
    return (order[-top:], order[:-top]) if latest else (order[:top], order[top:])


def _order(parts: list[Funnel], sort: str, ranking: Ranking | None) -> list[int]:
    """The places of segments, the largest first; what has no such figure, last."""
    places = list(range(len(parts)))
    if sort == "file":
        return places
    if sort == "name":
        return sorted(places, key=lambda place: fold(parts[place].name))
    keys: dict[int, tuple[Exact | float, Exact]] = {}
    for place, part in enumerate(parts):
        value = SORTS[sort](part)
        if value is None:
            continue
        # by what is believed of a conversion; equal ones by what was counted
        believed = ranking.standings[place].shrunken if ranking is not None and sort == "conversion" else None
        keys[place] = (value if believed is None else believed, value)
    known = sorted(keys, key=lambda place: keys[place], reverse=True)
    return known + [place for place in places if place not in keys]


def _others(funnel: Funnel, rest: Sequence[Funnel], parts: Sequence[Funnel], time: bool) -> Funnel:
    """The segments that are not shown, added up; periods are as many as they are."""
    other = total(funnel, rest, "other")
    kept = parts[0].varied
    if not time or kept is None:
        return other._replace(breakdowns=(), varied=kept)
    entries = [float(part.stages[0].count) for part in rest]
    return other._replace(breakdowns=(), varied=kept._replace(spans=stretch(entries)))


def _tested(
    row: SegmentRow,
    marks: Marks,
    standing: Standing,
    usual: tuple[float, float] | None,
    confidence: float,
    chance_of: ChanceOf,
    tests: int,
    whole: Funnel,
) -> SegmentRow:
    """The row of a segment with its tests, and how it stands among the others."""
    a, b = (None, None) if marks.untold else marks.samples or (None, None)
    rate = row.overall_conversion_decided
    others = None if a is None else marks.others
    own = as_compared(b) if marks.within else rate
    bounds = row.overall_conversion_decided_low, row.overall_conversion_decided_high
    judged = overall((others, own), a, b, marks.overall, confidence, chance_of, bounds)._replace(conversion=rate)
    if tests:
        judged = untold(judged, a, b, tests, (whole,))
    return row._replace(
        p_values_holm=tuple(test.p_value_holm for test in marks.steps),
        differs=tuple(test.differs for test in marks.steps),
        overall=judged,
        shrunken=standing.shrunken,
        shrunken_low=standing.low,
        shrunken_high=standing.high,
        chance_best=standing.chance_best,
        usual_low=None if usual is None else usual[0],
        usual_high=None if usual is None else usual[1],
    )


def _common_rate(periods: Sequence[Funnel]) -> Exact | None:
    """The overall conversion of all periods whose counts no longer grow; with open units, that of the decided."""
    over = [period for period in periods if not period.is_open]
    sale = periods[0].sale_stage if periods else 0
    if not any(stage.open for period in over for stage in period.stages):
        return ratio(
            added(period.stages[sale].count for period in over), added(period.stages[0].count for period in over)
        )
    product: Exact | None = 1
    for at in over[0].path_to(sale)[-2::-1]:
        came, could = (period.stages[at].count for period in over), (period.decided(at) or 0 for period in over)
        product = times(product, ratio(added(came), added(could)))
    return product


def _row(
    dimension: str, part: Funnel, whole: Funnel, sale: int, confidence: float, before: Funnel | None = None
) -> SegmentRow:
    counts = tuple(stage.count for stage in part.stages)
    lows, highs = zip(*(step_bounds(part, index, confidence) for index in range(len(counts))), strict=True)
    overall_low, overall_high = step_bounds(part, sale, confidence, whole=0)
    decided, (decided_low, decided_high) = [*zip(lows, highs, strict=True)], (overall_low, overall_high)
    if part.awaits or any(stage.open for stage in part.stages):  # else they are the same
        decided = [step_bounds(part, index, confidence, decided=True) for index in range(len(counts))]
        decided_low, decided_high = step_bounds(part, sale, confidence, whole=0, decided=True)
    ends = [end_of(part, index, confidence) for index in range(len(counts))] if part.measured else []
    end = end_of(part, sale, confidence, whole=0)
    known = before is not None and not part.is_open and not before.is_open and part.cut is None and before.cut is None
    previous = before.stages[sale].count if before is not None and known else None
    change = minus(counts[sale], previous)
    taken = dict(part.measured.times) if part.measured else {}
    return SegmentRow(
        dimension=dimension,
        name=part.name,
        counts=counts,
        conversions=tuple(part.conversion(index) for index in range(len(counts))),
        conversions_low=lows,
        conversions_high=highs,
        p_values_holm=(None,) * len(counts),
        differs=(0,) * len(counts),
        sales=counts[sale],
        overall_conversion=ratio(counts[sale], counts[0]),
        overall_conversion_low=overall_low,
        overall_conversion_high=overall_high,
        share=ratio(counts[0], whole.stages[0].count),
        sales_share=ratio(counts[sale], whole.stages[sale].count),
        revenue=economics.revenue(part),
        budget=part.budget,
        sales_change=change,
        sales_change_rate=ratio(change, previous),
        conversions_decided=tuple(part.conversion_decided(index) for index in range(len(counts))),
        conversions_decided_low=tuple(low for low, _ in decided),
        conversions_decided_high=tuple(high for _, high in decided),
        overall_conversion_decided=part.overall_conversion_decided(sale),
        overall_conversion_decided_low=decided_low,
        overall_conversion_decided_high=decided_high,
        open=tuple(stage.open or 0 for stage in part.stages) if whole.open_at else (),
        conversions_eventual=tuple(each.conversion for each in ends),
        conversions_eventual_low=tuple(each.low for each in ends),
        conversions_eventual_high=tuple(each.high for each in ends),
        **end.fields,
        awaits=part.awaits,
        times=tuple(time_of(taken.get(name)) for name in part.names) if part.measured else (),
        time=time_of(part.measured.whole_way) if part.measured else None,
    )
