"""Simulation against SciPy: quantiles, moments by independent formulas, chances, and the same figures everywhere."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import special, stats

from funnelcli.analyses.rates import range_rate, step_rate
from funnelcli.analyses.simulation import Simulation, simulate
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.model import RateRange
from funnelcli.stats import sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

ROOT = Path(__file__).resolve().parents[2]
ONE_STEP = "stages: {Sent: 100, Paid: 50}\naverage_check: 10000\n"
CHAIN = """\
average_check: 90
budget: 500
stages: {Visits: 400, Leads: 60, Sales: 7}
"""
BRANCHES = """\
gross_margin: 60%
budget: 100
stages:
- {name: All, count: 500}
- {name: Tried, count: 120, cost: 2}
- {name: Bought, count: 30, average_check: 40, from: All}
- {name: Bought again, count: 12, average_check: 55}
- {name: Upgraded, count: 40, average_check: 10, from: Tried}
"""


def of(funnel: Funnel, **options: object) -> Simulation:
    """The mean in the long run, unless the next period is asked for: what rates alone leave open has closed forms."""
    result = simulate(funnel, **{"next_period": False, **options})  # type: ignore[arg-type]
    assert isinstance(result, Simulation)
    return result


def goal(text: str) -> object:
    return check(text, ["Sent", "Paid"])


# draws


@pytest.mark.parametrize(
    ("a", "b"), [(1, 1), (186, 371), (1, 21), (40, 1), (3, 2_000_000), (0.3, 0.5), (3e11, 7e11), (1, 1e18), (1e18, 5)]
)
def test_grid_is_the_quantiles_of_scipy(a: float, b: float) -> None:
    """To 1e-3 of the standard deviation but for the outermost, which carries the rest of the tail."""
    grid = np.array(sampling.beta_grid(a, b))
    expected = special.betaincinv(a, b, (np.arange(sampling.GRID) + 0.5) / sampling.GRID)
    deviation = stats.beta.std(a, b)
    assert np.max(np.abs(grid - expected)[1:-1]) <= 1e-3 * deviation + 1e-15
    assert abs(grid.mean() - a / (a + b)) <= 1e-4 * deviation + 1e-15
    assert 0 <= grid.min() <= grid.max() <= 1
    if deviation > 1e-12:
        assert grid.std() == pytest.approx(deviation, rel=2e-3)


def test_normal_grid_is_the_quantiles_of_scipy() -> None:
    grid = np.array(sampling.normal_grid())
    assert np.max(np.abs(grid - stats.norm.ppf((np.arange(sampling.GRID) + 0.5) / sampling.GRID))) < 2e-3
    assert grid.var() == pytest.approx(1, rel=1e-12)


def test_logarithm_and_exponential_are_those_of_the_library() -> None:
    for value in [*np.geomspace(1e-12, 1e12, 300), *-np.geomspace(1e-12, 0.999, 300)]:
        assert sampling.log1p(float(value)) == pytest.approx(math.log1p(value), rel=1e-14)
    for value in np.linspace(0, 690, 500):
        assert sampling.exp(-float(value)) == pytest.approx(math.exp(-value), rel=1e-14)


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (7, 0.5), (40, 0.35), (40, 0.45), (50, 0.9), (170, 0.9), (10**6, 3e-5), (10**12, 0.3)]
)
def test_binomial_draws_follow_the_distribution(n: int, p: float) -> None:
    """Kolmogorov's distance: luck passes 1.95 / sqrt(draws) once in a thousand; 0.002 is the documented error."""
    size = 40_000
    drawn = np.sort(sampling.binomials([n] * size, [p] * size, sampling.source(3, 0)))
    values, last = np.unique(drawn, return_index=True)
    shares = np.append(last[1:], size) / size
    assert np.max(np.abs(shares - stats.binom.cdf(values, n, p))) < 1.95 / math.sqrt(size) + 0.002
    assert drawn.mean() == pytest.approx(n * p, abs=4 * math.sqrt(n * p * (1 - p) / size))


def test_certain_rates_bring_certain_units_and_growth_is_rounded_by_chance() -> None:
    assert sampling.binomials([5, 5, 0], [0.0, 1.0, 0.4], sampling.source(1, 0)) == [0, 5, 0]
    grown = sampling.binomials([10] * 4000, [1.25] * 4000, sampling.source(1, 0))
    assert set(grown) == {12, 13}
    assert np.mean(grown) == pytest.approx(12.5, abs=4 * 0.5 / math.sqrt(4000))


# rates


@pytest.mark.parametrize(
    ("low", "high"),
    [("8", "12"), ("1", "2"), ("50", "60"), ("80", "99"), ("1", "99"), ("0.001", "0.002")],
)
def test_a_stated_range_comes_back_as_the_central_90_percent(low: str, high: str) -> None:
    stated = RateRange(Fraction(low) / 100, Fraction(high) / 100)
    rate = range_rate(stated)
    assert special.betaincinv(rate.a, rate.b, [0.05, 0.95]) == pytest.approx(
        [float(stated.low), float(stated.high)], rel=1e-5
    )


