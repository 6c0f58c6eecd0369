"""What `compare` says: the stages side by side, what differs beyond chance, what moved revenue, mix against rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import joined
from funnelcli.output.csv import fields
from funnelcli.output.document import BLANK, CHANGES, Block, Cell, CellKind, Column, Note, Table, Waterfall
from funnelcli.output.numbers import brief_rate, in_table, p_value, points_change, text, visible
from funnelcli.output.views.building import kind_of, only, sentence, side_by_side, table, verdict, warning
from funnelcli.output.views.segments import file_order, open_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport, Mix, Moved, Side


def title(report: ComparisonReport) -> str:
    """Which funnels are held against each other."""
    names = [side.name for side in report.sides]
    return f"{names[0]} → {names[1]}" if len(names) == 2 else f"{report.name} against {names[0]}"


def blocks(report: ComparisonReport) -> Iterator[Block]:
    """Two funnels in detail; more of them in a table over all, each then against the first."""
    if len(report.currencies) > 1:
        named = ", ".join(report.currencies)
        yield warning(f"Money in different currencies ({named}) is compared as it stands, without exchange.")
    if len(report.comparisons) == 1:
        (pair,) = report.comparisons
        yield from _verdict(pair, report.currency)
        yield from open_note(report.not_mature)
        yield _stages(report, pair)
        yield waterfall(pair)
        yield from _rounding(report, [pair.revenue or pair.sales], "money" if pair.revenue else "count")
    else:
        yield from open_note(report.not_mature)
        overall = f"Overall, to {report.sale_stage}"
        amounts = (("Revenue", "revenue"), ("Profit", "profit"))
        yield side_by_side(report.sides, report.stages, _of_stage, overall, amounts, report.currency)
        yield _differences(report)
        yield from _effects(report)
    for pair in report.comparisons:
        yield from _mix(pair, named=len(report.comparisons) > 1)
    yield from _notes(report)


# two funnels


def _verdict(pair: Comparison, currency: str | None) -> Iterator[Note]:
    sales, revenue = pair.sales, pair.revenue
    more = "" if revenue is None else f", revenue {_change(revenue, 'money', currency)}"
    yield verdict(f"Sales {_change(sales, 'count', currency)}{more}.")
    moved = revenue or sales
    if moved.change:
        largest = max(moved.effects, key=lambda effect: abs(effect.effect))
        effect = text(largest.effect, "money_change" if revenue else "count_change", currency)
        yield Note(f"What moved it most: {_factor(largest.factor, largest.from_)}, {effect}.")
    sure = [stage for stage in pair.stages if stage.differs]
    if sure:
        named = [
            f"{stage.name} ({points_change(stage.difference)}, p {_compared(p_value(stage.p_value_holm))})"
            for stage in sure
        ]
        yield Note(f"More than chance: the conversion to {joined(named)}.")
    elif any(stage.p_value_holm is not None for stage in pair.stages):
        yield Note("No conversion differs by more than chance.")


def _change(moved: Moved, kind: CellKind, currency: str | None) -> str:
    rate = "" if moved.change_rate is None else f" ({text(moved.change_rate, 'rate_change')})"
    return f"{text(moved.a, kind, currency)} → {text(moved.b, kind, currency)}{rate}"


def _compared(p: str) -> str:
    return f"< {p[1:]}" if p.startswith("<") else f"= {p}"


def _factor(factor: str, source: str | None = None) -> str:
    """A factor in words; `source` is the stage that a conversion is from, where that is not the one before."""
    metric, _, stage = factor.partition("@")
    words = {
        "entries": "entries",
        "count": "units",
        "conversion": "conversion to" if source is None else f"conversion from {visible(source)} to",
        "average_check": "average check",
    }[metric]
    if not stage:
        return words
    return f"{words} {visible(stage)}" if metric == "conversion" else f"{words} of {visible(stage)}"


def _stages(report: ComparisonReport, pair: Comparison) -> Table:
    a, b = visible(pair.a), visible(pair.b)
    columns = (
        Column("Stage", "name", "text"),
        Column(f"Count,\n{a}", "count_a", "count"),
        Column(f"Count,\n{b}", "count_b", "count"),
        Column("Change", "count_change_rate", "rate_change"),
        *only(
            lambda stage: stage is not pair.stages[0],
            Column(f"Conversion,\n{a}", "conversion_a", "rate"),
            Column(f"Conversion,\n{b}", "conversion_b", "rate"),
            Column("Difference ", "difference", "points_change", lambda row: _marked(row.difference, row.differs)),
            Column(f"{brief_rate(report.confidence)} interval,\npp", "difference", "points_interval"),
            Column("p\n(Holm)", "p_value_holm", "p_value"),
            Column("Better in\nsecond, chance", "chance_b_better", "chance"),
        ),
    )
    shown = table(pair.stages, columns)
    before, after = pair.overall_conversion_a, pair.overall_conversion_b
    difference = None if before is None or after is None else after - before
    rates = before, after, _marked(difference, 0)
    overall = (f"Overall, to {report.sale_stage}", *[BLANK] * 3, *rates, *[BLANK] * 3)
    return shown._replace(rows=(*shown.rows, overall))


def _marked(difference: Any, side: int) -> Cell:
    """A difference of conversions, with a mark where it is more than chance."""
    return Cell(difference, "points_change", side=side)


def waterfall(pair: Comparison) -> Waterfall:
    """From one revenue to the other, or one number of sales, factor by factor."""
    moved = pair.revenue or pair.sales
    steps = tuple((_factor(effect.factor, effect.from_), effect.effect, False) for effect in moved.effects)
    rows = ((pair.a, moved.a, True), *steps, (pair.b, moved.b, True))
    sides = {f"conversion@{stage.name}": stage.differs for stage in pair.stages}
    marked = {index: sides.get(effect.factor, 0) for index, effect in enumerate(moved.effects, 1)}
    what = "revenue" if pair.revenue else "sales"
    return Waterfall(rows, kind_of(what), f"What moved {what}", marked)


# more than two


def _rounding(report: ComparisonReport, moved: Sequence[Moved], kind: CellKind) -> Iterator[Note]:
    """Effects that add up only before they are rounded, because then the figures shown do not."""

    def shown(value: Any) -> Fraction:
        return Fraction(in_table(value, kind, report.currency).replace(",", "").replace("<", ""))

    if any(sum(shown(one.effect) for one in each.effects) != shown(each.b) - shown(each.a) for each in moved):
        yield Note("The effects add up before they are rounded.")


def _of_stage(side: Side, index: int) -> tuple[Any, Any]:
    return side.counts[index], side.conversions[index]


def _differences(report: ComparisonReport) -> Table:
    """Differences of conversions to the first funnel, with what is more than chance marked."""

    def marked(index: int) -> Callable[[Any], Any]:
        return lambda pair: _marked(pair.stages[index].difference, pair.stages[index].differs)

    columns = (
        Column(f"{visible(stage)} ", "difference", "points_change", marked(index))
        for index, stage in enumerate(report.stages[1:], 1)
    )
    against = f"Conversion against {report.sides[0].name}"
    return table(report.comparisons, (Column("", "b", "text"), *columns), against)


def _effects(report: ComparisonReport) -> Iterator[Block]:
    money = all(pair.revenue is not None for pair in report.comparisons)
    what = "revenue" if money else "sales"
    kind = kind_of(what)
    moved = [(pair.revenue if money else None) or pair.sales for pair in report.comparisons]
    factors = list(dict.fromkeys((effect.factor, effect.from_) for whole in moved for effect in whole.effects))

    def effect(factor: tuple[str, str | None]) -> Callable[[Any], Any]:
        return lambda row: _by_factor(row[1]).get(factor)

    columns = (
        Column("", "side", "text", lambda row: row[0].b),
        *(Column(sentence(_factor(*factor)), "effect", CHANGES[kind], effect(factor)) for factor in factors),
        Column("Change", "change", CHANGES[kind], lambda row: row[1].change),
    )
    against = f"What moved {what} against {report.sides[0].name}"
    yield table(zip(report.comparisons, moved, strict=True), columns, against)
    yield from _rounding(report, moved, kind)


# both


def _mix(pair: Comparison, named: bool) -> Iterator[Block]:
    if not pair.mix:
        return
    columns = (
        Column("Dimension", "dimension", "text"),
        Column("Overall,\nfirst", "overall_conversion_a", "rate"),
        Column("Overall,\nsecond", "overall_conversion_b", "rate"),
        Column("By the segments'\nown rates", "rate_effect", "points_change"),
        Column("By the mix\nof segments", "mix_effect", "points_change"),
    )
    of = f", {pair.b}" if named else ""
    yield table(pair.mix, columns, f"What moved the overall conversion{of}")
    yield from (_paradox(each) for each in pair.mix if each.paradox)


def _paradox(mix: Mix) -> Note:
    rose = (mix.overall_conversion_b or 0) > (mix.overall_conversion_a or 0)
    went, total = ("fell", "rose") if rose else ("rose", "fell")
    return warning(
        f"Simpson's paradox: the conversion of every segment of {mix.dimension} that both have {went}, and that of the "
        f"total {total}, because the mix of segments changed."
    )


def _notes(report: ComparisonReport) -> Iterator[Note]:
    if report.in_file_order:
        yield warning(file_order(report.in_file_order)[:-1] + ", and the first and the last are compared.")
    left_out = list(dict.fromkeys(name for pair in report.comparisons for name in pair.left_out))
    if left_out:
        yield warning(f"Left out, because not all have it: {', '.join(left_out)}.")
    lacking = [side.name for side in report.sides if side.profit is None and side.revenue is not None]
    if len(report.comparisons) > 1 and len(lacking) < len(report.sides) and lacking:
        has, each = ("has", "it") if len(lacking) == 1 else ("have", "them")
        yield warning(f"{joined(lacking)} {has} no budget, so no profit is shown for {each}.")
    if len(report.comparisons) > 1 or any(stage.differs for pair in report.comparisons for stage in pair.stages):
        yield Note("▲ ▼ more than chance, p < 0.05 after Holm's correction over the steps of each comparison.")


def csv_rows(report: ComparisonReport) -> Iterator[dict[str, Any]]:
    """One row a stage of each pair, with what it moved; then one a factor that belongs to no stage alone."""
    for pair in report.comparisons:
        money, sales = _by_factor(pair.revenue), _by_factor(pair.sales)
        own = {"funnel": title(report), "a": pair.a, "b": pair.b}

        def moved(factor: tuple[str, str | None], money: Any = money, sales: Any = sales) -> dict[str, Any]:
            effects = {"revenue_effect": money.pop(factor, None), "sales_effect": sales.pop(factor, None)}
            return {"factor": factor[0], "factor_from": factor[1]} | effects

        for index, stage in enumerate(pair.stages):
            name = f"conversion@{stage.name}" if index else "entries"
            factor = next((each for each in {**sales, **money} if each[0] == name), (name, None))
            yield own | fields(stage, "stage") | moved(factor)
        for factor in {**sales, **money}:  # the checks, and steps that are one factor
            yield own | {"stage": ""} | moved(factor)


def _by_factor(moved: Moved | None) -> dict[tuple[str, str | None], float]:
    return {(effect.factor, effect.from_): effect.effect for effect in moved.effects} if moved else {}
