"""Periods against the one before: the tests, their correction, the order of time, and what is not tested."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from funnelcli.analyses.compared_segments import compare_funnels, compare_segments
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from funnelcli.analyses.successive import Successive

ROWS = {
    "2026-01": (10500, 1090, 320),
    "2026-02": (11000, 1180, 340),
    "2026-03": (11500, 1270, 480),
    "2026-04": (12000, 1360, 380),
}
HEAD = "currency: EUR\naverage_check: 60\n"


def by_month(more: str = "", rows: dict[str, tuple[int, int, int]] = ROWS) -> ComparisonReport:
    text = f"{HEAD}stages: [{{name: Visits}}, {{name: Cart}}, {{name: Paid}}]\nbreakdowns:\n  month:\n"
    text += "".join(f"    '{name}': {list(counts)}\n" for name, counts in rows.items())
    (funnel,) = read((text + more).encode(), "shop.yaml").funnels
    found = compare_segments(funnel, "month")
    assert isinstance(found, ComparisonReport)
    return found


def files(*names: str, common: bool = False) -> ComparisonReport:
    """Files of these periods; with `common`, each names its second stage anew."""
    funnels = []
    for name in names:
        visits, cart, paid = ROWS[name]
        second = f"Cart of {name}" if common else "Cart"
        text = f"name: Shop\nperiod: '{name}'\n{HEAD}stages: {{Visits: {visits}, {second}: {cart}, Paid: {paid}}}\n"
        funnels += read(text.encode(), f"{name}.yaml").funnels
    found = compare_funnels(funnels, names, common=common)
    assert isinstance(found, ComparisonReport)
    return found


def told(report: ComparisonReport) -> Successive:
    assert report.successive is not None
    return report.successive


def test_each_is_tested_against_the_one_before_and_corrected_for_all() -> None:
    """Two-proportion z tests by statsmodels, Holm over the three rates of the three pairs."""
    raw = []
    for a, b in pairwise(ROWS.values()):
        for came, could in ((2, 0), (1, 0), (2, 1)):
            raw.append(proportions_ztest([a[came], b[came]], [a[could], b[could]])[1])
    found = told(by_month())
    own = [step.p_value_holm for period in found.periods[1:] for step in (period.overall, *period.steps)]
    assert own == pytest.approx(list(multipletests(raw, method="holm")[1]))
    marks = {
        period.name: (period.overall.differs, *(step.differs for step in period.steps)) for period in found.periods
    }
    assert marks == {"2026-01": (0, 0, 0), "2026-02": (0, 0, 0), "2026-03": (1, 0, 1), "2026-04": (-1, 0, -1)}
    assert found.tests == 9


def test_figures_and_their_changes() -> None:
    found = told(by_month()).periods
    march = found[2]
    assert (march.entries, march.sales, march.revenue) == (11500, 480, 28800)
    assert (march.entries_change_rate, march.sales_change_rate) == (Fraction(500, 11000), Fraction(140, 340))
    assert march.revenue_change_rate == Fraction(140, 340)
    assert march.overall.difference == Fraction(480, 11500) - Fraction(340, 11000)
    assert (found[0].entries_change_rate, found[0].overall.difference, found[0].overall.p_value_holm) == (
        None,
        None,
        None,
    )


def test_files_of_periods_are_told_as_segments_are_in_the_order_of_time() -> None:
    first = told(by_month())
    assert told(files(*ROWS)).periods == first.periods
    assert told(files("2026-03", "2026-01", "2026-04", "2026-02")).periods == first.periods


def test_two_periods_and_two_that_were_chosen_have_no_more_to_tell() -> None:
    assert files("2026-01", "2026-02").successive is None
    assert by_month(rows=dict(list(ROWS.items())[:2])).successive is None


def test_stages_that_all_have_are_told_period_by_period() -> None:
    """Two-proportion z tests by statsmodels of the one conversion that is left, Holm over the three pairs."""
    raw = [proportions_ztest([a[2], b[2]], [a[0], b[0]])[1] for a, b in pairwise(ROWS.values())]
    found = told(files(*ROWS, common=True))
    assert [step.name for step in found.periods[0].steps] == ["Paid"]
    assert [period.overall.p_value_holm for period in found.periods[1:]] == pytest.approx(
        list(multipletests(raw, method="holm")[1])
    )
    assert [period.revenue for period in found.periods] == [60 * paid for *_, paid in ROWS.values()]


@pytest.mark.parametrize(
    ("names", "after_gap"),
    [
        (("2026-01", "2026-02", "2026-03"), ()),
        (("2026-01", "2026-02", "2026-04"), ("2026-04",)),
        (("2025-11", "2025-12", "2026-01"), ()),
        (("2025-11", "2026-01", "2026-03"), ("2026-01", "2026-03")),
        (("2025-Q3", "2025-Q4", "2026-Q1"), ()),
        (("2025-Q3", "2026-Q1", "2026-Q2"), ("2026-Q1",)),
        (("2023", "2024", "2026"), ("2026",)),
        (("2025-W51", "2025-W52", "2026-W01", "2026-W03"), ("2026-W03",)),
        (("January", "February", "April"), ("April",)),
        (("November", "December", "January"), ()),
        (("2026-01-09", "2026-01-12", "2026-01-14"), ()),
    ],
)
def test_a_period_that_is_missing_by_the_calendar(names: tuple[str, ...], after_gap: tuple[str, ...]) -> None:
    rows = {name: (1000 + place, 100, 10) for place, name in enumerate(names)}
    found = told(by_month(rows=rows)).periods
    assert tuple(each.name for each in found if each.after_gap) == after_gap


def test_what_varies_from_period_to_period_is_in_the_tests() -> None:
    """With rates that are stated to vary by 30%, no month of these is told from the one before."""
    steps = [step for period in told(by_month("variation: 30%\n")).periods for step in (period.overall, *period.steps)]
    assert not any(step.differs for step in steps)
