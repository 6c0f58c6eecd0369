"""Import, whole processes: 1,000 deals against `measure` of a small log, 100,000 deals, and 50,000 rows of ads by day.

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
CAMPAIGNS, DAYS = 137, 365
"""50,005 rows of a report of ads."""
SECONDS = {"100,000 deals": 3, "50,005 rows of ads": 3}
"""What the large ones may take at most."""
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
        names = ("deals.csv", "small.csv", "ads.csv", "funnel.yaml", "events.csv")
        large, small, ads, funnel, events = (environment.work / name for name in names)
        write_deals(large, DEALS)
        write_deals(small, SMALL)
        shown = write_ads(ads)
        funnel.write_text(FUNNEL, encoding="utf-8")
        write_events(events)
        commands = {
            "measure": [program, "measure", str(funnel), "--from", str(events)],
            "1,000 deals": [program, "import", str(small), "--stages", ",".join(STAGES)],
            "100,000 deals": [program, "import", str(large), "--stages", ",".join(STAGES)],
            "50,005 rows of ads": [program, "import", str(ads)],
            "reading alone": [environment.python, "-c", READING, str(large), str(DEALS)],
        }
        for name, first in (("1,000 deals", SMALL), ("100,000 deals", DEALS), ("50,005 rows of ads", shown)):
            if f"count: {first}\n" not in call(commands[name]):
                raise SystemExit(f"{name}: the first stage has not all of them")
        describe(environment.python)
        runs = alternate({name: process(command) for name, command in commands.items()}, repeat)
    targets = {"1,000 deals": Target(1.5), **dict.fromkeys(SECONDS, Target(peak=300_000_000))}
    report("Import, whole processes", runs, "measure", targets)
    for name, most in SECONDS.items():
        seconds = sorted(run.seconds for run in runs[name])[repeat // 2]
        sys.stdout.write(f"{name}: {seconds:.2f} s, of at most {most}\n")


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


def write_ads(path: Path) -> int:
    """A report of campaigns by day as Google Ads exports it, with its totals; the impressions of all rows."""
    random = Random(SEED)
    header = ["Campaign", "Day", "Campaign type", "Currency code", "Impr.", "Clicks", "CTR", "Cost", "Conversions"]
    sums = [0, 0, 0, 0]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([["Campaign report"], ["September 1, 2025 - August 31, 2026"], [*header, "Conv. value"]])
        for number in range(CAMPAIGNS):
            for day in range(DAYS):
                at = f"{datetime(2025, 9, 1) + timedelta(days=day):%Y-%m-%d}"
                figures = [random.randint(200, 90_000), random.randint(5, 190), random.randint(100, 90_000)]
                figures.append(random.randint(0, 500))
                sums = [total + figure for total, figure in zip(sums, figures, strict=True)]
                kind = ("Search", "Display", "Video")[number % 3]
                writer.writerow([f"Campaign {number:03d}", at, kind, "EUR", *ads_figures(*figures)])
        writer.writerow(["Total: Account", "--", "--", "EUR", *ads_figures(*sums)])
    return sums[0]


def ads_figures(shown: int, clicks: int, cents: int, hundredths: int) -> list[str]:
    """Impressions, clicks, their rate, the cost, conversions and their value, as a report writes them."""
    figures = f"{shown:,}", f"{clicks:,}", f"{clicks / shown:.2%}", f"{cents / 100:,.2f}"
    return [*figures, f"{hundredths / 100:,.2f}", f"{hundredths / 2:,.2f}"]


if __name__ == "__main__":
    main()
