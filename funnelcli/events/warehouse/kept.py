"""Temporary tables of what a query names more than once, in databases that would make it again for each name.

They bear the mark of the run that made them: in one session, another run may have made some, and they are dropped at
its end. A user may lack the right to them; then queries name the text of each, and are asked one by one, as databases
have limits to how large one may become.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEEPING = {"clickhouse": "ENGINE = Memory", "mysql": "ENGINE = MyISAM"}
"""Databases that keep nothing by themselves, and how their tables keep rows."""
_ASKED_ONE_BY_ONE = ("clickhouse",)
"""Databases with limits to a text that few stages and breakdowns exceed when all is asked at once: there, each query of
a union counts with all tables that the first one begins with."""
_RIGHTS = {"clickhouse": "CREATE TEMPORARY TABLE ON *.*", "mysql": "CREATE TEMPORARY TABLES"}


class Kept(NamedTuple):
    """What a run has made in a database: the names of its tables, and why it was refused one, if it was."""

    connection: Any
    mark: str
    tables: list[str]
    refusals: list[str]


class UnkeptError(Exception):
    """A query failed that names the text of tables, as none may be made; `help` says what right is missing."""

    def __init__(self, error: Exception, kept: Kept) -> None:
        super().__init__(str(error))
        said = " ".join(kept.refusals[0].split())
        self.help = f"it takes less with temporary tables: grant {_RIGHTS[kept.connection.name]} ({said})"


def nothing_kept(connection: Any) -> Kept:
    """Of a run that begins."""
    return Kept(connection, uuid4().hex[:12], [], [])


def keep(kept: Kept, name: str, query: str) -> str | None:
    """What stands for a table that is made once, or `None` where none may be made: after one refusal, none is tried."""
    if kept.refusals:
        return None
    connection = kept.connection
    table = f"funnelcli_{kept.mark}_{len(kept.tables)}_{name}"
    try:
        _done(connection, f"CREATE TEMPORARY TABLE {table} {KEEPING[connection.name]} AS {query}")
    except Exception as error:  # of whatever driver
        kept.refusals.append(str(error).strip() or type(error).__name__)
        return None
    kept.tables.append(table)
    return f"SELECT * FROM {table}"  # noqa: S608  # letters and digits


def drop(kept: Kept) -> None:
    """Drop the tables of a run: a session may outlive it."""
    while kept.tables:
        with suppress(Exception):  # of whatever driver: the session may be gone, and they with it
            _done(kept.connection, f"DROP TEMPORARY TABLE {kept.tables.pop()}")


def asked(kept: Kept, queries: Sequence[str], ask: Callable[[str], list[Any]]) -> list[Any]:
    """The rows of some queries that name the kept tables: at once where these are tables, else one by one.

    Raises `UnkeptError` where that is too much for the database.
    """
    if not kept.refusals and kept.connection.name not in _ASKED_ONE_BY_ONE:
        return ask(" UNION ALL ".join(queries))
    try:
        return [row for query in queries for row in ask(query)]
    except Exception as error:  # of whatever driver
        if not kept.refusals:
            raise
        raise UnkeptError(error, kept) from error


def _done(connection: Any, command: str) -> None:
    cursor = connection.raw_sql(command)
    if hasattr(cursor, "close"):
        cursor.close()
