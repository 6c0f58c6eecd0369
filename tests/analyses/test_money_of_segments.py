"""Money of segments and of the whole: columns add up to their total, or it is said why they do not."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from funnelcli.analyses import economics
from funnelcli.analyses.breakdowns import segment_funnel
from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.earning import HOPELESS
from funnelcli.analyses.projection import apply
from funnelcli.analyses.segment_totals import Gap, total
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.simulation import Simulation, simulate
from funnelcli.analyses.unit_economics import Economics, unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.lint.doubts import uneven_budgets
from funnelcli.measure import Measured
from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, CellCounts, Segment
from tests.thorough import whole_or_part


def funnels(number: int = whole_or_part(400, 130)) -> list[Funnel]:
    """Funnels of two dimensions, as a file of them is read: money of the whole, of some segments, of all, of none."""
    from funnelcli.funnel_file.breakdowns import with_money_of_segments

    chance, found = Random(11), []
    for _ in range(number):
        names = ("Ads", "SEO", "Mail")[: chance.randrange(1, 4)]
        counts = [(chance.randrange(50, 900), chance.randrange(0, 50)) for _ in names]
        breakdowns = []
        for dimension in ("channel", "manager"):
            keys = {key: chance.choice((0, 0.6, 1)) for key in ("budget", "average_check", "gross_margin")}
            segments = []
            for name, each in zip(names, counts, strict=True):
                money = {
                    "budget": chance.randrange(0, 5000),
                    "average_check": chance.randrange(1, 200),
                    "gross_margin": Fraction(chance.randrange(1, 100), 100),
                }
                kept = {key: value for key, value in money.items() if chance.random() < keys[key]}
                segments.append(Segment(name, each, **kept))  # type: ignore[arg-type]
            breakdowns.append(Breakdown(dimension, tuple(segments)))
        entries, sales = map(sum, zip(*counts, strict=True))
        found.append(
            with_money_of_segments(
                Funnel(
                    "Shop",
                    (
                        Stage("Visits", None, entries, cost=chance.choice((None, Fraction(1, 4)))),
                        Stage("Sales", 0, sales, average_check=chance.choice((None, 60)), role="customer"),
                    ),
                    budget=chance.choice((None, None, 3000)),
                    gross_margin=chance.choice((None, Fraction(1, 2))),
                    breakdowns=tuple(breakdowns),
                )
            )
        )
    return found


def told(funnel: Funnel, dimension: str | None = None) -> Economics:
    result = unit_economics(funnel, dimension)
    assert isinstance(result, Economics)
    return result


def test_why_sums_differ_is_that_units_have_no_amount_or_nothing_where_counts_differ() -> None:
    """Of 12 of either segment those with an amount bring 100 or 30: 12 of all, and 5: their mean is 79.41."""
    paid = Stage("Paid", 0, 24, average_check=Fraction(1350, 17), role="customer", amount="sum")
    parts = (Segment("x", (20, 12), average_check=100), Segment("y", (20, 12), average_check=30))
    own = Funnel("A", (Stage("Visit", None, 40), paid), breakdowns=(Breakdown("c", parts),), measured=Measured())
    (told,) = unit(own)
    assert (told.segments, told.cause) == (1560, "no_amount")
    again = own._replace(breakdowns=(Breakdown("c", (parts[0], parts[1]._replace(counts=(20, 13)))),))
    assert {each.figure: each.cause for each in unit(again)}["revenue"] is None


def unit(funnel: Funnel) -> list[Gap]:
    """Where the money of its segments differs, as two commands tell it."""
    report, by = break_down(funnel, "c"), unit_economics(funnel, "c")
    assert isinstance(report, SegmentReport)
    assert isinstance(by, Economics)
    own = [each for each in by.gaps if each.figure in ("revenue", "budget")]
    assert list(report.gaps) == own
    return own


@pytest.mark.parametrize("dimension", ["channel", "manager"])
def test_columns_add_up_or_it_is_said(dimension: str) -> None:
    kinds = set()
    for funnel in funnels():
        whole, by = told(funnel), told(funnel, dimension)
        report = break_down(funnel, dimension)
        assert isinstance(report, SegmentReport)
        assert whole.budget == by.budget == report.total.budget == funnel.budget
        for figure in ("sales", "revenue", "gross_profit", "budget", "profit"):
            parts = [getattr(part, figure) for part in by.segments]
            total, own = getattr(by, figure), getattr(whole, figure)
            gaps = {each.figure for each in by.gaps}
            said = " ".join(by.assumptions)
            if None not in parts:
                assert total == sum(parts) or figure in gaps or (figure == "profit" and gaps), (figure, funnel)
                assert total == own or figure in gaps or (figure == "profit" and gaps), (figure, funnel)
            elif any(part is not None for part in parts):
                assert "without a budget" in said or "without one" in said or "average check" in said, (figure, funnel)
            if figure == "revenue" and None not in parts:  # the other command that shows it beside its segments
                row_sum = sum(each.revenue or 0 for each in report.segments)
                gaps = {each.figure for each in report.gaps}
                assert report.total.revenue == total, funnel
                assert row_sum == report.total.revenue == own or figure in gaps, funnel
                for each in (*report.gaps, *by.gaps):  # why, as the counts add up
                    assert each.cause == ("checks" if each.figure == "revenue" else None), funnel
            kinds.add((figure, None in parts, figure in gaps))
        for part, segment in zip(by.segments, funnel.breakdowns[dimension == "manager"].segments, strict=True):
            if segment.budget is None and (funnel.budget is not None or funnel.unbudgeted):
                assert (part.profit, part.cac, part.romi) == (None, None, None)
                assert part.verdict in (None, HOPELESS)
    assert ("budget", False, True) in kinds
    assert ("profit", True, False) in kinds


def test_before_the_first_sale_the_total_breaks_even_as_the_funnel_does() -> None:
    """100 visits, no sales, 100 spent: at 100 x 50% a sale, 2 of them, 2% of the visits."""
    parts = (
        Segment("Ads", (60, 0), budget=50, gross_margin=Fraction(1, 2)),
        Segment("SEO", (40, 0), budget=50, average_check=100),
    )
    funnel = Funnel(
        "Shop",
        (Stage("Visits", None, 100), Stage("Sales", 0, 0, average_check=100)),
        budget=100,
        gross_margin=Fraction(1, 2),
        breakdowns=(Breakdown("channel", parts),),
    )
    for dimension in (None, "channel"):
        even = told(funnel, dimension).break_even
        assert (even.sales, even.conversions) == (2, {"Sales": Fraction(2, 100)})
        assert told(funnel, dimension).average_check == 100


def test_the_budget_is_stated_else_the_first_whole_sum_else_not_known() -> None:
    seen = set()
    for funnel in funnels():
        budgets = [[each.budget for each in breakdown.segments] for breakdown in funnel.breakdowns]
        whole = next((sum(each) for each in budgets if None not in each), None)  # type: ignore[arg-type]
        partly = next((each for each in budgets if None in each and any(one is not None for one in each)), None)
        if funnel.budget_of is None and funnel.budget is not None:
            assert funnel.budget == 3000
        else:
            assert funnel.budget == whole
        assert bool(funnel.unbudgeted) == (funnel.budget is None and partly is not None)
        if funnel.unbudgeted:
            assert economics.profit(funnel) is None
        warned = [message for _, message, _ in uneven_budgets.look(funnel, lambda path: None)]
        for each in budgets:
            if None not in each and funnel.budget is not None and sum(each) != funnel.budget:  # type: ignore[arg-type]
                figures = (str(sum(each)), str(funnel.budget))  # type: ignore[arg-type]
                assert any(all(figure in message for figure in figures) for message in warned)
        seen.add((funnel.budget is None, bool(funnel.unbudgeted), bool(warned), funnel.budget_of))
    assert len(seen) >= 6


def test_nothing_changed_changes_nothing() -> None:
    for funnel in funnels(whole_or_part(100, 40)):
        same = apply(funnel, ())
        assert isinstance(same, Funnel)
        assert told(same).profit == told(funnel).profit
        assert told(same).budget == told(funnel).budget


def test_the_spread_of_a_check_follows_its_segment_and_is_pooled_in_the_whole() -> None:
    """Ten checks of 50 or 150 (a deviation of 50 about 100) and ten of 250 or 350: about 200, E x² = 52,500."""
    stages = (Stage("Visits", None, 400), Stage("Sales", 0, 20, average_check=200))
    ads = Segment("Ads", (200, 10), average_check=100, average_check_sd=50)
    seo = Segment("SEO", (200, 10), average_check=300, average_check_sd=50)
    funnel = Funnel("F", stages, breakdowns=(Breakdown("channel", (ads, seo)),))
    parts = [segment_funnel(funnel, each) for each in (ads, seo)]
    assert [part.stages[1].average_check_sd for part in parts] == [50, 50]
    whole = total(funnel, parts, "all").stages[1]
    assert (whole.average_check, float(whole.average_check_sd or 0)) == (200, pytest.approx((52_500 - 200**2) ** 0.5))
    without = [parts[0], segment_funnel(funnel, seo._replace(average_check_sd=None))]
    assert total(funnel, without, "all").stages[1].average_check_sd is None
    plain = segment_funnel(
        funnel._replace(stages=(stages[0], stages[1]._replace(average_check_sd=9))), Segment("X", (2, 1))
    )
    assert plain.stages[1].average_check_sd == 9


def test_a_check_that_segments_share_is_known_from_the_sales_of_all_in_every_question():
    shared, own = Segment("Ads", (600, 6)), Segment("SEO", (400, 94), average_check=50, average_check_sd=25)
    stages = (Stage("Visits", None, 1000), Stage("Sales", 0, 100, average_check=60, average_check_sd=30))
    counted = {("Ads", "A"): (500, 5), ("SEO", "A"): (300, 64), ("Ads", "B"): (100, 1), ("SEO", "B"): (100, 30)}
    cells = tuple(
        CellCounts((("channel", channel), ("manager", manager)), counts)
        for (channel, manager), counts in counted.items()
    )
    managers = Breakdown("manager", (Segment("A", (800, 69)), Segment("B", (200, 31))))
    funnel = Funnel("Shop", stages, budget=100, breakdowns=(Breakdown("channel", (shared, own)), managers), cells=cells)
    errors = {"Ads": 30 / 100**0.5, "SEO": 25 / 94**0.5}
    assert {each.name: each.check_error for each in told(funnel, "channel").segments} == pytest.approx(errors)
    asked = {
        "Ads": [("channel", "Ads")],
        "SEO": [("channel", "SEO")],
        "Ads, A": [("channel", "Ads"), ("manager", "A")],
        "SEO, A": [("channel", "SEO"), ("manager", "A")],
    }
    for name, wanted in asked.items():
        part = choose(funnel, wanted)
        assert isinstance(part, Funnel)
        drawn = simulate(part, draws=100)
        assert isinstance(drawn, Simulation)
        error = errors[name.partition(",")[0]]
        assert drawn.check_spread[0].standard_error == pytest.approx(error)
        assert told(part).check_error == pytest.approx(error)
    alone = shared._replace(average_check=60, average_check_sd=30)
    assert _width_of_check((shared, own), stages) < 0.6 * _width_of_check((alone, own), stages)


def _width_of_check(segments: tuple[Segment, ...], stages: tuple[Stage, ...]) -> float:
    """How wide the range is of what the average check moved."""
    compared = compare_segments(Funnel("Shop", stages, breakdowns=(Breakdown("channel", segments),)), "channel")
    assert not isinstance(compared, Problem)
    revenue = compared.comparisons[0].revenue
    assert revenue is not None
    (money,) = (each for each in revenue.effects if each.factor == "average_check")
    assert money.low is not None and money.high is not None  # noqa: PT018
    return money.high - money.low


def test_a_stated_rate_leaves_the_check_of_a_segment_as_certain_as_that_of_the_whole():
    stages = (
        Stage("Visits", None, 1000),
        Stage("Sales", 0, 100, conversion=Fraction(1, 10), average_check=60, average_check_sd=30),
    )
    segments = (Segment("Ads", (600, 60)), Segment("SEO", (400, 40)))
    found = told(Funnel("Shop", stages, budget=100, breakdowns=(Breakdown("channel", segments),)), "channel")
    assert [each.check_error for each in (found, *found.segments)] == [None] * 3
