"""Values inside columns are what a table has in which plain Python took them out, in files and in PostgreSQL."""

from __future__ import annotations

import csv
import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402  # after the check
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.duckdb import engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.events.postgres import RUNNING, connected, is_running, schema_of_its_own  # noqa: E402
from tests.thorough import each_once, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = {
    "user.id": ("user", "id"), "p.plan": ("p", "plan"), "p.n": ("p", "n"), "p.vip": ("p", "vip"),
    "p.deep.os": ("p", "deep", "os"), "p.deep.on": ("p", "deep", "on"), "p.a/b": ("p", "a/b"),
    "event.key": ("event.key",),
}  # fmt: skip
"""Columns as a funnel names them, and where their values lie; `event.key` is a column whose own name has a dot."""
FUNNEL = """\
measure: {table: events, unit: user.id, time: time, id: event.key, window: 12 hours, period: day,
          breakdowns: {plan: p.plan, os: p.deep.os}, exclude: {p.a/b: x~y}}
stages:
  - {name: A, when: {event: a}}
  - {name: B, when: {event: b, p.n: ">= 1.5"}}
  - {name: C, when: [{event: c, p.vip: true}, {event: c, p.deep.on: ">= 2026-10-02"}, {event: b, p.plan: contains r}]}
  - {name: D, from: B, when: {event: [c, d], p.n: not null}}
"""


def events() -> list[dict[str, Any]]:
    """Events of 60 units; each key may be missing, or be null."""
    chance = Random(20261001)  # no secret
    found = []
    for key in range(900):
        inside: dict[str, Any] = {}
        for name, values in (
            ("plan", ["pro", "free", 'the "best"', None]), ("n", [0, 1, 1.5, 2, 19.99, None]),
            ("vip", [True, False, None]), ("a/b", ["x~y", "x", "y", "z"]),
        ):  # fmt: skip
            if chance.random() < 0.8:
                inside[name] = chance.choice(values)
        if chance.random() < 0.8:
            inside["deep"] = {"os": chance.choice(["mac", "win", None]), "on": f"2026-10-0{chance.randint(1, 3)}"}
        at = f"2026-10-0{chance.randint(1, 2)} {chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00"
        event = {"time": at, "event": chance.choice("aabbccd"), "event.key": str(key), "p": inside}
        found.append(event | {"user": {"id": f"u{chance.randint(1, 60)}"}})
    return found


EVENTS = events()


