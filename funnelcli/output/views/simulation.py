"""What `simulate` says of a funnel: how far its results may vary, the chance of a goal, and which step is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.ends import tells_no_rate
from funnelcli.analyses.fewer_stages import OVERALL
from funnelcli.exact import ratio
from funnelcli.output.document import BLANK, Block, Cell, Column, Note, Table, Waterfall
from funnelcli.output.numbers import header, in_table, text
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    figure_called,
    figure_word,
    goal_words,
    kind_of,
    table,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.analyses.simulation import Simulation
    from funnelcli.stats.draws import Distribution

_MOST_EXPLAINED = 3
"""Steps that are named for a mean that is not the measured figure."""
_FIGURES = ("measured", "mean", "deviation", "p10", "p50", "p90")


def blocks(result: Simulation) -> Iterator[Block]:
    """The verdict, the distributions, the histogram of the metric that is asked for, the steps, and the assumptions.

    Of stages that no event met nothing is told but that.
    """
    yield verdict(_verdict(result))
    if result.unmet:
        return
    yield from amounts_note(result.cut, "profit" in result.metrics)
    yield _metrics(result)
    yield _histogram(result)
    yield _steps(result)
    if result.check_spread:
        yield _checks(result)
    if not result.next_period:
        yield Note("This is the mean of many periods; one alone varies more, as simulate without --expected shows.")
    yield from _prior(result)
    under = f" of the scenario {result.scenario}" if result.scenario else ""
    yield from assumed(result.assumptions)
    yield Note(f"Ranges and chances: {result.draws:,} draws{under}, seed {result.seed}.")


def _verdict(result: Simulation) -> str:
    if result.unmet:
        return f"No chance and no range is told: {tells_no_rate(result.unmet)}."
    if result.goal is not None:
        chance = f"a chance of {text(result.goal.chance, 'chance')}"
        goal = goal_words(result.goal, result)
        return f"{goal} in {_next(result) if result.next_period else 'the long run'}: {chance}."
    name = result.variance_of
    metric = result.metrics[name]
    if not metric.deviation:
        return "Nothing is uncertain: no step has a sample or a range."
    low, high = (text(_precise(end, metric), kind_of(name), result.currency) for end in (metric.p10, metric.p90))
    if not result.next_period:
        mean = figure_word(name, result)
        return f"In the long run the mean {mean} lies between {low} and {high} with a chance of 80%."
    return f"{figure_called(name, result)} of {_next(result)} lies between {low} and {high} with a chance of 80%."


def _next(result: Simulation) -> str:
    if result.until:
        return f"the next period (until {result.until})"
    return f"the next period (as long as {result.length})" if result.length else "the next period"


def _precise(value: Any, metric: Distribution) -> Any:
    """A figure with no more digits than its spread gives it."""
    return round(value) if isinstance(value, float) and metric.deviation >= 20 else value


def _metrics(result: Simulation) -> Table:
    def figure(key: str) -> Callable[[Any], Any]:
        return lambda row: Cell(_precise(getattr(row[1], key), row[1]), kind_of(row[0]))

    when = "in the end" if result.in_the_end else "as they are"
    columns = (
        Column(
            "", "metric", "text", lambda row: header(figure_called(row[0], result), kind_of(row[0]), result.currency)
        ),
        Column(f"At the rates\n{when}", "measured", "count", lambda row: Cell(row[1].measured, kind_of(row[0]))),
        *(
            Column(key.capitalize(), key, "count", figure(key), spare=int(key == "mean"))
            for key in ("mean", "p10", "p50", "p90")
        ),
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
            label = f"Below {high}"
        else:
            label = f"{low} and more" if index == len(bins) - 1 else f"From {low}"
        rows.append((label, ratio(each.draws, result.draws), True))
    what = header(figure_called(result.variance_of, result), kind, result.currency)
    return Waterfall(tuple(rows), "rate", f"{what}: share of {result.draws:,} draws")


def _prior(result: Simulation) -> Iterator[Note]:
    """Why the mean is not the measured figure, where that is felt."""
    by_name, away = {step.name: step for step in result.steps}, result.prior_shift
    moved = [
        f"{_called(step.name)} from {text(step.measured, 'rate')} ({step.basis}) to {text(step.mean, 'rate')}"
        for step in map(by_name.__getitem__, result.prior_explains[:_MOST_EXPLAINED])
    ]
    if moved:
        name = "revenue" if "revenue" in result.metrics else figure_word("sales", result)
        far = (
            "above 0, which it is"
            if away is None
            else f"{text(abs(away), 'brief_rate')} {'above' if away > 0 else 'below'} that"
        )
        why = "few counts leave room for other rates"
        yield Note(f"The mean {name} is {far} at the rates as counted, as {why}: {', '.join(moved)}.")


def _checks(result: Simulation) -> Table:
    columns = (
        Column("Average check", "name", "text"),
        Column("Mean", "mean", "money"),
        Column("Standard\nerror", "standard_error", "money"),
        Column("Deviation\nof one", "deviation", "money"),
    )
    return table(result.check_spread, columns, "Money of a sale")


def _called(step: str) -> str:
    """A step as people call it."""
    return "Overall conversion" if step == OVERALL else step


def _steps(result: Simulation) -> Table:
    columns = (
        Column("Step", "step", "text"),
        Column("Known from", "basis", "text", spare=1),
        Column("Mean\nrate", "mean", "rate", spare=2),
        Column("90% range", "range", "interval"),
        Column("Share of\nuncertainty", "share", "rate"),
    )
    rows: list[tuple[Any, ...]] = []
    for step in result.steps:
        share, sure = result.variance_shares[step.name], step.low >= step.high
        known_from = BLANK if sure else (step.low, step.high)
        rows.append((_called(step.name), step.basis, step.mean, known_from, BLANK if share is None else share))
    if result.noise_share:
        rows.append(("Plain luck", "", BLANK, BLANK, result.noise_share))
    if result.money_share:
        rows.append(("Money of the sales", "", BLANK, BLANK, result.money_share))
    if result.joint_share and result.joint_share >= 0.0005:
        rows.append(("Several together", "", BLANK, BLANK, result.joint_share))
    return Table(columns, tuple(rows), f"Whose uncertainty matters for {figure_word(result.variance_of, result)}")


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
    if result.unmet:
        return
    for step, share in result.variance_shares.items():
        yield {"metric": result.variance_of, "figure": "variance_share", "step": step, "value": share}
    for figure in ("noise_share", "money_share", "joint_share"):
        yield {"metric": result.variance_of, "figure": figure, "value": getattr(result, figure)}
    for check in result.check_spread:
        for figure in ("mean", "deviation", "standard_error"):
            yield {"metric": "average_check", "figure": figure, "step": check.name, "value": getattr(check, figure)}
