"""A projection in cells: the rules of `analyses.projection`, as formulas that answer to what is typed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.analyses.conversion import step_conversion
from funnelcli.analyses.economics import others_share

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from funnelcli.model import Change, Exact, Funnel, Referral

Key: TypeAlias = tuple[str, int]
"""A metric and the index of its stage, 0 for the whole funnel."""
UNDEFINED = '"n/a"'


class Column(NamedTuple):
    """A column of a sheet: its name, what it changes in words, the funnel after it, and the changes by figure."""

    name: str
    says: str
    funnel: Funnel
    changes: dict[Key, tuple[Change, ...]]


class View(NamedTuple):
    """A column while its formulas are written: its letter, and the row of each figure. `funnel` is as recorded."""

    funnel: Funnel
    column: Column
    letter: str
    rows: dict[Key, int]

    def at(self, metric: str, index: int = 0) -> str:
        """The cell of a figure in this column."""
        return f"{self.letter}{self.rows[metric, index]}"

    def recorded(self, metric: str, index: int = 0) -> str:
        """The same figure in the column of what is recorded, also when the formula is copied."""
        return f"$B{self.rows[metric, index]}"

    def cells(self, metric: str, among: Container[int] | None = None) -> list[str]:
        """The cells of a metric at every stage that has it, or at some of them."""
        found = ((index, row) for (name, index), row in self.rows.items() if name == metric)
        return [f"{self.letter}{row}" for index, row in found if among is None or index in among]

    def changes(self, metric: str, index: int = 0) -> tuple[Change, ...]:
        """What the column changes of a figure."""
        return self.column.changes.get((metric, index), ())


class Figure(NamedTuple):
    """A figure of a sheet: its kind, and what it comes to and how it is written in a column.

    Without a formula the value is typed. `recorded` is the formula in the column of what is recorded, where it is
    another one. `weight` is `stage`, `step`, `total` or nothing.
    """

    kind: str
    value: Callable[[View, int], Exact | None]
    formula: Callable[[View, int], str | None]
    recorded: Callable[[View, int], str | None] | None = None
    weight: str = ""


def typed(view: View, index: int) -> None:
    """No formula: the figure is typed."""


def referral_of(funnel: Funnel) -> Referral | None:
    """The referral where it moves anything."""
    return funnel.referral if others_share(funnel) is not None else None


def literal(value: Exact) -> str:
    """A number in a formula: a decimal where it is one, else a fraction, else the nearest float."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    decimal = repr(float(exact)).upper()
    quotient = f"({exact.numerator}/{exact.denominator})"
    return decimal if Fraction(decimal) == exact or len(quotient) > 24 else quotient


def after(expression: str, changes: Iterable[Change]) -> str:
    """A formula after changes, in the order written."""
    for change in changes:
        if change.factor is None:
            expression = literal(change.shift)
            continue
        if change.factor != 1:
            expression += f"*{literal(change.factor)}"
        if change.shift:
            expression = f"({expression}{'-' if change.shift < 0 else '+'}{literal(abs(Fraction(change.shift)))})"
    return expression


def value_after(value: Exact | None, changes: Iterable[Change]) -> Exact | None:
    """A figure after changes that `analyses.projection.apply` has accepted."""
    for change in changes:
        value = change.of(value)
    return value


def sets(changes: Iterable[Change]) -> bool:
    """Whether a change gives the figure itself, whatever it was before."""
    return any(change.sets for change in changes)


def safe(expression: str) -> str:
    """A formula that is undefined where it divides by 0, or where what it rests on is undefined."""
    return f"=IFERROR({expression},{UNDEFINED})"


def unless(conditions: Sequence[str], formula: str) -> str:
    """A formula that is undefined while one of the conditions holds: while the figures that it asks for are missing."""
    if not conditions:
        return formula
    holds = conditions[0] if len(conditions) == 1 else f"OR({','.join(conditions)})"
    return f"=IF({holds},{UNDEFINED},{formula.removeprefix('=')})"


def conversion(view: View, index: int) -> str:
    """The conversion to a stage: an input, or what follows from a count that the column changes."""
    if view.changes("count", index):
        return ratio_of_counts(view, index)
    return f"={after(view.recorded('conversion', index), view.changes('conversion', index))}"


