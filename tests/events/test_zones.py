"""Periods by the clocks of a place: what zoneinfo says of every moment, in files and in PostgreSQL."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402  # after the check
from funnelcli.events import cohorts, zones  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import Definition  # noqa: E402
from funnelcli.events.duckdb import engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.funnel_file import moments  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.events.postgres import connected, is_running, schema_of_its_own  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

ZONES = (
    "Europe/Helsinki", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo",
    "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca", "Etc/GMT+12", "UTC",
)  # fmt: skip
"""Among them clocks that go by quarters and half hours, change at midnight, or leave a day out."""
FORMATS = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


def local(time: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)).astimezone(ZoneInfo(zone))


@pytest.mark.parametrize("zone", few(ZONES, 4))
def test_the_clocks_show_what_zoneinfo_says(zone: str) -> None:
    """Random moments of fifty years, and those around each change; SQL has the same."""
    known, chance = zones.offsets(zone), Random(zone)
    times = [chance.randint(0, 1_790_000_000_000_000) for _ in range(600)]
    times += [start + each for start, _ in known for each in (-1, 0, 1, 3_599_999_999) if start + each >= 0]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE log AS SELECT UNNEST(?)::BIGINT AS t", [times])
        rows = connection.execute(f"SELECT t, {zones.shown_sql(known)} FROM log").fetchall()
        for period, form in FORMATS.items():
            numbers = connection.execute(f"SELECT t, d FROM ({cohorts.numbered(period, 'log', known)}) AS e").fetchall()
            for time, number in numbers:
                first = cohorts.first_moment(number, period, known)
                assert cohorts.name(first, period, known) == cohorts.name(time, period, known)
                assert cohorts.name(time, period, known) == local(time, zone).strftime(form)
                assert first == cohorts.bounds(time, period, known)[0]
    for time, clock in rows:
        assert clock == zones.shown(time, known)
        wall = local(time, zone).replace(tzinfo=UTC)
        assert clock == zones.since_1970(wall)


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("Europe/Helsinki", "2026-03-29T12:00", 23),
        ("Europe/Helsinki", "2026-10-25T12:00", 25),
        ("Europe/Helsinki", "2026-10-26T12:00", 24),
        ("Australia/Lord_Howe", "2026-10-04T12:00", 23.5),
        ("America/Havana", "2026-03-08T12:00", 23),  # from midnight on it is one o'clock
        ("UTC", "2026-03-29T12:00", 24),
    ],
)
def test_a_day_has_the_hours_of_its_place(zone: str, at: str, hours: float) -> None:
    time = zones.since_1970(datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)))
    first, after = cohorts.bounds(time, "day", zones.offsets(zone))
    assert (after - first) / 3_600_000_000 == hours
    assert local(first, zone).date() == local(after - 1, zone).date() == local(time, zone).date()
    assert local(first - 1, zone).date() < local(time, zone).date() < local(after, zone).date()


STAGES = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}]"


def defined(measure: str) -> Definition:
    text = f"measure: {{table: events, unit: unit, time: time, {measure}}}\nstages: {STAGES}\n"
    reading = read(text.encode(), "test.yaml", uncounted=True)
    assert [each.problem for each in reading.diagnostics] == []
    found = define(reading.funnels[0])
    assert isinstance(found, Definition)
    return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of 80 units around both changes of 2026, with the days, weeks and months of two places."""
    chance = Random(20261025)
    path = tmp_path_factory.mktemp("zones") / "events.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["unit", "time", "event", *(f"{zone}_{period}" for zone in ZONES[:2] for period in FORMATS)])
        for _ in range(1500):
            start = chance.choice(("2026-03-27", "2026-10-23", "2026-10-30"))
            at = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(minutes=chance.randrange(5 * 1440))
            labels = [at.astimezone(ZoneInfo(zone)).strftime(form) for zone in ZONES[:2] for form in FORMATS.values()]
            writer.writerow([chance.randint(1, 80), at.strftime("%Y-%m-%d %H:%M:%S"), chance.choice("aab"), *labels])
    return path


def agrees(found: Any) -> EventCounts:
    """The periods are the segments of the column in which Python wrote them."""
    assert isinstance(found, EventCounts), found
    by_period, by_column = ({each.name: each.counts for each in breakdown.segments} for breakdown in found.breakdowns)
    assert by_period == by_column
    assert len(by_period) > 1
    return found


CASES = [(zone, period) for zone in ZONES[:2] for period in FORMATS]


