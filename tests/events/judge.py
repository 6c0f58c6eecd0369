"""An independent counter: it tries every chain of every unit. Slow, plain, and the judge of the engines."""

from __future__ import annotations

import re
from itertools import pairwise, permutations, product
from operator import eq
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.measure import OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from funnelcli.events.definition import Definition


class Event(NamedTuple):
    """An event of a unit: its time, the stages it meets as bits, whether it is excluded, its segment, and a loss.

    Where any stage may begin a chain, `entry` tells whether this event may. `bars` are the stages, as bits, before
    which it may not lie, and one that `ends` its unit leaves it out. `held` is its value of what is the same along a
    chain, and `amount` the money that it brings, in cents.
    """

    time: int
    mask: int
    excluded: bool = False
    segment: str | None = None
    entry: bool = True
    lost: bool = False
    bars: int = 0
    ends: bool = False
    held: str | None = None
    amount: int | None = None


class Reached(NamedTuple):
    """Of one stage: the latest entry, when it was first reached, when the stage before was, and by how many events.

    `began` is the latest entry of the chains that reached it first.
    """

    entry: int
    first: int
    before: int | None
    began: int
    events: int


def chains(log: list[Event], definition: Definition, stage: int) -> Iterator[tuple[int, ...]]:
    """Every chain to a stage: the places of its events in the log.

    Where something is to be the same along a chain, each value has a log of its own, and no value has none.
    """
    if not definition.same:
        yield from _of_a_log(log, definition, stage)
        return
    for value in {event.held for event in log} - {None}:
        places = [place for place, event in enumerate(log) if event.held == value]
        for chain in _of_a_log([log[place] for place in places], definition, stage):
            yield tuple(places[place] for place in chain)


def _of_a_log(log: list[Event], definition: Definition, stage: int) -> Iterator[tuple[int, ...]]:
    if definition.order != "unordered":
        found = _chains(log, definition, definition.path(stage))
        yield from (chain for chain in found if log[chain[0]].entry)
        return
    for stages in permutations(definition.stages, stage + 1):
        yield from (chain for chain in _chains(log, definition, stages) if log[chain[0]].entry)


