"""Limits that are loosened: the judge runs the checks of both sides over a grid of figures, and knows no rule."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

import pytest

from funnelcli.analyses.checks import run_checks
from funnelcli.analyses.looseness import limits_changed
from funnelcli.analyses.renames import stages_now
from funnelcli.funnel_file.changes import check as parse_check
from funnelcli.model import Funnel, Stage
from funnelcli.what_if import BaselineLimit, Check
from tests.thorough import few, whole_or_part

NAMES = ("Visits", "Leads", "Paid")
RATES = ("conversion@Paid", "overall_conversion", "drop_off_rate@Paid", "conversion@Leads")
AMOUNTS = ("count@Paid", "entries", "sales", "revenue")
SIGNS = (">=", "<=", ">", "<", "==")
SURE = ("", " with 80% confidence", " with 95% confidence", " with 95% confidence, at every look")


def funnel(*counts: int, checks: tuple[Check, ...] = (), **more: object) -> Funnel:
    stages = tuple(
        Stage(name, None if index == 0 else index - 1, count)
        for index, (name, count) in enumerate(zip(NAMES, counts, strict=True))
    )
    return Funnel("Shop", (*stages[:-1], stages[-1]._replace(average_check=5)), checks=checks)._replace(**more)


def limits(*texts: str) -> tuple[Check, ...]:
    found = [parse_check(text, NAMES) for text in texts]
    assert all(isinstance(each, Check) for each in found), found
    return tuple(each for each in found if isinstance(each, Check))


@cache
def grid() -> tuple[Funnel, ...]:
    """Funnels whose rates are at, and beside, every limit that the cases have, of few units and of many."""
    counts = [(0, 0, 0), (1, 1, 1), (1, 0, 0), (4, 4, 1)]
    for size in (40, 1000):
        for leads in (size, size // 2):
            counts += [(size, leads, leads * step // 20) for step in range(21)]
        counts += [(size, size * step // 20, 0) for step in range(21)]
    counts += [(units, units, paid) for units in (*range(4, 22), 30) for paid in (1, 2, 3, 4) if paid <= units]
    counts += [(22, 22, paid) for paid in range(4, 22)]
    counts += [(100_000, 100_000, 20_000 * step + more) for step in range(1, 5) for more in (-1, 1)]
    counts += [(100_000, 20_000 * step + more, 10_000) for step in range(1, 5) for more in (-1, 1)]
    counts += [(40, 30, paid) for paid in (4, 5, 6, 9, 10, 11, 14, 15, 16, 19, 20, 21, 24, 25, 26)]
    return tuple(funnel(*each) for each in dict.fromkeys(counts))


def fails(of: Funnel, checks: tuple[Check, ...], strict: bool, baseline: list[Funnel] | None) -> bool:
    """Whether `check` says no."""
    found = run_checks(of, checks, baseline)
    return any(each.passed is False or (strict and each.passed is None) for each in found)


def is_looser(before: tuple[Check, ...], after: tuple[Check, ...], strict: bool) -> bool:
    """Whether a figure of the grid failed before and does not fail now."""
    follow = any(isinstance(each.limit, BaselineLimit) for each in (*before, *after))
    return not failing(before, strict, follow) <= failing(after, strict, follow)


@cache
def failing(checks: tuple[Check, ...], strict: bool, follow: bool) -> frozenset[tuple[int, int]]:
    """The figures of the grid that fail, by number; where the limits `follow` a baseline, beside each of some."""
    references: list[list[Funnel] | None] = [[each] for each in grid()[:: whole_or_part(9, 17)]] if follow else [None]
    return frozenset(
        (one, at)
        for one, reference in enumerate(references)
        for at, of in enumerate(grid())
        if fails(of, checks, strict, reference)
    )


def is_told(before: tuple[Check, ...], after: tuple[Check, ...], strict: bool) -> bool:
    one, two = funnel(1000, 500, 100, checks=before), funnel(1000, 500, 100, checks=after)
    found = limits_changed(one, two, stages_now(one, two), strict)
    assert [each.change != "loosened" for each in found] == sorted(each.change != "loosened" for each in found)
    return any(each.change == "loosened" for each in found)


def some_limits(dice: random.Random, figure: str, sure: str, most: int) -> list[str]:
    """Limits on one figure: of counts and money whole ones, of rates those of the grid."""
    found = []
    for _ in range(dice.randint(1, most)):
        is_rate = "conversion" in figure or "rate" in figure
        sign = dice.choice(SIGNS if not sure else SIGNS[:4])
        limit = dice.choice(("20%", "40%", "60%", "80%") if is_rate else ("5", "10", "15", "20"))
        found.append(f"{figure} {sign} {limit}{sure}")
    return found


def sure(dice: random.Random, figure: str) -> str:
    return dice.choice(SURE) if figure in RATES and "drop" not in figure else ""


def case(dice: random.Random) -> tuple[list[str], list[str]]:
    """Limits of one figure before and after: one of any certainty each, or several that are alike in that."""
    figure = dice.choice((*RATES, *AMOUNTS))
    has_interval = figure in RATES and "drop" not in figure
    if has_interval and dice.random() < 0.5:
        old, new = dice.choice(SURE), dice.choice(SURE)
        before = some_limits(dice, figure, old, 1)
        if dice.random() < 0.5:
            return before, [before[0].removesuffix(old) + ("" if " == " in before[0] else new)]
        return before, some_limits(dice, figure, old, 1)
    before = some_limits(dice, figure, "", 3)
    after = [*before]
    if dice.random() < 0.4:
        after.pop(dice.randrange(len(after)))
    for _ in range(dice.randint(0, 2)):
        after[: dice.randint(0, 1)] = some_limits(dice, figure, "", 1)
    dice.shuffle(after)
    return before, after


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
@pytest.mark.parametrize("seed", range(4))
def test_a_loosened_limit_is_told_and_no_other(seed: int, strict: bool) -> None:
    """Of limits on one figure: the rule says what the grid says."""
    dice = random.Random(seed)
    wrong = []
    for _ in few(range(400), 6):
        before, after = case(dice)
        one, two = limits(*before), limits(*after)
        if is_told(one, two, strict) != is_looser(one, two, strict):
            wrong.append((before, after, is_looser(one, two, strict)))
    assert wrong == []


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_limits_of_several_figures(strict: bool) -> None:
    """That one is loosened is never missed, whatever the others are."""
    dice = random.Random(5)
    for _ in few(range(200), 6):
        figures = dice.sample((*RATES, *AMOUNTS), 3)
        before = [some_limits(dice, each, sure(dice, each), 1)[0] for each in figures]
        after = [*before]
        other = dice.choice(figures)
        after[dice.randrange(3)] = some_limits(dice, other, sure(dice, other), 1)[0]
        one, two = limits(*before), limits(*after)
        if is_looser(one, two, strict):
            assert is_told(one, two, strict), (before, after)


@pytest.mark.parametrize("sign", [">=", "<=", ">", "<"])
def test_limits_that_follow_a_baseline(sign: str) -> None:
    written = ["baseline", "baseline - 2pp", "baseline - 10pp", "baseline + 5pp", "baseline - 5%", "baseline + 10%"]
    wrong = []
    for before in written:
        for after in written:
            one, two = (limits(f"conversion@Paid {sign} {each}") for each in (before, after))
            if is_told(one, two, False) != is_looser(one, two, False):
                wrong.append((before, after))
    assert wrong == []


def test_the_order_of_limits_and_their_spelling_are_no_change() -> None:
    texts = ["revenue >= 500", "conversion@Paid >= 45%", "overall_conversion >= 4% with 95% confidence"]
    other = ["conversion@Paid >= 0.45", "overall_conversion>=4.0% with 0.95 confidence", "revenue >= 500.00"]
    one, two = funnel(1000, 500, 100, checks=limits(*texts)), funnel(1000, 500, 100, checks=limits(*other))
    assert limits_changed(one, two, stages_now(one, two)) == ()


def test_each_key_by_which_a_file_says_less() -> None:
    sure = limits("conversion@Paid >= 45% with 95% confidence")
    one = funnel(1000, 500, 100, checks=sure)
    cases = {
        "variation": one._replace(variation=1),
        "removed": one._replace(checks=()),
        "target": one,
        "allow_growth": one._replace(stages=(*one.stages[:2], one.stages[2]._replace(allow_growth=True))),
    }
    aimed = one._replace(stages=(*one.stages[:2], one.stages[2]._replace(target=1)))
    for rule, two in cases.items():
        before = aimed if rule == "target" else one
        found = limits_changed(before, two, stages_now(before, two))
        assert [(each.change, each.rule) for each in found] == [("loosened", rule)]
        back = limits_changed(two, before, stages_now(two, before))
        assert [each.change for each in back if each.change == "loosened"] == []


def test_a_limit_goes_with_the_name_of_its_stage() -> None:
    one = funnel(1000, 500, 100, checks=limits("conversion@Paid >= 45%"))
    renamed = one._replace(
        stages=(*one.stages[:2], one.stages[2]._replace(name="Won")),
        checks=tuple(each for each in [parse_check("conversion@Won >= 45%", ("Visits", "Leads", "Won"))] if each),  # type: ignore[misc]
    )
    assert limits_changed(one, renamed, stages_now(one, renamed)) == ()


def test_a_step_from_a_later_stage_is_a_looser_limit_from_below() -> None:
    """Whoever puts a stage between lets each step be of fewer, so that its conversion is higher."""
    names = ("Visits", "Leads", "Calls", "Paid")
    for text, told in (("conversion@Paid >= 45%", True), ("conversion@Paid <= 45%", False)):
        one = funnel(1000, 500, 100, checks=limits(text))
        stages = (*one.stages[:2], Stage("Calls", 1, 300), one.stages[2]._replace(parent=2))
        check = parse_check(text, names)
        assert isinstance(check, Check)
        two = one._replace(stages=stages, checks=(check,))
        found = limits_changed(one, two, stages_now(one, two))
        assert [each.rule for each in found] == ["origin"]
        assert (found[0].change == "loosened") is told
        (back,) = limits_changed(two, one, stages_now(two, one))
        assert (back.change == "loosened") is not told


def test_the_grid_has_figures_between_all_limits() -> None:
    rates = sorted({each.stages[2].count / each.stages[1].count for each in grid() if each.stages[1].count})
    assert max(after - before for before, after in pairwise(rates)) <= 0.051
