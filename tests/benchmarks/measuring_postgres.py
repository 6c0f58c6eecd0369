"""Funnels in PostgreSQL: `funnelcli measure --between` one day of 5 million events, against counts by hand.

An index on time, five steps, seven days, whole processes. Both counts by hand follow the latest entry by running
maxima, the second only of the users that entered on that day; neither has any times or curves. All have to find the
same counts.
"""

from __future__ import annotations

import os
import re
from uuid import uuid4

from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report, say
from measuring_events import SEED, STEPS, funnel_text

SERVER = os.environ.get("FUNNELCLI_POSTGRES", "postgres://postgres@127.0.0.1:5432/test")
SIZE = 5_000_000
DAY = ("2026-10-10", "2026-10-11")
END = "2026-10-18"
"""Seven days after the last moment of an entry."""
_RUN = """
import psycopg, sys
with psycopg.connect(sys.argv[1].replace("postgres://", "postgresql://"), autocommit=True) as connection:
    found = connection.execute(sys.argv[2])
    print(*(found.fetchone() if found.description else ()))
"""
_GENERATE = f"""
CREATE SCHEMA {{schema}};
CREATE TABLE {{schema}}.events AS
  SELECT abs(hashint8(i * 31 + {SEED} + 1)::bigint) % {SIZE // 10} AS user_id,
    CASE WHEN x < 0.30 THEN 'visit' WHEN x < 0.50 THEN 'product' WHEN x < 0.62 THEN 'cart' WHEN x < 0.70 THEN 'checkout'
      WHEN x < 0.75 THEN 'paid' WHEN x < 0.9 THEN 'scroll' ELSE 'search' END AS event,
    timestamp '2026-10-01' + (i * 2592000 / {SIZE}) * interval '1 second' AS time
  FROM (SELECT i, abs(hashint8(i * 31 + {SEED} + 3)::bigint) % 1000000 / 1000000.0 AS x
    FROM generate_series(0::bigint, {SIZE} - 1) AS i) AS q;
CREATE INDEX ON {{schema}}.events (time);
ANALYZE {{schema}}.events
"""
"""Events in the order of time, as they are written, ten a user on average; seven kinds of events."""


def by_hand(schema: str, *, entrants: bool) -> str:
    """Users that came to each step, by the latest entry from which they did."""
    since, until = (f"time >= '{DAY[0]}' AND time < '{end}'" for end in (END, DAY[1]))
    only = f" AND user_id IN (SELECT user_id FROM {schema}.events WHERE event = '{STEPS[0]}' AND {until})"
    names = ", ".join(f"'{step}'" for step in STEPS)
    rows = (
        f"SELECT user_id, event, time, CASE WHEN event = '{STEPS[0]}' AND {until} THEN time END AS s0 "
        f"FROM {schema}.events WHERE {since} AND event IN ({names}){only if entrants else ''}"
    )
    for place, step in enumerate(STEPS[1:], 1):
        rows = f"SELECT q.*, MAX(s{place - 1}) OVER (PARTITION BY user_id ORDER BY time) AS b{place} FROM ({rows}) AS q"
        came = f"event = '{step}' AND time <= b{place} + interval '7 days'"
        rows = f"SELECT q.*, CASE WHEN {came} THEN b{place} END AS s{place} FROM ({rows}) AS q"
    counts = ", ".join(f"COUNT(DISTINCT user_id) FILTER (WHERE s{place} IS NOT NULL)" for place in range(len(STEPS)))
    return f"SELECT {counts} FROM ({rows}) AS q"


def main() -> None:
    """Install, load a schema of its own, check that all count the same, measure, report; or say why not."""
    repeat = repeats(__doc__, 7)
    with installed("ruamel.yaml", "duckdb", "packaging", "psycopg[binary]", "ibis-framework[postgres]") as environment:
        run = [environment.python, "-c", _RUN, SERVER]
        try:
            say(f"PostgreSQL {call([*run, 'SHOW server_version']).strip()}")
        except SystemExit as error:
            say(f"skipped: no PostgreSQL answers at {SERVER.rpartition('@')[2]}, or set FUNNELCLI_POSTGRES: {error}")
            return
        describe(environment.python)
        schema = f"funnelcli_{uuid4().hex}"
        try:
            call([*run, _GENERATE.format(schema=schema)])
            funnel = environment.work / "funnel.yaml"
            funnel.write_text(funnel_text("table: events"), encoding="utf-8")
            ours = [environment.program("funnelcli"), "measure", str(funnel), "--from", f"{SERVER}/{schema}"]
            commands = {
                "by hand": [*run, by_hand(schema, entrants=False)],
                "by hand, of who entered": [*run, by_hand(schema, entrants=True)],
                "funnelcli measure": [*ours, "--between", *DAY],
            }
            *counts, told = (call(command) for command in commands.values())
            if {*map(str.strip, counts)} != {" ".join(re.findall(r"\bcount: (\d+)", told))}:
                raise SystemExit(f"the counts differ:\n{counts}\n{told}")
            runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
            *bases, measure = commands
            for base in bases:
                title = f"one of 30 days, {SIZE:,} events, {len(STEPS)} steps, 7 days (seed {SEED})"
                report(title, runs, base, {measure: Target(1.5)})
        finally:
            call([*run, f"DROP SCHEMA IF EXISTS {schema} CASCADE"])


if __name__ == "__main__":
    main()
