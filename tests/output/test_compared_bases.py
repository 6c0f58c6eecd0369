"""A table of a comparison has one base: what changes between two rows of it is the change that stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.output.document import Table
from funnelcli.output.views import comparison
from tests.analyses.test_one_base import done, week_of, weeks_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.analyses.comparison import ComparisonReport
    from funnelcli.model import Funnel


@pytest.fixture
def channels(funnel: Callable[[str], Funnel]) -> ComparisonReport:
    """The weeks as channels, which are compared all together: of some the window is over."""
    text = weeks_text({week_of(3): "{mean: 60, sd: 5}"}).replace("week:", "channel:")
    report = compare_segments(funnel(text), "channel")
    return done(report)


def test_what_moved_is_the_difference_of_what_is_shown(channels: ComparisonReport) -> None:
    first, *others = channels.sides
    tables = [block for block in comparison.blocks(channels) if isinstance(block, Table)]
    shown = {row[0]: row[1:] for row in tables[0].rows}
    assert tables[0].title == "Expected in the end"
    for place, (side, pair) in enumerate(zip(others, channels.comparisons, strict=True), 1):
        assert pair.revenue is not None
        assert pair.revenue.change == side.revenue_eventual - first.revenue_eventual
        assert pair.sales.b == side.counts_eventual[2] == shown["Paid"][place]
        assert shown["Revenue, EUR"][place].value == pair.revenue.b
        for stage, counted, expected in zip(pair.stages, side.counts, side.counts_eventual, strict=True):
            assert (stage.count_b, stage.count_b_eventual) == (counted, expected)
    assert any(side.counts != side.counts_eventual for side in channels.sides)
