"""Funnels in ClickHouse: what `funnelcli measure` asks of it against windowFunnel, both in chDB, whole processes.

2 and 20 million events in a table in the order of time; two, three, five and seven steps, seven days.

There is no server: chDB stands in the place of the one that Ibis would talk to, with the same queries. Both have to
find the same counts, and windowFunnel tells nothing else: no times, no curves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report
from measuring_events import _GENERATE, SEED

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (2_000_000, 20_000_000)
STEPS = ("visit", "product", "cart", "checkout", "paid", "scroll", "search")
NUMBERS = (2, 3, 5, 7)
_LOAD = """
import chdb.session, sys
session = chdb.session.Session(sys.argv[2])
session.query("CREATE DATABASE logs ENGINE = Atomic")
session.query("CREATE TABLE logs.events (user_id Int64, event String, time DateTime64(6, 'UTC')) "
    "ENGINE = MergeTree ORDER BY time")
session.query(f"INSERT INTO logs.events SELECT user_id, event, time FROM file('{sys.argv[1]}', 'Parquet')")
session.query("OPTIMIZE TABLE logs.events FINAL")
session.close()
"""
_WINDOW_FUNNEL = """
import chdb.session, sys
session = chdb.session.Session(sys.argv[1])
steps = ", ".join(f"event = '{step}'" for step in sys.argv[2:])
print(session.query(f'''SELECT level, count() FROM (
  SELECT user_id, windowFunnel(604800)(toDateTime(time), {steps}) AS level
  FROM logs.events GROUP BY user_id) GROUP BY level ORDER BY level''', "CSV"))
session.close()
"""
_OURS = """
import json, sys
from collections import namedtuple
from pathlib import Path
import chdb.session, ibis
from ibis.backends.clickhouse import Backend
from funnelcli.events.warehouse import engine as warehouse
from funnelcli.events.define import define
from funnelcli.events.sources import Warehouse
from funnelcli.funnel_file.reader import read

session = chdb.session.Session(sys.argv[1])
session.query("USE logs")
backend, rows = Backend(), namedtuple("rows", "result_rows")
schema = ibis.schema({"user_id": "!int64", "event": "!string", "time": "!timestamp('UTC', 6)"})
backend.list_tables = lambda database=None: ["events"]
backend.table = lambda name: ibis.expr.operations.DatabaseTable(name, schema, backend).to_expr()
backend.raw_sql = lambda query: rows(json.loads(str(session.query(query, "JSONCompact")) or '{"data": []}')["data"])
backend.disconnect = session.close
ibis.connect = lambda _: backend
path = Path(sys.argv[2])
definition = define(read(path.read_bytes(), path.name, uncounted=True).funnels[0])
print(*warehouse.measure(definition, Warehouse("clickhouse://", "chDB")).counts)
"""


def main() -> None:
    """Install, load, check that both count the same, measure, report."""
    repeat = repeats(__doc__, 5)
    requirements = ("duckdb", "packaging", "chdb", "ibis-framework[clickhouse]")
    with installed(*requirements) as environment:
        python = environment.python
        describe(python)
        events = str(environment.work / "events.parquet")
        for size in SIZES:
            data = str(environment.work / f"data{size}")
            call([python, "-c", _GENERATE, events, str(size)])
            call([python, "-c", _LOAD, events, data])
            for number in NUMBERS:
                steps = STEPS[:number]
                commands = {
                    "windowFunnel": [python, "-c", _WINDOW_FUNNEL, data, *steps],
                    "funnelcli": [python, "-c", _OURS, data, str(_funnel(environment.work, steps))],
                }
                theirs, ours = (call(command) for command in commands.values())
                if _reached(theirs, number) != [int(count) for count in ours.split()]:
                    raise SystemExit(f"the counts differ:\n{theirs}\n{ours}")
                runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
                title = f"{size:,} events in chDB, {number} steps, 7 days (seed {SEED})"
                report(title, runs, "windowFunnel", {"funnelcli": Target(2)})


def _reached(levels: str, number: int) -> list[int]:
    """Units that got as far as each step, from the numbers of those that got exactly so far."""
    exactly = {int(level): int(count) for level, count in (line.split(",") for line in levels.split())}
    return [sum(count for level, count in exactly.items() if level > step) for step in range(number)]


def _funnel(folder: Path, steps: tuple[str, ...]) -> Path:
    stages = "".join(f"  - {{name: {step}, when: {{event: {step}}}}}\n" for step in steps)
    path = folder / f"funnel{len(steps)}.yaml"
    measure = "{table: events, unit: user_id, time: time, window: 7 days}"
    path.write_text(f"measure: {measure}\nstages:\n{stages}", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
