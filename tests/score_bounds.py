"""The score interval of a rate that varies from period to period, by SciPy alone: an independent judge."""

import math

from scipy import optimize, stats


def score_bounds(came, could, variation, periods=1.0, quantile=1.959963984540054):
    """Where the counts are that quantile away, in standard deviations of Beta distributed true rates of that mean.

    The quantile is that of Cornish and Fisher, with the skewness of the true rates, where that makes it larger.
    """

    def beyond(p, side):
        size = (1 - p) / (p * variation**2) - 1  # of Beta(p * size, (1 - p) * size)
        variance, skewness = stats.beta.stats(p * size, (1 - p) * size, moments="vs")
        within = (p * (1 - p) - variance) / could  # the mean of R (1 - R)
        deviation = math.sqrt(variance / periods + within)
        many = 1 - periods / could  # of periods of one unit nothing would be seen
        skewness *= variance**1.5 * many**2 / periods**2 / deviation**3
        skewed = min(2.0, max(0.0, -side * skewness))
        return side * (p - came / could) / deviation - quantile - (quantile**2 - 1) / 6 * skewed

    rate = came / could
    found = []
    for side, far in ((-1, rate / 1000), (1, 0.9999 / (1 + variation**2))):
        steps = [rate + (far - rate) * step / 50 for step in range(51)]
        heights = [beyond(p, side) for p in steps]
        first = next(at for at, height in enumerate(heights) if height > 0)
        found.append(optimize.brentq(beyond, steps[first - 1], steps[first], args=(side,), xtol=1e-13))
    return tuple(found)
