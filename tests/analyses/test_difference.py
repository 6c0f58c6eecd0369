"""What a change does to a funnel: nothing is unsaid, nothing is said of what is equal, and figures are `compare`'s."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.analyses.changed_keys import plain
from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.compared_segments import compare_funnels
from funnelcli.analyses.comparison import ComparisonReport
from funnelcli.analyses.difference import DifferenceReport, FunnelDifference, difference
from funnelcli.analyses.looseness import limits_changed
from funnelcli.analyses.matched_funnels import FunnelsOfFile, matched
from funnelcli.analyses.renames import replaced, stages_now
from funnelcli.funnel_file.reader import read
from funnelcli.measure import Measure, Measured
from funnelcli.model import Funnel, Stage
from funnelcli.output import terminal
from funnelcli.output.formats import Canvas
from funnelcli.output.views import comparison
from funnelcli.output.views import difference as view
from funnelcli.output.views.changed_limits import how
from tests.conftest import SAMPLES
from tests.thorough import few

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = """name: October
period: 2026-10
currency: EUR
stages: {Leads: 1000, Offers: 300, Paid: 50}
average_check: 10000
budget: 60000
checks:
  - conversion@Paid >= 15%
  - revenue >= 480000
scenarios:
  Better scripts: {conversion@Paid: +10pp}
"""


def funnels(text: str, file: str = "shop.yaml") -> tuple[Funnel, ...]:
    found = read(text.encode(), file)
    assert found.funnels, found.diagnostics
    return found.funnels


def one(text: str = TEXT) -> Funnel:
    return funnels(text)[0]


def samples() -> dict[str, tuple[str, tuple[Funnel, ...]]]:
    files = sorted(SAMPLES.glob("*.yaml"))
    return {path.name: (path.read_text("utf-8"), funnels(path.read_text("utf-8"), path.name)) for path in files}


def says(found: FunnelDifference) -> bool:
    """Whether a person is told of something in the report."""
    shown = terminal.render(list(view.sections(DifferenceReport("a", "b", (found,)))), Canvas())
    told = (found.loosened, found.newly_failing, found.checks, found.limits, found.stages, found.counts, found.amounts)
    return any(told) or bool(found.scenarios or found.keys) or (found.is_renamed and "Renamed" in shown)


# nothing is said of what is equal


def rewritten(text: str, dice: random.Random) -> str:
    """The same in other words: comments, empty lines, spaces before comments."""
    lines = []
    for line in text.split("\n"):
        if dice.random() < 0.2 and lines[-1:] != ["|"]:
            lines.append("# a remark")
        lines.append(
            f"{line}   # why" if line.strip() and dice.random() < 0.2 and line.rstrip().endswith("]") else line
        )
    return "\n".join(lines)


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.yaml")))
def test_comments_are_no_change(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    other = rewritten(text, random.Random(name))
    pairs = matched([FunnelsOfFile(funnels(text), funnels(other))])
    assert [difference(*pair) for pair in pairs] == [None] * len(funnels(text))


def test_the_order_of_keys_and_the_spelling_of_numbers_are_no_change() -> None:
    other = """scenarios:
  'Better scripts':
    conversion@Paid: +10.0pp
checks: [conversion@Paid>=0.15, revenue >= 480000.00]
budget: 60000.0
average_check: 1e4
stages:
  - {name: Leads, count: 1000}
  - {count: 300, name: "Offers"}
  - {name: Paid, conversion: null, count: 50}
currency: EUR
name: October
period: 2026-10
""".replace("conversion: null, ", "").replace("1e4", "10000.00")
    assert difference(one(), one(other)) is None


# nothing that changes is unsaid


def mutants(value: Any, dice: random.Random) -> Iterator[Any]:
    """Other values of a field."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, Fraction)):
        yield value + 1
        yield value + Fraction(1, 7)
        yield None
    elif isinstance(value, str):
        yield f"{value} and more"
        yield None
    elif isinstance(value, tuple) and value:
        yield ()
        yield value[1:]
        if not hasattr(value, "_fields") and len(set(map(repr, value))) > 1:
            yield tuple(reversed(value))


