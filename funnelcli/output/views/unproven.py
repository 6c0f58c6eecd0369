"""How a difference is put that is not more than chance as far as can be told, and what would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.numbers import text, visible
from funnelcli.stats.tests import LIKELY

if TYPE_CHECKING:
    from funnelcli.analyses.overall import Overall

MOST_TIMES = 10
"""How many times the units that there are can be asked for, and still be a plan."""


def unproven(way: str, chance: float, chosen_of: int) -> str:
    """A difference, better or worse, that is likely, or just a chance; of a pair that was chosen, it may be picked."""
    how_sure = f"{way} with a chance of {text(chance, 'chance')}"
    if chance < LIKELY:
        return f"no difference can be told ({how_sure})"
    if chosen_of > 1:
        return f"no difference can be told, as these two are one of {chosen_of:,} pairs ({how_sure} by themselves)"
    return f"likely {way}, not proven (chance {text(chance, 'chance')})"


def would_tell(found: Overall, stage: str, some_are_open: bool) -> str | None:
    """How many more units would tell a difference; nothing where they are too many to wait for.

    Where some are still open, both figures are of those that are decided.
    """
    units, now = found.units_to_tell, found.units_decided
    if units is None or now is None or units > MOST_TIMES * now:
        return None
    what, counted = (
        ("more decided", "so far, without those still open at any stage") if some_are_open else ("more", "so far")
    )
    return (
        f"About {text(_two_digits(units), 'count')} {what} at {visible(stage)} ({text(now, 'count')} {counted}), "
        "shared as now, would tell it with a chance of 80%, if rates stay as they look."
    )


def _two_digits(units: int) -> int:
    scale: int = 10 ** max(0, len(str(units)) - 2)
    return -(-units // scale) * scale
