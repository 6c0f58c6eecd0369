"""What moved it: profits split by hand, ranges against draws of the true rates, and when the largest is called so."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest

from funnelcli.analyses.comparison import Comparison, compare
from funnelcli.diagnostics import Problem
from tests.stats.test_decomposition import compared, funnel_of

if TYPE_CHECKING:
    from funnelcli.analyses.moved import Moved


def pair_of(a: str, b: str) -> Comparison:
    (pair,) = compared(a, b).comparisons
    return pair


def profit_of(a: str, b: str) -> Moved:
    moved = pair_of(a, b).profit
    assert moved is not None
    return moved


def test_a_profit_by_hand() -> None:
    """100 sales at 50 with 60% less 1,500, then 140 with 50% less 1,700: 1,500 to 1,800.

    Gross profit 3,000 to 3,500, L = 500 / ln(7/6) = 3243.58: the conversion moved L ln 1.4 = 1091.37, the margin
    L ln(5/6) = -591.37, and the budget -200.
    """
    text = "average_check: 50\ngross_margin: {}%\nbudget: {}\nstages: {{Visits: 1000, Sales: {}}}"
    moved = profit_of(text.format(60, 1500, 100), text.format(50, 1700, 140))
    assert (moved.a, moved.b, moved.change) == (1500, 1800, 300)
    assert {each.factor: each.effect for each in moved.effects} == pytest.approx(
        {"entries": 0, "conversion@Sales": 1091.37, "average_check": 0, "gross_margin": -591.37, "budget": -200},
        abs=0.01,
    )


def test_a_loss_is_split_term_by_term() -> None:
    """10 sales at 10 that cost 15 each, then 20: -50 to -100; income moved +100, cost -150, both by the conversion."""
    text = "average_check: 10\nstages: [{{name: Visits, count: 100}}, {{name: Sales, count: {}, cost: {}}}]"
    moved = profit_of(text.format(10, 15), text.format(20, 15))
    assert (moved.a, moved.b) == (-50, -100)
    assert {each.factor: each.effect for each in moved.effects if each.effect} == pytest.approx(
        {"conversion@Sales": -50}
    )
    dearer = profit_of(text.format(10, 15), text.format(10, 18))
    assert {each.factor: each.effect for each in dearer.effects if each.effect} == pytest.approx({"cost@Sales": -30})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("budget: 5\n", ""),
        ("gross_margin: 50%\nbudget: 5\n", "budget: 5\n"),
        ("budget: 5\n", "stages: [{name: A, count: 9, cost: 1}, {name: B, count: 1}]\nbudget: 5\n"),
        ("", ""),
    ],
)
def test_no_profit_where_one_side_does_not_state_what_the_other_does(before: str, after: str) -> None:
    texts = [
        f"average_check: 10\n{text}{'' if 'stages' in text else 'stages: {A: 9, B: 1}'}\n" for text in (before, after)
    ]
    assert pair_of(*texts).profit is None


def test_effects_on_profit_add_up_for_random_funnels() -> None:
    """Several stages with money and costs, empty ones among them."""
    draw = random.Random(7)
    for _ in range(60):
        texts = []
        for _ in range(2):
            counts = sorted((draw.choice([0, 1, 40, 1000, draw.randrange(10**6)]) for _ in range(4)), reverse=True)
            checks, costs = ([draw.choice([0, 1, 19, 700]) for _ in counts] for _ in range(2))
            stages = ", ".join(
                f"{{name: S{at}, count: {count}, average_check: {check}, cost: {cost}}}"
                for at, (count, check, cost) in enumerate(zip(counts, checks, costs, strict=True))
            )
            margin = draw.choice([0, 7, 60, 100])
            texts.append(f"stages: [{stages}]\ngross_margin: {margin}%\nbudget: {draw.randrange(10**5)}\n")
        moved = profit_of(*texts)
        total = math.fsum(each.effect for each in moved.effects)
        scale = max(abs(float(moved.a)), abs(float(moved.b)), *(abs(each.effect) for each in moved.effects), 1.0)
        assert abs(total - float(moved.change)) <= 1e-9 * scale
        for each in moved.effects:
            if each.low is not None and each.high is not None:
                assert each.low <= each.effect <= each.high


def test_ranges_agree_with_draws_of_the_true_rates() -> None:
    """Posteriors of all four rates drawn by NumPy, and the effects of each draw by the formula of the page."""
    (pair,) = compared(
        "average_check: 50\nstages: {V: 9000, L: 900, S: 270}", "average_check: 40\nstages: {V: 9900, L: 1100, S: 300}"
    ).comparisons
    generator = numpy.random.default_rng(3)

    def rates(came: int, could: int) -> numpy.ndarray:
        return generator.beta(came + 0.5, could - came + 0.5, 400_000)

    before = (9000.0, rates(900, 9000), rates(270, 900), 50.0)
    after = (9900.0, rates(1100, 9900), rates(300, 1100), 40.0)
    old, new = before[0] * before[1] * before[2] * before[3], after[0] * after[1] * after[2] * after[3]
    mean = (new - old) / numpy.log(new / old)
    assert pair.revenue is not None
    for effect, a, b in zip(pair.revenue.effects, before, after, strict=True):
        low, high = numpy.quantile(mean * numpy.log(b / a), [0.025, 0.975])
        assert effect.low is not None
        assert effect.high is not None
        near = 0.03 * (high - low)
        assert (effect.low, effect.high) == (pytest.approx(low, abs=near), pytest.approx(high, abs=near))


def test_the_spread_of_the_check_is_in_its_range() -> None:
    """100 sales each, of 90 and of 100 with a standard deviation of 40: both means ± 4, so 1.96 x 100 x 5.66."""
    text = "average_check: {{mean: {}, sd: 40}}\nstages: {{V: 100, S: 100}}"
    moved = pair_of(text.format(90), text.format(100)).revenue
    assert moved is not None
    check = moved.effects[-1]
    assert check.low is not None
    assert check.high is not None
    assert (check.effect, check.high - check.low) == (pytest.approx(1000), pytest.approx(2 * 1108, rel=0.02))
    assert not moved.exact_checks
    plain = pair_of(text.format(90).replace("{mean: 90, sd: 40}", "90"), text.format(100)).revenue
    assert plain is not None
    assert plain.exact_checks


def test_nobody_came_and_still_there_is_a_range() -> None:
    """From 0 of 200 to 12 of 200: all of it moved by the step, and the true rate before was no more than 1.9%."""
    moved = pair_of("stages: {V: 200, S: 0}", "stages: {V: 200, S: 12}").sales
    entries, step = moved.effects
    assert (entries.effect, step.effect) == (0, 12)
    assert step.low is not None
    assert step.high is not None
    assert 4 < step.low < 8
    assert 17 < step.high < 22


def test_what_is_undefined_has_no_range() -> None:
    moved = pair_of("stages: {V: 200, L: 0, S: 0}", "stages: {V: 200, L: 20, S: 12}").sales
    entries, first, second = moved.effects
    assert (first.effect, second.effect) == (12, 0)
    assert (second.low, second.high) == (None, None)
    assert first.low is not None
    assert entries.low == 0


@pytest.mark.parametrize("stages", ["{V: 100.5, S: 10}", "[{name: V, count: 100}, {name: S, conversion: 10%}]"])
def test_without_whole_counts_there_are_no_ranges_and_nothing_is_called_largest(stages: str) -> None:
    moved = pair_of(f"stages: {stages}", "stages: {V: 100, S: 40}").sales
    assert {(each.low, each.high) for each in moved.effects} == {(None, None)}
    assert (moved.most, moved.doubt) == (None, "unknown")


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("{V: 9000, L: 900, S: 90}", "{V: 9000, L: 1800, S: 180}", ("conversion@L", None, None)),
        ("{V: 9000, L: 900, S: 90}", "{V: 9000, L: 900, S: 100}", (None, "chance", None)),
        ("{V: 9000, L: 4500, S: 900}", "{V: 9000, L: 5400, S: 1300}", (None, "close", "conversion@L")),
        ("{V: 900, L: 600}", "{V: 1800, L: 1200}", ("entries", None, None)),
        ("{V: 1000, L: 990}", "{V: 1040, L: 1030}", (None, "chance", None)),  # as many more come by chance
        ("{V: 900, L: 600}", "{V: 900, L: 600}", (None, None, None)),
    ],
)
def test_the_largest_effect_is_called_so_where_it_is_told(a: str, b: str, said: tuple[str | None, ...]) -> None:
    moved = pair_of(f"stages: {a}", f"stages: {b}").sales
    assert (moved.most, moved.doubt, moved.rival) == said


def test_what_goes_with_the_change_is_named_where_the_largest_effect_goes_against_it() -> None:
    """More came, and fewer of them went on: the fall is of the steps, however many came."""
    fell = pair_of("stages: {V: 10000, L: 2000, S: 1000}", "stages: {V: 20000, L: 2700, S: 900}").sales
    assert (fell.change < 0, fell.with_change) == (True, ("conversion@S", "conversion@L"))  # ln 0.667, ln 0.675
    rose = pair_of("stages: {V: 20000, L: 2700, S: 900}", "stages: {V: 10000, L: 2000, S: 1000}").sales
    assert (rose.change > 0, rose.with_change) == (True, ("conversion@S", "conversion@L"))  # ln 0.667, ln 0.675
    assert pair_of("stages: {V: 1000, S: 200}", "stages: {V: 1100, S: 199}").sales.with_change == ()
    text = "average_check: 50\ngross_margin: 60%\nbudget: {}\nstages: {{Visits: {}, Sales: {}}}"
    profit = profit_of(text.format(1000, 1000, 100), text.format(3900, 4000, 180))
    assert profit.with_change == ("conversion@Sales", "budget")  # -3,260 and -2,900


@pytest.mark.parametrize(
    ("before", "after", "rate"),
    [(100, 150, Fraction(1, 2)), (100, -50, Fraction(-3, 2)), (-100, 100, None), (-100, -200, None), (0, 5, None)],
)
def test_a_change_in_percent_is_of_what_is_above_0(before: int, after: int, rate: Fraction | None) -> None:
    text = "average_check: 1\ngross_margin: 100%\nbudget: {}\nstages: {{Visits: 10000, Sales: 1000}}"
    assert profit_of(text.format(1000 - before), text.format(1000 - after)).change_rate == rate


def test_many_pairs_ask_for_more() -> None:
    """A step that is named in one pair may be the most extreme of ninety-nine."""
    funnels = [funnel_of("stages: {V: 1000, S: 100}"), funnel_of("stages: {V: 1000, S: 140}")]
    for count, most in ((1, "conversion@S"), (99, None)):
        report = compare([funnels[0], *[funnels[1]] * count], [str(number) for number in range(count + 1)])
        assert not isinstance(report, Problem)
        assert {pair.sales.most for pair in report.comparisons} == {most}


def test_a_funnel_of_very_many_steps_has_no_ranges() -> None:
    stages = ", ".join(f"S{number}: {9000 - number}" for number in range(900))
    moved = pair_of(f"stages: {{{stages}}}", f"stages: {{{stages.replace('S899: 8101', 'S899: 8000')}}}").sales
    assert (moved.effects[1].low, moved.doubt) == (None, "unknown")
    assert moved.change == Fraction(-101)
