"""The forecast against figures worked out by hand, and its ranges against exact distributions."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from funnelcli.analyses.forecast import Forecast, SegmentChances, forecast
from funnelcli.diagnostics import Problem
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


def test_timeline_by_the_days_left(funnel: Load) -> None:
    result = of(funnel(DEALS))
    assert result.timeline == ((21, Fraction(5, 2), 2500), (28, 2, 2000))


def test_what_arrives_at_once_comes_first_and_what_has_no_date_last(funnel: Load) -> None:
    soon = of(funnel(DEALS.replace("days: 7", "days: 0.5").replace("days: 21", "days: 0")))
    assert [each.days for each in soon.timeline] == [0, Fraction(1, 2)]
    unknown = of(funnel(DEALS.replace(", days: 7", "").replace("days: 21", "days: 0")))
    assert [each.days for each in unknown.timeline] == [0, None]


def test_repeat_sales_are_money_but_no_sales(funnel: Load) -> None:
    """2 sales of 1,000 with half a repeat of 400 each, and half of 3 customers who come back."""
    result = of(funnel(REPEATS))
    leads, sales = result.stages
    assert (leads.close_chance, leads.weighted) == (Fraction(1, 10), 2 * 1000 + 1 * 400)
    assert (sales.close_chance, sales.sales, sales.weighted) == (None, 0, 600)
    assert (result.expected_sales, result.expected_revenue, result.open) == (2, 3000, 20)
    assert result.timeline == ((28, 2, 2000), (60, 0, 600), (88, 0, 400))


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
    text = f"{DEALS}breakdowns: {{manager: {{Ann: [75, 38, 9], Bob: [70, 12, 1]}}}}\n"
    result = of(funnel(text), dimension="Manager")
    assert result.dimension == "manager"
    assert {each.name: each.close_chances for each in result.segments} == {
        "Ann": {"Leads": Fraction(9, 75), "Offers": Fraction(9, 38)},
        "Bob": {"Leads": Fraction(1, 70), "Offers": Fraction(1, 12)},
    }


def test_an_unknown_conversion_brings_nothing_and_says_so(funnel: Load) -> None:
    text = "stages: [{name: A, count: 10, open: 4}, {name: B, count: 0}, {name: C, count: 0}]"
    result = of(funnel(text))
    assert [(each.close_chance, each.sales) for each in result.stages] == [(None, 0)]
    assert (result.sales_high, result.expected_revenue) == (0, None)
    assert any("unknown" in each for each in result.assumptions)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEALS, {"expected figures", "days count from now"}),
        (DEALS.replace(", days: 7", "").replace(", days: 21", ""), {"expected figures"}),
        (REPEATS, {"expected figures", "days count from now", "at or after the sale"}),
        (
            "stages: [{name: A, count: 10, open: 4}, {name: B, count: 0}, {name: C, count: 0}]",
            {"expected figures", "a conversion is unknown"},
        ),
        (
            "stages: [{name: A, count: 10, open: 4}, {name: B, count: 20, allow_growth: true}, {name: C, count: 5}]",
            {"expected figures", "units that grow"},
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
    one, two = result.segments
    assert (one, two) == (
        SegmentChances("One", {"Offers": None, "Orders": None}, {"Offers": Fraction(7, 5), "Orders": Fraction(7, 2)}),
        SegmentChances(
            "Two", {"Offers": None, "Orders": None}, {"Offers": Fraction(19, 12), "Orders": Fraction(19, 8)}
        ),
    )


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
    """2 sales for nothing in 28 days, and 1 repeat of 400 in 88."""
    text = REPEATS.replace("13, open: 3", "10").replace("150", "120")
    result = of(funnel(text.replace(", average_check: 1000", "")))
    assert result.timeline == ((28, 2, 0), (88, 0, 400))
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
