"""The same effort at every lever, ties, the three strategies, and sweeps: worked examples by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.analyses.sensitivity import Effort, pull, pull_by
from funnelcli.analyses.sweep import Axis, sweep
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.sweeps import axis, effort
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel, Stage
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.analyses.sensitivity import LeverEffect, LeversReport
    from funnelcli.analyses.strategies import Strategy

    Build = Callable[[str], Funnel]

TEN_PERCENT = Effort("relative", Fraction(1, 10), "+10%")
ONE_POINT = Effort("points", Fraction(1, 100), "+1pp")
CHAIN = "stages: {A: 1000, B: 100, C: 50}\naverage_check: 10\n"
"""Revenue 500."""
COSTLY = """\
stages: [{name: A, count: 1000}, {name: B, count: 100, cost: 2}, {name: C, count: 50}]
average_check: 10
budget: 100
"""
"""Revenue 500, costs 200, budget 100: profit 200."""


def report(funnel: Funnel, work: Effort = TEN_PERCENT) -> LeversReport:
    outcome = pull(funnel, work)
    assert not isinstance(outcome, Problem), outcome
    return outcome


def effect(found: LeversReport, selector: str) -> LeverEffect:
    return next(each for each in found.levers if each.selector == selector)


def strategy(found: LeversReport, name: str) -> Strategy:
    return next(each for each in found.strategies if each.name == name)


def test_an_equal_lift_of_a_chain_ties_and_says_so(funnel: Build) -> None:
    found = report(funnel(CHAIN))
    assert found.metric == "revenue"
    assert [(each.low, each.high, each.revenue_change, each.sales_change) for each in found.levers[:3]] == [
        (450, 550, 50, 5)
    ] * 3
    assert found.ties == (("entries", "conversion@B", "conversion@C"),)


def test_only_entries_and_rates_that_bring_sales_tie(funnel: Build) -> None:
    """A budget brings as many entries, and is another effort; what comes after the sale brings no sale."""
    found = report(
        funnel(
            "budget: 100\nstages: [{name: A, count: 1000}, {name: B, count: 100, role: customer}, "
            "{name: C, count: 50}, {name: D, count: 25}]\n"
        )
    )
    assert effect(found, "budget").sales_change == effect(found, "entries").sales_change == 10
    assert found.ties == (("entries", "conversion@B"),)


def test_costs_of_stages_break_the_tie_and_rank_by_profit(funnel: Build) -> None:
    """+10% of C brings 50 for nothing; of B, 50 less 20 of cost; of A, which the budget buys, 50 - 20 - 10."""
    found = report(funnel(COSTLY))
    assert found.metric == "profit"
    assert [(each.selector, each.profit_change) for each in found.levers] == [
        ("conversion@C", 50),
        ("average_check", 50),
        ("conversion@B", 30),
        ("entries", 20),
        ("budget", 20),
    ]
    assert [(each.low, each.high) for each in found.levers] == [
        (150, 250),
        (150, 250),
        (170, 230),
        (180, 220),
        (180, 220),
    ]
    assert found.ties == ()


@pytest.mark.parametrize(("elasticity", "budget"), [("0.5", 121), ("2", 100 * 1.1**0.5), ("1", 110)])
def test_more_entries_spend_what_the_budget_buys_them_for(funnel: Build, elasticity: str, budget: float) -> None:
    """1.1 = (budget / 100)^elasticity: 50 of revenue, 20 of cost, and the budget; the strategy is the same effort."""
    found = report(funnel(f"{COSTLY}spend_elasticity: {elasticity}\n"))
    entries = effect(found, "entries")
    assert (entries.to, entries.sales_change, entries.revenue_change) == (1100, 5, 50)
    assert float(entries.profit_change or 0) == pytest.approx(50 - 20 - (budget - 100), rel=1e-12)
    assert float(entries.cost_change or 0) == pytest.approx(20 + budget - 100, rel=1e-12)
    assert strategy(found, "expansion").profit_change == entries.profit_change
    assert any(f"+10% of them takes {budget - 100:+.3g}% of budget" in each for each in found.assumptions)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "what more entries cost is not known, as no budget is given"),
        ("budget: 0\n", "what more entries cost is not known, as the budget is 0"),
        ("budget: 100\nspend_elasticity: 0\n", "what more entries cost is not known: more budget brings none"),
    ],
)
def test_where_entries_have_no_price_they_are_not_free(funnel: Build, text: str, said: str) -> None:
    """Ranked by cost they stand last, and nothing is said of what they cost."""
    built = funnel(
        text
        + "average_check: 10\nstages: [{name: A, count: 1000}, {name: B, count: 100, cost: 2}, {name: C, count: 50}]\n"
    )
    found = report(built, TEN_PERCENT._replace(rank="cost"))
    assert found.levers[-1].selector in ("entries", "budget")
    assert (effect(found, "entries").cost_change, effect(found, "entries").profit_per_cost) == (None, None)
    assert any(each.startswith(said) for each in found.assumptions)


SEGMENTS = """\
average_check: 10
stages: {A: 300, B: 60}
breakdowns:
  channel:
    Ads: {counts: [100, 40], budget: 50}
    SEO: {counts: [200, 20], budget: 10}
