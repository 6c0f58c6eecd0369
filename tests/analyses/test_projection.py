"""How changes flow through a funnel, and what is refused."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.projection import apply
from funnelcli.analyses.scenario import project, projectable
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import parse_set
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

CHAIN = "stages: {A: 1000, B: 100, C: 50}\naverage_check: 10\nbudget: 400\n"


def changes(funnel: Funnel, *texts: str) -> list[tuple[Selector, Change]]:
    parsed = []
    for text in texts:
        change = parse_set(text, funnel)
        assert not isinstance(change, Problem), change
        parsed.append(change)
    return parsed


def projected(funnel: Funnel, *texts: str) -> list[object]:
    outcome = apply(funnel, changes(funnel, *texts))
    assert not isinstance(outcome, Problem), outcome
    return [stage.count for stage in outcome.stages]


def problem(funnel: Funnel, *texts: str) -> Problem:
    outcome = apply(funnel, changes(funnel, *texts))
    assert isinstance(outcome, Problem)
    return outcome


@pytest.mark.parametrize(
    ("texts", "counts"),
    [
        (["entries=x10"], [10_000, 1000, 500]),
        (["entries=+20%"], [1200, 120, 60]),
        (["count@A=+500"], [1500, 150, 75]),
        (["entries=300"], [300, 30, 15]),
        (["conversion@B=x2"], [1000, 200, 100]),
        (["conversion@B=+5pp"], [1000, 150, 75]),
        (["conversion@B=-10%"], [1000, 90, 45]),
        (["conversion@C=1/4"], [1000, 100, 25]),
        (["count@B=+100"], [1000, 200, 100]),
        (["count@C=-10"], [1000, 100, 40]),
        (["count@B=+100", "conversion@C=60%"], [1000, 200, 120]),
        (["entries=x2", "entries=+1"], [2001, Fraction(2001, 10), Fraction(2001, 20)]),
        (["conversion@B=+5pp", "conversion@B=x2"], [1000, 300, 150]),
        (["entries=x0"], [0, 0, 0]),
        (["conversion@C=100%"], [1000, 100, 100]),
    ],
)
def test_counts_flow_downstream(funnel: Build, texts: list[str], counts: list[object]) -> None:
    assert projected(funnel(CHAIN), *texts) == counts


def test_budget_brings_entries_in_proportion_by_default(funnel: Build) -> None:
    assert projected(funnel(CHAIN), "budget=+50%") == [1500, 150, 75]


@pytest.mark.parametrize(
    ("elasticity", "times"),
    [("0", 1), ("0.5", 1.5**0.5), ("2", Fraction(9, 4)), ("1.5", 1.5**1.5)],
)
def test_budget_brings_entries_by_the_power_of_its_elasticity(
    funnel: Build, elasticity: str, times: Fraction | float
) -> None:
    entries = projected(funnel(CHAIN + f"spend_elasticity: {elasticity}\n"), "budget=600")[0]
    assert entries == 1000 * Fraction(times)


def test_a_budget_stated_for_the_first_time_explains_the_entries_there_are(funnel: Build) -> None:
    assert projected(funnel("stages: {A: 100, B: 10}"), "budget=500") == [100, 10]


def test_branches_flow_from_their_own_stage(funnel: Build) -> None:
    build = funnel("stages: [{name: A, count: 100}, {name: B, count: 50}, {name: C, count: 20, from: A}]")
    assert projected(build, "conversion@B=x0.5") == [100, 25, 20]
    assert projected(build, "entries=x2") == [200, 100, 40]


def test_growth_may_be_projected_where_it_is_allowed(funnel: Build) -> None:
    build = funnel("stages: [{name: A, count: 10}, {name: B, count: 15, allow_growth: true}]")
    assert projected(build, "conversion@B=x2") == [10, 30]


@pytest.mark.parametrize(
    ("texts", "said", "cure"),
    [
        (["conversion@C=x3"], "conversion@C would be 150% with x3, above 100%", "the largest factor is x2"),
        (["conversion@C=+60pp"], "above 100%", "at or below 100%"),
        (["count@C=101"], "would pass the stage it comes from", "allow_growth"),
        (["count@B=-101"], "below 0", "smaller"),
        (["conversion@B=-11pp"], "below 0", "smaller"),
        (["conversion@A=x2"], "is the entry and has no conversion", "entries"),
        (["entries=x1e17"], "1e18", "smaller"),
        (["cost@B=+5%"], "there is no cost@B", "set it"),
        (["gross_margin=120%"], "above 100%", "100%"),
        (["budget=x1e6", "spend_elasticity=300"], "1e18", "smaller"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(funnel: Build, texts: list[str], said: str, cure: str) -> None:
    found = problem(funnel(CHAIN), *texts)
    assert found.code == "FN118"
    assert said in found.message
    assert found.help is not None
    assert cure in found.help


def test_a_step_out_of_an_empty_stage_needs_a_stated_conversion(funnel: Build) -> None:
    build = funnel("stages: {A: 10, B: 0, C: 0}")
    assert projected(build, "entries=x2") == [20, 0, 0]
    assert "no conversion is known" in problem(build, "conversion@B=50%").message
    assert projected(build, "conversion@B=50%", "conversion@C=20%") == [10, 5, 1]


def test_an_average_check_of_several_must_be_named(funnel: Build) -> None:
    build = funnel("stages: [{name: A, count: 10, average_check: 1}, {name: B, count: 5, average_check: 2}]")
    found = problem(build, "average_check=+5%")
    assert found.help == "say which: average_check@A, average_check@B"
    assert projected(build, "average_check@A=3") == [10, 5]


def test_profit_of_a_projection(funnel: Build) -> None:
    """1,000 entries at 0.1, 50 sales: 500 x 60% - 50 x 2 - 100 x 1 - 400 = -300; twice the sales: -100."""
    build = funnel(
        "average_check: 10\nbudget: 400\ngross_margin: 60%\n"
        "stages: [{name: A, count: 1000}, {name: B, count: 100, cost: 1}, {name: C, count: 50, cost: 2}]"
    )
    report = project(build, [Scenario("double", tuple(changes(build, "conversion@C=x2")))])
    assert not isinstance(report, Problem)
    base, double = report.projections
    assert (base.name, base.profit, base.variable_cost, base.unit_margin) == ("baseline", -300, 200, 4)
    assert (double.profit, double.profit_change, double.revenue_change_rate) == (-100, 200, 1)
    assert (base.sales_change, base.revenue_change_rate, base.changes) == (0, 0, {})


@pytest.mark.parametrize(
    ("stated", "sets", "expected"),
    [
        ("gross_margin: 40%", ["gross_margin=+10%"], Fraction(44, 100)),
        ("gross_margin: 40%", ["gross_margin=+10pp"], Fraction(1, 2)),
        ("gross_margin: 40%", ["gross_margin=x1.5", "gross_margin=-50%"], Fraction(30, 100)),
        ("", ["gross_margin=-10%"], Fraction(90, 100)),  # 100% is assumed where none is given
        ("spend_elasticity: 0.8", ["spend_elasticity=-25%"], Fraction(6, 10)),
        ("", ["spend_elasticity=x0.5"], Fraction(1, 2)),
    ],
)
def test_rules_of_the_funnel_change_from_what_is_stated(
    funnel: Build, stated: str, sets: list[str], expected: Fraction
) -> None:
    built = funnel(f"stages: {{A: 1000, B: 100}}\naverage_check: 10\nbudget: 400\n{stated}\n")
    outcome = apply(built, changes(built, *sets))
    assert not isinstance(outcome, Problem)
    assert getattr(outcome, sets[0].partition("=")[0]) == expected


def test_no_profit_where_no_cost_is_known(funnel: Build) -> None:
    build = funnel("stages: {A: 10, B: 5}\naverage_check: 3")
    report = project(build, [])
    assert not isinstance(report, Problem)
    assert (report.projections[0].profit, report.projections[0].variable_cost) == (None, None)


@pytest.mark.parametrize(
    ("text", "sets", "said"),
    [
        (CHAIN, "budget=+10%", "in proportion to the budget"),
        (CHAIN + "spend_elasticity: 0.5\n", "budget=+10%", "a budget x2 brings entries x2^0.5"),
        (CHAIN, "entries=x2", "the budget stays the same"),
        (CHAIN, "entries=x2", "margin not given"),
        ("stages: {A: 10, B: 5}\n", "budget=10", "states no budget"),
        (CHAIN + "referral: {from: C, brings: 0.1, to: A}\n", "entries=x2", "referrals follow the counts"),
    ],
)
def test_assumptions_are_said(funnel: Build, text: str, sets: str, said: str) -> None:
    build = funnel(text)
    report = project(build, [Scenario("s", tuple(changes(build, sets)))])
    assert not isinstance(report, Problem)
    assert [said in each for each in report.assumptions].count(True) == 1


def test_a_scenario_that_cannot_be_projected_is_found_and_the_funnel_is_sound() -> None:
    from funnelcli.diagnostics import Severity
    from funnelcli.funnel_file.reader import read

    reading = read(b"stages: {A: 10, B: 8}\nscenarios:\n  Too much:\n    conversion@B: x2\n", "f.yaml")
    (found,) = reading.diagnostics
    assert (found.problem.code, found.location.line, found.location.column) == ("FN118", 4, 19)
    assert found.severity is Severity.WARNING
    assert [funnel.name for funnel in reading.funnels] == ["f"]


def test_a_count_can_be_set_below_an_empty_stage(funnel: Build) -> None:
    assert projected(funnel("stages: {A: 100, B: 0, C: 0}"), "count@B=10", "count@C=5") == [100, 10, 5]


def test_a_referral_without_bound_is_an_error(funnel: Build) -> None:
    """50 of 100 bring 3 each: k = 1.5."""
    build = funnel("stages: {A: 100, B: 50}\nreferral: {from: B, brings: 3, to: A}\n")
    found = project(build, [])
    assert isinstance(found, Problem)
    assert "without bound" in found.message


def test_the_sale_stays_the_same_stage_in_every_projection(funnel: Build) -> None:
    """A check given to the stage after the sale does not make that the sale: 10 - 6, and 50 of 100 more a sale."""
    build = funnel(
        "stages: [{name: A, count: 100}, {name: B, count: 50, average_check: 10, cost: 6}, {name: C, count: 25}]"
    )
    report = project(build, [Scenario("s", tuple(changes(build, "average_check@C=100")))])
    assert not isinstance(report, Problem)
    assert [each.sales for each in report.projections] == [50, 50]
    assert [each.unit_margin for each in report.projections] == [4, 54]


REFERRAL = """\
stages: {Visits: 1000, Leads: 100, Sales: 20}
referral: {from: Sales, brings: 1, to: Leads}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the counts of a file are those of all units: 20 of the 100 leads were brought by the sales
        (None, [1000, 100, 20]),
        # everything grows alike when k stays 1/5
        ("entries=x2", [2000, 200, 40]),
        ("conversion@Leads=+50%", [1000, 150, 30]),
        # 80 leads come by themselves; with sales from 40% of the leads, k = 2/5 and leads are 80 / (3/5)
        ("conversion@Sales=x2", [1000, Fraction(400, 3), Fraction(160, 3)]),
        # without sales there is no referral
        ("conversion@Sales=0%", [1000, 80, 0]),
        # 10 more leads bring 2 sales, these 2 leads, and so on: 10 x multiplier 1 / (1 - 1/5)
        ("count@Leads=+10", [1000, Fraction(225, 2), Fraction(45, 2)]),
        # a count that is set is that of all
        ("count@Leads=50", [1000, 50, 10]),
        # sales = 20% of leads + 4, leads = 80 + sales
        ("count@Sales=+4", [1000, 105, 25]),
    ],
)
def test_a_referral_follows_the_counts(funnel: Build, text: str | None, expected: list[object]) -> None:
    """By hand: leads = 80 + sales, sales = rate x leads."""
    assert projected(funnel(REFERRAL), *([text] if text else [])) == expected


