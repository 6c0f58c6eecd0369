"""Where counts come from, as a file says it, and what a measurement left beside them; no input or output."""

from typing import Literal, NamedTuple, TypeAlias, get_args

from funnelcli.exact import Exact

Order: TypeAlias = Literal["ordered", "strict", "any", "unordered"]
"""Whether the events of a unit must follow the stages, nothing else may come between, or neither; or any may begin."""
Ties: TypeAlias = Literal["together", "apart"]
"""Whether events at the same time may follow each other on a chain."""
EntryRule: TypeAlias = Literal["any", "first", "last", "each"]
"""Which entries of a unit count, so that the unit does; with `each`, every one counts for itself."""
Comparing: TypeAlias = Literal[
    ">=", "<=", "!=", ">", "<", "=",
    "not like", "like", "not ilike", "ilike", "not contains", "contains", "not starts with", "starts with",
    "not ends with", "ends with", "not matches", "matches",
    "not null",
]  # fmt: skip
COMPARISONS: tuple[Comparing, ...] = get_args(Comparing)
"""Operators of conditions on a column; the longer ones first, as they are looked for."""
OF_TEXT = COMPARISONS[6:-1]
"""Those that only a column of text has."""


class Predicate(NamedTuple):
    """A value of a condition that is more than equality: an operator and what stands after it."""

    operator: Comparing
    operand: str | Exact | None = None


TOGETHER = (*COMPARISONS[:-1], "in", "not in")
"""Keys of a mapping that stands for one column of a condition: all of them must hold."""


class Condition(NamedTuple):
    """`column: value` of a stage's `when`: the event's column equals one of the values, or fits a comparison."""

    column: str
    values: tuple[str | Exact | bool | Predicate | None, ...]


When: TypeAlias = tuple[tuple[Condition, ...], ...]
"""Which events reach a stage: any of the alternatives, in each of which all conditions hold."""


PERIOD = "period"
"""The dimension of the cohorts."""


class Measure(NamedTuple):
    """Where counts come from, for `measure`: names of a table and its columns, never code.

    `window` is in seconds; `between` are moments in the notation of ISO 8601, the second one excluded. `id` is the
    column that tells one event from another, `epoch` what a time that is a number counts since 1970, `period` the
    length of the cohorts, by the clocks of `time_zone`, and `entry` which entries of a unit count. With `ties` apart,
    times rise along a chain. Events of `lost` tell that a unit will not come. `time_format` is how a time that is text
    is written, in the notation of strptime. An event of `exclude_units` leaves its unit out, and where events are
    `shared`, one may serve several stages. `event` is the column that names what happened. With
    `repeats`, a stage may come again on a strict chain. All events of a chain have the same value of each column of
    `same`.
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
    time_zone: str | None = None
    time_format: str | None = None
    entry: EntryRule | None = None
    ties: Ties | None = None
    repeats: bool | None = None
    lost: When = ()
    exclude_units: When = ()
    shared: bool | None = None
    event: str | None = None
    same: tuple[str, ...] = ()


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
LADDER = (
    *(1, 5, 10, 30),
    *(_MINUTE * each for each in (1, 5, 10, 30)),
    *(_HOUR * each for each in (1, 2, 6, 12)),
    *(_DAY * each for each in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365)),
)
"""Ends of the bins of every histogram of times, in seconds and included: those of segments add up to the total's."""


class Times(NamedTuple):
    """How long units took for a step, or for the whole way, in seconds.

    `p25`, `p50`, `p75` and `p90` are quantiles, between two units in proportion (type 7 of Hyndman and Fan, American
    Statistician 50, 1996). `histogram` has the units by the end of their bin in `LADDER`, `None` beyond the last; bins
    without any are left out.
    """

    units: int
    mean: Exact
    p25: Exact
    p50: Exact
    p75: Exact
    p90: Exact
    histogram: tuple[tuple[int | None, int], ...] = ()


