"""Intervals of rates, and of the difference and the ratio of two, from counts. Floats begin here; nothing is rounded.

Every function takes a sample as `successes` of `trials`, 0 <= successes <= trials. They are whole numbers, or less than
what was counted, in proportion, where units vary by more than chance (an effective size). Use `sample` to find out
whether a step of a funnel is one.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from funnelcli.exact import Exact
from funnelcli.model import Funnel
from funnelcli.stats.normal import critical_z

_FAR = 600.0
"""The logarithm of a ratio beyond which there is none, and a z that no confidence asks for."""


class Interval(NamedTuple):
    """A confidence interval of a rate: its bounds as fractions of 1, the confidence, and the method."""

    low: float
    high: float
    confidence: float
    method: str


class Lift(NamedTuple):
    """B's rate relative to A's, minus 1: +0.25 is a quarter more. `None` is what has no finite value."""

    value: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str


class Difference(NamedTuple):
    """The difference of two rates, B minus A in fractions of 1, its confidence interval, the method and the samples."""

    value: float
    low: float
    high: float
    confidence: float
    method: str
    successes_a: float
    trials_a: float
    successes_b: float
    trials_b: float


def sample(funnel: Funnel, index: int, whole: int | None = None) -> tuple[int, int] | None:
    """The sample behind a step, (units that came, units that could): `None` where a rate has no sample.

    There is none for the first stage, for shares and weights (counts that are not whole), for growth, for an empty
    stage, where a conversion was stated instead of counted, and where no event met what a stage asks, as its name may
    be misspelled. `whole` is the index of another stage to come from.
    """
    stage = funnel.stages[index]
    origin = stage.parent if whole is None else whole
    if origin is None or origin == index or funnel.hides(index, origin):
        return None
    above = funnel.stages[origin]
    if stage.conversion is not None or above.conversion is not None:
        return None
    if funnel.measured is not None and any(map(funnel.is_unmet, funnel.path_to(index, origin))):
        return None
    if whole is not None and any(funnel.stages[step].conversion is not None for step in funnel.path_to(index, origin)):
        return None
    came, could = stage.count, above.count
    if not isinstance(came, int) or not isinstance(could, int) or not could or came > could:
        return None
    return came, could


def decided_sample(funnel: Funnel, index: int, whole: int | None = None) -> tuple[float, float] | None:
    """The sample behind a step's conversion in the end: as `sample`, without the units that are not decided yet.

    What forecasts, chances and comparisons use: a unit that sits in a stage now is not lost. There is none where more
    have come than are decided, as a stage that grows may. Over several steps with open units between, it is that of
    the product of their conversions (`sample_of_steps`). Of measured entries whose window is open, it is as many as
    tell as much of the end (`Funnel.sample_in_the_end`).
    """
    counts = sample(funnel, index, whole)
    if counts is None:
        return None
    told = funnel.sample_in_the_end(index, whole)
    if told is not None:
        return (float(told[0]), float(told[1])) if told[1] else None
    if whole is not None and not funnel.hides_steps:
        way = funnel.path_to(index, whole)[-2::-1]
        if any(funnel.stages[at].open for at in way[:-1]):
            return sample_of_steps([(funnel.stages[at].count, funnel.decided(at) or 0) for at in way])
    decided = funnel.decided(index, whole)
    return None if not decided or counts[0] > decided else (counts[0], int(decided))


def sample_of_steps(steps: Sequence[tuple[Exact | float, Exact | float]]) -> tuple[float, float] | None:
    """The sample behind a conversion over several steps: of each, the units that came and those that are decided.

    Where those who come to a step are all decided there, it is the last that came of the first. Else the rate is the
    product of the steps' rates, and its relative variance the sum of theirs, (1 - p) / (p n) (Greenwood, Reports on
    Public Health 33, 1926): the binomial sample that says as much, never more units than those of the first step. In
    the variance, p has one more unit on either side (Laplace): four of four do not prove that all go on. 40 of 80 and
    15 of 30 are 16.4 of 65.5. `None` where a step has nobody decided, unless nobody passes one before it, for growth,
    and for counts that are not whole.
    """
    came, could = steps[-1][0], steps[0][1]
    if all(above[0] == below[1] for above, below in pairwise(steps)):
        told = isinstance(came, int | float) and isinstance(could, int | float) and 0 <= came <= could and could
        return (came, could) if told else None  # type: ignore[return-value]
    rate = believed = 1.0
    variance = 0.0
    for came, could in steps:
        if not (isinstance(came, int | float) and isinstance(could, int | float) and 0 <= came <= could and could):
            return None
        rate *= came / could
        believed *= (came + 1) / (could + 2)
        variance += (could - came + 1) / ((came + 1) * could)
        if not came:
            break
    units = min((1 - believed) / (believed * variance), float(steps[0][1]))
    return rate * units, units


def sample_in_parts(funnel: Funnel, index: int, origin: int) -> tuple[float, float] | None:
    """What stands for a sample of counts that are not whole, as of conversions that are attributed in parts.

    No interval and no test rests on it, but its units come by chance no less than whole ones. `None` where counts are
    whole, are shares of an entry of 1 or of a fraction, grow, or follow from a stated conversion.
    """
    came, could = funnel.stages[index].count, funnel.decided(index, origin)
    entry = funnel.stages[0].count
    counted = all(funnel.stages[at].conversion is None for at in funnel.path_to(index))
    if not counted or not isinstance(entry, int) or entry <= 1 or could is None or funnel.hides(index, origin):
        return None
    if (isinstance(came, int) and isinstance(could, int)) or not 0 <= came <= could or not could:
        return None
    return float(came), float(could)


def require_samples(*samples: tuple[float, float]) -> None:
    """Raise `ValueError` unless each is a sample: (successes, trials) with 0 <= successes <= trials."""
    for successes, trials in samples:
        if not 0 <= successes <= trials:
            raise ValueError(f"{successes} of {trials} is not a sample")


def wilson_bounds(successes: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a rate (Wilson, JASA 22, 1927); 7 of 50 gives (0.0695, 0.2619).

    The bound at 0 successes is exactly 0, and at all successes exactly 1. Raises `ValueError` for no trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is not a sample")
    z = critical_z(confidence)
    middle = (successes + z * z / 2) / (trials + z * z)
    half = z / (trials + z * z) * math.sqrt(successes * (trials - successes) / trials + z * z / 4)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return low, high


def wilson_trials(rate: float, width: float) -> float:
    """The trials of which the 95% Wilson interval of a rate has this width, above 0 and at most 1."""
    square, varies = critical_z(0.95) ** 2, rate * (1 - rate)
    root = math.sqrt(4 * varies * varies + width * width * max(0.0, 1 - 4 * varies))
    return max(0.0, square * (2 * varies + root) / (width * width) - square)


def corrected_wilson(successes: float, trials: float, confidence: float = 0.95) -> Interval:
    """Wilson score interval with the correction for continuity (Newcombe, Statistics in Medicine 17, 1998, p. 857).

    Wider by about half a unit at each end, so that neither end is missed more often than stated. 81 of 263 gives
    [0.2535, 0.3682]. Raises `ValueError` for no trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is not a sample")
    z, rate = critical_z(confidence), successes / trials
    square, failures = z * z, trials - successes
    low, high = 0.0, 1.0
    if successes:
        root = z * math.sqrt(max(0.0, square - 2 - 1 / trials + 4 * rate * (failures + 1)))
        low = max(0.0, (2 * successes + square - 1 - root) / (2 * (trials + square)))
    if failures:
        root = z * math.sqrt(max(0.0, square + 2 - 1 / trials + 4 * rate * (failures - 1)))
        high = min(1.0, (2 * successes + square + 1 + root) / (2 * (trials + square)))
    return Interval(low, high, confidence, "Wilson score, corrected for continuity")


