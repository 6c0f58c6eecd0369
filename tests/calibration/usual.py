"""Checks without a limit: how often they alarm falsely beside what they promise, and how soon they find a fall.

The soonest that could be is the CUSUM of someone who knows the true rate, how much it varies, and that it falls by 20%:
one-sided, half of that fall as its slack, and its limit by the Markov chain of Brook and Evans (Biometrika 59, 1972) so
that it alarms falsely as often.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, partial

import numpy
from numpy.random import Generator
from scipy.optimize import brentq
from scipy.stats import norm

from funnelcli.model import Funnel
from funnelcli.segments import Breakdown, Segment
from funnelcli.stats.usual import usual
from funnelcli.stats.usual_level import Period
from tests.calibration.checks import judged
from tests.calibration.findings import Finding
from tests.calibration.worlds import broken_down, chain
from tests.thorough import few

NEAR = 0.1
"""How far from what is promised false alarms may be, of 1."""
SLOWER = 2.0
FALL = 0.2
RATE = "conversion@S1 within usual"
ASIDE = "conversion@S1 >= usual"
SHORT = 3.0
"""To both sides after few periods: what knows all but the level takes 2.3 times as long after 9 (`usual-floor`)."""
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


def periods_of(kind: str, rows: list[list[int]]) -> Funnel:
    """A funnel of periods of a kind, one after another."""
    return broken_down(kind, rows, names_of(kind, len(rows)))


def places(funnel: Funnel, text: str) -> list[int]:
    """Where alarms began, by the answer of the public analysis about the newest period."""
    found = judged(text, funnel)
    assert found.usual is not None, found.reason
    names = {each.name: place for place, each in enumerate(funnel.breakdowns[0].segments)}
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


ONE_SIDED = (CASES[0], CASES[2], CASES[4], CASES[6], CASES[8], CASES[11])
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


MONEY = (
    # kind, periods known at the first look, looks, mean sales, figure
    ("month", 8, 60, 20, "revenue"),
    ("month", 8, 60, 500, "revenue"),
    ("week", 24, 236, 100, "revenue"),
    ("week", 24, 236, 100, "cost_per@S1"),
    ("week", 24, 236, 100, "average_check@S1"),
    ("day", 60, 1035, 20, "revenue"),
    ("day", 60, 1035, 200, "revenue"),
    ("day", 60, 1035, 2000, "revenue"),
    ("day", 60, 1035, 200, "cost_per@S1"),
)
CHECK, SPREAD = 90.0, math.sqrt(math.log(2))
"""Checks are lognormal with this mean and the coefficient of variation 1; budgets vary by a tenth."""


def with_money(kind: str, mean: float, number: int, random: Generator) -> Funnel:
    """Poisson sales, of which weekends have a third, each with a check of its own, and a budget for each period."""
    segments = []
    for name, (entries, sales) in zip(names_of(kind, number), counted(kind, mean, 0.0, number, random), strict=True):
        revenue = float(random.lognormal(math.log(CHECK) - SPREAD**2 / 2, SPREAD, sales).sum())
        check = Fraction(round(revenue)) / sales if sales else Fraction(0)
        budget = round(10 * mean * float(random.lognormal(-0.005, 0.1)))
        segments.append(Segment(name, (entries, sales), budget=budget, average_check=check))
    totals = [sum(column) for column in zip(*(each.counts for each in segments), strict=True)]
    return chain(totals, breakdowns=(Breakdown(kind, tuple(segments)),))


def false_alarms(runs: int, seed: int) -> Iterator[Finding]:
    """Nothing happens: alarms that begin, beside the one in 24 months that is promised."""
    random = numpy.random.default_rng(seed)
    for text, cases in ((RATE, few(CASES, 6)), (ASIDE, few(ONE_SIDED, 3))):
        for kind, known, looks, rate, points, size, unequal in cases:
            case = f"{kind}s, {known} known, {rate:.0%} ± {100 * points:.3g} of {'about ' * unequal}{size:,}"
            case += ", falls" * (text == ASIDE)
            draw = partial(counts, kind, rate, points, size, known + looks, random, unequal)
            yield _beside_promise(case, kind, known, looks, runs, partial(_drawn, kind, draw), text)
    for kind, known, looks, mean, variation in few(COUNTED, 3):
        case = f"{kind}s, {known} known, counts of {mean:,} ± {variation:.0%}"
        draw = partial(counted, kind, mean, variation, known + looks, random)
        yield _beside_promise(case, kind, known, looks, runs, partial(_drawn, kind, draw), "count@S1 within usual")
    for kind, known, looks, mean, figure in few(MONEY, 5):
        case = f"{kind}s, {known} known, {figure.partition('@')[0]} of {mean:,} sales"
        make = partial(with_money, kind, mean, known + looks, random)
        yield _beside_promise(case, kind, known, looks, runs, make, f"{figure} within usual")


def _drawn(kind: str, draw: Callable[[], list[list[int]]]) -> Funnel:
    return periods_of(kind, draw())


def _beside_promise(
    case: str, kind: str, known: int, looks: int, runs: int, make: Callable[[], Funnel], text: str
) -> Finding:
    tries = max(4, round(runs * {"month": 2, "week": 1, "day": 1}[kind] * min(1.0, 200 / (known + looks))))
    began = sum(place >= known for _ in range(tries) for place in places(make(), text))
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
    ("month", 9, 60, 0.02, 0.0, 500),
    ("month", 24, 60, 0.02, 0.0, 500),
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
FALLS_ALONE = (*FALLS[:3], FALLS[4], FALLS[6], FALLS[9])


def delays(runs: int, seed: int) -> Iterator[Finding]:
    """A fall by 20%: periods until it is found, beside those of the best CUSUM; no alarm in the 12 periods before."""
    random = numpy.random.default_rng(seed)
    for text, (kind, known, most, rate, points, size) in (
        *((RATE, each) for each in few(FALLS, 6)),
        *((ASIDE, each) for each in few(FALLS_ALONE, 3)),
    ):
        own, best = [], []
        for _ in range(max(20, runs // (2 if kind == "month" else 8))):
            rows = counts(kind, rate, points, size, known + most, random, False, known)
            began = places(periods_of(kind, rows), text)
            if not any(known - 12 <= place < known for place in began):
                own.append(next((place - known + 1 for place in began if place >= known), most))
                best.append(best_delay(kind, rows, rate, points, known) or most)
        ratio = float(numpy.mean(own) / numpy.mean(best))
        spread = [float(numpy.std(each, ddof=1) / numpy.mean(each)) for each in (own, best)]
        error = ratio * math.hypot(*spread) / math.sqrt(len(own))
        case = f"{known} {kind}s, {rate:.0%} ± {100 * points:.3g} of {size:,}{', falls' * (text == ASIDE)}"
        case += f": {numpy.mean(own):.1f} to {numpy.mean(best):.1f}"
        slower = SHORT if text == RATE and known < 36 else SLOWER
        yield Finding(case, ratio, 0, slower, len(own), error, False)


SAME_HISTORY = (9, 24)
"""Months before the fall."""
NEAR_FLOOR = 1.3
SHIFT = 0.64
"""Of 2% of 500 entries by 20%, in standard deviations."""


def floor(runs: int, seed: int) -> Iterator[Finding]:
    """What nothing with the same history could do much sooner: it knows the spread and the size of the change.

    The likelihood ratio of a change at any place to none, of what does not depend on the level (Lai, JRSS B 57, 1995),
    with a limit that as many alarm in 24 months in which nothing happens as do by `usual`.
    """
    random = numpy.random.default_rng(seed)
    for known, sides in ((known, sides) for known in SAME_HISTORY for sides in (2, 1)):
        quiet, fallen = random.standard_normal((2, max(60, runs), known + 60))
        fallen[:, known:] -= SHIFT
        signs = (1, -1) if sides == 2 else (1,)
        first, later = (_likelihood(values, known, signs) for values in (quiet[:, : known + 24], fallen))
        false = [_alarms(values[: known + 24], sides) for values in quiet]
        limit = numpy.quantile(first.max(1), 1 - numpy.mean([any(p >= known for p in each) for each in false]))
        own, waited = [], []
        for values, line in zip(fallen, later, strict=True):
            began = _alarms(values, sides)
            if not any(known - 12 <= place < known for place in began):
                own.append(_first([place - known for place in began if place >= known]))
                waited.append(_first(numpy.flatnonzero(line > limit)))
        case = f"{known} months, {'both sides' if sides == 2 else 'falls'}: {numpy.mean(own):.1f} to"
        ratio = float(numpy.mean(own) / numpy.mean(waited))
        error = ratio * math.hypot(*(float(numpy.std(each) / numpy.mean(each)) for each in (own, waited)))
        case += f" {numpy.mean(waited):.1f}"
        yield Finding(case, ratio, 0, NEAR_FLOOR, len(own), error / math.sqrt(len(own)), False)


def _alarms(values: numpy.ndarray, sides: int) -> tuple[int, ...]:
    """By `usual`, of one standard deviation that is not known."""
    found = usual([Period(float(each)) for each in values], 24, 8, 8, None, 0 if sides == 2 else -1)
    assert found is not None
    return found.alarms


def _first(places: Sequence[int]) -> int:
    return int(places[0]) + 1 if len(places) else 60


def _likelihood(values: numpy.ndarray, known: int, signs: tuple[int, ...]) -> numpy.ndarray:
    """The largest logarithm of the ratio after each period from `known` on."""
    sums, number = numpy.cumsum(values, 1), values.shape[1]
    told = numpy.empty((len(values), number - known))
    for place in range(known, number):
        before = numpy.arange(1, place + 1)
        after = place + 1 - before
        far = SHIFT * numpy.sqrt(before * after / (place + 1))
        apart = sums[:, before - 1] / before - (sums[:, [place]] - sums[:, before - 1]) / after
        lines = [sign * apart * far / SHIFT * far - far**2 / 2 for sign in signs]
        told[:, place - known] = numpy.max(lines, axis=(0, 2))
    return told
