"""Intervals of rates and of the difference of two, from whole counts. Floats begin here; nothing is rounded.

Every function takes a sample as `successes` of `trials` (whole numbers, 0 <= successes <= trials). Use `sample` to find
out whether a step of a funnel is one.
"""

import math
from typing import NamedTuple

from funnelcli.model import Funnel

_Z_95 = 1.959963984540054


class Interval(NamedTuple):
    """A confidence interval of a rate: its bounds as fractions of 1, the confidence, and the method."""

    low: float
    high: float
    confidence: float
    method: str


class Difference(NamedTuple):
    """The difference of two rates, B minus A in fractions of 1, its confidence interval, the method and the samples."""

    value: float
    low: float
    high: float
    confidence: float
    method: str
    successes_a: int
    trials_a: int
    successes_b: int
    trials_b: int


def sample(funnel: Funnel, index: int, whole: int | None = None) -> tuple[int, int] | None:
    """The sample behind a step, (units that came, units that could): `None` where a rate has no sample.

    There is none for the first stage, for shares and weights (counts that are not whole), for growth, for an empty
    stage, and where a conversion was stated instead of counted. `whole` is the index of another stage to come from.
    """
    stage = funnel.stages[index]
    origin = stage.parent if whole is None else whole
    if origin is None or origin == index:
        return None
    if any(funnel.stages[step].conversion is not None for step in funnel.path_to(index, origin)):
        return None
    came, could = stage.count, funnel.stages[origin].count
    if not isinstance(came, int) or not isinstance(could, int) or not could or came > could:
        return None
    return came, could


def require_samples(*samples: tuple[int, int]) -> None:
    """Raise `ValueError` unless each is a sample: (successes, trials) with 0 <= successes <= trials."""
    for successes, trials in samples:
        if not 0 <= successes <= trials:
            raise ValueError(f"{successes} of {trials} is not a sample")


def normal_quantile(confidence: float) -> float:
    """Z of a two-sided confidence: 1.96 for 0.95."""
    if confidence == 0.95:
        return _Z_95
    from statistics import NormalDist

    return -NormalDist().inv_cdf((1 - confidence) / 2)  # the small tail keeps its digits


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a rate (Wilson, JASA 22, 1927); 7 of 50 gives [0.0695, 0.2619].

    The bound at 0 successes is exactly 0, and at all successes exactly 1. Raises `ValueError` for no trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is not a sample")
    z = normal_quantile(confidence)
    middle = (successes + z * z / 2) / (trials + z * z)
    half = z / (trials + z * z) * math.sqrt(successes * (trials - successes) / trials + z * z / 4)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return Interval(low, high, confidence, "Wilson score")


def newcombe(successes_a: int, trials_a: int, successes_b: int, trials_b: int, confidence: float = 0.95) -> Difference:
    """Hybrid score interval of B's rate minus A's (Newcombe, Statistics in Medicine 17, 1998, method 10).

    A = 48 of 80 against B = 56 of 70 gives 0.20 [0.0524, 0.3339]. Raises `ValueError` for no trials.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    if not (trials_a and trials_b):
        raise ValueError("a difference needs trials on both sides")
    z = normal_quantile(confidence)
    below_a, above_a = _reach(successes_a, trials_a, z)
    below_b, above_b = _reach(successes_b, trials_b, z)
    value = (successes_b * trials_a - successes_a * trials_b) / (trials_a * trials_b)
    low, high = value - math.hypot(below_b, above_a), value + math.hypot(above_b, below_a)
    return Difference(
        value, low, high, confidence, "Newcombe hybrid score", successes_a, trials_a, successes_b, trials_b
    )


def _reach(successes: int, trials: int, z: float) -> tuple[float, float]:
    """How far the Wilson interval reaches below the rate and above it, without subtracting the two."""
    square = z * z
    root = z * math.sqrt(successes * (trials - successes) / trials + square / 4)
    shift = square * ((trials - 2 * successes) / (2 * trials))
    down = (root - shift) / (trials + square) if successes else 0.0
    up = (root + shift) / (trials + square) if successes < trials else 0.0
    return down, up
