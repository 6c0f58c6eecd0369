"""A report as a workbook: a sheet a funnel, formulas that answer to what is typed, and a chart of its own cells.

XlsxWriter writes it: it needs no other package, stores what each formula comes to beside it, so that viewers that do
not calculate show figures too, and makes charts in full.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.fewer_stages import judged
from funnelcli.output.numbers import text, visible
from funnelcli.output.report.cell_formats import number_format
from funnelcli.output.report.detail_rules import Spot
from funnelcli.output.report.detail_writer import write_detail
from funnelcli.output.report.details import details
from funnelcli.output.report.funnel_chart import draw_chart
from funnelcli.output.report.mark import MADE_BY
from funnelcli.output.report.sheets import FIRST_ROW, IN_THE_END, WHAT_IF, letters, sheet_of
from funnelcli.output.views.economics import whether_it_pays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.analyses.rules import Figure
    from funnelcli.model import Funnel
    from funnelcli.output.report.look import Look, Palette
    from funnelcli.output.report.sheets import Row, Sheet, SheetCell

LONGEST_SHEET_NAME = 31
LONGEST_FORMULA = 8192
LONGEST_TEXT = 32_767
"""Characters, all limits of the format (ECMA-376 applications)."""
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\"), " ")
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
"""The date of creation, as of the files inside the archive: the same funnel is the same bytes."""
INPUT_FILL, CHANGED_FILL, INPUT_INK = "#fff6cf", "#ffdca8", "#1b4f9c"
NARROWEST, WIDEST, WIDEST_LABEL = 18, 30, 46
LINE = 15
"""Height of a line of text, in points."""
TALLEST = 409
"""Height of a row, in points, at most: a limit of the format as well."""
MOST_CHANGES = 6
"""Changes of a scenario that are listed at its head, which does not scroll."""
_ROLES = (("input", "input"), ("changed", "changed by a scenario"), ("calculated", "formula"))


class SheetWriter(NamedTuple):
    """Where a sheet is written: the book, its sheet, the colours, and the formats made so far."""

    book: Any
    sheet: Any
    palette: Palette
    formats: dict[tuple[tuple[str, Any], ...], Any]

    def format(self, **properties: Any) -> Any:
        """A format of the book, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "vcenter", "font_color": self.palette.ink} | properties)
        return self.formats[key]

    def role(self, role: str) -> dict[str, Any]:
        """How a cell shows what it is: inputs are coloured, formulas are not."""
        line = {"border": 1, "border_color": self.palette.line}
        return {
            "recorded": {"bg_color": self.palette.soft, "locked": False, **line},
            "input": {"bg_color": INPUT_FILL, "font_color": INPUT_INK, "locked": False, **line},
            "changed": {"bg_color": CHANGED_FILL, "font_color": INPUT_INK, "bold": True, "locked": False, **line},
            "calculated": line,
        }[role]

    def write(self, row: int, column: int, words: str, **properties: Any) -> None:
        """Text, which is never taken for a formula, a link or markup; rows and columns count from 0."""
        if words.startswith("<r>"):
            words = f" {words}"  # XlsxWriter would take it for a rich string of its own
        self.sheet.write_string(row, column, cell_text(words), self.format(**properties))

    def set_up(self, first: int) -> None:
        """How a sheet is shown and printed; what stands above that row, counted from 1, stays where it is."""
        grid = self.sheet
        grid.hide_gridlines(2)
        grid.freeze_panes(first - 1, 1)
        grid.set_landscape()
        grid.set_paper(9)  # A4
        grid.set_margins(0.4, 0.4, 0.5, 0.6)
        grid.fit_to_pages(1, 0)
        grid.set_footer("&L&A&R&P / &N")

    def write_formula(self, row: int, column: int, formula: str, style: Any, value: float | str) -> None:
        """A formula and what it comes to."""
        self.sheet.write_formula(row, column, formula, style, cell_text(value) if isinstance(value, str) else value)


def xlsx_file(report: Report, look: Look, kinds: Sequence[str]) -> bytes:
    """The funnels of a report as a workbook; cells have one palette, the light one."""
    said = [
        "" if part.economics is None or part.economics.verdict is None else whether_it_pays(part.economics)
        for part in report.parts
    ]
    funnels, labels = [part.funnel for part in report.parts], [part.label for part in report.parts]
    return workbook(funnels, labels, look.light, said, report.parts)


LEFT_OUT = "Not in this workbook: intervals of the steps, their ranks and levers; a report that ends in .html has them."


