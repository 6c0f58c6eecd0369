"""How long units are followed until they come or are lost, when some are still on their way: competing risks.

The survival is that of Kaplan and Meier (JASA 53, 1958), of any end; the incidence of those who come is that of Aalen
and Johansen (Scandinavian Journal of Statistics 5, 1978). At equal times, who ends does so before who is still there is
lost from sight. Of those who are there still when nobody is followed for longer, only a trend can tell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.beta_product import incidence_bounds
from funnelcli.stats.intervals import wilson_trials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_NOBODY = 1e-12
"""A share less than that of any unit."""


class InTheEnd(NamedTuple):
    """The share expected to have come in the end, its 95% interval, and the units of which Wilson's is as wide."""

    share: float
    low: float
    high: float
    size: float


class CompetingRisks(NamedTuple):
    """Of units that were followed, by the `times` at which some came or were lost, ascending.

    `at_risk` are those still followed just before, `came` and `lost` those who end then. `survival` is the chance to
    have done neither by then, and `incidence` the chance to have come; both keep their last value afterwards, as nobody
    was followed for longer. `later` is the chance that who is there still after the last of them comes in the end, and
    `later_variance` how uncertain that is.
    """

    times: Sequence[int]
    at_risk: Sequence[int]
    came: Sequence[int]
    lost: Sequence[int]
    survival: Sequence[float]
    incidence: Sequence[float]
    later: float
    later_variance: float

    def survival_at(self, time: int) -> float:
        """The chance to be on the way still after a time."""
        at = bisect_right(self.times, time)
        return self.survival[at - 1] if at else 1.0

    def incidence_at(self, time: int) -> float:
        """The chance to have come by a time."""
        at = bisect_right(self.times, time)
        return self.incidence[at - 1] if at else 0.0

    def in_the_end(self, window: int, beyond: int) -> InTheEnd:
        """What is expected when the window of all who were followed is over; `beyond` were so to its end, and wait.

        The interval is that of products of Beta distributions (`beta_product`); where all were followed, Wilson's.
        """
        upto, share = bisect_right(self.times, window), self.incidence_at(window)
        if min(share, 1 - share) < _NOBODY:  # but for what is lost in adding up
            share = round(share) + 0.0
        steps = [*zip(self.at_risk[:upto], self.came[:upto], self.lost[:upto], strict=True)]
        low, high = incidence_bounds(steps, beyond)
        low, high = min(share, low), max(share, high)
        return InTheEnd(share, low, high, wilson_trials(share, high - low))

    def chance(self, age: int, within: int | None = None) -> float:
        """The chance that a unit still on its way at an age comes within a time from then, by default in the end.

        A time beyond that of the last who ended brings nothing more; the end does, by what is `later`.
        """
        left = self.survival_at(age)
        if not left or not self.times:
            return 0.0
        end = self.incidence_at(age + within) if within is not None else self.incidence[-1]
        end += self.survival[-1] * self.later if within is None else 0.0
        return min(1.0, max(0.0, (end - self.incidence_at(age)) / left))

    def variance(self, ages: Mapping[int, int]) -> float:
        """The variance of the mean chance in the end of units of these ages, each with its number.

        By the delta method, as Greenwood's formula is: at each time the numbers who come and are lost are multinomial
        with their hazards, and independent of those at others. Those who ended late tell of what is `later` too: the
        two deviations are added, as if both were high or low together.
        """
        chances = [self.later]
        steps = [*zip(self.times, self.at_risk, self.came, self.lost, strict=True)]
        for _, risk, came, lost in reversed(steps):
            chances.append((came + (risk - came - lost) * chances[-1]) / risk)
        chances.reverse()  # of who is there before each step, and after the last
        waiting = sorted(ages.items())
        entered, followed, found = 0, 0.0, 0.0
        for (time, risk, came, lost), later in zip(steps, chances[1:], strict=True):
            while entered < len(waiting) and waiting[entered][0] < time:
                followed += waiting[entered][1]
                entered += 1
            by_came, by_lost = came / risk * (1 - later), -lost / risk * later
            squares = by_came * (1 - later) - by_lost * later
            found += followed**2 * (squares - (by_came + by_lost) ** 2) / risk
            followed *= (risk - came - lost) / risk
        followed += sum(number for _, number in waiting[entered:])
        deviation = sqrt(max(0.0, found)) + followed * sqrt(self.later_variance)
        return (deviation / sum(ages.values())) ** 2


