"""Goals: how often the next period reaches what a plan says it reaches; and what a test of the planned size finds."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy
from scipy.stats import beta, binom

from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.experiment import Traffic, plan_test
from funnelcli.analyses.goal_seek import GoalReport, goal_seek
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import change as parse_change
from funnelcli.funnel_file.changes import check
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel
from funnelcli.stats.tests import two_proportion_test
from tests.calibration.findings import Finding, mean, share
from tests.calibration.worlds import VARYING, broken_down, chain, passed, strayed, true_rates, weeks
from tests.thorough import each_once, few

POINTS = 0.03
"""What a stated chance may be away from the share that is found."""


def planned(funnel: Funnel, goal: str, chance: float | None = None) -> GoalReport:
    """The report on a goal."""
    wanted = check(goal, funnel.names)
    assert not isinstance(wanted, Problem), wanted
    report = goal_seek(funnel, wanted, (), None, chance)
    assert not isinstance(report, Problem), report
    return report


def spread_evenly(points: int, dimensions: int, random: numpy.random.Generator) -> numpy.ndarray:
    """Points of a Latin hypercube: in each dimension one in each of as many equal parts."""
    parts = numpy.stack([random.permutation(points) for _ in range(dimensions)], axis=1)
    return (parts + random.random((points, dimensions))) / points


def plan(runs: int, seed: int) -> Iterator[Finding]:
    """The chance of the next period to reach the goal with the plan's entries, less the stated one.

    The units of a chain that reach its end are binomial in truth, with the product of the rates. The counts that a plan
    is made of are spread evenly over their distributions (a Latin hypercube), so that few of them tell the mean.
    """
    random = numpy.random.default_rng(seed)
    cases = (
        (1000, (0.4, 0.5, 0.35, 0.2), 2.0, None),
        (20_000, (0.1, 0.3), 1.3, None),
        (400, (0.3, 0.3), 1.5, None),
        (5000, (0.02,), 0.9, None),
        (1000, (0.4, 0.5, 0.35, 0.2), 2.0, 0.8),
        (5000, (0.02,), 0.9, 0.8),
    )
    for entries, rates, times, chance in few(cases, 3):
        away, said = [], []
        true = float(numpy.prod(rates))
        goal = round(entries * true * times)
        for shares in spread_evenly(max(4, runs // 8), len(rates), random):
            counts = [entries]
            for rate, part in zip(rates, shares, strict=True):
                counts.append(int(binom.ppf(part, counts[-1], rate)))
            if not counts[-1]:
                continue
            report = planned(chain(counts), f"sales >= {goal}", chance)
            assert report.plan_chance is not None
            said.append(report.plan_chance)
            away.append(float(binom.sf(goal - 1, report.plan[0].rounded_up, true)) - report.plan_chance)
        steps = " x ".join(f"{rate:.0%}" for rate in rates)
        yield mean(f"{entries:,} x {steps}, said {numpy.mean(said):.0%}: found less said", away, -POINTS, POINTS)
    worlds = (("W2, stated", _one_stated), ("W2, of 12", _one_of_12))
    for (world, one_of), case_of in each_once(worlds, ((20_000, (0.1, 0.3), 1.3, None), (5000, (0.2, 0.1), 1.3, 0.8))):
        entries, rates, times, chance = case_of
        away, said = [], []
        goal = round(entries * float(numpy.prod(rates)) * times)
        for shares in spread_evenly(max(4, runs // 8), 2 * len(rates), random):
            funnel = one_of(entries, rates, shares, random)
            report = planned(funnel, f"sales >= {goal}", chance)
            assert report.plan_chance is not None
            said.append(report.plan_chance)
            away.append(_reached(goal, report.plan[0].rounded_up, rates, random) - report.plan_chance)
        steps = " x ".join(f"{rate:.0%}" for rate in rates)
        case = f"{world}: {entries:,} x {steps}, said {numpy.mean(said):.0%}: found less said"
        yield mean(case, away, -POINTS, POINTS)


def _counted(entries: int, rates: Sequence[float], shares: Sequence[float]) -> list[int]:
    """Counts of a period: of each step the share of its rate's distribution, and of that of what comes by it."""
    counts = [entries]
    for rate, of_rate, of_units in zip(rates, shares[::2], shares[1::2], strict=True):
        size = (1 - rate) / (rate * VARYING**2) - 1
        counts.append(int(binom.ppf(of_units, counts[-1], beta.ppf(of_rate, rate * size, (1 - rate) * size))))
    return counts


def _one_stated(
    entries: int, rates: Sequence[float], shares: Sequence[float], random: numpy.random.Generator
) -> Funnel:
    """A period, and the variation stated."""
    return chain(_counted(entries, rates, shares), variation=Fraction(1, 10))


def _one_of_12(entries: int, rates: Sequence[float], shares: Sequence[float], random: numpy.random.Generator) -> Funnel:
    """The last of twelve periods, which tell how much they vary."""
    rows = [passed(entries, strayed(rates, random), random) for _ in range(11)]
    names = weeks(12)
    part = choose(broken_down("week", [*rows, _counted(entries, rates, shares)], names), [("week", names[-1])])
    assert not isinstance(part, Problem)
    return part


def _reached(goal: int, entries: int, rates: Sequence[float], random: numpy.random.Generator) -> float:
    """The chance that a period, whose true rates vary, reaches a goal."""
    product = numpy.prod([true_rates(rate, 2000, random, VARYING) for rate in rates], axis=0)
    return float(numpy.mean(binom.sf(goal - 1, entries, product)))


def sample_size(runs: int, seed: int) -> Iterator[Finding]:
    """Tests of the planned size that find the change that is there, and of a planned time what it can find."""
    random = numpy.random.default_rng(seed)
    step = Selector(METRICS["conversion"], "S1")
    for counts, written in (
        ((1000, 100), "+20%"),
        ((1000, 500), "+10%"),
        ((1000, 20), "+50%"),
        ((1000, 900), "+5pp"),
        ((1000, 300), "-20%"),
        ((100, 30), "x2"),
    ):
        change = parse_change(written, METRICS["conversion"])
        assert not isinstance(change, Problem), change
        planned_test = plan_test(chain(counts), step, change)
        assert not isinstance(planned_test, Problem), planned_test
        assert planned_test.to is not None
        now, units = float(planned_test.conversion), planned_test.units_per_group
        case = f"{now:.0%} {written}, {units} each: found"
        yield _found(case, now, float(planned_test.to), units, runs, random)
    time = plan_test(chain((1000, 100)), step, None, Traffic(800, 4))
    assert not isinstance(time, Problem), time
    (least,) = time.detectable
    assert least.rate is not None
    yield _found(
        f"10%, 4 weeks of 800 can find {least.rate:.1%}: found", 0.1, least.rate, least.units_per_group, runs, random
    )


def _found(
    case: str, rate: float, other: float, units: int | None, runs: int, random: numpy.random.Generator
) -> Finding:
    """How often the test of two samples finds the difference of their true rates."""
    assert units is not None
    pairs = zip(random.binomial(units, rate, runs), random.binomial(units, other, runs), strict=True)
    hits = sum(two_proportion_test(int(a), units, int(b), units).p_value < 0.05 for a, b in pairs)
    return share(case, hits, runs, 0.78)
