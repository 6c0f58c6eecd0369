"""MariaDB for tests: the server that runs, with a database of its own."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNNING = "mariadb://root@127.0.0.1:3306"
"""A server that asks for no password, as it runs beside the tests of a change."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection by the driver itself."""
    import pymysql

    name = url.removeprefix(RUNNING).strip("/")
    options = {"database": name} if name else {}
    connection = pymysql.connect(
        host="127.0.0.1", port=3306, user="root", autocommit=True, connect_timeout=5, **options
    )  # fmt: skip
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def database_of_its_own() -> Iterator[str]:
    """A new database in the server that runs, dropped afterwards; without the server, the test is skipped."""
    pymysql = pytest.importorskip("pymysql", reason="the extra `mysql` is not installed")
    name = f"funnelcli_{uuid4().hex}"
    try:
        with connected(RUNNING) as connection:
            connection.cursor().execute(f"CREATE DATABASE {name}")
    except pymysql.err.OperationalError:
        pytest.skip("no MariaDB answers at 127.0.0.1:3306")
    try:
        yield f"{RUNNING}/{name}"
    finally:
        with connected(RUNNING) as connection:
            connection.cursor().execute(f"DROP DATABASE {name}")


@contextmanager
def with_log(log: Path) -> Iterator[str]:
    """A database of its own with the log in a table."""
    with database_of_its_own() as url:
        with log.open(encoding="utf-8", newline="") as stream, connected(url) as connection:
            _, *rows = csv.reader(stream)
            cursor = connection.cursor()
            cursor.execute(
                "CREATE TABLE events (unit int unsigned, time datetime(6), event varchar(9), amount int, "
                "channel varchar(9), `key` int)"
            )
            cursor.executemany(
                "INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s)", [[each or None for each in row] for row in rows]
            )
        yield url
