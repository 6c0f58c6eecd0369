"""Text of the command line to a funnel and to changes: the same parsers and rules as for files, without positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import changes, scalars
from funnelcli.funnel_file.flow import Level, check_flow, resolve_counts
from funnelcli.metrics import Selector, parse_changeable
from funnelcli.model import Change, Funnel

if TYPE_CHECKING:
    from collections.abc import Sequence


def funnel_from_options(
    stages: Sequence[str], average_check: str | None, currency: str | None = None
) -> tuple[Funnel | None, list[Problem]]:
    """A funnel from `NAME=COUNT` texts and an average check of its last stage, or what is wrong with them."""
    problems: list[Problem] = []

    def report(_: Any, code: str, message: str, help_: str) -> None:
        problems.append(Problem(code, message, help_))

    levels: list[Level] = []
    for text in stages:
        name, equals, number = text.rpartition("=")
        if not equals:
            before, colon, after = text.rpartition(":")
            pair = f"{before.strip()}={after.strip()}"
            help_ = f"write --stage {quoted(pair) if ' ' in pair else pair}" if colon else "write --stage NAME=COUNT"
            report(None, "FN103", f"{quoted(text)} is not a stage", help_)
            continue
        count = scalars.count(number.strip())
        label = scalars.label(name.strip(), False)
        problems += [outcome for outcome in (label, count) if isinstance(outcome, Problem)]
        if isinstance(label, Problem) or isinstance(count, Problem):
            continue
        if any(level.name == label for level in levels):
            report(None, "FN106", f"two stages are called {quoted(label)}", "give one another name")
        levels.append(Level(label, None, {"count": count}, {}))
        levels[-1].parent = len(levels) - 2 if len(levels) > 1 else None
    if average_check is not None:
        check = scalars.figure(average_check, "money", currency)
        if isinstance(check, Problem):
            problems.append(check)
        elif levels:
            levels[-1].values["average_check"] = check
    if not problems and len(levels) < 2:
        report(None, "FN105", "a funnel has at least two stages", "add another --stage NAME=COUNT")
    if not problems and resolve_counts(levels, report):
        check_flow(levels, report)
    if problems:
        return None, problems
    return Funnel("Funnel", tuple(level.stage() for level in levels)), []


def parse_set(text: str, funnel: Funnel) -> tuple[Selector, Change] | Problem:
    """`SELECTOR=CHANGE` of `--set`, for a funnel."""
    written, equals, change_text = text.rpartition("=")
    if not equals:
        return Problem(
            "FN116", f"{quoted(text)} is not a change", "write --set SELECTOR=CHANGE, e.g. --set conversion@Paid=+10pp"
        )
    selector = parse_changeable(written, funnel.names)
    if isinstance(selector, Problem):
        return selector
    change = changes.change(change_text.strip(), selector.metric, funnel.currency)
    return change if isinstance(change, Problem) else (selector, change)
