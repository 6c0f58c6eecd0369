"""The narrow waist of human output: what a view says, before any format decides how it looks.

Sentences are text; cells of tables keep the raw value and its kind.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from funnelcli.output import numbers

CellKind = Literal[
    "text",
    "count",
    "rate",
    "brief_rate",  # in sentences
    "money",
    "number",
    "factor",
    "duration",  # in days
    "one_in",
    "interval",  # a pair of rates
    "points",  # a difference of rates
    "points_interval",  # a pair of differences
    "chance",
    "p_value",
    "count_change",  # changes carry a sign
    "rate_change",
    "points_change",
    "money_change",
    "count_change_interval",  # a pair of changes
    "money_change_interval",
    "bar",  # a count as a length, on a terminal
]


OTHERS = 2
"""The side of a difference by more than chance that is of other units, so that above is not better."""


class Cell(NamedTuple):
    """A value with its kind, where that is not its column's, and what is to be seen of it beside its figure.

    `border` is what it is held against: it has the digits that tell the two apart. `side` is 1 for above, -1 for below
    by more than chance, 0 for neither, and `OTHERS` for what differs but is no verdict, and has no colour. `warmth` is
    its place between 0, the coldest, and 1, the hottest.
    """

    value: Any
    kind: CellKind
    border: Any = None
    side: int | None = None
    warmth: float | None = None

    def figure(self, currency: str | None) -> str:
        """The text in a table, whose headings have the currency, without its mark."""
        return numbers.judged(self.value, self.border, numbers.bare(self.kind), currency)

    def shown(self, currency: str | None) -> str:
        """The text with the mark behind it."""
        return self.figure(currency) + numbers.mark(self.side)


BLANK = Cell("", "text")
"""Where a figure has no place, as against `n/a` where it is undefined."""


class Column(NamedTuple):
    """A column: the header that people read (on one or two lines), its key, the kind of its cells, and its values.

    The values come from a record of the result: what `value` makes of it, or its field of that key; an interval is
    the fields `…_low` and `…_high`. A column that is to `spare` is left out where a terminal is too narrow, the one
    of the highest number first, and that it is there is said; of one without a header, such as bars, it is not.
    """

    header: str
    key: str
    kind: CellKind
    value: Callable[[Any], Any] | None = None
    spare: int = 0

    def of(self, record: Any) -> Any:
        """The value of a record in this column."""
        if self.value is not None:
            return self.value(record)
        if self.kind.endswith("interval"):
            low, high = getattr(record, f"{self.key}_low"), getattr(record, f"{self.key}_high")
            return None if low is None else (low, high)
        return getattr(record, self.key)

    def cell(self, value: Any) -> Cell:
        """A value of this column with its kind."""
        return value if isinstance(value, Cell) else Cell(value, self.kind)


class Table(NamedTuple):
    """Rows of raw values or `Cell`s; `key` tells the tables of a section apart; the last `totals` rows are sums."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    title: str = ""
    key: str = ""
    totals: int = 0

    def cells(self) -> list[list[Cell]]:
        """The rows, every value with its kind."""
        return [[column.cell(value) for column, value in zip(self.columns, row, strict=True)] for row in self.rows]

    def figures(self, currency: str | None) -> list[list[str]]:
        """The texts of the rows, without marks: figures of one kind in a column have decimals alike."""
        rows = self.cells()
        texts = [[cell.figure(currency) if cell.kind != "bar" else "" for cell in row] for row in rows]
        for column in range(len(self.columns)):
            for kind in {row[column].kind for row in rows} - {"text", "bar"}:
                own = [index for index, row in enumerate(rows) if row[column].kind == kind]
                same = numbers.alike([texts[index][column] for index in own], kind, currency)
                for index, shown in zip(own, same, strict=True):
                    texts[index][column] = shown
        return texts

    def without(self, key: str) -> "Table":
        """The table without a column, such as one of bars."""
        kept = [index for index, column in enumerate(self.columns) if column.key != key]
        return self._replace(
            columns=tuple(self.columns[index] for index in kept),
            rows=tuple(tuple(row[index] for index in kept) for row in self.rows),
        )


class KeyValues(NamedTuple):
    """Labels, and what is said of each on one line."""

    pairs: tuple[tuple[str, str], ...]


CHANGES: Mapping[CellKind, CellKind] = {"count": "count_change", "rate": "rate_change", "money": "money_change"}
"""How a change of a figure is shown, with its sign."""


class Waterfall(NamedTuple):
    """How one amount becomes another: a label, an amount, and whether it is a total or a step from the one before.

    `marked` holds 1 or -1 for the rows (by their index) whose change is more than chance: others have no colour.
    `ranges` holds the range of rows whose change has one, and `within` is how sure they are.
    """

    rows: tuple[tuple[str, Any, bool], ...]
    kind: CellKind
    title: str = ""
    marked: Mapping[int, int] = MappingProxyType({})
    ranges: Mapping[int, tuple[float, float]] = MappingProxyType({})
    within: float | None = None

    def kind_of(self, is_total: bool) -> CellKind:
        """How an amount is shown: a step with its sign."""
        return self.kind if is_total else CHANGES[self.kind]

    def range_of(self, index: int, currency: str | None) -> str:
        """The range of a row as text; empty where it has none, or is certain."""
        ends = self.ranges.get(index, (0, 0))
        if self.kind == "money" and ends[0] != ends[1]:
            return numbers.in_table(ends, "money_change_interval", currency)
        return (
            ""
            if ends[0] == ends[1]
            else " to ".join(numbers.in_table(end, self.kind_of(False), currency) for end in ends)
        )

    @property
    def range_header(self) -> str:
        """What stands above the ranges."""
        return "" if self.within is None else f"{numbers.brief_rate(self.within)} range"


ITEM = "· "
"""What a note begins with that is an item of a list, which the note before opens."""


class Note(NamedTuple):
    """A sentence; `style`: `verdict`, `warning` or `note`."""

    text: str
    style: str = "note"


Block = Table | KeyValues | Waterfall | Note


class Section(NamedTuple):
    """What is said of one funnel; `source` is its file, `number` that of its document there."""

    title: str
    period: str | None
    source: str | None
    number: int
    currency: str | None
    blocks: tuple[Block, ...]
