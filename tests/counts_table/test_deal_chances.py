"""Chances of open deals by their age: against an independent program, and where dates are missing or no facts."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import numpy
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from funnelcli.analyses.forecast import Horizon, forecast
from funnelcli.analyses.rates import with_open
from funnelcli.counts_table.importing import Imported, ImportOptions, import_table
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file

if TYPE_CHECKING:
    from funnelcli.model import Funnel

STAGES = ("Prospecting", "Qualification", "Proposal")
HEAD = "Opportunity Name,Stage,Amount,Close Date,Created Date"
NOW = date(2026, 6, 30)
Deal = tuple[str, int, int | None]
"""A stage, days ago of the creation, and of the end; without one, no date of closing."""


def imported(deals: list[Deal], plan: str = "2027-03-31", today: date | None = None) -> Imported:
    rows = [HEAD]
    for at, (stage, began, ended) in enumerate(deals):
        closed = plan if stage in STAGES else "" if ended is None else NOW - timedelta(ended)
        rows.append(f"Deal {at},{stage},100,{closed},{NOW - timedelta(began)}")
    found = import_table("\n".join(rows).encode(), "report.csv", ImportOptions(stages=STAGES, today=today))
    assert isinstance(found, Imported), found
    return found


def made_up(seed: int, number: int = 400) -> list[Deal]:
    """Deals of half a year; the losses are known sooner."""
    random = numpy.random.default_rng(seed)
    began, won = random.integers(0, 180, number), random.random(number) < 0.3
    took = (random.lognormal(3.5, 0.8, number) * numpy.where(won, 1, 0.4)).astype(int)
    stages = random.integers(0, 3, number)
    began[0], took[0] = 0, 1  # the last date is that of today
    return [
        (STAGES[stage], int(start), None)
        if days > start
        else (f"Closed {'Won' if wins else 'Lost'}", int(start), int(start - days))
        for start, days, wins, stage in zip(began, took, won, stages, strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_stage_has_the_mean_chance_of_its_deals_by_their_age(seed: int) -> None:
    deals = made_up(seed)
    times = numpy.array([began - (ended or 0) for _, began, ended in deals])
    ends = numpy.array([0 if stage in STAGES else 1 + (stage == "Closed Lost") for stage, _, _ in deals])
    judge = CumIncidenceRight(times + 1, ends)

    def by(cause: int, day: int) -> float:
        return float(numpy.append(0, judge.cinc[cause])[(judge.times - 1 <= day).sum()])

    (funnel,) = imported(deals).funnels
    for stage in funnel.stages[:3]:
        ages = [began for name, began, _ in deals if name == stage.name]
        for days, chance in stage.close_within:
            each = [(by(0, age + int(days)) - by(0, age)) / (1 - by(0, age) - by(1, age)) for age in ages]
            assert float(chance) == pytest.approx(numpy.mean(each), abs=6e-5)
        assert stage.close_chance is not None
        assert stage.close_chance_sd is not None
        assert stage.close_within[-1][1] <= stage.close_chance < 1


def test_the_plans_of_open_deals_change_nothing() -> None:
    assert imported(made_up(1)) == imported(made_up(1), "2026-07-01")


def test_what_is_written_is_read_again_and_forecast_by_a_date() -> None:
    (funnel,) = imported(made_up(2)).funnels
    (again,) = read(new_file(funnel, "f.yaml").text.encode(), "f.yaml").funnels
    stages = [(each.close_chance, each.close_chance_sd, each.close_within) for each in funnel.stages]
    assert stages == [(each.close_chance, each.close_chance_sd, each.close_within) for each in again.stages]
    for days in (30, 60):
        found = forecast(again, draws=100, horizon=Horizon(days))
        assert not isinstance(found, Problem)
        said = [dict(each.close_within)[days] * (each.open or 0) for each in again.stages[:3]]
        assert float(found.expected_sales) == pytest.approx(float(sum(said)))


def test_what_has_no_date_is_told_apart_from_what_comes_by_one() -> None:
    """Of 20 open deals none is young enough to be like those that ended: nothing comes by a date, and 5 in the end."""
    text = (
        "average_check: 10\nstages: [{name: A, count: 60, open: 20, lost_unplaced: 30, close_chance: 25%, "
        "close_within: {30 days: 0%}}, {name: B, count: 30}, {name: C, count: 10}]\n"
    )
    (funnel,) = read(text.encode(), "f.yaml").funnels
    found = forecast(funnel, draws=100, horizon=Horizon(365))
    assert not isinstance(found, Problem)
    assert (found.expected_sales, found.expected_sales_undated, found.expected_revenue_undated) == (0, 5, 50)
    half = replace_within(funnel, Fraction(1, 10))
    found = forecast(half, draws=100, horizon=Horizon(365))
    assert not isinstance(found, Problem)
    assert (float(found.expected_sales), found.expected_sales_undated) == (pytest.approx(2), 3)


@pytest.mark.parametrize(("early", "late", "chance"), [("won", "lost", "0%"), ("lost", "won", "100%")])
def test_a_chance_that_only_one_end_so_late_gives_is_said_to_be_no_sure_one(early: str, late: str, chance: str) -> None:
    """Those that ended one way did so within 10 days, the others after 40 and 100; open ones are 30 and 5 days old."""
    stages = {"won": "Closed Won", "lost": "Closed Lost"}
    deals: list[Deal] = [(stages[early], 200, 200 - day) for day in range(1, 11)]
    deals += [(stages[late], 200, 200 - 40), (stages[late], 200, 200 - 100)]
    deals += [(STAGES[0], 30, None), (STAGES[1], 30, None), (STAGES[1], 5, None)]
    said = f"2 of 3 open deals are older than any that was {early}: their chance, {chance}, is no sure one"
    assert said in imported(deals).notes
    assert not any("no sure one" in note for note in imported([*deals, (stages[early], 200, 200 - 99)]).notes)


def replace_within(funnel: Funnel, chance: Fraction) -> Funnel:
    first = funnel.stages[0]._replace(close_within=((30, chance),))
    return funnel._replace(stages=(first, *funnel.stages[1:]))


@pytest.mark.parametrize("seed", range(2))
def test_open_deals_of_segments_add_up_to_those_of_the_funnel(seed: int) -> None:
    """By months, which the export tells: each has its deals by the chance of their stage."""
    (funnel,) = imported(made_up(seed)).funnels
    found = forecast(funnel, "month", draws=100)
    assert not isinstance(found, Problem)
    months = {each.name: each for each in found.segments}
    assert sum(each.open or 0 for each in months.values()) == found.open
    assert sum(each.sales or 0 for each in months.values()) == found.expected_sales
    assert sum(each.weighted or 0 for each in months.values()) == found.expected_revenue
    chances = {stage.name: stage.close_chance for stage in funnel.stages}
    youngest = [deal for deal in made_up(seed) if deal[1] < 30 and deal[0] in STAGES]  # of June
    assert months["2026-06"].open == len(youngest)
    assert months["2026-06"].sales == sum(chances[stage] or 0 for stage, _, _ in youngest)


def test_how_well_the_chance_is_known_is_in_the_range() -> None:
    (funnel,) = imported(made_up(3)).funnels
    sure = funnel._replace(stages=tuple(each._replace(close_chance_sd=None) for each in funnel.stages))
    known, certain = (forecast(each) for each in (funnel, sure))
    assert not isinstance(known, Problem)
    assert not isinstance(certain, Problem)
    assert known.sales_high - known.sales_low > certain.sales_high - certain.sales_low
    assert known.expected_sales == certain.expected_sales


def test_decided_deals_without_a_date_are_counted_and_many_of_them_tell_no_times() -> None:
    """One of forty is left out; of most no date is known, so that the chance is that of the decided."""
    deals: list[Deal] = [("Closed Won", 90, 60)] * 20 + [("Closed Lost", 90, 80)] * 19 + [("Proposal", 10, None)] * 5
    found = imported([*deals, ("Closed Lost", 90, None)])
    assert sum(note.startswith("1 decided deal has no date of closing") for note in found.notes) == 1
    assert found.funnels[0].stages[2].close_within
    undated = [(stage, began, None if stage == "Closed Lost" else ended) for stage, began, ended in deals]
    found = imported(undated)
    stage = found.funnels[0].stages[2]
    assert (float(stage.close_chance or 0), stage.close_chance_sd, stage.close_within) == (0.5128, None, ())
    assert sum(note.startswith("too few deals have dates") for note in found.notes) == 1


def test_a_date_of_closing_that_is_still_to_come_makes_no_open_deal_older() -> None:
    """It counts as no date, which is said: nobody is won in days to come."""
    deals = made_up(4)
    found = [imported([*deals, ("Closed Won", 5, ended)]) for ended in (-10_000, None)]
    late, plain = (each.funnels[0].stages for each in found)
    said = "1 won or lost deal is dated after today, on 2053-11-15: that date is not used"
    assert [said in each.notes for each in found] == [True, False]
    assert [each.days for each in late] == [each.days for each in plain]
    assert [each.close_chance for each in late] == [each.close_chance for each in plain]
    assert [each.close_within for each in late] == [each.close_within for each in plain]


def test_a_date_of_creation_that_is_still_to_come_makes_no_other_deal_older() -> None:
    """A slip of one deal, which counts as of today."""
    deals = made_up(4)
    late, plain = (imported([*deals, ("Proposal", began, None)]).funnels[0].stages for began in (-10_000, 0))
    assert [each.close_chance for each in late] == [each.close_chance for each in plain]
    assert [each.close_within for each in late] == [each.close_within for each in plain]


def test_deals_older_than_any_that_ended_have_a_chance_of_their_own() -> None:
    """All who ended did so within ten days; nothing tells that the others never will, and the note says so."""
    ended: list[Deal] = [("Closed Won", 90, 80)] * 10 + [("Closed Lost", 90, 80)] * 10
    found = imported([*ended, *[("Proposal", 80, None)] * 10, ("Prospecting", 0, None)])
    assert 0.2 < float(found.funnels[0].stages[2].close_chance or 0) < 0.6
    assert found.funnels[0].stages[2].close_within[-1][1] == 0
    assert any("10 of 11 open deals are older than any that was decided, 10 days" in note for note in found.notes)


def test_dates_of_creation_still_to_come_are_said_once_with_the_first_of_them() -> None:
    deals = made_up(4)
    late: list[Deal] = [
        ("Proposal", -10, None),
        ("Proposal", -2, None),
        ("Proposal", -1, None),
    ]  # where clocks are ahead
    notes = [note for note in imported([*deals, *late], today=NOW).notes if "dated as created after today" in note]
    assert notes == [
        "2 deals are dated as created after today, 2026-06-30: the first of them in line 402, on 2026-07-10"
    ]
    assert not any("dated as created after today" in note for note in imported(deals, today=NOW).notes)


def test_an_export_with_dates_to_come_is_the_same_on_every_day_that_is_told() -> None:
    """A plan of ten days from now is a fact in twenty: what is read follows the day told, not the clock."""
    deals: list[Deal] = [*made_up(4), ("Proposal", -10, None)]
    now, later = (imported(deals, today=NOW + timedelta(days)).funnels[0] for days in (0, 20))
    assert now.stages[1].close_chance == imported(made_up(4), today=NOW).funnels[0].stages[1].close_chance
    assert now.stages[1].close_chance != later.stages[1].close_chance


def test_without_a_date_of_creation_the_chance_is_that_of_the_decided() -> None:
    rows = ["Closed Won,100,2026-06-01"] * 3 + ["Closed Lost,100,2026-06-01"] + ["Proposal,100,2026-12-01"]
    text = "\n".join(["Opportunity Name,Stage,Amount,Close Date", *(f"D{at},{row}" for at, row in enumerate(rows))])
    found = import_table(text.encode(), "report.csv", ImportOptions(stages=STAGES))
    assert isinstance(found, Imported), found
    assert found.funnels[0].stages[2].close_chance == 0.75


def test_the_steps_of_a_long_chain_come_to_all_who_will_have_bought() -> None:
    """59 steps of which each leaves 100 units, 10 of them open; a step that asked all later ones anew would not end."""
    stages = [f"{{name: S{at}, count: {6000 - 100 * at}, open: 10, close_chance: 1%}}" for at in range(59)]
    (funnel,) = read(f"stages: [{', '.join(stages)}, {{name: Sale, count: 100}}]\n".encode(), "t.yaml").funnels
    steps = [with_open(funnel, at) for at in range(1, 60)]
    assert (
        prod(Fraction(step.came) / step.could for step in steps if step is not None) == (100 + Fraction(59, 10)) / 6000
    )
