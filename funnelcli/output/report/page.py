"""A report as one self-contained page: no network, no inline handler, a content-security policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import joined, spanned
from funnelcli.model import file_name
from funnelcli.output import numbers
from funnelcli.output.document import Note, Table, Waterfall
from funnelcli.output.report import charts, drawing, limits, what_if
from funnelcli.output.report.answers import answers, main_figures
from funnelcli.output.report.definitions import used
from funnelcli.output.report.drawing import SAME, Beside, Drawer, Drawn, Folded, beside, parted
from funnelcli.output.report.mark import PLACE, marked
from funnelcli.output.report.time_chart import time_chart
from funnelcli.output.views import (
    bottleneck,
    comparison,
    conversion,
    economics,
    forecast,
    levers,
    moved,
    scenario,
    segments,
    times,
)
from funnelcli.output.views.building import base_called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.analyses.sensitivity import LeversReport
    from funnelcli.output.report.look import Look

LONGEST_WORD = 20
"""Characters that stand in one line of the first column of a table, however narrow."""
MOST_COLUMNS = 8
"""Of the steps side by side."""
SAID_BEFORE = ("drop_off", "loss_share", "days")
"""Columns of the steps that stand in the table of conversions as well."""
_TEMPLATES = Path(__file__).parent / "templates"


class Chapter(NamedTuple):
    """Blocks below a heading, the currency of their money, and what the address of the page calls it."""

    title: str
    currency: str | None
    blocks: Drawn
    key: str


def html_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """The page; it has every chart that the report has."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # charts are drawn outside of Python, so text is made meanwhile
        return _page(report, look, Drawer(look.light, pool))


def _page(report: Report, look: Look, drawer: Drawer) -> str:
    compared = list(_compared(report, drawer))
    parts = [_part_context(part, number, drawer) for number, part in enumerate(report.told, 1)]
    shown = {"sales"}  # the figures at the top have these alone; their other figures stand in the chapters as well
    shown.update("romi" for part in report.told if part.economics and part.economics.profit is not None)
    chapters = compared + [chapter for part in parts for chapter in part["chapters"]]
    shown.update(key for chapter in chapters for key in drawing.keys_of(chapter.blocks))
    return rendered(
        look,
        title=_title(report),
        about=list(_about(report)),
        parts=parts,
        alone=parts[0] if len(parts) == 1 else None,
        compared=compared,
        changes=list(_changes(report)),
        between=_between(report),
        overview=None if len(parts) == 1 else _overview(report),
        definitions=used(shown),
        problems=report.problems + report.notes,
    )


