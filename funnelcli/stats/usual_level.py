"""The level of periods that are as usual: a mean for each season, the spread about it, and how far a period is from it.

A season that shows to vary more or less than the others has a spread of its own, as far as its periods tell: moderated
towards that of all (empirical Bayes: Smyth, Statistical Applications in Genetics and Molecular Biology 3, 2004).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_WILD = 3.0
_SURE = 37.0
"""Standard deviations of what differs where nothing ever did."""
_EVEN = -3.09
"""The normal quantile of one in a thousand."""
_TELLING = 8
"""Degrees of freedom from which a season tells of its own spread."""


class Period(NamedTuple):
    """A period's value, on a scale where values are about normal and seasons add; its variance by chance, if known.

    Of `few` units that is so many times as much, but no less where it is asked how far a value is from usual.
    Periods of the same `season` have the same mean; a `level` that has become usual has means of its own. A rate
    `of_units`, each of which goes on or not, varies by chance at least, whatever the periods before were like.
    """

    value: float
    by_chance: float | None = None
    season: Hashable = None
    level: int = 0
    few: float = 1.0
    of_units: bool = False


def normal_of_t(t: float, freedom: float | None) -> float:
    """The N(0, 1) variable that is as rare as Student's t (Peizer and Pratt, JASA 63, 1968): to 1% from 5 degrees."""
    if freedom is None:
        return t
    return math.copysign(stretch(freedom) * math.sqrt(math.log1p(t * t / freedom)), t)


def stretch(freedom: float) -> float:
    """By which sqrt(log(1 + t^2 / freedom)) becomes normal."""
    return (freedom - 2 / 3 + 0.1 / freedom) / math.sqrt(freedom - 5 / 6)


def t_of_normal(z: float, freedom: float | None) -> float:
    """The inverse of `normal_of_t`."""
    if freedom is None:
        return z
    return math.copysign(math.sqrt(freedom * math.expm1(min(700.0, (z / stretch(freedom)) ** 2))), z)


class ExpectedPeriod(NamedTuple):
    """The mean of a period, the standard deviation of what it is beyond that, and the degrees of freedom of this."""

    mean: float
    deviation: float
    freedom: float | None

    def score(self, value: float) -> float:
        """How far from usual a value is, as an N(0, 1) variable."""
        beyond = value - self.mean
        if abs(beyond) >= _SURE * self.deviation:
            return math.copysign(_SURE, beyond) if beyond else 0.0
        return normal_of_t(beyond / self.deviation, self.freedom)

    def at(self, z: float) -> float:
        """The value with this score."""
        return self.mean + self.deviation * t_of_normal(z, self.freedom)


