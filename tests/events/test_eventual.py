"""What is expected in the end: by hand, and what it must be where all windows are over."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy
import pytest
from statsmodels.stats.proportion import proportion_confint

from funnelcli.events import ages, eventual
from funnelcli.events.definition import MICROSECONDS, Definition
from funnelcli.events.result import EventCounts
from funnelcli.events.rows import PERIODS, TOTAL
from funnelcli.events.sources import Files
from funnelcli.measure import Condition, Curve
from funnelcli.segments import Breakdown, Segment
from funnelcli.stats.beta_product import incidence_bounds
from tests.calibration import in_the_end
from tests.thorough import each_once, few

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.measure import Eventual

SECOND = MICROSECONDS
DEFINITION = Definition(
    ("Visit", "Paid"), (0, 0), ((), ()), frozenset(), "unit", "time", window=10 * SECOND, until=0, period="day", sale=1
)


def followed(*rows: tuple[int, int, int]) -> eventual.StageAges:
    """Of the second stage, by ending, age in seconds, and units."""
    stages: eventual.StageAges = {}
    for ending, age, units in rows:
        eventual.add(stages, 1, ending, age * SECOND, units)
    return stages


def end(definition: Definition, *rows: tuple[int, int, int]) -> Eventual:
    noted, _ = eventual.ends(definition, {TOTAL: {"": followed(*rows)}}, ())
    return noted["eventual"][0][1]


def test_worked_by_hand() -> None:
    """Of 10, 2 come at once; of 4 who are followed for longer than 5 seconds, one comes: 0.2 + 0.8 / 4."""
    found = end(DEFINITION, (ages.CAME, 0, 2), (ages.WAITING, 5, 4), (ages.CAME, 7, 1), (ages.WAITING, 10, 3))
    assert found.conversion == pytest.approx(0.4)
    assert found.so_far == found.conversion
    assert found.followed == 10
    low, high = incidence_bounds([(10, 2, 0), (4, 1, 0)], 3)
    assert (float(found.low or 0), float(found.high or 0)) == pytest.approx((low, high))
    judge = proportion_confint(0.4 * float(found.entries), float(found.entries), method="wilson")
    assert judge[1] - judge[0] == pytest.approx(high - low)


def test_losses_leave_fewer_who_may_come() -> None:
    """Of 10, 5 are lost at 1; one of 5 is lost from sight at 2; at 3 one of 4 comes: half of 1 / 4."""
    found = end(DEFINITION, (ages.LOST, 1, 5), (ages.WAITING, 2, 1), (ages.CAME, 3, 1), (ages.WAITING, 10, 3))
    assert found.conversion == pytest.approx(1 / 8)


@pytest.mark.parametrize("lost", [0, 6])
def test_where_all_windows_are_over_it_is_what_was_counted(lost: int) -> None:
    rows = [
        (ages.CAME, 0, 3),
        (ages.CAME, 10, 4),
        (ages.WAITING, 10, 23 - lost),
        *([(ages.LOST, 2, lost)] if lost else []),
    ]
    found = end(DEFINITION, *rows)
    judge = proportion_confint(7, 30, method="wilson")
    assert found[:1] + found[3:] == (Fraction(7, 30), 30, 10, Fraction(7, 30))
    assert (float(found.low or 0), float(found.high or 0)) == pytest.approx(judge)


def test_where_nobody_is_expected_it_is_what_was_counted_exactly() -> None:
    """All who come do so within 3 seconds, and who waits has done so for longer."""
    found = end(DEFINITION, (ages.CAME, 3, 2), (ages.WAITING, 5, 4), (ages.WAITING, 10, 7))
    assert found.conversion == found.so_far == Fraction(2, 13)


@pytest.mark.parametrize("window", [10, None])
def test_where_nobody_was_followed_to_the_end_it_is_not_known(window: int | None) -> None:
    definition = DEFINITION._replace(window=None if window is None else window * SECOND)
    found = end(definition, (ages.CAME, 1, 3), (ages.WAITING, 4, 6))
    assert (found.conversion, found.low, found.high) == (None, None, None)
    assert (found.followed, found.so_far) == (4, Fraction(1, 3))


@pytest.mark.parametrize(("oldest", "told"), [(10, True), (7, False)])
def test_where_all_who_were_there_for_as_long_have_ended_that_is_the_end(oldest: int, told: bool) -> None:
    """Of 10, 4 come at 1; 3 who wait are 2 old; of the other 3, two come at 6 and one is lost: 0.4 + 0.6 * 2 / 3.

    That entries were followed for the whole window is known from those who have not come to the next stage.
    """
    definition = DEFINITION._replace(names=("Visit", "Cart", "Paid"), parents=(0, 0, 1), sale=2)
    cart = followed((ages.CAME, 1, 4), (ages.WAITING, 2, 3), (ages.CAME, 6, 2), (ages.LOST, 6, 1))
    paid = followed((ages.CAME, 5, 2), (ages.WAITING, 2, 3), (ages.LOST, 6, 1), (ages.WAITING, oldest, 4))
    noted, _ = eventual.ends(definition, {TOTAL: {"": {1: cart[1], 2: paid[1]}}}, ())
    found = dict(noted["eventual"])
    assert (found["Paid"].conversion is not None) is told
    assert found["Cart"].so_far == pytest.approx(0.8)
    if not told:
        assert (found["Cart"].conversion, found["Cart"].followed) == (None, 6)
        return
    assert found["Cart"].conversion == pytest.approx(0.8)
    assert found["Cart"].followed == 10
    bounds = float(found["Cart"].low or 0), float(found["Cart"].high or 0)
    assert bounds == pytest.approx(incidence_bounds([(10, 4, 0), (3, 2, 1)], 0))


def test_who_ended_was_followed_until_now() -> None:
    """Of 40 followed for 62 days half won after 7 days and half lost after 9: half of all win, and nobody is left."""
    day, won, lost = 86_400, 20, 20
    stages = followed((ages.CAME, 7 * day, won), (ages.WAITING, 62 * day, -won))
    for ending, age, units in ((ages.WAITING, 62 * day, won), (ages.LOST, 9 * day, lost), (ages.WAITING, day, 10)):
        eventual.add(stages, 0, ending, age * SECOND, units)
    definition = DEFINITION._replace(window=30 * day * SECOND, lost=(((Condition("e", ("lost",)),),)))
    eventual.spread(definition, stages)
    noted, _ = eventual.ends(definition, {TOTAL: {"": stages}}, ())
    ((_, found),) = noted["eventual"]
    assert (found.conversion, found.followed) == (Fraction(1, 2), 30 * day)
    young = followed((ages.CAME, 7 * day, 1), (ages.WAITING, 8 * day, -1))
    eventual.add(young, 0, ages.WAITING, 8 * day * SECOND, 1)
    eventual.add(young, 0, ages.WAITING, day * SECOND, 3)
    eventual.spread(definition, young)
    noted, _ = eventual.ends(definition, {TOTAL: {"": young}}, ())
    assert noted["eventual"][0][1].conversion is None  # nobody was followed for as long as the window is


def test_a_cohort_ends_as_the_curve_of_all_goes_on() -> None:
    """Of 4 all at 7 seconds, one comes later; of the cohort's 8 who wait since 5 seconds, 2 are still to come."""
    everything = followed((ages.CAME, 0, 2), (ages.WAITING, 5, 4), (ages.CAME, 7, 1), (ages.WAITING, 10, 3))
    period = Breakdown("period", (Segment("2026-10-01", (6, 5)), Segment("2026-10-02", (10, 2))))
    found = {TOTAL: {"": everything}, PERIODS: {"2026-10-02": followed((ages.WAITING, 5, 8))}}
    _, segments = eventual.ends(DEFINITION, found, (period,))
    ((name, noted),) = segments["period"].items()  # of the other one the counts tell the end
    assert name == "2026-10-02"
    assert noted["curves"] == (("Paid", Curve((), ((5, 8),))),)
    young = noted["eventual"][0][1]
    assert (young.conversion, young.so_far, young.entries) == (Fraction(2, 5), Fraction(1, 5), 5)
    assert young.low is not None
    assert young.high is not None
    assert Fraction(1, 5) <= young.low < Fraction(2, 5) < young.high <= 1