def changed(record: Any, dice: random.Random, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """A record with one field changed, at any depth."""
    for name in record._fields:
        value = getattr(record, name)
        if name in ("file", "document", "location", "text", "metric"):
            continue
        if hasattr(value, "_fields"):
            yield from ((f"{name}.{where}", record._replace(**{name: each})) for where, each in changed(value, dice))
        elif isinstance(value, tuple) and any(hasattr(each, "_fields") for each in value):
            at = dice.randrange(len(value))
            if hasattr(value[at], "_fields"):
                for where, each in changed(value[at], dice, depth + 1):
                    yield f"{name}[{at}].{where}", record._replace(**{name: (*value[:at], each, *value[at + 1 :])})
        for other in mutants(value, dice):
            yield name, record._replace(**{name: other})


UNFIT = ("parent", "name", "checks", "referral", "breakdowns", "cells", "stages", "counts", "scenarios")
"""What cannot be changed alone in a model, and is changed in the texts."""


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.yaml")))
def test_a_field_that_changes_is_told(name: str) -> None:
    """Of the models of all samples: whatever field differs, the report says something."""
    dice = random.Random(name)
    unsaid, impossible = [], list[str]()
    for funnel in samples()[name][1]:
        cases = [case for case in changed(funnel, dice) if not _is_unfit(case[0])]
        for where, other in few(cases, 60):
            if plain(funnel) == plain(other):
                continue
            try:
                found = difference(funnel, other)
            except (TypeError, ValueError, AttributeError, LookupError, AssertionError):
                impossible.append(where)  # no file makes such a model
                continue
            if found is None or not says(found):
                unsaid.append(where)
        assert len(impossible) <= len(cases) / 2
    assert unsaid == []


def _is_unfit(where: str) -> bool:
    last = where.split(".")[-1]
    return (
        last in (*UNFIT, "operator")
        or last.startswith(("selector", "metric"))
        or "selector" in where
        or "changes" in where
    )


@pytest.mark.parametrize("kind", [Measure, Measured])
def test_every_key_of_a_record_is_told(kind: type) -> None:
    base = one()
    for name in kind._fields:  # type: ignore[attr-defined]
        value: Any = (("a", "b"),) if name in ("breakdowns", "same", "between") else 7 if name == "window" else "x"
        if name in ("exclude", "lost", "exclude_units"):
            value = ()
            continue
        if name in ("times", "eventual", "curves", "segments", "cut", "whole_way", "median_days", "counted_again"):
            continue
        if name in ("between", "same", "not_mature", "unmet"):
            value = ("2026-10-01", "2026-11-01")
        key = "measure" if kind is Measure else "measured"
        found = difference(base._replace(**{key: kind()}), base._replace(**{key: kind(**{name: value})}))
        assert found is not None
        assert (key, name) in [each.path for each in found.keys]


TEXTS = (
    ("Paid: 50", "Paid: 51"),
    ("Offers: 300, ", ""),
    ("Offers: 300", "Calls: 400, Offers: 300"),
    ("budget: 60000\n", ""),
    ("  - revenue >= 480000\n", ""),
    ("revenue >= 480000", "revenue >= 490000"),
    ("Better scripts: {conversion@Paid: +10pp}", "Worse: {conversion@Paid: -10pp}"),
    ("+10pp", "+9pp"),
    ("EUR", "USD"),
    ("period: 2026-10\n", ""),
    ("average_check: 10000", "average_check: {mean: 10000, sd: 5}"),
    ("currency: EUR\n", "currency: EUR\ndescription: what\n"),
    ("currency: EUR\n", "currency: EUR\nvariation: 10%\n"),
    ("budget: 60000\n", "budget: 60000\nbreakdowns: {channel: {Ads: [600, 200, 30], SEO: [400, 100, 20]}}\n"),
    ("budget: 60000\n", "budget: 60000\nreferral: {from: Paid, brings: 0.2, to: Leads}\n"),
)


@pytest.mark.parametrize(("old", "new"), TEXTS)
def test_a_text_that_changes_is_told_both_ways(old: str, new: str) -> None:
    other = TEXT.replace(old, new)
    before, after = one(), one(other)
    for sides in ((before, after), (after, before)):
        found = difference(*sides)
        assert found is not None
        assert says(found)


def test_segments_and_cells_are_told() -> None:
    funnel = next(each for _, found in samples().values() for each in found if each.cells)
    cell = funnel.cells[0]
    other = funnel._replace(cells=(cell._replace(counts=(cell.counts[0] + 1, *cell.counts[1:])), *funnel.cells[1:]))
    found = difference(funnel, other)
    assert found is not None
    assert ("cells", " · ".join(name for _, name in cell.segments), "counts") in [each.path for each in found.keys]


# one question has one answer


def test_of_a_new_period_it_is_what_compare_says() -> None:
    before, after = one(), one(TEXT.replace("2026-10", "2026-11").replace("Paid: 50", "Paid: 26"))
    found = difference(before, after)
    report = compare_funnels([before, after], ["2026-10", "2026-11"])
    assert found is not None
    assert isinstance(report, ComparisonReport)
    assert found.basis == "new period"
    assert found.comparison == report
    shown = terminal.render([view.section(found)], Canvas())
    for said in comparison.verdicts(report, report.comparisons[0]):
        assert said in shown


def test_a_correction_has_no_verdict() -> None:
    found = difference(one(), one(TEXT.replace("Paid: 50", "Paid: 26")))
    assert found is not None
    assert found.basis == "corrected"
    shown = terminal.render([view.section(found)], Canvas())
    assert "corrected" in shown
    for word in ("chance", "▼", "▲", "95%", "p ="):
        assert word not in shown


def test_without_a_period_nothing_is_said_of_chance() -> None:
    text = TEXT.replace("period: 2026-10\n", "")
    found = difference(one(text), one(text.replace("Paid: 50", "Paid: 26")))
    assert found is not None
    assert found.basis == "unnamed"


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.yaml")))
def test_effects_add_up_to_the_change(name: str) -> None:
    for funnel in samples()[name][1]:
        last = funnel.stages[-1]
        other = funnel._replace(stages=(*funnel.stages[:-1], last._replace(count=last.count - 1)))
        found = difference(funnel, other) if last.is_counted and last.count > 1 else None
        for amount in found.amounts if found else ():
            assert sum(amount.effects.values()) == pytest.approx(float(amount.change))
            assert amount.after - amount.before == amount.change


# names


def test_a_stage_that_is_renamed_takes_its_checks_along() -> None:
    found = difference(one(), one(TEXT.replace("Paid", "Won")))
    assert found is not None
    assert [(each.change, each.before, each.after) for each in found.stages] == [("renamed", "Paid", "Won")]
    assert (found.loosened, found.limits, found.counts, found.scenarios) == ((), (), (), ())


def test_renames_are_told_from_what_was_replaced() -> None:
    """Of stages with random names and counts: renamed, with counts that moved too, or replaced by another stage."""
    dice = random.Random(1)
    words = ["Visits", "Leads", "Calls", "Demo", "Trial", "Offers", "Contract", "Invoice", "Paid", "Renewal"]
    near = {"Visits": "Visitors", "Offers": "Offer", "Contract": "Contracts", "Trial": "Trials", "Paid": "Paid for"}
    opposite = ("Not {}", "Un{}", "Dis{}", "No {} yet", "Disqualified {}", "Rejected {}")
    own = {"cost": (None, 1, 2, 5, 10, 12, 25, 40), "days": (None, 1, 2, 3, 5, 7, 10, 14), "target": (None, 10, 20, 25)}
    right = {
        "renamed": 0,
        "renamed, counts moved": 0,
        "a name near, counts moved": 0,
        "its own figures, more words, counts moved": 0,
        "its own figures, counts moved": 0,
        "replaced": 0,
        "replaced by its opposite": 0,
    }
    runs = 300
    for kind in right:
        for _ in range(runs):
            size = dice.randint(3, 6)
            counts = sorted(dice.sample(range(1, 5000), size), reverse=True)
            names = dice.sample(words, size)
            stages = [
                Stage(name, at - 1 if at else None, count, **{key: dice.choice(known) for key, known in own.items()})
                for at, (name, count) in enumerate(zip(names, counts, strict=True))
            ]
            before, at = Funnel("Shop", tuple(stages)), dice.randrange(size)
            new = (
                near.get(names[at], f"{names[at]}s")
                if kind.startswith("a name")
                else f"{names[at]} of customers from abroad"
                if "more words" in kind
                else dice.choice(opposite).format(names[at].lower())
                if kind.endswith("opposite")
                else dice.choice([each for each in words if each not in names])
                if kind.startswith("its own")
                else f"{names[at]} made"
                if kind.endswith("moved")
                else dice.choice([each for each in words if each not in names])
            )
            count = (
                stages[at].count
                if kind == "renamed"
                else stages[at].count + dice.choice((-1, 1)) * dice.randint(1, 300)
            )
            figures: dict[str, Any] = {key: dice.choice(known) for key, known in own.items()}
            if kind.startswith("its own"):
                stages[at] = stages[at]._replace(cost=7, days=4)
                before = before._replace(stages=tuple(stages))
            now = stages[at]._replace(name=new, count=count, **(figures if kind.startswith("replaced") else {}))
            after = before._replace(stages=(*stages[:at], now, *stages[at + 1 :]))
            told = stages_now(before, after)
            right[kind] += (told.get(names[at]) == new) is not kind.startswith("replaced")
            assert all(told[name] == name for name in names if name != names[at])
            # one or the other: what was asked of the one is asked of the one in its place
            assert {**told, **replaced(before, after, told)} == dict(zip(names, after.names, strict=True))
    assert {kind: count / runs for kind, count in right.items() if count / runs < 0.95} == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Leads", "Disqualified leads"),
        ("Qualified leads", "Disqualified leads"),
        ("Paid", "Unpaid"),
        ("Paid", "Not paid"),
        ("Invoice paid", "Invoice not paid"),
        ("Deals won", "Deals lost"),
        ("Active users", "Inactive users"),
    ],
)
def test_an_opposite_stage_is_not_the_same_one(old: str, new: str) -> None:
    """Whichever came first: that the limit is now of another stage is told."""
    for one_name, other_name in ((old, new), (new, old)):
        text = "stages: {Visits: 1000, STAGE: 300, Done: 100}\nchecks: [conversion@STAGE >= 30%]\n"
        other = text.replace("STAGE: 300", "STAGE: 700").replace("STAGE", other_name)
        found = difference(one(text.replace("STAGE", one_name)), one(other))
        assert found is not None
        assert [tuple(each) for each in found.stages] == [("replaced", one_name, other_name)]
        assert [each.rule for each in found.loosened] == ["other_stage"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Leads", "Lead"), ("Paid", "Paid for"), ("Sign up", "Signup"), ("Leads qualified", "Qualified leads")],
)
def test_a_name_near_is_that_of_the_same_stage(old: str, new: str) -> None:
    text = "stages: {Visits: 1000, STAGE: 300, Done: 100}\n"
    found = difference(one(text.replace("STAGE", old)), one(text.replace("STAGE: 300", f"{new}: 200")))
    assert found is not None
    assert [tuple(each) for each in found.stages] == [("renamed", old, new)]


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("Leads: 1000, Offers: 300, Paid: 50", "Leads: 1000, Paid: 50, Money: 30"),
        TEXT.replace("Offers: 300, Paid: 50", "Calls: 280, Paid: 49, Money: 30"),
        TEXT.replace("Offers: 300", "Calls: 280").replace("Leads: 1000", "Zugang: 990"),
    ],
)
def test_where_other_stages_differ_too_none_is_said_to_be_in_the_place_of_another(other: str) -> None:
    before, after = one(), one(other)
    assert replaced(before, after, stages_now(before, after)) == {}


