"""All worlds of the judge, by name; and workbooks of the sheets of any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ads, counts, deals, months, orders, steps
from .books import as_book, is_clear
from .sheet import World

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from .sheet import Meaning, Sheet

SPREADSHEETS = (*counts.WORLDS, *months.WORLDS)
OF_TOOLS = (*deals.WORLDS, *ads.WORLDS, *steps.WORLDS, *orders.WORLDS)
OF_TEXT = {world.name: world for world in (*SPREADSHEETS, *OF_TOOLS)}
OF_TEXT_ALONE = frozenset({"encoded", "line_ends", "delimiter_in_cell"})


def workbooks(name: str, worlds: Iterable[World]) -> World:
    """A world of the sheets of others, as workbooks."""
    known = {world.name: world for world in worlds}

    def make(random: Random) -> Sheet:
        world = known[random.choice(list(known))]
        return as_book(world.make(random), random, world.name)

    def meanings(sheet: Sheet) -> list[Meaning]:
        book = sheet.dialect.book
        assert book is not None
        return [*known[book.of].meanings(sheet)] if is_clear(sheet) else []

    without = frozenset.union(OF_TEXT_ALONE, *(world.without for world in known.values()))
    return World(name, make, meanings, without, any(world.lenient for world in known.values()))


WORLDS = {
    **OF_TEXT,
    "workbooks": workbooks("workbooks", SPREADSHEETS),
    "workbooks_of_tools": workbooks("workbooks_of_tools", OF_TOOLS),
}
