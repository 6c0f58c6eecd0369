"""What no event has is what plain Python does not find in the rows, in files and in PostgreSQL."""

from __future__ import annotations

import csv
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events.define import define  # noqa: E402  # after the check
from funnelcli.events.duckdb import engine, values  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.events.postgres import connected, is_running, schema_of_its_own  # noqa: E402
from tests.thorough import few  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["visit", "cart", "paid", "refund", "help "]
WRONG = ["vist", "Paid", "help", "x", "a,b"]
ROWS = [
    (
        str(chance.randint(1, 40)),
        f"2026-10-{chance.randint(1, 20):02}",
        chance.choice(NAMES),
        chance.choice(["5", "7", ""]),
    )
    for chance in [Random(20261004)]  # no secret
    for _ in range(400)
]
PLACES = ("exclude", "exclude_units", "lost")


def asked(chance: Random) -> tuple[str, list[tuple[str, ...]]]:
    """A funnel file, and what it asks for: where, of which column, and the value."""
    told: list[tuple[str, ...]] = []

    def condition(place: str) -> str:
        picked = chance.sample(NAMES + WRONG, chance.choice((1, 1, 2, 3)))
        told.extend((place, "event", value) for value in picked)
        more = ""
        if chance.random() < 0.3:
            number = chance.choice((5, 6, 7))
            told.append((place, "number", str(number)))
            more = f", number: {number}"
        return f"{{event: [{', '.join(f'{value!r}' for value in picked)}]{more}}}"

    others = [f"{place}: {condition(place)}" for place in PLACES if chance.random() < 0.4]
    stages = []
    for index in range(3):
        barred = f", exclude: {condition(f'{index} exclude')}" if index and chance.random() < 0.3 else ""
        stages.append(f"  - {{name: S{index}, when: {condition(f'{index} when')}{barred}}}")
    measure = ", ".join(["table: events, unit: unit, time: time, window: 5 days", *others])
    return "\n".join([f"measure: {{{measure}}}", "stages:", *stages]), told


def expected(told: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    events, numbers = {row[2] for row in ROWS}, {row[3] for row in ROWS}
    return sorted(each for each in told if each[2] not in (events if each[1] == "event" else numbers))


def measured(place: Any, folder: Path, text: str) -> Any:
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert not isinstance(definition, list), definition
    if isinstance(place, Warehouse):
        from funnelcli.events.warehouse import engine as warehouse

        return warehouse.measure(definition, place)
    return engine.measure(definition, Files((str(place),), place.suffix[1:], place.name), str(folder))


def found(place: Any, folder: Path, text: str) -> list[tuple[str, ...]]:
    result = []
    for each in measured(place, folder, text).reach.absent:
        where = str(each.path[1]) if each.path[0] == "measure" else f"{each.path[1]} {each.path[2]}"
        column, value = (each.said.split(" in ")[-1].split('"')[1], each.said.split(" has ")[1].split('"')[1])
        result.append((where, column, value if column == "event" else each.said.split('"')[1]))
    return sorted(result)


def log(folder: Path, form: str) -> Path:
    path = folder / "events.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("unit", "time", "event", "number"), *ROWS])
    if form == "csv":
        return path
    types = "{'unit': 'VARCHAR', 'time': 'TIMESTAMP', 'event': 'VARCHAR', 'number': 'INT'}"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM read_csv('{path}', header = true, columns = {types})) TO '{folder}/events.parquet'"
        )
    return folder / "events.parquet"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_values_that_no_event_has(form: str, tmp_path: Path) -> None:
    path = log(tmp_path, form)
    some = 0
    for number in few(range(12), 5):
        text, told = asked(Random(number))  # no secret
        assert found(path, tmp_path, text) == expected(told), text
        some += bool(expected(told))
    assert some > 4


@pytest.mark.slow
def test_values_that_no_event_of_a_database_has(tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    if not is_running():
        pytest.skip("no PostgreSQL answers")
    with schema_of_its_own() as url, connected(url) as connection:
        connection.execute("CREATE TABLE events (unit text, time timestamptz, event text, number int)")
        with connection.cursor() as cursor:
            rows = [(unit, f"{time}Z", event, int(number) if number else None) for unit, time, event, number in ROWS]
            cursor.executemany("INSERT INTO events VALUES (%s, %s, %s, %s)", rows)
        for number in few(range(8), 3):
            text, told = asked(Random(number))  # no secret
            assert found(Warehouse(url, "there"), tmp_path, text) == expected(told), text


PLAIN = """\
measure: {unit: unit, time: time, window: 5 days, exclude: {event: refund}MORE}
stages: [{name: A, when: {event: visit}}, {name: B, when: {event: paid, number: 5}}]
"""


def test_nothing_is_asked_of_the_events_where_their_masks_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: object) -> list[bool]:
        raise AssertionError

    monkeypatch.setattr(values, "none_has", unwanted)
    monkeypatch.setattr(values, "usual", unwanted)
    for form in ("csv", "parquet"):
        assert measured(log(tmp_path, form), tmp_path, PLAIN.replace("MORE", "")).reach.absent == ()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{event: payd}", 'no event has "payd" in "event"; did you mean "paid"?'),
        ("{event: help}", 'no event has "help" in "event"; did you mean "help "?'),
        ("{event: zzzzz}", 'no event has "zzzzz" in "event"; known here: "'),
        ("{number: '> 100'}", 'no event has > 100 in "number"'),
        ("{event: 'contains zz'}", 'no event has contains zz in "event"'),
        ("{event: 'not in [visit, payd]'}", 'no event has "payd" in "event"; did you mean "paid"?'),
        ("{event: null}", 'every event has a value in "event"'),
    ],
)
def test_what_is_said(when: str, said: str, tmp_path: Path) -> None:
    text = PLAIN.replace("MORE", "").replace("{event: paid, number: 5}", when)
    (absent,) = measured(log(tmp_path, "csv"), tmp_path, text).reach.absent
    assert absent.said.startswith(said)
