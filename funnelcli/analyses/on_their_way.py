"""Entries of a measurement that are still on their way: open units of which a curve tells the chance and the time."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Curve
    from funnelcli.model import Funnel

    Points = Sequence[tuple[float, float, float]]

_DAY = 86400
_TIMES = 60
"""Times from now at which the chance is told; between two of them it grows in proportion."""
_FEWEST = 1e-9


def curve_to_sale(funnel: Funnel) -> Curve | None:
    """How the entries come to the sale, where some of them are on their way and the file says of none that it is open.

    A segment and a scenario have none: what was measured is of the funnel as it was counted.
    """
    if funnel.measured is None or any(stage.open is not None for stage in funnel.stages):
        return None
    found = dict(funnel.measured.curves).get(funnel.stages[funnel.sale_stage].name)
    return found if found is not None and found.waiting and len(found.points) > 1 else None


def with_open_entries(funnel: Funnel, days: Exact | None = None) -> Funnel | None:
    """The funnel with the entries that are on their way as open units of its first stage; `None` where it has no curve.

    Who has waited for a time comes within another as those did who were there as long before: with the incidence F and
    the share S that neither came nor was lost, by (F(age + time) - F(age)) / S(age). The chance of all who wait is the
    mean of theirs, and its deviation such that draws of so many units with one chance, within so many days, spread as
    those of units with their own: less than by the curve alone, as unequal chances spread less than equal ones.
    """
    curve = curve_to_sale(funnel)
    if curve is None:
        return None
    points: Points = [(float(time), float(came), float(still)) for time, came, still in curve.points]
    if points[0][0] > 0:
        points = [(0.0, 0.0, 1.0), *points]
    units = sum(number for _, number in curve.waiting)

    def by(time: float) -> float:
        return sum(number * chance(points, age, time) for age, number in curve.waiting) / units

    last = points[-1][0] - min(age for age, _ in curve.waiting)
    whole = by(last)
    times = [last * part / _TIMES for part in range(1, _TIMES + 1)] if whole > 0 and last > 0 else []
    within: list[tuple[Exact, Exact]] = [(Fraction(time / _DAY), Fraction(min(whole, by(time)))) for time in times]
    sooner = last if days is None else min(last, float(days) * _DAY)
    sd = _deviation(points, curve, float(funnel.stages[0].count), sooner) * whole
    first = funnel.stages[0]._replace(
        open=units,
        close_chance=Fraction(whole),
        close_chance_sd=Fraction(min(sd, 0.999 * sqrt(whole * (1 - whole)))) if 0 < whole < 1 and sd else None,
        close_within=tuple(within),
    )
    return funnel._replace(stages=(first, *funnel.stages[1:]))


def chance(points: Points, age: float, within: float) -> float:
    """The chance that an entry which has waited for a time comes within another."""
    came, still = _at(points, age)
    return min(1.0, max(0.0, (_at(points, age + within)[0] - came) / still)) if still > _FEWEST else 0.0


def _at(points: Points, time: float) -> tuple[float, float]:
    """Who has come by a time, and who neither came nor was lost: in proportion between two points."""
    place = bisect_right(points, time, key=lambda point: point[0])
    if place == len(points):
        return points[-1][1:]
    (sooner, *before), (later, *after) = points[place - 1], points[place]
    part = (time - sooner) / (later - sooner)
    return before[0] + part * (after[0] - before[0]), before[1] + part * (after[1] - before[1])


def _deviation(points: Points, curve: Curve, entries: float, within: float) -> float:
    """The coefficient of variation of the chance that those who wait come within a time.

    By the delta method: at each point of the curve the numbers who come and are lost by the next are multinomial with
    their hazards, as in `CompetingRisks.variance`. From it the variance of the unequal chances is taken.
    """
    units = sum(number for _, number in curve.waiting)
    chances = [(number, chance(points, age, within)) for age, number in curve.waiting]
    mean = sum(number * each for number, each in chances) / units
    if not mean:
        return 0.0
    found = 0.0
    for later, risk, came, lost, still in _numbers(points, curve, entries):
        by_came = by_lost = 0.0
        there, left = still, _at(points, later)
        for age, number in curve.waiting:
            if age < later <= age + within:
                weight = number * there / max(_at(points, age)[1], _FEWEST)
                yet = (_at(points, age + within)[0] - left[0]) / left[1] if left[1] > _FEWEST else 0.0
                by_came, by_lost = by_came + weight * (1 - yet), by_lost - weight * yet
        squares = came * by_came * by_came + lost * by_lost * by_lost
        found += (squares - (came * by_came + lost * by_lost) ** 2) / risk
    unequal = sum(number * (each - mean) ** 2 for number, each in chances) / units
    return sqrt(max(0.0, found / units**2 - unequal / units)) / mean


def _numbers(points: Points, curve: Curve, entries: float) -> Iterator[tuple[float, float, float, float, float]]:
    """By when, how many were there before, the shares of them that came and were lost by then, and who was left before.

    Those lost from sight between two points are taken to have been there for half of the time.
    """
    there, waiting = entries, sorted(curve.waiting)
    for (sooner, before, still), (later, after, left) in pairwise(points):
        gone = sum(number for age, number in waiting if sooner <= age < later)
        risk = there - gone / 2
        if risk < 1 or still <= _FEWEST:
            break
        came, ended = (after - before) / still, 1 - left / still
        yield later, risk, came, max(0.0, ended - came), still
        there -= ended * risk + gone