"""


def test_levers_by_segment_are_those_of_funnels_of_their_own(funnel: Build) -> None:
    """+10% of Ads' conversion brings 4 sales of 10, of its entries 40 less 5 of budget; of SEO's 20, and 20 less 1."""
    outcome = pull_by(funnel(SEGMENTS), "Channel", TEN_PERCENT)
    assert not isinstance(outcome, Problem)
    assert (outcome.dimension, outcome.metric, outcome.left_out) == ("channel", "profit", ())
    gains = {
        (part.name, each.selector): each.profit_change
        for part in outcome.segments
        for each in part.levers
        if each.selector in ("entries", "conversion@B")
    }
    assert gains == {
        ("Ads", "conversion@B"): 40,
        ("Ads", "entries"): 35,
        ("SEO", "conversion@B"): 20,
        ("SEO", "entries"): 19,
    }
    # the whole has the sum of the budgets
    assert effect(outcome.whole, "entries").profit_change == 60 - 6


def test_segments_are_held_against_each_other_by_what_all_of_them_know(funnel: Build) -> None:
    """Without a budget of SEO there is no profit of it: revenue it is; and of the two the one with more entries."""
    outcome = pull_by(funnel(SEGMENTS.replace(", budget: 10", "")), "channel", TEN_PERCENT, top=1)
    assert not isinstance(outcome, Problem)
    assert (outcome.metric, [part.name for part in outcome.segments], outcome.left_out) == (
        "revenue",
        ["SEO"],
        ("Ads",),
    )
    assert isinstance(pull_by(funnel(SEGMENTS), "manager", TEN_PERCENT), Problem)


def test_by_cost_ranks_by_profit_for_the_money_spent(funnel: Build) -> None:
    """B: 30 for 20 spent; entries, and the budget that buys them: 20 for 20 + 10. What costs nothing more is first."""
    found = report(funnel(COSTLY), TEN_PERCENT._replace(rank="cost"))
    assert [(each.selector, each.cost_change, each.profit_per_cost) for each in found.levers] == [
        ("conversion@C", 0, None),
        ("average_check", 0, None),
        ("conversion@B", 20, Fraction(3, 2)),
        ("entries", 30, Fraction(2, 3)),
        ("budget", 30, Fraction(2, 3)),
    ]


def test_by_cost_needs_a_cost(funnel: Build) -> None:
    outcome = pull(funnel(CHAIN), TEN_PERCENT._replace(rank="cost"))
    assert isinstance(outcome, Problem)
    assert "no costs to rank by" in outcome.message


def test_points_are_of_rates_only_and_favour_the_lowest(funnel: Build) -> None:
    """A point of B is a tenth of its 10%: +50. A point of C is a fiftieth of its 50%: +10."""
    found = report(funnel(CHAIN), ONE_POINT)
    assert [(each.selector, each.revenue_change) for each in found.levers] == [
        ("conversion@B", 50),
        ("conversion@C", 10),
    ]
    assert (found.left_out, found.ties, found.strategies) == (("entries", "average_check"), (), ())


def test_an_effort_that_passes_100_percent_has_no_figures(funnel: Build) -> None:
    full = effect(report(funnel("stages: {A: 100, B: 95}\n")), "conversion@B")
    assert (full.low, full.high, full.sales_change) == (Fraction(171, 2), None, None)


def test_expansion_of_the_sample(sample: Callable[..., Funnel]) -> None:
    """Ten times 200 visitors, 4 calls and 1 sale: an effort of +900%."""
    found = report(sample("expansion"), Effort("relative", 9, "+900%"))
    grown = strategy(found, "expansion")
    assert (grown.from_, grown.to, grown.sales, grown.revenue) == (200, 2000, 10, 50_000)


def test_stretching_of_the_sample(sample: Callable[..., Funnel]) -> None:
    """From 1% to 3% sells three times as much."""
    stretched = strategy(report(sample("stretching"), Effort("relative", 2, "+200%")), "stretching")
    assert (stretched.factor, stretched.sales, stretched.revenue_change) == (3, 300, 10_000)


def test_a_fifth_more_by_any_strategy_of_the_shop(sample: Callable[..., Funnel]) -> None:
    """The retail sample: 515 sales become 618 and 33,745 of revenue 40,494, whichever way."""
    found = report(sample("retail"), Effort("relative", Fraction(1, 5), "+20%"))
    assert [(each.name, each.sales, each.revenue) for each in found.strategies] == [
        ("expansion", 618, 40_494),
        ("stretching", 618, 40_494),
        ("key level", 618, 40_494),
    ]


def test_the_key_level_has_the_best_way_onward_and_room(funnel: Build) -> None:
    """B goes on at 50% and C at 90%, but C cannot have a tenth more than 95% of B."""
    assert strategy(report(funnel("stages: {A: 1000, B: 400, C: 200, D: 180}\n")), "key level").selector == "count@C"
    assert strategy(report(funnel("stages: {A: 1000, B: 400, C: 380, D: 342}\n")), "key level").selector == "count@B"


def test_stretching_stops_at_100_percent_and_the_others_make_up_for_it(funnel: Build) -> None:
    """40% x 100%: the second cannot rise, so the first takes the whole tenth."""
    stretched = strategy(report(funnel("stages: {A: 1000, B: 400, C: 400}\n")), "stretching")
    assert (stretched.factor, stretched.sales) == (Fraction(11, 10), 440)


def test_no_strategy_without_sales(funnel: Build) -> None:
    assert report(funnel("stages: {A: 10, B: 0}\n")).strategies == ()


def test_strategies_are_those_that_a_funnel_has_room_for(funnel: Build) -> None:
    """No stage lies between two; at 100% nothing stretches, unless units may grow: 95 x 1.1 of 100."""
    for stages, names in (
        ("{A: 100, B: 50}", ["expansion", "stretching"]),
        ("{A: 100, B: 100}", ["expansion"]),
        ("{A: 100, B: 100, C: 100}", ["expansion"]),
        ("{A: 1100, B: 1000, C: 500}", ["expansion", "stretching", "key level"]),  # to 100%, and no further
        ("{A: 1099, B: 1000, C: 500}", ["expansion", "stretching"]),
    ):
        assert [each.name for each in report(funnel(f"stages: {stages}\n")).strategies] == names, stages
    grown = strategy(
        report(funnel("stages: [{name: A, count: 100}, {name: B, count: 95, allow_growth: true}]\n")), "stretching"
    )
    assert (grown.factor, grown.sales) == (Fraction(11, 10), Fraction(1045, 10))


def test_a_strategy_is_held_against_the_funnel_as_it_is(funnel: Build) -> None:
    """1,100 entries for 10 more, 110 B and 55 C: revenue +50, costs +20. 110 B of the same entries are the same."""
    found = report(funnel(COSTLY))
    for name, units in (("expansion", 1000), ("key level", 100)):
        each = strategy(found, name)
        assert (each.from_, each.to, each.factor) == (units, units * Fraction(11, 10), Fraction(11, 10))
        bought = 10 * (name == "expansion")
        assert (each.sales, each.revenue, each.profit) == (55, 550, 230 - bought)
        assert (each.sales_change, each.revenue_change, each.profit_change) == (5, 50, 30 - bought)
    stretched = strategy(found, "stretching")
    assert (stretched.from_, stretched.to, stretched.selector) == (None, None, "conversions")
    # both rates x sqrt(1.1): 55 sales, and costs of 2 x 100 x sqrt(1.1)
    assert stretched.sales == 55
    assert float(stretched.profit or 0) == pytest.approx(550 - 200 * 1.1**0.5 - 100, rel=1e-12)


def test_a_third_step_stretches_less_where_one_has_no_room(funnel: Build) -> None:
    """Rates of 50%, 98% and 40% x 1.331: 98% goes to 100%, the other two share 1.331 x 0.98 alike."""
    built = funnel(
        "stages: [{name: A, count: 1000}, {name: B, count: 500}, {name: C, count: 490}, {name: D, count: 196}]\n"
    )
    stretched = strategy(report(built, Effort("relative", Fraction(331, 1000), "+33.1%")), "stretching")
    assert stretched.sales == 196 * Fraction(1331, 1000)
    assert float(stretched.factor) == pytest.approx((1.331 * 0.98) ** 0.5, rel=1e-12)


def test_a_rate_below_a_point_cannot_fall_by_one(funnel: Build) -> None:
    """0.5% of 1,000 may become 1.5%, and not -0.5%; 1% may become 0."""
    half = effect(report(funnel("stages: {A: 1000, B: 5}\n"), ONE_POINT), "conversion@B")
    assert (half.from_, half.to, half.low, half.high) == (Fraction(1, 200), Fraction(15, 1000), None, 15)
    one = effect(report(funnel("stages: {A: 1000, B: 10}\n"), ONE_POINT), "conversion@B")
    assert (one.low, one.high) == (0, 20)


def test_by_cost_what_brings_nothing_stands_behind_what_pays_and_before_what_is_unknown(funnel: Build) -> None:
    """Nobody is at D: ten percent more of its check brings nothing for nothing, and of its rate there is none."""
    built = funnel(
        "budget: 100\nstages: [{name: A, count: 1000}, {name: B, count: 100, cost: 2}, "
        "{name: C, count: 50, average_check: 10, role: customer}, {name: D, count: 0, average_check: 9}]\n"
    )
    found = report(built, TEN_PERCENT._replace(rank="cost"))
    assert [each.selector for each in found.levers] == [
        "conversion@C",
        "average_check@C",
        "conversion@B",
        "entries",
        "budget",
        "average_check@D",
        "conversion@D",
    ]
    assert (found.has_stage_costs, found.unit_margin) == (True, 10)
    free = report(
        funnel("budget: 100\naverage_check: 10\nstages: {A: 1000, C: 50}\n"), TEN_PERCENT._replace(rank="cost")
    )
    assert not free.has_stage_costs
    assert effect(free, "budget").profit_per_cost == Fraction(50 - 10, 10)


@settings(max_examples=whole_or_part(40, 15), deadline=None)
@given(
    st.lists(st.fractions(Fraction(1, 100), Fraction(4, 5), max_denominator=100), min_size=1, max_size=5),
    st.integers(1, 10**6),
)
def test_in_a_chain_all_levers_and_strategies_tie(steps: list[Fraction], entries: int) -> None:
    """Revenue of a chain is a product."""
    stages = [Stage("S0", None, entries)]
    for number, rate in enumerate(steps, 1):
        stages.append(Stage(f"S{number}", number - 1, stages[-1].count * rate))
    stages[-1] = stages[-1]._replace(average_check=7)
    found = report(Funnel("F", tuple(stages)))
    assert len(found.ties) == 1
    assert len(found.ties[0]) == len(steps) + 1
    assert {each.revenue_change for each in found.strategies} == {stages[-1].count * Fraction(7, 10)}


# Sweeps


def values(funnel: Funnel, text: str) -> tuple[object, ...]:
    found = axis(text, funnel)
    assert isinstance(found, Axis), found
    return found.values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conversion@C=40%..70%", (40, 45, 50, 55, 60, 65, 70)),
        ("conversion@C=40%..70%/4", (40, 50, 60, 70)),
        ("conversion@C=40%..70%:15pp", (40, 55, 70)),
        ("conversion@C=40%..70%:20pp", (40, 60)),
        ("conversion@C=1/4..1/2/2", (25, 50)),
        ("conversion@C=1/4..1/2:25pp", (25, 50)),
    ],
)
def test_values_of_a_sweep_in_percent(funnel: Build, text: str, expected: tuple[int, ...]) -> None:
    assert values(funnel(CHAIN), text) == tuple(Fraction(each, 100) for each in expected)


def test_values_of_a_sweep_of_counts(funnel: Build) -> None:
    assert values(funnel(CHAIN), "entries=100..500/5") == (100, 200, 300, 400, 500)
    assert values(funnel(CHAIN), "entries=1..5/9")[:3] == (1, Fraction(3, 2), 2)
    assert values(funnel(CHAIN), "entries=100..500:150") == (100, 250, 400)


@pytest.mark.parametrize(
    "text",
    [
        "conversion@C",
        "conversion@C=40%",
        "conversion@C=70%..40%",
        "conversion@C=40%..70%/1",
        "conversion@C=40%..70%/x",
        "conversion@C=40%..70%:5",
        "conversion@C=40%..70%:0pp",
        "conversion@C=40%..70%:0.0001pp",
        "entries=1..5:1pp",
        "revenue=1..5",
        "conversion@X=1%..5%",
    ],
)
def test_what_is_no_sweep(funnel: Build, text: str) -> None:
    assert isinstance(axis(text, funnel(CHAIN)), Problem)


@pytest.mark.parametrize("text", ["", "5", "10%", "-10%", "+0%", "+200pp", "x1.1", "cost"])
def test_what_is_no_effort(text: str) -> None:
    assert isinstance(effort(text), Problem)


def test_efforts() -> None:
    assert effort("+10%") == TEN_PERCENT
    assert effort("+1pp") == ONE_POINT


def test_a_curve_has_the_figures_of_each_value(funnel: Build) -> None:
    built = funnel(COSTLY)
    outcome = sweep(built, [Axis(Selector(METRICS["conversion"], "C"), (Fraction(2, 5), Fraction(1, 2)))])
    assert not isinstance(outcome, Problem)
    assert (outcome.metric, outcome.now) == ("profit", 200)
    assert [(each.sales, each.revenue, each.profit, each.metric) for each in outcome.points] == [
        (40, 400, 100, 100),
        (50, 500, 200, 200),
    ]


def test_a_grid_has_all_combinations_the_second_lever_fastest(funnel: Build) -> None:
    axes = [Axis(Selector(METRICS["entries"]), (1000, 2000)), Axis(Selector(METRICS["average_check"]), (10, 20))]
    outcome = sweep(funnel(CHAIN), axes, Selector(METRICS["revenue"]))
    assert not isinstance(outcome, Problem)
    assert [(tuple(each.at.values()), each.metric) for each in outcome.points] == [
        ((1000, 10), 500),
        ((1000, 20), 1000),
        ((2000, 10), 1000),
        ((2000, 20), 2000),
    ]


def test_a_sweep_says_what_it_is_of(funnel: Build) -> None:
    """Two thousand entries at a budget of 400 are 100 sales; without a metric, profit, revenue or sales is shown."""
    built = funnel(CHAIN)
    axes = [Axis(Selector(METRICS["conversion"], "B"), (Fraction(1, 5),)), Axis(Selector(METRICS["entries"]), (2000,))]
    outcome = sweep(built, axes)
    assert not isinstance(outcome, Problem)
    assert (outcome.metric, outcome.kind, outcome.now) == ("revenue", "money", 500)
    assert outcome.axes == (("conversion@B", "rate", Fraction(1, 10)), ("entries", "count", 1000))
    assert outcome.points == (({"conversion@B": Fraction(1, 5), "entries": 2000}, 200, 2000, None, 2000),)
    sales = sweep(funnel("stages: {A: 10, B: 5}\n"), [Axis(Selector(METRICS["entries"]), (20,))])
    assert not isinstance(sales, Problem)
    assert (sales.metric, sales.points[0].metric) == ("sales", 10)
    same_stage = [Axis(Selector(METRICS["conversion"], name), (Fraction(1, 2),)) for name in ("B", "C")]
    assert not isinstance(sweep(built, same_stage), Problem)


@pytest.mark.parametrize(
    ("axes", "metric", "said"),
    [
        ([("entries", 1), ("entries", 2)], None, "swept twice"),
        ([("entries", 1)], "profit", "profit is undefined"),
        ([("gross_margin", 2)], None, "above 100%"),
    ],
)
def test_what_cannot_be_swept(funnel: Build, axes: list[tuple[str, int]], metric: str | None, said: str) -> None:
    chosen = [Axis(Selector(METRICS[name]), (value,)) for name, value in axes]
    outcome = sweep(funnel(CHAIN), chosen, None if metric is None else Selector(METRICS[metric]))
    assert isinstance(outcome, Problem)
    assert said in outcome.message
