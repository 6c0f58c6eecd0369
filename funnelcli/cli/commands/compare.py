"""`funnelcli compare`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from funnelcli.analyses.compared_segments import compare_funnels, compare_periods, compare_segments, labels
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.cli import console, destination, load, run
from funnelcli.cli.destination import Destination
from funnelcli.cli.request import CONFIDENCE, By, Confidence, Given, Request, on_funnels, option
from funnelcli.diagnostics import Problem


@on_funnels
def command(
    request: Request,
    by: By = None,
    pair: Annotated[
        tuple[str, str] | None, typer.Option("--pair", metavar="A B", help="With --by: these two segments.")
    ] = None,
    common: Annotated[bool, typer.Option("--common", help="Compare the stages that all funnels have.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Compare the versions of a file in git, each a period.")
    ] = False,
    since: Annotated[Given, option("DAY|REV", "With --history: only from this day on, or since this revision.")] = None,
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Compare funnels: what differs, how sure that is, and what moved revenue."""
    target = destination.of_table(request)
    if pair is not None and by is None and not history:
        raise console.Refused("--pair needs --by", "name the dimension, e.g. --by period")
    if since is not None and not history:
        raise console.Refused("--since is of --history", "add --history, or leave it out")
    if history:
        if by is not None:
            what = "--history compares the versions of a file, and --by the segments of one"
            raise console.Refused(
                what, "leave out one of the two; --history --segment DIMENSION=SEGMENT is of a segment"
            )
        _write(target, _of_history(request, since, confidence, common, pair), request)
        return
    if common and by is not None:
        what = "--common is of several funnels, and --by compares the segments of one, whose stages are the same"
        raise console.Refused(what, "leave out one of the two")
    funnels = load.some(request)
    if by is None and len(funnels) == 1:
        if console.code:
            raise console.Leave  # what is wrong with the other one is said
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
    _write(target, outcomes, request, by)


def _of_history(
    request: Request, since: str | None, confidence: float, common: bool, pair: tuple[str, str] | None
) -> list[ComparisonReport | Problem]:
    """The periods of each funnel of the files, by their commits; what is said of how they were told."""
    from funnelcli.cli import history

    if request.stage or not request.files or "-" in request.files:
        raise console.Refused("--history is of files in git", "name a FILE")
    segments = load.segments_asked(request)
    outcomes = []
    for file in request.files:
        for funnel in history.periods(file, since, request.funnel, segments, common=common):
            for note in funnel.notes:
                console.note(note)
            periods = funnel.periods.funnels
            if len(periods) < 2:
                what = f"{funnel.name} of {file} has one period in its history, {periods[0].period}"
                console.error(what, f"there is nothing to compare it with{'' if since is None else '; move --since'}")
                continue
            places = None if pair is None else history.places_of(periods, pair)
            outcome = compare_periods(periods, confidence, common, places)
            outcomes.append(outcome if isinstance(outcome, Problem) else outcome._replace(file=file))
    return outcomes


def _write(
    target: Destination, outcomes: Sequence[ComparisonReport | Problem], request: Request, by: str | None = None
) -> None:
    """What came of the comparisons: reports, and what is wrong."""
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
