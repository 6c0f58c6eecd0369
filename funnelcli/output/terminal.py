"""Tables and bars for a terminal or a pipe, drawn by Rich; the only importer of it outside the command line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group
from rich.table import Table as RichTable
from rich.text import Text

from funnelcli.output import numbers, scales
from funnelcli.output.document import Bars, Cell, KeyValues, Note, Table, Waterfall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from funnelcli.output.document import Block, Section
    from funnelcli.output.formats import Canvas

PIPE_BARS = 78
WIDEST_BARS = 100
NARROWEST_NAME = 12
NARROWEST_BAR = 6
NARROWEST_HANGING = 24
GAP = 2
_UNLIMITED = 100_000_000
_STYLES = {"verdict": "bold", "warning": "yellow", "note": "dim"}
_KIND_STYLES = {"interval": "dim", "one_in": "dim"}
_WIDEST_HEADER = 24
_SIDES = {1: "green", 0: "", -1: "red"}
"""Colours of what is above or below by more than chance, always beside a mark or a sign."""
_HEAT = ("white on blue", "black on cyan", "black on green", "black on yellow", "white on red")
"""Colours of a heat map from cold to hot; sixteen colours are all that every terminal has."""


def render(sections: Sequence[Section], canvas: Canvas) -> str:
    """Sections one below the other, an empty line between them."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=canvas.width or _UNLIMITED,
        height=_UNLIMITED,  # with both given, Rich does not guess from TERM
        color_system="standard" if canvas.color else None,
        force_terminal=canvas.color,
        no_color=not canvas.color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
    )
    drawn: list[RenderableType] = []
    for section in sections:
        drawn += [*([""] if drawn else []), *_section(section, canvas)]
    console.print(Group(*drawn))
    text = "\n".join(line.rstrip() for line in buffer.getvalue().split("\n"))
    return text.translate(numbers.substitutes(canvas.encoding))


def _section(section: Section, canvas: Canvas) -> Iterator[RenderableType]:
    heading = Text(numbers.visible(section.title), style="bold cyan", no_wrap=True, overflow="ellipsis")
    for part in (section.period, section.source):
        if part:
            heading.append(f" · {numbers.visible(part)}", style="not bold dim default")
    yield heading
    before: Block | None = None
    for block in section.blocks:
        if not (isinstance(block, Note) and isinstance(before, Note)):
            yield ""
        if isinstance(block, Table):
            yield from _table(block, section.currency, canvas)
        elif isinstance(block, Bars):
            yield from _bars(block, canvas)
        elif isinstance(block, Waterfall):
            yield from _waterfall(block, section.currency, canvas)
        elif isinstance(block, KeyValues):
            yield from _key_values(block, canvas)
        else:
            yield Text(numbers.visible(block.text), style=_STYLES[block.style])
        before = block


def _key_values(block: KeyValues, canvas: Canvas) -> Iterator[RenderableType]:
    """Lines of a label and what is said of it, which goes on below itself where the width leaves room for that."""
    pairs = [(numbers.visible(label), numbers.visible(said)) for label, said in block.pairs]
    width = max(cell_len(label) for label, _ in pairs) + GAP
    drawn = RichTable.grid()
    drawn.add_column(width=width, no_wrap=True, style="dim")
    drawn.add_column(overflow="fold")
    hanging = canvas.width is not None and canvas.width - width >= NARROWEST_HANGING
    for label, said in pairs:
        if hanging:
            drawn.add_row(label, said)
        else:
            yield Text(label + " " * (width - cell_len(label)), style="dim").append(said, style="not dim")
    if hanging:
        yield drawn


# Tables


