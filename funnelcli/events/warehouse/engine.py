"""Databases elsewhere, through Ibis: the work is done there, and only counts come back.

Ibis connects, knows the columns and writes the normal events in the words of the database; SQLGlot, on which it rests,
translates the one formulation, in which no function of times occurs.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

import re
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

import ibis
import sqlglot

from funnelcli.diagnostics import Problem
from funnelcli.events import ages, chains_sql, entries, nested, tally, zones
from funnelcli.events.count import count
from funnelcli.events.definition import placed
from funnelcli.events.reach import SURVEY_OF_TIMELY, covered, survey
from funnelcli.events.warehouse import arrays, arrays_ages, values
from funnelcli.events.warehouse.conditions import compiled, meets, rows_of
from funnelcli.events.warehouse.connections import connect, fetched, refused, stop, table_of
from funnelcli.events.warehouse.dates import with_dates, with_unread
from funnelcli.events.warehouse.events import (
    amount_text,
    clock,
    each_once,
    kind_of,
    masked_events,
    normal_events,
    numbered_events,
    some_masks,
    surveyed_at_once,
    unread,
    who_entered,
)
from funnelcli.events.warehouse.kept import KEEPING, UnkeptError, asked, drop, keep, nothing_kept
from funnelcli.events.warehouse.nested import with_nested
from funnelcli.events.warehouse.pushed import FIRST, begun, comparable, ends_of, exact, few_enter, inside, outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from funnelcli.events.definition import Definition
    from funnelcli.events.reach import Reach
    from funnelcli.events.sources import Warehouse
    from funnelcli.measure import Condition


def measure(
    definition: Definition, place: Warehouse, *, mature_only: bool = False, ask: Callable[..., Any] = count
) -> Any:
    """Count a funnel's events in a database, or say what does not fit; `ask` is what else an engine can be asked.

    Raises `SourceError` for what the database refuses.
    """
    try:
        connection = connect(place)
    except Exception as error:  # of whatever driver
        raise refused(error, place, "connect to") from None
    definition = placed(definition, place.shown)
    try:
        table = table_of(connection, definition.table)
        table = table if isinstance(table, Problem) else with_nested(definition, table)
        dated = table if isinstance(table, (Problem, list)) else with_dates(definition, table)
        if isinstance(dated, (Problem, list)):
            return dated
        definition, table = dated
        database = Database(connection, table)
        try:
            return ask(database, definition, mature_only=mature_only)
        finally:
            database.close()
    except Exception as error:  # of whatever driver
        if not isinstance(error, ImportError) and _is_a_defect(error):
            raise
        raise refused(error, place, "count in") from None
    except (KeyboardInterrupt, SystemExit):
        stop(connection, place)
        raise
    finally:
        if connection.name != "pyspark":  # its session may be somebody else's
            connection.disconnect()


def _is_a_defect(error: Exception) -> bool:
    """Whether an error was raised in the package itself: no database refuses anything by it.

    What is said of a query that failed is told by that failure.
    """
    first = error.__cause__ if isinstance(error, UnkeptError) and error.__cause__ else error
    *_, (innermost, _) = walk_tb(first.__traceback__)
    return str(innermost.f_globals.get("__name__")).startswith("funnelcli.")


_KEEPING_EVENTS = ("mysql",)
"""Databases that need a table of the events: MariaDB loses columns when it merges windows into other queries."""

_BY_ARRAYS = "clickhouse"
"""The database that has words for arrays, in which `arrays` counts."""

_INDEXED = ("postgres",)
"""Databases that find by an index whose events matter, and read the events of the others no further."""


class Database:
    """An engine that counts by one query, whose `normal` events are what it begins with."""

    reads_texts = False

    def __init__(self, connection: Any, table: Any, *, complete: bool = True) -> None:
        self._connection, self._table, self.complete = connection, table, complete
        self.dialect, self.dialect_name = connection.dialect, connection.name
        self.types: Mapping[str, Any] = dict(table.schema().items())
        self.columns: Mapping[str, str] = {name: kind_of(type_) for name, type_ in self.types.items()}
        self._surveyed: tuple[Definition | None, list[tuple[Any, ...]]] = (None, [])
        self._events: dict[str, str] = {}
        self._exact = self._timely = False
        self._loaded: Any = None
        self._tables = nothing_kept(connection)

    def close(self) -> None:
        """Leave nothing behind."""
        drop(self._tables)

    def load(self, definition: Definition, *, once: bool = False) -> None:
        """What stands for the events that matter: those that are wanted, and maybe a few more."""
        self._loaded = self._mattering(definition, once)
        self._events = self._normal(definition, self._loaded)
        if self._connection.name in _KEEPING_EVENTS:
            only = "" if self._exact else f" WHERE {chains_sql.wanted(definition)}"
            query = self._translated(f"SELECT * FROM normal{only}")
            kept = keep(self._tables, "normal", self._with(self._events, query))
            self._events = self._events if kept is None else {"normal": kept}

    def flagged(self, definition: Definition, *, once: bool) -> tuple[str, bool]:
        """The events that matter with their flags, in the words of the database, and whether they are the very ones."""
        return self._flagged(definition, self._mattering(definition, once)), self._exact

    def _mattering(self, definition: Definition, once: bool) -> Any:
        table, self._exact, self._timely = self._table, False, False
        if not (once and definition.identity):  # which is that of an event that may lie elsewhere
            table, self._exact = self._inside(definition)
            table = table.filter(table[definition.unit].notnull())
            if definition.order != "strict":
                wanted = [meets(when, table, self.columns) for when in definition.by_flag.values()]
                table = table.filter(ibis.or_(*wanted))
        return each_once(definition, table, self.columns, self.complete) if once else table

    def _inside(self, definition: Definition) -> tuple[Any, bool]:
        """The events that are timely, or more of them, and whether they are the very ones."""
        self._timely = comparable(definition, self.columns)
        if not self._timely:
            return self._table, False
        return inside(definition, self._table), exact(definition, self._table)

    def _normal(self, definition: Definition, table: Any) -> dict[str, str]:
        """The tables that queries name, in the words of the database: the events with their flags, and with `m`."""
        mask = " + ".join(f"CAST({flag} AS BIGINT) * {1 << bit}" for flag, bit in definition.bits.items())
        return {
            "flagged": self._flagged(definition, table),
            "normal": self._translated(f"SELECT e.*, {mask} AS m FROM flagged AS e"),
        }

    def _flagged(self, definition: Definition, table: Any) -> str:
        events = normal_events(definition, table, self.columns, timely=self._timely)
        return compiled(self._connection, events)

    def _translated(self, query: str) -> str:
        return str(sqlglot.transpile(query, write=self._connection.dialect, identify=True)[0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query that is written in the words of all databases."""
        return self._asked(self._events, self._translated(query))

    def _asked(self, named: Mapping[str, str], query: str) -> list[tuple[Any, ...]]:
        return fetched(self._connection, self._with(named, query))

    def _with(self, named: Mapping[str, str], query: str) -> str:
        """A query that begins with the tables that it names."""
        uses = _uses(named, [query])
        tables = [f"{self._quoted(name)} AS ({text})" for name, text in named.items() if uses[name]]
        return f"WITH {', '.join(tables)} {query}" if tables else query

    def _quoted(self, name: str) -> str:
        return str(sqlglot.to_identifier(name, quoted=True).sql(self._connection.dialect))

    def reach(self, definition: Definition) -> Reach:
        """What the events cover, without reading more of them than their times where these can be compared."""
        known = comparable(definition, self.columns)
        if self._some_masks(definition) is None:
            rows = self._survey(definition)
        else:
            table, _ = self._inside(definition)
            rows = rows_of(self._connection, surveyed_at_once(definition, table))
        type_ = self.types[definition.written or definition.time]
        zoneless = (
            type_.is_date() or (type_.is_timestamp() and type_.timezone is None) or definition.written is not None
        )
        reach = covered(rows)._replace(zoneless=zoneless and definition.time_zone is not None)
        return with_unread(definition, self._table, self._by_the_column(definition, reach) if known else reach)

    def _by_the_column(self, definition: Definition, reach: Reach) -> Reach:
        """With what the time column says of all events, without the others of their columns being read."""
        now = zones.now()
        (others,) = self._timed(definition, outside(definition, self._table, now))
        ((last, since),) = self._timed(definition, ends_of(definition, self._table, now), FIRST)
        latest, without_time, after_now = others
        until = last if last is not None else latest
        return reach._replace(without_time=without_time, until=until, after_now=after_now, latest=latest, since=since)

    def _timed(self, definition: Definition, row: Any, *also: str) -> list[tuple[Any, ...]]:
        """Rows with their time first, in microseconds, as are the columns that are times `also`."""
        others = {
            name: clock(definition, row, self.columns, name=name) if name in also else row[name]
            for name in row.columns
            if name != definition.time
        }
        query = row.select(funnelcli_t=clock(definition, row, self.columns), **others)
        return [
            tuple(None if value is None else int(value) for value in found)
            for found in rows_of(self._connection, query)
        ]

    def _survey(self, definition: Definition) -> list[tuple[Any, ...]]:
        """What the events of each mask cover."""
        if definition != self._surveyed[0]:
            known = comparable(definition, self.columns)
            table, timely = self._inside(definition)
            query = SURVEY_OF_TIMELY if timely else survey(definition, times=not known)
            if timely and self._connection.name == _BY_ARRAYS:
                masked = masked_events(definition, table, self.columns)
                events = {"normal": compiled(self._connection, masked)}
            else:
                events = self._normal(definition, table)
            self._surveyed = definition, self._asked(events, self._translated(query))
        return self._surveyed[1]

    def _some_masks(self, definition: Definition) -> Any | None:
        """A query of the masks of events that ends when all that there can be are found, if there is one."""
        if self._connection.name != _BY_ARRAYS or not comparable(definition, self.columns):
            return None
        table, _ = self._inside(definition)
        return some_masks(definition, table.filter(table[definition.unit].notnull()), self.columns)

    def _met(self, definition: Definition) -> dict[int, int]:
        """How many events have each mask."""
        return {int(mask): int(events) for mask, events, *_ in self._survey(definition) if events}

    def masks(self, definition: Definition) -> Iterable[int]:
        """The masks of the events, of which the survey told, or some of them."""
        if self._connection.name in _KEEPING_EVENTS:  # of the moment at which they were kept
            return [int(mask) for (mask,) in self.rows("SELECT DISTINCT m FROM normal")]
        some = self._some_masks(definition)
        return self._met(definition) if some is None else [int(mask) for (mask,) in rows_of(self._connection, some)]

    def first(self) -> list[tuple[Any, ...]]:
        """Some events as they are."""
        return rows_of(self._connection, self._table.select(*self.columns).limit(nested.LOOKED_AT))

    def strays(self, definition: Definition) -> int:
        """The events that meet nothing, likewise."""
        return self._met(definition).get(0, 0)

    def none_has(self, definition: Definition, conditions: Sequence[Condition]) -> list[bool]:
        """Whether no event that is looked at meets a condition, for each of them."""
        return values.none_has(definition, self._inside(definition)[0], conditions, self.columns)

    def usual(self, definition: Definition, column: str) -> list[str]:
        """The most frequent values of a column, the most frequent first."""
        return values.usual(self._inside(definition)[0], column)

    def tally(self, definition: Definition, masks: Sequence[int]) -> list[tuple[Any, ...]]:
        """The rows of `tally`, by one query."""
        parts = tally.at_once(definition, masks)
        own, by_arrays = dict[str, str](), dict[str, str]()
        total, *others = parts.queries
        told = not ages.late_stages(definition) or not ages.told(definition)  # arrays know nobody who is too late
        if self._connection.name == _BY_ARRAYS and told and arrays.fits(definition, masks):
            source = "events" if definition.entry == "any" else "chosen"
            if source == "events" and self._exact and not (entries.kinds(definition) or definition.paid):
                numbered = numbered_events(definition, self._loaded, self.columns, arrays.PLACES)
                source, own = arrays.NUMBERED, {arrays.NUMBERED: compiled(self._connection, numbered)}
            by_arrays = {"u": arrays.units(definition, source), "whole": arrays_ages.query(definition, source)}
            total = "SELECT * FROM whole"
            of_all = len(entries.kinds(definition))  # the place of the ages of all, which `whole` has
            others[of_all : of_all + 1] = [] if ages.told(definition) else others[of_all : of_all + 1]
        return self._answered(definition, parts.named, [total, *others], own, by_arrays)

    def unread_amount(self, definition: Definition, stage: int) -> str | None:
        """What stands in the place of an amount of an event that meets a stage, and is none."""
        column = self._table[definition.amounts[stage]]
        other = self._table.filter(meets(definition.whens[stage], self._table, self.columns) & unread(column))
        ((sample,),) = rows_of(self._connection, other.aggregate(x=amount_text(column).min()))
        return None if sample is None else str(sample)

    def listed(
        self, definition: Definition, masks: Sequence[int], column: str, query: str, enders: Callable[[str], str | None]
    ) -> list[tuple[Any, ...]]:
        """The rows of a query of the units and of what happened."""
        units, _, _ = tally.units_at_once(definition, masks)
        ending = enders("events")
        units |= {} if ending is None else {"enders": ending}
        table = begun(definition, self._table) if comparable(definition, self.columns) else self._table
        time = clock(definition, table, self.columns)
        named = table.select(unit=table[definition.unit], t=time, event=table[column].cast("string"))
        return self._answered(definition, units, [query], {"funnelcli_named": compiled(self._connection, named)})

    def _answered(
        self,
        definition: Definition,
        parts: Mapping[str, str],
        queries: Sequence[str],
        own: dict[str, str],
        by_arrays: dict[str, str] | None = None,
    ) -> list[tuple[Any, ...]]:
        """The rows of queries that name `parts` of the events.

        Tables of its `own`, and those `by_arrays` in place of parts, are in the words of the database.
        """
        columns = f"e.*{chains_sql.flag_of_any(definition)}"
        only = "" if self._exact else f" WHERE {chains_sql.wanted(definition)}"
        events = {"events": f"SELECT {columns} FROM normal AS e{only}"}
        named = dict(own)
        if self._connection.name in _INDEXED and comparable(definition, self.columns) and few_enter(definition):
            entrants = who_entered(definition, self._table, self.columns)
            named |= {"funnelcli_entrants": compiled(self._connection, entrants)}
            events["events"] += f"{' AND' if only else ' WHERE'} unit IN (SELECT unit FROM funnelcli_entrants)"
        # after what is made of the database's own table, which may be called as these are
        named |= self._events
        named |= {name: self._translated(text) for name, text in (events | dict(parts)).items()} | (by_arrays or {})
        kept = self._kept(named, queries)
        return asked(self._tables, queries, lambda query: self._asked(kept, self._translated(query)))

    def _kept(self, named: Mapping[str, str], queries: Sequence[str]) -> Mapping[str, str]:
        """The tables that queries ask for; where the database keeps none by itself, those named twice are made once."""
        if self._connection.name not in KEEPING:
            return named
        result: dict[str, str] = {}
        uses = _uses(named, queries)
        for name, text in named.items():
            if uses[name]:
                made = keep(self._tables, name, self._with(result, text)) if uses[name] > 1 else None
                result[name] = text if made is None else made
        return result


def _uses(named: Mapping[str, str], queries: Sequence[str]) -> dict[str, int]:
    """How often queries name each of the tables, and the tables that they name."""
    uses, texts = dict[str, int](), list(queries)
    for name, text in reversed(list(named.items())):
        uses[name] = sum(len(re.findall(rf"\b(?:FROM|JOIN) [\"`]?{name}\b", each)) for each in texts)
        texts += [text] if uses[name] else []
    return uses
