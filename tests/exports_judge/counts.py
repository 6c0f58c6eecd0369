"""Tables of counts from known funnels: any spreadsheet, and what such a sheet means by its typed cells."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from .printing import COUNTRIES, dialect
from .sheet import INDEXES, USED, Cell, Column, Meaning, Part, Row, Sheet, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random


class Language(NamedTuple):
    """Words that people of a language write above their columns."""

    countries: tuple[str, ...]
    labels: tuple[str, ...]
    stages: tuple[tuple[str, ...], ...]
    spend: tuple[str, ...]
    revenue: tuple[str, ...]
    rates: tuple[str, ...]
    prices: tuple[str, ...]
    total: tuple[str, ...]
    step: tuple[str, ...]
    count: tuple[str, ...]
    title: str


LANGUAGES = {
    "en": Language(
        ("en", "plain", "ch"),
        ("Channel", "Source", "Team", "Manager"),
        (
            ("Impressions", "Clicks", "Leads", "Orders"),
            ("Visits", "Sign-ups", "Trials", "Purchases"),
            ("Sessions", "Product views", "Baskets", "Checkouts", "Sales"),
            ("Visitors", "Requests", "Customers"),
            ("Calls", "Meetings", "Offers", "Deals"),
            ("Impr.", "Clicks", "Conversions"),
        ),
        ("Cost", "Ad spend", "Spend", "Cost (EUR)", "Amount spent (USD)"),
        ("Revenue", "Revenue (EUR)", "Conversion value"),
        ("CTR", "Conversion rate", "Conv. rate", "CR, %"),
        ("Avg. CPC", "CPL", "Cost per lead", "Cost / conv."),
        ("Total", "Grand total", "Totals", "Total: all"),
        ("Stage", "Step", "Funnel step"),
        ("Count", "Users", "Sessions", "Total"),
        "Report of October",
    ),
    "de": Language(
        ("de", "ch"),
        ("Kanal", "Quelle", "Abteilung"),
        (
            ("Impressionen", "Klicks", "Anfragen", "Bestellungen"),
            ("Besuche", "Anmeldungen", "Testzugänge", "Käufe"),
            ("Besucher", "Anfragen", "Kunden"),
        ),
        ("Kosten", "Ausgaben", "Werbekosten (EUR)"),
        ("Umsatz", "Erlöse (EUR)"),
        ("Klickrate", "Conversion-Rate", "Abschlussquote", "Anteil"),
        ("Durchschn. CPC", "Kosten pro Anfrage"),
        ("Summe", "Gesamt", "Gesamtergebnis"),
        ("Stufe", "Schritt", "Phase"),
        ("Anzahl", "Nutzer"),
        "Bericht für Oktober",
    ),
    "ru": Language(
        ("ru",),
        ("Канал", "Источник", "Филиал"),
        (
            ("Показы", "Клики", "Заявки", "Продажи"),
            ("Визиты", "Регистрации", "Оплаты"),
            ("Звонки", "Встречи", "Договоры"),
            ("Посетители", "Заявки", "Клиенты"),
        ),
        ("Расход", "Затраты", "Расход (руб.)", "Бюджет"),
        ("Выручка", "Доход", "Выручка, руб."),
        ("CTR, %", "Конверсия", "Доля"),
        ("Ср. цена клика", "Стоимость заявки", "CPC"),
        ("Итого", "Всего", "Общий итог"),
        ("Этап", "Шаг"),
        ("Количество", "Кол-во", "Пользователи"),
        "Отчёт за октябрь",
    ),
    "fr": Language(
        ("fr",),
        ("Canal", "Source", "Équipe"),
        (("Impressions", "Clics", "Prospects", "Commandes"), ("Visites", "Inscriptions", "Essais", "Achats")),
        ("Coût", "Dépenses", "Coût (EUR)"),
        ("Chiffre d'affaires", "Recettes"),
        ("Taux de clics", "Taux de conversion"),
        ("CPC moyen", "Coût par clic"),
        ("Total", "Total général", "Somme"),
        ("Étape",),
        ("Nombre", "Utilisateurs"),
        "Rapport d'octobre",
    ),
    "es": Language(
        ("de", "en"),
        ("Canal", "Fuente", "Equipo"),
        (("Impresiones", "Clics", "Clientes potenciales", "Pedidos"), ("Visitas", "Registros", "Compras")),
        ("Coste", "Gasto", "Importe gastado (EUR)"),
        ("Ingresos", "Facturación"),
        ("Tasa de clics", "Tasa de conversión"),
        ("CPC medio", "Coste por clic"),
        ("Total", "Total general"),
        ("Etapa", "Paso"),
        ("Cantidad", "Usuarios"),
        "Informe de octubre",
    ),
    "pl": Language(
        ("pl",),
        ("Kanał", "Źródło", "Zespół"),
        (("Wyświetlenia", "Kliknięcia", "Zapytania", "Zamówienia"),),
        ("Koszt", "Wydatki"),
        ("Przychód",),
        ("CTR",),
        ("CPC",),
        ("Razem", "Suma"),
        ("Etap", "Krok"),
        ("Liczba", "Użytkownicy"),
        "Raport za październik",
    ),
}
PEOPLE = frozenset({"Visitors", "Besucher", "Посетители"})
PARTS = frozenset({"Conversions"})
NAMES = (
    "Ads",
    "SEO",
    "E-Mail",
    "Brand, generic",
    "Brand: exact",
    'The "best" one',
    "Émilie & fils",
    "Поиск",
    "Spring 2026",
    "100% cotton",
    "A/B",
    "Łódź",
    "Retail; online",
    "Direct",
    "(not set)",
    "Facebook",
    "x",
    "Müller GmbH",
    "Total War",
    "C-3",
    "shop.example.com",
    "#sale",
)


def falling(random: Random, stages: int, entries: int) -> list[int]:
    """Counts that fall from stage to stage."""
    counts = [entries]
    while len(counts) < stages:
        counts.append(counts[-1] * random.randint(5, 90) // 100)
    return counts


def money(random: Random, most: int) -> Fraction:
    """An amount of money with cents."""
    return Fraction(random.randint(1, most * 100), 100)


def wide(random: Random) -> Sheet:
    """A column a stage, a row a segment; money, rates, totals and title lines in some."""
    language = LANGUAGES[random.choice(list(LANGUAGES))]
    names = random.choice(language.stages)
    names = names[: random.randint(2, len(names))]
    labels = random.sample(language.labels, random.choice((1, 1, 1, 2)))
    columns = [Column("label", name, name) for name in labels]
    columns += [Column("count", name, name, name in PEOPLE, name in PARTS) for name in names]
    for kind, choices in (("spend", language.spend), ("revenue", language.revenue)):
        if random.random() < 0.4:
            known = [name for name in choices if _alone(name, columns)]
            columns.append(Column(kind, random.choice(known)))
    for choices, kind in ((language.rates, "rate"), (language.prices, "price")):
        if random.random() < 0.4:
            columns.insert(random.randint(len(labels), len(columns)), Column(kind, random.choice(choices)))
    if random.random() < 0.1:
        columns.insert(0, Column("index", random.choice(INDEXES)))
    known = random.sample(NAMES, random.randint(2, 9))
    keys = [(name,) for name in known]
    if len(labels) == 2:
        keys = [(name, other) for name in known for other in ("mobile", "desktop") if random.random() < 0.8]
        keys = keys or [(name, "mobile") for name in known]
    most = random.choice((200, 5000, 900_000))
    body = [(key, falling(random, len(names), random.randint(20, most))) for key in keys]
    if "Conversions" in names and random.random() < 0.5:
        body = [
            (key, [*counts[:-1], Fraction(counts[-1] * 10, 10) + Fraction(1, 2)])
            for key, counts in body
            if counts[-2] > 2
        ] or body
    total = random.choice(language.total) if random.random() < 0.5 else None
    style = dialect(random, random.choice(language.countries))
    percent = random.choice(("percent", "fraction"))
    rows = [_row(columns, key, counts, random, at, percent, style) for at, (key, counts) in enumerate(body, 1)]
    sheet = Sheet(tuple(columns), tuple(rows), style)
    if total is not None:
        sheet = sheet._replace(rows=(*sheet.rows, total_row(sheet, total, random)))
    above = () if random.random() < 0.7 else (language.title, *([""] if random.random() < 0.5 else []))
    return sheet._replace(above=above, trailing=random.random() < 0.05)


def _row(
    columns: Sequence[Column],
    key: Sequence[str],
    counts: Sequence[Any],
    random: Random,
    at: int,
    percent: str,
    style: Any,
) -> Row:
    left, numbers, cells = list(key), list(counts), []
    for column in columns:
        if column.kind == "label":
            cells.append(Cell(left.pop(0)))
        elif column.kind == "count":
            cells.append(Cell(numbers.pop(0), "count"))
        elif column.kind in ("spend", "price"):
            cells.append(Cell(money(random, 3000), "money"))
        elif column.kind == "revenue":
            cells.append(Cell(money(random, 90_000) if counts[-1] else Fraction(0), "money"))
        elif column.kind == "index":
            cells.append(Cell(at, "count", str(at)))
        elif column.kind == "note":
            cells.append(Cell(random.choice(("", "ok", "see above", "paused"))))
        else:
            rate = Fraction(random.randint(1, 9999), 100)
            text = f"{rate.numerator / rate.denominator:.2f}".replace(".", style.decimal)
            fraction = f"0{style.decimal}{random.randint(1, 9999):04d}"
            cells.append(Cell(rate, "rate", f"{text}%" if percent == "percent" else fraction))
    return Row(tuple(cells))


def total_row(sheet: Sheet, word: str, random: Random) -> Row:
    """The row that adds up the others; people are fewer than their sum."""
    cells, named = [], False
    for at, column in enumerate(sheet.columns):
        values = [row.cells[at].value for row in sheet.rows]
        if column.kind == "label":
            cells.append(Cell("" if named else word))
            named = True
        elif column.kind == "count" and column.people:
            following = [sum(row.cells[other].value for row in sheet.rows) for other in sheet.at("count") if other > at]
            cells.append(Cell(random.randint(max(*values, *following[:1]), sum(values)), "count"))
        elif column.kind in ("count", "spend", "revenue"):
            cells.append(Cell(sum(values), sheet.rows[0].cells[at].form))
        elif column.kind in ("rate", "price"):
            cells.append(sheet.rows[0].cells[at])
        else:
            cells.append(Cell(""))
    return Row(tuple(cells), True)


def wide_meanings(sheet: Sheet) -> list[Meaning]:
    """What a wide sheet means, or nothing where its cells contradict each other or say nothing."""
    body = [row for row in sheet.rows if not row.total]
    used = sheet.at(*USED)
    if not body or any(row.cells[at].broken or row.cells[at].value in (None, "") for row in body for at in used):
        return []
    labels, stages = sheet.at("label"), sheet.at("count")
    keys = [tuple(str(row.cells[at].value) for at in labels) for row in body]
    if len(stages) < 2 or (len(set(keys)) < len(keys) and not sheet.recipe) or _spelled_twice(keys):
        return []
    columns = sheet.columns
    if len({columns[at].name for at in used}) < len(used) or len(sheet.at("spend")) > 1 or len(sheet.at("revenue")) > 1:
        return []
    if any(len({row.cells[at].value for row in body if row.cells[at].value}) > 1 for at in sheet.at("currency")):
        return []
    known: dict[int, Fraction] = {}
    for row in [row for row in sheet.rows if row.total]:
        for at in [at for at in used if at not in labels]:
            cell, values = row.cells[at], [Fraction(each.cells[at].value) for each in body]
            if cell.broken or cell.value in (None, ""):
                continue
            if columns[at].people and max(values) <= cell.value <= sum(values):
                known[at] = Fraction(cell.value)
            elif abs(cell.value - sum(values)) <= _rounding(sheet, at, body):
                continue
            elif cell.value != sum(values):
                return []
    whole = _part(body, sheet)
    counts = tuple(known.get(at, count) for at, count in zip(stages, whole.counts, strict=True))
    breakdowns = {
        columns[at].key: {
            name: _part([row for row in body if row.cells[at].value == name], sheet)
            for name in dict.fromkeys(row.cells[at].value for row in body)
        }
        for at in labels
    }
    cells = {} if known else _cells(body, sheet, breakdowns)
    names = tuple(columns[at].name for at in stages)
    return [Meaning(names, counts, whole.budget, whole.revenue, _currency(sheet), (), breakdowns, cells)]


def _cells(
    body: Sequence[Row], sheet: Sheet, breakdowns: Mapping[str, Mapping[str, Part]]
) -> dict[frozenset[tuple[str, str]], tuple[Fraction, ...]]:
    """The counts of all labels at once; none where one of them tells the others."""
    found: dict[frozenset[tuple[str, str]], list[Row]] = {}
    for row in body:
        found.setdefault(
            frozenset((sheet.columns[at].key, row.cells[at].value) for at in sheet.at("label")), []
        ).append(row)
    if len(breakdowns) < 2 or len(found) <= max(map(len, breakdowns.values())):
        return {}
    return {key: _part(rows, sheet).counts for key, rows in found.items()}


def _rounding(sheet: Sheet, at: int, body: Sequence[Row]) -> Fraction:
    """By how much a total may be off, as its rows have attributed parts, or their money, and each is rounded."""
    counted = sheet.at("count")[-1] if sheet.columns[at].kind == "revenue" else at
    rows = [row for row in body if sheet.columns[counted].parts and Fraction(row.cells[counted].value).denominator > 1]
    return Fraction(len(rows) + 1, 200) if rows else Fraction(0)


def _spelled_twice(keys: Sequence[tuple[str, ...]]) -> bool:
    """Whether a label stands there in two spellings, which differ in case."""
    return any(len({name.casefold() for name in each}) < len(set(each)) for each in zip(*keys, strict=True))


def _part(rows: Sequence[Row], sheet: Sheet) -> Part:
    def added(at: int) -> Fraction:
        return sum((Fraction(row.cells[at].value) for row in rows), Fraction(0))

    counts = tuple(added(at) for at in sheet.at("count"))
    spent, earned = ([added(at) for at in sheet.at(kind)] for kind in ("spend", "revenue"))
    return Part(counts, spent[0] if spent else None, earned[0] if earned and counts[-1] else None)


def _alone(name: str, columns: Sequence[Column]) -> bool:
    """Whether a name of a column of money has no other currency than those before it."""
    told = {each for end, each in CURRENCIES.items() for column in columns if column.name.endswith(end)}
    return not told or all(each in told for end, each in CURRENCIES.items() if name.endswith(end))


CURRENCIES = {
    "(EUR)": "EUR",
    "(USD)": "USD",
    "(руб.)": "RUB",
    ", руб.": "RUB",
    "(RUB)": "RUB",
    ", RUB": "RUB",
    ", EUR": "EUR",
    ", USD": "USD",
}


def _currency(sheet: Sheet) -> str | None:
    for at in sheet.at("currency"):
        return next((row.cells[at].value for row in sheet.rows if row.cells[at].value), None)
    for at in sheet.at("spend", "revenue"):
        for end, currency in CURRENCIES.items():
            if end in sheet.columns[at].name:
                return currency
    return None


def long(random: Random) -> Sheet:
    """A row a step, of each segment; rates and numbers of the steps in some."""
    language = LANGUAGES[random.choice(list(LANGUAGES))]
    names = random.choice(language.stages)
    labels = [random.choice(language.labels)] if random.random() < 0.6 else []
    columns = [*(Column("label", name, name) for name in labels), Column("step", random.choice(language.step))]
    word = random.choice(language.count)
    columns.append(Column("count", word, word))
    if random.random() < 0.4:
        columns.append(Column("rate", random.choice(language.rates)))
    if random.random() < 0.2:
        columns.insert(len(labels), Column("index", random.choice(INDEXES)))
    known = random.sample(NAMES, random.randint(2, 5)) if labels else [""]
    style = dialect(random, random.choice(language.countries))
    rows = []
    for segment in known:
        counts = falling(random, len(names), random.randint(50, random.choice((900, 90_000))))
        for at, (name, count) in enumerate(zip(names, counts, strict=True), 1):
            row = _row(
                [each for each in columns if each.kind != "step"],
                [segment] * len(labels),
                [count],
                random,
                at,
                "percent",
                style,
            )
            cells = list(row.cells)
            cells.insert([each.kind for each in columns].index("step"), Cell(name))
            rows.append(Row(tuple(cells)))
    above = () if random.random() < 0.7 else (language.title,)
    return Sheet(tuple(columns), tuple(rows), style, above)


def long_meanings(sheet: Sheet) -> list[Meaning]:
    """What a long sheet means: its stages as they first appear, each once in each segment."""
    body = [row for row in sheet.rows if not row.total]
    used, steps, counts = sheet.at("label", "step", "count"), sheet.at("step"), sheet.at("count")
    if len(steps) != 1 or len(counts) != 1 or not body:
        return []
    if any(row.cells[at].broken or row.cells[at].value in (None, "") for row in body for at in used):
        return []
    labels = sheet.at("label")
    names = tuple(dict.fromkeys(str(row.cells[steps[0]].value) for row in body))
    entries: dict[tuple[str, ...], dict[str, Fraction]] = {}
    for row in body:
        entry = entries.setdefault(tuple(str(row.cells[at].value) for at in labels), {})
        name = str(row.cells[steps[0]].value)
        if name in entry:
            return []
        entry[name] = Fraction(row.cells[counts[0]].value)
    if any(len(entry) < len(names) for entry in entries.values()) or len(names) < 2 or _spelled_twice([*entries]):
        return []
    if len({name.casefold() for name in names}) < len(names):
        return []

    def part(chosen: Sequence[dict[str, Fraction]]) -> Part:
        return Part(tuple(sum((entry[name] for entry in chosen), Fraction(0)) for name in names))

    breakdowns = {
        sheet.columns[column].key: {
            segment: part([entry for key, entry in entries.items() if key[at] == segment])
            for segment in dict.fromkeys(key[at] for key in entries)
        }
        for at, column in enumerate(labels)
    }
    return [Meaning(names, part([*entries.values()]).counts, breakdowns=breakdowns)]


WORLDS = (World("spreadsheet_wide", wide, wide_meanings), World("spreadsheet_long", long, long_meanings))
assert set(COUNTRIES).issuperset(country for each in LANGUAGES.values() for country in each.countries)
