"""What the columns of a recognised export of segments are: stages in the order of the recipe, labels, money, days."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.columns import LEFT_OUT, kind_of
from funnelcli.counts_table.currency_names import currency_of_columns
from funnelcli.counts_table.recipe_keys import KINDS
from funnelcli.counts_table.recipes import RecipeColumn
from funnelcli.counts_table.segment_doubts import (
    SegmentColumn,
    refuse_levels,
    refuse_millionths,
    why_no_revenue,
    why_no_stage,
)
from funnelcli.counts_table.table import ColumnRoles, StageTrait, clean, folded_cell
from funnelcli.counts_table.told_columns import DROPPED, UNKNOWN, by_options, left_out, use_of
from funnelcli.counts_table.words import is_total
from funnelcli.diagnostics import joined, many, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

LEVELS = ("day", "week", "month", "quarter", "year")
"""Keys of columns of dates, the finest first."""
_MOST_NAMED = 12
_TOLD = ("drop", "count", "label", "revenue", "spend")
"""What a column of such an export can be told to be."""


class DateColumns(NamedTuple):
    """Columns of dates: the finest that names a day, week or month, and the first and last day of what a row is of."""

    at: int | None = None
    level: str | None = None
    first: int | None = None
    last: int | None = None


def find_segment_roles(table: CellTable) -> DateColumns:
    """Give the table its roles, by the recipe's hints and the caller's options; what is wrong is among its problems."""
    columns, left = _known(table)
    refuse_levels(table)
    present = {column.key for column in columns}
    for column in list(columns):
        above = column.hint.more.text("unless")
        if above in present and not column.asked:
            columns.remove(column)
            left.append((column.name, column.hint.why or f"finer than {above}"))
    stages, others = [], []
    for column in columns:
        if column.hint.kind != "count":
            others.append(column)
        elif (why := why_no_stage(table, column, columns)) is not None:
            left.append((column.name, why))
        else:
            stages.append(column)
    if table.options.named_stages:
        stages = _matched(table, stages, left)
    elif len(stages) < 2:
        _refuse_too_few(table, stages)
    money = {"spend": _one(table, others, "spend"), "revenue": _one(table, others, "revenue")}
    earned = money["revenue"]
    if earned is not None and not any(table.rows[row][earned.at].strip("0.,- ") for row in table.body):
        left.append((earned.name, "0 in all rows"))
        earned = money["revenue"] = None
    if earned is not None and (why := why_no_revenue(table, earned, stages)) is not None:
        left.append((earned.name, why))
        money["revenue"] = None
    for column in filter(None, money.values()):
        refuse_millionths(table, column)
    dates = [column for column in others if column.hint.kind == "date"]
    levels = sorted((LEVELS.index(column.key), column.at, column) for column in dates if column.key in LEVELS)
    left += [(column.name, f"said by {quoted(levels[0][2].name)}") for _, _, column in levels[1:]]
    edges = {column.key: column.at for column in dates if column.key in ("first", "last")}
    if len(edges) == 1:
        left += [(column.name, "one end of a time") for column in dates if column.key in edges]
    labels = _labels(table, [column for column in others if column.hint.kind == "label"], left)
    paid = [column.at for column in money.values() if column is not None]
    currencies = [column for column in others if column.hint.kind == "currency"]
    table.roles = ColumnRoles(
        tuple(column.at for column in labels),
        tuple(column.at for column in stages),
        tuple(column.name for column in stages) if not table.options.named_stages else table.options.named_stages,
        budget=None if money["spend"] is None else money["spend"].at,
        revenue=None if money["revenue"] is None else money["revenue"].at,
        currency=currency_of_columns(table, [column.at for column in currencies], paid),
        dimensions=tuple(column.key for column in labels),
        traits=tuple(_trait(column) for column in stages),
        adds_rows=True,
    )
    table.notes += left_out(left)
    kept = [*labels, *stages, *dates, *filter(None, money.values()), *currencies]
    uses = {name: f"left out: {why}" for name, why in left}
    by_place = {column.at: use_of(column.hint) for column in kept}
    table.uses = tuple(
        (name, uses.get(name) or by_place.get(at, KINDS["drop"])) for at, name in enumerate(table.names) if name
    )
    finest = levels[0][2] if levels else None
    first, last = (edges.get(key) if len(edges) > 1 else None for key in ("first", "last"))
    return DateColumns(
        None if finest is None else finest.at,
        None if finest is None else finest.key,
        first,
        last,
    )


def _labels(table: CellTable, columns: list[SegmentColumn], left: list[tuple[str, str]]) -> list[SegmentColumn]:
    """The columns of labels; but for the first of them, those that say the same in all rows tell nothing."""
    kept = []
    for column in columns:
        cells = (table.rows[row][column.at] for row in table.body)
        filled = [cell for cell in cells if not locale_numbers.names_nothing(cell)]
        names = {folded_cell(cell): clean(cell) for cell in filled if not is_total(cell)}
        if len(names) > 1 or column.asked or column is columns[0]:
            kept.append(column)
        else:
            left.append((column.name, f"{quoted(next(iter(names.values())))} in all rows" if names else "empty"))
    return kept


def _trait(column: SegmentColumn) -> StageTrait:
    more = column.hint.more
    is_empty_none = more.text("empty") == "zero"
    return StageTrait(column.hint.role, not column.hint.adds_up, more.says("parts"), more.says("grows"), is_empty_none)


def _known(table: CellTable) -> tuple[list[SegmentColumn], list[tuple[str, str]]]:
    """The columns that are kept so far, in the order of the recipe, and why others are left out."""
    names, hints = table.names, table.hints
    told = {at: column.kind for at, column in by_options(table, _TOLD, _TOLD).items()}
    known = {fold(names[at]): at for at in reversed(list(hints))}
    for at, name in enumerate(names):
        if (
            name
            and told.get(at) != "drop"
            and known.get(fold(name), at) != at
            and hints[known[fold(name)]].kind != "drop"
        ):
            related = ("the first", table.header, known[fold(name)])
            table.refuse_name(at, "FN106", f"two columns are named {quoted(name)}", "take one out", related)
    columns: list[SegmentColumn] = []
    left: list[tuple[str, str]] = []
    order = {at: place for place, at in enumerate(hints)}
    for at in sorted(range(len(names)), key=lambda at: (order.get(at, len(order)), at)):
        name, hint = names[at], hints.get(at)
        kind = told.get(at)
        if kind == "drop":
            left.append((name, DROPPED))
        elif kind == "count" or table.stage_at(name) is not None:
            counted = hint if hint is not None and hint.kind == "count" else RecipeColumn("count")
            columns.append(SegmentColumn(at, name, counted, asked=True))
        elif kind == "label":
            columns.append(SegmentColumn(at, name, RecipeColumn("label", hint.key if hint else name), asked=True))
        elif kind in ("revenue", "spend"):
            columns.append(SegmentColumn(at, name, RecipeColumn(kind), asked=True))
        elif hint is None:
            looks = kind_of(name, [table.rows[row][at] for row in table.body])
            if looks in LEFT_OUT and name:
                left.append((name, LEFT_OUT[looks]))
            elif looks != "empty" and name:
                left.append((name, UNKNOWN["words" if looks in ("label", "steps", "currency") else "numbers"]))
        elif hint.kind == "drop":
            left.append((name, hint.why or KINDS["drop"]))
        else:
            columns.append(SegmentColumn(at, name, hint))
    return columns, left


def _refuse_too_few(table: CellTable, stages: Sequence[SegmentColumn]) -> None:
    """Fewer than two stages; the columns that the caller can make one are named."""
    known = {column.at for column in stages}
    counts = [at for at, hint in table.hints.items() if hint.kind == "count" and at not in known]
    unknown = [at for at in range(len(table.names)) if at not in table.hints]
    numbers = [
        at
        for at in unknown
        if kind_of(table.names[at], [table.rows[row][at] for row in table.body]) in ("count", "money")
    ]
    names = [quoted(table.names[at]) for at in [*counts, *numbers][:_MOST_NAMED]]
    help_ = f"a column becomes one by --count: {', '.join(names)}" if names else "export another column of counts"
    what = f"{many(len(stages), 'stage')}; a funnel has at least two"
    table.refuse_name(stages[0].at if stages else 0, "FN105", what, help_)


def _one(table: CellTable, columns: Sequence[SegmentColumn], kind: str) -> SegmentColumn | None:
    """The one column of money of a kind."""
    found = [column for column in columns if column.hint.kind == kind]
    found = [column for column in found if column.asked] or found
    for column in found[1:]:
        related = ("the first", table.header, found[0].at)
        table.refuse_name(
            column.at, "FN113", f"{quoted(column.name)} is a second column of {kind}", "keep one", related
        )
    return found[0] if found else None


def _matched(table: CellTable, stages: Sequence[SegmentColumn], left: list[tuple[str, str]]) -> list[SegmentColumn]:
    """The columns of the stages of a known funnel, in its order."""
    known = table.options.named_stages
    found = {table.stage_at(column.name): column for column in reversed(stages)}
    lacking = [name for at, name in enumerate(known) if at not in found]
    if lacking:
        listed = joined([quoted(name) for name in lacking[:_MOST_NAMED]])
        here = joined([quoted(column.name) for column in stages]) if stages else "none"
        help_ = f"name the stages as the columns of counts are called: {here}"
        table.refuse_name(0, "FN114", f"no column for {listed}", help_)
    left += [(column.name, "no stage of the funnel") for column in stages if column not in found.values()]
    return [found[at] for at in range(len(known)) if at in found]