def workbook(
    funnels: Sequence[Funnel],
    labels: Sequence[str],
    palette: Palette,
    verdicts: Sequence[str] = (),
    parts: Sequence[ReportPart] = (),
) -> bytes:
    """The bytes of an .xlsx file with a sheet a funnel; `labels` tell the funnels apart.

    The `verdicts` say of each whether it pays, as it was counted or is expected in the end; an empty one says nothing.
    Behind its sheet a funnel of which the report's part is given has one for each breakdown, for its open units and for
    its checks.
    """
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        title = visible(", ".join(labels))[:255]
        book.set_properties({"title": title, "comments": MADE_BY, "created": EPOCH})
        book.set_calc_mode("auto")
        formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        sheets, own = [sheet_of(funnel) for funnel in funnels], sheet_names(labels)
        bases = [_base(sheet, name) for sheet, name in zip(sheets, own, strict=True)]
        more = [tuple(details(part, base)) for part, base in zip(parts, bases, strict=bool(parts))]
        alone = len(funnels) == 1
        wanted = [
            each.name if alone else f"{each.name}, {label}"
            for label, every in zip(labels, more, strict=False)
            for each in every
        ]
        others = iter(sheet_names([*labels, *wanted])[len(labels) :])
        for place, (funnel, label, sheet, name) in enumerate(zip(funnels, labels, sheets, own, strict=True)):
            if parts:
                sheet = sheet._replace(notes=(*sheet.notes, LEFT_OUT))
            if verdicts and verdicts[place]:
                base = "Without changes" if sheet.columns[0].name == IN_THE_END else "As it is"
                sheet = sheet._replace(notes=(f"{base}: {verdicts[place]}", *sheet.notes))
            added = book.add_worksheet(name)
            _write_sheet(SheetWriter(book, added, palette, formats), judged(funnel), visible(label), sheet, name)
            for detail in more[place] if parts else ():
                added = book.add_worksheet(next(others))
                write_detail(SheetWriter(book, added, palette, formats), detail, visible(label), funnel.currency)
    return stream.getvalue()


def _base(sheet: Sheet, name: str) -> dict[Figure, Spot]:
    """The figures in the first column of a sheet, by their places in the book."""
    quoted = name.replace("'", "''")
    return {
        row.key: Spot(f"'{quoted}'!$B${number}", row.cells[0].value)
        for number, row in enumerate(sheet.rows, FIRST_ROW)
        if row.cells
    }


def sheet_names(labels: Iterable[str]) -> list[str]:
    """Names that a workbook accepts: short, without the characters that a reference needs, and each another one."""
    names: list[str] = []
    taken = {"history"}  # Excel keeps this one for itself
    for label in labels:
        stem = visible(label).translate(FORBIDDEN).strip(" '") or "Funnel"
        name, number = _sheet_name(stem, ""), 1
        while name.casefold() in taken:
            number += 1
            name = _sheet_name(stem, f" ({number})")
        taken.add(name.casefold())
        names.append(name)
    return names


def _sheet_name(stem: str, ending: str) -> str:
    """The name with its ending, within the limit."""
    return f"{_within(stem, LONGEST_SHEET_NAME - len(ending)).rstrip(chr(32) + chr(39))}{ending}"


def cell_text(words: str) -> str:
    """As much of a text as a cell takes, with an ellipsis where that is not all."""
    if 2 * len(words) <= LONGEST_TEXT or _within(words, LONGEST_TEXT) == words:
        return words
    return f"{_within(words, LONGEST_TEXT - 1)}…"


def _within(words: str, limit: int) -> str:
    """The beginning of a text that the format counts as no more than a limit: it counts in units of UTF-16."""
    return words.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _write_sheet(sheet_writer: SheetWriter, funnel: Funnel, label: str, sheet: Sheet, name: str) -> None:
    """Head, figures, notes, chart, and how it is shown and printed."""
    _write_head(sheet_writer, funnel, label, sheet)
    for number, row in enumerate(sheet.rows, FIRST_ROW - 1):
        _write_row(sheet_writer, funnel, number, row, len(sheet.columns))
    end = FIRST_ROW + len(sheet.rows)
    end += _warn_of_losses(sheet_writer, sheet, end)
    for number, note in enumerate(sheet.notes, end):
        sheet_writer.write(number, 0, note, font_color=sheet_writer.palette.muted, font_size=9)
    end += len(sheet.notes) + 1
    last = draw_chart(sheet_writer, sheet, label, name, end)
    sheet_writer.set_up(FIRST_ROW)
    sheet_writer.sheet.print_area(0, 0, end - 2, last)


def _is_sure(funnel: Funnel) -> bool:
    """Whether the sale alone brings money, at an average check that is taken as exact."""
    sale = funnel.sale_stage
    return funnel.money_stages == (sale,) and not funnel.stages[sale].average_check_sd


def _warn_of_losses(sheet_writer: SheetWriter, sheet: Sheet, row: int) -> int:
    """A sentence that shows while a sale loses money in some column; the lines that it takes."""
    for number, each in enumerate(sheet.rows, FIRST_ROW):
        if each.key[0] == "unit_margin":
            loses = any(cell.value is not None and cell.value < 0 for cell in each.cells)
            says = "Where the margin per sale is below 0, every sale loses money."
            if all(_is_sure(column.funnel) for column in sheet.columns):
                says = f"{says[:-1]}: no conversion makes it pay."
            formula = f'=IF(MIN(B{number}:{letters(len(sheet.columns))}{number})<0,"{says}","")'
            style = sheet_writer.format(font_color=sheet_writer.palette.loss, bold=True)
            sheet_writer.write_formula(row, 0, formula, style, says if loses else "")
            return 1
    return 0