def test_what_only_follows_a_stage_is_no_change_of_its_own() -> None:
    """The next stage comes from it, the referral leads to it, a scenario changes it."""
    text = TEXT.replace("budget: 60000\n", "budget: 60000\nreferral: {from: Paid, brings: 0.2, to: Leads}\n")
    text = text.replace(
        "{Leads: 1000, Offers: 300, Paid: 50}", "[{name: Leads, count: 1000}, {name: Offers, count: 300}]"
    )
    text = text.replace("300}]", "300}, {name: Paid, count: 50, from: Offers}]")
    for old, new in (("Offers", "Calls"), ("Paid", "Zugang"), ("Leads", "Visits")):
        for recount in (False, True):
            other = text.replace(old, new)
            if recount:
                other = other.replace("1000}", "990}") if old == "Leads" else other.replace("300}", "290}")
                other = other.replace("count: 50", "count: 49") if old == "Paid" else other
            found = difference(one(text), one(other))
            assert found is not None
            told = "renamed" if not recount else "replaced"
            assert (found.stages[0].change, found.stages[0].before, found.stages[0].after) == (told, old, new)
            assert (found.keys, found.scenarios) == ((), ())


def test_a_limit_is_held_against_that_of_the_stage_in_its_place() -> None:
    """Of another stage no limit says what that of the one that is gone said, whatever its value."""
    text = TEXT.replace("50}", "60}")
    for now in ("15%", "12%", "18%", None):
        other = text.replace("Paid: 60", "Zugang: 55").replace("conversion@Paid", "conversion@Zugang")
        line = "  - conversion@Zugang >= 15%\n"
        other = other.replace(line, "" if now is None else line.replace("15%", now))
        found = difference(one(text), one(other))
        assert found is not None
        (limit,) = found.loosened
        assert (found.limits, limit.before, limit.old_limit_now) == ((), "conversion@Paid >= 15%", None)
        assert limit.after == (None if now is None else f"conversion@Zugang >= {now}")
        assert limit.rule == ("stage" if now is None else "other_stage")
        shown = terminal.render([view.section(found)], Canvas())
        assert re.search("^Stage replaced +Paid → Zugang$", shown, re.MULTILINE)
        assert str(limit.before) in shown


