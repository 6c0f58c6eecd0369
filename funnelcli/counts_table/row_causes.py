"""What is wrong with many rows for one reason: one message, at the first of its cells, with the number of rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from funnelcli.counts_table.table import CellTable, Related

    Cause = tuple[int, int, str, str, str | None, Related]


MOST_WORDS = 5
"""Words of one column that are each told alone; of more, the column is another one than it is taken for."""
_OF_WORDS = ("FN112", "FN120")


class Causes:
    """Problems of the cells of a table, gathered by what causes them."""

    def __init__(self, table: CellTable, unit: str = "deal") -> None:
        """Problems of this table, of which there are none yet; a row of it is a `unit`."""
        self.table = table
        self.unit = unit
        self.first: dict[Hashable, Cause] = {}
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
    ) -> None:
        """One more row with a problem; the message is that of the first row of its cause."""
        self.first.setdefault(cause, (row, column, code, message, help_, related))
        self.rows[cause] = self.rows.get(cause, 0) + 1

    def again(self, cause: Hashable, rows: int) -> None:
        """So many more rows of a cause that is known."""
        self.rows[cause] += rows

    def hand_over(self) -> bool:
        """Put them among the problems of the table; whether there are none."""
        words = Counter((code, column) for _, column, code, *_ in self.first.values() if code in _OF_WORDS)
        for cause, (row, column, code, message, help_, related) in self.first.items():
            number, alike = self.rows[cause], words[code, column]
            if alike > MOST_WORDS:
                said = f"{message}; nor are {alike - 1} other words of this column known"
                self.table.refuse(row, column, code, said, help_, related)
                words[code, column] = -1  # told once
            if alike < 0 or alike > MOST_WORDS:
                continue
            more = f" (and {number - 1:,} more {'row' if number == 2 else 'rows'})" if number > 1 else ""
            self.table.refuse(row, column, code, message + more, help_, related)
        sound = not self.first
        self.first, self.rows = {}, {}
        return sound
