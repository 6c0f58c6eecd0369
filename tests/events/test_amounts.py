"""Money of events: read exactly in every kind of file and database, refused where it is none, and put into the file.

Which events bring it is told by the judge in `test_engines`.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from statistics import stdev
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.analyses.economics import revenue  # noqa: E402  # after the check
from funnelcli.diagnostics import Problem  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.duckdb import engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, Warehouse, find_sources  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.cli.test_measure import run  # noqa: E402
from tests.events.mariadb import connected as mariadb_connected  # noqa: E402
from tests.events.mariadb import database_of_its_own  # noqa: E402
from tests.events.postgres import connected, is_running, schema_of_its_own  # noqa: E402
from tests.thorough import few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FUNNEL = """\
measure: {table: events, unit: unit, time: time, window: 2 days, breakdowns: {channel: channel}}
stages:
  - {name: Visit, when: {event: visit}}
  - {name: Paid, amount: price, when: {event: paid}}
"""


class Sale(NamedTuple):
    """An event as a source has it; the price is as it is written."""

    unit: int
    time: str
    event: str
    price: str
    channel: str


def log(prices: Callable[[Random], str]) -> list[Sale]:
    """200 units visit once, and most pay, some again later, some twice at one moment."""
    chance = Random(20261001)  # no secret
    found = []
    for unit in range(200):
        channel = chance.choice(("Ads", "SEO"))
        found.append(Sale(unit, "2026-10-01 10:00:00", "visit", "", channel))
        hours = chance.choices(range(11, 20), k=chance.randint(0, 3))
        found += [Sale(unit, f"2026-10-01 {hour}:00:00", "paid", prices(chance), "") for hour in hours]
    chance.shuffle(found)
    return found


def of_the_first(sales: list[Sale], channel: str | None = None) -> list[Decimal | None]:
    """What each unit brings at its first payment, by plain Python: of several at that moment the largest, rounded."""
    wanted = {each.unit for each in sales if each.event == "visit" and channel in (None, each.channel)}
    found = []
    for unit in wanted:
        paid = [each for each in sales if (each.unit, each.event) == (unit, "paid")]
        if paid:
            first = min(each.time for each in paid)
            texts = [each.price for each in paid if each.time == first and each.price not in ("", "nan")]
            amounts = [Decimal(text).quantize(Decimal("1e-9"), ROUND_HALF_UP) for text in texts]
            found.append(max(amounts, default=None))
    return found


def expected(amounts: list[Decimal | None]) -> tuple[Fraction, Any]:
    known = [Fraction(each) for each in amounts if each is not None]
    return Fraction(sum(known), len(known)), pytest.approx(stdev(known), abs=1e-6, rel=1e-12)


def measured(place: Files | Warehouse | Problem, folder: Path, funnel: str = FUNNEL) -> Any:
    assert not isinstance(place, Problem)
    reading = read(funnel.encode(), "test.yaml", uncounted=True)
    assert [each.problem for each in reading.diagnostics] == []
    definition = define(reading.funnels[0])
    if isinstance(definition, list):
        return definition
    if isinstance(place, Warehouse):
        pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
        from funnelcli.events.warehouse import engine as warehouse

        return warehouse.measure(definition, place)
    return engine.measure(definition, place, str(folder))


def check(found: Any, sales: list[Sale]) -> None:
    """The mean is exact, that of all and of the segments."""
    assert isinstance(found, EventCounts), found
    (told,) = found.checks
    assert (told.mean, told.sd) == expected(of_the_first(sales))
    ((_, segments),) = found.breakdowns
    assert {each.name for each in segments} == {"Ads", "SEO"}
    for each in segments:
        assert (each.average_check, each.average_check_sd) == expected(of_the_first(sales, each.name))


def cents(chance: Random) -> str:
    return chance.choice(("", f"{chance.randint(0, 10**6) / 100:.2f}", "19.99", "0.10"))


def fine(chance: Random) -> str:
    """As programs write products of binary fractions, and numbers that a binary fraction would not hold."""
    return chance.choice(
        ("59.97000000000001", "1.5e-05", "12345678901234.123456789", "0.1", "007", "+5", "1.25E3", "nan")
    )


def as_csv(sales: list[Sale], folder: Path) -> str:
    path = folder / "events.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([Sale._fields, *sales])
    return str(path)


def as_json(sales: list[Sale], folder: Path) -> str:
    """Numbers and texts, inside a record."""
    path = folder / "events.jsonl"
    lines = []
    for place, each in enumerate(sales):
        price = json.dumps(each.price) if place % 2 else (each.price or "null")
        known = json.dumps({key: value for key, value in each._asdict().items() if key != "price"})
        lines.append(f'{known[:-1]}, "properties": {{"price": {price}}}}}')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def as_parquet(type_: str) -> Callable[[list[Sale], Path], str]:
    def written(sales: list[Sale], folder: Path) -> str:
        path = folder / "events.parquet"
        text = as_csv(sales, folder)
        with duckdb.connect() as connection:
            rows = (
                f"SELECT * REPLACE (CAST(NULLIF(price, '') AS {type_}) AS price) FROM read_csv(?, all_varchar = true)"
            )
            connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)", [text])
        return str(path)

    return written


def as_sqlite(sales: list[Sale], folder: Path) -> str:
    path = folder / "events.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE events (unit INTEGER, time TEXT, event TEXT, price REAL, channel TEXT)")
        rows = [
            [value or None if name == "price" else value for name, value in each._asdict().items()] for each in sales
        ]
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
    return str(path)


WAYS = {
    "csv": as_csv, "json": as_json, "decimal": as_parquet("DECIMAL(12, 2)"), "double": as_parquet("DOUBLE"),
    "text": as_parquet("VARCHAR"), "sqlite": as_sqlite,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_cents_are_exact_in_files(way: str, tmp_path: Path) -> None:
    sales = log(cents)
    funnel = FUNNEL.replace("price", "properties.price") if way == "json" else FUNNEL
    check(measured(find_sources([WAYS[way](sales, tmp_path)], {}), tmp_path, funnel), sales)


@pytest.mark.parametrize("way", ["csv", "text"])
def test_texts_are_read_as_they_are_written(way: str, tmp_path: Path) -> None:
    sales = log(fine)
    check(measured(find_sources([WAYS[way](sales, tmp_path)], {}), tmp_path), sales)


def test_a_column_that_conditions_ask_too_is_exact(tmp_path: Path) -> None:
    sales = log(cents)
    funnel = FUNNEL.replace("event: paid", 'event: paid, price: [">= 0", null]')
    check(measured(find_sources([as_csv(sales, tmp_path)], {}), tmp_path, funnel), sales)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_", "prices"),
    [("numeric", cents), *whole_or_part([("float8", cents), ("text", cents)], []), ("text", fine)],
)
def test_postgresql(type_: str, prices: Callable[[Random], str], tmp_path: Path) -> None:
    if not is_running():
        pytest.skip("no PostgreSQL runs here")
    sales = log(prices)
    with schema_of_its_own() as url:
        with connected(url) as connection:
            columns = f"unit int, time timestamptz, event text, price {type_}, channel text"
            connection.execute(f"CREATE TABLE events ({columns})")
            connection.execute("SET TimeZone = 'UTC'")
            with connection.cursor().copy("COPY events FROM STDIN WITH (FORMAT csv)") as copy:
                lines = (",".join(map(str, each)) for each in sales)
                copy.write("\n".join(lines).encode())
            connection.execute("ANALYZE events")
        check(measured(Warehouse(url, "there"), tmp_path), sales)
        with connected(url) as connection:
            connection.execute(f"UPDATE events SET price = CAST('-5' AS {type_}) WHERE event = 'paid' AND unit < 90")
        assert messages(measured(Warehouse(url, "there"), tmp_path)) == refused("-5", sales)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_", "prices"),
    [("double", cents), *whole_or_part([("decimal(12,2)", cents), ("text", fine)], [])],
)
def test_mariadb(type_: str, prices: Callable[[Random], str], tmp_path: Path) -> None:
    sales = log(prices)
    with database_of_its_own() as url:
        with mariadb_connected(url) as connection:
            cursor = connection.cursor()
            columns = f"unit int, time datetime(6), event varchar(9), price {type_}, channel varchar(9)"
            cursor.execute(f"CREATE TABLE events ({columns})")
            rows = [
                [value or None if name == "price" else value for name, value in each._asdict().items()]
                for each in sales
            ]
            cursor.executemany("INSERT INTO events VALUES (%s, %s, %s, %s, %s)", rows)
        check(measured(Warehouse(url, "there"), tmp_path), sales)
        with mariadb_connected(url) as connection:
            connection.cursor().execute("UPDATE events SET price = '-5' WHERE event = 'paid' AND unit < 90")
        assert messages(measured(Warehouse(url, "there"), tmp_path)) == refused(
            "-5.00" if type_ == "decimal(12,2)" else "-5", sales
        )


def messages(found: Any) -> list[str]:
    assert isinstance(found, list), found
    return [each.message for each in found]


def refused(text: str, sales: list[Sale]) -> list[str]:
    """What is said where the amounts of the units below 90 are this text."""
    number = len({each.unit for each in sales if each.event == "paid" and each.unit < 90})
    return [f'{number} units at "Paid" have no amount in "price", but "{text}"']


@pytest.mark.parametrize("text", few(("$19.99", "-5", "1,250", "19,99", "inf", "10" * 8, "5 EUR", "1e14", "n/a"), 5))
def test_what_is_no_amount_is_refused_with_a_sample(text: str, tmp_path: Path) -> None:
    sales = [each._replace(price=text) if each.price and each.unit < 90 else each for each in log(lambda _: "19.99")]
    found = measured(find_sources([as_csv(sales, tmp_path)], {}), tmp_path)
    assert messages(found) == refused(text, sales)
    assert ('">= 0"' in (found[0].help or "")) == text.startswith("-")


@pytest.mark.parametrize(
    ("funnel", "message"),
    [
        (FUNNEL.replace("price", "prise"), 'no column "prise" in {place}'),
        (FUNNEL.replace("price", "time"), 'column "time" holds dates, which are no amounts'),
        (
            FUNNEL.replace("2 days", "2 days, order: unordered"),
            'stage "Paid" has an amount, and with order: unordered units may be there by events of other stages',
        ),
    ],
)
def test_an_amount_that_nothing_tells_is_refused(funnel: str, message: str, tmp_path: Path) -> None:
    sales = log(lambda _: "19.99")
    place = find_sources([as_parquet("DECIMAL(12, 2)")(sales, tmp_path)], {})
    if "time," in funnel:
        path = f"{tmp_path}/typed.parquet"
        with duckdb.connect() as connection:
            rows = "SELECT * REPLACE (CAST(time AS TIMESTAMP) AS time) FROM read_parquet(?)"
            connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)", [f"{tmp_path}/events.parquet"])
        place = find_sources([path], {})
    assert messages(measured(place, tmp_path, funnel)) == [message.replace("{place}", place.shown)]


def test_in_any_order_an_event_brings_money_at_one_stage(tmp_path: Path) -> None:
    funnel = FUNNEL.replace("2 days", "2 days, order: any").replace("event: visit", "event: [visit, paid]")
    found = measured(find_sources([as_csv(log(cents), tmp_path)], {}), tmp_path, funnel)
    assert isinstance(found, Problem)
    assert found.message == 'stage "Paid" has an amount, and its events can reach another stage as well'


def filled(folder: Path, funnel: str, sales: list[Sale]) -> tuple[Any, str, str]:
    """The funnel that `--update` writes, what the file says then, and what is said."""
    as_csv(sales, folder)
    path = folder / "funnel.yaml"
    path.write_text(funnel, encoding="utf-8")
    code, _, said = run("measure", str(path), "--from", str(folder / "events.csv"), "--update")
    assert code == 0, said
    text = path.read_text(encoding="utf-8")
    reading = read(text.encode(), "funnel.yaml")
    assert {each.problem.code for each in reading.diagnostics} <= {"FN319"}  # nothing may meet the last stage
    return reading.funnels[0], text, said


WHOLE = FUNNEL.replace("name: Paid", "name: Paid, role: customer")


FILLED = [
    (WHOLE, "average_check: {mean: "),
    (WHOLE.replace("measure:", "average_check: 5\nmeasure:", 1), "average_check: {mean: "),
    (
        WHOLE.replace("measure:", "average_order_value: {mean: 5, sd: 2}\nmeasure:", 1),
        "average_order_value: {mean: ",
    ),
    (WHOLE.replace("amount:", "count: 3, revenue: 7, amount:"), ", revenue: "),
    (WHOLE.replace("amount:", "average_check: 7, amount:"), ", average_check: {mean: "),
    (WHOLE + "  - {name: Kept, when: {event: kept}}\n", "average_check: {mean: "),
    (FUNNEL + "  - {name: Kept, when: {event: kept}}\n", ", average_check: {mean: "),
]
"""Where the money is written: for the whole funnel or at its stage, anew or in place of what was there."""


@pytest.mark.parametrize(("funnel", "key"), whole_or_part(FILLED, [FILLED[each] for each in (0, 2, 3, 6)]))
def test_count_times_mean_is_the_sum(funnel: str, key: str, tmp_path: Path) -> None:
    """To the last digit, in the funnel and in its segments; measured again, the file stays as it is."""
    sales = log(lambda chance: f"{chance.randint(0, 10**6) / 100:.2f}")
    found, text, _ = filled(tmp_path, funnel, sales)
    assert key in text
    total = sum(Fraction(each or 0) for each in of_the_first(sales))
    assert revenue(found) == total
    if "revenue" not in key:
        assert found.stages[1].average_check_sd == pytest.approx(expected(of_the_first(sales))[1].expected, rel=1e-3)
    ((_, segments),) = found.breakdowns
    for each in segments:
        own = of_the_first(sales, each.name)
        assert each.average_check is not None
        assert each.average_check * each.counts[1] == sum(Fraction(amount or 0) for amount in own)
    code, _, said = run("measure", str(tmp_path / "funnel.yaml"), "--from", str(tmp_path / "events.csv"), "--update")
    assert code == 0
    assert "stays as it is: no count changed" in said


def test_units_without_an_amount_are_taken_for_average(tmp_path: Path) -> None:
    sales = [Sale(unit, "2026-10-01", "visit", "", "Ads") for unit in range(4)]
    sales += [Sale(unit, "2026-10-02", "paid", price, "") for unit, price in enumerate(("10", "20", ""))]
    found, text, said = filled(tmp_path, FUNNEL, sales)
    assert "average_check: {mean: 15, sd: 7.0710}" in text
    assert revenue(found) == 45
    assert '1 unit at "Paid" without an amount is taken for average: the amounts add up to 30' in said
    none = [each._replace(price="") for each in sales]
    found, text, said = filled(tmp_path, FUNNEL, none)
    assert "average_check" not in text
    assert 'the 3 units at "Paid" have no amount: the average check is not known' in said


def test_segments_have_no_check_beside_other_money(tmp_path: Path) -> None:
    funnel = FUNNEL.replace("name: Visit", "name: Visit, average_check: 1")
    found, text, _ = filled(tmp_path, funnel, log(lambda _: "19.99"))
    assert [stage.average_check for stage in found.stages] == [1, Fraction(1999, 100)]
    assert "counts" not in text.partition("breakdowns:\n")[2].partition("measured:")[0]


def test_show_and_economics_know_the_spread(tmp_path: Path) -> None:
    filled(tmp_path, FUNNEL.replace("measure:", "budget: 100\nmeasure:", 1), log(cents))
    path = str(tmp_path / "funnel.yaml")
    for command, key in (("show", "revenue_low"), ("economics", "revenue_low")):
        code, out, said = run(command, path, "--format", "json")
        assert code == 0, said
        (report,) = json.loads(out)["funnels"]
        assert report[key] < report["revenue"]
    code, out, said = run("simulate", path, "--seed", "1")
    assert code == 0, said
    assert "taken as exact" not in out


def test_money_is_in_the_text_and_said(tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    path = tmp_path / "funnel.yaml"
    path.write_text(
        "measure: {table: events, unit: unit, time: time}\n"
        "stages: [{name: A, when: {event: a}}, {name: B, amount: price, when: {event: b}}]\n",
        encoding="utf-8",
    )
    code, out, said = run("measure", str(path), "--sql", "--dialect", "duckdb")
    assert code == 0, said
    assert "-- Money of B (price): the mean of what is known, and the sum, of which what is empty" in out
    assert 'AS "revenue"' in out
    assert "--   price: numbers" in out