def test_a_referral_from_another_branch(funnel: Build) -> None:
    """Each of 10 reviews brought 2 of 100 visits; at a rate of 5%, visits = 80 + 2 x 5% x visits."""
    known = funnel("stages: {Visits: 100, Reviews: 10}\nreferral: {from: Reviews, brings: 2, to: Visits}\n")
    assert projected(known, "conversion@Reviews=5%") == [Fraction(800, 9), Fraction(40, 9)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, [1000, 10, 100]),
        ("entries=x2", [2000, 20, 200]),
        ("conversion@Leads=x2", [1000, 10, 160 + 20]),
        ("conversion@Reviews=x3", [1000, 30, 80 + 60]),
    ],
)
def test_those_who_are_referred_beside_the_way_of_who_refers_them_bring_nobody(
    funnel: Build, text: str | None, expected: list[object]
) -> None:
    """10 reviews brought 20 of the 100 leads, and leads write no reviews: 80 others + 2 x reviews, once."""
    build = funnel(
        "stages: [{name: Visits, count: 1000}, {name: Reviews, count: 10}, {name: Leads, count: 100, from: Visits}]\n"
        "referral: {from: Reviews, brings: 2, to: Leads}\n"
    )
    assert projected(build, *([text] if text else [])) == expected


def test_a_change_by_which_a_referral_has_no_bound_is_refused(funnel: Build) -> None:
    found = problem(funnel(REFERRAL), "conversion@Sales=100%")
    assert found.code == "FN118"
    assert "without bound" in found.message


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        *((100, 60), (100, 90), (100, 37), (100, 99), (100, 1), (1_234_567, 10), (99_999_999, 1000)),
        (12_345_678, 1),
    ],
)
def test_the_largest_factor_can_be_followed_to_the_letter(funnel: Build, entries: int, count: int) -> None:
    """A rate just above 100% is not shown as 100%, and the help's factor is no refusal again: 1/0.6 is not x1.66667."""
    build = funnel(f"stages: {{A: {entries}, B: {count}}}")
    selector = Selector(METRICS["conversion"], "B")
    refused = apply(build, [(selector, Change(Fraction(entries, count) + Fraction(1, 10**8), 0, "x"))])
    assert isinstance(refused, Problem)
    assert not re.search(r"would be 100(\.0*)?%", refused.message)
    assert refused.help is not None
    factor = Fraction(refused.help.removeprefix("the largest factor is x"))
    assert not isinstance(apply(build, [(selector, Change(factor, 0, "x"))]), Problem)
    assert factor > Fraction(entries, count) * Fraction(9999, 10000)


