"""The stages of a pipeline as its deals show them, before their order is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_states import LOST, OPEN, WON
from funnelcli.counts_table.words import most_written
from funnelcli.diagnostics import many, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.counts_table.deal_moments import DatedStage
    from funnelcli.counts_table.deal_states import StateWords
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable


class PipelineStages(NamedTuple):
    """The stages that deals of a pipeline sit at or came to, by their folded names, without those of won and lost.

    `names` are as they are written, `sitting` the rows of the deals that are there now, `dated` the stages with dates
    in the order of their columns, some of which no deal has. `won` is the name of the stage of won deals, where there
    is one. `at` is the column of stages, `chances` that of the chance to close that the tool gives them; `several`: the
    table has other pipelines as well.
    """

    table: CellTable
    pipeline: Pipeline
    words: StateWords
    names: Mapping[str, str]
    sitting: Mapping[str, list[int]]
    dated: Mapping[str, DatedStage]
    won: str | None
    at: int
    chances: int | None
    several: bool

    @property
    def where(self) -> str:
        """What is said of the pipeline where there are others."""
        return f" of {quoted(self.pipeline.name)}" if self.several else ""

    def with_deals(self, key: str) -> str:
        """A stage, and how many deals sit there, if any does."""
        rows = self.sitting.get(key)
        return f"{quoted(self.names[key])} ({many(len(rows), 'deal') if rows else 'with dates'})"

    def waiting(self, key: str) -> list[int]:
        """The rows of the open deals that sit at a stage."""
        return [row for row in self.sitting.get(key, ()) if self.pipeline.deals.states[row] == OPEN]


def stages_of(
    table: CellTable, found: Recognised, pipeline: Pipeline, words: StateWords, several: bool
) -> PipelineStages:
    """The stages of the deals of a pipeline; of several names for won deals, that of most is theirs."""
    on_way: dict[str, int] = {}
    sitting: dict[str, list[int]] = {}
    won: dict[str, int] = {}
    by_name: dict[str, list[int]] = {}
    for row in pipeline.rows:
        by_name.setdefault(pipeline.deals.stages[row], []).append(row)
    for name, rows in by_name.items():
        state = words.of(name)
        if state == WON:
            won[name] = len(rows)
        elif name and state != LOST:
            on_way[name] = len(rows)
            sitting.setdefault(fold(name), []).extend(rows)
    names = most_written(on_way)
    dated = {fold(each.name): each for each in pipeline.dated}
    for key, each in dated.items():
        if any(each.moments[row] is not None for row in pipeline.rows):
            names.setdefault(key, each.name)
    own = None if pipeline.won is None else pipeline.won.name
    column = next((each.at for each in (*found.of_kind("stage"), *found.of_kind("entered"))), 0)
    return PipelineStages(
        table,
        pipeline,
        words,
        names,
        sitting,
        dated,
        max(won, key=won.__getitem__, default=own),
        column,
        found.place_of("probability"),
        several,
    )
