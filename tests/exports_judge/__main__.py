"""Make exports and spoil them for longer: `python -m tests.exports_judge --runs 1000 --seed 1 [WORLD …]`.

Prints what became of them by world and mutation, and each fault; the exit code is 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys

from .judging import FAULTS, Judged, exports, mutants, table
from .worlds import WORLDS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("worlds", nargs="*", metavar="WORLD", help=f"of {', '.join(WORLDS)}")
    parser.add_argument("--runs", type=int, default=1000, help="mutations of each kind of export (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutation", action="append", default=[], help="only these")
    parser.add_argument("--shown", type=int, default=20, help="faults that are printed with their files")
    parser.add_argument("--whole", action="store_true", help="exports as they are, without mutations")
    asked = parser.parse_args()
    judged: list[Judged] = []
    for name in asked.worlds or WORLDS:
        world = WORLDS[name]
        judged += (
            exports(world, asked.runs, asked.seed)
            if asked.whole
            else mutants(world, asked.runs, asked.seed, asked.mutation)
        )
    faults = [each for each in judged if each.verdict in FAULTS]
    for each in faults[: asked.shown]:
        text = each.file.decode("utf-16" if each.file[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
        lines = text.splitlines()
        shown = "\n".join(line[:200] for line in lines[: 14 if len(lines) < 20 else 5]) + (
            "\n…" if len(lines) >= 20 else ""
        )
        sys.stdout.write(f"--- {each.world} {each.mutation} {each.seed}: {each.verdict}: {each.detail}\n{shown}\n\n")
    sys.stdout.write(f"{table(judged)}\n{len(judged)} exports, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
