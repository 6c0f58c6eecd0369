"""`funnelcli explain`."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from funnelcli import docs
from funnelcli.cli import console, destination
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Given, GivenOften, Request, door, format_option
from funnelcli.diagnostics import RETIRED, quoted
from funnelcli.output.explanations import FORMATS


@door("output", "force", "color")
def command(
    request: Request,
    codes: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[CODE]...", help="Codes as they stand in messages, e.g. FN104.", autocompletion=candidates.codes
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every code.")] = False,
    report_format: Annotated[Given, format_option(FORMATS, ", else text")] = None,
) -> None:
    """Explain the code of a message: the cause, an example, the cure."""
    if every and codes:
        raise console.Refused("--all is every code", "leave out the codes, or --all")
    if not every and not codes:
        raise console.Refused("no code is given", "name one, e.g. funnelcli explain FN104, or use --all")
    destination.check(request)
    explain(request, docs.codes() if every else codes or ())


_CODE = re.compile(r"\s*FN[0-9OIL]{3}\s*", re.IGNORECASE)


def is_code(word: str) -> bool:
    """Whether a word is written as a code is, maybe with letters for digits."""
    return bool(_CODE.fullmatch(word))


def explain(request: Request, codes: Iterable[str]) -> None:
    """Deliver what is known of the codes; those that do not exist are said."""
    named = [code.strip().upper() for code in codes]
    for code in named:
        if code in RETIRED:
            console.note(f"{code} has become {RETIRED[code]}")
    wanted = dict.fromkeys(RETIRED.get(code, code) for code in named)
    for unknown in [code for code in wanted if code not in docs.codes()]:
        console.error(f"there is no code {quoted(unknown)}", _nearest(unknown))
    known = [found for code in wanted if (found := docs.explanation(code))]
    if known:
        render = FORMATS.get(destination.format_of(request), FORMATS["text"])
        destination.deliver(render(known, destination.canvas(request.output)), request.output)


_LIKE_DIGITS = str.maketrans("OIL", "011")


def _nearest(unknown: str) -> str:
    meant = unknown.translate(_LIKE_DIGITS)
    return f"did you mean {quoted(meant)}?" if meant in docs.codes() else "funnelcli help codes lists every code"
