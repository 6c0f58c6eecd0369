"""`funnelcli show`."""

from funnelcli.analyses.conversion import convert
from funnelcli.cli import session
from funnelcli.cli.options import Confidence, Request, on_funnels
from funnelcli.cli.parameters import confidence_level


@on_funnels
def command(request: Request, confidence: Confidence = "95%") -> int:
    """Show the conversion table of each funnel.

    \b
    Examples:
      funnelcli show funnel.yaml
      funnelcli show funnels/*.yaml --funnel Invoices
      funnelcli show --stage Visitors=200 --stage Calls=4 --stage Sales=1
      cat funnel.yaml | funnelcli show - --format json

    Count, step conversion with its Wilson interval, overall conversion and
    1:N, drop-off, share of all losses, and revenue where there is money.
    """
    level = confidence_level(confidence)
    return session.run("show", request, lambda funnel: convert(funnel, level), "conversion")
