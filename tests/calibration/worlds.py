"""Funnels with known truth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy
from numpy.random import Generator

from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from funnelcli.exact import Exact

VARYING = 0.1
"""The coefficient of variation of W2's true rates."""


def true_rates(rate: float, periods: int, random: Generator, variation: float = 0.0) -> numpy.ndarray:
    """A step's true rate in each period: Beta distributed about `rate` with that coefficient of variation."""
    if not variation:
        return numpy.full(periods, rate)
    size = (1 - rate) / (rate * variation**2) - 1  # of Beta(rate * size, (1 - rate) * size)
    return random.beta(rate * size, (1 - rate) * size, periods)


def strayed(rates: Sequence[float], random: Generator, variation: float = VARYING) -> list[float]:
    """The true rates of one period, which vary about these."""
    return [float(true_rates(rate, 1, random, variation)[0]) for rate in rates]


def passed(entries: int, rates: Sequence[float], random: Generator) -> list[int]:
    """Counts of a chain: the entries, and what of them passes each step."""
    counts = [entries]
    for rate in rates:
        counts.append(int(random.binomial(counts[-1], rate)))
    return counts


def passed_so_far(
    entries: int, rates: Sequence[float], opened: Sequence[float], random: Generator
) -> tuple[list[int], list[int]]:
    """Counts of a chain, and how many are open: of each stage that share, and of the others each passes the step."""
    counts, waiting = [entries], []
    for rate, share in zip(rates, opened, strict=True):
        waiting.append(int(random.binomial(counts[-1], share)))
        counts.append(int(random.binomial(counts[-1] - waiting[-1], rate)))
    return counts, [*waiting, 0]


def chain(counts: Sequence[int], **more: object) -> Funnel:
    """A chain of stages S0, S1, …, with more fields of the funnel."""
    stages = tuple(Stage(f"S{index}", index - 1 if index else None, count) for index, count in enumerate(counts))
    return Funnel("simulated", stages, **more)  # type: ignore[arg-type]


def broken_down(
    dimension: str, rows: Sequence[Sequence[int]], names: Sequence[str] | None = None, **more: object
) -> Funnel:
    """A chain whose counts are the sums of its segments."""
    names = names or [f"segment {number}" for number in range(1, len(rows) + 1)]
    segments = tuple(Segment(name, tuple(row)) for name, row in zip(names, rows, strict=True))
    totals: list[Exact] = [sum(column) for column in zip(*rows, strict=True)]
    return chain(totals, breakdowns=(Breakdown(dimension, segments),), **more)  # type: ignore[arg-type]


def weeks(number: int) -> list[str]:
    """Names of weeks, one after the other."""
    return [f"2026-W{week:02}" for week in range(1, number + 1)]
