"""Open units of segments and of cells: how many of their counts sit in each stage now, and what these add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from funnelcli.diagnostics import quoted
from funnelcli.exact import added
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.compositions import read_amounts
from funnelcli.funnel_file.flow import listed_names, too_many_open
from funnelcli.funnel_file.stages import finder
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence
from funnelcli.segments import CellCounts, OpenUnits, Segment, amounts_of, open_added_up

if TYPE_CHECKING:
    from collections.abc import Sequence as Many

    from funnelcli.exact import Exact
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.segments import Breakdown

Part = TypeVar("Part", CellCounts, Segment)
_WHAT, _HELP = (
    "a whole number, how many are open, or a list of their amounts",
    "write one number, e.g. 14, or [3950, 2800]",
)


def read_open(reader: NodeReader, name: str, node: Node, levels: list[Level], counts: Many[Exact] | None) -> OpenUnits:
    """Open units in a list or by stage, of what is called so in messages; none when they are wrong, which is said.

    At each stage stands how many there are, or a list of their amounts, as at a stage of the funnel. They are held
    against the counts, where these are known.
    """
    items: list[Node | None]
    if isinstance(node, Mapping) and (node.entries or node.dropped):
        items = _by_name(reader, node, levels)
    elif isinstance(node, Sequence) and len(node.items) != len(levels):
        numbers = "number" if len(node.items) == 1 else "numbers"
        message = f"{name} has {len(node.items)} {numbers} of open for {len(levels)} stages"
        help_ = f"write one for each stage, 0 at the last: {listed_names([level.name for level in levels])}"
        reader.note(node, "FN114", message, help_)
        return OpenUnits()
    elif isinstance(node, Sequence):
        items = list(node.items)
    else:
        reader.expected(f"a list of what is open in {name}", node, "write [numbers in stage order], 0 at the last")
        return OpenUnits()
    told = [pair for item in items if (pair := _at_stage(reader, item)) is not None]
    if len(told) < len(items):
        return OpenUnits()
    waiting = tuple([number for number, _ in told])
    if counts:
        _judge(reader, name, levels, counts, waiting, items)
    return OpenUnits(waiting, amounts_of(waiting, [amounts for _, amounts in told]))


def _at_stage(reader: NodeReader, node: Node | None) -> tuple[int, tuple[Exact, ...]] | None:
    """How many units are open at a stage, and their amounts where these are listed; `None` when it is wrong."""
    if node is None:
        return 0, ()
    if isinstance(node, Sequence):
        amounts = read_amounts(reader, node)
        return None if amounts is None else (len(amounts), amounts)
    number = reader.scalar(node, scalars.whole, _WHAT, _HELP)
    return None if number is None else (number, ())


def _by_name(reader: NodeReader, node: Mapping, levels: list[Level]) -> list[Node | None]:
    """The nodes in stage order; `None` for stages that are left out, where nothing is open."""
    names = [level.name for level in levels]
    find = finder(names)
    found: list[Node | None] = [None] * len(names)
    for name, (key, value) in node.entries.items():
        index = find(name)
        if index is None:
            reader.unknown_stage(key, name, names)
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

    Only of one whose counts add up to those of the stages: else it is of other units. Stages that say how many are open
    have the amounts of as many from there, or of those whose segments list theirs.
    """
    stated = any("open" in {*level.values, *level.nodes} for level in levels)
    dimensions: list[Many[CellCounts | Segment]] = [cells, *(breakdown.segments for breakdown in breakdowns)]
    for parts in dimensions:
        sums = open_added_up(parts, lambda _: 0)
        columns = zip(*(part.counts for part in parts), strict=True)
        if sums and [added(column) for column in columns] == [level.values.get("count") for level in levels]:
            waiting, amounts = sums[0].open, sums[0].open_amounts or ((),) * len(levels)
            for level, number, own in zip(levels, waiting, amounts, strict=True):
                if number and not stated:
                    level.values |= {"open": number, "open_amounts": own}
                elif own and level.values.get("open") == number and not level.values.get("open_amounts"):
                    level.values["open_amounts"] = own
            if not stated or any(amounts):
                return
