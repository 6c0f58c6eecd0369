"""Import: an export of 1,000 deals against `measure` of a small log, and 100,000 deals in 13 columns, whole processes.

The reading of the large file alone is a process of its own, which does nothing else.
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from generated import SEED
from installing import installed
from measuring import Target, alternate, call, describe, process, repeats, report

if TYPE_CHECKING:
    from pathlib import Path

DEALS = 100_000
SMALL = 1_000
STAGES = ("Lead", "Qualified", "Proposal", "Negotiation")
OWNERS = tuple(f"Owner {number:02d}" for number in range(25))
SOURCES = ("Organic Search", "Paid Search", "Referrals", "Direct Traffic", "Email Marketing")
FUNNEL = "measure: {unit: user_id, time: at}\nstages:\n" + "".join(
    f"  - {{name: {step}, when: {{event: {step}}}}}\n" for step in ("visit", "lead", "sale")
)
READING = """
import sys
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.grid import read_grid
with open(sys.argv[1], "rb") as stream:
    data = stream.read()
grid = read_grid(data, "deals.csv", ImportOptions())
assert len(grid.rows) == 1 + int(sys.argv[2]), grid
"""


def main() -> None:
    """Install, check what is printed, measure, report."""
    repeat = repeats(__doc__, 10)
    with installed("duckdb", "ruamel.yaml") as environment:
        program = environment.program("funnelcli")
        names = ("deals.csv", "small.csv", "funnel.yaml", "events.csv")
        large, small, funnel, events = (environment.work / name for name in names)
        write_deals(large, DEALS)
        write_deals(small, SMALL)
        funnel.write_text(FUNNEL, encoding="utf-8")
        write_events(events)
        commands = {
            "measure": [program, "measure", str(funnel), "--from", str(events)],
            "1,000 deals": [program, "import", str(small), "--stages", ",".join(STAGES)],
            "100,000 deals": [program, "import", str(large), "--stages", ",".join(STAGES)],
            "reading alone": [environment.python, "-c", READING, str(large), str(DEALS)],
        }
        for name, rows in (("1,000 deals", SMALL), ("100,000 deals", DEALS)):
            if f"count: {rows}\n" not in call(commands[name]):
                raise SystemExit(f"{name}: the first stage has not all of them")
        describe(environment.python)
        runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
    targets = {"1,000 deals": Target(1.5), "100,000 deals": Target(peak=300_000_000)}
    report("Import, whole processes", runs, "measure", targets)
    seconds = sorted(run.seconds for run in runs["100,000 deals"])[repeat // 2]
    sys.stdout.write(f"100,000 deals: {seconds:.2f} s, of at most 3\n")


def write_events(path: Path) -> None:
    """A small log: 200 visits, every fourth with a lead, every twentieth with a sale."""
    lines = [
        f"u{user},{event},2026-09-{day:02d}T10:00:00Z"
        for user in range(200)
        for day, event, each in ((1, "visit", 1), (2, "lead", 4), (3, "sale", 20))
        if user % each == 0
    ]
    path.write_text("\n".join(["user_id,event,at", *lines, ""]), encoding="utf-8")


def write_deals(path: Path, amount: int) -> None:
    """A list of deals as HubSpot exports it: 13 columns, of which four are the dates of stages."""
    random = Random(SEED)
    header = ["Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner"]
    header += ["Original Traffic Source", *(f'Date entered "{stage} (Sales)"' for stage in STAGES)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for number in range(amount):
            at = random.randrange(len(STAGES))
            state = random.choice(("Closed Won", "Closed Lost", STAGES[at], STAGES[at]))
            at = len(STAGES) - 1 if state == "Closed Won" else at
            moments = [datetime(2025, 12, 1) + timedelta(minutes=random.randrange(400_000))]
            while len(moments) < len(STAGES) + 1:
                moments.append(moments[-1] + timedelta(minutes=random.randint(600, 20_000)))
            texts = [f"{moment:%Y-%m-%d %H:%M}" for moment in moments]
            closed = "" if state in STAGES else texts[at + 1]
            amount_ = f"{random.randint(100, 90_000)}.{random.randint(0, 99):02d}"
            cells = [10**9 + number, f"Deal {number}", "Sales", state, amount_, texts[0], closed]
            cells += [random.choice(OWNERS), random.choice(SOURCES)]
            writer.writerow([*cells, *(text if place <= at else "" for place, text in enumerate(texts[:-1]))])


if __name__ == "__main__":
    main()
