"""A report as one self-contained page: no network, no inline handler, a content-security policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.output import numbers
from funnelcli.output.report import charts, drawing, what_if
from funnelcli.output.report.definitions import used
from funnelcli.output.report.drawing import SAME, Drawer, Drawn, Folded, beside, parted
from funnelcli.output.report.mark import PLACE, marked
from funnelcli.output.report.time_chart import time_chart
from funnelcli.output.views import bottleneck, comparison, conversion, economics, forecast, levers, scenario, times
from funnelcli.output.views.building import base_called, whole_figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.output.document import CellKind
    from funnelcli.output.report.look import Look

LONGEST_WORD = 20
"""Characters that stand in one line of the first column of a table, however narrow."""
_TEMPLATES = Path(__file__).parent / "templates"


class Chapter(NamedTuple):
    """Blocks below a heading, and the currency of their money."""

    title: str
    currency: str | None
    blocks: Drawn


def html_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """The page; it has every chart that the report has."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # charts are drawn outside of Python, so text is made meanwhile
        return _page(report, look, Drawer(look.light, pool))


def _page(report: Report, look: Look, drawer: Drawer) -> str:
    from markupsafe import Markup

    parts = [_part_context(part, number, drawer) for number, part in enumerate(report.parts, 1)]
    chapters = [chapter for part in parts for chapter in part["chapters"]]
    between = None
    if report.comparison is not None:
        between = Chapter("What changed", report.comparison.currency, drawer.blocks(comparison, report.comparison))
        chapters.append(between)
    shown = {"sales"}  # the cards have these alone; their other figures stand in the chapters as well
    shown.update("romi" for part in report.parts if part.economics and part.economics.profit is not None)
    shown.update(key for chapter in chapters for key in drawing.keys_of(chapter.blocks))
    style = _variables(look) + (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=_title(report),
            scheme={"auto": "light dark"}.get(look.theme, look.theme),
            style=Markup(style),  # noqa: S704  # ours, with colours that have been parsed
            script=Markup(script),  # noqa: S704  # ours
            style_hash=_hash(style),
            script_hash=_hash(script),
            parts=parts,
            between=between,
            definitions=used(shown),
            problems=report.problems + report.notes,
            mark=PLACE,
        )
    )
    return marked(page)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.tests["endless"] = _is_endless
    found.filters |= {
        "visible": numbers.visible,
        "base_called": base_called,
        "header": numbers.header,
        "in_table": numbers.in_table,
        "figure": lambda *figure: numbers.visible(numbers.text(*figure)),
        "heading": drawing.heading,
        "texts": drawing.texts,
        "type": lambda block: type(block).__name__,
    }
    return found


def _is_endless(text: str) -> bool:
    """Whether a word is so long that a narrow column must break it; others are broken at blanks alone."""
    return any(len(word) > LONGEST_WORD for word in text.split())


def _hash(text: str) -> str:
    """What a content-security policy calls a text that it lets run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _title(report: Report) -> str:
    if report.comparison is not None:
        return numbers.visible(comparison.title(report.comparison))
    names = [numbers.visible(part.label) for part in report.parts]
    return names[0] if len(names) == 1 else f"{len(names)} funnels"


def _variables(look: Look) -> str:
    """The palette as variables: both of them where the reader's preference decides."""
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in palette._asdict().items())
        for palette in (look.light, look.dark)
    )
    if look.theme != "auto":
        return f":root{{{light if look.theme == 'light' else dark}}}\n"
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _part_context(part: ReportPart, number: int, drawer: Drawer) -> dict[str, Any]:
    """One funnel for the template: its part of the report, and what is made of it for a page alone."""
    moved = what_if.sliders(part.funnel)
    return part._asdict() | {
        "id": f"funnel-{number}",
        "cards": list(_cards(part)),
        "chapters": list(_chapters(part, drawer)),
        "sliders": moved,
        "doubled": what_if.entries_at_twice_the_budget(part.funnel),
        "model": what_if.model(part.funnel) if moved else None,
    }


