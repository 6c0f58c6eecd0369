"""A segment is a condition on the entry: identities on random logs, and simulated logs whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events import cohorts, entries, zones  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.duckdb import chains, engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.thorough import each_once, few, whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START = datetime(2026, 9, 28, tzinfo=UTC)
"""A Monday."""
CHANNELS = ("Ads", "SEO", "a b", "")


class World:
    """A log of events in a file, and how they are counted."""

    def __init__(self, folder: Path, rows: Iterable[tuple[Any, ...]]) -> None:
        self.folder = folder
        self.path = folder / "log.csv"
        lines = [",".join([str(unit), f"{at:%Y-%m-%d %H:%M:%S.%f}", *map(str, rest)]) for unit, at, *rest in rows]
        self.path.write_text("\n".join(["unit,time,event,channel,key", *lines]) + "\n", encoding="utf-8")

    def measured(self, measure: str, stages: str, *, mature_only: bool = False) -> EventCounts:
        text = f"measure: {{unit: unit, time: time, id: key, {measure}}}\nstages: {stages}\n"
        reading = read(text.encode(), "test.yaml", uncounted=True)
        assert [each.problem for each in reading.diagnostics] == []
        definition = define(reading.funnels[0])
        assert not isinstance(definition, list), definition
        files = Files((str(self.path),), "csv", "log.csv")
        found = engine.measure(definition, files, str(self.folder), mature_only=mature_only)
        assert isinstance(found, EventCounts), found
        return found


def segments(found: EventCounts, dimension: str) -> dict[str, tuple[Any, ...]]:
    return {
        part.name: part.counts for each in found.breakdowns if each.dimension == dimension for part in each.segments
    }


def hostile(chance: Random, hours: int = 14 * 24) -> list[tuple[Any, ...]]:
    """Few units and moments, so that many events share one; entries come again, channels are missing."""
    moments = [*chance.sample(range(hours), 12), 7 * 24]
    return [
        (
            chance.randint(1, 8),
            START + timedelta(hours=chance.choice(moments)),
            chance.choice("aaabbcdz"),
            chance.choice(CHANNELS),
            key,
        )
        for key in range(60)
    ]


def some_measure(chance: Random) -> tuple[str, str, str]:
    """Order, window and the rest of a `measure`, the condition of the first stage without its end, the other stages."""
    order = chance.choice(("ordered", "ordered", "strict", "any"))
    keys = [f"order: {order}"]
    keys += [f"window: {chance.choice((1, 5, 48, 200))} hours"] * (chance.random() < 0.8)
    keys += ["exclude: {event: z}"] * (chance.random() < 0.4)
    keys += ['between: ["2026-09-30 06:00", "2026-10-09"]'] * (chance.random() < 0.4)
    entry = chance.choice(("event: a", "event: a", "event: [a, b]"))
    second = chance.choice(("event: b", "event: b", "event: [b, c]", 'event: b, channel: "not null"'))
    grows = ", allow_growth: true" if order != "any" and "[" not in entry + second and chance.random() < 0.3 else ""
    origin = chance.choice(("", ", from: A"))
    later = f"{{name: B{grows}, when: {{{second}}}}}, {{name: C{origin}, when: {{event: [c, d]}}}}"
    return ", ".join(keys), entry, later


@pytest.mark.parametrize("seed", few(range(10), 2))
def test_a_segment_is_the_funnel_whose_first_stage_asks_for_it(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    world = World(tmp_path, hostile(chance))
    measure, entry, later = some_measure(chance)
    found = world.measured(f"{measure}, breakdowns: {{channel: channel}}", f"[{{name: A, when: {{{entry}}}}}, {later}]")
    told = segments(found, "channel")
    for channel in CHANNELS:
        asked = f"[{{name: A, when: {{{entry}, channel: {channel or 'null'}}}}}, {later}]"
        alone = world.measured(measure, asked)
        assert told.get(channel or "(none)", (0, 0, 0)) == alone.counts


@pytest.mark.parametrize("seed", few(range(10), 2))
def test_a_period_is_the_interval_between_its_borders(seed: int, tmp_path: Path) -> None:
    """What follows may lie after the border; the interval of the definition cuts the period."""
    chance = Random(seed)
    world = World(tmp_path, hostile(chance))
    measure, entry, later = some_measure(chance)
    stages = f"[{{name: A, when: {{{entry}}}}}, {later}]"
    period = chance.choice(("day", "week", "month"))
    told = segments(world.measured(f"{measure}, period: {period}", stages), "period")
    whole = measure.partition("between")[2]
    first, end = (START + timedelta(days=2, hours=6), datetime(2026, 10, 9, tzinfo=UTC)) if whole else (None, None)
    rest = measure.partition(", between")[0]
    assert told or not world.measured(measure, stages).counts[0]
    for name, counts in told.items():
        since, until = borders(name)
        since, until = max(since, first or since), min(until, end or until)
        interval = f'between: ["{since:%Y-%m-%d %H:%M}", "{until:%Y-%m-%d %H:%M}"]'
        assert world.measured(f"{rest}, {interval}", stages).counts == counts


def borders(name: str) -> tuple[datetime, datetime]:
    """The first moment of a day, a week or a month, and that of the next."""
    if "W" in name:
        since = datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC)
        return since, since + timedelta(days=7)
    if len(name) == len("2026-10"):
        since = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
        return since, (since + timedelta(days=32)).replace(day=1)
    since = datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC)
    return since, since + timedelta(days=1)


@pytest.mark.parametrize(("seed", "entry"), each_once(few(range(8), 2), ["any", "first"]))
def test_a_mature_period_never_changes(seed: int, entry: str, tmp_path: Path) -> None:
    """Not by any event after the last one; and `--mature-only` has the mature periods, and no others."""
    chance = Random(seed)
    rows = hostile(chance)
    measure, first, later = some_measure(chance)
    measure = measure.partition(", between")[0].partition(", window")[0] + ", window: 30 hours"
    measure += f", period: day, entry: {entry}"
    stages = f"[{{name: A, when: {{{first}}}}}, {later}]"
    world = World(tmp_path, rows)
    before = world.measured(measure, stages)
    mature = {name: counts for name, counts in segments(before, "period").items() if name not in before.not_mature}
    assert mature
    assert segments(world.measured(measure, stages, mature_only=True), "period") == mature
    last = max(at for _, at, *_ in rows)
    more = [(unit, last + (at - START) + timedelta(microseconds=1), *rest[:2], -key) for unit, at, *rest, key in
            hostile(chance)]  # fmt: skip
    after = segments(World(tmp_path, rows + more).measured(measure, stages), "period")
    assert {name: after[name] for name in mature} == mature


@pytest.mark.parametrize("order", whole_or_part(["strict", "any"], ["strict"]))
def test_segments_are_counted_in_shares(order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The events of a unit are there once for each of its segments: so many that they are not counted at once."""
    world = World(tmp_path, hostile(Random(1)))
    measure = f"order: {order}, window: 48 hours, period: hour, breakdowns: {{channel: channel}}"
    stages = "[{name: A, when: {event: a}}, {name: B, when: {event: b}}]"
    at_once = world.measured(measure, stages)
    monkeypatch.setattr(chains, "SORTED_AT_ONCE", 10)
    assert world.measured(measure, stages) == at_once
    assert at_once.counted_again


