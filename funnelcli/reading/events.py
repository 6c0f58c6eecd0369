"""Which recorded events a funnel is measured from: names of a table and its columns, and conditions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem
from funnelcli.model import Condition, Measure
from funnelcli.reading import fields, scalars
from funnelcli.reading.node_reader import parsers
from funnelcli.reading.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from funnelcli.model import When
    from funnelcli.reading.node_reader import NodeReader
    from funnelcli.reading.nodes import Node

_MEASURE = parsers(fields.MEASURE)


def read_measure(reader: NodeReader, node: Node | None) -> Measure | None:
    """Names of a table and its columns."""
    if node is None or isinstance(node, Broken):
        return None
    if not isinstance(node, Mapping):
        reader.expected("a mapping", node, "write measure: {table: events, unit: user_id, time: created_at}")
        return None
    values, nodes = reader.fields(node, _MEASURE)
    between = nodes.get("between")
    dates: tuple[str, ...] = ()
    if between is not None:
        if isinstance(between, Sequence) and len(between.items) == 2:
            read = [reader.scalar(item, scalars.label, "a date", 'write "2026-10-01"') for item in between.items]
            dates = tuple(date for date in read if date is not None)
        else:
            reader.expected("a list of two dates", between, 'write ["2026-10-01", "2026-11-01"]')
    columns = tuple(
        (dimension, column)
        for dimension, _, value in reader.entries(
            nodes.get("breakdowns"), "a mapping of dimensions to columns", "write channel: utm_source"
        )
        if (column := reader.scalar(value, scalars.label, "a column", "write a name")) is not None
    )
    exclude = read_when(reader, nodes["exclude"]) if "exclude" in nodes else ()
    return Measure(
        values.get("table"),
        values.get("unit"),
        values.get("time"),
        values.get("window"),
        values.get("order"),
        dates,
        columns,
        exclude,
    )


def read_when(reader: NodeReader, node: Node) -> When:
    """Conditions on events: a mapping, or a list of mappings of which any may hold."""
    cure = "write when: {column: value}"
    alternatives = node.items if isinstance(node, Sequence) and node.items else [node]
    return tuple(
        tuple(
            Condition(column, _condition_values(reader, value))
            for column, _, value in reader.entries(alternative, "a mapping of columns to values", cure)
        )
        for alternative in alternatives
    )


def _condition_values(reader: NodeReader, node: Node) -> tuple[Any, ...]:
    """One value or a list of values that a column is compared with."""
    if isinstance(node, Sequence) and not node.items:
        reader.expected("a value", node, "write one value or a list of values; no event is in an empty list")
        return ()
    values = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(item, (Mapping, Sequence)):
            reader.expected("a value", item, "write one value or a list of values")
        elif not isinstance(item, Broken):
            value = scalars.value_of_any_kind(item.value, not item.style)
            if isinstance(value, Problem):
                reader.report(value, item)
            else:
                values.append(value)
    return tuple(values)
