"""How much the true rates of a funnel vary from period to period: the one answer for intervals, tests and simulations.

A coefficient of variation of 10% means that a rate of 20% is 18% in one month and 22% in another, without any cause
that is known. It is *stated* by the funnel (`Funnel.variation`, of each step; over k steps it is the root of k times as
much), or *estimated* from a breakdown in time of at least `PERIODS` periods, those left out whose window is still open,
or rates are taken as *constant*, and then a sample is all there is to know.

A funnel of many periods is their mean, and varies less. A segment keeps what its funnel knows (`Funnel.varied`): one of
a dimension of time is a single period, any other stretches over as many as its funnel. What happens in a period happens
to all of its channels: intervals of a channel's rate have the variation in them, tests between channels do not.

- intervals of a rate: `interval_of`, `step_bounds`
- intervals of a difference, and chances: `effective_sample` in place of the sample
- a test of two periods: `dispersed_rate` of both, with `stats.variation.dispersed_test`
- the next period: `rate_variation`
- what is said: `variation_of`
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.fewer_stages import judged
from funnelcli.segments import Varied
from funnelcli.stats.intervals import decided_sample, sample, sample_of_steps, wilson_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment
    from funnelcli.stats.variation import Dispersed, Spread

    BoundsOf: TypeAlias = Callable[[float, float, float], tuple[float, float]]

PERIODS = 8
"""Periods from which the variation is estimated."""
WIDEST = 0.30
"""An interval of a conversion wider than this tells nothing."""
Basis: TypeAlias = Literal["estimated", "stated", "constant"]
"""Where the variation comes from: from the periods of a breakdown, from the file, or there is none."""


class Variation(NamedTuple):
    """What is known of the variation from period to period: coefficients of variation, as fractions of 1.

    `overall` is of the overall conversion, `steps` of each step in the order of the stages; `None` where nothing tells.
    `periods` of `dimension` are what it is estimated from. Tests, ranges and draws take the estimates as they are, but
    chance makes them above 0 as often as not: that a rate varies is said where its p-value, of one rate in all periods
    and by Holm among these, is below 5%.
    """

    basis: Basis
    dimension: str | None = None
    periods: int | None = None
    overall: float | None = None
    steps: tuple[float | None, ...] = ()
    overall_p_value_holm: float | None = None
    p_values_holm: tuple[float | None, ...] = ()

    @property
    def found(self) -> list[float]:
        """The variation of the steps that is stated, or that a test finds."""
        if self.basis != "estimated":
            return [step for step in self.steps if step is not None]
        both = zip(self.steps, self.p_values_holm, strict=True)
        return [step for step, p_value in both if step is not None and is_found(p_value)]

    @property
    def is_told(self) -> bool:
        """Whether any rate is known to vary."""
        return any(self.found) or (bool(self.overall) and is_found(self.overall_p_value_holm))


def is_found(p_value: float | None) -> bool:
    """Whether periods differ by more than chance."""
    if p_value is None:
        return False
    from funnelcli.stats.tests import SIGNIFICANT  # of most funnels nothing tells it

    return p_value < SIGNIFICANT


def variation_of(funnel: Funnel) -> Variation:
    """What the funnel, or the segment, tells of how much its rates vary from period to period."""
    varied = _known(funnel)
    if varied is None:
        return Variation("constant")

    from funnelcli.stats.tests import holm

    def coefficient(index: int, origin: int | None) -> float | None:
        unknown = origin is None or origin == index or funnel.hides(index, origin)
        found = None if origin is None or unknown else _spread(funnel, varied, origin, index)
        return None if found is None else found.coefficient

    pairs = dict(varied.p_values)
    tested = dict(zip(pairs, holm([*pairs.values()]), strict=True))
    return Variation(
        "stated" if varied.dimension is None else "estimated",
        varied.dimension,
        varied.periods,
        coefficient(funnel.sale_stage, 0),
        tuple(coefficient(index, stage.parent) for index, stage in enumerate(funnel.stages)),
        tested.get((0, funnel.sale_stage)),
        tuple(
            None if stage.parent is None else tested.get((stage.parent, index))
            for index, stage in enumerate(funnel.stages)
        ),
    )


def dispersed_rate(
    funnel: Funnel, index: int, whole: int | None = None, decided: bool = False, rate: float | None = None
) -> Dispersed:
    """By what the variance of a step's rate, or of the conversion from the stage `whole`, is larger than a binomial.

    With `decided`, of the rate of the units which are no longer open; with a `rate`, where that is the true one.
    """
    from funnelcli.stats.variation import CONSTANT, dispersed

    counts: tuple[float, float] | None = (decided_sample if decided else sample)(funnel, index, whole)
    origin = funnel.stages[index].parent if whole is None else whole
    if counts is None or origin is None:
        return CONSTANT
    found, spans = _between(funnel, origin, index)
    came, could = counts
    return dispersed(found, came if rate is None else rate * could, could, spans)


def effective_sample(
    funnel: Funnel,
    index: int,
    whole: int | None = None,
    confidence: float = 0.95,
    decided: bool = False,
    rate: float | None = None,
) -> tuple[float, float] | None:
    """The sample behind a step as `stats.intervals.sample` has it, so many times smaller that it says as little.

    Intervals of differences are made of it: they are wider by the root of what the variation adds. Where rates are
    constant it is the sample itself, whole. With `decided`, it is that of the units which are no longer open; with a
    `rate`, it says as much of that true rate, and not of the one that was counted.
    """
    counts: tuple[float, float] | None = (decided_sample if decided else sample)(funnel, index, whole)
    if counts is None:
        return None
    if _is_constant(funnel):
        return counts
    from funnelcli.stats.variation import effective

    return effective(*counts, dispersed_rate(funnel, index, whole, decided, rate), confidence)


def interval_of(funnel: Funnel, index: int, whole: int | None, counts: tuple[float, float]) -> BoundsOf:
    """The interval of a step's rate, a function of successes, trials and confidence, where periods are as large as now.

    Wilson's where rates are constant; `counts` is the sample as it is now.
    """
    if _is_constant(funnel):
        return wilson_bounds
    origin = funnel.stages[index].parent if whole is None else whole
    found, spans = (None, 1.0) if origin is None else _between(funnel, origin, index)
    if found is None:
        return wilson_bounds
    from funnelcli.stats.variation import varying_bounds

    return partial(varying_bounds, found, counts[1] / spans)


def step_bounds(
    funnel: Funnel, index: int, confidence: float, whole: int | None = None, decided: bool = False
) -> tuple[float | None, float | None]:
    """Score bounds of a step, or with `whole` of the conversion from that stage; `None` where there is no sample.

    With `decided`, of the units that are no longer open. They have the variation from period to period in them, as far
    as the funnel tells it.
    """
    counts: tuple[float, float] | None = (decided_sample if decided else sample)(funnel, index, whole)
    return (None, None) if counts is None else interval_of(funnel, index, whole, counts)(*counts, confidence)


def rate_variation(funnel: Funnel, index: int, whole: int | None = None) -> float:
    """The coefficient of variation of a step's true rate from one such funnel to the next of as many periods.

    0 where rates are taken as constant. It is `whole` that a conversion over several steps comes from.
    """
    origin = funnel.stages[index].parent if whole is None else whole
    if origin is None or origin == index:
        return 0.0
    found, spans = _between(funnel, origin, index)
    return 0.0 if found is None else found.coefficient / spans**0.5


def usual_range(period: Funnel, rate: Exact, confidence: float = 0.95) -> tuple[float, float] | None:
    """The range in which a period's overall conversion is expected, if it has the common rate, as that varies."""
    entries, sale = period.stages[0].count, period.sale_stage
    if not isinstance(entries, int) or not entries or not 0 <= rate <= 1 or not sale:
        return None
    could: float = entries
    if any(stage.open for stage in period.stages):
        told = decided_sample(period, sale, whole=0)
        if told is None:
            return None
        could = told[1]
    from funnelcli.stats.variation import dispersed, effective

    found, spans = _between(period, 0, sale)
    expected = float(rate * could)
    strays = dispersed(found, expected, could, spans)
    return wilson_bounds(*effective(expected, could, strays, confidence), confidence)


