"""Lists of deals whose names of columns do not say so, or whose status has a name of its own: the rows show it."""

from __future__ import annotations

import pytest

from funnelcli.counts_table.importing import explained
from tests.counts_table.test_deals_by_hand import imported, refused

THREE = """Name,Stage,Amount
Acme,1 - Lead,900
Beta,2 - Offer,1500
Core,4 - Won,2500
Dune,5 - Lost,800
Echo,1 - Lead,700
"""
RUSSIAN = """№;Клиент;Менеджер;Этап;Сумма;Дата
1;ООО Ромашка;Иванова;Переговоры;120 000,00;01.10.2026
2;ООО Лютик;Петров;Оплачено;90 000,00;03.10.2026
3;ИП Сидоров;Иванова;Отказ;50 000,00;05.10.2026
4;ООО Мак;Петров;Переговоры;70 000,00;06.10.2026
"""
GERMAN = """Kunde;Vertriebler;Status;Angebotssumme;Datum
Müller GmbH;Anna;Angebot;12.500,00 €;01.10.2026
Maier AG;Anna;gewonnen;8.000,00 €;02.10.2026
Huber KG;Jonas;verloren;3.500,00 €;05.10.2026
Schulz;Jonas;Erstgespräch;9.000,00 €;06.10.2026
Wolf;Jonas;gewonnen;9.100,00 €;07.10.2026
"""
PLAIN = """Title,Value,Currency,Organization,Expected close date,Owner,Stage,Status,Deal created,Won time,Lost time
D0,2500,EUR,Org,2026-12-15,Lee,Lead In,Open,2026-08-22 09:00:00,,
D1,1000,EUR,Org,2026-12-15,Kim,Lead In,Won,2026-09-23 09:00:00,2026-11-23 10:00:00,
D1,1000,EUR,Org,2026-12-15,Kim,Demo Scheduled,Lost,2026-08-15 09:00:00,,2026-11-15 10:00:00
"""
ZUSTAND = """Deal - ID,Deal - Title,Deal - Stage,Deal - Zustand,Deal - Value
1,A,Lead In,Verloren,100
2,B,Lead In,Offen,100
3,C,Demo Scheduled,Gewonnen,100
"""


@pytest.mark.parametrize(
    ("text", "options", "stages"),
    [
        (THREE, {"stages": ("1 - Lead", "2 - Offer")}, [(5, 2), (2, 1), (1, None)]),
        (RUSSIAN, {"stages": ("Переговоры",), "won": ("Оплачено",)}, [(4, 2), (1, None)]),
        (GERMAN, {"stages": ("Erstgespräch", "Angebot")}, [(5, 1), (3, 1), (2, None)]),
        (PLAIN, {"stages": ("Lead In", "Demo Scheduled")}, [(3, 1), (2, None), (1, None)]),
        (ZUSTAND, {"stages": ("Lead In", "Demo Scheduled")}, [(3, 1), (1, None), (1, None)]),
        (ZUSTAND.replace("Zustand", "Won time").replace("Verloren", "").replace("Offen", "")
         .replace("Gewonnen", "2026-09-03"), {"stages": ("Lead In", "Demo Scheduled")}, [(3, 2), (1, None), (1, None)]),
    ],
)  # fmt: skip
def test_the_rows_show_that_they_are_deals(text: str, options: dict[str, object], stages: list[object]) -> None:
    found = imported(text, **options)
    assert found.recipe is not None
    assert found.recipe.name == "deals"
    assert [(stage.count, stage.open) for stage in found.funnels[0].stages] == stages


def test_numbered_stages_are_proposed_by_their_numbers() -> None:
    (problem,) = refused(
        THREE.replace("900\nBeta,2 - Offer", "900\nBeta,3 - Offer").replace("Echo,1", "Echo,2") + "Fox,2 - Lead,7\n"
    )
    assert '--stages "1 - Lead,2 - Lead,3 - Offer"' in (problem.problem.help or "")
    assert "as they are numbered" in (problem.problem.help or "")


def test_a_status_under_another_name_is_said() -> None:
    notes = imported(ZUSTAND, stages=("Lead In", "Demo Scheduled")).notes
    assert '"Deal - Zustand" says what is won and lost: it is taken as the status' in notes


@pytest.mark.parametrize(
    "text",
    [
        "Name,Stage,Amount\nAds,Visits,100\nAds,Won,30\nMail,Visits,50\nMail,Won,10\n",  # steps of two channels
        "Name,Stage,Amount\nA,Visits,100\nB,Leads,30\nC,Won,10\n",  # no stage comes again
        "Name,Status,Amount\nAds,Active,100\nMail,Active,30\nSite,Paused,10\n",  # no word of deals
    ],
)
def test_other_tables_are_no_deals(text: str) -> None:
    assert explained(text.encode(), "deals.csv").recipe is None
