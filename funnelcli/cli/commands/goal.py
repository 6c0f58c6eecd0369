"""`funnelcli goal`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.goal_seek import goal_seek, stage_of
from funnelcli.analyses.levers import ALL_CONVERSIONS, Lever, lever_of, levers_of
from funnelcli.analyses.projection import apply
from funnelcli.analyses.scenario import find_scenario
from funnelcli.cli import console, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import changes
from funnelcli.metrics import parse_changeable
from funnelcli.model import Check, Funnel

Revenue = Annotated[str | None, typer.Option("--revenue", metavar="MONEY", help="Reach this revenue, or more.")]
Profit = Annotated[str | None, typer.Option("--profit", metavar="MONEY", help="Reach this profit, or more.")]
Sales = Annotated[str | None, typer.Option("--sales", metavar="COUNT", help="Reach this many sales, or more.")]
GoalText = Annotated[
    str | None,
    typer.Option(
        "--goal",
        metavar="CHECK",
        help="Reach a limit on any result, e.g. 'profit >= 0' or 'cost_per@Paid <= 100'.",
        autocompletion=candidates.limits,
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="SELECTOR",
        help="Only this lever, e.g. entries, conversion@Paid, or conversions for all at once (repeatable).",
        show_default=False,
    ),
]
Given = Annotated[
    str | None,
    typer.Option(
        "--given",
        metavar="SCENARIO",
        help="Start from this scenario of the file.",
        autocompletion=candidates.scenario_names,
    ),
]


@on_funnels
def command(
    request: Request,
    revenue: Revenue = None,
    profit: Profit = None,
    sales: Sales = None,
    goal: GoalText = None,
    vary: Vary = None,
    given: Given = None,
) -> None:
    """Find what each lever alone must be to reach a goal, and the counts it takes stage by stage.

    \b
    Examples:
      funnelcli goal funnel.yaml --sales 14
      funnelcli goal funnel.yaml --revenue 600000 --vary entries --vary budget
      funnelcli goal funnel.yaml --goal "profit >= 0" --given "Better scripts"
      funnelcli goal funnel.yaml --goal "cost_per@Paid <= 100"

    Levers: entries, each conversion, average check, budget, and one common
    lift of all conversions. One that would need a rate above 100% is "not
    reachable" alone, with the best that it can do.
    """
    texts = [
        text if metric is None else f"{metric} >= {text.strip()}"
        for metric, text in (("revenue", revenue), ("profit", profit), ("sales", sales), (None, goal))
        if text is not None
    ]
    if len(texts) != 1:
        what = "several goals are given" if texts else "no goal is given"
        raise console.Refused(what, "give one of --sales, --revenue, --profit and --goal 'SELECTOR >= VALUE'")
    asked = [] if given is None else [given]
    run.report("goal", request, lambda funnel: _analyse(funnel, texts[0], vary or [], given), "goal", asked)


def _analyse(funnel: Funnel, text: str, vary: list[str], given: str | None) -> Any:
    wanted = _goal(text, funnel)
    if isinstance(wanted, Problem):
        return wanted
    if given is not None:
        scenario = find_scenario(funnel, given)
        changed = scenario if isinstance(scenario, Problem) else apply(funnel, scenario.changes)
        if isinstance(scenario, Problem) or isinstance(changed, Problem):
            return changed
        funnel, given = changed, scenario.name
    levers = []
    for each in vary:
        lever = _lever(each, funnel, stage_of(funnel, wanted.selector))
        if isinstance(lever, Problem):
            return lever
        levers.append(lever)
    return goal_seek(funnel, wanted, levers or None, given)


def _goal(text: str, funnel: Funnel) -> Check | Problem:
    """A goal has the form of a check."""
    wanted = changes.check(text, funnel.names, funnel.currency)
    if isinstance(wanted, Problem) and wanted.message.endswith("is not a check"):
        return Problem(wanted.code, f"{quoted(text)} is not a goal", "write SELECTOR >= VALUE, e.g. profit >= 0")
    return wanted


def _lever(text: str, funnel: Funnel, towards: int | None) -> Lever | Problem:
    """A lever by its selector, for a goal at a stage."""
    known = {lever.name: lever for lever in levers_of(funnel, towards)}
    if text.strip() in known:
        return known[text.strip()]
    if text.strip() == ALL_CONVERSIONS:
        return Problem("FN118", f"{quoted(funnel.name)} has no conversion to lift", "vary another lever, e.g. entries")
    selector = parse_changeable(text, funnel.names)
    return selector if isinstance(selector, Problem) else lever_of(funnel, selector)
