"""Backward through the funnel: worked examples, and that every answer fed back as a change reaches the goal."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from funnelcli.analyses.chances import Aim, Start, chance_of
from funnelcli.analyses.figures import figure
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.levers import ALL_CONVERSIONS, bought_entries, lever_changes, lever_of, levers_of, set_lever
from funnelcli.analyses.projection import apply, projected
from funnelcli.analyses.sensitivity import Effort, pull
from funnelcli.analyses.simulation import simulate
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel, Referral, Stage
from funnelcli.what_if import Change, Check, Scenario
from tests.thorough import few, whole_or_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.analyses.goal_seek import GoalReport, LeverGoal
    from funnelcli.analyses.levers import Lever
    from funnelcli.exact import Exact

    Build = Callable[[str], Funnel]

CALLS = """\
stages:
- {name: Calls, count: 1000}
- {name: Talks, conversion: 40%}
- {name: Meetings, conversion: 50%}
- {name: Offers, conversion: 35%}
- {name: Deals, conversion: 10%}
average_check: 1000
"""
"""1,000 x 40% x 50% x 35% x 10% are 7 deals."""


def goal(funnel: Funnel, text: str) -> GoalReport:
    wanted = check(text, [stage.name for stage in funnel.stages])
    assert isinstance(wanted, Check)
    outcome = goal_seek(funnel, wanted)
    assert not isinstance(outcome, Problem), outcome
    return outcome


def refused(funnel: Funnel, text: str) -> Problem:
    wanted = check(text, [stage.name for stage in funnel.stages])
    assert isinstance(wanted, Check)
    outcome = goal_seek(funnel, wanted)
    assert isinstance(outcome, Problem)
    return outcome


def lever(report: GoalReport, selector: str) -> LeverGoal:
    return next(each for each in report.levers if each.selector == selector)


def test_fourteen_deals_take_exactly_two_thousand_calls(funnel: Build) -> None:
    """2,000 x 40% x 50% x 35% x 10% = 14; in doubles the product of the rates is a little too small."""
    report = goal(funnel(CALLS), "sales >= 14")
    assert lever(report, "entries").to == 2000
    expected = [("Calls", 2000), ("Talks", 800), ("Meetings", 400), ("Offers", 140), ("Deals", 14)]
    assert [(stage.name, stage.exact) for stage in report.plan] == expected
    assert [(stage.name, stage.rounded_up) for stage in report.plan] == expected


def test_each_conversion_that_doubles_seven_deals(funnel: Build) -> None:
    """Twice each rate: 80%, 100%, 70%, 20%; all four at once x 2^(1/4) = 1.18921."""
    report = goal(funnel(CALLS), "sales >= 14")
    found = [lever(report, f"conversion@{name}").to for name in ("Talks", "Meetings", "Offers", "Deals")]
    assert found == [Fraction(4, 5), 1, Fraction(7, 10), Fraction(1, 5)]
    common = lever(report, ALL_CONVERSIONS)
    assert common.from_ == 1
    assert float(common.to or 0) == pytest.approx(2**0.25, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "wanted", "selector", "expected"),
    [
        # one sale of 1,000,003 per 1,500,007 entries
        ("stages: {A: 1500007, B: 1000003}\n", "sales >= 1", "entries", Fraction(1500007, 1000003)),
        ("stages: {A: 3000017, B: 7}\n", "sales >= 1", "conversion@B", Fraction(1, 3000017)),
        ("stages: {A: 3000017, B: 1500007}\naverage_check: 2\n", "revenue >= 1", "average_check", Fraction(1, 1500007)),
        # 600 over 7 of 1,500,007
        ("stages: {A: 1500007, B: 3}\nbudget: 600\n", "cost_per@B <= 7", "conversion@B", Fraction(600, 7 * 1500007)),
    ],
)
def test_what_has_a_formula_is_exact_to_the_last_digit(
    funnel: Build, text: str, wanted: str, selector: str, expected: Fraction
) -> None:
    """No double is this fraction, nor one with a denominator up to a million."""
    assert lever(goal(funnel(text), wanted), selector).to == expected


def test_a_rate_above_100_percent_is_not_reachable_and_says_its_best(funnel: Build) -> None:
    """Three times the 7 deals would need 150% of meetings; at 100% they are 14."""
    meetings = lever(goal(funnel(CALLS), "sales >= 21"), "conversion@Meetings")
    assert (meetings.to, meetings.feasible, meetings.best) == (None, False, 14)


def test_the_plan_rounds_up_so_that_whole_units_still_fill_the_stage_below(funnel: Build) -> None:
    """5 of 1/3 need 15; of 0.4 need 37.5, so 38. For 4: 12, and 30 exactly."""
    built = funnel("stages: {A: 300, B: 120, C: 40}\n")
    assert [(each.exact, each.rounded_up) for each in goal(built, "sales >= 5").plan] == [
        (Fraction(75, 2), 38),
        (15, 15),
        (5, 5),
    ]
    built = funnel("stages: {A: 100, B: 40, C: 10}\naverage_check: 3\n")
    # 10 / 3 sales are 4 whole ones, which take 16 of B (13.3 alone would give 3), and 40 of A
    assert [each.rounded_up for each in goal(built, "revenue >= 10").plan] == [40, 16, 4]


def test_stages_after_the_sale_do_not_raise_the_plan(funnel: Build) -> None:
    """14 sales need 28 visits; the 4.2 repeat sales that follow are shown as 5 and demand nothing."""
    built = funnel(
        "stages:\n- {name: Visits, count: 200}\n- {name: Sales, count: 100, role: customer}\n"
        "- {name: Again, count: 30}\n"
    )
    assert [each.rounded_up for each in goal(built, "sales >= 14").plan] == [28, 14, 5]


def test_a_goal_of_entries_asks_nothing_of_what_comes_after_them(funnel: Build) -> None:
    """101 entries let 40.4 and 10.1 expect: to round these up takes no more entries, and no rate brings any."""
    report = goal(funnel("stages: {A: 100, B: 40, C: 10}\n"), "entries >= 101")
    assert [each.rounded_up for each in report.plan] == [101, 41, 11]
    assert [(each.selector, each.moves) for each in report.levers] == [
        ("entries", True),
        ("conversion@B", False),
        ("conversion@C", False),
    ]


def test_budget_follows_the_elasticity(sample: Callable[..., Funnel]) -> None:
    """Entries grow with the square root of the budget, so 2 x 185 sales cost 4 x 60,000."""
    assert lever(goal(sample("context_ads"), "sales >= 370"), "budget").to == 240_000


def test_profit_has_a_top_that_a_budget_cannot_pass(sample: Callable[..., Funnel]) -> None:
    """Profit 280,302.75 sqrt(f) - 60,000 f is highest at sqrt(f) = 280,302.75 / 120,000: 280,302.75^2 / 240,000."""
    report = goal(sample("context_ads"), "profit >= 400000")
    budget = lever(report, "budget")
    assert not budget.feasible
    assert float(budget.best or 0) == pytest.approx(280_302.75**2 / 240_000, rel=1e-9)
    assert lever(goal(sample("context_ads"), "profit >= 327373"), "budget").feasible


def test_no_conversion_pays_for_a_sale_that_loses_money(sample: Callable[..., Funnel]) -> None:
    """50 sales leave 30% of the check less 450; 10,000 + 22,500 = 15 checks: 2,166.67. At no conversion: -10,000."""
    report = goal(sample("loss_making"), "profit >= 0")
    assert lever(report, "average_check").to == Fraction(32_500, 15)
    for name in ("conversion@Lead", "conversion@Sale", ALL_CONVERSIONS):
        assert (lever(report, name).feasible, lever(report, name).best) == (False, -10_000)
    for name in ("entries", "budget"):  # of nothing bought nothing is lost
        assert (lever(report, name).to, lever(report, name).realistic) == (0, False)
    assert report.plan == ()


def test_a_goal_that_is_reached_says_how_far_a_lever_may_fall(funnel: Build) -> None:
    report = goal(funnel(CALLS), "sales >= 3.5")
    assert report.reached
    assert lever(report, "entries").to == 500


@pytest.mark.parametrize(
    ("text", "selector", "expected"),
    [
        ("cost_per@Paid <= 4", "entries", 400),  # f^2 entries for 400 f: they are bought
        ("cost_per@Paid <= 4", "budget", 800),  # 400 f over 50 f^2, so f = 2
        ("revenue >= 1000", "conversion@Paid", 1),
        ("roas >= 2.5", "average_check", 20),
        ("count@Sent >= 150", "entries", 150),
        ("overall_conversion >= 75%", "conversion@Paid", Fraction(3, 4)),
        ("one_in <= 1.25", "conversion@Paid", Fraction(4, 5)),
        ("value_per@Sent >= 8", "conversion@Paid", Fraction(4, 5)),
    ],
)
def test_goals_of_other_figures(funnel: Build, text: str, selector: str, expected: Exact) -> None:
    """50 of 100 paid at 10 each: revenue 500, budget 400."""
    built = funnel("stages: {Sent: 100, Paid: 50}\naverage_check: 10\nbudget: 400\nspend_elasticity: 2\n")
    assert lever(goal(built, text), selector).to == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profit >= 0", "profit is undefined: no costs are known"),
        ("conversion@Talks >= 50%", "is given, not a result"),
        ("sales > 5", "a goal has a border"),
        ("sales == 5", "a goal has a border"),
        ("overall_conversion >= 5% with 95% confidence", "a goal has no confidence"),
        ("sales >= baseline", "a goal is a value"),
    ],
)
def test_what_is_no_goal(funnel: Build, text: str, said: str) -> None:
    assert said in refused(funnel(CALLS), text).message


def test_the_common_lift_takes_those_on_the_way_to_who_refers_others(funnel: Build) -> None:
    """Ten of 100 entries are referred. Twice both rates: n entries, n sales, 0.4 n repeat, n = 90 + 0.4 n = 150."""
    built = funnel("""\
