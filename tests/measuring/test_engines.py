"""The engines against the judge, on random logs with many ties."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import median
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.measuring import asof, formulation, tally  # noqa: E402  # after the check
from funnelcli.measuring.definition import Definition  # noqa: E402
from funnelcli.measuring.result import Measurement, Reach, measurement  # noqa: E402
from tests.measuring import judge  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DrawFn

NEVER = formulation.NEVER
SOMETHING = ((),)
"""A `when` of whatever meaning: the masks of the events are given."""


@st.composite
def definitions(draw: DrawFn, order: str) -> Definition:
    """Two to five stages, branches among them."""
    size = draw(st.integers(2, 5))
    parents = tuple(0 if not stage else draw(st.integers(0, stage - 1) | st.just(stage - 1)) for stage in range(size))
    start = draw(st.none() | st.integers(0, 3))
    return Definition(
        names=tuple("ABCDE"[:size]),
        parents=parents,
        whens=(SOMETHING,) * size,
        growing=frozenset(),
        unit="unit",
        time="time",
        window=draw(st.none() | st.integers(0, 6)),
        order=order,
        start=start,
        end=None if start is None else draw(st.none() | st.integers(start + 1, 7)),
        exclude=SOMETHING if draw(st.booleans()) else (),
    )


def logs(data: st.DataObject, masks: list[int], excluded: bool, longest: int) -> list[list[judge.Event]]:
    """Logs of many units, dense ones among them: few moments, so that many events share one."""
    chance = Random(data.draw(st.integers(0, 2**32)))  # no secret
    return [
        [
            judge.Event(chance.randint(0, 7), chance.choice(masks), excluded and chance.random() < 0.2)
            for _ in range(chance.randint(0, longest))
        ]
        for _ in range(30)
    ]


def counted(
    query: str, definition: Definition, units: list[list[judge.Event]], steps: Iterable[asof.Step]
) -> dict[int, dict[int, judge.Reached]]:
    """What a query of one row a unit finds, in the words of the judge; the order of the events is mixed up."""
    rows = [(unit, event) for unit, log in enumerate(units) for event in log]
    rows = rows[1::2] + rows[::2][::-1]
    size = len(definition.names)
    found: dict[int, dict[int, judge.Reached]] = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        flags = ", ".join(f"h{stage} INTEGER" for stage in range(size))
        connection.execute(f"CREATE TABLE log (unit INTEGER, t BIGINT, {flags}, x INTEGER)")
        if rows:
            values = [
                (unit, each.time, *(each.mask >> stage & 1 for stage in range(size)), int(each.excluded))
                for unit, each in rows
            ]
            listed = ", ".join(str(value) for value in values)
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
            timed = definition.order != "any"
            found[unit] = {
                stage: judge.Reached(
                    each.entry,
                    each.first if timed and stage else -1,
                    each.before if timed and stage else -1,
                    each.events if stage in definition.growing else -1,
                )
                for stage, each in stages.items()
            }
    return found


def masks_of(units: list[list[judge.Event]]) -> list[int]:
    return sorted({each.mask for log in units for each in log} - {0})


thorough = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def compare(
    query: str, definition: Definition, units: list[list[judge.Event]], steps: Iterable[asof.Step] = ()
) -> None:
    found, wanted = counted(query, definition, units, steps), expected(definition, units)
    for unit, log in enumerate(units):
        if found.get(unit) != wanted.get(unit):
            note(f"{definition}\n{log}")
        assert found.get(unit) == wanted.get(unit)


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@thorough
@given(data=st.data())
def test_events_of_one_stage_each(order: str, data: st.DataObject) -> None:
    """Every window, interval, exclude and branch; the joins and the running maximum say the same."""
    definition = data.draw(definitions(order))
    size = len(definition.names)
    growing = frozenset(range(1, size)) if order != "any" and data.draw(st.booleans()) else frozenset()
    definition = definition._replace(growing=growing)
    units = logs(data, [0, *(1 << stage for stage in range(size))], bool(definition.exclude), 8)
    compare(formulation.units(definition, "log", masks_of(units)), definition, units)
    compare(formulation.units(definition, "log", masks_of(units), frames=False), definition, units)
    if order == "ordered":
        steps = asof.steps(definition, "log", [f"h{stage} = 1" for stage in range(size)])
        compare(asof.units(definition), definition, units, steps)


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@thorough
@given(data=st.data())
def test_events_that_meet_several_stages_serve_one(order: str, data: st.DataObject) -> None:
    definition = data.draw(definitions(order))
    kinds = data.draw(st.lists(st.integers(1, (1 << len(definition.names)) - 1), min_size=1, max_size=4))
    units = logs(data, kinds, bool(definition.exclude), 6)
    compare(formulation.units(definition, "log", masks_of(units)), definition, units)
    compare(formulation.units(definition, "log", masks_of(units), frames=False), definition, units)


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@thorough
@given(data=st.data())
def test_segments_and_days(order: str, data: st.DataObject) -> None:
    """What is added up over units: by the segment of the entry, and the times, by each way to find them."""
    definition = data.draw(definitions(order))._replace(dimensions=(("channel", "channel"),))
    size = len(definition.names)
    chance = Random(data.draw(st.integers(0, 2**32)))
    units = [
        [each._replace(segment=chance.choice(("Ads", "SEO", None))) for each in log]
        for log in logs(data, [0, *(1 << stage for stage in range(size))], bool(definition.exclude), 8)
    ]
    found = [judge.reached(log, definition) for log in units]
    segments: dict[str, list[int]] = {}
    for log, stages in zip(units, found, strict=True):
        if stages:
            name = judge.segment(log, judge.entry(stages, definition)) or "(none)"
            known = segments.setdefault(name, [0] * size)
            segments[name] = [count + (stage in stages) for stage, count in enumerate(known)]
    taken = [
        [each[stage].first - each[stage].before for each in found if stage in each and each[stage].before is not None]
        for stage in range(size)
    ]
    if order == "any":
        taken = [[] for _ in range(size)]
    query = formulation.units(definition, "log", masks_of(units))
    flags = ", ".join(f"h{stage} INTEGER" for stage in range(size))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE log (unit INTEGER, t BIGINT, {flags}, x INTEGER, d0 VARCHAR)")
        for unit, log in enumerate(units):
            for each in log:
                met = [each.mask >> stage & 1 for stage in range(size)]
                row = (unit, each.time, *met, int(each.excluded), each.segment)
                connection.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(row))})", row)
        entries = "(SELECT * FROM log WHERE h0 = 1)"
        texts = [tally.tally(definition, f"({query})", entries, quantiles=quantiles) for quantiles in (True, False)]
        if order == "ordered":
            for step in asof.steps(definition, "log", [f"h{stage} = 1" for stage in range(size)]):
                connection.execute(f"CREATE TABLE {step.table} AS {step.query}")
            tables = asof.stages(definition)
            joined = f"({asof.units(definition)})"
            texts.append(tally.tally(definition, joined, entries, quantiles=True, stages=tables))
        for text in texts:
            outcome = measurement(definition, connection.execute(text).fetchall(), Reach(0, 0, 0, None))
            assert isinstance(outcome, Measurement)
            assert outcome.counts == tuple(sum(stage in each for each in found) for stage in range(size))
            by_name = {each.name: list(each.counts) for breakdown in outcome.breakdowns for each in breakdown.segments}
            assert by_name == segments
            day = tally.DAY
            assert outcome.days == tuple(Fraction(sum(each), len(each) * day) if each else None for each in taken)
            assert outcome.median_days == tuple(Fraction(median(each)) / day if each else None for each in taken)
