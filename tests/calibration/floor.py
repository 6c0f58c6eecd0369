"""How far from its end a log can be told at all: by an oracle that knows the true chance of each that waits.

What is left to it is luck: who of those comes. The error of what is expected is that, and what the log's own curve does
not know. Both are set beside the error of the rate as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from tests.calibration.findings import Finding, mean
from tests.calibration.in_the_end import NEVER, OF_THE_NAIVE, SEEN, WINDOW, WORLDS, Log, followed, with_others
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHERS = 60_000
"""Units of the same world that tell the oracle its chances."""
OF_THE_ORACLE = 1.5
"""Of its error, what that of the end may be where the oracle itself is not within `OF_THE_NAIVE`."""
HELD_OUT = range(3, 5)
"""Kinds of times for which no rule was made."""
BINS = 25
"""Bins of the age, in each of which the oracle has one chance for those that entered once, and one for the others."""


def floor(runs: int, seed: int) -> Iterator[Finding]:
    """The oracle's error and that of what is expected, as parts of the naive rate's."""
    for world in WORLDS[:-1]:
        random = numpy.random.default_rng([seed, 40 + WORLDS.index(world)])
        for part in whole_or_part(SEEN[:-1], SEEN[WORLDS.index(world) % 2 : -1 : 2]):
            errors: list[tuple[float, float, float]] = []
            for _ in range(runs):
                log, others, _ = with_others(world, random, part, OTHERS, HELD_OUT)
                units, came = len(log.entries), log.reached(1)[0]
                yet = int(((came > log.until) & (came < NEVER)).sum())
                expected = followed(log, 1).in_the_end(WINDOW).share * units - int((came <= log.until).sum())
                errors.append((abs(expected - yet) / units, abs(known(log, others) - yet) / units, yet / units))
            own, oracle, naive = numpy.array(errors).T
            scale = max(float(naive.mean()), 1e-9)
            case = f"{world}, seen at {part:g} of the window"
            least = float(oracle.mean()) / scale
            yield mean(f"{case}: the oracle's error", (oracle / scale).tolist(), 0, 1)
            yield mean(f"{case}: ours", (own / scale).tolist(), 0, max(OF_THE_NAIVE, OF_THE_ORACLE * least))


def known(log: Log, others: Log) -> float:
    """How many of a log come yet by the chances of others that wait so long."""
    cells = BINS * 2
    units, comes = numpy.zeros(cells), numpy.zeros(cells)
    cell, came = _waiting(others)
    numpy.add.at(units, cell, 1)
    numpy.add.at(comes, cell, came)
    chances = numpy.where(units, comes / numpy.maximum(units, 1), 0)
    return float(chances[_waiting(log)[0]].sum())


def _waiting(log: Log) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Of those who wait, the cell of their age, and whether they come."""
    came, there = log.reached(1)[0], log.entries <= log.until
    latest = numpy.where(there, log.entries, -NEVER).max(1)
    age = log.until - latest
    waits = (came > log.until) & (log.lost > log.until) & (age < WINDOW) & (age >= 0)
    cell = age * BINS // WINDOW + BINS * (there.sum(1) > 1)
    return cell[waits], came[waits] < NEVER
