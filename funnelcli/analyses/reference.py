"""What a funnel is held against: its targets, a baseline's conversions, or the best segment of a dimension."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.headroom import MOST_TRIALS, passing
from funnelcli.analyses.variation import effective_sample
from funnelcli.diagnostics import Problem, quoted
from funnelcli.metrics import find_name
from funnelcli.stats.beta import posterior
from funnelcli.stats.normal import inverse_normal
from funnelcli.stats.tests import LIKELY, critical_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.stats.differing import Belief


class Reference(NamedTuple):
    """Step conversions to reach, by the index of the stage; `kind` is `target`, `baseline`, `segment` or `none`.

    `sources` names the segment of the `dimension` that each rate is taken from. `shapes` are those of the Beta
    distribution of a rate that is known from counts; what is stated is taken as exact. `others` are the shapes of the
    rate of all other segments together, and their part in what the step lets through. `divides_open`: it is known of
    which segments of the dimension the open units are.
    """

    kind: str
    rates: dict[int, Exact]
    sources: dict[int, str] = {}  # noqa: RUF012  # never changed
    shapes: dict[int, tuple[float, float]] = {}  # noqa: RUF012
    others: dict[int, tuple[float, float, float]] = {}  # noqa: RUF012
    dimension: str | None = None
    divides_open: bool = False


def targets(funnel: Funnel) -> Reference:
    """The targets of the file."""
    rates = {
        index: stage.target
        for index, stage in enumerate(funnel.stages)
        if stage.target is not None and stage.parent is not None
    }
    return Reference("target" if rates else "none", rates)


def aim_above(rate: Exact) -> Fraction:
    """A tenth more, in two digits, and no more than half of what is missing: a target as people write them."""
    aim = min(rate * Fraction(11, 10), (1 + Fraction(rate)) / 2)
    digits = Fraction(1, 100)
    while 0 < aim < 10 * digits:
        digits /= 10
    return -(-aim // digits) * digits if aim else Fraction(1, 100)


def of_baseline(funnel: Funnel, baseline: Funnel) -> Reference:
    """The baseline's conversions at the funnel's stages of the same name."""
    names = baseline.names
    rates: dict[int, Exact] = {}
    shapes: dict[int, tuple[float, float]] = {}
    for index, stage in enumerate(funnel.stages):
        known = find_name(stage.name, names)
        rate = None if known is None else baseline.conversion_decided(known)
        if known is None or stage.parent is None or rate is None:
            continue
        rates[index] = rate
        counts = effective_sample(baseline, known, decided=True)
        if counts is not None and counts[1] <= MOST_TRIALS:
            shapes[index] = posterior(*counts)
    return Reference("baseline" if rates else "none", rates, shapes=shapes)


def best_segment(funnel: Funnel, dimension: str) -> Reference | Problem:
    """The best conversion of a dimension's segments, at each step where these differ by more than chance.

    The best of many looks better than it is, and falls back: each is believed as far as the others let it be, and the
    luck of having been found (`stats.differing`), and the best of these rates is the reference. Whether any segment
    differs from all others together is tested as for `break_down`, by Holm over segments and steps. The step with the
    largest gap is looked at as it is far enough beyond the next to be named, which is luck as well. There are no rates
    where no segment is better than the whole by more than chance.
    """
    from funnelcli.analyses.ages import step_samples
    from funnelcli.analyses.breakdowns import find_breakdown, open_in_none, parts_of
    from funnelcli.analyses.marks import mark
    from funnelcli.analyses.periods import is_time
    from funnelcli.analyses.segment_totals import total
    from funnelcli.stats.differing import MOST as MOST_BELIEVED

    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    parts = parts_of(funnel, breakdown)
    if not breakdown.divides_open:
        funnel = open_in_none(funnel)
    time = is_time(breakdown.dimension)
    together = total(funnel, parts, "total")
    marks, tests = mark(parts, together, time)
    found = Reference("segment", {}, {}, {}, {}, breakdown.dimension, breakdown.divides_open)
    differ = [index for index in sorted(funnel.on_the_way) if any(own.steps[index].differs for own in marks)]
    parts = [part for part in parts if not (time and part.is_open)]
    critical, behind = critical_among(tests), passing(funnel)
    candidates: dict[int, _Candidate] = {}
    for index in differ:
        told = zip((part.name for part in parts), step_samples(parts, together, index), strict=True)
        samples = [(name, (round(counts[0]), round(counts[1]))) for name, counts in told if counts is not None]
        whole = float(funnel.conversion_decided(index) or 0)
        if whole and samples and max(could for _, (_, could) in samples) <= MOST_TRIALS:
            worth = float(behind[index].revenue or behind[index].sales) / whole
            candidates[index] = _candidate(samples, whole, worth, critical)
    ranked = sorted(candidates, key=lambda index: candidates[index].gap, reverse=True)
    if len(ranked) > 1 and candidates[ranked[1]].gap > 0 and len(parts) <= MOST_BELIEVED:
        first, second = (candidates[index] for index in ranked[:2])
        margin = inverse_normal(LIKELY) * math.hypot(first.spread, second.spread)
        needed = min(1.0, (second.gap + margin) / first.gap)  # to be named
        above = first.whole + (first.counts[0] / first.counts[1] - first.whole) * needed
        candidates[ranked[0]] = _candidate(first.samples, first.whole, first.worth, critical, above)
    for index in candidates:
        samples, whole, _, name, counts, belief = candidates[index]
        rate = belief.rate
        if rate <= whole:
            continue
        found.rates[index], found.sources[index], found.shapes[index] = Fraction(rate), name, belief.shapes
        could = sum(could for _, (_, could) in samples)
        rest = could - counts[1]
        if rest:  # what is left of the whole, so that both give the whole again: its rate is no longer the best's luck
            part = 1 - counts[1] / could * rate / whole
            mean = min(max(whole * part * could / rest, 0.5 / (rest + 1)), 1 - 0.5 / (rest + 1))
            found.others[index] = mean * (rest + 2), (1 - mean) * (rest + 2), max(part, 0.5 / (rest + 1))
    return found


class _Candidate(NamedTuple):
    """A step whose segments differ: its conversion, what a rate of 1 more is worth, and the best, as it is believed."""

    samples: list[tuple[str, tuple[int, int]]]
    whole: float
    worth: float
    name: str
    counts: tuple[int, int]
    belief: Belief

    @property
    def gap(self) -> float:
        """What the best would bring."""
        return self.worth * (self.belief.rate - self.whole)

    @property
    def spread(self) -> float:
        """How uncertain that is."""
        a, b = self.belief.shapes
        return self.worth * math.sqrt(a / (a + b) * (b / (a + b)) / (a + b + 1))


def _candidate(
    samples: list[tuple[str, tuple[int, int]]], whole: float, worth: float, critical: float, above: float | None = None
) -> _Candidate:
    """The first of the segments that are believed to have the highest rate."""
    from funnelcli.stats.differing import believe

    beliefs = believe([counts for _, counts in samples], critical, above)
    (name, counts), belief = max(zip(samples, beliefs, strict=True), key=lambda each: each[1].rate)
    return _Candidate(samples, whole, worth, name, counts, belief)


def counterpart(funnel: Funnel, references: Sequence[Funnel]) -> Funnel | Problem:
    """The funnel of the baseline that is meant: the only one, or the one of the same name."""
    names = [each.name for each in references]
    index = 0 if len(names) == 1 else find_name(funnel.name, names)
    if index is None:
        return Problem(
            "FN102",
            f"the baseline has no funnel called {quoted(funnel.name)}",
            "name it alike, or choose with --funnel",
        )
    stages = references[index].names
    if not any(find_name(stage.name, stages) is not None for stage in funnel.stages[1:]):
        return Problem(
            "FN112",
            f"the baseline {quoted(names[index])} has none of the stages",
            f"its stages: {', '.join(map(quoted, stages))}",
        )
    return references[index]
