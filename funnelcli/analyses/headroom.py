"""What closing the gap between a step and its reference would bring: sales and money, and their 80% ranges."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.variation import effective_sample
from funnelcli.metrics import METRICS, Selector
from funnelcli.stats.beta import Candidate, posterior, prob_lowest

if TYPE_CHECKING:
    from funnelcli.analyses.reference import Reference
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.stats.gains import Growth, UncertainGrowth

LOW, HIGH = 0.1, 0.9
"""The quantiles that bound a headroom's range."""
MOST_TRIALS = 10**12
"""Units up to which chances and ranges are computed: beyond, a double no longer tells the rates apart."""


class Passing(NamedTuple):
    """What passes through a stage in the end: sales and revenue of the stage and of all that come from it.

    `leaf` says that no stage comes from it; `revenue` is `None` in a funnel without money.
    """

    sales: Exact
    revenue: Exact | None
    leaf: bool


class Range(NamedTuple):
    """Bounds of the sales and of the revenue that closing a gap would bring."""

    sales_low: float | None = None
    sales_high: float | None = None
    revenue_low: float | None = None
    revenue_high: float | None = None


def passing(funnel: Funnel) -> list[Passing]:
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
    return [Passing(*each) for each in zip(sales, revenues if money else [None] * len(sales), leaves, strict=True)]


def gain(funnel: Funnel, index: int, rate: Exact, through: Passing) -> tuple[Exact | None, Exact | None]:
    """Sales and revenue that the step brings more at a rate; 0 when it is there already, `None` when it cannot be.

    All that is downstream of a step grows as its conversion does: the gain is what passes through, times the growth.
    """
    current = funnel.conversion_decided(index)
    stage = funnel.stages[index]
    money = through.revenue is not None
    if current is None or stage.parent is None or (rate > 1 and not stage.allow_growth):
        return None, None
    if rate <= current:
        return 0, 0 if money else None
    if funnel.referral is not None and funnel.referral.brings:
        return _gain_with_referral(funnel, index, rate)
    if current:
        growth = Fraction(rate) / current - 1
        return through.sales * growth, None if through.revenue is None else through.revenue * growth
    if not through.leaf:
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


class Shortfall(NamedTuple):
    """A step that is below its reference, or may be: the shapes of its rate, and those of the reference or its rate.

    `now` is the rate as counted. `share` is the part of what passes through that the gap is of: with the best segment
    as the reference, that of all others, whose rate is known independently of it.
    """

    a: float
    b: float
    reference: float | tuple[float, float]
    share: float
    now: float

    @property
    def growth(self) -> Growth | UncertainGrowth:
        """The growth of the step that closes it; made anew each time."""
        from funnelcli.stats import gains

        if isinstance(self.reference, tuple):
            return gains.UncertainGrowth(self.a, self.b, self.reference)
        return gains.Growth(self.a, self.b, self.reference)

    def missing(self) -> tuple[float, float]:
        """The 80% range of what the step misses: a difference of rates, of the units that this is of.

        As many come to the step as came: a lower true rate has more to gain, but never more than the reference lets
        pass.
        """
        from funnelcli.stats.gains import shortfalls

        low, high = shortfalls(self.a, self.b, self.reference, (LOW, HIGH))
        return self.share * low, self.share * high

    @property
    def chance(self) -> float:
        """The chance that the step is really below its reference."""
        if isinstance(self.reference, tuple):
            return prob_lowest([Candidate(self.a, self.b), Candidate(*self.reference)])[0]
        return prob_lowest([self.growth])[0] if self.reference else 0.0


def gap_of(funnel: Funnel, index: int, held: Reference) -> Shortfall | None:
    """The gap between a step and its reference; `None` where there is no sample of so few units that it can be told."""
    counts = effective_sample(funnel, index, decided=True)
    if counts is None or counts[1] > MOST_TRIALS:
        return None
    reference = held.shapes.get(index) or float(held.rates[index])
    if index in held.others:
        a, b, share = held.others[index]
        return Shortfall(a, b, reference, share, a / (a + b))
    return Shortfall(*posterior(*counts), reference, 1.0, counts[0] / counts[1])


def range_of(funnel: Funnel, index: int, gap: Shortfall, through: Passing) -> Range:
    """The 80% range of what closing the gap would bring; 0 where the step may have no gap at all."""
    current = funnel.conversion_decided(index)
    stage = funnel.stages[index]
    if current is None or stage.parent is None:
        return Range()
    if not gap.reference:
        return _times(0.0, 0.0, 1.0, through.revenue)
    if current:
        low, high = (missing / gap.now for missing in gap.missing())
        if funnel.referral is not None and funnel.referral.brings:
            sales, revenue = zip(*(_lifted(funnel, index, growth) for growth in (low, high)), strict=True)
            unknown = (None, None)  # where one end is, as there is no range with one end
            return Range(*(unknown if None in sales else sales), *(unknown if None in revenue else revenue))
        return _times(low, high, float(through.sales), through.revenue)
    if not through.leaf:
        return Range()
    could = float(funnel.stages[stage.parent].count)
    low, high = (could * missing for missing in gap.missing())
    check = None if through.revenue is None else stage.average_order_value or 0
    return _times(low, high, 1.0 if index == funnel.sale_stage else 0.0, check)


def _times(low: float, high: float, sales: float, revenue: Exact | None) -> Range:
    money = () if revenue is None else (low * float(revenue), high * float(revenue))
    return Range(low * sales, high * sales, *money)


def _lifted(funnel: Funnel, index: int, growth: float) -> tuple[float | None, float | None]:
    """Sales and revenue that the step brings more when its conversion grows, with those whom the sales bring."""
    current = funnel.conversion_decided(index) or 0
    rate = current * (1 + Fraction(growth))
    if rate <= current:
        return 0.0, 0.0 if funnel.money_stages else None
    if rate > 1 and not funnel.stages[index].allow_growth:
        return None, None
    sales, revenue = _gain_with_referral(funnel, index, rate)
    return None if sales is None else float(sales), None if revenue is None else float(revenue)
