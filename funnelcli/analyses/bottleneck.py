"""Which step holds the funnel back, by headroom or else by the lowest conversion, and how sure that is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.breakdowns import open_in_none
from funnelcli.analyses.ends import base_is_end, base_of, telling
from funnelcli.analyses.figures_of_counts import drop_off, loss_shares
from funnelcli.analyses.headroom import Range, gain, gap_of, passing, range_of
from funnelcli.analyses.losses import in_the_end, losing
from funnelcli.analyses.reference import Reference, best_segment, of_baseline, targets
from funnelcli.analyses.variation import step_bounds
from funnelcli.analyses.weakest import chances_against, chances_of_lowest, money_differs
from funnelcli.diagnostics import Problem
from funnelcli.stats.tests import LIKELY

if TYPE_CHECKING:
    from funnelcli.analyses.headroom import Passing
    from funnelcli.exact import Exact
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown

NEEDLESS = Fraction(98, 100)
"""A conversion above which a step may be a needless link in the chain, if its interval is high, too."""
NEEDLESS_LOW = 0.95
"""Above which the low end of that interval lies: one of one proves nothing. Its confidence is 95% at least."""
NEEDLESS_CONFIDENCE = 0.95
ONE_POINT = Fraction(1, 100)
MOST_COMPARED = 200
"""Segments up to which it is looked whether they differ, to say that the best of them is a reference."""


class Step(NamedTuple):
    """A step into a stage.

    Steps `off_the_way` lead neither to the sale nor to money (`Lost`, refunds) and never compete. `target` is the
    conversion it is held against, `target_from` the segment that it is taken from; `headroom_…` is
    what closing the gap to it would bring, 0 when there is no gap, `None` without a reference; `…_low` and `…_high`
    bound its 80% range, given the uncertainty of the conversion and of the reference. `revenue_per_point` is
    what one percentage point more would bring. `chance_weakest` is the chance that this step has the most headroom
    (the lowest conversion, without a reference). `off_way` is `off_the_way` by its other name.
    `conversion_decided`, without the units that are open in the stage before, is what is held against the reference and
    against other steps; of a best segment the conversion itself, where the open units of segments are not known.
    `conversion_eventual` is that of all who come, in the end, where losses are stated to take another time
    (`days_lost`) than going on does.
    """

    name: str
    from_: str
    conversion: Exact | None
    conversion_low: float | None
    conversion_high: float | None
    target: Exact | None
    target_from: str | None
    drop_off: Exact | None
    loss_share: Exact | None
    headroom_sales: Exact | None
    headroom_revenue: Exact | None
    revenue_per_point: Exact | None
    chance_weakest: float | None
    days: Exact | None
    off_the_way: bool = False
    headroom_sales_low: float | None = None
    headroom_sales_high: float | None = None
    headroom_revenue_low: float | None = None
    headroom_revenue_high: float | None = None
    off_way: bool = False
    conversion_decided: Exact | None = None
    conversion_decided_low: float | None = None
    conversion_decided_high: float | None = None
    conversion_eventual: Exact | None = None


class Bottleneck(NamedTuple):
    """The verdict: `bottleneck`, where its chance is at least `LIKELY`, or the steps `tied`.

    Without a reference there is no bottleneck but the `lowest` conversion, by the same chance. Neither when every
    step reaches its reference, when only one competes without one, and where no chances can be given. `best_of` is
    a dimension whose segments differ, so that the best could be the reference, where there is none. `exact` are the
    steps whose baseline is stated, or too large to be uncertain, and taken as exact; `undecided` are those that
    units may still take, which are open in the stage before. Unless `sale_is_told`, all branches compete.
    `segments` are the verdicts on the segments of a `dimension`. `no_best_of` is the dimension whose best segment
    was asked for as the reference and is none, as no segment is better than the whole by more than chance.
    `chances_approximate`: on branches and ladders, where steps have different money behind them, that money is held
    at its present value, while the rates that it rests on are as uncertain as the others. Of the units that are open in
    the stages `open_by_segment` it is known of which segments they are. `in_the_end`: windows are open, and the
    conversions are those expected when they are over, or `False`, nobody knows these, and there is no verdict. `unmet`
    are the stages that no event met, whose 0 tells no rate.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    confidence: float
    reference: str
    bottleneck: str | None
    tied: tuple[str, ...]
    needless: tuple[str, ...]
    steps: tuple[Step, ...]
    sale_is_told: bool = True
    chances_approximate: bool = False
    dimension: str | None = None
    segments: tuple[Bottleneck, ...] = ()
    folded: int = 0
    lowest: str | None = None
    best_of: str | None = None
    exact: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    not_mature: tuple[str, ...] = ()
    no_best_of: str | None = None
    open_by_segment: tuple[str, ...] = ()
    lost_unplaced: int | None = None
    sales_called: str = "sales"
    in_the_end: bool | None = None
    cut: tuple[Cut, ...] = ()
    unmet: tuple[str, ...] = ()

    @property
    def named(self) -> str | None:
        """The step of the verdict: the bottleneck, or the lowest conversion."""
        return self.bottleneck or self.lowest

    @property
    def ranked(self) -> list[Step]:
        """The steps that compete, the worst first."""
        return rank(self.steps, self.reference != "none")


