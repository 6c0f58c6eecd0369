"""Checks of a file in a report: each limit, whether it holds, and the figure that is held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.check.verdicts import delay_words, figures, usual_words
from funnelcli.output.document import Column, Table
from funnelcli.output.numbers import judged
from funnelcli.output.views.building import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.checks import CheckResult

_VERDICTS = {True: "passed", False: "failed", None: "cannot be told"}
MOST_TOLD = 3
"""Checks that fail and are told in a sentence."""


def in_short(results: Sequence[CheckResult]) -> str:
    """How many checks passed, and how many did not."""
    counted = [(word, sum(each.passed is passed for each in results)) for passed, word in _VERDICTS.items()]
    return f"Checks: {', '.join(f'{number:,} {word}' for word, number in counted if number)}."


def failed(results: Sequence[CheckResult]) -> str:
    """The checks that fail, with their figures and limits, in a sentence; nothing where none does."""
    found = [each for each in results if each.passed is False]
    if not found:
        return ""
    told = [_against_limit(each) for each in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        told.append(f"{len(found) - MOST_TOLD:,} more")
    return f"{in_numbers(results)}: {'; '.join(told)}."


def in_numbers(results: Sequence[CheckResult]) -> str:
    """How many of the checks fail."""
    count = sum(each.passed is False for each in results)
    of = f"of {len(results):,} checks" if len(results) > 1 else "check"
    return f"{count:,} {of} fails" if count == 1 else f"{count:,} {of} fail"


def _against_limit(result: CheckResult) -> str:
    """`revenue 3,087 USD, limit 3,500 USD`; a change is held against a limit in the words of its check."""
    if result.usual is not None:
        return f"{_named(result)} {_figures(result)}"
    if result.limit is None or "baseline" in result.check:
        return f"{result.check} ({figures(result)})"
    actual = judged(result.actual, result.limit, result.kind, result.currency)
    limit = judged(result.limit, result.actual, result.kind, result.currency)
    return f"{_named(result)} {actual}, limit {limit}"


def _named(result: CheckResult) -> str:
    return result.selector if "@" in result.selector else result.selector.replace("_", " ")


def _figures(result: CheckResult) -> str:
    """The figure, and the usual range where it is held against that, with how soon a fall is found."""
    if result.usual is None:
        return figures(result)
    return f"{figures(result)}, {usual_words(result, result.usual)}{delay_words(result.usual.delay)}"


def checks_table(results: Sequence[CheckResult]) -> Table:
    """The checks in the order of the file."""
    columns = (
        Column("Check", "check", "text"),
        Column("Result", "passed", "text", lambda each: _VERDICTS[each.passed]),
        Column("Figures", "actual", "text", _figures),
    )
    return table(results, columns, key="checks")
