"""What of a definition does not fit is said where the file says it: its line, its column, once a cause, all at once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra `events` is not installed")

import funnelcli
from tests.cli.test_measure import run

EVENTS = """\
user,time,event,amount,empty,meta
1,2026-10-01 10:00:00,visit,1,,"{""plan"": ""x"", ""tags"": [1]}"
1,2026-10-01 11:00:00,paid,2.5,,"{""plan"": ""y"", ""tags"": [1]}"
"""
FUNNEL = """\
measure:
  unit: user
  time: time
  MORE
stages:
  - name: Visit
    when: {event: visit}
  - name: Paid
    when: {event: paid}
    STAGE
"""


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")


def said(text: str, *options: str) -> tuple[int, list[str]]:
    """The exit code and the places with what stands at each, by the carets below the line."""
    Path("shop.yaml").write_text(text, encoding="utf-8")
    code, _, err = run("measure", "shop.yaml", *(options or ("--from", "events.csv")))
    lines = err.splitlines()
    found = []
    for index, line in enumerate(lines):
        if line.startswith("shop.yaml:"):
            source, carets = lines[index + 2], lines[index + 3]
            place = ":".join(line.split(":", 3)[1:3])
            found.append(f"{place} {source[carets.index('^') : carets.rindex('^') + 1]}")
        else:
            assert "error[" not in line, err
    assert all(line.strip().startswith(("= help:", "|", "Found")) or line[:1] in "s123456789 " for line in lines), err
    return code, found


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("unit: user", "unit: usr", "2:9 usr"),
        ("time: time", "time: at", "3:9 at"),
        ("time: time", "time: amount", "3:9 amount"),
        ("MORE", "id: key", "4:7 key"),
        ("MORE", "event: evt", "4:10 evt"),
        ("MORE", "same: [user, sub]", "4:16 sub"),
        ("MORE", "breakdowns: {channel: source}", "4:25 source"),
        ("MORE", "epoch: seconds", "4:10 seconds"),
        ("MORE", "table: events\n  order: strict\n  shared: true", "6:11 true"),
        ("MORE", "lost: {evt: gone}", "4:10 evt"),
        ("MORE", "exclude: [{event: a}, {amount: many}]", "4:34 many"),
        ("MORE", "repeats: true", "4:12 true"),
        ("MORE", "order: any\n  ties: apart", "5:9 apart"),
        ("STAGE", "amount: total", "9:13 total"),
        ("STAGE", "exclude: {evt: gone}", "9:15 evt"),
        ("MORE\n", "order: any\n", "10:13 2 days"),
        ("{event: paid}", "{evt: paid}", "8:12 evt"),
        ("{event: paid}", "[{event: paid, amount: large}]", "8:34 large"),
        ("{event: paid}", "[{event: paid}, {amount: [1, large]}]", "8:40 large"),
        ("{event: paid}", "{amount: {'>=': 2, '!=': large}}", "8:36 large"),
        ("{event: paid}", "{meta.tags: x}", "8:12 meta.tags"),
        ("{event: paid}", "{event.plan: x}", "8:12 event.plan"),
        ("    when: {event: paid}\n", "", "7:11 Paid"),
        ("  unit: user\n", "", "1:1 measure"),
    ],
)
def test_the_place_is_where_it_is_written(old: str, new: str, place: str) -> None:
    text = FUNNEL.replace(old, new, 1)
    text = text.replace("STAGE", "within: 2 days" if "any\n" in new and "ties" not in new else "target: 50%")
    code, found = said(text.replace("  MORE\n", ""))
    assert (code, found) == (2, [place])


def test_all_of_them_are_said_in_the_order_of_the_file_and_each_cause_once() -> None:
    """Of two funnels too, and of columns inside of others beside those that are none."""
    first = FUNNEL.replace("MORE", "breakdowns: {a: meta.tags, b: sorce}").replace("STAGE", "amount: evnt")
    first = first.replace("{event: visit}", "{evnt: visit}").replace("{event: paid}", "{evnt: paid, amount: large}")
    second = FUNNEL.replace("  MORE\n", "").replace("    STAGE\n", "").replace("unit: user", "unit: usr")
    code, found = said(f"name: A\n{first}---\nname: B\n{second}")
    assert code == 2
    assert found == ["5:19 meta.tags", "5:33 sorce", "8:12 evnt", "10:32 large", "15:9 usr"]


@pytest.mark.parametrize("option", [("--sql",), ("--dbt", "d"), ("--dropped-at", "Paid")])
def test_other_questions_say_the_same(option: tuple[str, ...]) -> None:
    pytest.importorskip("ibis")
    text = FUNNEL.replace("  MORE\n", "").replace("    STAGE\n", "").replace("unit: user", "unit: usr")
    assert said(text, "--from", "events.csv", *option) == (2, ["2:9 usr"])


def test_a_column_that_is_empty_is_compared_with_anything() -> None:
    Path("shop.yaml").write_text(
        "measure: {unit: user, time: time}\nstages:\n  - {name: A, when: {event: visit}}\n"
        "  - {name: B, when: {empty: '>= 10'}}\n",
        encoding="utf-8",
    )
    code, _, err = run("measure", "shop.yaml", "--from", "events.csv")
    assert (code, 'shop.yaml:4:29: no event has a value in "empty"' in err) == (0, True), err


SOURCES = {"sources.py", "file_formats.py", "who.py", "script/sources.py"}
"""Modules that judge options as well, which have no place in a file."""


def test_every_problem_of_a_definition_has_a_place() -> None:
    """Those of `nested` and of patterns have theirs from who asks for them."""
    package = Path(funnelcli.__file__).parent / "events"
    without = []
    for path in package.rglob("*.py"):
        if path.relative_to(package).as_posix() in SOURCES | {"nested.py", "warehouse/nested.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
            if made and not any(each.arg == "path" for each in node.keywords):
                without.append(f"{path.name}:{node.lineno}")
    assert without == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('{event: paid, empty: ">= 10"}', 'no event has a value in "empty"'),
        ("{empty: x}", 'no event has a value in "empty"'),
        ("{event: payed}", 'no event has "payed" in "event"; did you mean "paid"?'),
        ("{event: payed, empty: null}", 'no event has "payed" in "event"; did you mean "paid"?'),
        ("{event: other, user: 1}", 'no event meets all that the when of "Paid" asks at once'),
    ],
)
def test_a_column_that_is_empty_is_said_to_be(when: str, said: str) -> None:
    text = FUNNEL.replace("MORE\n", "window: 1 day\n").replace("{event: paid}\n    STAGE", when)
    Path("shop.yaml").write_text(text, encoding="utf-8")
    Path("events.csv").write_text(f"{EVENTS}2,2026-10-01 10:00:00,other,1,,\n", encoding="utf-8")
    _, _, err = run("measure", "shop.yaml", "--from", "events.csv")
    assert said in err
    assert err.count("no event") == 1
