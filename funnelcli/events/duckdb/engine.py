"""The embedded engine: files of events counted by DuckDB."""
# ruff: noqa: S608  # the text is that of `formulation`, `asof`, `tally` and `duckdb_events`

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb

from funnelcli.events import asof, chains_sql, entries, overlap, tally
from funnelcli.events.cohorts import mature_end, now
from funnelcli.events.definition import NUMBER, TIME, misfits
from funnelcli.events.duckdb.events_sql import BUCKETS, clock, normal
from funnelcli.events.duckdb.files import Table, connect, open_files
from funnelcli.events.duckdb.types import execute, kind_of, name
from funnelcli.events.memory import default
from funnelcli.events.result import Reach, doubtful, measurement
from funnelcli.events.sources import CSV, JSON, SourceError, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.diagnostics import Problem
    from funnelcli.events.definition import Definition
    from funnelcli.events.result import Measurement
    from funnelcli.events.sources import Files

    Run = Callable[[duckdb.DuckDBPyConnection, str, Sequence[Any]], list[tuple[Any, ...]]]

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
) -> Measurement | Problem | list[Problem]:
    """Count a funnel's events in files, or say what does not fit.

    `folder` is for temporary files, and `memory` the bytes to hold beside them, by default a share of what is free.
    `run` runs a query, so that a caller can show progress and stop it. Raises `SourceError` for what cannot be read.
    """
    try:
        try:
            return _measure(definition, files, folder, mature_only, memory, run)
        except (duckdb.ConversionException, duckdb.InvalidInputException) as first:  # the first rows do not tell all
            if files.format not in (CSV, JSON):
                raise
            try:
                return _measure(definition, files, folder, mature_only, memory, run, thorough=True)
            except duckdb.InvalidInputException:
                raise first from None  # which names the row
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
        cure = "give it more, such as --memory 4GB, or free space for temporary files (TMPDIR)"
        return SourceError(f"not enough memory to count {files.shown}", cure)
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


def _measure(
    definition: Definition,
    files: Files,
    folder: str,
    mature_only: bool,
    memory: int | None,
    run: Run,
    *,
    thorough: bool = False,
) -> Measurement | Problem | list[Problem]:
    with connect(default() if memory is None else memory) as connection:
        table = open_files(connection, definition, files, folder, thorough=thorough)
        if not isinstance(table, Table):
            return table
        problems = misfits(definition, {column: kind_of(type_) for column, type_ in table.types.items()})
        if problems and files.format == CSV and len(files.paths) > 1 and not thorough:
            return _measure(definition, files, folder, mature_only, memory, run, thorough=True)
        return problems or _count(connection, definition, table, mature_only, run)


def _count(
    connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, mature_only: bool, run: Run
) -> Measurement | Problem:
    reach = _reach(connection, definition, table, run)
    if reach.without_time:
        reach = reach._replace(**_unread(connection, definition, table, run))
    problem = doubtful(definition, reach)
    if problem:
        return problem
    if mature_only and reach.until is not None:
        definition = definition._replace(end=mature_end(definition, reach.until))
    _load(connection, definition, table, run, once=False)
    seen = [mask for (mask,) in run(connection, f"SELECT DISTINCT m FROM events WHERE {_in_reach(definition)}", ())]
    stage_bits = (1 << len(definition.names)) - 1
    masks = sorted({mask & stage_bits for mask in seen} - {0})
    reach = reach._replace(
        unmet=tuple(stage for bit, stage in enumerate(definition.names) if not any(mask >> bit & 1 for mask in masks))
    )
    if reach.unmet:
        reach = reach._replace(strays=_strays(connection, definition, table, run))
    tangled = overlap.tangle(definition, masks)
    if tangled:
        return tangled
    shared = overlap.shares_events(definition, masks)
    if shared or definition.growing or definition.order == "strict":
        before = _events(connection, definition, run)
        _load(connection, definition, table, run, once=True)
        reach = reach._replace(duplicates=before - _events(connection, definition, run))
    if definition.entry != "any":
        _choose_entries(connection, definition, run)
        masks = entries.without_entry(masks)
    if definition.order == "ordered" and not shared:
        units, stages = _joined(connection, definition, masks, run)
    else:
        units, stages = _sorted(connection, definition, masks, run), None
    parts = tally.tally(
        definition,
        units,
        f"(SELECT *, m & 1 AS h0 FROM events WHERE {_in_reach(definition)})",
        quantiles=True,
        stages=stages,
    )
    if definition.entry == "any":
        parts.queries.extend(tally.added(definition, "segments"))
    return measurement(definition, run(connection, parts.text(), ()), reach)


