"""`funnelcli bottleneck`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.bottleneck import against_best, bottleneck_by, find_bottleneck
from funnelcli.analyses.reference import counterpart
from funnelcli.cli import console, load, run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import BASELINE, CONFIDENCE, By, Confidence, Given, Request, Sort, Top, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request,
    by: By = None,
    top: Top = None,
    sort: Sort = "file",
    baseline: Annotated[
        Given, option("FILE", f"{BASELINE}: each step, in place of its target.", candidates.files)
    ] = None,
    against: Annotated[
        Given,
        option(
            "best:DIMENSION",
            "Hold each step against the best segment of a dimension, where segments differ by more than chance.",
        ),
    ] = None,
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Find the step that holds each funnel back."""
    top = run.most_segments(by, sort, top, request)
    dimension = _best_of(against)
    if dimension and baseline is not None:
        raise console.Refused("--baseline and --against exclude each other", "name one reference")
    known = load.references(request)
    if baseline is not None and not known:
        load.funnels(request)  # what is wrong with the files themselves is said in the same run
        console.worsen(console.ExitCode.COULD_NOT_LOOK)
        return

    def analyse(funnel: Funnel) -> Any:
        if dimension:
            return against_best(funnel, dimension, by, confidence, sort, top)
        base = needed(counterpart(funnel, known)) if known else None
        if by is not None:
            return bottleneck_by(funnel, by, base, confidence, sort=sort, top=top)
        return find_bottleneck(funnel, base, confidence)

    run.report("bottleneck", request, analyse, "bottleneck")


def _best_of(against: str | None) -> str | None:
    """The dimension of `best:DIMENSION`; raises a usage error for another form."""
    if against is None:
        return None
    word, colon, dimension = against.partition(":")
    if word.strip() != "best" or not colon or not dimension.strip():
        raise typer.BadParameter(f"{against} is not understood; write best:channel.", param_hint="--against")
    return dimension.strip()
