"""The text of the query gives what `measure` counts, wherever it is run, and no name of a file is code in it."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
sqlglot = pytest.importorskip("sqlglot", reason="the extra `warehouse` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402
from funnelcli.events import possible  # noqa: E402
from funnelcli.events.cohorts import name, named, numbered  # noqa: E402
from funnelcli.events.comparisons import compared  # noqa: E402
from funnelcli.events.script import report, sources, writer  # noqa: E402
from funnelcli.events.script.comments import About  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.events.zones import since_1970  # noqa: E402
from funnelcli.funnel_file.moments import moment_of  # noqa: E402
from tests.events import judge, mariadb, postgres  # noqa: E402
from tests.events.test_amounts import FUNNEL as PRICED_BY_CHANNEL  # noqa: E402
from tests.events.test_amounts import as_csv, cents, of_the_first  # noqa: E402
from tests.events.test_amounts import log as sales_log  # noqa: E402
from tests.events.test_warehouse import (  # noqa: E402
    CASES,
    GROWING,
    PRICED,
    PRICED_ALONE,
    SHARED,
    STAGES,
    case,
    defined,
    found_in,
    of_each_kind,
    shared_out,
)
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from funnelcli.events.definition import Definition
    from funnelcli.measure import Times, When


def about(dialect: str, funnel: str = "Shop") -> About:
    return About(funnel, "events", dialect, "funnelcli 0", "funnelcli measure shop.yaml --sql")


def text_of(definition: Definition, dialect: str, place: Files | Warehouse | None, folder: Path) -> str:
    written = sources.write(definition, place, about(dialect), str(folder))
    assert isinstance(written, writer.Script), written
    return written.text()


COLUMNS = (
    "funnel", "dimension", "segment", "step", "stage", "count", "conversion", "mean_seconds", "p25_seconds",
    "median_seconds", "p75_seconds", "p90_seconds",
)  # fmt: skip
MONEY = ("revenue", "average_check")


def near(number: Any) -> Any:
    """A figure that engines make of parts in an order of their own."""
    return None if number is None else pytest.approx(float(number), rel=1e-12)


def timed(times: Times | None) -> tuple[Any, ...]:
    """The figures of times in the order of the columns."""
    known = [None] * 5 if times is None else [times.mean, times.p25, times.p50, times.p75, times.p90]
    return tuple(map(near, known))


def same(rows: list[tuple[Any, ...]], measure: str, stages: str, log: Path) -> None:
    """The rows of the query are what the embedded engine finds in the log: counts, conversions, times and money."""
    definition, found = case(measure, stages), found_in(log, measure, stages)
    segments = {("(all)", "(all)"): (found.counts, found.noted, {each.stage: each.mean for each in found.checks})}
    noted = {(dimension, name): each for dimension, told in found.segments for name, each in told}
    for breakdown in found.breakdowns:
        for each in breakdown.segments:
            key = breakdown.dimension, each.name
            segments[key] = each.counts, noted[key], {definition.priced: each.average_check}
    expected = {}
    for key, (counts, own, checks) in segments.items():
        times = dict(own.times)
        for stage, (called, number) in enumerate(zip(definition.names, counts, strict=True)):
            before = counts[definition.parents[stage]]
            conversion = near(number / before) if stage and before else None
            expected[*key, stage + 1, called] = (number, conversion, *timed(times.get(called)), near(checks.get(stage)))
        number = own.whole_way.units if own.whole_way else 0
        whole = (number, near(number / counts[0]) if counts[0] else None, *timed(own.whole_way), None)
        expected[*key, len(counts) + 1, report.WHOLE_WAY] = whole
    got = {}
    for funnel, dimension, segment, step, stage, number, *figures in rows:
        assert funnel == "Shop"
        shown = re.sub(r"\.0+$", "", segment)  # of an amount, a database shows the zeros that its type has
        assert len(figures) == 6 + 2 * bool(definition.paid)
        told = [None if each is None else float(each) for each in figures]
        check = told.pop() if definition.paid else None
        # of the stages of a segment, only where one alone brings money there is a check to compare with
        unknown = (dimension, shown) != ("(all)", "(all)") and definition.priced is None
        got[dimension, shown, step, stage] = (number, *told[:6], None if unknown else check)
    assert got == expected
    assert len(rows) == len(expected)


@pytest.fixture(scope="module")
def in_duckdb(log: Path) -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("PRAGMA disable_optimizer")  # which takes longer than the few events
        connection.execute("CREATE TABLE events AS SELECT * FROM read_csv(?)", [str(log)])
        yield connection


@pytest.mark.parametrize(
    ("measure", "stages"), shared_out([each for place, each in enumerate(CASES) if place % 4 > 1], 2, 5)
)  # PostgreSQL and MariaDB run the other texts
def test_in_duckdb(measure: str, stages: str, log: Path, in_duckdb: Any, tmp_path: Path) -> None:
    text = text_of(case(measure, stages), "duckdb", None, tmp_path)
    same(in_duckdb.execute(text).fetchall(), measure, stages, log)


@pytest.mark.parametrize(
    ("measure", "stages"),
    whole_or_part(
        [("ordered", STAGES), ("exclude", SHARED), ("strict", GROWING), ("last", STAGES)],
        [("ordered", STAGES), ("strict", GROWING)],
    ),
)
def test_of_a_file(measure: str, stages: str, log: Path, tmp_path: Path) -> None:
    text = text_of(case(measure, stages), "duckdb", Files((str(log),), "csv", log.name), tmp_path)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        same(connection.execute(text).fetchall(), measure, stages, log)


@pytest.mark.parametrize(("prices", "known"), [(cents, True), (lambda chance: chance.choice(("5", "-1")), False)])
def test_revenue_is_the_sum_of_what_units_bring(prices: Any, known: bool, tmp_path: Path) -> None:
    """By plain Python, of all and of segments: units without an amount bring the mean of the others.

    Where something is no amount, there is none.
    """
    sales = sales_log(prices)
    path = as_csv(sales, tmp_path)
    text = text_of(defined(PRICED_BY_CHANNEL), "duckdb", Files((path,), "csv", "events.csv"), tmp_path)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(text).fetchall()
    for channel, segment in ((None, "(all)"), ("Ads", "Ads"), ("SEO", "SEO")):
        every = of_the_first(sales, channel)
        amounts = [each for each in every if each is not None]
        ((revenue, check),) = [row[-2:] for row in rows if row[2] == segment and row[4] == "Paid"]
        assert revenue == (pytest.approx(sum(amounts) * len(every) / len(amounts)) if known else None)
        assert check == (pytest.approx(float(sum(amounts) / len(amounts))) if known else None)
    assert {row[-2:] for row in rows if row[4] != "Paid"} == {(None, None)}


def test_of_a_database_file_with_values_inside_a_column(tmp_path: Path) -> None:
    """The table is called as it is where the file itself is opened."""
    path = str(tmp_path / "shop.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE events (unit int, time timestamp, properties text)")
        values = [(1, "2026-10-01", '{"plan": "pro"}'), (1, "2026-10-02", '{"paid": 5}'), (2, "2026-10-01", "{}")]
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", values)
    definition = defined(
        "measure: {table: events, unit: unit, time: time}\n"
        "stages: [{name: A, when: {properties.plan: pro}}, {name: B, when: {properties.paid: '> 4'}}]\n"
    )
    text = text_of(definition, "duckdb", Files((path,), "duckdb", "shop.duckdb"), tmp_path)
    with duckdb.connect(path) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert [row[5] for row in connection.execute(text).fetchall()] == [1, 1, 1]


def test_a_file_tells_the_types_for_another_dialect(log: Path, tmp_path: Path) -> None:
    definition = defined(
        "measure: {table: shop.events, unit: unit, time: time}\n"
        "stages: [{name: A, when: {amount: 5}}, {name: B, when: {event: b}}]\n"
    )
    text = text_of(definition, "bigquery", Files((str(log),), "csv", log.name), tmp_path)
    assert "FROM `shop`.`events`" in text
    assert "was not looked at" not in text


@pytest.fixture(scope="module")
def in_postgresql(log: Path) -> Iterator[tuple[str, Any]]:
    if not postgres.is_running():
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    with postgres.schema_of_its_own() as url, postgres.connected(url) as connection:
        connection.execute("SET jit = off")  # which compiles each text for longer than the few events take
        postgres.put_log(log, connection)
        yield url, connection


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "stages"), few(shared_out(list(of_each_kind())[::2], 3, 5), 3))
def test_in_postgresql(measure: str, stages: str, log: Path, in_postgresql: tuple[str, Any], tmp_path: Path) -> None:
    _, connection = in_postgresql
    text = text_of(case(measure, stages), "postgres", None, tmp_path)
    same(connection.execute(text).fetchall(), measure, stages, log)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "stages"), few([("ordered", STAGES), ("strict", SHARED), ("identity", GROWING)], 1)
)
def test_in_postgresql_with_the_types_of_the_table(
    measure: str, stages: str, log: Path, in_postgresql: tuple[str, Any], tmp_path: Path
) -> None:
    url, connection = in_postgresql
    text = text_of(case(measure, stages), "postgres", Warehouse(url, "there"), tmp_path)
    assert "was not looked at" not in text
    same(connection.execute(text).fetchall(), measure, stages, log)


@pytest.fixture(scope="module")
def in_mariadb(log: Path) -> Iterator[tuple[str, Any]]:
    with mariadb.with_log(log) as url, mariadb.connected(url) as connection:
        cursor = connection.cursor()
        cursor.execute("SET time_zone = '+00:00'")
        yield url, cursor


FOLDED = [("ordered", SHARED), ("same", SHARED), ("exclude", PRICED), ("same", PRICED_ALONE)]
"""Those whose parts are put into one another, as a query of MariaDB has 64 of them at most."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "stages"), [*few(shared_out(list(of_each_kind())[1::2], 4, 5), 3), *few(FOLDED, 1)]
)
def test_in_mariadb(measure: str, stages: str, log: Path, in_mariadb: tuple[str, Any], tmp_path: Path) -> None:
    url, cursor = in_mariadb
    cursor.execute(text_of(case(measure, stages), "mariadb", Warehouse(url, "there"), tmp_path))
    same(list(cursor.fetchall()), measure, stages, log)


