"""Two funnels of the same stages, compared: the samples behind their rates, and the tests of all that is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.ages import NOT_COMPARED, one_against_other
from funnelcli.analyses.ends import end_is_unknown
from funnelcli.analyses.maturity import of_unequal_time
from funnelcli.analyses.variation import dispersed_rate, effective_sample, interval_of
from funnelcli.stats.intervals import decided_sample, wilson_bounds
from funnelcli.stats.tests import OPEN_AGAINST, corrected, even_so, two_proportion_test, with_variation
from funnelcli.stats.variation import CONSTANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.ages import Compared
    from funnelcli.model import Funnel
    from funnelcli.stats.tests import RateTest, Significance


class Pair(NamedTuple):
    """Two funnels of the same stages, and with what confidence they are compared, among how many pairs.

    `varying` tells that they are of different periods, so that what varies between periods is no difference.
    """

    a: Funnel
    b: Funnel
    confidence: float
    pairs: int = 1
    varying: bool = True

    def sample_of(self, side: Funnel, index: int, whole: int | None = None) -> tuple[float, float] | None:
        """The sample behind a step of a side, of the decided, as small as the variation between periods makes it."""
        counts = self.counted(side, index, whole)
        if counts is None or not self.varying:
            return counts
        return effective_sample(side, index, whole, self.confidence, decided=True)

    def counted(self, side: Funnel, index: int, whole: int | None = None) -> tuple[float, float] | None:
        """The sample of the decided; over several steps while units are open between them, as their product has it.

        Of segments that have periods of creation, it is that within these. Of entries whose window is open it is
        that of the end, and none where that is not known.
        """
        if end_is_unknown(side, index, whole):
            return None
        if not self.within:
            return decided_sample(side, index, whole)
        held = self.held(index, whole).samples
        return None if held is None else held[:2] if side is self.a else held[2:]

    @property
    def uneven(self) -> bool:
        """Whether a side is cut, and the other not as much: their counts are of unequal time."""
        return of_unequal_time(self.a, self.b)

    @property
    def within(self) -> bool:
        """Whether the two are held against each other within periods of creation."""
        return bool(self.a.ages and self.b.ages)

    def held(self, index: int, whole: int | None = None) -> Compared:
        """Both sides with their open units, which may be of unequal age."""
        origin = self.a.stages[index].parent if whole is None else whole
        if origin is None or origin == index or self.a.hides(index, origin) or self.b.hides(index, origin):
            return NOT_COMPARED
        return one_against_other(self.a, self.b, (origin, index))

    def bounds_of(self, side: Funnel, index: int, whole: int | None = None) -> tuple[float, float] | None:
        """The interval of a step of a side, of the decided; `None` where there is no sample."""
        counts = None if end_is_unknown(side, index, whole) else decided_sample(side, index, whole)
        if counts is None:
            return None
        interval = interval_of(side, index, whole, counts) if self.varying else wilson_bounds
        return interval(*counts, self.confidence)

    def samples(self, index: int) -> tuple[float, float, float, float] | None:
        """The samples of both sides; `None` where one has none."""
        first, second = self.sample_of(self.a, index), self.sample_of(self.b, index)
        return None if first is None or second is None else (*first, *second)


class Tested(NamedTuple):
    """The tests of a pair: of the overall conversion, and of each stage's step; for how many they are corrected.

    The open units of one side may be so much younger that they could make up for what is between the two (`is_untold`).
    """

    overall: RateTest
    stages: tuple[RateTest, ...]
    number: int
    chosen_of: int


def is_untold(test: RateTest) -> bool:
    """Whether nothing is told, as open units of one side may end against it."""
    return test.method == OPEN_AGAINST and not test.differs


def test_pairs(pairs: Sequence[Pair], wholes: Sequence[Pair], chosen_of: int) -> list[Tested]:
    """Everything that is compared, corrected for being so many; `wholes` have the steps that all can be judged by.

    In a funnel whose sale comes from the entry, the overall conversion is that step, and tested once.
    """
    first = pairs[0].a
    sale, stages = first.sale_stage, range(len(first.stages))
    is_step = first.stages[sale].parent == 0
    results: list[Significance | None] = []
    for pair, whole in zip(pairs, wholes, strict=True):
        results.append(None if is_step else step_test(whole, whole.a.sale_stage, 0))
        results.extend(step_test(pair, index) for index in stages)
    made = sum(result is not None for result in results)
    found, each = corrected(results, made * (chosen_of - 1)), 1 + len(stages)
    tested = []
    for start in range(0, len(found), each):
        overall, *steps = found[start : start + each]
        tested.append(Tested(steps[sale] if is_step else overall, tuple(steps), made * chosen_of, chosen_of))
    return tested


def step_test(pair: Pair, index: int, whole: int | None = None) -> Significance | None:
    """Of equal rates; of two periods by a test that allows for what varies between periods, where that says less."""
    a, b = pair.counted(pair.a, index, whole), pair.counted(pair.b, index, whole)
    if a is None or b is None:
        return None
    strays = (
        dispersed_rate(side, index, whole, decided=True) if pair.varying else CONSTANT for side in (pair.a, pair.b)
    )
    result = with_variation(two_proportion_test(*a, *b), *strays)
    against = pair.held(index, whole).against if pair.a.open_at or pair.b.open_at else None
    return result if against is None else even_so(result, two_proportion_test(*against))
