"""Times and ends that a measurement notes: what is written is read back, and what is missing is said."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

from funnelcli.funnel_file.reader import read  # after the check
from funnelcli.funnel_file.rewrite import Counts, rewrite
from funnelcli.measure import LADDER, Curve, Eventual, Measured, Noted, Times

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

FILE = "name: Shop\nstages:\n  - {name: A, count: 9, when: {e: a}}\n  - {name: B, count: 5, when: {e: b}}\n"
NAMES = st.sampled_from(["A", "B", "no", "Paid: all", "12", "платёж", "# 1", "2026-W43"])


def seconds(most_decimals: int = 6) -> st.SearchStrategy[int | Fraction]:
    scale = 10**most_decimals
    return st.integers(0, 10**15).map(lambda n: n // scale if n % scale == 0 else Fraction(n, scale))


@st.composite
def times(draw: DrawFn) -> Times:
    ends = draw(st.lists(st.sampled_from([*LADDER, None]), unique=True))
    bins = tuple((end, draw(st.integers(1, 10**9))) for end in ends)
    return Times(draw(st.integers(1, 10**9)), *(draw(seconds()) for _ in range(5)), bins)


def shares() -> st.SearchStrategy[int | Fraction]:
    whole = st.integers(1, 10**9).flatmap(lambda n: st.integers(0, n).map(lambda k: Fraction(k, n)))
    return (whole | st.integers(0, 10**12).map(lambda k: Fraction(k, 10**12))).map(
        lambda value: value.numerator if value.denominator == 1 else value
    )


@st.composite
def ends(draw: DrawFn) -> Eventual:
    known = draw(st.booleans())
    conversion = [draw(shares()) if known else None for _ in range(3)]
    return Eventual(*conversion, draw(seconds(4)), draw(st.integers(1, 10**8)), draw(shares()))


def named(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[tuple[str, object], ...]]:
    return st.dictionaries(NAMES, values, max_size=3).map(lambda found: tuple(found.items()))


noted = st.builds(Noted, named(times()), st.none() | times(), named(ends()))
known = noted.filter(lambda each: each != Noted())
decimals = st.integers(0, 10**9).map(lambda n: Fraction(n, 10**9) if 0 < n < 10**9 else n // 10**9)
curves = st.builds(
    Curve,
    st.lists(st.tuples(st.integers(0, 10**8), decimals, decimals), min_size=1).map(tuple),
    st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**8))).map(tuple),
)
segments = named(st.dictionaries(NAMES, known, min_size=1, max_size=2).map(lambda found: tuple(found.items())))


@settings(max_examples=60, deadline=None)
@given(whole=noted, told=named(curves), parts=segments)
def test_what_is_written_is_read_back(whole: Noted, told: object, parts: object) -> None:
    measured = Measured(source="e.csv", window=7 * 86400, **whole._asdict(), curves=told, segments=parts)  # type: ignore[arg-type]
    text = rewrite(FILE, {1: Counts((9, 5), (), measured)})
    reading = read(text.encode(), "shop.yaml")
    assert reading.diagnostics == ()
    assert reading.funnels[0].measured == measured


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("times: {B: {units: 5, mean: 4, p25: 1, p50: 2, p75: 3}}", 'this has no "p90"'),
        ("times: {B: 5}", "a mapping is expected here, and a single value is written"),
        ("whole_way: {units: 5, mean: 4, p25: 1, p50: 2, p75: 3, p90: 9, histogram: {soon: 5}}", "not a duration"),
        ("eventual: {B: {conversion: 120%, entries: 9, followed: 7 days, so_far: 1%}}", "a rate of 120% is above 100%"),
        ("eventual: {B: {entries: 9, followed: 7, so_far: 1%}}", '"7" has no unit of time'),
        ("eventual: {B: {entries: 9, followed: 7 days}}", 'this has no "so_far"'),
        ("curves: {B: {points: [[1, 0.5]]}}", "a list of 3 numbers is expected here, and a list is written"),
        ("curves: {B: {points: 5}}", "a list of lists is expected here, and a single value is written"),
        ("segments: {c: {x: {time: 5}}}", 'unknown key "time"'),
    ],
)
def test_what_is_wrong_is_said_once(written: str, message: str) -> None:
    (problem,) = read(f"{FILE}measured: {{{written}}}\n".encode(), "shop.yaml").diagnostics
    assert message in problem.problem.message
