"""What a report gathers of each funnel, and what it leaves out because nothing is to be said of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.report import MOST_SEGMENTS, Economics, ReportPart, gather, unlike

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

PLAIN = "name: Shop\nstages: {Visits: 1000, Leads: 100, Sales: 20}\n"
BY = """\
name: Shop
average_check: 100
stages: [{name: Visits}, {name: Sales}]
breakdowns:
  channel:
    Ads: {counts: [500, 10], budget: 300}
    SEO: {counts: [300, 20], budget: 100}
    Mail: {counts: [200, 5], budget: 50}
  manager: {Ann: [600, 20], Bob: [400, 15]}
  month: {Jan: [200, 5], Feb: [300, 10], Mar: [500, 20]}
"""


def part_of(funnel: Funnel, baseline: Funnel | None = None, top: int | None = None) -> ReportPart:
    (part,) = gather([funnel], [] if baseline is None else [baseline], top=top).parts
    return part


def test_targets_say_more_than_a_baseline(funnel: Load) -> None:
    """30% is the target of Sales, 40% what they were: without a target it is held against what it was."""
    before = funnel(PLAIN.replace("Sales: 20", "Sales: 40"))
    assert part_of(funnel(PLAIN), before).bottleneck.reference == "baseline"
    assert part_of(funnel(PLAIN)).bottleneck.reference == "none"
    aimed = funnel(
        "name: Shop\nstages: [{name: Visits, count: 1000}, {name: Leads, count: 100}, "
        "{name: Sales, count: 20, target: 30%}]\n"
    )
    held = part_of(aimed, before)
    assert held.bottleneck.reference == "target"
    assert [step.target for step in held.bottleneck.steps] == [None, Fraction(30, 100)]
    assert held.comparison is not None
    assert held.comparison.comparisons[0].sales.change == 20 - 40


@pytest.mark.parametrize(
    ("before", "now", "called"),
    [
        ({"period": "May"}, {"period": "June"}, ["May", "June"]),
        ({"period": "May"}, {"period": "May"}, ["before", "now"]),
        ({"period": "May"}, {}, ["before", "now"]),
        ({}, {}, ["before", "now"]),
        ({"name": "A", "period": "May"}, {"name": "B", "period": "June"}, ["A", "B"]),
    ],
)
def test_sides_are_called_by_what_tells_them_apart(
    funnel: Load, before: dict[str, str], now: dict[str, str], called: list[str]
) -> None:
    built = funnel(PLAIN)
    report = gather([built._replace(**before), built._replace(**now)])  # type: ignore[arg-type]
    assert report.comparison is not None
    assert [side.name for side in report.comparison.sides] == called
    assert [part.comparison for part in report.parts] == [None, None]
    assert gather([built] * 3).comparison is None


def test_names_alike_are_told_apart_by_what_differs_for_all_of_them(funnel: Load) -> None:
    """A period that two of three share tells nothing; one that a funnel lacks may."""
    one = funnel(PLAIN)._replace(file=None)
    may, june = one._replace(period="May"), one._replace(period="June")
    assert unlike([may, june, one]) == ["Shop, May", "Shop, June", "Shop"]
    assert unlike([may, may, june]) == ["Shop (1)", "Shop (2)", "Shop (3)"]
    assert unlike([may._replace(file="a.yaml"), may._replace(file="b.yaml")]) == ["Shop, a", "Shop, b"]


def test_a_funnel_without_counterpart_is_said_and_the_others_are_compared(funnel: Load) -> None:
    shop, cafe = funnel(PLAIN), funnel(PLAIN.replace("Shop", "Cafe"))
    report = gather([shop, cafe], [shop, shop._replace(name="Bar")])
    assert [problem.code for problem in report.problems] == ["FN102"]
    assert [part.comparison is None for part in report.parts] == [False, True]


def test_money_is_told_where_there_is_some(funnel: Load) -> None:
    assert part_of(funnel(PLAIN)).economics is None
    paid = part_of(funnel(f"{PLAIN}average_check: 50\n")).economics
    assert paid is not None
    assert paid.revenue == 20 * 50


def test_scenarios_are_those_that_can_be_projected(funnel: Load) -> None:
    """Of two scenarios one would pass 100%: what is wrong with it is said of the file, not again."""
    built = funnel(f"{PLAIN}scenarios: {{Up: {{entries: x2}}}}\n")
    low = funnel(f"{PLAIN}scenarios: {{Half: {{conversion@Sales: 50%}}}}\n").scenarios[0]
    (selector, change), *_ = low.changes
    too_much = low._replace(name="Too much", changes=((selector, change._replace(shift=Fraction(3, 2))),))
    some = gather([built._replace(scenarios=(*built.scenarios, too_much))])
    shown = some.parts[0].scenarios
    assert shown is not None
    assert [each.name for each in shown.projections] == ["baseline", "Up"]
    assert some.problems == ()
    assert part_of(built._replace(scenarios=(too_much,))).scenarios is None
    alone = part_of(funnel(PLAIN))
    assert alone.scenarios is None
    assert alone.now is not None
    assert [each.sales for each in alone.now.projections] == [20]


def test_what_cannot_be_projected_has_neither_now_nor_levers(funnel: Load) -> None:
    """Each of 90 sales brings 2 visits to 100: without bound."""
    endless = funnel("stages: {Visits: 100, Sales: 90}\nreferral: {from: Sales, brings: 2, to: Visits}\n")
    part = part_of(endless)
    assert (part.now, part.levers) == (None, None)
    levers = part_of(funnel(PLAIN)).levers
    assert levers is not None
    assert levers.effort.amount == Fraction(1, 10)
    assert max(each.sales_change or 0 for each in levers.levers) == 2  # a tenth of 20 sales


def test_money_of_segments_is_told_where_they_say_more_than_the_funnel(funnel: Load) -> None:
    """Ads 1,000 - 300, SEO 2,000 - 100, Mail 500 - 50; managers and months have no money of their own."""
    channel, manager, month = part_of(funnel(BY)).breakdowns
    assert (manager.economics, month.economics) == (None, None)
    assert isinstance(channel.economics, Economics)
    assert [(each.name, each.profit) for each in channel.economics.segments] == [
        ("Ads", 700),
        ("SEO", 1900),
        ("Mail", 450),
    ]
    assert not any("more segments" in each for each in channel.economics.assumptions)
    checks = BY.replace("budget: 300", "average_check: 90").replace(", budget: 100", "").replace(", budget: 50", "")
    money = part_of(funnel(checks)).breakdowns[0].economics
    assert money is not None
    assert [each.revenue for each in money.segments] == [900, 2000, 500]


def test_what_is_said_of_the_funnel_is_not_said_of_its_segments_again(funnel: Load) -> None:
    part = part_of(funnel(BY))
    assert part.economics is not None
    channel = part.breakdowns[0].economics
    assert channel is not None
    assert not set(channel.assumptions) & set(part.economics.assumptions)
    assert part.economics.assumptions


def test_the_largest_segments_are_shown_and_the_latest_periods(funnel: Load) -> None:
    channel, manager, month = part_of(funnel(BY), top=2).breakdowns
    assert [row.name for row in channel.segments.segments] == ["Ads", "SEO"]
    assert [row.name for row in manager.segments.segments] == ["Ann", "Bob"]
    assert [row.name for row in month.segments.segments] == ["Feb", "Mar"]
    assert channel.economics is not None
    assert [each.name for each in channel.economics.segments] == ["Ads", "SEO"]
    assert channel.economics.assumptions[-1] == "1 more segments are in the total"
    assert channel.economics.budget == 450


def test_a_few_segments_stand_as_in_the_file_and_many_by_their_entries(funnel: Load) -> None:
    for number, first in ((MOST_SEGMENTS, "S0"), (MOST_SEGMENTS + 1, f"S{MOST_SEGMENTS}")):
        rows = ", ".join(f"S{index}: [{100 + index}, 10]" for index in range(number))
        built = funnel(f"stages: [{{name: A}}, {{name: B}}]\nbreakdowns: {{channel: {{{rows}}}}}\n")
        (channel,) = part_of(built).breakdowns
        assert channel.segments.segments[0].name == first
        assert channel.segments.folded == number - MOST_SEGMENTS


def test_periods_are_compared_and_said_to_be_in_the_order_of_the_file_where_that_is_unknown(funnel: Load) -> None:
    known = part_of(funnel(BY)).comparison
    assert known is not None
    assert ([side.name for side in known.sides], known.in_file_order) == (["Jan", "Mar"], None)
    unknown = part_of(funnel(BY.replace("Jan", "one").replace("Feb", "two").replace("Mar", "three"))).comparison
    assert unknown is not None
    assert ([side.name for side in unknown.sides], unknown.in_file_order) == (["one", "three"], "month")
    alone = funnel("stages: [{name: A}, {name: B}]\nbreakdowns: {month: {Jan: [10, 5]}}\n")
    assert part_of(alone).comparison is None


def test_what_open_units_will_bring_is_said_where_there_are_some(funnel: Load) -> None:
    """10 open leads, of which 20 of the 90 decided became sales."""
    assert part_of(funnel(PLAIN)).forecast is None
    text = "stages: [{name: Leads, count: 100, open: 10}, {name: Sales, count: 20}]"
    said = part_of(funnel(text)).forecast
    assert said is not None
    assert said.expected_sales == Fraction(20, 9)


@pytest.mark.parametrize("mature", range(4))
def test_what_nobody_asked_for_is_left_out_without_a_fault(funnel: Load, mature: int) -> None:
    """Of three months the last are still open: with two that are over they are compared, else that is noted alone."""
    open_yet = ", ".join(("Jan", "Feb", "Mar")[mature:])
    report = gather([funnel(f"{BY}measured: {{not_mature: [{open_yet}]}}\n")])
    assert report.problems == ()
    assert [part.comparison is None for part in report.parts] == [mature < 2]
    assert [note.message.partition(":")[0] for note in report.notes] == ["periods are not compared"] * (mature < 2)
    assert all(note.help is None for note in report.notes)  # nobody has to do anything
