"""What the columns of a table of counts are: stages, labels, a budget; by their names and by what they hold.

The names are those of exports in several languages. What may be meant in two ways is a finding, not a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.measuring import numerals
from funnelcli.measuring.cells import Finding, Grid, clean
from funnelcli.selectors import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split(","))


STAGE_NAMES = _words(
    "stage,step,event,event name,funnel step,этап,шаг,событие,стадия,ступень,stufe,phase,schritt,ereignis,étape,etapa"
)
COUNT_NAMES = _words(
    "count,counts,event count,unit,units,user,users,total users,количество,кол-во,число,пользователи,anzahl,menge,"
    "nutzer,nombre,cantidad"
)
BUDGET_NAMES = _words(
    "budget,cost,costs,spend,spent,ad spend,бюджет,расход,расходы,затраты,kosten,ausgaben,dépenses,presupuesto,coste"
)
LABEL_NAMES = _words(
    "period,month,week,day,date,year,quarter,hour,период,месяц,неделя,день,дата,год,квартал,час,zeitraum,monat,woche,"
    "tag,datum,jahr,quartal,stunde,id,no,no.,nr,nr.,#,№,№ п/п"
)
"""Columns that are labels even when they hold numbers."""
RESULT_NAMES = _words(
    "revenue,turnover,profit,umsatz,gewinn,выручка,доход,прибыль,ctr,cr,conversion,conversion rate,конверсия,roas,romi,"
    "roi,cpc,cpa,cpl,cpm,cac,average check,средний чек"
)
"""Columns of numbers that no stage is called."""
TOTAL_NAMES = _words(
    "total,totals,grand total,sum,итого,всего,итог,общий итог,сумма,summe,gesamt,gesamtsumme,gesamtergebnis,insgesamt,"
    "somme,total general,total général,totaal,razem,suma"
)


class Wish(NamedTuple):
    """What the caller has said beforehand; see `counts.counts_from_table`."""

    stages: Sequence[str] | None
    decimal: str | None
    empty_as_zero: bool
    layout: str | None
    labels: frozenset[str]


class Roles(NamedTuple):
    """What the columns are: indices. `stages` go by stage order in a wide table and are empty in a long one."""

    labels: tuple[int, ...]
    stages: tuple[int, ...]
    budget: int | None
    step: int | None = None
    counted: int | None = None
    dropped: tuple[int, ...] = ()

    @property
    def numbers(self) -> list[tuple[int, bool]]:
        """The columns of numbers, and whether they hold money."""
        columns = self.stages if self.counted is None else (self.counted,)
        return [(column, False) for column in columns] + ([] if self.budget is None else [(self.budget, True)])


def _column_key(name: str) -> str:
    """The name of a column without its unit: `Budget, EUR` and `Budget (EUR)` are `budget`."""
    return fold(name.partition("(")[0].partition(",")[0])


def check_names(grid: Grid, findings: list[Finding]) -> None:
    """Each column with a name that can be seen, and no two alike."""
    seen: dict[str, int] = {}
    for column, name in enumerate(grid.names):
        if not name:
            filled = next(
                (row for row in grid.body if len(grid.rows[row]) > column and grid.rows[row][column].strip()), None
            )
            if filled is not None:
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


def roles_of(grid: Grid, wish: Wish, findings: list[Finding]) -> Roles | None:
    """What each column is, by its name and, where that says nothing, by what it holds; `None` with findings."""
    names = grid.names
    keys = [_column_key(name) for name in names]
    findings.extend(
        Finding(grid.header, 0, Problem("FN102", f"no column {quoted(name)}", did_you_mean(name, names)))
        for name in sorted(wish.labels.difference(map(fold, names)))
    )
    matched = {
        column: at
        for column, name in enumerate(names)
        if (at := stage_at(name, wish)) is not None and fold(name) not in wish.labels
    }
    steps = [column for column, key in enumerate(keys) if key in STAGE_NAMES and column not in matched]
    counted = [column for column, key in enumerate(keys) if key in COUNT_NAMES]
    is_long = wish.layout == "long" or (wish.layout is None and len(matched) < 2 and bool(steps and counted))
    if is_long:
        return _long_roles(grid, wish, steps, counted, findings)
    if steps and wish.layout is None and not matched:
        problem = Problem(
            "FN114",
            f"the column {quoted(names[steps[0]])} names stages in rows, and no column is named count",
            "name the column of counts count; or turn the table, one column a stage; or say --layout wide",
        )
        findings.append(Finding(grid.header, steps[0], problem))
        return None
    labels, stages, dropped, budget = [], [], [], None
    for column, key in enumerate(keys):
        kind = _column_kind(grid, column)
        if column in matched:
            stages.append(column)
        elif fold(names[column]) in wish.labels or (kind != "empty" and _is_label(key)):
            labels.append(column)
        elif key in BUDGET_NAMES and kind != "empty":
            if budget is not None:
                problem = Problem("FN113", f"{quoted(names[column])} is a second column of spend", "keep one")
                findings.append(Finding(grid.header, column, problem, ("the first", grid.header, budget)))
            budget = column
        elif kind == "empty":
            if wish.stages is not None or key in BUDGET_NAMES or _is_label(key):
                dropped.append(column)
            elif names[column]:
                cure = "write its counts (0 where there are none), or leave the column out"
                problem = Problem("FN102", f"the column {quoted(names[column])} is empty", cure)
                findings.append(Finding(grid.header, column, problem))
        elif kind == "text":
            labels.append(column)
        else:
            problem_or_none = _no_stage(names[column], key, wish)
            if problem_or_none is None:
                stages.append(column)
            else:
                findings.append(Finding(grid.header, column, problem_or_none))
    if wish.stages is not None:
        _check_matched(grid, wish, matched, findings)
        stages.sort(key=lambda column: matched.get(column, 0))
    return None if findings else Roles(tuple(labels), tuple(stages), budget, dropped=tuple(dropped))


def _long_roles(grid: Grid, wish: Wish, steps: list[int], counted: list[int], findings: list[Finding]) -> Roles | None:
    """The columns of a long table: one of stages, one of counts, and labels."""
    names = grid.names
    for found, wanted in ((steps, "stage"), (counted, "count")):
        if len(found) != 1:
            listed = ", ".join(quoted(names[column]) for column in found) or "none"
            problem = Problem(
                "FN102" if not found else "FN106",
                f"a long table has one column named {wanted}; here: {listed}",
                f"name one column {wanted}, or say --layout wide",
            )
            findings.append(Finding(grid.header, found[-1] if found else 0, problem))
    if findings:
        return None
    labels, dropped = [], []
    for column, name in enumerate(names):
        if column in (steps[0], counted[0]):
            continue
        kind, key = _column_kind(grid, column), _column_key(name)
        if kind == "empty":
            dropped += [column] if name else []
        elif fold(name) in wish.labels or _is_label(key) or (kind == "text" and key not in BUDGET_NAMES):
            labels.append(column)
        elif key in BUDGET_NAMES:
            cure = "write one column a stage, with the budget beside them, or leave the column out"
            problem = Problem("FN114", "a budget belongs to a segment, and here rows are stages of segments", cure)
            findings.append(Finding(grid.header, column, problem))
        else:
            problem = Problem(
                "FN103",
                f"the column {quoted(name)} holds numbers beside the counts in {quoted(names[counted[0]])}",
                "leave it out, say --label for labels that are numbers, or --layout wide",
            )
            findings.append(Finding(grid.header, column, problem))
    return None if findings else Roles(tuple(labels), (), None, steps[0], counted[0], tuple(dropped))


def _is_label(key: str) -> bool:
    return key in LABEL_NAMES or key.endswith((" id", "_id", "-id"))


def stage_at(name: str, wish: Wish) -> int | None:
    """The index of the given stage that a column or row names; `None` when it names none."""
    return None if wish.stages is None or not name else find_name(name, wish.stages)


def stage_name(name: str, wish: Wish) -> str:
    """The name of a stage as the funnel spells it, where it is one of the given stages."""
    at = stage_at(name, wish)
    return name if at is None or wish.stages is None else wish.stages[at]


def _no_stage(name: str, key: str, wish: Wish) -> Problem | None:
    """Why a column of numbers is no stage; `None` when it may be one."""
    if wish.stages is not None:
        cure = did_you_mean(name, wish.stages)
        return Problem("FN112", f"unknown stage {quoted(name)}", f"{cure}; else leave it out, or say --label")
    if key in RESULT_NAMES or key in TOTAL_NAMES:
        cure = "leave the column out: it is computed, or belongs into the funnel file"
        return Problem("FN103", f"the column {quoted(name)} holds no counts of a stage", cure)
    if numerals.looks_like(name) == "number":
        cure = "write the names of the columns above the counts; or turn the table, one column a stage"
        return Problem("FN102", f"{quoted(name)} stands where the name of a stage is expected", cure)
    return None


def _column_kind(grid: Grid, column: int) -> str:
    """`number`, `text` or `empty`: what most of the column's cells look like."""
    seen = {"number": 0, "text": 0, "empty": 0, "nothing": 0}
    for row in grid.body:
        seen[numerals.looks_like(grid.rows[row][column])] += 1
    if seen["text"] > seen["number"]:
        return "text"
    return "number" if seen["number"] or seen["nothing"] else "empty"


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


