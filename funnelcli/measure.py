"""Where counts come from, as a file says it, and what a measurement left beside them; no input or output."""

from typing import Literal, NamedTuple, TypeAlias, get_args

from funnelcli.exact import Exact

Order: TypeAlias = Literal["ordered", "strict", "any"]
"""Whether the events of a unit must follow the stages, or nothing else may come between, or neither."""
EntryRule: TypeAlias = Literal["any", "first", "last"]
"""Which entries of a unit count."""
Comparing: TypeAlias = Literal[">=", "<=", "!=", ">", "<", "=", "not like", "like", "not null"]
COMPARISONS: tuple[Comparing, ...] = get_args(Comparing)
"""Operators of conditions on a column; the longer ones first, as they are looked for."""


class Predicate(NamedTuple):
    """A value of a condition that is more than equality: an operator and what stands after it."""

    operator: Comparing
    operand: str | Exact | None = None


TOGETHER = (">=", "<=", "!=", ">", "<", "=", "like", "not like", "in", "not in")
"""Keys of a mapping that stands for one column of a condition: all of them must hold."""


class Condition(NamedTuple):
    """`column: value` of a stage's `when`: the event's column equals one of the values, or fits a comparison."""

    column: str
    values: tuple[str | Exact | bool | Predicate | None, ...]


When: TypeAlias = tuple[tuple[Condition, ...], ...]
"""Which events reach a stage: any of the alternatives, in each of which all conditions hold."""


class Measure(NamedTuple):
    """Where counts come from, for `measure`: names of a table and its columns, never code.

    `window` is in seconds; `between` are moments in the notation of ISO 8601, the second one excluded. `id` is the
    column that tells one event from another, `epoch` what a time that is a number counts since 1970, `period` the
    length of the cohorts, and `entry` which entries of a unit count.
    """

    table: str | None = None
    unit: str | None = None
    time: str | None = None
    window: int | None = None
    order: Order | None = None
    between: tuple[str, ...] = ()
    breakdowns: tuple[tuple[str, str], ...] = ()
    exclude: When = ()
    id: str | None = None
    epoch: str | None = None
    period: str | None = None
    entry: EntryRule | None = None


class Measured(NamedTuple):
    """What a measurement left beside the counts: from where, when, and out of how much.

    `recipe` is that of an export, with its version. `median_days` are by stage: the median of what `days` of the stage
    is the mean of. `not_mature` are the cohorts whose units may still go on. Numbers of events are those of the whole
    interval that was read. `counted_again` is by dimension, in stage order: what its segments add up to beyond the
    stages, as units have entries in several.
    """

    source: str | None = None
    table: str | None = None
    between: tuple[str, ...] = ()
    events: int | None = None
    units: int | None = None
    without_unit: int | None = None
    without_time: int | None = None
    duplicates: int | None = None
    until: str | None = None
    moment: str | None = None
    not_mature: tuple[str, ...] = ()
    median_days: tuple[tuple[str, Exact], ...] = ()
    counted_again: tuple[tuple[str, tuple[Exact, ...]], ...] = ()
    after_now: int | None = None
    recipe: str | None = None
