"""`funnelcli scenario`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.scenario import project, projectable
from funnelcli.cli import run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file.arguments import parse_set
from funnelcli.metrics import find_name
from funnelcli.model import Funnel, Scenario

Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SELECTOR=CHANGE",
        help="A change of your own; all of them make one scenario (repeatable).",
        show_default=False,
        autocompletion=candidates.changes,
    ),
]
ScenarioNames = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="Only this scenario of the file (repeatable).",
        show_default=False,
        autocompletion=candidates.scenario_names,
    ),
]


@on_funnels
def command(request: Request, sets: Sets = None, scenario: ScenarioNames = None) -> None:
    """Project what changes would bring, beside the funnel as it is.

    \b
    Examples:
      funnelcli scenario funnel.yaml
      funnelcli scenario funnel.yaml --scenario "Better scripts"
      funnelcli scenario funnel.yaml --set "conversion@Paid=+10pp"
      funnelcli scenario funnel.yaml --set entries=x10 --set average_check=+5%

    Changes: +20% and -5% relative, +10pp and -2pp points of a rate, x1.6
    factor, +500 and -500 of counts and money; a bare value sets.
    """
    wanted = scenario or [] if scenario or sets else None

    def analyse(funnel: Funnel) -> Any:
        return _analyse(funnel, sets or [], scenario or [])

    run.report("scenario", request, analyse, "scenario", wanted)


def _analyse(funnel: Funnel, sets: list[str], wanted: list[str]) -> Any:
    chosen = _chosen(funnel, wanted, typed=bool(sets))
    if isinstance(chosen, Problem):
        return chosen
    scenarios, impossible = projectable(funnel, chosen)
    if impossible and not scenarios and not sets:
        return impossible[0]
    if sets:
        changes = []
        for text in sets:
            change = parse_set(text, funnel)
            if isinstance(change, Problem):
                return change
            changes.append(change)
        scenarios.append(Scenario(", ".join(sets), tuple(changes)))
    if not scenarios:
        return Problem(
            "FN302", f"{quoted(funnel.name)} has no scenarios", "add scenarios to the file, or --set SELECTOR=CHANGE"
        )
    return project(funnel, scenarios)


def _chosen(funnel: Funnel, wanted: list[str], typed: bool) -> list[Scenario] | Problem:
    """The file's scenarios: those named, or all of them unless only `--set` was given."""
    if not wanted:
        return [] if typed else list(funnel.scenarios)
    names = [each.name for each in funnel.scenarios]
    chosen = []
    for name in wanted:
        index = find_name(name, names)
        if index is None:
            return Problem("FN102", f"{quoted(funnel.name)} has no scenario {quoted(name)}", did_you_mean(name, names))
        chosen.append(funnel.scenarios[index])
    return chosen
