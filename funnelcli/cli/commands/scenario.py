"""`funnelcli scenario`."""

from typing import Annotated, Any

import typer

from funnelcli.analyses.scenario import find_scenario, project, projectable
from funnelcli.cli import run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Request, on_funnels
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file.arguments import parse_set
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
    run.report("scenario", request, lambda funnel: _analyse(funnel, sets or [], scenario or []), "scenario", wanted)


def _analyse(funnel: Funnel, sets: list[str], wanted: list[str]) -> Any:
    """The file's scenarios that are named, or all of them unless there are only changes of one's own; then those."""
    chosen = []
    for scenario in [find_scenario(funnel, name) for name in wanted] or (() if sets else funnel.scenarios):
        if isinstance(scenario, Problem):
            return scenario
        chosen.append(scenario)
    scenarios, impossible = projectable(funnel, chosen)
    if impossible and not scenarios and not sets:
        return impossible[0]
    changes = []
    for text in sets:
        change = parse_set(text, funnel)
        if isinstance(change, Problem):
            return change
        changes.append(change)
    if changes:
        scenarios.append(Scenario(", ".join(sets), tuple(changes)))
    if not scenarios:
        return Problem(
            "FN302", f"{quoted(funnel.name)} has no scenarios", "add scenarios to the file, or --set SELECTOR=CHANGE"
        )
    return project(funnel, scenarios)
