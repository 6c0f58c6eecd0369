"""The embedded engine: files of events counted by DuckDB."""
# ruff: noqa: S608  # names are quoted, and values bound

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb

from funnelcli.events import ages, ages_tables, amounts, asof, chains_sql, cohorts, entries, overlap, tally, units_sql
from funnelcli.events.count import count, covered, number, survey
from funnelcli.events.definition import NUMBER, TIME
from funnelcli.events.duckdb.events_sql import BUCKETS, clock, normal, unread_amount
from funnelcli.events.duckdb.files import EventTable, connect, open_files
from funnelcli.events.duckdb.types import execute, kind_of, name
from funnelcli.events.memory import default
from funnelcli.events.result import Reach
from funnelcli.events.sources import CSV, JSON, SourceError, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition
    from funnelcli.events.sources import Files

    Run = Callable[[Connection, str, Sequence[Any]], list[tuple[Any, ...]]]

JOINED_AT_ONCE, SORTED_AT_ONCE = 20_000_000, 2_000_000
"""Events that are counted at a time, about: more of them would fill the memory, and take longer."""


def measure(
    definition: Definition,
    files: Files,
    folder: str,
    *,
    mature_only: bool = False,
    memory: int | None = None,
    run: Run = execute,
    ask: Callable[..., Any] = count,
) -> Any:
    """Count a funnel's events in files, or say what does not fit; `ask` is what else an engine can be asked.

    `folder` is for temporary files, and `memory` the bytes to hold beside them, by default a share of what is free.
    `run` runs a query, so that a caller can show progress and stop it. Raises `SourceError` for what cannot be read.
    """

    def counted(*, thorough: bool) -> Any:
        with connect(default() if memory is None else memory) as connection:
            table = open_files(connection, definition, files, folder, thorough=thorough)
            if not isinstance(table, EventTable):
                return table
            return ask(_Embedded(connection, table, run), definition, mature_only=mature_only)

    try:
        try:
            found = counted(thorough=False)
        except (duckdb.ConversionException, duckdb.InvalidInputException) as first:  # the first rows do not tell all
            if files.format not in (CSV, JSON):
                raise
            try:
                return counted(thorough=True)
            except duckdb.InvalidInputException:
                raise first from None  # which names the row
        misfits = isinstance(found, list) and any(each.code == "FN103" for each in found)
        return counted(thorough=True) if misfits and files.format == CSV else found
    except duckdb.Error as error:
        raise _unreadable(error, files) from error
    except RuntimeError as error:  # what the driver makes of Ctrl-C
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


def _unreadable(error: Exception, files: Files) -> SourceError:
    """An error of the engine in one line, without the text of the query."""
    lines = str(error).split("\nLINE ")[0].split("\n\n")[0].splitlines()
    what = "; ".join(line.strip() for line in lines[:4] if line.strip())
    if isinstance(error, duckdb.OutOfMemoryException):
        help_text = "give it more, such as --memory 4GB, or free space for temporary files (TMPDIR)"
        return SourceError(f"not enough memory to count {files.shown}", help_text)
    row = re.search(r"CSV Error on Line: (\d+)\n.*Number of Columns: (\d+) Found: (\d+)", str(error), re.DOTALL)
    if row:
        place = re.search(r"^ *file = (.+)$", str(error), re.MULTILINE)
        shown = next((path for path in files.paths if place and os.path.abspath(path) == place[1].strip()), files.shown)
        columns = "1 column" if row[3] == "1" else f"{row[3]} columns"
        what = f"{shown}:{row[1]}: the row has {columns}, and the header {row[2]}"
        return SourceError(what, "mend the row, or delete it: nothing is counted until every row fits")
    if "not utf-8" in what:
        return SourceError(f"{files.shown} is not UTF-8", "save it as UTF-8, or: iconv -f cp1252 -t utf-8")
    return unreadable(files.shown, what)


