"""Tables that are written as markup and saved under another ending, as many programs export "to Excel".

A page of a web site with a table (HTML), and the workbook in XML that Excel 2003 wrote. Cells of the first are text;
those of the second are numbers, days and texts.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.sheets import SheetCells, are_marked, choose_sheet, has_table, note_of_choice, number_text
from funnelcli.counts_table.text_encoding import decode
from funnelcli.diagnostics import Diagnostic, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(
    r"<(?:(?P<until>!--|!\[CDATA\[|(?:script|style|head)(?=[\s>]))"
    r"|(?P<end>/?)(?:\w+:)?(?P<name>table|tr|t[dh]|br|worksheet|row|cell|data)(?![-\w:])(?P<rest>[^<>]*)>|[/!?\w][^<>]*>)",
    re.IGNORECASE,
)
"""Tags that make tables, others, and what goes on until its own end."""
_ATTRIBUTE = re.compile(r"""(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z][\w.-]*)", re.IGNORECASE)
_HEAD = 4096
_MOST_SPANNED = 16384
_MOST_ROWS = 2**16
_MOST_CELLS = 5_000_000
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?")
_SAVE = "open it in the spreadsheet, save it as .xlsx, and name that file"


class Markup(NamedTuple):
    """A sheet and the encoding of its file."""

    sheet: SheetCells
    encoding: str


