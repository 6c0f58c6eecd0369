"""What steps are held against: targets, a baseline, the best segment; and how sure these are."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from scipy.optimize import minimize
from scipy.stats import betabinom

from funnelcli.analyses.bottleneck import bottleneck_by, find_bottleneck
from funnelcli.analyses.reference import best_segment, of_baseline, targets
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]

CHANNELS = """\
average_check: 1200
stages: [{name: First touches}, {name: Leads}, {name: Offers}, {name: Sales}]
breakdowns:
  channel:
    Ads: [5000, 300, 120, 24]
    Search: [3000, 360, 180, 60]
    Referrals: [600, 150, 90, 28]
    Fairs: [400, 40, 10, 4]
"""


def drawn(samples: list[tuple[int, int]], best: int) -> float:
    """The posterior mean of one segment, by SciPy: the beta-binomial prior of the greatest likelihood.

    It is what is believed, but for the luck of being found, where differences are as large as here.
    """

    def unlikely(logs: tuple[float, float]) -> float:
        a, b = 2.718281828 ** logs[0], 2.718281828 ** logs[1]
        return -float(sum(betabinom(n, a, b).logpmf(k) for k, n in samples))

    found = minimize(unlikely, (1.0, 2.0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12})
    a, b = (2.718281828**log for log in found.x)
    came, could = samples[best]
    return float((a + came) / (a + b + could))


def without_best(funnel: Funnel) -> bool:
    """Whether no manager is a reference."""
    found = best_segment(funnel, "manager")
    return not isinstance(found, Problem) and not found.rates


def test_the_reference_is_the_best_rate_as_far_as_all_let_it_be_believed(funnel: Build) -> None:
    """Of leads and offers channels differ (Holm), of sales none does: 28 of 90, 60 of 180, 24 of 120 and 4 of 10."""
    reference = best_segment(funnel(CHANNELS), "Channel")
    assert not isinstance(reference, Problem)
    assert (reference.kind, reference.dimension) == ("segment", "channel")
    assert reference.sources == {1: "Referrals", 2: "Referrals"}
    leads = drawn([(300, 5000), (360, 3000), (150, 600), (40, 400)], 2)
    offers = drawn([(120, 300), (180, 360), (90, 150), (10, 40)], 2)
    assert [float(rate) for rate in reference.rates.values()] == pytest.approx([leads, offers], rel=0.01)
    assert float(reference.rates[1]) < 0.25
    assert float(reference.rates[2]) < 0.6


def test_the_gap_to_the_best_is_that_of_all_others(funnel: Build) -> None:
    """What is left of the whole: both shares together give it again, and the promise is that of the whole."""
    whole = funnel(CHANNELS)
    reference = best_segment(whole, "channel")
    assert not isinstance(reference, Problem)
    a, b, share = reference.others[1]
    rest, best = a / (a + b), float(reference.rates[1])
    assert (8400 * rest + 600 * best) / 9000 == pytest.approx(850 / 9000)
    assert share == pytest.approx(8400 * rest / 850)
    leads = find_bottleneck(whole, reference=reference).steps[0]
    assert leads.headroom_sales is not None
    assert float(leads.headroom_sales) == pytest.approx(116 * (best / (850 / 9000) - 1))
    assert share * (best / rest - 1) == pytest.approx(best / (850 / 9000) - 1)
    assert leads.headroom_sales_low is not None
    assert leads.headroom_sales_low < leads.headroom_sales < leads.headroom_sales_high  # type: ignore[operator]


def test_a_lucky_segment_is_no_reference(funnel: Build) -> None:
    """3 of 4 looks better than 50 of 100 and is not."""
    split = "stages: [{name: A}, {name: B}]\nbreakdowns: {manager: {Anna: [4, 3], Ben: [96, 47]}}\n"
    assert without_best(funnel(split))


def test_ten_managers_who_do_not_differ_have_no_best(funnel: Build) -> None:
    """29 to 42 offers of 100 leads: the best looks a third better than the whole, and of ten one does."""
    won = (29, 31, 27, 33, 30, 28, 32, 31, 29, 42)
    split = ", ".join(f"M{number}: [100, {count}]" for number, count in enumerate(won))
    build = funnel(f"stages: [{{name: Leads}}, {{name: Offers}}]\nbreakdowns: {{manager: {{{split}}}}}\n")
    assert without_best(build)


def test_of_equally_good_segments_the_first_is_named(funnel: Build) -> None:
    """Ann and Cid both convert half; Bob pulls the whole down to 37.5%."""
    split = "manager: {Bob: [800, 200], Ann: [400, 200], Cid: [400, 200]}"
    reference = best_segment(funnel(f"stages: [{{name: A}}, {{name: B}}]\nbreakdowns: {{{split}}}\n"), "manager")
    assert not isinstance(reference, Problem)
    assert reference.sources == {1: "Ann"}
    assert float(reference.rates[1]) == pytest.approx(drawn([(200, 800), (200, 400), (200, 400)], 1), rel=0.01)


@pytest.mark.parametrize(
    "split",
    [
        "Ann: [0, 0], Bob: [0, 0]",
        "Ann: [100, 100], Bob: [50, 50]",
        "Ann: [100, 0], Bob: [50, 0]",
        "Ann: [9, 4]",
        "Ann: [10.5, 3], Bob: [900, 10]",
        "Ann: [0, 0], Bob: [90, 10]",
    ],
)
def test_degenerate_segments_have_no_best(funnel: Build, split: str) -> None:
    build = funnel(f"stages: [{{name: A}}, {{name: B}}]\nbreakdowns: {{manager: {{{split}}}}}\n")
    assert without_best(build)


def test_a_segment_is_not_held_against_itself(funnel: Build) -> None:
    whole = funnel(CHANNELS)
    reference = best_segment(whole, "channel")
    assert not isinstance(reference, Problem)
    result = bottleneck_by(whole, "channel", reference=reference)
    assert not isinstance(result, Problem)
    by_name = {each.name: each for each in result.segments}
    assert by_name["Referrals"].reference == "none"
    assert [step.target for step in by_name["Referrals"].steps] == [None, None, None]
    assert by_name["Ads"].steps[0].target == reference.rates[1]


def test_a_baseline_is_as_uncertain_as_its_counts(funnel: Build) -> None:
    now = funnel("stages: {A: 900, B: 90, C: 30}")
    counted = of_baseline(now, funnel("stages: {A: 1000, B: 120, C: 40}"))
    assert counted.shapes == {1: (121, 881), 2: (41, 81)}
    assert counted.rates == {1: Fraction(12, 100), 2: Fraction(1, 3)}
    stated = of_baseline(
        now, funnel("stages: [{name: A, count: 1000}, {name: B, conversion: 12%}, {name: C, count: 4}]")
    )
    assert (stated.shapes, set(stated.rates)) == ({}, {1, 2})
    assert targets(funnel("stages: [{name: A, count: 9}, {name: B, count: 4, target: 60%}]")).shapes == {}


def test_a_baseline_of_few_units_names_nothing(funnel: Build) -> None:
    """90 of 900 against 12%: of 25 units that is 3, and their rate may be 10% as well."""
    now = funnel("stages: {A: 900, B: 90}")
    chances = {}
    for units in (25, 250, 25_000):
        result = find_bottleneck(now, funnel(f"stages: {{A: {units}, B: {units * 12 // 100}}}"))
        chances[units] = result.steps[0].chance_weakest or 0
        assert (result.bottleneck == "B") == (chances[units] >= 0.8)
    assert 0.5 < chances[25] < 0.8 < chances[250] < chances[25_000]
    exact = find_bottleneck(now, funnel("stages: [{name: A, count: 9}, {name: B, conversion: 12%}]"))
    assert (exact.exact, exact.bottleneck) == (("B",), "B")
    assert exact.steps[0].chance_weakest == pytest.approx(chances[25_000], abs=0.02)


def test_a_step_that_is_looked_at_for_its_gap_is_believed_less(funnel: Build) -> None:
    """Ann is the best at both steps, and at the first one by little more: alone, that step has a higher reference."""
    split = "Ann: [2000, 260, 180], Bob: [2000, 200, 100], Cid: [2000, 190, 97], Dan: [2000, 150, 74]"
    text = "stages: [{{name: A}}, {{name: B}}, {{name: C}}]\nbreakdowns: {{manager: {{{0}}}}}\n"
    both = best_segment(funnel(text.format(split)), "manager")
    even = "Ann: [2000, 260, 130], Bob: [2000, 200, 100], Cid: [2000, 190, 95], Dan: [2000, 150, 75]"
    one = best_segment(funnel(text.format(even)), "manager")
    assert not isinstance(both, Problem)
    assert not isinstance(one, Problem)
    assert set(both.rates) == {1, 2}
    assert set(one.rates) == {1}
    assert 800 / 8000 < both.rates[1] < one.rates[1] < 260 / 2000
