"""`compare`: marks, what moved it most, the ranges of effects, Simpson's paradox."""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy
from numpy.random import Generator

from funnelcli.analyses.compared_segments import compare_funnels, compare_segments
from funnelcli.analyses.comparison import Comparison, ComparisonReport, compare
from funnelcli.analyses.moved import Moved
from funnelcli.analyses.segments import break_down
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel
from tests.calibration.ages import LOSSES, World, observed
from tests.calibration.findings import Finding, share
from tests.calibration.worlds import VARYING, broken_down, chain, passed, passed_so_far, strayed, true_rates, weeks

RATES = (0.2, 0.5, 0.3)
ENTRIES = 5000
STATED = Fraction(1, 10)
OPENED = (0.2, 0.3, 0.4)
"""Shares of the units of each stage that are still open."""
MONEY: dict[str, Any] = {"average_check": 50, "gross_margin": Fraction(3, 5)}


def period_marks(runs: int, seed: int) -> Iterator[Finding]:
    """Periods of equal truth: how often anything at all is marked."""
    random = numpy.random.default_rng([seed, 1])
    marked = sum(_marked(_two(random)) for _ in range(runs))
    yield share("W1: any mark, 2 periods", marked, runs, high=0.05)
    marked = sum(_marked(_two(random, VARYING, STATED)) for _ in range(runs))
    yield share("W2, stated: any mark, 2 periods", marked, runs, high=0.05)
    cases: tuple[tuple[str, int, float, dict[str, object]], ...] = (
        ("W1", ENTRIES, 0.0, {}),
        ("W2, stated", ENTRIES, VARYING, {"variation": STATED}),
        ("W2, estimated", ENTRIES, VARYING, {}),
        ("W2, estimated", 20000, VARYING, {}),
    )
    for world, entries, variation, more in cases:
        marked, one_by_one = 0, 0
        for _ in range(runs):
            funnel = broken_down("week", _periods(12, entries, random, variation), weeks(12), **more)
            found = compare_segments(funnel, "week")
            marked += _marked(found)
            one_by_one += _marked_one_by_one(found)
        yield share(f"{world}: last of 12 periods against the first, {entries:,}", marked, runs, high=0.05)
        yield share(f"{world}: each of 12 periods against the one before, {entries:,}", one_by_one, runs, high=0.05)


def segment_marks(runs: int, seed: int) -> Iterator[Finding]:
    """Managers of equal truth, and files: how often anything at all is marked."""
    random = numpy.random.default_rng([seed, 5])
    marked = 0
    for _ in range(runs):
        marked += _marked(compare_segments(broken_down("manager", _periods(12, 400, random)), "manager"))
    yield share("W1: any mark, 12 managers against the first", marked, runs, high=0.05)
    marked = 0
    for _ in range(runs):
        funnels = [chain(row) for row in _periods(4, 400, random)]
        marked += _marked(compare(funnels, list("abcd")))
    yield share("W1: any mark, 4 files against the first", marked, runs, high=0.05)
    marked = 0
    for _ in range(runs):
        months = [f"2026-{month:02}" for month in range(1, 5)]
        rows = zip(_periods(4, 400, random), months, strict=True)
        marked += _marked_one_by_one(compare_funnels([chain(row, period=month) for row, month in rows], months))
    yield share("W1: any mark, each of 4 files of months against the one before", marked, runs, high=0.05)
    marked = 0
    for _ in range(runs):
        rows = [passed(400, (0.3,), random) for _ in range(10)]
        order = sorted(range(10), key=lambda at: rows[at][-1])
        funnel = broken_down("manager", rows)
        names = [segment.name for segment in funnel.breakdowns[0].segments]
        marked += _marked(compare_segments(funnel, "manager", pair=(names[order[0]], names[order[-1]])))
    yield share("W1: any mark, the worst of 10 against the best", marked, runs, high=0.05)


