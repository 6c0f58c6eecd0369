"""Which segments differ from all others together: in the overall conversion, and in each step.

Where segments have open units, it is the decided that are tested: the overall conversion is then the product of the
steps (`Funnel.overall_conversion_decided`), that of all others of their steps together. Units of unequal age are held
against each other as `analyses.ages` has it.

Periods are tested with the variation from period to period in it, and that of all other periods: one that stands out
does not hide itself. Those whose window is still open are neither tested nor part of the others; other
segments are by what is expected in the end, where that is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.ages import NOT_COMPARED, against_others, are_aged
from funnelcli.analyses.ends import end_is_unknown
from funnelcli.analyses.variation import PERIODS, stated
from funnelcli.stats.tests import NOT_TESTED, RateTest, compare_rates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.analyses.ages import Compared
    from funnelcli.analyses.overall import Sample
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.stats.variation import Dispersed

    Four = tuple[float, float, float, float]
    Varying = tuple[Dispersed, Dispersed]


class Marks(NamedTuple):
    """The tests of one segment, B, against the others, A: of the overall conversion and of each step.

    `samples` are A's and B's behind the overall conversion; in proportion fewer, where periods vary. `others` is the
    overall conversion of A. `untold` says that the open units of one are so much younger that they could make up for
    what is between the two, and `untold_steps` are the stages (indices) to which a step is untold likewise. `within`
    says that both are rates as within periods of creation, where `standing` is B's sample beside the other segments'.
    """

    overall: RateTest
    steps: tuple[RateTest, ...]
    samples: tuple[Sample, Sample] | None
    others: Exact | None
    untold: bool = False
    within: bool = False
    standing: Sample | None = None
    untold_steps: tuple[int, ...] = ()


class MarkedSegments(NamedTuple):
    """The marks of segments in their order, and how many tests they are."""

    marks: tuple[Marks, ...]
    tests: int


def mark(parts: Sequence[Funnel], whole: Funnel, in_time: bool, confidence: float = 0.95) -> MarkedSegments:
    """Each part against all others together, of the stages of the whole, corrected over all tests (z, Fisher or t)."""
    sale = whole.sale_stage
    judged = [
        index
        for index, part in enumerate(parts)
        if not (in_time and part.is_open) and not end_is_unknown(part, sale, 0)
    ]
    pairs = [(-1 if stage.parent is None else stage.parent, index) for index, stage in enumerate(whole.stages)]
    overall = (0, whole.sale_stage)
    known = [(origin, index) for origin, index in (overall, *pairs) if not whole.hides(index, origin)]
    distinct = [pair for pair in dict.fromkeys(known) if 0 <= pair[0] < pair[1]]
    within = are_aged(parts)
    held = against_others([parts[index] for index in judged], whole, distinct)
    columns = {pair: [row.samples for row in column] for pair, column in held.items()}
    varying = {pair: _varying(whole, column, pair) if in_time else [] for pair, column in columns.items()}
    two = len(judged) == 2  # each is all others of the other one: the same test, counted once
    rows = 1 if two else len(judged)
    found = compare_rates(
        [four for pair in distinct for four in columns[pair][:rows]],
        [between for pair in distinct for between in varying[pair][:rows]] if in_time else (),
        [row.against for pair in distinct for row in held[pair][:rows]],
    )
    tests = {pair: found[at * rows : at * rows + rows] for at, pair in enumerate(distinct)}
    if two:
        tests = {pair: (test, test._replace(differs=-test.differs)) for pair, (test,) in tests.items()}
    untested = (NOT_TESTED,) * len(judged)
    nothing = Marks(NOT_TESTED, (NOT_TESTED,) * len(pairs), None, None)
    marks = [nothing] * len(parts)
    steps = zip(*(tests.get(pair, untested) for pair in pairs), strict=True)
    for row, (index, own) in enumerate(zip(judged, steps, strict=True)):
        samples, others, _, standing = held[overall][row] if overall in held else NOT_COMPARED
        between = varying[overall][row] if samples and varying[overall] else None
        test = tests.get(overall, untested)[row]
        marks[index] = Marks(
            test,
            own,
            None if samples is None else _effective(samples, between, confidence),
            None if samples is None else others,
            _untold(held, overall, row, test),
            within,
            standing,
            tuple(at for at, (test, pair) in enumerate(zip(own, pairs, strict=True)) if _untold(held, pair, row, test)),
        )
    return MarkedSegments(tuple(marks), sum(test.p_value is not None for test in found))


def _untold(
    held: Mapping[tuple[int, int], Sequence[Compared]], pair: tuple[int, int], row: int, test: RateTest
) -> bool:
    """Whether open units of another age could make up for what is between a segment and the others."""
    return pair in held and held[pair][row].against is not None and not test.differs


def _varying(whole: Funnel, column: Sequence[Four | None], pair: tuple[int, int]) -> list[Varying | None]:
    """By what the rates of the others and of each period vary more than by chance; nothing, where that is not known."""
    known = [four for four in column if four is not None]
    told = stated(whole, *pair)
    if told is None and len(known) < PERIODS:
        return [None] * len(column)
    from funnelcli.stats.variation import dispersed, spreads_of_others

    spreads = iter([told] * len(known) if told else spreads_of_others([(four[2], four[3]) for four in known]))
    squares = sum(four[3] ** 2 for four in known)
    found: list[Varying | None] = []
    for four in column:
        if four is None:
            found.append(None)
            continue
        spread, others = next(spreads), squares - four[3] ** 2
        stretch = four[1] ** 2 / others if others else 1.0
        # if nothing is different, the period has the rate of the others, and varies as much
        expected = four[0] * four[3] / four[1]
        found.append((dispersed(spread, four[0], four[1], stretch), dispersed(spread, expected, four[3])))
    return found


def _effective(four: Four, between: Varying | None, confidence: float) -> tuple[Sample, Sample]:
    if between is None:
        return four[:2], four[2:]
    from funnelcli.stats.variation import effective

    return effective(*four[:2], between[0], confidence), effective(*four[2:], between[1], confidence)
