"""`funnelcli bottleneck`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.bottleneck import bottleneck_by, find_bottleneck
from funnelcli.analyses.reference import best_segment, counterpart
from funnelcli.cli import console, load
from funnelcli.cli.completion import candidates
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import By, Confidence, Request, Sort, Top, on_funnels
from funnelcli.cli.parameters import confidence_level
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
    confidence: Confidence = "95%",
) -> int:
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
    level = confidence_level(confidence)
    if by is None and (top is not None or sort != "file"):
        return console.refuse("--top and --sort need --by", "name the dimension, e.g. --by channel", request)
    top = load.most_segments(top, request)
    dimension = _best_of(against)
    if dimension and baseline is not None:
        return console.refuse("--baseline and --against exclude each other", "name one reference", request)

    def analyse(funnel: Funnel, baseline: Funnel | None = None) -> Any:
        reference = best_segment(funnel, dimension, level) if dimension else None
        if isinstance(reference, Problem):
            return reference
        if by is not None:
            return bottleneck_by(funnel, by, baseline, level, reference, sort, top)
        return find_bottleneck(funnel, baseline, level, reference)

    if baseline is None:
        return load.run("bottleneck", request, analyse, "bottleneck")
    if baseline == "-" and "-" in (request.files or ()):
        return console.refuse("standard input can be read once", "name a file for one of the two", request)
    request = request._replace(also_reads=(baseline,))
    references, code = load.load(Request(files=[baseline], color=request.color))
    if not references:
        load.load(request)  # what is wrong with the files themselves is said in the same run
        return max(code, ExitCode.COULD_NOT_LOOK)

    def analyse_against(funnel: Funnel) -> Any:
        known = counterpart(funnel, references)
        return known if isinstance(known, Problem) else analyse(funnel, known)

    return max(code, load.run("bottleneck", request, analyse_against, "bottleneck"))


def _best_of(against: str | None) -> str | None:
    """The dimension of `best:DIMENSION`; raises a usage error for another form."""
    if against is None:
        return None
    word, colon, dimension = against.partition(":")
    if word.strip() != "best" or not colon or not dimension.strip():
        raise typer.BadParameter(f"{against} is not understood; write best:channel.", param_hint="--against")
    return dimension.strip()