def units_to_tell(runs: int, seed: int) -> Iterator[Finding]:
    """After as many more units as a difference needs that is not told, with the rates as they were seen, it is told."""
    random = numpy.random.default_rng([seed, 6])
    for rows in (
        ((90, 49), (100, 50)),
        ((1000, 20), (1000, 32)),
        ((40, 2), (40, 5)),
        ((10, 1), (12, 3)),
        ((1000, 200, 50), (3000, 600, 180)),
    ):
        now = _compared([chain(row) for row in rows]).overall
        assert now.units_to_tell is not None
        told = 0
        for _ in range(runs):
            grown = _grown(rows, now.units_to_tell, random)
            told += _compared([chain(row) for row in grown]).overall.differs != 0
        yield share(f"compare, {_of(rows)}, {now.units_to_tell} more", told, runs, 0.78)
    for rows in (((3200, 50), (4000, 48), (1800, 18)), ((40, 2), (60, 8), (50, 5)), *_MANY):
        first = break_down(broken_down("manager", rows), "manager")
        assert not isinstance(first, Problem)
        needed = [(row.overall.units_to_tell, at) for at, row in enumerate(first.segments) if row.overall is not None]
        least, at = min((units, at) for units, at in needed if units is not None)
        told = 0
        for _ in range(runs):
            later = break_down(broken_down("manager", _grown(rows, least, random)), "manager")
            assert not isinstance(later, Problem)
            found = later.segments[at].overall
            told += found is not None and found.differs != 0
        yield share(f"show --by, {_of(rows)}, {least} more", told, runs, 0.78)


_MANY = (((100, 10), (100, 14), *(((100, 11),) * 10)),)


def _of(rows: Sequence[Sequence[int]]) -> str:
    return " and ".join(f"{row[-1]} of {row[0]}" for row in rows[:3]) + (" …" if len(rows) > 3 else "")


def _grown(rows: Sequence[Sequence[int]], more: int, random: Generator) -> list[list[int]]:
    """The counts after more entries, shared as they are, at the rates as they are."""
    entries, grown = sum(row[0] for row in rows), []
    for row in rows:
        new = passed(round(more * row[0] / entries), [b / a for a, b in pairwise(row)], random)
        grown.append([old + came for old, came in zip(row, new, strict=True)])
    return grown


def moved_most(runs: int, seed: int) -> Iterator[Finding]:
    """Which factor moved it most: named where nothing did, and where one truly did."""
    random = numpy.random.default_rng([seed, 2])
    for case, rates in (("3 steps", RATES), ("1 step", (0.04,)), ("5 steps", (0.5, 0.6, 0.7, 0.8, 0.9))):
        named = sum(_most(_pair(random, rates, rates)) is not None for _ in range(runs))
        yield share(f"W1: named, equal truth, {case}", named, runs, high=0.05)
    named = 0
    for _ in range(runs):
        rows = _periods(2, ENTRIES, random, VARYING)
        named += _most(_compared([chain(row, variation=STATED) for row in rows])) is not None
    yield share("W2, stated: named, equal truth", named, runs, high=0.05)
    named = 0
    for _ in range(runs):
        funnel = broken_down("week", _periods(12, ENTRIES, random, VARYING), weeks(12))
        named += _most(_only(compare_segments(funnel, "week"))) is not None
    yield share("W2, estimated from 12: named, equal truth", named, runs, high=0.05)
    better = (RATES[0], RATES[1] * 1.2, RATES[2])
    found = [_most(_pair(random, RATES, better, 20000)) for _ in range(runs)]
    right = found.count("conversion@S2")
    yield share("W1: right, one step +20% at 20,000 entries", right, runs, low=0.8)
    yield share("W1: wrong, one step +20% at 20,000 entries", runs - right - found.count(None), runs, high=0.05)
    found = [_most(_pair(random, RATES, better)) for _ in range(runs)]
    wrong = runs - found.count("conversion@S2") - found.count(None)
    yield share("W1: wrong, the same at 5,000 entries", wrong, runs, high=0.05)
    for case, opened, power in (
        ("later one open", ((0, 0, 0), OPENED), 0.0),  # those who are open may all end against it
        ("both open", (OPENED, OPENED), 0.8),
    ):
        found = [_most(_pair_so_far(random, RATES, opened, ENTRIES)) for _ in range(runs)]
        yield share(f"W1: named, equal truth, {case}", runs - found.count(None), runs, high=0.05)
        found = [_most(_pair_so_far(random, better, opened, 40000)) for _ in range(runs)]
        right = found.count("conversion@S2")
        if power:
            yield share(f"W1: right, +20% at 40,000 entries, {case}", right, runs, low=power)
        yield share(f"W1: wrong, +20% at 40,000 entries, {case}", runs - right - found.count(None), runs, high=0.05)
    for case, money in (("", MONEY), (", a budget too", MONEY | {"budget": 3000})):
        pairs = (_pair(random, RATES, RATES, **money) for _ in range(runs))
        named = sum(_most_of(pair.profit) is not None for pair in pairs)
        yield share(f"W1: profit, named, equal truth{case}", named, runs, high=0.05)
        found = [_most_of(_pair(random, RATES, better, 20000, **money).profit) for _ in range(runs)]
        right = found.count("conversion@S2")
        yield share(f"W1: profit, right, one step +20% at 20,000 entries{case}", right, runs, low=0.8)
        wrong = runs - right - found.count(None)
        yield share(f"W1: profit, wrong, one step +20% at 20,000 entries{case}", wrong, runs, high=0.05)


