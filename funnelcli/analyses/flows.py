"""Units that flow from place to place at rates that are not known for sure: exact moments of amounts, and draws.

A flow is a list of `Node`s, each fed by nodes before it. Rates are independent of each other, so an amount (a weighted
sum of the nodes' units) is linear in each of them, and its mean and variance follow without drawing anything.
"""

from __future__ import annotations

import math
from array import array
from itertools import repeat
from operator import add, mul
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.draws import Draws
from funnelcli.stats.sampling import binomials, draw, draw_times, scatter_grid, source, sums, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from funnelcli.analyses.rates import Rate

    Progress = Callable[[int, int], None]

_BATCH = 20_000
_MOST_IN_MEMORY = 400_000
_MONEY_STREAM = 1 << 30
"""Streams from here on draw money; those below draw the units, however many nodes there are."""


class Node(NamedTuple):
    """A place that units reach: `units` that are there for sure, and the inflows, (index of a node before it, rate)."""

    units: float
    inflows: tuple[tuple[int, Rate], ...] = ()


class Price(NamedTuple):
    """Money of the units at a node: the mean of one, the standard error of that mean, the deviation of a single one.

    Both are in money. An amount of money whose mean is certain and which is always the same needs no price, but a
    weight.
    """

    node: int
    mean: float
    error: float = 0.0
    deviation: float = 0.0


class Amount(NamedTuple):
    """A weighted sum of the units of all nodes, plus a constant; `prices` are weights of the money of each `Price`."""

    weights: tuple[float, ...]
    constant: float = 0.0
    prices: tuple[float, ...] = ()


class Moments(NamedTuple):
    """Mean and variance of an amount, and where the variance comes from.

    `own` is for each node the variance that its rates cause alone, the others at their means (Sobol's first-order share
    times the variance: Sobol, Mathematics and Computers in Simulation 55, 2001); `noise` is that of units coming or not
    at a given rate, and `money` that of prices: of what their means are, and of each unit's being another one. What is
    left over comes from the rates together.
    """

    mean: float
    variance: float
    own: tuple[float, ...]
    noise: float
    money: float = 0.0


def moments(nodes: Sequence[Node], amount: Amount, noise: bool, prices: Sequence[Price] = ()) -> Moments:
    """Exact moments of an amount for independent rates, and with `noise` for units that come by chance.

    With `noise` the money of each unit differs, too; without it, only the mean of a price is uncertain. Fractional
    units, and growth that makes some, are rounded up or down by chance; that is in the variance as well. The variance
    is the sum over the steps of what each adds to the forecast made before it: none is subtracted, so nothing cancels.
    """
    weights = list(amount.weights)
    for price, weight in zip(prices, amount.prices, strict=False):
        weights[price.node] += weight * price.mean
    worth = weights.copy()  # of a unit at a node, with all that it becomes
    known = [[rate.moments() for _, rate in node.inflows] for node in nodes]
    for index in range(len(nodes) - 1, -1, -1):
        for (origin, _), (mean, _, _) in zip(nodes[index].inflows, known[index], strict=True):
            worth[origin] += mean * worth[index]
    means: list[float] = []
    variances: list[float] = []
    own: list[float] = []
    total = by_chance = 0.0
    for index, node in enumerate(nodes):
        reached, variance, alone = node.units, 0.0, 0.0
        if noise and node.units != math.floor(node.units):
            part = node.units - math.floor(node.units)
            variance = part * (1 - part)
            total += worth[index] ** 2 * variance
            by_chance += worth[index] ** 2 * variance
        for (origin, rate), (mean, uncertain, chance) in zip(node.inflows, known[index], strict=True):
            reached += mean * means[origin]
            chance = chance * means[origin] if noise else 0.0
            if noise:
                chance += _rounding(rate, nodes[origin])
            fresh = uncertain * (variances[origin] + means[origin] ** 2) + chance
            variance += fresh + mean * mean * variances[origin]
            alone += uncertain * means[origin] ** 2
            total += worth[index] ** 2 * fresh
            by_chance += worth[index] ** 2 * chance
        means.append(reached)
        variances.append(variance)
        own.append(worth[index] ** 2 * alone)
    money = 0.0
    for price, weight in zip(prices, amount.prices, strict=False):
        if not price.mean:
            continue
        units, error = means[price.node], (price.error / price.mean) ** 2
        spread = price.deviation**2 * (1 + error) if noise else 0.0  # a unit differs in proportion to the mean
        square = variances[price.node] + units * units
        money += weight * weight * (price.error**2 * square + spread * units)
    mean = math.fsum([amount.constant, *map(mul, weights, means)])
    return Moments(mean, total + money, tuple(own), by_chance, money)


