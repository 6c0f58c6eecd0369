"""Counts with something behind them in every cell of a column: a percentage in brackets, or the word for the unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.counts_table.words import WORDS, names_units, plain
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from funnelcli.counts_table.table import CellTable

_NUMBER = r"(\d[\d.,'’\u00a0\u202f ]*)"
_PERCENTAGE = re.compile(rf"\s*{_NUMBER}\s*\(\s*[\d.,]+\s*%\s*\)\s*")
_UNIT = re.compile(rf"\s*{_NUMBER}\s([^\W\d_]{{2,}})\.?\s*")
_SHARE = re.compile(r"\s*\(\s*%[^()]*\)|\s*\([^()%]*%\s*\)")


def leave_counts_alone(table: CellTable) -> None:
    """Take what stands behind the numbers of a column out of its cells, where all of them have it; it is said."""
    for at, name in enumerate(table.names):
        filled = [row for row in table.body if at < len(table.rows[row]) and table.rows[row][at].strip()]
        shares = [_PERCENTAGE.fullmatch(table.rows[row][at]) for row in filled]
        units = [_UNIT.fullmatch(table.rows[row][at]) for row in filled]
        if filled and all(shares):
            found, what = shares, "the percentages in brackets are"
            table.names[at] = _SHARE.sub("", name)
        elif filled and all(units) and _are_units({plain(match[2]) for match in units if match is not None}):
            found, what = units, "the word behind each number is"
        else:
            continue
        for row, match in zip(filled, found, strict=True):
            if match is not None:
                table.rows[row][at] = match[1].strip()
        table.notes.append(f"{quoted(name)}: {what} left out")


def _are_units(words: set[str]) -> bool:
    """Whether the words behind the numbers are one, which names what is counted."""
    return len(words) == 1 and all(word in WORDS["counts"] or names_units(word) for word in words)
