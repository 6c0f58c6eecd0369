"""How long units took, as one histogram below the other: a step each, and the whole way, with the same bins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from funnelcli.analyses.times import in_days
from funnelcli.measure import LADDER
from funnelcli.output import numbers
from funnelcli.output.report import lettering, vega
from funnelcli.output.views.times import ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.exact import Exact
    from funnelcli.output.report.look import Palette
    from funnelcli.output.report.vega import Spec

TITLE, BAR, APART = 20, 48, 16
"""Pixels: of a heading, of the longest bar below it, and between two histograms."""
LABEL = vega.SMALL
"""Size of the text at the ticks."""
BETWEEN, NEAR = 2, 3
"""Pixels between two bars, and at least between the texts at two ticks."""
MOST_NAMES = 190
"""Pixels for the name of a histogram, beside which its figures stand."""


def time_chart(result: FunnelConversion, palette: Palette) -> vega.Chart | None:
    """Histograms of the times; `None` where none were measured."""
    found = ways(result)
    known = [each for way in found for each in way.time.histogram]
    if not known:
        return None
    first, last = min(each.from_ for each in known), max(each.to or _BEYOND for each in known)
    edges = [first, *(end for end in (*LADDER, _BEYOND) if first < end <= last)]
    names = ["longer" if edge == _BEYOND else _days(edge) if edge else "0" for edge in edges]
    left, right = (lettering.width(names[end], LABEL) / 2 for end in (0, -1))  # what lies beyond the outer ticks
    column = (vega.WIDTH - left - right) / (len(edges) - 1)
    places = [left + column * number for number in range(len(edges))]
    rows: list[Spec] = []
    bars: list[Spec] = []
    for number, (name, time) in enumerate(found):
        top = number * (TITLE + BAR + APART)
        bottom = top + TITLE + BAR
        said = f"half within {_days(time.p50)}, 90% within {_days(time.p90)}"
        room = min(MOST_NAMES, vega.WIDTH - vega.room(said, vega.MEDIUM) - vega.GAP)
        rows.append({"name": lettering.fitted(name, room, vega.MEDIUM), "said": said, "top": top, "bottom": bottom})
        most = max(each.units for each in time.histogram)
        for each in time.histogram:
            place = edges.index(each.to or _BEYOND)
            long = max(vega.HAIRLINE, BAR * each.units / most) if each.units else 0
            ends = {"from": places[place - 1] + BETWEEN / 2, "to": places[place] - BETWEEN / 2}
            bars += [ends | {"top": bottom - long, "bottom": bottom}] if long else []
    height = rows[-1]["bottom"]
    labels = list(_labels(names, places, height + 7))
    ticks = [{"x": each["x"], "top": height, "bottom": height + 4} for each in labels]
    spec = vega.specification(
        "times",
        palette,
        rows=rows,
        bars=bars,
        ticks=ticks,
        labels=labels,
        width=vega.WIDTH,
        height=height + 7 + LABEL,
        across=(0, vega.WIDTH),
        down=(0, height + 7 + LABEL),
    )
    says = "; ".join(f"{name}: half within {_days(time.p50)}, 90% within {_days(time.p90)}" for name, time in found)
    return vega.Chart("times", "Time to convert", f"Time to convert. {says}.", spec)


_BEYOND = 10**10
"""Stands for the end of the last bin, which has none."""


def _labels(names: Sequence[str], places: Sequence[float], y: float) -> Iterator[Spec]:
    """The ends of bins: the last, and of the others as many as have room from the left on."""
    free = -math.inf
    least = places[-1] - lettering.width(names[-1], LABEL) / 2 - NEAR
    for number, (name, x) in enumerate(zip(names, places, strict=True), 1):
        half = lettering.width(name, LABEL) / 2
        if number == len(names) or (x - half >= free and x + half <= least):
            free = x + half + NEAR
            yield {"x": x, "y": y, "name": name}


def _days(seconds: Exact) -> str:
    return numbers.text(in_days(seconds), "duration")
