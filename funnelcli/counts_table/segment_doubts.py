"""Why a column of a recognised export is not what its name says: results of several kinds, money of another stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import joined, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.recipes import RecipeColumn
    from funnelcli.counts_table.table import CellTable


class SegmentColumn(NamedTuple):
    """A column: its place and name, what the recipe or the caller says of it, and whether the caller asked for it."""

    at: int
    name: str
    hint: RecipeColumn
    asked: bool = False

    @property
    def key(self) -> str:
        """The key of the recipe's column; its own name where the recipe does not know it."""
        return self.hint.key or self.name


def why_no_stage(table: CellTable, column: SegmentColumn, columns: Sequence[SegmentColumn]) -> str | None:
    """Why a column of counts is no stage; `None` where it is one."""
    more = column.hint.more
    if column.asked:
        return None
    if sum(each.key == column.key for each in columns) > 1:  # goals, of which none comes from the other
        return f"one of several of their kind; --count {quoted(column.name)} makes it a stage"
    if more.says("asked"):
        return f"{column.hint.why or 'one of several events'}; --count {quoted(column.name)} makes it a stage"
    if more.texts("kinds"):
        return _why_mixed(table, column)
    return None


def _why_mixed(table: CellTable, column: SegmentColumn) -> str | None:
    """Why results are no stage: of several kinds, of none that is said, or of a kind that comes before the others."""
    keys = column.hint.more.texts("kinds")
    beside = [at for at, hint in table.hints.items() if hint.key in keys]
    way_out = f"--count {quoted(column.name)} makes it a stage"
    if not beside:
        return f"no column says of what kind; {way_out}"
    rows = _kinds(table, column)
    kinds = [kind for kind in rows if kind]
    if len(kinds) == 1:
        if any(word in fold(kinds[0]) for word in column.hint.more.texts("never")):
            return f"{kinds[0]} is no stage after the others; {way_out}"
        if "" in rows:
            row, name = rows[""], quoted(column.name)
            what = f"{quoted(table.names[beside[0]])} says not of which kind the {name} of {table.row_called(row)} are"
            help_ = f"write {quoted(kinds[0])}, if they are of it; {way_out}; --drop {name} leaves it out"
            table.refuse(row, beside[0], "FN102", what, help_)
        table.notes.append(f"all {quoted(column.name)} are of one kind: {kinds[0]}")
        return None
    if not rows:
        return "there are none"
    if not kinds:
        return f"no row says of what kind; {way_out}"
    return f"of several kinds: {joined([kind or 'not named' for kind in list(rows)[:4]])}; {way_out}"


def _kinds(table: CellTable, column: SegmentColumn) -> dict[str, int]:
    """What the columns beside results say of their kinds, by the first row that has any; empty where they say none."""
    hints = table.hints
    beside = [at for at, hint in hints.items() if hint.key in column.hint.more.texts("kinds")]
    labels = [at for at, hint in hints.items() if hint.kind == "label"]
    kinds: dict[str, tuple[str, int]] = {}
    for row in table.body:
        cells = table.rows[row]
        if row in table.total_words or not any(cells[at].strip() for at in labels):
            continue
        if max(locale_numbers.readings(cells[column.at]), default=0):
            named = " / ".join(clean(cells[at]) for at in beside if not locale_numbers.is_blank(cells[at]))
            kinds.setdefault(fold(named), (named, row))
    return dict(kinds.values())


def refuse_millionths(table: CellTable, column: SegmentColumn) -> None:
    """Money that is written in millionths, as far as whole cents tell."""
    cells = [table.rows[row][column.at].strip() for row in table.body] if column.hint.more.says("millionths") else []
    filled = [cell for cell in cells if cell.strip("0.,- ")]
    if filled and all(cell.isdecimal() and len(cell) > 4 and cell.endswith("0000") for cell in filled):
        what = f"{quoted(column.name)} seems to be in millionths: {filled[0]} and all others end in 0000"
        help_ = "ask for the report with returnMoneyInMicros: false, or divide the column by 1,000,000"
        table.refuse_name(column.at, "FN207", what, help_)


def why_no_revenue(table: CellTable, earned: SegmentColumn, stages: Sequence[SegmentColumn]) -> str | None:
    """Why money earned is not that of the last stage; `None` where it is."""
    of = earned.hint.more.texts("of")
    if not of or (stages and stages[-1].key in of):
        return None
    if stages and stages[-1].hint.more.texts("kinds"):  # results are what the money is of, where they are of its kind
        kinds = _kinds(table, stages[-1])
        if kinds and all(any(word in fold(kind) for word in earned.hint.more.texts("kinds")) for kind in kinds):
            return None
    headers = [table.names[at] for at, hint in table.hints.items() if hint.key in of]
    named = f"; --count {quoted(headers[0])} makes it one" if headers else ""
    return f"money of what is not the last stage here{named}"


def refuse_levels(table: CellTable) -> None:
    """A column that says of which level a row is, where there are several: campaigns, and their ads again."""
    for at, hint in table.hints.items():
        levels: dict[str, int] = {}
        for row in table.body if hint.more.says("levels") else ():
            if locale_numbers.looks_like(table.rows[row][at]) == "text":
                levels.setdefault(fold(clean(table.rows[row][at])), row)
        if len(levels) > 1:
            what = f"rows are of several levels, {joined([quoted(level) for level in levels])}, each a part of another"
            help_ = "export one level, or delete the rows of the others"
            table.refuse(list(levels.values())[1], at, "FN106", what, help_)
