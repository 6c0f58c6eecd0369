"""The few points that tell a curve of competing risks within its own noise, and the few ages of those who wait."""

from __future__ import annotations

from bisect import bisect_right
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.stats.survival import CompetingRisks

    Point: TypeAlias = tuple[int, float, float]
    """The time, who has come by then, who neither came nor is lost."""
    Allowed: TypeAlias = tuple[float, float]

BINS = 20
"""Bins of the ages of those who wait, of equal width; others begin at each point of the curve."""
_NOISE = 0.25
"""A line from point to point may stray by so small a part of the standard error of what is still to come."""
_FINEST, _COARSEST = 2e-3, 0.04
"""By at least and at most so small a part of what is still to come."""
_KEPT = 300
"""Points that are looked at: between them so small a part of what is still to come then comes, or of all ends."""


def few_points(risks: CompetingRisks, unit: int, end: int) -> tuple[Point, ...]:
    """Few points of the curve up to the time `end`: the time, who has come, who neither came nor is lost.

    Times are of so many to the `unit` of the points, of which each time is the next whole one. Each line from point to
    point reaches as far as it can while it strays from the curve by no more than is allowed: less than the noise of
    what comes after, which is what the curve is asked for.
    """
    curve = _corners(risks, unit, end)
    return tuple(curve[place][0] for place in reaching(curve))


def _corners(risks: CompetingRisks, unit: int, end: int) -> list[tuple[Point, Allowed]]:
    """Points on the curve between which it is as good as a line, each with by how much lines may stray from it.

    Of a time at which much happened there are two, before and after it; of another one in the middle of its step, so
    that the line is as often above the curve as below.
    """
    last, share = -(-end // unit), risks.incidence_at(end)
    first: Point = (0, risks.incidence_at(0), risks.survival_at(0))
    kept, seen = [(first, _allowed(risks, share, first))], first
    for time in sorted({-(-each // unit) for each in risks.times if each <= end} - {0}):
        here: Point = (time, risks.incidence_at(time * unit), risks.survival_at(time * unit))
        step = (share - seen[1]) / _KEPT
        if 0 < here[1] - seen[1] < step and seen[2] - here[2] < 1 / _KEPT and time < last:
            continue
        before: Point = (time - 1, risks.incidence_at((time - 1) * unit), risks.survival_at((time - 1) * unit))
        seen, allowed = here, _allowed(risks, share, before)
        if here[1] - before[1] > 2 * allowed[0] or before[2] - here[2] > 2 * allowed[1] or time == last:
            if time - 1 > kept[-1][0][0]:
                kept.append((before, allowed))
            kept.append((here, _allowed(risks, share, here)))
        else:
            kept.append(((time, (before[1] + here[1]) / 2, (before[2] + here[2]) / 2), allowed))
    if last > kept[-1][0][0]:
        kept.append(((last, share, risks.survival_at(end)), (0.0, 0.0)))
    return kept


def _allowed(risks: CompetingRisks, share: float, point: Point) -> Allowed:
    """By how much lines may stray at a point: by a part of the noise of who comes after it, of each curve.

    A chance is one curve over the other: both may stray by the same part of themselves.
    """
    number = max(1, risks.at_risk[0] if risks.at_risk else 1)
    later = max(0.0, share - point[1])
    came = max(_NOISE * sqrt((later + 1 / number) / number), _FINEST * later)
    return came, min(_COARSEST, came / later if later else 1.0) * point[2]


def reaching(curve: Sequence[tuple[tuple[float, float, float], Allowed]]) -> list[int]:
    """The places of points of which lines stray from those between by no more than is allowed; greedily."""
    places, start = [0], 0
    while start < len(curve) - 1:
        reached, (since, came, left) = start + 1, curve[start][0]
        low, high, lowest, highest = -1e300, 1e300, -1e300, 1e300  # slopes that stray by no more than is allowed
        for place in range(start + 1, len(curve)):
            (time, here, there), allowed = curve[place]
            wide = time - since
            rise, fall = (here - came) / wide, (there - left) / wide
            if low <= rise <= high and lowest <= fall <= highest:
                reached = place
            low, high = max(low, rise - allowed[0] / wide), min(high, rise + allowed[0] / wide)
            lowest, highest = max(lowest, fall - allowed[1] / wide), min(highest, fall + allowed[1] / wide)
            if low > high or lowest > highest:
                break
        start = reached
        places.append(start)
    return places


def binned(ages: Mapping[int, int], unit: int, end: int, points: Sequence[Point] = ()) -> tuple[tuple[int, int], ...]:
    """Ages with their units, in bins each by its mean age in whole units of time.

    A bin is between two `points` of a curve, along which chances are as good as a line, and in one of so many equal
    parts of the time up to `end`.
    """
    knots = [time * unit for time, _, _ in points]
    bins: dict[tuple[int, int], tuple[int, int]] = {}
    for age, units in ages.items():
        place = bisect_right(knots, age), min(BINS - 1, age * BINS // max(1, end))
        total, number = bins.get(place, (0, 0))
        bins[place] = total + age * units, number + units
    return tuple((total // number // unit, number) for _, (total, number) in sorted(bins.items()) if number)
