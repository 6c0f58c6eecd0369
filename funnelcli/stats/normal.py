"""The normal distribution: what lies below a value, and the value that so much lies below."""

from __future__ import annotations

import math
from functools import lru_cache


def normal_below(z: float) -> float:
    """The chance of a normal variable to be below z."""
    return math.erfc(-z * math.sqrt(0.5)) / 2


@lru_cache(maxsize=2048)
def inverse_normal(share: float) -> float:
    """The value that a normal variable stays below with the probability `share`, 0 < share < 1: 1.2816 for 90%.

    26.2.23 of Abramowitz and Stegun, and two steps of Halley's method; `statistics` takes longer to import than this.
    """
    if share > 0.5:
        return -inverse_normal(1 - share)
    if share == 0.5:
        return 0.0
    t = math.sqrt(-2 * math.log(share))  # the tail is small, and keeps its digits
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    for _ in range(2):
        step = (math.erfc(z * math.sqrt(0.5)) / 2 - share) * math.sqrt(2 * math.pi) * math.exp(z * z / 2)
        z += step / (1 - z * step / 2)
    return -z


def critical_z(confidence: float) -> float:
    """Z of a two-sided confidence: 1.96 for 0.95."""
    return -inverse_normal((1 - confidence) / 2)
