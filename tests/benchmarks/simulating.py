"""Simulation: `funnelcli simulate` of a funnel of ten steps against `show` of the same file, whole processes.

What 10,000 draws of the mean in the long run add to the start-up that both share, and what a million take; the next
period draws whole units as well.
"""

from __future__ import annotations

import statistics

from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report, say

MOST_ADDED = 0.060
MOST_SECONDS = 2.0
MEMORY = 150_000_000
STEPS = 10


def main() -> None:
    """Install, check what is simulated, measure, report."""
    repeat = repeats(__doc__, 12)
    with installed() as environment:
        path = environment.work / "ten_steps.yaml"
        counts = [round(100_000 * 0.6**step) for step in range(STEPS + 1)]
        stages = ", ".join(f"Stage {step}: {count}" for step, count in enumerate(counts))
        path.write_text(f"average_check: 90\nbudget: 5000\nstages: {{{stages}}}\n", encoding="utf-8")
        spread = environment.work / "ten_steps_sd.yaml"
        spread.write_text(path.read_text(encoding="utf-8").replace(": 90", ": {mean: 90, sd: 140}"), encoding="utf-8")
        program = environment.program("funnelcli")
        commands = {
            "show": [program, "show", str(path)],
            "10,000 draws": [program, "simulate", str(path)],
            "10,000 draws, expected": [program, "simulate", str(path), "--expected"],
            "10,000 draws, sd of checks": [program, "simulate", str(spread)],
            "a million draws, expected": [program, "simulate", str(path), "--expected", "--draws", "1000000"],
            "a million draws": [program, "simulate", str(path), "--draws", "1000000"],
        }
        if "1,000,000 draws, seed 1" not in call(commands["a million draws"]):
            raise SystemExit("a million draws are not said to be made")
        describe(environment.python)
        runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
    report("Ten steps, whole processes", runs, "show", {"a million draws, expected": Target(None, MEMORY)})
    middle = {name: statistics.median(run.seconds for run in each) for name, each in runs.items()}
    added = middle["10,000 draws, expected"] - middle["show"]
    million = middle["a million draws, expected"]
    for what, found, most in (("10,000 draws add", added, MOST_ADDED), ("a million take", million, MOST_SECONDS)):
        say(f"{what} {found * 1000:,.0f} ms (target {most * 1000:,.0f} ms: {'met' if found <= most else 'MISSED'})")


if __name__ == "__main__":
    main()
