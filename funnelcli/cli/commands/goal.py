"""`funnelcli goal`."""

from typing import Annotated, Any

from funnelcli.analyses.goal_seek import goal_seek, stage_of
from funnelcli.analyses.levers import ALL_CONVERSIONS, Lever, lever_of, levers_of
from funnelcli.analyses.projection import apply
from funnelcli.analyses.scenario import find_scenario
from funnelcli.cli import console, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Given, GivenOften, Request, on_funnels, option, share_of
from funnelcli.cli.run import needed
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import changes
from funnelcli.metrics import parse_changeable
from funnelcli.model import Check, Funnel


@on_funnels
def command(
    request: Request,
    revenue: Annotated[Given, option("MONEY", "Reach this revenue, or more.")] = None,
    profit: Annotated[Given, option("MONEY", "Reach this profit, or more.")] = None,
    sales: Annotated[Given, option("COUNT", "Reach this many sales, or more.")] = None,
    goal: Annotated[
        Given,
        option(
            "CHECK", "Reach a limit on any result, e.g. 'profit >= 0' or 'cost_per@Paid <= 100'.", candidates.limits
        ),
    ] = None,
    vary: Annotated[
        GivenOften,
        option(
            "SELECTOR", "Only this lever, e.g. entries, conversion@Paid, or conversions for all at once (repeatable)."
        ),
    ] = None,
    chance: Annotated[
        Given,
        option("RATE", "Reach it with this chance in the next period, e.g. 80%; default: on average."),
    ] = None,
    given: Annotated[
        Given, option("SCENARIO", "Start from this scenario of the file.", candidates.scenario_names)
    ] = None,
) -> None:
    """Find what each lever alone must be to reach a goal, and the counts it takes stage by stage."""
    texts = [
        text if metric is None else f"{metric} >= {text.strip()}"
        for metric, text in (("revenue", revenue), ("profit", profit), ("sales", sales), (None, goal))
        if text is not None
    ]
    if len(texts) != 1:
        what = "several goals are given" if texts else "no goal is given"
        raise console.Refused(what, "give one of --sales, --revenue, --profit and --goal 'SELECTOR >= VALUE'")
    likely = None if chance is None else share_of(chance, "--chance")
    asked = [] if given is None else [given]
    run.report("goal", request, lambda funnel: _analyse(funnel, texts[0], vary or [], given, likely), "goal", asked)


def _analyse(funnel: Funnel, text: str, vary: list[str], given: str | None, chance: float | None) -> Any:
    wanted = needed(_goal(text, funnel))
    if given is not None:
        scenario = needed(find_scenario(funnel, given))
        funnel, given = needed(apply(funnel, scenario.changes)), scenario.name
    levers = [needed(_lever(each, funnel, stage_of(funnel, wanted.selector))) for each in vary]
    return goal_seek(funnel, wanted, levers or None, given, chance)


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
