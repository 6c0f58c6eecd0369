"""`funnelcli show`."""

from funnelcli.analyses.conversion import convert
from funnelcli.cli import console, load
from funnelcli.cli.options import By, Confidence, Request, Sort, Top, on_funnels
from funnelcli.cli.parameters import confidence_level


@on_funnels
def command(
    request: Request, by: By = None, top: Top = None, sort: Sort = "file", confidence: Confidence = "95%"
) -> int:
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
    level = confidence_level(confidence)
    if by is None and (top is not None or sort != "file"):
        return console.refuse("--top and --sort need --by", "name the dimension, e.g. --by channel", request)
    if by is None:
        return load.run("show", request, lambda funnel: convert(funnel, level), "conversion")
    from funnelcli.analyses.segments import break_down

    top = load.most_segments(top, request)
    return load.run("show", request, lambda funnel: break_down(funnel, by, level, sort, top), "segments")
