"""The forecast against figures worked out by hand, and its ranges against exact distributions."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy
import pytest
from scipy import optimize, stats

from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.analyses.open_stages import DecidedStep
from funnelcli.analyses.timeline import Moment
from funnelcli.diagnostics import Problem
from funnelcli.exact import added
from funnelcli.funnel_file.changes import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

DEALS = """\
average_check: 1000
stages:
- {name: Leads, count: 145, open: 20}
- {name: Offers, count: 50, open: 10, days: 7}
- {name: Sales, count: 10, days: 21}
"""
REPEATS = """\
stages:
- {name: Leads, count: 150, open: 20}
- {name: Sales, count: 13, open: 3, days: 28, average_check: 1000, role: customer}
- {name: Repeats, count: 5, days: 60, average_check: 400}
"""


def of(funnel: Funnel, **options: object) -> Forecast:
    result = forecast(funnel, **options)  # type: ignore[arg-type]
    assert isinstance(result, Forecast)
    return result


def test_weighted_pipeline(funnel: Load) -> None:
    """50 of 125 leads and 10 of 40 offers went on: 20 leads close with 10%, 10 offers with 25%, for 1,000 each."""
    result = of(funnel(DEALS))
    assert [(each.name, each.open, each.close_chance, each.weighted, each.days) for each in result.stages] == [
        ("Leads", 20, Fraction(1, 10), 2000, 28),
        ("Offers", 10, Fraction(1, 4), 2500, 21),
    ]
    assert (result.expected_sales, result.expected_revenue) == (Fraction(9, 2), 4500)


def test_velocity_is_open_times_check_times_win_rate_per_cycle(funnel: Load) -> None:
    """30 open x 1,000 x 15% / 28 days."""
    result = of(funnel(DEALS))
    assert (result.open, result.average_check, result.win_rate, result.cycle_days) == (30, 1000, Fraction(3, 20), 28)
    assert result.velocity_per_day == Fraction(30 * 1000 * 15, 100 * 28)


def test_days_that_are_missing_leave_no_velocity_and_no_date(funnel: Load) -> None:
    result = of(funnel(DEALS.replace(", days: 21", "")))
    assert (result.cycle_days, result.velocity_per_day) == (None, None)
    assert [each.days for each in result.timeline] == [None]


def two_steps(days: float, first: float, second: float) -> float:
    """The share of units through two exponential steps of different means (the hypoexponential distribution)."""
    return 1 - (first * math.exp(-days / first) - second * math.exp(-days / second)) / (first - second)


@pytest.mark.parametrize("days", [1, 14, 30, 90])
def test_a_horizon_counts_what_arrives_until_then(funnel: Load, days: int) -> None:
    """2.5 sales of the offers after 21 days on average, 2 of the leads after 7 and 21."""
    result = of(funnel(DEALS), horizon=Horizon(days))
    leads, offers = result.stages
    assert offers.in_time == pytest.approx(1 - math.exp(-days / 21), abs=1e-8)
    assert leads.in_time == pytest.approx(two_steps(days, 7, 21), abs=0.002)
    assert offers.sales == pytest.approx(2.5 * (1 - math.exp(-days / 21)))
    assert result.expected_sales == leads.sales + offers.sales
    assert result.expected_revenue == 1000 * result.expected_sales
    assert (result.within_days, result.until, result.expected_sales_eventual) == (days, None, Fraction(9, 2))
    assert result.win_rate == Fraction(3, 20)  # velocity is that of the end
    assert added(each.sales for each in result.timeline) == Fraction(9, 2)
    assert added(each.sales for each in result.timeline if each.days is not None) == result.expected_sales


def test_the_range_at_a_horizon_is_that_of_units_that_come_in_time(funnel: Load) -> None:
    """50 offers of which 30% come, a half of them in the mean time x log 2: binomial with 15%."""
    text = DEALS.replace(", open: 20", "").replace("open: 10", "open: 40, close_chance: 30%")
    days = Fraction(21 * math.log(2))
    result = of(funnel(text), horizon=Horizon(days), goal=check("sales >= 8", ["Leads"]))
    low, high = stats.binom(40, 0.15).ppf([0.1, 0.9])
    assert (result.sales_low, result.sales_high) == (low, high)
    assert (result.low, result.high) == (1000 * low, 1000 * high)
    assert result.goal is not None
    assert result.goal.chance == pytest.approx(stats.binom(40, 0.15).sf(7), abs=0.02)
    assert result.coverage == pytest.approx(6 / 8)


def test_timeline_adds_up(funnel: Load) -> None:
    result = of(funnel(DEALS))
    assert (added(each.sales for each in result.timeline), result.expected_sales) == (Fraction(9, 2), Fraction(9, 2))
    assert added(each.revenue or 0 for each in result.timeline) == 4500
    assert [each.after for each in result.timeline] == [None, *(each.days for each in result.timeline[:-1])]
    assert result.timeline[-1].days is None
    passed = Fraction(0)
    for each in result.timeline[:-1]:
        passed += each.sales
        share = 2.5 * (1 - math.exp(-(each.days or 0) / 21)) + 2 * two_steps(float(each.days or 0), 7, 21)
        assert float(passed) == pytest.approx(share, abs=0.005)


def test_what_arrives_at_once_comes_first_and_what_has_no_date_last(funnel: Load) -> None:
    soon = of(funnel(DEALS.replace("days: 7", "days: 0").replace("days: 21", "days: 0")))
    assert soon.timeline == (Moment(0, Fraction(9, 2), 4500),)
    unknown = of(funnel(DEALS.replace(", days: 7", "").replace("days: 21", "days: 0")))
    assert unknown.timeline == (Moment(0, Fraction(5, 2), 2500), Moment(None, 2, 2000))


def test_units_whose_time_is_unknown_are_left_out_of_a_horizon_and_named(funnel: Load) -> None:
    """The 2 sales of the leads may come any time; of the 2.5 of the offers a half in 21 x log 2 days."""
    result = of(funnel(DEALS.replace(", days: 7", "")), horizon=Horizon(Fraction(21 * math.log(2))))
    assert result.untimed == ("Leads",)
    assert result.expected_sales == pytest.approx(1.25)
    assert result.timeline[-1] == Moment(None, 2, 2000)
    assert result.sales_high <= 10


def test_without_any_time_there_is_no_horizon(funnel: Load) -> None:
    built = funnel(DEALS.replace(", days: 7", "").replace(", days: 21", ""))
    refused = forecast(built, horizon=Horizon(30))
    assert isinstance(refused, Problem)
    way = "leave out --within: what they bring in the end is told; or add days to the stages up to"
    assert refused.help == f'{way} "Sales"'


def test_units_that_wait_for_a_lognormal_time_have_waited_already(funnel: Load) -> None:
    """Units that came for so long that a third is still there, held against a simulation of such units."""
    text = "stages: [{name: A, count: 30, open: 10}, {name: B, count: 10, days: {median: 6, p90: 21}}]"
    result = of(funnel(text), horizon=Horizon(6))
    random = numpy.random.default_rng(3)
    took = random.lognormal(math.log(6), math.log(21 / 6) / stats.norm.ppf(0.9), 400_000)
    for period in numpy.arange(1, 100, 0.25):
        left = took - random.uniform(0, period, took.size)
        if (left > 0).mean() < 1 / 3:
            break
    assert result.stages[0].in_time == pytest.approx((left[left > 0] <= 6).mean(), abs=0.01)


def test_deals_of_unequal_size_are_won_one_by_one(funnel: Load) -> None:
    """All 64 outcomes of six deals that close with 70% each."""
    amounts = [3950, 2800, 2350, 1900, 1500, 1190]
    text = f"stages: [{{name: Offers, open: {amounts}, close_chance: 70%}}, {{name: Won}}]"
    result = of(funnel(text), goal=check("revenue >= 10000", ["Offers"]), draws=40_000)
    assert (result.expected_sales, result.expected_revenue) == (Fraction(42, 10), Fraction(7 * sum(amounts), 10))
    chances: dict[int, float] = {}
    for won in product((0, 1), repeat=6):
        money = sum(amount for amount, is_won in zip(amounts, won, strict=True) if is_won)
        chances[money] = chances.get(money, 0) + 0.7 ** sum(won) * 0.3 ** (6 - sum(won))
    at = {money: sum(chances[each] for each in chances if each <= money) for money in chances}
    near = [money for money in sorted(at) if at[money] > 0.095]
    assert near[0] <= result.low <= next(money for money in near if at[money] > 0.105)
    assert result.high == sum(amounts)  # all of them are won in 11.8%
    assert result.goal is not None
    assert result.goal.chance == pytest.approx(sum(chances[each] for each in chances if each >= 10_000), abs=0.01)


def test_many_deals_have_the_variance_of_each(funnel: Load) -> None:
    """400 deals from 1 to 400 at 30%: independent, so their variance is the sum of amount² x 0.3 x 0.7."""
    amounts = list(range(1, 401))
    text = f"stages: [{{name: Offers, open: {amounts}, close_chance: 30%}}, {{name: Won}}]"
    result = of(funnel(text))
    deviation = math.sqrt(sum(each**2 for each in amounts) * 0.21)
    assert result.expected_revenue == Fraction(3 * sum(amounts), 10)
    assert (result.low + result.high) / 2 == pytest.approx(0.3 * sum(amounts), rel=0.01)
    assert (result.high - result.low) / (2 * stats.norm.ppf(0.9)) == pytest.approx(deviation, rel=0.03)


PIPELINE = """average_check: 5000
stages:
- {name: Qualified, open: 20, close_chance: 10%}
- {name: Demo, open: 15, close_chance: 25%}
- {name: Proposal, open: 18, close_chance: 50%}
- {name: Negotiation, open: 4, close_chance: 70%}
- {name: Won, role: customer}
"""


def test_a_pipeline_without_history(funnel: Load) -> None:
    """2 + 3.75 + 9 + 2.8 sales, and the luck of 57 units."""
    result = of(funnel(PIPELINE), draws=100_000)
    assert (result.expected_sales, result.expected_revenue) == (Fraction(351, 20), 87_750)
    each = [stats.binom(n, p).pmf(range(58)) for n, p in ((20, 0.1), (15, 0.25), (18, 0.5), (4, 0.7))]
    shares = numpy.cumsum(numpy.convolve(numpy.convolve(each[0], each[1]), numpy.convolve(each[2], each[3])))
    expected = (numpy.searchsorted(shares, 0.1), numpy.searchsorted(shares, 0.9))
    assert (result.sales_low, result.sales_high) == expected
    assert result.assumptions == (
        "chances to close are those of the file (close_chance), taken as certain: the range has luck alone",
    )
    assert (result.steps, result.cycle_days, result.velocity_per_day) == ((), None, None)


def test_the_decided_are_shown(funnel: Load) -> None:
    assert of(funnel(DEALS)).steps == (
        DecidedStep("Offers", "Leads", 145, 20, 50, Fraction(10, 29), Fraction(2, 5)),
        DecidedStep("Sales", "Offers", 50, 10, 10, Fraction(1, 5), Fraction(1, 4)),
    )


def test_where_nothing_is_decided_nothing_is_expected(funnel: Load) -> None:
    result = of(funnel("stages: [{name: A, count: 10, open: 10}, {name: B, count: 0}]"))
    assert (result.expected_sales, result.sales_high, result.stages[0].close_chance) == (0, 0, None)
    assert any(each.startswith("a conversion is unknown") for each in result.assumptions)


def test_repeat_sales_are_money_but_no_sales(funnel: Load) -> None:
    """2 sales of 1,000 with half a repeat of 400 each, and half of 3 customers who come back."""
    result = of(funnel(REPEATS))
    leads, sales = result.stages
    assert (leads.close_chance, leads.weighted) == (Fraction(1, 10), 2 * 1000 + 1 * 400)
    assert (sales.close_chance, sales.sales, sales.weighted) == (None, 0, 600)
    assert (result.expected_sales, result.expected_revenue, result.open) == (2, 3000, 20)
    assert added(each.sales for each in result.timeline) == 2
    assert added(each.revenue or 0 for each in result.timeline) == 3000


def test_a_stated_close_chance_takes_the_place_of_the_conversions(funnel: Load) -> None:
    text = DEALS.replace("count: 50, open: 10", "count: 50, open: 10, close_chance: 40%")
    leads, offers = of(funnel(text)).stages
    assert (offers.close_chance, offers.stated, offers.weighted) == (Fraction(2, 5), True, 4000)
    assert (leads.close_chance, leads.stated, leads.weighted) == (Fraction(1, 10), False, 2000)


def test_branches_bring_money_and_only_the_way_to_the_sale_brings_sales(funnel: Load) -> None:
    text = """\