def rendered(look: Look, **told: Any) -> str:
    """The page of what is told by the names of the template, with its style and script, and the mark."""
    from markupsafe import Markup

    style = _variables(look) + (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            scheme={"auto": "light dark"}.get(look.theme, look.theme),
            style=Markup(style),  # noqa: S704  # ours, with colours that have been parsed
            script=Markup(script),  # noqa: S704  # ours
            style_hash=_hash(style),
            script_hash=_hash(script),
            mark=PLACE,
            **told,
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
        "together": drawing.together,
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
    if len(report.parts) == 1 or report.in_time:
        return numbers.visible(report.parts[0].funnel.name)
    if report.comparison is not None:
        return numbers.visible(comparison.title(report.comparison))
    return f"{len(report.parts)} funnels"


def _about(report: Report) -> Iterator[str]:
    """What the page is of, in a few words: periods, files by their names alone, and the day it was made."""
    if report.in_time:
        yield spanned([part.funnel.period or "" for part in report.parts])
    for part in report.parts if len(report.parts) == 1 else ():
        yield from filter(None, (part.funnel.period, part.funnel.description))
    files = list(dict.fromkeys(filter(None, (file_name(part.funnel.file) for part in report.parts))))
    if files:
        yield joined(files) if len(files) < 4 else f"{len(files)} files"
    if report.made is not None:
        yield f"made {report.made.day} {report.made:%B %Y}"


def _overview(report: Report) -> tuple[list[str], list[list[str]]]:
    """The main figures of the funnels side by side: their labels, and a row a funnel."""
    found = [
        {each.label: each.value for each in main_figures(part)}
        | ({"Checks": limits.in_numbers(part.checks)} if part.checks else {})
        for part in report.told
    ]
    labels = list(dict.fromkeys(label for row in found for label in row))
    return labels, [[row.get(label, "") for label in labels] for row in found]


def _changes(report: Report) -> Iterator[str]:
    """What has changed from the first to the last of the funnels that are compared, in sentences."""
    if report.comparison is not None:
        yield from comparison.verdicts(report.comparison, report.comparison.comparisons[-1])


def _between(report: Report) -> str:
    """The first and the last of the funnels that are compared."""
    sides = () if report.comparison is None else report.comparison.sides
    return " → ".join(numbers.visible(sides[place].name) for place in (0, -1)) if sides else ""


def _compared(report: Report, drawer: Drawer) -> Iterator[Chapter]:
    """The comparison of the funnels: over time, what changed, and why."""
    compared = report.comparison
    if compared is None:
        return
    currency = compared.currency
    if report.trend is not None:
        said = [block for block in drawer.blocks(segments, report.trend) if getattr(block, "style", "note") != "note"]
        picture = drawer.picture(charts.trend_chart(report.trend, drawer.palette))
        yield Chapter("The trend", currency, beside([picture, *said]), "trend")
    said = drawer.blocks(comparison, compared)
    if len(compared.comparisons) > 1:
        yield Chapter("Side by side", currency, said, "side-by-side")
        blocks = moved.of_two(compared.comparisons[-1], compared.confidence)
        drawn = [drawer.waterfall(block, currency) for block in blocks if isinstance(block, Waterfall)]
        if drawn:
            beside_each_other = Beside([*drawn[0]], [each for more in drawn[1:] for each in more])
            yield Chapter(f"What moved it: {_between(report)}", currency, [beside_each_other], "moved")
    else:
        yield Chapter("What changed", currency, said, "change")


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
    sliders = what_if.sliders(part.funnel)
    projected = () if part.scenarios is None else part.scenarios.projections
    named = {each.name for each in projected}
    scenarios = [each for each in part.funnel.scenarios if each.name in named]
    return part._asdict() | {
        "id": f"funnel-{number}",
        "answers": list(answers(part)),
        "cards": list(main_figures(part)),
        "chapters": list(_chapters(part, drawer)),
        "sliders": sliders,
        "doubled": what_if.entries_at_twice_the_budget(part.funnel),
        "model": what_if.model(part.funnel, scenarios) if sliders else None,
    }


def _chapters(part: ReportPart, drawer: Drawer) -> Iterator[Chapter]:
    """What is said of one funnel, chapter by chapter; its verdict on the steps stands at the top."""
    currency = part.funnel.currency
    found = drawer.blocks(conversion, part.conversion)
    _, steps = parted([_narrower(block) for block in drawer.blocks(bottleneck, part.bottleneck)], "verdict")
    picture = drawer.picture(charts.funnel_chart(part.conversion, drawer.palette))
    yield Chapter("Where the losses are", currency, beside([picture, *found]), "losses")
    named = "The step to look at" if part.bottleneck.bottleneck else "The steps side by side"
    yield Chapter(named, currency, steps, "steps")
    taken = time_chart(part.conversion, drawer.palette)
    if taken is not None:
        picture, folded = drawer.picture(taken), Folded(SAME, [times.figures(part.conversion)], same=True)
        said = beside([picture, folded, *times.said(part.conversion)])
        yield Chapter("How long it takes", currency, said, "times")
    if part.comparison is not None:
        title = f"What changed: {numbers.visible(comparison.title(part.comparison))}"
        yield Chapter(title, part.comparison.currency, drawer.blocks(comparison, part.comparison), "change")
    if part.scenarios is not None:
        yield Chapter("Scenarios", currency, drawer.blocks(scenario, part.scenarios), "scenarios")
    if part.levers is not None and part.levers.levers:
        title = f"What {part.levers.effort.text} would bring"
        yield Chapter(title, currency, _levers(part.levers, drawer), "levers")
    if part.economics is not None:
        yield Chapter("Whether it pays", currency, drawer.blocks(economics, part.economics), "money")
    if part.forecast is not None:
        yield Chapter("What those still open will bring", currency, drawer.blocks(forecast, part.forecast), "forecast")
    if part.checks:
        said = [Note(limits.in_short(part.checks), "verdict"), limits.checks_table(part.checks)]
        yield Chapter("Checks", currency, said, "checks")
    for number, each in enumerate(part.breakdowns, 1):
        title = f"By {numbers.visible(each.segments.dimension)}"
        yield Chapter(title, currency, drawer.breakdown(each), f"by-{number}")


def _narrower(block: Any) -> Any:
    """The steps in as many columns as fit: else without what the table of the chapter before has as well."""
    if isinstance(block, Table) and len(block.columns) > MOST_COLUMNS:
        for key in SAID_BEFORE:
            block = block.without(key)
    return block


def _levers(result: LeversReport, drawer: Drawer) -> Drawn:
    """The levers: where the best are equal, that is one line, and all the rest is folded."""
    said = drawer.blocks(levers, result)
    pulled, rest = parted(said, "levers")
    picture = drawer.picture(charts.tornado_chart(result, drawer.palette))
    if levers.is_tie(result):
        verdicts, rest = parted(rest, "verdict")
        return [*verdicts, Folded("Each lever by itself", beside([picture, *rest]))]
    folded = Folded(SAME, [table.without("bar") for table in pulled], same=True)
    return beside([picture, folded, *rest])