def _rounding(rate: Rate, origin: Node) -> float:
    """The variance of units that growth makes of whole ones, rounded by chance: f x (1 - f) of their fraction f.

    Exact where the units are known; of units that come by chance the fractions of n x rate are as good as uniform.
    """
    growing = rate.growing()
    if not growing:
        return 0.0
    if origin.inflows or not rate.is_certain:
        return growing / 6 if not rate.is_certain or rate.moments()[0] % 1 else 0.0
    low = math.floor(origin.units)
    part, each = origin.units - low, rate.moments()[0]
    fractions = (low * each % 1, (low + 1) * each % 1)
    return sum(share * f * (1 - f) for share, f in zip((1 - part, part), fractions, strict=True))


class _Units(NamedTuple):
    """Units of a node, or an amount, in each draw: a constant, plus factor x column for some columns."""

    constant: float
    factors: dict[int, float]


def sampled(
    nodes: Sequence[Node],
    amounts: Sequence[Amount],
    draws: int,
    seed: int,
    noise: bool,
    progress: Progress | None = None,
    prices: Sequence[Price] = (),
) -> Iterator[Draws]:
    """The draws of each amount, sorted, one amount after the other; a single value for one that is certain.

    Every step has streams of its own, so that a changed funnel is drawn with the same luck. `progress` is told after
    each batch how many of the draws are made.
    """
    sources = [(source(seed, 2 * index), source(seed, 2 * index + 1)) for index in range(len(nodes))]
    of_money = [[source(seed, _MONEY_STREAM + 2 * price.node + own) for own in (0, 1)] for price in prices]
    size = max(100, min(_BATCH, _MOST_IN_MEMORY // (len(nodes) + len(prices))))
    kept: dict[int, array[float]] = {}
    combined: dict[int, _Units] = {}
    for start in range(0, draws, size):
        count = min(size, draws - start)
        columns: list[list[float]] = []
        units = (_chance_units if noise else _expected_units)(nodes, columns, count, sources)
        for price, (for_means, for_sums) in zip(prices, of_money, strict=True):
            units.append(_money(price, units[price.node], columns, count, for_means, for_sums if noise else None))
        for number, amount in enumerate(amounts):
            constant, factors = _sum(units, amount)
            if len(factors) == 1:
                (key,) = factors
                values: Sequence[float] = columns[key]
            else:  # a mixture of columns: only its sum is kept
                key, values = -1 - number, _mixed(_Units(constant, factors), columns, count)
                constant, factors = 0.0, {key: 1.0} if factors else {}
            combined[number] = _Units(constant, factors)
            if factors and len(kept.setdefault(key, array("d"))) <= start:
                kept[key].extend(values)
        if progress:
            progress(start + count, draws)
    ordered: dict[int, array[float]] = {}
    for number, amount in enumerate(amounts):
        constant, factors = combined[number]
        if not factors:
            yield Draws(array("d", [_sum(units, amount)[0]]))
            continue
        ((key, factor),) = factors.items()
        if key not in ordered:
            ordered[key] = array("d", sorted(kept.pop(key)))
        yield Draws(ordered[key], factor, constant)


def _sum(units: Sequence[_Units], amount: Amount) -> _Units:
    factors: dict[int, float] = {}
    constants = [amount.constant]
    for weight, each in zip(amount.weights + amount.prices, units, strict=False):
        if weight:
            constants.append(weight * each.constant)
            for key, factor in each.factors.items():
                factors[key] = factors.get(key, 0.0) + weight * factor
    return _Units(math.fsum(constants), {key: factor for key, factor in factors.items() if factor})


def _mixed(units: _Units, columns: list[list[float]], count: int) -> list[float]:
    values: list[float] = [units.constant] * count
    for key, factor in units.factors.items():
        values = list(map(add, values, map(mul, columns[key], repeat(factor))))
    return values


def _expected_units(
    nodes: Sequence[Node], columns: list[list[float]], count: int, sources: Sequence[tuple[Random, Random]]
) -> list[_Units]:
    """Units of every node in a batch: as many as the rates let expect. Certain steps only scale the column before."""
    units: list[_Units] = []
    for index, node in enumerate(nodes):
        constant, factors = node.units, dict[int, float]()
        for origin, rate in node.inflows:
            above = units[origin]
            if rate.is_certain or not (above.factors or above.constant):
                fixed = rate.moments()[0] if rate.is_certain else 0.0
                constant += fixed * above.constant
                scaled = {key: fixed * factor for key, factor in above.factors.items()}
            else:
                random, scale = sources[index][0], 1.0
                if not above.factors:
                    values, scale = draw(rate.grid(), count, random), above.constant
                elif len(above.factors) == 1 and not above.constant:
                    ((key, scale),) = above.factors.items()
                    values = draw_times(columns[key], rate.grid(), random)
                else:
                    values = draw_times(_mixed(above, columns, count), rate.grid(), random)
                scaled = {len(columns): scale}
                columns.append(values)
            for key, factor in scaled.items():
                factors[key] = factors.get(key, 0.0) + factor
        units.append(_Units(constant, factors))
    return units


def _chance_units(
    nodes: Sequence[Node], columns: list[list[float]], count: int, sources: Sequence[tuple[Random, Random]]
) -> list[_Units]:
    """Units of every node in a batch, each of them coming or not by chance: whole numbers."""
    for node, (for_rates, for_units) in zip(nodes, sources, strict=True):
        column: list[int] = whole(node.units, count, for_units)
        for origin, rate in node.inflows:
            grid = rate.grid()
            rates = [grid[0]] * count if rate.is_certain else draw(grid, count, for_rates)
            came = binomials(columns[origin], rates, for_units)  # type: ignore[arg-type]  # whole numbers, all of them
            column = list(map(add, column, came))
        columns.append(column)  # type: ignore[arg-type]  # as above
    return [_Units(0.0, {index: 1.0}) for index in range(len(nodes))]


def _money(
    price: Price, units: _Units, columns: list[list[float]], count: int, for_means: Random, for_sums: Random | None
) -> _Units:
    """The money of a node's units in a batch; with `for_sums` each unit brings another amount."""
    if not price.mean:
        return _Units(0.0, {})
    grid = scatter_grid(price.error / price.mean) if price.error else None
    if for_sums is None or not price.deviation:
        if grid is None:
            return _Units(
                units.constant * price.mean, {key: factor * price.mean for key, factor in units.factors.items()}
            )
        came = _mixed(units, columns, count)
        columns.append(draw_times(came, grid, for_means))
        return _Units(0.0, {len(columns) - 1: price.mean})
    came = _mixed(units, columns, count)
    means = draw(grid, count, for_means) if grid else [1.0] * count
    columns.append(sums(came, means, price.deviation / price.mean, for_sums))  # type: ignore[arg-type]  # whole numbers
    return _Units(0.0, {len(columns) - 1: price.mean})
