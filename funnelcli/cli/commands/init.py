"""`funnelcli init`."""

import os
from shlex import join, quote
from typing import Annotated

import typer

from funnelcli.cli import arguments, console, destination
from funnelcli.cli.arguments import option_name
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import (
    AverageCheck,
    Budget,
    Currency,
    Given,
    GivenOften,
    GrossMargin,
    Name,
    Request,
    Stages,
    door,
    output_option,
)
from funnelcli.diagnostics import Diagnostic, Problem
from funnelcli.funnel_file import starters
from funnelcli.funnel_file.typed import Typed
from funnelcli.output.numbers import visible

_OWN = "funnelcli init Visits=200 Sales=4"


@door("force", "color")
def command(
    request: Request,
    template: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[TEMPLATE | NAME=COUNT...]",
            help="A template to start from, or stages with your own numbers.",
            autocompletion=candidates.templates,
        ),
    ] = None,
    *,
    stage: Stages = None,
    average_check: AverageCheck = None,
    currency: Currency = None,
    name: Name = None,
    budget: Budget = None,
    gross_margin: GrossMargin = None,
    output: Annotated[Given, output_option()] = None,
    source: Annotated[Given, typer.Option("--from", metavar="FILE", hidden=True)] = None,
) -> None:
    """Start a funnel file, from a template or from your own numbers."""
    if source is not None:
        line = join(["funnelcli", "import", source, "-o", output or "funnel.yaml"])
        raise console.Refused("an export or a table is no template", f"{line} makes a funnel file of it")
    templates, stages = arguments.parted(template or (), stage)
    typed = Typed(tuple(stages), average_check, currency, name, budget, gross_margin)
    if templates and typed.stages:
        raise console.Refused("a template has its own stages", "leave out TEMPLATE, or the stages")
    if typed.keys and not typed.stages:
        what = "write NAME=COUNT for each stage, or edit the template"
        raise console.Refused(f"{option_name(next(iter(typed.keys)))} goes with stages", what)
    if len(templates) > 1:
        raise console.Refused("several templates are named", "name one; stages are written NAME=COUNT")
    if typed.stages:
        _start(starters.funnel_text(typed, option_name), request)
    elif templates:
        _start(starters.template_text(templates[0]), request)
    elif output is not None:
        help_text = f"funnelcli init lists them; or start with your own numbers: {_OWN}"
        raise console.Refused("no template is named", help_text)
    else:
        _list()


def _start(outcome: str | Problem | list[Diagnostic], request: Request) -> None:
    """Write the funnel file, or say what is wrong, and what comes next."""
    if isinstance(outcome, Problem):
        console.problem(outcome)
        return
    if isinstance(outcome, list):
        console.of_the_line(outcome)
        return
    destination.check(request)
    destination.deliver(outcome, request.output, None)
    if request.output and not console.code and os.path.isfile(request.output):
        console.say(_next_steps(request.output))


def _next_steps(path: str) -> str:
    """What to do with a file that was just written."""
    step = f"funnelcli show {quote(path)}"
    return f"Wrote {visible(path)}. Next:\n  {visible(step)}  look at it\n"


def _list() -> None:
    """The templates on standard output, and how to go on from there."""
    from funnelcli.output.text_width import folded

    known = starters.templates()
    names = max(len(each.name) for each in known)
    titles = max(len(each.title) for each in known)
    start = names + titles + 4
    width = destination.canvas(None).width
    lines = []
    for each in known:
        purpose = folded(each.purpose, max(20, width - start) if width else None)
        lines.append(f"{each.name:{names}}  {each.title:{titles}}  {purpose[0]}\n")
        lines.extend(f"{'':{start}}{more}\n" for more in purpose[1:])
    destination.deliver("".join(lines), None)
    if not console.code:
        console.say(
            f"\nTake one:              funnelcli init {known[0].name} -o funnel.yaml\nOr your own numbers:   {_OWN}\n"
            "Or be asked for them:  funnelcli\n"
        )
