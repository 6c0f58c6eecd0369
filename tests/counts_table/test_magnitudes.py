"""Figures in thousands and millions by the names of their columns: multiplied exactly, and said."""

from fractions import Fraction

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.magnitudes import magnitude_of, may_be_multiplied, without_magnitude


def read(text: str, options: ImportOptions | None = None) -> Imported:
    found = import_table(text.encode(), "export.csv", options)
    assert isinstance(found, Imported), found
    return found


@pytest.mark.parametrize(
    ("name", "factor", "currency"),
    [
        ("Выручка, тыс. руб.", 1000, "руб."),
        ("Оборот, т.р.", 1000, "RUB"),
        ("Выручка, млн", 10**6, None),
        ("Umsatz in TEUR", 1000, "EUR"),
        ("Umsatz (T€)", 1000, "EUR"),
        ("Umsatz (Tsd. €)", 1000, "€"),
        ("Umsatz in 1.000 €", 1000, "€"),
        ("Umsatz in Mio. EUR", 10**6, "EUR"),
        ("Revenue (k€)", 1000, "EUR"),
        ("Revenue ($ thousands)", 1000, "$"),
        ("Revenue $000", 1000, "$"),
        ("Sales $m", 10**6, "$"),
        ("Ingresos (miles de €)", 1000, "€"),
        ("Facturación (miles de millones de euros)", 10**9, "euros"),
        ("CA (k€)", 1000, "EUR"),
        ("売上 (千円)", 1000, None),
        ("Leads (тыс.)", 1000, None),
        ("Impressions (000)", 1000, None),
        ("Time (m)", 1, None),
        ("Distance miles", 1, None),
        ("Age (t)", 1, None),
        ("Tier 1000", 1, None),
        ("Revenue (EUR)", 1, None),
        ("Budget k€ HT", 1000, "EUR"),
        ("Выручка (тыс. руб., без НДС)", 1000, "руб."),
        ("Revenue in €k 2026", 1000, "EUR"),
        ("Revenue in lakhs", 10**5, None),
        ("Gelir (bin TL)", 1000, "TL"),
        ("Orders over 1000 EUR", 1, None),
        ("Deals > 50 k€", 1, None),
        ("Top 1,000", 1, None),
    ],
)
def test_the_magnitude_of_a_name(name: str, factor: int, currency: str | None) -> None:
    found = magnitude_of(name)
    assert (found.factor, found.currency) == (factor, currency)


def test_money_in_thousands_is_multiplied_and_said() -> None:
    found = read("Неделя;Лиды;Продажи;Выручка, тыс. руб.\nA;120;5;250,5\nB;140;7;350,0\nИтого;260;12;600,5\n")
    (funnel,) = found.funnels
    assert funnel.stages[-1].revenue == 600_500
    assert [segment.average_check for segment in funnel.breakdowns[0].segments] == [50_100, 50_000]
    assert any('"Выручка, тыс. руб." is multiplied by 1,000' in note for note in found.notes)


def test_counts_in_thousands_are_multiplied_and_lose_the_unit_of_their_name() -> None:
    found = read("Channel;Visits (thousands);Leads\nA;12,5;300\nB;7,25;90\n")
    (funnel,) = found.funnels
    assert [(stage.name, stage.count) for stage in funnel.stages] == [("Visits", 19_750), ("Leads", 390)]
    assert any("multiplied by 1,000" in note for note in found.notes)


def test_the_rows_of_a_table_with_segments_in_columns() -> None:
    found = read("Stage;Jul 2026;Aug 2026\nVisits, k;1,5;2,5\nLeads;120;140\nRevenue in TEUR;3,2;4\n")
    (funnel,) = found.funnels
    assert [stage.count for stage in funnel.stages] == [4000, 260]
    assert funnel.stages[-1].revenue == 7200


def test_a_step_in_thousands_among_others_is_refused() -> None:
    found = import_table("Stage;Count\nVisits, тыс.;120\nLeads;90\n".encode(), "export.csv")
    assert isinstance(found, list)
    assert [each.problem.code for each in found] == ["FN103"]


