"""`funnelcli compare`."""

from typing import Annotated

import typer

from funnelcli.analyses.compared_segments import compare_funnels, compare_segments, labels
from funnelcli.cli import console, destination, load, run
from funnelcli.cli.request import CONFIDENCE, By, Confidence, Request, on_funnels
from funnelcli.diagnostics import Problem


@on_funnels
def command(
    request: Request,
    by: By = None,
    pair: Annotated[
        tuple[str, str] | None, typer.Option("--pair", metavar="A B", help="With --by: these two segments.")
    ] = None,
    common: Annotated[bool, typer.Option("--common", help="Compare the stages that all funnels have.")] = False,
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Compare funnels: what differs, how sure that is, and what moved revenue."""
    target = destination.of_table(request)
    if pair is not None and by is None:
        raise console.Refused("--pair needs --by", "name the dimension, e.g. --by period")
    if common and by is not None:
        what = "--common is of several funnels, and --by compares the segments of one, whose stages are the same"
        raise console.Refused(what, "leave out one of the two")
    funnels = load.some(request)
    if by is None and len(funnels) == 1:
        if console.code is console.ExitCode.NO:
            raise console.Leave  # the other one is invalid, which is said
        raise console.Refused("there is one funnel, and nothing to compare it with", "name two, or --by")
    if by is None:
        outcomes = [compare_funnels(funnels, labels(funnels), confidence, common)]
    else:
        if len(funnels) > 1:
            console.note(
                f"each funnel by itself, its segments of {by} against each other; to hold one segment against the same "
                f"one of another funnel: --segment {by}=NAME in place of --by"
            )
        outcomes = [compare_segments(funnel, by, confidence, common, pair) for funnel in funnels]
    reports = []
    for outcome in outcomes:
        if isinstance(outcome, Problem):
            if outcome.code == "FN114":
                how = f"choose two with --pair, or see all of them with show --by {by}"
                outcome = outcome._replace(help=(outcome.help or "").replace("choose two", how))
            console.problem(outcome)
        else:
            reports.append(outcome)
    if reports:
        members = {
            "comparisons": [each for report in reports for each in report.comparisons],
            "successive": [report.successive for report in reports if report.successive is not None],
        }
        run.write("compare", target, reports, "comparison", members)
        run.follow(target, reports, "comparison", request)
