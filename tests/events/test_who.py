"""Units of a stage and what they did next, against the judge."""

from __future__ import annotations

import csv
import json
from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events import ages, who, zones  # noqa: E402  # after the check
from funnelcli.events.count import Prepared, prepare  # noqa: E402
from funnelcli.events.define import holding  # noqa: E402
from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.rows import AGES, TOTAL, part_of  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.measure import Condition  # noqa: E402
from tests.cli.test_measure import run  # noqa: E402
from tests.events import judge  # noqa: E402
from tests.events.test_engines import definitions, thorough  # noqa: E402
from tests.thorough import each_once, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from funnelcli.events.count import Engine
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


@pytest.mark.parametrize(("order", "shared"), each_once(["ordered", "strict", "any"], [False, True]))
@settings(thorough, max_examples=whole_or_part(8, 3))
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
    type_ = data.draw(st.sampled_from(["BIGINT", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"]))
    written(units, size, path, type_)
    question: who.Question = data.draw(st.sampled_from(["dropped_at", "reached"]))
    stage = data.draw(st.integers(question == "dropped_at", size - 1))
    asked = who.UnitsAsked(question, stage, "name")
    ask = partial(
        embedded.measure,
        in_hours(definition)._replace(epoch="microseconds" if type_ == "BIGINT" else None),
        Files((str(path),), "parquet", "log"),
        str(path.parent),
    )
    found = ask(ask=partial(who.find, about=asked))
    assert isinstance(found, who.UnitsFound), found
    moment = {hour: zones.moment_text(SINCE + hour * HOUR) for hour in range(8)}
    assert {(each.unit, each.entered, each.at, each.next_event, each.next_at) for each in found.units} == {
        (each.unit, moment[each.entered], moment[each.at], each.next_event,
         None if each.next_at is None else moment[each.next_at])
        for each in expected(definition, units, asked)
    }  # fmt: skip
    assert [(each.at, each.unit) for each in found.units] == sorted((each.at, each.unit) for each in found.units)
    last = max((event.time for log in units for event in log), default=0)
    within = definition.within[stage] if definition.within else None
    if (definition.window is None and within is None) or question == "reached":
        assert {each.window_open for each in found.units} <= {None}
    else:
        told = order != "strict" and not (definition.same and definition.exclude)  # else other events may end the way
        for each in found.units:
            log = units[int(each.unit)]
            assert each.window_open == may_come(log, definition, stage, last), (each, last, log)
            soon = (judge.Event(last + 1, 1 << stage, held=held) for held in ("one", "two"))
            counts = told and any(stage in judge.counted([*log, event], definition) for event in soon)
            assert each.window_open >= counts, (each, last, log)
            once = len({event.time for event in judge.entries(log, definition)}) == 1
            assert not (told and once) or each.window_open == counts, (each, last, log)
        # who waits at a stage by the curve is at one of those before it, and may still go on
        on_the_way = [
            ask(ask=partial(who.find, about=asked._replace(stage=each))).units for each in definition.path(stage)[1:]
        ]
        if all(each.window_open is not None for own in on_the_way for each in own):
            assert ask(ask=partial(waiting, stage=stage)) == sum(each.window_open for own in on_the_way for each in own)


def may_come(log: list[judge.Event], definition: Definition, stage: int, last: int) -> bool:
    """Whether a unit that has not come may do so still, by the judge."""
    starts = {event.time for event in judge.entries(log, definition)}
    own = judge.only_entries(log, definition, lambda event: event.time in starts)
    stages = {each: reached for each, reached in judge.reached(own, definition).items() if each != stage}
    barred = not definition.same and any(event.excluded and event.time > max(starts) for event in log)
    return not barred and last < judge.too_late(own, definition, stages)[stage]


def waiting(engine: Engine, definition: Definition, stage: int, *, mature_only: bool) -> int:
    """How many units the curve of a stage has on their way."""
    prepared = prepare(engine, definition, mature_only=mature_only)
    if not isinstance(prepared, Prepared):
        return 0
    ways = {ages.WAITING, ages.SEVERAL + ages.WAITING}
    return sum(
        number
        for part, _, of, ending, age, number, *_ in engine.tally(prepared.definition, prepared.masks)
        if (part, of in (0, stage), ending in ways) == (part_of(AGES, TOTAL), True, True)
        and (definition.window is None or age < definition.window)
    )


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


def written(units: list[list[judge.Event]], size: int, path: Path, type_: str) -> None:
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
        if type_ != "BIGINT":
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"ALTER TABLE log ALTER t TYPE {type_} USING CAST(make_timestamp(t) AS {type_})")
        connection.execute(f"COPY log TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")


@pytest.mark.parametrize("question", ["dropped_at", "reached"])
def test_what_most_did_next(question: str, tmp_path: Path) -> None:
    """By plain Python, of random logs whose events are of many kinds; the interval begins after some of them."""
    chance = Random(20261001 + len(question))
    units = [
        sorted((moment, chance.choice("aabbccdefghijk")) for moment in chance.sample(range(200), chance.randint(0, 14)))
        for _ in range(1500)
    ]
    start, end, window, limit = 40, 150, 60, 25
    last = max(moment for unit in units for moment, _ in unit)
    listed, may_go_on = {}, 0
    for number, unit in enumerate(units):
        at = {kind: [moment for moment, own in unit if own == kind] for kind in "abc"}
        ways = [(a, b) for a in at["a"] if start <= a < end for b in at["b"] if a < b <= a + window]
        whole = [(a, c) for a, b in ways for c in at["c"] if b < c <= min(a + window, b + limit)]
        if not (whole if question == "reached" else ways and not whole):
            continue
        first = min(moment for _, moment in (whole or ways))
        entry = max(a for a, moment in (whole or ways) if moment == first)
        later = next(((moment, kind) for moment, kind in unit if moment > first), (None, None))
        listed[str(number)] = entry, first, *later
        latest = max(a for a in at["a"] if start <= a < end)
        there = [b for b in at["b"] if latest < b <= latest + window]
        may_go_on += last - latest < window and (not there or last - max(there) < limit)
    dropped = question == "dropped_at"
    counted = Counter(
        (kind, False, False)
        if later is None or not dropped
        else (kind, later - entry > window, later - entry > window or later - first > limit)
        for entry, first, later, kind in listed.values()
    )
    nothing = counted.pop((None, False, False))
    assert len(counted) > who.MOST_NEXT
    most = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[: who.MOST_NEXT]
    rows = [f"{number},{iso(moment)},{kind}" for number, unit in enumerate(units) for moment, kind in unit]
    (tmp_path / "log.csv").write_text("\n".join(["unit,time,event", *rows]), encoding="utf-8")
    (tmp_path / "f.yaml").write_text(
        f"measure: {{unit: unit, time: time, window: {window} minutes}}\n"
        "stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}, "
        f"{{name: C, within: {limit} minutes, when: {{event: c}}}}]\n",
        encoding="utf-8",
    )
    option = f"--{question.replace('_', '-')}"
    words = ["measure", str(tmp_path / "f.yaml"), "--from", str(tmp_path / "log.csv"), option, "C"]
    code, out, _ = run(*words, "--between", iso(start), iso(end), "--format", "json")
    assert code == 0
    (found,) = json.loads(out)["funnels"]
    told = [((each["event"], each["after_window"], each["too_late"]), each["units"]) for each in found["next"]]
    assert told == [*most, ((None, False, False), nothing)]
    assert {
        each["unit"]: (each["entered"], each["at"], each["next_at"], each["next_event"]) for each in found["units"]
    } == {
        unit: (iso(entry), iso(at), None if later is None else iso(later), kind)
        for unit, (entry, at, later, kind) in listed.items()
    }
    assert found["window_open"] == (may_go_on if question == "dropped_at" else None)
    target = tmp_path / "units.csv"
    assert run(*words, "--between", iso(start), iso(end), "-o", str(target))[0] == 0
    with target.open(encoding="utf-8", newline="") as stream:
        assert {each["unit"]: each["next_event"] for each in csv.DictReader(stream)} == {
            unit: kind or "" for unit, (*_, kind) in listed.items()
        }


def iso(minute: int) -> str:
    return zones.moment_text(SINCE + minute * 60_000_000)


LOST = """\
measure: {unit: unit, time: time, table: events, window: 10 days, lost: {event: lost}, exclude: {event: left}}
stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]
"""
LOG = [
    ("lost", "1", "a"), ("lost", "3", "lost"),
    ("lost before", "1", "lost"), ("lost before", "2", "a"),
    ("lost and here again", "1", "lost"), ("lost and here again", "3", "a"),
    ("left", "1", "a"), ("left", "3", "left"),
    ("late", "1", "a"), ("late", "12", "b"),
    ("waiting", "3", "a"), ("waiting", "4", "other"),
    ("there", "1", "a"), ("there", "2", "b"),
]  # fmt: skip


def asked_who(tmp_path: Path, source: str) -> tuple[list[str], dict[str, Any]]:
    """The words of the question, and what it tells as JSON."""
    (tmp_path / "f.yaml").write_text(LOST, encoding="utf-8")
    words = ["measure", str(tmp_path / "f.yaml"), "--from", source, "--dropped-at", "B"]
    code, out, said = run(*words, "--format", "json")
    assert code == 0, said
    (found,) = json.loads(out)["funnels"]
    assert isinstance(found, dict)
    return words, found


def test_who_is_known_to_be_lost_does_not_go_on(tmp_path: Path) -> None:
    rows = "".join(f"{unit},2026-10-{int(day):02},{event}\n" for unit, day, event in LOG)
    (tmp_path / "log.csv").write_text("unit,time,event\n" + rows.replace("-12,", "-11T12:00,"), encoding="utf-8")
    words, found = asked_who(tmp_path, str(tmp_path / "log.csv"))
    told_of_lost(found)
    _, table, _ = run(*words)
    assert "3 of them may still go on, as their time is not over; 1 of them is known to be lost." in table
    assert "b (when their window was over)" in table


def told_of_lost(found: dict[str, Any]) -> None:
    told = {each["unit"]: (each["window_open"], each["lost_at"], each["after_window"]) for each in found["units"]}
    assert told == {
        "lost": (False, "2026-10-03T00:00:00Z", False),
        "lost before": (True, None, None),
        "lost and here again": (True, None, None),
        "left": (False, None, False),
        "late": (False, None, True),
        "waiting": (True, None, False),
    }
    assert (found["window_open"], found["known_lost"]) == (3, 1)


def test_within_tells_who_may_still_go_on(tmp_path: Path) -> None:
    """C has to come within 2 days of B, by the last B, and within 9 days of the entry; the log ends on 10 October."""
    rows = [
        ("far", 5, "b"),
        ("far", 8, "c"),
        ("over", 8, "b"),
        ("in time", 9, "b"),
        ("again", 5, "b"),
        ("again", 9, "b"),
        ("last", 10, "b"),
    ]
    written_rows = [*((unit, 3, "a") for unit in dict.fromkeys(unit for unit, *_ in rows)), *rows]
    lines = [f"{unit},2026-10-{day:02},{event}" for unit, day, event in written_rows]
    (tmp_path / "log.csv").write_text("\n".join(["unit,time,event", *lines, ""]), encoding="utf-8")
    stages = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}, {name: C, within: 2 days, when: {event: c}}]"
    for window in ("window: 9 days, ", ""):
        text = f"measure: {{unit: unit, {window}time: time}}\nstages: {stages}\n"
        (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
        words = ["measure", str(tmp_path / "f.yaml"), "--from", str(tmp_path / "log.csv"), "--dropped-at", "C"]
        (found,) = json.loads(run(*words, "--format", "json")[1])["funnels"]
        told = {each["unit"]: each["window_open"] for each in found["units"]}
        assert told == {"far": False, "over": False, "in time": True, "again": True, "last": True}
        assert found["window_open"] == 3
        assert {each["unit"] for each in found["units"] if each["too_late"]} == {"again", "far"}
    assert "3 of them may still go on, as their time is not over" in (table := run(*words)[1])
    assert "c (later than within 2 days)" in table


@pytest.mark.slow
def test_who_is_known_to_be_lost_in_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    from tests.events.postgres import connected, is_running, schema_of_its_own

    if not is_running():
        pytest.skip("no PostgreSQL answers")
    with schema_of_its_own() as url, connected(url) as connection:
        connection.execute("CREATE TABLE events (unit text, time timestamptz, event text)")
        with connection.cursor() as cursor:
            days = [(unit, f"2026-10-{'11T12:00' if day == '12' else day}Z", event) for unit, day, event in LOG]
            cursor.executemany("INSERT INTO events VALUES (%s, %s, %s)", days)
        monkeypatch.setenv("FUNNELCLI_SOURCE_SHOP", url)
        told_of_lost(asked_who(tmp_path, "@shop")[1])
