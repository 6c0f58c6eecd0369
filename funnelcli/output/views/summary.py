"""What `show` says of a funnel at a glance: one table, the verdict in a sentence, and the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import joined
from funnelcli.output.document import Block, Column, KeyValues, Note, Table
from funnelcli.output.numbers import brief_rate, text, visible
from funnelcli.output.views import conversion
from funnelcli.output.views.bottleneck_words import short
from funnelcli.output.views.building import bars, came_from, has_open, is_chain, known, only, sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.summary import ShownFunnel


def blocks(summary: ShownFunnel) -> Iterator[Block]:
    """The table, which step holds the funnel back, what it brings, and what is told elsewhere."""
    result = summary.conversion
    yield _table(result)
    yield from short(summary.verdict)
    yield totals(summary)
    yield from conversion.remarks(result, segments=False)
    yield from _more(result)


def totals(summary: ShownFunnel) -> KeyValues:
    """The figures of the whole funnel, with what its revenue leaves."""
    found = conversion.totals(summary.conversion)
    if summary.profit is None:
        return found
    return KeyValues((*found.pairs, ("Profit", text(summary.profit, "money", summary.currency))))


def _table(result: FunnelConversion) -> Table:
    """Count, conversion with its interval, and what each stage brings."""
    chain = is_chain(result.stages)
    of = "previous" if chain else "“From”"

    def is_step(stage: Any) -> bool:
        return stage.from_ is not None

    now, key = Column(f"% of\n{of}", "conversion", "rate"), "conversion"
    shown: tuple[Column, ...] = (now,)
    if result.awaits and any(stage.conversion_eventual is not None for stage in result.stages):
        shown, key = (
            (now._replace(spare=1), Column("% in\nthe end", "conversion_eventual", "rate")),
            "conversion_eventual",
        )
    elif not result.awaits and has_open(result.stages):
        shown, key = (
            (now._replace(spare=1), Column("% of\ndecided", "conversion_decided", "rate")),
            "conversion_decided",
        )
    money = sum(stage.revenue is not None for stage in result.stages) > 1
    columns = (
        Column("Stage", "name", "text"),
        *came_from(chain),
        bars(),
        Column("Count", "count", "count"),
        *only(is_step, *shown, Column(f"{brief_rate(result.confidence)}\ninterval", key, "interval")),
        Column("% of\nentry", "overall_conversion", "rate", spare=1),
        *only(is_step, Column("Drop-off", "drop_off", "count", spare=4)),
        *(only(lambda stage: stage.revenue is not None, _REVENUE) if money else ()),
    )
    told = columns if result.lost_unplaced is None else known(result.stages, *columns)
    return table(result.stages, told)


_REVENUE = Column("Revenue", "revenue", "money", spare=2)


def _more(result: FunnelConversion) -> Iterator[Note]:
    """What a reader of a measured funnel would miss."""
    measured = result.measured
    if measured is None:
        return
    names = [visible(breakdown.dimension) for breakdown in measured.breakdowns or ()]
    more = ["the times of the steps"] if any(stage.days is not None for stage in result.stages) else []
    more += [f"the segments of {joined(names)}"] if names else []
    if more:
        yield Note(f"{sentence(joined(more))}: --full.")