class _Table:
    """A table while its tags are read: rows of cells, and which of them are numbers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[str]] = []
        self.typed: set[tuple[int, int]] = set()
        self.text: list[str] | None = None
        self.span = 1
        self.kind = ""
        self.below: dict[int, int] = {}  # columns that a cell further up covers, and for how many rows more

    def begin_row(self, index: int | None) -> None:
        self.end_cell()
        while index is not None and len(self.rows) < min(index - 1, _MOST_ROWS):
            self.rows.append([])
        self.rows.append([])

    def begin_cell(self, attributes: dict[str, str]) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        row = self.rows[-1]
        index = _number(attributes.get("index"))
        while index is not None and len(row) < min(index - 1, _MOST_SPANNED):
            row.append("")
        while self.below.get(len(row), 0) > 0:
            self.below[len(row)] -= 1
            row.append("")
        across = _number(attributes.get("mergeacross"))
        self.span = min((across + 1) if across is not None else _number(attributes.get("colspan")) or 1, _MOST_SPANNED)
        if (down := _number(attributes.get("rowspan")) or 1) > 1:
            self.below |= dict.fromkeys(range(len(row), len(row) + self.span), down - 1)
        self.text, self.kind = [], ""

    def end_cell(self) -> None:
        if self.text is None:
            return
        text = unescape("".join(self.text)).strip()
        if self.kind == "number" and not text.isdecimal():
            with suppress(ValueError):
                text = number_text(float(text))
        elif self.kind == "datetime" and (moment := _MIDNIGHT.fullmatch(text)):
            text = moment[1] if moment[2] == "00:00:00" else f"{moment[1]} {moment[2]}"
        row = self.rows[-1]
        if self.kind == "number":
            self.typed.add((len(self.rows) - 1, len(row)))
        row.append(text)
        row.extend([""] * (self.span - 1))
        self.text, self.span = None, 1


def read_markup(
    data: bytes, file: str, what: str, sheet: str | None, encoding: str | None, known: Iterable[str]
) -> Markup | Problem | Diagnostic:
    """The table of a page or of a workbook in XML: the one asked for, else the only one with cells in rows."""
    decoded = decode(data, file, encoding, known)
    if encoding is None and (isinstance(decoded, Diagnostic) or decoded.note is not None):
        said = _CHARSET.search(data[:_HEAD])
        if said is not None:
            with suppress(LookupError, ValueError):
                again = decode(data, file, said[1].decode("ascii"), known)
                decoded = decoded if isinstance(again, Diagnostic) else again
    if isinstance(decoded, Diagnostic):
        return decoded
    tables = _tables(decoded.text)
    if tables is None:
        return Problem("FN002", f"this is {what} with more than {_MOST_CELLS:,} cells", "export less, or as CSV")
    if not any(row for table in tables for row in table.rows):
        return Problem("FN016", f"this is {what} without a table", _SAVE)
    is_page = not any(table.typed for table in tables) and "<worksheet" not in decoded.text[: 2**20].lower()
    full = [at for at, table in enumerate(tables) if has_table(table.rows)]
    names = [table.name or f"table {at}" for at, table in enumerate(tables, 1)]
    chosen = choose_sheet(names, full, sheet, [at for at, table in enumerate(tables) if not any(table.rows)])
    if isinstance(chosen, Problem):
        return chosen
    table = tables[chosen]
    texts = (
        cell for row, cells in enumerate(table.rows) for at, cell in enumerate(cells) if (row, at) not in table.typed
    )
    mark = None if is_page or are_marked(texts) else "."
    typed = frozenset() if mark else frozenset(place for place in table.typed if "." in table.rows[place[0]][place[1]])
    width = max(map(len, table.rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] if any(row) else [] for row in table.rows]
    notes = [*([] if decoded.note is None else [decoded.note]), *note_of_choice(names, chosen)]
    return Markup(SheetCells(None if is_page else table.name, rows, notes, mark, typed), decoded.encoding)


def _tables(text: str) -> list[_Table] | None:
    """All tables, the inner before the outer; `None` where they have too many cells."""
    found: list[_Table] = []
    open_: list[_Table] = []
    sheet, cells, at = "", 0, 0
    while (tag := _TAG.search(text, at)) is not None:
        if open_ and open_[-1].text is not None:
            open_[-1].text.append(text[at : tag.start()])
        at = tag.end()
        if tag["until"] is not None:
            at, verbatim = _hidden(text, tag["until"].lower(), at)
            if open_ and open_[-1].text is not None:
                open_[-1].text.append(verbatim.replace("&", "&amp;"))
            continue
        name = (tag["name"] or "").lower()
        if not name:
            continue
        attributes = {} if tag["end"] or "=" not in tag["rest"] else _attributes(tag["rest"])
        is_empty = tag["rest"].endswith("/")
        if name == "worksheet":
            sheet = attributes.get("name", "") if not tag["end"] else ""
        elif name == "table":
            if not tag["end"] and not is_empty:
                open_.append(_Table(sheet))
            elif open_:
                open_[-1].end_cell()
                found.append(open_.pop())
        elif not open_:
            continue
        elif name in ("tr", "row"):
            open_[-1].end_cell() if tag["end"] else open_[-1].begin_row(_number(attributes.get("index")))
        elif name in ("td", "th", "cell"):
            if not tag["end"]:
                open_[-1].begin_cell(attributes)
                cells += open_[-1].span
                if cells > _MOST_CELLS:
                    return None
            if tag["end"] or is_empty:
                open_[-1].end_cell()
        elif name == "data" and not tag["end"]:
            open_[-1].kind = attributes.get("type", "").lower()
        elif name == "br" and open_[-1].text is not None:
            open_[-1].text.append(" ")
    for table in reversed(open_):  # a page that is cut short, or ends without closing what is open
        table.end_cell()
        found.append(table)
    return found


def _hidden(text: str, begun: str, at: int) -> tuple[int, str]:
    """Where what is no markup ends, and its text where that is shown. Without an end it is the rest."""
    mark = {"!--": "-->", "![cdata[": "]]>"}.get(begun)
    if mark is None:
        end = re.compile(f"</{begun}\\s*>", re.IGNORECASE).search(text, at)
        return (len(text), "") if end is None else (end.end(), "")
    found = text.find(mark, at)
    end_at = len(text) if found < 0 else found
    return min(end_at + len(mark), len(text)), text[at:end_at] if mark == "]]>" else ""


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): unescape(one or other or bare) for name, one, other, bare in _ATTRIBUTE.findall(text[:_HEAD])}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 8 else None
