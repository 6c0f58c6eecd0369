"""Which stage of a changed funnel is which: told by name, and renamed ones by their place and what they are.

A stage that is gone and a new one between the same neighbours are one that was renamed where they are of the same
definition, or of the same counts, or have names alike. It is the rule by which git tells renamed files, by what they
hold, kept to one place: nothing is renamed and moved at once.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.model import Funnel, Stage

ALIKE = 0.6
"""Above which share of common letters names are alike: that of `difflib` and of the suggestions of misspelt words."""


def stages_now(before: Funnel, after: Funnel) -> dict[str, str]:
    """The name now of each stage that is still there, by its name before."""
    now: dict[str, str] = {}
    for name in before.names:
        place = find_name(name, after.names)
        if place is not None and find_name(after.names[place], before.names) == before.names.index(name):
            now[name] = after.names[place]
    for gone, new in _gaps(before, after, now):
        start = 0
        for stage in gone:
            place = next((at for at in range(start, len(new)) if _is_same(stage, new[at])), None)
            if place is not None:
                now[stage.name] = new[place].name
                start = place + 1
    return {name: now[name] for name in before.names if name in now}


def _gaps(before: Funnel, after: Funnel, now: dict[str, str]) -> list[tuple[Sequence[Stage], Sequence[Stage]]]:
    """Stages that are gone and those that are new, between the same two that are still there."""
    kept = set(now.values())
    new: dict[str | None, list[Stage]] = {}
    last: str | None = None
    for stage in after.stages:
        if stage.name in kept:
            last = stage.name
        else:
            new.setdefault(last, []).append(stage)
    gone: dict[str | None, list[Stage]] = {}
    last = None
    for stage in before.stages:
        if stage.name in now:
            last = now[stage.name]
        else:
            gone.setdefault(last, []).append(stage)
    return [(stages, new[place]) for place, stages in gone.items() if place in new]


def _is_same(gone: Stage, new: Stage) -> bool:
    """Whether a stage is the one that is gone, by its definition, its counts or its name."""
    if gone.when and new.when:
        return gone.when == new.when
    if gone.count and (gone.count, gone.conversion) == (new.count, new.conversion):
        return True
    return SequenceMatcher(None, fold(gone.name), fold(new.name)).ratio() > ALIKE


def with_names_of_now(before: Funnel, now: Mapping[str, str]) -> Funnel:
    """The funnel with the names that its stages have now."""
    stages = tuple(stage._replace(name=now.get(stage.name, stage.name)) for stage in before.stages)
    names = [stage.name for stage in stages]
    return before._replace(stages=stages) if len(set(names)) == len(names) else before
