"""What was counted: the rows that came back, as counts, days, segments and cohorts."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import cohorts, entries, eventual, tally
from funnelcli.events.brought import Brought, check_of
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.events.rows import AGES, AMOUNTS, FIGURES_OF_AGES, PERIODS, QUANTILES, SEGMENTS, TOTAL, told_by
from funnelcli.exact import added, reduced
from funnelcli.measure import LADDER, Noted, Times
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.events.brought import StageCheck
    from funnelcli.events.definition import Definition
    from funnelcli.events.eventual import StageAges
    from funnelcli.events.reach import Reach
    from funnelcli.exact import Exact


class Stepless(NamedTuple):
    """Of a log in which nobody takes a step: its units, their events, and those that have the second stage first."""

    units: int
    events: int
    turned: int

    def verdict(self, entered: int) -> Literal["turned", "no step", "one event each"]:
        """Whether half of those that enter or more have it the other way round, or hardly any has a second event."""
        if self.turned * 2 >= entered:
            return "turned"
        return "no step" if self.events * 10 > self.units * 11 else "one event each"


class EventCounts(NamedTuple):
    """Counts of the stages, units that entered, breakdowns, and what is noted of all and of each segment.

    `not_mature` are the cohorts whose window was open at the last event; without `period` it is the funnel itself.
    `noted` are times, ends and curves, and `segments` those of segments, by dimension.
    `checks` are of the stages that bring money; of `unread` ones, so many amounts cannot be read.
    """

    counts: tuple[int, ...]
    units: int
    breakdowns: tuple[Breakdown, ...]
    not_mature: tuple[str, ...]
    reach: Reach
    noted: Noted = Noted()
    segments: tuple[tuple[str, tuple[tuple[str, Noted], ...]], ...] = ()
    checks: tuple[StageCheck, ...] = ()
    unread: tuple[tuple[int, int], ...] = ()
    stepless: Stepless | None = None

    @property
    def counted_again(self) -> tuple[tuple[str, tuple[Exact, ...]], ...]:
        """By how much the segments of a dimension add up to more than each stage, as units have entries in several."""
        found = []
        for name, segments in self.breakdowns:
            columns = zip(*(each.counts for each in segments), strict=True)
            again = tuple(added((*column, -count)) for column, count in zip(columns, self.counts, strict=True))
            if any(again):
                found.append((name, again))
        return tuple(found)


Outcome: TypeAlias = EventCounts | Problem | list[Problem]
"""What was counted, or why nothing was."""


class _Found(NamedTuple):
    """Of all units or of a segment: the counts of the stages, and their times, with those of the whole way last."""

    counts: list[int]
    times: list[Times | None]
    labels: set[str | None]


class _Collected(NamedTuple):
    """What rows tell: figures by kind and name, when periods start, the units that entered, ages, and money."""

    parts: dict[int, dict[str, _Found]]
    starts: dict[str, int]
    units: int
    followed: dict[int, dict[str, StageAges]]
    brought: dict[tuple[int, str, int], Brought]


def measurement(definition: Definition, rows: Iterable[Sequence[Any]], reach: Reach) -> EventCounts | Problem:
    """The rows of `tally.figures`, `ages` and `amounts` as a result."""
    found = _collected(definition, rows)
    total = found.parts[TOTAL][""]
    told = _breakdowns(definition, found)
    if isinstance(told, Problem):
        return told
    breakdowns, noted = told
    for stages in (each for own in found.followed.values() for each in own.values()):
        eventual.spread(definition, stages)
    whole, of_segments = eventual.ends(definition, found.followed, breakdowns)
    segments_noted = tuple(
        (
            dimension,
            tuple(
                (name, each._replace(**ended[name]) if name in (ended := of_segments.get(dimension, {})) else each)
                for name, each in known
            ),
        )
        for dimension, known in noted
    )
    return EventCounts(
        tuple(total.counts),
        found.units,
        tuple(breakdowns),
        cohorts.not_mature(definition, reach.until, found.starts.values()),
        reach,
        _noted(definition, total)._replace(**whole),
        segments_noted,
        tuple(check_of(definition, stage, found.brought[TOTAL, "", stage]) for stage, _ in definition.paid),
        tuple((at, each.unread) for (kind, _, at), each in found.brought.items() if kind == TOTAL and each.unread),
    )


def _collected(definition: Definition, rows: Iterable[Sequence[Any]]) -> _Collected:
    width, period = len(definition.names), definition.period or ""
    parts: dict[int, dict[str, _Found]] = {kind: {} for kind in (TOTAL, *entries.kinds(definition))}
    parts[TOTAL][""] = _none_found(width)
    starts, units = dict[str, int](), 0
    followed: dict[int, dict[str, StageAges]] = {}
    brought: dict[tuple[int, str, int], Brought] = {}
    for part, label, stage, *values in rows:
        what, kind = told_by(part)
        name = "" if kind == TOTAL else shown(label)
        if kind == PERIODS:
            start = cohorts.first_moment(int(label), period, definition.offsets)
            name = cohorts.name(start, period, definition.offsets)
            starts[name] = start
        if what == AMOUNTS:
            figures = [int(value or 0) for value in values]
            brought[kind, name, stage] = brought.get((kind, name, stage), Brought()).plus(figures)
        elif what == AGES:
            stages = followed.setdefault(kind, {}).setdefault(name, {})
            eventual.add(stages, stage, *map(int, values[:FIGURES_OF_AGES]))
        else:
            number, *times = [None if value is None else int(value) for value in values]
            found = parts[kind].setdefault(name, _none_found(width))
            found.labels.add(label)
            if stage < width:
                found.counts[stage] += number or 0
            if kind == TOTAL and not stage:
                units = times[0] or 0
            found.times[stage] = _times(times)
    return _Collected(parts, starts, units, followed, brought)


def _none_found(width: int) -> _Found:
    return _Found([0] * width, [None] * (width + 1), set())


def _breakdowns(
    definition: Definition, found: _Collected
) -> tuple[list[Breakdown], list[tuple[str, tuple[tuple[str, Noted], ...]]]] | Problem:
    """The breakdowns, and what is noted of their segments, or that there are too many of these."""
    breakdowns, noted = [], []
    for kind in entries.kinds(definition):
        segments = found.parts[kind]
        dimension, column = (PERIOD, "") if kind == PERIODS else definition.dimensions[kind - SEGMENTS]
        if column and sum(len(each.labels) for each in segments.values()) > tally.MOST_SEGMENTS:
            what = f"the breakdown {quoted(dimension)} has more than {tally.MOST_SEGMENTS:,} segments"
            help_text = f"name a column of fewer values than {quoted(column)}"
            return Problem("FN114", what, help_text, path=("measure", "breakdowns", dimension))
        largest_first = sorted(segments.items(), key=lambda each: (-each[1].counts[0] if column else 0, each[0]))
        if segments:
            own = tuple(_segment(definition, kind, name, each, found.brought) for name, each in largest_first)
            breakdowns.append(Breakdown(dimension, own))
            noted.append((dimension, tuple((name, _noted(definition, each)) for name, each in largest_first)))
    return breakdowns, noted


def _segment(
    definition: Definition,
    kind: int,
    name: str,
    found: _Found,
    brought: Mapping[tuple[int, str, int], Brought],
) -> Segment:
    """A segment with its counts, and with its average check where the sale alone brings money."""
    told = None if definition.priced is None else brought.get((kind, name, definition.priced))
    if told is None or definition.priced is None:
        return Segment(name, tuple(found.counts))
    check = check_of(definition, definition.priced, told)
    return Segment(name, tuple(found.counts), average_check=check.mean, average_check_sd=check.sd)


def _noted(definition: Definition, found: _Found) -> Noted:
    """The times by stage; none of segments that are shown by the same name, whose quantiles nobody can add up."""
    if len(found.labels) > 1:
        return Noted()
    *stages, whole_way = found.times
    named = zip(definition.names, stages, strict=True)
    return Noted(tuple((name, times) for name, times in named if times is not None), whole_way)


def _times(figures: Sequence[int | None]) -> Times | None:
    """The figures of `tally` in seconds: units, sum, and those next to each quantile, and up to each of `LADDER`."""
    units, total, *others = (each or 0 for each in figures)
    if figures[1] is None or not units:
        return None
    near, upto = others[: 2 * len(QUANTILES)], others[2 * len(QUANTILES) :]
    quantiles = []
    for (share, whole), lower, upper in zip(QUANTILES.values(), near[::2], near[1::2], strict=True):
        beyond = Fraction(share * (units - 1) % whole, whole)
        quantiles.append(_in_seconds(lower + beyond * (upper - lower)))
    bins = zip((*LADDER, None), (after - before for before, after in pairwise((0, *upto, units))), strict=True)
    p25, p50, p75, p90 = quantiles
    mean, histogram = _in_seconds(Fraction(total, units)), tuple(each for each in bins if each[1])
    return Times(units, mean, p25, p50, p75, p90, histogram)


def _in_seconds(microseconds: Fraction) -> Exact:
    return reduced(microseconds / MICROSECONDS)


def shown(value: object) -> str:
    """A value of a column as the name of a segment: one line of visible characters."""
    if value is None:
        return "(none)"
    text = str(value).strip()
    hidden = set(hidden_places(text))
    return "".join("\ufffd" if place in hidden else char for place, char in enumerate(text)).strip() or "(empty)"
