"""The embedded engine: files of events counted by DuckDB, which sees these files and nothing else.

Columns are named in SQL only after they were found in the table, and quoted; values are bound as parameters.
"""
# ruff: noqa: S608  # see above

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from decimal import Context, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.measuring import asof, formulation, overlap, sqlite, tally
from funnelcli.measuring.cohorts import mature_end
from funnelcli.measuring.definition import FLAG, NUMBER, OTHER, TEXT, TIME, misfits
from funnelcli.measuring.result import Reach, measurement
from funnelcli.measuring.sources import CSV, DUCKDB, JSON, SQLITE, SourceError
from funnelcli.model import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.measuring.definition import Definition
    from funnelcli.measuring.result import Measurement
    from funnelcli.measuring.sources import Files
    from funnelcli.model import Condition, When

    Run = Callable[[duckdb.DuckDBPyConnection, str, Sequence[Any]], list[tuple[Any, ...]]]

MEMORY = "800MB"
"""What DuckDB may hold; beyond it, it writes to a temporary folder."""
BUCKETS = 64
"""Units are told apart by a hash into so many buckets, of which as many are counted at a time as fit the memory."""
AT_A_TIME = 2_000_000
"""Events that are counted at a time, about: to sort more of them would fill the memory, and take longer."""
FACTORS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
_EXACT = Context(prec=60)
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = frozenset((*_WHOLE, "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"))


