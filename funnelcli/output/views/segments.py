"""What `show --by` says of a funnel: its segments side by side."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.analyses import economics
from funnelcli.analyses.times import in_days
from funnelcli.diagnostics import verb
from funnelcli.output.document import Block, Cell, CellKind, Column, KeyValues, Note, Table
from funnelcli.output.numbers import brief_rate, count, sparkline, text, visible
from funnelcli.output.views import variation
from funnelcli.output.views.building import (
    corrected,
    counts,
    cut_note,
    decided_in_segments,
    end_note,
    end_words,
    few,
    item,
    kind_of,
    known,
    median_way,
    of_age,
    only,
    open_in_segments,
    open_note,
    sales_called,
    sentence,
    table,
    verdict,
    warning,
    with_total,
)
from funnelcli.output.views.unproven import would_tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from funnelcli.analyses.segment_totals import Cause, Gap
    from funnelcli.analyses.segments import SegmentReport, SegmentRow
    from funnelcli.analyses.times import Time
    from funnelcli.exact import Exact


def blocks(report: SegmentReport) -> Iterator[Block]:
    """Who is told from the rest, counts, conversions with marks, intervals, the trend, and what was tested."""
    yield from _verdict(report)
    yield _counts(report)
    yield _conversions(report)
    yield _intervals(report)
    yield from _trend(report)
    yield from _notes(report)


def rows(report: SegmentReport) -> list[SegmentRow]:
    """The segments, what the others add up to, and the total."""
    return [*report.segments, *([report.other] if report.other else []), report.total]


def _steps(report: SegmentReport) -> list[tuple[int, str]]:
    """The stages that come from another, with their places."""
    return [(index, report.stages[index]) for index, parent in enumerate(report.parents) if parent is not None]


def label(report: SegmentReport, row: SegmentRow) -> str:
    """A segment's name; the rows that are none say what they are."""
    if row is report.other:
        return f"Other ({report.folded:,} more)"
    return "Total" if row is report.total else row.name


def _names(report: SegmentReport) -> Column:
    return Column(sentence(report.dimension), "segment", "text", lambda row: label(report, row))


def _verdict(report: SegmentReport) -> Iterator[Note]:
    """What the marks of the overall conversion say, in one sentence; nothing where none was tested."""
    sides = {
        row.name: row.overall.differs for row in report.segments if row.overall and row.overall.p_value is not None
    }
    above, below = ([name for name, side in sides.items() if side == way] for way in (1, -1))
    if not (sides or report.untold_by_age):
        return
    parts = [f"{few(above)} {verb(len(above), 'are')} above the rest"] if above else []
    if below:
        parts.append(f"{few(below)} below" if above else f"{few(below)} {verb(len(below), 'are')} below the rest")
    untold = f"; not told by their age: {few(report.untold_by_age)}" if report.untold_by_age else ""
    if parts:
        yield verdict(f"Overall, {' and '.join(parts)}, more than chance{untold}.")
    else:
        none = f"none of these {len(report.segments):,}" if report.folded else f"no {visible(report.dimension)}"
        yield verdict(f"Overall, {none} can be told from the rest{untold}.")


def _counts(report: SegmentReport) -> Table:
    sales = sales_called(report)
    changes = (
        Column(f"{sales}\nchange", "sales_change", "count_change", spare=3),
        Column("In %", "sales_change_rate", "rate_change", spare=6),
    )
    places = [report.stages.index(name) for name in report.open_by_segment]

    def still_open(row: SegmentRow) -> int:
        return sum(row.open[place] for place in places) if row.open else 0

    changed = report.is_time and any(row.sales_change is not None for row in rows(report))
    columns = (
        _names(report),
        *counts(report.stages),
        *((Column("Still\nopen", "open", "count", still_open),) if report.open_by_segment else ()),
        Column("Share of\nentries", "share", "rate", spare=4),
        Column(f"Share of\n{'sales' if sales == 'Sales' else sales}", "sales_share", "rate", spare=5),
        *known(rows(report)[:-1], *_MONEY),
        *(only(lambda row: row.sales_change is not None, *changes) if changed else ()),
    )
    return with_total(table(rows(report), columns))


