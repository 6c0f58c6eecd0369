"""What a measurement left beside the counts is told as it was noted, and its segments by their own counts."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.analyses.conversion import convert
from funnelcli.measure import Measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

NOTED = Measured(
    source="events.csv",
    table="events",
    between=("2026-01-01", "2026-02-01"),
    events=900,
    units=100,
    without_unit=1,
    without_time=2,
    duplicates=3,
    after_now=4,
    excluded_units=5,
    mature_before="2026-01-20T00:00:00Z",
    open_units=6,
    until="2026-01-31T23:00:00",
    not_mature=("Jan",),
    recipe="hubspot_deals 1",
)
BRANCHES = """\
stages:
- {name: Visits}
- {name: Sales, role: customer}
- {name: Refunds}
- {name: Calls, from: Visits}
breakdowns:
  channel: {Ads: [60, 30, 3, 12], SEO: [40, 0, 0, 10]}
"""


def test_every_figure_that_was_noted_is_told_by_its_name(funnel: Callable[[str], Funnel]) -> None:
    told = convert(funnel("stages: {A: 10, B: 5}")._replace(measured=NOTED)).measured
    assert told is not None
    common = set(NOTED._fields) & set(told._fields)
    assert len(common) == 18
    for name in common:
        assert getattr(told, name) == getattr(NOTED, name), name
    assert told.breakdowns == ()  # nothing was asked for that there is not
    assert convert(funnel("stages: {A: 10, B: 5}"), segments=True).measured is None


def test_segments_convert_from_their_own_stage_and_in_all_to_the_sale(funnel: Callable[[str], Funnel]) -> None:
    """Ads: 30 of 60, 3 of 30, 12 of 60, and 30 of 60 in all; SEO has no sale, and so nothing that refunds are of."""
    built = funnel(BRANCHES)._replace(measured=NOTED)
    asked = convert(built, segments=True).measured
    assert asked is not None
    assert asked.breakdowns is not None
    (channel,) = asked.breakdowns
    assert (channel.dimension, channel.counted_again) == ("channel", ())
    assert tuple(segment[:4] for segment in channel.segments) == (
        ("Ads", (60, 30, 3, 12), (None, Fraction(1, 2), Fraction(1, 10), Fraction(1, 5)), Fraction(1, 2)),
        ("SEO", (40, 0, 0, 10), (None, 0, None, Fraction(1, 4)), 0),
    )
    silent = convert(built).measured
    assert silent is not None
    assert silent.breakdowns is None
