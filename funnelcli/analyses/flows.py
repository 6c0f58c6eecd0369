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

from funnelcli.stats.sampling import Draws, binomials, draw, draw_times, source, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from funnelcli.analyses.rates import Rate

    Progress = Callable[[int, int], None]

_BATCH = 20_000
_MOST_IN_MEMORY = 400_000


class Node(NamedTuple):
    """A place that units reach: `units` that are there for sure, and the inflows, (index of a node before it, rate)."""

    units: float
    inflows: tuple[tuple[int, Rate], ...] = ()


class Amount(NamedTuple):
    """A weighted sum of the units of all nodes, plus a constant."""

    weights: tuple[float, ...]
    constant: float = 0.0


class Moments(NamedTuple):
    """Mean and variance of an amount, and where the variance comes from.

    `own` is for each node the variance that its rates cause alone, the others at their means (Sobol's first-order share
    times the variance: Sobol, Mathematics and Computers in Simulation 55, 2001); `noise` is that of units coming or not
    at a given rate. What is left over comes from the rates together.
    """

    mean: float
    variance: float
    own: tuple[float, ...]
    noise: float


def moments(nodes: Sequence[Node], amount: Amount, noise: bool) -> Moments:
    """Exact moments of an amount for independent rates, and with `noise` for units that come by chance.

    Fractional units, and growth that makes some, are rounded up or down by chance; that is in the variance as well. The
    variance is the sum over the steps of what each adds to the forecast made before it: none is subtracted, so
    nothing cancels.
    """
    worth = list(amount.weights)  # of a unit at a node, with all that it becomes
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
    mean = math.fsum([amount.constant, *map(mul, amount.weights, means)])
    return Moments(mean, total, tuple(own), by_chance)


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
) -> Iterator[Draws]:
    """The draws of each amount, sorted, one amount after the other; a single value for one that is certain.

    Every step has streams of its own, so that a changed funnel is drawn with the same luck. `progress` is told after
    each batch how many of the draws are made.
    """
    sources = [(source(seed, 2 * index), source(seed, 2 * index + 1)) for index in range(len(nodes))]
    size = max(100, min(_BATCH, _MOST_IN_MEMORY // len(nodes)))
    kept: dict[int, array[float]] = {}
    combined: dict[int, _Units] = {}
    for start in range(0, draws, size):
        count = min(size, draws - start)
        columns: list[list[float]] = []
        units = (_chance_units if noise else _expected_units)(nodes, columns, count, sources)
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
    for weight, each in zip(amount.weights, units, strict=True):
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
