"""The stages of a funnel as they are written, how they follow from each other, and who brings whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file import scalars, schema
from funnelcli.funnel_file.compositions import close_within, fields
from funnelcli.funnel_file.flow import Level, listed_names
from funnelcli.funnel_file.node_reader import MANY, Keys
from funnelcli.funnel_file.yaml.nodes import Broken, Finding, Mapping, Sequence
from funnelcli.funnel_file.yaml.plain import NULL_WORDS
from funnelcli.metrics import find_name, fold
from funnelcli.model import Referral

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node, Scalar

_STAGE = Keys(schema.STAGE)
_REFERRAL = Keys(schema.REFERRAL)


def read_stages(reader: NodeReader, node: Node) -> list[Level]:
    """The stages as written, with their own values; none when their number or names cannot be told."""
    if isinstance(node, Mapping):
        unknown = _not_counted(reader, node)
        levels = [_stage_of_pair(reader, key, value, known=key not in unknown) for key, value in node.entries.values()]
        whole = not node.dropped
    elif isinstance(node, Sequence):
        read = [_stage_of_item(reader, item) for item in node.items]
        levels = [level for level in read if level is not None]
        whole = len(levels) == len(read)
    else:
        help_ = "write below it a line for each stage: its name, a colon, a space and its count"
        reader.expected("the stages, with a line for each,", node, help_)
        return []
    if len(levels) >= 2:
        _link(reader, levels)
        return levels
    if whole:
        message = f"a funnel has at least two stages, and this one has {len(levels)}"
        reader.note(node, "FN105", message, "add the stage that people come from, or go to")
    return []


def _not_counted(reader: NodeReader, node: Mapping) -> list[Scalar]:
    """The names of stages that have no number yet, which is said of all of them at once; one is no such list."""
    lacking = [
        (key, value)
        for key, value in node.entries.values()
        if not isinstance(value, (Mapping, Sequence, Broken)) and scalars.not_known(value.value)
    ]
    if len(lacking) < 2:
        return []
    listed = listed_names([key.value for key, _ in lacking])
    later = "write their numbers; a stage that is not counted yet is left out until it is"
    code = "FN102" if all(value.value in NULL_WORDS for _, value in lacking) else "FN103"
    reader.note(lacking[0][1], code, f"{listed} have no counts", later)
    return [key for key, _ in lacking]


def _stage_of_pair(reader: NodeReader, key: Scalar, value: Node, *, known: bool) -> Level:
    """A stage written as `name: count`; what is not `known` has been said."""
    name = scalars.label(key.value, False)
    if isinstance(name, Problem):
        reader.report(name, key)
    elif not key.style and (dash := re.match(r"[-•·▪◦‣●*+–—]\s*(?=\w)", key.value)):
        help_ = f'write {key.value[dash.end() :]}; or write "{key.value}" in quotes, if that is its name'
        reader.note(key, "FN103", f"the name begins with {dash[0].strip()}, the sign of a list", help_)
    elif key.value in schema.NO_STAGES and not key.style:
        start = f"begin line {key.start_mark.line + 1} without spaces"
        help_ = f'{start}; or write "{key.value}" in quotes, if a stage is called so'
        reader.note(key, "FN101", f"{quoted(key.value)} is a key of the funnel, and stands among its stages", help_)
        misplaced = Level(key.value, key, {}, {})
        misplaced.excused = True
        return misplaced
    help_ = "write stages as a list to give them more keys: - {name: …, count: …}"
    count = reader.scalar(value, scalars.count, "a count", help_) if known else None
    return Level(key.value, key, {} if count is None else {"count": count}, {"count": (key, value)})


def _stage_of_item(reader: NodeReader, item: Node) -> Level | None:
    """A stage written as a mapping of its keys, an item of the list of stages."""
    if not isinstance(item, Mapping):
        if not isinstance(item, Broken):
            known = "" if isinstance(item, Sequence) or not item.value else f"name: {item.value}, "
            reader.expected("a stage", item, f"write {{{known}count: 0}}, with its number in place of 0")
        return None
    if len(item.entries) == 1 and not item.dropped:
        (written, (key, value)) = next(iter(item.entries.items()))
        if written not in _STAGE.usual and not isinstance(value, (Mapping, Sequence, Broken)):
            help_ = f"write - {{name: {written}, count: {value.value}}}; or leave out the dashes of all stages"
            reader.note(key, "FN103", "a stage of a list has a name and a count", help_)
            return None
    is_named = "name" in item.entries or "count" in item.entries
    renamed = None if is_named else _name_as_key(reader, item)
    before = len(reader.findings)
    values, nodes = fields(reader, item, _STAGE)
    if "allow_growth" in item.entries:
        reader.findings[before:] = map(_grown, reader.findings[before:])
    lost = item.dropped or ("count" not in values and reader.excused(item, "count", "conversion"))
    if item.dropped:
        values.pop("count", None)  # perhaps only the first part of a number
    name = values.pop("name", None)
    if renamed is not None:
        name = renamed.value
    if name is None:
        if "name" not in item.entries and not item.dropped:
            reader.missing("name", item, "the stage")
        name = ""
    if nodes:
        _read_structures(reader, item, values, nodes)
    level = Level(name, item.entries["name"][1] if "name" in item.entries else item, values, item.entries)
    level.excused = lost or renamed is not None
    return level


def _read_structures(reader: NodeReader, item: Mapping, values: dict[str, Any], nodes: dict[str, Node]) -> None:
    """What is written below keys of a stage: conditions of its events, and how soon it closes."""
    for of_events in ("when", "exclude"):
        if of_events in nodes:
            from funnelcli.funnel_file.conditions import read_when  # only what is measured has conditions

            values[of_events] = read_when(reader, nodes[of_events], of_events)
    if "close_within" in nodes:
        if "close_chance" not in item.entries:
            reader.missing("close_chance", item, "the stage with close_within")
        values["close_within"] = close_within(reader, nodes["close_within"], values.get("close_chance"))


def _grown(found: Finding) -> Finding:
    """A finding of a stage that may grow: `2` as its rate may be twice as many."""
    meant = found.problem.meant
    if (
        found.problem.code != "FN210"
        or meant is None
        or float(meant.forms[0].partition("%")[0]) > scalars.SURELY_PERCENT
    ):
        return found
    return found._replace(problem=found.problem._replace(meant=meant._replace(doubt=True)))


def _name_as_key(reader: NodeReader, item: Mapping) -> Scalar | None:
    """The name of a stage that stands as a key with its count, beside other keys: noted, and taken out of them."""
    if not item.entries:
        return None
    key, value = next(iter(item.entries.values()))
    if key.value in _STAGE.usual:
        return None
    if isinstance(value, (Mapping, Sequence, Broken)) or isinstance(scalars.count(value.value), Problem):
        return None
    help_ = f"write name: {key.value}, then count: {value.value} in a line of its own"
    problem = Problem("FN103", "a stage of a list has a name and a count", help_)
    reader.findings.append(Finding(problem, key.start_mark, value.end_mark))
    del item.entries[key.value]
    return key


def finder(names: list[str]) -> Callable[[str], int | None]:
    """`find_name` for many names: they are looked up among all stages, not searched for."""
    places: dict[str, int] = {}
    folded: dict[str, list[int]] = {}
    for index, known in enumerate(names):
        places.setdefault(known, index)

    def find(name: str) -> int | None:
        if name in places:
            return places[name]
        if not folded:
            for index, known in enumerate(names):
                folded.setdefault(fold(known), []).append(index)
        fits = folded.get(fold(name), [])
        return fits[0] if len(fits) == 1 else None

    return find


def _link(reader: NodeReader, levels: list[Level]) -> None:
    """Unique names, and the stage that each one comes from: the last above it that is not optional, or another."""
    help_: str | None
    find: Callable[[str], int | None] | None = None
    seen: dict[str, Level] = {}
    above: int | None = None
    for index, level in enumerate(levels):
        values = level.values
        first = seen.setdefault(level.name, level)
        if first is not level and level.name:
            rename = f"the first is in line {first.at.start_mark.line + 1}; give one another name"
            reader.note(level.at, "FN106", f"two stages are called {quoted(level.name)}", rename)
        level.parent = above
        if "optional" not in values or not values.pop("optional"):
            above = index
        elif not index:
            help_ = "delete optional, or move the stage down"
            reader.note(level.node("optional"), "FN110", "the first stage cannot be optional: all enter there", help_)
        if "from" not in values:
            continue
        find = find or finder([each.name for each in levels])
        source = values.pop("from")
        known = find(source)
        if known is not None and known < index:
            level.parent = known
            continue
        level.parent = None
        if not index:
            message, help_ = "the first stage comes from nothing", "delete its from"
        elif known is None:
            few = len(reader.findings) < MANY
            message = f"no stage is called {quoted(source)}"
            help_ = did_you_mean(source, [other.name for other in levels[:index]]) if few else None
        elif known == index:
            message, help_ = f"{quoted(level.name)} comes from itself", "name a stage above it"
        else:
            message = f"{quoted(level.name)} comes from {quoted(levels[known].name)}, which stands below it"
            help_ = "move one of the two, or name a stage above"
        reader.note(level.node("from"), "FN110", message, help_)


def read_referral(reader: NodeReader, node: Node, names: list[str]) -> Referral | None:
    """Who brings whom."""
    part = reader.part(node, _REFERRAL, "write from:, brings: and to: below it")
    if part is None:
        return None
    mapping, values, _ = part
    for key in ("from", "brings", "to"):
        if key not in mapping.entries and not mapping.dropped:
            reader.missing(key, mapping, "the referral")
        elif key in values and key != "brings":
            name, index = values[key], find_name(values[key], names)
            if index is None:
                reader.unknown_stage(mapping.entries[key][1], name, names)
            values[key] = index
    source, brings, target = map(values.get, ("from", "brings", "to"))
    return None if source is None or brings is None or target is None else Referral(source, brings, target)
