"""Rules about what has no effect: scenarios, checks and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.checks import OPERATORS
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem, quoted
from funnelcli.lint import rule
from funnelcli.model import BaselineLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.lint import Path, Warnings, Written
    from funnelcli.model import Funnel


@rule("FN304")
def idle_scenario(funnel: Funnel, written: Written) -> Warnings:
    """Each scenario after which every figure is what it was."""
    before = _figures(funnel)
    for scenario in funnel.scenarios:
        after = apply(funnel, scenario.changes)
        if not isinstance(after, Problem) and _figures(after) == before:
            message = f"the scenario {quoted(scenario.name)} changes nothing"
            yield ("scenarios", scenario.name), message, "aim further, or delete it"


def _figures(funnel: Funnel) -> tuple[object, ...]:
    margin = 1 if funnel.gross_margin is None else funnel.gross_margin
    stages = [(stage.count, stage.average_order_value, stage.cost) for stage in funnel.stages]
    return (*stages, funnel.budget, margin)


@rule("FN307")
def idle_check(funnel: Funnel, written: Written) -> Warnings:
    """Each check that holds over the whole range of its figure."""
    grows = any(stage.allow_growth for stage in funnel.stages)
    for index, check in enumerate(funnel.checks):
        if isinstance(check.limit, BaselineLimit) or check.operator == "==":
            continue
        low, high = check.selector.metric.bounds[grows]
        # a limit from below is at its hardest at the lowest value that can be, one from above at the highest
        hardest = low if check.operator in (">=", ">") else high
        if hardest is not None and OPERATORS[check.operator](hardest, check.limit):
            message = f"{quoted(check.text)} holds for every value it can have"
            yield ("checks", index), message, "turn the operator round, or raise the limit"


@rule("FN310")
def idle_key(funnel: Funnel, written: Written) -> Warnings:
    """Each key of the funnel without its counterpart."""
    for path, why, help_ in _idle_keys(funnel):
        key = path[0] if path[0] != "stages" else path[-1]
        yield path, f"{key} has no effect: {why}", help_


def _idle_keys(funnel: Funnel) -> Iterator[tuple[Path, str, str]]:
    segments = [segment for breakdown in funnel.breakdowns for segment in breakdown.segments]
    budgets = funnel.budget is not None or any(segment.budget is not None for segment in segments)
    if funnel.spend_elasticity is not None and not budgets:
        yield ("spend_elasticity",), "there is no budget", "add a budget, or delete it"
    money = funnel.money_stages or any(segment.average_check is not None for segment in segments)
    if funnel.gross_margin is not None and not money:
        yield ("gross_margin",), "no stage brings money", "add average_check, or delete it"
    if funnel.referral is not None and not funnel.referral.brings:
        yield ("referral", "brings"), "it brings nobody", "correct brings, or delete the referral"
    for index, stage in enumerate(funnel.stages):
        if stage.close_chance is not None and stage.open is None:
            yield ("stages", index, "close_chance"), "the stage has no open units", "add open, or delete it"
