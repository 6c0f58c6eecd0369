"""A funnel as the text of a new file, with comments that teach; no library is needed for it.

What an import finds is written: stages, money, open units, times, breakdowns, cells, and where it is from. Scenarios,
checks and targets are suggested, switched off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Diagnostic, Problem, Severity
from funnelcli.funnel_file import teaching
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.funnel_file.figures import (
    DIGITS_OF_A_DEVIATION,
    DIGITS_OF_DAYS,
    figure_text,
    mean_text,
    percent_text,
    significant,
)
from funnelcli.funnel_file.heading import comment, heading
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.lint.rules import RULES
from funnelcli.model import sale_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Measured
    from funnelcli.model import Funnel, Stage
    from funnelcli.segments import Breakdown, CellCounts, Segment

WIDEST = 110
"""Columns after which a list is broken; a cell is one line however wide."""


class NewFile(NamedTuple):
    """The text of a file, and what is wrong with it.

    `warnings` are silenced in the text, as they are facts of the funnel; where there are `errors`, no reader takes it.
    """

    text: str
    warnings: tuple[Problem, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


def new_file(
    funnel: Funnel, file: str, about: Sequence[str] = (), notes: Sequence[str] = (), closing: str = "Ask:"
) -> NewFile:
    """A funnel as a file, `file` in messages.

    Its comments begin with `about` it in sentences, `notes` on what was made of what, and `closing` before questions.
    """
    text = "\n".join(_lines(funnel, about, notes, closing)) + "\n"
    found = read(text.encode(), file, rules=RULES).diagnostics
    errors = tuple(each for each in found if each.severity is Severity.ERROR)
    warnings = [each for each in found if each.severity is not Severity.ERROR]
    return NewFile(_silenced(text, warnings), tuple(each.problem for each in warnings), errors)


def _silenced(text: str, warnings: Sequence[Diagnostic]) -> str:
    """The text with a comment above each line that a warning is about."""
    codes: dict[int, list[str]] = {}
    for each in warnings:
        known = codes.setdefault(each.location.line - 1, [])
        if each.problem.code not in known:
            known.append(each.problem.code)
    lines = text.split("\n")
    for number in sorted(codes, reverse=True):
        indent = " " * (len(lines[number]) - len(lines[number].lstrip()))
        lines.insert(number, f"{indent}# funnelcli: ignore[{', '.join(codes[number])}] as the export has it")
    return "\n".join(lines)


def _lines(funnel: Funnel, about: Sequence[str], notes: Sequence[str], closing: str) -> Iterator[str]:
    frame, aims = teaching.frame(), teaching.aims(funnel)
    sale = _priced_at_the_top(funnel)
    values = {
        "name": written(funnel.name) if funnel.name else None,
        "period": funnel.period and written(funnel.period),
        "currency": funnel.currency and written(funnel.currency),
        "average_check": None if sale is None else _check(sale, sale.count if sale.is_counted else None),
        "budget": None if funnel.budget is None or funnel.budget_of else figure_text(funnel.budget),
    }
    head = frame.head(values, funnel)
    if sale is None and funnel.money_stages:  # an average check would be money given twice
        head = re.sub(r"^#average_check: .*\n", "", head, flags=re.MULTILINE)
    yield frame.opening.split("\n")[0]
    yield from heading(about, notes)
    yield from comment(closing)
    yield from head.split("\n")[:-1]
    counts = _counts([stage.count if stage.is_counted else 0 for stage in funnel.stages])
    for index, stage in enumerate(funnel.stages):
        yield from _stage(funnel, index, counts[index], stage is sale)
        yield from teaching.target_line(stage.name, aims).splitlines()
    yield from frame.below(funnel, aims).splitlines()
    yield from _breakdowns(funnel)
    if funnel.cells:
        yield from ("", "cells:", *map(_cell, funnel.cells))
    if funnel.measured is not None:
        yield from ("", "measured:", *_measured(funnel.measured))


def _priced_at_the_top(funnel: Funnel) -> Stage | None:
    """The stage whose average check the funnel's own key tells; `None` where stages have to."""
    sale = funnel.stages[sale_of([stage.role for stage in funnel.stages])]
    told = sale.role == "customer" or funnel.is_chain
    alone = sale.average_check is not None and sale.revenue is None and "average_check" not in dict(funnel.derived)
    return sale if alone and told else None


