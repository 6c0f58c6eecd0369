"""Where nobody knows at which stage units were lost, no step is said to have moved anything, and plans say so."""

from __future__ import annotations

import pytest

from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.experiment import Traffic, plan_test
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS, Selector
from funnelcli.output.views.moved import most

FUNNEL = """\
stages:
  - {name: New, count: 4000, LOST}
  - {name: Talks, count: 1100}
  - {name: Won, count: 1000, role: customer}
breakdowns:
  owner:
    Ann: {counts: [2000, 800, 700]}
    Bob: {counts: [2000, 300, 300]}
"""


@pytest.mark.parametrize("hidden", [True, False])
def test_no_step_is_said_to_have_moved_sales_most(hidden: bool) -> None:
    text = FUNNEL.replace("LOST", "lost_unplaced: 2900" if hidden else "days: 1")
    found = read(text.encode(), "deals.yaml")
    (funnel,) = found.funnels
    report = compare_segments(funnel, "owner")
    assert not isinstance(report, Problem)
    (pair,) = report.comparisons
    factors = {effect.factor for effect in pair.sales.effects}
    assert factors == {"entries", "overall_conversion"} if hidden else "conversion@Talks" in factors
    assert pair.sales.most == ("overall_conversion" if hidden else "conversion@Talks")
    (said,) = most(pair, 0.95, None)
    assert ("overall conversion" in said.text) is hidden
    plan = plan_test(funnel, Selector(METRICS["conversion"], "Won"), None, Traffic(100))
    assert not isinstance(plan, Problem)
    assert (plan.from_ == "New") is hidden
    assert any("2,900 were lost is not known" in each for each in plan.assumptions) is hidden
