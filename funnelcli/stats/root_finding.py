"""The value of one figure at which another reaches a goal: exact where there is a formula, else to the last digit."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.exact import LARGEST_NUMBER, Exact, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Curve = Callable[[Exact], Exact | None]

STEPS = 16
"""Parts of a bounded range that are looked at for a curve without a formula."""
DOUBLINGS = 30
"""How often an unbounded value is doubled and halved in the search; two looks each."""
FAR = 1000
"""How many times the start is far away, where a formula is held against the curve once more."""
ROUND = 10**6
"""A root within rounding of a fraction with a denominator up to this is that fraction, if it reaches the goal too."""


class Answer(NamedTuple):
    """Where the goal is reached (`None`: nowhere), and the best value of the curve that was met on the way."""

    at: Exact | None
    best: Exact | None


def solve(curve: Curve, start: Exact, high: Exact | None, goal: Exact, least: bool) -> Answer:
    """The value nearest to `start` at which the curve just reaches a goal: `goal` or more, or less where not `least`.

    The curve is asked from 0 to `high` (`None`: without bound) and says `None` where it is undefined. A count, revenue,
    profit or cost per unit is a ratio of two linear functions of any single rate, count or price, so three points give
    its root, exactly: cross-ratios are kept. What is no such ratio (a budget with an elasticity, all conversions at
    once) is searched to the last digit of a double, on the side that reaches the goal. The search looks at 60 doublings
    or 16 parts of the range, so it could miss a goal that is reached only between two of them; there it climbs to the
    top between.
    """
    now = curve(start)
    if now == goal:
        return Answer(start, now)
    known = [(point, value) for point in _three(start, high) if (value := curve(point)) is not None]
    root = _root(known, goal)
    if root is not None and not 0 <= root <= (LARGEST_NUMBER if high is None else high):
        root = None
    if root is not None and curve(root) == goal:
        return Answer(reduced(root), goal)
    far = FAR * (start or 1) if high is None else high
    ends = [value for point in (0, start, far) if (value := curve(point)) is not None]
    if root is None and ends and (beyond := curve(far)) is not None and _root(known, beyond) == far:
        return Answer(None, max(ends) if least else min(ends))  # the formula holds, and its root is out of range
    return _search(curve, start, high, goal, least)


def _root(known: Sequence[tuple[Exact, Exact]], goal: Exact) -> Fraction | None:
    """Where a ratio of linear functions through three points has a value; `None` for other curves and constants."""
    if len({value for _, value in known}) < 3:
        return None
    (first, low), (second, middle), (third, top) = known
    left = Fraction(goal - low) * (middle - top) * (second - first)
    right = Fraction(goal - top) * (middle - low) * (second - third)
    return None if left == right else (left * third - right * first) / (left - right)


def _three(start: Exact, high: Exact | None) -> tuple[Exact, Exact, Exact]:
    """Three points that every curve is likely to know: the start and below, or from 0 where it starts there."""
    top = start or (1 if high is None else high) or 1
    return Fraction(top, 4), Fraction(top, 2), top


def _search(curve: Curve, start: Exact, high: Exact | None, goal: Exact, least: bool) -> Answer:
    """The nearest place where the curve crosses the goal, found on a grid and then halved."""

    def reaches(value: Exact | None) -> bool:
        return value is not None and (value >= goal if least else value <= goal)

    points = _grid(start, high)
    values = [curve(point) for point in points]
    here = points.index(start)
    for distance in range(1, len(points)):
        for near, far in ((here + distance - 1, here + distance), (here - distance + 1, here - distance)):
            if not (0 <= near < len(points) and 0 <= far < len(points)):
                continue
            if None not in (values[near], values[far]) and reaches(values[near]) != reaches(values[far]):
                inside, outside = (near, far) if reaches(values[near]) else (far, near)
                return Answer(_halved(curve, reaches, points[inside], points[outside]), goal)
    known = [(value, index) for index, value in enumerate(values) if value is not None]
    if not known:
        return Answer(None, None)
    best, index = max(known) if least else min(known)
    peak = _climb(curve, points[max(index - 1, 0)], points[min(index + 1, len(points) - 1)], least)
    top = curve(peak)
    if reaches(top) and not reaches(values[here]):
        on_the_way = [point for point in points if (point < peak) == (start < peak) and point != peak]
        edge = max(on_the_way) if start < peak else min(on_the_way)
        return Answer(_halved(curve, reaches, peak, edge), goal)
    return Answer(None, best if top is None else max(best, top) if least else min(best, top))


def _grid(start: Exact, high: Exact | None) -> list[Exact]:
    """Points to look at, in order, the start among them."""
    points: set[Exact] = {0, start}
    if high is not None:
        points |= {Fraction(high * step, STEPS) for step in range(STEPS + 1)}
    else:
        base = start or 1
        for half in range(-2 * DOUBLINGS, 2 * DOUBLINGS + 1):
            points.add(base * Fraction(2) ** (half // 2) * (Fraction(3, 2) if half % 2 else 1))
    return sorted(point for point in points if point <= LARGEST_NUMBER)


def _halved(curve: Curve, reaches: Callable[[Exact | None], bool], inside: Exact, outside: Exact) -> Exact:
    """The border between a value that reaches the goal and one that does not, on the side that does."""
    while True:
        middle = Fraction(float(inside + outside) / 2)
        if middle in (inside, outside) or not min(inside, outside) < middle < max(inside, outside):
            break
        if reaches(curve(middle)):
            inside = middle
        else:
            outside = middle
    plain = Fraction(inside).limit_denominator(ROUND)
    if math.isclose(plain, inside, rel_tol=1e-12) and reaches(curve(plain)):
        return reduced(plain)
    return reduced(inside)


def _climb(curve: Curve, low: Exact, high: Exact, least: bool) -> Exact:
    """The top of a curve with one top between two points (the bottom where not `least`), by thirds."""

    def height(point: float) -> float:
        value = curve(Fraction(point))
        return -math.inf if value is None else float(value) if least else -float(value)

    left, right = float(low), float(high)
    for _ in range(80):
        first, second = left + (right - left) / 3, right - (right - left) / 3
        if height(first) < height(second):
            left = first
        else:
            right = second
    return Fraction((left + right) / 2)
