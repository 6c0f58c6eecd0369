"""Tests that two rates are equal, from whole counts; and p-values that allow for being several.

A sample is `successes` of `trials` (0 <= successes <= trials), whole numbers, or such as say as much where units are
open (`intervals.sample_of_steps`): Fisher's exact test rounds these.
"""

from __future__ import annotations

import math
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.stats.intervals import require_samples
from funnelcli.stats.normal import inverse_normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.stats.variation import Dispersed

SIGNIFICANT = 0.05
"""The p-value, after correction, below which a difference is called more than chance."""
LIKELY = 0.8
"""The chance, given the counts, from which something is said to be so; below it, its chance is said."""
FEWEST_EXPECTED = 5
"""Units that a test by the normal curve expects in each cell of its table."""

OPEN_AGAINST = "with open units against it"
"""The method of a test where younger open units may all end as speaks against the difference."""
MANY, FAR = 10, 100
"""Tests from which a correction looks far out in the tail, and the expected count from which z holds there as well."""


class Significance(NamedTuple):
    """A two-sided test that the rates behind two samples are equal: the p-value, the method and the samples."""

    p_value: float
    method: str
    successes_a: float
    trials_a: float
    successes_b: float
    trials_b: float


def two_proportion_test(successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> Significance:
    """Two-sided test of equal rates: pooled z, or Fisher's exact test where a cell of the table is expected below 5.

    (Cochran, Biometrics 10, 1954.) 48 of 80 against 56 of 70 gives 0.0080 by z; 1 of 10 against 5 of 10 gives 0.1409 by
    Fisher. It is 1 where nothing can differ: a side has no trials, or all or none succeeded. Raises `ValueError` for
    what is no sample.
    """
    return _normal_or_exact(successes_a, trials_a, successes_b, trials_b, FEWEST_EXPECTED)


def _normal_or_exact(
    successes_a: float, trials_a: float, successes_b: float, trials_b: float, far: float
) -> Significance:
    """By z, or by Fisher's exact test where a cell is expected below 5, and below `far` where it says less."""
    samples = successes_a, trials_a, successes_b, trials_b
    expected = smallest_expected(*samples)
    if expected < FEWEST_EXPECTED:
        return _exact(samples)
    normal = pooled_z(*samples)
    if expected >= far or normal.p_value >= SIGNIFICANT:
        return normal
    exact = _exact(samples)
    return exact if exact.p_value > normal.p_value else normal


def _exact(samples: tuple[float, float, float, float]) -> Significance:
    return Significance(*fisher_exact(*map(round, samples))[:2], *samples)


def smallest_expected(successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> float:
    """The smallest count that a cell of the table is expected to have, if the rates are equal."""
    came, units = successes_a + successes_b, trials_a + trials_b
    return min(came, units - came) * min(trials_a, trials_b) / units if units else 0.0


def pooled_z(successes_a: float, trials_a: float, successes_b: float, trials_b: float) -> Significance:
    """Two-sided z test of equal rates with the pooled rate (Fleiss, Statistical Methods for Rates, 1981, 2.1).

    48 of 80 against 56 of 70: z = 2.65, p = 0.0080. It is 1 where all or none succeeded, or a side has no trials, and
    0 below 1e-300. Raises `ValueError` for what is no sample.
    """
    if not (0 <= successes_a <= trials_a and 0 <= successes_b <= trials_b):
        require_samples((successes_a, trials_a), (successes_b, trials_b))
    came, units = successes_a + successes_b, trials_a + trials_b
    scale = came * (units - came) * trials_a * trials_b
    apart = successes_b * trials_a - successes_a * trials_b
    # whole numbers up to one division: z is exact where the rates agree in many digits
    p_value = math.erfc(math.sqrt(apart * apart * units / scale / 2)) if scale else 1.0
    return Significance(p_value, "pooled z", successes_a, trials_a, successes_b, trials_b)


def fisher_exact(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> Significance:
    """Fisher's exact test, two-sided: the probability of all tables that are no likelier than the one observed.

    (Fisher, Statistical Methods for Research Workers, 5th ed. 1934, 21.02.) Like R, tables within 1e-7 of the observed
    probability count as equal to it. The tea taster's 3 of 4 against 1 of 4 give 34/70 = 0.4857. It is 1 where there
    is one table only, and 0 below 1e-300. The time grows with the standard deviation of a cell: it is short wherever a
    cell is expected below 5, whatever the counts. Raises `ValueError` for what is no sample.
    """
    require_samples((successes_a, trials_a), (successes_b, trials_b))
    came = successes_a + successes_b
    mode = (came + 1) * (trials_a + 1) // (trials_a + trials_b + 2)
    sides = (_weights(mode, came, trials_a, trials_b), _weights(came - mode, came, trials_b, trials_a))
    toward, away = sides if successes_a >= mode else sides[::-1]
    weights = [1.0, *islice(toward, abs(successes_a - mode))]  # of the tables, relative to the likeliest
    if len(weights) <= abs(successes_a - mode):  # beyond the least float
        return Significance(0.0, "Fisher's exact", successes_a, trials_a, successes_b, trials_b)
    observed = weights[-1]
    negligible, limit = observed * 1e-20, observed * (1 + 1e-7)
    for side in (toward, away):
        weights.extend(takewhile(lambda weight: weight > negligible, side))
    p_value = math.fsum(weight for weight in weights if weight <= limit) / math.fsum(weights)
    return Significance(p_value, "Fisher's exact", successes_a, trials_a, successes_b, trials_b)


def _weights(cell: int, came: int, here: int, there: int) -> Iterator[float]:
    """Hypergeometric probabilities of the cell's next greater values, relative to its own, down to 1e-300."""
    weight = 1.0
    while True:
        weight *= (came - cell) * (here - cell) / ((cell + 1) * (there - came + cell + 1))
        if weight < 1e-300:
            return
        yield weight
        cell += 1


def holm(p_values: Sequence[float | None], others: int = 0) -> tuple[float | None, ...]:
    """P-values adjusted for being several, in the order given (Holm, Scandinavian Journal of Statistics 6, 1979).

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is less than one before it, none above 1.
    `None`, a comparison that was not made, stays and is not counted: (0.01, None, 0.04, 0.03) gives (0.03, None, 0.06,
    0.06). With `others`, so many more could have been made and these were chosen: they count as if their p were 1.
    """
    known = {index: p_value for index, p_value in enumerate(p_values) if p_value is not None}
    adjusted: list[float | None] = [None] * len(p_values)
    largest, left = 0.0, len(known) + others
    for index in sorted(known, key=known.__getitem__):
        largest = max(largest, min(1.0, left * known[index]))
        adjusted[index] = largest
        left -= 1
    return tuple(adjusted)


def critical_among(tests: int) -> float:
    """The |z| beyond which the first of so many tests is more than chance, by Holm: 3.48 of a hundred."""
    return -inverse_normal(SIGNIFICANT / max(1, tests) / 2)


class RateTest(NamedTuple):
    """A test among several: its p-value, the one corrected for being several, the method, and which way it goes.

    `differs` is 1 where B's rate is above A's by more than chance, -1 where it is below, else 0.
    """

    p_value: float | None
    p_value_holm: float | None
    method: str | None
    differs: int


NOT_TESTED = RateTest(None, None, None, 0)


def compare_rates(
    samples: Sequence[tuple[float, float, float, float] | None],
    varying: Sequence[tuple[Dispersed, Dispersed] | None] = (),
    against: Sequence[tuple[float, float, float, float] | None] = (),
) -> tuple[RateTest, ...]:
    """Two-sided tests of pairs (successes of A, trials, successes of B, trials), corrected by Holm over all of them.

    `None`, a pair that has no samples, is not tested and not counted. A corrected p-value below `SIGNIFICANT` is more
    than chance. Where the tests are `MANY`, those that may be are made by Fisher's exact test while a cell is expected
    below `FAR`: far out in the tail, where the correction looks, the normal curve says too much. `varying` has for each
    pair by what the rates of A and of B vary more than by chance, where they do: then the larger p-value counts, that
    of the binomial test or that with the variation. Raises `ValueError` for what is no sample.
    """
    far = FAR if len(samples) - samples.count(None) >= MANY else FEWEST_EXPECTED
    results = [None if pair is None else _normal_or_exact(*pair, far) for pair in samples]
    for index, dispersions in enumerate(varying):
        result = results[index]
        if result is not None and dispersions is not None:
            results[index] = with_variation(result, *dispersions)
    for index, other in enumerate(against):
        result = results[index]
        if result is not None and other is not None:
            results[index] = even_so(result, _normal_or_exact(*other, far))
    return corrected(results)


def even_so(result: Significance, other: Significance) -> Significance:
    """The test where another one, of the samples as they may become, says less; 1 where it goes the other way."""
    gaps = [each.successes_b * each.trials_a - each.successes_a * each.trials_b for each in (result, other)]
    p_value = other.p_value if gaps[0] * gaps[1] > 0 else 1.0
    return result._replace(p_value=p_value, method=OPEN_AGAINST) if p_value > result.p_value else result


def with_variation(result: Significance, a: Dispersed, b: Dispersed) -> Significance:
    """The test of two periods whose rates vary by more than chance, where that says less than the binomial one."""
    from funnelcli.stats.variation import CONSTANT, dispersed_test  # most tables are of one period

    if a == b == CONSTANT:
        return result
    p_value = dispersed_test(result[2:4], result[4:], a, b)
    return result._replace(p_value=p_value, method="with the variation") if p_value > result.p_value else result


def corrected(results: Sequence[Significance | None], others: int = 0) -> tuple[RateTest, ...]:
    """Tests among several, corrected by Holm over all of them; `None`, what was not tested, is not counted."""
    p_values = holm([None if result is None else result.p_value for result in results], others)
    tests = []
    for result, p_value in zip(results, p_values, strict=True):
        if result is None or p_value is None:
            tests.append(NOT_TESTED)
            continue
        own, method, came_a, could_a, came_b, could_b = result
        direction = 0
        if p_value < SIGNIFICANT:
            direction = 1 if came_b * could_a > came_a * could_b else -1
        tests.append(RateTest(own, p_value, method, direction))
    return tuple(tests)
