"""How long units take, step after step, and the share of those that come who have arrived by a time.

Times are in days. A mean alone is that of an exponential distribution; a median and a 90% point are those of a
lognormal one. Units that sit in a stage have spent some time there already: of how much is left of their time, see
`StepTime.share_left_by`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.normal import inverse_normal, normal_below

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = 100


class StepTime(NamedTuple):
    """The time of one step: its mean, and the logarithm's mean and deviation where it is lognormal."""

    mean: float
    log_mean: float = 0.0
    log_deviation: float | None = None

    def share_by(self, days: float) -> float:
        """The share that takes no longer."""
        if not self.mean:
            return float(days >= 0)
        if days <= 0:
            return 0.0
        if self.log_deviation is None:
            return -math.expm1(-days / self.mean)
        return normal_below(self._score(days))

    def share_left_by(self, days: float, since: float = math.inf) -> float:
        """The share of the units that sit there now who will have gone on: they came evenly, for so many days.

        Exponential times do not ask how long a unit has waited. Of others the density of the time left is the share
        that takes longer (renewal theory; Cox, Renewal Theory, 1962), without those who came before.
        """
        if self.log_deviation is None or not self.mean:
            return self.share_by(days)
        if days <= 0:
            return 0.0
        if since == math.inf:
            return self._waited(days) / self.mean
        if since < 1e-3 * self.mean:  # they have just come
            return self.share_by(days)
        whole = self._waited(since)
        return min(1.0, (self._waited(days) + whole - self._waited(days + since)) / whole)

    def share_done(self, since: float) -> float:
        """The share that is through by now of all the units that came, evenly, for so many days."""
        return max(0.0, 1 - self._waited(since) / since) if self.mean else 1.0

    def came_for(self, still_there: float) -> float:
        """For how many days units came, evenly, when that share of them is still there; infinite where none is."""
        if still_there >= 1 or not self.mean:
            return 0.0
        if still_there <= 1e-6:
            return math.inf

        low, high = 1e-9 * self.mean, 1e9 * self.mean
        for _ in range(100):
            days = math.sqrt(low * high)
            if self._waited(days) > still_there * days:
                low = days
            else:
                high = days
        return low

    def duration(self, share: float) -> float:
        """The time that this share does not exceed, above 0 and below 1."""
        if self.log_deviation is None:
            return -self.mean * math.log1p(-share)
        return math.exp(self.log_mean + self.log_deviation * inverse_normal(share)) if self.mean else 0.0

    def _score(self, days: float) -> float:
        assert self.log_deviation is not None
        above = math.log(days) - self.log_mean
        return above / self.log_deviation if self.log_deviation else math.copysign(math.inf, above or 1)

    def _waited(self, days: float) -> float:
        """The mean of the time or `days`, whichever is less: the integral of the share that takes longer."""
        if self.log_deviation is None:
            return -self.mean * math.expm1(-days / self.mean)
        score = self._score(days)
        return self.mean * normal_below(score - self.log_deviation) + days * normal_below(-score)


def lognormal(median: float, p90: float) -> StepTime:
    """The time of a step that half of the units do in `median` days, and 90% in `p90`."""
    if median <= 0:
        return StepTime(0.0)
    deviation = math.log(p90 / median) / inverse_normal(0.9)
    return StepTime(median * math.exp(deviation * deviation / 2), math.log(median), deviation)


def share_arrived(days: float, first: StepTime, since: float, rest: Sequence[float]) -> float:
    """The share of units that are through all their steps by a time, rounded to what is the same on every platform.

    They sit before the `first` step now, and came for `since` days. `rest` are durations of all the steps after it
    together, each as likely as any other.
    """
    shares = [first.share_left_by(days - later, since) for later in rest]
    return round(math.fsum(shares) / len(shares), 9)


def share_within(days: float, points: Sequence[tuple[float, float]]) -> float:
    """A share that is known by so many days, ascending: in proportion between two of them, the same after the last."""
    sooner, before = 0.0, 0.0
    for later, after in points:
        if days < later:
            return before + (after - before) * max(0.0, days - sooner) / (later - sooner)
        sooner, before = later, after
    return before


def durations(time: StepTime) -> list[float]:
    """Durations of a step that stand for all, each as likely as any other: the means of a hundred equal parts."""
    fine = 8 * PARTS
    return _means([time.duration((part + 0.5) / fine) for part in range(fine)])


def one_after_the_other(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Durations of two steps together: the means of a hundred equal parts of all pairs."""
    return _means(sorted(one + other for one in first for other in second))


def _means(ordered: Sequence[float]) -> list[float]:
    size = len(ordered) // PARTS
    return [math.fsum(ordered[start : start + size]) / size for start in range(0, size * PARTS, size)]
