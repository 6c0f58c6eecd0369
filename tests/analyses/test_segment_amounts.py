"""The amounts of open units by segment: read, added up, held against those of stages, and forecast."""

from __future__ import annotations

import csv
from collections import defaultdict
from fractions import Fraction
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.arrivals import price
from funnelcli.analyses.chosen_segments import choose
from funnelcli.analyses.forecast import Forecast, Horizon, forecast
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file
from funnelcli.lint.rules import RULES
from tests.conftest import SAMPLES

if TYPE_CHECKING:
    from funnelcli.model import Funnel

EXPORT = SAMPLES / "hubspot-crm-exports-all-deals.csv"
DEALS = """\
currency: EUR
average_check: 100
stages:
  - {name: Lead, count: 400}
  - {name: Offer, count: 200, days: 10}
  - {name: Won, count: 80, days: 20}
breakdowns:
  owner:
    Anna: {counts: [200, 110, 44], open: [[900, 300], [50], 0]}
    Boris: {counts: [200, 90, 36], open: {Lead: [60], Offer: [70, 80]}}
"""


def funnel_of(text: str) -> Funnel:
    reading = read(text.encode(), "test.yaml", rules=RULES)
    assert not reading.diagnostics, reading.diagnostics
    return reading.funnels[0]


def forecast_of(funnel: Funnel, dimension: str | None = "owner", horizon: Horizon | None = None) -> Forecast:
    found = forecast(funnel, dimension, horizon=horizon, draws=50)
    assert not isinstance(found, Problem), found
    return found


@pytest.fixture(scope="module")
def pipeline() -> Funnel:
    """The sample of an export, as a file that import writes of it and that was read again."""
    outcome = import_table(EXPORT.read_bytes(), EXPORT.name)
    assert isinstance(outcome, Imported), outcome
    (funnel,) = outcome.funnels
    made = new_file(funnel, "pipeline.yaml")
    assert not made.errors
    return read(made.text.encode(), "pipeline.yaml").funnels[0]


def rows() -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(EXPORT.read_text(encoding="utf-8-sig")))]


def test_amounts_are_read_in_order_and_by_name_and_stages_have_those_of_all() -> None:
    funnel = funnel_of(DEALS)
    anna, boris = funnel.breakdowns[0].segments
    assert (anna.open, anna.open_amounts) == ((2, 1, 0), ((900, 300), (50,), ()))
    assert (boris.open, boris.open_amounts) == ((1, 2, 0), ((60,), (70, 80), ()))
    assert [(each.open, each.open_amounts) for each in funnel.stages] == [
        (3, (900, 300, 60)),
        (3, (50, 70, 80)),
        (None, ()),
    ]


def test_a_stage_that_says_how_many_has_their_amounts_from_the_segments() -> None:
    stated = DEALS.replace("count: 400}", "count: 400, open: 3}").replace("count: 200,", "count: 200, open: 3,")
    assert [each.open_amounts for each in funnel_of(stated).stages] == [(900, 300, 60), (50, 70, 80), ()]


def test_amounts_of_a_stage_that_are_not_those_of_its_segments_are_a_warning() -> None:
    stated = DEALS.replace("count: 400}", "count: 400, open: [900, 300, 65]}").replace(
        "count: 200,", "count: 200, open: 3,"
    )
    (found,) = read(stated.encode(), "test.yaml", rules=RULES).diagnostics
    assert (found.problem.code, found.problem.message) == (
        "FN301",
        'the amounts of what is open in "owner" at "Lead" add up to 1260, and those of the stage to 1265',
    )


def test_each_segment_brings_its_own_amounts() -> None:
    """No segment differs by more than chance: all go on by one rate, so that the rows add up exactly."""
    found = forecast_of(funnel_of(DEALS))
    leads, offers = (each.close_chance or 0 for each in found.stages)
    anna, boris = found.segments
    assert anna.weighted == 1200 * leads + 50 * offers
    assert boris.weighted == 60 * leads + 150 * offers
    assert (anna.weighted or 0) + (boris.weighted or 0) == found.expected_revenue


def test_without_its_own_amounts_a_segment_has_the_mean_of_the_stage() -> None:
    stated = DEALS.replace("[[900, 300], [50], 0]", "[2, 1, 0]").replace("{Lead: [60], Offer: [70, 80]}", "[1, 2, 0]")
    stated = stated.replace("count: 400}", "count: 400, open: [900, 300, 60]}")
    stated = stated.replace("count: 200,", "count: 200, open: [50, 70, 80],")
    found = forecast_of(funnel_of(stated))
    leads, offers = (each.close_chance or 0 for each in found.stages)
    assert found.segments[0].weighted == 2 * 420 * leads + Fraction(200, 3) * offers
    assert found.segments[0].amounts_of_all == ("Lead", "Offer")


OPEN = {"Anna": ([900, 300], [50]), "Boris": ([60], [70, 80]), "Vera": ([10, 20, 35], [500])}
"""By owner the amounts at Lead and at Offer."""
LISTS = list(product((True, False), repeat=3))


