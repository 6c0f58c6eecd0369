"""What `show --by` says of a funnel by two dimensions: entries, sales and the overall conversion of each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from funnelcli.exact import ratio
from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Note, Table
from funnelcli.output.numbers import brief_rate, text, visible
from funnelcli.output.views.building import decided_in_segments, open_in_segments, open_note, sentence, with_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.analyses.crosstab import Crosstab, CrosstabCell, LineKind

    _Key: TypeAlias = tuple[str | None, LineKind]


def blocks(table: Crosstab) -> Iterator[Block]:
    """Entries, sales and overall conversion, or those of a step, each with its sums on both sides."""
    found = {((cell.row, cell.row_kind), (cell.column, cell.column_kind)): cell for cell in table.cells}
    first, last = table.at_from or table.stages[0], table.at or table.sale_stage
    decided = "the decided of " if table.open_by_segment else ""
    of = f"Overall conversion, % of {'the decided' if decided else 'entry'}"
    if table.at is not None:
        of = f"Conversion to {table.at}, % of {decided}{table.at_from}"
    origin, to = table.stages.index(first), table.stages.index(last)
    yield _table(table, found, first, "count", lambda cell: cell.counts[origin])
    yield _table(table, found, last, "count", lambda cell: cell.counts[to])
    yield _table(table, found, of, "rate", lambda cell: _conversion(table, cell, to))
    yield from _notes(table)


def _keys(names: tuple[str, ...], folded: int) -> list[_Key]:
    others: list[_Key] = [(None, "other")] if folded else []
    return [*((name, "segment") for name in names), *others, (None, "total")]


def _label(key: _Key, folded: int) -> str:
    name, kind = key
    return name if name is not None else "Total" if kind == "total" else f"Other ({folded:,} more)"


def _table(
    table: Crosstab,
    found: dict[tuple[_Key, _Key], CrosstabCell],
    title: str,
    kind: CellKind,
    value: Callable[[CrosstabCell], Any],
) -> Table:
    """One figure of all cells; pairs that have no units in the file are blank."""
    across = _keys(table.columns, table.folded_columns)
    rows = []
    for row in _keys(table.rows, table.folded_rows):
        cells = (found.get((row, column)) for column in across)
        values = (BLANK if cell is None else value(cell) for cell in cells)
        rows.append((_label(row, table.folded_rows), *values))
    headers = (Column(visible(_label(column, table.folded_columns)), "value", kind) for column in across)
    columns = (Column(sentence(table.row_dimension), "segment", "text"), *headers)
    return with_total(Table(columns, tuple(rows), visible(title), title))


def _conversion(table: Crosstab, cell: CrosstabCell, at: int) -> Any:
    """The overall conversion, or that of a step, in brackets where the units are few; of the decided, if known."""
    overall, steps = cell.overall_conversion, cell.conversions
    if table.open_by_segment:
        overall, steps = cell.overall_conversion_decided, cell.conversions_decided
    rate = overall if table.at is None else steps[at]
    return Cell(f"({text(rate, 'rate')})", "text") if cell.few else rate


def _notes(table: Crosstab) -> Iterator[Note]:
    if any(cell.few for cell in table.cells):
        yield Note(
            f"In brackets: counts so small that the {brief_rate(table.confidence)} interval is wider than 30 points."
        )
    for dimension, shown, folded in (
        (table.row_dimension, table.rows, table.folded_rows),
        (table.column_dimension, table.columns, table.folded_columns),
    ):
        if folded:
            yield Note(f"{len(shown):,} of {len(shown) + folded:,} of {dimension}; --top N shows more of them.")
    if table.awaits:
        by = " or ".join(f"--by {visible(each)}" for each in (table.row_dimension, table.column_dimension))
        yield Note(f"As counted so far: windows are open, and what each pair comes to in the end is not told; {by} is.")
    yield from open_note(table.not_mature)
    yield from open_in_segments(table.open_at)
    yield from decided_in_segments(table.open_by_segment, table.lost_unplaced)


def csv_rows(table: Crosstab) -> Iterator[dict[str, Any]]:
    """One row a cell and stage; the interval stands with the sale."""
    sale = table.stages.index(table.sale_stage)
    for cell in table.cells:
        own = {
            "dimension": table.row_dimension,
            "row": cell.row_kind,
            "segment": cell.row,
            "dimension_2": table.column_dimension,
            "column": cell.column_kind,
            "segment_2": cell.column,
        }
        for index, stage in enumerate(table.stages):
            yield own | {
                "stage": stage,
                "count": cell.counts[index],
                "conversion": cell.conversions[index],
                "overall_conversion": ratio(cell.counts[index], cell.counts[0]),
                "overall_conversion_low": cell.overall_conversion_low if index == sale else None,
                "overall_conversion_high": cell.overall_conversion_high if index == sale else None,
                "conversion_decided": cell.conversions_decided[index],
                "overall_conversion_decided": cell.overall_conversion_decided if index == sale else None,
                "overall_conversion_decided_low": cell.overall_conversion_decided_low if index == sale else None,
                "overall_conversion_decided_high": cell.overall_conversion_decided_high if index == sale else None,
            }
