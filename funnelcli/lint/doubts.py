"""Rules about what makes figures doubtful, so that it is said to everybody: sums, and the place of the sale."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.diagnostics import decimal_text, joined, quoted
from funnelcli.exact import added
from funnelcli.lint import rule
from funnelcli.segments import open_added_up

if TYPE_CHECKING:
    from funnelcli.diagnostics import Path
    from funnelcli.lint import Warnings, Written
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown


def place_of(funnel: Funnel, dimension: str) -> Path:
    """Where the counts of a dimension are written."""
    return ("cells",) if funnel.cells and dimension in dict(funnel.cells[0].segments) else ("breakdowns", dimension)


@rule("FN301", of="breakdowns")
def uneven_breakdown(funnel: Funnel, written: Written) -> Warnings:
    """Each stage at which the segments of a dimension, or all cells, do not add up to the stage."""
    later = funnel.cells[0].segments[1:] if funnel.cells else ()
    for breakdown in funnel.breakdowns:
        if funnel.counted_again(breakdown) or breakdown.dimension in dict(later):
            continue  # dimensions of cells have one sum
        place = place_of(funnel, breakdown.dimension)
        for index, stage in enumerate(funnel.stages):
            total = added(segment.counts[index] for segment in breakdown.segments)
            if total == stage.count or stage.conversion is not None:
                continue
            gap = added((total, -stage.count))
            apart = f"{'more' if gap > 0 else 'less'} by {decimal_text(gap if gap > 0 else -gap)}"
            parts = "the cells add" if place == ("cells",) else f"{quoted(breakdown.dimension)} adds"
            message = (
                f"{parts} up to {decimal_text(total)} at {quoted(stage.name)}, "
                f"and the stage has {decimal_text(stage.count)}: {apart}"
            )
            help_ = "correct the counts, or leave them out of the stages to have them added up"
            yield place, message, help_
        yield from _uneven_open(funnel, breakdown, place)


def _uneven_open(funnel: Funnel, breakdown: Breakdown, place: Path) -> Warnings:
    """Each stage at which the open units of segments do not add up to those of the stage, where both say some."""
    told = [segment.open for segment in breakdown.segments if segment.open]
    if not told or all(stage.open is None for stage in funnel.stages):
        return
    for stage, column in zip(funnel.stages, zip(*told, strict=True), strict=True):
        total, own = sum(column), stage.open or 0
        if total != own:
            parts = "the cells have" if place == ("cells",) else f"{quoted(breakdown.dimension)} has"
            message = (
                f"{parts} {total:,} open at {quoted(stage.name)}, and the stage has {own:,}: "
                f"{'more' if total > own else 'less'} by {abs(total - own):,}"
            )
            yield place, message, "correct what is open in the segments, or at the stage"
    yield from _uneven_amounts(funnel, breakdown, place)


def _uneven_amounts(funnel: Funnel, breakdown: Breakdown, place: Path) -> Warnings:
    """Each stage at which the amounts of as many open units are others in the segments than at the stage.

    Where some segments list none, those of the others must be some of the stage's.
    """
    waiting = open_added_up(breakdown.segments, lambda _: 0).get(0)
    for stage, amounts in zip(funnel.stages, waiting.open_amounts if waiting else (), strict=False):
        total, own = added(amounts), added(stage.open_amounts)
        if len(amounts) == len(stage.open_amounts) and total != own:
            parts = "the cells" if place == ("cells",) else quoted(breakdown.dimension)
            message = (
                f"the amounts of what is open in {parts} at {quoted(stage.name)} add up to {decimal_text(total)}, "
                f"and those of the stage to {decimal_text(own)}"
            )
            yield place, message, "correct the amounts, or leave them out of the stage to have them from the segments"
        elif len(amounts) < len(stage.open_amounts) == stage.open:
            strange = [*(Counter(amounts) - Counter(stage.open_amounts)).elements()]
            if strange:
                parts = "the cells" if place == ("cells",) else quoted(breakdown.dimension)
                lists = "list" if place == ("cells",) else "lists"
                said = [decimal_text(amount) for amount in strange[:3]]
                said += [f"{len(strange) - len(said)} more"] if len(strange) > len(said) else []
                what = f"amounts of what is open at {quoted(stage.name)} that the stage does not have"
                message = f"{parts} {lists} {what}: {joined(said)}"
                yield place, message, "correct the amounts, at the stage or in the segments"


@rule("FN312", of="breakdowns")
def uneven_budgets(funnel: Funnel, written: Written) -> Warnings:
    """Each dimension whose segments' budgets add up to another sum than the funnel's, or another dimension's."""
    if funnel.budget is None:
        return
    stated = funnel.budget_of is None
    counts = "the funnel has" if stated else f"those of {quoted(funnel.budget_of or '')}, the first, to"
    for breakdown in funnel.breakdowns:
        budgets = [segment.budget for segment in breakdown.segments if segment.budget is not None]
        total, whole = added(budgets), len(budgets) == len(breakdown.segments)
        if budgets and total != funnel.budget and (stated or whole or total > funnel.budget):
            message = (
                f"the budgets of {quoted(breakdown.dimension)} add up to {decimal_text(total)}, "
                f"and {counts} {decimal_text(funnel.budget)}, which counts"
            )
            help_ = "correct the budgets, or add the segment whose spend is missing"
            yield ("breakdowns", breakdown.dimension), message, help_


@rule("FN316")
def sale_in_doubt(funnel: Funnel, written: Written) -> Warnings:
    """The average check at a last stage that is the sale by its place alone, where another ends the way too."""
    last = len(funnel.stages) - 1
    stage = funnel.stages[last]
    if stage.role == "customer" or stage.parent == last - 1 or funnel.money_stages != (last,):
        return
    if written(("average_check",)) or written(("average_check", "mean")):
        parents = {each.parent for each in funnel.stages}
        *others, end = [quoted(each.name) for index, each in enumerate(funnel.stages) if index not in parents]
        message = f"the money is that of {end}, the last stage, and the way ends at {joined(others)} too"
        help_ = f"give role: customer to the one that is the sale: {', '.join(others)} or {end}"
        yield ("average_check",), message, help_


@rule("FN319", of="measured")
def unmet_stage(funnel: Funnel, written: Written) -> Warnings:
    """Each stage with a 0 that no event could have made more of when it was measured."""
    if not funnel.unmet:
        return
    from funnelcli.analyses.ends import tells_no_rate  # few files need it

    for index, stage in enumerate(funnel.stages):
        if funnel.is_unmet(index):
            help_ = "correct its when, and measure again; ignore the warning where there was none"
            yield ("stages", index, "when" if stage.when else "count"), tells_no_rate([stage.name]), help_


DOUBTS = (uneven_breakdown, uneven_budgets, sale_in_doubt, unmet_stage)
