"""What `forecast` says of the open units of a funnel: what they will bring, how surely, and when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.model import added
from funnelcli.output.document import Block, Cell, Column, Document, KeyValues, Note, Table, document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.forecast import Forecast

_WORDS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
_TERMS = (Fraction(1, 1440), Fraction(1, 24), 1, 7, 14, 30, 60, 90, 180, 365, 730)


def view(results: Sequence[Forecast]) -> Document:
    """The verdict, the stages with their open units, velocity and coverage, timing, segments, and the assumptions."""
    return document_of(results, _blocks)


def _blocks(result: Forecast) -> tuple[Block, ...]:
    return (
        _verdict(result),
        _stages(result),
        *_figures(result),
        *_timing(result),
        *_segments(result),
        _machine_table(result),
        *_notes(result),
    )


def _verdict(result: Forecast) -> Note:
    if result.expected_revenue is not None:
        expected, kind = result.expected_revenue, "money"
    else:
        expected, kind = result.expected_sales, "count"
    low, high = _brief(result.low, kind), _brief(result.high, kind)
    parts: tuple[Cell | str, ...] = ("Expect ", _brief(expected, kind))
    if kind == "count":
        parts = (*parts, " sales")
    elif result.expected_sales:
        parts = (*parts, " and ", _brief(result.expected_sales, "count"), " sales")
    return Note((*parts, "; between ", low, " and ", high, " with a chance of 80%."), "verdict")


def _brief(value: Any, kind: str) -> Cell:
    """A figure of a forecast: whole where that is precise enough."""
    return Cell(round(value) if abs(value) >= 100 else value, kind)


def _grows(result: Forecast) -> bool:
    """Whether units grow on the way to the sale, so that what they bring is no chance."""
    pairs = [(each.close_chance, each.sales_per_open_unit) for each in result.stages]
    for segment in result.segments:
        pairs += zip(segment.close_chances.values(), segment.sales_per_open_unit.values(), strict=True)
    return any(chance is None and brings is not None for chance, brings in pairs)


def _stages(result: Forecast) -> Table:
    money = result.expected_revenue is not None
    brings = (
        Column("Sales per\nopen unit", "sales_per_open_unit", "number")
        if _grows(result)
        else Column("Chance to\nclose", "close_chance", "rate")
    )
    columns = [
        Column("Stage", "stage", "text"),
        Column("Open", "open", "count"),
        brings,
        Column("Sales", "sales", "count"),
    ]
    columns += [Column("Weighted", "weighted", "money")] if money else []
    timed = any(each.days is not None for each in result.stages)
    columns += [Column("Time to\nthe sale", "days", "duration")] if timed else []
    rows: list[tuple[Any, ...]] = []
    for each in result.stages:
        known = each.sales_per_open_unit is not None
        rows.append(
            (
                f"{each.name} (stated)" if each.stated else each.name,
                each.open,
                each.sales_per_open_unit if known else Cell("", "text"),
                each.sales if known else Cell("", "text"),
                *((_brief(each.weighted or 0, "money"),) if money else ()),
                *((each.days if known else Cell("", "text"),) if timed else ()),
            )
        )
    rows.append(
        (
            "Total",
            added(each.open for each in result.stages),
            Cell("", "text"),
            result.expected_sales,
            *((_brief(result.expected_revenue or 0, "money"),) if money else ()),
            *((Cell("", "text"),) if timed else ()),
        )
    )
    return Table(tuple(columns), tuple(rows), audience="people")


def _figures(result: Forecast) -> Iterator[KeyValues]:
    pairs: list[tuple[str, tuple[Cell | str, ...]]] = [
        ("Sales", (_brief(result.sales_low, "count"), " to ", _brief(result.sales_high, "count")))
    ]
    if result.expected_revenue is not None:
        pairs.append(("Revenue", (_brief(result.low, "money"), " to ", _brief(result.high, "money"))))
    if result.velocity_per_day is not None:
        pairs.append(
            (
                "Sales velocity",
                (
                    _brief(result.velocity_per_day, "money"),
                    " a day: ",
                    Cell(result.open, "count"),
                    " open × ",
                    Cell(result.average_check, "money"),
                    " × ",
                    *(
                        (Cell(result.win_rate, "number"), " sales each")
                        if _grows(result)
                        else (Cell(result.win_rate, "rate"),)
                    ),
                    " / ",
                    Cell(result.cycle_days, "duration"),
                ),
            )
        )
    goal = result.goal
    if goal is not None:
        kind = "count" if goal.metric == "sales" else "money"
        wanted = (f"{goal.metric.capitalize()} of {_WORDS[goal.operator]} ", Cell(goal.value, kind))
        pairs.append(("Goal", (*wanted, ", a chance of ", Cell(goal.chance, "chance"))))
        pairs.append(("Coverage", (Cell(result.coverage, "rate"), " of the goal is expected")))
    yield KeyValues(tuple(pairs))


def _timing(result: Forecast) -> Iterator[Table]:
    known = [each for each in result.timeline if each.days is not None]
    if not known:
        return
    money = result.expected_revenue is not None
    columns = [Column("Within", "within", "text"), Column("Sales", "sales", "count")]
    columns += [Column("Revenue", "revenue", "money")] if money else []
    last = known[-1].days or 0
    terms = [term for term in _TERMS if term < last]
    rows: list[tuple[Any, ...]] = []
    before = None
    for term in (*terms, last):
        reached = [each for each in known if (each.days or 0) <= term]
        sums = added(each.sales for each in reached), added(each.revenue or 0 for each in reached)
        if reached and sums != before:
            rows.append((Cell(term, "duration"), sums[0], *((_brief(sums[1], "money"),) if money else ())))
        before = sums
    rows += [
        ("unknown time", each.sales, *((_brief(each.revenue or 0, "money"),) if money else ()))
        for each in result.timeline
        if each.days is None
    ]
    yield Table(tuple(columns), tuple(rows), title="When it arrives, added up", audience="people")


def _segments(result: Forecast) -> Iterator[Table]:
    if not result.segments:
        return
    stages = [each for each in result.stages if each.sales_per_open_unit is not None]
    grows = _grows(result)
    columns = (
        Column(result.dimension or "", "segment", "text"),
        *(Column(each.name, each.name, "number" if grows else "rate") for each in stages),
    )
    rows = [(each.name, *(each.sales_per_open_unit[stage.name] for stage in stages)) for each in result.segments]
    total = ("All", *(stage.sales_per_open_unit for stage in stages))
    title = f"{'Sales per open unit' if grows else 'Chance to close'} from each stage"
    yield Table(columns, (*rows, total), title=title, audience="people")


def _machine_table(result: Forecast) -> Table:
    """One row for the total and for each stage with open units, and each segment's chance there."""
    columns = (
        Column("Stage", "stage", "text"),
        Column("Segment", "segment", "text"),
        Column("Open", "open", "count"),
        Column("Chance to close", "close_chance", "rate"),
        Column("Days", "days", "number"),
        Column("Sales", "sales", "count"),
        Column("Sales, low", "sales_low", "count"),
        Column("Sales, high", "sales_high", "count"),
        Column("Weighted", "weighted", "money"),
        Column("Low", "low", "number"),
        Column("High", "high", "number"),
        Column("Velocity", "velocity_per_day", "money"),
        Column("Coverage", "coverage", "rate"),
        Column("Sales per open unit", "sales_per_open_unit", "number"),
    )
    nothing = (None,) * 6
    rows: list[tuple[Any, ...]] = []
    for each in result.stages:
        rows.append(
            (
                each.name,
                None,
                each.open,
                each.close_chance,
                each.days,
                each.sales,
                None,
                None,
                each.weighted,
                *nothing[:4],
                each.sales_per_open_unit,
            )
        )
        rows += [
            (
                each.name,
                segment.name,
                None,
                segment.close_chances[each.name],
                *nothing,
                None,
                None,
                None,
                segment.sales_per_open_unit[each.name],
            )
            for segment in result.segments
        ]
    rows.append(
        (
            None,
            None,
            result.open,
            None if _grows(result) else result.win_rate,
            result.cycle_days,
            result.expected_sales,
            result.sales_low,
            result.sales_high,
            result.expected_revenue,
            result.low,
            result.high,
            result.velocity_per_day,
            result.coverage,
            result.win_rate,
        )
    )
    return Table(columns, tuple(rows), audience="machines")


def _notes(result: Forecast) -> Iterator[Note]:
    if result.segments:
        yield Note(("Open units are not given by segment: the forecast is for all of them together.",))
    if result.velocity_per_day is None and result.average_check is not None:
        yield Note((f"No sales velocity: add days to the stages up to {result.sale_stage}.",))
    yield Note((f"{result.draws:,} draws, seed {result.seed}.",))
    yield Note(("Assumed: " + "; ".join(result.assumptions) + ".",))
