"""Checks that need no limit: which periods, which figures, and when nothing can be told yet."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import numpy
import pytest
from scipy import stats

from funnelcli.analyses.calendar_lengths import calendar_of
from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.analyses.looseness import limits_changed
from funnelcli.analyses.usual_delay import UsualDelay
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import check as parse
from funnelcli.funnel_file.changes import goal
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS
from funnelcli.output.check.verdicts import delay_words, explained
from funnelcli.output.report.limits import checks_table
from funnelcli.what_if import Check, UsualCheck
from tests.thorough import few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel

NAMES = ["Leads", "Paid"]
RATE = "conversion@Paid within usual"
COUNTS = [372, 418, 361, 412, 366, 391, 378, 383, 389, 369, 375, 381]
"""Of 1,000 a month."""


def months(number: int) -> list[str]:
    return [f"{2025 + each // 12}-{each % 12 + 1:02}" for each in range(number)]


def days(number: int) -> list[str]:
    return [(date(2026, 1, 5) + timedelta(each)).isoformat() for each in range(number)]


def of(
    rows: Sequence[tuple[int, int]], names: Sequence[str], dimension: str = "month", more: str = "", stages: str = ""
) -> Funnel:
    totals = [sum(column) for column in zip(*rows, strict=True)]
    lines = "".join(f'    "{name}": [{a}, {b}]\n' for name, (a, b) in zip(names, rows, strict=True))
    stages = stages or f"stages: {{Leads: {totals[0]}, Paid: {totals[1]}}}"
    text = f"{stages}\n{more}breakdowns:\n  {dimension}:\n{lines}"
    reading = read(text.encode(), "f.yaml")
    assert not [each for each in reading.diagnostics if each.severity.value == "error"], reading.diagnostics
    return reading.funnels[0]


def monthly(*newest: int, dimension: str = "month", more: str = "") -> Funnel:
    counts = [*COUNTS, *newest]
    return of([(1000, count) for count in counts], months(len(counts)), dimension, more)


def asked(text: str) -> UsualCheck:
    found = parse(text, NAMES)
    assert isinstance(found, UsualCheck), found
    return found


def result(funnel: Funnel, text: str = RATE, states: Sequence[Funnel] = ()) -> CheckResult:
    (found,) = run_checks(funnel, [asked(text)], states=states)
    return found


def test_a_month_as_the_others_passes_and_one_that_fell_fails() -> None:
    as_ever = result(monthly(380))
    assert as_ever.passed
    assert as_ever.usual is not None
    assert (as_ever.usual.side, as_ever.usual.since, as_ever.usual.period) == ("within", None, "2026-01")
    assert as_ever.usual.low < 0.38 < as_ever.usual.high
    fell = result(monthly(300))
    assert fell.passed is False
    assert fell.code == "FN401"
    assert fell.usual is not None
    assert (fell.usual.side, fell.usual.since, fell.usual.lasts) == ("below", "2026-01", 1)
    assert fell.actual == Fraction(3, 10)
    assert fell.usual.low > 0.3
    rose = result(monthly(460)).usual
    assert rose is not None
    assert rose.side == "above"


def test_the_range_is_the_same_whatever_the_newest_is() -> None:
    ranges = {(each.usual.low, each.usual.high) for each in (result(monthly(n)) for n in (300, 380, 460)) if each.usual}
    assert len(ranges) == 1


def test_what_is_promised() -> None:
    found = result(monthly(380)).usual
    assert found is not None
    assert (found.false_alarm_in, found.unit, found.periods) == (24, "months", 12)
    rarer = result(monthly(380), f"{RATE}, one false alarm in 10 years").usual
    assert rarer is not None
    assert (rarer.false_alarm_in, rarer.unit) == (10, "years")
    assert rarer.low < found.low < found.high < rarer.high
    same = result(monthly(380), f"{RATE}, one false alarm in 24 periods").usual
    assert same is not None
    assert (same.low, same.high) == (found.low, found.high)


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ("2 months", "one in 2 of these periods, too often"),
        ("90 days", "one in 2.96 of these periods, too often"),
        ("5000 years", "too seldom"),
    ],
)
def test_what_cannot_be_promised(promise: str, said: str) -> None:
    found = result(monthly(380), f"{RATE}, one false alarm in {promise}")
    assert found.code == "FN402"
    assert found.reason is not None
    assert said in found.reason


def test_too_few_periods_are_undecided_and_it_is_said_how_many_more() -> None:
    found = result(of([(1000, 380)] * 6, months(6)))
    assert found.code == "FN402"
    assert found.reason == "6 months do not tell what is usual: in 3 more"
    assert found.actual == Fraction(38, 100)
    assert result(of([(1000, 380)] * 20, days(20), "day")).reason == "20 days do not tell what is usual: in 9 more"


def test_a_stated_variation_takes_fewer() -> None:
    rows = [(1000, count) for count in COUNTS[:5]]
    assert result(of(rows, months(5))).code == "FN402"
    assert result(of(rows, months(5), more="variation: 10%\n")).passed
    assert result(of([*rows, (1000, 200)], months(6), more="variation: 10%\n")).passed is False
    assert result(of([*rows, (1000, 310)], months(6), more="variation: 10%\n")).passed


def test_each_weekday_is_held_against_its_own() -> None:
    """Weekends have a third of the entries and two thirds of the rate: none of it is unusual, but that on a Monday."""
    names = days(71)  # from a Monday to a Monday
    rows = [(100, 24 + place // 7 % 3) if place % 7 > 4 else (300, 108 + place % 5) for place in range(71)]
    found = result(of(rows, names, "day"))
    assert found.passed
    assert found.usual is not None
    assert not found.usual.alarms
    assert result(of([*rows[:-1], (300, 75)], names, "day")).passed is False
    assert result(of(rows[:-1], names[:-1], "day")).passed


def test_missing_days_and_days_without_entries_are_left_out() -> None:
    names = [name for place, name in enumerate(days(100)) if place % 11]
    rows = [(300, 100 + place % 7) for place in range(len(names))]
    rows[40] = (0, 0)
    found = result(of(rows, names, "day"))
    assert found.passed
    assert found.usual is not None
    assert found.usual.periods == len(names) - 2


def test_an_empty_newest_period_has_no_rate_and_fails() -> None:
    rows = [(1000, count) for count in COUNTS]
    found = result(of([*rows, (0, 0)], months(13)))
    assert (found.code, found.passed) == ("FN403", False)
    assert found.reason == 'undefined in 2026-01: "Leads", which it comes from, is empty'


@pytest.mark.parametrize("count", [0, 1, 1000, 997])
def test_rates_next_to_none_and_all_tell_nothing(count: int) -> None:
    found = result(of([(1000, count)] * 12, months(12)))
    assert found.code == "FN402"
    assert found.reason is not None
    assert "too few to tell" in found.reason


@pytest.mark.parametrize(
    ("text", "actual"),
    [("count@Paid", 0), ("sales", 0), ("revenue", 0), ("overall_conversion", 0), ("drop_off_rate@Paid", 1)],
)
def test_nothing_sold_is_unusual_in_every_figure(text: str, actual: int) -> None:
    found = result(monthly(0, more="average_check: 90\n"), f"{text} within usual")
    assert found.passed is False
    assert found.actual == actual


@pytest.mark.parametrize("text", ["entries", "average_check@Paid", "value_per@Paid"])
def test_what_never_varied_passes(text: str) -> None:
    found = result(monthly(380, more="average_check: 90\n"), f"{text} within usual")
    assert found.passed
    assert found.usual is not None
    assert found.usual.low == found.usual.high == found.actual


@pytest.mark.parametrize("figure", ["revenue", "value_per@Leads", "value_per_entry", "average_check@Paid"])
def test_money_in_cents_is_as_usual_as_in_euros(figure: str) -> None:
    """Whatever the scale: the same alarms, and a hundred times the range."""
    for newest in (300, 380, 460):
        euros, cents = (
            result(monthly(newest, more=f"average_check: {check}\n"), f"{figure} within usual").usual
            for check in (0.9, 90)
        )
        assert euros is not None
        assert cents is not None
        assert (100 * euros.low, 100 * euros.high) == (pytest.approx(cents.low), pytest.approx(cents.high))
        assert (euros.side, euros.alarms) == (cents.side, cents.alarms)


def test_weekdays_without_sales_have_a_usual_revenue() -> None:
    names = days(71)
    rows = [(40, 0) if place % 7 == 6 else (300, 108 + place % 5) for place in range(71)]
    funnel = of(rows, names, "day", "average_check: 90\n")
    found = result(funnel, "revenue within usual")
    assert found.passed
    fallen = of([*rows[:-1], (300, 40)], names, "day", "average_check: 90\n")
    assert result(fallen, "revenue >= usual").passed is False


def test_a_loss_may_be_usual() -> None:
    found = result(monthly(380, more="average_check: 90\ngross_margin: 10%\n"), "gross_profit within usual")
    assert found.passed


def test_periods_that_are_not_over_are_left_out() -> None:
    noted = "measured: {not_mature: [2025-12, 2026-01]}\n"
    found = result(monthly(100, more=noted))
    assert found.passed
    assert found.left_out == ("2025-12", "2026-01")
    assert found.usual is not None
    assert found.usual.period == "2025-11"
    entries = result(monthly(100, more=noted), "entries within usual").usual
    assert entries is not None
    assert entries.period == "2026-01"


def test_without_periods_nothing_can_be_told() -> None:
    reading = read(b"stages: {Leads: 100, Paid: 38}\nbreakdowns: {channel: {Ads: [60, 20], SEO: [40, 18]}}\n", "f.yaml")
    found = result(reading.funnels[0])
    assert (found.code, found.passed) == ("FN402", None)
    assert found.reason == "there are no periods to hold it against"


@pytest.mark.parametrize("names", [["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]])
def test_what_comes_round_are_no_periods(names: list[str]) -> None:
    assert result(of([(1000, 380)] * 7, names, "weekday")).reason == "there are no periods to hold it against"


def test_states_of_a_funnel_are_periods() -> None:
    states = []
    for name, count in zip(months(13), [*COUNTS, 300], strict=True):
        text = f"name: Shop\nperiod: {name}\nstages: {{Leads: 1000, Paid: {count}}}\n"
        states.append(read(text.encode(), "f.yaml").funnels[0])
    found = result(states[-1], states=states)
    broken_down = result(monthly(300))
    assert found.usual is not None
    assert broken_down.usual is not None
    assert found.usual._replace(dimension="month") == broken_down.usual
    assert found.passed is False


@pytest.mark.parametrize(
    ("names", "days", "name"),
    [
        (["2026-01", "2026-02"], 30.44, "month"),
        (["2026-W01", "2026-W02"], 7, "week"),
        (["Q1 2026", "Q2 2026"], 91.31, "quarter"),
        (["2025", "2026"], 365.24, "year"),
        (["2026-01-05", "2026-01-12", "2026-01-19"], 7, "week"),
        (["2026-01-05", "2026-01-15", "2026-01-25"], 10, "period"),
        (["2026-01-01", "2026-02-01", "2026-03-01"], 30.44, "month"),
        ([f"2026-01-{day:02}" for day in range(5, 26)], 1, "day"),
        ([f"2026-01-{day:02}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16)], 1.4, "day"),
        (["12-30", "12-31", "01-01", "01-02", "01-03", "01-04", "01-05", "01-06"], 1, "day"),
        (["Sprint 1", "Sprint 2"], None, "period"),
    ],
)
def test_how_long_periods_are(names: list[str], days: float | None, name: str) -> None:
    found = calendar_of(names)
    assert found.name == name
    assert found.days == (None if days is None else pytest.approx(days, abs=0.01))


def test_sprints_are_promised_in_periods() -> None:
    names = [f"Sprint {number}" for number in range(1, 14)]
    rows = [(1000, count) for count in [*COUNTS, 380]]
    found = result(of(rows, names, "period")).usual
    assert found is not None
    assert (found.false_alarm_in, found.unit) == (24, "periods")
    assert result(of(rows, names, "period"), f"{RATE}, one false alarm in 24 months").help == (
        "write one false alarm in 24 periods"
    )


def test_what_is_written() -> None:
    found = asked("  conversion@paid   within  usual , one false alarm in 52 weeks")
    assert (str(found.selector), found.false_alarm_in, found.unit) == ("conversion@Paid", 52, "weeks")
    assert asked("revenue within usual, one false alarm in 1 year").unit == "years"
    assert asked(RATE).false_alarm_in is None


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("conversion@Paid is usual", "write conversion@Paid within usual"),
        ("conversion@Paid within the usual range", "write conversion@Paid within usual"),
        (
            "conversion@Paid within usual, 1 alarm per 12 months",
            "write conversion@Paid within usual, one false alarm in 12 months",
        ),
        (
            "cost@Paid within usual",
            "take one that each period has, such as conversion, count, revenue or average_check",
        ),
        (f"{RATE}, one false alarm in 2 moons", "write one of days, weeks, months, quarters, years, periods"),
        (f"{RATE}, one false alarm in 0 months", "write 24 months"),
        (f"{RATE} with 95% confidence", f"write {RATE}"),
    ],
)
def test_what_is_not_understood(text: str, help_: str) -> None:
    found = parse(text, NAMES)
    assert isinstance(found, Problem)
    assert found.code == "FN117"
    assert found.help == help_


@pytest.mark.parametrize(
    ("words", "operator"),
    [
        ("not below usual", ">="),
        ("never below usual", ">="),
        ("is at least usual", ">="),
        ("≥ usual", ">="),
        ("> usual", ">="),
        ("not above usual", "<="),
        ("never above the usual range", "<="),
        ("at most usual", "<="),
        ("< usual", "<="),
        *(
            (f"{must} {no} {be}{way} usual", operator)
            for must, no, be in (("must", "not", "be "), ("should", "never", "be "), ("must", "not", "fall "))
            for way, operator in (("below", ">="), ("under", ">="), ("above", "<="))
        ),
        ("must be at least usual", ">="),
        ("must not be below the usual level", ">="),
    ],
)
def test_what_is_meant_by_one_side(words: str, operator: str) -> None:
    """And whatever is meant for sure, `check --fix` writes."""
    for text in (f"{figure} {said}" for figure in ("conversion@Paid", "Paid conversion") for said in spelt(words)):
        found = parse(text, NAMES)
        assert isinstance(found, Problem)
        assert found.meant is not None
        assert found.meant.forms == (f"conversion@Paid {operator} usual",)
        assert found.meant.doubt is (words[0] in "<>")
        assert asked(found.meant.forms[0]).operator == operator
    turned = parse(f"usual {operator} conversion@Paid", NAMES)
    assert isinstance(turned, Problem)
    assert turned.help == f"write conversion@Paid {'<=' if operator == '>=' else '>='} usual"


def spelt(words: str) -> tuple[str, ...]:
    return words, words.replace("usual", "Usual"), words.capitalize(), words.upper()


@pytest.mark.parametrize("words", ["within usual", ">= usual", "<= usual", "within the usual range", "is as usual"])
@pytest.mark.parametrize("promise", ["", ", one false alarm in 12 months"])
def test_capitals_say_the_same(words: str, promise: str) -> None:
    operator = words[:2] if words[1] == "=" else "within"
    for said in {*spelt(words), *spelt(words + promise)} - {words, words + promise}:
        found = parse(f"conversion@Paid {said}", NAMES)
        assert isinstance(found, Problem)
        assert found.meant is not None
        tail = promise if len(said) > len(words) else ""
        assert found.meant.forms == (f"conversion@Paid {operator} usual{tail}",)
        assert found.meant.doubt is False
        assert isinstance(parse(found.meant.forms[0], NAMES), UsualCheck)


@pytest.mark.parametrize("usual", ["usual", "Usual"])
def test_a_stage_may_be_called_usual(usual: str) -> None:
    stages = ["Visits", f"{usual} lead", usual]
    assert isinstance(parse(f"conversion@{usual} lead >= 5%", stages), Check)
    assert isinstance(parse(f"conversion@{usual}>=5%", stages), Check)
    assert asked("conversion@Paid>=usual").operator == ">="


def test_at_least_usual_lets_rises_pass_and_at_most_usual_falls() -> None:
    for newest, side in ((300, "below"), (380, "within"), (460, "above")):
        for operator, fails in ((">=", "below"), ("<=", "above")):
            found = result(monthly(newest), f"conversion@Paid {operator} usual")
            assert found.usual is not None
            assert (found.usual.side, found.operator, found.limit) == (side, operator, None)
            assert found.passed is (side != fails)
            assert found.code == ("FN401" if side == fails else None)
            assert len(found.usual.alarms) == (side == fails)


def test_what_is_promised_of_one_side() -> None:
    """The range is that of a check of both sides with half as many periods; one in 12 periods at least."""
    below = result(monthly(380), "conversion@Paid >= usual").usual
    both = result(monthly(380), f"{RATE}, one false alarm in 12 months").usual
    assert below is not None
    assert both is not None
    assert (below.false_alarm_in, below.unit) == (24, "months")
    assert (below.low, below.high) == (both.low, both.high)
    refused = result(monthly(380), "conversion@Paid >= usual, one false alarm in 11 months")
    assert refused.help == "write one of 12 to 11,300 periods"
    assert result(monthly(380), f"{RATE}, one false alarm in 11 months").usual is not None
    years = of([(1000, 380 + year % 3) for year in range(13)], [str(2010 + year) for year in range(13)], "year")
    of_years = result(years, "conversion@Paid <= usual").usual
    assert of_years is not None
    assert (of_years.false_alarm_in, of_years.unit) == (12, "periods")


def test_a_goal_is_a_limit() -> None:
    assert isinstance(goal(RATE, NAMES), Problem)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (RATE, f"{RATE}, one false alarm in 5 years", "loosened"),
        (f"{RATE}, one false alarm in 5 years", RATE, "tightened"),
        (RATE, "count@Paid within usual", "loosened"),
    ],
)
def test_the_rarer_a_false_alarm_the_looser(before: str, after: str, change: str) -> None:
    sides = [monthly(380)._replace(checks=(asked(text),)) for text in (before, after)]
    assert limits_changed(*sides, {name: name for name in NAMES}, strict=False)[0].change == change
    assert not limits_changed(sides[0], sides[0], {name: name for name in NAMES}, strict=False)


@pytest.mark.parametrize("old", ["within", ">=", "<="])
@pytest.mark.parametrize("new", ["within", ">=", "<="])
@pytest.mark.parametrize("number", [7, 8, 11, 12, 11_300, 11_301])
@pytest.mark.parametrize("unit", ["periods", "months"])
def test_a_check_that_can_no_longer_be_judged_is_loosened(old: str, new: str, number: int, unit: str) -> None:
    """Whether it can be is what the check itself says, of a figure that is far from usual."""
    funnel = monthly(200 if old != "<=" else 600)
    texts = f"conversion@Paid {old} usual", f"conversion@Paid {new} usual, one false alarm in {number} {unit}"
    judged = [result(funnel, text) for text in texts]
    assert judged[0].passed is False
    sides = [funnel._replace(checks=(asked(text),)) for text in texts]
    (change,) = limits_changed(*sides, {name: name for name in NAMES}, strict=False)
    if judged[1].passed is None:
        assert (change.change, change.rule) == ("loosened", "unjudged")
        (back,) = limits_changed(*sides[::-1], {name: name for name in NAMES}, strict=False)
        assert (back.change, back.rule) == ("tightened", "judged")
        # where what is undecided fails, it is the other way round, as of other checks
        strictly = [
            limits_changed(*way, {name: name for name in NAMES}, strict=True)[0] for way in (sides, sides[::-1])
        ]
        assert [(each.change, each.rule) for each in strictly] == [("tightened", "unjudged"), ("loosened", "judged")]
    else:
        assert change.rule != "unjudged"
    assert (judged[1].passed is None) is (not (8 if new == "within" else 12) <= number <= 11_300)


@pytest.mark.parametrize(
    ("period", "promise", "change"),
    [
        ("2026-10", "20 days", "loosened"),
        ("2026-10", "8 months", "loosened"),
        ("2026-W40", "8 months", "tightened"),
        ("2026-10-05", "20 days", "tightened"),
        ("2026", "8 years", "loosened"),
        ("the second", "8 periods", "loosened"),
    ],
)
def test_of_commits_the_period_of_the_file_tells_whether_it_can_be_judged(
    period: str, promise: str, change: str
) -> None:
    """Without a breakdown the versions of the file are its periods."""
    text = f"period: {period!r}\nstages: {{Leads: 1000, Paid: 380}}\n"
    funnel = read(text.encode(), "f.yaml").funnels[0]
    texts = "conversion@Paid >= usual", f"conversion@Paid >= usual, one false alarm in {promise}"
    sides = [funnel._replace(checks=(asked(each),)) for each in texts]
    (found,) = limits_changed(*sides, {name: name for name in NAMES}, strict=False)
    assert (found.change, found.rule == "unjudged") == (change, change == "loosened")
    (found,) = limits_changed(*sides, {name: name for name in NAMES}, strict=True)
    assert (found.change, found.rule == "unjudged") == ("tightened", change == "loosened")


FORMS = {  # how many months have one false alarm below, and above
    RATE: (48, 48),
    f"{RATE}, one false alarm in 12 months": (24, 24),
    "conversion@Paid >= usual": (24, None),
    "conversion@Paid >= usual, one false alarm in 48 months": (48, None),
    "conversion@Paid <= usual": (None, 24),
    "conversion@Paid <= usual, one false alarm in 12 months": (None, 12),
}


def fails_as_soon(old: Sequence[str], new: Sequence[str]) -> bool:
    """Of each side, by the table."""
    for side in (0, 1):
        before, after = ([found for text in texts if (found := FORMS[text][side])] for texts in (old, new))
        if before and (not after or min(after) > min(before)):
            return False
    return True


SETS = [(text,) for text in FORMS] + [tuple(FORMS)[2:5:2], tuple(FORMS)[3:6:2], ()]


@pytest.mark.parametrize("old", SETS)
@pytest.mark.parametrize("new", SETS)
def test_of_each_side_the_rarer_alarms_are_the_looser(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    sides = [monthly(380)._replace(checks=tuple(map(asked, texts))) for texts in (old, new)]
    changes = limits_changed(*sides, {name: name for name in NAMES}, strict=False)
    assert any(each.change == "loosened" for each in changes) is not fails_as_soon(old, new)
    assert (not changes) is (old == new)
    for each in changes:
        if each.before and each.after:
            one_sided = [FORMS[text].index(None) if None in FORMS[text] else 2 for text in (each.before, each.after)]
            assert each.rule == ("false_alarms" if one_sided[0] == one_sided[1] else "sides")


def test_strictly_what_fails_or_is_undecided_is_what_checks_say() -> None:
    """A figure that fails before and does not now, what is undecided among the failures, is told of each pair."""
    texts = [f"{each}, one false alarm in {n} months" for each in FORMS if "," not in each for n in (7, 12, 48, 20_000)]
    funnels = [monthly(paid) for paid in (150, 340, 380, 420, 700)]
    fails = {
        (text, strict): {
            at
            for at, each in enumerate(funnels)
            if (passed := result(each, text).passed) is False or (strict and passed is None)
        }
        for text in texts
        for strict in (False, True)
    }
    for old, new in few(product(texts, texts), 60):
        sides = [monthly(380)._replace(checks=(asked(text),)) for text in (old, new)]
        for strict in (False, True):
            changes = limits_changed(*sides, {name: name for name in NAMES}, strict=strict)
            if not fails[old, strict] <= fails[new, strict]:
                assert [each.change for each in changes] == ["loosened"], (old, new, strict)


@pytest.mark.parametrize("strict", [False, True])
def test_rates_that_are_said_to_vary_more_make_a_wider_range_of_what_is_usual(strict: bool) -> None:
    """That a figure failed and no longer does is told; whatever was or is estimated may be wider."""
    known = [None, *(Fraction(each, 100) for each in (1, 3, 10, 40))]
    funnels = [monthly(paid)._replace(checks=(asked(RATE),)) for paid in (150, 300, 340, 420, 500, 700)]
    missed = 0
    for old, new in product(known, known):
        sides = [[each._replace(variation=variation) for each in funnels] for variation in (old, new)]
        fails = [
            {at for at, each in enumerate(side) if run_checks(each, each.checks)[0].passed is False} for side in sides
        ]
        changes = limits_changed(sides[0][0], sides[1][0], {name: name for name in NAMES}, strict=strict)
        told = [each.change for each in changes if each.rule == "usual_variation"]
        assert told == ([] if old == new else ["tightened"] if old and new and new < old else ["loosened"])
        assert fails[0] <= fails[1] or told == ["loosened"]
        missed += not fails[0] <= fails[1]
    assert missed


def test_what_is_there_on_both_sides_is_not_told() -> None:
    within, below = asked(RATE), asked("conversion@Paid >= usual")
    sides = [monthly(380)._replace(checks=checks) for checks in ((within, below), (below,))]
    (change,) = limits_changed(*sides, {name: name for name in NAMES}, strict=False)
    assert (change.change, change.before, change.after) == ("loosened", RATE, None)


def test_few_sales_on_sundays_raise_no_alarms_by_themselves() -> None:
    """Sundays with a fifth of a sale, and days with forty: what varies less does not make others unusual."""
    random, alarms, looks = numpy.random.default_rng(20261128), 0, 0
    for _ in range(6):
        leads = [4 if place % 7 == 6 else 200 for place in range(300)]
        found = result(of([(could, int(random.binomial(could, 0.05))) for could in leads], days(300), "day")).usual
        assert found is not None
        assert found.looks == 300 - 28
        alarms, looks = alarms + len(found.alarms), looks + found.looks
    assert alarms <= 7  # 2.2 by chance: 7 or fewer in 99.8%


@pytest.mark.parametrize("mean", [5, 40, 3000])
def test_counts_of_days_alarm_as_seldom_as_is_promised(mean: int) -> None:
    """Weekends have a third, and so vary three times as much beside it."""
    random, alarms = numpy.random.default_rng(20261128), 0
    for _ in range(6):
        sales = random.poisson([mean / 3 if place % 7 >= 5 else mean for place in range(300)])
        found = result(of([(5 * mean, int(each)) for each in sales], days(300), "day"), "count@Paid within usual").usual
        assert found is not None
        assert found.low == 0 or found.low < sales[-1] < found.high or found.side != "within"
        alarms += len(found.alarms)
    assert alarms <= 7


def test_of_amounts_nothing_lies_in_a_range_that_begins_there() -> None:
    rows = [(1000, 0)] * 12
    found = result(of(rows, months(12)), "count@Paid within usual")
    assert found.reason == "fewer than 1 in a month are too few to tell what is usual"


def test_more_alarms_than_chance_brings_are_told() -> None:
    quiet = result(monthly(380)).usual
    assert quiet is not None
    assert not quiet.is_restless
    often = [(1000, 300 if place % 12 == 11 else 380 + place % 5) for place in range(120)]
    restless = result(of([*often, (1000, 381)], months(121))).usual
    assert restless is not None
    assert len(restless.alarms) >= 9
    assert restless.by_chance == pytest.approx(113 / 24)
    assert restless.is_restless == (stats.poisson.sf(len(restless.alarms) - 1, 113 / 24) < 0.01)


@pytest.mark.parametrize("even", [[200] * 12, [199, 200, 201] * 4, [200, 201] * 6])
@pytest.mark.parametrize("newest", [185, 195, 201, 205, 215])
def test_periods_more_even_than_chance_do_not_make_chance_unusual(even: list[int], newest: int) -> None:
    """Of 1,000 at 20%, one month in four is 15 or more away from 200, whatever rounded figures say."""

    def told(last: int) -> CheckResult:
        return result(of([(1000, count) for count in (*even, last)], months(13)))

    found = told(newest)
    assert found.passed, found.usual
    assert found.usual is not None
    chance = stats.binom(1000, 0.2)
    assert chance.cdf(1000 * found.usual.low) < 0.05
    assert chance.sf(1000 * found.usual.high) < 0.05
    assert told(130).passed is False


def delay_of(funnel: Funnel, text: str) -> UsualDelay | None:
    found = result(funnel, text).usual
    assert found is not None
    return found.delay


def small(number: int = 9, could: int = 500, came: Sequence[int] = (10, 14, 6, 12, 9, 13, 7, 11, 8)) -> Funnel:
    """Months of few sales."""
    return of([(could, came[place % len(came)]) for place in range(number)], months(number))


@pytest.mark.parametrize("text", [RATE, "conversion@Paid >= usual", "conversion@Paid <= usual", "count@Paid >= usual"])
def test_how_soon_a_change_is_found_and_what_finds_it_sooner(text: str) -> None:
    """What is named in the check's place has the delay that was told of it."""
    delay = delay_of(small(), text)
    assert delay is not None
    assert (delay.change, delay.unit, delay.or_more) == (0.2 if "<=" in text else -0.2, "months", False)
    assert delay.periods > 3
    assert delay.sooner is not None
    assert delay.sooner_periods is not None
    assert delay.sooner_periods < 0.75 * delay.periods
    figure = text.split(" ")[0]
    other = f"{figure} {delay.sooner}" if delay.sooner.endswith(" usual") else f"{text}, {delay.sooner}"
    named = delay_of(small(), other)
    assert named is not None
    assert named.periods == pytest.approx(delay.sooner_periods)


