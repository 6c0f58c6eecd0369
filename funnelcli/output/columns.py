"""The columns of a table on a terminal: how wide each is, which are left out, and figures with their points aligned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.output.text_width import padded, width

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 2
NARROWEST_NAME = 12
KEPT_NAME = 20
"""So much of a name is kept before columns are left out."""
NARROWEST_BAR, PIPE_BAR, WIDEST_BAR = 6, 24, 60
_WIDEST_HEADER = 24


class Shape(NamedTuple):
    """What the width of a column depends on: its widest value, the lines of its header, and what it holds."""

    values: int
    header: tuple[str, ...]
    is_text: bool = False
    is_bar: bool = False
    spare: int = 0

    @property
    def natural(self) -> int:
        """The width at which nothing folds."""
        return max(self.values, *map(width, self.header))

    @property
    def least(self) -> int:
        """The width of a column of figures, whose header folds between words."""
        words = [width(word) for line in self.header for word in line.split(" ")]
        return max(self.values, min(_WIDEST_HEADER, *([max(words)] if words else [0])))


def fit(shapes: Sequence[Shape], available: int | None) -> tuple[list[list[int]], dict[int, int]]:
    """Columns for each part of a table, and the widths of all that are shown.

    Columns that are to spare are left out where there is no room, the highest number first; then headers and names
    fold; then the table has several parts, each with the first column. Figures never give way.
    """
    shown = list(range(len(shapes)))
    if available is None:
        return [shown], {at: PIPE_BAR if shapes[at].is_bar else shapes[at].natural for at in shown}
    shown = [at for at in shown if not shapes[at].spare]
    if _rest(shapes, shown, available) < 0:
        return _folded(shapes, shown, available)
    for spared in sorted((at for at in range(len(shapes)) if shapes[at].spare), key=lambda at: shapes[at].spare):
        more = sorted([*shown, spared])
        shown = more if _rest(shapes, more, available) >= 0 else shown
    return [shown], _filled(shapes, shown, _rest(shapes, shown, available))


def _rest(shapes: Sequence[Shape], shown: Sequence[int], available: int) -> int:
    """What those columns leave of the width, or lack, before anything folds that must not."""
    return available - sum(_kept(shapes, at) for at in shown) - GAP * (len(shown) - 1)


def _kept(shapes: Sequence[Shape], at: int) -> int:
    """The width of a column before anything folds that must not."""
    shape = shapes[at]
    if shape.is_bar:
        return NARROWEST_BAR
    spares = any(each.spare for each in shapes)
    return min(shape.natural, KEPT_NAME) if spares and shape.is_text else shape.natural


def _filled(shapes: Sequence[Shape], shown: Sequence[int], rest: int) -> dict[int, int]:
    """The widths with what is left: names get what they lack, then bars the rest."""
    widths = {at: _kept(shapes, at) for at in shown}
    for at in sorted(shown, key=lambda at: shapes[at].is_bar):
        wanted = WIDEST_BAR if shapes[at].is_bar else shapes[at].natural
        more = max(0, min(rest, wanted - widths[at]))
        widths[at] += more
        rest -= more
    return widths


def _folded(shapes: Sequence[Shape], shown: list[int], available: int) -> tuple[list[list[int]], dict[int, int]]:
    """Headers and names fold; where that is not enough, the table has parts."""
    gaps = GAP * (len(shown) - 1)
    # what a row is called gives way, and so do long texts; a few words, such as a verdict, are read whole
    texts = {at for at in shown if shapes[at].is_text and (at == shown[0] or shapes[at].natural > available // 3)}
    tried = []
    for whole_headers in (True, False):
        widths = {at: _heading(shapes[at], whole_headers or at in texts) for at in shown}
        figures = [widths[at] for at in shown if at not in texts]
        room = (available - sum(figures) - gaps) // max(1, len(texts))
        for at in texts:
            widths[at] = min(widths[at], max(NARROWEST_NAME, room))
        if sum(widths.values()) + gaps <= available:
            return [shown], widths
        first, beside = shown[0], max(figures, default=0) + GAP
        widths[first] = min(shapes[first].natural, max(NARROWEST_NAME, available // 3), max(4, available - beside))
        tried.append((len(_parts(widths, available)), widths))
    fewest, widths = min(tried, key=lambda each: each[0])
    limit = next(limit for limit in range(widths[first], available + 1) if len(_parts(widths, limit)) == fewest)
    return _parts(widths, limit), widths


def _heading(shape: Shape, whole: bool) -> int:
    """The width of a column that has its header in lines as they are, or folded between words."""
    return max(shape.values, min(shape.natural, _WIDEST_HEADER)) if whole else shape.least


def _parts(widths: dict[int, int], limit: int) -> list[list[int]]:
    """Columns in groups no wider than a limit, each after the first column."""
    first, *others = widths
    parts, used = [[first]], widths[first]
    for at in others:
        if used + GAP + widths[at] > limit and len(parts[-1]) > 1:
            parts.append([first])
            used = widths[first]
        parts[-1].append(at)
        used += GAP + widths[at]
    return parts


_RANGE = re.compile(r"(.*?)((?:–| to ).*)")
_FIGURE = re.compile(r"(.*?\d)((?:\.\d+)?\D*)")


def aligned(figures: Sequence[str], kind: str) -> list[str]:
    """Figures of one kind below each other by their decimal points, and ranges by what stands between their ends."""
    pattern = _RANGE if kind.endswith("interval") else _FIGURE
    halves = [None if kind in _WORDS else pattern.fullmatch(figure) for figure in figures]
    before = max((width(half[1]) for half in halves if half), default=0)
    after = max((width(half[2]) for half in halves if half), default=0)
    return [
        " " * (before - width(half[1])) + half[1] + padded(half[2], after) if half else figure
        for figure, half in zip(figures, halves, strict=True)
    ]


_WORDS = ("text", "duration", "bar")
"""Kinds of figures that have no point in common: times have units."""
