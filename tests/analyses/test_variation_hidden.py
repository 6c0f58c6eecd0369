"""Where losses at no known stage hide the steps, the variation between periods is that of what is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from funnelcli.analyses.chances import Start
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.levers import levers_of
from funnelcli.analyses.segments import SegmentReport, break_down
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.variation import variation_of
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from funnelcli.model import Funnel

WON = (40, 62, 35, 71, 50, 48, 66, 30, 58, 44)
"""Of 200 deals that are decided in each month; those in talks now and before go up and down by more than that."""


def deals(stated: str = "") -> Funnel:
    months = (
        f"    2026-{month + 1:02}: {{counts: [{209 + 4 * month}, {won + 9 - month + month * 37 % 60}, {won}], "
        f"open: [{5 * month}, {9 - month}, 0]}}"
        for month, won in enumerate(WON)
    )
    stages = f"[{{name: New, lost_unplaced: {2000 - sum(WON)}}}, {{name: Talks}}, {{name: Won, role: customer}}]"
    text = "\n".join((f"{stated}stages: {stages}", "breakdowns:", "  month:", *months, ""))
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    return funnel


def by_hand(won: tuple[int, ...]) -> float:
    """By Pearson's chi-square of SciPy: (phi - 1) / (n - 1) x (1 - p) / p, of 200 decided each."""
    table = [won, [200 - each for each in won]]
    phi, rate = stats.chi2_contingency(table, correction=False).statistic / (len(won) - 1), sum(won) / len(won) / 200
    return math.sqrt((phi - 1) / 199 * (1 - rate) / rate)


def test_one_answer_in_all_commands() -> None:
    funnel = deals()
    table = break_down(funnel, "month")
    assert isinstance(table, SegmentReport)
    for found in (convert(funnel).variation, table.variation, variation_of(judged(funnel))):
        assert (found.periods, found.overall) == (10, pytest.approx(by_hand(WON)))
    goal = check("sales >= 700", funnel.names)
    assert not isinstance(goal, Problem)
    wanted = goal_seek(funnel, goal, levers_of(funnel), None, 0.8, Start(funnel))
    for report in (simulate(funnel, None, draws=200), wanted):
        assert not isinstance(report, Problem)
        assert f"vary from period to period by {by_hand(WON):.0%}, as 10 periods" in ". ".join(report.assumptions)


def test_two_months_are_held_against_each_other_by_what_the_others_vary() -> None:
    pairs = compare_segments(deals(), "month")
    assert isinstance(pairs, ComparisonReport)
    found = pairs.comparisons[0].variation
    assert found is not None
    assert (found.periods, found.overall) == (8, pytest.approx(by_hand(WON[1:-1])))


@pytest.mark.parametrize("stated", ["", "variation: 10%\n"])
def test_nothing_is_told_of_hidden_steps(stated: str) -> None:
    funnel = deals(stated)
    assert variation_of(funnel).steps == (None, None, None)
    assert variation_of(funnel).overall == pytest.approx(0.1 * math.sqrt(2) if stated else by_hand(WON))
