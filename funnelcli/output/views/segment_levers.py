"""What `levers --by` says: what the same effort brings at each lever of each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.document import BLANK, CHANGES, Block, Cell, Column, Note
from funnelcli.output.numbers import text
from funnelcli.output.views import levers
from funnelcli.output.views.building import (
    amounts_note,
    assumed,
    base_called,
    figure_called,
    figure_word,
    kind_of,
    sentence,
    table,
    verdict,
)
from funnelcli.output.views.goal import lever_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.sensitivity import LeversReport, SegmentLevers
    from funnelcli.output.document import CellKind

MOST_NAMED = 5


def blocks(result: SegmentLevers) -> Iterator[Block]:
    """Where the effort brings most, a row a segment with a column a lever, and what is taken for granted."""
    yield verdict(_verdict(result))
    yield from amounts_note(result.cut, result.metric == "profit")
    kind = CHANGES[kind_of(result.metric)]
    selectors = [lever.selector for lever in result.whole.levers]
    now = base_called(result.whole.in_the_end)
    columns = (
        Column(sentence(result.dimension), "segment", "text", lambda part: part.name),
        Column(f"{figure_called(result.metric, result)}\n{now}", "now", kind_of(result.metric), spare=4),
        *(_of_lever(each, kind) for each in selectors),
    )
    title = f"Change of {figure_word(result.metric, result)} by {result.effort.text} at one lever of one segment"
    yield table([*result.segments, result.whole._replace(name="All")], columns, title)
    if result.left_out:
        yield Note(f"Left out: {_named(list(result.left_out))}.")
    if result.whole.left_out:
        yield Note(f"Left out, points are of rates only: {', '.join(map(lever_name, result.whole.left_out))}.")
    yield from assumed(tuple(_assumptions([result.whole._replace(name="All"), *result.segments])))


def _assumptions(parts: list[LeversReport]) -> Iterator[str]:
    """Each clause once, those of all first, else with the parts that it is of: some have a budget, and others none."""
    said: dict[str, list[str]] = {}
    for part in parts:
        for clause in dict.fromkeys(part.assumptions):
            said.setdefault(clause, []).append(part.name)
    for clause, names in sorted(said.items(), key=lambda each: len(each[1]) < len(parts)):
        yield clause if len(names) == len(parts) else f"of {_named(names)}: {clause}"


def _named(names: list[str]) -> str:
    more = f", and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _of_lever(selector: str, kind: CellKind) -> Column:
    title = lever_name(selector).replace(" (", "\n(")
    spare = _SPARED.get(selector.partition("@")[0], 0)
    return Column(title, selector, kind, lambda part: _change(part, selector), spare)


_SPARED = {"entries": 1, "average_check": 2, "budget": 3}
"""Levers that are left out where there is no room, as they bring the same in most funnels."""


def _change(part: LeversReport, selector: str) -> Cell | Any:
    lever = next((each for each in part.levers if each.selector == selector), None)
    return BLANK if lever is None else None if lever.high is None else lever.high - part.now


def _verdict(result: SegmentLevers) -> str:
    """The segment and the lever at which the effort brings most; several that bring the same are not ranked.

    Segments that are cut are not held against others.
    """
    whole = [part for part in result.segments if not part.cut]
    if not whole and result.segments:
        return "Where the effort brings most is not told, as no segment is whole."
    found = [
        (lever.high - part.now, part.name, lever.selector)
        for part in whole
        for lever in part.levers
        if lever.high is not None
    ]
    most = max((gain for gain, _, _ in found), default=0)
    effort = result.effort.text
    if most <= 0:
        return f"An effort of {effort} at one lever of one segment brings no {figure_word(result.metric, result)}."
    where = [(segment, selector) for gain, segment, selector in found if gain == most]
    segments = dict.fromkeys(segment for segment, _ in where)
    brings = f"{text(most, CHANGES[kind_of(result.metric)], result.currency)} {figure_word(result.metric, result)}"
    names = ", ".join(dict.fromkeys(lever_name(selector) for _, selector in where))
    return f"{effort} at one lever of one segment brings most in {', '.join(segments)}, {brings}: {names}."


def csv_rows(result: SegmentLevers) -> Iterator[dict[str, Any]]:
    """The rows of each segment's levers, and those of the whole, which has no segment."""
    for part in (*result.segments, result.whole):
        own = {"dimension": result.dimension, "segment": None if part is result.whole else part.name}
        yield from (own | row for row in levers.csv_rows(part))
