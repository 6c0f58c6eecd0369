"""Entries of a measurement that are still on their way: open units of which a curve tells the chance and the time."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

from funnelcli.analyses.times import DAY
from funnelcli.stats.still_to_come import chance_within, deviation_within

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.measure import Curve
    from funnelcli.model import Funnel
    from funnelcli.stats.still_to_come import Points

_TIMES = 60
"""Times from now at which the chance is told; between two of them it grows in proportion."""


def curve_to_sale(funnel: Funnel) -> Curve | None:
    """How the entries come to the sale, where some of them are on their way and the file says of none that it is open.

    A scenario has none: what was measured is of the funnel as it was counted.
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
    return None if curve is None else with_entries_on(funnel, curve, days)


def with_entries_on(funnel: Funnel, curve: Curve, days: Exact | None = None) -> Funnel:
    """The funnel with those who wait of a curve as open units of its first stage, as `with_open_entries` has it."""
    points: Points = [(float(time), float(came), float(still)) for time, came, still in curve.points]
    if points[0][0] > 0:
        points = [(0.0, 0.0, 1.0), *points]
    units = sum(number for _, number in curve.waiting)

    def by(time: float) -> float:
        return sum(number * chance_within(points, age, time) for age, number in curve.waiting) / units

    last = points[-1][0] - min(age for age, _ in curve.waiting)
    whole = by(last)
    times = [last * part / _TIMES for part in range(1, _TIMES + 1)] if whole > 0 and last > 0 else []
    within: list[tuple[Exact, Exact]] = [(Fraction(time / DAY), Fraction(min(whole, by(time)))) for time in times]
    sooner = last if days is None else min(last, float(days) * DAY)
    told_by, entries = curve.told_by or (curve.waiting, funnel.stages[0].count)
    sd = deviation_within(points, curve.waiting, float(entries), sooner, told_by) * whole
    first = funnel.stages[0]._replace(
        open=units,
        close_chance=Fraction(whole),
        close_chance_sd=Fraction(min(sd, 0.999 * sqrt(whole * (1 - whole)))) if 0 < whole < 1 and sd else None,
        close_within=tuple(within),
    )
    return funnel._replace(stages=(first, *funnel.stages[1:]))