stages:
- {name: All, count: 110, open: 10}
- {name: Tried, count: 50, open: 4, average_check: 7}
- {name: Bought, count: 20, average_check: 100, from: All}
"""
    result = of(funnel(text))
    everyone, tried = result.stages
    assert (everyone.close_chance, everyone.weighted) == (Fraction(1, 5), 5 * 7 + 2 * 100)
    assert (tried.close_chance, tried.weighted) == (None, 0)


def test_the_range_holds_the_counts_and_chance(funnel: Load) -> None:
    """10 offers that close with Beta(1 + 10, 1 + 30): a beta-binomial number of sales, of 1,000 each."""
    text = DEALS.replace(", open: 20", "")
    result = of(funnel(text))
    low, high = stats.betabinom(10, 11, 31).ppf([0.1, 0.9])
    assert (result.sales_low, result.sales_high) == (low, high)
    assert (result.low, result.high) == (1000 * low, 1000 * high)


def test_the_range_of_a_stated_chance_is_binomial(funnel: Load) -> None:
    text = DEALS.replace(", open: 20", "").replace("50, open: 10", "60, open: 50, close_chance: 30%")
    result = of(funnel(text))
    assert (result.sales_low, result.sales_high) == tuple(stats.binom(50, 0.3).ppf([0.1, 0.9]))


def test_the_range_is_from_10_to_90_percent_and_not_a_percent_beside(funnel: Load) -> None:
    """15,000 of 50,000, give or take 102: the 9% point lies 6 below the 10% point, the luck of the draws is 1."""
    text = DEALS.replace("145, open: 20", "90000").replace("50, open: 10", "60000, open: 50000, close_chance: 30%")
    result = of(funnel(text), draws=40_000)
    low, high = stats.binom(50_000, 0.3).ppf([0.1, 0.9])
    assert (result.sales_low, result.sales_high) == pytest.approx((low, high), abs=3)
    assert (result.low, result.high) == pytest.approx((1000 * low, 1000 * high), abs=3000)


def test_open_units_at_the_sale_are_not_sold_again(funnel: Load) -> None:
    """3 customers come back with Beta(6, 6): at most 3 repeats, no sales."""
    result = of(funnel(REPEATS.replace(", open: 20", "")))
    assert (result.sales_low, result.sales_high) == (0, 0)
    assert (result.low, result.high) == tuple(400 * stats.betabinom(3, 6, 6).ppf([0.1, 0.9]))


def test_goal_and_coverage(funnel: Load) -> None:
    text = DEALS.replace(", open: 20", "")
    result = of(funnel(text), goal=check("revenue >= 3000", ["Leads"]))
    assert result.coverage == Fraction(2500, 3000)
    assert result.goal is not None
    # 4 standard errors of a share of 10,000 draws
    assert result.goal.chance == pytest.approx(stats.betabinom(10, 11, 31).sf(2), abs=0.02)
    of_sales = of(funnel(text), goal=check("sales >= 5", ["Leads"]))
    assert (of_sales.goal is not None, of_sales.coverage) == (True, Fraction(1, 2))


def test_a_goal_of_revenue_needs_money(funnel: Load) -> None:
    """10 open offers close with 25%: 2.5 of 5 sales; no money, no revenue, and the range is that of the sales."""
    built = funnel(DEALS.replace("average_check: 1000\n", "").replace(", open: 20", ""))
    refused = forecast(built, goal=check("revenue >= 3000", ["Leads"]))
    assert isinstance(refused, Problem)
    assert (refused.code, refused.help) == ("FN118", "give it an average_check")
    result = of(built, goal=check("sales >= 5", ["Leads"]))
    assert (result.expected_revenue, result.coverage) == (None, Fraction(1, 2))
    assert (result.low, result.high) == (result.sales_low, result.sales_high)
    assert result.goal is not None
    assert result.goal.chance == pytest.approx(stats.betabinom(10, 11, 31).sf(4), abs=0.02)


def test_close_chances_by_segment(funnel: Load) -> None:
    """As they are believed beside each other, with their shares of the open units.

    125 of 145 leads and 40 of 50 offers are decided.
    """
    text = f"{DEALS}breakdowns: {{manager: {{Ann: [75, 38, 9], Bob: [70, 12, 1]}}}}\n"
    result = of(funnel(text), dimension="Manager")
    assert result.dimension == "manager"
    assert result.chances_from == {"Leads": "shrunken", "Offers": "one_rate"}
    ann, bob = shrunken_of((9, 75), (1, 70))
    spread = 145 / 125 * 50 / 40
    assert [each.close_chances["Leads"] for each in result.segments] == pytest.approx([ann * spread, bob * spread])
    assert [each.close_chances["Offers"] for each in result.segments] == [Fraction(10, 40)] * 2


def shrunken_of(*samples: tuple[int, int]) -> list[float]:
    """The means of the posteriors of the prior that SciPy's beta-binomial is the likeliest with."""

    def loss(logs: Any) -> float:
        a, b = math.exp(logs[0]), math.exp(logs[1])
        return -sum(stats.betabinom.logpmf(came, could, a, b) for came, could in samples)

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
    starts = ((0, 1), (1, 3), (3, 5))
    best = min(
        (optimize.minimize(loss, at, method="Nelder-Mead", options=options) for at in starts), key=lambda x: x.fun
    )
    a, b = map(math.exp, best.x)
    return [(a + came) / (a + b + could) for came, could in samples]


