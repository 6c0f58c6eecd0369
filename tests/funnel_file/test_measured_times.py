"""Times and ends that a measurement notes: what is written is read back, and what is missing is said."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

from scipy.stats import binomtest

from funnelcli.exact import reduced
from funnelcli.funnel_file.reader import read  # after the check
from funnelcli.funnel_file.rewrite import Counts, rewrite
from funnelcli.measure import LADDER, Curve, Eventual, Measured, Noted, Times
from funnelcli.segments import Breakdown, Segment
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

FILE = "name: Shop\nstages:\n  - {name: A, count: 9, when: {e: a}}\n  - {name: B, count: 5, when: {e: b}}\n"
NAMES = st.sampled_from(["A", "B", "no", "Paid: all", "12", "платёж", "# 1", "2026-W43"])


def seconds() -> st.SearchStrategy[int | Fraction]:
    return st.fractions(0, 10**9, max_denominator=10**6).map(reduced)


@st.composite
def times(draw: DrawFn) -> Times:
    ends = draw(st.lists(st.sampled_from([*LADDER, None]), unique=True))
    bins = tuple((end, draw(st.integers(1, 10**9))) for end in (*LADDER, None) if end in ends)
    units = sum(each for _, each in bins) if bins and draw(st.booleans()) else draw(st.integers(1, 10**9))
    return Times(units, *(draw(seconds()) for _ in range(5)), bins)


def shares() -> st.SearchStrategy[int | Fraction]:
    counted = st.integers(1, 10**8).flatmap(lambda n: st.integers(0, n).map(lambda k: Fraction(k, n)))
    return (counted | st.floats(1e-4, 1).map(lambda share: Fraction(f"{share:.12g}"))).map(reduced)


@st.composite
def ends(draw: DrawFn) -> Eventual:
    known = draw(st.booleans())
    conversion = [draw(shares()) if known else None for _ in range(3)]
    followed = draw(st.just(7 * 86400) | st.integers(1, 10**8))
    so_far = conversion[0] if known and draw(st.booleans()) else draw(shares())
    return Eventual(*conversion, draw(seconds()), followed, so_far)  # type: ignore[arg-type]  # known, if it is that


def named(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[tuple[str, object], ...]]:
    return st.dictionaries(NAMES, values, max_size=3).map(lambda found: tuple(found.items()))


def point() -> st.SearchStrategy[tuple[int, int | Fraction, int | Fraction]]:
    without_losses = shares().map(lambda came: (came, reduced(1 - Fraction(came))))
    return st.builds(lambda time, two: (time, *two), st.integers(0, 10**8), without_losses | st.tuples(*[shares()] * 2))


curves = st.builds(
    Curve,
    st.lists(point(), min_size=1).map(tuple),
    st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**8))).map(tuple),
    st.none(),  # no file has who tells a curve
)
noted = st.builds(Noted, named(times()), st.none() | times(), named(ends()), named(curves))
known = noted.filter(lambda each: each != Noted())
segments = named(st.dictionaries(NAMES, known, min_size=1, max_size=2).map(lambda found: tuple(found.items())))


@settings(max_examples=whole_or_part(30, 10), deadline=None, phases=[Phase.generate])
@given(whole=noted, parts=segments)
def test_what_is_written_is_read_back(whole: Noted, parts: object) -> None:
    """Counts and rates of counts exactly, times to the second or four digits, estimates to six digits."""
    measured = Measured(source="e.csv", window=7 * 86400, **whole._asdict(), segments=parts)  # type: ignore[arg-type]
    text = rewrite(FILE, {1: Counts((9, 5), (), measured)})
    reading = read(text.encode(), "shop.yaml")
    assert reading.diagnostics == ()
    found = reading.funnels[0].measured
    assert found is not None
    assert_alike(found, measured)
    again = rewrite(FILE, {1: Counts((9, 5), (), found)})
    assert again == text
    _, _, note = text.partition("\nmeasured:\n")
    assert [line for line in note.splitlines() if len(line) > 120] == []


def assert_alike(found: object, written: object) -> None:
    """The same but for what is rounded."""
    if isinstance(written, tuple):
        assert isinstance(found, tuple)
        assert len(found) == len(written)
        for own, other in zip(found, written, strict=True):
            assert_alike(own, other)
    elif isinstance(written, Fraction) and written.denominator > 10**8:
        assert float(found) == pytest.approx(float(written), rel=1e-5, abs=1e-6)  # type: ignore[arg-type]
    elif isinstance(written, Fraction) and written > 1:
        assert abs(found - written) <= max(Fraction(1, 2), written / 2000)  # type: ignore[operator]
    elif found != written:
        assert float(found) == pytest.approx(float(written), rel=1e-5, abs=1e-6)  # type: ignore[arg-type]


def test_of_a_period_that_is_over_the_counts_are_the_end() -> None:
    """No end is written of it: 3 of 8 is what came, with Wilson's interval of SciPy."""
    own = Noted(times=(("B", Times(3, 5, 5, 5, 5, 5)),))
    end = Eventual(Fraction(1, 2), 0, 1, 17, 86400, Fraction(1, 2))
    open_yet = own._replace(eventual=(("B", end),))
    measured = Measured(
        window=86400, times=own.times, eventual=(("B", end),),
        segments=(("period", (("W1", own), ("W2", open_yet))), ("channel", (("W1", own),))),
    )  # fmt: skip
    breakdown = Breakdown("period", (Segment("W1", (8, 3)), Segment("W2", (1, 1))))
    text = rewrite(FILE, {1: Counts((9, 5), (breakdown,), measured)})
    (funnel,) = read(text.encode(), "shop.yaml").funnels
    assert funnel.measured is not None
    told = {name: dict(parts) for name, parts in funnel.measured.segments}
    ((_, over),) = told["period"]["W1"].eventual
    judge = binomtest(3, 8).proportion_ci(method="wilson")
    assert over[:1] + over[3:] == (Fraction(3, 8), 8, 86400, Fraction(3, 8))
    assert (float(over.low or 0), float(over.high or 0)) == pytest.approx((judge.low, judge.high))
    assert told["period"]["W2"] == open_yet
    assert told["channel"]["W1"] == own


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("times: {B: {units: 5, mean: 4, p25: 1, p50: 2, p75: 3}}", 'this has no "p90"'),
        ("times: {B: 5}", "a key with its value is expected here, not a single value"),
        ("whole_way: {units: 5, mean: 4, p25: 1, p50: 2, p75: 3, p90: 9, histogram: {soon: 5}}", "not a duration"),
        ("eventual: {B: {conversion: 120%, entries: 9, followed: 7 days, so_far: 1%}}", "a rate of 120% is above 100%"),
        ("eventual: {B: {entries: 9, followed: 7, so_far: 1%}}", '"7" has no unit of time'),
        ("eventual: {B: {entries: 9, followed: 7 days}}", 'this has no "so_far"'),
        ("curves: {B: {points: [[1]]}}", "a list of 2 or 3 numbers is expected here, not a list"),
        ("curves: {B: {points: 5}}", "a list of lists is expected here, not a single value"),
        ("times: {B: {mean: 4, p25: 1, p50: 2, p75: 3, p90: 9}}", 'this has no "units"'),
        ("whole_way: {mean: 4, p25: 1, p50: 2, p75: 3, p90: 9, histogram: {90 days: [1, 2, 3, 4, 5]}}", "5 bins"),
        ("whole_way: {mean: 4, p25: 1, p50: 2, p75: 3, p90: 9, histogram: {4 days: [1, 2]}}", "2 bins"),
        ("eventual: {B: {conversion: 5%, entries: 9}}", 'this has no "followed"'),
        ("segments: {c: {x: {time: {B: {units: 5, mean: 4, p25: 1, p50: 2, p75: 3, p90: 9}}}}}", 'unknown key "time"'),
    ],
)
def test_what_is_wrong_is_said_once(written: str, message: str) -> None:
    (problem,) = read(f"{FILE}measured: {{{written}}}\n".encode(), "shop.yaml").diagnostics
    assert message in problem.problem.message
