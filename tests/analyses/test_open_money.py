"""The money of open units is one figure: what has come and what they are forecast to bring is that of the end."""

from __future__ import annotations

import random
from fractions import Fraction as F
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.chances import Aim, Start, chance_of
from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.earning import Earning
from funnelcli.analyses.economics import revenue
from funnelcli.analyses.forecast import Forecast, forecast
from funnelcli.analyses.open_money import check_in_the_end, with_open_money
from funnelcli.analyses.simulation import Simulation, simulate
from funnelcli.analyses.unit_economics import Economics, unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check, parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.what_if import Scenario

if TYPE_CHECKING:
    from funnelcli.model import Funnel

DEALS = """\
average_check: {mean: 1000, sd: 500}
stages:
  - {name: Lead, count: 43000, open: 6000}
  - {name: Demo, count: 21000, open: AMOUNTS}
  - {name: Won, count: 8000}
breakdowns:
  owner:
    Ann: {counts: [21500, 10500, 4000], open: [3000, 1000, 0]}
    Bob: {counts: [21500, 10500, 4000], open: [3000, 1000, 0]}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "deals.yaml")
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def deals(amounts: list[int]) -> Funnel:
    return funnel_of(DEALS.replace("AMOUNTS", str(amounts * (2000 // len(amounts)))))


def changed(funnel: Funnel, text: str) -> Scenario:
    change = parse_set(f"average_check={text}", funnel)
    assert not isinstance(change, Problem)
    return Scenario("Other", (change,))


def coming(funnel: Funnel, dimension: str | None = None) -> Forecast:
    found = forecast(funnel, dimension, draws=200)
    assert isinstance(found, Forecast)
    return found


@pytest.mark.parametrize("amounts", [[5000], [100], [200, 9000], [0]])
def test_now_and_what_is_forecast_add_up_to_the_end_in_every_report(amounts: list[int]) -> None:
    """6,000 leads of which 21 / 37 and 8 / 19 come, and 2,000 demos of which 8 / 19 do, at their own amounts."""
    funnel = deals(amounts)
    lead, demo = 6000 * F(21, 37) * F(8, 19), 2000 * F(8, 19)
    brings = lead * 1000 + demo * F(sum(amounts), len(amounts))
    assert coming(funnel).expected_revenue == brings
    ended = float(8_000_000 + brings)
    low, high = Earning(funnel).range_of("revenue") or (0.0, 0.0)
    assert low < ended < high < 1.05 * low
    table, money = convert(funnel), unit_economics(funnel)
    assert isinstance(money, Economics)
    assert (table.revenue_low, table.revenue_high) == (money.revenue_low, money.revenue_high) == (low, high)
    assert money.revenue == table.revenue == 8_000_000
    for next_period in (True, False):
        drawn = simulate(funnel, draws=200, next_period=next_period)
        assert isinstance(drawn, Simulation)
        assert drawn.metrics["revenue"].measured == 8_000_000
        assert drawn.metrics["revenue"].mean == pytest.approx(ended, rel=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_the_check_in_the_end_is_that_of_all_sales(seed: int) -> None:
    """Whatever the stages, with amounts at some of them, and chances to close that are stated at some."""
    luck = random.Random(seed)
    counts, stages = [luck.randrange(300, 500)], []
    for _ in range(luck.randrange(1, 4)):
        counts.append(luck.randrange(counts[-1] // 4, counts[-1] // 2))
    for at, count in enumerate(counts[:-1]):
        here = luck.randrange(1, (count - counts[at + 1]) // 2)
        amounts = luck.random() < 0.6
        stated = f", close_chance: {luck.randrange(5, 60)}%" if luck.random() < 0.3 else ""
        waiting = [luck.randrange(0, 9000) for _ in range(here)] if amounts else here
        stages.append(f"  - {{name: S{at}, count: {count}, open: {waiting}{stated}}}")
    stages.append(f"  - {{name: Won, count: {counts[-1]}}}")
    funnel = funnel_of("average_check: 2500\nstages:\n" + "\n".join(stages) + "\n")
    said, ended = coming(funnel), with_open_money(funnel)
    now = revenue(funnel)
    assert now is not None
    sales = funnel.stages[-1].count + said.expected_sales
    assert sales * (ended.stages[-1].average_order_value or 0) == now + (said.expected_revenue or 0)


def test_the_deviation_is_that_of_all_sales_together() -> None:
    """8,000 of 1,000 and sd 500 with what comes of the leads, and of 2,000 demos 842 of 5,000 each."""
    plain, others = 8000 + 6000 * F(21, 37) * F(8, 19), 2000 * F(8, 19)
    mean = (plain * 1000 + others * 5000) / (plain + others)
    squares = (plain * (1000**2 + 500**2) + others * 5000**2) / (plain + others)
    sale = with_open_money(deals([5000])).stages[-1]
    assert sale.average_check == mean
    assert float(sale.average_check_sd or 0) == pytest.approx(float(squares - mean**2) ** 0.5)


def test_amounts_like_those_sold_change_nothing() -> None:
    funnel = deals([1000])
    assert check_in_the_end(funnel) is None
    assert not any("their own amounts" in each for each in Earning(funnel).assumptions())


def test_it_is_said_wherever_it_counts() -> None:
    funnel = deals([5000])
    drawn, money = simulate(funnel, draws=200), unit_economics(funnel)
    assert isinstance(drawn, Simulation)
    assert isinstance(money, Economics)
    assert any("their own amounts" in each for each in drawn.assumptions)
    assert convert(funnel).average_check_eventual == check_in_the_end(funnel)


def test_the_end_is_told_also_where_the_spread_of_the_check_is_not_known() -> None:
    """One sale tells no spread: the amounts of the open units are known even so."""
    funnel = funnel_of(DEALS.replace("{mean: 1000, sd: 500}", "1000").replace("AMOUNTS", str([3000] * 2000)))
    table, money = convert(funnel), unit_economics(funnel)
    assert isinstance(money, Economics)
    assert table.average_check_eventual == check_in_the_end(funnel) is not None
    assert None not in (table.revenue_low, table.revenue_high)
    assert (table.revenue_low, table.revenue_high) == (money.revenue_low, money.revenue_high)


def test_a_change_of_the_check_is_of_the_one_in_the_end() -> None:
    funnel = deals([5000])
    plain = simulate(funnel, draws=200)
    dearer, fixed = (simulate(funnel, changed(funnel, text), draws=200) for text in ("+10%", "1000"))
    assert isinstance(plain, Simulation)
    assert isinstance(dearer, Simulation)
    assert isinstance(fixed, Simulation)
    means = [each.metrics["revenue"].mean / each.metrics["sales"].mean for each in (plain, dearer, fixed)]
    assert means[1] == pytest.approx(1.1 * means[0])
    assert means[2] == pytest.approx(1000)


def test_a_segment_has_the_money_that_its_row_has() -> None:
    """Its open units are some of those whose amounts are known."""
    funnel = deals([200, 9000])
    ann = choose(funnel, [("owner", "Ann")])
    assert not isinstance(ann, Problem)
    alone = coming(ann)
    row = coming(funnel, "owner").segments[0]
    assert (alone.expected_sales, alone.expected_revenue) == (row.sales, row.weighted)
    assert alone.low < float(row.weighted or 0) < alone.high


def test_a_goal_has_the_chance_that_is_drawn_of_it() -> None:
    """At the counts as they are the goal is as likely as in a simulation, whose money is that of the end."""
    funnel = deals([5000])
    wanted = check("revenue >= 13650000", funnel.names)
    assert not isinstance(wanted, Problem)
    drawn = simulate(funnel, goal=wanted)
    assert isinstance(drawn, Simulation)
    assert drawn.goal is not None
    chance = chance_of(Start(funnel), (), Aim(wanted.selector, ">=", 13650000))
    assert 0.2 < drawn.goal.chance < 0.8
    assert chance == pytest.approx(drawn.goal.chance, abs=0.02)
