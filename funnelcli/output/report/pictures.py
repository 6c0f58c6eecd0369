"""Charts to SVG and PNG, alone in a file or inside a page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from funnelcli.output.report import lettering
from funnelcli.output.report.charts import LINE_SIZE, MOST_LINES, charts_of
from funnelcli.output.report.mark import PLACE, marked, marked_png
from funnelcli.output.report.vega import WIDTH, specification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.analyses.report import Report
    from funnelcli.output.report.look import Look, Palette
    from funnelcli.output.report.vega import Chart, Spec

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
"""The name of the language, not an address that is looked up."""
LEAST_SCALE = 2.0
"""Pixels to a point of a picture, at least."""
SLIDE = (1920, 1080)
"""Pixels of a slide, which a picture fills in one direction."""
TITLE_SIZE = 18
"""Of the letters of a title."""
MARGIN = 20
"""Around a picture in a file of its own."""


def svg_file(report: Report, look: Look, kinds: Sequence[str]) -> str | None:
    """The charts of these kinds, one below the other; `None` when the report has none of them."""
    charts = charts_of(report, look.picture, kinds)
    if not charts:
        return None
    drawn = svg(_stacked(charts, look.picture), look.picture, padding=MARGIN)
    head, _, body = _TEXT.sub(_in_fonts, drawn).partition(">")
    return marked(f"{head}>{body.removesuffix('</svg>')}<metadata>{PLACE}</metadata></svg>\n")


def png_file(report: Report, look: Look, kinds: Sequence[str]) -> bytes | None:
    """The same picture in pixels: as large as fits on a slide, where that is not too small to be read."""
    import vl_convert

    drawn = svg_file(report, look, kinds)
    if drawn is None:
        return None
    return marked_png(vl_convert.svg_to_png(drawn, scale=_scale(drawn)))


def _scale(drawn: str) -> float:
    """Pixels to a point."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    if size is None:
        return LEAST_SCALE
    return max(LEAST_SCALE, min(slide / float(side) for slide, side in zip(SLIDE, size.groups(), strict=True)))


def svg(spec: Spec, palette: Palette, **config: Any) -> str:
    """A specification as SVG; `config` stands in place of what is configured for every chart."""
    import vl_convert

    config = specification("config", palette) | config
    return vl_convert.vegalite_to_svg({"$schema": VEGA_LITE, "config": config} | spec, allowed_base_urls=[])


def inline_svg(chart: Chart, palette: Palette) -> str:
    """A chart for a page: its colours follow the page's variables, and one text alternative stands for all of it.

    Only what stands inside of tags is touched; text from files stands between them.
    """
    names = {colour: f"var(--{name})" for name, colour in reversed(palette._asdict().items())}

    def inside(tag: re.Match[str]) -> str:
        lean = _LONG.sub(lambda number: f"{float(number[0]):.2f}", _NEEDLESS.sub("", tag[0]))
        return _COLOUR.sub(lambda colour: names.get(colour[0], colour[0]), lean)

    drawn = svg(chart.spec, palette, background=None)
    size = re.search(r'viewBox="([^"]*)"', drawn)
    body = _TAG.sub(inside, drawn[drawn.index(">") + 1 :])
    box = size[1] if size else ""
    return f'<svg role="img" aria-label="{html.escape(chart.says)}" viewBox="{box}" width="{box.split()[2]}">{body}'


_TAG = re.compile(r"<[^>]*>")
_TEXT = re.compile(r'(<text[^<>]* font-family=")([^"]*)("[^<>]*>)([^<>]*)')
_NEEDLESS = re.compile(
    r' (?:(?:role|aria-roledescription|class|aria-hidden|font-family|pointer-events)="[^"]*"|opacity="1")'
)
_LONG = re.compile(r"\d+\.\d{3,}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def _in_fonts(text: re.Match[str]) -> str:
    """An element of text with the fonts that have its letters; browsers find them, what draws a PNG does not."""
    return f"{text[1]}{lettering.fonts(text[4], text[2])}{text[3]}{text[4]}"


def _stacked(charts: Sequence[Chart], palette: Palette) -> Spec:
    """Charts one below the other, each below its title."""
    head = {"anchor": "start", "frame": "group", "fontSize": TITLE_SIZE, "color": palette.ink, "offset": 12}
    under = {
        "subtitleFontSize": LINE_SIZE,
        "subtitleColor": palette.muted,
        "subtitlePadding": 6,
        "subtitleLineHeight": 18,
    }
    panels = [
        {
            "vconcat": [chart.spec],
            "title": head
            | {"text": lettering.wrapped(chart.title, WIDTH, TITLE_SIZE, 2, bold=True)}
            | (
                under
                | {
                    "subtitle": [
                        part for line in chart.below for part in lettering.wrapped(line, WIDTH, LINE_SIZE, MOST_LINES)
                    ]
                }
                if chart.below
                else {}
            ),
        }
        for chart in charts
    ]
    return {"vconcat": panels, "spacing": 36}
