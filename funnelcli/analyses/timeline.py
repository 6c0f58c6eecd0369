"""What is expected to arrive of the units that sit in the stages now, between now and the end."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.arrivals import arrivals
from funnelcli.analyses.times import DAY
from funnelcli.exact import Exact, added, reduced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.arrivals import Arrival, ArrivalTimes
    from funnelcli.model import Funnel

_TERMS = tuple(
    map(
        reduced,
        (
            *(Fraction(seconds, DAY) for seconds in (0, 1, 10, 60, 600, 3600, 21600)),
            *map(Fraction, (1, 7, 14, 30, 60, 90, 180, 365, 730, 1095, 1825, 3650)),
        ),
    )
)
"""Days that a timeline is divided at: those among which something arrives."""
_FEW, _MOST = Fraction(1, 50), Fraction(99, 100)
"""Shares of what arrives: a line of the timeline has at least so much, and the rest from so much on is later."""


class Moment(NamedTuple):
    """What arrives from `after` to `days` from now; without `days` later than that, without both at an unknown time."""

    days: Exact | None
    sales: Exact
    revenue: Exact | None
    after: Exact | None = None


class Expected:
    """What is expected to arrive, and by when."""

    def __init__(self, funnel: Funnel, times: ArrivalTimes) -> None:
        self.funnel, self.times = funnel, times
        sale = funnel.sale_stage
        self.arrivals = [each for each in arrivals(funnel) if each.units and (each.at == sale or each.money)]

    def by(self, days: Exact | None, origin: int | None = None) -> tuple[Exact, Exact]:
        """Sales and money within so many days, in the end if that is `None`; of all open units, or those of a stage."""
        sales: list[Exact] = []
        money: list[Exact] = []
        for each in self.arrivals:
            if origin is None or each.origin == origin:
                share = Fraction(self.times.share(each.origin, each.at, days) or 0)
                sales.append(each.units * share if each.at == self.funnel.sale_stage else 0)
                money.append(each.money * share)
        return added(sales), added(money)

    def undated(self) -> tuple[Exact, Exact]:
        """Sales and money of the end that no date is known of: those beyond the last time of a `close_within`."""
        sales: list[Exact] = []
        money: list[Exact] = []
        for each in self.arrivals:
            stage = self.funnel.stages[each.origin]
            if stage.close_chance and stage.close_within and self.funnel.states_chance(each.origin):
                share = 1 - Fraction(stage.close_within[-1][1]) / Fraction(stage.close_chance)
                sales.append(each.units * share if each.at == self.funnel.sale_stage else 0)
                money.append(each.money * share)
        return added(sales), added(money)

    def timed(self) -> list[Arrival]:
        """Those whose time is known."""
        return [each for each in self.arrivals if self.times.share(each.origin, each.at, 0) is not None]

    def untimed(self) -> tuple[str, ...]:
        """The stages of the others."""
        timed = self.timed()
        return tuple(dict.fromkeys(self.funnel.stages[each.origin].name for each in self.arrivals if each not in timed))


def timeline(expected: Expected, has_money: bool, horizon: Exact | None) -> Iterator[Moment]:
    """What is expected between round numbers of days, up to the horizon, later, and at an unknown time."""
    timed = expected.timed()
    total = (
        added(each.units for each in timed if each.at == expected.funnel.sale_stage),
        added(each.money for each in timed),
    )
    about = 1 if total[1] else 0  # of money, where there is some
    after: Exact | None = None
    before: tuple[Exact, Exact] = (0, 0)

    def between(until: tuple[Exact, Exact], days: Exact | None) -> Moment:
        sales, money = reduced(until[0] - before[0]), reduced(until[1] - before[1])
        return Moment(days, sales, money if has_money else None, after)

    end = expected.by(horizon) if horizon is not None else total
    least = _FEW * total[about]
    for days in _TERMS:
        if not timed or before[about] >= _MOST * total[about] or (horizon is not None and days >= horizon):
            break
        sums = expected.by(days)
        if sums[about] - before[about] >= least and (horizon is None or end[about] - sums[about] >= least):
            yield between(sums, days)
            after, before = days, sums
    if timed and horizon is not None:
        yield between(end, horizon)
        after, before = horizon, end
    if before != total:
        yield between(total, None)._replace(after=after or 0)
    if len(timed) < len(expected.arrivals):
        sales, money = expected.by(None)
        yield Moment(None, reduced(sales - total[0]), reduced(money - total[1]) if has_money else None)
