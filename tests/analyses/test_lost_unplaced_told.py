"""Where nobody knows at which stage units were lost, no step is said to have moved anything, and plans say so."""

from __future__ import annotations

import pytest

from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.experiment import _assumptions
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
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
    assert (pair.sales.most is None) is hidden
    assert (not list(most(pair, 0.95, None))) is hidden
    told = " ".join(_assumptions(funnel, 1))
    assert ("2,900 were lost is not known" in told) is hidden
