"""Figures on both sides of a change: of a new period as `compare` tells them, of a correction without a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.exact import relative_change
from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Note, Table, Waterfall
from funnelcli.output.numbers import header
from funnelcli.output.views import comparison, moved
from funnelcli.output.views.building import sentence, verdict, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.changed_keys import KeyChange
    from funnelcli.analyses.difference import FunnelDifference


def blocks(each: FunnelDifference) -> Iterator[Block]:
    """Counts, conversions and money on both sides; of a new period what `compare` says, of a correction no verdict."""
    report = each.comparison
    if report is None:
        rows = [(count.stage, *_both("count", count.before, count.after)) for count in each.counts]
        rows += _amounts(each)
        if rows:
            yield Table(_COLUMNS, tuple(rows), "Figures" if each.amounts else "Counts", "figures")
        return
    pair = report.comparisons[0]
    if each.basis == "new period":
        yield from (verdict(said) for said in comparison.verdicts(report, pair))
    moving = [*_figures(each)]
    if moving:
        yield Table(_COLUMNS, tuple(moving), _TITLES[each.basis or "unnamed"], "figures")
    if each.basis == "unnamed" and any(None not in (count.before, count.after) for count in each.counts):
        yield Note(
            "No period is named, so that it is not known whether figures were corrected or are of a new period: "
            "nothing is said of chance. Name it in the file, for example period: 2026-10."
        )
    elif each.basis == "new period":
        warnings = [
            block for block in comparison.blocks(report) if isinstance(block, Note) and block.style == "warning"
        ]
        yield from (warning(block.text) for block in warnings)
    if each.common and len(moving) > len(each.counts):
        yield Note("Conversions of steps are of the stages that both have, all else is of each side as a whole.")
    picture = pictured(each)
    if picture is not None:
        yield picture


def pictured(each: FunnelDifference) -> Waterfall | None:
    """How the profit came to what it is, or else the revenue, where several things moved it."""
    known = {amount.figure: amount for amount in each.amounts}
    amount = known.get("profit") or known.get("revenue")
    return None if amount is None or len(amount.effects) < 2 else waterfall(each, amount.figure)


_COLUMNS = (
    Column("", "figure", "text"),
    Column("Before", "before", "number"),
    Column("Now", "now", "number"),
    Column("Change", "change", "number"),
)
_TITLES = {"corrected": "Figures, corrected", "new period": "Figures of the new period", "unnamed": "Figures"}


def _both(kind: CellKind, before: Any, after: Any) -> tuple[Cell, Cell, Cell]:
    change = None if before is None or after is None else relative_change(before, after)
    shown = [BLANK if value is None else Cell(value, kind) for value in (before, after)]
    return shown[0], shown[1], BLANK if change is None else Cell(change, "rate_change")


def _figures(each: FunnelDifference) -> Iterator[tuple[Any, ...]]:
    """Rows of what is another figure: counts, conversions, the average check, sales and money."""
    report = each.comparison
    assert report is not None
    pair = report.comparisons[0]
    for count in each.counts:
        yield (count.stage, *_both("count", count.before, count.after))
    overall = comparison.overall_row(report, pair)
    whole = () if each.common else (overall,)  # of common stages, it would be of another funnel
    for stage in (*whole, *pair.stages[1:]):
        if stage is not overall and comparison.is_overall(report, pair, stage) and len(pair.stages) > 1:
            continue
        if stage.conversion_a == stage.conversion_b:
            continue
        label = "Overall conversion" if stage is overall else f"Conversion to {stage.name}"
        apart = comparison.difference(stage)
        if each.basis != "new period":
            apart = Cell(stage.difference, "points_change")
        sides = [Cell(value, "rate") for value in (stage.conversion_a, stage.conversion_b)]
        yield (label, *sides, BLANK if stage.difference is None else apart)
    checks = [key for key in each.keys if key.path[-1] == "average_check" and is_check(key)]
    if len(checks) == 1 and any(amount.figure == "average_check" for amount in each.amounts):
        checks = []  # it is that of the whole funnel
    for key in checks:
        label = "Average check" if len(checks) == 1 else f"Average check of {key.path[0]}"
        yield (header(label, "money", each.currency), *_both("money", key.before, key.after))
    yield from _amounts(each)


def _amounts(each: FunnelDifference) -> Iterator[tuple[Any, ...]]:
    """Rows of the whole funnel; its sales only where the stages differ, as they are one of the counts else."""
    for amount in each.amounts:
        if amount.figure != "sales" or each.common or each.comparison is None:
            kind = _KINDS.get(amount.figure, "money")
            label = header(sentence(amount.figure.replace("_", " ")), kind, each.currency)
            before, now, change = _both(kind, amount.before, amount.after)
            yield label, before, now, Cell(amount.change, "points_change") if kind == "rate" else change


_KINDS: dict[str, CellKind] = {"sales": "count", "overall_conversion": "rate"}
"""How figures are shown that are no money."""


def is_check(key: KeyChange) -> bool:
    """Whether it is the money of a stage on both sides, which stands among the figures."""
    return len(key.path) == 2 and not isinstance(key.before, str) and not isinstance(key.after, str)


def waterfall(each: FunnelDifference, figure: str) -> Waterfall:
    """From one amount to the other by what moved it; ranges and marks of chance are of a new period alone."""
    report = each.comparison
    assert report is not None
    found = moved.waterfall(report.comparisons[0], report.confidence, figure)
    kept = [index for index, (_, amount, is_total) in enumerate(found.rows) if is_total or amount]
    places = {index: place for place, index in enumerate(kept)}
    is_new = each.basis == "new period"
    return found._replace(
        rows=tuple(found.rows[index] for index in kept),
        marked={places[at]: side for at, side in found.marked.items() if at in places} if is_new else {},
        ranges={places[at]: ends for at, ends in found.ranges.items() if at in places} if is_new else {},
        within=found.within if is_new else None,
    )
