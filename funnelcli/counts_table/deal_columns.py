"""What the columns of a list of deals or orders are, and the segments that its labels name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.recipe_keys import KINDS
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.table_checks import wrong_name
from funnelcli.counts_table.told_columns import EMPTY, UNKNOWN, left_out
from funnelcli.counts_table.words import most_written
from funnelcli.diagnostics import many, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.recognise import MatchedColumn, Recognised
    from funnelcli.counts_table.table import CellTable

NONE = "(none)"
"""The segment of deals whose cell of a label is empty."""


class DealColumns(NamedTuple):
    """Where a table has what of a deal: indices of columns by kind, the first of each; labels and dated stages."""

    at: Mapping[str, int]
    labels: tuple[tuple[str, int], ...]
    entered: tuple[MatchedColumn, ...]


def deal_columns(table: CellTable, found: Recognised) -> DealColumns:
    """What the columns are; those that say nothing a funnel keeps are said.

    A column that stands there twice with other cells is among the problems of the table.
    """
    _check_twice(table, found)
    places: dict[str, int] = {}
    labels: list[tuple[str, int]] = []
    left: list[tuple[str, str]] = []
    known = {each.at: each for each in found.columns}
    for column, name in enumerate(table.names):
        matched = known.get(column)
        if not name:
            continue
        told = matched is not None and not matched.column.names
        if (matched is None or matched.column.kind == "label") and not told and _is_empty(table, column):
            left.append((name, EMPTY))
        elif matched is None:
            left.append((name, UNKNOWN["words"]))
        elif matched.column.kind == "label":
            labels.append((matched.column.key, column))
        elif matched.column.kind == "drop":
            left.append((name, matched.column.why or KINDS["drop"]))
        else:
            places.setdefault(matched.column.kind, column)
    table.notes += left_out(left)
    return DealColumns(places, tuple(labels), found.of_kind("entered"))


def _is_empty(table: CellTable, at: int) -> bool:
    """Whether no row has anything in a column: it is no breakdown, and nobody wants it kept."""
    return not any(row[at].strip() for row in (table.rows[row] for row in table.body) if at < len(row))


def _check_twice(table: CellTable, found: Recognised) -> None:
    """Two columns of one name that a funnel keeps have the same cells."""
    used = {each.at for each in found.columns if each.column.kind not in ("drop", "title")}
    first: dict[str, int] = {}
    for column, name in enumerate(table.names):
        known = first.setdefault(fold(name), column) if name else column
        if known == column or known not in used:
            continue
        differ = (row for row in table.body if table.rows[row][known:][:1] != table.rows[row][column:][:1])
        row = next(differ, None)
        if row is not None:
            what = f"two columns are named {quoted(name)}, and row {row + 1} differs in them"
            related = ("the first", table.header, known)
            table.refuse_name(column, "FN106", what, "rename or delete one of them", related)


def labels_of(name: str, at: int, rows: Sequence[int], causes: Causes) -> list[str]:
    """The segments of a dimension by row: white space is made single, and names that differ in case alone are one."""
    table, cells = causes.table, causes.table.column(at)
    found = [""] * len(cells)
    known: dict[str, str] = {}
    spelled = most_written(Counter(clean(cells[row]) or NONE for row in rows))
    merged: list[str] = []
    empty = 0
    for row in rows:
        text = cells[row]
        if text not in known:
            label = clean(text) or NONE
            if wrong := wrong_name(label):
                causes.add(("name", at, label), row, at, *wrong)
            usual = spelled[fold(label)]
            if usual != label:
                merged.append(f"{quoted(label)} counts as {quoted(usual)}")
            known[text] = usual
        found[row] = label = known[text]
        empty += label is NONE
    if merged:
        more = f", and {len(merged) - 3} more" if len(merged) > 3 else ""
        table.notes.append(f"{name}: {', '.join(merged[:3])}{more}: they differ in case alone")
    if empty:
        table.notes.append(f"{name}: {many(empty, 'row has', 'rows have')} none: {quoted(NONE)}")
    return found
