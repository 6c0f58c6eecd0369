"""Columns and tables of users that are called as what queries are made of: nothing that is found depends on a name."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")

import funnelcli.events  # noqa: E402  # after the check
from funnelcli.events import who  # noqa: E402
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.sources import Files, Warehouse  # noqa: E402
from funnelcli.events.warehouse import engine as warehouse  # noqa: E402
from tests.events import mariadb, postgres  # noqa: E402
from tests.events.test_warehouse import defined  # noqa: E402
from tests.thorough import few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OURS = sorted(
    {
        re.sub(r"\{[^}]*\}", number, name)
        for path in Path(funnelcli.events.__file__).parent.rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        for name in [
            *re.findall(r"\bAS ((?:[a-z_]|\{[^}]*\})(?:\w|\{[^}]*\})*)", text),
            *re.findall(r"\b(?:select|mutate|aggregate)\((\w+)=", text),
        ]
        for number in "01"
    }
    | {"label", "index", "rowid", "row", "bucket", "amount1", "unread1"}
)
"""What queries call columns and tables, as it is written in the package."""
ROLES = ("UNIT", "TIME", "EVENT", "CHANNEL", "AMOUNT", "SUB")
PLAIN = {role: f"plain_{role.lower()}" for role in ROLES}
BETWEEN = 'between: ["2026-10-01T06:00:00Z", "2026-10-02T12:00:00Z"]'
MEASURES = {
    "between": f"{BETWEEN}, breakdowns: {{channel: CHANNEL}}, period: day",
    "strict": "order: strict, breakdowns: {channel: CHANNEL}",
    "first": "entry: first, breakdowns: {channel: CHANNEL}, exclude: {EVENT: z}, lost: {EVENT: zz}",
    "same": "same: [SUB], period: day, exclude_units: {EVENT: z}",
    "any": f"order: any, breakdowns: {{channel: CHANNEL, sub: SUB}}, {BETWEEN}",
}
STAGES = (
    "[{name: A, when: {EVENT: a}}, {name: B, when: {EVENT: b}, amount: AMOUNT}, "
    '{name: C, when: {EVENT: [c, k1, k2, k3, k4, k5, k6, k7, k8, k9, "like k%"], CHANNEL: not null}}]'
)


def rows() -> list[tuple[str, ...]]:
    chance = Random(20261001)
    days = [(chance.randint(1, 3), chance.randint(0, 23)) for _ in range(250)]
    return [
        (str(chance.randint(1, 25)), f"2026-10-0{day} {hour:02}:00:00", chance.choice("aabbccz"),
         chance.choice(("Ads", "SEO", "")), chance.choice(("5", "15", "")), chance.choice(("p", "q", "")))
        for day, hour in [*days, *days[:20]]
    ]  # fmt: skip


def asked(measure: str, called: dict[str, str], table: str, find: Callable[..., Any]) -> list[Any]:
    """The counts, and the units that a stage lost; what no event has is told by the names, and counted here."""
    text = f"measure: {{table: {table}, unit: UNIT, time: TIME, window: 12 hours, {MEASURES[measure]}}}\n"
    text += f"stages: {STAGES}\n"
    for role in ROLES:
        text = text.replace(role, json.dumps(called[role]))
    definition = defined(text)
    about = who.UnitsAsked("dropped_at", 1, called["EVENT"])
    found = [find(definition), find(definition, ask=partial(who.find, about=about))]
    return [each._replace(reach=each.reach._replace(absent=len(each.reach.absent))) for each in found]


def drawn(seed: int) -> tuple[dict[str, str], list[str]]:
    """Names for the columns that are asked for, and for columns of text beside them."""
    names = Random(seed).sample(OURS, len(OURS))
    return dict(zip(ROLES, names, strict=False)), names[len(ROLES) :]


def in_a_file(measure: str, called: dict[str, str], others: Sequence[str], folder: Path) -> list[Any]:
    path = folder / f"{len(others)}.parquet"
    values = ", ".join("(" + ", ".join(f"'{value}'" if value else "NULL" for value in row) + ")" for row in rows())
    columns = ", ".join(f'"{called[role]}"' for role in ROLES)
    texts = ", ".join(["*", *(f"'some' AS \"{name}\"" for name in others)])
    duckdb.sql(f"COPY (SELECT {texts} FROM (VALUES {values}) AS v ({columns})) TO '{path}' (FORMAT parquet)")
    files = Files((str(path),), "parquet", "log")
    return asked(measure, called, "events", partial(embedded.measure, files=files, folder=str(folder)))


@pytest.mark.parametrize("measure", few(MEASURES, 3))
def test_in_files(measure: str, tmp_path: Path) -> None:
    expected = in_a_file(measure, PLAIN, (), tmp_path)
    assert expected[0].counts[1] > 0
    assert expected[0].reach.absent >= 10
    assert in_a_file(measure, *drawn(len(measure)), tmp_path) == expected


def put(ask: Callable[..., Any], table: str, quote: str, called: dict[str, str], others: Sequence[str]) -> None:
    """A table of a server, of columns of text but for the time, and for amounts as a decimal number."""
    quoted = [f"{quote}{name}{quote}" for name in (*called.values(), *others)]
    types = {"TIME": "timestamp" if quote == '"' else "datetime(6)", "AMOUNT": "decimal(10, 2)"}
    kinds = [types.get(role, "varchar(30)") for role in ROLES] + ["varchar(30)"] * len(others)
    ask(f"CREATE TABLE {quote}{table}{quote} ({', '.join(map(' '.join, zip(quoted, kinds, strict=True)))})")
    marks = ", ".join(["%s"] * len(quoted))
    values = [each or None for row in rows() for each in (*row, *["some"] * len(others))]
    ask(f"INSERT INTO {quote}{table}{quote} VALUES {', '.join([f'({marks})'] * len(rows()))}", values)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgres", *whole_or_part(["mariadb"], [])])
def test_in_servers(kind: str) -> None:
    """Tables are called as those of the queries, too."""
    here, quote = (postgres, '"') if kind == "postgres" else (mariadb, "`")
    if kind == "postgres" and not postgres.is_running():
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    of_its_own: Any = postgres.schema_of_its_own if kind == "postgres" else mariadb.database_of_its_own
    with of_its_own() as url, here.connected(url) as connection:  # type: ignore[attr-defined]
        cursor = connection.cursor()
        put(cursor.execute, "plain", quote, PLAIN, ())
        find = partial(warehouse.measure, place=Warehouse(url, "there"))
        expected = asked("between", PLAIN, "plain", find)
        for seed, table in enumerate(("named", "entrants")[: whole_or_part(1 + (kind == "postgres"), 1)]):
            called, others = drawn(seed)
            put(cursor.execute, table, quote, called, others[:30])
            assert asked("between", called, table, find) == expected
