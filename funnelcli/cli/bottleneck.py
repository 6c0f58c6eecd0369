"""`funnelcli bottleneck`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.reference import counterpart
from funnelcli.cli import completion, session, streams
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import Confidence, Request, on_funnels
from funnelcli.cli.parameters import confidence_level
from funnelcli.diagnostics import Problem
from funnelcli.model import Funnel

Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Hold each step against this file's conversions, not the targets.",
        autocompletion=completion.files,
    ),
]


@on_funnels
def command(request: Request, baseline: Baseline = None, confidence: Confidence = "95%") -> int:
    """Find the step that holds each funnel back.

    \b
    Examples:
      funnelcli bottleneck funnel.yaml
      funnelcli bottleneck october.yaml --baseline september.yaml
      funnelcli bottleneck funnels/*.yaml --format json

    With targets (or a baseline) steps rank by headroom: what closing the gap
    would bring. Without, they rank by conversion. A verdict is given only when
    the chance that it is right is at least 80%; otherwise the tie is named.
    """
    level = confidence_level(confidence)
    if baseline is None:
        return session.run("bottleneck", request, lambda funnel: find_bottleneck(funnel, None, level), "bottleneck")
    if baseline == "-" and "-" in (request.files or ()):
        return streams.refuse("standard input can be read once", "name a file for one of the two", request)
    request = request._replace(also_reads=(baseline,))
    references, code = session.load(Request(files=[baseline], color=request.color))
    if not references:
        session.load(request)  # what is wrong with the files themselves is said in the same run
        return max(code, ExitCode.COULD_NOT_LOOK)

    def analyse(funnel: Funnel) -> Any:
        reference = counterpart(funnel, references)
        return reference if isinstance(reference, Problem) else find_bottleneck(funnel, reference, level)

    return max(code, session.run("bottleneck", request, analyse, "bottleneck"))