OF_THE_SALE = (
    "conversion@Paid >= 15%",
    "count@Paid >= 10",
    "cost_per@Paid <= 9000",
    "overall_conversion@Paid >= 4%",
    "average_check@Paid >= 10",
    "conversion@Paid within usual",
    "overall_conversion >= 4%",
    "one_in <= 30",
    "sales >= 40",
    "average_check >= 10",
    "unit_margin >= -10000",
    "overall_conversion >= usual",
    "sales <= usual",
)


@pytest.mark.parametrize("limit", OF_THE_SALE)
def test_a_limit_of_a_stage_that_was_replaced_is_told_first_and_by_one_word(limit: str) -> None:
    """Be it that the limit names the stage, or that it is the sale."""
    text = re.sub(r"checks:\n(  - .*\n)+", f'checks: ["{limit}"]\n', TEXT)
    assert limit in text
    other = text.replace("Paid: 50", "Zugang: 55").replace("@Paid", "@Zugang")
    for recounted in (other, other.replace("10%", "12%").replace(">= 15%", ">= 20%")):
        found = difference(one(text), one(recounted))
        assert found is not None
        (told,) = found.loosened
        assert (told.rule, told.about, told.before, found.limits) == ("other_stage", "Zugang", limit, ())
        report = DifferenceReport("a", "b", (found,))
        assert report.refuses
        shown = terminal.render(list(view.sections(report)), Canvas())
        assert "1 limit loosened" in shown
        assert re.search(rf"^Limits loosened\n.*\n.*\n{re.escape(limit)} .*  now of Zugang$", shown, re.MULTILINE)
    renamed = difference(one(text), one(other.replace("55", "50")))  # the count tells that it is the same
    assert renamed is not None
    assert (renamed.loosened, renamed.limits) == ((), ())


