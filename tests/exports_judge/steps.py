"""Reports of funnels from known counts, as tools of analytics export them: a row a step of each segment."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.recipes import recipes

from .counts import falling, total_row, wide_meanings
from .sheet import Cell, Column, Dialect, Meaning, Part, Row, Sheet, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random


class Tool(NamedTuple):
    """A tool: its recipe, the keys of its columns in order, and how it writes.

    `total` names the rows of all segments, `numbered` steps have their number before them, and where `continued`, a
    step stands only in the first of its rows. `people` may be in several segments.
    """

    recipe: str
    keys: tuple[str, ...]
    segment: str | None
    steps: tuple[tuple[str, ...], ...]
    dialects: tuple[Dialect, ...] = (Dialect(),)
    total: str | None = None
    numbered: bool = False
    continued: bool = False
    people: bool = True
    above: tuple[str, ...] = ()


SHOP = ("View item", "Add to cart", "Begin checkout", "Purchase")
TRIAL = ("App Open", "Sign Up", "Trial", "Paid, yearly")
TOOLS = (
    Tool(
        "ga4_funnel",
        ("step", "SEGMENT", "elapsed", "users", "completion", "abandonments", "abandonment"),
        "Device category",
        (SHOP, TRIAL),
        (Dialect(encoding="utf-8-sig", newline="\r\n"), Dialect()),
        "Total",
        numbered=True,
        continued=True,
        above=("# -----", "# Example property", "# Checkout-Funnel 1", "# 20260901-20260930", "# -----", ""),
    ),
    Tool(
        "posthog_funnel", ("name", "SEGMENT", "action", "count", "average", "median"), "breakdown_value", (SHOP, TRIAL)
    ),
    Tool(
        "mixpanel_funnel",
        ("SEGMENT", "number", "event", "count", "step_rate", "average", "from_start"),
        "segment",
        (SHOP, TRIAL),
        total="$overall",
    ),
    Tool("amplitude_funnel", ("event", "raw", "cumulative", "step_rate", "mean"), None, (SHOP, TRIAL)),
    Tool(
        "matomo_funnel",
        ("step", "visits", "exits", "rate"),
        None,
        (SHOP, ("Accueil", "Panier", "Commande")),
        (Dialect(encoding="utf-8-sig"), Dialect(encoding="utf-16", delimiter="\t")),
        people=False,
    ),
)
SEGMENTS = ("mobile", "desktop", "tablet", "(not set)", "Smart TV", "United States", "A/B, new")
COUNTS = ("users", "count", "raw", "visits")
STEPS = ("step", "name", "event")
TIME_KINDS = {"mean_time": "mean", "median_time": "median"}
TIMES = ("mean", "median")
SECONDS_A_DAY = 86_400


def make_of(tool: Tool) -> Callable[[Random], Sheet]:
    """What makes the reports of a tool."""
    return lambda random: make(random, tool)


def make(random: Random, tool: Tool) -> Sheet:
    """A report of a funnel, of all units or by segment."""
    recipe = next(each for each in recipes() if each.name == tool.recipe)
    segment = tool.segment if random.random() < 0.6 else None
    columns = [
        _column(key, recipe, random, tool, segment) for key in tool.keys if key != "SEGMENT" or segment is not None
    ]
    names = random.choice(tool.steps)
    names = names[: random.randint(2, len(names))]
    segments = random.sample(SEGMENTS, random.randint(2, 4)) if segment else [""]
    counts = {each: falling(random, len(names), random.randint(40, random.choice((900, 90_000)))) for each in segments}
    overall = [sum(counts[each][at] for each in segments) for at in range(len(names))]
    if tool.people and tool.total and segment:  # some are in several segments
        least = [max(counts[each][at] for each in segments) for at in range(len(names))]
        overall = [
            total - (random.randint(0, min(total - low, 3)) if at else 0)
            for at, (total, low) in enumerate(zip(overall, least, strict=True))
        ]
        overall = [min(overall[: at + 1]) for at in range(len(overall))]
    of_all = [(tool.total, overall)] if tool.total and segment else []
    blocks = [*of_all, *counts.items()]
    order = [(at, block) for at in range(len(names)) for block in blocks]
    if not tool.continued:
        order = [(at, block) for block in blocks for at in range(len(names))]
    rows: list[Row] = []
    before = -1
    for at, (label, figures) in order:
        name = f"{at + 1}. {names[at]}" if tool.numbered else names[at]
        step = Cell(names[at], written="" if tool.continued and at == before else name)
        following = figures[at + 1] if at + 1 < len(names) else None
        cells = _cells(columns, step, str(label), at, figures[at], following)
        for place, column in enumerate(columns):
            if column.kind in TIMES:
                cells[place] = Cell(Fraction(random.randint(1, 9_000_000), 8) if at else None, "rate")
        rows.append(Row(tuple(cells), label == tool.total and bool(of_all)))
        before = at
    above = tool.above if random.random() < 0.8 else ()
    sheet = Sheet(tuple(columns), tuple(rows), random.choice(tool.dialects), above, recipe=tool.recipe)
    return sheet._replace(truth=sheet.columns)


def _column(key: str, recipe: Any, random: Random, tool: Tool, segment: str | None) -> Column:
    if key == "SEGMENT":
        known = next((column for column in recipe.columns if segment in column.names), None)
        return Column("label", segment or "", segment or "" if known is None else known.key)
    column = next(each for each in recipe.columns if each.key == key)
    kind = "step" if key in STEPS else "count" if key in COUNTS else TIME_KINDS.get(column.kind, "none")
    return Column(kind, random.choice(column.names), key, people=tool.people)


def _cells(columns: Sequence[Column], step: Cell, label: str, at: int, count: int, following: int | None) -> list[Cell]:
    lost = None if following is None else count - following
    texts = {
        "elapsed": "" if following is None else "16674931278.917809",
        "completion": "" if following is None else repr(following / count if count else 0.0),
        "abandonments": "" if lost is None else str(lost),
        "exits": "" if lost is None else str(lost),
        "abandonment": "" if lost is None else repr(lost / count if count else 0.0),
        "rate": "0%" if following is None else f"{100 * following // max(count, 1)}%",
        "action": "$pageview",
        "mean": "90500.25",
        "from_start": "5400.0",
        "step_rate": "1.0" if at == 0 else "0.3",
        "cumulative": "1.0" if at == 0 else "0.2",
        "number": str(at + 1),
    }
    cells = []
    for column in columns:
        if column.kind == "step":
            cells.append(step)
        elif column.kind == "label":
            cells.append(Cell(label))
        elif column.kind == "count":
            cells.append(Cell(Fraction(count), "count"))
        else:
            cells.append(Cell(texts.get(column.key, "")))
    return cells


def meanings(sheet: Sheet) -> list[Meaning]:
    """What a report means; one whose columns have become others may be any spreadsheet, with the names that it has."""
    found = _meanings(sheet)
    for at in [at for at, column in enumerate(sheet.columns) if column.key == "number"]:  # rows in another order
        rows = sorted(sheet.rows, key=lambda row: str(row.cells[at].value or ""))
        found += _meanings(sheet._replace(rows=tuple(rows)))
    if sheet.columns != sheet.truth:
        own = sheet._replace(columns=tuple(column._replace(key=column.name) for column in sheet.columns))
        found += _meanings(own)
        found += _meanings(_as_written(own))
        for at in sheet.at("label"):  # a column of another name may be left out, where the rows of all segments tell
            rows = tuple(row._replace(total=False) for row in sheet.rows if row.total)
            kept = tuple(
                column._replace(kind="none") if place == at else column for place, column in enumerate(sheet.columns)
            )
            found += _meanings(sheet._replace(columns=kept, rows=rows))
        found += [each._replace(days=None, medians=None) for each in found if _tells_no_times(sheet)]
    return found


def _tells_no_times(sheet: Sheet) -> bool:
    """Whether nothing says what the numbers of a column of times are, as the table is none of the tool any more."""
    recipe = next(each for each in recipes() if each.name == sheet.recipe)
    keys = {column.key for column in sheet.columns}
    return any(keys.isdisjoint(need.split("|")) for need in recipe.needs)


def _as_written(sheet: Sheet) -> Sheet:
    """The steps with their numbers."""
    for at, row in enumerate(sheet.rows):
        for place in sheet.at("step"):
            cell = row.cells[place]
            if cell.written:
                sheet = sheet.with_cell(at, place, cell._replace(value=cell.written))
    return sheet


def _meanings(sheet: Sheet) -> list[Meaning]:
    steps, counts, labels = sheet.at("step"), sheet.at("count"), sheet.at("label")
    if len(steps) != 1 or len(counts) != 1:
        return []
    entries: dict[tuple[str, ...], dict[str, Fraction]] = {}
    totals: dict[str, Fraction] = {}
    of_rows: dict[tuple[tuple[str, ...], str], Row] = {}
    seen: dict[str, None] = {}
    name = ""
    for row in sheet.rows:
        if not any(cell.value not in (None, "") or cell.written for cell in row.cells):
            continue
        if any(row.cells[at].broken for at in (*steps, *counts)):
            return []
        cell, count = row.cells[steps[0]], row.cells[counts[0]].value
        if cell.value not in (None, "") and cell.written != "":
            name = str(cell.value).strip()
        if count is None or not name:
            return []
        key = tuple(str(row.cells[at].value or "") for at in labels)
        entry = totals if row.total and labels else entries.setdefault(key, {})
        if name in entry:
            return []
        entry[name] = Fraction(count)
        of_rows[() if entry is totals else key, name] = row
        seen.setdefault(name)
    names = tuple(seen)
    if len(names) < 2 or any("" in key for key in entries) or len({each.casefold() for each in names}) < len(names):
        return []
    if any(len(entry) < len(names) for entry in entries.values()) and not _may_lack(entries, totals, names):
        return []
    sums = {each: sum((entry.get(each, Fraction(0)) for entry in entries.values()), Fraction(0)) for each in names}
    people = sheet.columns[counts[0]].people
    for each, total in totals.items():
        most = max((entry.get(each, Fraction(0)) for entry in entries.values()), default=total)
        if entries and not (most <= total <= sums[each] if people else total == sums[each]):
            return []
    whole = tuple(totals.get(each, sums[each]) for each in names)
    breakdowns: dict[str, Mapping[str, Part]] = {
        sheet.columns[at].key: {
            key[place]: Part(tuple(entry.get(each, Fraction(0)) for each in names)) for key, entry in entries.items()
        }
        for place, at in enumerate(labels)
    }
    all_rows = [()] if totals else [*entries]
    days, medians = (
        tuple(_days(sheet, [of_rows.get((key, name)) for key in all_rows], kind) for name in names) for kind in TIMES
    )
    medians = medians if len(all_rows) == 1 else (None,) * len(names)  # those of parts do not add up
    return [Meaning(names, whole, breakdowns=breakdowns, days=(None, *days[1:]), medians=(None, *medians[1:]))]


def _days(sheet: Sheet, rows: Sequence[Row | None], kind: str) -> Fraction | None:
    """The mean of the times of rows, which weigh as much as they have units; nothing where one of them is not known."""
    (counts,) = sheet.at("count")
    added, units = Fraction(0), Fraction(0)
    for row in rows:
        if row is None or not row.cells[counts].value or not sheet.at(kind):
            continue
        time = row.cells[sheet.at(kind)[0]]
        if time.broken or not isinstance(time.value, Fraction):
            return None
        added += time.value * row.cells[counts].value
        units += row.cells[counts].value
    return added / units / SECONDS_A_DAY if units else None


def _may_lack(
    entries: Mapping[Any, Mapping[str, Fraction]], totals: Mapping[str, Fraction], names: Sequence[str]
) -> bool:
    """A segment without a row of a step has none of it, where the total proves it."""
    return all(
        each in totals and totals[each] == sum(entry.get(each, Fraction(0)) for entry in entries.values())
        for each in names
    )


def in_columns(random: Random) -> Sheet:
    """A report of Mixpanel with a column a step: counts, and rates and times behind them."""
    names = random.choice((SHOP, TRIAL))
    names = names[: random.randint(2, len(names))]
    segments = random.sample(SEGMENTS, random.randint(2, 4)) if random.random() < 0.7 else []
    word, rate = random.choice(("Count", "Uniques", "Total")), random.choice(("Conversion Rate", "Overall Conversion"))
    numbered, timed = random.random() < 0.3, random.random() < 0.5
    columns = [Column("label", word, word) for word in (["Country"] if segments else [])]
    for at, name in enumerate(names, 1):
        before = f"{at}. {name}" if numbered else name
        columns += [Column("count", f"{before} - {word}", name, people=True), Column("none", f"{before} - {rate}")]
        columns += [Column("none", f"{before} - Avg Time")] if timed else []
    rows = []
    for segment in segments or [""]:
        left = iter(falling(random, len(names), random.randint(40, 9000)))
        cells = {"label": Cell(segment), "none": Cell("0.25")}
        rows.append(Row(tuple(cells.get(each.kind) or Cell(next(left), "count") for each in columns)))
    style = Dialect(quote_all=random.random() < 0.5)
    sheet = Sheet(tuple(columns), tuple(rows), style, recipe="mixpanel_funnel_columns")
    if segments and random.random() < 0.6:
        sheet = sheet._replace(rows=(total_row(sheet, "$overall", random), *rows))
    return sheet._replace(truth=sheet.columns)


def meanings_in_columns(sheet: Sheet) -> list[Meaning]:
    """What a report in columns means; its rows are no parts of each other."""
    alone = sheet._replace(recipe="")
    named = [column._replace(name=column.key or column.name) for column in sheet.columns]
    found = wide_meanings(alone._replace(columns=tuple(named)))
    return found if sheet.columns == sheet.truth else [*found, *wide_meanings(alone)]


WORLDS = (
    *(World(tool.recipe, make_of(tool), meanings, frozenset({"index_added"}), lenient=True) for tool in TOOLS),
    World("mixpanel_funnel_columns", in_columns, meanings_in_columns, frozenset({"index_added"}), lenient=True),
)
