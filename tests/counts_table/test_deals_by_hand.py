"""Lists of deals that somebody keeps by hand: a name in place of a deal, the status as the stage, tables of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic

NOTION = """Name,Status,Deal value,Owner,Created,Source
Acme site,Lead,"$1,000.00",Ann,"September 1, 2026",Referral
Brand,Proposal,"$2,000.00",Bob,"September 3, 2026",Referral
Catalog,Won,"$3,500.00",Ann,"October 3, 2026",Web
Design,Lost,,Bob,"October 5, 2026",Web
Essay,Open,"$5,000.00",Ann,"October 9, 2026",Web
"""
MAVEN = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
1C1I7A6R,Mo,GTX Plus,Cancity,Won,2016-10-20,2017-03-01,1054.0
Z063OYW0,Da,GTXPro,Isdom,Won,2016-10-25,2017-03-11,4514.0
MV1LWRNH,Mo,GTX,Codehow,Lost,2016-10-25,2017-03-09,0.0
PE84CX4O,Za,GTX,Hatfan,Engaging,2016-10-25,,
ZNBS69V1,An,MG,Ron-tech,Prospecting,,,
"""


def read(text: str, **options: object) -> Imported | list[Diagnostic]:
    return import_table(text.encode(), "deals.csv", ImportOptions(**options))  # type: ignore[arg-type]


def imported(text: str, **options: object) -> Imported:
    found = read(text, **options)
    assert isinstance(found, Imported), found
    return found


def refused(text: str, **options: object) -> list[Diagnostic]:
    found = read(text, **options)
    assert isinstance(found, list), found
    return found


def test_the_status_is_the_stage_where_no_column_is() -> None:
    (problem,) = refused(NOTION)
    assert problem.problem.code == "FN114"
    assert "--stages" in (problem.problem.help or "")
    found = imported(NOTION, stages=("Lead", "Open", "Proposal", "Won"))
    (funnel,) = found.funnels
    assert found.recipe is not None
    assert found.recipe.name == "deals"
    assert {stage.name: stage.count for stage in funnel.stages} == {"Lead": 5, "Open": 3, "Proposal": 2, "Won": 1}
    assert [stage.open for stage in funnel.stages] == [1, 1, 1, None]
    assert funnel.currency == "$"
    assert funnel.stages[-1].average_check == 3500


def test_a_list_that_says_more_than_the_export_of_a_tool_is_kept_by_hand() -> None:
    text = "Deal name,Deal stage,Outcome,Deal size\nA,Lead,Open,100\nB,Demo,Won,200\nC,Demo,Lost,300\nD,Lead,Lost,50\n"
    found = imported(text, stages=("Lead", "Demo"))
    assert found.recipe is not None
    assert found.recipe.name == "deals"
    assert [stage.count for stage in found.funnels[0].stages] == [4, 2, 1]
    assert found.funnels[0].stages[-1].average_check == 200


def test_one_word_that_is_not_known_is_asked_about() -> None:
    (problem,) = refused(NOTION.replace("Proposal", "Open").replace("Lead", "Cancelled"))
    assert problem.problem.code == "FN120"
    assert "Cancelled" in problem.problem.message
    told = imported(NOTION.replace("Proposal", "Open").replace("Lead", "Cancelled"), lost=("Cancelled",))
    assert [(stage.count, stage.open) for stage in told.funnels[0].stages] == [(5, 2), (1, None)]


def test_numbers_of_opportunities_make_a_list_of_deals() -> None:
    found = imported(MAVEN, stages=("Prospecting", "Engaging", "Won"))
    (funnel,) = found.funnels
    assert [(stage.count, stage.open) for stage in funnel.stages] == [(5, 1), (3, 1), (2, None)]
    assert funnel.stages[-1].average_check == 2784
    assert [each.dimension for each in funnel.breakdowns] == ["owner"]


@pytest.mark.parametrize(
    "header",
    [
        "Name,Status,Created,Impressions,Clicks,Leads",
        "Name,Status,Owner,Visits,Orders,Revenue",
        "Campaign,Status,Value,Clicks,Leads",
        "Client,Stage,Count",
        "Name,Stage,Value",
        "Company,Status,Owner",
    ],
)
def test_a_name_alone_makes_no_deal(header: str) -> None:
    row = ",".join(
        "Spring" if at < 1 else "Active" if at < 2 else str(90 - 10 * at) for at in range(header.count(",") + 1)
    )
    found = read(f"{header}\n{row}\n{row.replace('Spring', 'Autumn')}\n")
    if isinstance(found, Imported):
        assert found.recipe is None
    else:
        assert not any("deal" in each.problem.message for each in found)


def test_the_recipe_of_a_tool_goes_before() -> None:
    head = "Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date,Record ID\n"
    won = imported(
        head + "Quote 1,Closed Won,500,Noa,2026-09-01 10:00,2026-09-01 10:00,1\n", stages=("Deal", "Closed Won")
    )
    assert won.recipe is not None
    assert won.recipe.name == "hubspot_deals"


