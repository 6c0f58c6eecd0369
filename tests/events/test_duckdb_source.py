"""Files as they are: what is only told by their later rows, files of columns, many files."""

from __future__ import annotations

import gzip
import re
import sqlite3
import sys
from contextlib import closing
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import Definition  # noqa: E402
from funnelcli.events.duckdb import (  # noqa: E402
    chains,
    files,
)
from funnelcli.events.duckdb import engine as engine  # noqa: E402
from funnelcli.events.memory import LEAST  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, SourceError, find_source  # noqa: E402
from funnelcli.events.zones import moment_text  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "user_id,event,time\n"
FUNNEL = """
measure: {unit: user_id, time: time, window: 7 days}
stages:
  - {name: visit, when: {event: visit}}
  - {name: paid, when: {event: [paid, "paid, in full"]}}
"""


def outcome(source: str, folder: Path, funnel: str, memory: int | None = None) -> object:
    (read_,) = read(funnel.encode(), "f.yaml", uncounted=True).funnels
    definition, place = define(read_), find_source(source, {})
    assert isinstance(definition, Definition)
    assert isinstance(place, Files)
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    return engine.measure(definition, place, str(spill), memory=memory)


def measured(source: str, folder: Path, funnel: str = FUNNEL, memory: int | None = None) -> EventCounts:
    found = outcome(source, folder, funnel, memory)
    assert isinstance(found, EventCounts), found
    return found


def problem(source: str, folder: Path, funnel: str = FUNNEL) -> Problem:
    found = outcome(source, folder, funnel)
    assert isinstance(found, Problem), found
    return found


def visits(number: int) -> str:
    """More rows of one kind than DuckDB looks at before it takes types and marks as known."""
    return "".join(f"{unit},visit,2026-10-01 00:00:00\n" for unit in range(number))