def _conversions(report: SegmentReport) -> Table:
    decided = "_decided" if report.open_by_segment else ""

    def marked(step: int) -> Callable[[Any], Any]:
        rate = item(f"conversions{decided}", step)
        return lambda row: Cell(rate(row), "rate", side=row.differs[step])

    def overall(row: SegmentRow) -> Cell:
        rate = getattr(row, f"overall_conversion{decided}")
        return Cell(rate, "rate", side=row.overall.differs if row.overall else None)

    steps = (
        Column(f"{visible(stage)} ", f"conversion{decided}", "rate", marked(step)) for step, stage in _steps(report)
    )
    columns = (
        _names(report),
        *_told(report, steps),
        Column(f"Overall,\n% of {'decided' if decided else 'entry'} ", f"overall_conversion{decided}", "rate", overall),
        *_in_the_end(report),
        *median_way(rows(report), report.sale_stage),
        *(only(lambda row: row in report.segments, *known(report.segments, *_STANDING)) if _is_ranked(report) else ()),
    )
    chain = all(report.parents[step] == step - 1 for step, _ in _steps(report))
    of = "the decided" if decided else "previous" if chain else "the stage each comes from"
    return with_total(table(rows(report), columns, f"Conversion, % of {of}", "conversions"))


def _ends(report: SegmentReport) -> Iterator[Note]:
    """How far the latest periods are whose end is not known; of other segments, that they are judged by their ends."""
    awaiting = [row for row in report.segments if row.awaits]
    if report.is_time:
        awaiting = [row for row in awaiting if row.conversion_eventual is None]
        if any(row.conversion_final_low is not None for row in report.segments):
            yield Note(
                f"In the end: the expected rate, with the {brief_rate(report.confidence)} interval of such a rate. "
                "Final figure: what the period's own counts come to, as what has come stays. Periods without these are "
                "over."
            )
        said = [f"{row.name}: {end_words(row.overall_conversion, row)}" for row in awaiting[-_LATEST:]]
        yield from [Note(f"{'; '.join(said)}.")] if said else []
        return
    known_ends = [row for row in awaiting if row.conversion_eventual is not None]
    yield from end_note([f"{row.name} ({text(row.overall_conversion, 'brief_rate')} now)" for row in known_ends])


_LATEST = 3
"""Periods whose ends are told in a sentence; all are in the table."""


def _in_the_end(report: SegmentReport) -> Iterator[Column]:
    """What the overall conversion is in the end, where windows are open: its interval; of periods, what counts come to.

    Their final figures have a range of their own, as what has come stays; a total has none.
    """

    def told(row: SegmentRow) -> bool:
        return row.awaits and row.conversion_eventual is not None

    if any(row.awaits for row in (report.segments if report.is_time else rows(report))):
        by = f"{brief_rate(report.confidence)} interval"
        interval = Column(f"In the end,\n{by}", "conversion_eventual", "interval")
        columns: tuple[Column, ...] = (
            Column("In the end,\n% of entry", "conversion_eventual", "rate"),
            interval._replace(header=by.replace(" ", "\n")),
            Column("Final figure,\n95% range", "conversion_final", "interval"),
        )
        yield from only(told, *columns[:2])
        if report.is_time:
            yield from only(lambda row: row in report.segments and told(row), *columns[2:])


_MONEY = (Column("Revenue", "revenue", "money", spare=1), Column("Budget", "budget", "money", spare=2))
_STANDING = (
    Column("Overall,\nadjusted", "shrunken", "rate", spare=2),
    Column("Chance to\nbe best", "chance_best", "chance", spare=1),
)


def _is_ranked(report: SegmentReport) -> bool:
    return not report.is_time and any(row.shrunken is not None for row in report.segments)


def _told(report: SegmentReport, columns: Iterable[Column]) -> Iterable[Column]:
    """The columns that tell something, where those of steps need not, as nobody knows where units were lost."""
    return columns if report.lost_unplaced is None else known(rows(report), *columns)


def _intervals(report: SegmentReport) -> Table:
    decided = "_decided" if report.open_by_segment else ""

    def ends(step: int) -> Callable[[Any], Any]:
        low, high = (item(f"conversions{decided}_{end}", step) for end in ("low", "high"))
        return lambda row: (low(row), high(row))

    columns = (Column(visible(stage), f"conversion{decided}", "interval", ends(step)) for step, stage in _steps(report))
    overall = Column("Overall", f"overall_conversion{decided}", "interval")
    shrunken = Column("Overall,\nadjusted", "shrunken", "interval", spare=1)
    ranked = only(lambda row: row in report.segments, shrunken) if _is_ranked(report) else ()
    title = f"{brief_rate(report.confidence)} intervals"
    shown = (_names(report), *_told(report, columns), overall, *ranked)
    return with_total(table(rows(report), shown, title, "intervals"))


