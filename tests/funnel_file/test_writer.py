"""A funnel as a new file: what is written says the same funnel again, without a finding."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.diagnostics import Problem
from funnelcli.exact import added, reduced
from funnelcli.funnel_file.breakdowns import with_money_of_segments
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.funnel_file.figures import exact_mean, figure_text, mean_text, significant
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import WIDEST, new_file
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.lint.rules import RULES
from funnelcli.measure import Measured
from funnelcli.model import Funnel, Stage
from funnelcli.segments import Breakdown, CellCounts, Segment, added_up, open_added_up, segment_at, with_open
from tests.funnel_file.test_starters import NASTY, names, switched_on
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.exact import Exact


def text_of(funnel: Funnel, notes: tuple[str, ...] = ()) -> str:
    made = new_file(funnel, "mine.yaml", ["Made for a test."], notes)
    assert [each.problem for each in made.errors] == []
    return made.text


def sound(text: str, loader: type | None = None) -> Funnel:
    """The funnel of a text that `check` has nothing to say about."""
    reading = read(text.encode(), "mine.yaml", loader, rules=RULES)
    assert [each.problem for each in reading.diagnostics] == []
    (funnel,) = reading.funnels
    return funnel


def plain(*counts: Exact, **last: object) -> Funnel:
    names_ = ("Lead", "Meeting", "Contract", "Won")[: len(counts)]
    stages = [
        Stage(name, at - 1 if at else None, count) for at, (name, count) in enumerate(zip(names_, counts, strict=True))
    ]
    stages[-1] = stages[-1]._replace(**last)  # type: ignore[arg-type]
    return Funnel("Deals", tuple(stages), currency="EUR")


def test_the_file_of_a_pipeline() -> None:
    """What is written, as YAML loads it, without a word of ours about it."""
    funnel = plain(
        200, 90, 40, average_check=Fraction(10001, 3), average_check_sd=Fraction(12345678, 10000), role="customer"
    )
    stages = list(funnel.stages)
    stages[0] = stages[0]._replace(open=2, open_amounts=(3950, Fraction(5601, 2)))
    stages[1] = stages[1]._replace(open=9, days=Fraction(10, 3), days_lost=31, days_lost_quantiles=(20, 60))
    segments = (Segment("Anna", (120, 60, 30), open=(2, 4, 0)), Segment("Ben", (80, 30, 10), open=(0, 5, 0)))
    cells = tuple(CellCounts((("owner", each.name), ("month", "2026-10")), each.counts, each.open) for each in segments)
    funnel = funnel._replace(
        stages=tuple(stages),
        period="2026-10",
        budget=Fraction(24999, 10),
        breakdowns=(Breakdown("owner", segments), Breakdown("source", (Segment("Web", (200, 90, 40)),))),
        cells=cells,
        measured=Measured("deals.csv", recipe="hubspot_deals 1"),
    )
    assert yaml.safe_load(text_of(funnel)) == {
        "name": "Deals",
        "period": "2026-10",
        "currency": "EUR",
        "average_check": {"mean": 3333.66667, "sd": 1235},
        "budget": 2499.9,
        "stages": [
            {"name": "Lead", "count": 200, "open": [3950, 2800.5]},
            {"name": "Meeting", "count": 90, "days": 3.33333, "days_lost": {"median": 20, "p90": 60}, "open": 9},
            {"name": "Contract", "count": 40, "role": "customer"},
        ],
        "breakdowns": {"source": {"Web": [200, 90, 40]}},
        "cells": [
            {"owner": "Anna", "month": "2026-10", "counts": [120, 60, 30], "open": [2, 4, 0]},
            {"owner": "Ben", "month": "2026-10", "counts": [80, 30, 10], "open": [0, 5, 0]},
        ],
        "measured": {"source": "deals.csv", "recipe": "hubspot_deals 1"},
    }


def test_what_the_file_teaches_is_off_and_sound() -> None:
    text = text_of(plain(1000, 300, 90, average_check=50))
    assert "    #target: 36%\n" in text
    funnel = sound(switched_on(text))
    assert funnel.checks
    assert funnel.scenarios
    assert [stage.count for stage in funnel.stages] == [1000, 300, 90]


def test_notes_are_comments_whatever_stands_in_them() -> None:
    notes = (
        "the column \u202e# funnelcli: ignore[FN301] is left out",
        "two\x1b[31m lines\nof it",
        "x" * 300,
        "word " * 60,
    )
    text = text_of(plain(100, 50), notes)
    assert sound(text).names == ("Lead", "Meeting")
    assert "\\u202e" in text
    assert "\x1b" not in text
    assert all(len(line) <= 100 or " " not in line.strip("# -") for line in text.splitlines() if line.startswith("#"))


def test_long_lists_are_broken_and_cells_are_a_line_each() -> None:
    amounts = tuple(range(1000, 1090))
    funnel = plain(200, 20)
    stages = (funnel.stages[0]._replace(open=len(amounts), open_amounts=amounts), funnel.stages[1])
    cells = tuple(CellCounts((("owner", f"Owner {at} " * 6), ("month", "2026-10")), (100, 10)) for at in range(2))
    text = text_of(funnel._replace(stages=stages, cells=cells))
    assert all(len(line) <= WIDEST for line in text.splitlines() if "owner" not in line)
    assert len([line for line in text.splitlines() if line.startswith("  - {owner: ")]) == 2
    assert sound(text).stages[0].open_amounts == amounts


@pytest.mark.parametrize(
    ("funnel", "code"),
    [
        (plain(100, 100), "FN305"),
        (plain(100, 50, average_check=5)._replace(currency=None), "FN306"),
        (plain(100, 50)._replace(breakdowns=(Breakdown("source", (Segment("Web", (90, 50)),)),)), "FN301"),
        (plain(100, 50, average_check=5, average_check_sd=9000), "FN317"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_odd_is_said_and_ignored_in_the_file(funnel: Funnel, code: str) -> None:
    made = new_file(funnel, "mine.yaml")
    assert {each.code for each in made.warnings} == {code}
    assert f"# funnelcli: ignore[{code}] as the export has it\n" in made.text
    sound(made.text)


def test_a_first_count_of_100_before_fractions_is_no_percentage() -> None:
    assert "count: 100.0\n" in text_of(plain(100, Fraction(75, 2)))


def test_a_funnel_that_no_file_may_have_is_an_error() -> None:
    made = new_file(plain(10, 20), "mine.yaml")
    assert [each.problem.code for each in made.errors] == ["FN104"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (Fraction(62, 5), "12.4"),
        (Fraction(12345, 1000), "12.3450"),
        (Fraction(1, 8), "0.125"),
        (10**18, f"1{'0' * 18}"),
    ],
)
def test_figures_that_end_are_written_whole(value: Exact, text: str) -> None:
    assert figure_text(value) == text


@pytest.mark.parametrize("units", [3, 7, 300, 12_000, 999_999])
@pytest.mark.parametrize("total", [Fraction(100), Fraction(10_000_001, 100), Fraction(123_456_789_012, 100)])
def test_revenue_comes_out_again_to_the_cent(total: Fraction, units: int) -> None:
    mean = Fraction(mean_text(reduced(total / units), units))
    assert round(mean * units, 2) == total
    assert exact_mean(mean, units) * units == total
    assert len(mean_text(reduced(Fraction(100, 3)), 3)) == len("33.3333")


def test_a_mean_that_somebody_wrote_stays() -> None:
    """No sum in whole cents has these digits, or the mean has no more than a price has."""
    for mean, units in (("31.57", 193), ("0.0001", 9), ("0.0349", 127_560), ("12.3456", 1000)):
        assert exact_mean(Fraction(mean), units) == Fraction(mean)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(100, 3), "33.33"), (Fraction(123456, 10), "12346"), (Fraction(1, 300), "0.003333"), (5, "5")],
)
def test_four_digits(value: Exact, text: str) -> None:
    assert significant(value, 4) == text


# any funnel


def decimals(most: int = 10**9) -> st.SearchStrategy[Exact]:
    return st.builds(
        lambda whole, part: reduced(Fraction(whole * 100 + part, 100)), st.integers(1, most), st.integers(0, 99)
    )


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    many = draw(st.integers(2, 4))
    called = draw(st.lists(names(), min_size=many, max_size=many, unique=True))
    counts = sorted((draw(st.integers(0, 500) | st.integers(0, 10**18)) for _ in called), reverse=True)
    stages = [
        Stage(name, at - 1 if at else None, count) for at, (name, count) in enumerate(zip(called, counts, strict=True))
    ]
    for at, stage in enumerate(stages):
        free = stage.count - (stages[at + 1].count if at + 1 < many else 0)
        amounts = draw(st.lists(decimals(), max_size=min(int(free), 30))) if at + 1 < many else []
        days = draw(st.none() | decimals(1000)) if at else None
        stages[at] = stage._replace(open=len(amounts) or None, open_amounts=tuple(amounts), days=days)
    if counts[-1]:
        total = draw(decimals())
        money = draw(st.sampled_from(["mean", "mean and sd", "revenue", "none"]))
        if money == "revenue":
            stages[-1] = stages[-1]._replace(revenue=total)
        elif money != "none":
            mean = reduced(Fraction(total) / counts[-1])
            sd = mean * 2 if money == "mean and sd" else None
            stages[-1] = stages[-1]._replace(average_check=mean, average_check_sd=sd, role="customer")
    dimensions = draw(
        st.lists(names().filter(lambda name: name not in ("counts", "open", "budget")), max_size=2, unique=True)
    )
    breakdowns = tuple(Breakdown(dimension, tuple(draw(segments(counts)))) for dimension in dimensions)
    return Funnel(
        draw(names()),
        tuple(stages),
        period=draw(st.none() | names()),
        currency=draw(st.none() | names()),
        budget=draw(st.none() | decimals()),
        breakdowns=breakdowns,
        measured=Measured(draw(names()), recipe=draw(st.none() | names())),
    )


@st.composite
def segments(draw: st.DrawFn, counts: list[int]) -> list[Segment]:
    """Parts of the counts, which may be empty, and add up or not."""
    called = draw(st.lists(names(), min_size=1, max_size=3, unique=True))
    found = []
    for name in called:
        share = draw(st.integers(0, 4))
        row = tuple(count * share // 4 for count in counts)
        found.append(Segment(name, row, budget=draw(st.none() | decimals())))
    return found


@settings(max_examples=whole_or_part(40, 15), deadline=None, database=None, derandomize=True)
@given(funnels(), st.lists(names(), max_size=2))
def test_any_funnel_reads_back(funnel: Funnel, notes: list[str]) -> None:
    text = text_of(funnel, tuple(notes))
    found = sound(text)
    assert sound(text, PurePythonLoader) == found
    wanted = with_money_of_segments(funnel._replace(file="mine.yaml"))
    for one, other in zip(found.stages, wanted.stages, strict=True):
        if other.average_check is not None:
            assert one.average_check is not None
            assert round(one.average_check * one.count, 2) == round(other.average_check * other.count, 2)
            assert (one.average_check_sd is None) == (other.average_check_sd is None)
        if other.days is not None:
            assert one.days is not None
            assert abs(Fraction(one.days) - other.days) * 10**5 <= other.days

    def but_rounded(stage: Stage) -> Stage:
        return stage._replace(average_check=None, average_check_sd=None, days=None)

    assert list(map(but_rounded, found.stages)) == list(map(but_rounded, wanted.stages))
    assert found._replace(stages=()) == wanted._replace(stages=())


@settings(max_examples=whole_or_part(40, 15), deadline=None, database=None, derandomize=True)
@given(
    st.lists(
        st.tuples(names(), names(), st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=3)),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[:2],
    ),
    st.booleans(),
)
def test_any_cells_read_back(rows: list[tuple[str, str, int, list[int]]], told: bool) -> None:
    """With open units and, where these are `told`, the amount of each."""
    some_wait = any(amounts for _, _, _, amounts in rows)
    cells = tuple(
        CellCounts(
            (("owner", one), ("#month", other)),
            (2 * count + len(amounts), count),
            (len(amounts), 0) if some_wait else (),
            (tuple(amounts), ()) if told and amounts else (),
        )
        for one, other, count, amounts in rows
    )
    sums = [
        Breakdown(
            dimension,
            tuple(
                with_open(Segment(name, row), open_added_up(cells, segment_at(place)).get(name))
                for name, row in added_up(cells, segment_at(place)).items()
            ),
        )
        for place, dimension in enumerate(("owner", "#month"))
    ]
    counts = [added(cell.counts[at] for cell in cells) for at in range(2)]
    waiting = sum(cell.open[0] for cell in cells if cell.open)
    amounts = tuple(amount for cell in cells if cell.open_amounts for amount in cell.open_amounts[0])
    stages = (Stage("A", None, counts[0], open=waiting or None, open_amounts=amounts), Stage("B", 0, counts[1]))
    funnel = Funnel("x", stages, cells=cells, breakdowns=tuple(sums))
    assert sound(text_of(funnel)) == funnel._replace(file="mine.yaml")


@pytest.mark.parametrize("name", NASTY)
def test_a_segment_of_any_name(name: str) -> None:
    funnel = plain(100, 50)._replace(breakdowns=(Breakdown("who", (Segment(name, (100, 50), budget=5),)),))
    assert sound(text_of(funnel)).breakdowns == funnel.breakdowns


@pytest.mark.parametrize("quantiles", [(2, 9), (Fraction(1, 3), Fraction(100, 7)), (0, 5), (4, 4)])
def test_times(quantiles: tuple[Exact, Exact]) -> None:
    mean = lognormal_mean(*quantiles)
    known = Fraction(7, 3) if isinstance(mean, Problem) else mean
    stage = sound(text_of(plain(100, 50, days=known, days_quantiles=quantiles))).stages[-1]
    assert stage.days is not None
    assert abs(Fraction(stage.days) - known) * 10**5 <= known
    assert (stage.days_quantiles is None) is isinstance(mean, Problem)
