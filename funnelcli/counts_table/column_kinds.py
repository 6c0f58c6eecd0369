"""What one column of a table is: counts, labels, money, or nothing that adds up; by its name and by its cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.counts_table import column_words as words
from funnelcli.counts_table import locale_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNTS, LABELS, STEPS, EMPTY = "counts", "labels", "steps", "empty"
SPEND, REVENUE, MONEY, CURRENCY = "spend", "revenue", "money", "currency"
LEFT_OUT = {
    "rate": "a rate",
    "price": "a price or an average",
    "duration": "a duration",
    "index": "numbers of the rows",
    "computed": "computed from the others",
}
"""Kinds of columns that are left out, and what is said of them."""
_CLOCK = re.compile(
    r"\d{1,4}:\d\d(?::\d\d)?(?:[.,]\d+)?|(?:\d+(?:[.,]\d+)? ?(?:d|h|hrs?|m|min|s|secs?|ms|д|ч|мин|с|сек)\.? ?)+"
)
_IN_CURRENCY = re.compile(r"[$¢£¤¥\u20a0-\u20cf]|руб\.?$|[A-Z]{3}$")


def kind_of(name: str, cells: Sequence[str]) -> str:
    """What a column is by its name and its cells: a kind of this module, or a key of `LEFT_OUT`."""
    content = _content(cells)
    if content == "empty":
        return EMPTY
    base, full = words.base_of(name), words.plain(name)
    numeric = content in ("number", "percent", "clock")
    if full in words.INDEX_NAMES | {""} and words.is_numbering(cells):
        return "index"
    if words.MOMENT.search(full) or full in words.LABEL_NAMES or base in words.LABEL_NAMES or full.endswith(" id"):
        return LABELS
    if base in words.CURRENCY_NAMES and content == "text":
        return CURRENCY
    if not numeric:
        return STEPS if base in words.STEP_NAMES else LABELS
    if content == "percent" or words.RATE.search(full):
        return "rate"
    if words.PRICE.search(full):
        return "price"
    timed = any(words.plain(unit) in words.TIME_UNITS for unit in words.units_of(name))
    if content == "clock" or timed or words.DURATION.search(base):
        return "duration"
    if base in words.COMPUTED_NAMES:
        return "computed"
    if base in words.SPEND_NAMES:
        return SPEND
    if base in words.REVENUE_NAMES:
        return REVENUE
    if base in words.STEP_NAMES and words.is_numbering(cells):
        return "index"
    if full in words.CODE_NAMES:
        return LABELS
    in_money = words.currency_of(name) is not None or _most(cells, lambda cell: bool(_IN_CURRENCY.search(cell.strip())))
    return MONEY if in_money or base in words.MONEY_NAMES else COUNTS


def _content(cells: Sequence[str]) -> str:
    """`number`, `percent`, `clock`, `text` or `empty`: what most of the cells look like."""
    seen = {"number": 0, "text": 0, "empty": 0, "nothing": 0}
    for cell in cells:
        seen[locale_numbers.looks_like(cell)] += 1
    if _most(cells, lambda cell: bool(_CLOCK.fullmatch(cell.strip()))):
        return "clock"
    if seen["text"] > seen["number"]:
        return "text"
    if _most(cells, lambda cell: cell.rstrip().endswith("%")):
        return "percent"
    return "number" if seen["number"] or seen["nothing"] else "empty"


def _most(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    """Whether more than half of the filled cells fit."""
    filled = [cell for cell in cells if cell.strip()]
    return sum(map(fits, filled)) * 2 > len(filled)
