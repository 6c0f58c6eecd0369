"""What `forecast` says of the open units of a funnel: what they will bring, how surely, and when."""

from __future__ import annotations

from fractions import Fraction
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from funnelcli.model import added
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, KeyValues, Note, Table
from funnelcli.output.numbers import text
from funnelcli.output.views.building import assumed, goal_words, known, only, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.forecast import Forecast, OpenStage

_TOTALS = ("open", "sales_low", "sales_high", "low", "high", "velocity_per_day", "coverage")
_TERMS = (Fraction(1, 1440), Fraction(1, 24), 1, 7, 14, 30, 60, 90, 180, 365, 730)


def blocks(result: Forecast) -> Iterator[Block]:
    """The verdict, the stages with their open units, velocity and coverage, timing, segments, and the assumptions."""
    yield verdict(_verdict(result))
    yield _stages(result)
    yield _figures(result)
    yield from _timing(result)
    if result.segments:
        yield _segments(result)
    yield from _notes(result)


def _verdict(result: Forecast) -> str:
    sales = f"{text(_brief(result.expected_sales), 'count')} sales"
    kind, expected = "count", sales
    if result.expected_revenue is not None:
        kind, expected = "money", _money(result.expected_revenue, result)
        expected += f" and {sales}" if result.expected_sales else ""
    low, high = (text(_brief(end), kind, result.currency) for end in (result.low, result.high))
    return f"Expect {expected}; between {low} and {high} with a chance of 80%."


def _brief(value: Any) -> Any:
    """A figure of a forecast: whole where that is precise enough."""
    return round(value) if abs(value) >= 100 else value


def _money(value: Any, result: Forecast) -> str:
    return text(_brief(value), "money", result.currency)


def _grows(result: Forecast) -> bool:
    """Whether units grow on the way to the sale, so that what they bring is no chance."""
    pairs = [(each.close_chance, each.sales_per_open_unit) for each in result.stages]
    for segment in result.segments:
        pairs += zip(segment.close_chances.values(), segment.sales_per_open_unit.values(), strict=True)
    return any(chance is None and brings is not None for chance, brings in pairs)


def _stages(result: Forecast) -> Table:
    weighted = Column("Weighted", "weighted", "money", lambda stage: _brief(stage.weighted or 0))
    money = (weighted,) if result.expected_revenue is not None else ()
    times = tuple(known(result.stages, Column("Time to\nthe sale", "days", "duration")))

    def leads_on(stage: OpenStage) -> bool:
        return stage.sales_per_open_unit is not None

    columns = (
        Column("Stage", "name", "text", lambda stage: f"{stage.name} (stated)" if stage.stated else stage.name),
        Column("Open", "open", "count"),
        *only(leads_on, _passing(result), Column("Sales", "sales", "count")),
        *money,
        *only(leads_on, *times),
    )
    total = ("Total", added(stage.open for stage in result.stages), BLANK, result.expected_sales)
    expected = (_brief(result.expected_revenue or 0),) if money else ()
    shown = table(result.stages, columns)
    return shown._replace(rows=(*shown.rows, (*total, *expected, *(BLANK for _ in times))))


def _passing(result: Forecast) -> Column:
    """What an open unit brings: a chance, unless units grow on the way."""
    key = "sales_per_open_unit"
    if _grows(result):
        return Column("Sales per\nopen unit", key, "number")
    return Column("Chance to\nclose", "close_chance", "rate", attrgetter(key))


def _figures(result: Forecast) -> KeyValues:
    sales = [text(_brief(end), "count") for end in (result.sales_low, result.sales_high)]
    pairs = [("Sales", " to ".join(sales))]
    if result.expected_revenue is not None:
        pairs.append(("Revenue", f"{_money(result.low, result)} to {_money(result.high, result)}"))
    if result.velocity_per_day is not None:
        each, wins = (" sales each", "number") if _grows(result) else ("", "rate")
        factors = (
            f"{text(result.open, 'count')} open",
            text(result.average_check, "money", result.currency),
            f"{text(result.win_rate, wins)}{each} / {text(result.cycle_days, 'duration')}",
        )
        pairs.append(("Sales velocity", f"{_money(result.velocity_per_day, result)} a day: {' × '.join(factors)}"))
    if result.goal is not None:
        chance = text(result.goal.chance, "chance")
        pairs.append(("Goal", f"{goal_words(result.goal, result.currency)}, a chance of {chance}"))
        pairs.append(("Coverage", f"{text(result.coverage, 'rate')} of the goal is expected"))
    return KeyValues(tuple(pairs))


def _timing(result: Forecast) -> Iterator[Table]:
    timed = [moment for moment in result.timeline if moment.days is not None]
    if not timed:
        return
    last = timed[-1].days or 0
    rows: list[tuple[Any, Any, Any]] = []
    for term in (*(term for term in _TERMS if term < last), last):
        reached = [moment for moment in timed if (moment.days or 0) <= term]
        sums = added(moment.sales for moment in reached), added(moment.revenue or 0 for moment in reached)
        if reached and (not rows or sums != rows[-1][1:]):
            rows.append((Cell(term, "duration"), *sums))
    rows += [("unknown time", each.sales, each.revenue or 0) for each in result.timeline if each.days is None]
    revenue = Column("Revenue", "revenue", "money", lambda row: _brief(row[2]))
    columns = (
        Column("Within", "within", "text", itemgetter(0)),
        Column("Sales", "sales", "count", itemgetter(1)),
        revenue if result.expected_revenue is not None else None,
    )
    yield table(rows, columns, "When it arrives, added up")


def _segments(result: Forecast) -> Table:
    brings = _passing(result)
    stages = [stage for stage in result.stages if stage.sales_per_open_unit is not None]
    names = Column(result.dimension or "", "segment", "text")
    rows = [(each.name, *(each.sales_per_open_unit[stage.name] for stage in stages)) for each in result.segments]
    total = ("All", *(stage.sales_per_open_unit for stage in stages))
    columns = (names, *(Column(stage.name, stage.name, brings.kind) for stage in stages))
    return Table(columns, (*rows, total), f"{' '.join(brings.header.split())} from each stage")


def csv_rows(result: Forecast) -> Iterator[dict[str, Any]]:
    """One row for each stage with open units and each segment's chance there, and one for the total."""
    for stage in result.stages:
        yield fields(stage, "stage")
        for segment in result.segments:
            chances = segment.close_chances[stage.name], segment.sales_per_open_unit[stage.name]
            own = {"stage": stage.name, "segment": segment.name}
            yield own | dict(zip(("close_chance", "sales_per_open_unit"), chances, strict=True))
    yield {key: getattr(result, key) for key in _TOTALS} | {
        "close_chance": None if _grows(result) else result.win_rate,
        "days": result.cycle_days,
        "sales": result.expected_sales,
        "weighted": result.expected_revenue,
        "sales_per_open_unit": result.win_rate,
    }


def _notes(result: Forecast) -> Iterator[Note]:
    if result.segments:
        yield Note("Open units are not given by segment: the forecast is for all of them together.")
    if result.velocity_per_day is None and result.average_check is not None:
        yield Note(f"No sales velocity: add days to the stages up to {result.sale_stage}.")
    yield Note(f"{result.draws:,} draws, seed {result.seed}.")
    yield assumed(result.assumptions)