def test_a_range_from_0_or_to_100_percent_has_5_percent_beyond_its_other_bound() -> None:
    up_to = range_rate(RateRange(0, Fraction(1, 20)))
    assert special.betainc(up_to.a, up_to.b, 0.05) == pytest.approx(0.95, rel=1e-5)
    least = range_rate(RateRange(Fraction(9, 10), 1))
    assert special.betainc(least.a, least.b, 0.9) == pytest.approx(0.05, rel=1e-5)
    assert np.quantile(np.array(up_to.grid()), 0.95) == pytest.approx(0.05, rel=1e-2)
    assert np.quantile(np.array(least.grid()), 0.05) == pytest.approx(0.9, rel=1e-2)


def test_a_range_from_0_to_100_percent_says_nothing() -> None:
    """Any rate is as likely as any other: Beta(1, 1)."""
    grid = np.array(range_rate(RateRange(0, 1)).grid())
    assert np.quantile(grid, [0.05, 0.3, 0.95]) == pytest.approx([0.05, 0.3, 0.95], abs=1e-3)


def test_a_range_of_growth_comes_back(funnel: Load) -> None:
    text = "stages: [{name: A, count: 100}, {name: B, conversion: 105% to 120%, allow_growth: true}]"
    rate = step_rate(funnel(text), 1)
    grid = np.array(rate.grid())
    assert np.quantile(grid, [0.05, 0.95]) == pytest.approx([1.05, 1.2], rel=1e-3)


# moments: exact ones by another way, and the draws within 4 standard errors


def beta_mean(came: int, could: int) -> Fraction:
    return Fraction(came + 1, could + 2)


def beta_square(came: int, could: int) -> Fraction:
    return beta_mean(came, could) * Fraction(came + 2, could + 3)


def test_mean_and_deviation_of_a_product_are_exact(funnel: Load) -> None:
    """E[xy] = E[x] E[y] and E[(xy)²] = E[x²] E[y²] of independent rates: the textbook product of Betas."""
    result = of(funnel(CHAIN)).metrics
    mean = 400 * beta_mean(60, 400) * beta_mean(7, 60)
    square = 400**2 * beta_square(60, 400) * beta_square(7, 60)
    deviation = math.sqrt(square - mean**2)
    assert result["sales"].mean == pytest.approx(float(mean), rel=1e-13)
    assert result["sales"].deviation == pytest.approx(deviation, rel=1e-12)
    assert result["revenue"].mean == pytest.approx(90 * float(mean), rel=1e-13)
    assert result["profit"].mean == pytest.approx(90 * float(mean) - 500, rel=1e-13)
    assert result["profit"].deviation == pytest.approx(90 * deviation, rel=1e-12)


def test_noise_of_the_next_period_adds_the_beta_binomial_variance(funnel: Load) -> None:
    """Of n draws: n a b (a + b + n) / ((a + b)² (a + b + 1)) for 100 invoices, a = b = 51."""
    paid = of(funnel(ONE_STEP), next_period=True).metrics["sales"]
    assert paid.deviation == pytest.approx(stats.betabinom(100, 51, 51).std(), rel=1e-12)
    assert (paid.p10, paid.p50, paid.p90) == pytest.approx(stats.betabinom(100, 51, 51).ppf([0.1, 0.5, 0.9]), abs=1)


@pytest.mark.parametrize("next_period", [False, True])
@pytest.mark.parametrize("text", [ONE_STEP, CHAIN, BRANCHES])
def test_draws_agree_with_the_closed_form(funnel: Load, text: str, next_period: bool) -> None:
    """Mean within 4 standard errors; the middle of the histogram's bars would blur it, so the draws themselves."""
    from funnelcli.analyses.flows import sampled
    from funnelcli.analyses.outcomes import amounts_of, flow

    loaded = funnel(text)
    size = 40_000
    values = sampled(
        flow(loaded, loaded, ()), tuple(amounts_of(loaded, loaded.sale_stage).values()), size, 5, next_period
    )
    for each, exact in zip(values, of(loaded, next_period=next_period).metrics.values(), strict=True):
        drawn = [each[place] for place in range(len(each))]
        assert drawn == sorted(drawn)
        assert np.mean(drawn) == pytest.approx(exact.mean, abs=4 * exact.deviation / math.sqrt(size))
        assert np.std(drawn) == pytest.approx(exact.deviation, rel=0.03)


