"""How a workbook shows numbers: formats that keep as many digits as the figures of a row need."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.currencies import minor_digits
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.exact import Exact

MOST_DECIMALS = 9
LONGEST_CURRENCY = 12


def number_format(kind: str, values: Iterable[Exact | None], currency: str | None = None) -> str:
    """The format of a row's figures; `kind` is `count`, `rate`, `money`, `number`, `one_in` or `chance`.

    Kinds that end in `_change` are the same with a sign.
    """
    known = [abs(Fraction(value)) for value in values if value is not None]
    if kind == "chance":
        return '[<0.01]"<1%";[>0.99]">99%";0%'
    if kind == "count":
        return _count_format(known)
    shown = _plain(kind.removesuffix("_change"), known, currency)
    if kind.endswith("_change"):
        return f"+{shown};[Red]-{shown};{shown}"
    return f"{shown};[Red]-{shown}" if kind == "money" else shown


def _plain(kind: str, known: list[Fraction], currency: str | None) -> str:
    """The format without a sign, and without cases."""
    if kind == "money":
        return _with_currency(_places(_money_decimals(known, currency)), currency)
    if kind == "rate":
        return f"0{'.' + '0' * _rate_decimals(known)}%"
    if kind == "one_in":
        return f'"1:"{_places(0 if min(known, default=0) >= 100 else 1)}'
    if kind == "number":
        return "General"
    return _places(0 if all(value >= 100 or value.denominator == 1 for value in known) else 1)


def _places(decimals: int) -> str:
    return f"#,##0{'.' + '0' * decimals if decimals else ''}"


def _count_format(known: list[Fraction]) -> str:
    """Whole units from 100 on; a decimal below, where a fraction of a unit is much."""
    positive = [value for value in known if value]
    if not positive or all(value >= 100 for value in positive):
        return "#,##0"
    if min(positive) < 1:
        return f"[=0]0;[<1]0.{'0' * _first_digits(min(positive), 2)};#,##0.0"
    return "[=0]0;[<100]0.0;#,##0"


def _money_decimals(known: list[Fraction], currency: str | None) -> int:
    """As many as the currency has, and more where an amount would look like nothing."""
    small = min((value for value in known if value), default=Fraction(1))
    minor = minor_digits(currency)
    return max(minor, _first_digits(small, 2) if small < (Fraction(1, 10) if minor else 1) else 0)


def _with_currency(digits: str, currency: str | None) -> str:
    """The amount with its currency: a code or a word stands behind it, a symbol before, as in the other formats."""
    shown = visible(currency or "").replace('"', "")
    if not shown or len(shown) > LONGEST_CURRENCY:
        return digits
    behind = len(shown) > 1 and not shown.endswith("$")
    return f'{digits} "{shown}"' if behind else f'"{shown}"{digits}'


def _rate_decimals(known: list[Fraction]) -> int:
    """One decimal from 10%, two from 1%, more below, and more where 100% would be shown for what is less."""
    percents = [value * 100 for value in known if value]
    small = min(percents, default=Fraction(10))
    decimals = 1 if small >= 10 else 2 if small >= 1 else _first_digits(small, 3)
    for percent in percents:
        while percent != 100 and round(percent, decimals) == 100 and decimals < MOST_DECIMALS:
            decimals += 1
    return min(decimals, MOST_DECIMALS)


def _first_digits(value: Fraction, digits: int) -> int:
    """Decimals that show so many digits of what is below 1."""
    decimals = digits
    while value * 10**decimals < 10 ** (digits - 1) and decimals < MOST_DECIMALS:
        decimals += 1
    return decimals
