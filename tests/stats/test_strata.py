"""Rates within strata, against statsmodels."""

import numpy
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from funnelcli.stats.strata import alike
from funnelcli.stats.tests import pooled_z


def strata_of(seed: int) -> list[tuple[int, int, int, int]]:
    random = numpy.random.default_rng(seed)
    found = []
    for rate in random.uniform(0.05, 0.7, random.integers(2, 9)):
        first, second = map(int, random.integers(3, 90, 2))
        found.append((int(random.binomial(first, rate)), first, int(random.binomial(second, rate / 2)), second))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_the_pooled_test_of_the_samples_is_that_of_cochran_mantel_and_haenszel(seed: int) -> None:
    """And their odds ratio is the common one of Mantel and Haenszel, about the common rate."""
    strata = strata_of(seed)
    rate = sum(each[0] + each[2] for each in strata) / sum(each[1] + each[3] for each in strata)
    found = alike(strata, rate)
    assert found is not None
    tables = [numpy.array([[b, trials_b - b], [a, trials_a - a]]) for a, trials_a, b, trials_b in strata]
    judge = StratifiedTable(tables)
    assert pooled_z(*found).p_value == pytest.approx(judge.test_null_odds(correction=False).pvalue, rel=1e-6)
    came_a, could_a, came_b, could_b = found
    ratio = came_b / (could_b - came_b) * (could_a - came_a) / came_a
    assert ratio == pytest.approx(judge.oddsratio_pooled, rel=1e-6)
    assert (came_a + came_b) / (could_a + could_b) == pytest.approx(rate)


def test_one_stratum_is_what_it_is_and_what_one_side_lacks_tells_nothing() -> None:
    assert alike([(3, 10, 4, 8), (5, 9, 0, 0)], 0.4) == (3, 10, 4, 8)
    assert alike([(0, 0, 4, 8), (5, 9, 0, 0)], 0.4) is None


@pytest.mark.parametrize("came", [0, 1])
def test_where_all_end_alike_nothing_differs(came: int) -> None:
    found = alike([(came * 5, 5, came * 7, 7), (came * 3, 3, came * 9, 9)], came)
    assert found is not None
    assert pooled_z(*found).p_value == 1


def test_strata_alike_are_as_large_as_their_sum_but_for_a_unit_each() -> None:
    """The variance of a table divides by one unit less (hypergeometric)."""
    found = alike([(30, 100, 60, 200)] * 4, 0.3)
    assert found is not None
    assert found == pytest.approx([each * 299 / 300 for each in (120, 400, 240, 800)])


def test_nobody_of_one_side_came() -> None:
    found = alike([(0, 20, 9, 30), (0, 25, 8, 20)], 17 / 95)
    assert found is not None
    assert found[0] == pytest.approx(0, abs=1e-9)
