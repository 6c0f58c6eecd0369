"""Start-up: `funnelcli show` of a small file against an ordinary Typer program that prints the same table.

Both are installed from wheels into a fresh virtual environment and run as whole processes.
"""

from __future__ import annotations

from installing import ROOT, installed
from measuring import Target, alternate, call, describe, process, repeats, report

SAMPLE = "sample_funnels/context_ads.yaml"
STAGES = ("Impressions", "Clicks", "Leads", "Sales")


def main() -> None:
    """Install, check that every subject prints every stage, measure, report."""
    repeat = repeats(__doc__, 60)
    with installed() as environment:
        commands = {
            "naive": [environment.program("naive"), SAMPLE],
            "table": [environment.program("funnelcli"), "show", SAMPLE],
            "json": [environment.program("funnelcli"), "show", SAMPLE, "--format", "json"],
        }
        for command in commands.values():
            printed = call(command, ROOT)
            if any(stage[:4] not in printed for stage in STAGES):
                raise SystemExit(f"{' '.join(command)} does not print every stage:\n{printed}")
        describe(environment.python)
        runs = alternate({name: process(command, ROOT) for name, command in commands.items()}, repeat)
    report("Start-up, whole processes", runs, "naive", {"table": Target(0.90), "json": Target(0.65)})


if __name__ == "__main__":
    main()
