"""The decimal mark of a table, from all of its numbers: told, proved, or open.

`12,5` proves the comma, `1,234.5` the point; `12,345` may be thousands or decimals. One cell with another mark than the
rest is a problem: a slip of the pen must not turn the thousands of a whole table into decimals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

    Place = tuple[int, int]
    """Indices of a row and a column."""

_MOST_NAMED = 3
_WHOLE = re.compile(r"[1-9]\d*", re.ASCII)


def find_mark(table: CellTable, rows: Sequence[int] | None = None) -> bool:
    """Find the decimal mark by the cells of the columns of numbers; whether both readings of some of them are left.

    `rows` are those to look at, where they stand for all.
    """
    proofs: dict[str, list[Place]] = {}
    groups: dict[str, list[Place]] = {}
    roles = table.roles
    numbers = [*((column, False) for column in roles.counts), *((column, True) for column in roles.money)]
    for row in table.body if rows is None else rows:
        for column, money in numbers:
            text = table.rows[row][column]
            if locale_numbers.is_ordinary(text) or (row, column) in table.typed:
                continue
            mark = locale_numbers.proved_mark(text, money)
            if mark is not None:
                proofs.setdefault(mark, []).append((row, column))
            elif parted := locale_numbers.group_mark(text, money):
                groups.setdefault(parted, []).append((row, column))
    if len(proofs) != 1:
        if proofs:
            _refuse_two_marks(table, proofs)
        return bool(groups) and not proofs
    ((mark, proved),) = proofs.items()
    decimals = groups.get(mark, [])
    of_counts = [(row, column) for row, column in decimals if column in roles.counts]
    # nobody writes a whole number with three zeros behind its mark
    end_in_zeros = any(table.rows[row][column].strip().endswith("000") for row, column in decimals)
    of_whole = any(table.is_whole(*place) for place in of_counts) or _beside_whole_ones(table, of_counts, proved)
    if of_counts and (of_whole or len(proved) < len(decimals) + end_in_zeros):
        _refuse_one_against_the_rest(table, mark, proved, decimals)
        return False
    table.mark = mark
    if of_counts:
        row, column = proved[0]
        read = f"{_named(table, decimals)} {verb(len(decimals), 'are')} read"
        first, word = quoted(table.rows[row][column]), locale_numbers.MARKS[mark]
        table.notes.append(f"{read} with a decimal {word}, as {first} in {table.row_called(row)} has one")
    return False


def _beside_whole_ones(table: CellTable, decimals: Sequence[Place], proved: Sequence[Place]) -> bool:
    """Whether a column has whole numbers and no decimals but those that may be thousands."""
    shown = {column for _, column in proved}
    columns = {column for _, column in decimals} - shown
    return any(_WHOLE.fullmatch(table.rows[row][column].strip()) for row in table.body for column in columns)


def _named(table: CellTable, cells: list[Place]) -> str:
    texts = list(dict.fromkeys(quoted(table.rows[row][column].strip()) for row, column in cells))
    return joined(texts if len(texts) <= _MOST_NAMED else [*texts[: _MOST_NAMED - 1], f"{len(texts) - 2} more"])


def _refuse_one_against_the_rest(table: CellTable, mark: str, proved: list[Place], decimals: list[Place]) -> None:
    row, column = decimals[0]
    value = locale_numbers.number(table.rows[row][column], mark)
    first = decimal_text(0 if isinstance(value, Problem) else value)
    looks = verb(len(decimals), "look")
    table.refuse(
        *proved[0],
        "FN206",
        f"{_named(table, decimals)} {looks} like thousands, and {_named(table, proved)} does not: by its "
        f"{locale_numbers.MARKS[mark]} the first of them would be {first}",
        f"write {'it' if len(decimals) == 1 else 'them'} without the {locale_numbers.MARKS[mark]}, or say "
        f"--decimal {mark} if all are decimals",
        ("looks like thousands", *decimals[0]),
    )


def _refuse_two_marks(table: CellTable, proofs: dict[str, list[Place]]) -> None:
    (_, (earlier, *_)), (mark, (here, *_)) = sorted(proofs.items(), key=lambda proof: proof[1][0])
    first, second = (quoted(table.rows[row][column]) for row, column in (earlier, here))
    what = f"{second} has a decimal {locale_numbers.MARKS[mark]}, and {first} has another mark"
    help_ = "write all numbers alike, or say which is right: --decimal . or --decimal ,"
    table.refuse(*here, "FN206", what, help_, ("the other mark", *earlier))
