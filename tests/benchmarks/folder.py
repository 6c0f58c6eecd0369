"""A folder: `funnelcli show` of 1,000 files in one process against yamale, which validates the same files by a schema.

yamale reads by PyYAML's CSafeLoader unless told otherwise, and divides a folder among four worker processes. It is
measured as it comes, and with one worker. Its memory is that of its largest process, not the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generated import SEED, funnels
from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report

if TYPE_CHECKING:
    from pathlib import Path

FILES = 1000
MEMORY = 120_000_000
SCHEMA = """\
name: str()
period: str()
currency: str()
budget: num(min=0)
gross_margin: regex('^[0-9]+%$', required=False)
stages: list(include('stage'), min=2)
---
stage:
  name: str()
  count: num(min=0)
  role: enum('impression', 'click', 'lead', 'customer', required=False)
  target: regex('^[0-9]+%$', required=False)
  average_check: num(min=0, required=False)
"""


def write_files(folder: Path) -> list[str]:
    """The generated files; returns their names."""
    folder.mkdir()
    names = []
    for number, text in enumerate(funnels(FILES), 1):
        names.append(f"{number:04d}.yaml")
        (folder / names[-1]).write_text(text, encoding="utf-8")
    return names


def main() -> None:
    """Install, check that each subject takes all the files, measure, report."""
    repeat = repeats(__doc__, 9)
    with installed("yamale>=5") as environment:
        folder = environment.work / "files"
        names = write_files(folder)
        schema = environment.work / "schema.yaml"
        schema.write_text(SCHEMA, encoding="utf-8")
        yamale = [environment.program("yamale"), "-s", str(schema)]
        commands = {
            "yamale (defaults: PyYAML, 4 workers)": [*yamale, "."],
            "yamale -p PyYAML -n 1": [*yamale, "-p", "PyYAML", "-n", "1", "."],
            "funnelcli show --format json": [environment.program("funnelcli"), "show", "--format", "json", *names],
        }
        default, single, ours = commands
        printed = call(commands[ours], folder)
        if printed.count('"one_in"') != FILES * 9:  # one of each of eight stages, one of the funnel
            raise SystemExit("funnelcli does not show every file")
        for name in (default, single):
            if f"Found {FILES} yaml files" not in call(commands[name], folder):
                raise SystemExit("yamale does not validate every file")
        describe(environment.python, "yamale")
        runs = alternate({name: process(command, folder) for name, command in commands.items()}, repeat)
    report(f"{FILES:,} files (seed {SEED}), whole processes", runs, default, {ours: Target(1.0, MEMORY)})
    report("The same against one worker", runs, single, {ours: Target(1.0, MEMORY)})


if __name__ == "__main__":
    main()
