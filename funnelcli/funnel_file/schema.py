"""One table of keys: what a funnel file may say. The reader, the JSON Schema and the README's tables come from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.funnel_file import moments, scalars

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ROLES = ("impression", "click", "lead", "customer")
ORDERS = ("ordered", "strict", "any")
ENTRIES = ("any", "first", "last")
PERIODS = ("hour", "day", "week", "month", "quarter")
EPOCHS = ("seconds", "milliseconds", "microseconds")


class Field(NamedTuple):
    """A key: how its value is read (`kind`), what it means, and an example as it stands in a file.

    `kind` names a parser of `PARSERS`, or a structure that the reader knows (`stages`, `breakdowns`, …).
    """

    key: str
    kind: str
    value: str
    meaning: str
    example: str


PARSERS: dict[str, Callable[[str, bool], Any]] = {
    "text": scalars.text,
    "label": scalars.label,
    "count": scalars.count,
    "whole": scalars.whole,
    "money": scalars.money,
    "number": scalars.number,
    "share": scalars.share,
    "target": scalars.target,
    "conversion": scalars.conversion,
    "flag": scalars.flag,
    "role": scalars.choice(ROLES),
    "order": scalars.choice(ORDERS),
    "entry": scalars.choice(ENTRIES),
    "period": scalars.choice(PERIODS),
    "epoch": scalars.choice(EPOCHS),
    "duration": moments.duration,
}
"""How a scalar of each kind is read: text and whether it was plain, to a value or a `Problem`."""

FUNNEL = (
    Field("name", "label", "text", "what the funnel is called; default: the file's stem", "name: Invoices"),
    Field("description", "text", "text", "free text about the funnel", "description: Sent against paid"),
    Field("period", "label", "text", "the time the counts are for", "period: 2026-10"),
    Field(
        "currency",
        "label",
        "text",
        "ISO 4217 code or symbol, shown with money, which then has its decimals",
        "currency: EUR",
    ),
    Field(
        "stages",
        "stages",
        "list of stages, or mapping name -> count",
        "the levels in order, at least two, names unique",
        "stages: {Invoice sent: 100, Paid: 50}",
    ),
    Field(
        "average_check",
        "money",
        "money",
        "money of one sale (average order value), at the stage with the role `customer`, else at the last stage; "
        "default: the mean of a breakdown in which all segments have one",
        "average_check: 10000",
    ),
    Field(
        "budget",
        "money",
        "money",
        "fixed spend of the period; default: the sum of the first breakdown in which all segments have one, and the "
        "output says so",
        "budget: 60000",
    ),
    Field(
        "gross_margin",
        "share",
        "rate",
        "share of revenue left after cost of goods; default 100%, and the output says so",
        "gross_margin: 35%",
    ),
    Field(
        "spend_elasticity",
        "number",
        "number >= 0",
        "% more entries for 1% more budget, as a power law; default 1 (proportional), and the output says so",
        "spend_elasticity: 0.5",
    ),
    Field(
        "referral",
        "referral",
        "`{from, brings, to}`",
        "each unit at stage `from` brings `brings` new units at stage `to`",
        "referral: {from: Sales, brings: 0.2, to: Leads}",
    ),
    Field(
        "breakdowns",
        "breakdowns",
        "dimension -> segment -> counts",
        "the same funnel by channel, manager, period, …",
        "breakdowns: {channel: {Ads: [60, 30], SEO: [40, 20]}}",
    ),
    Field(
        "scenarios",
        "scenarios",
        "name -> selector -> change",
        "named what-ifs",
        "scenarios: {Better scripts: {conversion@Paid: +10pp}}",
    ),
    Field("checks", "checks", "list of text", "limits that `check` enforces", "checks: [conversion@Paid >= 45%]"),
    Field("measure", "measure", "mapping", "where counts come from, for `measure`", "measure: {table: events}"),
    Field("measured", "measured", "mapping", "what `measure` notes beside the counts", "measured: {events: 20000}"),
)
"""Keys of a funnel."""

STAGE = (
    Field("name", "label", "text", "what the stage is called", "name: Paid"),
    Field("count", "count", "number >= 0", "units that reached the stage in the period", "count: 50"),
    Field(
        "conversion",
        "conversion",
        "rate",
        "instead of `count`: step conversion from the stage before; `8% to 12%` is a 90% range",
        "conversion: 12%",
    ),
    Field("from", "label", "stage name", "the stage it converts from; default the one before", "from: Visitors"),
    Field("target", "target", "rate", "the step conversion that is aimed at", "target: 60%"),
    Field("average_check", "money", "money", "money brought by one unit that reaches this stage", "average_check: 90"),
    Field("revenue", "money", "money", "instead of `average_check`: the stage's total", "revenue: 4500"),
    Field("cost", "money", "money", "variable cost of one unit that reaches the stage", "cost: 12.5"),
    Field("days", "number", "number >= 0", "mean time from the stage it comes from", "days: 3.5"),
    Field("open", "whole", "whole number >= 0", "units that sit in the stage now, for `forecast`", "open: 14"),
    Field(
        "close_chance",
        "share",
        "rate",
        "with `open`: chance that a unit here becomes a sale; default the conversions from here on (where units grow "
        "on the way, these are sales per open unit, and no chance)",
        "close_chance: 40%",
    ),
    Field(
        "role",
        "role",
        "`impression`, `click`, `lead`, `customer`",
        "lets money be named CPM, CPC, CPL, CAC",
        "role: lead",
    ),
    Field("allow_growth", "flag", "true/false", "the count may exceed the one it comes from", "allow_growth: true"),
    Field("when", "when", "column -> value", "which events reach the stage, for `measure`", "when: {event: paid}"),
)
"""Keys of a stage."""

SEGMENT = (
    Field("counts", "counts", "list, or stage name -> count", "counts in stage order", "counts: [2000, 120, 10]"),
    Field(
        "budget",
        "money",
        "money",
        "fixed spend on the segment, 0 where nothing is spent; without one beside others, its profit is not known",
        "budget: 60000",
    ),
    Field(
        "average_check",
        "money",
        "money",
        "average check of the segment's sales, where no other stage brings money",
        "average_check: 90",
    ),
    Field("gross_margin", "share", "rate", "gross margin of the segment", "gross_margin: 35%"),
)
"""Keys of a breakdown's segment, when it is more than a list of counts."""

