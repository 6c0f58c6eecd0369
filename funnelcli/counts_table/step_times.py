"""Times between steps, as a report has them beside its counts, in days: exact, from the step before to each."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.recipe_keys import TIME_UNITS
from funnelcli.counts_table.words import is_total
from funnelcli.diagnostics import Problem
from funnelcli.exact import reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable, Entry
    from funnelcli.exact import Exact

    Times = tuple[Exact | None, ...]
    """By stage; `None` where there is none."""

_SCIENTIFIC = re.compile(r"(\d+)(?:[.,](\d+))?[eE]([+-]?\d{1,2})")


def days_of_steps(table: CellTable, entries: Sequence[Entry], parts: Sequence[Entry]) -> tuple[Times, Times]:
    """Mean and median days from the step before to each stage of all units.

    They are those of the row of all units, where there is one; else means are weighted by the units of the segments
    that reached the stage, and medians, which do not add up, are left out. `entries` are all, and `parts` those that
    add nothing up.
    """
    columns = table.roles.mean_time, table.roles.median_time
    alone = of_all(entries, parts)
    rows = [alone] if alone is not None else parts
    means, medians = (
        [None, *(_of_stage(table, rows, at, column) for at in range(1, len(table.stages)))] for column in columns
    )
    if alone is None and any(median is not None for median in medians):
        table.notes.append("medians of segments do not add up and are left out")
        medians = [None] * len(medians)
    return tuple(means), tuple(medians)


def of_all(entries: Sequence[Entry], parts: Sequence[Entry]) -> Entry | None:
    """The entry of all units: of the rows of totals, or the only one; `None` where there is none."""
    whole = [entry for entry in entries if all(map(is_total, entry.labels))]
    return whole[0] if whole else parts[0] if len(parts) == 1 else None


def _of_stage(table: CellTable, entries: Sequence[Entry], at: int, column: int | None) -> Exact | None:
    """The mean days of the units of all entries that reached a stage; `None` where one of them is not known."""
    if column is None:
        return None
    days, units = Fraction(0), Fraction(0)
    for entry in entries:
        count, row = entry.figures[at] or 0, entry.rows[at]
        if not count:
            continue
        time = _days(table, row, column)
        if time is None:
            return None
        days += time * count
        units += count
    return reduced(days / units) if units else None


def _days(table: CellTable, row: int, column: int) -> Fraction | None:
    """The days of a cell; `None` where it holds no one number of 0 or more."""
    text = table.rows[row][column].strip()
    hint = table.hints.get(column)
    unit = TIME_UNITS[(hint.unit if hint is not None else None) or "seconds"]
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is not None:
        whole, part, power = scientific[1], scientific[2] or "", int(scientific[3])
        value: Exact | Problem = Fraction(int(whole + part)) * Fraction(10) ** (power - len(part))
    else:
        told = table.options.decimal or table.more.text("decimal")  # before what some of the counts prove
        value = locale_numbers.number(text, "." if (row, column) in table.typed else told or table.mark)
    return None if isinstance(value, Problem) else Fraction(value) / unit