def _write_head(sheet_writer: SheetWriter, funnel: Funnel, label: str, sheet: Sheet) -> None:
    """Title, key, and the names of the columns, which stay in sight."""
    palette, muted = sheet_writer.palette, sheet_writer.palette.muted
    sheet_writer.sheet.set_column(0, 0, min(max(len(row.label) for row in sheet.rows) + 4, WIDEST_LABEL))
    sheet_writer.sheet.set_row(0, 26)
    sheet_writer.write(0, 0, label, bold=True, font_size=18)
    about = (funnel.description, funnel.period, funnel.currency)
    sheet_writer.write(1, 0, " · ".join(visible(each) for each in about if each), font_color=muted)
    if len(sheet.columns) > 1:
        sheet_writer.write(3, 0, "Type over a yellow cell: everything below it follows.", font_color=muted, italic=True)
    roles = (("recorded", sheet.columns[0].name.lower()), *_ROLES)
    for place, (role, meaning) in enumerate(roles[: len(sheet.columns)], 1):
        sheet_writer.write(3, place, meaning, align="center", font_size=9, **sheet_writer.role(role))
    sheet_writer.write(5, 0, "", bg_color=palette.ink)
    heights = [1, 1]
    for place, column in enumerate(sheet.columns, 1):
        shown = [_width(row.cells[place - 1], row.kind, funnel.currency) for row in sheet.rows if row.cells]
        width = min(max([NARROWEST, *shown]), WIDEST)
        sheet_writer.sheet.set_column(place, place, width)
        fill = palette.link if column.name == WHAT_IF else palette.ink
        head = {"bg_color": fill, "font_color": palette.paper, "bold": True}
        sheet_writer.write(5, place, column.name, align="center", text_wrap=True, **head)
        changes = column.says.split("\n")
        if len(changes) > MOST_CHANGES:
            changes = [*changes[: MOST_CHANGES - 1], f"and {len(changes) - MOST_CHANGES + 1} more"]
        sheet_writer.write(6, place, "\n".join(changes), align="center", text_wrap=True, font_size=9, font_color=muted)
        needed = _lines([column.name], width - 3), _lines(changes, width + 6)
        heights = [max(pair) for pair in zip(heights, needed, strict=True)]
    sheet_writer.sheet.set_row(5, min(LINE * heights[0] + 4, TALLEST))
    sheet_writer.sheet.set_row(6, min(LINE * heights[1] + 2, TALLEST))


def _lines(paragraphs: Sequence[str], width: int) -> int:
    """Lines that wrapped text takes, no fewer than it does."""
    return sum(1 + int(len(each) / (width * 0.85)) for each in paragraphs)


def _width(cell: SheetCell, kind: str, currency: str | None) -> int:
    """Characters that a figure takes, its currency with it."""
    plain = kind.removesuffix("_change")
    return len(text(cell.value, plain, currency if plain == "money" else None)) + 6


def _write_row(sheet_writer: SheetWriter, funnel: Funnel, number: int, row: Row, columns: int) -> None:
    palette = sheet_writer.palette
    if not row.cells:
        for place in range(columns + 1):
            heading = {"bold": True, "font_color": palette.link, "bottom": 2, "bottom_color": palette.link}
            sheet_writer.write(number, place, "" if place else row.label, **heading)
        sheet_writer.sheet.set_row(number, 24)
        return
    strong = row.weight in ("stage", "total")
    step = {"indent": 2, "font_color": palette.muted} if row.weight == "step" else {}
    sheet_writer.write(number, 0, row.label, text_wrap=True, align="left", bold=strong, **step)
    sheet_writer.sheet.set_row(number, min(LINE * _lines([row.label], WIDEST_LABEL + 4) + 1, TALLEST))
    shown = number_format(row.kind, [cell.value for cell in row.cells], funnel.currency)
    for place, cell in enumerate(row.cells, 1):
        whole = row.kind == "count" and cell.role == "recorded" and isinstance(cell.value, int)
        style = sheet_writer.role(cell.role) | {"num_format": "#,##0" if whole else shown, "align": "right"}
        if strong:
            style["bold"] = True
        value = None if cell.value is None else float(cell.value)
        if cell.formula is None or len(cell.formula) > LONGEST_FORMULA:
            sheet_writer.sheet.write(number, place, value, sheet_writer.format(**style))
        else:
            known = "n/a" if value is None else value
            sheet_writer.write_formula(number, place, cell.formula, sheet_writer.format(**style), known)
    if any(cell.role in ("input", "changed") for cell in row.cells):
        sheet_writer.sheet.data_validation(number, 2, number, columns, _limits(funnel, row))


def _limits(funnel: Funnel, row: Row) -> dict[str, Any]:
    """What may be typed: rates of 0% to 100%, unless the stage may grow, and nothing below 0."""
    metric, index = row.key
    grows = metric == "conversion" and funnel.stages[index].allow_growth
    if row.kind == "rate" and not grows:
        says = "A rate is between 0% and 100%."
        return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1, "error_message": says}
    return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "A number, not below 0."}
