"""Counting by joins gives what the general way gives, which the judge has proved."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import Definition  # noqa: E402
from funnelcli.events.duckdb import (  # noqa: E402
    chains,
    stage_times,
)
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.duckdb import in_order as in_order_module  # noqa: E402
from funnelcli.events.duckdb.tables import Tables  # noqa: E402
from funnelcli.events.duckdb.types import execute  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

STAGES = {
    "apart": ("{event: a}", "{event: b}", "{event: c}", "{event: d}"),
    "again": ("{event: a}", "{event: b}", "{event: b}", "{event: [b, c]}"),
    "branches": ("{event: a}", "{event: b}, from: A", "{event: [b, c]}, from: A", "{event: d}, from: B"),
    "one of all": ("{event: a}", "{event: [a, b, c, d]}", "{event: c}", "{event: [a, c]}"),
}
"""What the stages ask for: in the others than the first, events meet several."""


def drawn(chance: Random) -> str:
    """A funnel that joins count, and which need not be sensible."""
    order = chance.choice(("ordered", "ordered", "strict", "strict", "any"))
    whens = STAGES["apart" if order == "any" else chance.choice(tuple(STAGES))]
    options = [
        f"order: {order}",
        *chance.sample(["window: 20 seconds"], chance.randint(0, 1)),
        *chance.sample(["exclude: {event: z}"], chance.randint(0, 1)),
        *chance.sample(["lost: {event: 'y'}"], chance.randint(0, 1)),
        *chance.sample(["breakdowns: {channel: channel}", "period: hour"], chance.randint(0, 2)),
        *chance.sample(['between: ["2026-10-01T00:00:20Z", "2026-10-01T00:00:50Z"]'], chance.choice((0, 0, 1))),
        *chance.sample(["entry: first", "entry: last"], chance.choice((0, 0, 1))),
    ]
    if order != "any":
        options += chance.sample(["ties: apart"], chance.choice((0, 0, 1)))
    stages = []
    for place, when in enumerate(whens):
        own = [f"name: {'ABCD'[place]}", f"when: {when}"]
        if place and order != "any":
            own += chance.sample(["within: 15 seconds"], chance.choice((0, 0, 0, 1)))
            own += chance.sample(["allow_growth: true"], chance.choice((0, 0, 0, 1)))
        if place > 1 and "from" not in when:
            own += chance.sample([f"from: {'ABCD'[chance.randrange(place)]}"], chance.choice((0, 0, 1)))
        stages.append(f"{{{', '.join(own)}}}")
    return f"measure: {{unit: unit, time: time, {', '.join(options)}}}\nstages: [{', '.join(stages)}]"


def written(chance: Random, path: Path) -> None:
    """A log of which some units have several events at a moment, and some rows came twice."""
    rows = [
        (unit, chance.randrange(60), chance.choice("aaabbbcccddyz-"), chance.choice(("Ads", "SEO", None)))
        for unit in range(50)
        for _ in range(chance.choice((2, 4, 8, 14)))
    ]
    rows += chance.sample(rows, chance.choice((0, 6)))
    chance.shuffle(rows)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE log (unit INTEGER, s INTEGER, event VARCHAR, channel VARCHAR)")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", rows)
        time = "TIMESTAMP '2026-10-01' + INTERVAL (s) SECOND"
        connection.execute(f"COPY (SELECT unit, {time} AS time, event, channel FROM log) TO '{path}'")


def counted(text: str, path: Path) -> Any:
    funnels = read(text.encode(), "test.yaml", uncounted=True).funnels
    definition = define(funnels[0]) if funnels else None
    if not isinstance(definition, Definition):
        return None
    return embedded.measure(definition, Files((str(path),), "parquet", "log"), str(path.parent))


EACH_TWICE = [15, 21, 25, 33, 37]
"""Of the funnels of forty seeds, with the one below those that have each order, each kind of stages and each key twice.