def ratio_of_counts(view: View, index: int) -> str:
    """The conversion that two counts tell."""
    return safe(f"{view.at('count', index)}/{view.at('count', view.funnel.stages[index].parent or 0)}")


def count(view: View, index: int) -> str:
    """Units of a stage: those of the stage above x conversion, and those who are referred to it."""
    if ("own", index) in view.rows:
        replaced = sets(view.changes("own", index))  # a count that is set is that of all units
        return safe(view.at("own", index) + ("" if replaced else f"+{view.at('referred', index)}"))
    changes = view.changes("count", index)
    formula = after(_arrivals(view, index), changes)
    parent = view.funnel.stages[index].parent
    if parent is not None and _rate_unknown(view.funnel, index) and not sets(changes):
        formula = f"IF({view.at('count', parent)}=0,0,{formula})"
    return f"={formula}" if sets(changes) else safe(formula)


def own(view: View, index: int) -> str:
    """Units of a stage that others are referred to, without those others."""
    changes = view.changes("own", index)
    there = view.funnel.stages[index].count
    share = f"{view.recorded('own', index)}/{view.recorded('count', index)}" if there else "1"
    formula = after(f"{_arrivals(view, index)}*{share}", changes)
    return f"={formula}" if sets(changes) else safe(formula)


def referred(view: View, index: int) -> str:
    """Units that are referred to a stage, in closed form: referred ones bring others again.

    With f(n) = alone + each x n units at the source when n are referred: r = brings x alone / (1 - brings x each).
    """
    referral = referral_of(view.funnel)
    if referral is None or sets(view.changes("own", index)):
        return f"={UNDEFINED}"
    brings, way = view.at("brings"), view.funnel.path_to(referral.source)[::-1]
    if index not in way:
        return safe(f"{brings}*{view.at('count', referral.source)}")
    alone, each = view.at("own", index), brings
    for below in way[way.index(index) + 1 :]:
        changes = view.changes("count", below)
        alone = after(f"{alone}*{_step(view, below)}", changes)
        scales = [change._replace(shift=0) for change in changes]
        each = "0" if sets(changes) else after(f"{each}*{_step(view, below)}", scales)
    return safe(f"IF({each}<1,{brings}*{alone}/(1-{each}),{UNDEFINED})")


def _arrivals(view: View, index: int) -> str:
    """Units that come to a stage from the one above it, or to the first stage, before its count is changed."""
    parent = view.funnel.stages[index].parent
    if parent is not None:
        along = f"{view.at('count', parent)}*{_step(view, index)}"
        return f"IF(ISNUMBER({_step(view, index)}),{along},{_past_empty(view, index)})" if _past(view, index) else along
    if not view.funnel.budget:  # a budget stated for the first time explains the entries there are
        return view.recorded("count", index)
    spend = f"({view.at('budget')}/{view.recorded('budget')})"
    return f"{view.recorded('count', index)}*{spend}^{view.at('spend_elasticity')}"


def _rate_unknown(funnel: Funnel, index: int) -> bool:
    """Whether nobody has come to a stage, out of an empty one, so that nothing is known of the step."""
    return step_conversion(funnel, index) is None and not funnel.stages[index].count


def _past(view: View, index: int) -> bool:
    """Whether units have come to a stage past an empty one."""
    return step_conversion(view.funnel, index) is None and bool(view.funnel.stages[index].count)


def _past_empty(view: View, index: int) -> str:
    """Units that come past empty stages, in line with the stage above these, as long as they stay empty."""
    origin, way = view.funnel.origin(index), view.funnel.path_to(index)[1:][::-1]
    empty = way if origin is None else way[way.index(origin) + 1 :]
    units = view.recorded("count", index)
    if origin is not None:
        units = f"{view.at('count', origin)}*{units}/{view.recorded('count', origin)}"
    still = ",".join(f"{view.at('count', at)}=0" for at in empty)
    return f"IF(AND({still}),{units},{UNDEFINED})"


def _step(view: View, index: int) -> str:
    """The conversion to a stage: its cell, or a formula where the cell itself follows from a count."""
    if view.changes("count", index):
        return after(view.recorded("conversion", index), view.changes("conversion", index))
    return view.at("conversion", index)