def newcombe(
    successes_a: float, trials_a: float, successes_b: float, trials_b: float, confidence: float = 0.95
) -> Difference:
    """Hybrid score interval of B's rate minus A's (Newcombe, Statistics in Medicine 17, 1998, method 10).

    A = 48 of 80 against B = 56 of 70 gives 0.20 [0.0524, 0.3339]. Raises `ValueError` for no trials.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    if not (trials_a and trials_b):
        raise ValueError("a difference needs trials on both sides")
    z = critical_z(confidence)
    below_a, above_a = _reach(successes_a, trials_a, z)
    below_b, above_b = _reach(successes_b, trials_b, z)
    value = (successes_b * trials_a - successes_a * trials_b) / (trials_a * trials_b)
    low, high = value - math.hypot(below_b, above_a), value + math.hypot(above_b, below_a)
    return Difference(
        value, low, high, confidence, "Newcombe hybrid score", successes_a, trials_a, successes_b, trials_b
    )


def reach(rate: float, interval: Interval, scale: float = 1.0) -> tuple[float, float]:
    """How far an interval reaches below a rate and above it, times `scale`: what differences add up.

    The interval of a sum of rates has the root of the squares of what theirs reach (Zou and Donner, "Construction of
    confidence limits about effect measures", Statistics in Medicine 27, 2008); Newcombe's is that of a difference.
    """
    return scale * (rate - interval.low), scale * (interval.high - rate)


def _reach(successes: float, trials: float, z: float) -> tuple[float, float]:
    """How far the Wilson interval reaches below the rate and above it, without subtracting the two."""
    square = z * z
    root = z * math.sqrt(successes * (trials - successes) / trials + square / 4)
    shift = square * ((trials - 2 * successes) / (2 * trials))
    down = (root - shift) / (trials + square) if successes else 0.0
    up = (root + shift) / (trials + square) if successes < trials else 0.0
    return down, up


def relative_lift(
    successes_a: float, trials_a: float, successes_b: float, trials_b: float, confidence: float = 0.95
) -> Lift:
    """Score interval of B's rate relative to A's, minus 1 (Koopman, Biometrics 40, 1984).

    The rates that differ by that factor are fitted, and the z of what is left has the two-sided confidence. So the
    interval leaves out 0 exactly where the pooled z test does, and it has a bound where a side has no successes, which
    intervals of the logarithm have only after something is added to the counts. A = 48 of 80 against B = 56 of 70 gives
    +33.3% [+8.0%, +67.1%]. Without successes of A there is no value, and no upper bound: 0 of 50 against 10 of 50 is at
    least +175%. Without successes of B the lower bound is -100%, and without any nothing is said. Samples may be
    fractional (effective sizes). Raises `ValueError` for no trials.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    if not (trials_a and trials_b):
        raise ValueError("a ratio needs trials on both sides")
    name = "Koopman score"
    if not successes_a and not successes_b:
        return Lift(None, None, None, confidence, name)
    z = critical_z(confidence)
    value = (successes_b * trials_a - successes_a * trials_b) / (successes_a * trials_b) if successes_a else None
    # a lower bound of A relative to B is an upper one of B relative to A: one search does for both
    low = -1.0 if not successes_b else math.expm1(_lower(successes_a, trials_a, successes_b, trials_b, z))
    top = _FAR if not successes_a else -_lower(successes_b, trials_b, successes_a, trials_a, z)
    high = math.expm1(top) if top < _FAR else None
    return Lift(value, low, high, confidence, name)


def _lower(successes_a: float, trials_a: float, successes_b: float, trials_b: float, z: float) -> float:
    """The lower bound of the logarithm of B's rate over A's, where B has successes."""
    score = _score(successes_a, trials_a, successes_b, trials_b)
    middle = math.log((successes_b * trials_a) / ((successes_a or 0.5) * trials_b))
    reach = z * math.sqrt(
        (trials_a - successes_a + 0.5) / ((successes_a + 0.5) * (trials_a + 1))
        + (trials_b - successes_b + 0.5) / ((successes_b + 0.5) * (trials_b + 1))
    )
    right, left = middle, max(middle - reach, -_FAR)
    above, below = (0.0 if successes_a else score(right)) - z, score(left) - z
    while below < 0:
        if left <= -_FAR:
            return -_FAR
        right, above = left, below
        reach *= 2
        left = max(left - reach, -_FAR)
        below = score(left) - z
    while above > 0:  # only where A has no successes: its rate in the middle is made up
        if right >= _FAR:
            return _FAR
        left, below = right, above
        right = min(right + reach, _FAR)
        above = score(right) - z
    for _ in range(100):  # regula falsi with the weights of Anderson and Bjoerck (BIT 13, 1973)
        at = (left * above - right * below) / (above - below)
        height = score(at) - z
        if not left < at < right or abs(height) < 1e-11 * z:
            return at
        if height > 0:
            above *= 1 - height / below if 0 < height < below else 0.5
            left, below = at, height
        else:
            below *= 1 - height / above if above < height < 0 else 0.5
            right, above = at, height
    return at


def _score(successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> Callable[[float], float]:
    """Z of two samples as a function of the logarithm of the ratio of the rates: B's share beyond what it asks for.

    The rates are fitted by maximum likelihood under the ratio (Miettinen and Nurminen, Statistics in Medicine 4, 1985).
    All is written so that nothing cancels, whatever the counts.
    """
    fails_a, fails_b = trials_a - successes_a, trials_b - successes_b
    rate_a, rate_b = successes_a / trials_a, successes_b / trials_b
    apart = (successes_b * trials_a - successes_a * trials_b) / (trials_a * trials_b)
    total = trials_a + trials_b

    def at(logarithm: float) -> float:
        # the smaller rate is `part` of the larger one
        less = logarithm <= 0
        part, short = math.exp(-abs(logarithm)), -math.expm1(-abs(logarithm))
        fails, others = (fails_a, fails_b) if less else (fails_b, fails_a)
        difference = fails * part - others
        root = math.hypot(total * short + difference, 2 * math.sqrt(fails * others * part))
        beyond = others + fails * part - total * short
        missing = (beyond + root) / (2 * total * part) if beyond >= 0 else 2 * fails * short / (root - beyond)
        came, came_smaller = (successes_a, successes_b) if less else (successes_b, successes_a)
        trials_larger, trials_smaller = (trials_a, trials_b) if less else (trials_b, trials_a)
        twice = trials_larger + came_smaller + part * (trials_smaller + came) + root
        larger = 2 * (came + came_smaller) / twice
        smaller = part * larger
        variance = (
            larger * missing / trials_larger * (part * part) + smaller * (short + part * missing) / trials_smaller
        )
        left_over = apart + rate_a * short if less else apart - rate_b * short
        if not variance:
            return math.copysign(_FAR, left_over) if left_over else 0.0
        return left_over / math.sqrt(variance)

    return at