def moved_with_change(runs: int, seed: int) -> Iterator[Finding]:
    """What is said to have lowered sales although more came, or raised them although fewer did: wrong, and right."""
    random = numpy.random.default_rng([seed, 8])
    lower = (RATES[0] * 0.75, RATES[1] * 0.75, RATES[2])
    for case, before, after, old, new, truly in (
        ("+60%, two steps -25%", 8000, 12800, RATES, lower, {"conversion@S1", "conversion@S2"}),
        ("-40%, two steps +33%", 12800, 7680, lower, RATES, {"conversion@S1", "conversion@S2"}),
        ("+10%, steps as they were", ENTRIES, 5500, RATES, RATES, {"entries"}),
    ):
        said, wrong = 0, 0
        for _ in range(runs):
            found = set(_pair(random, old, new, before, after).sales.with_change)
            said += bool(found)
            wrong += not found <= truly
        yield share(f"W1: wrong, entries {case}", wrong, runs, high=0.05)
        if len(truly) > 1:
            yield share(f"W1: said, entries {case}", said, runs, low=0.5)


def moved_most_of_young(runs: int, seed: int) -> Iterator[Finding]:
    """Owners and months alike, of which one has younger deals: how often a conversion is said to have moved most."""
    random = numpy.random.default_rng([seed, 7])
    for losses, placed in product(LOSSES, (False, True)):
        for dimension, pair in (("owner", ("O2", "O1")), ("month", ("2026-03", "2026-08"))):
            world, blamed = World(losses, placed, started=dimension == "owner", deals=1000), 0
            for _ in range(runs):
                outcome = compare_segments(observed(world, random), dimension, pair=pair)
                blamed += "conversion" in (_most(_only(outcome)) or "")
            case = f"{dimension}s alike, one younger, losses x{losses:.2g}{', by stage' if placed else ''}"
            yield share(f"{case}", blamed, runs, high=0.05)


def effect_ranges(runs: int, seed: int) -> Iterator[Finding]:
    """The 95% range of an effect holds that of the true rates: of entries as they were."""
    random = numpy.random.default_rng([seed, 3])
    cases = (
        ("equal rates", ENTRIES, ENTRIES, RATES, RATES),
        ("more entries, a better step", ENTRIES, 8000, RATES, (0.24, 0.5, 0.3)),
        ("few sales", 400, 400, (0.3, 0.1), (0.25, 0.14)),
        ("high rates", 300, 300, (0.9, 0.95), (0.95, 0.9)),
    )
    for case, before, after, old, new in cases:
        held = [0] * (1 + len(old))
        for _ in range(runs):
            pair = _pair(random, old, new, before, after)
            true = _true_effects((before, *old), (after, *new))
            for index, (effect, truth) in enumerate(zip(pair.sales.effects, true, strict=True)):
                assert effect.low is not None and effect.high is not None  # noqa: PT018
                held[index] += effect.low <= truth <= effect.high
        for index, hits in enumerate(held):
            if index or before != after:  # of entries that are the same nothing is uncertain
                factor = pair.sales.effects[index].factor
                yield share(f"W1: held, {case}: {factor}", hits, runs, 0.93, 0.97)
    held = [0] * 3
    for _ in range(runs):
        pair = _pair(random, RATES, (0.2, 0.6, 0.3), ENTRIES, ENTRIES, average_check=50, gross_margin=Fraction(3, 5))
        assert pair.profit is not None
        scale = 50 * 0.6
        true = _true_effects((ENTRIES, *RATES), (ENTRIES, 0.2, 0.6, 0.3))
        for index, (effect, truth) in enumerate(zip(pair.profit.effects[1:4], true[1:], strict=True)):
            assert effect.low is not None and effect.high is not None  # noqa: PT018
            held[index] += effect.low <= truth * scale <= effect.high
    for index, hits in enumerate(held, 1):
        yield share(f"W1: held, profit: conversion@S{index}", hits, runs, 0.93, 0.97)
    for entries in (ENTRIES, 20_000):
        yield from _held("W2, stated", entries, random, runs, _two_stated)
        yield from _held("W2, of 12", entries, random, runs, _two_of_12)


