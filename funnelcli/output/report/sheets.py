"""A funnel as a sheet of a workbook: what stands in its rows and columns, before anything writes it.

The first column is what the file says, or what is expected in the end where windows are open. Each other one is a
projection: its inputs are formulas of the first column, so that they follow it until something is typed over them, and
everything else follows from its inputs by the rules.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.fewer_stages import OVERALL, judged, step_of
from funnelcli.analyses.projection import ASSUMED, apply
from funnelcli.analyses.rules import (
    Expression,
    Figure,
    Rules,
    count_rules,
    figure_of,
    money_rules,
    operation,
    others_share,
)
from funnelcli.analyses.scenario import project
from funnelcli.diagnostics import Problem
from funnelcli.output.numbers import text, visible
from funnelcli.output.report.formulas import Formulas, SheetColumn, Values
from funnelcli.output.views.building import base_called, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Referral, Stage
    from funnelcli.what_if import Change

RECORDED, IN_THE_END, WHAT_IF = "Recorded", sentence(base_called(True)), "What if"
"""The base, called by what it is, and what is typed over it."""
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
    weight: str = ""
    cells: tuple[SheetCell, ...] = ()


class Sheet(NamedTuple):
    """What stands on a sheet; the first row of `rows` is at `FIRST_ROW`."""

    columns: tuple[SheetColumn, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


INPUTS = frozenset({"conversion", "brings", "average_check", "cost", "gross_margin", "budget", "spend_elasticity"})


def sheet_of(funnel: Funnel) -> Sheet:
    """The sheet of a funnel; a scenario that cannot be projected is left out, and a note says why."""
    columns, notes = _columns(funnel)
    (_, base), funnel = _base(funnel), base_of(judged(funnel))
    money = _money(funnel, [column.funnel for column in columns])
    values: list[Values] = []
    for column in columns:
        rules = money | _referred(funnel) | _compared(funnel)
        values.append(Values(rules, funnel, column, values[0] if values else None))
    rows = list(_rows(funnel, money, values, base))
    places = {row.key: FIRST_ROW + place for place, row in enumerate(rows)}
    formulas = []
    for place, (column, known) in enumerate(zip(columns, values, strict=True)):
        own = _projected_rules(funnel, column, places) if place else _recorded_rules(funnel)
        formulas.append(Formulas(letters(place + 1), places, known.program.rules | own, known))
    written = [
        row if row.weight == "heading" else row._replace(cells=tuple(_cell(row.key, each) for each in formulas))
        for row in rows
    ]
    return Sheet(tuple(columns), tuple(written), tuple(notes))


def letters(place: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    before, last = divmod(place, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def _columns(funnel: Funnel) -> tuple[list[SheetColumn], list[str]]:
    """What is recorded, a what-if without changes, and the scenarios; and what must be said of them."""
    whole, funnel = funnel, base_of(judged(funnel))
    columns = [SheetColumn(*_base(whole), funnel, {})]
    same = apply(funnel, ())
    if isinstance(same, Problem):
        return columns, [f"Nothing can be projected: {_sentence(same)}"]
    columns.append(SheetColumn(WHAT_IF, "type over the yellow cells", same, {}))
    left_out, kept, referral = [], [], _referral(funnel)
    target = referral.target if referral else None
    for scenario in funnel.scenarios:
        changed = apply(whole, scenario.changes)
        if isinstance(changed, Problem):
            left_out.append(f"The scenario {visible(scenario.name)} is left out: {_sentence(changed)}")
            continue
        kept.append(scenario)
        says = "\n".join(f"{visible(str(selector))}: {change.text}" for selector, change in scenario.changes)
        name = visible(scenario.name)
        if name in (RECORDED, IN_THE_END, WHAT_IF):
            name = f"{name} (scenario)"
        changes: defaultdict[Figure, list[Change]] = defaultdict(list)
        for selector, change in scenario.changes:
            changes[figure_of(funnel, selector)].append(change)
        counted = {figure.at for figure in changes if figure.metric == "count"} - {target}
        columns.append(SheetColumn(name, says, changed, dict(changes), frozenset(counted)))
    report = project(whole, kept)
    assumed = () if isinstance(report, Problem) else report.assumptions
    sentences = (f"{line[0].upper()}{line[1:]}." for line in assumed)
    return columns, [*left_out, *_notes(whole), *_so_far(whole), *sentences]


def _sentence(problem: Problem) -> str:
    return visible(f"{problem.message}; {problem.help}." if problem.help else f"{problem.message}.")


def _notes(funnel: Funnel) -> Iterator[str]:
    """How the sheet is read."""
    _, base = _base(funnel)
    follow = "every other column follows it until something is typed over its inputs"
    yield f"{sentence(base)} stands on the left; {follow}."
    if funnel.budget == 0:
        yield "The budget is 0, so what more of it brings is unknown: the entries do not follow it."
    if _referral(funnel) is not None:
        yield f"Conversions are of all, referred ones among them, as in {base}."


def _base(funnel: Funnel) -> tuple[str, str]:
    """What the first column is called, and what it is; the funnel is the one that was counted."""
    return (IN_THE_END, "what is expected in the end") if base_is_end(funnel) else (RECORDED, "what the file says")


def _so_far(funnel: Funnel) -> Iterator[str]:
    """What was counted, where the sheet has what is expected."""
    if base_is_end(funnel):
        counted = (f"{visible(each.name)} {text(each.count, 'count')}" for each in funnel.stages)
        yield f"Counted so far: {', '.join(counted)}."


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
    return rules


def _referred(funnel: Funnel) -> Rules:
    """Who among the units that others are referred to was referred; all of those whose count is set are not."""
    referral = _referral(funnel)
    if referral is None:
        return {}
    own, referred, here = (Figure(metric, referral.target) for metric in ("own", "referred", "count"))
    return {
        own: operation("unless set", here, operation("-", here, referred), here),
        referred: operation(
            "unless set", here, operation("*", Figure("brings"), Figure("count", referral.source)), None
        ),
    }


def _ratio_of_counts(funnel: Funnel, index: int) -> Expression:
    return operation("/", Figure("count", index), Figure("count", funnel.stages[index].parent or 0))


def _states_revenue(stage: Stage) -> bool:
    """Whether the revenue is what the file says, and the check follows from it."""
    return bool(stage.revenue is not None and stage.average_check is None and stage.count)


def _compared(funnel: Funnel) -> Rules:
    """Changes, which what is recorded has none of."""
    results = {"sales": Figure("count", funnel.sale_stage), "revenue": Figure("revenue"), "profit": Figure("profit")}
    rules: Rules = {}
    for name, figure in results.items():
        before = operation("recorded", figure)
        rules[Figure(f"{name}_change")] = operation("-", figure, before)
        rules[Figure(f"{name}_change_rate")] = operation("-", operation("/", figure, before), 1)
    return rules


def _cell(figure: Figure, formulas: Formulas) -> SheetCell:
    values, changes = formulas.values, formulas.values.column.changes
    if values.base is values:
        return _recorded_cell(figure, formulas)
    value = values.figure(figure)
    key = Figure("count", figure.at) if figure.metric == "own" else figure
    blank = figure.metric in INPUTS - {"conversion"} and key not in changes and values.base.figure(figure) is None
    formula = None if blank and figure.metric not in ASSUMED else formulas.formula(figure)
    value = ASSUMED.get(figure.metric) if value is None else value
    if figure.metric == "conversion" and figure.at in values.column.counted:
        return SheetCell("calculated", value, formula)
    is_all = figure.metric == "count" and Figure("own", figure.at) in formulas.rows
    if key in changes and not is_all:
        return SheetCell("changed", value, formula)
    entry = Figure("own") if Figure("own") in formulas.rows else Figure("count")
    return SheetCell("input" if figure.metric in INPUTS or figure == entry else "calculated", value, formula)


def _recorded_cell(figure: Figure, formulas: Formulas) -> SheetCell:
    """A figure in the column of what is recorded: typed, or what follows from what is."""
    if figure.metric.endswith(("_change", "_change_rate")):
        return SheetCell("calculated", None)
    value = formulas.values.figure(figure)
    value = ASSUMED.get(figure.metric) if value is None else value
    stage = formulas.values.funnel.stages[figure.at]
    if figure not in formulas.rules or (figure.metric == "stage_revenue" and _states_revenue(stage)):
        return SheetCell("recorded", value)
    return SheetCell("calculated", value, formulas.formula(figure))


def _rows(funnel: Funnel, money: Rules, columns: Sequence[Values], base: str) -> Iterator[Row]:
    """All rows in order, headings among them, without their cells; changes are against the `base`."""
    names = [visible(stage.name) for stage in funnel.stages]
    referral = _referral(funnel) if len(columns) > 1 else None
    yield _heading("Funnel")
    for index, (stage, name) in enumerate(zip(funnel.stages, names, strict=True)):
        if stage.parent is not None:
            above = f" from {names[stage.parent]}" if stage.parent != index - 1 else ""
            what = "overall conversion" if step_of(funnel, index).metric.name == OVERALL else "conversion"
            yield Row(Figure("conversion", index), f"{what}{above} to {name}", "rate", "step")
        if referral is not None and referral.target == index:
            yield Row(Figure("own", index), f"{name}, not referred", "count")
            yield Row(Figure("referred", index), f"{name}, referred", "count")
        yield Row(Figure("count", index), name, "count", "stage")
    if referral is not None:
        yield Row(Figure("brings"), f"Brought by each of {names[referral.source]}", "number")
    if not funnel.between:  # else it is the step above
        yield Row(Figure("overall_conversion"), f"Overall conversion to {names[funnel.sale_stage]}", "rate")
    yield Row(Figure("one_in"), "One in", "one_in")
    results = {Figure(metric) for metric in ("revenue", "profit", "unit_margin")} & money.keys()
    told = {figure.metric for figure in results if any(values.figure(figure) is not None for values in columns)}
    yield from _money_rows(funnel, names, money, told)
    if len(columns) > 1:
        yield _heading(f"Against {base}")
        yield Row(Figure("sales_change"), f"Change of {names[funnel.sale_stage]}", "count_change")
        yield Row(Figure("sales_change_rate"), "In %", "rate_change", "step")
        if "revenue" in told:
            yield Row(Figure("revenue_change"), "Change of revenue", "money_change")
            yield Row(Figure("revenue_change_rate"), "In %", "rate_change", "step")
        if "profit" in told:
            yield Row(Figure("profit_change"), "Change of profit", "money_change")


def _heading(label: str) -> Row:
    return Row(Figure(label), label, "text", "heading")


def _money_rows(funnel: Funnel, names: Sequence[str], money: Rules, told: set[str]) -> Iterator[Row]:
    """The rows of money that say anything; `told` are results that are known in one column at least."""
    paid, costly = (
        [figure.at for figure in money if figure.metric == metric] for metric in ("stage_revenue", "stage_cost")
    )
    budget = Figure("cost_per_sale") in money
    if not paid and not costly and not budget:
        return
    yield _heading("Money")
    for index in paid:
        of = "" if len(paid) == 1 else f" of {names[index]}"
        yield Row(Figure("average_check", index), f"Average check{of}", "money")
    for index in costly:
        yield Row(Figure("cost", index), f"Cost of each at {names[index]}", "money")
    if paid:
        assumed = "" if funnel.gross_margin is not None else " (not given)"
        yield Row(Figure("gross_margin"), f"Gross margin{assumed}", "rate")
    if budget:
        of = f" (sum by {visible(funnel.budget_of)})" if funnel.budget_of else ""
        yield Row(Figure("budget"), f"Budget{of}", "money")
    if funnel.budget:
        assumed = " (not given)" if funnel.spend_elasticity is None else ""
        yield Row(Figure("spend_elasticity"), f"Spend elasticity{assumed}", "number")
    yield _heading("Result")
    if len(paid) > 1 or any(_states_revenue(stage) for stage in funnel.stages):
        yield from (Row(Figure("stage_revenue", index), f"Revenue of {names[index]}", "money") for index in paid)
    is_customer = funnel.stages[funnel.sale_stage].role == "customer"
    for row, is_shown in (
        (Row(Figure("revenue"), "Revenue", "money", "total"), bool(paid)),
        (Row(Figure("variable_cost"), "Variable cost", "money"), bool(costly)),
        (Row(Figure("gross_profit"), "Gross profit", "money"), "profit" in told),
        (Row(Figure("profit"), "Profit", "money", "total"), "profit" in told),
        (Row(Figure("romi"), "ROMI", "rate_change"), budget and "profit" in told),
        (Row(Figure("unit_margin"), "Margin per sale: what one more sale leaves", "money"), "unit_margin" in told),
        (Row(Figure("cost_per_sale"), f"Budget per sale{' (CAC)' if is_customer else ''}", "money"), budget),
    ):
        if is_shown:
            yield row
