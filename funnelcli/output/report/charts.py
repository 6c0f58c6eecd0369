"""Results to charts: Vega-Lite specifications, drawn as SVG and PNG by vl-convert without a network or a browser.

The specifications are written out, so that neither Altair nor what it loads (most of a second) is needed. Text from a
file stands in data values only, never in a field name or an expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output import numbers
from funnelcli.output.document import CHANGES
from funnelcli.output.report import lettering, vega
from funnelcli.output.scales import lengths, spans, visible_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.comparison import ComparisonReport
    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.analyses.segments import SegmentReport
    from funnelcli.analyses.sensitivity import LeversReport
    from funnelcli.output.document import Waterfall
    from funnelcli.output.report.look import Palette
    from funnelcli.output.report.vega import Spec

ROW = 32
"""Height of a bar with the room around it."""
HEAT_ROW = 26
WIDTH_OF_TREND = vega.WIDTH - 60
MOST_LABELS = 8
"""Names below the columns of a trend."""
MOST_ROOM = {"funnel": 200, "waterfall": 230, "tornado": 250, "heatmap": 200}
"""For the names at the left, so that the bars can still be told apart."""
NARROWEST_COLUMN = 56
"""Of a heat map, where its names take more than the usual room."""
_SIGNS = {1: "gain", 0: "step", -1: "loss"}
"""Steps of a waterfall: coloured only where the change is more than chance."""
HEAT_STEPS = 5
HEATED = (0.06, 0.42)
"""The lightest and the strongest tint of a heat map: text on it stays readable."""


class Chart(NamedTuple):
    """A picture: its kind, a title, what it shows in words, and its specification without data about the look."""

    kind: str
    title: str
    says: str
    spec: Spec


def charts_of(report: Report, palette: Palette, kinds: Sequence[str]) -> list[Chart]:
    """The charts of these kinds that a report has, in the order of the kinds, those of a kind in the report's."""
    found = [chart for part in report.parts for chart in part_charts(part, palette)]
    if report.comparison is not None:
        found += comparison_charts(report.comparison, palette)
    return [chart for kind in dict.fromkeys(kinds) for chart in found if chart.kind == kind]


def part_charts(part: ReportPart, palette: Palette) -> Iterator[Chart]:
    """Every chart of one funnel."""
    yield funnel_chart(part.conversion, palette)
    if part.comparison is not None:
        yield from comparison_charts(part.comparison, palette)
    if part.levers is not None and part.levers.levers:
        yield tornado_chart(part.levers, palette)
    for each in part.breakdowns:
        yield from breakdown_charts(each.segments, palette)


def breakdown_charts(report: SegmentReport, palette: Palette) -> Iterator[Chart]:
    """The trend of a dimension of time, the heat map of any other."""
    if report.in_order and len(report.segments) > 1:
        yield trend_chart(report, palette)
    elif report.segments:
        yield heat_chart(report, palette)


def comparison_charts(report: ComparisonReport, palette: Palette) -> Iterator[Chart]:
    """What moved revenue, or sales, between two funnels."""
    from funnelcli.output.views.comparison import waterfall

    if len(report.comparisons) == 1:
        yield waterfall_chart(waterfall(report.comparisons[0]), report.currency, palette)


def funnel_chart(result: FunnelConversion, palette: Palette) -> Chart:
    """Centred bars as wide as the counts."""
    rows: list[dict[str, Any]] = []
    for index, stage in enumerate(result.stages):
        rows.append(
            {
                "i": index,
                "name": numbers.visible(stage.name),
                "count": numbers.text(stage.count, "count"),
                "rate": "" if stage.from_ is None else numbers.text(stage.conversion, "rate"),
            }
        )
    says = "; ".join(f"{row['name']} {row['count']}" + (f", {row['rate']}" if row["rate"] else "") for row in rows)
    placed = vega.layout(rows, ("count", "rate"), MOST_ROOM["funnel"])
    room = placed.bars[1] - placed.bars[0]
    for row, length in zip(
        rows, lengths([float(stage.count) for stage in result.stages], room, vega.HAIRLINE), strict=True
    ):
        row["from"], row["to"] = (room - length) / 2, (room + length) / 2
    layers = [
        vega.bar(vega.linear("from", (0, room), placed.bars), "to", palette.accent),
        *vega.texts(
            palette,
            {
                "name": (0, "left", "ink"),
                "count": (placed.edges["count"], "right", "ink"),
                "rate": (placed.edges["rate"], "right", "muted"),
            },
        ),
    ]
    spec = vega.spec(rows, layers, len(rows) * ROW, palette, placed.width)
    return Chart("funnel", f"Funnel of {numbers.visible(result.name)}", f"Funnel. {says}.", spec)


