"""A funnel as a sheet of a workbook: what stands in its rows and columns, before anything writes it.

The first column is what the file says. Each other one is a projection: its inputs are formulas of the first column, so
that they follow it until something is typed over them, and everything else follows from its inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.conversion import one_in, step_conversion
from funnelcli.analyses.levers import unprojectable
from funnelcli.analyses.projection import apply
from funnelcli.analyses.scenario import project
from funnelcli.diagnostics import Problem
from funnelcli.model import Change, Exact, Funnel, RateRange, ratio
from funnelcli.output.numbers import visible
from funnelcli.output.report import formulas, money_formulas
from funnelcli.output.report.formulas import Column, Figure, Key, View, referral_of, sets, typed, value_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.metrics import Selector

RECORDED, WHAT_IF = "Recorded", "What if"
FIRST_ROW = 8
"""Of the figures, counted from 1: title, subtitle, key and the head of the table stand above."""


class Cell(NamedTuple):
    """A figure: its role is `recorded`, `input`, `changed` or `calculated`.

    `value` is what a formula comes to; a value of `None` is undefined, and without a formula an empty cell.
    """

    role: str
    value: Exact | None
    formula: str | None = None


class Row(NamedTuple):
    """A line: one cell a column, none in a heading. `weight` is `heading`, `stage`, `step`, `total` or nothing."""

    key: Key
    label: str
    kind: str
    weight: str
    cells: tuple[Cell, ...]


class Sheet(NamedTuple):
    """What stands on a sheet; the first row of `rows` is at `FIRST_ROW`."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def sheet_of(funnel: Funnel) -> Sheet:
    """The sheet of a funnel; a scenario that cannot be projected is left out, and a note says why."""
    columns, notes = _columns(funnel)
    lines = list(_lines(funnel, columns))
    numbered = {key: FIRST_ROW + place for place, (key, _) in enumerate(lines)}
    views = [View(funnel, column, letters(place + 1), numbered) for place, column in enumerate(columns)]
    rows = []
    for key, label in lines:
        figure = FIGURES.get(key[0])  # a heading is no figure
        if figure is None:
            rows.append(Row(key, label, "text", "heading", ()))
        else:
            cells = tuple(_cell(view, key, figure) for view in views)
            rows.append(Row(key, label, figure.kind, figure.weight, cells))
    return Sheet(tuple(columns), tuple(rows), tuple(notes))


