"""MariaDB gives the very result of the embedded engine, and tells texts and times apart as files do."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")

from funnelcli.events.duckdb import engine as embedded
from funnelcli.events.result import EventCounts
from funnelcli.events.sources import Files, Warehouse
from funnelcli.events.warehouse import engine as warehouse
from tests.events.interrupting import interrupted
from tests.events.mariadb import RUNNING, connected, database_of_its_own, with_log
from tests.events.test_warehouse import (
    CASES,
    PAGES,
    STAGES,
    asked_of_a_server,
    both,
    defined,
    fitting,
    listed,
    mature_alike,
    of_each_kind,
    of_texts,
    shared_out,
    tables_told,
)
from tests.thorough import each_once, few, weekly, whole_or_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from funnelcli.events import who

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[str]:
    """The log in a table of the server that runs."""
    with with_log(log) as url:
        yield url


def test_every_kind_of_stages_is_asked_in_mariadb() -> None:
    assert {stages for _, stages in of_each_kind()} == {stages for _, stages in CASES}


@pytest.mark.parametrize(("measure", "stages"), few(shared_out(of_each_kind(), 1, 5), 4))
def test_mariadb(measure: str, stages: str, log: Path, server: str) -> None:
    here, there = both(measure, stages, log, server)
    assert there == here


@pytest.mark.parametrize(("measure", "question"), each_once(["ordered", "any", "first"], ["dropped_at", "reached"]))
def test_units_listed(measure: str, question: who.Question, log: Path, server: str, tmp_path: Path) -> None:
    here, there = listed(measure, STAGES, question, log, server, tmp_path)
    assert here.units
    assert there == here


def counted(url: str, measure: str, stages: str) -> EventCounts:
    outcome = warehouse.measure(defined(f"measure: {{{measure}}}\nstages: {stages}\n"), Warehouse(url, "there"))
    assert isinstance(outcome, EventCounts), outcome
    return outcome


TEXTS = ["a", "A", "a ", "á", "007", "7", "ä", "a\u0308", "ß", "ss", "é", "e", "🙂", "🙃", ""]


@pytest.mark.parametrize(
    "charset",
    ["utf8mb4 COLLATE utf8mb4_general_ci", *whole_or_part(["latin1", "utf8mb4 COLLATE utf8mb4_unicode_ci"], [])],
)
def test_texts_are_equal_only_where_they_are_written_alike(charset: str, server: str) -> None:
    """Units, segments and conditions, in whatever letters and order the column has."""
    texts = [each for each in TEXTS if charset != "latin1" or all(ord(letter) < 256 for letter in each)]
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE OR REPLACE TABLE words (word varchar(9) CHARACTER SET {charset}, seconds int)")
        cursor.executemany("INSERT INTO words VALUES (%s, 1790812800)", [[each] for each in texts])
    measure = "table: words, unit: word, time: seconds, epoch: seconds"
    everything = counted(
        server,
        f"{measure}, breakdowns: {{word: word}}",
        "[{name: A, when: {word: not null}}, {name: B, when: {word: none}}]",
    )
    assert everything.counts == (len(texts), 0)
    # what is shown has no spaces at its ends, so that two of them are one segment there
    assert {each.name: each.counts[0] for each in everything.breakdowns[0].segments}["A"] == 1
    own = [f'{{name: S{place}, from: All, when: {{word: "{text}"}}}}' for place, text in enumerate(texts)]
    stages = ", ".join(["{name: All, when: {word: not null}}", *own])
    each = counted(server, f"{measure}, shared: true", f"[{stages}]")
    assert each.counts == (len(texts), *[1] * len(texts))


@pytest.fixture(scope="module")
def pages(server: str) -> str:
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE pages (page varchar(99), seconds int)")
        cursor.executemany("INSERT INTO pages VALUES (%s, 1790812800)", [[page] for page in PAGES])
    return server


@pytest.mark.parametrize(("comparisons", "negated"), asked_of_a_server(2, negated=True))
def test_comparisons_of_texts_mean_the_same(comparisons: Sequence[tuple[str, str]], negated: bool, pages: str) -> None:
    outcome = warehouse.measure(of_texts(comparisons, negated), Warehouse(pages, "there"))
    assert isinstance(outcome, EventCounts), outcome
    assert list(outcome.counts) == fitting(comparisons, negated)


@pytest.mark.parametrize(
    ("type_", "first", "second", "extra"),
    [
        ("datetime(6)", "2026-10-01 10:00:00.999999", "2026-10-01 10:00:01.000000", ""),
        ("datetime(6)", "1000-01-01 00:00:00.999999", "1000-01-01 00:00:01.000000", ""),
        ("datetime(6)", "9998-12-30 23:59:59.999999", "9998-12-31 00:00:00.000000", ""),
        ("timestamp(6) NULL", "2026-03-29 01:59:59.999999", "2026-03-29 02:00:00.000000", ""),
        ("decimal(20, 6)", "1790812800.999999", "1790812801", "epoch: seconds"),
        ("bigint unsigned", "1790812800999999", "1790812801000000", "epoch: microseconds"),
    ],
)
def test_fractions_of_seconds_are_kept(type_: str, first: str, second: str, extra: str, server: str) -> None:
    """One microsecond lies between the events, which is in a window of a second and a median of its own."""
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"CREATE OR REPLACE TABLE moments (unit int, time {type_}, event varchar(9))")
        cursor.execute("INSERT INTO moments VALUES (1, %s, 'a'), (1, %s, 'b')", [first, second])
    stages = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
    outcome = counted(server, f"table: moments, unit: unit, time: time, {extra or 'window: 1 second'}", stages)
    assert outcome.counts == (1, 1)
    assert outcome.noted.times[0][1].mean == Fraction(1, 1_000_000)


@weekly  # as in PostgreSQL
def test_what_is_mature_alone(log: Path, server: str) -> None:
    mature_alike(log, server)


def test_a_table_that_is_not_there_is_told_with_those_of_all_databases(server: str) -> None:
    """Also where the URL names no database, of whose tables MariaDB tells the bare names alone."""
    table = f"t{uuid4().hex[:9]}"  # of no other run
    with database_of_its_own() as url:
        with connected(url) as connection:
            connection.cursor().execute(f"CREATE TABLE {table} (unit int, time datetime)")
        for each in (server, RUNNING):
            tables_told(each, url.rpartition("/")[2], table, "performance_schema")


def test_times_that_stand_for_none_are_none(server: str) -> None:
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE OR REPLACE TABLE odd (unit int, time datetime, seconds bigint unsigned, event varchar(9))"
        )
        cursor.execute("SET sql_mode = ''")
        cursor.execute(
            "INSERT INTO odd VALUES (1, '0000-00-00', 18446744073709551615, 'a'), (2, '9999-12-31', NULL, 'a'), "
            "(3, '2026-10-01', 1790812800, 'a')"
        )
    stages = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
    for measure in ("time: time", "time: seconds, epoch: seconds"):
        outcome = counted(server, f"table: odd, unit: unit, {measure}", stages)
        assert (outcome.counts, outcome.reach.without_time) == ((1, 0), 2)


def test_columns_are_named_as_they_are(server: str) -> None:
    """Words of SQL, quotes and percent signs, which a driver might fill in."""
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE OR REPLACE TABLE `order` (`key` int, `100%%s` datetime, `it``s` varchar(20))".replace("%%", "%")
        )
        cursor.execute("INSERT INTO `order` VALUES (1, '2026-10-01', '50% \\\\off'), (2, '2026-10-01', 'x')")
    measure = 'table: order, unit: key, time: "100%s"'
    stages = '[{name: A, when: {"it`s": not null}}, {name: B, when: {"it`s": \'50% \\off\'}}]'
    found: Any = counted(server, measure, stages)
    assert found.counts[0] == 2
    assert (
        counted(
            server,
            measure,
            stages.replace('{name: A, when: {"it`s": not null}}', '{name: A, when: {"it`s": "50% \\\\off"}}'),
        ).counts[0]
        == 1
    )


@pytest.mark.parametrize("type_", ["decimal(10, 2)", *whole_or_part(["double"], []), "int"])
def test_a_limit_between_whole_numbers_is_none_of_them(type_: str, server: str) -> None:
    amounts = (["1.25", "1.5", "1.75"] if type_ != "int" else []) + ["1", "2"]
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE OR REPLACE TABLE sums (unit int, seconds int, amount {type_})")
        cursor.executemany("INSERT INTO sums VALUES (%s, 1790812800, %s)", list(enumerate(amounts)))
    for limit in few(("0.5", "1.25", "1.5", "1.9", "2"), 3):
        stages = f'[{{name: A, when: {{amount: ">= {limit}"}}}}, {{name: B, when: {{unit: 99}}}}]'
        found = counted(server, "table: sums, unit: unit, time: seconds, epoch: seconds", stages)
        assert found.counts[0] == sum(float(amount) >= float(limit) for amount in amounts)


def test_values_inside_json_need_no_pandas(log: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No extra brings it: Ibis has it for frames alone."""
    with connected(server) as connection:
        connection.cursor().execute(
            "CREATE TABLE inside AS SELECT unit, time, JSON_OBJECT('event', event, 'amount', amount) AS p FROM events"
        )
    stages = STAGES.replace("event:", "p.event:").replace("amount:", "p.amount:")
    text = f"measure: {{table: inside, unit: unit, time: time, window: 12 hours}}\nstages: {stages}\n"
    monkeypatch.setitem(sys.modules, "pandas", None)
    found = warehouse.measure(defined(text), Warehouse(server, "there"))
    assert isinstance(found, EventCounts)
    plain = f"measure: {{table: events, unit: unit, time: time, window: 12 hours}}\nstages: {STAGES}\n"
    here = embedded.measure(defined(plain), Files((str(log),), "csv", log.name), str(log.parent))
    assert (found.counts, found.noted) == (here.counts, here.noted)


def test_interrupting_stops_the_query_in_the_server(server: str, tmp_path: Path) -> None:
    """MariaDB goes on with it when the connection is closed."""
    (tmp_path / "funnel.yaml").write_text(
        f"measure: {{table: much, unit: unit, time: time, window: 7 days}}\nstages: {STAGES}\n", encoding="utf-8"
    )
    with connected(server) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TABLE much AS SELECT seq % 1000 AS unit, "
            "TIMESTAMP '2026-10-01 00:00:00' + INTERVAL seq SECOND AS time, "
            "SUBSTR('abcd', seq % 4 + 1, 1) AS event, seq AS amount FROM seq_1_to_1000000"
        )

        def active() -> int:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist "
                "WHERE info LIKE '%much%' AND command = 'Query' AND id <> CONNECTION_ID()"
            )
            return int(cursor.fetchone()[0])

        interrupted(tmp_path, server, active)