def _trend(report: SegmentReport) -> Iterator[Block]:
    """A line of small columns for the sales and each conversion, in a dimension of time as it stands in the file."""
    partial = {*report.not_mature, *(each.name for each in report.cut)}
    whole = [row for row in report.segments if row.name not in partial]
    if not report.in_order or report.sort != "file" or len(whole) < 2:
        return
    left = len(report.segments) - len(whole)

    def line(name: str, kind: CellKind, value: Callable[[SegmentRow], Any]) -> tuple[str, str]:
        values = [value(row) for row in whole]
        return name, f"{sparkline(values)}  {text(values[0], kind)} → {text(values[-1], kind)}"

    rates = "conversions_decided" if report.open_by_segment else "conversions"
    conversions = (line(f"Conversion to {stage}", "rate", item(rates, step)) for step, stage in _steps(report))
    yield KeyValues((line(sales_called(report), "count", lambda row: row.sales), *conversions))
    if left:
        yield Note(
            f"The trend is of {len(whole):,} periods; {left:,} {verb(left, 'are')} left out, not whole or not mature."
        )


def _notes(report: SegmentReport) -> Iterator[Note]:
    if report.folded:
        which = "last" if report.is_time and report.sort == "file" else "first"
        most = "as they stand in the file" if report.sort == "file" else f"by {report.sort}"
        yield Note(f"The {which} {len(report.segments):,} {most}; --top N shows more of them.")
    yield from _budgets(report)
    yield from open_note(report.not_mature, tested=False, no_window=report.no_window)
    yield from cut_note(report.cut, "no change from it or to it is told", "no change from them or to them is told")
    yield from _ends(report)
    yield from open_in_segments(report.open_at)
    yield from decided_in_segments(report.open_by_segment, report.lost_unplaced)
    yield from of_age(report.within, report.untold_by_age, report.without_like, ": tests, ranks and chances")
    if report.counted_again:
        named = zip(report.counted_again, report.stages, strict=True)
        more = ", ".join(f"{count(again)} at {stage}" for again, stage in named if again)
        yield Note(f"The segments add up to more than the total: {more}. Who entered in several counts in each.")
    if report.is_time and not report.in_order:
        yield Note(file_order(report.dimension))
    if report.tests:
        yield from _tests(report)
    if report.is_time:
        return
    varies = report.interval_variation
    if varies.overall or any(varies.steps):
        yield variation.note(varies, "intervals")
    if report.one_rate:
        yield Note(
            "Adjusted, the overall conversions are one rate: chance alone may spread them so, and no chance to be the "
            "best is told."
        )
    elif _is_ranked(report):
        yield Note(
            "Adjusted: drawn towards what the segments have in common (help adjusted), as the best of many is lucky"
            " as well. Chance to be best: that no other segment's overall conversion is higher."
        )


def _tests(report: SegmentReport) -> Iterator[Note]:
    """What the marks mean, and whether they allow for the variation between periods."""
    sides = ((row.overall.differs if row.overall else 0, *row.differs) for row in report.segments)
    how = f"each against all others together{corrected(report.tests)}, p < 0.05"
    if any(side for row in sides for side in row):
        yield Note(f"▲ ▼ above or below the rest, and more than chance: {how}.")
    else:
        yield Note(f"No conversion differs from the rest by more than chance: {how}.")
    yield from _nearest(report)
    if report.is_time:
        yield variation.note(report.variation)


def _nearest(report: SegmentReport) -> Iterator[Note]:
    """Of the segments that are not told from the others, the one that it takes least to tell."""
    judged = [(row.overall, row.name) for row in report.segments if row.overall is not None]
    open_ = [(found.units_to_tell, name, found) for found, name in judged if found.units_to_tell is not None]
    if open_:
        _, name, found = min(open_)
        if len(report.segments) == 2:  # each is held against the other
            name = " against ".join(row.name for row in report.segments)
        if said := would_tell(found, report.stages[0], bool(report.open_by_segment)):
            yield Note(f"Nearest to a verdict: {visible(name)}. {said}")


def file_order(dimension: str) -> str:
    """What is to be known where the names of periods do not say which is earlier."""
    return f"The names of {dimension} do not tell which is earlier: they stand in the order of the file."


_CAUSES: dict[Cause, str] = {
    "no_amount": "Those without an amount have the mean of their segment in its row, by the funnel's own that of all.",
    "checks": "The average checks of the segments come to another one than that of the funnel.",
}


def gap_notes(gap: Gap, shown: Exact | None, currency: str | None) -> Iterator[Note]:
    """Why a column does not add up to its total, or the total is not what the funnel says by itself.

    Nothing where less than a cent is between them: a mean that was rounded to be written makes the difference.
    """
    if abs(Fraction(gap.segments) - gap.total) < Fraction(1, 200):
        return
    name, is_sales = gap.figure.replace("_", " "), gap.figure == "sales"
    segments, total = (text(figure, kind_of(gap.figure), currency) for figure in (gap.segments, gap.total))
    why = "" if gap.cause is None else f" {_CAUSES[gap.cause]}"
    if shown == gap.total:
        adds = "add" if is_sales else "adds"
        yield warning(f"The {name} of the segments {adds} up to {segments}; {total}, that of the funnel, counts.{why}")
        return
    whose = "are those" if is_sales else "is that"
    said = f"The {name} of the total {whose} of the segments, {segments}; {total} by the funnel's own figures."
    yield warning(said + why)


