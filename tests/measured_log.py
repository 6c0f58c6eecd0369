"""Logs of entries that are seen before all windows are over, and the funnel file that a measurement of them would be.

What is written of the end is lifelines' own; nothing of the program computes it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.random import Generator

WINDOW = 14.0
DAY = 86400
Z = float(norm.ppf(0.975))


class Log(NamedTuple):
    """Entries: on which day each came, after how many days it came to each stage (never: infinite) or was lost."""

    entered: numpy.ndarray
    cart: numpy.ndarray
    paid: numpy.ndarray
    lost: numpy.ndarray
    seen: float


def simulated(
    random: Generator,
    entries: int = 600,
    days: float = 28,
    rates: tuple[float, float] = (0.5, 0.4),
    losses: float = 0.0,
    means: tuple[float, float] = (1.5, 3.0),
) -> Log:
    """Entries that came evenly over some days, at the end of which they are seen."""
    cart = numpy.where(random.random(entries) < rates[0], random.exponential(means[0], entries), numpy.inf)
    paid = numpy.where(random.random(entries) < rates[1], cart + random.exponential(means[1], entries), numpy.inf)
    lost = numpy.where(random.random(entries) < losses, random.exponential(4, entries), numpy.inf)
    cart, paid = (numpy.where(lost < times, numpy.inf, times) for times in (cart, paid))
    return Log(random.uniform(0, days, entries), cart, paid, numpy.where(paid < lost, numpy.inf, lost), days)


def came(log: Log, times: numpy.ndarray) -> numpy.ndarray:
    """Which entries are seen to have come within their window."""
    return (times <= WINDOW) & (times <= log.seen - log.entered)


def file_text(log: Log, weeks: bool = False, check: int | None = 90) -> str:
    """The funnel file, with the cohorts of the weeks."""
    stages = {"Cart": log.cart, "Paid": log.paid}
    week = (log.entered // 7).astype(int)
    open_ = [name(at) for at in range(week.max() + 1) if (at + 1) * 7 + WINDOW > log.seen]
    lines = ["name: Signups", "currency: EUR", *([f"average_check: {check}"] if check else [])]
    counts = [len(log.entered), *(int(came(log, times).sum()) for times in stages.values())]
    lines.append(f"stages: {{Visit: {counts[0]}, Cart: {counts[1]}, Paid: {counts[2]}}}")
    if weeks:
        lines.append("breakdowns:\n  week:")
        for at in range(week.max() + 1):
            own = week == at
            row = [int(own.sum()), *(int(came(log, times)[own].sum()) for times in stages.values())]
            lines.append(f"    {name(at)}: {row}")
    shown = open_ if weeks else ["entries of the last days"]
    lines.append(f"measured:\n  until: '2026-11-02T00:00:00Z'\n  window: 14 days\n  not_mature: [{', '.join(shown)}]")
    lines.append("  eventual:\n" + "\n".join(f"    {stage}: {_end(log, times)}" for stage, times in stages.items()))
    lines.append("  curves:\n" + "\n".join(f"    {stage}: {_curve(log, times)}" for stage, times in stages.items()))
    if weeks:
        lines.append("  segments:\n    week:")
        for at in range(week.max() + 1):
            ends = ", ".join(f"{stage}: {_cohort(log, times, week == at)}" for stage, times in stages.items())
            lines.append(f"      {name(at)}: {{eventual: {{{ends}}}}}")
    return "\n".join(lines) + "\n"


def name(week: int) -> str:
    """A week's name in the file."""
    return f"2026-W{41 + week}"


def wilson(rate: float, size: float) -> tuple[float, float]:
    """Wilson's score interval, 95%."""
    middle = (rate * size + Z * Z / 2) / (size + Z * Z)
    half = Z / (size + Z * Z) * (rate * (1 - rate) * size + Z * Z / 4) ** 0.5
    return middle - half, middle + half


def fitted(log: Log, times: numpy.ndarray) -> tuple[list[float], list[float], list[float], float]:
    """Times, the share that has come by them, the share that is on the way, and the variance of the end (lifelines)."""
    hit, followed = came(log, times), numpy.minimum(log.seen - log.entered, WINDOW)
    gone = ~hit & (log.lost <= followed) & (times > log.lost)
    lasting = numpy.where(hit, times, numpy.where(gone, log.lost, followed))
    grid = [float(each) for each in numpy.linspace(0.25, WINDOW, 56)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        still = KaplanMeierFitter().fit(lasting, hit | gone)
        share = AalenJohansenFitter(calculate_variance=True, seed=1).fit(lasting, numpy.where(hit, 1, 2 * gone), 1)
    cif, variance = share.cumulative_density_.iloc[:, 0], share.variance_
    at = [cif.index.searchsorted(each, "right") - 1 for each in grid]
    survival = [float(each) for each in still.survival_function_at_times(grid)]
    return grid, [float(cif.iloc[each]) for each in at], survival, float(variance.iloc[at[-1]])


def _end(log: Log, times: numpy.ndarray) -> str:
    _, share, _, variance = fitted(log, times)
    rate = share[-1]
    return _written(rate, *wilson(rate, rate * (1 - rate) / variance), rate * (1 - rate) / variance)


def _written(rate: float, low: float, high: float, size: float) -> str:
    bounds = f"low: {low:.12f}, high: {high:.12f}, entries: {size:.4f}"
    return f"{{conversion: {rate:.12f}, {bounds}, followed: 14 days, so_far: {rate:.12f}}}"


def _cohort(log: Log, times: numpy.ndarray, own: numpy.ndarray) -> str:
    """The end of a week: its counts where its windows are over, else with those who are expected to come still."""
    hit, ages = came(log, times) & own, log.seen - log.entered
    total, number = int(own.sum()), int(hit.sum())
    waiting = own & ~came(log, times) & (ages < WINDOW) & (log.lost > ages)
    rate = number / total
    if not waiting.any():
        low, high = wilson(rate, total)
        shown = f"{number}/{total}"
        bounds = f"low: {low:.12f}, high: {high:.12f}, entries: {total}"
        return f"{{conversion: {shown}, {bounds}, followed: 14 days, so_far: {shown}}}"
    grid, share, still, _ = fitted(log, times)
    chances = [
        (share[-1] - numpy.interp(age, [0, *grid], [0, *share])) / numpy.interp(age, [0, *grid], [1, *still])
        for age in ages[waiting]
    ]
    more, reach = sum(chances), Z * sum(chance * (1 - chance) for chance in chances) ** 0.5
    low, high = max(rate, (number + more - reach) / total), (number + more + reach) / total
    return _written((number + more) / total, low, high, total)


def _curve(log: Log, times: numpy.ndarray) -> str:
    grid, share, still, _ = fitted(log, times)
    points = ", ".join(
        f"[{int(at * DAY)}, {own:.9f}, {rest:.9f}]" for at, own, rest in zip(grid, share, still, strict=True)
    )
    ages = log.seen - log.entered
    waiting = ages[~came(log, times) & (ages < WINDOW) & (log.lost > ages)]
    bins = numpy.floor(waiting * 60 / WINDOW).astype(int)
    rows = [f"[{int(waiting[bins == at].mean() * DAY)}, {int((bins == at).sum())}]" for at in sorted(set(bins))]
    return f"{{points: [[0, 0, 1], {points}], waiting: [{', '.join(rows)}]}}"
