"""Numbers as spreadsheets of many countries write them: one reading, or the reason why there is none.

A text is read under a decimal mark, `.` or `,`; the other mark, a space or an apostrophe may part its thousands. What
fits only one of the two marks proves it: `1.234,56` and `1.234.567` prove the comma, `0.5` and `1,234.56` the point.
`1.234` fits both with different values, so it is read only when the mark is known from elsewhere in the table.
Indian groups, `12,34,567.50`, part thousands and lakhs by commas, and so prove the point.
No float is built: values are exact rationals.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from funnelcli.counts_table.words import CELLS, REASONS
from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.exact import LARGEST_NUMBER, reduced, usual_decimal
from funnelcli.funnel_file.scalars import why_not_a_number

if TYPE_CHECKING:
    from funnelcli.exact import Exact

MARKS = {".": "point", ",": "comma"}
"""The decimal marks and their names."""
OTHER = {".": ",", ",": "."}
FIGURES = "0123456789., -'"
"""What stands in an amount without a currency."""
LONGEST_NUMBER = 40
REMEMBERED = 65_536
"""Texts of cells of which it is kept what they are: most repeat by row, and each is asked for several times."""

_ORDINARY = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " ") | dict.fromkeys("’ʼ", "'") | dict.fromkeys("−–—‒", "-")
)
_READINGS = {
    mark: re.compile(
        rf"(?=.)(?:[1-9]\d{{0,2}}([{other} '])\d{{3}}(?:\1\d{{3}})*|0|[1-9]\d*)?(?:[{mark}]\d+)?{more}", re.ASCII
    )
    for mark, other, more in ((".", ",", r"|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?"), (",", ".", ""))
}
"""How numbers are written under each mark; under the point, also in Indian groups."""
_ALIKE = str.maketrans("23456789", "11111111")
"""Digits tell marks by their places alone, but for 0: many cells are alike then."""


def is_ordinary(text: str) -> bool:
    """Whether a text is digits only and so reads alike everywhere: the usual case, without a regular expression."""
    return text.isdecimal() and text.isascii() and len(text) < 18 and (text[0] != "0" or len(text) == 1)


@lru_cache(maxsize=REMEMBERED)
def is_blank(text: str) -> bool:
    """Whether a cell is empty or stands for nothing, `n/a`."""
    return looks_like(text) in ("empty", "nothing")


@lru_cache(maxsize=REMEMBERED)
def names_nothing(text: str) -> bool:
    """Whether a label is empty, stands for nothing, as `--`, or is an error, `#REF!`; `=x` and `#SALE` are names."""
    bare = text.strip()
    return is_blank(text) and (bare[:1] not in ("=", "#") or CELLS["error_as_name"].fullmatch(bare) is not None)


@lru_cache(maxsize=REMEMBERED)
def looks_like(text: str) -> str:
    """What a cell seems to hold, before it is read: `empty`, `number` (sound or not), `nothing` (`n/a`) or `text`."""
    if is_ordinary(text):
        return "number"
    bare = text.translate(_ORDINARY).strip()
    if not bare:
        return "empty"
    if not bare[0].isdecimal() and (
        bare[0] == "="
        or CELLS["sheet_error"].fullmatch(bare)
        or CELLS["nothing"].fullmatch(bare)
        or CELLS["not_finite"].fullmatch(bare)
    ):
        return "nothing"
    if len(bare) > 2 * LONGEST_NUMBER:
        return "text"
    if not _marks(bare) and (
        CELLS["date"].fullmatch(bare) or CELLS["ordinal"].match(bare) or not CELLS["like_a_number"].fullmatch(bare)
    ):
        return "text"
    return "number"


@lru_cache(maxsize=REMEMBERED)
def proved_mark(text: str, money: bool = False) -> str | None:
    """The decimal mark without which a text is no number; `None` when it reads under both, or under neither."""
    return None if is_ordinary(text) or len(text) > 2 * LONGEST_NUMBER else _proved(shape(text), money)


def shape(text: str) -> str:
    """What a text shares with others that have the same digits of 0 and the same marks at the same places."""
    return text.translate(_ALIKE)


@lru_cache(maxsize=REMEMBERED)
def _proved(text: str, money: bool) -> str | None:
    bare = _bare(text, money)
    scientific = CELLS["scientific"].fullmatch(bare)
    if scientific:
        return scientific[2]
    fits = _marks(bare)
    return fits[0] if len(fits) == 1 else None


@lru_cache(maxsize=REMEMBERED)
def group_mark(text: str, money: bool = False) -> str | None:
    """The mark before three digits that parts thousands or decimals: `,` of `12,345`; `None` where only one can be."""
    is_open = len(readings(shape(text), money)) == 2
    return next(mark for mark in MARKS if mark in text) if is_open else None


@lru_cache(maxsize=REMEMBERED)
def readings(text: str, money: bool = True) -> frozenset[Exact]:
    """The values of a text under the two decimal marks: none, one, or two different ones."""
    if is_ordinary(text):
        return frozenset((int(text),))
    return frozenset(() if len(text) > LONGEST_NUMBER else _values(_bare(text, money)).values())


def has_decimals(text: str) -> bool:
    """Whether a text can only be read as a number with decimals, also when these are zeros: `0.42`, `1.00`."""
    last = max(MARKS, key=text.rfind)
    return last in text and len(readings(text)) == 1 and proved_mark(text, True) == last


def digits_behind_the_mark(text: str) -> int:
    """How many digits stand behind the last mark of a text."""
    behind = re.split(r"[.,]", text.strip())[-1]
    return sum(map(str.isdigit, behind)) if re.search(r"[.,]", text) else 0


@lru_cache(maxsize=REMEMBERED)
def currency_in(text: str) -> str | None:
    """The sign or code of a currency beside a number: `€` of `1.500,50 €`."""
    if not text.strip(FIGURES):
        return None
    bare = text.translate(_ORDINARY).strip()
    match = CELLS["currency"].search(bare) if re.search(r"\d", bare) else None
    return match[1] or match[2] if match else None


@lru_cache(maxsize=REMEMBERED)
def number(text: str, mark: str | None = None, money: bool = False) -> Exact | Problem:
    """A count, or with `money` an amount that may carry a currency sign; 0 or more.

    `mark` is the decimal mark of the table when it is known. A text that reads differently under the two marks is a
    problem as long as it is not.
    """
    if is_ordinary(text):
        return int(text)
    usual = None if mark is None else usual_decimal(text, mark)
    if usual is not None:
        return usual
    if len(text) > 2 * LONGEST_NUMBER:
        return _unreadable(text)
    bare = _bare(text, money)
    scientific = CELLS["scientific"].fullmatch(bare)
    if scientific:
        return _scientific(text, scientific, mark, money)
    values = _values(bare)
    if not values:
        return _why_not(text, bare)
    if mark is None and len(set(values.values())) == 1:
        mark = next(iter(values))
    if mark is not None:
        return _in_range(text, bare, values[mark]) if mark in values else _other_mark(text, mark)
    point, comma = (decimal_text(values[each]) for each in ".,")
    return Problem(
        "FN206",
        f"{quoted(text)} is {point} with a decimal point and {comma} with a decimal comma",
        "say which: --decimal . or --decimal , (or export without thousands separators)",
    )


def _bare(text: str, money: bool) -> str:
    """A text with ordinary spaces, apostrophes and minus signs, and without the currency that money may carry."""
    bare = text.translate(_ORDINARY).strip()
    if money:
        without = CELLS["currency_before"].sub(r"\1", bare, count=1) if CELLS["currency_before"].match(bare) else bare
        bare = without if without != bare else CELLS["currency_after"].sub("", bare)
    return bare[1:] if bare[:1] == "+" else bare


def _marks(bare: str) -> tuple[str, ...]:
    """The decimal marks under which a text is a number."""
    return tuple(mark for mark, reading in _READINGS.items() if reading.fullmatch(bare))


def _values(bare: str) -> dict[str, Exact]:
    """The values of a text by the decimal marks under which it is a number."""
    values: dict[str, Exact] = {}
    for mark in _marks(bare):
        whole, _, part = bare.partition(mark)
        digits = "".join(filter(str.isdigit, whole)) + part
        values[mark] = reduced(Fraction(int(digits), 10 ** len(part))) if part else int(digits)
    return values


def _in_range(text: str, bare: str, value: Exact) -> Exact | Problem:
    if len(bare) > LONGEST_NUMBER:
        what = f"a number of {len(bare)} characters is too long"
        return Problem("FN119", what, f"at most {LONGEST_NUMBER} characters are read")
    if value > LARGEST_NUMBER:
        return Problem("FN119", f"{quoted(text)} is above 1e18", "check the number; no funnel is that large")
    return value


def _scientific(text: str, match: re.Match[str], mark: str | None, money: bool) -> Exact | Problem:
    """`1.23E+05`: exact only when the digits reach down to the unit, or to the cent of money."""
    whole, written_mark, part, power = match[1], match[2], match[3] or "", int(match[4])
    if mark is not None and written_mark not in (None, mark):
        return _other_mark(text, mark)
    if power < 0 or len(part) < power + (2 if money else 0):
        help_ = "format the column as a number without an exponent, widen it, and export again"
        return Problem("FN103", f"{quoted(text)} is rounded: the export has lost digits", help_)
    return _in_range(text, match[0], reduced(Fraction(int(whole + part) * 10**power, 10 ** len(part))))


def _other_mark(text: str, mark: str) -> Problem:
    other = OTHER[mark]
    what = f"{quoted(text)} does not fit the decimal {MARKS[mark]} of this table"
    return Problem("FN206", what, f"write all numbers alike, or say --decimal {other} if the {MARKS[other]} is right")


_LETTER_O = re.compile(r"(?=.*\d)[\doOоО]*[oOоО][\doOоО]*")  # Latin and Cyrillic
"""A letter o among digits."""


def _unreadable(text: str) -> Problem:
    if _LETTER_O.fullmatch(text.strip()):
        read_as = (re.sub("[oOоО]", digit, text.strip()).lstrip("0") or "0" for digit in ("0", ""))
        ways = " or ".join(dict.fromkeys(read_as))
        help_ = f"write the number, {ways}: a letter stands where a 0 may be meant"
        return Problem("FN103", f"{quoted(text)} is not a number", help_)
    meant = why_not_a_number(text.strip(), "a count", "14").meant
    digits = meant.help if meant and meant.forms else "write it in digits"
    help_ = f"{digits} (a column of labels is named with --label)"
    return Problem("FN103", f"{quoted(text)} is not a number", help_)


def _why_not(text: str, bare: str) -> Problem:
    """Why a text is not a number, as exactly as it can be said."""
    if not bare:
        what = f"{quoted(text)} is not a number" if text.strip() else "the cell is empty"
        return Problem("FN102", what, "write the number; if empty cells mean zero, say --empty-as-zero")
    for cell, (code, reason, help_) in REASONS.items():
        if CELLS[cell].fullmatch(bare):
            return Problem(code, f"{quoted(text)} {reason}", help_)
    return _unreadable(text)
