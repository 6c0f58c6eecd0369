"""Measured logs whose windows are open: the ranges of what entries on their way bring, and comparisons of the ends."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy

from funnelcli.analyses.comparison import compare
from funnelcli.analyses.ends import end_of
from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.diagnostics import Problem
from funnelcli.events import eventual
from funnelcli.events.definition import MICROSECONDS, Definition
from funnelcli.events.rows import TOTAL
from funnelcli.measure import Curve, Eventual, Measured
from funnelcli.model import Funnel, Stage
from funnelcli.stats.curve_points import binned, few_points
from funnelcli.stats.entered_again import Entrants
from funnelcli.stats.survival import Ended, competing_risks
from tests.calibration.findings import Finding, mean, share
from tests.calibration.in_the_end import AGAIN, SEEN, followed, simulated
from tests.calibration.in_the_end import WINDOW as ENDS_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator

    from tests.calibration.in_the_end import Log

WINDOW, SOON = 14, 4
DRAWS = 800
LOW, HIGH = 0.74, 0.86
WORLDS = (
    ("most windows open", 1500, 18.0, 0.3, 0.0),
    ("half of them open", 3000, 28.0, 0.2, 0.0),
    ("with losses", 1500, 21.0, 0.4, 0.5),
    ("few of them come", 4000, 28.0, 0.08, 0.0),
)
"""Entries, the days in which they came evenly, the share that come to the sale, and that are lost."""
_HOUR = 3600
_DAY = 86400


def seen(
    random: Generator, entries: int, days: float, rate: float, losses: float, growth: float = 1, typical: float = 3
) -> tuple[Funnel, numpy.ndarray]:
    """A funnel as it was measured after these days, and in how many days from then the sales on their way come.

    Of the entries so many as the part of the days to the power of `growth` are there by then; a sale takes `typical`
    days in the middle.
    """
    entered = days * random.random(entries) ** (1 / growth)
    lasts = random.lognormal(numpy.log(typical), 0.9, entries)
    lasts = numpy.where(random.random(entries) < rate, lasts, numpy.inf)
    lost = numpy.where(random.random(entries) < losses, random.exponential(5, entries), numpy.inf)
    ages = days - entered
    comes = (lasts <= WINDOW) & (lasts < lost)
    came = comes & (lasts <= ages)
    gone = ~comes & (lost <= numpy.minimum(ages, WINDOW))
    waiting = ~came & ~gone & (ages < WINDOW)
    over = ~came & ~gone & ~waiting

    def counted(times: numpy.ndarray) -> dict[int, int]:
        seconds, numbers = numpy.unique((times * _DAY).astype(int), return_counts=True)
        return dict(zip(seconds.tolist(), numbers.tolist(), strict=True))

    window = WINDOW * _DAY
    still = counted(ages[waiting])
    followed = {**still, window: int(over.sum())}
    risks = competing_risks(counted(lasts[came]), counted(lost[gone]), followed, closes=True)
    end = risks.in_the_end(window, int(over.sum()))
    points = few_points(risks, 1, window)
    measured = Measured(
        until="2026-11-02T00:00:00Z",
        not_mature=("the last entries",),
        window=window,
        eventual=(("Sale", Eventual(*map(Fraction, end[:3]), Fraction(end.size), window, Fraction(end.share))),),
        curves=(("Sale", Curve(points, binned(still, 1, window, points))),),  # type: ignore[arg-type]
    )
    stages = (Stage("Visit", None, entries), Stage("Sale", 0, int(came.sum()), average_check=1))
    return Funnel("simulated", stages, measured=measured), (lasts - ages)[comes & waiting]


def ranges(runs: int, seed: int) -> Iterator[Finding]:
    """The 80% ranges of the sales on their way, in the end and within some days, and the expected sales."""
    for name, *world in WORLDS:
        random = numpy.random.default_rng([seed, *map(int, world[:2])])
        held: dict[int | None, list[bool]] = {None: [], SOON: []}
        gaps, sold_in_all = [], 0
        for days in islice(cycle(held), 2 * (runs // 2)):
            funnel, sold_in = seen(random, *world)
            said = forecast(funnel, draws=DRAWS, horizon=None if days is None else Horizon(days))
            if not isinstance(said, Forecast):
                continue
            sold = len(sold_in) if days is None else int((sold_in <= days).sum())
            held[days].append(bool(said.sales_low <= sold <= said.sales_high))
            gaps.append(float(said.expected_sales) - sold)
            sold_in_all += sold
        for days, found in held.items():
            when = "in the end" if days is None else f"{days} days"
            yield share(f"{name}: {when}", sum(found), len(found), LOW, HIGH)
        yield mean(f"{name}: expected / sold - 1", [gap * len(gaps) / sold_in_all for gap in gaps], -0.05, 0.05)


GROWING = ((200, 0.2, 0.0), (100, 0.5, 0.0), (1500, 0.03, 0.0), (400, 0.1, 0.0), (400, 0.2, 0.6), (200, 0.5, 0.6))
"""Entries, of which as good as all came of late; the share that come to the sale, and that are lost."""
LATE = 10
"""Days of a sale in the middle: when they are over, few are followed still, and the interval hangs on them."""
HELD = 0.93


def few_followed(runs: int, seed: int) -> Iterator[Finding]:
    """The 95% interval of the conversion in the end, where one entry in a hundred was followed for the whole window."""
    for entries, *rates in GROWING:
        random = numpy.random.default_rng([seed, entries])
        everyone = seen(random, 100_000, 1000.0 * WINDOW, *rates, typical=LATE)[0].stages
        truth, held = everyone[1].count / everyone[0].count, 0
        for _ in range(runs):
            said = end_of(seen(random, entries, 1.5 * WINDOW, *rates, growth=5, typical=LATE)[0], 1)
            held += said.low is not None and said.high is not None and said.low <= truth <= said.high
        yield share(f"few followed: {entries} entries, rate {rates[0]}, lost {rates[1]}", held, runs, HELD, 1)


FEWEST = 10
"""Expected sales from which on a range is judged: of fewer, whole sales make it hold more than it says."""


def measured_log(log: Log) -> Funnel:
    """The funnel as it would be measured of a log of the end's calibration."""
    names, stages = ("Visit", "Cart", "Sale"), {}
    for at in (0, 1):
        stages[at + 1] = Entrants(*(Ended(*map(_in_microseconds, one)) for one in followed(log, at)))
    window = ENDS_WINDOW * MICROSECONDS
    definition = Definition(
        names, (0, 0, 1), ((), (), ()), frozenset(), "unit", "time", window=window, until=0, sale=2
    )  # fmt: skip
    noted, _ = eventual.ends(definition, {TOTAL: {"": stages}}, ())
    came = [int((log.reached(at)[0] <= log.until).sum()) for at in (0, 1)]
    counts = (Stage("Visit", None, len(log.entries)), Stage("Cart", 0, came[0]), Stage("Sale", 1, came[1]))
    measured = Measured(until="2026-11-02T00:00:00Z", not_mature=("the last entries",), window=ENDS_WINDOW, **noted)
    return Funnel("simulated", counts, measured=measured)


