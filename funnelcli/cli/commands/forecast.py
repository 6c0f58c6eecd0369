"""`funnelcli forecast`."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any

from funnelcli.analyses.forecast import METRICS, Horizon, measured_on
from funnelcli.analyses.forecast import forecast as forecast_funnel
from funnelcli.cli import console, run
from funnelcli.cli.chances import Draws, GoalText, Revenue, Sales, Seed, goal_of, one_goal, progress
from funnelcli.cli.request import By, Given, Request, on_funnels, option
from funnelcli.cli.run import Unfit, needed
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import moments
from funnelcli.model import Funnel
from funnelcli.stats.sampling import DEFAULT_DRAWS, DEFAULT_SEED


@on_funnels
def command(
    request: Request,
    within: Annotated[Given, option("DURATION", "What arrives in this time, e.g. 90d or '13 weeks'.")] = None,
    until: Annotated[Given, option("DATE", "What arrives until this date, e.g. 2026-12-31.")] = None,
    goal: GoalText = None,
    revenue: Revenue = None,
    sales: Sales = None,
    by: By = None,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Forecast what the units that sit in the stages now will bring, and when."""
    if within is not None and until is not None:
        raise console.Refused("--within and --until are given", "give one of them: both say how far to look")
    limit = one_goal(goal, sales=sales, revenue=revenue)

    def analyse(funnel: Funnel) -> Any:
        horizon = _horizon(funnel, within, until)
        return forecast_funnel(funnel, by, goal_of(limit, funnel, METRICS), draws, seed, progress(), horizon)

    run.report("forecast", request, analyse, "forecast", uncounted=True)


def _horizon(funnel: Funnel, within: str | None, until: str | None) -> Horizon | None:
    """How far to look: from when the funnel was measured, or else from today."""
    measured = measured_on(funnel)
    if within is not None:
        return Horizon(Fraction(needed(moments.duration(within, plain=False)), 86400), None, measured)
    if until is None:
        return None
    since = date.fromisoformat(measured) if measured else datetime.now(UTC).astimezone().date()
    read = moments.moment(until, plain=False)
    if isinstance(read, Problem):
        meant = moments.day_meant(until)
        later = meant if meant is not None and meant > since else since + timedelta(days=90)
        raise Unfit(read._replace(help=f'write "{later}"'))
    end = moments.moment_of(read).date()
    if end <= since:
        when = f"{since}, up to when the counts tell" if measured else f"today, {since}"
        raise Unfit(Problem("FN103", f"{quoted(until)} is not after {when}", "write a later date"))
    return Horizon((end - since).days, end.isoformat(), since.isoformat())