stages:
- {name: Entries, count: 100}
- {name: Sales, count: 50, role: customer}
- {name: Repeat, count: 10}
- {name: Left, count: 40, from: Entries}
referral: {from: Repeat, brings: 1, to: Entries}
""")
    lift = next(each for each in goal(built, "sales >= 150").levers if each.selector == ALL_CONVERSIONS)
    assert (lift.to, lift.best) == (2, 150)


def test_the_common_lift_takes_the_conversions_on_the_way_to_the_goal(funnel: Build) -> None:
    """Buying again at 90% would stop a lift of 1.5; a goal of sales does not lift it."""
    built = funnel("stages: [{name: A, count: 100}, {name: B, count: 40, role: customer}, {name: C, count: 36}]\n")
    assert lever(goal(built, "sales >= 60"), ALL_CONVERSIONS).to == Fraction(3, 2)


def test_a_chosen_lever_may_be_any_figure_that_can_change(sample: Callable[..., Funnel]) -> None:
    """50 sales of 1,000 at a cost of 450: a margin of (10,000 + 22,500) / 50,000 = 65% breaks even."""
    built = sample("loss_making")
    wanted = check("profit >= 0", [stage.name for stage in built.stages])
    assert isinstance(wanted, Check)
    report = goal_seek(built, wanted, [lever_of(built, Selector(METRICS["gross_margin"]))])
    assert not isinstance(report, Problem)
    assert [(each.selector, each.to) for each in report.levers] == [("gross_margin", Fraction(65, 100))]


@pytest.mark.parametrize(
    ("selector", "start", "high"),
    [
        ("entries", 100, None),
        ("conversion@B", Fraction(1, 2), 1),
        ("conversion@C", Fraction(3, 2), None),
        ("conversion@D", Fraction(2, 5), 1),
        ("count@B", 50, 100),
        ("count@C", 75, None),
        ("count@D", 30, 75),
        ("average_check", 10, None),
        ("gross_margin", 1, 1),
        ("spend_elasticity", 1, None),
    ],
)
def test_a_lever_starts_and_ends_where_its_own_stage_does(
    funnel: Build, selector: str, start: Exact, high: Exact | None
) -> None:
    built = funnel(
        "average_check: 10\nstages: [{name: A, count: 100}, {name: B, count: 50},"
        " {name: C, count: 75, allow_growth: true}, {name: D, count: 30}]"
    )
    name, _, stage = selector.partition("@")
    found = lever_of(built, Selector(METRICS[name], stage or None))
    assert (found.name, found.start, found.high) == (selector, start, high)


def with_levers(built: Funnel, text: str, *selectors: Selector) -> GoalReport:
    wanted = check(text, [stage.name for stage in built.stages])
    assert isinstance(wanted, Check)
    outcome = goal_seek(built, wanted, [lever_of(built, each) for each in selectors])
    assert not isinstance(outcome, Problem), outcome
    return outcome


def test_whether_any_lever_reaches_the_goal(funnel: Build) -> None:
    """60 of 100 buy. Past an empty stage nobody knows; a lever that reaches it is enough to say yes."""
    built = funnel("stages: {A: 100, B: 60}\n")
    rate, entries = Selector(METRICS["conversion"], "B"), Selector(METRICS["entries"])
    assert with_levers(built, "sales >= 100", rate).reachable is True
    assert with_levers(built, "sales >= 101", rate).reachable is False
    assert with_levers(built, "sales >= 101", rate, entries).reachable is True
    empty = funnel("stages: {A: 100, B: 0, C: 0}\n")
    to_empty, onward = (Selector(METRICS["conversion"], name) for name in ("B", "C"))
    assert with_levers(empty, "sales >= 1", to_empty).reachable is None
    (found,) = with_levers(empty, "sales >= 1", to_empty).levers
    assert (found.feasible, found.moves, found.best) == (None, True, None)
    assert found.unknown is not None
    assert "no conversion is known" in found.unknown
    assert with_levers(empty, "sales >= 1", onward).levers[0].moves is False  # nobody is there to convert


def test_a_goal_at_most(funnel: Build) -> None:
    """60 sales of 100 at 10 each, and a budget of 300: a sale costs 5."""
    built = funnel("stages: {A: 100, B: 60}\naverage_check: 10\nbudget: 300\n")
    reached = goal(built, "cost_per@B <= 6")
    assert (reached.now, reached.reached) == (5, True)
    assert lever(reached, "conversion@B").to == Fraction(1, 2)  # so far may it fall
    beyond = goal(built, "cost_per@B <= 3")
    assert not beyond.reached
    assert (lever(beyond, "conversion@B").to, lever(beyond, "conversion@B").best) == (1, 3)
    nearest = lever(goal(built, "cost_per@B <= 2"), "conversion@B")
    assert (nearest.to, nearest.feasible, nearest.best) == (None, False, 3)
    check_only = lever(goal(built, "cost_per@B <= 2"), "average_check")
    assert (check_only.moves, check_only.feasible, check_only.best) == (False, False, 5)


def test_the_plan_is_of_more_entries_and_empty_where_these_do_not_help(funnel: Build) -> None:
    """A rate does not answer to entries, and a profit that each entry lowers is not reached by more of them."""
    assert goal(funnel("stages: {A: 100, B: 60}\n"), "overall_conversion >= 70%").plan == ()
    losing = funnel("stages: [{name: A, count: 100, cost: 3}, {name: B, count: 10, average_check: 20}]\n")
    assert goal(losing, "profit >= 50").plan == ()  # -100 now, and each entry loses 1
    assert goal(losing, "profit >= -50").plan == ()  # reached by fewer
    assert [each.exact for each in goal(losing, "revenue >= 300").plan] == [150, 15]
    nobody = goal(funnel("stages: {A: 0, B: 0}\n"), "entries >= 10")
    assert (lever(nobody, "entries").to, nobody.plan) == (10, ())  # how many of the ten go on nobody knows


CHAIN_OF_MONEY = "stages: {A: 100, B: 60}\naverage_check: 10\n"


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        (CHAIN_OF_MONEY, "sales >= 70", []),
        (
            CHAIN_OF_MONEY + "budget: 300\n",
            "sales >= 70",
            ["entries grow in proportion to the budget", "more entries are bought"],
        ),
        (
            CHAIN_OF_MONEY + "budget: 300\nspend_elasticity: 0.5\n",
            "sales >= 70",
            ["entries grow by 0.5% for each 1% more budget", "more entries are bought"],
        ),
        (
            CHAIN_OF_MONEY + "gross_margin: 40%\n",
            "profit >= 300",
            ["what more entries cost is not known, as no budget", "gross margin stays 40%: a higher price raises"],
        ),
        (
            CHAIN_OF_MONEY + "budget: 300\n",
            "profit >= 900",
            ["entries grow in proportion", "more entries are bought", "margin not given"],
        ),
        (
            "stages: [{name: V, count: 10}, {name: A, count: 0}, {name: B, count: 4, allow_growth: true}]\n",
            "sales >= 5",
            ["B follows V"],
        ),
    ],
)
def test_answers_say_what_they_take_for_granted(funnel: Build, text: str, target: str, said: list[str]) -> None:
    first, second, *others = goal(funnel(text), target).assumptions
    assert (first, second[:11]) == ("each lever moves alone", "conversions")
    assert len(others) == len(said) + 1
    assert all(any(each.startswith(start) for each in others) for start in (*said, "rates taken as constant"))


def test_a_budget_alone_says_nothing_of_what_entries_cost(funnel: Build) -> None:
    built = funnel(CHAIN_OF_MONEY + "budget: 300\n")
    (_, _, *others) = with_levers(built, "sales >= 70", Selector(METRICS["budget"])).assumptions
    assert [each.partition(" ")[0] for each in others] == ["entries", "rates"]


def test_levers_are_entries_each_rate_each_check_the_budget_and_all_rates_at_once(funnel: Build) -> None:
    several = (
        "budget: 5\nstages: [{name: A, count: 100}, {name: B, count: 50, average_check: 2}, {name: C, count: 40%s}]\n"
    )
    rates = ["entries", "conversion@B", "conversion@C"]
    assert [each.name for each in levers_of(funnel(several % ", average_check: 3"))] == [
        *rates,
        "average_check@B",
        "average_check@C",
        "budget",
        ALL_CONVERSIONS,
    ]
    assert [each.name for each in levers_of(funnel(several % ""))] == [
        *rates,
        "average_check",
        "budget",
        ALL_CONVERSIONS,
    ]
    assert [each.name for each in levers_of(funnel("stages: {A: 100, B: 100}\n"))] == ["entries", "conversion@B"]


@pytest.mark.parametrize(
    ("stages", "high", "lifted"),
    [
        ("{A: 100, B: 50, C: 40}", Fraction(5, 4), ["B", "C"]),  # 80% is the first to reach 100%
        ("{A: 100, B: 100, C: 40}", Fraction(5, 2), ["C"]),  # what is at 100% stays there
        ("{A: 100, B: 50, C: 0, D: 0}", 2, ["B"]),  # nothing lifts 0, and nobody knows the next
        ("[{name: A, count: 100}, {name: B, count: 50}, {name: C, count: 40, allow_growth: true}]", 2, ["B", "C"]),
        ("[{name: A, count: 100}, {name: B, count: 150, allow_growth: true}]", None, ["B"]),
    ],
)
def test_the_common_lift_ends_where_the_first_rate_reaches_100_percent(
    funnel: Build, stages: str, high: Exact | None, lifted: list[str]
) -> None:
    common = levers_of(funnel(f"stages: {stages}\n"))[-1]
    assert (common.name, common.start, common.high) == (ALL_CONVERSIONS, 1, high)
    assert [each.stage for each in common.selectors] == lifted


# Both ways

counts = st.integers(0, 10**6)
rates = st.fractions(0, 1, max_denominator=50)
prices = st.none() | st.fractions(0, 2000, max_denominator=100)


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    """Chains and branches with and without money, costs, a budget, a referral, and empty stages."""
    stages = [Stage("S0", None, draw(counts), cost=draw(prices))]
    for index in range(1, draw(st.integers(2, 5))):
        parent = draw(st.sampled_from(range(index))) if draw(st.booleans()) else index - 1
        count = stages[parent].count * draw(rates)
        stages.append(Stage(f"S{index}", parent, count, average_check=draw(prices), cost=draw(prices)))
    referral = None
    if draw(st.integers(0, 3)) == 0:
        referral = Referral(len(stages) - 1, draw(st.fractions(0, Fraction(1, 2), max_denominator=10)), 0)
    return Funnel(
        "F",
        tuple(stages),
        budget=draw(st.none() | st.integers(0, 10**6)),
        gross_margin=draw(st.none() | rates),
        spend_elasticity=draw(st.sampled_from((None, 0, Fraction(1, 2), 1, 2))),
        referral=referral,
    )


goals = st.sampled_from(("sales", "revenue", "profit", "entries", "count@S1", "roas", "cost_per@S1"))


def test_a_formula_that_rounds_is_searched(funnel: Build) -> None:
    """Bought entries, at an elasticity of 1/2, cost their square, so that a unit costs as many as they are."""
    built = funnel("stages: {A: 10, B: 10}\nbudget: 100\nspend_elasticity: 0.5\n")
    found = lever(goal(built, "cost_per@B >= 12"), "entries")
    assert float(found.to or 0) == pytest.approx(12)


NOBODY = Funnel("F", (Stage("S0", None, 1), Stage("S1", 0, 0), Stage("S2", 1, 0)))
"""One comes, and nobody goes on: no conversion is known of those whom a goal at S1 would bring there."""


@settings(max_examples=whole_or_part(60, 20), deadline=None)
@given(funnels(), goals, st.fractions(0, 4, max_denominator=20), st.booleans())
@example(NOBODY, "count@S1", Fraction(0), True)
def test_an_answer_fed_back_as_a_scenario_reaches_the_goal(
    built: Funnel, name: str, factor: Fraction, least: bool
) -> None:
    metric, _, stage = name.partition("@")
    selector = Selector(METRICS[metric], stage or None)
    now = figure(built, selector)
    if now is None:
        return
    value = now * factor + (1 if factor == 0 else 0)
    report = goal_seek(built, Check(selector, ">=" if least else "<=", value, None, name))
    if isinstance(report, Problem):
        return
    levers = {each.name: each for each in levers_of(built, None)} | {"entries": bought_entries(built)}
    towards = {each.name: each for each in levers_of(built, _stage(built, selector))}
    for answer in report.levers:
        chosen = (
            levers["entries"] if answer.selector == "entries" else towards.get(answer.selector, levers[answer.selector])
        )
        if answer.unknown is not None:
            assert (answer.to, answer.feasible) == (None, None)
            continue
        if answer.to is None:
            assert answer.feasible == (report.reached and answer.moves)
            if not report.reached and answer.from_ is not None:
                for point in tried(chosen):
                    found = set_lever(built, chosen, point)
                    amount = None if found is None else figure(found, selector)
                    assert amount is None or (amount < value if least else amount > value), (answer, point)
                    assert amount is None or answer.best is not None
                    close = 1 + abs(float(amount or 0)) * 1e-6
                    assert amount is None or (amount - answer.best) * (1 if least else -1) <= close, (answer, point)
            continue
        outcome = projected(built, lever_changes(chosen, answer.to))
        assert not isinstance(outcome, Problem), (answer, outcome)
        untold = outcome.stages[built.sale_stage].unknown  # a scenario is refused where its sales cannot be told
        assert isinstance(apply(built, lever_changes(chosen, answer.to)), Problem) == untold
        reached = figure(outcome, selector)
        assert reached is not None
        assert reached >= value if least else reached <= value, answer
        assert float(reached) == pytest.approx(float(value), rel=1e-6, abs=1e-6), answer


def tried(lever: Lever) -> list[Exact]:
    """Values of a lever all over its range."""
    if lever.high is not None:
        return [Fraction(lever.high * step, 23) for step in range(24)]
    return [0, *(Fraction(lever.start or 1) * Fraction(7, 5) ** power for power in range(-12, 13))]


def _stage(built: Funnel, selector: Selector) -> int | None:
    if selector.stage is not None and selector.metric.name == "count":
        return int(selector.stage[1:])
    return {"sales": built.sale_stage, "entries": 0}.get(selector.metric.name)


@settings(max_examples=whole_or_part(60, 20), deadline=None)
@given(funnels(), st.integers(1, 10**6))
def test_the_plan_in_whole_units_reaches_the_goal(built: Funnel, sales: int) -> None:
    """Expected sales of the planned entries are at least the goal, and no stage has less than its exact count."""
    entries = Selector(METRICS["entries"])
    report = goal_seek(built, Check(Selector(METRICS["sales"]), ">=", sales, None, ""), [lever_of(built, entries)])
    if isinstance(report, Problem) or not report.plan:
        return
    outcome = apply(built, [(entries, Change(None, report.plan[0].rounded_up, ""))])
    assert not isinstance(outcome, Problem)
    assert outcome.stages[built.sale_stage].count >= sales
    assert all(stage.rounded_up >= stage.exact for stage in report.plan)


# Chances


def likely(funnel: Funnel, text: str, chance: float | None = None, levers: Sequence[Lever] | None = None) -> GoalReport:
    wanted = check(text, funnel.names)
    assert isinstance(wanted, Check)
    outcome = goal_seek(funnel, wanted, levers, chance=chance)
    assert not isinstance(outcome, Problem), outcome
    return outcome


@pytest.mark.parametrize(
    ("entries", "sales", "wanted"), [(1000, 100, 200), (50, 5, 8), (20, 1, 2), (10_000, 3000, 2900), (400, 400, 500)]
)
def test_the_chance_of_a_plan_is_that_of_the_beta_binomial_distribution(
    funnel: Build, entries: int, sales: int, wanted: int
) -> None:
    """Of one step with Beta(1 + came, 1 + left) rates, by SciPy; 10,000 draws tell a chance to half a point."""
    report = likely(funnel(f"stages: {{A: {entries}, B: {sales}}}"), f"sales >= {wanted}")
    expected = betabinom.sf(wanted - 1, report.plan[0].rounded_up, 1 + sales, 1 + entries - sales)
    assert report.plan_chance == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("chance", [0.3, 0.8, 0.95])
@pytest.mark.parametrize(("entries", "sales", "wanted"), [(1000, 100, 200), (50, 5, 8), (10_000, 3000, 2900)])
def test_a_plan_for_a_chance_has_it_and_a_little_less_has_not(
    funnel: Build, entries: int, sales: int, wanted: int, chance: float
) -> None:
    built = funnel(f"stages: {{A: {entries}, B: {sales}}}")
    report = likely(built, f"sales >= {wanted}", chance, [lever_of(built, Selector(METRICS["entries"]))])
    needed = report.plan[0].rounded_up
    assert lever(report, "entries").to == needed == report.plan[0].exact

    def true(units: int) -> float:
        return float(betabinom.sf(wanted - 1, units, 1 + sales, 1 + entries - sales))

    assert true(needed) == pytest.approx(report.plan_chance, abs=0.02)
    assert report.plan_chance >= chance
    assert true(int(needed * 0.96) - 1) < chance


def test_money_and_limits_from_above_have_chances(funnel: Build) -> None:
    """Revenue of one price, and a cost per sale under a limit, ask for so many sales; profit has the budget in it."""
    built = funnel("stages: {A: 1000, B: 100}\naverage_check: 10\nbudget: 500\n")
    second = [lever_of(built, Selector(METRICS["conversion"], "B"))]
    chances = [
        lever(likely(built, text, 0.8, second), "conversion@B").chance
        for text in (
            "sales >= 150",
            "revenue >= 1500",
            "revenue@B >= 1500",
            "profit >= 1000",
            "gross_profit >= 1500",
            "roas >= 3",
            "romi >= 200%",
            f"cost_per@B <= {500 / 150:.9f}",
        )
    ]
    assert len({round(chance or 0, 3) for chance in chances}) == 1
    assert isinstance(refused_with(built, "overall_conversion >= 20%", 0.8), Problem)
    assert likely(built, "overall_conversion >= 20%").plan_chance is None


def refused_with(funnel: Funnel, text: str, chance: float) -> Problem:
    wanted = check(text, funnel.names)
    assert isinstance(wanted, Check)
    outcome = goal_seek(funnel, wanted, chance=chance)
    assert isinstance(outcome, Problem)
    return outcome


def test_goal_and_simulate_say_the_same_chance(funnel: Build) -> None:
    built = funnel(CALLS.replace("conversion: 40%", "count: 400").replace("conversion: 10%", "count: 7"))
    report = likely(built, "revenue >= 14000")
    entries = Selector(METRICS["entries"])
    wanted = check("revenue >= 14000", built.names)
    assert isinstance(wanted, Check)
    scenario = Scenario("plan", ((entries, Change(None, report.plan[0].rounded_up, "")),))
    simulated = simulate(built, scenario, wanted)
    assert not isinstance(simulated, Problem)
    assert simulated.goal is not None
    assert report.plan_chance == simulated.goal.chance


def test_every_lever_for_a_chance_has_it_as_a_scenario(funnel: Build) -> None:
    built = funnel("stages: {A: 1000, B: 400, C: 100}\naverage_check: 10\nbudget: 500\n")
    report = likely(built, "revenue >= 1500", 0.8)
    assert not report.reached
    wanted = check("revenue >= 1500", built.names)
    assert isinstance(wanted, Check)
    known = {each.name: each for each in levers_of(built)}
    for each in report.levers:
        assert each.to is not None
        assert (each.to > (each.from_ or 0)) is True
        assert (each.chance or 0) >= 0.8
        simulated = simulate(built, Scenario("x", tuple(lever_changes(known[each.selector], each.to))), wanted)
        assert not isinstance(simulated, Problem)
        assert simulated.goal is not None
        assert simulated.goal.chance == each.chance


def test_what_no_conversion_brings_with_a_chance(funnel: Build) -> None:
    """At 100% all 100 buy; a goal of 100 is reached for sure, of 101 never."""
    built = funnel("stages: {A: 100, B: 50}\n")
    assert (lever(likely(built, "sales >= 100", 0.99), "conversion@B").to) == 1
    never = lever(likely(built, "sales >= 101", 0.8), "conversion@B")
    assert (never.to, never.feasible, never.chance) == (None, False, 0)


def test_a_goal_is_reached_with_a_chance_or_not(funnel: Build) -> None:
    """50 of 100 bought: 50 again is a toss-up, 40 is likely."""
    built = funnel("stages: {A: 100, B: 50}\n")
    assert not likely(built, "sales >= 50", 0.8).reached
    report = likely(built, "sales >= 40", 0.8)
    assert report.reached
    assert (report.now_chance or 0) > 0.9
    assert 80 < (lever(report, "entries").to or 0) < 100


@pytest.mark.parametrize("text", ["profit >= 20", "sales >= 30"])
def test_a_lever_for_a_chance_is_just_far_enough(funnel: Build, text: str) -> None:
    """A hundredth less of it, the chance is not reached: the search starts from few draws."""
    built = funnel("stages: {A: 1000, B: 400, C: 100}\naverage_check: 10\nbudget: 500\n")
    goal = check(text, built.names)
    assert isinstance(goal, Check)
    assert isinstance(goal.limit, int)
    aim = Aim(goal.selector, goal.operator, goal.limit)
    known = {each.name: each for each in levers_of(built)}
    found = [each for each in likely(built, text, 0.8).levers if each.to]
    assert len(found) > 3
    assert all((each.chance or 0) >= 0.8 for each in found)
    for each in few(found, 3):
        less = (each.to or 0) * Fraction(99, 100)
        assert (chance_of(Start(built), lever_changes(known[each.selector], less), aim) or 0) < 0.8


def test_what_any_value_of_a_lever_brings_with_a_chance_has_no_value(funnel: Build) -> None:
    """The first check alone brings the goal, whatever the second stage and its check do."""
    built = funnel(
        "stages:\n- {name: A, count: 1000}\n- {name: B, count: 400, average_check: 10, role: customer}\n"
        "- {name: C, count: 100, average_check: 5}\n"
    )
    report = likely(built, "revenue >= 2000", 0.8)
    for selector in ("conversion@C", "average_check@C"):
        found = lever(report, selector)
        assert (found.to, found.factor, found.feasible) == (None, None, True)
        assert (found.chance or 0) > 0.99
    assert (lever(report, "entries").to or 0) > 0


# What is realistic


def test_more_than_a_hundred_times_is_not_realistic(funnel: Build) -> None:
    built = funnel("stages: {A: 1000, B: 10}\nbudget: 100\nspend_elasticity: 0.5\n")
    report = likely(built, "sales >= 200")
    assert [(each.selector, each.realistic) for each in report.levers] == [
        ("entries", True),
        ("conversion@B", True),
        ("budget", False),
        ("conversions", True),
    ]
    assert report.tenfold is None
    report = likely(built, "sales >= 2000")
    assert not any(each.realistic for each in report.levers)
    # ten times: 100 sales by the entries or the conversion, 31.6 by the budget
    assert report.tenfold == ("entries", 100)
    assert lever(likely(funnel("stages: {A: 100000000000, B: 10}\n"), "sales >= 110"), "entries").realistic is False


def test_a_budget_of_0_and_no_entries_are_no_levers(funnel: Build) -> None:
    """Each entry loses 1: without any, nothing is lost, but nothing is left either."""
    built = funnel("budget: 0\nstages: [{name: A, count: 100, cost: 3}, {name: B, count: 10, average_check: 20}]\n")
    assert "budget" not in [each.name for each in levers_of(built)]
    report = likely(built, "profit >= 0")
    assert (lever(report, "entries").to, lever(report, "entries").realistic) == (0, False)
    assert report.plan == ()


def test_entries_of_a_profit_cost_what_they_cost_in_levers(funnel: Build) -> None:
    """Revenue 600 f less 300 f is 900 at f = 3: with the budget held it would be f = 2."""
    built = funnel(CHAIN_OF_MONEY + "budget: 300\n")
    entries = lever(goal(built, "profit >= 900"), "entries")
    assert (entries.to, entries.budget) == (300, 900)
    effect = pull(built, Effort("relative", 2, "+200%"))
    assert not isinstance(effect, Problem)
    assert next(each.high for each in effect.levers if each.selector == "entries") == 900


def test_entries_that_would_cost_more_than_they_bring_do_not_reach_a_profit(funnel: Build) -> None:
    """600 g less 300 g^2, of g times the entries, is 300 at most."""
    report = goal(funnel(CHAIN_OF_MONEY + "budget: 300\nspend_elasticity: 0.5\n"), "profit >= 301")
    assert (lever(report, "entries").feasible, lever(report, "entries").best) == (False, 300)
    assert report.plan == ()
