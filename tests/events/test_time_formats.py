"""Times that are written in another way are those that Python wrote, in files; dates of digits in databases as well."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402  # after the check
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import Definition  # noqa: E402
from funnelcli.events.duckdb import engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.funnel_file import time_formats  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.events.postgres import connected, is_running, schema_of_its_own  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

EVENTS = [
    (chance.randint(1, 60), datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(40 * 86400)), event)
    for chance in [Random(20261001)]  # no secret
    for event in chance.choices("aabbc", k=900)
]


def defined(more: str) -> Definition | list[Problem]:
    text = (
        f"measure: {{table: events, unit: unit, time: at, window: 5 days, period: week, {more}}}\n"
        "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}, {name: C, when: {event: c}}]\n"
    )
    reading = read(text.encode(), "test.yaml", uncounted=True)
    assert [each.problem for each in reading.diagnostics] == []
    return define(reading.funnels[0])


def written(path: Path, form: str) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["unit", "at", "event"])
        writer.writerows([unit, at.strftime(form), event] for unit, at, event in EVENTS)
    return path


def measured(path: Path, more: str) -> Any:
    definition = defined(more)
    assert isinstance(definition, Definition)
    return engine.measure(definition, Files((str(path),), path.suffix[1:], path.name), str(path.parent))


@cache
def plainly(precise: str) -> Any:
    """What is found where times are written as dates and times are."""
    with TemporaryDirectory() as folder:
        return measured(written(Path(folder) / "plain.csv", precise), "")


@pytest.mark.parametrize(
    ("form", "precise"),
    [
        ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:00"),
        ("%d/%m/%y %H.%M.%S", "%Y-%m-%d %H:%M:%S"),
        ("%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"),
        ("%d %b %Y, %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"),
        ("%A %d %B %Y", "%Y-%m-%d 00:00:00"),
        ("%Y%m%d", "%Y-%m-%d 00:00:00"),
        ("%Y%j%H%M%S", "%Y-%m-%d %H:%M:%S"),
        ("%Y%m%dT%H%M%S%z", "%Y-%m-%d %H:%M:%S"),
    ],
)
def test_files(form: str, precise: str, tmp_path: Path) -> None:
    plain = plainly(precise)
    assert isinstance(plain, EventCounts)
    assert plain.counts[2]
    assert measured(written(tmp_path / "other.csv", form), f"time_format: '{form}'") == plain


def test_an_offset_is_heeded(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    at = datetime(2026, 10, 1, 1, tzinfo=timezone(timedelta(hours=3)))
    path.write_text(f"unit,at,event\n1,{at:%d.%m.%Y %H:%M %z},a\n", encoding="utf-8")
    assert measured(path, "time_format: '%d.%m.%Y %H:%M %z'").reach.until == int(at.timestamp()) * 1_000_000


@pytest.mark.parametrize("type_", ["INTEGER", "BIGINT", "VARCHAR"])
def test_dates_of_digits_in_columns_of_other_types(type_: str, tmp_path: Path) -> None:
    path = written(tmp_path / "digits.csv", "%Y%m%d")
    with duckdb.connect() as connection:
        query = f'SELECT unit, CAST("at" AS {type_}) AS "at", event FROM read_csv(?)'
        connection.execute(f"COPY ({query}) TO '{tmp_path / 'digits.parquet'}'", [str(path)])
    assert measured(tmp_path / "digits.parquet", "time_format: '%Y%m%d'") == plainly("%Y-%m-%d")


WRONG = ["20260229", "20261301", "20260010", "20260931", "20260100", "2026-10-1", "x", "202610011"]


@pytest.mark.slow
@pytest.mark.parametrize("type_", whole_or_part(["int", "text"], ["text"]))
def test_dates_of_digits_in_postgresql(type_: str) -> None:
    """What is not on the calendar is no time; leap days and the ends of months are."""
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    from funnelcli.events.warehouse import engine as warehouse

    if not is_running():
        pytest.skip("no PostgreSQL answers")
    days = [
        datetime(1000, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(0, 400 * 365, whole_or_part(17, 179))
    ]
    days += [datetime(year, 3, 1, tzinfo=UTC) - timedelta(days=1) for year in (1900, 2000, 2023, 2024, 2100)]
    wrong = [each for each in WRONG if type_ == "text" or each.isdigit()]
    with schema_of_its_own() as url, connected(url) as connection:
        connection.execute(f"CREATE TABLE events (unit int, at {type_}, event text)")
        with connection.cursor() as cursor:
            rows = [(unit, f"{at:%Y%m%d}", event) for unit, at, event in EVENTS]
            cursor.executemany("INSERT INTO events VALUES (%s, %s, %s)", rows)
        definition = defined("time_format: '%Y%m%d'")
        assert isinstance(definition, Definition)
        there = warehouse.measure(definition, Warehouse(url, "there"))
        assert there == plainly("%Y-%m-%d")
        connection.execute("TRUNCATE events")
        with connection.cursor().copy("COPY events FROM STDIN") as copy:
            for row in enumerate([*wrong, *(f"{each.year:04}{each:%m%d}" for each in days)]):
                copy.write_row((*row, "a"))
        found = warehouse.measure(definition, Warehouse(url, "there"))
        assert isinstance(found, EventCounts)
        reach = found.reach
        assert (reach.events, reach.without_time, reach.unreadable) == (len(days), len(wrong), len(wrong))
        weeks = {f"{each.isocalendar()[0]:04}-W{each.isocalendar()[1]:02}" for each in days}
        assert {each.name for each in found.breakdowns[0].segments} == weeks
        for more, code in (
            ("time_format: '%d.%m.%Y'", "FN108"), ("", "FN103"), ("time_format: '%Y%m%d', id: number", "FN120"),
        ):  # fmt: skip
            definition = defined(more)
            assert isinstance(definition, Definition)
            found = warehouse.measure(definition, Warehouse(url, "there"))
            (problem,) = found if isinstance(found, list) else [found]
            assert isinstance(problem, Problem)
            assert problem.code == code
            assert "funnelcli" not in f"{problem.message} {problem.help}"
        connection.execute("DELETE FROM events WHERE at::text > '1100'")  # of years in which no epoch lies
        definition = defined("time_format: '%Y%m%d'")
        assert isinstance(definition, Definition)
        assert isinstance(warehouse.measure(definition, Warehouse(url, "there")), EventCounts)


@pytest.mark.slow
@pytest.mark.parametrize("type_", whole_or_part(["int", "varchar(9)"], ["int"]))
def test_dates_of_digits_in_mariadb(type_: str) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    from funnelcli.events.warehouse import engine as warehouse
    from tests.events import mariadb

    wrong = [each for each in WRONG if type_ != "int" or each.isdigit()]
    with mariadb.database_of_its_own() as url, mariadb.connected(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TABLE events (unit int, at {type_}, event varchar(9))")
        rows = [(unit, f"{at:%Y%m%d}", event) for unit, at, event in EVENTS]
        cursor.executemany("INSERT INTO events VALUES (%s, %s, %s)", rows)
        definition = defined("time_format: '%Y%m%d'")
        assert isinstance(definition, Definition)
        assert warehouse.measure(definition, Warehouse(url, "there")) == plainly("%Y-%m-%d")
        cursor.executemany("INSERT INTO events VALUES (1, %s, 'a')", [(each,) for each in 20 * wrong])
        found = warehouse.measure(definition, Warehouse(url, "there"))
        assert isinstance(found, Problem)
        misread = 20 * sum(each != "x" for each in wrong)
        assert found.message.startswith(
            f'{misread} of {len(rows) + 20 * len(wrong):,} times in "at" cannot be read, such as "'
        )
        assert found.path == ("measure", "time_format")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dd.MM.yyyy HH:mm", 'write "%d.%m.%Y %H:%M"'),
        ("YYYY-MM-DD", 'write "%Y-%m-%d"'),
        ("%d.%m", "a year, a month and a day"),
        ("%H:%M", "a year, a month and a day"),
        ("%d.%m.%Y %I:%M", "%I and %p"),
        ("%d.%m.%Y %Q", "use %d"),
        ("%d.%m.%Y %", "use %d"),
        ("German", "leave time_format out"),
        ("unix", "leave time_format out"),
        ("ISO8601", "leave time_format out"),
        ("HH:mm", "leave time_format out"),
        ("%d.%m.%Y %m:%S", "write each part once"),
        ("%d %b %m %Y", "write each part once"),
        ("%d.%M.%Y %H:%m", 'write "%d.%m.%Y %H:%M"'),
        ("%Y-%m-%d %H:%m", "write each part once"),
    ],
)
def test_what_is_no_format_is_refused(text: str, words: str) -> None:
    found = time_formats.time_format(text)
    assert isinstance(found, Problem)
    assert words in (found.help or "")
    if words.startswith('write "'):
        assert time_formats.time_format(words[7:-1]) == words[7:-1]


def test_what_goes_with_a_format(tmp_path: Path) -> None:
    (problem,) = defined("epoch: seconds, time_format: '%Y%m%d'")  # type: ignore[misc]  # problems
    assert problem.code == "FN108"
    (problem,) = (measured(written(tmp_path / "a.csv", "%d.%m.%Y"), "time_format: '%Y/%m/%d'"),)
    assert 'by time_format: "%Y/%m/%d"' in problem.message
    with duckdb.connect() as connection:
        query = "SELECT 1 AS unit, TIMESTAMP '2026-10-01' AS \"at\", 'a' AS event"
        connection.execute(f"COPY ({query}) TO '{tmp_path / 'a.parquet'}'")
    (problem,) = measured(tmp_path / "a.parquet", "time_format: '%Y%m%d'")
    assert (problem.code, problem.help) == ("FN108", "delete time_format")


FORMS = ["%d.%m.%Y %H:%M", "%b %d, %Y %I:%M:%S %p", "%d/%b/%Y:%H:%M:%S %z", "%d %B %Y, %H:%M"]


@pytest.mark.parametrize("form", FORMS)
def test_the_format_that_a_message_proposes_reads_the_times(form: str, tmp_path: Path) -> None:
    path = written(tmp_path / "events.csv", form)
    for wrong in ("entry: any", 'time_format: "%Y;%m;%d"'):
        problem = measured(path, wrong)
        assert isinstance(problem, Problem)
        assert problem.help == f'write time_format: "{form}"'
    found = measured(path, f'time_format: "{form}"')
    assert isinstance(found, EventCounts)
    assert (found.reach.unreadable, found.units) == (0, len({unit for unit, _, event in EVENTS if event == "a"}))


SHORT = [
    ("%d.%m.%y", "%y.%m.%d"), ("%d.%m.%y %H:%M:%S", "%y.%m.%d %H:%M:%S"),
    ("%d/%m/%y", "%y/%m/%d"), ("%d-%m-%y", "%y-%m-%d"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "other"), few(SHORT, 2))
def test_a_year_of_two_digits_may_be_a_day(form: str, other: str, tmp_path: Path) -> None:
    """02.09.26 is no day of the year 2002 until the file says so, whichever of the two it is."""
    for right in (form, other):
        path = written(tmp_path / "events.csv", right)
        problem = measured(path, "entry: any")
        assert isinstance(problem, Problem)
        assert problem.help == f'write time_format: "{form}", or time_format: "{other}"'
        found = measured(path, f'time_format: "{right}"')
        assert isinstance(found, EventCounts)
        assert {each.name[:4] for each in found.breakdowns[0].segments} == {"2026"}


def test_a_date_that_is_read_in_one_way_alone_needs_no_format(tmp_path: Path) -> None:
    """Of the year 1999, no month is the 31st, and no day the 99th; a word for no time says nothing of it."""
    path = tmp_path / "events.csv"
    path.write_text("unit,at,event\n1,99.12.31,a\n1,00.01.02,b\n", encoding="utf-8")
    found = measured(path, "entry: any")
    assert isinstance(found, EventCounts)
    assert found.counts == (1, 1, 0)


def test_where_two_formats_are_possible_both_are_proposed(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("unit,at,event\n1,10/01/2026 10:00,a\n1,10/02/2026 11:00,b\n2,10/03/2026 11:00,c\n")
    problem = measured(path, "entry: any")
    assert isinstance(problem, Problem)
    forms = re.findall('"(.*?)"', problem.help or "")
    assert {datetime.strptime("10/02/2026 11:00", form) for form in forms} == {  # as text
        datetime(2026, 2, 10, 11, tzinfo=None), datetime(2026, 10, 2, 11, tzinfo=None)
    }  # fmt: skip
    for form in forms:
        assert isinstance(measured(path, f'time_format: "{form}"'), EventCounts)


READS_SOME = [("%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M"), ("%Y%m%d", "%Y%d%m"), ("%d/%m/%y", "%m/%d/%y")]


@pytest.mark.parametrize(("form", "wrong"), READS_SOME)
def test_a_format_that_reads_a_part_is_refused_with_the_one_that_reads_all(
    form: str, wrong: str, tmp_path: Path
) -> None:
    """As Python reads them: days after the twelfth are no months."""

    def reads(text: str) -> bool:
        try:
            return bool(datetime.strptime(text, wrong))
        except ValueError:
            return False

    path = written(tmp_path / "events.csv", form)
    with path.open(encoding="utf-8") as stream:
        unread = sum(not reads(row["at"]) for row in csv.DictReader(stream))
    assert 0 < unread < len(EVENTS)
    problem = measured(path, f'time_format: "{wrong}"')
    assert isinstance(problem, Problem)
    assert problem.message.startswith(f'{unread} of {len(EVENTS)} times in "at" cannot be read, such as "')
    assert (problem.path, problem.help) == (("measure", "time_format"), f'write time_format: "{form}"')


OTHERS = [
    ("12.10.2026", "plain", "several ways"),
    ("2026-13-40", "plain", "correct those"),
    ("2026-10-12", 'time_format: "%d.%m.%Y"', "several ways"),
    ("99999999999999", "epoch: seconds", "say what the numbers count"),
]


@pytest.mark.parametrize(("case", "number"), [*each_once(OTHERS, [4]), *each_once(OTHERS[2:], [3, 0])])
def test_a_hundredth_of_the_times_may_be_unreadable(case: tuple[str, str, str], number: int, tmp_path: Path) -> None:
    """Of 300 times, three are left out with a note, and four are refused; words and the year 9999 stand for no time."""
    other, key, words = case
    form = "%d.%m.%Y" if "format" in key else "%s" if "epoch" in key else "%Y-%m-%d"
    times = [(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day % 90)).strftime(form) for day in range(200)]
    none = "253370764800" if "epoch" in key else "01.01.9999" if "format" in key else "9999-01-01"
    times = [*times[number:], *[other] * number, *[none] * 50, *[none if "epoch" in key else "N/A"] * 50]
    path = tmp_path / "events.csv"
    path.write_text("unit,at,event\n" + "".join(f"{unit},{at},a\n" for unit, at in enumerate(times)), encoding="utf-8")
    found = measured(path, "entry: any" if key == "plain" else key)
    if number < 4:
        assert isinstance(found, EventCounts)
        assert (found.reach.events, found.reach.misread) == (200 - number, number)
        return
    assert isinstance(found, Problem)
    assert found.message.startswith(f'4 of {len(times)} times in "at" cannot be read, such as "{other}"')
    assert words in (found.help or "")
