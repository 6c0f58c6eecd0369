"""Units in which a column's figures are written, by its name: thousands of euros are euros times 1,000."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from funnelcli.counts_table import words
from funnelcli.counts_table.words import FACTORS, WORDS, currency_code, names_money, names_units, plain, units_of
from funnelcli.diagnostics import quoted


class Magnitude(NamedTuple):
    """By what figures are multiplied, the words before the unit, and the currency in it as it is written."""

    factor: int = 1
    base: str | None = None
    currency: str | None = None


@lru_cache(maxsize=4096)
def magnitude_of(name: str) -> Magnitude:
    """The magnitude in a name: 1,000 of `Umsatz in TEUR`, `Выручка, тыс. руб.` and `Leads (k)`; 1 where it has none.

    A short word such as `m` is one beside a currency alone, as it may be minutes or men; `over 1,000 EUR` is a border.
    """
    tokens = plain(name).split()
    for unit in map(str.split, map(plain, units_of(name))):
        factor, currency = _factor(unit), _currency_in(unit)
        if factor > 1 and (currency is not None or WORDS["short_magnitudes"].isdisjoint(unit)):
            return Magnitude(factor, " ".join(_before(tokens, unit)), _as_written(name, currency))
    for start, end in _runs(tokens):
        for at in range(max(start, 1) if end == len(tokens) else start, end):
            unit = tokens[at:end]
            factor, currency = _factor(unit), _currency_in(unit)
            is_told = unit[0] in WORDS["within"] and unit[0] != "1"
            if factor == 1 or (not is_told and not WORDS["ones"].isdisjoint(unit)):
                continue
            unclear = WORDS["short_magnitudes"] | (frozenset() if is_told else WORDS["bracketed_magnitudes"])
            is_last = end == len(tokens) and (is_told or len(unit) == 1)
            if currency is not None or (is_last and unclear.isdisjoint(unit)):
                return Magnitude(factor, " ".join([*tokens[:at], *tokens[end:]]), _as_written(name, currency))
    return Magnitude()


def _runs(tokens: list[str]) -> list[tuple[int, int]]:
    """From where to where words of units stand together, but for what a border is made of: `over 50 k €`."""
    found, start = [], 0
    for end in range(len(tokens) + 1):
        if end < len(tokens) and _is_part(tokens[end]):
            continue
        is_told = start < end and tokens[start] in WORDS["within"] and tokens[start] != "1"
        before, last = tokens[start - 1] if start and not is_told else "", end
        while last > start and tokens[last - 1] in WORDS["within"]:
            last -= 1
        if last > start and before not in WORDS["borders"] and not before.isdecimal():
            found.append((start, last))
        start = end + 1
    return found


@lru_cache(maxsize=4096)
def may_be_multiplied(name: str) -> bool:
    """Whether a name has a magnitude that is not understood: `Revenue K`, `Thousands of visits`."""
    if magnitude_of(name).factor > 1:
        return False
    tokens = plain(name).split()
    unclear = WORDS["short_magnitudes"] | WORDS["bracketed_magnitudes"]
    for start, end in _runs(tokens):
        told = [token for token in tokens[start:end] if token in FACTORS]
        if told and (_currency_in(tokens[start:end]) is not None or not unclear.issuperset(told)):
            return True
    base, last = " ".join(tokens[:-1]), tokens[-1] if tokens else ""
    in_brackets, of_money = last in WORDS["bracketed_magnitudes"], last in WORDS["magnitudes_of_money"]
    return ((in_brackets or of_money) and names_money(base)) or (in_brackets and names_units(base))


def tells_magnitude(text: str) -> bool:
    """Whether a line beside a table tells of one: `All figures in thousands of euros`, `тыс. руб.`, `P&L, k€`."""
    parts = [text, *re.split(r"[.:;|\u2013\u2014-]\s", text)]
    return may_be_multiplied(text) or any(magnitude_of(f"figures {part}").factor > 1 for part in parts)


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
