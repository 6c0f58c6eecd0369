"""Draws of what the units that sit in the stages now bring: each comes or not, for its own money."""

from __future__ import annotations

from array import array
from itertools import repeat
from math import fsum, sqrt
from operator import add, mul
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from funnelcli.analyses.open_amounts import open_amounts
from funnelcli.analyses.outcomes import prices_of
from funnelcli.analyses.rates import Rate, chance_rate, step_rate
from funnelcli.stats.draws import Draws
from funnelcli.stats.sampling import GRID, binomials, draw, draw_times, normal_grid, scatter_grid, source, sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from funnelcli.analyses.arrivals import ArrivalTimes
    from funnelcli.analyses.flows import Progress
    from funnelcli.analyses.open_amounts import OpenAmounts
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel

_BATCH = 20_000
_LARGEST = 100
"""Deals of unequal size that are drawn one by one; the smaller ones beside them are drawn as a sum."""


_Drawn = Literal["rate", "units", "deals", "check", "money", "chance"]
_DRAWN: tuple[_Drawn, ...] = get_args(_Drawn)


class _Leg(NamedTuple):
    """A way that the open units of one stage take from a stage to another, with nothing to count in between.

    Of each of its `steps`, an index of a stage, is said whether it is the one that the units wait for now. The way's
    rate is the product of those of its steps, of `chance`, the stated one, and of `factor`: the share that arrive in
    time of those who did so at the stage before.
    """

    above: int
    at: int
    steps: tuple[tuple[int, bool], ...]
    factor: float
    chance: Rate = Rate(1.0)


class _Origin(NamedTuple):
    """A stage with open units: how many, what each would bring at the sale where that is known, and their steps."""

    stage: int
    units: int
    pool: Pool | None
    legs: tuple[_Leg, ...]


class _Sources:
    """Streams of a seed: every step draws the same, however many others have open units."""

    def __init__(self, seed: int, stages: int) -> None:
        self._seed, self._stages = seed, stages
        self._known: dict[int, Random] = {}

    def of(self, what: _Drawn, stage: int, origin: int = 0) -> Random:
        """The stream of what is drawn at a stage, of the open units of one or of all."""
        number = (_DRAWN.index(what) * self._stages + stage) * self._stages + origin
        if number not in self._known:
            self._known[number] = source(self._seed, number)
        return self._known[number]


def drawn(
    funnel: Funnel, days: Exact | None, times: ArrivalTimes, draws: int, seed: int, progress: Progress | None = None
) -> dict[str, Draws]:
    """Draws of the sales and of the revenue that open units bring within so many days, in the end if that is `None`.

    Rates are as uncertain as their counts leave them, the same in a draw for all units; stated chances as is stated,
    all high or low together, as one estimate tells them. How long a unit takes tells nothing of whether it comes.
    """
    counted = _counted(funnel)
    origins = [_origin(funnel, index, days, times, counted) for index, stage in enumerate(funnel.stages) if stage.open]
    rates = {step: _rate(funnel, *step) for each in origins for leg in each.legs for step in leg.steps}
    luck = {each.stage: _Sources(seed, len(funnel.stages)).of("chance", funnel.sale_stage) for each in origins}
    sources, again = (_Sources(seed, len(funnel.stages)) for _ in range(2))  # the same counts tell both rates of a step
    outcomes = {"sales": array("d"), "revenue": array("d")}
    for start in range(0, draws, _BATCH):
        count = min(_BATCH, draws - start)
        columns = {
            (at, waits): draw(rate.grid(), count, (again if waits else sources).of("rate", at))
            for (at, waits), rate in sorted(rates.items())
        }
        sales = [0] * count
        revenue = [0.0] * count
        priced: dict[int, list[int]] = {}  # units that bring the check of their stage
        for each in origins:
            for at, came in _came(each, columns, count, sources, luck[each.stage]).items():
                is_sale = at == funnel.sale_stage
                if is_sale:
                    sales = list(map(add, sales, came))
                if is_sale and each.pool is not None:
                    money = sums_of_some(each.pool, came, sources.of("deals", each.stage))
                    revenue = list(map(add, revenue, money))
                else:
                    priced[at] = list(map(add, priced[at], came)) if at in priced else came
        for at, came in priced.items():
            if funnel.stages[at].average_order_value:
                revenue = list(map(add, revenue, _money(funnel, at, came, sources)))
        outcomes["sales"].extend(sales)
        outcomes["revenue"].extend(revenue)
        if progress:
            progress(start + count, draws)
    return {name: Draws(array("d", sorted(values))) for name, values in outcomes.items()}


def _counted(funnel: Funnel) -> set[int]:
    """The stages whose units must be known: the sale, what brings money, where ways part, and around growth."""
    ends = {funnel.sale_stage, *(index for index in funnel.money_stages if funnel.stages[index].average_order_value)}
    leading = {index for end in ends for index in funnel.path_to(end)}
    parents = [funnel.stages[index].parent for index in leading]
    parting = {index for index in leading if parents.count(index) > 1}
    growing = {index for index in leading if (funnel.conversion_decided(index) or 0) > 1}
    return (
        ends | parting | growing | {parent for index in growing if (parent := funnel.stages[index].parent) is not None}
    )


