"""The one currency of deals or orders: several do not add up."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.currency_names import currency_key, is_code, may_be_one
from funnelcli.counts_table.date_forms import NOTHING
from funnelcli.counts_table.magnitudes import currency_of, magnitude_of
from funnelcli.counts_table.words import currency_code
from funnelcli.diagnostics import joined, many, quoted, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable


def in_one_currency(found: Recognised, rows: list[int], causes: Causes) -> tuple[str | None, list[int]]:
    """The currency of the amounts, and the rows of the one that is told; several are among the causes.

    It stands in a column of its own, beside each amount, or in the name of the column. Rows without an amount and a
    currency belong to the only one that there is.
    """
    table, told = causes.table, causes.table.options.currency
    amounts = found.of_kind("amount")
    at = amounts[0].at if amounts else None
    own = found.place_of("currency")
    column = own if own is not None else at
    in_name = amounts[0].column.held.get("currency") if amounts else None
    if amounts and magnitude_of(name := table.names[amounts[0].at]).factor > 1:
        in_name = currency_of(name)
    by_row = {} if column is None else _by_row(table, rows, column, is_own=own is not None)
    parted: dict[str, list[int]] = {}
    for row, name in by_row.items():
        if name:
            parted.setdefault(name, []).append(row)
        elif own is not None and in_name is None and at is not None and table.rows[row][at].strip() not in NOTHING:
            parted.setdefault("", []).append(row)
    if in_name is not None and not parted:
        parted = {in_name: rows}
    if told is not None:
        return _of_the_told(rows, parted, told, column or 0, causes)
    if len(parted) > 1 and at is None:  # without amounts, nothing adds up
        return None, rows
    if len(parted) > 1:
        largest = sorted(parted, key=lambda name: -len(parted[name]))
        first = next(row for row in rows if by_row[row] != by_row[parted[largest[0]][0]])
        listed = joined([f"{many(len(parted[name]), causes.unit)} in {name or 'no currency'}" for name in largest])
        one = next(filter(is_code, largest), None) or next(filter(None, largest))
        what, help_ = f"money of several currencies does not add up: {listed}", "take those of one: --currency "
        causes.add("currency", first, column or 0, "FN103", what, help_ + shlex.quote(one))
    return next(iter(parted), None) or None, rows


def _by_row(table: CellTable, rows: Sequence[int], column: int, is_own: bool) -> dict[int, str]:
    """The currency of each row as it is written first, by its own column or beside its amount; empty where none is.

    No row is there where all amounts are bare figures.
    """
    known: dict[str, str] = {}
    spelled: dict[str, str] = {}
    cells = table.column(column)
    texts = [cells[row] for row in rows]
    if not is_own and not "".join(texts).strip(locale_numbers.FIGURES):
        return {}
    for text in dict.fromkeys(texts):
        name = text.strip() if is_own else locale_numbers.currency_in(text) or ""
        spelling = name.upper() if name.isascii() and is_own else name
        spelling = currency_code(name) if " " in name else spelling  # `Российский рубль` is long beside each amount
        known[text] = name and spelled.setdefault(currency_key(name), spelling)
    return {row: known[text] for row, text in zip(rows, texts, strict=True)}


def _of_the_told(
    rows: list[int], parted: dict[str, list[int]], told: str, column: int, causes: Causes
) -> tuple[str | None, list[int]]:
    """The currency that is told, and the rows that have it; a note says how many have another."""
    table, unit = causes.table, causes.unit
    if not parted:  # nothing says another one
        return told, rows
    fitting = [name for name in parted if name and may_be_one(name, told)]
    if not fitting:
        listed = joined([f"{many(len(own), unit)} in {name or 'no currency'}" for name, own in parted.items()])
        what, help_ = f"no {unit} is in {quoted(told)}: {listed}", "name one of these, or leave out --currency"
        causes.add("currency", table.header, column, "FN120", what, help_)
        return told, []
    if len(parted) == 1:
        return told, rows
    signs = [name for name in fitting if currency_key(name) != currency_key(told)]
    if signs and len(fitting) > 1:
        listed = joined([f"{many(len(parted[name]), unit)} in {name}" for name in signs])
        table.notes.append(f"{listed} {verb(sum(len(parted[name]) for name in signs), 'count')} as {told}")
    kept = sorted(row for name in fitting for row in parted[name])
    if len(kept) < len(rows):
        left = len(rows) - len(kept)
        table.notes.append(f"{many(left, unit)} not in {told} {verb(left, 'are')} left out")
    return told, kept
