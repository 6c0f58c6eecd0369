"""Is the newest of many periods as usual? A chart that needs no limit and keeps a promise of false alarms.

Mean, spread and season of the weekdays are unknown. Each period is held against those before it: its recursive
residual (Brown, Durbin and Evans, JRSS B 37, 1975), divided by the spread of the residuals so far, is Student's t with
their degrees of freedom, and so an exact N(0, 1) variable that is independent of those before (Quesenberry, Journal of
Quality Technology 23, 1991; Hawkins and Olwell, Cumulative Sum Charts, 1998, chapter 7). Of these three CUSUMs to
either side are kept (Page, Biometrika 41, 1954; several together: Sparks, Journal of Quality Technology 32, 2000): for
falls that are large, middling and small. Nothing is stored: the chart is drawn anew from all periods.

An alarm lasts until the figure is likely back, or until the new level has lasted so long that it is the usual one. What
is wild counts in mean and spread as if it were `_WILD` standard deviations away (Huber, Robust Statistics, 1981).
"""

from __future__ import annotations

import math
from bisect import bisect
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_SLACKS = (0.25, 0.75, 2.0)
"""Half of the shift that each CUSUM finds best, in standard deviations."""
_LIMITS = {
    6: (1.156, 0.446, 0.0),
    9: (1.871, 0.894, 0.0),
    12: (2.366, 1.155, 0.0),
    18: (3.403, 1.627, 0.071),
    24: (3.982, 1.865, 0.224),
    36: (4.805, 2.185, 0.416),
    52: (5.582, 2.475, 0.579),
    104: (7.036, 2.998, 0.851),
    208: (8.507, 3.511, 1.097),
    365: (9.696, 3.917, 1.281),
    730: (11.141, 4.406, 1.492),
    1500: (12.638, 4.907, 1.7),
    3000: (14.105, 5.397, 1.895),
    6000: (15.527, 5.87, 2.078),
    12000: (16.902, 6.327, 2.251),
}
"""Periods with one false alarm among them, and the limits of the CUSUMs that bring that about where mean and spread are
known: simulated."""
_UNKNOWN = 1.06
"""How much oftener one alarms that does not know mean and spread, some thousand periods long: simulated."""
LEAST, MOST = 8, 11_300
"""The periods that a promise can be of."""
_WILD = 3.0
_BACK = math.log(4)
"""Logarithm of the odds at which a figure is likely back: 80%."""
_SURE = 37.0
"""Standard deviations of what differs where nothing ever did."""


class Period(NamedTuple):
    """A period's value, on a scale where values are about normal and seasons add; its variance by chance, if known.

    Periods of the same `season` have the same mean; a `level` that has become usual has means of its own.
    """

    value: float
    by_chance: float | None = None
    season: Hashable = None
    level: int = 0


class Usual(NamedTuple):
    """How the newest period is: `side` is 0 where it is as usual, else -1 (below) or 1 (above) since the place `since`.

    A single period with a value from `low` to `high` raises no alarm if those before it are as usual. `alarms` are the
    places at which alarms began, this one among them.
    """

    side: int
    since: int | None
    low: float
    high: float
    alarms: tuple[int, ...]


def limits(periods: float) -> tuple[float, ...]:
    """The limits of the CUSUMs with one false alarm in so many periods.

    Raises `ValueError` outside `LEAST` to `MOST`.
    """
    if not LEAST <= periods <= MOST:
        raise ValueError(f"one false alarm in {periods} periods cannot be promised")
    known, periods = sorted(_LIMITS), periods * _UNKNOWN
    at = min(max(1, bisect(known, periods)), len(known) - 1)
    below, above = known[at - 1], known[at]
    share = math.log(periods / below) / math.log(above / below)
    return tuple(a + (b - a) * share for a, b in zip(_LIMITS[below], _LIMITS[above], strict=True))


def normal_of_t(t: float, freedom: float | None) -> float:
    """The N(0, 1) variable that is as rare as Student's t (Peizer and Pratt, JASA 63, 1968): to 1% from 5 degrees."""
    if freedom is None:
        return t
    scale = freedom - 2 / 3 + 0.1 / freedom
    z = scale * math.sqrt(math.log1p(t * t / freedom) / (freedom - 5 / 6))
    return math.copysign(z, t)


def t_of_normal(z: float, freedom: float | None) -> float:
    """The inverse of `normal_of_t`."""
    if freedom is None:
        return z
    scale = freedom - 2 / 3 + 0.1 / freedom
    return math.copysign(math.sqrt(freedom * math.expm1(min(700.0, z * z * (freedom - 5 / 6) / scale**2))), z)


