"""What `bottleneck` says of a funnel: the verdict in plain words first, then the steps."""

from __future__ import annotations

from fractions import Fraction
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal

from funnelcli.analyses.ends import tells_no_rate
from funnelcli.diagnostics import joined, spanned
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, Note, Table
from funnelcli.output.numbers import judged, text, visible
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
    so_many_sales,
    table,
    the_sale,
    verdict,
    via,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.bottleneck import Bottleneck, Step
    from funnelcli.exact import Exact

MOST_NAMED = 8
"""Steps of a tie that are named in its sentence."""


def blocks(result: Bottleneck) -> Iterator[Block]:
    """The verdict, the table of steps, and what to mind."""
    yield verdict(_verdict(result))
    yield from amounts_note(tuple(cut for each in (result, *result.segments) for cut in each.cut))
    steps = _table(result)
    if len(steps.columns) > 1:
        yield steps
    if result.segments:
        yield _segments(result)
    yield from _remarks(result)
    if result.folded:
        yield Note(f"{result.folded:,} more segments are left out; --top N shows more of them.")


def _verdict(result: Bottleneck) -> str:
    steps = {step.name: step for step in result.steps}
    if result.tied:
        return _tie([steps[name] for name in result.tied], result)
    if result.named is None:
        return _no_verdict(result)
    step = steps[result.named]
    if result.bottleneck is None:
        chance = _chance(step, " (chance that it is really the lowest: ")
        return f"Lowest conversion: {step.name}{chance}. {_passed(step, result)}."
    rate = step.conversion_decided
    return (
        f"Bottleneck: {step.name}{_chance(step, f' (chance that {_meaning(result)}: ')}. Closing its gap, from "
        f"{judged(rate, step.target, 'brief_rate')} to the {_word(result)} of "
        f"{judged(step.target, rate, 'brief_rate')}, would bring {_gain(step, result)}."
    )


def _meaning(result: Bottleneck) -> str:
    """What the chance of a step held against a reference is of; of a single step that there is a gap at all."""
    alone = sum(each.chance_weakest is not None for each in result.steps) == 1
    return f"it is really below the {_word(result)}" if alone else "it has the most to gain"


def _no_verdict(result: Bottleneck) -> str:
    """Why no step is named: the stages are empty, nothing is to be gained, nothing to compare, or no chances."""
    by_reference = result.reference != "none"
    competing = [step for step in result.steps if not step.off_the_way]
    held = [step for step in competing if not by_reference or step.target is not None]
    known = [step for step in held if step.conversion_decided is not None]
    if result.lost_unplaced is not None:
        return "No verdict: at which stage units were lost is not known."
    if result.in_the_end is False:
        return "No verdict: nobody was followed for the whole window yet."
    if not known:
        return f"No verdict: {'all units are still open' if result.undecided else 'the stages are empty'}."
    if not result.ranked:
        if by_reference:
            return f"No bottleneck: every step with a {_word(result)} reaches it."
        return "No bottleneck: nobody is lost at any step."
    first = result.ranked[0]
    if not by_reference and len(known) == 1:
        only = "" if len(competing) == 1 else " out of a stage that is not empty"
        rate = text(first.conversion_decided, "brief_rate")
        way = f"the way to {the_sale(result)}"
        return f"The only step on {way}{only} is {first.name} ({rate}): there is nothing to compare it with."
    reads = "has the most to gain" if by_reference else "is the lowest"
    return f"No verdict: {_why_no_chances(result)} As it reads, {first.name} {reads}: {_passed(first, result)}."


def _passed(step: Step, result: Bottleneck) -> str:
    if result.in_the_end:
        return f"{text(step.conversion_decided, 'brief_rate')} of {step.from_} get there in the end"
    of = step.from_ if step.conversion == step.conversion_decided else f"the decided of {step.from_}"
    return f"{text(step.conversion_decided, 'brief_rate')} of {of} get there"


def _why_no_chances(result: Bottleneck) -> str:
    if result.unmet:
        return f"{tells_no_rate(result.unmet)}."
    if any(
        step.conversion_decided_low is None
        for step in result.steps
        if not step.off_the_way
        and step.conversion_decided is not None
        and (step.target is not None or result.reference == "none")
    ):
        return "no chances can be given without whole counts that do not grow, at every step that competes."
    return "no chances can be given for so many steps, or units."


def _word(result: Bottleneck) -> str:
    return {"baseline": "baseline", "segment": "best segment"}.get(result.reference, "target")


def _gain(step: Step, result: Bottleneck) -> str:
    if step.headroom_revenue is None and step.headroom_sales is None:
        return f"the first units through; how many {figure_word('sales', result)} that makes is unknown"
    currency = result.currency
    sales = f"{so_many_sales(text(step.headroom_sales, 'count_change'), result)}{_range(step, 'sales')}"
    if step.headroom_revenue is None:
        return sales
    revenue = f"{text(step.headroom_revenue, 'money_change', currency)} revenue"
    return f"{sales} and {revenue}" if step.headroom_sales else f"{revenue}{_range(step, 'revenue', currency)}"


def _range(step: Step, of: Literal["sales", "revenue"], currency: str | None = None) -> str:
    """The range of a headroom, in brackets, where it is known."""
    column = _ranges("")[of]
    ends = column.of(step)
    return "" if ends is None else f" (80% range {text(ends, column.kind, currency)})"


def _ranges(sales: str) -> dict[str, Column]:
    return {
        "sales": Column(f"80% range,\n{sales}", "headroom_sales", "count_change_interval"),
        "revenue": Column("80% range,\nrevenue", "headroom_revenue", "money_change_interval"),
    }


