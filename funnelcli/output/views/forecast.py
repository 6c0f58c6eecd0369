"""What `forecast` says of the open units of a funnel: what they will bring, how surely, and when."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import joined
from funnelcli.exact import added
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, Block, Cell, Column, KeyValues, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import (
    assumed,
    few,
    figure_word,
    goal_words,
    known,
    only,
    sales_called,
    sentence,
    so_many_sales,
    table,
    the_sale,
    verdict,
    warning,
    whole_figure,
    with_total,
)
from funnelcli.output.views.forecast_segments import believed, by_age, segments
from funnelcli.output.views.forecast_words import ON_THEIR_WAY, by_then, called, grows, in_money, in_the_end, passing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.analyses.forecast import Forecast
    from funnelcli.analyses.open_stages import OpenStage
    from funnelcli.analyses.timeline import Moment
    from funnelcli.exact import Exact

_TOTALS = ("open", "sales_low", "sales_high", "low", "high", "velocity_per_day", "coverage")
_LITTLE = 1000
"""What is so many times smaller than the expected figure is next to nothing beside it."""
_HORIZON = ("within_days", "until", "expected_sales_eventual", "expected_revenue_eventual")


def blocks(result: Forecast) -> Iterator[Block]:
    """The verdict, the stages with their open units, velocity and coverage, timing, segments, and the assumptions."""
    yield verdict(_verdict(result))
    if result.followed_days is not None:
        yield warning(
            "The end is not known, as nobody was followed for the whole window: what comes later is left out."
        )
    yield from _unknown_chances(result)
    yield _stages(result)
    if result.on_their_way:
        yield Note(f"{ON_THEIR_WAY} are entries that have not come to {visible(result.sale_stage)} yet.")
    if not _is_unknown(result):
        yield _figures(result)
    yield from _timing(result)
    if result.steps:
        yield _decided(result)
    if result.segments:
        yield from segments(result)
    yield from _notes(result)


def _verdict(result: Forecast) -> str:
    if _is_unknown(result):
        waiting = text(result.open, "count")
        return f"What the {waiting} that are open will bring is not known: none like them is decided yet."
    kind = "count" if result.expected_revenue is None else "money"
    expected = _expected(result, result.expected_sales, result.expected_revenue)
    low, high = (text(whole_figure(end), kind, result.currency) for end in (result.low, result.high))
    said = f"Expect {expected} {by_then(result)}; between {low} and {high} with a chance of 80%."
    undated = _undated(result)
    if result.within_days is None or _is_little(undated, result):
        return said
    more = _expected(result, *undated)
    return f"{said} Not in it, as no date is known: {more} more of the {text(result.open, 'count')} that are open."


def _is_unknown(result: Forecast) -> bool:
    """Whether no chance of what is open is known, so that nothing is told of what it brings."""
    return _chances(result) == {None} and not result.expected_sales and not result.expected_revenue


def _undated(result: Forecast) -> tuple[Exact, Exact | None]:
    """What is expected at no known time: after the last date of a chance, or of a stage whose times are not known."""
    sales, revenue = _of_moments(result, lambda moment: moment.days is None and moment.after is None)
    both = None if revenue is None else revenue + (result.expected_revenue_undated or 0)
    return sales + result.expected_sales_undated, both


def _of_moments(result: Forecast, wanted: Callable[[Moment], bool]) -> tuple[Exact, Exact | None]:
    """The sales and the money of some parts of the timeline."""
    rows = [moment for moment in result.timeline if wanted(moment)]
    revenue = None if result.expected_revenue is None else added(moment.revenue or 0 for moment in rows)
    return added(moment.sales for moment in rows), revenue


def _is_little(part: tuple[Exact, Exact | None], result: Forecast) -> bool:
    """Whether sales and money are nothing, or so few beside what is expected by then that they change no figure."""
    (sales, revenue), whole = part, (result.expected_sales, result.expected_revenue or 0)
    return sales * _LITTLE <= whole[0] and (revenue or 0) * _LITTLE <= whole[1]


def _chances(result: Forecast) -> set[Exact | None]:
    """The chances of open units by counts on the way to the sale; the sale itself has none."""
    waiting = [each for each in result.stages if each.open and each.name != result.sale_stage]
    return {each.sales_per_open_unit for each in waiting if not each.stated} if not grows(result) else set()


def _unknown_chances(result: Forecast) -> Iterator[Note]:
    """That counts without any loss, or without any sale, tell no chance."""
    way = "state close_chance at the stages that have open"
    stated = {each.close_chance for each in result.stages if each.open and each.stated}
    for chance, what in ((0, "is expected to become a sale"), (1, "is expected to be lost")):
        if stated == {chance}:
            yield warning(f"None of those open {what}: a chance of {chance:.0%} (close_chance) is no sure one.")
    chances = _chances(result)
    if chances == {1} and all(each.conversion_decided == 1 for each in result.steps):
        yield warning(
            f"No loss is among the counts: the chance to close is not known, and 100% is too high. "
            f"Count the lost ones too, or {way}."
        )
    elif chances == {None} and result.open:
        yield warning(f"No chance to close is known, so nothing is expected. Count the decided ones too, or {way}.")
    elif chances <= {0, None} and 0 in chances:
        none = "No sale is" if result.sales_called == "sales" else f"None at {visible(result.sales_called)} are"
        yield warning(f"{none} among the counts: a chance of 0% is no sure one. Count these too, or {way}.")


def _expected(result: Forecast, sales: Exact, revenue: Exact | None) -> str:
    """Money and sales, whichever there are."""
    counted = so_many_sales(text(whole_figure(sales), "count"), result)
    if revenue is None:
        return counted
    return in_money(revenue, result) + (f" and {counted}" if sales else "")


def _share(share: Exact | None) -> Exact | Cell | None:
    """A share that is all but 100%, or 0%, is only said to be none of these: no digits of it tell more."""
    if share is None or share in (0, 1) or 1 <= share * _LITTLE <= _LITTLE - 1:
        return share
    return Cell("<0.1%" if share * 2 < 1 else ">99.9%", "text")


def _stages(result: Forecast) -> Table:
    def worth(stage: OpenStage) -> Exact | None:
        return None if stage.weighted is None else whole_figure(stage.weighted)

    weighted = Column("Weighted", "weighted", "money", worth)
    money = (weighted,) if result.expected_revenue is not None and not _is_unknown(result) else ()
    share = Column("Of them\nin time", "in_time", "rate", lambda stage: _share(stage.in_time))
    times = Column(f"Time to\n{the_sale(result)}", "days", "duration")
    times_known = tuple(known(result.stages, times if result.within_days is None else share))

    def leads_on(stage: OpenStage) -> bool:
        return stage.sales_per_open_unit is not None

    columns = (
        Column("Stage", "name", "text", lambda stage: called(stage.name, result)),
        Column("Open", "open", "count"),
        *only(leads_on, *([] if _is_unknown(result) else [passing(result)])),
        *only(leads_on, *(times_known if result.within_days is not None else ())),
        *only(leads_on, *([] if _is_unknown(result) else [Column(sales_called(result), "sales", "count")])),
        *money,
        *only(leads_on, *(times_known if result.within_days is None else ())),
    )
    totals = {
        "name": "Total",
        "open": added(stage.open for stage in result.stages),
        "sales": result.expected_sales,
        "weighted": whole_figure(result.expected_revenue or 0),
    }
    return with_total(table(result.stages, columns), tuple(totals.get(column.key, BLANK) for column in columns))


def _figures(result: Forecast) -> KeyValues:
    when = "" if result.within_days is None else f" {by_then(result)}"
    sales = [text(whole_figure(end), "count") for end in (result.sales_low, result.sales_high)]
    pairs = [(sales_called(result), f"{' to '.join(sales)}{when}")]
    if result.expected_revenue is not None:
        pairs.append(("Revenue", f"{in_money(result.low, result)} to {in_money(result.high, result)}{when}"))
    if result.within_days is not None:
        pairs.append(("After that", _after(result)))
    if result.goal is not None:
        chance = text(result.goal.chance, "chance")
        goal = goal_words(result.goal, result)
        pairs.append(("Goal", f"{goal} {by_then(result)}, a chance of {chance}"))
        pairs.append(("Coverage", f"{text(result.coverage, 'rate')} of the goal is expected {by_then(result)}"))
    if result.velocity_per_day is not None:
        each, wins = (f" {figure_word('sales', result)} each", "number") if grows(result) else ("", "rate")
        factors = (
            f"{text(result.open, 'count')} open",
            text(whole_figure(result.average_check), "money", result.currency),
            f"{text(result.win_rate, wins)}{each} / {text(result.cycle_days, 'duration')}",
        )
        pairs.append(("Sales velocity", f"{in_money(result.velocity_per_day, result)} a day: {' × '.join(factors)}"))
    return KeyValues(tuple(pairs))


def _after(result: Forecast) -> str:
    """What is expected after the horizon at a known time; what has none is not in it, and stands in the verdict."""
    sales, revenue = _of_moments(result, lambda moment: moment.days is None and moment.after is not None)
    sales -= result.expected_sales_undated
    revenue = None if revenue is None else revenue - (result.expected_revenue_undated or 0)
    dated = sales, revenue
    end = in_the_end(result) if _is_little(_undated(result), result) else "at a known date"
    if not any(round(part or 0, 9) for part in dated):  # differences of floats
        return "nothing more" if end == "in the end" else f"nothing more {end}"
    more = "next to nothing" if _is_little(dated, result) else _expected(result, *dated)
    return f"{more} more {end}"


def _timing(result: Forecast) -> Iterator[Table]:
    """The timeline, added up."""
    rows: list[tuple[Any, Any, Any]] = []
    sales: Exact = 0
    revenue: Exact = 0
    for moment in result.timeline:
        sales, revenue = sales + moment.sales, revenue + (moment.revenue or 0)
        if moment.days is not None:
            label = Cell(f"By {result.until}", "text") if _is_until(result, moment) else Cell(moment.days, "duration")
            rows.append((label, sales, revenue))
    unknown = _undated(result)
    if result.within_days is None and any(unknown):  # beside a horizon, the verdict says it
        rows.append(("Unknown time", unknown[0], unknown[1] or 0))
    if any(moment.days is None for moment in result.timeline):
        rows.append((sentence(in_the_end(result)), sales, revenue))
    if all(moment.days is None for moment in result.timeline):
        return
    columns = (
        Column("Within", "within", "text", itemgetter(0)),
        Column(sales_called(result), "sales", "count", itemgetter(1)),
        Column("Revenue", "revenue", "money", lambda row: whole_figure(row[2]))
        if result.expected_revenue is not None
        else None,
    )
    yield table(rows, columns, "When it arrives, added up")


def _is_until(result: Forecast, moment: Moment) -> bool:
    return result.until is not None and moment.days == result.within_days


def _decided(result: Forecast) -> Table:
    columns = (
        Column("Step", "name", "text"),
        Column("Out of", "reached", "count"),
        Column("Of them\nstill open", "open", "count"),
        Column("Went on", "went_on", "count"),
        Column("Of the\ndecided", "conversion_decided", "rate"),
        *known(
            result.steps,
            Column("Lost\nafter", "days_lost", "duration"),
            Column("Of all,\nin the end", "conversion_eventual", "rate"),
            Column("Of those\nstill open", "conversion_open", "rate"),
        ),
    )
    return table(result.steps, columns, "Conversions of the decided: without those who are still open")


def csv_rows(result: Forecast) -> Iterator[dict[str, Any]]:
    """One row for each stage with open units and each segment's chance there, and one for the total."""
    for stage in result.stages:
        yield fields(stage, "stage")
        for segment in result.segments:
            chances = segment.close_chances[stage.name], segment.sales_per_open_unit[stage.name]
            own = {"stage": stage.name, "segment": segment.name}
            yield own | dict(zip(("close_chance", "sales_per_open_unit"), chances, strict=True))
    for segment in result.segments:
        if segment.open is not None:
            alone = {} if segment.sales_alone is None else {"sales_alone": segment.sales_alone}
            yield {
                "segment": segment.name,
                "open": segment.open,
                "sales": segment.sales_within,
                "weighted": segment.weighted_within,
                **alone,
                "expected_sales_eventual": segment.sales,
                "expected_revenue_eventual": segment.weighted,
            }
    yield {key: getattr(result, key) for key in (*_TOTALS, *_HORIZON)} | {
        "close_chance": None if grows(result) else result.win_rate,
        "days": result.cycle_days,
        "sales": result.expected_sales,
        "weighted": result.expected_revenue,
        "sales_per_open_unit": result.win_rate,
    }


