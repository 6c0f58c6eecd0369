"""Stages that may mean won or lost though no word says so, and what is proposed where stages are asked for."""

from __future__ import annotations

import csv
import io
import re
import shlex
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.deal_states import WON
from funnelcli.counts_table.recipes import recipes
from funnelcli.counts_table.words import WORDS, plain
from funnelcli.diagnostics import joined, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.pipeline_stages import PipelineStages

_CHANCE = re.compile(r"\d{1,3}(?:[.,]\d{1,4})?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,2})\s*[-–.):]", re.ASCII)
_PIPELINE_CODE = re.compile(r"^c\d+ ")
_SURE = {"won": "100%", "lost": "0%"}
"""The chances to close of stages that may mean these."""
_SEVERAL = 3
"""Won deals from which on a last stage that none of them has seen is doubtful."""


def stages_option(names: Sequence[str]) -> str:
    """The option that tells stages, as a shell takes it; a name with a comma stands in quotes of its own."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    line = text.getvalue()
    return f'--stages "{line}"' if not set(line) & set('"$`\\') else f"--stages {shlex.quote(line)}"


def ends_by_chance(stages: PipelineStages) -> dict[str, str]:
    """The stages that no word tells to be won or lost and whose chance to close is 0% or 100%: `lost` or `won`."""
    found = {}
    for key in stages.names:
        cells = set(_chances(stages, stages.sitting.get(key, [])))
        if len(cells) == 1 and (values := _numbers(cells)) and values[0] in (0, 1, 100):
            found[key] = "won" if values[0] else "lost"
    return found


def refuse_ends_alone(stages: PipelineStages, sure: Mapping[str, str], causes: Causes) -> None:
    """Ask what stages of such chances are, where there are no others."""
    for key, end in sure.items():
        what = f"{stages.with_deals(key)} has a chance of {_SURE[end]} to close"
        way = f"say --{end} {shlex.quote(stages.names[key])} if it means that, else name all stages in --stages"
        causes.add(("chance", key), stages.sitting[key][0], stages.at, "FN114", what, way)


def _chances(stages: PipelineStages, rows: Sequence[int]) -> list[str]:
    """The cells of the chances to close of deals; none where the table has no such column."""
    at = stages.chances
    return [] if at is None else [stages.table.rows[row][at].strip(" %").replace(",", ".") for row in rows]


def _numbers(cells: Iterable[str]) -> list[Fraction]:
    return [Fraction(cell) for cell in cells if _CHANCE.fullmatch(cell)]


def _mean_chances(stages: PipelineStages, rows: Mapping[str, Sequence[int]]) -> dict[str, Fraction]:
    """The mean chance to close, in percent, that the tool gives the deals of each stage, where it gives one."""
    found = {key: _numbers(_chances(stages, own)) for key, own in rows.items()}
    return {key: sum(own, Fraction()) / len(own) for key, own in found.items() if own}


def by_chance(stages: PipelineStages, keys: Sequence[str]) -> list[str] | None:
    """The stages by the mean chance to close that the tool gives their deals; `None` where that tells no order."""
    means = _mean_chances(stages, {key: stages.sitting.get(key, ()) for key in keys})
    return sorted(keys, key=means.__getitem__) if len(set(means.values())) == len(keys) else None


def by_most(lists: Sequence[Sequence[str]], keys: Sequence[str], names: Mapping[str, str]) -> tuple[list[str], int]:
    """The stages in the order of the list that has most of them, the others after them; and how many it has."""
    best: list[str] = []
    for each in lists:
        places = {_spelled(name): place for place, name in enumerate(each)}
        own = [(places[spelled], key) for key in keys if (spelled := _spelled(names[key])) in places]
        found = [key for _, key in sorted(own)]
        best = max(best, found, key=len)
    return [*best, *(key for key in keys if key not in best)], len(best)


def _spelled(name: str) -> str:
    """A name as lists of usual ones have it: with or without the dots of ё, and a code without that of its pipeline."""
    return _PIPELINE_CODE.sub("", plain(name).replace("ё", "е"))


def by_number(keys: Sequence[str], names: Mapping[str, str]) -> list[str] | None:
    """The stages by the numbers that their names begin with; `None` where one has none, or two have the same."""
    numbers = {key: int(found[1]) for key in keys if (found := _NUMBER.match(names[key]))}
    return sorted(keys, key=numbers.__getitem__) if len(set(numbers.values())) == len(keys) else None


class Proposal(NamedTuple):
    """The stages of a pipeline in an order to begin with, and why that; then those that may be no steps.

    `ends` are stages that only decided deals are at though no word says so; `won` and `lost` may mean that, those of
    `by_chance` for their chance to close.
    """

    names: Mapping[str, str]
    steps: list[str]
    why: str
    ends: list[str]
    won: list[str]
    lost: list[str]
    by_chance: Set[str] = frozenset()

    @property
    def keys(self) -> list[str]:
        """All of them."""
        return [*self.steps, *self.ends, *self.won, *self.lost]


def proposed(stages: PipelineStages) -> Proposal:
    """The stages of a pipeline in an order to begin with: that of chances, the usual one, or plainly none."""
    names, columns = stages.names, list(stages.dated)
    won, lost = _like_ends(stages)
    sure = ends_by_chance(stages)
    if len({*sure, *won, *lost}) < len(names):
        won += [key for key, end in sure.items() if end == "won" and key not in won]
        lost += [key for key, end in sure.items() if end == "lost" and key not in lost]
    ends = [key for key in _only_ended(stages) if key not in (*won, *lost)]
    keys = [key for key in names if key not in (*won, *lost, *ends)]
    ordered, why = by_chance(stages, keys), "by their chances to close"
    if ordered is None:
        usual = (*stages.words.usual, *(each for recipe in recipes() for each in recipe.usual))
        most, known = by_most(usual, keys, names)
        if known == len(keys):
            ordered, why = most, "the usual order: correct it where yours differs"
    if ordered is None:
        ordered, why = by_number(keys, names), "as they are numbered"
    if ordered is None and known > 1:
        after = joined([quoted(names[key]) for key in most[known:]])
        ordered, why = most, f"the usual order, and {after} after them: put that right"
    if ordered is None and columns:
        ordered = sorted(keys, key=lambda key: columns.index(key) if key in columns else len(columns))
        why = "in the order of the columns: put that right"
    if ordered is None:
        ordered, why = keys, "in the order of the file: put that right"
    return Proposal(names, ordered, why, ends, won, lost, sure.keys())


def asked(proposals: Sequence[Proposal]) -> tuple[str, str]:
    """How to tell the order of the stages: options that answer for all pipelines, and what they rest on."""
    steps: list[str] = []
    names: dict[str, str] = {}
    for each in proposals:
        names |= {key: name for key, name in each.names.items() if key not in names}
        for before, key in zip([None, *each.steps], each.steps, strict=False):
            if key not in steps:
                steps.insert(len(steps) if before is None else steps.index(before) + 1, key)
    likely = {
        "won": list(dict.fromkeys(key for each in proposals for key in each.won)),
        "lost": list(dict.fromkeys(key for each in proposals for key in each.lost)),
    }
    options = stages_option([names[key] for key in steps])
    options += "".join(f" --{end} {shlex.quote(names[key])}" for end, of in likely.items() for key in of)
    by_chance = {key for each in proposals for key in each.by_chance}
    meant = [
        f"{joined([quoted(names[key]) for key in of])} may mean {end}"
        + (f", with a chance of {_SURE[end]}" if by_chance.issuperset(of) else "")
        for end, of in likely.items()
        if of
    ]
    why = "; ".join([f"({'; '.join(dict.fromkeys(each.why for each in proposals))})", *meant])
    ends = list(dict.fromkeys(key for each in proposals for key in each.ends))
    if ends:
        listed = joined([quoted(names[key]) for key in ends])
        why += f"; {listed}, whose deals alone have a date of closing, by --won NAME or --lost NAME"
    elif not all(likely.values()):
        why += "; a stage that means won or lost by --won NAME or --lost NAME"
    return options, why


def _like_ends(stages: PipelineStages) -> tuple[list[str], list[str]]:
    """The stages whose names mostly mean won, where no stage is of won deals, and lost; none where no other is left."""
    lost = [key for key, name in stages.names.items() if plain(name) in WORDS["like_lost"]]
    done = [key for key, name in stages.names.items() if plain(name) in WORDS["like_won"]]
    won = done if stages.won is None and len(done) == 1 else []
    return (won, lost) if len(won) + len(lost) < len(stages.names) else ([], [])


def _only_ended(stages: PipelineStages) -> list[str]:
    """The stages all of whose deals have an end though no word says so, where those of the others have none."""
    ended = stages.pipeline.deals.closed or []
    steps = {_spelled(name) for each in recipes() for usual in each.usual for name in usual}
    unknown = [key for key, name in stages.names.items() if _spelled(name) not in steps]
    waiting = {key: stages.waiting(key) for key in stages.names if ended}
    shares = {key: {ended[row] for row in rows} for key, rows in waiting.items() if rows}
    ends = [key for key, found in shares.items() if found == {True}]
    if not set(ends) <= set(unknown):  # open deals at a usual step have a date that is hoped for
        return []
    none_both = all(found != {True, False} for found in shares.values())
    return ends if ends and len(ends) < len(stages.names) and none_both else []


def say_against_chances(stages: PipelineStages, names: Sequence[str], said: list[str]) -> None:
    """Say where the chances to close that the tool gives open deals tell another order than the caller."""
    if stages.chances is None:
        return
    means = _mean_chances(stages, {name: stages.waiting(fold(name)) for name in names})
    if any(means[one] > means[later] for one, later in pairwise(means)):
        listed = ", ".join(f"{quoted(name)} {round(means[name])}%" for name in sorted(means, key=means.__getitem__))
        of = quoted(stages.table.names[stages.chances])
        said.append(f"the order told is not that of {of}, which is on average {listed}")


def end_of_no_sale(stages: PipelineStages, key: str) -> str | None:
    """Why the last stage may be one of lost deals: some sit there, and none of the won ones has ever been there."""
    won = [row for row in stages.pipeline.rows if stages.pipeline.deals.states[row] == WON]
    if len(won) < _SEVERAL or not stages.sitting.get(key):
        return None
    if any(stages.dated[key].moments[row] is not None for row in won):
        return None
    return f"{stages.with_deals(key)}: none of the {len(won)} won deals was ever there"
