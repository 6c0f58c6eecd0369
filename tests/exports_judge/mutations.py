"""What happens to exports: a cell, a row, a column or a line of a sheet is changed, and the sheet knows what it is.

Each mutation is a function of a sheet and chance; it gives the changed sheet, or nothing where it does not apply.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .printing import number, printed, written
from .sheet import Cell, Column, Row, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Mutation = Callable[[Sheet, Random], "Mutated | None"]

NUMBERS = ("count", "spend", "revenue", "amount")
WORDS = ("label", "step", "stage", "status", "pipeline", "currency")
DATES = ("created", "closed", "won_time", "lost_time", "entered", "date")


class Mutated(NamedTuple):
    """A changed sheet; `also` are other sheets that the file may be taken for, `cells` says one cell was changed."""

    sheet: Sheet
    also: tuple[Sheet, ...] = ()
    one_cell: bool = True
    shown: str = ""


def _pick(
    sheet: Sheet, random: Random, *kinds: str, total: bool | None = False, filled: bool = True
) -> tuple[int, int] | None:
    """The place of a cell in columns of some kinds."""
    places = [
        (at, column)
        for column in sheet.at(*kinds)
        for at, row in enumerate(sheet.rows)
        if total in (None, row.total) and (not filled or row.cells[column].value not in (None, ""))
    ]
    return random.choice(places) if places else None


def _with(sheet: Sheet, place: tuple[int, int], cell: Cell, *, also: tuple[Cell, ...] = ()) -> Mutated:
    others = tuple(sheet.with_cell(*place, other) for other in also)
    before = sheet.rows[place[0]].cells[place[1]]
    name = sheet.columns[place[1]].name
    return Mutated(sheet.with_cell(*place, cell), others, shown=f"{name}, row {place[0] + 1}: {before} -> {cell}")


def count_changed(sheet: Sheet, random: Random) -> Mutated | None:
    """Another number in a cell."""
    place = _pick(sheet, random, *NUMBERS)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    unit = Fraction(1) if cell.form == "count" else Fraction(1, 100)
    value = random.choice((cell.value + unit, max(cell.value - unit, 0), cell.value * 2, cell.value + 10 * unit))
    if value == cell.value:
        return None
    return _with(sheet, place, cell._replace(value=value, written=None))


def total_off(sheet: Sheet, random: Random) -> Mutated | None:
    """A row of totals that is wrong by one."""
    place = _pick(sheet, random, *NUMBERS, total=True)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    return _with(sheet, place, cell._replace(value=cell.value + random.choice((1, 1, -1)), written=None))


def emptied(sheet: Sheet, random: Random) -> Mutated | None:
    """A cell without anything."""
    place = _pick(sheet, random, *{each.kind for each in sheet.columns}, total=None)
    if place is None:
        return None
    row, column = place
    found = _with(sheet, place, Cell(None, sheet.rows[row].cells[column].form))
    if row == 0 or sheet.columns[column].kind not in ("label", "date"):
        return found
    above = sheet.rows[row - 1].cells[column]
    is_same = above.value == sheet.rows[row].cells[column].value
    leads = column < max(sheet.at("label", "date"))  # as cells of a group that are merged
    return found._replace(also=(sheet.with_cell(row, column, above),)) if is_same or leads else found


TEXTS = (
    "n/a",
    "abc",
    "-",
    "--",
    "#REF!",
    "=SUM(B2:B4)",
    "12k",
    "?",
    "#######",
    "1.2.3",
    "1,2,3",
    "ten",
    "5 (est.)",
    "1/2",
    "12:30",
    "1e3",
    "٣٤",
)


def made_text(sheet: Sheet, random: Random) -> Mutated | None:
    """What is no number in place of one."""
    place = _pick(sheet, random, *NUMBERS, total=None)
    if place is None:
        return None
    text = random.choice(TEXTS)
    is_nothing = text in NOTHING and sheet.columns[place[1]].kind == "amount"  # a deal may have none
    return _with(sheet, place, Cell(text, "text", broken=True), also=(Cell(None, "money", text),) if is_nothing else ())


NOTHING = ("n/a", "-", "--", "?")


def negative(sheet: Sheet, random: Random) -> Mutated | None:
    """A number below nothing, as people and spreadsheets write it."""
    place = _pick(sheet, random, *NUMBERS)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    if not cell.value:
        return None
    plain = written(cell.value, cell.form, sheet.dialect)
    text = random.choice((f"-{plain}", f"({plain})", f"\u2212{plain}", f"- {plain}", f"{plain}-"))
    return _with(sheet, place, Cell(-cell.value, cell.form, text, broken=True))


def percent(sheet: Sheet, random: Random) -> Mutated | None:
    """A percentage among counts."""
    place = _pick(sheet, random, *NUMBERS)
    if place is None:
        return None
    text = random.choice(("12%", "12 %", f"3{sheet.dialect.decimal}5%"))
    return _with(sheet, place, Cell(text, "text", broken=True))


def other_decimal(sheet: Sheet, random: Random) -> Mutated | None:
    """A number with the decimal mark of another country."""
    place = _pick(sheet, random, *NUMBERS, total=None)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    mark = {".": ",", ",": "."}[sheet.dialect.decimal]
    column = sheet.columns[place[1]]
    value = cell.value
    if value is None or cell.broken:
        return None
    if cell.form == "money":
        text = number(value, "", mark, 2)
    elif column.parts:
        text = number(value + Fraction(1, 4), "", mark)
        return _with(sheet, place, Cell(value + Fraction(1, 4), cell.form, text))
    else:
        text = number(value, "", mark, 1)  # 120.0
    return _with(sheet, place, Cell(value, cell.form, text))


def other_thousands(sheet: Sheet, random: Random) -> Mutated | None:
    """A number of four digits and more with the mark of thousands of another country."""
    place = _pick(sheet, random, *NUMBERS, total=None)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    if cell.value is None or cell.broken or cell.value < 1000:
        return None
    mark = random.choice(
        [each for each in (",", ".", " ", "'", "\u00a0", "\u202f", "’", "_") if each != sheet.dialect.thousands]
    )
    if mark == sheet.dialect.decimal and cell.value.denominator != 1:
        return None
    text = number(cell.value, mark, sheet.dialect.decimal)
    found = _with(sheet, place, Cell(cell.value, cell.form, text))
    if (
        mark == sheet.dialect.decimal
        and cell.value < 1_000_000
        and (sheet.columns[place[1]].parts or cell.form == "money")
    ):
        # by the marks of the table it is a number with three decimals, and nothing says otherwise
        other = sheet.with_cell(*place, Cell(Fraction(cell.value, 1000), cell.form, text))
        return found._replace(also=(other,))
    return found


def leading_zero(sheet: Sheet, random: Random) -> Mutated | None:
    """A number as a code is written."""
    place = _pick(sheet, random, *NUMBERS)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    return _with(sheet, place, cell._replace(written="0" + written(cell.value, cell.form, sheet.dialect)))


def spaced(sheet: Sheet, random: Random) -> Mutated | None:
    """White space around what a cell says."""
    place = _pick(sheet, random, *(*NUMBERS, "label", "step", "stage", "status"), total=None)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    plain = cell.written if cell.written is not None else written(cell.value, cell.form, sheet.dialect)
    return _with(
        sheet,
        place,
        cell._replace(written=random.choice((f" {plain}", f"{plain} ", f"\u00a0{plain}", f"{plain}\u00a0"))),
    )


def label_case(sheet: Sheet, random: Random) -> Mutated | None:
    """The name of a segment in another case: it is the same one, or refused."""
    place = _pick(sheet, random, *WORDS)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    other = str(cell.value).swapcase()
    if other == cell.value or other.casefold() != str(cell.value).casefold():
        return None
    same = [at for at, row in enumerate(sheet.rows) if row.cells[place[1]].value == cell.value]
    found = _with(sheet, place, cell._replace(value=other, written=None))
    all_other = sheet
    for at in same:
        all_other = all_other.with_cell(at, place[1], cell._replace(value=other))
    return found._replace(also=(sheet, all_other)) if len(same) > 1 or sheet.recipe else found


def label_misspelt(sheet: Sheet, random: Random) -> Mutated | None:
    """The name of a segment or stage with a letter too many: it is another one."""
    place = _pick(sheet, random, *WORDS)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    text = f"{cell.value}x"
    return _with(sheet, place, cell._replace(value=text, written=None))


def delimiter_in_cell(sheet: Sheet, random: Random) -> Mutated | None:
    """A delimiter in a text that has no quotes: the cells behind it move."""
    if sheet.dialect.quote_all:
        return None
    place = _pick(sheet, random, "label", "title", "step", "owner", "stage", "reason", "none", "note")
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    text = str(cell.value).replace('"', "")
    middle = len(text) // 2
    parted = f"{text[:middle]}{sheet.dialect.delimiter}{text[middle:]}"
    return _with(sheet, place, cell._replace(written=parted, raw=True, value=parted))


def row_duplicated(sheet: Sheet, random: Random) -> Mutated | None:
    """A row twice."""
    at = random.randrange(len(sheet.rows))
    to = random.choice((at, len(sheet.rows) - 1, 0))
    rows = list(sheet.rows)
    rows.insert(to, rows[at])
    also = (sheet,) if sheet.at("id") else ()  # one deal
    return Mutated(sheet._replace(rows=tuple(rows)), also, shown=f"row {at + 1}")


def row_deleted(sheet: Sheet, random: Random) -> Mutated | None:
    """A row less."""
    if len(sheet.rows) < 2:
        return None
    at = random.randrange(len(sheet.rows))
    return Mutated(
        sheet._replace(rows=(*sheet.rows[:at], *sheet.rows[at + 1 :])), one_cell=False, shown=f"row {at + 1}"
    )


def row_moved(sheet: Sheet, random: Random) -> Mutated | None:
    """A row in another place."""
    rows = list(sheet.rows)
    at, to = random.randrange(len(rows)), random.randrange(len(rows))
    rows.insert(to, rows.pop(at))
    return (
        None
        if at == to
        else Mutated(sheet._replace(rows=tuple(rows)), one_cell=False, shown=f"row {at + 1} to {to + 1}")
    )


def rows_shuffled(sheet: Sheet, random: Random) -> Mutated | None:
    """All rows in another order, as by a sort."""
    rows = list(sheet.rows)
    random.shuffle(rows)
    return Mutated(sheet._replace(rows=tuple(rows)), one_cell=False)


def _columns(sheet: Sheet, order: list[int]) -> Sheet:
    rows = tuple(row._replace(cells=tuple(row.cells[at] for at in order)) for row in sheet.rows)
    return sheet._replace(columns=tuple(sheet.columns[at] for at in order), rows=rows)


def column_moved(sheet: Sheet, random: Random) -> Mutated | None:
    """A column in another place."""
    order = list(range(len(sheet.columns)))
    at, to = random.choice(order), random.choice(order)
    order.insert(to, order.pop(at))
    return None if at == to else Mutated(_columns(sheet, order), one_cell=False, shown=f"column {at + 1} to {to + 1}")


def column_deleted(sheet: Sheet, random: Random) -> Mutated | None:
    """A column less."""
    at = random.randrange(len(sheet.columns))
    order = [each for each in range(len(sheet.columns)) if each != at]
    return Mutated(_columns(sheet, order), one_cell=False, shown=sheet.columns[at].name) if len(order) > 1 else None


def column_duplicated(sheet: Sheet, random: Random) -> Mutated | None:
    """A column twice, under one name: of two that are alike one may be taken."""
    order = list(range(len(sheet.columns)))
    at = random.choice(order)
    order.insert(random.randrange(len(order) + 1), at)
    return Mutated(_columns(sheet, order), (sheet,), one_cell=False, shown=sheet.columns[at].name)


NONSENSE = ("Qxzv", "Column 7", "foo_bar", "ÄÖÜ", "Неведомо")


def column_renamed(sheet: Sheet, random: Random) -> Mutated | None:
    """A column under a name that nobody knows."""
    at = random.randrange(len(sheet.columns))
    column, name = sheet.columns[at], random.choice(NONSENSE)
    if column.kind in ("count", "label"):
        kinds = [column.kind, "none"] if sheet.recipe else [column.kind]
    elif column.kind in ("spend", "revenue", "price", "index"):
        kinds = ["none", "count"]  # numbers under a name that says nothing: left out, or a stage
    elif column.kind == "rate":
        kinds = ["none"] if any("%" in (row.cells[at].written or "") for row in sheet.rows) else ["none", "count"]
    elif column.kind == "date" and not sheet.recipe:
        kinds = ["date"]
    elif column.kind == "status":
        kinds = ["none", "status"]  # words of won and lost tell
    elif column.kind in ("note", "none", "step"):
        kinds = ["none", "label" if column.kind != "step" else "step"]
    else:
        kinds = ["none"]
    sheets = []
    for kind in kinds:
        renamed = Column(kind, name, name)
        sheets.append(sheet._replace(columns=(*sheet.columns[:at], renamed, *sheet.columns[at + 1 :])))
    return Mutated(sheets[0], tuple(sheets[1:]), one_cell=False, shown=f"{column.name} -> {name}")


def names_swapped(sheet: Sheet, random: Random) -> Mutated | None:
    """The names of two columns of one kind in each other's place: the file says what its names say."""
    kind = random.choice(sheet.columns).kind
    places = sheet.at(kind)
    if len(places) < 2:
        return None
    one, other = random.sample(places, 2)
    columns = list(sheet.columns)
    columns[one], columns[other] = columns[other], columns[one]
    return Mutated(
        sheet._replace(columns=tuple(columns)), one_cell=False, shown=f"{columns[one].name}, {columns[other].name}"
    )