@pytest.mark.parametrize("next_period", [False, True])
def test_quantiles_of_branches_agree_with_a_simulation_by_numpy(funnel: Load, next_period: bool) -> None:
    """0.05 standard deviations are 3.5 standard errors of a P10 of 10,000 draws."""
    random = np.random.default_rng(1)
    size = 400_000

    def reached(units: object, came: int, could: int) -> np.ndarray:  # type: ignore[type-arg]
        rates = random.beta(1 + came, 1 + could - came, size)
        return random.binomial(units, rates) if next_period else units * rates  # type: ignore[arg-type, operator]

    tried = reached(np.full(size, 500), 120, 500)
    bought = reached(np.full(size, 500), 30, 500)
    again, upgraded = reached(bought, 12, 30), reached(tried, 40, 120)
    profit = 0.6 * (40 * bought + 55 * again + 10 * upgraded) - 2 * tried - 100
    found = of(funnel(BRANCHES), next_period=next_period).metrics["profit"]
    assert found.mean == pytest.approx(profit.mean(), abs=4 * profit.std() / math.sqrt(size))
    assert found.deviation == pytest.approx(profit.std(), rel=0.01)
    assert (found.p10, found.p50, found.p90) == pytest.approx(
        np.quantile(profit, [0.1, 0.5, 0.9]), abs=0.05 * profit.std()
    )


# goals and shares


@pytest.mark.parametrize(("limit", "operator"), [(450_000, ">="), (500_000, ">"), (560_000, "<="), (480_000, "<")])
def test_chance_of_a_goal_in_one_step_is_the_tail_of_its_beta(funnel: Load, limit: int, operator: str) -> None:
    below = special.betainc(51, 51, limit / 1_000_000)
    expected = below if operator[0] == "<" else 1 - below
    found = of(funnel(ONE_STEP), goal=goal(f"revenue {operator} {limit}"))
    assert found.goal is not None
    assert found.goal.chance == pytest.approx(expected, abs=4 * 0.5 / math.sqrt(found.draws))


def test_a_goal_that_is_met_exactly_counts(funnel: Load) -> None:
    text = "average_check: 1515.15\nstages: [{name: Sent, count: 1850}, {name: Paid, conversion: 10%}]"
    for operator, chance in ((">=", 1), ("<=", 1), (">", 0), ("<", 0)):
        found = of(funnel(text), goal=goal(f"revenue {operator} 280302.75"))
        assert found.goal is not None
        assert found.goal.chance == chance


def test_variance_shares_are_sobols_first_order_indices(funnel: Load) -> None:
    """Of xy: Var(x) E[y]² and Var(y) E[x]², over E[x²] E[y²] - E[x]² E[y]²."""
    first, second = (60, 400), (7, 60)
    whole = beta_square(*first) * beta_square(*second) - (beta_mean(*first) * beta_mean(*second)) ** 2
    shares = [
        float((beta_square(*own) - beta_mean(*own) ** 2) * beta_mean(*other) ** 2 / whole)
        for own, other in ((first, second), (second, first))
    ]
    result = of(funnel(CHAIN))
    assert list(result.variance_shares.values()) == pytest.approx(shares, rel=1e-10)
    assert result.joint_share == pytest.approx(1 - sum(shares), rel=1e-8)
    assert result.noise_share == 0


@pytest.mark.parametrize("next_period", [False, True])
def test_shares_sum_to_1(funnel: Load, next_period: bool) -> None:
    result = of(funnel(BRANCHES), next_period=next_period)
    shares = [*result.variance_shares.values(), result.noise_share, result.joint_share]
    assert all(share is not None and 0 <= share <= 1 for share in shares)
    assert math.fsum(share or 0 for share in shares) == pytest.approx(1, abs=1e-12)


# edges


def test_stated_rates_are_certain(funnel: Load) -> None:
    result = of(funnel("average_check: 3\nstages: [{name: A, count: 10}, {name: B, conversion: 1/3}]"))
    sales = result.metrics["sales"]
    assert (sales.mean, sales.p10, sales.p90, sales.deviation) == pytest.approx((10 / 3, 10 / 3, 10 / 3, 0))
    assert result.variance_shares == {"B": None}


def test_nothing_is_known_out_of_an_empty_stage(funnel: Load) -> None:
    result = of(funnel("stages: {A: 20, B: 0, C: 0}"))
    assert result.metrics["sales"].mean == pytest.approx(20 / 22 / 2)
    assert (result.steps[1].low, result.steps[1].high) == pytest.approx((0.05, 0.95), abs=1e-3)


def test_no_entries_bring_nothing(funnel: Load) -> None:
    for next_period in (False, True):
        sales = of(funnel("stages: {A: 0, B: 0}"), next_period=next_period).metrics["sales"]
        assert (sales.mean, sales.p90, sales.deviation) == (0, 0, 0)


def test_growth_is_certain(funnel: Load) -> None:
    text = "stages: [{name: A, count: 10}, {name: B, count: 25, allow_growth: true}]"
    assert of(funnel(text)).metrics["sales"].p10 == 25
    assert of(funnel(text), next_period=True).metrics["sales"].p90 == 25


