"""Names of steps and segments as a recipe says that its vendor writes them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import is_total, plain
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

TOTAL = "Total"


def tidy_names(table: CellTable, step: int, labels: Sequence[int]) -> None:
    """Give steps and segments their names; segments that overlap without one that has all units are a problem."""
    rows, body = table.rows, table.body
    written = [rows[row][step] for row in body]
    names = dict(zip(written, stage_names(table, written), strict=True))
    seen: Counter[tuple[str, ...]] = Counter()
    if table.more.says("repeats"):
        _refuse_copies(table, step, labels)
    for row in body:
        name = names[rows[row][step]]
        entry = (name, *(rows[row][at] for at in labels))
        seen[entry] += 1
        again = f" ({seen[entry]})" if table.more.says("repeats") and seen[entry] > 1 else ""
        rows[row][step] = name + again
    for at in labels:
        name_total(table, at)
        hint = table.hints.get(at)
        segments = {rows[row][at] for row in body}
        if hint is not None and hint.more.says("overlap") and len(segments) > 1 and not any(map(is_total, segments)):
            what = f"the segments of {quoted(table.names[at])} may overlap, and none has all units"
            table.refuse_name(at, "FN114", what, "export the funnel of one segment, or add the one of all")


def _refuse_copies(table: CellTable, step: int, labels: Sequence[int]) -> None:
    """A row that stands there twice is no other step of its name, and steps that all begin again are of a segment."""
    rows = table.rows
    first: dict[tuple[str, ...], int] = {}
    steps: dict[tuple[str, ...], list[int]] = {}
    for row in table.body:
        steps.setdefault(tuple(rows[row][at] for at in labels), []).append(row)
        known = first.setdefault(tuple(rows[row]), row)
        if known != row:
            what = f"{table.row_called(row)} is the same as {table.row_called(known)}"
            table.refuse(row, step, "FN106", what, "delete one of them", ("the first", known, step))
            return
    for own in steps.values():
        names = [rows[row][step] for row in own]
        size = names.index(names[0], 1) if names[0] in names[1:] else 0
        if size > 1 and len(names) % size == 0 and names == names[:size] * (len(names) // size):
            what = f"all steps begin again at {table.row_called(own[size])}, and no column says of what they are"
            help_ = "name the column of segments: --label COLUMN; or export the funnel of one of them"
            table.refuse(own[size], step, "FN106", what, help_, ("the first", own[0], step))
            return


def stage_names(table: CellTable, names: Sequence[str]) -> tuple[str, ...]:
    """Names of stages without what the recipe strips of them; all as they are, where two would become one."""
    tidy = {name: clean(name) for name in names}
    for pattern in _patterns(table, "strip"):
        shorter = {name: pattern.sub("", text).strip() for name, text in tidy.items()}
        if all(shorter.values()) and len(set(shorter.values())) == len(set(tidy.values())):
            tidy = shorter
    return tuple(tidy[name] for name in names)


def name_total(table: CellTable, at: int) -> None:
    """Call the segment that has all units a total, where the recipe knows its name."""
    overall = set(map(plain, table.more.texts("overall")))
    for row in table.body if overall else ():
        if plain(table.rows[row][at]) in overall:
            table.rows[row][at] = TOTAL


def title_of(table: CellTable) -> str | None:
    """The name of the funnel by the lines above the names of columns, where the recipe says how it stands there."""
    above = "\n".join(line.rstrip("\r\n") for line in table.lines[: table.starts[table.header]])
    found = next((match for pattern in _patterns(table, "name") if (match := pattern.search(above))), None)
    return clean(found[1]) if found is not None and found.re.groups else None


def _patterns(table: CellTable, key: str) -> list[re.Pattern[str]]:
    """The patterns of a key of `more`; one that is none is a problem of the recipe."""
    found = []
    for text in table.more.texts(key):
        try:
            found.append(re.compile(text))
        except re.error as error:
            what = f"the recipe's {key} {quoted(text)} is no regular expression: {error}"
            table.refuse_name(0, "FN103", what, "correct it in the recipe")
    return found
