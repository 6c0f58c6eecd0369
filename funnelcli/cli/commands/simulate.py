"""`funnelcli simulate`."""

from typing import Annotated

import typer

from funnelcli.analyses.scenario import find_scenario
from funnelcli.analyses.simulation import DEFAULT_DRAWS, DEFAULT_SEED, METRICS, Simulation
from funnelcli.analyses.simulation import simulate as simulate_funnel
from funnelcli.cli import run
from funnelcli.cli.chances import Draws, GoalText, Seed, parse_goal, progress
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel

ScenarioName = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="The funnel after this scenario of the file.",
        show_default=False,
        autocompletion=candidates.scenario_names,
    ),
]
NextPeriod = Annotated[
    bool, typer.Option("--next-period", help="Add the luck of the next period: each unit comes, or does not.")
]


@on_funnels
def command(
    request: Request,
    scenario: ScenarioName = None,
    goal: GoalText = None,
    next_period: NextPeriod = False,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Show how far sales, revenue and profit may vary, given what the counts tell.

    \b
    Examples:
      funnelcli simulate funnel.yaml
      funnelcli simulate funnel.yaml --goal 'revenue >= 400000'
      funnelcli simulate funnel.yaml --scenario "Better scripts" --next-period
      funnelcli simulate funnel.yaml --draws 1000000 --seed 7 --format json

    A step's rate varies as its counts leave it open, or within its stated range
    (8% to 12% holds with 90%). Few units, wide results: the last table says which
    step to measure better.
    """

    def analyse(funnel: Funnel) -> Simulation | Problem:
        chosen = None if scenario is None else find_scenario(funnel, scenario)
        if isinstance(chosen, Problem):
            return chosen
        wanted = None if goal is None else parse_goal(goal, funnel, METRICS)
        if isinstance(wanted, Problem):
            return wanted
        return simulate_funnel(funnel, chosen, wanted, draws, seed, next_period, progress())

    run.report("simulate", request, analyse, "simulation", [] if scenario is None else [scenario])
