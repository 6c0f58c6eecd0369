"""The rows of a table as entries: the counts and the money of each combination of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.causes import NO_LABELS
from funnelcli.counts_table.magnitudes import magnitude_of, may_be_multiplied
from funnelcli.counts_table.table import Entry
from funnelcli.diagnostics import did_you_mean, quoted
from funnelcli.exact import added
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

_APART = "add the rows up, or add a column that tells them apart"


def wide_entries(table: CellTable) -> list[Entry]:
    """One entry a row."""
    entries = []
    first: dict[tuple[str, ...], int] = {}
    for row in table.body:
        labels = table.labels_of(row)
        adds_up = bool(labels) and (not all(labels) or any(map(words.is_total, labels)))
        may_lack = adds_up or any(map(words.is_average, labels[:1]))  # what does not add up
        figures = [
            None
            if may_lack and locale_numbers.is_blank(table.rows[row][figure.column])
            else table.figure(row, figure.column, figure.money)
            for figure in table.figures
        ]
        entries.append(Entry(row, labels, figures, [row] * len(figures)))
        if not adds_up and first.setdefault(labels, row) != row:
            twice = f"the labels {', '.join(map(quoted, labels))} stand twice"
            column = table.roles.labels[0] if labels else 0
            what = twice if labels else NO_LABELS
            table.refuse(row, column, "FN106", what, _APART, ("the first", first[labels], column))
    return entries


def steps_of(table: CellTable, step: int) -> tuple[str, ...]:
    """The stages of a long table, as they first appear or as the funnel has them."""
    stages, rows = table.options.named_stages, table.rows
    names = dict.fromkeys(rows[row][step] for row in table.body)
    first = {fold(name): name for name in reversed(names)}
    wrong: dict[str, tuple[str, str, str | None]] = {}
    for name in filter(None, names):
        if stages:
            if table.stage_at(name) is None:
                wrong[name] = ("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, stages))
        elif words.is_total(name) and words.plain(name) not in words.WORDS["everybody"]:
            wrong[name] = ("FN112", f"{quoted(name)} is not a stage", "delete the rows that add stages up")
        elif magnitude_of(name).factor > 1 or may_be_multiplied(name):
            help_ = "write all counts of the column alike, or a column for each stage"
            wrong[name] = ("FN103", f"{quoted(name)} is written in other units than the stages beside it", help_)
        elif (other := first[fold(name)]) != name:
            wrong[name] = ("FN106", f"{quoted(name)} and {quoted(other)} differ only in case", "spell them alike")
    for row in table.body if wrong else ():
        if rows[row][step] in wrong:
            table.refuse(row, step, *wrong[rows[row][step]])
    return stages or tuple(names)


def long_entries(table: CellTable, step: int) -> list[Entry]:
    """One entry for each combination of labels; a pair of labels and stage stands in one row."""
    stages = table.stages
    at: dict[str, int | None] = {name: index for index, name in enumerate(stages)}
    entries: dict[tuple[str, ...], Entry] = {}
    for row in table.body:
        value = table.figure(row, table.roles.counts[0])
        name = table.rows[row][step]
        index = at[name] if name in at else at.setdefault(name, table.stage_at(name))
        if index is None or not name:
            continue  # reported with the stages
        labels = table.labels_of(row)
        entry = entries.get(labels)
        if entry is None:
            entry = entries[labels] = Entry(row, labels, [None] * len(stages), [-1] * len(stages))
        if entry.rows[index] < 0:
            entry.figures[index], entry.rows[index] = value, row
            continue
        what = f"the stage {quoted(name)} is counted twice" + (f" in {', '.join(labels)}" if labels else "")
        table.refuse(row, step, "FN106", what, _APART, ("the first", entry.rows[index], step))
    _settle_gaps(list(entries.values()), table, step)
    return list(entries.values())


def _settle_gaps(entries: Sequence[Entry], table: CellTable, step: int) -> None:
    """Pairs of labels and steps without a row: none by option or by a total that the others make; else problems."""
    stages, options = table.stages, table.options
    gaps = [(entry, at) for entry in entries for at, row in enumerate(entry.rows) if row < 0]
    if not gaps:
        return
    apart = next((entry for entry in entries[1:] if _has_none_of(entries[0], entry)), None)
    if apart is not None and not options.empty_as_zero:
        one, other = (" / ".join(entry.labels) for entry in (entries[0], apart))
        what = f"{quoted(one)} and {quoted(other)} have no step in common: they are two funnels"
        at = next(at for at, (a, b) in enumerate(zip(entries[0].labels, apart.labels, strict=True)) if a != b)
        column = quoted(table.names[table.roles.labels[at]])
        help_ = f"where they are steps of one funnel: --drop {column}; else export each funnel alone"
        table.refuse(apart.row, step, "FN114", what, help_)
        return
    proved = []
    for entry, at in gaps:
        if options.empty_as_zero or _is_none(entries, at):
            entry.figures[at], entry.rows[at] = 0, entry.row
            if not options.empty_as_zero:
                proved.append(f"{quoted(stages[at])} in {', '.join(map(quoted, entry.labels))}")
            continue
        where = f" in {', '.join(map(quoted, entry.labels))}" if entry.labels else ""
        help_ = "add the row; if what is left out is zero, say --empty-as-zero"
        table.refuse(entry.row, step, "FN114", f"no count of {quoted(stages[at])}{where}", help_)
    if proved:
        table.notes.append(f"no row, and none by the total: {', '.join(proved)}")


def _has_none_of(one: Entry, other: Entry) -> bool:
    return not any(a >= 0 and b >= 0 for a, b in zip(one.rows, other.rows, strict=True))


def _is_none(entries: Sequence[Entry], at: int) -> bool:
    """Whether the rows of a step make its total without those that are missing."""
    whole = [entry.figures[at] for entry in entries if entry.labels and all(map(words.is_total, entry.labels))]
    parts = [entry.figures[at] or 0 for entry in entries if not any(map(words.is_total, entry.labels))]
    return len(whole) == 1 and whole[0] == added(parts)
