"""Units that were lost at no known stage: no step is judged by them, and the whole is of the decided."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from funnelcli.analyses.conversion import convert
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.segments import break_down
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read

OWNERS = """\
stages:
  - {name: New, count: 51, open: 1, lost_unplaced: 20, close_chance: 50%}
  - {name: Talks, count: 30, open: 10, days: 5, close_chance: 50%}
  - {name: Won, count: 20, days: 5, role: customer}
breakdowns:
  owner:
    Ann: {counts: [21, 10, 10], open: [1, 0, 0]}
    Bob: {counts: [30, 20, 10], open: [0, 10, 0]}
"""


def test_owners_who_won_the_same_share_of_the_decided_are_alike_however_many_are_open() -> None:
    """Both won 10 of 20; by the steps Bob, whose ten are open in talks, would have won 10 of 15 and 10 of 10."""
    (funnel,) = read(OWNERS.encode(), "deals.yaml").funnels
    assert funnel.overall_conversion_decided(2) == Fraction(1, 2)
    assert [funnel.conversion_decided(index) for index in range(3)] == [None] * 3
    report = break_down(funnel, "owner")
    assert not isinstance(report, Problem)
    assert [row.overall_conversion_decided for row in report.segments] == [Fraction(1, 2)] * 2
    assert report.lost_unplaced == 20
    assert convert(funnel).lost_unplaced == 20


def test_open_units_bring_what_is_stated() -> None:
    (funnel,) = read(OWNERS.encode(), "deals.yaml").funnels
    found = forecast(funnel)
    assert not isinstance(found, Problem)
    assert found.expected_sales == Fraction(11, 2)


def test_owners_alike_are_marked_by_chance_alone() -> None:
    """Deals of two owners with one chance to win; one of them has far more open in talks. Simulated 400 times."""
    chance, marked = random.Random(5), 0
    for _ in range(400):
        rows = []
        for waiting in (5, 60):
            won = sum(chance.random() < 0.3 for _ in range(80))
            rows.append(f"{{counts: [{80 + waiting}, {won + waiting}, {won}], open: [0, {waiting}, 0]}}")
        text = (
            "stages: [{name: New, lost_unplaced: 1}, {name: Talks}, {name: Won, role: customer}]\n"
            f"breakdowns: {{owner: {{A: {rows[0]}, B: {rows[1]}}}}}\n"
        )
        (funnel,) = read(text.encode(), "deals.yaml").funnels
        report = break_down(funnel, "owner")
        assert not isinstance(report, Problem)
        tests = [row.overall.p_value_holm for row in report.segments]
        marked += any(found is not None and found < 0.05 for found in tests)
    assert marked <= 400 * 0.075  # 5% and two standard errors


@pytest.mark.parametrize(
    ("stages", "line"),
    [
        ("  - {name: A, count: 50, lost_unplaced: 51}\n  - {name: B, count: 20}\n  - {name: C, count: 10}\n", 2),
        ("  - {name: A, count: 50}\n  - {name: B, count: 20, lost_unplaced: 5}\n  - {name: C, count: 10}\n", 3),
    ],
)
def test_no_more_are_lost_than_there_can_be_and_they_are_of_the_first_stage(stages: str, line: int) -> None:
    (found,) = read(f"stages:\n{stages}".encode(), "deals.yaml").diagnostics
    assert (found.problem.code, found.location.line) == ("FN125" if line == 2 else "FN108", line)
