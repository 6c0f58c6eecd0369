"""What moved the overall conversion in a dimension: the segments' own rates or their shares; and Simpson's paradox."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.periods import is_time
from funnelcli.analyses.variation import rate_variation
from funnelcli.exact import Exact, added, ratio, times
from funnelcli.metrics import find_name, fold
from funnelcli.stats.beta import prob_b_beats_a
from funnelcli.stats.decomposition import mix_effects
from funnelcli.stats.tests import LIKELY
from funnelcli.stats.variation import Spread, dispersed, effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.pairs import Pair
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment


class Mix(NamedTuple):
    """What moved the overall conversion in a dimension.

    `paradox`: all segments of both went one way, the total the other, each with a chance of 80% at least. Where the
    figures show that, `paradox_chance` is the least of those chances, `None` without samples. Where segments have open
    units, rates are of the decided, the products of the steps, and no paradox is told.
    """

    dimension: str
    overall_conversion_a: Exact | None
    overall_conversion_b: Exact | None
    rate_effect: float
    mix_effect: float
    paradox: bool
    paradox_chance: float | None = None


def _share_units(funnel: Funnel, dimension: str) -> bool:
    """Whether measured segments add up to more than the stages, as units have entries in several."""
    return funnel.measured is not None and any(name == dimension for name, _ in funnel.measured.counted_again)


def mixes(pair: Pair) -> Iterator[Mix]:
    """Mix against rate by every dimension that both funnels have, but for time and for segments that share units.

    None where more is expected to come: counts of segments then say nothing of the conversions that are compared.
    """
    a, b = pair.a, pair.b
    if a.awaits or b.awaits:
        return
    sale = a.sale_stage
    for breakdown in a.breakdowns:
        index = find_name(breakdown.dimension, [each.dimension for each in b.breakdowns])
        if index is None or is_time(breakdown.dimension):
            continue
        other = b.breakdowns[index]
        if _share_units(a, breakdown.dimension) or _share_units(b, other.dimension):
            continue  # they are no parts of the total
        way = a.path_to(sale)[::-1]
        found = [[_in_the_end(segment, way) for segment in each.segments] for each in (breakdown, other)]
        pairs = [
            {name: own for name, own in zip(names, side, strict=True) if own is not None}
            for names, side in zip(_alike(breakdown, other), found, strict=True)
        ]
        if None in found[0] or None in found[1]:
            continue  # nobody is decided in a segment
        names = list(dict.fromkeys([*pairs[0], *pairs[1]]))
        segments = [(pairs[0].get(name), pairs[1].get(name)) for name in names]
        effects = mix_effects([old for old, _ in segments], [new for _, new in segments])
        if effects is None:
            continue
        came, could = ([added(counts[at] for counts in side.values()) for side in pairs] for at in (0, 1))
        totals = [ratio(*each) for each in zip(came, could, strict=True)]
        change = (totals[1] or 0) - (totals[0] or 0)
        shown = (effects.rates_all_fell and change > 0) or (effects.rates_all_rose and change < 0)
        both = [(old, new) for old, new in segments if old is not None and new is not None and old[1] and new[1]]
        chance = None
        if shown and len(both) > 1 and not (breakdown.divides_open or other.divides_open):
            sides = [*both, ((came[0], could[0]), (came[1], could[1]))]
            chance = _least_chance(sides, _spreads(pair))
        yield Mix(
            dimension=breakdown.dimension,
            overall_conversion_a=totals[0],
            overall_conversion_b=totals[1],
            rate_effect=effects.rate_effect,
            mix_effect=effects.mix_effect,
            paradox=chance is not None and chance >= LIKELY,
            paradox_chance=chance,
        )


def _alike(*breakdowns: Breakdown) -> list[list[str]]:
    """The names of the segments, alike where readers see the same; as they are where that tells some not apart."""
    names = [[segment.name for segment in each.segments] for each in breakdowns]
    folded = [[fold(name) for name in side] for side in names]
    return folded if all(len(set(side)) == len(side) for side in folded) else names


def _in_the_end(segment: Segment, way: Sequence[int]) -> tuple[Exact, Exact] | None:
    """The sales of a segment and its entries; with open units, as many sales as the decided have, if that is known."""
    entries, sales = segment.counts[way[0]], segment.counts[way[-1]]
    if not any(segment.open):
        return sales, entries
    expected: Exact | None = entries
    for origin, index in pairwise(way):
        expected = times(expected, ratio(*segment.step(origin, index)))
    return None if expected is None else (expected, entries)


def _spreads(pair: Pair) -> tuple[Spread, Spread]:
    """How much the overall conversion of each side varies from period to period."""
    a, b = (rate_variation(side, side.sale_stage, 0) if pair.varying else 0.0 for side in (pair.a, pair.b))
    return Spread(a * a, None), Spread(b * b, None)


def _least_chance(
    pairs: Sequence[tuple[tuple[Exact, Exact], tuple[Exact, Exact]]], spreads: tuple[Spread, Spread]
) -> float | None:
    """The least of the chances that true rates moved the way that these did; `None` where one has no sample."""
    least = 1.0
    for sides in pairs:
        counts: list[float] = []
        for (came, could), spread in zip(sides, spreads, strict=True):
            if not isinstance(came, int) or not isinstance(could, int) or came > could:
                return None
            counts += effective(came, could, dispersed(spread, came, could))
        chance = prob_b_beats_a(*counts)
        rose = sides[1][0] * sides[0][1] > sides[0][0] * sides[1][1]
        least = min(least, chance if rose else 1 - chance)
    return least
