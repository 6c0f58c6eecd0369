"""Marks of `show --by`, and the rate of the best segment, where it is known what is true."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy
from numpy.random import Generator

from funnelcli.analyses.segments import SegmentReport, SegmentRow, break_down
from funnelcli.diagnostics import Problem
from funnelcli.segments import Breakdown, Segment
from tests.calibration.findings import Finding, mean, share
from tests.calibration.worlds import VARYING, broken_down, chain, passed, passed_so_far, true_rates, weeks

WEEKS = 12
OPEN = ((0.0, 0.0), (0.1, 0.1), (0.3, 0.2), (0.6, 0.5))
"""Shares of managers' deals that are open, at each stage."""
ALIKE = ((0.3, 0.2),) * 4
"""As many with each."""
RATES = {2: (0.1,), 3: (0.2, 0.3)}
"""Of a funnel of so many stages."""


def marks(runs: int, seed: int) -> Iterator[Finding]:
    """Any mark in a table of twelve weeks of which none is different; then one week that fell."""
    random = numpy.random.default_rng(seed)
    for world, variation in (("W1", 0.0), ("W2", VARYING)):
        for stages, rates in RATES.items():
            for entries in (1000, 5000, 20_000):
                false = sum(_marked(_weekly(random, rates, entries, variation)) for _ in range(runs))
                yield share(f"{world}, {stages} stages, {entries:,} a week: any false mark", false, runs, high=0.05)
    stated = {"variation": VARYING}
    for case, entries, variation, falls, more, low in (
        ("W2: a fall of 40% found, 5,000 a week, estimated", 5000, VARYING, 0.4, {}, 0.3),
        ("W2: a fall of 40% found, 5,000 a week, stated", 5000, VARYING, 0.4, stated, 0.65),
        ("W1: a fall of 20% found, 20,000 a week", 20_000, 0.0, 0.2, {}, 0.95),
    ):
        tables = (_weekly(random, RATES[2], entries, variation, falls, more) for _ in range(runs))
        yield share(case, sum(_side(table.segments[6]) < 0 for table in tables), runs, low=low)
    for stages, rates in RATES.items():
        false = sum(_marked(_weekly(random, rates, 5000, VARYING, more=stated)) for _ in range(runs))
        yield share(f"W2, {stages} stages, 5,000 a week, stated: any false mark", false, runs, high=0.05)
    for number, leads in ((3, 1000), (10, 100), (20, 40)):
        false = sum(_marked(_by_manager(random, [0.2] * number, leads)) for _ in range(runs))
        yield share(f"{number} managers alike, {leads:,} leads each: any false mark", false, runs, high=0.05)


def open_marks(runs: int, seed: int) -> Iterator[Finding]:
    """Managers alike, of whose deals unequal shares are open: any false mark, and whether that moves any to the end."""
    random = numpy.random.default_rng(seed)
    for leads in (60, 200, 2000):
        tables = [_with_open(random, (0.5, 0.4), leads) for _ in range(runs)]
        case = f"4 managers alike, {leads:,} leads each, up to 60% open"
        yield share(f"{case}: any false mark", sum(map(_marked, tables)), runs, high=0.05)
        ranges = [_range_of(row) for table in tables for row in table.segments]
        known = [each for each in ranges if each is not None]
        held = sum(low <= 0.2 <= high for low, high in known)
        yield share(f"{case}: the 95% interval holds the truth", held, len(known), low=0.94)
        chances = [table.segments[-1].chance_best for table in tables]
        said = [chance for chance in chances if chance is not None]
        if len(said) > 1:
            yield mean(f"{case}: chance of the one with most of them to be the best", said, 0.2, 0.3)
    false = sum(_marked(_with_open(random, (0.9, 0.1), 300)) for _ in range(runs))
    yield share("4 managers alike, rates of 90% and 10%, up to 60% open: any false mark", false, runs, high=0.05)
    false = sum(_marked(_weeks_with_open(random, 1000)) for _ in range(runs))
    yield share("W2, 12 weeks, the last of them more and more open: any false mark", false, runs, high=0.05)
    found = sum(
        _side(_with_open(random, (0.5, 0.4), 1600, falls=0.5, opened=ALIKE).segments[-1]) < 0 for _ in range(runs)
    )
    yield share("one of 4 managers has half the rate, and all 30% open: found", found, runs, low=0.9)


