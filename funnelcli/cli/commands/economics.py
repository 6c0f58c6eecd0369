"""`funnelcli economics`."""

from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.cli import run
from funnelcli.cli.options import By
from funnelcli.cli.request import Request, on_funnels


@on_funnels
def command(request: Request, by: By = None) -> None:
    """Show what a unit costs and brings, whether the funnel pays, and what it would take.

    \b
    Examples:
      funnelcli economics funnel.yaml
      funnelcli economics funnel.yaml --by channel
      funnelcli economics funnels/*.yaml --format csv

    CPM, CPC, CPL and CAC by the roles of the stages, ROAS, ROMI, profit, unit
    margin, lifetime value, and the break-even value of each lever alone.
    """
    run.report("economics", request, lambda funnel: unit_economics(funnel, by), "economics")
