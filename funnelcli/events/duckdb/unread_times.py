"""Times of files that cannot be read: how many there are, and by which formats all of them are times."""
# ruff: noqa: S608  # names are quoted, and texts written as such

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.events.definition import FACTORS, NUMBER, TEXT
from funnelcli.events.duckdb.events_sql import clock, instant
from funnelcli.events.duckdb.types import kind_of, literal, name
from funnelcli.events.reach import too_many_misread
from funnelcli.events.written_times import formats_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.events.definition import Definition
    from funnelcli.events.duckdb.files import EventTable
    from funnelcli.events.reach import Reach

_END = 253_402_300_800_000_000
"""The year 10000 in microseconds since 1970: what is later, as a number, counts something else."""


def with_unread(
    definition: Definition, table: EventTable, reach: Reach, rows: Callable[[str], list[tuple[Any, ...]]]
) -> Reach:
    """What events without a time have in its place, by the rows of queries.

    A time of the year 9999, and a word such as N/A, stand for no time; what is written otherwise than it is read is
    `misread`.
    """
    x, text = f"TRIM(CAST({name(definition.time)} AS VARCHAR))", "x <> '' AND regexp_matches(x, '[0-9]')"
    kind = kind_of(table.types[definition.time])
    misread = "FALSE"
    if definition.time_format is not None or kind == TEXT:
        misread = f"{text} AND read_at IS NULL"
    elif kind == NUMBER:
        misread = f"x <> '' AND COALESCE(TRY_CAST(x AS DOUBLE) * {FACTORS[definition.epoch]} >= {_END}, TRUE)"
    read = instant(definition, table) if definition.time_format is not None or kind == TEXT else "NULL"
    times = f"(SELECT {x} AS x, {read} AS read_at, {clock(definition, table)} AS t FROM {table.sql}) AS e"
    other, wrong = "t IS NULL AND x <> ''", f"t IS NULL AND {misread}"
    counts = [f"{of} FILTER (WHERE {which})" for which in (other, wrong) for of in ("COUNT(*)", "MIN(x)")]
    query = f"SELECT {', '.join(counts)}, COUNT(*) FILTER (WHERE x <> '') FROM {times}"
    ((unread, any_sample, wrongly, sample, timed),) = rows(query)
    if kind == NUMBER and "." in (sample or ""):  # which its type adds
        sample = sample.rstrip("0").rstrip(".")
    reach = reach._replace(unreadable=unread, sample=sample or any_sample)
    if not wrongly:
        return reach
    reach = reach._replace(misread=wrongly, timed=timed)
    if definition.epoch is not None or sample is None or not (too_many_misread(reach) or reach.until is None):
        return reach
    forms = formats_of(sample)
    if not forms:
        return reach
    fails = ", ".join(f"COUNT(*) FILTER (WHERE TRY_STRPTIME(x, {literal(form)}) IS NULL)" for form in forms)
    (failed,) = rows(f"SELECT {fails} FROM (SELECT {x} AS x FROM {table.sql}) AS e WHERE {text}")
    found = tuple(form for form, number in zip(forms, failed, strict=True) if not number)
    return reach._replace(forms=found)
