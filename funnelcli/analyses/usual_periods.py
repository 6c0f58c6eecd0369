"""The periods that are held against one another, each with its figure on a scale where it is about normal.

Rates of units, whose counts tell what varies by chance, lie on the scale of `stats.rate_scale`, counts on that of
`stats.count_scale`, as sums of money do whose units are known. Other amounts are taken as their logarithm; what may be
a loss as it is.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.figures import figure, index_of
from funnelcli.exact import Exact, reduced
from funnelcli.metrics import METRICS, Selector
from funnelcli.stats.count_scale import MOST_SPREAD, CountScale
from funnelcli.stats.intervals import decided_sample, sample
from funnelcli.stats.rate_scale import of_few, scaled, unscaled, variance
from funnelcli.stats.usual_level import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from funnelcli.analyses.calendar_lengths import Calendar
    from funnelcli.model import Funnel

RATES = ("conversion", "conversion_decided", "overall_conversion", "drop_off_rate")
"""Figures of which a period's counts tell how much chance makes them vary."""
_SUMS = ("revenue", "value_per", "value_per_entry", "roas")
"""What many units bring together, each an amount of its own."""
_NOTHING = 1e-9
_LEAST_MEAN = 0.1
_HALF = 0.455
"""The median of the square of an N(0, 1) variable."""


class JudgedPeriod(NamedTuple):
    """A period with its figure, as it is judged; how a value on that scale is the figure of this period, and back.

    `forth` takes a figure to the scale, `back` a value there to the figure. `trials` are the units behind a rate, and 0
    of other figures.
    """

    name: str
    value: Exact
    period: Period
    back: Callable[[float], float]
    forth: Callable[[float], float]
    trials: float = 0


def periods_of(
    funnel: Funnel, selector: Selector, named: Sequence[tuple[str, Funnel]], calendar: Calendar, decided: bool
) -> list[JudgedPeriod]:
    """The periods that have the figure."""
    season = calendar.season_of or (lambda name: None)
    values = [(name, value) for name, each in named if (value := figure(each, selector)) is not None]
    known = _counted(selector, named, decided)
    if known and len(known) >= len(values):
        rate = together([(came, could) for _, came, could in known])
        rarer = min(rate, 1 - rate)
        return [
            JudgedPeriod(
                name,
                reduced(Fraction(came) / Fraction(could)),
                Period(
                    scaled(came, could), variance(rate, could), season(name), few=of_few(rarer * could), of_units=True
                ),
                partial(unscaled, could=could),
                partial(_rate_scaled, could=could),
                could,
            )
            for name, came, could in known
        ]
    seasoned = [(season(name), float(value)) for name, value in values]
    scales: dict[Hashable, CountScale] = {}
    if selector.metric.kind == "count" and all(value >= 0 for _, value in values):
        scales = _scales(seasoned, {each: 1.0 for each, _ in seasoned}, 0.0)
    elif selector.metric.name in _SUMS:
        scales = _scales_of_sums(selector, named, seasoned, season)
    if scales:
        return [
            JudgedPeriod(name, value, _counted_as(float(value), scale, season(name)), scale.unscaled, scale.scaled)
            for name, value in values
            for scale in [scales[season(name)]]
        ]
    if selector.metric.bounds[1][0] is None:
        return [
            JudgedPeriod(name, value, Period(float(value), None, season(name)), float, float) for name, value in values
        ]
    nothing = float(min((value for _, value in values if value > 0), default=1)) / 2
    back = partial(_amount, nothing=nothing)
    forth = partial(_logarithm, nothing=nothing)
    return [
        JudgedPeriod(name, value, Period(forth(float(value)), None, season(name)), back, forth)
        for name, value in values
    ]


def step_of(funnel: Funnel, selector: Selector) -> tuple[int, int | None]:
    """The stage of a figure, and of an overall conversion the stage it is of."""
    return index_of(funnel, selector), 0 if selector.metric.name == "overall_conversion" else None


