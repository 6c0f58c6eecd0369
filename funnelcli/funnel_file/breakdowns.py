"""The same funnel by channel, manager, period: segments, and the money that they tell of the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import added, reduced
from funnelcli.funnel_file import scalars, schema
from funnelcli.funnel_file.compositions import fields
from funnelcli.funnel_file.flow import exceeds
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.segments_open import none_elsewhere, read_open
from funnelcli.funnel_file.stages import finder
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.tree import LEAF
from funnelcli.model import sale_of
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from funnelcli.exact import Exact
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node, Scalar
    from funnelcli.model import Funnel

    _Counted: TypeAlias = tuple[tuple[Exact, ...], list[Node]]  # counts in stage order, and where they stand

_SEGMENT = Keys(schema.SEGMENT)
MOST_LISTED = 12


def read_breakdowns(reader: NodeReader, node: Node, levels: list[Level]) -> tuple[Breakdown, ...]:
    """All dimensions with their segments."""
    found = []
    help_ = "write below it the dimension, a segment and its counts: channel: {Ads: [numbers in stage order]}"
    for dimension, at, segments in reader.entries(node, "a dimension with its segments", help_):
        if isinstance(segments, Mapping) and _is_segment(segments, levels):
            said = f"{quoted(dimension)} stands where a dimension does, and has the keys of a segment below it"
            reader.note(at, "FN103", said, "indent its lines by 2 more, below their dimension")
            continue
        rows = [
            segment
            for name, key, value in reader.entries(
                segments, f"a segment with its counts for {quoted(dimension)}", help_
            )
            if (segment := _segment(reader, name, key, value, levels)) is not None
        ]
        found.append(Breakdown(dimension, none_elsewhere(rows)))
    return tuple(found)


def _segment(reader: NodeReader, name: str, key: Scalar, node: Node, levels: list[Level]) -> Segment | None:
    """One segment: a list of counts, or a mapping with `counts` and money; where there are cells, maybe without."""
    values: dict[str, Any] = {}
    counts: tuple[Exact, ...] | None = ()
    counts_node = node
    if isinstance(node, Mapping):
        if _is_by_stage(node, levels):
            listed = ", ".join(
                f"{written}: {getattr(value, 'value', '…')}" for written, (_, value) in node.entries.items()
            )
            reader.note(node, "FN103", "counts by stage stand below counts", f"write {{counts: {{{listed}}}}}")
            return None
        values, nodes = fields(reader, node, _SEGMENT)
        if "counts" not in nodes and not reader.has_cells:
            help_ = "write counts: [numbers in stage order]"
            reader.note(key, "FN102", f"the segment {quoted(name)} has no counts", help_)
            return None
        counts_node = nodes.get("counts", node)
    if counts_node is not node or not isinstance(node, Mapping):
        counts = read_counts(reader, quoted(name), key, counts_node, levels)
    if "average_check" in values:
        _refuse_ambiguous_check(reader, name, node, levels)
    if isinstance(node, Mapping) and "open" in nodes:
        values |= read_open(reader, quoted(name), nodes["open"], levels, counts)._asdict()
    return None if counts is None else Segment(name, counts, **values)


def _is_segment(node: Mapping, levels: list[Level]) -> bool:
    """Whether what stands below a dimension are the counts of a segment and other keys of it, and no segments."""
    if "counts" not in node.entries:
        return False
    counts = node.entries["counts"][1]
    if isinstance(counts, Mapping) and _is_by_stage(counts, levels):
        return True
    return any(
        name in _SEGMENT.usual and not isinstance(value, (Mapping, Sequence, Broken))
        for name, (_, value) in node.entries.items()
    )


def _is_by_stage(node: Mapping, levels: list[Level]) -> bool:
    """Whether the keys of a segment are stages."""
    return _SEGMENT.usual.keys().isdisjoint(node.entries) and any(level.name in node.entries for level in levels)


def read_counts(
    reader: NodeReader, name: str, key: Scalar, node: Node, levels: list[Level]
) -> tuple[Exact, ...] | None:
    """Counts in a list or by stage, of what is called so in messages; `None` when they are wrong, which is said."""
    counted: _Counted | None
    if isinstance(node, Mapping):
        counted = _counts_by_name(reader, node, levels)
    elif isinstance(node, Sequence):
        counted = _counts_in_order(reader, name, node, levels)
    elif is_number(getattr(node, "value", "")):
        listed = _listed([level.name for level in levels[: MOST_LISTED + 1]])
        message = f"{name} has 1 count for {len(levels)} stages"
        reader.note(node, "FN114", message, f"write one count for each stage: {listed}")
        return None
    else:
        reader.expected(f"a list of counts for {name}", node, "write [numbers in stage order]")
        return None
    if counted is None:
        return None
    counts, items = counted
    for level, count, item in zip(levels, counts, items, strict=True):
        if level.parent is not None and count > counts[level.parent] and not level.may_grow:
            what = exceeds(level, count, levels[level.parent], counts[level.parent])
            help_ = "check the order of the counts, or set allow_growth: true on the stage"
            reader.note(item, "FN104", f"in {name}, {what}", help_)
    return counts


def _refuse_ambiguous_check(reader: NodeReader, name: str, node: Node, levels: list[Level]) -> None:
    """A segment's average check is that of the sale: with other money beside it, nobody can tell what it means."""
    paid = [index for index, level in enumerate(levels) if {"average_check", "revenue"} & {*level.values}]
    sale = sale_of([level.values.get("role") for level in levels], paid[-1] if paid else -1)
    others = [levels[index].name for index in paid if index != sale]
    if others:
        bring = "brings" if len(others) == 1 else "bring"
        message = (
            f"an average_check of {quoted(name)} would be that of the sale, {quoted(levels[sale].name)}, and "
            f"{_listed(others)} {bring} money as well"
        )
        check, _ = node.entries["average_check"]  # type: ignore[union-attr]  # it has keys
        reader.note(check, "FN113", message, "delete it: the average checks of the stages count")


