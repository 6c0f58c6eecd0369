"""Results to charts: specifications of Vega-Lite, drawn as SVG and PNG by vl-convert without a network or a browser.

Text from a file stands in data values only, never in a field name or an expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output import numbers
from funnelcli.output.document import CHANGES, Cell
from funnelcli.output.report import lettering, vega
from funnelcli.output.report.time_chart import time_chart
from funnelcli.output.report.vega import Chart
from funnelcli.output.scales import lengths, spans, visible_spans
from funnelcli.output.views import bottleneck_words, moved, segments
from funnelcli.output.views.building import base_called, figure_word, kind_of, sentence
from funnelcli.output.views.goal import lever_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.analyses.comparison import ComparisonReport
    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.analyses.segments import SegmentReport, SegmentRow
    from funnelcli.analyses.sensitivity import LeversReport
    from funnelcli.output.document import Waterfall
    from funnelcli.output.report.look import Palette
    from funnelcli.output.report.vega import Spec

HEAT_ROW = 26
WIDTH_OF_TREND = vega.WIDTH - 60
LINE_SIZE = 14
"""Of the letters below a title."""
MOST_LINES = 3
"""Of a sentence below a title."""
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


def charts_of(report: Report, palette: Palette, kinds: Sequence[str]) -> list[Chart]:
    """The charts of these kinds that a report has, in the order of the kinds, those of a kind in the report's."""
    found = [chart for part in report.parts for chart in part_charts(part, palette)]
    if report.comparison is not None:
        found += comparison_charts(report.comparison, palette)
    return [chart for kind in dict.fromkeys(kinds) for chart in found if chart.kind == kind]


def part_charts(part: ReportPart, palette: Palette) -> Iterator[Chart]:
    """Every chart of one funnel."""
    chart = funnel_chart(part.conversion, palette)
    line = numbers.visible(bottleneck_words.in_a_line(part.bottleneck) or "")
    fits = line and len(lettering.wrapped(line, vega.WIDTH, LINE_SIZE, MOST_LINES + 1)) <= MOST_LINES
    yield chart._replace(below=(*chart.below, line)) if fits else chart
    times = time_chart(part.conversion, palette)
    if times is not None:
        yield times
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
    if len(report.comparisons) == 1:
        yield waterfall_chart(moved.waterfall(report.comparisons[0], report.confidence), report.currency, palette)


def funnel_chart(result: FunnelConversion, palette: Palette) -> Chart:
    """Centred bars as wide as the counts."""
    rows: list[Spec] = [
        {
            "i": index,
            "name": numbers.visible(stage.name),
            "count": numbers.text(stage.count, "count"),
            "rate": "" if stage.from_ is None else numbers.text(stage.conversion, "rate"),
        }
        for index, stage in enumerate(result.stages)
    ]
    says = "; ".join(f"{row['name']} {row['count']}" + (f", {row['rate']}" if row["rate"] else "") for row in rows)
    places = vega.layout(rows, ("count", "rate"), MOST_ROOM["funnel"], vega.LARGE)
    room = places["bars"][1] - places["bars"][0]
    widths = lengths([float(stage.count) for stage in result.stages], room, vega.HAIRLINE)
    for row, length in zip(rows, widths, strict=True):
        row["from"], row["to"] = (room - length) / 2, (room + length) / 2
    spec = vega.specification("funnel", palette, domain=(0, room), **places)
    return Chart("funnel", f"Funnel of {numbers.visible(result.name)}", f"Funnel. {says}.", spec, _summary(result))


def _summary(result: FunnelConversion) -> tuple[str, ...]:
    """The period, the overall conversion and the revenue, as they stand under a title."""
    now = f" {base_called(False)}" if result.awaits or result.open_at else ""
    said = [f"Overall {numbers.text(result.overall_conversion, 'rate')} ({numbers.text(result.one_in, 'one_in')}){now}"]
    if result.revenue is not None:
        said.append(f"revenue {numbers.text(result.revenue, 'money', result.currency)}{now}")
    if result.overall_conversion is None:
        del said[0]
    return tuple(numbers.visible(line) for line in (result.period, sentence(" · ".join(said))) if line)