def test_an_unknown_conversion_brings_nothing_and_says_so(funnel: Load) -> None:
    text = "stages: [{name: A, count: 10, open: 4}, {name: B, count: 0}, {name: C, count: 0}]"
    result = of(funnel(text))
    assert [(each.close_chance, each.sales) for each in result.stages] == [(None, None)]
    assert (result.sales_high, result.expected_revenue) == (0, None)
    assert any("unknown" in each for each in result.assumptions)


BY_COUNTS = ("those open go on", "losses take", "expected figures are", "the range adds")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEALS, {*BY_COUNTS, "where only the mean"}),
        (DEALS.replace(", days: 7", "").replace(", days: 21", ""), {*BY_COUNTS}),
        (REPEATS, {*BY_COUNTS, "where only the mean", "at or after the sale"}),
        (
            "stages: [{name: A, count: 10, open: 4}, {name: B, count: 0}, {name: C, count: 0}]",
            {"a conversion is unknown"},
        ),
        (
            "stages: [{name: A, count: 10, open: 4}, {name: B, count: 20, allow_growth: true}, {name: C, count: 5}]",
            {*BY_COUNTS, "counts that grow"},
        ),
    ],
)
def test_assumptions_are_said_where_they_are_made(funnel: Load, text: str, said: set[str]) -> None:
    result = of(funnel(text))
    assert len(result.assumptions) == len(said)
    assert all(any(each.startswith(start) for each in result.assumptions) for start in said)


