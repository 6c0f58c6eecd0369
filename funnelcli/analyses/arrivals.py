"""Where the units that sit in the stages now will arrive, how many of them, and when."""

from __future__ import annotations

from fractions import Fraction
from math import fsum, inf
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.losses import in_the_end, losing, step_time
from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.exact import Exact, reduced
from funnelcli.stats.arrival import StepTime, durations, one_after_the_other, share_arrived, share_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.model import Funnel


class Arrival(NamedTuple):
    """Units that are open at stage `origin` and expected at stage `at` in the end (indices of stages).

    `money` is what they bring there.
    """

    origin: int
    at: int
    units: Exact
    money: Exact


def arrivals(funnel: Funnel) -> Iterator[Arrival]:
    """Where the open units are expected: at the conversions of the decided, or by the chances that are stated.

    Where losses are stated to take another time, the conversion is that of those who are open. The money of an open
    unit, where it is known, is that of its sale. Units whose chance is stated become sales: what they would bring
    before that is left out.
    """
    sale = funnel.sale_stage
    for origin, stage in enumerate(funnel.stages):
        if not stage.open:
            continue
        root, units = origin, Fraction(stage.open)
        if funnel.states_chance(origin):
            root, units = sale, units * (stage.close_chance or 0)
        reached: dict[int, Exact] = {root: reduced(units)}
        for at in range(root + 1, len(funnel.stages)):
            parent = funnel.stages[at].parent
            if parent in reached:
                rate = in_the_end(funnel, at, funnel.conversion_decided(at), waiting=parent == origin)
                reached[at] = reduced(reached[parent] * Fraction(rate or 0))
        for at, each in reached.items():
            if at != origin:
                yield Arrival(origin, at, each, reduced(each * price(funnel, origin, at)))


def price(funnel: Funnel, origin: int, at: int) -> Exact:
    """Mean money that a unit brings at a stage: the open units' own at the sale, where they have some."""
    if at == funnel.sale_stage and origin in funnel.path_to(at):
        amounts = open_amounts(funnel, origin)
        if amounts is not None:
            return amounts.mean
    return funnel.stages[at].average_order_value or 0


class ArrivalTimes:
    """When open units arrive: the time of the step they are in, of which some has passed, and of those after it.

    How long units came for is seen from how many of the stage's are still there, where its count tells.
    """

    def __init__(self, funnel: Funnel) -> None:
        self._funnel = funnel
        self._steps = [step_time(stage.days, stage.days_quantiles) for stage in funnel.stages]
        self._rest: dict[tuple[int, int], list[float]] = {}
        self._since: dict[tuple[int, int], float] = {}

    def share(self, origin: int, at: int, days: Exact | None) -> float | None:
        """The share of those who come that are there after so many days; `None` where a time on the way is unknown.

        All of them where `days` is `None`: in the end.
        """
        if days is None:
            return 1.0
        stated = self._stated_within(origin)
        way = self._funnel.path_to(at, self._funnel.sale_stage if stated else origin)[-2::-1]
        if any(self._steps[step] is None for step in way):
            return None
        lasting = [step for step in way if self._time(step).mean]
        if stated:
            after = self._durations(at, lasting)
            return round(fsum(share_within(float(days) - later, stated) for later in after) / len(after), 9)
        if not lasting:
            return 1.0
        first = lasting[0]
        rest = self._durations(at, lasting[1:])
        return share_arrived(float(days), self._time(first), self._came_for(origin, first), rest)

    def _stated_within(self, origin: int) -> list[tuple[float, float]]:
        """Of the units of a stage that become a sale, the shares within so many days, where that is stated."""
        stage = self._funnel.stages[origin]
        if not stage.close_chance or not self._funnel.states_chance(origin):
            return []
        return [(float(days), float(chance / Fraction(stage.close_chance))) for days, chance in stage.close_within]

    def _time(self, step: int) -> StepTime:
        time = self._steps[step]
        assert time is not None
        return time

    def _durations(self, at: int, steps: list[int]) -> list[float]:
        """Durations of steps one after the other, the last of them to `at`."""
        if not steps:
            return [0.0]
        key = (steps[0], at)
        if key not in self._rest:
            own = durations(self._time(steps[0]))
            self._rest[key] = one_after_the_other(own, self._durations(at, steps[1:])) if steps[1:] else own
        return self._rest[key]

    def _came_for(self, origin: int, step: int) -> float:
        """For how many days units came to a stage; without end where that cannot be told."""
        stage, time = self._funnel.stages[origin], self._time(step)
        if self._funnel.stages[step].parent != origin:
            return 0.0  # the step they are in takes no time: they are at the beginning of this one
        if time.log_deviation is None or stage.unknown or not stage.count:
            return inf
        if (origin, step) not in self._since:
            lost = losing(self._funnel, step)
            still_there = float(Fraction(stage.open or 0) / stage.count)
            self._since[origin, step] = time.came_for(still_there) if lost is None else lost.waiting.since
        return self._since[origin, step]
