"""Lists of deals and logs of events, which look like tables of counts and are none: what each of their rows is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.columns import most
from funnelcli.counts_table.words import CELLS, has_word
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.columns import TableColumn

_SAMPLE = 200


def unit_of_rows(columns: Sequence[TableColumn]) -> tuple[str, str] | None:
    """What the rows of a table are, where they are deals or events, and what to do with it.

    A log of events has a column of moments and one of events or units; a list of deals has a column that is called
    so. Neither has columns of counts: two columns of numbers make a table of counts, but where each row has a number of
    its own and a time of day.
    """
    counts = [column for column in columns if column.kind == "count"]
    texts = [column for column in columns if column.kind in ("label", "steps")]
    if len(texts) < 2:
        return None

    moments, dates = (
        [column for column in texts if most(column.cells[:_SAMPLE], CELLS[form].fullmatch)]
        for form in ("moment", "day")
    )
    if len(counts) > 1:
        ids = [column for column in texts if column.is_named("unit") and column not in moments]
        if not moments or not any(len(column.cells) > 2 and _stands_once(column) for column in ids):
            return None
        what = f"a unit at its time ({quoted(moments[0].name)})"
        return what, "say by a recipe of your own what its columns are: --recipe FILE; or count the units of each stage"
    deals = [column for column in texts if column.is_named("deal")]
    has_steps = any(column.kind == "steps" or has_word("step_words", column.name) for column in texts)
    stands_once = any(_stands_once(column) for column in texts if column not in moments and column not in dates)
    if deals and stands_once and (len(deals) > 1 or moments or dates or has_steps):
        help_ = "say by a recipe of your own what its columns are: --recipe FILE; or count the deals of each stage"
        return f"a deal ({quoted(deals[0].name)})", f"{help_}, in columns stage and count"
    money = next((column for column in columns if column.kind in ("money", "revenue", "spend")), None)
    is_once = stands_once or len(moments) + len(dates) > 1  # an event has one time
    if money is not None and has_steps and is_once and not counts:
        help_ = (
            "name the columns Deal, Stage, Amount, Owner, Created and Closed; or say by a recipe of your own what they"
        )
        return f"a deal with its stage and amount ({quoted(money.name)})", f"{help_} are: --recipe FILE"
    units = [column for column in texts if column.is_named("unit") and column not in moments]
    times = [*moments, *(column for column in dates if column.is_named("time"))]
    if len(times) > 1 and any(column in units and _stands_once(column) for column in texts) and not has_steps:
        what = f"a unit with days of its own ({quoted(times[0].name)}, {quoted(times[1].name)})"
        return what, "say by a recipe of your own which stages the days are of: --recipe FILE"
    if (units and (moments if counts else times)) or (moments and has_steps and not counts):
        what = f"an event at its time ({quoted(times[0].name)})"
        return what, "count the events: funnelcli measure FUNNEL.yaml --from this file"
    return None


def _stands_once(column: TableColumn) -> bool:
    """Whether each of its cells is another one."""
    cells = column.cells[:_SAMPLE]
    return len(set(cells)) == len(cells)
