"""The calibration can fail: where a rule is broken, its target is missed.

Of each module of the calibration some run with every change.
"""

from funnelcli.analyses import checks as checked
from funnelcli.analyses import marks, mix, moved, pairs, reference
from funnelcli.analyses import usual as usually
from funnelcli.model import Funnel
from funnelcli.stats import differing, power, sequential, shrinkage
from funnelcli.stats.intervals import Interval, sample, wilson_bounds
from funnelcli.stats.variation import CONSTANT
from tests.calibration import bottleneck, checks, comparison, economics, segments, simulation, usual
from tests.calibration.findings import missed
from tests.thorough import weekly


def as_counted(samples, *_):
    """The raw rates of segments."""
    return [differing.Belief(came / could, (came + 1, could - came + 1)) for came, could in samples]


def test_an_interval_for_one_look_does_not_do_for_ninety(monkeypatch):
    monkeypatch.setattr(sequential, "at_every_look", lambda *counts: Interval(*wilson_bounds(*counts), 0.95, "Wilson"))
    assert missed(checks.at_every_look(60, 1))


def test_nights_whose_rates_vary_fail_checks_where_the_variation_is_left_out(monkeypatch):
    monkeypatch.setattr(checked, "effective_sample", lambda *given, **more: sample(*given[:3]))
    assert missed(checks.at_every_look(40, 1), "W2, stated, all one period: 90%")


def test_periods_that_vary_alarm_where_their_counts_alone_tell_the_spread(monkeypatch):
    monkeypatch.setattr(usually, "_between", lambda *_: 0.0)
    assert missed(usual.false_alarms(20, 1), "months, 8 known, 20% ± 2 of 50,000")


@weekly
def test_units_are_needed_in_more_periods_where_rates_vary(monkeypatch):
    monkeypatch.setattr(checked, "_units_needed", lambda counts, *_: 100)
    assert missed(checks.units_needed(60, 1), "W2, stated")


def test_the_largest_effect_without_its_range_is_named_where_nothing_moved(monkeypatch):
    def raw(values, *_):
        return max(values, key=lambda factor: abs(values[factor]))[0], None, None

    monkeypatch.setattr(moved, "_leading", raw)
    assert missed(comparison.moved_most(60, 1), "W1: named, equal truth, 3 steps")


@weekly
def test_a_conversion_of_younger_deals_is_named_where_it_is_not_held_against_those_of_their_age(monkeypatch):
    monkeypatch.setattr(moved, "_holds", lambda *_: True)
    assert missed(comparison.moved_most_of_young(60, 1), "owners alike, one younger, losses x0.33")


@weekly
def test_weeks_that_vary_are_marked_where_rates_are_taken_as_constant(monkeypatch):
    monkeypatch.setattr(pairs, "dispersed_rate", lambda *_, **more: CONSTANT)
    assert missed(comparison.period_marks(30, 1), "W2, estimated: last of 12 periods against the first, 20,000")


@weekly
def test_a_paradox_without_its_chances_is_called_on_noise(monkeypatch):
    monkeypatch.setattr(mix, "LIKELY", 0.0)
    assert missed(comparison.paradox(100, 1), "W1: called, equal rates, another mix")


@weekly
def test_the_range_of_the_mean_in_the_long_run_does_not_do_for_the_next_period(monkeypatch):
    drawn = simulation.simulate
    monkeypatch.setattr(
        simulation, "simulate", lambda funnel, **asked: drawn(funnel, **{**asked, "next_period": False})
    )
    assert missed(simulation.next_period(150, 1))


def test_money_of_unequal_size_is_not_covered_without_its_spread(monkeypatch):
    drawn = simulation.simulate

    def alike(funnel, **asked):
        *others, last = funnel.stages
        return drawn(funnel._replace(stages=(*others, last._replace(average_check_sd=None))), **asked)

    monkeypatch.setattr(simulation, "simulate", alike)
    assert missed(simulation.next_period(30, 1), "CV 1")


@weekly
def test_a_verdict_at_every_profit_is_wrong_too_often(monkeypatch):
    told = economics.unit_economics

    def sure(funnel):
        result = told(funnel)
        return result._replace(verdict="earns" if result.profit > 0 else "loses")

    monkeypatch.setattr(economics, "unit_economics", sure)
    assert missed(economics.earns(100, 1), "a fifth")


@weekly
def test_a_baseline_that_is_taken_as_exact_promises_too_much(monkeypatch):
    monkeypatch.setattr(reference, "effective_sample", lambda *given, **more: None)
    assert missed(bottleneck.against_baseline(50, 1))


@weekly
def test_the_raw_rate_of_the_best_segment_promises_too_much(monkeypatch):
    monkeypatch.setattr(differing, "believe", as_counted)
    assert missed(bottleneck.differing_segments(24, 1))


def test_segments_that_are_not_asked_whether_they_differ_have_a_best(monkeypatch):
    tested = marks.mark

    def marked(*given):
        found = tested(*given)
        everything = [
            each._replace(steps=tuple(test._replace(differs=1) for test in each.steps)) for each in found.marks
        ]
        return found._replace(marks=tuple(everything))

    monkeypatch.setattr(marks, "mark", marked)
    monkeypatch.setattr(differing, "believe", as_counted)
    assert missed(bottleneck.identical_segments(60, 1))


@weekly
def test_a_stage_off_the_way_that_competes_is_named(monkeypatch):
    monkeypatch.setattr(Funnel, "on_the_way", property(lambda funnel: frozenset(range(len(funnel.stages)))))
    assert missed(bottleneck.off_the_way(20, 1))


def test_the_best_of_raw_rates_is_not_as_good_as_it_looks(monkeypatch):
    def raw(prior, successes, trials):
        return successes / trials

    monkeypatch.setattr(shrinkage, "shrunken", raw)
    assert missed(segments.ranking(10, 1))


@weekly
def test_weeks_that_are_taken_as_constant_have_false_marks(monkeypatch):
    monkeypatch.setattr(marks, "PERIODS", 13)
    assert missed(segments.marks(10, 1))


@weekly
def test_units_without_the_correction_for_several_tests_are_too_few(monkeypatch):
    needed = power.units_to_tell
    monkeypatch.setattr(power, "units_to_tell", lambda a, b, tests: needed(a, b))
    assert missed(comparison.units_to_tell(60, 1), "show --by")


@weekly
def test_managers_alike_are_marked_where_open_units_count_as_lost(monkeypatch):
    monkeypatch.setattr(
        Funnel, "decided", lambda funnel, index, origin=None: funnel.stages[funnel.stages[index].parent or 0].count
    )
    assert missed(segments.open_marks(12, 1), "4 managers alike, 2,000 leads each, up to 60% open: any false mark")
