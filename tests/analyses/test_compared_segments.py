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