Paired = Callable[[Sequence[float], int, Generator], Comparison]
"""What compares a period with one whose rates in the long run are others, after the entries of each."""


def _held(world: str, entries: int, random: Generator, runs: int, paired: Paired) -> Iterator[Finding]:
    """How often the range of an effect holds that of the rates in the long run, where those of a period vary."""
    better = (0.24, 0.5, 0.3)
    held = [0] * len(better)
    true = _true_effects((entries, *RATES), (entries, *better))[1:]
    for _ in range(runs):
        effects = paired(better, entries, random).sales.effects[1:]
        for index, (effect, truth) in enumerate(zip(effects, true, strict=True)):
            assert effect.low is not None and effect.high is not None  # noqa: PT018
            held[index] += effect.low <= truth <= effect.high
    for index, hits in enumerate(held, 1):
        yield share(f"{world}: held, {entries:,} a period: conversion@S{index}", hits, runs, 0.93, 0.97)


def _two_stated(new: Sequence[float], entries: int, random: Generator) -> Comparison:
    """Two periods, and the variation stated."""
    sides = [passed(entries, strayed(rates, random), random) for rates in (RATES, new)]
    return _compared([chain(counts, variation=STATED) for counts in sides])


def _two_of_12(new: Sequence[float], entries: int, random: Generator) -> Comparison:
    """The last of twelve periods against the first; the variation is estimated from those between."""
    rows = [passed(entries, strayed(new if week == 11 else RATES, random), random) for week in range(12)]
    return _only(compare_segments(broken_down("week", rows, weeks(12)), "week"))


def paradox(runs: int, seed: int) -> Iterator[Finding]:
    """Simpson's paradox: called at equal rates, with the mix as it was or not, and where it is there."""
    random = numpy.random.default_rng([seed, 4])
    cases = (
        ("equal rates, one mix", ((0.5, 0.1), (0.5, 0.1)), ((0.5, 0.1), (0.5, 0.1))),
        ("equal rates, another mix", ((0.5, 0.1), (0.5, 0.2)), ((0.3, 0.1), (0.7, 0.2))),
        ("equal rates, 3 segments", ((0.4, 0.1), (0.3, 0.1), (0.3, 0.1)), ((0.3, 0.1), (0.4, 0.1), (0.3, 0.1))),
    )
    for case, before, after in cases:
        called = sum(_paradox(before, after, ENTRIES, random) for _ in range(runs))
        yield share(f"W1: called, {case}", called, runs, high=0.05)
    for world, vary in (("W2, all alike", _all_alike), ("W2, each by itself", strayed)):
        for case, before, after in cases:
            called = 0
            for _ in range(runs):
                varied = [_with_rates(side, vary, random) for side in (before, after)]
                called += _paradox(*varied, ENTRIES, random, STATED)
            yield share(f"{world}, stated: called, {case}", called, runs, high=0.05)
    case, before, after = cases[0]
    called = sum(_paradox_of_weeks(before, after, random) for _ in range(runs))
    yield share(f"W2, each by itself, of 12 weeks: called, {case}", called, runs, high=0.05)
    before, after = ((0.9, 0.1), (0.1, 0.5)), ((0.5, 0.08), (0.5, 0.45))  # each worse, and the total better
    called = sum(_paradox(before, after, 20000, random) for _ in range(runs))
    yield share("W1: called, where it is there", called, runs, low=0.9)


Mixed = Sequence[tuple[float, float]]
"""Shares of the entries and rates of segments."""


def _paradox(before: Mixed, after: Mixed, entries: int, random: Generator, variation: Fraction | None = None) -> bool:
    pair = _compared([_mixed(side, entries, random, variation) for side in (before, after)])
    return pair.mix[0].paradox


def _mixed(segments: Mixed, entries: int, random: Generator, variation: Fraction | None = None) -> Funnel:
    rows = [passed(round(entries * part), (rate,), random) for part, rate in segments]
    return broken_down("channel", rows, variation=variation)


