"""A file is read by the name that it has: no sign in it makes a pattern of it, where a file is called so."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from tests.cli.test_measure import run  # noqa: E402  # after the check
from tests.thorough import each_once, whole_or_part  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")

FUNNEL = """\
measure: {unit: user, time: at, window: 7 days, breakdowns: {day: day}}
stages: [{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid}}]
"""
NAMES = (
    "a[1]",
    "a*",
    "a?",
    "a{1,2}",
    "a1",
    "a'b",
    'a"b',
    "a,b",
    "a\nb",
    "**",
    "[!a]",
    "a]b",
    "a b",
    "$a",
    "%61",
    "a\\b",
)


@pytest.mark.parametrize("ending", whole_or_part(["csv", "jsonl", "parquet"], ["csv", "parquet"]))
def test_each_of_many_names_is_that_file(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, all together, and in a folder of partitions with such a name; the n-th file has n + 1 units."""
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    with duckdb.connect() as connection:
        for place, name in enumerate(NAMES):
            units = f"FROM range({100 * place}, {101 * place + 1}) AS r(i)"
            row = f"i AS user, TIMESTAMP '2026-10-01' AS at, 'visit' AS event, 'd' AS day {units}"
            connection.execute(f"COPY (SELECT {row}) TO 'made.{ending}'")
            Path(f"made.{ending}").rename(f"{name}.{ending}")
            if ending == "parquet" and "\\" not in name:
                Path(f"all/day={name}").mkdir(parents=True)
                Path(f"all/day={name}/{name}.parquet").write_bytes(Path(f"{name}.parquet").read_bytes())
    for place, name in list(enumerate(NAMES))[:3]:
        code, out, said = run("measure", "shop.yaml", "--from", f"{name}.{ending}", "-f", "csv")
        assert (code, f",Visit,,{place + 1}," in out) == (0, True), (name, said)
    code, out, said = run("measure", "shop.yaml", "--from", f"*.{ending}", "-f", "csv")
    every = len(NAMES) * (len(NAMES) + 1) // 2
    assert (code, f",Visit,,{every}," in out) == (0, True), said
    if ending == "parquet":
        code, out, said = run("measure", "shop.yaml", "--from", "all", "-f", "csv")
        assert (code, f",Visit,,{every - len(NAMES)}," in out) == (0, True), said


def test_what_is_written_of_a_name_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    Path("a\nb.csv").write_text("user,at,event,day\n1,2026-10-01,visit,d\n", encoding="utf-8")
    _, out, _ = run("measure", "shop.yaml", "--from", "a\nb.csv")
    Path("filled.yaml").write_text(out, encoding="utf-8")
    code, shown, said = run("show", "filled.yaml")
    assert (code, "Measured from a\\nb.csv" in shown) == (0, True), said


@pytest.mark.parametrize("name", ["a\\[1].csv", "a\udcff.csv", "a?.csv.gz"])
def test_a_name_that_is_not_read_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    text = b"user,at,event,day\n1,2026-10-01,visit,d\n"
    Path(name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    code, _, said = run("measure", "shop.yaml", "--from", name)
    assert (code, "rename the file" in said) == (2, True), said


@pytest.mark.parametrize(("ending", "packed"), each_once(["csv", "txt", "json", "jsonl", "ndjson"], ["gz", "zst"]))
def test_each_text_is_read_packed(ending: str, packed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    form = "FORMAT csv" if ending in ("csv", "txt") else "FORMAT json"
    with duckdb.connect() as connection:
        row = "1 AS user, TIMESTAMP '2026-10-01' AS at, 'visit' AS event, 'd' AS day"
        method = "gzip" if packed == "gz" else "zstd"
        connection.execute(f"COPY (SELECT {row}) TO 'e.{ending}.{packed}' ({form}, COMPRESSION {method})")
    code, out, said = run("measure", "shop.yaml", "--from", f"e.{ending}.{packed}", "-f", "csv")
    assert (code, ",Visit,,1," in out) == (0, True), said