def decimal_mark(grid: Grid, roles: Roles, wish: Wish, findings: list[Finding]) -> str | None:
    """The decimal mark that is told, or proved by any number of the table; `None` when nothing proves one."""
    if wish.decimal is not None:
        return wish.decimal
    proofs: dict[str, tuple[int, int]] = {}
    for row in grid.body:
        cells = grid.rows[row]
        for column, money in roles.numbers:
            mark = numerals.proved_mark(cells[column], money)
            if mark is not None and mark not in proofs:
                proofs[mark] = (row, column)
                if len(proofs) == 2:
                    (_, earlier), (_, here) = proofs.items()
                    first = quoted(grid.rows[earlier[0]][earlier[1]])
                    problem = Problem(
                        "FN206",
                        f"{quoted(cells[column])} has a decimal {numerals.MARKS[mark]}, and {first} has another mark",
                        "write all numbers alike, or say which is right: --decimal . or --decimal ,",
                    )
                    findings.append(Finding(*here, problem, ("the other mark", *earlier)))
                    return None
    return next(iter(proofs), None)


def labels_of(grid: Grid, roles: Roles, row: int) -> tuple[str, ...]:
    """The labels of a row, in the order of their columns."""
    return tuple(grid.rows[row][column] for column in roles.labels)


def is_total(labels: tuple[str, ...]) -> bool:
    """Whether a row of these labels adds up others."""
    return any(fold(label) in TOTAL_NAMES for label in labels)


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
            if not name and column != roles.step and is_total(labels_of(grid, roles, row)):
                continue
            if not name:
                cure = "name it; if the row adds the others up, call it Total or delete it"
                findings.append(Finding(row, column, Problem("FN121", "the label is empty", cure)))
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
            if word in TOTAL_NAMES and rest and rest in spelled:
                problem = Problem(
                    "FN106",
                    f"{quoted(name)} looks like a subtotal of {quoted(spelled[rest][0])} and would be counted twice",
                    "delete the rows of subtotals, or rename the segment",
                )
                findings.append(Finding(row, column, problem, ("the segment", spelled[rest][1], column)))
