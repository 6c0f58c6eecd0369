"""A funnel by one dimension: the segments' figures side by side, which of them differ, and what the rest adds up to."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.conversion import step_bounds
from funnelcli.analyses.periods import in_time, is_time, understood
from funnelcli.analyses.variation import varied
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import find_name, fold
from funnelcli.model import Breakdown, Exact, Funnel, Segment, Varied, added, minus, ratio, reduced
from funnelcli.stats.tests import NOT_TESTED, RateTest, compare_rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class SegmentRow(NamedTuple):
    """One segment. Lists are in the order of the stages; those of steps have `None` at the first stage.

    `share` is its share of the entries, `sales_share` of the sales. `differs` says of each step whether its conversion
    is above (1) or below (-1) that of all others together, after Holm's correction over all steps and segments.
    `change` is the change of sales to the segment before, in a dimension of time.
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


class SegmentReport(NamedTuple):
    """The segments of one dimension; `other` adds up those that are left out, `folded` of them.

    `in_order` tells of a dimension of time whether its names say which segment follows which. `budget_of` is the
    dimension whose budgets are the total's, `unbudgeted` are the segments without one.
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


SORTS: dict[str, Callable[[Funnel], Exact | None]] = {
    "entries": lambda funnel: funnel.stages[0].count,
    "sales": lambda funnel: funnel.stages[funnel.sale_stage].count,
    "conversion": lambda funnel: ratio(funnel.stages[funnel.sale_stage].count, funnel.stages[0].count),
    "revenue": economics.revenue,
    "budget": lambda funnel: funnel.budget,
    "profit": economics.profit,
}
"""What segments can be sorted by, the largest first; beside them `file`, as they stand there, and `name`."""


def find_breakdown(funnel: Funnel, dimension: str) -> Breakdown | Problem:
    """The breakdown of a dimension, by its name; a `Problem` when there is none."""
    names = [each.dimension for each in funnel.breakdowns]
    index = find_name(dimension, names)
    if index is None and funnel.chosen:
        return _not_divided(funnel, dimension, names)
    if index is None:
        cure = did_you_mean(dimension, names) or "add breakdowns: {channel: {Ads: [60, 30], SEO: [40, 20]}}"
        return Problem("FN102", f"{quoted(funnel.name)} has no breakdown by {quoted(dimension)}", cure)
    return funnel.breakdowns[index]


def find_segment(breakdown: Breakdown, name: str) -> Segment | Problem:
    """The segment of a breakdown, by its name; a `Problem` when there is none."""
    names = [segment.name for segment in breakdown.segments]
    index = find_name(name, names)
    if index is None:
        message = f"{quoted(breakdown.dimension)} has no segment {quoted(name)}"
        return Problem("FN102", message, did_you_mean(name, names))
    return breakdown.segments[index]


def _not_divided(funnel: Funnel, dimension: str, names: Sequence[str]) -> Problem:
    """Why there is no breakdown by a dimension of what is a segment itself."""
    if find_name(dimension, [own for own, _ in funnel.chosen]) is not None:
        help_ = "name another dimension, or leave the segment out"
        return Problem("FN102", f"{quoted(funnel.name)} is one segment of {quoted(dimension)} itself", help_)
    message = f"how {quoted(funnel.name)} is divided by {quoted(dimension)} is not known"
    near = did_you_mean(dimension, names) if names else None
    return Problem("FN102", message, near or cells_help([*funnel.chosen, (dimension, "NAME")]))


def cells_help(segments: Iterable[tuple[str, str]]) -> str:
    """How cells are written that tell of these dimensions at once: pairs of dimension and segment."""
    written = ", ".join(f"{dimension}: {name}" for dimension, name in segments)
    return f"write cells to the file: cells: [{{{written}, counts: [60, 30]}}, …]"


def segment_funnel(funnel: Funnel, segment: Segment, kept: Varied | None = None) -> Funnel:
    """A segment as a funnel of its own.

    What it keeps of the variation from period to period is `kept`, which `variation.varied` tells of its dimension.

    Its average check is that of the sale, its gross margin in place of the funnel's; its
    budget is its own, and unknown when not given, which is no budget of 0 where something is spent elsewhere. Targets
    and costs are the funnel's.
    """
    sale = funnel.sale_stage
    spends = funnel.budget is not None or bool(funnel.unbudgeted)
    stages = []
    for index, (stage, count) in enumerate(zip(funnel.stages, segment.counts, strict=True)):
        check, spread = stage.average_order_value, stage.average_check_sd
        if index == sale and segment.average_check is not None:
            check, spread = segment.average_check, segment.average_check_sd
        stages.append(
            stage._replace(
                count=count,
                conversion=None,
                revenue=None,
                average_check=check,
                average_check_sd=spread,
                open=None,
                open_amounts=(),
                close_chance=None,
                unknown=False,
            )
        )
    return funnel._replace(
        name=segment.name,
        stages=tuple(stages),
        budget=segment.budget,
        gross_margin=funnel.gross_margin if segment.gross_margin is None else segment.gross_margin,
        breakdowns=(),
        scenarios=(),
        checks=(),
        derived=(),
        unbudgeted=(segment.name,) if spends and segment.budget is None else (),
        varied=kept,
    )


def break_down(
    funnel: Funnel, dimension: str, confidence: float = 0.95, sort: str = "file", top: int | None = None
) -> SegmentReport | Problem:
    """The funnel by a dimension.

    Each step of each segment is tested against all other segments together (two-sided, pooled z or Fisher), with Holm's
    correction over all of these tests, also those of segments that are not shown. With `top`, the rest is added up as
    `other`.
    """
    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    kept = varied(funnel, breakdown)
    parts = [segment_funnel(funnel, segment, kept) for segment in in_time(breakdown)]
    ordered = _sorted(parts, sort)
    time = is_time(breakdown.dimension) and sort == "file"
    in_order = understood(breakdown)
    shown, rest = _folded(ordered, top, latest=time)
    whole = with_budget_of(funnel, total(funnel, parts, "total"))
    units = once_each(funnel, breakdown, whole)
    marks, tests = _differences(ordered, whole)
    first = ordered.index(shown[0]) if shown else 0
    rows = []
    for index, part in enumerate(shown, first):
        before = ordered[index - 1] if time and in_order and index else None
        rows.append(_row(breakdown.dimension, part, units, confidence, marks[index], before))
    untested = [NOT_TESTED] * len(funnel.stages)
    other = total(funnel, rest, "other") if rest else None
    return SegmentReport(
        **funnel.heading,
        confidence=confidence,
        dimension=breakdown.dimension,
        is_time=is_time(breakdown.dimension),
        in_order=in_order,
        stages=funnel.names,
        parents=tuple(stage.parent for stage in funnel.stages),
        sale_stage=funnel.stages[funnel.sale_stage].name,
        sort=sort,
        segments=tuple(rows),
        folded=len(rest),
        other=None if other is None else _row(breakdown.dimension, other, units, confidence, untested, None),
        total=_row(breakdown.dimension, units, units, confidence, untested, None),
        tests=tests,
        budget_of=funnel.budget_of,
        unbudgeted=tuple(name for part in parts for name in part.unbudgeted),
        gaps=(
            *gap("revenue", [economics.revenue(part) for part in parts], economics.revenue(funnel)),
            *gap("budget", [part.budget for part in parts], funnel.budget),
        ),
        counted_again=funnel.counted_again(breakdown),
        not_mature=tuple(part.name for part in parts if part.is_open),
    )


def foremost(funnel: Funnel, breakdown: Breakdown, sort: str, top: int | None) -> tuple[list[Funnel], list[Funnel]]:
    """The segments of a breakdown as funnels, in order: those that are shown, and the rest."""
    ordered = _sorted([segment_funnel(funnel, segment) for segment in in_time(breakdown)], sort)
    return _folded(ordered, top, latest=is_time(breakdown.dimension) and sort == "file")


def _folded(ordered: list[Funnel], top: int | None, latest: bool) -> tuple[list[Funnel], list[Funnel]]:
    """The segments that are shown and the rest: the first ones, of a dimension of time the latest."""
    if top is None or top >= len(ordered):
        return ordered, []
    return (ordered[-top:], ordered[:-top]) if latest else (ordered[:top], ordered[top:])


def _sorted(parts: list[Funnel], sort: str) -> list[Funnel]:
    """The largest first; what has no such figure, last."""
    if sort == "file":
        return parts
    if sort == "name":
        return sorted(parts, key=lambda part: fold(part.name))
    figure = SORTS[sort]
    keyed = [(figure(part), part) for part in parts]
    known = sorted(
        ((value, part) for value, part in keyed if value is not None), key=lambda pair: pair[0], reverse=True
    )
    return [part for _, part in known] + [part for value, part in keyed if value is None]


def total(funnel: Funnel, parts: Sequence[Funnel], name: str) -> Funnel:
    """Segments added up to one funnel: counts, budgets and revenues, not their averages; no sum where one lacks.

    Where they have no sales yet, an average of theirs says untested: the funnel's own check and margin count.
    """
    stages = []
    for index, stage in enumerate(funnel.stages):
        count = added(part.stages[index].count for part in parts)
        amounts = [amount for part in parts if (amount := economics.stage_revenue(part, index)) is not None]
        mean = ratio(added(amounts), count) if count else stage.average_order_value or 0
        check = mean if amounts and len(amounts) == len(parts) else None
        own = stage._replace(count=count, average_check=check, average_check_sd=_spread(parts, index, check))
        stages.append(own._replace(conversion=None, revenue=None))
    budgets = [part.budget for part in parts if part.budget is not None]
    whole = funnel._replace(
        name=name,
        stages=tuple(stages),
        budget=added(budgets) if budgets and len(budgets) == len(parts) else None,
        derived=(),
        unbudgeted=tuple(name for part in parts for name in part.unbudgeted),
    )
    incomes = [(economics.revenue(part) or 0, economics.margin(part)) for part in parts]
    kept = ratio(added(income * share for income, share in incomes), added(income for income, _ in incomes))
    if kept is not None and any(part.gross_margin is not None for part in parts):
        whole = whole._replace(gross_margin=kept)
    return whole


def _spread(parts: Sequence[Funnel], index: int, mean: Exact | None) -> Exact | None:
    """The deviation of an average check of several segments together; `None` where one does not say its own."""
    stages = [part.stages[index] for part in parts if part.stages[index].count]
    if mean is None or not stages:
        return None
    squares: Exact = 0
    for stage in stages:
        if stage.average_check_sd is None:
            return None
        squares += stage.count * (stage.average_check_sd**2 + Fraction(stage.average_order_value or 0) ** 2)
    return reduced(Fraction(math.sqrt(max(0, squares / added(stage.count for stage in stages) - mean * mean))))


def once_each(funnel: Funnel, breakdown: Breakdown, whole: Funnel) -> Funnel:
    """All segments added up, with each unit once: those with entries in several segments count in each of them."""
    if not funnel.counted_again(breakdown):
        return whole
    pairs = zip(whole.stages, funnel.stages, strict=True)
    return whole._replace(stages=tuple(stage._replace(count=own.count) for stage, own in pairs))


def with_budget_of(funnel: Funnel, whole: Funnel) -> Funnel:
    """The sum of all segments with the budget of the funnel, which counts where theirs add up to another."""
    return whole._replace(budget=funnel.budget, derived=funnel.derived, unbudgeted=funnel.unbudgeted)


class Gap(NamedTuple):
    """A figure whose parts do not add up to the total: their sum, and what the total has."""

    figure: str
    segments: Exact
    total: Exact


def gap(figure: str, parts: Sequence[Exact | None], total: Exact | None) -> Iterator[Gap]:
    """The gap between parts that are all known and their total, where there is one."""
    known = [part for part in parts if part is not None]
    if total is not None and len(known) == len(parts) and added(known) != total:
        yield Gap(figure, added(known), total)


def _differences(parts: Sequence[Funnel], whole: Funnel) -> tuple[list[Sequence[RateTest]], int]:
    """Tests of each segment's steps against all others together, and how many they are."""
    two = len(parts) == 2  # each is all others of the other one: the same test, counted once
    found = compare_rates([each for part in parts[: 1 if two else None] for each in _against_others(part, whole)])
    width = len(whole.stages)
    by_part: list[Sequence[RateTest]] = [found[start : start + width] for start in range(0, len(found), width)]
    if two:
        by_part.append([test._replace(differs=-test.differs) for test in found])
    return by_part, sum(test.p_value is not None for test in found)


