"""What a recipe and the options say of columns: which count, which are labels or steps, which are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.locale_numbers import looks_like
from funnelcli.counts_table.recipe_keys import KINDS
from funnelcli.counts_table.recipes import RecipeColumn
from funnelcli.counts_table.recognise import MatchedColumn
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable

DROPPED = "by --drop"
NOT_COUNTED = "not named by --count"
EMPTY = "empty"
UNKNOWN = {
    "numbers": "unknown here; a stage by --count COLUMN",
    "words": "unknown here; kept by --label COLUMN",
}
"""Why columns of which a recipe says nothing are left out."""
_MOST_NAMED = 12
_OF_UNITS = ("drop", "label")
"""What a column of a table with a row a unit can be told to be."""


def use_of(column: RecipeColumn) -> str:
    """What a column is, in words."""
    if column.kind == "drop":
        return f"left out: {column.why or KINDS['drop']}"
    return f"the breakdown {quoted(column.key)}" if column.kind == "label" else KINDS[column.kind]


def left_out(columns: Iterable[tuple[str, str]]) -> list[str]:
    """What is said of columns that are left out, by name and reason: those of one reason together.

    The caller knows what an option drops.
    """
    reasons: dict[str, list[str]] = {}
    for name, why in columns:
        if why != DROPPED:
            reasons.setdefault(why, []).append(quoted(name) if name else "one without a name")
    named = []
    for why, names in reasons.items():
        more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        named.append(f"{', '.join(names[:_MOST_NAMED])}{more} ({why})")
    return [f"left out: {'; '.join(named)}"] if named else []


def told_columns(table: CellTable) -> dict[int, RecipeColumn]:
    """What each column is told to be, by index: counts stand in the order of the stages; options outrank the recipe.

    Beside a recipe, `--count` adds a stage behind the count that stands before it in the file; without one, it names
    all columns that count, in the order of the funnel.
    """
    told = by_options(table, KINDS, ("drop",), may_be_turned=True)
    counts = {at: hint for at, hint in told.items() if hint.kind == "count"}
    hints = {at: hint for at, hint in table.hints.items() if at not in told or hint.kind == "count"}
    order = [at for at, hint in hints.items() if hint.kind == "count"]
    for at in counts:
        if at not in order:
            before = [order.index(each) + 1 for each in order if each < at]
            order.insert(max(before, default=0) if hints else len(order), at)
    merged = {**told, **hints}
    return {at: merged[at] for at in (*(at for at in order if merged[at].kind == "count"), *merged)}


def by_options(
    table: CellTable, kinds: Collection[str], all_alike: Collection[str], may_be_turned: bool = False
) -> dict[int, RecipeColumn]:
    """The columns that options name as one of some kinds, by index; of some, all columns of a name.

    One that is told to be two things is among the problems. Money of a table that `may_be_turned` may be a row.
    """
    told: dict[int, RecipeColumn] = {}
    for option, kind, name in table.options.told_columns:
        of_money = may_be_turned and kind in ("revenue", "spend")
        if of_money and find_name(name, table.names) is None and _names_a_row(table, name):
            continue  # a column once the table is turned
        at = table.told_column(option, name) if kind in kinds else None
        if at is None:
            continue
        alike = [place for place, each in enumerate(table.names) if fold(each) == fold(name)]
        places = alike if kind in all_alike else [at]
        if not told.keys().isdisjoint(places):
            what = f"the column {quoted(name)} is told to be two things"
            help_ = "name it once, by --count, --steps, --label, --revenue, --budget or --drop"
            table.refuse_name(at, "FN113", what, help_)
        else:
            told |= dict.fromkeys(places, RecipeColumn(kind, why=DROPPED if kind == "drop" else None))
    return told


def as_told(table: CellTable, found: Recognised) -> Recognised:
    """A recipe of a row a unit, its columns as options have them: those that are dropped, or labels, are nothing else.

    A currency is one as a label, too: amounts of several do not add up. An option that names no column, and a column
    that is told to be both, are among the problems of the table.
    """
    told = by_options(table, _OF_UNITS, _OF_UNITS)
    if not told:
        return found
    kept = [
        each
        for each in found.columns
        if each.at not in told or (each.column.kind == "currency" and told[each.at].kind == "label")
    ]
    more = [MatchedColumn(at, column._replace(key=table.names[at])) for at, column in told.items()]
    return found._replace(columns=tuple(sorted([*kept, *more], key=lambda each: each.at)))


def _names_a_row(table: CellTable, name: str) -> bool:
    """Whether the first cell of words in a row is a name."""
    texts = (next((cell for cell in table.rows[row] if looks_like(cell) == "text"), "") for row in table.body)
    return find_name(name, [clean(text) for text in texts]) is not None


def refuse_unturned(table: CellTable) -> None:
    """Columns of money that an option names, and that are rows of a table which was not turned."""
    for option, kind, name in table.options.told_columns:
        if kind in ("revenue", "spend"):
            table.told_column(option, name, "; it is a row")
