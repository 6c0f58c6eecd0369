"""What the columns of a table of counts are together: stages, labels and money of a wide table or of a long one.

A column of rates, prices, durations or numbers of rows is left out and said. What may be meant in two ways is a
problem, not a guess; so are lists of deals and logs of events, which look like tables of counts and are none.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.column_doubts import like_codes, why_no_role
from funnelcli.counts_table.column_groups import refuse_groups
from funnelcli.counts_table.columns import (
    LEFT_OUT,
    TableColumn,
    are_like_codes,
    columns_of,
    leave_out_losses,
    leave_out_ratios,
)
from funnelcli.counts_table.crossed import find_crossed
from funnelcli.counts_table.currency_names import currency_of_columns
from funnelcli.counts_table.long_roles import dimensions_of, find_long_roles, labels_of
from funnelcli.counts_table.merged_cells import fill_down
from funnelcli.counts_table.proved_totals import leave_out_total_columns
from funnelcli.counts_table.row_units import unit_of_rows
from funnelcli.counts_table.step_names import name_total, stage_names
from funnelcli.counts_table.table import ColumnRoles, StageTrait
from funnelcli.counts_table.told_columns import EMPTY, NOT_COUNTED, left_out, refuse_unturned
from funnelcli.counts_table.words import WORDS
from funnelcli.diagnostics import many, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.table import CellTable


def find_roles(table: CellTable) -> None:
    """Find what each column is, by what is told, by its name and by what it holds, or what is wrong with it."""
    columns = columns_of(table)
    if table.problems:
        return
    _find(table, columns)
    if table.turned is None and not table.problems:
        refuse_unturned(table)
    table.uses = tuple((column.name, column.said) for column in columns)


def _find(table: CellTable, columns: list[TableColumn]) -> None:
    """Find what the columns are together, and say which are left out."""
    layout = table.options.layout
    matched = [column for column in columns if column.stage is not None]
    unit = unit_of_rows(columns) if len(matched) < 2 and not any(column.hint for column in columns) else None
    if unit is not None:
        table.refuse_name(0, "FN114", f"each row is {unit[0]}, and a table of counts is needed", unit[1])
        return
    dated = next((column for column in columns if column.hint is not None and column.hint.kind == "date"), None)
    if dated is not None:
        what = f"each row is of one day or period ({quoted(dated.name)}), and people of several do not add up"
        table.refuse_name(dated.at, "FN114", what, "export the funnel of the whole time, without its trend")
        return
    steps = _steps(columns)
    leave_out_ratios(columns, bool(steps))
    if steps:
        leave_out_losses(columns)
    unmatched = [column for column in columns if column.kind == "count" and column.stage is None]
    for column in unmatched if steps and len(unmatched) > 1 else ():
        before = column.at == steps[0].at - 1 and column.base not in WORDS["counts"] and column.hint is None
        if before and words.is_numbering(column.cells):  # 1, 2, 3 before the steps is their number, whatever its name
            column.left_out = LEFT_OUT["index"]
    for column in unmatched if table.options.counts and not table.is_known else ():
        if column.hint is None:
            column.left_out = column.left_out or NOT_COUNTED
    table.uses = tuple((column.name, column.said) for column in columns)
    numbers = [column for column in columns if column.is_stage_count]
    counted = _counted(numbers, steps)
    told_steps = bool(steps) and steps[0].hint is not None
    if find_crossed(table, columns, steps, counted) or table.problems:
        table.notes += [] if table.problems else _said(columns)
        return
    if layout == "long" or (layout is None and (told_steps or len(matched) < 2) and steps and counted):
        for found, wanted in ((steps, "stage"), (counted, "count")):
            if len(found) != 1 and not (found and told_steps and wanted == "stage"):
                what = f"a long table has one column named {wanted}; here: {_listed(found)}"
                option = f"--{wanted.replace('stage', 'steps')}"
                help_ = " or ".join(f"{option} {quoted(column.name)}" for column in found) or f"{option} COLUMN"
                help_ = f"say which: {help_}; or --layout wide"
                table.refuse_name(found[-1].at if found else 0, "FN106" if found else "FN102", what, help_)
        if not table.problems:
            find_long_roles(table, columns, steps, counted[0])
    elif steps and layout is None and not matched:
        what = f"the column {quoted(steps[0].name)} names stages in rows, and no column is named count"
        help_ = _which_counts(numbers) if len(numbers) > 1 else table.understood()
        what = f"{what}: {_listed(numbers[:4])}"
        at, rates = steps[0].at, [column for column in columns if column.kind == "rate"]
        if not numbers and rates:
            at, what = rates[0].at, f"the column {quoted(rates[0].name)} holds rates, and a funnel counts"
            help_ = "export how many reached each step, in a column of its own"
        table.refuse_name(at, "FN114", what, help_)
    else:
        _find_wide_roles(table, columns)
        table.uses = tuple((column.name, column.said) for column in columns)
        of_money = all(found.problem.code in ("FN103", "FN113") for found in table.problems)
        if table.problems and of_money and len(table.roles.counts) < 2 and not table.options.named_stages:
            table.problems = []  # no column alone is at fault
            refuse_too_few(table, len(table.roles.counts))
    table.uses = tuple((column.name, column.said) for column in columns)
    table.notes += _said(columns)


def _said(columns: Sequence[TableColumn]) -> list[str]:
    """What is said of the columns that are left out; of a recipe's, empty ones are usual."""
    left = [(each.name, each.left_out) for each in columns if each.left_out != EMPTY or each.hint is None]
    return left_out((name, why) for name, why in left if why is not None)


