"""What keys change in how events make a chain, as a table of small logs with their answers, and what they refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # after the check
from funnelcli.events import who
from funnelcli.events.define import define
from funnelcli.funnel_file.reader import read
from tests.events.test_meaning import THREE, TWICE, A, B, C, counted_apart, measured, of_one_measure, outcome, written

CHAINS = [
    # unordered: any stage may be the entry, and stages are numbers of different ones within one window
    ("x: a0 b1 c2", "order: unordered", (1, 1, 1)),
    ("x: c0 b1 a2", "order: unordered", (1, 1, 1)),
    ("x: c0 c1; y: b0 c3", "order: unordered", (2, 1, 0)),
    ("x: c0 b1 a9", "order: unordered, window: 8 hours", (1, 1, 0)),
    ("x: c0 b5 a9", "order: unordered, window: 4 hours", (1, 1, 0)),
    ("x: c0 b0 a0", "order: unordered, window: 1 hour", (1, 1, 1)),
    ("x: b1 z2 a3 c4", "order: unordered, exclude: {event: z}", (1, 1, 0)),
    ("x: c1 a25 b26", 'order: unordered, between: ["2026-10-01", "2026-10-02"]', (1, 1, 1)),
    ("x: c1 a25 b26", 'order: unordered, between: ["2026-10-02", "2026-10-03"]', (1, 1, 0)),
    ("x: b0 a9 c10; y: c3", "order: unordered, window: 4 hours, entry: first", (2, 0, 0)),
    ("x: b0 a9 c10; y: c3", "order: unordered, window: 4 hours, entry: last", (2, 0, 0)),
    # repeats: the stage that was reached may come again
    ("x: a0 b1 b2 c3", "order: strict", (1, 1, 0)),
    ("x: a0 b1 b2 c3", "order: strict, repeats: true", (1, 1, 1)),
    ("x: a0 b1 a2 c3", "order: strict, repeats: true", (1, 1, 0)),
    ("x: a0 b1 z2 c3", "order: strict, repeats: true", (1, 1, 0)),
    ("x: a0 a1 b2 c3", "order: strict, entry: first", (1, 0, 0)),
    ("x: a0 a1 b2 c3", "order: strict, repeats: true, entry: first", (1, 1, 1)),
    ("x: a0 b1 b2 c9", "order: strict, repeats: true, window: 8 hours", (1, 1, 0)),
    ("x: a0 b1 b1 b2 c3", "order: strict, repeats: true, ties: apart", (1, 1, 1)),
    # ties apart: what happens at the same time does not follow
    ("x: a0 b0 c1", "ties: together", (1, 1, 1)),
    ("x: a0 b0 c1", "ties: apart", (1, 0, 0)),
    ("x: a0 b0 b1 c1 c2", "ties: apart", (1, 1, 1)),
    ("x: a0 b0 b1 c1", "ties: apart, breakdowns: {event: event}", (1, 1, 0)),
    ("x: a0 b1 c1", "ties: apart, order: strict", (1, 1, 0)),
    ("x: a0 b1 c2", "ties: apart, order: strict", (1, 1, 1)),
]


@pytest.mark.parametrize(("measure", "expected"), of_one_measure(CHAINS))
def test_counts_of_a_chain(measure: str, expected: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    counted_apart(measure, expected, tmp_path)


def with_values(log: str) -> str:
    """`x: a0s b1` as a CSV: like `written`, with a value behind the hour, which may be missing."""
    rows = ["unit,time,event,value,number"]
    for part in log.split(";"):
        unit, _, events = part.strip().partition(":")
        for number, event in enumerate(events.split()):
            hour, value = re.fullmatch(r".(\d+)(\w?)", event).groups()  # type: ignore[union-attr]
            rows.append(f"{unit},2026-10-01 {int(hour):02}:00:00,{event[0]},{value},{number}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("log", "measure", "counts", "valueless"),
    [
        ("x: a0s b1s c2s", "", (1, 1, 1), 0),
        ("x: a0s b1t c2s", "", (1, 0, 0), 0),
        ("x: a0s a0t b1t c2s", "", (1, 1, 0), 0),
        ("x: a0s b1s a2t b3t c4t", "", (1, 1, 1), 0),  # once
        ("x: a0s; y: b1s", "", (1, 0, 0), 0),
        ("x: a0s z1t b2s c3s", "exclude: {event: z}", (1, 1, 1), 0),
        ("x: a0s z1s b2s c3s", "exclude: {event: z}", (1, 0, 0), 0),
        ("x: a0s z1 b2s c3s", "exclude: {event: z}", (1, 1, 1), 0),
        ("x: a0s z1t b2s c3s", "order: strict", (1, 1, 1), 0),
        ("x: a0s z1s b2s c3s", "order: strict", (1, 0, 0), 0),
        ("x: a0s z1t b2s", "exclude_units: {event: z}", (0, 0, 0), 0),
        ("x: a0s z1 b2s", "exclude_units: {event: z}", (0, 0, 0), 0),
        ("x: a0 z1 b2s", "exclude_units: {event: z}", (0, 0, 0), 1),
        ("x: a0 b1 c2", "", (0, 0, 0), 3),
        ("x: a0s b1 c2s z3", "", (1, 0, 0), 1),
        ("x: a0 a1s b2s", "entry: first", (1, 1, 0), 1),  # the first that is one
        ("x: a0s a1t b2t", "entry: first", (1, 0, 0), 0),
        ("x: c0s b1t a2t", "order: unordered", (1, 1, 0), 0),
        ("x: a0s c1s b2t", "order: any", (1, 0, 0), 0),
        ("x: a0s b1s", "same: [value, number]", (1, 0, 0), 0),
    ],
)
def test_events_of_a_chain_have_the_same_value(
    log: str, measure: str, counts: tuple[int, ...], valueless: int, tmp_path: Path
) -> None:
    keys = measure if "same" in measure else f"same: [value], {measure}"
    found = measured(THREE, keys, with_values(log), tmp_path)
    assert (found.counts, found.reach.valueless) == (counts, valueless)


ENTRIES = [
    ("x: a0 b1 c2", "", (1, 1, 1)),
    ("x: a0 b1 c2 a3 b4 c5", "", (2, 2, 2)),
    ("x: a0 a1 b2 c3", "", (2, 1, 1)),  # the latest entry has what follows
    ("x: a0 b1 a2 c3", "", (2, 1, 1)),  # and the one before it what only its chain leads to
    ("x: a0 b1 a2 b3 c4", "", (2, 2, 1)),
    ("x: a0 a0 b1", "", (1, 1, 0)),  # at one moment
    ("x: a0 b1 b2 c3 c4", "", (1, 1, 1)),
    ("x: a0 a9 b10 c20", "window: 8 hours", (2, 1, 0)),
    ("x: a0 b1 a7 c8", "window: 8 hours", (2, 1, 1)),
    ("x: a0 b1 z2 a3 b4 c5", "exclude: {event: z}", (2, 2, 1)),
    ("x: a0 b1; y: a0 a2 b3", "", (3, 2, 0)),
]


@pytest.mark.parametrize(("measure", "expected"), of_one_measure(ENTRIES))
def test_each_entry_counts_for_itself(measure: str, expected: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    counted_apart(f"entry: each, {measure}", expected, tmp_path)


def test_units_are_not_listed_where_entries_are_counted() -> None:
    text = f"measure: {{unit: unit, time: time, entry: each}}\nstages: {THREE}\n"
    funnel = read(text.encode(), "test.yaml", uncounted=True).funnels[0]
    what = "entry: each counts entries, and what is listed are units"
    path = ("measure", "entry")
    assert who.asked(funnel, "dropped_at", "B") == Problem("FN108", what, "use another entry", path=path)


WITHIN = f"[{A}, {{name: B, within: 2 hours, when: {{event: b}}}}, {{name: C, within: 5 hours, when: {{event: c}}}}]"


@pytest.mark.parametrize(
    ("log", "measure", "counts"),
    [
        ("x: a0 b2 c7", "", (1, 1, 1)),
        ("x: a0 b2.1 c3", "", (1, 0, 0)),
        ("x: a0 b2 c7.1", "", (1, 1, 0)),
        ("x: a0 b1 b5 c9", "", (1, 1, 0)),  # the second b came too late, and the first too early
        ("x: a0 b1 b2 a6 c7", "", (1, 1, 1)),
        ("x: a0 b2 c7", "window: 6 hours", (1, 1, 0)),
        ("x: a0 b2 c6", "order: strict", (1, 1, 1)),
        ("x: a0 a1 b3 c9", "order: strict", (1, 1, 0)),
        ("x: a0 b2 a3 b4 c8", "entry: first", (1, 1, 0)),
        ("x: a0 b2 a3 b4 c8", "", (1, 1, 1)),
    ],
)
def test_a_stage_may_have_a_window_of_its_own(log: str, measure: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    assert measured(WITHIN, measure, written(log), tmp_path).counts == counts


BARRED = f"[{A}, {B}, {{name: C, exclude: {{event: z}}, when: {{event: c}}}}]"


@pytest.mark.parametrize(
    ("log", "measure", "counts"),
    [
        ("x: a0 z1 b2 c3", "", (1, 1, 1)),
        ("x: a0 b1 z2 c3", "", (1, 1, 0)),
        ("x: a0 b1 z2 b3 c4", "", (1, 1, 1)),
        ("x: a0 b1 z1 c2 z2", "", (1, 1, 1)),
        ("x: a0 b1 z2 c3", "exclude: {event: w}", (1, 1, 0)),
        ("x: a0 b1 a2 z3 b4 c5", "window: 3 hours", (1, 1, 1)),
        ("x: a0 b1 z2 c3; y: a0 b1 c2", "breakdowns: {event: event}", (2, 2, 1)),
    ],
)
def test_events_may_not_lie_between_two_stages(log: str, measure: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    assert measured(BARRED, measure, written(log), tmp_path).counts == counts


@pytest.mark.parametrize(
    ("log", "measure", "counts"),
    [
        ("x: a0 b1 z2 c3; y: a0", "", (1, 0, 0)),
        ("x: z0 a1 b2", "", (1, 1, 0)),
        ("x: a0 z0 b1", "", (1, 1, 0)),
        ("x: a0 b1 z6", "window: 5 hours", (1, 1, 0)),
        ("x: a0 b1 z5", "window: 5 hours", (0, 0, 0)),
        ("x: a0 b1 z9 a20 b21 c22", "window: 5 hours", (1, 1, 1)),
        ("x: b0 z1 a2; y: z0 c1", "order: unordered", (1, 0, 0)),
        ("x: a0 b1 a2 z3", "window: 2 hours, entry: first", (1, 1, 0)),
    ],
)
def test_an_event_may_leave_its_unit_out(log: str, measure: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    found = measured(THREE, f"exclude_units: {{event: z}}{measure and ', '}{measure}", written(log), tmp_path)
    assert found.counts == counts


@pytest.mark.parametrize(
    ("log", "measure", "counts"),
    [
        ("x: a0 b1", "", (1, 1, 1)),
        ("x: a0 b1", "order: any", (1, 1, 1)),
        ("x: b1", "order: unordered", (1, 1, 0)),
        ("x: b1 b2", "", (0, 0, 0)),
    ],
)
def test_an_event_may_serve_several_stages(log: str, measure: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    found = measured(TWICE, f"shared: true{measure and ', '}{measure}", written(log), tmp_path)
    assert found.counts == counts


def test_stages_below_an_optional_one_come_from_the_one_above_it(tmp_path: Path) -> None:
    """What the same stages with `from` count, by whatever way they are counted."""
    log = written("x: a0 b1 c2; y: a0 c1; z: b0 c1; u: a0 c1 b2")
    optional = f"[{A}, {{name: B, optional: true, when: {{event: b}}}}, {C}]"
    with_from = f"[{A}, {B}, {{name: C, from: A, when: {{event: c}}}}]"
    for measure in ("", "order: any", "order: strict", "ties: apart"):
        found = measured(optional, measure, log, tmp_path)
        assert found == measured(with_from, measure, log, tmp_path)
        assert found.counts == (3, 1 if measure in ("order: strict",) else 2, 2 if measure == "order: strict" else 3)


def test_two_optional_stages_come_from_the_same(tmp_path: Path) -> None:
    both = [f"{{name: {name}, optional: true, when: {{event: {name.lower()}}}}}" for name in "BC"]
    found = measured(f"[{A}, {', '.join(both)}, {{name: D, when: {{event: d}}}}]", "", written("x: a0 c1 d2"), tmp_path)
    assert found.counts == (1, 0, 1, 1)


def test_the_first_stage_is_not_optional() -> None:
    text = "stages: [{name: A, count: 2, optional: true}, {name: B, count: 1}]\n"
    (problem,) = (each.problem for each in read(text.encode(), "test.yaml").diagnostics)
    assert (problem.code, problem.help) == ("FN110", "delete optional, or move the stage down")


def test_the_time_to_a_number_of_stages_is_from_one_stage_less(tmp_path: Path) -> None:
    """By their first chains, x has two stages after 2 hours and a third after 3 more, y after 4 and 5."""
    found = measured(THREE, "order: unordered", written("x: c0 b2 b3 a5; y: a0 a1 b5 c10"), tmp_path)
    assert [times.mean for _, times in found.noted.times] == [3 * 3600, 4 * 3600]


@pytest.mark.parametrize(
    ("measure", "stages", "words", "help_"),
    [
        (
            "order: unordered",
            f"[{A}, {B}, {{name: C, from: A, when: {{event: c}}}}]",
            'stage "C" comes from one that is not before it, and order: unordered has no branches',
            "use order: ordered or any, or drop its from, or optional above it",
        ),
        (
            "order: unordered",
            f"[{A}, {{name: B, allow_growth: true, when: {{event: b}}}}]",
            'stage "B" allows growth, so that it counts events, which order: unordered does not',
            "use order: ordered, or drop allow_growth",
        ),
        (
            "order: any",
            f"[{A}, {{name: B, within: 2 days, when: {{event: b}}}}]",
            'within of stage "B" is the time from the stage that it comes from, and order: any has no stages in order',
            "drop within; window of measure is the time from the entry",
        ),
        (
            "order: strict",
            f"[{{name: A, within: 2 days, when: {{event: a}}}}, {B}]",
            'within of stage "A" is the time from the stage that it comes from, and it is the first one',
            "drop within; window of measure is the time from the entry",
        ),
        (
            "order: unordered",
            f"[{A}, {{name: B, exclude: {{event: z}}, when: {{event: b}}}}]",
            (
                'exclude of stage "B" is of events after the stage that it comes from, and order: unordered has no'
                " stages in order"
            ),
            "drop exclude; exclude of measure ends a chain wherever it comes",
        ),
        (
            "repeats: true",
            THREE,
            "repeats: true lets a stage come again on a strict chain, and other orders let all events lie between",
            "use order: strict, or drop repeats",
        ),
        (
            "order: any, entry: each",
            THREE,
            "entry: each asks which entry the stages in order follow, and order: any has others",
            "use order: ordered, or another entry",
        ),
        (
            "order: strict, shared: true",
            THREE,
            "order: strict counts each event at one stage, and shared: true asks for the opposite",
            "drop one of the two",
        ),
        (
            "ties: apart, shared: true",
            THREE,
            (
                "ties: apart lets times rise from stage to stage, so that no event serves two, and shared: true asks"
                " for the opposite"
            ),
            "drop one of the two",
        ),
        (
            "order: any, ties: apart",
            THREE,
            "ties: apart lets times rise from stage to stage, and order: any has no stages in order",
            "use order: ordered or strict, or drop ties",
        ),
    ],
)
def test_what_has_no_meaning_together_is_refused(measure: str, stages: str, words: str, help_: str) -> None:
    text = f"measure: {{unit: unit, time: time, {measure}}}\nstages: {stages}\n"
    found = define(read(text.encode(), "test.yaml", uncounted=True).funnels[0])
    assert [each._replace(path=None) for each in found] == [Problem("FN108", words, help_)]
    assert all(each.path for each in found)


@pytest.mark.parametrize(
    ("measure", "words", "help_"),
    [
        (
            "order: unordered",
            "order: unordered counts events of one stage each, and some meet several",
            "make the conditions of when exclude each other, or use order: any",
        ),
        (
            "entry: each",
            "entry: each tells by an event which entry it follows, and some meet several stages",
            "make the conditions of when exclude each other, or use another entry",
        ),
        (
            "order: strict, repeats: true",
            "repeats: true tells by an event which stage comes again, and some meet several",
            "make the conditions of when exclude each other, or drop repeats",
        ),
    ],
)
def test_events_that_several_stages_share_are_refused(measure: str, words: str, help_: str, tmp_path: Path) -> None:
    text = f"measure: {{unit: unit, time: time, {measure}}}\nstages: {TWICE}\n"
    found = outcome(text, written("x: a0 b1"), tmp_path)
    assert isinstance(found, Problem)
    assert (found.path is not None, found._replace(path=None)) == (True, Problem("FN114", words, help_))


PAGE = (Path(__file__).parents[2] / "funnelcli" / "docs" / "explanation" / "other-tools.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (\d+), (\d+), (\d+) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("written_keys", "counts"), [(row[0], tuple(map(int, row[1:]))) for row in ROWS])
def test_the_log_of_other_tools_is_counted_as_the_page_says(
    written_keys: str, counts: tuple[int, ...], tmp_path: Path
) -> None:
    log = PAGE.partition("```csv\n")[2].partition("```")[0]
    of_stages = {stage: keys for keys, stage in re.findall(r"`([^`]+)` of (\w+)", written_keys)}
    of_measure = re.findall("`([^`]+)`", re.sub(r"`[^`]+` of \w+", "", written_keys))
    stages = []
    for name in ("Visit", "Cart", "Paid"):
        keys = of_stages.get(name, "")
        when = "" if keys.startswith("when") else f"when: {{event: {name.lower()}}}"
        stages.append(f"{{name: {name}, {', '.join(filter(None, (keys, when)))}}}")
    assert measured(f"[{', '.join(stages)}]", ", ".join(of_measure), log, tmp_path).counts == counts


def test_each_key_of_other_tools_changes_the_counts() -> None:
    """Every key changes what is counted of this log."""
    assert len(ROWS) == 16
    assert all(row[1:] != ROWS[0][1:] for row in ROWS[1:])
    assert ROWS[1][1:] != ROWS[2][1:]
