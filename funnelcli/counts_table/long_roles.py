"""What the columns of a table with steps in rows are together: steps, their counts, labels, and times between steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.merged_cells import fill_down
from funnelcli.counts_table.proved_totals import leave_out_total_steps
from funnelcli.counts_table.step_names import tidy_names
from funnelcli.counts_table.table import ColumnRoles, StageTrait
from funnelcli.counts_table.told_columns import EMPTY
from funnelcli.diagnostics import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.columns import TableColumn
    from funnelcli.counts_table.table import CellTable

_TIMES = ("mean_time", "median_time")


def find_long_roles(
    table: CellTable, columns: Sequence[TableColumn], steps: Sequence[TableColumn], counts: TableColumn
) -> None:
    """A long table has one column of steps, one of counts, and labels.

    Of several columns of steps the first filled cell of a row is its step. A cell that is merged over several rows is
    filled in the first of them alone, and so is the step of a report that names it once.
    """
    step = steps[0]
    times: dict[str, int] = {}
    money: list[TableColumn] = []
    beside: list[TableColumn] = []
    for column in columns:
        kind = column.kind
        if column in steps or column is counts or kind in ("label", "steps", "currency") or column.left_out:
            continue
        if kind == "empty":
            column.left_out = EMPTY if column.name else None
        elif kind in _TIMES:
            times[kind] = column.at
        elif kind == "count":
            beside.append(column)
        else:
            money.append(column)
    if beside:
        names = [quoted(column.name) for column in beside]
        hold = f"column {names[0]} holds" if len(beside) == 1 else f"columns {joined(names)} hold"
        what = f"the {hold} numbers beside the counts in {quoted(counts.name)}"
        labels_ = " ".join(f"--label {name}" for name in names)
        help_ = f"say which counts: --count {quoted(counts.name)}; for labels that are numbers: {labels_}"
        table.refuse_name(beside[0].at, "FN103", what, help_)
    if money and not table.problems:
        names = [quoted(column.name) for column in money]
        is_one = "is money of a segment" if len(money) == 1 else "are money of segments"
        what = f"{joined(names)} {is_one}, and here rows are stages of segments"
        help_ = f"leave it out: {' '.join(f'--drop {name}' for name in names)}; or export one column a stage"
        table.refuse_name(money[0].at, "FN114", what, help_)
    labels = labels_of(columns, steps)
    for row in table.body if len(steps) > 1 else ():
        cells = (table.rows[row][column.at] for column in steps)
        table.rows[row][step.at] = next((cell for cell in cells if cell.strip()), "")
    fill_down(table, step.at, labels)
    leave_out_total_steps(table, step.at, counts.at, labels)
    labels = _without_descriptions(table, columns, step, labels)
    tidy_names(table, step.at, labels)
    mean, median = (times.get(kind) for kind in _TIMES)
    table.roles = ColumnRoles(
        labels,
        (counts.at,),
        step=step.at,
        dimensions=dimensions_of(table, labels),
        traits=_traits(table, step.at, counts, labels),
        mean_time=mean,
        median_time=median,
    )


def _without_descriptions(
    table: CellTable, columns: Sequence[TableColumn], step: TableColumn, labels: tuple[int, ...]
) -> tuple[int, ...]:
    """The labels without words that stand beside steps of which each has one row: they are no segments."""
    names = [table.rows[row][step.at] for row in table.body]
    if len(set(names)) < len(names):
        return labels
    described = {at for at in labels if len({table.rows[row][at] for row in table.body}) == len(names) > 1}
    for column in columns:
        if column.at in described:
            column.left_out = "words beside the steps, of which each has one row"
    return tuple(at for at in labels if at not in described)


def _traits(table: CellTable, step: int, counts: TableColumn, labels: Sequence[int]) -> tuple[StageTrait, ...]:
    """What a recipe says of the counts of its steps, by stage."""
    if counts.hint is None or not table.is_known:
        return ()
    hints = [table.hints[at] for at in labels if at in table.hints]
    overlap = any(hint.more.says("overlap") for hint in hints)
    trait = StageTrait(people=not counts.hint.adds_up, grows=table.more.says("grows"), overlap=overlap)
    stages = table.options.named_stages or {table.rows[row][step]: row for row in table.body}
    return (trait,) * len(stages)


def labels_of(columns: Sequence[TableColumn], steps: Sequence[TableColumn] = ()) -> tuple[int, ...]:
    """The columns of labels, without those of the steps."""
    return tuple(
        column.at
        for column in columns
        if column.kind in ("label", "steps") and column not in steps and column.left_out is None
    )


def dimensions_of(table: CellTable, labels: Sequence[int]) -> tuple[str, ...]:
    """The names of the breakdowns by columns of labels: what a recipe calls them, else their own."""
    hints = table.hints
    return tuple((hints[at].key if at in hints else "") or table.names[at] for at in labels)
