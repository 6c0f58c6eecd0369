"""`funnelcli measure --dropped-at` and `--reached`: what is written where, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from tests.cli.test_measure import run  # after the check

if TYPE_CHECKING:
    from pathlib import Path

FUNNEL = """\
name: Shop
measure: {unit: user, time: time, window: 1 day}
stages:
  - {name: Visit, when: {event: visit}}
  - {name: Sign-up, when: {event: signup}}
  - {name: Paid, when: {event: paid}}
"""
EVENTS = """\
user,time,event,page
1,2026-10-01 10:00:00,visit,/
1,2026-10-01 11:00:00,signup,/in
1,2026-10-01 12:00:00,paid,/pay
1,2026-10-01 12:30:00,support,/help
=2,2026-10-01 10:00:00,visit,/
=2,2026-10-01 11:00:00,signup,/in
=2,2026-10-01 11:30:00,support,/help
=2,2026-10-02 13:00:00,paid,/pay
3,2026-10-02 13:00:00,visit,/
3,2026-10-02 14:00:00,signup,/in
4,2026-10-01 09:00:00,visit,/
"""


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(FUNNEL, encoding="utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")


MEASURE = ("measure", "shop.yaml", "--from", "events.csv")


def test_without_an_order_units_have_events_of_so_many_stages(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(FUNNEL.replace("1 day", "1 day, order: unordered"), encoding="utf-8")
    _, out, _ = run(*MEASURE, "--dropped-at", "paid")
    assert "2 had events of 2 different stages and not of 3" in out
    assert "Next after 2 stages" in out
    _, out, _ = run(*MEASURE, "--reached", "visit", "--format", "json")
    assert json.loads(out)["funnels"][0]["different_stages"] == 1


def test_units_that_are_left_out_are_counted(tmp_path: Path) -> None:
    """Of those with support within a day of a visit, by the first and in an interval too."""
    for keys, number in (("", 2), (", entry: first", 2), (', between: ["2026-10-02", "2026-10-03"]', 0)):
        asked = FUNNEL.replace("1 day", f"1 day, exclude_units: {{event: support}}{keys}")
        (tmp_path / "shop.yaml").write_text(asked, encoding="utf-8")
        _, out, err = run(*MEASURE, "--format", "json")
        assert json.loads(out)["funnels"][0]["measured"]["excluded_units"] == (number or None)
        assert ("2 who entered are left out by an event of exclude_units" in err) == bool(number)


def test_units_with_the_time_and_the_next_event() -> None:
    """A payment after the window is a next event like others; a later entry of nobody is in the way."""
    code, out, err = run(*MEASURE, "--dropped-at", "paid", "--format", "csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["unit"], row["entered"][11:16], row["at"][11:16], row["next_event"]) for row in rows] == [
        ("'=2", "10:00", "11:00", "support"),
        ("3", "13:00", "14:00", ""),
    ]
    assert [row["window_open"] for row in rows] == ["false", "true"]


@pytest.mark.parametrize("stage", ["Sign-up", "Paid"])
def test_they_are_as_many_as_show_says(stage: str) -> None:
    (funnel,) = json.loads(run(*MEASURE, "--format", "json")[1])["funnels"]
    counted = {each["name"]: each for each in funnel["stages"]}[stage]
    for option, number in (("--dropped-at", counted["drop_off"]), ("--reached", counted["count"])):
        (listed,) = json.loads(run(*MEASURE, option, stage, "--format", "json")[1])["funnels"]
        assert listed["number_of_units"] == len(listed["units"]) == number
        assert sum(each["units"] for each in listed["next"]) == number
        assert sum(each["share"] for each in listed["next"]) == pytest.approx(1)


def test_five_events_are_named_and_nothing() -> None:
    """Of seven kinds, those of the most units, and by name where these are as many."""
    kinds = ["a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f", "=g"]
    rows = [
        f"{unit},2026-10-01 10:00:00,visit,/\n{unit},2026-10-01 11:00:00,{kind},/" for unit, kind in enumerate(kinds)
    ]
    header = EVENTS.splitlines()[0]
    with open("events.csv", "w", encoding="utf-8") as file:
        file.write("\n".join([header, *rows, "99,2026-10-01 10:00:00,visit,/", ""]))
    (listed,) = json.loads(run(*MEASURE, "--dropped-at", "Sign-up", "--format", "json")[1])["funnels"]
    assert [(each["event"], each["units"]) for each in listed["next"]] == [
        ("b", 2), ("c", 2), ("d", 2), ("e", 2), ("f", 2), (None, 1),
    ]  # fmt: skip


def test_another_column_names_what_happened() -> None:
    with open("shop.yaml", "w", encoding="utf-8") as file:
        file.write(FUNNEL.replace("window: 1 day", "window: 1 day, event: page"))
    out = run(*MEASURE, "--dropped-at", "Paid")[1]
    assert "/help" in out
    with open("shop.yaml", "w", encoding="utf-8") as file:
        file.write(FUNNEL.replace("window: 1 day", "window: 1 day, event: pages"))
    code, _, err = run(*MEASURE, "--dropped-at", "Paid")
    assert (code, 'no column "pages" in events.csv' in err, 'did you mean "page"' in err) == (2, True, True)


def test_a_report_for_people_names_the_first_and_says_how_many_more() -> None:
    rows = "".join(f"u{unit:02},2026-10-01 10:00:00,visit,/\n" for unit in range(25))
    with open("events.csv", "w", encoding="utf-8") as file:
        file.write(EVENTS.splitlines()[0] + "\n" + rows)
    out = run(*MEASURE, "--dropped-at", "Sign-up")[1]
    assert "25 reached Visit and not Sign-up; all of them may still go on" in out
    assert "And 5 more: --output list.csv has all of them." in out
    assert run(*MEASURE, "--dropped-at", "Sign-up", "-o", "units.csv")[0] == 0
    with open("units.csv", encoding="utf-8") as file:
        assert len(file.readlines()) == 26


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--dropped-at", "Visit"), 'nobody drops off at "Visit", the first stage'),
        (("--dropped-at", "Signup"), 'did you mean "Sign-up"?'),
        (("--dropped-at", "Paid", "--reached", "Paid"), "give it without --reached"),
        (("--reached", "Paid", "--update"), "give it without --update"),
        (("--reached", "Paid", "-f", "yaml"), "a list is no funnel"),
        (("--reached", "Paid", "-o", "events.csv"), "events.csv is read by this command"),
    ],
)
def test_what_cannot_be_is_said(options: tuple[str, ...], said: str) -> None:
    found, out, err = run(*MEASURE, *options)
    assert (found, out, said in err) == (2, "", True), err


def test_nobody_is_an_answer() -> None:
    code, out, _ = run(*MEASURE, "--reached", "Paid", "--between", "2026-10-02", "2026-10-03")
    assert (code, "0 reached Paid." in out) == (0, True)


IDS = [
    "-42",
    "+49 170 123",
    "=2",
    "@me",
    "'=2",
    "'-42",
    "''@me",
    "-2+cmd|' /C calc'!A0",
    "a,b",
    'say "x"',
    "two\nlines",
    " 7",
    "7",
]


def test_units_come_back_from_csv_as_they_are() -> None:
    """An apostrophe is before formulas, and before what has one there already: without it, they are the ids."""
    with open("events.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "time", "event", "page"])
        writer.writerows([each, "2026-10-01 10:00:00", "visit", "/"] for each in IDS)
    assert run(*MEASURE, "--dropped-at", "Sign-up", "-o", "units.csv")[0] == 0
    with open("units.csv", encoding="utf-8", newline="") as file:
        cells = [row["unit"] for row in csv.DictReader(file)]
    back = [cell[1:] if cell[0] == "'" and cell.lstrip("'")[:1] in "=@+-" else cell for cell in cells]
    assert sorted(back) == sorted(IDS)
    assert [cell for cell in cells if cell[0] == "'"] == sorted(
        f"'{each}" for each in IDS if each[:1] in "=@'" or "cmd" in each
    )
