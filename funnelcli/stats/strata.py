"""Two rates held against each other within strata, such as the months that units came in: like with like.

A stratum is (successes of A, trials, successes of B, trials). One without trials on either side tells nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Four = tuple[float, float, float, float]


def alike(strata: Sequence[Four]) -> Four | None:
    """The samples of A and of B that say of both rates together what the strata say within each.

    Both rates are averages of those in the strata, with the weights n_a n_b / (n_a + n_b) of Mantel and Haenszel. So
    their difference is that of Greenland and Robins (Biometrics 41, 1985), and lies between the strata's. The samples
    are as large as makes the pooled z test of them that of Cochran, Mantel and Haenszel, without correction for
    continuity, whose sign is the difference's. So tests, intervals and chances of them agree. One stratum is what it
    is. `None` where no stratum has trials on both sides.
    """
    strata = [each for each in strata if each[1] and each[3]]
    if len(strata) < 2:
        return strata[0] if strata else None
    variance = weight = 0.0
    sums, parts = [0.0, 0.0], [0.0, 0.0]
    for came_a, could_a, came_b, could_b in strata:
        units, came = could_a + could_b, came_a + came_b
        own = could_a * could_b / units
        weight += own
        for side, (successes, trials) in enumerate(((came_a, could_a), (came_b, could_b))):
            sums[side] += own * successes / trials
            parts[side] += own * own / trials
        variance += own * came * (units - came) / units / (units - 1)
    # rounding takes neither beyond 1
    low, high = (min(1.0, each / weight) for each in sums)
    sizes = [weight * weight / part for part in parts]
    pooled = (low * sizes[0] + high * sizes[1]) / sum(sizes)
    # with no variance nothing can differ, and the strata are as large as they are
    scale = pooled * (1 - pooled) * sum(parts) / variance if variance else 1.0
    trials_a, trials_b = (size * scale for size in sizes)
    return low * trials_a, trials_a, high * trials_b, trials_b


def about(samples: Four, rate: float) -> tuple[float, float]:
    """B's sample where the common rate of A and B is another: its odds change as those of the common rate do.

    It says as much of its odds as before. So what was held against others, each within strata of its own, can be put
    in one row.
    """
    came_a, could_a, came_b, could_b = samples
    units = could_a + could_b
    common = (came_a + came_b) / units if units else 0.0
    if not could_b or not (0 < common < 1 and 0 < rate < 1):
        return came_b, could_b
    won, lost = came_b * rate / common, (could_b - came_b) * (1 - rate) / (1 - common)
    trials = could_b * common * (1 - common) / (rate * (1 - rate))
    return trials * won / (won + lost), trials
