"""`metric` and `metric@Stage`: the one way to name a figure in scenarios, checks, `--set` and goals."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from funnelcli.diagnostics import Problem, did_you_mean, quoted


class Metric(NamedTuple):
    """A figure that can be selected.

    `kind` is `count`, `rate`, `money`, `number` or `duration` (in days). `at` says where it stands: `funnel`,
    `stage`, or `either`. `changeable` metrics can be changed by a scenario.
    """

    name: str
    kind: str
    at: str
    changeable: bool = False


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("entries", "count", "funnel", changeable=True),
        Metric("sales", "count", "funnel"),
        Metric("count", "count", "stage", changeable=True),
        Metric("conversion", "rate", "stage", changeable=True),
        Metric("overall_conversion", "rate", "either"),
        Metric("one_in", "number", "either"),
        Metric("drop_off", "count", "stage"),
        Metric("drop_off_rate", "rate", "stage"),
        Metric("loss_share", "rate", "stage"),
        Metric("average_check", "money", "either", changeable=True),
        Metric("revenue", "money", "either"),
        Metric("value_per", "money", "stage"),
        Metric("value_per_entry", "money", "funnel"),
        Metric("budget", "money", "funnel", changeable=True),
        Metric("gross_margin", "rate", "funnel", changeable=True),
        Metric("spend_elasticity", "number", "funnel", changeable=True),
        Metric("cost", "money", "stage", changeable=True),
        Metric("cost_per", "money", "stage"),
        Metric("variable_cost", "money", "funnel"),
        Metric("gross_profit", "money", "funnel"),
        Metric("profit", "money", "funnel"),
        Metric("unit_margin", "money", "funnel"),
        Metric("roas", "number", "funnel"),
        Metric("romi", "rate", "funnel"),
        Metric("days", "duration", "stage"),
        Metric("open", "count", "stage"),
    )
}
"""The figures of the JSON contract that can be selected, by name."""


class Selector(NamedTuple):
    """A metric and, where it stands at a stage, that stage's name as the funnel spells it."""

    metric: Metric
    stage: str | None = None

    def __str__(self) -> str:
        """The form that is written in a file: `metric@Stage`."""
        return self.metric.name if self.stage is None else f"{self.metric.name}@{self.stage}"


def find_name(name: str, names: Sequence[str]) -> int | None:
    """Index of a name: exactly, then without case and Unicode form; `None` when unknown or when two fit equally."""
    if name in names:
        return names.index(name)
    wanted = fold(name)
    fits = [index for index, known in enumerate(names) if fold(known) == wanted]
    return fits[0] if len(fits) == 1 else None


def fold(name: str) -> str:
    """A name reduced to what a reader sees: normalised (NFKC), without case, white space at the ends or doubled."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def parse_selector(text: str, stages: Sequence[str]) -> Selector | Problem:
    """`metric` or `metric@Stage` to a `Selector`, checked against the funnel's stage names."""
    name, at, stage = text.partition("@")
    name, stage = name.strip(), stage.strip()
    metric = METRICS.get(name)
    if metric is None:
        known = None if at else find_name(name, stages)
        if known is not None:
            cure = f"write count@{stages[known]} or conversion@{stages[known]}"
            return Problem("FN115", f"{quoted(name)} is a stage", cure)
        return Problem("FN115", f"unknown metric {quoted(name)}", did_you_mean(name, METRICS))
    if not at:
        if metric.at == "stage":
            return Problem(
                "FN115", f"{quoted(name)} needs a stage", f"write {name}@{stages[-1] if stages else 'Stage'}"
            )
        return Selector(metric)
    if metric.at == "funnel":
        return Problem("FN115", f"{quoted(name)} belongs to the whole funnel, not to a stage", f"write {name}")
    index = find_name(stage, stages)
    if index is None:
        return Problem("FN112", f"unknown stage {quoted(stage)}", did_you_mean(stage, stages))
    return Selector(metric, stages[index])


def parse_changeable(text: str, stages: Sequence[str]) -> Selector | Problem:
    """A selector of a figure that a scenario can change, and not of a result."""
    selector = parse_selector(text, stages)
    if isinstance(selector, Problem) or selector.metric.changeable:
        return selector
    changeable = ", ".join(metric.name for metric in METRICS.values() if metric.changeable)
    return Problem("FN115", f"{selector} is a result and cannot be changed", f"change one of: {changeable}")
