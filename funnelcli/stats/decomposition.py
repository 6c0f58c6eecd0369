"""What moved a sum of products, and what moved a weighted mean: effects that add up to the change, no residual."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from funnelcli.exact import Exact


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean L(a, b) = (a - b) / (ln a - ln b), L(a, a) = a; 0 when one of them is 0."""
    if a <= 0 or b <= 0:
        return 0.0
    if a == b:
        return a
    return (a - b) / math.log1p((a - b) / b) if abs(a - b) < b / 2 else (a - b) / (math.log(a) - math.log(b))


def product_effects(
    before: Sequence[Exact | None], after: Sequence[Exact | None], change: float, product: tuple[float, float]
) -> list[float]:
    """How much each factor moved a product, by the logarithmic mean Divisia index (LMDI-I).

    effect_k = L(P1, P0) x ln(x_k1 / x_k0) (Ang, Energy Policy 32, 2004, and 33, 2005). `product` is (P0, P1) and
    `change` P1 - P0, to which the effects add up. A factor that is undefined on one side, as a rate out of an empty
    stage is, counts as unchanged: what emptied the stage moved the product. Where a side is 0, its zeros stand for a
    value that tends to 0, and in that limit the factors that were or became 0 share the change equally (Ang and Liu,
    Energy Policy 35, 2007).
    """
    pairs = [None if x0 is None or x1 is None else (x0, x1) for x0, x1 in zip(before, after, strict=True)]
    if not all(product):
        return _among_zeros(pairs, change, emptied=not product[1])
    mean = log_mean(product[1], product[0])
    return [mean * _log_ratio(pair[1], pair[0]) if pair is not None and all(pair) else 0.0 for pair in pairs]


def _among_zeros(
    pairs: Sequence[tuple[Exact | float, Exact | float] | None], change: float, emptied: bool
) -> list[float]:
    """Effects where a side of the product is 0: the factors that were or became 0 share the change."""
    guilty = [pair is not None and not pair[emptied] and bool(pair[not emptied]) for pair in pairs]
    share = change / sum(guilty) if any(guilty) else 0.0
    return [share if each else 0.0 for each in guilty]


MOST_WORK = 1_000_000
"""Logarithms up to which ranges are worked out: those of some hundred steps."""


class Product(NamedTuple):
    """A product that is added (`sign` 1) or taken away (-1), by the keys of its factors.

    `own` are the values of factors, before and after, that are others in other products.
    """

    sign: int
    factors: tuple[Hashable, ...]
    own: Mapping[Hashable, tuple[float, float]] = {}


class EffectReach(NamedTuple):
    """How far an effect may lie below its estimate and above it; neither is negative."""

    down: float
    up: float


def reaches(
    products: Sequence[Product],
    values: Mapping[Hashable, tuple[float, float]],
    limits: Mapping[Hashable, tuple[tuple[float, float] | None, tuple[float, float] | None]],
) -> dict[Hashable, EffectReach] | None:
    """How far the effects of the factors of a sum of products reach, when some values are known between limits only.

    `values` are those before and after, `limits` (low, high) of each that is uncertain. Each value goes to its limits
    with the others where they are, and what that moves adds up as squares: the recovery of variances from limits (Zou
    and Donner, Statistics in Medicine 27, 2008), by which Newcombe's interval is that of the difference of two rates.
    Limits need not be symmetric, and may be 0. `None` where the factors are too many.
    """
    within: dict[Hashable, list[Product]] = {}
    for product in products:
        for factor in product.factors:
            within.setdefault(factor, []).append(product)
    work = sum(4 * len(product.factors) for factor in limits for product in within.get(factor, ()))
    if work > MOST_WORK:
        return None
    now = dict(values)
    before = {id(product): dict(_effects(product, now)) for product in products}
    squares: dict[Hashable, list[float]] = {factor: [0.0, 0.0] for factor in within}
    for factor, sides in limits.items():
        for side, ends in enumerate(sides):
            if ends is None:
                continue
            least: dict[Hashable, float] = {}
            most: dict[Hashable, float] = {}
            for end in ends:
                now[factor] = (values[factor][0], end) if side else (end, values[factor][1])
                moved: dict[Hashable, float] = {}
                for product in within.get(factor, ()):
                    known = before[id(product)]
                    for other, effect in _effects(product, now):
                        moved[other] = moved.get(other, 0.0) + product.sign * (effect - known[other])
                for other, far in moved.items():
                    least[other], most[other] = min(far, least.get(other, 0.0)), max(far, most.get(other, 0.0))
            now[factor] = values[factor]
            for other, far in least.items():
                squares[other][0] += far * far
                squares[other][1] += most[other] * most[other]
    return {factor: EffectReach(math.sqrt(down), math.sqrt(up)) for factor, (down, up) in squares.items()}


