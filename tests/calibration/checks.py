"""Checks with a confidence: how often they are wrong, once and over many looks, and what the units needed bring."""

from collections.abc import Iterator

import numpy

from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.model import Funnel
from tests.calibration.findings import Finding, mean, share
from tests.calibration.worlds import chain

NIGHTS = 90


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


def baseline(runs: int, seed: int) -> Iterator[Finding]:
    """The true rate is that of the baseline: falsely failed, against the noise of both."""
    random = numpy.random.default_rng(seed)
    for rate, before, now in ((0.3, 300, 300), (0.3, 100, 2000), (0.3, 2000, 100), (0.05, 800, 400)):
        failed = 0
        for first, second in zip(random.binomial(before, rate, runs), random.binomial(now, rate, runs), strict=True):
            old, new = chain([before, int(first)]), chain([now, int(second)])
            failed += judged("conversion@S1 >= baseline with 95% confidence", new, old).passed is False
        yield share(f"{rate:.0%} of {now:,} against {before:,}, falsely failed", failed, runs, high=0.025)