@pytest.mark.parametrize(("seed", "entry"), each_once(few(range(8), 4), ["first", "last"]))
def test_one_entry_makes_segments_add_up(seed: int, entry: str, tmp_path: Path) -> None:
    chance = Random(seed)
    measure, first, later = some_measure(chance)
    measure += f", entry: {entry}, period: day, breakdowns: {{channel: channel}}"
    found = World(tmp_path, hostile(chance)).measured(measure, f"[{{name: A, when: {{{first}}}}}, {later}]")
    for dimension in ("period", "channel"):
        assert tuple(map(sum, zip(*segments(found, dimension).values(), strict=True))) == found.counts
    assert found.counted_again == ()


@pytest.mark.parametrize("period", ["hour", "day", "week", "month", "quarter"])
def test_the_number_of_a_period_is_that_of_the_calendar(period: str) -> None:
    """Of random moments from the year 1000 on, the first and last ones of months, and leap days."""
    chance = Random(1)
    moments = [datetime(chance.randint(1000, 9998), month, 1, tzinfo=UTC) for month in range(1, 13) for _ in range(40)]
    moments += [datetime(year, 2, 28, 23, tzinfo=UTC) + timedelta(hours=hour) for year in (1900, 1904, 2000, 2026)
                for hour in range(27)]  # fmt: skip
    times = [zones.since_1970(each) for each in moments]
    times += [each - 1 for each in times] + [chance.randint(min(times), max(times)) for _ in range(2000)]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE log AS SELECT UNNEST(?)::BIGINT AS t", [times])
        rows = connection.execute(f"SELECT t, d FROM ({cohorts.numbered(period, 'log')}) AS e").fetchall()
    assert len(rows) == len(times)
    for time, number in rows:
        assert cohorts.first_moment(number, period) == cohorts.bounds(time, period)[0]


