"""Which step holds the funnel back, by headroom or else by the lowest conversion, and how sure that is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.conversion import loss_shares, step_bounds
from funnelcli.analyses.reference import Reference, of_baseline, targets
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Selector
from funnelcli.stats.beta import Candidate, posterior, prob_lowest
from funnelcli.stats.intervals import sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from funnelcli.model import Exact, Funnel

SURE = 0.8
"""The chance from which a step is called the bottleneck; below it, the first ones are a tie."""
NEEDLESS = Fraction(98, 100)
"""A conversion above which a step may be a needless link in the chain, if its interval is high, too."""
NEEDLESS_LOW = 0.95
"""Above which the low end of that interval lies: one of one proves nothing."""
ONE_POINT = Fraction(1, 100)
MOST_CANDIDATES = 200
"""Steps up to which the chances are computed; no funnel that people read has more."""
MOST_WITH_REFERENCE = 30
"""The same where steps are held against a reference, which takes the square of the time."""
MOST_TRIALS = 10**12
"""Units up to which they are: beyond, a double no longer tells the rates apart."""


class Step(NamedTuple):
    """A step into a stage.

    Steps `off_the_way` lead neither to the sale nor to money (`Lost`, refunds) and never compete. `target` is the
    conversion it is held against, `target_from` the segment that it is taken from; `headroom_…` is
    what closing the gap to it would bring, 0 when there is no gap, `None` without a reference. `revenue_per_point` is
    what one percentage point more would bring. `chance_weakest` is the chance that this step has the most headroom
    (the lowest conversion, without a reference).
    """

    name: str
    from_: str
    conversion: Exact | None
    conversion_low: float | None
    conversion_high: float | None
    target: Exact | None
    target_from: str | None
    drop_off: Exact
    loss_share: Exact | None
    headroom_sales: Exact | None
    headroom_revenue: Exact | None
    revenue_per_point: Exact | None
    chance_weakest: float | None
    days: Exact | None
    off_the_way: bool = False


class Bottleneck(NamedTuple):
    """The verdict: `bottleneck`, where its chance is at least `SURE`, or the steps `tied`.

    Neither when every step reaches its reference, when only one competes without one, and where no chances can be
    given. Unless `sale_is_told`, all branches compete. `segments` are the verdicts on the segments of a
    `dimension`. `chances_approximate`: on branches and ladders, where steps have different money behind them, that
    money is held at its present value, while the rates that it rests on are as uncertain as the others.
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

    @property
    def ranked(self) -> list[Step]:
        """The steps that compete, the worst first."""
        return rank(self.steps, self.reference != "none")


def find_bottleneck(
    funnel: Funnel, baseline: Funnel | None = None, confidence: float = 0.95, reference: Reference | None = None
) -> Bottleneck:
    """Rank the steps by what closing the gap to their reference would bring, with the chance of each.

    With a `baseline` funnel, its conversions at stages of the same name are the reference, or else the `reference` that
    is given, or else the targets of the file; without any of them, steps rank by conversion.
    """
    names = funnel.names
    held = of_baseline(funnel, baseline) if baseline else reference or targets(funnel)
    competing = funnel.on_the_way
    references = {index: rate for index, rate in held.rates.items() if index in competing}
    shares = loss_shares(funnel)
    below = _below(funnel)
    gains = {index: _gain(funnel, index, rate, below[index]) for index, rate in references.items()}
    chances = _chances(funnel, competing, references, below)
    steps = []
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None:
            continue
        low, high = step_bounds(funnel, index, confidence)
        conversion = funnel.conversion(index)
        sales_gain, revenue_gain = gains.get(index, (None, None))
        steps.append(
            Step(
                name=stage.name,
                from_=names[stage.parent],
                conversion=conversion,
                conversion_low=low,
                conversion_high=high,
                target=references.get(index),
                target_from=held.sources.get(index),
                drop_off=funnel.stages[stage.parent].count - stage.count,
                loss_share=shares[index],
                headroom_sales=sales_gain,
                headroom_revenue=revenue_gain,
                revenue_per_point=None
                if conversion is None
                else _gain(funnel, index, conversion + ONE_POINT, below[index])[1],
                chance_weakest=chances.get(index),
                days=stage.days,
                off_the_way=index not in competing,
            )
        )
    leader, tied = _verdict(steps, by_reference=bool(references))
    return Bottleneck(
        **funnel.heading,
        confidence=confidence,
        reference=held.kind if references else "none",
        bottleneck=leader,
        tied=tied,
        needless=tuple(step.name for step in steps if not step.off_the_way and _is_needless(step)),
        steps=tuple(steps),
        chances_approximate=bool(chances) and _money_differs(competing, references, below),
        sale_is_told=funnel.is_chain or funnel.sale_is_told,
    )


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
    from funnelcli.analyses.segments import find_breakdown, foremost

    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    segments, rest = foremost(funnel, breakdown, sort, top)
    return find_bottleneck(funnel, baseline, confidence, reference)._replace(
        dimension=breakdown.dimension,
        segments=tuple(find_bottleneck(each, baseline, confidence, reference) for each in segments),
        folded=len(rest),
    )