def usual(
    periods: Sequence[Period], false_alarm_in: float, first: int, stays: int, between: float | None = None
) -> Usual | None:
    """How the newest of the periods is, held against all before; `None` where these cannot tell.

    `first` periods are needed to tell, and an alarm that `stays` so many more has become usual. `between` is the
    variance between periods where it is known; else the spread is an estimate.
    """
    chart = _Chart(limits(false_alarm_in), first, stays, between)
    for period in periods:
        chart.add(period)
    return chart.newest()


class _Expected(NamedTuple):
    """The mean of a period, the standard deviation of what it is beyond that, and the degrees of freedom of this."""

    mean: float
    deviation: float
    freedom: int | None

    def score(self, value: float) -> float:
        """How far from usual a value is, as an N(0, 1) variable."""
        beyond = value - self.mean
        if abs(beyond) >= _SURE * self.deviation:
            return math.copysign(_SURE, beyond) if beyond else 0.0
        return normal_of_t(beyond / self.deviation, self.freedom)

    def at(self, z: float) -> float:
        """The value with this score."""
        return self.mean + self.deviation * t_of_normal(z, self.freedom)


class _Level:
    """The mean of each season, and the spread, of the periods so far: weighted by what varies between periods."""

    def __init__(self, between: float | None, known: float | None) -> None:
        self.between, self.is_known = between, known is not None
        self.seasons: dict[Hashable, tuple[float, float]] = {}
        self.squares, self.freedom = 0.0, 0

    def variance(self, period: Period) -> float:
        """By chance, and between periods."""
        return 1.0 if period.by_chance is None else period.by_chance + (self.between or 0.0)

    def expected(self, period: Period) -> _Expected | None:
        """What the period is expected to be, where those before tell."""
        season = (period.level, period.season)
        if season not in self.seasons or not (self.is_known or self.freedom >= 2):
            return None
        weight, mean = self.seasons[season]
        scale = 1.0 if self.is_known else math.sqrt(self.squares / self.freedom)
        deviation = scale * math.sqrt(self.variance(period) + 1 / weight)
        return _Expected(mean, deviation, None if self.is_known else self.freedom)

    def score(self, period: Period) -> float | None:
        """How far from usual the period is, as an N(0, 1) variable."""
        expected = self.expected(period)
        return None if expected is None else expected.score(period.value)

    def add(self, period: Period) -> None:
        """One more period."""
        variance = self.variance(period)
        season = (period.level, period.season)
        weight, mean = self.seasons.get(season, (0.0, period.value))
        if weight:
            self.squares += (period.value - mean) ** 2 / (variance + 1 / weight)
            self.freedom += 1
        total = weight + 1 / variance
        self.seasons[season] = total, mean + (period.value - mean) / (variance * total)


def _fitted(periods: Sequence[Period], between: float | None) -> _Level:
    """The level of periods; the variance between them is found by moments (DerSimonian and Laird, 1986)."""
    found = between
    if found is None and periods[0].by_chance is not None:
        plain = _Level(0.0, None)
        heavy: dict[Hashable, float] = {}
        for period in periods:
            plain.add(period)
            season = (period.level, period.season)
            heavy[season] = heavy.get(season, 0.0) + plain.variance(period) ** -2
        grows = math.fsum(weight - heavy[season] / weight for season, (weight, _) in plain.seasons.items())
        found = max(0.0, (plain.squares - plain.freedom) / grows) if grows > 0 else 0.0
    level = _Level(found, between)
    for period in periods:
        level.add(period)
    return level


