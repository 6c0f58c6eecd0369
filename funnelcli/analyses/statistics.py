"""Intervals of rates, from whole counts. Floats begin here; nothing is rounded.

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


def sample(funnel: Funnel, index: int, whole: int | None = None) -> tuple[int, int] | None:
    """The sample behind a step, (units that came, units that could): `None` where a rate has no sample.

    There is none for the first stage, for shares and weights (counts that are not whole), for growth, for an empty
    stage, and where a conversion was stated instead of counted. `whole` is the index of another stage to come from.
    """
    stage = funnel.stages[index]
    origin = stage.parent if whole is None else whole
    if origin is None or origin == index:
        return None
    step: int | None = index
    while step is not None and step != origin:
        if funnel.stages[step].conversion is not None:
            return None
        step = funnel.stages[step].parent
    came, could = stage.count, funnel.stages[origin].count
    if not isinstance(came, int) or not isinstance(could, int) or not could or came > could:
        return None
    return came, could


def normal_quantile(confidence: float) -> float:
    """Z of a two-sided confidence: 1.96 for 0.95."""
    if confidence == 0.95:
        return _Z_95
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + confidence / 2)


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
