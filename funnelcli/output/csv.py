"""CSV (RFC 4180): one header and every row of every funnel, raw values, the funnel's file and name in front.

Rows are made of the fields of a result, as JSON is. A view says which record is a row (`csv_rows`), `csv_columns.txt`
in which order its columns are promised; whatever a row has beside them follows, so that no field is ever left out.
Views import this module for tables, too, so that what only CSV takes is imported where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from funnelcli.output.formats import Canvas

_FORMULA_STARTS = ("=", "+", "-", "@")
_APART = ("file", "document", "name", "period", "currency", "confidence", "payback", "breakdowns", "time")
"""Fields of results that stand in front of every row or nowhere, and records and lists that may be `None`."""


def render(results: Sequence[Any], view: ModuleType, canvas: Canvas) -> str:
    """All rows of all results below one header."""
    import csv
    import io
    import os

    with open(os.path.join(os.path.dirname(__file__), "csv_columns.txt"), encoding="utf-8") as file:
        promised = dict(line.split(":") for line in file if not line.startswith("#"))
    own = promised[view.__name__.rpartition(".")[2]].split()
    columns = dict.fromkeys(("file", "document", "funnel", *own))
    for keys in dict.fromkeys(tuple(row) for result in results for row in view.csv_rows(result)):
        columns |= dict.fromkeys(keys)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for result in results:  # made once more: all rows at a time would take far more memory than their text
        context = {"file": result.file or "", "document": result.document, "funnel": result.name}
        front = {column: _cell(value) for column, value in context.items()}
        for row in view.csv_rows(result):
            writer.writerow([_cell(row[key]) if key in row else front.get(key, "") for key in columns])
    return buffer.getvalue()


def fields(record: NamedTuple, named: str = "") -> dict[str, Any]:
    """The figures and texts of a record by their JSON keys, and its name as `named`; lists are rows of their own."""
    from funnelcli.output.json import keys

    own = {named: getattr(record, "name", None)} if named else {}
    known = zip(keys(type(record)), record, strict=True)
    return own | {key: value for key, value in known if key not in _APART and not isinstance(value, tuple | dict)}


class Identifier(str):
    """Text by which rows are joined with other tables: it comes back as it is, and may have several lines."""

    __slots__ = ()


def _joined_by(value: str) -> str:
    """Text as it is, but for an apostrophe before a formula, and before one that is there already.

    What begins with + or - and goes on as a number or a name does is none: -42, +49 170 123.
    """
    if value[:1].isalnum():
        return value
    import re

    return f"'{value}" if re.match(r"'+[=@+-]|[=@]|[+-](?![\w .:/-]*\Z)", value) else value


def _cell(value: Any) -> str:
    """Texts as they are, and figures as in JSON."""
    if value is None:
        return ""
    if isinstance(value, Identifier):
        return _joined_by(value)
    if isinstance(value, str):
        return _safe(value)
    if value.__class__ in (bool, int):
        return str(value).lower()
    from json import dumps

    from funnelcli.output.json import plain

    return dumps(plain(value), allow_nan=False)


def _safe(value: str) -> str:
    """Text on one line that no spreadsheet takes for a formula."""
    value = visible(value)
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
