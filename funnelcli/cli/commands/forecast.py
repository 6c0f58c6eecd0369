"""`funnelcli forecast`."""

from funnelcli.analyses.forecast import METRICS, Forecast
from funnelcli.analyses.forecast import forecast as forecast_funnel
from funnelcli.analyses.simulation import DEFAULT_DRAWS, DEFAULT_SEED
from funnelcli.cli import run
from funnelcli.cli.chances import Draws, GoalText, Seed, parse_goal, progress
from funnelcli.cli.options import By
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request,
    goal: GoalText = None,
    by: By = None,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Forecast what the units that sit in the stages now will bring, and when.

    \b
    Examples:
      funnelcli forecast funnel.yaml
      funnelcli forecast funnel.yaml --goal 'revenue >= 400000'
      funnelcli forecast funnel.yaml --by manager
      funnelcli forecast funnel.yaml --format json

    It needs open: at the stages, and for the timing days:. An open unit closes
    with the conversions from its stage to the sale, or with the close_chance of
    the stage.
    """

    def analyse(funnel: Funnel) -> Forecast | Problem:
        wanted = None if goal is None else parse_goal(goal, funnel, METRICS)
        if isinstance(wanted, Problem):
            return wanted
        return forecast_funnel(funnel, by, wanted, draws, seed, progress())

    run.report("forecast", request, analyse, "forecast")
