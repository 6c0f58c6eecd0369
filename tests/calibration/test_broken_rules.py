"""The calibration can fail: where a rule is broken, its target is missed."""

from funnelcli.stats import sequential
from funnelcli.stats.intervals import wilson
from tests.calibration import checks


def missed(findings):
    return [finding.case for finding in findings if not finding.plausible]


def test_an_interval_for_one_look_does_not_do_for_ninety(monkeypatch):
    monkeypatch.setattr(sequential, "at_every_look", wilson)
    assert missed(checks.at_every_look(60, 1))