def _with_rates(segments: Mixed, vary: Callable[[Sequence[float], Generator], list[float]], random: Generator) -> Mixed:
    """The segments with the true rates of a period."""
    return list(zip([part for part, _ in segments], vary([rate for _, rate in segments], random), strict=True))


def _all_alike(rates: Sequence[float], random: Generator) -> list[float]:
    """The true rates of a period in which all go up or down together."""
    times = strayed([0.1], random)[0] / 0.1
    return [rate * times for rate in rates]


def _paradox_of_weeks(before: Mixed, after: Mixed, random: Generator) -> bool:
    """Two funnels of twelve weeks each, which tell how much their rates vary."""
    sides = []
    for side in (before, after):
        periods = [_mixed(_with_rates(side, strayed, random), ENTRIES // 4, random) for _ in range(12)]
        whole = broken_down("week", [[stage.count for stage in each.stages] for each in periods], weeks(12))
        channels = [[segment.counts for segment in each.breakdowns[0].segments] for each in periods]
        rows = [[sum(column) for column in zip(*rows, strict=True)] for rows in zip(*channels, strict=True)]
        sides.append(whole._replace(breakdowns=(*whole.breakdowns, *broken_down("channel", rows).breakdowns)))
    return _compared(sides).mix[0].paradox


def _periods(number: int, entries: int, random: Generator, variation: float = 0.0) -> list[list[int]]:
    rates = [true_rates(rate, number, random, variation) for rate in RATES]
    return [passed(entries, [rate[period] for rate in rates], random) for period in range(number)]


def _two(random: Generator, varying: float = 0.0, stated: Fraction | None = None) -> ComparisonReport | Problem:
    rows = _periods(2, ENTRIES, random, varying)
    return compare([chain(row, variation=stated) for row in rows], ["a", "b"])


def _pair(
    random: Generator,
    old: Sequence[float],
    new: Sequence[float],
    before: int = ENTRIES,
    after: int | None = None,
    average_check: int | None = None,
    **more: object,
) -> Comparison:
    funnels = []
    for entries, rates in ((before, old), (before if after is None else after, new)):
        funnel = chain(passed(entries, rates, random), **more)
        if average_check is not None:
            sale = funnel.stages[-1]._replace(average_check=average_check)
            funnel = funnel._replace(stages=(*funnel.stages[:-1], sale))
        funnels.append(funnel)
    return _compared(funnels)


def _pair_so_far(
    random: Generator, new: Sequence[float], opened: Sequence[Sequence[float]], entries: int
) -> Comparison:
    """Two periods, of each the share `opened` of the units of its stages being still open."""
    funnels = []
    for rates, shares in zip((RATES, new), opened, strict=True):
        counts, waiting = passed_so_far(entries, rates, shares, random)
        funnel = chain(counts)
        stages = (stage._replace(open=units or None) for stage, units in zip(funnel.stages, waiting, strict=True))
        funnels.append(funnel._replace(stages=tuple(stages)))
    return _compared(funnels)


def _compared(funnels: Sequence[Funnel]) -> Comparison:
    return _only(compare(funnels, [f"funnel {number}" for number in range(len(funnels))]))


def _only(outcome: ComparisonReport | Problem) -> Comparison:
    assert not isinstance(outcome, Problem)
    return outcome.comparisons[0]


def _marked(outcome: ComparisonReport | Problem) -> bool:
    assert not isinstance(outcome, Problem)
    return any(pair.overall.differs or any(stage.differs for stage in pair.stages) for pair in outcome.comparisons)


def _marked_one_by_one(outcome: ComparisonReport | Problem) -> bool:
    assert not isinstance(outcome, Problem)
    assert outcome.successive is not None
    steps = [step for period in outcome.successive.periods for step in (period.overall, *period.steps)]
    return any(step.differs for step in steps)


def _most(pair: Comparison) -> str | None:
    return pair.sales.most


def _most_of(profit: Moved | None) -> str | None:
    assert profit is not None
    return profit.most


def _true_effects(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """By the logarithmic mean, of true figures."""
    old, new = math.prod(before), math.prod(after)
    mean = old if old == new else (new - old) / math.log(new / old)
    return [mean * math.log(b / a) for a, b in zip(before, after, strict=True)]
