"""The calibration of `forecast` can fail: where a rule is broken, its target is missed.

Of each module of the calibration some run with every change.
"""

from funnelcli.analyses import arrivals, losses, on_their_way, open_stages, open_units
from funnelcli.counts_table import deal_funnel
from funnelcli.model import Funnel
from funnelcli.stats import survival
from funnelcli.stats.intervals import wilson_bounds
from funnelcli.stats.still_to_come import chance_within
from tests.calibration import curves, forecast, open_deals
from tests.calibration.findings import missed
from tests.thorough import weekly


@weekly
def test_units_that_are_open_are_not_lost(monkeypatch):
    def all_of_them(funnel, index, origin=None):
        origin = funnel.stages[index].parent if origin is None else origin
        return None if origin is None else funnel.stages[origin].count

    monkeypatch.setattr(Funnel, "decided", all_of_them)
    found = list(forecast.ranges(20, 1))
    assert sum(not finding.plausible for finding in found) >= 9  # of 12


def test_losses_take_another_time(monkeypatch):
    for module in (losses, arrivals, open_stages):
        monkeypatch.setattr(module, "losing", lambda *_: None)
    gaps = [finding for finding in forecast.losses(10, 1) if "expected" in finding.case]
    assert sum(not finding.plausible for finding in gaps) >= 14  # of 16


def test_the_money_of_sales_differs(monkeypatch):
    monkeypatch.setattr(open_units, "prices_of", lambda *_: ())
    assert missed(forecast.deals(50, 1))


@weekly
def test_open_deals_have_the_chance_of_their_age_and_not_that_of_the_decided(monkeypatch):
    monkeypatch.setattr(deal_funnel, "followed_deals", lambda *_: None)
    monkeypatch.setattr(open_deals, "WORLDS", ((270, 45),))
    gaps = [finding for finding in open_deals.open_deals(8, 1) if "expected" in finding.case]
    assert sum(not finding.plausible for finding in gaps) >= 3  # of 6


@weekly
def test_who_has_waited_is_not_as_who_has_just_come(monkeypatch):
    def as_just_come(_, curve):
        return chance_within([(0.0, 0.0, 1.0), *map(floats, curve.points)], 0, curve.points[-1][0])

    def floats(point):
        return tuple(map(float, point))

    monkeypatch.setattr(on_their_way, "chance_to_come", as_just_come)
    gaps = [finding for finding in curves.ranges(12, 1) if "expected" in finding.case]
    assert sum(not finding.plausible for finding in gaps) == 4


@weekly
def test_what_few_tell_is_not_what_all_do(monkeypatch):
    monkeypatch.setattr(
        survival, "incidence_bounds", lambda steps, _: wilson_bounds(sum(came for _, came, _ in steps), steps[0][0])
    )
    assert not any(finding.plausible for finding in curves.few_followed(40, 1))  # it lies around the end, too narrow


def test_windows_that_are_open_are_not_over(monkeypatch):
    monkeypatch.setattr(Funnel, "awaits", False)
    assert not all(finding.plausible for finding in curves.equal_ends(60, 1))
