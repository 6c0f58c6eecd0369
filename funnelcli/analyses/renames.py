"""Which stage of a changed funnel is which: told by name, and renamed ones by their place and what they are.

A stage that is gone and a new one between the same neighbours are one that was renamed where they are of the same
definition, or of the same counts, or have names alike. It is the rule by which git tells renamed files, by what they
hold, kept to one place: nothing is renamed and moved at once. Where none of it holds and all other stages are the
same, the new one replaced the other: what was asked of that is asked of it, and whether they are the same is not known.
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

FEWEST_OF_ITS_OWN = 2
"""Figures of a stage's own that tell it, where they are the same: one alone, such as a target of 20%, many have."""
_ITS_OWN = ("target", "cost", "days", "days_lost", "revenue", "within", "amount")


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


def replaced(before: Funnel, after: Funnel, now: Mapping[str, str]) -> dict[str, str]:
    """The stage in the place of each that is gone, where at least half of the stages, all others, are still there.

    Their places are the same, and so is what they come from; `now` has the name now of each that is still there.
    """
    pairs = list(zip(before.stages, after.stages, strict=False))
    others = [(old, new) for old, new in pairs if now.get(old.name) != new.name]
    if len(before.stages) != len(after.stages) or 2 * len(others) > len(pairs):
        return {}
    if any(old.name in now or new.name in now.values() or old.parent != new.parent for old, new in others):
        return {}
    return {old.name: new.name for old, new in others}


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
    """Whether a stage is the one that is gone, by its definition, its counts, its name or its own figures."""
    if gone.when and new.when:
        return gone.when == new.when
    if gone.count and (gone.count, gone.conversion) == (new.count, new.conversion):
        return True
    own = [(getattr(gone, key), getattr(new, key)) for key in _ITS_OWN]
    return _are_near(gone.name, new.name) or (
        all(old == now for old, now in own) and sum(old is not None for old, _ in own) >= FEWEST_OF_ITS_OWN
    )


def _are_near(one: str, other: str) -> bool:
    """Whether names are alike word by word, be it in another order; one alone may go on.

    What stands before a word may make its opposite, as in unpaid and not paid, and so may another word: won and lost.
    """
    words = [fold(name).split() for name in (one, other)]
    if sorted(words[0]) == sorted(words[1]):
        return True
    return _are_alike(fold(one), fold(other)) and all(
        old == new or (_are_alike(old, new) and not old.endswith(new) and not new.endswith(old))
        for old, new in zip(*words, strict=False)
    )


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() > ALIKE


def with_names_of_now(before: Funnel, now: Mapping[str, str]) -> Funnel:
    """The funnel with the names that its stages have now."""
    stages = tuple(stage._replace(name=now.get(stage.name, stage.name)) for stage in before.stages)
    names = [stage.name for stage in stages]
    return before._replace(stages=stages) if len(set(names)) == len(names) else before
