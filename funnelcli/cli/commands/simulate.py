"""`funnelcli simulate`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.scenario import find_scenario
from funnelcli.analyses.simulation import METRICS
from funnelcli.analyses.simulation import simulate as simulate_funnel
from funnelcli.cli import console, run
from funnelcli.cli.chances import Draws, GoalText, Profit, Revenue, Sales, Seed, goal_of, one_goal, progress
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import SCENARIO, Given, Request, Sets, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.funnel_file.changes import parse_set
from funnelcli.model import Funnel
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED
from funnelcli.what_if import Scenario


@on_funnels
def command(
    request: Request,
    scenario: Annotated[Given, option("NAME", f"{SCENARIO}.", candidates.scenario_names)] = None,
    sets: Sets = None,
    goal: GoalText = None,
    revenue: Revenue = None,
    profit: Profit = None,
    sales: Sales = None,
    expected: Annotated[
        bool, typer.Option("--expected", help="The mean of many such periods, without the luck of the next one.")
    ] = False,
    next_period: Annotated[
        bool, typer.Option("--next-period", help="The next period, with its luck: the default.")
    ] = False,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Show how far the next period's sales, revenue and profit may vary, given what the counts tell."""
    if expected and next_period:
        raise console.Refused("--expected and --next-period are given", "give one of them: they exclude each other")
    limit = one_goal(goal, sales=sales, revenue=revenue, profit=profit)

    def analyse(funnel: Funnel) -> Any:
        changed = _changed(funnel, scenario, sets or [])
        wanted = goal_of(limit, funnel, METRICS)
        return simulate_funnel(funnel, changed, wanted, draws, seed, not expected, progress())

    run.report("simulate", request, analyse, "simulation", [] if scenario is None else [scenario])


def _changed(funnel: Funnel, name: str | None, sets: list[str]) -> Scenario | None:
    """The changes of the scenario and those of one's own, as one; `None` where there are none."""
    own = tuple(needed(parse_set(text, funnel)) for text in sets)
    if name is None:
        return Scenario(", ".join(sets), own) if own else None
    chosen = needed(find_scenario(funnel, name))
    return Scenario(", ".join((chosen.name, *sets)), (*chosen.changes, *own)) if own else chosen