def ranking(runs: int, seed: int) -> Iterator[Finding]:
    """By how much the rate that is shown of the best of 20 segments of 40 leads misses that segment's true one."""
    random = numpy.random.default_rng(seed)
    for case, spread in (
        ("alike, 20%", 0.0),
        ("20% ± 2 points", 0.02),
        ("20% ± 5 points", 0.05),
        ("20% ± 10 points", 0.1),
    ):
        missed = []
        for _ in range(runs):
            truths = true_rates(0.2, 20, random, spread / 0.2)
            best = _by_manager(random, truths, 40, sort="conversion").segments[0]
            assert best.shrunken is not None
            missed.append(best.shrunken - truths[int(best.name.removeprefix("segment ")) - 1])
        yield mean(f"20 segments x 40 leads, {case}: the best's error", missed, -0.01, 0.01)


def _weekly(
    random: Generator,
    rates: Sequence[float],
    entries: int,
    variation: float,
    falls: float = 0.0,
    more: Mapping[str, float] = MappingProxyType({}),
) -> SegmentReport:
    """A table of weeks whose true rates vary; the last rate falls in the seventh week."""
    columns = [true_rates(rate, WEEKS, random, variation) for rate in rates]
    columns[-1][6] *= 1 - falls
    rows = [passed(entries, [column[week] for column in columns], random) for week in range(WEEKS)]
    return _table(broken_down("week", rows, weeks(WEEKS), **more), "week")


def _by_manager(random: Generator, truths: Sequence[float], leads: int, **options: Any) -> SegmentReport:
    return _table(broken_down("manager", [passed(leads, [truth], random) for truth in truths]), "manager", **options)


def _with_open(
    random: Generator,
    rates: Sequence[float],
    leads: int,
    falls: float = 0.0,
    opened: Sequence[tuple[float, float]] = OPEN,
) -> SegmentReport:
    """A table of managers; of the last one's deals the last rate is lower."""
    segments = []
    for number, shares in enumerate(opened, 1):
        own = [*rates[:-1], rates[-1] * (1 - falls if number == len(opened) else 1)]
        counts, waiting = passed_so_far(leads, own, shares, random)
        segments.append(Segment(f"segment {number}", tuple(counts), open=tuple(waiting)))
    totals = [sum(column) for column in zip(*(each.counts for each in segments), strict=True)]
    return _table(chain(totals, breakdowns=(Breakdown("manager", tuple(segments)),)), "manager")


def _weeks_with_open(random: Generator, leads: int) -> SegmentReport:
    """A table of weeks whose true rates vary, none of them different; of the last, up to 60% are open."""
    columns = [true_rates(rate, WEEKS, random, VARYING) for rate in (0.5, 0.4)]
    segments = []
    for week, name in enumerate(weeks(WEEKS)):
        opened = max(0.0, 0.6 * (week + 1 - WEEKS / 2) / (WEEKS / 2))
        counts, waiting = passed_so_far(leads, [column[week] for column in columns], (opened, opened), random)
        segments.append(Segment(name, tuple(counts), open=tuple(waiting)))
    totals = [sum(column) for column in zip(*(each.counts for each in segments), strict=True)]
    return _table(chain(totals, breakdowns=(Breakdown("week", tuple(segments)),)), "week")


def _range_of(row: SegmentRow) -> tuple[float, float] | None:
    """The interval of the overall conversion of the decided; `None` where nobody is."""
    low, high = row.overall_conversion_decided_low, row.overall_conversion_decided_high
    return None if low is None or high is None else (low, high)


def _table(funnel: Any, dimension: str, **options: Any) -> SegmentReport:
    report = break_down(funnel, dimension, **options)
    assert not isinstance(report, Problem)
    return report


def _marked(report: SegmentReport) -> bool:
    """Whether anything in the table is called more than chance."""
    return any(row.overall is not None and (row.overall.differs or any(row.differs)) for row in report.segments)


def _side(row: SegmentRow) -> int:
    return 0 if row.overall is None else row.overall.differs
