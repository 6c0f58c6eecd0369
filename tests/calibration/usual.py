"""Checks without a limit: how often they alarm falsely beside what they promise, and how soon they find a fall.

The soonest that could be is the CUSUM of someone who knows the true rate, how much it varies, and that it falls by 20%:
one-sided, half of that fall as its slack, and its limit by the Markov chain of Brook and Evans (Biometrika 59, 1972) so
that it alarms falsely as often.
"""

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache, partial

import numpy
from numpy.random import Generator
from scipy.optimize import brentq
from scipy.stats import norm

from funnelcli.analyses.checks import CheckResult
from tests.calibration.checks import judged
from tests.calibration.findings import Finding
from tests.calibration.worlds import broken_down

NEAR = 0.1
"""How far from what is promised false alarms may be, of 1."""
SLOWER = 2.0
FALL = 0.2
RATE = "conversion@S1 within usual"
WEEKEND = 0.7
"""The rate on Saturdays and Sundays, of that on other days; a third come then."""
PERIODS_OF = {"month": 24.0, "week": 24 * 365.2425 / 12 / 7, "day": 24 * 365.2425 / 12}
"""In how many one alarm is false: 24 months."""


def names_of(kind: str, number: int) -> list[str]:
    """Periods one after another."""
    if kind == "month":
        return [f"{2000 + each // 12}-{each % 12 + 1:02}" for each in range(number)]
    step = 7 if kind == "week" else 1
    return [(date(2001, 1, 1) + timedelta(step * each)).isoformat() for each in range(number)]


def true_rates(rate: float, points: float, number: int, random: Generator) -> numpy.ndarray:
    """Rates that vary by so many points of 1 about theirs: Beta distributed."""
    if not points:
        return numpy.full(number, rate)
    size = rate * (1 - rate) / points**2 - 1
    return random.beta(rate * size, (1 - rate) * size, number)