def waterfall_chart(block: Waterfall, currency: str | None, palette: Palette) -> Chart:
    """Amounts on one scale: totals from 0, each step from where the one before ended."""
    drawn = spans([(float(amount), total) for _, amount, total in block.rows])
    low, high = min(0.0, *(start for start, _ in drawn)), max(0.0, *(end for _, end in drawn))
    rows: list[dict[str, Any]] = []
    for index, (label, amount, total) in enumerate(block.rows):
        shown = numbers.in_table(amount, block.kind_of(total), currency)
        sign = "total" if total else _SIGNS[block.marked.get(index, 0)]
        rows.append({"i": index, "name": _capital(label), "amount": shown, "sign": sign})
    says = "; ".join(f"{row['name']} {row['amount']}" for row in rows)
    title = f"{block.title}, {currency}" if currency and block.kind == "money" else block.title
    placed = vega.layout(rows, ("amount",), MOST_ROOM["waterfall"])
    domain = (low, high if high > low else low + 1)
    hairline = vega.HAIRLINE * (domain[1] - domain[0]) / (placed.bars[1] - placed.bars[0])
    for row, (start, end) in zip(rows, visible_spans(drawn, hairline), strict=True):
        row["from"], row["to"] = start, end
    scale = vega.linear("from", domain, placed.bars)
    bars = vega.bar(scale, "to", palette.accent)
    bars["encoding"]["color"] = vega.colours(
        "sign", {"total": palette.accent, "gain": palette.gain, "loss": palette.loss, "step": palette.edge}
    )
    layers = [
        vega.rule(scale, 0, palette),
        bars,
        *vega.texts(palette, {"name": (0, "left", "ink"), "amount": (placed.edges["amount"], "right", "ink")}),
    ]
    spec = vega.spec(rows, layers, len(rows) * ROW, palette, placed.width)
    return Chart("waterfall", title, f"{title}. {says}.", spec)


def tornado_chart(result: LeversReport, palette: Palette) -> Chart:
    """What the same effort upward and downward makes of the figure, the lever that brings most first."""
    from funnelcli.output.views.building import kind_of
    from funnelcli.output.views.goal import lever_name

    now, kind = float(result.now), kind_of(result.metric)
    down = result.effort.text.replace("+", "-")
    rows: list[dict[str, Any]] = []
    for index, each in enumerate(result.levers):
        gain = None if each.high is None else each.high - result.now
        rows.append(
            {
                "i": index,
                "name": _capital(numbers.visible(lever_name(each.selector))),
                "now": now,
                "low": now if each.low is None else float(each.low),
                "high": now if each.high is None else float(each.high),
                "gain": numbers.in_table(gain, CHANGES[kind], result.currency),
            }
        )
    values = [now, *(row[side] for row in rows for side in ("low", "high"))]
    low, high = min(values), max(values)
    says = "; ".join(f"{row['name']} {row['gain']}" for row in rows)
    placed = vega.layout(rows, ("gain",), MOST_ROOM["tornado"], 12)
    scale = vega.linear("low", (low, high if high > low else low + 1), placed.bars)
    layers = [
        vega.bar(scale, "now", palette.edge),
        vega.bar(scale | {"field": "now"}, "high", palette.accent),
        vega.rule(scale, now, palette),
        *vega.texts(palette, {"name": (0, "left", "ink"), "gain": (placed.edges["gain"], "right", "ink")}, 12),
    ]
    shown = numbers.text(result.now, kind, numbers.visible(result.currency or "") or None)
    title = f"{result.metric.capitalize()} at {result.effort.text} of each lever alone"
    spec = vega.spec(rows, layers, len(rows) * ROW, palette, placed.width)
    words = f"line: {result.metric} now, {shown}; grey: at {down}; figures: at {result.effort.text}"
    spec["title"] = vega.foot(words, palette)
    return Chart("tornado", title, f"{title}, now {shown}. {says}.", spec)


