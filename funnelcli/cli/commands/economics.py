"""`funnelcli economics`."""

from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.cli import run
from funnelcli.cli.request import By, Request, on_funnels


@on_funnels
def command(request: Request, by: By = None) -> None:
    """Show what each costs and brings, whether the funnel pays, and what it would take."""
    run.report("economics", request, lambda funnel: unit_economics(funnel, by), "economics")