def test_amounts_of_deals() -> None:
    head = "Deal;Stage;Amount (k€);Created\n"
    rows = "a;Lead;1,5;2026-01-02\nb;Won;12,5;2026-01-03\nc;Won;7,5;2026-01-03\nd;Lost;2;2026-01-03\n"
    found = read(head + rows, ImportOptions(stages=("Lead", "Won")))
    (funnel,) = found.funnels
    won = funnel.stages[-1]
    assert won.average_check == Fraction(10_000)
    assert funnel.currency == "EUR"
    assert any("multiplied by 1,000" in note for note in found.notes)


def test_a_name_without_its_magnitude() -> None:
    assert [without_magnitude(name) for name in ("Leads (тыс.)", "Leads, k", "Leads", "Leads (EU)")] == [
        "Leads",
        "Leads",
        "Leads",
        "Leads (EU)",
    ]


@pytest.mark.parametrize(
    ("name", "doubtful"),
    [
        ("Revenue K", True),
        ("revenue_k", True),
        ("Visits '000", True),
        ("Revenue x1000", True),
        ("Thousands of visits", True),
        ("Revenue in thousands of dollars", True),
        ("Orders over $1,000", True),
        ("Revenue bn", True),
        ("Revenue (k€)", False),
        ("Orders over 1000 EUR", False),
        ("Visits B", False),
        ("Revenue T", False),
        ("Distance miles", False),
        ("Tier 1000", False),
        ("Thousand Oaks", False),
    ],
)
def test_a_name_that_may_have_a_magnitude(name: str, doubtful: bool) -> None:
    assert may_be_multiplied(name) is doubtful


ROWS = "Channel;Visits;Sales;Revenue\nA;120;5;20\nB;140;7;30\n"
DEALS = "Deal;Stage;Amount;Created\na;Lead;1,5;2026-01-02\nb;Won;12,5;2026-01-03\nc;Lost;7,5;2026-01-03\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("All figures in thousands\n\n" + ROWS, "All figures in thousands"),
        ("тыс. руб.;;;\n" + ROWS, "тыс. руб."),
        ("P&L 2026, k€\n" + ROWS, "P&L 2026, k€"),
        ("Amounts are in USD thousands unless otherwise stated\n" + ROWS, "USD thousands"),
        ("Ads (000)\n" + ROWS, "Ads (000)"),
        (ROWS + "\nAngaben in Tsd. EUR\n", "Angaben in Tsd. EUR"),
        ("in Tsd.\nStage;Jul 2026;Aug 2026\nVisits;15;25\nLeads;12;14\n", "in Tsd."),
        ("тыс. чел.\nStage;Count\nVisits;120\nLeads;90\n", "тыс. чел."),
        ("All in k€\n" + DEALS, "All in k€"),
        (ROWS.replace("Visits", "Visits x1000"), "Visits x1000"),
        ("Stage;Count\nVisits K;120\nLeads;90\n", "Visits K"),
    ],
)
def test_thousands_that_no_name_of_a_column_tells_are_refused(text: str, named: str) -> None:
    options = ImportOptions(stages=("Lead", "Won"), lost=("Lost",)) if DEALS in text else None
    found = import_table(text.encode(), "export.csv", options)
    assert isinstance(found, list), found.funnels
    (problem,) = [each.problem for each in found]
    assert problem.code == "FN103"
    assert named in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "P&L in k€\n" + ROWS.replace("Revenue", "Revenue (k€)"),
        "P&L in k€\nChannel;Visits;Sales\nA;120;5\nB;140;7\n",
        "Top 1000 customers, over 1,000 EUR\n" + ROWS,
        "1 Oct 2026 - 31 Oct 2026\n" + ROWS,
    ],
    ids=["told by the name", "no money", "borders", "days"],
)
def test_a_title_that_multiplies_nothing(text: str) -> None:
    assert [stage.count for stage in read(text).funnels[0].stages] == [260, 12]


def test_a_title_that_is_left_out_multiplies_nothing() -> None:
    found = import_table(("in thousands\n\n" + ROWS).encode(), "export.csv")
    assert isinstance(found, list)
    assert "--skip-lines 2" in (found[0].problem.help or "")
    assert read("in thousands\n\n" + ROWS, ImportOptions(skip_lines=2)).funnels[0].stages[0].count == 260