def letters(place: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _columns(funnel: Funnel) -> tuple[list[Column], list[str]]:
    """What is recorded, a what-if without changes, and the scenarios; and what must be said of them."""
    columns = [Column(RECORDED, "what the file says", funnel, {})]
    problem = unprojectable(funnel)
    if problem is not None:
        return columns, [f"Nothing can be projected: {_sentence(problem)}"]
    left_out, kept = [], []
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
        columns.append(Column(name, says, changed, _by_figure(funnel, scenario.changes)))
    same = apply(funnel, ())
    assert not isinstance(same, Problem)
    columns.insert(1, Column(WHAT_IF, "type over the yellow cells", same, {}))
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
    if referral_of(funnel) is not None:
        yield "Conversions are those of all units, referred ones among them, as recorded."


def _by_figure(funnel: Funnel, changes: Iterable[tuple[Selector, Change]]) -> dict[Key, tuple[Change, ...]]:
    """The changes by the figure that they move, as `analyses.projection.apply` understands them."""
    places = {stage.name: index for index, stage in enumerate(funnel.stages)}
    paid, referral = funnel.money_stages, referral_of(funnel)
    found: dict[Key, tuple[Change, ...]] = {}
    for selector, change in changes:
        metric = selector.metric.name
        index = 0 if selector.stage is None else places[selector.stage]
        if metric in ("entries", "count"):
            metric = "own" if referral is not None and referral.target == index else "count"
        elif metric == "average_check" and selector.stage is None:
            index = paid[0] if paid else funnel.sale_stage
        found[metric, index] = (*found.get((metric, index), ()), change)
    return found


def _cell(view: View, key: Key, figure: Figure) -> Cell:
    metric, index = key
    value = figure.value(view, index)
    if view.letter == "B":
        if metric in COMPARED:
            return Cell("calculated", None)
        formula = (figure.recorded or figure.formula)(view, index)
        return Cell("recorded" if formula is None else "calculated", value, formula)
    entry = ("own", 0) if ("own", 0) in view.rows else ("count", 0)
    calculated = metric == "conversion" and bool(view.changes("count", index))
    is_input = (metric in INPUTS or key == entry) and not calculated
    role = "changed" if view.changes(*key) and not calculated else "input" if is_input else "calculated"
    return Cell(role, value, figure.formula(view, index))


def _lines(funnel: Funnel, columns: list[Column]) -> Iterator[tuple[Key, str]]:
    """Keys and labels of all rows, headings among them, in order."""
    names = [visible(stage.name) for stage in funnel.stages]
    referral = referral_of(funnel) if len(columns) > 1 else None
    yield ("Funnel", 0), "Funnel"
    for index, (stage, name) in enumerate(zip(funnel.stages, names, strict=True)):
        if stage.parent is not None:
            above = f" from {names[stage.parent]}" if stage.parent != index - 1 else ""
            yield ("conversion", index), f"conversion{above} to {name}"
        if referral is not None and referral.target == index:
            yield ("own", index), f"{name}, not referred"
            yield ("referred", index), f"{name}, referred"
        yield ("count", index), name
    if referral is not None:
        yield ("brings", 0), f"Brought by each of {names[referral.source]}"
    yield ("overall_conversion", 0), f"Overall conversion to {names[funnel.sale_stage]}"
    yield ("one_in", 0), "One in"
    yield from money_formulas.lines(funnel, columns, names)
    if len(columns) > 1:
        yield ("Against what is recorded", 0), "Against what is recorded"
        yield ("sales_change", 0), f"Change of {names[funnel.sale_stage]}"
        yield ("sales_change_rate", 0), "in %"
        yield from money_formulas.compared_lines(columns)


def _stated(view: View, index: int) -> Exact | None:
    """The conversion as recorded: stated, or that of the counts."""
    stated = view.funnel.stages[index].conversion
    if isinstance(stated, RateRange):
        return stated.middle
    return step_conversion(view.funnel, index) if stated is None else stated


def _conversion_value(view: View, index: int) -> Exact | None:
    if view.changes("count", index):
        return step_conversion(view.column.funnel, index)
    return value_after(_stated(view, index), view.changes("conversion", index))


def _conversion_recorded(view: View, index: int) -> str | None:
    return formulas.ratio_of_counts(view, index) if view.funnel.stages[index].conversion is None else None


def _count_recorded(view: View, index: int) -> str | None:
    stage = view.funnel.stages[index]
    if stage.conversion is None or stage.parent is None:
        return None
    return formulas.safe(f"{view.at('count', stage.parent)}*{view.at('conversion', index)}")


def _referred_value(view: View, index: int) -> Exact | None:
    referral = referral_of(view.funnel)
    if referral is None or sets(view.changes("own", index)):
        return None
    return referral.brings * view.column.funnel.stages[referral.source].count


def _referred_recorded(view: View, index: int) -> str:
    referral = referral_of(view.funnel)
    return f"={view.at('brings')}*{view.at('count', referral.source if referral else 0)}"


def _brings(view: View, index: int) -> Exact | None:
    return None if view.funnel.referral is None else view.funnel.referral.brings


def _sales(view: View) -> tuple[Exact, Exact]:
    """Sales of the column and as recorded, both at the stage where they are recorded."""
    sale = view.funnel.sale_stage
    return view.column.funnel.stages[sale].count, view.funnel.stages[sale].count


def _count_value(view: View, index: int) -> Exact | None:
    stage = view.column.funnel.stages[index]
    return None if stage.unknown else stage.count


def _own_value(view: View, index: int) -> Exact | None:
    count = _count_value(view, index)
    return None if count is None else count - (_referred_value(view, index) or 0)


def _over_entries(view: View, index: int) -> str:
    return formulas.safe(f"{view.at('count', view.funnel.sale_stage)}/{view.at('count')}")


def _per_sale(view: View, index: int) -> str:
    entries = view.at("count")
    return formulas.unless([f"{entries}=0"], formulas.safe(f"{entries}/{view.at('count', view.funnel.sale_stage)}"))


def _sales_change(view: View, index: int) -> str:
    sale = view.funnel.sale_stage
    return formulas.safe(f"{view.at('count', sale)}-{view.recorded('count', sale)}")


def _sales_change_rate(view: View, index: int) -> str:
    sale = view.funnel.sale_stage
    return formulas.safe(f"{view.at('count', sale)}/{view.recorded('count', sale)}-1")


INPUTS = frozenset({"conversion", "brings", *money_formulas.INPUTS})
COMPARED = frozenset({"sales_change", "sales_change_rate", *money_formulas.COMPARED})
"""Changes, which what is recorded has none of."""
FIGURES = {
    "conversion": Figure("rate", _conversion_value, formulas.conversion, _conversion_recorded, "step"),
    "own": Figure(
        "count",
        _own_value,
        formulas.own,
        lambda view, index: f"={view.at('count', index)}-{view.at('referred', index)}",
    ),
    "referred": Figure("count", _referred_value, formulas.referred, _referred_recorded),
    "count": Figure("count", _count_value, formulas.count, _count_recorded, "stage"),
    "brings": Figure("number", _brings, lambda view, index: f"={view.recorded('brings')}", typed),
    "overall_conversion": Figure(
        "rate", lambda view, index: ratio(_sales(view)[0], view.column.funnel.stages[0].count), _over_entries
    ),
    "one_in": Figure(
        "one_in", lambda view, index: one_in(_sales(view)[0], view.column.funnel.stages[0].count), _per_sale
    ),
    "sales_change": Figure("count_change", lambda view, index: _sales(view)[0] - _sales(view)[1], _sales_change, typed),
    "sales_change_rate": Figure(
        "rate_change",
        lambda view, index: ratio(_sales(view)[0] - _sales(view)[1], _sales(view)[1]),
        _sales_change_rate,
        typed,
        "step",
    ),
    **money_formulas.FIGURES,
}