MORE_COLUMNS = {
    "percent": ("CTR", lambda random: f"{random.randint(0, 99)}%"),
    "rate": ("Conversion rate", lambda random: f"{random.randint(1, 99)}"),
    "ratio": ("ROAS", lambda random: f"{random.randint(1, 9)}"),
    "price": ("CPC", lambda random: f"{random.randint(1, 9)}"),
    "average": ("Avg. position", lambda random: f"{random.randint(1, 9)}"),
    "duration": ("Duration, s", lambda random: f"{random.randint(1, 900)}"),
    "empty": ("Comment", lambda random: ""),
    "unnamed": ("", lambda random: ""),
}


def column_added(sheet: Sheet, random: Random) -> Mutated | None:
    """A column that says nothing a funnel keeps."""
    what = random.choice(list(MORE_COLUMNS))
    name, cell = MORE_COLUMNS[what]
    if name in [column.name for column in sheet.columns]:
        return None
    at = random.randint(1, len(sheet.columns)) if name else len(sheet.columns)
    rows = tuple(
        row._replace(cells=(*row.cells[:at], Cell("" if row.total else cell(random)), *row.cells[at:]))
        for row in sheet.rows
    )
    columns = (*sheet.columns[:at], Column("none", name), *sheet.columns[at:])
    return Mutated(sheet._replace(columns=columns, rows=rows), one_cell=False, shown=what)


