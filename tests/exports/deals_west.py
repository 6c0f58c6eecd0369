"""Deals as HubSpot, Pipedrive and Salesforce export them: names and order of columns, quotes, dates, footers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.exports.files import SAMPLES, american, at, closing, expect, table, write
from tests.exports.truth import SEPTEMBER, TODAY, Deal, World, at_loss, deals, expected, first_if_lost, furthest

if TYPE_CHECKING:
    from collections.abc import Sequence

OWNERS = {"Noa": 1.24, "Kim": 0.94, "Sam": 0.92}
"""One sells really better."""
SOURCES = {"Organic Search": 1.0, "Paid Search": 0.96, "Referrals": 1.05, "Offline Sources": 1.0}
REASONS = ("Price", "No budget this year", "Chose another vendor", "No answer")

HUBSPOT = {
    "en": ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Close Date", "Create Date", "Deal owner",
           "Original Traffic Source", "Closed Lost Reason", "Number of Associated Contacts"),
    "es": ("ID de registro", "Nombre del negocio", "Pipeline", "Etapa del negocio", "Valor", "Fecha de cierre",
           "Fecha de creación", "Propietario del negocio", "Fuente original de tráfico", "Motivo de cierre perdido",
           "Número de contactos asociados"),
    "fr": ("ID de fiche d'informations", "Nom de la transaction", "Pipeline", "Phase de la transaction", "Montant",
           "Date de fermeture", "Date de création", "Collaborateur de transaction", "Source", "Motif",
           "Nombre de contacts associés"),
    "de": ("Datensatz-ID", "Deal-Name", "Pipeline", "Deal-Phase", "Betrag", "Abschlussdatum", "Erstellungsdatum",
           "Zuständiger Mitarbeiter für Deal", "Ursprüngliche Traffic-Quelle", "Grund für verlorenen Abschluss",
           "Anzahl der zugehörigen Kontakte"),
}  # fmt: skip


def hubspot_table(
    found: Sequence[Deal], language: str, stages: Sequence[str], ends: tuple[str, str], dated: Sequence[str]
) -> str:
    """All cells are quoted; a stage that is entered again has the later date; `dated` are pipelines with such dates."""
    won, lost = ends
    names = [*stages, won, lost]
    header = [*HUBSPOT[language], *(f'Date entered "{name} ({pipeline})"' for pipeline in dated for name in names)]
    rows: list[Sequence[object]] = [header]
    for deal in found:
        now = {"won": won, "lost": lost, "open": stages[deal.now]}[deal.outcome]
        came = [deal.came(stage) for stage in range(len(stages))]
        came += [deal.ended if deal.outcome == outcome else None for outcome in ("won", "lost")]
        rows.append([
            18_400_000_000 + deal.number * 37, f"Quote {deal.number}", deal.pipeline, now,
            "" if deal.amount is None else f"{deal.amount:.1f}", at(closing(deal), "%Y-%m-%d %H:%M"),
            at(deal.created, "%Y-%m-%d %H:%M"), deal.owner, deal.source, deal.reason, 1 + deal.number % 3,
            *(at(each, "%Y-%m-%d %H:%M") if pipeline == deal.pipeline else "" for pipeline in dated for each in came),
        ])  # fmt: skip
    return table(rows, quote_all=True)


def hubspot() -> None:
    stages = ["Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent"]
    ends = ("Closed Won", "Closed Lost")
    name = "hubspot-crm-exports-all-deals.csv"
    chances = (0.8, 0.72, 0.64, 0.66)
    world = World(
        12, 150, SEPTEMBER, chances, OWNERS, SOURCES, REASONS, days=9, backs=0.04, unpriced=0, pipeline="Sales Pipeline"
    )
    found = deals(world)
    text = hubspot_table(found, "en", stages, ends, ["Sales Pipeline"])
    (SAMPLES / name).write_text(text, encoding="utf-8")
    wanted = expected(found, stages, "Closed Won", furthest)
    expect("hubspot_deals", name, {"file": f"../../../sample_funnels/{name}", "funnels": [wanted]})

    etapas, cierres = ["Cita programada", "Presupuesto enviado", "Negociación"], ("Cierre ganado", "Cierre perdido")
    owners, sources = {"Comercial Norte": 1.0, "Comercial Sur": 1.1}, {"Búsqueda orgánica": 1.0, "Referencias": 1.0}
    shared = {"owners": owners, "sources": sources, "reasons": ("Precio", "Sin respuesta")}
    ventas = World(21, 70, SEPTEMBER, (0.75, 0.7, 0.7), **shared, skips=0.1, backs=0, pipeline="Ventas")  # type: ignore[arg-type]
    renovaciones = World(
        22, 40, SEPTEMBER, (0.9, 0.85, 0.9), **shared, backs=0, pipeline="Renovaciones", first_number=71
    )  # type: ignore[arg-type]
    both = sorted([*deals(ventas), *deals(renovaciones)], key=lambda deal: deal.created)
    text = hubspot_table(both, "es", etapas, cierres, ["Ventas", "Renovaciones"])
    wanted = expected([deal for deal in both if deal.pipeline == "Ventas"], etapas, "Cierre ganado", furthest)
    write("hubspot_deals", "todos-negocios.csv", text, {"options": {"pipeline": "Ventas"}, "funnels": [wanted]})

    rows: list[Sequence[object]] = [["Record ID", "Deal Name", "Deal Stage", "Close Date", "Deal owner", "Amount"]]
    for deal in both:  # the view that HubSpot begins with: the pipeline stands behind the stage
        now = {"won": "Closed Won", "lost": "Closed Lost"}.get(deal.outcome, stages[deal.now])
        price = "" if deal.amount is None else f"{deal.amount:.1f}"
        day = at(closing(deal), "%Y-%m-%d %H:%M")
        rows.append([deal.number, f"Quote {deal.number}", f"{now} ({deal.pipeline})", day, deal.owner, price])
    parted = [
        [deal for deal in both if deal.pipeline == name] for name in dict.fromkeys(deal.pipeline for deal in both)
    ]
    wanted_of_each = [
        expected(own, stages[:3], "Closed Won", first_if_lost, ("owner",), name=own[0].pipeline) for own in parted
    ]
    options = {"stages": [*stages[:3], "Closed Won"]}
    view = table(rows, quote_all=True)
    write("hubspot_deals", "all-deals-default-view.csv", view, {"options": options, "funnels": wanted_of_each})

    phases = ["Rendez-vous", "Devis envoyé", "Négociation"]
    world = World(31, 60, SEPTEMBER, (0.7, 0.6, 0.7), {"Claude": 1.0, "Dominique": 1.0}, {"": 1.0}, ("",), backs=0.1,
                  pipeline="Pipeline des ventes")  # fmt: skip
    found = deals(world)
    text = hubspot_table(found, "fr", phases, ("Fermé gagné", "Fermé perdu"), [])
    wanted = expected(found, phases, "Fermé gagné", first_if_lost)
    lost = sum(deal.outcome == "lost" for deal in found)
    options = {"stages": [*phases, "Fermé gagné"]}
    write(
        "hubspot_deals",
        "transactions.csv",
        text,
        {"options": options, "notes_contain": [str(lost)], "funnels": [wanted]},
    )
    refused = {"code": "FN114", "contains": ["--stages", *wanted["open"]]}
    write("hubspot_deals", "transactions-sans-ordre.csv", text, {"refused": refused})
    _hubspot_moved_back()


def _hubspot_moved_back() -> None:
    """Open deals that were moved back: few, which wait where they sit; or more than have not gone on somewhere."""
    phasen = ["Termin vereinbart", "Angebot gesendet", "Verhandlung", "Vertrag gesendet"]
    ends = ("Abgeschlossen und gewonnen", "Abgeschlossen und verloren")
    for name, seed, backs, waits in (("alle-deals", 53, 0.3, furthest), ("einige-deals", 82, 0.15, at_loss)):
        world = World(seed, 90, SEPTEMBER, (0.9, 0.85, 0.85, 0.8), {"Team Nord": 1.0, "Team Süd": 0.9}, {"": 1.0},
                      ("",), days=11, backs=backs, pipeline="Vertriebspipeline")  # fmt: skip
        found = deals(world)
        text = hubspot_table(found, "de", phasen, ends, ["Vertriebspipeline"])
        wanted = expected(found, phasen, ends[0], furthest, waits=waits)
        back = sum(deal.outcome == "open" and deal.now < deal.furthest for deal in found)
        notes = [f"{back} open deals went back", "Anzahl der zugehörigen Kontakte"]
        write("hubspot_deals", f"{name}.csv", text, {"notes_contain": notes, "funnels": [wanted]})


PIPEDRIVE = {
    "en": ("Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Weighted value,"
           "Deal - Currency of Weighted value,Deal - Probability,Deal - Organization,Deal - Pipeline,Deal - Stage,"
           "Deal - Status,Deal - Owner,Deal - Deal created,Deal - Update time,Deal - Expected close date,"
           "Deal - Won time,Deal - Lost time,Deal - Deal closed on,Deal - Lost reason,Deal - Total activities"),
    "pt": ("Negócio - ID,Negócio - Título,Negócio - Valor,Negócio - Moeda de Valor,Negócio - Valor ponderado,"
           "Negócio - Moeda de Valor ponderado,Negócio - Probabilidade,Negócio - Organização,Negócio - Funil,"
           "Negócio - Etapa,Negócio - Status,Negócio - Proprietário,Negócio - Negócio criado em,"
           "Negócio - Atualizado em,Negócio - Data de fechamento esperada,Negócio - Ganho em,Negócio - Data de perda,"
           "Negócio - Negócio fechado em,Negócio - Motivo da perda,Negócio - Total de atividades"),
}  # fmt: skip


def pipedrive_table(
    found: Sequence[Deal], language: str, stages: Sequence[str], words: dict[str, str], code: str
) -> str:
    """The stage of a closed deal is the one that it had; a deal without value is worth 0."""
    form = "%Y-%m-%d %H:%M:%S"
    rows: list[Sequence[object]] = [PIPEDRIVE[language].split(",")]
    for deal in found:
        ended = at(deal.ended, form)
        rows.append([
            deal.number, f"Offer {deal.number}", deal.amount or 0, code, (deal.amount or 0) / 2, code, 50, "",
            deal.pipeline, stages[deal.now], words[deal.outcome], deal.owner, at(deal.created, form),
            at(deal.ended or deal.moves[-1][1], form), at(closing(deal), "%Y-%m-%d"),
            ended if deal.outcome == "won" else "", ended if deal.outcome == "lost" else "", ended, deal.reason, 3,
        ])  # fmt: skip
    return table(rows)


def pipedrive() -> None:
    stages = ["Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started"]
    chances = (0.85, 0.8, 0.75, 0.7, 0.75)
    world = World(41, 120, SEPTEMBER, chances, OWNERS, {"": 1.0}, REASONS, days=5, unpriced=0, pipeline="Pipeline")
    found = deals(world)
    text = pipedrive_table(found, "en", stages, {"won": "Won", "lost": "Lost", "open": "Open"}, "EUR")
    wanted = expected(found, stages, "Won", at_loss, currency="EUR")
    write("pipedrive_deals", "deals-3212.csv", text, {"options": {"stages": stages}, "funnels": [wanted]})
    refused = {"code": "FN114", "contains": ["--stages", *stages]}
    write("pipedrive_deals", "deals-without-order.csv", text, {"refused": refused})

    etapas = ["Qualificado", "Contato feito", "Reunião agendada", "Proposta feita"]
    world = World(42, 80, SEPTEMBER, chances[:4], {"Equipe A": 1.0, "Equipe B": 0.9}, {"": 1.0},
                  ("Preço", "Sem resposta"), days=5, unpriced=0, pipeline="Funil de vendas")  # fmt: skip
    found = deals(world)
    text = pipedrive_table(found, "pt", etapas, {"won": "Ganho", "lost": "Perdido", "open": "Aberto"}, "BRL")
    wanted = expected(found, etapas, "Ganho", at_loss, currency="BRL")
    wanted["stages"] = {name.replace("Ganho", "Won"): count for name, count in wanted["stages"].items()}
    write("pipedrive_deals", "negocios.csv", text, {"options": {"stages": etapas}, "funnels": [wanted]})


def salesforce() -> None:
    """No number of a record; dates as the user writes them; lines of a footer after the table."""
    stages = ["Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review"]
    world = World(
        51, 100, SEPTEMBER, (0.8, 0.75, 0.7, 0.75), OWNERS, {"Web": 1.0, "Partner Referral": 1.1}, REASONS, days=7
    )
    found = deals(world)
    rows: list[Sequence[object]] = [[
        "Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Forecast Category", "Amount Currency",
        "Amount",
        "Expected Revenue Currency", "Expected Revenue", "Probability (%)", "Age", "Close Date", "Created Date",
        "Lead Source", "Type",
    ]]  # fmt: skip
    for deal in found:
        stage = {"won": "Closed Won", "lost": "Closed Lost", "open": stages[deal.now]}[deal.outcome]
        chance = {"won": 100, "lost": 0, "open": (10, 20, 75, 90)[deal.now]}[deal.outcome]
        price = "" if deal.amount is None else str(deal.amount)
        weighted = "" if deal.amount is None else f"{deal.amount * chance / 100:.2f}"
        age = ((deal.ended or TODAY) - deal.created).days
        rows.append([
            deal.owner, f"Account {deal.number % 40}", f"New business {deal.number % 50}", stage, "Pipeline", "USD",
            price, "USD", weighted, chance, age, american(closing(deal)), american(deal.created), deal.source,
            "New Business",
        ])  # fmt: skip
    footer = (
        '\n\n"All Opportunities"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
        '"Confidential Information - Do Not Distribute"\n"Generated By:  Kim  11/26/2026 9:00 AM"\n"Example"\n'
    )
    wanted = expected(found, stages, "Closed Won", first_if_lost, currency="USD")
    options = {"stages": [*stages, "Closed Won"]}
    text = table(rows, quote_all=True, after=footer)
    write("salesforce_opportunities", "report1764147600.csv", text, {"options": options, "funnels": [wanted]})
    refused = {"code": "FN114", "contains": [f'--stages "{",".join(stages)}"']}  # in the order of the probability
    write("salesforce_opportunities", "report-without-order.csv", text, {"refused": refused})

    phasen = ["Qualifizierung", "Bedarfsanalyse", "Angebot"]
    world = World(52, 70, SEPTEMBER, (0.8, 0.7, 0.6), {"Müller-Team": 1.0, "Süd": 1.1}, {"": 1.0}, ("",), days=7)
    found = deals(world)
    rows = [
        [
            "Opportunity-Inhaber",
            "Opportunity-Name",
            "Phase",
            "Betrag",
            "Wahrscheinlichkeit (%)",
            "Schlusstermin",
            "Erstelldatum",
        ]
    ]
    for deal in found:
        stage = {"won": "Geschlossen und gewonnen", "lost": "Geschlossen und verloren", "open": phasen[deal.now]}[
            deal.outcome
        ]
        price = "" if deal.amount is None else f"{deal.amount:.2f}".replace(".", ",")
        days = [at(moment, "%d.%m.%Y") for moment in (closing(deal), deal.created)]
        rows.append([deal.owner, f"Neugeschäft {deal.number}", stage, price, 10, *days])
    wanted = expected(found, phasen, "Geschlossen und gewonnen", first_if_lost)
    options = {"stages": [*phasen, "Geschlossen und gewonnen"]}
    text = table(
        rows, ";", end="\r\n", after='\r\n"Alle Opportunities"\r\n"Copyright (c) 2000-2026 salesforce.com, inc."\r\n'
    )
    write("salesforce_opportunities", "bericht.csv", text, {"options": options, "funnels": [wanted]}, "windows-1252")