def test_of_nobody_nothing_is_known() -> None:
    assert eventual.ends(DEFINITION, {}, ()) == ({"eventual": (), "curves": ()}, {})


@pytest.mark.parametrize(("world", "seen"), each_once(few(in_the_end.WORLDS, 4), in_the_end.SEEN))
def test_a_measured_log_has_the_end_that_its_ages_tell(world: str, seen: float, tmp_path: Path) -> None:
    """Logs of the calibration as events, through all of measure."""
    duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
    from funnelcli.events.duckdb import engine

    log, _ = in_the_end.simulated(world, numpy.random.default_rng(7), seen)
    columns = [([-1], [log.until], 9)]
    for entered in log.entries.T:
        units = numpy.flatnonzero(entered < in_the_end.NEVER)
        columns.append((units, entered[units], 0))
    for event, moments in ((1, log.came[0]), (2, log.came[1]), (3, log.lost)):
        units = numpy.flatnonzero(moments <= log.until)
        columns.append((units, moments[units], event))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE log (unit BIGINT, t BIGINT, event INTEGER)")
        for whose, times, event in columns:
            rows = {"unit": numpy.asarray(whose), "t": numpy.asarray(times) + 1_790_812_800}  # noqa: F841  # DuckDB's
            connection.execute("INSERT INTO log SELECT unit, t, ? FROM rows", [event])
        connection.execute(f"COPY log TO '{tmp_path}/log.parquet' (FORMAT parquet)")
    visit, cart, paid, lost = (((Condition("event", (event,)),),) for event in range(4))
    definition = Definition(
        ("Visit", "Cart", "Paid"), (0, 0, 1), (visit, cart, paid), frozenset(), "unit", "t",
        window=in_the_end.WINDOW * SECOND, epoch="seconds", lost=lost,
    )  # fmt: skip
    found = engine.measure(definition, Files((f"{tmp_path}/log.parquet",), "parquet", "log"), str(tmp_path))
    assert isinstance(found, EventCounts)
    assert len(found.noted.eventual) == 2
    for stage, (_, end) in enumerate(found.noted.eventual):
        judge = in_the_end.followed(log, stage).in_the_end(in_the_end.WINDOW)
        assert [float(each or 0) for each in end[:4]] == pytest.approx(list(judge), rel=1e-9)


def test_curves_go_to_the_end_and_tell_who_waits() -> None:
    rows = followed((ages.CAME, 0, 2), (ages.WAITING, 5, 4), (ages.CAME, 7, 1), (ages.WAITING, 10, 3))
    noted, _ = eventual.ends(DEFINITION, {TOTAL: {"": rows}}, ())
    ((name, curve),) = noted["curves"]
    assert name == "Paid"
    assert curve.points[0][:2] == (0, Fraction(1, 5))
    assert curve.points[-1][:2] == (10, Fraction(2, 5))
    assert curve.waiting == ((5, 4),)
