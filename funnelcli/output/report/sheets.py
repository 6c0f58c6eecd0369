"""A funnel as a sheet of a workbook: what stands in its rows and columns, before anything writes it.

The first column is what the file says. Each other one is a projection: its inputs are formulas of the first column, so
that they follow it until something is typed over them, and everything else follows from its inputs by the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.levers import unprojectable
from funnelcli.analyses.projection import ASSUMED, apply
from funnelcli.analyses.rules import (
    Exactly,
    Expression,
    Figure,
    Program,
    Rules,
    count_rules,
    figure_of,
    money_rules,
    operation,
    others_share,
    recorded,
)
from funnelcli.analyses.scenario import project
from funnelcli.diagnostics import Problem
from funnelcli.output.numbers import visible
from funnelcli.output.report.formulas import Formulas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from funnelcli.metrics import Selector
    from funnelcli.model import Change, Exact, Funnel, Referral, Stage

RECORDED, WHAT_IF = "Recorded", "What if"
FIRST_ROW = 8
"""Of the figures, counted from 1: title, subtitle, key and the head of the table stand above."""


class SheetCell(NamedTuple):
    """A figure: its role is `recorded`, `input`, `changed` or `calculated`.

    `value` is what a formula comes to; a value of `None` is undefined, and without a formula an empty cell.
    """

    role: str
    value: Exact | None
    formula: str | None = None


class Row(NamedTuple):
    """A line: one cell a column, none in a heading. `weight` is `heading`, `stage`, `step`, `total` or nothing."""

    key: Figure
    label: str
    kind: str
    weight: str
    cells: tuple[SheetCell, ...]


class SheetColumn(NamedTuple):
    """A column of a sheet: its name, what it changes in words, the funnel after it, and the changes by figure.

    `counted` are the stages of which the count is changed, so that the conversion follows from it.
    """

    name: str
    says: str
    funnel: Funnel
    changes: dict[Figure, tuple[Change, ...]]
    counted: frozenset[int] = frozenset()


class Sheet(NamedTuple):
    """What stands on a sheet; the first row of `rows` is at `FIRST_ROW`."""

    columns: tuple[SheetColumn, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


ROWS = {
    "conversion": ("rate", "step"),
    "own": ("count", ""),
    "referred": ("count", ""),
    "count": ("count", "stage"),
    "brings": ("number", ""),
    "overall_conversion": ("rate", ""),
    "one_in": ("one_in", ""),
    "average_check": ("money", ""),
    "cost": ("money", ""),
    "gross_margin": ("rate", ""),
    "budget": ("money", ""),
    "spend_elasticity": ("number", ""),
    "stage_revenue": ("money", ""),
    "revenue": ("money", "total"),
    "variable_cost": ("money", ""),
    "gross_profit": ("money", ""),
    "profit": ("money", "total"),
    "romi": ("rate_change", ""),
    "unit_margin": ("money", ""),
    "cost_per_sale": ("money", ""),
    "sales_change": ("count_change", ""),
    "sales_change_rate": ("rate_change", "step"),
    "revenue_change": ("money_change", ""),
    "revenue_change_rate": ("rate_change", "step"),
    "profit_change": ("money_change", ""),
}
"""Kind and weight of the rows, by metric."""
INPUTS = frozenset({"conversion", "brings", "average_check", "cost", "gross_margin", "budget", "spend_elasticity"})


class _Values(Exactly):
    """What the figures of a column come to; `base` are those of what is recorded."""

    def __init__(self, rules: Rules, funnel: Funnel, column: SheetColumn, base: _Values | None) -> None:
        super().__init__(Program(rules))
        self.funnel = funnel
        self.column = column
        self.base = base or self

    def recorded(self, figure: Figure) -> Exact | None:
        return self.base.figure(figure)

    def given(self, figure: Figure) -> Exact | None:
        after, changes, referral = self.column.funnel, self.column.changes, _referral(self.funnel)
        if figure.metric == "conversion" and figure.at not in self.column.counted:
            value = recorded(self.funnel, figure)
            for change in changes.get(figure, ()):
                value = change.of(value)
            return value
        if figure.metric == "referred":
            if referral is None or any(change.sets for change in changes.get(Figure("count", figure.at), ())):
                return None
            return referral.brings * after.stages[referral.source].count
        if figure.metric == "own":
            count = recorded(after, Figure("count", figure.at))
            return None if count is None else count - (self.given(Figure("referred", figure.at)) or 0)
        return recorded(after, figure)


def sheet_of(funnel: Funnel) -> Sheet:
    """The sheet of a funnel; a scenario that cannot be projected is left out, and a note says why."""
    columns, notes = _columns(funnel)
    money = _money(funnel, [column.funnel for column in columns])
    lines = list(_lines(funnel, columns, money))
    places = {figure: FIRST_ROW + place for place, (figure, _) in enumerate(lines)}
    views: list[tuple[_Values, Formulas]] = []
    for place, column in enumerate(columns):
        values = _Values(money | _compared(funnel), funnel, column, views[0][0] if views else None)
        rules = values.program.rules | (_projected_rules(funnel, column, places) if place else _recorded_rules(funnel))
        letter, is_stated = letters(place + 1), values.is_stated
        views.append((values, Formulas(letter, places, rules, column.changes, column.counted, is_stated)))
    rows = []
    for figure, label in lines:
        kind, weight = ROWS.get(figure.metric, ("text", "heading"))
        cells = () if weight == "heading" else tuple(_cell(figure, *view, places) for view in views)
        rows.append(Row(figure, label, kind, weight, cells))
    return Sheet(tuple(columns), tuple(rows), tuple(notes))


def letters(place: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _columns(funnel: Funnel) -> tuple[list[SheetColumn], list[str]]:
    """What is recorded, a what-if without changes, and the scenarios; and what must be said of them."""
    columns = [SheetColumn(RECORDED, "what the file says", funnel, {})]
    problem = unprojectable(funnel)
    if problem is not None:
        return columns, [f"Nothing can be projected: {_sentence(problem)}"]
    left_out, kept, referral = [], [], _referral(funnel)
    target = referral.target if referral else None
    for scenario in funnel.scenarios:
        changed = apply(funnel, scenario.changes)
        if isinstance(changed, Problem):
            left_out.append(f"The scenario {visible(scenario.name)} is left out: {_sentence(changed)}")
            continue
        kept.append(scenario)
        says = "\n".join(f"{visible(str(selector))}: {change.text}" for selector, change in scenario.changes)
        name = visible(scenario.name)
        if name in (RECORDED, WHAT_IF):
            name = f"{name} (scenario)"
        by_figure = _by_figure(funnel, scenario.changes)
        counted = {figure.at for figure in by_figure if figure.metric == "count"} - {target}
        columns.append(SheetColumn(name, says, changed, by_figure, frozenset(counted)))
    same = apply(funnel, ())
    assert not isinstance(same, Problem)
    columns.insert(1, SheetColumn(WHAT_IF, "type over the yellow cells", same, {}))
    report = project(funnel, kept)
    assumed = () if isinstance(report, Problem) else report.assumptions
    return columns, [*left_out, *_notes(funnel), *(f"{line[0].upper()}{line[1:]}." for line in assumed)]


def _sentence(problem: Problem) -> str:
    return visible(f"{problem.message}; {problem.help}." if problem.help else f"{problem.message}.")


def _notes(funnel: Funnel) -> Iterator[str]:
    """How the sheet is read."""
    yield "What is recorded stands on the left; every other column follows it until something is typed over its inputs."
    if funnel.budget == 0:
        yield "The budget is 0, so what more of it brings is unknown: the entries do not follow it."
    if _referral(funnel) is not None:
        yield "Conversions are those of all units, referred ones among them, as recorded."


def _by_figure(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> dict[Figure, tuple[Change, ...]]:
    """The changes by the figure that they move."""
    found: dict[Figure, tuple[Change, ...]] = {}
    for selector, change in changes:
        figure = figure_of(funnel, selector)
        found[figure] = (*found.get(figure, ()), change)
    return found


def _referral(funnel: Funnel) -> Referral | None:
    """The referral where it moves anything."""
    return funnel.referral if others_share(funnel) is not None else None


def _money(funnel: Funnel, funnels: Sequence[Funnel]) -> Rules:
    """The rules of money that is known in one column at least."""
    stages, sale = range(len(funnel.stages)), funnel.sale_stage
    return money_rules(
        tuple(at for at in stages if any(each.stages[at].average_order_value is not None for each in funnels)),
        tuple(at for at in stages if any(each.stages[at].cost is not None for each in funnels)),
        any(each.budget is not None for each in funnels),
        bool(funnel.unbudgeted),
        sale,
        funnel.subtree(sale),
    )


def _projected_rules(funnel: Funnel, column: SheetColumn, places: Iterable[Figure]) -> Rules:
    """Inputs that follow what is recorded, and counts that follow from them."""
    rules: Rules = count_rules(funnel)
    for figure in places:
        if figure.metric == "conversion" and figure.at in column.counted:
            rules[figure] = _ratio_of_counts(funnel, figure.at)
        elif figure.metric in INPUTS:
            rules[figure] = operation("changed", figure, operation("recorded", figure))
    return rules


def _recorded_rules(funnel: Funnel) -> Rules:
    """What follows in the column of what is recorded: rates from counts, or counts from stated rates."""
    rules: Rules = {}
    for index, stage in enumerate(funnel.stages):
        if stage.parent is not None and stage.conversion is None:
            rules[Figure("conversion", index)] = _ratio_of_counts(funnel, index)
        elif stage.parent is not None:
            above, rate = Figure("count", stage.parent), Figure("conversion", index)
            rules[Figure("count", index)] = operation("*", above, rate)
        if _states_revenue(stage):
            revenue = Figure("stage_revenue", index)
            rules[Figure("average_check", index)] = operation("/", revenue, Figure("count", index))
    referral = _referral(funnel)
    if referral is not None:
        own, referred = Figure("own", referral.target), Figure("referred", referral.target)
        rules[own] = operation("-", Figure("count", referral.target), referred)
        rules[referred] = operation("*", Figure("brings"), Figure("count", referral.source))
    return rules


def _ratio_of_counts(funnel: Funnel, index: int) -> Expression:
    return operation("/", Figure("count", index), Figure("count", funnel.stages[index].parent or 0))


def _states_revenue(stage: Stage) -> bool:
    """Whether the revenue is what the file says, and the check follows from it."""
    return bool(stage.revenue is not None and stage.average_check is None and stage.count)


def _compared(funnel: Funnel) -> Rules:
    """Changes, which what is recorded has none of."""
    rules: Rules = {}
    for name, figure in (
        ("sales", Figure("count", funnel.sale_stage)),
        ("revenue", Figure("revenue")),
        ("profit", Figure("profit")),
    ):
        before = operation("recorded", figure)
        rules[Figure(f"{name}_change")] = operation("-", figure, before)
        rules[Figure(f"{name}_change_rate")] = operation("-", operation("/", figure, before), 1)
    return rules


def _cell(figure: Figure, values: _Values, formulas: Formulas, places: Iterable[Figure]) -> SheetCell:
    is_recorded, changes = formulas.letter == "B", values.column.changes
    if is_recorded and figure.metric.endswith(("_change", "_change_rate")):
        return SheetCell("calculated", None)
    value = values.figure(figure)
    value = ASSUMED.get(figure.metric) if value is None else value
    key = Figure("count", figure.at) if figure.metric == "own" else figure
    if is_recorded:
        stage = values.funnel.stages[figure.at]
        typed = figure not in formulas.rules or (figure.metric == "stage_revenue" and _states_revenue(stage))
        formula = None if typed else formulas.formula(figure)
        return SheetCell("recorded" if formula is None else "calculated", value, formula)
    blank = figure.metric in INPUTS - {"conversion"} and key not in changes and values.base.figure(figure) is None
    blank = blank and figure.metric not in ASSUMED
    formula = None if blank else formulas.formula(figure)
    calculated = figure.metric == "conversion" and figure.at in values.column.counted
    entry = Figure("own") if Figure("own") in places else Figure("count")
    is_input = (figure.metric in INPUTS or figure == entry) and not calculated
    is_all = figure.metric == "count" and Figure("own", figure.at) in places
    changed = key in changes and not calculated and not is_all
    return SheetCell("changed" if changed else "input" if is_input else "calculated", value, formula)


def _lines(funnel: Funnel, columns: list[SheetColumn], money: Rules) -> Iterator[tuple[Figure, str]]:
    """Figures and labels of all rows, headings among them, in order."""
    names = [visible(stage.name) for stage in funnel.stages]
    referral = _referral(funnel) if len(columns) > 1 else None
    yield Figure("Funnel"), "Funnel"
    for index, (stage, name) in enumerate(zip(funnel.stages, names, strict=True)):
        if stage.parent is not None:
            above = f" from {names[stage.parent]}" if stage.parent != index - 1 else ""
            yield Figure("conversion", index), f"conversion{above} to {name}"
        if referral is not None and referral.target == index:
            yield Figure("own", index), f"{name}, not referred"
            yield Figure("referred", index), f"{name}, referred"
        yield Figure("count", index), name
    if referral is not None:
        yield Figure("brings"), f"Brought by each of {names[referral.source]}"
    yield Figure("overall_conversion"), f"Overall conversion to {names[funnel.sale_stage]}"
    yield Figure("one_in"), "One in"
    told = _told([column.funnel for column in columns])
    yield from _money_lines(funnel, names, money, told)
    if len(columns) > 1:
        yield Figure("Against what is recorded"), "Against what is recorded"
        yield Figure("sales_change"), f"Change of {names[funnel.sale_stage]}"
        yield Figure("sales_change_rate"), "in %"
        if "revenue" in told:
            yield Figure("revenue_change"), "Change of revenue"
            yield Figure("revenue_change_rate"), "in %"
        if "profit" in told:
            yield Figure("profit_change"), "Change of profit"


def _told(funnels: Sequence[Funnel]) -> set[str]:
    """Results that are known in one column at least."""
    results: dict[str, Callable[[Funnel], Exact | None]] = {
        "revenue": economics.revenue,
        "profit": economics.profit,
        "unit_margin": lambda each: economics.unit_margin(each, each.sale_stage),
    }
    return {name for name, result in results.items() if any(result(each) is not None for each in funnels)}


def _money_lines(funnel: Funnel, names: Sequence[str], money: Rules, told: set[str]) -> Iterator[tuple[Figure, str]]:
    """Figures and labels of the rows of money that say anything."""
    paid, costly = (
        [figure.at for figure in money if figure.metric == metric] for metric in ("stage_revenue", "stage_cost")
    )
    budget = Figure("cost_per_sale") in money
    if not paid and not costly and not budget:
        return
    yield Figure("Money"), "Money"
    for index in paid:
        yield Figure("average_check", index), "Average check" if len(paid) == 1 else f"Average check of {names[index]}"
    for index in costly:
        yield Figure("cost", index), f"Cost of one unit at {names[index]}"
    if paid:
        yield Figure("gross_margin"), "Gross margin" if funnel.gross_margin is not None else "Gross margin (not given)"
    if budget:
        yield Figure("budget"), f"Budget (sum by {visible(funnel.budget_of)})" if funnel.budget_of else "Budget"
    if funnel.budget:
        assumed = " (not given)" if funnel.spend_elasticity is None else ""
        yield Figure("spend_elasticity"), f"Spend elasticity{assumed}"
    yield Figure("Result"), "Result"
    if len(paid) > 1 or any(_states_revenue(stage) for stage in funnel.stages):
        yield from ((Figure("stage_revenue", index), f"Revenue of {names[index]}") for index in paid)
    is_customer = funnel.stages[funnel.sale_stage].role == "customer"
    for metric, label, shown in (
        ("revenue", "Revenue", bool(paid)),
        ("variable_cost", "Variable cost", bool(costly)),
        ("gross_profit", "Gross profit", "profit" in told),
        ("profit", "Profit", "profit" in told),
        ("romi", "ROMI", budget and "profit" in told),
        ("unit_margin", "Unit margin: what one more sale leaves", "unit_margin" in told),
        ("cost_per_sale", "Budget per sale (CAC)" if is_customer else "Budget per sale", budget),
    ):
        if shown:
            yield Figure(metric), label
