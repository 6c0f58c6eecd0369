"""What `simulate` says of a funnel: how far its results may vary, the chance of a goal, and which step is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from funnelcli.model import ratio
from funnelcli.output.document import BLANK, Block, Cell, Column, Document, Note, Table, Waterfall
from funnelcli.output.numbers import in_table, visible
from funnelcli.output.views.building import assumed, document_of, goal_words, kind_of, note, table, verdict, with_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.analyses.simulation import Simulation
    from funnelcli.stats.sampling import Distribution

_FIGURES = ("measured", "mean", "deviation", "p10", "p50", "p90")


def view(results: Sequence[Simulation]) -> Document:
    """The verdict, the distributions, the histogram of the metric that is asked for, the steps, and the assumptions."""
    return document_of(results, _blocks)


def _blocks(result: Simulation) -> Iterator[Block]:
    yield _verdict(result)
    yield _metrics(result)
    yield _histogram(result)
    yield _steps(result)
    under = f" of the scenario {visible(result.scenario)}" if result.scenario else ""
    yield note(f"{result.draws:,} draws{under}, seed {result.seed}.")
    yield assumed(result.assumptions)


def _verdict(result: Simulation) -> Note:
    goal = result.goal
    if goal is not None:
        wanted = goal_words(goal.metric, goal.operator, goal.value)
        return verdict(*wanted, ": a chance of ", Cell(goal.chance, "chance"), ".")
    name = result.variance_of
    metric = result.metrics[name]
    if not metric.deviation:
        return verdict("Nothing is uncertain: no step has a sample or a range.")
    low, high = (_shown(value, metric, kind_of(name)) for value in (metric.p10, metric.p90))
    return verdict(f"{name.capitalize()} lies between ", low, " and ", high, " with a chance of 80%.")


def _shown(value: Any, metric: Distribution, kind: Literal["count", "money"]) -> Cell:
    """A figure with no more digits than its spread gives it."""
    if isinstance(value, float) and metric.deviation >= 20:
        value = round(value)
    return Cell(value, kind)


def _metrics(result: Simulation) -> Table:
    def label(name: str) -> str:
        return with_unit(name.capitalize(), result.currency if kind_of(name) == "money" else None)

    def figure(key: str) -> Callable[[Any], Any]:
        return lambda row: _shown(getattr(row[1], key), row[1], kind_of(row[0]))

    columns = (
        Column("", "metric", "text", lambda row: label(row[0])),
        Column("At the rates\nas they are", "measured", "count", lambda row: Cell(row[1].measured, kind_of(row[0]))),
        *(Column(key.capitalize(), key, "count", figure(key)) for key in ("mean", "p10", "p50", "p90")),
    )
    return table(result.metrics.items(), columns)


def _histogram(result: Simulation) -> Waterfall:
    metric, kind = result.metrics[result.variance_of], kind_of(result.variance_of)
    bins = metric.histogram
    rows = []
    for index, each in enumerate(bins):
        low, high = (in_table(end, kind, result.currency) for end in (each.low, each.high))
        if len(bins) == 1:
            label = low
        elif not index:
            label = f"below {high}"
        else:
            label = f"{low} and more" if index == len(bins) - 1 else f"from {low}"
        rows.append((label, ratio(each.draws, result.draws), True))
    what = with_unit(result.variance_of.capitalize(), result.currency if kind == "money" else None)
    return Waterfall(tuple(rows), "rate", f"{what}: share of {result.draws:,} draws")


def _steps(result: Simulation) -> Table:
    columns = (
        Column("Step", "step", "text"),
        Column("Known from", "basis", "text"),
        Column("Mean\nrate", "mean", "rate"),
        Column("90% range", "range", "interval"),
        Column("Share of\nvariance", "share", "rate"),
    )
    rows: list[tuple[Any, ...]] = []
    for step in result.steps:
        share, sure = result.variance_shares[step.name], step.low >= step.high
        known_from = BLANK if sure else (step.low, step.high)
        rows.append((step.name, step.basis, step.mean, known_from, BLANK if share is None else share))
    if result.noise_share:
        rows.append(("Luck of the units", "", BLANK, BLANK, result.noise_share))
    if result.joint_share and result.joint_share >= 0.0005:
        rows.append(("Steps together", "", BLANK, BLANK, result.joint_share))
    return Table(columns, tuple(rows), f"Whose uncertainty matters for {result.variance_of}")


CSV_COLUMNS = "metric figure step low high value"


def csv_rows(result: Simulation) -> Iterator[dict[str, Any]]:
    """One row a figure of a metric, and one a bar of its histogram; shares of variance by step."""
    for name, metric in result.metrics.items():
        own = {"metric": name}
        for figure in _FIGURES:
            yield own | {"figure": figure, "value": getattr(metric, figure)}
        goal = result.goal
        if goal is not None and goal.metric == name:
            yield own | {"figure": f"chance {goal.operator}", "low": goal.value, "value": goal.chance}
        for bar in metric.histogram:
            yield own | {"figure": "draws", "low": bar.low, "high": bar.high, "value": bar.draws}
    for step, share in result.variance_shares.items():
        yield {"metric": result.variance_of, "figure": "variance_share", "step": step, "value": share}
