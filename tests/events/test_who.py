"""Units of a stage and what they did next, against the judge."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events import cohorts, who  # noqa: E402  # after the check
from funnelcli.events.define import holding  # noqa: E402
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.measure import Condition  # noqa: E402
from tests.events import judge  # noqa: E402
from tests.events.test_engines import definitions, thorough  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from funnelcli.events.definition import Definition

SINCE, HOUR = 1_790_812_800_000_000, 3_600_000_000
"""A moment of the judge is an hour; the first one is 2026-10-01."""


class Listed(NamedTuple):
    """A unit as the judge finds it."""

    unit: str
    entered: int
    at: int
    next_event: str | None
    next_at: int | None


def name_of(event: judge.Event) -> str:
    return f"{'x' if event.excluded else 'e'}{event.mask}"


def expected(definition: Definition, units: list[list[judge.Event]], asked: who.UnitsAsked) -> Iterator[Listed]:
    """Who reached the stage, or the one before it and not the stage, by every chain; and the next of all events."""
    last = asked.stage if asked.question == "reached" else definition.parents[asked.stage]
    for number, log in enumerate(units):
        found = judge.counted(log, definition)
        if last not in found or (asked.question == "dropped_at" and asked.stage in found):
            continue
        entered, at = (found[last].began, found[last].first) if last else (found[0].entry, found[0].entry)
        later = sorted((event.time, name_of(event)) for event in log if event.time > at)
        time, name = later[0] if later else (None, None)
        yield Listed(str(number), entered, at, name, time)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@settings(thorough, max_examples=8)
@given(data=st.data())
def test_units_of_every_stage(
    order: str, shared: bool, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every window, interval, exclude, branch, tie and rule of entries, and events that meet no stage."""
    definition = data.draw(definitions(order))._replace(entry=data.draw(st.sampled_from(["any", "first", "last"])))
    definition = definition._replace(barred=(), exclude_units=())  # whose events are not in this log
    definition = definition._replace(repeats=definition.repeats and not shared)
    size = len(definition.names)
    chance = Random(data.draw(st.integers(0, 2**32)))
    kinds = list(range(1 << size)) if shared else [0, 0, *(1 << stage for stage in range(size))]
    units = [
        [
            judge.Event(
                chance.randint(0, 7),
                chance.choice(kinds),
                bool(definition.exclude) and chance.random() < 0.2,
                held=chance.choice(("one", "two", None)),
            )
            for _ in range(chance.randint(0, 6))
        ]
        for _ in range(25)
    ]
    path = tmp_path_factory.mktemp("who") / "log.parquet"
    written(units, size, path)
    question: who.Question = data.draw(st.sampled_from(["dropped_at", "reached"]))
    stage = data.draw(st.integers(question == "dropped_at", size - 1))
    asked = who.UnitsAsked(question, stage, "name")
    found = embedded.measure(
        in_hours(definition),
        Files((str(path),), "parquet", "log"),
        str(path.parent),
        ask=partial(who.find, about=asked),
    )
    assert isinstance(found, who.UnitsFound), found
    moment = {hour: cohorts.moment_text(SINCE + hour * HOUR) for hour in range(8)}
    assert {(each.unit, each.entered, each.at, each.next_event, each.next_at) for each in found.units} == {
        (each.unit, moment[each.entered], moment[each.at], each.next_event,
         None if each.next_at is None else moment[each.next_at])
        for each in expected(definition, units, asked)
    }  # fmt: skip
    assert [(each.at, each.unit) for each in found.units] == sorted((each.at, each.unit) for each in found.units)
    last = max((event.time for log in units for event in log), default=0)
    if definition.window is None or question == "reached":
        assert {each.window_open for each in found.units} <= {None}
    else:
        hours = {text: hour for hour, text in moment.items()}
        assert all(each.window_open == (last - hours[each.entered] < definition.window) for each in found.units)


def in_hours(definition: Definition) -> Definition:
    times = {
        key: value * HOUR + (SINCE if key != "window" else 0)
        for key in ("window", "start", "end")
        if (value := getattr(definition, key)) is not None
    }
    definition = definition._replace(
        **times,
        within=tuple(None if each is None else each * HOUR for each in definition.within),
        whens=tuple(((Condition(f"h{stage}", (1,)),),) for stage in definition.stages),
        exclude=((Condition("x", (1,)),),) if definition.exclude else (),
        time="t",
        epoch="microseconds",
    )
    return holding(definition, definition.same)


def written(units: list[list[judge.Event]], size: int, path: Path) -> None:
    rows = [
        (unit, SINCE + each.time * HOUR, *(each.mask >> stage & 1 for stage in range(size)), int(each.excluded),
         name_of(each), key, each.held or "")
        for key, (unit, each) in enumerate((unit, each) for unit, log in enumerate(units) for each in log)
    ]  # fmt: skip
    with duckdb.connect(config={"threads": 1}) as connection:
        flags = ", ".join(f"h{stage} INTEGER" for stage in range(size))
        columns = f"unit INTEGER, t BIGINT, {flags}, x INTEGER, name VARCHAR, key INTEGER, subscription VARCHAR"
        connection.execute(f"CREATE TABLE log ({columns})")
        if rows:
            connection.execute(f"INSERT INTO log VALUES {', '.join(map(str, rows))}")
        connection.execute("UPDATE log SET subscription = NULL WHERE subscription = ''")
        connection.execute(f"COPY log TO '{path}' (FORMAT parquet)")
