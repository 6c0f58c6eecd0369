"""Curves and grids: a funnel's figures while one or two levers run through a range."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses import economics
from funnelcli.analyses.ends import base_is_end, base_of
from funnelcli.analyses.fewer_stages import hidden, judged
from funnelcli.analyses.figures import figure, why_undefined
from funnelcli.analyses.levers import main_metric
from funnelcli.analyses.projection import apply
from funnelcli.diagnostics import Problem
from funnelcli.metrics import METRICS, Kind, Selector
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Cut
    from funnelcli.model import Funnel

MOST_POINTS = 1000
"""Points of one sweep: more would be a picture, not a table."""


class Axis(NamedTuple):
    """A lever and the values that it takes, in the order of the sweep."""

    selector: Selector
    values: tuple[Exact, ...]


class AxisName(NamedTuple):
    """A lever of a sweep as it is written, the kind of its values, and its value in the funnel as it is."""

    selector: str
    kind: Kind
    now: Exact | None


class Point(NamedTuple):
    """The figures at one value of each lever; `metric` is the value of the report's metric. `None` where undefined."""

    at: dict[str, Exact]
    sales: Exact
    revenue: Exact | None
    profit: Exact | None
    metric: Exact | None


class SweepReport(NamedTuple):
    """A curve (one axis) or a grid (two), the points of the last axis running fastest.

    `now` is the metric of the funnel as it is, and `in_the_end` that of a `ScenarioReport`.
    """

    file: str | None
    document: int
    name: str
    period: str | None
    currency: str | None
    metric: str
    kind: Kind
    now: Exact | None
    axes: tuple[AxisName, ...]
    points: tuple[Point, ...]
    sales_called: str = "sales"
    cut: tuple[Cut, ...] = ()
    in_the_end: bool | None = None


def sweep(funnel: Funnel, axes: Sequence[Axis], metric: Selector | None = None) -> SweepReport | Problem:
    """Set each lever to each of its values, all combinations of two; a `Problem` where a value cannot be projected.

    `metric` is by default the profit where costs are known, else the revenue, else the sales.
    """
    if len(axes) > 1 and axes[0].selector == axes[1].selector:
        return Problem("FN116", f"{axes[0].selector} is swept twice", "sweep two different levers")
    problem = None if metric is None else hidden(funnel, metric)
    if problem is not None:
        return problem
    whole, funnel = funnel, base_of(judged(funnel))
    if metric is not None and figure(funnel, metric) is None:
        why = why_undefined(funnel, metric)
        return Problem("FN118", f"{metric} is undefined: {why}", "add what is missing, or choose another metric")
    shown = metric or Selector(METRICS[main_metric(funnel)])
    points = []
    for values in product(*(axis.values for axis in axes)):
        changes = [
            (axis.selector, Change(None, value, _text(axis.selector, value)))
            for axis, value in zip(axes, values, strict=True)
        ]
        changed = apply(whole, changes)
        if isinstance(changed, Problem):
            return changed
        points.append(
            Point(
                at={str(axis.selector): value for axis, value in zip(axes, values, strict=True)},
                sales=changed.stages[funnel.sale_stage].count,
                revenue=economics.revenue(changed),
                profit=economics.profit(changed),
                metric=figure(changed, shown),
            )
        )
    return SweepReport(
        **funnel.heading,
        metric=str(shown),
        kind=shown.metric.kind,
        now=figure(funnel, shown),
        axes=tuple(
            AxisName(str(axis.selector), axis.selector.metric.kind, figure(funnel, axis.selector)) for axis in axes
        ),
        points=tuple(points),
        cut=whole.cuts,
        in_the_end=base_is_end(whole),
    )


def _text(selector: Selector, value: Exact) -> str:
    """A value in a message."""
    return f"{float(value) * 100:g}%" if selector.metric.kind == "rate" else f"{float(value):g}"