def _notes(result: Forecast) -> Iterator[Note]:
    if result.open_by_segment:
        stated = [stage.name for stage in result.stages if stage.stated]
        if stated and not by_age(result):
            yield Note(f"Every {result.dimension} has the chance of the stage: {', '.join(stated)}.")
        told = {name for each in result.segments for name in each.amounts_of_all}
        if told and any(each.weighted is not None for each in result.segments):
            named = ", ".join(stage.name for stage in result.stages if stage.name in told)
            lacking = [each for each in result.segments if each.amounts_of_all]
            which, unit = f"which {visible(result.dimension or '')}", "each"
            if any(each.open and not each.amounts_of_all for each in result.segments):
                which, unit = joined([visible(each.name) for each in lacking]), "each of theirs"
            yield Note(f"Which amounts are of {which} is not known: {unit} has the mean of what is left at {named}.")
    yield from believed(result)
    if result.segments and not result.open_by_segment:
        yield Note(
            "What is open is not given by segment: the forecast is for all of them together, and the chances of the "
            "segments are as if each had its share of what is open."
        )
    if result.untimed and result.within_days is not None:
        yield warning(
            f"How long they take is not known, so they are left out: those open at {', '.join(result.untimed)}. "
            f"Add days to the stages up to {result.sale_stage}."
        )
    if result.prior_explains:
        expected = result.expected_sales if result.expected_revenue is None else result.expected_revenue
        yield Note(
            f"Few counts tell the conversion to {few(result.prior_explains)}: the range allows for other rates too, "
            f"and leans to {'less' if result.mean < expected else 'more'} than is expected."
        )
    if result.velocity_per_day is None and result.average_check is not None:
        yield Note(f"No sales velocity: add days to the stages up to {result.sale_stage}.")
    if result.assumptions:
        yield from assumed(result.assumptions)
    yield Note(f"Ranges and chances: {result.draws:,} draws, seed {result.seed}.")
