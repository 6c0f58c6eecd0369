"""The embedded engine: files of events counted by DuckDB."""
# ruff: noqa: S608  # names are quoted, and values bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from funnelcli.events import ages, ages_tables, amounts, chains_sql, entries, nested, tally, zones
from funnelcli.events.count import count
from funnelcli.events.definition import NUMBER, TIME, placed
from funnelcli.events.duckdb import asof, chains, copies, entry_ages, stage_times, values
from funnelcli.events.duckdb.events_sql import begun, clock, flag_columns, normal, unread_amount
from funnelcli.events.duckdb.files import EventTable, broken, connect, open_files
from funnelcli.events.duckdb.tables import Tables
from funnelcli.events.duckdb.types import execute, kind_of, name
from funnelcli.events.duckdb.unread_times import with_unread
from funnelcli.events.file_formats import CSV, DATABASES, JSON
from funnelcli.events.memory import default
from funnelcli.events.reach import Reach, covered, survey
from funnelcli.events.rows import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition
    from funnelcli.events.sources import Files
    from funnelcli.measure import Condition

    Run = Callable[[Connection, str, Sequence[Any]], list[tuple[Any, ...]]]


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
    definition = placed(definition, files.shown, tables=files.format in DATABASES)

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
        raise broken(error, files) from error
    except RuntimeError as error:  # what the driver makes of Ctrl-C
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


