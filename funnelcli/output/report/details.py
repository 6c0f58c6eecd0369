"""Sheets beside that of a funnel: its breakdowns with their money, its open units, its checks; before they are written.

They have the tables of the page. A figure is a formula where one of the `RULES` comes to exactly what the analysis
found, by figures that stand on the sheet or in the first column of the funnel's own; else it is the figure alone. So
no formula can show anything else than the page, whatever the funnel is.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.rules import Figure, figure_of
from funnelcli.output import numbers
from funnelcli.output.check.verdicts import explained
from funnelcli.output.document import KeyValues, Note, Table
from funnelcli.output.report import limits
from funnelcli.output.report.detail_rules import RULES, TOTAL, Formula, PlacedFigures, RowAt, Spot
from funnelcli.output.report.sheets import letters
from funnelcli.output.views import economics, forecast, segments
from funnelcli.what_if import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from funnelcli.analyses.checks import CheckResult
    from funnelcli.analyses.report import BreakdownPart, ReportPart
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.output.document import Cell, Column
    from funnelcli.what_if import AnyCheck

AS_IT_WAS = (
    "Yellow cells may be typed over: cells with a formula follow. All others stay as they were, chances, ranges, marks "
    "and verdicts among them."
)
ADDED = frozenset(
    ("count", "open", "share", "sales_share", "sales", "revenue", "gross_profit", "budget", "profit", "weighted")
)
"""Keys of columns that add up to their total."""


class DetailCell(NamedTuple):
    """A figure or a text; `is_input` is what may be typed over, `side` a mark as of a `Cell`."""

    value: Any
    kind: str
    formula: str | None = None
    is_input: bool = False
    side: int | None = None


class DetailRow(NamedTuple):
    """A line: cells, or one sentence; `weight` is `title`, `head`, `total`, `verdict`, `note` or nothing."""

    cells: tuple[DetailCell, ...]
    weight: str = ""


class Detail(NamedTuple):
    """A sheet: what it is called beside others of its funnel, and its rows, the first of them at `FIRST`."""

    name: str
    rows: tuple[DetailRow, ...]


FIRST = 3
"""Row of a sheet where its details begin, counted from 1: the title stands above."""


def details(part: ReportPart, base: Mapping[Figure, Spot]) -> Iterator[Detail]:
    """The sheets of a funnel; `base` are the figures in the first column of its own."""
    funnel = part.funnel
    for each in part.breakdowns:
        name = f"By {numbers.visible(each.segments.dimension)}"
        yield Detail(name, tuple(_breakdown(each, PlacedFigures({}, base, funnel, _own_money(funnel, each)))))
    if part.forecast is not None:
        blocks = forecast.blocks(part.forecast)
        yield Detail("Still open", tuple(_rows(blocks, PlacedFigures({}, base, funnel), joined=False)))
    if part.checks:
        said = [Note(limits.in_short(part.checks), "verdict")]
        table_of_checks = _checks(part.checks, funnel.checks, base, funnel)
        note = Note("Where the figure is a formula, it is that of the funnel's sheet, and so is the result.")
        yield Detail("Checks", (*_rows(said, PlacedFigures({}, base, funnel)), *table_of_checks, *_rows_of_note(note)))


def _own_money(funnel: Funnel, part: BreakdownPart) -> Mapping[str, frozenset[Any]]:
    """Segments with an average check or a margin of their own; the total is such a row as well where there is one."""
    segments_ = next(each.segments for each in funnel.breakdowns if each.dimension == part.segments.dimension)
    found: dict[str, frozenset[Any]] = {}
    for metric in ("average_check", "gross_margin"):
        names = [each.name for each in segments_ if getattr(each, metric) is not None]
        found[metric] = frozenset([*names, TOTAL] if names else names)
    return found


def _breakdown(part: BreakdownPart, place: PlacedFigures) -> Iterator[DetailRow]:
    """The verdict, counts, conversions, money, intervals, and what is said of them."""
    blocks = list(segments.blocks(part.segments))
    tables = [each for each in blocks if isinstance(each, Table)]
    tables[0] = tables[0]._replace(title=tables[0].title or "Counts")
    notes = [each for each in blocks if isinstance(each, Note)]
    first = [each for each in notes if each.style == "verdict"]
    rest = [each for each in notes if each.style != "verdict"]
    if part.economics is not None:
        tables.insert(2, economics.segments(part.economics)._replace(title="Money"))
        money = [each for each in economics.blocks(part.economics) if isinstance(each, Note)]
        rest += [each for each in money if each.style != "verdict"]
    yield from _rows([*first, *tables, *rest, Note(AS_IT_WAS)], place)


def _rows(blocks: Iterable[Any], place: PlacedFigures, *, joined: bool = True) -> Iterator[DetailRow]:
    """Blocks one below the other, an empty row after each table; rows of one name are `joined` if of one thing."""
    number = FIRST
    for block in blocks:
        made: list[DetailRow]
        if isinstance(block, Table):
            made = [*_table(block, number, place if joined else place._replace(spots={})), DetailRow(())]
        elif isinstance(block, KeyValues):
            pairs = [(_text(label), _text(said)) for label, said in block.pairs]
            made = [*(DetailRow(pair) for pair in pairs), DetailRow(())]
        else:
            made = list(_rows_of_note(block))
        number += len(made)
        yield from made


def _rows_of_note(block: Note) -> Iterator[DetailRow]:
    yield DetailRow((_text(block.text),), "verdict" if block.style == "verdict" else "note")


def _text(words: str) -> DetailCell:
    return DetailCell(numbers.visible(words), "text")


def _table(shown: Table, number: int, place: PlacedFigures) -> Iterator[DetailRow]:
    """A table from a row on: its title, its heads, and its rows."""
    if shown.title:
        yield DetailRow((_text(shown.title),), "title")
        number += 1
    yield DetailRow(tuple(_heads(shown)), "head")
    number += 1
    ends = len(shown.rows) - shown.totals
    names = [row[0] if index < ends else TOTAL for index, row in enumerate(shown.rows)]
    lines = shown.cells()
    columns = list(_columns(shown))
    for index, name in enumerate(names):
        for each in columns:
            cell = lines[index][each.row_index]
            spot = Spot(f"{letters(each.at)}{number + index}", cell.value)
            if cell.kind != "text" and not cell.kind.endswith("interval"):
                place.spots.setdefault((name, each.column.key, each.nth), spot)
    for index, (name, line) in enumerate(zip(names, lines, strict=True)):
        before = names[index - 1] if index else None
        above = (number, number + ends - 1) if index >= ends else None
        cells: list[DetailCell] = []
        for each in columns:
            here = f"{letters(each.at)}{number + index}"
            cells += _cells(line[each.row_index], each, RowAt(name, before, here, above, place))
        yield DetailRow(tuple(cells), "total" if index >= ends else "")


class _ColumnAt(NamedTuple):
    """A column of a table, its place there, on the sheet, and among those of its key."""

    column: Column
    row_index: int
    at: int
    nth: int


def _columns(shown: Table) -> Iterator[_ColumnAt]:
    """The columns with their places; an interval takes two."""
    at, seen = 0, dict.fromkeys((column.key for column in shown.columns), 0)
    for index, column in enumerate(shown.columns):
        yield _ColumnAt(column, index, at, seen[column.key])
        seen[column.key] += 1
        at += 2 if column.kind.endswith("interval") else 1


def _heads(shown: Table) -> Iterator[DetailCell]:
    for column in shown.columns:
        said = numbers.visible_lines(column.header).strip()
        ends = (f"{said},\nfrom", f"{said},\nto") if column.kind.endswith("interval") else (said,)
        yield from (DetailCell(end, "text") for end in ends)


INPUTS = frozenset(("count", "revenue", "budget"))
"""Keys of columns that are typed, and everything else follows."""
_PLAIN: Mapping[str, str] = {"brief_rate": "rate", "factor": "number"}


def _cells(cell: Cell, where: _ColumnAt, row: RowAt) -> Iterator[DetailCell]:
    value, kind = cell.value, _PLAIN.get(cell.kind, cell.kind)
    if where.column.kind.endswith("interval"):
        if cell.kind == "text":
            yield from (_text(""), _text(""))
            return
        both = (None, None) if value is None or value[0] is None else value
        yield from (DetailCell(end, "rate") for end in both)
        return
    if kind == "duration" and value is not None:
        yield _text(numbers.text(value, kind))
        return
    if kind == "text":
        yield _text(numbers.UNDEFINED if value is None else str(value))
        return
    formula = _formula(value, where, row)
    is_input = formula is None and where.column.key in INPUTS and row.above is None
    yield DetailCell(value, kind, formula, is_input, cell.side)


def _formula(value: Exact | None, where: _ColumnAt, row: RowAt) -> str | None:
    """The formula of a figure; `None` where none comes to it."""
    for found in _candidates(where, row):
        if found.value == value and not isinstance(value, float):
            return found.text
        if found.value is not None and value is not None and value == _whole(found.value):
            return f"ROUND({found.text},0)"
    return None


def _whole(value: Exact) -> int:
    exact = Fraction(value)
    return int((Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1), ROUND_HALF_UP))


def _candidates(where: _ColumnAt, row: RowAt) -> Iterator[Formula]:
    key, place = where.column.key, row.place
    if row.above is not None and key in ADDED:
        names = [name for name, each, nth in place.spots if each == key and nth == where.nth and name is not TOTAL]
        values = [place.at(name, key, where.nth).value for name in names]
        first, last = row.above
        letter = letters(where.at)
        if len(names) == last - first + 1:
            added: Exact = sum((value for value in values if value is not None), start=0)
            yield Formula(f"SUM({letter}{first}:{letter}{last})", added)
    known = place.at(row.name, key, where.nth)
    if known.at not in ("", row.here):
        yield Formula(known.at, known.value)
    rule = RULES.get(key)
    if rule is not None:
        yield from rule(row, where.nth)


def _checks(
    results: Sequence[CheckResult], asked: Sequence[AnyCheck], base: Mapping[Figure, Spot], funnel: Funnel
) -> Iterator[DetailRow]:
    """A row a check: the limit may be typed over, and the result follows where it is of two numbers."""
    heads = ("Check", "Result", "Figure", "Limit", "Figures", "How far")
    yield DetailRow(tuple(DetailCell(each, "text") for each in heads), "head")
    words = limits.checks_table(results).rows
    by_text = {each.text: each for each in asked}
    for number, (result, said) in enumerate(zip(results, words, strict=True), FIRST + 2):
        check = by_text.get(result.check)
        figure = None if check is None else _checked(check, result, base, funnel)
        told = _told(result, number) if result.actual is not None else None
        yield DetailRow(
            (
                _text(said[0]),
                DetailCell(said[1], "text", told),
                DetailCell(result.actual, result.kind, figure),
                DetailCell(result.limit, result.kind, is_input=told is not None),
                _text(said[2]),
                _text(explained(result)),
            )
        )


def _told(result: CheckResult, number: int) -> str | None:
    """The formula of a result: that of a figure held against a number, without a chance or a baseline in it."""
    is_plain = result.confidence is None and result.low is None and "baseline" not in result.check
    if not is_plain or result.limit is None or result.actual is None or result.operator is None:
        return None
    if OPERATORS[result.operator](result.actual, result.limit) != result.passed:
        return None
    operator = {"==": "=", "!=": "<>"}.get(result.operator, result.operator)
    return f'IF(C{number}{operator}D{number},"passed","failed")'


def _checked(check: AnyCheck, result: CheckResult, base: Mapping[Figure, Spot], funnel: Funnel) -> str | None:
    """The cell of the funnel's sheet that has the figure of a check."""
    figures = [Figure(check.selector.metric.name)] if check.selector.stage is None else []
    fewer, stage = judged(funnel), check.selector.stage
    if stage is None or stage in [each.name for each in fewer.stages]:
        figures.append(figure_of(fewer, check.selector))
    if check.selector.metric.name == "cost_per" and stage == funnel.stages[funnel.sale_stage].name:
        figures.append(Figure("cost_per_sale"))
    spots = [base[figure] for figure in figures if figure in base]
    return next((spot.at for spot in spots if spot.value == result.actual), None)
