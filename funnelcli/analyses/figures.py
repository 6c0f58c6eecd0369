"""The value of a selector: every figure that can be named, computed in one place, and why one is undefined."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.analyses import economics, figures_of_counts
from funnelcli.analyses.ends import end_of, tells_no_rate
from funnelcli.analyses.fewer_stages import lost_somewhere
from funnelcli.analyses.times import days_text
from funnelcli.diagnostics import quoted
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.exact import Exact
    from funnelcli.metrics import Metric, Need, Selector
    from funnelcli.model import Funnel

    Value = Callable[[Funnel, int], Exact | None]


def figure(funnel: Funnel, selector: Selector) -> Exact | None:
    """The exact value of a selector (rates as fractions of 1); `None` where it is undefined."""
    values = VALUES_OF_ALL if selector.stage is None else VALUES
    return values[selector.metric.name](funnel, index_of(funnel, selector))


def why_undefined(funnel: Funnel, selector: Selector) -> str:
    """In one clause, what a figure that is `None` lacks."""
    index = index_of(funnel, selector)
    for need in selector.metric.needs:
        lacking = None if need == "one income" and selector.stage is not None else LACKING[need](funnel, index)
        if lacking:
            return lacking
    return f"the funnel gives no {selector.metric.name}"


def index_of(funnel: Funnel, selector: Selector) -> int:
    """The stage that a selector names; for a figure of the whole funnel, the sale."""
    return funnel.sale_stage if selector.stage is None else funnel.index(selector.stage)


def _only_check(funnel: Funnel, index: int) -> Exact | None:
    """The average check of the one stage that brings money."""
    paid = funnel.money_stages
    return funnel.stages[paid[0]].average_order_value if len(paid) == 1 else None


_COMPUTED: dict[str, Value] = {
    **figures_of_counts.VALUES,
    "average_check": lambda funnel, index: funnel.stages[index].average_order_value,
    "revenue": economics.stage_revenue,
    "value_per": economics.value_per,
    "value_per_entry": lambda funnel, index: economics.value_per(funnel, 0),
    "cost_per": economics.cost_per,
    "profit": lambda funnel, index: economics.profit(funnel),
    "unit_margin": economics.unit_margin,
}


def _value(metric: Metric) -> Value:
    """How a metric is computed; what is given and not computed is the field of its name."""
    name = metric.name
    if name in _COMPUTED:
        return _COMPUTED[name]
    if metric.is_goal:
        return lambda funnel, index: economics.money(funnel, name)
    if metric.at == "funnel":
        return lambda funnel, index: getattr(funnel, name)
    return lambda funnel, index: getattr(funnel.stages[index], name)


VALUES: dict[str, Value] = {name: _value(metric) for name, metric in METRICS.items()}
"""The value of every metric at the stage of an index; of figures of the whole funnel the index is that of the sale."""
VALUES_OF_ALL: dict[str, Value] = VALUES | {
    "conversion_eventual": lambda funnel, index: end_of(funnel, index, whole=0).conversion,
    "average_check": _only_check,
    "revenue": lambda funnel, index: economics.revenue(funnel),
}
"""The same where no stage is named."""


def _no_step(funnel: Funnel, index: int) -> str | None:
    stage = funnel.stages[index]
    if stage.parent is None:
        return f"{quoted(stage.name)} is the entry, and comes from no stage"
    if funnel.hides(index):
        return _unplaced(funnel)
    unmet = _unmet(funnel, stage.parent)
    if unmet:
        return unmet
    above = funnel.stages[stage.parent]
    if above.count or stage.conversion is not None:
        return None
    return f"{quoted(above.name)}, which it comes from, is empty"


def _unmet(funnel: Funnel, index: int) -> str | None:
    """That the 0 of stages up to one is none of those who could have come, if it is so."""
    unmet = [funnel.names[at] for at in sorted(funnel.path_to(index)) if funnel.is_unmet(at)]
    return tells_no_rate(unmet) if unmet else None


def _none_decided(funnel: Funnel, index: int) -> str | None:
    if funnel.decided(index):
        return None
    return f"all of {quoted(funnel.names[funnel.stages[index].parent or 0])}, which it comes from, are still open"


def _not_followed(funnel: Funnel, index: int) -> str | None:
    own, parent = funnel.eventual(index), funnel.stages[index].parent
    unmet = _unmet(funnel, index)
    if unmet:
        return unmet
    if own is None:
        return "no measurement tells of it: it takes a window, and measure writes it"
    if own.conversion is None:
        return f"nobody was followed for the whole window yet, and for no more than {days_text(own.followed)}"
    return None if parent is None else f"none are expected at {quoted(funnel.names[parent])}, which it comes from"


def _unplaced(funnel: Funnel) -> str:
    return lost_somewhere(funnel.lost_unplaced or 0)


def _no_units(funnel: Funnel, index: int) -> str | None:
    stage = funnel.stages[index]
    if funnel.hides(index, 0):
        return _unplaced(funnel)
    return None if stage.count else f"{quoted(stage.name)} is empty"


def _no_chain(funnel: Funnel, index: int) -> str | None:
    if funnel.hides_steps:
        return _unplaced(funnel)
    if not funnel.is_chain:
        return "the funnel has branches"
    if any(below.count > above.count for above, below in pairwise(funnel.stages)):
        return "a stage grows"
    return None if index else f"{quoted(funnel.stages[0].name)} is the entry, and comes from no stage"


def _no_budget(funnel: Funnel, index: int) -> str | None:
    if funnel.budget is None:
        return economics.no_sum(funnel) if funnel.unbudgeted else "the funnel has no budget"
    return None if funnel.budget else "the budget is 0"


LACKING: dict[Need, Callable[[Funnel, int], str | None]] = {
    "step": _no_step,
    "decided": _none_decided,
    "followed": _not_followed,
    "units": _no_units,
    "entries": lambda funnel, index: _unplaced(funnel) if funnel.hides(index, 0) else _no_units(funnel, 0),
    "chain": _no_chain,
    "income": lambda funnel, index: None if funnel.money_stages else "no stage brings money: there is no average_check",
    "one income": lambda funnel, index: (
        "several stages bring money: name one, as in average_check@Stage" if len(funnel.money_stages) > 1 else None
    ),
    "costs": lambda funnel, index: (
        None if economics.costs_known(funnel) else "no costs are known: there is no budget, cost or gross_margin"
    ),
    "budget": _no_budget,
    "told spending": lambda funnel, index: economics.no_sum(funnel) if funnel.unbudgeted else None,
}
"""What a funnel lacks of a need, if anything, in one clause."""
