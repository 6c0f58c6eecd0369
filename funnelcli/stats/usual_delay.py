"""How soon a chart of what is usual finds a change: the expected delay of one that begins with the next period.

The CUSUMs are followed from where they are after some usual periods (steady-state average run length), so that it does
not depend on the luck of the last ones, with a level and a spread that few periods tell. The residuals to come are
independent and normal whatever the level is; it moves along with the change, so that each shows less of it, and their
squares widen the spread (Hawkins and Olwell, Cumulative Sum Charts, 1998, chapter 7). What is not known, the true
spread and each residual, is integrated over by a Latin hypercube sample that is always the same (McKay, Beckman and
Conover, Technometrics 21, 1979): to 3%, standard error.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.normal import inverse_normal
from funnelcli.stats.usual_level import stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 120
"""Periods for which a chart is followed: up to half of that the expected delay is told."""
_BEFORE = 20
"""Usual periods before the change."""
_PATHS, _SEED = 101, 98
"""A prime, and what begins a sample of so many paths that errs little: both are of no meaning by themselves."""
_FACTOR, _MODULUS = 48_271, 2**31 - 1
"""Park and Miller's generator (Communications of the ACM 36, 1993)."""


class Ahead(NamedTuple):
    """A period to come: its mean, its standard deviation, and of how many such periods the mean is known."""

    mean: float
    deviation: float
    known: float


class Outlook(NamedTuple):
    """What a chart knows: the degrees of freedom of its spread, none where that is given, and the periods `ahead`.

    These come round again; of several `seasons` each has a level of its own.
    """

    freedom: float | None
    ahead: tuple[Ahead, ...]
    seasons: int


def delay(outlook: Outlook, shifts: Sequence[float], limits: Sequence[float], slacks: Sequence[float]) -> float:
    """Periods until a shift is found, on average, of so much in each period ahead; `MOST` where that many find none.

    Shifts are all below 0, or all above: found is what raises an alarm to their side, by CUSUMs of these slacks and
    limits.
    """
    first, *normal = _sample()[: 1 + MOST]
    freedom = outlook.freedom
    steps = list(zip(_shown(outlook, [abs(each) for each in shifts]), _stretches(freedom), normal, strict=True))
    (slack_a, slack_b, slack_c), (limit_a, limit_b, limit_c) = slacks, limits
    total = 0
    for path, (a, b, c) in enumerate(_begun(tuple(slacks), tuple(limits))):
        squares = freedom or 0.0
        spread = _spread(freedom, first[path])
        for shown, scale, drawn in steps:
            total += 1
            score = residual = spread * drawn[path] + shown
            if scale:
                square = residual * residual
                score = math.copysign(scale * math.sqrt(math.log1p(square / squares)), residual)
                squares += square
            a, b, c = max(0.0, a + score - slack_a), max(0.0, b + score - slack_b), max(0.0, c + score - slack_c)
            if a > limit_a or b > limit_b or c > limit_c:
                break
    return total / _PATHS


@cache
def _begun(slacks: tuple[float, ...], limits: tuple[float, ...]) -> list[list[float]]:
    """The sums of each path after some usual periods; an alarm among them has ended."""
    begun = []
    for path in range(_PATHS):
        sums = [0.0] * len(slacks)
        for drawn in _sample()[-_BEFORE:]:
            sums = [max(0.0, each + drawn[path] - slack) for each, slack in zip(sums, slacks, strict=True)]
            if any(each > limit for each, limit in zip(sums, limits, strict=True)):
                sums = [0.0] * len(slacks)
        begun.append(sums)
    return begun


def _shown(outlook: Outlook, shifts: Sequence[float]) -> Iterator[float]:
    """What each period to come shows of a shift, in standard deviations, as the level moves along."""
    for number in range(MOST):
        at = number % len(shifts)
        period, moved = outlook.ahead[at], number // outlook.seasons
        now = period.known + moved
        away = shifts[at] / period.deviation if period.deviation else math.inf  # of what never varied
        yield away * period.known / math.sqrt(now * (now + 1))


def _stretches(freedom: float | None) -> Iterator[float]:
    """Of each period to come; 0 where the spread is known."""
    return (0.0 if freedom is None else stretch(freedom + number) for number in range(MOST))


def _spread(freedom: float | None, normal: float) -> float:
    """A standard deviation that may be the true one, beside the estimated (Wilson and Hilferty, PNAS 17, 1931)."""
    if freedom is None:
        return 1.0
    part = 2 / (9 * freedom)
    return float(max(0.1, 1 - part + normal * math.sqrt(part)) ** -1.5)


@cache
def _sample() -> list[list[float]]:
    """The normal variables of all paths: for the true spread, for each period to come, and for each before.

    They are the same in other orders.
    """
    normal, state, rows = [inverse_normal((each + 0.5) / _PATHS) for each in range(_PATHS)], _SEED, []
    for _ in range(1 + MOST + _BEFORE):
        state = state * _FACTOR % _MODULUS
        step = 1 + state % (_PATHS - 1)
        state = state * _FACTOR % _MODULUS
        rows.append([normal[(path * step + state) % _PATHS] for path in range(_PATHS)])
    return rows