def competing_risks(
    came: Mapping[int, int], lost: Mapping[int, int], waiting: Mapping[int, int], *, closes: bool = False
) -> CompetingRisks:
    """Competing risks of units by the time from their entry to their end, or for which those `waiting` are followed.

    With `closes`, who did not come by the end of a window does not come at all: no trend goes on beyond it.
    """
    times = sorted(came.keys() | lost.keys())
    all_times = sorted(came.keys() | lost.keys() | waiting.keys())
    leaving = [came.get(time, 0) + lost.get(time, 0) + waiting.get(time, 0) for time in all_times]
    still = dict(zip(all_times, [*accumulate(reversed(leaving))][::-1], strict=True))
    survival, incidence = [1.0], [0.0]
    for time in times:
        risk, own = still[time], came.get(time, 0)
        incidence.append(incidence[-1] + survival[-1] * own / risk)
        survival.append(survival[-1] * (risk - own - lost.get(time, 0)) / risk)
    ended = [(time, came.get(time, 0), lost.get(time, 0)) for time in times]
    return CompetingRisks(
        times,
        [still[time] for time in times],
        [own for _, own, _ in ended],
        [other for _, _, other in ended],
        survival[1:],
        incidence[1:],
        *((0.0, 0.0) if closes else _later(ended)),
    )


class Ended(NamedTuple):
    """Units, or entries, by the age at which they came or were lost, or for which they wait."""

    came: Counter[int]
    lost: Counter[int]
    waiting: Counter[int]

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(each.total() for each in self)

    def young(self, window: int | None) -> Counter[int]:
        """Those whose window is open."""
        return Counter({age: units for age, units in self.waiting.items() if window is None or age < window})

    def risks(self) -> CompetingRisks:
        """Their curves; who has not come when the window ends does not come."""
        return competing_risks(*self, closes=True)

    def and_(self, other: Ended) -> Ended:
        """These and others."""
        return Ended(*(own + more for own, more in zip(self, other, strict=True)))

    def without(self, some: Ended) -> Ended:
        """These but some of them."""
        return Ended(*(own - less for own, less in zip(self, some, strict=True)))


def nobody() -> Ended:
    """None, to be counted."""
    return Ended(Counter(), Counter(), Counter())


_BEYOND = 1.5
"""Who is there still after the last time ends at about so many times that time."""
_PRECISIONS = 0.02, 0.1
"""Of normal priors of the log odds then and of their slope, which keep both finite where few tell of them."""


def _later(ended: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    """The chance that who ends after the last time comes, and its variance, by the later half of those who ended.

    At each time so many came and were lost. The log odds of the one against the other are a line in the logarithm of
    the time, by logistic regression: lognormal times of one deviation have such odds.
    """
    total = sum(own + other for _, own, other in ended)
    if not total:
        return 0.0, 0.0
    sums = accumulate(own + other for _, own, other in ended)
    late = [each for each, until in zip(ended, sums, strict=True) if 2 * until > total]
    centre = log(_BEYOND * (ended[-1][0] + 0.5))  # times are whole, of parts that were cut off
    points = [(log(time + 0.5) - centre, own, own + other) for time, own, other in late]
    level = slope = 0.0
    for _ in range(100):
        up, along = -_PRECISIONS[0] * level, -_PRECISIONS[1] * slope
        own_level, both, own_slope = _PRECISIONS[0], 0.0, _PRECISIONS[1]
        for x, own, number in points:
            rate = 1 / (1 + exp(-(level + slope * x)))
            missed, weight = own - number * rate, number * rate * (1 - rate)
            up, along = up + missed, along + missed * x
            own_level, both, own_slope = own_level + weight, both + weight * x, own_slope + weight * x * x
        scale = own_level * own_slope - both * both
        steps = (own_slope * up - both * along) / scale, (own_level * along - both * up) / scale
        short = min(1.0, 1 / max(map(abs, steps))) if any(steps) else 1.0
        level, slope = level + short * steps[0], slope + short * steps[1]
        if max(map(abs, steps)) < 1e-9:
            break
    rate = 1 / (1 + exp(-level))
    return rate, (rate * (1 - rate)) ** 2 * own_slope / scale
