"""Databases through Ibis give the very result of the embedded engine, which the judge has proved."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections import Counter
from contextlib import nullcontext, suppress
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
ibis = pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")

from funnelcli.events import ages, tally, who  # noqa: E402
from funnelcli.events.count import count  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import TIME, Definition  # noqa: E402
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, SourceError, Warehouse, find_source  # noqa: E402
from funnelcli.events.warehouse import conditions, connections  # noqa: E402
from funnelcli.events.warehouse import engine as warehouse  # noqa: E402
from funnelcli.events.warehouse.events import clock  # noqa: E402
from funnelcli.events.warehouse.pushed import begun, inside  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.events import judge  # noqa: E402
from tests.events.conftest import put  # noqa: E402
from tests.events.interrupting import interrupted  # noqa: E402
from tests.events.postgres import RUNNING, connected, is_running, put_log, schema_of_its_own, started  # noqa: E402
from tests.thorough import each_once, few, weekly, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STAGES = (
    "[{name: A, when: {event: a}}, {name: B, when: {event: b}}, {name: C, when: {event: c}},"
    " {name: D, from: B, when: {event: d}}]"
)
SHARED = (
    "[{name: A, when: {event: a}}, {name: B, when: {event: [b, c]}}, {name: C, when: {amount: '>= 20'}},"
    " {name: D, from: B, when: {event: [c, d], amount: 'not null'}}]"
)
GROWING = "[{name: A, when: {event: a}}, {name: B, allow_growth: true, when: {event: b}}, {name: C, when: {event: c}}]"
MEASURES = {
    "ordered": "window: 12 hours, breakdowns: {channel: channel}, period: day",
    "strict": "order: strict, window: 12 hours, breakdowns: {channel: channel}",
    "strict whole": "order: strict, breakdowns: {channel: channel}",
    "any": "order: any, window: 12 hours, breakdowns: {channel: channel}",
    "exclude": "exclude: {event: z}, period: week",
    "between": 'window: 6 hours, between: ["2026-10-01T06:00:00Z", "2026-10-02"], exclude: {amount: "< 10"}',
    "identity": "id: key, breakdowns: {amount: amount}, period: month",
    "first": "entry: first, breakdowns: {channel: channel}, period: week",
    "last": "entry: last, window: 12 hours, period: quarter, exclude: {event: z}",
}
MEANINGS = {
    "unordered": "order: unordered, window: 12 hours, breakdowns: {channel: channel}, period: day, exclude: {event: z}",
    "repeats": "order: strict, repeats: true, window: 12 hours, period: day, exclude: {amount: '< 10'}",
    "repeats whole": "order: strict, repeats: true, exclude: {amount: '< 10'}",
    "unordered first": "order: unordered, window: 6 hours, entry: first, breakdowns: {channel: channel}",
}
APART = {
    "apart": "ties: apart, window: 12 hours, breakdowns: {channel: channel}, exclude: {event: z}",
    "apart strict whole": "ties: apart, order: strict, period: day",
    "apart strict": "ties: apart, order: strict, window: 12 hours, period: day",
}
MEASURES |= MEANINGS | APART
WITHIN = STAGES.replace("name: B", "name: B, within: 8 hours, optional: true").replace(
    "name: D", "name: D, within: 1 day"
)
BARRED = STAGES.replace("name: B", "name: B, exclude: {amount: '< 10'}").replace(
    "name: D", "name: D, exclude: {event: z}"
)
LEFT_OUT = {
    "left out": "exclude_units: {event: z}, window: 6 hours, breakdowns: {channel: channel}",
    "left out in any order": "exclude_units: {event: z}, window: 6 hours, order: any, period: day",
}
TOGETHER = {
    "shared": "shared: true, window: 12 hours, breakdowns: {channel: channel}",
    "shared in any order": "shared: true, order: any, window: 12 hours, exclude: {event: z}",
}
SAME = {
    "same": "same: [channel], window: 12 hours, breakdowns: {amount: amount}, period: day",
    "same of two": "same: [channel, amount], entry: first, exclude: {event: z}, period: week",
    "same strict": "same: [channel], order: strict, breakdowns: {channel: channel}",
    "same in any order": "same: [channel], order: any, exclude: {event: z}, period: day",
    "same left out": "same: [channel], exclude_units: {event: z}, window: 6 hours",
}
MEANINGS["same unordered"] = "same: [channel], order: unordered, window: 12 hours, breakdowns: {channel: channel}"
EACH = {
    "each": "entry: each, window: 12 hours, exclude: {event: z}, breakdowns: {channel: channel}, period: day",
    "same each": "same: [channel], entry: each, window: 12 hours, period: week",
}
FEW = 'window: 20 hours, between: ["2026-10-01T20:00:00Z", "2026-10-02T06:00:00Z"]'
BEGUN = {
    "entries of few": f"{FEW}, exclude: {{event: z}}, breakdowns: {{channel: channel}}",
    "entries of few in any order": f"{FEW}, order: unordered, entry: first",
    "entries of few with repeats": f"{FEW}, order: strict, repeats: true, period: day",
}
MEANINGS |= EACH | BEGUN
MEASURES |= LEFT_OUT | TOGETHER | SAME | MEANINGS
PRICED = STAGES.replace("name: A", "name: A, amount: amount").replace("name: C", "name: C, amount: amount")
PRICED_ALONE = STAGES.replace("name: D", "name: D, amount: amount")
PRICED_EVENTS = (
    "[{name: A, when: {event: a}}, {name: B, amount: amount, allow_growth: true, when: {event: b}},"
    " {name: C, when: {event: c}}]"
)
LINE = STAGES.partition(", {name: D")[0] + "]"
UNMET = STAGES.replace("event: d", "event: [d, paid], channel: TV")  # no event fits D, and d and z fit none
CASES = [
    ("ordered", UNMET),
    ("exclude", UNMET),
    *((measure, STAGES) for measure in MEASURES if measure not in MEANINGS),
    *((measure, SHARED) for measure in MEASURES if measure not in MEANINGS),
    *((measure, LINE) for measure in MEANINGS),
    *((measure, stages) for measure in EACH for stages in (STAGES, GROWING)),
    ("entries of few", PRICED_EVENTS),
    *((measure, BARRED) for measure in ("ordered", "exclude", "apart", "first")),
    *((measure, WITHIN) for measure in ("ordered", "strict", "exclude", "apart", "first")),
    *((measure, PRICED) for measure in ("ordered", "any", "strict", "exclude", "first", "same strict")),
    *((measure, PRICED_ALONE) for measure in ("ordered", "any", "last", "shared", "left out", "same")),
    *((measure, PRICED_EVENTS) for measure in ("ordered", "strict", "exclude", "first", "same")),
    *((measure, GROWING) for measure in ("ordered", "strict", "exclude", "identity", "same")),
]


def of_each_kind() -> Iterator[tuple[str, str]]:
    """Every way to count, with the stages that were tried least."""
    tried: Counter[str] = Counter()
    for measure in dict(CASES):
        stages = min((stages for own, stages in CASES if own == measure), key=tried.__getitem__)
        tried[stages] += 1
        yield measure, stages


def shared_out(whole: Iterable[tuple[str, str]], place: int, engines: int) -> list[tuple[str, str]]:
    """The ways to count, each for one of the engines; all of its cases in each of them where it is to be thorough.

    The engines are those of a measure in PostgreSQL and MariaDB, and of its text in DuckDB and both of these.
    """
    return whole_or_part(list(whole), list(of_each_kind())[place::engines])


def defined(text: str, **options: Any) -> Definition:
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0], **options)
    assert isinstance(definition, Definition)
    return definition


def case(measure: str, stages: str) -> Definition:
    return defined(f"measure: {{table: events, unit: unit, time: time, {MEASURES[measure]}}}\nstages: {stages}\n")


@cache
def found_in(log: Path, measure: str, stages: str) -> EventCounts:
    """What the embedded engine finds in the log, once for all databases and processes."""
    kept = log.with_name(f"{sha256(f'{measure} {stages}'.encode()).hexdigest()}.pickle")
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    found = embedded.measure(case(measure, stages), Files((str(log),), "csv", log.name), str(log.parent))
    assert isinstance(found, EventCounts)
    put(kept, pickle.dumps(found))
    return found


def both(measure: str, stages: str, log: Path, url: str) -> tuple[Any, Any]:
    """What the embedded engine finds in the log, and a database in its table."""
    return found_in(log, measure, stages), warehouse.measure(case(measure, stages), Warehouse(url, "there"))


def mature_alike(log: Path, url: str) -> None:
    """What is mature alone, and the units that are left out, as the embedded engine finds them."""
    for measure, stages in whole_or_part([("ordered", STAGES), ("unordered first", LINE)], [("ordered", STAGES)]):
        definition = case(measure, stages)
        here = embedded.measure(definition, Files((str(log),), "csv", log.name), str(log.parent), mature_only=True)
        assert isinstance(here, EventCounts)
        assert here.reach.open_units
        assert warehouse.measure(definition, Warehouse(url, "there"), mature_only=True) == here


@pytest.fixture(scope="module")
def file_of_duckdb(log: Path) -> str:
    if not hasattr(duckdb.DuckDBPyConnection, "fetch_arrow_table"):
        pytest.skip("this Ibis does not know this DuckDB: pip install 'duckdb<2'")
    path = log.parent / "events.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE events AS SELECT * FROM read_csv(?)", [str(log)])
    return f"duckdb://{path}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Ibis uses what DuckDB is about to drop
@pytest.mark.parametrize(("measure", "stages"), few(CASES[::4], 4))  # PostgreSQL and MariaDB go the same way
def test_duckdb_through_ibis(measure: str, stages: str, log: Path, file_of_duckdb: str) -> None:
    here, there = both(measure, stages, log, file_of_duckdb)
    assert here.counts[2] > 0
    assert there == here


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A server that asks for a password."""
    with TemporaryDirectory(prefix="pg", dir="/tmp") as folder, started(Path(folder)) as url:
        yield url


