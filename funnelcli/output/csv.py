"""CSV (RFC 4180): one header and every row of every funnel, raw values, the funnel's file and name in front."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.output.document import Cell, Document, Table
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.output.document import Column
    from funnelcli.output.formats import Canvas

_PAIRS = ("interval", "points_interval")
_FORMULA_STARTS = ("=", "+", "-", "@")


def render(document: Document, canvas: Canvas) -> str:
    """All tables for machines of a document; those of one command have the same columns."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    header: list[str] | None = None
    for section in document.sections:
        for block in section.blocks:
            if not isinstance(block, Table) or block.audience == "people":
                continue
            keys = ["file", "document", "funnel", *(key for column in block.columns for key in _keys(column))]
            if header is None:
                writer.writerow(keys)
                header = keys
            for row in block.rows:
                cells = [
                    cell for column, value in zip(block.columns, row, strict=True) for cell in _cells(column, value)
                ]
                writer.writerow([_safe(section.source or ""), section.number, _safe(section.title), *cells])
    return buffer.getvalue()


def _keys(column: Column) -> Iterator[str]:
    if column.kind in _PAIRS:
        yield f"{column.key}_low"
        yield f"{column.key}_high"
    else:
        yield column.key


def _cells(column: Column, value: Any) -> Iterator[str]:
    if isinstance(value, Cell):
        value = value.value
    for part in value if column.kind in _PAIRS else (value,):
        if part is None:
            yield ""
        elif isinstance(part, str):
            yield _safe(part)
        elif isinstance(part, Fraction):
            yield str(part.numerator) if part.denominator == 1 else repr(part.numerator / part.denominator)
        else:
            yield repr(part)


def _safe(value: str) -> str:
    """Text on one line that no spreadsheet takes for a formula."""
    value = visible(value)
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
