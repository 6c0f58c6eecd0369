"""What is to be measured, in the engines' units."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from funnelcli import measure
from funnelcli.diagnostics import quoted
from funnelcli.measure import Condition, Predicate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from funnelcli.events import zones
    from funnelcli.exact import Exact
    from funnelcli.measure import When

MICROSECONDS = 1_000_000
"""The engines' times are whole microseconds since 1970, in UTC."""
MOST_STAGES = 30
"""Stages of a measured funnel: each is a bit of a number."""
MOST_DIMENSIONS = 20
NEVER = -4_000_000_000_000_000_000
"""Stands for no time at all: earlier than any, and far enough from the limit of 64 bits to be subtracted."""
NOT_YET = -NEVER
"""Likewise when something comes that never does."""
VALUELESS = "v"
"""The flag of events that would meet a stage, if they had the values that are to be the same."""
PERIOD = measure.PERIOD
"""The breakdown by cohorts."""

NUMBER, TEXT, FLAG, TIME, OTHER = "number", "text", "flag", "time", "other"


EARLIEST, LATEST = -30_610_224_000_000_000, 253_370_678_400_000_000
"""The years 1000 to 9998 in microseconds since 1970; what lies outside is no time, but stands for one."""
FACTORS = {None: 1_000_000, "seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
"""Microseconds of one of what `epoch` says that a number counts."""
_EXACT = Context(prec=60)


class Definition(NamedTuple):
    """A complete definition; stages are indices, times and `window` are microseconds.

    Entries are counted from `start` to before `end`: of a unit `any`, or only its `first` or `last` of the interval.
    `growing` are the stages that count events and not units. With `apart`, times rise from stage to stage. The way to
    the `sale` is the whole way.
    `within` is by stage, for how long it can be reached from the one that it comes from; empty where all have no limit.
    `offsets` are those of the clocks by which periods go. `event` is the column that names what happened, where it is
    told. `until` is the last event, once it is known, and `step` what
    ages are told in.
    `barred` is likewise what may not lie between. Where events are `shared`, one may serve several stages of a chain.
    With `repeats`, the last stage may come again on a strict chain.
    All events of a chain have the same value in each of the columns `same`; those that are `valueless` have none, and
    would meet a stage if they had. `amounts` are the columns of the money that stages bring, empty where none does;
    where the sale alone does, it is `priced`. `place` is what messages call the file or table of the events. `written`
    is the column of the dates of which a database made the `time`. `time_zone` is the one whose clocks are asked for.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    whens: tuple[When, ...]
    growing: frozenset[int]
    unit: str
    time: str
    sale: int = 0
    table: str | None = None
    identity: str | None = None
    epoch: str | None = None
    window: int | None = None
    order: str = "ordered"
    start: int | None = None
    end: int | None = None
    between: tuple[str, ...] = ()
    dimensions: tuple[tuple[str, str], ...] = ()
    exclude: When = ()
    period: str | None = None
    offsets: zones.Offsets = ()
    time_format: str | None = None
    entry: str = "any"
    apart: bool = False
    within: tuple[int | None, ...] = ()
    lost: When = ()
    event: str | None = None
    until: int | None = None
    step: int = 1
    barred: tuple[When, ...] = ()
    exclude_units: When = ()
    shared: bool = False
    repeats: bool = False
    same: tuple[str, ...] = ()
    valueless: When = ()
    amounts: tuple[str | None, ...] = ()
    priced: int | None = None
    place: str = "the table"
    written: str | None = None
    time_zone: str | None = None

    @property
    def stages(self) -> range:
        """The stages by their indices."""
        return range(len(self.names))

    @property
    def last(self) -> int | None:
        """The last moment at which an event may belong to an entry of the interval; `None` when there is no such."""
        return None if self.end is None or self.window is None else self.end - 1 + self.window

    def path(self, stage: int) -> tuple[int, ...]:
        """The stages of a chain that ends at a stage, from the entry on."""
        return (*self.path(self.parents[stage]), stage) if stage else (0,)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, once."""
        named = [self.unit, self.time, *([self.identity] if self.identity else []), *self.same]
        named += [*([self.event] if self.event else []), *(column for _, column in self.dimensions)]
        named += [column for _, column in self.paid]
        return tuple(dict.fromkeys([*named, *(each.column for each in self.conditions)]))

    @property
    def paid(self) -> list[tuple[int, str]]:
        """The stages that bring money, each with the column of its amounts."""
        return [(stage, column) for stage, column in enumerate(self.amounts) if column is not None]

    @property
    def paid_by_chains(self) -> list[int]:
        """Those of them whose money only the chains tell: they count events, or chains have a value in common."""
        return [stage for stage, _ in self.paid if stage in self.growing or (self.same and stage)]

    @property
    def conditions(self) -> list[Condition]:
        """Those of all stages, and of all else that events may meet."""
        return [each for when in self.by_flag.values() for alternative in when for each in alternative]

    @property
    def present(self) -> tuple[Condition, ...]:
        """What every stage asks besides: that there are values of what is to be the same."""
        return tuple(Condition(column, (Predicate("not null"),)) for column in self.same)

    @property
    def others(self) -> list[tuple[str, When]]:
        """What else events may meet, by its flag."""
        flags = [("x", self.exclude), ("y", self.lost), ("z", self.exclude_units)]
        flags += [(f"w{stage}", when) for stage, when in enumerate(self.barred)]
        flags += [(VALUELESS, self.valueless)]
        return [(flag, when) for flag, when in flags if when]

    @property
    def by_flag(self) -> dict[str, When]:
        """All that events may meet, by its flag: `h0`, `h1`, … of the stages, and then the others."""
        return {f"h{stage}": when for stage, when in enumerate(self.whens)} | dict(self.others)

    @property
    def bits(self) -> dict[str, int]:
        """The place of each flag in the mask of an event."""
        return {flag: place for place, flag in enumerate(self.by_flag)}

    @property
    def stage_bits(self) -> int:
        """The mask of an event that meets every stage, and nothing else."""
        return (1 << len(self.names)) - 1


def placed(definition: Definition, shown: str, *, tables: bool = True) -> Definition:
    """A definition whose messages name the place of its events, with the table where the place has several."""
    named = f"table {quoted(definition.table)} of " if tables and definition.table else ""
    return definition._replace(place=f"{named}{shown}")


def decimal_of(number: Fraction) -> Decimal:
    """A number of a condition as the drivers of databases take it."""
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def may_be_listed(operand: object, kind: str) -> TypeGuard[str | int]:
    """Whether a value is compared in a list of SQL, whose values become of one type, as it would be alone."""
    if kind == TEXT:
        return isinstance(operand, str)
    return kind == NUMBER and isinstance(operand, int) and not isinstance(operand, bool) and abs(operand) < 1 << 53


def left_out(alternative: Sequence[Condition], kinds: Mapping[str, str]) -> tuple[list[Condition], list[Condition]]:
    """Conditions that must all hold, and of them those that leave values out, as `not in` does: one for each column."""
    others: list[Condition] = []
    values: dict[str, list[str | int]] = {}
    for condition in alternative:
        ((operator, operand), *more) = compared(condition)
        if operator == "!=" and not more and may_be_listed(operand, kinds[condition.column]):
            values.setdefault(condition.column, []).append(operand)
        else:
            others.append(condition)
    return others, [Condition(column, tuple(operands)) for column, operands in values.items()]


def compared(condition: Condition) -> list[tuple[str, str | Exact | bool | None]]:
    """The operators of a condition, `=` among them, and what stands after each; `None` is no value."""
    return [(each.operator, each.operand) if isinstance(each, Predicate) else ("=", each) for each in condition.values]


def asked_of(definition: Definition, column: str) -> list[tuple[str, str | Exact | bool]]:
    """What all conditions compare a column with: operators, and the value after each, where there is one."""
    of_column = (each for each in definition.conditions if each.column == column)
    return [(operator, operand) for each in of_column for operator, operand in compared(each) if operand is not None]
