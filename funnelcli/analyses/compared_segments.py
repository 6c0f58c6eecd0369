"""Which funnels a comparison holds against each other, and what they are called in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.ages import with_ages, within
from funnelcli.analyses.breakdowns import find_breakdown, find_segment, segment_funnels
from funnelcli.analyses.common_stages import aligned
from funnelcli.analyses.comparison import compare
from funnelcli.analyses.periods import in_time, is_time, understood
from funnelcli.analyses.periods_of_funnels import as_segments, in_order_of_time
from funnelcli.analyses.successive import successive
from funnelcli.analyses.times import write_window
from funnelcli.analyses.variation import variation_of, varied
from funnelcli.diagnostics import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from funnelcli.analyses.comparison import ComparisonReport
    from funnelcli.model import Funnel
    from funnelcli.segments import Breakdown, Segment

MOST_COMPARED = 100
"""Segments up to which each is held against the first."""


def compare_segments(
    funnel: Funnel, dimension: str, confidence: float = 0.95, common: bool = False, pair: tuple[str, str] | None = None
) -> ComparisonReport | Problem:
    """Segments of a breakdown: the pair that is named, the last period against the first, or all against the first."""
    breakdown = find_breakdown(funnel, dimension)
    if isinstance(breakdown, Problem):
        return breakdown
    dimension, time = breakdown.dimension, is_time(breakdown.dimension)
    still_open = set(funnel.not_mature) if time else set()
    cut = {each.name for each in funnel.cut_periods} - still_open if time else set()
    segments = _chosen(breakdown, pair, still_open, cut, funnel.no_window)
    if isinstance(segments, Problem):
        return segments
    names = [segment.name for segment in segments]
    kept = varied(funnel, breakdown, without=names if time else ())
    funnels = with_ages(funnel, breakdown, [*segment_funnels(funnel, segments, kept, dimension)])
    of = len(breakdown.segments)
    # two of many managers may be chosen because they are far apart; a month and the one before it are not
    chosen_of = of * (of - 1) // 2 if pair and not time else 1
    called = [", ".join((name, *(own for _, own in funnel.chosen))) for name in names]
    report = compare(funnels, called, confidence, common, time, chosen_of)
    if isinstance(report, Problem):
        return report
    report = report._replace(open_at=() if breakdown.divides_open else funnel.open_at)
    if not time:
        period = within(funnel, breakdown, funnels)
        return report._replace(comparisons=tuple(each._replace(within=period) for each in report.comparisons))
    left = [] if pair else [segment.name for segment in in_time(breakdown) if segment.name not in names]
    comparisons = tuple(
        each._replace(
            periods_between=tuple(name for name in left if name not in still_open | cut),
            periods_open=tuple(name for name in left if name in still_open),
            periods_cut=tuple(each for each in funnel.cut_periods if each.name in left and each.name in cut),
            variation=variation_of(funnels[-1]),
        )
        for each in report.comparisons
    )
    unordered = pair is None and not understood(breakdown)
    one_by_one = None
    if pair is None and not unordered:
        whole = [segment.name for segment in in_time(breakdown) if segment.name not in still_open | cut]
        one_by_one = successive(funnel, breakdown, whole, confidence)
    return report._replace(
        comparisons=comparisons, in_file_order=breakdown.dimension if unordered else None, successive=one_by_one
    )


def compare_funnels(
    funnels: Sequence[Funnel], called: Sequence[str], confidence: float = 0.95, common: bool = False
) -> ComparisonReport | Problem:
    """Each funnel, `called` so, against the first; periods of one funnel each against the one before it as well."""
    report = compare(funnels, called, confidence, common)
    alike = aligned(funnels, called, common)
    if isinstance(report, Problem) or isinstance(alike, Problem):
        return report
    periods = in_order_of_time(alike.funnels)
    whole = None if periods is None else as_segments(periods)
    if whole is None or periods is None:
        return report
    (breakdown,) = whole.breakdowns
    names = [segment.name for segment in breakdown.segments]
    return report._replace(successive=successive(whole, breakdown, names, confidence, periods))


def compare_periods(
    funnels: Sequence[Funnel], confidence: float = 0.95, common: bool = False, pair: tuple[int, int] | None = None
) -> ComparisonReport | Problem:
    """Funnels that are periods of one, in this order and called so: the last against the first, or the two of a pair.

    With three or more, each stands against the one before it as well. What the others tell of how much rates vary from
    period to period is in the tests and ranges.
    """
    called = [funnel.period or "" for funnel in funnels]
    alike = aligned(funnels, called, common)
    if isinstance(alike, Problem):
        return alike
    places = (0, len(funnels) - 1) if pair is None else pair
    two, names = [alike.funnels[place] for place in places], [called[place] for place in places]
    whole = as_segments(alike.funnels)
    if whole is not None:
        kept = varied(whole, whole.breakdowns[0], without=names)
        two = [funnel._replace(varied=kept) for funnel in two]
    report = compare(two, names, confidence, False, True)
    if isinstance(report, Problem):
        return report
    left_out = tuple(dict.fromkeys(name for place in places for name in alike.left_out[place]))
    between = () if pair else tuple(called[1:-1])
    report = report._replace(
        comparisons=tuple(each._replace(left_out=left_out, periods_between=between) for each in report.comparisons)
    )
    if whole is None or pair:
        return report
    return report._replace(successive=successive(whole, whole.breakdowns[0], called, confidence, alike.funnels))


def _chosen(
    breakdown: Breakdown,
    pair: tuple[str, str] | None,
    still_open: AbstractSet[str],
    cut: AbstractSet[str],
    no_window: bool,
) -> Sequence[Segment] | Problem:
    """The segments that are named; else the first and the last whole period whose units no longer go on, or all."""
    shown = quoted(breakdown.dimension)
    segments = in_time(breakdown)
    if len(segments) < 2:
        return Problem("FN102", f"{shown} has one segment, and nothing to compare it with", "add another")
    if pair is not None:
        found = [find_segment(breakdown, name) for name in pair]
        missing = next((each for each in found if isinstance(each, Problem)), None)
        return missing or [each for each in found if not isinstance(each, Problem)]
    if is_time(breakdown.dimension):
        whole = [segment for segment in segments if segment.name not in still_open | cut]
        if len(whole) < 2:
            which, help_ = " whose window is over: the figures of the others may grow", "choose two"
            if no_window:
                which = " known to be over: without a window, younger ones had less time"
                help_ = f"{write_window(None)}, and measure again; or choose two"
            elif cut:
                rest = "the others are" if whole else "all are"
                which = f" that is whole and whose window is over: {rest} cut{' or may grow' if still_open else ''}"
            many = f"{len(whole) or 'no'} segment"
            return Problem("FN114", f"{shown} has {many}{which}", help_)
        return whole[0], whole[-1]
    if len(segments) > MOST_COMPARED:
        return Problem(
            "FN114",
            f"{shown} has {len(segments):,} segments, too many to compare one by one",
            "choose two",
        )
    return segments


def labels(funnels: Sequence[Funnel]) -> list[str]:
    """What the funnels are called: names, and where these are the same, periods or files beside them."""
    names = [funnel.name for funnel in funnels]
    if len(set(names)) == len(names):
        return names
    for more in (
        [funnel.period for funnel in funnels],
        [funnel.file_stem for funnel in funnels],
        [funnel.file for funnel in funnels],
        [f"{funnel.file}, document {funnel.document}" for funnel in funnels],
    ):
        if all(more) and len(set(more)) == len(more):
            alike = len(set(names)) == 1
            pairs = zip(names, more, strict=True)
            return [str(own) if alike or name == own else f"{name}, {own}" for name, own in pairs]
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]
