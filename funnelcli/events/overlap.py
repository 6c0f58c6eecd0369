"""One event serves one stage: what that asks for where the same events can reach several stages.

Each event has a mask: the stages whose conditions it meets, as bits. Stages of a chain can be given different events
exactly when every set of them is met by at least as many events (Hall's marriage theorem, 1935). Only sets of stages
that share events need a look, and stages that share all of them count as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events.places import stage_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.events.definition import Definition

MOST_TANGLED = 8
"""Groups of stages that share some of their events; the conditions double with each."""


def needs(stages: Sequence[int], masks: Iterable[int]) -> tuple[int, ...]:
    """The sets of stages, as bits, of which each has to be met by as many events as it has stages.

    Where all of them are, events with these masks can be given to the stages, each another.
    """
    return tuple(
        sorted(
            sum(bits for index, bits in enumerate(component) if chosen >> index & 1)
            for component in _components(_alike(stages, masks))
            for chosen in range(1, 1 << len(component))
        )
    )


def shares_events(definition: Definition, masks: Iterable[int]) -> bool:
    """Whether an event could serve two stages of one chain, and may not: at different times, none can."""
    return (
        not definition.apart
        and not definition.shared
        and any((mask & path).bit_count() > 1 for path in _paths(definition) for mask in masks)
    )


def counts_rows_once(definition: Definition, masks: Iterable[int]) -> bool:
    """Whether a row that came twice would change what is counted, so that each counts once."""
    return shares_events(definition, masks) or bool(definition.growing) or definition.order == "strict"


def tangle(definition: Definition, masks: Sequence[int]) -> Problem | None:
    """Why the stages share events in a way that is not measured, if they do."""
    if definition.repeats and any(mask.bit_count() > 1 for mask in masks):
        what = "repeats: true tells by an event which stage comes again, and some meet several"
        return Problem(
            "FN114",
            what,
            "make the conditions of when exclude each other, or drop repeats",
            path=("measure", "repeats"),
        )
    if definition.apart or definition.shared:
        return None
    if definition.entry == "each" and shares_events(definition, masks):
        what = "entry: each tells by an event which entry it follows, and some meet several stages"
        return Problem(
            "FN114",
            what,
            "make the conditions of when exclude each other, or use another entry",
            path=("measure", "entry"),
        )
    for stage, _ in definition.paid if definition.order == "any" else ():
        path = sum(1 << step for step in definition.path(stage))
        if stage and any(mask >> stage & 1 and (mask & path).bit_count() > 1 for mask in masks):
            what = (
                f"stage {quoted(definition.names[stage])} has an amount, and its events can reach another stage as well"
            )
            return Problem(
                "FN114", what, "make its when exclude the others, or use order: ordered", path=stage_at(stage, "when")
            )
    if definition.order == "unordered" and shares_events(definition, masks):
        what = "order: unordered counts events of one stage each, and some meet several"
        return Problem(
            "FN114",
            what,
            "make the conditions of when exclude each other, or use order: any",
            path=("measure", "order"),
        )
    for path in _paths(definition):
        stages = [stage for stage in definition.stages if path >> stage & 1]
        if any(len(component) > MOST_TANGLED for component in _components(_alike(stages, masks))):
            what = f"more than {MOST_TANGLED} stages share some of their events, each pair others"
            help_text = "make the conditions of when exclude each other"
            return Problem("FN114", what, help_text, path=("stages",))
        for stage in set(stages) & definition.growing:
            if any(mask >> stage & 1 and (mask & path).bit_count() > 1 for mask in masks):
                what = f"stage {quoted(definition.names[stage])} counts events that can reach another stage as well"
                return Problem(
                    "FN114",
                    what,
                    "make its when exclude the others, or drop allow_growth",
                    path=stage_at(stage, "when"),
                )
    return None


def _paths(definition: Definition) -> list[int]:
    """The chains to all stages, as bits."""
    return [sum(1 << step for step in definition.path(stage)) for stage in definition.stages]


def _alike(stages: Sequence[int], masks: Iterable[int]) -> list[tuple[int, frozenset[int]]]:
    """Stages in groups that are met by the same events: their bits, and the masks that hold them."""
    groups: dict[frozenset[int], int] = {}
    known = set(masks)
    for stage in stages:
        member = frozenset(mask for mask in known if mask >> stage & 1)
        groups[member] = groups.get(member, 0) | 1 << stage
    return [(bits, member) for member, bits in groups.items()]


def _components(groups: list[tuple[int, frozenset[int]]]) -> list[list[int]]:
    """Groups that share events, directly or through others."""
    found: list[tuple[list[int], frozenset[int]]] = []
    for bits, member in groups:
        touching = [each for each in found if each[1] & member]
        found = [each for each in found if not each[1] & member]
        joined = [other for each in touching for other in each[0]]
        found.append(([*joined, bits], member.union(*(each[1] for each in touching))))
    return [component for component, _ in found]