STAGES = "[{name: Visit, when: {event: visit}}, {name: Paid, when: {event: paid}}]"


def test_a_stationary_process_has_one_rate_in_every_week(tmp_path: Path) -> None:
    """6,000 units come in each of six weeks by a chance of 60%, and each visit pays by one of 15.4%, within hours.

    Counted at the latest entry that leads deepest, the first week would have a multiple of the last one's rate. The
    standard error of a week is 0.6 points.
    """
    chance = Random(154)
    rows: list[tuple[Any, ...]] = []
    for unit in range(6000):
        for week in range(6):
            if chance.random() < 0.6:
                at = START + timedelta(days=7 * week, seconds=chance.randrange(5 * 86400))
                rows.append((unit, at, "visit", "", len(rows)))
                if chance.random() < 0.154:
                    rows.append((unit, at + timedelta(hours=chance.randint(1, 20)), "paid", "", len(rows)))
    found = World(tmp_path, rows).measured("window: 1 day, period: week", STAGES)
    weeks = segments(found, "period")
    assert len(weeks) == 6
    assert found.not_mature in ((), ("2026-W45",))
    for visits, paid in weeks.values():
        assert abs(paid / visits - 0.154) < 0.02


def test_channels_of_equal_worth_have_equal_rates(tmp_path: Path) -> None:
    """4,000 units come once through ads, then three times by mail; either channel makes 7.15% of them pay at once.

    Of each visit by mail alone, the same chance makes 1 - (1 - 7.15%)^3 = 19.95% pay: each channel has its own truth.
    """
    for at_each, truth in whole_or_part([(False, 0.0715), (True, 0.1995)], [(True, 0.1995)]):
        chance = Random(715)
        rows: list[tuple[Any, ...]] = []
        for unit in range(4000):
            paying = {0: chance.random() < 0.0715, chance.randint(1, 3): chance.random() < 0.0715}
            for visit, channel in enumerate(("ads", "mail", "mail", "mail")):
                at = START + timedelta(days=2 * visit, seconds=chance.randrange(40_000))
                rows.append((unit, at, "visit", channel, len(rows)))
                pays = chance.random() < 0.0715 if at_each else paying.get(visit, False)
                if pays:
                    rows.append((unit, at + timedelta(hours=1), "paid", "", len(rows)))
        told = segments(
            World(tmp_path, rows).measured("window: 1 day, breakdowns: {channel: channel}", STAGES), "channel"
        )
        assert told["ads"][0] == told["mail"][0] == 4000
        assert abs(told["ads"][1] / 4000 - 0.0715) < 0.016
        assert abs(told["mail"][1] / 4000 - truth) < 0.025


def test_events_after_now_do_not_switch_maturity_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last event but that of 2099 is of October 20: a week before, entries from the 13th on are open."""
    monkeypatch.setattr(zones, "now", lambda: zones.since_1970(datetime(2026, 11, 1, tzinfo=UTC)))
    rows = [(unit, START + timedelta(days=unit), "visit", "", unit) for unit in range(1, 23)]
    stray = (99, datetime(2099, 1, 1, tzinfo=UTC), "visit", "", 99)
    without, with_it = (
        World(tmp_path, log).measured("window: 7 days, period: week", STAGES) for log in (rows, [*rows, stray])
    )
    assert without.not_mature == ("2026-W42", "2026-W43")
    assert with_it.not_mature == ("2026-W42", "2026-W43", "2099-W01")
    assert (with_it.reach.until, with_it.reach.after_now) == (without.reach.until, 1)
    assert zones.moment_text(with_it.reach.latest or 0) == "2099-01-01T00:00:00Z"
    assert (without.reach.after_now, without.reach.latest) == (0, None)


def test_a_wrong_clock_leaves_the_last_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "now", lambda: 0)
    found = World(tmp_path, [(1, START, "visit", "", 1)]).measured("window: 7 days", STAGES)
    assert (found.reach.until, found.reach.after_now) == (zones.since_1970(START), 1)


def test_what_segments_add_up_to_beyond_the_stages(tmp_path: Path) -> None:
    rows = [(1, START, "visit", "ads", 1), (1, START, "visit", "mail", 2), (1, START, "paid", "", 3)]
    found = World(tmp_path, [*rows, (2, START, "visit", "ads", 4)]).measured(
        "period: day, breakdowns: {channel: channel}", STAGES
    )
    assert segments(found, "channel") == {"ads": (2, 1), "mail": (1, 1)}
    assert found.counted_again == (("channel", (1, 1)),)


def test_masks_of_entries_of_other_segments() -> None:
    assert entries.without_entry([1, 3, 4]) == [1, 2, 3, 4]