def test_every_draw_stands_in_one_bar(funnel: Load) -> None:
    for metric in of(funnel(BRANCHES), draws=5000).metrics.values():
        assert sum(bar.draws for bar in metric.histogram) == 5000
        for bar, following in zip(metric.histogram, metric.histogram[1:], strict=False):
            assert bar.low < bar.high == following.low


def test_a_referral_without_bound_is_refused(funnel: Load) -> None:
    text = f"{ONE_STEP}referral: {{from: Paid, brings: 3, to: Sent}}\n"
    outcome = simulate(funnel(text))
    assert isinstance(outcome, Problem)
    assert "without bound" in outcome.message


# scenarios


def changed(funnel: Load, changes: str, text: str = CHAIN) -> Simulation:
    loaded = funnel(f"{text}scenarios: {{It: {{{changes}}}}}\n")
    return of(loaded, scenario=loaded.scenarios[0])


def test_a_rate_that_is_set_is_certain(funnel: Load) -> None:
    result = changed(funnel, "conversion@Leads: 20%")
    assert result.metrics["sales"].mean == pytest.approx(float(400 * Fraction(1, 5) * beta_mean(7, 60)))
    assert result.variance_shares == {"Leads": 0, "Sales": pytest.approx(1)}


def test_a_scenario_that_cannot_be_projected_is_not_simulated(funnel: Load) -> None:
    """Paid is at 50%: half as much again is 75%, thrice as much is none."""
    built = funnel(f"{ONE_STEP}scenarios: {{Up: {{conversion@Paid: x1.5}}}}\n")
    (up,) = built.scenarios
    ((selector, change),) = up.changes
    outcome = simulate(built, scenario=up._replace(changes=((selector, change._replace(factor=3)),)))
    assert isinstance(outcome, Problem)
    assert outcome.code == "FN118"
    assert isinstance(simulate(built, scenario=up), Simulation)


def test_a_relative_change_scales_the_uncertain_rate(funnel: Load) -> None:
    plain, result = of(funnel(CHAIN)), changed(funnel, "conversion@Leads: x1.2")
    for name in ("mean", "deviation", "p10", "p90"):
        assert getattr(result.metrics["sales"], name) == pytest.approx(1.2 * getattr(plain.metrics["sales"], name))


def test_points_move_the_uncertain_rate(funnel: Load) -> None:
    result = changed(funnel, "conversion@Sales: +5pp")
    expected = 400 * beta_mean(60, 400) * (beta_mean(7, 60) + Fraction(1, 20))
    assert result.metrics["sales"].mean == pytest.approx(float(expected))


def test_no_rate_passes_100_percent(funnel: Load) -> None:
    """x2 of Beta(51, 51): E[min(1, 2x)] by numerical integration."""
    result = changed(funnel, "conversion@Paid: x2", ONE_STEP)
    expected = stats.beta(51, 51).expect(lambda x: np.minimum(1, 2 * x))
    assert result.metrics["sales"].mean == pytest.approx(100 * expected, rel=1e-3)
    assert result.metrics["sales"].p90 == 100


def test_entries_checks_and_budget_come_from_the_projection(funnel: Load) -> None:
    plain, result = of(funnel(CHAIN)).metrics, changed(funnel, "entries: x3, average_check: +50%, budget: 700").metrics
    # a budget x 1.4 brings entries x 1.4 as well
    assert result["sales"].mean == pytest.approx(4.2 * plain["sales"].mean)
    assert result["profit"].mean == pytest.approx(4.2 * 1.5 * plain["revenue"].mean - 700)


def test_a_count_that_is_set_is_certain_and_an_added_one_joins(funnel: Load) -> None:
    set_to = changed(funnel, "count@Leads: 80").metrics["sales"]
    assert set_to.mean == pytest.approx(float(80 * beta_mean(7, 60)))
    assert set_to.deviation == pytest.approx(80 * stats.beta(8, 54).std(), rel=1e-10)
    more = changed(funnel, "count@Leads: +40").metrics["sales"]
    assert more.mean == pytest.approx(float((400 * beta_mean(60, 400) + 40) * beta_mean(7, 60)))


def test_a_referral_has_no_bound_from_one_new_unit_each(funnel: Load) -> None:
    for brings, bounded in (("1.99", True), ("2", False)):
        outcome = simulate(funnel(f"{ONE_STEP}referral: {{from: Paid, brings: {brings}, to: Sent}}\n"))
        assert isinstance(outcome, Simulation) is bounded, brings


# what is said of it


