"""Pages of the manual on a terminal: Markdown drawn by Rich, in lines that can be read."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.console import Console, Group
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement, TableElement
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text
from rich.theme import Theme

from funnelcli.output import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import ConsoleOptions, RenderableType, RenderResult

    from funnelcli.output.formats import Canvas

WIDEST = 96
"""Columns at most: longer lines are hard to read."""
WIDEST_NAME = 30
"""Columns of the names of a list; a longer one has a line of its own."""
NARROWEST_MEANING = 30
_GAP = 2
_NEEDS_NO_LABEL = ("meaning", "what it is for")
"""Columns that tell by themselves what they are."""
_LISTING = re.compile(r"((?:^- `[^`\n]+`: .*\n)+)", re.MULTILINE)
_ENTRY = re.compile(r"^- `([^`\n]+)`: (.*)$", re.MULTILINE)
_THEME = Theme(
    {
        "markdown.h1": "bold cyan",
        "markdown.h2": "bold",
        "markdown.h3": "bold dim",
        "markdown.code": "cyan",
        "markdown.link": "default",
        "markdown.link_url": "cyan",
        "markdown.item.bullet": "dim",
        "markdown.item.number": "dim",
    }
)


def terminal(text: str, canvas: Canvas, one_line: bool = False) -> str:
    """A page of Markdown for a terminal: sentences wrapped, examples indented and never wrapped.

    With `one_line`, entries of lists are cut at the width.
    """
    width = min(canvas.width or WIDEST, WIDEST)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        height=100_000,  # with both given, Rich does not guess from TERM
        color_system="standard" if canvas.color else None,
        force_terminal=canvas.color,
        no_color=not canvas.color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        theme=_THEME,
    )
    drawn: list[RenderableType] = []
    for number, part in enumerate(_LISTING.split(text)):
        if part.strip():
            drawn += [
                *([""] if drawn else []),
                _listing(part, width, one_line) if number % 2 else _Drawing(part, hyperlinks=False),
            ]
    console.print(Group(*drawn), crop=False)
    lines = [line.rstrip() for line in buffer.getvalue().split("\n")]
    return "\n".join(lines).rstrip("\n").translate(numbers.substitutes(canvas.encoding)) + "\n"


def _listing(part: str, width: int, one_line: bool) -> RenderableType:
    """Names and what they mean: side by side where there is room, else what a name means below it."""
    entries = _ENTRY.findall(part)
    short = [cell_len(name) for name, _ in entries if cell_len(name) <= WIDEST_NAME]
    beside = max(short, default=0) + 2 * _GAP
    if not short or width - beside < NARROWEST_MEANING:
        beside = 0
    lines: list[RenderableType] = []
    for name, meaning in entries:
        grid = RichTable.grid()
        grid.add_column(width=beside or 2 * _GAP, no_wrap=True)
        meant = width - (beside or 2 * _GAP)
        grid.add_column(width=meant, no_wrap=one_line, overflow="ellipsis" if one_line else "fold")
        shown = Text(" " * _GAP + name, style="cyan", no_wrap=True, overflow="ignore")
        fits = beside and cell_len(name) <= beside - 2 * _GAP
        grid.add_row(shown if fits else "", _sentence(meaning))
        lines += [grid] if fits else [shown, grid]
    return Group(*lines)


def _sentence(text: str) -> Text:
    """A sentence with its code in the colour of code."""
    parts = text.split("`")
    return Text.assemble(*((part, "cyan" if number % 2 else "") for number, part in enumerate(parts)))


class _DrawnHeading(Heading):
    """A heading at the left, without a frame."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = self.text.copy()
        shown.justify = "left"
        yield shown


class _DrawnCode(CodeBlock):
    """Code as it stands, indented, whatever the width."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().split("\n"):
            style = "bold" if line.startswith("$ ") else ""
            yield Text("    " + line, style=style, no_wrap=True, overflow="ignore")


class _DrawnTable(TableElement):
    """A table in columns where they fit, else a row below the other: its first cell, and the rest below it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        header = [cell.content for cell in self.header.row.cells] if self.header and self.header.row else []
        rows = [[cell.content for cell in row.cells] for row in self.body.rows] if self.body else []
        widths = [max(cell_len(row[index].plain) for row in [header, *rows]) for index in range(len(header))]
        if sum(widths) + _GAP * (len(widths) - 1) <= options.max_width or len(header) <= 2:
            yield from self._columns(header, rows, widths, options.max_width)
        else:
            yield from self._stacked(header, rows)

    @staticmethod
    def _columns(header: list[Text], rows: list[list[Text]], widths: list[int], width: int) -> Iterator[RenderableType]:
        table = RichTable.grid(padding=(0, _GAP, 0, 0))
        for index, cell in enumerate(header):
            first = index == 0 and len(header) == 2
            table.add_column(max_width=max(width // 3, 12) if first and sum(widths) > width else None, overflow="fold")
            cell.stylize("bold")
        table.add_row(*header)
        for row in rows:
            table.add_row(*row)
        yield table

    @staticmethod
    def _stacked(header: list[Text], rows: list[list[Text]]) -> Iterator[RenderableType]:
        for number, row in enumerate(rows):
            if number:
                yield ""
            yield Text("  ").append_text(row[0])
            for title, cell in zip(header[1:], row[1:], strict=False):
                if cell.plain:
                    label = "" if title.plain in _NEEDS_NO_LABEL else f"{title.plain}: "
                    shown = Text.assemble((label, "dim"), cell)
                    yield Padding(shown, (0, 0, 0, 2 * _GAP))


class _Drawing(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _DrawnHeading,
        "fence": _DrawnCode,
        "code_block": _DrawnCode,
        "table_open": _DrawnTable,
    }
