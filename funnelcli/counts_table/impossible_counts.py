"""Counts that cannot be: more units than came in, and parts of units that come in wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import column_words as words
from funnelcli.counts_table.csv_grid import Finding
from funnelcli.diagnostics import Problem, decimal_text, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.totals import Entry


def is_whole(name: str) -> bool:
    """Whether units of this name come in wholes: visits, people, clicks, deals."""
    tokens = words.plain(name).split()
    return not words.WHOLE_NAMES.isdisjoint(tokens) and not _may_be_parts(name)


def _may_be_parts(name: str) -> bool:
    return not words.FRACTIONAL_NAMES.isdisjoint(words.plain(name).split())


def check_falling(
    stages: Sequence[str], columns: Sequence[int], entries: Sequence[Entry], findings: list[Finding], what: str
) -> None:
    """No count above that of the stage before it; the order of the columns or rows is the order of the stages."""
    for entry in entries:
        where = f"in {', '.join(map(quoted, entry.labels))}, " if entry.labels else ""
        for at in range(1, len(stages)):
            before, count = entry.counts[at - 1], entry.counts[at]
            if before is None or count is None or count <= before:
                continue
            problem = Problem(
                "FN104",
                f"{where}stage {quoted(stages[at])} ({decimal_text(count)}) exceeds the one before it, "
                f"{quoted(stages[at - 1])} ({decimal_text(before)})",
                f"put the {what} in the order of the funnel, or give the funnel file, which may allow growth",
            )
            findings.append(Finding(entry.rows[at], columns[at], problem))


def check_whole(
    stages: Sequence[str],
    columns: Sequence[int],
    entries: Sequence[Entry],
    findings: list[Finding],
    units: Sequence[str] = (),
) -> None:
    """No parts of units where those that enter are whole, but for names of what is attributed, weighed or a share.

    `units` are names of what the counts of all stages are.
    """
    entered = [entry.counts[0] for entry in entries]
    if any(count is None or count.denominator != 1 for count in entered) or any(map(_may_be_parts, units)):
        return
    if all(count is not None and count <= 1 for count in entered):
        return  # shares of one
    for at in range(1, len(stages)):
        if _may_be_parts(stages[at]):
            continue
        for entry in entries:
            count = entry.counts[at]
            if count is not None and count.denominator != 1:
                problem = Problem(
                    "FN103",
                    f"{quoted(stages[at])} holds {decimal_text(count)}, and units of {quoted(stages[0])} are whole",
                    "correct the cell; call money cost or revenue, leave prices and rates out; for parts say --decimal",
                )
                findings.append(Finding(entry.rows[at], columns[at], problem))
                break
