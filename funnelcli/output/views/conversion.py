"""What `show` says of a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.ends import tells_no_rate
from funnelcli.analyses.measurement import later_than
from funnelcli.analyses.times import in_days
from funnelcli.exact import ratio
from funnelcli.output.csv import fields
from funnelcli.output.document import Block, Column, KeyValues, Note, Table
from funnelcli.output.numbers import brief_rate, text
from funnelcli.output.views.building import (
    bars,
    came_from,
    conversion,
    counts,
    cut_words,
    end_words,
    has_open,
    hidden_steps,
    in_the_end,
    is_chain,
    known,
    median_way,
    not_over,
    now_and_end,
    on_average,
    only,
    range_words,
    sentence,
    table,
    warning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.measurement import Measurement
    from funnelcli.analyses.times import Time

MOST_SEGMENTS = 30
"""Segments of a dimension that are shown; `show --by` shows all of them, and tests them."""


def blocks(result: FunnelConversion) -> Iterator[Block]:
    """The conversion table with every column, and the figures of the whole funnel."""
    yield every_column(result)
    yield totals(result)
    yield from remarks(result)


def remarks(result: FunnelConversion, segments: bool = True) -> Iterator[Block]:
    """What stands below the figures: where the counts come from, with the `segments` that were measured."""
    yield from hidden_steps(result.lost_unplaced)
    if result.measured is not None:
        yield from _measured(result, result.measured, segments)
    yield from (Note(f"{sentence(said)}.") for said in result.notes)
    if result.variation is not None and result.variation.basis != "constant":
        from funnelcli.output.views import variation  # most funnels have no periods

        yield variation.note(result.variation, "intervals")


def every_column(result: FunnelConversion) -> Table:
    """The table of the stages."""
    chain = is_chain(result.stages)
    money = sum(stage.revenue is not None for stage in result.stages) > 1
    timed = result.measured is not None and any(stage.days is not None for stage in result.stages)

    def is_step(stage: Any) -> bool:
        return stage.from_ is not None

    losses = (Column("% of all\nlosses", "loss_share", "rate"),) if chain else ()
    earned = (Column("Average\ncheck", "average_check", "money"), Column("Revenue", "revenue", "money"))
    times = (
        Column("Mean\ntime", "days", "duration"),
        Column("Median\ntime", "median_days", "duration"),
        *known(result.stages, Column("90%\nwithin", "p90_days", "duration")),
    )
    columns = (
        Column("Stage", "name", "text"),
        *came_from(chain),
        bars(),
        Column("Count", "count", "count"),
        *only(is_step, *conversion(chain, result.confidence)),
        *only(is_step, *_another(result, chain)),
        Column("% of\nentry", "overall_conversion", "rate"),
        Column("1:N", "one_in", "one_in"),
        *only(is_step, Column("Drop-off", "drop_off", "count"), *losses),
        *(only(lambda stage: stage.revenue is not None, *earned) if money else ()),
        *(only(is_step, *times) if timed else ()),
    )
    return table(result.stages, columns if result.lost_unplaced is None else known(result.stages, *columns))


def _another(result: FunnelConversion, chain: bool) -> tuple[Column, ...]:
    """The conversion in the end, or else that of the decided, where it is another one than that of now."""
    if result.awaits:
        known_yet = any(stage.conversion_eventual is not None for stage in result.stages)
        return in_the_end(result.confidence) if known_yet else ()
    return conversion(chain, result.confidence, decided=True) if has_open(result.stages) else ()


def csv_rows(result: FunnelConversion) -> Iterator[dict[str, Any]]:
    """One row a stage; of a measured funnel then one a segment and stage."""
    noted = result.measured
    facts: dict[str, Any] = {}
    if noted is not None:
        facts = (
            {"dimension": None, "segment": None}
            | fields(noted)
            | {
                "not_mature": "; ".join(noted.not_mature),
                "unmet": "; ".join(noted.unmet),
                "cut": cut_words(noted.cut),
            }
        )
        facts |= {"table": facts.pop("table")}  # which came later
    by = {"recipe": facts.pop("recipe")} if facts else {}  # which came last
    for stage in result.stages:
        own = fields(stage, "stage")
        later = {key: own.pop(key) for key in list(own) if key.startswith("conversion_decided")}
        last = {key: own.pop(key) for key in list(own) if key.startswith(("conversion_eventual", "followed", "p90"))}
        final = {key: own.pop(key) for key in list(own) if key.startswith("conversion_final")}
        yield own | facts | later | by | last | final  # which came later than the facts
    for breakdown in (noted.breakdowns or ()) if noted is not None else ():
        for segment in breakdown.segments:
            own = facts | by | {"dimension": breakdown.dimension, "segment": segment.name}
            for stage, count, rate in zip(result.stages, segment.counts, segment.conversions, strict=True):
                figures = {"count": count, "conversion": rate, "overall_conversion": ratio(count, segment.counts[0])}
                yield {"stage": stage.name, "from": stage.from_} | figures | own


def _measured(result: FunnelConversion, noted: Measurement, segments: bool) -> Iterator[Block]:
    """The segments that were measured, and out of how much."""
    for breakdown in noted.breakdowns or () if segments else ():
        name = breakdown.dimension
        columns = (
            Column(sentence(name), "name", "text"),
            *counts([stage.name for stage in result.stages]),
            Column("Overall,\n% of entry", "overall_conversion", "rate"),
            *median_way(breakdown.segments, result.sale_stage),
        )
        yield table(breakdown.segments[:MOST_SEGMENTS], columns, f"By {name}")
        more = len(breakdown.segments) - MOST_SEGMENTS
        if more > 0:
            yield Note(f"{more:,} more of {name} are not shown here.")
        if any(breakdown.counted_again):
            yield Note("The segments add up to more than the stages: who entered in several counts in each.")
    yield Note(f"{'Measured' if noted.recipe is None else 'Imported'}{_origin(noted)}.")
    if noted.unmet:
        yield warning(f"{sentence(tells_no_rate(noted.unmet))}.")
    if noted.not_mature:
        yield Note(f"{not_over(noted.not_mature, noted.no_window, result.name)}.")
    if noted.cut:
        yield Note(f"Not whole: {cut_words(noted.cut)}.")


def _origin(noted: Measurement) -> str:
    """From where and out of how much, in one sentence."""
    said = f" from {noted.source}" if noted.source else ""
    said += f", by the recipe {noted.recipe}" if noted.recipe else ""
    if noted.events is not None and noted.units is not None:
        said += f": {noted.events:,} events, {noted.units:,} entered"
    said += f", until {noted.until}" if noted.until else ""
    said += f"; entries {_interval(*noted.between)}" if noted.between else ""
    later = later_than(noted.mature_before or "")
    aside = (
        (noted.duplicates, "{:,} that came again"),
        (noted.without_unit, "{:,} without a unit"),
        (noted.without_time, "{:,} without a time"),
        (noted.excluded_units, "{:,} who entered, by exclude_units"),
        (noted.open_units, f"entries {later} of {{:,}} who entered then, by --mature-only"),
    )
    left = [what.format(number) for number, what in aside if number]
    said += f"; not counted: {', '.join(left)}" if left else ""
    return f"{said}; counted, though dated after now: {noted.after_now:,}" if noted.after_now else said


def _interval(first: str, beyond: str) -> str:
    """From when to when entries count: of dates to the last day that does."""
    if len(first) == len(beyond) == len("2026-10-01"):
        from datetime import date, timedelta  # few files have an interval

        return f"{first} to {date.fromisoformat(beyond) - timedelta(days=1)}"
    return f"from {first} to before {beyond}"


def _time(time: Time) -> str:
    """How long the whole way takes, in words."""
    median, p90, mean = (text(in_days(each), "duration") for each in (time.p50, time.p90, time.mean))
    return f"half within {median}, 90% within {p90}; mean {mean}"


def _end(result: FunnelConversion) -> str:
    """What is now and what is expected in the end, with that rate's interval, which may begin below the former."""
    said = end_words(result.overall_conversion, result, result.window_days)
    if result.conversion_eventual_low is None:
        return said
    bounds = (result.conversion_eventual_low, result.conversion_eventual_high)
    return f"{said}, {brief_rate(result.confidence)} interval {text(bounds, 'interval')}"


