"""Units in which a column's figures are written, by its name: thousands of euros are euros times 1,000."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from funnelcli.counts_table import words
from funnelcli.counts_table.words import FACTORS, WORDS, currency_code, plain, units_of
from funnelcli.diagnostics import quoted


class Magnitude(NamedTuple):
    """By what figures are multiplied, the words before the unit, and the currency in it as it is written."""

    factor: int = 1
    base: str | None = None
    currency: str | None = None


@lru_cache(maxsize=4096)
def magnitude_of(name: str) -> Magnitude:
    """The magnitude in a name: 1,000 of `Umsatz in TEUR`, `Выручка, тыс. руб.` and `Leads (k)`; 1 where it has none.

    A short word such as `m` is one beside a currency alone, as it may be minutes or men.
    """
    tokens = plain(name).split()
    for unit in map(str.split, map(plain, units_of(name))):
        factor, currency = _factor(unit), _currency_in(unit)
        if factor > 1 and (currency is not None or WORDS["short_magnitudes"].isdisjoint(unit)):
            return Magnitude(factor, " ".join(_before(tokens, unit)), _as_written(name, currency))
    start = len(tokens)
    while start > 1 and _is_part(tokens[start - 1]):
        start -= 1
    for at in range(start, len(tokens)):
        unit = tokens[at:]
        factor, currency = _factor(unit), _currency_in(unit)
        is_told = currency is not None or unit[0] in WORDS["within"]
        unclear = WORDS["bracketed_magnitudes"] if unit[0] not in WORDS["within"] else frozenset[str]()
        unclear |= WORDS["short_magnitudes"]
        if factor > 1 and (currency is not None or (unclear.isdisjoint(unit) and (is_told or len(unit) == 1))):
            return Magnitude(factor, " ".join(tokens[:at]), _as_written(name, currency))
    return Magnitude()


def _is_part(token: str) -> bool:
    return token in FACTORS or token in WORDS["currencies"] or token in WORDS["within"]


def _factor(unit: list[str]) -> int:
    """The product of the magnitudes of a unit; 1 where any of its words is of something else."""
    factor = 1
    for token in unit:
        if not _is_part(token):
            return 1
        factor *= FACTORS.get(token, 1)
    return factor


def _currency_in(unit: list[str]) -> str | None:
    glued = (token.removeprefix(start) for token in unit for start in ("t", "k", "m") if token in FACTORS)
    named = next((token for token in unit if token in WORDS["currencies"]), None)
    return named or next((token for token in glued if token in WORDS["currencies"] and len(token) == 3), None)


def _before(tokens: list[str], unit: list[str]) -> list[str]:
    """The words of a name without those of a unit within it."""
    size = len(unit)
    at = next((at for at in range(len(tokens)) if tokens[at : at + size] == unit), len(tokens))
    return [*tokens[:at], *tokens[at + size :]]


def _as_written(name: str, currency: str | None) -> str | None:
    """The currency as the name writes it; a code within a word in capitals."""
    if currency is None:
        return None
    parts = (part.strip("()[],;") for part in name.replace("/", " ").split())
    return next((part for part in parts if plain(part) == currency), currency_code(currency))


def base_of(name: str) -> str:
    """The words of a name without its unit and its magnitude: `umsatz` of `Umsatz in TEUR`."""
    return magnitude_of(name).base or words.base_of(name)


def currency_of(name: str) -> str | None:
    """The currency in the name of a column, also beside a magnitude, as it is written there."""
    return magnitude_of(name).currency or words.currency_of(name)


def without_magnitude(name: str) -> str:
    """A name without its magnitude, as it is written: `Leads` of `Leads (тыс.)`."""
    base = magnitude_of(name).base
    ends = range(len(name), 0, -1) if base else ()
    return next((name[:end].strip(" ,;([") for end in ends if plain(name[:end]) == base), name)


def multiplied(name: str) -> str:
    """What is said of the figures of a column whose name has a magnitude."""
    return f"{quoted(name)} is multiplied by {magnitude_of(name).factor:,}, as its name says"