@pytest.mark.parametrize(
    ("stages", "changes", "basis"),
    [
        ("{A: 400, B: 60}", "", "60 of 400"),
        ("{A: 14000, B: 1234}", "", "1,234 of 14,000"),
        ("{A: 400, B: 60}", "conversion@B: x1.2", "60 of 400, changed"),
        ("{A: 400, B: 60}", "entries: x2", "60 of 400"),
        ("{A: 400, B: 60}", "conversion@B: 20%", "certain"),
        ("{A: 0, B: 0}", "", "no sample"),
        ("[{name: A, count: 9}, {name: B, conversion: 1/3}]", "", "stated"),
        ("[{name: A, count: 90}, {name: B, conversion: 8% to 12%}]", "", "stated range"),
        ("[{name: A, count: 90}, {name: B, conversion: 8% to 12%}]", "conversion@B: +1pp", "stated range, changed"),
        ("[{name: A, count: 10}, {name: B, count: 25, allow_growth: true}]", "", "certain"),
        ("{A: 27.4, B: 3.2}", "", "certain"),
    ],
)
def test_a_rate_says_where_it_comes_from(funnel: Load, stages: str, changes: str, basis: str) -> None:
    text = f"stages: {stages}\n"
    (step,) = (changed(funnel, changes, text) if changes else of(funnel(text))).steps
    assert (step.name, step.basis) == ("B", basis)


def test_a_step_has_the_mean_and_the_central_90_percent_of_its_rate(funnel: Load) -> None:
    """Beta(61, 341) and Beta(8, 54); the grid's step is a 2048th of the draws."""
    for step, (a, b) in zip(of(funnel(CHAIN)).steps, ((61, 341), (8, 54)), strict=True):
        assert step.mean == pytest.approx(a / (a + b), rel=1e-12)
        low, high = stats.beta(a, b).ppf([0.05, 0.95])
        assert (step.low, step.high) == pytest.approx((low, high), abs=0.01 * (high - low))


@pytest.mark.parametrize(
    ("text", "wanted", "lacking"),
    [
        ("stages: {Sent: 100, Paid: 50}\n", "revenue >= 5", "give it an average_check"),
        ("stages: {Sent: 100, Paid: 50}\n", "profit >= 5", "give it an average_check"),
        (ONE_STEP, "profit >= 5", "give it a budget, a cost or a gross_margin"),
        (
            ONE_STEP + "breakdowns: {channel: {Ads: {counts: [60, 30], budget: 9}, SEO: {counts: [40, 20]}}}\n",
            "profit >= 5",
            "give it a budget, or one to each segment",
        ),
    ],
)
def test_a_goal_for_what_the_funnel_lacks_says_what_it_takes(
    funnel: Load, text: str, wanted: str, lacking: str
) -> None:
    outcome = simulate(funnel(text), goal=goal(wanted))  # type: ignore[arg-type]
    assert isinstance(outcome, Problem)
    assert (outcome.code, outcome.help) == ("FN118", lacking)


def test_the_variance_is_that_of_the_goal_else_of_the_revenue_else_of_the_sales(funnel: Load) -> None:
    assert of(funnel(CHAIN)).variance_of == "revenue"
    assert of(funnel("stages: {Sent: 100, Paid: 50}\n")).variance_of == "sales"
    assert of(funnel(ONE_STEP), goal=goal("sales >= 50")).variance_of == "sales"


@pytest.mark.parametrize(
    ("text", "next_period", "said"),
    [
        (CHAIN, False, ["margin not given"]),
        (CHAIN, True, ["rates taken as constant from period to period", "margin not given"]),
        (BRANCHES, False, []),
        (ONE_STEP, True, ["rates taken as constant"]),
        (
            "stages: [{name: A, count: 9}, {name: B, conversion: 1/3}, {name: C, count: 1}]",
            True,
            ["rates without a sample or a range are certain: B", "rates taken as constant"],
        ),
    ],
)
def test_assumptions_are_said_where_they_are_made(funnel: Load, text: str, next_period: bool, said: list[str]) -> None:
    first, second, *others = of(funnel(text), next_period=next_period, draws=100).assumptions
    assert (first, second.split()[0]) == ("steps are independent of each other", "entries")
    assert len(others) == len(said)
    assert all(one.startswith(start) for one, start in zip(others, said, strict=True))


def test_progress_ends_where_all_draws_are_made(funnel: Load) -> None:
    told: list[tuple[int, int]] = []
    result = of(funnel(CHAIN), draws=45_000, progress=lambda done, all_of: told.append((done, all_of)))
    assert [all_of for _, all_of in told] == [45_000] * len(told)
    done = [each for each, _ in told]
    assert done == sorted(set(done))
    assert done[-1] == 45_000
    for metric in result.metrics.values():
        assert sum(bar.draws for bar in metric.histogram) == 45_000


def test_units_that_come_or_not_are_whole_in_the_histogram(funnel: Load) -> None:
    """3 of 6 buy, at 7 each: bars of whole sales, and of the money of whole sales."""
    metrics = of(funnel("average_check: 7\nstages: {A: 6, B: 3}\n"), next_period=True).metrics
    assert all(bar.low == int(bar.low) for bar in metrics["sales"].histogram)
    assert all(bar.low % 7 == 0 for bar in metrics["revenue"].histogram)


# the same everywhere