def counts(
    kind: str, rate: float, points: float, size: int, number: int, random: Generator, unequal: bool, falls: int = 10**9
) -> list[list[int]]:
    """Entries and sales of periods; from the place `falls` on the rate is 20% lower."""
    sizes = numpy.full(number, size)
    if unequal:
        sizes = numpy.maximum(1, (size * numpy.exp(random.normal(-0.125, 0.5, number))).astype(int))
    rates = numpy.full(number, rate)
    if kind == "day":
        weekend = numpy.arange(number) % 7 >= 5
        rates, sizes = numpy.where(weekend, rates * WEEKEND, rates), numpy.where(weekend, sizes // 3 + 1, sizes)
    rates = numpy.where(numpy.arange(number) >= falls, rates * (1 - FALL), rates)
    true = [float(true_rates(each, points, 1, random)[0]) for each in rates]
    return [[int(could), int(random.binomial(could, each))] for could, each in zip(sizes, true, strict=True)]


def result_of(kind: str, rows: list[list[int]], text: str = RATE) -> CheckResult:
    """The check of periods of a kind, through the public analysis."""
    return judged(text, broken_down(kind, rows, names_of(kind, len(rows))))


def places(kind: str, rows: list[list[int]], text: str = RATE) -> list[int]:
    """Where alarms began, by the answer about the newest period."""
    found = result_of(kind, rows, text)
    assert found.usual is not None, found.reason
    names = {name: place for place, name in enumerate(names_of(kind, len(rows)))}
    return [names[each] for each in found.usual.alarms]


CASES = (
    # kind, periods known at the first look, looks, rate, points it varies by, entries, unequal entries
    ("month", 8, 5, 0.2, 0.0, 500, False),
    ("month", 8, 5, 0.2, 0.02, 50_000, False),
    ("month", 8, 16, 0.02, 0.0, 500, False),
    ("month", 24, 24, 0.2, 0.0, 500, False),
    ("month", 24, 24, 0.2, 0.02, 500, True),
    ("month", 24, 24, 0.6, 0.02, 50_000, False),
    ("week", 12, 40, 0.2, 0.01, 500, False),
    ("week", 52, 52, 0.02, 0.004, 50_000, True),
    ("week", 52, 52, 0.6, 0.02, 5_000, True),
    ("day", 28, 72, 0.2, 0.0, 5_000, False),
    ("day", 100, 200, 0.02, 0.0, 500, False),
    ("day", 100, 200, 0.2, 0.02, 500, True),
    ("day", 100, 900, 0.6, 0.02, 50_000, False),
)


COUNTED = (
    # kind, counts known at the first look, looks, their mean, its coefficient of variation
    ("month", 8, 60, 5, 0.0),
    ("month", 8, 60, 1000, 0.2),
    ("week", 24, 236, 20, 0.0),
    ("week", 24, 236, 100, 0.2),
    ("day", 60, 1035, 20, 0.0),
    ("day", 60, 1035, 100, 0.2),
    ("day", 60, 1035, 1000, 0.0),
)


def counted(kind: str, mean: float, variation: float, number: int, random: Generator) -> list[list[int]]:
    """Entries, five to a sale, and sales of periods: Poisson about lognormal means, of which weekends have a third."""
    means = mean * numpy.exp(random.normal(-(variation**2) / 2, variation, number))
    if kind == "day":
        means = numpy.where(numpy.arange(number) % 7 >= 5, means / 3, means)
    return [[round(5 * mean), int(sales)] for sales in numpy.minimum(random.poisson(means), round(5 * mean))]


def false_alarms(runs: int, seed: int) -> Iterator[Finding]:
    """Nothing happens: alarms that begin, beside the one in 24 months that is promised."""
    random = numpy.random.default_rng(seed)
    for kind, known, looks, rate, points, size, unequal in CASES:
        case = f"{kind}s, {known} known, {rate:.0%} ± {100 * points:.3g} of {'about ' * unequal}{size:,}"
        make = partial(counts, kind, rate, points, size, known + looks, random, unequal)
        yield _beside_promise(case, kind, known, looks, runs, make, RATE)
    for kind, known, looks, mean, variation in COUNTED:
        case = f"{kind}s, {known} known, counts of {mean:,} ± {variation:.0%}"
        make = partial(counted, kind, mean, variation, known + looks, random)
        yield _beside_promise(case, kind, known, looks, runs, make, "count@S1 within usual")


def _beside_promise(
    case: str, kind: str, known: int, looks: int, runs: int, make: Callable[[], list[list[int]]], text: str
) -> Finding:
    tries = max(4, round(runs * {"month": 2, "week": 1, "day": 1}[kind] * min(1.0, 200 / (known + looks))))
    began = sum(place >= known for _ in range(tries) for place in places(kind, make(), text))
    per = PERIODS_OF[kind] / (tries * looks)
    error = math.sqrt(max(began, 1 / per)) * per
    return Finding(case, began * per, 1 - NEAR, 1 + NEAR, tries, error, False)


@cache
def best_limit(slack: float, periods: float) -> float:
    """The limit of a one-sided CUSUM of N(0, 1) variables with one alarm in so many periods; below 0, of one alone."""
    if norm.sf(slack) * periods < 1:
        return float(norm.isf(1 / periods) - slack)

    def runs_for(limit: float, states: int = 80) -> float:
        width = 2 * limit / (2 * states - 1)
        apart = numpy.arange(states)[None, :] - numpy.arange(states)[:, None]
        moves = norm.cdf((apart + 0.5) * width + slack) - norm.cdf((apart - 0.5) * width + slack)
        moves[:, 0] = norm.cdf((0.5 - numpy.arange(states)) * width + slack)
        return float(numpy.linalg.solve(numpy.eye(states) - moves, numpy.ones(states))[0])

    return float(brentq(lambda limit: runs_for(limit) - periods, 1e-6, min(30.0, 6 / slack + 1)))


def best_delay(
    kind: str, rows: list[list[int]], rate: float, points: float, falls: int, already: int = 60
) -> int | None:
    """How many periods after the fall that CUSUM alarms, by counts; `None` where it has not."""
    total = 0.0
    for place, (could, came) in enumerate(rows):
        if place < falls - already:
            continue
        own = rate * (WEEKEND if kind == "day" and place % 7 >= 5 else 1)
        deviation = math.sqrt(own * (1 - own) / could + points**2)
        slack = FALL * rate / math.sqrt(rate * (1 - rate) / rows[0][0] + points**2) / 2
        limit = best_limit(slack, PERIODS_OF[kind])
        total = max(0.0, total + (own - came / could) / deviation - slack) if limit > 0 else 0.0
        over = total > limit if limit > 0 else (own - came / could) / deviation > slack + limit
        if over and place >= falls:
            return place - falls + 1
        if over:
            total = 0.0
    return None


FALLS = (
    # kind, periods before the fall, most after it, rate, points, entries
    ("month", 36, 60, 0.02, 0.0, 500),
    ("month", 36, 60, 0.2, 0.0, 500),
    ("month", 36, 60, 0.2, 0.02, 5_000),
    ("month", 36, 60, 0.6, 0.02, 500),
    ("week", 104, 120, 0.02, 0.0, 500),
    ("week", 104, 120, 0.2, 0.02, 500),
    ("week", 104, 120, 0.6, 0.02, 50_000),
    ("day", 365, 200, 0.02, 0.0, 500),
    ("day", 365, 200, 0.2, 0.02, 500),
    ("day", 365, 100, 0.2, 0.02, 50_000),
)


def delays(runs: int, seed: int) -> Iterator[Finding]:
    """A fall by 20%: periods until it is found, beside those of the best CUSUM; no alarm in the 12 periods before."""
    random = numpy.random.default_rng(seed)
    for kind, known, most, rate, points, size in FALLS:
        own, best = [], []
        for _ in range(max(20, runs // (2 if kind == "month" else 8))):
            rows = counts(kind, rate, points, size, known + most, random, False, known)
            began = places(kind, rows)
            if not any(known - 12 <= place < known for place in began):
                own.append(next((place - known + 1 for place in began if place >= known), most))
                best.append(best_delay(kind, rows, rate, points, known) or most)
        ratio = float(numpy.mean(own) / numpy.mean(best))
        spread = [float(numpy.std(each, ddof=1) / numpy.mean(each)) for each in (own, best)]
        error = ratio * math.hypot(*spread) / math.sqrt(len(own))
        case = f"{kind}s, {rate:.0%} ± {100 * points:.3g} of {size:,}: {numpy.mean(own):.1f} to {numpy.mean(best):.1f}"
        yield Finding(case, ratio, 0, SLOWER, len(own), error, False)
