"""`forecast` of an export of deals without dates of stages: the ranges of what the open ones bring, and the mean."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle as cycle_through
from typing import NamedTuple

import numpy
from numpy.random import Generator

from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.counts_table.importing import Imported, ImportOptions, import_table
from tests.calibration.findings import Finding, mean, share
from tests.thorough import each_once

DEALS = 1000
STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
HORIZONS = (None, 30, 60, 90)
WORLDS = ((180, 30), (270, 45), (270, 90))
"""Days in which the deals were created, evenly, and the mean days to the sale."""
DRAWS = 600
LOW, HIGH = 0.74, 0.86
HIGH_OF_FEW = 0.94
"""Of sales: the ends are whole numbers and held as well, which is much where few sales are expected."""
AWAY = 0.1
"""How far what is expected may be from the sales, on average."""
_WIDTH = 0.8
"""The deviation of the logarithm of times and of amounts: a coefficient of variation of 0.95."""
_NOW = date(2026, 6, 30)


class World(NamedTuple):
    """An export as it is seen today, and of each open deal that will be won in how many days and for how much."""

    text: str
    sold_in: numpy.ndarray
    money: numpy.ndarray


def simulated(period: int, cycle: float, losses: float, rate: float, random: Generator) -> World:
    """Deals that take lognormal times to be won, and `losses` times as long to be lost; those stand at no stage."""
    created = random.uniform(0, period, DEALS)
    wins = random.random(DEALS) < rate
    took = random.lognormal(numpy.log(cycle) - _WIDTH**2 / 2, _WIDTH, DEALS) * numpy.where(wins, 1, losses)
    money = random.lognormal(numpy.log(5000), _WIDTH, DEALS)
    still = created + took > period
    last = numpy.where(wins, len(STAGES), random.integers(1, len(STAGES) + 1, DEALS))  # stages that it passes
    passed = numpy.clip((period - created) / took * last, 0, last - 1).astype(int)
    rows = ["Opportunity Owner,Opportunity Name,Stage,Amount,Close Date,Created Date"]
    for at in range(DEALS):
        stage = STAGES[passed[at]] if still[at] else "Closed Won" if wins[at] else "Closed Lost"
        end = numpy.floor(created[at] + took[at]) - period if not still[at] else 14  # of open deals it is a plan
        days = [(_NOW + timedelta(days=float(each))).isoformat() for each in (end, numpy.floor(created[at]) - period)]
        rows.append(f"Noa,Deal {at},{stage},{money[at]:.0f},{days[0]},{days[1]}")
    will = still & wins
    return World("\n".join(rows), (created + took - period)[will], money[will].round())


def seen(world: World, days: int | None) -> Forecast:
    """What the program says of the export."""
    found = import_table(world.text.encode(), "report.csv", ImportOptions(stages=STAGES))
    assert isinstance(found, Imported), found
    said = forecast(found.funnels[0], draws=DRAWS, horizon=None if days is None else Horizon(days))
    assert isinstance(said, Forecast), said
    return said


def open_deals(runs: int, seed: int) -> Iterator[Finding]:
    """Losses show three times sooner, as soon, or three times later than sales: the 80% ranges and what is expected."""
    for (period, cycle), losses, rate in each_once(WORLDS, (1 / 3, 1, 3), (0.15, 0.4)):
        random = numpy.random.default_rng([seed, period, cycle, round(100 * losses), round(100 * rate)])
        found: dict[int | None, list[tuple[bool, bool, float, int]]] = {days: [] for days in HORIZONS}
        for _, days in zip(range(runs // 4 * 4), cycle_through(HORIZONS), strict=False):
            world = simulated(period, cycle, losses, rate, random)
            said = seen(world, days)
            sold = world.money if days is None else world.money[world.sold_in <= days]
            of_sales, of_money = said.sales_low <= len(sold) <= said.sales_high, said.low <= sold.sum() <= said.high
            found[days].append((bool(of_sales), bool(of_money), float(said.expected_sales), len(sold)))
        sold_in_all = sum(sales for each in found.values() for *_, sales in each)
        gaps = [expected - sales for each in found.values() for *_, expected, sales in each]
        case = f"losses x {losses:.2g}, {period}/{cycle}, {rate:.0%}"
        yield mean(f"{case}: expected / sold - 1", [gap * len(gaps) / sold_in_all for gap in gaps], -AWAY, AWAY)
        for days, each in found.items():
            when = "in the end" if days is None else f"{days} days"
            yield share(f"{case}: {when}: sales", sum(held for held, *_ in each), len(each), LOW, HIGH_OF_FEW)
            yield share(f"{case}: {when}: revenue", sum(held for _, held, *_ in each), len(each), LOW, HIGH)