@pytest.fixture(scope="module")
def server(log: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The log in a table of the server that runs, or of one that is started where none does."""
    with schema_of_its_own() if is_running() else nullcontext(request.getfixturevalue("guarded")) as url:
        with connected(url) as connection:
            put_log(log, connection)
            connection.execute(
                "CREATE TABLE odd AS SELECT * FROM (VALUES "
                "(1, 'a', 1790812800, TRUE, timestamptz '2026-10-01'), (1, 'b', 1790812900, NULL, 'infinity'), "
                "(2, 'a', 1790812800, FALSE, '-infinity')) AS v (unit, event, seconds, flag, at)"
            )
            connection.execute("ALTER TABLE odd ADD COLUMN uuid uuid DEFAULT gen_random_uuid()")
        yield url


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "stages"), few(shared_out(CASES, 0, 5), 4))
def test_postgresql(measure: str, stages: str, log: Path, server: str) -> None:
    here, there = both(measure, stages, log, server)
    assert there == here


LISTED = [
    *((measure, STAGES) for measure in ("ordered", "strict", "any", "exclude", "first", "last", "between")),
    ("ordered", SHARED),
]


def listed(measure: str, stages: str, question: who.Question, log: Path, url: str, folder: Path) -> list[Any]:
    """The units of a stage, in the log and in a database."""
    text = f"measure: {{table: events, unit: unit, time: time, event: event, {MEASURES[measure]}}}\nstages: {stages}\n"
    ask = partial(who.find, about=who.UnitsAsked(question, 2, "event"))
    files = Files((str(log),), "csv", log.name)
    return [
        embedded.measure(defined(text), files, str(folder), ask=ask),
        warehouse.measure(defined(text), Warehouse(url, "there"), ask=ask),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("counted", "question"), each_once(few(LISTED, 4), ["dropped_at", "reached"]))
def test_units_listed_in_postgresql(
    counted: tuple[str, str], question: who.Question, log: Path, server: str, tmp_path: Path
) -> None:
    here, there = listed(*counted, question, log, server, tmp_path)
    assert here.units
    assert there == here


PATTERNS = [
    r"/sign\_up%", "/sign_up%", r"%\%", r"%\\%", r"_\__", "%!%", r"a\_!%", "%[b]%", r"\%\_\\", "it's%", r"%\_%\%%",
]  # fmt: skip
PAGES = [
    "/sign_up/start", "/sign-up/start", "50%", "50", r"c:\x", "a_b", "a-b", "a_!x", "a-!x", "wow!", "a[b]c", "abc",
    "%_\\", "it's so", "_a_%b", "_a_b", "!", "!_", "%", "_", "\\", "Äpfel", "äPFEL", "apfel", "ÄPFEL\nund", "zwei\n",
    "STRASSE", "straße", "STRAẞE",
    "ΣΊΣΥΦΟΣ", "σίσυφος", "Kelvin \u212a", "ſ", "s", "İ", "i", "ı", "I", "Жук", "жУК", "x\u00a0y",
    "12", "١٢", "a.b", "a\tb", "a\rb", "/p/12/edit", "/P/x", "^", "$", "[x]", "{2}", "(a|b)", "aab", "😀", "a\u2028b",
]  # fmt: skip
SEARCHES = [
    r"^/p", r"^/[a-z]+/\d+(?:/|$)", r"(?i)^/P", r"(?i)äpfel$", r"(?i)[à-ö]p", r"^zwei$", r"^a.b$", r"^a[^b]b$", r"a\sb",
    r"^\w+$", r"^\W$", r"^\d{2}$",
    r"a{2,}b?", r"\^|\$", r"[\]\[{}]", r"^\(a\|b\)$", r"(a|b){2}", r"^.$", r"^[ä-ü]", r"!|'",
    r"^$", r"^\\", r"(?i)^ΣΊΣΥΦΟΣ$", r"(?i)^straẞe", r"^[^\d\s]+$", r"a\-b", r"x|^y|z$", r"\D\S{3}?", r"(?i)^k|\u212a$",
]  # fmt: skip
OF_TEXT = [
    *(("like", pattern) for pattern in PATTERNS),
    *(("matches", search.replace(r"\u212a", "\u212a")) for search in SEARCHES),
    *(
        ("ilike", pattern)
        for pattern in (
            "ÄPFEL%",
            "äpfel",
            "%P%L%",
            "_TR%e",
            "σίσυφοΣ",
            "s",
            "i",
            "I",
            "жук",
            r"A\_b",
            "%k",
            "_",
            "%%_",
            "%\nund",
        )
    ),
    *(
        (word, text)
        for word in ("contains", "starts with", "ends with")
        for text in ("a_", "%", "Ä", "\\", "_b", "'", "!", "x", "[x]")
    ),
]


TOGETHER_ASKED = whole_or_part(20, 27)
AT_ONCE = [OF_TEXT[start : start + TOGETHER_ASKED] for start in range(0, len(OF_TEXT), TOGETHER_ASKED)]
"""Comparisons that one query makes: each is a stage to which every page may come."""
NEGATED = (False, True)


def asked_of_a_server(first: int, negated: bool) -> list[tuple[object, ...]]:
    """Some comparisons by each operator, others for each server, as files are asked all; all where it is thorough."""
    return whole_or_part(each_once(AT_ONCE, NEGATED), [(OF_TEXT[first::4], negated)])


def of_texts(comparisons: Sequence[tuple[str, str]], negated: bool) -> Definition:
    """How many pages fit each comparison, behind a first stage of all of them."""
    whens = [json.dumps(f"{'not ' * negated}{operator} {operand}") for operator, operand in comparisons]
    stages = [f"{{name: S{place}, from: All, when: {{page: {when}}}}}" for place, when in enumerate(whens)]
    return defined(
        "measure: {table: pages, unit: page, time: seconds, epoch: seconds, shared: true}\n"
        f"stages: [{', '.join(['{name: All, when: {page: not null}}', *stages])}]\n"
    )


def fitting(comparisons: Sequence[tuple[str, str]], negated: bool) -> list[int]:
    """The counts of `of_texts` by the judge."""
    return [len(PAGES), *(sum(judge.has(*each, page) != negated for page in PAGES) for each in comparisons)]


@pytest.fixture(scope="module")
def pages(server: str) -> str:
    with connected(server) as connection:
        connection.execute("CREATE TABLE pages (page text, seconds int)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO pages VALUES (%s, 1790812800)", [(page,) for page in PAGES])
    return server


@pytest.mark.slow
@pytest.mark.parametrize(("comparisons", "negated"), asked_of_a_server(0, negated=False))
def test_patterns_mean_the_same_in_postgresql(
    comparisons: Sequence[tuple[str, str]], negated: bool, pages: str
) -> None:
    outcome = warehouse.measure(of_texts(comparisons, negated), Warehouse(pages, "there"))
    assert isinstance(outcome, EventCounts), outcome
    assert list(outcome.counts) == fitting(comparisons, negated)


@pytest.fixture(scope="module")
def file_of_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "pages.csv"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE pages (page text, seconds int)")
        connection.executemany("INSERT INTO pages VALUES (?, 1790812800)", [[page] for page in PAGES])
        connection.execute(f"COPY pages TO '{path}'")
    return path


@pytest.mark.parametrize(("comparisons", "negated"), each_once(AT_ONCE, NEGATED[::-1]))
def test_patterns_mean_the_same_in_files(
    comparisons: Sequence[tuple[str, str]], negated: bool, file_of_pages: Path
) -> None:
    files = Files((str(file_of_pages),), "csv", "pages.csv")
    outcome = embedded.measure(of_texts(comparisons, negated), files, str(file_of_pages.parent))
    assert isinstance(outcome, EventCounts), outcome
    assert list(outcome.counts) == fitting(comparisons, negated)


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        *(
            (name, "LIKE '/a!_b!!%' ESCAPE '!'")
            for name in ("postgres", "snowflake", "trino", "mysql", "oracle", "mssql")
        ),
        *((name, r"LIKE '/a\\_b!%'") for name in ("bigquery", "clickhouse")),
    ],
)
def test_the_escape_of_a_pattern_is_named_where_it_can_be(dialect: str, words: str) -> None:
    """BigQuery and ClickHouse have no ESCAPE: there it is the backslash.

    https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#like_operator
    https://clickhouse.com/docs/sql-reference/functions/string-search-functions#like
    """
    table = ibis.table({"page": "string"}, name="pages")
    connection: Any = SimpleNamespace(
        name=dialect,
        dialect={"mssql": "tsql"}.get(dialect, dialect),
        compile=lambda expression: str(ibis.to_sql(expression, dialect=dialect)),
    )
    found = table.filter(table.page.like(conditions.like_pattern(r"/a\_b!%", dialect)))
    assert words in conditions.compiled(connection, found)


@pytest.mark.slow
def test_nothing_of_the_tests_stays_in_a_server() -> None:
    if not is_running():
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    made = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = %s"
    with connected(RUNNING) as connection:
        with suppress(ZeroDivisionError), schema_of_its_own() as url, connected(url) as inside:
            inside.execute("CREATE TABLE events AS SELECT 1 AS unit")
            name = url.rpartition("/")[2]
            assert connection.execute(made, [name]).fetchone() == (1,)
            raise ZeroDivisionError
        assert connection.execute(made, [name]).fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["flag", "uuid"])
def test_segments_by_types_that_have_no_order(column: str, server: str) -> None:
    text = (
        f"measure: {{table: odd, unit: unit, time: seconds, epoch: seconds, breakdowns: {{it: {column}}}}}\n"
        "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]\n"
    )
    outcome = warehouse.measure(defined(text), Warehouse(server, "there"))
    assert isinstance(outcome, EventCounts)
    assert outcome.counts == (2, 1)
    assert sorted(each.counts for each in outcome.breakdowns[0].segments) == [(1, 0), (1, 1)]


@pytest.mark.slow
def test_infinite_times_are_none_in_a_database_too(server: str) -> None:
    text = "measure: {table: odd, unit: unit, time: at, period: month}\n"
    text += "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]\n"
    outcome = warehouse.measure(defined(text), Warehouse(server, "there"))
    assert isinstance(outcome, EventCounts)
    assert (outcome.counts, outcome.reach.without_time) == ((1, 0), 2)


@pytest.mark.slow
def test_a_materialized_view_is_a_table(server: str) -> None:
    with connected(server) as connection:
        connection.execute("CREATE MATERIALIZED VIEW kept AS SELECT * FROM events")
    text = f"measure: {{table: kept, unit: unit, time: time, window: 12 hours}}\nstages: {STAGES}\n"
    kept = warehouse.measure(defined(text), Warehouse(server, "there"))
    assert isinstance(kept, EventCounts)
    assert kept == warehouse.measure(defined(text.replace("table: kept", "table: events")), Warehouse(server, "there"))


@pytest.mark.slow
def test_a_table_without_rights_is_no_missing_table(server: str) -> None:
    role = f"reader_{uuid4().hex[:12]}"
    with connected(server) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        (schema,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
        connection.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
    url = re.sub(r"//[^@/]*@", f"//{role}@", server)
    text = f"measure: {{table: events, unit: unit, time: time}}\nstages: {STAGES}\n"
    try:
        with pytest.raises(SourceError, match="permission denied"):
            warehouse.measure(defined(text), Warehouse(url, "there"))
    finally:
        with connected(server) as connection:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


VALUES = [str(key) for key in range(0, 1200, whole_or_part(2, 4))]
MANY_VALUES = {
    "in": f"exclude_units: {{key: [{', '.join(VALUES)}]}}",
    "not in": f"exclude: {{key: {{not in: [{', '.join(VALUES)}]}}}}",
    "alternatives": f"exclude: [{', '.join(f'{{key: {each}, event: z}}' for each in VALUES)}]",
}


@pytest.mark.slow
@pytest.mark.parametrize("condition", MANY_VALUES)
def test_many_values_are_no_limit_of_a_database(condition: str, log: Path, server: str) -> None:
    text = f"measure: {{table: events, unit: unit, time: time, {MANY_VALUES[condition]}}}\nstages: {STAGES}\n"
    here = embedded.measure(defined(text), Files((str(log),), "csv", log.name), str(log.parent))
    there = warehouse.measure(defined(text), Warehouse(server, "there"))
    assert isinstance(here, EventCounts)
    assert there == here


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "question"), each_once(few(["normal", "flagged", "events", "chosen", "u"], 3), [None, "dropped_at"])
)
def test_a_table_may_be_called_as_a_part_of_the_query_is(
    name: str, question: who.Question | None, log: Path, server: str
) -> None:
    text = f"measure: {{table: events, unit: unit, time: time, event: event, {FEW}}}\nstages: {STAGES}\n"
    ask = partial(who.find, about=who.UnitsAsked(question, 2, "event")) if question else count
    with connected(server) as connection:
        schema = f"funnelcli_{uuid4().hex}"
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM events")
            place = Warehouse("/".join([*server.split("/")[:4], schema]), "there")
            there = warehouse.measure(defined(text, table=name), place, ask=ask)
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")
    assert there == embedded.measure(defined(text), Files((str(log),), "csv", log.name), str(log.parent), ask=ask)


@pytest.mark.slow
def test_what_is_mature_alone_in_postgresql(log: Path, server: str) -> None:
    mature_alike(log, server)


@pytest.mark.slow
def test_a_defect_is_none_of_the_database(server: str) -> None:
    text = f"measure: {{table: events, unit: unit, time: time}}\nstages: {STAGES}\n"
    with pytest.raises(TypeError):  # raised where it is called, in the package
        warehouse.measure(defined(text), Warehouse(server, "there"), ask="a text is not called".__len__)


@pytest.mark.slow
@pytest.mark.parametrize("table", ['x"; DROP TABLE events; --', "pg_shadow; --", "Events", "../events"])
def test_a_table_is_named_only_as_it_is_listed(table: str, server: str) -> None:
    text = f"measure: {{unit: unit, time: time}}\nstages: {STAGES}\n"
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0], table=table)
    assert not isinstance(definition, list)
    outcome: Any = warehouse.measure(definition, Warehouse(server, "there"))
    assert (outcome.code, outcome.message[:25]) == ("FN120", "the database has no table")


def tables_told(url: str, schema: str, table: str, of_system: str) -> None:
    """What is said of tables that are not there, where this is in that schema alone: names that can be written."""
    place = Warehouse(url, "there")
    text = f"measure: {{unit: unit, time: time}}\nstages: {STAGES}\n"
    cases = [
        (f"{schema}.{table[1:]}", "table", f'did you mean "{schema}.{table}"?'),
        (table, "table", f'did you mean "{schema}.{table}"?'),
        (f"{schema[:-1]}.{table}", "schema", f'did you mean "{schema}"?'),
    ]
    for wanted, what, help_text in cases:
        outcome: Any = warehouse.measure(defined(text, table=wanted), place)
        missing = wanted if what == "table" else wanted.partition(".")[0]
        assert outcome[:3] == ("FN120", f'the database has no {what} "{missing}"', help_text)
    hidden: Any = warehouse.measure(defined(text, table=f"{of_system[:-1]}.{table}"), place)
    assert f'"{of_system}"' not in hidden.help
    connection = connections.connect(place)
    unnamed: Any = connections.table_of(connection, None)
    if not hasattr(unnamed, "schema"):  # the database that is named has more tables than one, or none is named
        assert unnamed.help.startswith("add --table NAME; known here: ")
    elsewhere = {each.rpartition(".")[0]: each for each in connections.elsewhere(connection)}
    connection.disconnect()
    assert elsewhere[schema] == f"{schema}.{table}"
    assert of_system not in elsewhere and "information_schema" not in elsewhere  # noqa: PT018


@pytest.mark.slow
def test_a_table_that_is_not_there_is_told_with_those_of_all_schemas(server: str) -> None:
    schema, table = f"funnelcli_{uuid4().hex}", f"t{uuid4().hex[:9]}"  # of no other run
    with connected(server) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            connection.execute(f"CREATE TABLE {schema}.{table} (unit int, time timestamptz)")
            tables_told(server, schema, table, "pg_catalog")
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.mark.slow
def test_a_refused_password_is_not_shown(guarded: str) -> None:
    definition = define(
        read(
            f"measure: {{table: events, unit: unit, time: time}}\nstages: {STAGES}\n".encode(), "t", uncounted=True
        ).funnels[0]
    )
    assert not isinstance(definition, list)
    source = find_source(guarded.replace("s3cr3t%21", "wr0ng%21pass"), {})
    assert isinstance(source, Warehouse)
    with pytest.raises(SourceError) as refused:
        warehouse.measure(definition, source)
    assert "wr0ng" not in refused.value.what + source.shown
    assert "127.0.0.1" in refused.value.what


@pytest.mark.parametrize(
    ("url", "extras"),
    [
        ("postgres://h/db", '"funnelcli[postgres]"'),
        ("postgresql://h/db", '"funnelcli[postgres]"'),
        ("mysql://h/db", '"funnelcli[mysql]"'),
        ("mariadb://h/db", '"funnelcli[mysql]"'),
        ("snowflake://h/db", '"funnelcli[warehouse]" "ibis-framework[snowflake]"'),
    ],
)
def test_the_error_beneath_missing_dependencies_is_shown(
    url: str, extras: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ibis speaks of missing dependencies whatever it was that could not be imported."""

    def connect(_: str) -> None:
        try:
            try:
                raise ModuleNotFoundError("No module named 'packaging'")
            except ImportError as error:
                raise ImportError("cannot load\nthe backend") from error
        except ImportError as error:
            raise ImportError("Failed to import it due to missing dependencies.\n\nYou can pip install it") from error

    monkeypatch.setattr(ibis, "connect", connect)
    text = f"measure: {{table: events, unit: unit, time: time}}\nstages: {STAGES}\n"
    with pytest.raises(SourceError) as refused:
        warehouse.measure(defined(text), Warehouse(url, "there"))
    assert refused.value.what == "there: Failed to import it due to missing dependencies: No module named 'packaging'"
    assert refused.value.help == f"install its driver: pip install {extras}"


@weekly  # in MariaDB it takes more than closing the connection
@pytest.mark.slow
def test_interrupting_stops_the_query_in_the_server(server: str, tmp_path: Path) -> None:
    table = f"much_{uuid4().hex}"  # others may work in the same server
    active = f"SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{table}%' "
    active += "AND pid <> pg_backend_pid()"
    (tmp_path / "funnel.yaml").write_text(
        f"measure: {{table: {table}, unit: unit, time: time, window: 7 days}}\nstages: {STAGES}\n", encoding="utf-8"
    )
    with connected(server) as connection:
        connection.execute(
            f"CREATE TABLE {table} AS SELECT i % 1000 AS unit, "
            "timestamptz '2026-10-01' + i * interval '1 second' AS time, "
            "substr('abcd', i % 4 + 1, 1) AS event FROM generate_series(1, 1000000) AS i"
        )
        interrupted(tmp_path, server, lambda: connection.execute(active).fetchone()[0])


@pytest.fixture(scope="module")
def spark(log: Path) -> Iterator[str]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: apt-get install openjdk-17-jre-headless")
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: pip install pyspark")
    session = (
        pyspark.SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.adaptive.enabled", "false")  # of few events: compiling takes longer than asking
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(log.parent / "spark"))
        .getOrCreate()
    )
    schema = "unit INT, time TIMESTAMP, event STRING, amount INT, channel STRING, key INT"
    session.read.csv(
        str(log), header=True, schema=schema, timestampFormat="yyyy-MM-dd HH:mm:ss.SSSSSS"
    ).cache().createOrReplaceTempView("events")
    yield "pyspark://"
    session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of Spark and of Ibis about it
