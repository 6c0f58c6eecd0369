"""The incomplete beta function against SciPy, closed forms, and figures of mpmath where SciPy has no digits left."""

from __future__ import annotations

import math
from itertools import product

import pytest
from scipy import special

from funnelcli.stats.beta import betainc, betaincinv

SHAPES = (0.5, 1, 1.5, 2, 3, 10, 57.3, 100, 1000, 12_345, 10**6)
SPREADS = (-9, -6, -3, -2, -1, -0.1, 0, 0.3, 1, 3, 6)


def near(a: float, b: float, spreads: float) -> float:
    """An x so many standard deviations of the log odds from the centre."""
    return 1 / (1 + b / a * math.exp(-spreads * math.sqrt(1 / a + 1 / b)))


@pytest.mark.parametrize("a", SHAPES)
def test_betainc_agrees_with_scipy(a: float) -> None:
    """Relative to the tail, down to 1e-300: 1e-9 leaves room for SciPy's own error at large shapes."""
    for b, spreads in product(SHAPES, SPREADS):
        x = near(a, b, spreads)
        expected = special.betainc(a, b, x)
        if 0 < x < 1 and expected > 1e-300:
            assert betainc(a, b, x) == pytest.approx(expected, rel=1e-9), (b, x)


@pytest.mark.parametrize("a", [0.05, 0.3, 1, 2, 57.3, 1000, 10**6, 10**9, 10**12])
def test_betainc_with_one_shape_of_one_is_a_power(a: float) -> None:
    """I_x(a, 1) = x^a and I_x(1, a) = 1 - (1 - x)^a."""
    for spreads in SPREADS:
        x = near(1, a, spreads)
        assert betainc(1, a, x) == pytest.approx(-math.expm1(a * math.log1p(-x)), rel=1e-10)
        if a <= 1000:  # beyond, x near 1 has too few digits for its own power
            x = near(a, 1, spreads)
            assert betainc(a, 1, x) == pytest.approx(x**a, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize(
    ("a", "b", "x", "expected"),
    [
        (10**12, 10**12, 0.4999996, 0.128949517639317742),
        (10**12, 10**12, 0.5000007, 0.97614255987574131),
        (3 * 10**11, 7 * 10**11, 0.299999, 0.0145481254968095301),
        (10**9, 10**6, 0.99899, 2.50064898496306065e-28),
        (123_456_789, 10**9, 0.1099, 0.85543333614377464),
        (10**12, 5 * 10**5, 0.9999995, 0.499670912781991846),
    ],
)
def test_betainc_of_huge_shapes(a: int, b: int, x: float, expected: float) -> None:
    """Expected by mpmath, the integral of the density with 50 digits; SciPy 1.17 is off by up to 1e-3 here."""
    assert betainc(a, b, x) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("rare", [1, 2, 3, 10])
@pytest.mark.parametrize("many", [10**6, 10**9, 10**12])
def test_betainc_of_rare_events_is_a_binomial_tail(rare: int, many: int) -> None:
    """I_x(a, b) is the chance of at least a successes in a + b - 1 trials (DLMF 8.17.5), here of a few."""
    trials = rare + many - 1
    for mean in (0.5, 1, 3, 8, 20):
        x = mean / many
        fewer = sum(
            math.comb(trials, k) * x**k * math.exp((trials - k) * math.log1p(-x)) for k in range(rare)
        )  # fmt: skip
        assert betainc(rare, many, x) == pytest.approx(1 - fewer, rel=1e-9, abs=1e-15)


def test_betainc_at_the_ends() -> None:
    assert (betainc(2, 3, 0), betainc(2, 3, 1)) == (0, 1)
    assert betainc(2, 3, 0.5) == pytest.approx(11 / 16, rel=1e-12)
    assert betainc(1, 1, 5e-324) == pytest.approx(0, abs=1e-300)


@pytest.mark.parametrize(("a", "b", "x"), [(0, 1, 0.5), (1, -1, 0.5), (1, math.inf, 0.5), (1, 1, -0.1), (1, 1, 1.1)])
def test_betainc_refuses_what_has_no_meaning(a: float, b: float, x: float) -> None:
    with pytest.raises(ValueError, match=r"needs positive shapes|not between 0 and 1"):
        betainc(a, b, x)


@pytest.mark.parametrize("a", [shape for shape in SHAPES if shape <= 12_345])
def test_betaincinv_agrees_with_scipy(a: float) -> None:
    """Relative to x; 1e-9 is SciPy's error more than ours."""
    for b, share in product(SHAPES[:-1], (1e-9, 0.005, 0.025, 0.1, 0.5, 0.9, 0.975, 0.9999)):
        assert betaincinv(a, b, share) == pytest.approx(special.betaincinv(a, b, share), rel=1e-9), (b, share)


@pytest.mark.parametrize(
    ("a", "b", "share", "expected"),
    [
        (10**12, 10**12, 0.025, 0.49999930704808782541),
        (10**9, 10**6, 0.975, 0.9990029550842194926),
        (1000, 10**9, 0.025, 9.3897210855639634114e-7),
        (1000, 10**12, 0.975, 1.0629211501290579471e-9),
    ],
)
def test_betaincinv_of_huge_shapes(a: int, b: int, share: float, expected: float) -> None:
    """Expected by mpmath with 50 digits; SciPy 1.17 gives 1.5e-8 for the last."""
    assert betaincinv(a, b, share) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("share", [1e-300, 1e-12, 0.025, 0.5, 0.975, 1 - 1e-12])
def test_betaincinv_of_a_power(share: float) -> None:
    """x^a = share, up to shapes where the double-exponential side is steep."""
    for a in (0.05, 0.5, 1, 3, 1000):
        assert betaincinv(a, 1, share) == pytest.approx(share ** (1 / a), rel=1e-10, abs=1e-300)
        x = betaincinv(1, a, share)
        assert x == pytest.approx(-math.expm1(math.log1p(-share) / a), rel=1e-10)


def test_betaincinv_at_the_ends() -> None:
    assert (betaincinv(2, 3, 0), betaincinv(2, 3, 1)) == (0, 1)
    with pytest.raises(ValueError, match="not between 0 and 1"):
        betaincinv(2, 3, 1.5)
    with pytest.raises(ValueError, match="needs positive shapes"):
        betaincinv(0, 3, 0.5)