def _is_needless(step: Step) -> bool:
    return bool(step.conversion and step.conversion > NEEDLESS and (step.conversion_low or 0) > NEEDLESS_LOW)


def rank(steps: tuple[Step, ...] | list[Step], by_reference: bool) -> list[Step]:
    """Steps that compete, the worst first: by headroom in money and sales, or by conversion."""
    if by_reference:
        # a step that lets nobody through has a headroom that cannot be known, and comes first
        dead = [step for step in steps if step.target and step.conversion == 0 and step.headroom_sales is None]
        gaining = [step for step in steps if step.headroom_sales or step.headroom_revenue]
        return dead + sorted(gaining, key=lambda step: (-(step.headroom_revenue or 0), -(step.headroom_sales or 0)))
    known = [step for step in steps if not step.off_the_way and step.conversion is not None and step.conversion < 1]
    return sorted(known, key=lambda step: step.conversion or 0)


class _Below(NamedTuple):
    """What passes through a stage in the end: sales and revenue of the stage and of all that come from it.

    `leaf` says that no stage comes from it; `revenue` is `None` in a funnel without money.
    """

    sales: Exact
    revenue: Exact | None
    leaf: bool


def _below(funnel: Funnel) -> list[_Below]:
    """What passes through each stage, added up from the last stage to the first."""
    money, sale = bool(funnel.money_stages), funnel.sale_stage
    sales: list[Exact] = [stage.count if index == sale else 0 for index, stage in enumerate(funnel.stages)]
    revenues: list[Exact] = [economics.stage_revenue(funnel, index) or 0 for index in range(len(funnel.stages))]
    leaves = [True] * len(sales)
    for index in range(len(sales) - 1, 0, -1):
        parent = funnel.stages[index].parent
        if parent is not None:
            sales[parent] += sales[index]
            revenues[parent] += revenues[index]
            leaves[parent] = False
    return [_Below(*each) for each in zip(sales, revenues if money else [None] * len(sales), leaves, strict=True)]


def _gain(funnel: Funnel, index: int, rate: Exact, below: _Below) -> tuple[Exact | None, Exact | None]:
    """Sales and revenue that the step brings more at a rate; 0 when it is there already, `None` when it cannot be.

    All that is downstream of a step grows as its conversion does: the gain is what passes through, times the growth.
    """
    current = funnel.conversion(index)
    stage = funnel.stages[index]
    money = below.revenue is not None
    if current is None or stage.parent is None or (rate > 1 and not stage.allow_growth):
        return None, None
    if rate <= current:
        return 0, 0 if money else None
    if funnel.referral is not None and funnel.referral.brings:
        return _gain_with_referral(funnel, index, rate)
    if current:
        growth = Fraction(rate) / current - 1
        return below.sales * growth, None if below.revenue is None else below.revenue * growth
    if not below.leaf:
        return None, None  # nobody has come this far, so nothing is known of the steps after it
    came = funnel.stages[stage.parent].count * rate
    return came if index == funnel.sale_stage else 0, came * (stage.average_order_value or 0) if money else None


