"""What `economics` says of a funnel: what a unit costs and brings, whether it pays, and what it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.earning import EARNS, FEW, HOPELESS, LOSES, SURE, UNTOLD
from funnelcli.analyses.ends import tells_no_rate
from funnelcli.analyses.fewer_stages import OVERALL
from funnelcli.analyses.unit_economics import profit_told
from funnelcli.output.csv import fields
from funnelcli.output.document import Block, Cell, CellKind, Column, KeyValues, Note, Table
from funnelcli.output.numbers import in_table, text, visible
from funnelcli.output.views.building import (
    assumed,
    base_called,
    cut_note,
    figure_word,
    first_of,
    known,
    now_and_end,
    on_average,
    open_note,
    range_words,
    sales_called,
    sentence,
    table,
    verdict,
    warning,
    whole_figure,
    with_total,
)
from funnelcli.output.views.segments import gap_notes
from funnelcli.stats.tests import LIKELY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.unit_economics import Economics, StageEconomics
    from funnelcli.exact import Exact

_COST_NAMES = {"impression": "CPM", "click": "CPC", "lead": "CPL", "customer": "CAC"}


def blocks(result: Economics) -> Iterator[Block]:
    """The verdict, the segments that were asked for, the figures of the whole, its stages and break-even values."""
    yield verdict(whether_it_pays(result))
    yield from _who_earns(result)
    if result.unmet and result.verdict != UNTOLD:
        yield warning(f"No range and no end is told: {tells_no_rate(result.unmet)}.")
    if result.segments:
        yield segments(result)
    yield from _figures(result)
    yield from _stages(result)
    yield from _break_even(result)
    yield from _notes(result)


def _who_earns(result: Economics) -> Iterator[Note]:
    """Which segments earn and which lose, where that can be told."""
    said = []
    for word, verdicts in (("loses", (LOSES, HOPELESS)), ("earns", (EARNS,)), (UNTOLD, (UNTOLD,))):
        names = [visible(each.name) for each in result.segments if each.verdict in verdicts]
        if names:
            said.append(f"{sentence(word if len(names) == 1 else _OF_MANY[word])}: {', '.join(first_of(names))}.")
    if said:
        yield verdict(" ".join(said))


_OF_MANY = {"loses": "lose", "earns": "earn", UNTOLD: UNTOLD}


def whether_it_pays(result: Economics) -> str:
    """The sentence that comes first: whether it earns, where that can be told, and how sure that is."""
    if result.verdict is None and result.profit is not None:
        return "No verdict: nothing was spent, and nothing earned."
    if result.verdict is None:
        lacking = "an average_check" if result.revenue is None else "a budget, a cost or a gross_margin"
        if result.revenue is not None and result.unbudgeted:
            lacking = "a budget, or one to each segment,"
        return f"No verdict: give {lacking} to see whether it pays."
    if result.verdict == HOPELESS and result.unit_margin is not None:
        return f"No conversion makes it pay: every sale loses {text(-result.unit_margin, 'money', result.currency)}."
    if result.verdict == UNTOLD and result.chance_earns is None:
        return f"Whether it earns cannot be told: {tells_no_rate(result.unmet)}."
    if not profit_told(result) and result.chance_earns is None:
        return "Breaks even."
    chance = _chance(result)
    profit, amount, when = profit_told(result), _amount(result), " in the end" if result.in_the_end else ""
    if result.verdict == UNTOLD:
        counted = f"{'earns' if profit > 0 else 'loses'} {amount}" if profit else "breaks even"
        how = "as expected in the end" if result.in_the_end else "as counted"
        return f"Whether it earns cannot be told yet: {chance}; {how} it {counted}. {_what_tells(result)}"
    earned = f"{'Earns' if profit > 0 else 'Loses'} {amount}{when}{f' ({chance})' if chance else ''}"
    if result.unit_margin is None:
        return f"{earned}; there are no {figure_word('sales', result)}."
    more = " and the costs of earlier stages" if _costs_before(result) else ""
    return f"{earned}; each sale leaves {text(result.unit_margin, 'money', result.currency)} before the budget{more}."


def loss(result: Economics) -> str:
    """What a segment loses, in a few words: `Ads: loses 324 USD (chance to earn 12%)`."""
    if result.verdict == HOPELESS and result.unit_margin is not None:
        every = text(-result.unit_margin, "money", result.currency)
        return f"{result.name}: every sale loses {every}, no conversion makes it pay"
    chance = _chance(result)
    when = " in the end" if result.in_the_end else ""
    return f"{result.name}: loses {_amount(result)}{when}{f' ({chance})' if chance else ''}"


def _chance(result: Economics) -> str:
    return "" if result.chance_earns is None else f"chance to earn {text(result.chance_earns, 'chance')}"


def _amount(result: Economics) -> str:
    """The profit or the loss, without its sign."""
    profit = abs(profit_told(result))
    return text(whole_figure(profit) if result.in_the_end else profit, "money", result.currency)


def _what_tells(result: Economics) -> str:
    """What it takes to tell whether it earns."""
    chance = result.chance_earns or 0.0
    if not 1 - LIKELY < chance < LIKELY:
        if result.check_error is not None and result.sales <= FEW:
            return f"So few sales hardly tell how their money differs: a verdict takes {SURE:.0%}. Count for longer."
        return "The chance and the counts are on different sides: count for longer."
    if result.sales_to_tell is None:
        return "It is too near the break-even for counts of this size to tell: count for longer."
    sales = text(result.sales_to_tell, "count")
    return f"About {sales} more {figure_word('sales', result)} would tell (in 4 of 5 cases, should it go on like this)."


def _costs_before(result: Economics) -> bool:
    """Whether something is spent on units that do not become sales."""
    return result.acquisition_cost is not None and result.acquisition_cost != result.cac


def _is_told(result: Economics, key: str) -> bool:
    """Whether a figure is known, and another one than that beside it."""
    if key.startswith("first_sale_margin") and result.ltv is not None:
        return False  # the lifetime value stands there
    if key == "first_sale_margin" and result.first_sale_margin == result.unit_margin:
        return False
    return getattr(result, key) is not None and (key != "acquisition_cost" or _costs_before(result))


_FIGURES: tuple[tuple[str, str, CellKind], ...] = (
    ("Revenue", "revenue", "money"),
    ("Value per entry", "value_per_entry", "money"),
    ("Variable cost", "variable_cost", "money"),
    ("Gross profit", "gross_profit", "money"),
    ("Budget", "budget", "money"),
    ("Profit", "profit", "money"),
    ("ROAS", "roas", "number"),
    ("ROMI", "romi", "rate"),
    ("Margin per sale", "unit_margin", "money"),
    ("LTV", "ltv", "money"),
    ("Margin of the first sale", "first_sale_margin", "money"),
    ("CAC, fully loaded", "acquisition_cost", "money"),
    ("LTV / CAC", "ltv_to_cac", "number"),
    ("Margin of the first sale / CAC", "first_sale_margin_to_cac", "number"),
    ("RPM", "rpm", "money"),
    ("Leads that buy", "lead_quality", "rate"),
    ("Referral multiplier", "referral_multiplier", "number"),
)


def _figures(result: Economics) -> Iterator[KeyValues]:
    shown = [figure for figure in _FIGURES if _is_told(result, figure[1])]
    pairs = [(label, _figure(result, key, kind)) for label, key, kind in shown]
    if _grows(result):
        pairs += [pair for label, key, kind in shown for pair in on_average(result, label, key, kind)]
    if result.payback is not None:
        days = result.payback.days
        when = "" if days is None else f", {text(days, 'duration')} from the entry"
        pairs.append(("CAC paid back at", f"{result.payback.stage}{when}"))
    if pairs:
        yield KeyValues(tuple(pairs))


def _figure(result: Economics, key: str, kind: CellKind) -> str:
    """A figure and where it lies in the long run, where that is known; while units are open, what it is now."""
    low, high = (getattr(result, f"{key}_{end}", None) for end in ("low", "high"))
    if not _grows(result):
        return f"{text(getattr(result, key), kind, result.currency)}{range_words(low, high, kind, result.currency)}"
    if key in ("revenue", "profit"):
        return now_and_end(result, key)
    shown = text(getattr(result, key), kind, result.currency)
    if not result.in_the_end:
        return shown + (" now" if low is not None else "")
    return shown + (" in the end" if key in _OF_A_SALE else "" if key in _LASTING else " now")


_OF_A_SALE = ("unit_margin", "ltv", "first_sale_margin", "ltv_to_cac", "first_sale_margin_to_cac")
"""Figures of one sale, which are told in the end where that is known."""
_LASTING = ("budget", "referral_multiplier")


def _grows(result: Economics) -> bool:
    """Whether ranges are of the end, and figures of now."""
    return bool(result.open_at) or result.awaits


def _stages(result: Economics) -> Iterator[Table]:
    def called(stage: StageEconomics) -> str:
        thousand = f" {in_table(result.cpm, 'money', result.currency)}" if stage.role == "impression" else ""
        return f"{_COST_NAMES.get(stage.role or '', '')}{thousand}"

    costs = tuple(known(result.stages, Column("Cost\nof each", "cost_per", "money")))
    values = tuple(known(result.stages, Column("Value\nof each", "value_per", "money")))
    roles = costs and any(stage.role for stage in result.stages)
    names = (Column("Called", "called", "text", called),) if roles else ()
    if costs or values:
        stage = (Column("Stage", "name", "text"), Column("Count", "count", "count"))
        yield table(result.stages, (*stage, *costs, *names, *values))


def _break_even(result: Economics) -> Iterator[Table]:
    if result.profit is None:
        return
    even = result.break_even
    # without another break-even value a profit is never lost by the lever, and a loss never mended
    profit = result.profit if result.profit_eventual is None else result.profit_eventual
    nowhere = "pays at any" if profit > 0 else "not reachable" if profit < 0 else "as it is"
    sales = result.sales if result.sales_eventual is None else result.sales_eventual

    def row(lever: str, now: Any, value: Any, kind: CellKind, selector: str) -> tuple[Any, ...]:
        none = "n/a" if selector in result.break_even_unknown else nowhere
        return lever, Cell(now, kind), Cell(none, "text") if value is None else Cell(value, kind)

    rows = [row("Entries", result.stages[0].count, even.entries, "count", "entries")]
    of_sale = f"conversion@{result.sale_stage}" if result.lost_unplaced is None else OVERALL
    rows.append(row(sales_called(result), sales, even.sales, "count", of_sale))
    if result.average_check is not None:
        rows.append(row("Average check", result.average_check, even.average_check, "money", "average_check"))
    for stage in result.stages:
        if stage.name in even.conversions:
            at, now = even.conversions[stage.name], stage.conversion_eventual if result.in_the_end else stage.conversion
            rows.append(row(f"Conversion to {stage.name}", now, at, "rate", f"conversion@{stage.name}"))
        elif stage.name == result.sale_stage and of_sale == OVERALL:
            rows.append(row("Overall conversion", stage.conversion, even.overall_conversion, "rate", OVERALL))
    start = sentence(base_called(result.in_the_end))
    columns = (Column("", "lever", "text"), Column(start, "now", "number"), Column("Break-even", "even", "number"))
    budget = ", with the budget as it is" if result.budget else ""
    yield Table(columns, tuple(rows), title=f"Profit is 0 at, each alone{budget}")


_SEGMENT_COLUMNS = (
    Column("Revenue", "revenue", "money", spare=2),
    Column("Gross\nprofit", "gross_profit", "money", spare=9),
    Column("Budget", "budget", "money", spare=3),
    Column("Profit", "profit", "money"),
    Column("ROMI", "romi", "rate", spare=1),
    Column("CPL", "cpl", "money", spare=6),
    Column("CAC", "cac", "money", spare=4),
    Column("CAC, fully\nloaded", "acquisition_cost", "money", spare=7),
    Column("LTV /\nCAC", "ltv_to_cac", "number", spare=8),
    Column("First sale's\nmargin / CAC", "first_sale_margin_to_cac", "number", spare=11),
    Column("Margin\nper sale", "unit_margin", "money", spare=5),
    Column("Leads\nthat buy", "lead_quality", "rate", spare=10),
)
"""What is known of segments, those first left out on a narrow terminal with the highest numbers."""


def segments(result: Economics) -> Table:
    """The money of each segment, and of all of them."""
    shown = (*result.segments, result)
    ended = any(each.revenue_eventual is not None for each in shown)

    def called(each: Economics) -> str:
        return "Total" if each is result else each.name

    columns = (
        Column(sentence(result.dimension or ""), "segment", "text", called),
        Column(sales_called(result), "sales", "count"),
        *(column for column in _SEGMENT_COLUMNS if any(_is_told(each, column.key) for each in shown)),
        *_cost_of_sale(result, shown),
        *((Column("Revenue in\nthe end", "revenue_eventual", "money", _revenue_in_the_end, spare=1),) if ended else ()),
        *known(shown, Column("Profit in\nthe end", "profit_eventual", "money")),
        *known(shown, Column("Chance\nto earn", "chance_earns", "chance")),
        *known(shown, Column("Verdict", "verdict", "text", _verdict_in_table)),
    )
    return with_total(table(shown, columns, f"By {result.dimension}", "segments"))


def _revenue_in_the_end(each: Economics) -> Exact | None:
    """What is expected where units are open, and what came where none are; `None` where no end is known."""
    return each.revenue_eventual if _grows(each) else each.revenue


def _cost_of_sale(result: Economics, shown: Sequence[Economics]) -> Iterator[Column]:
    """The budget per unit of the last stage, by its name; a lead's and a customer's stand there as CPL and CAC."""
    if result.sale_role not in ("lead", "customer"):
        name = "CPC" if result.sale_role == "click" else f"Cost per\n{visible(result.sale_stage)}"
        yield from known(shown, Column(name, "cost_per", "money", spare=3))


def _verdict_in_table(each: Economics) -> str | None:
    """A verdict in a table; `None` where there is none."""
    return each.verdict or ("not mature" if _is_open(each) else "not whole" if _is_cut(each) else None)


def _is_open(segment: Economics) -> bool:
    """Whether it is a cohort whose window is open."""
    return segment.dimension is None and bool(segment.not_mature)


def _is_cut(segment: Economics) -> bool:
    """Whether it is a period of which a part is covered."""
    return segment.dimension is None and bool(segment.cut)


def _is_outside(figure: Exact | None, low: float | None, high: float | None) -> bool:
    return figure is not None and low is not None and high is not None and not low <= figure <= high


def _notes(result: Economics) -> Iterator[Note]:
    yield from open_note(result.not_mature, whole=result.name)
    yield from cut_note(result.cut, "whether it earns is not told", "whether they earn is not told")
    for each in result.segments:
        if each.verdict == HOPELESS and each.unit_margin is not None:
            loss = text(-each.unit_margin, "money", result.currency)
            yield warning(f"{each.name}: every sale loses {loss}; no conversion makes it pay.")
    for gap in result.gaps:
        yield from gap_notes(gap, getattr(result, gap.figure), result.currency)
    if not _grows(result) and _is_outside(result.revenue, result.revenue_low, result.revenue_high):
        yield Note(
            "The revenue lies outside its range: the counts are so few, or so near an end, that the range has other "
            "rates."
        )
    if result.assumptions:
        yield from assumed(result.assumptions)


def csv_rows(result: Economics) -> Iterator[dict[str, Any]]:
    """One row for the funnel and for each segment."""
    yield fields(result) | {"dimension": None}
    yield from (fields(segment, "segment") | {"dimension": result.dimension} for segment in result.segments)
