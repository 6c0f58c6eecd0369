"""`funnelcli show`."""

from funnelcli.analyses.conversion import convert
from funnelcli.cli import run
from funnelcli.cli.request import CONFIDENCE, By, Confidence, Request, Sort, Top, on_funnels


@on_funnels
def command(
    request: Request, by: By = None, top: Top = None, sort: Sort = "file", confidence: Confidence = CONFIDENCE
) -> None:
    """Show the conversion table of each funnel."""
    most = run.most_segments(by, sort, top, request)
    if by is None:
        run.report("show", request, lambda funnel: convert(funnel, confidence), "conversion")
        return
    from funnelcli.analyses.segments import break_down

    run.report("show", request, lambda funnel: break_down(funnel, by, confidence, sort, most), "segments")