@pytest.mark.parametrize(
    "limit", ["conversion@Paid within usual", "conversion@Paid == 16%", "overall_conversion >= usual"]
)
def test_what_a_limit_is_counted_from_is_told_of_what_is_usual_as_of_figures(limit: str) -> None:
    text = re.sub(r"checks:\n(  - .*\n)+", f'checks: ["{limit}"]\n', TEXT)
    first = "Leads: 1000" if "overall" in limit else "Offers: 300"
    found = difference(one(text), one(text.replace(first, "Calls: 350" if first == "Offers: 300" else "Calls: 990")))
    assert found is not None
    assert [(each.rule, each.about, each.before) for each in found.loosened] == [("origin", "Calls", limit)]


@pytest.mark.parametrize("limit", ["conversion@Paid >= 15%", "overall_conversion >= 4%", "sales >= 40"])
def test_a_limit_that_reads_as_before_and_is_of_another_stage_is_loosened(limit: str) -> None:
    """It is counted from the stage in the place of the one that is gone, or is of that as the sale."""
    text = TEXT.replace("conversion@Paid >= 15%", limit)
    old = "Offers: 300" if "@" in limit else "Paid: 50"
    new = "Calls: 250" if "@" in limit else "Zugang: 55"
    text, other = (
        each.replace("{conversion@Paid: +10pp}", "{entries: +10%}") for each in (text, text.replace(old, new))
    )
    found = difference(one(text), one(other))
    assert found is not None
    assert [each.before for each in found.loosened] == [limit]


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        ("Leads: 1000, Paid: 50", [("Offers", 300, None)]),
        ("Leads: 1000, Calls: 290, Paid: 50", [("Offers", 300, None), ("Calls", None, 290)]),
        ("Leads: 1000, Offer: 290, Paid: 50", [("Offer", 300, 290)]),
        ("Leads: 1000, Calls: 400, Offers: 300, Paid: 50", [("Calls", None, 400)]),
        ("Leads: 990, Offers: 300, Zugang: 45", [("Leads", 1000, 990), ("Paid", 50, None), ("Zugang", None, 45)]),
    ],
)
def test_the_count_of_a_stage_that_is_gone_is_told(stages: str, told: list[tuple[str, int | None, int | None]]) -> None:
    text = TEXT.replace("conversion@Paid >= 15%", "entries >= 1").replace("conversion@Paid: +10pp", "entries: +10%")
    found = difference(one(text), one(text.replace("Leads: 1000, Offers: 300, Paid: 50", stages)))
    assert found is not None
    assert [tuple(each) for each in found.counts] == told


