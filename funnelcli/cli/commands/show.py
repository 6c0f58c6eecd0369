"""`funnelcli show`."""

from typing import Annotated

from funnelcli.analyses.conversion import convert
from funnelcli.cli import console, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import CONFIDENCE, Confidence, GivenOften, Request, Sort, Top, on_funnels, option

MOST_COLUMNS = 12
"""Segments across that a person is shown unless more are asked for."""


@on_funnels
def command(
    request: Request,
    by: Annotated[
        GivenOften,
        option(
            "DIMENSION", "By the segments of a breakdown, e.g. channel; twice, by two at once.", candidates.dimensions
        ),
    ] = None,
    top: Top = None,
    sort: Sort = "file",
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Show the conversion table of each funnel."""
    dimensions = by or []
    if len(dimensions) > 2:
        raise console.Refused("a table has two dimensions, and three are given", "leave out one --by, or use --segment")
    most = run.most_segments(by[0] if by else None, sort, top, request)
    if not dimensions:
        run.report("show", request, lambda funnel: convert(funnel, confidence), "conversion")
        return
    if len(dimensions) == 2:
        from funnelcli.analyses.crosstab import cross

        down, across = dimensions
        wide = most if top is not None or most is None else MOST_COLUMNS
        run.report(
            "show", request, lambda each: cross(each, (down, across), confidence, sort, (most, wide)), "crosstab"
        )
        return
    from funnelcli.analyses.segments import break_down

    run.report("show", request, lambda funnel: break_down(funnel, dimensions[0], confidence, sort, most), "segments")
