"""What moved a product of factors, and what moved a weighted mean: effects that add up to the change, no residual."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Exact


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
        empty = 1 if not product[1] else 0
        guilty = [pair is not None and not pair[empty] and bool(pair[1 - empty]) for pair in pairs]
        share = change / sum(guilty) if any(guilty) else 0.0
        return [share if each else 0.0 for each in guilty]
    mean = log_mean(product[1], product[0])
    return [mean * _log_ratio(pair[1], pair[0]) if pair is not None and all(pair) else 0.0 for pair in pairs]


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
