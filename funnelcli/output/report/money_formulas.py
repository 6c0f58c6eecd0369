"""The money of a funnel in cells: the rules of `analyses.economics`, as formulas, and which rows a funnel has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses import economics
from funnelcli.model import ratio
from funnelcli.output.numbers import visible
from funnelcli.output.report.formulas import Column, Figure, Key, View, after, safe, typed, unless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.model import Exact, Funnel, Stage


def lines(funnel: Funnel, columns: Sequence[Column], names: Sequence[str]) -> Iterator[tuple[Key, str]]:
    """Keys and labels of the rows that say anything: of what is known in one column at least."""
    funnels = [column.funnel for column in columns]
    paid = [
        index
        for index in range(len(names))
        if any(each.stages[index].average_order_value is not None for each in funnels)
    ]
    costly = [index for index in range(len(names)) if any(each.stages[index].cost is not None for each in funnels)]
    budget = any(each.budget is not None for each in funnels)
    if not paid and not costly and not budget:
        return
    yield ("Money", 0), "Money"
    for index in paid:
        yield ("average_check", index), "Average check" if len(paid) == 1 else f"Average check of {names[index]}"
    for index in costly:
        yield ("cost", index), f"Cost of one unit at {names[index]}"
    if paid:
        yield ("gross_margin", 0), "Gross margin" if funnel.gross_margin is not None else "Gross margin (not given)"
    if budget:
        yield ("budget", 0), f"Budget (sum by {visible(funnel.budget_of)})" if funnel.budget_of else "Budget"
    if funnel.budget:
        assumed = " (not given)" if funnel.spend_elasticity is None else ""
        yield ("spend_elasticity", 0), f"Spend elasticity{assumed}"
    yield ("Result", 0), "Result"
    if len(paid) > 1 or any(_states_revenue(stage) for stage in funnel.stages):
        yield from ((("stage_revenue", index), f"Revenue of {names[index]}") for index in paid)
    yield from (
        ((metric, 0), label)
        for metric, label, told in (
            ("revenue", "Revenue", paid),
            ("variable_cost", "Variable cost", costly),
            ("gross_profit", "Gross profit", _any(economics.profit, funnels)),
            ("profit", "Profit", _any(economics.profit, funnels)),
            ("romi", "ROMI", budget and _any(economics.profit, funnels)),
            ("unit_margin", "Unit margin: what one more sale leaves", _any(_unit_margin, funnels)),
            ("cost_per_sale", _cost_per_sale_label(funnel), budget),
        )
        if told
    )


def compared_lines(columns: Sequence[Column]) -> Iterator[tuple[Key, str]]:
    """Keys and labels of the changes of money."""
    funnels = [column.funnel for column in columns]
    if _any(economics.revenue, funnels):
        yield ("revenue_change", 0), "Change of revenue"
        yield ("revenue_change_rate", 0), "in %"
    if _any(economics.profit, funnels):
        yield ("profit_change", 0), "Change of profit"


def _any(figure: Callable[[Funnel], Exact | None], funnels: Sequence[Funnel]) -> bool:
    return any(figure(each) is not None for each in funnels)


def _unit_margin(funnel: Funnel) -> Exact | None:
    return economics.unit_margin(funnel, funnel.sale_stage)


def _cost_per_sale_label(funnel: Funnel) -> str:
    return "Budget per sale (CAC)" if funnel.stages[funnel.sale_stage].role == "customer" else "Budget per sale"


def _states_revenue(stage: Stage) -> bool:
    """Whether the revenue is what the file says, and the check follows from it."""
    return bool(stage.revenue is not None and stage.average_check is None and stage.count)


# -- inputs --


def _follows(metric: str) -> Callable[[View, int], str | None]:
    """An input that follows what is recorded; empty where nothing is, and nothing is set."""

    def formula(view: View, index: int) -> str | None:
        changes = view.changes(metric, index)
        if not changes and FIGURES[metric].value(_as_recorded(view), index) is None:
            return None
        return f"={after(view.recorded(metric, index), changes)}"

    return formula


def _as_recorded(view: View) -> View:
    return view._replace(column=view.column._replace(funnel=view.funnel))


def _recorded_check(view: View, index: int) -> str | None:
    if not _states_revenue(view.funnel.stages[index]):
        return None
    return f"=IFERROR({view.at('stage_revenue', index)}/{view.at('count', index)},0)"


# -- results --


def _stage_revenue(view: View, index: int) -> str:
    check = view.at("average_check", index)
    missing = [f'{check}=""'] if view.column.funnel.stages[index].average_order_value is None else []
    return unless(missing, safe(f"{view.at('count', index)}*{check}"))


def _recorded_stage_revenue(view: View, index: int) -> str | None:
    return None if _states_revenue(view.funnel.stages[index]) else _stage_revenue(view, index)


def _revenue(view: View, index: int) -> str:
    checks, stages = view.cells("average_check"), view.column.funnel.stages
    if any(metric == "stage_revenue" for metric, _ in view.rows):
        paid = [place for metric, place in view.rows if metric == "stage_revenue"]
        parts = [_known(view.at("stage_revenue", place), stages[place].average_order_value) for place in paid]
    else:
        (paid_at,) = (place for metric, place in view.rows if metric == "average_check")
        parts = [f"{view.at('count', paid_at)}*{checks[0]}"]
    missing = [f"COUNT({','.join(checks)})=0"] if economics.revenue(view.column.funnel) is None else []
    return unless(missing, safe("+".join(parts)))


def _known(cell: str, value: Exact | None) -> str:
    """A cell in a sum; 0 where it is undefined for want of what nobody has stated."""
    return f"N({cell})" if value is None else cell


def _variable_cost(view: View, index: int) -> str:
    costly = [place for metric, place in view.rows if metric == "cost"]
    spent = "+".join(f"{view.at('count', place)}*{view.at('cost', place)}" for place in costly)
    known = economics.variable_cost(view.column.funnel) is not None
    return unless([] if known else [f"COUNT({','.join(view.cells('cost'))})=0"], safe(spent))


def _without_costs(view: View) -> list[str]:
    """The condition under which a profit would only repeat the revenue; none where the column states costs."""
    if economics.costs_known(view.column.funnel):
        return []
    stated = ",".join([*view.cells("cost"), *view.cells("budget")])
    margin = f"{view.at('gross_margin')}=1"
    return [f"AND(COUNT({stated})=0,{margin})" if stated else margin]


def _gross_profit(view: View, index: int) -> str:
    formula = f"{view.at('revenue')}*{view.at('gross_margin')}"
    if ("variable_cost", 0) in view.rows:
        formula += f"-{_known(view.at('variable_cost'), economics.variable_cost(view.column.funnel))}"
    return unless(_without_costs(view), safe(formula))


def _profit(view: View, index: int) -> str:
    less = f"-{view.at('budget')}" if ("budget", 0) in view.rows else ""
    missing = [f'{view.at("budget")}=""'] if less and view.column.funnel.unbudgeted else []
    return unless(missing, safe(f"{view.at('gross_profit')}{less}"))


def _unit_margin_formula(view: View, index: int) -> str:
    after_sale = set(view.funnel.subtree(view.funnel.sale_stage))
    paid, costly = (
        [place for metric, place in view.rows if metric == wanted and place in after_sale]
        for wanted in ("average_check", "cost")
    )
    left = [f"{view.at('count', place)}*{view.at('average_check', place)}*{view.at('gross_margin')}" for place in paid]
    spent = "".join(f"-{view.at('count', place)}*{view.at('cost', place)}" for place in costly)
    missing = _without_costs(view)
    if all(view.column.funnel.stages[place].average_order_value is None for place in paid):
        missing.append(f"COUNT({','.join(view.cells('average_check', after_sale))})=0")
    sales = view.at("count", view.funnel.sale_stage)
    return unless(missing, safe(f"({'+'.join(left)}{spent})/{sales}"))


def _cost_per_sale(view: View, index: int) -> str:
    missing = [f'{view.at("budget")}=""'] if view.column.funnel.budget is None else []
    return unless(missing, safe(f"{view.at('budget')}/{view.at('count', view.funnel.sale_stage)}"))


def _money(
    figure: Callable[[Funnel], Exact | None], formula: Callable[[View, int], str | None], weight: str = ""
) -> Figure:
    """A result of the whole funnel, in money."""
    return Figure("money", lambda view, index: figure(view.column.funnel), formula, weight=weight)


def _change(metric: str, figure: Callable[[Funnel], Exact | None]) -> Figure:
    """How much more of a metric a column has than what is recorded."""

    def value(view: View, index: int) -> Exact | None:
        now, before = figure(view.column.funnel), figure(view.funnel)
        return None if now is None or before is None else now - before

    return Figure("money_change", value, lambda view, index: safe(f"{view.at(metric)}-{view.recorded(metric)}"), typed)


def _revenue_change_rate(view: View, index: int) -> Exact | None:
    now, before = economics.revenue(view.column.funnel), economics.revenue(view.funnel)
    return None if now is None or before is None else ratio(now - before, before)


FIGURES = {
    "average_check": Figure(
        "money",
        lambda view, index: view.column.funnel.stages[index].average_order_value,
        _follows("average_check"),
        _recorded_check,
    ),
    "cost": Figure("money", lambda view, index: view.column.funnel.stages[index].cost, _follows("cost"), typed),
    "gross_margin": Figure(
        "rate", lambda view, index: economics.margin(view.column.funnel), _follows("gross_margin"), typed
    ),
    "budget": Figure("money", lambda view, index: view.column.funnel.budget, _follows("budget"), typed),
    "spend_elasticity": Figure(
        "number",
        lambda view, index: 1 if (own := view.column.funnel.spend_elasticity) is None else own,
        _follows("spend_elasticity"),
        typed,
    ),
    "stage_revenue": Figure(
        "money",
        lambda view, index: economics.stage_revenue(view.column.funnel.stages[index]),
        _stage_revenue,
        _recorded_stage_revenue,
    ),
    "revenue": _money(economics.revenue, _revenue, "total"),
    "variable_cost": _money(economics.variable_cost, _variable_cost),
    "gross_profit": _money(economics.gross_profit, _gross_profit),
    "profit": _money(economics.profit, _profit, "total"),
    "romi": Figure(
        "rate_change",
        lambda view, index: economics.romi(view.column.funnel),
        lambda view, index: safe(f"{view.at('profit')}/{view.at('budget')}"),
    ),
    "unit_margin": Figure(
        "money",
        lambda view, index: economics.unit_margin(view.column.funnel, view.funnel.sale_stage),
        _unit_margin_formula,
    ),
    "cost_per_sale": Figure(
        "money",
        lambda view, index: economics.cost_per(view.column.funnel, view.funnel.sale_stage),
        _cost_per_sale,
    ),
    "revenue_change": _change("revenue", economics.revenue),
    "revenue_change_rate": Figure(
        "rate_change",
        _revenue_change_rate,
        lambda view, index: safe(f"{view.at('revenue')}/{view.recorded('revenue')}-1"),
        typed,
        "step",
    ),
    "profit_change": _change("profit", economics.profit),
}
INPUTS = ("average_check", "cost", "gross_margin", "budget", "spend_elasticity")
COMPARED = ("revenue_change", "revenue_change_rate", "profit_change")
