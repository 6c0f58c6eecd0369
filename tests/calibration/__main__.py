"""`python -m tests.calibration [VERDICT]… [--runs N] [--seed S]`: the table of verdicts, with what was found."""

import argparse
import sys
import time

from tests import thorough
from tests.calibration.verdicts import RUNS, VERDICTS


def main() -> int:
    """Simulate, and print a row a figure; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("verdict", nargs="*", help=f"of {', '.join(VERDICTS)}; default: all")
    parser.add_argument("--runs", type=int, default=RUNS, help="simulations of a case (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    asked = parser.parse_args()
    unknown = [name for name in asked.verdict if name not in VERDICTS]
    if unknown:
        parser.error(f"no verdict is called {', '.join(unknown)}; there are {', '.join(VERDICTS)}")
    thorough.ask()
    missed = 0
    print(f"{'verdict':20} {'case':58} {'found':>9} {'± s.e.':>8} {'target':>15} {'runs':>6}")
    for name in asked.verdict or VERDICTS:
        begun = time.monotonic()
        for finding in VERDICTS[name](asked.runs, asked.seed):
            missed += not finding.met
            form = ".1%" if finding.share else ".4g"
            target = f"{finding.low:{form}} to {finding.high:{form}}"
            if finding.share and not finding.low:
                target = f"<= {finding.high:{form}}"
            elif finding.share and finding.high == 1:
                target = f">= {finding.low:{form}}"
            print(
                f"{name:20} {finding.case:58} {finding.found:>9{form}} {finding.error:>8{form}} {target:>15} "
                f"{finding.runs:>6}  {'met' if finding.met else 'MISSED'}",
                flush=True,
            )
        print(f"{name:20} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
