"""Exports of ads and traffic: what vendors write around the rows, changed in every way that a person may meet.

Figures were added up by hand, or are those of the vendor's own rows of totals in the samples of `tests/exports`.
"""

from __future__ import annotations

import csv
import io
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.conftest import ROOT

if TYPE_CHECKING:
    from funnelcli.diagnostics import Problem
    from funnelcli.model import Funnel

SAMPLES = ROOT / "tests" / "exports"


def imported(text: str | bytes, **options: Any) -> Imported:
    data = text if isinstance(text, bytes) else text.encode()
    result = import_table(data, "export.csv", ImportOptions(**options))
    assert isinstance(result, Imported), [each.problem for each in result]
    return result


def read(text: str | bytes, **options: Any) -> Funnel:
    (funnel,) = imported(text, **options).funnels
    return funnel


def refused(text: str | bytes, **options: Any) -> Problem:
    """The only problem of an export."""
    data = text if isinstance(text, bytes) else text.encode()
    result = import_table(data, "export.csv", ImportOptions(**options))
    assert isinstance(result, list), result.funnels
    (problem,) = [each.problem for each in result]
    return problem


def counts(funnel: Funnel) -> list[Any]:
    return [stage.count for stage in funnel.stages]


def segments(funnel: Funnel, dimension: str) -> dict[str, list[Any]]:
    (found,) = [each for each in funnel.breakdowns if each.dimension == dimension]
    return {segment.name: [*segment.counts, segment.budget] for segment in found.segments}


def said(text: str, **options: Any) -> str:
    return "\n".join(imported(text, **options).notes)