@pytest.mark.parametrize(("zone", "period"), each_once(ZONES[:2], FORMATS))
def test_periods_of_files(zone: str, period: str, log: Path, tmp_path: Path) -> None:
    definition = defined(f"window: 2 days, period: {period}, time_zone: {zone}, breakdowns: {{own: {zone}_{period}}}")
    agrees(engine.measure(definition, Files((str(log),), "csv", log.name), str(tmp_path)))


@pytest.mark.slow
def test_periods_of_postgresql(log: Path, tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    from funnelcli.events.warehouse import engine as warehouse

    if not is_running():
        pytest.skip("no PostgreSQL answers")
    columns = ", ".join(f'"{zone}_{period}" text' for zone, period in CASES)
    with schema_of_its_own() as url:
        with connected(url) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"CREATE TABLE events (unit int, time timestamptz, event text, {columns})")
            with connection.cursor().copy("COPY events FROM STDIN WITH (FORMAT csv, HEADER true)") as copy:
                copy.write(log.read_bytes())
            connection.execute("ANALYZE events")
        # hours, and months of another zone: the text is that of the files
        for zone, period in whole_or_part((CASES[0], CASES[-1]), (CASES[-1],)):
            measure = f"window: 2 days, period: {period}, time_zone: {zone}, breakdowns: {{own: {zone}_{period}}}"
            there = agrees(warehouse.measure(defined(measure), Warehouse(url, "there")))
            here = engine.measure(defined(measure), Files((str(log),), "csv", log.name), str(tmp_path))
            assert (here.reach.zoneless, there.reach.zoneless) == (True, False)  # the table has times with a zone
            assert here == there._replace(reach=there.reach._replace(duplicates=here.reach.duplicates, zoneless=True))


def test_dates_of_an_interval_are_those_of_the_place() -> None:
    measure = 'time_zone: Europe/Helsinki, period: day, between: ["2026-10-25", "2026-10-26T00:00Z"]'
    found = defined(measure)
    assert found.start == zones.since_1970(datetime(2026, 10, 24, 21, tzinfo=UTC))
    assert found.end == zones.since_1970(datetime(2026, 10, 26, tzinfo=UTC))
    assert [offset // 3_600_000_000 for _, offset in found.offsets] == [3, 2]


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("Europe/Helsinky", 'did you mean "Europe/Helsinki"?'),
        ("helsinki", 'did you mean "Europe/Helsinki"?'),
        ("new york", 'did you mean "America/New_York"?'),
        ("Europe", "write a continent and a city, such as Europe/Helsinki"),
        ("../../etc/passwd", "write a continent and a city, such as Europe/Helsinki"),
        ("+02:00", "write a continent and a city, such as Europe/Helsinki"),
    ],
)
def test_an_unknown_zone_is_named(text: str, help_: str) -> None:
    found = moments.time_zone(text, plain=False)
    assert isinstance(found, Problem)
    assert (found.code, found.help) == ("FN120", help_)


def test_without_zones_measuring_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    reading = read(
        f"measure: {{unit: u, time: t, time_zone: Europe/Helsinki}}\nstages: {STAGES}".encode(),
        "test.yaml",
        uncounted=True,
    )

    def missing(name: str) -> Any:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    (problem,) = define(reading.funnels[0])  # type: ignore[misc]  # problems
    assert problem.help == "install the time zones: pip install tzdata"


def test_only_days_of_the_place_that_are_over_are_mature(tmp_path: Path) -> None:
    """Entries until 20:30 UTC of the 9th have had their day, which is 23:30 in Helsinki: the 9th is not over there.

    At 21:30 UTC of the 8th it is already the 9th there: that entry is left out with it, though its day in UTC is over.
    """
    path = tmp_path / "events.csv"
    times = ("2026-10-08 10:00", "2026-10-08 21:30", "2026-10-10 20:30")
    path.write_text("unit,time,event\n" + "".join(f"{unit},{at}:00,a\n" for unit, at in enumerate(times)), "utf-8")
    files = Files((str(path),), "csv", path.name)
    for zone, days in (("Europe/Helsinki", ["2026-10-08"]), ("UTC", ["2026-10-08", "2026-10-08"])):
        definition = defined(f"window: 1 day, period: day, time_zone: {zone}")
        found = engine.measure(definition, files, str(tmp_path), mature_only=True)
        assert isinstance(found, EventCounts)
        assert [each.name for each in found.breakdowns[0].segments] == sorted(set(days))
        assert found.counts[0] == len(days)