class _Embedded:
    """An engine whose `normal` is a table of its own, with the `bucket` of each unit, and with no flags but `m`."""

    reads_texts = True

    def __init__(self, connection: Connection, table: EventTable, run: Run) -> None:
        self.table, self._tables = table, Tables(connection, run)
        self.columns: Mapping[str, str] = {column: kind_of(type_) for column, type_ in table.types.items()}

    def rows(self, query: str, bound: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._tables.rows(query, bound)

    def reach(self, definition: Definition) -> Reach:
        """What there is; text is turned into events on the way, as it is not to be read twice."""
        events = f"(SELECT 0 AS m, {name(definition.unit)} AS unit, {clock(definition, self.table)} AS t "
        events += f"FROM {self.table.sql}) AS e"
        if self.table.slow:
            self._tables.keep("normal", *normal(definition, self.table, once=False))
            events = "normal"
        reach = (None if self.table.slow else self._complete(definition)) or covered(
            self.rows(survey(definition, events))
        )
        reach = reach._replace(zoneless=self.table.zoneless)
        return with_unread(definition, self.table, reach, self.rows) if reach.without_time else reach

    def _complete(self, definition: Definition) -> Reach | None:
        """What there is, where all events have a unit and a time: files of columns know that without being read."""
        interval = definition.start is not None or definition.end is not None
        if interval or definition.time_format is not None or self.columns[definition.time] not in (NUMBER, TIME):
            return None
        known = [f"COUNT({name(column)})" for column in (definition.unit, definition.time)]
        ends = [clock(definition, self.table, aggregate) for aggregate in ("MIN", "MAX")]
        query = f"SELECT COUNT(*), {', '.join([*known, *ends])} FROM {self.table.sql}"
        ((events, units, times, since, until),) = self.rows(query)
        whole = events == units == times and since is not None and until is not None and until <= zones.now()
        return Reach(events, 0, 0, until, since=since) if whole else None

    def _narrowed(self, definition: Definition) -> EventTable:
        """The table with the type that is enough for units: numbers of half the length are sorted sooner."""
        column = name(definition.unit)
        if self.table.slow or self.table.types[definition.unit] not in ("BIGINT", "UBIGINT"):
            return self.table
        ((least, most),) = self.rows(f"SELECT MIN({column}), MAX({column}) FROM {self.table.sql}")
        fits = least is not None and least >= 0 and most < 1 << 32
        return self.table._replace(narrow="UINTEGER" if fits else None)

    def load(self, definition: Definition, *, once: bool = False) -> None:
        self.table = self._narrowed(definition)
        if once and definition.identity is None:
            copies.leave_out(self._tables, definition, self.table)
        elif once or not self.table.slow:
            query, values = normal(definition, self.table, once=once)
            self._tables.keep("normal", f"SELECT * FROM ({query}) AS e WHERE {chains_sql.wanted(definition)}", values)
            if once and definition.order == "strict":
                copies.follow(self._tables, definition)

    def masks(self, definition: Definition) -> Iterable[int]:
        query = f"SELECT DISTINCT m FROM normal WHERE {chains_sql.reachable(definition)}"
        return (mask for (mask,) in self.rows(query))

    def first(self) -> list[tuple[Any, ...]]:
        return self.rows(f"SELECT {', '.join(map(name, self.columns))} FROM {self.table.sql} LIMIT {nested.LOOKED_AT}")

    def strays(self, definition: Definition) -> int:
        slow = self.table.slow
        query, values = ("SELECT * FROM normal", []) if slow else normal(definition, self.table, once=False)
        rows = f"SELECT COUNT(*) FROM ({query}) AS e WHERE m = 0 AND {chains_sql.reachable(definition)}"
        return int(self.rows(rows, values)[0][0])

    def none_has(self, definition: Definition, conditions: Sequence[Condition]) -> list[bool]:
        return values.none_has(definition, self.table, conditions, self.rows)

    def usual(self, definition: Definition, column: str) -> list[str]:
        return values.usual(definition, self.table, column, self.rows)

    def tally(self, definition: Definition, masks: Sequence[int]) -> list[tuple[Any, ...]]:
        kinds = entries.kinds(definition)
        named, events, by_stages, joined, ended = chains.make(self._tables, definition, masks)
        queries = [stage_times.query(self._tables, definition) if joined else tally.of_units(definition, TOTAL, "u")]
        units = {TOTAL: f"({asof.units(definition)})" if joined and ages.late_stages(definition) else "u"}
        reached = {TOTAL: [f"r{stage}" for stage in definition.stages]} if joined else {}
        for kind in kinds:
            if definition.entry != "any":
                units[kind] = tally.of_the_entry(definition, events, kind)
                queries.append(tally.of_units(definition, kind, units[kind]))
            elif by_stages:
                units[kind] = f"({asof.units_in_segments(definition, kind)})"
                reached[kind] = [f"s{kind}_{stage}" for stage in definition.stages]
                queries.append(tally.of_stages(definition, kind, reached[kind]))
            else:
                units[kind] = f"s{kind}"
                queries.append(tally.of_units(definition, kind, f"s{kind}"))
        told = [kind for kind in ages.told(definition) if kind != TOTAL or not ended]
        if told and ages_tables.needed(definition):
            kept = "TABLE" if definition.exclude or definition.lost else "VIEW"  # which is no work to find again
            self.rows(f"CREATE OR REPLACE TEMP {kept} entered AS {ages_tables.entered(definition, events)}")
        known, told_of_each = dict(named), []
        for kind in ages.told(definition):
            if not ages.by_entries(definition, kind):
                known[f"a{kind}"] = entry_ages.one_each_joined(definition, kind, units[kind])
                told_of_each.append(ages.query(definition, kind, units[kind]))
                continue
            if kind in told:
                entry_ages.find(self._tables, definition, kind, units[kind])
                entry_ages.count(self._tables, definition, kind, units[kind], reached.get(kind, ()))
            told_of_each.append(entry_ages.query(definition, kind, units[kind]))
        aged = self.rows(tally.Parts(known, told_of_each).text()) if told_of_each else []
        brought = self._brought(definition, named, units) if definition.paid else []
        return self.rows(tally.Parts(named, queries).text()) + aged + brought

    def _brought(
        self, definition: Definition, named: dict[str, str], units: Mapping[int, str]
    ) -> list[tuple[Any, ...]]:
        """The rows of amounts of the units of each part."""
        flags = flag_columns(definition, chains_sql.flags(definition))
        events = f"(SELECT *, {', '.join(flags)} FROM normal WHERE {chains_sql.reachable(definition)})"
        queries = [
            amounts.query(definition, kind, each, events, tally.counted_names(definition, kind))
            for kind, each in units.items()
        ]
        return self.rows(tally.Parts(named, queries).text())

    def unread_amount(self, definition: Definition, stage: int) -> str | None:
        ((sample,),) = self.rows(*unread_amount(definition, self.table, stage))
        return None if sample is None else str(sample)

    def listed(
        self, definition: Definition, masks: Sequence[int], column: str, query: str, enders: Callable[[str], str | None]
    ) -> list[tuple[Any, ...]]:
        made = chains.make(self._tables, definition, masks, listed=True)
        ending = enders(made.events)
        named = made.named | ({} if ending is None else {"enders": ending})
        columns = f"{name(definition.unit)} AS unit, {clock(definition, self.table)} AS t"
        named["funnelcli_named"] = f"SELECT {columns}, CAST({name(column)} AS VARCHAR) AS event FROM {self.table.sql}"
        named["funnelcli_named"] += begun(definition, self.table)
        return self.rows(tally.Parts(named, [query]).text())
