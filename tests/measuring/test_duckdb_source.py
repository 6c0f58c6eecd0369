"""Files as they are: what is only told by their later rows, files of columns, many files."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.measuring import duckdb as engine  # noqa: E402
from funnelcli.measuring import duckdb_source  # noqa: E402
from funnelcli.measuring.definition import Definition, define  # noqa: E402
from funnelcli.measuring.result import Measurement  # noqa: E402
from funnelcli.measuring.sources import Files, SourceError, find_source  # noqa: E402
from funnelcli.reading.funnel_file import read  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "user_id,event,time\n"
FUNNEL = """
measure: {unit: user_id, time: time, window: 7 days}
stages:
  - {name: visit, when: {event: visit}}
  - {name: paid, when: {event: [paid, "paid, in full"]}}
"""


def measured(source: str, folder: Path, funnel: str = FUNNEL) -> Measurement:
    (read_,) = read(funnel.encode(), "f.yaml", uncounted=True).funnels
    definition, place = define(read_), find_source(source, {})
    assert isinstance(definition, Definition)
    assert isinstance(place, Files)
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    found = engine.measure(definition, place, str(spill))
    assert isinstance(found, Measurement), found
    return found


def visits(number: int) -> str:
    """More rows of one kind than DuckDB looks at before it takes types and marks as known."""
    return "".join(f"{unit},visit,2026-10-01 00:00:00\n" for unit in range(number))


@pytest.mark.parametrize(
    ("later", "counts", "without_time"),
    [
        pytest.param('7,"paid, in full",2026-10-02 00:00:00\n', (30_000, 1), 0, id="a comma within quotes"),
        pytest.param('7,"paid",2026-10-02 00:00:00\n', (30_000, 1), 0, id="quotes"),
        pytest.param("x7,visit,2026-10-02 00:00:00\n", (30_001, 0), 0, id="a unit that is no number"),
        pytest.param("7,paid,later\n", (30_000, 0), 1, id="no time"),
        pytest.param("x7,paid,later\n", (30_000, 0), 1, id="neither"),
    ],
)
def test_later_rows_say_more_than_the_first(
    later: str, counts: tuple[int, ...], without_time: int, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(HEADER + visits(30_000) + later)
    found = measured(f"{tmp_path}/log.csv", tmp_path)
    assert (found.counts, found.reach.without_time) == (counts, without_time)


def test_a_time_that_is_none_is_counted_in_text_too(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEADER + "1,visit,2026-10-01 00:00:00\n2,visit,yesterday\n1,paid,\n")
    found = measured(f"{tmp_path}/log.csv", tmp_path)
    assert (found.counts, found.reach.events, found.reach.without_time) == ((1, 0), 1, 2)


def test_files_of_one_log_with_different_ends_of_lines_and_columns(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(HEADER + "1,visit,2026-10-01 00:00:00\n")
    (tmp_path / "2.csv").write_bytes(b'time,user_id,event,more\r\n2026-10-02 00:00:00,1,"paid, in full",x\r\n')
    (tmp_path / "3.csv").write_text("")
    assert measured(f"{tmp_path}/*.csv", tmp_path).counts == (1, 1)


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl"])
def test_nothing_is_said_to_be_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(SourceError, match="it is empty"):
        measured(f"{tmp_path}/{name}", tmp_path)


@pytest.mark.parametrize("ending", ["parquet", "duckdb", "csv"])
@pytest.mark.parametrize(
    ("rows", "reach"),
    [
        pytest.param("(1, 'visit', '2026-10-01'), (1, 'paid', '2026-10-02')", (2, 0, 0), id="whole"),
        pytest.param("(1, 'visit', '2026-10-01'), (NULL, 'paid', '2026-10-02')", (2, 1, 0), id="a unit"),
        pytest.param("(1, 'visit', '2026-10-01'), (1, 'paid', NULL)", (1, 0, 1), id="a time"),
        pytest.param("(1, 'visit', '2026-10-01'), (1, 'paid', 'infinity')", (1, 0, 1), id="no end"),
        pytest.param("(1, 'visit', '2026-10-01'), (NULL, 'paid', NULL)", (1, 0, 1), id="neither"),
    ],
)
def test_what_is_left_out_is_counted_in_every_format(
    rows: str, reach: tuple[int, ...], ending: str, tmp_path: Path
) -> None:
    table = f"SELECT i::BIGINT AS user_id, e AS event, t::TIMESTAMP AS time FROM (VALUES {rows}) AS v(i, e, t)"
    path = tmp_path / f"log.{ending}"
    with duckdb.connect(str(path) if ending == "duckdb" else ":memory:") as connection:
        connection.execute(f"CREATE TABLE log AS {table}" if ending == "duckdb" else f"COPY ({table}) TO '{path}'")
    found = measured(str(path), tmp_path).reach
    assert (found.events, found.without_unit, found.without_time) == reach


@pytest.mark.parametrize(
    "measure",
    ["window: 7 days", "window: 7 days, exclude: {event: left}", "window: 7 days, order: strict", "order: any"],
)
def test_many_shares_of_the_units_say_the_same_as_one(
    measure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(20261001)
    kinds = ("visit", "paid", "left", "visit", "look")
    rows = "".join(
        f"u{chance.randrange(40)},{chance.choice(kinds)},2026-10-{chance.randint(1, 28):02} 00:00:00\n"
        for _ in range(400)
    )
    (tmp_path / "log.csv").write_text(HEADER + rows)
    funnel = FUNNEL.replace("window: 7 days", f"{measure}, breakdowns: {{kind: event}}, period: week")
    whole = measured(f"{tmp_path}/log.csv", tmp_path, funnel)
    monkeypatch.setattr(engine, "JOINED_AT_ONCE", 30)
    monkeypatch.setattr(engine, "SORTED_AT_ONCE", 30)
    assert measured(f"{tmp_path}/log.csv", tmp_path, funnel) == whole
    assert whole.counts[1] > 1


def test_memory_is_limited() -> None:
    with duckdb_source.connect() as connection:
        (limit,) = duckdb_source.execute(connection, "SELECT current_setting('memory_limit')")[0]
    assert limit == "858.3 MiB"