def test_an_unknown_dimension_is_a_problem(funnel: Load) -> None:
    refused = forecast(funnel(DEALS), "channel")
    assert isinstance(refused, Problem)
    assert refused.code == "FN102"


def test_no_open_units_at_all_is_a_problem(funnel: Load) -> None:
    outcome = forecast(funnel("stages: {A: 10, B: 5}"))
    assert isinstance(outcome, Problem)
    assert "open: 14" in (outcome.help or "")


def test_open_units_of_0_are_a_forecast_of_nothing(funnel: Load) -> None:
    result = of(funnel("average_check: 5\nstages: [{name: A, count: 10, open: 0}, {name: B, count: 5}]"))
    assert (result.expected_revenue, result.high, result.win_rate, result.timeline) == (0, 0, None, ())


def test_same_seed_same_range(funnel: Load) -> None:
    assert of(funnel(DEALS), seed=4) == of(funnel(DEALS), seed=4)


PARCELS = """average_check: 10
stages:
- {name: Offers, count: 110, open: 10}
- {name: Orders, count: 60, open: 5, days: 2}
- {name: Parcels, count: 165, allow_growth: true, days: 3}
breakdowns: {shop: {One: [50, 20, 70], Two: [60, 40, 95]}}
"""


def test_what_grows_on_the_way_has_no_chance_but_sales_per_open_unit(funnel: Load) -> None:
    """Of 100 offers 60 orders, of 55 of these 165 parcels: 3 parcels of each order, 1.8 of each offer."""
    result = forecast(funnel(PARCELS), "shop")
    assert isinstance(result, Forecast)
    assert [(each.close_chance, each.sales_per_open_unit, each.sales) for each in result.stages] == [
        (None, Fraction(9, 5), 18),
        (None, 3, 15),
    ]
    spread = Fraction(110, 100), Fraction(60, 55)  # the open units, as the segments have the counts
    one, two = Fraction(70, 50), Fraction(95, 60)
    assert {each.name: each.sales_per_open_unit for each in result.segments} == {
        "One": {"Offers": one * spread[0] * spread[1], "Orders": Fraction(7, 2) * spread[1]},
        "Two": {"Offers": two * spread[0] * spread[1], "Orders": Fraction(19, 8) * spread[1]},
    }
    assert [each.close_chances for each in result.segments] == 2 * [{"Offers": None, "Orders": None}]


