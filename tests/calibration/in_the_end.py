"""Conversion in the end: logs of known worlds, seen a quarter of the window after the last entry, half of it, and all.

The intervals of the whole way and of its second step, the ranges of what cohorts come to, and how far the end that is
expected is from the one that comes, beside the rate as it stands.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import final_figure
from funnelcli.stats.survival import CompetingRisks, competing_risks
from tests.calibration.findings import Finding, mean, share

WINDOW = 1000
"""Times are whole, in thousandths of the window."""
SEEN = (0.25, 0.5, 1.0)
"""How much of the window is over after the last entry."""
NEVER = 10**9
LOW, HIGH = 0.93, 0.97
LOW_OF_SEVERAL, NAIVE_OF_SEVERAL = 0.88, 1 / 3
"""Where a third of the units enter again, whether they came or not: of these the time before the latest entry is
followed only where they came, so that the curve is too high by 2% of itself a quarter of a window after the last."""
OF_THE_NAIVE = 0.25
"""Of the mean error of the rate as it stands, what that of the end may be."""
WORLDS = ("no losses", "losses", "slow losses", "several entries", "late comers are others")


class Log(NamedTuple):
    """Units by their first and latest entry, and the times from the first at which they come to two stages or are lost.

    `rates` are the chances of both stages in the end, of which the log is a sample.
    """

    entered: numpy.ndarray
    latest: numpy.ndarray
    came: tuple[numpy.ndarray, numpy.ndarray]
    lost: numpy.ndarray
    until: int
    rates: tuple[float, float]


def _times(kind: int, scale: float, number: int, random: Generator) -> numpy.ndarray:
    """Times within the window: lognormal, exponential, or with two peaks; others are drawn again."""
    found = numpy.full(number, float(NEVER))
    while (late := found >= WINDOW).any():
        size = int(late.sum())
        if kind == 0:
            found[late] = random.lognormal(numpy.log(scale * WINDOW), 1, size)
        elif kind == 1:
            found[late] = random.exponential(scale * WINDOW, size)
        else:
            peaks = random.choice([0.1, 0.7], size, p=[0.6, 0.4]) * WINDOW
            found[late] = numpy.abs(random.normal(peaks, scale * WINDOW / 4, size))
    return found


def simulated(world: str, random: Generator, seen: float) -> Log:
    """A log of 300 to 20,000 units that enter evenly over one to three windows; 1% to 60% come in the end."""
    number = int(numpy.exp(random.uniform(numpy.log(300), numpy.log(20_000))))
    spread = int(random.uniform(1, 3) * WINDOW)
    whole = float(numpy.exp(random.uniform(numpy.log(0.01), numpy.log(0.6))))
    first = float(random.uniform(whole, min(1.0, 3 * whole + 0.2)))
    kind, scale = int(random.integers(0, 3)), float(random.uniform(0.05, 0.5))
    entered = random.integers(0, spread, number)
    chance = random.random(number)
    one = _times(kind, scale, number, random)
    two = numpy.maximum(one, _times(kind, scale, number, random))
    if world == "late comers are others":  # a fifth come of themselves, all late, and their second step is sure
        late = random.random(number) < 0.2
        one = numpy.where(late, random.uniform(0.5, 0.9, number) * WINDOW, one)
        two = numpy.where(late, one + random.uniform(0, 0.1, number) * WINDOW, two)
    never = numpy.full(number, float(NEVER))
    reached = (numpy.where(chance < first, one, never), numpy.where(chance < whole, two, never))
    lost = never
    if world in ("losses", "slow losses"):
        after = numpy.where(chance < first, one, 0) + random.exponential(
            WINDOW * (0.1 if world == "losses" else 0.7), number
        )
        lost = numpy.where((chance >= whole) & (random.random(number) < 0.7), after, never)
    latest = entered
    if world == "several entries":  # a third of them, whatever they do; who came since the latest did so by that one
        again = entered + random.integers(1, 3 * WINDOW // 2, number)
        latest = numpy.where((random.random(number) < 1 / 3) & (again <= spread), again, entered)
    one, two, gone = (numpy.where(each < NEVER, numpy.ceil(each), NEVER).astype(int) for each in (*reached, lost))
    return Log(entered, latest, (one, two), gone, int(spread + seen * WINDOW), (first, whole))


class Seen(NamedTuple):
    """Of one stage, the age at the moment of each unit: when it came or was lost, or how long it has been followed."""

    came: numpy.ndarray
    lost: numpy.ndarray
    age: numpy.ndarray

    def risks(self) -> CompetingRisks:
        """The curves."""
        waiting = ~self.came & ~self.lost
        return competing_risks(
            *(Counter(self.age[each].tolist()) for each in (self.came, self.lost, waiting)), closes=True
        )


def seen_by(log: Log, stage: int) -> Seen:
    """What is known of a stage at the moment of the log."""
    moment, first = log.entered + log.came[stage], log.entered + log.came[0]
    came = moment <= log.until
    age = moment - numpy.where(log.latest <= first, log.latest, log.entered)  # the entry of that chain
    followed = numpy.minimum(log.until - log.latest, WINDOW)
    gone = log.entered + log.lost - log.latest  # a loss before the latest entry is none
    lost = ~came & (gone >= 0) & (gone <= followed)
    return Seen(came, lost, numpy.where(came, age, numpy.where(lost, gone, followed)))


COHORT = WINDOW // 4


def in_the_end(runs: int, seed: int) -> Iterator[Finding]:
    """The whole way and its second step, by their intervals; a cohort whose window is open; errors of both rates."""
    for world in WORLDS:
        random = numpy.random.default_rng([seed, WORLDS.index(world)])
        for part in SEEN:
            whole = step = cohort = cohorts = 0
            errors, naive = [], []
            for _ in range(runs):
                log = simulated(world, random, part)
                units = len(log.entered)
                stages = [seen_by(log, stage) for stage in (0, 1)]
                risks = [each.risks() for each in stages]
                ends = [
                    curve.in_the_end(WINDOW, int((own.lost | (own.age >= WINDOW)).sum()))
                    for curve, own in zip(risks, stages, strict=True)
                ]
                whole += ends[1].low <= log.rates[1] <= ends[1].high
                size = ends[1].size * ends[0].share
                rate = min(1.0, ends[1].share / ends[0].share) if ends[0].share else 0.0
                low, high = wilson_bounds(rate * size, size) if size else (0.0, 1.0)
                step += low <= log.rates[1] / log.rates[0] <= high
                final = (log.came[1] < NEVER).sum() / units
                errors.append(abs(ends[1].share - final))
                naive.append(abs(stages[1].came.sum() / units - final))
                young = (log.latest // COHORT == log.latest.max() // COHORT) & (log.latest == log.entered)
                waits = young & ~stages[1].came & ~stages[1].lost & (stages[1].age < WINDOW)
                if waits.any():
                    cohorts += 1
                    told = final_figure(
                        risks[1], int(stages[1].came[young].sum()), Counter(stages[1].age[waits].tolist())
                    )
                    cohort += told.low <= (log.came[1][young] < NEVER).sum() <= told.high
            case = f"{world}, seen at {part:g} of the window"
            if world != WORLDS[-1]:
                low = LOW_OF_SEVERAL if world == "several entries" and part < 1 else LOW
                yield share(f"{case}: the whole way", whole, runs, low, HIGH)
                yield share(f"{case}: the second step", step, runs, low, HIGH)
                if cohorts:
                    yield share(f"{case}: a cohort comes to", cohort, cohorts, LOW, 1.0)
            if part < 1:
                ratio = [of / max(float(numpy.mean(naive)), 1e-9) for of in errors]
                most = NAIVE_OF_SEVERAL if world == "several entries" else OF_THE_NAIVE
                yield mean(f"{case}: error, of the naive rate's", ratio, 0, most)
