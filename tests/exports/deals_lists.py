"""Deals as Zoho CRM exports them, and lists of deals that people keep by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.exports.files import at, closing, table, write
from tests.exports.truth import SEPTEMBER, World, at_loss, deals, expected, first_if_lost

if TYPE_CHECKING:
    from collections.abc import Sequence


def zoho() -> None:
    """Two words for lost; numbers of records with a prefix."""
    stages = ["Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review"]
    sources = {"Cold Call": 1.0, "Web Research": 1.05, "Trade Show": 1.0}
    world = World(
        101, 90, SEPTEMBER, (0.8, 0.75, 0.7, 0.8), {"Team East": 1.0, "Team West": 1.0}, sources, ("",), days=7
    )
    found = deals(world)
    rows: list[Sequence[object]] = [[
        "Record Id", "Deal Owner.id", "Deal Owner", "Amount", "Deal Name", "Closing Date", "Account Name.id",
        "Account Name", "Stage", "Type", "Probability (%)", "Expected Revenue", "Next Step", "Lead Source",
        "Created Time", "Modified Time",
    ]]  # fmt: skip
    for deal in found:
        lost = ("Closed Lost", "Closed-Lost to Competition")[deal.number % 2]
        stage = {"won": "Closed Won", "lost": lost}.get(deal.outcome, stages[deal.now])
        price = "" if deal.amount is None else f"{deal.amount:.2f}"
        form = "%Y-%m-%d %H:%M:%S"
        rows.append([
            f"zcrm_48768760000{deal.number:06}", "zcrm_4876876000000100", deal.owner, price, f"Deal {deal.number}",
            at(closing(deal), "%Y-%m-%d"), "", "", stage, "New Business", 50, "", "", deal.source,
            at(deal.created, form), at(deal.moves[-1][1], form),
        ])  # fmt: skip
    options = {"stages": [*stages, "Closed Won"]}
    wanted = expected(found, stages, "Closed Won", first_if_lost)
    write("zoho_deals", "Deals_001.csv", table(rows), {"options": options, "funnels": [wanted]})


def by_hand() -> None:
    """Stages that lost deals keep, and a status beside them; money and dates in the form of the country."""
    stufen = ["Anfrage", "Gespräch", "Angebot", "Verhandlung"]
    words = {"won": "Gewonnen", "lost": "Verloren", "open": "Offen"}
    world = World(
        111, 60, SEPTEMBER, (0.8, 0.75, 0.7, 0.8), {"Nord": 1.0, "Süd": 1.0}, {"Messe": 1.0, "Web": 1.0}, ("Preis",)
    )
    found = deals(world)
    rows: list[Sequence[object]] = [
        ["Deals im Vertrieb, Stand 26.11.2026"],
        [],
        ["Nr.", "Geschäft", "Phase", "Status", "Betrag (EUR)", "Verantwortlich", "Quelle", "Erstellt am",
         "Geschlossen am", "Verlustgrund"],
    ]  # fmt: skip
    for deal in found:
        price = "" if deal.amount is None else f"{deal.amount:,.2f}".translate(str.maketrans(",.", ".,"))
        rows.append([
            deal.number, f"Angebot {deal.number}", stufen[deal.now], words[deal.outcome], price, deal.owner,
            deal.source, at(deal.created, "%d.%m.%Y"), at(deal.ended, "%d.%m.%Y"), deal.reason,
        ])  # fmt: skip
    wanted = expected(found, stufen, "Won", at_loss, currency="EUR")
    options = {"stages": stufen}
    text = table(rows, ";", end="\r\n")
    write("deals", "vertrieb.csv", text, {"options": options, "funnels": [wanted]}, "windows-1252")

    stages = ["Inquiry", "Call", "Quote"]
    world = World(112, 40, SEPTEMBER, (0.8, 0.7, 0.7), {"Kim": 1.0, "Noa": 1.1}, {"": 1.0}, ("",), unpriced=0)
    found = deals(world)
    rows = [["Deal", "Owner", "Stage", "Amount", "Created", "Closed"]]
    for deal in found:
        stage = {"won": "Won", "lost": "Lost"}.get(deal.outcome, stages[deal.now])
        day = "%b %d, %Y"
        rows.append(
            [f"Job {deal.number}", deal.owner, stage, f"${deal.amount:,}", at(deal.created, day), at(deal.ended, day)]
        )
    wanted = expected(found, stages, "Won", first_if_lost)
    options = {"stages": [*stages, "Won"]}
    write("deals", "jobs.csv", table(rows), {"options": options, "funnels": [wanted]})
