"""Which recipe a row of names fits: those of vendors in each language known, and no table of another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.counts_table.recipes import recipes
from funnelcli.counts_table.recognise import recognised
from funnelcli.counts_table.words import plain

if TYPE_CHECKING:
    from funnelcli.counts_table.recipes import Recipe

NAMES = {
    "hubspot_deals": [
        "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Close Date,Create Date,Deal owner,Original Traffic Source",
        "Datensatz-ID,Deal-Name,Pipeline,Deal-Phase,Betrag,Abschlussdatum,Erstellungsdatum",
        "ID de registro,Nombre del negocio,Etapa del negocio,Fecha de cierre,Propietario del negocio,Valor",
        "ID do registro,Nome do negócio,Etapa do negócio,Data de fechamento,Proprietário do negócio,Valor",
        "ID de fiche d'informations,Nom de la transaction,Pipeline,Phase de la transaction,Date de fermeture",
        "ID record,Nome trattativa,Importo,Fase trattativa,Data di chiusura,Proprietario della trattativa,Pipeline",
        "Deal Name,Deal Stage,Pipeline,Amount,Close Date,Deal owner,Associated Company",
    ],
    "pipedrive_deals": [
        "Deal - ID,Deal - Title,Deal - Stage,Deal - Status,Deal - Value,Deal - Owner,Deal - Deal created",
        "Deal - Titel,Deal - Wert,Deal - Status,Deal - Besitzer,Deal - Deal erstellt,Deal - Phase,Deal - ID",
        "Negócio - ID,Negócio - Título,Negócio - Etapa,Negócio - Status,Negócio - Valor,Negócio - Ganho em",
        "Negocio - ID,Negocio - Título,Negocio - Propietario,Negocio - Etapa,Negocio - Estado,Negocio - Valor",
        "Affaire - Titre,Affaire - Valeur,Affaire - Étape,Affaire - Statut,Affaire - Raison de perte",
    ],
    "salesforce_opportunities": [
        "Opportunity Owner,Account Name,Opportunity Name,Stage,Amount Currency,Amount,Probability (%),Close Date",
        "Opportunity-Inhaber,Phase,Phasendetails,Erstelldatum,Schlusstermin,Alter",
        "Propietario de oportunidad,Nombre de la oportunidad,Importe,Probabilidad (%),Etapa,Fecha de cierre",
        "Propriétaire de l'opportunité,Nom de l'opportunité,Étape,Montant,Date de clôture,Date de création",
        "Proprietário da oportunidade,Nome da oportunidade,Fase,Valor,Data de fechamento",
        "Nome opportunità,Nome account,Fase,Data chiusura,Titolare opportunità",
    ],
    "amocrm_deals": [
        "ID,Название сделки,Бюджет,Ответственный,Дата создания сделки,Дата закрытия,Этап сделки,Воронка",
        "ID,Lead título,Etapa do lead,Funil de vendas,Venda,Data Criada,Lead usuário responsável",
    ],
    "bitrix24_deals": [
        "ID,Воронка,Стадия сделки,Название сделки,Сумма,Валюта,Ответственный,Дата создания",
        "ID,TITLE,STAGE_ID,OPPORTUNITY,CURRENCY_ID,DATE_CREATE,CLOSEDATE",
    ],
    "zoho_deals": ["Record Id,Deal Owner,Amount,Deal Name,Closing Date,Stage,Lead Source,Created Time"],
    "shopify_orders": ["Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Total,Created at"],
    "stripe_charges": [
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Fee,Status,Description",
        "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Status",
    ],
    "deals": [
        "Deal,Owner,Stage,Status,Amount,Created",
        "Geschäft,Phase,Betrag (EUR),Verantwortlich",
        "Сделка,Этап,Сумма,Менеджер",
    ],
}
OTHERS = [
    "Stage,Deals,Amount",
    "Stage,Count",
    "Owner,Stage,Count",
    "Opportunity Owner,Stage,Sum of Amount,Record Count",
    "Deal Stage,Number of deals,Amount",
    "Deal - Stage,Deal - Count,Deal - Value",
    "Этап,Количество,Сумма",
    "Воронка,Этап сделки,Количество",
    "month,Leads,Deals,Won",
    "Status,Orders,Revenue",
    "id,created,amount,status",
    "Name,Total,Created at",
    "Channel,Impressions,Clicks,Leads,Sales",
]


@pytest.mark.parametrize(("recipe", "names"), [(name, each) for name, listed in NAMES.items() for each in listed])
def test_names_fit_their_recipe_alone(recipe: str, names: str) -> None:
    assert [each.recipe.name for each in recognised([names.split(",")], recipes())] == [recipe]


@pytest.mark.parametrize("names", OTHERS)
def test_a_table_of_another_kind_fits_no_recipe_of_deals_or_orders(names: str) -> None:
    found = recognised([names.split(",")], recipes())
    assert [each.recipe.name for each in found if each.recipe.shape in ("deals", "orders")] == []


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_says_where_its_names_are_from_and_no_name_means_two_things(recipe: Recipe) -> None:
    assert recipe.docs
    assert recipe.title
    keys: dict[str, set[str]] = {}
    for column in recipe.columns:
        for name in column.names:
            if "{" in name:  # a pattern
                continue
            keys.setdefault(plain(name), set()).add(column.key)  # of several columns, the first would be it
    assert {name: found for name, found in keys.items() if len(found) > 1} == {}
