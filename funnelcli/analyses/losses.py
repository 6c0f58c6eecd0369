"""Stages whose losses are stated to take another time (`days_lost`) than going on does, and what follows from it.

The conversion of the decided is then neither that of all who come nor that of those who are open.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.exact import Exact, reduced
from funnelcli.stats.arrival import StepTime, lognormal
from funnelcli.stats.intervals import decided_sample
from funnelcli.stats.losses import Waiting, posteriors, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.model import Funnel
    from funnelcli.stats.losses import Others, Shapes


class Losing(NamedTuple):
    """A step out of a stage with open units: counts, the time of those that go on, and the times of the others."""

    came: float
    decided: float
    still: float
    own: StepTime
    others: Others

    @property
    def waiting(self) -> Waiting:
        """What is known of those that are open."""
        part = self.decided / (self.decided + self.still)
        return waiting(self.came / self.decided, part, self.own, self.others)


def step_time(days: Exact | None, quantiles: tuple[Exact, Exact] | None) -> StepTime | None:
    """The time that a mean or quantiles state; `None` where nothing does."""
    if quantiles is not None:
        return lognormal(*map(float, quantiles))
    return None if days is None else StepTime(float(days))


def losing(funnel: Funnel, index: int) -> Losing | None:
    """The step to a stage, where losses before it take another time than going on; else `None`."""
    parent = funnel.stages[index].parent
    if parent is None or not funnel.stages[parent].open or _why_not(funnel, index) is not None:
        return None
    above, decided = funnel.stages[parent], funnel.decided(index)
    own, lost = (_time(funnel, index), step_time(above.days_lost, above.days_lost_quantiles))
    if own is None or lost is None or not decided:
        return None
    siblings = [at for at, stage in enumerate(funnel.stages) if stage.parent == parent and stage.is_counted]
    elsewhere = [(float(funnel.stages[at].count), _time(funnel, at) or lost) for at in siblings if at != index]
    left = decided - sum(funnel.stages[at].count for at in siblings)
    if left < 0:  # units are at several of the stages after it, so that these tell nothing of the losses
        elsewhere, left = [], decided - funnel.stages[index].count
    others = [(weight, time) for weight, time in (*elsewhere, (float(left), lost)) if weight] or [(1.0, lost)]
    if all(time == own for _, time in others):
        return None
    return Losing(float(funnel.stages[index].count), float(decided), float(above.open or 0), own, tuple(others))


def _time(funnel: Funnel, index: int) -> StepTime | None:
    return step_time(funnel.stages[index].days, funnel.stages[index].days_quantiles)


def _why_not(funnel: Funnel, index: int) -> str | None:
    """Why the time that losses take tells nothing of a step; `None` where it does."""
    stage, decided = funnel.stages[index], funnel.decided(index)
    if not stage.is_counted:
        return f"{stage.name} is not counted"
    if stage.allow_growth or (decided is not None and stage.count > decided):
        return f"counts may grow at {stage.name}"
    if stage.days is None:
        return f"{stage.name} has no days"
    return None if decided else "nothing is decided yet"


def not_used(funnel: Funnel) -> Iterator[tuple[str, str]]:
    """The stages with open units whose `days_lost` tells nothing, and why."""
    for at, stage in enumerate(funnel.stages):
        if stage.days_lost is None or not stage.open:
            continue
        reasons = [_why_not(funnel, index) for index, after in enumerate(funnel.stages) if after.parent == at]
        if None not in reasons:
            yield stage.name, next(filter(None, reasons), "no stage comes from it")


def losses_show(funnel: Funnel) -> Iterator[str]:
    """What rates of the decided take for granted of the losses, one clause each."""
    asked = [
        index
        for index in range(len(funnel.stages))
        if (parent := funnel.stages[index].parent) is not None and funnel.stages[parent].open
        if funnel.stages[index].is_counted and funnel.decided(index) and not funnel.states_chance(parent)
    ]
    stages = [funnel.stages[index].name for index in asked]
    told = [funnel.stages[index].name for index in asked if _is_told(funnel, index)]
    same = [name for name in stages if name not in told]
    if same:
        at = f" at {', '.join(same)}" if told else ""
        yield (
            f"losses take as long to show as successes{at} (where they take longer, rates are too high, where shorter, "
            "too low: days_lost of the stage before tells)"
        )
    if told:
        yield f"entries came evenly, and rates in the end follow from days and days_lost: {', '.join(told)}"


def _is_told(funnel: Funnel, index: int) -> bool:
    parent = funnel.stages[index].parent
    return parent is not None and funnel.stages[parent].days_lost is not None and _why_not(funnel, index) is None


def told_by_days_lost(funnel: Funnel, at: int) -> bool:
    """Whether the chances of the open units of a stage follow from the time that losses take there."""
    stage = funnel.stages[at]
    return stage.days_lost is not None and stage.name not in dict(not_used(funnel))


def in_the_end(funnel: Funnel, index: int, decided: Exact | None, *, waiting: bool = False) -> Exact | None:
    """The conversion of a step in the end, of all that come or of those who are open (`waiting`).

    It is that of the `decided`, of which a segment has its own, or to nine digits what follows from it where losses
    take another time.
    """
    if decided is None or (step := losing(funnel, index)) is None:
        return decided
    known = step.waiting
    return reduced(Fraction(f"{(known.open_rate if waiting else known.rate)(float(decided)):.9g}"))


def shapes(funnel: Funnel, index: int) -> tuple[Shapes, Shapes] | None:
    """Beta distributions of both, from the counts; `None` where losses take no other time, or no counts tell."""
    step = losing(funnel, index)
    if step is None or decided_sample(funnel, index) is None:
        return None
    return posteriors(*step)
