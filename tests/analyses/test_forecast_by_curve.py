"""What entries on their way bring, by the curve that was measured: figures worked out from lifelines' curve."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest

from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.analyses.on_their_way import with_open_entries
from funnelcli.analyses.report import gather
from funnelcli.diagnostics import Problem
from funnelcli.output.views import forecast as forecast_view
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


@pytest.mark.parametrize("kind", ["dates", "minutes", "both"])
@pytest.mark.parametrize("seed", range(4))
def test_by_any_time_it_is_the_sum_of_the_chances(funnel: Build, seed: int, kind: str) -> None:
    """Where all come on a few days, or most of them within minutes, as where they come evenly."""
    random = numpy.random.default_rng([seed, len(kind)])
    end = 14 * 86_400
    days = 86_400 * numpy.sort(random.choice(numpy.arange(1, 14), 4, replace=False)) if kind != "minutes" else []
    soon = numpy.sort(random.choice(numpy.arange(60, 7200), 6, replace=False)) if kind != "dates" else []
    times = sorted({0, *(int(each) for day in days for each in (day - 1, day)), *map(int, soon), end})
    risen = numpy.cumsum([0 if time + 1 in days or time in (0, end) else random.uniform(0.01, 0.1) for time in times])
    share = risen / risen[-1] * 0.6
    apart = 60 if kind == "minutes" else 300
    ages = numpy.sort(
        random.choice(numpy.arange(0, 24 * apart if kind == "minutes" else end, apart), 12, replace=False)
    )
    numbers = random.integers(1, 60, 12)
    points = ", ".join(f"[{time}, {come:.9f}, {1 - come:.9f}]" for time, come in zip(times, share, strict=True))
    waiting = ", ".join(f"[{age}, {number}]" for age, number in zip(ages, numbers, strict=True))
    text = f"""
stages: {{Visit: 2000, Paid: 200}}
measured:
  window: 14 days
  not_mature: [the last ones]
  curves: {{Paid: {{points: [{points}], waiting: [{waiting}]}}}}
"""
    own = funnel(text)

    def expected(within: float) -> float:
        came = numpy.interp(ages, times, share)
        return float((numbers * (numpy.interp(ages + within, times, share) - came) / (1 - came)).sum())

    for within in (
        Fraction(1, 96),
        Fraction(1, 24),
        Fraction(23, 24),
        Fraction(1),
        Fraction(2),
        Fraction(5),
        Fraction(13),
    ):
        found = float(said(own, within).expected_sales)
        assert found == pytest.approx(expected(float(within) * 86_400), abs=0.002 * expected(end))


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
    assert "nothing open" in found.message


def test_as_long_as_the_end_is_not_known_no_figure_is_called_that_of_the_end(funnel: Build) -> None:
    """Of a window of 9 days nobody was followed for more than 2: what comes within these is told, and so called."""
    ends = "eventual: {Paid: {entries: 300, followed: 2 days, so_far: 18%}}"
    text = f"""
stages: {{Visit: 200, Paid: 30}}
measured:
  window: 9 days
  not_mature: [the last ones]
  {ends}
  curves: {{Paid: {{{HALF}, waiting: [[86400, 40], [129600, 10]]}}}}
"""
    own = funnel(text)
    shown = "".join(map(str, forecast_view.blocks(said(own, None))))
    assert said(own, None).followed_days == 2
    assert "within 2 days of entry" in shown
    assert "The end is not known" in shown
    assert "in the end" not in shown
    assert "in the end" not in "".join(map(str, forecast_view.blocks(said(own, Fraction(1, 4)))))
    known = funnel(text.replace("window: 9 days", "window: 2 days").replace(ends, ends.replace("so_far", "conversion")))
    assert said(known, None).followed_days is None
    assert "in the end" in "".join(map(str, forecast_view.blocks(said(known, None))))


@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_of_a_period_that_is_over_nothing_is_to_come(funnel: Build, month: str) -> None:
    text = f"""
stages: [{{name: Visit}}, {{name: Paid}}]
breakdowns: {{month: {{2026-09: [200, 30], 2026-10: [200, 20]}}}}
measured: {{window: 2 days, not_mature: [2026-10], curves: {{Paid: {{{HALF}, waiting: [[86400, 40]]}}}}}}
"""
    part = choose(funnel(text), [("month", month)])
    assert not isinstance(part, Problem)
    found = forecast(part)
    assert isinstance(found, Problem)
    assert ("nothing is still to come" in found.message) == (month == "2026-09")


def test_open_units_of_the_file_are_those_that_count(funnel: Build) -> None:
    own = funnel(file_text(LOG))
    stated = own._replace(stages=(own.stages[0]._replace(open=7, close_chance=Fraction(1, 2)), *own.stages[1:]))
    found = forecast(stated)
    assert isinstance(found, Forecast)
    assert found.expected_sales == Fraction(7, 2)


HALF = "points: [[0, 0], [86400, 0.2], [172800, 0.4]]"
"""Half of those who come do so on the first day."""


def segmented(channels: str, counts: str, dimension: str = "channel") -> str:
    """Of those on their way as many come as the curve says: of 40 a day old 20 of 80, of 10 a day later 10 of 70."""
    return f"""
