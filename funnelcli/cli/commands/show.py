"""`funnelcli show`."""

from funnelcli.analyses.conversion import convert
from funnelcli.cli import console, run
from funnelcli.cli.options import CONFIDENCE, By, Confidence, Sort, Top
from funnelcli.cli.request import Request, on_funnels


@on_funnels
def command(
    request: Request, by: By = None, top: Top = None, sort: Sort = "file", confidence: Confidence = CONFIDENCE
) -> None:
    """Show the conversion table of each funnel.

    \b
    Examples:
      funnelcli show funnel.yaml
      funnelcli show funnels/*.yaml --funnel Invoices
      funnelcli show funnel.yaml --by channel --sort sales
      funnelcli show --stage Visitors=200 --stage Calls=4 --stage Sales=1
      cat funnel.yaml | funnelcli show - --format json

    Count, step conversion with its Wilson interval, overall conversion and
    1:N, drop-off, share of all losses, and revenue where there is money.
    """
    if by is None:
        if top is not None or sort != "file":
            raise console.Refused("--top and --sort need --by", "name the dimension, e.g. --by channel")
        run.report("show", request, lambda funnel: convert(funnel, confidence), "conversion")
        return
    from funnelcli.analyses.segments import break_down

    top = run.most_segments(top, request)
    run.report("show", request, lambda funnel: break_down(funnel, by, confidence, sort, top), "segments")