def execute(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query to its end."""
    return connection.execute(query, list(values)).fetchall()


def measure(
    definition: Definition, files: Files, folder: str, *, mature_only: bool = False, run: Run = execute
) -> Measurement | Problem | list[Problem]:
    """Count a funnel's events in files, or say what does not fit.

    `folder` is for temporary files. `run` runs a query, so that a caller can show progress and stop it. Raises
    `SourceError` for what cannot be read.
    """
    try:
        return _measure(definition, files, folder, mature_only, run)
    except (duckdb.Error, sqlite3.Error) as error:
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
        return SourceError(f"cannot count {files.shown}: {what}", "free space for temporary files, or set TMPDIR")
    return SourceError(
        f"cannot read {files.shown}: {what}", "check that the file is whole and of the format of its ending"
    )


def _measure(
    definition: Definition, files: Files, folder: str, mature_only: bool, run: Run
) -> Measurement | Problem | list[Problem]:
    with duckdb.connect(config=_SAFE) as connection:
        table = _open(connection, definition, files, folder)
        if isinstance(table, Problem):
            return table
        types = {name: type_ for name, type_, *_ in execute(connection, f"DESCRIBE SELECT * FROM {table}")}
        columns = {name: kind_of(type_) for name, type_ in types.items()}
        problems = misfits(definition, columns)
        if problems:
            return problems
        clock = _clock(definition, types[definition.time])
        slow = files.format in (CSV, JSON, SQLITE)
        return _count(connection, definition, _Table(table, columns, clock, slow), mature_only, run)


_SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
    "memory_limit": MEMORY,
}


class _Table(NamedTuple):
    """The source: its name in SQL, the kinds of its columns, the time of an event, and whether reading it is slow."""

    name: str
    columns: dict[str, str]
    clock: str
    slow: bool


def _open(connection: duckdb.DuckDBPyConnection, definition: Definition, files: Files, folder: str) -> str | Problem:
    """Make the events visible as a table, and nothing else; returns its name in SQL."""
    paths = [os.path.abspath(path) for path in files.paths]
    execute(connection, "SET TimeZone = 'UTC'")
    execute(connection, "SET enable_progress_bar = true")  # so that progress is known
    execute(connection, "SET enable_progress_bar_print = false")
    execute(connection, f"SET temp_directory = {_literal(os.path.join(folder, 'spill'))}")
    table = "source"
    if files.format == DUCKDB:
        execute(connection, f"ATTACH {_literal(paths[0])} AS origin (READ_ONLY)")
        found = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'origin'"
        names = {
            name if schema == "main" else f"{schema}.{name}": (schema, name)
            for schema, name in execute(connection, found)
        }
        chosen = choose(definition.table, list(names))
        if isinstance(chosen, Problem):
            return chosen
        table = ".".join(_name(part) for part in ("origin", *names[chosen]))
    elif files.format == SQLITE:
        exported = sqlite.export(paths[0], definition, folder)
        if isinstance(exported, Problem):
            return exported
        paths = [exported]
    execute(connection, f"SET allowed_paths = [{', '.join(map(_literal, paths))}]")
    execute(connection, "SET enable_external_access = false")
    execute(connection, "SET lock_configuration = true")
    if files.format != DUCKDB:
        reader = {CSV: "read_csv", SQLITE: "read_csv", JSON: "read_json_auto"}.get(files.format, "read_parquet")
        listed = ", ".join(map(_literal, paths))
        more = ", union_by_name = true" if len(paths) > 1 else ""
        more += ", header = true" if reader == "read_csv" else ""
        execute(connection, f"CREATE TEMP VIEW source AS SELECT * FROM {reader}([{listed}]{more})")
    return table


def choose(wanted: str | None, tables: list[str]) -> str | Problem:
    """The table that is wanted among those of a database, or its only one."""
    if wanted in tables:
        return wanted
    if wanted is None and len(tables) == 1:
        return tables[0]
    if wanted is None:
        return Problem("FN102", "no table is named", f"add --table NAME; {did_you_mean('', tables) or 'there is none'}")
    return Problem("FN120", f"the database has no table {quoted(wanted)}", did_you_mean(wanted, tables))


def kind_of(type_: str) -> str:
    """What a column of a type of DuckDB holds."""
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        return OTHER
    base = type_.partition("(")[0]
    if base in _NUMBERS:
        return NUMBER
    if base.startswith("TIMESTAMP") or base == "DATE":
        return TIME
    return {"VARCHAR": TEXT, "UUID": TEXT, "ENUM": TEXT, "BOOLEAN": FLAG}.get(base, OTHER)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _count(
    connection: duckdb.DuckDBPyConnection, definition: Definition, table: _Table, mature_only: bool, run: Run
) -> Measurement | Problem:
    reach = _reach(connection, definition, table, run)
    if mature_only and reach.until is not None:
        definition = definition._replace(end=mature_end(definition, reach.until))
    _load(connection, definition, table, run, once=False)
    seen = [mask for (mask,) in run(connection, f"SELECT DISTINCT m FROM events WHERE {_in_reach(definition)}", ())]
    stage_bits = (1 << len(definition.names)) - 1
    masks = sorted({mask & stage_bits for mask in seen} - {0})
    tangled = overlap.tangle(definition, masks)
    if tangled:
        return tangled
    shared = overlap.shares_events(definition, masks)
    if shared or definition.growing or definition.order == "strict":
        before = _events(connection, definition, run)
        _load(connection, definition, table, run, once=True)
        reach = reach._replace(duplicates=before - _events(connection, definition, run))
    flags = [f"CAST((m >> {stage}) & 1 AS UTINYINT) AS h{stage}" for stage in range(len(definition.names))]
    if definition.exclude:
        flags.append(f"(m >> {len(definition.names)}) & 1 AS x")
    for number, share in enumerate(_shares(_events(connection, definition, run))):
        source = f"(SELECT unit, t, {', '.join(flags)} FROM events WHERE {share} AND {_in_reach(definition)})"
        if definition.order == "ordered" and not shared:
            units = asof.units(definition, source)
        else:
            units = formulation.units(definition, source, masks)
        run(connection, f"{'INSERT INTO units' if number else 'CREATE TEMP TABLE units AS'} {units}", ())
    entries = f"(SELECT * FROM events WHERE m & 1 = 1 AND {_in_reach(definition)})"
    return measurement(
        definition, run(connection, tally.tally(definition, "units", entries, quantiles=True), ()), reach
    )


def _shares(events: int) -> list[str]:
    """Conditions that part the events by unit into shares of at most about `AT_A_TIME`."""
    number = min(BUCKETS, max(1, -(-events // AT_A_TIME)))
    edges = [BUCKETS * each // number for each in range(number + 1)]
    return [f"bucket BETWEEN {low} AND {high - 1}" for low, high in pairwise(edges)]


def _events(connection: duckdb.DuckDBPyConnection, definition: Definition, run: Run) -> int:
    number: int = run(connection, f"SELECT COUNT(*) FROM events WHERE {_wanted(definition)}", ())[0][0]
    return number


def _wanted(definition: Definition) -> str:
    """The condition of events that are looked at: for strict chains, also those that meet nothing."""
    return _in_reach(definition) if definition.order == "strict" else f"m <> 0 AND {_in_reach(definition)}"


def _in_reach(definition: Definition) -> str:
    """The condition of events that can belong to an entry of the interval."""
    bounds = ["unit IS NOT NULL", "t IS NOT NULL"]
    bounds += [f"t >= {definition.start}"] * (definition.start is not None)
    bounds += [f"t <= {definition.last}"] * (definition.last is not None)
    return " AND ".join(bounds)


def _reach(connection: duckdb.DuckDBPyConnection, definition: Definition, table: _Table, run: Run) -> Reach:
    """What there is; text is turned into events on the way, as it is not to be read twice."""
    if table.slow:
        query, values = _normal(definition, table, once=False)
        run(connection, f"CREATE OR REPLACE TEMP TABLE events AS {query}", values)
    else:
        query = f"SELECT {_name(definition.unit)} AS unit, {table.clock} AS t FROM {table.name}"
    rows = f"({query}) AS e" if not table.slow else "events"
    inside = _in_reach(definition).replace("unit IS NOT NULL AND ", "")
    counts = f"COUNT(*) FILTER (WHERE {inside}), COUNT(*) FILTER (WHERE unit IS NULL AND {inside})"
    query = f"SELECT {counts}, COUNT(*) FILTER (WHERE t IS NULL), MAX(t) FROM {rows}"
    return Reach(*run(connection, query, ())[0])


def _load(
    connection: duckdb.DuckDBPyConnection, definition: Definition, table: _Table, run: Run, *, once: bool
) -> None:
    """The normal events as a table; with `once`, each event only once."""
    if table.slow and not once:
        return
    query, values = _normal(definition, table, once=once)
    rows = f"SELECT * FROM ({query}) AS e WHERE {_wanted(definition)}"
    run(connection, f"CREATE OR REPLACE TEMP TABLE events AS {rows}", values)


def _normal(definition: Definition, table: _Table, *, once: bool) -> tuple[str, list[Any]]:
    """A query of events: `unit`, `t`, the bits `m` of the stages that are met and of exclude, and `d0`, `d1`, …."""
    values: list[Any] = []
    whens = [*definition.whens, *([definition.exclude] if definition.exclude else [])]
    bits = [
        f"(CASE WHEN {_met(when, table.columns, values)} THEN {1 << index} ELSE 0 END)"
        for index, when in enumerate(whens)
    ]
    columns = [
        f"{_name(definition.unit)} AS unit",
        f"{table.clock} AS t",
        f"CAST({' + '.join(bits)} AS INTEGER) AS m",
    ]
    columns.append(f"CAST(HASH({_name(definition.unit)}) % {BUCKETS} AS UTINYINT) AS bucket")
    columns += [f"{_name(column)} AS d{index}" for index, (_, column) in enumerate(definition.dimensions)]
    rows = table.name
    if once and definition.identity is None:
        rows = f"(SELECT DISTINCT * FROM {table.name}) AS s"
    elif once:
        identity = _name(definition.identity or "")
        first = f"ROW_NUMBER() OVER (PARTITION BY {identity} ORDER BY {table.clock}) = 1"
        rows = f"(SELECT * FROM {table.name} QUALIFY {identity} IS NULL OR {first}) AS s"
    return f"SELECT {', '.join(columns)} FROM {rows}", values


def _clock(definition: Definition, type_: str) -> str:
    """The time in microseconds since 1970, NULL where there is none."""
    column = _name(definition.time)
    if kind_of(type_) == NUMBER:
        return f"TRY_CAST({column} * {FACTORS[definition.epoch or 'seconds']} AS BIGINT)"
    if type_ not in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        column = f"TRY_CAST({column} AS {'TIMESTAMPTZ' if kind_of(type_) == TEXT else 'TIMESTAMP'})"
    return f"CASE WHEN isfinite({column}) THEN epoch_us({column}) END"


def _met(when: When, columns: dict[str, str], values: list[Any]) -> str:
    """The condition that an event meets `when`; what it compares with is added to the values."""
    alternatives = [" AND ".join(_one_of(each, columns, values) for each in alternative) for alternative in when]
    return " OR ".join(f"({alternative})" for alternative in alternatives)


_OPERATORS = {"like": "LIKE", "not like": "NOT LIKE", "!=": "<>"}


def _one_of(condition: Condition, columns: dict[str, str], values: list[Any]) -> str:
    column, kind = _name(condition.column), columns[condition.column]
    if kind == TEXT:
        column = f"CAST({column} AS VARCHAR)"
    options = []
    for value in condition.values:
        operator, operand = value if isinstance(value, Comparison) else ("=", value)
        if operand is None:
            options.append(f"{column} IS {'NOT ' if operator == 'not null' else ''}NULL")
            continue
        values.append(_bound(operand, kind))
        place = "CAST(? AS TIMESTAMPTZ)" if kind == TIME else "?"
        options.append(f"{column} {_OPERATORS.get(operator, operator)} {place}")
    return f"({' OR '.join(options)})"


def _bound(operand: Any, kind: str) -> Any:
    """A value as the driver takes it."""
    if kind == TIME:
        moment = datetime.fromisoformat(operand)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    if kind == NUMBER and not isinstance(operand, int):
        return _EXACT.divide(Decimal(operand.numerator), Decimal(operand.denominator))
    return operand
