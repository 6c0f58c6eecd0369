"""From a funnel's `measure` and `when` to the definition of what is measured, or to all that is missing."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import zones
from funnelcli.events.definition import MICROSECONDS, MOST_DIMENSIONS, MOST_STAGES, PERIOD, Definition, moment_of
from funnelcli.events.zones import since_1970
from funnelcli.measure import Condition, Predicate
from funnelcli.model import sale_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.measure import Measure
    from funnelcli.model import Funnel


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
    amounts = tuple(stage.amount for stage in funnel.stages)
    if any(amounts) and measure.order == "unordered":
        name = quoted(funnel.names[next(index for index, column in enumerate(amounts) if column)])
        what = f"stage {name} has an amount, and with order: unordered units may be there by events of other stages"
        problems.append(Problem("FN108", what, "use order: any, or drop amount"))
    if any(amounts) and measure.entry == "each":
        name = quoted(funnel.names[next(index for index, column in enumerate(amounts) if column)])
        what = f"stage {name} has an amount, which one event would bring to each of several entries"
        problems.append(Problem("FN108", what, "use another entry than each, or drop amount"))
    if any(amounts) and measure.order == "any" and measure.same:
        name = quoted(funnel.names[next(index for index, column in enumerate(amounts) if column)])
        what = f"stage {name} has an amount, and with order: any and same nobody can tell which event brings it"
        problems.append(Problem("FN108", what, "use order: ordered, or drop amount"))
    paid = sorted({*funnel.money_stages, *(index for index, column in enumerate(amounts) if column)})
    sale = sale_of([stage.role for stage in funnel.stages], paid[-1] if paid else -1)
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
    if measure.entry == "each" and (measure.order or "ordered") != "ordered":
        what = f"entry: each asks which entry the stages in order follow, and order: {measure.order} has others"
        problems.append(Problem("FN108", what, "use order: ordered, or another entry"))
    if problems or measure.unit is None or measure.time is None:
        return problems
    limits, barred = [stage.within for stage in funnel.stages], tuple(stage.exclude for stage in funnel.stages)
    interval = tuple(between) or measure.between
    zone = _zone(measure.time_zone)
    if isinstance(zone, Problem):
        return [zone]
    first, last = (moment_of(text, zone) for text in interval) if interval else (None, None)
    definition = Definition(
        names=funnel.names,
        parents=tuple(stage.parent or 0 for stage in funnel.stages),
        whens=tuple(stage.when for stage in funnel.stages),
        growing=growing,
        unit=measure.unit,
        time=measure.time,
        sale=sale,
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
        amounts=amounts if any(amounts) else (),
        priced=sale if paid == [sale] and amounts[sale] else None,
    )
    return holding(definition, measure.same)


def holding(definition: Definition, same: tuple[str, ...]) -> Definition:
    """A definition whose chains have the same values of some columns: events without them meet no stage."""
    present = tuple(Condition(column, (Predicate("not null"),)) for column in same)
    asked = [alternative for when in definition.whens for alternative in when]
    missing = [Condition(column, (None,)) for column in same]
    return definition._replace(
        same=same,
        whens=tuple(tuple((*alternative, *present) for alternative in when) for when in definition.whens),
        valueless=tuple(dict.fromkeys((*alternative, each) for alternative in asked for each in missing)),
    )


def _zone(name: str | None) -> tzinfo | Problem:
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few files name a zone

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
