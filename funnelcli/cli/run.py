"""The way of every report: funnels are loaded and analysed one by one, and the results are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from funnelcli.cli import console, destination, load
from funnelcli.cli.request import MOST_FOR_PEOPLE
from funnelcli.diagnostics import Problem
from funnelcli.output.formats import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from funnelcli.cli.destination import Destination
    from funnelcli.cli.load import Named
    from funnelcli.cli.request import Request
    from funnelcli.model import Funnel


Given = TypeVar("Given")
Made = TypeVar("Made")


class Unfit(console.Leave):
    """What is asked for cannot be asked of a funnel, whose analysis ends here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def needed(outcome: Made | Problem) -> Made:
    """What an analysis cannot go on without; a problem in its place ends the analysis of that funnel."""
    if isinstance(outcome, Problem):
        raise Unfit(outcome)
    return outcome


def report(
    command: str,
    request: Request,
    analyse: Callable[[Funnel], Any],
    view: str,
    scenarios: Sequence[str] | None = (),
    *,
    uncounted: bool = False,
) -> None:
    """Load, analyse each funnel, say what is wrong, and write the report.

    `view` names the module of `output.views` that shows the results. `analyse` returns a result, or a `Problem` of
    what was asked of that funnel, as does `needed`; a warning leaves the funnel out of the report. `scenarios` are
    those of the file that are asked for, `None` for all. With `uncounted`, pipelines without history will do. A defect
    loses the one funnel that has it.
    """
    target = destination.of_table(request)
    funnels, found = load.funnels(request, scenarios, uncounted=uncounted)
    said = {diagnostic.problem for diagnostic in found}
    results = []
    for funnel in funnels:
        try:
            outcome = attempt(funnel.name, analyse, funnel)
        except Unfit as unfit:
            outcome = unfit.problem
        if isinstance(outcome, console.Defect):
            console.defect(outcome)
        elif not isinstance(outcome, Problem):
            results.append(outcome)
        elif outcome not in said:
            console.problem(outcome, funnel.name if len(funnels) > 1 else "")
    if not results and not console.code:
        console.error("nothing is left to report", "see the warnings above")
    # a program that reads JSON is told of funnels that are invalid by a list without them
    if results or (console.code is not console.ExitCode.COULD_NOT_LOOK and target.format_name == "json"):
        write(command, target, results, view)
        follow(target, results, view, request)


def follow(target: Destination, results: list[Any], view: str, request: Request) -> None:
    """The next useful command, below a report that a person reads on a terminal."""
    if target.format_name != "table" or target.path is not None or target.canvas.width is None:
        return
    from funnelcli.cli.next_command import after
    from funnelcli.output.diagnostics import paint
    from funnelcli.output.text_width import folded

    found = after(view, results, request)
    if found is not None:
        question = paint("\n".join(folded(found[0], target.canvas.width)), "dim", target.canvas.color)
        destination.deliver(f"\n{question}\n  {found[1]}\n", None)


def write(
    command: str, target: Destination, results: list[Any], view: str, members: Mapping[str, Any] | None = None
) -> None:
    """The results by their view to where the report goes; `members` stand in the JSON in place of `funnels`."""
    text = salvage(results, lambda kept: render(target.format_name, command, kept, view, target.canvas, members))
    destination.deliver(text, target.path)


def of_show(
    form: str, confidence: float = 0.95, *, full: bool = False, segments: bool = False
) -> tuple[Callable[[Funnel], Any], str]:
    """How a format has what `show` tells of a funnel, the analysis and its view: people get the summary."""
    from funnelcli.analyses.conversion import convert

    if not FORMATS[form].for_people:
        return lambda funnel: convert(funnel, confidence, segments), "conversion"
    from funnelcli.analyses.summary import summarise

    return lambda funnel: summarise(funnel, confidence, segments), "summary_in_full" if full else "summary"


def show(funnels: Iterable[Funnel], form: str, output: str | None) -> None:
    """Funnels that were just counted or imported, as `show --full` has them, with the segments that were measured."""
    analyse, view = of_show(form, full=True, segments=True)
    results = [analyse(funnel) for funnel in funnels]
    destination.deliver(render(form, "show", results, view, destination.canvas(output)._replace(full=True)), output)


def attempt(name: str, work: Callable[[Given], Made], given: Given) -> Made | console.Defect:
    """The outcome of work on what has that name; a defect takes its place, and loses nothing else."""
    try:
        return work(given)
    except (MemoryError, OSError, ImportError, console.Leave):
        raise
    except Exception as error:
        return console.defect_of(error, name)


def salvage(items: list[Named], make: Callable[[list[Named]], Made]) -> Made:
    """What is made of all the items; where a defect prevents it, of those with which alone it can be made."""
    try:
        return make(items)
    except Exception:
        tried = [(item, attempt(item.name, make, [item])) for item in items]
        kept = [item for item, outcome in tried if not isinstance(outcome, console.Defect)]
        if len(kept) == len(items):
            raise
        for _, outcome in tried:
            if isinstance(outcome, console.Defect):
                console.defect(outcome)
        if not kept:
            raise console.Leave from None
        return make(kept)


def most_segments(by: str | None, sort: str, top: int | None, request: Request) -> int | None:
    """How many segments to show: those asked for, else a page of them for people and all for machines."""
    if by is None and (top is not None or sort != "file"):
        raise console.Refused("--top and --sort need --by", "name the dimension, e.g. --by channel")
    return MOST_FOR_PEOPLE if top is None and FORMATS[destination.format_of(request)].for_people else top
