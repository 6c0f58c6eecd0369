"""Names of steps and segments as a recipe says that its vendor writes them.

The traits of a recipe of steps, in its `more`:

    strip: [PATTERN, …]   regular expressions of what is no part of a step's name: its number, the word Count
    repeats: true         a name that stands again is another step, as one event may be two of them
    overall: [WORD, …]    names of the segment that has all units
    others: label         columns of words that the recipe does not know are labels
    decimal: "."          the decimal mark, where the vendor writes one in every language
    grows: true           a later step may have more units than the one before it; some enter there

Beside what every column has, one of labels may have `overlap: true` in its `more`: units may be in several.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import is_total, plain
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable

TOTAL = "Total"


def tidy_names(table: CellTable, step: int, labels: Sequence[int]) -> None:
    """Give steps and segments their names; segments that overlap without one that has all units are a problem."""
    traits, rows, body = table.options.traits, table.rows, table.body
    patterns = [re.compile(pattern) for pattern in traits.get("strip", ())]
    names = {rows[row][step]: clean(rows[row][step]) for row in body}
    for pattern in patterns:
        shorter = {name: pattern.sub("", tidy).strip() for name, tidy in names.items()}
        if all(shorter.values()) and len(set(shorter.values())) == len(set(names.values())):
            names = shorter
    seen: Counter[tuple[str, ...]] = Counter()
    for row in body:
        name = names[rows[row][step]]
        entry = (name, *(rows[row][at] for at in labels))
        seen[entry] += 1
        again = f" ({seen[entry]})" if "repeats" in traits and seen[entry] > 1 else ""
        rows[row][step] = name + again
    overall = set(map(plain, traits.get("overall", ())))
    for at in labels:
        for row in body if overall else ():
            if plain(rows[row][at]) in overall:
                rows[row][at] = TOTAL
        hint = table.options.hints.get(at)
        segments = {rows[row][at] for row in body}
        if hint is not None and "overlap" in hint.more and len(segments) > 1 and not any(map(is_total, segments)):
            what = f"the segments of {quoted(table.names[at])} may overlap, and none has all units"
            table.refuse_name(at, "FN114", what, "export the funnel of one segment, or add the one of all")
