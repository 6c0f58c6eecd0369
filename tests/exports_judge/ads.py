"""Reports of ads from known campaigns, as nine systems export them; names of columns are those of the recipes."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.recipes import recipes

from .counts import falling, money, wide_meanings
from .mutations import NOTHING
from .printing import COUNTRIES, encodable
from .sheet import ANY, Cell, Column, Dialect, Meaning, Row, Sheet, World
from .times import Span, as_labels, labelled, month_of, time_of_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random


class System(NamedTuple):
    """A system of ads: its recipe, columns that are always there and those that may be, and how it writes.

    Its rows may be of the times of one of `times`: days, weeks, months, or from a first day to a last; `counted`: the
    line below them says how many there are.
    """

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
    times: tuple[str, ...] = ()
    day: str = "%Y-%m-%d"
    counted: bool = False


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
        times=("day", "week", "month"),
    ),
    System(
        "meta_ads",
        ("campaign", "impressions", "clicks", "spend"),
        ("results", "people", "average", "country"),
        ("plain", "en"),
        delimiters=",",
        times=("day", "span", "month"),
    ),
    System(
        "yandex_direct_api",
        ("campaign", "campaign id", "impressions", "clicks", "cost"),
        ("conversions", "revenue", "currency", "device", "campaign type", "average", "ids"),
        ("plain",),
        ("utf-8",),
        ('"Report (2026-08-01 - 2026-08-31)"',),
        delimiters="\t",
        times=("day", "month", "week"),
        counted=True,
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
        times=("day", "month"),
        day="%d.%m.%Y",
    ),
    System(
        "yandex_metrica",
        ("source", "visits", "goal visits"),
        ("average", "pageviews"),
        ("ru", "plain"),
        ("utf-8-sig",),
        totals=((), ("Итого и средние",)),
        total_first=True,
        times=("day",),
    ),
    System(
        "linkedin_ads",
        ("campaign", "impressions", "clicks", "spend"),
        ("conversions", "currency", "average"),
        ("en",),
        times=("span",),
        day="%m/%d/%Y",
    ),
    System(
        "microsoft_ads",
        ("campaign", "impressions", "clicks", "spend", "ids"),
        ("conversions", "currency", "rate", "device", "revenue"),
        ("en",),
        parts=True,
        times=("day", "week", "month"),
        day="%m/%d/%Y",
    ),
    System(
        "tiktok_ads",
        ("campaign", "impressions", "clicks", "cost"),
        ("conversions", "currency", "average"),
        ("plain",),
        times=("day",),
    ),
    System(
        "vk_ads",
        ("campaign", "impressions", "clicks", "spend", "ids"),
        ("average", "rate"),
        ("ru", "plain"),
        totals=((), ("Итого",)),
        delimiters=";",
        times=("day",),
        day="%d.%m.%Y",
    ),
)
KINDS = {
    **dict.fromkeys(("campaign", "campaign type", "device", "source", "country"), "label"),
    **dict.fromkeys(("impressions", "clicks", "conversions", "results", "visits", "goal visits"), "count"),
    **dict.fromkeys(("cost", "spend"), "spend"),
    **dict.fromkeys(("value", "revenue"), "revenue"),
    "currency": "currency",
    **dict.fromkeys(("day", "week", "month", "first", "last"), "date"),
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
    **dict.fromkeys(("ids", "campaign id"), ("7001001", "7001002", "7001003")),
    "people": ("210", "4000"),
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
    times = random.choice(system.times) if system.times and random.random() < 0.4 else ""
    keys += {"": [], "span": ["first", "last"]}.get(times, [times])
    currency = random.choice(("EUR", "USD", "RUB"))
    thousands, decimal, _ = COUNTRIES[random.choice(system.countries)]
    grouped = thousands if random.random() < 0.6 else ""
    delimiter = random.choice(system.delimiters if decimal == "." else ";\t")
    style = Dialect(delimiter, random.random() < 0.2, random.choice(("\n", "\r\n")), grouped, decimal)
    style = style._replace(encoding=random.choice(system.encodings), date=system.day)
    if random.random() < 0.5:
        random.shuffle(keys)
    columns = [_column(key, recipe, random, currency, system.parts) for key in keys]
    if any(column.name.endswith(f"({currency})") for column in columns):
        columns = [column for column in columns if column.kind != "currency"]
    known = [each for each in CAMPAIGNS if encodable(each, style.encoding)]
    names = random.sample(known, random.randint(2, 3 if times else 7))
    above = system.above if random.random() < 0.7 else ()
    rows = []
    spans = _spans(times, random, time_of_lines(above))
    for name, span in product(names, spans):
        for _ in range(1 if {"device", "campaign type", "country"}.isdisjoint(keys) else 2):
            rows.append(_row(name, columns, random, currency, style, len(rows), span))
    totals = [Row(_total(word, columns, rows), True) for word in random.choice(system.totals)]
    if not encodable("".join([*(column.name for column in columns), *above]), style.encoding):
        style = style._replace(encoding="utf-8-sig")
    rows = [*totals, *rows] if system.total_first else [*rows, *totals]
    below = (f"Total rows: {len(rows)}",) if system.counted and random.random() < 0.7 else ()
    sheet = Sheet(tuple(columns), tuple(rows), style, above, below, recipe=system.recipe)
    return sheet._replace(truth=sheet.columns)


def _spans(times: str, random: Random, told: Span | None) -> list[Span | None]:
    """The times that rows are of: within the time of the lines above, of one month or of several."""
    if not times:
        return [None]
    begun = told.first if told is not None else date(2026, random.randint(1, 9), 1)
    month = month_of(begun)
    if times in ("day", "week"):
        apart = 7 if times == "week" else 1 if told is not None else random.choice((1, 2, 13))
        days = [begun + timedelta(days=apart * at) for at in range(random.randint(2, 4))]
        return [Span(day, day) for day in days]
    if told is not None:
        return [month]
    spans = [month]
    while len(spans) < random.randint(1, 3):
        spans.append(month_of(spans[-1].last + timedelta(days=1)))
    return [*spans]


def _column(key: str, recipe: Any, random: Random, currency: str, parts: bool) -> Column:
    column = next(each for each in recipe.columns if each.key == key)
    names = [name for name in column.names if "{" not in name or "{currency}" in name]
    name = random.choice(names).replace("{currency}", currency)
    return Column(KINDS.get(key, "none"), name, key, parts=parts and key == "conversions")


def _row(
    name: str, columns: Sequence[Column], random: Random, currency: str, style: Dialect, at: int, span: Span | None
) -> Row:
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
        elif span is not None and column.kind == "date":
            cells.append(Cell(span.last if column.key == "last" else span.first, "date"))
        elif column.key == "pageviews":  # several a visit
            cells.append(Cell(Fraction(counts[0] * 3 + 1), "count"))
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
        if column.kind in ("count", "spend", "revenue") or column.key == "pageviews":
            total = sum((row.cells[at].value for row in rows), Fraction(0))
            cells.append(Cell(total, rows[0].cells[at].form))
        else:
            cells.append(Cell(word if at == first else rows[0].cells[at].value if column.kind == "currency" else "--"))
    return tuple(cells)


def meanings(sheet: Sheet) -> list[Meaning]:
    """What a report means; its stages go in the order of the system, whatever that of its columns.

    A report whose columns have become others may be any spreadsheet, with the names and the order that it has.
    """
    counted = [line for line in sheet.below if line.startswith("Total rows: ")]
    if any(line != f"Total rows: {sum(not row.total for row in sheet.rows)}" for line in counted):
        return []
    dated = labelled(sheet)
    if sheet.columns == sheet.truth:
        return [] if dated is None else [each._replace(period=dated[1]) for each in _meanings(dated[0], False)]
    sheets = [*([dated[0]] if dated is not None else []), *as_labels(sheet)]
    for at, column in enumerate(sheet.columns):
        if column.key == "pageviews" and all(
            isinstance(row.cells[at].value, Fraction) for row in sheet.rows if not row.total
        ):  # numbers as any others, where nothing says what the table is
            counted = column._replace(kind="count")
            sheets += [each._replace(columns=(*each.columns[:at], counted, *each.columns[at + 1 :])) for each in sheets]
    return [each._replace(period=ANY) for one in sheets for each in _meanings(one, True)]


def _meanings(sheet: Sheet, is_changed: bool) -> list[Meaning]:
    """What a report means whose times are labels; `is_changed`: it has other columns than its system writes."""
    order = [
        at for key in ORDER for at, column in enumerate(sheet.columns) if column.kind == "count" and column.key == key
    ]
    order += [at for at in sheet.at("count") if at not in order]
    columns = [*order, *(at for at in range(len(sheet.columns)) if at not in order)]
    rows = tuple(row._replace(cells=tuple(row.cells[at] for at in columns)) for row in sheet.rows)
    ordered = sheet._replace(columns=tuple(sheet.columns[at] for at in columns), rows=rows)
    found = _with_open_revenue(_filled(ordered))
    if is_changed:
        sheet, ordered = _filled(sheet), _filled(ordered)
        own = tuple(column._replace(key=column.name) for column in sheet.columns)
        found += _with_open_revenue(sheet._replace(columns=own))
        found += _with_open_revenue(
            ordered._replace(columns=tuple(each._replace(key=each.name) for each in ordered.columns))
        )
    results = [at for at, column in enumerate(sheet.columns) if column.key == "results"]
    kinds = [at for at, column in enumerate(sheet.columns) if column.key == "result type"]
    body = [row for row in sheet.rows if not row.total]
    told = [row.cells[at].value for row in body for at in kinds]
    is_unknown = any(row.cells[at].broken or row.cells[at].value is None for row in sheet.rows for at in results)
    is_unknown = is_unknown or None in told or set(told) <= {"--"}
    if results and (is_unknown or is_changed):  # of which nothing may say the kind
        kept = [column._replace(kind="none") if column.key == "results" else column for column in ordered.columns]
        found += _with_open_revenue(_filled(ordered._replace(columns=tuple(kept))))
    money = sheet.at("spend", "revenue")
    if is_changed or not any(row.cells[at].value for row in sheet.rows for at in money):  # it may be said or not
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
    without = sheet.columns_as("revenue", "none").columns
    if not any(row.cells[at].value for row in sheet.rows for at in sheet.at("revenue")):
        sheet = sheet._replace(columns=without)
    if any(column.key in ("conversions", "Conversions") for column in sheet.columns) or without == sheet.columns:
        return wide_meanings(sheet)
    return [*wide_meanings(sheet), *wide_meanings(sheet._replace(columns=without))]


WORLDS = tuple(
    World(system.recipe, make_of(system), meanings, frozenset({"index_added"}), lenient=True) for system in SYSTEMS
)
