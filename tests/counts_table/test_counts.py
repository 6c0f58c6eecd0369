"""Counts from a spreadsheet's export: what is read, exactly, and what is refused, at its place.

The tables are written as the spreadsheets of several countries write them; every expected figure was added up by hand.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.diagnostics import Diagnostic, Problem
from funnelcli.docs import codes
from funnelcli.segments import Breakdown, Segment
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact

GERMAN_EXCEL = (
    "Kanal;Besuche;Anfragen;Käufe;Kosten\r\n"
    "Anzeigen;1.234.567;12.345;678;1.500,50 €\r\n"
    "Suche;98.765;4.321;1.234;0,00 €\r\n"
    "Summe;1.333.332;16.666;1.912;1.500,50 €\r\n"
)
RUSSIAN_EXCEL = (
    "Канал;Визиты;Заявки;Продажи\r\n"
    "Реклама;12\u00a0345;1\u00a0234;56\r\n"
    "Поиск;7\u00a0655;766;44\r\n"
    "Итого;20\u00a0000;2\u00a0000;100\r\n"
    ";;;\r\n"
)
ENGLISH_SHEETS = (
    "Month,Visits,Leads,Sales,Ad spend (USD)\n"
    '2026-09,"1,234,567","12,345",678,"$1,500.50"\n'
    '2026-10,"100,000",655,22,$0.00\n'
)
LIBREOFFICE = '"Канал"\t"Визиты"\t"Продажи"\n"Реклама,\nонлайн"\t12\u202f345\t67\n"Поиск"\t655\t33\n'


class Table(NamedTuple):
    """What was read of a table: its figures in all, and those of segments."""

    stages: tuple[str, ...]
    totals: tuple[Exact, ...]
    breakdowns: tuple[Breakdown, ...]
    budget: Exact | None
    revenue: Exact | None
    currency: str | None
    notes: tuple[str, ...]


def read(data: bytes | str, known: Sequence[str] | None = None, **wishes: Any) -> Table:
    found = imported(data, known, **wishes)
    assert isinstance(found, Imported), found
    (funnel,) = found.funnels
    budgets = [each.budget for of in funnel.breakdowns[:1] for each in of.segments if each.budget is not None]
    return Table(
        funnel.names,
        tuple(stage.count for stage in funnel.stages),
        funnel.breakdowns,
        sum(budgets) if budgets else funnel.budget,
        funnel.stages[-1].revenue,
        funnel.currency,
        found.notes,
    )


def refused(data: bytes | str, known: Sequence[str] | None = None, **wishes: Any) -> list[Diagnostic]:
    found = imported(data, known, **wishes)
    assert isinstance(found, list), found
    return found


def imported(data: bytes | str, known: Sequence[str] | None = None, **wishes: Any) -> Imported | list[Diagnostic]:
    told = ImportOptions(known=None if known is None else tuple(known), **wishes)
    return import_table(data.encode() if isinstance(data, str) else data, "t.csv", told)


def places(found: list[Diagnostic]) -> list[tuple[str, int, int, str]]:
    return [(each.problem.code, each.location.line, each.location.column, each.path) for each in found]


def test_a_german_excel_export_is_read_with_budgets_and_its_total_is_left_out() -> None:
    table = read("\ufeff" + GERMAN_EXCEL)
    assert table.stages == ("Besuche", "Anfragen", "Käufe")
    assert table.totals == (1333332, 16666, 1912)
    ads = Segment("Anzeigen", (1234567, 12345, 678), Fraction(3001, 2))
    assert table.breakdowns == (Breakdown("Kanal", (ads, Segment("Suche", (98765, 4321, 1234), 0))),)
    assert table.budget == Fraction(3001, 2)
    assert table.notes == ('row 4, "Summe", adds up the others and is left out',)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_russian_excel_export_is_read_in_every_encoding_that_names_itself(encoding: str) -> None:
    table = read(RUSSIAN_EXCEL.encode(encoding))
    assert table.stages == ("Визиты", "Заявки", "Продажи")
    assert table.totals == (20000, 2000, 100)
    assert [segment.name for segment in table.breakdowns[0].segments] == ["Реклама", "Поиск"]


def test_utf_16_of_the_other_byte_order_is_read() -> None:
    assert read(b"\xfe\xff" + RUSSIAN_EXCEL.encode("utf-16-be")).totals == (20000, 2000, 100)


def test_an_english_google_sheet_is_read_with_its_months_as_text() -> None:
    table = read(ENGLISH_SHEETS)
    assert table.totals == (1334567, 13000, 700)
    assert [segment.name for segment in table.breakdowns[0].segments] == ["2026-09", "2026-10"]
    assert table.breakdowns[0].dimension == "Month"
    assert table.budget == Fraction(3001, 2)


def test_a_libreoffice_export_with_a_quoted_line_break_is_read() -> None:
    table = read(LIBREOFFICE)
    assert table.totals == (13000, 100)
    assert table.breakdowns[0].segments[0] == Segment("Реклама, онлайн", (12345, 67))


def test_the_first_line_of_excel_tells_the_delimiter_and_is_no_row_of_the_sheet() -> None:
    assert read("sep=;\nChannel;Visits, all;Leads, all\nAds;1,5;0,5\n").totals == (Fraction(3, 2), Fraction(1, 2))
    assert places(refused("sep=;\nChannel;Visits;Leads\nAds;10;x\nSEO;5;1\n")) == [("FN103", 3, 8, "C2")]


def test_a_semicolon_wins_where_commas_would_fit_as_well() -> None:
    table = read("Channel;Visits, all;Leads, all\nAds;1,5;0,5\n")
    assert table.stages == ("Visits, all", "Leads, all")


def test_several_label_columns_are_dimensions_added_up_each_on_its_own() -> None:
    table = read(
        "month,channel,V,L\n2026-09,Ads,10,5\n2026-09,SEO,8,4\n2026-10,Ads,3,2\n2026-09,Total,18,9\nTotal,,21,11\n"
    )
    assert table.totals == (21, 11)
    assert table.breakdowns == (
        Breakdown("month", (Segment("2026-09", (18, 9)), Segment("2026-10", (3, 2)))),
        Breakdown("channel", (Segment("Ads", (13, 7)), Segment("SEO", (8, 4)))),
    )
    assert len(table.notes) == 1


def test_a_long_table_gives_the_same_as_the_wide_one() -> None:
    long = "Channel,Stage,Count\nAds,Visit,100\nAds,Paid,7\nSEO,Visit,50\nSEO,Paid,5\nTotal,Visit,150\nTotal,Paid,12\n"
    table = read(long)
    assert table[:4] == read("Channel,Visit,Paid\nAds,100,7\nSEO,50,5\n")[:4]
    assert table.totals == (150, 12)


def test_stages_of_the_funnel_give_the_order_and_the_spelling_of_columns_and_rows() -> None:
    assert read("paid;channel;VISIT\n7;Ads;100\n", ["Visit", "Paid"])[:2] == (("Visit", "Paid"), (100, 7))
    assert read("этап;количество\npaid;7\nvisit;100\n", ["Visit", "Paid"])[:2] == (("Visit", "Paid"), (100, 7))


def test_growth_is_left_to_the_funnel_that_is_given() -> None:
    assert read("Visit,Paid\n5,9\n", ["Visit", "Paid"]).totals == (5, 9)


LONG_TOTAL = (
    "channel,stage,count\nAds,Visits,100\nAds,Leads,10\nSEO,Visits,50\nSEO,Leads,8\nAll,Visits,150\nAll,Leads,18\n"
)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("channel,Visits,Leads\nAds,100,10\nSEO,50,8\nAll channels,150,18\n", 4),
        ("channel,Visits,Leads\nEverything,150,18\nAds,100,10\nSEO,50,8\n", 2),
        (LONG_TOTAL, 6),
    ],
    ids=["last", "first", "long"],
)  # fmt: skip
def test_a_total_of_another_name_is_not_counted_twice(table: str, line: int) -> None:
    (found,) = refused(table)
    assert (found.problem.code, found.location.line) == ("FN106", line)
    assert "is the sum of all other rows" in found.problem.message


def test_rows_that_are_alike_by_chance_are_no_total() -> None:
    assert read("channel,Visits,Leads\nAds,100,10\nSEO,100,10\n").totals == (200, 20)
    assert read("channel,Visits,Leads\nAds,100,10\nSEO,50,8\nMail,150,17\n").totals == (300, 35)


def test_a_growing_count_is_refused_at_its_cell() -> None:
    (found,) = refused("Channel,Visit,Paid\nAds,100,7\nSEO,50,51\n")
    assert places([found]) == [("FN104", 3, 8, "C3")]
    assert found.problem.message == 'in "SEO", stage "Paid" (51) exceeds the one before it, "Visit" (50)'
    assert places(refused("stage,count\nPaid,7\nVisit,100\n")) == [("FN104", 3, 7, "B3")]


def test_a_total_that_does_not_add_up_is_refused_with_both_figures() -> None:
    (found,) = refused("Channel;Visits;Leads\nAds;100;10\nSEO;50;5\nTotal;150;16\n")
    assert places([found]) == [("FN114", 4, 11, "C4")]
    assert "16" in found.problem.message
    assert "15" in found.problem.message


def test_a_table_of_nothing_but_its_total_is_that_total() -> None:
    assert read("Channel,Visits,Leads\nTotal,100,10\n").totals == (100, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("12345", 12345),
        ("12 345", 12345),
        ("12\u00a0345", 12345),
        ("12\u202f345", 12345),
        ("12'345", 12345),
        ("12’345", 12345),
        ("1.234,56", Fraction(123456, 100)),
        ("1,234.56", Fraction(123456, 100)),
        ("1'234.5", Fraction(12345, 10)),
        ("1 234,5", Fraction(12345, 10)),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("12,34,567", 1234567),
        ("1,23,456", 123456),
        ("12,34,56,789.50", Fraction(246913579, 2)),
        ("0,125", Fraction(1, 8)),
        ("0.125", Fraction(1, 8)),
        ("1234,567", Fraction(1234567, 1000)),
        ("12,5", Fraction(25, 2)),
        ("100.00", 100),
        ("+7", 7),
        ("1.23456E+05", 123456),
        ("1,23456E+05", 123456),
        ("1000000000000000000", 10**18),
    ],
)
def test_a_number_that_reads_in_one_way_is_read_exactly(text: str, expected: Exact) -> None:
    assert locale_numbers.number(text) == expected


@pytest.mark.parametrize(
    ("text", "point", "comma"), [("1.234", Fraction(1234, 1000), 1234), ("12,345", 12345, Fraction(12345, 1000))]
)
def test_a_number_that_reads_in_two_ways_waits_for_the_decimal_mark(text: str, point: Exact, comma: Exact) -> None:
    problem = locale_numbers.number(text)
    assert isinstance(problem, Problem)
    assert problem.code == "FN206"
    assert "--decimal ," in (problem.help or "")
    assert (locale_numbers.number(text, "."), locale_numbers.number(text, ",")) == (point, comma)


@settings(deadline=None)
@given(text=st.text("01234567899.,' €", min_size=1, max_size=9))
def test_a_mark_is_proved_by_the_one_reading_and_left_open_by_two(text: str) -> None:
    values = {mark: locale_numbers.number(text, mark, True) for mark in locale_numbers.MARKS}
    fits = [mark for mark, value in values.items() if not isinstance(value, Problem)]
    assert locale_numbers.proved_mark(text, True) == (fits[0] if len(fits) == 1 else None)
    assert (locale_numbers.group_mark(text, True) is None) == (len(fits) < 2 or values["."] == values[","])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "FN102"),
        ("-", "FN102"),
        ("—", "FN102"),
        ("n/a", "FN102"),
        ("k. A.", "FN102"),
        ("н/д", "FN102"),
        ("#N/A", "FN103"),
        ("#DIV/0!", "FN103"),
        ("#ДЕЛ/0!", "FN103"),
        ("#####", "FN103"),
        ("=SUM(A1:A2)", "FN103"),
        ("NaN", "FN208"),
        ("5%", "FN103"),
        ("5,3 %", "FN103"),
        ("-5", "FN107"),
        ("−5", "FN107"),
        ("(5)", "FN107"),
        ("5-", "FN107"),
        ("-1.234,5", "FN107"),
        ("1.23E+05", "FN103"),
        ("1,23E+05", "FN103"),
        ("1E+05", "FN103"),
        ("5E-03", "FN103"),
        ("$5", "FN207"),
        ("5 €", "FN207"),
        ("01.10.2026", "FN209"),
        ("2026-10-01", "FN209"),
        ("007", "FN203"),
        ("1.23.4", "FN206"),
        ("12,345,67", "FN206"),
        ("1,2,345", "FN206"),
        ("12.34.567", "FN206"),
        ("1 2345", "FN206"),
        ("1 234.567 890", "FN206"),
        ("1,234'567", "FN206"),
        ("٣", "FN103"),
        ("abc", "FN103"),
        ("12 pcs", "FN103"),
        ("1000000000000000001", "FN119"),
        ("9" * 50, "FN119"),
        ("9" * 5000, "FN103"),
    ],
)
def test_what_is_no_count_is_refused_with_help(text: str, code: str) -> None:
    problem = locale_numbers.number(text)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.code in codes()
    assert problem.help


@pytest.mark.parametrize(("text", "count"), [("12.4k", 12400), ("12 pcs", 12), ("1,2 тыс.", 1200)])
def test_a_count_with_a_word_is_written_without_it(text: str, count: int) -> None:
    problem = locale_numbers.number(text)
    assert isinstance(problem, Problem)
    assert (problem.help or "").split()[:2] == ["write", str(count)]


@pytest.mark.parametrize(
    "text",
    [
        "1 500,50 €",
        "€ 1.500,50",
        "$1,500.50",
        "1 500,50 ₽",
        "1 500,50 руб.",
        "EUR 1500.50",
        "1'500.50 CHF",
        "R$ 1.500,50",
    ],
)
def test_money_may_carry_its_currency(text: str) -> None:
    assert locale_numbers.number(text, None, True) == Fraction(3001, 2)


def test_an_exponent_is_exact_for_money_only_down_to_the_cent() -> None:
    assert locale_numbers.number("1.23456E+03", None, True) == Fraction(123456, 100)
    problem = locale_numbers.number("1.23456E+04", None, True)
    assert isinstance(problem, Problem)
    assert "lost digits" in problem.message
    assert locale_numbers.number("1.23456E+04") == Fraction(123456, 10)


@pytest.mark.parametrize("text", ["-$5", "$-5", "-5 €", "$", "5 $ €"])
def test_money_that_is_negative_or_no_amount_is_refused(text: str) -> None:
    assert isinstance(locale_numbers.number(text, None, True), Problem)


def test_an_ambiguous_number_is_decided_by_another_cell_of_the_table() -> None:
    assert read("Channel;V;L\nAds;1.234;12\nSEO;1.234.567;5\n").totals == (1235801, 17)
    assert read("Channel;V;L;Budget\nAds;1.234;12;1,50\n").totals == (1234, 12)
    assert read("Channel;V;L;Budget\nAds;1.234;1;1.50\n").totals == (Fraction(617, 500), 1)


def test_an_ambiguous_number_that_nothing_decides_is_refused_at_its_cell_until_told() -> None:
    table = "Channel;V;L\nAds;1.234;1\nSEO;900;5\n"
    assert places(refused(table)) == [("FN206", 2, 5, "B2")]
    assert read(table, decimal=",").totals == (2134, 6)


def test_two_decimal_marks_in_one_table_are_refused_with_both_places() -> None:
    (found,) = refused("Channel;V;L\nAds;12,5;3\nSEO;12.5;3\n")
    assert places([found]) == [("FN206", 3, 5, "B3")]
    assert [place.line for _, place, _ in found.related] == [2]


def test_a_number_that_does_not_fit_the_told_mark_is_refused() -> None:
    assert places(refused("Channel;V;L\nAds;12.5;3\n", decimal=",")) == [("FN206", 2, 5, "B2")]


def test_empty_cells_are_zero_only_when_told() -> None:
    table = "Channel;V;L\nAds;12;\nSEO;9;3\n"
    (found,) = refused(table)
    assert places([found]) == [("FN102", 2, 8, "C2")]
    assert "--empty-as-zero" in (found.problem.help or "")
    assert read(table, empty_as_zero=True).totals == (21, 3)


def test_pairs_that_a_long_table_leaves_out_are_zero_only_when_told() -> None:
    table = "channel,stage,count\nAds,Visit,9\nAds,Paid,1\nSEO,Visit,5\n"
    assert places(refused(table)) == [("FN114", 4, 5, "B4")]
    assert read(table, empty_as_zero=True).breakdowns[0].segments[1] == Segment("SEO", (5, 0))


BAD_TABLES: list[tuple[str, str, list[tuple[str, int, int, str]]]] = [
    ("empty", "", [("FN006", 1, 1, "A1")]),
    ("blank lines only", "\n;;\n\n", [("FN006", 1, 1, "A1")]),
    ("names only", "a;b;c\n", [("FN006", 1, 1, "A1")]),
    ("one column", "Visits\n5\n", [("FN103", 1, 1, "A1")]),
    ("no names", "Ads,100,20\nSEO,50,10\n", [("FN102", 1, 5, "B1"), ("FN102", 1, 9, "C1")]),
    ("one stage", "Channel,V\nAds,5\n", [("FN105", 1, 1, "A1")]),
    ("a column without a name", "Channel,,V,L\nAds,9,5,1\n", [("FN121", 1, 9, "B1")]),
    ("a column twice", "V,L,v\n5,4,3\n", [("FN106", 1, 5, "C1")]),
    ("ragged rows", "Channel,V,L\nAds,5\nSEO,5,4,3\n", [("FN114", 2, 5, "C2"), ("FN114", 3, 9, "D3")]),
    ("an unquoted decimal comma", "Channel,V,L\nAds,5,1,5\n", [("FN114", 2, 9, "D2")]),
    ("a quote that stays open", 'Channel,V,L\n"Ads,5,4\nSEO,5,4\n', [("FN103", 2, 1, "A2")]),
    ("text behind a quote", 'Channel,V,L\nAds,"5"0,4\n', [("FN103", 2, 5, "B2")]),
    ("a row twice", "Channel,V,L\nAds,5,4\nAds,5,4\n", [("FN106", 3, 1, "A3")]),
    ("two rows without labels", "V,L\n5,4\n5,4\n", [("FN106", 3, 1, "A3")]),
    ("an empty label", "Channel,V,L\nAds,5,4\n,5,4\n", [("FN121", 3, 1, "A3")]),
    ("labels that differ in case", "Channel,V,L\nAds,5,4\nads,5,4\n", [("FN106", 3, 1, "A3")]),
    ("an invisible character", "Channel,V,L\nA\u200bds,5,4\n", [("FN015", 2, 1, "A2")]),
    ("a subtotal by name", "Channel,V,L\nAds,5,4\nAds Total,5,4\n", [("FN106", 3, 1, "A3")]),
    ("a column of totals", "Channel,V,L,Итого\nAds,5,4,3\n", [("FN103", 1, 13, "D1")]),
    ("two budgets", "Channel,V,L,Budget,Cost\nAds,5,4,3,2\n", [("FN113", 1, 20, "E1")]),
    ("a turned table", "Stage,Ads,SEO\nVisit,5,4\nPaid,3,2\n", [("FN114", 1, 1, "A1")]),
    (
        "totals of nothing",
        "Channel,V,L\nSubtotal,5,4\nTotal,5,4\n",
        [("FN114", 2, 10, "B2")],
    ),
    ("a stage twice", "stage,count\nVisit,5\nVisit,4\n", [("FN106", 3, 1, "A3")]),
    ("a total as a stage", "stage,count\nVisit,5\nPaid,4\nTotal,8\n", [("FN112", 4, 1, "A4")]),
    ("numbers beside the counts", "stage,count,x\nVisit,5,1\nPaid,4,2\n", [("FN103", 1, 13, "C1")]),
    ("two columns of counts", "stage,count,users\nVisit,5,1\nPaid,4,2\n", [("FN106", 1, 13, "C1")]),
    ("a budget in a long table", "stage,count,cost\nVisit,5,1\nPaid,4,2\n", [("FN114", 1, 13, "C1")]),
]


@pytest.mark.parametrize(("table", "expected"), [row[1:] for row in BAD_TABLES], ids=[row[0] for row in BAD_TABLES])
def test_a_bad_table_is_refused_at_its_place(table: str, expected: list[tuple[str, int, int, str]]) -> None:
    found = refused(table)
    assert sorted(places(found)) == sorted(expected)
    assert all(each.problem.help for each in found)
    assert {each.problem.code for each in found} <= set(codes())


def test_unknown_stages_are_asked_about() -> None:
    (found,) = refused("Channel,Visits,Piad\nAds,9,5\n", ["Visits", "Paid"])
    assert places([found]) == [("FN112", 1, 16, "C1")]
    assert 'did you mean "Paid"?' in (found.problem.help or "")
    (found,) = refused("stage,count\nVisits,9\nPiad,5\nPaid,5\n", ["Visits", "Paid"])
    assert places([found]) == [("FN112", 3, 1, "A3")]
    (found,) = refused("Channel,Visits\nAds,9\n", ["Visits", "Paid"])
    assert found.problem.message == 'no column for "Paid"'


@pytest.mark.parametrize("written", ["1200 pcs", "1 200 шт.", "12k", "~1200", "<1200", "1.200.00", "1000.00", "5 %"])
def test_a_column_of_figures_never_becomes_a_column_of_labels(written: str) -> None:
    assert locale_numbers.looks_like(written) == "number"


@pytest.mark.parametrize("written", ["2026-10", "2026-10-01", "01.10.2026", "18-24", "Q3 2026", "Ads 2", "7-Eleven"])
def test_dates_ranges_and_names_with_digits_are_labels(written: str) -> None:
    assert locale_numbers.looks_like(written) == "text"


def test_columns_named_as_labels_are_labels_though_they_hold_numbers() -> None:
    table = read("Store,V,L\n12,9,5\n14,8,2\n", labels=("store",))
    assert [segment.name for segment in table.breakdowns[0].segments] == ["12", "14"]
    assert table.stages == ("V", "L")
    assert [each.problem.code for each in refused("Store,V,L\n12,9,5\n", labels=("shop",))] == ["FN102"]


def test_an_empty_column_that_cannot_be_a_stage_is_left_out_and_said() -> None:
    said = ('left out: "Notes" (empty)',)
    assert read("Channel,V,L,Notes\nAds,9,5,\n", ["V", "L"]).notes == said
    assert read("Channel,V,L,Budget\nAds,9,5,\n").notes == ('left out: "Budget" (empty)',)
    assert places(refused("Channel,V,L,Sales\nAds,9,5,\n")) == [("FN102", 1, 13, "D1")]


def test_all_problems_come_in_one_run_and_sorted() -> None:
    found = refused('Channel,V,L\n"Ads\nonline",n/a,5%\nSEO,-5,#N/A\nMail,5,7\n')
    assert places(found) == [
        ("FN102", 3, 9, "B2"),
        ("FN103", 3, 13, "C2"),
        ("FN107", 4, 5, "B3"),
        ("FN103", 4, 8, "C3"),
        ("FN104", 5, 8, "C4"),
    ]
    assert found[0].source == 'online",n/a,5%'


def test_what_is_wrong_with_many_cells_alike_is_one_problem_with_their_number() -> None:
    rows = "".join(f"c{row},x{row},1\nd{row},9,1\ne{row},9,1\n" for row in range(1200))
    (found,) = refused(f"Channel,V,L\n{rows}", ["V", "L"], layout="wide")
    assert found.problem.message == '"x0" is not a number (and 1199 more like it: B5, B8, B11, …)'
    (found,) = refused("Channel,V,L,S\n" + "".join(f"c{row},9,,\n" for row in range(43)) + "d,9,5,1\n")
    assert found.problem.message == "86 cells are empty: this one, D2, C3, D3, …"
    assert (found.location.line, found.location.column) == (2, 6)
    assert "--empty-as-zero" in (found.problem.help or "")


GROUPS = ["", ",", ".", " ", "\u00a0", "\u202f", "'", "’"]


def are_nearly_alike(column: Sequence[int]) -> bool:
    """Whether large numbers are so near to each other that they may be codes, about which is asked."""
    return min(column) >= 100_000 and 20 * (max(column) - min(column)) <= max(column) ** 0.5


COUNTS = st.one_of(st.integers(0, 2000), st.integers(0, 10**6 + 1000), st.integers(0, 10**12))


@settings(max_examples=whole_or_part(200, 80), deadline=None)
@given(
    rows=st.lists(st.lists(COUNTS, min_size=3, max_size=3), min_size=1, max_size=5),
    group=st.sampled_from(GROUPS),
    decimals=st.sampled_from(["", ".00", ",00", ".0", ",0"]),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_whole_counts_in_any_local_style_are_read_exactly_or_refused_when_nothing_proves_the_mark(
    rows: list[list[int]], group: str, decimals: str, delimiter: str, encoding: str, quoting: int, ending: str
) -> None:
    if group and group == decimals[:1]:
        decimals = ""
    rows = [sorted(row, reverse=True) for row in rows]
    in_all = [sum(column) for column in zip(*rows, strict=True)]
    assume(not any([2 * count for count in row] == in_all for row in rows))  # that is a total
    assume(len(rows) == 1 or not any(map(are_nearly_alike, zip(*rows, strict=True))))
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=ending)  # type: ignore[arg-type]
    writer.writerow(["Channel", "V", "L", "S"])
    for index, row in enumerate(rows):
        writer.writerow([f"c{index}", *(f"{count:,}".replace(",", group) + decimals for count in row)])
    data = out.getvalue().encode(encoding)
    result = imported(data)
    largest = max(max(row) for row in rows)
    may_be_decimals = group in (",", ".") and not decimals and 1000 <= largest < 10**6
    if may_be_decimals and isinstance(result, list):  # else the other reading is impossible, and this one is right
        assert {each.problem.code for each in result} == {"FN206"}
        result = imported(data, decimal="." if group == "," else ",")
    assert isinstance(result, Imported), result
    (funnel,) = result.funnels
    assert [stage.count for stage in funnel.stages] == list(map(sum, zip(*rows, strict=True)))
    assert [segment.counts for segment in funnel.breakdowns[0].segments] == [tuple(row) for row in rows]


@settings(max_examples=whole_or_part(200, 80), deadline=None)
@given(st.text(alphabet="0123456789.,;'\" \t\r\n%-E+€aV\u00a0", max_size=60))
def test_any_text_is_a_table_or_diagnostics_within_the_file(text: str) -> None:
    result = imported(text)
    if isinstance(result, list):
        assert result
        lines = max(1, len(list(StringIO(text, newline=""))))
        assert all(1 <= each.location.line <= lines for each in result)
        assert all(each.location.column < each.location.end_column for each in result)


@pytest.mark.parametrize(
    ("cell", "ways"), [("9o", "90 or 9:"), ("4\u041e1", "401 or 41:"), ("O7", ", 7:"), ("x7", "digits")]
)
def test_a_letter_o_beside_digits_may_be_a_zero(cell: str, ways: str) -> None:
    found = import_table(f"channel,Visits,Sales\nAds,100,{cell}\nMail,500,4\n".encode(), "t.csv")
    assert isinstance(found, list)
    assert [each.problem.code for each in found] == ["FN103"]
    assert ways in str(found[0].problem.help)