class Eventual(NamedTuple):
    """The conversion of all entries to a stage that is expected when the windows of all of them are over.

    `low` and `high` are its 95% interval. `entries` followed to the end would tell as much. Nobody was followed for
    longer than `followed` seconds, by when `so_far` had come; where that is not the window, there is no `conversion`.
    """

    conversion: Exact | None
    low: Exact | None
    high: Exact | None
    entries: Exact
    followed: int
    so_far: Exact


class Curve(NamedTuple):
    """How the entries come to a stage as time passes: at each of the `points` the seconds since the entry, the share
    that has come by then, and the share that has neither come nor been lost.

    `waiting` are the entries that are on their way still: the seconds since then, and how many they are. Those of a
    period go on by the curve of all, and have no points of their own: `told_by` are who waits of all, and how many
    entries there are.
    """

    points: tuple[tuple[int, Exact, Exact], ...] = ()
    waiting: tuple[tuple[int, int], ...] = ()
    told_by: tuple[tuple[tuple[int, int], ...], Exact] | None = None


class Noted(NamedTuple):
    """Times and ends by stage: the time from the stage it comes from, and that of the whole way to the sale.

    `curves` are of the stage that is the sale alone.
    """

    times: tuple[tuple[str, Times], ...] = ()
    whole_way: Times | None = None
    eventual: tuple[tuple[str, Eventual], ...] = ()
    curves: tuple[tuple[str, Curve], ...] = ()


class Cut(NamedTuple):
    """A period, by its name, of which the events or the interval cover a part: so many of its `whole` units.

    The unit is `days`, of a day `hours`, and of an hour `minutes`; one that has events counts as covered.
    """

    name: str
    covered: int
    whole: int
    unit: str

    @property
    def words(self) -> str:
        """How much of it is covered: `26 of 31 days`."""
        return f"{self.covered} of {self.whole} {self.unit}"

    @property
    def length(self) -> str:
        """How long a period is that has as much: `26 days`."""
        return f"{self.covered} {self.unit if self.covered != 1 else self.unit.removesuffix('s')}"


class Measured(NamedTuple):
    """What a measurement left beside the counts: from where, when, and out of how much.

    `recipe` is that of an export, with its version. `median_days` are by stage: the median of what `days` of the stage
    is the mean of. `not_mature` are the cohorts whose units may still go on. Numbers of events are those of the whole
    interval that was read; `excluded_units` entered in it and are left out altogether. Where only what is mature was
    counted, that is what entered `mature_before` a moment; `open_units` entered later. `counted_again` is by dimension,
    in stage order: what its segments add up to beyond the stages, as units have entries in several. `window` is in
    seconds; `times`, `whole_way`, `eventual` and `curves` are those of `Noted`, and `segments` have theirs by dimension
    and segment. `since` is the first event and `until` the last. `unmet` are the stages that no event met. `cut` are
    the periods that these, or `between`, cut, and the whole itself by its name where they cut that: what is not
    written, as the others tell it.
    """

    source: str | None = None
    table: str | None = None
    between: tuple[str, ...] = ()
    events: int | None = None
    units: int | None = None
    without_unit: int | None = None
    without_time: int | None = None
    duplicates: int | None = None
    since: str | None = None
    until: str | None = None
    moment: str | None = None
    not_mature: tuple[str, ...] = ()
    median_days: tuple[tuple[str, Exact], ...] = ()
    counted_again: tuple[tuple[str, tuple[Exact, ...]], ...] = ()
    after_now: int | None = None
    recipe: str | None = None
    window: int | None = None
    times: tuple[tuple[str, Times], ...] = ()
    whole_way: Times | None = None
    eventual: tuple[tuple[str, Eventual], ...] = ()
    curves: tuple[tuple[str, Curve], ...] = ()
    segments: tuple[tuple[str, tuple[tuple[str, Noted], ...]], ...] = ()
    unmet: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    excluded_units: int | None = None
    mature_before: str | None = None
    open_units: int | None = None