CODE = """
from fractions import Fraction
from funnelcli.analyses.simulation import simulate
from funnelcli.model import Funnel, RateRange, Stage
stages = (
    Stage("A", None, 1200), Stage("B", 0, 300, cost=40), Stage("C", 1, 48),
    Stage("D", 2, 45, average_check=120, average_check_sd=250),
    Stage("E", 3, 9, conversion=RateRange(Fraction(8, 100), Fraction(31, 100)), average_check=900),
)
for noise in (False, True):
    print(simulate(Funnel("F", stages, variation=Fraction(1, 10)), draws=2000, seed=7, next_period=noise))
"""


def printed(python: str, **variables: str) -> str:
    done = subprocess.run(
        [python, "-c", CODE],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}", "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_same_seed_same_figures_in_every_process() -> None:
    first = printed(sys.executable, PYTHONHASHSEED="1")
    assert "p90" in first
    assert printed(sys.executable, PYTHONHASHSEED="2") == first


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_same_seed_same_figures_with_every_python(version: str) -> None:
    installed = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")
    other = next(map(str, installed), None) or shutil.which(f"python{version}")
    if other is None:
        pytest.skip(f"no Python {version} here")
    assert printed(other) == printed(sys.executable)


def test_another_seed_gives_other_figures(funnel: Load) -> None:
    assert of(funnel(CHAIN), seed=1).metrics["sales"].p50 != of(funnel(CHAIN), seed=2).metrics["sales"].p50
    assert of(funnel(CHAIN), seed=1) == of(funnel(CHAIN), seed=1)


def test_the_first_draws_are_the_published_ones() -> None:
    """Pinned: Beta(51, 51) at the first five numbers of Random(1 << 32), read off SciPy's quantiles."""
    import random

    uniform = random.Random(1 << 32)
    shares = [(int(uniform.random() * sampling.GRID) + 0.5) / sampling.GRID for _ in range(5)]
    drawn = sampling.draw(sampling.beta_grid(51, 51), 5, sampling.source(1, 0))
    assert drawn == pytest.approx(special.betaincinv(51, 51, shares), rel=1e-6)


# rounding


def test_growth_that_makes_fractions_is_rounded_by_chance_and_that_is_in_the_deviation(funnel: Load) -> None:
    """7 units grow to 17.5: 17 or 18, a deviation of 0.5. 7 or 8 of 7.5 grow to 17.5 or 20: 18.75, by hand 1.299."""
    seven = funnel("stages: [{name: A, count: 7}, {name: B, count: 17.5, allow_growth: true}]")
    assert of(seven, next_period=True).metrics["sales"].deviation == pytest.approx(0.5)
    half = funnel("stages: [{name: A, count: 7.5}, {name: B, count: 18.75, allow_growth: true}]")
    assert of(half, next_period=True).metrics["sales"].deviation == pytest.approx(math.sqrt(1.25**2 + 0.5 * 0.25))


@pytest.mark.parametrize(
    "text",
    [
        "stages: {Enquiries: 27.4, Offers: 3.2, Orders: 0.4}",
        "stages: [{name: A, count: 7.5}, {name: B, count: 18.3, allow_growth: true}, {name: C, count: 9.1}]",
        "stages: [{name: A, count: 40.5}, {name: B, conversion: 8% to 12%}, {name: C, conversion: 20% to 25%}]",
        "stages: [{name: A, count: 30}, {name: B, conversion: 90% to 160%, allow_growth: true}, {name: C, count: 9}]",
        "stages: [{name: V, count: 10}, {name: A, count: 0}, {name: B, count: 4, allow_growth: true}]",
    ],
)
def test_moments_of_fractions_and_growth_are_those_of_the_draws(funnel: Load, text: str) -> None:
    from funnelcli.analyses.flows import sampled
    from funnelcli.analyses.outcomes import amounts_of, flow

    loaded = funnel(text)
    size = 60_000
    (values,) = sampled(flow(loaded, loaded, ()), tuple(amounts_of(loaded, loaded.sale_stage).values()), size, 3, True)
    drawn = [values[place] for place in range(len(values))]
    exact = of(loaded, next_period=True).metrics["sales"]
    assert np.mean(drawn) == pytest.approx(exact.mean, abs=5 * exact.deviation / math.sqrt(size))
    assert np.std(drawn) == pytest.approx(exact.deviation, rel=0.015)


def test_units_past_an_empty_stage_are_drawn_of_the_stage_they_follow(funnel: Load) -> None:
    """4 of 10 past an empty stage: Beta(5, 7), as if the empty stage were not there."""
    built = funnel("stages: [{name: V, count: 10}, {name: A, count: 0}, {name: B, count: 4, allow_growth: true}]")
    plain = funnel("stages: {V: 10, B: 4}")
    assert of(built).metrics["sales"].mean == pytest.approx(10 * 5 / 12)
    assert of(built).metrics["sales"].deviation == pytest.approx(of(plain).metrics["sales"].deviation)


# money of unequal size