def _against_others(part: Funnel, whole: Funnel) -> Iterator[tuple[int, int, int, int] | None]:
    """The samples of each step: of all other segments together, and of this one."""
    counts = [(all_.count - own.count, own.count) for own, all_ in zip(part.stages, whole.stages, strict=True)]
    for stage, came in zip(part.stages, counts, strict=True):
        could = (0, 0) if stage.parent is None else counts[stage.parent]
        whole_numbers = all(isinstance(count, int) for count in (*came, *could))
        samples = all(0 <= arrived <= above and above > 0 for arrived, above in zip(came, could, strict=True))
        yield (int(came[0]), int(could[0]), int(came[1]), int(could[1])) if whole_numbers and samples else None


def _row(
    dimension: str, part: Funnel, whole: Funnel, confidence: float, tested: Sequence[RateTest], before: Funnel | None
) -> SegmentRow:
    sale = whole.sale_stage
    counts = tuple(stage.count for stage in part.stages)
    lows, highs = zip(*(step_bounds(part, index, confidence) for index in range(len(counts))), strict=True)
    overall_low, overall_high = step_bounds(part, sale, confidence, whole=0)
    previous = None if before is None else before.stages[sale].count
    change = minus(counts[sale], previous)
    return SegmentRow(
        dimension=dimension,
        name=part.name,
        counts=counts,
        conversions=tuple(part.conversion(index) for index in range(len(counts))),
        conversions_low=lows,
        conversions_high=highs,
        p_values_holm=tuple(test.p_value_holm for test in tested),
        differs=tuple(test.differs for test in tested),
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
    )
