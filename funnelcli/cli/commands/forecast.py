"""`funnelcli forecast`."""

from typing import Any

from funnelcli.analyses.forecast import METRICS
from funnelcli.analyses.forecast import forecast as forecast_funnel
from funnelcli.analyses.simulation import DEFAULT_DRAWS, DEFAULT_SEED
from funnelcli.cli import run
from funnelcli.cli.chances import Draws, GoalText, Seed, goal_of, progress
from funnelcli.cli.request import By, Request, on_funnels
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request, goal: GoalText = None, by: By = None, draws: Draws = DEFAULT_DRAWS, seed: Seed = DEFAULT_SEED
) -> None:
    """Forecast what the units that sit in the stages now will bring, and when."""

    def analyse(funnel: Funnel) -> Any:
        return forecast_funnel(funnel, by, goal_of(goal, funnel, METRICS), draws, seed, progress())

    run.report("forecast", request, analyse, "forecast", uncounted=True)