def _table(table: Table, currency: str | None, canvas: Canvas) -> Iterator[RenderableType]:
    """A table, in as many parts as the width needs: each repeats the first column; names give way, numbers never."""
    if table.title:
        yield Text(numbers.visible(table.title), style="bold")
    headers = [numbers.visible_lines(numbers.header(column.header, column.kind, currency)) for column in table.columns]
    cells = [[_cell(cell, currency) for cell in row] for row in table.cells()]
    values = [max((cell_len(row[index].plain) for row in cells), default=0) for index in range(len(headers))]
    names = [max(cell_len(line) for line in header.split("\n")) for header in headers]
    parts, widths = _fit(values, names, [column.kind == "text" for column in table.columns], canvas.width)
    for number, part in enumerate(parts):
        if number:
            yield ""
        drawn = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        for index in part:
            name = table.columns[index].kind == "text"
            drawn.add_column(
                Text(headers[index], no_wrap=False, overflow="ellipsis"),
                justify="left" if name else "right",
                width=widths[index],
                no_wrap=True,
                overflow="ellipsis" if name else "crop",
            )
        for row in cells:
            drawn.add_row(*(row[index] for index in part))
        yield drawn


def _cell(cell: Cell, currency: str | None) -> Text:
    shown = numbers.visible(cell.shown(currency))
    style = "dim" if shown == numbers.UNDEFINED else _KIND_STYLES.get(cell.kind, "")
    if cell.side:
        style = _SIDES.get(cell.side, style)
    if cell.warmth is not None:
        style = _HEAT[min(int(cell.warmth * len(_HEAT)), len(_HEAT) - 1)]
    return Text(shown, style=style)