@pytest.mark.slow
def test_segments_that_differ_in_case_stay_apart_in_mariadb(in_mariadb: tuple[str, Any], tmp_path: Path) -> None:
    url, cursor = in_mariadb
    cursor.execute("CREATE OR REPLACE TABLE words (unit varchar(9), time datetime, event varchar(9), word varchar(9))")
    cursor.executemany(
        "INSERT INTO words VALUES (%s, '2026-10-01', 'a', %s)", [("x", "Ads"), ("X", "ads"), ("x ", "\u00e1ds")]
    )
    definition = defined(
        "measure: {table: words, unit: unit, time: time, breakdowns: {word: word}}\n"
        "stages: [{name: A, when: {event: a}}, {name: B, when: {event: A}}]\n"
    )
    for place in (None, Warehouse(url, "there")):
        cursor.execute(text_of(definition, "mariadb", place, tmp_path))
        rows = {(row[2], row[4]): row[5] for row in cursor.fetchall()}
        assert rows == {
            ("(all)", "A"): 3, ("(all)", "B"): 0, ("Ads", "A"): 1, ("Ads", "B"): 0, ("ads", "A"): 1, ("ads", "B"): 0,
            ("\u00e1ds", "A"): 1, ("\u00e1ds", "B"): 0, ("(all)", "(whole way)"): 0, ("Ads", "(whole way)"): 0,
            ("ads", "(whole way)"): 0, ("\u00e1ds", "(whole way)"): 0,
        }  # fmt: skip


