"""Checks with a confidence: how often they are wrong, once and over many looks, and what the units needed bring."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy
from numpy.random import Generator

from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.model import Funnel
from tests.calibration.findings import Finding, mean, share
from tests.calibration.worlds import VARYING, broken_down, chain, true_rates

NIGHTS = 90
STATED = Fraction(1, 10)
TOLD = 8
"""Periods from which their variation is estimated."""


def judged(text: str, funnel: Funnel, baseline: Funnel | None = None) -> CheckResult:
    """The outcome of one check."""
    limit = check(text, funnel.names)
    assert not isinstance(limit, Problem), limit
    (result,) = run_checks(funnel, [limit], None if baseline is None else [baseline])
    return result


def units_needed(runs: int, seed: int) -> Iterator[Finding]:
    """After as many more units as an undecided check needs, with the true rate as it was seen, it is decided."""
    random = numpy.random.default_rng(seed)
    for came, could, limit, looks in (
        (50, 100, 45, ""),
        (7, 40, 10, ""),
        (990, 1000, 98.5, ""),
        (3, 100, 5, ""),
        (50, 100, 40, ", at every look"),
    ):
        text = f"conversion@S1 >= {limit}% with 95% confidence{looks}"
        now = judged(text, chain([could, came]))
        assert now.passed is None
        assert now.units_needed is not None
        decided = 0
        for more in random.binomial(now.units_needed, came / could, runs):
            decided += judged(text, chain([could + now.units_needed, came + int(more)])).passed is not None
        yield share(f"{came} of {could} against {limit}%{looks}, {now.units_needed} more", decided, runs, 0.78)
    for came, could, limit, looks in ((450, 1000, 40, ""), (240, 1000, 20, ""), (450, 1000, 35, ", at every look")):
        text = f"conversion@S1 >= {limit}% with 95% confidence{looks}"
        needed = judged(text, chain([could, came], variation=STATED)).units_needed
        assert needed is not None
        decided = 0
        for _ in range(runs):
            rows = [[could, came], *_of_periods(needed, could, came / could, random)]
            decided += judged(text, _in_periods(rows, STATED)).passed is not None
        yield share(f"W2, stated: {came} of {could:,} against {limit}%{looks}, {needed} more", decided, runs, 0.78)
    for could, rate, limit in ((1000, 0.3, 28), (300, 0.1, 9)):
        text, decided, tried = f"conversion@S1 >= {limit}% with 95% confidence", 0, 0
        for _ in range(runs):
            rows = _of_periods(10 * could, could, rate, random)
            result = judged(text, _in_periods(rows))
            seen, needed = numpy.sum([came for _, came in rows]) / (10 * could), result.units_needed
            if result.passed is None and needed is not None and seen > limit / 100 and needed < 100 * could:
                tried += 1
                rows += _of_periods(needed, could, seen, random)
                decided += judged(text, _in_periods(rows)).passed is not None
        yield share(f"W2, of 10: {rate:.0%} of {could:,} against {limit}%, as many more", decided, tried, 0.78)


def _of_periods(units: int, size: int, rate: float, random: Generator) -> list[list[int]]:
    """Counts of so many units in periods of that size, whose true rates vary."""
    sizes = [size] * (units // size) + [units % size] * (units % size > 0)
    rates = true_rates(rate, len(sizes), random, VARYING)
    return [[could, int(random.binomial(could, each))] for could, each in zip(sizes, rates, strict=True)]


def _in_periods(rows: Sequence[Sequence[int]], variation: Fraction | None = None) -> Funnel:
    """The sum of months, of which it is made."""
    names = [f"{2000 + month // 12}-{month % 12 + 1:02}" for month in range(len(rows))]
    return broken_down("month", rows, names, variation=variation)


def at_every_look(runs: int, seed: int) -> Iterator[Finding]:
    """A true rate at the limit, growing counts, a look each night: ever falsely failed; and how wide that makes it."""
    random = numpy.random.default_rng(seed)
    for nightly, percent in ((20, 30), (200, 30), (100, 2), (50, 90)):
        text = f"conversion@S1 >= {percent}% with 95% confidence, at every look"
        failed = 0
        for _ in range(runs):
            came = numpy.cumsum(random.binomial(nightly, percent / 100, NIGHTS))
            could = nightly * numpy.arange(1, NIGHTS + 1)
            # only looks below the limit can fail: the deepest of them first
            depth = (came - could * percent / 100) / numpy.sqrt(could)
            failed += any(
                judged(text, chain([int(could[night]), int(came[night])])).passed is False
                for night in numpy.argsort(depth)[:5]
                if depth[night] < 0
            )
        yield share(f"{percent}% of {nightly} a night, {NIGHTS} nights, ever failed", failed, runs, high=0.025)
    worlds = ("W2, stated, all one period", "W2, stated, each a period", f"W2, from {TOLD} on, each a period")
    for nightly, percent in ((200, 30), (50, 90)):
        failed_in = [0, 0, 0]
        text = f"conversion@S1 >= {percent}% with 95% confidence, at every look"
        for _ in range(runs):
            together = true_rates(percent / 100, 1, random, VARYING)[0]
            each = true_rates(percent / 100, NIGHTS, random, VARYING)
            for world, rates in enumerate((together, each, each)):
                rows = [[nightly, int(came)] for came in random.binomial(nightly, rates, NIGHTS)]
                failed_in[world] += _ever_failed(text, percent / 100, rows, world)
        for world, failed in zip(worlds, failed_in, strict=True):
            yield share(f"{world}: {percent}% of {nightly} a night", failed, runs, high=0.025)
    for could in (100, 1000, 10_000):
        funnel = chain([could, could * 3 // 10])
        widths = []
        for looks in ("", ", at every look"):
            result = judged(f"conversion@S1 >= 30% with 95% confidence{looks}", funnel)
            assert result.low is not None
            assert result.high is not None
            widths.append(result.high - result.low)
        ratio = widths[1] / widths[0]
        yield mean(f"its width at {could:,} units, of that for one look", [ratio, ratio], 1, 2.5)


def _ever_failed(text: str, limit: float, rows: Sequence[Sequence[int]], world: int) -> bool:
    """Whether a look at the nights so far ever fails, of those looks that are the most likely to."""
    counts = numpy.cumsum(rows, axis=0)
    depth = (counts[:, 1] - counts[:, 0] * limit) / numpy.sqrt(counts[:, 0])
    first = TOLD - 1 if world == 2 else 0
    for night in numpy.argsort(depth[first:])[:4] + first:
        if depth[night] < 0:
            could, came = map(int, counts[night])
            told = chain([could, came], variation=STATED)
            funnel = told if world == 0 else _in_periods(rows[: night + 1], STATED if world == 1 else None)
            if judged(text, funnel).passed is False:
                return True
    return False


def baseline(runs: int, seed: int) -> Iterator[Finding]:
    """The true rate is that of the baseline: falsely failed, against the noise of both."""
    random = numpy.random.default_rng(seed)
    for rate, before, now in ((0.3, 300, 300), (0.3, 100, 2000), (0.3, 2000, 100), (0.05, 800, 400)):
        failed = 0
        for first, second in zip(random.binomial(before, rate, runs), random.binomial(now, rate, runs), strict=True):
            old, new = chain([before, int(first)]), chain([now, int(second)])
            failed += judged("conversion@S1 >= baseline with 95% confidence", new, old).passed is False
        yield share(f"{rate:.0%} of {now:,} against {before:,}, falsely failed", failed, runs, high=0.025)