def test_a_product_below_one_is_no_chance_either_where_units_grow(funnel: Load) -> None:
    """3 of 10 and then 2.5 of each: 0.75 sales of each, but those that come bring two or three."""
    result = forecast(
        funnel(
            "stages: [{name: A, count: 104, open: 4}, {name: B, count: 30}, {name: C, count: 75, allow_growth: true}]"
        )
    )
    assert isinstance(result, Forecast)
    assert (result.stages[0].close_chance, result.stages[0].sales_per_open_unit) == (None, Fraction(3, 4))


def test_a_stated_chance_stays_one(funnel: Load) -> None:
    result = forecast(funnel(PARCELS.replace("open: 5", "open: 5, close_chance: 40%")))
    assert isinstance(result, Forecast)
    assert [each.close_chance for each in result.stages] == [None, Fraction(2, 5)]


def test_a_sale_that_brings_no_money_is_a_sale_all_the_same(funnel: Load) -> None:
    """2 sales for nothing, and 1 repeat of 400."""
    text = REPEATS.replace("13, open: 3", "10").replace("150", "120")
    result = of(funnel(text.replace(", average_check: 1000", "")))
    assert (sum(each.sales for each in result.timeline), sum(each.revenue or 0 for each in result.timeline)) == (2, 400)
    assert (result.expected_sales, result.expected_revenue, result.average_check) == (2, 400, None)
    assert result.velocity_per_day is None


