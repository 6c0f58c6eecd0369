"""The normal distribution, as SciPy has it."""

from __future__ import annotations

import pytest
from scipy import stats

from funnelcli.stats.normal import critical_z, inverse_normal, normal_below

SHARES = (1e-300, 1e-20, 1e-9, 0.001, 0.025, 0.1, 0.3, 0.499999, 0.5, 0.500001, 0.7, 0.9, 0.975, 0.999, 1 - 1e-12)


@pytest.mark.parametrize("share", SHARES)
def test_the_inverse(share: float) -> None:
    assert inverse_normal(share) == pytest.approx(stats.norm.ppf(share), rel=1e-12, abs=1e-15)
    assert normal_below(inverse_normal(share)) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1 - 1e-9])
def test_the_critical_value(confidence: float) -> None:
    assert critical_z(confidence) == pytest.approx(stats.norm.isf((1 - confidence) / 2), rel=1e-12)
