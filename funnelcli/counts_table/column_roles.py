"""What the columns of a table of counts are: stages, labels, money, or nothing that adds up; by name and by content.

A column of rates, prices, durations or numbers of rows is left out and said. What may be meant in two ways is a
finding, not a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table import column_words as words
from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.column_kinds import (
    COUNTS,
    CURRENCY,
    EMPTY,
    LABELS,
    LEFT_OUT,
    MONEY,
    REVENUE,
    SPEND,
    STEPS,
    kind_of,
)
from funnelcli.counts_table.csv_grid import Finding, Grid
from funnelcli.counts_table.ratios import ratios
from funnelcli.counts_table.unit_lists import unit_list
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERS = (COUNTS, SPEND, REVENUE, MONEY)
_NUMBERS_STEPS = re.compile(r"\b(?:step|stage|order|этап|шаг|schritt|stufe|étape|etapa|paso)\b")


class Wish(NamedTuple):
    """What the caller has said beforehand; see `counts.counts_from_table`."""

    stages: Sequence[str] | None
    decimal: str | None
    empty_as_zero: bool
    layout: str | None
    labels: frozenset[str]


class Roles(NamedTuple):
    """What the columns are: indices. `stages` go by stage order in a wide table and are empty in a long one.

    `left_out` are the columns that say nothing a funnel keeps, with the reason in words.
    """

    labels: tuple[int, ...]
    stages: tuple[int, ...]
    budget: int | None
    step: int | None = None
    counted: int | None = None
    left_out: tuple[tuple[int, str], ...] = ()
    revenue: int | None = None
    currency: str | None = None

    @property
    def money(self) -> tuple[int, ...]:
        """The columns of money, of budgets first."""
        return tuple(column for column in (self.budget, self.revenue) if column is not None)

    @property
    def numbers(self) -> list[tuple[int, bool]]:
        """The columns of numbers, and whether they hold money."""
        columns = self.stages if self.counted is None else (self.counted,)
        return [(column, False) for column in columns] + [(column, True) for column in self.money]


def roles_of(grid: Grid, wish: Wish, findings: list[Finding]) -> Roles | None:
    """What each column is, by its name and by what it holds; `None` with findings."""
    names = grid.names
    findings.extend(
        Finding(grid.header, 0, Problem("FN102", f"no column {quoted(name)}", did_you_mean(name, names)))
        for name in sorted(wish.labels.difference(map(fold, names)))
    )
    matched = {
        column: at
        for column, name in enumerate(names)
        if (at := stage_at(name, wish)) is not None and fold(name) not in wish.labels
    }
    kinds: dict[int, str] = {}
    for column, name in enumerate(names):
        if column in matched:
            kinds[column] = COUNTS
        elif fold(name) in wish.labels:
            kinds[column] = LABELS
        else:
            kinds[column] = kind_of(name, [grid.rows[row][column] for row in grid.body])
    steps = _steps_of(names, kinds)
    found = unit_list(grid, kinds) if len(matched) < 2 else None
    if found is not None:
        findings.append(Finding(grid.header, 0, found))
        return None
    numbers = [column for column, kind in kinds.items() if kind == COUNTS and column not in matched]
    reasons = ratios(grid, numbers, [each for each, kind in kinds.items() if kind in _NUMBERS], bool(steps))
    before = steps[0] - 1 if steps else -1  # 1, 2, 3 before the steps is their number, whatever it is called
    may_number = before in numbers and len(numbers) > 1 and words.base_of(names[before]) not in words.COUNT_NAMES
    if may_number and words.is_numbering([grid.rows[row][before] for row in grid.body]):
        reasons[before] = LEFT_OUT["index"]
    numbers = [column for column in numbers if column not in reasons]
    reasons |= {column: LEFT_OUT[kind] for column, kind in kinds.items() if kind in LEFT_OUT}
    named = [column for column in numbers if words.base_of(names[column]) in words.COUNT_NAMES]
    counted = named or (numbers if len(numbers) == 1 else [])
    if wish.layout == "long" or (wish.layout is None and len(matched) < 2 and bool(steps and counted)):
        return _long_roles(grid, wish, kinds, steps, counted, reasons, findings)
    if steps and wish.layout is None and not matched:
        listed = ", ".join(quoted(names[column]) for column in numbers[:4]) or "none"
        problem = Problem(
            "FN114",
            f"the column {quoted(names[steps[0]])} names stages in rows, and no column is named count: {listed}",
            "name the column of counts count; or turn the table, one column a stage; or say --layout wide",
        )
        findings.append(Finding(grid.header, steps[0], problem))
        return None
    return _wide_roles(grid, wish, kinds, matched, reasons, findings)


def _steps_of(names: list[str], kinds: dict[int, str]) -> list[int]:
    """The columns whose cells are stages; beside numbers of steps, the one column of names is."""
    steps = [column for column, kind in kinds.items() if kind == STEPS]
    if steps:
        return steps
    texts = [column for column, kind in kinds.items() if kind == LABELS]
    numbered = any(
        kind == "index" and _NUMBERS_STEPS.search(words.plain(names[column])) for column, kind in kinds.items()
    )
    return texts if numbered and len(texts) == 1 else []


def _wide_roles(
    grid: Grid,
    wish: Wish,
    kinds: dict[int, str],
    matched: dict[int, int],
    reasons: dict[int, str],
    findings: list[Finding],
) -> Roles | None:
    """The columns of a wide table: one for each stage, money of the segment, and labels."""
    names = grid.names
    labels, stages, left_out = [], [], []
    money: dict[str, int] = {}
    for column, kind in kinds.items():
        name, base = names[column], words.base_of(names[column])
        if column in matched:
            stages.append(column)
        elif column in reasons:
            left_out.append((column, reasons[column]))
        elif kind == REVENUE and wish.stages is not None:
            left_out.append((column, "the funnel file says what a sale brings"))
        elif kind in (SPEND, REVENUE):
            if kind in money:
                which = "spend" if kind == SPEND else "revenue"
                problem = Problem("FN113", f"{quoted(name)} is a second column of {which}", "keep one")
                findings.append(Finding(grid.header, column, problem, ("the first", grid.header, money[kind])))
            money.setdefault(kind, column)
        elif kind == EMPTY:
            expected = base in words.SPEND_NAMES | words.REVENUE_NAMES | words.LABEL_NAMES | words.COMPUTED_NAMES
            if wish.stages is not None or expected or words.RATE.search(words.plain(name)):
                left_out.append((column, EMPTY))
            elif name:
                cure = "write its counts (0 where there are none), or leave the column out"
                findings.append(
                    Finding(grid.header, column, Problem("FN102", f"the column {quoted(name)} is empty", cure))
                )
        elif kind in (LABELS, STEPS):
            labels.append(column)
        elif kind == COUNTS:
            problem_or_none = _no_stage(name, base, wish)
            if problem_or_none is None:
                stages.append(column)
            else:
                findings.append(Finding(grid.header, column, problem_or_none))
        elif kind == MONEY:
            findings.append(Finding(grid.header, column, _unknown_money(name)))
    if wish.stages is not None:
        _check_matched(grid, wish, matched, findings)
        stages.sort(key=lambda column: matched.get(column, 0))
    currency = _currency(grid, kinds, tuple(money.values()), findings)
    if findings:
        return None
    return Roles(
        tuple(labels),
        tuple(stages),
        money.get(SPEND),
        left_out=tuple(left_out),
        revenue=money.get(REVENUE),
        currency=currency,
    )


def _unknown_money(name: str) -> Problem:
    what = f"the column {quoted(name)} holds money, and its name says not whether it is spent or earned"
    return Problem("FN103", what, "call it cost or revenue, or leave it out")


def _currency(grid: Grid, kinds: dict[int, str], money: tuple[int, ...], findings: list[Finding]) -> str | None:
    """The currency of the columns of money: named above them, in a column of its own, or in every cell."""
    told = {words.plain(name): (name, column) for column in money if (name := words.currency_of(grid.names[column]))}
    for column in (column for column, kind in kinds.items() if kind == CURRENCY and money):
        for row in grid.body:
            name = grid.rows[row][column].strip()
            if words.is_currency(name):
                told.setdefault(words.plain(name), (name, column))
    if len(told) > 1:
        (first, _), (second, column) = list(told.values())[:2]
        what = f"money in {quoted(first)} and in {quoted(second)} does not add up"
        findings.append(
            Finding(grid.header, column, Problem("FN103", what, "export one currency, or one table for each"))
        )
        return None
    if told:
        return next(iter(told.values()))[0]
    signs = {locale_numbers.currency_in(grid.rows[row][column]) for column in money for row in grid.body}
    return signs.pop() if len(signs) == 1 else None


def _long_roles(
    grid: Grid,
    wish: Wish,
    kinds: dict[int, str],
    steps: list[int],
    counted: list[int],
    reasons: dict[int, str],
    findings: list[Finding],
) -> Roles | None:
    """The columns of a long table: one of stages, one of counts, and labels."""
    names = grid.names
    for found, wanted in ((steps, "stage"), (counted, "count")):
        if len(found) != 1:
            listed = ", ".join(quoted(names[column]) for column in found) or "none"
            problem = Problem(
                "FN102" if not found else "FN106",
                f"a long table has one column named {wanted}; here: {listed}",
                f"name one column {wanted} and leave the other out, or say --layout wide",
            )
            findings.append(Finding(grid.header, found[-1] if found else 0, problem))
    if findings:
        return None
    labels, left_out = [], []
    for column, kind in kinds.items():
        name = names[column]
        if column in (steps[0], counted[0]):
            continue
        if kind == EMPTY:
            left_out += [(column, EMPTY)] if name else []
        elif column in reasons:
            left_out.append((column, reasons[column]))
        elif kind in (LABELS, STEPS):
            labels.append(column)
        elif kind in (SPEND, REVENUE, MONEY):
            cure = "write one column a stage, with the money beside them, or leave the column out"
            what = f"{quoted(name)} is money of a segment, and here rows are stages of segments"
            findings.append(Finding(grid.header, column, Problem("FN114", what, cure)))
        elif kind == COUNTS:
            problem = Problem(
                "FN103",
                f"the column {quoted(name)} holds numbers beside the counts in {quoted(names[counted[0]])}",
                "leave it out, say --label for labels that are numbers, or --layout wide",
            )
            findings.append(Finding(grid.header, column, problem))
    return None if findings else Roles(tuple(labels), (), None, steps[0], counted[0], tuple(left_out))


def stage_at(name: str, wish: Wish) -> int | None:
    """The index of the given stage that a column or row names; `None` when it names none."""
    return None if wish.stages is None or not name else find_name(name, wish.stages)


def stage_name(name: str, wish: Wish) -> str:
    """The name of a stage as the funnel spells it, where it is one of the given stages."""
    at = stage_at(name, wish)
    return name if at is None or wish.stages is None else wish.stages[at]


def _no_stage(name: str, base: str, wish: Wish) -> Problem | None:
    """Why a column of numbers is no stage; `None` when it may be one."""
    if wish.stages is not None:
        cure = did_you_mean(name, wish.stages)
        return Problem("FN112", f"unknown stage {quoted(name)}", f"{cure}; else leave it out, or say --label")
    if base in words.TOTAL_NAMES:
        cure = "leave the column out: it is computed, or belongs into the funnel file"
        return Problem("FN103", f"the column {quoted(name)} holds no counts of a stage", cure)
    if locale_numbers.looks_like(name) == "number":
        cure = "write the names of the columns above the counts; or turn the table, one column a stage"
        return Problem("FN102", f"{quoted(name)} stands where the name of a stage is expected", cure)
    return None


def _check_matched(grid: Grid, wish: Wish, matched: dict[int, int], findings: list[Finding]) -> None:
    """Each stage of the funnel has one column."""
    assert wish.stages is not None
    first: dict[int, int] = {}
    for column, at in matched.items():
        if at in first:
            problem = Problem("FN106", f"two columns are the stage {quoted(wish.stages[at])}", "leave one out")
            findings.append(Finding(grid.header, column, problem, ("the first", grid.header, first[at])))
        first.setdefault(at, column)
    lacking = [name for at, name in enumerate(wish.stages) if at not in first]
    if lacking and not findings:
        listed = ", ".join(map(quoted, lacking[:12])) + (", …" if len(lacking) > 12 else "")
        problem = Problem("FN114", f"no column for {listed}", "give each stage of the funnel a column of its name")
        findings.append(Finding(grid.header, 0, problem))