def test_where_everyone_goes_on_nothing_grows(funnel: Load) -> None:
    """10 of 20 and then 10 of 10: a chance of a half."""
    (stage,) = of(funnel("stages: [{name: A, count: 24, open: 4}, {name: B, count: 10}, {name: C, count: 10}]")).stages
    assert (stage.close_chance, stage.sales) == (Fraction(1, 2), 2)


def test_nothing_that_is_expected_covers_nothing_of_a_goal(funnel: Load) -> None:
    built = funnel("average_check: 5\nstages: [{name: A, count: 10, open: 3}, {name: B, count: 0}]")
    result = of(built, goal=check("revenue >= 30", ["A"]))
    assert (result.expected_revenue, result.coverage) == (0, 0)
    assert of(built, goal=check("sales >= 3", ["A"])).coverage == 0


@pytest.mark.parametrize(
    ("days", "open_", "cycle"),
    [
        (("7", "21"), ("", ", open: 5"), 28),
        (("", "21"), ("", ", open: 5"), 21),  # what nobody has to pass any more need not be known
        (("", "21"), (", open: 5", ""), None),
        (("7", ""), ("", ", open: 5"), None),
        (("0", "0"), ("", ", open: 5"), None),  # nothing takes no time
        (("0", "3"), (", open: 5", ""), 3),
    ],
)
def test_a_cycle_is_known_where_the_open_units_know_their_days(
    funnel: Load, days: tuple[str, str], open_: tuple[str, str], cycle: int | None
) -> None:
    """5 open units: at 25% of the offers, or 10% of the leads, and 1,000 each, per day of the cycle."""
    first, second = (f", days: {each}" if each else "" for each in days)
    result = of(
        funnel(
            f"average_check: 1000\nstages: [{{name: Leads, count: {105 if open_[0] else 100}{open_[0]}}}, "
            f"{{name: Offers, count: {45 if open_[1] else 40}{open_[1]}{first}}}, {{name: Sales, count: 10{second}}}]"
        )
    )
    expected = 5 * (Fraction(1, 4) if open_[1] else Fraction(1, 10))
    assert result.cycle_days == cycle
    assert result.velocity_per_day == (None if cycle is None else expected * 1000 / cycle)


def test_ranges_of_a_ladder_with_branches_by_a_date_are_those_of_a_simulation(funnel: Load) -> None:
    """Each unit with its own times and its own way: money before the sale, at it, after it, and beside it."""
    text = """\
stages:
- {name: Free, count: 1000, open: 200}
- {name: Trial, count: 500, days: 4}
- {name: Trip, count: 200, open: 50, days: 6, average_check: 10}
- {name: Core, count: 60, days: 5, average_check: 100, role: customer}
- {name: More, count: 30, days: 10, average_check: 300}
- {name: Book, count: 400, days: 3, average_check: 20, from: Free}
- {name: Lost, count: 100, days: 3, from: Free}
"""
    result = of(funnel(text), horizon=Horizon(15), draws=20_000)
    random = numpy.random.default_rng(8)
    runs = 20_000
    # 800 of the free and 150 of the trips are decided
    trial, trip, core, more, book = (
        random.beta(1 + came, 1 + left, (runs, 1))
        for came, left in ((500, 300), (200, 300), (60, 90), (30, 30), (400, 400))
    )

    def through(count: int, *steps: tuple[numpy.ndarray, float]) -> list[numpy.ndarray]:
        """How many of them are through each of the steps in time, one after the other."""
        alive, passed, reached = numpy.ones((runs, count), bool), numpy.zeros((runs, count)), []
        for rate, days in steps:
            alive &= random.random((runs, count)) < rate
            passed += random.exponential(days, (runs, count))
            reached.append((alive & (passed <= 15)).sum(axis=1))
        return reached

    _, trips, cores, mores = through(200, (trial, 4), (trip, 6), (core, 5), (more, 10))
    cores_too, mores_too = through(50, (core, 5), (more, 10))
    (books,) = through(200, (book, 3))
    sales = cores + cores_too
    money = 10 * trips + 100 * sales + 300 * (mores + mores_too) + 20 * books
    assert result.expected_sales == pytest.approx(sales.mean(), rel=0.03)  # the mean of the flat prior is nearer to 1/2
    assert result.mean == pytest.approx(money.mean(), rel=0.01)
    assert (result.sales_low, result.sales_high) == pytest.approx(numpy.percentile(sales, (10, 90)), abs=1)
    assert (result.low, result.high) == pytest.approx(numpy.percentile(money, (10, 90)), rel=0.02)


