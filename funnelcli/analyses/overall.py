"""The conversion of all entries to the sale, B's against A's: the figure that judges, where steps only say where."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.exact import Exact, added, minus, ratio
from funnelcli.stats.beta import prob_b_beats_a
from funnelcli.stats.intervals import newcombe, relative_lift, wilson_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Funnel
    from funnelcli.stats.tests import RateTest

    ChanceOf: TypeAlias = Callable[[float, float, float, float], float]

Sample: TypeAlias = tuple[float, float]
"""(Units that came, units that could); in proportion fewer than were counted, where they vary by more than chance."""


class Overall(NamedTuple):
    """The overall conversion, tested.

    `conversion` is B's, with its interval; `difference` is B - A, a fraction of 1, with Newcombe's interval, and `lift`
    that in % of A, with Koopman's. `None` is what has no sample, and a bound that is not finite. `differs` is 1 where B
    is better by more than chance after the correction for all that was tested beside it, -1 where it is worse, else 0.
    `units_to_tell` is about how many more units of the entry that are decided, beside the `units_decided` so far and
    shared between A and B as now, would tell with a chance of 80% that they differ, if their rates are as they look;
    `None` where that is told, where they look equal, and of periods whose rates are known to vary, which more units do
    not settle.
    """

    conversion: Exact | None
    low: float | None
    high: float | None
    difference: Exact | None
    difference_low: float | None
    difference_high: float | None
    lift: Exact | None
    lift_low: float | None
    lift_high: float | None
    p_value: float | None
    p_value_holm: float | None
    chance_b_better: float | None
    differs: int
    units_to_tell: int | None = None
    units_decided: Exact | None = None


def as_compared(sample: Sample | None) -> Exact | None:
    """The rate of a sample that is held against another within periods."""
    return Fraction(sample[0] / sample[1]) if sample and sample[1] else None


def untold(found: Overall, a: Sample | None, b: Sample | None, tests: int, funnels: Sequence[Funnel]) -> Overall:
    """The record with the units that would tell, of so many tests, where the difference is not told.

    They are entries that are decided, as those of the `funnels` so far: samples are in proportion fewer.
    """
    if found.differs or found.p_value is None or a is None or b is None or not (a[1] and b[1]):
        return found
    from funnelcli.stats.power import units_to_tell

    decided = added(map(decided_entries, funnels))
    needed = units_to_tell(a, b, tests)
    if needed is not None:
        needed = max(1, math.ceil(needed * float(decided) / (a[1] + b[1])))
    return found._replace(units_to_tell=needed, units_decided=decided)


def decided_entries(funnel: Funnel) -> Exact:
    """The entries that are not open on the way to the sale; all of them where more are open than came."""
    entries = funnel.stages[0].count
    left = entries - sum(funnel.stages[at].open or 0 for at in funnel.path_to(funnel.sale_stage)[1:])
    return left if left > 0 else entries


def overall(
    rates: tuple[Exact | None, Exact | None],
    a: Sample | None,
    b: Sample | None,
    test: RateTest,
    confidence: float = 0.95,
    chance_of: ChanceOf = prob_b_beats_a,
    bounds: tuple[float | None, float | None] | None = None,
) -> Overall:
    """The record of two overall conversions (A's, B's), from their samples and a test among several.

    `chance_of` computes the chance that B is better; of thousands of pairs, a quick one. The interval of B's conversion
    is that of its sample, or `bounds`, where they are known.
    """
    difference = minus(rates[1], rates[0])
    if bounds is None:
        bounds = (None, None) if b is None else wilson_bounds(*b, confidence)
    apart = lift = chance = None
    if a is not None and b is not None:
        apart, lift = newcombe(*a, *b, confidence), relative_lift(*a, *b, confidence)
        chance = chance_of(*a, *b)
    return Overall(
        conversion=rates[1],
        low=bounds[0],
        high=bounds[1],
        difference=difference,
        difference_low=None if apart is None else apart.low,
        difference_high=None if apart is None else apart.high,
        lift=ratio(difference, rates[0]),
        lift_low=None if lift is None else lift.low,
        lift_high=None if lift is None else lift.high,
        p_value=test.p_value,
        p_value_holm=test.p_value_holm,
        chance_b_better=chance,
        differs=test.differs,
    )
