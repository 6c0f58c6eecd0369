"""What is to be measured, in the engines' units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli import measure
from funnelcli.diagnostics import quoted
from funnelcli.measure import Condition, Predicate

if TYPE_CHECKING:
    from funnelcli.events import zones
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


class Definition(NamedTuple):
    """A complete definition; stages are indices, times, `window` and `within` are microseconds.

    Where there are several, they are by stage; an empty tuple stands for none at any.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]  # the stages that they come from
    whens: tuple[When, ...]
    growing: frozenset[int]  # the stages that count events and not units
    unit: str  # this column and the next tell of whom events are, and when they were
    time: str
    sale: int = 0  # the stage to which the way is the whole way
    table: str | None = None
    identity: str | None = None  # the column that tells events apart
    epoch: str | None = None  # what numbers in `time` count
    window: int | None = None  # for how long a chain can go on from its entry
    order: str = "ordered"
    start: int | None = None  # entries are counted from here to before `end`
    end: int | None = None
    between: tuple[str, ...] = ()  # both as they are written
    dimensions: tuple[tuple[str, str], ...] = ()  # names of breakdowns, each with its column
    exclude: When = ()  # no chain goes on over these events
    period: str | None = None
    offsets: zones.Offsets = ()  # of the clocks by which periods go
    time_format: str | None = None
    entry: str = "any"  # which entries of the interval count: of a unit any, its first or last, or each for itself
    apart: bool = False  # times rise from stage to stage
    within: tuple[int | None, ...] = ()  # for how long a stage can be reached from the one that it comes from
    lost: When = ()  # by these events a unit will not come any more
    event: str | None = None  # the column that names what happened
    until: int | None = None  # the last event, once it is known
    step: int = 1  # what ages are told in
    barred: tuple[When, ...] = ()  # what may not lie between a stage and the one that it comes from
    exclude_units: When = ()  # units with these events on their way are left out
    shared: bool = False  # an event may serve several stages of a chain
    repeats: bool = False  # on a strict chain, the last stage may come again
    same: tuple[str, ...] = ()  # the columns of which all events of a chain have one value each
    valueless: When = ()  # events that would meet a stage if they had these values
    amounts: tuple[str | None, ...] = ()  # the columns of the money that stages bring
    priced: int | None = None  # the sale, where it alone brings money
    place: str = "the table"  # what messages call the file or table of the events
    written: str | None = None  # the column of the dates of which a database made the `time`
    time_zone: str | None = None  # whose clocks are asked for

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
    def exclude_ends(self) -> bool:
        """Whether an event of `exclude` ends the way of an entry before it: with `same` it may be of another chain."""
        return bool(self.exclude) and not self.same

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