def waterfall_chart(block: Waterfall, currency: str | None, palette: Palette) -> Chart:
    """Amounts on one scale: totals from 0, each step from where the one before ended."""
    rows: list[Spec] = [
        {
            "i": index,
            "name": sentence(label),
            "amount": numbers.in_table(amount, block.kind_of(total), currency),
            "sign": "total" if total else _SIGNS[block.marked.get(index, 0)],
        }
        for index, (label, amount, total) in enumerate(block.rows)
    ]
    says = "; ".join(f"{row['name']} {row['amount']}" for row in rows)
    title = numbers.header(block.title, block.kind, currency)
    places = vega.layout(rows, ("amount",), MOST_ROOM["waterfall"], vega.LARGE)
    drawn = spans([(float(amount), total) for _, amount, total in block.rows])
    low, high = domain = _domain([0.0, *(end for pair in drawn for end in pair)])
    hairline = vega.HAIRLINE * (high - low) / (places["bars"][1] - places["bars"][0])
    for row, (start, end) in zip(rows, visible_spans(drawn, hairline), strict=True):
        row["from"], row["to"] = start, end
    spec = vega.specification("waterfall", palette, domain=domain, **places)
    return Chart("waterfall", title, f"{title}. {says}.", spec)


def tornado_chart(result: LeversReport, palette: Palette) -> Chart:
    """What the same effort upward and downward makes of the figure, the lever that brings most first."""
    now, kind = float(result.now), kind_of(result.metric)
    rows: list[Spec] = [
        {
            "i": index,
            "name": sentence(numbers.visible(lever_name(lever.selector))),
            "now": now,
            "low": now if lever.low is None else float(lever.low),
            "high": now if lever.high is None else float(lever.high),
            "gain": numbers.in_table(
                None if lever.high is None else lever.high - result.now, CHANGES[kind], result.currency
            ),
        }
        for index, lever in enumerate(result.levers)
    ]
    says = "; ".join(f"{row['name']} {row['gain']}" for row in rows)
    shown = numbers.text(result.now, kind, numbers.visible(result.currency or "") or None)
    up, down = result.effort.text, result.effort.text.replace("+", "-")
    title = f"{result.metric.capitalize()} at {up} of each lever alone"
    when = base_called(result.in_the_end)
    foot = f"line: {result.metric} {when}, {shown}; grey: at {down}; figures: at {up}"
    spec = vega.specification(
        "tornado",
        palette,
        foot=lettering.fitted(foot, vega.WIDTH, vega.SMALL),
        domain=_domain([now, *(row[side] for row in rows for side in ("low", "high"))]),
        now=now,
        **vega.layout(rows, ("gain",), MOST_ROOM["tornado"], vega.MEDIUM),
    )
    return Chart("tornado", title, f"{title}, {when} {shown}. {says}.", spec)


