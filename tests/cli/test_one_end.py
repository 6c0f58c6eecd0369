"""What `show` expects in the end and what `forecast` expects of those on their way are one figure: of many logs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy
import pytest

from tests.calibration.in_the_end import AGAIN, NEVER, SEEN, simulated
from tests.thorough import few

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

FILE = """\
name: Log
average_check: 10
measure: {{unit: unit, time: t, epoch: seconds, window: {window} seconds, lost: {{event: lost}}, period: day,
  breakdowns: {{channel: channel}}}}
stages:
  - {{name: Visit, when: {{event: visit}}}}
  - {{name: Cart, when: {{event: cart}}}}
  - {{name: Paid, when: {{event: paid}}}}
"""
SECONDS = 600
"""Of a thousandth of the window, which is so about a week long."""
UNITS = 400


def write(world: str, seen: float, seed: int, path: Path, per_entry: bool) -> str:
    """A funnel file with the counts of a log of a known world; entries have a channel, or all of a unit have one."""
    random = numpy.random.default_rng(seed)
    log, _ = simulated(world, random, seen)
    rows = [["", 1_790_812_800 + log.until * SECONDS, "other", ""]]
    for unit in range(min(UNITS, len(log.entries))):
        own = "abc"[int(random.integers(0, 3))]
        moments = [(int(at), "visit") for at in log.entries[unit]]
        moments += [(int(each[unit]), name) for each, name in zip((*log.came, log.lost), ("cart", "paid", "lost"))]  # noqa: B905
        for at, name in moments:
            if at <= log.until and at < NEVER:
                channel = "abc"[int(random.integers(0, 3))] if per_entry else own
                rows.append([str(unit), 1_790_812_800 + at * SECONDS, name, channel])
    with (path / "log.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["unit", "t", "event", "channel"], *rows])
    (path / "log.yaml").write_text(FILE.format(window=1000 * SECONDS))
    return str(path / "log.yaml")


def one(run: Run, *arguments: str) -> dict[str, Any]:
    """The only funnel of what a command says."""
    (found,) = run(*arguments, "--format", "json").funnels
    return dict(found)


@pytest.mark.parametrize(
    ("world", "seen", "per_entry"),
    few(zip((*AGAIN, "no losses", "losses"), (*SEEN[:3], *SEEN[:3]), (True,) * 3 + (False,) * 3, strict=True), 3),
)
def test_who_came_and_who_is_expected_are_the_end(
    run: Run, tmp_path: Path, world: str, seen: float, per_entry: bool
) -> None:
    """In total, and of each segment and period, alone or in a table."""
    path = write(world, seen, 3 + per_entry, tmp_path, per_entry)
    measured = run("measure", path, "--from", str(tmp_path / "log.csv"), "--update")
    assert measured.code == 0, measured.stderr
    shown, said = one(run, "show", path), one(run, "forecast", path, "--draws", "100")
    entries, came = shown["stages"][0]["count"], shown["stages"][-1]["count"]
    assert shown["conversion_eventual"] is not None
    assert came + said["expected_sales"] == pytest.approx(entries * shown["conversion_eventual"], abs=2e-6 * entries)
    assert said["expected_sales_eventual"] == said["expected_sales"]
    week = one(run, "forecast", path, "--draws", "100", "--within", "7d")
    assert week["expected_sales"] == pytest.approx(said["expected_sales"], abs=1e-6)  # every window is over by then
    for dimension in ("channel", "period"):
        table = {row["name"]: row for row in one(run, "show", path, "--by", dimension)["segments"]}
        rows = one(run, "forecast", path, "--draws", "100", "--by", dimension)
        expected = {each["name"]: each for each in rows["segments"]}
        assert table.keys() == expected.keys()
        assert any(each["open"] for each in expected.values())
        asked_alone = few(table, 3)
        for name, row in table.items():
            entries, came = row["counts"][0], row["counts"][-1]
            end = row["conversion_eventual"]
            end = came / entries if end is None else end  # a period that is over
            assert came + expected[name]["sales_alone"] == pytest.approx(entries * end, abs=2e-6 * entries), name
            if dimension == "period":
                assert expected[name]["sales"] == expected[name]["sales_alone"]
            if expected[name]["open"] and name in asked_alone:
                alone = one(run, "forecast", path, "--draws", "100", "--segment", f"{dimension}={name}")
                assert came + alone["expected_sales"] == pytest.approx(entries * end, abs=2e-6 * entries), name


@pytest.mark.parametrize("key", ["lost", "exclude"])
def test_what_ends_a_way_leaves_as_many_open_as_have_not_dropped_off(key: str, run: Run, tmp_path: Path) -> None:
    """By hand, of 7 entries: one waits since now, 2 of 6 end after an hour, one waits for a day, and of 3, one comes
    after 2 days, one after 3: 4 / 6 * (1 / 3 + 1 / 3) of 7, less the 2 who came.

    What is at the moment of an entry, or comes after the sale, ends nothing.
    """
    rows = [("1", 1, 0, "v"), ("1", 3, 0, "p"), ("1", 3, 1, "end"), ("2", 1, 1, "v"), ("3", 5, 1, "v")]
    rows += [("4", 5, 3, "v"), ("3", 5, 2, "end"), ("4", 5, 4, "end"), ("5", 6, 0, "v"), ("7", 7, 0, "v")]
    rows += [("5", 6, 0, "end")] if key == "exclude" else []
    lines = [f"{unit},{event},2026-10-{day:02}T{10 + hour}:00:00" for unit, day, hour, event in rows]
    lines += ["6,v,2026-09-05T10:00:00", "6,p,2026-09-08T10:00:00", ""]
    (tmp_path / "log.csv").write_text("\n".join(["id,ev,ts", *lines]), encoding="utf-8")
    measure = f"{{unit: id, time: ts, window: 7 days, {key}: {{ev: end}}}}"
    path = tmp_path / "log.yaml"
    path.write_text(f"stages: [{{name: V, when: {{ev: v}}}}, {{name: P, when: {{ev: p}}}}]\nmeasure: {measure}\n")
    words = ("measure", str(path), "--from", str(tmp_path / "log.csv"))
    assert one(run, *words, "--dropped-at", "P")["window_open"] == 3
    assert run(*words, "--update").code == 0
    found = one(run, "forecast", str(path), "--draws", "100")
    assert sum(stage["open"] or 0 for stage in found["stages"]) == 3
    assert found["expected_sales"] == pytest.approx(7 * 4 / 9 - 2, abs=2e-6 * 7)