stages: {{Visit: 400, Paid: 60}}
average_check: 10
breakdowns: {{{dimension}: {counts}}}
measured:
  window: 2 days
  not_mature: [the last ones]
  curves: {{Paid: {{{HALF}, waiting: [[86400, 40], [129600, 10]]}}}}
  eventual: {{Paid: {{conversion: {(60 + 10 + 10 / 7) / 400}, low: 16%, high: 24%, entries: 300}}}}
  segments: {{{dimension}: {channels}}}
"""


def test_segments_that_chance_may_spread_so_go_on_as_all_and_add_up(funnel: Build) -> None:
    """Each at its own ages by hand: of those a day old 20 of 80 come yet, of those of a day and a half 10 of 70."""
    end = "eventual: {Paid: {conversion: 20%, low: 14%, high: 27%, entries: 150}}"
    own = f"curves: {{Paid: {{{HALF}, waiting: [[86400, %d], [129600, %d]]}}}}"
    channels = f"{{a: {{{end}, {own % (30, 2)}}}, b: {{{end}, {own % (10, 8)}}}}}"
    found = forecast(funnel(segmented(channels, "{a: [200, 30], b: [200, 30]}")), "channel", draws=500)
    assert isinstance(found, Forecast)
    sales = [30 / 4 + 2 / 7, 10 / 4 + 8 / 7]
    assert [each.open for each in found.segments] == [32, 18]
    assert [float(each.sales or 0) for each in found.segments] == pytest.approx(sales)
    assert [float(each.weighted or 0) for each in found.segments] == pytest.approx([10 * each for each in sales])
    assert float(found.expected_sales) == pytest.approx(sum(sales))
    assert [float(each.sales_alone or 0) for each in found.segments] == [10, 10]  # 20% of 200, less the 30 who came
    assert found.chances_from == {"Visit": "one_rate"}


def test_segments_that_differ_go_on_by_their_own_curves(funnel: Build) -> None:
    """Of many entries each is believed: a comes twice as often as b, at the same times."""
    parts = []
    for name, rate, counted in (("a", 0.4, 18000), ("b", 0.2, 9000)):
        coming = 5000 * (rate / 2) / (1 - rate / 2)
        end = f"eventual: {{Paid: {{conversion: {(counted + coming) / 50000}, low: 0, high: 1, entries: 50000}}}}"
        curve = f"points: [[0, 0], [86400, {rate / 2}], [172800, {rate}]], waiting: [[86400, 5000]]"
        parts.append(f"{name}: {{{end}, curves: {{Paid: {{{curve}}}}}}}")
    text = segmented(f"{{{', '.join(parts)}}}", "{a: [50000, 18000], b: [50000, 9000]}")
    text = text.replace("Visit: 400, Paid: 60", "Visit: 100000, Paid: 27000").replace("low: 16%", "low: 0")
    found = forecast(funnel(text), "channel", draws=500)
    assert isinstance(found, Forecast)
    assert found.chances_from == {"Visit": "shrunken"}
    assert [float(each.sales or 0) for each in found.segments] == pytest.approx([5000 / 4, 5000 / 9], rel=0.01)


def test_periods_go_on_by_the_curve_of_all_and_add_up(funnel: Build) -> None:
    text = segmented(
        "{new: {curves: {Paid: {waiting: [[86400, 40]]}}}, old: {curves: {Paid: {waiting: [[129600, 10]]}}}}",
        "{older: [100, 20], old: [100, 20], new: [200, 20]}",
        "week",
    )
    own = funnel(text)
    found = forecast(own, "week", draws=500)
    assert isinstance(found, Forecast)
    assert [float(each.sales or 0) for each in found.segments] == pytest.approx([0, 10 / 7, 10])
    assert float(found.expected_sales) == pytest.approx(10 + 10 / 7)
    assert any("each week goes on from its own ages" in each for each in found.assumptions)
    young = choose(own, [("week", "new")])
    assert not isinstance(young, Problem)
    alone = forecast(young, draws=500)
    assert isinstance(alone, Forecast)
    assert (alone.expected_sales, alone.open) == (10, 40)
    opened, whole = with_open_entries(young), with_open_entries(own)
    assert opened is not None
    assert whole is not None
    spread = [
        float((each.stages[0].close_chance_sd or 0) / (each.stages[0].close_chance or 1)) for each in (opened, whole)
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.3)  # by the same curve, as sure as all of its entries make it


def test_without_who_waits_of_segments_it_is_refused(funnel: Build) -> None:
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
