"""JSON from the results themselves: unrounded, finite, keys as the fields are called."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from funnelcli.output.formats import Canvas

SCHEMA_VERSION = 2
"""It grows where a key or a default changes its meaning; what is new is added without it."""


def render(source: Mapping[str, Any], canvas: Canvas) -> str:
    """The contract: `schema_version`, `command`, and lists of results; indented on a terminal, else one result a line.

    A line a result keeps differences readable and lets the standard library's C encoder do the work.
    """
    ascii_only = canvas.encoding.lower().replace("-", "").replace("_", "") != "utf8"
    whole = {"schema_version": SCHEMA_VERSION} | dict(source)
    if canvas.width is not None:
        return _inert(json.dumps(plain(whole), ensure_ascii=ascii_only, indent=2, allow_nan=False)) + "\n"
    write = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False).encode
    members = []
    for name, value in whole.items():
        if value.__class__ in (list, tuple):  # a record is a tuple as well
            lines = ",\n".join(_line(result, write) for result in value)
            members.append(f'"{name}": [' + (f"\n{lines}\n" if lines else "") + "]")
        else:
            members.append(f'"{name}": {write(plain(value))}')
    return _inert("{" + ", ".join(members) + "}\n")


def _line(result: Any, write: Callable[[Any], str]) -> str:
    """A result; its lists item by item, as the encoder keeps the pieces of all that it is given until it is done."""
    if not isinstance(result, tuple):
        return write(plain(result))
    members = []
    for name, value in zip(keys(result.__class__), result, strict=True):
        listed = value.__class__ is tuple
        text = "[" + ", ".join([write(plain(item)) for item in value]) + "]" if listed else write(plain(value))
        members.append(f'"{name}": {text}')
    return "{" + ", ".join(members) + "}"


_HIDDEN = "[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"


def _inert(text: str) -> str:
    """The same JSON with control and bidirectional characters escaped, so that a terminal does not act on them."""
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(_HIDDEN, lambda match: json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f", text)


def plain(value: Any) -> Any:
    """A result as dicts, lists, text and numbers.

    Exact numbers stay whole when they are and become the nearest double otherwise; the encoder raises `ValueError` for
    a double that is not finite, which is a defect. A field called `from_` becomes the key `from`.
    """
    kind = value.__class__
    if kind in _AS_IT_IS:
        return value
    if kind is Fraction:
        above, below = value.as_integer_ratio()
        return above if below == 1 else above / below
    if kind is dict:
        return {key: plain(item) for key, item in value.items()}
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{kind.__name__} has no place in JSON")
    items = [item if item.__class__ in _AS_IT_IS else plain(item) for item in value]
    return items if kind is list or kind is tuple else dict(zip(keys(kind), items, strict=True))


_AS_IT_IS = frozenset((type(None), str, int, bool, float))


@cache
def keys(kind: type) -> tuple[str, ...]:
    """The keys of a record."""
    return tuple(name.rstrip("_") for name in kind._fields)  # type: ignore[attr-defined]  # a named tuple
