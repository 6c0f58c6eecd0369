"""Figures of the counts of a funnel, by stage: conversions, and who is lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.analyses.ends import end_of
from funnelcli.exact import minus, ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel


def loss_shares(funnel: Funnel) -> tuple[Exact | None, ...]:
    """Each stage's share of all drop-offs; `None` everywhere in a funnel with branches, growth or hidden steps."""
    counts = [stage.count for stage in funnel.stages]
    losses = [above - below for above, below in pairwise(counts)]
    if not funnel.is_chain or funnel.hides_steps or any(loss < 0 for loss in losses):
        return (None,) * len(counts)
    total = counts[0] - counts[-1]
    return (None, *(ratio(loss, total) for loss in losses))


def overall_conversion(funnel: Funnel, index: int) -> Exact | None:
    """n_i / n_0 of a stage; `None` where losses at no known stage hide it."""
    return None if funnel.hides(index, 0) else ratio(funnel.stages[index].units, funnel.stages[0].units)


def one_in(funnel: Funnel, index: int) -> Exact | None:
    """N of "one in N entries", entries / count; `None` where nobody arrives, and where nobody enters."""
    return None if funnel.hides(index, 0) else ratio(funnel.stages[0].units or None, funnel.stages[index].units)


def drop_off(funnel: Funnel, index: int) -> Exact | None:
    """n_p - n_i of a stage; `None` at the entry, and where losses at no known stage hide it."""
    parent = funnel.stages[index].parent
    hidden = parent is None or funnel.hides(index)
    return None if hidden else minus(funnel.stages[parent or 0].units, funnel.stages[index].units)


def drop_off_rate(funnel: Funnel, index: int) -> Exact | None:
    """1 - conversion of a step."""
    return minus(1, funnel.conversion(index))


def _loss_share(funnel: Funnel, index: int) -> Exact | None:
    return None if any(stage.unknown for stage in funnel.stages) else loss_shares(funnel)[index]


VALUES: dict[str, Callable[[Funnel, int], Exact | None]] = {
    "entries": lambda funnel, index: funnel.stages[0].units,
    "sales": lambda funnel, index: funnel.stages[index].units,
    "count": lambda funnel, index: funnel.stages[index].units,
    "conversion": lambda funnel, index: funnel.conversion(index),
    "conversion_decided": lambda funnel, index: funnel.conversion_decided(index),
    "conversion_eventual": lambda funnel, index: end_of(funnel, index).conversion,
    "overall_conversion": overall_conversion,
    "one_in": one_in,
    "drop_off": drop_off,
    "drop_off_rate": drop_off_rate,
    "loss_share": _loss_share,
}
"""Metrics of counts, at the stage of an index."""
