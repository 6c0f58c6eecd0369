"""Checks of rates whose windows are open are judged by the end; where it is not known, they have no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy
import pytest

from funnelcli.analyses.checks import run_checks
from funnelcli.funnel_file.changes import check as read_check
from funnelcli.output.check.verdicts import explained
from funnelcli.what_if import Check
from tests.analyses.test_ends import UNKNOWN
from tests.measured_log import came, file_text, fitted, simulated, wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

LOG = simulated(numpy.random.default_rng(11))


def judged(funnel: Funnel, text: str, baseline: Funnel | None = None) -> CheckResult:
    """One check."""
    limit = read_check(text, funnel.names)
    assert isinstance(limit, Check)
    (result,) = run_checks(funnel, [limit], None if baseline is None else [baseline])
    return result


@pytest.mark.parametrize("weeks", [False, True])
def test_rates_are_those_of_the_end(funnel: Build, weeks: bool) -> None:
    own = funnel(file_text(LOG, weeks))
    cart, paid = (fitted(LOG, times)[1][-1] for times in (LOG.cart, LOG.paid))
    now = [int(came(LOG, times).sum()) for times in (LOG.cart, LOG.paid)]
    for figure, end, counted in (
        ("conversion@Paid", paid / cart, now[1] / now[0]),
        ("conversion@Cart", cart, now[0] / 600),
        ("overall_conversion", paid, now[1] / 600),
        ("drop_off_rate@Paid", 1 - paid / cart, 1 - now[1] / now[0]),
        ("one_in", 1 / paid, 600 / now[1]),
    ):
        for between in ((end + counted) / 2, end * 1.01, end * 0.99):
            result = judged(own, f"{figure} >= {between:.9f}")
            assert result.actual == pytest.approx(end, abs=1e-8)
            assert result.now == pytest.approx(counted, abs=1e-9)
            assert result.passed == (end >= between)
            assert result.left_out == ()
            assert "as expected in the end" in explained(result)


def test_a_confidence_is_that_of_the_entries_that_tell_as_much(funnel: Build) -> None:
    own = funnel(file_text(LOG))
    _, share, _, variance = fitted(LOG, LOG.paid)
    low, high = wilson(share[-1], share[-1] * (1 - share[-1]) / variance)
    for selector in ("overall_conversion", "conversion_eventual"):
        result = judged(own, f"{selector} >= 1% with 95% confidence")
        assert (result.low, result.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
        assert judged(own, f"{selector} >= {low - 1e-4:.6f} with 95% confidence").passed
        assert judged(own, f"{selector} >= {low + 1e-4:.6f} with 95% confidence").passed is None
        assert judged(own, f"{selector} >= {high + 1e-4:.6f} with 95% confidence").passed is False


def test_counts_are_those_of_now(funnel: Build) -> None:
    own = funnel(file_text(LOG))
    result = judged(own, "count@Paid >= 1")
    assert (result.actual, result.now) == (own.stages[2].count, None)


@pytest.mark.parametrize("told", [True, False])
def test_an_amount_that_units_to_come_may_change_has_no_answer(funnel: Build, told: bool) -> None:
    """More only come: what is reached stays so, and what is passed too; else the range of the end decides, if known."""
    text = file_text(LOG)
    own = funnel(f"budget: 900\n{text if told else text[: text.index('  curves:')]}")
    sales = int(came(LOG, LOG.paid).sum())
    for limit, passed in (
        (f"sales >= {sales}", True),
        (f"sales >= {sales + 1}", told or None),
        (f"revenue <= {sales * 90 - 1}", False),
        (f"revenue <= {sales * 90}", False if told else None),
        ("profit >= 1000000", False if told else None),
        (f"count@Cart >= {int(came(LOG, LOG.cart).sum()) + 1}", None),
        ("entries <= 600", True),
        ("average_check >= 90", True),
    ):
        assert judged(own, limit).passed is passed, limit


def test_a_baseline_is_judged_by_its_end_too(funnel: Build) -> None:
    own, mature = funnel(file_text(LOG)), funnel(file_text(LOG._replace(seen=60)))
    end = fitted(LOG, LOG.paid)[1][-1]
    assert judged(mature, "overall_conversion >= baseline", own).limit == pytest.approx(end, abs=1e-9)
    with_confidence = judged(own, "overall_conversion >= baseline - 20% with 95% confidence", own)
    assert with_confidence.limit == pytest.approx(end * 0.8, abs=1e-9)
    assert with_confidence.low is not None


def test_without_an_end_a_rate_has_no_answer(funnel: Build) -> None:
    for text in ("conversion@Paid >= 1%", "overall_conversion <= 90%", "one_in <= 90"):
        result = judged(funnel(UNKNOWN), text)
        assert (result.passed, result.code) == (None, "FN402")
        assert result.reason == "not mature: nobody was followed for the whole window yet"
    assert judged(funnel(UNKNOWN), "conversion_eventual@Paid >= 1%").code == "FN403"
    assert judged(funnel(UNKNOWN), "count@Paid >= 5").passed


def test_what_is_over_is_judged_as_counted(funnel: Build) -> None:
    mature = funnel(file_text(LOG._replace(seen=60)))
    result = judged(mature, "overall_conversion >= 1% with 95% confidence")
    assert (result.actual, result.now) == (mature.conversion(1) * mature.conversion(2), None)
    assert judged(mature, "conversion_eventual >= 1% with 95% confidence").low == pytest.approx(result.low, abs=1e-6)


def test_an_amount_is_held_against_the_range_of_its_end(funnel: Build) -> None:
    """The range of forecast, with 95%, beside what has come; a limit inside is told to wait until when."""
    from funnelcli.analyses.forecast import forecast

    own = funnel(file_text(LOG))
    result, coming, so_far = judged(own, "sales >= 1"), forecast(own), int(came(LOG, LOG.paid).sum())
    assert (result.passed, result.low) == (True, None)
    end = 600 * fitted(LOG, LOG.paid)[1][-1]
    undecided = judged(own, f"sales >= {round(end)}")
    assert undecided.low < so_far + coming.sales_low < end < so_far + coming.sales_high < undecided.high
    assert (undecided.passed, undecided.actual, undecided.now) == (None, pytest.approx(end, abs=1e-6), so_far)
    assert "wait until the windows are over, 14 days after 2026-11-02," in undecided.help
    for limit, passed in ((undecided.low - 1, True), (undecided.low, None), (undecided.high, None)):
        assert judged(own, f"sales >= {limit}").passed is passed
    assert judged(own, f"sales >= {undecided.high + 1}").passed is False
    assert judged(own, f"sales <= {undecided.high + 1}").passed
    assert judged(own, f"revenue >= {90 * (undecided.low - 1)}").passed
    assert judged(own, f"revenue >= {90 * (undecided.high + 1)}").passed is False
