"""The rules of a projection, each written once, as expressions of figures: what a count and what money follow from.

Three back ends read them: exact arithmetic (`Exactly`, below), formulas of a workbook, and the script of a page. What
cannot be known is undefined (`None`), and so is what rests on it.

| operator | parts | value |
|---|---|---|
| `+` `-` `/` `^` | two | as in arithmetic; undefined where it divides by 0 |
| `*` | two | nothing times what is unknown is nothing |
| `recorded` | figure | the figure as it is before any change |
| `changed` | figure, value | the value after the changes of the figure |
| `scaled` | figure, value | the same for a part of it: only factors apply, and where the figure is set, 0 is left |
| `unless set` | figure, value, other | the value, or the other one where a change sets the figure |
| `or` | figure, number | the figure, or the number where nobody states it |
| `given` | value, figures | the value; undefined where nobody states any of the figures |
| `while empty` | value, counts | the value; undefined where one of the counts is not 0 |
| `known` | figure, value, other | the value, or the other one while the figure is undefined |
| `series` | first, ratio | first + first x ratio + first x ratio² + … = first / (1 - ratio); without bound from 1 on |
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from funnelcli.exact import Exact, minus, plus, ratio, times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel

LARGEST_EXACT_POWER = 8
MOST_REMEMBERED = 8
T = TypeVar("T")


class Figure(NamedTuple):
    """A metric and the index of its stage, 0 for the whole funnel."""

    metric: str
    at: int = 0


class Operation(NamedTuple):
    """An operator of the table above, and its parts."""

    operator: str
    parts: tuple[Expression, ...]


Expression: TypeAlias = "Exact | Figure | Operation | None"
Rules: TypeAlias = "dict[Figure, Expression]"


def operation(operator: str, *parts: Expression) -> Operation:
    """An operation on its parts."""
    return Operation(operator, parts)


def figure_of(funnel: Funnel, selector: Selector) -> Figure:
    """The figure that a selector of a change names; the one average check stands at its stage.

    The overall conversion to a stage that comes from the entry is that of the step.
    """
    metric = selector.metric.name
    if metric == "overall_conversion":
        return Figure("conversion", funnel.sale_stage if selector.stage is None else funnel.index(selector.stage))
    if selector.stage is not None:
        at = funnel.index(selector.stage)
    elif metric == "average_check":
        at = (*funnel.money_stages, funnel.sale_stage)[0]
    else:
        at = 0
    return Figure("count" if metric == "entries" else metric, at)


def recorded(funnel: Funnel, figure: Figure) -> Exact | None:
    """A figure as the funnel has it; `None` where nobody states it, or where it cannot be told."""
    metric, at = figure
    stage = funnel.stages[at]
    if metric == "count":
        return stage.units
    if metric == "conversion":
        return funnel.conversion(at)
    if metric == "average_check":
        return stage.average_order_value
    if metric == "cost":
        return stage.cost
    if metric == "own":
        return stage.count * (others_share(funnel) or 0)
    if metric == "brings":
        return None if funnel.referral is None else funnel.referral.brings
    value: Exact | None = getattr(funnel, metric)
    return value


def referral_rate(funnel: Funnel) -> Exact | None:
    """K = n_from / n_to x brings: new units that one unit makes; `None` without a referral or where nobody is."""
    if funnel.referral is None:
        return None
    share = ratio(funnel.stages[funnel.referral.source].count, funnel.stages[funnel.referral.target].count)
    return None if share is None else share * funnel.referral.brings


def others_share(funnel: Funnel) -> Exact | None:
    """The share of the target's units that nobody referred, 1 - k; `None` where a projection knows no referral.

    Where nobody is at the source nor the target, k comes from the stated rates as soon as somebody is: all are others.
    Units at the source of an empty target were not referred there, and say nothing of referral.
    """
    if funnel.referral is None or not funnel.referral.brings:
        return None
    k = referral_rate(funnel)
    if k is None:
        return None if funnel.stages[funnel.referral.source].count else 1
    return 1 - k


def count_rules(funnel: Funnel) -> Rules:
    """Units of the stages: count = count of the stage before x conversion, and budget x f brings f^elasticity.

    The counts of a file are those of all units, referred ones among them. Where there is a referral, the others (`own`)
    follow the changes, and those who are `referred` follow from all; a count that is set is that of all units.
    """
    rules: Rules = {}
    target = None if funnel.referral is None or others_share(funnel) is None else funnel.referral.target
    for index, stage in enumerate(funnel.stages):
        here = Figure("count", index)
        units = _arriving(funnel, index, _count)
        if index != target:
            rules[here] = operation("changed", here, units)
            continue
        own, referred = Figure("own", index), Figure("referred", index)
        if stage.count:
            units = operation("/", operation("*", units, operation("recorded", own)), operation("recorded", here))
        rules[own] = operation("changed", here, units)
        rules[referred] = operation("unless set", here, _referred(funnel, index), None)
        rules[here] = operation("unless set", here, operation("+", own, referred), own)
    return rules


def _count(index: int) -> Expression:
    return Figure("count", index)


def _arriving(funnel: Funnel, index: int, above: Callable[[int], Expression]) -> Expression:
    """Units that come to a stage from those above it.

    Without a conversion, because the stage before has been empty, nobody comes as long as it stays empty. Units that
    have come past it follow the stage they come from instead (`Funnel.origin`): their rate is that of the limit in
    which the empty stages have next to nobody.
    """
    stage, there = funnel.stages[index], operation("recorded", Figure("count", index))
    if stage.parent is None:
        if not funnel.budget:  # a budget stated for the first time explains the entries there are
            return there
        spend = operation("/", Figure("budget"), operation("recorded", Figure("budget")))
        return operation("*", there, operation("^", spend, operation("or", Figure("spend_elasticity"), 1)))
    rate = Figure("conversion", index)
    along = operation("*", above(stage.parent), rate)
    if funnel.conversion(index) is not None:
        return along
    origin, way = funnel.origin(index), funnel.path_to(index)[1:]
    units: Expression
    if not stage.count:
        units, empty = 0, way[:1]
    elif origin is None:
        units, empty = there, way
    else:
        share = operation("*", above(origin), there)
        units, empty = operation("/", share, operation("recorded", Figure("count", origin))), way[: way.index(origin)]
    return operation("known", rate, along, operation("while empty", units, *map(above, empty)))


def _referred(funnel: Funnel, target: int) -> Expression:
    """Units that are referred to a stage: those who come by themselves bring some, these bring others, and so on."""
    assert funnel.referral is not None
    brings: Expression = Figure("brings")
    source, way = funnel.referral.source, funnel.path_to(funnel.referral.source)[::-1]
    first: dict[int, Expression] = {target: Figure("own", target)}
    later: dict[int, Expression] = {target: brings}
    for below in way[way.index(target) + 1 :] if target in way else ():
        here = Figure("count", below)
        first[below] = operation("changed", here, _arriving(funnel, below, lambda at: first.get(at, _count(at))))
        later[below] = operation("scaled", here, _arriving(funnel, below, lambda at: later.get(at, 0)))
    return operation("series", operation("*", brings, first.get(source, _count(source))), later.get(source, 0))


def money_rules(
    paid: tuple[int, ...], costly: tuple[int, ...], spends: bool, unsummed: bool, sale: int, after: tuple[int, ...]
) -> Rules:
    """Money of the stages that bring some and of those that cost some, and of the `sale` and the stages `after` it.

    `spends` says whether there is a budget, `unsummed` whether what is spent is not known.
    """
    checks = {index: Figure("average_check", index) for index in paid}
    costs = {index: Figure("cost", index) for index in costly}
    margin, budget = operation("or", Figure("gross_margin"), 1), Figure("budget")
    sales, entries = Figure("count", sale), Figure("count")
    rules: Rules = {
        Figure("overall_conversion"): operation("/", sales, entries),
        Figure("one_in"): operation("/", 1, Figure("overall_conversion")),
    }
    for index, check in checks.items():
        rules[Figure("stage_revenue", index)] = operation("given", operation("*", _count(index), check), check)
    for index, cost in costs.items():
        rules[Figure("stage_cost", index)] = operation("given", operation("*", _count(index), cost), cost)
    incomes, expenses = (
        [operation("or", Figure(metric, index), 0) for index in stages]
        for metric, stages in (("stage_revenue", paid), ("stage_cost", costly))
    )
    if costly:
        rules[Figure("variable_cost")] = operation("given", _sum(expenses), *costs.values())
    if spends:
        rules[Figure("cost_per_sale")] = operation("given", operation("/", budget, sales), budget)
    if not paid:
        return rules

    def with_costs(value: Expression) -> Expression:
        """Without any known cost, a profit would only repeat the revenue."""
        stated = (*costs.values(), *([budget] if spends else []), Figure("gross_margin"))
        return value if unsummed else operation("given", value, *stated)

    rules[Figure("revenue")] = operation("given", _sum(incomes), *checks.values())
    gross: Expression = operation("*", Figure("revenue"), margin)
    if costly:
        gross = operation("-", gross, operation("or", Figure("variable_cost"), 0))
    rules[Figure("gross_profit")] = with_costs(gross)
    profit: Expression = Figure("gross_profit")
    if spends:
        profit = operation("-", profit, operation("or", budget, 0))
    rules[Figure("profit")] = operation("given", profit, budget) if unsummed else profit
    if spends:
        rules[Figure("roas")] = operation("/", Figure("revenue"), budget)
        rules[Figure("romi")] = operation("/", Figure("profit"), budget)
    if set(paid) & set(after):
        left = _sum(operation("*", each, margin) for index, each in zip(paid, incomes, strict=True) if index in after)
        for index, each in zip(costly, expenses, strict=True):
            left = operation("-", left, each) if index in after else left
        each_sale = operation("/", left, sales)
        rules[Figure("unit_margin")] = with_costs(
            operation("given", each_sale, *(check for index, check in checks.items() if index in after))
        )
    return rules


def _sum(terms: Iterable[Expression]) -> Expression:
    """The sum of at least one term."""
    first, *others = terms
    for term in others:
        first = operation("+", first, term)
    return first


Evaluation: TypeAlias = "Callable[[Exactly], Exact | None]"


class Program(dict[Figure, Evaluation]):
    """What works figures out by the rules, made once a figure; the same program runs on many values."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __missing__(self, figure: Figure) -> Evaluation:
        rule = self.rules.get(figure)
        step = self[figure] = (lambda run: run.given(figure)) if rule is None else _step(rule)
        return step