def _effects(product: Product, values: Mapping[Hashable, tuple[float, float]]) -> Iterator[tuple[Hashable, float]]:
    """The effects on a product without its sign, as `product_effects` has them."""
    pairs = [product.own.get(factor) or values[factor] for factor in product.factors]
    before, after = math.prod(pair[0] for pair in pairs), math.prod(pair[1] for pair in pairs)
    if before and after:
        mean = log_mean(after, before)
        for factor, (old, new) in zip(product.factors, pairs, strict=True):
            yield factor, mean * math.log(new / old)
        return
    yield from zip(product.factors, _among_zeros(pairs, after - before, emptied=not after), strict=True)


KEPT_DIGITS = 13
"""Digits of the largest effect that all are told to: what is behind them is the noise of floating point."""


def settled(effects: Sequence[float]) -> list[float]:
    """Effects without what is only noise beside the largest of them, such as 1e-10 beside 280,000; -0 is 0."""
    largest = max(map(abs, effects), default=0.0)
    decimals = KEPT_DIGITS - (math.frexp(largest)[1] * 3 + 9) // 10  # 2^10 is about 10^3
    return [round(each, decimals) + 0.0 for each in effects]


def _log_ratio(after: Exact, before: Exact) -> float:
    """ln(after / before), exact also where they are near: the difference is taken before anything is rounded."""
    change = float((after - before) * Fraction(1) / before)
    return math.log1p(change) if abs(change) < 0.5 else math.log(float(after) / float(before))


class MixEffect(NamedTuple):
    """What moved a mean over segments: their own rates, or their shares; together the whole change."""

    rate_effect: float
    mix_effect: float
    rates_all_fell: bool
    rates_all_rose: bool


def mix_effects(
    before: Sequence[tuple[Exact, Exact] | None], after: Sequence[tuple[Exact, Exact] | None]
) -> MixEffect | None:
    """Split the change of sum(came) / sum(could) over segments into rate and mix, in the symmetric form of Bennet.

    A segment is (came, could), `None` where a side does not have it. Rate effect: average share x change of rate; mix
    effect: average rate x change of share (Bennet, Journal of the Royal Statistical Society 83, 1920). A segment of one
    side only, or an empty one, has the other side's rate, so that its coming and going is mix. `None` when a side is
    empty.
    """
    wholes = [math.fsum(float(each[1]) for each in side if each) for side in (before, after)]
    if not all(wholes):
        return None
    rate_parts, mix_parts = [], []
    falls = rises = True
    compared = 0
    for old, new in zip(before, after, strict=True):
        shares = [float(side[1]) / whole if side else 0.0 for side, whole in zip((old, new), wholes, strict=True)]
        rates = [float(side[0]) / float(side[1]) if side and side[1] else None for side in (old, new)]
        known = [rate for rate in rates if rate is not None]
        if not known:
            continue
        rate0, rate1 = (known[0] if rate is None else rate for rate in rates)
        rate_parts.append((shares[0] + shares[1]) / 2 * (rate1 - rate0))
        mix_parts.append((rate0 + rate1) / 2 * (shares[1] - shares[0]))
        if old and new and len(known) == 2:
            compared += 1
            crossed = new[0] * old[1] - old[0] * new[1]  # the sign of the change of the rate, exactly
            falls &= crossed < 0
            rises &= crossed > 0
    rate_effect, mix_effect = settled((math.fsum(rate_parts), math.fsum(mix_parts)))
    return MixEffect(rate_effect, mix_effect, falls and compared > 0, rises and compared > 0)
