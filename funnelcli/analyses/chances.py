"""The chance that a goal is reached in the next period, and how far a lever must go for a chance that is asked for."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.figures import index_of
from funnelcli.analyses.flows import Amount, sampled
from funnelcli.analyses.levers import lever_changes
from funnelcli.analyses.open_money import with_open_money
from funnelcli.analyses.outcomes import NEXT_PERIOD, amounts_of, flow, prices_of
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem
from funnelcli.exact import Exact, reduced
from funnelcli.stats.draws import share_reaching
from funnelcli.stats.normal import inverse_normal
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.analyses.flows import Price
    from funnelcli.analyses.levers import Lever
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel
    from funnelcli.what_if import Change

MOST_UNITS_DRAWN = 400_000
"""Stages times draws: of a funnel of very many stages fewer draws are made."""
FIRST_STEP, NEAR_STEP, FARTHEST, CLOSE = 0.05, 0.01, 9.0, 2e-4
"""Of the search for a chance, as logarithms of a lever: its first steps, far off and where few draws have brought it,
how far it goes (8,000 times), how near."""
ROUGHLY = DEFAULT_DRAWS // 10
"""Draws that tell about where a chance is reached."""
DIGITS = 3
"""Digits of a lever that a simulated chance tells."""


class Reached(NamedTuple):
    """A value of a lever, and the chance that the goal is reached there; `None` for any value."""

    value: Exact | None
    chance: float


class Aim(NamedTuple):
    """A goal: a limit, `>=` or `<=`, on a figure."""

    selector: Selector
    operator: str
    value: Exact


class Start(NamedTuple):
    """The funnel that was counted, and the changes of the scenario that is started from."""

    funnel: Funnel
    changes: Sequence[tuple[Selector, Change]] = ()


def chance_of(
    start: Start, more: Sequence[tuple[Selector, Change]], aim: Aim, most: int = DEFAULT_DRAWS
) -> float | None:
    """The chance, 0 to 1, that the next period reaches a goal after more changes; `None` for what is no amount.

    The uncertainty of the rates is in it, and the luck of the period's units. Rates that are stated or set, entries and
    money without a spread are certain. What has the same amounts is drawn with the same luck, `most` times or less.
    """
    changes, ended = (*start.changes, *more), with_open_money(start.funnel)
    funnel, projected = judged(ended), apply(ended, changes)
    if isinstance(projected, Problem):
        return None
    prices = prices_of(funnel, projected, changes)
    limit = _as_amount(projected, aim, prices)
    if limit is None:
        return None
    amount, sign, value = limit
    nodes = flow(funnel, projected, changes, NEXT_PERIOD)
    draws = min(most, max(ROUGHLY, MOST_UNITS_DRAWN // len(nodes)))
    (values,) = sampled(nodes, (amount,), draws, DEFAULT_SEED, True, None, prices)
    return share_reaching(values, sign, value)


def _as_amount(funnel: Funnel, aim: Aim, prices: Sequence[Price]) -> tuple[Amount, str, Exact] | None:
    """A goal as a limit on an amount of units or money; `None` where its figure is none."""
    name, index = aim.selector.metric.name, index_of(funnel, aim.selector)
    if name == "entries":
        index = 0
    of_units = Amount(tuple(float(at == index) for at in range(len(funnel.stages))), 0.0, (0.0,) * len(prices))
    if name in ("entries", "sales", "count"):
        return of_units, aim.operator, aim.value
    amounts = amounts_of(funnel, funnel.sale_stage, prices)
    if name == "revenue" and aim.selector.stage is not None:
        spread = [float(price.node == index) for price in prices]
        check = 0.0 if any(spread) else float(funnel.stages[index].average_order_value or 0)
        return of_units._replace(weights=tuple(check * each for each in of_units.weights), prices=tuple(spread)), *aim[
            1:
        ]
    if name in amounts:
        return amounts[name], *aim[1:]
    if name == "gross_profit" and "profit" in amounts:
        return amounts["profit"]._replace(constant=0.0), *aim[1:]
    if not funnel.budget:
        return None
    if name == "cost_per" and aim.value > 0:  # at most so much for each: at least so many
        other = {">=": "<=", "<=": ">="}[aim.operator]
        return of_units, other, reduced(Fraction(funnel.budget) / aim.value)
    of = {"roas": "revenue", "romi": "profit"}.get(name)
    return (amounts[of], aim.operator, aim.value * funnel.budget) if of in amounts else None


def value_for_chance(
    start: Start, lever: Lever, average: Exact, rising: bool, aim: Aim, chance: float
) -> Reached | None:
    """The lever's value, to three digits, at which a goal is reached with the chance; whole where it is a count.

    `average` is where the figure that is expected reaches the goal, and `rising` whether more of the lever makes it
    likelier. Where the lever's own end does not bring the chance, that end, with the chance there; where its other end
    does, any value will do, and the least chance is that of this end. `None` where there is no chance to tell.
    """

    @cache
    def at(value: Exact, draws: int) -> float | None:
        return chance_of(start, lever_changes(lever, value), aim, draws)

    def ahead(distance: float) -> Exact:
        """A value so far from the average, in logarithms, towards a better chance."""
        return _rounded(float(average) * math.exp(distance if rising else -distance), lever, up=rising)

    def border(draws: int, distance: float, step: float) -> float | None:
        return _border(lambda far: at(ahead(far), draws), lambda far: ahead(far) == lever.high, chance, distance, step)

    if not average or at(average, ROUGHLY) is None:
        return None
    least = 0 if rising else lever.high
    if least is not None and all((at(least, draws) or 0.0) >= chance for draws in (ROUGHLY, DEFAULT_DRAWS)):
        return Reached(None, at(least, DEFAULT_DRAWS) or 0.0)
    near = border(ROUGHLY, 0.0, FIRST_STEP)
    found = border(DEFAULT_DRAWS, near or 0.0, FIRST_STEP if near is None else NEAR_STEP)
    if found is None:
        return None
    value = ahead(found)
    return Reached(value, at(value, DEFAULT_DRAWS) or 0.0)


class _Look(NamedTuple):
    """A distance that was looked at, and the chance there."""

    distance: float
    chance: float


def _border(
    chance_at: Callable[[float], float | None],
    is_end: Callable[[float], bool],
    chance: float,
    distance: float,
    step: float,
) -> float | None:
    """The least distance at which the chance is reached, looked for from one on; else the farthest that there is.

    `None` where that has no chance. Steps are doubled until there is a look on either side.
    """
    worse: _Look | None = None
    better: _Look | None = None
    while worse is None or better is None:
        found = chance_at(distance)
        if found is not None and found >= chance:
            better = _Look(distance, found)
            distance -= step
            if worse is None and distance < -FARTHEST:
                return better.distance
        else:
            if better is None and (found is None or is_end(distance) or distance > FARTHEST):
                return None if found is None else distance
            worse = _Look(distance, found or 0.0)
            distance += step
        step *= 2
    while better.distance - worse.distance > CLOSE:
        middle = _between(worse, better, chance)
        look = _Look(middle, chance_at(middle) or 0.0)
        if look.chance >= chance:
            better = look
        else:
            worse = look
    return better.distance


def _between(worse: _Look, better: _Look, chance: float) -> float:
    """About where the chance is reached between two looks, as the normal scores of chances lie on a line."""
    low, wanted, high = (
        inverse_normal(min(max(each, 1e-4), 1 - 1e-4)) for each in (worse.chance, chance, better.chance)
    )
    share = (wanted - low) / (high - low) if high > low else 0.5
    return worse.distance + (better.distance - worse.distance) * min(max(share, 0.1), 0.9)


def _rounded(raw: float, lever: Lever, up: bool) -> Exact:
    """A value of a lever with three digits, to the side where the chance is better, within its bounds."""
    if raw <= 0:
        return 0
    digits = DIGITS + (lever.kind == "factor")  # factors are near 1
    places = digits - 1 - math.floor(math.log10(raw))
    if lever.kind == "count":
        places = min(places, 0)
    scale = Fraction(10) ** places
    scaled = Fraction(raw) * scale
    near = round(scaled)
    whole = near if math.isclose(near, scaled, rel_tol=1e-9) else math.ceil(scaled) if up else math.floor(scaled)
    value = reduced(Fraction(whole) / scale)
    return value if lever.high is None else min(value, lever.high)