@pytest.mark.parametrize(
    "names",
    [
        "Nom de la transaction,Phase,Montant,Propriétaire,Date de création,Date de fermeture",
        "Affaire,Étape,Montant,Commercial,Date de création,Date de clôture",
        "Nom de l'affaire,Étape de vente,Valeur,Chargé d'affaires,Créée le,Clôturé le",
        "Nombre del negocio,Etapa de venta,Monto,Comercial,Fecha de apertura,Fecha de cierre",
        "Nome do negócio,Etapa da venda,Montante,Proprietário,Data de criação,Data de encerramento",
        "Nome della trattativa,Fase di vendita,Valore,Venditore,Data di apertura,Data di chiusura",
        "Name des Geschäfts,Verkaufsphase,Preis,Inhaber,Erstellungsdatum,Abschlusstermin",
    ],
)
def test_lists_in_the_languages_of_the_west_are_deals(names: str) -> None:
    """Five deals: all at the first stage, two at the second, one won of 3,000, one lost, two open at the first."""
    rows = "A,Demo,1000,Ann,2026-09-01,\nB,Offer,2000,Ann,2026-09-02,\nC,Gagnée,3000,Bob,2026-09-03,2026-09-20\n"
    rows += "D,Perdue,1500,Bob,2026-09-04,2026-09-22\nE,Demo,500,Bob,2026-09-05,\n"
    found = imported(f"{names}\n{rows}", stages=("Demo", "Offer"))
    (funnel,) = found.funnels
    assert [stage.count for stage in funnel.stages] == [5, 2, 1]
    assert [stage.open for stage in funnel.stages] == [2, 1, None]
    assert funnel.stages[-1].average_check == 3000
    assert [each.dimension for each in funnel.breakdowns] == ["owner", "month"]
    assert not any("left out" in note for note in found.notes)


@pytest.mark.parametrize("first", ["Dossier", "Vorgang", "Contact"])
def test_a_row_a_unit_with_stages_and_amounts_is_told_to_be_a_deal(first: str) -> None:
    names = f"{first},Étape,Montant,Gérant,Date d'entrée"
    (problem,) = refused(f"{names}\nA,Demo,1000,Ann,2026-09-01\nB,Offer,2000,Bob,2026-09-02\nC,Demo,5,Bob,2026-09-03\n")
    assert "each row is a deal with its stage and amount" in problem.problem.message
    assert "Deal, Stage, Amount" in (problem.problem.help or "")


def test_two_dates_beside_a_stage_and_money_are_of_a_deal_where_clients_come_again() -> None:
    rows = ["A,Demo,1000,2026-09-01,2026-09-02", "B,Offer,2000,2026-09-02,2026-09-03", "A,Demo,5,2026-09-03,2026-09-04"]
    (problem,) = refused("\n".join(["Client,Étape,Budget,Date d'entrée,Date de sortie", *rows, ""]))
    assert "each row is a deal with its stage and amount" in problem.problem.message
    assert "measure" not in (problem.problem.help or "")


SPELT = "Deal,Stage,Status,Owner,Amount,Lost reason\n{}"


@pytest.mark.parametrize("turned", [False, True])
def test_of_spellings_that_differ_in_case_that_of_most_deals_stands(turned: bool) -> None:
    rows = [
        "A,OFFER,Open,ANN,10,", "B,Offer,Open,Ann,10,", "C,Offer,Open,Ann,10,", "D,Call,Open,Ann,10,",
        "E,Offer,Won,Ann,10,", "F,Call,Lost,Ann,,PRICE", "G,Call,Lost,Ann,,Price", "H,Call,Lost,Ann,,Price",
    ]  # fmt: skip
    text = SPELT.format("\n".join(reversed(rows) if turned else rows) + "\n")
    found = imported(text, stages=("Call", "Offer"))
    (owner,) = [each for each in found.funnels[0].breakdowns if each.dimension == "owner"]
    assert [each.name for each in owner.segments] == ["Ann"]
    assert 'owner: "ANN" counts as "Ann": they differ in case alone' in found.notes
    assert 'reasons for losing: 3 "Price"' in found.notes
    (problem,) = refused(text)
    assert '"Offer" (4 deals)' in problem.problem.message


def test_bitrix24_has_its_dates_and_its_currencies_in_words() -> None:
    names = "ID;Название;Стадия сделки;Сумма;Валюта;Дата создания;Дата завершения;Закрыта\n"
    rows = "".join(
        f"{at};Сделка {at};{stage};9000;Российский рубль;01.09.2026;{day}.09.2026;{closed}\n"
        for at, (stage, day, closed) in enumerate(
            [("Сделка успешна", 11, "Да"), ("Сделка успешна", 21, "Да"), ("Новая", 30, "Нет"), ("В работе", 30, "Нет")]
        )
    )
    found = imported(names + rows, stages=("Новая", "В работе"))
    (funnel,) = found.funnels
    assert funnel.currency == "RUB"
    assert sum(stage.days or 0 for stage in funnel.stages) == 15  # the mean of 10 and 20, and no open deal's date
    assert not any("Дата завершения" in note or "Закрыта" in note for note in found.notes if "unknown" in note)