# Empty stages: V 10, A 0, B 4, whose units came past A


PAST = (
    "average_check: 40\nstages: [{name: V, count: 10}, {name: A, count: 0}, {name: B, count: 4, allow_growth: true}]\n"
)


@pytest.mark.parametrize(
    ("texts", "counts"),
    [
        (["average_check=+0%"], [10, 0, 4]),
        (["average_check=+10%"], [10, 0, 4]),
        (["conversion@A=+50%"], [10, 0, 4]),  # half as much again of nothing
        (["entries=x2"], [20, 0, 8]),  # 40% of V, as they are
        (["count@B=+1"], [10, 0, 5]),
        (["conversion@A=50%", "conversion@B=20%"], [10, 5, 1]),
        (["count@A=5", "count@B=3"], [10, 5, 3]),
    ],
)
def test_units_past_an_empty_stage_follow_the_one_above(funnel: Build, texts: list[str], counts: list[object]) -> None:
    assert projected(funnel(PAST), *texts) == counts


def test_what_comes_out_of_a_stage_that_was_empty_is_unknown(funnel: Build) -> None:
    assert "no conversion is known" in problem(funnel(PAST), "conversion@A=50%").message
    assert "no conversion is known" in problem(funnel(PAST), "count@A=1").message


def test_a_stated_conversion_is_known_below_an_empty_stage(funnel: Build) -> None:
    """1,000 entries x 5% x 20% are 10 sales."""
    stated = funnel("stages: [{name: V, count: 0}, {name: L, conversion: 5%}, {name: S, conversion: 20%}]")
    assert projected(stated, "entries=1000") == [1000, 50, 10]
    assert projected(stated, "entries=1000", "conversion@L=x2") == [1000, 100, 20]