def varied(funnel: Funnel, breakdown: Breakdown, without: Sequence[str] = ()) -> Varied | None:
    """What segments of a breakdown keep of the variation; `None` where their rates are taken as constant.

    `without` names periods that are held against each other, so that the variation between the others judges them.
    """
    if not _in_time([breakdown]):
        return _known(funnel)
    if funnel.variation is not None:
        return Varied(None, None, 1.0)
    return _estimated(funnel, breakdown, 1.0, without=without)


def varied_at_once(funnel: Funnel, breakdowns: Sequence[Breakdown]) -> Varied | None:
    """What is kept of segments of several breakdowns at once: one period has no others to be the mean of."""
    return varied(funnel, next(iter(_in_time(breakdowns)), breakdowns[0]))


def stated(funnel: Funnel, origin: int, index: int) -> Spread | None:
    """How much a conversion varies from period to period, as the file states it: of k steps the root of k as much."""
    if funnel.variation is None:
        return None
    from funnelcli.stats.variation import Spread

    return Spread(float(funnel.variation) ** 2 * (len(funnel.path_to(index, origin)) - 1), None)


def mature(funnel: Funnel, breakdown: Breakdown) -> list[Segment]:
    """The periods of a breakdown in time whose counts no longer grow."""
    return [segment for segment in breakdown.segments if segment.name not in funnel.not_mature]


def _known(funnel: Funnel, pair: tuple[int, int] | None = None) -> Varied | None:
    """What the funnel itself says, or its first breakdown in time that has enough periods; of one pair of stages.

    A segment has what its funnel said, so that a table of segments and the segment alone have the same intervals.
    """
    if funnel.varied is not None:
        return funnel.varied
    if _is_constant(funnel):
        return None
    in_time = _in_time(funnel.breakdowns)
    if funnel.variation is not None:
        return Varied(None, None, _stretch(in_time[0]) if in_time else 1.0)
    for breakdown in in_time:
        found = _estimated(funnel, breakdown, _stretch(breakdown), pair)
        if found is not None:
            return found
    return None


