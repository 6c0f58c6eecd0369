"""The value of a selector: every figure that can be named, computed in one place, and why one is undefined."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.analyses import economics
from funnelcli.analyses.conversion import one_in, step_conversion
from funnelcli.diagnostics import quoted
from funnelcli.model import Exact, ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel


def figure(funnel: Funnel, selector: Selector) -> Exact | None:
    """The exact value of a selector (rates as fractions of 1); `None` where it is undefined."""
    return _FIGURES[selector.metric.name](funnel, index_of(funnel, selector), selector.stage is None)


def why_undefined(funnel: Funnel, selector: Selector) -> str:
    """In one clause, what a figure that is `None` lacks."""
    index, whole = index_of(funnel, selector), selector.stage is None
    for need in _NEEDS.get(selector.metric.name, ()):
        lacking = need(funnel, index, whole)
        if lacking:
            return lacking
    return f"the funnel gives no {selector.metric.name}"


def index_of(funnel: Funnel, selector: Selector) -> int:
    """The stage that a selector names; for a figure of the whole funnel, the sale."""
    if selector.stage is None:
        return funnel.sale_stage
    return next(index for index, stage in enumerate(funnel.stages) if stage.name == selector.stage)


def _count(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    stage = funnel.stages[index]
    return None if stage.unknown else stage.count


def _of_entries(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    count, entries = _count(funnel, index, whole), _count(funnel, 0, whole)
    return None if count is None or entries is None else ratio(count, entries)


def _one_in(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    count, entries = _count(funnel, index, whole), _count(funnel, 0, whole)
    return None if count is None or entries is None else one_in(count, entries)


def _conversion(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    return step_conversion(funnel, index)


def _drop_off(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    parent = funnel.stages[index].parent
    count, above = _count(funnel, index, whole), None if parent is None else _count(funnel, parent, whole)
    return None if count is None or above is None else above - count


def _drop_off_rate(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    rate = step_conversion(funnel, index)
    return None if rate is None else 1 - rate


def _loss_share(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    if _chain(funnel, index, whole) is not None:
        return None
    if any(stage.unknown for stage in funnel.stages):
        return None
    counts = [stage.count for stage in funnel.stages]
    return ratio(counts[index - 1] - counts[index], counts[0] - counts[-1])


def _average_check(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    paid = funnel.money_stages
    if whole:
        return funnel.stages[paid[0]].average_order_value if len(paid) == 1 else None
    return funnel.stages[index].average_order_value


def _revenue(funnel: Funnel, index: int, whole: bool) -> Exact | None:
    return economics.revenue(funnel) if whole else economics.stage_revenue(funnel.stages[index])


_FIGURES: dict[str, Callable[[Funnel, int, bool], Exact | None]] = {
    "entries": lambda funnel, index, whole: _count(funnel, 0, whole),
    "sales": _count,
    "count": _count,
    "conversion": _conversion,
    "overall_conversion": _of_entries,
    "one_in": _one_in,
    "drop_off": _drop_off,
    "drop_off_rate": _drop_off_rate,
    "loss_share": _loss_share,
    "average_check": _average_check,
    "revenue": _revenue,
    "value_per": lambda funnel, index, whole: economics.value_per(funnel, index),
    "value_per_entry": lambda funnel, index, whole: economics.value_per(funnel, 0),
    "budget": lambda funnel, index, whole: funnel.budget,
    "gross_margin": lambda funnel, index, whole: funnel.gross_margin,
    "spend_elasticity": lambda funnel, index, whole: funnel.spend_elasticity,
    "cost": lambda funnel, index, whole: funnel.stages[index].cost,
    "cost_per": lambda funnel, index, whole: economics.cost_per(funnel, index),
    "variable_cost": lambda funnel, index, whole: economics.variable_cost(funnel),
    "gross_profit": lambda funnel, index, whole: economics.gross_profit(funnel),
    "profit": lambda funnel, index, whole: economics.profit(funnel),
    "unit_margin": lambda funnel, index, whole: economics.unit_margin(funnel, index),
    "roas": lambda funnel, index, whole: economics.roas(funnel),
    "romi": lambda funnel, index, whole: economics.romi(funnel),
    "days": lambda funnel, index, whole: funnel.stages[index].days,
    "open": lambda funnel, index, whole: funnel.stages[index].open,
}


def _parent(funnel: Funnel, index: int, whole: bool) -> str | None:
    stage = funnel.stages[index]
    if stage.parent is None:
        return f"{quoted(stage.name)} is the entry, and comes from no stage"
    above = funnel.stages[stage.parent]
    return (
        None if above.count or stage.conversion is not None else f"{quoted(above.name)}, which it comes from, is empty"
    )


def _units(funnel: Funnel, index: int, whole: bool) -> str | None:
    stage = funnel.stages[index]
    return None if stage.count else f"{quoted(stage.name)} is empty"


def _entry(funnel: Funnel, index: int, whole: bool) -> str | None:
    return _units(funnel, 0, whole)


def _budget(funnel: Funnel, index: int, whole: bool) -> str | None:
    if funnel.budget is None:
        return economics.no_sum(funnel) if funnel.unbudgeted else "the funnel has no budget"
    return None if funnel.budget else "the budget is 0"


def _income(funnel: Funnel, index: int, whole: bool) -> str | None:
    return None if funnel.money_stages else "no stage brings money: there is no average_check"


def _costs(funnel: Funnel, index: int, whole: bool) -> str | None:
    return None if economics.costs_known(funnel) else "no costs are known: there is no budget, cost or gross_margin"


def _spending(funnel: Funnel, index: int, whole: bool) -> str | None:
    return economics.no_sum(funnel) if funnel.unbudgeted else None


def _one_check(funnel: Funnel, index: int, whole: bool) -> str | None:
    if whole and len(funnel.money_stages) > 1:
        return "several stages bring money: name one, as in average_check@Stage"
    return None


def _chain(funnel: Funnel, index: int, whole: bool) -> str | None:
    if not funnel.is_chain:
        return "the funnel has branches"
    counts = [stage.count for stage in funnel.stages]
    if any(below > above for above, below in pairwise(counts)):
        return "a stage grows"
    return None if index else f"{quoted(funnel.stages[0].name)} is the entry, and comes from no stage"


_NEEDS: dict[str, tuple[Callable[[Funnel, int, bool], str | None], ...]] = {
    "conversion": (_parent,),
    "overall_conversion": (_entry,),
    "one_in": (_units,),
    "drop_off": (_parent,),
    "drop_off_rate": (_parent,),
    "loss_share": (_chain,),
    "average_check": (_income, _one_check),
    "revenue": (_income,),
    "value_per": (_income, _units),
    "value_per_entry": (_income, _entry),
    "cost_per": (_budget, _units),
    "gross_profit": (_income, _costs),
    "budget": (_spending,),
    "profit": (_income, _costs, _spending),
    "unit_margin": (_income, _costs, _units),
    "roas": (_income, _budget),
    "romi": (_income, _budget),
}
