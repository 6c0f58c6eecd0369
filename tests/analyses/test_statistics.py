"""Intervals against SciPy, textbook values, and limits that are known exactly."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from funnelcli.analyses.statistics import normal_quantile, sample, wilson
from funnelcli.reading.funnel_file import read

TRIALS = (1, 2, 3, 7, 10, 50, 99, 1000, 12_345, 10**6)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_normal_quantile(confidence: float) -> None:
    assert normal_quantile(confidence) == pytest.approx(stats.norm.ppf(0.5 + confidence / 2), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("trials", TRIALS)
def test_wilson_agrees_with_scipy(trials: int, confidence: float) -> None:
    for successes in sorted({0, 1, 2, trials // 7, trials // 2, trials - 1, trials} & set(range(trials + 1))):
        expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
        interval = wilson(successes, trials, confidence)
        assert interval.low == pytest.approx(expected.low, rel=1e-9, abs=1e-15)
        assert interval.high == pytest.approx(expected.high, rel=1e-9)


def test_wilson_of_the_published_example() -> None:
    """7 of 50 gives [6.95%, 26.19%]; 0 of 20 gives [0, 16.11%], and its bound is 0 itself."""
    seven = wilson(7, 50)
    assert (round(seven.low, 4), round(seven.high, 4)) == (0.0695, 0.2619)
    none = wilson(0, 20)
    assert (none.low, round(none.high, 4)) == (0, 0.1611)
    assert wilson(20, 20).high == 1


def test_wilson_holds_for_the_largest_counts() -> None:
    """At 1e18 the interval still contains the rate and is as narrow as the normal one."""
    interval = wilson(10**17, 10**18)
    assert interval.low < 0.1 < interval.high
    assert interval.high - interval.low == pytest.approx(2 * 1.959964 * math.sqrt(0.09 / 1e18), rel=1e-2)


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_sample(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        wilson(successes, trials)


@pytest.mark.parametrize(
    ("stages", "index", "expected"),
    [
        ("[{name: A, count: 100}, {name: B, count: 7}]", 1, (7, 100)),
        ("[{name: A, count: 100}, {name: B, count: 7}]", 0, None),
        ("[{name: A, count: 27.5}, {name: B, count: 7}]", 1, None),
        ("[{name: A, count: 0}, {name: B, count: 0}]", 1, None),
        ("[{name: A, count: 5}, {name: B, count: 9, allow_growth: true}]", 1, None),
        ("[{name: A, count: 100}, {name: B, conversion: 50%}]", 1, None),
    ],
)
def test_only_counted_whole_steps_are_samples(stages: str, index: int, expected: tuple[int, int] | None) -> None:
    (funnel,) = read(f"stages: {stages}\n".encode(), "f.yaml").funnels
    assert sample(funnel, index) == expected


def test_a_stage_after_a_stated_conversion_is_no_sample_of_the_entry() -> None:
    (funnel,) = read(
        b"stages: [{name: A, count: 100}, {name: B, conversion: 50%}, {name: C, count: 10}]\n", "f.yaml"
    ).funnels
    assert sample(funnel, 2, whole=0) is None
