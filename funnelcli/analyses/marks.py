"""Which segments differ from all others together: in the overall conversion, and in each step.

Periods are tested with the variation from period to period in it, and that of all other periods: one that stands out
does not hide itself. Those whose window is still open are neither tested nor part of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.variation import PERIODS, stated
from funnelcli.exact import ratio
from funnelcli.stats.tests import NOT_TESTED, RateTest, compare_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.overall import Sample
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.stats.variation import Dispersed

    Four = tuple[int, int, int, int]
    Varying = tuple[Dispersed, Dispersed]


class Marks(NamedTuple):
    """The tests of one segment, B, against the others, A: of the overall conversion and of each step.

    `samples` are A's and B's behind the overall conversion; in proportion fewer, where periods vary. `others` is the
    overall conversion of A.
    """

    overall: RateTest
    steps: tuple[RateTest, ...]
    samples: tuple[Sample, Sample] | None
    others: Exact | None


class MarkedSegments(NamedTuple):
    """The marks of segments in their order, and how many tests they are."""

    marks: tuple[Marks, ...]
    tests: int


def mark(parts: Sequence[Funnel], whole: Funnel, in_time: bool, confidence: float = 0.95) -> MarkedSegments:
    """Each part against all others, which add up to the whole, corrected over all tests (two-sided, z, Fisher or t)."""
    judged = [index for index, part in enumerate(parts) if not (in_time and part.is_open)]
    counts = [tuple(stage.count for stage in parts[index].stages) for index in judged]
    totals = [stage.count for stage in whole.stages]
    if len(judged) < len(parts):
        totals = [sum(column) for column in zip(*counts, strict=True)]
    pairs = [(-1 if stage.parent is None else stage.parent, index) for index, stage in enumerate(whole.stages)]
    overall = (0, whole.sale_stage)
    distinct = [pair for pair in dict.fromkeys([overall, *pairs]) if 0 <= pair[0] < pair[1]]
    columns = {pair: [_against_others(own, totals, *pair) for own in counts] for pair in distinct}
    varying = {pair: _varying(whole, column, pair) if in_time else [] for pair, column in columns.items()}
    two = len(judged) == 2  # each is all others of the other one: the same test, counted once
    rows = 1 if two else len(judged)
    found = compare_rates(
        [four for pair in distinct for four in columns[pair][:rows]],
        [between for pair in distinct for between in varying[pair][:rows]] if in_time else (),
    )
    tests = {pair: found[at * rows : at * rows + rows] for at, pair in enumerate(distinct)}
    if two:
        tests = {pair: (test, test._replace(differs=-test.differs)) for pair, (test,) in tests.items()}
    untested = (NOT_TESTED,) * len(judged)
    nothing = Marks(NOT_TESTED, (NOT_TESTED,) * len(pairs), None, None)
    marks = [nothing] * len(parts)
    steps = zip(*(tests.get(pair, untested) for pair in pairs), strict=True)
    for row, (index, own) in enumerate(zip(judged, steps, strict=True)):
        samples = columns[overall][row] if overall in columns else None
        between = varying[overall][row] if samples and varying[overall] else None
        marks[index] = Marks(
            tests.get(overall, untested)[row],
            own,
            None if samples is None else _effective(samples, between, confidence),
            None if samples is None else ratio(samples[0], samples[1]),
        )
    return MarkedSegments(tuple(marks), sum(test.p_value is not None for test in found))


def _against_others(own: Sequence[Exact], totals: Sequence[Exact], origin: int, index: int) -> Four | None:
    """The samples of a conversion: of all other segments together, and of this one."""
    came, could = own[index], own[origin]
    others_came, others_could = totals[index] - came, totals[origin] - could
    if not (isinstance(came, int) and isinstance(could, int)):
        return None
    if not (isinstance(others_came, int) and isinstance(others_could, int)):
        return None
    if 0 <= came <= could and 0 <= others_came <= others_could and could and others_could:
        return others_came, others_could, came, could
    return None


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
