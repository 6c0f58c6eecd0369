"""Planning a test of two groups: how many units and weeks find a change of a conversion, and what a time can find."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.ends import base_is_end, base_of, base_taken
from funnelcli.analyses.fewer_stages import hidden, judged, one_step_taken
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.analyses.projection import projected
from funnelcli.analyses.variation import step_bounds
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, ratio, reduced
from funnelcli.stats import power as stats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel
    from funnelcli.what_if import Change

CONFIDENCE = 0.95
"""The usual confidence of a test."""
USUAL_WEEKS = (1, 2, 4, 8, 12, 26)
"""How long tests run, where no time is given."""


class Detectable(NamedTuple):
    """The least change that a test of so many weeks finds: units in each group, the rate there, and how it differs.

    It is a fall where a fall is asked for, else a rise.

    `difference` is in fractions of 1, `lift` relative to the rate now. `None` where no rate is enough.
    `power` is the chance to find the change that was asked for, in that time.
    """

    weeks: Exact
    units_per_group: int
    rate: float | None
    difference: float | None
    lift: float | None
    power: float | None


class Experiment(NamedTuple):
    """A test of two equal groups, one with a step as it is and one with a change of it.

    `conversion` is the step's now, with its interval, and `to` the one that shall be told from it, after the `change`
    as it is written. So many `units` of the stage it comes from, half of them in each group, find it with the chance
    `power` by a two-sided test at the `confidence`; they are what `entries` bring. `None` for the units where it would
    take more than 1e12. `per_week` is how many of these units come in a week, `weeks` how long the test takes.
    `detectable` is what given weeks can find. `in_the_end` is that of a `ScenarioReport`: also of the conversion now.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    given: str | None
    step: str
    from_: str
    conversion: Exact
    conversion_low: float | None
    conversion_high: float | None
    change: str | None
    to: Exact | None
    difference: Exact | None
    lift: Exact | None
    power: float
    confidence: float
    units_per_group: int | None
    units: int | None
    entries: Exact | None
    per_week: Exact | None
    weeks: Exact | None
    whole_weeks: int | None
    detectable: tuple[Detectable, ...]
    assumptions: tuple[str, ...]
    sales_called: str = "sales"
    in_the_end: bool | None = None


class Traffic(NamedTuple):
    """How many units come in a week, and for how many weeks; `None` where it is not said."""

    per_week: Exact | None = None
    weeks: Exact | None = None


UNKNOWN = Traffic()
"""Nothing is said of how many units come."""


def plan_test(
    funnel: Funnel,
    selector: Selector,
    change: Change | None,
    traffic: Traffic = UNKNOWN,
    power: float = stats.POWER,
    given: str | None = None,
) -> Experiment | Problem:
    """The units and weeks that find a change of a conversion, and what weeks can find; a `Problem` where neither is.

    From 10% to 12% it takes 3,835 units in each group (Cohen's h = 0.064).
    """
    counted = judged(funnel)
    funnel = base_of(counted)
    problem = hidden(funnel, selector)
    if problem is not None:
        return problem._replace(help=f"plan it for the one step to {quoted(funnel.names[funnel.sale_stage])}")
    rate, to = _rates(funnel, selector, change)
    if isinstance(rate, Problem):
        return rate
    if isinstance(to, Problem):
        return to
    assert selector.stage is not None
    index = funnel.index(selector.stage)
    origin = funnel.stages[index].parent
    assert origin is not None
    each = None if to is None else stats.units_per_group(float(rate), float(to), power, CONFIDENCE)
    units = None if each is None else 2 * each
    share = ratio(funnel.stages[origin].count, funnel.stages[0].count)
    low, high = step_bounds(counted, index, CONFIDENCE, decided=bool(base_is_end(counted)))
    weeks = None if units is None or traffic.per_week is None else reduced(Fraction(units) / traffic.per_week)
    return Experiment(
        **funnel.heading,
        given=given,
        step=funnel.stages[index].name,
        from_=funnel.stages[origin].name,
        conversion=rate,
        conversion_low=low,
        conversion_high=high,
        change=None if change is None else change.text,
        to=to,
        difference=None if to is None else reduced(to - rate),
        lift=None if to is None else ratio(to - rate, rate),
        power=power,
        confidence=CONFIDENCE,
        units_per_group=each,
        units=units,
        entries=None if units is None else ratio(units, share),
        per_week=traffic.per_week,
        weeks=weeks,
        whole_weeks=None if weeks is None else math.ceil(weeks),
        detectable=tuple(_detectable(rate, to, traffic, power)),
        assumptions=tuple(_assumptions(counted, index, low is not None)),
        in_the_end=base_is_end(counted),
    )


def _rates(funnel: Funnel, selector: Selector, change: Change | None) -> tuple[Exact | Problem, Exact | Problem | None]:
    """The conversion as it is and after the change, or why there is none that could be tested."""
    rate = figure(funnel, selector)
    if rate is None:
        why = why_undefined(funnel, selector)
        return Problem("FN118", f"{selector} is undefined: {why}", "choose a stage with a conversion"), None
    if rate > 1:
        help_ = "choose a stage that each reaches or does not"
        return Problem("FN118", f"{selector} is above 100%: counts grow there, and are no share", help_), None
    if change is None:
        return rate, None
    changed = projected(funnel, [(selector, change)])
    if isinstance(changed, Problem):
        return rate, changed
    assert selector.stage is not None
    at = funnel.index(selector.stage)
    to = change.of(rate)
    assert to is not None
    if to > 1:
        return rate, Problem("FN118", f"{selector} would be above 100% with {change.text}", "choose a smaller change")
    if to == rate:
        of_nothing = "" if rate else f" of a conversion of 0 at {quoted(funnel.stages[at].name)}"
        help_ = "write a change that is one, e.g. +10% or +2pp" if rate else "write points or a value, e.g. +2pp or 2%"
        return rate, Problem("FN116", f"{change.text}{of_nothing} changes nothing", help_)
    return rate, to


def _detectable(rate: Exact, to: Exact | None, traffic: Traffic, power: float) -> Iterator[Detectable]:
    if traffic.per_week is None:
        return
    now = float(rate)
    for weeks in USUAL_WEEKS if traffic.weeks is None else (traffic.weeks,):
        units = math.floor(Fraction(traffic.per_week * weeks, 2))
        found = stats.detectable(now, units, power, CONFIDENCE, falls=to is not None and to < rate)
        yield Detectable(
            weeks=weeks,
            units_per_group=units,
            rate=found,
            difference=None if found is None else found - now,
            lift=None if found is None or not now else found / now - 1,
            power=None if to is None or not units else stats.power_of(now, float(to), units, CONFIDENCE),
        )


def _assumptions(funnel: Funnel, index: int, has_sample: bool) -> Iterator[str]:
    yield "two groups of equal size, drawn by lot at the same time"
    yield "each goes its way independently of the others"
    yield f"a two-sided test at {CONFIDENCE:.0%} confidence, looked at once, at the end"
    now = "expected in the end" if base_is_end(funnel) else "now"
    yield f"the conversion {now} is taken as true" + ("" if has_sample else "; it was stated, or has no sample")
    yield from one_step_taken(funnel)
    if funnel.awaits:
        yield from base_taken(funnel)
