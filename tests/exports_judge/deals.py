"""Lists of deals from known funnels, as CRMs export them and people keep them; and what such a list means by its cells.

Names of columns are those of the recipes, in all their languages; everything else is made up here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.recipes import recipes

from .counts import NAMES
from .printing import encodable
from .sheet import TODAY, Cell, Column, Dialect, Meaning, Part, Row, Sheet, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random


class Kind(NamedTuple):
    """A kind of CRM: its recipe, the columns that it always has and those that it may have, and how it writes.

    `won` and `lost` are its words, of stages or of a status; `dated` are names of a column of the date of each stage,
    of those of won and lost as well where these are stages.
    """

    recipe: str
    always: tuple[str, ...]
    maybe: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    open: tuple[str, ...] = ()
    dialects: tuple[Dialect, ...] = ()
    dated: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    not_closed: str = ""


ISO = Dialect(quote_all=True)
BY_HAND = (
    Dialect(moment="%Y-%m-%d"),
    Dialect(moment="%d.%m.%Y", delimiter=";", decimal=","),
    Dialect(moment="%d/%m/%Y", encoding="utf-8-sig"),
    Dialect(moment="%m/%d/%Y", thousands=","),
)
KINDS = (
    Kind(
        "hubspot_deals",
        ("record", "title", "pipeline", "stage", "amount", "created", "owner"),
        ("closed", "source", "reason", "currency", "probability", "weighted"),
        ("Closed Won", "Abgeschlossen und gewonnen", "Cierre ganado"),
        ("Closed Lost", "Abgeschlossen und verloren", "Cierre perdido"),
        dialects=(ISO, ISO._replace(quote_all=False), ISO._replace(encoding="utf-8-sig")),
        dated=('Date entered "{}"',),
    ),
    Kind(
        "hubspot_deals",
        ("record", "title", "pipeline", "stage", "amount", "created", "closed"),
        ("owner", "source", "reason", "currency"),
        ("Closed Won", "Abgeschlossen und gewonnen"),
        ("Closed Lost", "Abgeschlossen und verloren"),
        dialects=(ISO,),
    ),
    Kind(
        "pipedrive_deals",
        ("record", "title", "amount", "currency", "stage", "status", "owner", "created", "won_time", "lost_time"),
        ("reason", "source", "pipeline", "probability"),
        ("Won", "Gewonnen", "Ganho"),
        ("Lost", "Verloren", "Perdido"),
        ("Open", "Offen", "Aberto"),
        (Dialect(moment="%Y-%m-%d %H:%M:%S", cents=0), Dialect(moment="%Y-%m-%d %H:%M:%S", delimiter=";")),
    ),
    Kind(
        "salesforce_opportunities",
        ("owner", "title", "stage", "amount", "closed", "created"),
        ("record", "currency", "probability", "source", "age", "expected"),
        ("Closed Won", "Geschlossen und gewonnen"),
        ("Closed Lost", "Geschlossen und verloren"),
        dialects=(
            Dialect(moment="%m/%d/%Y"),
            Dialect(moment="%d.%m.%Y", delimiter=";", decimal=","),
            Dialect(moment="%d/%m/%Y", quote_all=True),
            Dialect(moment="%Y-%m-%d"),
            Dialect(moment="%m/%d/%Y", thousands=","),
        ),
        footer=("", '"Report of opportunities"', '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."'),
    ),
    Kind(
        "amocrm_deals",
        ("record", "title", "amount", "owner", "created", "closed", "stage"),
        ("pipeline", "source", "campaign", "reason"),
        ("Успешно реализовано",),
        ("Закрыто и не реализовано",),
        dialects=(
            Dialect(moment="%d.%m.%Y %H:%M:%S", delimiter=";", cents=0, encoding="cp1251"),
            Dialect(moment="%d.%m.%Y %H:%M:%S", delimiter=";", cents=0, encoding="utf-8-sig"),
            Dialect(moment="%d.%m.%Y %H:%M:%S", delimiter=",", cents=0, quote_all=True),
        ),
        not_closed="не закрыта",
    ),
    Kind(
        "zoho_deals",
        ("record", "title", "amount", "stage", "owner", "created", "closed"),
        ("pipeline", "source", "currency", "probability", "expected", "reason"),
        ("Closed Won", "Closed Won"),
        ("Closed Lost", "Closed-Lost to Competition"),
        dialects=(Dialect(moment="%Y-%m-%d %H:%M:%S"), Dialect(moment="%Y-%m-%d %H:%M:%S", quote_all=True)),
    ),
    Kind(
        "bitrix24_deals",
        ("record", "title", "stage", "amount", "currency", "owner", "created"),
        ("pipeline", "source", "closed"),
        ("Сделка успешна", "Deal won"),
        ("Сделка провалена", "Deal lost"),
        dialects=(
            Dialect(moment="%d.%m.%Y %H:%M:%S", delimiter=";", encoding="utf-8-sig"),
            Dialect(moment="%d.%m.%Y %H:%M:%S", delimiter=";", cents=0, encoding="cp1251"),
        ),
    ),
    Kind(
        "deals",
        ("title", "stage", "amount", "owner"),
        ("record", "currency", "source", "created", "closed", "reason", "probability", "pipeline"),
        ("Won", "Gewonnen", "Ganado"),
        ("Lost", "Verloren", "Perdido"),
        dialects=BY_HAND,
    ),
    Kind(
        "deals",
        ("title", "stage", "status", "amount"),
        ("owner", "currency", "source", "created", "won_time", "lost_time", "reason"),
        ("Won", "Gewonnen"),
        ("Lost", "Verloren"),
        ("Open", "Offen"),
        dialects=BY_HAND,
    ),
    Kind(
        "deals_dates",
        ("title", "amount", "won_time", "lost_time"),
        ("deal_id", "owner", "source", "currency", "created", "planned"),
        ("Won",),
        ("Lost",),
        dialects=tuple(each._replace(cents=0) for each in BY_HAND),
        dated=("{} date", "Date {}", "Date of {}", "Datum {}"),
    ),
)
STAGES = (
    ("Lead", "Qualified", "Proposal", "Negotiation"),
    ("Appointment scheduled", "Qualified to buy", "Contract sent"),
    ("Kontakt", "Angebot", "Verhandlung"),
    ("Prospecting", "Needs analysis", "Value proposition", "Id. decision makers", "Proposal/price quote"),
)
RUSSIAN = (
    ("Новая", "Переговоры", "Принимают решение", "Согласование договора"),
    ("Квалификация", "Счёт, договор", "Оплата"),
)
OWNERS = ("Anna", "Mark Twain", "Åsa Öberg", "O'Neil", "Анна", "Li, Wei")
SOURCES = ("Organic Search", "Paid Search", "yandex", "vk", "Referral")
WORDS = {
    "planned": "drop",
    "deal_id": "id",
    "probability": "drop",
    "weighted": "drop",
    "expected": "drop",
    "age": "drop",
}


MOST_BY_DATES = 17
"""Times of so few deals are told by their mean, also where some are doubled."""


class Words(NamedTuple):
    """What the words of a list mean, and its stages in their order.

    `by_dates`: no column has the stage, and the last of its dates tells it. `dates_of`: the pipeline whose stages have
    dates, where their names say it.
    """

    stages: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    open: tuple[str, ...]
    not_closed: str = ""
    by_dates: bool = False
    dates_of: str = ""


def make_of(kind: Kind) -> Any:
    """What makes the exports of a kind."""
    return lambda random: make(random, kind)


def make(random: Random, kind: Kind) -> Sheet:
    """A list of deals; those that are open sit somewhere, the others were won or lost on the way."""
    recipe = next(each for each in recipes() if each.name == kind.recipe)
    russian = kind.recipe in ("amocrm_deals", "bitrix24_deals")
    stages = random.choice(RUSSIAN if russian else STAGES)
    stages = stages[: random.randint(2, len(stages))]
    style = random.choice(kind.dialects)
    won, lost = random.choice(list(zip(kind.won, kind.lost, strict=True)))
    is_open = dict(zip(kind.won, kind.open, strict=False)).get(won, "")
    currency = random.choice(("EUR", "USD", "RUB"))
    keys = [*kind.always, *(key for key in kind.maybe if random.random() < 0.5)]
    if random.random() < 0.5:
        random.shuffle(keys)
    pipelines = ["Sales"] if random.random() < 0.8 or "pipeline" not in keys else ["Sales", "Partners"]
    columns = [_column(key, recipe, random, currency) for key in keys]
    named = ""
    if kind.dated:
        are_stages = "won_time" not in keys
        ended = [won, lost] if are_stages and random.random() < 0.8 else []
        named = pipelines[0] if are_stages and random.random() < 0.5 else ""
        form = random.choice(kind.dated)
        columns += [
            Column("entered", form.format(f"{name} ({named})" if named else name), name) for name in (*stages, *ended)
        ]
    for name in ("Notes", "Next step"):
        if random.random() < 0.15:
            columns.insert(random.randint(1, len(columns)), Column("note", name))
    if len(_writable([column.name for column in columns], style)) < len(columns):
        style = style._replace(encoding="utf-8-sig")
    told = (is_open,) if is_open else ()
    words = Words(tuple(stages), (won,), (lost,), told, kind.not_closed, "stage" not in keys, named)
    rows = [
        _deal(random, columns, words, style, currency, pipelines, number)
        for number in range(random.randint(8, MOST_BY_DATES if words.by_dates else 25))
    ]
    options: dict[str, Any] = {} if words.by_dates and random.random() < 0.5 else {"stages": stages}
    if len(pipelines) > 1:
        options["pipeline"] = pipelines[0]
    return Sheet(tuple(columns), tuple(rows), style, (), kind.footer, options, words, recipe=kind.recipe)


def _column(key: str, recipe: Any, random: Random, currency: str) -> Column:
    column = next(each for each in recipe.columns if each.key == key)
    plain = [name for name in column.names if "{" not in name or "{currency}" in name]
    name = random.choice(plain).replace("{currency}", currency)
    kinds = {"record": "id", "owner": "label", "source": "label", "campaign": "label"}
    return Column(WORDS.get(key) or kinds.get(key) or key, name, key)


def _deal(
    random: Random,
    columns: Sequence[Column],
    words: Words,
    style: Dialect,
    currency: str,
    pipelines: list[str],
    number: int,
) -> Row:
    stages = words.stages
    at = min(int(random.expovariate(0.8)), len(stages) - 1)
    state = random.choice(("won", "lost", "open", "open"))
    at = len(stages) - 1 if state == "won" else at
    began = datetime(2026, 5, 1, 8) + timedelta(days=random.randint(0, 140), minutes=random.randint(0, 700))
    times = [began]
    while len(times) < len(stages) + 1:
        times.append(times[-1] + timedelta(days=random.randint(1, 9), minutes=random.randint(1, 600)))
    if "%H" not in style.moment:
        times = [each.replace(hour=0, minute=0) for each in times]
    if "%S" not in style.moment:
        times = [each.replace(second=0) for each in times]
    ended = times[at + 1]
    amount: Fraction | None = Fraction(random.randint(1, 900) * 10 ** random.randint(0, 2))
    if style.cents and random.random() < 0.3:
        amount = amount + Fraction(random.randint(0, 99), 100) if amount else None
    if random.random() < 0.08:
        amount = None
    won, lost = words.won[0], words.lost[0]
    is_expected = random.random() < 0.5 and not words.not_closed
    stage = stages[at]
    if not words.open and state != "open":
        stage = won if state == "won" else lost
    values: dict[str, Cell] = {
        "id": Cell(1000 + number),
        "title": Cell(f"{random.choice(_writable(NAMES, style))} {number}"),
        "pipeline": Cell(random.choice(pipelines) if number else pipelines[0]),
        "stage": Cell(stage),
        "status": Cell({"won": won, "lost": lost, "open": words.open[0] if words.open else ""}[state]),
        "amount": Cell(amount, "money"),
        "currency": Cell(currency),
        "created": Cell(began if "%H" in style.moment else times[0], "moment"),
        "closed": Cell(ended if state != "open" or is_expected else None, "moment"),
        "won_time": Cell(ended if state == "won" else None, "moment"),
        "lost_time": Cell(ended if state == "lost" else None, "moment"),
        "reason": Cell(random.choice(("Price", "No budget")) if state == "lost" else ""),
        "drop": Cell(random.choice(("10", "50", "90"))),
        "note": Cell(random.choice(("", "call back", "next week"))),
    }
    if words.not_closed and state == "open":
        values["closed"] = Cell(None, "moment", words.not_closed)
    cells = []
    for column in columns:
        if column.key == "owner":
            cells.append(Cell(random.choice(_writable(OWNERS, style))))
        elif column.kind == "label":
            cells.append(Cell(random.choice(SOURCES)))
        elif column.key == "planned":
            cells.append(Cell(times[-1] + timedelta(days=30), "moment"))
        elif column.kind == "entered":
            reached = {name: times[place] for place, name in enumerate(stages[: at + 1])}
            reached[{"won": won, "lost": lost, "open": ""}[state]] = ended
            if words.by_dates and state != "open" and column.key == stages[0] and random.random() < 0.05:
                reached = {}  # nobody wrote it down
            cells.append(Cell(reached.get(column.key), "moment"))
        else:
            cells.append(values[column.kind])
    return Row(tuple(cells))


def _writable(names: Sequence[str], style: Dialect) -> list[str]:
    """The names whose characters an encoding has."""
    return [name for name in names if encodable(name, style.encoding)]


class Deal(NamedTuple):
    """What a row says: its state, the furthest stage it was in, where it sits if open, its money, and its segments."""

    state: str
    reach: int
    sits: int | None
    amount: Fraction | None
    segments: dict[str, str]


def meanings(sheet: Sheet) -> list[Meaning]:
    """What a list of deals means, or nothing where it contradicts itself, or does not say which stage a deal is in."""
    words: Words = sheet.truth
    one = {
        column.kind: at for at, column in enumerate(sheet.columns) if column.kind not in ("label", "entered", "none")
    }
    if words.by_dates and "stages" not in sheet.options:
        words = words._replace(stages=_order_of_dates(sheet))
        if not words.stages:
            return []
    if not {"won_time" if words.by_dates else "stage"} <= set(one):
        return []
    if words.open and "status" not in one and sheet.recipe != "deals":  # people may write down what is open alone
        return []
    kinds = [column.kind for column in sheet.columns if column.kind not in ("label", "entered", "none", "note", "drop")]
    if len(kinds) > len(set(kinds)) or len(
        {column.key for column in sheet.columns if column.kind in ("label", "entered")}
    ) < len(sheet.at("label", "entered")):
        return []
    wanted = sheet.options.get("pipeline")
    if wanted is not None and "pipeline" not in one:
        return []
    named = words.dates_of
    if named and wanted is not None and wanted.casefold() != named.casefold():  # dates of another one's stages
        sheet = sheet.columns_as("entered", "none")
    deals, currencies, seen = [], set(), set()
    for row in sheet.rows:
        if row.total:  # a blank one
            continue

        def said(kind: str, row: Row = row) -> Any:
            return row.cells[one[kind]].value if kind in one else None

        if wanted is not None and str(said("pipeline")).casefold() != wanted.casefold():
            continue
        if any(row.cells[at].broken for at in sheet.at("amount", "created", "entered")):
            return []
        if words.by_dates and any(row.cells[at].broken for at in sheet.at("won_time", "lost_time")):
            return []
        if "id" in one and said("id") not in (None, ""):
            if said("id") in seen:
                return []
            seen.add(said("id"))
        deal = _read(row, sheet, said, words)
        if deal is None:
            return []
        if said("currency") not in (None, "") and deal.amount:
            currencies.add(said("currency"))
        deals.append(deal)
    if (
        len(currencies) > 1
        or not deals
        or ("pipeline" in one and wanted is None and _pipelines(sheet, one["pipeline"]) > 1)
    ):
        return []
    named = next((column.name for column in sheet.columns if column.kind == "amount"), "")
    currency = next(iter(currencies), None)
    if currency is None:
        currency = next((each for each in ("EUR", "USD", "RUB") if named.endswith((f"({each})", f" {each}"))), None)
    read = [_meaning(deals, words, currency, moved) for moved in (False, True)]
    if words.by_dates:
        read = [each._replace(days=_days(sheet, words)) for each in read]
    is_money = any(deal.amount is not None for deal in deals)
    if not is_money:  # then its currency may be said or not
        told = {cell.value for at in sheet.at("currency") for cell in [row.cells[at] for row in sheet.rows]}
        read += [meaning._replace(currency=other) for meaning in read for other in (None, *told)]
    if not any(deal.state == "won" for deal in deals):  # then nothing says what it is called
        read += [meaning._replace(stages=(*words.stages, "Won")) for meaning in read]
    return read


def _pipelines(sheet: Sheet, at: int) -> int:
    return len({row.cells[at].value for row in sheet.rows if not row.total})


def of_own_stages(sheet: Sheet, pipeline: str) -> Sheet:
    """The sheet without stages that deals of other pipelines alone are at, or have dates of: what is told is of all."""
    at = sheet.at("pipeline")[0]
    rows = [row for row in sheet.rows if not row.total]
    own = [row for row in rows if str(row.cells[at].value).casefold() == pipeline.casefold()]
    dated = sheet.at("entered") if sheet.truth.dates_of.casefold() in ("", pipeline.casefold()) else []

    def seen(rows: Sequence[Row], dated: Sequence[int]) -> set[str]:
        found = {str(row.cells[place].value or "").casefold() for row in rows for place in sheet.at("stage")}
        keys = {sheet.columns[place].key for place in dated if any(row.cells[place].value for row in rows)}
        return found | {key.casefold() for key in keys}

    others = seen(rows, sheet.at("entered")) - seen(own, dated)
    stages = tuple(name for name in sheet.truth.stages if name.casefold() not in others)
    return sheet._replace(truth=sheet.truth._replace(stages=stages))


def _read(row: Row, sheet: Sheet, said: Any, words: Words) -> Deal | None:
    places = {name.casefold(): at for at, name in enumerate(words.stages)}
    stage = _last_dated(row, sheet) if words.by_dates else str(said("stage") or "").casefold()
    states = {
        **dict.fromkeys(words.won, "won"),
        **dict.fromkeys(words.lost, "lost"),
        **dict.fromkeys(words.open, "open"),
    }
    states = {name.casefold(): state for name, state in states.items()}
    has_status = any(column.kind == "status" for column in sheet.columns)
    if words.open and has_status:
        state = states.get(str(said("status") or "").casefold())
        if said("status") in (None, "") and (said("won_time") is None) != (said("lost_time") is None):
            state = "won" if said("lost_time") is None else "lost"  # the times tell
        if state is None or (stage not in places and (stage or state == "open")):
            return None
    elif words.by_dates or words.open:
        won, lost = said("won_time"), said("lost_time")
        if won is not None and won == lost:
            return None
        ends = sorted((time, state) for time, state in ((won, "won"), (lost, "lost")) if time is not None)
        state = ends[-1][1] if ends else "open"
        if state == "open" and not stage:
            return None
    else:
        state = states.get(stage, "open")
        if state == "open" and stage not in places:
            return None
    dated = [
        len(words.stages) - 1 if column.key in words.won else places[column.key.casefold()]  # it was won once
        for column, cell in zip(sheet.columns, row.cells, strict=True)
        if column.kind == "entered" and cell.value is not None and column.key not in words.lost
    ]
    reach = max([0, *dated, *([places[stage]] if stage in places else [])])
    if state == "won":
        reach = len(words.stages)
    segments = {
        column.key: str(cell.value or "")
        for column, cell in zip(sheet.columns, row.cells, strict=True)
        if column.kind == "label"
    }
    created = said("created")
    if created is not None:
        segments["month"] = f"{created:%Y-%m}"
    elif any(column.kind == "created" for column in sheet.columns):
        return None
    return Deal(state, reach, places.get(stage) if state == "open" else None, said("amount"), segments)


def _order_of_dates(sheet: Sheet) -> tuple[str, ...]:
    """The stages of which there is a date: one that most deals came to before another is before it."""
    places = {sheet.columns[at].key: at for at in sheet.at("entered")}
    known = [name for name in sheet.truth.stages if name in places]
    dates = {name: _moments(sheet, places[name]) for name in known}

    def before(one: str, other: str) -> int:
        pairs = [(a, b) for a, b in zip(dates[one], dates[other], strict=True) if None not in (a, b)]
        return sum((a > b) - (a < b) for a, b in pairs)

    return tuple(sorted((name for name in known if any(dates[name])), key=cmp_to_key(before)))


def _moments(sheet: Sheet, at: int) -> list[datetime | None]:
    """The dates of a column; nothing for what is none."""
    cells = [row.cells[at].value for row in sheet.rows if not row.total]
    return [each if isinstance(each, datetime) else None for each in cells]


def _last_dated(row: Row, sheet: Sheet) -> str:
    """The stage of the last date of a row; of two on one day that of the later column."""
    cells = ((row.cells[at].value, at) for at in sheet.at("entered"))
    known = [(value, at) for value, at in cells if value is not None]
    return sheet.columns[max(known)[1]].key.casefold() if known else ""


def _meaning(deals: Sequence[Deal], words: Words, currency: str | None, moved: bool) -> Meaning:
    """The funnel of deals; where a deal was `moved` back it may be kept at the furthest stage that it has reached."""
    stages = len(words.stages)

    def part(chosen: Sequence[Deal]) -> Part:
        counts = tuple(Fraction(sum(deal.reach >= at for deal in chosen)) for at in range(stages + 1))
        sits = [min(deal.reach, stages) if moved else deal.sits for deal in chosen if deal.sits is not None]
        opened = tuple(sits.count(at) for at in range(stages + 1))
        amounts = [deal.amount for deal in chosen if deal.state == "won" and deal.amount is not None]
        revenue = sum(amounts, Fraction(0)) / len(amounts) * counts[-1] if amounts else None
        return Part(counts, None, revenue, opened if any(opened) else ())

    whole = part(deals)
    dimensions = dict.fromkeys(key for deal in deals for key in deal.segments)
    breakdowns = {
        key: {
            name: part([deal for deal in deals if deal.segments.get(key) == name])
            for name in dict.fromkeys(deal.segments.get(key, "") for deal in deals)
        }
        for key in dimensions
    }
    won = "Won" if words.open else words.won[0]  # a status is no stage of the list
    return Meaning(
        (*words.stages, won),
        whole.counts,
        None,
        whole.revenue,
        currency,
        whole.open,
        breakdowns,
        cells_of([deal.segments for deal in deals], lambda chosen: part([deals[at] for at in chosen]).counts),
        period=period_of([deal.segments for deal in deals]),
    )


CROSSED = ("owner", "source")


def cells_of(
    segments: Sequence[Mapping[str, str]], counts: Callable[[Sequence[int]], tuple[Fraction, ...]]
) -> dict[frozenset[tuple[str, str]], tuple[Fraction, ...]]:
    """The counts of units by owner, source and month at once, where the months are known."""
    found: dict[frozenset[tuple[str, str]], list[int]] = {}
    for at, each in enumerate(segments):
        crossed = [(key, each[key] or "(none)") for key in CROSSED if key in each]
        if crossed and "month" in each:
            found.setdefault(frozenset([*crossed, ("month", each["month"])]), []).append(at)
    return {key: counts(chosen) for key, chosen in found.items()}


def period_of(segments: Sequence[Mapping[str, str]]) -> str | None:
    """The months in which units began."""
    months = sorted({each["month"] for each in segments if "month" in each})
    return " to ".join(dict.fromkeys((months[0], months[-1]))) if months else None


def _days(sheet: Sheet, words: Words) -> tuple[Fraction | None, ...] | None:
    """Mean days from each stage to the next, and from the last to the won; nothing is wanted where dates are none.

    What is dated before the stage before it is left out, and so is a sale that is still to come.
    """
    places = {sheet.columns[at].key: at for at in sheet.at("entered")}
    if not set(places) >= set(words.stages):
        return None
    columns = [*(places[name] for name in words.stages), *sheet.at("won_time")]
    found: list[Fraction | None] = [None]
    for one, other in pairwise(columns):
        pairs = [(row.cells[one].value, row.cells[other].value) for row in sheet.rows if not row.total]
        took = [
            (last - first).days
            for first, last in pairs
            if first is not None
            and last is not None
            and first <= last
            and (last.date() <= TODAY or other in places.values())
        ]
        found.append(Fraction(sum(took), len(took)) if took else None)
    return tuple(found)


def _names() -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for kind in KINDS:
        seen[kind.recipe] = seen.get(kind.recipe, 0) + 1
        names.append(kind.recipe + ("_undated" if seen[kind.recipe] > 1 else ""))
    return names


NOT_OF_DEALS = frozenset({"total_off", "index_added"})
WORLDS = tuple(
    World(name, make_of(kind), meanings, NOT_OF_DEALS, lenient=True) for name, kind in zip(_names(), KINDS, strict=True)
)