def index_added(sheet: Sheet, random: Random) -> Mutated | None:
    """The rows numbered."""
    rows = tuple(
        row._replace(cells=(Cell("" if row.total else str(at)), *row.cells)) for at, row in enumerate(sheet.rows, 1)
    )
    columns = (Column("none", random.choice(("#", "", "№"))), *sheet.columns)
    return Mutated(sheet._replace(columns=columns, rows=rows), one_cell=False)


TITLES = ("Report", "Campaign report", "# exported 2026-10-01", "Отчёт", "October 2026", "Total 4711", "Filter: none")


def title_added(sheet: Sheet, random: Random) -> Mutated | None:
    """A line above the names."""
    return Mutated(sheet._replace(above=(random.choice(TITLES), *sheet.above)), one_cell=False)


def title_removed(sheet: Sheet, random: Random) -> Mutated | None:
    """A line above the names less."""
    if not sheet.above:
        return None
    at = random.randrange(len(sheet.above))
    return Mutated(sheet._replace(above=(*sheet.above[:at], *sheet.above[at + 1 :])), one_cell=False)


def line_added(sheet: Sheet, random: Random) -> Mutated | None:
    """A line below the table."""
    text = random.choice(("Exported on 2026-11-02", "# end", "Source: CRM", "Copyright (c) 2026", "* preliminary"))
    return Mutated(sheet._replace(below=(*sheet.below, text)), one_cell=False, shown=text)


