"""What a simulation found, and whether that is what was aimed at."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy


class Finding(NamedTuple):
    """One figure of one case: found in `runs` simulations, with its standard error, and the target's bounds."""

    case: str
    found: float
    low: float
    high: float
    runs: int
    error: float
    share: bool = True

    @property
    def met(self) -> bool:
        """Whether the figure lies within the target."""
        return self.low <= self.found <= self.high

    @property
    def plausible(self) -> bool:
        """Whether the target may be met: the figure lies within it, or beyond it by no more than chance explains."""
        reach = 3 * self.error
        return self.low - reach <= self.found <= self.high + reach


def share(case: str, hits: int, runs: int, low: float = 0.0, high: float = 1.0) -> Finding:
    """How often something came out: `hits` of `runs`, to be between `low` and `high`."""
    if not runs:
        raise ValueError(f"{case}: nothing was simulated")
    smooth = (hits + 1) / (runs + 2)  # an error of 0 would be too sure of none and all
    return Finding(case, hits / runs, low, high, runs, math.sqrt(smooth * (1 - smooth) / runs))


def mean(case: str, values: Sequence[float], low: float, high: float) -> Finding:
    """The mean of a figure, to be between `low` and `high`."""
    if len(values) < 2:
        raise ValueError(f"{case}: nothing was simulated")
    return Finding(
        case,
        float(numpy.mean(values)),
        low,
        high,
        len(values),
        float(numpy.std(values, ddof=1) / math.sqrt(len(values))),
        False,
    )


def stated_chance(case: str, said: Sequence[tuple[float, bool]], away: float) -> Finding:
    """How far chances that were stated are from the share of what came true, at most `away` on either side.

    The error is that of so many trials of these chances: a few that all came out alike tell less than they seem to.
    """
    gaps = [chance - came for chance, came in said]
    error = math.sqrt(sum(chance * (1 - chance) for chance, _ in said)) / len(said)
    return Finding(case, float(numpy.mean(gaps)), -away, away, len(said), error, False)


def missed(findings: Iterable[Finding], case: str = "") -> bool:
    """Whether a target is missed in a case of that name; nothing is simulated after the first."""
    return any(case in finding.case and not finding.plausible for finding in findings)
