"""A table on its way from cells to counts: its columns, its entries, and what is wrong with which cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.magnitudes import magnitude_of, without_magnitude
from funnelcli.counts_table.money_options import column_meant
from funnelcli.counts_table.period_titles import day_of
from funnelcli.counts_table.recipe_keys import More
from funnelcli.counts_table.words import has_word, is_average, is_currency, is_total
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.exact import reduced
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.counts_table.recipes import RecipeColumn
    from funnelcli.exact import Exact
    from funnelcli.model import Role

    Related = tuple[str, int, int] | None
    """What another cell has to do with a problem, and the indices of its row and column."""


_MOST_LISTED = 12


class StageTrait(NamedTuple):
    """What a recipe says of the counts of a stage.

    Its role; whether they are people, who do not add up, may be parts of a unit, may be more than those of the stage
    before; whether its cells are empty where there are none; and whether its segments may overlap and leave some out.
    """

    role: Role | None = None
    people: bool = False
    parts: bool = False
    grows: bool = False
    empty_is_none: bool = False
    overlap: bool = False


class ColumnRoles(NamedTuple):
    """What the columns are: indices. `counts` go by `stages` in a wide table; in a long one it is one, without them.

    `dimensions` are the names of the breakdowns where they are not those of the columns of `labels`, `traits` are by
    stage where a recipe says them, and with `adds_rows` several rows of the same labels are added up; with
    `months_of_days` the last labels are days, of which the months are kept.
    """

    labels: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()
    step: int | None = None
    budget: int | None = None
    revenue: int | None = None
    currency: str | None = None
    mean_time: int | None = None
    median_time: int | None = None
    dimensions: tuple[str, ...] = ()
    traits: tuple[StageTrait, ...] = ()
    adds_rows: bool = False
    months_of_days: bool = False

    @property
    def money(self) -> tuple[int, ...]:
        """The columns of money, of budgets first."""
        return tuple(column for column in (self.budget, self.revenue) if column is not None)


class FigureColumn(NamedTuple):
    """Where a figure of an entry stands, what it is called in a message, and whether it is money or counts people.

    With `parts` it may be a fraction of a unit, with `grows` more than the one before it; with `overlap` the segments
    may leave some out.
    """

    column: int
    name: str
    money: bool = False
    people: bool = False
    parts: bool = False
    grows: bool = False
    overlap: bool = False


class Entry(NamedTuple):
    """The figures of one combination of labels: counts in stage order, then money; each with the row it stands in.

    `None` is a figure that was refused, or that a row of totals leaves out.
    """

    row: int
    labels: tuple[str, ...]
    figures: list[Exact | None]
    rows: list[int]


class CellProblem(NamedTuple):
    """A problem at a cell: indices of the row and the column; and another cell that explains it."""

    row: int
    column: int
    problem: Problem
    related: Related = None


@dataclass
class CellTable:
    """The cells of a table as text, with what is found wrong with them and what a reader should know.

    `starts` are the lines on which rows begin, `header` is the index of the row of names, and `sheet` the name of a
    workbook's sheet. The roles of the columns, the decimal mark, the stages and the `figures` of an entry become known
    on the way, and the `uses` of the columns: what each was taken for. Where segments stand in columns, `turned` is the
    table with a row for each; its `origin` are the columns from which its rows come, and the rows of its columns.
    The names of columns whose figures were `multiplied`, as they are in thousands, are kept.
    Cells of a workbook that are `typed` as numbers have a decimal point, whatever the mark of the others is.
    Where a recipe knows the table, `is_known`, columns without one of its `hints` are left out and said; these are by
    index of the column, in the order of the recipe, which is that of the stages. `more` is what it says of its shape.
    """

    lines: list[str]
    rows: list[list[str]]
    starts: list[int]
    header: int
    delimiter: str
    options: ImportOptions
    notes: list[str]
    sheet: str | None = None
    problems: list[CellProblem] = field(default_factory=list)
    roles: ColumnRoles = field(default_factory=ColumnRoles)
    mark: str | None = None
    stages: tuple[str, ...] = ()
    figures: Sequence[FigureColumn] = ()
    uses: tuple[tuple[str, str], ...] = ()
    turned: CellTable | None = None
    origin: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    typed: frozenset[tuple[int, int]] = frozenset()
    multiplied: dict[str, None] = field(default_factory=dict)
    is_known: bool = False
    hints: Mapping[int, RecipeColumn] = field(default_factory=dict)
    more: More = field(default_factory=More)

    @cached_property
    def names(self) -> list[str]:
        """The names of the columns, white space made single."""
        return [clean(cell) for cell in self.rows[self.header]]

    @cached_property
    def body(self) -> list[int]:
        """The indices of the rows below the header that hold anything."""
        return [index for index in range(self.header + 1, len(self.rows)) if self.rows[index]]

    @cached_property
    def usual_width(self) -> int:
        """The cells of most rows below the names, with empty ones behind the last column; of several, the fewest."""
        widths = Counter(len(self.rows[row]) for row in self.body)
        return min(widths, key=lambda width: (-widths[width], width), default=0)

    @cached_property
    def total_words(self) -> dict[int, str]:
        """The words for a total or an average, by row: the first cell of words in it, but for a currency or a day."""
        found: dict[int, str] = {}
        for row in self.body:
            for cell in self.rows[row]:
                adds_up = _adds_up(cell)
                if adds_up:
                    found.setdefault(row, cell)
                elif adds_up is not None:
                    break
        return found

    def column(self, at: int) -> list[str]:
        """The cells of a column, by the index of the row; empty where a row ends before it."""
        return [row[at] if at < len(row) else "" for row in self.rows]

    def stage_at(self, name: str) -> int | None:
        """The index of the named stage that a column or row is called by; `None` where it is none of them."""
        stages = self.options.named_stages
        found = find_name(name, stages) if name and stages else None
        return find_name(without_magnitude(name), stages) if found is None and name and stages else found

    def told_column(self, option: str, name: str, but: str = "") -> int | None:
        """The index of a column that an option names; one that is not there is among the problems."""
        at = find_name(name, self.names)
        if at is None and fold(name) not in map(fold, self.names):
            what = f"no column {quoted(name)}, which {option} names{but}"
            meant = column_meant(option, name) or did_you_mean(name, filter(None, self.names))
            self.refuse_name(0, "FN102", what, meant)
        return at

    def under(self, mark: str | None) -> CellTable:
        """The same table under another mark, of which nothing is found yet."""
        return replace(self, mark=mark, problems=[], notes=list(self.notes))

    def adopt(self, turned: CellTable) -> None:
        """The notes of the turned table as this one's, and its problems at the cells where they stand here."""
        columns, rows = turned.origin or ((), ())
        self.notes += turned.notes
        for row, column, problem, related in turned.problems:
            there = None if related is None else (related[0], rows[related[2]], columns[related[1]])
            self.problems.append(CellProblem(rows[column], columns[row], problem, there))

    def understood(self) -> str:
        """What each column was taken for, and how to say otherwise."""
        named = [f"{quoted(name)} ({use})" for name, use in self.uses if name]
        listed = ", ".join(named[:_MOST_LISTED]) + (", …" if len(named) > _MOST_LISTED else "")
        return (
            f"the columns are taken as follows: {listed}; "
            "say otherwise by --count, --steps, --label, --revenue, --budget or --drop COLUMN"
        )

    def row_called(self, row: int) -> str:
        """What a row is called in a sentence; in a turned table it is a column."""
        return f"row {row + 1}" if self.origin is None else f"column {self.origin[0][row] + 1}"

    def refuse(
        self, row: int, column: int, code: str, message: str, help_: str | None, related: Related = None
    ) -> None:
        """One more problem at a cell."""
        self.problems.append(CellProblem(row, column, Problem(code, message, help_), related))

    def refuse_name(self, column: int, code: str, message: str, help_: str | None, related: Related = None) -> None:
        """One more problem at the name of a column."""
        self.refuse(self.header, column, code, message, help_, related)

    def refuse_figure(
        self, entry: Entry, at: int, code: str, message: str, help_: str, related: Related = None
    ) -> None:
        """One more problem at a figure of an entry."""
        self.refuse(entry.rows[at], self.figures[at].column, code, message, help_, related)

    def figure(self, row: int, column: int, money: bool = False) -> Exact | None:
        """The number of a cell; `None` when it was refused."""
        text = self.rows[row][column]
        if self.options.empty_as_zero and not text.strip():
            return 0
        value = locale_numbers.number(text, "." if (row, column) in self.typed else self.mark, money)
        if isinstance(value, Problem):
            self.problems.append(CellProblem(row, column, value))
            return None
        return self.times_magnitude(value, row, column)

    def times_magnitude(self, value: Exact, row: int, column: int) -> Exact:
        """A figure times 1,000 where the name of its column says thousands; in a turned table that of its row, too."""
        names = [self.names[column], *(self.rows[row][:1] if self.origin is not None else ())]
        for name in names:
            factor = magnitude_of(name).factor
            if factor > 1:
                self.multiplied.setdefault(name)
                value = reduced(value * factor)
        return value

    def labels_of(self, row: int) -> tuple[str, ...]:
        """The labels of a row, in the order of their columns."""
        return tuple(self.rows[row][column] for column in self.roles.labels)

    def is_whole(self, row: int, column: int) -> bool:
        """Whether a cell counts units that come in wholes by their name: visits, people, clicks, deals."""
        if self.roles.traits and column in self.roles.counts:
            return not self.roles.traits[self.roles.counts.index(column)].parts
        if magnitude_of(self.names[column]).factor > 1:
            return False  # 12.345 thousand are whole
        names = [self.names[column], *(() if self.roles.step is None else (self.rows[row][self.roles.step],))]
        return any(has_word("whole", name) and not has_word("parts", name) for name in names)


@lru_cache(maxsize=locale_numbers.REMEMBERED)
def _adds_up(cell: str) -> bool | None:
    """Whether a cell of words names a total or an average; `None` where it has none, or a currency or a day."""
    if is_total(cell) or is_average(cell):
        return True
    is_name = locale_numbers.looks_like(cell) == "text" and not is_currency(cell) and not day_of(cell, "dmy")
    return False if is_name else None


def clean(name: str) -> str:
    """A name with its white space, line breaks and no-break spaces included, made single."""
    return " ".join(name.split())


@lru_cache(maxsize=locale_numbers.REMEMBERED)
def folded_cell(cell: str) -> str:
    """A cell as `fold` leaves names, which repeat by row."""
    return fold(clean(cell))
