"""How likely units that sit in a stage are to go on, where being lost takes another time than going on.

Units came evenly, over a time T up to now. Of those that go on in the end, the share A(T) has done so by now, which is
the mean of the distribution of their times between 0 and T (`StepTime.share_done`); of those that do not, B(T) is known
to be lost. Of the decided, those who went on are the share w, and q of all are decided. Then of all that come

    1 / q = w / A(T) + (1 - w) / B(T),    rate : 1 - rate = w / A(T) : (1 - w) / B(T),

where the first equation fixes T, as both shares grow with it, and of those that are open now

    rate : 1 - rate = w (1 / A(T) - 1) : (1 - w) (1 / B(T) - 1).

So two times and the counts say all of it, and no length of a period is needed. Equal times give w for both.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.stats.beta import from_moments, posterior
from funnelcli.stats.sampling import GRID, beta_grid

if TYPE_CHECKING:
    from funnelcli.stats.arrival import StepTime

    Others: TypeAlias = tuple[tuple[float, StepTime], ...]
    Shapes: TypeAlias = tuple[float, float] | None

POINTS = 64
"""Of the distribution of what the counts leave open."""


class Waiting(NamedTuple):
    """Units of a stage of which some are open: they came evenly for `since` days.

    There are `gone` and `left` times as many of those that go on and of the others as are known to be so by now.
    """

    since: float
    gone: float
    left: float

    def rate(self, share: float) -> float:
        """The conversion of all that come, where `share` of the decided went on."""
        return _part(share * self.gone, (1 - share) * self.left, share)

    def open_rate(self, share: float) -> float:
        """The conversion of those that are open now."""
        return _part(share * (self.gone - 1), (1 - share) * (self.left - 1), share)


def _part(own: float, other: float, share: float) -> float:
    """Own / (own + other); 0 and 1 stay what they are, and where nothing can be waiting, what the decided tell."""
    if share in (0, 1) or own + other <= 0:
        return share
    return 0.0 if math.isinf(other) else 1.0 if math.isinf(own) else own / (own + other)


@lru_cache(maxsize=4096)
def waiting(share: float, decided: float, own: StepTime, others: Others) -> Waiting:
    """What is known of units of which a part is `decided`, above 0 and below 1, and a `share` of these went on.

    Those that go on take the time `own`. The others have times with their weights: the lost, and who went elsewhere.
    """
    total = math.fsum(weight for weight, _ in others)
    means = [time.mean for time in (own, *(time for _, time in others)) if time.mean]

    def at(since: float) -> Waiting:
        left = math.fsum(weight / total * _inverse(time.share_done(since)) for weight, time in others if weight)
        return Waiting(since, _inverse(own.share_done(since)), left)

    low, high = math.log(1e-9 * min(means)), math.log(1e9 * max(means))
    for _ in range(42):  # to 1e-11
        middle = (low + high) / 2
        found = at(math.exp(middle))
        all_of_them = share * found.gone if share else 0.0
        if share < 1:
            all_of_them += (1 - share) * found.left
        low, high = (middle, high) if all_of_them * decided > 1 else (low, middle)
    return at(math.exp(high))


def _inverse(share: float) -> float:
    return 1 / share if share else math.inf


@lru_cache(maxsize=4096)
def posteriors(came: float, decided: float, still: float, own: StepTime, others: Others) -> tuple[Shapes, Shapes]:
    """Shapes of Beta distributions of the conversion of all that come, and of that of those that are open.

    The counts of those who came, of the decided and of those that are open leave open which part of the decided goes
    on, and which part of all is decided: Beta distributions from flat priors. Their quantiles are met with each other
    as evenly as can be (Hammersley, Annals of the New York Academy of Sciences 86, 1960), and what follows from each
    pair has the mean and the variance of the Beta distribution that stands for it; `None` where it is certain.
    """
    shares = beta_grid(*posterior(came, decided))
    parts = beta_grid(*posterior(decided, decided + still))
    rates, open_rates = [], []
    for number in range(POINTS):
        share = shares[(2 * number + 1) * GRID // (2 * POINTS)]
        part = parts[int((_reversed(number) + 0.5 / POINTS) * GRID)]
        found = waiting(share, part, own, others)
        rates.append(found.rate(share))
        open_rates.append(found.open_rate(share))
    return _shapes(rates), _shapes(open_rates)


def _reversed(number: int) -> float:
    """The digits of a binary number behind the point, the last one first."""
    result, digit = 0.0, 0.5
    while number:
        result += digit * (number & 1)
        number >>= 1
        digit /= 2
    return result


def _shapes(rates: list[float]) -> Shapes:
    mean = math.fsum(rates) / len(rates)
    variance = math.fsum((rate - mean) ** 2 for rate in rates) / len(rates)
    if variance < 1e-18 or not 0 < mean < 1:
        return None
    a, b = from_moments(mean, variance)
    return float(f"{a:.7g}"), float(f"{b:.7g}")
