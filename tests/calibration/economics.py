"""Whether "earns" and "loses" are true, where they are said."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy
from numpy.random import Generator

from funnelcli.analyses.earning import EARNS, LOSES, UNTOLD
from funnelcli.analyses.unit_economics import Economics, unit_economics
from funnelcli.model import Funnel
from tests.calibration.findings import Finding, share, stated_chance
from tests.calibration.simulation import CHECK, sold
from tests.calibration.worlds import chain, passed

SALES = (2, 6, 20, 60)
"""Expected sales at the break-even."""
RATES = (0.2, 0.1)


def earns(runs: int, seed: int) -> Iterator[Finding]:
    """Funnels whose true profit is near nothing, and funnels of which some earn a lot and some lose a lot."""
    for amounts in (None, "gamma"):
        for sales in SALES:
            near = _said(runs, seed, sales, amounts, lambda random: float(random.choice([0.8, 1.25])))
            wrong = sum(verdict != truth for verdict, truth in near if verdict != UNTOLD)
            spread = "checks alike" if amounts is None else "checks with CV 1"
            yield share(f"a fifth from break-even, {sales} sales, {spread}: wrong of all", wrong, len(near), 0, 0.2)
            mixed = _said(runs, seed, sales, amounts, lambda random: float(numpy.exp(random.normal(0, 0.7))))
            told = [pair for pair in mixed if pair[0] != UNTOLD]
            wrong = sum(verdict != truth for verdict, truth in told)
            yield share(f"many truths, {sales} sales, {spread}: wrong of what is said", wrong, len(told), 0, 0.2)
            yield share(f"many truths, {sales} sales, {spread}: said", len(told), len(mixed))


def chance_to_earn(runs: int, seed: int) -> Iterator[Finding]:
    """The chance that is stated against the share of truths that earn, where truths differ by half to twice."""
    random = numpy.random.default_rng(seed)
    stated: dict[float, list[tuple[float, bool]]] = {0.2: [], 0.5: [], 0.8: []}
    for _ in range(runs):
        ratio = float(numpy.exp(random.normal(0, 0.7)))
        chance, _, truth = _one(20, "gamma", ratio, random)
        for about, said in stated.items():
            if chance is not None and abs(chance - about) <= 0.15:
                said.append((chance, truth == EARNS))
    for about, said in stated.items():
        if said:
            yield stated_chance(f"stated chance about {about:.0%} minus share that earns, 20 sales", said, 0.06)


def _said(
    runs: int, seed: int, sales: int, amounts: str | None, draw: Callable[[Generator], float]
) -> list[tuple[str | None, str]]:
    """Verdicts beside what is true; `draw` is the true gross profit as a multiple of the budget."""
    random = numpy.random.default_rng(seed)
    return [_one(sales, amounts, draw(random), random)[1:] for _ in range(runs)]


def _one(sales: int, amounts: str | None, ratio: float, random: Generator) -> tuple[float | None, str | None, str]:
    """The chance, the verdict and the truth of one funnel, whose last rate is that many times the break-even one."""
    entries = round(sales / (RATES[0] * RATES[1]) * 5)
    last = 0.2  # sales = entries x 0.2 x 0.1 x 0.2 x 5 / 5
    counts = passed(entries, [*RATES, min(1.0, last * ratio)], random)
    funnel, _ = sold(counts, amounts, random) if counts[-1] else _nobody(counts)
    budget = Fraction(str(entries * RATES[0] * RATES[1] * last)) * Fraction(str(CHECK))
    result = unit_economics(funnel._replace(budget=budget))
    assert isinstance(result, Economics)
    return result.chance_earns, result.verdict, EARNS if ratio > 1 else LOSES


def _nobody(counts: list[int]) -> tuple[Funnel, None]:
    """A funnel without sales, whose check is known from elsewhere."""
    funnel = chain(counts)
    *others, sale = funnel.stages
    return funnel._replace(stages=(*others, sale._replace(average_check=Fraction(str(CHECK))))), None
