"""`funnelcli goal`."""

from typing import Annotated, Any, NamedTuple

from funnelcli.analyses.chances import Start
from funnelcli.analyses.fewer_stages import OVERALL, hidden, judged
from funnelcli.analyses.goal_from_now import from_now
from funnelcli.analyses.goal_seek import goal_seek, stage_of
from funnelcli.analyses.levers import ALL_CONVERSIONS, Lever, lever_of, levers_of
from funnelcli.analyses.projection import apply, projected
from funnelcli.analyses.scenario import find_scenario
from funnelcli.cli import console, run
from funnelcli.cli.chances import GoalText, Profit, Revenue, Sales, one_goal
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import AT, SCENARIO, Given, GivenOften, Request, on_funnels, option, share_of
from funnelcli.cli.run import needed
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact
from funnelcli.funnel_file import changes
from funnelcli.funnel_file.scalars import figure
from funnelcli.metrics import Kind, parse_changeable
from funnelcli.model import Funnel
from funnelcli.what_if import Change


@on_funnels
def command(
    request: Request,
    revenue: Revenue = None,
    profit: Profit = None,
    sales: Sales = None,
    goal: GoalText = None,
    vary: Annotated[
        GivenOften,
        option(
            "SELECTOR", "Only this lever, e.g. entries, conversion@Paid, or conversions for all at once (repeatable)."
        ),
    ] = None,
    chance: Annotated[
        Given,
        option("RATE", "Reach it with this chance in the next period, e.g. 80%; default: on average. Of a test: 80%."),
    ] = None,
    detect: Annotated[
        Given,
        option("CHANGE", "Plan a test instead: how many it takes to find this change of a rate, e.g. +10%, +2pp."),
    ] = None,
    at: Annotated[Given, option("STAGE", f"{AT}; of a test.", candidates.step_names)] = None,
    per_week: Annotated[
        Given,
        option("COUNT", "Of a test: how many come in a week to the stage before --at, in both groups together."),
    ] = None,
    weeks: Annotated[Given, option("NUMBER", "Of a test: what so many weeks can find.")] = None,
    scenario: Annotated[Given, option("NAME", f"{SCENARIO}.", candidates.scenario_names)] = None,
) -> None:
    """Find what each lever alone must be to reach a goal, and the counts it takes stage by stage; or plan a test."""
    aim = one_goal(goal, sales=sales, revenue=revenue, profit=profit)
    likely = None if chance is None else share_of(chance, "--chance")
    asked = [] if scenario is None else [scenario]
    if not (detect is at is per_week is weeks is None):
        _planned(request, _Test(detect, at, per_week, weeks, likely, scenario), bool(aim or vary), asked)
        return
    if aim is None:
        raise console.Refused(
            "no goal is given", "give one of --sales, --revenue, --profit and --goal 'SELECTOR >= VALUE'"
        )
    run.report("goal", request, lambda funnel: _analyse(funnel, aim, vary or [], scenario, likely), "goal", asked)


def _analyse(funnel: Funnel, text: str, vary: list[str], given: str | None, chance: float | None) -> Any:
    wanted = needed(changes.goal(text, funnel.names, funnel.currency))
    needed(hidden(funnel, wanted.selector))
    start, funnel, given = _started(funnel, given)
    wanted = needed(from_now(funnel, wanted))
    levers = [needed(_lever(each, funnel, stage_of(judged(funnel), wanted.selector))) for each in vary]
    return goal_seek(funnel, wanted, levers or None, given, chance, start)


def _started(funnel: Funnel, given: str | None) -> tuple[Start, Funnel, str | None]:
    """What is started from, the funnel there, and the name of the scenario, where one is given."""
    if given is None:
        return Start(funnel), funnel, None
    scenario = needed(find_scenario(funnel, given))
    return Start(funnel, scenario.changes), needed(apply(funnel, scenario.changes)), scenario.name


class _Test(NamedTuple):
    """What is asked of a test, as it is written, and the chance to find what is there."""

    detect: str | None
    at: str | None
    per_week: str | None
    weeks: str | None
    power: float | None
    given: str | None


def _planned(request: Request, test: _Test, has_goal: bool, asked: list[str]) -> None:
    """The report of a test that is planned."""
    if has_goal:
        raise console.Refused("a goal and a test do not go together", "ask for one at a time")
    if test.at is None:
        raise console.Refused("a test needs a stage", "name the one whose conversion changes, e.g. --at Paid")
    if test.detect is None and test.per_week is None and test.weeks is None:
        raise console.Refused("nothing is to be found", "give a change, --detect +10%, or a time, --weeks 4")
    if test.weeks is not None and test.per_week is None:
        raise console.Refused("--weeks needs --per-week", "give how many come in a week, e.g. --per-week 800")
    run.report("goal", request, lambda funnel: _test_of(funnel, test), "experiment", asked)


def _test_of(funnel: Funnel, test: _Test) -> Any:
    from funnelcli.analyses.experiment import Traffic, plan_test
    from funnelcli.stats.power import POWER

    selector = needed(parse_changeable(f"conversion@{test.at}", funnel.names))
    change = None if test.detect is None else needed(changes.change(test.detect.strip(), selector.metric))
    traffic = Traffic(_above_0(test.per_week, "count"), _above_0(test.weeks, "number"))
    _, funnel, given = _started(funnel, test.given)
    return plan_test(funnel, selector, change, traffic, POWER if test.power is None else test.power, given)


def _above_0(text: str | None, kind: Kind) -> Exact | None:
    """A number that is typed, which 0 does not do for."""
    if text is None:
        return None
    value = figure(text.strip(), kind)
    if isinstance(value, Problem):
        raise run.Unfit(value)
    if value <= 0:
        raise run.Unfit(Problem("FN103", f"{quoted(text)} is no number above 0", "write one, e.g. 800"))
    return value


def _lever(text: str, funnel: Funnel, towards: int | None) -> Lever | Problem:
    """A lever by its selector, for a goal at a stage."""
    known = {lever.name: lever for lever in levers_of(funnel, towards)}
    if text.strip() in known:
        return known[text.strip()]
    if text.strip() == ALL_CONVERSIONS:
        return Problem(
            "FN118",
            f"{quoted(funnel.name)} has no conversion to lift",
            f"vary another lever, e.g. {OVERALL if OVERALL in known else 'entries'}",
        )
    selector = parse_changeable(text, funnel.names)
    if isinstance(selector, Problem):
        return selector
    whole = projected(funnel, [(selector, Change(1, 0, "x1"))]) if selector.metric.name == OVERALL else None
    problem = whole if isinstance(whole, Problem) else hidden(funnel, selector)
    return problem or lever_of(judged(funnel), selector)