class UsualLevel:
    """The mean of each season, and the spread, of the periods so far: weighted by what varies between periods."""

    def __init__(self, between: float | None, known: float | None) -> None:
        self.between, self.is_known = between, known is not None
        self.seasons: dict[Hashable, tuple[float, float]] = {}
        self.squares, self.freedom = 0.0, 0
        self.own: dict[Hashable, tuple[float, int]] = {}  # the squares and the freedom of each season

    def variance(self, period: Period, few: float) -> float:
        """By chance, `few` times that of many units, and between periods."""
        return 1.0 if period.by_chance is None else few * period.by_chance + (self.between or 0.0)

    def expected(self, period: Period) -> ExpectedPeriod | None:
        """What the period is expected to be, where those before tell."""
        season = (period.level, period.season)
        if season not in self.seasons or not (self.is_known or self.freedom >= 2):
            return None
        weight, mean = self.seasons[season]
        square, freedom = (1.0, None) if self.is_known else self._spread(period)
        return ExpectedPeriod(mean, math.sqrt(square * (self.variance(period, 1.0) + 1 / weight)), freedom)

    def _spread(self, period: Period) -> tuple[float, float]:
        """How many times its variance a period has, by those of its season, and the degrees of freedom of that."""
        if period.of_units and self.between == 0 and self.is_too_even():
            return 1.0, self.freedom
        season = period.season
        pooled = self.squares / self.freedom
        telling = [each for each in self.own.values() if each[1] >= _TELLING and each[0] > 0]
        if len(telling) < 3 or season not in self.own:
            return pooled, self.freedom
        logs = [math.log(squares / freedom) + 1 / freedom for squares, freedom in telling]
        mean = math.fsum(logs) / len(logs)
        apart = math.fsum((each - mean) ** 2 for each in logs) / (len(logs) - 1)
        apart -= math.fsum(2 / freedom + 2 / freedom**2 for _, freedom in telling) / len(telling)
        if apart <= 0:
            return pooled, self.freedom
        worth = (1 + math.sqrt(1 + 2 * apart)) / apart  # of all, in degrees of freedom
        squares, freedom = self.own[season]
        of_all = worth * math.exp(mean - 1 / worth)
        return (of_all + squares) / (worth + freedom), min(worth + freedom, self.freedom)

    def is_too_even(self) -> bool:
        """Whether the periods vary less than chance would have them: as chance brings it once in a thousand times.

        The squares are chi-squared then (Wilson and Hilferty, PNAS 17, 1931). Such figures are rounded, smoothed or
        made up, and do not tell how much the next one varies: chance does.
        """
        part = 2 / (9 * self.freedom)
        return math.cbrt(self.squares / self.freedom) < 1 - part + _EVEN * math.sqrt(part)

    def score(self, period: Period) -> float | None:
        """How far from usual the period is, as an N(0, 1) variable."""
        expected = self.expected(period)
        return None if expected is None else expected.score(period.value)

    def add(self, period: Period) -> None:
        """One more period."""
        variance = self.variance(period, period.few)
        season = (period.level, period.season)
        weight, mean = self.seasons.get(season, (0.0, period.value))
        if weight:
            square = (period.value - mean) ** 2 / (variance + 1 / weight)
            self.squares += square
            self.freedom += 1
            squares, freedom = self.own.get(period.season, (0.0, 0))
            self.own[period.season] = squares + square, freedom + 1
        total = weight + 1 / variance
        self.seasons[season] = total, mean + (period.value - mean) / (variance * total)


def fitted(periods: Sequence[Period], between: float | None) -> UsualLevel:
    """The level of periods; the variance between them is found by moments (DerSimonian and Laird, 1986)."""
    found = between
    if found is None and periods[0].by_chance is not None:
        plain = UsualLevel(0.0, None)
        heavy: dict[Hashable, float] = {}
        for period in periods:
            plain.add(period)
            season = (period.level, period.season)
            heavy[season] = heavy.get(season, 0.0) + plain.variance(period, period.few) ** -2
        grows = math.fsum(weight - heavy[season] / weight for season, (weight, _) in plain.seasons.items())
        found = max(0.0, (plain.squares - plain.freedom) / grows) if grows > 0 else 0.0
    level = UsualLevel(found, between)
    for period in periods:
        level.add(period)
    return level


def tamed(periods: list[Period], between: float | None) -> list[Period]:
    """The first periods, of which a wild one is held against all others, as nothing is known before.

    It then counts as one that is no more unusual than others: of so few, three deviations would widen what is usual.
    """
    periods = list(periods)
    for _ in range(len(periods) // 4):
        level, worst, at = fitted(periods, between), _WILD, -1
        for place, period in enumerate(periods):
            score = fitted(periods[:place] + periods[place + 1 :], between).score(period)
            if score is not None and abs(score) > worst:
                worst, at, level = abs(score), place, fitted(periods[:place] + periods[place + 1 :], between)
        if at < 0:
            break
        expected = level.expected(periods[at])
        assert expected is not None
        periods[at] = periods[at]._replace(value=expected.at(math.copysign(1.0, periods[at].value - expected.mean)))
    return periods


def within(period: Period, level: UsualLevel) -> Period:
    """The period as it counts: no further than wild."""
    expected = level.expected(period)
    score = 0.0 if expected is None else expected.score(period.value)
    if expected is None or abs(score) <= _WILD:
        return period
    return period._replace(value=expected.at(math.copysign(_WILD, score)))