def blank_row(sheet: Sheet, random: Random) -> Mutated | None:
    """A row without anything, in the middle, or of delimiters only."""
    at = random.randint(1, len(sheet.rows))
    blank = Row(tuple(Cell("") for _ in sheet.columns), True)
    rows = (*sheet.rows[:at], blank, *sheet.rows[at:])
    return Mutated(sheet._replace(rows=rows), one_cell=False, shown=f"before row {at + 1}")


def encoded(sheet: Sheet, random: Random) -> Mutated | None:
    """Another encoding that has all characters: read right, or refused."""
    for name in random.sample(ENCODINGS, len(ENCODINGS)):
        if name == sheet.dialect.encoding:
            continue
        style = sheet.dialect._replace(encoding=name)
        if not name.startswith("utf"):  # code pages have no narrow spaces
            style = style._replace(thousands=style.thousands.replace("\u202f", "\u00a0"))
        changed = sheet._replace(dialect=style)
        try:
            printed(changed)
        except UnicodeEncodeError:
            continue
        return Mutated(changed, one_cell=False, shown=name)
    return None


ENCODINGS = ("utf-16", "utf-8-sig", "utf-8", "cp1251", "cp1252", "cp1250", "utf-16-le", "koi8-r", "mac-roman")


def line_ends(sheet: Sheet, random: Random) -> Mutated | None:
    """The line ends of another system, or a delimiter at the end of each line."""
    if random.random() < 0.5:
        return Mutated(sheet._replace(trailing=not sheet.trailing), one_cell=False, shown="trailing")
    newline = "\r" if random.random() < 0.3 else {"\n": "\r\n", "\r\n": "\n"}[sheet.dialect.newline]
    return Mutated(sheet._replace(dialect=sheet.dialect._replace(newline=newline)), one_cell=False, shown=repr(newline))


