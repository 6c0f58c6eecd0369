"""Stages that all funnels have, where units are open at those that are left out."""

from __future__ import annotations

from fractions import Fraction as F

from funnelcli.analyses.common_stages import aligned
from funnelcli.diagnostics import Problem
from tests.stats.test_decomposition import funnel_of

SHORT = "stages: {Lead: 100, Won: 20}"
LONG = """\
stages:
- {name: Lead, count: 100, open: 10}
- {name: Offer, count: 60, open: 20}
- {name: Won, count: 15}
- {name: Lost, count: 30, from: Lead, open: 5}
breakdowns: {manager: {Anna: {counts: [100, 60, 15, 30], open: [10, 20, 0, 5]}}}
"""


def test_open_units_between_two_common_stages_may_still_go_on() -> None:
    """10 leads and 20 offers of 100 are not decided, and 15 of the other 70 are won; who sits at Lost is lost."""
    found = aligned([funnel_of(SHORT), funnel_of(LONG)], ["a", "b"], common=True)
    assert not isinstance(found, Problem)
    short, long = found.funnels
    assert [stage.open for stage in short.stages] == [None, None]
    assert [stage.open for stage in long.stages] == [30, None]
    assert long.conversion_decided(1) == F(15, 70)
    assert long.breakdowns[0].segments[0].open == (30, 0)
