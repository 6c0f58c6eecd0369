"""The verdict on the steps of a funnel in words: in full as `bottleneck` has it, and in short as `show` has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from funnelcli.analyses.ends import tells_no_rate
from funnelcli.analyses.reference import aim_above
from funnelcli.diagnostics import joined
from funnelcli.output.document import Column, Note
from funnelcli.output.numbers import judged, text
from funnelcli.output.views.building import figure_word, first_of, so_many_sales, the_sale, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.bottleneck import Bottleneck, Step


def said(result: Bottleneck) -> str:
    """The sentence in full."""
    steps = {step.name: step for step in result.steps}
    if result.tied:
        return _tie([steps[name] for name in result.tied], result)
    if result.named is None:
        return _no_verdict(result)
    step = steps[result.named]
    if result.bottleneck is None:
        chance = _chance(step, " (chance that it is really the lowest: ")
        return f"Lowest conversion: {step.name}{chance}. {_passed(step, result)}."
    return f"{named(result, step)} Closing its gap, {_gap(result, step)}, would bring {_gain(step, result)}."


def named(result: Bottleneck, step: Step) -> str:
    """The bottleneck and its chance."""
    return f"Bottleneck: {step.name}{_chance(step, f' (chance that {_meaning(result)}: ')}."


def to_do(result: Bottleneck, step: Step) -> str:
    """What closing the gap of the bottleneck would bring."""
    return f"Close the gap of {step.name}, {_gap(result, step)}: that would bring {_gain(step, result)}."


def _gap(result: Bottleneck, step: Step) -> str:
    rate, aim = step.conversion_decided, step.target
    return (
        f"from {judged(rate, aim, 'brief_rate')} to the {reference_word(result)} of {judged(aim, rate, 'brief_rate')}"
    )


def in_a_line(result: Bottleneck) -> str | None:
    """The verdict as it stands below a title; `None` where no step is named."""
    step = next((step for step in result.steps if step.name == result.named), None)
    if step is None:
        return None
    rate = judged(step.conversion_decided, step.target, "brief_rate")
    if result.bottleneck is None:
        return f"Lowest conversion: {step.name}, {rate}"
    aim = judged(step.target, step.conversion_decided, "brief_rate")
    return f"Bottleneck: {step.name}, {rate} against the {reference_word(result)} of {aim}"


def what_tells(result: Bottleneck) -> str:
    """What would tell which step to work on, where none is named against anything."""
    if result.tied and result.reference != "none":
        return f"Count for longer: that tells whether to work on {joined(result.tied, 'or')}."
    if result.unmet or result.in_the_end is False or result.lost_unplaced is not None:
        return "Nothing can be told yet: what is counted does not show which step holds the funnel back."
    if result.reference != "none":
        return f"Set a higher {reference_word(result)}: none of the present ones names a step to work on."
    first = next((step for step in result.ranked if step.conversion_decided), None)
    if first is None or first.conversion_decided is None:
        return "Nothing can be told yet: count for longer."
    aim = text(aim_above(first.conversion_decided), "brief_rate")
    earlier = "or give the report an earlier period, --baseline FILE"
    return f"Say what you aim at, to see which step brings most: e.g. target: {aim} at {first.name}, {earlier}."


def unranked(result: Bottleneck) -> Iterator[Note]:
    """The steps on the way that have nothing to be held against."""
    lacking = [step for step in result.steps if step.target is None and not step.off_the_way]
    if result.reference == "none" or not lacking:
        return
    names = joined([step.name for step in lacking])
    if result.reference == "segment":
        yield Note(f"Not ranked, as the segments do not differ there by more than chance: {names}.")
    elif not (most := list(most_lost(result))):
        yield Note(f"Without a {reference_word(result)}, so not ranked: {names}.")
    else:
        others = [step.name for step in lacking if step is not _lossiest(result)]
        yield from most
        if others:
            yield Note(f"Nor are ranked, without a {reference_word(result)}: {joined(others)}.")


def most_lost(result: Bottleneck) -> Iterator[Note]:
    """The step where most are lost, if it is not ranked for want of a target, and what would rank it."""
    step = _lossiest(result)
    if result.reference != "target" or step is None or step.target is not None:
        return
    rate = step.conversion_decided
    if rate and rate < 1:
        aim = text(aim_above(rate), "brief_rate")
        yield Note(
            f"Most are lost at {step.name} ({text(rate, 'brief_rate')}), which is not ranked: it has no target, "
            f"such as {aim}."
        )


def _lossiest(result: Bottleneck) -> Step | None:
    """The step on the way where most are lost."""
    return max(
        (step for step in result.steps if not step.off_the_way), key=lambda step: step.drop_off or 0, default=None
    )


def short(result: Bottleneck) -> Iterator[Note]:
    """The same in one sentence; nothing where one step has no other to be compared with."""
    by_reference = result.reference != "none"
    if result.tied and (len(result.tied) > 1 or not by_reference):
        yield Note(f"{_untold(result)}{_named(result.tied)} are too close to each other with these counts.")
    elif result.lowest is not None:
        step = next(step for step in result.steps if step.name == result.lowest)
        chance = _chance(step, " (chance that it is really the lowest: ")
        yield verdict(f"Lowest conversion: {step.name}, {_passed(step, result, '')}{chance}.")
    elif result.named is not None:
        yield verdict(said(result))
    elif result.tied or by_reference or sum(not step.off_the_way for step in result.steps) > 1:
        yield Note(said(result).replace("No verdict: ", _untold(result)))
    yield from most_lost(result)


def _untold(result: Bottleneck) -> str:
    """What there is no verdict on, where no heading says it."""
    return f"Which step {'converts worst' if result.reference == 'none' else 'has the most to gain'} cannot be told: "


def _named(steps: Sequence[str]) -> str:
    return joined(first_of(steps))


def _meaning(result: Bottleneck) -> str:
    """What the chance of a step held against a reference is of; of a single step that there is a gap at all."""
    alone = sum(each.chance_weakest is not None for each in result.steps) == 1
    return f"it is really below the {reference_word(result)}" if alone else "it has the most to gain"


def _no_verdict(result: Bottleneck) -> str:
    """Why no step is named: the stages are empty, nothing is to be gained, nothing to compare, or no chances."""
    by_reference = result.reference != "none"
    competing = [step for step in result.steps if not step.off_the_way]
    held = [step for step in competing if not by_reference or step.target is not None]
    known = [step for step in held if step.conversion_decided is not None]
    if result.lost_unplaced is not None:
        return "No verdict: at which stage they were lost is not known."
    if result.in_the_end is False:
        return "No verdict: nobody was followed for the whole window yet."
    if not known:
        return f"No verdict: {'all are still open' if result.undecided else 'the stages are empty'}."
    if not result.ranked:
        if by_reference:
            return f"No bottleneck: every step with a {reference_word(result)} reaches it."
        return "No bottleneck: nobody is lost at any step."
    first = result.ranked[0]
    if not by_reference and len(known) == 1:
        only = "" if len(competing) == 1 else " out of a stage that is not empty"
        rate = text(first.conversion_decided, "brief_rate")
        way = f"the way to {the_sale(result)}"
        return f"The only step on {way}{only} is {first.name} ({rate}): there is nothing to compare it with."
    reads = "has the most to gain" if by_reference else "is the lowest"
    return f"No verdict: {_why_no_chances(result)} As it reads, {first.name} {reads}: {_passed(first, result)}."


def _passed(step: Step, result: Bottleneck, verb: str = " get there") -> str:
    if result.in_the_end:
        return f"{text(step.conversion_decided, 'brief_rate')} of {step.from_}{verb} in the end"
    of = step.from_ if step.conversion == step.conversion_decided else f"the decided of {step.from_}"
    return f"{text(step.conversion_decided, 'brief_rate')} of {of}{verb}"


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
    return "no chances can be given for so many steps, or so large counts."


def reference_word(result: Bottleneck) -> str:
    """What the steps are held against."""
    return {"baseline": "baseline", "segment": "best segment"}.get(result.reference, "target")


def _gain(step: Step, result: Bottleneck) -> str:
    if step.headroom_revenue is None and step.headroom_sales is None:
        return f"the first ones through; how many {figure_word('sales', result)} that makes is unknown"
    currency = result.currency
    sales = f"{so_many_sales(text(step.headroom_sales, 'count_change'), result)}{_range(step, 'sales')}"
    if step.headroom_revenue is None:
        return sales
    revenue = f"{text(step.headroom_revenue, 'money_change', currency)} revenue"
    return f"{sales} and {revenue}" if step.headroom_sales else f"{revenue}{_range(step, 'revenue', currency)}"


def _range(step: Step, of: Literal["sales", "revenue"], currency: str | None = None) -> str:
    """The range of a headroom, in brackets, where it is known."""
    column = headroom_ranges("")[of]
    ends = column.of(step)
    return "" if ends is None else f" (80% range {text(ends, column.kind, currency)})"


def headroom_ranges(sales: str) -> dict[str, Column]:
    """The columns of the ranges of a headroom."""
    return {
        "sales": Column(f"80% range,\n{sales}", "headroom_sales", "count_change_interval", spare=3),
        "revenue": Column("80% range,\nrevenue", "headroom_revenue", "money_change_interval", spare=3),
    }


def _chance(step: Step, before: str) -> str:
    return "" if step.chance_weakest is None else f"{before}{text(step.chance_weakest, 'chance')})"


def _tie(tied: list[Step], result: Bottleneck) -> str:
    if len(tied) == 1 and result.reference != "none":
        step = tied[0]
        target = judged(step.target, step.conversion_decided, "brief_rate")
        chance = _chance(step, f", but these counts leave it open (chance that {_meaning(result)}: ")
        return f"No verdict: {step.name} reads below its {reference_word(result)} of {target}{chance}."
    named = first_of([f"{step.name}{_chance(step, ' (')}" for step in tied])
    said = f"No verdict, a tie: {joined(named)} cannot be told apart with these counts"
    if tied[0].chance_weakest is not None:
        what = "be the lowest" if result.reference == "none" else "have the most to gain"
        said += f"; in brackets, the chance of each to {what}"
    return f"{said}."
