"""Open units of segments and of cells: how many of their counts sit in each stage now, and what these add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from funnelcli.diagnostics import did_you_mean, quoted
from funnelcli.exact import added
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.flow import listed_names, too_many_open
from funnelcli.funnel_file.stages import finder
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence
from funnelcli.segments import CellCounts, Segment, open_added_up

if TYPE_CHECKING:
    from collections.abc import Sequence as Many

    from funnelcli.exact import Exact
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.segments import Breakdown

Part = TypeVar("Part", CellCounts, Segment)
_WHAT, _HELP = "a whole number of open units", "write a whole number, e.g. 14"


def read_open(
    reader: NodeReader, name: str, node: Node, levels: list[Level], counts: Many[Exact] | None
) -> tuple[int, ...]:
    """Open units in a list or by stage, of what is called so in messages; empty when they are wrong, which is said.

    They are held against the counts, where these are known.
    """
    items: list[Node | None]
    if isinstance(node, Mapping) and (node.entries or node.dropped):
        items = _by_name(reader, node, levels)
    elif isinstance(node, Sequence) and len(node.items) != len(levels):
        numbers = "number" if len(node.items) == 1 else "numbers"
        message = f"{name} has {len(node.items)} {numbers} of open units for {len(levels)} stages"
        help_ = f"write one for each stage, 0 at the last: {listed_names([level.name for level in levels])}"
        reader.note(node, "FN114", message, help_)
        return ()
    elif isinstance(node, Sequence):
        items = list(node.items)
    else:
        reader.expected(f"a list of open units of {name}", node, "write [numbers in stage order], 0 at the last")
        return ()
    found = [0 if item is None else reader.scalar(item, scalars.whole, _WHAT, _HELP) for item in items]
    if None in found:
        return ()
    if counts:
        _judge(reader, name, levels, counts, found, items)
    return tuple(found)


def _by_name(reader: NodeReader, node: Mapping, levels: list[Level]) -> list[Node | None]:
    """The nodes in stage order; `None` for stages that are left out, where nothing is open."""
    names = [level.name for level in levels]
    find = finder(names)
    found: list[Node | None] = [None] * len(names)
    for name, (key, value) in node.entries.items():
        index = find(name)
        if index is None:
            reader.note(key, "FN112", f"unknown stage {quoted(name)}", did_you_mean(name, names))
        elif found[index] is not None:
            reader.note(key, "FN106", f"the stage {quoted(names[index])} is written twice", "keep one number")
        else:
            found[index] = value
    return found


def _judge(
    reader: NodeReader,
    name: str,
    levels: list[Level],
    counts: Many[Exact],
    found: Many[int],
    items: Many[Node | None],
) -> None:
    """Report more open units than have not gone on, as of stages."""
    gone: dict[int, Exact] = {}
    for level, count in zip(levels, counts, strict=True):
        if level.parent is not None and not level.may_grow:
            gone[level.parent] = max(gone.get(level.parent, 0), count)
    for index, (level, waiting, item) in enumerate(zip(levels, found, items, strict=True)):
        problem = too_many_open(level, waiting, counts[index], gone.get(index, 0), f"in {name}, ")
        if problem is not None:
            reader.report(problem, item)


def judge_sum(reader: NodeReader, node: Node | None, name: str, levels: list[Level], segment: Segment) -> None:
    """The same of a segment whose counts are the sum of cells, and its open units are written at the node."""
    _judge(reader, name, levels, segment.counts, segment.open, [node] * len(levels))


def none_elsewhere(parts: Many[Part]) -> tuple[Part, ...]:
    """Segments of one dimension, or cells, where some say how many units are open: of the others none are."""
    if not any(part.open for part in parts):
        return tuple(parts)
    return tuple(part if part.open else part._replace(open=(0,) * len(part.counts)) for part in parts)


def add_up_open(levels: list[Level], breakdowns: Many[Breakdown], cells: Many[CellCounts]) -> None:
    """Give stages that say nothing of open units those of the cells, or of the first dimension that has some.

    Only of one whose counts add up to those of the stages: else it is of other units.
    """
    if any("open" in {*level.values, *level.nodes} for level in levels):
        return
    dimensions: list[Many[CellCounts | Segment]] = [cells, *(breakdown.segments for breakdown in breakdowns)]
    for parts in dimensions:
        sums = open_added_up(parts, lambda _: 0)
        columns = zip(*(part.counts for part in parts), strict=True)
        if sums and [added(column) for column in columns] == [level.values.get("count") for level in levels]:
            for level, waiting in zip(levels, sums[0], strict=True):
                if waiting:
                    level.values["open"] = waiting
            return