def test_money_of_sales_that_differs(funnel: Load) -> None:
    """30 offers of which a quarter is sold, each for another amount: Gamma distributed, as 1,000 sales tell it."""
    text = """\
average_check: {mean: 1000, sd: 1200}
stages: [{name: Offers, count: 4030, open: 30}, {name: Sales, count: 1000}]
"""
    result = of(funnel(text), draws=20_000)
    random = numpy.random.default_rng(4)
    sales = random.binomial(30, random.beta(1001, 3001, 200_000))
    money = numpy.where(sales, random.gamma(numpy.maximum(sales, 1) / 1.44, 1.44 * 1000), 0)
    assert result.expected_revenue == 7500
    assert result.mean == pytest.approx(money.mean(), rel=0.02)
    assert (result.low, result.high) == pytest.approx(numpy.percentile(money, (10, 90)), rel=0.03)


def test_a_spread_that_no_sale_has_told_is_that_of_each_sale_alone(funnel: Load) -> None:
    """18 sales expected, of 36 without history: the mean check is as stated."""
    text = PIPELINE.replace("average_check: 5000", "average_check: {mean: 5000, sd: 2000}")
    result = of(funnel(text), draws=20_000)
    chances = [0.1] * 20 + [0.25] * 15 + [0.5] * 18 + [0.7] * 4
    variance = sum(p * (1 - p) * 5000**2 + p * 2000**2 for p in chances)
    assert (result.high - result.low) / (2 * stats.norm.ppf(0.9)) == pytest.approx(math.sqrt(variance), rel=0.03)


LOST = """average_check: 1000
stages:
- {name: Leads, count: 1000, open: 300, days_lost: 60}
- {name: Sales, count: 210, days: 30}
"""


def done(mean: float, since: float) -> float:
    """The share of exponential times that are over, of units that came evenly since then."""
    return 1 - mean / since * (1 - math.exp(-since / mean))


def test_losses_that_take_longer_leave_a_smaller_chance(funnel: Load) -> None:
    """The period is the root (SciPy) at which 300 of 1,000 are open; the rest are sums of exponential times."""

    def rate(since: float) -> float:
        odds = 210 / done(30, since) / (490 / done(60, since))
        return odds / (1 + odds)

    def open_at(since: float) -> float:
        return 1000 * (1 - rate(since) * done(30, since) - (1 - rate(since)) * done(60, since))

    since = optimize.brentq(lambda days: open_at(days) - 300, 1, 1e6)
    coming = 210 * (1 - done(30, since)) / done(30, since)
    result = of(funnel(LOST))
    assert float(result.expected_sales) == pytest.approx(coming, rel=1e-6)
    assert result.stages[0].days_lost == 60
    assert float(result.stages[0].close_chance or 0) == pytest.approx(coming / 300, rel=1e-6)
    (step,) = result.steps
    assert (step.conversion_decided, step.days_lost) == (Fraction(3, 10), 60)
    assert float(step.conversion_eventual or 0) == pytest.approx(rate(since), rel=1e-6)
    assert float(step.conversion_open or 0) == pytest.approx(coming / 300, rel=1e-6)
    assert result.sales_low < coming < result.sales_high
    assert result.mean == pytest.approx(1000 * coming, rel=0.02)
    soon = of(funnel(LOST), horizon=Horizon(30))
    assert float(soon.expected_sales) == pytest.approx(coming * (1 - math.exp(-1)), rel=1e-6)
    assert [each.split(":")[0] for each in result.assumptions] == [
        "entries came evenly",
        "those open go on as counts, and times to go on and to be lost, tell",
        "expected figures are at the rates as measured",
        "the range adds what the counts leave open, and chance",
        "where only the mean of the days is known, how long one has waited already tells nothing (help exponential)",
    ]


