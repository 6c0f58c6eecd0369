"""`funnelcli show`."""

from typing import Annotated, Literal

import typer

from funnelcli.analyses.conversion import convert
from funnelcli.cli import session
from funnelcli.cli.options import By, Confidence, Request, on_funnels
from funnelcli.cli.parameters import confidence_level

MOST_FOR_PEOPLE = 30
"""Segments that a person is shown unless more are asked for."""


Top = Annotated[
    int | None,
    typer.Option(
        "--top",
        min=1,
        metavar="N",
        help=f"With --by: only the first N segments, the rest added up; default: {MOST_FOR_PEOPLE} in tables.",
        show_default=False,
    ),
]
Sort = Annotated[
    Literal["file", "name", "entries", "sales", "conversion", "revenue", "budget", "profit"],
    typer.Option("--sort", help="With --by: the order of the segments, the largest first."),
]


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
    if by is None:
        return session.run("show", request, lambda funnel: convert(funnel, level), "conversion")
    from funnelcli.analyses.segments import break_down

    if top is None and session.format_name(request) in ("table", "markdown"):
        top = MOST_FOR_PEOPLE
    return session.run("show", request, lambda funnel: break_down(funnel, by, level, sort, top), "segments")