def _gain_with_referral(funnel: Funnel, index: int, rate: Exact) -> tuple[Exact | None, Exact | None]:
    """The same where more sales bring more units: what a projection has more."""
    from funnelcli.analyses.levers import difference, lever_of, set_lever

    lever = lever_of(funnel, Selector(METRICS["conversion"], funnel.stages[index].name))
    after = set_lever(funnel, lever, rate)
    sales = difference(funnel, after, "sales")
    return sales, None if sales is None else difference(funnel, after, "revenue")


def _chances(
    funnel: Funnel, competing: Iterable[int], references: Mapping[int, Exact], below: list[_Below]
) -> dict[int, float]:
    """The chance of each competing step to be the weakest; none at all when one of them has no sample."""
    income = any(each.revenue for each in below)
    candidates: dict[int, Candidate] = {}
    dead: dict[int, float] = {}
    for index in sorted(competing):
        if funnel.stages[index].parent is None or (references and index not in references):
            continue
        conversion = funnel.conversion(index)
        if conversion is None or (conversion > 1 and not references):
            continue
        counts = sample(funnel, index)
        if counts is None or counts[1] > MOST_TRIALS:
            return {}
        if not references:
            candidates[index] = Candidate(*posterior(*counts))
            continue
        weight = below[index].revenue if income else below[index].sales
        if weight and references[index]:
            candidates[index] = Candidate(*posterior(*counts), float(references[index]), float(weight))
        elif references[index] and not conversion:
            dead[index] = 1 - (1 - float(references[index])) ** (counts[1] + 1)  # of Beta(1, 1 + n), below it
    if not candidates:  # nothing arrives: what lets nobody through is all there is to gain
        return dead
    most = MOST_WITH_REFERENCE if references else MOST_CANDIDATES
    if (len(candidates) == 1 and not references) or len(candidates) > most:
        return {}
    return dict(zip(candidates, prob_lowest(tuple(candidates.values())), strict=True))


def _money_differs(competing: Iterable[int], references: Mapping[int, Exact], below: list[_Below]) -> bool:
    """Whether the steps held against a reference have different money, or sales, behind them."""
    income = any(each.revenue for each in below)
    behind = (below[index].revenue if income else below[index].sales for index in competing if index in references)
    return len({each for each in behind if each}) > 1


def _verdict(steps: list[Step], by_reference: bool) -> tuple[str | None, tuple[str, ...]]:
    """The bottleneck, or the tie: the leading steps whose chances together come to `SURE` of all.

    A step with half the leader's chance is among them, too. Without chances nothing is called the bottleneck.
    """
    ranked = rank(steps, by_reference)
    if not ranked:
        return None, ()
    leader = max(ranked, key=lambda step: step.chance_weakest or 0)
    if leader.chance_weakest is None:
        equal = [step.name for step in ranked if _standing(step, by_reference) == _standing(ranked[0], by_reference)]
        return None, tuple(equal) if len(equal) > 1 else ()
    if leader.chance_weakest >= SURE:
        return leader.name, ()
    total = sum(step.chance_weakest or 0 for step in steps)
    tied, reached = [leader], leader.chance_weakest
    for step in sorted((step for step in steps if step is not leader), key=lambda step: -(step.chance_weakest or 0)):
        if reached >= SURE * total and (step.chance_weakest or 0) < leader.chance_weakest / 2:
            break
        tied.append(step)
        reached += step.chance_weakest or 0
    return None, tuple(step.name for step in tied)


def _standing(step: Step, by_reference: bool) -> tuple[Exact | None, ...]:
    """What two steps must share to stand equal."""
    return (step.headroom_revenue, step.headroom_sales) if by_reference else (step.conversion,)