def refuse_too_few(table: CellTable, stages: int) -> None:
    """Fewer than two stages: what each column was taken for, and a cell because of which a column is no stage."""
    help_ = table.understood()
    if stages == 1 and table.roles.step is None and table.roles.labels:
        named = " or ".join(f"--steps {quoted(table.names[at])}" for at in table.roles.labels[:3])
        help_ = f"where rows are the steps: {named}; {help_}"
    for column in set(table.roles.labels) - {0} if table.roles.step is None else ():  # labels mostly stand first
        texts = ((row, table.rows[row][column].strip()) for row in table.body)
        word = next(((row, text) for row, text in texts if locale_numbers.looks_like(text) == "text"), None)
        numbers = any(locale_numbers.looks_like(table.rows[row][column]) == "number" for row in table.body)
        if word is not None and (numbers or words.names_units(table.names[column])):
            cell, name = f"{quoted(word[1])} in line {table.starts[word[0]] + 1}", quoted(table.names[column])
            help_ = f"{cell} makes {name} a column of labels; write a number, if it is a stage; {help_}"
            break
    what = f"{many(stages, 'stage')}; a funnel has at least two"
    table.refuse_name(0, "FN105", what, help_)


def _steps(columns: Sequence[TableColumn]) -> list[TableColumn]:
    """The columns that name steps in rows: what is told outranks names."""
    steps = [column for column in columns if column.kind == "steps"]
    told = sorted((column for column in steps if column.hint is not None), key=lambda column: column.rank)
    named = [column for column in columns if column.kind == "label" and words.has_word("step_words", column.name)]
    alone = named[:1] if sum(column.is_stage_count for column in columns) == 1 else []
    return [column for column in told if column.is_asked] or told or steps or _numbered(columns) or alone


def _counted(numbers: Sequence[TableColumn], steps: Sequence[TableColumn]) -> list[TableColumn]:
    """The column of counts beside steps, or several that may be it; of a recipe's the first, but for what is asked."""
    told = sorted((column for column in numbers if column.hint is not None), key=lambda column: column.rank)
    asked = [column for column in told if column.is_asked]
    if asked or (told and steps):
        for column in told if steps else ():
            if column not in (asked or told[:1]):
                column.left_out = f"another count of the steps; instead of {quoted((asked or told)[0].name)}: --count"
        return asked or told[:1]
    return [column for column in numbers if column.base in WORDS["counts"]] or (
        list(numbers) if len(numbers) == 1 else []
    )


