"""`forecast`: the ranges of what open units bring, in the end and by a date, and the chance of a goal."""

from fractions import Fraction
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.model import Funnel, Stage

WORLDS = ((90, 30), (90, 60), (30, 30))
"""Days in which the units came, evenly, and the mean days from lead to sale, or to being lost."""
ENTRIES = 400
DRAWS = 1000
_LOG_DEVIATION = 0.8
_Z_90 = 1.2815515655446004


class World(NamedTuple):
    """A funnel as it is seen now, the days in which each open unit that will be a sale becomes one, and its money."""

    funnel: Funnel
    sold_in: numpy.ndarray
    money: numpy.ndarray


def lags(days: float, number: int, random: Generator, lognormal: bool) -> numpy.ndarray:
    """Times with a mean of so many days."""
    if lognormal:
        return random.lognormal(numpy.log(days) - _LOG_DEVIATION**2 / 2, _LOG_DEVIATION, number)
    return random.exponential(days, number)


def time_of(days: int, lognormal: bool) -> dict[str, object]:
    """What a funnel file says of them."""
    if not lognormal:
        return {"days": Fraction(days)}
    median = Fraction(days / float(numpy.exp(_LOG_DEVIATION**2 / 2)))
    p90 = median * Fraction(float(numpy.exp(_Z_90 * _LOG_DEVIATION)))
    return {"days": Fraction(days), "days_quantiles": (median, p90)}


def simulated(
    period: int,
    cycle: int,
    random: Generator,
    lognormal: bool = False,
    steps: int = 1,
    rate: float = 0.3,
    cv: float = 0,
) -> World:
    """Leads that came over a period and take so many days, in so many steps, to be lost or to go on.

    A step loses them as fast as it takes those who go on. With `cv` sales have money that differs, else each brings 1.
    """
    came = random.uniform(0, period, ENTRIES)
    each = cycle / steps
    goes_on = random.random((steps, ENTRIES)) < rate ** (1 / steps)
    took = numpy.array([lags(each, ENTRIES, random, lognormal) for _ in range(steps)])
    deviation = numpy.sqrt(numpy.log1p(cv**2))
    money = random.lognormal(-(deviation**2) / 2, deviation, ENTRIES)
    reached, at = numpy.ones(ENTRIES, bool), came
    stages, coming = [], numpy.ones(ENTRIES, bool)
    for step in range(steps):
        decided = at + took[step]
        still_there = reached & (decided > period)
        stages.append((int(reached.sum()), still_there))
        reached = reached & ~still_there & goes_on[step]
        coming = coming & goes_on[step]
        at = decided
    sold = int(reached.sum())
    open_now = numpy.any([still for _, still in stages], axis=0)
    built = [
        Stage(
            f"S{index}",
            index - 1 if index else None,
            count,
            open=int(still.sum()),
            **(time_of(each, lognormal) if index else {}),
        )
        for index, (count, still) in enumerate(stages)
    ]
    check_ = (
        {
            "average_check": Fraction(float(money[reached].mean())),
            "average_check_sd": Fraction(float(money[reached].std(ddof=1))),
        }
        if cv
        else {"average_check": 1}
    )
    built.append(Stage("Sale", steps - 1, sold, **time_of(each, lognormal), **check_))
    will = open_now & coming
    return World(
        Funnel("simulated", tuple(built)), at[will] - period, money[will] if cv else numpy.ones(int(will.sum()))
    )
