"""Units that are still open are a factor of their own and no cause; the other factors are of the decided."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.comparison import compare
from funnelcli.analyses.factors import STILL_OPEN
from funnelcli.diagnostics import Problem
from funnelcli.output.views.moved import most
from tests.stats.test_decomposition import compared, funnel_of

if TYPE_CHECKING:
    from funnelcli.analyses.comparison import Comparison
    from funnelcli.analyses.moved import Moved


def pair_of(a: str, b: str) -> Comparison:
    return compared(a, b).comparisons[0]


def effects_of(moved: Moved | None) -> dict[str, float]:
    assert moved is not None
    return {each.factor: each.effect for each in moved.effects}


def test_by_hand() -> None:
    """Of 100 leads 25 are won; later 40 of 100 are open, and 20 of the other 60 are won: a third of the decided.

    25 to 20 sales, L = 5 / ln(5/4) = 22.407: the conversion moved L ln((1/3) / (1/4)) = +6.446, and that 0.6 of the
    leads are decided L ln 0.6 = -11.446; together -5.
    """
    pair = pair_of(
        "stages: {Lead: 100, Won: 25}", "stages: [{name: Lead, count: 100, open: 40}, {name: Won, count: 20}]"
    )
    mean = 5 / math.log(5 / 4)
    wanted = {"entries": 0, "conversion@Won": mean * math.log(4 / 3), STILL_OPEN: mean * math.log(0.6)}
    assert effects_of(pair.sales) == pytest.approx(wanted)
    assert (pair.sales.open_a, pair.sales.open_b) == (0, 40)
    (still, beside) = (note.text for note in most(pair, 0.95, None))
    assert still == (
        "-11.4 of the change of Won is because some are still open, not lost: 40 of 100 in b, 0 of 100 in a."
    )
    assert beside.startswith("Beside that, the largest effect on Won so far: conversion to Won, +6.4. Those still open")


def test_nobody_is_decided_yet() -> None:
    """All of the change is of units that are still open: of the conversion nothing is known."""
    pair = pair_of("stages: {Lead: 50, Won: 20}", "stages: [{name: Lead, count: 50, open: 50}, {name: Won, count: 0}]")
    assert effects_of(pair.sales) == {"entries": 0, "conversion@Won": 0, STILL_OPEN: -20}
    assert len(list(most(pair, 0.95, None))) == 1


ONE_STEP = "stages: [{{name: Lead, count: 2000, open: {}}}, {{name: Won, count: {}}}]"


def test_a_better_step_is_named_where_as_many_are_open() -> None:
    """From 20% to 40% of the decided; where only the later side has open units, these may all be lost in the end."""
    alike = pair_of(ONE_STEP.format(1500, 100), ONE_STEP.format(1500, 200))
    assert (alike.sales.most, effects_of(alike.sales)[STILL_OPEN]) == ("conversion@Won", 0)
    younger = pair_of(ONE_STEP.format(0, 400), ONE_STEP.format(1500, 200))
    assert (younger.sales.change, younger.sales.most, younger.sales.doubt) == (-200, None, "open")
    assert {effect.low for effect in younger.sales.effects} == {None}  # as the difference of the step has no range
    assert younger.stages[1].difference_low is None
    assert effects_of(younger.sales)["conversion@Won"] > 0
    (still, beside) = (note.text for note in most(younger, 0.95, None))
    assert still.endswith("because some are still open, not lost: 1,500 of 2,000 in b, 0 of 2,000 in a.")
    assert beside.startswith("Beside that, the largest effect on Won so far: conversion to Won, +")
    assert not younger.stages[1].differs


def written(draw: random.Random, opened: bool) -> str:
    """A funnel of five stages, a branch among them, with money, costs and a budget at random."""
    counts = [draw.choice([0, 3, 40, 1000, draw.randrange(10**5)])]
    for _ in range(3):
        counts.append(draw.randint(0, counts[-1]))
    stages, free = [], []
    for at, (count, after) in enumerate(pairwise([*counts, 0])):
        may_be_open = count - after if at < 3 else 0
        waiting = draw.choice([0, may_be_open, draw.randint(0, may_be_open)]) if opened else 0
        free.append(count - waiting)
        money = f"average_check: {draw.choice([1, 19, 700])}, cost: {draw.choice([1, 4])}"
        stages.append(f"{{name: S{at}, count: {count}, open: {waiting}, {money}}}")
    stages.append(f"{{name: Side, count: {draw.randint(0, free[1])}, from: S1, average_check: 8}}")
    return f"stages: [{', '.join(stages)}]\nbudget: {draw.randrange(10**4)}\n"


@pytest.mark.parametrize("seed", range(40))
def test_effects_add_up_and_turn_round_and_the_conversions_are_those_compared(seed: int) -> None:
    draw = random.Random(seed)
    one, other = written(draw, opened=draw.random() < 0.7), written(draw, opened=True)
    pair, back = pair_of(one, other), pair_of(other, one)
    for moved, turned in ((pair.sales, back.sales), (pair.revenue, back.revenue), (pair.profit, back.profit)):
        effects, reverse = effects_of(moved), effects_of(turned)
        assert moved is not None
        scale = max(1.0, *map(abs, effects.values()), float(abs(moved.a)), float(abs(moved.b)))
        assert math.fsum(effects.values()) == pytest.approx(float(moved.change), abs=1e-9 * scale)
        assert {factor: -effect for factor, effect in reverse.items()} == pytest.approx(effects, abs=1e-9 * scale)
        for each in moved.effects:
            if each.low is not None and each.high is not None:
                assert each.low <= each.effect <= each.high
    sales, rates = pair.sales, (pair.overall_conversion_a, pair.overall_conversion_b)
    if sales.a and sales.b and rates[0] and rates[1]:  # the conversions together are the overall one, as it is tested
        mean = float(sales.a) if sales.a == sales.b else float(sales.change) / math.log(sales.b / sales.a)
        together = math.fsum(effect for factor, effect in effects_of(sales).items() if factor.startswith("conversion@"))
        wanted = mean * math.log(rates[1] / rates[0])
        assert together == pytest.approx(wanted, abs=1e-8 * max(1.0, float(sales.a), float(sales.b)))


@pytest.mark.parametrize("seed", range(10))
def test_where_nothing_is_open_nothing_is_said_of_it(seed: int) -> None:
    none_open = [written(random.Random(each), opened=False) for each in (seed, seed + 99)]
    plain = pair_of(*(text.replace("open: 0, ", "") for text in none_open))
    for moved in (plain.sales, plain.revenue, plain.profit):
        assert STILL_OPEN not in effects_of(moved)
        assert moved is not None
        assert (moved.open_a, moved.open_b) == (0, 0)
    assert pair_of(*none_open) == plain


HIDING = """\
stages:
- {name: Lead, count: 100, open: 6, lost_unplaced: 40}
- {name: Offer, count: 50, open: 10}
- {name: Won, count: 30, role: customer}
"""
PLACED = """\
stages:
- {name: Lead, count: 100, open: 20}
- {name: Offer, count: 50, open: 20}
- {name: Won, count: 20, role: customer}
"""


@pytest.mark.parametrize(("one", "other"), [(HIDING, PLACED), (PLACED, HIDING), (HIDING, HIDING.replace("30", "24"))])
def test_where_a_side_hides_its_steps_the_overall_conversion_is_one_thing(one: str, other: str) -> None:
    """30 of 84 decided, and 20 of 60: what is compared, and what is said to have moved sales."""
    report = compared(one, other)
    (pair,) = report.comparisons
    rates = pair.overall_conversion_a, pair.overall_conversion_b
    assert tuple(side.overall_conversion for side in report.sides) == rates
    assert rates[0] == pytest.approx(30 / 84 if one == HIDING else 20 / 60)
    assert rates[1] is not None
    assert pair.overall.conversion == rates[1]
    assert rates[0] is not None
    assert pair.overall.difference == rates[1] - rates[0]
    effect = effects_of(pair.sales)["overall_conversion"]
    assert (effect > 0) is (rates[1] > rates[0])


def test_one_of_several_that_hides_its_steps_makes_them_one_for_all() -> None:
    report = compare([funnel_of(text) for text in (PLACED, PLACED.replace("count: 50", "count: 45"), HIDING)], "abc")
    assert not isinstance(report, Problem)
    assert [float(side.overall_conversion or 0) for side in report.sides] == pytest.approx([1 / 3, 1 / 3, 30 / 84])
    assert report.comparisons[0].overall.difference == 0
