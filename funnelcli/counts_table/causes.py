"""One message for one cause: what many cells or rows have wrong alike is told at the first, with their number.

`Causes` gathers problems of rows as they are read; `one_a_cause` goes through those of cells that are found already.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.counts_table.places import cell_name
from funnelcli.counts_table.table import CellProblem
from funnelcli.diagnostics import Problem, many

if TYPE_CHECKING:
    from collections.abc import Hashable

    from funnelcli.counts_table.table import CellTable, Related

MOST_WORDS = 5
"""Words of one column that are each told alone; of more, the column is another one than it is taken for."""
_OF_WORDS = ("FN112", "FN120")
EMPTY_CELL = "the cell is empty"
NO_LABELS = "a second row without labels"
_MOST_NAMED = 3
_QUOTED = re.compile(r'"[^"]*"|[\d.]+')
"""What differs where the same is said of two cells."""
_OF_LABELS = ("FN106", "FN121")
_OF_NAMES = ("FN106", "FN015", "FN112")


class Causes:
    """Problems of the cells of a table, gathered by what causes them."""

    def __init__(self, table: CellTable, unit: str = "deal") -> None:
        """Problems of this table, of which there are none yet; a row of it is a `unit`."""
        self.table = table
        self.unit = unit
        self.first: dict[Hashable, CellProblem] = {}
        self.rows: dict[Hashable, int] = {}

    def add(
        self,
        cause: Hashable,
        row: int,
        column: int,
        code: str,
        message: str,
        help_: str | None,
        related: Related = None,
        options: str | None = None,
    ) -> None:
        """One more row with a problem; the message is that of the first row of its cause."""
        problem = Problem(code, message, help_, options=options)
        self.first.setdefault(cause, CellProblem(row, column, problem, related))
        self.rows[cause] = self.rows.get(cause, 0) + 1

    def hand_over(self) -> bool:
        """Put them among the problems of the table; whether there are none."""
        words = Counter((each.problem.code, each.column) for each in self.first.values())
        for cause, found in self.first.items():
            code, message, *_ = found.problem
            number, alike = self.rows[cause], words[code, found.column] if code in _OF_WORDS else 1
            if alike < 0:
                continue
            if alike > MOST_WORDS:
                message += f"; nor are {alike - 1} other words of this column known"
                words[code, found.column] = -1  # told once
            elif number > 1:
                message += f" (and {many(number - 1, 'more row')})"
            self.table.problems.append(found._replace(problem=found.problem._replace(message=message)))
        sound = not self.first
        self.first, self.rows = {}, {}
        return sound


def one_a_cause(table: CellTable) -> list[CellProblem]:
    """The problems of a table in the order of its cells, those of one cause as one."""
    groups: dict[Hashable, list[CellProblem]] = {}
    no_numbers = any("is not a number" in found.problem.message for found in table.problems)
    no_stages = {found.row for found in table.problems if found.problem.code == "FN112"}
    # where a stage has no row in a segment, which stages there are, and in which order, is open
    in_body = {found.problem.code for found in table.problems if found.row > table.header}
    lacks_rows = table.roles.step is not None and "FN114" in in_body
    is_nameless = any(found.problem.code in _OF_LABELS and found.row > table.header for found in table.problems)
    for found in sorted(table.problems, key=lambda each: (each.row, each.column)):
        if found.problem.code == "FN104" and (found.row in no_stages or lacks_rows):
            continue
        if found.problem.message == NO_LABELS and no_numbers:  # those are the labels
            continue
        if found.problem.code in ("FN104", "FN114") and is_nameless:  # what follows from a row under another name
            continue
        groups.setdefault(_cause(found, table), []).append(found)
    told: list[CellProblem] = []
    for each in groups.values():
        several = len({found.problem.message for found in each}) > 1  # each is told by its own name
        are_names = each[0].problem.code in _OF_NAMES and len(each) <= _MOST_NAMED and several
        told += each if len(each) == 1 or are_names else [_together(each, table)]
    return told


def _cause(found: CellProblem, table: CellTable) -> Hashable:
    """What two problems have in common where one thing is behind both."""
    code, message, *_ = found.problem
    said = _QUOTED.sub("", message)
    if message == EMPTY_CELL:
        return message
    if code == "FN206":  # the mark of all numbers
        return code, found.problem.help
    if found.row == table.header:
        return code, said, found.column
    step = table.roles.step
    in_rows = code == "FN104" and step is not None and table.rows[found.row][step]
    return code, said, in_rows or found.column


def _together(found: list[CellProblem], table: CellTable) -> CellProblem:
    """The first of several problems, which says how many there are and where the next stand."""
    first, *others = found
    names = [cell_name(table, each.row, each.column) for each in others]
    listed = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    message = first.problem.message
    if message == EMPTY_CELL:
        message = f"{len(found)} cells are empty: this one, {listed}"
    else:
        message += f" (and {len(others)} more like it: {listed})"
    return first._replace(problem=first.problem._replace(message=message))
