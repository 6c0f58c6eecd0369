"""Comparison of funnels: each figure against statsmodels or SciPy, stages that differ, mixes."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from scipy.stats import beta
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from funnelcli.analyses.compared_segments import compare_segments
from funnelcli.analyses.comparison import compare
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, Segment
from funnelcli.stats.intervals import wilson_bounds
from tests.stats.test_decomposition import compared, funnel_of

if TYPE_CHECKING:
    from funnelcli.analyses.mix import Mix

A = "stages: {Visits: 8000, Leads: 320, Sales: 64}"
B = "stages: {Visits: 14000, Leads: 420, Sales: 68}"


def test_rates_differences_and_tests() -> None:
    (pair,) = compared(A, B).comparisons
    leads, sales = pair.stages[1:]
    samples = [((420, 14000), (320, 8000)), ((68, 420), (64, 320))]
    p_values = [proportions_ztest([b[0], a[0]], [b[1], a[1]])[1] for b, a in samples]
    whole = proportions_ztest([68, 64], [14000, 8000])[1]
    corrected = multipletests([*p_values, whole], method="holm")[1][:2]
    for stage, (b, a), p_value, adjusted in zip((leads, sales), samples, p_values, corrected, strict=True):
        low, high = confint_proportions_2indep(*b, *a, method="newcomb", compare="diff")
        assert stage.difference == Fraction(*b) - Fraction(*a)
        assert (stage.difference_low, stage.difference_high) == (
            pytest.approx(low, abs=1e-9),
            pytest.approx(high, abs=1e-9),
        )
        assert stage.p_value == pytest.approx(p_value, rel=1e-9)
        assert stage.p_value_holm == pytest.approx(adjusted, rel=1e-9)
        draws = beta(1 + b[0], 1 + b[1] - b[0]), beta(1 + a[0], 1 + a[1] - a[0])
        spread = (draws[0].var() + draws[1].var()) ** 0.5
        z = (draws[0].mean() - draws[1].mean()) / spread
        from scipy.stats import norm

        assert stage.chance_b_better == pytest.approx(norm.cdf(z), abs=0.005)
    assert pair.stages[0].conversion_a is None
    assert pair.stages[0].count_change_rate == Fraction(3, 4)
    assert (pair.overall_conversion_a, pair.overall_conversion_b) == (Fraction(64, 8000), Fraction(68, 14000))
    assert (pair.sales.a, pair.sales.b, pair.sales.change, pair.sales.change_rate) == (64, 68, 4, Fraction(1, 16))


def test_different_stages_show_both_lists() -> None:
    other = "stages: {Visits: 100, Calls: 50, Sales: 5}"
    problem = compare([funnel_of(A), funnel_of(other)], ["old", "new"])
    assert isinstance(problem, Problem)
    assert '"old" has Visits, Leads, Sales; "new" has Visits, Calls, Sales' in problem.message
    assert "--common" in (problem.help or "")
    (pair,) = compared(A, other, common=True).comparisons
    assert [stage.name for stage in pair.stages] == ["Visits", "Sales"]
    assert (pair.stages[1].conversion_a, pair.stages[1].conversion_b) == (Fraction(64, 8000), Fraction(5, 100))
    assert pair.left_out == ("Leads", "Calls")


def test_nothing_in_common_is_said() -> None:
    problem = compare([funnel_of(A), funnel_of("stages: {X: 9, Sales: 1}")], ["a", "b"], common=True)
    assert isinstance(problem, Problem)


def test_names_are_matched_without_case() -> None:
    (pair,) = compared(A, "stages: {VISITS: 100, leads: 9, Sales: 1}").comparisons
    assert pair.stages[1].conversion_b == Fraction(9, 100)


FEWER_OF_MORE = ("stages: {Visits: 1000, Cart: 200, Purchase: 100}", "stages: {Visits: 1000, Cart: 400, Purchase: 140}")


def test_the_conversion_of_an_entry_judges() -> None:
    """Half as many of twice as many carts: the step falls by 15 points, and of each visit 4 points more buy."""
    (pair,) = compared(*FEWER_OF_MORE).comparisons
    assert (pair.overall.difference, pair.overall.differs) == (Fraction(4, 100), 1)
    low, high = confint_proportions_2indep(140, 1000, 100, 1000, method="newcomb", compare="diff")
    assert (pair.overall.difference_low, pair.overall.difference_high) == pytest.approx((low, high))
    cart, purchase = pair.stages[1:]
    assert (cart.differs, cart.others_got_there) == (1, False)
    assert (purchase.differs, purchase.others_got_there) == (-1, True)
    p_values = [proportions_ztest([b, a], [m, n])[1] for b, m, a, n in BOUGHT]
    corrected = multipletests(p_values, method="holm")[1]
    found = [pair.overall.p_value_holm, cart.p_value_holm, purchase.p_value_holm]
    assert found == pytest.approx(list(corrected), rel=1e-9)
    assert pair.tests == 3


BOUGHT = [(140, 1000, 100, 1000), (400, 1000, 200, 1000), (140, 400, 100, 200)]


def test_a_sale_that_comes_from_the_entry_is_tested_once() -> None:
    (pair,) = compared("stages: {Visits: 1000, Sales: 100}", "stages: {Visits: 1000, Sales: 130}").comparisons
    assert pair.tests == 1
    assert pair.overall.p_value == pair.overall.p_value_holm == pair.stages[1].p_value_holm
    assert pair.overall.p_value == pytest.approx(proportions_ztest([130, 100], [1000, 1000])[1])


def test_open_units_leave_the_denominator() -> None:
    """30 of 100 offers are sold and 40 open: 50% of the decided, as 50 of 100 before, and 5% overall."""
    text = "stages: [{{name: Leads, count: 1000}}, {{name: Offers, count: 100{}}}, {{name: Sales, count: {}}}]"
    (pair,) = compared(text.format("", 50), text.format(", open: 40", 30)).comparisons
    offers, sales = pair.stages[1:]
    assert (sales.conversion_a, sales.conversion_b, sales.difference) == (Fraction(1, 2), Fraction(1, 2), 0)
    assert (sales.p_value, offers.p_value) == (1, 1)
    assert (pair.overall_conversion_a, pair.overall_conversion_b) == (Fraction(1, 20), Fraction(1, 20))
    assert (pair.overall.p_value, pair.overall.difference, pair.tests) == (1, 0, 3)
    # 101/1002 and 1/2: as many as 1903/2004 / (101/2004) / (901 / (101 x 1000) + 31 / (31 x 60))
    size = 1903 / 101 / (901 / 101_000 + 1 / 60)
    assert (pair.overall.low, pair.overall.high) == pytest.approx(wilson_bounds(0.05 * size, size))
    assert (pair.open_at, pair.sales.doubt, pair.sales.most) == (("Offers",), "chance", None)
    (entry,) = compared(
        "stages: {A: 100, B: 20}", "stages: [{name: A, count: 100, open: 60}, {name: B, count: 20}]"
    ).comparisons
    assert entry.stages[1].difference == entry.overall.difference == Fraction(1, 2) - Fraction(1, 5)
    assert (entry.stages[1].p_value, entry.overall.p_value, entry.untold_by_age) == (1, 1, True)  # 60 may all be lost
    assert (entry.overall.chance_b_better, entry.overall.difference_low) == (None, None)
    (alike,) = compared(
        "stages: [{name: A, count: 200, open: 100}, {name: B, count: 20}]",
        "stages: [{name: A, count: 80, open: 40}, {name: B, count: 20}]",
    ).comparisons
    assert alike.stages[1].p_value == alike.overall.p_value == pytest.approx(proportions_ztest([20, 20], [40, 100])[1])


def test_all_pairs_are_corrected_together() -> None:
    """Three funnels of two steps: two pairs of three tests each."""
    third = "stages: {Visits: 1000, Cart: 230, Purchase: 101}"
    report = compare([funnel_of(text) for text in (*FEWER_OF_MORE, third)], ["x", "y", "z"])
    assert not isinstance(report, Problem)
    pairs = [*BOUGHT, (101, 1000, 100, 1000), (230, 1000, 200, 1000), (101, 230, 100, 200)]
    corrected = multipletests([proportions_ztest([b, a], [m, n])[1] for b, m, a, n in pairs], method="holm")[1]
    found = [
        value
        for pair in report.comparisons
        for value in (pair.overall.p_value_holm, *(stage.p_value_holm for stage in pair.stages[1:]))
    ]
    assert found == pytest.approx(list(corrected), rel=1e-9)
    assert {pair.tests for pair in report.comparisons} == {6}


def test_a_pair_that_was_chosen_from_many_is_corrected_for_them() -> None:
    """0.05 / 45 is what one of 45 pairs of ten must stay below."""
    funnels = [funnel_of(f"stages: {{Leads: 100, Offers: {count}}}") for count in (27, 42)]
    report = compare(funnels, ["c", "j"], chosen_of=45)
    assert not isinstance(report, Problem)
    (pair,) = report.comparisons
    assert pair.overall.p_value == pytest.approx(proportions_ztest([42, 27], [100, 100])[1])
    assert (pair.overall.p_value_holm, pair.overall.differs, pair.tests) == (1, 0, 45)


def test_several_funnels_are_each_held_against_the_first() -> None:
    report = compare([funnel_of(A), funnel_of(B), funnel_of(A)], ["x", "y", "z"])
    assert not isinstance(report, Problem)
    assert [(each.a, each.b) for each in report.comparisons] == [("x", "y"), ("x", "z")]
    assert report.comparisons[1].sales.change == 0
    assert [stage.p_value for stage in report.comparisons[1].stages[1:]] == [1, 1]


def test_segments_that_share_units_have_no_mix() -> None:
    """Measured segments of which one unit is in both add up to 101 of 100: no parts of the total."""
    shares = "breakdowns: {channel: {Ads: [61, 30], SEO: [40, 20]}}\nmeasured: {counted_again: {channel: [1, 0]}}"
    apart = "breakdowns: {channel: {Ads: [60, 30], SEO: [40, 20]}}"
    first, second = (f"stages: {{Visits: 100, Sales: 50}}\n{each}" for each in (shares, apart))
    assert compared(first, second).comparisons[0].mix == ()
    assert len(compared(second, second).comparisons[0].mix) == 1


def test_mix_by_every_dimension_of_both() -> None:
    """The shares of the paradox: Ads 90% to 50% of the entries, both rates fall, the total rises."""
    stages = "stages: [{name: V}, {name: S}]\nbreakdowns:\n"
    before = f"{stages}  channel: {{Ads: [900, 90], SEO: [100, 50]}}\n  period: {{a: [1000, 140]}}\n"
    after = f"{stages}  Channel: {{Ads: [500, 45], SEO: [500, 240]}}\n  period: {{b: [1000, 285]}}\n"
    (pair,) = compared(before, after).comparisons
    (mix,) = pair.mix
    assert (mix.dimension, mix.paradox) == ("channel", False)
    assert mix.paradox_chance == pytest.approx(0.64, abs=0.02)  # 50% of 100 and 48% of 500: z = 0.37
    assert (mix.rate_effect, mix.mix_effect) == (pytest.approx(-0.013), pytest.approx(0.158))


def test_segments_that_differ_in_capitals_alone_are_several() -> None:
    stages = "stages: [{name: V}, {name: S}]\nbreakdowns:\n"
    before = f"{stages}  channel: {{Ads: [900, 90], ads: [100, 50]}}\n"
    after = f"{stages}  channel: {{Ads: [500, 45], ads: [500, 240]}}\n"
    mix = mix_of(before, after)
    assert (mix.overall_conversion_a, mix.overall_conversion_b) == (Fraction(140, 1000), Fraction(285, 1000))
    assert mix_of(before, after.replace("Ads", "a").replace("ads", "b")).mix_effect == pytest.approx(0.145)
    one = mix_of(before.replace("ads", "SEO"), after.replace("ads", "seo").replace("Ads", "ADS"))
    assert one.mix_effect == pytest.approx(mix.mix_effect) == pytest.approx(0.158)


STONES = "stages: [{{name: Treated}}, {{name: Cured}}]\nbreakdowns: {{stones: {{{}}}}}"
PUNCTURE = STONES.format("small: [270, 234], large: [80, 55]")
SURGERY = STONES.format("small: [87, 81], large: [263, 192]")


def mix_of(before: str, after: str) -> Mix:
    (pair,) = compared(before, after).comparisons
    (mix,) = pair.mix
    return mix


def larger(text: str, times: int) -> str:
    return re.sub(r"\d+", lambda match: str(int(match[0]) * times), text)


def test_simpsons_paradox_of_kidney_stones() -> None:
    """Charig et al., BMJ 292, 1986: surgery cures more of the small (93% to 87%) and of the large stones (73% to 69%),
    and fewer of all (78% to 83%).

    That it is better for the large ones has a chance of 77% in so few patients, by the normal distribution: 263 and 80
    of them, 0.0425 apart with a standard error of 0.0587. In ten times as many it has more than 99%.
    """
    mix = mix_of(PUNCTURE, SURGERY)
    assert (mix.overall_conversion_a, mix.overall_conversion_b) == (Fraction(289, 350), Fraction(273, 350))
    assert not mix.paradox
    assert mix.paradox_chance == pytest.approx(0.77, abs=0.02)
    assert mix.rate_effect > 0 > mix.mix_effect
    assert mix_of(larger(PUNCTURE, 10), larger(SURGERY, 10)).paradox
    assert mix_of(larger(SURGERY, 10), larger(PUNCTURE, 10)).paradox  # the other way round: both fall, the total rises


def test_shares_have_no_paradox() -> None:
    """Counts that are not whole have no chances, and one segment of both is not every one."""
    mix = mix_of(larger(PUNCTURE, 10).replace("234", "234.5"), larger(SURGERY, 10))
    assert (mix.paradox, mix.paradox_chance) == (False, None)
    alone = mix_of(
        "stages: [{name: V}, {name: S}]\nbreakdowns: {channel: {Ads: [9000, 900], SEO: [1000, 500]}}",
        "stages: [{name: V}, {name: S}]\nbreakdowns: {channel: {Ads: [5000, 400], Mail: [5000, 2500]}}",
    )
    assert (alone.paradox, alone.paradox_chance) == (False, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ads: [900, 90], SEO: [100, 50]", "Ads: [900, 81], SEO: [100, 48]"),  # all fall, and so does the total
        ("Ads: [900, 81], SEO: [100, 48]", "Ads: [900, 90], SEO: [100, 50]"),  # all rise, and so does the total
        ("Ads: [900, 90], SEO: [100, 50]", "Ads: [500, 45], SEO: [500, 260]"),  # one falls, one rises: up
        ("Ads: [500, 45], SEO: [500, 260]", "Ads: [900, 90], SEO: [100, 50]"),  # one rises, one falls: down
        ("Ads: [900, 90], SEO: [100, 50]", "Ads: [500, 50], SEO: [500, 240]"),  # one stays: up
        ("Ads: [100, 10], SEO: [100, 50]", "Ads: [600, 54], SEO: [700, 336]"),  # all fall, 30% stays 30%
        ("Ads: [600, 54], SEO: [700, 336]", "Ads: [100, 10], SEO: [100, 50]"),  # all rise, 30% stays 30%
        ("Ads: [100, 10]", "SEO: [100, 50]"),  # nothing to hold against each other
    ],
)
def test_no_paradox_where_the_total_goes_with_the_segments(before: str, after: str) -> None:
    stages = "stages: [{name: V}, {name: S}]\nbreakdowns: "
    assert not mix_of(f"{stages}{{channel: {{{before}}}}}", f"{stages}{{channel: {{{after}}}}}").paradox


def test_shares_and_weights_have_no_tests() -> None:
    (pair,) = compared("stages: {A: 10.5, B: 5}", "stages: {A: 20, B: 5}").comparisons
    assert (pair.stages[1].p_value, pair.stages[1].chance_b_better) == (None, None)
    assert pair.stages[1].difference == Fraction(1, 4) - Fraction(10, 21)


def test_stages_in_another_order_are_not_the_same() -> None:
    """Also with --common: what is compared must come from the same stage."""
    a = funnel_of("stages: {Visits: 1000, Trial: 500, Demo: 100, Paid: 50}")
    b = funnel_of("stages: {Visits: 1000, Demo: 500, Trial: 100, Paid: 60}")
    for common in (False, True):
        assert isinstance(compare([a, b], ["a", "b"], common=common), Problem)
    branch = funnel_of(
        "stages: [{name: Visits, count: 1000}, {name: Trial, count: 500}, {name: Demo, count: 100, from: Visits}, "
        "{name: Paid, count: 60, from: Trial}]"
    )
    for common in (False, True):
        assert isinstance(compare([a, branch], ["a", "b"], common=common), Problem)


def test_segments_are_matched_without_case() -> None:
    stages = "stages: [{name: V}, {name: S}]\nbreakdowns:\n"
    (pair,) = compared(
        f"{stages}  channel: {{ads: [500, 50], SEO: [500, 100]}}\n",
        f"{stages}  channel: {{Ads: [250, 25], seo: [750, 150]}}\n",
    ).comparisons
    assert pair.mix[0].rate_effect == 0
    assert pair.mix[0].mix_effect == pytest.approx(175 / 1000 - 150 / 1000)


def test_effects_of_huge_counts_add_up_to_a_small_change() -> None:
    """Exact numbers are subtracted before they become floats."""
    for size in (10**12, 10**15, 10**17):
        (pair,) = compared(
            f"average_check: 1\nstages: {{A: {size}, B: {size // 3}}}",
            f"average_check: 1\nstages: {{A: {size + 5}, B: {size // 3 + 7}}}",
        ).comparisons
        assert pair.revenue is not None
        assert sum(each.effect for each in pair.revenue.effects) == pytest.approx(7, rel=1e-9)


def effects_of(a: str, b: str) -> dict[tuple[str, str | None], float]:
    moved = compared(a, b).comparisons[0].revenue
    assert moved is not None
    assert sum(each.effect for each in moved.effects) == pytest.approx(float(moved.change), rel=1e-12)
    return {(each.factor, each.from_): each.effect for each in moved.effects}


def test_an_empty_entry_on_one_side_is_one_factor_with_the_step_below_it() -> None:
    """500/50/5 at 100 against 0/47/4 at 110: -60 = 500 -> 440.

    By hand, L = -60 / ln(440/500) = 469.36: 47/50 moves it by L ln(0.94) = -29.04, (4/47)/(5/50) by L ln(0.85106) =
    -75.69, 110/100 by L ln(1.1) = +44.73.
    """
    before = "stages: {V: 500, A: 50, B: 5}\naverage_check: 100\n"
    after = (
        "average_check: 110\n"
        "stages: [{name: V, count: 0}, {name: A, count: 47, allow_growth: true}, {name: B, count: 4}]"
    )
    assert effects_of(before, after) == pytest.approx(
        {("count@A", None): -29.042, ("conversion@B", None): -75.693, ("average_check", None): 44.734}, abs=1e-3
    )


def test_conversions_around_an_empty_stage_are_one_factor() -> None:
    """70 of 2,000 against 105 of 2,400 at 40: L = 1400 / ln 1.5 = 3452.83; L ln 1.2 = 629.52, L ln 1.25 = 770.48."""
    text = (
        "average_check: 40\n"
        "stages: [{{name: V, count: {}}}, {{name: C, count: {}}}, {{name: O, count: {}, allow_growth: true}}]"
    )
    before, after = text.format(2000, 0, 70), text.format(2400, 0, 105)
    expected = {("entries", None): 629.524, ("conversion@O", "V"): 770.476, ("average_check", None): 0}
    assert effects_of(before, after) == pytest.approx(expected, abs=1e-3)
    one_side = effects_of(text.format(2000, 500, 70), after)
    assert one_side == pytest.approx(expected, abs=1e-3)


SHOP = "name: Shop\nstages: {Visits: 100, Sales: 10}\n"


def test_what_cannot_be_compared_says_why_and_what_can_be_done() -> None:
    """Two stages in common can be compared, one cannot; the same names in another tree are said with their routes."""
    chain = funnel_of("stages: {Visits: 1000, Demo: 500, Trial: 100, Paid: 60}")
    tree = "[{name: Visits, count: 9}, {name: Demo, count: 5}, {name: Trial, count: 3, from: Visits}]"
    for other, message, cure in (
        (
            "{Visits: 9, Calls: 5, Paid: 1}",
            "have different stages",
            "--common compares the stages that all of them have",
        ),
        ("{Leads: 9, Calls: 5, Paid: 1}", "have different stages", "compare funnels of the same stages"),
    ):
        problem = compare([chain, funnel_of(f"stages: {other}")], ["before", "now"])
        assert isinstance(problem, Problem)
        assert (problem.code, problem.help) == ("FN112", cure)
        assert message in problem.message
    branches = compare([funnel_of("stages: {Visits: 9, Demo: 5, Trial: 3}"), funnel_of(f"stages: {tree}")], ["a", "b"])
    assert isinstance(branches, Problem)
    assert '"b" has Demo from Visits, Trial from Visits' in branches.message
    assert branches.help == "give them one order, and the same from"
    few = compare([chain, funnel_of("stages: {Leads: 9, Calls: 5, Paid: 1}")], ["before", "now"], common=True)
    assert isinstance(few, Problem)
    assert few.message == "fewer than two stages are common to all funnels"


def test_common_stages_come_from_the_nearest_one_that_is_kept() -> None:
    """Without Leads, Sales comes from Visits and Calls too: 8 of 100 and 12 of 200; segments keep their counts."""
    before = (
        "stages: [{name: Visits}, {name: Leads}, {name: Sales}, {name: Calls, from: Leads}]\n"
        "breakdowns: {channel: {Ads: [60, 30, 6, 3], SEO: [40, 20, 2, 1]}}\n"
    )
    after = (
        "stages: [{name: Visits}, {name: Sales}, {name: Calls, from: Visits}]\n"
        "breakdowns: {channel: {Ads: [120, 12, 9], SEO: [80, 0, 1]}}\n"
    )
    (pair,) = compared(before, after, common=True).comparisons
    assert [(each.name, each.conversion_a, each.conversion_b) for each in pair.stages] == [
        ("Visits", None, None),
        ("Sales", Fraction(8, 100), Fraction(12, 200)),
        ("Calls", Fraction(4, 100), Fraction(10, 200)),
    ]
    assert pair.left_out == ("Leads",)
    (mix,) = pair.mix
    assert (mix.overall_conversion_a, mix.overall_conversion_b) == (Fraction(4, 100), Fraction(10, 200))


def test_a_profit_stands_only_beside_budgets() -> None:
    """Revenue 100 x 50% less 20; a funnel that states no budget has spent who knows what."""
    text = f"{SHOP}average_check: 10\ngross_margin: 50%\n"
    both = compared(f"{text}budget: 20\n", f"{text}budget: 30\n")
    assert [side.profit for side in both.sides] == [30, 20]
    assert [side.profit for side in compared(f"{text}budget: 20\n", text).sides] == [30, None]
    assert [side.profit for side in compared(text, text).sides] == [None, None]
    assert [side.revenue for side in both.sides] == [100, 100]
    assert [side.overall_conversion for side in both.sides] == [Fraction(1, 10)] * 2


def test_what_is_common_to_the_funnels_is_said_of_all_of_them() -> None:
    one = funnel_of(f"{SHOP}currency: EUR\n")._replace(file="a.yaml")
    for others, file, name, currency, currencies in (
        ([one], "a.yaml", "x / y", "EUR", ("EUR",)),
        ([one._replace(file="b.yaml")], None, "x / y", "EUR", ("EUR",)),
        ([one._replace(currency=None)], "a.yaml", "x / y", "EUR", ("EUR",)),
        ([one._replace(currency="USD")], "a.yaml", "x / y", None, ("EUR", "USD")),
        ([one, one], "a.yaml", "3 funnels", "EUR", ("EUR",)),
    ):
        report = compare([one, *others], ["x", "y", "z"][: 1 + len(others)])
        assert not isinstance(report, Problem)
        assert (report.file, report.name) == (file, name)
        assert (report.currency, report.currencies) == (currency, currencies)
        assert (report.sale_stage, report.stages, report.not_mature) == ("Sales", ("Visits", "Sales"), ())


def test_periods_that_may_still_grow_are_named() -> None:
    first = funnel_of(f"{SHOP}measured: {{not_mature: [Oct]}}\n")
    assert first.measured is not None
    report = compare([first._replace(name="Sep"), first._replace(name="Oct")], ["September", "October"])
    assert not isinstance(report, Problem)
    assert report.not_mature == ("October",)


def test_a_step_beside_the_way_to_the_sale_moved_nothing() -> None:
    """Calls are beside Sales, and Refunds come after it: they are listed where they stand, with an effect of 0."""
    text = (
        "stages: [{{name: Visits, count: 100}}, {{name: Calls, count: {}}}, "
        "{{name: Sales, count: {}, from: Visits, role: customer}}, {{name: Refunds, count: {}}}]\n"
    )
    (pair,) = compared(text.format(50, 10, 5), text.format(80, 20, 1)).comparisons
    assert [(each.factor, each.effect) for each in pair.sales.effects] == [
        ("entries", 0),
        ("conversion@Calls", 0),
        ("conversion@Sales", 10),
        ("conversion@Refunds", 0),
    ]
    (empty,) = compared(text.format(50, 10, 5), text.format(0, 20, 0)).comparisons
    assert [each.factor for each in empty.sales.effects] == ["entries", "conversion@Sales"]


def test_money_of_several_stages_is_moved_by_the_check_of_each() -> None:
    """10 x 5 + 4 x 20 = 130 and 10 x 6 + 4 x 30 = 180: the checks moved 10 and 40, nothing else moved."""
    text = (
        "stages: [{{name: Visits, count: 100}}, {{name: Trial, count: 10, average_check: {}}}, "
        "{{name: Paid, count: 4, average_check: {}}}]\n"
    )
    effects = effects_of(text.format(5, 20), text.format(6, 30))
    assert {factor: value for (factor, _), value in effects.items()} == pytest.approx(
        {
            "entries": 0,
            "conversion@Trial": 0,
            "conversion@Paid": 0,
            "average_check@Trial": 10,
            "average_check@Paid": 40,
        },
        abs=1e-9,
    )


def test_money_that_is_new_at_a_stage_came_with_its_check() -> None:
    """A check of 20 for the 4 that paid without one before: 50 to 130."""
    text = (
        "stages: [{{name: Visits, count: 100}}, {{name: Trial, count: 10, average_check: 5}}, "
        "{{name: Paid, count: 4{}}}]\n"
    )
    (pair,) = compared(text.format(""), text.format(", average_check: 20")).comparisons
    assert pair.revenue is not None
    moved = {each.factor: each.effect for each in pair.revenue.effects if each.effect}
    assert moved == {"average_check@Paid": 80}
    assert (pair.sales.a, pair.sales.b) == (10, 10)  # the sale stays the stage that it is in the first funnel


def test_time_and_a_dimension_of_one_side_have_no_mix() -> None:
    stages = "stages: [{name: V}, {name: S}]\nbreakdowns:\n"
    one = f"{stages}  channel: {{Ads: [60, 30], SEO: [40, 20]}}\n  shop: {{Red: [100, 50]}}\n"
    other = f"{stages}  manager: {{Ann: [100, 50]}}\n  SHOP: {{Blue: [100, 50]}}\n"
    (pair,) = compared(one, other).comparisons
    assert [mix.dimension for mix in pair.mix] == ["shop"]
    assert (pair.mix[0].rate_effect, pair.mix[0].mix_effect) == (0, 0)


def test_what_is_certain_itself_moves_money_one_way() -> None:
    """Entries rose from 120 to 175: whatever a sale brings, here 3,200 ± 6,500 of nine, that brought more, not less."""
    sides = [
        Funnel(
            "a",
            (
                Stage("Leads", None, leads),
                Stage("Sales", 0, sales, average_check=check, average_check_sd=6500),
            ),
        )
        for leads, sales, check in ((120, 11, 3200), (175, 9, 3300))
    ]
    report = compare(sides, ["a", "b"])
    assert not isinstance(report, Problem)
    assert report.comparisons[0].revenue is not None
    entries, _, check = report.comparisons[0].revenue.effects
    assert entries.low is not None
    assert 0 <= entries.low < entries.effect
    assert check.low is not None
    assert check.low < 0 < check.effect


def test_a_check_that_both_sides_share_is_one_measurement() -> None:
    """The segments of a funnel have its check: what is not known of it moved nothing between them."""
    stages = (Stage("Leads", None, 295), Stage("Sales", 0, 20, average_check=3200, average_check_sd=6500))
    segments = Segment("a", (120, 11)), Segment("b", (175, 9))
    report = compare_segments(Funnel("x", stages, breakdowns=(Breakdown("team", segments),)), "team")
    assert not isinstance(report, Problem)
    assert report.comparisons[0].revenue is not None
    *_, check = report.comparisons[0].revenue.effects
    assert (check.low, check.effect, check.high) == (0, 0, 0)
