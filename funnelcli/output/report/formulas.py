"""Columns of a workbook: what the rules of a projection (`analyses.rules`) come to, and the formulas they become."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.rules import Exactly, Figure, Operation, Program, operation, recorded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.analyses.rules import Expression, Rules
    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.what_if import Change

UNDEFINED = '"n/a"'
SUM, ATOM = 1, 2
"""What is put in parentheses: a sum alone, or whatever is no cell and no whole number."""
_PARENTHESES = {"+": (0, 0), "-": (0, SUM), "*": (SUM, SUM), "/": (SUM, ATOM), "^": (ATOM, ATOM)}
"""Of the parts before and after an operator."""


class SheetColumn(NamedTuple):
    """A column of a sheet: its name, what it changes in words, the funnel after it, and the changes by figure.

    `counted` are the stages of which the count is changed, so that the conversion follows from it.
    """

    name: str
    says: str
    funnel: Funnel
    changes: Mapping[Figure, Sequence[Change]]
    counted: frozenset[int] = frozenset()


class Values(Exactly):
    """What the figures of a column come to; `base` are those of what is recorded."""

    def __init__(self, rules: Rules, funnel: Funnel, column: SheetColumn, base: Values | None) -> None:
        super().__init__(Program(rules))
        self.funnel = funnel
        self.column = column
        self.base = base or self

    def recorded(self, figure: Figure) -> Exact | None:
        """The figure in the first column."""
        return self.base.figure(figure)

    def given(self, figure: Figure) -> Exact | None:
        """A figure of the funnel after the changes; rates are those of the recorded one, as its counts are of all."""
        if figure.metric != "conversion" or figure.at in self.column.counted:
            return recorded(self.column.funnel, figure)
        value = recorded(self.funnel, figure)
        for change in self.column.changes.get(figure, ()):
            value = change.of(value)
        return value

    def sets(self, figure: Figure) -> bool:
        """Whether a change gives the figure itself, whatever it was before."""
        return any(change.sets for change in self.column.changes.get(figure, ()))


class Formulas(NamedTuple):
    """How the rules of a column are written; `values` tells what the column has now: other figures may yet be typed.

    `rows` are the places of the figures that the sheet shows; others stand inside the formulas that need them.
    """

    letter: str
    rows: Mapping[Figure, int]
    rules: Rules
    values: Values

    def formula(self, figure: Figure) -> str:
        """The formula of a figure; undefined where it divides by 0, or where what it rests on is undefined."""
        rule = self.rules[figure]
        text = self._text(rule)
        if isinstance(rule, Operation) and rule.operator in ("recorded", "changed"):
            of = rule.parts[-1]
            if self.values.sets(figure) or (isinstance(of, Operation) and of.operator == "recorded"):
                return f"={text}"
        return f"=IFERROR({text},{0 if figure.metric == 'average_check' else UNDEFINED})"

    def _text(self, expression: Expression, tight: int = 0) -> str:
        """An expression; `tight` says what is put in parentheses."""
        if tight == ATOM:
            text = self._text(expression, SUM)
            return text if re.fullmatch(r"\$?[A-Z]+\d+|\d+|\(.*\)", text) else f"({text})"
        if isinstance(expression, Figure):
            return self._cell(expression, tight)
        if not isinstance(expression, Operation):
            return UNDEFINED if expression is None else literal(expression)
        operator, parts = expression
        figure = parts[0]
        if operator in _PARENTHESES:
            text = operator.join(map(self._text, parts, _PARENTHESES[operator]))
            return f"({text})" if tight and operator in "+-" else text
        if operator == "series":
            first, each = self._text(parts[0]), self._text(parts[1])
            return first if each == "0" else f"IF({each}<1,{first}/(1-{each}),{UNDEFINED})"
        if operator == "given":
            value = self._text(parts[0], tight)
            return (
                value
                if any(map(self.values.is_stated, parts[1:]))
                else f"IF({self._missing(parts[1:])},{UNDEFINED},{value})"
            )
        if operator == "while empty":
            return f"IF({_all([f'{self._text(part)}=0' for part in parts[1:]])},{self._text(parts[0])},{UNDEFINED})"
        if operator == "known":
            return f"IF(ISNUMBER({self._text(parts[0])}),{self._text(parts[1])},{self._text(parts[2])})"
        assert isinstance(figure, Figure)
        if operator == "recorded":
            return f"$B{self.rows[figure]}"
        if operator == "or":
            return self._or_nothing(figure, tight)
        if operator == "unless set":
            return self._text(parts[2 if self.values.sets(figure) else 1], tight)
        changes = self.values.column.changes.get(figure, ())
        if operator == "scaled":
            changes = [change._replace(shift=0) for change in changes]
        return after(self._text(parts[1], SUM if changes else tight), changes)

    def _cell(self, figure: Figure, tight: int) -> str:
        """The cell of a figure; where a count is changed, the conversion to it follows, and its input stands here."""
        if figure.metric == "conversion" and figure.at in self.values.column.counted:
            return self._text(operation("changed", figure, operation("recorded", figure)), tight)
        return f"{self.letter}{self.rows[figure]}" if figure in self.rows else self._text(self.rules[figure], tight)

    def _or_nothing(self, figure: Figure, tight: int) -> str:
        """A figure in a sum, where one that nobody states, an empty cell or an undefined result, counts as 0."""
        rule = self.rules.get(figure)
        if not isinstance(rule, Operation) or rule.operator != "given":
            return self._cell(figure, tight)
        if figure not in self.rows:
            return self._text(rule.parts[0], tight)
        return self._cell(figure, tight) if self.values.is_stated(figure) else f"N({self._cell(figure, tight)})"

    def _missing(self, figures: Sequence[Expression]) -> str:
        """The condition under which none of the figures is typed; a gross margin of 100% is that of none."""
        cells = [self._text(each) for each in figures if each != Figure("gross_margin")]
        conditions = [f"COUNT({','.join(cells)})=0"] if cells else []
        if len(figures) == 1 and cells:
            return f'{cells[0]}=""'
        if len(cells) < len(figures):
            conditions.append(f"{self._text(Figure('gross_margin'))}=1")
        return _all(conditions)


def _all(conditions: Sequence[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"AND({','.join(conditions)})"


def literal(value: Exact) -> str:
    """A number in a formula: a decimal where it is one, else a fraction, else the nearest float."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    decimal = repr(float(exact)).upper()
    quotient = f"({exact.numerator}/{exact.denominator})"
    return decimal if Fraction(decimal) == exact or len(quotient) > 24 else quotient


def after(expression: str, changes: Sequence[Change]) -> str:
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
