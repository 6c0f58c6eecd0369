"""Money in a column with one amount a row: read once the decimal mark of all of its cells is known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.date_forms import NOTHING
from funnelcli.counts_table.decimal_marks import find_mark
from funnelcli.counts_table.magnitudes import magnitude_of, multiplied
from funnelcli.counts_table.table import ColumnRoles
from funnelcli.currencies import minor_digits
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

_SHAPES = str.maketrans("123456789", "999999999")


def read_amounts(
    table: CellTable, column: int, rows: Sequence[int], causes: Causes, currency: str | None = None
) -> list[Exact | None]:
    """The amounts of rows, by the index of the row; what is no amount is among the causes."""
    cells = table.rows
    found: list[Exact | None] = [None] * len(cells)
    if table.typed:  # cells of a workbook that are numbers beside others that are text
        for row in rows:
            if (row, column) in table.typed and not isinstance(typed := _amount(cells[row][column], "."), Problem):
                found[row] = typed
        rows = [row for row in rows if found[row] is None]
    distinct: dict[str, int] = {}
    for row in rows:
        distinct.setdefault(cells[row][column], row)
    factor = magnitude_of(name := table.names[column]).factor
    thousandths = True if factor > 1 else None if currency is None else minor_digits(currency) > 2
    mark = table.mark or table.options.decimal or _mark(table, column, distinct, thousandths, causes)
    if mark is None and ("mark" in causes.first):
        return found
    values: dict[str, Exact | None] = {}
    refused: dict[str, Problem] = {}
    for text in distinct:
        value = None if text.strip() in NOTHING else _amount(text, mark)
        if isinstance(value, Problem):
            refused[text] = value
        else:
            values[text] = value
    if refused:
        for row in rows:
            problem = refused.get(cells[row][column])
            if problem is not None:
                help_ = problem.help
                if problem.code == "FN107":
                    help_ = "correct it, or leave the row out: what is taken back is no amount of a funnel"
                cause = "amount", column, problem.code
                causes.add(cause, row, column, problem.code, problem.message, help_)
        return found
    for row in rows:
        found[row] = values[cells[row][column]]
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


def _amount(text: str, mark: str | None) -> Exact | Problem:
    if mark is not None and len(text) < 18:  # nearly all, and there may be as many as rows
        whole, _, part = text.partition(mark)
        if part == "0" and whole.isdigit() and text.isascii() and (whole[0] != "0" or whole == "0"):
            return int(whole)
        if part.isdigit() and whole.isdigit() and text.isascii() and (whole[0] != "0" or whole == "0"):
            return reduced(Fraction(int(whole + part), 10 ** len(part)))
    return locale_numbers.number(text, mark, True)


def _mark(
    table: CellTable, column: int, distinct: dict[str, int], thousandths: bool | None, causes: Causes
) -> str | None:
    """The decimal mark that the cells prove; where that is in doubt, it is among the causes.

    Three digits behind the mark are no part of a unit of money but where there are `thousandths`; `None` where the
    currency is not known.
    """
    shapes: dict[str, int] = {}
    for text, row in distinct.items():
        shapes.setdefault(text[:1] + text[1:].translate(_SHAPES), row)  # digits tell a mark by their places alone
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
