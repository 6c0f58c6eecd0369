"""Where a table ends: a second table, or a note, behind an empty line below it is left out, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.words import is_total
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable


def leave_out_below(table: CellTable) -> None:
    """End the table before the names of another one, or before notes behind which no row of it follows."""
    body = table.body
    for place, row in enumerate(body):
        if not place or body[place - 1] == row - 1:
            continue  # no empty line stands above it
        filled = _filled(table.rows[row])
        is_names = len(filled) > 1 and all(looks_like(cell) == "text" for cell in filled)
        if is_names and _has_numbers(table, body[:place]) and not any(map(is_total, filled)):
            what = "another table begins there"
        elif all(_is_note(table.rows[other]) for other in body[place:]):
            what = "notes"
        else:
            continue
        first = table.starts[row] + 1
        table.notes.append(f"line {first} and what follows are left out ({what}): {quoted(' '.join(filled))}")
        del table.rows[row:]
        del table.body[place:]
        return


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _is_note(row: Sequence[str]) -> bool:
    """Whether a row has one cell, of words that name no total, or begins as a comment."""
    filled = _filled(row)
    if filled[0].startswith("# "):
        return True
    return len(filled) == 1 and looks_like(filled[0]) == "text" and not is_total(filled[0])


def _has_numbers(table: CellTable, rows: Sequence[int]) -> bool:
    return any(looks_like(cell) == "number" for row in rows for cell in table.rows[row])