def some_listed(lists: tuple[bool, ...], at_the_stage: bool, check: str = "average_check: 100") -> str:
    """The funnel where only some owners list their amounts, and the stages list all or say only how many."""
    stages = [[amount for own in OPEN.values() for amount in own[at]] for at in (0, 1)]
    lead, offer = stages if at_the_stage else map(len, stages)
    rows = [
        f"    {name}: {{counts: [200, 100, 40], open: {[*(own if told else len(own) for own in each), 0]}}}"
        for (name, each), told in zip(OPEN.items(), lists, strict=True)
    ]
    return "\n".join(
        [
            f"currency: EUR\n{check}\nstages:",
            f"  - {{name: Lead, count: 600, open: {lead}}}",
            f"  - {{name: Offer, count: 300, open: {offer}, days: 10}}",
            "  - {name: Won, count: 120, days: 20}\nbreakdowns:\n  owner:",
            *rows,
        ]
    )


@pytest.mark.parametrize("at_the_stage", [True, False])
@pytest.mark.parametrize("lists", LISTS)
def test_whoever_lists_amounts_rows_add_up_to_the_total(lists: tuple[bool, ...], at_the_stage: bool) -> None:
    """Amounts that nobody lists are what is left of their stage, and the average check where it does not say."""
    funnel = funnel_of(some_listed(lists, at_the_stage))
    found = forecast_of(funnel)
    leads, offers = Fraction(300, 594) * Fraction(120, 296), Fraction(120, 296)
    wanted: Fraction | int = 0
    for at, chance in ((0, leads), (1, offers)):
        told = zip(OPEN.values(), lists, strict=True)
        wanted += chance * sum(sum(own[at]) if listed or at_the_stage else 100 * len(own[at]) for own, listed in told)
    assert found.expected_revenue == wanted
    assert sum(each.weighted or 0 for each in found.segments) == wanted
    for row, own, listed in zip(found.segments, OPEN.values(), lists, strict=True):
        if listed:
            assert row.weighted == leads * sum(own[0]) + offers * sum(own[1])
        alone = choose(funnel, [("owner", row.name)])
        assert not isinstance(alone, Problem)
        brings = leads * price(alone, 0, 2) * len(own[0]) + offers * price(alone, 1, 2) * len(own[1])
        assert brings == row.weighted


def test_amounts_of_one_segment_alone_are_what_the_others_leave() -> None:
    funnel = funnel_of(some_listed((True, True, False), at_the_stage=True))
    assert [each.amounts_of_all for each in forecast_of(funnel).segments] == [(), (), ()]
    vera = choose(funnel, [("owner", "Vera")])
    assert not isinstance(vera, Problem)
    assert [sorted(each.open_amounts) for each in vera.stages] == [[10, 20, 35], [500], []]
    two = forecast_of(funnel_of(some_listed((True, False, False), at_the_stage=True)))
    assert [each.amounts_of_all for each in two.segments] == [(), ("Lead", "Offer"), ("Lead", "Offer")]


def test_without_a_check_units_without_an_amount_have_the_mean_of_the_others() -> None:
    found = forecast_of(funnel_of(some_listed((True, False, False), at_the_stage=False, check="budget: 1")))
    leads, offers = Fraction(300, 594) * Fraction(120, 296), Fraction(120, 296)
    assert found.expected_revenue == leads * 600 * 6 + offers * 50 * 4
    assert sum(each.weighted or 0 for each in found.segments) == found.expected_revenue


def test_cells_of_which_some_list_amounts_keep_them_in_each_dimension() -> None:
    text = """\
currency: USD
stages: [{name: Lead}, {name: Won, average_check: 100}]
cells:
  - {owner: Ann, month: 2026-01, counts: [30, 5], open: [[100, 200], 0]}
  - {owner: Ann, month: 2026-02, counts: [40, 6], open: [3, 0]}
  - {owner: Bob, month: 2026-01, counts: [20, 1], open: [0, 0]}
  - {owner: Bob, month: 2026-02, counts: [25, 4], open: [[50], 0]}
"""
    funnel, chance = funnel_of(text), Fraction(16, 115 - 6)
    wanted = {
        "owner": {"Ann": (100 + 200 + 3 * 100) * chance, "Bob": 50 * chance},
        "month": {"2026-01": 300 * chance, "2026-02": (3 * 100 + 50) * chance},
    }
    for dimension, rows in wanted.items():
        found = forecast_of(funnel, dimension)
        assert {each.name: each.weighted for each in found.segments} == rows
        assert found.expected_revenue == 650 * chance
        assert "3 of those open at Lead have no amount of their own: each counts for 100" in found.assumptions
    draws = forecast(funnel, draws=20_000)
    assert not isinstance(draws, Problem)
    # of the flat prior: (16 + 1) / (109 + 2) of 650, with the error of the mean of so many draws
    assert draws.mean == pytest.approx(650 * 17 / 111, rel=0.03)


def test_a_file_written_again_keeps_which_amounts_are_whose() -> None:
    for lists in ((True, False, False), (True, True, False)):
        funnel = funnel_of(some_listed(lists, at_the_stage=False))
        again = funnel_of(new_file(funnel, "again.yaml").text)
        assert again.breakdowns[0].segments == funnel.breakdowns[0].segments
        assert [each.open_amounts for each in again.stages] == [each.open_amounts for each in funnel.stages]


