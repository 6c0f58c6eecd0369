"""Lists of deals that tell no chance to close: an export of the open ones, or of those that were not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.deal_states import LOST, OPEN, WON
from funnelcli.diagnostics import many, quoted

if TYPE_CHECKING:
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.recognise import Recognised

_STATED = "or state close_chance: at the stages with open deals"


def say_undecided(found: Recognised, pipeline: Pipeline, said: list[str]) -> None:
    """Say once that no deal is lost, won, or either, and that a chance to close does not follow from such a list."""
    states = [pipeline.deals.states[row] for row in pipeline.rows]
    won, lost, waiting = states.count(WON), states.count(LOST), states.count(OPEN)
    by_stage = not any(each.column.kind == "status" for each in found.columns)
    lacking = [state for state, number in ((WON, won), (LOST, lost)) if not number]
    if not lacking:
        return
    if len(lacking) == 2:
        text = f"no deal is won or lost: no chance to close is known, and nothing can be expected of {_open(waiting)}"
        way = "export the won and the lost deals too"
    elif lost:
        text = f"no deal is won, and {lost:,} are lost" if lost > 1 else "no deal is won, and 1 is lost"
        text += ": 0% is the share of the decided, and no sure chance"
        way = "export the won deals too"
    else:
        text = f"no deal is lost, and {won:,} are won" if won > 1 else "no deal is lost, and 1 is won"
        text += ": no chance to close is known, and 100%, the share of the decided, is too high"
        way = "export the lost deals too"
    if waiting:
        text += f"; {way}, {_STATED}"
    if by_stage:
        known = {WON: found.recipe.won[:4], LOST: found.recipe.lost[:4]}
        words = "; ".join(
            f"no stage is called {', '.join(map(quoted, known[state]))}; --{state} NAME says which one means it"
            for state in lacking
        )
        text += f"; {words}"
    said.append(text)


def _open(number: int) -> str:
    return f"the {many(number, 'open deal')}" if number else "deals"
