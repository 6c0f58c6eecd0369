"""Every report of a funnel, by the view that shows it: what walks all views walks this table."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.bottleneck import find_bottleneck
from funnelcli.analyses.comparison import ComparisonReport, compare
from funnelcli.analyses.conversion import convert
from funnelcli.analyses.crosstab import cross
from funnelcli.analyses.experiment import Traffic, plan_test
from funnelcli.analyses.forecast import forecast
from funnelcli.analyses.goal_seek import goal_seek
from funnelcli.analyses.scenario import project
from funnelcli.analyses.segments import break_down
from funnelcli.analyses.sensitivity import Effort, pull, pull_by
from funnelcli.analyses.simulation import simulate
from funnelcli.analyses.summary import summarise
from funnelcli.analyses.sweep import sweep
from funnelcli.analyses.unit_economics import unit_economics
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check
from funnelcli.funnel_file.sweeps import axis
from funnelcli.metrics import METRICS, Selector
from funnelcli.output.formats import FORMATS, Canvas, render
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Funnel

EFFORT = Effort("relative", Fraction(1, 10), "+10%")
DRAWS = 50


def _goal(funnel: Funnel) -> Any:
    names = [stage.name for stage in funnel.stages]
    goal = check(f"sales >= {2 * max(1, int(funnel.stages[funnel.sale_stage].count))}", names, funnel.currency)
    return goal if isinstance(goal, Problem) else goal_seek(funnel, goal)


def _swept(funnel: Funnel) -> Any:
    found = axis(f"entries=1..{2 + int(funnel.stages[0].count)}/3", funnel)
    return found if isinstance(found, Problem) else sweep(funnel, [found])


def _by_segment(funnel: Funnel) -> Any:
    return break_down(funnel, funnel.breakdowns[0].dimension) if funnel.breakdowns else Problem("FN102", "none", "")


def _crossed(funnel: Funnel) -> Any:
    if not funnel.cells or len(funnel.cells[0].segments) < 2:
        return Problem("FN102", "none", "")
    (down, _), (across, _), *_ = funnel.cells[0].segments
    return cross(funnel, (down, across))


def _levers_by_segment(funnel: Funnel) -> Any:
    if not funnel.breakdowns:
        return Problem("FN102", "none", "")
    return pull_by(funnel, funnel.breakdowns[0].dimension, EFFORT, 20)


def _test(funnel: Funnel) -> Any:
    """The last step, one point better."""
    selector, point = Selector(METRICS["conversion"], funnel.names[-1]), Change(1, Fraction(1, 100), "+1pp")
    return plan_test(funnel, selector, point, Traffic(800))


REPORTS: dict[str, Callable[[Funnel], Any]] = {
    "conversion": convert,
    "summary": summarise,
    "summary_in_full": summarise,
    "bottleneck": find_bottleneck,
    "scenario": lambda funnel: project(funnel, funnel.scenarios),
    "economics": unit_economics,
    "comparison": lambda funnel: compare([funnel, funnel], [funnel.name] * 2),
    "goal": _goal,
    "levers": lambda funnel: pull(funnel, EFFORT),
    "segment_levers": _levers_by_segment,
    "experiment": _test,
    "sweep": _swept,
    "simulation": lambda funnel: simulate(funnel, draws=DRAWS),
    "forecast": lambda funnel: forecast(funnel, draws=DRAWS),
    "segments": _by_segment,
    "crosstab": _crossed,
}
"""An analysis as its command makes it, or a `Problem` where it has nothing to say of a funnel."""


def shown(view: str, format_name: str, results: Sequence[Any], canvas: Canvas) -> str:
    """The results of a report in a format, as the command gives them."""
    members = None
    if view.startswith("summary") and not FORMATS[format_name].for_people:
        view, results = "conversion", [each.conversion for each in results]
    if view == "comparison":
        reports: Sequence[ComparisonReport] = results
        members = {"comparisons": [each for report in reports for each in report.comparisons]}
    return render(format_name, view, results, view, canvas, members)
