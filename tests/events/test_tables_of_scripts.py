"""The text of a query names a table and columns that there are, or is refused."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")

from funnelcli.events.script.writer import DIALECTS, PLACE  # noqa: E402
from tests.cli.test_measure import run  # noqa: E402
from tests.thorough import each_once, few  # noqa: E402

FUNNEL = """\
measure: {unit: user, time: at, window: 7 daysTABLE}
stages: [{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid, COLUMN: a}}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"user": 1, "at": "2026-10-01", "event": each, "plan": "a", "place": {"plan": "a"}}
        for each in ("visit", "paid")
    ]
    for row in rows:
        row["json"] = json.dumps(row["place"])
    Path("e.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with duckdb.connect("e.duckdb") as connection:
        connection.execute("CREATE TABLE events AS FROM read_json('e.jsonl')")
        connection.execute("COPY events TO 'e.parquet'")


def written(column: str, table: str, *options: str) -> tuple[int, str, str]:
    Path("f.yaml").write_text(FUNNEL.replace("COLUMN", column).replace("TABLE", table), encoding="utf-8")
    code, out, said = run("measure", "f.yaml", *options)
    return code, out + "".join(path.read_text(encoding="utf-8") for path in Path().glob("made/**/*.*")), said


SOURCES = ["", "e.jsonl", "e.parquet", "e.duckdb"]


@pytest.mark.parametrize(
    ("written_as", "source"), each_once(product(["duckdb", "postgres"], ["--sql", "--dbt"]), SOURCES)
)
def test_no_text_has_a_table_that_nobody_named(written_as: tuple[str, str], source: str) -> None:
    dialect, option = written_as
    asked = [
        option,
        *(["made"] if option == "--dbt" else []),
        "--dialect",
        dialect,
        *(["--from", source] * bool(source)),
    ]
    code, text, said = written("plan", "", *asked)
    assert f'"{PLACE}"' not in text.replace(f'AS "{PLACE}"', "")
    if code:
        assert (code, text) == (2, "")
        assert "error[FN102] no table of events is named" in said
    else:
        assert dialect == "duckdb"
    code, text, said = written("plan", ", table: events", *asked)
    assert (code, f'"{PLACE}"' in text.replace(f'AS "{PLACE}"', "")) == (0, False), said


INSIDE = [("place.plan", each) for each in few(sorted(DIALECTS), 4)] + [
    ("json.plan", each) for each in ("duckdb", "mysql")
]


@pytest.mark.parametrize(("column", "dialect"), INSIDE)
def test_a_value_inside_a_column_is_read_as_its_database_reads_it_or_not_at_all(column: str, dialect: str) -> None:
    code, text, said = written(column, ", table: events", "--sql", "--from", "e.parquet", "--dialect", dialect)
    if dialect == "duckdb":
        with duckdb.connect() as connection:
            rows = connection.execute(text).fetchall()
        assert (code, [row[5] for row in rows]) == (0, [1, 1, 1])
    else:
        assert (code, text) == (2, "")
        assert f'f.yaml:2:80: error[FN103] "{column}" lies inside a column, and how {dialect} reads it' in said


def test_a_model_of_a_file_of_duckdb_has_no_column_that_lies_inside_one() -> None:
    code, text, said = written("place.plan", ", table: events", "--dbt", "made", "--from", "e.duckdb")
    assert (code, text, "lies inside a column" in said) == (2, "", True)