def _origin(funnel: Funnel, index: int, days: Exact | None, times: ArrivalTimes, counted: set[int]) -> _Origin:
    """A stage with open units and the ways that they may take, the earlier ones first."""
    stage, sale = funnel.stages[index], funnel.sale_stage
    stated = funnel.states_chance(index)
    legs = []
    shares: dict[int, float] = {index: 1.0}
    for at in funnel.subtree(sale if stated else index):
        if at == index or at not in counted:
            continue
        shares[at] = times.share(index, at, days) or 0.0
        above, way = (index, ()) if stated and at == sale else _way_down(funnel, at, {*counted, index})
        steps = tuple((step, funnel.stages[step].parent == index) for step in way)
        in_time = min(1.0, shares[at] / shares[above]) if shares[above] else 0.0
        legs.append(_Leg(above, at, steps, in_time, Rate(1.0) if steps else chance_rate(stage)))
    amounts = open_amounts(funnel, index)
    return _Origin(index, stage.open or 0, None if amounts is None else pool_of(amounts), tuple(legs))


def _way_down(funnel: Funnel, at: int, known: set[int]) -> tuple[int, tuple[int, ...]]:
    """The nearest stage above that is one of the known, and the steps from it."""
    way: list[int] = []
    for step in funnel.path_to(at):
        if step in known and step != at:
            return step, tuple(reversed(way))
        way.append(step)
    raise AssertionError("a stage comes from none of those that it comes from")


def _rate(funnel: Funnel, at: int, waits: bool) -> Rate:
    """What is known of a step, of those that wait for it or of all; nothing comes where no conversion is known."""
    return Rate(0.0) if funnel.conversion_decided(at) is None else step_rate(funnel, at, waiting=waits)


def _came(
    each: _Origin, columns: dict[tuple[int, bool], list[float]], count: int, sources: _Sources, luck: Random
) -> dict[int, list[int]]:
    """How many of a stage's open units come to the others, in each draw; `luck` draws the chance that is stated."""
    came = {each.stage: [each.units] * count}
    for leg in each.legs:
        chance = leg.chance
        factor = leg.factor * chance.shift if chance.is_certain else leg.factor
        rates = [factor] * count if chance.is_certain else draw_times([factor] * count, chance.grid(), luck)
        for step in leg.steps:
            rates = columns[step] if factor == 1 and len(leg.steps) == 1 else list(map(mul, rates, columns[step]))
        came[leg.at] = binomials(came[leg.above], rates, sources.of("units", leg.at, each.stage))
    del came[each.stage]
    return came


class Pool(NamedTuple):
    """Amounts to draw some of: the largest, how many others there are, their mean and variance, and the sum of all."""

    largest: tuple[float, ...]
    others: int
    mean: float
    variance: float
    total: float


def pool_of(amounts: OpenAmounts) -> Pool:
    """The amounts of open units; those that have none of their own are all alike."""
    alike = float(amounts.each)
    some = (*map(float, amounts.listed), *repeat(alike, min(amounts.others, _LARGEST)))
    more = amounts.others - min(amounts.others, _LARGEST)
    ordered = sorted(some, reverse=True)
    largest, smaller = tuple(ordered[:_LARGEST]), ordered[_LARGEST:]
    others = len(smaller) + more
    mean = fsum((*smaller, more * alike)) / others if others else 0.0
    squares = fsum((*((each - mean) ** 2 for each in smaller), more * (alike - mean) ** 2))
    return Pool(largest, others, mean, squares / (others - 1) if others > 1 else 0.0, float(amounts.total))


def sums_of_some(pool: Pool, numbers: Sequence[int], random: Random) -> list[float]:
    """For each number the sum of so many of the amounts, any as likely as another.

    The largest hundred are drawn one by one. Of the others, which are smaller than each of these, the sum is drawn as a
    normal variable with its mean and its variance without replacement (Cochran, Sampling Techniques, 1977, 2.2).
    """
    uniform, normal = random.random, normal_grid()
    largest, others, mean, variance, total = pool
    units = len(largest) + others
    drawn_sums = []
    for number in numbers:
        if number >= units:  # more than there are: units grow on the way
            drawn_sums.append(total * number / units)
            continue
        wanted, left, found = number, units, 0.0
        for amount in largest:
            if not wanted:
                break
            if uniform() * left < wanted:
                found += amount
                wanted -= 1
            left -= 1
        if wanted:
            z = normal[int(uniform() * GRID)] if variance else 0.0
            found += max(0.0, wanted * mean + sqrt(wanted * (1 - wanted / others) * variance) * z)
        drawn_sums.append(found)
    return drawn_sums


def _money(funnel: Funnel, at: int, came: Sequence[int], sources: _Sources) -> Iterable[float]:
    """What units that come to a stage bring there, in each draw: its check, or where its spread is known, others.

    Where counts tell the mean check, it is as uncertain as they leave it.
    """
    price = next((each for each in prices_of(funnel, funnel) if each.node == at), None)
    if price is None:
        return map(mul, came, repeat(float(funnel.stages[at].average_order_value or 0)))
    means: Iterable[float] = repeat(price.mean, len(came))
    if price.error:
        grid = scatter_grid(price.error / price.mean)
        means = map(mul, means, draw(grid, len(came), sources.of("check", at)))
    return sums(came, means, price.deviation / price.mean, sources.of("money", at))
