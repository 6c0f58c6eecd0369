"""`funnelcli levers`."""

import math
from typing import Annotated, Any, Literal

import typer

from funnelcli.analyses.sensitivity import Effort, pull, pull_by
from funnelcli.analyses.sweep import MOST_POINTS, sweep
from funnelcli.cli import console, run
from funnelcli.cli.request import By, Given, GivenOften, Request, Top, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file.sweeps import axis, effort
from funnelcli.metrics import parse_selector
from funnelcli.model import Funnel


@on_funnels
def command(
    request: Request,
    given_effort: Annotated[
        str, option("EFFORT", "The effort at every lever: +10%, or +1pp (rates only).", name="--effort")
    ] = "+10%",
    rank: Annotated[
        Literal["gain", "cost"],
        typer.Option("--rank", help="The best first: by what it brings, or by profit for the money spent."),
    ] = "gain",
    by: By = None,
    top: Top = None,
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
    if by is not None and by.strip()[:1] in ("+", "-"):
        raise console.Refused(f"{quoted(by)} is an effort, and --by names a dimension", f"write --effort {by.strip()}")
    work = effort(given_effort)
    if isinstance(work, Problem):
        raise console.Refused(work.message, work.help or "")
    work = work._replace(rank=rank)
    if top is not None and by is None:
        raise console.Refused("--top needs --by", "name the dimension, e.g. --by channel")
    if by is not None and sweeps:
        raise console.Refused("--by and --sweep do not go together", "leave out one of them")
    if metric is not None and not sweeps:
        raise console.Refused("--metric goes with --sweep", "add --sweep SELECTOR=LOW..HIGH")
    if sweeps and len(sweeps) > 2:
        raise console.Refused("a sweep has one or two levers", "give --sweep once or twice")
    if sweeps:
        run.report("levers", request, lambda funnel: _swept(funnel, sweeps, metric), "sweep")
    elif by is not None:
        most = run.most_segments(by, "file", top, request)
        run.report("levers", request, lambda funnel: _by(funnel, by, work, most), "segment_levers")
    else:
        run.report("levers", request, lambda funnel: pull(funnel, work), "levers")


def _by(funnel: Funnel, dimension: str, work: Effort, top: int | None) -> Any:
    outcome = pull_by(funnel, dimension, work, top)
    if isinstance(outcome, Problem) and dimension == "cost":  # which ranked, before dimensions had the name
        return outcome._replace(help="rank by cost with --rank cost")
    return outcome


def _swept(funnel: Funnel, sweeps: list[str], metric: str | None) -> Any:
    axes = [needed(axis(text, funnel)) for text in sweeps]
    points = math.prod(len(each.values) for each in axes)
    if points > MOST_POINTS:
        return Problem("FN116", f"a grid of {points:,} points is too large", f"at most {MOST_POINTS:,} are drawn")
    return sweep(funnel, axes, None if metric is None else needed(parse_selector(metric, funnel.names)))
