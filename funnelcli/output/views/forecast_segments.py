"""What `forecast --by` says of segments: what their open units bring, and what their chances rest on."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import joined
from funnelcli.exact import added
from funnelcli.output.document import BLANK, Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import known, sales_called, so_many_sales, table, warning, whole_figure, with_total
from funnelcli.output.views.forecast_words import called, in_money, in_the_end, passing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.forecast import Forecast
    from funnelcli.analyses.ranking import ChanceBasis
    from funnelcli.exact import Exact


def segments(result: Forecast) -> Iterator[Table]:
    """What the open units of each segment bring, where known, and the chances where segments have their own."""
    if result.open_by_segment:
        columns = (
            Column(result.dimension or "", "segment", "text", attrgetter("name")),
            Column("Open", "open", "count"),
            Column(sales_called(result), "sales", "count"),
            *known(result.segments, Column("Weighted", "weighted", "money", lambda each: _rounded(each.weighted))),
            *([Column("Sales by its\nown curve", "sales_alone", "count")] if _drawn(result) else []),
        )
        shown = table(result.segments, columns, f"Open units, and what they bring {in_the_end(result)}")
        whole = (result.expected_sales_eventual, _rounded(result.expected_revenue_eventual))
        total: tuple[Any, ...] = ("All", result.open, *whole)
        if _drawn(result):
            total = (*total[: len(shown.columns) - 1], BLANK)
        yield with_total(shown, total[: len(shown.columns)])
    if not (result.open_by_segment and all(stage.stated for stage in result.stages if stage.open)):
        yield _chances_by_segment(result)


def _rounded(value: Exact | None) -> Exact | None:
    return None if value is None else whole_figure(value)


def _chances_by_segment(result: Forecast) -> Table:
    brings = passing(result)
    stages = [stage for stage in result.stages if stage.sales_per_open_unit is not None]
    names = Column(result.dimension or "", "segment", "text")
    rows = [(each.name, *(each.sales_per_open_unit[stage.name] for stage in stages)) for each in result.segments]
    total = ("All", *(stage.sales_per_open_unit for stage in stages))
    columns = (names, *(Column(called(stage.name, result), stage.name, brings.kind) for stage in stages))
    title = f"{' '.join(brings.header.split())} from each stage"
    return with_total(Table(columns, tuple(rows), title), total)


_BASES: dict[ChanceBasis, str] = {
    "one_rate": "every {dimension} has the chance of all: chance alone may spread their conversions so.",
    "untold_by_age": "every {dimension} has the chance of all: their age leaves untold whose is higher.",
    "shrunken": "each {dimension} has its own chance, drawn towards what they have in common (empirical Bayes).",
    "own": "each {dimension} has its own conversions as counted: counts that are not whole tell no more.",
}


def by_age(result: Forecast) -> bool:
    """Whether the chances of segments are those of their own ages, as of entries whose curve was measured."""
    return any(
        stage.stated and any(each.close_chances.get(stage.name) != stage.close_chance for each in result.segments)
        for stage in result.stages
    )


def _drawn(result: Forecast) -> bool:
    """Whether what is expected of segments is another figure than that of their own curves, as shown."""
    return any(
        each.sales_alone is not None
        and text(whole_figure(each.sales_alone), "count") != text(whole_figure(each.sales), "count")
        for each in result.segments
    )


_ALIKE = 200
"""Sales that differ by no more than one of so many are alike."""


def believed(result: Forecast) -> Iterator[Note]:
    """What the chances of segments rest on, and why what they bring does not add up to what all bring."""
    dimension = visible(result.dimension or "")
    for basis, said in _BASES.items():
        stages = [visible(stage) for stage, own in result.chances_from.items() if own == basis]
        if stages:
            at = " at the same age" if by_age(result) and basis == "one_rate" else ""
            said = said.replace(" of all:", f" of all{at}:").format(dimension=dimension)
            yield Note(f"From {joined(stages)}, {said}")
    if _drawn(result):
        yield Note(
            f"The own curve of each {dimension} is that of the end in `show --by {dimension}`: who came and who is "
            "expected so are its entries times that conversion."
        )
    of_all = {stage.name: stage.close_chance for stage in result.stages}
    raised = [
        visible(stage)
        for stage, basis in result.chances_from.items()
        if basis in ("one_rate", "untold_by_age")
        and not by_age(result)
        and any(each.close_chances[stage] != of_all[stage] for each in result.segments)
    ]
    if raised:
        yield Note(
            f"From {joined(raised)}, that of a stage before is taken where it is higher: it ends in the same sales."
        )
    if not result.open_by_segment:
        return
    waiting, sales = (added(getattr(each, key) or 0 for each in result.segments) for key in ("open", "sales"))
    if waiting != result.open:
        each, all_ = text(waiting, "count"), text(result.open, "count")
        yield warning(
            f"The open units of the rows by {dimension} add up to {each}; {all_}, those of the stages, count."
        )
    elif by_age(result) and abs(float(sales - result.expected_sales_eventual)) * _ALIKE <= sales:
        return  # ages stand in bins
    elif text(whole_figure(sales), "count") != text(whole_figure(result.expected_sales_eventual), "count"):
        own, all_ = (text(whole_figure(number), "count") for number in (sales, result.expected_sales_eventual))
        rows = f"The rows by {dimension} add up to {so_many_sales(own, result)} by their own chances"
        yield Note(f"{rows}; by those of all it is {all_}.")
    elif all(each.weighted is not None for each in result.segments):
        money = added(each.weighted or 0 for each in result.segments), result.expected_revenue_eventual or 0
        own, all_ = (in_money(amount, result) for amount in money)
        if own != all_:
            yield Note(f"The rows by {dimension} add up to {own} by their own chances; by those of all it is {all_}.")
