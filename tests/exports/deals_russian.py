"""Deals as amoCRM, which is Kommo elsewhere, and Bitrix24 export them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.exports.files import at, closing, table, write
from tests.exports.truth import SEPTEMBER, Deal, World, deals, expected, first_if_lost

if TYPE_CHECKING:
    from collections.abc import Sequence


def russian_table(found: Sequence[Deal], stages: Sequence[str], delimiter: str, quote_all: bool, end: str) -> str:
    """amoCRM: an open deal is «не закрыта» on its date of closing."""
    form = "%d.%m.%Y %H:%M:%S"
    rows: list[Sequence[object]] = [[
        "ID", "Название сделки", "Бюджет", "Ответственный", "Дата создания сделки", "Кем создана сделка",
        "Дата редактирования", "Кем редактирована", "Дата закрытия", "Теги", "Примечание", "Этап сделки", "Воронка",
        "Полное имя контакта", "Причина отказа", "utm_source",
    ]]  # fmt: skip
    for deal in found:
        stage = {"won": "Успешно реализовано", "lost": "Закрыто и не реализовано", "open": stages[deal.now]}[
            deal.outcome
        ]
        rows.append([
            31_000_000 + deal.number, f"Сделка №{deal.number}", deal.amount or 0, deal.owner, at(deal.created, form),
            deal.owner, at(deal.moves[-1][1], form), deal.owner, at(deal.ended, form) or "не закрыта", "", "", stage,
            deal.pipeline, "", deal.reason, deal.source,
        ])  # fmt: skip
    return table(rows, delimiter, quote_all, end)


def amocrm() -> None:
    stages = ["Первичный контакт", "Переговоры", "Принимают решение", "Согласование договора"]
    people, reasons = {"Менеджер 1": 1.0, "Менеджер 2": 1.1}, ("Дорого", "Нет ответа")
    shared = {
        "owners": people,
        "sources": {"yandex": 1.0, "vk": 0.9},
        "reasons": reasons,
        "typical": 120_000,
        "unpriced": 0,
    }
    chances = (0.8, 0.75, 0.7, 0.8)
    found = deals(World(61, 110, SEPTEMBER, chances, **shared, pipeline="Продажи"))  # type: ignore[arg-type]
    wanted = expected(found, stages, "Успешно реализовано", first_if_lost)
    options = {"stages": [*stages, "Успешно реализовано"]}
    text = russian_table(found, stages, ";", False, "\r\n")
    write(
        "amocrm_deals", "amocrm_export_leads_1251.csv", text, {"options": options, "funnels": [wanted]}, "windows-1251"
    )
    other = deals(World(62, 50, SEPTEMBER, chances, **shared, pipeline="Повторные", first_number=111))  # type: ignore[arg-type]
    both = sorted([*found, *other], key=lambda deal: deal.created)
    text = russian_table(both, stages, ",", True, "\n")
    options = {**options, "pipeline": "Продажи"}
    write("amocrm_deals", "amocrm_export_leads.csv", text, {"options": options, "funnels": [wanted]}, "utf-8-sig")


def kommo() -> None:
    """Dates without times."""
    etapas = ["Contato inicial", "Oferta feita", "Negociação"]
    people = {"Agente 1": 1.0, "Agente 2": 1.1}
    world = World(
        65,
        70,
        SEPTEMBER,
        (0.75, 0.7, 0.7),
        people,
        {"Instagram": 1.0, "Site": 1.0},
        ("",),
        unpriced=0,
        pipeline="Vendas",
    )
    found = deals(world)
    rows: list[Sequence[object]] = [
        [
            "ID", "Lead título", "Empresa lead 's", "Contato principal", "Empresa do contato",
            "Lead usuário responsável", "Etapa do lead", "Funil de vendas", "Venda", "Data Criada",
            "Criado por", "Última modificação", "Lead tags", "Data Fechada", "Origem",
        ]
    ]  # fmt: skip
    for deal in found:
        stage = {"won": "Venda ganha", "lost": "Venda perdida"}.get(deal.outcome, etapas[deal.now])
        day = "%d.%m.%Y"
        rows.append([
            9_100_000 + deal.number, f"Lead {deal.number}", "", "", "", deal.owner, stage, deal.pipeline, deal.amount,
            at(deal.created, day), deal.owner, at(deal.moves[-1][1], day), "", at(deal.ended, day), deal.source,
        ])  # fmt: skip
    options = {"stages": [*etapas, "Venda ganha"]}
    wanted = expected(found, etapas, "Venda ganha", first_if_lost)
    write(
        "amocrm_deals", "kommo_export_leads.csv", table(rows, quote_all=True), {"options": options, "funnels": [wanted]}
    )


def bitrix24() -> None:
    stages = ["Новая", "Подготовка документов", "Счёт на предоплату", "В работе", "Финальный счёт"]
    codes = ["C16:NEW", "C16:PREPARATION", "C16:PREPAYMENT_INVOICE", "C16:EXECUTING", "C16:FINAL_INVOICE"]
    people = {"Отдел продаж 1": 1.0, "Отдел продаж 2": 1.05}
    world = World(71, 90, SEPTEMBER, (0.85, 0.8, 0.8, 0.8, 0.85), people, {"Звонок": 1.0, "Веб-сайт": 1.0}, ("",),
                  typical=90_000, unpriced=0, days=5, pipeline="Общая")  # fmt: skip
    found = deals(world)
    form = "%d.%m.%Y %H:%M:%S"
    ends = {"won": "Сделка успешна", "lost": "Сделка провалена"}
    rows: list[Sequence[object]] = [[
        "ID", "Воронка", "Стадия сделки", "Название сделки", "Сумма", "Валюта", "Ответственный", "Источник",
        "Вероятность, %", "Дата создания", "Дата начала", "Предполагаемая дата закрытия", "Сделка закрыта",
    ]]  # fmt: skip
    raw: list[Sequence[object]] = [
        ["ID", "TITLE", "STAGE_ID", "OPPORTUNITY", "CURRENCY_ID", "ASSIGNED_BY_ID", "DATE_CREATE", "CLOSEDATE"]
    ]
    for deal in found:
        closed = "N" if deal.outcome == "open" else "Y"
        rows.append([
            deal.number, deal.pipeline, ends.get(deal.outcome, stages[deal.now]), f"Сделка #{deal.number}",
            f"{deal.amount:.2f}", "RUB", deal.owner, deal.source, "", at(deal.created, form),
            at(deal.created, "%d.%m.%Y"),
            at(closing(deal), "%d.%m.%Y"), {"N": "нет", "Y": "да"}[closed],
        ])  # fmt: skip
        code = {"won": "C16:WON", "lost": ("C16:LOSE", "C16:APOLOGY")[deal.number % 2]}.get(
            deal.outcome, codes[deal.now]
        )
        moments = [moment.strftime("%Y-%m-%dT%H:%M:%S+03:00") for moment in (deal.created, closing(deal))]
        raw.append([deal.number, f"Сделка #{deal.number}", code, f"{deal.amount:.2f}", "RUB", deal.owner, *moments])
    wanted = expected(found, stages, "Сделка успешна", first_if_lost, currency="RUB")
    options = {"stages": [*stages, "Сделка успешна"]}
    text = table(rows, ";", True, "\r\n")
    write("bitrix24_deals", "DEAL_20261126.csv", text, {"options": options, "funnels": [wanted]}, "utf-8-sig")
    wanted = expected([deal._replace(source="") for deal in found], codes, "C16:WON", first_if_lost, currency="RUB")
    options = {"stages": [*codes, "C16:WON"]}
    write(
        "bitrix24_deals",
        "crm_deal_list.csv",
        table(raw, ";"),
        {"options": options, "funnels": [wanted]},
        "windows-1251",
    )
