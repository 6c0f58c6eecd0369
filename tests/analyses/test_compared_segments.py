"""Which segments are held against each other, and what funnels are called beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.compared_segments import MOST_COMPARED, compare_segments, labels
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

BY = """\
stages: [{name: Visits}, {name: Sales}]
breakdowns:
  channel: {Ads: [900, 90], SEO: [100, 50], Mail: [50, 5]}
  month: {Sep: [500, 60], Oct: [300, 50], Nov: [250, 35]}
  period: {after: [800, 100], before: [250, 45]}
  shop: {One: [1050, 145]}
"""


def pairs(outcome: ComparisonReport | Problem) -> list[tuple[str, str]]:
    assert not isinstance(outcome, Problem), outcome
    return [(each.a, each.b) for each in outcome.comparisons]


def test_all_are_held_against_the_first_and_of_periods_the_last_one(funnel: Load) -> None:
    built = funnel(BY)
    assert pairs(compare_segments(built, "channel")) == [("Ads", "SEO"), ("Ads", "Mail")]
    assert pairs(compare_segments(built, "month")) == [("Sep", "Nov")]


def test_a_pair_is_compared_as_it_is_named(funnel: Load) -> None:
    built = funnel(BY)
    assert pairs(compare_segments(built, "month", pair=("nov", "OCT"))) == [("Nov", "Oct")]
    assert pairs(compare_segments(built, "channel", pair=("Mail", "Ads"))) == [("Mail", "Ads")]


def test_only_periods_that_nobody_can_order_are_said_to_stand_as_in_the_file(funnel: Load) -> None:
    built = funnel(BY)
    for dimension, pair, said in (
        ("period", None, "period"),
        ("period", ("before", "after"), None),
        ("month", None, None),
        ("channel", None, None),
    ):
        report = compare_segments(built, dimension, pair=pair)
        assert isinstance(report, ComparisonReport)
        assert report.in_file_order == said


@pytest.mark.parametrize(
    ("dimension", "pair", "code", "said"),
    [
        ("chanel", None, "FN102", 'did you mean "channel"?'),
        ("shop", None, "FN102", "add another"),
        ("month", ("Okt", "Nov"), "FN102", 'did you mean "Oct"?'),
        ("month", ("Sep", "Okt"), "FN102", 'did you mean "Oct"?'),
    ],
)
def test_what_cannot_be_compared(
    funnel: Load, dimension: str, pair: tuple[str, str] | None, code: str, said: str
) -> None:
    problem = compare_segments(funnel(BY), dimension, pair=pair)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.help) == (code, said)


def test_too_many_to_hold_each_against_the_first(funnel: Load) -> None:
    """A hundred are compared; of one more, a pair is, and so are the first and the last of periods."""
    rows = [f"    S{number}: [10, {number % 10}]\n" for number in range(MOST_COMPARED + 1)]
    stages = "stages: [{name: A}, {name: B}]\nbreakdowns:\n"
    most = funnel(f"{stages}  shop:\n{''.join(rows[:-1])}")
    assert len(pairs(compare_segments(most, "shop"))) == MOST_COMPARED - 1
    more = funnel(f"{stages}  shop:\n{''.join(rows)}  week:\n{''.join(rows)}")
    problem = compare_segments(more, "shop")
    assert isinstance(problem, Problem)
    assert problem.code == "FN114"
    assert pairs(compare_segments(more, "shop", pair=("S3", "S100"))) == [("S3", "S100")]
    assert pairs(compare_segments(more, "week")) == [("S0", "S100")]


@pytest.mark.parametrize(
    ("funnels", "called"),
    [
        ([{"name": "A"}, {"name": "B"}], ["A", "B"]),
        # the same name thrice: what differs is enough
        ([{"period": "May"}, {"period": "June"}, {"period": "July"}], ["May", "June", "July"]),
        ([{"file": "x/a.yaml"}, {"file": "x/b.yaml"}], ["a", "b"]),
        ([{"file": "x/a.yaml"}, {"file": "y/a.yaml"}], ["x/a.yaml", "y/a.yaml"]),
        ([{"file": "a.yaml"}, {"file": "a.yaml", "document": 2}], ["a.yaml, document 1", "a.yaml, document 2"]),
        ([{}, {}], ["Shop (1)", "Shop (2)"]),
        # a period that one of them lacks, or two share, tells nothing
        ([{"period": "May", "file": "a.yaml"}, {"file": "b.yaml"}], ["a", "b"]),
        ([{"period": "May", "file": "a.yaml"}, {"period": "May", "file": "b.yaml"}], ["a", "b"]),
        # another name among them: the name is said, but not twice
        (
            [{"period": "May"}, {"period": "June"}, {"name": "July", "period": "July"}],
            ["Shop, May", "Shop, June", "July"],
        ),
    ],
)
def test_funnels_are_called_by_what_tells_them_apart(
    funnel: Load, funnels: list[dict[str, object]], called: list[str]
) -> None:
    shop = funnel("name: Shop\nstages: {A: 10, B: 5}\n")._replace(file=None)
    assert labels([shop._replace(**each) for each in funnels]) == called  # type: ignore[arg-type]


MONTHS = """\
stages: [{{name: Visits}}, {{name: Sales}}]
breakdowns:
  month: {{2026-01: [500, 60], 2026-02: [300, 50], 2026-03: [250, 35], 2026-04: [200, 9]}}
