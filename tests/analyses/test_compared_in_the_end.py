"""What is compared while windows are open: the end where it is known, nothing where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy
import pytest
from statsmodels.stats.proportion import proportions_ztest

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.segments import break_down
from funnelcli.diagnostics import Problem
from funnelcli.output.views import bottleneck, comparison
from tests.analyses.test_ends import UNKNOWN
from tests.measured_log import Log, came, file_text, fitted, simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

OLD = simulated(numpy.random.default_rng(21), 1500)._replace(seen=60)
NEW = simulated(numpy.random.default_rng(22), 1500, rates=(0.5, 0.25))
YOUNG = NEW._replace(entered=NEW.entered / 2 + 14)


def test_the_test_is_of_as_many_entries_as_tell_as_much(funnel: Build) -> None:
    found = compare([funnel(file_text(OLD)), funnel(file_text(YOUNG))], ["old", "young"])
    assert not isinstance(found, Problem)
    assert (found.in_the_end, found.not_mature) == (("young",), ())
    (pair,) = found.comparisons
    _, share, _, variance = fitted(YOUNG, YOUNG.paid)
    size = share[-1] * (1 - share[-1]) / variance
    sold = int(came(OLD, OLD.paid).sum())
    assert pair.overall_conversion_b == pytest.approx(share[-1], abs=1e-9)
    _, p_value = proportions_ztest([sold, share[-1] * size], [1500, size])
    assert pair.overall.p_value == pytest.approx(p_value, rel=1e-4)
    assert pair.sales.most is None
    shown = "".join(map(str, comparison.blocks(found)))
    now = came(YOUNG, YOUNG.paid).sum() / 1500
    assert f"By what is expected in the end, as the window is still open: young ({now * 100:.3g}% now)" in shown


def test_equal_rates_seen_at_different_ages_are_not_told_apart(funnel: Build) -> None:
    """As counted they differ by far more than chance: most windows of one are open."""
    log = simulated(numpy.random.default_rng(23), 4000)
    young = simulated(numpy.random.default_rng(24), 4000, days=16)
    assert (
        proportions_ztest([came(log._replace(seen=60), log.paid).sum(), came(young, young.paid).sum()], [4000] * 2)[1]
        < 1e-6
    )
    found = compare([funnel(file_text(log._replace(seen=60))), funnel(file_text(young))], ["old", "young"])
    assert not isinstance(found, Problem)
    (pair,) = found.comparisons
    assert (pair.overall.differs, [stage.differs for stage in pair.stages]) == (0, [0, 0, 0])


def test_without_a_known_end_nothing_is_tested(funnel: Build) -> None:
    own = funnel(UNKNOWN)
    found = compare([funnel("stages: {Visit: 5000, Cart: 4000, Paid: 3000}"), own], ["old", "young"])
    assert not isinstance(found, Problem)
    assert (found.in_the_end, found.not_mature) == ((), ("young",))
    (pair,) = found.comparisons
    assert (pair.overall.p_value, pair.overall.chance_b_better, pair.sales.most) == (None, None, None)
    assert all(stage.p_value is None for stage in pair.stages)
    assert "and are not tested" in "".join(map(str, comparison.blocks(found)))
    narrow = find_bottleneck(own)
    assert (narrow.in_the_end, narrow.lowest, narrow.tied) == (False, None, ())
    assert "No verdict: nobody was followed" in "".join(map(str, bottleneck.blocks(narrow)))


def test_commands_agree_on_the_figures(funnel: Build) -> None:
    """What show has of a cohort is what compare holds against others, and bottleneck ranks."""
    own = funnel(file_text(NEW, weeks=True))
    table = break_down(own, "week")
    pair = compare_segments(own, "week", pair=("2026-W41", "2026-W44"))
    assert not isinstance(table, Problem)
    assert not isinstance(pair, Problem)
    row = table.segments[3]
    assert pair.in_the_end == ("2026-W44",)
    assert pair.comparisons[0].overall_conversion_b == row.conversion_eventual == row.overall_conversion_decided
    assert [stage.conversion_b for stage in pair.comparisons[0].stages[1:]] == list(row.conversions_eventual[1:])
    narrow = find_bottleneck(own)
    assert narrow.in_the_end
    ends = fitted(NEW, NEW.cart)[1][-1], fitted(NEW, NEW.paid)[1][-1]
    assert {step.name: step.conversion_decided for step in narrow.steps} == {
        "Cart": pytest.approx(ends[0], abs=1e-9),
        "Paid": pytest.approx(ends[1] / ends[0], abs=1e-9),
    }
    assert "get there in the end" in "".join(map(str, bottleneck.blocks(narrow)))


def test_by_default_the_periods_that_are_over_are_compared(funnel: Build) -> None:
    found = compare_segments(funnel(file_text(NEW, weeks=True)), "week")
    assert not isinstance(found, Problem)
    assert (found.comparisons[0].a, found.comparisons[0].b) == ("2026-W41", "2026-W42")
    assert (found.comparisons[0].periods_open, found.in_the_end) == (("2026-W43", "2026-W44"), ())


def test_counts_that_grow_say_nothing_of_the_mix_of_segments(funnel: Build) -> None:
    """Many of the younger ones are still on their way, in every segment."""

    def by_channel(log: Log) -> Funnel:
        counts = [1500, *(int(came(log, times).sum()) for times in (log.cart, log.paid))]
        ads = [count // 3 for count in counts]
        seo = [count - own for count, own in zip(counts, ads, strict=True)]
        return funnel(f"{file_text(log)}breakdowns: {{channel: {{Ads: {ads}, SEO: {seo}}}}}\n")

    old, young = map(by_channel, (OLD, YOUNG))
    mixes = []
    for a, b in ((old, old), (old, young), (young, old)):
        found = compare([a, b], ["a", "b"])
        assert not isinstance(found, Problem)
        mixes.append(len(found.comparisons[0].mix))
    assert mixes == [1, 0, 0]