def taken_out(event: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = event
    for key in path:
        value = (value or {}).get(key)
    return value


def measured(place: Any, folder: Path, text: str = FUNNEL) -> Any:
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert not isinstance(definition, list)
    if isinstance(place, Warehouse):
        from funnelcli.events.warehouse import engine as warehouse

        return warehouse.measure(definition, place)
    return engine.measure(definition, Files((str(place),), place.suffix[1:], place.name), str(folder))


def rows(path: Path, text_of: Any, columns: dict[str, tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["time", "event", *columns])
        for event in EVENTS:
            writer.writerow(
                [event["time"], event["event"], *(text_of(taken_out(event, at)) for at in columns.values())]
            )
    return path


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a table without records gives."""
    folder = tmp_path_factory.mktemp("flat")

    def text(value: Any) -> Any:
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value

    found = measured(rows(folder / "flat.csv", text, PLACES), folder)
    assert isinstance(found, EventCounts)
    assert all(found.counts)
    return found


def written(folder: Path, form: str) -> Path:
    """The log as a file in which values lie inside others."""
    lines = folder / "events.json"
    lines.write_text("".join(json.dumps(event) + "\n" for event in EVENTS), encoding="utf-8")
    if form == "json":
        return lines
    path = folder / f"events.{form.partition(' ')[2] or form}"
    if form == "csv":
        return rows(path, lambda value: value if isinstance(value, str) else json.dumps(value), {
            "user": ("user",), "p": ("p",), "event.key": ("event.key",),
        })  # fmt: skip
    records = (
        "user, STRUCT_PACK(plan := p.plan, n := CAST(p.n AS DECIMAL(9, 2)), vip := p.vip, deep := p.deep,"
        ' "a/b" := p."a/b") AS p'
    )
    inside = {
        "records parquet": records,
        "maps parquet": "MAP {'id': user.id} AS user, p",
        "texts parquet": "TO_JSON(user)::VARCHAR AS user, TO_JSON(p)::VARCHAR AS p",
        "records duckdb": records,
        "json duckdb": "TO_JSON(user) AS user, TO_JSON(p) AS p",
    }[form]
    query = f'SELECT time::TIMESTAMP AS time, event, "event.key", {inside} FROM read_json(?)'
    with duckdb.connect(str(path) if path.suffix == ".duckdb" else ":memory:") as connection:
        connection.execute(f"CREATE TABLE events AS {query}", [str(lines)])
        if path.suffix == ".parquet":
            connection.execute(f"COPY events TO '{path}'")
    return path


FORMS = ("json", "csv", "records parquet", "maps parquet", "texts parquet", "records duckdb", "json duckdb")


@pytest.mark.parametrize("form", whole_or_part(FORMS, ("json", "csv", "maps parquet", "json duckdb")))
def test_files_with_records_maps_and_json(form: str, flat: EventCounts, tmp_path: Path) -> None:
    assert measured(written(tmp_path, form), tmp_path) == flat


MISSPELLED = {
    ("p.plan", "p.paln"): ("p", "paln", "plan"),
    ("p.deep.os", "p.deep.oss"): ("p.deep", "oss", "os"),
    ("user.id", "user.uid"): ("user", "uid", "id"),
    ("p.deep.on", "p.deeep.on"): ("p", "deeep", "deep"),
}


def refused_for(found: Any, base: str, key: str, meant: str) -> None:
    problem = next(iter(found)) if isinstance(found, list) else found
    assert isinstance(problem, Problem)
    assert (problem.code, problem.message) == ("FN120", f'"{base}" has no "{key}" in it')
    assert problem.help == f'did you mean "{meant}"?'
    assert problem.path


WITHOUT_PLACES = """\
measure: {table: events, unit: id, time: time, breakdowns: {plan: Plan, os: os}}
stages: [{name: A, when: {event: a}}, {name: B, when: {event: b, vip: true}}]
"""


def hinted_at(found: Any) -> None:
    """What is no column of its own is told by where it lies."""
    assert [each.code for each in found] == ["FN120"] * 4
    assert [each.help for each in found] == [
        f'did you mean "{key}"?' for key in ("user.id", "p.plan", "p.deep.os", "p.vip")
    ]


@pytest.mark.parametrize(("form", "words"), each_once(FORMS, MISSPELLED))
def test_a_key_that_no_event_has_is_refused_with_the_nearest(form: str, words: tuple[str, str], tmp_path: Path) -> None:
    path = written(tmp_path, form)
    refused_for(measured(path, tmp_path, FUNNEL.replace(*words)), *MISSPELLED[words])
    hinted_at(measured(path, tmp_path, WITHOUT_PLACES))


def test_keys_are_asked_of_records_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    for value, words in (([{"x": 1}], "is a list"), (5, "is a simple column"), ({"y": 1}, 'has no "x" in it')):
        events = [{"unit": 1, "time": "2026-10-01", "p": None}, {"unit": 1, "time": "2026-10-01", "p": {"q": value}}]
        path.write_text("".join(json.dumps(each) + "\n" for each in events), encoding="utf-8")
        text = "measure: {unit: unit, time: time}\nstages: [{name: A, when: {p.q.x: 1}}, {name: B, when: {unit: 2}}]\n"
        (found,) = measured(path, tmp_path, text)
        assert words in found.message
    events = [{"unit": "1", "time": "2026-10-01", "p": {"q": None}}] * 2  # it has the key, and no value
    path.write_text("".join(json.dumps(each) + "\n" for each in events), encoding="utf-8")
    text = "measure: {unit: unit, time: time}\nstages: [{name: A, when: {unit: '1'}}, {name: B, when: {p.q: x}}]\n"
    assert measured(path, tmp_path, text).counts == (1, 0)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not is_running():
        pytest.skip(f"no PostgreSQL answers at {RUNNING}")
    with schema_of_its_own() as url:
        yield url


@pytest.mark.slow
@pytest.mark.parametrize("type_", whole_or_part(["jsonb", "json", "text"], ["jsonb"]))
def test_postgresql_with_json(type_: str, flat: EventCounts, server: str, tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    with connected(server) as connection:
        connection.execute("DROP TABLE IF EXISTS events")
        connection.execute(
            f'CREATE TABLE events (time timestamptz, event text, "event.key" text, p {type_}, "user" {type_})'
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO events VALUES (%s, %s, %s, %s, %s)",
                [
                    (e["time"] + "+00", e["event"], e["event.key"], json.dumps(e["p"]), json.dumps(e["user"]))
                    for e in EVENTS
                ],
            )
        connection.execute("ANALYZE events")
    assert measured(Warehouse(server, "there"), tmp_path) == flat
    for (own, other), expected in MISSPELLED.items() if type_ == "jsonb" else ():  # to which the others are cast
        refused_for(measured(Warehouse(server, "there"), tmp_path, FUNNEL.replace(own, other)), *expected)
    hinted_at(measured(Warehouse(server, "there"), tmp_path, WITHOUT_PLACES))


@pytest.mark.parametrize(
    ("when", "code", "words", "help_"),
    [
        ("{p.tags: x}", "FN103", '"p.tags" is a list or a record in 1 event', "name one value in it"),
        ("{p.deep: x}", "FN103", '"p.deep" is a list or a record in 1 event', "name one value in it"),
        ("{p.n: 5}", "FN103", "holds text, and is compared with = 5", 'write "5" in quotes'),
        ("{p.vip: true}", "FN103", "holds text, and is compared with = true", 'write "true" in quotes'),
        ("{event.x: 5}", "FN103", "holds JSON, but for 2 events", "mend it there"),
        ("{number.x: 5}", "FN120", "is a simple column", "name the column alone"),
        ("{q.x: 5}", "FN120", 'no column "q.x"', ""),
    ],
)
def test_what_does_not_fit(when: str, code: str, words: str, help_: str, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    records = ['{"tags": ["x"], "n": "many", "deep": {"on": 1}}', '{"n": 5, "vip": true}', '{"vip": "yes"}', ""]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE e (unit INT, time TIMESTAMP, event VARCHAR, p VARCHAR, number INT)")
        for place, record in enumerate(records):
            event = "a" if place < 2 else '{"x": 5}'
            connection.execute("INSERT INTO e VALUES (1, '2026-10-01', ?, ?, 7)", [event, record])
        connection.execute(f"COPY e TO '{path}'")
    text = (
        f"measure: {{unit: unit, time: time}}\nstages: [{{name: A, when: {when}}}, {{name: B, when: {{event: b}}}}]\n"
    )
    found = measured(path, tmp_path, text)
    (problem,) = found if isinstance(found, list) else [found]
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert words in problem.message
    assert (problem.help or "").startswith(help_)


def test_a_record_names_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS unit, now() AS time, {{'plan': 'x', 'tags': [1]}} AS p) TO '{path}'")
    text = "measure: {unit: unit, time: time}\nstages: [{name: A, when: {p.COLUMN: x}}, {name: B, when: {unit: 2}}]\n"
    (found,) = measured(path, tmp_path, text.replace("COLUMN", "paln"))
    assert (found.code, found.help) == ("FN120", 'did you mean "plan"?')
    (found,) = measured(path, tmp_path, text.replace("COLUMN", "tags.x"))
    assert found.message == '"p.tags", in which "p.tags.x" should be, is a list'


@pytest.mark.slow
def test_what_lies_before_an_interval_is_not_asked_in_a_database(server: str, tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    with connected(server) as connection:
        connection.execute("DROP TABLE IF EXISTS early")
        connection.execute("CREATE TABLE early (unit int, time timestamptz, p jsonb)")
        for day, inside in ((1, {"n": "many"}), (2, {"n": 5}), (3, {"n": "7.5"}), (3, {"n": None}), (4, {})):
            connection.execute("INSERT INTO early VALUES (%s, %s, %s)", (day, f"2026-10-0{day}Z", json.dumps(inside)))
    text = (
        "measure: {table: early, unit: unit, time: time, BETWEEN}\n"
        "stages: [{name: A, when: {p.n: '>= 2'}}, {name: B, when: {unit: 99}}]\n"
    )
    between = 'between: ["2026-10-02", "2026-10-05"]'
    found = measured(Warehouse(server, "there"), tmp_path, text.replace("BETWEEN", between))
    assert found.counts == (2, 0)
    (problem,) = measured(Warehouse(server, "there"), tmp_path, text.replace(", BETWEEN", ""))
    assert "holds text" in problem.message


@pytest.mark.slow
@pytest.mark.parametrize("type_", whole_or_part(["json", "text"], ["text"]))  # which json is there, checked
def test_mariadb_with_json(type_: str, flat: EventCounts, tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    from tests.events import mariadb

    with mariadb.database_of_its_own() as url, mariadb.connected(url) as connection:
        cursor = connection.cursor()
        cursor.execute(
            f"CREATE TABLE events (time datetime, event varchar(9), `event.key` varchar(9), p {type_}, `user` {type_})"
        )
        cursor.executemany(
            "INSERT INTO events VALUES (%s, %s, %s, %s, %s)",
            [(e["time"], e["event"], e["event.key"], json.dumps(e["p"]), json.dumps(e["user"])) for e in EVENTS],
        )
        assert measured(Warehouse(url, "there"), tmp_path) == flat
