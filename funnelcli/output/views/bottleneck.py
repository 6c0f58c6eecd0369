"""What `bottleneck` says of a funnel: the verdict in plain words first, then the steps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.analyses.bottleneck import rank
from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.bottleneck import Bottleneck, Step

    Parts = tuple[Cell | str, ...]


MOST_NAMED = 8
"""Steps of a tie that are named in its sentence."""


def view(results: Sequence[Bottleneck]) -> Document:
    """The verdict, the table of steps, and what to mind."""
    return document_of(results, _blocks)


def _blocks(result: Bottleneck) -> tuple[Block, ...]:
    blocks: list[Block] = [Note(_verdict(result), "verdict"), _table(result)]
    if result.segments:
        blocks.append(_segments(result))
    blocks.append(_machine_table(result))
    blocks += [Note(parts) for parts in _remarks(result)]
    if result.folded:
        blocks.append(Note((f"{result.folded:,} more segments are left out; --top N shows more of them.",)))
    return tuple(blocks)


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
        Cell((step.conversion, step.target, "brief_rate"), "judged"),
        f" to the {_word(result)} of ",
        Cell((step.target, step.conversion, "brief_rate"), "judged"),
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
    ranked = rank(result.steps, by_reference)
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
            Cell((step.target, step.conversion, "brief_rate"), "judged"),
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
    ranked = rank(result.steps, by_reference)
    ordered = [*ranked, *(step for step in result.steps if step not in ranked)]
    chain = all(step.from_ == before.name for before, step in pairwise(result.steps))
    columns = [Column("Step", "step", "text")]
    if not chain:
        columns.append(Column("From", "from_", "text"))
    columns += [
        Column("Conversion,\n% of previous" if chain else "Conversion,\n% of “From”", "conversion", "rate"),
        Column(f"{numbers.brief_rate(result.confidence)}\ninterval", "conversion", "interval"),
    ]
    if by_reference:
        columns += [
            Column(_word(result).capitalize(), "target", "rate"),
            *([Column("which is", "target_from", "text")] if result.reference == "segment" else []),
            Column("Headroom,\nsales", "headroom_sales", "count_change"),
        ]
        if any(step.headroom_revenue is not None for step in result.steps):
            columns.append(Column("Headroom,\nrevenue", "headroom_revenue", "money_change"))
    columns.append(Column("Most to gain,\nchance" if by_reference else "Weakest,\nchance", "chance_weakest", "chance"))
    columns.append(Column("Drop-off", "drop_off", "count"))
    if any(step.loss_share is not None for step in result.steps):
        columns.append(Column("% of all\nlosses", "loss_share", "rate"))
    if any(step.revenue_per_point is not None for step in result.steps):
        columns.append(Column("+1 pp brings,\nrevenue", "revenue_per_point", "money_change"))
    if any(step.days is not None for step in result.steps):
        columns.append(Column("Time", "days", "duration"))
    rows = []
    for step in ordered:
        cells: list[object] = [step.name]
        for column in columns[1:]:
            if column.kind == "interval":
                cells.append(None if step.conversion_low is None else (step.conversion_low, step.conversion_high))
            elif column.key == "chance_weakest" and step.off_the_way:
                cells.append(Cell("off the way", "text"))
            elif by_reference and column.key in _ONLY_WITH_TARGET and step.target is None:
                cells.append(Cell("", "text"))
            elif column.key == "conversion" and step.conversion is not None:
                cells.append(Cell((step.conversion, step.target, "rate"), "judged"))
            elif column.key == "target":
                cells.append(Cell((step.target, step.conversion, "rate"), "judged"))
            else:
                cells.append(getattr(step, column.key))
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows), audience="people")


_ONLY_WITH_TARGET = {"target", "target_from", "headroom_sales", "headroom_revenue", "chance_weakest"}

_MACHINE_COLUMNS = (
    Column("Dimension", "dimension", "text"),
    Column("Segment", "segment", "text"),
    Column("Step", "step", "text"),
    Column("From", "from", "text"),
    Column("Conversion", "conversion", "rate"),
    Column("Interval", "conversion", "interval"),
    Column("Target", "target", "rate"),
    Column("Drop-off", "drop_off", "count"),
    Column("Share of losses", "loss_share", "rate"),
    Column("Headroom, sales", "headroom_sales", "count"),
    Column("Headroom, revenue", "headroom_revenue", "money"),
    Column("Revenue per point", "revenue_per_point", "money"),
    Column("Chance", "chance_weakest", "chance"),
    Column("Days", "days", "number"),
    Column("Verdict", "verdict", "text"),
)


def _segments(result: Bottleneck) -> Table:
    """One row a segment: its bottleneck, or the steps that are tied."""
    by_reference = result.reference != "none"
    columns = [
        Column(result.dimension or "", "segment", "text"),
        Column("Bottleneck" if by_reference else "Weakest step", "bottleneck", "text"),
        Column("Conversion", "conversion", "rate"),
    ]
    if by_reference:
        columns += [
            Column(_word(result).capitalize(), "target", "rate"),
            Column("Headroom,\nsales", "sales", "count_change"),
        ]
        if any(step.headroom_revenue is not None for each in result.segments for step in each.steps):
            columns.append(Column("Headroom,\nrevenue", "revenue", "money_change"))
    columns.append(Column("Chance", "chance", "chance"))
    rows: list[tuple[object, ...]] = []
    for each in result.segments:
        steps = {step.name: step for step in each.steps}
        step = steps.get(each.bottleneck or (each.tied[0] if each.tied else ""))
        if step is None:
            named = "no verdict" if rank(each.steps, by_reference) else "none"
            rows.append((each.name, named, *(Cell("", "text") for _ in columns[2:])))
            continue
        named = step.name if each.bottleneck else " or ".join(each.tied)
        if not each.bottleneck and len(each.tied) > 1:  # figures of one of them would stand for all
            rows.append((each.name, named, *(Cell("", "text") for _ in columns[2:])))
            continue
        judged = [(step.conversion, step.target), (step.target, step.conversion)]
        figures: list[object] = [Cell((*pair, "rate"), "judged") for pair in judged[: 1 + by_reference]]
        if by_reference:
            figures += [step.headroom_sales]
            if len(columns) == 7:
                figures.append(step.headroom_revenue)
        rows.append((each.name, named, *figures, step.chance_weakest))
    return Table(tuple(columns), tuple(rows), title=f"By {numbers.visible(result.dimension or '')}", audience="people")


def _machine_table(result: Bottleneck) -> Table:
    return Table(
        _MACHINE_COLUMNS,
        tuple(
            (result.dimension if each is not result else None, each.name if each is not result else None, *row)
            for each in (result, *result.segments)
            for row in _machine_rows(each)
        ),
        audience="machines",
    )


def _machine_rows(result: Bottleneck) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for step in result.steps:
        words = {
            "bottleneck": step.name == result.bottleneck,
            "tied": step.name in result.tied,
            "needless": step.name in result.needless,
            "off_the_way": step.off_the_way,
        }
        rows.append(
            (
                step.name,
                step.from_,
                step.conversion,
                (step.conversion_low, step.conversion_high),
                step.target,
                step.drop_off,
                step.loss_share,
                step.headroom_sales,
                step.headroom_revenue,
                step.revenue_per_point,
                step.chance_weakest,
                step.days,
                " ".join(word for word, holds in words.items() if holds),
            )
        )
    return rows


def _remarks(result: Bottleneck) -> list[Parts]:
    remarks: list[Parts] = [
        ("Nearly everyone passes ", Cell(name, "text"), ": it may be a needless link.") for name in result.needless
    ]
    if result.reference == "baseline":
        remarks.append(("The baseline's conversions are taken as exact: its own uncertainty is not counted.",))
    if result.chances_approximate:
        remarks.append(("The chances are approximate: they hold the money behind each step at its present value.",))
    first = next(iter(rank(result.steps, result.reference != "none")), None)
    if result.bottleneck and first is not None and first.name != result.bottleneck:
        remarks.append((Cell(first.name, "text"), " reads worse, but on too few units to say so."))
    if result.reference == "none":
        remarks.append(("No targets: ranked by conversion alone. A target on the stages would rank by money.",))
    else:
        lacking = [step.name for step in result.steps if step.target is None and not step.off_the_way]
        if lacking:
            remarks.append((f"Without a {_word(result)}, so not ranked: ", Cell(", ".join(lacking), "text"), "."))
    off = [step.name for step in result.steps if step.off_the_way]
    if off:
        remarks.append(("Off the way to the sale, so not ranked: ", Cell(", ".join(off), "text"), "."))
    if not result.sale_is_told:
        remarks.append(("Nothing tells the sale: role: customer there leaves out the steps off the way to it.",))
    return remarks
