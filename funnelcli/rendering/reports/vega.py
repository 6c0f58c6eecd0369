"""Parts that the specifications of charts share: bands, bars, columns of text, and how all of them look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.rendering.reports.look import Palette

Spec = dict[str, Any]
"""A specification of Vega-Lite, or a part of one."""
WIDTH = 480
"""Of every chart, in pixels: the widest that can still be read when a telephone shows it smaller."""
NAMES = 132
"""Room for the names at the left."""
LONG_NAMES = 178
"""The same where a name says a lever and its stage."""
SURELY_FITS = 14
"""Characters of a name that is not too long for its room, whatever they are."""
FONT = "Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"


def spec(rows: list[dict[str, Any]], layers: list[Spec], height: int, palette: Palette) -> Spec:
    """Layers over one row a band, top to bottom."""
    return {
        "data": {"values": rows},
        "width": WIDTH,
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


def texts(
    palette: Palette, longest: int, columns: dict[str, tuple[int, str, str]], names: int = NAMES, size: int = 13
) -> Iterator[Spec]:
    """A column of text for each field: where it stands, how it is aligned, in which colour."""
    for field, (at, align, colour) in columns.items():
        mark: Spec = {"type": "text", "align": align, "baseline": "middle", "color": getattr(palette, colour)}
        mark["fontSize"] = size
        if field == "name" and longest > SURELY_FITS:
            mark["limit"] = names
        yield {"mark": mark, "encoding": {"x": {"value": at}, "text": {"field": field, "type": "nominal"}}}


def longest(rows: list[dict[str, Any]]) -> int:
    """Characters of the longest name, wide ones twice: measuring is slow, and needless where it surely fits."""
    return max(sum(1 if char < "\u0500" else 2 for char in row["name"]) for row in rows)


def foot(text: str, palette: Palette) -> Spec:
    """A remark below a chart."""
    mark = {"text": text, "orient": "bottom", "anchor": "start", "frame": "group", "fontWeight": "normal"}
    return mark | {"fontSize": 11, "color": palette.muted, "offset": 6, "limit": WIDTH}


def panel(text: str, palette: Palette) -> Spec:
    """A heading of a part of a chart."""
    return {"text": text, "anchor": "start", "frame": "group", "fontSize": 12, "color": palette.muted, "offset": 8}
