"""Columns of yes and no that say whether a deal is won or closed: what they tell of stages with names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.deal_states import LOST, WON, StateWords
from funnelcli.counts_table.pipelines import unbracketed
from funnelcli.counts_table.table import clean
from funnelcli.diagnostics import quoted, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable

_SAID = {"true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False, "0": False, "0.0": False}
_SAID[""] = False
_KINDS = ("is_won", "is_lost", "is_closed")


def words_with_flags(table: CellTable, found: Recognised) -> StateWords:
    """The words for won and lost, with stages that are so in all rows by such columns, where no word tells it.

    A stage is said to be won or lost where all of its rows agree; which ones is among the notes.
    """
    options = table.options
    words = StateWords(found.recipe, options.won, options.lost)
    flags = {kind: column.at for kind in _KINDS for column in found.of_kind(kind)[:1]}
    stage = found.place_of("stage")
    if stage is None or not flags:
        return words
    width = max(stage, *flags.values())
    states: dict[str, set[str | None]] = {}
    for row in (table.rows[at] for at in table.body):
        if len(row) > width and (name := clean(row[stage])):
            states.setdefault(name, set()).add(_state({kind: row[at] for kind, at in flags.items()}))
    in_brackets = found.recipe.more.says("pipeline_in_stage") and not found.of_kind("pipeline")
    told: dict[str, list[str]] = {WON: [], LOST: []}
    for name, own in states.items():
        (state, *others) = own
        plain_name = unbracketed(name) if in_brackets else name
        if state is not None and not others and words.of(plain_name) is None and plain_name not in told[state]:
            told[state].append(plain_name)
    flagged = ", ".join(quoted(table.names[at]) for at in flags.values())
    table.notes += [f"{_listed(names)} {state}, by {flagged}" for state, names in told.items() if names]
    return StateWords(found.recipe, (*options.won, *told[WON]), (*options.lost, *told[LOST]))


def _state(cells: dict[str, str]) -> str | None:
    """What the cells of a row by the kind of their column tell; `None` where they tell nothing, or it is open."""
    said = {kind: _SAID.get(clean(text).lower()) for kind, text in cells.items()}
    if None in said.values() or (said.get("is_won") and said.get("is_lost")):
        return None
    if said.get("is_won"):
        return WON
    return LOST if said.get("is_lost") or ("is_won" in said and said.get("is_closed")) else None


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(map(quoted, names))} {verb(len(names), 'are')}"
