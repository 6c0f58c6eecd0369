"""What is counted, as a table of small logs with their answers. Times are hours; units are letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # after the check
from funnelcli.events.define import define
from funnelcli.events.duckdb import engine
from funnelcli.events.result import EventCounts
from funnelcli.events.sources import Files
from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

A, B, C = "{name: A, when: {event: a}}", "{name: B, when: {event: b}}", "{name: C, when: {event: c}}"
THREE = f"[{A}, {B}, {C}]"
EPOCHS = "say what it counts since 1970: epoch: seconds, milliseconds or microseconds"


def outcome(text: str, log: str, folder: Path, *, mature_only: bool = False) -> Any:
    """Measure a funnel text; the log is a CSV with its header."""
    reading = read(text.encode(), "test.yaml", uncounted=True)
    assert [each.problem for each in reading.diagnostics] == []
    definition = define(reading.funnels[0])
    assert not isinstance(definition, list), definition
    path = folder / "events.csv"
    path.write_text(log, encoding="utf-8")
    return engine.measure(definition, Files((str(path),), "csv", "events.csv"), str(folder), mature_only=mature_only)


def measured(stages: str, measure: str, log: str, folder: Path, **options: Any) -> EventCounts:
    found = outcome(f"measure: {{unit: unit, time: time, {measure}}}\nstages: {stages}\n", log, folder, **options)
    assert isinstance(found, EventCounts), found
    return found


def written(log: str) -> str:
    """`x: a0 b1.5; y: a3` as a CSV: the events of units at hours of the first of October 2026."""
    rows = ["unit,time,event,number"]
    for part in log.split(";"):
        unit, _, events = part.strip().partition(":")
        for number, event in enumerate(events.split()):
            minutes = int(float(event[1:]) * 60)
            day, rest = divmod(minutes, 1440)
            rows.append(f"{unit},2026-10-{1 + day:02} {rest // 60:02}:{rest % 60:02}:00,{event[0]},{number}")
    return "\n".join(rows) + "\n"


CHAINS = [
    # ordered: others may lie between
    ("x: a0 b1 c2", "", (1, 1, 1)),
    ("x: a0 z1 b2 z3 c4", "", (1, 1, 1)),
    ("x: a0 c1 b2", "", (1, 1, 0)),
    ("x: b0 c1", "", (0, 0, 0)),
    ("x: a0 c1", "", (1, 0, 0)),
    ("x: a0; y: b1", "", (1, 0, 0)),
    ("x: a0 b1 c2; y: a0 b1; z: a5", "", (3, 2, 1)),
    # a unit counts once, however often it comes
    ("x: a0 a1 b2 b3 a4 b5", "", (1, 1, 0)),
    # every entry is tried, not only the first
    ("x: a0 a20 b25 c30", "window: 12 hours", (1, 1, 1)),
    ("x: a0 b1 a20 b21 c22", "window: 4 hours", (1, 1, 1)),
    ("x: a0 b1 a20 c21", "window: 4 hours", (1, 1, 0)),
    # the window includes its end, and runs from the entry
    ("x: a0 b12", "window: 12 hours", (1, 1, 0)),
    ("x: a0 b12.1", "window: 12 hours", (1, 0, 0)),
    ("x: a0 b8 c16", "window: 12 hours", (1, 1, 0)),
    ("x: a0 b700", "", (1, 1, 0)),
    # equal times count as after, in the order that leads furthest
    ("x: a0 b0 c0", "", (1, 1, 1)),
    ("x: c0 b0 a0", "", (1, 1, 1)),
    ("x: a0 b1 c1", "window: 1 hour", (1, 1, 1)),
    # strict: nothing between, of whatever kind
    ("x: a0 b1 c2", "order: strict", (1, 1, 1)),
    ("x: a0 z1 b2 c3", "order: strict", (1, 0, 0)),
    ("x: a0 a1 b2 c3", "order: strict", (1, 1, 1)),
    ("x: a0 b1 b2 c3", "order: strict", (1, 1, 0)),
    ("x: a0 z1 b2; x: a4 b5 c6", "order: strict", (1, 1, 1)),
    ("x: a0 b1 z1 c2", "order: strict", (1, 1, 0)),
    ("x: a0 z0 b1", "order: strict", (1, 1, 0)),
    # any: after the entry, in whatever order
    ("x: a0 c1 b2", "order: any", (1, 1, 1)),
    ("x: a0 c1", "order: any", (1, 0, 0)),
    ("x: b0 a1 c2", "order: any", (1, 0, 0)),
    ("x: a0 c1 b9", "order: any, window: 8 hours", (1, 0, 0)),
    # an excluded event between the first and the last drops the chain
    ("x: a0 z1 b2", "exclude: {event: z}", (1, 0, 0)),
    ("x: z0 a1 b2 z3", "exclude: {event: z}", (1, 1, 0)),
    ("x: a0 z1 a2 b3 c4", "exclude: {event: z}", (1, 1, 1)),
    ("x: a0 b1 z2 c3", "exclude: {event: z}", (1, 1, 0)),
    ("x: a0 z0 b1 z1", "exclude: {event: z}", (1, 1, 0)),
    ("x: a0 c1 z2 b3", "order: any, exclude: {event: z}", (1, 0, 0)),
    # entries of the interval; what follows may lie after it
    ("x: a0 b1; y: a23 b30; z: a24 b25", 'between: ["2026-10-01", "2026-10-02"]', (2, 2, 0)),
    ("x: a0 a25 b26", 'window: 2 hours, between: ["2026-10-01", "2026-10-02"]', (1, 0, 0)),
    ("x: a1 b2; y: a3 b4", 'between: ["2026-10-01T04:00+02:00", "2026-10-02"]', (1, 1, 0)),
]


def of_one_measure(chains: Iterable[tuple[str, str, tuple[int, ...]]]) -> list[tuple[str, dict[str, tuple[int, ...]]]]:
    """Each measure with its logs and the counts of each."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for log, measure, counts in chains:
        found.setdefault(measure, {})[log] = counts
    return list(found.items())


