"""Parts that add up exactly, and not as they are shown: that is said once, below the table that shows it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.output.document import Note, Table, Waterfall
from funnelcli.output.numbers import in_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.output.document import Block

ROUNDED = Note("Figures are rounded: parts may miss their total by a little.")
_ADDED = ("count", "money", "count_change", "money_change")
"""Kinds of cells whose parts may add up."""


def with_roundings(blocks: Iterable[Block], currency: str | None) -> Iterator[Block]:
    """What is said of a result, and below each table whose parts miss the total as shown, why."""
    for block in blocks:
        yield block
        if (isinstance(block, Table) and _misses(block, currency)) or (
            isinstance(block, Waterfall) and _waterfall_misses(block, currency)
        ):
            yield ROUNDED


def misses(parts: Sequence[Any], total: Any, shown: Sequence[str], shown_total: str) -> bool:
    """Whether parts add up to their total, and as they are shown they do not."""
    if any(value is None or value == "" for value in (*parts, total)):
        return False
    if abs(float(sum(parts) - total)) > 1e-6 * max(1.0, abs(float(total))):
        return False  # what does not add up is another matter, and is told where it is known
    return sum(map(_read, shown)) != _read(shown_total)


def _read(shown: str) -> Fraction:
    """A figure as it is shown, as a number."""
    return Fraction(shown.replace(",", "").replace("<", "").replace(">", "").strip())


def _misses(table: Table, currency: str | None) -> bool:
    if table.totals != 1 or len(table.rows) < 3:
        return False
    cells, texts = table.cells(), table.figures(currency)
    return any(
        all(row[at].kind in _ADDED for row in cells)
        and misses(
            [row[at].value for row in cells[:-1]], cells[-1][at].value, [row[at] for row in texts[:-1]], texts[-1][at]
        )
        for at in range(len(table.columns))
    )


def _waterfall_misses(block: Waterfall, currency: str | None) -> bool:
    """Of an amount that becomes another: the first and the steps are the parts of the last."""
    if len(block.rows) < 3 or any(is_total for _, _, is_total in block.rows[1:-1]):
        return False
    values = [amount for _, amount, _ in block.rows]
    shown = [in_table(amount, block.kind_of(is_total), currency) for _, amount, is_total in block.rows]
    return misses(values[:-1], values[-1], shown[:-1], shown[-1])