@pytest.mark.slow
def test_in_mariadb_by_name_alone(log: Path, in_mariadb: tuple[str, Any], tmp_path: Path) -> None:
    _, cursor = in_mariadb
    cursor.execute(text_of(case("ordered", STAGES), "mariadb", None, tmp_path))
    same(list(cursor.fetchall()), "ordered", STAGES, log)


@pytest.mark.slow
def test_in_clickhouse(log: Path, tmp_path: Path) -> None:
    """ClickHouse itself, within this process."""
    chdb = pytest.importorskip("chdb.session", reason="chDB is not installed: pip install chdb")
    session = chdb.Session()
    session.query("CREATE DATABASE shop ENGINE = Atomic")
    session.query("USE shop")
    session.query(
        "CREATE TABLE events (unit Nullable(Int32), time Nullable(DateTime64(6, 'UTC')), event Nullable(String), "
        "amount Nullable(Decimal(10, 2)), channel Nullable(String), key Nullable(Int32)) ENGINE = Memory"
    )
    empty = "SETTINGS input_format_csv_empty_as_default = 1"
    session.query(f"INSERT INTO events SELECT * FROM file('{log}', 'CSVWithNames') {empty}")
    try:
        for measure, stages in CASES[::3]:  # all of them take minutes
            text = text_of(case(measure, stages), "clickhouse", None, tmp_path)
            rows = json.loads(str(session.query(text, "JSONCompact")))["data"]
            found = [(*row[:3], int(row[3]), row[4], int(row[5]), *row[6:]) for row in rows]
            same(found, measure, stages, log)
    finally:
        session.close()


