"""Owners whose deals are of unequal age, as an export has them today, where losses take another time than sales."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, CellCounts, Segment, added_up, open_added_up, segment_at
from tests.calibration.findings import Finding, mean, share
from tests.thorough import few

MONTH, MONTHS = 30.0, 8
"""Days of a month, and how many there are."""
TODAY = (MONTHS + 0.5) * MONTH
RECENT = 2 * MONTH
CYCLE = 45.0
"""Mean days from the creation to the sale."""
LOSSES = (1 / 3, 1.0, 3.0)
"""How many times as long losses take to be known."""
BEST = (0.15, 0.35)
"""The chance to be the best of four alike: where it is told, others were far apart, and of few units less is known."""
PASSED, WON = 0.6, 0.4
"""Shares of those who get to talks, and who are won of these."""


class World(NamedTuple):
    """`owners` of so many `deals`; all of the first one's are of late (`started`), or twice as many as of others are.

    `losses` take so many times as long as sales, at stages that are known (`placed`) or not; the first one's share of
    sales `falls`; there are cells by owner and month (`crossed`), or a table of owners alone.
    """

    losses: float
    placed: bool
    started: bool = False
    owners: int = 4
    deals: int = 300
    falls: float = 0.0
    crossed: bool = True


def observed(world: World, random: Generator) -> Funnel:
    """A funnel as `import` makes it of deals: by owner, by month of creation, and cells of both with open units."""
    cells = []
    for owner in range(world.owners):
        created = random.uniform(0, TODAY, world.deals)
        if not owner and world.started:
            created = random.uniform(TODAY - RECENT, TODAY, world.deals)
        elif not owner:
            created = numpy.append(created, random.uniform(TODAY - RECENT, TODAY, int(world.deals * RECENT / TODAY)))
        number, falls = len(created), 1 - (world.falls if not owner else 0)
        first, second = random.random(number) < PASSED, random.random(number) < WON * falls
        steps = random.exponential(CYCLE / 2, (2, number))
        one = created + steps[0] * numpy.where(first, 1, world.losses)
        two = one + steps[1] * numpy.where(second, 1, world.losses)
        here = numpy.full(number, True)
        talks = first & (one <= TODAY)
        won, lost = talks & second & (two <= TODAY), (~first & (one <= TODAY)) | (talks & ~second & (two <= TODAY))
        if not world.placed:
            talks &= ~lost
        waiting = [here & (one > TODAY), talks & (two > TODAY)]
        months = (created // MONTH).astype(int)
        for month in sorted(set(months.tolist())):
            own = months == month
            counts = tuple(int((each & own).sum()) for each in (here, talks, won))
            left = tuple(int((each & own).sum()) for each in waiting)
            cells.append(
                CellCounts((("owner", f"O{owner + 1}"), ("month", f"2026-{month + 1:02}")), counts, (*left, 0))
            )
    totals = [sum(column) for column in zip(*(cell.counts for cell in cells), strict=True)]
    still = [sum(column) for column in zip(*(cell.open for cell in cells), strict=True)]
    unplaced = None if world.placed else totals[0] - still[0] - still[1] - totals[2]
    stages = (
        Stage("New", None, totals[0], open=still[0], lost_unplaced=unplaced),
        Stage("Talks", 0, totals[1], open=still[1]),
        Stage("Won", 1, totals[2], role="customer"),
    )
    breakdowns = []
    for place, dimension in enumerate(("owner", "month")):
        sums, opened = added_up(cells, segment_at(place)), open_added_up(cells, segment_at(place))
        segments = tuple(Segment(name, sums[name], open=opened[name].open) for name in sorted(sums))
        breakdowns.append(Breakdown(dimension, segments))
    return Funnel("deals", stages, breakdowns=tuple(breakdowns), cells=tuple(cells) if world.crossed else ())


def _table(world: World, random: Generator) -> SegmentReport:
    report = break_down(observed(world, random), "owner")
    assert isinstance(report, SegmentReport)
    return report


def marks_of_young(runs: int, seed: int) -> Iterator[Finding]:
    """Owners alike, one with younger deals: any false mark, the chance to be the best of that one, and power."""
    for losses, started, placed, crossed in few(product(LOSSES, (True, False), (False, True), (True, False)), 8):
        random = numpy.random.default_rng([seed, int(3 * losses), started, placed, crossed])
        world = World(losses, placed, started, crossed=crossed)
        tables = [_table(world, random) for _ in range(runs)]
        case = f"losses x{losses:.2g}, {'new' if started else 'busier'}{', by stage' if placed else ''}"
        case += "" if crossed else ", no cells"
        yield share(f"{case}: any false mark", sum(map(_marked, tables)), runs, high=0.05)
        said = [chance for table in tables if (chance := table.segments[0].chance_best) is not None]
        if crossed and len(said) > 1:
            yield mean(f"{case}: chance to be the best", said, *BEST)
    for losses, least in zip(LOSSES, (0.9, 0.9, 0.8), strict=True):
        random = numpy.random.default_rng([seed, int(3 * losses)])
        world = World(losses, placed=True, started=True, deals=1000, falls=0.5)
        found = 0
        for _ in range(runs):
            overall = _table(world, random).segments[0].overall
            found += overall is not None and overall.differs < 0
        yield share(f"losses x{losses:.2g}, new, by stage, half the rate, 1,000 deals: found", found, runs, low=least)


def _marked(report: SegmentReport) -> bool:
    return any(row.overall is not None and (row.overall.differs or any(row.differs)) for row in report.segments)
