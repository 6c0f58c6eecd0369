"""Tables, bars and sentences for a terminal or a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import many
from funnelcli.output import numbers, scales
from funnelcli.output.columns import GAP, NARROWEST_BAR, Shape, aligned, fit
from funnelcli.output.document import ITEM, KeyValues, Note, Table, Waterfall
from funnelcli.output.text_width import folded, padded, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from funnelcli.output.document import Block, Cell, Column, Section
    from funnelcli.output.formats import Canvas

    Paint: TypeAlias = Callable[[str, str], str]

PIPE_BARS = 78
WIDEST_BARS = 100
NARROWEST_HANGING = 24
MOST_LINES = 3
"""Lines that a name folds into; of a longer one the end is left out."""
_STYLES = {"verdict": "bold", "warning": "yellow", "note": "dim"}
_KIND_STYLES = {"interval": "dim", "one_in": "dim", "bar": "cyan"}
_SIDES = {1: "green", 0: "", -1: "red"}
"""Colours of what is above or below by more than chance, always beside a mark or a sign."""
_HEAT = ("white on blue", "black on cyan", "black on green", "black on yellow", "white on red")
"""Colours of a heat map from cold to hot; sixteen colours are all that every terminal has."""
_CODES = {
    "bold": "1",
    "bold cyan": "1;36",
    "dim": "2",
    "cyan": "36",
    "yellow": "33",
    "green": "32",
    "red": "31",
    "white on blue": "37;44",
    "black on cyan": "30;46",
    "black on green": "30;42",
    "black on yellow": "30;43",
    "white on red": "37;41",
}


def _painted(text: str, style: str) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style and text else text


def _plain(text: str, style: str) -> str:
    return text


def render(sections: Sequence[Section], canvas: Canvas) -> str:
    """Sections one below the other, an empty line between them."""
    paint = _painted if canvas.color else _plain
    lines: list[str] = []
    for section in sections:
        lines += [*([""] if lines else []), *_section(section, canvas, paint)]
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    return text.translate(numbers.substitutes(canvas.encoding))


def picture(block: Waterfall, currency: str | None, columns: int) -> str:
    """A waterfall alone, in lines of so many columns."""
    from funnelcli.output.formats import Canvas

    lines = _waterfall(block, currency, Canvas(columns), _plain)
    return "".join(f"{numbers.visible(line.rstrip())}\n" for line in lines)


def _section(section: Section, canvas: Canvas, paint: Paint) -> Iterator[str]:
    title, *more = (numbers.visible(part) for part in (section.title, section.period, section.source) if part)
    below = "".join(f" · {part}" for part in more)
    if canvas.width is None or width(title + below) <= canvas.width:
        yield paint(title, "bold cyan") + paint(below, "dim")
    else:
        yield from (paint(line, "bold cyan") for line in folded(title, canvas.width))
        yield from (paint(line, "dim") for line in folded(" · ".join(more), canvas.width) if line)
    before: Block | None = None
    for block in section.blocks:
        if not (isinstance(block, Note) and isinstance(before, Note)):
            yield ""
        if isinstance(block, Table):
            yield from _table(block, section.currency, canvas, paint)
        elif isinstance(block, Waterfall):
            yield from _waterfall(block, section.currency, canvas, paint)
        elif isinstance(block, KeyValues):
            yield from _key_values(block, canvas, paint)
        else:
            yield from (paint(line, _STYLES[block.style]) for line in _lines(numbers.visible(block.text), canvas))
        before = block


def _lines(text: str, canvas: Canvas) -> list[str]:
    return folded(text, canvas.width, hanging=len(ITEM) if text.startswith(ITEM) else None)


def _key_values(block: KeyValues, canvas: Canvas, paint: Paint) -> Iterator[str]:
    """Lines of a label and what is said of it, which goes on below itself where the width leaves room for that."""
    pairs = [(numbers.visible(label), numbers.visible(said)) for label, said in block.pairs]
    start = max(width(label) for label, _ in pairs) + GAP
    room = None if canvas.width is None else canvas.width - start
    hanging = room is None or room >= NARROWEST_HANGING
    for label, said in pairs:
        before = padded(label, start)
        if hanging:
            first, *more = [said] if room is None else folded(said, room)
            yield paint(before, "dim") + first
            yield from (" " * start + line for line in more)
        else:
            first, *more = _lines(before + said, canvas)
            yield paint(first[: len(before)], "dim") + first[len(before) :]
            yield from more


# Tables


def _table(table: Table, currency: str | None, canvas: Canvas, paint: Paint) -> Iterator[str]:
    """A table, in as many parts as the width needs: each repeats the first column; names give way, numbers never."""
    if table.title:
        yield from (paint(line, "bold") for line in _lines(numbers.visible(table.title), canvas))
    cells = table.cells()
    texts = _texts(table, cells, currency)
    widest = [max((width(row[at]) for row in texts), default=0) for at in range(len(table.columns))]
    for narrow in (False, True):
        shapes = [_shape(*each, currency, canvas, narrow) for each in zip(table.columns, widest, strict=True)]
        parts, widths = fit(shapes, canvas.width)
        if len(parts) == 1 and len(widths) == len(shapes):
            break
    for number, part in enumerate(parts):
        if number:
            yield ""
        headers = [[line for said in shapes[at].header for line in folded(said, widths[at])] for at in part]
        tallest = max(map(len, headers))
        drawn = [[""] * (tallest - len(header)) + header for header in headers]
        yield from _row([(at, lines, "bold") for at, lines in zip(part, drawn, strict=True)], shapes, widths, paint)
        rule = "─" * (sum(widths[at] for at in part) + GAP * (len(part) - 1))
        yield rule
        lengths = {at: _bars([row[at] for row in cells], widths[at]) for at in part if shapes[at].is_bar}
        for index, (row, shown) in enumerate(zip(cells, texts, strict=True)):
            if index and index == len(texts) - table.totals:
                yield rule
            lines = []
            for at in part:
                said = [lengths[at][index]] if shapes[at].is_bar else [shown[at]]
                if shapes[at].is_text:
                    said = folded(shown[at], widths[at], MOST_LINES)
                lines.append((at, said, _style(row[at], shown[at])))
            yield from _row(lines, shapes, widths, paint)
    missed = [column.header.replace("\n", " ") for at, column in enumerate(table.columns) if at not in widths]
    yield from (paint(line, "dim") for line in _missed([numbers.visible(each) for each in missed if each], canvas))


def _missed(headers: Sequence[str], canvas: Canvas) -> list[str]:
    """That columns have no room, and what shows them: by their names, where that is a line."""
    if not headers:
        return []
    said, how = many(len(headers), "more column"), "--full, or a wider window."
    named = f"{said} ({', '.join(headers)}): {how}"
    return [named] if width(named) <= (canvas.width or 0) else _lines(f"{said}: {how}", canvas)


def _shape(column: Column, widest: int, currency: str | None, canvas: Canvas, narrow: bool) -> Shape:
    """What the width of a column depends on; with `narrow` the currency has a line of its own where that saves room."""
    header = _header(column, currency, widest if narrow else None)
    spare = column.spare if column.header == "" or not canvas.full else 0
    return Shape(widest, header, column.kind == "text", column.kind == "bar", spare)


def _header(column: Column, currency: str | None, widest: int | None) -> tuple[str, ...]:
    """The lines above a column; the currency stands behind the last of two, unless it passes the `widest` value so."""
    said = numbers.header(column.header, column.kind, currency)
    *above, last = said.split("\n")
    if said != column.header and (not above or (widest is not None and width(last) > max(widest, *map(width, above)))):
        said = numbers.header(column.header, column.kind, f"\n{currency}")
    return tuple(line.strip() for line in numbers.visible_lines(said).split("\n"))


def _texts(table: Table, cells: list[list[Cell]], currency: str | None) -> list[list[str]]:
    """What all cells say: figures of one kind in a column with their points below each other, and marks behind them."""
    texts = [[numbers.visible(shown) for shown in row] for row in table.figures(currency)]
    for at, column in enumerate(table.columns):
        if column.kind == "text":
            continue
        for kind in {row[at].kind for row in cells}:
            own = [index for index, row in enumerate(cells) if row[at].kind == kind]
            for index, shown in zip(own, aligned([texts[index][at] for index in own], kind), strict=True):
                texts[index][at] = shown
    return [
        [shown + numbers.mark(cell.side) for shown, cell in zip(row, own, strict=True)]
        for row, own in zip(texts, cells, strict=True)
    ]


def _row(
    columns: Sequence[tuple[int, list[str], str]], shapes: Sequence[Shape], widths: dict[int, int], paint: Paint
) -> Iterator[str]:
    """The lines of a row: words at the left, figures at the right."""
    for line in range(max(len(lines) for _, lines, _ in columns)):
        said = []
        for at, lines, style in columns:
            text = lines[line] if line < len(lines) else ""
            room = " " * (widths[at] - width(text))
            if style in _HEAT:
                text, room = room + text, ""  # a cell of a heat map is coloured whole
            shown = paint(text, style)
            said.append(shown + room if shapes[at].is_text or shapes[at].is_bar else room + shown)
        yield (" " * GAP).join(said)


def _style(cell: Cell, shown: str) -> str:
    style = "dim" if shown.strip() == numbers.UNDEFINED else _KIND_STYLES.get(cell.kind, "")
    if cell.side:
        style = _SIDES.get(cell.side, style)
    if cell.warmth is not None:
        style = _HEAT[min(int(cell.warmth * len(_HEAT)), len(_HEAT) - 1)]
    return style


# Bars


def _bars(cells: Sequence[Cell], room: int) -> list[str]:
    """Bars in proportion to the values, the widest of that many columns; a hairline for what is too small for one."""
    lengths = scales.lengths([float(cell.value) for cell in cells], 8 * room, 1)
    return ["█" * (round(length) // 8) + _EIGHTHS[round(length) % 8] for length in lengths]


_EIGHTHS = ("", *"▏▎▍▌▋▊▉")


def _waterfall(block: Waterfall, currency: str | None, canvas: Canvas, paint: Paint) -> Iterator[str]:
    """Amounts as bars on one scale: totals from 0, each step from where the one before ended."""
    if block.title:
        title = numbers.visible(numbers.header(block.title, block.kind, currency))
        yield from (paint(line, "bold") for line in _lines(title, canvas))
    labels = [numbers.visible(label) for label, _, _ in block.rows]
    texts = [numbers.in_table(amount, block.kind_of(is_total), currency) for _, amount, is_total in block.rows]
    shown = aligned(numbers.alike(texts, block.kind, currency), block.kind)
    ranges = [block.range_of(index, currency) for index in range(len(block.rows))]
    known = aligned([text for text in ranges if text], "interval")
    ranges = [known.pop(0) if text else "" for text in ranges]
    spans = scales.spans([(float(amount), is_total) for _, amount, is_total in block.rows])
    low, high = min(0.0, *(start for start, _ in spans)), max(0.0, *(end for _, end in spans))
    amount_width, range_width = max(map(width, shown)), max(map(width, ranges))
    if range_width:
        range_width = max(range_width, width(block.range_header))
    label_width, room = _room(labels, amount_width + range_width + GAP * (3 if range_width else 2), canvas)
    if range_width:
        above = label_width + amount_width + range_width + 2 * GAP - width(block.range_header)
        yield " " * above + paint(block.range_header, "bold")
    scale = 2 * room / (high - low) if high > low and room > 0 else 0.0
    gap = " " * GAP
    for index, ((_, amount, is_total), (start, end)) in enumerate(zip(block.rows, spans, strict=True)):
        style = "cyan" if is_total else _SIDES[block.marked.get(index, 0)]
        name, *more = folded(labels[index], label_width, MOST_LINES)
        line = paint(padded(name, label_width), "bold" if is_total else "") + gap
        line += " " * (amount_width - width(shown[index]))
        line += paint(shown[index], "bold" if is_total else style if amount else "")
        if range_width:
            line += gap + " " * (range_width - width(ranges[index])) + paint(ranges[index], "dim")
        if room >= NARROWEST_BAR:
            first = round((start - low) * scale)
            last = max(round((end - low) * scale), first + 1) if amount else first
            line += gap + paint(_cells(first, last, room), style)
        yield line
        yield from more


def _room(labels: list[str], taken: int, canvas: Canvas) -> tuple[int, int]:
    """Columns for the labels and for the bars beside them; in a pipe both have as many as they need."""
    total, widest = min(canvas.width or PIPE_BARS, WIDEST_BARS), max(map(width, labels))
    if canvas.width is None:
        total = max(total, widest + taken + PIPE_BARS // 2)
    else:
        widest = min(widest, max(8, total // 3))
    return widest, total - widest - taken


def _cells(start: int, end: int, room: int) -> str:
    """A bar between two halves of cells."""
    halves = [start <= half < end for half in range(2 * room)]
    return "".join(_BLOCKS[pair] for pair in zip(halves[::2], halves[1::2], strict=True))


_BLOCKS = {(True, True): "█", (True, False): "▌", (False, True): "▐", (False, False): " "}
