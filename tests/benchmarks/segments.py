"""10,000 segments: `funnelcli show --by` of a large file against `yaml.load` by CSafeLoader alone, whole processes."""

from __future__ import annotations

from generated import SEED, large_funnel
from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report

SEGMENTS = 10_000
TIMES = 3.0


def main() -> None:
    """Install, check that every segment is shown, measure, report."""
    repeat = repeats(__doc__, 7)
    with installed() as environment:
        path = environment.work / "large.yaml"
        size = 100_000
        text, segments = large_funnel(size)
        while segments < SEGMENTS:
            size = size * SEGMENTS // segments + 1000
            text, segments = large_funnel(size)
        path.write_text(text, encoding="utf-8")
        ours = [environment.program("funnelcli"), "show", "--by", "campaign", str(path)]
        loading = f"import yaml; yaml.load(open({str(path)!r}, 'rb'), yaml.CSafeLoader)"
        commands = {
            "yaml.load, CSafeLoader": [environment.python, "-c", loading],
            "funnelcli show --by (table)": ours,
            "funnelcli show --by --format json": [*ours, "--format", "json"],
        }
        printed = call(commands["funnelcli show --by --format json"])
        if printed.count('"sales_share"') < segments:
            raise SystemExit("funnelcli does not show every segment")
        describe(environment.python)
        runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
    base, table, json = commands
    title = f"{segments:,} segments of eight stages, {len(text):,} bytes (seed {SEED})"
    report(title, runs, base, {table: Target(TIMES), json: Target(TIMES)})


if __name__ == "__main__":
    main()
