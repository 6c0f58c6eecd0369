"""Specifications of charts, which are files of Vega-Lite with places to fill, and how their columns share the width.

Vega is given no limit of a text: it counts in units of UTF-16, and stops at half an emoji.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output.report import lettering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.output.report.look import Palette

Spec = dict[str, Any]
"""A specification of Vega-Lite, or a part of one."""
WIDTH = 480
"""Of every chart, in pixels: the widest that can still be read when a telephone shows it smaller."""
NAMES, FEWEST_NAMES = 132, 100
"""Room for the names at the left: more where they need it, less where figures do."""
BARS = 130
"""The least room for bars; where it lacks, the chart grows wider."""
LARGE, MEDIUM, SMALL = 15, 14, 13
"""Sizes of text: of few rows, of many, and of what stands beside them; on a telephone they are three quarters of it."""
GAP = 12
"""Between columns, and between a bar and its text."""
HAIRLINE = 1.0
"""The shortest bar of what is not 0, in pixels."""
ROW, TALL_ROW = 32, 36
"""Height of a bar with the room around it, also where a name takes two lines."""
_SPECIFICATIONS = Path(__file__).parent / "specifications"


class Chart(NamedTuple):
    """A picture: its kind, a title, what it shows in words, and its specification, without a configuration.

    `below` are the lines under the title of a picture that stands alone.
    """

    kind: str
    title: str
    says: str
    spec: Spec
    below: tuple[str, ...] = ()


def specification(name: str, palette: Palette, **places: Any) -> Spec:
    """A specification from its file, where `"$name"` stands for a colour of the palette or for one of the places."""
    text = (_SPECIFICATIONS / f"{name}.vl.json").read_text(encoding="utf-8")
    known = palette._asdict() | {"large": LARGE, "medium": MEDIUM, "small": SMALL} | places
    filled: Spec = json.loads(re.sub(r'"\$(\w+)"', lambda place: json.dumps(known[place[1]]), text))
    if not any(row.get("upper") for row in places.get("rows", ())) and "layer" in filled:
        filled["layer"] = [layer for layer in filled["layer"] if layer.get("transform") not in _TWO_LINES]
    return filled


_TWO_LINES = [[{"filter": f"datum.{line} != null"}] for line in ("upper", "lower")]
"""What tells the layers of names on two lines, which take time to draw where there are none."""


def layout(rows: list[Spec], columns: Sequence[str], most: int, size: int) -> dict[str, Any]:
    """Names at the left, bars, and columns of figures at the right, each as wide as its longest text.

    Names give way, down to some room: those that have more than a limit stand on two lines, as `upper` and `lower`, and
    are shortened there; figures never. The places are the ends of the `bars`, the right edge of each column, and the
    size of it all.
    """
    widths = [max(room(row[column], size) for row in rows) for column in columns]
    taken = sum(each + GAP for each in widths)
    width = max(WIDTH, math.ceil(FEWEST_NAMES + GAP + BARS + taken))
    most = math.floor(min(most, width - taken - BARS - GAP))
    names = max(min(NAMES, most), *(_in_lines(row, most, size) for row in rows))
    edges, right = {}, float(width)
    for column, each in zip(reversed(columns), reversed(widths), strict=True):
        edges[f"{column}_edge"] = right
        right -= each + GAP
    return {
        "rows": rows,
        "width": width,
        "height": len(rows) * (TALL_ROW if any(row.get("upper") for row in rows) else ROW),
        "bars": (names + GAP, right),
        **edges,
    }


def _in_lines(row: Spec, most: int, size: int) -> int:
    """Set the name of a row on one line, or on two smaller ones, and say how much room it takes."""
    needed = room(row["name"], size)
    if needed <= most:
        return needed
    lines = lettering.wrapped(row["name"], most, SMALL, 2)
    if len(lines) == 1:  # small letters alone are enough, but two lines of one size are better
        lines = lettering.wrapped(row["name"], most * 0.75, SMALL, 2)
    row |= {"name": "", "upper": lines[0], "lower": lines[-1] if len(lines) > 1 else None}
    return max(room(line, SMALL) for line in lines)


def room(text: str, size: float) -> int:
    """Pixels that a text takes at most, in any of the fonts."""
    return math.ceil(lettering.width(text, size))


def fit(rows: list[Spec], most: int, size: int) -> int:
    """Shorten the names of rows to a limit, and say how much room they take; `NAMES` at least, if there is so much."""
    for row in rows:
        row["name"] = lettering.fitted(row["name"], most, size)
    return max(min(NAMES, most), *(room(row["name"], size) for row in rows))