def trend_chart(report: SegmentReport, palette: Palette) -> Chart:
    """Sales as columns, and below them the overall conversion with its interval, over time."""
    rows: list[dict[str, Any]] = []
    for index, row in enumerate(report.segments):
        rows.append(
            {
                "i": index,
                "name": numbers.visible(row.name),
                "sales": float(row.sales),
                "rate": None if row.overall_conversion is None else float(row.overall_conversion),
                "low": row.overall_conversion_low,
                "high": row.overall_conversion_high,
            }
        )
    labels = rows[:: -(-len(rows) // MOST_LABELS)]
    places: Spec = {"values": [row["i"] for row in labels], "labels": False, "title": None, "tickSize": 0}
    apart = WIDTH_OF_TREND / len(rows) * (labels[1]["i"] - labels[0]["i"] if len(labels) > 1 else len(rows))
    slanted = max(vega.room(row["name"], 12) for row in labels) + vega.GAP / 2 > apart
    labels = [
        row | {"name": lettering.fitted(row["name"], 90 if slanted else WIDTH_OF_TREND, 12, anywhere=True)}
        for row in labels
    ]
    across: Spec = {"field": "i", "type": "ordinal", "sort": None}
    upward: Spec = {"type": "quantitative", "title": None}
    grid = {"tickCount": 3, "grid": True, "domain": False, "tickSize": 0}
    rates = upward | {"axis": grid | {"format": ".3~%"}, "scale": {"zero": False}}
    most = max(row["sales"] for row in rows)  # below 10, a unit of its own would be thousandths
    panels = [
        {
            "title": vega.panel("Sales", palette),
            "height": 110,
            "mark": {"type": "bar", "color": palette.accent, "width": {"band": 0.6}},
            "encoding": {
                "x": across | {"axis": None},
                "y": upward | {"field": "sales", "axis": grid | {"format": "~s" if most >= 10 else "~g"}},
            },
        },
        {
            "title": vega.panel(
                f"Overall conversion, with its {numbers.brief_rate(report.confidence)} interval", palette
            ),
            "height": 110,
            "layer": [
                {
                    "mark": {"type": "rule", "color": palette.edge, "strokeWidth": 1.5},
                    "encoding": {"y": rates | {"field": "low"}, "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "line", "color": palette.accent, "strokeWidth": 2},
                    "encoding": {"y": rates | {"field": "rate"}},
                },
                {
                    "mark": {"type": "circle", "color": palette.accent, "size": 55, "opacity": 1},
                    "encoding": {"y": rates | {"field": "rate"}},
                },
                {
                    "data": {"values": labels},
                    "mark": {"type": "text", "color": palette.muted, "fontSize": 12}
                    | ({"angle": -40, "align": "right"} if slanted else {"align": "center"})
                    | {"baseline": "top" if not slanted else "middle"},
                    "encoding": {"y": {"value": 118}, "text": {"field": "name"}},
                },
            ],
            "encoding": {"x": across | {"axis": places}},
        },
    ]
    for panel in panels:
        panel["width"] = WIDTH_OF_TREND
    spec = {"data": {"values": rows}, "vconcat": panels, "spacing": 18, "config": vega.config(palette)}
    first, last = report.segments[0], report.segments[-1]
    says = "; ".join(
        f"{name} from {numbers.text(before, kind)} to {numbers.text(after, kind)}"
        for name, before, after, kind in (
            ("sales", first.sales, last.sales, "count"),
            ("overall conversion", first.overall_conversion, last.overall_conversion, "rate"),
        )
    )
    title = f"Trend by {numbers.visible(report.dimension)}"
    ends = f"{numbers.visible(first.name)} to {numbers.visible(last.name)}"
    return Chart("trend", title, f"{title}, {ends}: {says}.", spec)


def heat_chart(report: SegmentReport, palette: Palette) -> Chart:
    """Conversions of segments, tinted where they differ from the rest by more than chance.

    The tint is a segment's place between the lowest and the highest of its step.
    """
    steps = [index for index, parent in enumerate(report.parents) if parent is not None]
    lines = [*report.segments, *([report.other] if report.other else [])]
    rows: list[dict[str, Any]] = []
    for step in steps:
        found = levels([each.conversions[step] for each in lines])
        for index, (line, level) in enumerate(zip(lines, found, strict=True)):
            share = 0.0 if level is None else level / (HEAT_STEPS - 1)
            tint = round(HEATED[0] + (HEATED[1] - HEATED[0]) * share, 3)
            rows.append(
                {
                    "i": index,
                    "step": step,
                    "heat": tint if line.differs[step] else 0,
                    "text": numbers.text((line.conversions[step], line.differs[step]), "marked_rate").rstrip(),
                }
            )
    labels: list[dict[str, Any]] = [
        {"i": index, "name": numbers.visible(f"other ({report.folded:,} more)" if line is report.other else line.name)}
        for index, line in enumerate(lines)
    ]
    narrowest = max(NARROWEST_COLUMN, *(vega.room(row["text"], 12) + 10 for row in rows))
    most = max(vega.FEWEST_NAMES, min(MOST_ROOM["heatmap"], vega.WIDTH - int(narrowest) * len(steps)))
    left = vega.GAP + vega.fit(labels, most, 12)
    column = max(narrowest, (vega.WIDTH - left) / len(steps))
    width = left + column * len(steps)
    heads = [
        {
            "step": step,
            "name": lettering.fitted(numbers.visible(report.stages[step]), column - 8, 11, bold=True, anywhere=True),
        }
        for step in steps
    ]
    across = {"field": "step", "type": "ordinal", "axis": None, "scale": {"range": [left, width], "padding": 0.02}}
    small = {"type": "text", "baseline": "middle", "fontSize": 12}
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "color": palette.accent},
            "encoding": {"x": across, "opacity": {"field": "heat", "type": "quantitative", "scale": None}},
        },
        {"mark": small | {"color": palette.ink}, "encoding": {"x": across, "text": {"field": "text"}}},
        {
            "data": {"values": labels},
            "mark": {"type": "text", "align": "left", "color": palette.ink, "fontSize": 12},
            "encoding": {"x": {"value": 0}, "text": {"field": "name"}},
        },
        {
            "data": {"values": heads},
            "mark": {"type": "text", "color": palette.muted, "fontSize": 11, "fontWeight": "bold"},
            "encoding": {"x": across, "y": {"value": -12}, "text": {"field": "name"}},
        },
    ]
    spec = vega.spec(rows, layers, HEAT_ROW * len(lines), palette, width)
    spec["encoding"]["y"]["scale"] = {"padding": 0.04}
    title = f"Conversion by {numbers.visible(report.dimension)}"
    says = (
        "Heat map, tinted where a segment differs from the rest by more than chance: the stronger, the higher in its"
        " column. The table that follows has the figures."
    )
    return Chart("heatmap", title, f"{title}. {says}", spec)


def levels(values: Sequence[Any]) -> list[int | None]:
    """Places between the lowest and the highest value, from 0 to `HEAT_STEPS` - 1; `None` where there is no value."""
    known = [float(value) for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low or 1.0
    return [None if value is None else round((float(value) - low) / span * (HEAT_STEPS - 1)) for value in values]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
