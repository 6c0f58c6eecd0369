"""Dates as exports write them: each form is the moment that it says, and one with two readings is asked about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from funnelcli.counts_table.date_forms import DAY, day_number, parted, time_of_day
from tests.counts_table.test_deals import funnel, refused

NAMES = ["Record ID", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date"]


def moment(text: str, order: str = "dmy") -> datetime | None:
    """What a text says, in UTC."""
    both = parted(text)
    day, clock = day_number(both.day, order), time_of_day(both.time)
    if day is None or clock is None:
        return None
    return datetime.fromtimestamp((day * DAY + clock[0] - (clock[1] or 0)) / 1_000_000, UTC)


NOON = datetime(2026, 9, 30, 14, 5, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-30 14:05", "2026-09-30T14:05:00", "2026-09-30T14:05:00Z", "2026-09-30T14:05:00.000Z",
        "2026-09-30 16:05:00 +0200", "2026-09-30T16:05:00+02:00", "2026-09-30 09:05:00 -0500",
        "2026-09-30 14:05:00 UTC",
        "2026/09/30 14:05", "30.09.2026 14:05", "30.9.2026 14:05:00", "30.09.26 14:05", "30/09/2026 14:05",
        "30/09/2026, 14:05", "30-09-2026 2:05 PM", "30/9/2026 2:05pm", "30/9/2026 2:05 p.m.", "Sep 30, 2026 14:05",
        "Sep 30, 2026, 2:05 PM", "30 Sep 2026 14:05", "30-Sep-2026 14:05", "30-Sep-26 14:05",
        "September 30, 2026 at 2:05 PM",
        "Wed, 30 Sep 2026 14:05:00 GMT", "Wednesday, September 30, 2026 2:05 PM", "30. September 2026, 14:05",
        "30 septembre 2026 à 14:05", "30 de septiembre de 2026 14:05", "30 сентября 2026 г. в 14:05",
        "30 сент. 2026 г., 14:05", "2026年9月30日 14:05", "2026년 9월 30일 14:05",
        "September 30th, 2026 2:05 PM", "1790777100", "1790777100000", "20260930 14:05",
    ],
)  # fmt: skip
def test_a_moment_is_read_in_each_form(text: str) -> None:
    assert moment(text) == NOON


@pytest.mark.parametrize("text", ["2026-09-30", "30.09.2026", "30/09/2026", "30-09-26", "20260930", "30 Sept 2026"])
def test_a_day_is_its_midnight(text: str) -> None:
    assert moment(text) == MIDNIGHT


@pytest.mark.parametrize(
    "text", ["Mar 3, 2026", "3 mar 2026", "mar, 3 mar 2026", "mar. 3 de marzo de 2026", "Tue Mar 3 2026"]
)
def test_a_word_for_a_month_may_be_one_for_a_day_elsewhere(text: str) -> None:
    assert moment(text) == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_in_english(month: int) -> None:
    wanted = datetime(2026, month, 9, tzinfo=UTC)
    assert moment(f"{wanted:%b} 9, 2026") == moment(f"{wanted:%A, %d %B %Y}") == wanted


@pytest.mark.parametrize("text", ["9/30/2026 2:05 PM", "09/30/2026 14:05", "9-30-26 14:05"])
def test_the_month_may_come_first(text: str) -> None:
    assert moment(text, "mdy") == NOON
    assert moment(text, "dmy") is None


@pytest.mark.parametrize(("text", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 AM", 1), ("11:05 PM", 23)])
def test_twelve_is_noon_or_midnight(text: str, hour: int) -> None:
    assert moment(f"2026-09-30 {text}") == NOON.replace(hour=hour)


@pytest.mark.parametrize(
    "text",
    [
        "soon", "2026-02-29", "31.02.2026", "2026-13-01", "2026-09-30 25:00", "2026-09-30 14:61", "2026-09-30 13:05 PM",
        "45930", "45930.58", "30 Foo 2026", "0000-00-00", "2026-9", "9/2026", "30/09", "не закрыта", "2026-09-30 14",
        "1", "",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text) is None


def table(*dates: str, closed: str = "") -> list[list[Any]]:
    rows = [[at, "Sales", "Lead", 5, date, ""] for at, date in enumerate(dates, 1)]
    return [NAMES, *rows, *([[99, "Sales", "Closed Won", 5, dates[0], closed]] if closed else [])]


def months(rows: list[list[Any]], **options: Any) -> list[str]:
    found = {each.dimension: each for each in funnel(rows, **options).breakdowns}
    return [each.name for each in found["month"].segments]


def test_one_date_decides_for_its_column() -> None:
    assert months(table("03/04/2026", "30/04/2026")) == ["2026-04"]
    assert months(table("03/04/2026", "04/30/2026")) == ["2026-03", "2026-04"]


def test_another_column_decides_where_the_own_does_not() -> None:
    assert months(table("03/04/2026", closed="13/05/2026")) == ["2026-04"]
    assert months(table("03/04/2026", closed="05/13/2026")) == ["2026-03"]


def test_the_plan_of_an_open_deal_is_evidence_too() -> None:
    rows = table("03/04/2026")
    rows[1][-1] = "12/31/2026"
    assert months(rows) == ["2026-03"]
    rows[1][-1] = "not closed"
    ((place, problem),) = refused(rows)
    assert (place, problem.code) == ("E2", "FN209")


def test_two_readings_are_asked_about_once_and_the_option_decides() -> None:
    rows = table("03/04/2026", "05/04/2026", "07/08/2026")
    ((place, problem),) = refused(rows)
    assert (place, problem.code) == ("E2", "FN209")
    assert "2026-04-03 or 2026-03-04" in problem.message
    assert "2 more rows" in problem.message
    assert "--dates dmy or --dates mdy" in (problem.help or "")
    assert months(rows, date_order="dmy") == ["2026-04", "2026-08"]
    assert months(rows, date_order="mdy") == ["2026-03", "2026-05", "2026-07"]


def test_points_part_the_day_first() -> None:
    assert months(table("03.04.2026", "05.04.2026")) == ["2026-04"]


def test_two_digits_of_a_year_are_asked_about_where_they_may_be_a_day() -> None:
    ((_, problem),) = refused(table("05/06/07"))
    assert problem.code == "FN209"
    assert months(table("05/06/26", "30/06/26")) == ["2026-06"]


def test_dates_of_two_orders_in_one_column_are_refused_with_both() -> None:
    ((place, problem),) = refused(table("30/04/2026", "04/30/2026"))
    assert (place, problem.code) == ("E3", "FN103")
    assert '"04/30/2026" and "30/04/2026"' in problem.message


def test_an_option_that_no_date_fits_is_refused_at_the_cell() -> None:
    ((place, problem),) = refused(table("30/04/2026", "29/04/2026"), date_order="mdy")
    assert (place, problem.code) == ("E2", "FN103")


def test_a_number_of_a_spreadsheet_is_told_as_such() -> None:
    ((_, problem),) = refused(table("45930", "45931.5"))
    assert "spreadsheet" in (problem.help or "")


def test_the_month_is_that_of_the_place() -> None:
    """Late on the last of a month in New York is the next month in UTC."""
    assert months(table("2026-09-30 23:30:00 -0500")) == ["2026-09"]


def test_an_interval_excludes_its_end() -> None:
    rows = table("2026-08-31 23:59", "2026-09-01 00:00", "2026-09-30 23:59", "2026-10-01 00:00")
    assert funnel(rows, between=("2026-09-01", "2026-10-01")).stages[0].count == 2


def test_an_interval_with_an_offset_is_one_of_instants() -> None:
    rows = table("2026-09-01 00:30:00 +0200", "2026-09-01 02:30:00 +0200")
    assert funnel(rows, between=("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")).stages[0].count == 1
    assert funnel(rows, between=("2026-09-01", "2026-10-01")).stages[0].count == 2
