"""Files that are read together have what the definition asks for each, or the one that lacks it is named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from tests.cli.test_measure import run  # noqa: E402  # after the check
from tests.thorough import few, whole_or_part  # noqa: E402

FUNNEL = """\
measure:
  unit: user
  time: at
  id: number
  same: [shop]
  window: 7 days
  breakdowns: {country: country}
  exclude: {bot: "yes"}
stages:
  - {name: Visit, when: {event: visit}}
  - {name: Cart, when: {event: cart, "place.page": [a, b]}}
  - {name: Paid, when: {event: paid}, amount: money}
"""
COLUMNS = ("user", "at", "number", "shop", "country", "bot", "event", "place", "money")
NEEDED = ("user", "at", "shop", "event")
"""What every event has that counts, wherever it is left out if there is no value."""
ENDINGS = ("csv", "jsonl", "parquet")


def row(number: int, event: str, **others: object) -> dict[str, Any]:
    own = {"user": f"u{number // 3}", "at": f"2026-10-01 10:00:0{number % 3}", "number": f"n{number}", "event": event}
    return own | {"shop": "s", "country": "DE", "bot": "no", "place": {"page": "a", "x": 1}, "money": "5"} | others


def rows(number: int) -> list[dict[str, Any]]:
    """Three events of a unit, by its number."""
    return [row(3 * number + place, event) for place, event in enumerate(("visit", "cart", "paid"))]


def write(name: str, events: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(each) + "\n" for each in events)
    if name.endswith("jsonl"):
        Path(name).write_text(lines, encoding="utf-8")
    elif name.endswith("parquet"):
        Path("made.json").write_text(lines, encoding="utf-8")
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM read_json('made.json')) TO '{name}'")
        Path("made.json").unlink()
    else:
        with open(name, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(events[0]))
            writer.writeheader()
            writer.writerows(
                {key: json.dumps(each) if key == "place" else each for key, each in event.items()} for event in events
            )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(FUNNEL, encoding="utf-8")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_column_that_one_file_calls_otherwise_is_named_with_the_file(ending: str) -> None:
    for number in (1, 3):
        write(f"e{number}.{ending}", rows(number))
    for column in COLUMNS if ending in whole_or_part(("csv", "parquet"), ("csv",)) else few(NEEDED, 2):
        write(f"e2.{ending}", [{f"{key}_x" if key == column else key: each[key] for key in each} for each in rows(2)])
        code, out, said = run("measure", "shop.yaml", "--from", f"e*.{ending}")
        assert (code, out) == (2, ""), said
        assert f'error[FN120] e2.{ending} has no column "{column}", as the other files have' in said
        assert f'did you mean "{column}_x"?' in said
    write(f"e2.{ending}", rows(2))
    assert run("measure", "shop.yaml", "--from", f"e*.{ending}", "-f", "csv")[1].count(",3,") >= len(rows(1))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_key_that_one_file_calls_otherwise_is_named_with_the_file(ending: str) -> None:
    text = FUNNEL.replace("{event: visit}", '{event: visit, "place.page": a}')
    Path("shop.yaml").write_text(text.replace("{event: paid}", '{event: paid, "place.page": a}'), encoding="utf-8")
    for number in (1, 2, 3):
        key = "pages" if number == 2 else "page"
        write(f"e{number}.{ending}", [each | {"place": {key: "a", "x": 1}} for each in rows(number)])
    code, out, said = run("measure", "shop.yaml", "--from", f"e*.{ending}")
    assert (code, out) == (2, ""), said
    assert f'e2.{ending} has no column "place.page", as the other files have' in said


def test_keys_that_are_left_out_where_they_have_no_value_are_no_other_names() -> None:
    """As of an hour in which nobody paid: in files of JSON, and of no events at all."""
    events = rows(1) + rows(2)
    for place, event in enumerate(events):
        if event["event"] != "paid":
            del event["money"]
        if event["event"] != "cart":
            event["place"] = {"x": 2}
        write(f"e{place}.jsonl", [event])
    Path("f.jsonl").write_text("\n", encoding="utf-8")
    apart = run("measure", "shop.yaml", "--from", "[ef]*.jsonl", "-f", "csv")
    assert apart[0] == 0, apart[2]
    write("all.jsonl", events)
    assert run("measure", "shop.yaml", "--from", "all.jsonl", "-f", "csv")[1] == apart[1].replace("[ef]*", "all")


def test_a_file_without_a_header_is_no_part_of_a_log_in_silence() -> None:
    """As `split` leaves them."""
    write("e1.csv", rows(1) + rows(2))
    lines = Path("e1.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("e1.csv").write_text("".join(lines[:4]), encoding="utf-8")
    Path("e2.csv").write_text("".join(lines[4:]), encoding="utf-8")
    code, _, said = run("measure", "shop.yaml", "--from", "e*.csv")
    assert (code, 'e2.csv has no column "user", as the other files have' in said) == (2, True), said


def test_a_file_that_is_named_in_two_ways_is_read_once() -> None:
    write("e1.csv", rows(1))
    once = run("measure", "shop.yaml", "--from", "e1.csv", "-f", "csv")
    assert run("measure", "shop.yaml", "--from", "e1.csv", "--from", "./e1.csv", "-f", "csv")[1] == once[1]
