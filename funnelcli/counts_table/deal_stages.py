"""The order of the stages that deals go through: told, proved by dates, or asked for."""

from __future__ import annotations

import shlex
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.characters import hidden_places
from funnelcli.counts_table.deal_states import LOST, WON, StateWords
from funnelcli.counts_table.recipes import recipes
from funnelcli.counts_table.row_causes import many
from funnelcli.counts_table.stage_doubts import (
    closed_by_chance,
    end_of_no_sale,
    proposed,
    say_against_chances,
    stages_option,
)
from funnelcli.diagnostics import did_you_mean, joined, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.deal_moments import DatedStage
    from funnelcli.counts_table.deals import Pipeline
    from funnelcli.counts_table.row_causes import Causes
    from funnelcli.counts_table.table import CellTable

_MAJORITY = 3
"""So many times as often as the other way must deals go from one stage to the next, if dates are to prove the order."""
WON_STAGE = "Won"
"""The name of the stage of won deals where no stage is called so."""


class StageOrder(NamedTuple):
    """The stages of a pipeline in order, without the one of won deals, which has a name of its own.

    `places` are by the folded name of a stage; `dated` are the dates of each stage, or `None`.
    """

    names: tuple[str, ...]
    won: str
    places: Mapping[str, int]
    dated: tuple[DatedStage | None, ...]

    def place_of(self, name: str) -> int | None:
        """The index of a stage by its name; `None` for those of won and lost."""
        return self.places.get(fold(name))


def find_order(
    table: CellTable,
    pipeline: Pipeline,
    at: int,
    words: StateWords,
    causes: Causes,
    *,
    several: bool,
    chances: int | None = None,
) -> StageOrder | None:
    """The order of the stages of a pipeline; `None` where it is not known, which is among the causes.

    `at` is the column of stages; `several`: the table has other pipelines as well. `chances` is the column of the
    chance to close that the tool gives a stage: an order to begin with where it is asked for, and no proof of one.
    """
    sitting: dict[str, list[int]] = {}
    won_names: dict[str, int] = {}
    stages = pipeline.deals.stages
    for row in pipeline.rows:
        sitting.setdefault(stages[row], []).append(row)
    for name in list(sitting):
        state = words.of(name)
        if state == WON:
            won_names[name] = len(sitting[name])
        if not name or state in (WON, LOST):
            del sitting[name]
    by_fold: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for name, rows in sitting.items():
        names.setdefault(fold(name), name)
        by_fold.setdefault(fold(name), []).extend(rows)
    dated = {fold(each.name): each for each in pipeline.dated}
    reached = [key for key, each in dated.items() if any(each.moments[row] is not None for row in pipeline.rows)]
    for key in reached:
        names.setdefault(key, dated[key].name)
    won = max(won_names, key=lambda name: won_names[name], default=None)
    if won is None and pipeline.won is not None:
        won = pipeline.won.name
    _check_hidden(table, pipeline, names, by_fold, won, at, causes)
    told = table.options.named_stages
    if told:
        found = _told(table, told, names, by_fold, dated, won, words, at, causes, several)
    else:
        usual = (*words.usual, *(each for recipe in recipes() for each in recipe.usual))
        found = _proved(table, pipeline, names, by_fold, dated, won, at, causes, several, chances, usual)
    if found is None:
        return None
    ordered, won_name = found
    keys = [fold(name) for name in ordered]
    if told:
        _say_against(table, keys, ordered, dated, pipeline.rows)
        if chances is not None:
            say_against_chances(table, pipeline, by_fold, keys, ordered, chances)
    return StageOrder(
        ordered, won_name, {key: place for place, key in enumerate(keys)}, tuple(dated.get(key) for key in keys)
    )


def _say_against(
    table: CellTable, keys: Sequence[str], names: Sequence[str], dated: Mapping[str, DatedStage], rows: Sequence[int]
) -> None:
    """Say where dates tell another order than the caller."""
    ahead = _ahead({key: dated[key] for key in keys if key in dated}, rows)
    for place, (one, later) in enumerate(pairwise(keys)):
        forth, back = ahead.get((one, later), 0), ahead.get((later, one), 0)
        if back > 1 and back >= _MAJORITY * forth:
            before, after = quoted(names[place + 1]), quoted(names[place])
            table.notes.append(f"by their dates {back:,} of {forth + back:,} deals came to {before} before {after}")


def _check_hidden(
    table: CellTable,
    pipeline: Pipeline,
    names: Mapping[str, str],
    sitting: Mapping[str, list[int]],
    won: str | None,
    at: int,
    causes: Causes,
) -> None:
    """Names of stages and of the pipeline can be seen."""
    for name in (*names.values(), won or "", pipeline.name):
        if hidden_places(name):
            row = next(iter(sitting.get(fold(name), [])), table.header)
            what = f"an invisible character stands in the name {name!a}"
            causes.add(("hidden", name), row, at, "FN015", what, "delete it")


Found = tuple[tuple[str, ...], str]