def _domain(values: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest value, which no scale may have alike."""
    low, high = min(values), max(values)
    return low, high if high > low else low + 1


def _expected_sales(row: SegmentRow) -> float:
    """The sales of a segment when all its windows are over, as far as that is another number than now."""
    if not row.awaits or row.conversion_eventual is None:
        return float(row.sales)
    return float(row.counts[0] * row.conversion_eventual)


def trend_chart(report: SegmentReport, palette: Palette) -> Chart:
    """Sales as columns, below them the overall conversion with its interval and the band of the usual, over time."""
    rows: list[Spec] = [
        {
            "i": index,
            "name": numbers.visible(row.name),
            "sales": float(row.sales),
            "rate": None if row.overall_conversion_decided is None else float(row.overall_conversion_decided),
            "low": row.conversion_eventual_low if row.awaits else row.overall_conversion_decided_low,
            "high": row.conversion_eventual_high if row.awaits else row.overall_conversion_decided_high,
            "now": float(row.overall_conversion) if row.awaits and row.overall_conversion is not None else None,
            "sales_in_the_end": _expected_sales(row),
            "usual_low": row.usual_low,
            "usual_high": row.usual_high,
        }
        for index, row in enumerate(report.segments)
    ]
    usual = any(row["usual_low"] is not None for row in rows)
    ends = any(row.awaits and row.conversion_eventual is not None for row in report.segments)
    highest = max(row["sales_in_the_end"] for row in rows)
    labels = rows[:: -(-len(rows) // MOST_LABELS)]
    apart = WIDTH_OF_TREND / len(rows) * (labels[1]["i"] - labels[0]["i"] if len(labels) > 1 else len(rows))
    slanted = max(vega.room(row["name"], vega.MEDIUM) for row in labels) + vega.GAP / 2 > apart
    room = 90 if slanted else WIDTH_OF_TREND
    spec = vega.specification(
        "trend",
        palette,
        rows=rows,
        width=WIDTH_OF_TREND,
        # below 10, a unit of its own would be thousandths
        number_format="~s" if highest >= 10 else "~g",
        sales_title="Sales" + ("; grey: expected in the end" if ends else ""),
        rates_title=f"Overall conversion, with its {numbers.brief_rate(report.confidence)} interval"
        + ("; hollow: now" if ends else "")
        + ("; grey: the usual" if usual else ""),
        labels=[row | {"name": lettering.fitted(row["name"], room, vega.MEDIUM)} for row in labels],
        ticks=[row["i"] for row in labels],
        **_SLANTED if slanted else _LEVEL,
    )
    first, last = report.segments[0], report.segments[-1]
    sales = _from_to(_expected_sales(first), _expected_sales(last), "count")
    rates = _from_to(first.overall_conversion_decided, last.overall_conversion_decided, "rate")
    title = f"Trend by {numbers.visible(report.dimension)}"
    span = f"{numbers.visible(first.name)} to {numbers.visible(last.name)}"
    says = f"{title}, {span}: {figure_word('sales', report)} {sales}; overall conversion {rates}."
    if ends:
        says += " Of periods whose window is open, the end that is expected is shown beside what is now."
    if usual:
        says += " The grey band is where a period is expected at the conversion of all."
    return Chart("trend", title, says, spec)


_LEVEL = {"angle": 0, "align": "center", "baseline": "top"}
_SLANTED = {"angle": -40, "align": "right", "baseline": "middle"}
"""Names of periods below their ticks."""


def _from_to(before: Any, after: Any, kind: str) -> str:
    return f"from {numbers.text(before, kind)} to {numbers.text(after, kind)}"


def heat_chart(report: SegmentReport, palette: Palette) -> Chart:
    """Conversions of segments, tinted where they differ from the rest by more than chance."""
    steps, lines, heat = steps_of(report), segments.rows(report)[:-1], heat_of(report)
    rows: list[Spec] = []
    for step in steps:
        for index, line in enumerate(lines):
            place = heat.get((index, step))
            tint = 0 if place is None else round(HEATED[0] + (HEATED[1] - HEATED[0]) * place, 3)
            text = Cell(line.conversions_decided[step], "rate", side=line.differs[step]).shown(None).rstrip()
            rows.append({"i": index, "step": step, "heat": tint, "text": text})
    labels: list[Spec] = [
        {"i": index, "name": numbers.visible(segments.label(report, line))} for index, line in enumerate(lines)
    ]
    narrowest = max(NARROWEST_COLUMN, *(vega.room(row["text"], vega.MEDIUM) + 10 for row in rows))
    most = max(vega.FEWEST_NAMES, min(MOST_ROOM["heatmap"], vega.WIDTH - int(narrowest) * len(steps)))
    left = vega.GAP + vega.fit(labels, most, vega.MEDIUM)
    column = max(narrowest, (vega.WIDTH - left) / len(steps))
    width = left + column * len(steps)
    heads = [(step, numbers.visible(report.stages[step])) for step in steps]
    spec = vega.specification(
        "heatmap",
        palette,
        rows=rows,
        labels=labels,
        heads=[
            {"step": step, "name": lettering.fitted(name, column - 8, vega.SMALL, bold=True)} for step, name in heads
        ],
        columns=(left, width),
        width=width,
        height=HEAT_ROW * len(lines),
    )
    title = f"Conversion by {numbers.visible(report.dimension)}"
    title += ", in the end" if any(line.awaits and line.conversion_eventual is not None for line in lines) else ""
    says = (
        "Heat map, tinted where a segment differs from the rest by more than chance: the stronger, the higher in its"
        " column. The table that follows has the figures."
    )
    return Chart("heatmap", title, f"{title}. {says}", spec)


def steps_of(report: SegmentReport) -> list[int]:
    """The stages that come from another."""
    return [index for index, parent in enumerate(report.parents) if parent is not None]


def heat_of(report: SegmentReport) -> dict[tuple[int, int], float]:
    """Where, between the lowest (0) and the highest (1) of a step, by segment and step, what differs stands."""
    found: dict[tuple[int, int], float] = {}
    lines = segments.rows(report)[:-1]
    for step in steps_of(report):
        for index, level in enumerate(levels([line.conversions_decided[step] for line in lines])):
            if level is not None and lines[index].differs[step]:
                found[index, step] = level / (HEAT_STEPS - 1)
    return found


def levels(values: Sequence[Any]) -> list[int | None]:
    """Places between the lowest and the highest value, from 0 to `HEAT_STEPS` - 1; `None` where there is no value."""
    known = [float(value) for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low or 1.0
    return [None if value is None else round((float(value) - low) / span * (HEAT_STEPS - 1)) for value in values]
