"""An export as a sheet of typed cells, before it is text; and what a funnel says, as the judge compares it.

Nothing of the program's reading is used here: a sheet is made from a truth, and what it means follows from its cells.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from funnelcli.model import Funnel

USED = ("count", "label", "step", "spend", "revenue")
"""Kinds of columns of tables of counts that a funnel keeps; the others are left out."""

TODAY = date(2026, 12, 31)
"""The day on which exports are read: what is dated later did not happen yet."""

INDEXES = ("#", "№", "No.")
"""Names of columns of numbers of the rows."""


class Cell(NamedTuple):
    """A value and how it is printed: `form` is text, count, money, rate, date, moment.

    `written` is printed as it stands. A `broken` cell says nothing that its column may say; a `raw` one is printed
    without the quotes that it needs.
    """

    value: Any = None
    form: str = "text"
    written: str | None = None
    broken: bool = False
    raw: bool = False


class Column(NamedTuple):
    """What a column is and its name. `key` is the name of its breakdown, or its place in a recipe.

    Of counts, `people` overlap, so that rows do not add up, and `parts` may be fractional.
    """

    kind: str
    name: str
    key: str = ""
    people: bool = False
    parts: bool = False


class Row(NamedTuple):
    """Cells by column; `total` is a row that adds up the others which share its labels."""

    cells: tuple[Cell, ...]
    total: bool = False


class Book(NamedTuple):
    """A workbook: xlsx or ods, the world whose sheets it has, and the sheets beside the one that counts."""

    kind: str
    of: str
    beside: tuple[str, ...] = ()


class Dialect(NamedTuple):
    """How a sheet is written: as text with marks, or as a `book`. `months` are their names, where dates have them."""

    delimiter: str = ","
    quote_all: bool = False
    newline: str = "\n"
    thousands: str = ""
    decimal: str = "."
    encoding: str = "utf-8"
    date: str = "%Y-%m-%d"
    moment: str = "%Y-%m-%d %H:%M"
    cents: int = 2
    months: tuple[str, ...] = ()
    book: Book | None = None


class Sheet(NamedTuple):
    """A whole export: lines above its names, columns, rows, lines below; and the options that go with it."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    dialect: Dialect
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}
    truth: Any = None
    trailing: bool = False
    recipe: str = ""

    def at(self, *kinds: str) -> list[int]:
        """The columns of some kinds."""
        return [at for at, column in enumerate(self.columns) if column.kind in kinds]

    def columns_as(self, kind: str, other: str, **more: Any) -> Sheet:
        """The sheet with columns of a kind as columns of another."""
        columns = (each._replace(kind=other, **more) if each.kind == kind else each for each in self.columns)
        return self._replace(columns=tuple(columns))

    def with_cell(self, row: int, column: int, cell: Cell) -> Sheet:
        """The sheet with another cell."""
        cells = self.rows[row].cells
        changed = self.rows[row]._replace(cells=(*cells[:column], cell, *cells[column + 1 :]))
        return self._replace(rows=(*self.rows[:row], changed, *self.rows[row + 1 :]))


class Part(NamedTuple):
    """A segment: its counts, its money, and its open units where they are told."""

    counts: tuple[Fraction, ...]
    budget: Fraction | None = None
    revenue: Fraction | None = None
    open: tuple[int, ...] = ()


ANY = "(any)"
"""Of a time: nothing is wanted of it."""


class Meaning(NamedTuple):
    """What a funnel says. Segments are compared without their order.

    `cells` are counts by pairs of dimension and segment, `days` mean days from the step before, `medians` medians of
    them; where these are `None`, or the period `ANY`, nothing is wanted of them.
    """

    stages: tuple[str, ...]
    counts: tuple[Fraction, ...]
    budget: Fraction | None = None
    revenue: Fraction | None = None
    currency: str | None = None
    open: tuple[int, ...] = ()
    breakdowns: Mapping[str, Mapping[str, Part]] = {}
    cells: Mapping[frozenset[tuple[str, str]], tuple[Fraction, ...]] | None = None
    days: tuple[Fraction | None, ...] | None = None
    medians: tuple[Fraction | None, ...] | None = None
    period: str | None = ANY


class World(NamedTuple):
    """A kind of export: what makes a sheet, what a sheet means (nothing: it must be refused), and its mutations.

    Where it is `lenient`, a mutated sheet may lose a breakdown, or the money of segments, which is said.
    """

    name: str
    make: Callable[[Random], Sheet]
    meanings: Callable[[Sheet], Sequence[Meaning]]
    without: frozenset[str] = frozenset()
    lenient: bool = False


