"""JSON from the results themselves: unrounded, finite, keys as the fields are called."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.rendering.formats import Canvas

SCHEMA_VERSION = 1


def render(source: Mapping[str, Any], canvas: Canvas) -> str:
    """The contract: `schema_version`, `command`, and the results."""
    return (
        json.dumps({"schema_version": SCHEMA_VERSION} | plain(source), ensure_ascii=False, indent=2, allow_nan=False)
        + "\n"
    )


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
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {name.rstrip("_"): plain(getattr(value, name)) for name in _names(type(value))}
    raise TypeError(f"{type(value).__name__} has no place in JSON")


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = tuple(field.name for field in fields(kind))
    return _FIELD_NAMES[kind]
