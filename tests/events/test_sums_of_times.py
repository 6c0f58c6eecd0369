"""Times add up to more than 64 bits hold, as those of 100 million units of a month do."""

from __future__ import annotations

import pytest

sqlglot = pytest.importorskip("sqlglot", reason="the extra `warehouse` is not installed")

from funnelcli.events import tally  # noqa: E402  # after the check

MONTH = 30 * 86_400_000_000
UNITS = 100_000_000


def test_times_are_added_up_as_decimals() -> None:
    """Of counts, no sum comes near to the limit."""
    sums = list(sqlglot.parse_one(f"SELECT {tally.columns_of([])}").find_all(sqlglot.exp.Sum))
    added = [each.this for each in sums if not isinstance(each.this, sqlglot.exp.Case)]
    assert [each.sql() for each in added] == ["g", "CAST(x AS DECIMAL(38, 0))"]


def rows(query: str) -> str:
    """The figures of so many times, of which each row of a table stands for a hundred thousand."""
    some = " UNION ALL ".join(["SELECT 1 AS i"] * 10)
    times = f"SELECT 1 AS g, CAST({MONTH} * 100000 AS BIGINT) AS x FROM ({some}) AS a CROSS JOIN ({some}) AS b"
    return f"SELECT {query} FROM ({times} CROSS JOIN ({some}) AS c) AS o"


def test_in_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
    with duckdb.connect() as connection:
        (found,) = connection.execute(rows(tally.columns_of([]))).fetchall()
    assert found[:3] == (1000, 1000, UNITS * MONTH)


@pytest.mark.slow
def test_in_clickhouse() -> None:
    chdb = pytest.importorskip("chdb", reason="chDB is not installed: pip install chdb")
    text = sqlglot.transpile(rows(tally.columns_of([])), write="clickhouse")[0]
    assert str(chdb.query(text, "CSV")).split(",")[:3] == ["1000", "1000", str(UNITS * MONTH)]


@pytest.mark.slow
def test_in_postgresql() -> None:
    from tests.events.postgres import connected, is_running, schema_of_its_own

    if not is_running():
        pytest.skip("no PostgreSQL answers")
    with schema_of_its_own() as url, connected(url) as connection:
        found = connection.execute(sqlglot.transpile(rows(tally.columns_of([])), write="postgres")[0]).fetchone()
    assert found is not None
    assert found[:3] == (1000, 1000, UNITS * MONTH)
