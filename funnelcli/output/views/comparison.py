"""What `compare` says: the stages side by side, what differs beyond chance, what moved revenue, mix against rate."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from funnelcli.analyses.fewer_stages import OVERALL
from funnelcli.diagnostics import joined
from funnelcli.exact import ratio
from funnelcli.output.csv import fields
from funnelcli.output.document import OTHERS, Block, Cell, CellKind, Column, Note, Table
from funnelcli.output.numbers import (
    brief_rate,
    p_value,
    points_change,
    points_interval,
    rate_change_interval,
    text,
    visible,
)
from funnelcli.output.views import moved, variation
from funnelcli.output.views.building import (
    base_called,
    corrected,
    cut_note,
    cut_words,
    end_note,
    few,
    hidden_steps,
    known,
    of_age,
    only,
    open_in_segments,
    open_note,
    sales_called,
    sentence,
    side_by_side,
    table,
    verdict,
    warning,
)
from funnelcli.output.views.segments import file_order
from funnelcli.output.views.unproven import unproven, would_tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from funnelcli.analyses.comparison import ComparedStage, Comparison, ComparisonReport, Side
    from funnelcli.analyses.mix import Mix
    from funnelcli.analyses.moved import Effect, Moved
    from funnelcli.analyses.overall import Overall
    from funnelcli.analyses.successive import PeriodStep


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
        yield from _verdict(report, pair)
        yield from open_note(report.not_mature, tested=False, no_window=report.no_window)
        yield from end_note(_with_now(report))
        yield from _successive(report)
        yield _stages(report, pair)
        yield from moved.of_two(pair, report.confidence)
    else:
        if any(pair.uneven for pair in report.comparisons):
            yield from cut_note(report.cut, "counts are of unequal time, and no change of theirs is told")
        yield from open_note(report.not_mature, tested=False, no_window=report.no_window)
        yield from end_note(_with_now(report))
        is_decided = any(pair.open_at for pair in report.comparisons)
        overall = f"Overall, {'of the decided' if is_decided else f'to {report.sale_stage}'}"
        ended = report.comparisons[0].sales.in_the_end
        ending = "_eventual" if ended else ""
        amounts = (("Revenue", f"revenue{ending}"), ("Profit", f"profit{ending}"))
        rate = "of the decided" if is_decided else "conversion"
        shown = side_by_side(report.sides, report.stages, _of_stage, overall, amounts, report.currency, rate)
        yield shown._replace(title=f"Expected {base_called(True)}") if ended else shown
        yield from _successive(report)
        yield _differences(report)
        yield from moved.of_more(report.comparisons, report.sides[0].name, report.currency)
    for pair in report.comparisons:
        yield from _mix(pair, named=len(report.comparisons) > 1)
    yield from _notes(report)


def _with_now(report: ComparisonReport) -> list[str]:
    """Those whose conversions are of the end, each with its overall conversion now."""
    place = report.stages.index(report.sale_stage)
    now = {side.name: ratio(side.counts[place], side.counts[0]) for side in report.sides}
    return [f"{name} ({text(now[name], 'brief_rate')} now)" for name in report.in_the_end]


# two funnels


def _verdict(report: ComparisonReport, pair: Comparison) -> Iterator[Note]:
    amounts: tuple[tuple[str, Moved | None, CellKind], ...] = (
        (sales_called(report), pair.sales, "count"),
        ("revenue", pair.revenue, "money"),
        ("profit", pair.profit, "money"),
    )
    changes = ", ".join(
        f"{what} {_change(each, kind, report.currency)}" for what, each, kind in amounts if each is not None
    )
    yield verdict(f"{changes}{', in the end' if pair.sales.in_the_end else ''}.")
    if pair.uneven:
        yield from cut_note(report.cut, "the counts are of unequal time, and no change of theirs is told")
    yield from _overall(report, pair)
    yield from _steps(report, pair)
    yield from moved.most(pair, report.confidence, report.currency)


def verdicts(report: ComparisonReport, pair: Comparison) -> Iterator[str]:
    """What is said first of two of the funnels, in sentences."""
    return (note.text for note in _verdict(report, pair) if note.style == "verdict")


def _change(moved: Moved, kind: CellKind, currency: str | None) -> str:
    rate = "" if moved.change_rate is None else f" ({text(moved.change_rate, 'rate_change')})"
    return f"{text(moved.a, kind, currency)} → {text(moved.b, kind, currency)}{rate}"


def _overall(report: ComparisonReport, pair: Comparison) -> Iterator[Note]:
    """The conversion of an entry, which judges: better or worse by more than chance, or else the chance."""
    overall, judged = pair.overall, overall_judged(pair)
    if judged is None or overall.difference is None:
        return
    if overall.p_value_holm is None or overall.difference_low is None:
        yield verdict(f"{judged} ({points_change(overall.difference)}).")
        return
    ends = points_interval((overall.difference_low, overall.difference_high))
    where = f" within each {pair.within}" if pair.within else ""
    parts = [f"{points_change(overall.difference)}{where} ({brief_rate(report.confidence)} interval {ends})"]
    if overall.lift is not None:
        parts.append(f"lift {text(overall.lift, 'rate_change')}{_lift_range(overall)}")
    of_many = f", corrected for {pair.tests:,} tests" if pair.tests > 1 else ""
    parts.append(f"p {_compared(p_value(overall.p_value_holm))}{of_many}")
    yield verdict(f"{judged}: {', '.join(parts)}.")
    if not overall.differs and overall.difference:
        yield from _would_tell(report, pair)


def overall_judged(pair: Comparison) -> str | None:
    """Both overall conversions, and which is better where they have a test; `None` where one is not known."""
    before, overall = pair.overall_conversion_a, pair.overall
    if before is None or overall.conversion is None or overall.difference is None:
        return None
    rates = f"Overall conversion {brief_rate(before)} → {brief_rate(overall.conversion)}"
    if overall.chance_b_better is None or overall.p_value_holm is None or overall.difference_low is None:
        return rates
    if overall.differs:
        return f"{rates}, {'better' if overall.differs > 0 else 'worse'} by more than chance"
    if not overall.difference:
        return f"{rates}, the same"
    up = overall.difference > 0
    chance = overall.chance_b_better if up else 1 - overall.chance_b_better
    return f"{rates}, {unproven('better' if up else 'worse', chance, pair.chosen_of)}"


def _would_tell(report: ComparisonReport, pair: Comparison) -> Iterator[Note]:
    """What would tell a difference that is not told."""
    if pair.overall.units_to_tell is not None:
        if said := would_tell(pair.overall, report.stages[0], bool(pair.open_at)):
            yield Note(said)
    elif pair.variation is not None and pair.variation.is_told and pair.overall.p_value is not None:
        yield Note("Rates vary from period to period: more entries in these need not tell, and more periods would.")


def _lift_range(overall: Overall) -> str:
    if overall.lift_low is None or overall.lift_high is None:
        return ""
    return f" ({rate_change_interval((overall.lift_low, overall.lift_high))})"


def _steps(report: ComparisonReport, pair: Comparison) -> Iterator[Note]:
    """The steps that differ: where, not whether it is better."""
    steps = [stage for stage in pair.stages if stage.differs and not is_overall(report, pair, stage)]
    which = "" if report.successive is None else f"Between {visible(pair.a)} and {visible(pair.b)}, "
    if steps:
        named = [
            f"{stage.name} ({points_change(stage.difference)}, p {_compared(p_value(stage.p_value_holm))})"
            for stage in steps
        ]
        yield Note(sentence(f"{which}of those who got there, more than chance: the conversion to {joined(named)}."))
    elif not pair.overall.differs and any(stage.p_value_holm is not None for stage in pair.stages):
        yield Note(f"{sentence(f'{which}no conversion')} differs by more than chance.{_by_itself(pair)}")
    others = [stage.name for stage in steps if stage.others_got_there]
    if others:
        those = "its conversion is" if len(others) == 1 else "their conversions are"
        yield Note(
            f"Others got to {joined(others)}, as an earlier step differs: by itself {those} neither better nor worse."
        )


def _by_itself(pair: Comparison) -> str:
    """Why an interval that leaves out 0 does not decide where several conversions are tested."""
    apart = [stage for stage in pair.stages if (stage.difference_low or 0) > 0 or (stage.difference_high or 0) < 0]
    if pair.tests < 2 or not apart:
        return ""
    return (
        f" The interval and the chance of {joined([visible(stage.name) for stage in apart])} look at one conversion "
        f"alone; among {pair.tests:,} tests one looks so by luck more often, which p allows for."
    )


def is_overall(report: ComparisonReport, pair: Comparison, stage: ComparedStage) -> bool:
    """Whether the step is the overall conversion as well."""
    return (
        stage.name == report.sale_stage
        and stage.conversion_b == pair.overall_conversion_b
        and (stage.conversion_a == pair.overall_conversion_a)
    )


def _compared(p: str) -> str:
    return f"< {p[1:]}" if p.startswith("<") else f"= {p}"


def _stages(report: ComparisonReport, pair: Comparison) -> Table:
    a, b = visible(pair.a), visible(pair.b)
    ended = pair.sales.in_the_end
    count, ending = (sentence(base_called(True)), "_eventual") if ended else ("Count", "")
    columns = (
        Column("Stage", "name", "text"),
        *only(
            lambda stage: stage is not overall,
            Column(f"{count},\n{a}", f"count_a{ending}", "count", spare=1),
            Column(f"{count},\n{b}", f"count_b{ending}", "count", spare=1),
            *(() if pair.uneven else (Column("Change", f"count_change_rate{ending}", "rate_change", spare=4),)),
        ),
        *only(
            lambda stage: stage is not pair.stages[0],
            Column(f"Conversion,\n{a}", "conversion_a", "rate"),
            Column(f"Conversion,\n{b}", "conversion_b", "rate"),
            Column("Difference ", "difference", "points_change", difference),
            Column(f"{brief_rate(report.confidence)} interval,\npp", "difference", "points_interval", spare=3),
            Column("p,\ncorrected" if pair.tests > 1 else "p", "p_value_holm", "p_value", spare=2),
            Column("Higher in\nsecond, chance", "chance_b_better", "chance", spare=5),
        ),
    )
    overall = overall_row(report, pair)
    return table((overall, *pair.stages), columns, "Conversions of the steps: % of the decided" if pair.open_at else "")


def overall_row(report: ComparisonReport, pair: Comparison) -> ComparedStage:
    """The overall conversion as the first row of the steps."""
    tested = pair.overall
    return pair.stages[0]._replace(
        name=f"Overall, to {report.sale_stage}",
        conversion_a=pair.overall_conversion_a,
        conversion_b=tested.conversion,
        difference=tested.difference,
        difference_low=tested.difference_low,
        difference_high=tested.difference_high,
        p_value_holm=tested.p_value_holm,
        chance_b_better=tested.chance_b_better,
        differs=tested.differs,
    )


def difference(stage: ComparedStage) -> Cell:
    """A difference of conversions, with a mark where it is more than chance: another one where others got there."""
    return Cell(stage.difference, "points_change", side=_side(stage))


def _side(step: ComparedStage | PeriodStep) -> int:
    """The mark of a step: another one where others got there."""
    return OTHERS if step.differs and step.others_got_there else step.differs


def _legend(sides: Iterable[int], of: str, how: str) -> Iterator[Note]:
    """What the marks of a table mean, as far as it has them: of what they are, and by which test."""
    there = set(sides)
    if there & {1, -1}:
        yield Note(f"▲ ▼ {of}more than chance, {how}.")
    if OTHERS in there:
        yield Note("≠ more than chance, but of others: an earlier step differs.")


def _tested(steps: Iterable[ComparedStage | PeriodStep], of: str) -> str:
    """What was tested, in a sentence: all, where nothing of it lacks a test."""
    is_all = all(step.p_value_holm is not None for step in steps)
    return f": the overall conversion and all steps {of}" if is_all else ": all conversions that can be tested"


# more than two


def _of_stage(side: Side, index: int) -> tuple[Any, Any]:
    counts = side.counts if side.counts_eventual is None else side.counts_eventual
    return counts[index], side.conversions[index]


def _differences(report: ComparisonReport) -> Table:
    """Differences of conversions to the first funnel, with what is more than chance marked."""

    def marked(index: int) -> Callable[[Any], Any]:
        return lambda pair: difference(pair.stages[index])

    columns: Iterator[Column] = (
        Column(f"{visible(stage)} ", "difference", "points_change", marked(index))
        for index, stage in enumerate(report.stages[1:], 1)
    )
    if any(pair.lost_unplaced for pair in report.comparisons):
        columns = known(report.comparisons, *columns)
    overall = Column("Overall ", "difference", "points_change", lambda pair: difference(overall_row(report, pair)))
    against = f"Conversion against {report.sides[0].name}"
    return table(report.comparisons, (Column("", "b", "text"), overall, *columns), against)


# periods


def _successive(report: ComparisonReport) -> Iterator[Block]:
    """All periods, with a mark at a conversion that differs by more than chance from that of the one before."""
    found = report.successive
    if found is None:
        return

    def rate(step: PeriodStep) -> Cell:
        return Cell(step.conversion, "rate", side=_side(step))

    def of_step(index: int) -> Callable[[Any], Any]:
        return lambda period: rate(period.steps[index])

    columns = [
        Column(f"Conversion\nto {visible(step.name)} ", "conversion", "rate", of_step(index), spare=index + 1)
        for index, step in enumerate(found.periods[0].steps)
    ]
    shown = [
        Column(sentence(visible(found.dimension)), "name", "text"),
        Column("Entries", "entries", "count"),
        *(known(found.periods, *columns) if len(columns) > 1 else ()),
        Column("Overall ", "overall_conversion", "rate", lambda period: rate(period.overall)),
        Column(sales_called(report), "sales", "count"),
        *known(found.periods, Column("Revenue", "revenue", "money")),
    ]
    yield table(found.periods, shown, "Each against the one before")
    steps = [step for period in found.periods[1:] for step in (period.overall, *period.steps)]
    how = f"p < 0.05{corrected(found.tests)}{_tested(steps, 'of each')}"
    if any(step.differs for step in steps):
        yield from _legend(map(_side, steps), "here: higher or lower than in the one before by ", how)
    elif found.tests:
        yield Note(f"No conversion differs from that of the one before by more than chance, {how}.")
    gaps = [f"{visible(b.name)} after {visible(a.name)}" for a, b in pairwise(found.periods) if b.after_gap]
    if gaps:
        yield warning(f"With a gap: {few(gaps)}. What lies between is not in the table.")


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
    for each in pair.mix:
        yield from _paradox(each)


def _paradox(mix: Mix) -> Iterator[Note]:
    """Every segment went one way and the total the other: by its name where that is likely, else with its chance."""
    rose = (mix.overall_conversion_b or 0) > (mix.overall_conversion_a or 0)
    went, total = ("fell", "rose") if rose else ("rose", "fell")
    if mix.paradox:
        yield warning(
            f"Simpson's paradox: the conversion of every segment of {mix.dimension} that both have {went}, and that of "
            f"the total {total}, because the mix of segments changed."
        )
    elif mix.paradox_chance is not None:
        yield Note(
            f"In these figures every segment of {mix.dimension} {went} and the total {total}; that each truly did is "
            f"not certain: the least of the chances is {text(mix.paradox_chance, 'chance')}."
        )


def _notes(report: ComparisonReport) -> Iterator[Note]:
    first = report.comparisons[0]
    if report.in_file_order:
        yield warning(file_order(report.in_file_order)[:-1] + ", and the first and the last are compared.")
    if first.periods_between:
        listed = _listed(first.periods_between)
        more = "" if report.successive is None else " in detail"
        yield warning(f"Not compared{more}: {listed}, between the first and the last; --pair A B compares any two.")
    if first.periods_open:
        listed = _listed(first.periods_open)
        yield warning(f"Left out, as the window is still open: {listed}; --pair A B compares any two.")
    if first.periods_cut:
        yield warning(f"Left out, as they are not whole: {cut_words(first.periods_cut)}; --pair A B compares any two.")
    open_at = list(dict.fromkeys(name for pair in report.comparisons for name in pair.open_at))
    lost = next((pair.lost_unplaced for pair in report.comparisons if pair.lost_unplaced), None)
    yield from hidden_steps(lost)
    if open_at and lost is None:
        yield warning(
            f"Some are still open at {joined(open_at)}: the conversions of the steps are of those who are decided, "
            "and the overall one is the product of the steps."
        )
    untold = [pair.b for pair in report.comparisons if pair.untold_by_age]
    alone = [pair.b for pair in report.comparisons if pair.without_like]
    yield from of_age(first.within, untold, alone, ": differences, not the conversions beside them")
    yield from open_in_segments(report.open_at)
    left_out = list(dict.fromkeys(name for pair in report.comparisons for name in pair.left_out))
    if left_out:
        yield warning(f"Left out, because not all have it: {', '.join(left_out)}.")
    lacking = [side.name for side in report.sides if side.profit is None and side.revenue is not None]
    if len(report.comparisons) > 1 and len(lacking) < len(report.sides) and lacking:
        has, each = ("has", "it") if len(lacking) == 1 else ("have", "them")
        yield warning(f"{joined(lacking)} {has} no budget, so no profit is shown for {each}.")
    amounts = [each for pair in report.comparisons for each in (pair.revenue, pair.profit) if each is not None]
    if any(each.exact_checks for each in amounts):
        yield Note("Average checks are taken as exact; `average_check: {mean, sd}` tells how much of them is chance.")
    if first.variation is not None:
        yield variation.note(first.variation, "ranges and tests")
    yield from marks(report)


def marks(report: ComparisonReport) -> Iterator[Note]:
    """What the marks of differences mean, and of how many tests they are; of several pairs also that there are none."""
    first, several = report.comparisons[0], len(report.comparisons) > 1
    steps = [step for pair in report.comparisons for step in (overall_row(report, pair), *pair.stages[1:])]
    how = f"p < 0.05{corrected(first.tests)}"
    which, than = "", ""
    if report.successive is not None:  # whose table has marks of its own
        a, b = visible(first.a), visible(first.b)
        which, than = (f"against {a}: ", f" from that of {a}") if several else (f"between {a} and {b}: ", "")
    if several:
        how += _tested(steps, f"of {len(report.comparisons)} comparisons")
    elif first.chosen_of > 1:
        how += f": these two are one of {first.chosen_of:,} pairs"
    if any(step.differs for step in steps):
        yield from _legend(map(_side, steps), which, how)
    elif first.tests and several:
        yield Note(f"No conversion differs{than} by more than chance, {how}.")
    elif first.tests and first.chosen_of > 1:
        yield Note(f"Tested with {how}.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 5 else f"{names[0]} to {names[-1]}, {len(names)} of them"


def csv_rows(report: ComparisonReport) -> Iterator[dict[str, Any]]:
    """A pair's overall conversion, then a row a stage, with what it moved; then one a factor of no stage alone.

    Of periods, then the conversions of each against the one `before`.
    """
    for pair in report.comparisons:
        amounts = (("revenue", pair.revenue), ("sales", pair.sales), ("profit", pair.profit))
        effects = {what: moved.by_factor(each) for what, each in amounts}
        factors = list(dict.fromkeys(factor for what in ("sales", "revenue", "profit") for factor in effects[what]))
        own = {"funnel": title(report), "a": pair.a, "b": pair.b}
        for index, stage in enumerate(pair.stages):
            name = f"conversion@{stage.name}" if index else "entries"
            alone = (name, None) if pair.lost_unplaced is None else (None, None)  # a step that is no factor
            factor = next((each for each in factors if each[0] == name), alone)
            factors = [each for each in factors if each != factor]
            yield own | fields(stage, "stage") | _moved_by(factor, effects)
        whole = (OVERALL, None)
        for factor in factors:  # those of money, and steps that are one factor
            if factor != whole:
                yield own | {"stage": ""} | _moved_by(factor, effects)
        overall = fields(pair.overall) | {"conversion_a": pair.overall_conversion_a}
        for key, name in _IN_CSV.items():
            overall[name] = overall.pop(key)
        yield own | {"stage": ""} | _moved_by(whole, effects) | overall
    for before, period in pairwise(report.successive.periods if report.successive else ()):
        rows = zip((before.overall, *before.steps), (period.overall, *period.steps), strict=True)
        for old, step in rows:
            row: dict[str, Any] = {"stage": "" if step is period.overall else step.name}
            row |= {"conversion_a": old.conversion, "conversion_b": step.conversion}
            row |= {key: getattr(step, key) for key in _OF_PERIODS}
            yield {"funnel": title(report), "a": before.name, "b": period.name, "against": "before"} | row


def _moved_by(
    factor: tuple[str | None, str | None], effects: dict[str, dict[tuple[str, str | None], Effect]]
) -> dict[str, Any]:
    """What a factor moved, with the range, in columns for each figure."""
    row: dict[str, Any] = {"factor": factor[0], "factor_from": factor[1]}
    for what, found in effects.items():
        each = found.get((factor[0] or "", factor[1]))
        for key in ("effect", "low", "high"):
            name = f"{what}_effect" if key == "effect" else f"{what}_effect_{key}"
            row[name] = None if each is None else getattr(each, key)
    return row


_OF_PERIODS = ("difference", "p_value_holm", "differs", "others_got_there")
_IN_CSV = {
    "conversion": "conversion_b",
    "low": "conversion_b_low",
    "high": "conversion_b_high",
    "lift": "change_rate",
    "lift_low": "change_rate_low",
    "lift_high": "change_rate_high",
}
"""Keys of an overall conversion, and the columns of its figures beside those of the steps."""