@pytest.mark.parametrize("time", ["30", "{median: 6, p90: 21}"])
def test_losses_that_take_as_long_are_as_if_unstated(funnel: Load, time: str) -> None:
    plain = LOST.replace(", days_lost: 60", "").replace("days: 30", f"days: {time}")
    stated = LOST.replace("days_lost: 60", f"days_lost: {time}").replace("days: 30", f"days: {time}")
    for horizon in (None, Horizon(20)):
        one, other = (of(funnel(text), horizon=horizon) for text in (plain, stated))
        assert (one.expected_sales, one.low, one.high, one.timeline, one.steps) == (
            *(other.expected_sales, other.low, other.high, other.timeline, other.steps),
        )
    assert of(funnel(plain)).expected_sales == 90


def test_units_that_come_later_have_the_conversion_of_all(funnel: Load) -> None:
    """20 leads come to the offers with 40%, and from there with what is expected of all offers, not of open ones."""
    text = DEALS.replace("open: 10", "open: 10, days_lost: 60")
    leads, offers = of(funnel(text)).stages
    sale = of(funnel(text)).steps[1]
    assert leads.close_chance == Fraction(2, 5) * Fraction(sale.conversion_eventual or 0)
    assert offers.close_chance == sale.conversion_open
    assert Fraction(sale.conversion_open or 0) < Fraction(sale.conversion_eventual or 0) < Fraction(1, 4)
    assert sum(each.sales for each in of(funnel(text)).stages) == of(funnel(text)).expected_sales


def test_a_stated_chance_wins_over_the_time_of_losses(funnel: Load) -> None:
    text = DEALS.replace("open: 10", "open: 10, days_lost: 60, close_chance: 40%")
    leads, offers = of(funnel(text)).stages
    assert (offers.close_chance, offers.sales, offers.stated) == (Fraction(2, 5), 4, True)
    assert Fraction(leads.close_chance or 0) < Fraction(1, 10)  # who come later have none stated


@pytest.mark.parametrize(
    ("sales", "why"),
    [
        ("count: 210", "Sales has no days"),
        ("conversion: 21%, days: 30", "Sales is not counted"),
        ("count: 210, days: 30, allow_growth: true", "counts may grow at Sales"),
    ],
)
def test_where_the_time_of_losses_tells_nothing_that_is_said(funnel: Load, sales: str, why: str) -> None:
    text = LOST.replace("count: 210, days: 30", sales)
    said, plain = of(funnel(text)), of(funnel(text.replace(", days_lost: 60", "")))
    assert f"days_lost of Leads is not used: {why}" in said.assumptions
    assert (said.expected_sales, said.low, said.high) == (plain.expected_sales, plain.low, plain.high)
    assert said.stages == plain.stages


@pytest.mark.parametrize("lost", ["0", "1e-9", "60", "1e12", "{median: 90, p90: 90}", "{median: 1, p90: 100}"])
@pytest.mark.parametrize("days", ["0", "30", "{median: 30, p90: 30}"])
@pytest.mark.parametrize("counts", [(10, 10, 0), (10, 5, 0), (10, 5, 5), (10, 9, 1), (10, 0, 3), (10**17, 1, 10**16)])
def test_no_times_and_counts_are_too_odd(funnel: Load, counts: tuple[int, int, int], days: str, lost: str) -> None:
    reached, still, came = counts
    text = (
        f"stages: [{{name: A, count: {reached}, open: {still}, days_lost: {lost}}},"
        f" {{name: B, count: {came}, days: {days}}}]"
    )
    for horizon in (None, Horizon(30)):
        result = of(funnel(text), horizon=horizon, draws=100)
        assert 0 <= result.expected_sales <= still
        assert 0 <= result.sales_low <= result.sales_high <= still
    if still == reached:
        assert "days_lost of A is not used: nothing is decided yet" in result.assumptions


def test_shares_of_units_have_no_sample_and_are_certain(funnel: Load) -> None:
    text = LOST.replace("1000, open", "1000.5, open")
    result = of(funnel(text))
    assert float(result.expected_sales) < 90
    assert result.steps[0].conversion_open is not None


def test_segments_have_the_times_of_the_whole(funnel: Load) -> None:
    text = f"{LOST}breakdowns: {{manager: {{Ann: [600, 126], Bob: [400, 84]}}}}\n"
    result = of(funnel(text), dimension="manager")
    chance = result.stages[0].close_chance
    assert [each.close_chances["Leads"] for each in result.segments] == [chance, chance]