def meaning_of(funnel: Funnel) -> Meaning:
    """What a funnel of the program says, money and units in whole."""
    at = funnel.sale_stage
    sale = funnel.stages[at]
    revenue = sale.revenue if sale.revenue is not None else _times(sale.average_check, sale.count)
    budgets = {
        dimension.dimension: {
            each.name: Part(
                tuple(map(Fraction, each.counts)),
                None if each.budget is None else Fraction(each.budget),
                _times(each.average_check, each.counts[at]),
                each.open if any(each.open) else (),
            )
            for each in dimension.segments
        }
        for dimension in funnel.breakdowns
        if dimension.dimension not in INDEXES  # numbers that are out of order, or have gaps, may be names
    }
    budget = funnel.budget
    if budget is None:
        for dimension in funnel.breakdowns:
            known = [each.budget for each in dimension.segments if each.budget is not None]
            if known:
                budget = sum(map(Fraction, known), Fraction(0))
    opened = tuple(stage.open or 0 for stage in funnel.stages)
    cells: dict[frozenset[tuple[str, str]], tuple[Fraction, ...]] = {}
    for cell in funnel.cells:
        key = frozenset(pair for pair in cell.segments if pair[0] not in INDEXES)
        before = cells.get(key, (Fraction(0),) * len(cell.counts))
        cells[key] = tuple(one + Fraction(other) for one, other in zip(before, cell.counts, strict=True))
    median = dict(funnel.measured.median_days) if funnel.measured is not None else {}
    return Meaning(
        funnel.names,
        tuple(Fraction(stage.count) for stage in funnel.stages),
        None if budget is None else Fraction(budget),
        None if revenue is None else Fraction(revenue),
        funnel.currency,
        opened if any(opened) else (),
        budgets,
        cells,
        tuple(None if stage.days is None else Fraction(stage.days) for stage in funnel.stages),
        tuple(Fraction(median[name]) if name in median else None for name in funnel.names),
        funnel.period,
    )


def _times(price: Any, units: Any) -> Fraction | None:
    return None if price is None or not units else Fraction(price) * units


def difference(found: Meaning, wanted: Meaning, lenient: bool = False, free: Sequence[str] = ()) -> str:
    """What differs first, for a person who looks into a fault; of breakdowns by `free` columns nothing is known."""
    known = {name: parts for name, parts in found.breakdowns.items() if name not in free or name in wanted.breakdowns}
    found = found._replace(breakdowns=known)
    for field, one, other in zip(Meaning._fields, found, wanted, strict=True):
        if field == "breakdowns":
            said = _other_segments(one, other, lenient)
            if said:
                return said
        elif field == "cells":
            said = "" if other is None else _other_cells(one, other, lenient, free)
            if said:
                return said
        elif (other is None and field in ("days", "medians")) or other == ANY:
            continue
        elif field in ("days", "medians"):
            if one != other:
                return f"{field}: read {_shown(one)}, meant {_shown(other)}"
        elif not _alike(one, other):
            return f"{field}: read {_shown(one)}, meant {_shown(other)}"
    return ""


def _other_segments(one: Mapping[str, Any], other: Mapping[str, Any], lenient: bool) -> str:
    if set(one) - set(other) or (not lenient and set(one) != set(other)):
        return f"breakdowns: read {list(one)}, meant {list(other)}"
    for name, mine in one.items():
        theirs = dict(other[name])
        nameless = set(mine) - set(theirs)
        if "" in theirs and len(nameless) == 1:  # what has no name gets one
            theirs[nameless.pop()] = theirs.pop("")
        for segment in sorted({*mine, *theirs}, key=str):
            if segment not in mine or segment not in theirs:
                return f"{name}: read {sorted(mine)}, meant {sorted(theirs)}"
            part = mine[segment]
            if lenient:
                part = part._replace(
                    revenue=theirs[segment].revenue if part.revenue is None else part.revenue,
                    open=part.open or theirs[segment].open,
                )
            for field, here, there in zip(Part._fields, part, theirs[segment], strict=True):
                if not _alike(here, there):
                    return f"{name}/{segment} {field}: read {_shown(here)}, meant {_shown(there)}"
    return ""


def _other_cells(one: Mapping[Any, Any], other: Mapping[Any, Any], lenient: bool, free: Sequence[str]) -> str:
    """What differs in cells; those of `free` columns are added up over these, and tell nothing of themselves."""
    added: dict[Any, tuple[Fraction, ...]] = {}
    is_free = any(name in free for key in one for name, _ in key)
    for key, counts in one.items():
        known = frozenset(pair for pair in key if pair[0] not in free) if is_free else key
        added[known] = tuple(map(sum, zip(counts, added.get(known, (Fraction(0),) * len(counts)), strict=True)))
    if added == other or (lenient and not added) or (is_free and not other):
        return ""
    return f"cells: read {len(added)} {_shown_cell(added, other)}, meant {len(other)} {_shown_cell(other, added)}"


def _shown_cell(cells: Mapping[Any, Any], others: Mapping[Any, Any]) -> str:
    """The first cell that the others have not."""
    return next((f"{sorted(key)} {_shown(counts)}" for key, counts in cells.items() if others.get(key) != counts), "")


def _alike(one: Any, other: Any) -> bool:
    """Equal; money but for the digits that an average order value is kept to."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return abs(one - other) <= abs(other) / 10**9
    if (one is None or one == 0) and (other is None or other == 0):
        return True  # no money
    return bool(one == other)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    return str(float(value)) if isinstance(value, Fraction) and value.denominator > 1 else str(value)