def test_no_figure_is_told_twice() -> None:
    text = TEXT.replace("10000", "11000")
    for stages in (
        "Offers: 300, Paid: 50",
        "Offers: 300, Won: 55",
        "Calls: 290, Paid: 50",
        "Offers: 300, Deal: 90, Paid: 50",
    ):
        other = text.replace("Offers: 300, Paid: 50", stages)
        if "Paid" not in stages:
            other = other.replace("conversion@Paid", "conversion@Won")
        found = difference(one(), one(other))
        assert found is not None
        shown = terminal.render([view.section(found)], Canvas())
        labels = re.findall(r"^([A-Z][\w, ]*?)  +.*%$", shown[shown.index("\nFigures") :], re.MULTILINE)
        assert sorted(labels) == sorted(set(labels))
        assert "Average check, EUR" in labels


def test_funnels_are_matched_by_name_then_by_stages_then_across_files() -> None:
    text = TEXT + "---\n" + TEXT.replace("October", "November")
    old = funnels(text)
    assert [(a and a.name, b and b.name) for a, b in matched([FunnelsOfFile(old, old[::-1])])] == [
        ("November", "November"),
        ("October", "October"),
    ]
    renamed = funnels(text.replace("November", "Eleven"))
    assert [(a and a.name, b and b.name) for a, b in matched([FunnelsOfFile(old, renamed)])] == [
        ("October", "October"),
        ("November", "Eleven"),
    ]
    moved = matched([FunnelsOfFile(old, old[:1]), FunnelsOfFile((), (old[1]._replace(file="b.yaml"),))])
    assert [(a and a.name, b and b.file) for a, b in moved] == [("October", "shop.yaml"), ("November", "b.yaml")]


