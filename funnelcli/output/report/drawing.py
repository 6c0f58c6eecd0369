"""Blocks of documents as a page has them: charts where there are some, side by side or folded, and texts of cells."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output import numbers
from funnelcli.output.document import ITEM, Block, Cell, Column, KeyValues, Note, Table, Waterfall
from funnelcli.output.report import charts
from funnelcli.output.report.pictures import inline_svg
from funnelcli.output.views import economics, segments
from funnelcli.output.views.roundings import with_roundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from types import ModuleType

    from funnelcli.analyses.report import BreakdownPart
    from funnelcli.analyses.segments import SegmentReport
    from funnelcli.output.report.look import Palette
    from funnelcli.output.report.vega import Chart

SAME = "The same as a table"


class Picture(NamedTuple):
    """A chart that is being drawn, with its caption."""

    svg: Future[str]
    caption: str


class Folded(NamedTuple):
    """What is opened by a click, and in print unless it says the `same` as a picture."""

    summary: str
    blocks: list[Any]
    same: bool = False


class Beside(NamedTuple):
    """Pictures, and what is said of them at their side."""

    pictures: list[Any]
    said: list[Any]


class Said(NamedTuple):
    """Notes one below the other: each with the items of the list that it opens."""

    paragraphs: list[tuple[str, list[str]]]


Drawn = list["Block | Picture | Folded | Beside"]


class Drawer(NamedTuple):
    """What draws charts, and in which colours."""

    palette: Palette
    pool: Executor

    def picture(self, chart: Chart) -> Picture:
        """A drawn chart; that of a funnel needs no caption."""
        return Picture(self.pool.submit(_markup, chart, self.palette), "" if chart.kind == "funnel" else chart.title)

    def blocks(self, view: ModuleType, result: Any) -> Drawn:
        """What a view says of a result; bars are left to the pictures, and a waterfall is one."""
        drawn: Drawn = []
        for block in with_roundings(view.blocks(result), result.currency):
            if isinstance(block, Waterfall):
                drawn += self.waterfall(block, result.currency)
            else:
                drawn.append(block.without("bars") if isinstance(block, Table) else block)
        return beside(drawn)

    def waterfall(self, block: Waterfall, currency: str | None) -> Drawn:
        """The picture of a waterfall, and the same as a table."""
        chart = charts.waterfall_chart(block, currency, self.palette)
        return [self.picture(chart), Folded(SAME, [_amounts(block, currency)], same=True)]

    def breakdown(self, part: BreakdownPart) -> Drawn:
        """The picture, the tables, and the intervals folded."""
        report = part.segments
        drawn: Drawn = []
        if report.in_order and len(report.segments) > 1:
            drawn.append(self.picture(charts.trend_chart(report, self.palette)))
        for block in self.blocks(segments, report):
            if isinstance(block, Table) and block.key == "intervals":
                drawn.append(Folded(block.title, [block]))
            elif isinstance(block, Table) and block.key == "conversions" and not report.is_time:
                drawn.insert(0, _heated(block, report))  # what a picture would show comes first
            elif not isinstance(block, KeyValues):
                drawn.append(block)
        if part.economics is not None:
            drawn.append(economics.segments(part.economics)._replace(title="Money"))
            said = self.blocks(economics, part.economics)
            drawn += [block for block in said if isinstance(block, Note) and block.style != "verdict"]
        first, rest = parted(drawn, "verdict")
        return beside([*first, *rest])


def parted(blocks: Drawn, key: str) -> tuple[list[Any], Drawn]:
    """The tables of a key, or the sentences of a style, and the others."""
    own = [block for block in blocks if key in (getattr(block, "key", ""), getattr(block, "style", ""))]
    return own, [block for block in blocks if block not in own]


def beside(blocks: Drawn) -> Drawn:
    """Pictures at the left, sentences at their right, tables below."""
    if not any(isinstance(block, Picture) for block in blocks):
        return blocks
    left = [block for block in blocks if isinstance(block, Picture) or (isinstance(block, Folded) and block.same)]
    right = [block for block in blocks if isinstance(block, Note | KeyValues)]
    return [Beside(left, right), *(block for block in blocks if block not in left and block not in right)]


def together(blocks: Sequence[Any]) -> Iterator[Any]:
    """Blocks with notes that follow each other as one, so that no column of the page comes between them."""
    for is_note, run in groupby(blocks, lambda block: isinstance(block, Note) and block.style == "note"):
        if not is_note:
            yield from run
            continue
        paragraphs: list[tuple[str, list[str]]] = []
        for note in run:
            if note.text.startswith(ITEM) and paragraphs:
                paragraphs[-1][1].append(note.text.removeprefix(ITEM))
            else:
                paragraphs.append((note.text, []))
        yield Said(paragraphs)


def _markup(chart: Chart, palette: Palette) -> str:
    from markupsafe import Markup

    return Markup(inline_svg(chart, palette))  # noqa: S704  # Vega escapes what it draws


def _amounts(block: Waterfall, currency: str | None) -> Table:
    """A waterfall as a table."""
    columns: tuple[Column, ...] = (Column("Factor", "factor", "text"), Column("Amount", "amount", block.kind))
    rows: list[tuple[Any, ...]] = [(label, Cell(amount, block.kind_of(total))) for label, amount, total in block.rows]
    if block.ranges:
        columns = (*columns, Column(block.range_header, "interval", "number"))
        rows = [(*row, Cell(block.range_of(index, currency), "text")) for index, row in enumerate(rows)]
    return Table(columns, tuple(rows), block.title)


def _heated(table: Table, report: SegmentReport) -> Table:
    """The table of conversions as a heat map, with the tints of the picture."""
    rows = [list(row) for row in table.rows]
    steps = charts.steps_of(report)
    for (index, step), place in charts.heat_of(report).items():
        row, column = rows[index], 1 + steps.index(step)
        row[column] = row[column]._replace(warmth=place)
    return table._replace(rows=tuple(map(tuple, rows)))


def keys_of(blocks: Iterable[Any]) -> Iterator[str]:
    """What blocks show: the keys of columns, and labels in small letters."""
    labels: list[str] = []
    for block in blocks:
        if isinstance(block, Folded | Beside):
            yield from keys_of(block.blocks if isinstance(block, Folded) else block.pictures + block.said)
        elif isinstance(block, KeyValues):
            labels += [label for label, _ in block.pairs]
        elif isinstance(block, Table):
            yield from (column.key for column in block.columns)
            yield from ("interval" for column in block.columns if column.kind.endswith("interval"))
            labels += [str(row[0]) for row in block.rows if block.columns[0].key in ("figure", "lever")]
    yield from (label.strip().lower().partition(",")[0] for label in labels)


def heading(column: Column, currency: str | None) -> list[str]:
    """The lines of a heading."""
    return numbers.visible_lines(numbers.header(column.header, column.kind, currency)).strip().split("\n")


class Text(NamedTuple):
    """The text of a cell and its class: `t` for words, `up` and `down` for what differs by more than chance.

    `u` is of a figure without a mark in a column where others have one, so that their digits stand below each other.
    """

    text: str
    look: str


def texts(table: Table, currency: str | None) -> Iterator[list[Text]]:
    """The rows of a table as texts."""
    rows = table.cells()
    marked = [any(cell.side for cell in column) for column in zip(*rows, strict=True)]
    for row, figures in zip(rows, table.figures(currency), strict=True):
        yield [
            _text(cell, figure, column.kind, beside)
            for cell, figure, column, beside in zip(row, figures, table.columns, marked, strict=True)
        ]


def _text(cell: Cell, figure: str, kind: str, beside_marks: bool) -> Text:
    shown = numbers.visible(figure + numbers.mark(cell.side)).rstrip()
    if cell.kind == "text":
        return Text(shown, "t" if kind == "text" else "")
    if cell.warmth is not None:
        return Text(shown, f"h{round(cell.warmth * (charts.HEAT_STEPS - 1))}")
    if cell.side is not None:  # what is no more than chance has no colour
        return Text(shown, {1: "up", -1: "down", 0: "u" * beside_marks}.get(cell.side, ""))
    return Text(shown, "none" if cell.value is None else "u" * beside_marks)