def _chance(step: Step, before: str) -> str:
    return "" if step.chance_weakest is None else f"{before}{text(step.chance_weakest, 'chance')})"


def _tie(tied: list[Step], result: Bottleneck) -> str:
    if len(tied) == 1 and result.reference != "none":
        step = tied[0]
        target = judged(step.target, step.conversion_decided, "brief_rate")
        chance = _chance(step, f", but these counts leave it open (chance that {_meaning(result)}: ")
        return f"No verdict: {step.name} reads below its {_word(result)} of {target}{chance}."
    named = [f"{step.name}{_chance(step, ' (')}" for step in tied[:MOST_NAMED]]
    if len(tied) > MOST_NAMED:
        named.append(f"{len(tied) - MOST_NAMED:,} more")
    said = f"No verdict, a tie: {joined(named)} cannot be told apart with these counts"
    if tied[0].chance_weakest is not None:
        what = "be the lowest" if result.reference == "none" else "have the most to gain"
        said += f"; in brackets, the chance of each to {what}"
    return f"{said}."


def _table(result: Bottleneck) -> Table:
    by_reference = result.reference != "none"
    chain = is_chain(result.steps)

    def chance(step: Step) -> Any:
        if step.off_the_way:
            return Cell("off the way", "text")
        return BLANK if by_reference and step.target is None else step.chance_weakest

    own = (Column("which is", "target_from", "text"),) if result.reference == "segment" else ()
    step, interval = conversion(chain, result.confidence, decided=has_open(result.steps))
    if result.in_the_end:
        step = step._replace(header=in_the_end(chain, result.confidence)[0].header)
    so_far = ",\nso far" if result.in_the_end else ""
    aims = (_reference(result), *own, *_headroom(result.steps, result))
    columns = (
        Column("Step", "name", "text"),
        *came_from(chain),
        step._replace(value=_held),
        interval,
        *(only(lambda step: step.target is not None, *aims) if by_reference else ()),
        Column("Most to gain,\nchance" if by_reference else "Lowest,\nchance", "chance_weakest", "chance", chance),
        Column(f"Drop-off{so_far}", "drop_off", "count"),
        *known(
            result.steps,
            Column("% of losses,\nso far" if so_far else "% of all\nlosses", "loss_share", "rate"),
            Column("+1 pp brings,\nrevenue", "revenue_per_point", "money_change"),
            Column("Time", "days", "duration"),
        ),
    )
    ranked = result.ranked
    told = columns if result.lost_unplaced is None else known(result.steps, *columns)
    return table([*ranked, *(step for step in result.steps if step not in ranked)], told)


def _held(step: Step) -> Cell:
    """The conversion that is held against the reference: of the decided, where units are open."""
    return Cell(step.conversion_decided, "rate", border=step.target)


def _reference(result: Bottleneck) -> Column:
    word = _word(result).capitalize()
    return Column(word, "target", "rate", lambda step: Cell(step.target, "rate", border=step.conversion_decided))


def _headroom(steps: Sequence[Step], result: Bottleneck) -> Iterator[Column]:
    """The headroom, and its range: of the sales, or where only revenue is to be gained, of that."""
    sales = figure_word("sales", result)
    ranges, money = _ranges(sales), Column("Headroom,\nrevenue", "headroom_revenue", "money_change")
    yield Column(f"Headroom,\n{sales}", "headroom_sales", "count_change")
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
        Column("Conversion", "conversion", "rate", _held),
        *(
            (_reference(result), *_headroom([step for each in result.segments for step in each.steps], result))
            if by_reference
            else ()
        ),
        Column("Chance", "chance_weakest", "chance"),
    )
    columns = (
        Column(result.dimension or "", "name", "text"),
        Column("Bottleneck" if by_reference else "Lowest conversion", "bottleneck", "text", named),
        *via(step, *figures),
    )
    return table(result.segments, columns, f"By {result.dimension}")


def _remarks(result: Bottleneck) -> Iterator[Note]:
    if result.no_best_of is not None:
        instead = {"target": ": the targets of the file are held instead", "none": ""}.get(result.reference, "")
        yield warning(
            f"No segment of {visible(result.no_best_of)} is better than the whole by more than chance, so the best of "
            f"them is no reference{instead}. More units would tell smaller differences."
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
        said = f"Units are still open before {joined(result.undecided)}"
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
        yield Note(f"{first.name} reads worse, but on too few units to say so.")
    lacking = [step.name for step in result.steps if step.target is None and not step.off_the_way]
    if result.reference == "none":
        yield from _how_to_hold(result)
    elif lacking and result.reference == "segment":
        yield Note(f"Not ranked, as the segments do not differ there by more than chance: {', '.join(lacking)}.")
    elif lacking:
        yield Note(f"Without a {_word(result)}, so not ranked: {', '.join(lacking)}.")
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
        aim = text(_somewhat_above(first.conversion_decided), "brief_rate")
        yield Note(f"{said} To rank by money, write what you aim at, e.g. target: {aim} at {first.name}.")


def _somewhat_above(rate: Exact) -> Fraction:
    """A tenth more, in two digits, and no more than half of what is missing: a target as people write them."""
    aim = min(rate * Fraction(11, 10), (1 + Fraction(rate)) / 2)
    digits = Fraction(1, 100)
    while 0 < aim < 10 * digits:
        digits /= 10
    return -(-aim // digits) * digits if aim else Fraction(1, 100)
