"""Checks of a file in a report: each limit, whether it holds, and the figure that is held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.check.verdicts import figures
from funnelcli.output.document import Column, Table
from funnelcli.output.views.building import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.checks import CheckResult

_VERDICTS = {True: "passed", False: "failed", None: "cannot be told"}


def in_short(results: Sequence[CheckResult]) -> str:
    """How many checks passed, and how many did not."""
    counted = [(word, sum(each.passed is passed for each in results)) for passed, word in _VERDICTS.items()]
    return f"Checks: {', '.join(f'{number:,} {word}' for word, number in counted if number)}."


def checks_table(results: Sequence[CheckResult]) -> Table:
    """The checks in the order of the file."""
    columns = (
        Column("Check", "check", "text"),
        Column("Result", "passed", "text", lambda each: _VERDICTS[each.passed]),
        Column("Figures", "actual", "text", figures),
    )
    return table(results, columns, key="checks")
