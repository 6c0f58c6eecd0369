"""What `bottleneck` says of a funnel: the verdict in plain words first, then the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, Document, Note, Parts, Table
from funnelcli.output.numbers import visible
from funnelcli.output.views.building import (
    came_from,
    conversion,
    document_of,
    is_chain,
    judged,
    known,
    note,
    only,
    table,
    verdict,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.bottleneck import Bottleneck, Step

MOST_NAMED = 8
"""Steps of a tie that are named in its sentence."""


def view(results: Sequence[Bottleneck]) -> Document:
    """The verdict, the table of steps, and what to mind."""
    return document_of(results, _blocks)


def _blocks(result: Bottleneck) -> Iterator[Block]:
    yield verdict(*_verdict(result))
    yield _table(result)
    if result.segments:
        yield _segments(result)
    yield from _remarks(result)
    if result.folded:
        yield note(f"{result.folded:,} more segments are left out; --top N shows more of them.")


def _verdict(result: Bottleneck) -> Parts:
    steps = {step.name: step for step in result.steps}
    if result.tied:
        return _tie([steps[name] for name in result.tied], result)
    if result.bottleneck is None:
        return _no_verdict(result)
    step = steps[result.bottleneck]
    if result.reference == "none":
        said: Parts = (
            "Weakest step: ",
            Cell(step.name, "text"),
            ". Only ",
            Cell(step.conversion, "brief_rate"),
            " of ",
            Cell(step.from_, "text"),
            " get there",
        )
        return (*said, *_chance(step, " (chance that it is really the weakest: "), ".")
    said = (
        "Bottleneck: ",
        Cell(step.name, "text"),
        ". Closing its gap, from ",
        judged(step.conversion, step.target, "brief_rate"),
        f" to the {_word(result)} of ",
        judged(step.target, step.conversion, "brief_rate"),
        ", would bring ",
        *_gain(step),
    )
    alone = sum(each.chance_weakest is not None for each in result.steps) == 1
    meaning = f"it is really below the {_word(result)}" if alone else "it has the most to gain"
    return (*said, *_chance(step, f" (chance that {meaning}: "), ".")


def _no_verdict(result: Bottleneck) -> Parts:
    """Why no step is named: the stages are empty, nothing is to be gained, nothing to compare, or no chances."""
    by_reference = result.reference != "none"
    competing = [step for step in result.steps if not step.off_the_way]
    known = [step for step in competing if step.conversion is not None]
    ranked = result.ranked
    if not by_reference and not known:
        return ("No verdict: the stages are empty.",)
    if not ranked:
        if by_reference:
            return (f"No bottleneck: every step with a {_word(result)} reaches it.",)
        return ("No bottleneck: nobody is lost at any step.",)
    first = ranked[0]
    if not by_reference and len(known) == 1:
        only = "" if len(competing) == 1 else " out of a stage that is not empty"
        said = (f"The only step on the way to the sale{only} is ", Cell(first.name, "text"))
        return (*said, " (", Cell(first.conversion, "brief_rate"), "): there is nothing to compare it with.")
    reads = "has the most to gain" if by_reference else "is the lowest"
    conversion: Parts = (Cell(first.conversion, "brief_rate"), " of ", Cell(first.from_, "text"), " get there")
    why = _why_no_chances(result)
    return (f"No verdict: {why} As it reads, ", Cell(first.name, "text"), f" {reads}: ", *conversion, ".")


def _why_no_chances(result: Bottleneck) -> str:
    if any(
        step.conversion_low is None
        for step in result.steps
        if not step.off_the_way
        and step.conversion is not None
        and (step.target is not None or result.reference == "none")
    ):
        return "no chances can be given without whole counts that do not grow, at every step that competes."
    return "no chances can be given for so many steps, or units."


def _word(result: Bottleneck) -> str:
    return {"baseline": "baseline", "segment": "best segment"}.get(result.reference, "target")


def _gain(step: Step) -> Parts:
    if step.headroom_revenue is None and step.headroom_sales is None:
        return ("the first units through; how many sales that makes is unknown",)
    sales: Parts = (Cell(step.headroom_sales, "count_change"), " sales")
    if step.headroom_revenue is None:
        return sales
    if not step.headroom_sales:
        return Cell(step.headroom_revenue, "money_change"), " revenue"
    return (*sales, " and ", Cell(step.headroom_revenue, "money_change"), " revenue")


def _chance(step: Step, before: str) -> Parts:
    return () if step.chance_weakest is None else (before, Cell(step.chance_weakest, "chance"), ")")


def _tie(tied: list[Step], result: Bottleneck) -> Parts:
    if len(tied) == 1 and result.reference != "none":
        step = tied[0]
        said = (
            "No verdict: ",
            Cell(step.name, "text"),
            f" reads below its {_word(result)} of ",
            judged(step.target, step.conversion, "brief_rate"),
        )
        return (*said, *_chance(step, ", but these counts leave it open (chance that it is really below: "), ".")
    parts: list[Cell | str] = ["No verdict, a tie: "]
    named = tied[:MOST_NAMED]
    for index, step in enumerate(named):
        if index:
            parts.append(" and " if index == len(tied) - 1 else ", ")
        parts += [Cell(step.name, "text"), *_chance(step, " (")]
    if len(tied) > len(named):
        parts.append(f" and {len(tied) - len(named):,} more")
    parts.append(" cannot be told apart with these counts")
    if tied[0].chance_weakest is not None:
        parts.append(
            "; in brackets, the chance of each to "
            + ("be the weakest" if result.reference == "none" else "have the most to gain")
        )
    return (*parts, ".")


def _table(result: Bottleneck) -> Table:
    by_reference = result.reference != "none"
    chain = is_chain(result.steps)

    def chance(step: Step) -> Any:
        if step.off_the_way:
            return Cell("off the way", "text")
        return BLANK if by_reference and step.target is None else step.chance_weakest

    own = (Column("which is", "target_from", "text"),) if result.reference == "segment" else ()
    step, interval = conversion(chain, result.confidence)
    aims = (_reference(result), *own, *_headroom(result.steps))
    columns = (
        Column("Step", "name", "text"),
        *came_from(chain),
        step._replace(value=lambda step: judged(step.conversion, step.target, "rate")),
        interval,
        *(only(lambda step: step.target is not None, *aims) if by_reference else ()),
        Column("Most to gain,\nchance" if by_reference else "Weakest,\nchance", "chance_weakest", "chance", chance),
        Column("Drop-off", "drop_off", "count"),
        *known(
            result.steps,
            Column("% of all\nlosses", "loss_share", "rate"),
            Column("+1 pp brings,\nrevenue", "revenue_per_point", "money_change"),
            Column("Time", "days", "duration"),
        ),
    )
    ranked = result.ranked
    return table([*ranked, *(step for step in result.steps if step not in ranked)], columns)


def _reference(result: Bottleneck) -> Column:
    word = _word(result).capitalize()
    return Column(word, "target", "rate", lambda step: judged(step.target, step.conversion, "rate"))


def _headroom(steps: Sequence[Step]) -> Iterator[Column]:
    yield Column("Headroom,\nsales", "headroom_sales", "count_change")
    yield from known(steps, Column("Headroom,\nrevenue", "headroom_revenue", "money_change"))


CSV_COLUMNS = (
    "dimension segment step from conversion conversion_low conversion_high target drop_off loss_share headroom_sales "
    "headroom_revenue revenue_per_point chance_weakest days verdict"
)


def csv_rows(result: Bottleneck) -> Iterator[dict[str, Any]]:
    """One row a step; then one a segment and step."""
    for whole in (result, *result.segments):
        of = {} if whole is result else {"dimension": result.dimension, "segment": whole.name}
        for step in whole.steps:
            words = {
                "bottleneck": step.name == whole.bottleneck,
                "tied": step.name in whole.tied,
                "needless": step.name in whole.needless,
                "off_the_way": step.off_the_way,
            }
            yield of | fields(step, "step") | {"verdict": " ".join(word for word, holds in words.items() if holds)}


def _segments(result: Bottleneck) -> Table:
    """One row a segment: its bottleneck, or the steps that are tied."""
    by_reference = result.reference != "none"

    def step(segment: Bottleneck) -> Step | None:
        """The one step whose figures stand for the segment: never one of several that are tied."""
        name = segment.bottleneck or (segment.tied[0] if len(segment.tied) == 1 else None)
        return next((step for step in segment.steps if step.name == name), None)

    def named(segment: Bottleneck) -> str:
        if segment.bottleneck or segment.tied:
            return segment.bottleneck or " or ".join(segment.tied)
        return "no verdict" if segment.ranked else "none"

    figures = (
        Column("Conversion", "conversion", "rate", lambda step: judged(step.conversion, step.target, "rate")),
        *(
            (_reference(result), *_headroom([step for each in result.segments for step in each.steps]))
            if by_reference
            else ()
        ),
        Column("Chance", "chance_weakest", "chance"),
    )
    columns = (
        Column(result.dimension or "", "name", "text"),
        Column("Bottleneck" if by_reference else "Weakest step", "bottleneck", "text", named),
        *via(step, *figures),
    )
    return table(result.segments, columns, f"By {visible(result.dimension or '')}")


def _remarks(result: Bottleneck) -> Iterator[Note]:
    for name in result.needless:
        yield note("Nearly everyone passes ", Cell(name, "text"), ": it may be a needless link.")
    if result.reference == "baseline":
        yield note("The baseline's conversions are taken as exact: its own uncertainty is not counted.")
    if result.chances_approximate:
        yield note("The chances are approximate: they hold the money behind each step at its present value.")
    first = next(iter(result.ranked), None)
    if result.bottleneck and first is not None and first.name != result.bottleneck:
        yield note(Cell(first.name, "text"), " reads worse, but on too few units to say so.")
    lacking = [step.name for step in result.steps if step.target is None and not step.off_the_way]
    if result.reference == "none":
        yield note("No targets: ranked by conversion alone. A target on the stages would rank by money.")
    elif lacking:
        yield note(f"Without a {_word(result)}, so not ranked: ", Cell(", ".join(lacking), "text"), ".")
    off = [step.name for step in result.steps if step.off_the_way]
    if off:
        yield note("Off the way to the sale, so not ranked: ", Cell(", ".join(off), "text"), ".")
    if not result.sale_is_told:
        yield note("Nothing tells the sale: role: customer there leaves out the steps off the way to it.")