def find_bottleneck(
    funnel: Funnel,
    baseline: Funnel | None = None,
    confidence: float = 0.95,
    reference: Reference | None = None,
    looks_for_best: bool = True,
) -> Bottleneck:
    """Rank the steps by what closing the gap to their reference would bring, with the chance of each.

    With a `baseline` funnel, its conversions at stages of the same name are the reference, or else the `reference` that
    is given, or else the targets of the file; without any of them, steps rank by conversion, and unless it is not to
    be looked for, a dimension is told whose best segment could be the reference.
    """
    names, counted = funnel.names, funnel
    known_end, base, funnel = base_is_end(counted), base_of(counted), telling(counted)
    held = of_baseline(funnel, baseline) if baseline else reference or targets(funnel)
    competing = funnel.on_the_way
    held = held._replace(rates={index: rate for index, rate in held.rates.items() if index in competing})
    undecided = tuple(names[index] for index in sorted(competing) if _is_undecided(funnel, index))
    if held.kind == "segment" and undecided and not held.divides_open:
        funnel = open_in_none(funnel)
        base = base_of(funnel)
    shares = loss_shares(funnel)
    through = passing(base)
    gaps = {index: gap_of(funnel, index, held) for index in held.rates}
    growths = {
        index: gap.growth for index, gap in gaps.items() if gap and gap.reference and funnel.conversion_decided(index)
    }
    chances = chances_against(funnel, gaps, growths, through) if held.rates else chances_of_lowest(funnel, competing)
    steps = []
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None:
            continue
        low, high = step_bounds(funnel, index, confidence)
        decided_low, decided_high = step_bounds(funnel, index, confidence, decided=True)
        conversion, rate = funnel.conversion_decided(index), held.rates.get(index)
        sales_gain, revenue_gain = (None, None) if rate is None else gain(base, index, rate, through[index])
        gap = gaps.get(index)
        spread = Range() if gap is None or sales_gain is None else range_of(base, index, gap, through[index])
        steps.append(
            Step(
                name=stage.name,
                from_=names[stage.parent],
                conversion=funnel.conversion(index),
                conversion_low=low,
                conversion_high=high,
                target=rate,
                target_from=held.sources.get(index) if rate is not None else None,
                drop_off=drop_off(funnel, index),
                loss_share=shares[index],
                headroom_sales=sales_gain,
                headroom_revenue=revenue_gain,
                revenue_per_point=_per_point(base, index, through[index]),
                chance_weakest=chances.get(index),
                days=stage.days,
                off_the_way=index not in competing,
                headroom_sales_low=spread.sales_low,
                headroom_sales_high=spread.sales_high,
                headroom_revenue_low=spread.revenue_low,
                headroom_revenue_high=spread.revenue_high,
                off_way=index not in competing,
                conversion_decided=conversion,
                conversion_decided_low=decided_low,
                conversion_decided_high=decided_high,
                conversion_eventual=in_the_end(funnel, index, conversion) if losing(funnel, index) else None,
            )
        )
    leader, tied = _verdict(steps, by_reference=bool(held.rates))
    if known_end is False:
        leader, tied = None, ()
    return Bottleneck(
        **funnel.heading,
        confidence=confidence,
        reference=held.kind if held.rates else "none",
        bottleneck=leader if held.rates else None,
        tied=tied,
        needless=tuple(
            names[index]
            for index in sorted(competing)
            if funnel.stages[index].parent is not None and _is_needless(funnel, index, confidence)
        ),
        steps=tuple(steps),
        chances_approximate=bool(chances) and money_differs(held.rates, through),
        sale_is_told=funnel.is_chain or funnel.sale_is_told,
        lowest=None if held.rates else leader,
        best_of=_comparable(counted) if looks_for_best and not held.rates else None,
        undecided=undecided,
        not_mature=funnel.not_mature,
        open_by_segment=funnel.open_at if held.divides_open else (),
        lost_unplaced=funnel.lost_unplaced,
        exact=tuple(names[index] for index in held.rates if held.kind == "baseline" and index not in held.shapes),
        in_the_end=known_end,
        cut=funnel.cuts,
        unmet=funnel.unmet_among(competing),
    )