def _between(funnel: Funnel, origin: int, index: int) -> tuple[Spread | None, float]:
    """How much a conversion varies from period to period, and over how many periods the funnel stretches."""
    known = _known(funnel, (origin, index))
    return (None, 1.0) if known is None else (_spread(funnel, known, origin, index), known.spans)


def _is_constant(funnel: Funnel) -> bool:
    """Whether nothing can tell of any variation: most funnels, which need no more of this than the question."""
    return (
        funnel.variation is None
        and funnel.varied is None
        and all(len(breakdown.segments) < PERIODS for breakdown in funnel.breakdowns)
    )


def _in_time(breakdowns: Sequence[Breakdown]) -> list[Breakdown]:
    if not breakdowns:
        return []
    from funnelcli.analyses.periods import is_time  # most funnels have no breakdowns

    return [breakdown for breakdown in breakdowns if is_time(breakdown.dimension)]


def stretch(entries: Sequence[float]) -> float:
    """How many periods of one size would vary as little on average as these: N^2 / the sum of squares."""
    squares = sum(entry * entry for entry in entries)
    return sum(entries) ** 2 / squares if squares else 1.0


def _stretch(breakdown: Breakdown) -> float:
    return stretch([float(segment.counts[0]) for segment in breakdown.segments])


def _estimated(
    funnel: Funnel,
    breakdown: Breakdown,
    spans: float,
    pair: tuple[int, int] | None = None,
    without: Sequence[str] = (),
) -> Varied | None:
    """The variation between the periods of a breakdown, where they are enough; of no step that is hidden."""
    if funnel.hides_steps:
        short = judged(funnel._replace(breakdowns=(breakdown,), cells=(), ages=()))
        known = [funnel.names.index(name) for name in short.names]
        if pair is not None and not set(pair) <= set(known):
            return None
        step = None if pair is None else (known.index(pair[0]), known.index(pair[1]))
        kept = _estimated(short, short.breakdowns[0], spans, step, without)
        return kept and kept._replace(
            spreads=tuple(((known[a], known[b]), each) for (a, b), each in kept.spreads),
            p_values=tuple(((known[a], known[b]), each) for (a, b), each in kept.p_values),
        )
    periods = mature(funnel, breakdown)
    if len(periods) < PERIODS:
        return None
    told = [period for period in periods if period.name not in without]
    from funnelcli.stats.variation import chance_of_spread, spread

    found, tested = [], []
    for origin, index in _pairs(funnel) if pair is None else [pair]:
        samples = period_samples(told, funnel.path_to(index, origin)[::-1])
        between = spread(samples) if len(samples) >= PERIODS - len(without) else None
        if between is not None:
            found.append(((origin, index), tuple(between)))
            if pair is None and (origin == funnel.stages[index].parent or index == funnel.sale_stage):
                tested.append(((origin, index), chance_of_spread(samples)))
    if not found:
        return None
    return Varied(breakdown.dimension, len(told), spans, tuple(found), tuple(tested))  # type: ignore[arg-type]


def period_samples(periods: Sequence[Segment], way: Sequence[int]) -> list[tuple[float, float]]:
    """The samples of a conversion along some stages in each period that has one: of the decided, where some are open.

    There are such of whole counts that do not grow.
    """
    found = (sample_of_steps([period.step(*step) for step in pairwise(way)]) for period in periods)
    return [sample for sample in found if sample is not None]


def _pairs(funnel: Funnel) -> Iterator[tuple[int, int]]:
    """Each step, and each conversion from the entry."""
    seen = set()
    for index, stage in enumerate(funnel.stages):
        if stage.parent is not None:
            seen.update({(stage.parent, index), (0, index)} if 0 in funnel.path_to(index) else {(stage.parent, index)})
    yield from sorted(seen)


def _spread(funnel: Funnel, varied: Varied, origin: int, index: int) -> Spread | None:
    if varied.dimension is None:
        return stated(funnel, origin, index)
    from funnelcli.stats.variation import Spread

    for pair, found in varied.spreads:
        if pair == (origin, index):
            return Spread(*found)
    return None


def variation_taken(funnel: Funnel, next_period: bool = True) -> Iterator[str]:
    """What is taken for granted of rates from period to period."""
    known = variation_of(funnel)
    taken = sorted(each for each in known.steps if each is not None)
    if not taken:
        if next_period:
            yield "rates taken as constant from period to period (variation not given)"
        return
    told = sorted(known.found) or taken
    low, high = (f"{each:.0%}" for each in (told[0], told[-1]))
    by = low if low == high else f"{low} to {high}"
    periods = "" if known.dimension is None else f"{known.periods:,} periods by {known.dimension}"
    if known.dimension is None:
        yield f"true rates vary from period to period by {by}, as stated"
    elif known.found:
        yield f"true rates vary from period to period by {by}, as {periods} tell"
    else:
        yield f"{periods} vary no more than chance would have them, and rates may by {by} all the same, which is taken"
