"""Money in a column with one amount a row: read once the decimal mark of all of its cells is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.date_forms import NOTHING
from funnelcli.counts_table.decimal_marks import find_mark
from funnelcli.counts_table.magnitudes import magnitude_of, multiplied
from funnelcli.counts_table.table import ColumnRoles
from funnelcli.currencies import minor_digits
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import reduced, usual_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact


def read_amounts(
    table: CellTable, column: int, rows: Sequence[int], causes: Causes, currency: str | None = None
) -> list[Exact | None]:
    """The amounts of rows, by the index of the row; what is no amount is among the causes."""
    cells = table.rows
    found: list[Exact | None] = [None] * len(cells)
    if table.typed:  # cells of a workbook that are numbers beside others that are text
        for row in rows:
            if (row, column) in table.typed and not isinstance(
                typed := locale_numbers.number(cells[row][column], ".", True), Problem
            ):
                found[row] = typed
        rows = [row for row in rows if found[row] is None]
    own = table.column(column)
    texts = [own[row] for row in rows]
    distinct: dict[str, int] = {}
    for row, text in zip(rows, texts, strict=True):
        distinct.setdefault(text, row)
    factor = magnitude_of(name := table.names[column]).factor
    thousandths = True if factor > 1 else None if currency is None else minor_digits(currency) > 2
    mark = table.mark or table.options.decimal or _mark(table, column, distinct, thousandths, causes)
    if mark is None and ("mark" in causes.first):
        return found
    values: dict[str, Exact | None] = {}
    refused: dict[str, Problem] = {}
    for text in distinct:
        value: Exact | Problem | None = None if mark is None else usual_decimal(text, mark)
        if value is None and text.strip() not in NOTHING:
            value = locale_numbers.number(text, mark, True)
        if isinstance(value, Problem):
            refused[text] = value
        else:
            values[text] = value
    if refused:
        for row, text in zip(rows, texts, strict=True):
            problem = refused.get(text)
            if problem is not None:
                help_ = problem.help
                if problem.code == "FN107":
                    help_ = "correct it, or leave the row out: what is taken back is no amount of a funnel"
                cause = "amount", column, problem.code
                causes.add(cause, row, column, problem.code, problem.message, help_)
        return found
    for row, text in zip(rows, texts, strict=True):
        found[row] = values[text]
    if factor == 1:
        return found
    if (said := multiplied(name)) not in table.notes:
        table.notes.append(said)
    return [None if amount is None else reduced(amount * factor) for amount in found]


def scaled(amounts: Sequence[Exact]) -> tuple[list[int], int]:
    """Amounts as whole multiples of a part of the unit, and how many of these make one."""
    scale = 1
    for amount in amounts:
        if scale % amount.denominator:
            scale *= 10
            while scale % amount.denominator:
                scale *= 10
    return [amount.numerator * (scale // amount.denominator) for amount in amounts], scale


def _mark(
    table: CellTable, column: int, distinct: dict[str, int], thousandths: bool | None, causes: Causes
) -> str | None:
    """The decimal mark that the cells prove; where that is in doubt, it is among the causes.

    Three digits behind the mark are no part of a unit of money but where there are `thousandths`; `None` where the
    currency is not known.
    """
    shapes: dict[str, int] = {}
    for text, row in distinct.items():
        shapes.setdefault(locale_numbers.shape(text), row)
    rows = sorted(shapes.values())
    sample = replace(table.under(None), roles=ColumnRoles(revenue=column))
    find_mark(sample, rows)
    for found in sample.problems:
        problem = found.problem
        causes.add("mark", found.row, found.column, problem.code, problem.message, problem.help, found.related)
    mark = sample.mark
    parted = {row: each for row in rows if (each := locale_numbers.group_mark(table.rows[row][column], True))}
    marks = set(parted.values())
    if mark is None and thousandths is False and len(marks) == 1 and not sample.problems:
        return locale_numbers.OTHER[marks.pop()]
    like = [row for row, each in parted.items() if each == mark]
    if like and mark is not None and not thousandths:
        proof = next(row for row in rows if locale_numbers.proved_mark(table.rows[row][column], True) == mark)
        first, other = (quoted(table.rows[row][column].strip()) for row in (like[0], proof))
        word, opposite = locale_numbers.MARKS[mark], locale_numbers.OTHER[mark]
        what = f"{first} looks like thousands, and {other} has a decimal {word}"
        help_ = f"correct the cell, or say --decimal {mark} if all are decimals; thousands are --decimal {opposite}"
        causes.add("mark", like[0], column, "FN206", what, help_, ("the other", proof, column))
    return mark
