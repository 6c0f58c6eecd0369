"""What `levers --sweep` says: a curve as a table with bars, or a grid of one figure as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.csv import fields
from funnelcli.output.document import Block, Cell, CellKind, Column, Note, Table
from funnelcli.output.numbers import header, in_table, text
from funnelcli.output.views.building import amounts_note, brief, figure_called, figure_word, kind_of, known, table
from funnelcli.output.views.goal import lever_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.sweep import SweepReport

BAR = 12
"""Cells of the longest bar."""
_FIGURES = ("sales", "revenue", "profit")
_PLACES = ("selector", "value", "selector_2", "value_2")


def blocks(result: SweepReport) -> Iterator[Block]:
    """A curve or a grid, and the figure as it is."""
    yield _curve(result) if len(result.axes) == 1 else _grid(result)
    yield _now(result)
    yield from amounts_note(result.cut, any(point.profit is not None for point in result.points))


def _curve(result: SweepReport) -> Table:
    """A row a value: sales, revenue, profit, the chosen figure, and its bar from 0."""
    (axis,) = result.axes
    ends = [float(point.metric) for point in result.points if point.metric is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    figures = tuple(known(result.points, *(Column(figure_called(key, result), key, kind_of(key)) for key in _FIGURES)))
    columns = (
        Column(lever_name(axis.selector), axis.selector, axis.kind, lambda point: point.at[axis.selector]),
        *figures,
        result.metric not in [figure.key for figure in figures] and Column(result.metric, "metric", result.kind),
        Column("", "bar", "text", lambda point: _bar(float(point.metric or 0), low, high), spare=1),
    )
    return table(result.points, columns)


def _bar(value: float, low: float, high: float) -> str:
    """A bar from 0, to the left where the value is below: `low` and `high` are the ends of all, 0 among them."""
    cell = (high - low) / BAR
    if not value or not cell:
        return ""
    left, length = round(-low / cell), max(1, round(abs(value) / cell))
    return " " * left + "█" * length if value > 0 else " " * max(0, left - length) + "─" * length


def _grid(result: SweepReport) -> Table:
    """The first lever downward, the second across."""
    down, across = result.axes
    tops = list(dict.fromkeys(point.at[across.selector] for point in result.points))
    columns = (
        Column(lever_name(down.selector), down.selector, down.kind),
        *(Column(_head(value, across.kind, result.currency), "value", "number") for value in tops),
    )
    figures = [point.metric for point in result.points]
    cells = [Cell(value, result.kind, warmth=place) for value, place in zip(figures, _warmth(figures), strict=True)]
    starts = range(0, len(cells), len(tops))
    rows = tuple((result.points[start].at[down.selector], *cells[start : start + len(tops)]) for start in starts)
    what = header(figure_called(result.metric, result), result.kind, result.currency)
    return Table(columns, rows, f"{what}, across: {lever_name(across.selector)}")


def _head(value: Any, kind: CellKind, currency: str | None) -> str:
    return in_table(value, "brief_rate" if kind == "rate" else kind, currency)


def _warmth(values: Sequence[Any]) -> list[float | None]:
    """The place of each value between the lowest and the highest of them, from 0 to 1."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    if low == high:
        return [None if value is None else 0.5 for value in values]
    return [None if value is None else float((value - low) / (high - low)) for value in values]


def csv_rows(result: SweepReport) -> Iterator[dict[str, Any]]:
    """One row a point."""
    for point in result.points:
        places = dict(zip(_PLACES, (part for place in point.at.items() for part in place), strict=False))
        yield fields(point) | {"metric": result.metric, "metric_value": point.metric} | places


def _now(result: SweepReport) -> Note:
    levers = ", ".join(
        f"{lever_name(axis.selector)} {text(axis.now, brief(axis.kind), result.currency)}" for axis in result.axes
    )
    now = text(result.now, brief(result.kind), result.currency)
    start = "As expected in the end" if result.in_the_end else "As it is"
    return Note(f"{start}: {figure_word(result.metric, result)} {now} at {levers}.")