def test_a_stated_referral_works_from_nothing(funnel: Build) -> None:
    """Of 100, half buy and bring 0.4 each: k = 0.2, so 125 in all and 62.5 sales."""
    stated = funnel(
        "stages: [{name: V, count: 0}, {name: S, conversion: 50%}]\nreferral: {from: S, brings: 0.4, to: V}\n"
    )
    assert projected(stated) == [0, 0]
    assert projected(stated, "entries=+100") == [125, Fraction(125, 2)]


def test_an_unknown_rate_after_the_sale_blocks_what_follows_it_alone(funnel: Build) -> None:
    built = funnel(
        "stages: [{name: Leads, count: 25}, {name: Sales, count: 0, role: customer, average_check: 10}, "
        "{name: Repeat, count: 0}]"
    )
    report = project(built, [Scenario("s", tuple(changes(built, "conversion@Sales=4%")))])
    assert not isinstance(report, Problem)
    after = report.projections[1]
    assert [stage.count for stage in after.stages] == [25, 1, None]
    assert (after.sales, after.revenue) == (1, 10)


def test_money_of_units_that_cannot_be_told_is_none(funnel: Build) -> None:
    built = funnel(
        "stages: [{name: Leads, count: 25}, {name: Sales, count: 0, role: customer}, "
        "{name: Repeat, count: 0, average_check: 10, cost: 3}]"
    )
    report = project(built, [Scenario("s", tuple(changes(built, "conversion@Sales=4%")))])
    assert not isinstance(report, Problem)
    after = report.projections[1]
    assert (after.sales, after.revenue, after.variable_cost, after.profit) == (1, None, None, None)