def _fit(
    values: list[int], headers: list[int], texts: list[bool], available: int | None
) -> tuple[list[list[int]], list[int]]:
    """Columns for each part of a table, and the widths of all: names and headers give way, numbers never."""
    columns = range(len(values))
    gaps = GAP * (len(columns) - 1)
    natural = [max(values[at], headers[at]) for at in columns]
    if available is None or sum(natural) + gaps <= available:
        return [list(columns)], natural
    # what a row is called gives way, and so do long texts; a few words, such as a verdict, are read whole
    texts = [texts[at] and (at == 0 or natural[at] > available // 3) for at in columns]
    widths = [max(values[at], min(headers[at], _WIDEST_HEADER)) for at in columns]
    figures = [widths[at] for at in columns if not texts[at]]
    room = (available - sum(figures) - gaps) // max(1, sum(texts))
    widths = [min(widths[at], max(NARROWEST_NAME, room)) if texts[at] else widths[at] for at in columns]
    if sum(widths) + gaps <= available:
        return [list(columns)], widths
    beside = max(figures, default=0) + GAP
    widths[0] = min(natural[0], max(NARROWEST_NAME, available // 3), max(4, available - beside))
    fewest = len(_parts(widths, available))
    limit = next(width for width in range(widths[0], available + 1) if len(_parts(widths, width)) == fewest)
    return _parts(widths, limit), widths


def _parts(widths: list[int], limit: int) -> list[list[int]]:
    """Columns in groups no wider than a limit, each after the first column."""
    parts: list[list[int]] = [[0]]
    used = first = widths[0]
    for index, width in enumerate(widths[1:], start=1):
        if used + GAP + width > limit and len(parts[-1]) > 1:
            parts.append([0])
            used = first
        parts[-1].append(index)
        used += GAP + width
    return parts


# Bars


def _bars(block: Bars, canvas: Canvas) -> Iterator[RenderableType]:
    """Centred bars, as wide as the counts; a hairline for what is too small for half a cell."""
    labels = [numbers.visible(label) for label, _, _ in block.rows]
    counts = _to_the_right([numbers.text(count, "count") for _, count, _ in block.rows])
    rates = _to_the_right(["" if rate is None else numbers.text(rate, "rate") for _, _, rate in block.rows])
    label_width, room = _room(labels, cell_len(counts[0]) + cell_len(rates[0]) + 3 * GAP, canvas)
    lengths = scales.lengths([float(count) for _, count, _ in block.rows], 2 * room, 0.5)
    for label, length, count, rate in zip(labels, lengths, counts, rates, strict=True):
        bar = [("  ", ""), (_bar(length, room), "cyan")] if room >= NARROWEST_BAR else []
        yield _line(_padded(label, label_width), *bar, (f"  {count}", "bold"), (f"  {rate}", "dim"))


def _waterfall(block: Waterfall, currency: str | None, canvas: Canvas) -> Iterator[RenderableType]:
    """Amounts as bars on one scale: totals from 0, each step from where the one before ended."""
    if block.title:
        yield Text(numbers.header(block.title, block.kind, currency), style="bold")
    labels = [numbers.visible(label) for label, _, _ in block.rows]
    shown = [numbers.in_table(amount, block.kind_of(is_total), currency) for _, amount, is_total in block.rows]
    ranges = [block.range_of(index, currency) for index in range(len(block.rows))]
    spans = scales.spans([(float(amount), is_total) for _, amount, is_total in block.rows])
    low, high = min(0.0, *(start for start, _ in spans)), max(0.0, *(end for _, end in spans))
    amount_width, range_width = max(map(cell_len, shown)), max(map(cell_len, ranges))
    if range_width:
        range_width = max(range_width, cell_len(block.range_header)) + GAP
    label_width, room = _room(labels, amount_width + range_width + 2 * GAP, canvas)
    if range_width:
        above = label_width + GAP + amount_width + range_width - cell_len(block.range_header)
        yield Text(" " * above + block.range_header, style="bold", no_wrap=True, overflow="crop")
    scale = 2 * room / (high - low) if high > low and room > 0 else 0.0
    rows = zip(block.rows, labels, shown, spans, strict=True)
    for index, ((_, amount, is_total), label, text, (start, end)) in enumerate(rows):
        style = "cyan" if is_total else _SIDES[block.marked.get(index, 0)]
        first = round((start - low) * scale)
        last = max(round((end - low) * scale), first + 1) if amount else first
        bar = [("  ", ""), (_cells(first, last, room), style)] if room >= NARROWEST_BAR else []
        pad = " " * (GAP + amount_width - cell_len(text))
        figure = (text, "bold" if is_total else style if amount else "")
        within = (" " * (range_width - cell_len(ranges[index])) + ranges[index], "dim")
        yield _line(_padded(label, label_width, "bold" if is_total else ""), (pad, ""), figure, within, *bar)


def _line(*parts: Text | tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="crop")


def _to_the_right(texts: list[str]) -> list[str]:
    width = max(map(cell_len, texts))
    return [" " * (width - cell_len(text)) + text for text in texts]


def _room(labels: list[str], taken: int, canvas: Canvas) -> tuple[int, int]:
    """Columns for the labels and for the bars beside them; in a pipe both have as many as they need."""
    total, widest = min(canvas.width or PIPE_BARS, WIDEST_BARS), max(map(cell_len, labels))
    if canvas.width is None:
        total = max(total, widest + taken + PIPE_BARS // 2)
    else:
        widest = min(widest, max(8, total // 3))
    return widest, total - widest - taken


def _padded(label: str, width: int, style: str = "") -> Text:
    name = Text(label, style=style)
    name.truncate(width, overflow="ellipsis", pad=True)
    return name


def _bar(length: float, room: int) -> str:
    """A bar of so many halves of cells, centred in its room."""
    if 0 < length < 1:
        return " " * (room // 2) + "│" + " " * (room - room // 2 - 1)
    halves = round(length)
    start = (2 * room - halves) // 2
    return _cells(start, start + halves, room)


def _cells(start: int, end: int, room: int) -> str:
    """A bar between two halves of cells."""
    halves = [start <= half < end for half in range(2 * room)]
    return "".join(_BLOCKS[pair] for pair in zip(halves[::2], halves[1::2], strict=True))


_BLOCKS = {(True, True): "█", (True, False): "▌", (False, True): "▐", (False, False): " "}