def totals(result: FunnelConversion) -> KeyValues:
    """The figures of the whole funnel."""
    overall = f"{text(result.overall_conversion, 'rate')}, {text(result.one_in, 'one_in')}"
    if result.overall_conversion_low is not None:
        bounds = (result.overall_conversion_low, result.overall_conversion_high)
        overall += f", {brief_rate(result.confidence)} interval {text(bounds, 'interval')}"
    pairs = [(f"Overall, to {result.sale_stage}", overall)]
    if result.awaits and not (result.conversion_eventual is None and result.conversion_eventual_so_far is None):
        pairs.append(("In the end", _end(result)))
    elif not result.awaits and result.overall_conversion_decided != result.overall_conversion:
        decided = text(result.overall_conversion_decided, "rate")
        if result.overall_conversion_decided_low is not None:
            bounds = (result.overall_conversion_decided_low, result.overall_conversion_decided_high)
            decided += f", {brief_rate(result.confidence)} interval {text(bounds, 'interval')}"
        pairs.append(("Overall, of the decided", decided))
    if result.time is not None:
        pairs.append(
            (f"Time, to {result.sale_stage}", _time(result.time) + "; of those who came so far" * result.awaits)
        )
    if result.revenue is not None:
        if result.open_at or result.awaits:
            pairs.append(("Revenue", now_and_end(result)))
            pairs.extend(on_average(result, "Revenue", "revenue"))
        else:
            reach = range_words(result.revenue_low, result.revenue_high, "money", result.currency)
            reach += " for the mean of such periods" if reach else ""
            pairs.append(("Revenue", f"{text(result.revenue, 'money', result.currency)}{reach}"))
        pairs.append(("Value per entry", text(result.value_per_entry, "money", result.currency)))
    if result.referral_multiplier is not None:
        pairs.append(("Referral multiplier", text(result.referral_multiplier, "number")))
    return KeyValues(tuple(pairs))
