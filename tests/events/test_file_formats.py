"""A file whose ending is that of another format is refused with the line that mends it: renamed so, it is counted."""

from __future__ import annotations

import gzip
import json
import shlex
import subprocess
from itertools import product
from pathlib import Path

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from tests.cli.test_measure import run  # noqa: E402  # after the check
from tests.thorough import each_once, few  # noqa: E402

ROWS = [("1", "2026-10-01", "visit"), ("1", "2026-10-02", "paid"), ("2", "2026-10-01", "visit")]
TABLE = "user,time,event\n" + "".join(f"{','.join(row)}\n" for row in ROWS)
LINES = "".join(json.dumps(dict(zip(("user", "time", "event"), row, strict=True))) + "\n" for row in ROWS)
FUNNEL = """\
measure: {unit: user, time: time, window: 7 days}
stages: [{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid}}]
"""
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "parquet": "parquet", "gz": "csv.gz", "jsonl.gz": "jsonl.gz"}


def content(kind: str) -> bytes:
    if kind == "parquet":
        with duckdb.connect() as connection:
            connection.execute(
                f"CREATE TABLE e AS SELECT * FROM (VALUES {', '.join(map(str, ROWS))}) AS v(user, time, event)"
            )
            connection.execute("COPY e TO 'made.parquet'")
        return Path("made.parquet").read_bytes()
    text = (LINES if "jsonl" in kind else TABLE).encode()
    return gzip.compress(text) if kind.endswith("gz") else text


@pytest.mark.parametrize(("kind", "ending"), few(product(ENDINGS, ENDINGS), 2 * len(ENDINGS) + 1))
def test_every_content_by_every_ending(kind: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    name = f"all events.{ENDINGS[ending]}"
    Path(name).write_bytes(content(kind))
    code, out, said = run("measure", "shop.yaml", "--from", name)
    if kind != ending:
        assert (code, out) == (2, ""), said
        for _ in range(2):  # packed, and of another format
            assert "error[FN016]" in said
            if kind.endswith("gz") and ending == "parquet":
                assert "unpack it" in said
                return
            line = said.partition("= help: name it so: ")[2].splitlines()[0]
            subprocess.run(shlex.split(line), check=True)
            name = shlex.split(line)[-1]
            code, out, said = run("measure", "shop.yaml", "--from", name)
            if not code:
                break
    assert code == 0, said
    assert "count: 2" in out


OTHERS = {
    "utf-16": (TABLE.encode("utf-16"), "iconv -f utf-16 -t utf-8"),
    "zip": (b"PK\x05\x06" + bytes(18), "unpack it"),
    "gzip in a database": (gzip.compress(b"x"), "unpack it"),
}


@pytest.mark.parametrize(("kind", "ending"), each_once(OTHERS, ["csv", "jsonl", "parquet", "duckdb"]))
def test_what_no_name_makes_a_file_of_events(
    kind: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, words = OTHERS[kind]
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")
    Path(f"events.{ending}").write_bytes(data)
    code, out, said = run("measure", "shop.yaml", "--from", f"events.{ending}")
    assert (code, out) == (2, "")
    assert "error[FN016]" in said
    if kind == "gzip in a database" and ending in ("csv", "jsonl"):
        words = f"mv events.{ending} events.{ending}.gz"
    if kind == "utf-16" and ending in ("parquet", "duckdb"):
        words = f"mv events.{ending} events.csv"
    assert words in said
