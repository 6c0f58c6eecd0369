"""`funnelcli init`."""

import os
from typing import Annotated

import typer

from funnelcli.cli import console
from funnelcli.cli.completion import candidates
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import AverageCheck, Color, Force, Request, Stages
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import starters
from funnelcli.output.numbers import visible

TemplateName = Annotated[
    str | None,
    typer.Argument(
        metavar="[TEMPLATE]",
        help="The template to start from.",
        show_default=False,
        autocompletion=candidates.templates,
    ),
]
FunnelName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="With --stage: what the funnel is called.")
]
Currency = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="With --stage: a code or symbol, such as EUR.")
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="Write the funnel to a file instead of standard output."),
]

_OWN = "funnelcli init --stage Visits=200 --stage Sales=4"


def command(
    template: TemplateName = None,
    *,
    stage: Stages = None,
    average_check: AverageCheck = None,
    name: FunnelName = None,
    currency: Currency = None,
    output: Output = None,
    force: Force = False,
    color: Color = "auto",
) -> None:
    """Start a funnel file, from a template or from your own numbers.

    \b
    Examples:
      funnelcli init
      funnelcli init aida -o funnel.yaml
      funnelcli init --stage Visits=200 --stage Leads=20 --stage Sales=4
      funnelcli init --stage Leads=90 --stage Sales=9 --average-check 50 --currency EUR

    Without a template and stages it lists the templates. The file explains
    itself: what is optional stands in it behind a #.
    """
    request = Request(stage=stage, average_check=average_check, output=output, force=force, color=color)
    typed = {"--average-check": average_check, "--name": name, "--currency": currency}
    alone = [option for option, value in typed.items() if value is not None]
    if template is not None and stage:
        code = console.refuse("a template has its own stages", "leave out TEMPLATE, or --stage", request)
    elif alone and not stage:
        code = console.refuse(
            f"{alone[0]} goes with --stage", "add --stage NAME=COUNT for each stage, or edit the template", request
        )
    elif stage:
        code = _start(starters.funnel_text(stage, average_check, name, currency), request)
    elif template is not None:
        code = _start(starters.template_text(template), request)
    elif output is not None:
        code = console.refuse(
            "no template is named", f"funnelcli init lists them; or start with your own numbers: {_OWN}", request
        )
    else:
        code = _list(request)
    raise typer.Exit(code)


def _start(outcome: str | Problem | list[Problem], request: Request) -> ExitCode:
    """Write the funnel file, or say what is wrong, and what comes next."""
    if not isinstance(outcome, str):
        for problem in [outcome] if isinstance(outcome, Problem) else outcome:
            console.complain(problem, request)
        return ExitCode.COULD_NOT_LOOK
    refusal = console.unsafe_output(request)
    if refusal:
        return console.refuse(*refusal, request)
    code = console.deliver(outcome, request)
    if request.output and not code and os.path.isfile(request.output):
        console.say(_next_steps(request.output))
    return code


def _next_steps(path: str) -> str:
    """What to do with a file that was just written."""
    from shlex import quote

    schema = os.path.join(os.path.dirname(path), "funnel.schema.json")
    steps = [(f"funnelcli show {quote(path)}", "look at it")]
    if not os.path.exists(schema):
        steps.append((f"funnelcli schema -o {quote(schema)}", "let your editor complete and check its keys"))
    width = max(len(visible(step)) for step, _ in steps)
    return f"Wrote {visible(path)}. Next:\n" + "".join(
        f"  {visible(step):{width}}  {purpose}\n" for step, purpose in steps
    )


def _list(request: Request) -> ExitCode:
    """The templates on standard output, and how to go on from there."""
    from textwrap import wrap

    known = starters.templates()
    names = max(len(each.name) for each in known)
    titles = max(len(each.title) for each in known)
    start = names + titles + 4
    width = console.canvas(request).width
    lines = []
    for each in known:
        purpose = wrap(each.purpose, max(20, width - start)) if width else [each.purpose]
        lines.append(f"{each.name:{names}}  {each.title:{titles}}  {purpose[0]}\n")
        lines.extend(f"{'':{start}}{more}\n" for more in purpose[1:])
    code = console.deliver("".join(lines), request)
    if not code:
        console.say(
            f"\nTake one:              funnelcli init {known[0].name} -o funnel.yaml\nOr your own numbers:   {_OWN}\n"
        )
    return code
