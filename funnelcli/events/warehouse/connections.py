"""Connections to databases through Ibis: which driver a URL takes, its tables, and the rows that come back."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import ibis
import sqlglot

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.events.sources import SourceError, choose_table, without_secrets
from funnelcli.events.warehouse.ibis_private import place_of
from funnelcli.events.warehouse.kept import UnkeptError

if TYPE_CHECKING:
    from funnelcli.events.sources import Warehouse


_UNLOCKED = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
"""Without it, MySQL locks the rows that it copies, and nobody could write events meanwhile."""

_PLANNED = "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('jit', 'enable_nestloop')"
"""To compile a query of many parts, PostgreSQL takes seconds, and more than it takes to run it. Of parts that it takes
to have a row, which have one a unit or a period, it would look at all of the one for each of the other."""


def connect(place: Warehouse) -> Any:
    """A connection of Ibis; in PostgreSQL, all of its queries see the events of one moment."""
    _, _, rest = place.url.partition("://")
    if place.engine == "pyspark":
        return _of_spark(rest)
    if place.engine == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()  # which Ibis asks for, and which is there only where a compiler was
    with warnings.catch_warnings():
        # of a time zone that the server does not know by its name
        warnings.filterwarnings("ignore", "Unable to set session timezone", UserWarning)
        connection = ibis.connect(f"{place.engine}://{rest}")
    if connection.name == "postgres":
        connection.con.execute(_PLANNED)
        connection.con.commit()
        connection.con.autocommit = False
        connection.con.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    elif connection.name == "mysql":
        collation = _collation(connection)  # that of what is cast to a text, too
        for command in ("SET time_zone = '+00:00'", f"SET collation_connection = {collation}", _UNLOCKED):
            connection.raw_sql(command).close()
    return connection


def _of_spark(rest: str) -> Any:
    """A connection to the cluster that a URL names, or to Spark within this machine where it names none.

    Ibis itself would leave the cluster out. The tables are those of the catalog of its `spark-defaults.conf`.
    """
    from pyspark.sql import SparkSession

    server, _, schema = rest.rstrip("/").partition("/")
    builder = SparkSession.builder.appName("funnelcli").config("spark.ui.showConsoleProgress", "false")
    with suppress(ImportError):  # from 4.0 on it writes what it refuses to stderr as well, with the stack of the JVM
        from pyspark.logger import PySparkLogger

        PySparkLogger.getLogger("SQLQueryContextLogger").setLevel("CRITICAL")
    session = (builder.master(f"spark://{server}") if server else builder).getOrCreate()
    if schema:
        session.catalog.setCurrentDatabase(schema)
    return ibis.pyspark.connect(session)


def stop(connection: Any, place: Warehouse) -> None:
    """Have a server stop what it was asked: MySQL works on when nobody waits any more, and others see it."""
    if connection.name != "mysql":
        return
    with suppress(Exception):  # of whatever driver: it ends by itself later
        other = connect(place)
        other.raw_sql(f"KILL {connection.con.thread_id()}").close()
        other.disconnect()


def refused(error: Exception, place: Warehouse, doing: str) -> SourceError:
    """An error of a driver in one line, without secrets; of a module that is missing, also the error beneath."""
    said = without_secrets(str(error), place.url).strip().splitlines() or [type(error).__name__]
    if isinstance(error, ImportError):
        driver = f'"funnelcli[warehouse]" "ibis-framework[{place.engine}]"'
        help_text = f'"funnelcli[{place.extra}]"' if place.extra else driver
        beneath = _innermost(error)
        why = "" if beneath is error else ": " + without_secrets(" ".join(str(beneath).split()), place.url)
        return SourceError(f"{place.shown}: {said[0].rstrip('.')}{why}", f"install its driver: pip install {help_text}")
    help_text = "check the URL, the table and your rights"
    if "partition elimination" in str(error):  # in the words of BigQuery
        help_text = "the table wants an interval: add --between FROM TO, of its time column"
    if isinstance(error, UnkeptError):
        help_text = without_secrets(error.help, place.url)
    return SourceError(f"cannot {doing} {place.shown}: {said[0]}", help_text)


def _innermost(error: ImportError) -> ImportError:
    """The failed import from which others followed: it names what is missing."""
    cause = error.__cause__ or error.__context__
    return _innermost(cause) if isinstance(cause, ImportError) else error


def table_of(connection: Any, wanted: str | None) -> Any:
    """The table that is wanted, if the database lists or knows it: a materialized view may not be listed."""
    schema, _, name = (wanted or "").rpartition(".")
    within = {"database": schema} if schema else {}
    # without a database, MySQL lists the tables of all, by their bare names
    nowhere = connection.name == "mysql" and not schema and connection.current_database is None
    tables = [] if nowhere else list(connection.list_tables(**within))
    chosen = choose_table(name or None, tables)
    if isinstance(chosen, Problem):
        if name:
            with suppress(Exception):  # of whatever driver: there is none
                return _exact(connection, connection.table(name, **within))
        return _no_schema(connection, schema) or choose_table(name or None, tables, schema, elsewhere(connection))
    return _exact(connection, connection.table(chosen, **within))


def _no_schema(connection: Any, schema: str) -> Problem | None:
    """That a schema, of MySQL a database, is not there, where those that are can be listed."""
    with suppress(Exception):  # of whatever driver: not each lists them
        known = list(connection.list_databases())
        if schema and "." not in schema and schema not in known:
            what = f"the database has no schema {quoted(schema)}"
            return Problem("FN120", what, did_you_mean(schema, _of_users(connection)), path=("measure", "table"))
    return None


_OF_THE_SYSTEM = {
    "mysql": ("mysql", "performance_schema", "sys"),
    "clickhouse": ("system",),
    "mssql": ("sys", "guest"),
}
"""Schemas of which no table is of events, beside those that many have."""
_MOST_LOOKED_INTO = 50


def _of_users(connection: Any) -> list[str]:
    """The schemas other than those of the system."""
    system = {"information_schema", *_OF_THE_SYSTEM.get(connection.name, ())}
    known = [each for each in connection.list_databases() if each.casefold() not in system]
    return [each for each in known if connection.name != "postgres" or not each.startswith("pg_")]


def elsewhere(connection: Any) -> list[str]:
    """Tables of other schemas than the one that is looked into by itself, as they are to be written."""
    found: list[str] = []
    with suppress(Exception):  # of whatever driver: not each lists them, nor may each be looked into
        for schema in _of_users(connection)[:_MOST_LOOKED_INTO]:
            if schema != connection.current_database:
                with suppress(Exception):
                    found += sorted(f"{schema}.{each}" for each in connection.list_tables(database=schema))
    return found


def _exact(connection: Any, table: Any) -> Any:
    """A table whose texts are equal only where all of their characters are, also trailing spaces."""
    if connection.name != "mysql":
        return table
    name, database = place_of(table)
    source = sqlglot.table(name, db=database, quoted=True).sql("mysql")
    query, types = spelled(table.schema(), _collation(connection), source)
    return connection.sql(query, schema=types)


COLLATIONS = {"mariadb": "utf8mb4_nopad_bin", "mysql": "utf8mb4_0900_bin"}
"""Those by which texts are equal only where all of their characters are, also spaces at the end."""


def spelled(schema: Any, collation: str, source: str) -> tuple[str, dict[str, Any]]:
    """A query of a table of MySQL, of which texts compare by a collation, and the types of its columns."""
    columns, types = [], {}
    for name, type_ in schema.items():
        column = sqlglot.to_identifier(name, quoted=True).sql("mysql")
        text = f"CONVERT({column} USING utf8mb4) COLLATE {collation} AS {column}"
        columns.append(text if type_.is_string() else column)
        types[name] = "string" if type_.is_string() else type_  # of no length: a cast would lose how it compares
    return f"SELECT {', '.join(columns)} FROM {source}", types  # noqa: S608  # quoted


def _collation(connection: Any) -> str:
    """The collation of the server in which every character counts."""
    ((version,),) = fetched(connection, "SELECT VERSION()")
    return COLLATIONS["mariadb" if "mariadb" in str(version).lower() else "mysql"]


def fetched(connection: Any, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, from whichever kind of cursor the driver has."""
    cursor = connection.raw_sql(query)
    if hasattr(cursor, "collect"):
        found = cursor.collect()
    elif hasattr(cursor, "fetchall"):
        found = cursor.fetchall()
        if hasattr(cursor, "close") and cursor is not getattr(connection, "con", None):
            cursor.close()
    else:
        found = getattr(cursor, "result_rows", cursor)
    return [tuple(row) for row in found]