@pytest.mark.parametrize("promise", ["24 months", "3 years", "900 days", "3000 days", "9 years"])
def test_false_alarms_twice_as_often_are_a_check_that_is_read(promise: str) -> None:
    delay = delay_of(small(), f"conversion@Paid >= usual, one false alarm in {promise}")
    assert delay is not None
    assert delay.sooner is not None
    named = delay_of(small(), f"conversion@Paid >= usual, {delay.sooner}")
    assert named is not None
    assert named.periods == pytest.approx(delay.sooner_periods)


def test_a_fall_that_is_found_soon_needs_nothing_else() -> None:
    delay = delay_of(monthly(380), RATE)
    assert delay is not None
    assert delay.periods < 3
    assert delay.sooner is None


def test_more_units_or_periods_find_it_sooner() -> None:
    delays = [
        delay_of(funnel, RATE)
        for funnel in (small(), small(27), small(27, 5000, (100, 104, 96, 102, 99, 103, 97, 101, 98)))
    ]
    periods = [each.periods for each in delays if each is not None]
    assert periods == sorted(periods, reverse=True)
    assert len(periods) == 3


def test_of_losses_a_rise_is_told() -> None:
    losses = of([(500, 490 - 3 * (place % 4)) for place in range(12)], months(12))
    delay = delay_of(losses, "drop_off_rate@Paid within usual")
    assert delay is not None
    assert delay.change == 0.2
    assert delay.sooner in (None, "<= usual")