@pytest.mark.parametrize(
    ("later", "counts", "without_time"),
    [
        pytest.param('7,"paid, in full",2026-10-02 00:00:00\n', (21_000, 1), 0, id="a comma within quotes"),
        pytest.param('7,"paid",2026-10-02 00:00:00\n', (21_000, 1), 0, id="quotes"),
        pytest.param("x7,visit,2026-10-02 00:00:00\n", (21_001, 0), 0, id="a unit that is no number"),
        pytest.param("7,paid,later\n", (21_000, 0), 1, id="no time"),
        pytest.param("x7,paid,later\n", (21_000, 0), 1, id="neither"),
    ],
)
def test_later_rows_say_more_than_the_first(
    later: str, counts: tuple[int, ...], without_time: int, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(HEADER + visits(21_000) + later)
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


MARK = b"\xef\xbb\xbf"
NOTHING = [
    *(("log.csv", each) for each in (b"", MARK)),
    *(("log.csv.gz", each) for each in (b"", gzip.compress(b"", mtime=0), gzip.compress(MARK, mtime=0))),
    *(("log.csv.zst", bytes.fromhex(f"28b52ffd{each}")) for each in ("240001000099e9d851", "045801000099e9d851")),
    *(("log.jsonl.zst", bytes.fromhex(f"28b52ffd{each}")) for each in ("2000010000", "2003190000efbbbf")),
    ("log.jsonl", b""),
]
"""Frames of zstd (RFC 8878): of one segment or with a window, with and without a checksum, and one of a mark."""


@pytest.mark.parametrize(("name", "content"), NOTHING)
def test_nothing_is_said_to_be_nothing(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match="it is empty"):
        measured(f"{tmp_path}/{name}", tmp_path)


def test_a_frame_of_nothing_before_one_of_events_is_not_all(tmp_path: Path) -> None:
    """Packed files that are put together are one."""
    text = (HEADER + "1,visit,2026-10-01 00:00:00\n").encode()
    packed = bytes.fromhex("28b52ffd200001000028b52ffd20") + bytes([len(text)])
    (tmp_path / "log.csv.zst").write_bytes(packed + (len(text) << 3 | 1).to_bytes(3, "little") + text)
    assert measured(f"{tmp_path}/log.csv.zst", tmp_path).counts[0] == 1


LEFT_OUT = {
    "nothing": ("(1, 'paid', '2026-10-02')", (2, 0, 0)),
    "a unit": ("(NULL, 'paid', '2026-10-02')", (2, 1, 0)),
    "a time": ("(1, 'paid', NULL)", (1, 0, 1)),
    "no end": ("(1, 'paid', 'infinity')", (1, 0, 1)),
    "neither": ("(NULL, 'paid', NULL)", (1, 0, 1)),
}


@pytest.mark.parametrize(("lacks", "ending"), each_once(LEFT_OUT, ["parquet", "duckdb", "csv"]))
def test_what_is_left_out_is_counted_in_every_format(lacks: str, ending: str, tmp_path: Path) -> None:
    row, reach = LEFT_OUT[lacks]
    rows = f"(1, 'visit', '2026-10-01'), {row}"
    table = f"SELECT i::BIGINT AS user_id, e AS event, t::TIMESTAMP AS time FROM (VALUES {rows}) AS v(i, e, t)"
    path = tmp_path / f"log.{ending}"
    with duckdb.connect(str(path) if ending == "duckdb" else ":memory:") as connection:
        connection.execute(f"CREATE TABLE log AS {table}" if ending == "duckdb" else f"COPY ({table}) TO '{path}'")
    found = measured(str(path), tmp_path).reach
    assert (found.events, found.without_unit, found.without_time) == reach


def test_what_is_written_is_what_is_counted(tmp_path: Path) -> None:
    """Units are texts: `007`, `7` and `7.0` are three, `#7` is no comment; long numbers are not rounded."""
    units = ("007", "7", "7.0", "1e2", "100", "#7", "123456789012345678901", "123456789012345678902")
    rows = "".join(f"{unit},visit,2026-10-01 00:00:00\n" for unit in units)
    (tmp_path / "few.csv").write_text(HEADER + rows)
    (tmp_path / "late.csv").write_text(HEADER + visits(21_000) + rows)
    assert measured(f"{tmp_path}/few.csv", tmp_path).counts == (8, 0)
    assert measured(f"{tmp_path}/late.csv", tmp_path).counts == (21_006, 0)  # 7 and 100 were there already


def test_a_late_offset_and_a_late_fraction_are_read(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEADER + visits(21_000) + "7,paid,2026-10-01T03:00:00+02:00\n")
    found = measured(f"{tmp_path}/log.csv", tmp_path)
    assert found.counts == (21_000, 1)
    assert found.noted.times[0][1].mean == 3600


@pytest.mark.parametrize("name", ["one.csv", "*.csv"])
def test_late_prices_keep_their_cents(name: str, tmp_path: Path) -> None:
    funnel = FUNNEL.replace("event: visit", "amount: 20").replace('event: [paid, "paid, in full"]', 'amount: "> 20"')
    funnel = funnel.replace("window: 7 days", "window: 7 days, breakdowns: {price: amount}")
    rows = "".join(f"{unit},20,2026-10-01 00:00:00\n" for unit in range(21_000))
    late = "1,19.99,2026-10-01 00:00:00\n2,20.01,2026-10-02 00:00:00\n"
    (tmp_path / "one.csv").write_text("user_id,amount,time\n" + rows + late)
    (tmp_path / "two.csv" if name == "*.csv" else tmp_path / "other.txt").write_text("user_id,amount,time\n")
    found = measured(f"{tmp_path}/{name}", tmp_path, funnel)
    assert found.counts == (21_000, 1)
    assert [each.name for each in found.breakdowns[0].segments] == ["20"]


@pytest.mark.parametrize("type_", ["INTEGER", "UINTEGER", "BIGINT", "DOUBLE", "DECIMAL(18, 3)"])
def test_seconds_of_every_type_of_number(type_: str, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    rows = "(1, 'visit', 1790812800), (1, 'paid', 1790816400)"
    with duckdb.connect() as connection:
        table = f"SELECT i AS user_id, e AS event, t::{type_} AS time FROM (VALUES {rows}) AS v(i, e, t)"
        connection.execute(f"COPY ({table}) TO '{path}'")
    found = measured(str(path), tmp_path, FUNNEL.replace("window", "epoch: seconds, window"))
    assert (found.counts, found.noted.times[0][1].mean) == ((1, 1), 3600)


@pytest.mark.parametrize("type_", ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ", "DATE"])
def test_times_of_every_type(type_: str, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    rows = "(1, 'visit', '2026-10-01'), (1, 'paid', '2026-10-02')"
    funnel = FUNNEL.replace("{event: visit}", '{event: visit, time: "< 2026-10-02"}')
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        table = f"SELECT i AS user_id, e AS event, t::{type_} AS time FROM (VALUES {rows}) AS v(i, e, t)"
        connection.execute(f"COPY ({table}) TO '{path}'")
    found = measured(str(path), tmp_path, funnel)
    assert (found.counts, found.noted.times[0][1].mean) == ((1, 1), 86400)


@pytest.mark.parametrize("moment", ["0044-03-15 (BC) 00:00:00", "0999-12-31", "9999-01-01", "infinity", "-infinity"])
def test_times_that_nobody_means_are_none(moment: str, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    rows = f"(1, 'visit', '2026-10-01'), (2, 'visit', '{moment}')"
    with duckdb.connect() as connection:
        table = f"SELECT i AS user_id, e AS event, t::TIMESTAMP AS time FROM (VALUES {rows}) AS v(i, e, t)"
        connection.execute(f"COPY ({table}) TO '{path}'")
    found = measured(str(path), tmp_path, FUNNEL.replace("window", "period: month, window"))
    assert (found.counts, found.reach.without_time, found.reach.unreadable) == ((1, 0), 1, 1)


@pytest.mark.parametrize(("epoch", "time"), [("seconds", 1790812800000), ("milliseconds", 1790812800)])
def test_an_epoch_that_cannot_be_meant_is_said(epoch: str, time: int, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"{HEADER}1,visit,{time}\n")
    said = problem(f"{tmp_path}/log.csv", tmp_path, FUNNEL.replace("window", f"epoch: {epoch}, window"))
    assert said.help == "say what the numbers count: seconds, milliseconds or microseconds"


@pytest.mark.parametrize(
    ("times", "until"),
    [
        (("01.10.2026", "02.10.2026"), "2026-10-02"),
        (("10/01/2026", "10/13/2026"), "2026-10-13"),
        (("13/10/2026 10:00:00", "01/10/2026 10:00:00"), "2026-10-13"),
        (("2026/10/01", "2026/10/02"), "2026-10-02"),
        (("2026-10-01T00:00:00Z", "2026-10-02T00:00:00.5+00:00"), "2026-10-02"),
    ],
)
def test_dates_that_can_be_read_in_one_way(times: tuple[str, ...], until: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEADER + "".join(f"1,visit,{time}\n" for time in times))
    found = measured(f"{tmp_path}/log.csv", tmp_path)
    assert found.reach.events == 2
    assert moment_text(found.reach.until or 0).startswith(until)


@pytest.mark.parametrize("time", ["10/01/2026", "01-10-2026", "10/01/2026 12:00:00", "01/02/26"])
def test_dates_that_can_be_read_in_two_ways_are_refused(time: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"{HEADER}1,visit,{time}\n")
    said = problem(f"{tmp_path}/log.csv", tmp_path)
    assert said.message == f'a time like "{time}" can be read in two ways'


def test_a_date_that_is_compared_can_be_read_in_one_way_too(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("user_id,day,event,time\n1,10/01/2026,visit,2026-10-01\n")
    funnel = FUNNEL.replace("{event: visit}", '{day: ">= 2026-10-01"}')
    assert "10/01/2026" in problem(f"{tmp_path}/log.csv", tmp_path, funnel).message


def test_times_of_which_none_can_be_read_are_refused_with_one_of_them(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"{HEADER}1,visit,13.10.2026 10:00\n")
    assert '"13.10.2026 10:00"' in problem(f"{tmp_path}/log.csv", tmp_path).message


def test_a_column_of_sqlite_is_what_its_values_are(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    rows = [("1e2", ""), ("100", ""), ("100.0", None), (None, "x"), ("", "x")]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE log (user_id TEXT, event TEXT, coupon TEXT, time INTEGER)")
        connection.executemany("INSERT INTO log VALUES (?, 'visit', ?, 1790812800)", rows)
        connection.commit()
    funnel = FUNNEL.replace("window", "epoch: seconds, window").replace("event: visit", 'coupon: ""')
    assert measured(str(path), tmp_path, FUNNEL.replace("window", "epoch: seconds, window")).counts == (4, 0)
    assert measured(str(path), tmp_path, funnel).counts == (2, 0)


def test_values_of_json_may_be_of_several_types(tmp_path: Path) -> None:
    units = ("1", '"x"', "18446744073709551616", "18446744073709551617", "true")
    lines = [f'{{"user_id": {unit}, "event": "visit", "time": "2026-10-01T00:00:00+02:00"}}\n' for unit in units]
    (tmp_path / "log.jsonl").write_text("".join(lines))
    assert measured(f"{tmp_path}/log.jsonl", tmp_path).counts == (5, 0)


def test_more_segments_than_can_be_shown_are_refused_before_names_are_made_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("funnelcli.events.tally.MOST_SEGMENTS", 3)
    rows = "".join(f"{unit},visit,2026-10-01 00:00:00,{' ' * unit}a\n" for unit in range(5))
    (tmp_path / "log.csv").write_text("user_id,event,time,label\n" + rows)
    funnel = FUNNEL.replace("window: 7 days", "window: 7 days, breakdowns: {label: label}")
    assert problem(f"{tmp_path}/log.csv", tmp_path, funnel).code == "FN114"


@pytest.mark.parametrize(
    "measure",
    few(["window: 7 days", "window: 7 days, exclude: {event: left}", "window: 7 days, order: strict", "order: any"], 2),
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
    monkeypatch.setattr(chains, "JOINED_AT_ONCE", 30)
    monkeypatch.setattr(chains, "SORTED_AT_ONCE", 30)
    assert measured(f"{tmp_path}/log.csv", tmp_path, funnel) == whole
    assert whole.counts[1] > 1


def test_memory_is_limited() -> None:
    with files.connect(900_000_000) as connection:
        (limit,) = files.execute(connection, "SELECT current_setting('memory_limit')")[0]
    assert limit == "858.3 MiB"


def hourly(folder: Path, number: int, ending: str) -> str:
    """A log of so many hours, a file an hour, some of them empty but for their header; and the whole in one file."""
    chance = Random(20261001)  # no secret
    log = []
    connection = duckdb.connect()
    for hour in range(number):
        rows = [
            (
                chance.randint(1, 400),
                chance.choice(("visit", "visit", "paid")),
                f"2026-10-{1 + hour // 24:02} {hour % 24:02}:{minute:02}:00",
            )
            for minute in range(0, chance.choice((0, 10, 60)), 3)
        ]
        log += rows
        if ending == "parquet":
            listed = ", ".join(map(str, rows)) or "(NULL, NULL, NULL)"
            query = f"SELECT * FROM (VALUES {listed}) AS v (user_id, event, time) WHERE user_id IS NOT NULL"
            connection.execute(f"COPY ({query}) TO '{folder}/h{hour:03}.parquet'")
        else:
            json_lines = "".join(
                f'{{"user_id": {unit}, "event": "{event}", "time": "{time}"}}\n' for unit, event, time in rows
            )
            text = json_lines if "json" in ending else HEADER + "".join(f"{','.join(map(str, row))}\n" for row in rows)
            data = gzip.compress(text.encode(), 1) if ending.endswith("gz") else text.encode()
            (folder / f"h{hour:03}.{ending}").write_bytes(data)
    connection.close()
    (folder / "whole.csv").write_text(HEADER + "".join(f"{','.join(map(str, row))}\n" for row in log), encoding="utf-8")
    return f"{folder}/h*.{ending}"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize(
    "ending", whole_or_part(["csv.gz", "csv", "jsonl.gz", "jsonl", "parquet"], ["csv.gz", "parquet"])
)
def test_days_of_hourly_files_are_the_log_in_one_file(ending: str, tmp_path: Path) -> None:
    """Within the least memory, and with fewer open files than there are."""
    import resource

    pattern = hourly(tmp_path, 60 if ending == "parquet" else 150, ending)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        many = measured(pattern, tmp_path, memory=LEAST)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    whole = measured(f"{tmp_path}/whole.csv", tmp_path)
    assert many == whole
    assert whole.counts[1] > 1


def test_files_whose_columns_differ_are_one_log(tmp_path: Path) -> None:
    """Another order, another mark, a column more, another end of lines, and types that only later files tell."""
    (tmp_path / "a.csv").write_text("user_id,event,time,amount\n1,visit,2026-10-01 00:00:00,\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("time;amount;user_id;event\n2026-10-01 01:00:00;5;2;visit\n", encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(b"amount,user_id,event,time\r\n,1,visit,2026-10-01 02:00:00\r\n")
    (tmp_path / "d.csv").write_text("user_id,event,time,amount\n1,paid,2026-10-01 03:00:00,20.5\n", encoding="utf-8")
    (tmp_path / "e.csv").write_text("user_id,event,time,amount\n", encoding="utf-8")
    funnel = FUNNEL.replace('{event: [paid, "paid, in full"]}', '{event: paid, amount: ">= 20"}')
    assert measured(f"{tmp_path}/*.csv", tmp_path, funnel).counts == (2, 1)


ROWS, UNLIKE = (0, 3, 60_000), ("7,visit", "7", "7,visit,2026-10-01 00:00:00,more")


@pytest.mark.parametrize(
    ("rows", "row", "many"),
    [*each_once(ROWS, UNLIKE, [False, True]), *whole_or_part([], each_once(ROWS, UNLIKE[::-1], [True, False]))],
)
def test_a_row_that_is_too_short_or_long_is_named_with_its_file(
    row: str, rows: int, many: bool, tmp_path: Path
) -> None:
    """Wherever it stands, no other line is taken for the header, and no row is left out in silence."""
    if many:
        (tmp_path / "log0.csv").write_text(HEADER + visits(5), encoding="utf-8")
    path = tmp_path / "log1.csv"
    path.write_text(f"{HEADER}{visits(rows)}{row}\n{visits(4)}", encoding="utf-8")
    columns = row.count(",") + 1
    shown = f"{path}:{rows + 2}: the row has {columns} {'column' if columns == 1 else 'columns'}, and the header 3"
    with pytest.raises(SourceError, match=f"^{re.escape(shown)}$"):
        outcome(f"{tmp_path}/log*.csv", tmp_path, FUNNEL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEADER.replace("\n", "\r\n") + visits(3).replace("\n", "\r\n") + visits(1),
            ":5: this line ends otherwise than",
        ),
        (
            HEADER + visits(2) + '9,"visit,2026-10-01 00:00:00\n' + visits(2),
            ":4: a quote begins a value, and none ends it",
        ),
        (
            "Report of events\n\n" + (HEADER + visits(3)).replace("\n", "\r\n"),
            ":3: this line ends otherwise than",
        ),
    ],
)
def test_rows_that_are_not_read_are_told_in_our_words(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode())
    with pytest.raises(SourceError) as raised:
        outcome(str(path), tmp_path, FUNNEL)
    assert raised.value.what.startswith(f"{path}{said}")
    assert "strict_mode" not in raised.value.what + raised.value.help


def test_a_folder_of_parquet_is_read_whole_with_the_columns_of_its_paths(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for day, event in (("2026-10-01", "a"), ("2026-10-02", "b")):
            folder = tmp_path / "events" / f"dt={day}"
            folder.mkdir(parents=True)
            row = f"SELECT 1 AS unit, TIMESTAMP '{day} 10:00:00' AS time, '{event}' AS event"
            connection.execute(f"COPY ({row}) TO '{folder / 'part.parquet'}' (FORMAT parquet)")
    place = find_source(str(tmp_path / "events"), {})
    assert isinstance(place, Files)
    text = "measure: {unit: unit, time: time, breakdowns: {day: dt}}\n"
    text += "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]\n"
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert not isinstance(definition, list)
    outcome = engine.measure(definition, place, str(tmp_path))
    assert isinstance(outcome, EventCounts)
    assert outcome.counts == (1, 1)
    assert [(each.name, each.counts) for each in outcome.breakdowns[0].segments] == [("2026-10-01", (1, 1))]


EMPTY_UNTIL_LATE = """
measure: {unit: user_id, time: time, breakdowns: {plan: plan}}
stages:
  - {name: visit, when: {event: visit}}
  - {name: asked, when: {page: contains ric}}
  - {name: large, when: {amount: ">= 10"}}
  - {name: agreed, when: {agreed: true}}
  - {name: due, when: {due: "> 2026-10-01"}}
"""


@pytest.mark.parametrize(
    ("ending", "rows", "filled"),
    whole_or_part(
        [*product(["jsonl", "parquet"], [1, 40, 21_000], [False, True])],
        [("parquet", 1, False), ("jsonl", 40, False), ("jsonl", 21_000, True), ("parquet", 40, True)],
    ),
)
def test_a_column_may_be_empty_or_long_be_so(ending: str, rows: int, filled: bool, tmp_path: Path) -> None:
    """Nothing fits what is empty, whatever it is compared with; a value in the last row, or the last file, counts."""
    nothing = "NULL AS page, NULL AS amount, NULL AS agreed, NULL AS due, NULL AS plan"
    values = "'/price' AS page, 12.5 AS amount, true AS agreed, DATE '2026-10-02' AS due, 'pro' AS plan"
    start = "TIMESTAMP '2026-10-01' + INTERVAL 1 SECOND"
    with duckdb.connect() as connection:
        each = f"SELECT i AS user_id, 'visit' AS event, {start} * i AS time, {nothing} FROM range({{}}, {{}}) AS r(i)"
        files_of = [(number, number + 1) for number in range(rows)] if rows <= 40 else [(0, rows)]
        for first, end in files_of:
            connection.execute(f"COPY ({each.format(first, end)}) TO '{tmp_path}/{first:05}.{ending}'")
        late = f"SELECT 0 AS user_id, 'other' AS event, {start} * (50000 + i) AS time, {values} FROM range(4) AS r(i)"
        if filled and ending == "jsonl" and rows > 40:
            connection.execute(f"COPY ({late}) TO '{tmp_path}/late.jsonl'")
            text = (tmp_path / "00000.jsonl").read_text() + (tmp_path / "late.jsonl").read_text()
            (tmp_path / "00000.jsonl").write_text(text)
            (tmp_path / "late.jsonl").unlink()
        elif filled:
            connection.execute(f"COPY ({late}) TO '{tmp_path}/late.{ending}'")
    found = measured(f"{tmp_path}/*.{ending}", tmp_path, EMPTY_UNTIL_LATE)
    assert found.counts == ((rows, 1, 1, 1, 1) if filled else (rows, 0, 0, 0, 0))