def _counts_in_order(reader: NodeReader, name: str, node: Sequence, levels: list[Level]) -> _Counted | None:
    """Counts from a list in stage order."""
    if len(node.items) != len(levels):
        counts_ = "count" if len(node.items) == 1 else "counts"
        message = f"{name} has {len(node.items)} {counts_} for {len(levels)} stages"
        help_ = "write one count for each stage: " + _listed([level.name for level in levels[: MOST_LISTED + 1]])
        reader.note(node, "FN114", message, help_)
        return None
    parse = scalars.count
    counts: list[Exact] = []
    for item in node.items:
        if item.__class__ is not LEAF:
            reader.scalar(item, parse, "a count", "write a number")
            continue
        value = parse(item.value)  # type: ignore[union-attr]  # a leaf, as just compared
        if isinstance(value, Problem):
            reader.report(value, item)
        else:
            counts.append(value)
    return (tuple(counts), node.items) if len(counts) == len(levels) else None


def _counts_by_name(reader: NodeReader, node: Mapping, levels: list[Level]) -> _Counted | None:
    """Counts from a mapping of stage names."""
    names = [level.name for level in levels]
    find = finder(names)
    counts: dict[int, tuple[Exact, Node]] = {}
    before = len(reader.findings)
    for name, (key, value) in node.entries.items():
        index = find(name)
        if index is None:
            reader.unknown_stage(key, name, names)
        elif index in counts:
            reader.note(key, "FN106", f"the stage {quoted(names[index])} is counted twice", "keep one count")
        else:
            count = reader.scalar(value, scalars.count, "a count", "write a number")
            if count is not None:
                counts[index] = count, value
    lacking = [known for index, known in enumerate(names) if index not in counts]
    if not lacking:
        ordered = [counts[index] for index in range(len(names))]
        return tuple(count for count, _ in ordered), [item for _, item in ordered]
    if len(reader.findings) == before and not node.dropped:
        reader.note(node, "FN114", f"no count for {_listed(lacking)}", "write a count for every stage")
    return None


def _listed(names: list[str]) -> str:
    """Names for a message; many of them would make it longer than the file."""
    return ", ".join(map(quoted, names[:MOST_LISTED])) + (", …" if len(names) > MOST_LISTED else "")


def with_money_of_segments(funnel: Funnel) -> Funnel:
    """The funnel with the budget, the average check and the gross margin that its segments tell where it has none.

    What the funnel states counts. Otherwise the first breakdown counts in which all segments have the key: their
    budgets are added up, their average checks are the mean by sales with the deviation of all of them, their margins
    the mean by revenue. Where some
    segments lack a budget and no other breakdown is whole, there is no sum, and what is spent is not known.
    """
    if funnel.budget is None:
        funnel = _with_budget(funnel)
    if not funnel.money_stages and (whole := _first_whole(funnel, "average_check")) is not None:
        sale, stages = funnel.sale_stage, list(funnel.stages)
        check = _mean([(each.average_check or 0, each.counts[sale]) for each in whole.segments])
        deviation = _deviation(funnel, whole, check)
        stages[sale] = stages[sale]._replace(average_check=check, average_check_sd=deviation)
        funnel = _told(funnel._replace(stages=tuple(stages)), "average_check", whole)
    if funnel.gross_margin is None and (whole := _first_whole(funnel, "gross_margin")) is not None:
        from funnelcli.analyses.breakdowns import segment_funnel
        from funnelcli.analyses.economics import revenue

        incomes = [(each.gross_margin or 0, revenue(segment_funnel(funnel, each)) or 0) for each in whole.segments]
        funnel = _told(funnel._replace(gross_margin=_mean(incomes)), "gross_margin", whole)
    return funnel


def _deviation(funnel: Funnel, whole: Breakdown, mean: Exact) -> Exact | None:
    """The standard deviation of the checks of all segments together; `None` where one does not say its own."""
    if all(each.average_check_sd is None for each in whole.segments):
        return None
    from funnelcli.analyses.breakdowns import segment_funnel
    from funnelcli.analyses.segment_totals import deviation_of

    return deviation_of([segment_funnel(funnel, each) for each in whole.segments], funnel.sale_stage, mean)


def _with_budget(funnel: Funnel) -> Funnel:
    whole = _first_whole(funnel, "budget")
    if whole is not None:
        return _told(funnel._replace(budget=added(each.budget or 0 for each in whole.segments)), "budget", whole)
    for breakdown in funnel.breakdowns:
        lacking = tuple(each.name for each in breakdown.segments if each.budget is None)
        if len(lacking) < len(breakdown.segments):
            return funnel._replace(unbudgeted=lacking)
    return funnel


def _first_whole(funnel: Funnel, key: str) -> Breakdown | None:
    """The first breakdown in which every segment has a key."""
    for breakdown in funnel.breakdowns:
        if breakdown.segments and all(getattr(each, key) is not None for each in breakdown.segments):
            return breakdown
    return None


def _mean(pairs: list[tuple[Exact, Exact]]) -> Exact:
    """The mean of values by their weights; where all weights are 0, of each value alike."""
    weights = added(weight for _, weight in pairs)
    if not weights:
        return reduced(Fraction(added(value for value, _ in pairs), len(pairs)))
    return reduced(Fraction(added(value * weight for value, weight in pairs), weights))


def _told(funnel: Funnel, key: str, by: Breakdown) -> Funnel:
    return funnel._replace(derived=(*funnel.derived, (key, by.dimension)))
