"""A funnel as the what-if panel of a page knows it: what it starts from, and the levers that can be moved."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.conversion import step_conversion
from funnelcli.analyses.levers import levers_of, unprojectable
from funnelcli.currencies import minor_digits
from funnelcli.model import ratio
from funnelcli.output import numbers

if TYPE_CHECKING:
    from funnelcli.model import Exact, Funnel

FURTHEST_DOWN, FURTHEST_UP = -90, 100
"""Ends of a slider, in % of the figure as it is; a rate stops at 100%. Any other value can be typed."""

MOST_ELASTIC = 10.0
"""An elasticity above which the number of entries would only be noise in a sentence."""


class Slider(NamedTuple):
    """A lever: its selector, its label, the kind of its figure, and the ends of its slider in % of that figure.

    `value` is the figure as a field takes it, `limit` the most that it may be: rates in %.
    """

    selector: str
    label: str
    kind: str
    text: str
    value: float
    limit: float | None
    low: int
    high: int


def sliders(funnel: Funnel) -> list[Slider]:
    """A slider for the entries, each conversion, each average check and the budget; none where it cannot be projected.

    What is 0 or undefined has no slider, because no share of it moves anything.
    """
    if unprojectable(funnel) is not None:
        return []
    found = []
    for lever in levers_of(funnel):
        metric, _, stage = lever.name.partition("@")
        if not lever.start or lever.kind == "factor":
            continue
        scale = 100 if lever.kind == "rate" else 1
        room = FURTHEST_UP
        if lever.high is not None:
            room = min(room, int((Fraction(lever.high) / lever.start - 1) * 100))
        found.append(
            Slider(
                selector=lever.name,
                label=_LABELS[metric].format(numbers.visible(stage))
                if stage
                else metric.replace("_", " ").capitalize(),
                kind=lever.kind,
                text=numbers.in_table(lever.start, lever.kind, funnel.currency),
                value=float(lever.start) * scale,
                limit=None if lever.high is None else float(lever.high) * scale,
                low=FURTHEST_DOWN,
                high=room,
            )
        )
    return found


_LABELS = {"conversion": "Conversion to {}", "average_check": "Average check of {}"}


def entries_at_twice_the_budget(funnel: Funnel) -> str | None:
    """How many times as many entries twice the budget brings, 2^elasticity; `None` without a budget."""
    if not funnel.budget:
        return None
    elasticity = 1.0 if funnel.spend_elasticity is None else float(funnel.spend_elasticity)
    return numbers.text(round(2**elasticity, 2), "number") if elasticity < MOST_ELASTIC else None


def model(funnel: Funnel) -> dict[str, Any]:
    """What `projection.apply` and the money need of a funnel, as numbers of JSON; rates are fractions of 1."""
    referral, others = funnel.referral, economics.others_share(funnel)
    return {
        "stages": [
            {
                "name": stage.name,
                "parent": stage.parent,
                "count": float(stage.count),
                "conversion": _number(step_conversion(funnel, index)),
                "check": _number(stage.average_order_value),
                "cost": _number(stage.cost),
                "growth": stage.allow_growth,
                "origin": funnel.origin(index),
                "of_origin": _of_origin(funnel, index),
            }
            for index, stage in enumerate(funnel.stages)
        ],
        "sale": funnel.sale_stage,
        "decimals": minor_digits(funnel.currency),
        "budget": _number(funnel.budget),
        "elasticity": 1.0 if funnel.spend_elasticity is None else float(funnel.spend_elasticity),
        "margin": float(economics.margin(funnel)),
        "costs": economics.costs_known(funnel),
        "referral": None
        if referral is None or others is None
        else {
            "source": referral.source,
            "brings": float(referral.brings),
            "target": referral.target,
            "others": float(others),
        },
    }


def _of_origin(funnel: Funnel, index: int) -> float | None:
    """Units of a stage for each of the stage that they follow; `None` where nobody is there."""
    origin = funnel.origin(index)
    return None if origin is None else _number(ratio(funnel.stages[index].count, funnel.stages[origin].count))


def _number(value: Exact | None) -> float | None:
    return None if value is None else float(value)
