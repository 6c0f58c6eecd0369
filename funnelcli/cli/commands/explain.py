"""`funnelcli explain`."""

from typing import Annotated, Literal

import typer

from funnelcli.cli import console
from funnelcli.cli.completion import candidates
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import Color, Force, Output, Request
from funnelcli.diagnostics import CODES, RETIRED, did_you_mean, quoted
from funnelcli.docs import explanation
from funnelcli.output.explanations import FORMATS

Codes = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CODE]...",
        help="Codes as they stand in messages, e.g. FN104.",
        show_default=False,
        autocompletion=candidates.codes,
    ),
]
All = Annotated[bool, typer.Option("--all", help="Every code.")]
Format = Annotated[
    Literal["text", "markdown", "json"] | None,
    typer.Option(
        "--format",
        "-f",
        help="How the report is written; default: by the ending of --output, else text.",
        show_default=False,
    ),
]


def command(
    codes: Codes = None,
    every: All = False,
    report_format: Format = None,
    output: Output = None,
    force: Force = False,
    color: Color = "auto",
) -> None:
    """Explain the code of a message: the cause, an example, the cure.

    \b
    Examples:
      funnelcli explain FN104
      funnelcli explain FN104 FN210
      funnelcli explain --all --format markdown -o codes.md

    Each example is a whole funnel file, first as it is refused, then mended.
    """
    request = Request(report_format=report_format, output=output, force=force, color=color)
    raise typer.Exit(_explain(codes or [], every, request))


def _explain(written: list[str], every: bool, request: Request) -> ExitCode:
    """Explain the codes that exist; refuse the others, and a request for nothing or for two things."""
    refusal = _refusal(written, every) or console.unsafe_output(request)
    if refusal:
        return console.refuse(*refusal, request)
    code = ExitCode.OK
    named = list(CODES) if every else [each.strip().upper() for each in written]
    console.say("".join(f"funnelcli: {each} has become {RETIRED[each]}\n" for each in named if each in RETIRED))
    wanted = dict.fromkeys(RETIRED.get(each, each) for each in named)
    for unknown in [each for each in wanted if each not in CODES]:
        code = console.refuse(f"there is no code {quoted(unknown)}", _way_out(unknown), request)
    known = [found for each in wanted if (found := explanation(each))]
    if not known:
        return code
    name = request.report_format or console.format_of(request.output)
    report = FORMATS.get(name, FORMATS["text"])(known, console.canvas(request))
    return max(code, console.deliver(report, request))


def _refusal(written: list[str], every: bool) -> tuple[str, str] | None:
    """Why the codes asked for make no request, and the way out."""
    if every and written:
        return "--all is every code", "leave out the codes, or --all"
    if not every and not written:
        return "no code is given", "name one, e.g. funnelcli explain FN104, or use --all"
    return None


_LIKE_DIGITS = str.maketrans("OIL", "011")


def _way_out(unknown: str) -> str:
    near = did_you_mean(unknown.translate(_LIKE_DIGITS), CODES) or ""
    return near if near.startswith("did you mean") else "funnelcli explain --all shows every code"
