"""GitHub-flavoured Markdown: headings, pipe tables and notes; text from files is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from funnelcli.output import numbers
from funnelcli.output.document import ITEM, Block, CellKind, KeyValues, Note, Section, Table, Waterfall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.output.formats import Canvas


def render(sections: Sequence[Section], canvas: Canvas) -> str:
    """Sections as second-level headings."""
    return "\n".join(line for section in sections for line in (heading(section), *blocks(section)))


def heading(section: Section) -> str:
    """The name of a funnel and its period."""
    return "## " + " · ".join(escape(part) for part in (section.title, section.period) if part) + "\n"


def blocks(section: Section) -> Iterator[str]:
    """What stands below the heading."""
    for block, following in zip(section.blocks, (*section.blocks[1:], None), strict=True):
        if isinstance(block, Table):
            yield from _table(block, section.currency)
        elif isinstance(block, KeyValues):
            yield from (f"- {escape(label)}: **{escape(said)}**" for label, said in block.pairs)
            yield ""
        elif _is_item(block):
            yield f"- {escape(block.text.removeprefix(ITEM))}" + ("" if _is_item(following) else "\n")
        elif isinstance(block, Note):
            said = re.sub(r"^([-+=]|\d+(?=[.)]))", r"\\\1", escape(block.text))
            yield f"**{said}**\n" if block.style == "verdict" else f"{said}\n"
        elif isinstance(block, Waterfall):
            yield from _waterfall(block, section.currency)


def _is_item(block: Block | None) -> TypeGuard[Note]:
    return isinstance(block, Note) and block.text.startswith(ITEM)


def _table(table: Table, currency: str | None) -> Iterator[str]:
    table = table.without("bars")  # Markdown has none
    if table.title:
        yield f"### {escape(table.title)}\n"
    yield "| " + " | ".join(_header(column.header, column.kind, currency) for column in table.columns) + " |"
    yield "|" + "|".join("---" if column.kind == "text" else "---:" for column in table.columns) + "|"
    for index, (row, texts) in enumerate(zip(table.cells(), table.figures(currency), strict=True)):
        shown = [escape(text) if cell.kind == "text" else text for cell, text in zip(row, texts, strict=True)]
        shown = [(text + numbers.mark(cell.side)).rstrip() for cell, text in zip(row, shown, strict=True)]
        if index >= len(table.rows) - table.totals:
            shown = [f"**{text}**" if text else "" for text in shown]
        yield "| " + " | ".join(shown) + " |"
    yield ""


def _waterfall(block: Waterfall, currency: str | None) -> Iterator[str]:
    """The amounts as a table: totals in bold, steps with their sign."""
    if block.title:
        yield f"### {escape(block.title)}\n"
    header, rule = f"| | {_header('Amount', block.kind, currency)} |", "|---|---:|"
    if block.ranges:
        header, rule = f"{header} {escape(block.range_header)} |", f"{rule}---:|"
    yield header
    yield rule
    for index, (label, amount, is_total) in enumerate(block.rows):
        shown = numbers.in_table(amount, block.kind_of(is_total), currency)
        row = f"| **{escape(label)}** | **{shown}** |" if is_total else f"| {escape(label)} | {shown} |"
        yield f"{row} {block.range_of(index, currency)} |" if block.ranges else row
    yield ""


def _header(header: str, kind: CellKind, currency: str | None) -> str:
    return escape(numbers.header(header.replace("\n", " "), kind, currency))


def escape(value: str) -> str:
    """Text that Markdown shows as it is: on one line, without markup, mentions, links, emoji codes or HTML."""
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0]) or f"\\{match[0]}", numbers.visible(value))


_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&@]|:(?=//|[a-z0-9_+-]+:)|(?<=www)\.")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;", ":": "&#58;", ".": "&#46;"}