class Exactly:
    """Figures by rules in exact arithmetic, each worked out once; `None` is what is undefined.

    A back end gives the figures without a rule (`given`), and those before any change (`recorded`).
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.found: dict[Figure, Exact | None] = {}

    def given(self, figure: Figure) -> Exact | None:
        """A figure without a rule."""
        raise NotImplementedError

    def recorded(self, figure: Figure) -> Exact | None:
        """A figure before any change."""
        raise NotImplementedError

    def sets(self, figure: Figure) -> bool:
        """Whether a change sets the figure."""
        raise NotImplementedError

    def changed(self, figure: Figure, value: Exact | None, scale_only: bool = False) -> Exact | None:
        """A value after the changes of a figure, or after their factors alone."""
        raise NotImplementedError

    def figure(self, figure: Figure) -> Exact | None:
        """The value of a figure."""
        if figure in self.found:
            return self.found[figure]
        value = self.found[figure] = self.program[figure](self)
        return value

    def is_stated(self, figure: Expression) -> bool:
        """Whether somebody states a figure, or one of those that it is made of."""
        assert isinstance(figure, Figure)
        rule = self.program.rules.get(figure)
        if rule is None:
            return self.figure(figure) is not None
        return not isinstance(rule, Operation) or rule.operator != "given" or any(map(self.is_stated, rule.parts[1:]))


def _step(expression: Expression) -> Evaluation:
    """What works out an expression."""
    if isinstance(expression, Figure):
        return lambda run: run.figure(expression)
    if not isinstance(expression, Operation):
        return lambda run: expression
    operator, parts = expression
    figure, (first, *others) = parts[0], map(_step, parts)
    if operator in _ARITHMETIC:
        compute, (second,) = _ARITHMETIC[operator], others
        return lambda run: compute(first(run), second(run))
    if operator == "given":
        return lambda run: first(run) if any(map(run.is_stated, parts[1:])) else None
    if operator == "while empty":
        return lambda run: first(run) if all(other(run) == 0 for other in others) else None
    if operator == "known":
        return lambda run: others[1 if first(run) is None else 0](run)
    assert isinstance(figure, Figure)
    if operator == "or":
        return lambda run: first(run) if run.is_stated(figure) else others[0](run)
    if operator == "recorded":
        return lambda run: run.recorded(figure)
    if operator == "unless set":
        return lambda run: others[1 if run.sets(figure) else 0](run)
    scale_only = operator == "scaled"
    return lambda run: run.changed(figure, others[0](run), scale_only)


def remembered(make: Callable[[Funnel], T]) -> Callable[[Funnel], T]:
    """A function of a funnel that keeps its last results: levers and sweeps ask for the same funnel over and over."""
    kept: dict[int, tuple[Funnel, T]] = {}

    @wraps(make)
    def ask(funnel: Funnel) -> T:
        found = kept.get(id(funnel))
        if found is None:
            if len(kept) >= MOST_REMEMBERED:
                kept.clear()
            found = kept[id(funnel)] = (funnel, make(funnel))  # kept with it, so that the id stays its own
        return found[1]

    return ask


class WithoutBoundError(ArithmeticError):
    """A series whose ratio, the argument, is 1 or more."""


def _power(base: Exact | None, exponent: Exact | None) -> Exact | None:
    """Exactly for small whole exponents; raises `OverflowError`."""
    if base is None or exponent is None:
        return None
    if base == 1:
        return 1
    if isinstance(exponent, int) and exponent <= LARGEST_EXACT_POWER:
        return Fraction(base) ** exponent
    return Fraction(math.pow(base, exponent))


def _series(first: Exact | None, each: Exact | None) -> Exact | None:
    if first is None or first == 0 or each is None:
        return None if first is None or first else 0
    if each >= 1:
        raise WithoutBoundError(each)
    return ratio(first, 1 - each)


_ARITHMETIC: dict[str, Callable[[Exact | None, Exact | None], Exact | None]] = {
    "*": times,
    "+": plus,
    "-": minus,
    "/": ratio,
    "^": _power,
    "series": _series,
}
