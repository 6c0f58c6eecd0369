"""What the columns of a table of counts are: stages, labels, money, or nothing that adds up; by name and by content.

A column of rates, prices, durations or numbers of rows is left out and said. What may be meant in two ways is a
finding, not a guess.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.measuring import column_words as words
from funnelcli.measuring import locale_numbers
from funnelcli.measuring.cells import Finding, Grid, clean
from funnelcli.measuring.unit_lists import unit_list
from funnelcli.selectors import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Exact

COUNTS, LABELS, STEPS, EMPTY = "counts", "labels", "steps", "empty"
SPEND, REVENUE, MONEY, CURRENCY = "spend", "revenue", "money", "currency"
LEFT_OUT = {
    "rate": "a rate",
    "price": "a price or an average",
    "duration": "a duration",
    "index": "numbers of the rows",
    "computed": "computed from the others",
}
"""Kinds of columns that are left out, and what is said of them."""
_CLOCK = re.compile(
    r"\d{1,4}:\d\d(?::\d\d)?(?:[.,]\d+)?|(?:\d+(?:[.,]\d+)? ?(?:d|h|hrs?|m|min|s|secs?|ms|д|ч|мин|с|сек)\.? ?)+"
)
_IN_CURRENCY = re.compile(r"[$¢£¤¥\u20a0-\u20cf]|руб\.?$|[A-Z]{3}$")
_NUMBERS_STEPS = re.compile(r"\b(?:step|stage|order|этап|шаг|schritt|stufe|étape|etapa|paso)\b")
_MOST_COMPARED = 40
"""Columns of numbers among which ratios are looked for."""


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


def kind_of(name: str, cells: Sequence[str]) -> str:
    """What a column is by its name and its cells: a kind of this module, or a key of `LEFT_OUT`."""
    content = _content(cells)
    if content == "empty":
        return EMPTY
    base, full = words.base_of(name), words.plain(name)
    numeric = content in ("number", "percent", "clock")
    if full in words.INDEX_NAMES | {""} and _is_numbering(cells):
        return "index"
    if words.MOMENT.search(full) or full in words.LABEL_NAMES or base in words.LABEL_NAMES or full.endswith(" id"):
        return LABELS
    if base in words.CURRENCY_NAMES and content == "text":
        return CURRENCY
    if not numeric:
        return STEPS if base in words.STEP_NAMES else LABELS
    if content == "percent" or words.RATE.search(full):
        return "rate"
    if words.PRICE.search(full):
        return "price"
    timed = any(words.plain(unit) in words.TIME_UNITS for unit in words.units_of(name))
    if content == "clock" or timed or words.DURATION.search(base):
        return "duration"
    if base in words.COMPUTED_NAMES:
        return "computed"
    if base in words.SPEND_NAMES:
        return SPEND
    if base in words.REVENUE_NAMES:
        return REVENUE
    if base in words.STEP_NAMES and _is_numbering(cells):
        return "index"
    if full in words.CODE_NAMES:
        return LABELS
    in_money = words.currency_of(name) is not None or _most(cells, lambda cell: bool(_IN_CURRENCY.search(cell.strip())))
    return MONEY if in_money or base in words.MONEY_NAMES else COUNTS


def _content(cells: Sequence[str]) -> str:
    """`number`, `percent`, `clock`, `text` or `empty`: what most of the cells look like."""
    seen = {"number": 0, "text": 0, "empty": 0, "nothing": 0}
    for cell in cells:
        seen[locale_numbers.looks_like(cell)] += 1
    if _most(cells, lambda cell: bool(_CLOCK.fullmatch(cell.strip()))):
        return "clock"
    if seen["text"] > seen["number"]:
        return "text"
    if _most(cells, lambda cell: cell.rstrip().endswith("%")):
        return "percent"
    return "number" if seen["number"] or seen["nothing"] else "empty"


def _most(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    """Whether more than half of the filled cells fit."""
    filled = [cell for cell in cells if cell.strip()]
    return sum(map(fits, filled)) * 2 > len(filled)


def _is_numbering(cells: Sequence[str]) -> bool:
    """Whether the cells are 1, 2, 3, also from 0, over again or several rows each; a row of totals has none."""
    filled = [cell.strip() for cell in cells if cell.strip() and not words.is_total(cell)]
    if len(filled) < 2 or not all(cell.isdecimal() and len(cell) < 7 for cell in filled):
        return False
    values = [int(cell) for cell in filled]
    start = values[0]
    goes_on = all(later in (start, earlier, earlier + 1) for earlier, later in pairwise(values))
    return start in (0, 1) and max(values) > start == min(values) and goes_on


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
    reasons = _ratios(grid, numbers, kinds, bool(steps))
    before = steps[0] - 1 if steps else -1  # 1, 2, 3 before the steps is their number, whatever it is called
    may_number = before in numbers and len(numbers) > 1 and words.base_of(names[before]) not in words.COUNT_NAMES
    if may_number and _is_numbering([grid.rows[row][before] for row in grid.body]):
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


def _ratios(grid: Grid, numbers: list[int], kinds: dict[int, str], is_long: bool) -> dict[int, str]:
    """Columns of fractions that are the ratio of two others, or of a count to the one before or the first."""
    beside = [column for column, kind in kinds.items() if kind in (COUNTS, SPEND, REVENUE, MONEY)][:_MOST_COMPARED]
    found = {}
    for column in numbers[:_MOST_COMPARED]:
        cells = [grid.rows[row][column] for row in grid.body]
        if not any(locale_numbers.is_fraction(cell) for cell in cells):
            continue
        others = [other for other in beside if other != column]
        values = {other: [_greatest(grid.rows[row][other]) for row in grid.body] for other in others}
        pairs = [(names, values[names[0]], values[names[1]]) for names in permutations(others, 2)]
        if is_long:
            for other, counts in values.items():
                pairs.append(((other, other), counts[1:], counts[:-1]))
                pairs.append(((other, other), counts[1:], counts[:1] * (len(counts) - 1)))
        for (above, below), upper, lower in pairs:
            if _is_ratio(cells[len(cells) - len(upper) :], upper, lower):
                said = f"{quoted(grid.names[above])} / {quoted(grid.names[below])}"
                found[column] = said if above != below else f"a ratio of {quoted(grid.names[above])}"
                break
    return found


def _greatest(cell: str) -> Exact | None:
    return max(locale_numbers.readings(cell), default=None)


def _is_ratio(cells: Sequence[str], upper: Sequence[Exact | None], lower: Sequence[Exact | None]) -> bool:
    """Whether each cell is upper / lower, as a fraction or in percent, to the digits that it has."""
    for scale in (1, 100):
        told = 0
        for cell, above, below in zip(cells, upper, lower, strict=True):
            values = locale_numbers.readings(cell)
            if not values or above is None or not below:
                continue
            step = Fraction(1, 10 ** locale_numbers.digits_behind_the_mark(cell))
            if not any(abs(value - scale * Fraction(above) / below) < step for value in values):
                break
            told += 1
        else:
            if told:
                return True
    return False


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


def check_names(grid: Grid, findings: list[Finding]) -> None:
    """Each column with a name that can be seen, and no two alike."""
    seen: dict[str, int] = {}
    for column, name in enumerate(grid.names):
        if not name:
            cells = [grid.rows[row][column] for row in grid.body if len(grid.rows[row]) > column]
            if any(map(str.strip, cells)) and not _is_numbering(cells):
                problem = Problem("FN121", f"column {column + 1} has no name", "name it in the first row")
                findings.append(Finding(grid.header, column, problem))
        elif not name.isprintable():
            problem = Problem("FN015", f"an invisible character stands in the name {name!a}", "delete it")
            findings.append(Finding(grid.header, column, problem))
        elif fold(name) in seen:
            problem = Problem("FN106", f"two columns are named {quoted(name)}", "rename one, or leave it out")
            findings.append(Finding(grid.header, column, problem, ("the first", grid.header, seen[fold(name)])))
        else:
            seen[fold(name)] = column


def check_widths(grid: Grid, findings: list[Finding]) -> None:
    """Each row as wide as the names; further cells may only be empty."""
    width = len(grid.rows[grid.header])
    for index in grid.body:
        row = grid.rows[index]
        if len(row) > width and not any(map(str.strip, row[width:])):
            del row[width:]
        if len(row) != width:
            cells = f"{len(row)} {'cell' if len(row) == 1 else 'cells'}"
            cure = "a name or number with the delimiter in it needs quotes" if len(row) > width else "fill the row up"
            problem = Problem("FN114", f"row {index + 1} has {cells} for {width} columns", cure)
            findings.append(Finding(index, min(len(row), width), problem))


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


def labels_of(grid: Grid, roles: Roles, row: int) -> tuple[str, ...]:
    """The labels of a row, in the order of their columns."""
    return tuple(grid.rows[row][column] for column in roles.labels)


def check_labels(grid: Grid, roles: Roles, findings: list[Finding]) -> None:
    """Each label with visible text, and one spelling for each segment."""
    for column in (*roles.labels, *(() if roles.step is None else (roles.step,))):
        spelled: dict[str, tuple[str, int]] = {}
        for row in grid.body:
            name = clean(grid.rows[row][column])
            grid.rows[row][column] = name
            if name in spelled and spelled[name][0] == name:
                continue
            folded = fold(name)
            known = spelled.setdefault(folded, (name, row))
            if not name and column != roles.step:
                continue  # a row that adds others up may have none
            if not name:
                findings.append(
                    Finding(row, column, Problem("FN121", "the stage has no name", "name it, or delete the row"))
                )
            elif not name.isprintable():
                problem = Problem("FN015", f"an invisible character stands in {name!a}", "delete it")
                findings.append(Finding(row, column, problem))
            elif known[0] != name and column != roles.step:
                problem = Problem(
                    "FN106", f"{quoted(name)} and {quoted(known[0])} differ only in case", "spell them alike"
                )
                findings.append(Finding(row, column, problem, ("the other spelling", known[1], column)))
        if column != roles.step:
            _check_subtotal_names(grid, column, spelled, findings)


def _check_subtotal_names(
    grid: Grid, column: int, spelled: dict[str, tuple[str, int]], findings: list[Finding]
) -> None:
    """`Ads Total` beside `Ads` would be counted twice."""
    for folded, (name, row) in spelled.items():
        first, _, after = folded.partition(" ")
        before, _, last = folded.rpartition(" ")
        for word, rest in ((first, after), (last, before)):
            if word in words.TOTAL_NAMES and rest and rest in spelled:
                problem = Problem(
                    "FN106",
                    f"{quoted(name)} looks like a subtotal of {quoted(spelled[rest][0])} and would be counted twice",
                    "delete the rows of subtotals, or rename the segment",
                )
                findings.append(Finding(row, column, problem, ("the segment", spelled[rest][1], column)))
