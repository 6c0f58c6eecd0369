"""Scenarios of two sides of a funnel: those that are new, gone or otherwise, and what they bring now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.changed_keys import plain_scenario
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel
    from funnelcli.what_if import Scenario


class ScenarioChange(NamedTuple):
    """A scenario that was added, removed or changed: its changes as they are written, and what it brings now.

    `brings` is the change of revenue, or else of sales, that the scenario makes of the funnel of now; `None` where it
    cannot be told.
    """

    name: str
    before: dict[str, str] | None
    after: dict[str, str] | None
    metric: str | None = None
    brings: Exact | None = None
    brings_rate: Exact | None = None


def scenarios_changed(before: Funnel, after: Funnel, now: Mapping[str, str]) -> Iterator[ScenarioChange]:
    """Scenarios that say otherwise; `now` has the name now of each stage that is still there."""
    olds = {each.name: each for each in before.scenarios}
    news = {each.name: each for each in after.scenarios}
    for name in {**olds, **news}:
        old, new = olds.get(name), news.get(name)
        if old is not None and new is not None:
            changes = tuple(
                (selector._replace(stage=now.get(selector.stage or "", selector.stage)), change)
                for selector, change in old.changes
            )
            if plain_scenario(old._replace(changes=changes)) == plain_scenario(new):
                continue
        brought = _brought(after, name) if new is not None else (None, None, None)
        yield ScenarioChange(name, _written(old), _written(new), *brought)
    if olds.keys() == news.keys() and list(olds) != list(news):
        yield ScenarioChange("order", dict.fromkeys(olds, ""), dict.fromkeys(news, ""))


def _written(scenario: Scenario | None) -> dict[str, str] | None:
    return None if scenario is None else {str(selector): change.text for selector, change in scenario.changes}


def _brought(funnel: Funnel, name: str) -> tuple[str | None, Exact | None, Exact | None]:
    """What a scenario brings to the funnel: the figure, its change, and that as a rate."""
    from funnelcli.analyses.scenario import project

    scenario = next(each for each in funnel.scenarios if each.name == name)
    report = project(funnel, [scenario]) if funnel.is_counted else None
    if report is None or isinstance(report, Problem):
        return None, None, None
    made = report.projections[-1]
    if made.revenue_change is not None:
        return "revenue", made.revenue_change, made.revenue_change_rate
    return "sales", made.sales_change, made.sales_change_rate
