"""Until when a unit may come to a stage that has to be reached `within` some time of the one before, as text of SQL.

Of the chains of its latest entry, that which got furthest tells: the unit may go on for as long as the limit allows
from when it was last there, and the window of that entry. So do those of earlier entries that got further than any
later one did. When it is over for all of them, the unit can come only by being at a stage again that it was at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.events.chains_sql import largest
from funnelcli.events.definition import NEVER, NOT_YET

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition


def limited(definition: Definition) -> list[int]:
    """The stages with a limit on the way to them."""
    if not any(limit is not None for limit in definition.within):
        return []
    return [
        stage
        for stage in definition.stages[1:]
        if any(definition.within[each] is not None for each in definition.path(stage))
    ]


def columns(definition: Definition, of: str = "") -> list[str]:
    """The moments `until1`, `until2`, … of the limited stages, from the columns of `units_sql.units`."""
    return [f"{until(definition, stage, of)} AS until{stage}" for stage in limited(definition)]


def until(definition: Definition, stage: int, of: str = "") -> str:
    """The moment from which on the stage can be reached no more; `NOT_YET` if there is none.

    `l` is when a unit was last at a stage, `NULL` where an excluded event was after that and before its last entry.
    """
    path, ways = definition.path(stage), []
    for before, after in pairwise(path):
        m, next_m = f"{of}m{before}", f"COALESCE({of}m{after}, {NEVER})"
        there, limit = (f"{of}l{before}" if before else m), definition.within[after]
        ends = [] if definition.window is None else [f"{m} + {definition.window}"]
        ends += [] if limit is None else [f"{there} + {limit}"]
        end = f"LEAST({', '.join(ends)})" if len(ends) > 1 else ends[0] if ends else str(NOT_YET)
        ways.append(f"CASE WHEN {m} > {next_m} AND {there} > {NEVER} THEN {end} ELSE {NEVER} END")
    return largest(ways)
