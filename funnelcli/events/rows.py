"""What the rows are of that engines give back: a `part`, a `label`, a `stage`, and figures.

A part is what is told, and what of: all, or what is told apart. Figures are in columns `v0`, `v1`, … of as many as the
longest rows have; the others have NULL behind their own.
"""

from __future__ import annotations

from funnelcli.measure import LADDER

TOTAL, PERIODS, SEGMENTS = 0, 1, 2
"""What is told apart, as kinds: nothing, periods, then the first dimension, the second and so on."""
COUNTS, AGES, AMOUNTS = 0, 100, 200
"""What is told of a kind: counts with times; how units ended, by age; and money."""
QUANTILES = {"p25": (1, 4), "p50": (1, 2), "p75": (3, 4), "p90": (9, 10)}
"""Shares of the times below which they lie, as fractions."""
FIGURES_OF_COUNTS = 3 + 2 * len(QUANTILES) + len(LADDER)
"""Of a stage: its count, its units, and of the times from the stage before their sum, the two next to each of the
quantiles (the same where there is one), and how many are at most as long as each of `LADDER`."""
FIGURES_OF_AGES = 3
"""How units ended, the age, and how many they are."""
FIGURES_OF_AMOUNTS = 8
"""How many there are, how many have an amount, sums and sums of squares in two parts, and how many cannot be read."""


def part_of(what: int, kind: int) -> int:
    """The part of what is told of a kind."""
    return what + kind


def told_by(part: int) -> tuple[int, int]:
    """What a part tells, and of which kind."""
    kind = part % AGES
    return part - kind, kind
