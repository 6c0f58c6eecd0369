"""The engines against the judge, on random logs with many ties."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from operator import itemgetter
from random import Random
from statistics import mean, quantiles, stdev
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events import ages, chains_sql, eventual, tally, units_sql, zones  # noqa: E402  # after the check
from funnelcli.events.define import holding  # noqa: E402
from funnelcli.events.definition import NEVER, Definition  # noqa: E402
from funnelcli.events.duckdb import asof  # noqa: E402  # after the check
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.reach import Reach  # noqa: E402
from funnelcli.events.result import EventCounts, measurement  # noqa: E402
from funnelcli.events.rows import TOTAL  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.measure import LADDER, Condition, Noted, Order, Times, When  # noqa: E402
from funnelcli.segments import Breakdown, Segment  # noqa: E402
from tests.events import judge  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hypothesis.strategies import DrawFn

SOMETHING = ((),)
"""A `when` of whatever meaning: the masks of the events are given."""


IN_ORDER = ("ordered", "strict")
"""Orders in which one event follows another."""


@st.composite
def definitions(draw: DrawFn, order: str) -> Definition:
    """Two to five stages, branches among them."""
    size = draw(st.integers(2, 5))
    parents = tuple(0 if not stage else draw(st.integers(0, stage - 1) | st.just(stage - 1)) for stage in range(size))
    if order == "unordered":
        parents = (0, *range(size - 1))
    start = draw(st.none() | st.integers(0, 3))
    bars: tuple[When, ...] = ((), *(SOMETHING if draw(st.booleans()) else () for _ in range(size - 1)))
    limits = (None, *(draw(st.none() | st.integers(0, 3)) for _ in range(size - 1)))
    return Definition(
        names=tuple("ABCDE"[:size]),
        parents=parents,
        whens=(SOMETHING,) * size,
        growing=frozenset(),
        unit="unit",
        time="time",
        window=draw(st.none() | st.integers(0, 6)),
        order=order,
        sale=draw(st.integers(0, size - 1)),
        start=start,
        end=None if start is None else draw(st.none() | st.integers(start + 1, 7)),
        exclude=SOMETHING if draw(st.booleans()) else (),
        apart=order in IN_ORDER and draw(st.booleans()),
        within=limits if order in IN_ORDER and draw(st.booleans()) else (),
        barred=bars if order in IN_ORDER and draw(st.booleans()) else (),
        exclude_units=SOMETHING if draw(st.integers(0, 3)) == 0 else (),
        repeats=order == "strict" and draw(st.booleans()),
        same=("subscription",) if draw(st.booleans()) else (),
    )


def source(definition: Definition) -> str:
    """The events in `log` as `units_sql.units` wants them."""
    return f"(SELECT e.*{chains_sql.flag_of_any(definition)} FROM log AS e)"


def logs(data: st.DataObject, masks: list[int], excluded: bool, longest: int) -> list[list[judge.Event]]:
    """Logs of many units, dense ones among them: few moments, so that many events share one."""
    chance = Random(data.draw(st.integers(0, 2**32)))  # no secret
    some = data.draw(st.booleans())
    return [
        [
            judge.Event(
                chance.randint(0, 7),
                chance.choice(masks),
                excluded and chance.random() < 0.2,
                bars=chance.choice((0, 0, chance.randint(0, 31))),
                ends=chance.random() < 0.05,
                held=chance.choice(("one", "one", "two", None)) if some else "one",
                amount=chance.choice((None, 0, 5, 1999, 1999, chance.randint(0, 10**7))),
            )
            for _ in range(chance.randint(0, longest))
        ]
        for _ in range(30)
    ]


def marks(event: judge.Event, size: int) -> tuple[int, ...]:
    """The flags of an event, those of the stages first."""
    met, bars = ([bits >> stage & 1 for stage in range(size)] for bits in (event.mask, event.bars))
    return (*met, int(event.excluded), int(event.lost), int(event.ends), *bars)


def met(event: judge.Event, definition: Definition) -> judge.Event:
    """An event as the engines see it: without what is to be the same along a chain, it meets no stage."""
    return event._replace(mask=0) if definition.same and event.held is None else event


def literals(values: Iterable[object]) -> str:
    """A row as text of SQL."""
    return "(" + ", ".join("NULL" if each is None else repr(each) for each in values) + ")"


def counted(
    query: str, definition: Definition, units: list[list[judge.Event]], steps: Iterable[asof.AsofStep]
) -> dict[int, dict[int, judge.Reached]]:
    """What a query of one row a unit finds, in the words of the judge; the order of the events is mixed up."""
    rows = [(unit, event) for unit, log in enumerate(units) for event in log]
    rows = rows[1::2] + rows[::2][::-1]
    size = len(definition.names)
    found: dict[int, dict[int, judge.Reached]] = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        flags = ", ".join(f"h{stage} INTEGER" for stage in range(size))
        bars = ", ".join(f"w{stage} INTEGER" for stage in range(size))
        others = f"x INTEGER, y INTEGER, z INTEGER, {bars}, same0 VARCHAR"
        connection.execute(f"CREATE TABLE log (unit INTEGER, t BIGINT, {flags}, {others})")
        if rows:
            values = [(unit, each.time, *marks(met(each, definition), size), each.held) for unit, each in rows]
            listed = ", ".join(literals(value) for value in values)
            connection.execute(f"INSERT INTO log VALUES {listed}")
        for step in steps:
            connection.execute(f"CREATE TABLE {step.table} AS {step.query}")
        cursor = connection.execute(query)
        columns = [name for name, *_ in cursor.description]
        for row in cursor.fetchall():
            figures = dict(zip(columns, row, strict=True))
            found[figures["unit"]] = {
                stage: judge.Reached(
                    figures[f"m{stage}"],
                    figures.get(f"f{stage}", -1),
                    figures.get(f"p{stage}", -1),
                    figures.get(f"e{stage}", -1),
                    figures.get(f"g{stage}", -1),
                )
                for stage in range(size)
                if figures[f"m{stage}"] is not None and figures[f"m{stage}"] > NEVER
            }
    return found


def expected(definition: Definition, units: list[list[judge.Event]]) -> dict[int, dict[int, judge.Reached]]:
    """What the judge finds, without the figures that the definition has not."""
    found = {}
    for unit, log in enumerate(units):
        stages = judge.reached(log, definition)
        if stages:
            found[unit] = {
                stage: judge.Reached(
                    each.entry,
                    each.first if stage else -1,
                    each.before if stage else -1,
                    each.began if stage else -1,
                    each.events if stage in definition.growing else -1,
                )
                for stage, each in stages.items()
            }
    return found


def masks_of(units: list[list[judge.Event]]) -> list[int]:
    return sorted({each.mask for log in units for each in log} - {0})


thorough = settings(max_examples=whole_or_part(12, 4), deadline=None, suppress_health_check=list(HealthCheck))


def compare(
    query: str, definition: Definition, units: list[list[judge.Event]], steps: Iterable[asof.AsofStep] = ()
) -> None:
    found, wanted = counted(query, definition, units, steps), expected(definition, units)
    for unit, log in enumerate(units):
        if found.get(unit) != wanted.get(unit):
            note(f"{definition}\n{log}")
        assert found.get(unit) == wanted.get(unit)


@pytest.mark.parametrize("order", get_args(Order))
@thorough
@given(data=st.data())
def test_events_of_one_stage_each(order: str, data: st.DataObject) -> None:
    """Every window, interval, exclude and branch; the joins and the running maximum say the same."""
    definition = data.draw(definitions(order))
    size = len(definition.names)
    growing = frozenset(range(1, size)) if order in IN_ORDER and data.draw(st.booleans()) else frozenset()
    definition = definition._replace(growing=growing)
    units = logs(data, [0, *(1 << stage for stage in range(size))], bool(definition.exclude), 8)
    compare(units_sql.units(definition, source(definition), masks_of(units)), definition, units)
    steps = {"ordered": asof.steps, "any": asof.steps_in_any_order}.get(order)
    if steps:
        definition = definition._replace(barred=(), exclude_units=(), same=())
        compare(asof.units(definition), definition, units, steps(definition, "log"))


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@thorough
@given(data=st.data())
def test_events_that_meet_several_stages_serve_one(order: str, data: st.DataObject) -> None:
    definition = data.draw(definitions(order))
    definition = definition._replace(repeats=False)
    definition = definition._replace(shared=order != "strict" and not definition.apart and data.draw(st.booleans()))
    if definition.apart or (
        definition.shared and order == "ordered"
    ):  # an event can be the last one of any stage that it meets
        definition = definition._replace(growing=frozenset(definition.stages[1:]))
    kinds = data.draw(st.lists(st.integers(1, (1 << len(definition.names)) - 1), min_size=1, max_size=4))
    units = logs(data, kinds, bool(definition.exclude), 6)
    compare(units_sql.units(definition, source(definition), masks_of(units)), definition, units)


CHANNELS = ("Ads", "SEO", None)


def segments_of(
    definition: Definition, found: list[dict[object, dict[int, judge.Reached]]]
) -> dict[object, tuple[int, ...]]:
    """The counts of segments, from what each unit reached in each."""
    result: dict[object, list[int]] = {}
    for unit in found:
        for name, stages in unit.items():
            counts = result.setdefault(name, [0] * len(definition.names))
            for stage, reached in stages.items():
                counts[stage] += reached.events if stage in definition.growing else 1
    return {name: tuple(counts) for name, counts in result.items()}


@pytest.mark.parametrize(
    ("order", "entry"),
    [*few(each_once(get_args(Order), ("any", "first", "last")), 3), ("ordered", "each")],
)
@settings(thorough, max_examples=whole_or_part(3, 1))
@given(data=st.data())
def test_segments_are_conditions_on_the_entry(order: str, entry: str, data: st.DataObject) -> None:
    """Two dimensions and days, over every window, interval, exclude, branch and tie, with events that came again.

    Each unit counts in each segment of its entries by what these lead to; where one entry counts, segments add up.
    Events are of one stage each, or `shared` by several.
    """
    assume(data.draw(st.integers(0, 9)) or whole_or_part(1, 0))  # else the only one that is tried is the least of all
    shared = data.draw(st.booleans())
    shared = shared and entry != "each"
    twice = shared and order != "strict" and (order == "unordered" or data.draw(st.booleans()))
    definition = data.draw(definitions(order))._replace(
        dimensions=(("channel", "channel"), ("device", "device")), period="day", entry=entry
    )
    definition = definition._replace(shared=twice and not definition.apart, repeats=definition.repeats and not shared)
    size = len(definition.names)
    growing = frozenset()
    if order in IN_ORDER and (definition.apart or definition.shared or not shared) and data.draw(st.booleans()):
        growing = frozenset(range(1, size))
    definition = definition._replace(growing=growing)
    kinds = [0, *(1 << stage for stage in range(size))]
    if shared:
        kinds = data.draw(st.lists(st.integers(1, (1 << size) - 1), min_size=1, max_size=4))
    chance = Random(data.draw(st.integers(0, 2**32)))
    if data.draw(st.booleans()):
        definition = definition._replace(lost=SOMETHING)
    if order != "unordered" and entry != "each":
        paid = data.draw(st.sets(st.integers(0, size - 1), max_size=2))
        if order == "any" and ((shared and not definition.shared) or definition.same):
            paid &= {0}  # of others, nobody could tell which event brings the money
        definition = definition._replace(
            amounts=tuple("amount" if stage in paid else None for stage in range(size)) if paid else (),
            priced=min(paid) if len(paid) == 1 else None,
        )
    units = [
        [
            each._replace(segment=chance.choice(CHANNELS), lost=bool(definition.lost) and chance.random() < 0.2)
            for each in log
        ]
        for log in logs(data, kinds, bool(definition.exclude), 6)
    ]
    check(definition, units)


@pytest.mark.parametrize("apart", [False, True])
def test_what_is_excluded_along_another_chain_bars_none(apart: bool) -> None:
    """Of a unit with two subscriptions in strict order, the age of who came is by the one that led there."""
    definition = Definition(
        names=("A", "B"), parents=(0, 0), whens=(SOMETHING,) * 2, growing=frozenset(), unit="unit", time="time",
        window=None, order="strict", entry="any", exclude=SOMETHING, apart=apart, same=("subscription",),
        dimensions=(("channel", "channel"), ("device", "device")), period="day",
    )  # fmt: skip
    other = judge.Event(3, 1, excluded=True, held="one")
    own = [judge.Event(time, mask, excluded=True, held="two") for time, mask in ((2, 1), (6, 2))]
    check(definition, [[judge.Event(5, 1, held="two")], [other, *own]])


def test_what_ends_the_way_of_some_of_the_entries() -> None:
    """Of one log in which most units enter several times, what is excluded and what comes too late, in every order."""
    chance = Random(20261001)
    units = [
        [
            judge.Event(chance.randint(0, 7), chance.choice((1, 1, 2, 4)), chance.random() < 0.15,
                        chance.choice(CHANNELS), lost=chance.random() < 0.05, held=chance.choice(("one", "one", "two")))
            for _ in range(chance.randint(1, 7))
        ]
        for _ in range(whole_or_part(24, 12))
    ]  # fmt: skip
    excluding = Definition(
        names=("A", "B", "C"), parents=(0, 0, 1), whens=(SOMETHING,) * 3, growing=frozenset(), unit="unit", time="time",
        window=5, order="ordered", dimensions=(("channel", "channel"), ("device", "device")), period="day", sale=2,
        exclude=SOMETHING,
    )  # fmt: skip
    definitions = (
        excluding._replace(order="strict", within=(None, None, 1)),
        excluding._replace(order="any"),
        excluding._replace(order="unordered"),
        excluding._replace(within=(None, 2, 1), lost=SOMETHING),
        excluding._replace(within=(None, 1, 2), same=("subscription",)),
    )
    for definition in few(definitions, 3):
        lost = bool(definition.lost)
        check(definition, [[each._replace(lost=each.lost and lost) for each in log] for log in units])


def counted_of(log: list[judge.Event], definition: Definition) -> list[dict[int, judge.Reached]]:
    """What of a unit is counted: itself, or each of its entries."""
    if definition.entry == "each":
        return [*judge.attempts(log, definition).values()]
    return [judge.counted(log, definition)]


def by_segment(
    log: list[judge.Event], definition: Definition, segment_of: Callable[[judge.Event], object]
) -> list[dict[object, dict[int, judge.Reached]]]:
    """The same in its segments; that of an entry is its own."""
    if definition.entry != "each":
        return [judge.by_segment(log, definition, segment_of)]
    told = judge.attempts(log, definition).values()
    return [{judge.segment(log, definition, stages[0].entry, segment_of): stages} for stages in told]


def check(definition: Definition, units: list[list[judge.Event]]) -> None:
    """The judge and every engine agree on counts, segments, periods and days."""
    size, growing = len(definition.names), definition.growing
    found = [stages for log in units for stages in counted_of(log, definition)]
    ways = {
        dimension: [stages for log in units for stages in by_segment(log, definition, segment_of)]
        for dimension, segment_of in SEGMENTS.items()
    }
    wanted = {dimension: segments_of(definition, each) for dimension, each in ways.items()}
    ends, ends_of_segments = ends_by_the_judge(definition, units)
    for outcome in every_way(definition, units):
        assert outcome.counts == tuple(
            sum(each[stage].events if stage in growing else 1 for each in found if stage in each)
            for stage in range(size)
        )
        told = {each.dimension: {part.name: part.counts for part in each.segments} for each in outcome.breakdowns}
        assert told == {
            dimension: {written(dimension, name): counts for name, counts in segments.items()}
            for dimension, segments in wanted.items()
            if segments
        }
        if definition.entry != "any":
            assert all(
                tuple(map(sum, zip(*segments.values(), strict=True))) == outcome.counts for segments in told.values()
            )
        checks = [check_by(definition, units, stage) for stage, _ in definition.paid]
        assert [(each.mean, each.sd) for each in outcome.checks] == checks
        if definition.priced is not None:
            for dimension, segments in outcome.breakdowns:
                own = checks_of_segments(definition, units, dimension)
                assert {part.name: (part.average_check, part.average_check_sd) for part in segments} == {
                    part.name: own.get(part.name, (None, None)) for part in segments
                }
        assert outcome.noted == noted_by(definition, found)._replace(**ends)
        for dimension, own in ways.items():
            noted = dict(dict(outcome.segments).get(dimension, ()))
            shown = {name: written(dimension, name) for name in {name for unit in own for name in unit}}
            ends_of = ends_of_segments.get(dimension, {})
            assert noted == {
                said: noted_by(definition, [unit.get(name, {}) for unit in own])._replace(**ends_of.get(said, {}))
                for name, said in shown.items()
            }
            if definition.entry != "any":
                for stage, times in outcome.noted.times:
                    assert add_up(noted.values(), stage) == dict(times.histogram)


def check_by(definition: Definition, units: list[list[judge.Event]], stage: int) -> tuple[Any, Any]:
    """The average check of a stage and its standard deviation."""
    found: list[int | None] = []
    for log in units:
        times = {event.time for event in judge.entries(log, definition)}
        own = judge.only_entries(log, definition, lambda event, times=times: event.time in times)
        if stage in judge.reached(own, definition):
            found += judge.brought(own, definition, stage)
    return mean_and_deviation(found)


def checks_of_segments(
    definition: Definition, units: list[list[judge.Event]], dimension: str
) -> dict[str, tuple[Any, Any]]:
    """The same of the segments, of the stage that alone brings money."""
    stage, segment_of, found = definition.priced, SEGMENTS[dimension], dict[str, list[int | None]]()
    assert stage is not None
    for log in units:
        for name, stages in judge.by_segment(log, definition, segment_of).items():
            if stage not in stages:
                continue
            if definition.entry == "any":
                own = judge.only_entries(log, definition, lambda event, name=name: segment_of(event) == name)
            else:
                times = {event.time for event in judge.entries(log, definition)}
                own = judge.only_entries(log, definition, lambda event, times=times: event.time in times)
            found.setdefault(written(dimension, name), []).extend(judge.brought(own, definition, stage))
    return {name: mean_and_deviation(amounts) for name, amounts in found.items()}


def mean_and_deviation(cents: list[int | None]) -> tuple[Any, Any]:
    """By the standard library, to six digits behind the point."""
    amounts = [Fraction(each, 100) for each in cents if each is not None]
    if not amounts:
        return None, None
    return mean(amounts), pytest.approx(stdev(amounts), abs=1e-6, rel=1e-12) if len(amounts) > 1 else None


def ends_by_the_judge(definition: Definition, units: list[list[judge.Event]]) -> tuple[Any, Any]:
    """The statistics of what is expected in the end, which have their own judges, of the ages that the judge finds."""
    until = max((event.time for log in units for event in log), default=0)
    endings = {"waiting": ages.WAITING, "came": ages.CAME, "lost": ages.LOST}
    found: dict[int, dict[str, eventual.StageAges]] = {}
    counts: dict[str, dict[str, list[int]]] = {dimension: {} for dimension in SEGMENTS}
    for log in units:
        starts = judge.entries(log, definition)
        told = [(TOTAL, "", whole, starts) for whole in counted_of(log, definition) if whole]
        attempts = [*judge.attempts(log, definition)] if definition.entry == "each" else []
        for kind, dimension in ((1, "period"), (2, "channel"), (3, "device")):
            found_in = by_segment(log, definition, SEGMENTS[dimension])
            for name, stages in [each for own in found_in for each in own.items()]:
                own_starts = [each for each in starts if SEGMENTS[dimension](each) == name]
                told.append((kind, written(dimension, name), stages, own_starts))
                reached = [int(stage in stages) for stage in range(len(definition.names))]
                known = counts[dimension].setdefault(written(dimension, name), [0] * len(reached))
                counts[dimension][written(dimension, name)] = [sum(each) for each in zip(known, reached, strict=True)]
        for number, (kind, name, stages, own_starts) in enumerate(told):
            times = {each.time for each in own_starts}
            if attempts:  # each kind has them all
                late = judge.too_late(log, definition, stages, attempts[number % len(attempts)])
            else:
                late = judge.too_late(judge.only_entries(log, definition, own_starts.__contains__), definition, stages)
            several = definition.entry == "any" and kind != 1 and len(times) > 1
            rows = [(several * ages.SEVERAL, judge.ages(log, definition, stages, until, late))]
            if kind != 1:  # as if nobody had come, for as long as the entries were followed
                alone = judge.ages(log, definition, {0: stages[0]}, until)
                rows.append((several * ages.SEVERAL, {0: next(iter(alone.values()))}))
            if several:
                in_time, as_if = (
                    sorted(judge.ages_by_entry(log, definition, stages, own_starts, until, over), key=itemgetter(0))
                    for over in (late, {})
                )
                rows += [(ages.LATER if place else ages.FIRST, ended) for place, (_, ended) in enumerate(in_time)]
                for place, (time, ended) in enumerate(in_time):
                    gap = min((each - time for each in times if each > time), default=None)
                    ends = as_if[place][1]  # who is too late is so after the last entry
                    passed = {stage: end for stage, end in ended.items() if gap is not None and gap < ends[stage][1]}
                    rows.append((ages.LATER_AGAIN if place else ages.FIRST_AGAIN, passed))
                    entered = dict.fromkeys(passed, ("waiting", gap or 0))
                    rows.append((ages.LATER_UNTIL if place else ages.FIRST_UNTIL, entered))
            for of, ended in rows:
                for stage, (ending, age) in ended.items():
                    young = definition.window is not None and age < definition.window
                    if stage not in definition.growing and (kind != 1 or (ending == "waiting" and young)):
                        own = found.setdefault(kind, {}).setdefault(name, {})
                        eventual.add(own, stage, of + endings[ending], age * HALF, 1)
    scaled = definition._replace(window=None if definition.window is None else definition.window * HALF)
    breakdowns = [
        Breakdown(dimension, tuple(Segment(name, tuple(each)) for name, each in own.items()))
        for dimension, own in counts.items()
        if own
    ]
    return eventual.ends(scaled, found, breakdowns)


def noted_by(definition: Definition, units: list[dict[int, judge.Reached]]) -> Noted:
    """What is to be noted of units: the times from the stage before, and those of the whole way."""
    found = []
    for stage in range(1, len(definition.names)):
        reached = [each[stage] for each in units if stage in each]
        taken = [each.first - each.before for each in reached if each.before is not None]
        found += [(definition.names[stage], times_of(taken))] if taken else []
    sale = definition.sale
    whole = [each[sale].first - each[sale].began for each in units if sale and sale in each]
    return Noted(tuple(found), times_of(whole) if whole else None)


def times_of(halves: list[int]) -> Times:
    """By the standard library, whose `inclusive` quantiles are exact for fractions, and by NumPy."""
    seconds = [Fraction(each * HALF, 1_000_000) for each in halves]
    twentieths = quantiles(seconds if len(seconds) > 1 else seconds * 2, n=20, method="inclusive")
    p25, p50, p75, p90 = (twentieths[place - 1] for place in (5, 10, 15, 18))
    assert np.allclose(
        np.quantile(np.array(seconds, float), [0.25, 0.5, 0.75, 0.9]), [float(x) for x in (p25, p50, p75, p90)]
    )
    bins = Counter(next((end for end in LADDER if each <= end), None) for each in seconds)
    ascending = sorted(bins.items(), key=lambda each: each[0] or 10**9)
    return Times(len(seconds), sum(seconds) / len(seconds), p25, p50, p75, p90, tuple(ascending))


def add_up(segments: Iterable[Noted], stage: str) -> dict[int | None, int]:
    """The histograms of segments as one."""
    found: Counter[int | None] = Counter()
    for noted in segments:
        found.update(dict(dict(noted.times)[stage].histogram) if stage in dict(noted.times) else {})
    return found


DAY = zones.DAY
HALF = DAY // 2
SINCE = 1_790_812_800_000_000
"""A moment of the judge is half a day; the first one is 2026-10-01."""


def device(time: int) -> str:
    return "early" if time < 3 else "late"


SEGMENTS: dict[str, Callable[[judge.Event], object]] = {
    "channel": lambda event: event.segment,
    "device": lambda event: device(event.time),
    "period": lambda event: event.time // 2,
}


def written(dimension: str, name: object) -> str:
    """The name of a segment as it is shown."""
    return f"2026-10-0{name + 1}" if dimension == "period" and isinstance(name, int) else str(name or "(none)")


DECIMAL_AMOUNT = "CAST(amount AS DECIMAL(28, 9))"


def every_way(definition: Definition, units: list[list[judge.Event]]) -> Iterator[EventCounts]:
    """The log, counted as a file is and as a database is."""
    size = len(definition.names)
    definition = definition._replace(
        **{
            key: value * HALF + (SINCE if key != "window" else 0)
            for key in ("window", "start", "end")
            if (value := getattr(definition, key)) is not None
        },
        whens=tuple(((Condition(f"h{stage}", (1,)),),) for stage in range(size)),
        within=tuple(None if each is None else each * HALF for each in definition.within),
        exclude=((Condition("x", (1,)),),) if definition.exclude else (),
        lost=((Condition("y", (1,)),),) if definition.lost else (),
        exclude_units=((Condition("z", (1,)),),) if definition.exclude_units else (),
        barred=tuple(
            ((Condition(f"w{stage}", (1,)),),) if when else () for stage, when in enumerate(definition.barred)
        ),
        time="t",
        epoch="microseconds",
    )
    definition = holding(definition, definition.same)
    flags = [*(f"h{stage}" for stage in range(size)), "x", "y", "z", *(f"w{stage}" for stage in range(size))]
    rows = [
        (unit, SINCE + each.time * HALF, *marks(each, size), each.segment, device(each.time), each.held, each.amount)
        for unit, log in enumerate(units)
        for each in log
    ]
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        columns = f"unit INTEGER, t BIGINT, {', '.join(f'{flag} INTEGER' for flag in flags)}"
        texts = "channel VARCHAR, device VARCHAR, subscription VARCHAR"
        connection.execute(f"CREATE TABLE log (id INTEGER, {columns}, {texts}, cents INTEGER)")
        listed = ", ".join(literals((key, *row)) for key, row in enumerate(rows))
        if rows:
            connection.execute(f"INSERT INTO log VALUES {listed}")
        path = f"{folder}/log.parquet"
        connection.execute("ALTER TABLE log ADD COLUMN amount DECIMAL(12, 2)")
        connection.execute("UPDATE log SET amount = CAST(cents * 0.01 AS DECIMAL(12, 2))")
        connection.execute(f"COPY log TO '{path}' (FORMAT parquet)")
        outcome = embedded.measure(definition, Files((path,), "parquet", "log"), folder)
        assert isinstance(outcome, EventCounts), outcome
        yield outcome
        seen = "*"
        if definition.same:
            kept = [f"CASE WHEN subscription IS NULL THEN 0 ELSE h{stage} END AS h{stage}" for stage in range(size)]
            seen = f"* REPLACE ({', '.join(kept)}), subscription AS same0, 0 AS v"
        money = "".join(f", {DECIMAL_AMOUNT} AS amount{stage}, 0 AS unread{stage}" for stage, _ in definition.paid)
        events = f"SELECT e.*, channel AS d0, device AS d1{chains_sql.flag_of_any(definition)}{money} "
        events += f"FROM (SELECT {seen} FROM log) AS e"
        definition = definition._replace(until=max((row[1] for row in rows), default=None))
        text = tally.at_once(definition, masks_of(units)).text().replace("WITH ", f"WITH events AS ({events}), ", 1)
        connection.execute("PRAGMA disable_optimizer")  # which takes longer than the few events
        counted = measurement(definition, connection.execute(text).fetchall(), Reach(0, 0, 0, None))
        assert isinstance(counted, EventCounts)
        yield counted
