"""A sheet of a workbook (.xlsx, .xlsm, .xls, .ods) as rows of text: numbers exact as they are shown, ISO dates."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

from funnelcli.counts_table.sheets import (
    LOOKED_AT,
    SheetCells,
    are_marked,
    choose_sheet,
    has_table,
    note_of_choice,
    number_text,
)
from funnelcli.counts_table.workbook_parts import MOST_CELLS, Unusable, checked
from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.counts_table.workbook_parts import Errors

_REMEMBERED = 65536  # moments of an export repeat
_SAVE_ANEW = "open it in the spreadsheet, save it anew, and name that file"
_FIRST_DAY = datetime(1899, 12, 30)  # days are numbered from it, from March 1900 on
_NEAR = 366
_MOST_SAID = 3
_DURATION = re.compile(r"PT(\d+)H(\d\d)M(\d\d)(?:[.,]\d+)?S")
"""A duration as OpenDocument has it, and its reader leaves it."""


def read_sheet(data: bytes, what: str, wanted: str | None) -> SheetCells | Problem:
    """The sheet that was asked for, by name or by number from 1, else the only one with a table.

    `what` says what the file is, with its article.
    """
    if find_spec("python_calamine") is None:
        needs = f"this is {what}, and python-calamine, which reads it, is not installed"
        return Problem("FN016", needs, 'install with: pip install "funnelcli[excel]"')
    found = checked(data)
    if isinstance(found, Unusable):
        if found.too_large:
            return Problem("FN002", f"the workbook is too large: {found.why}", "export less, or save its sheet as CSV")
        return _broken(what, found.why)
    from python_calamine import CalamineError, PasswordError

    try:
        return _sheet_of(data, wanted, found)
    except PasswordError:
        return Problem("FN016", f"this is {what} with a password", "save it without the password, and name that file")
    except CalamineError as error:
        return _broken(what, str(error))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what the reader raises where it did not expect a file to be so
            raise
        return _broken(what, "its reader gave up")


def _broken(what: str, why: str) -> Problem:
    return Problem("FN016", f"this is {what} that cannot be read: {why.rstrip('.')}", _SAVE_ANEW)


def _sheet_of(data: bytes, wanted: str | None, errors: list[Errors]) -> SheetCells | Problem:
    """The sheet asked for, or the one with a table, of a workbook that can be opened."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    kinds = workbook.sheets_metadata
    names = [sheet.name for sheet in kinds]
    tables = [at for at, sheet in enumerate(kinds) if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = [at for at in tables if kinds[at].visible != SheetVisibleEnum.Visible]
    if not tables:
        return Problem("FN006", "the workbook has no sheet of cells", "name a workbook with a table")
    sheet_at = cache(workbook.get_sheet_by_index)
    seen = [at for at in tables if at not in hidden] if wanted is None else []
    full = [at for at in seen if len(seen) == 1 or has_table(sheet_at(at).to_python(nrows=LOOKED_AT))]
    chosen = choose_sheet(names, full, wanted, [at for at in range(len(names)) if at in hidden or at not in tables])
    if isinstance(chosen, Problem):
        return chosen
    sheet = sheet_at(chosen)
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        what = f"the sheet {quoted(names[chosen])} has {sheet.total_height:,} rows by {sheet.total_width:,} columns"
        return Problem("FN002", what, "export less, or save it as CSV")
    cells, days = _numbered_days(sheet.to_python(skip_empty_area=False))
    notes = [*note_of_choice(names, chosen, hidden), *days, *_fill_merged(cells, sheet.merged_cell_ranges or [])]
    return _as_text(names[chosen], cells, notes, errors[chosen] if chosen < len(errors) else {})


def _fill_merged(cells: list[list[Any]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[str]:
    """Write words that are merged over rows of one column into each of them, and say so.

    A number so merged is one of all its rows, which would count it again; a title is merged over columns.
    """
    filled = []
    for (top, left), (bottom, right) in sorted(ranges):
        rows = range(top + 1, min(bottom + 1, len(cells)))
        if left != right or not rows or left >= len(cells[top]) or type(cells[top][left]) is not str:
            continue
        if cells[top][left].strip():
            for row in rows:
                cells[row][left] = cells[top][left]
            filled.append(quoted(cells[top][left]))
    if not filled:
        return []
    more = f" and {len(filled) - _MOST_SAID} more" if len(filled) > _MOST_SAID else ""
    is_one = "stands" if len(filled) == 1 else "stand"
    return [f"{', '.join(filled[:_MOST_SAID])}{more}, merged over several rows, {is_one} in each of them"]


def _numbered_days(cells: list[list[Any]]) -> tuple[list[list[Any]], list[str]]:
    """The cells, and what is said of them: numbers in a column of days are days that lost their format.

    Each must be the number of a day at most a year before or after the others, of which there are two or more.
    """
    found: dict[tuple[int, int], datetime] = {}
    for at, column in enumerate(zip(*cells, strict=True)):
        kinds = set(map(type, column))
        if float not in kinds or not kinds & {date, datetime}:
            continue
        known = [_number(each) for each in column if isinstance(each, date)]
        numbers = {row: each for row, each in enumerate(column) if type(each) is float}
        low, high = min(known) - _NEAR, max(known) + _NEAR
        has_times = any(not each.is_integer() for each in known)
        if len(known) > 1 and all(
            low <= each <= high and (has_times or each.is_integer()) for each in numbers.values()
        ):
            found |= {(row, at): _FIRST_DAY + timedelta(each) for row, each in numbers.items()}
    if not found:
        return cells, []
    (row, at), day = next(iter(found.items()))
    rest = f"; so are {len(found) - 1} more" if len(found) > 1 else ""
    note = f"row {row + 1}: {number_text(cells[row][at])} among days is {_WRITTEN[datetime](day)}, as a number{rest}"
    return [[found.get((row, at), each) for at, each in enumerate(line)] for row, line in enumerate(cells)], [note]


def _number(day: date) -> float:
    """The number of a day, with its time as a fraction."""
    moment = day if isinstance(day, datetime) else datetime.combine(day, time())
    return (moment - _FIRST_DAY) / timedelta(1)


def _as_text(name: str, cells: list[list[Any]], notes: list[str], errors: Errors) -> SheetCells:
    texts = {cell for row in cells for cell in row if type(cell) is str}
    marked = are_marked(texts)
    typed = frozenset(
        (at, column)
        for at, row in enumerate(cells if marked else ())
        for column, cell in enumerate(row)
        if type(cell) is float and not cell.is_integer()
    )
    if durations := {text: ":".join(match.groups()) for text in texts if (match := _DURATION.fullmatch(text))}:
        cells = [[durations.get(cell, cell) for cell in row] for row in cells]
    rows = [[cell if type(cell) is str else _WRITTEN[type(cell)](cell) for cell in row] for row in cells]
    for (row, column), text in errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    rows = [row if any(map(str.strip, row)) else [] for row in rows]
    return SheetCells(name, rows, notes, None if marked else ".", typed)


@lru_cache(maxsize=_REMEMBERED)
def _moment(value: datetime) -> str:
    """ISO text to the second; the day alone at midnight. Binary fractions of days are a little off."""
    rounded = (value + timedelta(microseconds=5000)).replace(microsecond=0)
    kept = rounded if abs(value - rounded) <= timedelta(microseconds=5000) else value
    return kept.date().isoformat() if kept.time() == time() else kept.isoformat(" ")


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, as `27:03:00`."""
    seconds = round(value.total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


_WRITTEN: dict[type, Callable[[Any], str]] = {
    int: str,
    float: number_text,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime: _moment,
    date: date.isoformat,
    time: lambda value: value.isoformat("seconds"),
    timedelta: _duration,
    type(None): lambda value: "",
}
"""How values of a workbook are written, by their types."""