def test_units_past_an_empty_stage_are_an_assumption(funnel: Build) -> None:
    report = project(funnel(PAST), [])
    assert not isinstance(report, Problem)
    assert "B follows V, as A, which it comes from, is empty" in report.assumptions


def test_scenarios_that_can_be_projected_and_why_the_others_cannot(funnel: Build) -> None:
    build = funnel(CHAIN)
    double, too_much = (Scenario(text, tuple(changes(build, text))) for text in ("entries=x2", "conversion@C=x3"))
    possible, impossible = projectable(build, [too_much, double, too_much])
    assert possible == [double]
    assert [each.message for each in impossible] == ["conversion@C would be 150% with x3, above 100%"] * 2
    assert project(build, [double, too_much]) == impossible[0]


PRICED = "average_check: 3\nstages: {A: 10, B: 5}\n"


@pytest.mark.parametrize(
    ("text", "sets", "said"),
    [
        ("stages: {A: 10, B: 5}\n", [], []),
        (PRICED, [], []),
        (CHAIN, [], ["margin not given"]),
        (CHAIN, ["conversion@B=x2"], ["margin not given"]),
        (CHAIN, ["gross_margin=50%"], []),
        (CHAIN, ["entries=x2"], ["the budget stays the same", "margin not given"]),
        (CHAIN, ["count@B=+1"], ["the budget stays the same", "margin not given"]),
        (CHAIN, ["budget=+10%", "entries=x2"], ["margin not given"]),
        (CHAIN, ["budget=+10%"], ["entries grow in proportion to the budget", "margin not given"]),
        (
            CHAIN,
            ["budget=+10%", "spend_elasticity=0.5"],
            ["entries follow the budget by the spend_elasticity of the scenario", "margin not given"],
        ),
        (PRICED, ["entries=x2"], []),
        (PRICED, ["budget=7"], ["the funnel states no budget", "margin not given"]),
        (PRICED, ["cost@B=1"], ["margin not given"]),
        ("stages: {A: 10, B: 5}\n", ["cost@B=1"], []),
    ],
)
def test_no_more_is_assumed_than_a_scenario_rests_on(
    funnel: Build, text: str, sets: list[str], said: list[str]
) -> None:
    build = funnel(text)
    report = project(build, [Scenario("s", tuple(changes(build, *sets)))])
    assert not isinstance(report, Problem)
    first, *others = report.assumptions
    assert first.startswith("conversions, average checks and what each costs stay as they are")
    assert len(others) == len(said)
    assert all(one.startswith(start) for one, start in zip(others, said, strict=True))
