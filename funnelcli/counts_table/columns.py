"""What each column of a table is: counts, labels, money, or nothing that adds up; by name, cells and arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.words import PATTERNS, WORDS
from funnelcli.diagnostics import quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from funnelcli.counts_table.csv_grid import CsvGrid
    from funnelcli.model import Exact

COUNTS, LABELS, STEPS, EMPTY = "counts", "labels", "steps", "empty"
SPEND, REVENUE, MONEY, CURRENCY = "spend", "revenue", "money", "currency"
NUMBERS = (COUNTS, SPEND, REVENUE, MONEY)
LEFT_OUT = {
    "rate": "a rate",
    "price": "a price or an average",
    "duration": "a duration",
    "index": "numbers of the rows",
    "computed": "computed from the others",
}
"""Kinds of columns that are left out, and what is said of them."""
_CLOCK = re.compile(
    r"\d{1,4}:\d\d(?::\d\d)?(?:[.,]\d+)?|(?:\d+(?:[.,]\d+)? ?(?:d|h|hrs?|m|min|s|secs?|ms|д|ч|мин|с|сек)\.? ?)+"
)
_IN_CURRENCY = re.compile(r"[$¢£¤¥\u20a0-\u20cf]|руб\.?$|[A-Z]{3}$")
_MOST_COMPARED = 40
"""Columns of numbers among which ratios are looked for."""


@dataclass(slots=True)
class TableColumn:
    """A column: its place, its name, its cells in the rows below it, and what it is.

    `stage` is the index of the given stage that it names, `left_out` the reason why it says nothing a funnel keeps.
    """

    at: int
    name: str
    cells: list[str]
    kind: str
    stage: int | None = None
    left_out: str | None = None

    @property
    def base(self) -> str:
        """The words of the name without its unit."""
        return words.base_of(self.name)

    def is_named(self, pattern: str) -> bool:
        """Whether its name is one of those that a pattern of `words` finds."""
        return PATTERNS[pattern].search(words.plain(self.name)) is not None

    @property
    def is_stage_count(self) -> bool:
        """Whether it holds counts of a stage that its name alone tells."""
        return self.kind == COUNTS and self.stage is None and self.left_out is None


def columns_of(grid: CsvGrid, stages: Sequence[str] | None, labels: Iterable[str]) -> list[TableColumn]:
    """The columns of a table; `stages` are those of the funnel and `labels` the columns that were told to be such."""
    columns = []
    for at, name in enumerate(grid.names):
        cells = [grid.rows[row][at] for row in grid.body]
        if fold(name) in labels:
            columns.append(TableColumn(at, name, cells, LABELS))
            continue
        stage = find_name(name, stages) if stages is not None and name else None
        kind = kind_of(name, cells) if stage is None else COUNTS
        columns.append(TableColumn(at, name, cells, kind, stage, LEFT_OUT.get(kind)))
    return columns


def kind_of(name: str, cells: Sequence[str]) -> str:
    """What a column is by its name and its cells: a kind of this module, or a key of `LEFT_OUT`."""
    content = _content(cells)
    if content == "empty":
        return EMPTY
    base, full = words.base_of(name), words.plain(name)
    if full in WORDS["index"] | {""} and words.is_numbering(cells):
        return "index"
    if PATTERNS["moment"].search(full) or not WORDS["labels"].isdisjoint((full, base)) or full.endswith(" id"):
        return LABELS
    if content == "text":
        return CURRENCY if base in WORDS["currency"] else STEPS if base in WORDS["steps"] else LABELS
    if content == "percent" or PATTERNS["rate"].search(full):
        return "rate"
    if PATTERNS["price"].search(full):
        return "price"
    timed = any(words.plain(unit) in WORDS["time_units"] for unit in words.units_of(name))
    if content == "clock" or timed or PATTERNS["duration"].search(base):
        return "duration"
    for kind in ("computed", SPEND, REVENUE):
        if base in WORDS[kind]:
            return kind
    if base in WORDS["steps"] and words.is_numbering(cells):
        return "index"
    if full in WORDS["codes"]:
        return LABELS
    in_money = words.currency_of(name) is not None or most(cells, _IN_CURRENCY.search)
    return MONEY if in_money or base in WORDS["money"] else COUNTS


def _content(cells: Sequence[str]) -> str:
    """`number`, `percent`, `clock`, `text` or `empty`: what most of the cells look like."""
    seen = {"number": 0, "text": 0, "empty": 0, "nothing": 0}
    for cell in cells:
        seen[locale_numbers.looks_like(cell)] += 1
    if most(cells, _CLOCK.fullmatch):
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


def leave_out_ratios(columns: Sequence[TableColumn], is_long: bool) -> None:
    """Leave out columns of fractions that are the ratio of two others, or of a count to the one before or the first."""
    numbers = [column for column in columns if column.is_stage_count][:_MOST_COMPARED]
    decimal = [column for column in numbers if any(map(locale_numbers.has_decimals, column.cells))]
    beside = {
        column.at: [max(locale_numbers.readings(cell), default=None) for cell in column.cells]
        for column in [column for column in columns if column.kind in NUMBERS][:_MOST_COMPARED]
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
