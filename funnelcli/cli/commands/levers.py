"""`funnelcli levers`."""

import math
from typing import Annotated, Any

from funnelcli.analyses.sensitivity import pull
from funnelcli.analyses.sweep import MOST_POINTS, sweep
from funnelcli.cli import console, run
from funnelcli.cli.request import Given, GivenOften, Request, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.sweeps import axis, effort
from funnelcli.metrics import parse_selector
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request,
    by: Annotated[
        str,
        option(
            "EFFORT",
            "The effort at every lever: +10%, +1pp (rates only), or cost: +10% ranked by profit per money spent.",
        ),
    ] = "+10%",
    sweeps: Annotated[
        GivenOften,
        option(
            "SELECTOR=LOW..HIGH",
            "A curve over a range instead; /10 at its end for ten values, :5pp for steps. Twice for a grid.",
            name="--sweep",
        ),
    ] = None,
    metric: Annotated[Given, option("SELECTOR", "With --sweep: the figure to show, e.g. revenue.")] = None,
) -> None:
    """Show what the same effort brings at every lever, and three strategies side by side."""
    work = effort(by)
    if isinstance(work, Problem):
        raise console.Refused(work.message, work.help or "")
    if metric is not None and not sweeps:
        raise console.Refused("--metric goes with --sweep", "add --sweep SELECTOR=LOW..HIGH")
    if sweeps and len(sweeps) > 2:
        raise console.Refused("a sweep has one or two levers", "give --sweep once or twice")
    if sweeps:
        run.report("levers", request, lambda funnel: _swept(funnel, sweeps, metric), "sweep")
    else:
        run.report("levers", request, lambda funnel: pull(funnel, work), "levers")


def _swept(funnel: Funnel, sweeps: list[str], metric: str | None) -> Any:
    axes = [needed(axis(text, funnel)) for text in sweeps]
    points = math.prod(len(each.values) for each in axes)
    if points > MOST_POINTS:
        return Problem("FN116", f"a grid of {points:,} points is too large", f"at most {MOST_POINTS:,} are drawn")
    return sweep(funnel, axes, None if metric is None else needed(parse_selector(metric, funnel.names)))
