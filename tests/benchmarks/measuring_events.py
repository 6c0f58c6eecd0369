"""Funnels of recorded events: `funnelcli measure` against windowFunnel of ClickHouse (chDB), whole processes.

1 to 50 million events in Parquet and 1 million in CSV, five steps, seven days. Both have to find the same counts.

After them, other meanings of a funnel beside the ordered count of the same log; what joins count of them has to be what
the general way counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from installing import Installed

STEPS = ("visit", "product", "cart", "checkout", "paid")
SIZES = (
    ("parquet", "Parquet", 1_000_000, Target()),
    ("parquet", "Parquet", 5_000_000, Target()),
    ("parquet", "Parquet", 20_000_000, Target(0.65, 1 << 30)),
    ("parquet", "Parquet", 50_000_000, Target(None, 1 << 30)),
    ("csv", "CSVWithNames", 1_000_000, Target(1.00)),
)
SEED = 20261001
_GENERATE = f"""
import duckdb, sys
path, size = sys.argv[1], int(sys.argv[2])
chance = lambda salt: f"(hash(i * 31 + {SEED} + {{salt}}) % 1000000) / 1000000.0"
share = f"x < 0.30 THEN 'visit' WHEN x < 0.50 THEN 'product' WHEN x < 0.62 THEN 'cart' WHEN x < 0.70 THEN 'checkout'"
duckdb.execute(f'''COPY (
  SELECT (hash(i * 31 + {SEED} + 1) % {{size // 10}})::BIGINT AS user_id,
    CASE WHEN {{share}} WHEN x < 0.75 THEN 'paid' WHEN x < 0.9 THEN 'scroll' ELSE 'search' END AS event,
    make_timestamp(1790812800000000 + ({{chance(2)}} * 2592000)::BIGINT * 1000000) AS time
  FROM (SELECT i, {{chance(3)}} AS x FROM range({{size}}) r(i))
) TO '{{path}}' (FORMAT {{'parquet' if path.endswith('parquet') else 'csv'}})''')
"""
"""Ten events a user on average, over thirty days, whose order is that of a hash; seven kinds of events."""
_CLICKHOUSE = f"""
import chdb, sys
steps = ", ".join(f"event = '{{step}}'" for step in {STEPS})
print(chdb.query(f'''SELECT level, count() FROM (
  SELECT user_id, windowFunnel(604800)(toDateTime(time), {{steps}}) AS level
  FROM file('{{sys.argv[1]}}', '{{sys.argv[2]}}') GROUP BY user_id) GROUP BY level ORDER BY level''', "CSV"))
"""
MEANINGS = {
    "strict": ("order: strict", STEPS),
    "exclude": ("exclude: {event: search}", STEPS),
    "repeated": ("", (*STEPS[:3], "paid", "paid")),
    "any": ("order: any", STEPS),
}
"""What else is asked of the log: keys of `measure`, and the events of the steps."""
MEANINGS_OF, MOST = 5_000_000, 1.50
"""Of a log of how many events, and how much longer than the ordered count each may take."""
_GENERALLY = """
import sys
from funnelcli.events.duckdb import chains
chains._can_be_joined = lambda *_, **__: False
from funnelcli.__main__ import main
sys.argv[0] = "funnelcli"
main()
"""
"""The program, but that nothing is counted by joins."""


def funnel_text(more: str = "", steps: Sequence[str] = STEPS) -> str:
    """A funnel of these steps, with more keys of `measure`."""
    named = "".join(f"  - {{name: {step} {at}, when: {{event: {step}}}}}\n" for at, step in enumerate(steps, 1))
    return (
        f"measure: {{{', '.join(filter(None, ['unit: user_id, time: time, window: 7 days', more]))}}}\nstages:\n{named}"
    )


def main() -> None:
    """Install, check that both count the same, measure, report."""
    repeat = repeats(__doc__, 5)
    with installed("duckdb", "ruamel.yaml", "chdb") as environment:
        funnel = environment.work / "funnel.yaml"
        funnel.write_text(funnel_text(), encoding="utf-8")
        describe(environment.python)
        for ending, form, size, target in SIZES:
            events = environment.work / f"events.{ending}"
            call([environment.python, "-c", _GENERATE, str(events), str(size)])
            commands = {
                "chDB, windowFunnel": [environment.python, "-c", _CLICKHOUSE, str(events), form],
                "funnelcli measure": _ours(environment.program("funnelcli"), funnel, events),
            }
            theirs, ours = (call(command) for command in commands.values())
            if _reached(theirs) != [int(count) for count in re.findall(r"\bcount: (\d+)", ours)]:
                raise SystemExit(f"the counts differ:\n{theirs}\n{ours}")
            runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
            base, measure = commands
            title = f"{size:,} events, {form}, {len(STEPS)} steps, 7 days (seed {SEED})"
            report(title, runs, base, {measure: target})
        _compare_meanings(environment, repeat)


def _compare_meanings(environment: Installed, repeat: int) -> None:
    """Each of `MEANINGS` beside the ordered count."""
    events = environment.work / "events.parquet"
    call([environment.python, "-c", _GENERATE, str(events), str(MEANINGS_OF)])
    commands = {}
    for name, (more, steps) in {"ordered": ("", STEPS), **MEANINGS}.items():
        funnel = environment.work / f"{name}.yaml"
        funnel.write_text(funnel_text(more, steps), encoding="utf-8")
        commands[name] = _ours(environment.program("funnelcli"), funnel, events)
        counts = [
            call(command) for command in (commands[name], [environment.python, "-c", _GENERALLY, *commands[name][1:]])
        ]
        if len({tuple(re.findall(r"\bcount: (\d+)", each)) for each in counts}) > 1:
            raise SystemExit(f"{name}: the counts differ:\n{counts[0]}\n{counts[1]}")
    runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
    title = f"{MEANINGS_OF:,} events, Parquet, {len(STEPS)} steps, 7 days (seed {SEED}), by what is asked"
    report(title, runs, "ordered", dict.fromkeys(MEANINGS, Target(MOST)))


def _ours(program: str, funnel: Path, events: Path) -> list[str]:
    return [program, "measure", str(funnel), "--from", str(events)]


def _reached(levels: str) -> list[int]:
    """Units that got as far as each step, from the numbers of those that got exactly so far."""
    exactly = {int(level): int(count) for level, count in re.findall(r"^(\d+),(\d+)$", levels, re.MULTILINE)}
    return [sum(count for level, count in exactly.items() if level > step) for step in range(len(STEPS))]


if __name__ == "__main__":
    main()
