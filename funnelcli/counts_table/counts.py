"""Counts that are already added up, in a spreadsheet's CSV export: bytes to stages, totals and breakdowns.

A wide table has a column of numbers for each stage and a row for each segment; a long one has a column of stages and a
column of counts, one row for each pair. Other columns of text are labels, each a dimension added up on its own.
Money spent is the budget of a segment, money earned the revenue of the last stage, in wide tables only; rates, prices,
durations and numbers of rows are left out and said. Nothing is guessed: what makes the table impossible is not a
reading, and what may be read in two ways is refused with its line and column; `path` names the cell as spreadsheets do
(`C4`).

The way: `grid` (bytes to a `table`), `columns` and `column_roles` (what each is), `decimal_marks` and
`locale_numbers`, `table_rows` (entries), `totals`, `table_checks` of it all, and `count_sums`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers, table_checks
from funnelcli.counts_table.causes import one_a_cause
from funnelcli.counts_table.cell_forms import leave_counts_alone
from funnelcli.counts_table.column_roles import find_roles, refuse_too_few
from funnelcli.counts_table.count_sums import summed
from funnelcli.counts_table.crossed import turn_headless
from funnelcli.counts_table.date_labels import name_months
from funnelcli.counts_table.decimal_marks import find_mark
from funnelcli.counts_table.late_entries import say_late_entries
from funnelcli.counts_table.period_titles import span_name, span_of_titles
from funnelcli.counts_table.segment_rows import (
    added_up,
    refuse_unproved,
    segment_entries,
)
from funnelcli.counts_table.step_names import title_of
from funnelcli.counts_table.step_times import days_of_steps
from funnelcli.counts_table.table import CellTable, Entry, FigureColumn, StageTrait
from funnelcli.counts_table.table_rows import long_entries, steps_of, wide_entries
from funnelcli.counts_table.totals import without_totals
from funnelcli.counts_table.words import has_word
from funnelcli.diagnostics import joined, quoted
from funnelcli.measure import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.period_titles import Span
    from funnelcli.counts_table.segment_rows import Gap
    from funnelcli.counts_table.total_rows import Known
    from funnelcli.model import Funnel


def counts_of(table: CellTable, told: Span | None = None) -> Funnel | None:
    """The counts of a table of cells; `None` where something is wrong with it, which is in its problems.

    `told` is the time that lines above it tell, where they are none of its own.
    """
    found = _counts_of(table, told or span_of_titles(table.rows[: table.header]))
    table.problems = one_a_cause(table)
    return found if found is None or not table.header else found._replace(name=title_of(table) or "")


def _counts_of(table: CellTable, told: Span | None) -> Funnel | None:
    is_headless = not table.problems and turn_headless(table)
    if not table.problems and not is_headless:
        table_checks.check_names(table)
        table_checks.check_widths(table)
    if not table.problems and not is_headless:
        leave_counts_alone(table)
        find_roles(table)
    if table.turned is not None and not table.problems:
        found = counts_of(table.turned, told)
        table.adopt(table.turned)
        return found
    if table.problems:
        return None
    own = None if table.is_known else name_months(table)
    found = counts_under_marks(table)
    # a line above that leaves out some of the rows is of another time, as that of the export
    is_whole = told is not None and (own is None or (told.includes(own.first) and told.includes(own.last)))
    span = told if is_whole else own
    return None if found is None else found._replace(period=None if span is None else span_name(*span))


def counts_under_marks(table: CellTable) -> Funnel | None:
    """From cells to counts, under the decimal mark that is told, proved or alone possible; `None` with problems."""
    table.mark = table.mark or table.options.decimal
    table_checks.check_labels(table)
    if table.mark is not None:
        return _attempt(table)
    is_open = find_mark(table)
    if table.problems:  # the mark is unknown: what else is wrong is told, and no number for want of the mark
        without = table.under(None)
        _attempt(without)
        table.problems += [found for found in without.problems if found.problem.code not in ("FN206", "FN104")]
        return None
    if is_open:
        tables = [table.under(mark) for mark in locale_numbers.MARKS]
        found = [_attempt(each, other_possible=True) for each in tables]
        common = [problem for problem in tables[0].problems if problem in tables[1].problems]
        sound = [at for at, each in enumerate(tables) if len(each.problems) == len(common)]
        if len(sound) == 1:
            table.problems, table.notes = tables[sound[0]].problems, tables[sound[0]].notes
            return found[sound[0]]
        if common:  # wrong under either mark: which one it is comes after
            table.problems = common
            return None
    return _attempt(table)


def _attempt(table: CellTable, other_possible: bool = False) -> Funnel | None:
    """The counts under a decimal mark; where the other is possible, groups of three digits are no parts of a person."""
    roles, options = table.roles, table.options
    table.stages = roles.stages if roles.step is None else steps_of(table, roles.step)
    table.figures = _figures(table)
    gaps: list[Gap] = []
    if roles.adds_rows:
        entries, gaps = segment_entries(table)
    else:
        entries = wide_entries(table) if roles.step is None else long_entries(table, roles.step)
    if len(table.stages) < 2 and not table.problems:
        refuse_too_few(table, len(table.stages))
    known: Known = {}
    everything = entries
    if not table.problems:
        refuse_unproved(table, entries, gaps)
        entries, known = without_totals(entries, table)
    if roles.adds_rows and not table.problems:
        entries = added_up(entries, table)
    if not options.named_stages and not (roles.adds_rows and table.problems):
        table_checks.check_falling(entries, table)
    if not options.named_stages and options.decimal is None and not table.problems:
        table_checks.check_whole(entries, table)
    if other_possible and not table.problems:
        table_checks.check_groups(entries, table)
    if roles.step is not None and not table.problems:
        say_late_entries(table, everything, entries)
    if len(entries) > 1 and not (roles.adds_rows or table.problems):
        _say_people(table, everything, entries)
    found = None if table.problems else summed(entries, known, table)
    if found is None or (roles.mean_time is None and roles.median_time is None):
        return found
    means, medians = days_of_steps(table, everything, entries)
    stages = tuple(stage._replace(days=mean) for stage, mean in zip(found.stages, means, strict=True))
    told = tuple((name, median) for name, median in zip(found.names, medians, strict=True) if median is not None)
    return found._replace(stages=stages, measured=Measured(median_days=told) if told else None)


def _say_people(table: CellTable, everything: Sequence[Entry], parts: Sequence[Entry]) -> None:
    """Say which people were added up, as no row of totals tells how many there are."""
    adding = {entry.row for entry in everything} - {entry.row for entry in parts}
    totals = [entry for entry in everything if entry.row in adding]
    people = [
        figure.name
        for at, figure in enumerate(table.figures)
        if figure.people and all(entry.figures[at] is None for entry in totals)
    ]
    if people:
        named = joined(people) if len(people) < len(table.stages) else "the counts"
        said = "added up without a total: who is in several segments is counted in each"
        table.notes.append(f"{named} are people of {len(parts)} segments, {said}")


def _figures(table: CellTable) -> list[FigureColumn]:
    """The figures of an entry: counts in the order of the stages, then money."""
    roles = table.roles
    unit = () if roles.step is None else (table.names[roles.counts[0]],)
    columns = roles.counts if roles.step is None else roles.counts * len(table.stages)
    traits = roles.traits or [
        StageTrait(people=any(has_word("people", name) for name in (stage, *unit))) for stage in table.stages
    ]
    money = {roles.budget: "the budget", roles.revenue: "the revenue"}
    return [
        *(
            FigureColumn(column, quoted(stage), False, trait.people, trait.parts, trait.grows, trait.overlap)
            for column, stage, trait in zip(columns, table.stages, traits, strict=True)
        ),
        *(
            FigureColumn(
                column,
                money[column],
                money=True,
                parts=column == roles.revenue and any(trait.parts for trait in traits[-1:]),
            )
            for column in roles.money
        ),
    ]
