"""The chart of a sheet: centred bars that look like a funnel, drawn by the spreadsheet from cells that stay live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.numbers import text
from funnelcli.output.report.sheets import FIRST_ROW, letters
from funnelcli.output.scales import lengths

if TYPE_CHECKING:
    from funnelcli.output.report.sheets import Sheet
    from funnelcli.output.report.workbook import SheetWriter

WIDTH, BAR, FRAME = 560, 34, 70
"""Pixels: of the chart, and of each bar and all else along its height."""
HAIRLINE = 0.002
"""The shortest bar of what is not 0, as a share of the longest: about a pixel."""
SPAN = 6
"""Columns of the sheet behind the chart, the first of them wide."""


def draw_chart(sheet_writer: SheetWriter, sheet: Sheet, label: str, name: str, row: int) -> int:
    """Write the chart's cells from a row on (counted from 0), and the chart beside the table; its last column.

    A cell above the chart says which column of the table it shows.
    """
    palette, small = sheet_writer.palette, {"font_color": sheet_writer.palette.muted, "font_size": 9}
    stages = [(FIRST_ROW + place, each) for place, each in enumerate(sheet.rows) if each.weight == "stage"]
    shown = 1 if len(sheet.columns) > 1 else 0
    counts = [float(each.cells[shown].value or 0) for _, each in stages]
    widths = lengths(counts, 1, HAIRLINE)
    left = len(sheet.columns) + 2
    heads = f"$B$6:${letters(len(sheet.columns))}$6"
    chosen, first, last = f"${letters(left)}$6", row + 4, row + 3 + len(stages)
    units = f"$B${first}:$B${last}"
    most, least = (f"${letter}${row + 2}" for letter in "BC")
    muted = sheet_writer.format(**small)

    sheet_writer.sheet.set_column(left - 1, left - 1, 3)
    sheet_writer.sheet.set_column(left, left, 32)
    sheet_writer.write(3, left, "The chart shows (choose):", **small)
    sheet_writer.write(5, left, sheet.columns[shown].name, **sheet_writer.role("input"))
    sheet_writer.sheet.data_validation(5, left, 5, left, {"validate": "list", "source": f"={heads}"})

    def formula(at: int, column: int, words: str, value: float | str) -> None:
        sheet_writer.write_formula(at, column, words, muted, value)

    sheet_writer.write(row, 0, "Behind the chart", **small, bold=True)
    for column, head in enumerate(("largest", "a hairline"), 1):
        sheet_writer.write(row, column, head, **small)
    formula(row + 1, 0, f'=$A$1&": "&{chosen}', f"{label}: {sheet.columns[shown].name}")
    formula(row + 1, 1, f"=MAX({units})", max(counts))
    formula(row + 1, 2, f"={HAIRLINE}*{most}", HAIRLINE * max(counts))
    for column, head in enumerate(("stage", "units", "width", "padding")):
        sheet_writer.write(row + 2, column, head, **small)
    for place, ((at, each), count, width) in enumerate(zip(stages, counts, widths, strict=True)):
        here = first + place
        cells = f"$B{at}:${letters(len(sheet.columns))}{at}"
        fixed = f"FIXED(B{here},IF(AND(B{here}<100,B{here}<>INT(B{here})),1,0))"
        formula(here - 1, 0, f'=$A{at}&"  "&{fixed}', f"{each.label}  {text(count, 'count')}")
        formula(here - 1, 1, f"=SUMPRODUCT(--EXACT({heads},{chosen}),{cells})", count)
        formula(here - 1, 2, f"=IF(B{here}<=0,0,MAX(B{here},{least})/{most})", width)
        formula(here - 1, 3, f"=(1-C{here})/2", (1 - width) / 2)

    chart = sheet_writer.book.add_chart({"type": "bar", "subtype": "stacked"})
    names = [name, first - 1, 0, last - 1, 0]
    for title_of, column, fill in (
        ("padding", 3, {"none": True}),
        ("units", 2, {"color": palette.accent}),
    ):
        series: dict[str, Any] = {
            "name": title_of,
            "categories": names,
            "values": [name, first - 1, column, last - 1, column],
        }
        chart.add_series(series | {"fill": fill, "border": {"none": True}, "gap": 18})
    ink = {"color": palette.ink}
    chart.set_title({"name": [name, row + 1, 0], "name_font": ink | {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"none": True})
    bare = {"major_gridlines": {"visible": False}, "line": {"none": True}, "major_tick_mark": "none"}
    chart.set_y_axis({"reverse": True, "num_font": ink | {"size": 10}, **bare})
    chart.set_x_axis({"min": 0, "max": 1, "visible": False, **bare})
    chart.set_chartarea({"border": {"color": palette.line}})
    chart.set_size({"width": WIDTH, "height": FRAME + BAR * max(len(stages), 4)})
    says = f"Funnel of {label}: " + "; ".join(
        f"{each.label} {text(count, 'count')}" for (_, each), count in zip(stages, counts, strict=True)
    )
    sheet_writer.sheet.insert_chart(FIRST_ROW - 1, left, chart, {"description": says, "object_position": 2})
    return left + SPAN