@pytest.mark.parametrize("share", [0.3, 0.81, 0.86, 0.98])
@pytest.mark.parametrize("figure", ["conversion@Paid", "drop_off_rate@Paid", "one_in@Paid", "count@Paid"])
def test_what_cannot_change_by_as_much_has_no_delay(figure: str, share: float) -> None:
    """From 98% on average nothing rises by a fifth, nor does one in 1.1 fall so far."""
    funnel = of([(500, round(500 * share) + place % 4 - 2) for place in range(12)], months(12))
    now = {"conversion": share, "drop_off_rate": 1 - share, "one_in": 1 / share, "count": 500 * share}
    name = figure.partition("@")[0]
    least, most = METRICS[name].bounds[0]
    for side, word in ((-1, ">="), (1, "<=")):
        changed = now[name] * (1 + side / 5)
        is_possible = (least is None or changed >= least) and (most is None or changed <= most)
        assert (delay_of(funnel, f"{figure} {word} usual") is not None) is is_possible, word


def test_where_stages_may_grow_rates_rise_further() -> None:
    rows = [(500, 480 + 7 * (place % 4)) for place in range(12)]
    stages = "stages: [{name: Leads, count: 6000}, {name: Paid, count: %d, allow_growth: true}]"
    funnel = of(rows, months(12), stages=stages % sum(paid for _, paid in rows))
    assert delay_of(funnel, "conversion@Paid <= usual") is not None


