"""An export of segments that a recipe knows, as ads and traffic have them: its counts, money and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import table_checks
from funnelcli.counts_table.causes import one_a_cause
from funnelcli.counts_table.counts import counts_under_marks
from funnelcli.counts_table.period_titles import span_name, span_of_titles
from funnelcli.counts_table.segment_columns import find_segment_roles
from funnelcli.counts_table.segment_rows import label_dates, refuse_indented, refuse_rows_above, take_footer
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from funnelcli.counts_table.table import CellTable
    from funnelcli.model import Funnel


def segments_of(table: CellTable) -> Funnel | None:
    """The counts of an export of segments that a recipe knows; `None` with problems, as `counts_of`."""
    found = _segments_of(table)
    table.problems = one_a_cause(table)
    return found


def _segments_of(table: CellTable) -> Funnel | None:
    if not table.problems:
        take_footer(table)
        refuse_rows_above(table)
    if not table.problems:
        table_checks.check_widths(table)
    if table.problems:
        return None
    dates = find_segment_roles(table)
    refuse_indented(table)
    told = span_of_titles(table.rows[: table.header], table.options.date_order)
    span = None if table.problems else label_dates(table, dates, told)
    if not table.roles.labels and len(table.body) > 1 and not table.problems:
        help_ = "export the names of the campaigns, or say --label COLUMN"
        table.refuse_name(0, "FN114", f"{len(table.body)} rows, and no column names what each is of", help_)
    found = None if table.problems else counts_under_marks(table)
    if found is None:
        return None
    in_all = [stage.count for stage in found.stages]
    counted = [in_all, *(segment.counts for each in found.breakdowns for segment in each.segments)]
    for at, name in enumerate(found.names):
        if any(counts[at].denominator != 1 for counts in counted):
            table.notes.append(f"{quoted(name)} are not whole: they are attributed in parts to what led to them")
    return found._replace(period=None if span is None else span_name(*span))
