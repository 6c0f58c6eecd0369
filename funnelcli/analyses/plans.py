"""A plan: the counts, stage by stage, that a number of entries comes to at the conversions as they are."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.chances import chance_of
from funnelcli.analyses.figures import figure
from funnelcli.analyses.levers import bought_entries, lever_changes, set_lever

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.chances import Aim, Start
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


class PlannedStage(NamedTuple):
    """Units that a stage needs when only the entries change: exactly, and in whole units."""

    name: str
    exact: Exact
    rounded_up: int


def plan_of(funnel: Funnel, aim: Aim, needed: Exact | None, counted: int | None) -> tuple[PlannedStage, ...]:
    """Counts stage by stage of the entries that a goal needs; empty without any, and where more do not help.

    Whole units: backward from the stage that is `counted` (else the sale), each stage has at least the whole number
    whose expected units fill the stage below. Stages beside that way are their own expectation, rounded up.
    """
    if needed is None:
        return ()
    entries = bought_entries(funnel)
    projected, more = (set_lever(funnel, entries, units) for units in (needed, needed + 1))
    there = None if projected is None else figure(projected, aim.selector)
    beyond = None if more is None else figure(more, aim.selector)
    if projected is None or there is None or beyond is None:
        return ()
    if beyond < there if aim.operator == ">=" else beyond > there:
        return ()
    if any(stage.unknown for stage in projected.stages):
        return ()  # of stages whose units cannot be told there is no plan
    exact = [stage.count for stage in projected.stages]
    whole = [math.ceil(count) for count in exact]
    for at, above in pairwise(funnel.path_to(funnel.sale_stage if counted is None else counted)):
        if exact[at]:
            whole[above] = max(whole[above], math.ceil(Fraction(whole[at] * exact[above]) / exact[at]))
    return tuple(
        PlannedStage(stage.name, count, units) for stage, count, units in zip(funnel.stages, exact, whole, strict=True)
    )


def chance_of_plan(funnel: Funnel, start: Start, plan: Sequence[PlannedStage], aim: Aim) -> float | None:
    """The chance that the next period reaches the goal with the entries of a funnel's plan; `None` without a plan."""
    if not plan:
        return None
    return chance_of(start, lever_changes(bought_entries(funnel), plan[0].rounded_up), aim)
