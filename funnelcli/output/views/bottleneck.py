"""What `bottleneck` says of a funnel: the verdict in plain words first, then the steps."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.reference import aim_above
from funnelcli.diagnostics import joined, spanned
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.bottleneck_words import headroom_ranges, reference_word, said, unranked
from funnelcli.output.views.building import (
    amounts_note,
    came_from,
    conversion,
    end_note,
    figure_word,
    has_open,
    hidden_steps,
    in_the_end,
    is_chain,
    known,
    only,
    open_in_segments,
    open_note,
    sentence,
    table,
    verdict,
    via,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.bottleneck import Bottleneck, Step


def blocks(result: Bottleneck) -> Iterator[Block]:
    """The verdict, the table of steps, and what to mind."""
    yield verdict(said(result))
    yield from unranked(result)
    yield from amounts_note(tuple(cut for each in (result, *result.segments) for cut in each.cut))
    steps = _table(result)
    if len(steps.columns) > 1:
        yield steps
    if result.segments:
        yield _segments(result)
    yield from _remarks(result)
    if result.folded:
        yield Note(f"{result.folded:,} more segments are left out; --top N shows more of them.")


def _table(result: Bottleneck) -> Table:
    by_reference = result.reference != "none"
    chain = is_chain(result.steps)

    def chance(step: Step) -> Any:
        if step.off_the_way:
            return Cell("off the way", "text")
        return BLANK if by_reference and step.target is None else step.chance_weakest

    own = (Column("Which is", "target_from", "text", spare=1),) if result.reference == "segment" else ()
    step, interval = conversion(chain, result.confidence, decided=has_open(result.steps))
    if result.in_the_end:
        step = step._replace(header=in_the_end(result.confidence)[0].header)
    so_far = ",\nso far" if result.in_the_end else ""
    aims = (_reference(result), *own, *_headroom(result.steps, result))
    columns = (
        Column("Step", "name", "text"),
        *came_from(chain),
        step._replace(value=_held),
        interval._replace(spare=2),
        *(only(lambda step: step.target is not None, *aims) if by_reference else ()),
        Column("Most\nto gain,\nchance" if by_reference else "Lowest,\nchance", "chance_weakest", "chance", chance),
        Column(f"Drop-off{so_far}", "drop_off", "count", spare=4),
        *known(
            result.steps,
            Column("% of losses,\nso far" if so_far else "% of all\nlosses", "loss_share", "rate", spare=7),
            Column("+1 pp brings,\nrevenue", "revenue_per_point", "money_change", spare=5),
            Column("Time", "days", "duration", spare=6),
        ),
    )
    ranked = result.ranked
    told = columns if result.lost_unplaced is None else known(result.steps, *columns)
    return table([*ranked, *(step for step in result.steps if step not in ranked)], told)


def _held(step: Step) -> Cell:
    """The conversion that is held against the reference: of the decided, where units are open."""
    return Cell(step.conversion_decided, "rate", border=step.target)


def _reference(result: Bottleneck) -> Column:
    word = reference_word(result).capitalize()
    return Column(word, "target", "rate", lambda step: Cell(step.target, "rate", border=step.conversion_decided))


def _headroom(steps: Sequence[Step], result: Bottleneck) -> Iterator[Column]:
    """The headroom, and its range: of the sales, or where only revenue is to be gained, of that."""
    sales = figure_word("sales", result)
    ranges, money = headroom_ranges(sales), Column("To gain,\nrevenue", "headroom_revenue", "money_change")
    yield Column(f"To gain,\n{sales}", "headroom_sales", "count_change")
    if any(step.headroom_revenue for step in steps) and not any(step.headroom_sales for step in steps):
        yield from known(steps, money, ranges["revenue"])
    else:
        yield from known(steps, ranges["sales"], money)


def csv_rows(result: Bottleneck) -> Iterator[dict[str, Any]]:
    """One row a step; then one a segment and step."""
    for whole in (result, *result.segments):
        of = {} if whole is result else {"dimension": result.dimension, "segment": whole.name}
        for step in whole.steps:
            words = {
                "bottleneck": step.name == whole.bottleneck,
                "lowest": step.name == whole.lowest,
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
        if segment.reference != result.reference:
            return None
        name = segment.named or (segment.tied[0] if len(segment.tied) == 1 else None)
        return next((step for step in segment.steps if step.name == name), None)

    def named(segment: Bottleneck) -> str:
        if segment.not_mature:
            return "not mature"
        if segment.reference != result.reference:
            return "none: it is the best"
        if segment.named or segment.tied:
            return segment.named or " or ".join(segment.tied)
        return "no verdict" if segment.ranked else "none"

    figures = (
        Column("Conversion", "conversion", "rate", _held, spare=1),
        *(
            (_reference(result), *_headroom([step for each in result.segments for step in each.steps], result))
            if by_reference
            else ()
        ),
        Column("Chance", "chance_weakest", "chance"),
    )
    columns = (
        Column(sentence(result.dimension or ""), "name", "text"),
        Column("Bottleneck" if by_reference else "Lowest conversion", "bottleneck", "text", named),
        *via(step, *figures),
    )
    return table(result.segments, columns, f"By {result.dimension}")


def _remarks(result: Bottleneck) -> Iterator[Note]:
    if result.no_best_of is not None:
        instead = {"target": ": the targets of the file are held instead", "none": ""}.get(result.reference, "")
        yield warning(
            f"No segment of {visible(result.no_best_of)} is better than the whole by more than chance, so the best of "
            f"them is no reference{instead}. Larger counts would tell smaller differences."
        )
    yield from (
        end_note([spanned(result.not_mature)] if result.not_mature else (), result.name)
        if result.in_the_end
        else open_note(result.not_mature, whole=result.name)
    )
    for name in result.needless:
        yield Note(f"Nearly everyone passes {name}: it may be a needless link.")
    yield from hidden_steps(result.lost_unplaced)
    if result.undecided and result.lost_unplaced is None:
        said = f"Some are still open before {joined(result.undecided)}"
        if result.reference == "segment" and not result.open_by_segment:
            yield Note(f"{said}: here they count as not passed, as it is not known of which segment they are.")
        else:
            yield Note(f"{said}: what is said is of those who are decided, passed or lost.{_in_the_end(result)}")
    if result.segments and result.reference != "segment" and not result.open_by_segment:
        yield from open_in_segments([step.from_ for step in result.steps if step.name in result.undecided])
    if result.exact:
        yield Note(f"Stated in the baseline, not counted, so taken as exact: {', '.join(result.exact)}.")
    if result.reference == "segment":
        yield Note(
            "The best of many is partly luck: its rate is drawn towards the others, as far as the counts leave it open."
        )
    if result.chances_approximate:
        yield Note("The chances are approximate: they hold the money behind each step at its present value.")
    first = next(iter(result.ranked), None)
    if result.named and first is not None and first.name != result.named:
        yield Note(f"{first.name} reads worse, but the counts are too small to say so.")
    if result.reference == "none":
        yield from _how_to_hold(result)
    off = [step.name for step in result.steps if step.off_the_way]
    if off:
        yield Note(f"Off the way to the sale, so not ranked: {', '.join(off)}.")
    if not result.sale_is_told:
        yield Note("Nothing tells the sale: role: customer there leaves out the steps off the way to it.")


def _in_the_end(result: Bottleneck) -> str:
    """Where losses take another time, the decided are not all who come: their conversions are told beside."""
    ends = [
        f"{step.name} {text(step.conversion_eventual, 'rate')}"
        for step in result.steps
        if step.conversion_eventual is not None and not step.off_the_way
    ]
    return f" Of all, in the end, as days and days_lost let the counts tell: {', '.join(ends)}." if ends else ""


def _how_to_hold(result: Bottleneck) -> Iterator[Note]:
    """What would tell the bottleneck: something to hold the steps against."""
    said = "No targets: ranked by conversion alone, and a low one need not be what holds the funnel back."
    first = next(iter(result.ranked), None)
    if len([step for step in result.steps if not step.off_the_way]) == 1:
        said = "No target: a low conversion need not be what holds the funnel back."
    if result.best_of is not None:
        best = f"best:{result.best_of}"
        command = f"funnelcli bottleneck {quote(result.file or 'FILE')} --against {quote(best)}"
        yield Note(f"{said} To rank by money, hold the steps against the best {result.best_of}: {command}")
    elif first is not None and first.conversion_decided is not None:
        aim = text(aim_above(first.conversion_decided), "brief_rate")
        yield Note(f"{said} To rank by money, write what you aim at, e.g. target: {aim} at {first.name}.")
