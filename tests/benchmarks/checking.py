"""A folder: `funnelcli check` of 1,000 files against check-jsonschema with our schema, yamllint and yamale.

Whole processes. yamale reads by PyYAML's CSafeLoader unless told otherwise, and divides a folder among four worker
processes; it is measured as it comes, and with one worker.
"""

from __future__ import annotations

from folder import FILES, SCHEMA, write_files
from generated import SEED
from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report

MEMORY = 120_000_000
OURS = "funnelcli check"


def main() -> None:
    """Install, check that each subject takes all the files, measure, report."""
    repeat = repeats(__doc__, 5)
    with installed("yamale>=5", "check-jsonschema>=0.29", "yamllint>=1.35") as environment:
        folder = environment.work / "files"
        names = write_files(folder)
        schema = environment.work / "schema.yaml"
        schema.write_text(SCHEMA, encoding="utf-8")
        json_schema = environment.work / "funnel.schema.json"
        json_schema.write_text(call([environment.program("funnelcli"), "schema"]), encoding="utf-8")
        yamale = [environment.program("yamale"), "-s", str(schema)]
        commands = {
            "check-jsonschema --schemafile": [
                environment.program("check-jsonschema"),
                "--schemafile",
                str(json_schema),
                *names,
            ],
            "yamllint -d relaxed": [environment.program("yamllint"), "-d", "relaxed", "."],
            "yamale (defaults: PyYAML, 4 workers)": [*yamale, "."],
            "yamale -p PyYAML -n 1": [*yamale, "-p", "PyYAML", "-n", "1", "."],
            OURS: [environment.program("funnelcli"), "check", "."],
        }
        printed = call(commands[OURS], folder)
        if printed != f"Found 0 errors, 0 warnings in {FILES:,} files ({FILES:,} funnels).\n":
            raise SystemExit(f"funnelcli does not find the files clean: {printed[:500]}")
        if f"Found {FILES} yaml files" not in call(commands["yamale -p PyYAML -n 1"], folder):
            raise SystemExit("yamale does not validate every file")
        describe(environment.python, "check-jsonschema", "yamllint", "yamale")
        runs = alternate({name: process(command, folder) for name, command in commands.items()}, repeat)
    title = f"{FILES:,} files (seed {SEED}), whole processes"
    for name, ratio in zip(commands, (1 / 15, 1 / 15, 0.5, 0.5), strict=False):
        pair = {name: runs[name], OURS: runs[OURS]}
        report(title, pair, name, {OURS: Target(ratio, MEMORY)})


if __name__ == "__main__":
    main()