def counted_apart(measure: str, expected: dict[str, tuple[int, ...]], folder: Path) -> None:
    """The logs of a measure have units of their own, and are counted at once: each is a segment."""
    rows = ["unit,time,event,number,log"]
    for place, log in enumerate(expected):
        rows += [f"{place}{line},{place}" for line in written(log).splitlines()[1:]]
    breakdown = "log: log"
    measure, named, more = measure.partition("breakdowns: {")
    keys = f"{measure}{named}{breakdown}, {more}" if named else f"breakdowns: {{{breakdown}}}, {measure}"
    found = measured(THREE, keys, "\n".join(rows) + "\n", folder)
    own = next(each for each in found.breakdowns if each.dimension == "log")
    segments = {each.name: each.counts for each in own.segments}
    nothing = (0,) * len(found.counts)
    assert {log: segments.get(str(place), nothing) for place, log in enumerate(expected)} == expected
    assert found.counts == tuple(map(sum, zip(*expected.values(), strict=True)))


@pytest.mark.parametrize(("measure", "expected"), of_one_measure(CHAINS))
def test_counts_of_a_chain(measure: str, expected: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    counted_apart(measure, expected, tmp_path)


TWICE = "[{name: A, when: {event: a}}, {name: First, when: {event: b}}, {name: Second, when: {event: b}}]"


@pytest.mark.parametrize(
    ("log", "counts"),
    [
        ("x: a0 b1", (1, 1, 0)),
        ("x: a0 b1 b2", (1, 1, 1)),
        ("x: a0 b1 b1", (1, 1, 1)),
        ("x: b0 a1 b2", (1, 1, 0)),
    ],
)
def test_one_event_serves_one_stage(log: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    """The rows differ in another column, so that two at the same time are two events."""
    assert measured(TWICE, "", written(log), tmp_path).counts == counts


def test_a_row_that_came_again_is_one_event(tmp_path: Path) -> None:
    log = "unit,time,event\nx,2026-10-01 00:00:00,a\n" + "x,2026-10-01 01:00:00,b\n" * 2
    found = measured(TWICE, "", log, tmp_path)
    assert (found.counts, found.reach.duplicates) == ((1, 1, 0), 1)


def test_an_identity_tells_a_late_copy_from_another_event(tmp_path: Path) -> None:
    """The copy was received later and stamped so; the identity is the same. Events without one are all different."""
    head = "unit,time,event,key\nx,2026-10-01 00:00:00,a,1\nx,2026-10-01 01:00:00,b,2\n"
    assert measured(TWICE, "id: key", head + "x,2026-10-01 02:00:00,b,2\n", tmp_path).counts == (1, 1, 0)
    assert measured(TWICE, "id: key", head + "x,2026-10-01 02:00:00,b,3\n", tmp_path).counts == (1, 1, 1)
    assert measured(TWICE, "id: key", head + "x,2026-10-01 02:00:00,b,\n", tmp_path).counts == (1, 1, 1)


def test_branches_come_from_their_stage(tmp_path: Path) -> None:
    stages = f"[{A}, {B}, {{name: C, from: A, when: {{event: c}}}}]"
    assert measured(stages, "", written("x: a0 c1; y: a0 b1; z: a0 c1 b2"), tmp_path).counts == (3, 2, 2)


def test_a_stage_that_may_grow_counts_events(tmp_path: Path) -> None:
    """Of x: two within the window of an entry; of y: one, as the other came before the entry."""
    stages = f"[{A}, {{name: B, allow_growth: true, when: {{event: b}}}}, {C}]"
    log = written("x: a0 b1 b2 b9 c3; y: b0 a1 b2")
    assert measured(stages, "window: 5 hours", log, tmp_path).counts == (2, 3, 1)


def test_events_without_unit_or_time_are_counted_and_left_out(tmp_path: Path) -> None:
    log = "unit,time,event\nx,2026-10-01 00:00:00,a\n,2026-10-01 01:00:00,a\ny,,a\nz,,b\n"
    found = measured(THREE, "", log, tmp_path)
    assert found.counts == (1, 0, 0)
    assert (found.reach.events, found.reach.without_unit, found.reach.without_time) == (2, 1, 2)


def test_the_clocks_of_a_place_do_not_change_a_window(tmp_path: Path) -> None:
    """In Berlin the night of 2026-10-25 has 25 hours: noon to noon is a day and an hour."""
    log = "unit,time,event\nx,2026-10-24T12:00:00+02:00,a\nx,2026-10-25T12:00:00+01:00,b\n"
    assert measured(THREE, "window: 24 hours", log, tmp_path).counts == (1, 0, 0)
    assert measured(THREE, "window: 25 hours", log, tmp_path).counts == (1, 1, 0)


def test_days_are_those_of_the_first_arrival_from_the_latest_start(tmp_path: Path) -> None:
    """Unit x takes 6 hours from its second visit, y 12 and z 24: a mean of 14 hours, a median of 12."""
    found = measured(THREE, "", written("x: a0 a6 b12 b20; y: a0 b12; z: a0 b24"), tmp_path)
    ((name, times),) = found.noted.times
    assert (name, times.units, times.mean, times.p50) == ("B", 3, 14 * 3600, 12 * 3600)


def test_the_median_of_two_is_their_middle(tmp_path: Path) -> None:
    found = measured(THREE, "", written("x: a0 b6; y: a0 b12"), tmp_path)
    assert found.noted.times[0][1].p50 == 9 * 3600


SEGMENTED = """\
unit,time,event,channel
x,2026-10-01 00:00:00,a,Ads
x,2026-10-01 01:00:00,b,Mail
y,2026-10-02 00:00:00,a,Ads
y,2026-10-02 01:00:00,a,SEO
y,2026-10-02 02:00:00,b,Ads
z,2026-10-12 00:00:00,a,
z,2026-10-13 01:00:00,a,SEO
z,2026-10-13 00:30:00,b,Ads
"""


def test_a_segment_is_a_condition_on_the_entry(tmp_path: Path) -> None:
    """Unit y comes through Ads and SEO and pays after both; z comes without a channel, pays, and then through SEO."""
    found = measured(THREE, "breakdowns: {channel: channel}", SEGMENTED, tmp_path)
    (breakdown,) = found.breakdowns
    assert found.counts == (3, 3, 0)
    assert {segment.name: segment.counts for segment in breakdown.segments} == {
        "Ads": (2, 2, 0),
        "SEO": (2, 1, 0),
        "(none)": (1, 1, 0),
    }


@pytest.mark.parametrize(
    ("entry", "counts"),
    [
        ("first", {"Ads": (2, 2, 0), "(none)": (1, 1, 0)}),
        ("last", {"Ads": (1, 1, 0), "SEO": (2, 1, 0)}),
    ],
)
def test_one_entry_of_a_unit_counts(entry: str, counts: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    """The last entry of z leads nowhere, so that z does not pay."""
    found = measured(THREE, f"entry: {entry}, breakdowns: {{channel: channel}}", SEGMENTED, tmp_path)
    assert {segment.name: segment.counts for segment in found.breakdowns[0].segments} == counts
    assert found.counts == tuple(map(sum, zip(*counts.values(), strict=True)))


def test_one_entry_is_that_of_the_interval(tmp_path: Path) -> None:
    """Of the entries at 0, 30 and 50 hours, that at 30 is the first from the second day on, the last on that day."""
    log = written("x: a0 b1 a30 a50 b51")
    later = 'window: 12 hours, between: ["2026-10-02", "2026-10-04"]'
    assert measured(THREE, f"entry: first, {later}", log, tmp_path).counts == (1, 0, 0)
    assert measured(THREE, f"entry: last, {later}", log, tmp_path).counts == (1, 1, 0)
    assert measured(THREE, f"entry: last, {later}".replace("04", "03"), log, tmp_path).counts == (1, 0, 0)


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        (
            "day",
            {"2026-10-01": (1, 1, 0), "2026-10-02": (1, 1, 0), "2026-10-12": (1, 1, 0), "2026-10-13": (1, 0, 0)},
        ),
        ("week", {"2026-W40": (2, 2, 0), "2026-W42": (1, 1, 0)}),
        ("month", {"2026-10": (3, 3, 0)}),
        ("quarter", {"2026-Q4": (3, 3, 0)}),
        (
            "hour",
            {
                "2026-10-01 00:00": (1, 1, 0),
                "2026-10-02 00:00": (1, 1, 0),
                "2026-10-02 01:00": (1, 1, 0),
                "2026-10-12 00:00": (1, 1, 0),
                "2026-10-13 01:00": (1, 0, 0),
            },
        ),
    ],
)
def test_cohorts_are_periods_of_the_entry(period: str, counts: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    found = measured(THREE, f"period: {period}", SEGMENTED, tmp_path)
    (breakdown,) = found.breakdowns
    assert {segment.name: segment.counts for segment in breakdown.segments} == counts


def test_cohorts_whose_window_is_open_at_the_last_event_are_not_mature(tmp_path: Path) -> None:
    """The last event is of October 13, 01:00: a week before is October 6, in the 41st week."""
    found = measured(THREE, "window: 7 days, period: week", SEGMENTED, tmp_path)
    assert found.not_mature == ("2026-W42",)
    found = measured(THREE, "window: 7 days, period: week", SEGMENTED, tmp_path, mature_only=True)
    assert (found.counts, found.not_mature) == ((2, 2, 0), ())
    assert measured(THREE, "window: 7 days", SEGMENTED, tmp_path).not_mature == ("entries after 2026-10-06T01:00:00Z",)


@pytest.mark.parametrize(
    ("when", "counted"),
    [
        ("{sum: 5}", "5"),
        ("{sum: [5, 7]}", "5 7"),
        ('{sum: ">= 6"}', "6 7 12.5"),
        ('{sum: "> 6"}', "7 12.5"),
        ('{sum: "<= 6"}', "5 6"),
        ('{sum: "< 6", t: x}', "5"),
        ('{sum: "!= 6"}', "5 7 12.5"),
        ("{sum: 12.5}", "12.5"),
        ("{sum: null}", "none"),
        ('{sum: "not null"}', "5 6 7 12.5"),
        ("{sum: [5, null]}", "5 none"),
        ("[{sum: 5}, {t: zebra}]", "5 12.5"),
        ("{t: like x%}", "5 7"),
        ("{t: like x_}", "7"),
        ("{t: not like x%}", "6 12.5"),
        ('{t: "= like x"}', "6"),
        ('{t: "!= x"}', "6 7 12.5"),
        ("{f: true}", "5"),
        ('{d: ">= 2026-02-01"}', "7 12.5"),
        ('{d: "2026-01-01"}', "5"),
    ],
)
def test_conditions(when: str, counted: str, tmp_path: Path) -> None:
    """Each row is of its own unit, so that the rows that meet the condition are the segments of the first stage."""
    log = (
        "unit,time,sum,t,f,d,label\n"
        "1,2026-10-01 00:00:00,5,x,true,2026-01-01,5\n"
        "2,2026-10-01 00:00:00,6,like x,false,2026-01-15,6\n"
        "3,2026-10-01 00:00:00,7,xy,false,2026-02-01,7\n"
        "4,2026-10-01 00:00:00,12.5,zebra,false,2026-03-01,12.5\n"
        "5,2026-10-01 00:00:00,,,,,none\n"
    )
    stages = f"[{{name: A, when: {when}}}, {{name: B, when: {{t: nothing}}}}]"
    (breakdown,) = measured(stages, "breakdowns: {label: label}", log, tmp_path).breakdowns
    assert sorted(segment.name for segment in breakdown.segments) == sorted(counted.split())


@pytest.mark.parametrize(
    ("measure", "stages", "code", "words"),
    [
        ("unit: unti, time: time", THREE, "FN120", 'did you mean "unit"?'),
        ("unit: unit, time: event", THREE.replace("event: c", "evnt: c"), "FN120", 'did you mean "event"?'),
        (
            "unit: unit, time: number",
            THREE,
            "FN103",
            f'{EPOCHS}; or, of dates such as 20261001, time_format: "%Y%m%d"',
        ),
        ("unit: unit, time: time, epoch: seconds", THREE, "FN108", "delete epoch"),
        ("unit: unit, time: time", THREE.replace("event: c", "event: 5"), "FN103", 'write "5" in quotes'),
        ("unit: unit, time: time", THREE.replace("event: c", "number: c"), "FN103", "compare it with what it holds"),
        ("unit: unit, time: time", THREE.replace("event: c", "number: 50 - 100"), "FN103", "write 50 to 100"),
        (
            "unit: unit, time: time",
            THREE.replace("event: c", 'event: ">= 5"'),
            "FN103",
            'compare it with what it holds, as the text: "= 10 to 50"',
        ),
        (
            "unit: unit, time: time",
            THREE.replace("event: c", 'event: "> 5"'),
            "FN103",
            'compare it with what it holds, as the text: "= > 5"',
        ),
        ("unit: unit, time: time", THREE.replace("event: c", 'number: "10.5"'), "FN103", "write 10.5 without quotes"),
        (
            "unit: unit, time: time",
            THREE.replace("event: c", "country: c"),
            "FN120",
            'known here: "unit", "time", "event", "number"',
        ),
    ],
)
def test_what_does_not_fit_the_table(measure: str, stages: str, code: str, words: str, tmp_path: Path) -> None:
    found = outcome(f"measure: {{{measure}}}\nstages: {stages}\n", written("x: a0 b1"), tmp_path)
    assert isinstance(found, list)
    assert [(each.code, each.help) for each in found if isinstance(each, Problem)] == [(code, words)]


@pytest.mark.parametrize("epoch", ["seconds", "milliseconds", "microseconds"])
def test_times_that_are_numbers_say_what_they_count(epoch: str, tmp_path: Path) -> None:
    factor = {"seconds": 1, "milliseconds": 1000, "microseconds": 1000000}[epoch]
    log = f"unit,time,event\nx,{1790812800 * factor},a\nx,{(1790812800 + 3600) * factor},b\n"
    found = measured(THREE, f"epoch: {epoch}, window: 1 hour, period: hour", log, tmp_path)
    assert found.counts == (1, 1, 0)
    assert [segment.name for segment in found.breakdowns[0].segments] == ["2026-10-01 00:00"]