def _budgets(report: SegmentReport) -> Iterator[Note]:
    """Where the budget of the total comes from, wherever it is not the sum of those above it."""
    for each in report.gaps:
        yield from gap_notes(each, getattr(report.total, each.figure), report.currency)
    lacking = economics.named(report.unbudgeted)
    if not lacking or len(report.unbudgeted) == len(report.segments) + report.folded:
        return
    if report.total.budget is None:
        yield warning(f"No sum of budgets: {lacking} without one (budget: 0 where nothing is spent).")
    else:
        yield Note(f"The budget of the total is that of the funnel; {lacking} without one.")


def csv_rows(report: SegmentReport) -> Iterator[dict[str, Any]]:
    """One row a segment and stage, the total's last; the share stands with the first stage, money with the last."""
    last = len(report.stages) - 1
    for row in rows(report):
        kind = "total" if row is report.total else "other" if row is report.other else "segment"
        own = {"dimension": row.dimension, "row": kind, "segment": row.name if kind == "segment" else None}
        for index, stage in enumerate(report.stages):
            yield own | {
                "stage": stage,
                "count": row.counts[index],
                "conversion": row.conversions[index],
                "conversion_low": row.conversions_low[index],
                "conversion_high": row.conversions_high[index],
                "p_value_holm": row.p_values_holm[index],
                "differs": row.differs[index],
                "share": row.share if not index else None,
                "revenue": row.revenue if index == last else None,
                "budget": row.budget if index == last else None,
                **_overall_cells(row, at_sale=stage == report.sale_stage),
                "conversion_decided": row.conversions_decided[index],
                "conversion_decided_low": row.conversions_decided_low[index],
                "conversion_decided_high": row.conversions_decided_high[index],
                "open": row.open[index] if row.open else None,
                **_time_cells(row.times[index] if row.times else None),
                "conversion_eventual": row.conversions_eventual[index] if row.conversions_eventual else None,
                "conversion_eventual_low": row.conversions_eventual_low[index] if row.conversions_eventual else None,
                "conversion_eventual_high": row.conversions_eventual_high[index] if row.conversions_eventual else None,
                **_end_cells(row if stage == report.sale_stage else None),
            }


def _end_cells(row: SegmentRow | None) -> dict[str, Any]:
    """The overall conversion in the end: with the stage of the sale."""
    ends = ("low", "high")
    keys = ("conversion_eventual", *(f"conversion_{of}_{end}" for of in ("eventual", "final") for end in ends))
    return {f"overall_{key}": None if row is None else getattr(row, key) for key in keys}


def _time_cells(time: Time | None) -> dict[str, Any]:
    """The time of a step in days, as the cells of a funnel have it."""
    figures = {"days": "mean", "median_days": "p50", "p90_days": "p90"}
    return {key: None if time is None else in_days(getattr(time, own)) for key, own in figures.items()}


def _overall_cells(row: SegmentRow, at_sale: bool) -> dict[str, Any]:
    """The overall conversion with its test, and how the segment stands: with the stage of the sale."""
    found = row.overall if at_sale else None
    tested = {
        f"overall_{key}": None if found is None else getattr(found, key)
        for key in ("difference", "difference_low", "difference_high", "lift", "lift_low", "lift_high")
    }
    return {
        "overall_conversion": row.overall_conversion if at_sale else None,
        "overall_conversion_low": row.overall_conversion_low if at_sale else None,
        "overall_conversion_high": row.overall_conversion_high if at_sale else None,
        **tested,
        "overall_p_value_holm": None if found is None else found.p_value_holm,
        "overall_chance_better": None if found is None else found.chance_b_better,
        "overall_differs": None if found is None else found.differs,
        "shrunken": row.shrunken if at_sale else None,
        "shrunken_low": row.shrunken_low if at_sale else None,
        "shrunken_high": row.shrunken_high if at_sale else None,
        "chance_best": row.chance_best if at_sale else None,
        "overall_conversion_decided": row.overall_conversion_decided if at_sale else None,
        "overall_conversion_decided_low": row.overall_conversion_decided_low if at_sale else None,
        "overall_conversion_decided_high": row.overall_conversion_decided_high if at_sale else None,
    }
