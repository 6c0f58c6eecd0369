"""Texts in typographic quotes, which are a part of them to YAML, and meant as quotes: loaded where there is one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, walk
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.quoting import quoted_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.nodes import Node, Scalar

_INNER = "([^“”„‟«»]+)"
_WHOLE = re.compile(f"“{_INNER}”|[„‟”]{_INNER}[“”]|«{_INNER}»|»{_INNER}«|[‘‚’]([^“”„‟«»‘‚]+)[‘’]")
_NO_NAME = re.compile(r"[A-Z]{3}|[^<>=]*[<>=].*|[-+±]?\d[\d\s.,]*%?")
"""A currency, a check and a number: all else in angled quotes may be a name that has them, as those of firms do."""


def unquoted(root: Node | None) -> Iterator[Finding]:
    """What is wrong with the plain texts that are in typographic quotes as a whole; they go on without them."""
    for node in walk(root):
        if isinstance(node, Mapping):
            for name, (key, _) in [*node.entries.items()]:
                inside = _inside(key)
                if inside is None or inside in node.entries:
                    continue
                yield _finding(key, quoted_text(inside))
                key.value, key.style = inside, '"'
                node.entries = {inside if each == name else each: entry for each, entry in node.entries.items()}
            for _, value in node.entries.values():
                yield from _of_value(value)
        else:
            for item in getattr(node, "items", (node,) if node is root else ()):
                yield from _of_value(item)


def _of_value(node: Node | Scalar) -> Iterator[Finding]:
    inside = _inside(node)
    if inside is not None:
        yield _finding(node, inside if is_number(inside.removesuffix("%")) else quoted_text(inside))
        node.value, node.style = inside, '"'  # type: ignore[union-attr]  # a scalar, as it has an inside


def _inside(node: Node | Scalar) -> str | None:
    """The text in the quotes of a plain scalar, which hold all of it; `None` for others."""
    match = None if getattr(node, "style", '"') else _WHOLE.fullmatch(node.value)  # type: ignore[union-attr]  # a scalar
    inside = next(filter(None, match.groups())).strip() if match else ""
    is_name = match is not None and match[0][0] in "«»" and not _NO_NAME.fullmatch(inside)
    return None if is_name else inside or None


def _finding(node: Node | Scalar, form: str) -> Finding:
    meant = Replacement((form,), kind="typographic quotes")
    said = f"{quoted(node.value)} has typographic quotes, which are not YAML's"  # type: ignore[union-attr]  # a scalar
    return Finding.at(node, Problem("FN103", said, meant.help, meant=meant))
