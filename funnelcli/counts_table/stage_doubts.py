"""Stages that may mean won or lost though no word says so, and what is proposed where stages are asked for."""

from __future__ import annotations

import csv
import io
import re
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.counts_table.deal_states import WON
from funnelcli.counts_table.row_causes import many
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_moments import DatedStage
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.row_causes import Causes
    from funnelcli.counts_table.table import CellTable

_CHANCE = re.compile(r"\d{1,3}(?:[.,]\d{1,4})?", re.ASCII)
_SEVERAL = 3
"""Won deals from which on a last stage that none of them has seen is doubtful."""


def stages_option(names: Sequence[str]) -> str:
    """The option that tells stages, as a shell takes it; a name with a comma stands in quotes of its own."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    line = text.getvalue()
    return f'--stages "{line}"' if not set(line) & set('"$`\\') else f"--stages {shlex.quote(line)}"


def closed_by_chance(
    table: CellTable,
    sitting: Mapping[str, list[int]],
    keys: Sequence[str],
    names: Mapping[str, str],
    at: int,
    chances: int | None,
    causes: Causes,
) -> bool:
    """Whether a stage that no word tells to be won or lost has a chance of 0% or 100%: then it is asked about."""
    for key in keys if chances is not None else ():
        rows = sitting.get(key, [])
        cells = {table.rows[row][chances or 0].strip(" %").replace(",", ".") for row in rows}
        values = {Fraction(cell) for cell in cells if _CHANCE.fullmatch(cell)}
        if len(values) != 1 or not values <= {0, 1, 100} or len(cells) > 1:
            continue
        option, share = ("--lost", "0%") if values == {0} else ("--won", "100%")
        what = f"{quoted(names[key])} ({many(len(rows), 'deal')}) has a chance of {share} to close"
        way = f"say {option} {shlex.quote(names[key])} if it means that; if it does not, name all stages in --stages"
        causes.add(("chance", key), rows[0], at, "FN114", what, way)
    return any(("chance", key) in causes.first for key in keys)


def by_chance(
    table: CellTable, sitting: Mapping[str, list[int]], keys: Sequence[str], at: int | None
) -> list[str] | None:
    """The stages by the mean chance to close that the tool gives their deals; `None` where that tells no order."""
    means: dict[str, Fraction] = {}
    for key in keys if at is not None else ():
        cells = [table.rows[row][at or 0].strip(" %") for row in sitting.get(key, ())]
        found = [Fraction(cell.replace(",", ".")) for cell in cells if _CHANCE.fullmatch(cell)]
        if found:
            means[key] = sum(found, Fraction()) / len(found)
    return sorted(keys, key=means.__getitem__) if len(set(means.values())) == len(keys) else None


def end_of_no_sale(
    pipeline: Pipeline,
    key: str,
    names: Mapping[str, str],
    sitting: Mapping[str, list[int]],
    dated: Mapping[str, DatedStage],
) -> str | None:
    """Why the last stage may be one of lost deals: some sit there, and none of the won ones has ever been there."""
    won = [row for row in pipeline.rows if pipeline.deals.states[row] == WON]
    if len(won) < _SEVERAL or not sitting.get(key) or any(dated[key].moments[row] is not None for row in won):
        return None
    return f"{quoted(names[key])} ({many(len(sitting[key]), 'deal')}): none of the {len(won)} won deals was ever there"
