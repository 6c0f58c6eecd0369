"""Details of a funnel to a sheet of a workbook: figures in their formats, what may be typed over, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output import numbers
from funnelcli.output.report.cell_formats import number_format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.output.report.details import Detail, DetailCell, DetailRow
    from funnelcli.output.report.workbook import SheetWriter

NARROWEST, WIDEST, WIDEST_LABEL = 11, 26, 46
"""Characters of a column."""
LONG = 60
"""Characters of a sentence from which on it runs over the columns beside it, and makes none wider."""


def write_detail(sheet_writer: SheetWriter, detail: Detail, label: str, currency: str | None) -> None:
    """Write the title and the rows of a sheet, and say how it is shown and printed."""
    from funnelcli.output.report.details import FIRST

    sheet_writer.write(0, 0, f"{label}: {detail.name[0].lower()}{detail.name[1:]}", bold=True, font_size=18)
    sheet_writer.sheet.set_row(0, 26)
    formats = list(_formats(detail.rows, currency))
    for number, (row, shown) in enumerate(zip(detail.rows, formats, strict=True), FIRST - 1):
        _write_row(sheet_writer, number, row, shown)
    for place, width in enumerate(_widths(detail.rows, currency)):
        sheet_writer.sheet.set_column(place, place, width)
    sheet_writer.set_up(FIRST)


def _formats(rows: Sequence[DetailRow], currency: str | None) -> Iterator[list[str]]:
    """The number format of each cell: those of one kind in a column of a table are alike."""
    table: list[DetailRow] = []
    for row in (*rows, None):
        if row is not None and row.weight in ("", "total") and row.cells:
            table.append(row)
            continue
        for own in table:
            yield [
                number_format(
                    cell.kind,
                    [each.cells[place].value for each in table if each.cells[place].kind == cell.kind],
                    currency,
                )
                if _is_figure(cell)
                else ""
                for place, cell in enumerate(own.cells)
            ]
        table = []
        if row is not None:
            yield ["" for _ in row.cells]


def _is_figure(cell: DetailCell) -> bool:
    return cell.kind != "text" and cell.value is not None


def _widths(rows: Sequence[DetailRow], currency: str | None) -> Iterator[int]:
    for place in range(max(len(row.cells) for row in rows)):
        cells = [row.cells[place] for row in rows if place < len(row.cells) and row.weight not in ("note", "verdict")]
        lines = [line for cell in cells for line in _shown(cell, currency).split("\n")]
        longest = max([len(line) for line in lines if len(line) < LONG] or [0]) + 3
        yield min(max(NARROWEST, longest), WIDEST if place else WIDEST_LABEL)


def _shown(cell: DetailCell, currency: str | None) -> str:
    if cell.kind == "text":
        return str(cell.value)
    return numbers.text(cell.value, cell.kind, currency) + ("  " if cell.side else "")


def _write_row(sheet_writer: SheetWriter, number: int, row: DetailRow, formats: Sequence[str]) -> None:
    palette = sheet_writer.palette
    looks: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_color": palette.link},
        "head": {"bold": True, "bg_color": palette.ink, "font_color": palette.paper, "text_wrap": True},
        "verdict": {"bold": True},
        "note": {"font_color": palette.muted, "font_size": 9},
        "total": {"bold": True},
    }
    own = looks.get(row.weight, {})
    if row.weight == "head":
        lines = max(1 + cell.value.count("\n") for cell in row.cells)
        sheet_writer.sheet.set_row(number, 15 * (lines + 1) + 2)
    for place, (cell, shown) in enumerate(zip(row.cells, formats, strict=True)):
        if row.weight in ("title", "head", "verdict", "note"):
            align = {"align": "right" if place and row.weight == "head" else "left"}
            sheet_writer.write(number, place, cell.value, **own, **align)
        else:
            _write_cell(sheet_writer, number, place, cell, shown, own)


def _write_cell(
    sheet_writer: SheetWriter, number: int, place: int, cell: DetailCell, shown: str, own: dict[str, Any]
) -> None:
    palette = sheet_writer.palette
    style = sheet_writer.role("input" if cell.is_input else "calculated") | own
    if cell.kind == "text" and cell.formula is None:
        align = {"align": "left", "text_wrap": len(cell.value) > WIDEST}
        sheet_writer.write(number, place, cell.value, **style, **align)
        return
    if cell.side in (1, -1):
        style["font_color"] = palette.gain if cell.side > 0 else palette.loss
    if cell.side:
        shown = f'{shown}" {numbers.mark(cell.side).strip()}"'
    style |= {"align": "right"} | ({"num_format": shown} if shown else {})
    value = numbers.UNDEFINED if cell.value is None else cell.value if cell.kind == "text" else float(cell.value)
    if cell.formula is not None:
        sheet_writer.write_formula(number, place, f"={cell.formula}", sheet_writer.format(**style), value)
    elif isinstance(value, str):
        sheet_writer.write(number, place, value, **style)
    else:
        sheet_writer.sheet.write_number(number, place, value, sheet_writer.format(**style))
