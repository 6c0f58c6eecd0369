"""The time that lines above a table tell, in the languages of the exports; days and months of cells."""

from __future__ import annotations

from datetime import date

import pytest

from funnelcli.counts_table.period_titles import day_of, month_of, needs_order, order_of, span_name, span_of_titles

SEPTEMBER = [
    "September 1, 2026 - September 30, 2026",
    "Sep 1, 2026 - Sep 30, 2026",
    "1. September 2026 – 30. September 2026",
    "1 sept. 2026 - 30 sept. 2026",
    "1 de septiembre de 2026 - 30 de septiembre de 2026",
    "1 de setembro de 2026 - 30 de setembro de 2026",
    "1 settembre 2026 - 30 settembre 2026",
    "1 september 2026 - 30 september 2026",
    "1 wrz 2026 - 30 wrz 2026",
    "1 września 2026 - 30 września 2026",
    "1 сентября 2026 г. - 30 сентября 2026 г.",
    "1 вересня 2026 р. - 30 вересня 2026 р.",
    "1 Eylül 2026 - 30 Eylül 2026",
    "2026年9月1日 - 2026年9月30日",
    "20260901-20260930",
    "# 20260901-20260930",
    "Период: 01.09.2026 - 30.09.2026",
    "с 2026-09-01 по 2026-09-30",
    "Date range: 2026-09-01 - 2026-09-30",
    "01/09/2026 a 30/09/2026",
    "09/01/2026 - 09/30/2026",
]


@pytest.mark.parametrize("line", SEPTEMBER)
def test_a_line_tells_a_month(line: str) -> None:
    span = span_of_titles([["Campaign report"], [line]])
    assert span is not None
    assert span_name(*span) == "2026-09"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("September 1, 2026 - September 15, 2026", "2026-09-01 to 2026-09-15"),
        ("January 1, 2026 - March 31, 2026", "2026-Q1"),
        ("February 1, 2026 - April 30, 2026", "2026-02-01 to 2026-04-30"),
        ("1. Januar 2026 - 31. Dezember 2026", "2026"),
        ("February 1, 2028 - February 29, 2028", "2028-02"),
        ("October 1, 2026", "2026-10-01"),
        ("December 1, 2026 - January 31, 2027", "2026-12-01 to 2027-01-31"),
    ],
)
def test_a_time_is_written_by_its_name(line: str, expected: str) -> None:
    span = span_of_titles([[line]])
    assert span is not None
    assert span_name(*span) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Campaign report",
        "All time",
        "Created 2026-10-01 12:00",
        "01/09/2026 - 05/09/2026",  # from the 1st or from the 9th
        "September 30, 2026 - September 1, 2026",
        "February 30, 2026 - March 1, 2026",
        "2026-09-01, 2026-09-02, 2026-09-03",
        "Order 20260901",
    ],
)
def test_what_tells_no_time(line: str) -> None:
    assert span_of_titles([[line]]) is None


def test_two_lines_that_tell_two_times_tell_none() -> None:
    assert span_of_titles([["2026-09-01 - 2026-09-30"], ["2025-09-01 - 2025-09-30"]]) is None
    assert span_of_titles([["2026-09-01 - 2026-09-30"], ["Sep 1, 2026", "Sep 30, 2026"]]) is not None


def test_days_of_cells() -> None:
    for cell in (
        "2026-09-01",
        "01.09.2026",
        "Mo., 1. Sept. 2026",
        "1 sept. 2026",
        "2026-09-01 00:00:00",
        "20260901",
        "2026년 9월 1일",
        "2026-09-01T00:00:00Z",
        "September 1st, 2026",
        "1er septembre 2026",
    ):
        assert day_of(cell) == date(2026, 9, 1), cell
    assert day_of("03/04/2026") is None
    assert (day_of("03/04/2026", "dmy"), day_of("03/04/2026", "mdy")) == (date(2026, 4, 3), date(2026, 3, 4))
    assert day_of("31/02/2026", "dmy") is None
    assert day_of("9/1/2026 2:05 PM", "mdy") == day_of("09.01.2026", "mdy") == date(2026, 9, 1)
    assert day_of("week 12") is None
    assert day_of("2026-09-01 30 clicks") is None


def test_the_order_of_days_is_proved_by_one_of_them() -> None:
    assert order_of(["03/04/2026", "13/04/2026"]) == "dmy"
    assert order_of(["03/04/2026", "04/13/2026"]) == "mdy"
    assert order_of(["03/04/2026"]) is None
    assert order_of(["13/04/2026", "04/13/2026"]) is None
    assert (needs_order("03/04/2026"), needs_order("03/03/2026"), needs_order("2026-04-03")) == (True, False, False)


def test_months_of_cells() -> None:
    for cell in ("2026-09", "September 2026", "сентябрь 2026", "09.2026", "2026-09-01", "sept. 2026"):
        assert month_of(cell) == date(2026, 9, 1)
