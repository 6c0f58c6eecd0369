"""Made-up exports of ads and traffic; their sums are added up in whole hundredths."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.exports.files import table, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Row(NamedTuple):
    """A campaign, or a campaign on a day: impressions, clicks; conversions and money in hundredths."""

    campaign: str
    kind: str
    day: int
    impressions: int
    clicks: int
    conversions: int
    cost: int
    value: int

    @property
    def figures(self) -> tuple[int, ...]:
        return self.impressions, self.clicks, self.conversions, self.cost, self.value


def made(seed: int, campaigns: Sequence[tuple[str, str]], days: int = 1) -> list[Row]:
    rng = random.Random(seed)
    rows = []
    for name, kind in campaigns:
        for day in range(1, days + 1):
            impressions = rng.randrange(800, 90_000)
            clicks = rng.randrange(impressions // 50, impressions // 12)
            conversions = rng.randrange(0, clicks * 6)
            rows.append(
                Row(
                    name, kind, day, impressions, clicks, conversions, clicks * rng.randrange(20, 240), conversions * 31
                )
            )
    return rows


def point(value: int, group: str = ",") -> str:
    return f"{value // 100:,}".replace(",", group) + f".{value % 100:02}"


def comma(value: int, group: str = ".") -> str:
    return f"{value // 100:,}".replace(",", group) + f",{value % 100:02}"


def under(titles: Sequence[str], lines: Iterable[Sequence[str]], delimiter: str) -> str:
    """A table below its titles."""
    return "".join(f"{title}\n" for title in titles) + table(lines, delimiter)


def plain(hundredths: int) -> float | int:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def truth(
    rows: Sequence[Row], stages: Sequence[str], by: dict[str, Callable[[Row], str]], **more: Any
) -> dict[str, Any]:
    """What is expected of the rows: sums by stage, money, and the sums of each kind of segment."""

    def sums(part: Iterable[Row]) -> list[float | int]:
        listed = list(part)
        figures = [sum(r.impressions for r in listed), sum(r.clicks for r in listed)]
        return [*figures, plain(sum(r.conversions for r in listed))][: len(stages)]

    breakdowns: dict[str, dict[str, list[float | int]]] = {}
    for name, of in by.items():
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            groups[of(row)].append(row)
        breakdowns[name] = {key: sums(part) for key, part in groups.items()}
    found = {"stages": dict(zip(stages, sums(rows), strict=True)), "budget": plain(sum(r.cost for r in rows))}
    return {"funnels": [{**found, "breakdowns": breakdowns, **more}]}


CAMPAIGNS = [("Brand", "Search"), ("Generic | shoes", "Search"), ("Shoes, all", "Display"), ("Old promo", "Display")]
LANGUAGES: dict[str, tuple[list[str], str, Callable[[int], str], str]] = {
    "english": (
        ["Campaign report", '"September 1, 2026 - September 30, 2026"'],
        """Campaign; Campaign type; Budget; Impr.; Clicks; CTR; Cost; Conversions; Conv. value; Cost / conv.;
        Currency code; Total: Campaigns; Total: Account; Total: {}""",
        point,
        ",",
    ),
    "german": (
        ["Kampagnenbericht", '"1. September 2026 - 30. September 2026"'],
        """Kampagne; Kampagnentyp; Budget; Impr.; Klicks; CTR; Kosten; Conversions; Conv.-Wert; Kosten/Conv.;
        Währungscode; Gesamt: Kampagnen; Gesamt: Konto; Gesamt: {}""",
        comma,
        ".",
    ),
    "french": (
        ["Rapport sur les campagnes", '"1 sept. 2026 - 30 sept. 2026"'],
        """Campagne; Type de campagne; Budget; Impr.; Clics; CTR; Coût; Conversions; Valeur de conv.; Coût/conv.;
        Code de la devise; Total : campagnes; Total : compte; Total : {}""",
        lambda value: comma(value, "\u202f"),
        "\u202f",
    ),
}


def google_ads() -> None:
    """Seven rows of totals, one of a kind without rows; a campaign without anything; UTF-8 and UTF-16."""
    rows = [*made(7, CAMPAIGNS[:3]), Row("Old promo", "Display", 1, 0, 0, 0, 0, 0)]
    for language, (titles, names, money, group) in LANGUAGES.items():
        *header, campaigns, account, kind_total = [name.strip() for name in names.split(";")]

        def line(of: Sequence[Row], first: Sequence[str], *, money: Any = money, group: str = group) -> list[str]:
            sums = [sum(r.figures[at] for r in of) for at in range(5)]
            counts = [f"{each:,}".replace(",", group) for each in sums[:2]]
            rate = f"{money(sums[1] * 10000 // sums[0]) if sums[0] else money(0)}%"
            each = money(sums[3] * 100 // sums[2]) if sums[2] else " --"
            return [*first, *counts, rate, money(sums[3]), money(sums[2]), money(sums[4]), each, "EUR"]

        lines = [header, *(line([r], [r.campaign, r.kind, money(5000)]) for r in rows)]
        lines += [line(rows, [name, "--", "--"]) for name in (campaigns, account)]
        for kind in ("Search", "Display", "Video"):
            lines += [line([r for r in rows if r.kind == kind], [kind_total.format(kind), "--", "--"])]
        stages = [header[3], header[4], header[7]]
        of = {"campaign": lambda r: r.campaign, "campaign type": lambda r: r.kind}
        expected = truth(rows, stages, of, period="2026-09", currency="EUR", revenue=plain(sum(r.value for r in rows)))
        write("google_ads", f"{language}.csv", under(titles, lines, ","), expected)
        wide = under([title.strip('"') for title in titles], lines, "\t")
        write("google_ads", f"{language}_excel.csv", wide, expected, "utf-16")


def meta_ads() -> None:
    """A row of totals without a name, reach that does not add up, results of two kinds; and of one, by day."""
    rows = made(11, [("Clinic – Search", ""), ("Packs", ""), ("Retargeting", "")])
    header = ["Reporting starts", "Reporting ends", "Campaign name", "Results", "Result indicator", "Reach"]
    header += ["Amount spent (EUR)", "Impressions", "Link clicks", "Purchases", "Purchases conversion value"]

    def line(of: Sequence[Row], name: str, results: str, indicator: str) -> list[str]:
        sums = [sum(r.figures[at] for r in of) for at in (0, 1, 3)]
        reach = max(r.impressions for r in of) * 2 // 3
        money = f"{sums[2] // 100}.{sums[2] % 100:02}"
        return ["2026-08-01", "2026-08-31", name, results, indicator, str(reach), money, *map(str, sums[:2]), "", ""]

    kinds = ["actions:lead", "actions:offsite_conversion.fb_pixel_purchase", "actions:lead"]
    lines = [header, line(rows, "", "", "")]
    lines += [line([r], r.campaign, str(r.conversions // 100), kind) for r, kind in zip(rows, kinds, strict=True)]
    of = {"campaign": lambda r: r.campaign}
    expected = truth(rows, ["Impressions", "Link clicks"], of, period="2026-08", currency="EUR")
    said = {"notes_contain": ["of several kinds: actions:lead and actions:offsite_conversion.fb_pixel_purchase"]}
    write("meta_ads", "several_results.csv", table(lines), {**said, **expected}, "utf-8-sig")

    daily = [r._replace(conversions=r.conversions // 100 * 100) for r in made(12, [("A", ""), ("B", "")], days=10)]
    names = ["Tag", "Kampagnenname", "Ausgegebener Betrag (EUR)", "Impressionen", "Link-Klicks", "Käufe"]
    lines = [names] + [
        [
            f"2026-09-{r.day:02}",
            r.campaign,
            comma(r.cost),
            f"{r.impressions:,}".replace(",", "."),
            str(r.clicks),
            str(r.conversions // 100 or ""),
        ]
        for r in daily
    ]
    of = {"campaign": lambda r: r.campaign, "day": lambda r: f"2026-09-{r.day:02}"}
    expected = truth(daily, ["Impressionen", "Link-Klicks", "Käufe"], of, currency="EUR")
    expected["funnels"][0]["period"] = "2026-09-01 to 2026-09-10"
    write("meta_ads", "daily_german.csv", table(lines, ";"), {"options": {"counts": ["Käufe"]}, **expected})


def yandex() -> None:
    """Direct: a row a campaign and day in Windows-1251, decimal commas, dashes where there is none; Metrica."""
    rows = [r._replace(conversions=r.conversions // 100 * 100) for r in made(21, [("Бренд", ""), ("Поиск", "")], 31)]
    rows[4] = rows[4]._replace(conversions=0, value=0)
    names = ["Дата", "Кампания", "№ Кампании", "Показы", "Клики", "CTR (%)", "Расход (руб.)", "Конверсии"]
    numbers = {"Бренд": "100", "Поиск": "200"}
    lines = [names] + [
        [
            *(f"{r.day:02}.08.2026", r.campaign, numbers[r.campaign], str(r.impressions), str(r.clicks)),
            *(comma(r.clicks * 10000 // r.impressions), comma(r.cost, ""), str(r.conversions // 100 or "-")),
        ]
        for r in rows
    ]
    sums = [sum(r.figures[at] for r in rows) for at in range(4)]
    lines.append(["Итого", "", "", str(sums[0]), str(sums[1]), comma(sums[1] * 10000 // sums[0]), comma(sums[3], "")])
    lines[-1].append(str(sums[2] // 100))
    of = {"campaign": lambda r: r.campaign, "day": lambda r: f"2026-08-{r.day:02}"}
    expected = truth(rows, ["Показы", "Клики", "Конверсии"], of, period="2026-08", currency="RUB")
    titles = ["Отчет по кампаниям", "Период: 01.08.2026 - 31.08.2026"]
    write("yandex_direct", "daily.csv", under(titles, lines, ";"), expected, "cp1251")

    half = [
        r._replace(day=r.day + 15) for r in made(22, [("Бренд", ""), ("РСЯ", "")], 30)
    ]  # until the 15th of the next
    days = [f"{(r.day - 1) % 31 + 1:02}.{'08' if r.day < 32 else '09'}.2026" for r in half]
    lines = [["Дата", "Название кампании", "Показы", "Клики", "Расход, ₽"]] + [
        [day, r.campaign, f"{r.impressions:,}".replace(",", " "), str(r.clicks), comma(r.cost, " ")]
        for r, day in zip(half, days, strict=True)
    ]
    of = {"campaign": lambda r: r.campaign, "month": lambda r: "2026-08" if r.day < 32 else "2026-09"}
    expected = truth(half, ["Показы", "Клики"], of, period="2026-08-16 to 2026-09-14", currency="RUB")
    said = {"notes_contain": ["added up by month"]}
    write("yandex_direct", "two_months.csv", table(lines, ";"), {**said, **expected}, "utf-8-sig")

    lines = [["Date", "CampaignId", "CampaignName", "Impressions", "Clicks", "Cost", "Conversions"]]
    for r in rows:
        counted = [
            str(r.impressions),
            str(r.clicks),
            f"{r.cost // 100}.{r.cost % 100:02}",
            str(r.conversions // 100 or "--"),
        ]
        lines.append([f"2026-08-{r.day:02}", numbers[r.campaign], r.campaign, *counted])
    of = {"campaign": lambda r: r.campaign, "day": lambda r: f"2026-08-{r.day:02}"}
    expected = truth(rows, ["Impressions", "Clicks", "Conversions"], of, period="2026-08")
    text = under(['"Report (2026-08-01 - 2026-08-31)"'], lines, "\t") + f"Total rows: {len(rows)}\n"
    write("yandex_direct_api", "report.tsv", text, expected)

    sources = made(23, [("Переходы из поисковых систем", ""), ("Переходы по рекламе", ""), ("Прямые заходы", "")])
    names = ["Источник трафика", "Визиты", "Посетители", "Отказы", "Глубина просмотра", "Время на сайте"]
    lines = [[*names, "Целевые визиты", "Конверсия"]]
    for name, part in [("Итого и средние", sources), *((r.campaign, [r]) for r in sources)]:
        visits, goals = sum(r.impressions for r in part), sum(r.clicks for r in part)
        people = str(visits * (9 if len(part) == 1 else 8) // 10)  # one person may come by several ways
        lines.append([name, str(visits), people, "21,3", "2,4", "00:02:10", str(goals), comma(goals * 10000 // visits)])
    of = {"source": lambda r: r.campaign}
    found = truth(sources, ["Визиты", "Целевые визиты"], of)["funnels"][0]
    del found["budget"]
    write("yandex_metrica", "sources.csv", table(lines, quote_all=True), {"funnels": [found]}, "utf-8-sig")


def others() -> None:
    """Microsoft, LinkedIn, TikTok and VK: their titles, totals and last lines."""
    of = {"campaign": lambda r: r.campaign}
    made_up = [r._replace(conversions=r.conversions // 100 * 100, value=0) for r in made(31, [("A, b", ""), ("C", "")])]
    conversions = [r.conversions // 100 for r in made_up]
    whole = [sum(r.figures[at] for r in made_up) for at in range(4)]

    titles = ['"Report Name: Campaigns"', '"Report Time: 8/1/2026 - 8/31/2026"', '"Rows: 2"', ""]
    lines = [["CampaignId", "CampaignName", "Impressions", "Clicks", "Spend", "CurrencyCode", "ConversionsQualified"]]
    for number, (r, sold) in enumerate(zip(made_up, conversions, strict=True)):
        money = f"{r.cost // 100}.{r.cost % 100:02}"
        lines.append([str(number), r.campaign, str(r.impressions), str(r.clicks), money, "GBP", f"{sold}.0"])
    text = f'{under(titles, lines, ",")}\n"@2026 Microsoft Corporation. All rights reserved. "\n'
    expected = truth(made_up, ["Impressions", "Clicks", "ConversionsQualified"], of, period="2026-08", currency="GBP")
    write("microsoft_ads", "campaigns.csv", text, expected)

    header = ["Start Date (in UTC)", "Campaign Name", "Campaign ID", "Total Spent", "Impressions", "Clicks"]
    lines = [[*header, "Conversions", "Currency"]]
    for r, sold in zip(made_up, conversions, strict=True):
        counted = [point(r.cost), str(r.impressions), str(r.clicks), str(sold)]
        lines.append(["09/01/2026", r.campaign, "7", *counted, "USD"])
    lines.append(["Total", "", "", point(whole[3]), str(whole[0]), str(whole[1]), str(whole[2] // 100), ""])
    titles = ["Campaign Performance Report (in UTC)", "Report Start: 09/01/2026", ""]
    expected = truth(made_up, ["Impressions", "Clicks", "Conversions"], of, currency="USD")
    write("linkedin_ads", "campaigns.csv", under(titles, lines, "\t"), expected, "utf-16")

    daily = [r._replace(conversions=r.conversions // 100 * 100) for r in made(32, [("A", ""), ("B", "")], days=9)]
    lines = [
        ["By Day", "Campaign name", "Cost", "Impressions", "Clicks (destination)", "Conversions", "CPA", "Currency"]
    ]
    for r in daily:
        counted = [f"{r.impressions:,}", str(r.clicks), str(r.conversions // 100)]
        lines.append([f"2026-10-{r.day:02}", r.campaign, point(r.cost), *counted, "1.00", "USD"])
    sums = [sum(r.figures[at] for r in daily) for at in range(4)]
    total = [point(sums[3]), f"{sums[0]:,}", str(sums[1]), str(sums[2] // 100)]
    lines.append([f"Total of {len(daily)} results", "", *total, "1.00", ""])
    by = {"campaign": lambda r: r.campaign, "day": lambda r: f"2026-10-{r.day:02}"}
    expected = truth(daily, ["Impressions", "Clicks (destination)", "Conversions"], by, currency="USD")
    expected["funnels"][0]["period"] = "2026-10-01 to 2026-10-09"
    write("tiktok_ads", "daily.csv", table(lines), expected)

    lines = [["Название кампании", "ID объявления", "Показы", "Клики", "Потрачено всего, ₽", "Результат"]]
    for number, r in enumerate(made_up * 2):
        count = str(r.conversions // 100) if number else ""
        lines.append([r.campaign, str(number), str(r.impressions), str(r.clicks), comma(r.cost, " "), count])
    expected = truth(made_up * 2, ["Показы", "Клики"], of, currency="RUB")
    said = {"notes_contain": ["4 rows are added up by campaign, to 2", "--count"]}
    write("vk_ads", "ads.csv", table(lines, ";"), {**said, **expected}, "utf-8-sig")
