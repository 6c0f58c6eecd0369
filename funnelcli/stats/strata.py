"""Two rates held against each other within strata, such as the months that units came in: like with like.

A stratum is (successes of A, trials, successes of B, trials). One without trials on either side tells nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Four = tuple[float, float, float, float]


def alike(strata: Sequence[Four], rate: float) -> Four | None:
    """The samples of A and of B that say of both rates together what the strata say within each.

    They have the common odds ratio of Mantel and Haenszel (JNCI 22, 1959) about the common `rate`, and are as large as
    makes the pooled z test of them that of Cochran, Mantel and Haenszel, without correction for continuity. So tests,
    intervals and chances of them agree. One stratum is what it is. `None` where no stratum has trials on both sides.
    """
    strata = [each for each in strata if each[1] and each[3]]
    if len(strata) < 2:
        return strata[0] if strata else None
    variance = weight = above = below = 0.0
    parts = [0.0, 0.0]
    for came_a, could_a, came_b, could_b in strata:
        units, came = could_a + could_b, came_a + came_b
        own = could_a * could_b / units
        weight += own
        parts[0] += own * own / could_a
        parts[1] += own * own / could_b
        above += came_b * (could_a - came_a) / units
        below += came_a * (could_b - came_b) / units
        variance += own * came * (units - came) / units / (units - 1)
    apart = above - below
    sizes = [weight * weight / part for part in parts]
    share = sizes[1] / sum(sizes)
    spread = rate * (1 - rate)
    if not variance or not spread:  # nothing can differ
        return rate * sizes[0], sizes[0], rate * sizes[1], sizes[1]
    high = _rate_of_b(above, below, rate, share)
    low = (rate - share * high) / (1 - share)
    distance = high - low
    far = abs(apart) > 1e-9 * math.sqrt(variance)
    # 1 / trials of A + 1 / trials of B, and the share of each
    inverse = distance * distance * variance / (apart * apart * spread) if far else spread * variance / below**2
    trials = 1 / (inverse * share), 1 / (inverse * (1 - share))
    return low * trials[0], trials[0], high * trials[1], trials[1]


def _rate_of_b(above: float, below: float, rate: float, share: float) -> float:
    """B's rate, where the odds ratio is `above` / `below` and B's `share` of the units makes the common rate."""
    low, high = max(0.0, (rate - (1 - share)) / share), min(1.0, rate / share)
    for _ in range(60):
        middle = (low + high) / 2
        other = (rate - share * middle) / (1 - share)
        if middle * (1 - other) * below < other * (1 - middle) * above:
            low = middle
        else:
            high = middle
    return (low + high) / 2