def _check(priced: Stage | Segment, units: Exact | None) -> str:
    """The value of an average check, of so many units; with its deviation where that is known."""
    assert priced.average_check is not None, "only asked for where there is one"
    mean = mean_text(priced.average_check, units)
    if priced.average_check_sd is None:
        return mean
    return f"{{mean: {mean}, sd: {significant(priced.average_check_sd, DIGITS_OF_A_DEVIATION)}}}"


def _counts(counts: Sequence[Exact]) -> list[str]:
    """Counts in stage order; a first one of 100 before fractions is no percentage."""
    texts = [figure_text(count) for count in counts]
    if texts[0] == "100" and any(count.denominator != 1 for count in counts):
        texts[0] = "100.0"
    return texts


def _stage(funnel: Funnel, index: int, count: str, priced: bool) -> Iterator[str]:
    """The lines of a stage; one that is `priced` at the top has no check here."""
    stage = funnel.stages[index]
    yield f"  - name: {written(stage.name)}"
    if stage.is_counted:
        yield f"    count: {count}"
    if index and stage.parent is not None and stage.parent != index - 1:
        yield f"    from: {written(funnel.names[stage.parent])}"
    if stage.average_check is not None and not priced and "average_check" not in dict(funnel.derived):
        yield f"    average_check: {_check(stage, stage.count if stage.is_counted else None)}"
    if stage.revenue is not None:
        yield f"    revenue: {figure_text(stage.revenue)}"
    for key, days, quantiles in (
        ("days", stage.days, stage.days_quantiles),
        ("days_lost", stage.days_lost, stage.days_lost_quantiles),
    ):
        if days is not None:
            yield f"    {key}: {_days(days, quantiles)}"
    if stage.open_amounts and len(stage.open_amounts) == stage.open:  # else its segments say whose these are
        yield from broken_list("    open: ", [mean_text(amount, 1) for amount in stage.open_amounts])
    elif stage.open is not None:
        yield f"    open: {stage.open}"
    if stage.lost_unplaced is not None:
        yield f"    lost_unplaced: {stage.lost_unplaced}"
    if stage.close_chance is not None:
        mean, sd = percent_text(stage.close_chance), stage.close_chance_sd
        yield f"    close_chance: {mean if sd is None else f'{{mean: {mean}, sd: {percent_text(sd)}}}'}"
    if stage.close_within:
        pairs = [f"{figure_text(days)} days: {percent_text(chance)}" for days, chance in stage.close_within]
        yield from broken_list("    close_within: ", pairs, "{}")
    if stage.role is not None:
        yield f"    role: {stage.role}"
    if stage.allow_growth:
        yield "    allow_growth: true"


def _days(days: Exact, quantiles: tuple[Exact, Exact] | None) -> str:
    """The mean, or the quantiles that it follows from."""
    if quantiles is None or isinstance(lognormal_mean(*quantiles), Problem):
        return significant(days, DIGITS_OF_DAYS)
    median, p90 = (significant(each, DIGITS_OF_DAYS) for each in quantiles)
    return f"{{median: {median}, p90: {p90}}}"


def broken_list(head: str, texts: Sequence[str], ends: str = "[]") -> Iterator[str]:
    """A list behind its key, or what has other ends, broken where it is wide; what goes on stands below its first."""
    line = f"{head}{ends[0]}"
    for at, text in enumerate(texts):
        part = text + (ends[1] if at == len(texts) - 1 else ",")
        if at and len(line) + 1 + len(part) > WIDEST:
            yield line
            line = " " * (len(head) + 1) + part
        else:
            line += f" {part}" if at else part
    yield line