SPREAD = """\
gross_margin: 40%
budget: 300
stages:
- {name: Visits, count: 200}
- {name: Carts, count: 20, cost: 3}
- {name: Paid, count: 6, average_check: 90}
"""


def spread(funnel: Load, deviation: int, text: str = SPREAD) -> Funnel:
    """The funnel with a standard deviation of the sale's average check."""
    loaded = funnel(text)
    *others, last = loaded.stages
    return loaded._replace(stages=(*others, last._replace(average_check_sd=deviation)))


@pytest.mark.parametrize("deviation", [30, 90, 270])
@pytest.mark.parametrize("next_period", [False, True])
def test_moments_of_money_are_those_of_a_sum_of_random_length(funnel: Load, deviation: int, next_period: bool) -> None:
    """Var(sum) = E[n] sd² + Var(n) mean², with the mean's own error sd / sqrt(6) besides: by the law of total variance.

    The deviation of a unit is in proportion to the mean: E of its square is sd² (1 + (error / mean)²). That of 6 sales
    is uncertain itself: its square is taken 7/3 times as large.
    """
    loaded = spread(funnel, deviation)
    result = of(loaded, next_period=next_period)
    sales, revenue = result.metrics["sales"], result.metrics["revenue"]
    assert result.check_spread == (("Paid", 90, deviation, pytest.approx(deviation / math.sqrt(6))),)
    wide = deviation * math.sqrt(7 / 3)
    mean, error = 90, wide / math.sqrt(6)
    count = sales.mean
    variance = sales.deviation**2 * (mean**2 + error**2) + error**2 * count**2
    if next_period:
        variance += count * wide**2 * (1 + error**2 / mean**2)
    assert revenue.mean == pytest.approx(90 * count, rel=1e-12)
    assert revenue.deviation == pytest.approx(math.sqrt(variance), rel=1e-12)
    shares = [*result.variance_shares.values(), result.noise_share, result.money_share, result.joint_share]
    assert math.fsum(share or 0 for share in shares) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("deviation", "next_period"), [(30, True), (90, True), (90, False), (400, True)])
def test_money_agrees_with_a_simulation_by_numpy(funnel: Load, deviation: int, next_period: bool) -> None:
    """Gamma distributed amounts with a lognormal mean; 0.05 deviations are 3.5 standard errors of a P10."""
    random = np.random.default_rng(2)
    size = 400_000
    first, second = random.beta(21, 181, size), random.beta(7, 15, size)
    carts = random.binomial(200, first) if next_period else 200 * first
    units = random.binomial(carts.astype(int), second) if next_period else carts * second
    wide = (deviation / 90) ** 2 * 7 / 3
    square = math.log1p(wide / 6)
    means = 90 * np.exp(random.normal(-square / 2, math.sqrt(square), size))
    revenue = units * means
    if next_period:
        each = 1 / wide
        revenue = random.gamma(np.maximum(units * each, 1e-300)) * means / each * (units > 0)
    profit = 0.4 * revenue - 3 * carts - 300
    for name, values in (("revenue", revenue), ("profit", profit)):
        found = of(spread(funnel, deviation), next_period=next_period, draws=60_000).metrics[name]
        middle = np.quantile(values, [0.1, 0.5, 0.9])
        width = (middle[2] - middle[0]) / 2.56
        assert (found.p10, found.p50, found.p90) == pytest.approx(middle, abs=0.06 * width), name


def test_money_is_never_below_nothing(funnel: Load) -> None:
    """Amounts that vary five times as much as their mean."""
    revenue = of(spread(funnel, 450), next_period=True).metrics["revenue"]
    assert revenue.histogram[0].low == 0
    assert revenue.p10 >= 0


def test_a_spread_of_nothing_changes_nothing(funnel: Load) -> None:
    plain = of(funnel(SPREAD), next_period=True)
    assert of(spread(funnel, 0), next_period=True) == plain
    assert (plain.check_spread, plain.money_share) == ((), 0)


def test_a_check_that_is_set_is_certain_in_the_mean_and_a_changed_one_keeps_its_proportion(funnel: Load) -> None:
    loaded = spread(funnel, 45, f"{SPREAD}scenarios: {{Up: {{average_check: +20%}}, At: {{average_check: 100}}}}\n")
    up, at = (of(loaded, scenario=each).check_spread[0] for each in loaded.scenarios)
    assert up == ("Paid", pytest.approx(108), pytest.approx(54), pytest.approx(54 / math.sqrt(6)))
    assert at == ("Paid", 100, 50, 0)


def test_a_check_without_a_count_of_its_own_is_certain_in_the_mean(funnel: Load) -> None:
    text = "stages: [{name: A, count: 100}, {name: B, conversion: 6%, average_check: 90}]"
    result = of(spread(funnel, 45, text), next_period=True)
    assert result.check_spread == (("B", 90, 45, 0),)
    assert any("no whole number of sales" in each for each in result.assumptions)


# rates that vary from period to period