def _strays(connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, run: Run) -> int:
    """The events that meet neither a stage nor `exclude`."""
    query, values = ("SELECT * FROM events", []) if table.slow else normal(definition, table, once=False)
    rows = f"SELECT COUNT(*) FROM ({query}) AS e WHERE m = 0 AND {_in_reach(definition)}"
    number: int = run(connection, rows, values)[0][0]
    return number


def _joined(
    connection: duckdb.DuckDBPyConnection, definition: Definition, masks: list[int], run: Run
) -> tuple[str, list[str]]:
    """Count by `asof`; returns the units as a query, and the tables of the stages."""
    met = [
        f"m IN ({', '.join(str(mask) for mask in masks if mask >> stage & 1) or 'NULL'})"
        for stage in range(len(definition.names))
    ]
    for share, source in enumerate(_shares(connection, definition, JOINED_AT_ONCE, run)):
        for step in asof.steps(definition, source, met):
            _keep(connection, step.table, step.query, run, more=step.kept and share > 0)
        _segments(connection, definition, source, masks, run, met=met, more=share > 0)
    return asof.units(definition), asof.stages(definition)


def _sorted(connection: duckdb.DuckDBPyConnection, definition: Definition, masks: list[int], run: Run) -> str:
    """Count by `formulation`; returns the units as a query."""
    for share, source in enumerate(_shares(connection, definition, SORTED_AT_ONCE, run)):
        _keep(connection, "units", chains_sql.units(definition, source, masks), run, more=share > 0)
        _segments(connection, definition, source, masks, run, more=share > 0)
    return "SELECT * FROM units"


def _segments(
    connection: duckdb.DuckDBPyConnection,
    definition: Definition,
    source: str,
    masks: list[int],
    run: Run,
    *,
    met: list[str] | None = None,
    more: bool,
) -> None:
    """Rows of the segments of these events into the table `segments`; by `asof` where `met` is given."""
    kinds = entries.kinds(definition) if definition.entry == "any" else []
    if met is None or definition.growing:
        for kind in kinds:
            for share in _shares_of_segments(connection, definition, source, kind, run):
                query = tally.segments(definition, source, masks, [kind], share=share).text()
                _keep(connection, "segments", query, run, more=more)
                more = True
        return
    for stage, step in enumerate(asof.ways(definition, source, met) if kinds else ()):
        _keep(connection, step.table, step.query, run, more=False)
        for query in tally.reached(definition, stage, step.table):
            _keep(connection, "segments", query, run, more=more)
            more = True


