"""The order of the stages that deals go through: told, proved by dates, or asked for."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_states import LOST, WON
from funnelcli.counts_table.stage_doubts import (
    asked,
    end_of_no_sale,
    ends_by_chance,
    proposed,
    refuse_ends_alone,
    say_against_chances,
    stages_option,
)
from funnelcli.counts_table.table_checks import wrong_name
from funnelcli.diagnostics import did_you_mean, joined, many, quoted, said_once, verb
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.deal_moments import DatedStage
    from funnelcli.counts_table.pipeline_stages import PipelineStages
    from funnelcli.counts_table.stage_doubts import Proposal

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


class _Doubt(NamedTuple):
    """A pipeline of which nothing tells the order of the stages, and what is proposed."""

    stages: PipelineStages
    why: str
    proposal: Proposal


Found = tuple[tuple[str, ...], str]


def find_orders(pipelines: Sequence[PipelineStages], causes: Causes) -> list[StageOrder | None]:
    """The order of the stages of each pipeline; `None` where it is not known, which is among the causes.

    Pipelines of which nothing tells it are asked about at once, with one answer.
    """
    everywhere = {key for each in pipelines for key in each.names}
    orders: list[StageOrder | None] = []
    doubts = []
    said: list[tuple[str, str]] = []
    for stages in pipelines:
        found: Found | _Doubt | None = None
        notes: list[str] = []
        is_told = bool(stages.table.options.stages_of(stages.pipeline.name))
        if _are_names(stages, causes):
            found = _told(stages, everywhere, causes, notes) if is_told else _proved(stages, causes, notes)
        if isinstance(found, _Doubt):
            doubts.append(found)
            found = None
        if found is not None and is_told:
            _say_against(stages, found[0], notes)
            say_against_chances(stages, found[0], notes)
        orders.append(None if found is None else _order(stages, *found))
        said += [(stages.pipeline.name, note) for note in notes]
    pipelines[0].table.notes += said_once(said, len(pipelines))
    if doubts and not causes.first:
        _ask(doubts, causes)
    return orders


def _order(stages: PipelineStages, ordered: tuple[str, ...], won: str) -> StageOrder:
    keys = [fold(name) for name in ordered]
    places = {key: place for place, key in enumerate(keys)}
    return StageOrder(ordered, won, places, tuple(stages.dated.get(key) for key in keys))


def _ask(doubts: Sequence[_Doubt], causes: Causes) -> None:
    """Ask for the order of the stages, with a proposal that answers for all pipelines."""
    alike: dict[tuple[str, ...], list[_Doubt]] = {}
    for each in doubts:
        alike.setdefault(tuple(map(each.stages.names.__getitem__, each.proposal.keys)), []).append(each)
    listed = []
    for names, own in alike.items():
        sitting = [[len(each.stages.sitting.get(fold(name), ())) for each in own] for name in names]
        shown = joined(
            [f"{quoted(name)} ({many(sum(each), 'deal')})" for name, each in zip(names, sitting, strict=True)]
        )
        listed.append((joined([quoted(each.stages.pipeline.name) for each in own]), shown))
    first = doubts[0]
    row = next((rows[0] for rows in first.stages.sitting.values() if rows), first.stages.table.header)
    if len(listed) == 1:
        ((of, shown),) = listed
        what = f"the stages{f' of {of}' if first.stages.several else ''} come: {shown}"
    else:
        what = f"the stages come: {'; '.join(f'of {of}, {shown}' for of, shown in listed)}"
    what = f"{first.why} in which order {what}"
    options, why = asked([each.proposal for each in doubts])
    causes.add("order", row, first.stages.at, "FN114", what, f"say {options} {why}", options=options)


def _say_against(stages: PipelineStages, names: Sequence[str], said: list[str]) -> None:
    """Say where dates tell another order than the caller."""
    ahead = _ahead(stages, pairwise(map(fold, names)))
    for one, later in pairwise(names):
        forth, back = (ahead.get((fold(a), fold(b)), 0) for a, b in ((one, later), (later, one)))
        if back > 1 and back >= _MAJORITY * forth:
            said.append(
                f"by their dates {back:,} of {forth + back:,} deals came to {quoted(later)} before {quoted(one)}"
            )


def _are_names(stages: PipelineStages, causes: Causes) -> bool:
    """Whether the names of stages are names; those that are none are among the causes."""
    found = {name: wrong for name in (*stages.names.values(), stages.won or "") if (wrong := wrong_name(name))}
    for name, wrong in found.items():
        row = next(iter(stages.sitting.get(fold(name), [])), stages.table.header)
        causes.add(("name", name), row, stages.at, *wrong)
    return not found


def _told(stages: PipelineStages, everywhere: Set[str], causes: Causes, said: list[str]) -> Found | None:
    """The order that the caller tells; each stage of the table is among them.

    Stages told for several pipelines are of each those that it has, and those that none has: `everywhere` are all.
    """
    table, names, words = stages.table, stages.names, stages.words
    told = table.options.stages_of(stages.pipeline.name)
    of_funnel = table.options.known or table.options.pipelines
    elsewhere = frozenset() if of_funnel else everywhere - names.keys()
    own = [name for name in told if words.of(name) != LOST and words.of(name) != WON and fold(name) not in elsewhere]
    won_told = [name for name in told if words.of(name) == WON]
    if of_funnel and not won_told and own and fold(own[-1]) not in names:
        won_told = [own.pop()]  # the funnel's own name of the sale
    lacking = [name for key, name in names.items() if find_name(name, own) is None and find_name(key, own) is None]
    if lacking and not of_funnel:
        _refuse_incomplete(stages, told, everywhere, lacking, causes)
    for name in lacking if of_funnel else ():
        row, column = _place_of(stages, name)
        what = f"the stage {stages.with_deals(fold(name))} is not among the funnel's stages"
        ways = [did_you_mean(name, own) or "add it to the funnel file at its place"]
        ways.append("say --won or --lost with its name, if it means that")
        if stages.several:
            ways.append("--pipeline NAME takes one pipeline")
        causes.add(("stage", name), row, column, "FN112", what, "; or ".join(ways))
    if lacking:
        return None
    if not own:
        what, help_ = "no stage before the won deals is told", "name it in --stages"
        causes.add("stages", table.header, stages.at, "FN105", what, help_)
        return None
    empty = [name for name in own if fold(name) not in names]
    if empty:
        listed = joined([quoted(name) for name in empty])
        said.append(f"no deal is at {listed} now: those at later stages count as having passed")
    return tuple(own), won_told[0] if won_told else stages.won or WON_STAGE


def _refuse_incomplete(
    stages: PipelineStages, told: Sequence[str], everywhere: Set[str], lacking: Sequence[str], causes: Causes
) -> None:
    """Stages that the caller left out: the line to say again has them, in place of a name like theirs that is none."""
    line, left = list(told), list(lacking)
    for at, name in enumerate(told):
        near = get_close_matches(fold(name), list(map(fold, left)), n=1) if fold(name) not in everywhere else []
        if near and stages.words.of(name) not in (WON, LOST):
            line[at] = left.pop([fold(each) for each in left].index(near[0]))
    several = len(lacking) > 1
    what = f"the stage{'s' if several else ''} {joined([stages.with_deals(fold(name)) for name in lacking])} "
    what += f"{verb(len(lacking), 'are')} not among those of --stages"
    help_ = f"say {stages_option([*line, *left])}"
    if left:
        listed = joined(list(map(quoted, left)))
        help_ += f" with {listed} at {'their places' if len(left) > 1 else 'its place'}"
    help_ += f"; or say --won or --lost with {'the' if several else 'its'} name, if it means that"
    help_ += "; or --pipeline NAME takes one pipeline" if stages.several else ""
    causes.add(("stages", *lacking), *_place_of(stages, lacking[0]), "FN112", what, help_)


def _place_of(stages: PipelineStages, name: str) -> tuple[int, int]:
    """The row and the column where a stage stands first."""
    rows = stages.sitting.get(fold(name))
    return (rows[0], stages.at) if rows else (stages.table.header, stages.dated[fold(name)].at)


def _proved(stages: PipelineStages, causes: Causes, said: list[str]) -> Found | _Doubt | None:
    """The order that dates prove: of each stage and the next there are deals with both, of which nearly all agree."""
    names, sitting, where = stages.names, stages.sitting, stages.where
    keys, columns = list(names), list(stages.dated)
    if not keys:
        what = f"every deal{where} is won or lost, and no stage before is known"
        help_ = "name the first stage: --stages Deals,Won"
        causes.add(("stages", where), stages.pipeline.rows[0], stages.at, "FN105", what, help_)
        return None
    if len(sure := ends_by_chance(stages)) == len(keys):
        refuse_ends_alone(stages, sure, causes)
        return None
    if sure:
        return _Doubt(stages, "no dates tell", proposed(stages))
    if len(keys) == 1:
        return (names[keys[0]],), stages.won or WON_STAGE
    ahead = _ahead(stages, combinations([key for key in columns if key in names], 2))
    after: dict[str, set[str]] = {key: set() for key in keys}
    for (one, other), number in ahead.items():
        back = ahead.get((other, one), 0)
        in_file = number == 1 and not back and columns.index(one) < columns.index(other)
        if (number > 1 and number >= _MAJORITY * back) or in_file:
            after[one].add(other)
    ordered = _one_after_the_other(after)
    if ordered is not None:
        doubt = end_of_no_sale(stages, ordered[-1])
        if doubt is not None:
            told = stages_option([names[key] for key in ordered])
            way = f"if it means lost, say --lost {shlex.quote(names[ordered[-1]])}; if it is a stage on the way, {told}"
            causes.add(("end", where), sitting[ordered[-1]][0], stages.at, "FN114", doubt, way)
            return None
        listed = " → ".join(names[key] for key in ordered)
        said.append(f"the order of the stages is that of the dates: {listed}")
        return tuple(names[key] for key in ordered), stages.won or WON_STAGE
    return _Doubt(stages, "the dates do not prove" if len(columns) > 1 else "no dates tell", proposed(stages))


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


def _ahead(stages: PipelineStages, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """How many deals came to one stage before they came to another: by the two, both ways, for pairs with dates."""
    rows = stages.pipeline.rows
    columns = {key: [each.moments[row] for row in rows] for key, each in stages.dated.items()}
    found: dict[tuple[str, str], int] = {}
    for one, other in pairs:
        if one in columns and other in columns:
            both = zip(columns[one], columns[other], strict=True)
            earlier = [a < b for a, b in both if a is not None and b is not None and a != b]
            found[one, other] = sum(earlier)
            found[other, one] = len(earlier) - sum(earlier)
    return found
