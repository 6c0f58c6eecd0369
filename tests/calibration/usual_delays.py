"""What a check of what is usual says of how soon it finds a fall by a fifth, beside how soon it does."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import numpy
from numpy.random import Generator

from funnelcli.model import Funnel
from funnelcli.segments import Breakdown, Segment
from tests.calibration.checks import judged
from tests.calibration.findings import Finding
from tests.calibration.usual import ASIDE, FALL, RATE, SPREAD, counted, counts, names_of, periods_of, places
from tests.calibration.worlds import chain
from tests.thorough import each_once

NEAR, NEAR_AT_FIRST = 0.2, 0.3
"""How far what is said may be from what is found, of 1: after 24 periods, and after fewer."""
FALLS = (
    # kind, periods before the fall, most after it, rate, points, entries
    ("month", 9, 120, 0.02, 0.0, 500),
    ("month", 9, 60, 0.2, 0.02, 500),
    ("month", 24, 120, 0.02, 0.0, 500),
    ("month", 24, 40, 0.2, 0.02, 500),
    ("month", 36, 120, 0.02, 0.0, 500),
    ("month", 36, 20, 0.2, 0.02, 5_000),
    ("month", 36, 10, 0.6, 0.02, 50_000),
    ("week", 104, 200, 0.02, 0.0, 500),
    ("week", 104, 60, 0.02, 0.004, 5_000),
    ("week", 104, 40, 0.2, 0.02, 500),
    ("day", 365, 300, 0.02, 0.0, 500),
    ("day", 365, 80, 0.2, 0.02, 500),
    ("day", 365, 60, 0.2, 0.02, 50_000),
)


FEWEST = 6
"""Falls of a case at least."""
AMOUNTS = (
    # kind, periods before the fall, most after it, mean sales, by how much their mean varies, figure
    ("month", 24, 60, 50, 0.0, "count@S1"),
    ("month", 24, 80, 500, 0.2, "count@S1"),
    ("day", 365, 80, 20, 0.1, "count@S1"),
    ("week", 104, 80, 100, 0.0, "revenue"),
)


def stated(runs: int, seed: int) -> Iterator[Finding]:
    """Periods that are said, of those that a fall takes, in files without an alarm in the 12 periods before it."""
    random = numpy.random.default_rng(seed)
    for (kind, known, most, rate, points, size), text in each_once(FALLS, (RATE, ASIDE)):
        draw = partial(counts, kind, rate, points, size, known + most, random, False, known)
        case = f"{known} {kind}s, {rate:.0%} ± {100 * points:.3g} of {size:,}"
        yield _beside(case, kind, known, most, text, runs, partial(_of_rows, kind, draw))
    for (kind, known, most, mean, variation, figure), way in each_once(AMOUNTS, ("within", ">=")):
        case = f"{known} {kind}s, {figure.partition('@')[0]} of {mean} ± {variation:.0%}"
        draw = partial(_fallen, kind, mean, variation, known, most, random)
        make = partial(_of_money, kind, draw, random) if figure == "revenue" else partial(_of_rows, kind, draw)
        yield _beside(case, kind, known, most, f"{figure} {way} usual", runs, make)


def _fallen(kind: str, mean: float, variation: float, known: int, most: int, random: Generator) -> list[list[int]]:
    """Counts that fall by a fifth."""
    rows = counted(kind, mean, variation, known + most, random)
    return [
        [could, came if place < known else int(random.binomial(came, 1 - FALL))]
        for place, (could, came) in enumerate(rows)
    ]


def _of_rows(kind: str, draw: Callable[[], list[list[int]]], known: int) -> tuple[Funnel, Funnel]:
    """A funnel when so many periods are known, and the same with those to come."""
    rows = draw()
    return periods_of(kind, rows[:known]), periods_of(kind, rows)


def _of_money(kind: str, draw: Callable[[], list[list[int]]], random: Generator, known: int) -> tuple[Funnel, Funnel]:
    """The same with a check of its own for each sale."""
    rows = draw()
    checks = [Fraction(round(float(random.lognormal(4, SPREAD, sales).sum()))) / max(1, sales) for _, sales in rows]
    named = zip(names_of(kind, len(rows)), rows, checks, strict=True)
    segments = tuple(Segment(name, tuple(row), average_check=check) for name, row, check in named)
    now, later = (
        chain(
            [sum(column) for column in zip(*rows[:number], strict=True)],
            breakdowns=(Breakdown(kind, segments[:number]),),
        )
        for number in (known, len(rows))
    )
    return now, later


def _beside(
    case: str, kind: str, known: int, most: int, text: str, runs: int, make: Callable[[int], tuple[Funnel, Funnel]]
) -> Finding:
    said: list[float] = []
    took: list[int] = []
    tries = runs // (2 if kind == "month" else 8)
    while tries > 0 or len(said) < FEWEST:
        tries -= 1
        before, after = make(known)
        now = judged(text, before).usual
        assert now is not None
        if now.delay is None:  # an alarm of a rise, which passes
            continue
        began = places(after, text)
        if not any(known - 12 <= place < known for place in began):
            said.append(now.delay.periods)
            took.append(next((place - known + 1 for place in began if place >= known), most))
    ratio = float(numpy.mean(said) / numpy.mean(took))
    spread = [float(numpy.std(each, ddof=1) / numpy.mean(each)) for each in (said, took)]
    case += f"{', falls' * ('>=' in text)}: {numpy.mean(said):.1f} ± {numpy.std(said):.1f} to {numpy.mean(took):.1f}"
    near = NEAR if known >= 24 else NEAR_AT_FIRST
    return Finding(case, ratio, 1 - near, 1 + near, len(said), ratio * math.hypot(*spread) / len(said) ** 0.5, False)
