"""`funnelcli measure --dropped-at` and `--reached`: the units of a stage, and what they did next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from funnelcli.cli import console, destination, measuring
from funnelcli.cli.run import needed, write
from funnelcli.diagnostics import Problem
from funnelcli.events import who
from funnelcli.events.sources import paths_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.cli.request import Request
    from funnelcli.model import Funnel


def run(request: Request, options: measuring.EventsOptions, question: who.Question, stage: str) -> None:
    """Write the units of a stage of each funnel."""
    if request.report_format == "yaml":
        raise console.Refused("units are no funnel", "choose --format table, csv, json or markdown")
    target = destination.of_table(request, *paths_of(options.sources))
    _, wanted = measuring.opened(request, options, update=False)
    abouts: Mapping[int, who.UnitsAsked | Problem] = {id(each): who.asked(each, question, stage) for each in wanted}
    for funnel in wanted:
        problem = abouts[id(funnel)]
        if isinstance(problem, Problem):
            console.problem(problem, funnel.name if len(wanted) > 1 else "")
    if console.code:
        raise console.Leave

    def ask_of(funnel: Funnel) -> partial[object]:
        return partial(who.find, about=needed(abouts[id(funnel)]))

    results = []
    for funnel, _, _, found in measuring.answers(wanted, options, ask_of):
        for note in measuring.notes_of(found.reach):
            console.note(f"{funnel.name}: {note}" if len(wanted) > 1 else note)
        results.append(who.report(funnel, needed(abouts[id(funnel)]), found.units))
    write("measure", target, results, "units")
