"""Columns of money by names that have a qualifier, and the options that say which money they are."""

import pytest

from funnelcli.counts_table.columns import kind_of
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.diagnostics import Diagnostic


def read(text: str, options: ImportOptions | None = None) -> Imported:
    found = import_table(text.encode(), "export.csv", options)
    assert isinstance(found, Imported), found
    return found


def refused(text: str, options: ImportOptions | None = None) -> Diagnostic:
    found = import_table(text.encode(), "export.csv", options)
    assert isinstance(found, list)
    (one,) = found
    return one


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Umsatz netto", "revenue"),
        ("Net revenue", "revenue"),
        ("Выручка без НДС", "revenue"),
        ("Total Gross Sales", "revenue"),
        ("CA HT", "revenue"),
        ("Kosten netto", "spend"),
        ("Расход с НДС", "spend"),
        ("Auftragswert", "money"),
        ("Bonus", "money"),
        ("Gesamtumsatz", "money"),
        ("Umsatz Plan", "money"),
        ("Revenue new customers", "money"),
        ("Сумма сделок", "money"),
        ("Amount of leads", "count"),
        ("Доходим до КП", "count"),
        ("Bewertet", "count"),
        ("Budget approved", "count"),
        ("Closed Won", "count"),
    ],
)
def test_words_for_money(name: str, kind: str) -> None:
    assert kind_of(name, ["1200", "3400"]) == kind


_SUMS = "Менеджер;Звонки;Оплаты;Сумма, руб.\nA;100;10;5000\nB;80;8;4000,50\n"


def test_money_of_which_the_name_says_too_little_is_asked_about_by_an_option_that_works() -> None:
    found = refused(_SUMS)
    assert found.problem.code == "FN103"
    assert '--revenue "Сумма, руб."; spent: --budget "Сумма, руб."' in str(found.problem.help)
    (funnel,) = read(_SUMS, ImportOptions(revenue="Сумма, руб.")).funnels
    assert float(funnel.stages[-1].revenue or 0) == 9000.5
    (funnel,) = read(_SUMS, ImportOptions(budget="Сумма, руб.")).funnels
    assert [segment.budget for segment in funnel.breakdowns[0].segments] == [5000, 8001 / 2]


def test_a_name_of_money_that_is_a_stage_after_all() -> None:
    text = "Team;Leads;Bonus;Sales\nA;100;50;10\nB;80;40;8\n"
    assert '--stages "Leads,Bonus,Sales"' in str(refused(text).problem.help)
    (funnel,) = read(text, ImportOptions(stages=("Leads", "Bonus", "Sales"))).funnels
    assert [stage.count for stage in funnel.stages] == [180, 90, 18]


def test_the_option_outranks_a_recipe_and_is_refused_where_rows_are_deals() -> None:
    ads = "Campaign,Impr.,Clicks,Cost,Conversions,Currency code,Money\nA,1000,100,50,10,EUR,70\nB,900,90,40,9,EUR,60\n"
    (funnel,) = read(ads, ImportOptions(revenue="Money")).funnels
    assert funnel.stages[-1].revenue == 130
    deals = "Deal;Stage;Amount;Created\na;Lead;1;2026-01-02\nb;Won;2;2026-01-03\n"
    assert refused(deals, ImportOptions(revenue="Amount")).problem.code == "FN120"
    assert refused(_SUMS, ImportOptions(revenue="Summe")).problem.code == "FN102"


def test_a_row_of_money_where_segments_stand_in_columns() -> None:
    text = "Stage;Jul 2026;Aug 2026\nVisits;1500;2500\nLeads;120;140\nAuftragswert;3200;4000\n"
    (funnel,) = read(text, ImportOptions(revenue="Auftragswert")).funnels
    assert funnel.stages[-1].revenue == 7200
    assert [stage.name for stage in funnel.stages] == ["Visits", "Leads"]


def test_rows_of_rates_and_money_under_told_steps() -> None:
    text = ",Anna,Mark,Total\nNew leads,120,100,220\nConversion,50%,45%,48%\nCalls,60,45,105\nRevenue,120,90,210\n"
    (funnel,) = read(text, ImportOptions(steps="segment", counts=("Anna", "Mark"))).funnels
    assert [(stage.name, stage.count) for stage in funnel.stages] == [("New leads", 220), ("Calls", 105)]
    assert funnel.stages[-1].revenue == 210
