"""No text of a picture runs into another one or into a bar, whatever the counts, rates and names.

The judge is what draws the pictures: each text is drawn alone, and its ink measured, in the font that is usual and in
the widest that stands in for it.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from functools import cache
from html import escape
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

import pytest

from funnelcli.analyses.conversion import convert
from funnelcli.analyses.report import gather
from funnelcli.funnel_file import moments
from funnelcli.measure import LADDER
from funnelcli.output.report.look import Look, look
from tests.thorough import each_once, few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.model import Funnel

    Load = Callable[[str], Funnel]

vl_convert = pytest.importorskip("vl_convert", reason="the extra report is not installed")
MARGIN = 8
"""Of what is drawn, so that nothing of a text is cut."""
NAMES = [
    "Visits",
    "Заявки на сайте и по телефону",
    "网站上的访问者与潜在客户的全部名称",
    "ผู้เยี่ยมชมเว็บไซต์ทั้งหมดของเรา",
    "👍🏽🎉🇩🇪👍🏽🎉🇩🇪👍🏽🎉🇩🇪👍🏽🎉",
    "زوار الموقع الإلكتروني هذا الشهر",
    "שלום לכל המבקרים באתר שלנו",
    "W" * 40,
    "वेबसाइट पर आने वाले सभी लोग",
    "i" * 90,
]


class Box(NamedTuple):
    """A rectangle of pixels, and what it shows."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def meets(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.01 and down > 0.01


@cache
def ink(text: str, size: str, weight: str, family: str) -> tuple[float, float]:
    """From where to where a text that begins at 0 is drawn."""
    wide = int(len(text) * float(size) * 1.6) + 2 * MARGIN
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="20"><text x="{MARGIN}" y="15" '
        f'font-family="{family}" font-size="{size}" font-weight="{weight}">{escape(text)}</text></svg>'
    )
    data = vl_convert.svg_to_png(svg, scale=1)
    width, height = struct.unpack(">II", data[16:24])
    packed, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(packed), width * 4
    before, drawn = bytearray(width), set()
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(raw[start + 4 : start + 1 + stride : 4])  # of each pixel how opaque it is
        kind = raw[start]
        for index in range(width if kind else 0):
            left, up, corner = line[index - 1] if index else 0, before[index], before[index - 1] if index else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda each, guess=guess: abs(guess - each))  # type: ignore[misc]
            line[index] = (line[index] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255
        drawn |= {index for index, opaque in enumerate(line) if opaque > 40}
        before = line
    return (min(drawn) - float(MARGIN), max(drawn) + 1.0 - MARGIN) if drawn else (0.0, 0.0)


def boxes(svg: str, family: str | None) -> tuple[list[Box], list[Box]]:
    """Texts and bars of a picture; what is turned, and lines, are left out."""
    texts: list[Box] = []
    bars: list[Box] = []

    def walk(element: ElementTree.Element, x: float, y: float) -> None:
        moved = element.get("transform", "")
        if "rotate" in moved:
            return
        shift = re.search(r"translate\(([-\d.e]+)[ ,]([-\d.e]+)\)", moved)
        if shift:
            x, y = x + float(shift[1]), y + float(shift[2])
        tag = element.tag.rpartition("}")[2]
        if tag == "text" and element.text:
            size = (element.get("font-size") or "12").removesuffix("px")
            fonts = family or element.get("font-family") or ""
            first, last = ink(element.text, size, element.get("font-weight", "normal"), fonts)
            back = {"end": last, "middle": (first + last) / 2}.get(element.get("text-anchor", ""), 0.0)
            texts.append(Box(x + first - back, y - 0.72 * float(size), x + last - back, y, element.text))
        path = re.fullmatch(r"M([-\d.e]+),([-\d.e]+)h([-\d.e]+)v([-\d.e]+)h[-\d.e]+Z", element.get("d", ""))
        if tag == "path" and path and element.get("fill", "none") not in ("none", "transparent", "#ffffff"):
            left, top, width, height = map(float, path.groups())
            if element.get("opacity") != "0":
                right, bottom = left + width, top + height
                bars.append(
                    Box(x + min(left, right), y + min(top, bottom), x + max(left, right), y + max(top, bottom), "bar")
                )
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(svg), 0.0, 0.0)
    return texts, bars


def generated(seed: int, load: Load) -> Funnel:
    """A funnel of 2 to 6 stages of any magnitude, with channels and periods."""
    chance = Random(seed)
    number = chance.randrange(2, 7)
    counts = [10 ** chance.uniform(0, 18)]
    for _ in range(number - 1):
        counts.append(counts[-1] * 10 ** -chance.choice((0.0, 0.1, chance.uniform(0, 3), chance.uniform(0, 12))))
    whole = chance.random() < 0.5

    def written(share: float) -> list[str]:
        return [str(int(count * share)) if whole else f"{count * share:.6f}" for count in counts]

    names = [f"{chance.choice(NAMES)} {index}" for index in range(number)]
    stages = "".join(f"- {{name: {name}}}\n" for name in names)
    segments = "".join(f"    {chance.choice(NAMES)} {at}: [{', '.join(written((at + 1) / 6))}]\n" for at in range(3))
    return load(
        f"name: {chance.choice(NAMES)}\ncurrency: EUR\naverage_check: {chance.choice(('1', '1234567.89', '0.07'))}\n"
        f"stages:\n{stages}breakdowns:\n  channel:\n{segments}  month:\n{segments}"
    )


