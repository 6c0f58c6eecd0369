"""Lists of deals and logs of events, which look like tables of counts and are none: a row is a unit or an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.counts_table import column_words as words
from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from funnelcli.counts_table.csv_grid import Grid

_MOMENT = re.compile(
    r"\d{10}(?:\d{3}|\d{6})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}:\d\d.*"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_DEAL = re.compile(
    r"\b(?:deal|opportunity|opportunities|record id|order id|charge id|lead id|сделка|сделки|deal id|geschäft|affaire|"
    r"negocio|oportunidad|opportunité)\b|^(?:стадия|этап) сделки$"
)
_UNIT = re.compile(
    r"\b(?:user|unit|visitor|client|customer|session|device|person|distinct|anonymous|lead|contact)s?(?: id)?$|"
    r"\bid$|^(?:email|uuid|ip)$"
)
_TIME_NAME = re.compile(r"\b(?:time|timestamp|date|at|ts|datetime|время|дата|zeit|datum|zeitpunkt|fecha|horodatage)\b")
_SAMPLE = 200


def unit_list(grid: Grid, kinds: dict[int, str]) -> Problem | None:
    """One line on a table whose rows are deals or events, and what to do with it; `None` for any other table.

    A log of events has a column of moments and one of events or units; a list of deals has a column that is called
    so. Neither has columns of counts: two columns of numbers make a table of counts.
    """
    rows = grid.body[:_SAMPLE]
    names = [words.plain(name) for name in grid.names]
    texts = [column for column, kind in kinds.items() if kind in ("labels", "steps")]
    counts = [column for column, kind in kinds.items() if kind == "counts"]
    if len(counts) > 1 or len(texts) < 2:
        return None

    def holds(column: int, form: re.Pattern[str]) -> bool:
        cells = [cell for row in rows if (cell := grid.rows[row][column].strip())]
        return bool(cells) and sum(bool(form.fullmatch(cell)) for cell in cells) * 2 > len(cells)

    moments = [column for column in texts if holds(column, _MOMENT)]
    dates = [column for column in texts if holds(column, _DATE)]
    deals = [column for column in texts if _DEAL.search(names[column])]
    stands_once = any(
        len({grid.rows[row][column] for row in rows}) == len(rows)
        for column in texts
        if column not in (*moments, *dates)
    )
    if deals and stands_once and (len(deals) > 1 or moments or dates or _has_steps(kinds)):
        name = quoted(grid.names[deals[0]])
        return Problem(
            "FN114",
            f"each row is a deal ({name}), and a table of counts is needed",
            "count the deals that reached each stage, e.g. with a pivot table, and give that: columns stage and count",
        )
    units = [column for column in texts if _UNIT.search(names[column]) and column not in moments]
    times = [*moments, *(column for column in dates if _TIME_NAME.search(names[column]))]
    if (units and (moments if counts else times)) or (moments and _has_steps(kinds) and not counts):
        return Problem(
            "FN114",
            f"each row is an event at its time ({quoted(grid.names[times[0]])}), and a table of counts is needed",
            "count the events: funnelcli measure FUNNEL.yaml --from this file",
        )
    return None


def _has_steps(kinds: dict[int, str]) -> bool:
    return "steps" in kinds.values()