def _told(
    table: CellTable,
    told: Sequence[str],
    names: Mapping[str, str],
    sitting: Mapping[str, list[int]],
    dated: Mapping[str, DatedStage],
    won: str | None,
    words: StateWords,
    at: int,
    causes: Causes,
    several: bool,
) -> Found | None:
    """The order that the caller tells; each stage of the table is among them."""
    own = [name for name in told if words.of(name) != LOST and words.of(name) != WON]
    won_told = [name for name in told if words.of(name) == WON]
    if table.options.known and not won_told and own and fold(own[-1]) not in names:
        won_told = [own.pop()]  # the funnel's own name of the sale
    if table.options.known:
        first = next((place for place, name in enumerate(own) if fold(name) in names), 0)
        if first:
            listed = joined([quoted(name) for name in own[:first]])
            table.notes.append(f"{listed}: no deal is there, and none is said to have been")
        own = own[first:]
    lacking = [name for key, name in names.items() if find_name(name, own) is None and find_name(key, own) is None]
    for name in lacking:
        rows = sitting.get(fold(name))
        shown = many(len(rows), "deal") if rows else "with dates"
        option = "the funnel's" if table.options.known else "the"
        what = f"the stage {quoted(name)} ({shown}) is not among {option} stages"
        ways = [did_you_mean(name, own) or f"add it at its place: {stages_option((*own, name))}"]
        ways.append("say --won or --lost with its name, if it means that")
        if several:
            ways.append("--pipeline NAME takes one pipeline")
        row, column = (rows[0], at) if rows else (table.header, dated[fold(name)].at)
        causes.add(("stage", name), row, column, "FN112", what, "; or ".join(ways))
    if lacking:
        return None
    if not own:
        causes.add("stages", table.header, at, "FN105", "no stage before the won deals is told", "name it in --stages")
        return None
    empty = [name for name in own if fold(name) not in names]
    if empty:
        listed = joined([quoted(name) for name in empty])
        table.notes.append(f"no deal is at {listed} now: those at later stages count as having passed")
    return tuple(own), won_told[0] if won_told else won or WON_STAGE


def _proved(
    table: CellTable,
    pipeline: Pipeline,
    names: Mapping[str, str],
    sitting: Mapping[str, list[int]],
    dated: Mapping[str, DatedStage],
    won: str | None,
    at: int,
    causes: Causes,
    several: bool,
    chances: int | None,
    usual: Sequence[Sequence[str]],
) -> Found | None:
    """The order that dates prove: of each stage and the next there are deals with both, of which nearly all agree."""
    keys = list(names)
    where = f" of {quoted(pipeline.name)}" if several else ""
    if not keys:
        row = pipeline.rows[0]
        what = f"every deal{where} is won or lost, and no stage before is known"
        causes.add(("stages", where), row, at, "FN105", what, "name the first stage: --stages Deals,Won")
        return None
    if closed_by_chance(table, sitting, keys, names, at, chances, causes):
        return None
    if len(keys) == 1:
        return (names[keys[0]],), won or WON_STAGE
    ahead = _ahead({key: dated[key] for key in keys if key in dated}, pipeline.rows)
    columns = list(dated)
    after: dict[str, set[str]] = {key: set() for key in keys}
    for (one, other), number in ahead.items():
        back = ahead.get((other, one), 0)
        in_file = number == 1 and not back and columns.index(one) < columns.index(other)
        if (number > 1 and number >= _MAJORITY * back) or in_file:
            after[one].add(other)
    ordered = _one_after_the_other(after)
    if ordered is not None:
        doubt = end_of_no_sale(pipeline, ordered[-1], names, sitting, dated)
        if doubt is not None:
            row = sitting[ordered[-1]][0]
            told = stages_option([names[key] for key in ordered])
            way = f"if it means lost, say --lost {shlex.quote(names[ordered[-1]])}; if it is a stage on the way, {told}"
            causes.add(("end", where), row, at, "FN114", doubt, way)
            return None
        against = sum(ahead.get((later, one), 0) for one, later in pairwise(ordered))
        listed = " → ".join(names[key] for key in ordered)
        said = f"the order of the stages{where} is that of the dates: {listed}"
        said += f"; {many(against, 'step goes', 'steps go')} the other way" if against else ""
        table.notes.append(said)
        return tuple(names[key] for key in ordered), won or WON_STAGE
    suggested, way = proposed(table, pipeline, sitting, keys, names, usual, chances, columns)
    listed = joined([f"{quoted(names[key])} ({many(len(sitting.get(key, ())), 'deal')})" for key in suggested])
    why = "the dates do not prove" if len(dated) > 1 else "no dates tell"
    what = f"{why} in which order the stages{where} follow: {listed}"
    way += ", for one pipeline with --pipeline NAME" if several else ""
    row = next((sitting[key][0] for key in keys if key in sitting), table.header)
    causes.add(("order", where), row, at, "FN114", what, way)
    return None


def _one_after_the_other(after: Mapping[str, set[str]]) -> list[str] | None:
    """The one order in which each stage is followed by the next; `None` where there is none, or more than one."""
    before: dict[str, set[str]] = {key: set() for key in after}
    for one, others in after.items():
        for other in others:
            before[other].add(one)
    try:
        ordered = list(TopologicalSorter(before).static_order())
    except CycleError:
        return None
    return ordered if all(later in after[one] for one, later in pairwise(ordered)) else None


def _ahead(dated: Mapping[str, DatedStage], rows: Sequence[int]) -> dict[tuple[str, str], int]:
    """How many deals came to one stage before they came to another, by the two."""
    columns = [each.moments for each in dated.values()]
    keys = list(dated)
    ways: Counter[tuple[int, ...]] = Counter()
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        came = [(moment, place) for place, moments in enumerate(columns) if (moment := moments[row]) is not None]
        if len(came) > 1:
            came.sort()
            if len({moment for moment, _ in came}) == len(came):
                ways[tuple([place for _, place in came])] += 1
            else:
                for (earlier, one), (later, other) in combinations(came, 2):
                    if earlier < later:
                        found[keys[one], keys[other]] = found.get((keys[one], keys[other]), 0) + 1
    for way, number in ways.items():
        for one, other in combinations(way, 2):
            found[keys[one], keys[other]] = found.get((keys[one], keys[other]), 0) + number
    return found
