"""What is to be measured: a funnel's `measure` and `when`, in the engines' units, or what is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from funnelcli.diagnostics import Problem, decimal_text, did_you_mean, quoted
from funnelcli.events import zones
from funnelcli.events.cohorts import since_1970
from funnelcli.measure import OF_TEXT, Condition, Predicate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from funnelcli.exact import Exact
    from funnelcli.measure import Measure, When
    from funnelcli.model import Funnel

MICROSECONDS = 1_000_000
"""The engines' times are whole microseconds since 1970, in UTC."""
MOST_STAGES = 30
"""Stages of a measured funnel: each is a bit of a number."""
MOST_DIMENSIONS = 20
NEVER = -4_000_000_000_000_000_000
"""Stands for no time at all: earlier than any, and far enough from the limit of 64 bits to be subtracted."""
PERIOD = "period"
"""The breakdown by cohorts."""

NUMBER, TEXT, FLAG, TIME, OTHER = "number", "text", "flag", "time", "other"
_KINDS = {NUMBER: "numbers", TEXT: "text", FLAG: "true and false", TIME: "dates", OTHER: "values of another kind"}


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
    def marks(self) -> dict[str, When]:
        """What is told of events beside the stages that they meet, by the names of flags."""
        known = {"x": self.exclude, "z": self.exclude_units}
        return {
            name: when for name, when in (known | {f"y{i}": each for i, each in enumerate(self.barred)}).items() if when
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, once."""
        named = [self.unit, self.time, *([self.identity] if self.identity else [])]
        named += [*([self.event] if self.event else []), *(column for _, column in self.dimensions)]
        return tuple(dict.fromkeys([*named, *(each.column for each in self.conditions)]))

    @property
    def conditions(self) -> list[Condition]:
        """Those of all stages, and of all else that events may meet."""
        whens = (*self.whens, *(when for _, when in self.others))
        return [each for when in whens for alternative in when for each in alternative]

    @property
    def others(self) -> list[tuple[str, When]]:
        """What else events may meet, by its flag: its bits are those after the stages'."""
        flags = [("x", self.exclude), ("y", self.lost), ("z", self.exclude_units)]
        flags += [(f"w{stage}", when) for stage, when in enumerate(self.barred)]
        return [(flag, when) for flag, when in flags if when]


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """A date or time in the notation of ISO 8601 as a moment; without an offset it is in UTC, or by another zone."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=zone).astimezone(UTC) if moment.tzinfo is None else moment


def decimal_of(number: Fraction) -> Decimal:
    """A number of a condition as the drivers of databases take it."""
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def define(funnel: Funnel, table: str | None = None, between: Sequence[str] = ()) -> Definition | list[Problem]:
    """The definition of a funnel, or everything that is missing; `table` and `between` take the place of the file's."""
    measure = funnel.measure
    if measure is None:
        return [Problem("FN102", "nothing says how to measure it", "write measure: {unit: user_id, time: created_at}")]
    problems = [
        Problem("FN102", f'measure has no "{key}"', f"name the column: {key}: {example}")
        for key, value, example in (("unit", measure.unit, "user_id"), ("time", measure.time, "created_at"))
        if value is None
    ]
    problems += [
        Problem("FN102", f'stage {quoted(stage.name)} has no "when"', "say which events reach it: when: {event: paid}")
        for stage in funnel.stages
        if not stage.when
    ]
    if len(funnel.stages) > MOST_STAGES or len(measure.breakdowns) > MOST_DIMENSIONS:
        what = f"at most {MOST_STAGES} stages and {MOST_DIMENSIONS} breakdowns can be measured"
        problems.append(Problem("FN114", what, "leave some out"))
    if measure.epoch and measure.time_format:
        what = "epoch is for times that are numbers since 1970, and time_format for times as a calendar has them"
        problems.append(Problem("FN108", what, "delete one of them"))
    if measure.period and any(name == PERIOD for name, _ in measure.breakdowns):
        problems.append(Problem("FN106", f'a breakdown is called "{PERIOD}", as that of period is', "rename it"))
    growing = frozenset(index for index, stage in enumerate(funnel.stages) if index and stage.allow_growth)
    if growing and measure.order in ("any", "unordered"):
        name = quoted(funnel.stages[min(growing)].name)
        what = f"stage {name} allows growth, so that it counts events, which order: {measure.order} does not"
        problems.append(Problem("FN108", what, "use order: ordered, or drop allow_growth"))
    branches = [stage.name for index, stage in enumerate(funnel.stages) if index and stage.parent != index - 1]
    if branches and measure.order == "unordered":
        what = f"stage {quoted(branches[0])} comes from one that is not before it, and order: unordered has no branches"
        problems.append(Problem("FN108", what, "use order: ordered or any, or drop its from, or optional above it"))
    problems += _between_stages(funnel, measure)
    if measure.repeats and measure.order != "strict":
        what = "repeats: true lets a stage come again on a strict chain, and other orders let all events lie between"
        problems.append(Problem("FN108", what, "use order: strict, or drop repeats"))
    if measure.shared and (measure.order == "strict" or measure.ties == "apart"):
        what, why = "order: strict", "counts each event at one stage"
        if measure.ties == "apart":
            what, why = "ties: apart", "lets times rise from stage to stage, so that no event serves two"
        problems.append(
            Problem("FN108", f"{what} {why}, and shared: true asks for the opposite", "drop one of the two")
        )
    if measure.ties == "apart" and measure.order in ("any", "unordered"):
        what = f"ties: apart lets times rise from stage to stage, and order: {measure.order} has no stages in order"
        problems.append(Problem("FN108", what, "use order: ordered or strict, or drop ties"))
    if problems or measure.unit is None or measure.time is None:
        return problems
    limits, barred = [stage.within for stage in funnel.stages], tuple(stage.exclude for stage in funnel.stages)
    interval = tuple(between) or measure.between
    zone = _zone(measure.time_zone)
    if isinstance(zone, Problem):
        return [zone]
    first, last = (moment_of(text, zone) for text in interval) if interval else (None, None)
    return Definition(
        names=funnel.names,
        parents=tuple(stage.parent or 0 for stage in funnel.stages),
        whens=tuple(stage.when for stage in funnel.stages),
        growing=growing,
        unit=measure.unit,
        time=measure.time,
        sale=funnel.sale_stage,
        table=table or measure.table,
        identity=measure.id,
        epoch=measure.epoch,
        window=None if measure.window is None else measure.window * MICROSECONDS,
        order=measure.order or "ordered",
        start=None if first is None else since_1970(first),
        end=None if last is None else since_1970(last),
        between=interval,
        dimensions=measure.breakdowns,
        exclude=measure.exclude,
        lost=measure.lost,
        event=measure.event,
        period=measure.period,
        offsets=zones.offsets(measure.time_zone, first, last) if measure.time_zone and measure.period else (),
        time_format=measure.time_format,
        entry=measure.entry or "any",
        apart=measure.ties == "apart",
        within=tuple(each and each * MICROSECONDS for each in limits) if any(limits) else (),
        barred=barred if any(barred) else (),
        exclude_units=measure.exclude_units,
        shared=bool(measure.shared),
        repeats=bool(measure.repeats),
    )


def _zone(name: str | None) -> tzinfo | Problem:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that is read where no zones are known
        return Problem(
            "FN120", f"the time zone {quoted(name)} is not known here", "install the time zones: pip install tzdata"
        )


def _between_stages(funnel: Funnel, measure: Measure) -> Iterator[Problem]:
    """What a stage asks of the way from the one that it comes from, where there is no such way."""
    keys = (
        ("within", "the time from", "window of measure is the time from the entry"),
        ("exclude", "of events after", "exclude of measure ends a chain wherever it comes"),
    )
    for index, stage in enumerate(funnel.stages):
        for key, what, help_text in keys:
            if getattr(stage, key) and (not index or measure.order in ("any", "unordered")):
                why = f"order: {measure.order} has no stages in order" if index else "it is the first one"
                what = f"{key} of stage {quoted(stage.name)} is {what} the stage that it comes from, and {why}"
                yield Problem("FN108", what, f"drop {key}; {help_text}")


def misfits(definition: Definition, kinds: Mapping[str, str], *, texts: bool) -> list[Problem]:
    """What of a definition does not fit a table, whose columns are of these kinds; `texts` may be times, or not."""
    unknown = [column for column in definition.columns if column not in kinds]
    problems = [
        Problem("FN120", f"the table has no column {quoted(column)}", did_you_mean(column, kinds)) for column in unknown
    ]
    if definition.time in kinds:
        problems += _clock(definition, kinds[definition.time])
    for condition in definition.conditions:
        if condition.column in kinds:
            problems += _comparable(condition, kinds[condition.column])
    for column in (definition.unit, *(column for _, column in definition.dimensions)):
        if kinds.get(column) == OTHER:
            problems.append(Problem("FN103", f"column {quoted(column)} is a list or a record", "name a simple column"))
    if not problems and not texts and kinds[definition.time] == TEXT:
        what = f"the time column {quoted(definition.time)} holds text"
        problems.append(
            Problem(
                "FN103", what, 'measure a view in which it is a timestamp; of 20261001, write time_format: "%Y%m%d"'
            )
        )
    return list(dict.fromkeys(problems))


def _clock(definition: Definition, kind: str) -> Iterator[Problem]:
    name = quoted(definition.time)
    if definition.time_format is not None and kind in (NUMBER, TEXT):
        return
    if definition.time_format is not None and kind == TIME:
        yield Problem("FN108", f"time_format goes with text and numbers, and {name} holds dates", "delete time_format")
    elif kind == NUMBER and definition.epoch is None:
        help_text = "say what it counts since 1970: epoch: seconds, milliseconds or microseconds"
        help_text += '; or, of dates such as 20261001, time_format: "%Y%m%d"'
        yield Problem("FN103", f"the time column {name} holds numbers", help_text)
    elif kind != NUMBER and definition.epoch is not None:
        yield Problem("FN108", f"epoch goes with numbers, and {name} holds {_KINDS[kind]}", "delete epoch")
    elif kind in (FLAG, OTHER):
        yield Problem("FN103", f"column {name} holds {_KINDS[kind]}, which are no times", "name the column of times")


def compared(condition: Condition) -> list[tuple[str, str | Exact | bool | None]]:
    """The operators of a condition, `=` among them, and what stands after each; `None` is no value."""
    return [(each.operator, each.operand) if isinstance(each, Predicate) else ("=", each) for each in condition.values]


def _comparable(condition: Condition, kind: str) -> Iterator[Problem]:
    """The values of a condition that a column of this kind cannot have."""
    for operator, operand in compared(condition):
        if operand is None or _fits(operator, operand, kind):
            continue
        shown = quoted(operand) if isinstance(operand, str) else str(operand).lower()
        if isinstance(operand, Fraction):
            shown = decimal_text(operand)
        help_text = "compare it with what it holds"
        span = re.fullmatch(r"([\d.]+)\s*(?:-|–|—|\.\.+|…)\s*([\d.]+)", str(operand))
        if kind == NUMBER and span:
            help_text = f"write {span[1]} to {span[2]}"
        elif kind == TEXT:  # such as "10 to 50", the name of a size
            help_text = (
                f"write {shown if isinstance(operand, str) else quoted(shown)} in quotes"
                if operator == "="
                else f'{help_text}, as the text: "= 10 to 50"'
            )
        what = f"column {quoted(condition.column)} holds {_KINDS[kind]}, and is compared with {operator} {shown}"
        yield Problem("FN103", what, help_text)


def _fits(operator: str, operand: str | Exact | bool, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(operand, str) and not operator.startswith((">", "<"))
    if operator in OF_TEXT:
        return False
    if kind == TIME:
        return isinstance(operand, str) and _is_moment(operand)
    return isinstance(operand, bool) if kind == FLAG else kind == NUMBER and not isinstance(operand, (str, bool))


def _is_moment(text: str) -> bool:
    try:
        moment_of(text)
    except ValueError:
        return False
    return True
