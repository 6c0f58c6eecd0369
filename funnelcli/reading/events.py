"""Which recorded events a funnel is measured from, and what a measurement noted: names, conditions, figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import COMPARISONS, Comparison, Condition, Measure, Measured
from funnelcli.reading import fields, moments, scalars
from funnelcli.reading.node_reader import parsers
from funnelcli.reading.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from funnelcli.model import When
    from funnelcli.reading.node_reader import NodeReader
    from funnelcli.reading.nodes import Node

_MEASURE = parsers(fields.MEASURE)
_MEASURED = parsers(fields.MEASURED)
_COMPARISON = re.compile(rf"(?:({'|'.join(COMPARISONS[:6])}) *|({'|'.join(COMPARISONS[6:8])}) +)(.*)", re.DOTALL)


_MISTAKEN = re.compile(r"=>|=<|==|<>")


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
    exclude = read_when(reader, nodes["exclude"]) if "exclude" in nodes else ()
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
    )


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
            value = condition_value(item.value, not item.style)
            if isinstance(value, Problem):
                reader.report(value, item)
            else:
                values.append(value)
    return tuple(values)


def condition_value(text: str, plain: bool = True) -> Any:
    """A value to be equal to, a `Comparison`, or a `Problem`.

    `>= 10` and its like want a number or a date, as the order of text differs from database to database; `like` wants
    a pattern of SQL, in which % stands for any text and _ for any character. `= like x` is the text "like x".
    """
    if text == "not null":
        return Comparison(text)
    mistaken = _MISTAKEN.match(text)
    if mistaken:
        right = {"=>": ">=", "=<": "<=", "==": "=", "<>": "!="}[mistaken[0]]
        return Problem("FN103", f"{mistaken[0]} is no comparison", f'write "{right} …", or "= {text}" for the text')
    match = _COMPARISON.fullmatch(text)
    if match is None:
        return scalars.value_of_any_kind(text, plain)
    operator, operand = match[1] or match[2], match[3]
    if not operand:
        return Problem(
            "FN103", f"nothing stands after {operator}", f'write "{operator} 10", or "= {text}" for the text'
        )
    if operator.endswith("like"):
        if "\\" in operand:
            return Problem("FN103", "a backslash in a pattern differs between databases", "use _ for that character")
        return Comparison(operator, operand)
    if operator in ("=", "!=") and operand[0] == operand[-1] == '"' and len(operand) > 1:
        return Comparison(operator, operand[1:-1])
    if scalars.is_number(operand):
        number = scalars.exact(operand, "a number", "10")
        return number if isinstance(number, Problem) else Comparison(operator, number)
    if operator in ("=", "!=") or not isinstance(moments.moment(operand, False), Problem):
        return Comparison(operator, operand)
    return Problem(
        "FN103",
        f"after {operator}, {quoted(operand)} is neither a number nor a date",
        'write ">= 10" or ">= 2026-10-01"',
    )
