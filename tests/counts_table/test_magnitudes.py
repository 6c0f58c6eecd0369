"""Figures in thousands and millions by the names of their columns: multiplied exactly, and said."""

from fractions import Fraction

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.magnitudes import magnitude_of, without_magnitude


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
