"""The conversion table by the definitions, on small funnels worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.conversion import convert
from funnelcli.analyses.figures import figure
from funnelcli.metrics import METRICS, Selector

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

    Build = Callable[[str], Funnel]


def test_every_figure_of_a_chain(funnel: Build) -> None:
    result = convert(funnel("stages: {Visitors: 1000, Leads: 100, Sales: 25}\naverage_check: 80"))
    visitors, leads, sales = result.stages
    assert (visitors.from_, visitors.conversion, visitors.drop_off, visitors.loss_share) == (None, None, None, None)
    assert (visitors.overall_conversion, visitors.one_in) == (1, 1)
    assert (leads.from_, leads.conversion, leads.overall_conversion, leads.one_in) == (
        "Visitors",
        Fraction(1, 10),
        Fraction(1, 10),
        10,
    )
    assert (leads.drop_off, leads.drop_off_rate) == (900, Fraction(9, 10))
    # 975 are lost in all: 900 of them before Leads, 75 after
    assert (leads.loss_share, sales.loss_share) == (Fraction(900, 975), Fraction(75, 975))
    assert (sales.average_check, sales.revenue) == (80, 2000)
    assert (result.entries, result.sales, result.overall_conversion, result.one_in) == (1000, 25, Fraction(1, 40), 40)
    assert (result.revenue, result.value_per_entry) == (2000, 2)


def test_an_empty_stage_leaves_what_follows_undefined(funnel: Build) -> None:
    result = convert(funnel("stages: {A: 10, B: 0, C: 0}"))
    empty, after = result.stages[1:]
    assert (empty.conversion, empty.one_in, empty.drop_off_rate) == (0, None, 1)
    assert (after.conversion, after.drop_off, after.drop_off_rate, after.conversion_low) == (None, 0, None, None)
    assert (result.overall_conversion, result.one_in) == (0, None)


def test_without_entries_nobody_is_one_in_so_many(funnel: Build) -> None:
    """What has no share of the entries is not 1 in 0 of them either, in any command."""
    built = funnel("stages: [{name: A, count: 0}, {name: B, count: 4, allow_growth: true}, {name: C, count: 2}]")
    result = convert(built)
    assert [stage.one_in for stage in result.stages] == [None, None, None]
    assert (result.overall_conversion, result.one_in) == (None, None)
    for selector in (Selector(METRICS["one_in"]), Selector(METRICS["one_in"], "B")):
        assert figure(built, selector) is None


def test_nothing_at_all_is_undefined_and_no_error(funnel: Build) -> None:
    result = convert(funnel("stages: {A: 0, B: 0}\naverage_check: 5"))
    assert (result.overall_conversion, result.one_in, result.value_per_entry, result.revenue) == (None, None, None, 0)
    assert result.stages[1].loss_share is None


def test_everyone_passes(funnel: Build) -> None:
    """No losses at all: a share of them is undefined, and the interval ends at exactly 1."""
    result = convert(funnel("stages: {A: 50, B: 50}"))
    assert (result.stages[1].conversion, result.stages[1].conversion_high) == (1, 1.0)
    assert result.stages[1].loss_share is None


def test_branches_convert_from_their_own_stage(funnel: Build) -> None:
    result = convert(funnel("stages: [{name: A, count: 100}, {name: B, count: 50}, {name: C, count: 20, from: A}]\n"))
    assert (result.stages[2].from_, result.stages[2].conversion, result.stages[2].drop_off) == ("A", Fraction(1, 5), 80)
    assert [stage.loss_share for stage in result.stages] == [None, None, None]


def test_growth_is_a_negative_drop_off_without_an_interval(funnel: Build) -> None:
    result = convert(funnel("stages: [{name: A, count: 10}, {name: B, count: 15, allow_growth: true}]"))
    grown = result.stages[1]
    assert (grown.conversion, grown.drop_off, grown.drop_off_rate) == (Fraction(3, 2), -5, Fraction(-1, 2))
    assert (grown.conversion_low, grown.loss_share) == (None, None)


def test_shares_and_weights_have_no_interval(funnel: Build) -> None:
    result = convert(funnel("stages: {A: 27.4, B: 13.7}"))
    assert (result.stages[1].conversion, result.stages[1].conversion_low) == (Fraction(1, 2), None)
    assert result.overall_conversion_low is None


def test_the_overall_interval_is_that_of_last_over_first(funnel: Build) -> None:
    """Wilson on 7 of 50, whatever lies between; published: [6.95%, 26.19%]."""
    result = convert(funnel("stages: {A: 50, B: 30, C: 7}"))
    assert result.overall_conversion_low == pytest.approx(0.0695, abs=5e-5)
    assert result.overall_conversion_high == pytest.approx(0.2619, abs=5e-5)


def test_a_stated_conversion_counts_but_has_no_interval(funnel: Build) -> None:
    result = convert(funnel("stages: [{name: A, count: 200}, {name: B, conversion: 8% to 12%}]"))
    assert (result.stages[1].count, result.stages[1].conversion_low) == (20, None)
    assert result.notes == ("stated as a range, shown at its middle: B",)


@pytest.mark.parametrize(
    ("stages", "sale"),
    [
        ("[{name: A, count: 9}, {name: B, count: 6}, {name: C, count: 3}]", "C"),
        ("[{name: A, count: 9}, {name: B, count: 6, average_check: 5}, {name: C, count: 3}]", "B"),
        ("[{name: A, count: 9}, {name: B, count: 6, role: customer}, {name: C, count: 3, average_check: 5}]", "B"),
    ],
)
def test_which_stage_is_the_sale(funnel: Build, stages: str, sale: str) -> None:
    """The role says it; else the last stage that brings money; else the last one."""
    assert convert(funnel(f"stages: {stages}")).sale_stage == sale


def test_revenue_of_a_stage_stands_for_its_check(funnel: Build) -> None:
    result = convert(funnel("stages: [{name: A, count: 10, average_check: 2}, {name: B, count: 4, revenue: 50}]"))
    assert (result.stages[1].average_check, result.stages[1].revenue) == (Fraction(25, 2), 50)
    assert result.revenue == 70


@pytest.mark.parametrize(
    ("brings", "multiplier"), [("0", 1), ("5", Fraction(5, 4)), ("24", Fraction(25)), ("25", None)]
)
def test_referral_multiplier(funnel: Build, brings: str, multiplier: Fraction | None) -> None:
    """1 / (1 - k): 4 of 100 tell others, so 5 each is k = 0.2; at k = 1 it grows without bound."""
    build = funnel(f"stages: {{A: 100, B: 4}}\nreferral: {{from: B, brings: {brings}, to: A}}\n")
    assert convert(build).referral_multiplier == multiplier


@pytest.mark.parametrize(("brings", "said"), [(Fraction(99, 100), False), (1, True), (Fraction(3, 2), True), (2, True)])
def test_a_referral_without_bound_is_a_note(funnel: Build, brings: Fraction | int, said: bool) -> None:
    """Each of 10 customers out of 10 entries brings as many as it is itself, or more."""
    built = funnel("stages: {A: 10, B: 10}\nreferral: {from: B, brings: 0.5, to: A}")
    assert built.referral is not None
    notes = convert(built._replace(referral=built.referral._replace(brings=brings))).notes
    assert any("grows without bound" in note for note in notes) == said


def test_what_was_measured_is_told_and_its_segments_where_they_are_asked_for(funnel: Build) -> None:
    text = "stages: {A: 10, B: 4}\nbreakdowns: {channel: {Ads: [6, 3], SEO: [5, 1]}}\n"
    assert convert(funnel(text.replace("5, 1", "4, 1"))).measured is None
    built = funnel(f"{text}measured: {{units: 10, events: 14, counted_again: {{channel: [1, 0]}}}}")
    told = convert(built).measured
    assert told is not None
    assert (told.units, told.events, told.breakdowns) == (10, 14, None)
    asked = convert(built, segments=True).measured
    assert asked is not None
    ((dimension, segments, again),) = asked.breakdowns or ()
    assert (dimension, again) == ("channel", (1, 0))
    assert segments[0][:4] == ("Ads", (6, 3), (None, Fraction(1, 2)), Fraction(1, 2))


@pytest.mark.parametrize(
    ("stages", "notes"),
    [
        ("{A: 10, B: 5}", ()),
        ("[{name: A, count: 10}, {name: B, conversion: 50%}]", ("stated, not counted, so without an interval: B",)),
        (
            "[{name: A, count: 99}, {name: B, conversion: 50%}, {name: C, conversion: 8% to 12%}, "  # noqa: ISC004
            "{name: D, conversion: 20% to 40%}]",
            (
                "stated as a range, shown at its middle: C, D",
                "stated, not counted, so without an interval: B",
            ),
        ),
    ],
)
def test_rates_that_nobody_counted_are_named(funnel: Build, stages: str, notes: tuple[str, ...]) -> None:
    assert convert(funnel(f"stages: {stages}")).notes == notes


def test_a_referral_without_bound_says_how_many_each_unit_brings(funnel: Build) -> None:
    built = funnel("stages: {A: 100, B: 40}\nreferral: {from: B, brings: 3, to: A}\n")
    assert convert(built).notes == ("the referral grows without bound: each brings 1.2 more",)


def test_the_chain_alone_has_shares_of_losses_and_they_sum_to_1(funnel: Build) -> None:
    """95 are lost: 40, 0 and 55 of them; where one stage grows, nobody knows who was lost."""
    shares = [each.loss_share for each in convert(funnel("stages: {A: 100, B: 60, C: 60, D: 5}")).stages]
    assert shares == [None, Fraction(40, 95), 0, Fraction(55, 95)]
    grown = funnel("stages: [{name: A, count: 100}, {name: B, count: 60}, {name: C, count: 61, allow_growth: true}]")
    assert [each.loss_share for each in convert(grown).stages] == [None, None, None]


def test_days_of_a_stage_are_the_mean_and_the_median_that_was_measured(funnel: Build) -> None:
    built = funnel(
        "stages: [{name: A, count: 10}, {name: B, count: 5, days: 3}]\nmeasured: {median_days: {B: 2}, units: 10}\n"
    )
    assert [(each.days, each.median_days) for each in convert(built).stages] == [(None, None), (3, 2)]
    assert built.measured is not None
    assert [each.median_days for each in convert(built._replace(measured=None)).stages] == [None, None]


def test_the_median_that_the_days_of_a_stage_state_is_its_median(funnel: Build) -> None:
    """What is measured of it goes first."""
    built = funnel("stages: [{name: A, count: 10}, {name: B, count: 5, days: {median: 6, p90: 21}}]")
    assert [each.median_days for each in convert(built).stages] == [None, 6]
    measured = funnel(
        "stages: [{name: A, count: 10}, {name: B, count: 5, days: {median: 6, p90: 21}}]\n"
        "measured: {median_days: {B: 5}, units: 10}\n"
    )
    assert [each.median_days for each in convert(measured).stages] == [None, 5]
