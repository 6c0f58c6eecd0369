"""The currency of columns of money: told in a column of its own, in their names, or in every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, words
from funnelcli.counts_table.magnitudes import currency_of
from funnelcli.diagnostics import quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

_SHARED_SIGNS = {
    "$": "USD CAD AUD NZD MXN ARS CLP COP HKD SGD TWD UYU DOP",
    "£": "GBP EGP LBP",
    "¥": "JPY CNY",
    "kr": "SEK NOK DKK ISK",
    "fr": "CHF XAF XOF",
}
"""Signs and words of several currencies, of which a code tells one."""


def currency_key(name: str) -> str:
    """What two names of one currency share: its code, also for a sign or a word that no other currency has, and `£`."""
    return fold("GBP" if name.strip() == "£" else words.currency_code(name))


def currency_of_columns(table: CellTable, columns: Sequence[int], money: Sequence[int]) -> str | None:
    """The currency of columns of money; several are a problem."""
    if not money:
        return None
    told: dict[str, int] = {}
    for at in money:
        name = currency_of(table.names[at])
        if name is not None:
            told.setdefault(words.currency_code(name), at)
    for at in columns:
        for row in table.body:
            cell = table.rows[row][at].strip()
            if words.is_currency(cell):
                told.setdefault(words.currency_code(cell), at)
            elif locale_numbers.looks_like(cell) == "text" and not any(map(words.is_total, table.rows[row])):
                what = f"{quoted(cell)} is no currency that is known"
                table.refuse(row, at, "FN103", what, "correct the cell, or leave the row or the column out")
                return None
    cells = [table.rows[row][at] for at in money for row in table.body]
    signs = {words.currency_code(sign) for sign in map(locale_numbers.currency_in, cells) if sign is not None}
    for sign in sorted(signs):
        told.setdefault(sign, money[0])
    codes = [name for name in told if not any(_is_one_of(name, other) for other in told)]
    if len(codes) > 1:
        what = f"money in {quoted(codes[0])} and in {quoted(codes[1])} does not add up"
        table.refuse_name(told[codes[1]], "FN103", what, "export one currency, or one table for each")
    return codes[0] if codes else None


def _is_one_of(sign: str, code: str) -> bool:
    """Whether a sign of several currencies may be that of a code."""
    return code in _SHARED_SIGNS.get(sign.strip().rstrip(".").casefold(), "").split()


def may_be_one(name: str, other: str) -> bool:
    """Whether two names may be of one currency: they are, or one is a sign that several share, and the other of these.

    `$` may be USD, and `$` may be CAD; EUR is neither.
    """
    if currency_key(name) == currency_key(other):
        return True
    return _is_one_of(name, words.currency_code(other)) or _is_one_of(other, words.currency_code(name))


def other_currency(known: str | None, found: str | None) -> bool:
    """Whether two currencies are two, as far as codes, signs and words tell; what is none of these tells nothing."""
    if known is None or found is None or may_be_one(known, found):
        return False
    return all(is_code(words.currency_code(name)) or words.is_currency(name) for name in (known, found))


def is_code(name: str) -> bool:
    """Whether a name is written as the codes of ISO 4217 are."""
    return len(name) == 3 and name.isalpha() and name.isascii()
