"""Which segment is the best: overall conversions drawn towards what all segments have in common, and chances.

The best of many small segments looks better than it is, as it is the luckiest one as well. So its rate is shrunken
(`stats.shrinkage`), and the chance that it is the highest is that of the posteriors.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.ages import against_others, are_aged
from funnelcli.analyses.ends import end_is_unknown
from funnelcli.stats.intervals import decided_sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.analyses.marks import Marks
    from funnelcli.model import Funnel


class Standing(NamedTuple):
    """The overall conversion of a segment as the others let it be believed, and its chance to be the best of them.

    It is of the decided. `None` where there is no sample; the chance also where the segments are periods, and where all
    have one rate: then whoever is the best is chance.
    """

    shrunken: float | None
    low: float | None
    high: float | None
    chance_best: float | None


UNRANKED = Standing(None, None, None, None)


class Ranking(NamedTuple):
    """The standing of each segment; `one_rate` says that they differ no more than chance, as far as can be told."""

    standings: tuple[Standing, ...]
    one_rate: bool


def rank(
    parts: Sequence[Funnel], marks: Sequence[Marks], whole: Funnel, in_time: bool, confidence: float = 0.95
) -> Ranking:
    """The segments' standings, in their order. Periods whose window is still open have none, nor do they tell any.

    Where all have one rate, it is that of the `whole`.

    Where the marks are within periods of creation, so are the standings, and none has one where the age of its units
    leaves untold whether one differs.
    """
    sale = parts[0].sale_stage if parts else 0
    samples = [own.standing for own in marks] if are_aged(parts) else _decided(parts, 0, sale, in_time)
    known = [pair for pair in samples if pair is not None]
    if len(known) < 2 or (not in_time and any(own.untold for own in marks)):
        return Ranking((UNRANKED,) * len(parts), one_rate=False)
    from funnelcli.stats.ranking import central_range, enough, prob_highest  # after what needs no statistics
    from funnelcli.stats.shrinkage import believed, fit, pooled, posterior, shrunken

    prior = fit(known)
    together = None if in_time or not prior.pooled else decided_sample(whole, sale, whole=0)
    if together is not None:
        prior = pooled(*together)
    quick = enough(len(known))
    found = {
        pair: (shrunken(prior, *pair), *central_range(*believed(prior, *pair), confidence, quick))
        for pair in (known[:1] if prior.pooled else set(known))
    }
    chances: Iterator[float | None]
    if in_time or prior.pooled:
        chances = repeat(None)
    else:
        chances = iter(prob_highest([posterior(prior, *pair) for pair in known]))
    return Ranking(
        tuple(
            UNRANKED if pair is None else Standing(*found[known[0] if prior.pooled else pair], next(chances))
            for pair in samples
        ),
        prior.pooled,
    )


def _decided(parts: Sequence[Funnel], origin: int, sale: int, in_time: bool) -> list[tuple[float, float] | None]:
    """The samples from a stage to the sale; none of a period whose window is still open."""
    return [
        None if (in_time and part.is_open) or end_is_unknown(part, sale, origin) else decided_sample(part, sale, origin)
        for part in parts
    ]


ChanceBasis: TypeAlias = Literal["one_rate", "shrunken", "untold_by_age", "own"]
"""Why segments have the conversion of all, or each its own: that of all as they differ no more than chance makes them,
or as the age of their open units leaves untold who differs; their own drawn towards the others', or as it is counted.
"""


class Believed(NamedTuple):
    """A conversion to the sale of each segment, in their order, and what it rests on; `None` for that of all."""

    basis: ChanceBasis
    rates: tuple[float | None, ...]


def believe(
    parts: Sequence[Funnel], marks: Sequence[Marks], whole: Funnel, origins: Sequence[int], in_time: bool
) -> dict[int, Believed]:
    """What to believe of the conversion from each of some stages to the sale; from the entry on, as `rank` has it.

    It is of the decided. A segment of which none is decided, or whose window is still open, is believed to be as the
    others are. Own conversions have no rates here: counts that grow, or are not whole, are no samples. Units on their
    way to the sale pass the stages between, so that no rate is below that of a stage before.
    """
    from funnelcli.stats.shrinkage import fit, shrunken

    sale = whole.sale_stage
    held = against_others(parts, whole, [(origin, sale) for origin in origins]) if are_aged(parts) else None
    found = {}
    for origin in origins:
        steps = set(whole.path_to(sale, origin)[:-1])
        untold = any(steps.intersection(own.untold_steps) if origin else own.untold for own in marks)
        if held is None:
            samples = _decided(parts, origin, sale, in_time)
        else:
            samples = [each.standing for each in held[origin, sale]]
        known = [pair for pair in samples if pair is not None]
        nothing_alike = held is not None and not known
        basis: ChanceBasis = "untold_by_age" if untold or nothing_alike else "shrunken" if known else "own"
        rates: tuple[float | None, ...] = (None,) * len(parts)
        if basis == "shrunken":
            prior = fit(known)
            basis = "one_rate" if prior.pooled else "shrunken"
            rates = rates if prior.pooled else tuple(shrunken(prior, *(pair or (0, 0))) for pair in samples)
        found[origin] = Believed(basis, rates)
    return _never_falling(found, whole)


def _never_falling(found: Mapping[int, Believed], whole: Funnel) -> dict[int, Believed]:
    """The same with no rate of a segment below that of a stage before: units go on from there to the same sale."""
    raised = dict(found)
    way = whole.path_to(whole.sale_stage)
    highest: list[float] = []
    for origin in (at for at in reversed(way) if at in found and found[at].basis != "own"):
        common = 1.0
        for at in whole.path_to(whole.sale_stage, origin)[:-1]:
            common *= float(whole.conversion_decided(at) or 0)
        rates, before = found[origin].rates, highest
        highest = [common if rate is None else rate for rate in rates]
        if before:
            ended = zip(rates, highest, before, strict=True)
            rates = tuple(high if own < high else rate for rate, own, high in ended)
            highest = list(map(max, highest, before))
            raised[origin] = found[origin]._replace(rates=rates)
    return raised
