"""The list of verdicts. One is a function of the number of simulations and a seed, which yields what it finds."""

from collections.abc import Callable, Iterator

from tests.calibration import (
    ages,
    bottleneck,
    checks,
    comparison,
    curves,
    economics,
    floor,
    forecast,
    goals,
    in_the_end,
    open_deals,
    segments,
    simulation,
    usual,
    usual_delays,
)
from tests.calibration.findings import Finding

Verdict = Callable[[int, int], Iterator[Finding]]
RUNS = 2000
"""Simulations of a case: a share of 5% is then known to half a point."""

VERDICTS: dict[str, Verdict] = {
    "targets": bottleneck.against_targets,
    "baseline": bottleneck.against_baseline,
    "identical-segments": bottleneck.identical_segments,
    "best-segment": bottleneck.differing_segments,
    "off-the-way": bottleneck.off_the_way,
    "forecast": forecast.ranges,
    "forecast-curves": curves.ranges,
    "forecast-again": curves.again,
    "equal-ends": curves.equal_ends,
    "forecast-losses": forecast.losses,
    "forecast-deals": forecast.deals,
    "open-deals": open_deals.open_deals,
    "forecast-goal": forecast.goals,
    "next-period": simulation.next_period,
    "expected": simulation.lasting_mean,
    "goal-chance": simulation.goal_chance,
    "earns": economics.earns,
    "chance-to-earn": economics.chance_to_earn,
    "plan": goals.plan,
    "sample-size": goals.sample_size,
    "units-needed": checks.units_needed,
    "every-look": checks.at_every_look,
    "check-baseline": checks.baseline,
    "within-usual": usual.false_alarms,
    "usual-delays": usual.delays,
    "usual-stated": usual_delays.stated,
    "usual-floor": usual.floor,
    "period-marks": comparison.period_marks,
    "segment-marks": comparison.segment_marks,
    "units-to-tell": comparison.units_to_tell,
    "moved-most": comparison.moved_most,
    "moved-with-change": comparison.moved_with_change,
    "moved-most-young": comparison.moved_most_of_young,
    "effect-ranges": comparison.effect_ranges,
    "paradox": comparison.paradox,
    "marks": segments.marks,
    "open-marks": segments.open_marks,
    "age-marks": ages.marks_of_young,
    "in-the-end": in_the_end.in_the_end,
    "few-followed": curves.few_followed,
    "in-the-end-floor": floor.floor,
    "ranking": segments.ranking,
}
"""By the word that asks for it on the command line."""
