"""`funnelcli measure --dropped-at` and `--reached`: the units of a stage, and what they did next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from funnelcli.cli import arguments, console, destination, measured_notes, measuring
from funnelcli.cli.run import write
from funnelcli.diagnostics import Problem
from funnelcli.events import who
from funnelcli.events.sources import paths_of

if TYPE_CHECKING:
    from funnelcli.cli.request import Request


def run(request: Request, options: measuring.EventsOptions, question: who.Question, stage: str) -> None:
    """Write the units of a stage of each funnel."""
    if request.report_format == "yaml":
        raise console.Refused("a list is no funnel", "choose --format table, csv, json or markdown")
    target = destination.of_table(request, *paths_of(options.sources))
    origins, wanted = measuring.opened(request, options, update=False)
    questions: list[measuring.Inquiry] = []
    abouts: list[who.UnitsAsked] = []
    for funnel in wanted:
        about = who.asked(funnel, question, stage)
        if not isinstance(about, Problem):
            abouts.append(about)
            questions.append((funnel, partial(who.find, about=about)))
        elif about.path is None:
            console.problem(about, arguments.option_name(question))
        else:
            measuring.refuse(origins, [(funnel, about)], options)
    if console.code:
        raise console.Leave
    results = []
    answers = measuring.answers(origins, questions, options)
    for (funnel, definition, _, found), about in zip(answers, abouts, strict=True):
        measured_notes.note_absent(origins, funnel, found.reach)
        for note in measured_notes.notes_of(found.reach, definition.names):
            console.note(f"{funnel.name}: {note}" if len(wanted) > 1 else note)
        results.append(who.report(funnel, about, found.units))
    write("measure", target, results, "units")