def _per_point(base: Funnel, index: int, through: Passing) -> Exact | None:
    """The revenue that one percentage point more of a step brings."""
    conversion = base.conversion_decided(index)
    return None if conversion is None else gain(base, index, conversion + ONE_POINT, through)[1]


def _comparable(funnel: Funnel) -> str | None:
    """The first dimension whose best segment is a reference, as its segments differ by more than chance.

    Those of time follow each other, and are none; of very many segments it is not looked at.
    """
    if not funnel.breakdowns:
        return None
    from funnelcli.analyses.periods import is_time

    several = (each.dimension for each in funnel.breakdowns if 1 < len(each.segments) <= MOST_COMPARED)
    held = (best_segment(funnel, dimension) for dimension in several if not is_time(dimension))
    return next((each.dimension for each in held if isinstance(each, Reference) and each.rates), None)


def bottleneck_by(
    funnel: Funnel,
    dimension: str,
    baseline: Funnel | None = None,
    confidence: float = 0.95,
    reference: Reference | None = None,
    sort: str = "file",
    top: int | None = None,
) -> Bottleneck | Problem:
    """The bottleneck of the whole funnel and of each segment of a dimension, all held against the same reference.

    `sort` and `top` choose segments as for `break_down`; `folded` of them are left out.
    """
    from funnelcli.analyses.breakdowns import find_breakdown
    from funnelcli.analyses.segments import foremost

    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    segments, rest = foremost(funnel, breakdown, sort, top)
    return find_bottleneck(funnel, baseline, confidence, reference)._replace(
        dimension=breakdown.dimension,
        segments=tuple(
            _of_segment(each, baseline, confidence, reference and _of_others(reference, breakdown.dimension, each.name))
            for each in segments
        ),
        folded=len(rest),
        open_by_segment=funnel.open_at if _divided(breakdown, reference) else (),
    )


def _divided(breakdown: Breakdown, reference: Reference | None) -> bool:
    """Whether it is known of which segments the open units are, and of those of the reference as well."""
    return breakdown.divides_open and (reference is None or reference.kind != "segment" or reference.divides_open)


def against_best(
    funnel: Funnel, best: str, by: str | None, confidence: float = 0.95, sort: str = "file", top: int | None = None
) -> Bottleneck | Problem:
    """The bottleneck against the best segment of the dimension `best`, and of each segment of `by` where one is given.

    Where no segment can be called better than the whole, it is the one without that reference, which says so.
    """
    held = best_segment(funnel, best)
    if isinstance(held, Problem):
        return held
    reference = held if held.rates else None
    if by is None:
        result: Bottleneck | Problem = find_bottleneck(funnel, None, confidence, reference)
    else:
        result = bottleneck_by(funnel, by, None, confidence, reference, sort, top)
    if isinstance(result, Problem) or reference is not None:
        return result
    return result._replace(no_best_of=held.dimension)


