"""Which recipe a table fits: the row of names is looked for among its first rows, in every language known."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_rows import are_deals
from funnelcli.counts_table.magnitudes import without_magnitude
from funnelcli.counts_table.recipes import known_of_units
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.recipes import Recipe, RecipeColumn

MOST_ABOVE = 60
"""Rows among which the names are looked for."""


class MatchedColumn(NamedTuple):
    """A column of a table that a recipe knows, and its index."""

    at: int
    column: RecipeColumn


class Recognised(NamedTuple):
    """A recipe that a table fits: the index of its row of names, and the columns that the recipe knows."""

    recipe: Recipe
    header: int
    columns: tuple[MatchedColumn, ...]

    def at(self, key: str) -> int | None:
        """The index of the column of a key; `None` where the table has none."""
        return next((each.at for each in self.columns if each.column.key == key), None)

    def place_of(self, kind: str) -> int | None:
        """The index of the first column that is of a kind; `None` where the table has none."""
        return next((each.at for each in self.columns if each.column.kind == kind), None)

    def of_kind(self, kind: str) -> tuple[MatchedColumn, ...]:
        """The columns that are of a kind, in the order of the table."""
        return tuple(each for each in self.columns if each.column.kind == kind)


def recognised(rows: Sequence[Sequence[str]], known: Sequence[Recipe], is_told: bool = False) -> list[Recognised]:
    """The recipes that the first row of names which any of them knows fits; none, one or several.

    Where the caller has not told the recipe, one with `marks` needs one of these columns, or must know all names: a
    table that somebody made has such names, too, and others that the recipe would leave out. One that is
    `known_by_rows` fits as well where these show what they are. One that `yields` gives way to one that knows as many.
    """
    for header, row in islice(((index, row) for index, row in enumerate(rows) if row), MOST_ABOVE):
        if len(row) < 2:
            continue
        found = [each for recipe in known if (each := _fitting(recipe, header, rows, is_told)) is not None]
        if found:
            return [_with_currency(each, row) for each in _preferred(found)]
    return []


def _preferred(found: list[Recognised]) -> list[Recognised]:
    """Without those that yield, unless these know more of the names: what they say would be left out."""
    yielding = [each for each in found if each.recipe.more.says("yields")]
    others = [each for each in found if each not in yielding]
    known = max((len(each.columns) for each in others), default=-1)
    more = [each for each in yielding if len(each.columns) > known]
    return more or others


def _with_currency(found: Recognised, names: Sequence[str]) -> Recognised:
    """The same with the column of currencies that another recipe of units names: left out, its sums would mix money."""
    if found.place_of("currency") is not None or found.place_of("amount") is None:
        return found
    known, taken = known_of_units("currency"), {each.at for each in found.columns}
    of_names = ((at, known.get(plain(clean(name)))) for at, name in enumerate(names) if at not in taken)
    more = next((MatchedColumn(at, column) for at, column in of_names if column is not None), None)
    return found if more is None else found._replace(columns=(*found.columns, more))


def _fitting(recipe: Recipe, header: int, rows: Sequence[Sequence[str]], is_told: bool) -> Recognised | None:
    """The recipe at a row, where all that it needs is there; of two columns of one name the first is it."""
    matched: list[MatchedColumn] = []
    seen: set[str] = set()
    places: set[int] = set()
    row = rows[header]
    for at, cell in enumerate(row):
        name = clean(cell)
        column = (recipe.column(name) or recipe.column(without_magnitude(name))) if name else None
        if column is None:
            continue
        places.add(at)
        if column.held or column.kind == "drop" or column.key not in seen:
            matched.append(MatchedColumn(at, column))
        seen.add(column.key)
    marks = recipe.more.texts("marks")
    is_marked = is_told or not marks or not seen.isdisjoint(marks) or len(places) == sum(map(bool, map(str.strip, row)))
    fits = is_marked and seen.isdisjoint(recipe.more.texts("lacks"))
    fits = fits and all(not seen.isdisjoint(need.split("|")) for need in recipe.needs)
    result = Recognised(recipe, header, tuple(matched))
    return result if fits or are_deals(result, rows) else None