def _which_counts(numbers: Sequence[TableColumn]) -> str:
    """The options that tell which of several columns of numbers count the steps."""
    one, both = f"--count {quoted(numbers[0].name)}", " ".join(f"--count {quoted(each.name)}" for each in numbers)
    return f"name the one that counts: {one}; where they are segments: {both}; where they are stages: --layout wide"


def _listed(columns: Iterable[TableColumn]) -> str:
    return ", ".join(quoted(column.name) for column in columns) or "none"


def _numbered(columns: Sequence[TableColumn]) -> list[TableColumn]:
    """Beside numbers of steps, the one column of names, which is that of the steps."""
    texts = [column for column in columns if column.kind == "label"]
    numbered = any(column.kind == "index" and column.is_named("step_number") for column in columns)
    return texts if numbered and len(texts) == 1 else []


def _find_wide_roles(table: CellTable, columns: Sequence[TableColumn]) -> None:
    """A wide table has one column for each stage, money of the segment, and labels."""
    known = table.options.named_stages
    stages: list[TableColumn] = []
    money: dict[str, TableColumn] = {}
    leave_out_total_columns(columns)
    is_part = [row not in table.total_words for row in table.body]
    for column in columns:
        kind, own = column.kind, list(compress(column.cells, is_part))
        if kind in ("label", "steps", "currency") or column.left_out is not None:
            continue
        if kind == "empty" and _may_be_empty(column, known):
            column.left_out = EMPTY
        elif column.hint is None and column.stage is None and are_like_codes(own):
            table.refuse_name(column.at, *like_codes(column, own, known, columns))
        elif kind in ("spend", "revenue") and kind not in money:
            money[kind] = column
        elif kind == "count" and column.hint is not None and not known:
            stages.append(column)
        elif column.stage is None and (refused := why_no_role(column, known, columns)):
            related = ("the first", table.header, money[kind].at) if kind in money else None
            table.refuse_name(column.at, *refused, related)
        elif kind == "count":
            stages.append(column)
    if known:
        _check_matched(table, known, stages)
        stages.sort(key=lambda column: column.stage or 0)
    elif any(column.hint is not None for column in stages):
        stages.sort(key=lambda column: column.rank)
    if not known and not table.problems and not any(column.hint for column in stages):
        refuse_groups(table, [column.at for column in stages])
    budget, revenue = (money[kind].at if kind in money else None for kind in ("spend", "revenue"))
    labels = labels_of(columns)
    told = table.is_known
    grows = table.more.says("grows")
    for at in labels if told else ():
        name_total(table, at)
    if not table.problems:
        fill_down(table, None, labels)
    table.roles = ColumnRoles(
        labels,
        tuple(column.at for column in stages),
        stage_names(table, [column.stage_name for column in stages]) if not known else tuple(known),
        dimensions=dimensions_of(table, labels),
        traits=tuple(StageTrait(people=not column.adds_up, grows=grows) for column in stages) if told else (),
        budget=budget,
        revenue=revenue,
        currency=currency_of_columns(
            table, [each.at for each in columns if each.kind == "currency"], [each.at for each in money.values()]
        ),
    )


def _may_be_empty(column: TableColumn, known: Sequence[str]) -> bool:
    """Whether an empty column can be no stage."""
    expected = any(column.base in WORDS[group] for group in ("spend", "revenue", "labels", "computed"))
    return bool(known) or expected or column.is_named("rate")


def _check_matched(table: CellTable, names: Sequence[str], stages: Sequence[TableColumn]) -> None:
    """Each stage of the funnel has one column."""
    first: dict[int | None, TableColumn] = {}
    for column in stages:
        known = first.setdefault(column.stage, column)
        if known is not column:
            what = f"two columns are the stage {quoted(names[column.stage or 0])}"
            table.refuse_name(column.at, "FN106", what, "leave one out", ("the first", table.header, known.at))
    lacking = [name for at, name in enumerate(names) if at not in first]
    if lacking and not table.problems:
        listed = ", ".join(map(quoted, lacking[:12])) + (", …" if len(lacking) > 12 else "")
        table.refuse_name(0, "FN114", f"no column for {listed}", "give each stage of the funnel a column of its name")
