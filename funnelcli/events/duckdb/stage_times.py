"""The rows of `tally.figures` of all units from the tables of the stages, by looking up places: nothing is sorted."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import tally
from funnelcli.events.rows import QUANTILES, TOTAL

if TYPE_CHECKING:
    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.tables import Tables


def query(tables: Tables, definition: Definition) -> str:
    """A query of these rows, from tables with a row of each unit that reaches a stage: `f`, `p`, `e` and `g`."""
    rows = [tally.number_of(TOTAL, "SELECT NULL AS d FROM r0")]
    for stage, (end, start) in list(enumerate(tally.ends(definition)))[1:]:
        ((number,),) = tables.rows(f"SELECT COUNT(*) FROM r{end}")
        if not number:
            continue
        shares = ", ".join(repr((place + 0.5) / number) for place in _places(number))  # no rounding reaches another
        columns = tally.columns_of([f"QUANTILE_DISC(x, [{shares}])[{index}]" for index in _PLACES])
        count = "g" if end in definition.growing else "1 AS g"
        told = f"SELECT {count}, f - {start} AS x FROM r{end}"
        rows.append(f"SELECT {TOTAL} AS part, NULL AS label, {stage} AS stage, {columns} FROM ({told}) AS o")
    return " UNION ALL ".join(rows)


_PLACES = range(1, 1 + 2 * len(QUANTILES))


def _places(number: int) -> list[int]:
    """The places from 0 on that are next to the quantiles of so many times, below and above."""
    ends = [(share * (number - 1), whole) for share, whole in QUANTILES.values()]
    return [place for end, whole in ends for place in (end // whole, -(-end // whole))]
