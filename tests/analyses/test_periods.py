"""Periods by their names: what everybody puts in order is in order, and what cannot be told is left alone."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.analyses.periods import calendar_words, in_time, is_time, order, understood
from funnelcli.analyses.segments import break_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.analyses.segments import SegmentReport
    from funnelcli.model import Funnel

IN_ORDER = [
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "January February March April May June July August September October November December",
    "Янв Фев Мар Апр Май Июн Июл Авг Сен Окт Ноя Дек",
    "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
    "Mon Tue Wed Thu Fri Sat Sun",
    "пн вт ср чт пт сб вс",
    "Mo Di Mi Do Fr Sa So",
    "lun mar mer jeu ven sam dim",
    "ma ti ke to pe la su",
    "Q1 Q2 Q3 Q4",
    "2026-Q1 2026-Q2 2026-Q3 2026-Q4 2027-Q1",
    "2025-W52 2026-W01 2026-W02 2026-W10",
    "2026-9 2026-10 2026-11",
    "09.2026 10.2026 01.2027",
    "31.01.2026 01.02.2026 01.01.2027",
    "2025 2026 2027",
    "9 10 11",
    "08:00 09:00 10:30",
]
SPACED = [
    ["Dec 2025", "January 2026", "2026-02", "März 2026"],
    ["Q3 2025", "Q4 2025", "Q1 2026", "2026 Q2"],
    ["3 кв. 2025", "1 кв. 2026", "2 кв. 2026"],
    ["I квартал", "II квартал", "III квартал", "IV квартал"],
    ["Week 2", "Week 9", "Week 10"],
    ["KW 2", "KW 9", "KW 10"],
    ["1 октября 2025", "2 октября 2025", "1 января 2026"],
    ["30 Sep 2026", "Oct 1, 2026", "2026-10-02"],
    ["Sep-25", "Oct-25", "Jan-26"],
    ["12/01/2026", "13/01/2026", "01/02/2026"],
    ["01/12/2026", "01/13/2026", "02/01/2026"],
    ["Sprint 2", "Sprint 9", "Sprint 10"],
    ["Week of Oct 5", "Week of Oct 12", "Week of Nov 2"],
    ["4Q25", "1Q26", "2Q26"],
    ["H2 2025", "H1 2026", "H2 2026"],
    ["Nov", "Dec", "Jan"],  # one run over the turn of the year
    ["9", "10", "100"],
    ["08:05", "08:30", "10:15"],
]
KNOWN = [*(line.split() for line in IN_ORDER), *SPACED]


@pytest.mark.parametrize("names", KNOWN, ids=lambda names: names[0])
def test_names_that_everybody_knows_are_in_their_order(names: list[str]) -> None:
    places = order(names)
    assert places == list(range(len(names)))
    mixed = random.Random(5).sample(names, len(names))
    found = order(mixed)
    assert found is not None
    assert [mixed[place] for place in found] == names


@given(st.lists(st.dates(date(1990, 1, 1), date(2150, 1, 1)), min_size=2, max_size=20, unique=True), st.data())
def test_dates_are_in_order_however_they_are_written(days: list[date], data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["{:%Y-%m-%d}", "{:%d.%m.%Y}", "{:%d %b %Y}", "{:%B %d, %Y}", "{:%Y-%m-%d %a}"]))
    names = [form.format(day) for day in days]
    places = order(names)
    assert places is not None
    assert [names[place] for place in places] == [form.format(day) for day in sorted(days)]


@given(st.integers(0, 11), st.integers(2, 11), st.booleans())
def test_months_that_follow_each_other_stay_over_the_turn_of_the_year(first: int, count: int, latest: bool) -> None:
    months = IN_ORDER[0].split()
    run = [months[(first + step) % 12] for step in range(count)]
    names = run[::-1] if latest else run
    places = order(names)
    assert places is not None
    assert [names[place] for place in places] == run


def test_weeks_by_their_days_stay_over_the_turn_of_the_year() -> None:
    days = [date(2025, 12, 8) + timedelta(weeks=week) for week in range(8)]
    names = [f"{day:%d %b}" for day in days]
    assert order(names) == list(range(8))


@pytest.mark.parametrize(
    "names",
    [
        ["28 Dec", "4 Jan", "11 Jan"],
        ["Week 52", "Week 53", "Week 1"],
        ["51", "52", "1", "2"],  # weeks, and hours that begin at 0
        ["22", "23", "0", "1"],
        ["30", "31", "1"],
        ["H2", "H1"],
        ["Q3", "Q4", "Q1"],
        ["Sat", "Sun", "Mon"],
    ],
)
def test_what_goes_round_stays_as_it_follows_in_the_file_and_backwards_where_the_latest_is_first(
    names: list[str],
) -> None:
    places = list(range(len(names)))
    assert order(names) == places
    if len(names) > 2:  # of two, each follows the other
        assert order(names[::-1]) == places[::-1]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Jan", "Nov", "Dec"], ["Jan", "Nov", "Dec"]),  # in order as they stand, and so of one year
        (["Jun", "Dec", "Jan"], ["Jan", "Jun", "Dec"]),  # no run: two months are missing in two places
        (["Mar", "Dec", "Nov"], ["Mar", "Nov", "Dec"]),  # no January after December
        (["4 Jan", "28 Dec"], ["4 Jan", "28 Dec"]),
        (["5 Mar", "1 Feb", "7 Jan"], ["7 Jan", "1 Feb", "5 Mar"]),
        (["28 Dec", "4 Jan", "29 Dec", "5 Jan"], ["4 Jan", "5 Jan", "28 Dec", "29 Dec"]),  # the year turns once
        (["5 Mar", "1 Mar", "7 Mar"], ["1 Mar", "5 Mar", "7 Mar"]),
        (["10", "1", "9"], ["1", "9", "10"]),
        (["12", "1", "11"], ["1", "11", "12"]),  # months by number would be named
        (["Week 10", "Week 1", "Week 9"], ["Week 1", "Week 9", "Week 10"]),
    ],
)
def test_what_does_not_follow_goes_by_its_numbers(names: list[str], expected: list[str]) -> None:
    places = order(names)
    assert places is not None
    assert [names[place] for place in places] == expected


@pytest.mark.parametrize(
    "names",
    [
        ["before", "after"],
        ["01/02/2026", "02/01/2026"],  # two readings, two orders
        ["Jan", "January"],
        ["Jan", "Q1"],
        ["2026-10", "2026-10-01"],
        ["Jan", "x"],
        ["Jan 45 2026", "Feb 44 2026"],
        ["Jan 5 6", "Feb 5 6"],
    ],
)
def test_what_cannot_be_told_is_not_told(names: list[str]) -> None:
    assert order(names) is None


def test_no_word_stands_for_two_months_or_two_days() -> None:
    for heading, size in (("months", 12), ("weekdays", 7)):
        known: dict[str, int] = {}
        for words in calendar_words()[heading]:
            assert len(words) == size, words
            for number, word in enumerate(words, 1):
                assert known.setdefault(word, number) == number, word


@pytest.mark.parametrize("dimension", ["month", "Month", "Monat", "Месяц", "mois", "kuukausi", "period", "weekday"])
def test_dimensions_of_time(dimension: str) -> None:
    assert is_time(dimension)


@pytest.mark.parametrize("dimension", ["manager", "channel", "monthly plan"])
def test_other_dimensions(dimension: str) -> None:
    assert not is_time(dimension)


BY_NAME = """\
stages: {Visits: 3000, Orders: 345}
breakdowns:
  month: {Mar: [1000, 130], Jan: [1000, 100], Feb: [1000, 115]}
"""


def report(funnel: Funnel, dimension: str = "month") -> SegmentReport:
    found = break_down(funnel, dimension)
    assert hasattr(found, "segments"), found
    return found


def test_a_table_by_month_is_in_order_and_has_its_changes(funnel: Callable[[str], Funnel]) -> None:
    found = report(funnel(BY_NAME))
    assert [row.name for row in found.segments] == ["Jan", "Feb", "Mar"]
    assert [row.sales_change for row in found.segments] == [None, 15, 15]
    assert found.in_order


def test_periods_without_order_keep_that_of_the_file_and_have_no_trend(funnel: Callable[[str], Funnel]) -> None:
    text = BY_NAME.replace("Mar:", "later:").replace("Jan:", "first:").replace("Feb:", "second:")
    loaded = funnel(text)
    found = report(loaded)
    assert [row.name for row in found.segments] == ["later", "first", "second"]
    assert [row.sales_change for row in found.segments] == [None, None, None]
    assert found.is_time
    assert not found.in_order
    assert not understood(loaded.breakdowns[0])
    assert [segment.name for segment in in_time(loaded.breakdowns[0])] == ["later", "first", "second"]