@pytest.mark.parametrize(
    ("lists", "strange"), [("[900, 301]", "301"), ("[900, 900]", "900"), ("[1, 2, 3, 4]", "1, 2, 3 and 1 more")]
)
def test_amounts_of_some_segments_that_the_stage_does_not_have_are_a_warning(lists: str, strange: str) -> None:
    text = some_listed((True, False, False), at_the_stage=True)
    counted = text.replace("{counts: [200, 100, 40], open: [[900, 300]", f"{{counts: [200, 100, 40], open: [{lists}")
    if lists.count(",") == 3:
        counted = counted.replace("open: [1, 2, 0]", "open: [0, 2, 0]").replace("open: [3, 1, 0]", "open: [2, 1, 0]")
    (found,) = read(counted.encode(), "test.yaml", rules=RULES).diagnostics
    assert (found.problem.code, found.problem.message) == (
        "FN301",
        f'"owner" lists amounts of what is open at "Lead" that the stage does not have: {strange}',
    )


def test_with_equal_amounts_the_forecast_is_that_of_the_mean() -> None:
    """Amounts that are all the same tell as much as the mean of their stage does."""
    named = DEALS.replace("[[900, 300], [50], 0]", "[[70, 70], [70], 0]").replace("Lead: [60]", "Lead: [70]")
    named = named.replace("[70, 80]", "[70, 70]")
    counted = DEALS.replace("[[900, 300], [50], 0]", "[2, 1, 0]").replace("{Lead: [60], Offer: [70, 80]}", "[1, 2, 0]")
    counted = counted.replace("count: 400}", "count: 400, open: [70, 70, 70]}")
    counted = counted.replace("count: 200,", "count: 200, open: [70, 70, 70],")
    own, mean = (forecast_of(funnel_of(text), horizon=Horizon(15)) for text in (named, counted))
    assert [each._replace(amounts_of_all=()) for each in mean.segments] == [*own.segments]
    assert own._replace(segments=()) == mean._replace(segments=())


def test_one_segment_alone_brings_what_its_row_says() -> None:
    whole = forecast_of(funnel_of(DEALS))
    for row in whole.segments:
        alone = choose(funnel_of(DEALS), [("owner", row.name)])
        assert not isinstance(alone, Problem)
        stages = {each.name: each for each in forecast_of(alone, None).stages}
        for name, chance in row.close_chances.items():
            amounts = alone.stages[alone.index(name)].open_amounts
            assert stages[name].weighted == sum(amounts) * (stages[name].close_chance or 0), chance


@pytest.mark.parametrize("days", [None, 5, 30])
def test_rows_add_up_to_the_total_within_any_horizon(days: int | None) -> None:
    found = forecast_of(funnel_of(DEALS), horizon=None if days is None else Horizon(days))
    for total, key in (
        (found.expected_sales, "sales_within"),
        (found.expected_revenue, "weighted_within"),
        (found.expected_sales_eventual, "sales"),
        (found.expected_revenue_eventual, "weighted"),
    ):
        assert sum(getattr(each, key) for each in found.segments) == pytest.approx(float(total or 0), rel=1e-12), key
    if days is not None:
        assert found.expected_sales < found.expected_sales_eventual


def test_import_keeps_the_amount_of_each_open_deal_at_its_segments(pipeline: Funnel) -> None:
    """Held against the export itself: an open deal sits at its stage, and is of its owner and its source."""
    for dimension, column in (("owner", "Deal owner"), ("source", "Original Traffic Source")):
        wanted: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
        for row in rows():
            if not row["Deal Stage"].startswith("Closed"):
                wanted[row[column], row["Deal Stage"]].append(Fraction(row["Amount"]))
        (breakdown,) = (each for each in pipeline.breakdowns if each.dimension == dimension)
        found = {
            (segment.name, stage): sorted(amounts)
            for segment in breakdown.segments
            for stage, amounts in zip(pipeline.names, segment.open_amounts, strict=True)
            if amounts
        }
        assert found == {key: sorted(amounts) for key, amounts in wanted.items()}


def test_segments_and_stages_have_the_same_amounts(pipeline: Funnel) -> None:
    for breakdown in pipeline.breakdowns:
        for index, stage in enumerate(pipeline.stages):
            own = [amount for each in breakdown.segments if each.open_amounts for amount in each.open_amounts[index]]
            assert sorted(own) == sorted(stage.open_amounts)


def test_the_forecast_by_owner_is_chance_times_the_amount_of_each_deal(pipeline: Funnel) -> None:
    """Deal by deal from the export: the chance of its owner at its stage, times its amount."""
    found = forecast_of(pipeline)
    chances = {each.name: each.close_chances for each in found.segments}
    money: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows():
        if not row["Deal Stage"].startswith("Closed"):
            chance = chances[row["Deal owner"]][row["Deal Stage"]]
            money[row["Deal owner"]] += Fraction(chance or 0) * Fraction(row["Amount"])
    assert {each.name: each.weighted for each in found.segments} == money
