"""How far the effects of factors reach, as the rates and averages of the factors are known between limits only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.analyses.factors import CHECK, ENTRIES, STILL_OPEN, UNITS
from funnelcli.analyses.pairs import step_test
from funnelcli.stats.decomposition import Product, reaches
from funnelcli.stats.intervals import decided_sample
from funnelcli.stats.normal import critical_z
from funnelcli.stats.tests import OPEN_AGAINST, SIGNIFICANT
from funnelcli.stats.variation import t_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from funnelcli.analyses.factors import Factor, Part, Summand
    from funnelcli.analyses.pairs import Pair
    from funnelcli.model import Funnel, Stage
    from funnelcli.stats.decomposition import EffectReach

Limits: TypeAlias = tuple[float, float]


class EffectRanges(NamedTuple):
    """How far each effect reaches below and above its estimate; nowhere, where `unknown` says why.

    `uncertain` is how many factors lie between limits. Those that move the figure `one_way` are certain themselves:
    what they are worth is not, but its sign is.
    """

    reach: Mapping[Factor, EffectReach] = {}
    uncertain: int = 0
    one_way: AbstractSet[Factor] = frozenset()
    unknown: Literal["unknown", "open"] | None = None

    def around(self, factor: Factor, effect: float) -> Limits | None:
        """The range of an effect; `None` where it is not known."""
        if factor not in self.reach:
            return None
        low, high = effect - self.reach[factor].down, effect + self.reach[factor].up
        if factor in self.one_way:
            return (max(0.0, low), high) if effect >= 0 else (low, min(0.0, high))
        return low, high


def effect_ranges(pair: Pair, terms: Sequence[Summand], confidence: float, entries_vary: bool = False) -> EffectRanges:
    """The ranges at a confidence; with `entries_vary` the entries are numbers that vary by chance, too."""
    parts = {part.factor: part for term in terms for part in term.parts}
    if any(side.awaits or side.is_open for side in (pair.a, pair.b)) or any(
        _is_open(pair, part) for part in parts.values()
    ):
        return EffectRanges(unknown="open")
    if not all(_has_sample(pair, part) for part in parts.values()):
        return EffectRanges(unknown="unknown")
    at = pair._replace(confidence=confidence)
    limits = {}
    for factor, part in parts.items():
        sides = _limits(at, pair.a, part, entries_vary), _limits(at, pair.b, part, entries_vary)
        if any(sides):
            limits[factor] = sides
    products = [
        Product(
            term.sign,
            tuple(part.factor for part in term.parts),
            {part.factor: _filled(part) for part in term.parts if part.factor[0] == STILL_OPEN},
        )
        for term in terms
    ]
    values = {factor: _filled(part) for factor, part in parts.items()}
    reach = reaches(products, values, limits)  # type: ignore[arg-type]
    if reach is None:
        return EffectRanges(unknown="unknown")
    losing = {factor for product in products if product.sign < 0 for factor in product.factors}
    if len(terms) > 1:  # more may be open before one stage, and fewer before another
        losing.add((STILL_OPEN, None))
    return EffectRanges(reach, len(limits), parts.keys() - limits.keys() - losing)  # type: ignore[arg-type]


def _is_open(pair: Pair, part: Part) -> bool:
    """Whether open units may change a conversion: younger ones, or at stages that others came past."""
    if part.origin is None or not (pair.a.open_at or pair.b.open_at):
        return False
    if part.factor[1] is not None:
        return any(side.stages[at].open for side in (pair.a, pair.b) for at in side.path_to(part.at, part.origin)[1:])
    test = step_test(pair, part.at, part.origin)
    return test is not None and test.method == OPEN_AGAINST and test.p_value >= SIGNIFICANT


def _has_sample(pair: Pair, part: Part) -> bool:
    """Whether a conversion is known from counts, where it is known at all."""
    if part.origin is None:
        return True
    sides = zip((pair.a, pair.b), (part.old, part.new), strict=True)
    return all(rate is None or decided_sample(side, part.at, part.origin) is not None for side, rate in sides)


def _filled(part: Part) -> Limits:
    """A factor's values, an undefined one as on the other side: it counts as unchanged."""
    known = part.new if part.old is None else part.old
    other = part.old if part.new is None else part.new
    return (1.0, 1.0) if known is None or other is None else (float(known), float(other))


MANY = 1_000
"""Sales from which Student's t is the normal one."""


def check_reach(stage: Stage, confidence: float) -> float:
    """How far from an average check its true mean lies at most, 0 where its deviation is not known.

    Few sales hardly tell that: Student's t allows for it. Of a segment, where all tell it, it is no less than theirs.
    """
    sd, units, of_all = float(stage.average_check_sd or 0), stage.check_units, stage.money_to_come
    if not units or not sd:
        return 0.0
    far = t_quantile(units - 1, confidence) if 1 < units < MANY and of_all is None else critical_z(confidence)
    return far * (sd if of_all is None else max(sd, float(of_all.sd))) / math.sqrt(units)


def _limits(pair: Pair, side: Funnel, part: Part, entries_vary: bool) -> Limits | None:
    """Between what a factor lies on a side; `None` for what is certain, or undefined."""
    stage, confidence = side.stages[part.at], pair.confidence
    if part.origin is not None:
        return pair.bounds_of(side, part.at, part.origin)
    name = part.factor[0].partition("@")[0]
    units = stage.count
    same = part.old == part.new and len({each.stages[part.at].average_check_sd for each in (pair.a, pair.b)}) == 1
    if same and name == CHECK:
        return None  # one measurement for both sides: a funnel's check that its segments share
    if name == CHECK and stage.average_check is not None and (far := check_reach(stage, confidence)):
        return max(0.0, float(stage.average_check) - far), float(stage.average_check) + far
    if name in (ENTRIES, UNITS) and entries_vary and isinstance(units, int) and units:
        far = critical_z(confidence) * math.sqrt(units)
        return max(0.0, units - far), units + far
    return None
