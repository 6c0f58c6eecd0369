"""`funnelcli bottleneck`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.bottleneck import bottleneck_by, find_bottleneck
from funnelcli.analyses.reference import best_segment, counterpart
from funnelcli.cli import console, load, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.options import CONFIDENCE, By, Confidence, Sort, Top
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel

Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Hold each step against this file's conversions, not the targets.",
        autocompletion=candidates.files,
    ),
]


Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="best:DIMENSION",
        help="Hold each step against the best segment of a dimension, where that is more than luck.",
    ),
]


@on_funnels
def command(
    request: Request,
    by: By = None,
    top: Top = None,
    sort: Sort = "file",
    baseline: Baseline = None,
    against: Against = None,
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Find the step that holds each funnel back.

    \b
    Examples:
      funnelcli bottleneck funnel.yaml
      funnelcli bottleneck october.yaml --baseline september.yaml
      funnelcli bottleneck funnel.yaml --by channel
      funnelcli bottleneck funnel.yaml --against best:manager

    With targets (or a baseline) steps rank by headroom: what closing the gap
    would bring. Without, they rank by conversion. A verdict is given only when
    the chance that it is right is at least 80%; otherwise the tie is named.
    """
    if by is None and (top is not None or sort != "file"):
        raise console.Refused("--top and --sort need --by", "name the dimension, e.g. --by channel")
    top = run.most_segments(top, request)
    dimension = _best_of(against)
    if dimension and baseline is not None:
        raise console.Refused("--baseline and --against exclude each other", "name one reference")
    known = load.references(request)
    if baseline is not None and not known:
        load.funnels(request)  # what is wrong with the files themselves is said in the same run
        console.worsen(console.ExitCode.COULD_NOT_LOOK)
        return

    def analyse(funnel: Funnel) -> Any:
        base = counterpart(funnel, known) if known else None
        best = best_segment(funnel, dimension, confidence) if dimension else None
        if isinstance(base, Problem) or isinstance(best, Problem):
            return base if isinstance(base, Problem) else best
        if by is not None:
            return bottleneck_by(funnel, by, base, confidence, best, sort, top)
        return find_bottleneck(funnel, base, confidence, best)

    run.report("bottleneck", request, analyse, "bottleneck")


def _best_of(against: str | None) -> str | None:
    """The dimension of `best:DIMENSION`; raises a usage error for another form."""
    if against is None:
        return None
    word, colon, dimension = against.partition(":")
    if word.strip() != "best" or not colon or not dimension.strip():
        raise typer.BadParameter(f"{against} is not understood; write best:channel.", param_hint="--against")
    return dimension.strip()
