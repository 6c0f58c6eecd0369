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

from funnelcli.stats.usual_delay import Ahead, Outlook, delay
from funnelcli.stats.usual_level import UsualLevel, fitted, tamed, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.stats.usual_level import ExpectedPeriod, Period

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
LEAST, LEAST_ASIDE, MOST = 8, 12, 11_300
"""The periods that a promise can be of; of alarms to one side alone at least 12."""
_BACK = math.log(4)
"""Logarithm of the odds at which a figure is likely back: 80%."""


class Usual(NamedTuple):
    """How the newest period is: `side` is 0 where it is as usual, else -1 (below) or 1 (above) since the place `since`.

    A single period with a value from `low` to `high` raises no alarm if those before it are as usual. `alarms` are the
    places at which alarms that are asked for began, this one among them. `outlook` is what is known of the
    periods to come; while an alarm lasts it is none.
    """

    side: int
    since: int | None
    low: float
    high: float
    alarms: tuple[int, ...]
    outlook: Outlook | None = None


def limits(periods: float, sides: int = 2) -> tuple[float, ...]:
    """The limits of the CUSUMs with one false alarm in so many periods, to both sides or to one of them.

    Raises `ValueError` outside `LEAST`, or `LEAST_ASIDE` of one side, to `MOST`.
    """
    if not (LEAST if sides == 2 else LEAST_ASIDE) <= periods <= MOST:
        raise ValueError(f"one false alarm in {periods} periods cannot be promised")
    known, periods = sorted(_LIMITS), periods * _UNKNOWN * sides / 2
    at = min(max(1, bisect(known, periods)), len(known) - 1)
    below, above = known[at - 1], known[at]
    share = math.log(periods / below) / math.log(above / below)
    return tuple(a + (b - a) * share for a, b in zip(_LIMITS[below], _LIMITS[above], strict=True))


def expected_delay(outlook: Outlook, shifts: Sequence[float], false_alarm_in: float, sides: int) -> float:
    """Periods until a shift of so much in each period ahead is found, on average, as `usual_delay.delay` has it."""
    return delay(outlook, shifts, limits(false_alarm_in, sides), _SLACKS)


def usual(
    periods: Sequence[Period],
    false_alarm_in: float,
    first: int,
    stays: int,
    between: float | None = None,
    asked: int = 0,
) -> Usual | None:
    """How the newest of the periods is, held against all before; `None` where these cannot tell.

    `first` periods are needed to tell, and an alarm that `stays` so many more has become usual. `between` is the
    variance between periods where it is known; else the spread is an estimate. Alarms are `asked` for of falls (-1), of
    rises (1) or of both; what is promised is of those, and the other side, which is told as well, has as many again.
    """
    chart = _Chart(limits(false_alarm_in, 1 if asked else 2), first, stays, between)
    for period in periods:
        chart.add(period)
    return chart.newest(asked)


class _Chart:
    """The CUSUMs and the alarm, period after period."""

    def __init__(self, limits: tuple[float, ...], first: int, stays: int, between: float | None) -> None:
        self.limits, self.first, self.stays, self.between = limits, first, stays, between
        self.far = min(limit + slack for limit, slack in zip(limits, _SLACKS, strict=True))  # of a single period
        self.periods: list[Period] = []  # as they count
        self.level: UsualLevel | None = None
        self.refit, self.era = first, 0
        self.scores: dict[int, float] = {}
        self.rest()
        self.side, self.since, self.until = 0, 0, 0
        self.shift = self.back = 0.0
        self.unusual: list[Period] = []  # since the alarm's beginning
        self.last: ExpectedPeriod | None = None
        self.alarms: list[tuple[int, int]] = []  # the place and the side of each

    def rest(self) -> None:
        """All CUSUMs at 0; each with the place where it left it."""
        self.sums = {(slack, side): (0.0, 0) for slack in _SLACKS for side in (-1, 1)}

    def newest(self, asked: int) -> Usual | None:
        """How the last period is, if that can be told, and where alarms of the side that is asked for began."""
        if self.last is None:
            return None
        since = self.since if self.side else None
        alarms = tuple(place for place, side in self.alarms if asked in (0, side))
        return Usual(self.side, since, self.last.at(-self.far), self.last.at(self.far), alarms, self._outlook())

    def _outlook(self) -> Outlook | None:
        """What is known of the periods to come: the last of each season, or the last ones, stand for them."""
        level = self.level
        if self.side or level is None:
            return None
        seasons = len({each.season for each in self.periods})
        freedom, ahead = None, []
        for period in self.periods[-(seasons if seasons > 1 else self.first) :]:
            period = period._replace(level=self.era)
            expected = level.expected(period)
            if expected is None:
                return None
            variance = level.variance(period, 1.0)
            known = level.seasons[self.era, period.season][0] * variance
            deviation = expected.deviation / math.sqrt(1 + 1 / known)
            ahead.append(Ahead(expected.mean, deviation, known))
            freedom = expected.freedom
        return Outlook(freedom, tuple(ahead), seasons)

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

    def _judge(self, period: Period, level: UsualLevel) -> None:
        """A period while all is as usual."""
        place = len(self.periods)
        self.last = level.expected(period)
        score = None if self.last is None else self.last.score(period.value)
        if score is None or not self._rises(score, place):
            self._grows([period])
        else:
            self.level = fitted(self.periods[: max(self.since, self.first)], self.between)
            self.last = self.level.expected(period) or self.last
            self.unusual, self.until = [*self.periods[self.since :], period], place + self.stays
            scores = [each for each in map(self.level.score, self.unusual) if each is not None]
            self.shift = math.fsum(scores) / len(scores) if scores else score
            del self.periods[self.since :]
            self.alarms.append((place, self.side))

    def _begin(self) -> None:
        self.periods = tamed(self.periods, self.between)
        told, level = fitted(self.periods, self.between), UsualLevel(None, self.between)
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
        for period in [within(each, level) for each in more]:
            self.periods.append(period)
            level.add(period)
        if len(self.periods) >= self.refit:
            self.level, self.refit = fitted(self.periods, self.between), 2 * len(self.periods)

    def _lasts(self, period: Period, level: UsualLevel) -> None:
        """One more period of an alarm: the figure may be back, or where it is may have become usual."""
        self.last = level.expected(period)
        score = 0.0
        if self.last is not None:
            score = self.last.score(period.value)
            self.back = max(0.0, self.back + self.shift * self.shift / 2 - self.shift * score)
        if self.back > _BACK or -self.side * score > self.far:
            self.side = 0
            self._grows(self.unusual)
            self._judge(period, self.level or level)  # it may be beyond the other side
        elif self.since + len(self.unusual) >= self.until:
            self.side, self.era = 0, self.era + 1
            self.periods += [each._replace(level=self.era) for each in self.unusual]
            self.level = fitted(self.periods, self.between)
            self._judge(period._replace(level=self.era), self.level)
        else:
            self.unusual.append(period)

    def _rises(self, score: float, place: int) -> bool:
        """Whether a score raises an alarm, and since when."""
        self.scores[place] = score
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
            self.since = self._began(place)
            self.rest()
            self.back = 0.0
        return bool(self.side)

    def _began(self, place: int) -> int:
        """The likeliest beginning of a shift that raised an alarm, since its CUSUM left 0."""
        total, most, began = 0.0, 0.0, place
        for each in range(place, self.since - 1, -1):
            total += self.side * self.scores.get(each, 0.0)
            if (likely := total / math.sqrt(place - each + 1)) > most:
                most, began = likely, each
        return began