FUNCTIONS = {
    "ABS", "AND", "AVG", "CASE", "CAST", "COALESCE", "CONCAT", "COUNT", "GREATEST", "IF", "LAG", "LEAST", "MAX", "MIN",
    "MOD", "NULLIF", "OR", "RANK", "ROW_NUMBER", "SUM", "TRIM",
}  # fmt: skip
"""What the parts have that are not about the columns of the table: functions that all dialects know."""


READ = [("ordered", STAGES), ("strict", STAGES), ("any", SHARED), ("last", STAGES), ("left out", STAGES)]
UNTRIED = [each for each in writer.DIALECTS if each not in ("duckdb", "postgres", "mariadb", "clickhouse")]
"""The dialects in which no engine counts here; the others are read by their own."""
IN_TURN = [(*each, UNTRIED[place % len(UNTRIED)]) for place, each in enumerate(CASES[::5])]


@pytest.mark.parametrize(
    ("counted", "dialect"),
    [*each_once(READ, UNTRIED), *((each[:2], each[2]) for each in few(IN_TURN, 1))],
)
def test_every_dialect_reads_its_text(counted: tuple[str, str], dialect: str, tmp_path: Path) -> None:
    measure, stages = counted
    definition = case(measure, stages)._replace(identity="key")
    written = sources.write(definition, None, about(dialect), str(tmp_path))
    assert isinstance(written, writer.Script)
    tree = sqlglot.parse_one(written.text(), read=written.dialect)
    assert tuple(each.alias for each in tree.selects) == (*COLUMNS, *(MONEY if definition.paid else ()))
    first, *others = tree.find_all(sqlglot.exp.CTE)
    assert first.alias == "stage_events"
    found = {each.sql_name() for cte in others for each in cte.find_all(sqlglot.exp.Func)}
    if dialect == "spark":  # whose CAST SQLGlot takes for one that may fail
        found.discard("TRY_CAST")
    if written.dialect is sqlglot.Dialect["mysql"]:  # which compares texts as the session likes
        found.discard("COLLATE")
    assert found <= FUNCTIONS, found - FUNCTIONS


HOSTILE = [
    "it's", 'a "b"', "back\\slash", "\\", "\\'", "100%", "%s %(x)s", "--", "a -- b", "/* x */",
    "?", "$1", ":name", "[x]", "two  gaps",
    "*/ DROP TABLE events; --", "; DROP TABLE events", "Ünïcödé 🙂", "{{ x }}", "{% raw %}", "{# c", "`tick`",
]  # fmt: skip
"""Names and values; those of values may have lines of their own."""
LINES = ["two\nlines", "tab\there", "cr\rlf\n", "\u2028 \x85"]


