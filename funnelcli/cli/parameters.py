"""Values of options that have a form of their own: text to a value, or a usage error."""

import typer

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file import scalars


def confidence_level(text: str) -> float:
    """`95%` or `0.95` as a fraction of 1; raises a usage error for anything that is not between 0 and 1."""
    value = scalars.rate(text)
    if isinstance(value, Problem):
        raise typer.BadParameter(f"{value.message} {value.help}.", param_hint="--confidence")
    if not 0 < float(value) < 1:
        raise typer.BadParameter(f"{text} is impossible; write 90%, 95% or 99%.", param_hint="--confidence")
    return float(value)
