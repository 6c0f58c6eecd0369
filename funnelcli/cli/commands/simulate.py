"""`funnelcli simulate`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.scenario import find_scenario
from funnelcli.analyses.simulation import DEFAULT_DRAWS, DEFAULT_SEED, METRICS
from funnelcli.analyses.simulation import simulate as simulate_funnel
from funnelcli.cli import run
from funnelcli.cli.chances import Draws, GoalText, Seed, goal_of, progress
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Given, Request, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request,
    scenario: Annotated[
        Given, option("NAME", "The funnel after this scenario of the file.", candidates.scenario_names)
    ] = None,
    goal: GoalText = None,
    next_period: Annotated[
        bool, typer.Option("--next-period", help="Add the luck of the next period: each unit comes, or does not.")
    ] = False,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Show how far sales, revenue and profit may vary, given what the counts tell."""

    def analyse(funnel: Funnel) -> Any:
        chosen = None if scenario is None else needed(find_scenario(funnel, scenario))
        return simulate_funnel(funnel, chosen, goal_of(goal, funnel, METRICS), draws, seed, next_period, progress())

    run.report("simulate", request, analyse, "simulation", [] if scenario is None else [scenario])
