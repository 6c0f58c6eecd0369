"""Parts that the specifications of charts share: bands, bars, columns of text, and how all of them look.

No text has a limit of Vega's own: it counts in units of UTF-16, and stops at half an emoji.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output.report import lettering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.output.report.look import Palette

Spec = dict[str, Any]
"""A specification of Vega-Lite, or a part of one."""
WIDTH = 480
"""Of every chart, in pixels: the widest that can still be read when a telephone shows it smaller."""
NAMES, FEWEST_NAMES = 132, 100
"""Room for the names at the left: more where they need it, less where figures do."""
BARS = 130
"""The least room for bars; where it lacks, the chart grows wider."""
GAP = 12
"""Between columns, and between a bar and its text."""
HAIRLINE = 1.0
"""The shortest bar of what is not 0, in pixels."""
SIZE = 13
"""Of text, in pixels."""
FONT = "Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"


class Layout(NamedTuple):
    """Where things stand in a row: the bars from and to, the right edges of the columns of text, the whole width."""

    bars: tuple[float, float]
    edges: dict[str, float]
    width: float


def layout(rows: list[dict[str, Any]], columns: Sequence[str], most: int, size: int = SIZE) -> Layout:
    """Names at the left, bars, and columns of figures at the right, each as wide as its longest text.

    Names give way, down to some room and shortened in place, at most to a limit; figures never.
    """
    widths = [max(room(row[column], size) for row in rows) for column in columns]
    taken = sum(each + GAP for each in widths)
    width = max(WIDTH, math.ceil(FEWEST_NAMES + GAP + BARS + taken))
    names = fit(rows, math.floor(min(most, width - taken - BARS - GAP)), size)
    edges, right = {}, float(width)
    for column, each in zip(reversed(columns), reversed(widths), strict=True):
        edges[column] = right
        right -= each + GAP
    return Layout((names + GAP, right), edges, width)


def room(text: str, size: float) -> float:
    """Pixels that a text takes at most, in any of the fonts."""
    return math.ceil(lettering.room(text, size))


def spec(rows: list[dict[str, Any]], layers: list[Spec], height: int, palette: Palette, width: float = WIDTH) -> Spec:
    """Layers over one row a band, top to bottom."""
    return {
        "data": {"values": rows},
        "width": width,
        "height": height,
        "encoding": {"y": {"field": "i", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.3}}},
        "layer": layers,
        "config": config(palette),
    }


def config(palette: Palette) -> Spec:
    """The look of every chart."""
    text = {"labelColor": palette.muted, "titleColor": palette.ink, "labelFontSize": 12}
    return {
        "aria": False,
        "background": palette.paper,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": text | {"gridColor": palette.line, "domainColor": palette.line, "labelPadding": 6},
    }


def linear(field: str, domain: tuple[float, float], span: tuple[float, float]) -> Spec:
    """A channel on a scale of our own, so that the bars leave room for the text beside them."""
    scale = {"domain": list(domain), "range": list(span), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def bar(start: Spec, end: str, colour: str, **mark: Any) -> Spec:
    """Bars from one field to another."""
    return {"mark": {"type": "bar", "color": colour} | mark, "encoding": {"x": start, "x2": {"field": end}}}


def rule(scale: Spec, at: float, palette: Palette) -> Spec:
    """A line from top to bottom at a value of a scale."""
    where = {key: value for key, value in scale.items() if key != "field"} | {"datum": at}
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": palette.ink, "strokeWidth": 1},
        "encoding": {"x": where, "y": {"value": 0}, "y2": {"value": "height"}},
    }


def colours(field: str, colours: dict[str, str]) -> Spec:
    """A colour for each value of a field."""
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "legend": None, "scale": scale}


def texts(palette: Palette, columns: dict[str, tuple[float, str, str]], size: int = SIZE) -> Iterator[Spec]:
    """A column of text for each field: where it stands, how it is aligned, in which colour."""
    for field, (at, align, colour) in columns.items():
        mark: Spec = {"type": "text", "align": align, "baseline": "middle", "color": getattr(palette, colour)}
        mark["fontSize"] = size
        yield {"mark": mark, "encoding": {"x": {"value": at}, "text": {"field": field, "type": "nominal"}}}


def fit(rows: list[dict[str, Any]], most: int, size: int = SIZE) -> int:
    """Shorten the names of rows to a limit, and say how much room they take; `NAMES` at least, if there is so much."""
    for row in rows:
        row["name"] = lettering.fitted(row["name"], most, size, anywhere=True)
    return max(min(NAMES, most), *(math.ceil(room(row["name"], size)) for row in rows))


def foot(text: str, palette: Palette) -> Spec:
    """A remark below a chart."""
    mark = {
        "text": lettering.fitted(text, WIDTH, 11, anywhere=True),
        "orient": "bottom",
        "anchor": "start",
        "frame": "group",
        "fontWeight": "normal",
    }
    return mark | {"fontSize": 11, "color": palette.muted, "offset": 6}


def panel(text: str, palette: Palette) -> Spec:
    """A heading of a part of a chart."""
    return {"text": text, "anchor": "start", "frame": "group", "fontSize": 12, "color": palette.muted, "offset": 8}