def hostile(*texts: str, column: str = "event") -> Definition:
    """A funnel with a text wherever it can stand."""
    values = ", ".join(json.dumps(each, ensure_ascii=each.isprintable() is False) for each in texts)
    name_, of = (json.dumps(each, ensure_ascii=False) for each in (texts[0] if texts[0].isprintable() else "A", column))
    return defined(
        f"name: {name_}\n"
        f"measure: {{table: events, unit: unit, time: seconds, epoch: seconds, breakdowns: {{{name_}: {of}}}}}\n"
        f"stages: [{{name: {name_}, when: {{{of}: [{values}]}}}}, {{name: B, when: {{{of}: b}}}}]\n"
    )


VALUES = [*HOSTILE, *LINES]


@pytest.mark.parametrize(
    "asked", [VALUES[first :: whole_or_part(len(VALUES), 4)] for first in range(whole_or_part(len(VALUES), 4))]
)
def test_no_value_is_code(asked: list[str], tmp_path: Path) -> None:
    """A unit for each text, of which one is asked for, or some; the first of them names what can be named."""
    texts, text = [*VALUES, "b"], asked[0]
    definition = hostile(*asked)
    written = sources.write(definition, None, about("duckdb", text), str(tmp_path))
    assert isinstance(written, writer.Script)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events (unit int, seconds bigint, event text)")
        connection.executemany("INSERT INTO events VALUES (?, 1790812800, ?)", [[i, t] for i, t in enumerate(texts)])
        rows = connection.execute(written.text()).fetchall()
        assert [row[5] for row in rows if row[1] == "(all)"] == [len(asked), 0, 0]
        assert rows[0][0] == text
        assert connection.execute("SELECT COUNT(*) FROM events").fetchone() == (len(texts),)


@pytest.mark.parametrize("column", few([each for each in HOSTILE if "." not in each], 5))
def test_no_name_of_a_column_is_code(column: str, tmp_path: Path) -> None:
    quoted = '"' + column.replace('"', '""') + '"'
    text = text_of(hostile("x", column=column), "duckdb", None, tmp_path)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE events (unit int, seconds bigint, {quoted} text)")
        connection.execute("INSERT INTO events VALUES (1, 1790812800, 'x'), (1, 1790812801, 'b'), (2, 1790812800, 'b')")
        rows = connection.execute(text).fetchall()
    assert [row[5] for row in rows if row[1] == "(all)"] == [1, 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(whole_or_part(4, 2)))
def test_no_value_is_code_in_servers(
    first: int, in_postgresql: tuple[str, Any], in_mariadb: tuple[str, Any], tmp_path: Path
) -> None:
    """A unit for each text, of which some are asked for, and the first of them names the stage and the breakdown."""
    texts = [*HOSTILE, *LINES]
    asked = texts[first :: whole_or_part(4, 2)]
    definition = hostile(*asked)._replace(table="texts")
    _, connection = in_postgresql
    _, cursor = in_mariadb
    rows = [(unit, 1790812800, text) for unit, text in enumerate(texts)]
    with connection.cursor() as own:
        for dialect, server in (("postgres", own), ("mariadb", cursor)):
            server.execute("DROP TABLE IF EXISTS texts")
            type_ = "text" if dialect == "postgres" else "varchar(99)"
            server.execute(f"CREATE TABLE texts (unit int, seconds bigint, event {type_})")
            server.executemany("INSERT INTO texts VALUES (%s, %s, %s)", rows)
            server.execute(text_of(definition, dialect, None, tmp_path))
            found = server.fetchall()
            assert [row[5] for row in found if row[1] == "(all)"] == [len(asked), 0, 0]
            assert {row[1] for row in found} == {"(all)", asked[0]}
            assert len({row[2] for row in found}) == len(asked) + 1


@pytest.mark.parametrize("dialect", writer.DIALECTS)
def test_a_text_is_one_literal_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    place = list(writer.DIALECTS).index(dialect)
    firsts = (*HOSTILE[:3], LINES[0])
    for first in whole_or_part(firsts, [firsts[place % len(firsts)]]):
        texts = dict.fromkeys((first, *HOSTILE, *LINES))
        written = sources.write(hostile(*texts), None, about(dialect, first), str(tmp_path))
        assert isinstance(written, writer.Script)
        (tree,) = sqlglot.parse(written.text(), read=written.dialect)
        assert texts.keys() <= {each.name for each in tree.find_all(sqlglot.exp.Literal)}
        assert all(re.match(r"--( |$)", line) and line.isprintable() for line in written.heading)


