"""Which measured periods the events cover in part, held against a calendar that is walked day by day."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy
import pytest

from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel

_NAMES = {
    "week": lambda day: day.strftime("%G-W%V"),
    "month": lambda day: day.strftime("%Y-%m"),
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
}


def load(
    names: list[str],
    period: str,
    since: datetime | None,
    until: datetime,
    *,
    zone: str = "",
    units: int = 10**6,
    between: tuple[str, str] | None = None,
    moment: str = "2030-01-01T00:00:00Z",
) -> Funnel:
    """A measured funnel of so many periods, of which nobody is on the way."""
    rows = "\n".join(f'    "{name}": [10, 5]' for name in names)
    noted = [f'  until: "{text(until)}"', f'  moment: "{moment}"', f"  units: {units}", "  window: 1 day"]
    noted += [f'  since: "{text(since)}"'] if since else []
    noted += [f"  between: {list(between)}"] if between else []
    noted += [f'  not_mature: ["{names[-1]}"]']
    zoned = f", time_zone: {zone}" if zone else ""
    total = f"  - {{name: A, count: {10 * len(names)}}}\n  - {{name: B, count: {5 * len(names)}}}"
    source = (
        f"name: Shop\nmeasure: {{unit: u, time: t, window: 1 day, period: {period}{zoned}}}\nstages:\n{total}\n"
        f"breakdowns:\n  period:\n{rows}\nmeasured:\n" + "\n".join(noted) + "\n"
    )
    reading = read(source.encode(), "shop.yaml")
    assert not reading.diagnostics
    return reading.funnels[0]


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def cuts(funnel: Funnel) -> tuple[Cut, ...]:
    assert funnel.measured is not None
    return funnel.measured.cut


@pytest.mark.parametrize("period", list(_NAMES))
@pytest.mark.parametrize("zone", ["", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("seed", range(8))
def test_a_cut_period_is_covered_by_as_many_days_as_the_calendar_has(period: str, zone: str, seed: int) -> None:
    random = numpy.random.default_rng(seed)
    place = ZoneInfo(zone) if zone else UTC
    first = datetime(2025, 11, 1, 12, tzinfo=UTC) + timedelta(days=int(random.integers(0, 90)))
    last = first + timedelta(days=int(random.integers(100, 300)), hours=int(random.integers(1, 11)))
    covered = {}
    day = first.astimezone(place).date()
    while day <= last.astimezone(place).date():
        covered.setdefault(_NAMES[period](day), set()).add(day)
        day += timedelta(days=1)
    whole: dict[str, set[date]] = {}
    day = date(2025, 6, 1)
    while day < date(2027, 6, 1):
        whole.setdefault(_NAMES[period](day), set()).add(day)
        day += timedelta(days=1)
    expected = {name: (len(days), len(whole[name])) for name, days in covered.items() if days != whole[name]}
    found = cuts(load(list(covered), period, first, last, zone=zone))
    assert {each.name: (each.covered, each.whole) for each in found} == expected
    assert {each.unit for each in found} <= {"days"}


def test_days_are_covered_by_hours_and_a_night_cuts_none() -> None:
    names = ["2026-10-01", "2026-10-02", "2026-10-03"]
    noon, late = datetime(2026, 10, 1, 12, 30, tzinfo=UTC), datetime(2026, 10, 3, 22, 10, tzinfo=UTC)
    (cut,) = cuts(load(names, "day", noon, late))
    assert cut == ("2026-10-01", 12, 24, "hours")
    assert cuts(load(names, "day", datetime(2026, 10, 1, 7, 0, tzinfo=UTC), late)) == ()


def test_an_interval_cuts_exactly_and_the_whole_by_its_events() -> None:
    names = ["2026-W40", "2026-W41", "2026-W42"]
    first, last = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    found = cuts(load(names, "week", first, last, between=("2026-10-01", "2026-10-15")))
    assert [each[:3] for each in found] == [("2026-W40", 4, 7), ("2026-W42", 3, 7)]
    short = load(names, "week", first, datetime(2026, 10, 12, 9, tzinfo=UTC), between=("2026-10-01", "2026-11-01"))
    assert short.cut == ("Shop", 12, 31, "days")


def test_old_files_know_no_beginning_and_texts_that_are_no_times_cut_nothing() -> None:
    names = ["2026-07", "2026-08", "2026-09"]
    (cut,) = cuts(load(names, "month", None, datetime(2026, 9, 12, 9, tzinfo=UTC)))
    assert cut[:3] == ("2026-09", 12, 30)
    source = (
        "measure: {unit: u, time: t, window: 1 day, period: month}\nstages: {A: 20, B: 10}\n"
        'breakdowns: {period: {"2026-07": [10, 5], "2026-08": [10, 5]}}\nmeasured: {until: yesterday}\n'
    )
    (funnel,) = read(source.encode(), "f.yaml").funnels
    assert cuts(funnel) == ()


@pytest.mark.parametrize("each_month", [3, 10, 100])
def test_a_quiet_log_of_whole_months_is_called_cut_in_less_than_2_percent(each_month: int) -> None:
    random = numpy.random.default_rng(each_month)
    start, days = datetime(2026, 1, 1, tzinfo=UTC), 181
    wrong, logs = 0, 400
    for _ in range(logs):
        times = numpy.sort(random.random(max(2, random.poisson(6 * each_month)))) * days
        events = [start + timedelta(days=float(each)) for each in times]
        names = [f"2026-{month:02}" for month in range(1, 7)]
        wrong += bool(cuts(load(names, "month", events[0], events[-1], units=len(events))))
    assert wrong / logs < 0.02 + 2 * math.sqrt(0.02 / logs)


def test_a_log_that_is_read_before_a_period_is_over_cuts_it_however_quiet() -> None:
    names = ["2026-08", "2026-09", "2026-10"]
    first, last = datetime(2026, 8, 2, tzinfo=UTC), datetime(2026, 10, 9, tzinfo=UTC)
    (cut,) = cuts(load(names, "month", first, last, units=12, moment="2026-10-14T08:00:00Z"))
    assert cut[:3] == ("2026-10", 14, 31)