def _shares_of_segments(
    connection: duckdb.DuckDBPyConnection, definition: Definition, source: str, kind: int, run: Run
) -> list[str]:
    """Conditions by which the units in their segments come in shares: their events are there once for each segment."""
    pairs = entries.pairs(definition, source, kind)
    repeated = entries.repeated(definition, source, kind, "p")
    number = run(connection, f"WITH p AS ({pairs}) SELECT COUNT(*) FROM ({repeated}) AS e", ())[0][0]
    shares = max(1, -(-number // SORTED_AT_ONCE))
    return [f"HASH(unit, label) % {shares} = {share}" for share in range(shares)] if shares > 1 else [""]


def _keep(connection: duckdb.DuckDBPyConnection, table: str, query: str, run: Run, *, more: bool) -> None:
    """Make a table of the rows of a query, or add these to it."""
    run(connection, f"INSERT INTO {table} {query}" if more else f"CREATE OR REPLACE TEMP TABLE {table} AS {query}", ())


def _shares(connection: duckdb.DuckDBPyConnection, definition: Definition, at_once: int, run: Run) -> Iterator[str]:
    """The events by unit in shares of at most about so many, each as a query in parentheses."""
    flags = [f"CAST((m >> {stage}) & 1 AS UTINYINT) AS h{stage}" for stage in range(len(definition.names))]
    if definition.exclude:
        flags.append(f"(m >> {len(definition.names)}) & 1 AS x")
    flags += [f"d{index}" for index in range(len(definition.dimensions))]
    number = min(BUCKETS, max(1, -(-_events(connection, definition, run) // at_once)))
    edges = [BUCKETS * each // number for each in range(number + 1)]
    for low, high in pairwise(edges):
        share = f"bucket BETWEEN {low} AND {high - 1} AND " if number > 1 else ""
        yield f"(SELECT unit, t, m, {', '.join(flags)} FROM events WHERE {share}{_in_reach(definition)})"


def _events(connection: duckdb.DuckDBPyConnection, definition: Definition, run: Run) -> int:
    number: int = run(connection, f"SELECT COUNT(*) FROM events WHERE {_wanted(definition)}", ())[0][0]
    return number


def _wanted(definition: Definition) -> str:
    """The condition of events that are looked at: for strict chains, also those that meet nothing."""
    return _in_reach(definition) if definition.order == "strict" else f"m <> 0 AND {_in_reach(definition)}"


def _in_reach(definition: Definition) -> str:
    """The condition of events that can belong to an entry of the interval."""
    return f"unit IS NOT NULL AND {_timely(definition)}"


def _timely(definition: Definition) -> str:
    bounds = ["t IS NOT NULL"]
    bounds += [f"t >= {definition.start}"] * (definition.start is not None)
    bounds += [f"t <= {definition.last}"] * (definition.last is not None)
    return " AND ".join(bounds)


def _reach(connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, run: Run) -> Reach:
    """What there is; text is turned into events on the way, as it is not to be read twice."""
    if table.slow:
        query, values = normal(definition, table, once=False)
        run(connection, f"CREATE OR REPLACE TEMP TABLE events AS {query}", values)
        rows = "events"
    else:
        complete = _complete(connection, definition, table, run)
        if complete:
            return complete
        rows = f"(SELECT {name(definition.unit)} AS unit, {clock(definition, table)} AS t FROM {table.sql}) AS e"
    inside = _timely(definition)
    counts = f"COUNT(*) FILTER (WHERE {inside}), COUNT(*) FILTER (WHERE unit IS NULL AND {inside})"
    past = f"t <= {now()}"
    last = f"COALESCE(MAX(t) FILTER (WHERE {past}), MAX(t)), COUNT(*) FILTER (WHERE NOT {past}), MAX(t)"
    query = f"SELECT {counts}, COUNT(*) FILTER (WHERE t IS NULL), {last} FROM {rows}"
    events, without_unit, without_time, until, after_now, latest = run(connection, query, ())[0]
    reach = Reach(events, without_unit, without_time, until, after_now=after_now)
    return reach._replace(latest=latest) if after_now else reach


def _unread(connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, run: Run) -> dict[str, Any]:
    """How many times are something else, and one of them."""
    text = f"TRIM(CAST({name(definition.time)} AS VARCHAR))"
    rows = f"SELECT {text} AS x, {clock(definition, table)} AS t FROM {table.sql}"
    query = f"SELECT COUNT(*) AS unreadable, MIN(x) AS sample FROM ({rows}) AS e WHERE t IS NULL AND x <> ''"
    return dict(zip(("unreadable", "sample"), run(connection, query, ())[0], strict=True))


def _complete(connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, run: Run) -> Reach | None:
    """What there is, where all events have a unit and a time: files of columns know that without being read."""
    if definition.start is not None or definition.end is not None:
        return None
    if kind_of(table.types[definition.time]) not in (NUMBER, TIME):
        return None
    known = [f"COUNT({name(column)})" for column in (definition.unit, definition.time)]
    ends = [clock(definition, table, aggregate) for aggregate in ("MIN", "MAX")]
    query = f"SELECT COUNT(*), {', '.join([*known, *ends])} FROM {table.sql}"
    events, units, times, since, until = run(connection, query, ())[0]
    whole = events == units == times and since is not None and until is not None and until <= now()
    return Reach(events, 0, 0, until) if whole else None


def _load(connection: duckdb.DuckDBPyConnection, definition: Definition, table: Table, run: Run, *, once: bool) -> None:
    """The normal events as a table; with `once`, each event only once."""
    if table.slow and not once:
        return
    query, values = normal(definition, table, once=once)
    rows = f"SELECT * FROM ({query}) AS e WHERE {_wanted(definition)}"
    run(connection, f"CREATE OR REPLACE TEMP TABLE events AS {rows}", values)


def _choose_entries(connection: duckdb.DuckDBPyConnection, definition: Definition, run: Run) -> None:
    """Leave the first or the last entry of a unit: the others lose the bit of the first stage."""
    rows = f"(SELECT *, m & 1 AS h0 FROM events WHERE {_in_reach(definition)})"
    left = f"CASE WHEN {entries.chosen(definition)} THEN m ELSE m & ~1 END AS m"
    query = f"SELECT * EXCLUDE (h0) REPLACE ({left}) FROM {rows}"
    run(connection, f"CREATE OR REPLACE TEMP TABLE events AS {query}", ())
