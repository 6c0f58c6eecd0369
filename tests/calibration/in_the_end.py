"""Conversion in the end: logs of known worlds, seen at the last entry, a quarter of the window after it, half, and all.

The intervals of the whole way and of its second step, the ranges of what periods come to, and how far the end that is
expected is from the one that comes, beside the rate as it stands.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.stats.entered_again import Entrants, coming
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import final_figure
from funnelcli.stats.survival import Ended, nobody
from tests.calibration.findings import Finding, mean, share
from tests.thorough import whole_or_part

WINDOW = 1000
"""Times are whole, in thousandths of the window."""
SEEN = (0.0, 0.25, 0.5, 1.0)
"""How much of the window is over after the last entry."""
NEVER = 10**9
LOW, HIGH = 0.93, 0.97
OF_THE_NAIVE = 0.25
"""Of the mean error of the rate as it stands, what that of the end may be."""
AGAIN = (
    "a third enter again",
    "who has not come enters again",
    "entering again raises the chance",
    "visitors enter 1 to 20 times",
)
WORLDS = ("no losses", "losses", "slow losses", *AGAIN, "late comers are others")


class Log(NamedTuple):
    """Units by their entries, and the moments from then on at which they come to two stages or are lost.

    `entries` has a row a unit, ascending, `NEVER` where there are no more. Only entries up to `until` count.
    """

    entries: numpy.ndarray
    came: tuple[numpy.ndarray, numpy.ndarray]
    lost: numpy.ndarray
    until: int

    @property
    def entered(self) -> numpy.ndarray:
        """The first entries."""
        return self.entries[:, 0]

    def reached(self, stage: int) -> tuple[numpy.ndarray, numpy.ndarray]:
        """When units come to a stage in the end, and the latest entry by which they do."""
        counts = (self.entries <= self.until) & (self.entries <= self.came[0][:, None])
        entry = numpy.where(counts, self.entries, -NEVER).max(1)
        came = self.came[stage]
        return numpy.where((came < NEVER) & (came - entry <= WINDOW), came, NEVER), entry


def _times(kind: int, scale: float, number: int, random: Generator) -> numpy.ndarray:
    """Times within the window, others are drawn again: lognormal, exponential, with two peaks, Weibull, or Pareto."""
    found = numpy.full(number, float(NEVER))
    while (late := found >= WINDOW).any():
        size = int(late.sum())
        if kind == 0:
            found[late] = random.lognormal(numpy.log(scale * WINDOW), 1, size)
        elif kind == 1:
            found[late] = random.exponential(scale * WINDOW, size)
        elif kind == 3:
            found[late] = scale * WINDOW * random.weibull(0.6, size)
        elif kind == 4:
            found[late] = 0.3 * scale * WINDOW * random.pareto(1.1, size)
        else:
            peaks = random.choice([0.1, 0.7], size, p=[0.6, 0.4]) * WINDOW
            found[late] = numpy.abs(random.normal(peaks, scale * WINDOW / 4, size))
    return found


def simulated(world: str, random: Generator, seen: float, judged: int = 0) -> tuple[Log, tuple[float, float]]:
    """A log of 300 to 20,000 units that enter evenly over one to three windows, and the chances of both stages.

    1% to 60% come in the end. Where units enter again, the chances are those of `judged` more of them.
    """
    log, others, rates = with_others(world, random, seen, judged * (world in AGAIN))
    if len(others.entries):
        rates = tuple(float((others.reached(stage)[0] < NEVER).mean()) for stage in (0, 1))
    return log, rates


def with_others(
    world: str, random: Generator, seen: float, more: int, kinds: range = range(3)
) -> tuple[Log, Log, tuple[float, float]]:
    """A log as `simulated` makes it, one of `more` units of the same world, and the chances where each enters once."""
    again = world in AGAIN
    number = int(numpy.exp(random.uniform(numpy.log(300), numpy.log(6000 if again else 20_000))))
    spread = int(random.uniform(1, 3) * WINDOW)
    whole = float(numpy.exp(random.uniform(numpy.log(0.01), numpy.log(0.6))))
    first = float(random.uniform(whole, min(1.0, 3 * whole + 0.2)))
    kind, scale = int(random.integers(kinds.start, kinds.stop)), float(random.uniform(0.05, 0.5))
    total = number + more
    entered = random.integers(0, spread, total)
    chance = random.random(total)
    one = _times(kind, scale, total, random)
    two = numpy.maximum(one, _times(kind, scale, total, random))
    if world == "late comers are others":  # a fifth come of themselves, all late, and their second step is sure
        late = random.random(total) < 0.2
        one = numpy.where(late, random.uniform(0.5, 0.9, total) * WINDOW, one)
        two = numpy.where(late, one + random.uniform(0, 0.1, total) * WINDOW, two)
    lost = numpy.full(total, NEVER)
    if world in ("losses", "slow losses"):
        after = numpy.where(chance < first, one, 0) + random.exponential(
            WINDOW * (0.1 if world == "losses" else 0.7), total
        )
        lost = numpy.where((chance >= whole) & (random.random(total) < 0.7), entered + numpy.ceil(after), NEVER)
    came = [
        numpy.where(chance < rate, entered + numpy.ceil(each), NEVER) for each, rate in ((one, first), (two, whole))
    ]
    later = numpy.full((total, 1), NEVER)
    if again:
        later, came = _again(world, entered, came, (first, whole), (kind, scale), random)
    later = numpy.where(later <= spread, later, NEVER)
    entries = numpy.sort(numpy.column_stack([entered, later]).astype(int), axis=1)
    log = Log(entries, (came[0].astype(int), came[1].astype(int)), lost.astype(int), int(spread + seen * WINDOW))
    parts = (slice(0, number), slice(number, None))
    own, others = (
        log._replace(entries=log.entries[part], came=(log.came[0][part], log.came[1][part]), lost=log.lost[part])
        for part in parts
    )
    return own, others, (first, whole)


def _again(
    world: str,
    entered: numpy.ndarray,
    came: list[numpy.ndarray],
    rates: tuple[float, float],
    times: tuple[int, float],
    random: Generator,
) -> tuple[numpy.ndarray, list[numpy.ndarray]]:
    """The later entries, and when units come with them."""
    number = len(entered)
    again = entered + random.integers(1, 3 * WINDOW // 2, number)
    some = random.random(number) < 1 / 3
    if world == "a third enter again":
        return numpy.where(some, again, NEVER)[:, None], came
    if world == "who has not come enters again":
        return numpy.where(some & (came[1] > again), again, NEVER)[:, None], came
    chance, one = random.random(number), numpy.ceil(_times(*times, number, random))
    two = numpy.maximum(one, numpy.ceil(_times(*times, number, random)))
    if world == "entering again raises the chance":  # by half, from then on
        some &= came[1] > again
        more = [
            again + numpy.where(chance < min(1.0, 1.5 * rate), each, NEVER)
            for rate, each in zip(rates, (one, two), strict=True)
        ]
        first = numpy.where(some, numpy.minimum(came[0], more[0]), came[0])
        second = numpy.where(some, numpy.minimum(came[1], more[1]), came[1])
        return numpy.where(some, again, NEVER)[:, None], [numpy.minimum(each, NEVER) for each in (first, second)]
    visits = numpy.minimum(20, random.geometric(random.uniform(0.1, 0.6), number))  # from any of which a unit may come
    gaps = numpy.maximum(1, random.exponential(WINDOW * random.uniform(0.05, 0.6), (number, 19)))
    later = entered[:, None] + numpy.cumsum(gaps, axis=1).astype(int)
    later = numpy.where(numpy.arange(1, 20) < visits[:, None], later, NEVER)
    from_ = numpy.column_stack([entered, later])[numpy.arange(number), (random.random(number) * visits).astype(int)]
    share = (1 + visits / visits.mean()) / 2  # who comes often is more likely to
    return later, [
        numpy.where(chance < rate * share, from_ + each, NEVER) for rate, each in zip(rates, (one, two), strict=True)
    ]


def followed(log: Log, stage: int) -> Entrants:
    """What is known of a stage at the moment of the log."""
    came, entry = log.reached(stage)
    known = log.entries <= log.until
    several = known.sum(1) > 1
    latest = numpy.where(known, log.entries, -1).max(1)
    came = numpy.where(came <= log.until, came, NEVER)
    here = came < NEVER
    own = _ended(numpy.where(here, came - entry, NEVER), log.lost - latest, log.until - latest)
    told = [_counted(own, ~several), _counted(own, several)]
    entries, again, until = [], [], []
    following = numpy.column_stack([log.entries[:, 1:], numpy.full(len(log.entries), NEVER)])
    following = numpy.where(following <= log.until, following, NEVER)
    for wanted in (slice(0, 1), slice(1, None)):
        since, gap = log.entries[:, wanted], following[:, wanted] - log.entries[:, wanted]
        age = numpy.where(came[:, None] - since <= WINDOW, came[:, None] - since, NEVER)
        ended = _ended(age, log.lost[:, None] - since, log.until - since)
        which = known[:, wanted] & several[:, None] & (since <= came[:, None])
        passed = gap < ended[1]
        entries.append(_counted(ended, which))
        again.append(_counted(ended, which & passed))
        until.append(nobody()._replace(waiting=Counter(gap[which & passed].tolist())))
    return Entrants(*told, *entries, *again, *until)


def _ended(came: numpy.ndarray, lost: numpy.ndarray, seen: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """How they ended, as the place in `Ended`, and at which age; a loss before the entry is none."""
    seen = numpy.minimum(seen, WINDOW)
    gone = (lost >= 0) & (lost <= seen)
    return (
        numpy.where(came < NEVER, 0, numpy.where(gone, 1, 2)),
        numpy.where(came < NEVER, came, numpy.where(gone, lost, seen)),
    )


def _counted(told: tuple[numpy.ndarray, numpy.ndarray], which: numpy.ndarray) -> Ended:
    how, age = told
    return Ended(*(Counter(age[which & (how == each)].tolist()) for each in (0, 1, 2)))


PERIOD = WINDOW // 4
"""Periods whose figures are judged are so long."""


class Cohort(NamedTuple):
    """Of the units that entered in a period: how many came so far, and in the end; and the ages of those who wait."""

    came: int
    comes: int
    waiting: Counter[int]


def cohorts(log: Log, stage: int) -> Iterator[Cohort]:
    """The periods of which somebody waits, the last one first, of which nobody had come to the stage before it.

    Units that came by an earlier entry never do so again in these worlds, and no figure says whether others would.
    """
    known = log.entries <= log.until
    came = log.came[stage]
    for period in range(int(log.entries[known].max()) // PERIOD, -1, -1):
        own = known & (log.entries // PERIOD == period)
        here = own.any(1) & (came >= period * PERIOD)
        entry = numpy.where(own & (log.entries <= log.came[0][:, None]), log.entries, -NEVER).max(1)
        comes = (came < NEVER) & (came - entry <= WINDOW)
        latest = numpy.where(own, log.entries, -NEVER).max(1)
        so_far = comes & (came <= log.until)
        waits = here & ~so_far & (log.lost > log.until) & (log.until - latest < WINDOW)
        if waits.any():
            ages = Counter((log.until - latest[waits]).tolist())
            yield Cohort(int((here & so_far).sum()), int((here & comes).sum()), ages)


def in_the_end(runs: int, seed: int) -> Iterator[Finding]:
    """The whole way and its second step, by their intervals; periods whose window is open; errors of both rates."""
    for world in WORLDS:
        random = numpy.random.default_rng([seed, WORLDS.index(world)])
        for part in whole_or_part(SEEN, SEEN[WORLDS.index(world) % 2 :: 2]):  # of the periods, of the end, by turns
            whole = step = 0
            held: list[bool] = []
            sure: list[bool] = []
            errors, naive = [], []
            for _ in range(runs):
                log, rates = simulated(world, random, part, 100_000)
                units = len(log.entries)
                stages = [followed(log, stage) for stage in (0, 1)]
                ends = [each.in_the_end(WINDOW) for each in stages]
                whole += ends[1].low <= rates[1] <= ends[1].high
                size = ends[1].size * ends[0].share
                rate = min(1.0, ends[1].share / ends[0].share) if ends[0].share else 0.0
                low, high = wilson_bounds(rate * size, size) if size else (0.0, 1.0)
                step += low <= (rates[1] / rates[0] if rates[0] else 0.0) <= high
                came = log.reached(1)[0]
                final = (came < NEVER).sum() / units
                errors.append(abs(ends[1].share - final))
                naive.append(abs((came <= log.until).sum() / units - final))
                for holds, is_one in periods_held(log, stages[1]):
                    held.append(holds)
                    sure += [holds] * is_one
            case = f"{world}, seen at {part:g} of the window"
            if world != WORLDS[-1]:
                yield share(f"{case}: the whole way", whole, runs, LOW, HIGH)
                yield share(f"{case}: the second step", step, runs, LOW, HIGH)
                if held:
                    yield share(f"{case}: a period comes to", sum(held), len(held), LOW, 1.0)
                if sure:
                    yield share(f"{case}: a period comes to one figure", sum(sure), len(sure), LOW, 1.0)
            if part < 1:
                ratio = [of / max(float(numpy.mean(naive)), 1e-9) for of in errors]
                yield mean(f"{case}: error, of the naive rate's", ratio, 0, OF_THE_NAIVE)


def periods_held(log: Log, told: Entrants) -> Iterator[tuple[bool, bool]]:
    """Whether the final figures of open periods are within their ranges, and whether these are one figure each."""
    risks, of_age = told.units.risks(), told.of_age(WINDOW, 1)
    for each in cohorts(log, 1):
        said = final_figure(risks, each.came, each.waiting, coming(of_age, risks, each.waiting))
        yield bool(said.low <= each.comes <= said.high), said.low == said.high