def date_other_year(sheet: Sheet, random: Random) -> Mutated | None:
    """A date in another year."""
    place = _pick(sheet, random, *DATES)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    years = random.choice((-10, -1, 1, 5))
    moved = cell.value + timedelta(days=365 * years)
    return _with(sheet, place, cell._replace(value=moved, written=None))


def date_other_month(sheet: Sheet, random: Random) -> Mutated | None:
    """A date in another month."""
    place = _pick(sheet, random, *DATES)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    return _with(sheet, place, cell._replace(value=cell.value + timedelta(days=random.choice((-31, 31, 62, -92)))))


def in_millionths(sheet: Sheet, random: Random) -> Mutated | None:
    """All money in millionths, as the API of Yandex writes it where nobody asks for another unit."""
    if sheet.recipe != "yandex_direct_api":
        return None
    for at in sheet.at("spend", "revenue"):
        for row in range(len(sheet.rows)):
            cell = sheet.rows[row].cells[at]
            sheet = sheet.with_cell(row, at, cell._replace(written=str(round(cell.value * 1_000_000))))
    return Mutated(sheet, one_cell=False)


def time_changed(sheet: Sheet, random: Random) -> Mutated | None:
    """Another time of a step, or the same in another way or unit: it is read right, or not known."""
    place = _pick(sheet, random, "mean", "median", total=None)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    if random.random() < 0.4:
        value = cell.value + random.choice((1, 3600, Fraction(1, 8), cell.value * 59))
        return _with(sheet, place, cell._replace(value=value, written=None))
    if random.random() < 0.4:
        value = Fraction(random.randint(1, 999) * 1000)
        return _with(sheet, place, cell._replace(value=value, written=f"{float(value / 100_000):.3f}E+05"))
    seconds = round(cell.value)
    text = random.choice(
        (f"{seconds // 60} min", f"{seconds // 3600}h", "1:30:00", "-", "n/a", "-5", "12.5.1", "1 day")
    )
    return _with(sheet, place, Cell(text, "text", broken=True))


