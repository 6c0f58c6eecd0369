"""Where a time zone is named, times without an offset are said to be in UTC, once and in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from tests.cli.test_measure import run  # noqa: E402  # after the check
from tests.thorough import few  # noqa: E402

FUNNEL = """\
measure: {unit: user, time: at, window: 7 days, TABLEperiod: day, MORE}
stages: [{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid}}]
"""
ZONE = "time_zone: Europe/Helsinki"
SAID = 'times in "at" without an offset are taken as UTC; time_zone: Europe/Helsinki is for period and the dates of'
TIMES = {
    "2026-10-01": True, "2026-10-01 10:00:00": True, "2026-10-01T10:00": True, "2026-10-01T10:00:00Z": False,
    "2026-10-01 10:00:00.5+02:00": False, "2026-10-01T10:00:00-0530": False,
}  # fmt: skip


def said(source: str, more: str = ZONE) -> str:
    table = "table: events, " if source.endswith("duckdb") else ""
    Path("f.yaml").write_text(FUNNEL.replace("MORE", more).replace("TABLE", table), encoding="utf-8")
    code, _, err = run("measure", "f.yaml", "--from", source)
    assert code == 0, err
    return err


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_texts(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for time, without in few(TIMES.items(), 4 if ending == "csv" else 2):  # with and without an offset
        text = f'{{"user": 1, "at": "{time}", "event": "visit"}}\n' if ending == "jsonl" else f"1,{time},visit\n"
        Path(f"e.{ending}").write_text("user,at,event\n" * (ending == "csv") + text, encoding="utf-8")
        assert said(f"e.{ending}").count(SAID) == without, time
    assert SAID not in said(f"e.{ending}", "order: any")


@pytest.mark.parametrize(
    ("type_", "without"), few([("DATE", 1), ("TIMESTAMP", 1), ("TIMESTAMP_NS", 1), ("TIMESTAMPTZ", 0)], 3)
)
def test_columns_of_types(type_: str, without: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("e.duckdb") as connection:
        row = f"SELECT 1 AS user, CAST('2026-10-01' AS {type_}) AS at, 'visit' AS event"
        connection.execute(f"CREATE TABLE events AS {row}")
        connection.execute("COPY events TO 'e.parquet'")
    assert said("e.parquet", ZONE).count(SAID) == without
    assert said("e.duckdb", ZONE).count(SAID) == without


@pytest.mark.parametrize(("key", "time", "without"), [
    ("epoch: seconds", "1790812800", 0), ("time_format: '%d.%m.%Y'", "01.10.2026", 1),
    ("time_format: '%d.%m.%Y %H:%M %z'", "01.10.2026 10:00 +0200", 0),
])  # fmt: skip
def test_formats(key: str, time: str, without: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("e.csv").write_text(f"user,at,event\n1,{time},visit\n", encoding="utf-8")
    assert said("e.csv", f"{ZONE}, {key}").count(SAID) == without
