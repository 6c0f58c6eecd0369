"""Reports of ads from known campaigns, as eight systems export them; names of columns are those of the recipes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.recipes import recipes

from .counts import falling, money, wide_meanings
from .mutations import NOTHING
from .printing import COUNTRIES, encodable
from .sheet import Cell, Column, Dialect, Meaning, Row, Sheet, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random


class System(NamedTuple):
    """A system of ads: its recipe, columns that are always there and those that may be, and how it writes."""

    recipe: str
    always: tuple[str, ...]
    maybe: tuple[str, ...]
    countries: tuple[str, ...]
    encodings: tuple[str, ...] = ("utf-8", "utf-8-sig")
    above: tuple[str, ...] = ()
    totals: tuple[tuple[str, ...], ...] = ((),)
    total_first: bool = False
    parts: bool = False
    delimiters: str = ",;\t"


SYSTEMS = (
    System(
        "google_ads",
        ("campaign", "impressions", "clicks", "cost"),
        ("status", "campaign type", "conversions", "value", "currency", "budget", "average", "rate", "ids", "device"),
        ("en", "de", "fr", "plain"),
        ("utf-8", "utf-8-sig", "utf-16"),
        ("Campaign report", '"September 1, 2026 - September 30, 2026"'),
        ((), ("Total: Campaigns", "Total: Account"), ("Total: Account",)),
        parts=True,
    ),
    System(
        "meta_ads",
        ("campaign", "impressions", "clicks", "spend"),
        ("results", "people", "average", "country"),
        ("plain", "en"),
        delimiters=",",
    ),
    System(
        "yandex_direct",
        ("campaign", "impressions", "clicks", "spend", "average"),
        ("conversions", "revenue", "currency", "device", "ids"),
        ("ru",),
        ("utf-8-sig", "cp1251"),
        ("Отчёт по кампаниям", "Период: 01.08.2026 - 31.08.2026"),
        ((), ("Итого",)),
        delimiters=";",
    ),
    System(
        "yandex_metrica",
        ("source", "visits", "goal visits"),
        ("average", "pageviews"),
        ("ru", "plain"),
        ("utf-8-sig",),
        totals=((), ("Итого и средние",)),
        total_first=True,
    ),
    System(
        "linkedin_ads", ("campaign", "impressions", "clicks", "spend"), ("conversions", "currency", "average"), ("en",)
    ),
    System(
        "microsoft_ads",
        ("campaign", "impressions", "clicks", "spend", "ids"),
        ("conversions", "currency", "rate", "device", "revenue"),
        ("en",),
        parts=True,
    ),
    System(
        "tiktok_ads", ("campaign", "impressions", "clicks", "cost"), ("conversions", "currency", "average"), ("plain",)
    ),
    System(
        "vk_ads",
        ("campaign", "impressions", "clicks", "spend", "ids"),
        ("average", "rate"),
        ("ru", "plain"),
        totals=((), ("Итого",)),
        delimiters=";",
    ),
)
KINDS = {
    **dict.fromkeys(("campaign", "campaign type", "device", "source", "country"), "label"),
    **dict.fromkeys(("impressions", "clicks", "conversions", "results", "visits", "goal visits"), "count"),
    **dict.fromkeys(("cost", "spend"), "spend"),
    **dict.fromkeys(("value", "revenue"), "revenue"),
    "currency": "currency",
}
ORDER = ("visits", "goal visits", "impressions", "clicks", "conversions", "results")
CAMPAIGNS = (
    "Brand",
    "Generic | shoes",
    "Shoes, all",
    'The "best"',
    "Spring 2026",
    "Поиск: бренд",
    "#sale 5",
    "Retargeting; web",
    "Total War",
    "Old promo",
    "100% cotton",
)
GROUPS = {"campaign type": ("Search", "Display"), "device": ("mobile", "desktop"), "country": ("DE", "FR", "US")}
TEXTS = {
    "status": ("Enabled", "Paused"),
    "budget": ("50.00", "20.00"),
    "average": ("1.25", "0.40"),
    "rate": ("3.40%", "0.52%"),
    "ids": ("7001001", "7001002", "7001003"),
    "people": ("210", "4000"),
    "pageviews": ("310", "52"),
    "result type": ("actions:lead",),
}


def make_of(system: System) -> Callable[[Random], Sheet]:
    """What makes the reports of a system."""
    return lambda random: make(random, system)


def make(random: Random, system: System) -> Sheet:
    """A report of campaigns: those of several types or devices stand in several rows."""
    recipe = next(each for each in recipes() if each.name == system.recipe)
    keys = [*system.always, *(key for key in system.maybe if random.random() < 0.4)]
    if "value" in keys or "revenue" in keys:
        keys = [*dict.fromkeys([*keys, "conversions"])]
    if "results" in keys:  # which are of one kind
        keys.append("result type")
    currency = random.choice(("EUR", "USD", "RUB"))
    thousands, decimal, _ = COUNTRIES[random.choice(system.countries)]
    grouped = thousands if random.random() < 0.6 else ""
    delimiter = random.choice(system.delimiters if decimal == "." else ";\t")
    style = Dialect(delimiter, random.random() < 0.2, random.choice(("\n", "\r\n")), grouped, decimal)
    style = style._replace(encoding=random.choice(system.encodings))
    if random.random() < 0.5:
        random.shuffle(keys)
    columns = [_column(key, recipe, random, currency, system.parts) for key in keys]
    if any(column.name.endswith(f"({currency})") for column in columns):
        columns = [column for column in columns if column.kind != "currency"]
    names = random.sample([each for each in CAMPAIGNS if encodable(each, style.encoding)], random.randint(2, 7))
    rows = []
    for name in names:
        for _ in range(1 if {"device", "campaign type", "country"}.isdisjoint(keys) else 2):
            rows.append(_row(name, columns, random, currency, style, len(rows)))
    totals = [Row(_total(word, columns, rows), True) for word in random.choice(system.totals)]
    above = system.above if random.random() < 0.7 else ()
    if not encodable("".join([*(column.name for column in columns), *above]), style.encoding):
        style = style._replace(encoding="utf-8-sig")
    rows = [*totals, *rows] if system.total_first else [*rows, *totals]
    sheet = Sheet(tuple(columns), tuple(rows), style, above, recipe=system.recipe)
    return sheet._replace(truth=sheet.columns)


def _column(key: str, recipe: Any, random: Random, currency: str, parts: bool) -> Column:
    column = next(each for each in recipe.columns if each.key == key)
    names = [name for name in column.names if "{" not in name or "{currency}" in name]
    name = random.choice(names).replace("{currency}", currency)
    return Column(KINDS.get(key, "none"), name, key, parts=parts and key == "conversions")


def _row(name: str, columns: Sequence[Column], random: Random, currency: str, style: Dialect, at: int) -> Row:
    counts = falling(random, 3, random.choice((0, random.randint(20, 900), random.randint(2000, 90_000))))
    numbers = dict(zip(("impressions", "clicks", "conversions"), counts, strict=True))
    numbers |= {"visits": counts[0], "goal visits": counts[1], "results": counts[2]}
    cells = []
    for column in columns:
        if column.key in ("campaign", "source"):
            cells.append(Cell(name))
        elif column.kind == "label":
            groups = GROUPS[column.key]
            cells.append(Cell(groups[at % len(groups)]))
        elif column.kind == "count":
            count = Fraction(numbers[column.key])
            if column.parts and count:
                count -= Fraction(random.randint(0, 99), 100)
            cells.append(Cell(count, "money" if column.parts else "count"))
        elif column.kind == "spend":
            cells.append(Cell(money(random, 3000) if counts[0] else Fraction(0), "money"))
        elif column.kind == "revenue":
            cells.append(Cell(money(random, 9000) if counts[2] else Fraction(0), "money"))
        elif column.kind == "currency":
            cells.append(Cell(currency))
        else:
            text = random.choice(TEXTS[column.key])
            cells.append(Cell(text.replace(".", style.decimal) if counts[0] else "--"))
    return Row(tuple(cells))


def _total(word: str, columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Cell, ...]:
    """A row of totals: its word stands in the first column of text."""
    first = next(
        at for at, column in enumerate(columns) if column.key in ("status", "campaign", "source", "campaign type")
    )
    cells = []
    for at, column in enumerate(columns):
        if column.kind in ("count", "spend", "revenue"):
            total = sum((row.cells[at].value for row in rows), Fraction(0))
            cells.append(Cell(total, rows[0].cells[at].form))
        else:
            cells.append(Cell(word if at == first else rows[0].cells[at].value if column.kind == "currency" else "--"))
    return tuple(cells)


def meanings(sheet: Sheet) -> list[Meaning]:
    """What a report means; its stages go in the order of the system, whatever that of its columns.

    A report whose columns have become others may be any spreadsheet, with the names and the order that it has.
    """
    order = [
        at for key in ORDER for at, column in enumerate(sheet.columns) if column.kind == "count" and column.key == key
    ]
    order += [at for at in sheet.at("count") if at not in order]
    columns = [*order, *(at for at in range(len(sheet.columns)) if at not in order)]
    rows = tuple(row._replace(cells=tuple(row.cells[at] for at in columns)) for row in sheet.rows)
    ordered = sheet._replace(columns=tuple(sheet.columns[at] for at in columns), rows=rows)
    found = _with_open_revenue(_filled(ordered))
    if sheet.columns != sheet.truth:
        sheet, ordered = _filled(sheet), _filled(ordered)
        own = tuple(column._replace(key=column.name) for column in sheet.columns)
        found += _with_open_revenue(sheet._replace(columns=own))
        found += _with_open_revenue(
            ordered._replace(columns=tuple(each._replace(key=each.name) for each in ordered.columns))
        )
    results = [at for at, column in enumerate(sheet.columns) if column.key == "results"]
    kinds = [at for at, column in enumerate(sheet.columns) if column.key == "result type"]
    told = [row.cells[at].value for row in sheet.rows for at in kinds]
    is_unknown = any(row.cells[at].broken or row.cells[at].value is None for row in sheet.rows for at in results)
    is_unknown = is_unknown or None in told or set(told) <= {"--"}
    if results and (is_unknown or sheet.columns != sheet.truth):  # of which nothing may say the kind
        kept = [column._replace(kind="none") if column.key == "results" else column for column in ordered.columns]
        found += _with_open_revenue(_filled(ordered._replace(columns=tuple(kept))))
    if not sheet.at("spend", "revenue") or sheet.columns != sheet.truth:  # then the currency may be said or not
        found += [meaning._replace(currency=None) for meaning in found]
    return found


def _filled(sheet: Sheet) -> Sheet:
    """Cells without a number are 0 where nothing came in, or where the system leaves them empty."""
    recipe = next(each for each in recipes() if each.name == sheet.recipe)
    empty = {column.key for column in recipe.columns if column.more.text("empty") == "zero"}
    counts = sheet.at("count")
    figures, labels = sheet.at("count", "spend", "revenue"), sheet.at("label")
    rows = tuple(
        row
        for row in sheet.rows
        if any(row.cells[at].value for at in figures) or all(row.cells[at].value for at in labels)
    )
    sheet = sheet._replace(rows=rows)
    for at, row in enumerate(sheet.rows):
        for place in sheet.at("count", "spend", "revenue") if not row.total else ():
            cell = row.cells[place]
            if cell.value not in (None, *NOTHING):
                continue
            before = counts[: counts.index(place)] if place in counts else counts
            others = [row.cells[other].value for other in before or counts if other != place]
            if sheet.columns[place].key in empty or not any(
                value not in (None, 0, *NOTHING) for value in others[-1:] or others
            ):
                sheet = sheet.with_cell(at, place, Cell(Fraction(0), "count", cell.written))
    return sheet


def _with_open_revenue(sheet: Sheet) -> list[Meaning]:
    """Money of conversions is none of clicks: where there are no conversions, it may be left out."""
    without = tuple(column._replace(kind="none") if column.kind == "revenue" else column for column in sheet.columns)
    if any(column.key in ("conversions", "Conversions") for column in sheet.columns) or without == sheet.columns:
        return wide_meanings(sheet)
    return [*wide_meanings(sheet), *wide_meanings(sheet._replace(columns=without))]


WORLDS = tuple(
    World(system.recipe, make_of(system), meanings, frozenset({"index_added"}), lenient=True) for system in SYSTEMS
)
