"""What no table can have: names and labels alike, rows too wide, more units than came in, parts of what is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.characters import hidden_places
from funnelcli.counts_table import words
from funnelcli.counts_table.columns import kind_of
from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.magnitudes import magnitude_of, may_be_multiplied, tells_magnitude
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import WORDS
from funnelcli.diagnostics import decimal_text, joined, many, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.counts_table.table import CellTable, Entry

SEGMENT = "segment"
"""What a first column of words is called that has no name."""


def check_names(table: CellTable) -> None:
    """Each column with a name that can be seen, and no two alike but what is left out: rates, and by --drop."""
    told = {fold(name): kind for _, kind, name in table.options.told_columns}
    seen: dict[str, int] = {}
    again: list[int] = []
    for column, name in enumerate(table.names):
        if not name:
            cells = [table.rows[row][column] for row in table.body if len(table.rows[row]) > column]
            are_words = bool(cells) and all(looks_like(cell) in ("text", "empty") for cell in cells)
            if are_words and any(map(str.strip, cells)):
                if not any(table.names[:column]) and SEGMENT not in map(fold, table.names):
                    table.names[column] = SEGMENT  # the corner of a table is often empty
            elif any(map(str.strip, cells)) and not words.is_numbering(cells):
                table.refuse_name(column, "FN121", f"column {column + 1} has no name", "name it in the first row")
            continue
        first = seen.setdefault(fold(name), column)
        if hidden_places(name):
            what = f"an invisible character stands in the name {name!a}"
            table.refuse_name(column, "FN015", what, "delete it")
        elif first != column and told.get(fold(name), kind_of(name, _cells_of(table, column))) not in ("drop", "rate"):
            again.append(column)
    if again:
        names = joined([quoted(name) for name in dict.fromkeys(table.names[column] for column in again)])
        what = f"two columns are named {names}" if len(again) == 1 else f"several columns are named {names}"
        related = ("the first", table.header, seen[fold(table.names[again[0]])])
        above = [clean(cell) for cell in table.rows[table.header - 1] if cell.strip()] if table.header else []
        if len(above) > 1:
            what = f"two rows of names are not read: above the columns {names} stand {joined(list(map(quoted, above)))}"
            help_ = f"write one row of names, such as {quoted(f'{above[0]} {table.names[again[0]]}')}"
            table.refuse_name(again[0], "FN106", what, help_, related)
            return
        if "" in table.names[: again[0]] and len(again) > 1 and not any(_cells_of(table, table.names.index(""))):
            what = f"two tables stand side by side, and each has columns named {names}"
            table.refuse_name(again[0], "FN106", what, "keep the columns of one", related)
            return
        table.refuse_name(again[0], "FN106", what, "rename them, or leave all but one out", related)


def _cells_of(table: CellTable, column: int) -> list[str]:
    return [table.rows[row][column].strip() for row in table.body if len(table.rows[row]) > column]


def check_widths(table: CellTable) -> None:
    """Each row as wide as the names, as `wrong_widths` has it."""
    for row, column, what, help_ in wrong_widths(table, table.body):
        table.refuse(row, column, "FN114", what, help_)


def wrong_widths(table: CellTable, rows: Iterable[int]) -> Iterator[tuple[int, int, str, str]]:
    """Rows that are not as wide as the names: the row, the column, what is wrong and what helps.

    Further cells are taken off where they are empty, and in most rows: else one may have moved the rest.
    """
    width = len(table.names)
    for index in rows:
        row = table.rows[index]
        if width < len(row) <= table.usual_width and not any(map(str.strip, row[width:])):
            del row[width:]
        if len(row) != width:
            cells = many(len(row), "cell")
            help_ = "a name or number with the delimiter in it needs quotes" if len(row) > width else "fill the row up"
            what = f"row {index + 1} has {cells} for {width} columns"
            yield index, min(len(row), width), what, help_


def check_magnitudes(
    table: CellTable, counts: Sequence[int], money: Sequence[int], beside: Iterable[tuple[str, str]]
) -> None:
    """That all thousands are told by the names of columns of figures: none is in doubt, and no line `beside` has more.

    What tells of money, as `in k€` does, is held against the columns of money alone. With each line stands how to leave
    it out.
    """
    multiplied = False
    for column in (*counts, *money):
        name = table.names[column]
        multiplied |= magnitude_of(name).factor > 1
        if may_be_multiplied(name):
            what = f"the name {quoted(name)} does not say for certain whether its figures are thousands or single units"
            table.refuse_name(column, "FN103", what, 'name it as "Revenue (k€)" or "Visits (thousands)", or without')
    for text, left_out in beside if not multiplied else ():
        of_money = not WORDS["currencies"].isdisjoint(words.plain(text).split())
        columns = money if of_money else (*counts, *money)
        if columns and tells_magnitude(text):
            name = table.names[columns[0]]
            what = f"{quoted(text)} stands beside the table, and the name {quoted(name)} does not say it"
            help_ = f"if so, name it {quoted(f'{name} (thousands)')} or as it is; if not, {left_out}"
            table.refuse_name(columns[0], "FN103", what, help_)
            return


def wrong_name(name: str) -> tuple[str, str, str] | None:
    """Why a cell is no name, as a code, what is wrong and help: an error of a spreadsheet, or invisible characters."""
    if words.CELLS["error_as_name"].fullmatch(name):
        help_ = "correct its formula, and export again"
        return "FN121", f"{quoted(name)} is an error of the spreadsheet, and no name", help_
    return ("FN015", f"an invisible character stands in {name!a}", "delete it") if hidden_places(name) else None


def check_labels(table: CellTable) -> None:
    """Each label with visible text, and one spelling for each segment; white space in labels is made single."""
    step = table.roles.step
    for column in table.roles.labels if step is None else (*table.roles.labels, step):
        is_step = column == step
        spelled: dict[str, tuple[str, int]] = {}
        for row in table.body:
            name = table.rows[row][column] = clean(table.rows[row][column])
            if name in spelled and spelled[name][0] == name:
                continue
            known, first = spelled.setdefault(fold(name), (name, row))
            if not name:
                if is_step:  # a row that adds others up may have no label
                    table.refuse(row, column, "FN121", "the stage has no name", "name it, or delete the row")
            elif wrong := wrong_name(name):
                table.refuse(row, column, *wrong)
            elif known != name and not is_step:
                what = f"{quoted(name)} and {quoted(known)} differ only in case"
                table.refuse(row, column, "FN106", what, "spell them alike", ("the other spelling", first, column))
        if not is_step:
            _check_subtotal_names(column, spelled, table)


def _check_subtotal_names(column: int, spelled: dict[str, tuple[str, int]], table: CellTable) -> None:
    """`Ads Total` beside `Ads` would be counted twice."""
    for folded, (name, row) in spelled.items():
        for rest in words.beside_total(folded):
            if rest in spelled:
                known, other = spelled[rest]
                what = f"{quoted(name)} looks like a subtotal of {quoted(known)} and would be counted twice"
                help_ = "delete the rows of subtotals, or rename the segment"
                table.refuse(row, column, "FN106", what, help_, ("the segment", other, column))


def check_falling(entries: Sequence[Entry], table: CellTable) -> None:
    """No count above that of the stage before it; the order of the columns or rows is the order of the stages."""
    help_ = _order_help(entries, table)
    for entry in entries:
        where = f"in {', '.join(map(quoted, entry.labels))}, " if entry.labels else ""
        for at in range(1, len(table.stages)):
            before, count = entry.figures[at - 1], entry.figures[at]
            if before is None or count is None or count <= before or table.figures[at].grows:
                continue
            lacks = not before and any(other.figures[at - 1] for other in entries)  # not counted in this row alone
            table.refuse_figure(
                entry,
                at,
                "FN104",
                f"{where}stage {quoted(table.stages[at])} ({decimal_text(count)}) exceeds the one before it, "
                f"{quoted(table.stages[at - 1])} ({decimal_text(before)})",
                "; ".join([*_other_uses(table, at - lacks), help_]),
            )


def _other_uses(table: CellTable, at: int) -> list[str]:
    """What a column that is no stage may be, by the options that say so; of two stages both are needed."""
    column = table.figures[at].column
    if table.roles.step is not None or table.origin is not None or len(table.stages) < 3:
        return []  # a row is a stage
    if find_name(table.names[column], table.options.counts) is not None:
        return []  # the caller says that it is one
    name = quoted(table.names[column])
    is_last = at == len(table.stages) - 1 and table.roles.revenue is None and not table.is_known
    earned = [f"money earned: --revenue {name}"] if is_last and not words.names_units(table.names[column]) else []
    return [f"no stage: --drop {name}", *earned]


def _order_help(entries: Sequence[Entry], table: CellTable) -> str:
    """How to say in which order the stages are, and that one may have more units than the one before it."""
    stages = table.stages
    if any("," in name for name in stages):
        ordered = "columns" if table.roles.step is None else "rows"
        return f"put the {ordered} in the order of the funnel, or give the funnel file, which may allow growth"
    sums = {name: sum(entry.figures[at] or 0 for entry in entries) for at, name in enumerate(stages)}
    falling = ",".join(sorted(stages, key=lambda name: -sums[name]))
    as_they_stand = f'as they stand, where that may be: --stages "{",".join(stages)}"'
    return as_they_stand if falling == ",".join(stages) else f'in falling order: --stages "{falling}"; {as_they_stand}'


def check_whole(entries: Sequence[Entry], table: CellTable) -> None:
    """No parts of units where those that enter are whole, but for names of what is attributed, weighed or a share."""
    entered = [entry.figures[0] for entry in entries]
    if any(count is None or count.denominator != 1 for count in entered):
        return
    if table.roles.step is not None and words.has_word("parts", table.names[table.roles.counts[0]]):
        return
    if all(count is not None and count <= 1 for count in entered):
        return  # shares of one
    for at, stage in enumerate(table.stages):
        for entry in () if table.figures[at].parts or words.has_word("parts", stage) else entries:
            count = entry.figures[at]
            if count is not None and count.denominator != 1:
                table.refuse_figure(
                    entry,
                    at,
                    "FN103",
                    f"{quoted(stage)} holds {decimal_text(count)}, and units of {quoted(table.stages[0])} are whole",
                    "; ".join(["correct the cell", *_other_uses(table, at), "for parts of units say --decimal"])
                    if table.roles.step is None
                    else "correct the cell; leave prices and rates out; for parts of units say --decimal",
                )
                break


def check_groups(entries: Sequence[Entry], table: CellTable) -> None:
    """No part of a visit or a person by a reading of `12,345` that could be another."""
    for entry in entries:
        for at in range(len(table.stages)):
            count, row, column = entry.figures[at], entry.rows[at], table.figures[at].column
            if count is not None and count.denominator != 1 and table.is_whole(row, column):
                what = f"{quoted(table.rows[row][column])} would not be whole"
                table.refuse(row, column, "FN103", what, "write whole counts")
                return