def test_the_variation_widens_what_is_known_and_what_comes(funnel: Load) -> None:
    """50 of 100: the counted period strayed by 10% of the mean, and so will the next."""
    loaded = funnel(ONE_STEP)._replace(variation=Fraction(1, 10))
    (lasting,), (coming,) = (of(loaded, next_period=next_period).steps for next_period in (False, True))
    plain = of(funnel(ONE_STEP)).metrics["sales"]
    known = stats.beta(51, 51).var()
    for metrics, variance in (
        (of(loaded).metrics, known + 0.05**2),
        (of(loaded, next_period=True).metrics, known + 2 * 0.05**2),
    ):
        mixture = 100**2 * variance + (100 * (0.25 - variance) if variance > known + 0.05**2 else 0)
        assert metrics["sales"].deviation == pytest.approx(math.sqrt(mixture), rel=1e-6)
        assert metrics["sales"].mean == pytest.approx(plain.mean, rel=1e-6)
    assert (lasting.variation, lasting.mean, coming.mean) == (0.1, pytest.approx(0.5), pytest.approx(0.5))
    assert coming.high > lasting.high > stats.beta(51, 51).ppf(0.95)


def test_the_variation_averages_out_over_the_periods_that_were_counted(funnel: Load) -> None:
    by_month = "breakdowns: {month: {2026-01: [30, 14], 2026-02: [30, 17], 2026-03: [40, 19]}}\n"
    loaded = funnel(ONE_STEP + by_month)._replace(variation=Fraction(1, 10))
    variance = stats.beta(51, 51).var() + 0.05**2 * (30**2 + 30**2 + 40**2) / 100**2
    assert of(loaded).metrics["sales"].deviation == pytest.approx(100 * math.sqrt(variance), rel=1e-6)


def test_a_rate_near_its_end_has_no_room_to_vary(funnel: Load) -> None:
    """98 of 100: 10% of that is more than there is above it; the distribution keeps one peak."""
    loaded = funnel("stages: {A: 1000, B: 980}")._replace(variation=Fraction(1, 10))
    (step,) = of(loaded).steps
    assert step.mean == pytest.approx(981 / 1002)
    assert 0.9 < step.low < step.high < 1


def test_a_stated_rate_varies_in_the_next_period_only(funnel: Load) -> None:
    text = "stages: [{name: A, count: 1000}, {name: B, conversion: 40%}]"
    loaded = funnel(text)._replace(variation=Fraction(1, 10))
    assert of(loaded).metrics["sales"].deviation == 0
    coming = of(loaded, next_period=True)
    assert coming.steps[0].basis == "stated"
    assert coming.metrics["sales"].deviation == pytest.approx(math.sqrt(1000 * (0.24 - 0.04**2) + 40**2), rel=1e-4)


# the mean beside the measured figure


def test_a_mean_that_the_prior_moves_is_explained(funnel: Load) -> None:
    """6 of 20 are 30.0%, their posterior mean is 7 of 22: 31.8%; 600 of 2,000 need no words."""
    few = of(funnel("stages: {A: 200, B: 20, C: 6}"))
    assert few.prior_explains == ("C", "B")
    assert [step.measured for step in few.steps] == [Fraction(1, 10), Fraction(3, 10)]
    assert few.prior_shift == pytest.approx(21 / 202 * 7 / 22 / 0.03 - 1)
    assert of(funnel("stages: {A: 20000, B: 2000, C: 600}")).prior_explains == ()
    assert of(funnel("stages: {A: 40, B: 0}")).prior_explains == ("B",)


def test_the_ends_of_whole_units_leave_a_tenth_outside_as_nearly_as_they_can(funnel: Load) -> None:
    """Of the beta-binomial distribution of 40 at 3 of 40, by SciPy."""
    chances = stats.betabinom(40, 4, 38)
    found = of(funnel("stages: {A: 40, B: 3}"), next_period=True, draws=100_000).metrics["sales"]
    low = min(range(41), key=lambda each: abs(chances.cdf(each - 1) - 0.1))
    high = min(range(41), key=lambda each: abs(chances.sf(each) - 0.1))
    assert (found.p10, found.p90) == (low, high)


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("2026-10", "2026-11-30"),
        ("2026-12", "2027-01-31"),
        ("2028-01", "2028-02-29"),
        ("2026-Q3", "2026-12-31"),
        ("2026Q4", "2027-03-31"),
        ("2026", "2027-12-31"),
        ("Oct 2026", "2026-11-30"),
        ("H2 2026", "2027-06-30"),
        ("2026-13", None),
        ("1 Oct 2026", None),
        ("2026-W40", None),
        ("autumn", None),
        (None, None),
    ],
)
def test_the_next_period_ends_where_the_calendar_says(funnel: Load, period: str | None, end: str | None) -> None:
    loaded = funnel(ONE_STEP)._replace(period=period)
    assert of(loaded, next_period=True, draws=100).until == end
    assert of(loaded, draws=100).until is None
