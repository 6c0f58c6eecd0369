"""Rules about single stages: their targets, their counts, and how much these can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.conversion import step_bounds
from funnelcli.diagnostics import decimal_text, quoted
from funnelcli.lint import rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.lint import Path, Warnings, Written
    from funnelcli.model import Exact, Funnel

WIDEST = 0.30
"""An interval wider than this gives no verdict."""
CONFIDENCE = 0.95


@rule("FN303")
def unreachable_target(funnel: Funnel, written: Written) -> Warnings:
    """Each target at the first stage, out of an empty stage, or of 100% that is not reached."""
    for index, stage in enumerate(funnel.stages):
        if stage.target is None:
            continue
        path, name = ("stages", index, "target"), quoted(stage.name)
        above = None if stage.parent is None else funnel.stages[stage.parent]
        if above is None:
            yield path, f"{name} is the entry: it has no conversion to aim at", "delete it"
        elif not above.count:
            message = f"the target of {name} cannot be reached: {quoted(above.name)} is empty"
            yield path, message, "count that stage first, or delete the target"
        elif stage.target == 1 and stage.count < above.count:
            message = f"the target of {name} is 100%: it leaves no room for a single loss"
            yield path, message, "aim at a rate that somebody has reached"


@rule("FN305")
def lossless_stage(funnel: Funnel, written: Written) -> Warnings:
    """Each counted step with a conversion of exactly 100%."""
    for index, stage in enumerate(funnel.stages):
        if stage.parent is None or stage.conversion is not None or not stage.count or stage.allow_growth:
            continue
        above = funnel.stages[stage.parent]
        if stage.count == above.count:
            message = f"{quoted(stage.name)} loses nobody: {decimal_text(stage.count)} of {decimal_text(above.count)}"
            yield ("stages", index, "count"), message, "measure the stage, or leave it out"


@rule("FN308")
def few_units(funnel: Funnel, written: Written) -> Warnings:
    """Each target, and each plain check of a conversion, of a step whose counts are too few for a verdict."""
    asked: dict[int, Path] = {}
    for position, check in enumerate(funnel.checks):
        if check.selector.metric.name == "conversion" and check.confidence is None and check.selector.stage:
            asked.setdefault(funnel.index(check.selector.stage), ("checks", position))
    for index, stage in enumerate(funnel.stages):
        if stage.target is not None:
            asked[index] = ("stages", index, "target")
    for index, path in asked.items():
        stage, (low, high) = funnel.stages[index], step_bounds(funnel, index, CONFIDENCE)
        if low is None or high is None or stage.parent is None or high - low <= WIDEST:
            continue
        above = funnel.stages[stage.parent]
        message = (
            f"{above.count} units at {quoted(above.name)} are too few for a verdict on {quoted(stage.name)}: "
            f"its conversion may be {round(low * 100)}% to {round(high * 100)}%"
        )
        yield path, message, "take a longer period, or check with 95% confidence"


@rule("FN313")
def percentages(funnel: Funnel, written: Written) -> Warnings:
    """A first count that is written as 100, of the funnel or of a segment, before a later one that is fractional."""
    own = tuple(stage.count if stage.conversion is None else 0 for stage in funnel.stages)
    counted: list[tuple[Sequence[Exact], list[Path]]] = [(own, [("stages", 0, "count")])]
    for breakdown in funnel.breakdowns:
        for segment in breakdown.segments:
            place = ("breakdowns", breakdown.dimension, segment.name)
            counted.append((segment.counts, [(*place, 0), (*place, "counts", 0)]))
    for counts, places in counted:
        path = next((place for place in places if written(place) == "100"), None)
        part = next((index for index, count in enumerate(counts) if count.denominator != 1), None)
        if path is not None and part is not None:
            text = decimal_text(counts[part])
            help_ = f"write the real counts, or {text}% as a conversion; write 100.0 where units are meant"
            yield path, f"100 units, or 100%? {quoted(funnel.stages[part].name)} is {text}", help_