def met(when: When, event: dict[str, Any]) -> bool:
    """Whether an event meets a condition, as the judge has it."""
    return any(
        all(
            any(
                judge.meets(None if option == ("=", None) else option, event[condition.column])
                for option in compared(condition)
            )
            for condition in way
        )
        for way in when
    )


def test_what_is_possible_is_all_that_happens() -> None:
    """Of random conditions and events, no event meets stages together that were not told."""
    chance = Random(15)
    values: dict[str, list[Any]] = {"event": ["a", "b", "c"], "amount": [1, 2, 5], "day": ["2026-10-01", "2026-10-02"]}
    told = 0
    for _ in range(300):
        whens: list[dict[str, Any]] = []
        for _ in range(3):
            when: dict[str, Any] = {}
            for column in chance.sample(sorted(values), chance.randint(1, 2)):
                one, *_others = chosen = chance.sample(values[column], chance.randint(1, 2))
                when[column] = chosen
                if column == "day" or (column == "amount" and chance.random() < 0.5):
                    when[column] = f"{chance.choice(['>=', '<', '>', '<='])} {one}"
                elif column == "event" and chance.random() < 0.3:
                    when[column] = chance.choice(["like a%", "!= a", "not null", "not in [a, b]", None])
            whens.append(when)
        stages = json.dumps([{"name": f"S{place}", "when": when} for place, when in enumerate(whens)])
        definition = defined(f"measure: {{unit: unit, time: time}}\nstages: {stages}\n")
        found = possible.masks(definition)
        assert isinstance(found, list)
        told += len(found)
        for _ in range(40):
            event = {
                "event": chance.choice(["a", "b", "c", "ax", None]),
                "amount": chance.choice([0, 1, 2, 3, 5, 9, None]),
                "day": chance.choice(["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03", None]),
            }
            mask = sum(1 << place for place, when_ in enumerate(definition.whens) if met(when_, event))
            assert not mask or mask in found, (stages, event)
    assert told < 300 * 6  # of 7 that there could be


def test_stages_that_share_no_value_are_disjoint() -> None:
    assert possible.masks(case("ordered", STAGES)) == [1, 2, 4, 8]
    either = "[{name: A, when: {event: a}}, {name: B, when: {page: like /p/%}}]"
    assert possible.masks(case("ordered", either)) == [1, 2, 3]


@pytest.mark.parametrize("period", ["hour", "day", "week", "month", "quarter"])
def test_periods_are_named_as_elsewhere(period: str) -> None:
    chance = Random(1)
    moments = [chance.randint(-30_000_000_000_000_000, 250_000_000_000_000_000) for _ in range(500)]
    edges = ("01-01", "01-04", "02-28", "03-01", "12-28", "12-31")
    moments += [since_1970(moment_of(f"{year}-{day}")) for year in range(1890, 2110) for day in edges]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE e AS SELECT UNNEST(?)::BIGINT AS t", [moments])
        query = named(period, f"({numbered(period, 'e')})")
        rows = connection.execute(f"SELECT t, name_ FROM ({query})").fetchall()
    assert len(rows) == len(moments)
    assert all(found == name(moment, period) for moment, found in rows)


@pytest.mark.parametrize(
    ("measure", "stages", "dialect", "said"),
    [
        ("unit: unit, time: time", STAGES, "duckdb", "no table of events is named"),
        ("table: e, unit: unit, time: time", STAGES.replace("event: a", "data.plan: a"), "duckdb", "lies inside"),
        ("table: e, unit: unit, time: time, order: strict", STAGES, "mysql", "rows that came twice"),
        ("table: e, unit: unit, time: time, time_format: '%d.%m.%Y'", STAGES, "duckdb", "of the formats of times"),
    ],
)
def test_what_one_text_cannot_do_is_refused(measure: str, stages: str, dialect: str, said: str, tmp_path: Path) -> None:
    definition = defined(f"measure: {{{measure}}}\nstages: {stages}\n")
    found = sources.write(definition, None, about(dialect), str(tmp_path))
    assert isinstance(found, Problem)
    assert said in found.message