def _cards(part: ReportPart) -> Iterator[tuple[str, str, str]]:
    """The headline figures: a label, the figure, and what stands below it, such as what it is in the end."""
    result, money, currency = part.conversion, part.economics, part.conversion.currency
    now = f" {base_called(False)}" if result.awaits or result.open_at else ""

    def shown(value: Any, kind: CellKind) -> str:
        return numbers.visible(numbers.text(value, kind, currency))

    def below(end: Any, kind: CellKind, *others: str) -> str:
        told = [] if end is None else [f"{shown(end, kind)} {base_called(True)}"]
        return "; ".join([*told, *(each for each in others if each)])

    base = part.now.projections[0] if part.now is not None and part.now.in_the_end else None
    yield "Entries", shown(result.entries, "count"), numbers.visible(result.stages[0].name)
    sales = below(base and base.sales, "count", numbers.visible(result.sale_stage))
    yield "Sales", shown(result.sales, "count") + now, sales
    low, high = result.overall_conversion_low, result.overall_conversion_high
    interval = "" if low is None else f", {shown((low, high), 'interval')}"
    overall = below(result.conversion_eventual, "rate", shown(result.one_in, "one_in") + interval + now)
    yield "Overall conversion", shown(result.overall_conversion, "rate") + now, overall
    if result.revenue is not None:
        per_entry = f"{shown(result.value_per_entry, 'money')} per entry{now}"
        end = None if result.revenue_eventual is None else whole_figure(result.revenue_eventual)
        yield "Revenue", shown(result.revenue, "money") + now, below(end, "money", per_entry)
    if money is not None and money.profit is not None:
        romi = "" if money.romi is None else f"ROMI {shown(money.romi, 'brief_rate')}{now}"
        end = None if money.profit_eventual is None else whole_figure(money.profit_eventual)
        yield "Profit", shown(money.profit, "money") + now, below(end, "money", romi)


def _chapters(part: ReportPart, drawer: Drawer) -> Iterator[Chapter]:
    """What is said of one funnel, chapter by chapter."""
    currency = part.funnel.currency
    found = drawer.blocks(conversion, part.conversion)
    verdict, steps = parted(drawer.blocks(bottleneck, part.bottleneck), "verdict")
    picture = drawer.picture(charts.funnel_chart(part.conversion, drawer.palette))
    yield Chapter("Where units are lost", currency, beside([picture, *verdict, *found]))
    named = "The step to look at" if part.bottleneck.bottleneck else "The steps side by side"
    yield Chapter(named, currency, steps)
    taken = time_chart(part.conversion, drawer.palette)
    if taken is not None:
        picture, folded = drawer.picture(taken), Folded(SAME, [times.figures(part.conversion)], same=True)
        yield Chapter("How long it takes", currency, beside([picture, folded, *times.said(part.conversion)]))
    if part.comparison is not None:
        title = f"What changed: {numbers.visible(comparison.title(part.comparison))}"
        yield Chapter(title, part.comparison.currency, drawer.blocks(comparison, part.comparison))
    if part.scenarios is not None:
        yield Chapter("Scenarios", currency, drawer.blocks(scenario, part.scenarios))
    if part.levers is not None and part.levers.levers:
        pulled, rest = parted(drawer.blocks(levers, part.levers), "levers")
        picture = drawer.picture(charts.tornado_chart(part.levers, drawer.palette))
        folded = Folded(SAME, [drawing.without(table, "bar") for table in pulled], same=True)
        yield Chapter(f"What {part.levers.effort.text} would bring", currency, beside([picture, folded, *rest]))
    if part.economics is not None:
        yield Chapter("Whether it pays", currency, drawer.blocks(economics, part.economics))
    if part.forecast is not None:
        yield Chapter("What the open units will bring", currency, drawer.blocks(forecast, part.forecast))
    for each in part.breakdowns:
        yield Chapter(f"By {numbers.visible(each.segments.dimension)}", currency, drawer.breakdown(each))
