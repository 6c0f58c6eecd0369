"""A report as one self-contained page: no network, no inline handler, a content-security policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.model import reduced
from funnelcli.output import numbers
from funnelcli.output.report import charts, what_if
from funnelcli.output.report.definitions import used
from funnelcli.output.report.drawing import SAME, Drawer, Folded, beside, parted
from funnelcli.output.views import bottleneck, comparison, conversion, economics, levers, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from funnelcli.analyses.report import Report, ReportPart
    from funnelcli.analyses.scenario import ScenarioReport
    from funnelcli.output.report.look import Look

LONGEST_WORD = 20
"""Characters that stand in one line of the first column of a table, however narrow."""
_TEMPLATES = Path(__file__).parent / "templates"


class Chapter(NamedTuple):
    """Blocks below a heading."""

    title: str
    blocks: list[Any]


def html_file(report: Report, look: Look, kinds: Sequence[str]) -> str:
    """The page; it has every chart that the report has."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # charts are drawn outside of Python, so text is made meanwhile
        return _page(report, look, Drawer(look.light, set(), pool))


def _page(report: Report, look: Look, drawer: Drawer) -> str:
    from markupsafe import Markup

    parts = [_part_context(part, number, drawer) for number, part in enumerate(report.parts, 1)]
    between = None if report.comparison is None else drawer.comparison(report.comparison)
    style = _variables(look) + (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    return (
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
            definitions=used(drawer.shown),
            problems=[numbers.visible(each.message) for each in report.problems],
        )
    )


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
    """One funnel for the template."""
    funnel = part.funnel
    moved = what_if.sliders(funnel)
    return {
        "id": f"funnel-{number}",
        "label": numbers.visible(part.label),
        "name": numbers.visible(funnel.name),
        "about": [numbers.visible(each) for each in (funnel.period, funnel.description, funnel.file) if each],
        "cards": drawer.cards(part),
        "chapters": list(_chapters(part, drawer)),
        "sliders": moved,
        "figures": _figures(part.now) if moved and part.now else [],
        "doubled": what_if.entries_at_twice_the_budget(funnel),
        "model": what_if.model(funnel) if moved else None,
    }


def _chapters(part: ReportPart, drawer: Drawer) -> Iterator[Chapter]:
    """What is said of one funnel, chapter by chapter."""
    found = drawer.blocks(conversion.view([part.conversion]).sections[0])
    verdict, steps = parted(drawer.blocks(bottleneck.view([part.bottleneck]).sections[0]), "verdict")
    picture = drawer.picture(charts.funnel_chart(part.conversion, drawer.palette))
    yield Chapter("Where units are lost", beside([picture, *verdict, *found]))
    yield Chapter("The step to look at", steps)
    if part.comparison is not None:
        yield Chapter(
            f"What changed: {numbers.visible(comparison.title(part.comparison))}", drawer.comparison(part.comparison)
        )
    if part.scenarios is not None:
        yield Chapter("Scenarios", drawer.blocks(scenario.view([part.scenarios]).sections[0]))
    if part.levers is not None and part.levers.levers:
        pulled, rest = parted(drawer.blocks(levers.view([part.levers]).sections[0]), "levers")
        picture = drawer.picture(charts.tornado_chart(part.levers, drawer.palette))
        folded = Folded(SAME, pulled, same=True)
        yield Chapter(f"What {part.levers.effort.text} would bring", beside([picture, folded, *rest]))
    if part.economics is not None:
        yield Chapter("Whether it pays", drawer.blocks(economics.view([part.economics]).sections[0]))
    for each in part.breakdowns:
        yield Chapter(f"By {numbers.visible(each.segments.dimension)}", drawer.breakdown(each))


def _figures(projected: ScenarioReport) -> list[dict[str, Any]]:
    """Rows of the what-if panel's table: what each shows, its kind, and its value now."""
    (now,) = projected.projections
    rows: list[dict[str, Any]] = [
        {"figure": "count", "stage": index, "label": numbers.visible(stage.name), "kind": "count", "value": stage.count}
        for index, stage in enumerate(now.stages)
    ]
    for label, figure, kind in (
        (f"Overall, to {numbers.visible(projected.sale_stage)}", "overall_conversion", "rate"),
        ("Revenue", "revenue", "money"),
        ("Variable cost", "variable_cost", "money"),
        ("Budget", "budget", "money"),
        ("Profit", "profit", "money"),
    ):
        value = getattr(now, figure)
        if value is not None:
            label = numbers.header(label, kind, projected.currency)
            rows.append({"figure": figure, "stage": "", "label": label, "kind": kind, "value": value})
    return [row | {"text": numbers.in_table(reduced(row["value"]), row["kind"], projected.currency)} for row in rows]
