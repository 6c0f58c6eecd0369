"""Values in typographic quotes, which are a part of them to YAML, and meant as quotes: loaded where there is one.

A name is its writer's: those of funnels, stages, dimensions, segments and scenarios may have such quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.characters import QUOTES
from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, Sequence, walk
from funnelcli.funnel_file.yaml.plain import FALSE_WORDS, TRUE_WORDS, is_number
from funnelcli.funnel_file.yaml.quoting import quoted_text
from funnelcli.funnel_file.yaml.typographic_text import in_quotes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.nodes import Node, Scalar

_NAMES = frozenset(("label", "text", "when", "columns", "column_list", "names", "time_format"))
"""Kinds of values that are names, free text, or what stands in the data."""
_BELOW = {
    "average_check": schema.SPREAD,
    "days": schema.QUANTILES,
    "chance": schema.CHANCE,
    "referral": schema.REFERRAL,
    "measure": schema.MEASURE,
    "measured": schema.MEASURED,
}
"""The keys that may stand below one of a kind."""
_STAGE = re.compile(r"(?<=@)\s*(.+?)(?=\s*(?:[<>=]|\bwithin\b))")
"""The stage of a check."""


def unquoted(root: Node | None) -> Iterator[Finding]:
    """What is wrong with values and keys of a funnel that are in such quotes as a whole; they go on without them."""
    if isinstance(root, Mapping):
        checks = root.entries.get("checks")
        yield from _checks(_parts(checks[1]) if checks else [], _stages(root))
        yield from _fields(root, schema.FUNNEL)


def _fields(mapping: Mapping, table: tuple[schema.Field, ...], *, others: bool = False) -> Iterator[Finding]:
    """Keys of a table and their values; where `others` may stand beside them, each that is no such key is a name."""
    kinds = {field.key: field.kind for field in table}
    for name, (key, value) in [*mapping.entries.items()]:
        known = name
        if name not in kinds:
            within = None if others or key.style else in_quotes(name)
            if within not in kinds or within in mapping.entries:
                continue
            yield _finding(key, within)
            key.value, known = within, within
            mapping.entries = {within if each == name else each: entry for each, entry in mapping.entries.items()}
        # a currency is a label to its parser
        yield from _of_kind(value, "money" if known == "currency" else kinds[known])


def _of_kind(node: Node, kind: str) -> Iterator[Finding]:
    """What stands below a key of a kind."""
    if kind in _NAMES:
        return
    if kind in _BELOW and isinstance(node, Mapping):
        yield from _fields(node, _BELOW[kind])
    elif kind == "stages":
        for each in _parts(node):
            yield from _fields(each, schema.STAGE) if isinstance(each, Mapping) else _values(each)
    elif kind == "cells":
        for each in _parts(node):
            if isinstance(each, Mapping):
                yield from _fields(each, schema.SEGMENT, others=True)
    elif kind == "breakdowns":
        for each in (segment for dimension in _parts(node) for segment in _parts(dimension)):
            yield from _fields(each, schema.SEGMENT) if isinstance(each, Mapping) else _values(each)
    else:
        yield from _values(node)


def _stages(root: Mapping) -> list[str]:
    """The names of the stages, as they are written."""
    stages = root.entries.get("stages")
    if stages and isinstance(stages[1], Mapping):
        return [*stages[1].entries]
    items = [each for each in _parts(stages[1]) if isinstance(each, Mapping)] if stages else []
    return [getattr(each.entries["name"][1], "value", "") for each in items if "name" in each.entries]


def _checks(nodes: list[Node], stages: list[str]) -> Iterator[Finding]:
    """Checks in such quotes, in which stages may have quotes of their own; a check neither begins nor ends with one.

    Where a stage has them and the check does not, as both were meant for YAML's, the stage is named as it is written.
    """
    own = {name: each for each in stages if (name := in_quotes(each)) is not None and name not in stages}
    for each in nodes:
        text = "" if getattr(each, "style", '"') else each.value  # type: ignore[union-attr]  # a scalar
        if text[:1] + text[-1:] in QUOTES and len(text) > 1:
            named = re.sub(
                r"(?<=@)\s*(.+?)(?=\s*(?:[<>=]|\bwithin\b))", lambda found: own.get(found[1], found[0]), text
            )
            yield _finding(each, quoted_text(named[1:-1].strip()))
            each.value, each.style = named[1:-1].strip(), '"'  # type: ignore[union-attr]  # a scalar


def _parts(node: Node) -> list[Node]:
    """The items of a list, or the values of a mapping."""
    if isinstance(node, Mapping):
        return [value for _, value in node.entries.values()]
    return node.items if isinstance(node, Sequence) else []


def _values(node: Node) -> Iterator[Finding]:
    """A value, or all that stand in lists and below names; the names stay."""
    for each in [node, *(part for part in walk(node) for part in _parts(part))]:
        within = None if getattr(each, "style", '"') else in_quotes(each.value)  # type: ignore[union-attr]  # a scalar
        if within is not None:
            plain = is_number(within.removesuffix("%")) or within in TRUE_WORDS | FALSE_WORDS
            yield _finding(each, within if plain else quoted_text(within))
            each.value, each.style = within, "" if plain else '"'  # type: ignore[union-attr]  # a scalar


def _finding(node: Node | Scalar, form: str) -> Finding:
    meant = Replacement((form,), kind="typographic quotes")
    said = f"{quoted(node.value)} has typographic quotes, which are not YAML's"  # type: ignore[union-attr]  # a scalar
    return Finding.at(node, Problem("FN103", said, meant.help, meant=meant))
