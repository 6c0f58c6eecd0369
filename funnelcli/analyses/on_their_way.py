"""Entries of a measurement that are still on their way: open units of which a curve tells the chance and the time."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.times import DAY
from funnelcli.stats.curve_points import reaching
from funnelcli.stats.still_to_come import chance_within, coming_by, deviation_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.exact import Exact
    from funnelcli.measure import Curve
    from funnelcli.model import Funnel
    from funnelcli.stats.still_to_come import Points

_STRAY = 1e-3
"""By so small a part of all who come may those strays who come by a time, as a line between two times tells it."""


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

    As many of them come as bring the sales to the conversion that is expected in the end. When they do is by the curve:
    who has waited for a time comes within another as those did who were there as long before, with the incidence F and
    the share S that neither came nor was lost, by (F(age + time) - F(age)) / S(age). The chance of all who wait is the
    mean of theirs, and its deviation such that draws of so many units with one chance, within so many days, spread as
    those of units with their own: less than by the curve alone, as unequal chances spread less than equal ones.
    """
    curve = curve_to_sale(funnel)
    return None if curve is None else with_entries_on(funnel, curve, chance_to_come(funnel, curve), days)


def with_chance(funnel: Funnel, curve: Curve) -> Funnel:
    """The funnel with the entries that are on their way, of which only how many come is told."""
    return _opened(funnel, curve, chance_to_come(funnel, curve))


def _opened(funnel: Funnel, curve: Curve, chance: float, **told: Any) -> Funnel:
    """With those who wait as open units, and at the sale the money that they are expected to bring."""
    first = funnel.stages[0]._replace(open=number_waiting(curve), close_chance=Fraction(chance), **told)
    stages, at = [first, *funnel.stages[1:]], funnel.sale_stage
    coming = stages[at].money_to_come
    if coming is not None:
        stages[at] = stages[at]._replace(
            average_check=coming.mean, average_check_sd=coming.sd, check_of=(coming.units,), money_to_come=None
        )
    return funnel._replace(stages=tuple(stages))


def chance_to_come(funnel: Funnel, curve: Curve) -> float:
    """The mean chance in the end of those who wait: of what is expected then, less those who came.

    Where nobody was followed for the whole window, it is that of what comes until the curve ends. Without a measured
    end it is that of the curve, which is another one where units enter again: it does not know who has not done so.
    """
    end = funnel.eventual(funnel.sale_stage)
    if end is None:
        return by_curve(curve)
    share = end.so_far if end.conversion is None else end.conversion
    coming = float(funnel.stages[0].count * share - funnel.stages[funnel.sale_stage].count)
    return min(1.0, max(0.0, coming / number_waiting(curve)))


def number_waiting(curve: Curve) -> int:
    """How many entries are on their way still."""
    return sum(number for _, number in curve.waiting)


def by_curve(curve: Curve) -> float:
    """The mean chance of those who wait to come by the end of the curve."""
    points = _points(curve)
    return sum(number * chance_within(points, age, points[-1][0]) for age, number in curve.waiting) / number_waiting(
        curve
    )


def _points(curve: Curve) -> Points:
    points: Points = [(float(time), float(came), float(still)) for time, came, still in curve.points]
    return [(0.0, 0.0, 1.0), *points] if points[0][0] > 0 else points


def with_entries_on(funnel: Funnel, curve: Curve, whole: float, days: Exact | None = None) -> Funnel:
    """The funnel with those who wait of a curve, who have this mean chance, as `with_open_entries` has it."""
    points = _points(curve)
    last = points[-1][0] - min(age for age, _ in curve.waiting)
    within: list[tuple[Exact, Exact]] = [
        (Fraction(time / DAY), Fraction(whole * share))
        for time, share in (_shares_by(points, curve, last) if whole > 0 and last > 0 else ())
    ]
    sooner = last if days is None else min(last, float(days) * DAY)
    told_by, entries = curve.told_by or (curve.waiting, funnel.stages[0].count)
    sd = deviation_within(points, curve.waiting, float(entries), sooner, told_by) * whole
    spread = Fraction(min(sd, 0.999 * sqrt(whole * (1 - whole)))) if 0 < whole < 1 and sd else None
    return _opened(funnel, curve, whole, close_chance_sd=spread, close_within=tuple(within))


def _shares_by(points: Points, curve: Curve, last: float) -> Iterator[tuple[float, float]]:
    """Of those who come, the share that has done so by each of few times, up to the `last`.

    Of whom the curve expects nobody, and the end does, those come evenly until it ends.
    """
    told = coming_by(points, curve.waiting)
    total = told[-1][1] if told else 0.0
    if not total:
        yield last, 1.0
        return
    line = [((time, came / total, 0.0), (_STRAY, 0.0)) for time, came in told]
    for place in reaching(line):
        if place:
            yield line[place][0][0], min(1.0, line[place][0][1])
