"""What an export tells beyond counts, into the tree of a funnel file: times, open units, money and cells.

What it does not tell stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from funnelcli.exact import reduced
from funnelcli.funnel_file.figures import (
    DIGITS_OF_A_DEVIATION,
    DIGITS_OF_DAYS,
    figure_text,
    mean_text,
    percent_text,
    significant,
)
from funnelcli.funnel_file.rewrite_nodes import (
    drop,
    figure_node,
    flow,
    number_node,
    put,
    put_average,
    replace,
    text_node,
)
from funnelcli.model import sale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage
    from funnelcli.segments import CellCounts, Segment

CHECKS = ("average_check", "average_order_value")


def fill(document: CommentedMap, found: Funnel, of_units: bool) -> None:
    """Put into a document what an export tells of a funnel of the same stages; `of_units`: it has a row a unit."""
    stages = document["stages"]
    if isinstance(stages, CommentedSeq):
        has_chances = any(stage.close_chance is not None for stage in found.stages)
        is_imported = of_units and "lost_unplaced" in stages[0]  # an import wrote its chances beside it
        if of_units and found.stages[0].lost_unplaced is None:
            has_chances |= is_imported
            drop(stages[0], "lost_unplaced")
        for node, stage in zip(stages, found.stages, strict=True):
            _fill_chances(node, stage, has_chances or (is_imported and _has_followed(node)))
            _fill_stage(node, stage, of_units)
    if found.period is not None and "period" in document:
        document["period"] = text_node(found.period)
    _fill_money(document, found)
    if found.cells:
        cells = CommentedSeq(map(_cell, found.cells))
        if "cells" in document:
            replace(document, "cells", cells)
        else:
            document["cells"] = cells


def in_cells(found: Funnel, dimension: str) -> bool:
    """Whether the cells tell a breakdown, which then need not be listed."""
    return bool(found.cells) and dimension in dict(found.cells[0].segments)


def has_money_alone(known: Any) -> bool:
    """Whether a dimension has segments and none has counts, as cells tell them."""
    return isinstance(known, CommentedMap) and all(
        isinstance(value, CommentedMap) and "counts" not in value for value in known.values()
    )


def money_of_segments(known: CommentedMap, segments: Sequence[Segment]) -> CommentedMap:
    """The segments of a dimension whose counts cells tell: those that have money, as far as they were found."""
    old = {str(name): value for name, value in known.items()}
    result = CommentedMap()
    for segment in segments:
        row = old.get(segment.name, CommentedMap())
        if segment.budget is not None:
            row["budget"] = number_node(segment.budget)
        if segment.average_check is not None:
            key = _key_of_check(row) or "average_check"
            check = check_node(segment)
            if isinstance(check, CommentedMap):
                row[key] = check
            else:
                put_average(row, key, check)
        if row:
            if segment.name not in old:
                row.fa.set_flow_style()
            result[text_node(segment.name)] = row
    return result


def _has_followed(node: CommentedMap) -> bool:
    """Whether a stage has chances as imports write them of units that they followed: of no plain figure of people's."""
    chance = node.get("close_chance")
    return "close_within" in node or (isinstance(chance, CommentedMap) and "sd" in chance)


def _fill_stage(node: CommentedMap, stage: Stage, of_units: bool) -> None:
    """Open units and times of a stage; an export of units tells of all that are open."""
    if stage.open_amounts and len(stage.open_amounts) == stage.open:
        put(node, "open", flow([figure_node(mean_text(each, 1)) for each in stage.open_amounts]), after="count")
    elif stage.open:
        put(node, "open", stage.open, after="count")
    elif of_units:
        drop(node, "open")
    for key, days, quantiles in (
        ("days_lost", stage.days_lost, stage.days_lost_quantiles),
        ("days", stage.days, stage.days_quantiles),
    ):
        if quantiles is not None:
            put(node, key, _in_flow(dict(zip(("median", "p90"), map(_days, quantiles), strict=True))), after="count")
        elif days is not None:
            put(node, key, _days(days), after="count")