class _Embedded:
    """An engine whose `normal` is a table of its own, with the `bucket` of each unit, and with no flags but `m`."""

    reads_texts = True

    def __init__(self, connection: Connection, table: EventTable, run: Run) -> None:
        self._connection, self.table, self._run = connection, table, run
        self._made: set[str] = set()
        self.columns: Mapping[str, str] = {column: kind_of(type_) for column, type_ in table.types.items()}

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._run(self._connection, query, values)

    def _keep(self, table: str, query: str, values: Sequence[Any] = ()) -> None:
        """Make a table of the rows of a query, in place of one that there is."""
        self.rows(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}", values)

    def _add(self, table: str, query: str) -> None:
        """Add the rows of a query to a table, which the first ones make."""
        if table in self._made:
            self.rows(f"INSERT INTO {table} {query}")
        else:
            self._keep(table, query)
            self._made.add(table)

    def reach(self, definition: Definition) -> Reach:
        """What there is; text is turned into events on the way, as it is not to be read twice."""
        events = f"(SELECT 0 AS m, {name(definition.unit)} AS unit, {clock(definition, self.table)} AS t "
        events += f"FROM {self.table.sql}) AS e"
        if self.table.slow:
            self._keep("normal", *normal(definition, self.table, once=False))
            events = "normal"
        reach = (None if self.table.slow else self._complete(definition)) or covered(
            self.rows(survey(definition, events))
        )
        if not reach.without_time:
            return reach
        text = f"TRIM(CAST({name(definition.time)} AS VARCHAR))"
        times = f"(SELECT {text} AS x, {clock(definition, self.table)} AS t FROM {self.table.sql}) AS e"
        ((unread, sample),) = self.rows(f"SELECT COUNT(*), MIN(x) FROM {times} WHERE t IS NULL AND x <> ''")
        return reach._replace(unreadable=unread, sample=sample)

    def _complete(self, definition: Definition) -> Reach | None:
        """What there is, where all events have a unit and a time: files of columns know that without being read."""
        interval = definition.start is not None or definition.end is not None
        if interval or definition.time_format is not None or self.columns[definition.time] not in (NUMBER, TIME):
            return None
        known = [f"COUNT({name(column)})" for column in (definition.unit, definition.time)]
        ends = [clock(definition, self.table, aggregate) for aggregate in ("MIN", "MAX")]
        query = f"SELECT COUNT(*), {', '.join([*known, *ends])} FROM {self.table.sql}"
        ((events, units, times, since, until),) = self.rows(query)
        whole = events == units == times and since is not None and until is not None and until <= cohorts.now()
        return Reach(events, 0, 0, until) if whole else None

    def load(self, definition: Definition, *, once: bool = False) -> None:
        if once or not self.table.slow:
            query, values = normal(definition, self.table, once=once)
            self._keep("normal", f"SELECT * FROM ({query}) AS e WHERE {chains_sql.wanted(definition)}", values)

    def masks(self, definition: Definition) -> Iterable[int]:
        query = f"SELECT DISTINCT m FROM normal WHERE {chains_sql.reachable(definition)}"
        return (mask for (mask,) in self.rows(query))

    def strays(self, definition: Definition) -> int:
        slow = self.table.slow
        query, values = ("SELECT * FROM normal", []) if slow else normal(definition, self.table, once=False)
        rows = f"SELECT COUNT(*) FROM ({query}) AS e WHERE m = 0 AND {chains_sql.reachable(definition)}"
        return int(self.rows(rows, values)[0][0])

    def tally(self, definition: Definition, masks: Sequence[int]) -> list[tuple[Any, ...]]:
        named, events, by_ways = self._make_units(definition, masks)
        kinds = entries.kinds(definition)
        if named:
            queries = [tally.of_stages(definition, tally.TOTAL, [f"r{stage}" for stage in definition.stages])]
        else:
            queries = [tally.of_units(definition, tally.TOTAL, "u")]
        units = {tally.TOTAL: "u"}
        reached = {tally.TOTAL: [f"r{stage}" for stage in definition.stages]} if named else {}
        for kind in kinds:
            if definition.entry != "any":
                units[kind] = tally.of_the_entry(definition, events, kind)
                queries.append(tally.of_units(definition, kind, units[kind]))
            elif by_ways:
                units[kind] = f"({asof.units_in_segments(definition, kind)})"
                reached[kind] = [f"s{kind}_{stage}" for stage in definition.stages]
                queries.append(tally.of_stages(definition, kind, reached[kind]))
            else:
                units[kind] = f"s{kind}"
                queries.append(tally.of_units(definition, kind, f"s{kind}"))
        told = [ages.query(definition, kind, units[kind], joined=True) for kind in ages.told(definition)]
        if ages_tables.needed(definition):
            kept = "TABLE" if definition.exclude or definition.lost else "VIEW"  # which is no work to find again
            self.rows(f"CREATE OR REPLACE TEMP {kept} entered AS {ages_tables.entered(definition, events)}")
        for table, query in ages_tables.followed(definition, units).items():
            self._keep(table, query)
        known = named | ages_tables.joined(definition, units, reached)
        followed = self.rows(tally.Parts(known, told).text()) if told else []
        brought = self._brought(definition, named, units) if definition.paid else []
        return self.rows(tally.Parts(named, queries).text()) + followed + brought

    def _brought(
        self, definition: Definition, named: dict[str, str], units: Mapping[int, str]
    ) -> list[tuple[Any, ...]]:
        """The rows of amounts of the units of each part."""
        flags = ", ".join(f"CAST((m >> {stage}) & 1 AS UTINYINT) AS h{stage}" for stage in definition.stages)
        events = f"(SELECT *, {flags} FROM normal WHERE {chains_sql.reachable(definition)})"
        queries = [
            amounts.query(definition, kind, each, events, tally.counted_names(definition, kind))
            for kind, each in units.items()
        ]
        return self.rows(tally.Parts(named, queries).text())

    def unread_amount(self, definition: Definition, stage: int) -> str | None:
        ((sample,),) = self.rows(*unread_amount(definition, self.table, stage))
        return None if sample is None else str(sample)

    def listed(self, definition: Definition, masks: Sequence[int], column: str, query: str) -> list[tuple[Any, ...]]:
        named, _, _ = self._make_units(definition, masks)
        columns = f"{name(definition.unit)} AS unit, {clock(definition, self.table)} AS t"
        named["named"] = f"SELECT {columns}, CAST({name(column)} AS VARCHAR) AS event FROM {self.table.sql}"
        return self.rows(tally.Parts(named, [query]).text())

    def _make_units(self, definition: Definition, masks: Sequence[int]) -> tuple[dict[str, str], str, bool]:
        """The units as the table or the named query `u`, the events, and whether segments are told `by_ways`.

        By `asof` where it can be, share by share.
        """
        self._made.clear()
        joined = definition.order in asof.STEPS and not overlap.shares_events(definition, masks)
        joined = joined and not (definition.barred or definition.exclude_units or definition.same)
        joined = joined and definition.entry != "each" and not definition.paid_by_chains
        begins_apart = chains_sql.entry_flag(definition) == "a"
        if begins_apart:
            begin = (1 << len(definition.names)) - 1 if definition.order == "unordered" else 1
            self._keep("normal", f"SELECT *, CAST(m & {begin} <> 0 AS INT) AS a FROM normal")
        flags = ", ".join(["m & 1 AS h0", *_others(definition)])
        events = f"(SELECT *, {flags} FROM normal WHERE {chains_sql.reachable(definition)})"
        if entries.is_one(definition):  # the other entries lose the bit of the first stage, or what stands for it
            chosen = entries.chosen(definition)
            left = f"CASE WHEN {chosen} THEN m ELSE m & ~1 END AS m"
            if begins_apart:
                left = f"CASE WHEN {chosen} THEN 1 ELSE 0 END AS a"
            own = ", ".join(["h0", *(flag for flag, _ in definition.others)])
            self._keep("normal", f"SELECT * EXCLUDE ({own}) REPLACE ({left}) FROM {events}")
            masks = entries.without_entry(masks)
        by_ways = joined and definition.order == "ordered" and not definition.growing
        by_ways = by_ways and not definition.within  # the first event may come too soon
        for source in self._shares(definition, JOINED_AT_ONCE if joined else SORTED_AT_ONCE):
            if joined:
                for step in asof.STEPS[definition.order](definition, source):
                    (self._add if step.kept else self._keep)(step.table, step.query)
            else:
                self._add("u", units_sql.units(definition, source, masks))
            for stage in definition.paid_by_chains:
                counted = units_sql.counted_at(definition, source, masks, stage)
                self._add(tally.counted_name(tally.TOTAL, stage), counted)
            if entries.counted_again(definition):
                (self._by_ways if by_ways else self._by_counting_again)(definition, source, masks)
        return {"u": asof.units(definition)} if joined else {}, events, by_ways

    def _by_ways(self, definition: Definition, source: str, _: Sequence[int]) -> None:
        """The units in their segments, from the entries that reach each stage."""
        for stage, step in enumerate(asof.ways(definition, source)):
            self._keep(step.table, step.query)
            for kind in entries.kinds(definition):
                self._add(f"s{kind}_{stage}", asof.in_segments(definition, source, kind, stage))

    def _by_counting_again(self, definition: Definition, source: str, masks: Sequence[int]) -> None:
        """The same from the events of each unit in its segments, which come in shares: they are there once for each."""
        for kind in entries.kinds(definition):
            pairs = f"p{kind}"
            self._keep(pairs, entries.pairs(definition, source, kind))
            repeated = entries.repeated(definition, source, kind, pairs)
            ((number_of_events,),) = self.rows(f"SELECT COUNT(*) FROM ({repeated}) AS e")
            shares = max(1, -(-number_of_events // SORTED_AT_ONCE))
            for share in range(shares):
                inside = f"HASH(unit, label) % {shares} = {share}" if shares > 1 else ""
                self._add(f"s{kind}", tally.in_segments(definition, source, masks, kind, inside))
                for stage in definition.paid_by_chains:
                    counted = tally.counted_in_segments(definition, source, masks, kind, stage, inside)
                    self._add(tally.counted_name(kind, stage), counted)

    def _shares(self, definition: Definition, at_once: int) -> Iterator[str]:
        """The events by unit in shares of at most about so many, each as a query in parentheses."""
        flags = [f"CAST((m >> {stage}) & 1 AS UTINYINT) AS h{stage}" for stage in definition.stages]
        flags += _others(definition)
        flags += ["a"] * (chains_sql.entry_flag(definition) == "a")
        flags += chains_sql.held(definition)
        flags += [f"d{index}" for index in range(len(definition.dimensions))]
        shares = min(BUCKETS, max(1, -(-number(self, definition) // at_once)))
        edges = [BUCKETS * each // shares for each in range(shares + 1)]
        for low, high in pairwise(edges):
            share = f"bucket BETWEEN {low} AND {high - 1} AND " if shares > 1 else ""
            inside = f"{share}{chains_sql.reachable(definition)}"
            yield f"(SELECT unit, t, {', '.join(flags)} FROM normal WHERE {inside})"


def _others(definition: Definition) -> list[str]:
    """The flags of what events meet besides stages."""
    return [
        f"CAST((m >> {bit}) & 1 AS UTINYINT) AS {flag}"
        for bit, (flag, _) in enumerate(definition.others, len(definition.names))
    ]