def typed_otherwise(sheet: Sheet, random: Random) -> Mutated | None:
    """A typed cell of a workbook as another type: text that says the same, or what is no such value."""
    if sheet.dialect.book is None:
        return None
    place = _pick(sheet, random, *NUMBERS, *DATES, total=None)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    if cell.broken or random.random() < 0.3:
        return _with(sheet, place, cell._replace(written=written(cell.value, cell.form, sheet.dialect)))
    if isinstance(cell.value, date):
        serial = Cell(Fraction((cell.value - type(cell.value)(1899, 12, 30)).days), "count", broken=True)
        return _with(sheet, place, serial, also=(cell,))
    other = random.choice((date(2026, 5, 3), datetime(2026, 5, 3, 12, 30), timedelta(hours=30), True, "#DIV/0!"))
    return _with(sheet, place, Cell(other, "text", broken=True))


def sheet_added(sheet: Sheet, random: Random) -> Mutated | None:
    """Another sheet in a workbook: one that has a table as well leaves open which of them counts."""
    book = sheet.dialect.book
    if book is None or len(book.beside) > 1:
        return None
    names = [*book.beside, random.choice([each for each in ("notes", "hidden", "table") if each not in book.beside])]
    random.shuffle(names)
    options = {**sheet.options, "sheet": "Export"} if random.random() < 0.4 else sheet.options
    style = sheet.dialect._replace(book=book._replace(beside=tuple(names)))
    return Mutated(sheet._replace(dialect=style, options=options), one_cell=False, shown=f"{names}")


def labels_merged(sheet: Sheet, random: Random) -> Mutated | None:
    """Equal labels that stand below each other in one cell, as spreadsheets merge them: the first alone is filled."""
    places = sheet.at("label")
    if not places:
        return None
    at = places[0]
    changed = emptied = sheet
    for row, (above, each) in enumerate(pairwise(sheet.rows), 1):
        if each.cells[at].value == above.cells[at].value and not (each.total or above.total):
            changed = changed.with_cell(row, at, each.cells[at]._replace(written=""))
            emptied = emptied.with_cell(row, at, Cell(""))  # a deal may have none
    return None if changed == sheet else Mutated(changed, (emptied,), one_cell=False)


def date_other_order(sheet: Sheet, random: Random) -> Mutated | None:
    """A date with day and month in the other order, which only some dates can be."""
    place = _pick(sheet, random, *DATES)
    if place is None:
        return None
    cell = sheet.rows[place[0]].cells[place[1]]
    form = sheet.dialect.date if cell.form == "date" else sheet.dialect.moment
    order = form.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    text = cell.value.strftime(order)
    try:
        read = datetime.strptime(text, form)
    except ValueError:
        return _with(sheet, place, cell._replace(written=text))
    value = read if isinstance(cell.value, datetime) else read.date()
    return _with(sheet, place, cell._replace(value=value, written=text), also=(cell._replace(written=text),))


def date_made_text(sheet: Sheet, random: Random) -> Mutated | None:
    """What is no date in place of one."""
    place = _pick(sheet, random, *DATES)
    if place is None:
        return None
    text = random.choice(("soon", "31.02.2026", "2026-13-01", "0000-00-00", "45931", "####", "1", "Q3", "2026"))
    return _with(sheet, place, Cell(text, "text", broken=True))


MUTATIONS: dict[str, Mutation] = {
    each.__name__: each
    for each in (
        count_changed,
        total_off,
        emptied,
        made_text,
        negative,
        percent,
        other_decimal,
        other_thousands,
        leading_zero,
        spaced,
        label_case,
        label_misspelt,
        delimiter_in_cell,
        date_other_year,
        date_other_month,
        in_millionths,
        time_changed,
        typed_otherwise,
        sheet_added,
        labels_merged,
        date_other_order,
        date_made_text,
        row_duplicated,
        row_deleted,
        row_moved,
        rows_shuffled,
        column_moved,
        column_deleted,
        column_duplicated,
        column_renamed,
        names_swapped,
        column_added,
        index_added,
        title_added,
        title_removed,
        line_added,
        blank_row,
        encoded,
        line_ends,
    )
}
