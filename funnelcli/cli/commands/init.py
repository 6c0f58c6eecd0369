"""`funnelcli init`."""

import os
from shlex import join, quote
from typing import Annotated

import typer

from funnelcli.cli import console, destination
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import AverageCheck, Given, Request, Stages, door, option, output_option
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import starters
from funnelcli.output.numbers import visible

_OWN = "funnelcli init --stage Visits=200 --stage Sales=4"


@door("force", "color")
def command(
    request: Request,
    template: Annotated[
        Given,
        typer.Argument(metavar="[TEMPLATE]", help="The template to start from.", autocompletion=candidates.templates),
    ] = None,
    *,
    stage: Stages = None,
    average_check: AverageCheck = None,
    name: Annotated[Given, option("NAME", "With --stage: what the funnel is called.")] = None,
    currency: Annotated[Given, option("CODE", "With --stage: a code or symbol, such as EUR.")] = None,
    output: Annotated[Given, output_option("funnel")] = None,
    source: Annotated[Given, typer.Option("--from", metavar="FILE", hidden=True)] = None,
) -> None:
    """Start a funnel file, from a template or from your own numbers."""
    if source is not None:
        line = join(["funnelcli", "import", source, "-o", output or "funnel.yaml"])
        raise console.Refused("an export or a table is no template", f"{line} makes a funnel file of it")
    alone = {"--average-check": average_check, "--name": name, "--currency": currency}
    given = [option for option, value in alone.items() if value is not None]
    if template is not None and stage:
        raise console.Refused("a template has its own stages", "leave out TEMPLATE, or --stage")
    if given and not stage:
        what = "add --stage NAME=COUNT for each stage, or edit the template"
        raise console.Refused(f"{given[0]} goes with --stage", what)
    if stage:
        _start(starters.funnel_text(stage, average_check, name, currency), request)
    elif template is not None:
        _start(starters.template_text(template), request)
    elif output is not None:
        help_text = f"funnelcli init lists them; or start with your own numbers: {_OWN}"
        raise console.Refused("no template is named", help_text)
    else:
        _list()


def _start(outcome: str | Problem | list[Problem], request: Request) -> None:
    """Write the funnel file, or say what is wrong, and what comes next."""
    if not isinstance(outcome, str):
        for problem in [outcome] if isinstance(outcome, Problem) else outcome:
            console.problem(problem)
        return
    destination.check(request)
    destination.deliver(outcome, request.output)
    if request.output and not console.code and os.path.isfile(request.output):
        console.say(_next_steps(request.output))


def _next_steps(path: str) -> str:
    """What to do with a file that was just written."""
    schema = os.path.join(os.path.dirname(path), "funnel.schema.json")
    steps = [(f"funnelcli show {quote(path)}", "look at it")]
    if not os.path.exists(schema):
        steps.append((f"funnelcli schema -o {quote(schema)}", "let your editor complete and check its keys"))
    width = max(len(visible(step)) for step, _ in steps)
    return f"Wrote {visible(path)}. Next:\n" + "".join(
        f"  {visible(step):{width}}  {purpose}\n" for step, purpose in steps
    )


def _list() -> None:
    """The templates on standard output, and how to go on from there."""
    from textwrap import wrap

    known = starters.templates()
    names = max(len(each.name) for each in known)
    titles = max(len(each.title) for each in known)
    start = names + titles + 4
    width = destination.canvas(None).width
    lines = []
    for each in known:
        purpose = wrap(each.purpose, max(20, width - start)) if width else [each.purpose]
        lines.append(f"{each.name:{names}}  {each.title:{titles}}  {purpose[0]}\n")
        lines.extend(f"{'':{start}}{more}\n" for more in purpose[1:])
    destination.deliver("".join(lines), None)
    if not console.code:
        console.say(
            f"\nTake one:              funnelcli init {known[0].name} -o funnel.yaml\nOr your own numbers:   {_OWN}\n"
        )
