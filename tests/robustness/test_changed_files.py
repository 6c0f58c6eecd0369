"""`diff` of whole files that were changed: no loosening is missed, nothing is unsaid, nothing equal is told."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.differing import FileSides, is_checked, report_on
from funnelcli.diagnostics import Severity
from funnelcli.output.difference import render
from funnelcli.output.formats import Canvas
from tests.robustness.changed_files import Changed, changed, data, loosened, reading, said
from tests.thorough import few, whole_or_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.difference import DifferenceReport

RUNS = 1200
SIZES = 250
"""Figures that the judge gives to both sides of a change."""


def cases(seed: int, number: int) -> Iterator[Changed]:
    dice = random.Random(seed)
    while number:
        case = changed(dice)
        if case is not None and (case.before, case.name) != (case.after, case.name_now):
            number -= 1
            yield case


def report(case: Changed, strict: bool = False) -> DifferenceReport:
    sides = FileSides(case.name, case.name_now, case.before.encode(), case.after.encode())
    return report_on([sides], "a", "b", strict)


def reads(case: Changed) -> bool:
    return all(each.severity is not Severity.ERROR for each in reading(case.after).diagnostics)


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_no_loosening_of_a_file_is_missed(strict: bool) -> None:
    missed = []
    for number, case in enumerate(few(cases(7, whole_or_part(RUNS, 160)), 40)):
        found = report(case, strict)
        if not reads(case):
            assert found.broken or not is_checked(case.name_now)
        elif loosened(case, strict, whole_or_part(SIZES, 60), random.Random(number)) and not found.loosened:
            missed.append(case)
    assert missed == []


def test_what_changes_is_told_and_nothing_else() -> None:
    unsaid, told = [], []
    for case in few(cases(8, whole_or_part(RUNS, 240)), 60):
        if not reads(case):
            continue
        found = report(case)
        differs = said(case.before, case.name) != said(case.after, case.name)
        if differs and found.is_empty:
            unsaid.append(case)
        same_file = case.name == case.name_now and data(case.before) == data(case.after)
        if not differs and same_file and not (found.is_empty or found.files):
            told.append(case)
        assert (render("table", found, Canvas()) == "") is found.is_empty
    assert (unsaid, told) == ([], [])


WEEKS = """name: Shop
stages: {Visits: 1200, Paid: 120}
breakdowns:
  week:
"""
MONTHLY = [f"2025-{month:02}" for month in range(1, 13)]
WEEKLY = [f"2026-W{week:02}" for week in range(10, 22)]
SPANS = {  # how long, in days, where a period is a month, a week
    "": (24 * 30.44, 24 * 30.44),
    ", one false alarm in 12 months": (365, 365),
    ", one false alarm in 5 years": (1826, 1826),
    ", one false alarm in 30 periods": (30 * 30.44, 30 * 7),
    ", one false alarm in 120 periods": (120 * 30.44, 120 * 7),
}


@pytest.mark.parametrize("periods", [MONTHLY, WEEKLY], ids=["months", "weeks"])
def test_rarer_alarms_are_looser(periods: list[str]) -> None:
    text = WEEKS.replace("week", "month") if periods is MONTHLY else WEEKS
    text += "".join(f"    {name}: [100, 10]\n" for name in periods)
    at = int(periods is WEEKLY)
    for old, before in SPANS.items():
        for new, after in SPANS.items():
            sides = [f'{text}checks: ["conversion@Paid within usual{more}"]\n' for more in (old, new)]
            found = report(Changed("usual", sides[0], sides[1], "shop.yaml", "shop.yaml", {}, {}))
            assert bool(found.loosened) is (after[at] > before[at])
            assert found.is_empty is (old == new)
        gone = report(Changed("usual", sides[0], text, "shop.yaml", "shop.yaml", {}, {}))
        assert gone.loosened == 1
        limit = f'{text}checks: ["conversion@Paid >= 1%"]\n'
        found = report(Changed("usual", sides[0], limit, "shop.yaml", "shop.yaml", {}, {}))
        assert found.loosened == 1
        assert [each.change for each in found.funnels[0].limits] == ["added"]


def test_files_of_defaults() -> None:
    kinds = {
        ("currency: EUR\n", "currency: USD\n"): 0,
        ("currency: EUR\n", "currency: EUR\nignore: [FN306]\n"): 1,
        ("ignore: [FN306]\n", "ignore: [FN3]\n"): 1,
        ("ignore: [FN3]\n", "ignore: [FN306]\n"): 0,
        ("ignore: [FN306]\n", "ignore: [FN306, FN301]\n"): 1,
        ("ignore: [FN306, FN301]\n", "# nothing\n"): 0,
    }
    for (old, new), told in kinds.items():
        sides = FileSides(".funnelcli.yaml", ".funnelcli.yaml", old.encode(), new.encode(), True)
        found = report_on([sides], "a", "b")
        assert found.loosened == told
        assert not found.is_empty
        assert report_on([sides._replace(new_data=f"# why\n{old}".encode())], "a", "b").is_empty