@pytest.mark.parametrize(("measure", "stages"), CASES)
def test_spark(measure: str, stages: str, log: Path, spark: str) -> None:
    here, there = both(measure, stages, log, spark)
    assert there == here


class Rows(NamedTuple):
    """What the driver of ClickHouse returns, as far as it is used."""

    result_rows: list[list[Any]]


@pytest.fixture(scope="module")
def clickhouse(log: Path) -> Iterator[Any]:
    """ClickHouse itself, within this process (chDB), in place of the server that Ibis would talk to."""
    chdb = pytest.importorskip("chdb.session", reason="chDB is not installed: pip install chdb")
    backend = pytest.importorskip(
        "ibis.backends.clickhouse", reason="its driver is not installed: pip install 'ibis-framework[clickhouse]'"
    ).Backend()
    session = chdb.Session()
    session.query("CREATE DATABASE IF NOT EXISTS logs ENGINE = Atomic")
    session.query("USE logs")
    session.query(
        "CREATE TABLE events (unit Nullable(Int32), time Nullable(DateTime64(6, 'UTC')), event Nullable(String), "
        "amount Nullable(Decimal(10, 2)), channel Nullable(String), key Nullable(Int32)) ENGINE = Memory"
    )
    session.query(
        f"INSERT INTO events SELECT * FROM file('{log}', 'CSVWithNames') SETTINGS input_format_csv_empty_as_default = 1"
    )
    schema = ibis.schema(
        {"unit": "int32", "time": "timestamp('UTC', 6)", "event": "string", "amount": "decimal(10, 2)",
         "channel": "string", "key": "int32"}
    )  # fmt: skip
    backend.list_tables = lambda database=None: ["events"]
    backend.table = lambda name: ibis.expr.operations.DatabaseTable(name, schema, backend).to_expr()
    backend.raw_sql = lambda query: Rows(json.loads(str(session.query(query, "JSONCompact")) or '{"data": []}')["data"])
    backend.disconnect = lambda: None
    yield backend
    session.close()


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "stages"), CASES)
def test_clickhouse(measure: str, stages: str, log: Path, clickhouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    here, there = both(measure, stages, log, "clickhouse://")
    assert there == here


@pytest.mark.slow
def test_what_is_mature_alone_in_clickhouse(log: Path, clickhouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    mature_alike(log, "clickhouse://")


@pytest.mark.slow
def test_clickhouse_keeps_its_tables_for_one_run(log: Path, clickhouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of one session do not meet each other's tables, and leave none behind."""
    commands: list[str] = []
    ask = clickhouse.raw_sql
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    monkeypatch.setattr(clickhouse, "raw_sql", lambda query: [ask(query), commands.append(query)][0])
    for _ in range(2):
        here, there = both("first", LINE, log, "clickhouse://")
        assert there == here
    made, dropped = (
        [name for each in commands for name in re.findall(rf"^{word} TEMPORARY TABLE (\w+)", each)]
        for word in ("CREATE", "DROP")
    )
    assert len(made) == len(set(made)) > 2
    assert set(dropped) == set(made)  # each of which was made: an error would not have been noted
    left = ask("SELECT COUNT(*) FROM system.tables WHERE is_temporary AND name LIKE 'funnelcli%'").result_rows
    assert [int(number) for (number,) in left] == [0]


WHOLE = {
    "many": "window: 12 hours",
    "many of one day": 'window: 12 hours, between: ["2026-10-01T06:00:00Z", "2026-10-02"]',
    "many without a window": "window: none",
    "many first": "window: 6 hours, entry: first",
    "many last": "entry: last",
}


@pytest.mark.slow
@pytest.mark.parametrize("events", [1, ages.EXACT], ids=["in steps", "exact"])
@pytest.mark.parametrize("stages", [LINE, STAGES, GROWING])  # of `within` the general way tells
@pytest.mark.parametrize("measure", WHOLE)
def test_clickhouse_tells_all_units_by_one_look_at_the_events(
    measure: str, stages: str, events: int, log: Path, clickhouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ages of many events are counted in steps, of few they are exact; no table is needed for either."""
    commands: list[str] = []
    ask = without_tables(clickhouse.raw_sql)
    monkeypatch.setattr(ages, "EXACT", events)
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    monkeypatch.setattr(clickhouse, "raw_sql", lambda query: [commands.append(query), ask(query)][1])
    monkeypatch.setitem(MEASURES, measure, WHOLE[measure].replace("window: none", ""))
    definition = case(measure, stages)
    here = embedded.measure(definition, Files((str(log),), "csv", log.name), str(log.parent))
    there = warehouse.measure(definition, Warehouse("clickhouse://", "there"))
    assert isinstance(here, EventCounts)
    assert here.noted.eventual
    assert there == here
    (query,) = [each for each in commands if '"events"' in each and "groupArray" in each]
    assert len(re.findall(r'FROM "events"', query.partition("SELECT * FROM")[0])) <= 1


def without_tables(clickhouse: Any, *, most: int | None = None) -> Any:
    """A session of a user who may make no temporary table; maybe queries can only be so large."""

    def raw_sql(query: str) -> Any:
        if query.startswith("CREATE TEMPORARY TABLE"):
            raise RuntimeError("Code: 497. DB::Exception: Not enough privileges.\n(ACCESS_DENIED)")
        if most is not None and len(query) > most:
            raise RuntimeError("Code: 572. DB::Exception: Too many optimizations applied to query plan.")
        return clickhouse(query)

    return raw_sql


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "stages"), [("first", LINE), ("apart strict whole", LINE)])
def test_clickhouse_without_the_right_to_tables(
    measure: str, stages: str, log: Path, clickhouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, the second one is beyond the limit to what ClickHouse optimizes."""
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    monkeypatch.setattr(clickhouse, "raw_sql", without_tables(clickhouse.raw_sql))
    here, there = both(measure, stages, log, "clickhouse://")
    assert there == here


@pytest.mark.slow
def test_what_clickhouse_cannot_do_without_tables_names_the_right(
    clickhouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    monkeypatch.setattr(clickhouse, "raw_sql", without_tables(clickhouse.raw_sql, most=4_000))
    with pytest.raises(SourceError, match=r"cannot count in there: .*Too many optimizations") as raised:
        warehouse.measure(case("apart", STAGES), Warehouse("clickhouse://", "there"))
    assert raised.value.help == (
        "it takes less with temporary tables: grant CREATE TEMPORARY TABLE ON *.* "
        "(Code: 497. DB::Exception: Not enough privileges. (ACCESS_DENIED))"
    )


@pytest.mark.slow
def test_no_time_is_out_of_reach_in_clickhouse(clickhouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ibis writes whole seconds as a time that knows no year before 1970 and after 2106."""
    monkeypatch.setattr(ibis, "connect", lambda _: clickhouse)
    clickhouse.raw_sql("ALTER TABLE events DELETE WHERE key >= 9000 SETTINGS mutations_sync = 1")
    clickhouse.raw_sql(
        "INSERT INTO events VALUES (9001, '1950-01-01 00:00:00', 'old', NULL, NULL, 9001), "
        "(9001, '1950-01-02 00:00:00', 'b', NULL, NULL, 9002)"
    )
    stages = "[{name: A, when: {event: old}}, {name: B, when: {event: b}}]"
    try:
        for between in ("", ', between: ["1949-12-31", "1950-02-01"]'):
            text = f"measure: {{table: events, unit: unit, time: time, window: 7 days{between}}}\nstages: {stages}\n"
            outcome = warehouse.measure(defined(text), Warehouse("clickhouse://", "there"))
            assert isinstance(outcome, EventCounts)
            assert outcome.counts == (1, 1)
    finally:
        clickhouse.raw_sql("ALTER TABLE events DELETE WHERE key >= 9000 SETTINGS mutations_sync = 1")


@pytest.mark.parametrize("dialect", ["bigquery", "pyspark"])
def test_a_time_without_a_zone_is_made_one_in_utc_for_a_clock_that_wants_a_zone(dialect: str) -> None:
    """UNIX_MICROS takes no DATETIME of BigQuery, and no TIMESTAMP_NTZ of Spark."""
    import sqlglot

    table = ibis.table({"unit": "int64", "time": "timestamp", "event": "string"}, name="events")
    definition = defined(f"measure: {{unit: unit, time: time}}\nstages: {STAGES}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ibis.expr.types.Expr, "get_backend", lambda _: SimpleNamespace(name=dialect))
        time = clock(definition, table, {"time": TIME})
        found = str(ibis.to_sql(table.select(t=time), dialect=dialect))
    taken = sqlglot.parse_one(found, read=dialect.removeprefix("py")).find(sqlglot.exp.UnixMicros)
    assert taken is not None
    assert isinstance(taken.this, sqlglot.exp.Cast)
    assert taken.this.to.sql(dialect.removeprefix("py")) == "TIMESTAMP"


@pytest.mark.parametrize("dialect", ["bigquery", "postgres", "mysql", "snowflake", "trino"])
def test_an_interval_is_a_condition_on_the_column_itself(dialect: str) -> None:
    """So that an index or a partition answers it: the column stands alone, before literals."""
    import sqlglot

    table = ibis.table({"unit": "int64", "time": "timestamp('UTC')", "event": "string"}, name="events")
    bound: Any = SimpleNamespace(get_backend=lambda: SimpleNamespace(name=dialect))
    definition = defined(
        'measure: {unit: unit, time: time, window: 1 day, between: ["2026-10-01", "2026-10-02"]}\n'
        "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ibis.expr.types.Expr, "get_backend", lambda _: bound.get_backend())
        found = str(ibis.to_sql(inside(definition, table), dialect=dialect))
        later = str(ibis.to_sql(begun(definition, table), dialect=dialect))  # of what units did next
    where = sqlglot.parse_one(found, read=dialect).find(sqlglot.exp.Where)
    assert where is not None
    conditions = list(where.this.flatten()) if isinstance(where.this, sqlglot.exp.And) else [where.this]
    assert [type(each) for each in conditions] == [sqlglot.exp.GTE, sqlglot.exp.LT]
    assert all(isinstance(each.this, sqlglot.exp.Column) and each.this.name == "time" for each in conditions)
    assert all(not each.expression.find(sqlglot.exp.Column) for each in conditions)
    assert "2026" in conditions[0].sql()
    since = sqlglot.parse_one(later, read=dialect).find(sqlglot.exp.Where)
    assert since is not None
    assert since.this == conditions[0]


DIALECTS = ("bigquery", "snowflake", "trino", "databricks", "redshift", "mysql")


WRITTEN = [("identity", GROWING), ("any", SHARED), ("first", SHARED), ("between", STAGES)]
"""Together they have each construct within each other that the queries of other orders and entries have."""


@pytest.mark.parametrize(("measure", "stages"), WRITTEN)
def test_the_words_of_other_databases(measure: str, stages: str) -> None:
    """Nothing is written that the dialect lacks, and no function but those that all of them have."""
    import sqlglot

    text = f"measure: {{table: events, unit: unit, time: time, {MEASURES[measure]}}}\nstages: {stages}\n"
    definition = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert not isinstance(definition, list)
    masks = [1, 2, 6, 10, 14] if stages is SHARED else [1, 2, 4, 8]
    query = tally.at_once(definition, masks).text()
    tree = sqlglot.parse_one(query)
    of_this = [each[0] for each in each_once(DIALECTS, WRITTEN) if each[1] == (measure, stages)]
    for dialect in of_this:
        written = tree.sql(dialect, identify=True, unsupported_level=sqlglot.ErrorLevel.RAISE)
        parsed = sqlglot.parse_one(written, read=dialect)
        assert {each.sql_name() for each in parsed.find_all(sqlglot.exp.Func)} <= {
            "AND", "CASE", "CAST", "COALESCE", "COUNT", "GREATEST", "IF", "LAG", "MAX", "MIN", "MOD", "OR",
            "ROW_NUMBER", "SUM",
        }, dialect  # fmt: skip


@pytest.mark.slow
def test_notes_and_counts_are_of_one_moment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that come between two queries are in none of the figures."""
    masks = warehouse.Database.masks
    with connected(server) as connection:
        connection.execute("CREATE TABLE alive AS SELECT 1 AS unit, timestamptz '2026-10-01' AS time, 'a' AS event")

        def meanwhile(*arguments: Any) -> Any:
            connection.execute("INSERT INTO alive VALUES (2, timestamptz '2026-10-02', 'a')")
            return masks(*arguments)

        monkeypatch.setattr(warehouse.Database, "masks", meanwhile)
        stages = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
        definition = defined(f"measure: {{table: alive, unit: unit, time: time}}\nstages: {stages}\n")
        first, second = (warehouse.measure(definition, Warehouse(server, "there")) for _ in range(2))
    assert isinstance(first, EventCounts)
    assert isinstance(second, EventCounts)
    assert (first.reach.events, first.counts) == (1, (1, 0))
    assert (second.reach.events, second.counts) == (2, (2, 0))