def _amount(value: float, nothing: float) -> float:
    """The amount that has this logarithm; where none came, it is that of `nothing`."""
    amount = math.exp(min(value, 700.0))
    return 0.0 if amount <= nothing * (1 + _NOTHING) else amount


def _logarithm(amount: float, nothing: float) -> float:
    """The inverse of `_amount`."""
    return math.log(amount or nothing)


def _rate_scaled(rate: float, could: float) -> float:
    """A rate of so many units on its scale."""
    return scaled(rate * could, could)


def _counted_as(count: float, scale: CountScale, season: Hashable) -> Period:
    """A count or a sum on its season's scale, where chance makes it vary as it does what is Poisson."""
    return Period(scale.scaled(count), scale.chance, season, few=of_few(1 / scale.chance))


def _scales(
    values: Sequence[tuple[Hashable, float]], units: dict[Hashable, float], spread: float
) -> dict[Hashable, CountScale]:
    """The scale of each season, of which one unit brings so much: medians tell of it, which an outage does not move."""
    means = {each: max(_LEAST_MEAN * units[each], median) for each, median in _medians(values).items()}
    known = {each: CountScale(mean, 0.0, units[each], spread) for each, mean in means.items()}
    beyond = [((value / means[each] - 1) ** 2 - _HALF * known[each].chance) / _HALF for each, value in values]
    apart = max(0.0, _median(beyond)) if beyond else 0.0
    return {each: scale._replace(apart=apart) for each, scale in known.items()}


def _scales_of_sums(
    selector: Selector,
    named: Sequence[tuple[str, Funnel]],
    values: Sequence[tuple[Hashable, float]],
    season: Callable[[str], Hashable],
) -> dict[Hashable, CountScale]:
    """The scales of what many units bring; none where a season has no units, or no money.

    How much the amounts vary, their means tell: that of n amounts varies by the nth part.
    """
    stage = selector.stage if selector.metric.name == "revenue" else None
    money = Selector(METRICS["revenue"], stage)
    count = Selector(METRICS["sales"], None) if stage is None else Selector(METRICS["count"], stage)
    told = [(name, float(figure(each, count) or 0), float(figure(each, money) or 0)) for name, each in named]
    numbers = _medians([(season(name), number) for name, number, _ in told])
    means = _medians(values)
    total = sum(number for _, number, _ in told)
    mean = sum(amount for *_, amount in told) / total if total else 0.0
    if not mean or min(means.values(), default=0) <= 0 or any(numbers[each] <= 0 for each in means):
        return {}
    apart = [number * (amount / number / mean - 1) ** 2 for _, number, amount in told if number]
    spread = min(MOST_SPREAD, _median(apart) / _HALF)
    return _scales(values, {each: mean / numbers[each] for each, mean in means.items()}, spread)


def _medians(values: Sequence[tuple[Hashable, float]]) -> dict[Hashable, float]:
    """Of each season."""
    seasons: dict[Hashable, list[float]] = {}
    for season, value in values:
        seasons.setdefault(season, []).append(value)
    return {season: _median(each) for season, each in seasons.items()}


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _counted(selector: Selector, named: Sequence[tuple[str, Funnel]], decided: bool) -> list[tuple[str, float, float]]:
    """The units behind a rate in each period that has some: whole counts that do not grow."""
    if selector.metric.name not in RATES:
        return []
    counted = decided_sample if decided else sample
    samples = [(name, counted(each, *step_of(each, selector))) for name, each in named]
    known = [(name, *counts) for name, counts in samples if counts is not None and counts[1]]
    if selector.metric.name == "drop_off_rate":
        return [(name, could - came, could) for name, came, could in known]
    return known


def together(samples: Sequence[tuple[float, float]]) -> float:
    """The rate of all periods, half a unit away from 0 and from 100%."""
    came, could = sum(each[0] for each in samples), sum(each[1] for each in samples)
    return min(max(came, 0.5), could - 0.5) / could if could > 1 else 0.5
