"""What each column of a table is: counts, labels, money, or nothing that adds up; by name, cells and arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, magnitudes, words
from funnelcli.counts_table.recipe_keys import KINDS
from funnelcli.counts_table.recipes import known_kinds
from funnelcli.counts_table.told_columns import EMPTY, UNKNOWN, told_columns
from funnelcli.counts_table.words import CELLS, PATTERNS, WORDS
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.counts_table.recipes import RecipeColumn
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

LEFT_OUT = {
    "rate": "a rate",
    "price": "a price or an average",
    "duration": "a duration",
    "index": "numbers of the rows",
    "computed": "computed from the others",
    "remark": "a remark",
}
"""Kinds of columns that are left out, and what is said of them."""
_KEPT = ("count", "label", "steps", "spend", "revenue", "currency", "mean_time", "median_time")
"""Kinds that a table of counts keeps something of."""
_NUMBERS = ("count", "spend", "revenue", "money")
_LEAST_CODE = 100_000
_MOST_COMPARED = 40
"""Columns of numbers among which ratios are looked for."""


@dataclass(slots=True)
class TableColumn:
    """A column: its place, its name, its cells in the rows below it, and what it is.

    The `kind` is one of `_KEPT`, money or empty, or a key of `LEFT_OUT`.
    `stage` is the index of the given stage that it names, `left_out` the reason why it says nothing a funnel keeps, and
    `hint` what a recipe or an option says of it; `rank` is its place among those of which they say something.
    """

    at: int
    name: str
    cells: list[str]
    kind: str
    stage: int | None = None
    left_out: str | None = None
    hint: RecipeColumn | None = None
    rank: int = 0

    @property
    def base(self) -> str:
        """The words of the name without its unit."""
        return magnitudes.base_of(self.name)

    def is_named(self, pattern: str) -> bool:
        """Whether its name is one of those that a pattern of `words` finds."""
        return PATTERNS[pattern].search(words.plain(self.name)) is not None

    @property
    def stage_name(self) -> str:
        """The name of its stage, which a recipe may find within its own."""
        name = magnitudes.without_magnitude(self.name)
        return name if self.hint is None else self.hint.held.get("step", name)

    @property
    def adds_up(self) -> bool:
        """Whether its counts of several rows add up, as people do not."""
        return self.hint is None or self.hint.adds_up

    @property
    def said(self) -> str:
        """What it was taken for, in words."""
        return KINDS.get(self.kind, self.kind) if self.left_out is None else f"left out: {self.left_out}"

    @property
    def is_asked(self) -> bool:
        """Whether an option says what it is."""
        return self.hint is not None and not self.hint.key

    @property
    def is_stage_count(self) -> bool:
        """Whether it holds counts of a stage that its name alone tells."""
        return self.kind == "count" and self.stage is None and self.left_out is None


def columns_of(table: CellTable) -> list[TableColumn]:
    """The columns of a table, each as an option, the recipe, its name or its cells tell."""
    hints = told_columns(table)
    ranks = {at: rank for rank, at in enumerate(hints)}
    columns = []
    for at, name in enumerate(table.names):
        cells = [table.rows[row][at] for row in table.body]
        hint = hints.get(at)
        stage = table.stage_at(name) if hint is None or hint.kind == "count" else None
        if hint is not None:
            kind = "label" if hint.kind == "date" else hint.kind
            left_out = None if kind in _KEPT else hint.why or KINDS["drop"]
            if kind in ("label", "steps") and not any(map(str.strip, cells)):
                kind, left_out = "empty", EMPTY
        else:
            kind = "count" if stage is not None else kind_of(name, cells)
            left_out = LEFT_OUT.get(kind) or ("words without a name" if kind == "label" and not name else None)
        columns.append(TableColumn(at, name, cells, kind, stage, left_out, hint, ranks.get(at, 0)))
    _leave_out_remarks(columns)
    for column in columns if table.is_known else ():
        if column.hint is None:
            _judge_unknown(column, table)
    return columns


def _leave_out_remarks(columns: Sequence[TableColumn]) -> None:
    """Words that somebody wrote beside some rows are no segments, where another column names the rows."""
    labels = [column for column in columns if column.kind in ("label", "steps") and column.left_out is None]
    remarks = [column for column in labels if column.hint is None and column.base in WORDS["remarks"]]
    for column in remarks if len(remarks) < len(labels) else ():
        column.left_out = LEFT_OUT["remark"]


def _judge_unknown(column: TableColumn, table: CellTable) -> None:
    """A column that the recipe does not know: a label where the recipe says so of words, else left out."""
    if column.kind in ("label", "steps") and table.more.text("others") == "label":
        column.kind = "label"
    elif column.kind == "empty":
        column.left_out = EMPTY
    elif column.stage is not None:
        return
    elif column.left_out is None:
        is_number = column.kind in _NUMBERS
        column.left_out = UNKNOWN["numbers" if is_number else "words"]


def kind_of(name: str, cells: Sequence[str]) -> str:
    """What a column is by its name and its cells: its kind."""
    content = _content(cells)
    if content == "empty":
        return "empty"
    base, full = magnitudes.base_of(name), words.plain(name)
    if full in WORDS["index"] | {""} and words.is_numbering(cells):
        return "index"
    is_name = PATTERNS["moment"].search(full) or PATTERNS["identifier"].search(full)
    if is_name or not WORDS["labels"].isdisjoint((full, base)):
        return "label"
    if content == "text":
        return next((kind for kind in ("currency", "steps") if base in WORDS[kind]), "label")
    if content == "percent" or PATTERNS["rate"].search(full):
        return "rate"
    if PATTERNS["price"].search(full):
        return "price"
    timed = any(words.plain(unit) in WORDS["time_units"] for unit in words.units_of(name))
    if content == "clock" or timed or PATTERNS["duration"].search(base):
        return "duration"
    for kind in ("computed", "spend", "revenue"):
        if base in WORDS[kind] or words.is_qualified(kind, base):
            return kind
    if base in WORDS["steps"] and words.is_numbering(cells):
        return "index"
    if full in WORDS["codes"]:
        return "index" if words.numbers_rows(cells) else "label"
    in_money = magnitudes.currency_of(name) is not None or most(cells, CELLS["in_currency"].search)
    if in_money or base in WORDS["money"] or words.names_money(base):
        return "money"
    return known_kinds().get(full) or known_kinds().get(base, "count")


def _content(cells: Sequence[str]) -> str:
    """`number`, `percent`, `clock`, `text` or `empty`: what most of the cells look like."""
    seen = {"number": 0, "text": 0, "empty": 0, "nothing": 0}
    for cell in cells:
        seen[locale_numbers.looks_like(cell)] += 1
    if most(cells, CELLS["clock"].fullmatch):
        return "clock"
    if seen["text"] > seen["number"]:
        return "text"
    if most(cells, lambda cell: cell.endswith("%")):
        return "percent"
    return "number" if seen["number"] or seen["nothing"] else "empty"


def most(cells: Sequence[str], fits: Callable[[str], object]) -> bool:
    """Whether more than half of the filled cells, without blanks around them, fit."""
    filled = [cell for text in cells if (cell := text.strip())]
    return sum(bool(fits(cell)) for cell in filled) * 2 > len(filled)


def are_like_codes(cells: Sequence[str]) -> bool:
    """Whether cells are numbers as systems give them one after the other: long, whole, and nearly alike.

    Counts of so many units differ by more from row to row: by chance alone, by their square root.
    """
    filled = [cell.strip() for cell in cells if not locale_numbers.is_blank(cell)]
    if len(filled) < 2 or not all(map(locale_numbers.is_ordinary, filled)):
        return False
    values = [int(cell) for cell in filled]
    least, most_ = min(values), max(values)
    return least >= _LEAST_CODE and 400 * (most_ - least) ** 2 <= most_ and any(value % 100 for value in values)


def leave_out_ratios(columns: Sequence[TableColumn], is_long: bool) -> None:
    """Leave out columns of fractions that are the ratio of two others, or of a count to the one before or the first."""
    numbers = [column for column in columns if column.is_stage_count][:_MOST_COMPARED]
    decimal = [
        column for column in numbers if column.hint is None and any(map(locale_numbers.has_decimals, column.cells))
    ]
    beside = {
        column.at: [max(locale_numbers.readings(cell), default=None) for cell in column.cells]
        for column in [column for column in columns if column.kind in _NUMBERS][:_MOST_COMPARED]
        if decimal
    }
    for column in decimal:
        if len(decimal) > 1 and all(
            value.denominator == 1 for cell in column.cells for value in locale_numbers.readings(cell)
        ):
            continue  # where all counts are written as 12.00, decimals tell nothing
        others = {at: values for at, values in beside.items() if at != column.at}
        pairs = [(names, others[names[0]], others[names[1]]) for names in permutations(others, 2)]
        for at, counts in others.items() if is_long else ():
            pairs.append(((at, at), counts[1:], counts[:-1]))
            pairs.append(((at, at), counts[1:], counts[:1] * (len(counts) - 1)))
        for (above, below), upper, lower in pairs:
            if _is_ratio(column.cells[len(column.cells) - len(upper) :], upper, lower):
                one, other = quoted(columns[above].name), quoted(columns[below].name)
                column.left_out = f"{one} / {other}" if above != below else f"a ratio of {one}"
                break


def leave_out_losses(columns: Sequence[TableColumn]) -> None:
    """Leave out columns that are called a loss, or the step before, and have what another one loses, or had before."""
    numbers = [column for column in columns if column.is_stage_count][:_MOST_COMPARED]
    values = {
        column.at: [max(locale_numbers.readings(cell), default=None) for cell in column.cells] for column in numbers
    }
    for column, other in permutations(numbers, 2):
        beside, counts = values[column.at], values[other.at]
        if len(counts) < 2 or None in counts or not (column.hint is None and other.left_out is column.left_out is None):
            continue
        falls = [a - b for a, b in pairwise(counts) if a is not None and b is not None]
        if column.is_named("loss") and falls in (beside[1:], beside[:-1]):
            column.left_out = f"what {quoted(other.name)} lose"
        elif column.is_named("step_before") and beside[1:] == counts[:-1]:
            column.left_out = f"{quoted(other.name)} of the step before"


def _is_ratio(cells: Sequence[str], upper: Sequence[Exact | None], lower: Sequence[Exact | None]) -> bool:
    """Whether each cell is upper / lower, as a fraction or in percent, to the digits that it has."""
    for scale in (1, 100):
        told = False
        for cell, above, below in zip(cells, upper, lower, strict=True):
            values = locale_numbers.readings(cell)
            if not values or above is None or not below:
                continue
            step = Fraction(1, 10 ** locale_numbers.digits_behind_the_mark(cell))
            told = any(abs(value - scale * Fraction(above) / below) < step for value in values)
            if not told:
                break
        if told:
            return True
    return False
