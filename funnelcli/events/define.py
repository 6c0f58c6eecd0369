"""From a funnel's `measure` and `when` to the definition of what is measured, or to all that is missing."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import zones
from funnelcli.events.definition import MICROSECONDS, MOST_DIMENSIONS, MOST_STAGES, PERIOD, Definition
from funnelcli.events.places import MEASURE, stage_at
from funnelcli.events.zones import since_1970
from funnelcli.funnel_file.moments import moment_of
from funnelcli.measure import Condition
from funnelcli.model import sale_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.diagnostics import Path
    from funnelcli.measure import Measure
    from funnelcli.model import Funnel


def define(funnel: Funnel, table: str | None = None, between: Sequence[str] = ()) -> Definition | list[Problem]:
    """The definition of a funnel, or everything that is missing; `table` and `between` take the place of the file's."""
    measure = funnel.measure
    if measure is None:
        help_text = "write measure: {unit: user_id, time: created_at}, with the columns of your events for who and when"
        return [Problem("FN102", "nothing says how to measure it", help_text, path=())]
    zone = _zone(measure.time_zone)
    problems = [*_missing(funnel, measure), *_conflicts(funnel, measure)]
    if isinstance(zone, Problem):
        return [*problems, zone]
    if problems or measure.unit is None or measure.time is None:
        return problems
    amounts = tuple(stage.amount for stage in funnel.stages)
    paid = sorted({*funnel.money_stages, *(index for index, column in enumerate(amounts) if column)})
    sale = sale_of([stage.role for stage in funnel.stages], paid[-1] if paid else -1)
    limits, barred = [stage.within for stage in funnel.stages], tuple(stage.exclude for stage in funnel.stages)
    interval = tuple(between) or measure.between
    first, last = (moment_of(text, zone) for text in interval) if interval else (None, None)
    definition = Definition(
        names=funnel.names,
        parents=tuple(stage.parent or 0 for stage in funnel.stages),
        whens=tuple(stage.when for stage in funnel.stages),
        growing=_growing(funnel),
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
        time_zone=measure.time_zone,
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


def _growing(funnel: Funnel) -> frozenset[int]:
    return frozenset(index for index, stage in enumerate(funnel.stages) if index and stage.allow_growth)


def holding(definition: Definition, same: tuple[str, ...]) -> Definition:
    """A definition whose chains have the same values of some columns: events without them meet no stage."""
    asked = [alternative for when in definition.whens for alternative in when]
    missing = [Condition(column, (None,)) for column in same]
    definition = definition._replace(same=same)
    return definition._replace(
        whens=tuple(tuple((*alternative, *definition.present) for alternative in when) for when in definition.whens),
        valueless=tuple(dict.fromkeys((*alternative, each) for alternative in asked for each in missing)),
    )


def _zone(name: str | None) -> tzinfo | Problem:
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few files name a zone

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that is read where no zones are known
        what = f"the time zone {quoted(name)} is not known here"
        return Problem("FN120", what, "install the time zones: pip install tzdata", path=("measure", "time_zone"))


def _missing(funnel: Funnel, measure: Measure) -> Iterator[Problem]:
    """What has to be said, and is not; and what is more than can be counted."""
    for key, value, example in (("unit", measure.unit, "user_id"), ("time", measure.time, "created_at")):
        if value is None:
            yield Problem("FN102", f'measure has no "{key}"', f"name the column: {key}: {example}", path=MEASURE)
    for index, each in enumerate(funnel.stages):
        if not each.when:
            what, help_text = (
                f'stage {quoted(each.name)} has no "when"',
                "say which events reach it: when: {event: paid}",
            )
            yield Problem("FN102", what, help_text, path=stage_at(index, "name"))
    many: tuple[tuple[int, int, str, Path], ...] = (
        (len(funnel.stages), MOST_STAGES, "stages", ("stages",)),
        (len(measure.breakdowns), MOST_DIMENSIONS, "breakdowns", ("measure", "breakdowns")),
    )
    for number, most, what, path in many:
        if number > most:
            yield Problem(
                "FN114", f"at most {most} {what} can be measured, and here are {number}", "leave some out", path=path
            )


def _conflicts(funnel: Funnel, measure: Measure) -> Iterator[Problem]:
    """Keys that contradict each other, each where one of them can be dropped."""
    for holds, path, what, help_text in (*_keys_at_odds(measure), *_stages_at_odds(funnel, measure)):
        if holds:
            yield Problem("FN108", what, help_text, path=path)
    if measure.period and any(name == PERIOD for name, _ in measure.breakdowns):
        what = f'a breakdown is called "{PERIOD}", as that of period is'
        yield Problem("FN106", what, "rename it", path=("measure", "breakdowns", PERIOD, None))


_AtOdds = tuple[object, "Path", str, str]
"""Whether keys contradict each other, where one of them stands, what to say, and what helps."""


def _keys_at_odds(measure: Measure) -> Iterator[_AtOdds]:
    """Keys of `measure` that contradict each other."""
    order, apart = measure.order or "ordered", measure.ties == "apart"
    what = "epoch is for times that are numbers since 1970, and time_format for times as a calendar has them"
    yield measure.epoch and measure.time_format, ("measure", "epoch"), what, "delete one of them"
    what = "repeats: true lets a stage come again on a strict chain, and other orders let all events lie between"
    yield measure.repeats and order != "strict", ("measure", "repeats"), what, "use order: strict, or drop repeats"
    what = "order: strict counts each event at one stage"
    if apart:
        what = "ties: apart lets times rise from stage to stage, so that no event serves two"
    what += ", and shared: true asks for the opposite"
    at_odds = measure.shared and (apart or order == "strict")
    yield at_odds, ("measure", "shared"), what, "drop one of the two"
    what = f"ties: apart lets times rise from stage to stage, and order: {order} has no stages in order"
    at_odds = apart and order in ("any", "unordered")
    yield at_odds, ("measure", "ties"), what, "use order: ordered or strict, or drop ties"
    what = f"entry: each asks which entry the stages in order follow, and order: {order} has others"
    at_odds = measure.entry == "each" and order != "ordered"
    yield at_odds, ("measure", "entry"), what, "use order: ordered, or another entry"


def _stages_at_odds(funnel: Funnel, measure: Measure) -> Iterator[_AtOdds]:
    """What a stage asks for, and `measure` has not; of several stages that ask the same, the first is named."""
    order, ordered = measure.order or "ordered", measure.order not in ("any", "unordered")
    growing = min(_growing(funnel), default=0)
    name = quoted(funnel.names[growing])
    what = f"stage {name} allows growth, so that it counts events, which order: {order} does not"
    yield growing and not ordered, stage_at(growing, "allow_growth"), what, "use order: ordered, or drop allow_growth"
    branch = next((index for index, each in enumerate(funnel.stages) if index and each.parent != index - 1), 0)
    name = quoted(funnel.names[branch])
    what = f"stage {name} comes from one that is not before it, and order: unordered has no branches"
    help_text, at_odds = "use order: ordered or any, or drop its from, or optional above it", order == "unordered"
    yield branch and at_odds, stage_at(branch, "from"), what, help_text
    paid = next((index for index, each in enumerate(funnel.stages) if each.amount), None)
    if paid is not None:
        has = f"stage {quoted(funnel.names[paid])} has an amount, "
        why = "and with order: unordered units may be there by events of other stages"
        yield order == "unordered", stage_at(paid, "amount"), has + why, "use order: any, or drop amount"
        why = "which one event would bring to each of several entries"
        yield (
            measure.entry == "each",
            stage_at(paid, "amount"),
            has + why,
            "use another entry than each, or drop amount",
        )
        why = "and with order: any and same nobody can tell which event brings it"
        at_odds = order == "any" and bool(measure.same)
        yield at_odds, stage_at(paid, "amount"), has + why, "use order: ordered, or drop amount"
    for index, each in enumerate(funnel.stages):
        why = f"order: {order} has no stages in order" if index else "it is the first one"
        for key, asks, help_text in _BETWEEN_STAGES:
            what = f"{key} of stage {quoted(each.name)} is {asks} the stage that it comes from, and {why}"
            yield getattr(each, key) and not (index and ordered), stage_at(index, key), what, f"drop {key}; {help_text}"


_BETWEEN_STAGES = (
    ("within", "the time from", "window of measure is the time from the entry"),
    ("exclude", "of events after", "exclude of measure ends a chain wherever it comes"),
)
"""What a stage asks of the way from the one that it comes from."""