def _in_microseconds(told: Counter[int]) -> Counter[int]:
    return Counter({age * MICROSECONDS: number for age, number in told.items()})


def again(runs: int, seed: int) -> Iterator[Finding]:
    """The 80% ranges where units enter again, in the end and within four tenths of the window; the expected sales."""
    for world in AGAIN:
        random = numpy.random.default_rng([seed, 50 + AGAIN.index(world)])
        soon = Fraction(2 * ENDS_WINDOW, 5 * _DAY)
        held: dict[Fraction | None, list[bool]] = {None: [], soon: []}
        gaps, sold_in_all = [], 0
        for part, days in islice(cycle((part, days) for part in SEEN[:2] for days in held), 4 * (runs // 4)):
            log, _ = simulated(world, random, part)
            said = forecast(measured_log(log), draws=DRAWS, horizon=None if days is None else Horizon(days))
            if not isinstance(said, Forecast) or said.expected_sales < FEWEST:
                continue
            came, until = log.reached(1)[0], log.until + (2 * ENDS_WINDOW // 5 if days else ENDS_WINDOW)
            sold = int(((came > log.until) & (came <= until)).sum())
            held[days].append(bool(said.sales_low <= sold <= said.sales_high))
            gaps.append(float(said.expected_sales) - sold)
            sold_in_all += sold
        for days, found in held.items():
            yield share(f"{world}: {'in the end' if days is None else 'soon'}", sum(found), len(found), LOW, HIGH)
        yield mean(f"{world}: expected / sold - 1", [gap * len(gaps) / sold_in_all for gap in gaps], -0.07, 0.07)


def equal_ends(runs: int, seed: int) -> Iterator[Finding]:
    """Two logs of one rate, in one of which nearly all windows are open: as counted, more than a quarter differ."""
    random = numpy.random.default_rng([seed, 4])
    marked = 0
    for _ in range(runs):
        young, old = seen(random, 1200, 18.0, 0.3, 0.0)[0], seen(random, 1200, 30.0, 0.3, 0.0)[0]
        said = compare([young, old], ["young", "old"])
        assert not isinstance(said, Problem)
        marked += said.comparisons[0].overall.differs != 0
    yield share("equal rates, seen at 18 and at 30 days of 14: marked", marked, runs, 0, 0.055)
