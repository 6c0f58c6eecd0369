"""What was meant by an option of money whose value is of another kind: an amount, a currency, the name of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.words import is_currency
from funnelcli.diagnostics import quoted
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from funnelcli.counts_table.table import CellTable

_AMOUNTS = {
    "--revenue": "it names the column of money earned; an amount to aim at is asked of goal: goal FILE --revenue {}",
    "--budget": "it names the column of money spent; an amount is written in the file that is made: budget: {}",
}


def column_meant(option: str, name: str) -> str | None:
    """What helps where an option that names a column of money has an amount, or a currency; else `None`."""
    if option not in _AMOUNTS:
        return None
    if looks_like(name) == "number" or looks_like(name.strip("+-%x ")) == "number":
        return _AMOUNTS[option].format(name.strip())
    return f"it names a column; the currency is told by --currency {name.strip()}" if is_currency(name) else None


def refuse_no_currency(table: CellTable, of_units: bool) -> None:
    """Refuse a currency that is a column of the table, or a number."""
    told = table.options.currency
    if told is None or is_currency(told):
        return
    is_column = find_name(told, table.names) is not None
    if is_column or looks_like(told) == "number":
        what = f"--currency is the code or the sign of a currency, and {quoted(told)} is a "
        help_ = "write it so: --currency EUR"
        if is_column and not of_units:
            help_ += "; columns of money are named by --revenue, if earned, and --budget, if spent"
        table.refuse_name(0, "FN103", what + ("column" if is_column else "number"), help_)
