"""`forecast`: the ranges of what open units bring, in the end and by a date, and the chance of a goal."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle as cycle_through
from itertools import islice, product
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.funnel_file.changes import check
from funnelcli.model import Funnel, Stage
from funnelcli.what_if import Check
from tests.calibration.findings import Finding, mean, share, stated_chance

WORLDS = ((90, 30), (90, 60), (30, 30))
"""Days in which the units came, evenly, and the mean days from lead to sale, or to being lost."""
ENTRIES = 1200
RATE = 0.3
DRAWS = 800
SOON = 30
LOW, HIGH = 0.74, 0.86
_LOG_DEVIATION = 0.8
_Z_90 = 1.2815515655446004


class World(NamedTuple):
    """A funnel as it is seen now, and of each open unit that will be a sale in how many days and for how much."""

    funnel: Funnel
    sold_in: numpy.ndarray
    money: numpy.ndarray


def simulated(
    period: int,
    cycle: int,
    random: Generator,
    lognormal: bool = False,
    steps: int = 1,
    rate: float = RATE,
    variation: float = 0,
    amounts: bool = False,
    entries: int = ENTRIES,
    losses: float = 1,
) -> World:
    """Units that came over a period and take so many days, in so many steps, to be lost or to become a sale.

    A step loses them in `losses` times the time that it takes those who go on, which the funnel then states. With a
    `variation` sales bring different money, which has a mean of 1; of open units it is known in the world of `amounts`,
    else that of the sales tells what it is.
    """
    at = random.uniform(0, period, entries)
    wins = random.random((steps, entries)) < rate ** (1 / steps)
    width = numpy.sqrt(numpy.log1p(variation**2))
    money = random.lognormal(-(width**2) / 2, width, entries)
    here, waiting = numpy.ones(entries, bool), numpy.zeros(entries, bool)
    stages = []
    for step in range(steps):
        lags = _lags(cycle / steps, entries, random, lognormal)
        at = at + numpy.where(wins[step], lags, losses * lags)
        still = here & (at > period)
        own = tuple(map(_exact, money[still])) if amounts else ()
        time = _time(cycle / steps, lognormal) if step else {}
        stages.append(Stage(f"S{step}", step - 1 if step else None, int(here.sum()), open=int(still.sum()), **time))
        if losses != 1:
            lost = _time(losses * cycle / steps, lognormal)
            stages[-1] = stages[-1]._replace(**{key.replace("days", "days_lost"): lost[key] for key in lost})
        stages[-1] = stages[-1]._replace(open_amounts=own)
        waiting |= still
        here = here & ~still & wins[step]
    spread = {}
    if variation and not amounts and here.sum() > 1:
        spread = {"average_check_sd": _exact(money[here].std(ddof=1))}
    average = _exact(money[here].mean()) if variation and here.any() else 1
    stages.append(
        Stage("Sale", steps - 1, int(here.sum()), average_check=average, **_time(cycle / steps, lognormal), **spread)
    )
    will = waiting & wins.all(axis=0)
    return World(Funnel("simulated", tuple(stages)), at[will] - period, money[will])


def _lags(days: float, number: int, random: Generator, lognormal: bool) -> numpy.ndarray:
    if lognormal:
        return random.lognormal(numpy.log(days) - _LOG_DEVIATION**2 / 2, _LOG_DEVIATION, number)
    return random.exponential(days, number)


def _time(days: float, lognormal: bool) -> dict[str, object]:
    """What a funnel file says of the lags."""
    median = days / float(numpy.exp(_LOG_DEVIATION**2 / 2))
    quantiles = _exact(median), _exact(median * float(numpy.exp(_Z_90 * _LOG_DEVIATION)))
    return {"days": _exact(days)} | ({"days_quantiles": quantiles} if lognormal else {})


def _exact(value: float) -> Fraction:
    return Fraction(float(value))


def seen(funnel: Funnel, days: int | None = None, goal: Check | None = None) -> Forecast:
    """What the program says."""
    said = forecast(funnel, goal=goal, draws=DRAWS, horizon=None if days is None else Horizon(days))
    assert isinstance(said, Forecast)
    return said


def ranges(runs: int, seed: int) -> Iterator[Finding]:
    """Units are open when they are seen: the 80% ranges of their sales, in the end and within 30 days."""
    for lognormal, steps in ((False, 1), (True, 2)):
        for period, cycle in WORLDS:
            random = numpy.random.default_rng([seed, period, cycle, steps])
            held: dict[int | None, list[bool]] = {None: [], SOON: []}
            for days in _taking_turns(held, runs):
                world = simulated(period, cycle, random, lognormal, steps)
                said = seen(world.funnel, days)
                sold = len(world.sold_in) if days is None else (world.sold_in <= days).sum()
                held[days].append(bool(said.sales_low <= sold <= said.sales_high))
            times = "lognormal, two steps" if lognormal else "exponential"
            yield from _shares(f"period/cycle {period}/{cycle}, {times}", held)


def _taking_turns(held: dict[int | None, list[bool]], runs: int) -> Iterator[int | None]:
    """In the end and by a date in turn, as one forecast is enough for a simulation."""
    return islice(cycle_through(held), 2 * (runs // 2))


def _shares(case: str, held: dict[int | None, list[bool]]) -> Iterator[Finding]:
    for days, found in held.items():
        when = "in the end" if days is None else f"{days} days"
        yield share(f"{case}: {when}", sum(found), len(found), LOW, HIGH)


def losses(runs: int, seed: int) -> Iterator[Finding]:
    """Losses show in half or twice the time of those who go on, as stated: the 80% ranges, and the expected sales."""
    for (period, cycle), factor, lognormal, steps in product(WORLDS[:2], (0.5, 2), (False, True), (1, 2)):
        random = numpy.random.default_rng([seed, period, cycle, int(2 * factor), lognormal, steps])
        held: dict[int | None, list[bool]] = {None: [], SOON: []}
        gaps, sold_in_all = [], 0
        for days in _taking_turns(held, runs):
            world = simulated(period, cycle, random, lognormal, steps, losses=factor)
            said = seen(world.funnel, days)
            sold = len(world.sold_in) if days is None else (world.sold_in <= days).sum()
            held[days].append(bool(said.sales_low <= sold <= said.sales_high))
            gaps.append(float(said.expected_sales) - sold)
            sold_in_all += sold
        case = f"losses x {factor:g}, {period}/{cycle}, {'lognormal' if lognormal else 'exponential'}, {steps} steps"
        yield from _shares(case, held)
        yield mean(f"{case}: expected / sold - 1", [gap * len(gaps) / sold_in_all for gap in gaps], -0.05, 0.05)


def deals(runs: int, seed: int) -> Iterator[Finding]:
    """Money of sales that differs with a coefficient of variation of 1.5: the 80% ranges of the revenue."""
    for what, amounts, entries in (
        ("amounts known", True, 200),
        ("mean and sd", False, 300),
        ("mean and sd", False, 600),
    ):
        random = numpy.random.default_rng([seed, amounts, entries])
        held: dict[int | None, list[bool]] = {None: [], SOON: []}
        for days in _taking_turns(held, runs):
            world = simulated(90, 60, random, variation=1.5, amounts=amounts, entries=entries)
            said = seen(world.funnel, days)
            money = world.money if days is None else world.money[world.sold_in <= days]
            held[days].append(bool(said.low <= money.sum() <= said.high))
        yield from _shares(f"deal sizes with CV 1.5, {what}, {entries} leads", held)


def goals(runs: int, seed: int) -> Iterator[Finding]:
    """Goals for the sales of open units within 30 days: the stated chance, and the share of those that are reached."""
    random = numpy.random.default_rng(seed)
    found: list[tuple[float, bool]] = []
    for number in range(runs):
        period, cycle = WORLDS[number % len(WORLDS)]
        world = simulated(period, cycle, random, rate=random.uniform(0.05, 0.6))
        said = seen(world.funnel, SOON)
        sold = (world.sold_in <= SOON).sum()
        for factor in random.uniform((0.6, 0.85, 1, 1.15), (0.85, 1, 1.15, 1.4)):  # so that all chances come up
            limit = max(1, round(float(said.expected_sales) * factor))
            goal = check(f"sales >= {limit}", world.funnel.names)
            assert isinstance(goal, Check)
            reached = seen(world.funnel, SOON, goal).goal
            assert reached is not None
            found.append((reached.chance, bool(sold >= limit)))
    for low, high in ((0.05, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.95)):
        of_these = [each for each in found if low <= each[0] < high]
        if of_these:
            yield stated_chance(f"goal: stated chance, {low:.0%} to {high:.0%}, minus share reached", of_these, 0.03)
