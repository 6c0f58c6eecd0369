"""Units that were lost at no known stage: no step is judged by them, and the whole is of the decided."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest
from scipy.stats import beta

from funnelcli.analyses.conversion import convert
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.segments import break_down
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.unit_economics import economics_of
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from funnelcli.model import Funnel

OWNERS = """\
stages:
  - {name: New, count: 51, open: 1, lost_unplaced: 20, close_chance: 50%}
  - {name: Talks, count: 30, open: 10, days: 5, close_chance: 50%}
  - {name: Won, count: 20, days: 5, role: customer}
breakdowns:
  owner:
    Ann: {counts: [21, 10, 10], open: [1, 0, 0]}
    Bob: {counts: [30, 20, 10], open: [0, 10, 0]}
"""


def test_owners_who_won_the_same_share_of_the_decided_are_alike_however_many_are_open() -> None:
    """Both won 10 of 20; by the steps Bob, whose ten are open in talks, would have won 10 of 15 and 10 of 10."""
    (funnel,) = read(OWNERS.encode(), "deals.yaml").funnels
    assert funnel.overall_conversion_decided(2) == Fraction(1, 2)
    assert [funnel.conversion_decided(index) for index in range(3)] == [None] * 3
    report = break_down(funnel, "owner")
    assert not isinstance(report, Problem)
    assert [row.overall_conversion_decided for row in report.segments] == [Fraction(1, 2)] * 2
    assert report.lost_unplaced == 20
    assert convert(funnel).lost_unplaced == 20


def test_open_units_bring_what_is_stated() -> None:
    (funnel,) = read(OWNERS.encode(), "deals.yaml").funnels
    found = forecast(funnel)
    assert not isinstance(found, Problem)
    assert found.expected_sales == Fraction(11, 2)


def in_the_end(text: str, draws: int = 200_000) -> tuple[Funnel, numpy.ndarray]:
    """A funnel of a file, and draws of its rate from the entries to the sales once the open units are decided."""
    (funnel,) = read(text.encode(), "deals.yaml").funnels
    random = numpy.random.default_rng(7)
    came = numpy.full(draws, funnel.stages[-1].count)
    luck = random.random(draws)
    for stage in funnel.stages:
        if stage.open and stage.close_chance is not None:
            chance: float | numpy.ndarray = float(stage.close_chance)
            if stage.close_chance_sd:
                size = float(stage.close_chance * (1 - stage.close_chance) / stage.close_chance_sd**2) - 1
                chance = beta.ppf(luck, float(stage.close_chance) * size, float(1 - stage.close_chance) * size)
            came = came + random.binomial(stage.open, chance, draws)
    return funnel, random.beta(1 + came, 1 + funnel.stages[0].count - came)


SAME = "close_chance: {mean: 6%, sd: 2%}"


@pytest.mark.parametrize("chance", [SAME, "close_chance: 6%", "close_chance: {mean: 40%, sd: 9%}"])
def test_ranges_in_the_end_have_the_chance_that_is_stated(chance: str) -> None:
    """36% of the decided were won, and of the open, which are old, 6% will be: by simulation of both."""
    text = (
        "average_check: 1000\n"
        f"stages:\n- {{name: New, count: 250, lost_unplaced: 96, open: 40, {chance}}}\n"
        f"- {{name: Talks, count: 120, open: 60, {chance}}}\n- {{name: Won, count: 54, role: customer}}\n"
    )
    funnel, rates = in_the_end(text)
    told = economics_of(funnel)
    low, high = numpy.quantile(rates, [0.1, 0.9]) * 250_000
    assert (told.revenue_low, told.revenue_high) == pytest.approx((low, high), rel=0.01)
    next_period = simulate(funnel)
    assert not isinstance(next_period, Problem)
    assert next_period.metrics["sales"].mean == pytest.approx(rates.mean() * 250, rel=0.002)
    expected = forecast(funnel)
    assert not isinstance(expected, Problem)
    assert next_period.steps[0].measured == pytest.approx((54 + expected.expected_sales) / 250)


def test_steps_that_are_known_lead_to_what_is_stated_as_well() -> None:
    """Shares of the entries that are sales in the end: 54 won, 40 open at 6% and 60 open at 20%, of 250."""
    text = (
        "stages:\n- {name: New, count: 250, open: 40, close_chance: 6%}\n"
        "- {name: Talks, count: 120, open: 60, close_chance: 20%}\n- {name: Won, count: 54, role: customer}\n"
    )
    funnel, _ = in_the_end(text)
    told = simulate(funnel)
    assert not isinstance(told, Problem)
    product = Fraction(told.steps[0].measured or 0) * Fraction(told.steps[1].measured or 0)
    assert product == (54 + Fraction(6 * 40 + 20 * 60, 100)) / 250


def test_owners_alike_are_marked_by_chance_alone() -> None:
    """Deals of two owners with one chance to win; one of them has far more open in talks. Simulated 400 times."""
    chance, marked = random.Random(5), 0
    for _ in range(400):
        rows = []
        for waiting in (5, 60):
            won = sum(chance.random() < 0.3 for _ in range(80))
            rows.append(f"{{counts: [{80 + waiting}, {won + waiting}, {won}], open: [0, {waiting}, 0]}}")
        text = (
            "stages: [{name: New, lost_unplaced: 1}, {name: Talks}, {name: Won, role: customer}]\n"
            f"breakdowns: {{owner: {{A: {rows[0]}, B: {rows[1]}}}}}\n"
        )
        (funnel,) = read(text.encode(), "deals.yaml").funnels
        report = break_down(funnel, "owner")
        assert not isinstance(report, Problem)
        tests = [row.overall.p_value_holm for row in report.segments]
        marked += any(found is not None and found < 0.05 for found in tests)
    assert marked <= 400 * 0.075  # 5% and two standard errors


@pytest.mark.parametrize(
    ("stages", "line"),
    [
        ("  - {name: A, count: 50, lost_unplaced: 51}\n  - {name: B, count: 20}\n  - {name: C, count: 10}\n", 2),
        ("  - {name: A, count: 50}\n  - {name: B, count: 20, lost_unplaced: 5}\n  - {name: C, count: 10}\n", 3),
    ],
)
def test_no_more_are_lost_than_there_can_be_and_they_are_of_the_first_stage(stages: str, line: int) -> None:
    (found,) = read(f"stages:\n{stages}".encode(), "deals.yaml").diagnostics
    assert (found.problem.code, found.location.line) == ("FN125" if line == 2 else "FN108", line)
