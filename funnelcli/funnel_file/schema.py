"""One table of keys, `keys.txt`: what a funnel file may say. Reader, JSON Schema and the manual have it from there."""

from __future__ import annotations

import os
from sys import intern
from typing import TYPE_CHECKING, NamedTuple, get_args

from funnelcli.funnel_file import moments, scalars, time_formats
from funnelcli.measure import EntryRule, Order, Ties
from funnelcli.model import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ROLES, ORDERS, ENTRIES, TIES = (get_args(words) for words in (Role, Order, EntryRule, Ties))
PERIODS = ("hour", "day", "week", "month", "quarter")
EPOCHS = ("seconds", "milliseconds", "microseconds")


class Field(NamedTuple):
    """A key: how its value is read (`kind`), what it means, and an example as it stands in a file.

    `kind` names a parser of `PARSERS`, or a structure that the reader knows (`stages`, `breakdowns`, …).
    """

    key: str
    kind: str
    value: str
    meaning: str
    example: str


PARSERS: dict[str, Callable[[str, bool], Any]] = {
    "text": scalars.text,
    "label": scalars.label,
    "count": scalars.count,
    "whole": scalars.whole,
    "money": scalars.money,
    "number": scalars.number,
    "average_check": scalars.average_check,
    "days": scalars.number,
    "open": scalars.whole,
    "variation": scalars.variation,
    "share": scalars.share,
    "chance": scalars.share,
    "target": scalars.target,
    "conversion": scalars.conversion,
    "flag": scalars.flag,
    "role": scalars.choice(ROLES),
    "order": scalars.choice(ORDERS),
    "entry": scalars.choice(ENTRIES),
    "ties": scalars.choice(TIES),
    "period": scalars.choice(PERIODS),
    "epoch": scalars.choice(EPOCHS),
    "duration": moments.duration,
    "time_zone": moments.time_zone,
    "time_format": time_formats.time_format,
}
"""How a scalar of each kind is read: text and whether it was plain, to a value or a `Problem`."""
FINE_PARSERS: dict[str, Callable[[str, bool], Any]] = {
    "money": scalars.fine_money,
    "average_check": scalars.fine_average_check,
}
"""The same of money in a currency with three decimals."""
COMPOSED = frozenset(("average_check", "chance", "days", "open"))
"""Kinds whose value is a scalar or a structure, which `compositions` read."""
OTHER_NAMES = {"average_order_value": "average_check"}
"""Keys that are other names of keys."""


def _tables() -> dict[str, tuple[Field, ...]]:
    tables: dict[str, tuple[Field, ...]] = {}
    with open(os.path.join(os.path.dirname(__file__), "keys.txt"), encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("["):
                name = line[1:-1]
                tables[name] = ()
            elif " | " in line and line[0] != "#":
                key, *others = line.split(" | ")
                tables[name] += (Field(intern(key), *others),)
    return tables


FUNNEL, STAGE, SEGMENT, SPREAD, QUANTILES, CHANCE, REFERRAL, MEASURE, MEASURED, TIME, EVENTUAL, CURVE, NOTED = (
    _tables().values()
)
"""The tables of `keys.txt`: keys of a funnel, of a stage, of a segment that is more than a list of counts, …"""


NO_STAGES = frozenset(field.key for field in FUNNEL if "_" in field.key or field.key in ("currency", "checks"))
"""Keys of a funnel that are hardly the name of a stage."""


def keys(table: tuple[Field, ...]) -> frozenset[str]:
    """The names of the keys of a table."""
    return frozenset(field.key for field in table)
