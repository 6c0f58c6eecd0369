"""`funnelcli levers`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.sensitivity import pull
from funnelcli.analyses.sweep import MOST_POINTS, sweep
from funnelcli.cli import console, run
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.sweeps import axis, effort
from funnelcli.metrics import parse_selector
from funnelcli.model import Funnel

By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="EFFORT",
        help="The effort at every lever: +10%, +1pp (rates only), or cost: +10% ranked by profit per money spent.",
    ),
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="SELECTOR=LOW..HIGH",
        help="A curve over a range instead; /10 at its end for ten values, :5pp for steps. Twice for a grid.",
        show_default=False,
    ),
]
MetricName = Annotated[
    str | None, typer.Option("--metric", metavar="SELECTOR", help="With --sweep: the figure to show, e.g. revenue.")
]


@on_funnels
def command(request: Request, by: By = "+10%", sweeps: Sweeps = None, metric: MetricName = None) -> None:
    """Show what the same effort brings at every lever, and three strategies side by side.

    \b
    Examples:
      funnelcli levers funnel.yaml
      funnelcli levers funnel.yaml --by +1pp
      funnelcli levers funnel.yaml --by cost
      funnelcli levers funnel.yaml --sweep "conversion@Paid=40%..70%"
      funnelcli levers funnel.yaml --sweep "conversion@Paid=40%..70%:5pp"
        --sweep "entries=1000..5000/5" --metric revenue

    --by cost ranks by the profit change for each unit of money that the effort
    of +10% makes the funnel spend on variable costs and budget; levers that
    gain without spending more come first.
    """
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
    axes = []
    for text in sweeps:
        outcome = axis(text, funnel)
        if isinstance(outcome, Problem):
            return outcome
        axes.append(outcome)
    points = 1
    for each in axes:
        points *= len(each.values)
    if points > MOST_POINTS:
        return Problem("FN116", f"a grid of {points:,} points is too large", f"at most {MOST_POINTS:,} are drawn")
    shown = None if metric is None else parse_selector(metric, funnel.names)
    return shown if isinstance(shown, Problem) else sweep(funnel, axes, shown)