def test_while_an_alarm_lasts_no_delay_is_told() -> None:
    found = result(monthly(200), RATE).usual
    assert found is not None
    assert found.side == "below"
    assert found.delay is None


def test_of_days_each_weekday_has_its_level() -> None:
    random = numpy.random.default_rng(20261128)
    sales = random.binomial([150 if place % 7 >= 5 else 500 for place in range(100)], 0.1)
    rows = [(150 if place % 7 >= 5 else 500, int(each)) for place, each in enumerate(sales)]
    delay = delay_of(of(rows, days(100), "day"), RATE)
    assert delay is not None
    assert delay.unit == "days"
    assert 3 < delay.periods < 60


@pytest.mark.parametrize("text", ["entries within usual", "conversion@Paid >= usual"])
def test_the_delay_is_said_where_it_is_long(text: str) -> None:
    for funnel in (small(), small(27), monthly(380)):
        found = result(funnel, text)
        assert found.usual is not None
        delay = found.usual.delay
        assert delay is not None
        said = explained(found)
        assert ("by a fifth is found after about" in said) is (delay.periods > 3)
        assert delay_words(delay) in said
        assert delay_words(delay) in str(checks_table([found]))
    hardly = UsualDelay(-0.2, 60.0, "weeks", or_more=True)
    assert delay_words(hardly) == "; a fall by a fifth is found after more than 60 weeks"
    assert delay_words(
        hardly._replace(change=0.2, periods=15.4, or_more=False, sooner=">= usual", sooner_periods=8.1)
    ) == ("; a rise by a fifth is found after about 15 weeks, with >= usual after 8")
