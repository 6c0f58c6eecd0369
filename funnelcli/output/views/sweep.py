"""What `levers --sweep` says: a curve as a table with bars, or a grid of one figure as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, document_of
from funnelcli.output.numbers import in_table, visible
from funnelcli.output.views.goal import lever_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.sweep import SweepReport

BAR = 12
"""Cells of the longest bar."""
_FIGURES = (("sales", "count"), ("revenue", "money"), ("profit", "money"))


def view(results: Sequence[SweepReport]) -> Document:
    """A curve or a grid, and the same a row a point for machines."""
    return document_of(results, _blocks)


def _blocks(result: SweepReport) -> tuple[Block, ...]:
    picture = _curve(result) if len(result.axes) == 1 else _grid(result)
    return (picture, _machine_table(result), _now(result))


def _curve(result: SweepReport) -> Table:
    """A row a value: sales, revenue, profit, the chosen figure, and its bar from 0."""
    (axis,) = result.axes
    figures = [(key, kind) for key, kind in _FIGURES if any(getattr(point, key) is not None for point in result.points)]
    other = result.metric not in [key for key, _ in figures]
    columns = [Column(lever_name(axis.selector), axis.selector, axis.kind)]
    columns += [Column(key.capitalize(), key, kind) for key, kind in figures]
    columns += [Column(result.metric, "metric", result.kind)] if other else []
    columns.append(Column("", "bar", "text"))
    ends = [float(point.metric) for point in result.points if point.metric is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    rows = []
    for point in result.points:
        shown = [getattr(point, key) for key, _ in figures] + ([point.metric] if other else [])
        bar = "" if point.metric is None else _bar(float(point.metric), low, high)
        rows.append((point.at[axis.selector], *shown, bar))
    return Table(tuple(columns), tuple(rows), audience="people")


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
        *(Column(_head(value, across.kind, result.currency), "value", "heat") for value in tops),
    )
    rows = []
    for start in range(0, len(result.points), len(tops)):
        line = result.points[start : start + len(tops)]
        cells = ((point.metric, result.kind, _share(result, point.metric)) for point in line)
        rows.append((line[0].at[down.selector], *cells))
    title = visible(f"{_title(result)}, across: {lever_name(across.selector)}")
    return Table(columns, tuple(rows), title=title, audience="people")


def _title(result: SweepReport) -> str:
    unit = f", {result.currency}" if result.currency and result.kind == "money" else ""
    return f"{result.metric.capitalize()}{unit}"


def _head(value: Any, kind: str, currency: str | None) -> str:
    return in_table(value, "brief_rate" if kind == "rate" else kind, currency)


def _share(result: SweepReport, value: Any) -> float | None:
    """A value's place between the lowest and the highest of the sweep, from 0 to 1."""
    known = [point.metric for point in result.points if point.metric is not None]
    if value is None or not known:
        return None
    low, high = min(known), max(known)
    return 0.5 if low == high else float((value - low) / (high - low))


def _machine_table(result: SweepReport) -> Table:
    """One row a point."""
    names = [("selector", "value"), ("selector_2", "value_2")]
    columns: list[Column] = []
    for selector, value in names:
        columns += [Column("Selector", selector, "text"), Column("Value", value, "number")]
    columns += [Column(key.capitalize(), key, "number") for key, _ in _FIGURES]
    columns += [Column("Metric", "metric", "text"), Column("Metric value", "metric_value", "number")]
    rows = []
    for point in result.points:
        places: list[Any] = [part for place in point.at.items() for part in place]
        places += [None] * (2 * len(names) - len(places))
        rows.append((*places, point.sales, point.revenue, point.profit, result.metric, point.metric))
    return Table(tuple(columns), tuple(rows), audience="machines")


def _now(result: SweepReport) -> Note:
    parts: list[Cell | str] = ["As it is: ", result.metric, " ", Cell(result.now, _brief(result.kind))]
    for number, axis in enumerate(result.axes):
        parts += [", " if number else " at ", lever_name(axis.selector), " ", Cell(axis.now, _brief(axis.kind))]
    return Note((*parts, "."))


def _brief(kind: str) -> str:
    return "brief_rate" if kind == "rate" else kind
