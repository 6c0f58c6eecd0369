"""Whether the next period falls inside the range that `simulate` gives it, and goals are reached as often as said."""

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy
from numpy.random import Generator

from funnelcli.analyses.simulation import Simulation, simulate
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel
from funnelcli.what_if import Check
from tests.calibration.findings import Finding, share, stated_chance
from tests.calibration.worlds import VARYING, chain, passed, true_rates

RATES = (0.1, 0.3)
CHECK = 90.0
DRAWS = 2000
"""Fewer than `simulate` makes by itself: what they add to an end of a range is far below what a period varies."""
ASKED = (0.3, 0.5, 0.8, 0.95)
"""Stated chances that are held against the shares found."""


def next_period(runs: int, seed: int) -> Iterator[Finding]:
    """Sales and revenue inside their 80% range: worlds with constant rates and with varying ones, small and large."""
    for entries in (200, 20_000):
        for amounts in (None, "gamma", "lognormal"):
            yield from _covered(runs, seed, entries, amounts)
    for entries in (2000, 20_000):
        yield from _covered(runs, seed, entries, "gamma", VARYING)


def lasting_mean(runs: int, seed: int) -> Iterator[Finding]:
    """The true mean in the long run inside the range of `--expected`."""
    for entries in (200, 20_000):
        for amounts in (None, "gamma"):
            yield from _covered(runs, seed, entries, amounts, coming=False)


def goal_chance(runs: int, seed: int) -> Iterator[Finding]:
    """The chance of a goal against the share that reached it, about several chances; truths differ from run to run."""
    random = numpy.random.default_rng(seed)
    stated: dict[float, list[tuple[float, bool]]] = {asked: [] for asked in ASKED}
    for _ in range(runs):
        rates = [float(random.beta(2, 18)), float(random.beta(3, 7))]
        counts = passed(400, rates, random)
        if not counts[-1]:
            continue
        funnel, checks = sold(counts, "gamma", random)
        first = _simulated(funnel, 0.0)
        for asked in ASKED:
            # a goal about where the asked chance lies, by the mean and the deviation that are told
            revenue = first.metrics["revenue"]
            z = {0.3: 0.5, 0.5: -0.1, 0.8: -0.85, 0.95: -1.3}[asked]
            limit = max(1.0, revenue.mean + z * revenue.deviation)
            result = _simulated(funnel, limit)
            assert result.goal is not None
            if abs(result.goal.chance - asked) <= 0.1:
                coming = passed(400, rates, random)[-1]
                reached = float(checks(coming).sum()) >= limit
                stated[asked].append((result.goal.chance, reached))
    for asked, said in stated.items():
        if said:
            yield stated_chance(f"goal: stated chance about {asked:.0%} minus share found", said, 0.03)


def _covered(
    runs: int, seed: int, entries: int, amounts: str | None, variation: float = 0.0, coming: bool = True
) -> Iterator[Finding]:
    """How often the next period, or else the true mean, lies inside."""
    random = numpy.random.default_rng(seed)
    inside = {"sales": 0, "revenue": 0}
    made = 0
    for _ in range(runs):
        periods = [true_rates(rate, 2, random, variation) for rate in RATES]
        counts = passed(entries, [float(rate[0]) for rate in periods], random)
        if counts[-1] < 2:
            continue  # no deviation of a check can be told
        made += 1
        funnel, checks = sold(counts, amounts, random, variation)
        result = simulate(funnel, draws=DRAWS, seed=made, next_period=coming)
        assert isinstance(result, Simulation)
        sales = float(passed(entries, [float(rate[1]) for rate in periods], random)[-1])
        revenue = float(checks(int(sales)).sum())
        if not coming:
            sales = entries * math.prod(RATES)
            revenue = sales * CHECK
        for name, value in (("sales", sales), ("revenue", revenue)):
            metric = result.metrics[name]
            inside[name] += metric.p10 - 1e-6 <= value <= metric.p90 + 1e-6
    world = f"W2 {VARYING:.0%}" if variation else "W1"
    spread = "checks alike" if amounts is None else f"{amounts} checks, CV 1"
    for name, hits in inside.items():
        if name == "revenue" or amounts is None:
            what = "next period's" if coming else "mean in the long run:"
            yield share(f"{world} {what} {name} inside, {entries:,}, {spread}", hits, made, 0.78, 0.84)


def sold(counts: list[int], amounts: str | None, random: Generator, variation: float = 0.0) -> tuple[Funnel, "Checks"]:
    """A funnel as somebody would write it who has the amounts of its sales, and the world they come from."""
    checks = Checks(amounts, random)
    amounts_sold = checks(counts[-1])
    funnel = chain(counts, variation=Fraction(str(variation)) if variation else None)
    *others, last = funnel.stages
    average, deviation = _money(amounts_sold.mean()), None
    if amounts is not None and counts[-1] > 1:
        deviation = _money(amounts_sold.std(ddof=1))
    last = last._replace(average_check=average, average_check_sd=deviation)
    return funnel._replace(stages=(*others, last)), checks


def _money(value: float) -> Fraction:
    return Fraction(str(round(float(value), 2)))


class Checks:
    """Amounts of sales with a mean of 90, all alike or with a coefficient of variation of 1."""

    def __init__(self, amounts: str | None, random: Generator) -> None:
        self.amounts = amounts
        self.random = random

    def __call__(self, number: int) -> numpy.ndarray:
        """So many of them."""
        if self.amounts == "gamma":
            return self.random.exponential(CHECK, number)
        if self.amounts == "lognormal":
            width = math.sqrt(math.log(2))
            return CHECK * numpy.exp(self.random.normal(-width * width / 2, width, number))
        return numpy.full(number, CHECK)


def _simulated(funnel: Funnel, least: float) -> Simulation:
    """The next period, with the chance of a revenue."""
    limit = Fraction(str(round(least, 2)))
    goal = Check(Selector(METRICS["revenue"]), ">=", limit, None, "revenue")
    result = simulate(funnel, goal=goal, draws=DRAWS)
    assert isinstance(result, Simulation)
    return result
