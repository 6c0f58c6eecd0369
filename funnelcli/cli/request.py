"""A request: what a run is asked for by the options that commands share, and the door of each command."""

# Typer reads signatures at run time, so annotations are real objects here, not text.
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import typer

from funnelcli.cli import console, options


class Request(NamedTuple):
    """What was asked for by the shared options. The console has those of its own."""

    files: list[str] | None = None
    funnel: list[str] | None = None
    stage: list[str] | None = None
    average_check: str | None = None
    report_format: str | None = None
    output: str | None = None
    force: bool = False
    stdin_filename: str = "<stdin>"
    baseline: str | None = None


def _shared(
    files: options.Files = None,
    *,
    funnel: options.FunnelNames = None,
    stage: options.Stages = None,
    average_check: options.AverageCheck = None,
    report_format: options.Format = None,
    output: options.Output = None,
    force: options.Force = False,
    color: options.Color = "auto",
    stdin_filename: options.StdinFilename = "<stdin>",
    debug: options.Debug = False,
) -> None: ...


SHARED = inspect.signature(_shared).parameters
"""The shared options, by their names in a request."""


def door(*shared: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the shared options of these names: it takes a `Request` and its own options.

    An option of its own takes the place of a shared one of the same name, and goes to the request as well. Whoever
    comes in finds the console new; whoever leaves does so with the worst exit code of the run. What is refused on the
    way is said here, and nowhere else.
    """

    def enter(run: Callable[..., None]) -> Callable[..., None]:
        own = dict(list(inspect.signature(run).parameters.items())[1:])
        taken = {name: SHARED[name] for name in shared if name not in own}
        first = {name: taken[name] for name in ("files",) if name in taken}
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (first | own | taken).values()]

        def command(**values: Any) -> None:
            console.begin(values.get("color", "auto"), values.get("debug", False))
            request = Request(**{name: values[name] for name in Request._fields if name in values})
            try:
                run(request, **{name: values[name] for name in own})
            except console.Refused as refused:
                console.error(refused.what, refused.help)
            except console.Leave:
                pass  # what there is to say has been said
            raise typer.Exit(console.code)

        command.__name__ = run.__name__
        command.__doc__ = run.__doc__
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # how inspect is told
        return command

    return enter


on_funnels = door(*SHARED)