def _of_segment(segment: Funnel, baseline: Funnel | None, confidence: float, reference: Reference | None) -> Bottleneck:
    """The bottleneck of a segment: none of a cohort whose window is open, as its later steps may grow."""
    found = find_bottleneck(segment, baseline, confidence, reference)
    if not segment.is_open:
        return found._replace(not_mature=())
    return found._replace(not_mature=(segment.name,), bottleneck=None, lowest=None, tied=())


def _of_others(reference: Reference, dimension: str, segment: str) -> Reference:
    """The reference of a segment: its own rates are none, and those of others are held against it alone."""
    if reference.dimension != dimension:
        return reference._replace(others={})
    rates = {index: rate for index, rate in reference.rates.items() if reference.sources.get(index) != segment}
    return reference._replace(rates=rates, others={})


def _is_undecided(funnel: Funnel, index: int) -> bool:
    """Whether units that are open in the stage before may still take the step."""
    origin, decided = funnel.stages[index].parent, funnel.decided(index)
    return origin is not None and decided is not None and decided != funnel.stages[origin].count


def _is_needless(funnel: Funnel, index: int, confidence: float) -> bool:
    """Whether nearly everyone passes the step for sure."""
    conversion = funnel.conversion_decided(index)
    low, _ = step_bounds(funnel, index, max(confidence, NEEDLESS_CONFIDENCE), decided=True)
    return conversion is not None and conversion > NEEDLESS and low is not None and low > NEEDLESS_LOW


def rank(steps: tuple[Step, ...] | list[Step], by_reference: bool) -> list[Step]:
    """Steps that compete, the worst first: by headroom in money and sales, or by conversion."""
    if by_reference:
        # a step that lets nobody through has a headroom that cannot be known, and comes first
        dead = [step for step in steps if step.target and step.conversion_decided == 0 and step.headroom_sales is None]
        gaining = [step for step in steps if step.headroom_sales or step.headroom_revenue]
        return dead + sorted(gaining, key=lambda step: (-(step.headroom_revenue or 0), -(step.headroom_sales or 0)))
    rates = [(step.conversion_decided, step) for step in steps if not step.off_the_way]
    known = [(rate, step) for rate, step in rates if rate is not None and rate < 1]
    return [step for _, step in sorted(known, key=lambda pair: pair[0])]


def _verdict(steps: list[Step], by_reference: bool) -> tuple[str | None, tuple[str, ...]]:
    """The step to be named, or the tie: the leading steps whose chances together come to `LIKELY` of all.

    A step with half the leader's chance is among them, too. Without chances nothing is named.
    """
    ranked = rank(steps, by_reference)
    if not ranked:
        return None, ()
    leader = max(ranked, key=lambda step: step.chance_weakest or 0)
    if leader.chance_weakest is None:
        equal = [step.name for step in ranked if _standing(step, by_reference) == _standing(ranked[0], by_reference)]
        return None, tuple(equal) if len(equal) > 1 else ()
    if leader.chance_weakest >= LIKELY:
        return leader.name, ()
    total = sum(step.chance_weakest or 0 for step in steps)
    tied, reached = [leader], leader.chance_weakest
    for step in sorted((step for step in steps if step is not leader), key=lambda step: -(step.chance_weakest or 0)):
        if reached >= LIKELY * total and (step.chance_weakest or 0) < leader.chance_weakest / 2:
            break
        tied.append(step)
        reached += step.chance_weakest or 0
    return None, tuple(step.name for step in tied)


def _standing(step: Step, by_reference: bool) -> tuple[Exact | None, ...]:
    """What two steps must share to stand equal."""
    return (step.headroom_revenue, step.headroom_sales) if by_reference else (step.conversion_decided,)
