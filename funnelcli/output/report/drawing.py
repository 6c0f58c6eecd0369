"""Blocks of documents to what the templates of a page draw: texts, tables, pictures, side by side or folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output import numbers
from funnelcli.output.document import Bars, Cell, Column, KeyValues, Note, Section, Table, Waterfall
from funnelcli.output.report import charts
from funnelcli.output.report.pictures import inline_svg
from funnelcli.output.views import comparison, economics, segments

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from funnelcli.analyses.report import BreakdownPart, ReportPart
    from funnelcli.analyses.segments import SegmentReport
    from funnelcli.output.report.charts import Chart
    from funnelcli.output.report.look import Palette

SAME = "The same as a table"
_HEAT = ("marked_rate", "marked_points")


class Text(NamedTuple):
    """The text of a cell and its class: `t` for words, `up` and `down` for what differs by more than chance."""

    text: str
    look: str


class Grid(NamedTuple):
    """A table ready to be drawn: header lines of each column, and rows of texts."""

    title: str
    name: str
    head: tuple[tuple[list[str], str], ...]
    rows: list[list[Text]]
    key: str = ""
    kind: str = "grid"


class Pairs(NamedTuple):
    """Labels and values."""

    pairs: list[tuple[str, str]]
    kind: str = "pairs"


class Sentence(NamedTuple):
    """A sentence; its key is its style."""

    text: str
    key: str
    kind: str = "sentence"


class Picture(NamedTuple):
    """A chart that is being drawn, with its caption."""

    svg: Future[str]
    title: str
    kind: str = "picture"


class Folded(NamedTuple):
    """What is opened by a click, and in print unless it says the `same` as a picture."""

    title: str
    blocks: list[Any]
    same: bool = False
    kind: str = "folded"


class Beside(NamedTuple):
    """Pictures, and what is said of them at their side."""

    pictures: list[Any]
    said: list[Any]
    kind: str = "beside"


def parted(blocks: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """The blocks of a key, and the others."""
    own = [block for block in blocks if getattr(block, "key", "") == key]
    return own, [block for block in blocks if block not in own]


def beside(blocks: list[Any]) -> list[Any]:
    """Pictures at the left, sentences at their right, tables below."""
    if not any(isinstance(each, Picture) for each in blocks):
        return blocks
    left = [each for each in blocks if isinstance(each, Picture) or (isinstance(each, Folded) and each.same)]
    right = [each for each in blocks if isinstance(each, Sentence | Pairs)]
    return [Beside(left, right), *(each for each in blocks if each not in left and each not in right)]


class Drawer:
    """Blocks of documents to what the templates draw; remembers which figures were shown."""

    def __init__(self, palette: Palette, shown: set[str], pool: Executor) -> None:
        self.palette = palette
        self.shown = shown
        self.pool = pool

    def picture(self, chart: Chart) -> Picture:
        """A drawn chart; that of a funnel needs no caption."""
        title = "" if chart.kind == "funnel" else chart.title
        return Picture(self.pool.submit(_markup, chart, self.palette), title)

    def blocks(self, section: Section) -> list[Any]:
        """Every block for people; bars are left to the pictures."""
        drawn: list[Any] = []
        for block in section.blocks:
            if isinstance(block, Table):
                drawn.append(self.grid(block, section.currency))
            elif isinstance(block, KeyValues):
                self.shown.update(label.lower().partition(",")[0] for label, _ in block.pairs)
                pairs = [
                    (numbers.visible(label), numbers.line(parts, section.currency)) for label, parts in block.pairs
                ]
                drawn.append(Pairs(pairs))
            elif isinstance(block, Note):
                drawn.append(Sentence(numbers.line(block.parts, section.currency), block.style))
            elif isinstance(block, Waterfall):
                drawn.append(self.picture(charts.waterfall_chart(block, section.currency, self.palette)))
                drawn.append(Folded(SAME, [self.amounts(block, section.currency)], same=True))
            else:
                assert isinstance(block, Bars)
        return drawn

    def grid(self, table: Table, currency: str | None) -> Grid:
        """A table of texts, without a column of bars in text."""
        kept = [(index, column) for index, column in enumerate(table.columns) if column.key != "bar"]
        columns = [column for _, column in kept]
        self.shown.update(column.key for column in columns)
        if any(column.kind.endswith("interval") for column in columns):
            self.shown.add("interval")
        if table.columns[0].key in ("figure", "lever"):
            self.shown.update(str(row[0]).strip().lower().partition(",")[0] for row in table.rows)
        head = tuple((_lines(column, currency), "t" if column.kind == "text" else "") for column in columns)
        rows = [
            [_cell(column.cell(row[index]), column.kind == "text", currency) for index, column in kept]
            for row in table.rows
        ]
        name = numbers.visible(table.title) or " ".join(head[0][0]) or "figures"
        return Grid(numbers.visible(table.title), name, head, rows, table.key)

    def amounts(self, block: Waterfall, currency: str | None) -> Grid:
        """A waterfall as a table."""
        self.shown.add("amount")
        unit = numbers.visible(numbers.header("Amount", block.kind, currency))
        rows = [
            [Text(numbers.visible(label), "t"), _cell(Cell(amount, block.kind_of(total)), False, currency)]
            for label, amount, total in block.rows
        ]
        return Grid("", block.title, ((["Factor"], "t"), ([unit], "")), rows)

    def comparison(self, report: Any) -> list[Any]:
        """The sentences first, then the picture, then the tables."""
        return beside(self.blocks(comparison.view([report]).sections[0]))

    def breakdown(self, part: BreakdownPart) -> list[Any]:
        """The picture, the tables, and the intervals folded."""
        report = part.segments
        drawn: list[Any] = []
        if report.in_order and len(report.segments) > 1:
            drawn.append(self.picture(charts.trend_chart(report, self.palette)))
        section = segments.view([report]).sections[0]
        blocks = self.blocks(
            section._replace(blocks=tuple(each for each in section.blocks if not isinstance(each, KeyValues)))
        )
        for each in blocks:
            if isinstance(each, Grid) and each.key == "intervals":
                drawn.append(Folded(each.title, [each._replace(title="")]))
            elif isinstance(each, Grid) and each.key == "conversions" and not report.is_time:
                drawn.insert(0, _heated(each, report))  # what a picture would show comes first
            else:
                drawn.append(each)
        if part.economics is not None:
            money = economics.view([part.economics]).sections[0]
            said = tuple(each for each in money.blocks if isinstance(each, Note) and each.style != "verdict")
            shown = economics.segments(part.economics)._replace(title="Money")
            drawn += self.blocks(money._replace(blocks=(shown, *said)))
        return beside(drawn)

    def cards(self, part: ReportPart) -> list[tuple[str, str, str]]:
        """The headline figures: label, value, and what stands below it."""
        result, money = part.conversion, part.economics
        currency = numbers.visible(result.currency or "") or None
        self.shown.update(("entries", "sales", "overall"))
        low, high = result.overall_conversion_low, result.overall_conversion_high
        interval = f", {numbers.interval((low, high))}" if low is not None else ""
        cards = [
            ("Entries", numbers.text(result.entries, "count"), numbers.visible(result.stages[0].name)),
            ("Sales", numbers.text(result.sales, "count"), numbers.visible(result.sale_stage)),
            (
                "Overall conversion",
                numbers.text(result.overall_conversion, "rate"),
                f"{numbers.text(result.one_in, 'one_in')}{interval}",
            ),
        ]
        if result.revenue is not None:
            self.shown.update(("revenue", "value per entry"))
            each = numbers.text(result.value_per_entry, "money", currency)
            cards.append(("Revenue", numbers.text(result.revenue, "money", currency), f"{each} per entry"))
        if money is not None and money.profit is not None:
            self.shown.update(("profit", "romi"))
            below = "" if money.romi is None else f"ROMI {numbers.text(money.romi, 'brief_rate')}"
            cards.append(("Profit", numbers.text(money.profit, "money", currency), below))
        return cards


def _markup(chart: Chart, palette: Palette) -> str:
    from markupsafe import Markup

    return Markup(inline_svg(chart, palette))  # noqa: S704  # Vega escapes what it draws


def _heated(grid: Grid, report: SegmentReport) -> Grid:
    """The table of conversions as a heat map, with the tints of the picture; the last row is the total."""
    rows = [list(row) for row in grid.rows]
    lines = [*report.segments, *([report.other] if report.other else [])]
    steps = [index for index, parent in enumerate(report.parents) if parent is not None]
    for column, step in enumerate(steps, 1):
        found = charts.levels([line.conversions[step] for line in lines])
        for row, line, level in zip(rows, lines, found, strict=False):
            if level is not None and line.differs[step]:
                row[column] = row[column]._replace(look=f"h{level}")
    return grid._replace(rows=rows)


def _lines(column: Column, currency: str | None) -> list[str]:
    return numbers.visible_lines(numbers.header(column.header, column.kind, currency)).strip().split("\n")


def _cell(cell: Cell, is_name: bool, currency: str | None) -> Text:
    shown = numbers.visible(numbers.in_table(cell.value, cell.kind, currency)).rstrip()
    if cell.kind == "text":
        return Text(shown, "t" if is_name else "")
    if cell.value is None:
        return Text(shown, "none")
    side = cell.value[1] if cell.kind in _HEAT else 0  # what is no more than chance has no colour
    return Text(shown, "up" if side > 0 else "down" if side < 0 else "")