measured: {{not_mature: [{}]}}
"""


def test_periods_between_and_those_that_may_grow_are_named(funnel: Load) -> None:
    """The last one whose window is over is held against the first."""
    report = compare_segments(funnel(MONTHS.format("2026-04")), "month")
    assert isinstance(report, ComparisonReport)
    (pair,) = report.comparisons
    assert (pair.a, pair.b) == ("2026-01", "2026-03")
    assert (pair.periods_between, pair.periods_open) == (("2026-02",), ("2026-04",))
    assert report.not_mature == ()


def test_a_period_that_may_grow_is_compared_when_asked_for(funnel: Load) -> None:
    report = compare_segments(funnel(MONTHS.format("2026-04")), "month", pair=("2026-03", "2026-04"))
    assert isinstance(report, ComparisonReport)
    (pair,) = report.comparisons
    assert report.not_mature == ("2026-04",)
    assert (pair.periods_between, pair.periods_open, pair.chosen_of) == ((), (), 1)


@pytest.mark.parametrize(
    ("still_open", "said"),
    [
        ("2026-02, 2026-03, 2026-04", "has 1 segment whose"),
        ("2026-01, 2026-02, 2026-03, 2026-04", "has no segment whose"),
    ],
)
def test_with_less_than_two_periods_that_are_over_nothing_is_compared(funnel: Load, still_open: str, said: str) -> None:
    problem = compare_segments(funnel(MONTHS.format(still_open)), "month")
    assert isinstance(problem, Problem)
    assert said in problem.message


def test_two_of_many_segments_are_one_of_all_pairs(funnel: Load) -> None:
    report = compare_segments(funnel(BY), "channel", pair=("Ads", "Mail"))
    assert isinstance(report, ComparisonReport)
    assert (report.comparisons[0].chosen_of, report.comparisons[0].tests) == (3, 3)
    assert report.comparisons[0].variation is None


def test_periods_are_held_against_what_varies_between_the_others(funnel: Load) -> None:
    """Twelve weeks between 15% and 25%: 20.4% after 15% is no more than usual, though chance alone would call it."""
    counts = [750, 1000, 1240, 820, 1180, 990, 1210, 790, 1030, 1200, 800, 1020]
    weeks = ", ".join(f"2026-W{week:02}: [5000, {count}]" for week, count in enumerate(counts, 1))
    text = f"stages: [{{name: Visits}}, {{name: Sales}}]\nbreakdowns: {{week: {{{weeks}}}}}\n"
    report = compare_segments(funnel(text), "week")
    assert isinstance(report, ComparisonReport)
    (pair,) = report.comparisons
    assert pair.variation is not None
    assert (pair.variation.basis, pair.variation.periods) == ("estimated", 10)
    assert pair.overall.p_value is not None
    assert pair.overall.p_value > 0.05
    assert pair.sales.most is None
    alone = compare_segments(funnel(text.replace("week:", "channel:")), "channel", pair=("2026-W01", "2026-W12"))
    assert isinstance(alone, ComparisonReport)
    assert alone.comparisons[0].overall.differs == 1


def test_a_stated_variation_is_in_tests_and_ranges(funnel: Load) -> None:
    """10% of a rate near 20%: a standard error of 0.028 on the difference, beside which 5,000 visits say little."""
    text = "stages: [{name: Visits}, {name: Sales}]\nbreakdowns: {month: {Sep: [5000, 1000], Oct: [5000, 1200]}}\n"
    for more, differs, width in (("", 1, 0.033), ("variation: 10%\n", 0, 0.127)):
        report = compare_segments(funnel(text + more), "month")
        assert isinstance(report, ComparisonReport)
        (pair,) = report.comparisons
        assert pair.overall.differs == differs
        assert pair.overall.difference_low is not None
        assert pair.overall.difference_high is not None
        assert pair.overall.difference_high - pair.overall.difference_low == pytest.approx(width, rel=0.04)
        assert pair.variation is not None
        assert pair.variation.basis == ("stated" if more else "constant")
