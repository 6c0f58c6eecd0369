"""`funnelcli compare`."""

import os
from typing import Annotated

import typer

from funnelcli.analyses.comparison import compare
from funnelcli.analyses.periods import in_time, is_time, understood
from funnelcli.analyses.segments import find_breakdown, segment_funnel
from funnelcli.cli import console, load
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import By, Confidence, Request, on_funnels
from funnelcli.cli.parameters import confidence_level
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.metrics import find_name
from funnelcli.model import Funnel
from funnelcli.output.formats import render

MOST_COMPARED = 100
"""Segments up to which each is held against the first."""
Pair = Annotated[
    tuple[str, str] | None,
    typer.Option("--pair", metavar="A B", help="With --by: these two segments.", show_default=False),
]
Common = Annotated[bool, typer.Option("--common", help="Compare the stages that all funnels have.")]


@on_funnels
def command(
    request: Request, by: By = None, pair: Pair = None, common: Common = False, confidence: Confidence = "95%"
) -> int:
    """Compare funnels: what differs, how sure that is, and what moved revenue.

    \b
    Examples:
      funnelcli compare september.yaml october.yaml
      funnelcli compare year.yaml --by period --pair 2026-09 2026-10
      funnelcli compare funnel.yaml --by manager
      funnelcli compare a.yaml b.yaml c.yaml

    Funnels may be files, documents of one file, or segments of a breakdown; with
    --by period, the last segment is held against the first. More than two are
    each held against the first.
    """
    level = confidence_level(confidence)
    refusal = console.unsafe_output(request) or console.unfitting_ending(request)
    if refusal:
        return console.refuse(*refusal, request)
    if pair is not None and by is None:
        return console.refuse("--pair needs --by", "name the dimension, e.g. --by period", request)
    funnels, code = load.load(request)
    if not funnels:
        return max(code, ExitCode.COULD_NOT_LOOK) if code is not ExitCode.NO else code
    if by is None and len(funnels) < 2:
        if code is ExitCode.NO:
            return code  # the other one is invalid, which is said
        return console.refuse("there is one funnel, and nothing to compare it with", "name two, or --by", request)
    groups = [_segments(funnel, by, pair) for funnel in funnels] if by is not None else [funnels]
    reports = []
    for group, funnel in zip(groups, funnels, strict=False):
        outcome = group if isinstance(group, Problem) else compare(group, _labels(group, by), level, common)
        if isinstance(outcome, Problem):
            console.complain(outcome, request)
            code = max(code, ExitCode.COULD_NOT_LOOK)
        else:
            order = _file_order(funnel, by) if by is not None and pair is None else None
            reports.append(outcome._replace(in_file_order=order))
    if not reports:
        return code
    members = {"comparisons": [each for report in reports for each in report.comparisons]}
    text = render(load.format_name(request), "compare", reports, "comparison", console.canvas(request), members)
    return max(code, console.deliver(text, request))


def _segments(funnel: Funnel, by: str, pair: tuple[str, str] | None) -> list[Funnel] | Problem:
    """The segments to compare: the pair that was named, the first and the last period, or all of them."""
    breakdown = find_breakdown(funnel, by)
    if isinstance(breakdown, Problem):
        return breakdown
    segments = in_time(breakdown)
    names = [segment.name for segment in segments]
    if len(segments) < 2:
        return Problem(
            "FN102", f"{quoted(breakdown.dimension)} has one segment, and nothing to compare it with", "add another"
        )
    if pair is not None:
        chosen = []
        for name in pair:
            index = find_name(name, names)
            if index is None:
                cure = did_you_mean(name, names)
                return Problem("FN102", f"{quoted(breakdown.dimension)} has no segment {quoted(name)}", cure)
            chosen.append(segments[index])
        segments = tuple(chosen)
    elif is_time(breakdown.dimension):
        segments = (segments[0], segments[-1])
    elif len(segments) > MOST_COMPARED:
        return Problem(
            "FN114",
            f"{quoted(breakdown.dimension)} has {len(segments):,} segments, too many to compare one by one",
            f"choose two with --pair, or see all of them with show --by {breakdown.dimension}",
        )
    return [segment_funnel(funnel, segment) for segment in segments]


def _file_order(funnel: Funnel, by: str) -> str | None:
    """The dimension of time whose names do not say which segment is earlier."""
    breakdown = find_breakdown(funnel, by)
    if isinstance(breakdown, Problem) or not is_time(breakdown.dimension) or understood(breakdown):
        return None
    return breakdown.dimension


def _labels(funnels: list[Funnel], by: str | None) -> list[str]:
    """What the funnels are called: names, and where these are the same, periods or files beside them."""
    names = [funnel.name for funnel in funnels]
    if by is not None or len(set(names)) == len(names):
        return names
    for more in (
        [funnel.period for funnel in funnels],
        [os.path.splitext(os.path.basename(funnel.file or ""))[0] for funnel in funnels],
        [funnel.file for funnel in funnels],
        [f"{funnel.file}, document {funnel.document}" for funnel in funnels],
    ):
        if all(more) and len(set(more)) == len(more):
            alike = len(set(names)) == 1
            pairs = zip(names, more, strict=True)
            return [str(own) if alike or name == own else f"{name}, {own}" for name, own in pairs]
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]