def _fill_chances(node: CommentedMap, stage: Stage, has_chances: bool) -> None:
    """Chances to close, and losses at no known stage; where the export tells chances, other stages have none."""
    if stage.lost_unplaced is not None:
        put(node, "lost_unplaced", stage.lost_unplaced, after="count")
    if stage.close_within:
        pairs = {f"{figure_text(days)} days": percent_text(chance) for days, chance in stage.close_within}
        put(node, "close_within", _in_flow(pairs), after="count")
    elif has_chances:
        drop(node, "close_within")
    if stage.close_chance is not None:
        parts = {"mean": stage.close_chance, "sd": stage.close_chance_sd}
        texts = {key: percent_text(each) for key, each in parts.items() if each is not None}
        put(node, "close_chance", _in_flow(texts) if len(texts) > 1 else texts["mean"], after="count")
    elif has_chances:
        drop(node, "close_chance")


def _in_flow(values: Mapping[str, Any]) -> CommentedMap:
    pairs = CommentedMap(values)
    pairs.fa.set_flow_style()
    return pairs


def _days(value: Exact) -> Any:
    return figure_node(significant(value, DIGITS_OF_DAYS))


def _fill_money(document: CommentedMap, found: Funnel) -> None:
    """The currency and the money of the sale, under the key that the file has for it."""
    if found.currency is not None and "currency" not in document:
        document.insert(list(document).index("stages"), "currency", text_node(found.currency))
    paid = next((stage for stage in found.stages if stage.brings_money), None)
    if paid is None or "average_check" in dict(found.derived):
        return
    put_check(document, found.stages.index(paid), paid)


def put_check(document: CommentedMap, at: int, paid: Stage) -> None:
    """Put the money of a stage under the key that the file has for it."""
    stages = document["stages"]
    listed = isinstance(stages, CommentedSeq)
    node = stages[at] if listed else CommentedMap()
    is_sale = at == sale_of([stage.get("role") for stage in stages] if listed else [None] * len(stages))
    above = document if is_sale else CommentedMap()
    if "revenue" in node or (paid.average_check is None and not _key_of_check(above) and not _key_of_check(node)):
        if listed:
            put(node, "revenue", number_node(_revenue(paid)), after="count")
        return
    if not is_sale and not listed:
        return  # only the sale's money has a place beside names and counts
    owner = node if _key_of_check(node) or not is_sale else document
    key = _key_of_check(owner) or "average_check"
    if key not in owner:
        keys = list(owner)
        owner.insert(keys.index("stages") if owner is document else keys.index("count") + 1, key, 0)
    mean = paid.average_order_value
    assert mean is not None, "it brings money"
    put_average(owner, key, figure_node(mean_text(mean, paid.count if paid.is_counted else None)))
    if paid.average_check_sd is not None:
        pair = owner[key] if isinstance(owner[key], CommentedMap) else CommentedMap(mean=owner[key])
        pair["sd"] = figure_node(significant(paid.average_check_sd, DIGITS_OF_A_DEVIATION))
        if pair is not owner[key]:
            pair.fa.set_flow_style()
            owner[key] = pair


def _key_of_check(node: CommentedMap) -> str | None:
    return next((key for key in CHECKS if key in node), None)


def _revenue(stage: Stage) -> Exact:
    """The money of all units of a stage."""
    return reduced((stage.average_check or 0) * stage.count) if stage.revenue is None else stage.revenue


def check_node(segment: Segment, sale: int = -1) -> Any:
    """The average check of a segment, with its standard deviation where that is known; `sale` is the stage it is of."""
    assert segment.average_check is not None, "asked for where there is one"
    mean = figure_node(mean_text(segment.average_check, segment.counts[sale]))
    if segment.average_check_sd is None:
        return mean
    deviation = figure_node(significant(segment.average_check_sd, DIGITS_OF_A_DEVIATION))
    pair = CommentedMap(mean=mean, sd=deviation)
    pair.fa.set_flow_style()
    return pair


def open_node(part: Segment | CellCounts) -> CommentedSeq:
    """The open units of a segment or a cell: numbers, or the amounts of each."""
    amounts = part.open_amounts or ((),) * len(part.open)
    return flow(
        [
            flow([figure_node(mean_text(each, 1)) for each in own]) if own and len(own) == number else number
            for number, own in zip(part.open, amounts, strict=True)
        ]
    )


def _cell(cell: CellCounts) -> CommentedMap:
    """A cell on one line."""
    row = CommentedMap((text_node(dimension), text_node(segment)) for dimension, segment in cell.segments)
    row["counts"] = flow([number_node(count) for count in cell.counts])
    if any(cell.open):
        row["open"] = open_node(cell)
    row.fa.set_flow_style()
    return row