@pytest.fixture(scope="module")
def light() -> Look:
    found = look("light")
    assert isinstance(found, Look)
    return found


def overlaps(texts: list[Box], bars: list[Box]) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(texts):
        for other in [*texts[index + 1 :], *bars]:
            if text.meets(other):
                yield text.what, other.what


@pytest.mark.parametrize(("seed", "family"), each_once(range(5), [None, "DejaVu Sans"]))
def test_texts_and_bars_do_not_overlap(funnel: Load, light: Look, seed: int, family: str | None) -> None:
    from funnelcli.output.report import pictures

    report = gather([generated(seed, funnel)])
    for kind in ("funnel", "waterfall", "tornado", "heatmap", "trend"):
        svg = pictures.svg_file(report, light, [kind])
        if svg is None:
            continue
        texts, bars = boxes(svg, family)
        assert texts, kind
        assert list(overlaps(texts, [] if kind == "heatmap" else bars)) == [], kind
        width = float(str(ElementTree.fromstring(svg).get("width")))
        assert all(text.left >= 0 and text.right <= width for text in texts), kind


@pytest.mark.parametrize("seed", few(range(8), 4))
def test_texts_and_bars_of_times_do_not_overlap(funnel: Load, light: Look, seed: int) -> None:
    """Of a few bins next to each other, of all of them, of far ones, and of times that are longer than any."""
    from funnelcli.output.report import pictures

    chance = Random(seed)
    names = [f"{chance.choice(NAMES)} {index}" for index in range(4)]
    ends = [moments.duration_text(end) for end in LADDER] + ["beyond"]
    noted = []
    for name in names[1:]:
        first = chance.randrange(len(ends))
        kept = chance.sample(ends[first:], chance.randint(1, len(ends) - first))
        bins = {end: 10 ** chance.randint(0, 6) for end in ends if end in kept}
        quantiles = {key: 10 ** chance.uniform(0, 8) for key in ("mean", "p25", "p50", "p75", "p90")}
        noted.append(f"    {name}: {json.dumps({'units': sum(bins.values()), **quantiles, 'histogram': bins})}\n")
    stages = "".join(f"- {{name: {name}, count: {100 - index}}}\n" for index, name in enumerate(names))
    report = gather([funnel(f"name: F\nstages:\n{stages}measured:\n  times:\n{''.join(noted)}")])
    for family in (None, "DejaVu Sans"):
        svg = str(pictures.svg_file(report, light, ["times"]))
        texts, bars = boxes(svg, family)
        assert len(bars) >= len(noted)
        assert list(overlaps(texts, bars)) == []
        width = float(str(ElementTree.fromstring(svg).get("width")))
        assert all(box.left >= 0 and box.right <= width for box in (*texts, *bars))


def test_bars_of_times_are_as_long_as_the_units_of_their_bins(funnel: Load, light: Look) -> None:
    from funnelcli.output.report.time_chart import BAR, time_chart

    histogram = "{1 hour: 30, 6 hours: 60, beyond: 15}"
    noted = f"{{B: {{units: 105, mean: 9, p25: 1, p50: 2, p75: 3, p90: 4, histogram: {histogram}}}}}"
    loaded = funnel(f"stages: {{A: 200, B: 105}}\nmeasured: {{times: {noted}}}\n")
    chart = time_chart(convert(loaded), light.light)
    assert chart is not None
    bars = chart.spec["layer"][0]["data"]["values"]
    assert [bar["bottom"] - bar["top"] for bar in bars] == [BAR / 2, BAR, BAR / 4]
    between = [after["from"] - before["to"] for before, after in pairwise(bars)]
    wide = bars[0]["to"] - bars[0]["from"]
    empty = [round((gap - 2) / (wide + 2)) for gap in between]
    assert empty == [1, len([end for end in LADDER if end > 6 * 3600])]  # 2 hours, and all from 12 hours on
    assert time_chart(convert(funnel("stages: {A: 200, B: 105}\n")), light.light) is None


def test_every_figure_of_a_heat_map_stands_in_its_cell(funnel: Load, light: Look) -> None:
    from funnelcli.output.report import charts

    for seed in range(5):
        for chart in charts.charts_of(gather([generated(seed, funnel)]), light.light, ["heatmap"]):
            left, right = chart.spec["encoding"]["x"]["scale"]["range"]
            rows = chart.spec["data"]["values"]
            cell = (right - left) / len({row["step"] for row in rows})
            for row in rows:
                first, last = ink(row["text"], "12", "normal", "DejaVu Sans")
                assert last - first <= cell


@pytest.mark.parametrize("count", ["1", "999999", "5200000000", "1000000000000000000", "27.4", "123456789.123456"])
def test_the_funnel_of_any_magnitude(funnel: Load, light: Look, count: str) -> None:
    from funnelcli.output.report import pictures

    loaded = funnel(f"name: F\nstages: [{{name: Impressions, count: {count}}}, {{name: Visits, count: 0.0001}}]\n")
    for family in (None, "DejaVu Sans"):
        texts, bars = boxes(str(pictures.svg_file(gather([loaded]), light, ["funnel"])), family)
        assert list(overlaps(texts, bars)) == []
        assert [bar.right - bar.left >= 1 for bar in bars] == [True, True]