def cells(name: str) -> tuple[list[str], list[list[str]]]:
    """The two title lines and the rows of a sample of Google Ads."""
    lines = (SAMPLES / "google_ads" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return lines[:2], list(csv.reader(lines[2:]))


def written(titles: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return "\n".join(titles) + "\n" + text.getvalue()


def figures(funnel: Funnel) -> tuple[Any, ...]:
    """All that a funnel says, whatever the order of the columns of labels."""
    by = {each.dimension: each.segments for each in funnel.breakdowns}
    return funnel.names, counts(funnel), funnel.currency, funnel.period, dict(sorted(by.items())), funnel.stages


NAMES = ["english", "german", "french"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", NAMES)
def test_columns_stand_in_any_order(name: str, seed: int) -> None:
    titles, rows = cells(name)
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    moved = written(titles, [[row[at] for at in order] for row in rows])
    assert figures(read(moved)) == figures(read(written(titles, rows)))


@pytest.mark.parametrize("name", NAMES)
def test_a_column_taken_out_changes_nothing_else(name: str) -> None:
    titles, rows = cells(name)
    whole = read(written(titles, rows))
    for at in range(len(rows[0])):
        if at in (0, 3, 4, 6):  # the campaign, and what tells this export from others
            continue
        part = read(written(titles, [row[:at] + row[at + 1 :] for row in rows]))
        kept = [name for name in whole.names if name != rows[0][at]]
        assert list(part.names) == kept
        assert counts(part) == [stage.count for stage in whole.stages if stage.name in kept]
        assert part.currency == (None if at == 10 else "EUR")


def test_a_row_of_totals_that_is_off_is_refused_with_both_figures() -> None:
    """In each language, each of the rows of totals, each of its figures; a kind of which there are no rows, too."""
    for name in NAMES:
        titles, rows = cells(name)
        mark = "," if name != "english" else "."
        for row in (at for at, each in enumerate(rows) if at and ":" in each[0]):
            for column in (3, 4, 6, 7, 8):
                cell = rows[row][column]
                whole, _, part = cell.partition(mark) if column > 4 else (cell, "", "")
                digits = int("".join(filter(str.isdigit, whole)))
                wrong = f"{digits + 1}{mark}{part}" if part else str(digits + 1)
                spoilt = [list(each) for each in rows]
                spoilt[row][column] = wrong
                problem = refused(written(titles, spoilt))
                assert (problem.code, rows[row][0] in problem.message) == ("FN114", True), problem
                cents = f".{part}".rstrip("0").rstrip(".")
                for figure in (f"{digits + 1}{cents}", f"{digits}{cents}"):
                    assert figure in problem.message, (cell, problem)


def test_a_campaign_that_is_off_is_one_problem() -> None:
    """Totals of the account, of the campaigns and of the kind are off by the same: one cause."""
    titles, rows = cells("english")
    rows[1][4] = str(int(rows[1][4].replace(",", "")) + 1)
    problem = refused(written(titles, rows))
    assert '"Total: Account" and "Total: Search" are off by as much' in problem.message


LANGUAGES = {
    "English": ("Campaign,Impr.,Clicks,Cost,Conversions,Currency code", "Total: Account", "."),
    "German": ("Kampagne,Impr.,Klicks,Kosten,Conversions,Währungscode", "Gesamt: Konto", ","),
    "French": ("Campagne,Impr.,Clics,Coût,Conversions,Code de la devise", "Total : compte", ","),
    "Spanish": ("Campaña,Impr.,Clics,Coste,Conversiones,Código de moneda", "Total: Cuenta", ","),
    "Mexican": ("Campaña,Impr.,Clics,Costo,Conversiones,Código de moneda", "Total: Cuenta", "."),
    "Portuguese": ("Campanha,Impr.,Cliques,Custo,Conversões,Código da moeda", "Total: Conta", ","),
    "Italian": ("Campagna,Impr.,Clic,Costo,Conversioni,Codice valuta", "Totale: account", ","),
    "Dutch": ("Campagne,Vertoningen,Klikken,Kosten,Conversies,Valutacode", "Totaal: account", ","),
    "Polish": ("Kampania,Wyświetl.,Kliknięcia,Koszt,Konwersje,Kod waluty", "Razem: konto", ","),
    "Russian": ("Кампания,Показы,Клики,Стоимость,Конверсии,Код валюты", "Итого: аккаунт", ","),
    "Ukrainian": ("Кампанія,Покази,Кліки,Витрати,Конверсії,Код валюти", "Усього: обліковий запис", ","),
    "Turkish": ("Kampanya,Gösterimler,Tıklamalar,Maliyet,Dönüşümler,Para birimi kodu", "Toplam: Hesap", ","),
    "Japanese": ("キャンペーン,表示回数,クリック数,費用,コンバージョン,通貨コード", "合計: アカウント", "."),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_and_totals_of_each_language(language: str) -> None:
    header, total, mark = LANGUAGES[language]
    rows = f'{header}\nA,12000,"120","100{mark}25","7{mark}50",EUR\nB,300,9,"50{mark}00",0,EUR\n'
    text = f'{rows}{total},12300,129,"150{mark}25","7{mark}50",\n'
    funnel = read(text)
    assert counts(funnel) == [12300, 129, Fraction(15, 2)]
    assert (funnel.currency, list(funnel.names)) == ("EUR", [header.split(",")[at] for at in (1, 2, 4)])
    assert segments(funnel, "campaign") == {
        "A": [12000, 120, Fraction(15, 2), Fraction(401, 4)],
        "B": [300, 9, 0, 50],
    }
    assert [stage.role for stage in funnel.stages] == ["impression", "click", None]
    problem = refused(text.replace(",129,", ",130,"))
    assert problem.code == "FN114"
    assert all(figure in problem.message for figure in ("130", "129", total))


def test_removed_campaigns_make_two_totals_differ() -> None:
    problem = refused(
        "Campaign,Impr.,Clicks,Cost\nA,900,90,10.00\nB,100,10,5.00\nTotal: Campaigns,1000,100,15.00\n"
        "Total: Account,1500,120,19.00\n"
    )
    assert problem.message == (
        'the row "Total: Account" says 1500 for "Impr.", 120 for "Clicks" and 19 for the budget, '
        "and the rows it adds up make 1000, 100 and 15"
    )


KINDS = "Campaign,Impr.,Clicks,Cost\nA,900,90,10.00\nB,100,10,5.00\n"


def test_totals_of_kinds_that_no_column_names_part_the_whole() -> None:
    whole = "Total: Account,1000,100,15.00\nTotal: Shopping,0,0,0.00\n"
    assert counts(read(f"{KINDS}{whole}Total: Search,800,80,6.00\nTotal: Display,200,20,9.00\n")) == [1000, 100]
    problem = refused(f"{KINDS}{whole}Total: Search,800,81,6.00\nTotal: Display,200,20,9.00\n")
    assert 'the rows "Total: Search" and "Total: Display" say together 101 for "Clicks"' in problem.message
    assert "make 100" in problem.message


@pytest.mark.parametrize("at", range(5))
def test_a_row_that_stands_again_around_the_totals_is_not_what_one_of_them_adds_up(at: int) -> None:
    """Each total says the same: together they are twice the row, as its two copies are."""
    rows = ["A,900,90,10.00", "B,0,0,0.00", "Total: Campaigns,900,90,10.00", "Total: Account,900,90,10.00"]
    assert counts(read("\n".join(["Campaign,Impr.,Clicks,Cost", *rows]))) == [900, 90]
    rows.insert(at, rows[0])
    problem = refused("\n".join(["Campaign,Impr.,Clicks,Cost", *rows]))
    assert 'the row "Total: Campaigns" says 900 for "Impr."' in problem.message
    assert "make 1800" in problem.message


def test_a_total_of_a_kind_is_held_against_its_rows() -> None:
    rows = "Campaign type,Campaign,Impr.,Clicks,Cost\nSearch,A,900,90,10.00\nDisplay,B,100,10,5.00\n"
    assert counts(read(f"{rows}Total: Search,--,900,90,10.00\nTotal: Account,--,1000,100,15.00\n")) == [1000, 100]
    problem = refused(f"{rows}Total: Search,--,900,91,10.00\nTotal: Account,--,1000,100,15.00\n")
    assert "says 91" in problem.message
    assert "make 90" in problem.message


DASHES = "Campaign,Impr.,Clicks,Cost,Conversions\nA,900,90,10.00,4.00\nB,100,10,5.00, --\n"


def test_a_cell_without_a_number_is_zero_where_that_is_proved() -> None:
    assert refused(DASHES).code == "FN102"
    assert "--empty-as-zero" in (refused(DASHES).help or "")
    assert counts(read(DASHES, empty_as_zero=True)) == [1000, 100, 4]
    assert counts(read(f"{DASHES}Total: Account,1000,100,15.00,4.00\n")) == [1000, 100, 4]
    assert refused(f"{DASHES}Total: Account,1000,100,15.00,5.00\n").code == "FN114"
    assert counts(read(DASHES.replace("100,10,5.00, --", "100,0, --, --"), empty_as_zero=True)) == [1000, 90, 4]
    assert counts(read(DASHES.replace("100,10,5.00, --", "0,0, --, --"))) == [900, 90, 4]


def test_conversions_may_be_more_than_clicks_and_parts() -> None:
    text = "Campaign,Impr.,Clicks,Cost,Conversions,Conv. value\nA,900,90,10.00,4.25,100.00\nB,100,1,5.00,3.5,20.00\n"
    funnel = read(text)
    assert counts(funnel) == [1000, 91, Fraction(31, 4)]
    assert [stage.allow_growth for stage in funnel.stages] == [False, False, True]
    assert funnel.stages[2].revenue == 120
    assert '"Conversions" are more than "Clicks"' in said(text)
    assert '"Conversions" are not whole' in said(text)
    assert "not whole" not in said(text.replace("4.25", "4").replace("3.5", "3"))
    assert refused(text.replace("900,90,", "90,900,")).code == "FN104"


def test_interactions_are_a_stage_where_no_clicks_are() -> None:
    text = "Campaign,Impr.,Interactions,Cost\nA,900,90,10.00\nB,100,10,5.00\n"
    assert read(text).names == ("Impr.", "Interactions")
    both = "Campaign,Impr.,Interactions,Clicks,Cost\nA,900,95,90,10.00\nB,100,10,10,5.00\n"
    assert read(both).names == ("Impr.", "Clicks")
    assert '"Interactions" (clicks are there)' in said(both)
    assert read(both, counts=("Interactions",)).names == ("Impr.", "Interactions", "Clicks")


def test_ad_groups_of_a_campaign_are_added_up() -> None:
    text = "Campaign,Ad group,Impr.,Clicks,Cost\nA,x,900,90,10.00\nA,y,100,10,5.00\nB,x,10,1,1.00\n"
    funnel = read(text)
    assert segments(funnel, "campaign") == {"A": [1000, 100, 15], "B": [10, 1, 1]}
    assert [each.dimension for each in funnel.breakdowns] == ["campaign"]
    assert "3 rows are added up by campaign, to 2" in said(text)
    kept = read(text, labels=("Ad group",))
    assert segments(kept, "ad group") == {"x": [910, 91, 11], "y": [100, 10, 5]}


def test_a_row_that_stands_twice_is_refused() -> None:
    text = "Campaign,Impr.,Clicks,Cost\nA,900,90,10.00\nA,100,10,5.00\n"
    assert refused(text).code == "FN106"
    group = "Campaign,Ad group,Impr.,Clicks,Cost\nA,x,900,90,10.00\nA,x,900,90,10.00\nB,y,1,1,1.00\n"
    assert "row 2" in refused(group).message


def test_days_are_added_up_by_campaign_and_are_a_breakdown() -> None:
    text = (
        "Day,Campaign,Impr.,Clicks,Cost\n2026-09-01,A,900,90,10.00\n2026-09-02,A,100,10,5.00\n2026-09-02,B,8,1,1.00\n"
    )
    funnel = read(text)
    assert segments(funnel, "campaign") == {"A": [1000, 100, 15], "B": [8, 1, 1]}
    assert segments(funnel, "day") == {"2026-09-01": [900, 90, 10], "2026-09-02": [108, 11, 6]}
    assert funnel.period == "2026-09-01 to 2026-09-02"
    months = read(text.replace("2026-09-01", "2026-08-31"))
    assert segments(months, "month") == {"2026-08": [900, 90, 10], "2026-09": [108, 11, 6]}


def test_a_campaign_above_its_days_is_not_counted_twice() -> None:
    above = "Campaign,Day,Impr.,Clicks,Cost\nA,,1000,100,15.00\nA,2026-09-01,900,90,10.00\nA,2026-09-02,100,10,5.00\n"
    assert counts(read(above)) == [1000, 100]
    assert refused(above.replace("A,,1000,100", "A,,1000,101")).code == "FN121"


def test_a_day_outside_of_the_report_is_refused() -> None:
    title = 'Campaign report\n"September 1, 2026 - September 30, 2026"\n'
    problem = refused(f"{title}Day,Campaign,Impr.,Clicks,Cost\n2026-09-01,A,9,5,1.00\n2026-10-01,A,9,5,1.00\n")
    assert (problem.code, "2026-10-01" in problem.message, "2026-09" in problem.message) == ("FN114", True, True)


def test_days_in_either_order_are_asked_for() -> None:
    text = "Day,Campaign,Impr.,Clicks,Cost\n03/04/2026,A,9,5,1.00\n04/04/2026,A,9,5,1.00\n"
    problem = refused(text)
    assert (problem.code, "--dates" in (problem.help or "")) == ("FN209", True)
    assert read(text, date_order="dmy").period == "2026-04-03 to 2026-04-04"
    assert read(text, date_order="mdy").period == "2026-03-04 to 2026-04-04"
    assert read(text.replace("04/04/2026", "14/04/2026")).period == "2026-04-03 to 2026-04-14"


def test_first_and_last_days_prove_the_order_of_each_other() -> None:
    text = "Campaign Name,Start Date,End Date,Impressions,Clicks,Total Spent\n"
    text += "A,03/01/2026,03/31/2026,9,5,1.00\nB,03/01/2026,03/31/2026,9,5,1.00\n"
    assert read(text).period == "2026-03"


def test_months_are_written_as_their_first_days_in_either_order() -> None:
    text = "Month,Campaign,Impr.,Clicks,Cost\n07/01/2026,A,9,5,1.00\n08/01/2026,A,9,5,1.00\n"
    assert read(text).period == "2026-07-01 to 2026-08-31"
    assert refused(text.replace("08/01", "02/08")).code == "FN209"


def test_rows_without_a_day_leave_the_time_open() -> None:
    text = "Campaign,Day,Impr.,Clicks,Cost\nA,2026-09-01,9,5,1.00\nB,,9,5,1.00\n"
    assert read(text).period is None
    assert read(f'"September 1, 2026 - September 30, 2026"\n{text}').period == "2026-09"


@pytest.mark.parametrize(
    ("cost", "column", "expected"),
    [
        ("Cost", "", None),
        ("Cost (USD)", "", "USD"),
        ("Kosten (EUR)", "", "EUR"),
        ("Cost", ",Currency code", "CAD"),
    ],
)
def test_the_currency_stands_in_the_header_or_in_a_column(cost: str, column: str, expected: str | None) -> None:
    row = ",CAD" if column else ""
    text = f"Campaign,Impr.,Clicks,{cost}{column}\nA,900,90,10.00{row}\nB,100,10,5.00{row}\n"
    assert read(text).currency == expected


def test_several_currencies_are_refused() -> None:
    text = "Campaign,Impr.,Clicks,Cost,Currency code\nA,900,90,10.00,CAD\nB,100,10,5.00,USD\n"
    assert (refused(text).code, '"CAD" and in "USD"' in refused(text).message) == ("FN103", True)
    signs = "Campaign,Impr.,Clicks,Cost\nA,900,90,$10.00\nB,100,10,€5.00\n"
    assert refused(signs).code == "FN103"
    assert read(text.replace("USD", "CAD").replace("10.00", "$10.00")).currency == "CAD"


META = "Campaign name,Amount spent (EUR),Impressions,Reach,Link clicks,Results,Result indicator"
LEAD, SALE = "actions:lead", "actions:offsite_conversion.fb_pixel_purchase"


def test_results_of_one_kind_are_a_stage() -> None:
    text = f"{META}\nA,10.00,900,400,90,5,{LEAD}\nB,5.00,100,70,10,,\n"
    funnel = read(text)
    assert (funnel.names, counts(funnel)) == (("Impressions", "Link clicks", "Results"), [1000, 100, 5])
    assert segments(funnel, "campaign")["B"] == [100, 10, 0, 5]
    assert f"of one kind: {LEAD}" in said(text)
    assert '"Reach" (people' in said(text)


def test_results_of_several_kinds_are_left_out() -> None:
    text = f"{META}\nA,10.00,900,400,90,5,{LEAD}\nB,5.00,100,70,10,3,{SALE}\n"
    assert read(text).names == ("Impressions", "Link clicks")
    assert "of several kinds" in said(text)
    assert counts(read(text, counts=("Results",))) == [1000, 100, 8]


@pytest.mark.parametrize("nothing", ["", "--"])
def test_of_which_kind_results_are_is_asked_where_other_rows_say_it(nothing: str) -> None:
    text = f"{META}\nA,10.00,900,400,90,5,{LEAD}\nB,5.00,100,70,10,3,{nothing}\n"
    problem = refused(text)
    assert (problem.code, f'write "{LEAD}"' in (problem.help or "")) == ("FN102", True)
    assert '"Result indicator" says not of which kind the "Results" of row 3 are' in problem.message
    assert counts(read(text, counts=("Results",))) == [1000, 100, 8]
    assert (
        read(text, drops=("Results",)).names
        == read(text.replace(LEAD, "reach")).names
        == ("Impressions", "Link clicks")
    )


def test_results_that_are_no_later_stage_are_left_out() -> None:
    text = f"{META}\nA,10.00,900,400,90,400,reach\nB,5.00,100,70,10,70,reach\n"
    assert read(text).names == ("Impressions", "Link clicks")
    assert "reach is no stage after the others" in said(text)


def test_results_of_a_kind_that_nothing_says_are_left_out() -> None:
    text = "Campaign name,Impressions,Link clicks,Results,Amount spent (EUR)\nA,900,90,5,10.00\nB,100,10,1,5.00\n"
    assert read(text).names == ("Impressions", "Link clicks")
    assert "no column says of what kind" in said(text)


def test_money_of_purchases_is_revenue_where_they_are_a_stage() -> None:
    header = "Campaign name,Amount spent (EUR),Impressions,Link clicks,Purchases,Purchases conversion value"
    text = f"{header}\nA,10.00,900,90,2,300.50\nB,5.00,100,10,,\n"
    assert read(text).stages[-1].revenue is None
    assert '--count "Purchases"' in said(text)
    funnel = read(text, counts=("Purchases",))
    assert (counts(funnel), funnel.stages[-1].revenue) == ([1000, 100, 2], Fraction(601, 2))
    assert funnel.stages[-1].role == "customer"


def test_metas_own_totals_stand_above_the_rows_and_are_a_proof() -> None:
    header = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions,Link clicks"
    dates = "2026-09-01,2026-09-30"
    rows = f"{dates},A,10.00,900,90\n{dates},B,5.00,100,10\n"
    for total in ("", "Results from 2 campaigns", "Ergebnisse aus 2 Kampagnen", "Résultats de 2 campagnes"):
        funnel = read(f"{header}\n{dates},{total},15.00,1000,100\n{rows}")
        assert (counts(funnel), funnel.period) == ([1000, 100], "2026-09")
        assert refused(f"{header}\n{dates},{total},15.00,1000,101\n{rows}").code in ("FN114", "FN121")


def test_months_of_meta_are_a_breakdown() -> None:
    header = "Campaign name,Reporting starts,Reporting ends,Amount spent (USD),Impressions,Link clicks"
    text = f"{header}\nA,2026-08-01,2026-08-31,10.00,900,90\nA,2026-09-01,2026-09-30,5.00,100,10\n"
    funnel = read(text)
    assert segments(funnel, "month") == {"2026-08": [900, 90, 10], "2026-09": [100, 10, 5]}
    assert funnel.period == "2026-08-01 to 2026-09-30"


METRICA = "Источник трафика,Визиты,Посетители,Отказы,Целевые визиты\n"


def test_visitors_do_not_add_up_and_visits_do() -> None:
    rows = "Реклама,600,500,20,60\nПоиск,400,300,18,20\n"
    text = f"{METRICA}Итого и средние,1000,700,19,80\n{rows}"
    assert counts(read(text)) == [1000, 80]
    people = read(text, counts=("Посетители",))
    assert counts(people) == [1000, 700, 80]
    assert segments(people, "source") == {"Реклама": [600, 500, 60, None], "Поиск": [400, 300, 20, None]}
    assert refused(text.replace("1000,700,19,80", "1001,700,19,80")).code == "FN114"
    assert refused(text.replace("1000,700,19", "1000,900,19"), counts=("Посетители",)).code == "FN114"


def test_sources_with_their_parts_are_counted_once() -> None:
    header = "Источник трафика,Источник трафика (детально),Визиты,Целевые визиты\n"
    rows = "Поиск,,700,50\nПоиск,Яндекс,400,30\nПоиск,Google,300,20\nРеклама,,300,30\nРеклама,Директ,300,30\n"
    funnel = read(f"{header}Итого и средние,,1000,80\n{rows}")
    assert segments(funnel, "source") == {"Поиск": [700, 50, None], "Реклама": [300, 30, None]}
    assert refused(f"{header}Итого и средние,,1000,80\n{rows.replace('Реклама,,300', 'Реклама,,301')}").code == "FN121"
    indented = "Поиск,700,600,1,50\n  Яндекс,400,300,1,30\n  Google,300,280,1,20\n"
    assert "indented" in refused(f"{METRICA}{indented}").message


DIRECT = "Date\tCampaignId\tCampaignName\tImpressions\tClicks\tCost\tConversions\n"


def test_lines_around_the_table_of_directs_api() -> None:
    rows = "2026-08-01\t1\tA\t100\t10\t50.50\t--\n2026-08-02\t1\tA\t200\t10\t60.50\t2\n"
    text = f'"Report (2026-08-01 - 2026-08-31)"\n{DIRECT}{rows}Total rows: 2\n'
    funnel = read(text)
    assert (counts(funnel), funnel.period) == ([300, 20, 2], "2026-08")
    assert segments(funnel, "campaign") == {"A": [300, 20, 2, 111]}
    assert refused(text.replace("rows: 2", "rows: 3")).code == "FN114"
    assert "millionths" in refused(text.replace("50.50", "50500000").replace("60.50", "60500000")).message


@pytest.mark.parametrize(("cells_", "expected"), [("12,345", 12345), ("12.345", 12345), ("12\xa0345", 12345)])
def test_impressions_are_whole_whatever_parts_their_thousands(cells_: str, expected: int) -> None:
    text = f'Campaign,Impr.,Clicks,Cost\nA,"{cells_}",90,10\nB,100,10,5\n'
    assert counts(read(text)) == [expected + 100, 100]


def test_thousands_of_money_that_may_be_decimals_are_refused() -> None:
    text = 'Campaign,Impr.,Clicks,Cost\nA,900,90,"1,234"\nB,100,10,5\n'
    assert refused(text).code == "FN206"
    assert segments(read(text, decimal="."), "campaign")["A"][-1] == 1234


def test_the_limit_a_day_is_no_money_spent() -> None:
    text = "Campaign,Budget,Impr.,Clicks,Cost\nA,50.00,900,90,10.00\nB,70.00,100,10,5.00\n"
    assert sum(each[-1] for each in segments(read(text), "campaign").values()) == 15
    assert '"Budget" (the limit a day' in said(text)


def test_columns_that_nobody_knows_are_left_out_and_said() -> None:
    text = "Campaign,Campaign ID,Impr.,Clicks,Phone calls,Team,Cost\nA,1,900,90,7,x,10.00\nB,2,100,10,2,y,5.00\n"
    assert read(text).names == ("Impr.", "Clicks")
    assert '"Phone calls" (unknown here; a stage by --count COLUMN)' in said(text)
    assert read(text, counts=("Phone calls",)).names == ("Impr.", "Clicks", "Phone calls")
    assert segments(read(text, labels=("Team",)), "Team") == {"x": [900, 90, 10], "y": [100, 10, 5]}


def test_one_stage_is_none_and_the_way_to_another_is_named() -> None:
    text = "Campaign name,Reach,Impressions,Amount spent (EUR),Leads\nA,100,1000,5.00,3\n"
    problem = refused(text)
    assert (problem.code, '--count: "Leads"' in (problem.help or "")) == ("FN105", True)
    assert read(text, counts=("Leads",)).names == ("Impressions", "Leads")


OWN = [
    "Campaign,Impressions,Clicks,Leads,Sales,Cost\nA,900,90,9,2,10.00\nB,100,10,1,1,5.00\n",
    "Кампания;Показы;Клики;Заявки;Продажи;Расход\nA;900;90;9;2;10,00\nB;100;10;1;1;5,00\n",
    "Campaign,Impressions,Clicks,Leads,Sales,Spend\nA,900,90,9,2,10.00\nB,100,10,1,1,5.00\n",
    'Филиал;Показы;Клики;Заявки;Продажи;Расход (руб.);"CTR, %"\nA;900;90;9;2;10,00;10\nB;100;10;1;1;5,00;10\n',
    "Branch,Impressions,Clicks,Leads,Sales,Spend,CTR (%)\nA,900,90,9,2,10.00,10\nB,100,10,1,1,5.00,10\n",
    "Team,Impressions,Clicks,Leads,Sales,Cost (EUR),Conversion rate,Avg. CPC\nA,900,90,9,2,10,,1\nB,100,10,1,1,5,,1\n",
    "Campaign,Impressions,Clicks,Leads,Sales,Spend,Avg. CPC\nA,900,90,9,2,10.00,1\nB,100,10,1,1,5.00,1\n",
    "Источник,Визиты,Посетители,Заявки,Продажи,Конверсия\nA,900,90,9,2,1%\nB,100,10,1,1,1%\n",
]


@pytest.mark.parametrize("text", OWN)
def test_a_table_that_somebody_made_is_no_vendors_export(text: str) -> None:
    """Its names are those of an export, too, and a recipe would leave the leads and sales out."""
    result = imported(text)
    assert (result.recipe, counts(result.funnels[0])) == (None, [1000, 100, 10, 3])


def test_a_recipe_that_is_told_needs_no_mark() -> None:
    assert read(OWN[0], recipe="google_ads").names == ("Impressions", "Clicks")


def test_all_names_known_are_a_mark() -> None:
    result = imported("Campaign,Impressions,Clicks,Cost\nA,900,90,10.00\nB,100,10,5.00\n")
    assert result.recipe is not None
    assert (result.recipe.name, result.funnels[0].stages[0].role) == ("google_ads", "impression")


DAYS_ES = """Informe de campaña
1 de agosto de 2026 - 2 de septiembre de 2026
Día,Estado de la campaña,Campaña,Presupuesto,Coste,Impr.,Clics,Conversiones
2026-08-01,Habilitada,A,"50,00","10,50","1.247",90,"2,00"
2026-08-01,Habilitada,B,"50,00","1,00",100,10,"0,00"
2026-08-01,Total: Campañas, --, --,"11,50","1.347",100,"2,00"
2026-08-01,Total: Cuenta, --, --,"11,50","1.347",100,"2,00"
2026-08-01,Total: Búsqueda, --, --,"10,50","1.247",90,"2,00"
2026-08-01,Total: Display, --, --,"1,00",100,10,"0,00"
2026-09-02,Habilitada,A,"50,00","5,25",200,20,"1,50"
2026-09-02,Total: Campañas, --, --,"5,25",200,20,"1,50"
2026-09-02,Total: Cuenta, --, --,"5,25",200,20,"1,50"
2026-09-02,Total: Búsqueda, --, --,"5,25",200,20,"1,50"
2026-09-02,Total: Display, --, --,"0,00",0,0,"0,00"
,Total: Cuenta, --, --,"16,75","1.547",120,"3,50"
"""


def test_each_day_may_have_its_own_rows_of_totals() -> None:
    """They stand in the column of the status, and days are added up by month only behind them."""
    funnel = read(DAYS_ES)
    assert counts(funnel) == [1547, 120, Fraction(7, 2)]
    assert segments(funnel, "campaign") == {
        "A": [1447, 110, Fraction(7, 2), Fraction(63, 4)],
        "B": [100, 10, 0, 1],
    }
    assert segments(funnel, "month")["2026-09"] == [200, 20, Fraction(3, 2), Fraction(21, 4)]
    assert funnel.period == "2026-08-01 to 2026-09-02"
    for wrong in ('2026-09-02,Total: Cuenta, --, --,"5,25",201', '2026-08-01,Total: Display, --, --,"1,00",101'):
        assert refused(DAYS_ES.replace(f"{wrong[:-1]}{int(wrong[-1]) - 1}", wrong)).code == "FN114"


def test_totals_of_a_day_alone_are_not_counted_as_campaigns() -> None:
    lines = DAYS_ES.splitlines(keepends=True)
    assert counts(read("".join(lines[:-1]))) == [1547, 120, Fraction(7, 2)]


def test_campaigns_of_one_name_are_told_apart_by_the_row_of_totals() -> None:
    header = (
        "Reporting starts,Reporting ends,Campaign name,Campaign delivery,Amount spent (IDR),Impressions,Link clicks"
    )
    dates = "2026-08-02,2026-08-02"
    rows = f"{dates},manurung,active,38983,8866,2084\n{dates},manurung,active,13254,3268,920\n"
    assert refused(f"{header}\n{rows}").code == "FN106"
    funnel = read(f"{header}\n{dates},,0,52237,12134,\n{rows}{dates},x,active,0,0,0\n", empty_as_zero=False)
    assert counts(funnel) == [12134, 3004]


def test_rows_of_several_levels_are_refused() -> None:
    header = "Campaign name,Delivery level,Amount spent (USD),Impressions,Link clicks"
    problem = refused(f"{header}\nA,campaign,10.00,900,90\nA,ad,6.00,500,50\nA,ad,4.00,400,40\n")
    assert (problem.code, "levels" in problem.message) == ("FN106", True)


def test_money_of_purchases_is_that_of_results_which_are_purchases() -> None:
    header = f"{META},Purchases conversion value"
    text = f"{header}\nA,10.00,900,400,90,5,{SALE},300.50\nB,5.00,100,70,10,,,\n"
    assert read(text).stages[-1].revenue == Fraction(601, 2)
    assert read(text.replace(SALE, LEAD)).stages[-1].revenue is None


def test_results_of_the_row_of_totals_are_of_no_kind() -> None:
    text = f"{META}\n,15.00,1000,420,100,8,\nA,10.00,900,400,90,5,{LEAD}\nB,5.00,100,70,10,3,{LEAD}\n"
    assert counts(read(text)) == [1000, 100, 8]


def test_stages_that_are_told_are_columns_of_their_names() -> None:
    header = "Campaign name,Amount spent (EUR),Impressions,Reach,Link clicks,Purchases,Calls"
    text = f"{header}\nA,10.00,900,400,90,2,7\nB,5.00,100,70,10,1,1\n"
    assert counts(read(text, known=("Link clicks", "Calls", "Purchases"))) == [100, 8, 3]
    problem = refused(text, known=("Link clicks", "Sales"))
    assert (problem.code, problem.message) == ("FN114", 'no column for "Sales"')


def test_a_setting_that_is_called_average_is_no_row_of_averages() -> None:
    text = f"{META},Quality ranking\nA,10.00,900,400,90,5,{LEAD},Average\nB,5.00,100,70,10,1,{LEAD},Above average\n"
    assert counts(read(text)) == [1000, 100, 6]


def test_terms_that_google_does_not_list_are_told_by_its_totals() -> None:
    rows = "Search term,Impr.,Clicks,Cost,Currency code\na,900,90,10.00,EUR\nb,100,10,5.00,EUR\n"
    terms = "Total: Search terms,1000,100,15.00,\n"
    assert counts(read(f"{rows}{terms}")) == [1000, 100]
    problem = refused(f"{rows}{terms}Total: Other search terms,400,20,3.00,\nTotal: Account,1400,120,18.00,\n")
    assert "says 400" in problem.message
    assert "and 1 more like it" in problem.message


def test_rates_that_nobody_knows_are_left_out_as_such() -> None:
    text = "Campaign,Campaign ID,Impr.,Clicks,Cost,Lead rate,Time on page\nA,1,90,9,1.00,3.5%,12\nB,2,10,1,5.00,2%,9\n"
    assert '"Lead rate" (a rate); "Time on page" (a duration)' in said(text)


def test_no_money_earned_in_any_row_is_none_known() -> None:
    text = "Campaign,Impr.,Clicks,Cost,Conversions,Conv. value\nA,900,90,10.00,4.00,0.00\nB,100,9,5.00,1.00,0\n"
    assert read(text).stages[-1].revenue is None
    assert '"Conv. value" (0 in all rows)' in said(text)


def test_a_name_that_begins_as_a_total_is_none_behind_a_campaign() -> None:
    text = f"{META},Ad name\nA,10.00,900,400,90,5,{LEAD},Total: care\nB,5.00,100,70,10,1,{LEAD},Other\n"
    assert counts(read(text)) == [1000, 100, 6]


def test_rows_that_no_column_names_are_refused() -> None:
    text = (
        "Campaign ID,Impr.,Clicks,Cost,Currency code,Day\n1,900,90,10.00,EUR,2026-09-01\n2,100,10,5.00,EUR,2026-09-01\n"
    )
    problem = refused(text)
    assert (problem.code, problem.message) == ("FN114", "2 rows, and no column names what each is of")
    assert counts(read(text, labels=("Campaign ID",))) == [1000, 100]


def test_a_total_is_of_all_rows_and_not_of_those_above_it_alone() -> None:
    text = "Campaign,Impr.,Clicks,Cost\nA,900,90,10.00\nTotal: Account,900,90,10.00\nB,100,10,5.00\n"
    assert refused(text).code == "FN114"


def test_a_table_sorted_together_with_its_names_is_refused() -> None:
    text = "A,900,90,10.00\nCampaign,Impr.,Clicks,Cost\nB,100,10,5.00\nC,10,1,1.00\n"
    assert "stands above the names" in refused(text).message


def test_an_export_without_cost_is_told_by_what_only_google_has() -> None:
    """Its totals stand in the column of the status, and the campaign of them is two dashes."""
    text = (
        "Campaign status,Campaign,Impr.,Clicks,Conversions\nEnabled,A,900,90,4.00\nPaused,B,100,10,3.00\n"
        "Total: Campaigns, --,1000,100,7.00\nTotal: Account, --,1000,100,7.00\n"
    )
    result = imported(text)
    assert result.recipe is not None
    assert (result.recipe.name, counts(result.funnels[0])) == ("google_ads", [1000, 100, 7])
    assert result.funnels[0].stages[0].role == "impression"


def test_of_several_goals_none_is_a_stage_until_it_is_named() -> None:
    header = "Источник трафика,Визиты,Целевые визиты (Заявка),Целевые визиты (Звонок)"
    text = f"{header}\nИтого и средние,1000,80,90\nРеклама,600,60,50\nПоиск,400,20,40\n"
    problem = refused(text)
    assert (problem.code, "Звонок" in (problem.help or "")) == ("FN105", True)
    assert counts(read(text, counts=("Целевые визиты (Звонок)",))) == [1000, 90]
    one = "Источник трафика,Визиты,Целевые визиты (Заявка)\nИтого и средние,1000,80\nРеклама,600,60\nПоиск,400,20\n"
    assert counts(read(one)) == [1000, 80]


def test_attributed_parts_are_rounded_and_their_total_is_too() -> None:
    """A third of a conversion is 0.33 in each of three rows, and one in all."""
    rows = "Campaign,Impr.,Clicks,Cost,Conversions\nA,900,90,10.00,0.33\nB,100,10,5.00,0.33\nC,10,1,1.00,0.33\n"
    text = f"{rows}Total: Account,1010,101,16.00,1.00\n"
    assert counts(read(text)) == [1010, 101, Fraction(99, 100)]
    assert "less than these are rounded" in said(text)
    for wrong in ("1.02", "0.96", "2.00", "0.00"):
        assert refused(text.replace("16.00,1.00", f"16.00,{wrong}")).code == "FN114"
    whole = text.replace("0.33", "1.00").replace("16.00,1.00", "16.00,3.01")
    assert refused(whole).code == "FN114"
    assert refused(text.replace("16.00,", "16.01,")).code == "FN114"


GOOGLE = (
    "Campaign report\n1 Oct 2026 - 31 Oct 2026\nCampaign,Currency code,Impr.,Clicks,Cost,Conversions\n"
    "{name},EUR,1000,100,10.50,5\nBrand,EUR,2000,200,20.50,6\n"
)
SHEET = "Channel,Visits,Sales\n{name},1000,100\nBrand,2000,200\n"


@pytest.mark.parametrize("table", [GOOGLE, SHEET], ids=["google", "sheet"])
@pytest.mark.parametrize("name", ["=x", "=A1+B2", "+x", "-x", "@x", "#SALE", "#1", "=", "n=1"])
def test_a_campaign_may_have_any_name(table: str, name: str) -> None:
    (dimension,) = read(table.format(name=name)).breakdowns
    assert {each.name: each.counts[0] for each in dimension.segments} == {name: 1000, "Brand": 2000}


@pytest.mark.parametrize("table", [GOOGLE, SHEET], ids=["google", "sheet"])
@pytest.mark.parametrize("name", ["#REF!", "#N/A", "#NAME?", "#DIV/0!", "#ССЫЛКА!", "#Н/Д", "#NV", "####"])
def test_an_error_of_a_spreadsheet_is_no_name(table: str, name: str) -> None:
    problem = refused(table.format(name=name))
    assert (problem.code, name in problem.message) == ("FN121", True)
