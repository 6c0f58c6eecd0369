"""`funnelcli show`."""

from typing import Annotated, Any

import typer

from funnelcli.cli import console, destination, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import (
    AT,
    BY,
    CONFIDENCE,
    Confidence,
    Given,
    GivenOften,
    Request,
    Sort,
    Top,
    on_funnels,
    option,
)
from funnelcli.cli.run import needed
from funnelcli.metrics import parse_changeable
from funnelcli.model import Funnel

MOST_COLUMNS = 12
"""Segments across that a person is shown unless more are asked for."""


@on_funnels
def command(
    request: Request,
    by: Annotated[
        GivenOften,
        option("DIMENSION", f"{BY}; twice: by two at once.", candidates.dimensions),
    ] = None,
    at: Annotated[
        Given,
        option("STAGE", f"{AT}; of two dimensions, default: the overall one.", candidates.step_names),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Every column of the tables, and the times and segments that were measured.")
    ] = False,
    top: Top = None,
    sort: Sort = "file",
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Show the conversion table of each funnel."""
    dimensions = by or []
    if len(dimensions) > 2:
        raise console.Refused("a table has two dimensions, and three are given", "leave out one --by, or use --segment")
    if at is not None and len(dimensions) != 2:
        raise console.Refused("--at is of a table of two dimensions", "give --by twice; all else shows every step")
    most = run.most_segments(by[0] if by else None, sort, top, request)
    if not dimensions:
        run.report("show", request, *run.of_show(destination.format_of(request), confidence, full=full))
        return
    if len(dimensions) == 2:
        from funnelcli.analyses.crosstab import cross

        down, across = dimensions
        wide = most if top is not None or most is None else MOST_COLUMNS

        def crossed(funnel: Funnel) -> Any:
            stage = None if at is None else needed(parse_changeable(f"conversion@{at}", funnel.names)).stage
            index = None if stage is None else funnel.index(stage)
            return cross(funnel, (down, across), confidence, sort, (most, wide), index)

        run.report("show", request, crossed, "crosstab")
        return
    from funnelcli.analyses.segments import break_down

    run.report("show", request, lambda funnel: break_down(funnel, dimensions[0], confidence, sort, most), "segments")