def _breakdowns(funnel: Funnel) -> Iterator[str]:
    """The breakdowns, but for what the cells tell."""
    in_cells = dict(funnel.cells[0].segments) if funnel.cells else {}
    told = [_told(each) if each.dimension in in_cells else each for each in funnel.breakdowns]
    told = [each for each in told if each.segments]
    if told:
        yield from ("", "breakdowns:")
    for breakdown in told:
        yield from _entry("  ", breakdown.dimension, "")
        for segment in breakdown.segments:
            yield from _segment(funnel, segment, breakdown.dimension in in_cells)


def _told(breakdown: Breakdown) -> Breakdown:
    """The segments of cells that have money."""
    kept = [each for each in breakdown.segments if each.budget is not None or each.average_check is not None]
    return breakdown._replace(segments=tuple(kept))


def _entry(indent: str, key: str, value: str) -> tuple[str, ...]:
    """A key with its value; one that is too long for a line has a mark of its own."""
    name = written(key)
    behind = f" {value}" if value else ""
    if len(name.encode()) <= teaching.LONGEST_KEY:
        return (f"{indent}{name}:{behind}",)
    return f"{indent}? {name}", f"{indent}:{behind}"


def _segment(funnel: Funnel, segment: Segment, in_cells: bool) -> Iterator[str]:
    """A segment: its counts, or a mapping with its open units and its money; broken where that is wide."""
    sale = segment.counts[funnel.sale_stage] if segment.counts else None
    parts: dict[str, list[str]] = {} if in_cells else {"counts": _counts(segment.counts)}
    if any(segment.open) and not in_cells:
        parts["open"] = open_texts(segment)
    single = {
        "budget": None if segment.budget is None else figure_text(segment.budget),
        "average_check": None if segment.average_check is None else _check(segment, sale),
    }
    listed = {key: f"[{', '.join(texts)}]" for key, texts in parts.items()}
    listed |= {key: text for key, text in single.items() if text is not None}
    value = listed["counts"] if listed.keys() == {"counts"} else f"{{{_pairs(listed)}}}"
    *above, last = _entry("    ", segment.name, value)
    if len(last) <= WIDEST:
        yield from (*above, last)
        return
    yield from _entry("    ", segment.name, "")
    for key, text in listed.items():
        if key in parts:
            yield from broken_list(f"      {key}: ", parts[key])
        else:
            yield f"      {key}: {text}"


def open_texts(part: Segment | CellCounts) -> list[str]:
    """The open units of a segment or a cell, texts between the commas of a list: numbers, or lists of amounts."""
    texts = []
    for number, amounts in zip(part.open, part.open_amounts or ((),) * len(part.open), strict=True):
        if amounts and len(amounts) == number:
            first, *rest = [mean_text(amount, 1) for amount in amounts]
            own = [f"[{first}", *rest]
            texts += [*own[:-1], f"{own[-1]}]"]
        else:
            texts.append(str(number))
    return texts


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {text}" for key, text in values.items())


def _cell(cell: CellCounts) -> str:
    values = {written(dimension): written(segment) for dimension, segment in cell.segments}
    values["counts"] = f"[{', '.join(_counts(cell.counts))}]"
    if any(cell.open):
        values["open"] = f"[{', '.join(open_texts(cell))}]"
    return f"  - {{{_pairs(values)}}}"


def _measured(measured: Measured) -> Iterator[str]:
    """Where the counts are from, as an import knows it."""
    for key, value in measured._asdict().items():
        if isinstance(value, str):
            yield f"  {key}: {written(value)}"
        elif isinstance(value, int):
            yield f"  {key}: {value}"
        elif key == "median_days" and value:
            yield f"  {key}:"
            for stage, days in value:
                yield from _entry("    ", stage, significant(days, DIGITS_OF_DAYS))
        elif key in ("between", "not_mature") and value:
            yield from broken_list(f"  {key}: ", list(map(written, value)))