There are two of each that any two of the forty have.
"""


@pytest.mark.parametrize("seed", [*whole_or_part(list(range(40)), EACH_TWICE), 1050])
def test_joins_and_the_general_way_agree(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)  # no secret
    path = tmp_path / "log.parquet"
    written(chance, path)
    text, by_joins = "", None
    while not isinstance(by_joins, EventCounts):  # some of those that are drawn cannot be counted, in whatever way
        text = drawn(chance)
        by_joins = counted(text, path)
    monkeypatch.setattr(chains, "_can_be_joined", lambda *_, **__: False)
    assert by_joins == counted(text, path), text


def test_times_are_those_next_to_the_quantiles() -> None:
    text = "measure: {unit: unit, time: time}\nstages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert isinstance(definition, Definition)
    with duckdb.connect() as connection:
        tables = Tables(connection, execute)
        for number in (*few(range(1, 42), 11), 100_003):
            tables.keep("r0", f"SELECT 1 AS n FROM RANGE({number})")
            tables.keep("r1", f"SELECT (HASH(i) % 1000)::BIGINT AS f, 0 AS p, 0 AS e FROM RANGE({number}) r(i)")
            times = sorted(time for (time,) in tables.rows("SELECT f FROM r1"))
            found = next(row[6:14] for row in tables.rows(stage_times.query(tables, definition)) if row[2] == 1)
            places = [Fraction(share) * (number - 1) for share in ("1/4", "1/2", "3/4", "9/10")]
            assert found == tuple(times[end] for place in places for end in (floor(place), ceil(place))), number


SIZE = whole_or_part(400_000, 250_000)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of several groups of rows, with times in seconds, so that some of a unit are at one moment."""
    path = tmp_path_factory.mktemp("large") / "log.parquet"
    event = "['a', 'a', 'b', 'b', 'c', 'c', 'd', '-'][1 + CAST(HASH(i, 1) % 8 AS INTEGER)]"
    time = "TIMESTAMP '2026-10-01' + INTERVAL (CAST(HASH(i, 2) % 20000 AS INTEGER)) SECOND"
    columns = f"CAST(HASH(i) % {SIZE // 20} AS BIGINT) AS unit, {time} AS time, {event} AS event"
    duckdb.execute(f"COPY (SELECT {columns} FROM RANGE({SIZE}) r(i)) TO '{path}'")
    return path


@pytest.mark.parametrize(("cuts", "ties"), each_once([(SIZE, SIZE), (SIZE // 3, SIZE // 5)], ["", ", ties: apart"]))
def test_events_that_pass_by_in_order_are_those_of_the_joins(
    large: Path, cuts: tuple[int, int], ties: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, together = cuts
    text = f"measure: {{unit: unit, time: time, window: 1 hour{ties}}}\nstages: [{{name: A, when: {{event: a}}}}, "
    text += "{name: B, when: {event: b}}, {name: C, when: {event: c}}, {name: D, from: B, when: {event: d}}]"
    monkeypatch.setattr(chains, "PASSED_AT_ONCE", parts)
    monkeypatch.setattr(chains, "PASSED_TOGETHER", together)
    passed, sorted_once = [], chains._in_order

    def asked(*given: Any, **named: Any) -> bool:
        passed.append(sorted_once(*given, **named))
        return passed[-1]

    monkeypatch.setattr(chains, "_in_order", asked)
    in_order = counted(text, large)
    assert passed == [True]
    monkeypatch.setattr(chains, "_in_order", lambda *_, **__: False)
    assert in_order == counted(text, large)


@pytest.mark.parametrize("more", ["", ", breakdowns: {channel: channel}, period: hour"])
def test_units_with_long_names_are_counted_like_others(more: str, tmp_path: Path) -> None:
    numbers, names = tmp_path / "numbers.parquet", tmp_path / "names.parquet"
    written(Random(7), numbers)
    long = f"SELECT * REPLACE (MD5(CAST(unit AS VARCHAR)) AS unit) FROM '{numbers}'"
    nobody = "SELECT NULL AS unit, TIMESTAMP '2026-10-01' AS time, 'a' AS event, NULL AS channel"
    duckdb.execute(f"COPY ({long}) TO '{names}'")
    duckdb.execute(f"COPY ({long} UNION ALL {nobody}) TO '{tmp_path / 'nobody.parquet'}'")
    text = f"measure: {{unit: unit, time: time, window: 20 seconds{more}}}\n"
    text += "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}, {name: C, when: {event: c}}]"
    found = counted(text, numbers)
    assert found.counts[0] > 20
    assert found == counted(text, names)
    assert found.counts == counted(text, tmp_path / "nobody.parquet").counts


def test_where_windows_do_not_stream_the_joins_count(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "measure: {unit: unit, time: time, window: 1 hour}\n"
    text += "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
    in_order = counted(text, large)
    monkeypatch.setattr(in_order_module, "streams", lambda *_: False)
    assert in_order == counted(text, large)
