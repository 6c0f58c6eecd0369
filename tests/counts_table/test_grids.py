"""What stands above, below and in place of a table of counts: titles, totals, lists of deals, logs of events.

The shapes are those of real exports; every sum was added up by hand.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from funnelcli.counts_table.words import is_total
from tests.thorough import whole_or_part

from .test_counts import are_nearly_alike, places, read, refused

if TYPE_CHECKING:
    import random

TITLES = [
    "Campaign report\n",
    'Campaign report\n"October 1, 2026 - October 31, 2026"\n',
    "# ----------------\n# Funnel exploration\n# 20261001-20261031\n# ----------------\n",
    "# one\n\n\n",
    "Report,October\n",
    "Report 2026,,,\n,,,\n",
    '"Date range","Oct 1, 2026 - Oct 31, 2026"\n',
    "Отчёт за октябрь\nПериод 01.10.2026 - 31.10.2026\n",
]
TABLES = {
    "wide": "Channel,Visits,Leads\nAds,100,10\nSEO,50,5\n",
    "long": "stage,count\nVisits,150\nLeads,15\n",
    "numbered": "#,stage,count\n1,Visits,150\n2,Leads,15\n",
}


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_above_the_names_are_skipped_and_said(title: str, table: str, delimiter: str) -> None:
    found = read(title.replace('","', f'"{delimiter}"') + table.replace(",", delimiter))
    assert (found.stages, found.totals) == (("Visits", "Leads"), (150, 15))
    (note,) = [note for note in found.notes if "skipped" in note]
    assert note.startswith(("line 1 ", "lines 1 to "))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_nothing_is_said_to_be_skipped_where_names_stand_first(table: str) -> None:
    assert not [note for note in read(table).notes if "skipped" in note]


def test_a_finding_below_titles_has_its_line_in_the_file() -> None:
    assert places(refused("Report\n# one\nChannel,Visits,Leads\nAds,100,n/a\n")) == [("FN102", 4, 9, "C4")]


DEALS = [  # under names that no recipe knows
    "Deal Name,Where it is,Amount,Made on\nAcme,Won,1000,2026-10-01\nBeta,Offer,500,2026-10-02\n",
    "Deal,Sales step,Worth\nAcme,Won,10\nBeta,New,1\n",
    "Deal - ID,Deal - Title,Deal - Step,Deal - Worth,Deal made\n1,A,Lead,9,2026-10-01 10:00:00\n2,B,Won,2,\n",
    "ID;Название сделки;Цена;Шаг;Дата\n1;А;1000;Новая;01.10.2026 10:00:00\n2;Б;2000;Успех;\n",
    "Opportunity Owner,Opportunity Name,Sales step,Worth,Closing day\nAnn,A,Won,10,10/1/2026\nBob,B,New,20,10/2/2026\n",
]
LOGS = [
    "user_id,event,time\nu1,visit,2026-10-01 10:00:00\nu1,pay,2026-10-01 10:05:00\nu2,visit,2026-10-01 11:00:00\n",
    "event_name,user_pseudo_id,event_timestamp\nvisit,a,1790000000\npay,a,1790000100\nvisit,b,1790000200\n",
    "timestamp,event\n2026-10-01T10:00:00Z,visit\n2026-10-01T10:01:00Z,pay\n",
    "visitor,step,at,value\na,visit,2026-10-01 10:00:00,1\nb,visit,2026-10-01 10:00:02,2\n",
]


@pytest.mark.parametrize(
    ("table", "word"), [*((each, "a deal") for each in DEALS), *((each, "an event") for each in LOGS)]
)
def test_a_list_of_deals_or_events_gets_one_line_that_says_so(table: str, word: str) -> None:
    for stages in (None, ["Won", "Lost"]):
        (found,) = refused(table, stages)
        assert found.problem.code == "FN114"
        assert f"each row is {word}" in found.problem.message
        assert found.problem.help


@pytest.mark.parametrize(
    "table",
    [
        "Client,Date,Stage,Count\nA,2026-10-01,Visit,100\nA,2026-10-01,Pay,10\n",
        "Hour,Step,Users\n2026-10-01 10:00,Visit,100\n2026-10-01 10:00,Pay,10\n",
        "Manager,Leads,Deals\nAnn,100,10\nBob,50,5\n",
        "Deal type,Leads,Won\nNew,100,10\nRepeat,50,5\n",
        "Date,Visits,Leads\n2026-10-01,100,10\n2026-10-02,50,5\n",
    ],
)
def test_counts_of_clients_hours_and_deals_are_counts(table: str) -> None:
    assert len(read(table).stages) == 2


TOTALS = [
    "Total",
    "Totals",
    "TOTAL",
    "Grand total",
    "Total: Account",
    "Total: Campaigns",
    "Total - Account",
    "Total (2 campaigns)",
    "Results from 2 campaigns",
    "Subtotal",
    "Итого",
    "Итого:",
    "Всего",
    "Итого и средние",
    "Всего по аккаунту",
    "Summe",
    "Gesamt: Konto",
    "Gesamtsumme",
    "Summe aller Kampagnen",
    "Zwischensumme",
    "Total : compte",
    "Total général",
    "Total general",
    "Suma",
]
each_total = pytest.mark.parametrize("name", TOTALS)


@pytest.mark.parametrize(
    "name", ["Total Wine", "Totally new", "Summer", "Итоговая", "Results", "Sum-up", "Account: Total"]
)
def test_names_that_are_no_totals(name: str) -> None:
    assert not is_total(name)
    assert read(f"Shop,Visits,Orders\n{name},100,10\nOther,50,5\n").totals == (150, 15)


@each_total
def test_rows_of_totals_are_proofs_however_many_there_are(name: str) -> None:
    assert is_total(name)
    parts = ["Brand,15000,1100,96\n", "Competitors,52000,1400,41\n"]
    for other, first in product(("", "Total: Account", "Итого", "Gesamtsumme"), (False, True)):
        totals = [f"{total},67000,2500,137\n" for total in dict.fromkeys((name, other or name))]
        rows = [*totals, *parts] if first else [*parts, *totals]
        found = read("Campaign,Impr.,Clicks,Conversions\n" + "".join(rows))
        assert found.totals == (67000, 2500, 137)
        assert [segment.name for segment in found.breakdowns[0].segments] == ["Brand", "Competitors"]
        (note,) = [note for note in found.notes if "up the others" in note]
        assert note.startswith(f"{len(totals)} rows add up" if len(totals) > 1 else "row ")


@each_total
def test_a_total_that_is_not_the_sum_is_refused_with_both_figures_beside_one_that_is(name: str) -> None:
    found = refused(f"Channel,Visits,Leads\nAds,100,10\nSEO,50,5\n{name},150,16\nTotal: all,150,15\n")
    (only,) = found
    assert places(found) == [("FN114", 4, len(name) + 6, "C4")]
    assert f'"{name}" says 16 for "Leads"' in only.problem.message
    assert "make 15" in only.problem.message


def test_the_budget_and_the_revenue_of_a_total_are_proofs_too() -> None:
    table = "Channel,Visits,Orders,Cost,Revenue\nAds,100,10,5.5,90\nSEO,50,5,1,10\nTotal,150,15,6.5,{}\n"
    found = read(table.format("100"))
    assert (found.budget, found.revenue) == (Fraction(13, 2), 100)
    (wrong,) = refused(table.format("101"))
    assert "says 101 for the revenue" in wrong.problem.message


def test_a_row_without_a_name_is_a_total_where_it_adds_up_the_others() -> None:
    table = "Channel,Visits,Leads\nAds,100,10\nSEO,50,5\n,150,{}\n"
    found = read(table.format(15))
    assert (found.totals, found.notes) == ((150, 15), ("row 4, without a name, adds up the others and is left out",))
    (wrong,) = refused(table.format(16))
    assert (wrong.problem.code, wrong.path) == ("FN121", "A4")
    assert '16 for "Leads", and the others make 15' in wrong.problem.message


@pytest.mark.parametrize("names", [["All"], ["All", "Everything"], ["All", "Everything", "Whole"]])
@pytest.mark.parametrize("first", [False, True])
def test_totals_under_other_names_do_not_hide_each_other(names: list[str], first: bool) -> None:
    parts, totals = ["Ads,100,10\n", "SEO,50,8\n"], [f"{name},150,18\n" for name in names]
    rows = [*totals, *parts] if first else [*parts, *totals]
    found = refused("channel,Visits,Leads\n" + "".join(rows))
    assert [each.problem.message for each in found] == [f'"{name}" is the sum of all other rows' for name in names]
    assert [each.problem.code for each in refused("channel,Visits,Leads\n" + "".join(rows) + "Total,150,18\n")] == [
        "FN106"
    ] * len(names)


@pytest.mark.parametrize(
    "rows",
    [
        "A,100,10\nB,200,20\nSubtotal,300,30\nC,50,5\nD,51,5\nSubtotal,101,10\nTotal,401,40\n",
        "A,100,10\nB,200,20\nTotal: Search,300,30\nC,50,5\nD,51,5\nTotal: Display,101,10\nTotal: Account,401,40\n",
        "A,100,10\nC,50,5\nB,200,20\nD,51,5\nTotal: Search,300,30\nTotal: Display,101,10\nTotal: Account,401,40\n",
    ],
    ids=["blocks", "blocks_by_name", "by_a_kind_that_no_column_names"],
)
def test_subtotals_are_proofs(rows: str) -> None:
    found = read("Campaign,Impr.,Clicks\n" + rows)
    assert found.totals == (401, 40)
    assert [segment.name for segment in found.breakdowns[0].segments] == sorted("ABCD") or len(
        found.breakdowns[0].segments
    ) == 4
    assert [note[:16] for note in found.notes] == ["3 rows add up th"]
    assert refused("Campaign,Impr.,Clicks\n" + rows.replace("101,10", "101,9"))


def test_rows_of_a_pivot_table_without_the_inner_label_are_subtotals() -> None:
    found = read(
        "month,channel,V,L\n2026-09,Ads,10,5\n2026-09,SEO,8,4\n2026-09,,18,9\n2026-10,Ads,3,2\n2026-10,SEO,1,1\n"
        "2026-10,,4,3\n,,22,12\n"
    )
    assert (found.totals, len(found.notes)) == ((22, 12), 1)


PEOPLE = ["Users", "Visitors", "Reach", "Unique visitors", "Active users", "Посетители", "Охват", "Nutzer", "Besucher",
          "Utilisateurs", "Usuarios"]  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people_do_not_add_up_and_their_total_is_the_total(name: str) -> None:
    table = f"Channel,{name},Leads\nAds,1000,30\nSEO,500,10\nTotal,{{}},40\n"
    found = read(table.format(1300))
    assert found.totals == (1300, 40)
    assert [segment.counts for segment in found.breakdowns[0].segments] == [(1000, 30), (500, 10)]
    assert any("1300 in all" in note and "1500" in note for note in found.notes)
    assert read(table.format(1500)).totals == (1500, 40)
    for impossible in (1501, 999):  # more than all of them, or fewer than one segment has
        (wrong,) = refused(table.format(impossible))
        assert (wrong.problem.code, wrong.path) == ("FN114", "B4")


def test_people_of_a_column_of_steps_do_not_add_up_either() -> None:
    rows = "desktop,Visit,1000\ndesktop,Pay,300\nmobile,Visit,500\nmobile,Pay,100\nTotal,Visit,1400\nTotal,Pay,390\n"
    assert read("Device,Step,Active users\n" + rows).totals == (1400, 390)
    assert refused("Device,Step,Events\n" + rows)


@pytest.mark.parametrize("name", ["Average", "Среднее", "Durchschnitt", "Moyenne", "Promedio"])
def test_a_row_of_averages_is_left_out_where_it_can_be_one(name: str) -> None:
    table = f"Channel,Visits,Leads\nA,100,10\nB,200,20\n{name},{{}},15\nTotal,300,30\n"
    found = read(table.format(150))
    assert (found.totals, len(found.notes)) == ((300, 30), 2)
    (wrong,) = refused(table.format(350))
    assert "go from 100 to 200" in wrong.problem.message


@pytest.mark.parametrize("gap", ["--", " --", "", "n/a", "—"])
def test_a_total_may_leave_out_what_does_not_add_up(gap: str) -> None:
    assert read(f"Campaign,Impr.,Clicks\nA,100,10\nB,50,5\nTotal,{gap},15\n").totals == (150, 15)


@pytest.mark.parametrize(
    ("table", "totals"),
    [
        ('stage,count\nVisits,"12,345"\nLeads,830\n', (12345, 830)),  # no 12.345 visits
        ('stage,count\nLanding,"12.345"\nForm,830\n', (12345, 830)),  # no 830 out of 12.345
        ("Channel;V;L\nA;1.500;1\nB;900;1\nSumme;2.400;2\n", (2400, 2)),  # 1.5 + 900 are not 2.4
        ('step,users\nLanding,"12.345"\nForm,8\n', (12345, 8)),  # no parts of users
        ('stage,count\nVisits,"12,34,567"\nLeads,"1,23,456"\nSales,"12,345"\n', (1234567, 123456, 12345)),
    ],
)
def test_what_makes_the_table_impossible_is_no_reading(table: str, totals: tuple[int, ...]) -> None:
    assert read(table).totals == totals


@pytest.mark.parametrize(
    "table",
    [
        'stage,count\nLanding,"12.345"\nForm,8\n',
        'stage,count\nVisits,"90,000"\nLeads,"12,000"\n',
        'Campaign,Clicks,Conversions\nA,"90,000","12,345"\n',
        'Channel,Visits,Orders,Cost\nA,1000,20,"1,500"\n',
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_by_name(table: str) -> None:
    found = refused(table)
    assert {each.problem.code for each in found} == {"FN206"}
    assert all("--decimal" in (each.problem.help or "") for each in found)


@pytest.mark.parametrize("slip", ["5,25", "0,5", "1,2", "12,3456"])
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("header", ["stage,count", "step,Foo", "stage,cost"])
def test_one_cell_never_turns_the_thousands_of_a_table_into_decimals(slip: str, place: int, header: str) -> None:
    numbers = ["90,000", "12,000", "8,500", "1,200"]
    numbers[place] = slip
    rows = "".join(f'S{at},"{number}"\n' for at, number in enumerate(numbers))
    found = [each for each in refused(f"{header}\n{rows}") if each.problem.code == "FN206"]
    if header != "stage,cost":  # money of steps is refused by its name
        (only,) = found
        assert (only.location.line, f'"{slip}" does not' in only.problem.message) == (place + 2, True)
        assert '"12,000"' in only.problem.message or '"90,000"' in only.problem.message
        assert "--decimal" in (only.problem.help or "")


def test_one_cell_of_money_does_not_either() -> None:
    found = refused('Channel,V,L,Cost\nAds,"90,000","12,000","5,25"\n')
    assert [(each.problem.code, each.path) for each in found] == [("FN206", "D2")]


@pytest.mark.parametrize(
    "row",
    [
        'A,"90,000","5,25","1,5"',  # two against one, and still no part of a visit
        'A,"90,000","12","5,25"',
        'A,"12,345","12","5,25"',
    ],
)
def test_visits_are_never_decimals(row: str) -> None:
    found = refused(f"Channel,Visits,Conversions,Cost\n{row}\n")
    assert {each.problem.code for each in found} == {"FN206"}


def test_decimals_that_most_cells_prove_are_read_and_said() -> None:
    found = read("stage;count\nA;12,5\nB;3,25\nC;1,234\n")
    assert found.totals == (Fraction(25, 2), Fraction(13, 4), Fraction(617, 500))
    assert '"1,234" is read with a decimal comma, as "12,5" in row 2 has one' in found.notes


def test_help_followed_to_the_letter_reads_the_table() -> None:
    table = 'stage,count\nA,"90,000"\nB,"12,000"\nC,"5,25"\n'
    (found,) = refused(table)
    assert "say --decimal , if all are decimals" in (found.problem.help or "")
    assert read(table, decimal=",").totals == (90, 12, Fraction(21, 4))
    assert read(table.replace("5,25", "5,250"), decimal=".").totals == (90000, 12000, 5250)


NOISE = {
    "CTR": lambda row: f"{100 * row[1] / max(row[0], 1):.2f}%",
    "Avg. CPC": lambda row: f"{row[3] / max(row[1], 1):.2f}",
    "Verweildauer": lambda row: "00:01:23",
    "Cost / conv.": lambda row: f"{row[3] / max(row[2], 1):.2f}",
    "x": lambda row: f"{row[1] / max(row[0], 1):.4f}",
    "Profit": lambda row: str(row[0]),
}
"""Columns that say nothing new, by their names, with their cells."""
ROWS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**5)),
    min_size=2,
    max_size=5,
)


@settings(max_examples=whole_or_part(150, 60), deadline=None)
@given(
    rows=ROWS,
    noise=st.lists(st.sampled_from(sorted(NOISE)), unique=True),
    totals=st.lists(st.sampled_from(["Total", "Total: Account", "Итого", "Summe"]), unique=True),
    title=st.sampled_from(["", *TITLES]),
    order=st.randoms(use_true_random=False),
    wrong=st.integers(0, 2),
)
def test_what_stands_around_the_counts_changes_none_of_them(
    rows: list[tuple[int, ...]], noise: list[str], totals: list[str], title: str, order: random.Random, wrong: int
) -> None:
    rows = [(*sorted(row[:3], reverse=True), row[3]) for row in rows]
    whole = tuple(map(sum, zip(*rows, strict=True)))
    assume(not any([2 * count for count in row[:3]] == list(whole[:3]) for row in rows))  # that is a total
    assume(not any(map(are_nearly_alike, list(zip(*rows, strict=True))[:3])))
    columns = ["Impr.", "Clicks", "Leads", "Cost"]
    names = [*columns, *noise]
    at_random = [at if at < 3 else order.uniform(-1, 3) for at in range(len(names))]
    shown = sorted(range(len(names)), key=lambda at: at_random[at])

    def line(label: str, row: tuple[int, ...]) -> str:
        cells = [*map(str, row), *(NOISE[name](row) for name in names[4:])]
        return ",".join([label, *(cells[at] for at in shown)]) + "\n"

    head = title + ",".join(["Team", *(names[at] for at in shown)]) + "\n"
    body = "".join(line(f"c{at}", row) for at, row in enumerate(rows))
    table = read(head + body + "".join(line(name, whole) for name in totals))
    assert (table.stages, table.totals, table.budget) == (("Impr.", "Clicks", "Leads"), whole[:3], whole[3])
    assert [segment.counts for segment in table.breakdowns[0].segments] == [row[:3] for row in rows]
    if totals:
        off = tuple(count + (at == wrong) for at, count in enumerate(whole))
        found = refused(head + body + "".join(line(name, whole) for name in totals[1:]) + line(totals[0], off))
        assert {each.problem.code for each in found} <= {"FN114", "FN104"}
