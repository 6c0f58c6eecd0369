"""What `simulate` says of a funnel: how far its results may vary, the chance of a goal, and which step is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.model import ratio
from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, Note, Table, Waterfall, document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.simulation import Simulation
    from funnelcli.stats.distributions import Distribution

_FIGURES = ("measured", "mean", "deviation", "p10", "p50", "p90")
_KINDS = {"sales": "count", "revenue": "money", "profit": "money"}
_WORDS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}


def view(results: Sequence[Simulation]) -> Document:
    """The verdict, the distributions, the histogram of the metric that is asked for, the steps, and the assumptions."""
    return document_of(results, _blocks)


def _blocks(result: Simulation) -> tuple[Block, ...]:
    return (
        _verdict(result),
        _metrics(result),
        _histogram(result),
        *_steps(result),
        _machine_table(result),
        *_notes(result),
    )


def _verdict(result: Simulation) -> Note:
    goal = result.goal
    if goal is not None:
        kind = _KINDS[goal.metric]
        value = Cell(goal.value, kind)
        name = goal.metric.capitalize()
        return Note(
            (f"{name} of {_WORDS[goal.operator]} ", value, ": a chance of ", Cell(goal.chance, "chance"), "."),
            "verdict",
        )
    kind = _KINDS[result.variance_of]
    metric = result.metrics[result.variance_of]
    if not metric.deviation:
        return Note(("Nothing is uncertain: no step has a sample or a range.",), "verdict")
    low, high = _shown(metric.p10, metric, kind), _shown(metric.p90, metric, kind)
    return Note(
        (f"{result.variance_of.capitalize()} lies between ", low, " and ", high, " with a chance of 80%."), "verdict"
    )


def _shown(value: Any, metric: Distribution, kind: str) -> Cell:
    """A figure with no more digits than its spread gives it."""
    if isinstance(value, float) and metric.deviation >= 20:
        value = round(value)
    return Cell(value, kind)


def _metrics(result: Simulation) -> Table:
    columns = (
        Column("", "metric", "text"),
        Column("At the rates\nas they are", "measured", "count"),
        Column("Mean", "mean", "count"),
        Column("P10", "p10", "count"),
        Column("P50", "p50", "count"),
        Column("P90", "p90", "count"),
    )
    rows = []
    for name, each in result.metrics.items():
        kind = _KINDS[name]
        unit = f", {result.currency}" if result.currency and kind == "money" else ""
        figures = (_shown(value, each, kind) for value in (each.mean, each.p10, each.p50, each.p90))
        rows.append((f"{name.capitalize()}{unit}", Cell(each.measured, kind), *figures))
    return Table(columns, tuple(rows), audience="people")


def _histogram(result: Simulation) -> Waterfall:
    metric, kind = result.metrics[result.variance_of], _KINDS[result.variance_of]
    bins = metric.histogram
    rows = []
    for index, each in enumerate(bins):
        low, high = (numbers.in_table(end, kind, result.currency) for end in (each.low, each.high))
        if len(bins) == 1:
            label = low
        elif not index:
            label = f"below {high}"
        else:
            label = f"{low} and more" if index == len(bins) - 1 else f"from {low}"
        rows.append((label, ratio(each.draws, result.draws), True))
    unit = f", {result.currency}" if result.currency and kind == "money" else ""
    return Waterfall(tuple(rows), "rate", f"{result.variance_of.capitalize()}{unit}: share of {result.draws:,} draws")


def _steps(result: Simulation) -> Iterator[Table]:
    columns = (
        Column("Step", "step", "text"),
        Column("Known from", "basis", "text"),
        Column("Mean\nrate", "mean", "rate"),
        Column("90% range", "range", "interval"),
        Column("Share of\nvariance", "share", "rate"),
    )
    rows: list[tuple[Any, ...]] = [
        (
            each.name,
            each.basis,
            each.mean,
            (each.low, each.high) if each.low < each.high else (None, None),
            _whole(result.variance_shares[each.name]),
        )
        for each in result.steps
    ]
    nothing = (None, None)
    if result.noise_share:
        rows.append(("Luck of the units", "", None, nothing, _whole(result.noise_share)))
    if result.joint_share and result.joint_share >= 0.0005:
        rows.append(("Steps together", "", None, nothing, _whole(result.joint_share)))
    shown = tuple(
        tuple(Cell("", "text") if value is None or value == nothing else value for value in row) for row in rows
    )
    yield Table(columns, shown, title=f"Whose uncertainty matters for {result.variance_of}", audience="people")


def _whole(share: float | None) -> Cell | None:
    return None if share is None else Cell(share, "rate")


def _machine_table(result: Simulation) -> Table:
    """One row a figure of a metric, and one a bar of its histogram; shares of variance by step."""
    columns = (
        Column("Metric", "metric", "text"),
        Column("Figure", "figure", "text"),
        Column("Step", "step", "text"),
        Column("Low", "low", "number"),
        Column("High", "high", "number"),
        Column("Value", "value", "number"),
    )
    rows: list[tuple[Any, ...]] = []
    for name, each in result.metrics.items():
        rows += [(name, figure, None, None, None, getattr(each, figure)) for figure in _FIGURES]
        if result.goal is not None and result.goal.metric == name:
            rows.append((name, f"chance {result.goal.operator}", None, result.goal.value, None, result.goal.chance))
        rows += [(name, "draws", None, each_bin.low, each_bin.high, each_bin.draws) for each_bin in each.histogram]
    rows += [
        (result.variance_of, "variance_share", name, None, None, share)
        for name, share in result.variance_shares.items()
    ]
    return Table(columns, tuple(rows), audience="machines")


def _notes(result: Simulation) -> Iterator[Note]:
    under = f" of the scenario {numbers.visible(result.scenario)}" if result.scenario else ""
    yield Note((f"{result.draws:,} draws{under}, seed {result.seed}.",))
    yield Note(("Assumed: " + "; ".join(result.assumptions) + ".",))
