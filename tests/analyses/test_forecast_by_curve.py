"""What entries on their way bring, by the curve that was measured: figures worked out from lifelines' curve."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest

from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.analyses.on_their_way import with_open_entries
from funnelcli.analyses.report import gather
from funnelcli.diagnostics import Problem
from tests.measured_log import WINDOW, came, file_text, fitted, simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel
    from tests.measured_log import Log

    Build = Callable[[str], Funnel]

LOG = simulated(numpy.random.default_rng(31), 900, losses=0.2)


def coming(log: Log, days: float | None) -> float:
    """The sum of the chances of all who wait, each at its own age, by lifelines' curve, a line from point to point."""
    grid, share, still, _ = fitted(log, log.paid)
    ages = log.seen - log.entered
    waiting = ages[~came(log, log.paid) & (ages < WINDOW) & (log.lost > ages)]

    def at(times: numpy.ndarray, values: list[float], first: float) -> numpy.ndarray:
        return numpy.interp(times, [0, *grid], [first, *values])

    then = numpy.full(len(waiting), WINDOW) if days is None else numpy.minimum(waiting + days, WINDOW)
    return float(((at(then, share, 0) - at(waiting, share, 0)) / at(waiting, still, 1)).sum())


@pytest.mark.parametrize("days", [None, 1, 3, 7, 30])
def test_the_expected_sales_are_the_sum_of_the_chances(funnel: Build, days: int | None) -> None:
    found = said(funnel(file_text(LOG)), days)
    expected = coming(LOG, days)
    assert float(found.expected_sales) == pytest.approx(expected, rel=0.01)  # ages stand in 60 bins
    assert float(found.expected_revenue or 0) == pytest.approx(90 * float(found.expected_sales))
    assert float(found.expected_sales_eventual) == pytest.approx(coming(LOG, None), rel=0.01)
    assert found.mean == pytest.approx(float(found.expected_revenue or 0), rel=0.02)
    assert found.low <= float(found.expected_revenue or 0) <= found.high


def test_who_waits_is_who_has_neither_come_nor_was_lost(funnel: Build) -> None:
    found = said(funnel(file_text(LOG)), None)
    ages = LOG.seen - LOG.entered
    assert found.open == int((~came(LOG, LOG.paid) & (ages < WINDOW) & (LOG.lost > ages)).sum())
    assert [stage.name for stage in found.stages] == ["Visit"]
    assert any("go on as those before them did at the same age" in each for each in found.assumptions)
    assert any("days count from 2026-11-02, the last event" in each for each in found.assumptions)


def test_hand_worked_ages(funnel: Build) -> None:
    """Half of those who come do so on the first day: of 40 a day old, of whom 80% are left, 20 of 80 come yet."""
    text = """
stages: {Visit: 200, Paid: 30}
measured:
  window: 2 days
  not_mature: [the last ones]
  curves: {Paid: {points: [[0, 0, 1], [86400, 0.2, 0.8], [172800, 0.4, 0.6]], waiting: [[86400, 40], [129600, 10]]}}
"""
    found = said(funnel(text), None)
    assert float(found.expected_sales) == pytest.approx(40 * 0.2 / 0.8 + 10 * 0.1 / 0.7)
    assert float(said(funnel(text), Fraction(1, 4)).expected_sales) == pytest.approx(
        40 * 0.05 / 0.8 + 10 * 0.05 / 0.7, rel=1e-6
    )


def test_the_range_is_wider_than_luck_alone(funnel: Build) -> None:
    """The curve of few entries is itself not certain."""
    log = simulated(numpy.random.default_rng(32), 120)
    opened = with_open_entries(funnel(file_text(log)))
    assert opened is not None
    first = opened.stages[0]
    assert first.close_chance_sd is not None
    assert 0.01 < float(first.close_chance_sd) < float(first.close_chance or 0)
    assert [each for _, each in first.close_within] == sorted(each for _, each in first.close_within)
    assert first.close_within[-1][1] == first.close_chance


def test_nothing_is_on_its_way_where_all_windows_are_over(funnel: Build) -> None:
    found = forecast(funnel(file_text(LOG._replace(seen=60))))
    assert isinstance(found, Problem)
    assert "no open units" in found.message


def test_open_units_of_the_file_are_those_that_count(funnel: Build) -> None:
    own = funnel(file_text(LOG))
    stated = own._replace(stages=(own.stages[0]._replace(open=7, close_chance=Fraction(1, 2)), *own.stages[1:]))
    found = forecast(stated)
    assert isinstance(found, Forecast)
    assert found.expected_sales == Fraction(7, 2)


def test_by_segment_is_refused(funnel: Build) -> None:
    found = forecast(funnel(file_text(LOG, weeks=True)), "week")
    assert isinstance(found, Problem)
    assert "of each week is not known" in found.message


def test_a_report_has_it(funnel: Build) -> None:
    (part,) = gather([funnel(file_text(LOG))]).parts
    assert part.forecast is not None
    (mature,) = gather([funnel(file_text(LOG._replace(seen=60)))]).parts
    assert mature.forecast is None


def said(funnel: Funnel, days: float | Fraction | None) -> Forecast:
    found = forecast(funnel, draws=4000, horizon=None if days is None else Horizon(Fraction(days), None, "2026-11-02"))
    assert isinstance(found, Forecast)
    return found