def test_stages_that_change_places_are_reordered() -> None:
    text = TEXT.replace("Leads: 1000, Offers: 300", "Leads: 1000, Calls: 300, Offers: 300")
    other = text.replace("Calls: 300, Offers: 300", "Offers: 300, Calls: 300")
    found = difference(one(text), one(other))
    assert found is not None
    assert [each.change for each in found.stages] == ["reordered"]


def test_the_names_of_now_are_in_order_of_those_before() -> None:
    names = list(stages_now(one(), one(TEXT.replace("Paid", "Won"))))
    assert names == ["Leads", "Offers", "Paid"]
    assert all(before != after for before, after in pairwise(names))


USUAL = "conversion@Paid {}, one false alarm in {} periods"


@pytest.mark.parametrize("seed", range(20))
def test_what_failed_before_does_not_newly_fail(seed: int) -> None:
    """Whichever checks of what is usual stand on both sides in whichever order, and whatever else was added."""
    dice = random.Random(seed)
    text = "stages: {Leads: 12000, Paid: 4535}\nbreakdowns:\n  month:\n"
    text += "".join(f"    2025-{month:02}: [1000, {370 + 20 * (month % 2)}]\n" for month in range(1, 12))
    text += "    2025-12: [1000, 345]\n"
    known = [USUAL.format(how, number) for how in (">= usual", "<= usual", "within usual") for number in (12, 24, 9000)]
    checks = [*dice.sample(known, dice.randint(1, 4)), known[0], known[2]]  # one that fails, and one that passes
    checks = list(dict.fromkeys(checks))
    added = dice.choice(["conversion@Paid >= 1%", "conversion@Paid <= 99%"])
    sides = (checks, [*dice.sample(checks, len(checks)), added])
    before, after = (one(text + "checks:\n" + "".join(f"  - {each}\n" for each in side)) for side in sides)
    found = difference(before, after)
    assert found is not None
    assert (found.newly_failing, found.checks, found.loosened) == ((), (), ())
    assert [(each.change, each.after) for each in found.limits] == [("added", added)]
    # and each that fails and is new does newly fail
    results = run_checks(before, before.checks)
    assert {each.check: each.passed for each in results}.items() >= {known[0]: False, known[2]: True}.items()
    alone = difference(before._replace(checks=()), before)
    assert alone is not None
    assert [each.after for each in alone.newly_failing] == [each for each in results if each.passed is False]


CERTAINTIES = ["", " with 80% confidence", " with 95% confidence", " with 95% confidence, at every look"]
VARIATIONS = ["", "variation: 5%\n", "variation: 20%\n"]


@pytest.mark.parametrize("strict", [False, True])
def test_whether_more_certainty_is_needed_to_fail_or_to_pass_is_said_as_it_is(strict: bool) -> None:
    """What is undecided fails strictly: then the way that is looser is the other one, and so is the reason."""
    for (old, before), (new, after) in permutations(enumerate(CERTAINTIES), 2):
        sides = [one(TEXT.replace(">= 15%", f">= 15%{each}")) for each in (before, after)]
        (change,) = limits_changed(*sides, {n: n for n in sides[0].names}, strict)
        more = new > old
        assert change.change == ("loosened" if more is not strict else "tightened")
        said = f"asks for {'more' if more else 'less'} certainty before it {'passes' if strict else 'fails'}"
        assert how(change) == said
    for (old, before), (new, after) in permutations(enumerate(VARIATIONS), 2):
        text = TEXT.replace(">= 15%", ">= 15% with 80% confidence")
        sides = [one(text + each) for each in (before, after)]
        (change,) = limits_changed(*sides, {n: n for n in sides[0].names}, strict)
        assert how(change) == f"{'wider' if new > old else 'narrower'} margins of chance"
        assert change.change == ("loosened" if (new > old) is not strict else "tightened")
