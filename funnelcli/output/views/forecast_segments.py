"""What `forecast --by` says of segments: what their open units bring, and what their chances rest on."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from funnelcli.diagnostics import joined
from funnelcli.exact import added
from funnelcli.output.document import BLANK, Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import (
    known,
    sales_called,
    sentence,
    so_many_sales,
    table,
    warning,
    whole_figure,
    with_total,
)
from funnelcli.output.views.forecast_words import by_then, called, in_money, in_the_end, passing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.forecast import Forecast
    from funnelcli.analyses.ranking import ChanceBasis
    from funnelcli.exact import Exact


def segments(result: Forecast) -> Iterator[Table]:
    """What the open units of each segment bring, where known, and the chances where segments have their own."""
    if result.open_by_segment:
        columns = (
            Column(sentence(result.dimension or ""), "segment", "text", attrgetter("name")),
            Column("Open", "open", "count"),
            *known(
                result.segments,
                Column(sales_called(result), "sales_within", "count"),
                Column("Weighted", "weighted_within", "money", lambda each: _rounded(each.weighted_within)),
            ),
            *(_of_the_end(result) if result.within_days is not None else ()),
            *([Column("Sales by its\nown curve", "sales_alone", "count")] if _drawn(result) else []),
        )
        whole = {
            "segment": "All",
            "open": result.open,
            "sales_within": result.expected_sales,
            "weighted_within": _rounded(result.expected_revenue),
            "sales": result.expected_sales_eventual,
            "weighted": _rounded(result.expected_revenue_eventual),
        }
        title = f"What is open, and what it brings {by_then(result)}"
        if all(each.sales is None for each in result.segments):
            title = "What is open"
        elif result.within_days is not None:
            title += f" and {in_the_end(result)}"
        yield with_total(table(result.segments, columns, title), tuple(whole.get(each.key, BLANK) for each in columns))
    is_known = any(stage.sales_per_open_unit is not None for stage in result.stages)
    if is_known and not (result.open_by_segment and all(stage.stated for stage in result.stages if stage.open)):
        yield _chances_by_segment(result)


def _of_the_end(result: Forecast) -> Iterator[Column]:
    """The same figures of the end, beside those of a horizon."""
    end = in_the_end(result)
    sales = Column(f"{sales_called(result)}\n{end}", "sales", "count")
    yield from known(
        result.segments, sales, Column(f"Weighted\n{end}", "weighted", "money", lambda each: _rounded(each.weighted))
    )


def _rounded(value: Exact | None) -> Exact | None:
    return None if value is None else whole_figure(value)


def _chances_by_segment(result: Forecast) -> Table:
    brings = passing(result)
    stages = [stage for stage in result.stages if stage.sales_per_open_unit is not None]
    names = Column(sentence(result.dimension or ""), "segment", "text")
    rows = [(each.name, *(each.sales_per_open_unit[stage.name] for stage in stages)) for each in result.segments]
    total = ("All", *(stage.sales_per_open_unit for stage in stages))
    columns = (names, *(Column(called(stage.name, result), stage.name, brings.kind) for stage in stages))
    title = f"{' '.join(brings.header.split())} from each stage"
    return with_total(Table(columns, tuple(rows), title), total)


_BASES: dict[ChanceBasis, str] = {
    "one_rate": "every {dimension} has the chance of all: chance alone may spread their conversions so.",
    "untold_by_age": "every {dimension} has the chance of all: their age leaves untold whose is higher.",
    "shrunken": "each {dimension} has its own chance, drawn towards what they have in common (help adjusted).",
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
    waiting = added(each.open or 0 for each in result.segments)
    if waiting != result.open:
        in_rows, at_stages = text(waiting, "count"), text(result.open, "count")
        yield warning(
            f"What is open in the rows by {dimension} adds up to {in_rows}; {at_stages}, as at the stages, counts."
        )
        return
    if all(each.sales is None for each in result.segments):
        return
    suffixes = ("_eventual",) if result.within_days is None else ("", "_eventual")
    sums = [each for suffix in suffixes if (each := _added_up(result, suffix)) is not None]
    if sums:
        rows, all_ = (", and ".join(side) for side in zip(*sums, strict=True))
        own = _own(result)
        yield Note(f"The rows by {dimension} add up to {rows} by their own {own}; by those of all it is {all_}.")


def _own(result: Forecast) -> str:
    """What the rows have of their own, so that they do not add up to the total."""
    chances = {stage.name: stage.sales_per_open_unit for stage in result.stages if stage.open}
    unlike = any(each.sales_per_open_unit.get(name) != chances[name] for each in result.segments for name in chances)
    return "chances" if unlike else "amounts"


def _added_up(result: Forecast, suffix: str) -> tuple[str, str] | None:
    """What rows add up to and what all bring, with the time that it is of; `None` where both are as shown the same."""
    when = in_the_end(result) if suffix else by_then(result)
    said = "" if result.within_days is None else f" {when}"
    own = "" if suffix else "_within"
    sales = added(getattr(each, f"sales{own}") or 0 for each in result.segments)
    of_all = getattr(result, f"expected_sales{suffix}"), getattr(result, f"expected_revenue{suffix}")
    if by_age(result) and abs(float(sales - of_all[0])) * _ALIKE <= sales:
        return None  # ages stand in bins
    figures = [[text(whole_figure(number), "count") for number in (sales, of_all[0])]]
    weighted = [getattr(each, f"weighted{own}") for each in result.segments]
    if of_all[1] is not None and all(each is not None for each in weighted):
        figures.append([in_money(amount, result) for amount in (added(each or 0 for each in weighted), of_all[1])])
    unlike = [(so_many_sales(own, result) if not place else own, whole) for place, (own, whole) in enumerate(figures)]
    unlike = [each for each, (own, whole) in zip(unlike, figures, strict=True) if own != whole]
    if not unlike:
        return None
    rows, of_all_rows = (" and ".join(side) + said for side in zip(*unlike, strict=True))
    return rows, of_all_rows
