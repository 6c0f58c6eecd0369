"""`funnelcli scenario`."""

from typing import Annotated, Any

from funnelcli.analyses.scenario import find_scenario, project, projectable
from funnelcli.cli import run
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import SCENARIO, GivenOften, Request, Sets, on_funnels, option
from funnelcli.cli.run import needed
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file.changes import parse_set
from funnelcli.model import Funnel
from funnelcli.what_if import Scenario


@on_funnels
def command(
    request: Request,
    sets: Sets = None,
    scenario: Annotated[
        GivenOften,
        option("NAME", f"{SCENARIO} (repeatable); default: each of them.", candidates.scenario_names),
    ] = None,
) -> None:
    """Project what changes would bring, beside the funnel as it is."""
    wanted = scenario or [] if scenario or sets else None
    run.report("scenario", request, lambda funnel: _analyse(funnel, sets or [], scenario or []), "scenario", wanted)


def _analyse(funnel: Funnel, sets: list[str], wanted: list[str]) -> Any:
    """The file's scenarios that are named, or all of them unless there are only changes of one's own; then those."""
    named = [needed(find_scenario(funnel, name)) for name in wanted]
    scenarios, impossible = projectable(funnel, named or ([] if sets else funnel.scenarios))
    if impossible and not scenarios and not sets:
        return impossible[0]
    changes = tuple(needed(parse_set(text, funnel)) for text in sets)
    if changes:
        scenarios.append(Scenario(", ".join(sets), changes))
    if not scenarios:
        return Problem(
            "FN302", f"{quoted(funnel.name)} has no scenarios", "add scenarios to the file, or --set SELECTOR=CHANGE"
        )
    return project(funnel, scenarios)
