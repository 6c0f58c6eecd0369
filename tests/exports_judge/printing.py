"""A sheet as the bytes of a file, in its dialect; and random dialects of several countries."""

from __future__ import annotations

import csv
from fractions import Fraction
from io import StringIO
from typing import TYPE_CHECKING, Any

from .books import book_of
from .sheet import Cell, Dialect, Sheet

if TYPE_CHECKING:
    from random import Random

COUNTRIES = {
    "en": (",", ".", ",;\t|"),
    "plain": ("", ".", ",;\t|"),
    "de": (".", ",", ";\t"),
    "fr": ("\u202f", ",", ";\t"),
    "ru": ("\u00a0", ",", ";\t"),
    "ch": ("’", ".", ";,\t"),
    "pl": (" ", ",", ";\t"),
}
"""The mark of thousands, the decimal mark, and delimiters."""


def dialect(random: Random, country: str, encodings: tuple[str, ...] = ("utf-8", "utf-8-sig", "utf-16")) -> Dialect:
    """A way to write a sheet that spreadsheets of a country have."""
    thousands, decimal, delimiters = COUNTRIES[country]
    grouped = random.random() < 0.5
    return Dialect(
        random.choice(delimiters),
        random.random() < 0.2,
        random.choice(("\n", "\r\n")),
        thousands if grouped else "",
        decimal,
        random.choice(encodings),
    )


def printed(sheet: Sheet) -> bytes:
    """The file."""
    if sheet.dialect.book is not None:
        return book_of(sheet)
    style = sheet.dialect
    body = [[column.name for column in sheet.columns]]
    rows = [body[0], *([_text(cell, style) for cell in row.cells] for row in sheet.rows)]
    raw = [[False] * len(body[0]), *([cell.raw for cell in row.cells] for row in sheet.rows)]
    lines = [*sheet.above]
    for cells, bare in zip(rows, raw, strict=True):
        end = style.delimiter if sheet.trailing else ""
        lines.append(style.delimiter.join(_quoted(*each, style) for each in zip(cells, bare, strict=True)) + end)
    lines += sheet.below
    text = style.newline.join(lines) + style.newline
    return text.encode(style.encoding)


def _quoted(text: str, raw: bool, style: Dialect) -> str:
    if raw:
        return text
    out = StringIO()
    how = csv.QUOTE_ALL if style.quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=style.delimiter, quoting=how, lineterminator="").writerow([text, "x"])
    return out.getvalue()[: -4 if style.quote_all else -2]


def _text(cell: Cell, style: Dialect) -> str:
    if cell.written is not None:
        return cell.written
    return written(cell.value, cell.form, style)


def encodable(text: str, encoding: str) -> bool:
    """Whether an encoding has all characters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written(value: Any, form: str, style: Dialect) -> str:
    """A value as the dialect writes it."""
    if value is None:
        return ""
    if form in ("date", "moment"):
        text: str = value.strftime(style.date if form == "date" else style.moment)
        return text.replace(f"{value:%B}", style.months[value.month - 1]) if style.months else text
    if form in ("count", "money", "rate"):
        return number(value, style.thousands, style.decimal, style.cents if form == "money" else None)
    return str(value)


def number(value: Fraction | int, thousands: str, decimal: str, digits: int | None = None) -> str:
    """An exact number with its marks; without digits, as many as it has, at most six."""
    if digits is None:
        digits = 0
        while (Fraction(value) * 10**digits).denominator != 1 and digits < 6:
            digits += 1
    scaled = round(Fraction(value) * 10**digits)
    whole, part = divmod(abs(scaled), 10**digits)
    text = f"{whole:,}".replace(",", thousands)
    return ("-" if scaled < 0 else "") + text + (f"{decimal}{part:0{digits}d}" if digits else "")
