"""A funnel as the what-if panel of a page knows it: what it starts from, and the levers that can be moved."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.economics import money_rules_of
from funnelcli.analyses.ends import base_of
from funnelcli.analyses.fewer_stages import judged
from funnelcli.analyses.levers import levers_of, unprojectable
from funnelcli.analyses.projection import ASSUMED
from funnelcli.analyses.rules import Figure, count_rules, figure_of, recorded
from funnelcli.currencies import minor_digits
from funnelcli.output import numbers
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.levers import Lever
    from funnelcli.model import Funnel
    from funnelcli.what_if import Scenario

FURTHEST_UP = 100
"""The end of a slider, in % of the figure as it is; a rate stops at 100%. Any other value can be typed."""

MOST_ELASTIC = 10.0
"""An elasticity above which the number of entries would only be noise in a sentence."""


class Slider(NamedTuple):
    """A lever, what the rules call its figure, its label, and the end of its slider in % of that figure."""

    lever: Lever
    figure: str
    label: str
    end: int


def sliders(funnel: Funnel) -> list[Slider]:
    """A slider for the entries, each conversion, each average check and the budget; none where it cannot be projected.

    What is 0 or undefined has no slider, because no share of it moves anything.
    """
    if unprojectable(funnel) is not None:
        return []
    found, funnel = [], base_of(judged(funnel))
    for lever in levers_of(funnel):
        if not lever.start or lever.kind == "factor":
            continue
        end = FURTHEST_UP
        if lever.high is not None:
            end = min(end, int((Fraction(lever.high) / lever.start - 1) * 100))
        metric, at, stage = lever.name.partition("@")
        label = metric.replace("_", " ").capitalize()
        if at:
            label += f" {'to' if metric == 'conversion' else 'of'} {numbers.visible(stage)}"
        found.append(Slider(lever, _key(figure_of(funnel, lever.selectors[0])), label, end))
    return found


def entries_at_twice_the_budget(funnel: Funnel) -> str | None:
    """How many times as many entries twice the budget brings, 2^elasticity; `None` without a budget."""
    if not funnel.budget:
        return None
    elasticity = 1.0 if funnel.spend_elasticity is None else float(funnel.spend_elasticity)
    return numbers.text(round(2**elasticity, 2), "number") if elasticity < MOST_ELASTIC else None


def model(funnel: Funnel, scenarios: Sequence[Scenario] = ()) -> dict[str, Any]:
    """What the page projects with: the rules and the figures as they are, by `metric index`; rates are fractions of 1.

    Figures that are undefined are left out, and results without a rule are undefined. `scenarios` are those of the file
    that can be projected, each with its changes.
    """
    funnel = base_of(judged(funnel))
    moved = {selector.metric.name for each in scenarios for selector, _ in each.changes}
    # what is moved is stated, so that the rules ask for it
    if "gross_margin" in moved and funnel.gross_margin is None:
        funnel = funnel._replace(gross_margin=ASSUMED["gross_margin"])
    if "spend_elasticity" in moved and funnel.spend_elasticity is None:
        funnel = funnel._replace(spend_elasticity=ASSUMED["spend_elasticity"])
    stages = range(len(funnel.stages))
    inputs = [Figure(metric, at) for metric in ("count", "conversion", "average_check", "cost", "own") for at in stages]
    inputs += [Figure(metric) for metric in ("budget", "gross_margin", "spend_elasticity", "brings")]
    values = {figure: recorded(funnel, figure) for figure in inputs}
    rules = count_rules(funnel) | money_rules_of(funnel)
    return {
        "stages": [{"name": stage.name, "growth": stage.allow_growth} for stage in funnel.stages],
        "sale": funnel.sale_stage,
        "decimals": minor_digits(funnel.currency),
        "rules": {_key(figure): rule for figure, rule in rules.items()},
        "recorded": {_key(figure): float(value) for figure, value in values.items() if value is not None},
        "scenarios": [{"name": each.name, "changes": _changes(funnel, each)} for each in scenarios],
    }


def _changes(funnel: Funnel, scenario: Scenario) -> list[dict[str, Any]]:
    """The changes of a scenario as the page makes them: several of one figure are one, and each as it was written."""
    made: dict[Figure, tuple[str, Change, list[str]]] = {}
    for selector, change in scenario.changes:
        figure = figure_of(funnel, selector)
        name, before, texts = made.get(figure, (str(selector), Change(1, 0, ""), []))
        made[figure] = name, before.then(change), [*texts, change.text]
    return [
        {
            "key": _key(figure),
            "selector": name,
            "factor": None if change.factor is None else float(change.factor),
            "shift": float(change.shift),
            "texts": texts,
        }
        for figure, (name, change, texts) in made.items()
    ]


def _key(figure: Figure) -> str:
    return f"{figure.metric} {figure.at}"
