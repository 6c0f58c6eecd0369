"""The bottleneck: against targets, a baseline and the best segment; and what is never called one."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy
from numpy.random import Generator, default_rng

from funnelcli.analyses.bottleneck import Bottleneck, find_bottleneck
from funnelcli.analyses.reference import best_segment
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel, Stage
from tests.calibration.findings import Finding, mean, share
from tests.calibration.worlds import broken_down, chain, passed, true_rates

Rates = Sequence[float]

LEVELS = ((0.3, 0.08), (0.5, 0.08), (0.8, 0.06), (0.95, 0.035))
"""Chances that are looked at, and how far from them one may lie that is counted with them."""
WITHIN = 0.03
ENTRIES = 200
WORLDS: dict[str, Rates] = {"web": (0.06, 0.3, 0.5), "sales": (0.3, 0.4, 0.25)}


class Differing(NamedTuple):
    """Segments of a channel: by how much their rates vary at each step, or by what factor that of the first differs.

    `low` and `high` bound the promise, relative to what is true; `held` is how often its 80% range holds it, at least.
    """

    segments: int
    world: str
    variations: Rates
    low: float
    high: float
    factors: Rates = (1.0, 1.0, 1.0)
    held: float = 0.75


DIFFERING = (
    Differing(5, "differ most at the first step", (0.4, 0.1, 0.1), 0.98, 1.02),
    Differing(20, "differ most at the first step", (0.4, 0.1, 0.1), 0.98, 1.02),
    Differing(5, "differ at the second step alone", (0.0, 0.3, 0.0), 0.97, 1.02),
    Differing(20, "differ at the second step alone", (0.0, 0.3, 0.0), 0.98, 1.02),
    # the step that is named is the one that looks best: of five segments, too little is known to take that luck back
    Differing(5, "differ alike at three steps", (0.3, 0.3, 0.3), 0.98, 1.05),
    Differing(20, "differ alike at three steps", (0.3, 0.3, 0.3), 0.98, 1.02, held=0.7),
    # where a third or a fifth of such worlds are found to differ, the lucky ones are like worlds that differ more
    Differing(5, "hardly differ", (0.1, 0.0, 0.0), 0.95, 1.2),
    Differing(20, "hardly differ", (0.07, 0.0, 0.0), 0.9, 1.1),
    Differing(5, "differ less than is found", (0.0, 0.1, 0.0), 0.95, 1.45, held=0.7),
    # one that stands out may be the best of many that differ: both are believed, as far as they are likely
    Differing(20, "have one at 1.5 times", (0.0, 0.0, 0.0), 0.8, 1.02, (1.0, 1.5, 1.0), 0.6),
    Differing(20, "have one at half", (0.0, 0.0, 0.0), 0.0, 2.5, (1.0, 0.5, 1.0)),
)


def _aimed(counts: Sequence[int], targets: Rates) -> Funnel:
    """A chain with targets."""
    plain = chain(counts)
    aims = (None, *(Fraction(float(target)) for target in targets))
    stages = (stage._replace(target=aim) for stage, aim in zip(plain.stages, aims, strict=True))
    return plain._replace(stages=tuple(stages))


def _open(gains: numpy.ndarray, random: Generator) -> bool:
    """Whether what reads as the most to gain is near enough to the next to leave it open; of others, few are looked at.

    It is asked of what was counted, which leaves a posterior what it is.
    """
    first, second = sorted(gains, reverse=True)[:2]
    return first > 0 and (second > 0.5 * first or random.random() < 0.12)


def _raw(counts: Sequence[int]) -> numpy.ndarray:
    return numpy.array(counts[1:]) / numpy.maximum(1, counts[:-1])


def _stated(case: str, said: list[tuple[float, bool]]) -> Iterator[Finding]:
    """The found share beside the mean of the chances that were stated, near each level."""
    for level, width in LEVELS:
        near = [(chance, right) for chance, right in said if abs(chance - level) <= width]
        if near:
            stated = float(numpy.mean([chance for chance, _ in near]))
            found = sum(right for _, right in near)
            finding = share(f"{case}: chance near {level:.0%}", found, len(near), stated - WITHIN, stated + WITHIN)
            yield finding._replace(error=max(finding.error, math.sqrt(stated * (1 - stated) / len(near))))


class _Said:
    """What was said in many worlds, beside the truth."""

    def __init__(self) -> None:
        self.chances: list[tuple[float, bool]] = []
        self.inside = self.ranges = self.named = self.right = 0

    def add(self, result: Bottleneck, counts: Sequence[int], rates: numpy.ndarray, references: numpy.ndarray) -> None:
        """What is said of a funnel of these counts, whose steps truly have these rates and could have those.

        Which has the most to gain is told by the ratio, as all have the same sales; what it brings by the difference:
        as many come to a step as came, and go on after it as they went on.
        """
        growths, missing = numpy.maximum(0, references / rates - 1), numpy.maximum(0, references - rates)
        most = result.steps[int(growths.argmax())].name if growths.max() > 0 else None
        gains = counts[-1] * missing / _raw(counts)
        for step, gain in zip(result.steps, gains, strict=True):
            if step.chance_weakest is not None:
                self.chances.append((step.chance_weakest, step.name == most))
            if step.headroom_sales_low and step.headroom_sales_high:  # from 0 on it would hold more
                self.ranges += 1
                self.inside += step.headroom_sales_low <= gain <= step.headroom_sales_high
        if result.bottleneck is not None:
            self.named += 1
            self.right += result.bottleneck == most

    def findings(self, case: str) -> Iterator[Finding]:
        """Shares of what was right."""
        yield from _stated(case, self.chances)
        if self.named:
            yield share(f"{case}: the step that is named has the most to gain", self.right, self.named, 0.8)
        if self.ranges:
            yield share(f"{case}: the 80% range of the headroom holds it", self.inside, self.ranges, 0.77, 0.83)


def against_targets(runs: int, seed: int) -> Iterator[Finding]:
    """Any rates are as likely as any other, as the posteriors have it, and so are targets."""
    random, said, done = default_rng(seed), _Said(), 0
    while done < 3 * runs:
        rates, targets = random.random(3), random.uniform(0.05, 0.95, 3)
        counts = passed(ENTRIES, rates, random)
        if not counts[-1] or not _open(targets / _raw(counts) - 1, random):
            continue
        done += 1
        result = find_bottleneck(_aimed(counts, targets))
        said.add(result, counts, rates, targets)
    yield from said.findings("targets")


def against_baseline(runs: int, seed: int) -> Iterator[Finding]:
    """The same, where the baseline's rates are known from fewer units; and a baseline that is equal in truth."""
    random, said, done = default_rng(seed), _Said(), 0
    while done < 2 * runs:
        rates, before = random.random(3), random.random(3)
        counts, earlier = passed(ENTRIES, rates, random), passed(ENTRIES // 3, before, random)
        if not (counts[-1] and earlier[-1]) or not _open(_raw(earlier) / _raw(counts) - 1, random):
            continue
        done += 1
        result = find_bottleneck(chain(counts), chain(earlier))
        said.add(result, counts, rates, before)
    yield from said.findings("baseline")
    for world, rates in WORLDS.items():
        named = 0
        for _ in range(runs):
            now, before = (chain(passed(5000, rates, random)) for _ in range(2))
            named += find_bottleneck(now, before).bottleneck is not None
        yield share(f"equal to its baseline, {world}: a step is named", named, runs, high=0.2)


def identical_segments(runs: int, seed: int) -> Iterator[Finding]:
    """Segments of one rate: none is the best, and no step is named."""
    random = default_rng(seed)
    for segments in (3, 5, 10, 20, 50):
        named = 0
        for _ in range(runs):
            funnel = broken_down("channel", [passed(1000, (0.1, 0.4), random) for _ in range(segments)])
            reference = best_segment(funnel, "channel")
            if not isinstance(reference, Problem) and reference.rates:
                named += find_bottleneck(funnel, reference=reference).bottleneck is not None
        yield share(f"{segments} identical segments: a step is named", named, runs, high=0.05)


def differing_segments(runs: int, seed: int) -> Iterator[Finding]:
    """What closing the gap to the best segment promises, relative to what it would bring in truth; and its range.

    That is the true rate of the segment that is named as the best, held against the true rate of all.
    """
    random = default_rng(seed)
    for case in DIFFERING:
        said = []
        for _ in range(runs // 3):
            rates = numpy.array(
                [
                    true_rates(rate, case.segments, random, variation)
                    for rate, variation in zip((0.1, 0.4, 0.5), case.variations, strict=True)
                ]
            )
            rates[:, 0] *= case.factors
            said.append(_promise(rates, random))
        known = [each for each in said if each is not None]
        if len(known) < 2:
            continue
        scale = float(numpy.mean([true for _, true, _ in known]))
        named = f"{case.segments} segments that {case.world}"
        values = [1 + (promised - true) / scale for promised, true, _ in known]
        yield mean(f"{named}: promise", values, case.low, case.high)
        yield share(f"{named}: its range", sum(inside for *_, inside in known), len(known), case.held)


def _promise(rates: numpy.ndarray, random: Generator) -> tuple[float, float, bool] | None:
    """What is promised and what is true, relative to the sales, and whether the range holds it; else `None`."""
    segments = rates.shape[1]
    funnel = broken_down("channel", [passed(2000, rates[:, segment], random) for segment in range(segments)])
    reference = best_segment(funnel, "channel")
    if isinstance(reference, Problem) or not reference.rates:
        return None
    result = find_bottleneck(funnel, reference=reference)
    named = next((index for index, step in enumerate(result.steps) if step.name == result.bottleneck), None)
    if named is None:
        return None
    step, sales = result.steps[named], float(funnel.stages[-1].count)
    reach = numpy.vstack([numpy.ones(segments), numpy.cumprod(rates, axis=0)]).sum(axis=1)
    best = int(reference.sources[named + 1].split()[-1]) - 1
    true = float(rates[named, best] / (reach[named + 1] / reach[named]) - 1)
    inside = (step.headroom_sales_low or 0) <= true * sales <= (step.headroom_sales_high or 0)
    return float(step.headroom_sales or 0) / sales, true, inside


def off_the_way(runs: int, seed: int) -> Iterator[Finding]:
    """Few deals are lost, fewer than one would like or than before, and this is the lowest rate: it is never named."""
    random = default_rng(seed)
    named = 0
    for _ in range(runs):
        won, lost, _ = random.multinomial(400, (0.4, 0.05, 0.55))
        stages = (
            Stage("Leads", None, 1000),
            Stage("Offers", 0, 400),
            Stage("Won", 1, int(won), role="customer", average_check=100),
            Stage("Lost", 1, int(lost)),
            Stage("Refunds", 2, 0),
        )
        funnel = Funnel("deals", stages)
        aimed = funnel._replace(stages=tuple(stage._replace(target=Fraction(1, 2)) for stage in stages))
        before = funnel._replace(stages=(*stages[:3], Stage("Lost", 1, 200), Stage("Refunds", 2, int(won) // 2)))
        for result in (find_bottleneck(funnel), find_bottleneck(aimed), find_bottleneck(funnel, before)):
            named += bool({"Lost", "Refunds"} & {result.named, *result.tied, *result.needless})
    yield share("a stage off the way to the sale is named", named, 3 * runs, high=0.0)
