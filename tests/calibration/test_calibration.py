"""A small part of the calibration, always the same one; the whole is `python -m tests.calibration`."""

import pytest

from tests.calibration.verdicts import VERDICTS

FEW = 40
"""Simulations of a case: enough to notice a rule that is gone, in seconds."""
SLOW = {
    "in-the-end": 3,
    "in-the-end-floor": 4,
    "forecast-again": 12,
    "age-marks": 8,
    "forecast-curves": 12,
    "forecast-losses": 4,
    "open-deals": 4,
    "marks": 12,
    "every-look": 14,
    "moved-most-young": 14,
    "plan": 12,
    "best-segment": 20,
    "earns": 12,
    "forecast": 20,
    "moved-most": 20,
    "moved-with-change": 20,
    "off-the-way": 20,
    "paradox": 20,
    "period-marks": 20,
    "baseline": 26,
    "few-followed": 20,
    "goal-chance": 26,
    "next-period": 16,
    "ranking": 26,
    "within-usual": 20,
    "usual-stated": 12,
}
"""Of what has many cases, or takes long for each: the broken rules show that they are noticed."""


@pytest.mark.parametrize("name", VERDICTS)
def test_no_target_is_missed_by_more_than_chance(name):
    findings = list(VERDICTS[name](SLOW.get(name, FEW), 20261125))
    assert findings
    assert not [finding for finding in findings if not finding.plausible]
