"""Which recorded events a funnel is measured from, and what a measurement noted: names and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import moments, scalars, schema
from funnelcli.funnel_file.node_reader import parsers
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.model import Measure, Measured

if TYPE_CHECKING:
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.model import Exact, When

_MEASURE = parsers(schema.MEASURE)
_MEASURED = parsers(schema.MEASURED)


def read_measure(reader: NodeReader, node: Node | None) -> Measure | None:
    """Names of a table and its columns."""
    if node is None or isinstance(node, Broken):
        return None
    if not isinstance(node, Mapping):
        reader.expected("a mapping", node, "write measure: {table: events, unit: user_id, time: created_at}")
        return None
    values, nodes = reader.fields(node, _MEASURE)
    columns = tuple(
        (dimension, column)
        for dimension, _, value in reader.entries(
            nodes.get("breakdowns"), "a mapping of dimensions to columns", "write channel: utm_source"
        )
        if (column := reader.scalar(value, scalars.label, "a column", "write a name")) is not None
    )
    exclude: When = ()
    if "exclude" in nodes:
        from funnelcli.funnel_file.conditions import read_when  # only what is measured has conditions

        exclude = read_when(reader, nodes["exclude"])
    return Measure(
        values.get("table"),
        values.get("unit"),
        values.get("time"),
        values.get("window"),
        values.get("order"),
        _between(reader, nodes.get("between")),
        columns,
        exclude,
        values.get("id"),
        values.get("epoch"),
        values.get("period"),
        values.get("entry"),
    )


def read_measured(reader: NodeReader, node: Node | None) -> Measured | None:
    """What a measurement noted."""
    if node is None or isinstance(node, Broken):
        return None
    if not isinstance(node, Mapping):
        reader.expected("a mapping", node, "delete it: funnelcli measure writes it")
        return None
    values, nodes = reader.fields(node, _MEASURED)
    cohorts = nodes.get("not_mature")
    if cohorts is not None and not isinstance(cohorts, Sequence):
        reader.expected("a list of names", cohorts, 'write ["2026-W43"]')
    medians = reader.entries(nodes.get("median_days"), "a mapping of stages to days", "write {Paid: 2.5}")
    days = [(name, reader.scalar(value, scalars.number, "a number", "write 2.5")) for name, _, value in medians]
    return Measured(
        **values,
        between=_between(reader, nodes.get("between")),
        not_mature=tuple(
            name
            for item in (cohorts.items if isinstance(cohorts, Sequence) else ())
            if (name := reader.scalar(item, scalars.label, "a name", 'write "2026-W43"')) is not None
        ),
        median_days=tuple((name, number) for name, number in days if number is not None),
        counted_again=tuple(
            (name, _surplus(reader, value))
            for name, _, value in reader.entries(
                nodes.get("counted_again"), "a mapping of dimensions to counts", "write {channel: [120, 34]}"
            )
        ),
    )


def _surplus(reader: NodeReader, node: Node) -> tuple[Exact, ...]:
    """Counts in stage order."""
    if not isinstance(node, Sequence):
        reader.expected("a list of counts", node, "write [120, 34]")
        return ()
    counts = [reader.scalar(item, scalars.count, "a count", "write 120") for item in node.items]
    return tuple(count for count in counts if count is not None)


def _between(reader: NodeReader, node: Node | None) -> tuple[str, ...]:
    """Two moments, the first before the second."""
    if node is None:
        return ()
    if not isinstance(node, Sequence) or len(node.items) != 2:
        reader.expected("a list of two dates", node, 'write ["2026-10-01", "2026-11-01"]')
        return ()
    read = [reader.scalar(item, moments.moment, "a date", 'write "2026-10-01"') for item in node.items]
    if None in read:
        return ()
    if not moments.grows(*read):
        problem = Problem("FN103", f"{read[1]} is not after {read[0]}", "write the earlier date first")
        reader.report(problem, node.items[1])
    return tuple(read)
