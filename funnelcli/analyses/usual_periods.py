"""The periods that are held against one another, each with its figure on a scale where it is about normal.

Rates of units, whose counts tell what varies by chance, lie on the scale of `stats.rate_scale`, counts on that of
`stats.count_scale`, as sums of money do whose units are known. Other amounts are taken as their logarithm; what may be
a loss as it is.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, overload

from funnelcli.analyses.figures import figure, index_of
from funnelcli.exact import Exact, reduced
from funnelcli.metrics import METRICS, Selector
from funnelcli.stats.count_scale import CountScale, SumScale
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
    """A period with its figure, as it is judged, and how a value on that scale is the figure of this period again.

    `trials` are the units behind a rate, and 0 of other figures.
    """

    name: str
    value: Exact
    period: Period
    back: Callable[[float], float]
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
                could,
            )
            for name, came, could in known
        ]
    if selector.metric.kind == "count" and all(value >= 0 for _, value in values):
        scales = _scales([(season(name), float(value)) for name, value in values])
        return [
            JudgedPeriod(name, value, _counted_as(float(value), scale, season(name)), scale.unscaled)
            for name, value in values
            for scale in [scales[season(name)]]
        ]
    if selector.metric.bounds[1][0] is None:
        return [JudgedPeriod(name, value, Period(float(value), None, season(name)), float) for name, value in values]
    if selector.metric.name in _SUMS and values:
        units = _units_behind(selector, named)
        amounts = [(season(name), float(value)) for name, value in values]
        numbers = [(season(name), units[name]) for name, _ in values]
        if min(*_medians(amounts).values(), *_medians(numbers).values()) > 0:
            sums = _scales(amounts, numbers)
            return [
                JudgedPeriod(
                    name, value, Period(scale.scaled(float(value)), scale.chance, season(name)), scale.unscaled
                )
                for name, value in values
                for scale in [sums[season(name)]]
            ]
    nothing = float(min((value for _, value in values if value > 0), default=1)) / 2
    back = partial(_amount, nothing=nothing)
    logs = [(name, value, math.log(value or nothing)) for name, value in values]
    return [JudgedPeriod(name, value, Period(log, None, season(name)), back) for name, value, log in logs]


def step_of(funnel: Funnel, selector: Selector) -> tuple[int, int | None]:
    """The stage of a figure, and of an overall conversion the stage it is of."""
    return index_of(funnel, selector), 0 if selector.metric.name == "overall_conversion" else None


def _amount(value: float, nothing: float) -> float:
    """The amount that has this logarithm; where none came, it is that of `nothing`."""
    amount = math.exp(min(value, 700.0))
    return 0.0 if amount <= nothing * (1 + _NOTHING) else amount


def _counted_as(count: float, scale: CountScale, season: Hashable) -> Period:
    """A count on its season's scale, where chance makes it vary as a Poisson variable does."""
    return Period(scale.scaled(count), scale.chance, season, few=of_few(scale.mean))


@overload
def _scales(values: Sequence[tuple[Hashable, float]]) -> dict[Hashable, CountScale]: ...


@overload
def _scales(
    values: Sequence[tuple[Hashable, float]], units: Sequence[tuple[Hashable, float]]
) -> dict[Hashable, SumScale]: ...


def _scales(
    values: Sequence[tuple[Hashable, float]], units: Sequence[tuple[Hashable, float]] | None = None
) -> dict[Hashable, CountScale] | dict[Hashable, SumScale]:
    """The scale of each season's counts, or sums of so many units: medians tell of it, which no outage moves."""
    means, numbers = _medians(values), {} if units is None else _medians(units)
    if units is None:
        means = {season: max(_LEAST_MEAN, mean) for season, mean in means.items()}
    chances = {season: 2 / numbers[season] if numbers else 1 / mean for season, mean in means.items()}
    beyond = [((value / means[season] - 1) ** 2 - _HALF * chances[season]) / _HALF for season, value in values]
    apart = max(0.0, _median(beyond))
    if units is None:
        return {season: CountScale(mean, apart) for season, mean in means.items()}
    return {season: SumScale(mean, apart, numbers[season]) for season, mean in means.items()}


def _medians(values: Sequence[tuple[Hashable, float]]) -> dict[Hashable, float]:
    """Of each season."""
    seasons: dict[Hashable, list[float]] = {}
    for season, value in values:
        seasons.setdefault(season, []).append(value)
    return {season: _median(each) for season, each in seasons.items()}


def _units_behind(selector: Selector, named: Sequence[tuple[str, Funnel]]) -> dict[str, float]:
    """How many brought the money of each period."""
    stage = selector.stage if selector.metric.name == "revenue" else None
    asked = Selector(METRICS["sales"], None) if stage is None else Selector(METRICS["count"], stage)
    return {name: float(figure(each, asked) or 0) for name, each in named}


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
