"""What was counted: the rows that came back, as counts, days, segments and cohorts."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import ages, amounts, cohorts, entries, eventual, tally
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.exact import added, reduced
from funnelcli.measure import LADDER, Noted, Times
from funnelcli.segments import Breakdown, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from funnelcli.events.amounts import StageCheck
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


def measurement(definition: Definition, rows: Iterable[Sequence[Any]], reach: Reach) -> EventCounts | Problem:
    """The rows of `tally.figures`, `ages` and `amounts` as a result."""
    width, period = len(definition.names), definition.period or ""
    followed: dict[int, dict[str, StageAges]] = {}
    brought: dict[tuple[int, str, int], amounts.Brought] = {}
    total = _Found([0] * width, [None] * (width + 1), set())
    units = 0
    starts: dict[str, int] = {}
    parts: dict[int, dict[str, _Found]] = {kind: {} for kind in entries.kinds(definition)}
    for part, label, stage, *figures in rows:
        kind = part % ages.AGES
        money = part // ages.AGES == amounts.AMOUNTS // ages.AGES
        found, name = total, ""
        if kind == entries.PERIODS:
            start = cohorts.first_moment(int(label), period, definition.offsets)
            name = cohorts.name(start, period, definition.offsets)
            starts[name] = start
        elif kind != tally.TOTAL:
            name = shown(label)
        if money:
            before = brought.get((kind, name, stage), amounts.Brought())
            brought[kind, name, stage] = before.plus([int(value or 0) for value in figures])
            continue
        if part >= ages.AGES:
            stages = followed.setdefault(kind, {}).setdefault(name, {})
            eventual.add(stages, stage, *map(int, figures[: ages.FIGURES]))
            continue
        values = [None if value is None else int(value) for value in figures]
        if part != tally.TOTAL:
            found = parts[part].setdefault(name, _Found([0] * width, [None] * (width + 1), set()))
        found.labels.add(label)
        if stage < width:
            found.counts[stage] += values[0] or 0
        if part == tally.TOTAL and not stage:
            units = values[1] or 0
        found.times[stage] = _times(values[1:])
    breakdowns, noted = [], []
    for kind, segments in parts.items():
        dimension, column = (PERIOD, "") if kind == entries.PERIODS else definition.dimensions[kind - entries.SEGMENTS]
        if column and sum(len(found.labels) for found in segments.values()) > tally.MOST_SEGMENTS:
            what = f"the breakdown {quoted(dimension)} has more than {tally.MOST_SEGMENTS:,} segments"
            help_text = f"name a column of fewer values than {quoted(column)}"
            return Problem("FN114", what, help_text, path=("measure", "breakdowns", dimension))
        largest_first = sorted(segments.items(), key=lambda each: (-each[1].counts[0] if column else 0, each[0]))
        if segments:
            own = tuple(_segment(definition, kind, name, found, brought) for name, found in largest_first)
            breakdowns.append(Breakdown(dimension, own))
            noted.append((dimension, tuple((name, _noted(definition, found)) for name, found in largest_first)))
    for stages in (each for own in followed.values() for each in own.values()):
        eventual.spread(definition, stages)
    whole, of_segments = eventual.ends(definition, followed, breakdowns)
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
        units,
        tuple(breakdowns),
        cohorts.not_mature(definition, reach.until, starts.values()),
        reach,
        _noted(definition, total)._replace(**whole),
        segments_noted,
        tuple(amounts.check_of(definition, stage, brought[tally.TOTAL, "", stage]) for stage, _ in definition.paid),
        tuple((at, each.unread) for (kind, _, at), each in brought.items() if kind == tally.TOTAL and each.unread),
    )


def _segment(
    definition: Definition,
    kind: int,
    name: str,
    found: _Found,
    brought: Mapping[tuple[int, str, int], amounts.Brought],
) -> Segment:
    """A segment with its counts, and with its average check where the sale alone brings money."""
    told = None if definition.priced is None else brought.get((kind, name, definition.priced))
    if told is None or definition.priced is None:
        return Segment(name, tuple(found.counts))
    check = amounts.check_of(definition, definition.priced, told)
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
    near, upto = others[: 2 * len(tally.QUANTILES)], others[2 * len(tally.QUANTILES) :]
    quantiles = []
    for (share, whole), lower, upper in zip(tally.QUANTILES.values(), near[::2], near[1::2], strict=True):
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