REFERRAL = (
    Field("from", "label", "stage name", "the stage whose units bring others", "from: Sales"),
    Field("brings", "number", "number >= 0", "new units that each of them brings", "brings: 0.2"),
    Field("to", "label", "stage name", "the stage at which the new units arrive", "to: Leads"),
)
"""Keys of a referral."""

MEASURE = (
    Field("table", "label", "text", "table of events", "table: events"),
    Field("unit", "label", "column", "who passes the funnel", "unit: user_id"),
    Field("time", "label", "column", "when the event happened", "time: created_at"),
    Field("window", "duration", "duration", "how long a unit has from its entry, end included", "window: 7 days"),
    Field(
        "order",
        "order",
        "`ordered`, `strict`, `any`",
        "others may lie between two stages, none may, or after the entry any order will do",
        "order: ordered",
    ),
    Field(
        "between",
        "moments",
        "list of two dates",
        "entries of this interval, the second date excluded",
        'between: ["2026-10-01", "2026-11-01"]',
    ),
    Field(
        "breakdowns",
        "columns",
        "dimension -> column",
        "segments by a column of the entry",
        "breakdowns: {channel: utm}",
    ),
    Field("exclude", "when", "column -> value", "events that end a chain", "exclude: {event: refund}"),
    Field(
        "id",
        "label",
        "column",
        "tells one event from another; default: rows that are alike in every column are one event",
        "id: event_id",
    ),
    Field(
        "epoch",
        "epoch",
        "`seconds`, `milliseconds`, `microseconds`",
        "what a `time` that is a number counts, from 1970 on",
        "epoch: milliseconds",
    ),
    Field(
        "period",
        "period",
        "`hour`, `day`, `week`, `month`, `quarter`",
        "cohorts by the time of the entry, in UTC, as the breakdown `period`",
        "period: week",
    ),
    Field(
        "entry",
        "entry",
        "`any`, `first`, `last`",
        "the entries of a unit that count: all, which is the default, or its first or last of the interval alone",
        "entry: first",
    ),
)
"""Keys of `measure`."""

MEASURED = (
    Field("source", "label", "text", "where the events were", "source: events.parquet"),
    Field("table", "label", "text", "the table they were in", "table: events"),
    Field(
        "between", "moments", "list of two dates", "entries of this interval", 'between: ["2026-10-01", "2026-11-01"]'
    ),
    Field("events", "whole", "whole number >= 0", "events that were read", "events: 20000"),
    Field("units", "whole", "whole number >= 0", "units that entered", "units: 1200"),
    Field("without_unit", "whole", "whole number >= 0", "events left out, as they have no unit", "without_unit: 3"),
    Field("without_time", "whole", "whole number >= 0", "events left out, as they have no time", "without_time: 1"),
    Field("duplicates", "whole", "whole number >= 0", "events that came twice and count once", "duplicates: 12"),
    Field("until", "label", "text", "the last event", 'until: "2026-11-01T00:00:00Z"'),
    Field("moment", "label", "text", "when it was measured", 'moment: "2026-11-02T08:00:00Z"'),
    Field(
        "not_mature",
        "names",
        "list of text",
        "cohorts whose units may still go on",
        'not_mature: ["2026-W43", "2026-W44"]',
    ),
    Field(
        "median_days",
        "medians",
        "stage -> number",
        "median time from the stage it comes from; `days` is the mean",
        "median_days: {Paid: 2.5}",
    ),
    Field(
        "counted_again",
        "surpluses",
        "dimension -> list",
        "what segments add up to beyond the stages, as units have entries in several",
        "counted_again: {channel: [120, 34, 4]}",
    ),
    Field("after_now", "whole", "whole number >= 0", "events dated after the moment of measuring", "after_now: 1"),
)
"""Keys of `measured`."""
