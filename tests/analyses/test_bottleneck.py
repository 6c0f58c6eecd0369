"""Ranking by headroom and by conversion, the tie, and the needless link."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import beta

from funnelcli.analyses.bottleneck import Step, bottleneck_by, find_bottleneck
from funnelcli.analyses.economics import revenue
from funnelcli.analyses.projection import apply
from funnelcli.analyses.reference import best_segment
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel, Stage
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[[str], Funnel]


def test_headroom_outranks_the_lowest_conversion(funnel: Build) -> None:
    """B converts 10% and is near its target; C converts 40% and is far from it: C holds the money."""
    result = find_bottleneck(
        funnel(
            "average_check: 10\n"
            "stages: [{name: A, count: 10000}, {name: B, count: 1000, target: 11%},"
            " {name: C, count: 400, target: 60%}]"
        )
    )
    b, c = result.steps
    # B: 1,100 at 40% are 440 sales; C: 1,000 at 60% are 600
    assert (b.headroom_sales, b.headroom_revenue) == (40, 400)
    assert (c.headroom_sales, c.headroom_revenue) == (200, 2000)
    assert (result.reference, result.bottleneck, result.tied) == ("target", "C", ())


def test_without_a_reference_the_lowest_conversion_leads(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 10000, B: 1000, C: 400}"))
    assert (result.reference, result.bottleneck, result.lowest, result.named) == ("none", None, "B", "B")
    assert [step.headroom_sales for step in result.steps] == [None, None]
    assert sum(step.chance_weakest or 0 for step in result.steps) == pytest.approx(1)


def test_small_numbers_are_a_tie(funnel: Build) -> None:
    """10 of 30 and 5 of 10 differ, but 3 of 10 and 1 of 3 cannot be told apart."""
    result = find_bottleneck(funnel("stages: {A: 10, B: 3, C: 1}"))
    assert result.named is None
    assert set(result.tied) == {"B", "C"}


def test_a_tie_names_no_more_than_it_needs(funnel: Build) -> None:
    """The third step is far from the other two."""
    result = find_bottleneck(funnel("stages: {A: 1000, B: 100, C: 10, D: 9}"))
    assert set(result.tied) == {"B", "C"}


def test_targets_reached_leave_no_bottleneck(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: [{name: A, count: 10}, {name: B, count: 6, target: 50%}]"))
    assert (result.reference, result.bottleneck, result.tied) == ("target", None, ())
    assert result.steps[0].headroom_sales == 0


def test_a_baseline_replaces_the_targets(funnel: Build) -> None:
    now = funnel("stages: [{name: A, count: 100}, {name: B, count: 20, target: 90%}, {name: C, count: 10}]")
    before = funnel("stages: {A: 1000, b: 400, C: 200}")
    result = find_bottleneck(now, before)
    assert (result.reference, result.bottleneck) == ("baseline", "B")
    assert [step.target for step in result.steps] == [Fraction(2, 5), Fraction(1, 2)]
    assert [step.headroom_sales for step in result.steps] == [10, 0]


def test_a_link_that_nearly_everyone_passes_is_needless(funnel: Build) -> None:
    """Above 98%, with the low end of the interval above 95%.

    Wilson, 95%, by statsmodels: 397 of 400 from 97.8%, 99 of 100 from 94.55%, 74 of 74 from 95.1%, 72 of 72 from 94.9%.
    """
    for stages, named in (
        ("{A: 400, B: 397}", ("B",)),
        ("{A: 10000, B: 9800}", ()),
        ("{A: 100, B: 99}", ()),
        ("{A: 74, B: 74}", ("B",)),
        ("{A: 72, B: 72}", ()),
        ("{A: 1, B: 1}", ()),
        ("{A: 1000.5, B: 1000}", ()),
        ("[{name: A, count: 1000}, {name: B, conversion: 99%}]", ()),
    ):
        assert find_bottleneck(funnel(f"stages: {stages}")).needless == named, stages


def test_a_step_that_lets_nobody_through_comes_first(funnel: Build) -> None:
    result = find_bottleneck(
        funnel(
            "stages: [{name: A, count: 100}, {name: B, count: 50, target: 60%}, {name: C, count: 0, target: 10%},"
            " {name: D, count: 0}]"
        )
    )
    assert result.bottleneck == "C"
    assert result.steps[1].headroom_sales is None


WON = "{name: A, count: 99}, {name: B, count: 10, role: customer}"


@pytest.mark.parametrize(
    ("text", "sales", "revenue", "per_point"),
    [
        # a fifth of 100 would be 20 sales of 50, and one point of them one sale
        ("average_check: 50\nstages: [{name: A, count: 100}, {name: Z, count: 0, target: 20%}]", 20, 1000, 50),
        ("stages: [{name: A, count: 100}, {name: Z, count: 0, target: 20%}]", 20, None, None),
        # after the sale: a tenth of 10 would buy again at 30, and that is no new sale
        (f"stages: [{WON}, {{name: Z, count: 0, target: 10%, average_check: 30}}]", 0, 30, 3),
        # what comes after it was never tried
        ("average_check: 50\nstages: [{name: A, count: 100}, {name: Z, count: 0, target: 20%}, {name: C, count: 0}]",)
        + (None,) * 3,
        # nobody arrives
        ("average_check: 50\nstages: [{name: A, count: 9}, {name: B, count: 0}, {name: Z, count: 0, target: 20%}]",)
        + (None,) * 3,
    ],
)
def test_headroom_of_a_step_that_nobody_passes(
    funnel: Build, text: str, sales: int | None, revenue: int | None, per_point: int | None
) -> None:
    """Only where the stage is the last one is it known what its units would bring."""
    step = find_bottleneck(funnel(text)).steps[-2 if "name: C" in text else -1]
    assert (step.name, step.headroom_sales, step.headroom_revenue) == ("Z", sales, revenue)
    assert step.revenue_per_point == per_point


def test_one_point_more_favours_the_lowest_rate(funnel: Build) -> None:
    """From 10% to 11% is a tenth more money, from 50% to 51% a fiftieth."""
    result = find_bottleneck(funnel("stages: {A: 1000, B: 100, C: 50}\naverage_check: 100"))
    assert [step.revenue_per_point for step in result.steps] == [500, 100]


def test_a_point_that_would_pass_100_percent_is_undefined(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 1000, B: 995}\naverage_check: 1"))
    assert result.steps[0].revenue_per_point is None


@pytest.mark.parametrize(
    "stages",
    [
        "{A: 100.5, B: 50, C: 40}",
        "{A: 27.4, B: 3.2, C: 0.4}",
        "[{name: A, count: 1000}, {name: B, conversion: 1%}, {name: C, conversion: 50%}]",
        "[{name: A, count: 100.5}, {name: B, count: 20, target: 50%}, {name: C, count: 15, target: 80%}]",
        "[{name: A, count: 9}, {name: B, count: 3, target: 95%}, {name: C, count: 6, allow_growth: true, target: 99%}]",
        "{A: 1e18, B: 1e17, C: 1e15}",
        "{A: 1000, B: 100}",
    ],
)
def test_no_chance_is_no_verdict(funnel: Build, stages: str) -> None:
    result = find_bottleneck(funnel(f"stages: {stages}"))
    assert [step.chance_weakest for step in result.steps] == [None] * len(result.steps)
    assert (result.named, result.tied) == (None, ())


def test_equal_weights_are_a_tie(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 100.4, B: 50.2, C: 25.1}"))
    assert (result.named, result.tied) == (None, ("B", "C"))


def test_money_off_the_way_to_the_sale_counts_in_branches(funnel: Build) -> None:
    """C brings money from A beside B: closing its gap moves revenue and no sale."""
    result = find_bottleneck(
        funnel(
            "stages: [{name: A, count: 100}, {name: B, count: 10, average_check: 5, role: customer},"
            " {name: C, count: 20, from: A, average_check: 50, target: 30%}]"
        )
    )
    step = result.steps[1]
    assert (step.headroom_sales, step.headroom_revenue) == (0, 500)
    assert result.bottleneck == "C"


def test_the_verdict_follows_the_chance_not_a_handful_of_units(funnel: Build) -> None:
    """0 of 5 reads lower than 5 of 200, but the chance says otherwise: 0.84 by the Beta posteriors."""
    result = find_bottleneck(funnel("stages: {Visits: 200, Calls: 5, Paid: 0}"))
    assert (result.lowest, result.tied) == ("Calls", ())
    assert result.steps[0].chance_weakest == pytest.approx(0.84, abs=0.005)


def test_gains_are_those_of_a_projection(funnel: Build) -> None:
    """The closed form and the projection are one figure, in a chain and through branches."""
    build = funnel(
        "stages: [{name: A, count: 900}, {name: B, count: 300, target: 1/2}, {name: C, count: 90, average_check: 7,"
        " target: 2/5}, {name: D, count: 45, from: B, average_check: 3, target: 20%, role: customer}]"
    )
    steps = find_bottleneck(build).steps
    for step in steps:
        assert step.target is not None
        selector = Selector(METRICS["conversion"], step.name)
        projected = apply(build, [(selector, Change(None, step.target, ""))])
        assert not isinstance(projected, Problem)
        assert step.headroom_sales == projected.stages[3].count - 45
        assert step.headroom_revenue == revenue(projected) - revenue(build)  # type: ignore[operator]


def test_a_single_gap_is_a_verdict_only_when_it_is_likely(funnel: Build) -> None:
    """49 of 100 against a target of 50%: the chance of being below is 58%, which is no verdict."""
    result = find_bottleneck(funnel("stages: [{name: A, count: 100}, {name: B, count: 49, target: 50%}]"))
    assert (result.bottleneck, result.tied) == (None, ("B",))
    assert result.steps[0].chance_weakest == pytest.approx(0.58, abs=0.005)


def test_nobody_lost_is_no_bottleneck(funnel: Build) -> None:
    for stages in ("{A: 100, B: 100}", "{A: 100, B: 100, C: 100}", "{A: 0, B: 0}"):
        result = find_bottleneck(funnel(f"stages: {stages}"))
        assert (result.named, result.tied) == (None, ())


def test_equal_headroom_without_samples_is_a_tie(funnel: Build) -> None:
    result = find_bottleneck(
        funnel(
            "average_check: 10\nstages: [{name: A, count: 100}, {name: B, conversion: 50%, target: 60%},"
            " {name: C, conversion: 50%, target: 60%}]"
        )
    )
    assert (result.bottleneck, result.tied) == (None, ("B", "C"))


@pytest.mark.parametrize("target", ["1e-8", "1e-20", "0%", "100%"])
def test_extreme_targets_are_ordinary(funnel: Build, target: str) -> None:
    result = find_bottleneck(funnel(f"stages: [{{name: A, count: 100}}, {{name: B, count: 50, target: {target}}}]"))
    assert result.bottleneck == ("B" if target == "100%" else None)


def test_counts_beyond_a_double_have_no_chances(funnel: Build) -> None:
    result = find_bottleneck(funnel("stages: {A: 1e18, B: 1e18, C: 999999999999999999}"))
    assert [step.chance_weakest for step in result.steps] == [None, None]
    assert result.named is None


@pytest.mark.parametrize(("units", "named"), [(10**12, "B"), (2 * 10**12, None)])
def test_chances_are_computed_up_to_a_million_million_units(funnel: Build, units: int, named: str | None) -> None:
    result = find_bottleneck(funnel(f"stages: {{A: {units}, B: {units // 4}, C: {units // 8}}}"))
    assert result.lowest == named


OFF = "{name: Lost, count: 9, from: A, target: 90%}"


@pytest.mark.parametrize(
    ("stages", "competing"),
    [
        (f"[{{name: A, count: 99}}, {{name: B, count: 50, role: customer}}, {OFF}]", ["B"]),
        (f"[{{name: A, count: 99}}, {{name: B, count: 50, average_check: 7}}, {OFF}]", ["B"]),
        (
            f"[{{name: A, count: 99}}, {OFF}, {{name: B, count: 50, from: A}}, {{name: C, count: 4, revenue: 9}}]",
            ["B", "C"],
        ),
        ("[{name: A, count: 99}, {name: B, count: 50, role: customer}, {name: Refund, count: 1}]", ["B"]),
        # a ladder: whatever brings money, and what leads there, also after the sale and beside the way
        (
            "[{name: A, count: 99}, {name: B, count: 50, role: customer}, {name: C, count: 9},"  # noqa: ISC004
            " {name: D, count: 4, average_check: 5}, {name: E, count: 8, from: A, average_check: 1},"
            " {name: F, count: 9, from: A, average_check: 0}]",
            ["B", "C", "D", "E"],
        ),
    ],
)
def test_steps_off_the_way_to_the_sale_never_compete(funnel: Build, stages: str, competing: list[str]) -> None:
    result = find_bottleneck(funnel(f"stages: {stages}"))
    assert [step.name for step in result.steps if not step.off_the_way] == competing
    assert all(step.target is None and step.chance_weakest is None for step in result.steps if step.off_the_way)
    named = {result.named, *result.tied, *result.needless} - {None}
    assert named <= set(competing)
    assert [step.off_way for step in result.steps] == [step.off_the_way for step in result.steps]


def test_those_who_tell_others_lead_to_sales(funnel: Build) -> None:
    """The engagement pyramid: feedback brings nothing, telling others brings lookers."""
    pyramid = (
        "stages: [{name: Market, count: 2000}, {name: Looking, count: 300}, {name: Buying, count: 60, role: customer},"
        " {name: Feedback, count: 9, from: Buying}, {name: Telling, count: 12, from: Buying}]"
    )
    for referral, off in (
        ("", ["Feedback", "Telling"]),
        ("\nreferral: {from: Telling, brings: 5, to: Looking}", ["Feedback"]),
    ):
        result = find_bottleneck(funnel(pyramid + referral))
        assert [step.name for step in result.steps if step.off_the_way] == off


def test_a_baseline_or_a_best_segment_does_not_bring_lost_deals_back(funnel: Build) -> None:
    text = (
        "stages: [{{name: A, count: 1000}}, {{name: B, count: {0}, role: customer}},"
        " {{name: Lost, count: {1}, from: A}}]"
    )
    now, before = funnel(text.format(300, 50)), funnel(text.format(400, 500))
    result = find_bottleneck(now, before)
    assert (result.bottleneck, [step.target for step in result.steps]) == ("B", [Fraction(2, 5), None])
    split = "\nbreakdowns: {manager: {Ann: [500, 150, 49], Bob: [500, 150, 1]}}"
    best = best_segment(funnel(text.format(300, 50) + split), "manager")
    assert not isinstance(best, Problem)
    assert not best.rates  # Ann is best at losing


def test_nobody_through_is_the_bottleneck_when_it_is_surely_below_its_target(funnel: Build) -> None:
    """0 of 50 against 10%: 1 - 0.9^51 = 99.5%; 0 of 5: 1 - 0.9^6 = 46.9%, by Beta(1, 1 + n)."""
    for reached, named, chance in ((50, "C", 0.99536), (5, None, 0.46856)):
        for end in ("", ", {name: D, count: 0}"):
            stages = f"{{name: A, count: 100}}, {{name: B, count: {reached}}}, {{name: C, count: 0, target: 10%}}{end}"
            result = find_bottleneck(funnel(f"stages: [{stages}]"))
            assert result.bottleneck == named
            assert result.steps[1].chance_weakest == pytest.approx(chance, abs=1e-5)


WORLDS = {  # conversions of the steps, entries
    "near each other": ((0.30, 0.33, 0.36), 1000),
    "few units": ((0.5, 0.3, 0.4), 60),
    "web": ((0.05, 0.4, 0.6), 5000),
    "one apart": ((0.8, 0.8, 0.6, 0.8), 300),
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_weakest_step_is_rarely_another_one(world: str) -> None:
    """Where the truth is known: of the steps that are named, at least 80% are the lowest; seeded."""
    rates, entries = WORLDS[world]
    chance, named, right = Random(11), 0, 0
    for _ in range(150):
        counts = [entries]
        for rate in rates:
            counts.append(sum(chance.random() < rate for _ in range(counts[-1])))
        stages = tuple(Stage(str(place), place - 1 if place else None, count) for place, count in enumerate(counts))
        found = find_bottleneck(Funnel("world", stages)).lowest
        named += found is not None
        right += found == str(rates.index(min(rates)) + 1)
    assert right >= 0.8 * named


A_THEN_B = "stages: [{name: A, count: 900}, {name: B, count: 90, target: 12%"


@pytest.mark.parametrize(
    ("text", "approximate"),
    [
        (A_THEN_B + "}, {name: C, count: 30, target: 40%}]\naverage_check: 9", False),
        (A_THEN_B + ", average_check: 5}, {name: C, count: 30, target: 40%, average_check: 50}]", True),
        (A_THEN_B + ", average_check: 5}, {name: C, count: 30, from: A, target: 4%, average_check: 50}]", True),
        ("average_check: 9\nstages: {A: 900, B: 90, C: 30}", False),
        # a stage that no money comes from, as refunds, does not make it a matter of sales
        (
            A_THEN_B + ", average_check: 5}, {name: C, count: 30, target: 40%, average_check: 50, role: customer},"
            " {name: Refunds, count: 3}]",
            True,
        ),
    ],
)
def test_chances_that_hold_the_money_behind_a_step_say_so(funnel: Build, text: str, approximate: bool) -> None:
    """With one source of money the revenue is a factor of every gain, and drops out of their order."""
    assert find_bottleneck(funnel(text)).chances_approximate is approximate


CHANNELS = """\
stages: [{name: A}, {name: B, target: 50%}, {name: C, target: 50%}]
breakdowns: {channel: {Ads: [1000, 100, 45], SEO: [4000, 1900, 190], Mail: [10, 5, 2]}}
"""


def test_each_segment_has_a_verdict_of_its_own_against_the_same_targets(funnel: Build) -> None:
    """Ads lose them at 10% of 50%, SEO at 10% of 50% one step on; 10 letters are left out as the smallest."""
    result = bottleneck_by(funnel(CHANNELS), "Channel", sort="entries", top=2)
    assert not isinstance(result, Problem)
    assert (result.dimension, result.folded) == ("channel", 1)
    assert [(each.name, each.reference, each.bottleneck) for each in result.segments] == [
        ("SEO", "target", "C"),
        ("Ads", "target", "B"),
    ]
    assert [each.name for each in bottleneck_by(funnel(CHANNELS), "channel").segments] == ["Ads", "SEO", "Mail"]  # type: ignore[union-attr]
    assert isinstance(bottleneck_by(funnel(CHANNELS), "region"), Problem)


def test_chances_are_computed_of_as_many_steps_as_time_allows(funnel: Build) -> None:
    """200 steps; of one more, the verdict rests on nothing."""

    def known(steps: int, target: str = "") -> bool:
        stages = ", ".join(
            f"{{name: S{number}, count: {4000 - 3 * number}{target if number else ''}}}" for number in range(steps + 1)
        )
        found = find_bottleneck(funnel(f"stages: [{stages}]")).steps
        chances = [step.chance_weakest for step in found]
        assert None not in chances or set(chances) == {None}
        return None not in chances

    for target in ("", ", target: 100%"):
        assert known(200, target)
        assert not known(201, target)


@pytest.mark.parametrize(
    ("stages", "known"),
    [
        (
            "[{name: A, count: 900}, {name: B, count: 90}, {name: C, count: 270, allow_growth: true}, "  # noqa: ISC004
            "{name: D, count: 30}]",
            "BD",
        ),
        ("{A: 900, B: 90, C: 0, D: 0}", "BC"),
    ],
)
def test_a_step_that_grows_or_that_nobody_comes_to_is_left_out_and_the_others_are_told(
    funnel: Build, stages: str, known: str
) -> None:
    """Without a reference: 30 of 270 is as low as 90 of 900, and 0 of 90 lower than that."""
    result = find_bottleneck(funnel(f"stages: {stages}"))
    assert "".join(step.name for step in result.steps if step.chance_weakest is not None) == known
    assert sum(step.chance_weakest or 0 for step in result.steps) == pytest.approx(1)


def test_the_worst_come_first(funnel: Build) -> None:
    """By conversion 10%, 30% and 90%; by what is missing to the targets 54, 9 and no sales."""
    plain = "stages: [{name: A, count: 1000}, {name: B, count: 300%s}, {name: C, count: 30%s}, {name: D, count: 27%s}]"
    assert [step.name for step in find_bottleneck(funnel(plain % ("", "", ""))).ranked] == ["C", "B", "D"]
    aimed = plain % (", target: 40%", ", target: 30%", ", target: 80%")
    assert [(step.name, step.headroom_sales) for step in find_bottleneck(funnel(aimed)).ranked] == [("C", 54), ("B", 9)]
    full = funnel("stages: {A: 100, B: 100, C: 50}")
    assert [step.name for step in find_bottleneck(full).ranked] == ["C"]


def ends(step: Step) -> tuple[float | None, ...]:
    """The ranges of a headroom."""
    return step.headroom_sales_low, step.headroom_sales_high, step.headroom_revenue_low, step.headroom_revenue_high


def test_headroom_has_the_range_of_its_rate(funnel: Build) -> None:
    """30 of 100 against 40%, and 12 sales of the 30: Beta(31, 71) lies between its 10% and 90% quantiles (SciPy)."""
    text = "average_check: 5\nstages: [{name: A, count: 100}, {name: B, count: 30, target: 40%}, {name: C, count: 12}]"
    step = find_bottleneck(funnel(text)).steps[0]
    sales = [100 * (0.4 - beta.ppf(share, 31, 71)) * 12 / 30 for share in (0.9, 0.1)]
    assert ends(step) == pytest.approx([*sales, *(5 * end for end in sales)])
    assert step.headroom_sales == 4


def test_headroom_has_the_noise_of_the_baseline_too(funnel: Build) -> None:
    """Against 40 of 100: a million draws of both, and wider than against a stated 40%."""
    now = funnel("stages: {A: 100, B: 30, C: 12}")
    counted = find_bottleneck(now, funnel("stages: {A: 100, B: 40, C: 16}")).steps[0]
    stated = find_bottleneck(now, funnel("stages: [{name: A, count: 100}, {name: B, conversion: 40%}]")).steps[0]
    random = np.random.default_rng(3)
    drawn = 40 * np.maximum(0, random.beta(41, 61, 1_000_000) - random.beta(31, 71, 1_000_000))
    assert ends(counted)[:2] == pytest.approx([np.quantile(drawn, 0.1), np.quantile(drawn, 0.9)], abs=0.02)
    assert ends(counted)[0] < ends(stated)[0] < ends(stated)[1] < ends(counted)[1]  # type: ignore[operator]
    assert ends(counted)[2:] == (None, None)


@pytest.mark.parametrize("came", [0, 1, 2, 5])
def test_no_headroom_is_more_than_the_target_lets_pass(funnel: Build, came: int) -> None:
    """Of 20 at 40% come 8, however few of them came; ranges of 0, 1 and 2 who came follow each other."""
    text = "stages: [{name: A, count: 20}, {name: B, count: %d, target: 40%%}]"
    step, one_more = (find_bottleneck(funnel(text % count)).steps[0] for count in (came, came + 1))
    assert 0 <= step.headroom_sales_low < step.headroom_sales_high < 8  # type: ignore[operator]
    assert step.headroom_sales_high > one_more.headroom_sales_high  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # at the target, and with no target to reach
        ("stages: [{name: A, count: 1000}, {name: B, count: 900, target: 10%}]", (0, 0, None, None)),
        ("average_check: 9\nstages: [{name: A, count: 1000}, {name: B, count: 900, target: 0%}]", (0, 0, 0, 0)),
        # 0 of 50: x is at most 1 - 0.1^(1/51) with 90%, and more than 1 - 0.9^(1/51) with 90%
        (
            "average_check: 10\nstages: [{name: A, count: 50}, {name: B, count: 0, target: 20%}]",
            tuple(money * 50 * (0.2 - 1 + share ** (1 / 51)) for money in (1, 10) for share in (0.1, 0.9)),
        ),
        # what comes after it was never tried
        ("stages: [{name: A, count: 50}, {name: B, count: 0, target: 20%}, {name: C, count: 0}]", (None,) * 4),
        # shares have no sample, stated rates none, and nobody comes
        ("stages: [{name: A, count: 50.5}, {name: B, count: 20, target: 50%}]", (None,) * 4),
        ("stages: [{name: A, count: 50}, {name: B, conversion: 20%, target: 50%}]", (None,) * 4),
        ("stages: [{name: A, count: 0}, {name: B, count: 0, target: 50%}]", (None,) * 4),
    ],
)
def test_ranges_of_what_is_degenerate(funnel: Build, text: str, expected: tuple[float | None, ...]) -> None:
    found = ends(find_bottleneck(funnel(text)).steps[0])
    assert found == (pytest.approx(expected) if None not in expected[:2] and expected[2] is not None else expected)


def test_a_range_with_a_referral_has_those_whom_the_sales_bring(funnel: Build) -> None:
    """Its ends are what a projection gains at the ends of the growth, where each sale brings a visit."""
    text = (
        "stages: [{name: Visits, count: 1000}, {name: Sales, count: 200, target: 25%, role: customer}]\n"
        "referral: {from: Sales, brings: 1, to: Visits}"
    )
    build = funnel(text)
    step = find_bottleneck(build).steps[0]
    for share, end in ((0.9, step.headroom_sales_low), (0.1, step.headroom_sales_high)):
        rate = 0.2 + 0.25 - beta.ppf(share, 201, 801)
        projected = apply(build, [(Selector(METRICS["conversion"], "Sales"), Change(None, Fraction(rate), ""))])
        assert not isinstance(projected, Problem)
        assert end == pytest.approx(float(projected.stages[1].count - 200), rel=1e-6)
    assert step.headroom_sales_low < step.headroom_sales < step.headroom_sales_high  # type: ignore[operator]


def test_a_low_confidence_makes_no_link_needless(funnel: Build) -> None:
    """60 of 60: the low end at 50% is above 99%, and at 95% it is 94.0%."""
    assert find_bottleneck(funnel("stages: {A: 60, B: 60}"), confidence=0.5).needless == ()
    assert find_bottleneck(funnel("stages: {A: 74, B: 74}"), confidence=0.5).needless == ("B",)
    assert find_bottleneck(funnel("stages: {A: 74, B: 74}"), confidence=0.999).needless == ()


def test_what_would_be_a_reference_is_told(funnel: Build) -> None:
    """A dimension of several segments that differ and are no time; none where there is a reference."""
    plain = "stages: [{name: A}, {name: B%s}]\nbreakdowns: {month: {2026-01: [50, 20], 2026-02: [50, 30]}%s}\n"
    channels = ", only: {All: [100, 50]}, channel: {Ads: [50, 20], SEO: [50, 30]}"
    assert find_bottleneck(funnel(plain % ("", ""))).best_of is None
    assert find_bottleneck(funnel(plain % ("", channels))).best_of == "channel"
    alike = ", channel: {Ads: [50, 24], SEO: [50, 26]}"
    assert find_bottleneck(funnel(plain % ("", alike))).best_of is None
    assert find_bottleneck(funnel(plain % (", target: 60%", channels))).best_of is None


def test_a_range_of_which_one_end_is_unknown_is_none(funnel: Build) -> None:
    """A step that would have to pass 100% at the upper end, where each sale brings others."""
    built = funnel(
        "average_check: 5\nstages: [{name: Visits, count: 9}, {name: Carts, count: 8, target: 95%}, "
        "{name: Sales, count: 6}]\nreferral: {from: Sales, brings: 0.5, to: Visits}"
    )
    for step in find_bottleneck(built).steps:
        assert (step.headroom_sales_low is None) == (step.headroom_sales_high is None)
        assert (step.headroom_revenue_low is None) == (step.headroom_revenue_high is None)


def test_open_units_and_variation_are_those_of_the_decided_alone() -> None:
    """With 40 of 100 open, everything that is judged is that of a funnel of 60, the variation between periods too."""
    target = Fraction(2, 5)
    still = Funnel("a", (Stage("A", None, 100, open=40), Stage("B", 0, 20, target=target)), variation=Fraction(1, 5))
    gone = Funnel("a", (Stage("A", None, 60), Stage("B", 0, 20, target=target)), variation=Fraction(1, 5))
    assert find_bottleneck(still).steps[0].chance_weakest == find_bottleneck(gone).steps[0].chance_weakest
