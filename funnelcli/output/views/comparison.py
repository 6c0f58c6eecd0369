"""What `compare` says: the stages side by side, what differs beyond chance, what moved revenue, mix against rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import joined
from funnelcli.output import numbers
from funnelcli.output.document import Block, Cell, Column, Document, Note, Section, Table, Waterfall
from funnelcli.output.views.segments import file_order, open_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison, ComparisonReport, Mix, Moved


def view(results: Sequence[ComparisonReport]) -> Document:
    """Two funnels in detail; more of them in a table over all, each then against the first."""
    return Document(
        tuple(
            Section(_title(each), None, each.file, each.document, each.currency, tuple(_blocks(each)))
            for each in results
        )
    )


def _title(report: ComparisonReport) -> str:
    names = [side.name for side in report.sides]
    return f"{names[0]} → {names[1]}" if len(names) == 2 else f"{report.name} against {names[0]}"


def _blocks(report: ComparisonReport) -> Iterator[Block]:
    if len(report.currencies) > 1:
        named = ", ".join(report.currencies)
        yield Note((f"Money in different currencies ({named}) is compared as it stands, without exchange.",), "warning")
    if len(report.comparisons) == 1:
        (pair,) = report.comparisons
        yield from _verdict(report, pair)
        yield from open_note(report.not_mature)
        yield _stages(report, pair)
        yield from _waterfall(report, pair)
        yield from _rounding(report, [(pair.revenue or pair.sales, "money" if pair.revenue else "count")])
    else:
        yield from open_note(report.not_mature)
        yield _side_by_side(report)
        yield _differences(report)
        yield from _effects(report)
    for pair in report.comparisons:
        yield from _mix(pair, named=len(report.comparisons) > 1)
    yield from _notes(report)
    yield _machine_table(report)


# two funnels


def _verdict(report: ComparisonReport, pair: Comparison) -> Iterator[Note]:
    sales, revenue = pair.sales, pair.revenue
    parts: list[Cell | str] = ["Sales ", *_change(sales, "count")]
    if revenue is not None:
        parts += [", revenue ", *_change(revenue, "money")]
    yield Note((*parts, "."), "verdict")
    moved = revenue or sales
    if moved.change:
        largest = max(moved.effects, key=lambda effect: abs(effect.effect))
        kind = "money_change" if revenue else "count_change"
        yield Note(
            ("What moved it most: ", _factor(largest.factor, largest.from_), ", ", Cell(largest.effect, kind), ".")
        )
    sure = [stage for stage in pair.stages if stage.differs]
    if sure:
        named = [
            f"{numbers.visible(stage.name)} ({numbers.points_change(stage.difference)}, "
            f"p {_compared(numbers.p_value(stage.p_value_holm))})"
            for stage in sure
        ]
        yield Note((f"More than chance: the conversion to {joined(named)}.",))
    elif any(stage.p_value_holm is not None for stage in pair.stages):
        yield Note(("No conversion differs by more than chance.",))


def _change(moved: Moved, kind: str) -> tuple[Cell | str, ...]:
    rate: tuple[Cell | str, ...] = (
        () if moved.change_rate is None else (" (", Cell(moved.change_rate, "rate_change"), ")")
    )
    return (Cell(moved.a, kind), " → ", Cell(moved.b, kind), *rate)


def _compared(p_value: str) -> str:
    return f"< {p_value[1:]}" if p_value.startswith("<") else f"= {p_value}"


def _factor(factor: str, source: str | None = None) -> str:
    """A factor in words; `source` is the stage that a conversion is from, where that is not the one before."""
    metric, _, stage = factor.partition("@")
    words = {
        "entries": "entries",
        "count": "units",
        "conversion": "conversion to" if source is None else f"conversion from {numbers.visible(source)} to",
        "average_check": "average check",
    }[metric]
    if not stage:
        return words
    return f"{words} {numbers.visible(stage)}" if metric == "conversion" else f"{words} of {numbers.visible(stage)}"


def _stages(report: ComparisonReport, pair: Comparison) -> Table:
    a, b = numbers.visible(pair.a), numbers.visible(pair.b)
    columns = (
        Column("Stage", "stage", "text"),
        Column(f"Count,\n{a}", "count_a", "count"),
        Column(f"Count,\n{b}", "count_b", "count"),
        Column("Change", "count_change_rate", "rate_change"),
        Column(f"Conversion,\n{a}", "conversion_a", "rate"),
        Column(f"Conversion,\n{b}", "conversion_b", "rate"),
        Column("Difference ", "difference", "marked_points"),
        Column(f"{numbers.brief_rate(report.confidence)} interval,\npp", "difference", "points_interval"),
        Column("p\n(Holm)", "p_value_holm", "p_value"),
        Column("Better in\nsecond, chance", "chance_b_better", "chance"),
    )
    rows: list[tuple[Any, ...]] = []
    for stage in pair.stages:
        figures: tuple[Any, ...] = (
            stage.conversion_a,
            stage.conversion_b,
            (stage.difference, stage.differs),
            (stage.difference_low, stage.difference_high),
            stage.p_value_holm,
            stage.chance_b_better,
        )
        if stage is pair.stages[0]:
            figures = (Cell("", "text"),) * len(figures)
        rows.append((stage.name, stage.count_a, stage.count_b, stage.count_change_rate, *figures))
    overall = (Cell("", "text"),) * 3
    sale = f"Overall, to {report.sale_stage}"
    difference = None
    if pair.overall_conversion_a is not None and pair.overall_conversion_b is not None:
        difference = pair.overall_conversion_b - pair.overall_conversion_a
    rates = (pair.overall_conversion_a, pair.overall_conversion_b, (difference, 0))
    rows.append((sale, *overall, *rates, *overall))
    return Table(columns, tuple(rows), audience="people")


def _waterfall(report: ComparisonReport, pair: Comparison) -> Iterator[Waterfall]:
    """From one revenue to the other, or one number of sales, factor by factor."""
    moved = pair.revenue or pair.sales
    what = "revenue" if pair.revenue else "sales"
    steps = tuple((_factor(each.factor, each.from_), each.effect, False) for each in moved.effects)
    rows = ((pair.a, moved.a, True), *steps, (pair.b, moved.b, True))
    sides = {f"conversion@{stage.name}": stage.differs for stage in pair.stages}
    marked = {index: sides.get(each.factor, 0) for index, each in enumerate(moved.effects, 1)}
    yield Waterfall(rows, "money" if pair.revenue else "count", f"What moved {what}", marked)


# more than two


def _rounding(report: ComparisonReport, moved: Sequence[tuple[Moved, str]]) -> Iterator[Note]:
    """Effects that add up only before they are rounded, because then the figures shown do not."""

    def shown(value: Any, kind: str) -> Fraction:
        return Fraction(numbers.in_table(value, kind, report.currency).replace(",", "").replace("<", ""))

    for each, kind in moved:
        if sum(shown(one.effect, kind) for one in each.effects) != shown(each.b, kind) - shown(each.a, kind):
            yield Note(("The effects add up before they are rounded.",))
            return


def _side_by_side(report: ComparisonReport) -> Table:
    columns = (
        Column("", "figure", "text"),
        *(Column(numbers.visible(side.name), "value", "count") for side in report.sides),
    )
    rows: list[tuple[Any, ...]] = []
    for index, stage in enumerate(report.stages):
        rows.append((stage, *(Cell(side.counts[index], "count") for side in report.sides)))
        if index:
            rows.append(("  conversion", *(Cell(side.conversions[index], "rate") for side in report.sides)))
    rows.append((f"Overall, to {report.sale_stage}", *(Cell(side.overall_conversion, "rate") for side in report.sides)))
    unit = f", {report.currency}" if report.currency else ""
    for label, key in (("Revenue", "revenue"), ("Profit", "profit")):
        if any(getattr(side, key) is not None for side in report.sides):
            rows.append((f"{label}{unit}", *(Cell(getattr(side, key), "money") for side in report.sides)))
    return Table(columns, tuple(rows), audience="people")


def _differences(report: ComparisonReport) -> Table:
    """Differences of conversions to the first funnel, with what is more than chance marked."""
    columns = [Column("", "side", "text")]
    columns += [Column(f"{numbers.visible(stage)} ", "difference", "marked_points") for stage in report.stages[1:]]
    rows = []
    for pair in report.comparisons:
        cells: list[Any] = [pair.b]
        cells += [(stage.difference, stage.differs) for stage in pair.stages[1:]]
        rows.append(tuple(cells))
    title = f"Conversion against {numbers.visible(report.sides[0].name)}"
    return Table(tuple(columns), tuple(rows), title=title, audience="people")


def _effects(report: ComparisonReport) -> Iterator[Block]:
    money = all(pair.revenue is not None for pair in report.comparisons)
    moved = [(pair, pair.revenue or pair.sales) if money else (pair, pair.sales) for pair in report.comparisons]
    kind = "money_change" if money else "count_change"
    factors = list(dict.fromkeys((each.factor, each.from_) for _, whole in moved for each in whole.effects))
    columns = (
        Column("", "side", "text"),
        *(Column(_capital(_factor(*factor)), "effect", kind) for factor in factors),
        Column("Change", "change", kind),
    )
    rows = []
    for pair, whole in moved:
        effects = {(each.factor, each.from_): each.effect for each in whole.effects}
        rows.append((pair.b, *(effects.get(factor) for factor in factors), whole.change))
    title = f"What moved {'revenue' if money else 'sales'} against {numbers.visible(report.sides[0].name)}"
    yield Table(columns, tuple(rows), title=title, audience="people")
    yield from _rounding(report, [(whole, "money" if money else "count") for _, whole in moved])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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
    rows = tuple(
        (each.dimension, each.overall_conversion_a, each.overall_conversion_b, each.rate_effect, each.mix_effect)
        for each in pair.mix
    )
    title = "What moved the overall conversion" + (f", {numbers.visible(pair.b)}" if named else "")
    yield Table(columns, rows, title=title, audience="people")
    yield from (_paradox(each) for each in pair.mix if each.paradox)


def _paradox(mix: Mix) -> Note:
    rose = (mix.overall_conversion_b or 0) > (mix.overall_conversion_a or 0)
    went, total = ("fell", "rose") if rose else ("rose", "fell")
    return Note(
        (
            "Simpson's paradox: the conversion of every segment of ",
            Cell(mix.dimension, "text"),
            f" that both have {went}, and that of the total {total}, because the mix of segments changed.",
        ),
        "warning",
    )


def _notes(report: ComparisonReport) -> Iterator[Note]:
    if report.in_file_order:
        yield Note((file_order(report.in_file_order)[:-1] + ", and the first and the last are compared.",), "warning")
    left_out = list(dict.fromkeys(name for pair in report.comparisons for name in pair.left_out))
    if left_out:
        yield Note(("Left out, because not all have it: ", Cell(", ".join(left_out), "text"), "."), "warning")
    lacking = [side.name for side in report.sides if side.profit is None and side.revenue is not None]
    if len(report.comparisons) > 1 and len(lacking) < len(report.sides) and lacking:
        each = "it" if len(lacking) == 1 else "them"
        has = "has" if len(lacking) == 1 else "have"
        yield Note((Cell(joined(lacking), "text"), f" {has} no budget, so no profit is shown for {each}."), "warning")
    if len(report.comparisons) > 1 or any(stage.differs for pair in report.comparisons for stage in pair.stages):
        yield Note(("▲ ▼ more than chance, p < 0.05 after Holm's correction over the steps of each comparison.",))


def _machine_table(report: ComparisonReport) -> Table:
    columns = (
        Column("A", "a", "text"),
        Column("B", "b", "text"),
        Column("Stage", "stage", "text"),
        Column("Count A", "count_a", "count"),
        Column("Count B", "count_b", "count"),
        Column("Conversion A", "conversion_a", "rate"),
        Column("Conversion B", "conversion_b", "rate"),
        Column("Difference", "difference", "points_change"),
        Column("Interval", "difference", "points_interval"),
        Column("P", "p_value", "p_value"),
        Column("P, Holm", "p_value_holm", "p_value"),
        Column("Chance", "chance_b_better", "chance"),
        Column("Factor", "factor", "text"),
        Column("Effect on revenue", "revenue_effect", "money"),
        Column("Effect on sales", "sales_effect", "number"),
        Column("Factor from", "factor_from", "text"),
    )
    rows: list[tuple[Any, ...]] = []
    for pair in report.comparisons:
        money = _by_factor(pair.revenue)
        sales = _by_factor(pair.sales)
        for index, stage in enumerate(pair.stages):
            name = f"conversion@{stage.name}" if index else "entries"
            factor = next((each for each in {**sales, **money} if each[0] == name), (name, None))
            rows.append(
                (
                    pair.a,
                    pair.b,
                    stage.name,
                    stage.count_a,
                    stage.count_b,
                    stage.conversion_a,
                    stage.conversion_b,
                    stage.difference,
                    (stage.difference_low, stage.difference_high),
                    stage.p_value,
                    stage.p_value_holm,
                    stage.chance_b_better,
                    name,
                    money.pop(factor, None),
                    sales.pop(factor, None),
                    factor[1],
                )
            )
        nothing = (None,) * 5
        for factor in {**sales, **money}:  # the checks, and steps that are one factor
            effects = (factor[0], money.get(factor), sales.get(factor), factor[1])
            rows.append((pair.a, pair.b, "", *nothing, (None, None), *nothing[:3], *effects))
    return Table(columns, tuple(rows), audience="machines")


def _by_factor(moved: Moved | None) -> dict[tuple[str, str | None], float]:
    return {(each.factor, each.from_): each.effect for each in moved.effects} if moved else {}
