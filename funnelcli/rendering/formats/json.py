"""JSON from the results themselves: unrounded, finite, keys as the fields are called."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.rendering.formats import Canvas

SCHEMA_VERSION = 1


def render(source: Mapping[str, Any], canvas: Canvas) -> str:
    """The contract: `schema_version`, `command`, and the results; indented on a terminal, else one result a line.

    A line a result keeps differences readable and lets the standard library's C encoder do the work.
    """
    whole = {"schema_version": SCHEMA_VERSION} | plain(source)
    if canvas.width is not None:
        return json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    name, results = whole.popitem()
    lines = ",\n".join(json.dumps(result, ensure_ascii=False, allow_nan=False) for result in results)
    head = json.dumps(whole, ensure_ascii=False, allow_nan=False).removesuffix("}")
    return f'{head}, "{name}": [' + (f"\n{lines}\n" if lines else "") + "]}\n"


def plain(value: Any) -> Any:
    """A result as dicts, lists, text and finite numbers.

    Exact numbers stay whole when they are and become the nearest double otherwise; a double that is not finite is a
    defect and raises `ValueError`. A field called `from_` becomes the key `from`.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value.numerator / value.denominator
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a result is not a finite number")
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", None)
        if names is None:
            return [plain(item) for item in value]
        return {name.rstrip("_"): plain(item) for name, item in zip(names, value, strict=True)}
    raise TypeError(f"{type(value).__name__} has no place in JSON")