def _tamed(periods: list[Period], between: float | None) -> list[Period]:
    """The first periods, of which a wild one is held against all others, as nothing is known before."""
    periods = list(periods)
    for _ in range(len(periods) // 4):
        level, worst, at = _fitted(periods, between), _WILD, -1
        for place, period in enumerate(periods):
            score = _fitted(periods[:place] + periods[place + 1 :], between).score(period)
            if score is not None and abs(score) > worst:
                worst, at, level = abs(score), place, _fitted(periods[:place] + periods[place + 1 :], between)
        if at < 0:
            break
        periods[at] = _within(periods[at], level)
    return periods


def _within(period: Period, level: _Level) -> Period:
    """The period as it counts: no further than wild."""
    expected = level.expected(period)
    score = 0.0 if expected is None else expected.score(period.value)
    if expected is None or abs(score) <= _WILD:
        return period
    return period._replace(value=expected.at(math.copysign(_WILD, score)))


class _Chart:
    """The CUSUMs and the alarm, period after period."""

    def __init__(self, limits: tuple[float, ...], first: int, stays: int, between: float | None) -> None:
        self.limits, self.first, self.stays, self.between = limits, first, stays, between
        self.periods: list[Period] = []  # as they count
        self.level: _Level | None = None
        self.refit, self.era = first, 0
        self.rest()
        self.side, self.since, self.until = 0, 0, 0
        self.shift = self.back = 0.0
        self.unusual: list[Period] = []  # since the alarm's beginning
        self.last: _Expected | None = None
        self.alarms: list[int] = []

    def rest(self) -> None:
        """All CUSUMs at 0; each with the place where it left it."""
        self.sums = {(slack, side): (0.0, 0) for slack in _SLACKS for side in (-1, 1)}

    def newest(self) -> Usual | None:
        """How the last period is, if that can be told."""
        if self.last is None:
            return None
        far = min(limit + slack for limit, slack in zip(self.limits, _SLACKS, strict=True))
        since = self.since if self.side else None
        return Usual(self.side, since, self.last.at(-far), self.last.at(far), tuple(self.alarms))

    def add(self, period: Period) -> None:
        """The next period, which is judged if enough are known."""
        period = period._replace(level=self.era)
        if self.level is None:
            self.periods.append(period)
            if len(self.periods) == self.first:
                self._begin()
            return
        if self.side:
            self._lasts(period, self.level)
        else:
            self._judge(period, self.level)

    def _judge(self, period: Period, level: _Level) -> None:
        """A period while all is as usual."""
        place = len(self.periods)
        self.last = level.expected(period)
        score = None if self.last is None else self.last.score(period.value)
        if score is None or not self._rises(score, place):
            self._grows([period])
        else:
            self.level = _fitted(self.periods[: max(self.since, self.first)], self.between)
            self.last = self.level.expected(period) or self.last
            self.unusual, self.until = [*self.periods[self.since :], period], place + self.stays
            scores = [each for each in map(self.level.score, self.unusual) if each is not None]
            self.shift = math.fsum(scores) / len(scores) if scores else score
            del self.periods[self.since :]
            self.alarms.append(place)

    def _begin(self) -> None:
        self.periods = _tamed(self.periods, self.between)
        told, level = _fitted(self.periods, self.between), _Level(None, self.between)
        level.between = told.between
        for place, period in enumerate(self.periods):
            score = level.score(period)
            if score is not None and self._rises(score, place):
                self.side = 0  # what came before the first that is judged raises no alarm
            level.add(period)
        self.level, self.refit = told, 2 * self.first

    def _grows(self, more: Sequence[Period]) -> None:
        """More periods that count as usual ones."""
        assert self.level is not None
        level = self.level
        for period in [_within(each, level) for each in more]:
            self.periods.append(period)
            level.add(period)
        if len(self.periods) >= self.refit:
            self.level, self.refit = _fitted(self.periods, self.between), 2 * len(self.periods)

    def _lasts(self, period: Period, level: _Level) -> None:
        """One more period of an alarm: the figure may be back, or where it is may have become usual."""
        self.last = level.expected(period)
        if self.last is not None:
            score = self.last.score(period.value)
            self.back = max(0.0, self.back + self.shift * self.shift / 2 - self.shift * score)
        if self.back > _BACK:
            self.side = 0
            self._grows(self.unusual)
            self._judge(period, self.level or level)  # it may be beyond the other side
            return
        self.unusual.append(period)
        if self.since + len(self.unusual) > self.until:
            self.side, self.era = 0, self.era + 1
            self.periods += [each._replace(level=self.era) for each in self.unusual]
            self.level = _fitted(self.periods, self.between)

    def _rises(self, score: float, place: int) -> bool:
        """Whether a score raises an alarm, and since when."""
        most = 1.0
        for limit, slack in zip(self.limits, _SLACKS, strict=True):
            for side in (-1, 1):
                total, left = self.sums[slack, side]
                begun = left if total > 0 else place
                total = max(0.0, total + side * score - slack)
                self.sums[slack, side] = total, begun
                over = total / limit if limit > 0 else (math.inf if total > 0 else 0.0)
                if over > most:
                    most, self.side, self.since = over, side, begun
        if self.side:
            self.rest()
            self.back = 0.0
        return bool(self.side)