def _chains(log: list[Event], definition: Definition, path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    options = [[place for place, event in enumerate(log) if event.mask >> step & 1] for step in path]
    for chosen in product(*options):
        different = definition.shared or len(set(chosen)) == len(chosen)
        if different and _holds(log, definition, path, chosen) and _free(log, definition, path, chosen):
            yield chosen


def _free(log: list[Event], definition: Definition, path: tuple[int, ...], chosen: tuple[int, ...]) -> bool:
    """Whether each stage is reached in time from the one before it, and nothing between the two bars the way."""
    limits = [definition.within[stage] if definition.within else None for stage in path]
    barred = [bool(definition.barred and definition.barred[stage]) for stage in path]
    times = [log[place].time for place in chosen]
    for step in range(1, len(path)):
        before, after, limit = times[step - 1], times[step], limits[step]
        if limit is not None and after - before > limit:
            return False
        if barred[step] and any(event.bars >> path[step] & 1 and before < event.time < after for event in log):
            return False
    return True


def _repeats(event: Event, times: list[int], path: tuple[int, ...]) -> bool:
    """Whether an event is of the last stage that was reached, where those at the same time may be in any order."""
    return any(
        times[step] <= event.time <= times[step + 1] and event.mask >> path[step] & 1 for step in range(len(path) - 1)
    )


def _holds(log: list[Event], definition: Definition, path: tuple[int, ...], chosen: tuple[int, ...]) -> bool:
    times = [log[place].time for place in chosen]
    entry, last = times[0], max(times)
    if definition.start is not None and entry < definition.start:
        return False
    if definition.end is not None and entry >= definition.end:
        return False
    if definition.window is not None and last - entry > definition.window:
        return False
    if any(event.excluded and entry < event.time < last for event in log):
        return False
    if definition.order == "any":
        return entry == min(times)
    if times != sorted(times) or (definition.apart and len(set(times)) < len(times)):
        return False
    return definition.order != "strict" or all(
        place in chosen or (definition.repeats and _repeats(event, times, path))
        for place, event in enumerate(log)
        if entry < event.time < last
    )


def reached(log: list[Event], definition: Definition) -> dict[int, Reached]:
    """What a unit reached, by stage."""
    found: dict[int, Reached] = {}
    if definition.exclude_units and any(
        event.ends and start.time < event.time
        for event in log
        for start in entries(log, definition)
        if definition.window is None or event.time - start.time <= definition.window
    ):
        return found
    for stage in range(len(definition.names)):
        known = list(chains(log, definition, stage))
        if not known:
            continue
        first = min(_complete(log, chain) for chain in known)
        soonest = [chain for chain in known if _complete(log, chain) == first]
        began = max(log[chain[0]].time for chain in soonest)
        before = None
        if stage and definition.order in (
            "any",
            "unordered",
        ):  # when the way to the stage before was complete, from that entry on
            ways = list(chains(log, definition, definition.parents[stage]))
            starts = {chain[0] for chain in soonest if log[chain[0]].time == began}
            before = max(min(_complete(log, way) for way in ways if way[0] == start) for start in starts)
        elif stage:
            before = max(log[chain[-2]].time for chain in soonest)
        events = len({chain[-1] for chain in known})
        found[stage] = Reached(max(log[chain[0]].time for chain in known), first, before, began, events)
    return found


def attempts(log: list[Event], definition: Definition) -> dict[tuple[int, str | None], dict[int, Reached]]:
    """What was reached from each entry: an event counts for the latest entry from which a chain leads to it.

    Entries at the same moment are one, unless they have other values of what is to be the same.
    """
    found: dict[tuple[int, str | None], dict[int, Reached]] = {}
    if not reached(log, definition):  # left out
        return found
    for stage in range(len(definition.names)):
        owned: dict[tuple[int, str | None], list[tuple[int, ...]]] = {}
        by_event: dict[int, list[tuple[int, ...]]] = {}
        for chain in chains(log, definition, stage):
            by_event.setdefault(chain[-1], []).append(chain)
        for known in by_event.values():
            latest = max(log[chain[0]].time for chain in known)
            held = log[known[0][0]].held if definition.same else None
            owned.setdefault((latest, held), []).extend(each for each in known if log[each[0]].time == latest)
        for (entry, held), known in owned.items():
            first = min(log[chain[-1]].time for chain in known)
            before = max(
                (log[chain[-2]].time for chain in known if log[chain[-1]].time == first and stage), default=None
            )
            events = len({chain[-1] for chain in known})
            found.setdefault((entry, held), {})[stage] = Reached(entry, first, before, entry, events)
    return found


def segment(log: list[Event], definition: Definition, entry: int, segment_of: Callable[[Event], object]) -> object:
    """The segment of an entry at a moment: the smallest that is known."""
    known = {segment_of(event) for event in entries(log, definition) if event.time == entry}
    return min(known - {None}, default=None)  # type: ignore[type-var]


def _complete(log: list[Event], chain: tuple[int, ...]) -> int:
    """When the last event of a chain is."""
    return max(log[place].time for place in chain)


def only_entries(log: list[Event], definition: Definition, wanted: Callable[[Event], bool]) -> list[Event]:
    """The log, in which the other events that meet the first stage do not, or are none that begins a chain."""
    if definition.order == "unordered" or definition.repeats:
        return [event._replace(entry=wanted(event)) for event in log]
    return [event if wanted(event) else event._replace(mask=event.mask & ~1) for event in log]


def entries(log: list[Event], definition: Definition) -> list[Event]:
    """The events that may be entries: of the first stage, in the interval, all or the first or last of them."""
    found = [
        event
        for event in log
        if event.entry
        and (event.held is not None or not definition.same)
        and (event.mask if definition.order == "unordered" else event.mask & 1)
        and (definition.start is None or event.time >= definition.start)
        and (definition.end is None or event.time < definition.end)
    ]
    if definition.entry in ("any", "each") or not found:
        return found
    time = (min if definition.entry == "first" else max)(event.time for event in found)
    return [event for event in found if event.time == time]


def counted(log: list[Event], definition: Definition) -> dict[int, Reached]:
    """What a unit reached by the entries that count."""
    times = {event.time for event in entries(log, definition)}
    return reached(only_entries(log, definition, lambda event: event.time in times), definition)


def by_segment(
    log: list[Event], definition: Definition, segment_of: Callable[[Event], object]
) -> dict[object, dict[int, Reached]]:
    """What a unit reached in each segment in which it has an entry: the first stage asks for the segment as well.

    Where one entry counts, its segment has all; of events at the same moment, the smallest that is known.
    """
    found = entries(log, definition)
    segments = {segment_of(event) for event in found}
    if definition.entry == "any":
        told = {
            segment: reached(
                only_entries(log, definition, lambda event, own=segment: segment_of(event) == own), definition
            )
            for segment in segments
        }
        return {segment: stages for segment, stages in told.items() if stages}
    known, stages = sorted(segments - {None}), counted(log, definition)
    return {(known or [None])[0]: stages} if stages else {}


def brought(log: list[Event], definition: Definition, stage: int) -> list[int | None]:
    """The money that a unit which reached a stage brings there: of one event, or of all where the stage counts events.

    `log` has the entries that count. Of several events at the moment that counts the largest is taken.
    """
    known = list(chains(log, definition, stage))
    if stage in definition.growing:
        return [log[place].amount for place in {chain[-1] for chain in known}]
    if not stage:
        first = min(event.time for event in entries(log, definition))
        found = [event for event in entries(log, definition) if event.time == first]
    else:
        first = min(_complete(log, chain) for chain in known)
        soonest = [chain for chain in known if _complete(log, chain) == first]
        if definition.order == "any":
            began = max(log[chain[0]].time for chain in soonest)
            soonest = [chain for chain in soonest if log[chain[0]].time == began]
            first = min(log[chain[-1]].time for chain in soonest)
        found = [log[chain[-1]] for chain in soonest if log[chain[-1]].time == first]
        if not definition.shared and not definition.apart:  # also one that can only serve another stage
            own = [event for event in log if event.time == first and event.mask >> stage & 1]
            values = {log[chain[0]].held for chain in soonest}
            found += [event for event in own if not definition.same or event.held in values]
    return [max((event.amount for event in found if event.amount is not None), default=None)]


ALWAYS = 10**6
"""Later than any moment."""


def too_late(
    log: list[Event], definition: Definition, stages: dict[int, Reached], attempt: tuple[int, str | None] | None = None
) -> dict[int, int]:
    """From when on a unit can come no more to the stages that it is not at, by stage; `ALWAYS` if there is no end.

    Of every two stages in line, entries later than all which got to the second lead on from where the last chain of
    the latest of them was at the first, unless something is excluded before the last entry. So they do for each value
    of what is to be the same. Of one `attempt`, its own entry is meant, and the events that count for it.
    """
    found = {}
    for stage in set(definition.stages) - set(stages):
        ends = [-1]
        for value in {event.held for event in log} if definition.same else {None}:
            if attempt is None or not definition.same or attempt[1] == value:
                ends += _ends(log, definition, stage, value, None if attempt is None else attempt[0])
        found[stage] = max(ends)
    return found


def _ends(log: list[Event], definition: Definition, stage: int, value: str | None, entry: int | None) -> Iterator[int]:
    known = {}
    for each in definition.path(stage):
        latest: dict[int, int] = {}  # of each event, the latest entry of a chain to it
        for chain in chains(log, definition, each):
            if not definition.same or log[chain[0]].held == value:
                latest[chain[-1]] = max(latest.get(chain[-1], -1), log[chain[0]].time)
        known[each] = [(since, log[last].time) for last, since in latest.items() if entry in (None, since)]
    last_entry = max(known[0], default=(-1, -1))[0]
    for before, after in pairwise(definition.path(stage)):
        since, last = max(known[before], default=(-1, -1))
        barred = any(
            event.excluded and since < event.time <= last_entry and (not definition.same or event.held == value)
            for event in log
        )
        if since > max(known[after], default=(-1, -1))[0] and not barred:
            limit, window = definition.within[after] if definition.within else None, definition.window
            yield min(ALWAYS if window is None else since + window, ALWAYS if limit is None else last + limit)


def ages(
    log: list[Event],
    definition: Definition,
    stages: dict[int, Reached],
    until: int,
    late: Mapping[int, int] = MappingProxyType({}),
) -> dict[int, tuple[str, int]]:
    """How a unit that reached these stages ended at each other than the first, and at which age.

    From some moment on it may be too `late` for those that it did not reach.
    """
    entry, found = stages[0].entry, {}
    followed = until - entry if definition.window is None else min(until - entry, definition.window)
    losses = [event.time - entry for event in log if event.lost and 0 <= event.time - entry <= followed]
    if not definition.same:  # else an excluded event may be of another chain
        losses += [event.time - entry for event in log if event.excluded and 0 < event.time - entry <= followed]
    for stage in range(1, len(definition.names)):
        if stage in stages:
            found[stage] = "came", stages[stage].first - stages[stage].began
        else:
            found[stage] = ("lost", min(losses)) if losses else ("waiting", followed)
            over = late[stage] - entry if stage in late else followed + 1
            in_the_window = definition.window is None or over < definition.window
            if over <= followed and in_the_window and over < min(losses, default=over + 1):
                found[stage] = "lost", over
    return found


def ages_by_entry(
    log: list[Event],
    definition: Definition,
    stages: dict[int, Reached],
    starts: list[Event],
    until: int,
    late: Mapping[int, int] = MappingProxyType({}),
) -> list[tuple[int, dict[int, tuple[str, int]]]]:
    """Each of a unit's entries by its time, and how the unit would have ended if no later one had counted.

    Stages that it had reached before are left out. Where `within`, a bar or repeats decide which entries lead to where
    a stage was first reached, all are taken to that are not too early, with nothing excluded between; in strict order
    without repeats, none that is earlier than the latest one that does.
    """
    found = []
    taken = any(each is not None for each in definition.within) or any(definition.barred) or definition.repeats
    taken = taken or bool(definition.same)
    for start in starts:
        times = {each.time for each in starts if each.time <= start.time}
        own = [event for event in starts if event.time in times]
        alone = reached(only_entries(log, definition, own.__contains__), definition)
        if definition.order == "strict" and not definition.repeats:
            alone = {stage: each for stage, each in stages.items() if start.time >= each.began}
        elif taken:
            alone = {
                stage: each
                for stage, each in stages.items()
                if (definition.window is None or each.first - start.time <= definition.window)
                and not any(event.excluded and start.time < event.time < each.first for event in log)
            }
        open_ = {stage: each._replace(began=start.time) for stage, each in alone.items()}
        open_[0] = Reached(start.time, start.time, None, start.time, 1)
        told = ages(log, definition, open_, until, late)
        gone = [stage for stage, each in stages.items() if each.first < start.time]
        found.append((start.time, {stage: end for stage, end in told.items() if stage not in gone}))
    return found


def fits(pattern: str, text: str, same: Callable[[str, str], bool] = eq) -> bool:
    r"""Whether a text fits a pattern: % is any text, _ any character, and both, after a backslash, themselves."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return fits(pattern[1:], text, same) or (bool(text) and fits(pattern, text[1:], same))
    if pattern[0] == "\\":
        return text[:1] == pattern[1] and fits(pattern[2:], text[1:], same)
    return bool(text) and (pattern[0] == "_" or same(pattern[0], text[0])) and fits(pattern[1:], text[1:], same)


def _but_for_case(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def has(operator: str, operand: str, text: str) -> bool:
    """Whether a text fits what a comparison of texts asks; regular expressions are Python's."""
    if operator.startswith("not "):
        return not has(operator.removeprefix("not "), operand, text)
    if operator == "matches":
        return re.search(re.sub(r"(?<!\\)\$", r"\\Z", operand), text, re.ASCII * ("(?i)" not in operand)) is not None
    asked = {
        "contains": lambda: operand in text,
        "starts with": lambda: text.startswith(operand),
        "ends with": lambda: text.endswith(operand),
        "like": lambda: fits(operand, text),
        "ilike": lambda: fits(operand, text, _but_for_case),
    }
    return asked[operator]()


def meets(asked: object, value: object) -> bool:
    """Whether a column's value meets one value of a condition, of the same kind; what is empty meets only null."""
    operator, operand = asked if isinstance(asked, tuple) else ("null" if asked is None else "=", asked)
    if value is None or operator in ("null", "not null"):
        return operator == ("null" if value is None else "not null")
    if operator in OF_TEXT:
        return has(str(operator), str(operand), str(value))
    sign = (value > operand) - (value < operand)  # type: ignore[operator]  # of one kind
    return {"=": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}[str(operator)].count(sign) > 0
