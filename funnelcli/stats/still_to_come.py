"""What a curve of competing risks says of units that are on their way still."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import exp, lgamma, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.normal import critical_z

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.stats.survival import CompetingRisks

    Points = Sequence[tuple[float, float, float]]
    """A curve as `few_points` tells it: the time, who has come by then, who neither came nor is lost."""
    Waiting = Sequence[tuple[int, int]]
    """Those on their way still, as `binned` has them: their age, and how many they are."""

_COUNTED = 20_000
"""Units still on their way, of which each number that may come is looked at; of more, the normal curve tells."""
_OUTSIDE = 0.025
_NOBODY = 1e-9
"""A share less than that of any unit."""


class Final(NamedTuple):
    """How many of some units are expected to have come in the end, and between which numbers, with 95%."""

    expected: float
    low: float
    high: float


def final_figure(risks: CompetingRisks, came: int, waiting: Mapping[int, int], coming: float | None = None) -> Final:
    """The final figure of units of which so many `came` and others are `waiting`, by their ages.

    So many of these are expected to be `coming`, or as many as the curve says. They are binomial, with the mean chance
    of all who wait. How uncertain that is is the variance of the curve's: a Beta distribution with half a unit on
    either side (Jeffreys), as few say little. So the number is beta-binomial. Each end leaves no more than 2.5%
    outside, so that both are one number only where hardly anything else may be.
    """
    number = sum(waiting.values())
    if not number:
        return Final(came, came, came)
    coming = sum(units * risks.chance(age) for age, units in waiting.items()) if coming is None else coming
    chance = min(1.0, coming / number)
    variance = risks.variance(waiting)
    sure = chance * (1 - chance) / variance if variance > 0 else float(min(risks.at_risk, default=0))
    a, b = chance * sure + 0.5, (1 - chance) * sure + 0.5
    if number > _COUNTED:
        mean, size = a / (a + b), a + b
        reach = critical_z(0.95) * sqrt(number * mean * (1 - mean) * (size + number) / (size + 1))
        return Final(came + number * chance, came + max(0.0, number * mean - reach), came + number * mean + reach)
    low, high = _central(number, a, b)
    return Final(came + number * chance, came + low, came + high)


def _central(number: int, a: float, b: float) -> tuple[int, int]:
    """The ends of the central 95% of a beta-binomial number: no more than 2.5% is beyond either."""
    weight = lgamma(number + b) + lgamma(a + b) - lgamma(number + a + b) - lgamma(b)
    upto, low = exp(weight), 0
    for each in range(number):
        if upto <= _OUTSIDE:
            low = each + 1
        elif upto >= 1 - _OUTSIDE:
            return low, each
        weight += log((number - each) * (a + each) / ((each + 1) * (number - each - 1 + b)))
        upto += exp(weight)
    return low, number


def chance_within(points: Points, age: float, within: float) -> float:
    """The chance that an entry which has waited for a time comes within another."""
    came, still = _at(points, age)
    return min(1.0, max(0.0, (_at(points, age + within)[0] - came) / still)) if still > _NOBODY else 0.0


def coming_by(points: Points, waiting: Waiting) -> list[tuple[float, float]]:
    """The mean chance of those who wait to come within a time: by all times at which its growth changes, ascending.

    Between two of them it grows in proportion, as the curve does between its points.
    """
    changes: dict[float, float] = {}
    units = sum(number for _, number in waiting)
    for age, number in waiting:
        came, still = _at(points, age)
        if still <= _NOBODY:
            continue
        since = float(age)
        for time, after, _ in points:
            if time <= age:
                continue
            growth = number / units * (after - came) / still / (time - since)
            changes[since - age] = changes.get(since - age, 0.0) + growth
            changes[time - age] = changes.get(time - age, 0.0) - growth
            since, came = time, after
    told, now, share, growing = [], 0.0, 0.0, 0.0
    for time, change in sorted(changes.items()):
        share += growing * (time - now)
        told.append((time, min(1.0, max(0.0, share))))
        now, growing = time, growing + change
    return told


def _at(points: Points, time: float) -> tuple[float, float]:
    """Who has come by a time, and who neither came nor was lost: in proportion between two points."""
    place = bisect_right(points, time, key=lambda point: point[0])
    if place == len(points):
        return points[-1][1:]
    (sooner, *before), (later, *after) = points[place - 1], points[place]
    part = (time - sooner) / (later - sooner)
    return before[0] + part * (after[0] - before[0]), before[1] + part * (after[1] - before[1])


def deviation_within(
    points: Points, waiting: Waiting, entries: float, within: float, told_by: Waiting | None = None
) -> float:
    """The coefficient of variation of the chance that those who wait come within a time.

    By the delta method: at each point of the curve the numbers who come and are lost by the next are multinomial with
    their hazards, as in `CompetingRisks.variance`. The curve is that of so many `entries`, of whom those wait who are
    asked about or, with `told_by`, these. From it the variance of the unequal chances is taken.
    """
    units = sum(number for _, number in waiting)
    chances = [(number, chance_within(points, age, within)) for age, number in waiting]
    mean = sum(number * each for number, each in chances) / units
    if not mean:
        return 0.0
    found = 0.0
    for later, risk, came, lost, still in _hazards(points, waiting if told_by is None else told_by, entries):
        by_came = by_lost = 0.0
        there, left = still, _at(points, later)
        for age, number in waiting:
            if age < later <= age + within:
                weight = number * there / max(_at(points, age)[1], _NOBODY)
                yet = (_at(points, age + within)[0] - left[0]) / left[1] if left[1] > _NOBODY else 0.0
                by_came, by_lost = by_came + weight * (1 - yet), by_lost - weight * yet
        squares = came * by_came * by_came + lost * by_lost * by_lost
        found += (squares - (came * by_came + lost * by_lost) ** 2) / risk
    unequal = sum(number * (each - mean) ** 2 for number, each in chances) / units
    return sqrt(max(0.0, found / units**2 - unequal / units)) / mean


def _hazards(points: Points, waiting: Waiting, entries: float) -> Iterator[tuple[float, float, float, float, float]]:
    """By when, how many were there before, the shares of them that came and were lost by then, and who was left before.

    Those lost from sight between two points are taken to have been there for half of the time.
    """
    there = entries
    for (sooner, before, still), (later, after, left) in pairwise(points):
        gone = sum(number for age, number in waiting if sooner <= age < later)
        risk = there - gone / 2
        if risk < 1 or still <= _NOBODY:
            break
        came, ended = (after - before) / still, 1 - left / still
        yield later, risk, came, max(0.0, ended - came), still
        there -= ended * risk + gone
