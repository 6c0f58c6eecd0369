"""What a check of what is usual says of how soon it finds a fall by a fifth, beside how soon it does."""

import math
from collections.abc import Iterator

import numpy

from tests.calibration.checks import judged
from tests.calibration.findings import Finding
from tests.calibration.usual import ASIDE, RATE, counts, periods_of, places

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


def stated(runs: int, seed: int) -> Iterator[Finding]:
    """Periods that are said, of those that a fall takes, in files without an alarm in the 12 periods before it."""
    random = numpy.random.default_rng(seed)
    for text, (kind, known, most, rate, points, size) in ((text, each) for each in FALLS for text in (RATE, ASIDE)):
        said, took = [], []
        for _ in range(max(5, runs // (2 if kind == "month" else 8))):
            rows = counts(kind, rate, points, size, known + most, random, False, known)
            now = judged(text, periods_of(kind, rows[:known])).usual
            assert now is not None
            if now.delay is None:  # an alarm of a rise, which passes
                continue
            began = places(periods_of(kind, rows), text)
            if not any(known - 12 <= place < known for place in began):
                said.append(now.delay.periods)
                took.append(next((place - known + 1 for place in began if place >= known), most))
        ratio = float(numpy.mean(said) / numpy.mean(took))
        spread = [float(numpy.std(each, ddof=1) / numpy.mean(each)) for each in (said, took)]
        case = f"{known} {kind}s, {rate:.0%} ± {100 * points:.3g} of {size:,}{', falls' * (text == ASIDE)}"
        case += f": {numpy.mean(said):.1f} ± {numpy.std(said):.1f} to {numpy.mean(took):.1f}"
        near = NEAR if known >= 24 else NEAR_AT_FIRST
        yield Finding(case, ratio, 1 - near, 1 + near, len(said), ratio * math.hypot(*spread) / len(said) ** 0.5, False)
